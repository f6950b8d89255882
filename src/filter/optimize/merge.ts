/** Last steps: equal nodes become one, and a root that decides nothing is left out. */
import {type Graph, isLeaf, type Node, realStatements} from '../graph.js';
import {CLASS_MASK, CLASS_RET} from '../opcode.js';

export function mergeEqualNodes(graph: Graph): void {
  const n = graph.nodes.length;
  const {next} = graph;
  const contents = numberContents(graph.nodes);
  for (let isStable = false; !isStable; ) {
    isStable = true;
    const replacement = findReplacements(graph, contents);
    for (let branch = 0; branch < 2 * n; branch++) {
      const to = next[branch]!;
      if (to < 0 || replacement[to]! < 0) continue;
      next[branch] = replacement[to]!;
      isStable = false;
    }
  }
}

/** Equal numbers for nodes that do the same, wherever they go. */
function numberContents(nodes: readonly Node[]): number[] {
  const numbers = new Map<string, number>();
  return nodes.map((node) => {
    const statements = realStatements(node).map(({code, k}) => `${code} ${k}`);
    const key = [node.code, node.k, ...statements].join();
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
}

/** For each live node that equals a later one: the last of its kind; else -1. */
function findReplacements(graph: Graph, contents: readonly number[]): Int32Array {
  const n = graph.nodes.length;
  const {next} = graph;
  const isLive = reachable(graph);
  const last = new Map<number, number>();
  const replacement = new Int32Array(n).fill(-1);
  for (let i = n - 1; i >= 0; i--) {
    if (!isLive[i]) continue;
    const key = (contents[i]! * (n + 1) + next[i]! + 1) * (n + 1) + next[i + n]! + 1;
    const equal = last.get(key);
    if (equal === undefined) last.set(key, i);
    else replacement[i] = equal;
  }
  return replacement;
}

function reachable({nodes, next, root}: Graph): Uint8Array {
  const n = nodes.length;
  const isSeen = new Uint8Array(n);
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node < 0 || isSeen[node]) continue;
    isSeen[node] = 1;
    pending.push(next[node]!, next[node + n]!);
  }
  return isSeen;
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
