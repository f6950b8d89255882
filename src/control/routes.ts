/**
 * Routes that follow from addresses, and the order in which the kernel lists them.
 */
import {type Ip, ipBits, isIp4, maskIp, type Prefix} from '../wire/addr.js';
import type {Device, DeviceAddress, Route} from './model.js';

export const routeTables = {main: 254, local: 255, default: 253} as const;

const MULTICAST6: Prefix = {ip: '\uff00\0\0\0\0\0\0\0', length: 8};

/** What the kernel adds when an address is set on an interface that is up (fib_add_ifaddr, addrconf). */
export function addressRoutes(device: Device, forwarding6: boolean): Route[] {
  const routes = device.addresses.flatMap((address) =>
    isIp4(address.prefix.ip) ? routes4(device, address) : routes6(device, address, forwarding6),
  );
  if (device.kind !== 'loopback' && device.addresses.some(({prefix}) => !isIp4(prefix.ip)))
    routes.push({...local(device, MULTICAST6), type: 'multicast', metric: 256, scope: 'global'});
  return routes;
}

function local(device: Device, to: Prefix): Route {
  return {
    to,
    family: isIp4(to.ip) ? 4 : 6,
    type: 'local',
    dev: device.name,
    protocol: 'kernel',
    scope: 'host',
    table: routeTables.local,
  };
}

/** A subnet has its broadcast route whether the address names one or not (fib_add_ifaddr). */
/** A subnet has its broadcast route whether the address names one or not (fib_add_ifaddr). */
function routes4(device: Device, {prefix, broadcast}: DeviceAddress): Route[] {
  const {ip, length} = prefix;
  const network: Prefix = {ip: maskIp(ip, length), length};
  const own: Route = {...local(device, {ip, length: 32}), source: ip};
  const last = {ip: (network.ip as number) + 2 ** (32 - length) - 1, length: 32};
  if (device.kind === 'loopback') {
    return [own, {...own, to: network}, {...own, type: 'broadcast', scope: 'link', to: last}];
  }
  const routes = [own];
  if (length < 32) routes.push({...own, type: 'unicast', to: network, scope: 'link', table: routeTables.main});
  const toAll: Route = {...own, type: 'broadcast', scope: 'link', to: last};
  if (length < 31) routes.push(toAll);
  if (broadcast !== undefined && broadcast !== last.ip) routes.push({...toAll, to: {ip: broadcast, length: 32}});
  return routes;
}

function routes6(device: Device, {prefix}: DeviceAddress, forwarding: boolean): Route[] {
  const {ip, length} = prefix;
  const own: Route = {...local(device, {ip, length: 128}), scope: 'global', metric: 0};
  if (device.kind === 'loopback') return [own];
  const network: Prefix = {ip: maskIp(ip, length), length};
  const onLink: Route = {...own, type: 'unicast', to: network, metric: 256, table: routeTables.main};
  if (!forwarding || length >= 127) return [own, onLink];
  return [own, onLink, {...own, type: 'anycast', to: {ip: network.ip, length: 128}}];
}

/** IPv4 tables first, by hash bucket; within a table in the order of the kernel's trees. */
export function sortRoutes(routes: readonly Route[]): Route[] {
  return [...routes].sort((a, b) => a.family - b.family || compareTable(a, b) || compareDestination(a, b));
}

function compareTable(a: Route, b: Route): number {
  return (a.table & 255) - (b.table & 255) || a.table - b.table;
}

/**
 * IPv4: by address, a longer prefix before a shorter one of the same address, then by metric (fib_trie).
 * IPv6: a tree walked children first, so a covering prefix comes after what it covers, the default route last (ip6_fib).
 */
function compareDestination(a: Route, b: Route): number {
  const [x, y] = [destination(a), destination(b)];
  const metric = (a.metric ?? 0) - (b.metric ?? 0);
  if (isIp4(x.ip) && isIp4(y.ip)) return x.ip - y.ip || y.length - x.length || metric;
  const shorter = Math.min(x.length, y.length);
  const [p, q] = [maskIp(x.ip, shorter), maskIp(y.ip, shorter)];
  if (p !== q) return p < q ? -1 : 1;
  return y.length - x.length || metric;
}

/** The prefix of a route; a default route has none of its own. */
export function destination(route: Route): Prefix {
  return route.to ?? (route.family === 4 ? {ip: 0, length: 0} : {ip: '\0\0\0\0\0\0\0\0', length: 0});
}

export function isHostPrefix(prefix: Prefix): boolean {
  return prefix.length === ipBits(prefix.ip);
}

/** A unicast route in the main table, IPv6 with the metric the kernel gives one without. */
export function unicast(to: Prefix | Ip, fields: Partial<Route>): Route {
  const prefix = typeof to === 'object' ? to : {ip: to, length: ipBits(to)};
  const family = isIp4(prefix.ip) ? 4 : 6;
  const gateway = fields.via !== undefined;
  return {
    to: prefix.length === 0 ? undefined : prefix,
    family,
    type: 'unicast',
    protocol: 'boot',
    scope: family === 6 || gateway ? 'global' : 'link',
    table: routeTables.main,
    ...(family === 6 ? {metric: 1024} : {}),
    ...fields,
  };
}
