/** Routing decisions of a namespace, cached by destination, and what ICMP taught it about path MTUs. */
import {lookupRoute} from '../../control/route.js';
import {type Ip, isIp4, isLoopback} from '../../wire/addr.js';
import type {Dev, Dst, Ns} from './state.js';

/** net.ipv4.route.mtu_expires, net.ipv6.route.mtu_expires. */
const MTU_EXPIRES = 600e9;
/** net.ipv4.route.min_pmtu; IPv6 links carry 1280 (RFC 8200 §5). */
const MIN_PMTU4 = 552;
const MIN_PMTU6 = 1280;

/** Where a packet to `ip` goes; undefined: network unreachable. */
export function routeTo(ns: Ns, ip: Ip): Dst | undefined {
  const known = ns.routes.get(ip);
  if (known) {
    if (known.mtuExpires < ns.run.now) {
      known.mtu = known.routeMtu;
      known.mtuExpires = Number.POSITIVE_INFINITY;
    }
    return known;
  }
  const dst = ns.netns ? decide(ns, ip) : toUplink(ns, ip);
  if (dst) ns.routes.set(ip, dst);
  return dst;
}

/** Namespaces without tables: hosts outside, and the health endpoint, whose gateway is the router address. */
function toUplink(ns: Ns, ip: Ip): Dst {
  const gateway = ns.node?.spec.routerIps.find((router) => isIp4(router) === isIp4(ip));
  const local = ns.addresses.has(ip);
  return makeDst(ns.devices[0]!, ip, gateway ?? ip, local, ns.devices[0]!.mtu, sourceAddress(ns.devices[0]!, ip));
}

function decide(ns: Ns, ip: Ip): Dst | undefined {
  if (ns.addresses.has(ip) || isLoopback(ip)) return makeDst(ns.devices[0]!, ip, ip, true, ns.devices[0]!.mtu, ip);
  const found = lookupRoute(ns.netns!, ip);
  if (found?.type !== 'unicast' || found.dev === undefined) return undefined;
  const dev = ns.devices.find((d) => d.name === found.dev);
  if (!dev) return undefined;
  const source = found.source ?? sourceAddress(dev, ip);
  return makeDst(dev, ip, found.via ?? ip, false, Math.min(found.mtu ?? dev.mtu, dev.mtu), source);
}

/** Source address towards `ip` on a device: its own of that family, else one of the namespace. */
export function sourceAddress(dev: Dev, ip: Ip): Ip {
  const fits = (address: Ip) => isIp4(address) === isIp4(ip) && isLinkLocal(address) === isLinkLocal(ip);
  const own = dev.addresses.find(fits) ?? dev.addresses.find((address) => isIp4(address) === isIp4(ip));
  if (own !== undefined) return own;
  for (const address of dev.ns.addresses) if (fits(address) && !isLoopback(address)) return address;
  return isIp4(ip) ? 0 : UNSPECIFIED6;
}

const UNSPECIFIED6: Ip = '\0\0\0\0\0\0\0\0';

function isLinkLocal(ip: Ip): boolean {
  return isIp4(ip) ? ip >>> 16 === 0xa9fe : (ip.charCodeAt(0) & 0xffc0) === 0xfe80;
}

function makeDst(dev: Dev, ip: Ip, nexthop: Ip, local: boolean, mtu: number, source: Ip): Dst {
  return {
    dev,
    nexthop,
    source: local ? ip : source,
    local,
    mtu,
    routeMtu: mtu,
    mtuExpires: Number.POSITIVE_INFINITY,
    neighbour: undefined,
  };
}

/** A router reported a smaller MTU on the way to `ip`. True when this changed anything. */
export function learnMtu(ns: Ns, ip: Ip, mtu: number): boolean {
  const dst = routeTo(ns, ip);
  if (!dst || mtu >= dst.mtu) return false;
  dst.mtu = Math.max(mtu, isIp4(ip) ? MIN_PMTU4 : MIN_PMTU6);
  dst.mtuExpires = ns.run.now + MTU_EXPIRES;
  return true;
}
