/**
 * One run of an entry program over one packet. The programs are written over a single record of this type which is reused
 * from hook to hook: a hook never calls another.
 *
 * Codes that the steps of a program return:
 *   0            go on (upstream's CTX_ACT_OK inside a program)
 *   REDIRECT     `run.action` says where to; the caller may still emit events
 *   < 0          minus the reason of a drop which the enclosing program reports
 *   ≥ FINAL      the end, as behind a tail call: what to do and what to report is done
 */
import type {Backend, EndpointInfo} from '../../control/model.js';
import type {Ip} from '../../wire/addr.js';
import {get16, get48} from '../../wire/bytes.js';
import type {CtTuple, FibResult, HookAction, HookName, NodeRuntime, Skb} from '../model.js';
import {type Frame, newFrame} from './frame.js';
import type {ProgramConfig} from './program.js';

export const REDIRECT = 7;
const FINAL = 0x100;
export const FINAL_OK = FINAL;
export const FINAL_REDIRECT = FINAL + REDIRECT;
export const FINAL_DROP = FINAL + 2;

export function isFinal(code: number): boolean {
  return code >= FINAL;
}

/** The end of a program that returns `code` itself. */
export function finish(code: number): number {
  return code >= FINAL ? code : code === REDIRECT ? FINAL_REDIRECT : FINAL_OK;
}

/** Indexes of skb->cb (bpf/lib/common.h); several uses share a cell. */
export const cb = {
  sourceLabel: 0,
  deliveryFlags: 1,
  address: 1,
  cluster: 2,
  natFlags: 2,
  fromHost: 3,
  ctState: 4,
} as const;

/** skb->mark, bits 8 … 11. */
export const magic = {
  mask: 0x0f00,
  toProxy: 0x0200,
  snatDone: 0x0300,
  overlay: 0x0400,
  egwDone: 0x0500,
  skipTproxy: 0x0800,
  proxyIngress: 0x0a00,
  proxyEgress: 0x0b00,
  host: 0x0c00,
  encrypt: 0x0e00,
  identity: 0x0f00,
} as const;

/** skb->tc_index: the packet comes from a proxy, which must not get it again; policies of the host have been asked. */
export const tcIndex = {fromIngressProxy: 1, fromEgressProxy: 2, skipHostFirewall: 16} as const;

export function isFromProxy({skb}: HookRun, kind: number): boolean {
  return skb.tcIndex !== undefined && (skb.tcIndex & kind) !== 0;
}

export const identity = {
  unknown: 0,
  host: 1,
  world: 2,
  unmanaged: 3,
  remoteNode: 6,
  apiserver: 7,
  worldIpv4: 9,
  worldIpv6: 10,
} as const;

/** A mutable conntrack or NAT key. */
export type Tuple = {-readonly [K in keyof CtTuple]: CtTuple[K]};

export function newTuple(): Tuple {
  return {daddr: 0, saddr: 0, dport: 0, sport: 0, protocol: 0, flags: 0};
}

export function copyTuple(to: Tuple, from: CtTuple): Tuple {
  to.daddr = from.daddr;
  to.saddr = from.saddr;
  to.dport = from.dport;
  to.sport = from.sport;
  to.protocol = from.protocol;
  to.flags = from.flags;
  return to;
}

export function swapAddresses(t: Tuple): void {
  const ip = t.saddr;
  t.saddr = t.daddr;
  t.daddr = ip;
}

export function swapPorts(t: Tuple): void {
  const port = t.sport;
  t.sport = t.dport;
  t.dport = port;
}

/** struct ct_state: what a lookup found, or what a create shall store. */
export interface CtState {
  natAddr: Ip | undefined;
  natPort: number;
  revNat: number;
  loopback: boolean;
  nodePort: boolean;
  dsrInternal: boolean;
  syn: boolean;
  proxyRedirect: boolean;
  fromL7lb: boolean;
  fromTunnel: boolean;
  newBackend: boolean;
  sourceIdentity: number;
  backendId: number;
}

export function newCtState(): CtState {
  return clearCtState({} as CtState);
}

export function clearCtState(s: CtState): CtState {
  s.natAddr = undefined;
  s.natPort = 0;
  s.revNat = 0;
  s.loopback = false;
  s.nodePort = false;
  s.dsrInternal = false;
  s.syn = false;
  s.proxyRedirect = false;
  s.fromL7lb = false;
  s.fromTunnel = false;
  s.newBackend = false;
  s.sourceIdentity = 0;
  s.backendId = 0;
  return s;
}

/** Which object file the program is from: it decides about some steps and names the source of events. */
export type ProgramKind = 'lxc' | 'host' | 'overlay' | 'xdp';

