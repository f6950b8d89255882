/**
 * Moving branches. A branch may skip a test whose outcome is known from a test on every path to it; and a test of a value
 * that was loaded before may be pulled up to where it still is in A.
 */
import {type Graph, isLeaf} from '../graph.js';
import {JEQ} from '../opcode.js';
import {A, type BitSet, has, REGISTERS} from './flow.js';
import type {Facts} from './simplify.js';
import {simplified} from './values.js';

/** Lets `branch` skip the nodes behind it as far as their outcomes are known. `dominators`: of branches. */
export function threadBranch(graph: Graph, facts: Facts, dominators: readonly BitSet[], branch: number): void {
  const n = graph.nodes.length;
  const {next} = graph;
  const from = branch % n;
  const to = next[branch]!;
  if (isLeaf(graph, to)) return;
  if (next[to] === next[to + n] && !conflicts(facts, from, next[to]!)) {
    next[branch] = next[to]!;
    simplified(facts.values.progress);
  }
  while (skipOne(graph, facts, dominators[branch]!, branch)) if (isLeaf(graph, next[branch]!)) return;
}

function skipOne(graph: Graph, facts: Facts, dominators: BitSet, branch: number): boolean {
  const from = branch % graph.nodes.length;
  for (let word = 0; word < dominators.length; word++) {
    for (let left = dominators[word]!; left !== 0; left &= left - 1) {
      const dominator = word * 32 + 31 - Math.clz32(left & -left);
      const target = knownSuccessor(graph, facts, graph.next[branch]!, dominator);
      if (target === undefined || conflicts(facts, from, target)) continue;
      graph.next[branch] = target;
      facts.values.progress.isChanged = true;
      return true;
    }
  }
  return false;
}

/** Where `node` goes if branch `dominator` was taken before; undefined: not known from that. */
function knownSuccessor(graph: Graph, facts: Facts, node: number, dominator: number): number | undefined {
  const n = graph.nodes.length;
  const tested = dominator % n;
  const wasTrue = dominator < n;
  const {code} = graph.nodes[node]!;
  if (code !== graph.nodes[tested]!.code) return undefined;
  if (facts.atEnd[node]![A] !== facts.atEnd[tested]![A]) return undefined;
  if (facts.compared[node] === facts.compared[tested]) return graph.next[wasTrue ? node : node + n];
  return wasTrue && code === JEQ ? graph.next[node + n] : undefined;
}

/** Does something behind `to` read a register that has another value at the end of `to` than at the end of `from`? */
function conflicts({liveAtEnd, atEnd}: Facts, from: number, to: number): boolean {
  const live = liveAtEnd[to]!;
  for (let i = 0; i < REGISTERS; i++) {
    if ((live >>> i) & 1 && atEnd[from]![i] !== atEnd[to]![i]) return true;
  }
  return false;
}

/**
 * In a chain of alternatives (`isOr`: joined by false branches, with a common true target; else the reverse) that begins
 * at `top`, tests of one value may be interrupted by tests of others. The first test of the old value behind such an
 * interruption is moved before it.
 */
export function pullUp(graph: Graph, facts: Facts, dominators: readonly BitSet[], top: number, isOr: boolean): void {
  const n = graph.nodes.length;
  const {next} = graph;
  const predecessors = facts.incoming[top]!;
  if (predecessors.length === 0) return;
  const valueBefore = (branch: number) => facts.atEnd[branch % n]![A];
  const value = valueBefore(predecessors[0]!);
  if (predecessors.some((branch) => valueBefore(branch) !== value)) return;

  const common = (node: number) => (isOr ? node : node + n);
  const onward = (node: number) => (isOr ? node + n : node);
  const inChain = (node: number) =>
    node >= 0 && next[common(node)] === next[common(top)] && has(dominators[node]!, top);
  const first = predecessors[0]! % n;
  const start = next[first] === top ? first : first + n;

  let different = start;
  for (;;) {
    const node = next[different]!;
    if (!inChain(node)) return;
    if (facts.atEnd[node]![A] !== value) break;
    different = onward(node);
  }
  let same = onward(next[different]!);
  for (;;) {
    const node = next[same]!;
    if (!inChain(node)) return;
    if (facts.atEnd[node]![A] === value) break;
    same = onward(node);
  }
  const pulled = next[same]!;
  next[same] = next[onward(pulled)]!;
  next[onward(pulled)] = next[different]!;
  if (different === start) {
    for (const branch of predecessors) {
      const from = branch % n;
      next[next[from] === top ? from : from + n] = pulled;
    }
  } else next[different] = pulled;
  facts.values.progress.isChanged = true;
}
