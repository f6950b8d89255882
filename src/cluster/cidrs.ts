/** Address families and the three ranges of a cluster: pods, services, and the network the nodes are in. */
import {
  addToIp,
  formatIp,
  formatPrefix,
  type Ip,
  isIp4,
  maskIp,
  networkOf,
  type Prefix,
  parseIp,
  parseMac,
  parsePrefix,
  prefixesOverlap,
} from '../wire/addr.js';
import {listOf} from './cilium-config.js';
import {containing, coveringPrefix, familyOf, usableRange} from './ipam.js';
import type {NsgRule, Underlay} from './model.js';
import type {Problems} from './problems.js';
import type {Definition, NsgRuleSpec, OneOrMore, Profile} from './spec.js';

export type Family = 4 | 6;

/** What is taken where the input says nothing: the ranges of kubeadm, and a VNet as in the deep-dive. */
const defaults = {
  pods: {4: '10.244.0.0/16', 6: 'fd00:10:244::/56'},
  services: {4: '10.96.0.0/12', 6: 'fd00:10:96::/112'},
  vnet: {4: '10.0.0.0/16', 6: 'fd00:10::/64'},
} as const;

/** Azure's network answers every ARP request with this address (cilium PR 16140). */
const GATEWAY_MAC = 0x12_3456_789abc;

export interface Ranges {
  /** Enabled families, IPv4 first. */
  readonly families: readonly Family[];
  readonly podCidrs: readonly Prefix[];
  readonly serviceCidrs: readonly Prefix[];
  /** Service ranges were stated, so that a ClusterIP outside is an error. */
  readonly serviceCidrsStated: boolean;
}

/** Texts → prefixes; what is none is a problem at `path`. */
export function readPrefixes(
  value: OneOrMore | undefined,
  path: readonly (string | number)[],
  definition: Definition,
  problems: Problems,
): Prefix[] {
  return listOf(value).flatMap((text) => {
    const prefix = text.includes('/') ? parsePrefix(text) : undefined;
    if (!prefix) {
      problems.add(
        `${path.join('.')}: expected a prefix such as 10.32.0.0/13, got ${JSON.stringify(text)}`,
        definition.locate(path),
      );
      return [];
    }
    const network = networkOf(prefix);
    if (network.ip !== prefix.ip)
      problems.note(
        'warning',
        `${path.join('.')}: ${text} has host bits set, read as ${formatPrefix(network)}`,
        definition.locate(path),
      );
    return [network];
  });
}

/** Addresses as text → addresses; what is none is a problem. */
export function readIps(
  value: OneOrMore | undefined,
  what: string,
  where: Parameters<Problems['add']>[1],
  problems: Problems,
): Ip[] {
  return listOf(value).flatMap((text) => {
    const ip = parseIp(text);
    if (ip === undefined) problems.add(`${what}: expected an IP address, got ${JSON.stringify(text)}`, where);
    return ip === undefined ? [] : [ip];
  });
}

export function resolveRanges(definition: Definition, raw: ReadonlyMap<string, string>, problems: Problems): Ranges {
  const {spec} = definition;
  const stated = (key: 'podCIDR' | 'serviceCIDR') => [
    ...readPrefixes(spec[key], ['spec', key], definition, problems),
    ...readPrefixes(spec[`${key}s`], ['spec', `${key}s`], definition, problems),
  ];
  const pool = ['cluster-pool-ipv4-cidr', 'cluster-pool-ipv6-cidr'].flatMap((key) =>
    (raw.get(key) ?? '').split(/[\s,]+/).flatMap((text) => (text === '' ? [] : (parsePrefix(text) ?? []))),
  );
  let podCidrs = stated('podCIDR');
  if (podCidrs.length === 0) podCidrs = pool.map(networkOf);
  let serviceCidrs = stated('serviceCIDR');
  const families = enabledFamilies(definition, raw, podCidrs);
  if (families.length === 0) {
    problems.add(
      'no address family is enabled',
      definition.locate(['spec', 'cilium']),
      'set enable-ipv4 or enable-ipv6',
    );
    families.push(4);
  }
  const statedServices = serviceCidrs.length > 0;
  podCidrs = completed(podCidrs, families, 'pods', nodePrefixIps(definition), problems);
  serviceCidrs = completed(serviceCidrs, families, 'services', clusterIps(definition), problems);
  for (const pods of podCidrs)
    for (const services of serviceCidrs)
      if (prefixesOverlap(pods, services))
        problems.note(
          'warning',
          `pod CIDR ${formatPrefix(pods)} and service CIDR ${formatPrefix(services)} overlap`,
          definition.locate(['spec', 'podCIDR']) ?? definition.locate(['spec', 'podCIDRs']),
        );
  return {families, podCidrs, serviceCidrs, serviceCidrsStated: statedServices};
}

