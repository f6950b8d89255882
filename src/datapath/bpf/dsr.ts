/**
 * Direct server return (bpf/lib/nodeport.h): the load balancer tells the backend's node which service address the client
 * used, in a Geneve option, an IP option, or by keeping the packet whole inside IPIP; the backend's node answers the client.
 */
import {type Frontend, serviceFlags} from '../../control/model.js';
import {formatIp, type Ip, isIp4, readIp4, readIp6, writeIp} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {checksum} from '../../wire/checksum.js';
import {drop} from '../drop.js';
import {ctFlags} from '../model.js';
import {createEntry, ctStatus, ctTypes, findEntry, isTcpSyn, lookupTuple} from './conntrack.js';
import {encapsulate} from './encap.js';
import {dropPacket, dropSites, helper} from './events.js';
import {ETH_HEADER, parseFrame, proto, pushHead} from './frame.js';
import {direction, fibLookup, hop} from './l3.js';
import {extractServiceTuple, hasFlag} from './lb.js';
import {swap16} from './policy.js';
import {redirect} from './redirect.js';
import {
  cb,
  clearCtState,
  copyTuple,
  finish,
  type HookRun,
  identity,
  newTuple,
  swapAddresses,
  swapPorts,
  type Tuple,
  worldIdentity,
} from './run.js';
import {encapsulateIpip} from './xdp-encap.js';

/** Geneve option: class, type (critical bit, 1), and its length with the 4-byte header. */
const OPTION_CLASS = 0x014b;
const OPTION_TYPE = 0x81;
const OPTION_LENGTH4 = 12;
const OPTION_LENGTH6 = 24;
/** IPv4 option (copied | 0x1a), 8 bytes; IPv6 destination option in a header of 24 bytes. */
const IP4_OPTION = 0x9a;
const IP4_OPTION_LENGTH = 8;
const IP4_MAX_HEADER = 60;
const IP6_OPTION = 0x1b;
const IP6_OPTION_HEADER = 24;
const IP6_DESTINATION_OPTIONS = 60;
/** In skb->cb beside the port: the packet must carry the service address. */
const NEED_INFO = 1 << 16;
const TUNNEL_TTL = 64;
const ZERO_CHECKSUM_TX = 2;
const TUNINFO_IPV6 = 1;

interface ServiceAddress {
  readonly ip: Ip;
  readonly port: number;
}

export function usesDsr(run: HookRun, svc: Frontend): boolean {
  const {dsr} = run.program;
  if (dsr !== 'by-service') return dsr === 'always';
  // Hybrid mode: TCP returns directly, the rest through this node.
  return hasFlag(svc, serviceFlags.dsr) || (run.node.state.config.lbMode === 'hybrid' && svc.protocol === proto.tcp);
}

/** Whether DSR requests arrive at the device of this program. */
export function dsrApplies(run: HookRun): boolean {
  const {dsr, dsrDispatch} = run.program;
  if (dsr === 'off') return false;
  if (run.kind === 'overlay') return dsrDispatch === 'geneve';
  return run.kind !== 'lxc' && dsrDispatch === 'opt';
}

/** Sends a translated request to the backend's node. Reports its own drops. */
export function sendDsr(run: HookRun, t: Tuple, vip: ServiceAddress): number {
  const ret = dispatch(run, t, vip);
  return ret < 0 ? dropPacket(run, dropSites.dsr, -ret, identity.unknown) : finish(ret);
}

function dispatch(run: HookRun, t: Tuple, vip: ServiceAddress): number {
  const {program, frame, service} = run;
  const {cb: cells} = run.skb;
  if (program.dsrDispatch === 'ipip') {
    cells[cb.sourceLabel] = ((swap16(t.sport) << 16) | swap16(t.dport)) >>> 0;
    storeAddress(cells, run.backend!.ip);
    return sendIpip(run, run.backend!.ip);
  }
  // TCP announces the address with the first packet, the others always.
  const needed = frame.protocol !== proto.tcp || service.newBackend || service.syn;
  cells[cb.sourceLabel] = swap16(vip.port) | (needed ? NEED_INFO : 0);
  storeAddress(cells, vip.ip);
  if (program.dsrDispatch === 'geneve') return sendGeneve(run, needed ? geneveOption(vip) : undefined);
  const added = needed ? (frame.family === 4 ? addOption4(run, vip) : addOption6(run, vip)) : 0;
  if (added < 0) return added;
  return leave(run);
}

