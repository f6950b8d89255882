/** Options of Cilium: keys of old releases, values of old releases, unknown ones. And what the loader refuses. */
import {obsoleteKeys} from '../../cluster/cilium-keys.js';
import {isOwnPlace, placeWithin} from '../../cluster/source.js';
import type {Definition} from '../../cluster/spec.js';
import type {SourcePosition} from '../../term/error.js';
import {type Edit, type Rule, remarked, type Subject} from './model.js';

/** Keys that only got another name. */
const renamed: Readonly<Record<string, string>> = {
  'native-routing-cidr': 'ipv4-native-routing-cidr',
  masquerade: 'enable-ipv4-masquerade',
  'node-port-mode': 'bpf-lb-mode',
  'node-port-algorithm': 'bpf-lb-algorithm',
  'node-port-acceleration': 'bpf-lb-acceleration',
};

/** Options as they stand in our document and in the ConfigMap. */
function* options({spec, locate, ciliumConfig}: Definition): Iterable<{
  readonly key: string;
  readonly value: string;
  readonly where: SourcePosition | undefined;
  readonly all: Readonly<Record<string, unknown>>;
}> {
  for (const [key, value] of Object.entries(spec.cilium ?? {}))
    yield {key, value: String(value), where: locate(['spec', 'cilium', key]), all: spec.cilium ?? {}};
  const data = ciliumConfig?.data ?? {};
  for (const [key, value] of Object.entries(data))
    yield {key, value, where: ciliumConfig?.where && placeWithin(ciliumConfig.where, ['data', key]), all: data};
}

/** `  key: value  # comment` on a line of its own. */
const entry = /^(\s*)(["']?)([\w-]+)\2(\s*:\s+)(["']?)([\w./:-]*)\5(\s*(?:#.*)?)$/;

function editEntry(
  where: SourcePosition | undefined,
  key: string,
  next: readonly (readonly [string, string])[],
): {readonly edit?: Edit} {
  if (!where) return {};
  const inMap = isOwnPlace(where);
  const change = (line: string) => {
    const match = entry.exec(line);
    if (!match || match[3] !== key) return undefined;
    const [, indent = '', around = '', , colon = ': ', quote = '', , rest = ''] = match;
    return next.map(([name, text], i) => {
      // a ConfigMap has texts, and nothing else
      const marks = quote === '' && !inMap && /^(true|false|[\d.]+)$/.test(text) ? '"' : quote;
      return `${indent}${around}${name}${around}${colon}${marks}${text}${marks}${i === 0 ? rest : ''}`;
    });
  };
  return {edit: {where, change}};
}

/** What takes the place of `key: value`; undefined where nothing is sure to mean the same. */
function successor(
  key: string,
  value: string,
  all: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] | undefined {
  const free = (...names: string[]) => names.every((name) => !Object.hasOwn(all, name));
  if (key === 'tunnel') {
    if (!free('routing-mode', 'tunnel-protocol')) return undefined;
    if (value === 'disabled') return [['routing-mode', 'native']];
    return value === 'vxlan' || value === 'geneve'
      ? [
          ['routing-mode', 'tunnel'],
          ['tunnel-protocol', value],
        ]
      : undefined;
  }
  if (key === 'enable-legacy-services') return [];
  const name = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
  return name !== undefined && free(name) ? [[name, value]] : undefined;
}

function* obsolete({definition}: Subject) {
  for (const {key, value, where, all} of options(definition)) {
    if (!Object.hasOwn(obsoleteKeys, key)) continue;
    const next = successor(key, value, all);
    yield {
      message: `${key}: ${value} is an option of older releases: ${obsoleteKeys[key]}`,
      where,
      ...(next ? editEntry(where, key, next) : {}),
    };
  }
}

function* unknown(subject: Subject) {
  const places = new Map([...options(subject.definition)].map(({key, where}) => [key, where]));
  for (const found of remarked(/^cilium option .* is not known here/)(subject)) {
    const where = places.get(/^cilium option (\S+)/.exec(found.message)?.[1] ?? '');
    yield where ? {...found, where} : found;
  }
}

const proxyModes: Readonly<Record<string, string>> = {
  strict: 'true',
  probe: 'false',
  partial: 'false',
  disabled: 'false',
};

function* proxyMode({definition}: Subject) {
  for (const {key, value, where} of options(definition)) {
    if (key !== 'kube-proxy-replacement' || !Object.hasOwn(proxyModes, value)) continue;
    const now = proxyModes[value] ?? 'false';
    const same = value === 'strict' || value === 'disabled';
    yield {
      message: `kube-proxy-replacement: ${value} is a value of older releases: say ${now}`,
      where,
      ...(same ? editEntry(where, key, [[key, now]]) : {}),
    };
  }
}

export const configRules: readonly Rule[] = [
  {
    id: 'WL-CFG-001',
    severity: 'error',
    title: 'an option that Cilium does not have any more',
    why: 'A new agent does not know the key: it has no effect, and what was meant falls back to the default.',
    fix: 'Use the key that took its place (--fix does where the meaning is the same).',
    source:
      'docs.cilium.io/en/stable/operations/upgrade: tunnel was deprecated in 1.14 for routing-mode and tunnel-protocol, and removed in 1.15',
    check: obsolete,
  },
  {
    id: 'WL-CFG-002',
    severity: 'warning',
    title: 'a value of kube-proxy-replacement from older releases',
    why: 'Only true and false are left; the agent refuses other values.',
    fix: 'Say true for strict, false for the others.',
    source: 'docs.cilium.io/en/stable/operations/upgrade: probe, partial, strict and disabled were removed in 1.16',
    check: proxyMode,
  },
  {
    id: 'WL-CFG-003',
    severity: 'info',
    title: 'an option that is not known',
    why: 'A slip of the pen has no effect, and nobody says so. It may also be an option that is newer than wirelay.',
    fix: 'Correct the name of the key.',
    source: 'flags of cilium-agent 1.20',
    check: unknown,
  },
  {
    id: 'WL-DEF-002',
    severity: 'warning',
    title: 'an object is defined twice',
    why: 'Of two with one name the later one counts; what the earlier one says is lost.',
    fix: 'Remove one of them, or give it another name.',
    source:
      'kubernetes.io/docs/concepts/overview/working-with-objects/names: a name is unique for a kind within a namespace',
    check: remarked(/ (is|are) defined twice/),
  },
];
