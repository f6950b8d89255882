/**
 * From the flow graph to a list of instructions. A node comes before the nodes it jumps to, the true branch's first where
 * it can; branches further than 255 instructions go through a `ja` behind the jump.
 */
import {FilterError} from './error.js';
import type {Statement} from './gen/ir.js';
import {type Graph, isLeaf, type Node, realStatements} from './graph.js';
import {type Instruction, JA, type Program} from './opcode.js';

/** The farthest target of `jt` and `jf`. */
const MAX_SKIP = 255;

export function linearize(graph: Graph): Program {
  const order = layOut(graph);
  const lengths = graph.nodes.map((node) => realStatements(node).length);
  const n = graph.nodes.length;
  const isFar = new Uint8Array(2 * n);
  for (;;) {
    const at = addresses(order, lengths, isFar);
    let isStable = true;
    for (const node of order) {
      if (isLeaf(graph, node)) continue;
      const jump = at[node]! + lengths[node]!;
      for (const branch of [node, node + n]) {
        if (isFar[branch] || at[graph.next[branch]!]! - jump - 1 <= MAX_SKIP) continue;
        isFar[branch] = 1;
        isStable = false;
      }
    }
    if (isStable) return {instructions: order.flatMap((node) => emit(graph, node, at, isFar))};
  }
}

/** Nodes in the order of their code: depth first, false branches first, then reversed. */
function layOut(graph: Graph): number[] {
  const n = graph.nodes.length;
  const isSeen = new Uint8Array(n);
  const done: number[] = [];
  const pending: number[] = [graph.root];
  while (pending.length > 0) {
    const node = pending.at(-1)!;
    if (isSeen[node] === 0) {
      isSeen[node] = 1;
      if (!isLeaf(graph, node)) {
        pending.push(graph.next[node]!, graph.next[node + n]!);
        continue;
      }
    }
    pending.pop();
    if (isSeen[node] === 1) {
      isSeen[node] = 2;
      done.push(node);
    }
  }
  return done.reverse();
}

function addresses(order: readonly number[], lengths: readonly number[], isFar: Uint8Array): Int32Array {
  const n = lengths.length;
  const at = new Int32Array(n);
  let next = 0;
  for (const node of order) {
    at[node] = next;
    next += lengths[node]! + 1 + isFar[node]! + isFar[node + n]!;
  }
  return at;
}

function emit(graph: Graph, node: number, at: Int32Array, isFar: Uint8Array): Instruction[] {
  const n = graph.nodes.length;
  const block = graph.nodes[node]!;
  const list = emitStatements(block);
  if (isLeaf(graph, node)) return [...list, {code: block.code, jt: 0, jf: 0, k: block.k}];
  const jump = at[node]! + list.length;
  const detours: Instruction[] = [];
  const skip = (branch: number) => {
    const distance = at[graph.next[branch]!]! - jump - 1;
    if (!isFar[branch]) return distance;
    detours.push({code: JA, jt: 0, jf: 0, k: distance - detours.length - 1});
    return detours.length - 1;
  };
  const jt = skip(node);
  const jf = skip(node + n);
  return [...list, {code: block.code, jt, jf, k: block.k}, ...detours];
}

function emitStatements(node: Node): Instruction[] {
  const real = realStatements(node);
  return real.map((s, i) => ({
    code: s.code,
    jt: skipTo(node, real.length, i, s.jt),
    jf: skipTo(node, real.length, i, s.jf),
    k: s.k,
  }));
}

/**
 * Distance of a jump within a node. As in libpcap 1.10.3 deleted statements count on the way to the target, though there
 * is no code for them: `icmp and vlan 7` on a live device jumps one too far.
 */
function skipTo({statements}: Node, length: number, from: number, target: Statement | undefined): number {
  if (target === undefined) return 0;
  const to = statements.indexOf(target);
  if (to < length) return to - from - 1;
  throw new FilterError(`no destination found for block-local relative jump: off=${from}`);
}
