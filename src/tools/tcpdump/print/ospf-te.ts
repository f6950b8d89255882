/** Traffic engineering and graceful restart advertisements, RFC 3630, RFC 4203, RFC 3623, shared by OSPF 2 and 3 (print-ospf.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {fixed, ip4Text, padHex} from './fields.js';
import {bitNames, type Names} from './names.js';

const graceNames: Names = {1: 'Grace Period', 2: 'Graceful restart Reason', 3: 'IPv4 interface address'};
const graceReasons = ['Unknown', 'Software Restart', 'Software Reload/Upgrade', 'Control Processor Switch'] as const;
const linkNames: Names = {
  1: 'Link Type',
  2: 'Link ID',
  3: 'Local Interface IP address',
  4: 'Remote Interface IP address',
  5: 'Traffic Engineering Metric',
  6: 'Maximum Bandwidth',
  7: 'Maximum Reservable Bandwidth',
  8: 'Unreserved Bandwidth',
  9: 'Administrative Group',
  11: 'Link Local/Remote Identifier',
  14: 'Link Protection Type',
  15: 'Interface Switching Capability',
  16: 'Shared Risk Link Group',
  17: 'Bandwidth Constraints',
};
const protections = [
  [0x01, 'Extra Traffic'],
  [0x02, 'Unprotected'],
  [0x04, 'Shared'],
  [0x08, 'Dedicated 1:1'],
  [0x10, 'Dedicated 1+1'],
  [0x20, 'Enhanced'],
  [0x40, 'Reserved'],
  [0x80, 'Reserved'],
] as const;
const switching: Names = {
  1: 'Packet-Switch Capable-1',
  2: 'Packet-Switch Capable-2',
  3: 'Packet-Switch Capable-3',
  4: 'Packet-Switch Capable-4',
  51: 'Layer-2 Switch Capable',
  100: 'Time-Division-Multiplex',
  150: 'Lambda-Switch Capable',
  200: 'Fiber-Switch Capable',
};
const encodings: Names = {
  1: 'Packet',
  2: 'Ethernet V2/DIX',
  3: 'ANSI/ETSI PDH',
  4: 'Reserved',
  5: 'SDH ITU-T G.707/SONET ANSI T1.105',
  6: 'Reserved',
  7: 'Digital Wrapper',
  8: 'Lambda (photonic)',
  9: 'Fiber',
  10: 'Reserved',
  11: 'FiberChannel',
};
const constraintModels: Names = {
  0: 'Russian dolls',
  1: 'Maximum allocation',
  254: 'Maximum allocation with E-LSP support',
};

/** False ends the advertisement: it is cut, or says something wrong, which has been printed. */
export function graceAdvertisement(d: Dissector, start: number, length: number): boolean {
  let o = start;
  for (let left = length; left > 0; ) {
    if (!d.has(o, 4)) return false;
    if (left < 4) return fault(d, `Remaining LS length ${left} < 4`);
    const type = d.u16(o);
    const size = d.u16(o + 2);
    o += 4;
    left -= 4;
    d.s(`\n\t    ${graceNames[type] ?? 'unknown'} TLV (${type}), length ${size}, value: `);
    if (size > left) return fault(d, `Bogus length ${size} > ${left}`);
    if (type === 0 || size === 0 || !d.has(o, size)) return false;
    const wanted = type === 2 ? 1 : 4;
    if (type <= 3 && size !== wanted) return fault(d, `Bogus length ${size} != ${wanted}`);
    if (type === 1) d.s(`${d.u32(o)}s`);
    else if (type === 2) d.s(`${graceReasons[d.u8(o)] ?? 'Unknown'} (${d.u8(o)})`);
    else if (type === 3) d.s(ip4Text(d, o));
    else if (d.v <= 1) unknownData(d, '\n\t      ', o, size);
    const padded = (size + 3) & ~3;
    // Padding that is not there leaves an unsigned rest.
    left = (left - padded) >>> 0;
    o += padded;
  }
  return true;
}

function fault(d: Dissector, text: string): false {
  d.s(`\n\t    ${text}`);
  return false;
}

/** False ends the advertisement, as above. */
export function trafficEngineering(d: Dissector, start: number, length: number): boolean {
  let o = start;
  for (let left = length; left !== 0; ) {
    if (!d.has(o, 4)) return false;
    if (left < 4) return fault(d, `Remaining LS length ${left} < 4`);
    const type = d.u16(o);
    const size = d.u16(o + 2);
    o += 4;
    left -= 4;
    d.s(`\n\t    ${type === 1 ? 'Router Address' : type === 2 ? 'Link' : 'unknown'} TLV (${type}), length: ${size}`);
    if (size > left) return fault(d, `Bogus length ${size} > ${left}`);
    if (type === 0 || size === 0) return false;
    if (type === 2) {
      // A link's length is not taken off the rest (4.99.3), so that more is read than there is.
      o = link(d, o, size);
      if (o < 0) return false;
      continue;
    }
    if (type === 1) {
      if (size < 4) return fault(d, `TLV length ${size} < 4`);
      d.s(`, ${ip4Text(d, o)}`);
    } else if (d.v <= 1) unknownData(d, '\n\t      ', o, size);
    const padded = (size + 3) & ~3;
    if (padded > left) return fault(d, `Bogus padded length ${padded} > ${left}`);
    left -= padded;
    o += padded;
  }
  return true;
}

