/**
 * Hashes of flows. The kernel keys its hash with a secret drawn at boot, so any value that is stable per flow is as true as
 * another (reference: `udp_flow_src_port`); these are fixed, so that captures are reproducible.
 */
import {type Ip, isIp4} from '../../wire/addr.js';
import {get16} from '../../wire/bytes.js';
import {mix, mix32} from './random.js';

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;

/** Hash of the inner frame at `o`: addresses, protocol, and ports where there are any; ICMP and fragments have none. */
export function frameHash(b: Uint8Array, o: number): number {
  const type = get16(b, o + 12);
  const ip = o + 14;
  if (type === ETHER_IPV4) {
    const protocol = b[ip + 9]!;
    const ports = hasPorts(protocol) && (get16(b, ip + 6) & 0x3fff) === 0 ? word(b, ip + ((b[ip]! & 15) << 2)) : 0;
    return mix32(mix(word(b, ip + 12), word(b, ip + 16)), mix(ports, protocol));
  }
  if (type === ETHER_IPV6) {
    const protocol = b[ip + 6]!;
    let h = mix32(hasPorts(protocol) ? word(b, ip + 40) : 0, protocol);
    for (let i = 8; i < 40; i += 4) h = mix32(h, word(b, ip + i));
    return h;
  }
  return mix32(type, 0);
}

/** 32 bits, signed: all that a hash needs, and cheaper. */
function word(b: Uint8Array, o: number): number {
  return (b[o]! << 24) | (b[o + 1]! << 16) | (b[o + 2]! << 8) | b[o + 3]!;
}

function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 132;
}

/** net.ipv4.ip_local_port_range, which VXLAN uses; Cilium gives Geneve all ports (pkg/datapath/tunnel, v1.19). */
const portRanges = {vxlan: [32768, 60999], geneve: [1, 65535]} as const;
/** tcpdump takes this source port for a protocol of its own (BCM LI), whatever the destination port says. */
const AVOIDED_PORT = 49152;

/**
 * Outer source port of the frame at `o`: min + (hash × (max − min) >> 32), as udp_flow_src_port spreads it over the device's
 * range; a range of less than two ports it takes for none.
 */
export function tunnelSourcePort(
  b: Uint8Array,
  o: number,
  protocol: 'vxlan' | 'geneve',
  range: readonly [number, number] | undefined,
): number {
  const [min, max] = chosenRange(protocol, range);
  const port = min + Math.floor((frameHash(b, o) * (max - min)) / 2 ** 32);
  return port === AVOIDED_PORT ? port + 1 : port;
}

function chosenRange(
  protocol: 'vxlan' | 'geneve',
  range: readonly [number, number] = [0, 0],
): readonly [number, number] {
  if (range[0] < range[1]) return range;
  return portRanges[range[1] === 0 ? protocol : 'vxlan'];
}

/** IPv6 flow label of a socket's packets (net.ipv6.auto_flowlabels = 1): 20 bits, never 0. */
export function flowLabel(
  source: Ip,
  destination: Ip,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
): number {
  let h = mix32((sourcePort << 16) | destinationPort, protocol);
  for (const ip of [source, destination])
    if (isIp4(ip)) h = mix32(h, ip);
    else for (let i = 0; i < 8; i++) h = mix32(h, ip.charCodeAt(i));
  return h & 0xfffff || 1;
}
