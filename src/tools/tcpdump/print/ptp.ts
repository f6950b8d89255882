/** Precision Time Protocol, IEEE 1588-2008, over UDP and Ethernet (print-ptp.c). */
import type {Dissector} from './dissector.js';
import {bitNames, type Names} from './names.js';

const HEADER = 34;
const types: Names = {
  0: 'sync msg',
  1: 'delay req msg',
  2: 'peer delay req msg',
  3: 'peer delay resp msg',
  8: 'follow up msg',
  9: 'delay resp msg',
  10: 'pdelay resp fup msg',
  11: 'announce msg',
  12: 'signalling msg',
  13: 'management msg',
};
const controls = ['Sync', 'Delay_Req', 'Follow_Up', 'Delay_Resp', 'Management', 'Other'] as const;
const flagNames = [
  [0x0001, 'l1 61'],
  [0x0002, 'l1 59'],
  [0x0004, 'utc reasonable'],
  [0x0008, 'timescale'],
  [0x0010, 'time tracable'],
  [0x0020, 'frequency tracable'],
  [0x0100, 'alternate master'],
  [0x0200, 'two step'],
  [0x0400, 'unicast'],
  [0x1000, 'profile specific 1'],
  [0x2000, 'profile specific 2'],
  [0x4000, 'security mask'],
  [0x18c0, 'unknown'],
] as const;
/** Type → name of its time stamp, and whether a port follows it. */
const stamps: Readonly<Record<number, readonly [string, boolean]>> = {
  0: ['originTimeStamp', false],
  1: ['originTimeStamp', false],
  2: ['preciseOriginTimeStamp', true],
  3: ['receiveTimeStamp', true],
  8: ['preciseOriginTimeStamp', false],
  9: ['receiveTimeStamp', true],
  10: ['preciseOriginTimeStamp', true],
};

export function ptp(d: Dissector, o: number, length: number): void {
  d.protocol = 'ptp';
  if (length < HEADER) {
    d.s(` [length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  const version = d.u16(o) & 0xff;
  d.s(`PTPv${version}`);
  if (version === 1) d.s(' (not implemented)');
  else if (version === 2) version2(d, o);
}

function version2(d: Dissector, o: number): void {
  const type = d.u8(o) & 15;
  d.s(`, v1 compat : ${(d.u8(o) & 0x10) !== 0 ? 'yes' : 'no'}, msg type : ${types[type] ?? 'Reserved'}`);
  d.s(`, length : ${d.u16(o + 2)}`);
  const domain = d.u16(o + 4);
  d.s(`, domain : ${domain >> 8}, reserved1 : ${domain & 0xff}`);
  d.s(`, Flags [${bitNames(flagNames, d.u16(o + 6), ', ', 'none')}]`);
  d.s(`, NS correction : ${u48(d, o + 8)}`);
  d.s(`, sub NS correction : ${d.u16(o + 14)}`);
  d.s(`, reserved2 : ${d.u32(o + 16)}`);
  d.s(`, clock identity : 0x${d.u64(o + 20).toString(16)}`);
  d.s(`, port id : ${d.u16(o + 28)}`);
  d.s(`, seq id : ${d.u16(o + 30)}`);
  const control = d.u8(o + 32);
  d.s(`, control : ${control} (${controls[control] ?? 'Reserved'})`);
  d.s(`, log message interval : ${d.u16(o + 32) & 0xff}`);
  body(d, type, o + HEADER);
}

function u48(d: Dissector, o: number): number {
  d.need(o, 6);
  return d.u16(o) * 2 ** 32 + d.u32(o + 2);
}

function body(d: Dissector, type: number, o: number): void {
  const stamp = stamps[type];
  if (stamp !== undefined) {
    timestamp(d, stamp[0], o, ',');
    if (stamp[1]) port(d, o + 10);
  } else if (type === 11) announce(d, o);
  else if (type === 12 || type === 13) {
    port(d, o);
    if (type === 12) return;
    // All four fields are read where the port's identity begins (4.99.3).
    d.s(`, , start boundary hops  ${d.u8(o)}, , boundary hops  ${d.u8(o)}`);
    d.s(`, , flags  0x${d.u8(o).toString(16)}, , reserved  0x${d.u8(o).toString(16)}`);
  }
}

function timestamp(d: Dissector, name: string, o: number, after: string): void {
  d.s(`, ${name} :`);
  d.s(` ${u48(d, o)} seconds${after}`);
  d.s(` ${d.u32(o + 6)} nanoseconds`);
}

function port(d: Dissector, o: number): void {
  d.s(`, port identity : 0x${d.u64(o).toString(16)}`);
  d.s(`, port id : ${d.u16(o + 8)}`);
}

function announce(d: Dissector, o: number): void {
  timestamp(d, 'originTimeStamp', o, '');
  d.s(`, origin cur utc :${d.u16(o + 10)}`);
  d.s(`, rsvd : ${d.u8(o + 12)}`);
  d.s(`, gm priority_1 : ${d.u8(o + 13)}`);
  d.s(`, gm clock class : ${d.u8(o + 14)}`);
  d.s(`, gm clock accuracy : ${d.u8(o + 15)}`);
  d.s(`, gm clock variance : ${d.u16(o + 16)}`);
  d.s(`, gm priority_2 : ${d.u8(o + 18)}`);
  d.s(`, gm clock id : 0x${d.u64(o + 19).toString(16)}`);
  d.s(`, steps removed : ${d.u16(o + 27)}`);
  d.s(`, time source : 0x${d.u8(o + 29).toString(16)}`);
}
