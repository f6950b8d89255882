/**
 * `ping` as iputils has it, from a pod or a node, through the simulated datapath. A real ping without -c or -w runs until it is
 * interrupted; this one stops after four packets and says so on stderr.
 */
import type {Peer, TrafficSpec} from '../../cluster/model.js';
import type {AppEvent} from '../../datapath/model.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip, isIp4, parseIp} from '../../wire/addr.js';
import {addressNames} from '../common/resolve.js';
import {type PingOptions, PingUsage, parsePing, usageText, versionText} from './argv.js';
import {writeParts} from './parts.js';
import {type PingRun, replayPing} from './replay.js';

const DEFAULT_COUNT = 4;
/** Largest data that fits an IP packet. */
const MAX_DATA = 65_507;
/** Requests that one deadline may ask for. */
const MAX_REQUESTS = 1_000_000;

export const pingMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  try {
    const command = parsePing(rest);
    if (command.kind !== 'run') {
      if (command.kind === 'help') throw new PingUsage('', 2, true);
      io.stdout.write(versionText);
      return 0;
    }
    const {pattern, quiet} = command.options;
    if (pattern && !quiet)
      io.stdout.write(`PATTERN: 0x${pattern.map((byte) => byte.toString(16).padStart(2, '0')).join('')}\n`);
    const session = await createSession(sessionOptions, io);
    return await ping(session, command.options, io);
  } catch (error) {
    if (!(error instanceof PingUsage)) throw error;
    if (error.message !== '') io.stderr.write(`ping: ${sanitize(error.message)}\n`);
    if (error.usage) io.stderr.write(usageText);
    if (error.hint !== undefined) io.stderr.write(`  hint: ${sanitize(error.hint)}\n`);
    return error.exitCode;
  }
};

async function ping(session: Session, options: PingOptions, io: Io): Promise<number> {
  const {deadline, interval, size} = options;
  if (size > MAX_DATA)
    throw new UserError({message: `ping -s ${size}: a packet has room for ${MAX_DATA} bytes of data at most`});
  const target = await resolve(session, options);
  if (options.ttl === 0) throw new PingUsage('cannot set unicast time-to-live: Invalid argument', 2);
  const spec = {
    ...target,
    every: Math.max(1, interval) * 1e6,
    size,
    ...(options.ttl === undefined ? {} : {ttl: options.ttl}),
    ...(options.tos === undefined ? {} : {tos: options.tos}),
    ...(options.identifier === undefined ? {} : {identifier: options.identifier}),
    ...(options.pattern === undefined ? {} : {pattern: options.pattern}),
    ...(options.pmtu === undefined ? {} : {fragmentation: options.pmtu}),
  };
  if (session.simulation) {
    const {pingLive} = await import('./live.js');
    const limit = deadline > 0 ? undefined : options.count;
    const live = {...spec, count: limit ?? Number.POSITIVE_INFINITY};
    return pingLive(session.simulation, live, (ip) => describe(session, options, ip, options.count), io);
  }
  const count = options.count ?? (deadline > 0 ? undefined : DEFAULT_COUNT);
  if (options.count === undefined && deadline === 0)
    io.stderr.write(`wirelay: without -c or -w this ping stops after ${DEFAULT_COUNT} packets\n`);
  const limit = deadline > 0 ? Math.floor((deadline * 1000) / Math.max(1, interval)) + 1 : count!;
  if (limit > MAX_REQUESTS) throw new UserError({message: `ping: more than ${MAX_REQUESTS} packets are not simulated`});
  const {events, target: ip} = await simulate(session, {...spec, count: limit});
  if (ip === undefined) throw new PingUsage(`${options.target}: Name or service not known`, 2);
  if (events.some((event) => event.kind === 'unreachable' && !event.icmp))
    throw new PingUsage('connect: Network is unreachable', 2);
  const report = replayPing(describe(session, options, ip, count), events);
  writeParts(report.parts, io);
  return report.exitCode;
}

