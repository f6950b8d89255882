/**
 * Arithmetic expressions. Binding, from loose to tight: `|`, `&`, `<<` and `>>`, `+` and `-`, `*` and `/`, unary minus; all
 * group from the left. `%` and `^` have no precedence in libpcap's grammar: whatever stands right of them, and they
 * themselves right of anything, is read first.
 */
import type {Value} from './gen/arithmetic.js';
import * as arithmetic from './gen/arithmetic.js';
import type {Condition} from './gen/ir.js';
import {type Protocol, protocolOf} from './gen/qualifier.js';
import * as op from './opcode.js';
import type {Reader} from './reader.js';

/** Plain numbers stay numbers until an operator shows that they are arithmetic. */
export type Arithmetic =
  | {readonly kind: 'number'; readonly value: number}
  | {readonly kind: 'value'; readonly value: Value};

interface Operator {
  readonly code: number;
  /** Undefined: none. */
  readonly precedence?: number;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  '|': {code: op.OR, precedence: 1},
  '&': {code: op.AND, precedence: 2},
  '<<': {code: op.LSH, precedence: 3},
  '>>': {code: op.RSH, precedence: 3},
  '+': {code: op.ADD, precedence: 4},
  '-': {code: op.SUB, precedence: 4},
  '*': {code: op.MUL, precedence: 5},
  '/': {code: op.DIV, precedence: 5},
  '%': {code: op.MOD},
  '^': {code: op.XOR},
};

const UNARY_MINUS = 6;

/** Jump and whether it is taken in the opposite sense. */
const RELATIONS: Readonly<Record<string, readonly [number, boolean]>> = {
  '>': [op.JGT, false],
  '>=': [op.JGE, false],
  '=': [op.JEQ, false],
  '<=': [op.JGT, true],
  '<': [op.JGE, true],
  '!=': [op.JEQ, true],
};

/** After a number: may it only be arithmetic? */
export function continuesArithmetic(type: string): boolean {
  return Object.hasOwn(OPERATORS, type) || Object.hasOwn(RELATIONS, type);
}

function asValue(r: Reader, operand: Arithmetic): Value {
  return operand.kind === 'value' ? operand.value : arithmetic.constant(r.state, operand.value);
}

/** The operators after `left`, as far as they bind tighter than `outer` (the precedence of the operator before `left`). */
export function readOperators(r: Reader, left: Arithmetic, outer?: Operator): Arithmetic {
  let result = left;
  for (;;) {
    const operator = OPERATORS[r.peek().type];
    if (operator === undefined || (outer !== undefined && !bindsTighter(operator, outer))) return result;
    const leftValue = asValue(r, result);
    r.take();
    const first = {kind: 'value', value: asValue(r, readOperand(r))} as const;
    const right = readOperators(r, first, operator);
    result = {kind: 'value', value: arithmetic.combined(r.state, operator.code, leftValue, asValue(r, right))};
  }
}

function bindsTighter(operator: Operator, outer: Operator): boolean {
  if (operator.precedence === undefined || outer.precedence === undefined) return true;
  return operator.precedence > outer.precedence;
}

/** One operand, without operators after it. */
export function readOperand(r: Reader): Arithmetic {
  const token = r.peek();
  switch (token.type) {
    case 'number':
      return {kind: 'number', value: r.take().value};
    case '(': {
      r.take();
      const inner = readOperators(r, readOperand(r));
      r.expect(')');
      return inner;
    }
    case '-': {
      r.take();
      const first = {kind: 'value', value: asValue(r, readOperand(r))} as const;
      const operand = readOperators(r, first, {code: op.NEG, precedence: UNARY_MINUS});
      return {kind: 'value', value: arithmetic.negated(asValue(r, operand))};
    }
    case 'len':
      r.take();
      return {kind: 'value', value: arithmetic.packetLength(r.state)};
  }
  const protocol = protocolOf(token.type);
  if (protocol === undefined) throw r.syntaxError();
  r.take();
  return readField(r, protocol);
}

/** `[index]` or `[index:size]` behind the name of a protocol. */
export function readField(r: Reader, protocol: Protocol): Arithmetic {
  r.expect('[');
  const index = asValue(r, readOperators(r, readOperand(r)));
  const size = r.accept(':') ? r.expect('number').value : 1;
  r.expect(']');
  return {kind: 'value', value: arithmetic.field(r.state, protocol, index, size)};
}

/** The comparison that has `left` on its left side. */
export function readRelation(r: Reader, left: Arithmetic): Condition {
  const leftValue = asValue(r, left);
  const relation = RELATIONS[r.peek().type];
  if (relation === undefined) throw r.syntaxError();
  r.take();
  const right = asValue(r, readOperators(r, readOperand(r)));
  return arithmetic.comparison(r.state, relation[0], leftValue, right, relation[1]);
}
