/** Primitives that begin with a keyword and take no identifier, and heads: the qualifiers before an identifier. */
import {refuseForeign, refuseWireless} from './foreign.js';
import * as encapsulation from './gen/encapsulation.js';
import {geneve} from './gen/geneve.js';
import type {Condition} from './gen/ir.js';
import * as misc from './gen/misc.js';
import type {Direction, Kind, Protocol, Qualifiers} from './gen/qualifier.js';
import {vlan} from './gen/vlan.js';
import type {Reader} from './reader.js';

/** The primitive at the reader, if it is one of those that stand for themselves. */
export function readPrimitive(r: Reader): Condition | undefined {
  const {state} = r;
  switch (r.peek().type) {
    case 'less':
      r.take();
      return misc.less(r.expect('number').value);
    case 'greater':
      r.take();
      return misc.greater(r.expect('number').value);
    case 'byte':
      return readByteTest(r);
    case 'inbound':
    case 'outbound':
      return misc.direction(state, r.take().type === 'outbound');
    case 'ifindex':
      r.take();
      return misc.ifindex(state, r.expect('number').value);
    case 'vlan':
      r.take();
      return vlan(state, readOptionalNumber(r));
    case 'mpls':
      r.take();
      return encapsulation.mpls(state, readOptionalNumber(r));
    case 'pppoed':
      r.take();
      return encapsulation.pppoeDiscovery(state);
    case 'pppoes':
      r.take();
      return encapsulation.pppoeSession(state, readOptionalNumber(r));
    case 'geneve':
      r.take();
      return geneve(state, readOptionalNumber(r));
    case 'llc':
      return readLlc(r);
  }
  refuseForeign(r);
  return undefined;
}

const BYTE_OPERATORS = new Set(['&', '|', '<', '>', '=']);

function readByteTest(r: Reader): Condition {
  r.take();
  const at = r.expect('number').value;
  if (!BYTE_OPERATORS.has(r.peek().type)) throw r.syntaxError();
  const operator = r.take().type;
  return misc.byteTest(r.state, at, operator, r.expect('number').value);
}

function readLlc(r: Reader): Condition {
  r.take();
  const {type, text} = r.peek();
  if (type !== 'name' && type !== 'rnr') return misc.llc(r.state, undefined);
  r.take();
  return misc.llc(r.state, type === 'rnr' ? 'rnr' : text);
}

/** A number, in any number of parentheses. */
function readOptionalNumber(r: Reader): number | undefined {
  const {type} = r.peek();
  return type === 'number' || type === '(' ? readNumber(r) : undefined;
}

export function readNumber(r: Reader): number {
  if (!r.accept('(')) return r.expect('number').value;
  const value = readNumber(r);
  r.expect(')');
  return value;
}

const DIRECTIONS = new Set<string>(['src', 'dst', 'addr1', 'addr2', 'addr3', 'addr4', 'ra', 'ta']);
const DIRECTED_KINDS = new Set<string>(['host', 'net', 'port', 'portrange']);
const UNDIRECTED_KINDS = new Set<string>(['proto', 'protochain', 'gateway']);

/** What may follow the name of a protocol, or begin a primitive without one: a head, or a word on the link's addresses. */
export function readQualified(r: Reader, protocol: Protocol | undefined): Qualifiers | Condition {
  const {type} = r.peek();
  if (type === 'broadcast') {
    r.take();
    return misc.broadcast(r.state, protocol);
  }
  if (type === 'multicast') {
    r.take();
    return misc.multicast(r.state, protocol);
  }
  if (type === 'type' || type === 'subtype' || type === 'dir') refuseWireless(r);
  if (DIRECTED_KINDS.has(type) || UNDIRECTED_KINDS.has(type)) {
    r.take();
    return {protocol, direction: undefined, kind: type as Kind};
  }
  if (!DIRECTIONS.has(type)) throw r.syntaxError();
  const direction = readDirection(r);
  const kind = r.peek().type;
  if (!DIRECTED_KINDS.has(kind)) return {protocol, direction, kind: undefined};
  r.take();
  return {protocol, direction, kind: kind as Kind};
}

function readDirection(r: Reader): Direction {
  const first = r.take().type;
  if (first !== 'src' && first !== 'dst') return first as Direction;
  const connective = r.peek().type;
  if (connective !== 'or' && connective !== 'and') return first;
  r.take();
  r.expect(first === 'src' ? 'dst' : 'src');
  return connective === 'or' ? 'src or dst' : 'src and dst';
}
