/**
 * cil_xdp_entry (bpf_xdp.c): the NodePort part before the kernel has a socket buffer. What it cannot handle passes to the
 * tc programs. There is no tunnel device and no neighbour resolution: the program writes outer headers and MACs itself.
 */
import {writeMac} from '../../wire/addr.js';
import {drop} from '../drop.js';
import type {HookAction} from '../model.js';
import {dropPacket, dropSites, helper} from './events.js';
import {etherType, parseFrame} from './frame.js';
import {nodePort} from './nodeport.js';
import {clearMeta, FINAL_OK, frameType, type HookRun, identity, isFinal, isWorld} from './run.js';

export function xdpEntry(run: HookRun): number {
  const {skb, program} = run;
  clearMeta(skb);
  const type = frameType(skb);
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0 || !program.nodePort) return FINAL_OK;
  const parsed = parseFrame(run.frame, skb, family);
  let ret = parsed < 0 ? parsed : nodePort(run, identity.unknown);
  if (isFinal(ret)) return ret;
  if (ret === -drop.fragNotFound && isOutside(run)) ret = -drop.fragNotFoundWorld;
  return ret < 0 ? dropPacket(run, dropSites.xdp, -ret, identity.unknown) : FINAL_OK;
}

function isOutside(run: HookRun): boolean {
  const label = run.node.lookups.address(run.frame.source).info?.identity;
  return label === undefined || isWorld(run, label, run.frame.family);
}

/** What the program still does for a packet that leaves by a route: MACs, and the helper unless it goes back out where it came. */
export function leaveXdp(run: HookRun, action: HookAction): HookAction {
  const {skb, route} = run;
  if (action.kind !== 'redirect-neigh' || !route?.ok) return action;
  writeMac(skb.buf, skb.start, route.destinationMac);
  writeMac(skb.buf, skb.start + 6, route.sourceMac);
  const {ifindex} = action;
  if (run.node.emit && ifindex !== skb.ifindex) helper(run, 'redirect', {ifindex, flags: 0, mark: skb.mark});
  return {kind: 'redirect', ifindex, ingress: false};
}