/** enable-ipv4 and enable-ipv6 where given, else the families the addresses speak of, else IPv4. */
function enabledFamilies(
  definition: Definition,
  raw: ReadonlyMap<string, string>,
  podCidrs: readonly Prefix[],
): Family[] {
  const seen = new Set<Family>(podCidrs.map((prefix) => familyOf(prefix.ip)));
  if (seen.size === 0) for (const ip of nodePrefixIps(definition)) seen.add(familyOf(ip));
  if (seen.size === 0) for (const pod of definition.pods) for (const ip of podIpsOf(pod)) seen.add(familyOf(ip));
  const on = (family: Family): boolean => {
    const given = raw.get(`enable-ipv${family}`);
    return given === undefined ? seen.has(family) || (family === 4 && seen.size === 0) : /^(1|t)/i.test(given);
  };
  return ([4, 6] as const).filter(on);
}

function podIpsOf(pod: Definition['pods'][number]): Ip[] {
  if (pod.hostNetwork) return [];
  return [...listOf(pod.ip), ...listOf(pod.ips)].flatMap((text) => parseIp(text) ?? []);
}

function nodePrefixIps(definition: Definition): Ip[] {
  return definition.nodes.flatMap((node) =>
    [...listOf(node.podCIDR), ...listOf(node.podCIDRs)].flatMap((text) => parsePrefix(text)?.ip ?? []),
  );
}

function clusterIps(definition: Definition): Ip[] {
  return definition.services.flatMap((service) =>
    [...listOf(service.clusterIP), ...listOf(service.clusterIPs)].flatMap((text) => parseIp(text) ?? []),
  );
}

/** One range per family at least: what was stated, else what covers the addresses in use, else the default. */
function completed(
  stated: readonly Prefix[],
  families: readonly Family[],
  kind: 'pods' | 'services',
  inUse: readonly Ip[],
  problems: Problems,
): Prefix[] {
  return families.flatMap((family) => {
    const own = stated.filter((prefix) => familyOf(prefix.ip) === family);
    if (own.length > 0) return own;
    const fallback = parsePrefix(defaults[kind][family])!;
    const used = inUse.filter((ip) => familyOf(ip) === family);
    if (used.length === 0 || used.every((ip) => containing([fallback], ip))) {
      problems.note(
        'inferred',
        `no ${kind === 'pods' ? 'pod' : 'service'} CIDR for IPv${family}: ${formatPrefix(fallback)}`,
      );
      return [fallback];
    }
    const cover = coveringPrefix(used, family === 4 ? 16 : 108);
    problems.note(
      'inferred',
      `${kind === 'pods' ? 'pod' : 'service'} CIDR ${formatPrefix(cover)}, from the addresses in use`,
    );
    return [cover];
  });
}

/** Networks, gateway and rules around the nodes. `nodeIps`: what the input states, for where it states no network. */
export function resolveUnderlay(
  definition: Definition,
  profile: Profile,
  families: readonly Family[],
  nodeIps: readonly Ip[],
  problems: Problems,
): Underlay {
  const spec = definition.spec.underlay ?? {};
  const at = (...path: (string | number)[]) => ['spec', 'underlay', ...path];
  const vnets = [
    ...readPrefixes(spec.vnet, at('vnet'), definition, problems),
    ...readPrefixes(spec.vnets, at('vnets'), definition, problems),
  ];
  const subnets = (spec.subnets ?? []).flatMap((subnet, i) => {
    const [prefix] = readPrefixes(
      typeof subnet === 'string' ? subnet : subnet.prefix,
      typeof subnet === 'string' ? at('subnets', i) : at('subnets', i, 'prefix'),
      definition,
      problems,
    );
    return prefix ? [{name: (typeof subnet === 'string' ? undefined : subnet.name) ?? `subnet${i + 1}`, prefix}] : [];
  });
  const underlayFamilies = new Set<Family>([...nodeIps.map(familyOf), ...(nodeIps.length === 0 ? families : [])]);
  for (const family of families) if (definition.own) underlayFamilies.add(family);
  for (const family of [4, 6] as const) {
    const known = [...vnets, ...subnets.map((subnet) => subnet.prefix)];
    if (!underlayFamilies.has(family) || known.some((prefix) => familyOf(prefix.ip) === family)) continue;
    vnets.push(
      inferVnet(
        family,
        nodeIps.filter((ip) => familyOf(ip) === family),
        problems,
      ),
    );
  }
  for (const {name, prefix} of subnets)
    if (vnets.length > 0 && !vnets.some((vnet) => prefixesOverlap(vnet, prefix) && vnet.length <= prefix.length))
      problems.add(
        `subnet ${name} ${formatPrefix(prefix)} is in no VNet (${vnets.map(formatPrefix).join(', ')})`,
        definition.locate(at('subnets')),
      );
  if (subnets.length === 0) for (const vnet of vnets) subnets.push({name: 'nodes', prefix: vnet});
  for (const vnet of vnets)
    if (!subnets.some((subnet) => prefixesOverlap(subnet.prefix, vnet))) subnets.push({name: 'nodes', prefix: vnet});
  if (vnets.length === 0) vnets.push(...subnets.map((subnet) => subnet.prefix));
  return {
    vnets,
    subnets,
    gateways: gateways(definition, subnets, problems),
    mtu: spec.mtu ?? 1500,
    routesPodCidrs: spec.routesPodCIDRs ?? profile === 'aks-overlay',
    nsg: (spec.nsg ?? [])
      .map((rule, i) => nsgRule(rule, i, definition, problems))
      .sort((a, b) => a.direction.localeCompare(b.direction) || a.priority - b.priority),
    routes: (spec.routes ?? []).flatMap((route, i) => {
      const [prefix] = readPrefixes(route.prefix, at('routes', i, 'prefix'), definition, problems);
      const path = at('routes', i, 'nextHop');
      const [nextHop] = readIps(route.nextHop, path.join('.'), definition.locate(path), problems);
      return prefix && nextHop !== undefined ? [{prefix, nextHop}] : [];
    }),
    peered: (spec.peered ?? []).map((peer, i) => ({
      name: peer.name,
      prefixes: readPrefixes(peer.prefixes, at('peered', i, 'prefixes'), definition, problems),
    })),
  };
}

