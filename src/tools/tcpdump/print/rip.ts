/** RIP, RFC 1058, RFC 2453, authentication RFC 4822 (print-rip.c). Entries of 20 bytes are listed from -v on. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, maskLength, paddedText, padHex} from './fields.js';
import {bsdFamilies} from './names.js';

const HEADER = 4;
const ENTRY = 20;
const INET = 2;
const commands = ['', 'Request', 'Response', 'Trace on', 'Trace off', 'Poll', 'Poll Entry'] as const;

export function rip(d: Dissector, o: number, length: number): void {
  d.protocol = 'rip';
  if (o > d.end) return d.trunc();
  const left = Math.min(d.end - o, length);
  if (left < HEADER) return d.trunc();
  const version = d.u8(o + 1);
  d.s(`${d.v > 0 ? '\n\t' : ''}RIPv${version}`);
  if (version === 0) return unknownData(d, '\n\t', o, length);
  const command = d.u8(o);
  d.s(`, ${commands[command] || `unknown command (${command})`}, length: ${length}`);
  if (d.v === 0) return;
  if (command === 1 || command === 2) {
    if (version > 2) d.s(', unknown version');
    else {
      d.s(`, routes: ${Math.floor(length / ENTRY)}${version === 2 ? ' or less' : ''}`);
      entries(d, o + HEADER, left - HEADER, version === 1 ? entry1 : entry2);
    }
  } else if ((command < 4 || command > 6) && d.v <= 1) unknownData(d, '\n\t', o, length);
  if (d.v > 1) unknownData(d, '\n\t', o, length);
}

/** Prints one entry of at most `left` bytes; its length, 0 when it is cut. */
type EntryPrinter = (d: Dissector, o: number, left: number) => number;

function entries(d: Dissector, start: number, length: number, print: EntryPrinter): void {
  let o = start;
  for (let left = length; left !== 0; ) {
    const used = print(d, o, left);
    if (used === 0) return d.trunc();
    if (left < used) {
      d.s(` [remaining entries length ${left} < ${used}]`);
      return d.invalid();
    }
    o += used;
    left -= used;
  }
}

/** family(2) zero(2) address(4) zero(8) metric(4) */
function entry1(d: Dissector, o: number, left: number): number {
  if (left < ENTRY || !d.has(o, ENTRY)) return 0;
  const family = d.u16(o);
  if (family !== INET && family !== 0) {
    d.s(`\n\t AFI ${bsdFamilies[family] ?? `Unknown (${family})`}, `);
    unknownData(d, '\n\t  ', o + 4, ENTRY - 4);
  } else if (d.u16(o + 2) !== 0 || d.u32(o + 8) !== 0 || d.u32(o + 12) !== 0) unknownData(d, '\n\t  ', o, ENTRY);
  else d.s(`\n\t  ${family === 0 ? 'AFI 0, ' : ''}${ip4Text(d, o + 4)}, metric: ${d.u32(o + 16)}`);
  return ENTRY;
}

/** family(2) tag(2) address(4) mask(4) next hop(4) metric(4); family 0xffff is authentication. */
function entry2(d: Dissector, o: number, left: number): number {
  if (left < 4 || !d.has(o, 4)) return 0;
  const family = d.u16(o);
  if (family === 0xffff) return authentication(d, o, left);
  if (family !== INET && family !== 0) {
    d.s(`\n\t  AFI ${bsdFamilies[family] ?? `Unknown (${family})`}`);
    unknownData(d, '\n\t  ', o + 4, ENTRY - 4);
    return ENTRY;
  }
  if (!d.has(o, ENTRY) || left < ENTRY) return 0;
  const prefix = String(maskLength(d.u32(o + 8))).padEnd(2);
  d.s(`\n\t  AFI ${bsdFamilies[family] ?? family}, ${ip4Text(d, o + 4).padStart(15)}/${prefix}, `);
  d.s(`tag 0x${padHex(d.u16(o + 2), 4)}, metric: ${d.u32(o + 16)}, next-hop: `);
  if (d.u32(o + 12) !== 0) d.ip4(o + 12);
  else d.s('self');
  return ENTRY;
}

function authentication(d: Dissector, o: number, length: number): number {
  const type = d.u16(o + 2);
  const at = o + 4;
  const left = length - 4;
  if (type === 2) {
    d.s('\n\t  Simple Text Authentication data: ');
    paddedText(d, at, 16);
    return ENTRY;
  }
  if (type === 3) {
    if (!d.has(at, 16) || left < 16) return 0;
    d.s(`\n\t  Auth header: Packet Len ${d.u16(at)}, Key-ID ${d.u8(at + 2)}, Auth Data Len ${d.u8(at + 3)},`);
    d.s(` SeqNo ${d.u32(at + 4)}, MBZ ${d.u32(at + 8)}, MBZ ${d.u32(at + 12)}`);
    return ENTRY;
  }
  d.s(type === 1 ? '\n\t  Auth trailer:' : `\n\t  Unknown (${type}) Authentication data:`);
  unknownData(d, '\n\t  ', at, left);
  return length;
}
