/** LLDP fields of IEEE 802.3, and IANA's (RFC 8520) (print-lldp.c): organisation(3) subtype(1) value. */
import type {Dissector} from './dissector.js';
import {characters} from './fields.js';
import {aggregation} from './lldp-8021.js';
import {bitNames, hex2, hex4} from './names.js';

const negotiation = [
  [1, 'supported'],
  [2, 'enabled'],
] as const;
const capabilities = [
  [0x4000, '10BASE-T hdx'],
  [0x2000, '10BASE-T fdx'],
  [0x1000, '100BASE-T4'],
  [0x0800, '100BASE-TX hdx'],
  [0x0400, '100BASE-TX fdx'],
  [0x0200, '100BASE-T2 hdx'],
  [0x0100, '100BASE-T2 fdx'],
  [0x0080, 'Pause for fdx links'],
  [0x0040, 'Asym PAUSE for fdx'],
  [0x0020, 'Sym PAUSE for fdx'],
  [0x0010, 'Asym and Sym PAUSE for fdx'],
  [0x0008, '1000BASE-{X LX SX CX} hdx'],
  [0x0004, '1000BASE-{X LX SX CX} fdx'],
  [0x0002, '1000BASE-T hdx'],
  [0x0001, '1000BASE-T fdx'],
] as const;
/** Medium attachment units, from 0. */
const attachments = (
  'Unknown,AUI,10BASE_5,FOIRL,10BASE2,10BASET duplex mode unknown,10BASEFP,10BASEFB,10BASEFL duplex mode unknown,10BROAD36,' +
  '10BASET hdx,10BASET fdx,10BASEFL hdx,10BASEFL fdx,100BASET4,100BASETX hdx,100BASETX fdx,100BASEFX hdx,100BASEFX fdx,' +
  '100BASET2 hdx,100BASET2 fdx,1000BASEX hdx,1000BASEX fdx,1000BASELX hdx,1000BASELX fdx,1000BASESX hdx,1000BASESX fdx,' +
  '1000BASECX hdx,1000BASECX fdx,1000BASET hdx,1000BASET fdx,10GBASEX,10GBASELX4,10GBASER,10GBASEER,10GBASELR,10GBASESR,' +
  '10GBASEW,10GBASEEW,10GBASELW,10GBASESW'
).split(',');
const powerFlags = [
  [1, 'PSE'],
  [2, 'supported'],
  [4, 'enabled'],
  [8, 'can be controlled'],
] as const;
const powerPairs = ['unknown', 'signal', 'spare'] as const;
const powerClasses = ['unknown', 'class0', 'class1', 'class2', 'class3', 'class4'] as const;
const names = [
  'unknown',
  'MAC/PHY configuration/status',
  'Power via MDI',
  'Link aggregation',
  'Max frame size',
] as const;

/** True = the subtype is not known. */
export function ieee8023(d: Dissector, o: number, n: number): boolean {
  if (n < 4) return false;
  const subtype = d.u8(o + 3);
  d.s(`\n\t  ${names[subtype] ?? 'unknown'} Subtype (${subtype})`);
  if (subtype === 1 && n >= 9) physical(d, o);
  else if (subtype === 2 && n >= 7) {
    d.s(`\n\t    MDI power support [${bitNames(powerFlags, d.u8(o + 4), ', ', 'none')}], `);
    d.s(`power pair ${powerPairs[d.u8(o + 5)] ?? 'unknown'}, power class ${powerClasses[d.u8(o + 6)] ?? 'unknown'}`);
  } else if (subtype === 3 && n >= 9) aggregation(d, o);
  else if (subtype === 4 && n >= 6) d.s(`\n\t    MTU size ${d.u16(o + 4)}`);
  return subtype < 1 || subtype > 4;
}

function physical(d: Dissector, o: number): void {
  const negotiated = d.u8(o + 4);
  const capable = d.u16(o + 5);
  const unit = d.u16(o + 7);
  d.s(`\n\t    autonegotiation [${bitNames(negotiation, negotiated, ', ', 'none')}] (${hex2(negotiated)})`);
  d.s(`\n\t    PMD autoneg capability [${bitNames(capabilities, capable, ', ', 'unknown')}] (${hex4(capable)})`);
  d.s(`\n\t    MAU type ${attachments[unit] ?? 'unknown'} (${hex4(unit)})`);
}

/** True = the subtype is not known. */
export function manufacturerUsage(d: Dissector, o: number, n: number): boolean {
  if (n < 8) return false;
  const subtype = d.u8(o + 3);
  d.s(`\n\t  ${subtype === 1 ? 'MUD-URL' : 'unknown'} Subtype (${subtype})`);
  if (subtype !== 1) return true;
  d.s('\n\t  MUD-URL=');
  characters(d, o + 4, n - 4);
  return false;
}
