/** The entry programs by name. */
import {formatIp, isIp4} from '../../wire/addr.js';
import type {HookAction, HookName, NodeRuntime, Skb} from '../model.js';
import {helper} from './events.js';
import {fromContainer} from './from-container.js';
import {fromHost, fromNetdev, toHost, toNetdev} from './host.js';
import {fromOverlay, toOverlay} from './overlay.js';
import {actionOf, type HookRun, newRun} from './run.js';
import {toContainer} from './to-container.js';
import {leaveXdp, xdpEntry} from './xdp.js';

const run = newRun();
const NEIGHBOUR_PARAMETERS = 20;
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * Runs the program `name` over `skb`, which it changes in place, and over the node's maps. `skb.ifindex` is the device it is
 * attached to; for a pod's programs that is the host side of its veth.
 */
export function runHook(name: HookName, skb: Skb, node: NodeRuntime): HookAction {
  run.skb = skb;
  run.node = node;
  run.program = node.program;
  run.hook = name;
  run.endpoint = undefined;
  run.extError = 0;
  run.route = undefined;
  run.frame.family = 4;
  let action = actionOf(run, main(name));
  if (run.kind === 'xdp') action = leaveXdp(run, action);
  if (node.emit && action.kind === 'redirect-neigh') {
    const family = isIp4(action.nexthop) ? AF_INET : AF_INET6;
    const nexthop = {nh_family: family, nh: formatIp(action.nexthop)};
    helper(run, 'redirect_neigh', {ifindex: action.ifindex, flags: 0, plen: NEIGHBOUR_PARAMETERS, ...nexthop});
  }
  return action;
}

/** A switch rather than a table: the call is direct, and this runs five times for each frame of a tunnel. */
function main(name: HookName): number {
  switch (name) {
    case 'cil_from_container':
      return ofEndpoint(fromContainer);
    case 'cil_to_container':
      return ofEndpoint(toContainer);
    case 'cil_from_overlay':
      run.kind = 'overlay';
      return fromOverlay(run);
    case 'cil_to_overlay':
      run.kind = 'overlay';
      return toOverlay(run);
    case 'cil_xdp_entry':
      run.kind = 'xdp';
      return xdpEntry(run);
  }
  run.kind = 'host';
  switch (name) {
    case 'cil_from_netdev':
      return fromNetdev(run);
    case 'cil_to_netdev':
      return toNetdev(run);
    case 'cil_from_host':
      return fromHost(run);
    case 'cil_to_host':
      return toHost(run);
  }
}

function ofEndpoint(program: (run: HookRun) => number): number {
  run.kind = 'lxc';
  run.endpoint = run.node.lookups.device(run.skb.ifindex);
  return program(run);
}
