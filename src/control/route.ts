/**
 * Where a packet goes: policy rules → tables → longest prefix → lowest metric (net/ipv4/fib_rules.c, fib_trie.c,
 * net/ipv6/ip6_fib.c). Read by `ip route get` and by the kernel around the programs.
 */
import {type Ip, isIp4, prefixContains} from '../wire/addr.js';
import {createLpm, type Lpm} from './lpm.js';
import type {Device, DeviceAddress, Neighbour, Netns, Route, Rule} from './model.js';
import {destination as prefixOf} from './routes.js';

export interface RouteResult {
  readonly type: Route['type'];
  readonly route: Route;
  /** undefined: unreachable, blackhole. `lo` for a local destination, whatever device holds the address. */
  readonly dev: string | undefined;
  /** The gateway, where there is one. A route via an address of the namespace itself means "on that link" to the kernel. */
  readonly via: Ip | undefined;
  /** The source address the kernel picks for a packet that has none. */
  readonly source: Ip | undefined;
  /** The route's own MTU metric. */
  readonly mtu: number | undefined;
  readonly table: number;
}

export interface FlowKey {
  readonly source?: Ip;
  readonly mark?: number;
}

/** What lookups need of a namespace, built once. */
interface RouteIndex {
  /** Routes of the longest prefix. */
  longest(table: number, ip: Ip): readonly Route[] | undefined;
  readonly devices: ReadonlyMap<string, Device>;
  readonly own: ReadonlySet<Ip>;
  readonly neighbours: ReadonlyMap<Ip, readonly Neighbour[]>;
}

/** Routes by table and prefix. */
export function routeTablesOf(routes: readonly Route[]): ReadonlyMap<number, Lpm<Route[]>> {
  const tables = new Map<number, Lpm<Route[]>>();
  for (const route of routes) {
    let table = tables.get(route.table);
    if (!table) tables.set(route.table, (table = createLpm<Route[]>()));
    const prefix = prefixOf(route);
    const same = table.get(prefix);
    if (same) same.push(route);
    else table.insert(prefix, [route]);
  }
  return tables;
}

const indexes = new WeakMap<Netns, RouteIndex>();

function indexOf(netns: Netns): RouteIndex {
  let index = indexes.get(netns);
  if (!index) indexes.set(netns, (index = buildIndex(netns)));
  return index;
}

function buildIndex(netns: Netns): RouteIndex {
  let tables: ReadonlyMap<number, Lpm<Route[]>> | undefined;
  let neighbours: ReadonlyMap<Ip, readonly Neighbour[]> | undefined;
  return {
    longest:
      netns.longest ??
      ((table, ip) => {
        tables ??= routeTablesOf(netns.routes);
        return tables.get(table)?.lookup(ip);
      }),
    devices: new Map(netns.devices.map((device) => [device.name, device])),
    own: new Set(netns.devices.flatMap((device) => device.addresses.map(({prefix}) => prefix.ip))),
    get neighbours() {
      neighbours ??= byAddress(netns.neighbours);
      return neighbours;
    },
  };
}

function byAddress(list: readonly Neighbour[]): ReadonlyMap<Ip, readonly Neighbour[]> {
  const neighbours = new Map<Ip, Neighbour[]>();
  for (const neighbour of list) {
    const same = neighbours.get(neighbour.ip);
    if (same) same.push(neighbour);
    else neighbours.set(neighbour.ip, [neighbour]);
  }
  return neighbours;
}

/** undefined: no rule leads to a route (network unreachable). */
export function lookupRoute(netns: Netns, destination: Ip, flow: FlowKey = {}): RouteResult | undefined {
  const index = indexOf(netns);
  for (const rule of netns.rules) {
    if (!ruleMatches(rule, destination, flow)) continue;
    const candidates = index.longest(rule.table, destination);
    if (!candidates) continue;
    const route = candidates.reduce((best, next) => ((next.metric ?? 0) < (best.metric ?? 0) ? next : best));
    return resultOf(index, route, destination, flow);
  }
  return undefined;
}

