/** Our entries and events in the vectors' terms: decoded fields and the bytes of upstream's structs on a little-endian machine. */

import {type DropReason, dropReasons} from '../../src/datapath/drop.js';
import {
  type CtEntry,
  type CtTuple,
  ctFlags,
  type DatapathEvent,
  type HelperEvent,
  type NatEntry,
  type NodeRuntime,
  type TunnelKey,
  tracePoints,
  traceReasons,
} from '../../src/datapath/model.js';
import {formatIp, type Ip, isIp4, parseIp, writeIp} from '../../src/wire/addr.js';
import {set16, set48, toHex} from '../../src/wire/bytes.js';
import type {MapChange, VectorEvent} from './format.js';

const TCP = 6;

/** A view over `n` bytes with little-endian setters, as the structs have them. */
function struct(n: number): {bytes: Uint8Array; view: DataView} {
  const bytes = new Uint8Array(n);
  return {bytes, view: new DataView(bytes.buffer)};
}

function tupleKey(t: CtTuple): string {
  const size = isIp4(t.daddr) ? 4 : 16;
  const bytes = new Uint8Array(2 * size + 6);
  writeIp(bytes, 0, t.daddr);
  writeIp(bytes, size, t.saddr);
  set16(bytes, 2 * size, t.dport);
  set16(bytes, 2 * size + 2, t.sport);
  bytes[2 * size + 4] = t.protocol;
  bytes[2 * size + 5] = t.flags;
  return toHex(bytes);
}

function decodedTuple(t: CtTuple): MapChange['key'] {
  const names = [
    t.flags & ctFlags.SERVICE ? 'SERVICE' : '',
    t.flags & ctFlags.RELATED ? 'RELATED' : '',
    t.flags & ctFlags.IN ? 'IN' : '',
  ];
  return {
    daddr: formatIp(t.daddr),
    saddr: formatIp(t.saddr),
    dport: t.dport,
    sport: t.sport,
    nexthdr: t.protocol,
    flags: t.flags,
    flags_name: names.filter(Boolean).join('|') || 'OUT',
  };
}

export interface MapEntry {
  readonly map: string;
  readonly keyHex: string;
  readonly valueHex: string;
  readonly key?: MapChange['key'];
  readonly value?: MapChange['value'];
}

function ctEntry(entry: CtEntry): MapEntry {
  const {tuple: t} = entry;
  const v = isIp4(t.daddr) ? 4 : 6;
  const service = (t.flags & ctFlags.SERVICE) !== 0;
  const {bytes, view} = struct(56);
  if (service) view.setUint32(8, entry.backendId, true);
  else if (entry.natAddr !== undefined) writeIp(bytes, isIp4(entry.natAddr) ? 12 : 0, entry.natAddr);
  view.setUint32(16, entry.packets, true);
  view.setUint32(24, entry.bytes, true);
  view.setUint32(32, entry.lifetime, true);
  const bits = [
    entry.rxClosing,
    entry.txClosing,
    false,
    entry.lbLoopback,
    entry.seenNonSyn,
    entry.nodePort,
    entry.proxyRedirect,
    entry.dsrInternal,
    entry.fromL7lb,
    false,
    entry.fromTunnel,
  ];
  view.setUint16(
    36,
    bits.reduce((sum, bit, i) => sum + (bit ? 1 << i : 0), 0),
    true,
  );
  view.setUint16(38, entry.revNat, true);
  view.setUint16(40, entry.natPort);
  bytes[42] = entry.txFlagsSeen;
  bytes[43] = entry.rxFlagsSeen;
  view.setUint32(44, entry.sourceIdentity, true);
  view.setUint32(48, entry.lastTxReport, true);
  view.setUint32(52, entry.lastRxReport, true);
  return {
    map: t.protocol === TCP ? `cilium_ct${v}_global` : `cilium_ct_any${v}_global`,
    keyHex: tupleKey(t),
    valueHex: toHex(bytes),
    key: decodedTuple(t),
    value: {
      ...(service
        ? {backend_id: entry.backendId}
        : {nat_addr: entry.natAddr === undefined ? null : formatIp(entry.natAddr)}),
      packets: entry.packets,
      bytes: entry.bytes,
      lifetime: entry.lifetime,
      rx_closing: Number(entry.rxClosing),
      tx_closing: Number(entry.txClosing),
      lb_loopback: Number(entry.lbLoopback),
      seen_non_syn: Number(entry.seenNonSyn),
      node_port: Number(entry.nodePort),
      proxy_redirect: Number(entry.proxyRedirect),
      dsr_internal: Number(entry.dsrInternal),
      from_l7lb: Number(entry.fromL7lb),
      from_tunnel: Number(entry.fromTunnel),
      rev_nat_index: entry.revNat,
      tx_flags_seen: entry.txFlagsSeen,
      rx_flags_seen: entry.rxFlagsSeen,
      src_sec_id: entry.sourceIdentity,
      last_tx_report: entry.lastTxReport,
      last_rx_report: entry.lastRxReport,
      nat_port: entry.natPort,
    },
  };
}

