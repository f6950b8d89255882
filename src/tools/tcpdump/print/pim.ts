/** PIM version 2, RFC 7761, 3973, 5015 (print-pim.c). The body of a message is printed from -v on. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {duration} from './duration.js';
import {ip4Text, ip6Text, padHex} from './fields.js';
import {ip} from './ip.js';
import {ip6, pseudo6} from './ip6.js';
import {hex2, hex4, type Names} from './names.js';

const PROTOCOL = 103;
const HEADER = 4;
const REGISTER = 1;
const GRAFT_ACK = 7;
/** What a register message's checksum covers. */
const REGISTER_HEADER = 8;

const types = [
  'Hello',
  'Register',
  'Register Stop',
  'Join / Prune',
  'Bootstrap',
  'Assert',
  'Graft',
  'Graft Acknowledgement',
  'Candidate RP Advertisement',
  'Prune Refresh',
  'DF Election',
  'ECMP Redirect',
] as const;
const optionNames: Names = {
  1: 'Hold Time',
  2: 'LAN Prune Delay',
  18: 'DR Priority (Old)',
  19: 'DR Priority',
  20: 'Generation ID',
  21: 'State Refresh Capability',
  22: 'Bi-Directional Capability',
  24: 'Address List',
  65001: 'Address List (Old)',
};
const elections = ['Unknown', 'Offer', 'Winner', 'Backoff', 'Pass'] as const;

type AddressKind = 'unicast' | 'group' | 'source';

/** The rest of a message, and the length of addresses without a family (RFC 2117), 0 for those with one. */
interface Rest {
  o: number;
  left: number;
  readonly plain: number;
}

/** Prints a message; false when it is cut. */
type MessagePrinter = (d: Dissector, rest: Rest, type: number, subtype: number) => boolean;
const messages: readonly (MessagePrinter | undefined)[] = [
  hello,
  register,
  registerStop,
  joinPrune,
  bootstrap,
  assertion,
  joinPrune,
  joinPrune,
  candidate,
  pruneRefresh,
  election,
];

export function pim(d: Dissector, o: number, length: number, ipAt: number): void {
  d.protocol = 'pim';
  const version = d.u8(o) >> 4;
  const type = d.u8(o) & 15;
  if (version !== 2) return d.s(`PIMv${version}, length ${length}`);
  const name = types[type] ?? 'Unknown Type';
  if (d.v === 0) return d.s(`PIMv2, ${name}, length ${length}`);
  d.s(`PIMv2, length ${length}\n\t${name}`);
  d.protocol = 'pimv2';
  if (length < 2) return short(d, length, 2);
  const reserved = d.u8(o + 1);
  const plain = reserved & 15;
  if (plain !== 0) d.s(', RFC2117-encoding');
  if (length < HEADER) return short(d, length, HEADER);
  d.s(`, cksum ${hex4(d.u16(o + 2))} ${checksum(d, o, length, type, ipAt)}`);
  const print = messages[type];
  const rest = {o: o + HEADER, left: length - HEADER, plain};
  if (print === undefined) d.s(` [type ${type}]`);
  else if (!print(d, rest, type, reserved >> 4)) d.trunc();
}

function short(d: Dissector, length: number, least: number): void {
  d.s(`[length ${length} < ${least}]`);
  d.invalid();
}

function checksum(d: Dissector, o: number, length: number, type: number, ipAt: number): string {
  if (d.u16(o + 2) === 0) return '(unverified)';
  let state = 'incorrect';
  for (const covered of type === REGISTER ? [REGISTER_HEADER, length] : [length]) {
    const initial = d.u8(ipAt) >> 4 === 6 ? pseudo6(d, ipAt, PROTOCOL, covered) : 0;
    state = !d.has(o, covered) ? 'unverified' : d.sum(o, covered, initial) === 0 ? 'correct' : 'incorrect';
    if (state !== 'incorrect') break;
  }
  return `(${state})`;
}

function move(rest: Rest, n: number): void {
  rest.o += n;
  rest.left = (rest.left - n) >>> 0;
}

/** Encoded address: family(1) encoding(1), of groups and sources flags(1) prefix length(1), address. False when it is bad. */
function address(d: Dissector, rest: Rest, kind: AddressKind): boolean {
  let size = rest.plain;
  if (size === 0) {
    if (rest.left < 2) return false;
    const family = d.u8(rest.o);
    if (family !== 1 && family !== 2) return false;
    if (d.u8(rest.o + 1) !== 0) return false;
    size = family === 1 ? 4 : 16;
    move(rest, 2);
  } else if (size !== 4 && size !== 16) return false;
  const head = kind === 'unicast' ? 0 : 2;
  if (rest.left < size + head || !d.has(rest.o, size + head)) return false;
  d.s(size === 4 ? ip4Text(d, rest.o + head) : ip6Text(d, rest.o + head));
  if (kind !== 'unicast') {
    const flags = d.u8(rest.o);
    const prefix = d.u8(rest.o + 1);
    if (prefix !== size * 8) d.s(`/${prefix}`);
    if (flags !== 0) d.s(kind === 'group' ? `(${hex2(flags)})` : sourceFlags(flags));
  }
  move(rest, size + head);
  return true;
}