function ruleMatches(rule: Rule, destination: Ip, {source, mark = 0}: FlowKey): boolean {
  if (rule.family !== (isIp4(destination) ? 4 : 6)) return false;
  if (rule.from && rule.from.length > 0 && (source === undefined || !prefixContains(rule.from, source))) return false;
  if (rule.to && !prefixContains(rule.to, destination)) return false;
  const mask = rule.fwmask ?? 0xffffffff;
  return rule.fwmark === undefined || (mark & mask) >>> 0 === rule.fwmark;
}

function resultOf(index: RouteIndex, route: Route, destination: Ip, flow: FlowKey): RouteResult {
  const {type, table, mtu} = route;
  const via = route.via !== undefined && !index.own.has(route.via) ? route.via : undefined;
  if (route.dev === undefined || type === 'unreachable' || type === 'blackhole')
    return {type, route, dev: undefined, via: undefined, source: undefined, mtu: undefined, table};
  const dev = type === 'local' || type === 'anycast' ? 'lo' : route.dev;
  const self = type === 'local' && (isIp4(destination) || index.own.has(destination));
  const source =
    flow.source ??
    route.source ??
    (self ? destination : undefined) ??
    chooseSource(index, route.dev, via ?? destination, destination);
  return {type, route, dev, via, source, mtu, table};
}

/**
 * IPv4 (inet_select_addr): the device's first address whose subnet holds the next hop, else its first of sufficient scope,
 * else any other device's. IPv6 (RFC 6724 rules 1, 2, 5, 8): itself, fitting scope, outgoing device, longest common prefix.
 */
function chooseSource(index: RouteIndex, dev: string, nexthop: Ip, destination: Ip): Ip | undefined {
  const family = (address: DeviceAddress) => isIp4(address.prefix.ip) === isIp4(nexthop);
  const onDevice = (index.devices.get(dev)?.addresses ?? []).filter(family);
  const elsewhere = [...index.devices.values()].flatMap((device) => device.addresses).filter(family);
  if (isIp4(nexthop)) {
    const usable = (address: DeviceAddress) => address.scope !== 'host';
    const near = onDevice.filter(usable).find(({prefix}) => prefixContains(prefix, nexthop));
    return (near ?? onDevice.find(usable) ?? elsewhere.find((address) => address.scope === 'global'))?.prefix.ip;
  }
  const linkScope = isLinkScope(destination);
  const fits = (address: DeviceAddress) => (address.scope === 'link') === linkScope && address.scope !== 'host';
  const candidates = onDevice.some(fits) ? onDevice.filter(fits) : elsewhere.filter(fits);
  const best = candidates.reduce<DeviceAddress | undefined>(
    (chosen, next) =>
      chosen && commonBits(chosen.prefix.ip, destination) >= commonBits(next.prefix.ip, destination) ? chosen : next,
    undefined,
  );
  return (best ?? onDevice[0])?.prefix.ip;
}

/** fe80::/10 and ff02::/16 (RFC 4291 §2.5.6, §2.7). */
function isLinkScope(ip: Ip): boolean {
  if (isIp4(ip)) return false;
  const first = ip.charCodeAt(0);
  return (first & 0xffc0) === 0xfe80 || (first & 0xff0f) === 0xff02;
}

function commonBits(a: Ip, b: Ip): number {
  if (isIp4(a) || isIp4(b)) return 0;
  let group = 0;
  while (group < 8 && a.charCodeAt(group) === b.charCodeAt(group)) group++;
  return group === 8 ? 128 : 16 * group + Math.clz32(a.charCodeAt(group) ^ b.charCodeAt(group)) - 16;
}

/** The entry for a next hop on a device; undefined where the kernel would have to ask. */
export function neighbourOf(netns: Netns, ip: Ip, dev: string): Neighbour | undefined {
  return indexOf(netns)
    .neighbours.get(ip)
    ?.find((neighbour) => neighbour.dev === dev);
}
