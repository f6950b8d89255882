/**
 * ICMP errors about masqueraded connections: the packet that they quote is translated too (bpf/lib/nat.h,
 * snat_v4_nat_handle_icmp_error and its reverse and IPv6 twins).
 */
import {type Ip, readIp4, readIp6} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {updateChecksum, updateChecksum32} from '../../wire/checksum.js';
import {drop} from '../drop.js';
import {ctFlags, type NatEntry} from '../model.js';
import {
  DESTINATION_PORT,
  type Frame,
  newFrame,
  proto,
  rewriteAddress,
  rewritePort,
  SOURCE_PORT,
  walkExtensionHeaders,
} from './frame.js';
import type {HookRun} from './run.js';

const ICMP_HEADER = 8;
const ECHO_ID = 4;
const TCP_CHECKSUM_END = 18;

/** The quoted packet; reused. */
const quoted: Frame = newFrame();

/** Reads the quoted IP header. 0, or minus a drop reason. */
function parseQuoted(run: HookRun): number {
  const {buf, end} = run.skb;
  const l3 = run.frame.l4 + ICMP_HEADER;
  quoted.family = run.frame.family;
  quoted.l3 = l3;
  if (l3 + (quoted.family === 4 ? 20 : 40) > end) return -drop.invalid;
  if (quoted.family === 4) {
    quoted.protocol = buf[l3 + 9]!;
    quoted.source = readIp4(buf, l3 + 12);
    quoted.destination = readIp4(buf, l3 + 16);
    quoted.l4 = l3 + (buf[l3]! & 15) * 4;
    return 0;
  }
  quoted.source = readIp6(buf, l3 + 8);
  quoted.destination = readIp6(buf, l3 + 24);
  return walkExtensionHeaders(quoted, buf, l3, end);
}

function isEcho(type: number, request: boolean): boolean {
  return quoted.family === 4 ? type === (request ? 8 : 0) : type === (request ? 128 : 129);
}

const NOT_NEEDED = -drop.natNotNeeded;

interface QuotedPorts {
  /** Code: 0 or minus a drop reason. */
  ret: number;
  source: number;
  destination: number;
  offset: number;
}

/** Ports of the quoted packet, or its echo identifier as the port of the side that is translated. */
function portsOf(run: HookRun, side: 'source' | 'destination'): QuotedPorts {
  const {buf, end} = run.skb;
  const {l4, protocol} = quoted;
  const fail = (ret: number): QuotedPorts => ({ret, source: 0, destination: 0, offset: 0});
  if (protocol === proto.tcp || protocol === proto.udp || (protocol === proto.sctp && run.program.sctp)) {
    if (l4 + 4 > end) return fail(-drop.invalid);
    const offset = side === 'source' ? SOURCE_PORT : DESTINATION_PORT;
    return {ret: 0, source: get16(buf, l4), destination: get16(buf, l4 + 2), offset};
  }
  if (protocol !== (quoted.family === 4 ? proto.icmp : proto.icmp6)) {
    return fail(side === 'source' ? NOT_NEEDED : -drop.unknownL4);
  }
  if (l4 + 6 > end) return fail(-drop.invalid);
  const type = buf[l4]!;
  const request = side === 'source';
  if (!isEcho(type, request)) {
    if (isEcho(type, !request)) return fail(NOT_NEEDED);
    return fail(quoted.family === 4 ? -drop.unknownIcmp4Code : -drop.unknownIcmp6Code);
  }
  const id = get16(buf, l4 + ECHO_ID);
  return {ret: 0, source: request ? id : 0, destination: request ? 0 : id, offset: ECHO_ID};
}

function rewriteQuoted(
  run: HookRun,
  side: 'source' | 'destination',
  entry: NatEntry,
  port: number,
  offset: number,
): number {
  const {buf, end} = run.skb;
  const {l3, l4, protocol} = quoted;
  const from = side === 'source' ? quoted.source : quoted.destination;
  if (from === entry.toIp && port === entry.toPort) return 0;
  let ret = rewriteAddress(buf, end, l3, l4, protocol, side, from, entry.toIp);
  if (port !== entry.toPort) {
    const moved = rewritePort(buf, end, l4, protocol, offset, port, entry.toPort);
    ret = ret || moved;
  }
  // A quote that ends before the TCP checksum is fine.
  return ret < 0 && protocol === proto.tcp && l4 + TCP_CHECKSUM_END > end ? 0 : ret;
}

/** An error that a pod sends about a reply it got: the quoted destination is the pod, to be shown as the node. */
export function rewriteForwardError(run: HookRun): number {
  const parsed = parseQuoted(run);
  if (parsed < 0) return parsed;
  const ports = portsOf(run, 'destination');
  if (ports.ret < 0) return ports.ret;
  const {source, destination, protocol} = quoted;
  const entry = run.node.nat.find(source, destination, ports.source, ports.destination, protocol, ctFlags.OUT);
  if (!entry) return NOT_NEEDED;
  const ret = rewriteQuoted(run, 'destination', entry, ports.destination, ports.offset);
  return ret < 0 ? ret : rewriteOuter(run, 'source', entry.toIp);
}

/** An error from the network about a masqueraded packet: the quoted source is the node, to be shown as the pod. */
export function rewriteReverseError(run: HookRun): number {
  const parsed = parseQuoted(run);
  if (parsed < 0) return parsed;
  const ports = portsOf(run, 'source');
  if (ports.ret < 0) return ports.ret;
  const {source, destination, protocol} = quoted;
  const entry = run.node.nat.find(source, destination, ports.source, ports.destination, protocol, ctFlags.IN);
  if (!entry) return NOT_NEEDED;
  const covered = hasChecksum(run);
  const ret = rewriteQuoted(run, 'source', entry, ports.source, ports.offset);
  if (ret < 0) return ret;
  if (quoted.family === 4) fixOuterChecksum(run, source as number, entry, ports.source, covered);
  return rewriteOuter(run, 'destination', entry.toIp);
}

/** Whether a transport checksum of the quoted packet takes part in the rewrite. */
function hasChecksum(run: HookRun): boolean {
  const {buf, end} = run.skb;
  if (quoted.protocol === proto.tcp) return quoted.l4 + TCP_CHECKSUM_END <= end;
  return quoted.protocol !== proto.udp || (quoted.l4 + 8 <= end && get16(buf, quoted.l4 + 6) !== 0);
}

/**
 * The ICMP checksum covers the quote. The quoted IP checksum cancels the address out, and a transport checksum cancels
 * address and port: the address too much, or without it the port is left over.
 */
function fixOuterChecksum(run: HookRun, source: number, entry: NatEntry, port: number, covered: boolean): void {
  const at = run.frame.l4 + 2;
  const field = get16(run.skb.buf, at);
  const fixed = covered
    ? updateChecksum32(field, entry.toIp as number, source)
    : updateChecksum(field, port, entry.toPort);
  set16(run.skb.buf, at, fixed);
}

function rewriteOuter(run: HookRun, which: 'source' | 'destination', ip: Ip): number {
  const {skb, frame} = run;
  const from = which === 'source' ? frame.source : frame.destination;
  if (from === ip) return 0;
  if (which === 'source') frame.source = ip;
  else frame.destination = ip;
  return rewriteAddress(skb.buf, skb.end, frame.l3, frame.l4, frame.protocol, which, from, ip);
}