function natEntry(entry: NatEntry): MapEntry {
  const {tuple: t} = entry;
  const v4 = isIp4(t.daddr);
  const {bytes, view} = struct(v4 ? 40 : 56);
  view.setUint32(0, entry.created, true);
  bytes[8] = Number(entry.needsCt);
  writeIp(bytes, 32, entry.toIp);
  view.setUint16(v4 ? 36 : 48, entry.toPort);
  return {
    map: `cilium_snat_v${v4 ? 4 : 6}_external`,
    keyHex: tupleKey(t),
    valueHex: toHex(bytes),
    key: decodedTuple(t),
    value: {
      created: entry.created,
      needs_ct: Number(entry.needsCt),
      to_addr: formatIp(entry.toIp),
      to_port: entry.toPort,
    },
  };
}

function neighbourEntry(ip: Ip, mac: number): MapEntry {
  const key = new Uint8Array(isIp4(ip) ? 4 : 16);
  writeIp(key, 0, ip);
  const {bytes} = struct(8);
  set48(bytes, 0, mac);
  return {map: `cilium_nodeport_neigh${isIp4(ip) ? 4 : 6}`, keyHex: toHex(key), valueHex: toHex(bytes)};
}

/** struct lb4_affinity_key, lb6_affinity_key and lb_affinity_val. */
function affinityEntry(name: string, used: {backend: number; lastUsed: number}): MapEntry {
  const bar = name.indexOf('|');
  const [id, text] = [name.slice(0, bar), name.slice(bar + 1)];
  const client: Ip = /^\d+$/.test(text) ? Number(text) : text;
  const size = isIp4(client) ? 8 : 16;
  const key = struct(size + 8);
  writeIp(key.bytes, 0, client);
  key.view.setUint16(size, Number(id), true);
  const value = struct(16);
  value.view.setUint32(0, used.lastUsed, true);
  value.view.setUint32(8, used.backend, true);
  return {
    map: `cilium_lb${isIp4(client) ? 4 : 6}_affinity`,
    keyHex: toHex(key.bytes),
    valueHex: toHex(value.bytes),
  };
}

/** Everything that programs change, by map name and key. */
export function snapshotMaps(node: NodeRuntime): Map<string, MapEntry> {
  const all: MapEntry[] = [];
  for (const entry of node.ct.entries()) all.push(ctEntry(entry));
  for (const entry of node.nat.entries()) all.push(natEntry(entry));
  for (const [ip, mac] of node.nodePortNeighbours) all.push(neighbourEntry(ip, mac));
  for (const [name, used] of node.affinity) all.push(affinityEntry(name, used));
  return new Map(all.map((entry) => [`${entry.map} ${entry.keyHex}`, entry]));
}