/** Offset behind a link's fields, -1 to end the advertisement. */
function link(d: Dissector, start: number, length: number): number {
  let o = start;
  for (let left = length; left !== 0; ) {
    if (left < 4) {
      fault(d, `Remaining TLV length ${left} < 4`);
      return -1;
    }
    const type = d.u16(o);
    const size = d.u16(o + 2);
    o += 4;
    left -= 4;
    if (type === 0 || size === 0) {
      d.invalid();
      return -1;
    }
    d.s(`\n\t      ${linkNames[type] ?? 'unknown'} subTLV (${type}), length: ${size}`);
    const padded = (size + 3) & ~3;
    if (left < size) {
      fault(d, `Remaining TLV length ${left + 4} < ${size + 4}`);
      return -1;
    }
    if (!d.has(o, size)) return -1;
    const used = linkField(d, type, o, size);
    if (used < 0) {
      d.invalid();
      return -1;
    }
    if (left < padded) {
      fault(d, `Remaining TLV length ${left + 4} < ${padded + 4}`);
      return -1;
    }
    o += used + padded;
    left -= padded;
  }
  return o;
}

/** Type → lengths it may have, and their printer. */
const linkFields: Readonly<Record<number, readonly [readonly number[], (d: Dissector, o: number, n: number) => void]>> =
  {
    1: [
      [1],
      (d, o) => {
        const kind = d.u8(o);
        d.s(`, ${kind === 1 ? 'Point-to-point' : kind === 2 ? 'Multi-Access' : 'unknown'} (${kind})`);
      },
    ],
    2: [[4, 8], identifiers],
    3: [[4], (d, o) => d.s(`, ${ip4Text(d, o)}`)],
    4: [[4], (d, o) => d.s(`, ${ip4Text(d, o)}`)],
    5: [[4], (d, o) => d.s(`, Metric ${d.u32(o)}`)],
    6: [[4], (d, o) => d.s(`, ${bandwidth(d, o)}`)],
    7: [[4], (d, o) => d.s(`, ${bandwidth(d, o)}`)],
    8: [
      [32],
      (d, o) => {
        for (let i = 0; i < 8; i++) d.s(`\n\t\tTE-Class ${i}: ${bandwidth(d, o + 4 * i)}`);
      },
    ],
    9: [[4], (d, o) => d.s(`, 0x${padHex(d.u32(o), 8)}`)],
    11: [[4, 8], identifiers],
    14: [[4], (d, o) => d.s(`, ${bitNames(protections, d.u8(o), ', ', 'none')}`)],
  };

function identifiers(d: Dissector, o: number, n: number): void {
  for (let i = 0; i < n; i += 4) d.s(`, ${ip4Text(d, o + i)} (0x${padHex(d.u32(o + i), 8)})`);
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** IEEE single in bytes per second. */
export function bandwidth(d: Dissector, o: number): string {
  singleBits[0] = d.u32(o);
  const megabits = Math.fround(Math.fround(single[0]! * 8) / 1000000);
  if (Number.isNaN(megabits)) return `${singleBits[0]! >>> 31 ? '-' : ''}nan Mbps`;
  if (!Number.isFinite(megabits)) return `${megabits < 0 ? '-' : ''}inf Mbps`;
  if (Math.abs(megabits) >= 1e21) return `${BigInt(megabits)}.000 Mbps`;
  return `${Object.is(megabits, -0) || (megabits < 0 && fixed(megabits, 3) === '0.000') ? '-' : ''}${fixed(megabits, 3)} Mbps`;
}

/** Bytes that its printer went forward itself; -1 when the length is wrong. */
function linkField(d: Dissector, type: number, o: number, n: number): number {
  const known = linkFields[type];
  if (known !== undefined) {
    const [lengths, print] = known;
    if (!lengths.includes(n)) {
      d.s(` ${lengths.map((length) => `!= ${length}`).join(' && ')}`);
      return -1;
    }
    print(d, o, n);
    return 0;
  }
  if (type === 15) return capability(d, o, n);
  if (type === 16) return riskGroups(d, o, n);
  if (type === 17) return constraints(d, o, n);
  if (d.v <= 1) unknownData(d, '\n\t\t', o, n);
  return 0;
}

function capability(d: Dissector, o: number, n: number): number {
  if (n < 36) {
    d.s(' < 36');
    return -1;
  }
  d.s(`\n\t\tInterface Switching Capability: ${switching[d.u8(o)] ?? 'Unknown'}`);
  d.s(`\n\t\tLSP Encoding: ${encodings[d.u8(o + 1)] ?? 'Unknown'}\n\t\tMax LSP Bandwidth:`);
  for (let i = 0; i < 8; i++) d.s(`\n\t\t  priority level ${i}: ${bandwidth(d, o + 4 + 4 * i)}`);
  return 0;
}

function riskGroups(d: Dissector, o: number, n: number): number {
  if (n % 4 !== 0) {
    d.s(' != N x 4');
    return -1;
  }
  d.s('\n\t\t  Shared risk group: ');
  for (let i = 0; i < n; i += 4) d.s(`${i > 0 ? ', ' : ''}${d.u32(o + i)}`);
  return n;
}

function constraints(d: Dissector, o: number, n: number): number {
  if (n < 4) {
    d.s(' < 4');
    return -1;
  }
  const model = d.u8(o);
  d.s(`\n\t\tBandwidth Constraints Model ID: ${constraintModels[model] ?? 'unknown'} (${model})`);
  if (n % 4 !== 0 || n > 36) {
    d.s(`\n\t\tlength ${n} ${n % 4 !== 0 ? '!= N x 4' : '> 36'}`);
    return -1;
  }
  for (let i = 0; i < (n - 4) / 4; i++) d.s(`\n\t\t  Bandwidth constraint CT${i}: ${bandwidth(d, o + 4 + 4 * i)}`);
  return 0;
}
