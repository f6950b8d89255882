/**
 * Egress gateway, bpf/lib/egress_gateway.h: packets of chosen pods to chosen destinations go through the tunnel to a gateway node,
 * which gives them its egress address; replies go back the same way.
 *
 *   pod's node   to-netdev: entry found ──tunnel──▶ gateway   from-overlay: out by the route of the egress address
 *                                                             to-netdev: SNAT
 *                from-overlay ◀──tunnel── from-netdev: reverse SNAT, entry found for the pod
 */
import {egressValues, hasEgressIp} from '../../control/egress.js';
import type {EgressEntry, IpcacheEntry} from '../../control/model.js';
import type {Ip} from '../../wire/addr.js';
import {drop} from '../drop.js';
import {ctStatus, extractPorts, isReply} from './conntrack.js';
import {encapsulate} from './encap.js';
import {parseFrame} from './frame.js';
import {direction, fibLookup, hop} from './l3.js';
import {natTuple} from './nat.js';
import {FINAL_REDIRECT, finish, type HookRun, identity, isWorld, magic, setMark, worldIdentity} from './run.js';

/** Scope of local CIDR identities: addresses outside. */
const CIDR_SCOPE = 1;

/** Of packets that leave the cluster. */
function outbound(run: HookRun, source: Ip, destination: Ip): EgressEntry | undefined {
  const entry = run.node.state.egress?.lookup(source, destination);
  if (!entry) return undefined;
  const label = run.node.lookups.address(destination).info?.identity;
  const outside = label === undefined || isWorld(run, label, run.frame.family) || label >>> 24 === CIDR_SCOPE;
  return outside ? entry : undefined;
}

function hasGateway(entry: EgressEntry | undefined): entry is EgressEntry {
  return entry !== undefined && entry.gatewayIp !== egressValues.noGateway && entry.gatewayIp !== egressValues.excluded;
}

/** The entry by which a packet is to have an egress address; that of an entry without one is 0. */
export function gatewayEntry(run: HookRun, source: Ip, destination: Ip): EgressEntry | undefined {
  if (!run.program.egressGateway) return undefined;
  const entry = outbound(run, source, destination);
  return hasGateway(entry) ? entry : undefined;
}

/** At the pod's node, on the way out of a network device. 0, minus a drop reason, or the end. */
export function requestToGateway(run: HookRun, label: number, family: 4 | 6 | 0): number {
  if (!run.program.egressGateway || family === 0 || label === identity.host) return 0;
  const {frame} = run;
  if (parseFrame(frame, run.skb, family) < 0) return -drop.invalid;
  const t = natTuple(run, 0, run.tuple);
  const ret = extractPorts(run, t);
  if (ret === -drop.ctUnknownProto) return 0;
  if (ret < 0) return ret;
  if (isReply(run, t)) return 0;
  const entry = outbound(run, frame.source, frame.destination);
  if (entry?.gatewayIp === egressValues.noGateway) return -drop.noEgressGateway;
  const {lookups} = run.node;
  if (!hasGateway(entry) || lookups.address(entry.gatewayIp).endpoint?.isHost) return 0;
  const source = lookups.address(frame.source).endpoint?.identity ?? label;
  const peer = lookups.address(frame.destination).info?.identity ?? identity.unknown;
  encapsulate(run, towards(entry), source, peer, run.reason, run.reasonMonitor);
  return FINAL_REDIRECT;
}

function towards({destination, gatewayIp}: EgressEntry): IpcacheEntry {
  const flags = {hasTunnel: true, skipTunnel: false, encryptKey: 0};
  return {prefix: destination, identity: identity.unknown, tunnelEndpoint: gatewayIp, ...flags};
}

/** At the gateway, for a packet out of the tunnel: out by the route of the egress address. 0, minus a drop reason, or the end. */
export function leaveGateway(run: HookRun, label: number): number {
  const {source, destination} = run.frame;
  const entry = gatewayEntry(run, source, destination);
  if (!entry) return 0;
  if (!hasEgressIp(entry)) return -drop.noEgressIp;
  const hopped = hop(run, direction.ingress);
  if (hopped !== 0) return hopped;
  setMark(run, label, magic.egwDone);
  return finish(fibLookup(run, entry.egressIp, destination));
}

/** At the gateway, a reply whose destination is the pod's again. 0: none of those. */
export function replyToPod(run: HookRun): number {
  const {frame, program, node} = run;
  if (!program.egressGateway || (run.kind !== 'host' && run.kind !== 'xdp')) return 0;
  if (!hasGateway(node.state.egress?.lookup(frame.destination, frame.source))) return 0;
  const {info} = node.lookups.address(frame.destination);
  if (!info || info.tunnelEndpoint === 0) return 0;
  const hopped = hop(run, direction.egress);
  if (hopped !== 0) return hopped;
  return encapsulate(run, {...info, hasTunnel: true}, worldIdentity(run), info.identity, ctStatus.reply, run.monitor);
}