/** What the loop needs to know of a ping to this address. */
function describe(session: Session, options: PingOptions, target: Ip, count: number | undefined): PingRun {
  const source = checkSource(session, options, target);
  const literal = parseIp(options.target) !== undefined;
  const names = literal || options.numeric ? undefined : addressNames(session);
  return {
    options: {...options, from: source},
    target,
    hostname: sanitize(options.target),
    nameOf: (ip) => {
      const name = ip === target && names ? sanitize(options.target) : names?.get(ip);
      return name === undefined ? formatIp(ip) : `${name} (${formatIp(ip)})`;
    },
    epoch: session.cluster.epoch,
    count,
  };
}

/** The target as a line of traffic from the viewpoint. */
async function resolve(session: Session, options: PingOptions): Promise<TrafficSpec> {
  const {pod, node} = session;
  const from = pod ? `pod/${pod.namespace}/${pod.name}` : `node/${node.name}`;
  const target = options.target.includes(':') ? `[${options.target}]` : options.target;
  let spec: TrafficSpec;
  try {
    if (/[\s'"]/.test(target)) throw new UserError('no name');
    spec = await session.parseTraffic(`${from} -> ${target}/icmp`);
  } catch (error) {
    // an address that is none of one host says so itself
    if (!(error instanceof UserError) || parseIp(options.target) !== undefined) throw error;
    throw new PingUsage(`${options.target}: Name or service not known`, 2, false, error.problems[0]?.hint);
  }
  const to = options.family === undefined ? spec.to : ofFamily(spec.to, options.family);
  if (!to) throw new PingUsage(`${options.target}: Address family for hostname not supported`, 2);
  return {...spec, to};
}

function ofFamily(to: Peer, family: 4 | 6): Peer | undefined {
  if (to.kind === 'name') return to;
  const ips =
    to.kind === 'pod' ? to.pod.ips : to.kind === 'node' ? to.node.ips : to.kind === 'ip' ? [to.ip] : serviceIps(to);
  const ip = ips.find((candidate) => isIp4(candidate) === (family === 4));
  return ip === undefined ? undefined : {kind: 'ip', ip};
}

function serviceIps({service}: Peer & {kind: 'service'}): readonly Ip[] {
  return service.clusterIps.length > 0
    ? service.clusterIps
    : service.backends.flatMap(({ip, state}) => (state === 'active' ? [ip] : []));
}

/** Runs the ping, after the traffic of --traffic where there is any; the definition's own is not run. */
async function simulate(session: Session, spec: TrafficSpec): Promise<{events: AppEvent[]; target: Ip | undefined}> {
  const alone = session.traffic === session.cluster.traffic;
  const index = alone ? 0 : session.traffic.length;
  const events: AppEvent[] = [];
  const observer = {
    app(event: AppEvent) {
      if (event.traffic === index) events.push(event);
    },
  };
  const result = await session.run({observers: [observer], extra: [spec], alone});
  return {events, target: result.apps[index]?.target?.ip};
}

/**
 * -I: the header's `SOURCE DEVICE`. Packets leave as the routes say, so only what the routes say already is accepted.
 */
function checkSource(session: Session, {from}: PingOptions, target: Ip): string | undefined {
  if (from === undefined) return undefined;
  const netns = session.netns();
  const four = isIp4(target);
  const own = (device: (typeof netns.devices)[number]) =>
    device.addresses.find(({prefix, scope}) => scope === 'global' && isIp4(prefix.ip) === four)?.prefix.ip;
  const ip = parseIp(from);
  const device = netns.devices.find((candidate) =>
    ip === undefined ? candidate.name === from : candidate.addresses.some(({prefix}) => prefix.ip === ip),
  );
  if (!device)
    throw new PingUsage(
      ip === undefined ? `SO_BINDTODEVICE ${from}: No such device` : 'bind: Cannot assign requested address',
      2,
    );
  const source = own(device);
  if (device.name !== 'eth0' || source === undefined || (ip !== undefined && ip !== source))
    throw new UserError({message: `ping -I ${from} is not supported here`, hint: 'packets leave as the routes say'});
  return ip === undefined ? `${formatIp(source)} ${device.name}` : `${formatIp(source)} `;
}
