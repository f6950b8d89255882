/** Bidirectional Forwarding Detection, RFC 5880 … 5883, 7130 (print-bfd.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {characters, padHex} from './fields.js';
import {bitNames, type Names} from './names.js';

const HEADER = 24;
const ECHO = 3785;
const AUTHENTICATED = 0x04;

const ports: Names = {3784: 'Control', 4784: 'Multihop', 6784: 'Lag'};
const states = ['AdminDown', 'Down', 'Init', 'Up'] as const;
const diagnostics = [
  'No Diagnostic',
  'Control Detection Time Expired',
  'Echo Function Failed',
  'Neighbor Signaled Session Down',
  'Forwarding Plane Reset',
  'Path Down',
  'Concatenated Path Down',
  'Administratively Down',
  'Reverse Concatenated Path Down',
] as const;
const flags0 = [
  [0x80, 'I Hear You'],
  [0x40, 'Demand'],
  [0x20, 'Poll'],
  [0x10, 'Final'],
  [0x08, 'Control Plane Independent'],
  [AUTHENTICATED, 'Authentication Present'],
  [0x02, 'Reserved'],
  [0x01, 'Reserved'],
] as const;
const flags1 = [
  [0x20, 'Poll'],
  [0x10, 'Final'],
  [0x08, 'Control Plane Independent'],
  [AUTHENTICATED, 'Authentication Present'],
  [0x02, 'Demand'],
  [0x01, 'Multipoint'],
] as const;
const authentications: Names = {
  1: 'Simple Password',
  2: 'Keyed MD5',
  3: 'Meticulous Keyed MD5',
  4: 'Keyed SHA1',
  5: 'Meticulous Keyed SHA1',
};

export function bfd(d: Dissector, o: number, length: number, _sport: number, port: number): void {
  d.protocol = 'bfd';
  if (port === ECHO) {
    d.s(`BFD, Echo, length: ${length}`);
    if (d.v > 0) unknownData(d, '\n\t', o, length);
    return;
  }
  d.need(o, HEADER);
  const version = d.u8(o) >> 5;
  const flags = d.u8(o + 1);
  if (version > 1) {
    d.s(`BFDv${version}, Control, length: ${length}`);
    if (d.v > 0) unknownData(d, '\n\t', o, length);
    return;
  }
  const flagText = bitNames(version === 0 ? flags0 : flags1, version === 0 ? flags : flags & 0x3f, ', ', 'none');
  const kind =
    version === 0
      ? `Control, Flags: [${flagText}]`
      : `${ports[port]}, State ${states[flags >> 6]}, Flags: [${flagText}]`;
  if (d.v === 0) return d.s(`BFDv${version}, ${kind}, length: ${length}`);
  const diagnostic = d.u8(o) & 0x1f;
  d.s(`BFDv${version}, length: ${length}\n\t${kind}`);
  d.s(`, Diagnostic: ${diagnostics[diagnostic] ?? 'unknown'} (0x${padHex(diagnostic, 2)})`);
  session(d, o);
  if ((flags & AUTHENTICATED) !== 0) authentication(d, o + HEADER);
}

/** Microseconds as milliseconds. */
function milliseconds(micros: number): number {
  return Math.floor((micros >>> 0) / 1000);
}

function session(d: Dissector, o: number): void {
  const multiplier = d.u8(o + 2);
  d.s(`\n\tDetection Timer Multiplier: ${multiplier} (`);
  d.s(`${milliseconds(Math.imul(multiplier, d.u32(o + 12)))} ms Detection time), BFD Length: ${d.u8(o + 3)}`);
  d.s(`\n\tMy Discriminator: 0x${padHex(d.u32(o + 4), 8)}, Your Discriminator: 0x${padHex(d.u32(o + 8), 8)}`);
  for (const [i, name] of [
    'Desired min Tx Interval:   ',
    'Required min Rx Interval:  ',
    'Required min Echo Interval:',
  ].entries())
    d.s(`\n\t  ${name} ${String(milliseconds(d.u32(o + 12 + 4 * i))).padStart(4)} ms`);
}

function authentication(d: Dissector, o: number): void {
  d.need(o, 4);
  const type = d.u8(o);
  const length = d.u8(o + 1);
  d.s(`\n\tAuthentication: ${authentications[type] ?? 'Unknown'} (${type}), length: ${length}`);
  d.s(`\n\t  Auth Key ID: ${d.u8(o + 2)}`);
  if (type === 1) {
    if (length < 4 || length > 19) return d.s(`[invalid length ${length}]`);
    d.s(', Password: ');
    characters(d, o + 3, length - 3);
  } else if (type >= 2 && type <= 5) {
    const digest = type <= 3 ? 16 : 20;
    if (length !== digest + 8) return d.s(`[invalid length ${length}]`);
    d.s(`, Sequence Number: 0x${padHex(d.u32(o + 4), 8)}`);
    d.need(o + 8, digest);
    d.s(type <= 3 ? '\n\t  Digest: ' : '\n\t  Hash: ');
    d.bytes(o + 8, digest);
  }
}
