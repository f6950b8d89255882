/**
 * `protochain`: a loop over the headers of a packet until the protocol is found. The only primitive that jumps backwards,
 * so the optimizer, which wants an acyclic graph, is off.
 *
 *       A = protocol, X = length of the fixed header
 *   again: A is the protocol, or "no next header", or nothing known → done
 *       IPv6 hop-by-hop, destination, routing, fragment: A = next header, X += (length + 1) * 8, again
 *       AH: A = next header, X = (length + 2) * 4, again          (sic: X is not added to)
 *   done: A is the protocol
 */
import {FilterError} from '../error.js';
import * as op from '../opcode.js';
import {and, type Condition, or, type Statement, statement, test} from './ir.js';
import {hasType} from './linktype.js';
import * as number from './numbers.js';
import type {Protocol} from './qualifier.js';
import {freeRegister, type State, takeRegister} from './state.js';

export function protocolChain(state: State, protocol: number, inside: Protocol | undefined): Condition {
  const register = takeRegister(state);
  if (inside === undefined) {
    const in4 = protocolChain(state, protocol, 'ip');
    return or(in4, protocolChain(state, protocol, 'ip6'));
  }
  if (inside !== 'ip' && inside !== 'ip6') throw new FilterError("bad protocol applied for 'protochain'");
  if (state.payload.isVariable) {
    throw new FilterError("'protochain' not supported with variable length headers");
  }
  state.mayOptimize = false;
  const isIp = hasType(state, inside === 'ip' ? number.ETHERTYPE_IP : number.ETHERTYPE_IP6);
  const walk = inside === 'ip' ? walk4(state, protocol, register) : walk6(state, protocol, register);
  freeRegister(state, register);
  return and(isIp, test(walk, op.JEQ, protocol));
}

const nop = () => statement(op.ALU_K | op.ADD, 0);

function walk4(state: State, protocol: number, register: number): Statement[] {
  const at = state.payload.constant + state.network;
  const done = nop();
  const unknown = nop();
  const notNone = branch(number.PROTOCOL_NONE, done, unknown);
  const again = branch(protocol, done, notNone);
  const head = [statement(op.LD_ABS | op.SIZE_B, at + 9), statement(op.LDX_MSH, at)];
  return finish([...head, again, notNone, unknown], again, done, at, register).statements;
}

function walk6(state: State, protocol: number, register: number): Statement[] {
  const at = state.payload.constant + state.network;
  const done = nop();
  const next = statement(op.LD_IND | op.SIZE_B, at);
  const extensions = [0, number.PROTOCOL_DSTOPTS, number.PROTOCOL_ROUTING, number.PROTOCOL_FRAGMENT].map((value) =>
    branch(value, next, next),
  );
  for (const [i, extension] of extensions.entries()) extension.jf = extensions[i + 1] ?? next;
  const notNone = branch(number.PROTOCOL_NONE, done, extensions[0]!);
  const again = branch(protocol, done, notNone);
  const head = [statement(op.LD_ABS | op.SIZE_B, at + 6), statement(op.LDX_IMM, 40)];
  const advance = [
    next,
    statement(op.ST, register),
    statement(op.LD_IND | op.SIZE_B, at + 1),
    statement(op.ALU_K | op.ADD, 1),
    statement(op.ALU_K | op.MUL, 8),
    statement(op.ALU_X | op.ADD),
    statement(op.TAX),
    statement(op.LD_MEM, register),
  ];
  const list = [...head, again, notNone, ...extensions, ...advance];
  list.push(jumpBack(list, again));
  const {statements, ah} = finish(list, again, done, at, register);
  extensions[3]!.jf = ah;
  return statements;
}

function branch(value: number, jt: Statement, jf: Statement): Statement {
  return {...statement(op.JEQ, value), jt, jf};
}

/** `ja` to `target`, from the end of `list`. */
function jumpBack(list: readonly Statement[], target: Statement): Statement {
  return statement(op.JA, list.indexOf(target) - list.length - 1);
}

/** Appends what follows the other headers: AH, and the end. */
function finish(list: Statement[], again: Statement, done: Statement, at: number, register: number) {
  const copy = statement(op.TXA);
  const ah = branch(number.PROTOCOL_AH, copy, done);
  const statements = [
    ...list,
    ah,
    copy,
    statement(op.LD_IND | op.SIZE_B, at),
    statement(op.ST, register),
    statement(op.TXA),
    statement(op.ALU_K | op.ADD, 1),
    statement(op.TAX),
    statement(op.LD_IND | op.SIZE_B, at),
    statement(op.ALU_K | op.ADD, 2),
    statement(op.ALU_K | op.MUL, 4),
    statement(op.TAX),
    statement(op.LD_MEM, register),
  ];
  statements.push(jumpBack(statements, again), done);
  return {statements, ah};
}
