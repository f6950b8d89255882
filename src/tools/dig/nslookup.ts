/** `nslookup` as BIND 9.18 has it, without its prompt: names as resolv.conf completes them, A and AAAA, or one type. */
import {type Network, openNetwork} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip, parseIp} from '../../wire/addr.js';
import {DNS_AUTHORITATIVE, type DnsMessage, type DnsRecord, dnsTypes} from '../../wire/dns.js';
import {lookUpHost} from '../common/resolve.js';
import {reverseName, typeOf} from './argv.js';
import {dataText, rcodeName} from './print.js';
import {candidates, makeQuery, type Reply, resolverOf, send} from './query.js';

interface Options {
  readonly name: string;
  readonly server: string | undefined;
  /** Undefined: A and AAAA. */
  readonly type: number | undefined;
  readonly port: number;
  /** s */
  readonly timeout: number;
  readonly retry: number;
  readonly tcp: boolean;
  readonly search: boolean;
  readonly recurse: boolean;
  /** Printed before anything is asked. */
  readonly complaints: readonly string[];
}

/** Words of its own: the name and the server, options in front of them. */
function parse(argv: readonly string[]): Options {
  const words: string[] = [];
  const complaints: string[] = [];
  const given = {type: undefined as number | undefined, port: 53, timeout: 5, retry: 3};
  const flags = {tcp: false, search: true, recurse: true};
  for (const word of argv) {
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const [, name = '', value] = /^-([a-z]*)(?:=(.*))?$/i.exec(word) ?? [];
    const number = () => {
      if (/^\d+$/.test(value ?? '')) return Number(value);
      complaints.push(`*** Invalid option: ${word.slice(1)}`);
      return undefined;
    };
    if (/^(type|ty|query|querytype|q|qu)$/.test(name) && value !== undefined) {
      given.type = typeOf(value);
      if (given.type === undefined) complaints.push(`unknown query type: ${value}`);
    } else if (name === 'port' || name === 'po') given.port = number() ?? given.port;
    else if (name === 'timeout' || name === 't') given.timeout = number() ?? given.timeout;
    else if (name === 'retry' || name === 'ret') given.retry = number() ?? given.retry;
    else if (name === 'vc' || name === 'novc') flags.tcp = name === 'vc';
    else if (name === 'search' || name === 'nosearch') flags.search = name === 'search';
    else if (name === 'recurse' || name === 'norecurse') flags.recurse = name === 'recurse';
    else if (/^(debug|d2|class|cl|domain|ndots|fail|nofail|version)$/.test(name))
      throw new UserError({message: `nslookup ${word} is not supported here`});
    else complaints.push(`*** Invalid option: ${word.slice(1)}`);
  }
  const [name, server] = words;
  if (name === undefined || name === '-')
    throw new UserError({message: 'nslookup without a name, its prompt, is not supported here', hint: 'name a host'});
  return {...given, ...flags, retry: Math.max(1, given.retry), name, server, complaints};
}

const FAILED = 1;
const INTERRUPTED = 130;

export const nslookupMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  const options = parse(rest);
  for (const text of options.complaints) io.stdout.write(`${sanitize(text)}\n`);
  const session = await createSession(sessionOptions, io);
  const network = await openNetwork(session, io);
  const server = await serverOf(session, network, options);
  if (server === undefined) {
    io.stderr.write(`nslookup: couldn't get address for '${sanitize(options.server ?? '')}': not found\n`);
    return FAILED;
  }
  const code = await look({network, options, server, io}, options);
  if (code !== INTERRUPTED) io.stdout.write('\n');
  return code;
};

async function serverOf(session: Session, network: Network, {server}: Options): Promise<Ip | undefined> {
  if (server === undefined) {
    const {server: ip} = resolverOf(network);
    if (ip === undefined) throw new UserError({message: 'the cluster has no DNS service', hint: 'name one'});
    return ip;
  }
  const found = await lookUpHost(session, network, server, undefined);
  return 'ip' in found ? found.ip : undefined;
}

interface Work {
  readonly network: Network;
  readonly options: Options;
  readonly server: Ip;
  readonly io: Io;
}

