/** Label Distribution Protocol, RFC 5036, RFC 4447 (print-ldp.c). Messages are printed from -v on. */
import {type Dissector, TRUNCATED} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, ip6Text, padHex} from './fields.js';
import {martini} from './ldp-martini.js';
import {addressFamilies, hex2, hex4, type Names} from './names.js';
import {prefixField} from './prefix-field.js';

const HEADER = 10;
const MESSAGE = 8;
const messages: Names = {
  1: 'Notification',
  256: 'Hello',
  512: 'Initialization',
  513: 'Keepalive',
  768: 'Address',
  769: 'Address Withdraw',
  1024: 'Label Mapping',
  1025: 'Label Request',
  1026: 'Label Withdraw',
  1027: 'Label Release',
  1028: 'Label Abort Request',
};
/** Messages whose fields are printed. */
const decoded: ReadonlySet<number> = new Set([0x0001, 0x0100, 0x0200, 0x0201, 0x0300, 0x0301, 0x0400, 0x0402]);
const fieldNames: Names = {
  256: 'FEC',
  257: 'Address List',
  259: 'Hop Count',
  260: 'Path Vector',
  512: 'Generic Label',
  513: 'ATM Label',
  514: 'Frame-Relay Label',
  768: 'Status',
  769: 'Extended Status',
  770: 'Returned PDU',
  771: 'Returned Message',
  1024: 'Common Hello Parameters',
  1025: 'IPv4 Transport Address',
  1026: 'Configuration Sequence Number',
  1027: 'IPv6 Transport Address',
  1280: 'Common Session Parameters',
  1281: 'ATM Session Parameters',
  1282: 'Frame-Relay Session Parameters',
  1283: 'Fault-Tolerant Session Parameters',
  1536: 'Label Request Message ID',
  1537: 'MTU',
};
const classes: Names = {1: 'Wildcard', 2: 'Prefix', 3: 'Host address', 128: 'Martini VC'};

/** Type → least length, printer. */
const values: Readonly<Record<number, readonly [number, (d: Dissector, o: number, n: number) => void]>> = {
  256: [1, equivalenceClass],
  257: [2, addressList],
  512: [4, (d, o) => d.s(`\n\t      Label: ${d.u32(o) & 0xfffff}`)],
  768: [8, status],
  1024: [4, helloParameters],
  1025: [4, (d, o) => d.s(`\n\t      IPv4 Transport Address: ${ip4Text(d, o)}`)],
  1026: [4, (d, o) => d.s(`\n\t      Sequence Number: ${d.u32(o)}`)],
  1027: [16, (d, o) => d.s(`\n\t      IPv6 Transport Address: ${ip6Text(d, o)}`)],
  1280: [8, session],
  1283: [12, faultTolerance],
  1537: [2, (d, o) => d.s(`\n\t      MTU: ${d.u16(o)}`)],
};

export function ldp(d: Dissector, start: number, length: number): void {
  d.protocol = 'ldp';
  let o = start;
  for (let left = length; left > HEADER + MESSAGE; ) {
    const used = unit(d, o);
    if (used === 0) return;
    if (left < used) {
      d.s(` [remaining length ${left} < ${used}]`);
      return d.invalid();
    }
    o += used;
    left -= used;
  }
}

/** Prints a protocol data unit: its length, 0 to end there. */
function unit(d: Dissector, o: number): number {
  d.need(o, HEADER);
  const before = d.v === 0 ? '' : '\n\t';
  const version = d.u16(o);
  if (version !== 1) {
    d.s(`${before}LDP version ${version} packet not supported`);
    return 0;
  }
  const length = d.u16(o + 2);
  if (length < HEADER - 4) {
    d.s(`${before}LDP, pdu-length: ${length} (too short, < ${HEADER - 4})`);
    return 0;
  }
  d.s(`${before}LDP, Label-Space-ID: ${ip4Text(d, o + 4)}:${d.u16(o + 8)}, pdu-length: ${length}`);
  if (d.v === 0) return 0;
  let at = o + HEADER;
  // A message longer than the unit leaves an unsigned 16-bit rest.
  for (let left = length - (HEADER - 4); left > 0; ) {
    const size = message(d, at);
    if (size < 0) return 0;
    at += size + 4;
    left = (left - size - 4) & 0xffff;
  }
  return length + 4;
}

/** Prints a message: its length, -1 when that is too small. */
function message(d: Dissector, o: number): number {
  d.need(o, MESSAGE);
  const type = d.u16(o) & 0x7fff;
  const length = d.u16(o + 2);
  const name = `${messages[type] ?? 'Unknown'} Message (${hex4(type)}), length: ${length}`;
  if (length < MESSAGE - 4) {
    d.s(`\n\t  ${name} (too short, < ${MESSAGE - 4})`);
    return -1;
  }
  const unknown = (d.u16(o) & 0x8000) !== 0 ? 'continue processing' : 'ignore';
  d.s(`\n\t  ${name}, Message ID: 0x${padHex(d.u32(o + 4), 8)}, Flags: [${unknown} if unknown]`);
  d.need(o, length);
  const left = length - (MESSAGE - 4);
  if (decoded.has(type)) fields(d, o + MESSAGE, left);
  else if (d.v <= 1) unknownData(d, '\n\t  ', o + MESSAGE, left);
  if (d.v > 1) unknownData(d, '\n\t  ', o + MESSAGE, length);
  return length;
}

