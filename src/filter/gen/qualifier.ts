/** Qualifiers of an identifier: protocol, direction, kind. */

export type Direction =
  | 'src'
  | 'dst'
  | 'src or dst'
  | 'src and dst'
  | 'addr1'
  | 'addr2'
  | 'addr3'
  | 'addr4'
  | 'ra'
  | 'ta';

export type Kind = 'host' | 'net' | 'port' | 'portrange' | 'gateway' | 'proto' | 'protochain';

/** Protocol keywords that may stand alone, before other qualifiers, or before `[`. `link` is also written `ether`, … */
export const PROTOCOLS = [
  'link',
  'ip',
  'arp',
  'rarp',
  'sctp',
  'tcp',
  'udp',
  'icmp',
  'igmp',
  'igrp',
  'pim',
  'vrrp',
  'carp',
  'atalk',
  'aarp',
  'decnet',
  'lat',
  'sca',
  'moprc',
  'mopdl',
  'ip6',
  'icmp6',
  'ah',
  'esp',
  'iso',
  'esis',
  'isis',
  'l1',
  'l2',
  'iih',
  'lsp',
  'snp',
  'csnp',
  'psnp',
  'clnp',
  'stp',
  'ipx',
  'netbeui',
  'radio',
] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** Undefined parts were not written. */
export interface Qualifiers {
  readonly protocol: Protocol | undefined;
  readonly direction: Direction | undefined;
  readonly kind: Kind | undefined;
}

/** Of a primitive that leaves nothing for a following identifier to reuse. */
export type MaybeQualifiers = Qualifiers | 'none';

const PROTOCOL_SET = new Set<string>(PROTOCOLS);

export function protocolOf(word: string): Protocol | undefined {
  return PROTOCOL_SET.has(word) ? (word as Protocol) : undefined;
}
