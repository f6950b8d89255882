/**
 * ICMP that the programs send themselves: unreachable for a service without backends or a denied packet
 * (bpf/lib/icmp.h, icmp6.h), and IPv6 time exceeded. The packet turns into the answer and leaves where it came in.
 */
import {type Ip, type Mac, readMac, writeIp, writeMac} from '../../wire/addr.js';
import {set16, set32} from '../../wire/bytes.js';
import {checksum, finishSum, pseudoSum6, sumWords} from '../../wire/checksum.js';
import {drop} from '../drop.js';
import type {Skb} from '../model.js';
import {type DropSite, dropPacket, dropSites} from './events.js';
import {ETH_HEADER, etherType, parseFrame, proto, pushHead, setLength} from './frame.js';
import {redirect} from './redirect.js';
import {cb, FINAL_REDIRECT, type HookRun} from './run.js';

const TTL = 64;
const IP4_HEADER = 20;
const IP6_HEADER = 40;
const ICMP_HEADER = 8;
/** Bytes that the answer quotes at most; counted with the Ethernet header, so that short packets get zeros at the end. */
const QUOTE4 = 64;
const QUOTE6 = 1280 - IP6_HEADER - ICMP_HEADER;

const UNREACHABLE4 = 3;
const PORT_UNREACHABLE4 = 3;
const FILTERED4 = 13;
const UNREACHABLE6 = 1;
const PORT_UNREACHABLE6 = 4;
const ADMIN_PROHIBITED6 = 1;
const TIME_EXCEEDED6 = 3;

/** The service has no backend: port unreachable, from the service's address. */
export function replyNoService(run: HookRun): number {
  const port = run.frame.family === 4 ? PORT_UNREACHABLE4 : PORT_UNREACHABLE6;
  replyUnreachable(run, port);
  redirect(run, run.skb.ifindex);
  return FINAL_REDIRECT;
}

/** policy-deny-response: icmp. */
export function replyDenied(run: HookRun, verdict: number): number {
  run.skb.cb[cb.sourceLabel] = -verdict >>> 0;
  replyUnreachable(run, run.frame.family === 4 ? FILTERED4 : ADMIN_PROHIBITED6);
  redirect(run, run.skb.ifindex);
  return FINAL_REDIRECT;
}

function replyUnreachable(run: HookRun, code: number): void {
  const {skb, frame} = run;
  const v4 = frame.family === 4;
  const sourceMac = readMac(skb.buf, skb.start + 6);
  const destinationMac = readMac(skb.buf, skb.start);
  const quoted = Math.min(skb.end - skb.start, v4 ? QUOTE4 : QUOTE6);
  const tos = skb.buf[frame.l3 + 1]!;
  setLength(skb, ETH_HEADER + quoted);
  pushHead(skb, (v4 ? IP4_HEADER : IP6_HEADER) + ICMP_HEADER);
  writeEthernet(skb, sourceMac, destinationMac, v4 ? etherType.ip4 : etherType.ip6);
  if (v4) writeIcmp4(skb, frame.destination, frame.source, tos, code);
  else writeIcmp6(skb, frame.destination, frame.source, code, quoted);
  parseFrame(frame, skb, frame.family);
}

function writeEthernet(skb: Skb, destination: Mac, source: Mac, type: number): void {
  writeMac(skb.buf, skb.start, destination);
  writeMac(skb.buf, skb.start + 6, source);
  set16(skb.buf, skb.start + 12, type);
}

function writeIcmp4(skb: Skb, source: Ip, destination: Ip, tos: number, code: number): void {
  const {buf: b, end} = skb;
  const o = skb.start + ETH_HEADER;
  b[o] = 0x45;
  b[o + 1] = tos;
  set16(b, o + 2, end - o);
  set32(b, o + 4, 0);
  b[o + 8] = TTL;
  b[o + 9] = proto.icmp;
  set16(b, o + 10, 0);
  writeIp(b, o + 12, source);
  writeIp(b, o + 16, destination);
  set16(b, o + 10, checksum(b, o, o + IP4_HEADER));
  const icmp = o + IP4_HEADER;
  writeIcmpHeader(b, icmp, UNREACHABLE4, code);
  set16(b, icmp + 2, checksum(b, icmp, end));
}

function writeIcmpHeader(b: Uint8Array, o: number, type: number, code: number): void {
  b[o] = type;
  b[o + 1] = code;
  set16(b, o + 2, 0);
  set32(b, o + 4, 0);
}

