/** Simplification within a node: value numbering, peephole patterns, dead stores, comparisons whose outcome is known. */
import {NOP, type Statement} from '../gen/ir.js';
import type {Graph, Node} from '../graph.js';
import {holds} from '../interpret.js';
import * as op from '../opcode.js';
import {A, REGISTERS, registersRead, registerWritten, X} from './flow.js';
import {constantValue, evaluate, simplified, UNKNOWN, type Values} from './values.js';

/** What is known of the nodes in this round, by node. */
export interface Facts {
  readonly values: Values;
  /** Branches leading to each node. */
  readonly incoming: readonly number[][];
  readonly liveAtEnd: Int32Array;
  /** Values of the registers at each node's end. */
  readonly atEnd: Int32Array[];
  /** Value that each node's jump compares A with. */
  readonly compared: Int32Array;
}

/** Nodes must come in the order of their levels from the root, so that the values at the ends of predecessors are known. */
export function simplifyNode(graph: Graph, facts: Facts, at: number, mayAlter: boolean): void {
  const node = graph.nodes[at]!;
  const registers = inherited(graph, facts, at);
  facts.atEnd[at] = registers;
  const [a, x] = [registers[A], registers[X]];
  for (const s of node.statements) evaluate(facts.values, s, registers, mayAlter);
  const isUseless =
    facts.liveAtEnd[at] === 0 && a !== UNKNOWN && registers[A] === a && x !== UNKNOWN && registers[X] === x;
  if (mayAlter && (isUseless || (node.code & op.CLASS_MASK) === op.CLASS_RET)) {
    if (node.statements.length > 0) {
      node.statements = [];
      simplified(facts.values.progress);
    }
  } else {
    if (node.statements.length > 0) simplifyEnd(graph, facts, at);
    deleteDeadStores(facts, at, node);
  }
  facts.compared[at] = node.code & op.SOURCE_X ? registers[X]! : constantValue(facts.values, node.k);
}

/** Values at a node's beginning: those that all its predecessors agree on. */
function inherited(graph: Graph, {incoming, atEnd}: Facts, at: number): Int32Array {
  const n = graph.nodes.length;
  const [first, ...others] = incoming[at]!;
  if (first === undefined) return new Int32Array(REGISTERS);
  const registers = atEnd[first % n]!.slice();
  for (const branch of others) {
    const other = atEnd[branch % n]!;
    for (let i = 0; i < REGISTERS; i++) if (registers[i] !== other[i]) registers[i] = UNKNOWN;
  }
  return registers;
}

function simplifyEnd(graph: Graph, facts: Facts, at: number): void {
  const node = graph.nodes[at]!;
  const isLive = (register: number) => ((facts.liveAtEnd[at]! >>> register) & 1) !== 0;
  const last = applyPatterns(facts.values, node.statements, isLive(X));
  const registers = facts.atEnd[at]!;
  if (node.code === op.JEQ && !isLive(A)) mergeIntoComparison(graph, facts.values, at, last, registers[X]!);
  decideBranch(graph, facts.values, at, registers);
}

/** The index of the next statement that is not deleted, from `at` on; -1: none. */
function nextReal(statements: readonly Statement[], at: number): number {
  for (let i = at; i < statements.length; i++) if (statements[i]!.code !== NOP) return i;
  return -1;
}

/** Returns the last statement of the last pair that was looked at, or else the first one of all. */
function applyPatterns(values: Values, list: readonly Statement[], isXLive: boolean): Statement {
  let last = list[0]!;
  let at = nextReal(list, 0);
  while (at >= 0) {
    const following = nextReal(list, at + 1);
    if (following < 0) break;
    const [s, next] = [list[at]!, list[following]!];
    last = next;
    if (s.code === op.ST && next.code === op.LDX_MEM && s.k === next.k) {
      next.code = op.TAX;
      simplified(values.progress);
    }
    if (s.code === op.LD_IMM && next.code === op.TAX) {
      s.code = op.LDX_IMM;
      next.code = op.TXA;
      simplified(values.progress);
    }
    if (s.code === op.LD_IMM && !isXLive) foldConstantIndex(values, list, at, following);
    at = following;
  }
  return last;
}

