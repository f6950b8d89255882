/**
 * Primitives of link types that cannot be captured here (ATM, SS7, 802.11, the OpenBSD packet filter's log). They are read
 * as libpcap reads them and then refused with its messages.
 */
import {FilterError} from './error.js';
import type {Reader} from './reader.js';

const ATM_ABBREVIATIONS: Readonly<Record<string, string>> = {
  lane: 'lane',
  metac: 'metac',
  bcc: 'bcc',
  oam: 'oam',
  oamf4: 'oamf4',
  oamf4ec: 'oam4ec',
  oamf4sc: 'oam4sc',
  sc: 'sc',
  ilmic: 'ilmic',
  connectmsg: 'connectmsg',
  metaconnect: 'metaconnect',
};
const MTP2_TYPES = new Set(['fisu', 'lssu', 'msu', 'hfisu', 'hlssu', 'hmsu']);
const MTP3_FIELDS = new Set(['sio', 'opc', 'dpc', 'sls', 'hsio', 'hopc', 'hdpc', 'hsls']);
const RELATIONS = new Set(['>', '>=', '=', '<=', '<', '!=']);
const PF_OPERANDS: Readonly<Record<string, readonly string[]>> = {
  on: ['name'],
  rset: ['name'],
  rnr: ['number'],
  srnr: ['number'],
  reason: ['number', 'name'],
  action: ['name'],
};
const PF_SUBJECTS: Readonly<Record<string, string>> = {on: 'ifname', rset: 'ruleset'};
const PF_REASONS = new Set(
  'match bad-offset fragment short normalize memory bad-timestamp congestion ip-option proto-cksum state-mismatch state-insert state-limit src-limit synproxy'.split(
    ' ',
  ),
);
const PF_ACTIONS = new Set(
  'pass accept drop block scrub noscrub nat nonat binat nobinat rdr nordr synproxy-drop'.split(' '),
);

/** Is the next token the beginning of such a primitive? Then it throws. */
export function refuseForeign(r: Reader): void {
  const word = r.peek().type;
  if (ATM_ABBREVIATIONS[word] !== undefined) refuse(r, `'${ATM_ABBREVIATIONS[word]}' supported only on raw ATM`);
  if (MTP2_TYPES.has(word)) refuse(r, `'${word}' supported only on ${word.startsWith('h') ? 'MTP2_HSL' : 'MTP2'}`);
  if (word === 'vpi' || word === 'vci') refuseField(r, `'${word}' supported only on raw ATM`);
  if (MTP3_FIELDS.has(word)) refuseField(r, `'${word.replace('h', '')}' supported only on SS7`);
  const operands = PF_OPERANDS[word];
  if (operands !== undefined) refusePacketFilter(r, word, operands);
}

function refuse(r: Reader, message: string): never {
  r.take();
  throw new FilterError(message);
}

/** A number, compared or in a list. */
function refuseField(r: Reader, message: string): never {
  r.take();
  if (RELATIONS.has(r.peek().type)) r.take();
  else r.accept('(');
  r.expect('number');
  throw new FilterError(message);
}

function refusePacketFilter(r: Reader, word: string, operands: readonly string[]): never {
  r.take();
  const operand = r.peek();
  if (!operands.includes(operand.type)) throw r.syntaxError();
  r.take();
  const isNamed = operand.type === 'name';
  if (word === 'reason' && isNamed && !PF_REASONS.has(operand.text.toLowerCase())) {
    throw new FilterError(`unknown PF reason "${operand.text}"`);
  }
  if (word === 'action' && !PF_ACTIONS.has(operand.text.toLowerCase())) {
    throw new FilterError(`unknown PF action "${operand.text}"`);
  }
  throw new FilterError(`${PF_SUBJECTS[word] ?? word} supported only on PF linktype`);
}

const WIRELESS_TYPES: Readonly<Record<string, string>> = {
  data: 'data',
  mgt: 'mgt',
  management: 'mgt',
  ctl: 'ctl',
  control: 'ctl',
};
const WIRELESS_SUBTYPES: Readonly<Record<string, ReadonlySet<string>>> = {
  mgt: new Set(
    'assocreq assoc-req assocresp assoc-resp reassocreq reassoc-req reassocresp reassoc-resp probereq probe-req proberesp probe-resp beacon atim disassoc disassociation auth authentication deauth deauthentication'.split(
      ' ',
    ),
  ),
  ctl: new Set('ps-poll rts cts ack cf-end cf-end-ack'.split(' ')),
  data: new Set(
    'data data-cf-ack data-cf-poll data-cf-ack-poll null cf-ack cf-poll cf-ack-poll qos-data qos-data-cf-ack qos-data-cf-poll qos-data-cf-ack-poll qos qos-cf-poll qos-cf-ack-poll'.split(
      ' ',
    ),
  ),
};
const TYPE_MASK = 0x0c;
const SUBTYPE_MASK = 0xf0;
const ONLY_WIRELESS = '802.11 link-layer types supported only on 802.11';

/** `type`, `subtype` or `dir` is next, perhaps behind the name of a protocol. */
export function refuseWireless(r: Reader): never {
  switch (r.take().type) {
    case 'type': {
      const type = readWirelessType(r);
      if (r.accept('subtype')) readWirelessSubtype(r, type);
      throw new FilterError(ONLY_WIRELESS);
    }
    case 'subtype': {
      const name = r.expect('name').text.toLowerCase();
      const isKnown = Object.values(WIRELESS_SUBTYPES).some((names) => names.has(name));
      throw new FilterError(isKnown ? ONLY_WIRELESS : 'unknown 802.11 type name');
    }
  }
  const direction = readNumberOrName(r);
  const isKnown = direction.type === 'number' || /^(nods|tods|fromds|dstods)$/i.test(direction.text);
  throw new FilterError(isKnown ? 'frame direction supported only with 802.11 headers' : 'unknown 802.11 direction');
}

function readNumberOrName(r: Reader) {
  const {type} = r.peek();
  if (type !== 'number' && type !== 'name') throw r.syntaxError();
  return r.take();
}

/** The type's key in `WIRELESS_SUBTYPES`; undefined for a reserved one. */
function readWirelessType(r: Reader): string | undefined {
  const {type, text, value} = readNumberOrName(r);
  if (type === 'number') {
    if ((value & ~TYPE_MASK) !== 0) throw new FilterError(`invalid 802.11 type value 0x${hex2(value)}`);
    return ['mgt', 'ctl', 'data'][value >>> 2];
  }
  const name = WIRELESS_TYPES[text.toLowerCase()];
  if (name === undefined) throw new FilterError(`unknown 802.11 type name "${text}"`);
  return name;
}

function readWirelessSubtype(r: Reader, wirelessType: string | undefined): void {
  const {type, text, value} = readNumberOrName(r);
  if (type === 'number') {
    if ((value & ~SUBTYPE_MASK) === 0) return;
    throw new FilterError(`invalid 802.11 subtype value 0x${hex2(value)}`);
  }
  if (wirelessType === undefined) throw new FilterError('unknown 802.11 type');
  if (!WIRELESS_SUBTYPES[wirelessType]!.has(text.toLowerCase())) {
    throw new FilterError(`unknown 802.11 subtype name "${text}"`);
  }
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}
