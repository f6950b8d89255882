/** ICMP, RFC 792 and later (print-icmp.c). At -v the packet that an error quotes is printed, and RFC 4884 extensions. */
import {get16} from '../../../wire/bytes.js';
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip, shouldBe} from './ip.js';
import type {Names} from './names.js';

const UNREACHABLE = 3;
const REDIRECT = 5;
const ADVERTISEMENT = 9;
const EXCEEDED = 11;
const PARAMETER = 12;

/** ICMP header and the 128 bytes of quoted packet in front of extensions, less the 4 that count as theirs. */
const EXTENSIONS_AT = 136;

/** tcpdump makes the text in a buffer of MAXHOSTNAMELEN + 100 bytes. */
const MAX_TEXT = 163;
const PREFIX = 'ICMP '.length;

const plainTypes: Names = {
  4: 'source quench',
  10: 'router solicitation',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};

/** Text around the quoted destination, by unreachable code. */
const unreachable: readonly (readonly [string, string])[] = [
  ['net ', ' unreachable'],
  ['host ', ' unreachable'],
  ['', ''],
  ['', ''],
  ['', ''],
  ['', ' unreachable - source route failed'],
  ['net ', ' unreachable - unknown'],
  ['host ', ' unreachable - unknown'],
  ['', ' unreachable - source host isolated'],
  ['net ', ' unreachable - admin prohibited'],
  ['host ', ' unreachable - admin prohibited'],
  ['net ', ' unreachable - tos prohibited'],
  ['host ', ' unreachable - tos prohibited'],
  ['host ', ' unreachable - admin prohibited filter'],
  ['host ', ' unreachable - host precedence violation'],
  ['host ', ' unreachable - precedence cutoff'],
];

/** A message of `length` bytes by its IP header. */
export function icmp(d: Dissector, o: number, length: number, fragmented: boolean): void {
  d.prefixes.cancel();
  d.protocol = 'icmp';
  const type = d.u8(o);
  const code = d.u8(o + 1);
  const mark = d.mark();
  if (!message(d, o, type, code)) return d.trunc();
  d.cutText(mark, PREFIX + MAX_TEXT);
  d.s(', length ');
  d.n(length);
  if (d.v === 0) return;
  if (!fragmented && d.has(o, length)) {
    const sum = d.sum(o, length);
    if (sum !== 0) {
      const field = d.u16(o + 2);
      d.s(' (wrong icmp cksum ');
      d.x(field);
      d.s(' (->');
      d.x(shouldBe(field, sum));
      d.s(')!)');
    }
  }
  const isError = type === UNREACHABLE || type === 4 || type === REDIRECT || type === EXCEEDED || type === PARAMETER;
  if (isError) {
    d.s('\n\t');
    const quoted = o + 8;
    const {end} = d;
    d.end = Math.min(quoted + d.u16(quoted + 2), end);
    // Read again: a stated length below 4 has just hidden the field itself.
    ip(d, quoted, d.u16(quoted + 2));
    d.end = end;
  }
  d.protocol = 'icmp';
  const mayExtend = type === UNREACHABLE || type === EXCEEDED || type === PARAMETER;
  if (mayExtend && length > EXTENSIONS_AT) extensions(d, o, length);
}

