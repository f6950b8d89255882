/**
 * M3UA, SS7's network layer over SCTP, RFC 4666 §3 (print-m3ua.c):
 *
 *   version(1) reserved(1) class(1) type(1) length(4), then parameters: tag(2) length(2) value, padded to 4 bytes
 */
import type {Dissector} from './dissector.js';
import {hex2, hex4, type Names} from './names.js';

const HEADER = 8;
const PARAMETER = 4;
const RELEASE_1 = 1;

/** Class → its name and its types' names. */
const classes: Readonly<Record<number, readonly [string, Names]>> = {
  0: ['Management', {0: 'Error', 1: 'Notify'}],
  1: ['Transfer', {1: 'Data'}],
  2: [
    'SS7',
    {
      1: 'Destination Unavailable',
      2: 'Destination Available',
      3: 'Destination State Audit',
      4: 'Signalling Congestion',
      5: 'Destination User Part Unavailable',
      6: 'Destination Restricted',
    },
  ],
  3: [
    'ASP',
    {
      1: 'Up',
      2: 'Down',
      3: 'Heartbeat',
      4: 'Up Acknowledgement',
      5: 'Down Acknowledgement',
      6: 'Heartbeat Acknowledgement',
    },
  ],
  4: ['ASP', {1: 'Active', 2: 'Inactive', 3: 'Active Acknowledgement', 4: 'Inactive Acknowledgement'}],
  9: [
    'Routing Key Management',
    {
      1: 'Registration Request',
      2: 'Registration Response',
      3: 'Deregistration Request',
      4: 'Deregistration Response',
    },
  ],
};

const parameters: Names = {
  4: 'INFO String',
  6: 'Routing Context',
  7: 'Diagnostic Info',
  9: 'Heartbeat Data',
  11: 'Traffic Mode Type',
  12: 'Error Code',
  13: 'Status',
  17: 'ASP Identifier',
  18: 'Affected Point Code',
  19: 'Correlation ID',
  512: 'Network Appearance',
  516: 'User/Cause',
  517: 'Congestion Indications',
  518: 'Concerned Destination',
  519: 'Routing Key',
  520: 'Registration Result',
  521: 'Deregistration Result',
  522: 'Local Routing Key Identifier',
  523: 'Destination Point Code',
  524: 'Service Indicators',
  526: 'Originating Point Code List',
  528: 'Protocol Data',
  530: 'Registration Status',
  531: 'Deregistration Status',
};
/** Routing context, correlation, network appearance: printed in hex. */
const inHex: ReadonlySet<number> = new Set([0x0006, 0x0013, 0x0200]);

export function m3ua(d: Dissector, o: number, size: number): void {
  d.protocol = 'm3ua';
  if (size < HEADER) {
    d.invalid();
    return d.need(o, size);
  }
  d.need(o, HEADER);
  if (d.u8(o) !== RELEASE_1) return;
  const number = d.u8(o + 2);
  const type = d.u8(o + 3);
  const [name, types] = classes[number] ?? [`Unknown message class ${number}`, undefined];
  d.s(`\n\t\t${name}`);
  if (types !== undefined) d.s(` ${types[type] ?? `Unknown (${hex2(type)})`} Message`);
  const length = d.u32(o + 4);
  if (length === size) values(d, o + HEADER, size - HEADER);
  else d.s(`\n\t\t\t@@@@@@ Corrupted length ${length} of message @@@@@@`);
}

function values(d: Dissector, start: number, size: number): void {
  for (let o = start; o < start + size; ) {
    let length = 0;
    if (o + PARAMETER <= start + size) {
      const tag = d.u16(o);
      d.s(`\n\t\t\t${parameters[tag] ?? `Unknown Parameter (${hex4(tag)})`}: `);
      length = d.u16(o + 2);
    }
    if (length < PARAMETER) {
      d.invalid();
      return d.need(start, size);
    }
    const padded = length + (-(o + length - start) & 3);
    d.need(o, padded);
    value(d, o, length);
    o += padded;
  }
}

/** tcpdump 4.99.3 takes the number from where the tag is. */
function value(d: Dissector, o: number, length: number): void {
  if (!inHex.has(d.u16(o))) d.s(`(length ${length})`);
  else if (length < PARAMETER + 4) d.invalid();
  else {
    d.s('0x');
    d.hex(d.u32(o), 8);
  }
}
