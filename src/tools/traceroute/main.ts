/** `traceroute` as Linux has it (Debian's 2.1.2), from a pod or a node: routers answer where the simulation counts hops. */
import {openProber, type ProbeMethod} from '../../datapath/run/probe.js';
import {type Network, openNetwork} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip, isIp4, parseIp} from '../../wire/addr.js';
import {addressNames, lookUpHost} from '../common/resolve.js';
import {
  checkWords,
  helpText,
  parseTraceroute,
  type TracerouteOptions,
  TracerouteUsage,
  type TracerouteWords,
  versionText,
} from './argv.js';
import {headerText, probeText} from './print.js';
import {startProbes} from './probes.js';

/** Exit code after SIGINT. */
const INTERRUPTED = 130;
/** Behind the IP header: transport header and data, unless the command line says otherwise. */
const DEFAULT_LENGTH = 40;
/** Transport headers as the program counts them: a SYN's options count as data and are there in any case. */
const headerLengths = {udp: 8, icmp: 8, tcp: 40} as const;

export const tracerouteMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  try {
    const command = parseTraceroute(rest);
    if (command.kind !== 'run') {
      io.stdout.write(command.kind === 'help' ? helpText : versionText);
      return 0;
    }
    const {words} = command;
    const session = await createSession(sessionOptions, io);
    const network = await openNetwork(session, io);
    const found = await lookUpHost(session, network, words.host, words.family);
    if ('error' in found)
      throw new TracerouteUsage(
        `${words.host}: ${found.error}\nCannot handle "host" cmdline arg \`${words.host}' on position 1 (argc ${words.hostAt})`,
      );
    return await trace({session, network, words, options: checkWords(words), target: found.ip, io});
  } catch (error) {
    if (!(error instanceof TracerouteUsage)) throw error;
    io.stderr.write(`${error.message.split('\n').map(sanitize).join('\n')}\n`);
    return 2;
  }
};

interface Work {
  readonly session: Session;
  readonly network: Network;
  readonly words: TracerouteWords;
  readonly options: TracerouteOptions;
  readonly target: Ip;
  readonly io: Io;
}

async function trace({session, network, words, options, target, io}: Work): Promise<number> {
  const {ns} = network;
  const failed = (why: string) => {
    io.stdout.flush();
    io.stderr.write(`\n${why}\n`);
    return 1;
  };
  const protocol = options.method === 'default' ? 'udp' : options.method;
  const method: ProbeMethod = {
    protocol,
    to: target,
    size: dataLength(options, protocol, target),
    tos: options.tos,
    dontFragment: words.dontFragment,
    sourcePort: options.sourcePort,
  };
  const prober = openProber(ns, method);
  const wrongSource = sourceFailure(session, words, target);
  // raw sockets are opened before the first line, those of UDP behind it
  const isLate = protocol === 'udp';
  if (!isLate && wrongSource !== undefined) return failed(wrongSource);
  if (!prober) return failed('connect: Network is unreachable');
  io.stdout.write(headerText(sanitize(words.host), formatIp(target), options.maxHops, prober.packetLength));
  if (wrongSource !== undefined) return failed(wrongSource);
  const names = words.numeric ? undefined : addressNames(session);
  const nameOf = (ip: Ip) => (names ? `${names.get(ip) ?? formatIp(ip)} (${formatIp(ip)})` : formatIp(ip));
  const printing = {queries: options.queries, backward: words.backward, nameOf};
  let stop = () => {};
  const code = await network.until<number>(
    (end) => {
      stop = startProbes(options, {
        now: () => network.run.now,
        after: network.after,
        send: (index, ttl, answered) => prober.send(portOf(options, index), ttl, answered),
        print(index, probes) {
          io.stdout.write(probeText(index, probes, printing));
          io.stdout.flush();
        },
        end(why) {
          if (why !== undefined) return end(failed(why));
          io.stdout.write('\n');
          end(0);
        },
      });
    },
    () => INTERRUPTED,
  );
  network.act(() => {
    stop();
    prober.close();
  });
  return code;
}

/** UDP without a fixed port and ICMP count on from the first probe that is sent. */
function portOf({method, port, firstHop, queries}: TracerouteOptions, index: number): number {
  const counts = method === 'default' || method === 'icmp';
  return (counts ? port + index - (firstHop - 1) * queries : port) & 0xffff;
}

function dataLength({packetLength}: TracerouteOptions, protocol: ProbeMethod['protocol'], target: Ip): number {
  const header = headerLengths[protocol];
  const ip = isIp4(target) ? 20 : 40;
  return packetLength === undefined ? DEFAULT_LENGTH - header : Math.max(0, packetLength - ip - header);
}

/** -i, -s: packets leave as the routes say, so only what the routes say already is accepted. */
function sourceFailure(session: Session, {device, source}: TracerouteWords, target: Ip): string | undefined {
  const {devices} = session.netns();
  if (device !== undefined && !devices.some(({name}) => name === device))
    return 'setsockopt SO_BINDTODEVICE: No such device';
  const ip = source === undefined ? undefined : parseIp(source);
  if (source !== undefined && ip === undefined) throw new TracerouteUsage(`${source}: Name or service not known`);
  if (ip !== undefined && isIp4(ip) !== isIp4(target))
    throw new TracerouteUsage('IP version mismatch in addresses specified');
  const owner =
    ip === undefined ? undefined : devices.find(({addresses}) => addresses.some(({prefix}) => prefix.ip === ip));
  if (ip !== undefined && !owner) return 'bind: Cannot assign requested address';
  for (const name of [device, owner?.name])
    if (name !== undefined && name !== 'eth0')
      throw new UserError({
        message: `traceroute from ${name} is not supported here`,
        hint: 'packets leave as the routes say',
      });
  return undefined;
}
