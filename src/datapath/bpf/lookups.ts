/**
 * Short memories over the agent's maps, which no packet changes: what is known about an address, and policy verdicts.
 * Direct-mapped: a slot holds the last that fell into it, so that neither grows.
 */
import type {EndpointInfo, IpcacheEntry, NodeState, PolicyMap, PolicyVerdict} from '../../control/model.js';
import {type Ip, isIp4} from '../../wire/addr.js';

const ADDRESS_SLOTS = 1024;
const POLICY_SLOTS = 1024;

export interface AddressFacts {
  readonly ip: Ip;
  readonly info: IpcacheEntry | undefined;
  /** Local: of this node's pods, or the host itself. */
  readonly endpoint: EndpointInfo | undefined;
  /** Some frontend has it. */
  readonly isService: boolean;
}

export interface Lookups {
  address(ip: Ip): AddressFacts;
  /** Endpoint whose host side device this is; one of its addresses stands for it. */
  device(ifindex: number): EndpointInfo | undefined;
  policy(
    map: PolicyMap,
    direction: 'ingress' | 'egress',
    identity: number,
    protocol: number,
    port: number,
  ): PolicyVerdict;
}

interface KnownVerdict {
  readonly map: PolicyMap;
  readonly identity: number;
  readonly flow: number;
  readonly verdict: PolicyVerdict;
}

export function createLookups(state: NodeState): Lookups {
  const addresses: (AddressFacts | undefined)[] = new Array(ADDRESS_SLOTS).fill(undefined);
  const verdicts: (KnownVerdict | undefined)[] = new Array(POLICY_SLOTS).fill(undefined);
  let serviceIps: Set<Ip> | undefined;
  let devices: Map<number, EndpointInfo> | undefined;

  /** The first address in map order wins: IPv4 where there is one. */
  function byDevice(): Map<number, EndpointInfo> {
    const map = new Map<number, EndpointInfo>();
    for (const e of state.endpoints.values()) if (e.ifindex !== 0 && !map.has(e.ifindex)) map.set(e.ifindex, e);
    return map;
  }

  function slotOf(ip: Ip): number {
    if (isIp4(ip)) return (ip ^ (ip >>> 10)) & (ADDRESS_SLOTS - 1);
    return (ip.charCodeAt(7) ^ (ip.charCodeAt(3) << 3)) & (ADDRESS_SLOTS - 1);
  }

  return {
    address(ip) {
      const slot = slotOf(ip);
      const known = addresses[slot];
      if (known !== undefined && known.ip === ip) return known;
      serviceIps ??= new Set(state.services.frontends.map((frontend) => frontend.ip));
      const info = state.ipcache.lookup(ip);
      const facts = {ip, info, endpoint: state.endpoints.get(ip), isService: serviceIps.has(ip)};
      addresses[slot] = facts;
      return facts;
    },
    device(ifindex) {
      devices ??= byDevice();
      return devices.get(ifindex);
    },
    policy(map, direction, identity, protocol, port) {
      const flow = (port << 9) | (protocol << 1) | (direction === 'ingress' ? 1 : 0);
      const slot = (Math.imul(identity ^ flow, 0x9e3779b1) >>> 20) & (POLICY_SLOTS - 1);
      const known = verdicts[slot];
      if (known !== undefined && known.map === map && known.identity === identity && known.flow === flow) {
        return known.verdict;
      }
      const verdict = map.lookup(direction, identity, protocol, port);
      verdicts[slot] = {map, identity, flow, verdict};
      return verdict;
    },
  };
}
