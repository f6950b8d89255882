/**
 * Value numbering: two registers hold the same value if they have the same number. Numbers are given to operations on
 * numbers, so equal computations get equal numbers; 0 is a value of which nothing is known.
 */
import {FilterError} from '../error.js';
import {NOP, type Statement} from '../gen/ir.js';
import {arithmetic} from '../interpret.js';
import * as op from '../opcode.js';
import {A, X} from './flow.js';

export const UNKNOWN = 0;

/** Whether a round changed anything, and whether anything beside the order of tests. */
export interface Progress {
  isChanged: boolean;
  isSimplified: boolean;
}

export function simplified(progress: Progress): void {
  progress.isChanged = true;
  progress.isSimplified = true;
}

export interface Values {
  readonly progress: Progress;
  readonly numbers: Map<string, number>;
  readonly constants: Map<number, number>;
}

export function newValues(progress: Progress): Values {
  return {progress, numbers: new Map(), constants: new Map()};
}

/** Number of the value of an operation on two others (or on an operand of the instruction). */
function numberOf({numbers}: Values, code: number, v0: number, v1: number): number {
  const key = `${code} ${v0} ${v1}`;
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const fresh = numbers.size + 1;
  numbers.set(key, fresh);
  return fresh;
}

export function constantValue(values: Values, k: number): number {
  const value = numberOf(values, op.LD_IMM, k, 0);
  values.constants.set(value, k);
  return value;
}

/** The values of the registers while the statements of a node are gone through. */
type Registers = Int32Array;

/** Evaluates one statement: its result goes into `registers`. With `mayAlter` it is replaced by a simpler one. */
export function evaluate(values: Values, s: Statement, registers: Registers, mayAlter: boolean): void {
  switch (s.code & op.CLASS_MASK) {
    case op.CLASS_LD:
    case op.CLASS_LDX:
      evaluateLoad(values, s, registers, mayAlter);
      return;
    case op.CLASS_ST:
      assign(s, registers, s.k, registers[A]!, mayAlter);
      return;
    case op.CLASS_STX:
      assign(s, registers, s.k, registers[X]!, mayAlter);
      return;
    case op.CLASS_MISC:
      if (s.code === op.TXA) assign(s, registers, A, registers[X]!, mayAlter);
      else if (s.code === op.TAX) assign(s, registers, X, registers[A]!, mayAlter);
      return;
    case op.CLASS_ALU:
      if (s.code === op.NEG) evaluateNegation(values, s, registers, mayAlter);
      else if ((s.code & op.SOURCE_X) === 0) evaluateWithConstant(values, s, registers, mayAlter);
      else evaluateWithX(values, s, registers, mayAlter);
  }
}

/** A statement that gives a register the value it has already is deleted. */
function assign(s: Statement, registers: Registers, register: number, value: number, mayAlter: boolean): void {
  if (mayAlter && value !== UNKNOWN && registers[register] === value) s.code = NOP;
  else registers[register] = value;
}

function evaluateLoad(values: Values, s: Statement, registers: Registers, mayAlter: boolean): void {
  const target = (s.code & op.CLASS_MASK) === op.CLASS_LD ? A : X;
  const {constants, progress} = values;
  let value: number;
  switch (s.code) {
    case op.LD_IMM:
    case op.LDX_IMM:
      value = constantValue(values, s.k);
      break;
    case op.LD_LEN:
      value = numberOf(values, s.code, 0, 0);
      break;
    case op.LD_MEM:
    case op.LDX_MEM: {
      value = registers[s.k]!;
      const known = constants.get(value);
      if (mayAlter && known !== undefined) {
        s.code = target === A ? op.LD_IMM : op.LDX_IMM;
        s.k = known;
        simplified(progress);
      }
      break;
    }
    default: {
      const isIndirect = (s.code & op.MODE_MASK) === op.MODE_IND;
      const base = isIndirect ? registers[X]! : 0;
      const known = constants.get(base);
      if (isIndirect && mayAlter && known !== undefined) {
        s.code = op.LD_ABS | (s.code & op.SIZE_MASK);
        s.k = (s.k + known) >>> 0;
        value = numberOf(values, s.code, s.k, 0);
        simplified(progress);
      } else value = numberOf(values, s.code, s.k, base);
    }
  }
  assign(s, registers, target, value, mayAlter);
}

function evaluateNegation(values: Values, s: Statement, registers: Registers, mayAlter: boolean): void {
  const known = values.constants.get(registers[A]!);
  if (mayAlter && known !== undefined) {
    s.code = op.LD_IMM;
    s.k = -known >>> 0;
    registers[A] = constantValue(values, s.k);
  } else registers[A] = numberOf(values, s.code, registers[A]!, 0);
}

/** The instruction becomes a load of its result. */
function fold(values: Values, s: Statement, a: number, b: number): number {
  const operation = s.code & op.OP_MASK;
  const result = arithmetic(s.code, a, b);
  if (result === undefined) throw new FilterError(operation === op.DIV ? 'division by zero' : 'modulus by zero');
  s.code = op.LD_IMM;
  s.k = result;
  simplified(values.progress);
  return constantValue(values, result);
}

const NEUTRAL_WITH_0 = new Set<number>([op.ADD, op.LSH, op.RSH, op.OR, op.XOR]);
/** `sub #0` stays: it may still become part of a comparison. */
function evaluateWithConstant(values: Values, s: Statement, registers: Registers, mayAlter: boolean): void {
  const operation = s.code & op.OP_MASK;
  if (mayAlter && s.k === 0) {
    if (NEUTRAL_WITH_0.has(operation)) {
      s.code = NOP;
      return;
    }
    if (operation === op.MUL || operation === op.AND) {
      s.code = op.LD_IMM;
      registers[A] = constantValue(values, 0);
      return;
    }
    if (operation === op.DIV) throw new FilterError('division by zero');
    if (operation === op.MOD) throw new FilterError('modulus by zero');
  }
  const known = values.constants.get(registers[A]!);
  if (mayAlter && known !== undefined) registers[A] = fold(values, s, known, s.k);
  else registers[A] = numberOf(values, s.code, registers[A]!, constantValue(values, s.k));
}

function evaluateWithX(values: Values, s: Statement, registers: Registers, mayAlter: boolean): void {
  const operation = s.code & op.OP_MASK;
  const a = values.constants.get(registers[A]!);
  const x = values.constants.get(registers[X]!);
  if (mayAlter && x !== undefined) {
    if (a !== undefined) {
      registers[A] = fold(values, s, a, x);
      return;
    }
    s.code = op.ALU_K | operation;
    s.k = x;
    if ((operation === op.LSH || operation === op.RSH) && x > 31) throw new FilterError('shift by more than 31 bits');
    simplified(values.progress);
    registers[A] = numberOf(values, s.code, registers[A]!, constantValue(values, x));
    return;
  }
  if (mayAlter && a === 0 && replaceZeroOperation(values, s, registers, operation)) return;
  registers[A] = numberOf(values, s.code, registers[A]!, registers[X]!);
}

/** An operation of 0 with X: either X, or 0. Not subtraction. */
function replaceZeroOperation(values: Values, s: Statement, registers: Registers, operation: number): boolean {
  if (operation === op.SUB) return false;
  if (operation === op.ADD || operation === op.OR || operation === op.XOR) {
    s.code = op.TXA;
    assign(s, registers, A, registers[X]!, true);
    return true;
  }
  s.code = op.LD_IMM;
  s.k = 0;
  assign(s, registers, A, constantValue(values, 0), true);
  return true;
}