async function look(work: Work, {name, type, search}: Options): Promise<number> {
  const {network, io, options, server} = work;
  const isAddress = parseIp(name) !== undefined;
  const asked = isAddress ? reverseName(name) : name;
  const names = isAddress ? [asked] : search ? candidates(name, resolverOf(network)) : [`${name.replace(/\.$/, '')}.`];
  const [first, second] = isAddress
    ? [type ?? dnsTypes.PTR]
    : type === undefined
      ? [dnsTypes.A, dnsTypes.AAAA]
      : [type];
  for (const [i, candidate] of names.entries()) {
    const reply = await ask(work, candidate, first!);
    if (reply.kind === 'interrupted') return INTERRUPTED;
    if (reply.kind !== 'answer') return FAILED;
    const rcode = rcodeName(reply.message);
    if (rcode === 'NXDOMAIN' && i + 1 < names.length) continue;
    if (rcode === 'SERVFAIL') io.stdout.write(`;; Got SERVFAIL reply from ${formatIp(server)}\n`);
    if (!isAddress)
      io.stdout.write(`Server:\t\t${formatIp(server)}\nAddress:\t${formatIp(server)}#${options.port}\n\n`);
    const shown = sanitize((i + 1 < names.length ? candidate : asked).replace(/\.$/, ''));
    if (rcode !== 'NOERROR') {
      io.stdout.write(`** server can't find ${shown}: ${rcode}\n`);
      return FAILED;
    }
    const more = second === undefined ? undefined : await ask(work, candidate, second);
    if (more && more.kind !== 'answer') return more.kind === 'interrupted' ? INTERRUPTED : FAILED;
    io.stdout.write(answersText(reply.message, more?.message, shown));
    return 0;
  }
  return FAILED;
}

async function ask({network, options, server, io}: Work, name: string, type: number): Promise<Reply> {
  const {recurse: recursion, port, tcp, timeout, retry} = options;
  const at = `${formatIp(server)}#${port}`;
  let reply: Reply = {kind: 'failure', why: 'timed out'};
  for (let i = 0; i < retry && reply.kind !== 'answer'; i++) {
    const query = makeQuery(network, {name, type, recursion, authentic: false, edns: false, cookie: false});
    reply = await send(network, {ip: server, port, tcp: tcp || type === dnsTypes.ANY}, query, timeout * 1e9);
    if (reply.kind === 'interrupted') return reply;
    if (reply.kind === 'failure') io.stdout.write(`;; communications error to ${at}: ${reply.why}\n`);
    if (reply.kind === 'unreachable')
      io.stdout.write(
        `;; UDP setup with ${at}(${formatIp(server)}) for ${sanitize(options.name)} failed: network unreachable.\n;; no servers could be reached\n`,
      );
  }
  if (reply.kind === 'failure') io.stdout.write(';; no servers could be reached\n');
  return reply;
}

function answersText(message: DnsMessage, more: DnsMessage | undefined, name: string): string {
  const records = [...message.answers, ...(more?.answers ?? [])];
  if (records.length === 0) return `*** Can't find ${name}: No answer\n`;
  const [first, second] = [message.answers, more?.answers ?? []].map((list) => list.map(recordLines).join(''));
  // Of the second answer the names that the first has told already are left out
  const rest = message.answers.length > 0 ? (more?.answers ?? []).filter(({data}) => data.kind === 'AAAA') : undefined;
  const foreign = (message.flags & DNS_AUTHORITATIVE) === 0 ? 'Non-authoritative answer:\n' : '';
  return `${foreign}${first}${rest ? rest.map(recordLines).join('') : second}`;
}

function recordLines(record: DnsRecord): string {
  const name = sanitize(record.name.replace(/\.$/, ''));
  const {data} = record;
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${formatIp(data.ip)}\n`;
    case 'CNAME':
      return `${name}\tcanonical name = ${sanitize(data.name)}\n`;
    case 'NS':
      return `${name}\tnameserver = ${sanitize(data.name)}\n`;
    case 'PTR':
      return `${name}\tname = ${sanitize(data.name)}\n`;
    case 'SRV':
      return `${name}\tservice = ${dataText(record)}\n`;
    case 'TXT':
      return `${name}\ttext = ${dataText(record)}\n`;
    case 'SOA':
      return [
        name,
        `\torigin = ${sanitize(data.primary.replace(/\.$/, ''))}`,
        `\tmail addr = ${sanitize(data.mailbox.replace(/\.$/, ''))}`,
        ...(['serial', 'refresh', 'retry', 'expire', 'minimum'] as const).map((key) => `\t${key} = ${data[key]}`),
        '',
      ].join('\n');
    default:
      return `${name}\trdata = ${dataText(record)}\n`;
  }
}
