/** A table while kube-proxy fills it: one transaction, whose objects get their handles as they come. */
import type {ElementKey, NftBase, NftChain, NftElement, NftPart, NftRule, NftSet, NftTable} from './model.js';
import {elementKey} from './model.js';

export interface NftBuilder {
  /** Does nothing for a chain that is there. */
  chain(name: string, what?: {readonly base?: NftBase; readonly comment?: string}): void;
  set(name: string, what: Pick<NftSet, 'key' | 'verdicts' | 'comment' | 'timeout'>): void;
  /** A key that is there gets the new element in its place. */
  element(set: string, element: NftElement): void;
  rule(chain: string, parts: readonly NftPart[], comment?: string): void;
  finish(): NftTable;
}

/** `skipped`: handles used up by objects that are gone again. */
export function buildNftTable(family: 4 | 6, handle: number, skipped: number): NftBuilder {
  let next = skipped + 1;
  const chains = new Map<string, {chain: Omit<NftChain, 'rules'>; rules: NftRule[]}>();
  const sets = new Map<string, NftSet & {readonly elements: Map<ElementKey, NftElement>}>();
  return {
    chain(name, what = {}) {
      if (!chains.has(name)) chains.set(name, {chain: {name, handle: next++, ...what}, rules: []});
    },
    set(name, what) {
      if (!sets.has(name)) sets.set(name, {name, handle: next++, ...what, elements: new Map()});
    },
    element(set, element) {
      sets.get(set)?.elements.set(elementKey(element), element);
    },
    rule(chain, parts, comment) {
      next += parts.filter(hasAnonymousSet).length;
      chains.get(chain)?.rules.push({handle: next++, parts, ...(comment === undefined ? {} : {comment})});
    },
    finish() {
      const finished = [...chains].map(([name, {chain, rules}]) => [name, {...chain, rules}] as const);
      return {family, name: 'kube-proxy', comment: 'rules for kube-proxy', handle, sets, chains: new Map(finished)};
    },
  };
}

/** A set in braces inside a rule has a handle of its own; of a single address nft makes a comparison. */
function hasAnonymousSet(part: NftPart): boolean {
  return part.kind === 'random' || (part.kind === 'address' && part.prefixes.length > 1);
}
