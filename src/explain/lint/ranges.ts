/** Ranges that the input states: what was filled in is nobody's mistake. */
import {listOf} from '../../cluster/cilium-config.js';
import type {Definition} from '../../cluster/spec.js';
import type {SourcePosition} from '../../term/error.js';
import {formatPrefix, type Ip, networkOf, type Prefix, parseIp, parsePrefix, prefixesOverlap} from '../../wire/addr.js';
import type {Found} from './model.js';

export interface StatedRange {
  /** `pod CIDR 10.32.0.0/13`. */
  readonly title: string;
  readonly prefix: Prefix;
  readonly where: SourcePosition | undefined;
}

export interface StatedRanges {
  readonly pods: readonly StatedRange[];
  readonly services: readonly StatedRange[];
  readonly vnets: readonly StatedRange[];
  readonly subnets: readonly StatedRange[];
  readonly peered: readonly StatedRange[];
}

const known = new WeakMap<Definition, StatedRanges>();

export function statedRanges(definition: Definition): StatedRanges {
  const found = known.get(definition) ?? readRanges(definition);
  known.set(definition, found);
  return found;
}

function readRanges({spec, locate, ciliumConfig}: Definition): StatedRanges {
  const read = (name: string, value: unknown, path: readonly (string | number)[]): StatedRange[] =>
    listOf(value as Parameters<typeof listOf>[0]).flatMap((text, i) => {
      const prefix = parsePrefix(text);
      if (!prefix) return [];
      const where = locate(Array.isArray(value) ? [...path, i] : path) ?? ciliumConfig?.where;
      const network = networkOf(prefix);
      return [{title: `${name} ${formatPrefix(network)}`, prefix: network, where}];
    });
  const either = (name: string, key: 'podCIDR' | 'serviceCIDR') => [
    ...read(name, spec[key], ['spec', key]),
    ...read(name, spec[`${key}s`], ['spec', `${key}s`]),
  ];
  const {underlay = {}, cilium = {}} = spec;
  const pool = (['cluster-pool-ipv4-cidr', 'cluster-pool-ipv6-cidr'] as const).flatMap((key) =>
    read(
      'pod CIDR',
      String(cilium[key] ?? ciliumConfig?.data[key] ?? '')
        .split(/[\s,]+/)
        .filter((text) => text !== ''),
      ['spec', 'cilium', key],
    ),
  );
  const pods = either('pod CIDR', 'podCIDR');
  return {
    pods: pods.length > 0 ? pods : pool,
    services: either('service CIDR', 'serviceCIDR'),
    vnets: [
      ...read('VNet', underlay.vnet, ['spec', 'underlay', 'vnet']),
      ...read('VNet', underlay.vnets, ['spec', 'underlay', 'vnets']),
    ],
    subnets: (underlay.subnets ?? []).flatMap((subnet, i) => {
      const path = ['spec', 'underlay', 'subnets', i];
      return typeof subnet === 'string'
        ? read('subnet', subnet, path)
        : read(`subnet ${subnet.name ?? i + 1}`, subnet.prefix, [...path, 'prefix']);
    }),
    peered: (underlay.peered ?? []).flatMap(({name, prefixes}, i) =>
      read(`peered network ${name}`, prefixes, ['spec', 'underlay', 'peered', i, 'prefixes']),
    ),
  };
}

/** Every pair of one range here and one there that share addresses, told at the later one. */
export function* overlaps(a: readonly StatedRange[], b: readonly StatedRange[], because: string): Iterable<Found> {
  for (const one of a)
    for (const other of b)
      if (prefixesOverlap(one.prefix, other.prefix))
        yield {message: `${one.title} and ${other.title} overlap: ${because}`, where: one.where ?? other.where};
}

/** Pod prefixes of nodes that the input states. */
export function statedNodePrefixes(definition: Definition): Prefix[] {
  return definition.nodes.flatMap((node) =>
    [...listOf(node.podCIDR), ...listOf(node.podCIDRs)].flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix ? [networkOf(prefix)] : [];
    }),
  );
}

/** Addresses of nodes that the input states, with the node's place. */
export function statedNodeIps({
  nodes,
}: Definition): {readonly node: string; readonly ip: Ip; readonly where: SourcePosition | undefined}[] {
  return nodes.flatMap(({name, ip, ips, where}) =>
    [...listOf(ip), ...listOf(ips)].flatMap((text) => {
      const parsed = parseIp(text);
      return parsed === undefined ? [] : [{node: name, ip: parsed, where}];
    }),
  );
}