/** By the routes of the node; of IPv6 the hop limit stays. */
function leave(run: HookRun): number {
  const {frame} = run;
  const ret = fibLookup(run, frame.source, frame.destination);
  if (ret < 0 || frame.family === 6) return ret;
  return hop(run, direction.egress) || ret;
}

/** skb->cb holds addresses as the machine reads them from the packet, little-endian. */
function storeAddress(cells: HookRun['skb']['cb'], ip: Ip): void {
  const bytes = new Uint8Array(isIp4(ip) ? 4 : 16);
  writeIp(bytes, 0, ip);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bytes.length / 4; i++) cells[cb.address + i] = view.getUint32(4 * i, true);
}

function sendIpip(run: HookRun, backend: Ip): number {
  const v4 = isIp4(backend);
  if (run.kind === 'xdp') {
    const ret = encapsulateIpip(run, backend);
    return ret < 0 ? ret : leave(run);
  }
  const ifindex = v4 ? run.program.ipip4Ifindex : run.program.ipip6Ifindex;
  const flags = v4 ? ZERO_CHECKSUM_TX : ZERO_CHECKSUM_TX | TUNINFO_IPV6;
  run.skb.tunnel = {vni: 0, remote: backend, ttl: TUNNEL_TTL, tos: 0, flags};
  if (run.node.emit) {
    helper(run, 'set_tunnel_key', {vni: 0, remote: formatIp(backend), ttl: TUNNEL_TTL, tos: 0, flags});
  }
  return redirect(run, ifindex);
}

function geneveOption(vip: ServiceAddress): Uint8Array {
  const length = isIp4(vip.ip) ? OPTION_LENGTH4 : OPTION_LENGTH6;
  const option = new Uint8Array(length);
  set16(option, 0, OPTION_CLASS);
  option[2] = OPTION_TYPE;
  option[3] = (length - 4) / 4;
  writeIp(option, 4, vip.ip);
  set16(option, length - 4, vip.port);
  return option;
}

function sendGeneve(run: HookRun, option: Uint8Array | undefined): number {
  const info = run.node.lookups.address(run.frame.destination).info;
  if (!info?.hasTunnel) return -drop.noTunnelEndpoint;
  const {family} = run.frame;
  if (run.kind === 'xdp') {
    const extracted = extractServiceTuple(run, run.serviceTuple);
    if (extracted < 0) return extracted;
  }
  const ret = encapsulate(run, info, worldIdentity(run), info.identity, ctStatus.new, true, option);
  if (ret < 0 || run.kind !== 'xdp' || family === 6) return ret;
  return hop(run, direction.egress) || ret;
}

/** The option's port and address stand byte-swapped on the wire: the programs convert them once too often, both ways. */
function addOption4(run: HookRun, vip: ServiceAddress): number {
  const {skb, frame} = run;
  const header = frame.l4 - frame.l3;
  if (header + IP4_OPTION_LENGTH > IP4_MAX_HEADER) return -drop.ctInvalidHdr;
  openGap(run, 20, IP4_OPTION_LENGTH);
  const {buf: b} = skb;
  const o = frame.l3;
  b[o] = 0x40 | ((header + IP4_OPTION_LENGTH) / 4);
  set16(b, o + 2, get16(b, o + 2) + IP4_OPTION_LENGTH);
  b[o + 20] = IP4_OPTION;
  b[o + 21] = IP4_OPTION_LENGTH;
  set16(b, o + 22, swap16(vip.port));
  writeIp(b, o + 24, vip.ip);
  b.subarray(o + 24, o + 28).reverse();
  set16(b, o + 10, 0);
  set16(b, o + 10, checksum(b, o, o + header + IP4_OPTION_LENGTH));
  return 0;
}

