/**
 * `bpf ct list`, `bpf nat list`: what the run's traffic left in the node's maps (pkg/maps/ctmap, pkg/maps/nat, pkg/tuple).
 * Seconds are those of the datapath's clock, which stands at 1000 when a run starts; “now” is when its last packet was seen.
 * Entries come in the order of their creation, where the real map is in hash order.
 */
import type {CtEntry, CtTuple, NatEntry, NodeRuntime} from '../../../datapath/model.js';
import {ctFlags} from '../../../datapath/model.js';
import {CLOCK_START} from '../../../datapath/run/clock.js';
import type {GoRecord, GoValue} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {formatIp, formatIpPort, type Ip, isIp4, writeIp} from '../../../wire/addr.js';
import {hasOutput, printOutput, protocolName, type ViewContext} from '../output.js';

const TCP = 6;
function clockAtEnd({endTime}: {endTime: number}): number {
  return CLOCK_START + Math.floor(endTime / 1e9);
}

export async function ctList(context: ViewContext): Promise<number> {
  const {args, flags, io, session} = context;
  const problem = ctScope(args);
  if (problem !== undefined) {
    io.stderr.write(`Invalid argument: ${sanitize(problem)}`);
    return 0;
  }
  const result = await session.run();
  const runtime = result.runtime(session.node.name);
  if (args[0] === 'cluster') {
    io.stderr.write('No conntrack map is kept per cluster here: cluster-aware addressing is not simulated.\n');
    return 0;
  }
  const maps = ctMaps(runtime);
  if (hasOutput(context)) return printOutput(context, maps.flat().map(ctModel));
  const now = flags.get('time-diff') === 'true' ? clockAtEnd(result) : undefined;
  for (const entries of maps) io.stdout.write(`${entries.map((entry) => ctLine(entry, now)).join('')}\n`);
  return 0;
}

/** What is wrong with `global`, `cluster ID` or nothing at all. */
function ctScope(args: readonly string[]): string | undefined {
  const [scope, id, ...rest] = args;
  if (scope === undefined || scope === 'global') return undefined;
  if (scope !== 'cluster') return `unknown type ${scope}`;
  if (id === undefined || rest.length > 0) return 'missing clusterID';
  if (!/^\d+$/.test(id)) return `invalid clusterID: strconv.ParseUint: parsing ${JSON.stringify(id)}: invalid syntax`;
  return Number(id) >= 1 && Number(id) <= 255
    ? undefined
    : `invalid clusterID: invalid cluster id ${id}: must be in range 1..255`;
}

/** TCP4, ANY4, TCP6, ANY6, of the enabled families. */
export function ctMaps({ct, state}: Pick<NodeRuntime, 'ct' | 'state'>): CtEntry[][] {
  const entries = [...ct.entries()].filter((entry) => entry.tuple.protocol !== 0);
  const {enableIpv4, enableIpv6} = state.config;
  const families = [...(enableIpv4 ? [true] : []), ...(enableIpv6 ? [false] : [])];
  return families.flatMap((v4) => {
    const own = entries.filter(({tuple}) => isIp4(tuple.daddr) === v4);
    return [own.filter(({tuple}) => tuple.protocol === TCP), own.filter(({tuple}) => tuple.protocol !== TCP)];
  });
}

const hex = (n: number, digits: number) => `0x${n.toString(16).padStart(digits, '0')}`;

/** One line, a blank before its line feed. `now`: add the seconds that are left. */
export function ctLine(entry: CtEntry, now?: number): string {
  const remaining = now === undefined ? '' : ` (remaining: ${entry.lifetime - now} sec(s))`;
  return (
    `${ctTuple(entry.tuple)}expires=${entry.lifetime}${remaining} Packets=${entry.packets} Bytes=${entry.bytes} ` +
    `RxFlagsSeen=${hex(entry.rxFlagsSeen, 2)} LastRxReport=${entry.lastRxReport} ` +
    `TxFlagsSeen=${hex(entry.txFlagsSeen, 2)} LastTxReport=${entry.lastTxReport} ${flagWords(entry)} ` +
    `RevNAT=${entry.revNat} SourceSecurityID=${entry.sourceIdentity} BackendID=${entry.backendId} ` +
    `NatPort=${entry.natPort} \n`
  );
}

/** Stored addresses are those of the return traffic, so they print swapped; a service entry has its ports swapped instead. */
function ctTuple({daddr, saddr, dport, sport, protocol, flags}: CtTuple): string {
  const related = (flags & ctFlags.RELATED) === 0 ? '' : 'related ';
  const name = protocolName(protocol);
  const line = (way: string, from: Ip, fromPort: number, to: Ip, toPort: number) =>
    `${name} ${way} ${formatIp(from)}:${fromPort} -> ${formatIp(to)}:${toPort} ${related}`;
  if ((flags & ctFlags.SERVICE) !== 0) return line('SVC', saddr, dport, daddr, sport);
  return line((flags & ctFlags.IN) === 0 ? 'OUT' : 'IN', daddr, sport, saddr, dport);
}

