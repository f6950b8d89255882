/** A comparison as tables, and as JSON. */
import {tabwriter} from '../../term/tabwriter.js';
import type {CarryResult, ServiceResult, Spread} from './compare.js';
import {published} from './published.js';

export interface Comparison {
  readonly cluster: string;
  readonly endpoints: number;
  readonly carried: readonly CarryResult[];
  readonly services: readonly ServiceResult[];
}

const names: Readonly<Record<string, string>> = {
  native: 'native',
  geneve: 'Geneve',
  vxlan: 'VXLAN',
  ebpf: 'eBPF',
  iptables: 'iptables',
  nftables: 'nftables',
  ipvs: 'IPVS',
};

export function nameOf(key: string): string {
  return names[key] ?? key;
}

export function comparisonText({carried, services, endpoints}: Comparison): string {
  const mtus = carried[0]?.goodput.map(({mtu}) => mtu) ?? [];
  const carry = [
    ['BETWEEN NODES', 'SERVICES', 'OVERHEAD', ...mtus.map((mtu) => `GOODPUT AT ${mtu}`)],
    ...carried.map(({encapsulation, translation, overhead, goodput}) => [
      nameOf(encapsulation),
      nameOf(translation),
      `${overhead} bytes`,
      ...goodput.map(({share, payload}) => `${(100 * share).toFixed(2)} % (${payload} bytes)`),
    ]),
  ];
  const work = [
    ['SERVICES', 'BY', 'RULES', 'ENTRIES', 'RULES PASSED: BEST', 'MEDIAN', 'WORST', 'LOOK-UPS'],
    ...services.map(({services: count, translation, rules, entries, traversed, lookups}) => [
      count.toLocaleString('en'),
      nameOf(translation),
      rules.toLocaleString('en'),
      entries.toLocaleString('en'),
      ...[traversed.best, traversed.median, traversed.worst].map((n) => n.toLocaleString('en')),
      rangeText(lookups),
    ]),
  ];
  const parts = carried.length > 0 ? [`${table(carry)}\n`] : [];
  parts.push(
    `First packet of a new connection, pod to ClusterIP, at its node; ${endpoints} endpoints a service:\n`,
    table(work),
    '\nPublished elsewhere, not measured here:\n',
    ...published.map(({text, source}) => `* ${text}\n  [${source}]\n`),
  );
  return parts.join('');
}

function rangeText({best, worst}: Spread): string {
  return best === worst ? String(best) : `${best} … ${worst}`;
}

function table(rows: readonly (readonly string[])[]): string {
  return tabwriter([...rows.map((row) => row.join('\t')), ''].join('\n'), {minWidth: 0, padding: 3});
}

export function comparisonJson(comparison: Comparison): string {
  return `${JSON.stringify({schemaVersion: 1, ...comparison, published}, null, 2)}\n`;
}
