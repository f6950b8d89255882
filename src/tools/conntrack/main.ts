/** `conntrack` 1.4.7: what the kernel of a node tracks. A namespace whose packets pass no netfilter rules has nothing to show. */
import {type Connection, replyTuple} from '../../datapath/run/nf-conntrack.js';
import {openAfterTraffic} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession} from '../../session/session.js';
import type {ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {type Ip, isIp4, type Prefix, prefixContains} from '../../wire/addr.js';
import {type ConntrackCommand, type ConntrackOptions, ConntrackUsage, helpText, parseConntrack} from './argv.js';
import {entryText} from './print.js';

const VERSION = 'conntrack v1.4.7 (conntrack-tools)';

export const conntrackMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  let command: ConntrackCommand;
  try {
    command = parseConntrack(rest);
  } catch (error) {
    if (!(error instanceof ConntrackUsage)) throw error;
    io.stderr.write(
      `${VERSION}: ${sanitize(error.message)}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`,
    );
    return 2;
  }
  if (command.kind !== 'run') {
    io.stdout.write(command.kind === 'help' ? helpText : `${VERSION.replace(/ \(.*/, ' (conntrack-tools)')}\n`);
    return 0;
  }
  const {options} = command;
  const session = await createSession(sessionOptions, io);
  const {ns, run} = await openAfterTraffic(session, io);
  const entries = [...(ns.netfilter?.connections.all() ?? [])].filter(({life}) => life.expires > run.now);
  if (options.command === 'count') {
    io.stdout.write(`${entries.length}\n`);
    return 0;
  }
  const shown = entries.filter((entry) => matches(entry, options));
  for (const entry of shown) io.stdout.write(entryText(entry, run.now, options.extended));
  io.stdout.flush();
  io.stderr.write(`${VERSION}: ${shown.length} flow entries have been shown.\n`);
  return 0;
};

function matches(connection: Connection, options: ConntrackOptions): boolean {
  const {original, life, replied} = connection;
  const reply = replyTuple(connection);
  const within = (prefix: Prefix | undefined, ip: Ip) => prefix === undefined || prefixContains(prefix, ip);
  const is = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;
  return (
    is(options.protocol, original.protocol) &&
    is(options.family, isIp4(original.source) ? 4 : 6) &&
    within(options.source, original.source) &&
    within(options.destination, original.destination) &&
    within(options.replySource, reply.source) &&
    within(options.replyDestination, reply.destination) &&
    is(options.sourcePort, original.sourcePort) &&
    is(options.destinationPort, original.destinationPort) &&
    is(options.state, life.tcp) &&
    (options.status === undefined ||
      (options.status === 'ASSURED' ? life.assured : replied === (options.status === 'SEEN_REPLY')))
  );
}
