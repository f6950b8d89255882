/** EIGRP, RFC 7868 and Cisco's older fields (print-eigrp.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, padHex} from './fields.js';
import {bitNames, hex2, hex4, type Names} from './names.js';

const HEADER = 20;
const FIELD = 4;
const operations: Names = {1: 'Update', 3: 'Query', 4: 'Reply', 5: 'Hello', 6: 'IPX SAP', 7: 'Probe'};
const flagNames = [
  [1, 'Init'],
  [2, 'Conditionally Received'],
  [4, 'Restart'],
  [8, 'End-of-Table'],
] as const;
const fieldNames: Names = {
  1: 'General Parameters',
  2: 'Authentication',
  3: 'Sequence',
  4: 'Software Version',
  5: 'Next Multicast Sequence',
  258: 'IP Internal routes',
  259: 'IP External routes',
  514: 'AppleTalk Internal routes',
  515: 'AppleTalk External routes',
  516: 'AppleTalk Cable setup',
  770: 'IPX Internal routes',
  771: 'IPX External routes',
};
const origins = [
  'unknown',
  'IGRP',
  'EIGRP',
  'Static',
  'RIP',
  'Hello',
  'OSPF',
  'IS-IS',
  'EGP',
  'BGP',
  'IDRP',
  'Connected',
] as const;

/** Type → least length of the value, printer. */
const values: Readonly<Record<number, readonly [number, (d: Dissector, o: number) => void]>> = {
  1: [8, parameters],
  4: [4, software],
  258: [22, (d, o) => route(d, o, false)],
  259: [42, (d, o) => route(d, o, true)],
  514: [24, (d, o) => cable(d, o, false)],
  515: [40, (d, o) => cable(d, o, true)],
  516: [8, (d, o) => d.s(`\n\t    Cable-range: ${d.u16(o)}-${d.u16(o + 2)}, Router-ID ${d.u32(o + 4)}`)],
};

export function eigrp(d: Dissector, o: number, length: number): void {
  d.protocol = 'eigrp';
  if (!d.has(o, HEADER)) return d.trunc();
  const version = d.u8(o);
  if (version !== 2) return d.s(`EIGRP version ${version} packet not supported`);
  const operation = d.u8(o + 1);
  const name = operations[operation];
  if (d.v === 0 || length < HEADER) {
    d.s(`EIGRP ${name ?? `unknown (${operation})`}, length: ${length}`);
    if (d.v > 0) d.s(` (too short, < ${HEADER})`);
    return;
  }
  d.s(`\n\tEIGRP v${version}, opcode: ${name ?? `unknown, type: ${operation}`} (${operation}), `);
  d.s(`chksum: ${hex4(d.u16(o + 2))}, Flags: [${bitNames(flagNames, d.u32(o + 4), ', ', 'none')}]`);
  d.s(`\n\tseq: 0x${padHex(d.u32(o + 8), 8)}, ack: 0x${padHex(d.u32(o + 12), 8)}, `);
  d.s(`VRID: ${d.u16(o + 16)}, AS: ${d.u16(o + 18)}, length: ${length - HEADER}`);
  fields(d, o + HEADER, length - HEADER);
}

function fields(d: Dissector, start: number, length: number): void {
  let o = start;
  for (let left = length; left > 0; ) {
    if (!d.has(o, FIELD)) return d.trunc();
    const type = d.u16(o);
    const size = d.u16(o + 2);
    if (size < FIELD || size > left) return unknownData(d, '\n\t    ', o + FIELD, left);
    d.s(`\n\t  ${fieldNames[type] ?? 'Unknown'} TLV (${hex4(type)}), length: ${size}`);
    if (!d.has(o, size)) return d.trunc();
    const [least, print] = values[type] ?? [0, undefined];
    if (print === undefined) {
      if (d.v <= 1) unknownData(d, '\n\t    ', o + FIELD, size - FIELD);
    } else if (size - FIELD < least) d.s(` (too short, < ${least + FIELD})`);
    else print(d, o + FIELD);
    if (d.v > 1) unknownData(d, '\n\t    ', o + FIELD, size - FIELD);
    o += size;
    left -= size;
  }
}

function parameters(d: Dissector, o: number): void {
  d.s(`\n\t    holdtime: ${d.u16(o + 6)}s, ${[1, 2, 3, 4, 5].map((i) => `k${i} ${d.u8(o + i - 1)}`).join(', ')}`);
}

function software(d: Dissector, o: number): void {
  d.s(`\n\t    IOS version: ${d.u8(o)}.${d.u8(o + 1)}, EIGRP version ${d.u8(o + 2)}.${d.u8(o + 3)}`);
}

/** delay(4) bandwidth(4) mtu(3) hops(1) reliability(1) load(1) */
function metrics(d: Dissector, o: number): void {
  d.s(`\n\t      delay ${Math.floor(d.u32(o) / 100)} ms, bandwidth ${d.u32(o + 4)} Kbps, mtu ${d.u24(o + 8)}, `);
  d.s(`hop ${d.u8(o + 11)}, reliability ${d.u8(o + 12)}, load ${d.u8(o + 13)}`);
}

function origin(
  d: Dissector,
  router: string,
  as: number,
  protocol: number,
  flags: number,
  tag: number,
  metric: number,
): void {
  d.s(`\n\t      origin-router ${router}, origin-as ${as}, origin-proto ${origins[protocol] ?? 'unknown'}, `);
  d.s(`flags [${hex2(flags)}], tag 0x${padHex(tag, 8)}, metric ${metric}`);
}

/** next hop(4), of external routes where they came from(20), metrics(14) reserved(2) prefix length(1) prefix. */
function route(d: Dissector, o: number, external: boolean): void {
  const measured = o + (external ? 24 : 4);
  const bits = d.u8(measured + 16);
  if (bits > 32) return d.s(`\n\t    illegal prefix length ${bits}`);
  const octets = [0, 1, 2, 3].map((i) => (i < (bits + 7) >> 3 ? d.u8(measured + 17 + i) : 0));
  d.s(`\n\t    IPv4 prefix: ${octets.join('.').padStart(15)}/${bits}, nexthop: `);
  d.s(d.u32(o) === 0 ? 'self' : ip4Text(d, o));
  if (external) origin(d, ip4Text(d, o + 4), d.u32(o + 8), d.u8(o + 22), d.u8(o + 23), d.u32(o + 12), d.u32(o + 16));
  metrics(d, measured);
}

function cable(d: Dissector, o: number, external: boolean): void {
  const measured = o + (external ? 20 : 4);
  d.s(`\n\t     Cable-Range: ${d.u16(measured + 16)}-${d.u16(measured + 18)}, nexthop: `);
  d.s(d.u32(o) === 0 ? 'self' : `${d.u16(o)}.${d.u16(o + 2)}`);
  if (external) origin(d, String(d.u32(o + 4)), d.u32(o + 8), d.u8(o + 16), d.u8(o + 17), d.u32(o + 12), d.u16(o + 18));
  metrics(d, measured);
}
