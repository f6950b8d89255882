/** BGP, RFC 4271 (print-bgp.c). Messages are printed from -v on, each where its marker of 16 octets 0xff is found. */
import {attributes} from './bgp-attributes.js';
import {capabilities, errors, messages, suberrors, subsequentFamilies} from './bgp-names.js';
import {asText, hasPathIds} from './bgp-routes.js';
import type {Dissector} from './dissector.js';
import {hexDump, unknownData} from './dump.js';
import {characters, ip4Text, padHex} from './fields.js';
import {addressFamilies} from './names.js';
import {prefixField} from './prefix-field.js';

const HEADER = 19;
const MARKER = 16;
const OPEN = 29;
const NOTIFICATION = 21;

export function bgp(d: Dissector, start: number): void {
  d.protocol = 'bgp';
  d.s(': BGP');
  if (d.v === 0) return;
  let behind = start;
  for (let o = start; o < d.end; ) {
    if (d.b[o] !== 0xff) {
      o++;
      continue;
    }
    if (!d.has(o, MARKER)) return;
    if (!isMarker(d, o)) {
      o++;
      continue;
    }
    if (!d.has(o, HEADER)) return d.trunc();
    if (behind !== o) d.trunc();
    const length = d.u16(o + 16);
    if (length < HEADER) {
      d.s(`\nmessage length ${length} < ${HEADER}`);
      return d.invalid();
    }
    if (!d.has(o, length)) return d.s(`\n[|BGP ${messages[d.u8(o + 18)] ?? 'Unknown Message Type'}]`);
    message(d, o, length);
    o += length;
    behind = o;
  }
}

function isMarker(d: Dissector, o: number): boolean {
  for (let i = 0; i < MARKER; i++) if (d.b[o + i] !== 0xff) return false;
  return true;
}

function message(d: Dissector, o: number, length: number): void {
  const type = d.u8(o + 18);
  d.s(`\n\t${messages[type] ?? 'Unknown'} Message (${type}), length: ${length}`);
  if (type === 1) open(d, o, length);
  else if (type === 2) {
    if (!update(d, o + HEADER, length - HEADER)) d.trunc();
  } else if (type === 3) notification(d, o, length);
  else if (type === 5) refresh(d, o, length);
  else if (type !== 4) {
    d.s(`\n\t  no Message ${type} decoder`);
    unknownData(d, '\n\t  ', o, length);
  }
}

/** `AFI IPv4 (1), SAFI Unicast (1)` of family(2) and, at `subsequent`, of one octet. */
function families(d: Dissector, o: number, subsequent: number): string {
  const [family, sub] = [d.u16(o), d.u8(subsequent)];
  return `AFI ${addressFamilies[family] ?? 'Unknown'} (${family}), SAFI ${subsequentFamilies[sub] ?? 'Unknown'} (${sub})`;
}

function open(d: Dissector, o: number, length: number): void {
  if (!d.has(o, OPEN) || length < OPEN) return d.trunc();
  d.s(`\n\t  Version ${d.u8(o + 19)}, my AS ${d.u16(o + 20)}, Holdtime ${d.u16(o + 22)}s, ID ${ip4Text(d, o + 24)}`);
  const size = d.u8(o + 28);
  d.s(`\n\t  Optional parameters, length: ${size}`);
  const at = o + OPEN;
  for (let i = 0; i < size; ) {
    if (!d.has(at + i, 2) || length - OPEN < 2 + i) return d.trunc();
    const type = d.u8(at + i);
    const n = d.u8(at + i + 1);
    if (2 + i + n > size) return d.s(`\n\t     Option ${type}, length: ${n}, goes past the end of the options`);
    const name = type === 1 ? 'Authentication Information' : type === 2 ? 'Capabilities Advertisement' : 'Unknown';
    d.s(`\n\t    Option ${name} (${type}), length: ${n}`);
    if (type === 2) capabilityList(d, at + i + 2, n);
    else d.s(`\n\t      no decoder for option ${type}`);
    i += 2 + n;
  }
}

function capabilityList(d: Dissector, start: number, length: number): void {
  for (let o = start; o < start + length; ) {
    if (!d.has(o, 2)) return d.trunc();
    const type = d.u8(o);
    const n = d.u8(o + 1);
    d.s(`\n\t      ${capabilities[type] ?? 'Unknown'} (${type}), length: ${n}`);
    if (!d.has(o + 2, n)) return d.trunc();
    const least = type === 1 || type === 65 ? 4 : type === 64 ? 2 : 0;
    if (n < least) return d.s(` (too short, < ${least})`);
    capability(d, type, o + 2, n);
    if (d.v > 1 && n > 0) unknownData(d, '\n\t\t', o + 2, n);
    o += 2 + n;
  }
}

const directions = ['', 'Receive', 'Send', 'Both'] as const;

