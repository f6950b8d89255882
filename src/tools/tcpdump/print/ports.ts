/**
 * Port → payload printer, in the order in which tcpdump 4.99.3 asks (print-udp.c, print-tcp.c): the first row that has either
 * port wins. A row without a printer is one that tcpdump decodes and this program does not: its packets print as if no
 * port had matched, never as a later row's protocol.
 */

import {broadcomShim} from './bcm-li.js';
import {bfd} from './bfd.js';
import {bgp} from './bgp.js';
import {bootp} from './bootp.js';
import {dhcp6} from './dhcp6.js';
import type {Dissector} from './dissector.js';
import {domain} from './domain.js';
import {hsrp} from './hsrp.js';
import {isakmp, natTraversal} from './isakmp.js';
import {l2tp} from './l2tp.js';
import {ldp} from './ldp.js';
import {mpls} from './mpls.js';
import {ntp} from './ntp.js';
import {autoRp} from './pim1.js';
import {ptp} from './ptp.js';
import {radius} from './radius.js';
import {resp} from './resp.js';
import {rip} from './rip.js';
import {ripng} from './ripng.js';
import {snmp} from './snmp.js';
import {someip} from './someip.js';
import {syslog} from './syslog.js';
import {http, textProtocols} from './text.js';
import {tftp} from './tftp.js';
import {geneve, otv, vxlan, vxlanGpe} from './tunnel.js';

type Printer = (d: Dissector, o: number, length: number, sport: number, dport: number, ipAt: number) => void;

interface Row {
  readonly name: string;
  /** As source or destination. */
  readonly ports?: readonly number[];
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
  readonly print?: Printer;
}

const range = (from: number, to: number) => Array.from({length: to - from + 1}, (_, i) => from + i);

const udpRows: readonly Row[] = [
  {name: 'DNS', ports: [53], print: (d, o, n) => domain(d, o, n, false, false)},
  {name: 'mDNS', ports: [5353], print: (d, o, n) => domain(d, o, n, false, true)},
  {name: 'timed', ports: [525]},
  {name: 'TFTP', ports: [69], print: tftp},
  {name: 'BOOTP/DHCP', ports: [67, 68], print: bootp},
  {name: 'RIP', ports: [520], print: rip},
  {name: 'AODV', ports: [654]},
  {name: 'ISAKMP', ports: [500], print: isakmp},
  {name: 'ISAKMP NAT traversal', ports: [4500], print: natTraversal},
  {name: 'ISAKMP', ports: [7500, 8500], print: isakmp},
  {name: 'SNMP', ports: [161, 162], print: snmp},
  {name: 'NTP', ports: [123], print: ntp},
  {name: 'Kerberos', ports: [88, 750]},
  {name: 'L2TP', ports: [1701], print: l2tp},
  {name: 'VAT', destination: [3456]},
  {name: 'Zephyr', ports: [2103, 2104]},
  {name: 'RX', ports: range(7000, 7009)},
  {name: 'RIPng', ports: [521], print: ripng},
  {name: 'DHCPv6', ports: [546, 547], print: dhcp6},
  {name: 'AHCP', ports: [5359]},
  {name: 'Babel', ports: [6696, 6697]},
  {name: 'HNCP', ports: [8231]},
  {name: 'whiteboard', destination: [4567]},
  {name: 'Cisco Auto-RP', ports: [496], print: autoRp},
  {name: 'RADIUS', ports: [1645, 1646, 1700, 1812, 1813, 3799], print: radius},
  {name: 'HSRP', destination: [1985], print: hsrp},
  {name: 'lwres', ports: [921]},
  {name: 'LDP', ports: [646], print: ldp},
  {name: 'OLSR', ports: [698]},
  {name: 'LSP ping', ports: [3503]},
  {name: 'BCM-LI', source: [49152], print: broadcomShim},
  {name: 'BFD', destination: [3784, 3785, 4784, 6784], print: bfd},
  {name: 'LMP', ports: [701]},
  {name: 'VQP', ports: [1589]},
  {name: 'sFlow', ports: [6343]},
  {name: 'LWAPP', ports: [12222, 12223]},
  {name: 'SIP', ports: [5060], print: textProtocols.sip},
  {name: 'syslog', ports: [514], print: syslog},
  {name: 'OTV', ports: [8472], print: otv},
  {name: 'VXLAN', ports: [4789], print: vxlan},
  {name: 'Geneve', ports: [6081], print: geneve},
  {name: 'LISP', ports: [4342]},
  {name: 'VXLAN-GPE', ports: [4790], print: vxlanGpe},
  {name: 'ZEP', ports: [17754]},
  {name: 'MPLS', ports: [6635], print: mpls},
  {name: 'PTP', ports: [319, 320], print: ptpOverUdp},
  {name: 'SOME/IP', ports: [30490], print: someip},
];

