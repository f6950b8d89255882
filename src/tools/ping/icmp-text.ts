/** ICMP errors in ping's words (ping.c pr_icmph, ping6_common.c print_icmp). */

export interface IcmpReport {
  readonly type: number;
  readonly code: number;
  readonly mtu?: number;
}

/** By code of type 3. */
const unreachable4 = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];

export function icmp4Text({type, code, mtu = 0}: IcmpReport): string {
  if (type === 3 && code === 4) return `Frag needed and DF set (mtu = ${mtu})`;
  if (type === 3) return unreachable4[code] ?? `Dest Unreachable, Bad Code: ${code}`;
  if (type === 11) {
    const texts = ['Time to live exceeded', 'Frag reassembly time exceeded'];
    return texts[code] ?? `Time exceeded, Bad Code: ${code}`;
  }
  if (type === 12) return 'Parameter problem: pointer = 0';
  return `Bad ICMP type: ${type}`;
}

/** By code of type 1. */
const unreachable6 = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
];

export function icmp6Text({type, code, mtu = 0}: IcmpReport): string {
  if (type === 1) return `Destination unreachable: ${unreachable6[code] ?? `Unknown code ${code}`}`;
  if (type === 2) return `Packet too big: mtu=${mtu}${code === 0 ? '' : `, code=${code}`}`;
  if (type === 3) return `Time exceeded: ${['Hop limit', 'Defragmentation failure'][code] ?? `code ${code}`}`;
  return `unknown icmp type: ${type}`;
}
