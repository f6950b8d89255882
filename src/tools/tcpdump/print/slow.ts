/**
 * Slow protocols, IEEE 802.3 annex 57A: LACP and Marker (802.1AX), Ethernet OAM (802.3 clause 57) (print-slow.c).
 *
 *   LACP, Marker   subtype(1) version(1) { type(1) length(1) of all, value … } up to a terminator
 *   OAM            subtype(1) flags(2) code(1) …
 */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {bitNames, type Names, ouiNames} from './names.js';

const LACP = 1;
const MARKER = 2;
const OAM = 3;
const TERMINATOR = 0;
const TOO_SHORT = '\n\t\t packet is too short';

const protocols: Names = {[LACP]: 'LACP', [MARKER]: 'MARKER', [OAM]: 'OAM'};

const stateFlags = [
  [0x01, 'Activity'],
  [0x02, 'Timeout'],
  [0x04, 'Aggregation'],
  [0x08, 'Synchronization'],
  [0x10, 'Collecting'],
  [0x20, 'Distributing'],
  [0x40, 'Default'],
  [0x80, 'Expired'],
] as const;

interface Field {
  readonly name: string;
  /** Bytes of the value; any number where there is no printer. */
  readonly size: number;
  print?(d: Dissector, o: number): void;
}

const TERMINATOR_FIELD: Field = {name: 'Terminator', size: 0};
const fields: Readonly<Record<number, Readonly<Record<number, Field>>>> = {
  [LACP]: {
    0: TERMINATOR_FIELD,
    1: {name: 'Actor Information', size: 18, print: participant},
    2: {name: 'Partner Information', size: 18, print: participant},
    3: {name: 'Collector Information', size: 14, print: (d, o) => d.s(`\n\t  Max Delay ${d.u16(o)}`)},
  },
  [MARKER]: {
    0: TERMINATOR_FIELD,
    1: {name: 'Marker Information', size: 14, print: marker},
  },
};

export function slow(d: Dissector, o: number, length: number): void {
  d.protocol = 'slow';
  const short = () => d.s(d.v === 0 ? ' (packet is too short)' : TOO_SHORT);
  if (length < 1) return short();
  const subtype = d.u8(o);
  const name = protocols[subtype];
  let version = '';
  if (subtype === LACP || subtype === MARKER) {
    if (length < 2) return short();
    if (d.u8(o + 1) !== 1) return d.s(`${name} version ${d.u8(o + 1)} packet not supported`);
    version = 'v1';
  }
  d.s(`${name ?? `unknown (${subtype})`}${version}, length ${length}`);
  if (name === undefined) return unknownData(d, '\n\t', o, length);
  if (d.v === 0) return;
  if (subtype === OAM) oam(d, o + 1, length - 1);
  else aggregation(d, o + 2, length - 2, fields[subtype] ?? {});
}

// ---- LACP, Marker ----

function aggregation(d: Dissector, start: number, length: number, known: Readonly<Record<number, Field>>): void {
  let o = start;
  let left = length;
  while (left > 0) {
    if (left < 2) return d.s(TOO_SHORT);
    const type = d.u8(o);
    const n = d.u8(o + 1);
    const field = known[type];
    d.s(`\n\t${field?.name ?? 'Unknown'} TLV (0x`);
    d.hex(type, 2);
    d.s(`), length ${n}`);
    if (type === TERMINATOR) return;
    if (n < 2) return d.s('\n\t    ERROR: illegal length - should be >= 2');
    if (left < n) return d.s(TOO_SHORT);
    d.need(o, n);
    if (field === undefined) {
      if (d.v <= 1) unknownData(d, '\n\t  ', o + 2, n - 2);
    } else if (n - 2 === field.size) field.print?.(d, o + 2);
    else d.s(`\n\t    ERROR: illegal length - should be ${field.size + 2}`);
    if (d.v > 1) unknownData(d, '\n\t  ', o + 2, n - 2);
    o += n;
    left -= n;
  }
}

/** Priority(2) system(6) key(2) port's priority(2) port(2) state(1) reserved(3). */
function participant(d: Dissector, o: number): void {
  d.s('\n\t  System ');
  d.mac(o + 2);
  d.s(`, System Priority ${d.u16(o)}, Key ${d.u16(o + 8)}, Port ${d.u16(o + 12)}, Port Priority ${d.u16(o + 10)}`);
  d.s(`\n\t  State Flags [${bitNames(stateFlags, d.u8(o + 14), ', ', 'none')}]`);
}

/** Port(2) system(6) transaction(4) reserved(2). */
function marker(d: Dissector, o: number): void {
  d.s('\n\t  Request System ');
  d.mac(o + 2);
  d.s(`, Request Port ${d.u16(o)}, Request Transaction ID 0x`);
  d.hex(d.u32(o + 8), 8);
}

// ---- Ethernet OAM ----

