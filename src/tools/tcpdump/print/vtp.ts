/** Cisco VLAN Trunking Protocol (print-vtp.c). */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, paddedText, padHex} from './fields.js';
import {hex2} from './names.js';

const HEADER = 36;
const VLAN = 12;
const MAX_DOMAIN = 32;

const messages = [
  '',
  'Summary advertisement',
  'Subset advertisement',
  'Advertisement request',
  'Join message',
] as const;
/** What the third octet is, by message. */
const headerFields = ['Unknown', 'Followers', 'Seq number', 'Rsvd', 'Rsvd'] as const;
const vlanTypes = ['Unknown', 'Ethernet', 'FDDI', 'TrCRF', 'FDDI-net', 'TrBRF'] as const;
const statuses = ['Operational', 'Suspended'] as const;
const fieldNames = [
  'Unknown',
  'Source-Routing Ring Number TLV',
  'Source-Routing Bridge Number TLV',
  'STP type TLV',
  'Parent VLAN TLV',
  'Translationally bridged VLANs TLV',
  'Pruning TLV',
  'Bridge Type TLV',
  'Max ARP Hop Count TLV',
  'Max STE Hop Count TLV',
  'Backup CRF Mode TLV',
] as const;
const treeTypes = ['Unknown', 'SRT', 'SRB', 'Auto'] as const;

export function vtp(d: Dissector, o: number, length: number): void {
  d.protocol = 'vtp';
  if (length < HEADER) return bad(d, o, length);
  d.need(o, HEADER);
  const type = d.u8(o + 1);
  d.s(`VTPv${d.u8(o)}, Message ${messages[type] || 'Unknown message type'} (${hex2(type)}), length ${length}`);
  if (d.v === 0) return d.need(o, length);
  d.s('\n\tDomain name: ');
  const domain = d.u8(o + 3);
  if (domain < 1 || domain > MAX_DOMAIN) {
    d.s(` [invalid MgmtD Len ${domain}]`);
    return bad(d, o, length);
  }
  paddedText(d, o + 4, domain);
  d.s(`, ${headerFields[type] ?? 'Unknown'}: ${d.u8(o + 2)}`);
  const at = o + HEADER;
  if (type === 1) {
    d.s(`\n\t  Config Rev ${d.u32(at).toString(16)}, Updater ${ip4Text(d, at + 4)}`);
    d.s(`, Timestamp${words(d, at + 8, 3, ' 0x')}`);
    d.s(`, MD5 digest: ${words(d, at + 20, 4, '')}`);
  } else if (type === 2) {
    d.s(`, Config Rev ${d.u32(at).toString(16)}`);
    if (!vlans(d, o, at + 4, length)) bad(d, o, length);
  } else if (type === 3) d.s(`\n\tStart value: ${d.u32(at)}`);
}

function bad(d: Dissector, o: number, length: number): void {
  d.invalid();
  d.need(o, length);
}

function words(d: Dissector, o: number, count: number, before: string): string {
  let text = '';
  for (let i = 0; i < count; i++) text += before + padHex(d.u32(o + 4 * i), 8);
  return text;
}

/** length(1) status(1) type(1) name length(1) id(2) mtu(2) index(4) name, fields. False when a length is wrong. */
function vlans(d: Dissector, start: number, first: number, length: number): boolean {
  for (let o = first; o - start < length; ) {
    const size = d.u8(o);
    if (size === 0) return true;
    d.need(o, size);
    if (size < VLAN) return false;
    const name = d.u8(o + 3);
    d.s(`\n\tVLAN info status ${statuses[d.u8(o + 1)] ?? 'Unknown'}, type ${vlanTypes[d.u8(o + 2)] ?? 'Unknown'}, `);
    d.s(`VLAN-id ${d.u16(o + 4)}, MTU ${d.u16(o + 6)}, SAID 0x${padHex(d.u32(o + 8), 8)}, Name `);
    const padded = (name + 3) & ~3;
    if (size - VLAN < padded) return false;
    paddedText(d, o + VLAN, name);
    if (!fields(d, o + VLAN + padded, size - VLAN - padded)) return false;
    o += size;
  }
  return true;
}

/** type(1) length in words of 2 bytes(1) value. */
function fields(d: Dissector, start: number, length: number): boolean {
  let o = start;
  for (let left = length; left > 0; ) {
    if (left < 2) return false;
    const type = d.u8(o);
    const count = d.u8(o + 1);
    const size = 2 + count * 2;
    d.s(`\n\t\t${fieldNames[type] ?? 'Unknown'} (0x${padHex(type, 4)}) TLV`);
    if (left < size) {
      d.s(' (TLV goes past the end of the packet)');
      return false;
    }
    d.need(o, size);
    if (count !== 1) {
      d.s(` (invalid TLV length ${count} != 1)`);
      return false;
    }
    const value = d.u16(o + 2);
    if (type === 9) d.s(`, ${value}`);
    else if (type === 6) d.s(`, ${value === 1 ? 'Enabled' : 'Disabled'} (${value})`);
    else if (type === 3) d.s(`, ${treeTypes[value] ?? 'Unknown'} (${value})`);
    else if (type === 7) d.s(`, ${value === 1 ? 'SRB' : 'SRT'} (${value})`);
    else if (type === 10) d.s(`, ${value === 1 ? 'Backup' : 'Not backup'} (${value})`);
    else unknownData(d, '\n\t\t  ', o, size);
    o += size;
    left -= size;
  }
  return true;
}