/** `ICMP <text>`: all that the text needs is tested before any of it is printed. False when the message is cut. */
function message(d: Dissector, o: number, type: number, code: number): boolean {
  const destination = o + 8 + 16;
  switch (type) {
    case 0:
    case 8:
      d.need(o + 4, 4);
      d.s(type === 8 ? 'ICMP echo request, id ' : 'ICMP echo reply, id ');
      d.n(get16(d.b, o + 4));
      d.s(', seq ');
      d.n(get16(d.b, o + 6));
      return true;
    case UNREACHABLE:
      return unreachableText(d, o, code);
    case REDIRECT:
      d.need(destination, 4);
      d.s(code > 3 ? `ICMP redirect-#${code} ` : code > 1 ? 'ICMP redirect-tos ' : 'ICMP redirect ');
      d.ip4(destination);
      d.s(code > 3 ? ' to ' : code % 2 === 0 ? ' to net ' : ' to host ');
      d.ip4(o + 4);
      return true;
    case ADVERTISEMENT:
      return routers(d, o);
    case EXCEEDED:
      if (!d.has(destination, 4)) return false;
      if (code === 0) d.s('ICMP time exceeded in-transit');
      else d.s(code === 1 ? 'ICMP ip reassembly time exceeded' : `ICMP time exceeded-#${code}`);
      return true;
    case PARAMETER:
      d.s(code !== 0 ? `ICMP parameter problem - code ${code}` : `ICMP parameter problem - octet ${d.u8(o + 4)}`);
      return true;
    case 13:
      d.need(o + 4, 4);
      d.s(`ICMP time stamp query id ${d.u16(o + 4)} seq ${d.u16(o + 6)}`);
      return true;
    case 14:
      if (!d.has(o + 16, 4)) return false;
      d.s(`ICMP time stamp reply id ${d.u16(o + 4)} seq ${d.u16(o + 6)}`);
      d.s(`: org ${clock(d.u32(o + 8))}, recv ${clock(d.u32(o + 12))}, xmit ${clock(d.u32(o + 16))}`);
      return true;
    case 18:
      d.need(o + 8, 4);
      d.s('ICMP address mask is 0x');
      d.hex(d.u32(o + 8), 8);
      return true;
    default:
      d.s(`ICMP ${plainTypes[type] ?? `type-#${type}`}`);
      return true;
  }
}

function unreachableText(d: Dissector, o: number, code: number): boolean {
  const quoted = o + 8;
  const destination = quoted + 16;
  if (code === 3) return portText(d, quoted);
  if (code === 4) d.need(o + 6, 2);
  d.need(destination, 4);
  if (code === 2) {
    d.s('ICMP ');
    d.ip4(destination);
    d.s(` protocol ${d.u8(quoted + 9)} unreachable`);
    return true;
  }
  const [before, after] = unreachable[code] ?? ['', ` unreachable - #${code}`];
  d.s('ICMP ');
  d.s(before);
  d.ip4(destination);
  if (code !== 4) d.s(after);
  else {
    d.s(' unreachable - need to frag');
    const mtu = d.u16(o + 6);
    if (mtu !== 0) d.s(` (mtu ${mtu})`);
  }
  return true;
}

/** Port unreachable: protocol and destination port of the quoted packet. */
function portText(d: Dissector, quoted: number): boolean {
  if (!d.has(quoted + 9, 1)) return false;
  const port = d.u16(quoted + (d.u8(quoted) & 15) * 4 + 2);
  const protocol = d.u8(quoted + 9);
  d.need(quoted + 16, 4);
  d.s('ICMP ');
  d.ip4(quoted + 16);
  if (protocol === 6) {
    d.s(' tcp port ');
    d.tcpPort(port);
  } else if (protocol === 17) {
    d.s(' udp port ');
    d.udpPort(port);
  } else d.s(` protocol ${protocol} port ${port}`);
  d.s(' unreachable');
  return true;
}

/** Router advertisement, RFC 1256. */
function routers(d: Dissector, o: number): boolean {
  if (!d.has(o + 4, 4)) return false;
  const count = d.u8(o + 4);
  const size = d.u8(o + 5);
  if (size === 2) {
    const held = Math.floor(Math.max(0, d.end - (o + 8)) / 8);
    if (held < count) return false;
  }
  d.s(`ICMP router advertisement lifetime ${lifetime(d.u16(o + 6))} ${count}:`);
  if (size !== 2) {
    d.s(` [size ${size}]`);
    return true;
  }
  for (let i = 0; i < count; i++) {
    d.s(' {');
    d.ip4(o + 8 + 8 * i);
    d.s(` ${d.u32(o + 12 + 8 * i)}}`);
  }
  return true;
}

const two = (n: number): string => String(n).padStart(2, '0');

function lifetime(seconds: number): string {
  if (seconds < 60) return String(seconds);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}

/** Milliseconds since midnight. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${two(hours)}:${two(minutes % 60)}:${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** RFC 4884 extension structure behind the quoted packet: version, checksum, objects. */
function extensions(d: Dissector, o: number, length: number): void {
  const at = o + EXTENSIONS_AT;
  const size = length - EXTENSIONS_AT;
  if (!d.has(o, EXTENSIONS_AT + 5)) return d.trunc();
  // A length field of 0 is how old senders look; then only a right checksum tells extensions from quoted data.
  if (d.u8(o + 5) === 0 && d.has(at, size) && d.sum(at, size) !== 0) return;
  const version = d.b[at]! >> 4;
  d.s(`\n\tICMP Multi-Part extension v${version}`);
  if (version !== 2) return d.s(' packet not supported');
  if (d.has(at, size)) {
    d.s(', checksum 0x');
    d.hex(d.u16(at + 2), 4);
    d.s(` (${d.sum(at, size) !== 0 ? 'in' : ''}correct), length ${size}`);
  }
  // An unsigned count: a structure of less than its own 4 bytes wraps around.
  let left = (size - 4) >>> 0;
  let object = at + 4;
  while (left > 4) {
    if (!d.has(object, 4)) return d.trunc();
    const objectLength = d.u16(object);
    const kind = d.u8(object + 2);
    const subtype = d.u8(object + 3);
    const name = kind === 1 ? 'MPLS Stack Entry' : kind === 2 ? 'Interface Identification' : 'unknown';
    d.s(`\n\t  ${name} Object (${kind}), Class-Type: ${subtype}, length ${objectLength}`);
    left -= 4;
    object += 4;
    if (kind === 0 || objectLength < 4) return;
    const n = objectLength - 4;
    if (kind === 1 && subtype === 1) {
      const label = d.u32(object);
      d.s(`\n\t    label ${label >>> 12}, tc ${(label >>> 9) & 7}`);
      if ((label & 0x100) !== 0) d.s(', [S]');
      d.s(`, ttl ${label & 0xff}`);
    } else unknownData(d, '\n\t    ', object, n);
    if (left < n) break;
    left -= n;
    object += n;
  }
}
