/** ICMPv6 messages hardly met: router renumbering (RFC 2894), node information (RFC 4620), mobile prefixes (RFC 6275). */
import type {Dissector} from './dissector.js';
import type {Outcome} from './icmp6.js';
import {bitNames} from './names.js';
import {ndOptions} from './nd-options.js';

const commandFlags = [
  [0x80, 'T'],
  [0x40, 'R'],
  [0x20, 'A'],
  [0x10, 'S'],
  [0x08, 'P'],
] as const;
const useFlags = [
  [0x80, 'V'],
  [0x40, 'P'],
] as const;
const nodeAddressFlags = [
  [0x40, 'a'],
  [0x20, 'G'],
  [0x10, 'S'],
  [0x08, 'L'],
  [0x04, 'C'],
  [0x02, 'A'],
] as const;

const NODE_INFORMATION = 16;

export function renumbering(d: Dissector, o: number): void {
  if (!d.has(o + 12, 4)) return d.trunc();
  const code = d.u8(o + 1);
  const names: Readonly<Record<number, string>> = {0: 'command', 1: 'result', 255: 'sequence number reset'};
  d.s(`, ${names[code] ?? `code-#${code}`}, seq=${d.u32(o + 4)}`);
  if (d.v > 0) {
    const flags = d.u8(o + 9);
    d.c(0x5b);
    if (flags !== 0) d.s(`${bitNames(commandFlags, flags, '', '')},`);
    d.s(`seg=${d.u8(o + 8)},maxdelay=${d.u16(o + 10)}`);
    if (d.u32(o + 12) !== 0) d.s(`rsvd=0x${d.u32(o + 12).toString(16)}`);
    d.c(0x5d);
  }
  if (code === 0 && !prefixes(d, o + 16)) d.trunc();
}

/** One match part, then the prefixes to use instead. */
function prefixes(d: Dissector, o: number): boolean {
  if (!d.has(o + 8, 16)) return false;
  const break1 = d.v > 1 ? '\n\t' : ' ';
  const operation = d.u8(o);
  d.s(`${break1}match(${['', 'add', 'change', 'setglobal'][operation] || `#${operation}`}`);
  if (d.v > 0) d.s(`,ord=${d.u8(o + 2)},min=${d.u8(o + 4)},max=${d.u8(o + 5)}`);
  d.c(0x2c);
  d.groups(d.b, o + 8);
  d.s(`/${d.u8(o + 3)})`);
  const units = d.u8(o + 1) - 3;
  if (units % 4 !== 0) return false;
  for (let i = 0, use = o + 24; i < units / 4; i++, use += 32) {
    if (!d.has(use + 16, 16)) return false;
    d.s(`${break1}use(`);
    const flags = d.u8(use + 12);
    if (flags !== 0) d.s(`${bitNames(useFlags, flags, '', '')},`);
    if (d.v > 0) {
      d.s(`mask=0x${d.u8(use + 2).toString(16)},raflags=0x${d.u8(use + 3).toString(16)},`);
      d.s(`vltime=${lifetime(d.u32(use + 4))},pltime=${lifetime(d.u32(use + 8))},`);
    }
    d.groups(d.b, use + 16);
    d.s(`/${d.u8(use)}/${d.u8(use + 1)})`);
  }
  return true;
}

const lifetime = (value: number): string => (value === 0xffff_ffff ? 'infty' : String(value));

export function nodeInformation(d: Dissector, o: number, length: number): void {
  const size = d.end - o;
  if (d.u8(o) === 139) return informationQuery(d, o, size);
  if (length > size || !d.has(o, NODE_INFORMATION)) return d.trunc();
  informationReply(d, o, size);
}

function informationQuery(d: Dissector, o: number, size: number): void {
  if (size === 12) return d.s(' who-are-you request');
  d.s(' node information query');
  if (!d.has(o, NODE_INFORMATION)) return d.trunc();
  d.s(' (');
  const type = d.u16(o + 4);
  const flags = d.u16(o + 6);
  if (type === 0) d.s('noop');
  else if (type === 1) supportedTypes(d, flags);
  else if (type === 2) d.s('DNS name');
  else if (type === 3) {
    d.s('node addresses');
    if (flags !== 0) d.s(` [${bitNames(nodeAddressFlags, flags, '', '')}]`);
  } else d.s('unknown');
  if (type < 2) {
    if (size !== NODE_INFORMATION && d.v > 0) d.s(', invalid len');
  } else if (size === NODE_INFORMATION) d.s(', 03 draft');
  else subject(d, o + NODE_INFORMATION, d.u8(o + 1));
  d.c(0x29);
}

function supportedTypes(d: Dissector, flags: number): void {
  d.s('supported qtypes');
  if (flags !== 0) d.s((flags & 1) !== 0 ? ' [C]' : ' []');
}

function subject(d: Dissector, o: number, code: number): void {
  if (code === 1) {
    d.s(', subject=DNS name');
    return dnsName(d, o);
  }
  const bytes = code === 0 ? 16 : code === 2 ? 4 : undefined;
  if (bytes === undefined) return d.s(', unknown subject');
  if (!d.has(o, bytes)) return;
  if (d.end - o !== bytes) {
    if (d.v > 0) d.s(', invalid subject len');
    return;
  }
  d.s(', subject=');
  if (bytes === 16) d.ip6(o);
  else d.ip4(o);
}

/** A name to the end of the message: one counted string (draft 03) or labels. */
function dnsName(d: Dissector, o: number): void {
  if (d.u8(o) === d.end - o - 1) {
    if (d.v > 0) d.s(', 03 draft');
    d.s(', "');
    for (let i = o + 1; i < d.end; i++) d.safe(d.b[i]!);
    return d.c(0x22);
  }
  d.s(', "');
  let at = o;
  while (at < d.end) {
    let n = d.u8(at++);
    if (n === 0) {
      if (at === d.end) d.c(0x2e);
      else if (!(at + 1 === d.end && d.b[at] === 0)) d.s('???');
      break;
    }
    if (n > d.end - at) {
      d.s('???');
      break;
    }
    for (; n > 0 && at < d.end; n--) d.safe(d.b[at++]!);
    if (at + 1 < d.end && d.b[at] !== 0) d.c(0x2e);
  }
  d.c(0x22);
}

function informationReply(d: Dissector, o: number, size: number): void {
  const code = d.u8(o + 1);
  d.s(' node information reply (');
  if (code !== 0) {
    if (code < 3) {
      d.s(code === 1 ? 'refused' : 'unknown');
      if (size !== NODE_INFORMATION && d.v > 0) d.s(', invalid length');
    }
    return d.c(0x29);
  }
  if (d.v > 0) d.s('success, ');
  const type = d.u16(o + 4);
  const flags = d.u16(o + 6);
  if (type === 0) {
    d.s('noop');
    if (size !== NODE_INFORMATION && d.v > 0) d.s(', invalid length');
  } else if (type === 1) supportedTypes(d, flags);
  else if (type === 2) {
    d.s('DNS name');
    dnsName(d, o + NODE_INFORMATION + 4);
    if ((flags & 1) !== 0) d.s(` [TTL=${d.u32(o + NODE_INFORMATION)}]`);
  } else if (type === 3) {
    d.s('node addresses');
    for (let i = NODE_INFORMATION; i + 20 <= size; i += 20) {
      d.c(0x20);
      d.ip6(o + i + 4);
      d.s(`(${d.u32(o + i)})`);
    }
    if (flags !== 0) d.s(` [${bitNames(nodeAddressFlags, flags, '', '')}${(flags & 1) !== 0 ? 'T' : ''}]`);
  } else d.s('unknown');
  d.c(0x29);
}

/** Home agent discovery and mobile prefix messages, types 144 … 147. */
export function mobilePrefix(d: Dissector, o: number, length: number, type: number): Outcome {
  const solicited = type === 144 || type === 146;
  if (!solicited && d.v === 0) return 'length';
  const id = d.u16(o + 4);
  d.s(', id 0x');
  d.hex(id, 4);
  if (type === 145) {
    for (let at = o + 8; at < o + length; at += 16) {
      d.need(at, 16);
      d.s(', ');
      d.ip6(at);
    }
  } else if (type === 147) {
    const flags = d.u16(o + 6);
    if ((flags & 0xc000) !== 0) d.c(0x20);
    if ((flags & 0x8000) !== 0) d.c(0x4d);
    if ((flags & 0x4000) !== 0) d.c(0x4f);
    if (!ndOptions(d, o + 8, length - 8)) return 'cut';
  }
  return 'length';
}
