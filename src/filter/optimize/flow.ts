/**
 * Facts about a flow graph that the passes need: levels, dominators, which registers live where. A *register* here is one of
 * the scratch words, A or X; a set of them is a bit mask.
 *
 * Levels count from the leaves (0); a node is one above the higher of its two successors. Within a level the node found
 * last comes first: the passes' results depend on the order in which they visit.
 */
import {NOP, type Statement} from '../gen/ir.js';
import {type Graph, isLeaf, type Node} from '../graph.js';
import * as op from '../opcode.js';

export const A = op.MEMORY_WORDS;
export const X = op.MEMORY_WORDS + 1;
export const REGISTERS = op.MEMORY_WORDS + 2;

/** One bit per member. */
export type BitSet = Uint32Array;

export function has(set: BitSet, member: number): boolean {
  return ((set[member >>> 5]! >>> (member & 31)) & 1) !== 0;
}

function insert(set: BitSet, member: number): void {
  set[member >>> 5]! |= 1 << (member & 31);
}

function intersect(set: BitSet, other: BitSet): void {
  for (let i = 0; i < set.length; i++) set[i]! &= other[i]!;
}

/** Nodes by level, leaves first; only those that the root reaches. */
export function findLevels(graph: Graph): number[][] {
  const n = graph.nodes.length;
  const level = new Int32Array(n).fill(-1);
  const isOpen = new Uint8Array(n);
  const levels: number[][] = [];
  const pending = [graph.root];
  while (pending.length > 0) {
    const node = pending.at(-1)!;
    if (level[node]! >= 0) {
      pending.pop();
      continue;
    }
    const [jt, jf] = [graph.next[node]!, graph.next[node + n]!];
    if (!isOpen[node] && jt >= 0) {
      isOpen[node] = 1;
      pending.push(jf, jt);
      continue;
    }
    pending.pop();
    level[node] = jt < 0 ? 0 : Math.max(level[jt]!, level[jf]!) + 1;
    levels[level[node]!] ??= [];
    levels[level[node]!]!.unshift(node);
  }
  return levels;
}

/** All nodes from the root down. */
export function* fromRoot(levels: readonly number[][]): Generator<number> {
  for (let level = levels.length - 1; level >= 0; level--) yield* levels[level]!;
}

/** Nodes that are no leaves, from the lowest up. */
export function* inner(levels: readonly number[][]): Generator<number> {
  for (let level = 1; level < levels.length; level++) yield* levels[level]!;
}

/** For each node the nodes on every path to it, itself included. */
export function findDominators(graph: Graph, levels: readonly number[][]): BitSet[] {
  const n = graph.nodes.length;
  const sets = fullSets(n, n);
  sets[graph.root]!.fill(0);
  for (const node of fromRoot(levels)) {
    insert(sets[node]!, node);
    if (isLeaf(graph, node)) continue;
    intersect(sets[graph.next[node]!]!, sets[node]!);
    intersect(sets[graph.next[node + n]!]!, sets[node]!);
  }
  return sets;
}

/** For each branch the branches on every path through it, itself included. */
export function findBranchDominators(graph: Graph, levels: readonly number[][]): BitSet[] {
  const n = graph.nodes.length;
  const sets = fullSets(2 * n, 2 * n);
  sets[graph.root]!.fill(0);
  sets[graph.root + n]!.fill(0);
  for (const node of fromRoot(levels)) {
    for (const branch of [node, node + n]) {
      insert(sets[branch]!, branch);
      const next = graph.next[branch]!;
      if (next < 0) continue;
      intersect(sets[next]!, sets[branch]!);
      intersect(sets[next + n]!, sets[branch]!);
    }
  }
  return sets;
}

function fullSets(count: number, members: number): BitSet[] {
  const words = (members >>> 5) + 1;
  return Array.from({length: count}, () => new Uint32Array(words).fill(0xffff_ffff));
}

/** For each node the branches that lead to it, the last one found first. */
export function findIncoming(graph: Graph, levels: readonly number[][]): number[][] {
  const n = graph.nodes.length;
  const incoming: number[][] = Array.from({length: n}, () => []);
  for (let level = levels.length - 1; level > 0; level--) {
    for (const node of levels[level]!) {
      incoming[graph.next[node]!]!.unshift(node);
      incoming[graph.next[node + n]!]!.unshift(node + n);
    }
  }
  return incoming;
}

const bit = (register: number) => 1 << register;
const A_AND_X = bit(A) | bit(X);

/** The registers that a statement, or the jump of a node, reads. */
export function registersRead({code, k}: {readonly code: number; readonly k: number}): number {
  if (code === NOP) return 0;
  switch (code & op.CLASS_MASK) {
    case op.CLASS_RET:
      return code === op.RET_A ? bit(A) : 0;
    case op.CLASS_LD:
    case op.CLASS_LDX: {
      const mode = code & op.MODE_MASK;
      return mode === op.MODE_IND ? bit(X) : mode === op.MODE_MEM ? bit(k) : 0;
    }
    case op.CLASS_ST:
      return bit(A);
    case op.CLASS_STX:
      return bit(X);
    case op.CLASS_MISC:
      return code === op.TXA ? bit(X) : bit(A);
  }
  return code & op.SOURCE_X ? A_AND_X : bit(A);
}

/** The register that a statement writes; -1: none. */
export function registerWritten({code, k}: {readonly code: number; readonly k: number}): number {
  if (code === NOP) return -1;
  switch (code & op.CLASS_MASK) {
    case op.CLASS_LD:
    case op.CLASS_ALU:
      return A;
    case op.CLASS_LDX:
      return X;
    case op.CLASS_ST:
    case op.CLASS_STX:
      return k;
    case op.CLASS_MISC:
      return code === op.TAX ? X : A;
  }
  return -1;
}

/** For each node the registers whose values at its end some node behind it reads. */
export function findLiveAtEnd(graph: Graph, levels: readonly number[][]): Int32Array {
  const n = graph.nodes.length;
  const atStart = new Int32Array(n);
  const atEnd = new Int32Array(n);
  for (const leaf of levels[0] ?? []) atStart[leaf] = localUse(graph.nodes[leaf]!).read;
  for (const node of inner(levels)) {
    const {read, killed} = localUse(graph.nodes[node]!);
    atEnd[node] = atStart[graph.next[node]!]! | atStart[graph.next[node + n]!]!;
    atStart[node] = read | (atEnd[node]! & ~killed);
  }
  return atEnd;
}

/** Registers read before the node writes them, and registers written before it reads them. */
function localUse({statements, code, k}: Node): {readonly read: number; readonly killed: number} {
  let [written, read, killed] = [0, 0, 0];
  const visit = (s: Pick<Statement, 'code' | 'k'>) => {
    read |= registersRead(s) & ~written;
    const target = registerWritten(s);
    if (target < 0) return;
    if ((read & bit(target)) === 0) killed |= bit(target);
    written |= bit(target);
  };
  for (const s of statements) visit(s);
  if ((code & op.CLASS_MASK) === op.CLASS_JMP) visit({code, k});
  return {read, killed};
}
