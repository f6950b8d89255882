/** Arithmetic: `proto[at:size]`, `len`, numbers, operators and comparisons. Each intermediate value has a scratch word. */
import {FilterError} from '../error.js';
import * as op from '../opcode.js';
import {and, type Condition, not, type Statement, statement, test} from './ir.js';
import {compare, loadIp4HeaderLength, loadVariablePart} from './load.js';
import * as number from './numbers.js';
import {hasNoFragmentOffset} from './port.js';
import {isProtocol} from './protocol.js';
import type {Protocol} from './qualifier.js';
import {freeRegister, type State, takeRegister} from './state.js';

/** Statements that leave a value in scratch word `register`, valid if `guard` (the protocols it was read from) holds. */
export interface Value {
  readonly statements: Statement[];
  readonly register: number;
  readonly guard: Condition | undefined;
}

export function constant(state: State, k: number): Value {
  return leaf(state, statement(op.LD_IMM, k));
}

export function packetLength(state: State): Value {
  return leaf(state, statement(op.LD_LEN));
}

function leaf(state: State, load: Statement): Value {
  const register = takeRegister(state);
  return {statements: [load, statement(op.ST, register)], register, guard: undefined};
}

export function negated(value: Value): Value {
  const {register} = value;
  const negation = [statement(op.LD_MEM, register), statement(op.NEG), statement(op.ST, register)];
  return {...value, statements: [...value.statements, ...negation]};
}

/** `left OP right`. Only the left guard survives, as in libpcap 1.10.3. */
export function combined(state: State, operation: number, left: Value, right: Value): Value {
  checkConstantOperand(operation, right.statements[0]!);
  const statements = [
    ...left.statements,
    ...right.statements,
    statement(op.LDX_MEM, right.register),
    statement(op.LD_MEM, left.register),
    statement(op.ALU_X | operation),
  ];
  freeRegister(state, left.register);
  freeRegister(state, right.register);
  const register = takeRegister(state);
  statements.push(statement(op.ST, register));
  return {statements, register, guard: left.guard};
}

/** `first` is the first statement of the operand, even where that is the index of a load: `1 / ip[0]` is refused too. */
function checkConstantOperand(operation: number, first: Statement): void {
  if (first.code !== op.LD_IMM) return;
  if (operation === op.DIV && first.k === 0) throw new FilterError('division by zero');
  if (operation === op.MOD && first.k === 0) throw new FilterError('modulus by zero');
  if ((operation === op.LSH || operation === op.RSH) && first.k > 31) {
    throw new FilterError('shift by more than 31 bits');
  }
}

/** `left JUMP right`, or its opposite. */
export function comparison(state: State, jump: number, left: Value, right: Value, isOpposite: boolean): Condition {
  const statements = [
    ...left.statements,
    ...right.statements,
    statement(op.LDX_MEM, right.register),
    statement(op.LD_MEM, left.register),
  ];
  const isEqual = jump === op.JEQ;
  if (isEqual) statements.push(statement(op.ALU_X | op.SUB));
  const outcome = test(statements, isEqual ? jump : jump | op.SOURCE_X);
  freeRegister(state, left.register);
  freeRegister(state, right.register);
  const guard = both(left.guard, right.guard);
  return both(guard, isOpposite ? not(outcome) : outcome);
}

function both(left: Condition | undefined, right: Condition): Condition;
function both(left: Condition | undefined, right: Condition | undefined): Condition | undefined;
function both(left: Condition | undefined, right: Condition | undefined): Condition | undefined {
  return left === undefined ? right : right === undefined ? left : and(left, right);
}

const SIZES: Readonly<Record<number, op.Size>> = {1: op.SIZE_B, 2: op.SIZE_H, 4: op.SIZE_W};

/** `protocol[index:size]`. */
export function field(state: State, protocol: Protocol, index: Value, size: number): Value {
  const register = takeRegister(state);
  freeRegister(state, index.register);
  const width = SIZES[size];
  if (width === undefined) throw new FilterError('data size must be 1, 2, or 4');
  const {load, guard} = access(state, protocol, index, width);
  return {statements: [...index.statements, ...load, statement(op.ST, register)], register, guard};
}

interface Access {
  readonly load: Statement[];
  readonly guard: Condition | undefined;
}

function access(state: State, protocol: Protocol, index: Value, width: op.Size): Access {
  switch (protocol) {
    case 'radio':
      throw new FilterError('radio information not present in capture');
    case 'link': {
      const load = indexed(loadVariablePart(state, state.linkHeader), index);
      return {load: [...load, statement(op.LD_IND | width, state.linkHeader.constant)], guard: index.guard};
    }
    case 'ip':
    case 'arp':
    case 'rarp':
    case 'atalk':
    case 'decnet':
    case 'sca':
    case 'lat':
    case 'moprc':
    case 'mopdl':
    case 'ip6': {
      const load = networkField(state, index, width, 0);
      return {load, guard: both(index.guard, isProtocol(state, protocol))};
    }
    case 'sctp':
    case 'tcp':
    case 'udp':
    case 'icmp':
    case 'igmp':
    case 'igrp':
    case 'pim':
    case 'vrrp':
    case 'carp':
      return transportField(state, protocol, index, width);
    case 'icmp6': {
      const isIp6 = both(index.guard, isProtocol(state, 'ip6'));
      const isIcmp6 = compare(state, 'network', 6, op.SIZE_B, number.PROTOCOL_ICMP6);
      return {load: networkField(state, index, width, 40), guard: and(isIp6, isIcmp6)};
    }
  }
  throw new FilterError('unsupported index operation');
}

/** Puts the index, plus a base that `base` puts into X, into X. */
function indexed(base: Statement[], index: Value): Statement[] {
  if (base.length === 0) return [statement(op.LDX_MEM, index.register)];
  return [...base, statement(op.LD_MEM, index.register), statement(op.ALU_X | op.ADD), statement(op.TAX)];
}

function networkField(state: State, index: Value, width: op.Size, offset: number): Statement[] {
  const load = indexed(loadVariablePart(state, state.payload), index);
  return [...load, statement(op.LD_IND | width, state.payload.constant + state.network + offset)];
}

/** Over IPv4 only, and only in first fragments. */
function transportField(state: State, protocol: Protocol, index: Value, width: op.Size): Access {
  const load = [
    ...indexed(loadIp4HeaderLength(state), index),
    statement(op.LD_IND | width, state.payload.constant + state.network),
  ];
  const isProtocolThere = isProtocol(state, protocol);
  const isReadable = both(index.guard, and(isProtocolThere, hasNoFragmentOffset(state)));
  return {load, guard: and(isProtocol(state, 'ip'), isReadable)};
}
