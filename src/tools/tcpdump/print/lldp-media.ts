/** LLDP fields of media endpoints, ANSI/TIA-1057 (print-lldp.c): organisation(3) subtype(1) value. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {paddedText} from './fields.js';
import {bitNames, hex2, hex4} from './names.js';

const names = [
  'unknown',
  'LLDP-MED Capabilities',
  'Network policy',
  'Location identification',
  'Extended power-via-MDI',
  'Inventory - hardware revision',
  'Inventory - firmware revision',
  'Inventory - software revision',
  'Inventory - serial number',
  'Inventory - manufacturer name',
  'Inventory - model name',
  'Inventory - asset ID',
] as const;
const inventory = [
  'Hardware revision',
  'Firmware revision',
  'Software revision',
  'Serial number',
  'Manufacturer name',
  'Model name',
  'Asset ID',
] as const;
const FIRST_INVENTORY = 5;
const capabilities = [
  [1, 'LLDP-MED capabilities'],
  [2, 'network policy'],
  [4, 'location identification'],
  [8, 'extended power via MDI-PSE'],
  [16, 'extended power via MDI-PD'],
  [32, 'Inventory'],
] as const;
const devices = [
  'unknown',
  'endpoint class 1',
  'endpoint class 2',
  'endpoint class 3',
  'network connectivity',
] as const;
const applications = [
  'none',
  'voice',
  'voice signaling',
  'guest voice',
  'guest voice signaling',
  'softphone voice',
  'video conferencing',
  'streaming video',
  'video signaling',
] as const;
const policyFlags = [
  [0x80, 'Unknown'],
  [0x40, 'Tagged'],
  [0x20, 'reserved'],
] as const;
const formats = ['unknown', 'coordinate-based LCI', 'civic address LCI', 'ECS ELIN'] as const;
const altitudes = ['unknown', 'meters', 'floors'] as const;
const datums = [
  'unknown',
  'World Geodesic System 1984',
  'North American Datum 1983 (NAVD88)',
  'North American Datum 1983 (MLLW)',
] as const;
const locationKinds = [
  'location of DHCP server',
  'location of the network element believed to be closest to the client',
  'location of the client',
] as const;
const civicTypes = [
  'unknown',
  'national subdivisions (state,canton,region,province,prefecture)',
  'county, parish, gun, district',
  'city, township, shi',
  'city division, borough, city district, ward chou',
  'neighborhood, block',
  'street',
] as const;
const powerSources = [
  'none',
  'PSE - primary power source',
  'local - backup power source',
  'PSE+local - reserved',
] as const;
const powerPriorities = ['none', 'critical', 'high', 'low'] as const;
/** Power values from here on are reserved. */
const MAX_POWER = 1024;

/** True = the subtype is not known. */
export function media(d: Dissector, o: number, n: number): boolean {
  if (n < 4) return false;
  const subtype = d.u8(o + 3);
  d.s(`\n\t  ${names[subtype] ?? 'unknown'} Subtype (${subtype})`);
  if (subtype === 1 && n >= 7) {
    const bits = d.u16(o + 4);
    const device = d.u8(o + 6);
    d.s(`\n\t    Media capabilities [${bitNames(capabilities, bits, ', ', 'none')}] (${hex4(bits)})`);
    d.s(`\n\t    Device type [${devices[device] ?? 'unknown'}] (${hex2(device)})`);
  } else if (subtype === 2 && n >= 8) policy(d, o);
  else if (subtype === 3 && n >= 5) place(d, o, n);
  else if (subtype === 4 && n >= 7) power(d, o);
  const part = inventory[subtype - FIRST_INVENTORY];
  if (part !== undefined) {
    d.s(`\n\t  ${part} `);
    paddedText(d, o + 4, n - 4);
  }
  return subtype === 0 || subtype >= names.length;
}