function writeIcmp6(skb: Skb, source: Ip, destination: Ip, code: number, quoted: number): void {
  const {buf: b} = skb;
  const o = skb.start + ETH_HEADER;
  set32(b, o, 0x6000_0000);
  set16(b, o + 4, ICMP_HEADER + quoted);
  b[o + 6] = proto.icmp6;
  b[o + 7] = TTL;
  writeIp(b, o + 8, source);
  writeIp(b, o + 24, destination);
  const icmp = o + IP6_HEADER;
  writeIcmpHeader(b, icmp, UNREACHABLE6, code);
  const header = sumWords(b, icmp, icmp + ICMP_HEADER, pseudoSum6(b, o, proto.icmp6, ICMP_HEADER + quoted));
  set16(b, icmp + 2, finishSum(sumQuote(b, icmp + ICMP_HEADER, skb.end, header)));
}

/**
 * Sum over a quoted packet as upstream's unrolled loop does it (icmp_wsum_accumulate): of every 256 bytes only the first 128,
 * so that answers to longer IPv6 packets carry a checksum that their receiver finds wrong.
 */
function sumQuote(b: Uint8Array, from: number, end: number, sum: number): number {
  let total = sum;
  for (let at = from; at < end; at += 256) total = sumWords(b, at, Math.min(at + 128, end), total);
  return total;
}

/** ICMPv6 checksum of the packet whose IPv6 header is at `o`. */
export function fillChecksum6(skb: Skb, o: number): void {
  const icmp = o + IP6_HEADER;
  const length = skb.end - icmp;
  set16(skb.buf, icmp + 2, 0);
  set16(skb.buf, icmp + 2, finishSum(sumWords(skb.buf, icmp, skb.end, pseudoSum6(skb.buf, o, proto.icmp6, length))));
}

/**
 * Hop limit used up: time exceeded from the router's address. Written over the packet, whose hop limit it keeps: it leaves
 * with 1. Quotes the IPv6 header and 8 bytes behind it, 20 of TCP.
 */
export function sendTimeExceeded(run: HookRun, metric: number): number {
  const {skb, frame} = run;
  skb.cb[0] = 0;
  skb.cb[1] = metric;
  const next = skb.buf[frame.l3 + 6]!;
  const quotable = next === proto.icmp6 || next === proto.udp || (next === proto.sctp && run.program.sctp);
  const quote = next === proto.tcp ? 20 : quotable ? 8 : 0;
  if (quote === 0) return dropPacket(run, dropSites.timeExceeded, drop.unknownL4, 0);
  const o = frame.l3;
  if (o + IP6_HEADER + quote > skb.end) return dropPacket(run, dropSites.timeExceeded, drop.invalid, 0);
  const original = skb.buf.slice(o, o + IP6_HEADER + quote);
  setLength(skb, ETH_HEADER + IP6_HEADER + ICMP_HEADER + original.length);
  const b = skb.buf;
  b.set(original, o + IP6_HEADER + ICMP_HEADER);
  set16(b, o + 4, ICMP_HEADER + original.length);
  b[o + 6] = proto.icmp6;
  writeIcmpHeader(b, o + IP6_HEADER, TIME_EXCEEDED6, 0);
  return replyFrom(run, run.program.routerIp6!, dropSites.timeExceeded);
}

/** Turns an ICMPv6 packet round with the source `ip`, and sends it back out of the device. */
export function replyFrom(run: HookRun, ip: Ip, at: DropSite): number {
  const {skb, frame} = run;
  if (skb.end - frame.l3 < IP6_HEADER) return dropPacket(run, at, drop.invalid, 0);
  writeIp(skb.buf, frame.l3 + 8, ip);
  writeIp(skb.buf, frame.l3 + 24, frame.source);
  fillChecksum6(skb, frame.l3);
  const sender = readMac(skb.buf, skb.start + 6);
  writeMac(skb.buf, skb.start, sender);
  writeMac(skb.buf, skb.start + 6, interfaceMac(run));
  redirect(run, skb.ifindex);
  return FINAL_REDIRECT;
}

/** MAC of the device that the program runs on. */
export function interfaceMac(run: HookRun): Mac {
  if (run.kind === 'lxc') return run.endpoint?.nodeMac ?? 0;
  if (run.kind === 'overlay') return run.program.tunnelMac;
  return run.node.state.host.devices.find((d) => d.ifindex === run.skb.ifindex)?.mac ?? 0;
}
