/**
 * Neighbour tables: ARP (RFC 826) and neighbour discovery (RFC 4861). An entry is resolved on first use and then kept: entries
 * don't age within a run. Three requests a second apart, then the waiting packets draw `host unreachable`, as in Linux.
 */
import {
  formatIp,
  type Ip,
  type Ip4,
  type Ip6,
  isIp4,
  MAC_BROADCAST,
  type Mac,
  readMac,
  writeMac,
} from '../../wire/addr.js';
import {
  ARP_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  arpIsEthernetIp4,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  checkArp,
  writeArp,
} from '../../wire/arp.js';
import {set16} from '../../wire/bytes.js';
import {ETH_HEADER, writeEthernet} from '../../wire/ethernet.js';
import {
  encodeNeighborAdvertisement,
  encodeNeighborSolicitation,
  fillIcmpv6Checksum,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_NEIGHBOR_ADVERTISEMENT,
  ICMPV6_UNREACHABLE,
  multicastMac6,
  NA_OVERRIDE,
  NA_SOLICITED,
  ndTarget,
  solicitedNodeMulticast,
} from '../../wire/icmpv6.js';
import {IPV6_HEADER, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {PROTO_ICMPV6} from '../../wire/l4.js';
import {discard, setMacs, transmit} from './device.js';
import {icmpError} from './icmp.js';
import {Timer} from './queue.js';
import {sourceAddress} from './route.js';
import type {SimSkb} from './skb.js';
import {type Dev, kernelEvent, type Neighbour, nextPacket} from './state.js';

const PROBES = 3;
const PROBE_INTERVAL = 1e9;
/** Packets that wait for one answer (neigh unres_qlen). */
const QUEUE_LIMIT = 101;
/** Offset of the link-layer address option in a solicitation or advertisement, and its length. */
const ND_OPTION = 24;
const ND_OPTION_LENGTH = 8;
const ND_HOP_LIMIT = 255;
const ETHER_IPV6 = 0x86dd;
const ETHER_ARP = 0x0806;

export function neighbourOf(dev: Dev, ip: Ip): Neighbour {
  const known = dev.neighbours.get(ip);
  if (known) return known;
  // Devices without ARP: the frame carries the device's own address (arp_constructor).
  return addNeighbour(dev, ip, dev.mac, dev.noarp || dev.link === 'loopback');
}

export function addNeighbour(dev: Dev, ip: Ip, mac: Mac, resolved: boolean): Neighbour {
  const overdue = new Timer<SimSkb>(() => retry(entry));
  const entry: Neighbour = {ip, dev, mac, resolved, probes: 0, overdue, waiting: []};
  dev.neighbours.set(ip, entry);
  return entry;
}

/** Sends a frame whose Ethernet addresses are still open, now or when the neighbour has answered. Takes the skb. */
export function neighbourTransmit(dev: Dev, to: Neighbour, skb: SimSkb): void {
  if (to.resolved) {
    setMacs(skb, to.mac, dev.mac);
    return void transmit(dev, skb);
  }
  if (to.waiting.length >= QUEUE_LIMIT) dev.ns.run.pool.release(to.waiting.shift()!);
  to.waiting.push(skb);
  if (to.probes === 0) probe(to);
}

function probe(entry: Neighbour): void {
  const {dev, ip} = entry;
  const {run} = dev.ns;
  entry.probes++;
  run.agenda.push(run.now + PROBE_INTERVAL, entry.overdue, undefined);
  const skb = run.pool.take(128, nextPacket(run));
  if (run.emit)
    kernelEvent(dev.ns, skb.packet, 'arp', `${dev.ns.name} ${dev.name} asks for a neighbour, try ${entry.probes}`);
  const source = sourceAddress(dev, ip);
  if (isIp4(ip)) writeArpFrame(skb, MAC_BROADCAST, dev.mac, ARP_REQUEST, source as Ip4, 0, ip);
  else {
    const group = solicitedNodeMulticast(ip);
    const message = encodeNeighborSolicitation(ip, [{kind: 'source-mac', mac: dev.mac}]);
    writeNdFrame(skb, multicastMac6(group), dev.mac, source as Ip6, group, message);
  }
  transmit(dev, skb);
}

function retry(entry: Neighbour): void {
  if (entry.resolved) return;
  if (entry.probes < PROBES) return void probe(entry);
  entry.probes = 0;
  const {ns} = entry.dev;
  const unreachable = isIp4(entry.ip)
    ? {type: 3, code: 1}
    : {type: ICMPV6_UNREACHABLE, code: ICMPV6_ADDRESS_UNREACHABLE};
  for (const skb of entry.waiting.splice(0)) {
    icmpError(ns, skb, unreachable);
    discard(entry.dev, skb, `no neighbour answers for ${formatIp(entry.ip)}`);
  }
}

function learn(dev: Dev, ip: Ip, mac: Mac): void {
  const entry = neighbourOf(dev, ip);
  entry.mac = mac;
  entry.resolved = true;
  entry.probes = 0;
  for (const skb of entry.waiting.splice(0)) neighbourTransmit(dev, entry, skb);
}

/** An ARP frame arrived. Takes the skb. */
export function arpReceive(dev: Dev, skb: SimSkb): void {
  const {buf, start, end} = skb;
  const o = start + ETH_HEADER;
  const {pool} = dev.ns.run;
  if (!checkArp(buf, o, end).ok || !arpIsEthernetIp4(buf, o)) return void pool.release(skb);
  const [sender, senderMac, target] = [arpSenderIp(buf, o), arpSenderMac(buf, o), arpTargetIp(buf, o)];
  const mine = dev.ns.addresses.has(target);
  if (mine || dev.neighbours.has(sender)) learn(dev, sender, senderMac);
  if (!mine || arpOperation(buf, o) !== ARP_REQUEST) return void pool.release(skb);
  writeArpFrame(skb, senderMac, dev.mac, ARP_REPLY, target, senderMac, sender);
  transmit(dev, skb);
}

/** An Ethernet frame with an ARP packet from `start`. */
export function writeArpFrame(
  skb: SimSkb,
  to: Mac,
  from: Mac,
  operation: number,
  senderIp: Ip4,
  targetMac: Mac,
  targetIp: Ip4,
): void {
  const {buf, start} = skb;
  writeEthernet(buf, start, to, from, ETHER_ARP);
  writeArp(buf, start + ETH_HEADER, {operation, senderMac: from, senderIp, targetMac, targetIp});
  skb.end = start + ETH_HEADER + ARP_LENGTH;
}

/** A neighbour solicitation or advertisement arrived, its ICMPv6 header at `o`. Takes the skb. */
export function ndReceive(dev: Dev, skb: SimSkb, o: number): void {
  const {buf, start, end} = skb;
  const {ns} = dev;
  if (end - o < ND_OPTION) return void ns.run.pool.release(skb);
  const target = ndTarget(buf, o);
  const mac = end - o >= ND_OPTION + ND_OPTION_LENGTH ? readMac(buf, o + ND_OPTION + 2) : readMac(buf, start + 6);
  if (buf[o] === ICMPV6_NEIGHBOR_ADVERTISEMENT) {
    if (dev.neighbours.has(target)) learn(dev, target, mac);
    return void ns.run.pool.release(skb);
  }
  if (!ns.addresses.has(target)) return void ns.run.pool.release(skb);
  const asker = ipv6Source(buf, start + ETH_HEADER);
  learn(dev, asker, mac);
  advertise(skb, dev.mac, mac, target, asker);
  transmit(dev, skb);
}

/** Turns the skb into the advertisement of `target` at `mac` to `asker`. */
export function advertise(skb: SimSkb, mac: Mac, askerMac: Mac, target: Ip6, asker: Ip6): void {
  const message = encodeNeighborAdvertisement(target, NA_SOLICITED | NA_OVERRIDE, [{kind: 'target-mac', mac}]);
  writeNdFrame(skb, askerMac, mac, target, asker, message);
}

function writeNdFrame(skb: SimSkb, to: Mac, from: Mac, source: Ip6, destination: Ip6, message: Uint8Array): void {
  const {buf, start} = skb;
  const ip = start + ETH_HEADER;
  const o = ip + IPV6_HEADER;
  writeMac(buf, start, to);
  writeMac(buf, start + 6, from);
  set16(buf, start + 12, ETHER_IPV6);
  writeIpv6(buf, ip, {
    payloadLength: message.length,
    nextHeader: PROTO_ICMPV6,
    hopLimit: ND_HOP_LIMIT,
    source,
    destination,
  });
  buf.set(message, o);
  skb.end = o + message.length;
  fillIcmpv6Checksum(buf, ip, o, skb.end);
}
