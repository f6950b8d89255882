/** Spanning tree: IEEE 802.1D, 802.1w, 802.1s, shortest path bridging 802.1aq (print-stp.c). */
import type {Dissector} from './dissector.js';
import {fixed, paddedText, padHex} from './fields.js';
import {bitNames, hex2, type Names} from './names.js';

const HEADER = 36;
const MULTIPLE_MIN = 102;
const INSTANCE = 16;
/** Bytes of the configuration identifier and the common tree in front of the instances. */
const CONFIGURATION = 64;
const SPB_MIN = 87;

const RAPID = 2;
const MULTIPLE = 3;
const SHORTEST_PATH = 4;

const versions: Names = {0: '802.1d', [RAPID]: '802.1w', [MULTIPLE]: '802.1s', [SHORTEST_PATH]: '802.1aq'};
const types: Names = {0: 'Config', 2: 'Rapid STP', 128: 'Topology Change'};
const flagNames = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
] as const;
const roles = ['Unknown', 'Alternate', 'Root', 'Designated'] as const;

const flagText = (flags: number): string => bitNames(flagNames, flags, ', ', 'none');
const role = (flags: number): string => roles[(flags >> 2) & 3]!;

export function stp(d: Dissector, o: number, length: number): void {
  d.protocol = 'stp';
  if (length < 4) return d.invalid();
  if (d.u16(o) !== 0) return d.s(`unknown STP version, length ${length}`);
  const version = d.u8(o + 2);
  const name = versions[version];
  d.s(`STP ${name ?? `Unknown STP protocol (${hex2(version)})`}`);
  if (name === undefined) return;
  const type = d.u8(o + 3);
  d.s(`, ${types[type] ?? `Unknown BPDU Type (${hex2(type)})`}`);
  if (type === 0 || (type === 2 && version === RAPID)) {
    if (length < (type === 0 ? HEADER - 1 : HEADER)) d.invalid();
    else configuration(d, o, length);
  } else if (type === 2 && version >= MULTIPLE && !multiple(d, o, length, version)) d.invalid();
}

/** `8001.00:11:22:33:44:55` */
function bridge(d: Dissector, o: number): string {
  d.need(o, 8);
  const octets = [2, 3, 4, 5, 6, 7].map((i) => padHex(d.u8(o + i), 2));
  return `${padHex(d.u16(o), 4)}.${octets.join(':')}`;
}

/** 256ths of a second. */
function seconds(d: Dissector, o: number): string {
  return `${fixed(d.u16(o) / 256, 2)}s`;
}

function times(d: Dissector, o: number): void {
  d.s(`\n\tmessage-age ${seconds(d, o + 27)}, max-age ${seconds(d, o + 29)}, `);
  d.s(`hello-time ${seconds(d, o + 31)}, forwarding-delay ${seconds(d, o + 33)}`);
}

function configuration(d: Dissector, o: number, length: number): void {
  const flags = d.u8(o + 4);
  d.s(`, Flags [${flagText(flags)}]`);
  d.s(`, bridge-id ${bridge(d, o + 17)}.${padHex(d.u16(o + 25), 4)}, length ${length}`);
  if (d.v === 0) return;
  d.need(o + 27, 8);
  times(d, o);
  d.s(`\n\troot-id ${bridge(d, o + 5)}, root-pathcost ${d.u32(o + 13)}`);
  if (d.u8(o + 2) === RAPID) d.s(`, port-role ${role(flags)}`);
}

/** False when a length is wrong. */
function multiple(d: Dissector, o: number, length: number, version: number): boolean {
  if (length < MULTIPLE_MIN || d.u8(o + 35) !== 0) return false;
  const size = d.u16(o + 36) + 2;
  if (length < HEADER + size) return false;
  common(d, o, length);
  if (version !== SHORTEST_PATH) return true;
  const pathSize = d.u16(o + 36 + size) + 2;
  if (length < HEADER + size + pathSize || pathSize < SPB_MIN) return false;
  if (d.v > 0) shortestPath(d, o + HEADER + size);
  return true;
}

function digest(d: Dissector, o: number, words: number): string {
  let text = '';
  for (let i = 0; i < words; i++) text += padHex(d.u32(o + 4 * i), 8);
  return text;
}

/** Common and internal spanning tree, then the instances. */
function common(d: Dissector, o: number, length: number): void {
  const flags = d.u8(o + 4);
  d.s(`, CIST Flags [${flagText(flags)}], length ${length}`);
  if (d.v === 0) return;
  d.s(`\n\tport-role ${role(flags)}, `);
  d.s(`CIST root-id ${bridge(d, o + 5)}, CIST ext-pathcost ${d.u32(o + 13)}`);
  d.s(`\n\tCIST regional-root-id ${bridge(d, o + 17)}, `);
  d.s(`CIST port-id ${padHex(d.u16(o + 25), 4)},`);
  d.need(o + 27, 8);
  times(d, o);
  d.s(`\n\tv3len ${d.u16(o + 36)}, MCID Name `);
  paddedText(d, o + 39, 32);
  d.s(`, rev ${d.u16(o + 71)},\n\t\tdigest ${digest(d, o + 73, 4)}, `);
  d.s(`CIST int-root-pathcost ${d.u32(o + 89)},`);
  d.s(`\n\tCIST bridge-id ${bridge(d, o + 93)}, `);
  d.s(`CIST remaining-hops ${d.u8(o + 101)}`);
  let at = o + MULTIPLE_MIN;
  for (let left = d.u16(o + 36) - CONFIGURATION; left >= INSTANCE; left -= INSTANCE) {
    instance(d, at);
    at += INSTANCE;
  }
}

function instance(d: Dissector, o: number): void {
  const number = d.u16(o + 1) & 0xfff;
  const flags = d.u8(o);
  d.s(`\n\tMSTI ${number}, Flags [${flagText(flags)}], port-role ${role(flags)}`);
  d.s(`\n\t\tMSTI regional-root-id ${bridge(d, o + 1)}, pathcost ${d.u32(o + 9)}`);
  d.s(`\n\t\tMSTI bridge-prio ${d.u8(o + 13) >> 4}, port-prio ${d.u8(o + 14) >> 4}, hops ${d.u8(o + 15)}`);
}

function shortestPath(d: Dissector, o: number): void {
  d.s(`\n\tv4len ${d.u16(o)}, AUXMCID Name `);
  paddedText(d, o + 3, 32);
  d.s(`, Rev ${d.u16(o + 35)},\n\t\tdigest ${digest(d, o + 37, 4)}`);
  const agreement = d.u8(o + 53);
  const format = d.u8(o + 55);
  const convention = d.u8(o + 56);
  const edges = d.u16(o + 57);
  const agreementDigest = digest(d, o + 67, 5);
  d.s(`\n\tAgreement num ${agreement >> 6}, Discarded Agreement num ${(agreement >> 4) & 3}, `);
  d.s(`Agreement valid-flag ${(agreement >> 3) & 1},\n\tRestricted role-flag: ${(agreement >> 2) & 1}, `);
  d.s(`Format id ${format >> 4} cap ${format}, Convention id ${convention >> 4} cap ${convention},`);
  d.s(`\n\tEdge count ${edges}, Agreement digest ${agreementDigest}`);
}