function fields(d: Dissector, start: number, length: number): void {
  let o = start;
  for (let left = length; left >= 4; ) {
    d.need(o, 4);
    const size = d.u16(o + 2);
    if (size + 4 > left) return d.s('\n\t\t TLV contents go past end of message');
    const head = d.u16(o);
    const type = head & 0x3fff;
    d.s(`\n\t    ${fieldNames[type] ?? 'Unknown'} TLV (${hex4(type)}), length: ${size}, Flags: [`);
    d.s(`${(head & 0x8000) !== 0 ? 'continue processing' : 'ignore'} and `);
    d.s(`${(head & 0x4000) !== 0 ? 'do' : "don't"} forward if unknown]`);
    const [least, print] = values[type] ?? [0, undefined];
    if (print === undefined) {
      if (d.v <= 1) unknownData(d, '\n\t      ', o + 4, size);
    } else if (holds(d, size, least)) print(d, o + 4, size);
    o += size + 4;
    left -= size + 4;
  }
}

/** Says so when a field is too short. */
export function holds(d: Dissector, n: number, least: number): boolean {
  if (n >= least) return true;
  d.s(` [tlv length ${n} < ${least}]`);
  d.invalid();
  return false;
}

function helloParameters(d: Dissector, o: number): void {
  const flags = d.u16(o + 2);
  d.s(`\n\t      Hold Time: ${d.u16(o)}s, Flags: [${(flags & 0x8000) !== 0 ? 'Targeted' : 'Link'} Hello`);
  d.s(`${(flags & 0x4000) !== 0 ? ', Request for targeted Hellos' : ''}]`);
}

function addressList(d: Dissector, o: number, n: number): void {
  const family = d.u16(o);
  d.s(`\n\t      Address Family: ${addressFamilies[family] ?? `Unknown (${family})`}, addresses`);
  const size = family === 1 ? 4 : family === 2 ? 16 : n;
  for (let i = 2; family >= 1 && family <= 2 && i + size <= n; i += size)
    d.s(` ${(family === 1 ? ip4Text : ip6Text)(d, o + i)}`);
}

function session(d: Dissector, o: number): void {
  const flags = d.u16(o + 6);
  d.s(`\n\t      Version: ${d.u16(o)}, Keepalive: ${d.u16(o + 2)}s, Flags: [Downstream `);
  d.s(`${(flags & 0x8000) !== 0 ? 'On Demand' : 'Unsolicited'}, `);
  d.s(`Loop Detection ${(flags & 0x4000) !== 0 ? 'Enabled' : 'Disabled'}]`);
}

function status(d: Dissector, o: number): void {
  const code = d.u32(o);
  d.s(`\n\t      Status: 0x${padHex(code & 0x3fffffff, 2)}, Flags: [`);
  d.s(`${code >>> 31 === 1 ? 'Fatal error' : 'Advisory Notification'} and `);
  d.s(`${(code & 0x40000000) !== 0 ? 'do' : "don't"} forward]`);
  const cause = d.u32(o + 4);
  if (cause !== 0) d.s(`, causing Message ID: 0x${padHex(cause, 8)}`);
}

/** RFC 3479. */
function faultTolerance(d: Dissector, o: number): void {
  const flags = d.u16(o);
  const without = (bit: number, text: string) => ((flags & bit) !== 0 ? '' : text);
  d.s(`\n\t      Flags: [${without(0x8000, 'No ')}Reconnect, ${without(8, "Don't ")}Save State, `);
  d.s(`${without(4, 'No ')}All-Label Protection, ${(flags & 2) !== 0 ? 'Sequence Numbered Label' : 'All Labels'} `);
  d.s(`Checkpoint, ${without(1, "Don't ")}Re-Learn State]`);
  const reconnect = d.u32(o + 4);
  if (reconnect !== 0) d.s(`, Reconnect Timeout: ${reconnect}ms`);
  const recovery = d.u32(o + 8);
  if (recovery !== 0) d.s(`, Recovery Time: ${recovery}ms`);
}

function equivalenceClass(d: Dissector, o: number, n: number): void {
  const kind = d.u8(o);
  d.s(`\n\t      ${classes[kind] ?? 'Unknown'} FEC (${hex2(kind)})`);
  if (kind === 2) {
    if (holds(d, n - 1, 2)) prefix(d, o + 1, n - 1);
  } else if (kind === 0x80) martini(d, o + 1, n - 1);
}

/** family(2) length in bits(1) prefix. */
function prefix(d: Dissector, o: number, n: number): void {
  const family = d.u16(o);
  if (family !== 1 && family !== 2) return d.s(`: Address family ${family} prefix`);
  const found = prefixField(d, o + 2, n - 2, family === 1 ? 4 : 16);
  if (found === 'cut') throw TRUNCATED;
  d.s(`: IPv${family === 1 ? 4 : 6} prefix ${found === 'illegal' ? '(invalid length)' : found.text}`);
}