export interface HookRun {
  skb: Skb;
  node: NodeRuntime;
  program: ProgramConfig;
  hook: HookName;
  kind: ProgramKind;
  /** The endpoint whose program runs: of the lxc device, then of the one that is delivered to. */
  endpoint: EndpointInfo | undefined;
  frame: Frame;
  /** Result of a failed FIB lookup, for the drop notification. */
  extError: number;
  /** The last FIB lookup. */
  route: FibResult | undefined;
  action: HookAction;
  /** Of the last conntrack lookup: whether a sampled trace shows it. */
  monitor: boolean;
  /** Conntrack state of the packet (found) and of what it creates. */
  found: CtState;
  created: CtState;
  /** Key of the packet's connection. */
  tuple: Tuple;
  /** Service part: what it found, its keys, the backend it chose and why. */
  service: CtState;
  serviceTuple: Tuple;
  otherTuple: Tuple;
  backend: Backend | undefined;
  cause: string;
  /** A NodePort of a remote node was translated at the pod: the address the reply must come from. */
  natAddr: Ip | undefined;
  natPort: number;
  /** The NodePort part saw a DSR request. */
  fromDsr: boolean;
  /** Of the last policy lookup. */
  policyMatch: number;
  proxyPort: number;
  /** Reason and sampling of the trace at the end of the program. */
  reason: number;
  reasonMonitor: boolean;
}

const OK: HookAction = {kind: 'ok'};

/** The record, before its first use. */
export function newRun(): HookRun {
  return {
    skb: undefined as unknown as Skb,
    node: undefined as unknown as NodeRuntime,
    program: undefined as unknown as ProgramConfig,
    hook: 'cil_from_container',
    kind: 'lxc',
    endpoint: undefined,
    frame: newFrame(),
    extError: 0,
    route: undefined,
    action: OK,
    monitor: true,
    found: newCtState(),
    created: newCtState(),
    tuple: newTuple(),
    service: newCtState(),
    serviceTuple: newTuple(),
    otherTuple: newTuple(),
    backend: undefined,
    cause: '',
    natAddr: undefined,
    natPort: 0,
    fromDsr: false,
    policyMatch: 0,
    proxyPort: 0,
    reason: 0,
    reasonMonitor: true,
  };
}

/** What the kernel does after the program. */
export function actionOf(run: HookRun, code: number): HookAction {
  return code === FINAL_REDIRECT || code === FINAL_DROP ? run.action : OK;
}

/** bpf_clear_meta. */
export function clearMeta({cb: cells}: Skb): void {
  cells[0] = 0;
  cells[1] = 0;
  cells[2] = 0;
  cells[3] = 0;
  cells[4] = 0;
}

export function frameType(skb: Skb): number {
  return get16(skb.buf, skb.start + 12);
}

export function frameSource(skb: Skb): number {
  return get48(skb.buf, skb.start + 6);
}

/** Security label of the endpoint whose program runs. */
export function endpointLabel(run: HookRun): number {
  return run.endpoint?.identity ?? 0;
}

export function worldIdentity(run: HookRun): number {
  return run.frame.family === 4 ? run.program.worldIdentity4 : run.program.worldIdentity6;
}

export function setMark(run: HookRun, label: number, kind: number): void {
  run.skb.mark = (((label & 0xffff) << 16) | kind | ((label >>> 16) & 0xff)) >>> 0;
}

export function markIdentity(mark: number): number {
  return (mark >>> 16) | ((mark & 0xff) << 16);
}

export function markMagic(mark: number): number {
  return mark & magic.mask;
}

/** XDP has no mark: it tells the tc programs by metadata before the packet. */
export function setSnatDone(run: HookRun): void {
  if (run.kind === 'xdp') return;
  run.skb.mark = ((run.skb.mark & ~magic.mask) | magic.snatDone) >>> 0;
}

export function isRemoteNode(label: number): boolean {
  return label === identity.remoteNode || label === identity.apiserver || label >>> 24 === 2;
}

/** Identities that are looked up again by source address (identity_is_reserved). */
export function isReserved(run: HookRun, label: number): boolean {
  if (label < identity.unmanaged || isRemoteNode(label)) return true;
  return isDualStack(run) && (label === identity.worldIpv4 || label === identity.worldIpv6);
}

export function isWorld(run: HookRun, label: number, family: 4 | 6): boolean {
  if (label === identity.world) return true;
  return isDualStack(run) && label === (family === 4 ? identity.worldIpv4 : identity.worldIpv6);
}

export function isDualStack(run: HookRun): boolean {
  return run.program.ipv4 && run.program.ipv6;
}