function sourceFlags(flags: number): string {
  const letters = `${flags & 4 ? 'S' : ''}${flags & 2 ? 'W' : ''}${flags & 1 ? 'R' : ''}`;
  return `(${letters}${(flags & 0xf8) !== 0 ? `+${hex2(flags & 0xf8)}` : ''})`;
}

/** `text` and then an address. */
function named(d: Dissector, text: string, rest: Rest, kind: AddressKind): boolean {
  d.s(text);
  return address(d, rest, kind);
}

function hello(d: Dissector, rest: Rest): boolean {
  while (rest.left > 0) {
    if (rest.left < 4) return false;
    const type = d.u16(rest.o);
    const size = d.u16(rest.o + 2);
    d.s(`\n\t  ${optionNames[type] ?? 'Unknown'} Option (${type}), length ${size}, Value: `);
    move(rest, 4);
    if (rest.left < size || !d.has(rest.o, size)) return false;
    const outcome = option(d, type, size, rest);
    if (outcome === 'wrong') {
      d.s(`[option length ${size} != ${type === 1 ? 2 : 4}]`);
      d.invalid();
      return true;
    }
    if (outcome === 'cut') return false;
    if (d.v > 1 || outcome === 'unknown') unknownData(d, '\n\t    ', rest.o, size);
    move(rest, size);
  }
  return true;
}

function option(d: Dissector, type: number, size: number, rest: Rest): 'done' | 'wrong' | 'cut' | 'unknown' {
  const {o} = rest;
  switch (type) {
    case 1:
      if (size !== 2) return 'wrong';
      d.s(duration(d.u16(o)));
      return 'done';
    case 2: {
      if (size !== 4) return 'wrong';
      const delay = d.u16(o);
      d.s(`\n\t    T-bit=${delay >> 15}, LAN delay ${delay & 0x7fff}ms, Override interval ${d.u16(o + 2)}ms`);
      return 'done';
    }
    case 18:
    case 19:
      if (size !== 0 && size !== 4) return 'wrong';
      d.s(size === 0 ? 'Bi-Directional Capability (Old)' : String(d.u32(o)));
      return 'done';
    case 20:
      if (size !== 4) return 'wrong';
      d.s(`0x${padHex(d.u32(o), 8)}`);
      return 'done';
    case 21: {
      if (size !== 4) return 'wrong';
      d.s(`v${d.u8(o)}`);
      if (d.u8(o + 1) !== 0) d.s(`, interval ${duration(d.u8(o + 1))}`);
      if (d.u16(o + 2) !== 0) d.s(` ?${hex4(d.u16(o + 2))}?`);
      return 'done';
    }
    case 22:
      return 'done';
    case 24:
    case 65001:
      return d.v <= 1 || addressList(d, size, rest) ? 'done' : 'cut';
    default:
      return 'unknown';
  }
}

function addressList(d: Dissector, size: number, rest: Rest): boolean {
  const list = {...rest};
  while (list.o < rest.o + size) if (!named(d, '\n\t    ', list, 'unicast')) return false;
  return true;
}

function register(d: Dissector, rest: Rest): boolean {
  if (rest.left < 4 || !d.has(rest.o, 4)) return false;
  const flags = d.u32(rest.o);
  d.s(`, Flags [ ${flags === 0x80000000 ? 'Border' : flags === 0x40000000 ? 'Null' : 'none'} ]\n\t`);
  move(rest, 4);
  if (rest.left === 0) return false;
  const version = d.u8(rest.o) >> 4;
  if (version === 0) d.s(`IP-Null-header ${ip4Text(d, rest.o + 12)} > ${ip4Text(d, rest.o + 16)}`);
  else if (version === 4) ip(d, rest.o, rest.left);
  else if (version === 6) ip6(d, rest.o, rest.left);
  else d.s(`IP ver ${version}`);
  return true;
}

function registerStop(d: Dissector, rest: Rest): boolean {
  return named(d, ' group=', rest, 'group') && named(d, ' source=', rest, 'unicast');
}

