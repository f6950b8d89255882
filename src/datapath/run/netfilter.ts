/** Where netfilter sees packets in a host's stack. A hook returns false when it has taken the packet (dropped or answered it). */
import type {SimSkb} from './skb.js';
import type {Dev, SimNode} from './state.js';

export interface Netfilter {
  prerouting(dev: Dev, skb: SimSkb): boolean;
  output(skb: SimSkb): boolean;
  postrouting(dev: Dev, skb: SimSkb): boolean;
}

export function createNetfilter(_node: SimNode): Netfilter | undefined {
  return undefined;
}
