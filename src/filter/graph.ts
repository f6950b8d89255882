/**
 * The flow graph of a program: one node per test, and two `ret`. Nodes are numbered depth first from the root, true branch
 * first; the optimizer's results depend on that order.
 */
import {type Condition, NOP, type Statement} from './gen/ir.js';
import {RET_K} from './opcode.js';

export interface Node {
  statements: Statement[];
  /** A conditional jump, or `ret`. */
  code: number;
  k: number;
}

/**
 * Branches are numbered, too: `i` is the true branch of node `i`, `i + n` its false branch. `next[branch]` is the node it
 * goes to, -1 for the branches of a `ret`.
 */
export interface Graph {
  readonly nodes: Node[];
  readonly next: Int32Array;
  root: number;
}

/** A node before numbering. */
interface Block extends Node {
  jt?: Block;
  jf?: Block;
  id: number;
}

/** The program that returns `accept` where `condition` holds (or is not given), and else 0. */
export function buildGraph(condition: Condition | undefined, accept: number): Graph {
  const yes: Block = {statements: [], code: RET_K, k: accept, id: -1};
  const no: Block = {statements: [], code: RET_K, k: 0, id: -1};
  return number_(condition === undefined ? yes : entry(condition, yes, no));
}

/** The block where the evaluation of `condition` begins, which goes on to `yes` or `no`. */
function entry(condition: Condition, yes: Block, no: Block): Block {
  switch (condition.kind) {
    case 'test':
      return {statements: condition.statements, code: condition.code, k: condition.k, jt: yes, jf: no, id: -1};
    case 'not':
      return entry(condition.operand, no, yes);
    case 'and':
      return entry(condition.left, entry(condition.right, yes, no), no);
    case 'or':
      return entry(condition.left, yes, entry(condition.right, yes, no));
  }
}

function number_(root: Block): Graph {
  const blocks: Block[] = [];
  const pending: Block[] = [root];
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    if (block.id >= 0) continue;
    block.id = blocks.push(block) - 1;
    if (block.jf !== undefined) pending.push(block.jf);
    if (block.jt !== undefined) pending.push(block.jt);
  }
  const n = blocks.length;
  const next = new Int32Array(2 * n).fill(-1);
  for (const block of blocks) {
    if (block.jt !== undefined) next[block.id] = block.jt.id;
    if (block.jf !== undefined) next[block.id + n] = block.jf.id;
  }
  return {nodes: blocks.map(({statements, code, k}) => ({statements, code, k})), next, root: 0};
}

export function isLeaf(graph: Graph, node: number): boolean {
  return graph.next[node]! < 0;
}

/** A node's statements without the deleted ones. */
export function realStatements(node: Node): Statement[] {
  return node.statements.filter((s) => s.code !== NOP);
}