function addOption6(run: HookRun, vip: ServiceAddress): number {
  const {skb, frame} = run;
  const next = skb.buf[frame.l3 + 6]!;
  openGap(run, 40, IP6_OPTION_HEADER);
  const {buf: b} = skb;
  const o = frame.l3;
  b[o + 6] = IP6_DESTINATION_OPTIONS;
  set16(b, o + 4, get16(b, o + 4) + IP6_OPTION_HEADER);
  b[o + 40] = next;
  b[o + 41] = IP6_OPTION_HEADER / 8 - 1;
  b[o + 42] = IP6_OPTION;
  b[o + 43] = 20;
  writeIp(b, o + 44, vip.ip);
  set16(b, o + 60, vip.port);
  set16(b, o + 62, 0);
  return parseFrame(frame, skb, 6);
}

/** Inserts `bytes` behind the first `header` bytes of the IP header, by moving what is before to the front. */
function openGap(run: HookRun, header: number, bytes: number): void {
  const {skb, frame} = run;
  pushHead(skb, bytes);
  const from = skb.start + bytes;
  skb.buf.copyWithin(skb.start, from, from + ETH_HEADER + header);
  parseFrame(frame, skb, frame.family);
}

/** At the backend's node: is it a DSR request? Then `run.fromDsr`, and the connection knows its service address. */
export function dsrArrival(run: HookRun, t: Tuple): number {
  const vip = run.kind === 'overlay' ? optionOfTunnel(run) : optionOfPacket(run);
  run.fromDsr = vip !== undefined;
  const key = copyTuple(newTuple(), t);
  swapAddresses(key);
  swapPorts(key);
  if (!vip && t.protocol === proto.tcp) {
    const entry = findEntry(run, key, ctFlags.OUT);
    if (!entry) return 0;
    if (isTcpSyn(run)) {
      entry.dsrInternal = false;
      return 0;
    }
    run.fromDsr = entry.dsrInternal;
  }
  return run.fromDsr ? trackArrival(run, key, vip) : 0;
}

function trackArrival(run: HookRun, key: Tuple, vip: ServiceAddress | undefined): number {
  const status = lookupTuple(run, key, 'egress', 'forward', ctTypes.dsr, undefined);
  if (status < 0) return status;
  const renewed = status === ctStatus.established && key.protocol === proto.tcp && vip !== undefined;
  if (status !== ctStatus.new && !renewed) return 0;
  if (!vip || vip.port === 0) return -drop.invalid;
  const state = clearCtState(run.created);
  state.natAddr = vip.ip;
  state.natPort = vip.port;
  state.sourceIdentity = worldIdentity(run);
  state.dsrInternal = true;
  createEntry(run, key, 'egress', state, false);
  return 0;
}

function optionOfTunnel(run: HookRun): ServiceAddress | undefined {
  const option = run.skb.tunnelOption;
  const v4 = run.frame.family === 4;
  if (!option || option.length < (v4 ? OPTION_LENGTH4 : OPTION_LENGTH6)) return undefined;
  if (get16(option, 0) !== OPTION_CLASS || option[2] !== OPTION_TYPE) return undefined;
  return v4 ? {ip: readIp4(option, 4), port: get16(option, 8)} : {ip: readIp6(option, 4), port: get16(option, 20)};
}

function optionOfPacket(run: HookRun): ServiceAddress | undefined {
  const {frame, skb} = run;
  const {buf: b, end} = skb;
  if (frame.family === 4) {
    const o = frame.l3 + 20;
    if (frame.l4 - frame.l3 < 28 || o + 8 > end) return undefined;
    if (b[o] !== IP4_OPTION || b[o + 1] !== IP4_OPTION_LENGTH) return undefined;
    const swapped = b.slice(o + 4, o + 8).reverse();
    return {ip: readIp4(swapped, 0), port: swap16(get16(b, o + 2))};
  }
  const o = frame.l3 + 40;
  if (b[frame.l3 + 6] !== IP6_DESTINATION_OPTIONS || o + IP6_OPTION_HEADER > end) return undefined;
  if (b[o + 2] !== IP6_OPTION || b[o + 3] !== 20) return undefined;
  return {ip: readIp6(b, o + 4), port: get16(b, o + 20)};
}
