/** Link Layer Discovery Protocol, IEEE 802.1AB (print-lldp.c): fields of type(7 bits) length(9 bits) value. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, ip6Text, macText, paddedText, padHex} from './fields.js';
import {ieee8021} from './lldp-8021.js';
import {ieee8023, manufacturerUsage} from './lldp-8023.js';
import {dataCentre} from './lldp-dcbx.js';
import {media} from './lldp-media.js';
import {addressFamilies, bitNames, hex4, type Names, ouiNames} from './names.js';

const names: Names = {
  0: 'End',
  1: 'Chassis ID',
  2: 'Port ID',
  3: 'Time to Live',
  4: 'Port Description',
  5: 'System Name',
  6: 'System Description',
  7: 'System Capabilities',
  8: 'Management Address',
  127: 'Organization specific',
};
const chassisNames = [
  'Unknown',
  'Chassis component',
  'Interface alias',
  'Port component',
  'MAC address',
  'Network address',
  'Interface name',
  'Local',
] as const;
const portNames = [
  'Unknown',
  'Interface alias',
  'Port component',
  'MAC address',
  'Network Address',
  'Interface Name',
  'Agent circuit ID',
  'Local',
] as const;
const capabilities = [
  [1, 'Other'],
  [2, 'Repeater'],
  [4, 'Bridge'],
  [8, 'WLAN AP'],
  [16, 'Router'],
  [32, 'Telephone'],
  [64, 'Docsis'],
  [128, 'Station Only'],
] as const;

/** Outcome of a value's printer: `dump` its bytes too; `cut` = its length is too small, which ends the packet. */
type Outcome = 'done' | 'dump' | 'cut';
type ValuePrinter = (d: Dissector, o: number, n: number) => Outcome;

/** True = the subtype is not known. */
type OrganisationPrinter = (d: Dissector, o: number, n: number) => boolean;
const organisations: Readonly<Record<number, OrganisationPrinter>> = {
  32962: ieee8021,
  4623: ieee8023,
  94: manufacturerUsage,
  4795: media,
  6945: dataCentre,
};

/** Without -v only the system's name is printed. */
const verbosePrinters: Readonly<Record<number, ValuePrinter>> = {
  1: (d, o, n) => identifier(d, o, n, chassisNames, 4, 5),
  2: (d, o, n) => identifier(d, o, n, portNames, 3, 4),
  3: (d, o, n) => {
    if (n < 2) return 'cut';
    d.s(`: TTL ${d.u16(o)}s`);
    return 'done';
  },
  4: (d, o, n) => text(d, ': ', o, n),
  5: (d, o, n) => text(d, ': ', o, n),
  6: (d, o, n) => text(d, '\n\t  ', o, n),
  7: capability,
  8: management,
  127: organisation,
};

export function lldp(d: Dissector, start: number, length: number): void {
  d.protocol = 'lldp';
  d.s(`LLDP, length ${length}`);
  let o = start;
  for (let left = length; left >= 2; ) {
    if (!d.has(o, 2)) return d.trunc();
    const head = d.u16(o);
    const type = head >> 9;
    const n = head & 0x1ff;
    o += 2;
    left -= 2;
    if (d.v > 0) d.s(`\n\t${names[type] ?? 'Unknown'} TLV (${type}), length ${n}`);
    if (type === 0 || n === 0) return;
    if (!d.has(o, n) || left < n) return d.trunc();
    if (d.v > 0) {
      const outcome = verbosePrinters[type]?.(d, o, n) ?? 'dump';
      if (outcome === 'cut') return d.trunc();
      if (d.v > 1 || outcome === 'dump') unknownData(d, '\n\t  ', o, n);
    } else if (type === 5) text(d, ': ', o, n);
    o += n;
    left -= n;
  }
}

function text(d: Dissector, before: string, o: number, n: number): Outcome {
  d.s(before);
  paddedText(d, o, n);
  return 'done';
}

/** Chassis and port: subtype(1) value; `mac` and `network` are the subtypes that are addresses. */
function identifier(
  d: Dissector,
  o: number,
  n: number,
  subtypes: readonly string[],
  mac: number,
  network: number,
): Outcome {
  if (n < 2) return 'cut';
  const subtype = d.u8(o);
  d.s(`\n\t  Subtype ${subtypes[subtype] ?? 'Unknown'} (${subtype}): `);
  if (subtype === 0 || subtype > 7) return 'dump';
  if (subtype === mac) {
    if (n < 7) return 'cut';
    d.mac(o + 1);
  } else if (subtype === network) {
    const address = networkAddress(d, o + 1, n - 1);
    if (address === undefined) return 'cut';
    d.s(address);
  } else paddedText(d, o + 1, n - 1);
  return 'done';
}

/** family(1) address; undefined when it is too short. */
function networkAddress(d: Dissector, o: number, n: number): string | undefined {
  if (n < 1) return undefined;
  const family = d.u8(o);
  const left = n - 1;
  const name = `AFI ${addressFamilies[family] ?? 'Unknown'} (${family})`;
  if (family === 1) return left < 4 ? undefined : `${name}: ${ip4Text(d, o + 1)}`;
  if (family === 2) return left < 16 ? undefined : `${name}: ${ip6Text(d, o + 1)}`;
  if (family === 6) return left < 6 ? undefined : `${name}: ${macText(d, o + 1)}`;
  return `${name}, no AF printer !`;
}

function capability(d: Dissector, o: number, n: number): Outcome {
  if (n < 4) return 'cut';
  for (const [i, name] of ['System ', 'Enabled'].entries()) {
    const bits = d.u16(o + 2 * i);
    d.s(`\n\t  ${name} Capabilities [${bitNames(capabilities, bits, ', ', 'none')}] (${hex4(bits)})`);
  }
  return 'done';
}

/** length(1) address, interface numbering(1) number(4), length(1) object identifier. */
function management(d: Dissector, o: number, n: number): Outcome {
  const size = d.u8(o);
  if (n - 1 < size) return 'cut';
  const address = networkAddress(d, o + 1, size);
  if (address === undefined) return 'cut';
  d.s(`\n\t  Management Address length ${size}, ${address}`);
  const at = o + 1 + size;
  const left = n - 1 - size;
  if (left < 5) return 'cut';
  const numbering = d.u8(at);
  const name = numbering === 2 ? 'Interface Index' : numbering === 3 ? 'System Port Number' : 'Unknown';
  d.s(`\n\t  ${name} Interface Numbering (${numbering}): ${d.u32(at + 1)}`);
  if (left === 5) return 'done';
  const object = d.u8(at + 5);
  if (left - 5 < 1 + object) return 'cut';
  if (object > 0) {
    d.s(`\n\t  OID length ${object}`);
    paddedText(d, at + 6, object);
  }
  return 'done';
}

function organisation(d: Dissector, o: number, n: number): Outcome {
  if (n < 3) return 'cut';
  const oui = d.u24(o);
  d.s(`: OUI ${ouiNames[oui] ?? 'Unknown'} (0x${padHex(oui, 6)})`);
  return (organisations[oui]?.(d, o, n) ?? true) ? 'dump' : 'done';
}
