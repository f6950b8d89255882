/** cil_from_overlay and cil_to_overlay: the tunnel device (bpf_overlay.c). */
import {drop} from '../drop.js';
import {deliver, origins} from './delivery.js';
import {leaveGateway} from './egress-gateway.js';
import {identityOfTunnel} from './encap.js';
import {dropPacket, dropSites, REASON_UNKNOWN, trace} from './events.js';
import {etherType, parseFrame} from './frame.js';
import {direction, hopTo} from './l3.js';
import {nodePort} from './nodeport.js';
import {natForward} from './nodeport-egress.js';
import {changeType, redirect} from './redirect.js';
import {
  clearMeta,
  FINAL_OK,
  FINAL_REDIRECT,
  frameType,
  type HookRun,
  identity,
  isFinal,
  isRemoteNode,
  isWorld,
  magic,
  markMagic,
  setMark,
} from './run.js';

const MIN_ETHERTYPE = 0x600;

function familyOf(type: number): 4 | 6 | 0 {
  return type === etherType.ip4 ? 4 : type === etherType.ip6 ? 6 : 0;
}

export function fromOverlay(run: HookRun): number {
  const {skb, program} = run;
  clearMeta(skb);
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE) return FINAL_OK;
  const family = familyOf(type);
  const enabled = family === 4 ? program.ipv4 : family === 6 && program.ipv6;
  let label = 0;
  let parsed = 0;
  if (enabled) {
    parsed = parseFrame(run.frame, skb, family as 4 | 6);
    if (parsed === -drop.invalid) return dropPacket(run, dropSites.overlayEntry, drop.invalid, label);
    if (!skb.tunnel) return dropPacket(run, dropSites.overlayEntry, drop.noTunnelKey, label);
    label = identityOfTunnel(run, skb.tunnel.vni, family);
    if (label === identity.host) return dropPacket(run, dropSites.overlayEntry, drop.invalidIdentity, label);
  }
  trace(run, 'from-overlay', label, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
  if (family === 0) return FINAL_OK;
  return enabled ? receive(run, label, parsed) : dropPacket(run, dropSites.overlayEntry, drop.unknownL3, label);
}

/** An inner packet sent by the identity of the VNI. */
function receive(run: HookRun, tunnelLabel: number, parsed: number): number {
  const {frame, program} = run;
  let label = tunnelLabel;
  if (parsed < 0) return fail(run, parsed, label);
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) {
    return fail(run, -drop.fragNosupport, label);
  }
  run.fromDsr = false;
  if (program.nodePort) {
    const ret = nodePort(run, label);
    if (isFinal(ret)) return ret;
    if (ret < 0) return fail(run, ret, label);
  }
  // Another node speaks for several identities: for its own and, with DSR, for clients.
  if (isRemoteNode(label) || (run.fromDsr && isWorld(run, label, frame.family))) {
    label = run.node.lookups.address(frame.source).info?.identity ?? label;
  }
  const leaving = leaveGateway(run, label);
  if (leaving !== 0) return leaving < 0 && !isFinal(leaving) ? fail(run, leaving, label) : leaving;
  if (!program.hostRouting && run.fromDsr) {
    changeType(run);
    return FINAL_OK;
  }
  const {endpoint} = run.node.lookups.address(frame.destination);
  if (endpoint && !endpoint.isHost) {
    const ret = deliver(run, endpoint, label, origins.overlay);
    return ret < 0 ? fail(run, ret, label) : ret;
  }
  setMark(run, label, magic.identity);
  const ret = hopTo(run, program.tunnelMac, program.hostMac, direction.ingress);
  if (ret !== 0) return ret < 0 ? fail(run, ret, label) : ret;
  redirect(run, program.hostIfindex, true);
  return FINAL_REDIRECT;
}

function fail(run: HookRun, ret: number, label: number): number {
  return dropPacket(run, dropSites.overlayTail, -ret, label);
}

export function toOverlay(run: HookRun): number {
  const {skb, program} = run;
  const translated = markMagic(skb.mark) === magic.snatDone;
  clearMeta(skb);
  const type = frameType(skb);
  const family = familyOf(type);
  const label = skb.tunnel ? identityOfTunnel(run, skb.tunnel.vni, family) : 0;
  setMark(run, label, magic.overlay);
  if (!program.nodePort || translated) return FINAL_OK;
  const enabled = family === 4 ? program.ipv4 : family === 6 && program.ipv6;
  const ret = natForward(run, label, enabled ? family : 0);
  if (isFinal(ret)) return ret;
  return ret < 0 ? dropPacket(run, dropSites.toOverlay, -ret, label) : FINAL_OK;
}