function policy(d: Dissector, o: number): void {
  const application = d.u8(o + 4);
  d.s(`\n\t    Application type [${applications[application] ?? 'none'}] (${hex2(application)})`);
  d.s(`, Flags [${bitNames(policyFlags, d.u8(o + 5), ', ', 'none')}]`);
  d.s(`\n\t    Vlan id ${(d.u16(o + 5) & 0x1ffe) >> 1}`);
  const bits = d.u16(o + 6);
  d.s(`, L2 priority ${(bits & 0x1ff) >> 6}, DSCP value ${bits & 0x3f}`);
}

function power(d: Dissector, o: number): void {
  const bits = d.u8(o + 4);
  const priority = bits & 15;
  // 0xC0 >> 6 binds first in print-lldp.c: the two low bits tell the type.
  d.s(`\n\t    Power type [${(bits & 3) !== 0 ? 'PD device' : 'PSE device'}]`);
  d.s(`, Power source [${powerSources[(bits >> 4) & 3]!}]`);
  d.s(`\n\t    Power priority [${powerPriorities[priority] ?? 'none'}] (${hex2(priority)})`);
  const value = d.u16(o + 5);
  if (value < MAX_POWER) d.s(`, Power ${Math.floor(value / 10)}.${value % 10} Watts`);
  else d.s(`, Power ${value} (Reserved)`);
}

/** format(1) location. */
function place(d: Dissector, o: number, n: number): void {
  const format = d.u8(o + 4);
  d.s(`\n\t    Location data format ${formats[format] ?? 'unknown'} (${hex2(format)})`);
  if (format === 1) {
    if (n >= 21) coordinates(d, o);
  } else if (format === 2) {
    if (n >= 6) civic(d, o, n);
  } else if (format === 3) {
    d.s('\n\t    ECS ELIN id ');
    paddedText(d, o + 5, n - 5);
  } else {
    d.s('\n\t    Location ID ');
    unknownData(d, '\n\t      ', o + 5, n - 5);
  }
}

/** Six bits of resolution and 34 of value. */
function degrees(d: Dissector, name: string, o: number): void {
  const value = (d.u8(o) & 3) * 2 ** 32 + d.u32(o + 1);
  d.s(`\n\t    ${name} resolution ${d.u8(o) >> 2}, ${name.toLowerCase()} value ${value}`);
}

function coordinates(d: Dissector, o: number): void {
  degrees(d, 'Latitude', o + 5);
  degrees(d, 'Longitude', o + 10);
  const altitude = d.u8(o + 15) >> 4;
  const datum = d.u8(o + 20);
  d.s(`\n\t    Altitude type ${altitudes[altitude] ?? 'unknown'} (${altitude})`);
  d.s(`\n\t    Altitude resolution ${(d.u16(o + 15) >> 6) & 0x3f}, `);
  d.s(`altitude value 0x${(d.u32(o + 16) & 0x3fffffff).toString(16)}`);
  d.s(`\n\t    Datum ${datums[datum] ?? 'unknown'} (${hex2(datum)})`);
}

/** RFC 4776: length(1) what(1) country(2), fields of type(1) length(1) text. */
function civic(d: Dissector, o: number, n: number): void {
  const size = d.u8(o + 5);
  if (size < 3 || n < 7 + size) return;
  const what = d.u8(o + 6);
  d.s(`\n\t    LCI length ${size}, LCI what ${locationKinds[what] ?? 'unknown'} (${hex2(what)}), Country-code `);
  paddedText(d, o + 7, 2);
  let at = o + 9;
  for (let left = size - 3; left >= 2; ) {
    const type = d.u8(at);
    const length = d.u8(at + 1);
    at += 2;
    left -= 2;
    d.s(`\n\t      CA type '${civicTypes[type] ?? 'unknown'}' (${type}), length ${length}: `);
    if (type === 0 || length === 0 || left < length) return;
    paddedText(d, at, length);
    at += length;
    left -= length;
  }
}