const codes: Names = {
  0: 'Information',
  1: 'Event Notification',
  2: 'Variable Request',
  3: 'Variable Response',
  4: 'Loopback Control',
  254: 'Vendor Private',
};
const oamFlags = [
  [0x01, 'Link Fault'],
  [0x02, 'Dying Gasp'],
  [0x04, 'Critical Event'],
  [0x08, 'Local Evaluating'],
  [0x10, 'Local Stable'],
  [0x20, 'Remote Evaluating'],
  [0x40, 'Remote Stable'],
] as const;
const configFlags = [
  [0x01, 'Active'],
  [0x02, 'Unidirectional'],
  [0x04, 'Remote-Loopback'],
  [0x08, 'Link-Events'],
  [0x10, 'Variable-Retrieval'],
] as const;
const parserActions = ['forwarding', 'looping back', 'discarding', 'reserved'] as const;
const loopbackCommands: Names = {1: 'Enable OAM Remote Loopback', 2: 'Disable OAM Remote Loopback'};

/** What the fields of a PDU are: their names, the numbers of those with a printer, its size, header and all. */
interface OamFields {
  readonly title: string;
  readonly names: Names;
  readonly printed: ReadonlySet<number>;
  readonly size: number;
  print(d: Dissector, o: number): void;
}

const information: OamFields = {
  title: 'Information',
  names: {0: 'End of TLV marker', 1: 'Local', 2: 'Remote', 254: 'Organization specific'},
  printed: new Set([1, 2]),
  size: 16,
  print: station,
};
const events: OamFields = {
  title: 'Link Event',
  names: {
    0: 'End of TLV marker',
    1: 'Errored Symbol Period Event',
    2: 'Errored Frame Event',
    3: 'Errored Frame Period Event',
    4: 'Errored Frame Seconds Summary Event',
    254: 'Organization specific',
  },
  printed: new Set([1, 2, 3, 4]),
  size: 40,
  print: event,
};

function oam(d: Dissector, start: number, length: number): void {
  if (length < 3) return d.s(TOO_SHORT);
  d.need(start, 3);
  const code = d.u8(start + 2);
  const flags = bitNames(oamFlags, d.u16(start), ', ', 'none');
  d.s(`\n\tCode ${codes[code] ?? `Unknown (${code})`} OAM PDU, Flags [${flags}]`);
  const o = start + 3;
  const left = length - 3;
  if (code === 0) return oamFields(d, o, left, information);
  if (code === 1) {
    if (left < 2) return d.s(TOO_SHORT);
    d.s(`\n\t  Sequence Number ${d.u16(o)}`);
    return oamFields(d, o + 2, left - 2, events);
  }
  if (code !== 4) {
    if (d.v <= 1) unknownData(d, '\n\t  ', o, left);
    return;
  }
  if (left < 1) return d.s(TOO_SHORT);
  const command = d.u8(o);
  d.s(`\n\t  Command ${loopbackCommands[command] ?? 'Unknown'} (${command})`);
}

/** Type(1) length(1) of all, value; the first of type 0 ends them. */
function oamFields(d: Dissector, start: number, length: number, of: OamFields): void {
  let o = start;
  let left = length;
  while (left > 0) {
    if (left < 2) return d.s(TOO_SHORT);
    const type = d.u8(o);
    const n = d.u8(o + 1);
    d.s(`\n\t  ${of.names[type] ?? 'Reserved'} ${of.title} Type (${type}), length ${n}`);
    if (type === TERMINATOR) return;
    if (n < 2) return d.s('\n\t    ERROR: illegal length - should be >= 2');
    if (left < n) return d.s(TOO_SHORT);
    d.need(o, n);
    const printed = of.printed.has(type) && n === of.size;
    if (printed) of.print(d, o);
    else if (of.printed.has(type)) d.s(`\n\t    ERROR: illegal length - should be ${of.size}`);
    if (d.v > 1 || !printed) unknownData(d, '\n\t  ', o, n);
    o += n;
    left -= n;
  }
}

/** Version(1) revision(2) state(1) configuration(1) PDU size(2) organisation(3) private(4), behind type and length. */
function station(d: Dissector, o: number): void {
  const state = d.u8(o + 5);
  const oui = d.u24(o + 9);
  d.s(`\n\t    OAM-Version ${d.u8(o + 2)}, Revision ${d.u16(o + 3)}`);
  d.s(`\n\t    State-Parser-Action ${parserActions[state & 3]}, `);
  d.s(`State-MUX-Action ${(state & 4) === 0 ? 'forwarding' : 'discarding'}`);
  d.s(`\n\t    OAM-Config Flags [${bitNames(configFlags, d.u8(o + 6), ', ', 'none')}], `);
  d.s(`OAM-PDU-Config max-PDU size ${d.u16(o + 7) & 0x7ff}`);
  d.s(`\n\t    OUI ${ouiNames[oui] ?? 'Unknown'} (0x`);
  d.hex(oui, 6);
  d.s('), Vendor-Private 0x');
  d.hex(d.u32(o + 12), 8);
}

/** Time(2) in 100 ms, window(8) threshold(8) errors(8) their total(8) events(4), behind type and length. */
function event(d: Dissector, o: number): void {
  d.s(`\n\t    Timestamp ${d.u16(o + 2) * 100} ms, Errored Window ${d.u64(o + 4)}`);
  d.s(`\n\t    Errored Threshold ${d.u64(o + 12)}\n\t    Errors ${d.u64(o + 20)}`);
  d.s(`\n\t    Error Running Total ${d.u64(o + 28)}\n\t    Event Running Total ${d.u32(o + 36)}`);
}
