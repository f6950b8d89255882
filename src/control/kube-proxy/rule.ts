/** Making rules: parts that kube-proxy's rules have in common. */
import {networkOf, type Prefix} from '../../wire/addr.js';
import type {AddressMatch, Chain, HookChain, Match, Rule, Table, TableName, Target} from './model.js';

/** Chains of a table while they are filled; they come into being when first named. */
export interface TableBuilder {
  chain(name: string): Rule[];
  finish(): Table;
}

const builtins: Readonly<Record<TableName, readonly HookChain[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export function buildTable(name: TableName): TableBuilder {
  const hooks: readonly string[] = builtins[name];
  const rules = new Map<string, Rule[]>(hooks.map((hook) => [hook, []]));
  return {
    chain(chain) {
      let list = rules.get(chain);
      if (!list) rules.set(chain, (list = []));
      return list;
    },
    finish() {
      const own = [...rules.keys()].slice(hooks.length).sort();
      const chains = new Map<string, Chain>();
      for (const chain of [...hooks, ...own])
        chains.set(chain, {name: chain, builtin: hooks.includes(chain), rules: rules.get(chain)!});
      return {name, chains};
    },
  };
}

/** As the kernel makes it when somebody asks for it. */
export function emptyTable(name: TableName): Table {
  return buildTable(name).finish();
}

/** Undefined for a prefix that holds every address: iptables leaves it out. */
export function address(prefix: Prefix, not = false): AddressMatch | undefined {
  return prefix.length === 0 ? undefined : {prefix: networkOf(prefix), not};
}

export function comment(text: string): Match {
  return {kind: 'comment', text};
}

export function jump(chain: string): Target {
  return {kind: 'jump', chain};
}

export const states = {
  new: {kind: 'conntrack', not: false, states: ['NEW']},
  invalid: {kind: 'conntrack', not: false, states: ['INVALID']},
  established: {kind: 'conntrack', not: false, states: ['RELATED', 'ESTABLISHED']},
  unsolicited: {kind: 'conntrack', not: true, states: ['RELATED', 'ESTABLISHED', 'DNAT']},
} as const satisfies Readonly<Record<string, Match>>;

const chances = new Map<number, Match>();

/** `-m statistic --mode random` of rule i of n with p = 1 / (n − i): the text kube-proxy writes, rounded as the kernel takes it. */
export function oneOf(left: number): Match {
  const known = chances.get(left);
  if (known) return known;
  const match: Match = {kind: 'statistic', below: Math.round(Number(fixed(1 / left, 10)) * 2 ** 31)};
  chances.set(left, match);
  return match;
}

/** printf's %.Nf: exact ties go to the even digit, where toFixed rounds up. */
export function fixed(x: number, digits: number): string {
  const rest = x.toFixed(digits + 50).slice(-50);
  if (!/^50*$/.test(rest)) return x.toFixed(digits);
  const cut = x.toFixed(digits + 50).slice(0, -50);
  return Number(cut.at(-1)) % 2 === 0 ? cut : x.toFixed(digits);
}
