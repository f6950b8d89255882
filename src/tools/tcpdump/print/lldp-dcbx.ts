/** LLDP fields of data centre bridging, before it became IEEE 802.1Q (print-lldp.c): subtype(1), then fields as LLDP's own. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {padHex} from './fields.js';
import {hex2, hex4} from './names.js';

/** Type → length from which on it is printed, printer. */
type FeaturePrinter = (d: Dissector, o: number, n: number) => void;
const features: Readonly<Record<number, readonly [number, FeaturePrinter]>> = {
  1: [10, control],
  2: [17, priorityGroups],
  3: [6, flowControl],
  4: [4, applications],
};

/** True = the last field was not known. */
export function dataCentre(d: Dissector, start: number, n: number): boolean {
  if (n < 4) return false;
  const subtype = d.u8(start + 3);
  const revision = subtype === 1 ? '1' : '1.01';
  const name = subtype === 1 || subtype === 2 ? `DCB Capability Exchange Protocol Rev ${revision}` : 'unknown';
  d.s(`\n\t  ${name} Subtype (${subtype})`);
  if (subtype === 1) return true;
  let o = start + 4;
  let unknown = false;
  for (let left = n - 4; left >= 2; ) {
    const head = d.u16(o);
    const type = head >> 9;
    const size = head & 0x1ff;
    unknown = false;
    o += 2;
    left -= 2;
    if (type === 0 || size === 0 || !d.has(o, size) || left < size) return false;
    const feature = features[type];
    if (feature === undefined) unknown = true;
    else if (size < feature[0]) return false;
    else feature[1](d, o, size);
    if (d.v > 1 || unknown) unknownData(d, '\n\t    ', o, size);
    o += size;
    left -= size;
  }
  return unknown;
}

function versions(d: Dissector, title: string, o: number): void {
  d.s(`\n\t    ${title}\n\t      Oper_Version: ${d.u8(o)}\n\t      Max_Version: ${d.u8(o + 1)}`);
}

function feature(d: Dissector, title: string, o: number): void {
  versions(d, `Feature - ${title}`, o);
  const bits = d.u8(o + 2);
  d.s(`\n\t      Info block(0x${padHex(bits, 2).toUpperCase()}): `);
  d.s(`Enable bit: ${bits >> 7}, Willing bit: ${(bits >> 6) & 1}, Error Bit: ${(bits >> 5) & 1}`);
  d.s(`\n\t      SubType: ${d.u8(o + 3)}`);
}

function control(d: Dissector, o: number, n: number): void {
  versions(d, `Control - Protocol Control (type 0x1, length ${n})`, o);
  d.s(`\n\t      Sequence Number: ${d.u32(o + 2)}\n\t      Acknowledgement Number: ${d.u32(o + 6)}`);
}

function priorityGroups(d: Dissector, o: number, n: number): void {
  feature(d, `Priority Group (type 0x2, length ${n})`, o);
  d.s('\n\t      Priority Allocation');
  const groups = d.u32(o + 4);
  for (let i = 0; i < 8; i++) d.s(`\n\t          PgId_${i}: ${(groups >>> (28 - 4 * i)) & 15}`);
  d.s('\n\t      Priority Group Allocation');
  for (let i = 0; i < 8; i++) d.s(`\n\t          Pg percentage[${i}]: ${d.u8(o + 8 + i)}`);
  d.s(`\n\t      NumTCsSupported: ${d.u8(o + 16)}`);
}

function flowControl(d: Dissector, o: number, n: number): void {
  feature(d, `Priority Flow Control (type 0x3, length ${n})`, o);
  const bits = d.u8(o + 4);
  d.s(`\n\t      PFC Config (0x${padHex(bits, 2).toUpperCase()})`);
  for (let i = 0; i < 8; i++) d.s(`\n\t          Priority Bit ${i}: ${(bits >> i) & 1 ? 'Enabled' : 'Disabled'}`);
  d.s(`\n\t      NumTCPFCSupported: ${d.u8(o + 5)}`);
}

function applications(d: Dissector, o: number, n: number): void {
  feature(d, `Application (type 0x4, length ${n})`, o);
  for (let i = 4; n - i >= 6; i += 6) {
    const organisation = d.u24(o + i + 2);
    const selector = organisation >> 22;
    d.s(`\n\t      Application Value\n\t          Application Protocol ID: ${hex4(d.u16(o + i))}`);
    d.s(`\n\t          SF (0x${selector.toString(16)}) Application Protocol ID is `);
    d.s(selector !== 0 ? 'Socket Number' : 'L2 EtherType');
    d.s(`\n\t          OUI: 0x${padHex(organisation & 0x3fffff, 6)}`);
    d.s(`\n\t          User Priority Map: ${hex2(d.u8(o + i + 5))}`);
  }
}
