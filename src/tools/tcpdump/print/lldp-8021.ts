/** LLDP fields of IEEE 802.1 (print-lldp.c): organisation(3) subtype(1) value. Offsets count from the organisation. */
import type {Dissector} from './dissector.js';
import {paddedText} from './fields.js';
import {bitNames, hex2} from './names.js';

/** Prints a value of `n` bytes; too short ones print what fits. */
type ValuePrinter = (d: Dissector, o: number, n: number) => void;

const protocolVlanFlags = [
  [2, 'supported'],
  [4, 'enabled'],
] as const;
const aggregationFlags = [
  [1, 'supported'],
  [2, 'enabled'],
] as const;
const bridgeModes = ['Not Supported', 'EVB Bridge', 'EVB Station', 'Reserved for future Standardization'] as const;

/** Subtype → name, length from which on it is printed, printer. */
const subtypes: Readonly<Record<number, readonly [string, number, ValuePrinter]>> = {
  1: ['Port VLAN Id', 6, (d, o) => d.s(`\n\t    port vlan id (PVID): ${d.u16(o + 4)}`)],
  2: ['Port and Protocol VLAN ID', 7, protocolVlan],
  3: ['VLAN name', 6, vlanName],
  4: ['Protocol Identity', 5, protocolIdentity],
  7: ['Link aggregation', 9, aggregation],
  8: ['Congestion Notification', 6, congestion],
  9: ['ETS Configuration', 25, transmissionConfiguration],
  10: ['ETS Recommendation', 25, transmissionRecommendation],
  11: ['Priority Flow Control Configuration', 6, flowControl],
  12: ['Application Priority', 5, applications],
  13: ['EVB', 9, edgeBridging],
  14: ['CDCP', 8, channels],
};

/** True = the subtype is not known. */
export function ieee8021(d: Dissector, o: number, n: number): boolean {
  if (n < 4) return false;
  const number = d.u8(o + 3);
  const [name, min, print] = subtypes[number] ?? ['unknown', 0, undefined];
  d.s(`\n\t  ${name} Subtype (${number})`);
  if (n >= min) print?.(d, o, n);
  return print === undefined;
}

function protocolVlan(d: Dissector, o: number): void {
  const flags = d.u8(o + 4);
  d.s(`\n\t    port and protocol vlan id (PPVID): ${d.u16(o + 5)}, `);
  d.s(`flags [${bitNames(protocolVlanFlags, flags, ', ', 'none')}] (${hex2(flags)})`);
}

function vlanName(d: Dissector, o: number, n: number): void {
  d.s(`\n\t    vlan id (VID): ${d.u16(o + 4)}`);
  if (n < 7 || n < 7 + d.u8(o + 6)) return;
  d.s('\n\t    vlan name: ');
  paddedText(d, o + 7, d.u8(o + 6));
}

function protocolIdentity(d: Dissector, o: number, n: number): void {
  const size = d.u8(o + 4);
  if (n < 5 + size) return;
  d.s('\n\t    protocol identity: ');
  paddedText(d, o + 5, size);
}

/** Also a field of IEEE 802.3. */
export function aggregation(d: Dissector, o: number): void {
  d.s(`\n\t    aggregation status [${bitNames(aggregationFlags, d.u8(o + 4), ', ', 'none')}], `);
  d.s(`aggregation port ID ${d.u32(o + 5)}`);
}

/** A bit for each of eight priorities. */
function priorityBits(d: Dissector, title: string, bits: number): void {
  d.s(`\n\t    ${title}\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : `);
  for (let i = 0; i < 8; i++) d.s(`${(bits >> i) & 1}  `);
}

function congestion(d: Dissector, o: number): void {
  priorityBits(d, 'Pre-Priority CNPV Indicator', d.u8(o + 4));
  priorityBits(d, 'Pre-Priority Ready Indicator', d.u8(o + 5));
}

const column = (value: number): string => String(value).padEnd(3);

