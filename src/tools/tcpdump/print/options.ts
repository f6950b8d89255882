/** What the printers are told: the options that change a packet's text, and where names come from. */
import type {Ip} from '../../../wire/addr.js';

/** `-T`: the payload of every UDP or TCP packet is of this kind. */
export const packetTypes = [
  'aodv',
  'carp',
  'cnfp',
  'domain',
  'lmp',
  'pgm',
  'pgm_zmtp1',
  'ptp',
  'radius',
  'resp',
  'rpc',
  'rtcp',
  'rtp',
  'snmp',
  'someip',
  'tftp',
  'vat',
  'vxlan',
  'wb',
  'zmtp1',
] as const;
export type PacketType = (typeof packetTypes)[number];

/** -T kinds with a printer (`ports.ts`). For the rest of the list `-T` is refused when arguments are read. */
export const forcible: readonly PacketType[] = ['domain', 'ptp', 'radius', 'resp', 'snmp', 'someip', 'tftp', 'vxlan'];

export interface PrintOptions {
  /** -v, counted. */
  readonly verbose: number;
  /** -n: no names for hosts, ports, protocols, vendors. */
  readonly numeric: boolean;
  /** -e: print the link header. */
  readonly link: boolean;
  /** -q, counted. */
  readonly quiet: number;
  /** -t, counted: 0 … 5. */
  readonly time: number;
  /** -S */
  readonly absoluteSequence: boolean;
  /** -K */
  readonly noChecksums: boolean;
  /** -b: AS numbers above 65535 as `high.low`. */
  readonly asDot: boolean;
  /** -N */
  readonly shortNames: boolean;
  /** -# */
  readonly number: boolean;
  /** -x, -X, -A, counted. */
  readonly hex: number;
  readonly hexAscii: number;
  readonly ascii: number;
  /** Fraction digits of time stamps: 6 or 9. */
  readonly precision: 6 | 9;
  readonly packetType: PacketType | undefined;
  /** --vxlan-port: UDP ports whose payload is VXLAN, whatever tcpdump takes them for. */
  readonly vxlanPorts?: ReadonlySet<number>;
}

/** Names for numbers; undefined = print the number. Asked for only without -n. */
export interface NameSource {
  host(ip: Ip): string | undefined;
  port(protocol: 'tcp' | 'udp', port: number): string | undefined;
  /** Device with this interface index (Linux cooked v2); asked for with -n too. */
  device(ifindex: number): string | undefined;
}