/** `ld #i; [ldxb 4*(…);] add x; tax; ld [x + k]` → `[ldxb 4*(…);] ld [x + k + i]`. */
function foldConstantIndex(values: Values, list: readonly Statement[], at: number, following: number): void {
  const addAt = list[following]!.code === op.LDX_MSH ? nextReal(list, following + 1) : following;
  const add = list[addAt];
  if (add?.code !== (op.ALU_X | op.ADD)) return;
  const taxAt = nextReal(list, addAt + 1);
  const tax = list[taxAt];
  if (tax?.code !== op.TAX) return;
  const load = list[nextReal(list, taxAt + 1)];
  if (load === undefined || (load.code & ~op.SIZE_MASK) !== op.LD_IND) return;
  const index = list[at]!;
  load.k = (load.k + index.k) >>> 0;
  index.code = NOP;
  add.code = NOP;
  tax.code = NOP;
  simplified(values.progress);
}

/** An operation right before `jeq #k` may be made part of the comparison. */
function mergeIntoComparison(graph: Graph, values: Values, at: number, last: Statement, x: number): void {
  const node = graph.nodes[at]!;
  if (last.code === (op.ALU_X | op.SUB)) {
    const known = values.constants.get(x);
    if (known !== undefined) node.k = (node.k + known) >>> 0;
    else if (node.k === 0) node.code = op.JEQ_X;
    else return;
  } else if (last.code === (op.ALU_K | op.SUB)) node.k = (node.k + last.k) >>> 0;
  else if (last.code === (op.ALU_K | op.AND) && node.k === 0) {
    node.k = last.k;
    node.code = op.JSET;
    const n = graph.nodes.length;
    [graph.next[at], graph.next[at + n]] = [graph.next[at + n]!, graph.next[at]!];
  } else return;
  last.code = NOP;
  simplified(values.progress);
}

function decideBranch(graph: Graph, values: Values, at: number, registers: Int32Array): void {
  const node = graph.nodes[at]!;
  const n = graph.nodes.length;
  const {next} = graph;
  if (node.code === op.JSET) {
    if (node.k === 0) next[at] = next[at + n]!;
    if (node.k === 0xffff_ffff) next[at + n] = next[at]!;
  }
  const x = values.constants.get(registers[X]!);
  if (x !== undefined && (node.code & op.SOURCE_X) !== 0) {
    node.code &= ~op.SOURCE_X;
    node.k = x;
  }
  const a = values.constants.get(registers[A]!);
  if (a === undefined || (node.code & op.SOURCE_X) !== 0) return;
  if (next[at] !== next[at + n]) simplified(values.progress);
  if (holds(node.code, a, node.k)) next[at + n] = next[at]!;
  else next[at] = next[at + n]!;
}

/** Deletes statements whose result is overwritten, or at the end of the node no longer needed, before it is read. */
function deleteDeadStores({values, liveAtEnd}: Facts, at: number, node: Node): void {
  const unread: (Statement | undefined)[] = new Array(REGISTERS).fill(undefined);
  const remove = (s: Statement) => {
    s.code = NOP;
    simplified(values.progress);
  };
  const read = (s: {readonly code: number; readonly k: number}) => {
    const registers = registersRead(s);
    for (let i = 0; i < REGISTERS; i++) if ((registers >>> i) & 1) unread[i] = undefined;
  };
  for (const s of node.statements) {
    read(s);
    const target = registerWritten(s);
    if (target < 0) continue;
    const overwritten = unread[target];
    if (overwritten !== undefined) remove(overwritten);
    unread[target] = s;
  }
  read(node);
  for (let i = 0; i < REGISTERS; i++) {
    const s = unread[i];
    if (s !== undefined && ((liveAtEnd[at]! >>> i) & 1) === 0) remove(s);
  }
}
