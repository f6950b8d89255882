/**
 * Short memories over the agent's maps, which no packet changes: what is known about an address, and policy verdicts.
 * Direct-mapped: a slot holds the last that fell into it, so that neither grows.
 */
import type {EndpointInfo, Frontend, IpcacheEntry, NodeState, PolicyVerdict, ServiceMaps} from '../../control/model.js';
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
  /** By the policy map of an endpoint; undefined where it has none. */
  policy(
    endpointId: number,
    direction: 'ingress' | 'egress',
    identity: number,
    protocol: number,
    port: number,
  ): PolicyVerdict | undefined;
}

interface KnownVerdict {
  readonly endpointId: number;
  readonly identity: number;
  readonly flow: number;
  readonly verdict: PolicyVerdict | undefined;
}

const knownIps = new WeakMap<readonly Frontend[], ReadonlySet<Ip>>();

/** Nodes may share their maps: the set is made once. */
function frontendIps({frontends}: ServiceMaps): ReadonlySet<Ip> {
  let ips = knownIps.get(frontends);
  if (!ips) knownIps.set(frontends, (ips = new Set(frontends.map(({ip}) => ip))));
  return ips;
}

export function createLookups(state: NodeState): Lookups {
  return new MapLookups(state);
}

/** A class: closures of each node would be other call targets to the compiler, asked fifteen times for a frame of a tunnel. */
class MapLookups implements Lookups {
  /** Slots of IPv4 addresses, then of IPv6. */
  private readonly addresses: (AddressFacts | undefined)[] = new Array(2 * ADDRESS_SLOTS).fill(undefined);
  /** IPv4 addresses of the slots, as 32-bit integers: comparing those is cheaper than comparing addresses of either family. */
  private readonly keys = new Int32Array(ADDRESS_SLOTS);
  private readonly verdicts: (KnownVerdict | undefined)[] = new Array(POLICY_SLOTS).fill(undefined);
  private serviceIps: ReadonlySet<Ip> | undefined;
  private devices: readonly (EndpointInfo | undefined)[] | undefined;

  constructor(private readonly state: NodeState) {}

  address(ip: Ip): AddressFacts {
    if (isIp4(ip)) {
      const slot = (ip ^ (ip >>> 10)) & (ADDRESS_SLOTS - 1);
      const known = this.addresses[slot];
      if (known !== undefined && this.keys[slot] === (ip | 0)) return known;
      this.keys[slot] = ip;
      return this.lookup(ip, slot);
    }
    const slot = ADDRESS_SLOTS + ((ip.charCodeAt(7) ^ (ip.charCodeAt(3) << 3)) & (ADDRESS_SLOTS - 1));
    const known = this.addresses[slot];
    return known !== undefined && known.ip === ip ? known : this.lookup(ip, slot);
  }

  device(ifindex: number): EndpointInfo | undefined {
    this.devices ??= this.byDevice();
    return this.devices[ifindex];
  }

  policy(
    endpointId: number,
    direction: 'ingress' | 'egress',
    identity: number,
    protocol: number,
    port: number,
  ): PolicyVerdict | undefined {
    const flow = (port << 9) | (protocol << 1) | (direction === 'ingress' ? 1 : 0);
    const slot = (Math.imul(identity ^ flow ^ (endpointId << 4), 0x9e3779b1) >>> 20) & (POLICY_SLOTS - 1);
    const known = this.verdicts[slot];
    if (known !== undefined && known.endpointId === endpointId && known.identity === identity && known.flow === flow)
      return known.verdict;
    const verdict = this.state.policies.get(endpointId)?.lookup(direction, identity, protocol, port);
    this.verdicts[slot] = {endpointId, identity, flow, verdict};
    return verdict;
  }

  /** The first address in map order wins: IPv4 where there is one. */
  private byDevice(): readonly (EndpointInfo | undefined)[] {
    const list: (EndpointInfo | undefined)[] = [];
    for (const endpoint of this.state.endpoints.values())
      if (endpoint.ifindex !== 0) list[endpoint.ifindex] ??= endpoint;
    return list;
  }

  private lookup(ip: Ip, slot: number): AddressFacts {
    const {state} = this;
    this.serviceIps ??= frontendIps(state.services);
    const info = state.ipcache.lookup(ip);
    const facts = {ip, info, endpoint: state.endpoints.get(ip), isService: this.serviceIps.has(ip)};
    this.addresses[slot] = facts;
    return facts;
  }
}