const tcpRows: readonly Row[] = [
  {name: 'telnet', ports: [23]},
  {name: 'SMTP', ports: [25], print: textProtocols.smtp},
  {name: 'whois', ports: [43], print: textProtocols.whois},
  {name: 'BGP', ports: [179], print: bgp},
  {name: 'PPTP', ports: [1723]},
  {name: 'RESP', ports: [6379], print: resp},
  {name: 'SSH', ports: [22], print: textProtocols.ssh},
  {name: 'BEEP', ports: [10288]},
  {name: 'OpenFlow', ports: [6633, 6653]},
  {name: 'FTP', ports: [21], print: textProtocols.ftp},
  {name: 'HTTP', ports: [80, 8080], print: http},
  {name: 'RTSP', ports: [554, 8554], print: textProtocols.rtsp},
  {name: 'DNS', ports: [53], print: (d, o, n) => domain(d, o, n, true, false)},
  {name: 'MSDP', ports: [639]},
  {name: 'RPKI-Router', ports: [323]},
  {name: 'LDP', ports: [646], print: ldp},
  {name: 'NFS', ports: [2049]},
];

/** Datagrams of these ports whose third octet says so are AppleTalk's to tcpdump, which has no printer here. */
const LAP_DDP = 2;

function ptpOverUdp(d: Dissector, o: number, length: number, sport: number, dport: number): void {
  const mayBeAppleTalk = [sport, dport].some(
    (p) => (p >= 200 && p < 328) || (p >= 768 && p < 896) || (p >= 16512 && p < 16640),
  );
  if (mayBeAppleTalk && d.has(o + 2, 1) && d.u8(o + 2) === LAP_DDP) d.s(`UDP, length ${length}`);
  else ptp(d, o, length);
}

const NONE = 255;

/** Index of the first row that a source and a destination port hit. */
interface Ranks {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

function rank(rows: readonly Row[]): Ranks {
  const source = new Uint8Array(65536).fill(NONE);
  const destination = new Uint8Array(65536).fill(NONE);
  for (const [i, row] of rows.entries()) {
    for (const port of row.ports ?? row.source ?? []) source[port] = Math.min(source[port]!, i);
    for (const port of row.ports ?? row.destination ?? []) destination[port] = Math.min(destination[port]!, i);
  }
  return {source, destination};
}

const udpRanks = rank(udpRows);
const tcpRanks = rank(tcpRows);

/** Ports whose payload tcpdump decodes and this program does not. */
export const undecodedPorts: {readonly udp: ReadonlySet<number>; readonly tcp: ReadonlySet<number>} = {
  udp: undecoded(udpRows),
  tcp: undecoded(tcpRows),
};

function undecoded(rows: readonly Row[]): Set<number> {
  const missing = rows.filter((row) => row.print === undefined);
  return new Set(missing.flatMap((row) => [...(row.ports ?? []), ...(row.source ?? []), ...(row.destination ?? [])]));
}

/** Does no row ask for this UDP source port? */
export function isDullSource(port: number): boolean {
  return udpRanks.source[port] === NONE;
}

/** Prints a UDP payload by its ports; false when there is nothing to print it with. */
export function udpPayload(
  d: Dissector,
  o: number,
  length: number,
  sport: number,
  dport: number,
  ipAt: number,
): boolean {
  const {vxlanPorts} = d.options;
  const print =
    vxlanPorts !== undefined && (vxlanPorts.has(sport) || vxlanPorts.has(dport))
      ? vxlan
      : udpRows[Math.min(udpRanks.source[sport]!, udpRanks.destination[dport]!)]?.print;
  if (print === undefined) return false;
  print(d, o, length, sport, dport, ipAt);
  return true;
}

/** Prints a TCP payload by its ports, or with -T by that. */
export function tcpPayload(d: Dissector, o: number, length: number, sport: number, dport: number, ipAt: number): void {
  const forced = d.options.packetType;
  if (forced !== undefined) {
    if (forced === 'domain') domain(d, o, length, true, false);
    else if (forced === 'resp') resp(d, o, length);
    return;
  }
  const index = Math.min(tcpRanks.source[sport]!, tcpRanks.destination[dport]!);
  if (index !== NONE) tcpRows[index]!.print?.(d, o, length, sport, dport, ipAt);
}

/** A UDP payload under -T; kinds that are TCP's or IP's print nothing. */
export function forcedUdp(d: Dissector, o: number, length: number): void {
  if (d.options.packetType === 'domain') domain(d, o, length, false, false);
  else if (d.options.packetType === 'vxlan') vxlan(d, o, length);
  else if (d.options.packetType === 'radius') radius(d, o, length);
  else if (d.options.packetType === 'tftp') tftp(d, o, length);
  else if (d.options.packetType === 'ptp') ptp(d, o, length);
  else if (d.options.packetType === 'snmp') snmp(d, o, length);
  else if (d.options.packetType === 'someip') someip(d, o, length);
}
