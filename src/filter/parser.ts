/**
 * The grammar of pcap-filter(7), libpcap 1.10.3, read by recursive descent. Code is generated while reading, in the order
 * in which an LR parser would reduce, since primitives move offsets and take registers, and an error in a primitive comes
 * before a syntax error behind it.
 *
 * `and` and `or` have the same precedence and group from the left. After them an identifier may stand alone: it has the
 * qualifiers of the primitive before. What may stand where:
 *
 *   term   at the start, and in parentheses there: primitives and comparisons
 *   id     after qualifiers: identifiers
 *   both   after `and` or `or`: either
 */
import * as identifier from './gen/identifier.js';
import {and, type Condition, not, or} from './gen/ir.js';
import {isProtocol} from './gen/protocol.js';
import {type MaybeQualifiers, protocolOf} from './gen/qualifier.js';
import type {State} from './gen/state.js';
import {
  type Arithmetic,
  continuesArithmetic,
  readField,
  readOperand,
  readOperators,
  readRelation,
} from './parse-arithmetic.js';
import {readNumber, readPrimitive, readQualified} from './primitives.js';
import {newReader, type Reader} from './reader.js';

type Place = 'term' | 'id' | 'both';

/** A condition and the qualifiers that it leaves to its right. */
interface Operand {
  readonly kind: 'term' | 'id';
  readonly condition: Condition;
  readonly qualifiers: MaybeQualifiers;
}

type Item = Operand | Arithmetic;

/** The condition that `text` stands for; undefined where it is empty. */
export function parse(text: string, state: State): Condition | undefined {
  const r = newReader(text, state);
  if (r.peek().type === 'end') return undefined;
  const {condition} = readRest(r, readOperandAt(r, 'term', 'none'));
  if (r.peek().type !== 'end') throw r.syntaxError();
  return condition;
}

/** Operands joined by `and` and `or` after the first. */
function readRest(r: Reader, first: Operand, place: Place = 'both'): Operand {
  let left = first;
  for (;;) {
    const {type} = r.peek();
    if (type !== 'and' && type !== 'or') return left;
    r.take();
    const right = readOperandAt(r, place, left.qualifiers);
    left = {...right, condition: (type === 'and' ? and : or)(left.condition, right.condition)};
  }
}

/** One operand. `qualifiers`: those of the text before it. */
function readOperandAt(r: Reader, place: Place, qualifiers: MaybeQualifiers): Operand {
  return asOperand(r, readItem(r, place, qualifiers, false), place, qualifiers);
}

/** Decides what a number is, and completes a comparison. */
function asOperand(r: Reader, item: Item, place: Place, qualifiers: MaybeQualifiers): Operand {
  if ('condition' in item) return item;
  if (item.kind === 'number' && isIdentifier(r, place)) {
    return {kind: 'id', condition: identifier.numbered(r.state, item.value, qualifiers), qualifiers};
  }
  const condition = readRelation(r, readOperators(r, item));
  return {kind: 'term', condition, qualifiers: 'none'};
}

const AFTER_IDENTIFIER = new Set(['and', 'or', ')', 'end']);

function isIdentifier(r: Reader, place: Place): boolean {
  return place === 'id' || (place === 'both' && AFTER_IDENTIFIER.has(r.peek().type));
}

/** `isFirst`: directly behind an opening parenthesis. */
function readItem(r: Reader, place: Place, qualifiers: MaybeQualifiers, isFirst: boolean): Item {
  const {type} = r.peek();
  if (type === '!') {
    r.take();
    const operand = readOperandAt(r, place, qualifiers);
    return {...operand, condition: not(operand.condition)};
  }
  if (type === 'number') return {kind: 'number', value: r.take().value};
  if (type === '(') return readParenthesis(r, place, qualifiers, isFirst);
  if (place !== 'term') {
    const condition = readIdentifier(r, qualifiers);
    if (condition !== undefined) return {kind: 'id', condition, qualifiers};
    if (place === 'id') throw r.syntaxError();
  }
  return readTerm(r);
}

/** An identifier that is no number. */
function readIdentifier(r: Reader, qualifiers: MaybeQualifiers): Condition | undefined {
  const {state} = r;
  switch (r.peek().type) {
    case 'name':
      return identifier.named(state, r.take().text, qualifiers);
    case 'dotted': {
      const {text} = r.take();
      if (r.accept('/')) return identifier.masked(state, text, r.expect('number').value, qualifiers);
      if (r.accept('mask')) return identifier.masked(state, text, r.expect('dotted').text, qualifiers);
      return identifier.dotted(state, text, qualifiers);
    }
    case 'address6': {
      const {text} = r.take();
      const length = r.accept('/') ? r.expect('number').value : undefined;
      return identifier.ip6(state, text, length, qualifiers);
    }
    case 'mac':
      return identifier.ethernet(state, r.take().text, qualifiers);
    case 'arcnet':
      r.take();
      return identifier.arcnet();
  }
  return undefined;
}

function readTerm(r: Reader): Item {
  const {type} = r.peek();
  if (type === '-' || type === 'len') return readOperators(r, readOperand(r));
  const condition = readPrimitive(r);
  if (condition !== undefined) return {kind: 'term', condition, qualifiers: 'none'};
  const protocol = protocolOf(type);
  if (protocol !== undefined) {
    r.take();
    const next = r.peek().type;
    if (next === '[') return readOperators(r, readField(r, protocol));
    if (AFTER_IDENTIFIER.has(next)) {
      return {kind: 'term', condition: isProtocol(r.state, protocol), qualifiers: 'none'};
    }
  }
  const qualified = readQualified(r, protocol);
  if ('operand' in qualified || 'left' in qualified || 'statements' in qualified) {
    return {kind: 'term', condition: qualified, qualifiers: 'none'};
  }
  return {...readOperandAt(r, 'id', qualified), kind: 'term'};
}

/**
 * A parenthesis. A first one inside another cannot hold a list of identifiers: behind qualifiers it must be a number, after
 * `and` or `or` a term.
 */
function readParenthesis(r: Reader, place: Place, qualifiers: MaybeQualifiers, isFirst: boolean): Item {
  if (isFirst && place === 'id') return {kind: 'number', value: readNumber(r)};
  const inside = isFirst ? 'term' : place;
  r.take();
  let item = readItem(r, inside, qualifiers, true);
  if (item.kind === 'value' || (item.kind === 'number' && inside !== 'id' && continuesArithmetic(r.peek().type))) {
    item = readOperators(r, item);
  }
  if (item.kind === 'number' || item.kind === 'value') {
    if (r.accept(')')) return item;
    if (item.kind === 'number' && isIdentifier(r, inside)) {
      const {type} = r.peek();
      // Where the text ends the number is taken for an identifier only if it can be nothing else.
      if (type === 'end' && inside !== 'id') throw r.syntaxError();
      const condition = identifier.numbered(r.state, item.value, qualifiers);
      if (type !== 'and' && type !== 'or') throw r.syntaxError();
      item = {kind: 'id', condition, qualifiers};
    }
  }
  const first = asOperand(r, item, inside, qualifiers);
  const all = readRest(r, first, first.kind === 'id' ? 'id' : 'both');
  r.expect(')');
  return {...all, kind: first.kind, qualifiers};
}
