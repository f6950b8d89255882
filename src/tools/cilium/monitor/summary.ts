/** The connection in a monitor line (cilium pkg/monitor/dissect.go, GetConnectionSummary). */

import {formatIp, formatIpPort, formatMac} from '../../../wire/addr.js';
import {ethDestination, ethSource} from '../../../wire/ethernet.js';
import {TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN} from '../../../wire/tcp.js';
import {type Dissected, icmpText} from '../../common/dissect.js';

const flagNames: readonly (readonly [number, string])[] = [
  [TCP_SYN, 'SYN'],
  [TCP_ACK, 'ACK'],
  [TCP_RST, 'RST'],
  [TCP_FIN, 'FIN'],
];

/** Ethernet types by gopacket's names. */
const etherTypeNames: Readonly<Record<number, string>> = {2048: 'IPv4', 2054: 'ARP', 34525: 'IPv6', 33024: 'Dot1Q'};

export function etherTypeName(type: number): string {
  return etherTypeNames[type] ?? 'UnknownEthernetType';
}

/** `1.2.3.4:1 -> 5.6.7.8:2 tcp SYN`, ` [tunnel …]` behind what a tunnel carries. */
export function connectionSummary(packet: Dissected | undefined, tunnel: 'vxlan' | 'geneve' | undefined): string {
  if (!packet) return '[unknown]';
  const {outer} = packet;
  const around = outer?.ip && outer.transport && 'source' in outer.transport ? outer : undefined;
  const text = plainSummary(packet);
  if (!around || !tunnel) return text;
  return `${text} [tunnel ${endpoints(around)} ${tunnel}]`;
}

function endpoints({ip, transport}: Dissected): string {
  if (!ip) return '';
  if (!transport || !('source' in transport)) return `${formatIp(ip.source)} -> ${formatIp(ip.destination)}`;
  return `${formatIpPort(ip.source, transport.source)} -> ${formatIpPort(ip.destination, transport.destination)}`;
}

function plainSummary(packet: Dissected): string {
  const {ip, transport, bytes, eth, etherType} = packet;
  if (!ip)
    return `${formatMac(ethSource(bytes, eth))} -> ${formatMac(ethDestination(bytes, eth))} ${etherTypeName(etherType)}`;
  const ends = endpoints(packet);
  if (!transport) return ends;
  switch (transport.kind) {
    case 'icmp4':
    case 'icmp6':
      return `${ends} icmp ${icmpText(transport)}`;
    case 'tcp': {
      const set = flagNames.filter(([bit]) => (transport.flags & bit) !== 0).map(([, name]) => name);
      return `${ends} tcp ${set.join(', ')}`;
    }
    default:
      return `${ends} ${transport.kind}`;
  }
}
