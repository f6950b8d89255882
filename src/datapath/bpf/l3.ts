/** Forwarding: hop count and MACs (bpf/lib/l3.h), FIB lookup (fib.h). */
import {formatIp, type Ip, isIp4, type Mac, writeMac} from '../../wire/addr.js';
import {drop} from '../drop.js';
import {helper} from './events.js';
import {decrementTtl} from './frame.js';
import {sendTimeExceeded} from './icmp-reply.js';
import {type HookRun, REDIRECT} from './run.js';

/** Directions in metrics, which a time-exceeded message leaves in skb->cb. */
export const direction = {ingress: 1, egress: 2} as const;

/** BPF_FIB_LOOKUP_SKIP_NEIGH: the kernel resolves the neighbour later. */
const SKIP_NEIGHBOUR = 4;
const AF_INET = 2;
const AF_INET6 = 10;

/** One hop: IPv4 that has none left is dropped, IPv6 answered. */
export function hop(run: HookRun, metric: number): number {
  const {skb, frame} = run;
  if (decrementTtl(skb.buf, frame.l3, frame.family)) return 0;
  return frame.family === 4 ? -drop.ttlExceeded : sendTimeExceeded(run, metric);
}

/** One hop with new MACs. */
export function hopTo(run: HookRun, source: Mac, destination: Mac, metric: number): number {
  const ret = hop(run, metric);
  if (ret !== 0) return ret;
  writeMac(run.skb.buf, run.skb.start + 6, source);
  writeMac(run.skb.buf, run.skb.start, destination);
  return 0;
}

/** Where a packet from `source` to `destination` leaves. On success `run.action` goes there; else `run.extError` is set. */
export function fibLookup(run: HookRun, source: Ip, destination: Ip): number {
  if (run.node.emit) {
    const family = isIp4(destination) ? AF_INET : AF_INET6;
    const ends = {src: formatIp(source), dst: formatIp(destination)};
    const flags = run.kind === 'xdp' ? 0 : SKIP_NEIGHBOUR;
    helper(run, 'fib_lookup', {flags, family, ifindex: run.skb.ifindex, ...ends});
  }
  const result = run.node.fib(source, destination);
  run.route = result;
  if (!result.ok) {
    run.extError = result.code;
    return -drop.noFib;
  }
  run.action = {kind: 'redirect-neigh', ifindex: result.ifindex, nexthop: result.nexthop};
  return REDIRECT;
}

/** FIB lookup by the packet's addresses, one hop, and out. */
export function fibForward(run: HookRun): number {
  const ret = fibLookup(run, run.frame.source, run.frame.destination);
  if (ret < 0) return ret;
  return hop(run, direction.egress) || REDIRECT;
}

/** Device that `run.action` leaves through. */
export function actionIfindex(run: HookRun): number {
  return 'ifindex' in run.action ? run.action.ifindex : 0;
}
