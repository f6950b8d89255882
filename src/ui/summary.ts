/** A frame in one line, the innermost message first: `geneve{ICMP echo request 1} 10.32.1.10 > 10.32.2.20`. */

import {type Layer, layerEnds} from '../session/layers.js';
import {formatIp4} from '../wire/addr.js';
import {ARP_REPLY, ARP_REQUEST, arpOperation, arpSenderIp, arpTargetIp} from '../wire/arp.js';
import {icmpCode, icmpHasId, icmpSequence, icmpType} from '../wire/icmp.js';
import {icmpv6Code, icmpv6Sequence, icmpv6Type} from '../wire/icmpv6.js';
import {sctpChunkNames, sctpDestinationPort, sctpSourcePort} from '../wire/sctp.js';
import {tcpDestinationPort, tcpFlags, tcpSourcePort} from '../wire/tcp.js';
import {udpDestinationPort, udpSourcePort} from '../wire/udp.js';

export function summarize(b: Uint8Array, layers: readonly Layer[]): string {
  const tunnel = layers.findLastIndex((layer) => layer.name === 'Geneve' || layer.name === 'VXLAN');
  const inner = layers.slice(tunnel + 1);
  const ip = inner.find((layer) => layer.name === 'IPv4' || layer.name === 'IPv6');
  const ends = ip && layerEnds(b, ip);
  const what = message(b, inner);
  const text = tunnel < 0 ? what : `${layers[tunnel]!.name.toLowerCase()}{${what}}`;
  return ends ? `${text} ${ends.from} > ${ends.to}` : text;
}

/** What the layers above IP, or the last one there is, say. */
function message(b: Uint8Array, layers: readonly Layer[]): string {
  const cut = layers.find((layer) => layer.truncated);
  if (cut) return `[|${cut.name}]`;
  const above = layers.find((layer) => layer.name in messages);
  const http = layers.find((layer) => layer.name === 'HTTP');
  if (http) return `HTTP ${http.text}`;
  if (above) return messages[above.name]!(b, above, layers);
  return layers.at(-1)?.name ?? 'nothing';
}

type Message = (b: Uint8Array, layer: Layer, layers: readonly Layer[]) => string;

const messages: Partial<Record<Layer['name'], Message>> = {
  ARP: (b, {at}) => {
    if (arpOperation(b, at) === ARP_REQUEST) return `ARP who-has ${formatIp4(arpTargetIp(b, at))}`;
    if (arpOperation(b, at) === ARP_REPLY) return `ARP reply ${formatIp4(arpSenderIp(b, at))}`;
    return `ARP operation ${arpOperation(b, at)}`;
  },
  ICMP: (b, {at}) => {
    const [type, code] = [icmpType(b, at), icmpCode(b, at)];
    const name = icmpNames[`${type}/${code}`] ?? icmpNames[`${type}`];
    const words = name === undefined ? `ICMP type ${type} code ${code}` : `ICMP ${name}`;
    return icmpHasId(type) ? `${words} ${icmpSequence(b, at)}` : words;
  },
  ICMPv6: (b, {at}) => {
    const type = icmpv6Type(b, at);
    const name = icmpv6Names[type];
    const words = name === undefined ? `ICMPv6 type ${type} code ${icmpv6Code(b, at)}` : `ICMPv6 ${name}`;
    return type === 128 || type === 129 ? `${words} ${icmpv6Sequence(b, at)}` : words;
  },
  TCP: (b, {at}, layers) => {
    const bytes = dataBytes(layers);
    return `TCP [${flagText(tcpFlags(b, at))}] ${tcpSourcePort(b, at)}>${tcpDestinationPort(b, at)}${bytes > 0 ? ` ${bytes}B` : ''}`;
  },
  SCTP: (b, {at, end}, layers) => {
    const chunks = sctpChunkNames(b, at, layers.at(-1)?.end ?? end).join(', ');
    return `SCTP [${chunks}] ${sctpSourcePort(b, at)}>${sctpDestinationPort(b, at)}`;
  },
  UDP: (b, {at}, layers) => {
    const dns = layers.find((layer) => layer.name === 'DNS');
    if (dns) return dns.text.replace(/^dns/, 'DNS');
    return `UDP ${udpSourcePort(b, at)}>${udpDestinationPort(b, at)} ${dataBytes(layers)}B`;
  },
};

/** ICMP types, and `type/code` where the code says more (RFC 792, RFC 1191). */
const icmpNames: Readonly<Record<string, string>> = {
  '0': 'echo reply',
  '3': 'unreachable',
  '3/0': 'net unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/13': 'prohibited',
  '5': 'redirect',
  '8': 'echo request',
  '11': 'time exceeded',
};

/** RFC 4443, RFC 4861. */
const icmpv6Names: Readonly<Record<number, string>> = {
  1: 'unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
};

function dataBytes(layers: readonly Layer[]): number {
  const payload = layers.find((layer) => layer.name === 'Payload');
  return payload ? payload.end - payload.at : 0;
}

/** As tcpdump shows them: `S`, `S.`, `P.`, `F.`. */
function flagText(flags: number): string {
  return ['F', 'S', 'R', 'P', '.', 'U'].filter((_, bit) => (flags & (1 << bit)) !== 0).join('') || 'none';
}