function inferVnet(family: Family, nodeIps: readonly Ip[], problems: Problems): Prefix {
  const fallback = parsePrefix(defaults.vnet[family])!;
  if (nodeIps.length === 0 || nodeIps.every((ip) => containing([fallback], ip))) return fallback;
  const cover = coveringPrefix(nodeIps, family === 4 ? 24 : 64);
  problems.note('inferred', `node network ${formatPrefix(cover)}, from the nodes' addresses`);
  return cover;
}

/** As stated, else the first address of the first subnet per family. */
function gateways(definition: Definition, subnets: Underlay['subnets'], problems: Problems): Underlay['gateways'] {
  const spec = definition.spec.underlay ?? {};
  const path = ['spec', 'underlay', 'gatewayMac'];
  const mac = spec.gatewayMac === undefined ? GATEWAY_MAC : parseMac(spec.gatewayMac);
  if (mac === undefined)
    problems.add(
      `${path.join('.')}: expected a MAC address such as 12:34:56:78:9a:bc, got ${JSON.stringify(spec.gatewayMac)}`,
      definition.locate(path),
    );
  const where = definition.locate(['spec', 'underlay', 'gateway']);
  const stated = readIps(spec.gateway, 'spec.underlay.gateway', where, problems);
  for (const ip of stated)
    if (
      !containing(
        subnets.map((subnet) => subnet.prefix),
        ip,
      )
    )
      problems.add(`gateway ${formatIp(ip)} is in none of the node subnets`, where);
  return ([4, 6] as const).flatMap((family) => {
    const given = stated.find((ip) => familyOf(ip) === family);
    const subnet = subnets.find(({prefix}) => familyOf(prefix.ip) === family)?.prefix;
    const ip = given ?? (subnet && addToIp(maskIp(subnet.ip, subnet.length), usableRange(subnet).first));
    return ip === undefined ? [] : [{ip, mac: mac ?? GATEWAY_MAC}];
  });
}

function nsgRule(rule: NsgRuleSpec, index: number, definition: Definition, problems: Problems): NsgRule {
  const path = ['spec', 'underlay', 'nsg', index];
  const prefixes = (key: 'source' | 'destination') => {
    const value = listOf(rule[key]).filter((text) => text !== '*' && text.toLowerCase() !== 'any');
    return readPrefixes(
      value.map((text) => (text.includes('/') || parseIp(text) === undefined ? text : hostPrefix(text))),
      [...path, key],
      definition,
      problems,
    );
  };
  const ports = listOf(typeof rule.port === 'number' ? String(rule.port) : rule.port).flatMap((text) => {
    if (text === '*') return [];
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const range = match && ([Number(match[1]), Number(match[2] ?? match[1])] as const);
    if (range && range[0] <= range[1] && range[1] <= 65535) return [range];
    problems.add(
      `${[...path, 'port'].join('.')}: expected a port, a range such as 30000-32767, or *, got ${JSON.stringify(text)}`,
      definition.locate([...path, 'port']),
    );
    return [];
  });
  const where = definition.locate(path);
  return {
    name: rule.name ?? `rule${index + 1}`,
    priority: rule.priority,
    direction: rule.direction,
    access: rule.access,
    protocol: rule.protocol ?? '*',
    source: prefixes('source'),
    destination: prefixes('destination'),
    ports,
    ...(where ? {where} : {}),
  };
}

function hostPrefix(text: string): string {
  return `${text}/${isIp4(parseIp(text)!) ? 32 : 128}`;
}
