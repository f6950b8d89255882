/** Outer headers that the XDP program writes itself. */
import {lbHash} from '../../control/hash.js';
import {type Ip, isIp4, readIp4, readIp6, writeIp} from '../../wire/addr.js';
import {get16, set16, set32} from '../../wire/bytes.js';
import {checksum} from '../../wire/checksum.js';
import {ETH_HEADER, etherType, parseFrame, proto, pushHead} from './frame.js';
import {fibLookup} from './l3.js';
import {swap16} from './policy.js';
import {cb, type HookRun} from './run.js';

const IP4_HEADER = 20;
const IP6_HEADER = 40;
const UDP_HEADER = 8;
const TUNNEL_HEADER = 8;
const TTL = 64;
/** Trans Ether Bridging: an Ethernet frame inside Geneve. */
const ETHERNET_PAYLOAD = 0x6558;
/** VXLAN flag I: the VNI is valid. */
const VXLAN_FLAGS = 0x0800_0000;
const IPIP6 = 41;
/** 2^32 divided by the golden ratio (ghash.h). */
const GOLDEN_RATIO = 0x9e37_79b9;

/** Puts the packet into the tunnel to the node `remote`, whole, and looks up the way there. */
export function encapsulateFrame(run: HookRun, remote: Ip, vni: number, option: Uint8Array | undefined): number {
  const {program, skb} = run;
  const port = sourcePort(run);
  const inner = skb.end - skb.start;
  const options = option?.length ?? 0;
  const udpLength = UDP_HEADER + TUNNEL_HEADER + options + inner;
  pushHead(skb, ETH_HEADER + IP4_HEADER + udpLength - inner);
  const {buf: b, start} = skb;
  const ip = start + ETH_HEADER;
  const udp = ip + IP4_HEADER;
  const tunnel = udp + UDP_HEADER;
  b.fill(0, start, tunnel + TUNNEL_HEADER);
  set16(b, start + 12, etherType.ip4);
  b[ip] = 0x45;
  set16(b, ip + 2, IP4_HEADER + udpLength);
  b[ip + 8] = TTL;
  b[ip + 9] = proto.udp;
  writeIp(b, ip + 12, program.directIp4 ?? 0);
  writeIp(b, ip + 16, remote);
  set16(b, ip + 10, checksum(b, ip, udp));
  set16(b, udp, port);
  set16(b, udp + 2, program.tunnelPort);
  set16(b, udp + 4, udpLength);
  if (program.tunnelProtocol === 'vxlan') set32(b, tunnel, VXLAN_FLAGS);
  else {
    b[tunnel] = options / 4;
    set16(b, tunnel + 2, ETHERNET_PAYLOAD);
    if (option) b.set(option, tunnel + TUNNEL_HEADER);
  }
  set32(b, tunnel + 4, vni << 8);
  parseFrame(run.frame, skb, 4);
  return fibLookup(run, run.frame.source, run.frame.destination);
}

/** One outer port per connection. The hash is stored as the machine has it, low byte first. */
function sourcePort(run: HookRun): number {
  const t = run.serviceTuple;
  const seed = isIp4(t.saddr) ? run.program.hashSeed4 : run.program.hashSeed6;
  const hash = lbHash(t.saddr, t.dport, t.sport, t.protocol, seed);
  return swap16(((hash >>> 16) ^ hash) & 0xffff);
}

/**
 * DSR by IPIP: an outer IP header, a copy of the inner one with the backend as the destination, and this node or an address
 * of the connection's own as the source.
 */
export function encapsulateIpip(run: HookRun, backend: Ip): number {
  const {skb, frame} = run;
  const source = outerSource(run, frame.source);
  const v4 = isIp4(backend);
  const header = v4 ? IP4_HEADER : IP6_HEADER;
  pushHead(skb, header);
  const {buf: b, start} = skb;
  b.copyWithin(start, start + header, start + header + ETH_HEADER + header);
  const ip = start + ETH_HEADER;
  if (v4) {
    set16(b, ip + 2, get16(b, ip + 2) + header);
    b[ip + 8] = TTL;
    b[ip + 9] = proto.ipip;
    writeIp(b, ip + 12, source ?? 0);
    writeIp(b, ip + 16, backend);
    set16(b, ip + 10, 0);
    set16(b, ip + 10, checksum(b, ip, ip + header));
  } else {
    set16(b, ip + 4, get16(b, ip + 4) + header);
    b[ip + 6] = IPIP6;
    b[ip + 7] = TTL;
    if (source !== undefined) writeIp(b, ip + 8, source);
    writeIp(b, ip + 24, backend);
  }
  return parseFrame(frame, skb, frame.family);
}

/**
 * A network card spreads packets by their outer addresses: below the prefix for that, the source is a hash of client and ports
 * (rss_gen_src4, rss_gen_src6 of nodeport.h), word by word.
 */
function outerSource({program, skb}: HookRun, client: Ip): Ip | undefined {
  const v4 = isIp4(client);
  const prefix = v4 ? program.rss4 : program.rss6;
  if (!prefix) return v4 ? program.directIp4 : program.directIp6;
  const size = v4 ? 4 : 16;
  const [from, to] = [new Uint8Array(size), new Uint8Array(size)];
  writeIp(from, 0, client);
  writeIp(to, 0, prefix.ip);
  const [words, out] = [new DataView(from.buffer), new DataView(to.buffer)];
  for (let o = 0; o < size; o += 4) {
    const bits = 8 * (o + 4) - Math.max(prefix.length, 8 * o);
    if (bits <= 0) continue;
    const hash = Math.imul(words.getUint32(o, true) ^ skb.cb[cb.sourceLabel]!, GOLDEN_RATIO) >>> (32 - bits);
    out.setUint32(o, out.getUint32(o) | hash);
  }
  return v4 ? readIp4(to, 0) : readIp6(to, 0);
}
