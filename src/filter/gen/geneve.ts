/**
 * `geneve [vni]`: RFC 8926 over UDP port 6081, version 0. What follows looks at the inner packet; as the options (and the
 * outer IPv4 options) vary in length, its offsets are computed when the test has succeeded and kept in scratch memory.
 */
import {FilterError} from '../error.js';
import * as op from '../opcode.js';
import {always, and, type Condition, or, type Statement, statement, test} from './ir.js';
import * as link from './link.js';
import {type Base, compare, loadIp4HeaderLength, loadVariablePart} from './load.js';
import * as number from './numbers.js';
import {portOverIp4, portOverIp6} from './port.js';
import {pushLink, type State, takeRegister} from './state.js';

const UDP_HEADER = 8;

export function geneve(state: State, vni: number | undefined): Condition {
  const isIn4 = over4(state, vni);
  const isIn6 = over6(state, vni);
  const offsets = always(true);
  offsets.statements = [...innerOffsets(state), ...offsets.statements];
  state.isGeneve = true;
  return and(or(isIn4, isIn6), offsets);
}

function hasHeader(state: State, isPort: Condition, base: Base, vni: number | undefined): Condition {
  const isVersion0 = and(isPort, compare(state, base, UDP_HEADER, op.SIZE_B, 0, 0xc0));
  if (vni === undefined) return isVersion0;
  if (vni > 0xffffff) throw new FilterError(`Geneve VNI ${vni} greater than maximum ${0xffffff}`);
  return and(isVersion0, compare(state, base, UDP_HEADER + 4, op.SIZE_W, vni << 8, 0xffffff00));
}

/** Leaves the length of the IPv4 header (and what varies before it) in A and X, which makes the jump always true. */
function over4(state: State, vni: number | undefined): Condition {
  const isPort = portOverIp4(state, {first: number.GENEVE_PORT}, number.PROTOCOL_UDP, 'dst');
  const condition = hasHeader(state, isPort, 'transport4', vni);
  return and(condition, test([...loadIp4HeaderLength(state), statement(op.TXA)], op.JEQ_X));
}

function over6(state: State, vni: number | undefined): Condition {
  const isPort = portOverIp6(state, {first: number.GENEVE_PORT}, number.PROTOCOL_UDP, 'dst');
  const condition = hasHeader(state, isPort, 'transport6', vni);
  const statements = [...loadVariablePart(state, state.payload), statement(op.LD_IMM, 40)];
  if (state.payload.isVariable) statements.push(statement(op.ALU_X | op.ADD));
  return and(condition, test([...statements, statement(op.TAX)], op.JEQ_X));
}

/**
 * From the header length in A: where the EtherType is, where the Geneve header ends (the inner link header), and where
 * the inner link payload begins. With Transparent Ethernet Bridging the EtherType that counts is that of the inner frame;
 * other protocols follow Geneve directly.
 */
function innerOffsets(state: State): Statement[] {
  const header = state.payload.constant + state.network + UDP_HEADER;
  const type = takeRegister(state);
  const end = takeRegister(state);
  const payload = takeRegister(state);

  const skipEthernet = statement(op.TXA);
  const store = statement(op.STX, payload);
  const isBridging: Statement = {...statement(op.JEQ, number.ETHERTYPE_TEB), jt: skipEthernet, jf: store};
  const inMemory = (register: number) => ({constant: 0, isVariable: true, register});
  state.mayOptimize = false;
  pushLink(state, link.ETHERNET, inMemory(end));
  state.linkType = inMemory(type);
  state.payload = inMemory(payload);
  state.network = 0;

  return [
    statement(op.ALU_K | op.ADD, header),
    statement(op.TAX),
    statement(op.ALU_K | op.ADD, 2),
    statement(op.ST, type),
    statement(op.LD_IND | op.SIZE_B, 0),
    statement(op.ALU_K | op.AND, 0x3f),
    statement(op.ALU_K | op.MUL, 4),
    statement(op.ALU_K | op.ADD, 8),
    statement(op.ALU_X | op.ADD),
    statement(op.ST, end),
    statement(op.LD_IND | op.SIZE_H, 2),
    statement(op.LDX_MEM, end),
    isBridging,
    skipEthernet,
    statement(op.ALU_K | op.ADD, 12),
    statement(op.ST, type),
    statement(op.ALU_K | op.ADD, 2),
    statement(op.TAX),
    store,
  ];
}
