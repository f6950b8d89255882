/** The ways out of a program: bpf_redirect and bpf_redirect_peer. */
import type {HookAction} from '../model.js';
import {helper} from './events.js';
import {type HookRun, REDIRECT} from './run.js';

/** BPF_F_INGRESS. */
const REDIRECT_INGRESS = 1;
const PACKET_HOST = 0;

const out = new Map<number, HookAction>();
const back = new Map<number, HookAction>();
const peer = new Map<number, HookAction>();

/** One record per device, made once: most packets leave through a few. Made without closures, which would be garbage per packet. */
function remember(map: Map<number, HookAction>, ifindex: number, action: HookAction): HookAction {
  map.set(ifindex, action);
  return action;
}

export function redirect(run: HookRun, ifindex: number, ingress = false): number {
  const known = ingress ? back : out;
  run.action = known.get(ifindex) ?? remember(known, ifindex, {kind: 'redirect', ifindex, ingress});
  // XDP_TX sends back without a helper.
  const sentBack = run.kind === 'xdp' && ifindex === run.skb.ifindex;
  if (run.node.emit && !sentBack) {
    helper(run, 'redirect', {
      ifindex,
      flags: ingress ? REDIRECT_INGRESS : 0,
      mark: run.skb.mark,
      tc_index: run.skb.tcIndex ?? 0,
    });
  }
  return REDIRECT;
}

export function redirectPeer(run: HookRun, ifindex: number): number {
  run.action = peer.get(ifindex) ?? remember(peer, ifindex, {kind: 'redirect-peer', ifindex});
  if (run.node.emit)
    helper(run, 'redirect_peer', {ifindex, flags: 0, mark: run.skb.mark, tc_index: run.skb.tcIndex ?? 0});
  return REDIRECT;
}

/** The receiver's stack takes the packet whatever MAC it has. */
export function changeType(run: HookRun): void {
  run.skb.toHost = true;
  if (run.node.emit) helper(run, 'skb_change_type', {type: PACKET_HOST});
}