/** What changed, in map and key order. */
export function mapChanges(
  before: ReadonlyMap<string, MapEntry>,
  after: ReadonlyMap<string, MapEntry>,
): readonly MapChange[] {
  const changes = new Map<string, MapChange>();
  const record = (id: string, change: MapChange['change'], entry: MapEntry) =>
    changes.set(id, {
      map: entry.map,
      change,
      key: entry.key,
      value: entry.value,
      key_hex: entry.keyHex,
      value_hex: entry.valueHex,
    });
  for (const [id, entry] of after) {
    const old = before.get(id);
    if (!old) record(id, 'create', entry);
    else if (old.valueHex !== entry.valueHex) record(id, 'update', entry);
  }
  for (const [id, entry] of before) if (!after.has(id)) record(id, 'delete', entry);
  return [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}

const CAPTURE = 128;
const CAPTURE_TUNNELLED = 192;

function ipHex(ip: Ip, size: number): string {
  const bytes = new Uint8Array(size);
  writeIp(bytes, 0, ip);
  return toHex(bytes);
}

function deviceName(devices: Readonly<Record<string, number>>, ifindex: number): string {
  const name = Object.entries(devices).find(([, index]) => index === ifindex)?.[0] ?? String(ifindex);
  return name.replace(' device', '-dev');
}

function hex32(v: number): string {
  return `0x${v.toString(16).padStart(8, '0')}`;
}

/** A notification or helper call as a vector records it; undefined: vectors have no such event. */
export function vectorEvent(event: DatapathEvent, devices: Readonly<Record<string, number>>): VectorEvent | undefined {
  switch (event.kind) {
    case 'trace': {
      const reason = traceReasons.indexOf(event.reason);
      return {
        event: 'trace',
        obs_point: tracePoints.indexOf(event.point),
        obs_name: event.point,
        src_label: event.sourceIdentity,
        dst_label: event.destinationIdentity,
        dst_id: event.destinationEndpoint,
        reason,
        reason_name: event.reason === 'new' ? 'new(policy)' : event.reason,
        cls_flags: event.flags,
        ifindex: event.ifindex,
        orig_ip_hex: event.originalIp === undefined ? null : ipHex(event.originalIp, 16),
        source_ep: event.endpoint,
        len_orig: event.length,
        len_cap: Math.min(event.length, event.flags & 12 ? CAPTURE_TUNNELLED : CAPTURE),
      };
    }
    case 'drop':
      return {
        event: 'drop',
        reason: event.reason,
        reason_name: dropReasons[event.reason as DropReason].name,
        src_label: event.sourceIdentity,
        dst_label: event.destinationIdentity,
        dst_id: event.destinationEndpoint,
        ext_error: event.extError,
        ifindex: event.ifindex,
        source_ep: event.endpoint,
        len_orig: event.length,
        len_cap: Math.min(event.length, CAPTURE),
      };
    case 'policy-verdict':
      return {
        event: 'policy-verdict',
        remote_label: event.remoteIdentity,
        verdict: event.verdict,
        dst_port: event.port,
        proto: event.protocol,
        dir: event.direction,
        ipv6: event.family === 6 ? 1 : 0,
        match_type: event.match,
        audited: Number(event.audited),
        source_ep: event.endpoint,
        len_orig: event.length,
        len_cap: Math.min(event.length, CAPTURE),
      };
    case 'helper':
      return helperEvent(event, devices);
    default:
      return undefined;
  }
}

function helperEvent(event: HelperEvent, devices: Readonly<Record<string, number>>): VectorEvent {
  const v = event.values;
  const ifname = deviceName(devices, Number(v.ifindex));
  switch (event.helper) {
    case 'redirect':
    case 'redirect_peer':
      return {
        helper: event.helper,
        ifindex: v.ifindex,
        ifname,
        flags: v.flags,
        tc_index: v.tc_index,
        mark: hex32(Number(v.mark)),
      };
    case 'redirect_neigh': {
      const nh = parseIp(String(v.nh))!;
      return {
        helper: 'redirect_neigh',
        ifindex: v.ifindex,
        ifname,
        flags: v.flags,
        plen: v.plen,
        nh_family: v.nh_family,
        nh: ipHex(nh, isIp4(nh) ? 4 : 16),
      };
    }
    case 'fib_lookup': {
      const src = parseIp(String(v.src))!;
      const dst = parseIp(String(v.dst))!;
      const size = isIp4(dst) ? 4 : 16;
      const params = {
        family: v.family,
        l4_protocol: 0,
        sport: 0,
        dport: 0,
        tot_len: 0,
        ifindex: v.ifindex,
        tos: 0,
        src: ipHex(src, size),
        dst: ipHex(dst, size),
      };
      return {helper: 'fib_lookup', flags: `0x${Number(v.flags).toString(16)}`, params};
    }
    case 'set_tunnel_key':
      return tunnelKeyEvent({
        vni: Number(v.vni),
        remote: parseIp(String(v.remote))!,
        ttl: Number(v.ttl),
        tos: Number(v.tos),
        flags: Number(v.flags),
      });
    case 'set_tunnel_opt':
      return {helper: 'set_tunnel_opt', len: v.len, opt_hex: v.opt, helper_ret: 0};
    case 'skb_change_type':
      return {helper: 'skb_change_type', type: v.type};
  }
}

/** struct bpf_tunnel_key without a local address: the IPv4 remote is in the machine's order. */
function tunnelKeyEvent(key: TunnelKey): VectorEvent {
  const {bytes, view} = struct(28);
  view.setUint32(0, key.vni, true);
  if (isIp4(key.remote)) view.setUint32(4, key.remote, true);
  else writeIp(bytes, 4, key.remote);
  bytes[20] = key.tos;
  bytes[21] = key.ttl;
  return {
    helper: 'set_tunnel_key',
    size: bytes.length,
    flags: `0x${key.flags.toString(16)}`,
    helper_ret: 0,
    tunnel_id: key.vni,
    tunnel_tos: key.tos,
    tunnel_ttl: key.ttl,
    tunnel_ext: 0,
    tunnel_label: 0,
    key_hex: toHex(bytes),
    ...(isIp4(key.remote) ? {remote_ipv4: formatIp(key.remote)} : {}),
  };
}