function capability(d: Dissector, type: number, o: number, n: number): void {
  if (type === 1) d.s(`\n\t\t${families(d, o, o + 3)}`);
  else if (type === 65) d.s(`\n\t\t 4 Byte AS ${asText(d, d.u32(o))}`);
  else if (type === 8) {
    for (let i = 0; n - i >= 4; i += 4) d.s(`\n\t\t${families(d, o + i, o + i + 2)}, Count: ${d.u8(o + i + 3)}`);
  } else if (type === 64) {
    d.s(`\n\t\tRestart Flags: [${(d.u8(o) & 0x80) !== 0 ? 'R' : 'none'}], Restart Time ${d.u16(o) & 0xfff}s`);
    for (let i = 2; n - i >= 4; i += 4) {
      d.s(`\n\t\t  ${families(d, o + i, o + i + 2)}, Forwarding state preserved: `);
      d.s((d.u8(o + i + 3) & 0x80) !== 0 ? 'yes' : 'no');
    }
  } else if (type === 69) {
    if (n === 0) return d.s(' (bogus)');
    for (let i = 0; i < n; i += 4) {
      if (n - i < 4) return d.invalid();
      const direction = d.u8(o + i + 3);
      const name = directions[direction] || `Bogus (0x${padHex(direction, 2)})`;
      d.s(`\n\t\t${families(d, o + i, o + i + 2)}, Send/Receive: ${name}`);
    }
  } else if (type !== 2 && type !== 71 && type !== 128) {
    d.s(`\n\t\tno decoder for Capability ${type}`);
    if (d.v <= 1) unknownData(d, '\n\t\t', o, n);
  }
}

/** length(2) withdrawn routes, length(2) attributes, routes. False when it is cut. */
function update(d: Dissector, start: number, length: number): boolean {
  let o = start;
  let left = length;
  if (!d.has(o, 2) || left < 2) return false;
  const withdrawn = d.u16(o);
  o += 2;
  left -= 2;
  if (!d.has(o, withdrawn) || left < withdrawn) return false;
  let used = withdrawn;
  if (withdrawn > 1) {
    d.s('\n\t  Withdrawn routes:');
    used = prefixes(d, o, withdrawn);
    if (used < 0) return false;
  }
  o += used;
  left -= used;
  if (!d.has(o, 2) || left < 2) return false;
  const size = d.u16(o);
  o += 2;
  left -= 2;
  // Also said behind withdrawn routes, which have been counted down (4.99.3).
  if (withdrawn !== 1 && used === withdrawn && size === 0 && left === 0) {
    d.s('\n\t  End-of-Rib Marker (empty NLRI)');
    return true;
  }
  if (left < size) return false;
  if (attributes(d, o, size, 0) < 0) return false;
  o += size;
  left -= size;
  if (left === 0) return true;
  d.s('\n\t  Updated routes:');
  return prefixes(d, o, left) >= 0;
}

/** IPv4 prefixes: how many bytes were read, -1 when one is cut. An illegal length ends the list. */
function prefixes(d: Dissector, start: number, length: number): number {
  const ids = hasPathIds(d, start, length, 32);
  let o = start;
  while (o < start + length) {
    let id = 0;
    if (ids) {
      if (start + length - o < 4) return -1;
      id = d.u32(o);
      o += 4;
    }
    const found = prefixField(d, o, start + length - o, 4);
    if (found === 'cut') return -1;
    if (found === 'illegal') {
      d.s('\n\t    (illegal prefix length)');
      break;
    }
    d.s(`\n\t    ${found.text}${ids ? `   Path Id: ${id}` : ''}`);
    o += found.used;
  }
  return o - start;
}

function notification(d: Dissector, o: number, length: number): void {
  if (!d.has(o, NOTIFICATION)) return d.trunc();
  if (length < NOTIFICATION) return;
  const error = d.u8(o + 19);
  const sub = d.u8(o + 20);
  d.s(`, ${errors[error] ?? 'Unknown Error'} (${error})`);
  const names = suberrors[error];
  if (names === undefined) return;
  d.s(`${error === 5 || error === 7 ? '' : ','} subcode ${names[sub] ?? 'Unknown'} (${sub})`);
  if (error !== 6) return;
  const at = o + NOTIFICATION;
  const left = length - NOTIFICATION;
  if (sub === 1 && left >= 7) d.s(`, ${families(d, at, at + 2)}, Max Prefixes: ${d.u32(at + 3)}`);
  if ((sub === 2 || sub === 4) && left >= 1) shutdown(d, at, left);
}

/** RFC 9003: length(1) text. */
function shutdown(d: Dissector, o: number, length: number): void {
  const size = d.u8(o);
  let used = 0;
  if (size > length - 1) d.s(', invalid Shutdown Communication length');
  else if (size === 0) {
    d.s(', empty Shutdown Communication');
    used = 1;
  } else {
    d.s(`, Shutdown Communication (length: ${size}): "`);
    characters(d, o + 1, size);
    d.c(0x22);
    used = (size + 1) & 0xff;
  }
  if (length === used) return;
  d.s(`, Data: (length: ${length - used})`);
  hexDump(d, '\n\t\t', o + used, length - used);
}

/** family(2) reserved(1) subsequent(1) behind the header. */
function refresh(d: Dissector, o: number, length: number): void {
  if (!d.has(o, 23)) return d.trunc();
  if (length < 23) return;
  d.s(`\n\t  ${families(d, o + 19, o + 22)}`);
  if (d.v > 1) unknownData(d, '\n\t  ', o, length);
}
