/** `dig` as BIND 9.18 has it, over the simulated network: the cluster's DNS answers as CoreDNS does. */
import {type Network, openNetwork} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize, sanitizeBlock} from '../../term/sanitize.js';
import {formatIp, type Ip} from '../../wire/addr.js';
import {dnsTypes, encodeDns} from '../../wire/dns.js';
import {lookUpHost} from '../common/resolve.js';
import {type DigOptions, DigUsage, helpText, type Lookup, parseDig, usageText, VERSION} from './argv.js';
import {dataText, messageText, rcodeName, statsText} from './print.js';
import {candidates, makeQuery, type Reply, resolverOf, send} from './query.js';

const NO_REPLY = 9;
const INTERRUPTED = 130;

export const digMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  try {
    const command = parseDig(rest);
    if (command.kind === 'version') io.stderr.write(`DiG ${VERSION}\n`);
    if (command.kind === 'help') io.stdout.write(helpText);
    if (command.kind !== 'run') return 0;
    const {options} = command;
    for (const text of options.warnings) io.stderr.write(`${sanitize(text)}\n`);
    const session = await createSession(sessionOptions, io);
    const network = await openNetwork(session, io);
    const {ip, name} = await serverOf(session, network, options);
    let code = 0;
    for (const [i, lookup] of options.lookups.entries()) {
      const ended = await look({network, options, ip, name, io}, lookup, i === 0 ? greeting(rest, options) : '');
      if (ended === INTERRUPTED) return ended;
      code = ended === 0 ? code : ended;
    }
    return code;
  } catch (error) {
    if (!(error instanceof DigUsage)) throw error;
    io.stderr.write(`${sanitizeBlock(error.message)}\n${error.usage ? usageText : ''}`);
    return error.exitCode;
  }
};

interface Work {
  readonly network: Network;
  readonly options: DigOptions;
  readonly ip: Ip;
  /** Server as it was named. */
  readonly name: string;
  readonly io: Io;
}

async function serverOf(
  session: Session,
  network: Network,
  {server, family}: DigOptions,
): Promise<{readonly ip: Ip; readonly name: string}> {
  if (server === undefined) {
    const {server: ip} = resolverOf(network);
    if (ip === undefined) throw new UserError({message: 'the cluster has no DNS service', hint: 'name one: @SERVER'});
    return {ip, name: formatIp(ip)};
  }
  const found = await lookUpHost(session, network, server, family);
  if ('error' in found) throw new DigUsage(`dig: couldn't get address for '${server}': not found`, 1);
  return {ip: found.ip, name: server};
}

function greeting(words: readonly string[], {server}: DigOptions): string {
  const found = server === undefined ? '' : '; (1 server found)\n';
  return `\n; <<>> DiG ${VERSION} <<>> ${sanitize(words.join(' '))}\n${found};; global options: +cmd\n`;
}

/** One name; its exit code. */
async function look(work: Work, lookup: Lookup, hello: string): Promise<number> {
  const {network, io} = work;
  const names = lookup.search ? candidates(lookup.name, resolverOf(network)) : [`${lookup.name.replace(/\.$/, '')}.`];
  for (const [i, name] of names.entries()) {
    const reply = await ask(work, lookup, name, hello);
    if (reply.kind === 'interrupted') return INTERRUPTED;
    if (reply.kind !== 'answer') {
      if (reply.kind === 'failure' && lookup.cmd && !lookup.short) io.stdout.write(hello);
      if (reply.kind === 'failure') io.stdout.write(';; no servers could be reached\n');
      return NO_REPLY;
    }
    if (rcodeName(reply.message) === 'NXDOMAIN' && i + 1 < names.length) continue;
    io.stdout.write(answerText(work, lookup, reply, hello));
    break;
  }
  return 0;
}

async function ask({network, options, ip, name: server, io}: Work, lookup: Lookup, name: string, hello: string) {
  const {tries, time, edns, cookie, recurse: recursion, adflag: authentic} = lookup;
  const tcp = lookup.tcp || lookup.type === dnsTypes.ANY;
  let reply: Reply = {kind: 'failure', why: 'timed out'};
  for (let i = 0; i < tries && reply.kind !== 'answer'; i++) {
    const query = makeQuery(network, {name, type: lookup.type, edns, cookie, recursion, authentic});
    if (lookup.qr && i === 0) {
      const size = encodeDns(query).length;
      io.stdout.write(`${lookup.cmd ? hello : ''};; Sending:\n${messageText(query, lookup)};; QUERY SIZE: ${size}\n\n`);
    }
    reply = await send(network, {ip, port: options.port, tcp}, query, time * 1e9);
    if (reply.kind === 'interrupted') return reply;
    const at = `${formatIp(ip)}#${options.port}`;
    if (reply.kind === 'failure') io.stdout.write(`;; communications error to ${at}: ${reply.why}\n`);
    if (reply.kind === 'unreachable')
      io.stdout.write(
        `;; ${tcp ? 'TCP' : 'UDP'} setup with ${at}(${sanitize(server)}) for ${sanitize(lookup.name)} failed: network unreachable.\n;; no servers could be reached\n`,
      );
  }
  return reply;
}

function answerText(
  {network, options, ip, name}: Work,
  lookup: Lookup,
  {message, size, rtt}: Reply & {kind: 'answer'},
  hello: string,
): string {
  const tcp = lookup.tcp || lookup.type === dnsTypes.ANY;
  if (lookup.short) {
    const from = lookup.identify ? ` from server ${formatIp(ip)} in ${Math.floor(rtt / 1e6)} ms.` : '';
    return message.answers.map((record) => `${dataText(record)}${from}\n`).join('');
  }
  const now = network.run.cluster.epoch + network.run.now / 1e9;
  return [
    lookup.cmd && !lookup.qr ? hello : '',
    lookup.comments ? ';; Got answer:\n' : '',
    messageText(message, lookup),
    lookup.stats ? statsText({ip, name, port: options.port, tcp}, rtt, size, now) : '',
  ].join('');
}
