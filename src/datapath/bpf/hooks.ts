/** The entry programs by name. */
import type {EndpointInfo} from '../../control/model.js';
import {formatIp, isIp4} from '../../wire/addr.js';
import type {HookAction, HookName, NodeRuntime, Skb} from '../model.js';
import {helper} from './events.js';
import {fromContainer} from './from-container.js';
import {fromHost, fromNetdev, toHost, toNetdev} from './host.js';
import {fromOverlay, toOverlay} from './overlay.js';
import {actionOf, type HookRun, newRun, type ProgramKind} from './run.js';
import {toContainer} from './to-container.js';

const programs: Record<HookName, {readonly kind: ProgramKind; readonly main: (run: HookRun) => number}> = {
  cil_from_container: {kind: 'lxc', main: fromContainer},
  cil_to_container: {kind: 'lxc', main: toContainer},
  cil_from_overlay: {kind: 'overlay', main: fromOverlay},
  cil_to_overlay: {kind: 'overlay', main: toOverlay},
  cil_from_netdev: {kind: 'host', main: fromNetdev},
  cil_to_netdev: {kind: 'host', main: toNetdev},
  cil_from_host: {kind: 'host', main: fromHost},
  cil_to_host: {kind: 'host', main: toHost},
};

const run = newRun();
const NEIGHBOUR_PARAMETERS = 20;
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * Runs the program `name` over `skb`, which it changes in place, and over the node's maps. `skb.ifindex` is the device it is
 * attached to; for a pod's programs that is the host side of its veth.
 */
export function runHook(name: HookName, skb: Skb, node: NodeRuntime): HookAction {
  const {kind, main} = programs[name];
  run.skb = skb;
  run.node = node;
  run.program = node.program;
  run.hook = name;
  run.kind = kind;
  run.endpoint = kind === 'lxc' ? endpointOf(node, skb.ifindex) : undefined;
  run.extError = 0;
  run.frame.family = 4;
  const action = actionOf(run, main(run));
  if (node.emit && action.kind === 'redirect-neigh') {
    const family = isIp4(action.nexthop) ? AF_INET : AF_INET6;
    const nexthop = {nh_family: family, nh: formatIp(action.nexthop)};
    helper(run, 'redirect_neigh', {ifindex: action.ifindex, flags: 0, plen: NEIGHBOUR_PARAMETERS, ...nexthop});
  }
  return action;
}

/** Endpoint → lxc device, by node; made on first use. */
const byDevice = new WeakMap<NodeRuntime, Map<number, EndpointInfo>>();

function endpointOf(node: NodeRuntime, ifindex: number): EndpointInfo | undefined {
  let map = byDevice.get(node);
  if (!map) {
    map = new Map();
    for (const endpoint of node.state.endpoints.values()) {
      if (endpoint.ifindex !== 0 && !map.has(endpoint.ifindex)) map.set(endpoint.ifindex, endpoint);
    }
    byDevice.set(node, map);
  }
  return map.get(ifindex);
}
