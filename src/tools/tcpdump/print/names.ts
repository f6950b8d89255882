/** Number → name tables shared by printers, with the spellings of tcpdump 4.99.3. */

/** `table[value]`, or what `other` makes of it. */
export type Names = Readonly<Record<number, string>>;

export const etherTypeNames: Names = {
  512: 'PUP',
  1280: 'Sprite',
  1536: 'NS',
  1799: 'GeoNet (old)',
  2048: 'IPv4',
  2054: 'ARP',
  254: 'GRE-OSI',
  4096: 'Trail',
  4369: 'CALM FAST',
  24577: 'MOP DL',
  24578: 'MOP RC',
  24579: 'DN',
  24580: 'LAT',
  24583: 'SCA',
  25944: 'TEB',
  32821: 'Reverse ARP',
  32824: 'Lanbridge',
  32828: 'DEC DNS',
  32830: 'DEC DTS',
  32859: 'VEXP',
  32860: 'VPROD',
  32923: 'Appletalk',
  33011: 'Appletalk ARP',
  33024: '802.1Q',
  33079: 'IPX',
  34525: 'IPv6',
  34824: 'MPCP',
  34825: 'Slow Protocols',
  34827: 'PPP',
  34887: 'MPLS unicast',
  34888: 'MPLS multicast',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  34927: 'MS NLB heartbeat',
  34928: 'Jumbo',
  34958: 'EAPOL',
  34969: 'Realtek protocols',
  34978: 'AoE',
  34984: '802.1Q-QinQ',
  35018: 'TIPC',
  35020: 'LLDP',
  35045: '802.1AE MACsec',
  35063: 'PTP',
  35074: 'CFM',
  35130: 'IEEE1905.1',
  35143: 'GeoNet',
  35151: 'NSH',
  36864: 'Loopback',
  37120: '802.1Q-9100',
  37376: '802.1Q-9200',
  43981: 'CFM (old)',
  53899: 'Arista Vendor Specific Protocol',
  65278: 'OSI',
};

/** Names in `proto NAME (N)` and `next-header NAME (N)`. */
export const ipProtocolNames: Names = {
  0: 'Options',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  8: 'EGP',
  9: 'IGRP',
  17: 'UDP',
  33: 'DCCP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  46: 'RSVP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  55: 'Mobile IP',
  58: 'ICMPv6',
  62: 'Mobile IP (old)',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  108: 'Compressed IP',
  112: 'VRRP',
  113: 'PGM',
  132: 'SCTP',
  135: 'Mobility',
  143: 'Ethernet',
};

/** Protocol keywords by number, as the protocols database has them, for protocols without a printer (not with -n). */
const protocolKeywords =
  'hopopt icmp igmp ggp ipencap st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon xnet chaos udp mux dcn-meas hmp prm ' +
  'xns-idp trunk-1 trunk-2 leaf-1 leaf-2 rdp irtp iso-tp4 netblt mfe-nsp merit-inp dccp 3pc idpr xtp ddp idpr-cmtp tp++ il ' +
  'ipv6 sdrp ipv6-route ipv6-frag idrp rsvp gre dsr bna esp ah i-nlsp swipe narp mobile tlsp skip ipv6-icmp ipv6-nonxt ' +
  'ipv6-opts - cftp - sat-expak kryptolan rvd ippc - sat-mon visa ipcv cpnx rspf wsn pvp br-sat-mon sun-nd wb-mon ' +
  'wb-expak iso-ip vmtp secure-vmtp vines ttp nsfnet-igp dgp tcf eigrp ospf sprite-rpc larp mtp ax.25 ipip micp scc-sp ' +
  'etherip encap - gmtp ifmp pnni pim aris scps qnx a/n ipcomp snp compaq-peer ipx-in-ip vrrp pgm - l2tp ddx iatp stp srp ' +
  'uti smp sm ptp isis fire crtp crudp sscopmce iplt sps pipe sctp fc rsvp-e2e-ignore mobility-header udplite mpls-in-ip ' +
  'manet hip shim6 wesp rohc';

const keywordList = protocolKeywords.split(' ');

export function protocolKeyword(protocol: number): string | undefined {
  if (protocol === 253 || protocol === 254) return `exptest-${protocol}`;
  if (protocol === 255) return 'reserved';
  const name = keywordList[protocol];
  return name === '-' ? undefined : name;
}

/** Organisations tcpdump knows by the first three octets of an address. */
export const ouiNames: Names = {
  0: 'Ethernet',
  12: 'Cisco',
  94: 'IANA',
  129: 'Nortel Networks SONMP',
  248: 'Cisco bridged',
  1183: 'Freescale',
  1258: 'HP-Labs',
  32962: 'Ethernet bridged',
  4623: 'IEEE 802.3 Private',
  4795: 'ANSI/TIA',
  5549: 'Netronome',
  4120: 'Broadcom',
  6945: 'DCBX',
  8992: 'Nicira Networks',
  9345: 'HP',
  36969: 'Juniper',
  41022: 'ATM Forum',
  57348: 'PMC-Sierra',
  57391: 'DOCSIS Spanning Tree',
  524295: 'Appletalk',
  524297: 'Hewlett-Packard',
  6035143: 'Big Switch Networks',
  7636849: 'Infoblox Inc',
  10756869: 'Open Networking Lab',
  11588341: 'Vello Systems',
  13693147: 'Ericsson',
};

/** The names of the bits set in `value`, in table order, joined; `none` when there are none. */
export function bitNames(
  bits: readonly (readonly [number, string])[],
  value: number,
  separator: string,
  none: string,
): string {
  let text = '';
  for (const [bit, name] of bits) {
    if ((value & bit) === bit) text += text === '' ? name : separator + name;
  }
  return text === '' ? none : text;
}

/** Four hex digits with `0x`. */
export function hex4(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

/** Two hex digits with `0x`. */
export function hex2(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