function joinPrune(d: Dissector, rest: Rest, type: number): boolean {
  if (type !== GRAFT_ACK && !named(d, ', upstream-neighbor: ', rest, 'unicast')) return false;
  if (rest.left < 4 || !d.has(rest.o, 4)) return false;
  const groups = d.u8(rest.o + 1);
  const hold = d.u16(rest.o + 2);
  d.s(`\n\t  ${groups} group(s)`);
  if (type !== GRAFT_ACK) d.s(`, holdtime: ${hold === 0xffff ? 'infinite' : duration(hold)}`);
  move(rest, 4);
  for (let i = 1; i <= groups; i++) {
    if (!named(d, `\n\t    group #${i}: `, rest, 'group')) return false;
    if (rest.left < 4 || !d.has(rest.o, 4)) return false;
    const counts = [d.u16(rest.o), d.u16(rest.o + 2)] as const;
    d.s(`, joined sources: ${counts[0]}, pruned sources: ${counts[1]}`);
    move(rest, 4);
    for (const [list, count] of counts.entries()) {
      const kind = list === 0 ? 'joined' : 'pruned';
      for (let k = 1; k <= count; k++) if (!named(d, `\n\t      ${kind} source #${k}: `, rest, 'source')) return false;
    }
  }
  return true;
}

function bootstrap(d: Dissector, rest: Rest): boolean {
  if (rest.left < 2) return false;
  d.s(` tag=${d.u16(rest.o).toString(16)}`);
  if (rest.left < 3) return false;
  d.s(` hashmlen=${d.u8(rest.o + 2)}`);
  if (rest.left < 4 || !d.has(rest.o + 4, 1)) return false;
  d.s(` BSRprio=${d.u8(rest.o + 3)}`);
  move(rest, 4);
  if (!named(d, ' BSR=', rest, 'unicast')) return false;
  for (let i = 0; rest.left > 0; i++) if (!rendezvousSet(d, rest, i)) return false;
  return true;
}

/** A group and its rendezvous points. */
function rendezvousSet(d: Dissector, rest: Rest, number: number): boolean {
  if (!named(d, ` (group${number}: `, rest, 'group') || rest.left < 1) return false;
  d.s(` RPcnt=${d.u8(rest.o)}`);
  if (rest.left < 2) return false;
  const count = d.u8(rest.o + 1);
  d.s(` FRPcnt=${count}`);
  if (rest.left < 4) return false;
  move(rest, 4);
  for (let k = 0; k < count && rest.left > 0; k++) {
    if (!named(d, ` RP${k}=`, rest, 'unicast') || rest.left < 2) return false;
    d.s(',holdtime=');
    d.s(duration(d.u16(rest.o)));
    if (rest.left < 3) return false;
    d.s(`,prio=${d.u8(rest.o + 2)}`);
    if (rest.left < 4) return false;
    move(rest, 4);
  }
  d.c(0x29);
  return true;
}

function assertion(d: Dissector, rest: Rest): boolean {
  if (!named(d, ' group=', rest, 'group') || !named(d, ' src=', rest, 'unicast')) return false;
  if (rest.left < 8 || !d.has(rest.o, 8)) return false;
  if ((d.u8(rest.o) & 0x80) !== 0) d.s(' RPT');
  d.s(` pref=${d.u32(rest.o) & 0x7fffffff} metric=${d.u32(rest.o + 4)}`);
  return true;
}

function candidate(d: Dissector, rest: Rest): boolean {
  if (rest.left < 1) return false;
  const count = d.u8(rest.o);
  d.s(` prefix-cnt=${count}`);
  if (rest.left < 2) return false;
  d.s(` prio=${d.u8(rest.o + 1)}`);
  if (rest.left < 4) return false;
  d.s(' holdtime=');
  d.s(duration(d.u16(rest.o + 2)));
  move(rest, 4);
  if (!named(d, ' RP=', rest, 'unicast')) return false;
  for (let i = 0; i < count && rest.left > 0; i++) if (!named(d, ` Group${i}=`, rest, 'group')) return false;
  return true;
}

function pruneRefresh(d: Dissector, rest: Rest): boolean {
  const whole =
    named(d, ' src=', rest, 'unicast') && named(d, ' grp=', rest, 'group') && named(d, ' forwarder=', rest, 'unicast');
  if (!whole || rest.left < 2) return false;
  d.s(' TUNR ');
  d.s(duration(d.u16(rest.o)));
  return true;
}

function election(d: Dissector, rest: Rest, _type: number, subtype: number): boolean {
  d.s(`\n\t  ${elections[subtype] ?? 'Unknown'},`);
  if (!named(d, ' rpa=', rest, 'unicast')) return false;
  metrics(d, 'sender', rest);
  if (subtype !== 3 && subtype !== 4) return true;
  const who = subtype === 3 ? 'offer' : 'new winner';
  if (!named(d, `\n\t  ${who} addr=`, rest, 'unicast')) return false;
  metrics(d, who, rest);
  if (subtype === 3) d.s(` interval ${d.u16(rest.o)}ms`);
  return true;
}

function metrics(d: Dissector, who: string, rest: Rest): void {
  d.s(` ${who} pref=${d.u32(rest.o)}`);
  d.s(` ${who} metric=${d.u32(rest.o + 4)}`);
  move(rest, 8);
}
