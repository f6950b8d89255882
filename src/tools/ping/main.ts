/** `ping` from the viewpoint's namespace, through the simulated datapath. */
import type {Peer, TrafficSpec} from '../../cluster/model.js';
import {openSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip, isIp4, parseIp} from '../../wire/addr.js';
import {type PingOptions, parsePing} from './argv.js';
import {header, PingReport} from './print.js';

const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      address, or the name of a pod, node or service
  -4, -6             family, where the destination has both
  -c <count>         stop after <count> requests (4 unless given)
  -D                 print timestamps
  -i <interval>      seconds between requests
  -M <do|dont|want>  path MTU discovery: set DF and refuse, clear DF, set DF where it fits
  -n                 no names
  -O                 report outstanding answers
  -q                 quiet
  -s <size>          bytes of data
  -t <ttl>           time to live
  -V                 version
  -w <deadline>      seconds after which to stop
  -W <timeout>       seconds to wait for an answer

wirelay: --pod [NS/]NAME or --node NAME say where from; --cluster, --set, --seed as everywhere
`;

export const pingMain: ToolMain = async (argv, io) => {
  const {session, argv: rest} = await openSession(argv, io);
  const parsed = parsePing(rest);
  switch (parsed.kind) {
    case 'version':
      io.stdout.write('ping from iputils 20221126\n');
      return 0;
    case 'help':
      io.stdout.write(USAGE);
      return 2;
    case 'error':
      io.stderr.write(`ping: ${sanitize(parsed.message)}\n${parsed.usage ? USAGE : ''}`);
      return parsed.usage ? 2 : 1;
  }
  const {options} = parsed;
  const spec = await trafficOf(session, options);
  if (!spec) {
    io.stderr.write(`ping: ${sanitize(options.target)}: Name or service not known\n`);
    return 2;
  }
  const numeric = options.numeric || parseIp(options.target) !== undefined;
  let target: Ip | undefined;
  const address = (ip: Ip) => (!numeric && ip === target ? `${options.target} (${formatIp(ip)})` : formatIp(ip));
  const seen: Parameters<PingReport['see']>[0][] = [];
  const result = await session.run({observers: [{app: (event) => seen.push(event)}], extra: [spec], alone: true});
  target = result.apps[0]!.target?.ip;
  if (target === undefined || (options.family !== undefined && isIp4(target) !== (options.family === 4))) {
    io.stderr.write(`ping: ${sanitize(options.target)}: Address family for hostname not supported\n`);
    return 2;
  }
  if (seen[0]?.kind === 'unreachable' && !seen[0].icmp) {
    io.stderr.write(`ping: connect: ${seen[0].text}\n`);
    return 2;
  }
  const report = new PingReport(options, session.cluster.epoch, address);
  for (const event of seen) report.see(event);
  const name = sanitize(options.target);
  io.stdout.write(header(name, target, options.size) + report.lines.map(sanitizeLine).join('') + report.summary(name));
  return report.exitCode;
};

function sanitizeLine(line: string): string {
  return `${sanitize(line.slice(0, -1))}\n`;
}

/** Undefined for a destination that nothing in the cluster is called. */
async function trafficOf(session: Session, options: PingOptions): Promise<TrafficSpec | undefined> {
  const from: Peer = session.pod ? {kind: 'pod', pod: session.pod} : {kind: 'node', node: session.node};
  const to = await peerOf(session, options);
  if (!to || to.kind === 'name') return undefined;
  return {
    text: `ping ${options.target}`,
    from,
    to,
    protocol: 'icmp',
    count: options.count,
    size: options.size,
    at: 0,
    every: options.interval,
    fragmentation: options.fragmentation,
    ...(options.ttl === undefined ? {} : {ttl: options.ttl}),
  };
}

async function peerOf(session: Session, {target, family}: PingOptions): Promise<Peer | undefined> {
  const ip = parseIp(target);
  if (ip !== undefined) return {kind: 'ip', ip};
  try {
    const {to} = await session.parseTraffic(`node/${session.node.name} -> ${target}/icmp`);
    if (family === undefined) return to;
    const ips =
      to.kind === 'pod'
        ? to.pod.ips
        : to.kind === 'node'
          ? to.node.ips
          : to.kind === 'service'
            ? to.service.clusterIps
            : [];
    const chosen = ips.find((candidate) => isIp4(candidate) === (family === 4));
    return chosen === undefined ? to : {kind: 'ip', ip: chosen};
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