function transmissionConfiguration(d: Dissector, o: number): void {
  const bits = d.u8(o + 4);
  d.s(`\n\t    Willing:${bits >> 7}, CBS:${(bits >> 6) & 2}, RES:${(bits >> 3) & 7}, Max TCs:${bits & 7}`);
  transmissionTables(d, o);
}

function transmissionRecommendation(d: Dissector, o: number): void {
  d.s(`\n\t    RES: ${d.u8(o + 4)}`);
  transmissionTables(d, o);
}

function transmissionTables(d: Dissector, o: number): void {
  const row = (at: number) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => column(d.u8(at + i))).join(' ');
  const priorities = [0, 1, 2, 3].flatMap((i) => [d.u8(o + 5 + i) >> 4, d.u8(o + 5 + i) & 15]);
  const numbers = '0   1   2   3   4   5   6   7';
  d.s(
    `\n\t    Priority Assignment Table\n\t     Priority : ${numbers}\n\t     Value    : ${priorities.map(column).join(' ')}`,
  );
  d.s(`\n\t    TC Bandwidth Table\n\t     TC%   : ${numbers}\n\t     Value : ${row(o + 9)}`);
  d.s(`\n\t    TSA Assignment Table\n\t     Traffic Class: ${numbers}\n\t     Value        : ${row(o + 17)}`);
}

function flowControl(d: Dissector, o: number): void {
  const bits = d.u8(o + 4);
  d.s(`\n\t    Willing: ${bits >> 7}, MBC: ${(bits >> 6) & 1}, RES: ${(bits >> 4) & 3}, PFC cap:${bits & 15} `);
  priorityBits(d, 'PFC Enable', d.u8(o + 5));
}

function applications(d: Dissector, o: number, n: number): void {
  d.s(`\n\t    RES: ${d.u8(o + 4)}`);
  if (n === 5 || (n - 5) % 3 !== 0) return;
  d.s('\n\t    Application Priority Table');
  for (let i = 5; i < n; i += 3) {
    const bits = d.u8(o + i);
    d.s(
      `\n\t      Priority: ${bits >> 5}, RES: ${(bits >> 3) & 3}, Sel: ${bits & 7}, Protocol ID: ${d.u16(o + i + 1)}`,
    );
  }
}

function edgeBridging(d: Dissector, o: number): void {
  const bridge = d.u8(o + 4);
  const station = d.u8(o + 5);
  const retries = d.u8(o + 6);
  const mode = d.u8(o + 7);
  const keepAlive = d.u8(o + 8);
  d.s(`\n\t    EVB Bridge Status\n\t      RES: ${bridge >> 3}, BGID: ${(bridge >> 2) & 1}, `);
  d.s(`RRCAP: ${(bridge >> 1) & 1}, RRCTR: ${bridge & 1}`);
  d.s(`\n\t    EVB Station Status\n\t      RES: ${station >> 4}, SGID: ${(station >> 3) & 1}, `);
  d.s(`RRREQ: ${(station >> 2) & 1},RRSTAT: ${station & 3}`);
  d.s(`\n\t    R: ${retries >> 5}, RTE: ${retries & 0x1f}, EVB Mode: ${bridgeModes[mode >> 6]} [${mode >> 6}]`);
  d.s(`\n\t    ROL: ${(mode >> 5) & 1}, RWD: ${mode & 0x1f}, `);
  d.s(`RES: ${keepAlive >> 6}, ROL: ${(keepAlive >> 5) & 1}, RKA: ${keepAlive & 0x1f}`);
}

function channels(d: Dissector, o: number, n: number): void {
  const bits = d.u8(o + 4);
  d.s(`\n\t    Role: ${bits >> 7}, RES: ${(bits >> 4) & 7}, Scomp: ${(bits >> 3) & 1} `);
  d.s(`ChnCap: ${d.u16(o + 6) & 0xfff}`);
  if ((n - 8) % 3 !== 0) return;
  for (let i = 8; i < n; i += 3) {
    const pair = d.u24(o + i);
    d.s(`\n\t    SCID: ${pair >> 12}, SVID: ${pair & 0xfff}`);
  }
}
