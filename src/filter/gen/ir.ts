/**
 * What the code generator makes of an expression: a tree of conditions whose leaves are tests. A test runs some statements
 * and ends in one conditional jump; `../graph.ts` gives the jumps their targets.
 */
import {JEQ, LD_IMM} from '../opcode.js';

/**
 * One instruction before it has an address. A conditional jump inside a list of statements (Geneve, protochain) names the
 * statements it goes to; both are later in, or part of, the same list.
 */
export interface Statement {
  code: number;
  k: number;
  jt?: Statement;
  jf?: Statement;
}

/** Code of a statement that the optimizer has deleted. */
export const NOP = -1;

export interface Test {
  readonly kind: 'test';
  statements: Statement[];
  /** The jump at the end. */
  readonly code: number;
  readonly k: number;
}

export type Condition =
  | Test
  | {readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition}
  | {readonly kind: 'not'; readonly operand: Condition};

export function statement(code: number, k = 0): Statement {
  return {code, k: k >>> 0};
}

export function test(statements: Statement[], code: number, k = 0): Test {
  return {kind: 'test', statements, code, k: k >>> 0};
}

export function and(left: Condition, right: Condition): Condition {
  return {kind: 'and', left, right};
}

export function or(left: Condition, right: Condition): Condition {
  return {kind: 'or', left, right};
}

export function not(operand: Condition): Condition {
  return {kind: 'not', operand};
}

/** libpcap has no unconditional test: it compares a constant with 0. */
export function always(outcome: boolean): Test {
  return test([statement(LD_IMM, outcome ? 0 : 1)], JEQ);
}

/** The test that is executed first. */
export function firstTest(condition: Condition): Test {
  let c = condition;
  while (c.kind !== 'test') c = c.kind === 'not' ? c.operand : c.left;
  return c;
}
