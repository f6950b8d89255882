/**
 * Tokens of a filter expression. As in libpcap's scanner the longest match wins, and among equals the first of: reserved
 * word, MAC address, number, dotted address, IPv6 address, malformed MAC address, identifier.
 */
import {parseIp6} from '../wire/addr.js';
import {keyword, namedConstant} from './keywords.js';

/**
 * `type` is a reserved word or an operator as it is spelled, or one of these:
 *   number      a value
 *   dotted      `10.1`, `10.1.2`, `10.1.2.3`
 *   address6    an IPv6 address
 *   mac         a MAC address
 *   arcnet      `$` and an ARCnet address
 *   name        an identifier
 *   error       nothing that the language has
 *   end         the end of the text
 */
export interface Token {
  readonly type: string;
  readonly text: string;
  /** Of a `number`. */
  readonly value: number;
  /** A message for a token that is wrong in itself; it is reported unless a primitive before it is refused. */
  readonly problem?: string;
}

const BLANK = /[ \r\n\t]*/y;
const OPERATOR = /&&|\|\||>=|<=|!=|==|<<|>>|[-+*/%:[\]!<>()&|^=]/y;
const ARCNET = /\$[0-9A-Fa-f]{1,2}/y;
const ESCAPED = /\\[^ !()\n\t]+/y;
const NUMBER = /0[xX][0-9A-Fa-f]+|[0-9]+/y;
const DOTTED = /(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){1,3}/y;
const IDENTIFIER = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const COLONS = /[0-9A-Fa-f]{1,2}:+(?:[0-9A-Fa-f]{1,2}:+)+/y;
const MAC_FORMS = [
  /[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}/y,
  /[0-9A-Fa-f]{1,2}(?:-[0-9A-Fa-f]{1,2}){5}/y,
  /[0-9A-Fa-f]{1,2}(?:\.[0-9A-Fa-f]{1,2}){5}/y,
  /[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}/y,
  /[0-9A-Fa-f]{12}/y,
];
const IP6_CHARACTERS = /[0-9A-Fa-f]{0,4}:[0-9A-FXa-fx:]*(?:\.[0-9A-FXa-fx]+)*/y;

const OPERATOR_SYNONYMS: Readonly<Record<string, string>> = {'&&': 'and', '||': 'or', '==': '=', not: '!'};

/** A reader of tokens: each call gives the next one. */
export function tokenizer(text: string): () => Token {
  let at = 0;
  return () => {
    at += matchLength(BLANK, text, at);
    if (at >= text.length) return {type: 'end', text: '', value: 0};
    const token = tokenAt(text, at);
    at += token.text.length;
    return token.type === 'name' && token.text.startsWith('\\') ? {...token, text: token.text.slice(1)} : token;
  };
}

function matchLength(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function tokenAt(text: string, at: number): Token {
  const make = (type: string, length: number, value = 0, problem?: string): Token => ({
    type,
    text: text.slice(at, at + length),
    value,
    ...(problem === undefined ? {} : {problem}),
  });
  const identifier = matchLength(IDENTIFIER, text, at);
  const isReserved = isWord(text.slice(at, at + identifier));
  const [length, type] = longest([
    [isReserved ? identifier : 0, 'word'],
    [Math.max(...MAC_FORMS.map((form) => matchLength(form, text, at))), 'mac'],
    [matchLength(NUMBER, text, at), 'number'],
    [matchLength(DOTTED, text, at), 'dotted'],
    [ip6Length(text, at), 'address6'],
    [matchLength(COLONS, text, at), 'colons'],
    [identifier, 'name'],
    [matchLength(OPERATOR, text, at), 'operator'],
    [matchLength(ARCNET, text, at), 'arcnet'],
    [matchLength(ESCAPED, text, at), 'name'],
  ]);
  const spelled = text.slice(at, at + length);
  switch (type) {
    case 'word': {
      const constant = namedConstant(spelled);
      if (constant !== undefined) return make('number', length, constant);
      const word = keyword(spelled)!;
      return make(OPERATOR_SYNONYMS[word] ?? word, length);
    }
    case 'operator':
      return make(OPERATOR_SYNONYMS[spelled] ?? spelled, length);
    case 'number': {
      const parsed = parseNumber(spelled);
      return typeof parsed === 'number' ? make('number', length, parsed) : make('error', length, 0, parsed.problem);
    }
    case 'address6':
      return make('address6', length, 0, parseIp6(spelled) === undefined ? `bogus IPv6 address ${spelled}` : undefined);
    case 'colons':
      return make('mac', length, 0, `bogus ethernet address ${spelled}`);
  }
  return length === 0 ? make('error', 1) : make(type, length);
}

function isWord(text: string): boolean {
  return keyword(text) !== undefined || namedConstant(text) !== undefined;
}

/** The first of the longest. */
function longest(candidates: [number, string][]): [number, string] {
  return candidates.reduce((best, candidate) => (candidate[0] > best[0] ? candidate : best), [0, 'error']);
}

/** Decimal, `0x` hexadecimal or `0` octal, in 32 bits. */
function parseNumber(text: string): number | {readonly problem: string} {
  const isHex = /^0x/i.test(text);
  const isOctal = !isHex && text.startsWith('0');
  if (isOctal && /[89]/.test(text)) {
    const octal = /^[0-7]*/.exec(text)![0];
    if (Number.parseInt(octal, 8) <= 0xffff_ffff) return {problem: `number ${text} contains non-octal digit`};
  }
  const value = isHex ? Number.parseInt(text.slice(2), 16) : Number.parseInt(text, isOctal ? 8 : 10);
  return value > 0xffff_ffff ? {problem: `number ${text} overflows 32 bits`} : value;
}

/** Length of the longest IPv6 address at `at`, in form only: its dotted quad may be wrong. */
function ip6Length(text: string, at: number): number {
  const most = matchLength(IP6_CHARACTERS, text, at);
  for (let length = most; length > 1; length--) if (isIp6Form(text.slice(at, at + length))) return length;
  return 0;
}

const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const QUAD = /^(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){3}$/;

function isIp6Form(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const endsInQuad = groups.length > 0 && text.endsWith(groups.at(-1)!) && groups.at(-1)!.includes('.');
  if (endsInQuad && !QUAD.test(groups.pop()!)) return false;
  if (!groups.every((group) => GROUP.test(group))) return false;
  const width = endsInQuad ? 6 : 8;
  return halves.length === 1 ? groups.length === width : groups.length < width;
}