/** Bits of `flags` in order, the unused ones undefined. */
const flagRows = [
  ['RxClosing', 'rxClosing'],
  ['TxClosing', 'txClosing'],
  ['Nat64', undefined],
  ['LBLoopback', 'lbLoopback'],
  ['SeenNonSyn', 'seenNonSyn'],
  ['NodePort', 'nodePort'],
  ['ProxyRedirect', 'proxyRedirect'],
  ['DSRInternal', 'dsrInternal'],
  ['FromL7LB', 'fromL7lb'],
  ['Reserved1', undefined],
  ['FromTunnel', 'fromTunnel'],
] as const;

function flagBits(entry: CtEntry): number {
  return flagRows.reduce((bits, [, key], i) => (key !== undefined && entry[key] ? bits | (1 << i) : bits), 0);
}

function flagWords(entry: CtEntry): string {
  const words = flagRows.map(([word, key]) => (key !== undefined && entry[key] ? `${word} ` : ''));
  return `Flags=${hex(flagBits(entry), 4)} [ ${words.join('')}]`;
}

/** A 16-bit field that the map keeps in network order, as Go reads it on a little-endian machine. */
const swapped = (port: number) => ((port & 0xff) << 8) | (port >>> 8);

function addressBytes(ip: Ip): number[] {
  const bytes = new Uint8Array(isIp4(ip) ? 4 : 16);
  writeIp(bytes, 0, ip);
  return [...bytes];
}

function tupleModel({daddr, saddr, dport, sport, protocol, flags}: CtTuple): GoRecord {
  return {
    DestAddr: addressBytes(daddr),
    SourceAddr: addressBytes(saddr),
    DestPort: swapped(dport),
    SourcePort: swapped(sport),
    NextHeader: protocol,
    Flags: flags,
  };
}

function ctModel(entry: CtEntry): GoValue {
  return {
    Key: tupleModel(entry.tuple),
    Value: {
      Union0: [0, entry.backendId],
      Packets: entry.packets,
      Bytes: entry.bytes,
      Lifetime: entry.lifetime,
      Flags: flagBits(entry),
      RevNAT: swapped(entry.revNat),
      NatPort: swapped(entry.natPort),
      TxFlagsSeen: entry.txFlagsSeen,
      RxFlagsSeen: entry.rxFlagsSeen,
      SourceSecurityID: entry.sourceIdentity,
      LastTxReport: entry.lastTxReport,
      LastRxReport: entry.lastRxReport,
    },
  };
}

export async function natList(context: ViewContext): Promise<number> {
  const {args, io, session} = context;
  if (args.length > 0) {
    io.stderr.write(
      args[0] === 'cluster' && args.length === 2 ? 'No NAT map is kept per cluster here.\n' : 'Invalid argument',
    );
    return 0;
  }
  const result = await session.run();
  const runtime = result.runtime(session.node.name);
  const {config} = runtime.state;
  const all = [...runtime.nat.entries()];
  const maps = [
    ...(config.enableIpv4 ? [all.filter(({tuple}) => isIp4(tuple.daddr))] : []),
    ...(config.enableIpv6 ? [all.filter(({tuple}) => !isIp4(tuple.daddr))] : []),
  ];
  if (hasOutput(context)) return printOutput(context, maps.flat().map(natModel));
  for (const entries of maps)
    io.stdout.write(`${entries.map((entry) => natLine(entry, clockAtEnd(result))).join('')}\n`);
  return 0;
}

/** `now`: seconds of the datapath's clock, for the age. */
export function natLine({tuple, toIp, toPort, created, needsCt}: NatEntry, now: number): string {
  const {saddr, sport, daddr, dport, protocol, flags} = tuple;
  const isIn = (flags & ctFlags.IN) !== 0;
  const related = (flags & ctFlags.RELATED) === 0 ? '' : 'related ';
  return (
    `${protocolName(protocol)} ${isIn ? 'IN' : 'OUT'} ${formatIpPort(saddr, sport)} -> ${formatIpPort(daddr, dport)} ${related}` +
    `XLATE_${isIn ? 'DST' : 'SRC'} ${formatIpPort(toIp, toPort)} Created=${now - created}sec ago NeedsCT=${needsCt ? 1 : 0}\n`
  );
}

function natModel({tuple, toIp, toPort, created, needsCt}: NatEntry): GoValue {
  return {
    Key: tupleModel(tuple),
    Value: {
      Created: created,
      NeedsCT: needsCt ? 1 : 0,
      Pad1: 0,
      Pad2: 0,
      Addr: addressBytes(toIp),
      Port: swapped(toPort),
    },
  };
}
