/** Last steps: equal nodes become one, and a root that decides nothing is left out. */
import type {Statement} from '../gen/ir.js';
import {type Graph, isLeaf, type Node} from '../graph.js';
import {CLASS_MASK, CLASS_RET} from '../opcode.js';
import {findLevels, NOP} from './flow.js';

export function mergeEqualNodes(graph: Graph): void {
  const n = graph.nodes.length;
  const {next} = graph;
  for (let isStable = false; !isStable; ) {
    isStable = true;
    const replacement = findReplacements(graph);
    for (let branch = 0; branch < 2 * n; branch++) {
      const to = next[branch]!;
      if (to < 0 || replacement[to]! < 0) continue;
      next[branch] = replacement[to]!;
      isStable = false;
    }
  }
}

/** For each live node that equals a later one: the last of its kind; else -1. */
function findReplacements(graph: Graph): Int32Array {
  const n = graph.nodes.length;
  const live = new Set(findLevels(graph).flat());
  const replacement = new Int32Array(n).fill(-1);
  for (let i = n - 2; i >= 0; i--) {
    if (!live.has(i)) continue;
    for (let j = i + 1; j < n; j++) {
      if (!live.has(j) || !areEqual(graph, i, j)) continue;
      replacement[i] = replacement[j]! >= 0 ? replacement[j]! : j;
      break;
    }
  }
  return replacement;
}

function areEqual({nodes, next}: Graph, i: number, j: number): boolean {
  const n = nodes.length;
  const [a, b] = [nodes[i]!, nodes[j]!];
  if (a.code !== b.code || a.k !== b.k || next[i] !== next[j] || next[i + n] !== next[j + n]) return false;
  const [real, other] = [realStatements(a), realStatements(b)];
  return real.length === other.length && real.every((s, at) => s.code === other[at]!.code && s.k === other[at]!.k);
}

export function realStatements(node: Node): Statement[] {
  return node.statements.filter((s) => s.code !== NOP);
}

export function skipIdleRoot(graph: Graph): void {
  const n = graph.nodes.length;
  const {nodes, next} = graph;
  const statements = nodes[graph.root]!.statements;
  nodes[graph.root]!.statements = [];
  while (!isLeaf(graph, graph.root) && next[graph.root] === next[graph.root + n]) graph.root = next[graph.root]!;
  const root = nodes[graph.root]!;
  const isReturn = (root.code & CLASS_MASK) === CLASS_RET;
  root.statements = isReturn ? [] : [...statements, ...root.statements];
}
