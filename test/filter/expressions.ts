/** Random filter expressions from the grammar, by a seed: mostly valid, some refused. */

/** mulberry32: numbers in [0, 1). */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const pick = <T>(r: Random, list: readonly T[]): T => list[Math.floor(r() * list.length)]!;
const chance = (r: Random, p: number) => r() < p;
const int = (r: Random, below: number) => Math.floor(r() * below);

const KEYWORDS =
  'ip ip6 arp rarp tcp udp icmp icmp6 sctp igmp igrp pim vrrp carp ah esp atalk aarp decnet lat sca moprc mopdl iso esis isis clnp l1 l2 iih lsp snp csnp psnp stp ipx netbeui'.split(
    ' ',
  );
const COMMON = ['ip', 'ip6', 'arp', 'tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'igmp'];
const ADDRESSES4 = [
  '10.0.0.1',
  '10.0.1.5',
  '10.0.2.7',
  '192.168.0.1',
  '192.168.0.2',
  '255.255.255.255',
  '10.1',
  '1.2.3',
];
const ADDRESSES6 = ['fd00::1', 'fd00::2', '::1', 'fe80::1:2:3:4', 'ff02::1', '::ffff:10.0.0.1', '2001:db8:1:2:3:4:5:6'];
const NETS = [
  '10',
  '192.168',
  '10.0.1',
  '10.0.0.0/8',
  '10.0.1.0/24',
  '192.168.0.0/30',
  '0.0.0.0/0',
  '10.0.0.0 mask 255.0.0.0',
  'fd00::/16',
  'fe80::/10',
  '::/0',
  '2001:db8::/33',
];
const MACS = ['aa:bb:cc:00:00:01', 'ff:ff:ff:ff:ff:ff', '02-42-0a-00-00-01', 'aabb.cc00.0002'];
const PORTS = ['80', '53', '6081', '8080', '443', '6081', 'http', 'domain', 'bootps', '0', '65535', '0x50'];
const RANGES = ['80-90', '0-65535', '8080-8000', '6081', 'http-https', '53-53'];
const DIRECTIONS = ['', '', 'src ', 'dst ', 'src or dst ', 'src and dst '];
const RELATIONS = ['=', '!=', '<', '>', '<=', '>=', '=='];
const OPERATORS = ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'];
const FIELDS = ['ip', 'ip', 'ip6', 'tcp', 'udp', 'icmp', 'icmp6', 'ether', 'arp', 'sctp', 'igmp'];
const CONSTANTS = ['tcpflags', 'icmptype', 'tcp-syn', 'tcp-ack', 'icmp-echo', 'icmp6-echo'];

function constant(r: Random): string {
  if (chance(r, 0.1)) return pick(r, CONSTANTS);
  return String(
    pick(r, [
      0,
      1,
      2,
      4,
      6,
      8,
      12,
      13,
      15,
      17,
      20,
      31,
      40,
      44,
      64,
      100,
      255,
      1500,
      2048,
      0x1fff,
      0xffffffff,
      int(r, 60),
    ]),
  );
}

function arithmetic(r: Random, depth: number): string {
  const kind = r();
  if (depth <= 0 || kind < 0.25) return constant(r);
  if (kind < 0.65) return field(r, depth);
  if (kind < 0.7) return 'len';
  if (kind < 0.74) return `-${arithmetic(r, depth - 1)}`;
  if (kind < 0.8) return `(${arithmetic(r, depth - 1)})`;
  return `${arithmetic(r, depth - 1)} ${pick(r, OPERATORS)} ${arithmetic(r, depth - 1)}`;
}

function field(r: Random, depth: number): string {
  const index = chance(r, 0.8) ? String(pick(r, [0, 1, 2, 4, 6, 8, 9, 12, 13, 16, 20])) : arithmetic(r, depth - 2);
  return `${pick(r, FIELDS)}[${index}${pick(r, ['', '', ':1', ':2', ':4', ':2'])}]`;
}

function comparison(r: Random): string {
  const right = chance(r, 0.7) ? constant(r) : arithmetic(r, 2);
  return `${arithmetic(r, 3)} ${pick(r, RELATIONS)} ${right}`;
}

function qualified(r: Random): string {
  const direction = pick(r, DIRECTIONS);
  switch (int(r, 8)) {
    case 0:
    case 1:
      return `${pick(r, ['', '', '', 'ip ', 'arp '])}${direction}host ${pick(r, ADDRESSES4)}`;
    case 2:
      return `${pick(r, ['', '', 'ip6 '])}${direction}host ${pick(r, ADDRESSES6)}`;
    case 3:
      return `${direction}net ${pick(r, NETS)}`;
    case 4:
    case 5:
      return `${pick(r, ['', '', 'tcp ', 'udp ', 'sctp '])}${direction}port ${pick(r, PORTS)}`;
    case 6:
      return `${pick(r, ['', 'tcp ', 'udp '])}${direction}portrange ${pick(r, RANGES)}`;
    default:
      return `ether ${direction}host ${pick(r, MACS)}`;
  }
}

function other(r: Random): string {
  switch (int(r, 9)) {
    case 0:
      return pick(r, ['broadcast', 'multicast', 'ip broadcast', 'ip multicast', 'ip6 multicast', 'ether multicast']);
    case 1:
      return `${pick(r, ['less', 'greater'])} ${pick(r, [60, 64, 100, 1500])}`;
    case 2:
      return `${pick(r, ['ip ', 'ip6 ', ''])}proto ${pick(r, ['6', '17', '\\tcp', '\\udp', '47', '132', '58', '\\icmp'])}`;
    case 3:
      return `ether proto ${pick(r, ['0x800', '\\ip', '\\arp', '0x88cc', '6', '\\ipx', '\\stp', '\\iso'])}`;
    case 4:
      return `byte ${int(r, 60)} ${pick(r, ['=', '<', '>', '&', '|'])} ${int(r, 256)}`;
    case 5:
      return pick(r, ['llc', 'llc i', 'llc s', 'llc u', 'llc ui', 'llc rr', 'inbound', 'outbound', 'ifindex 3']);
    case 6:
      return pick(r, ['pppoed', 'isis proto 20', 'iso proto \\clnp', 'decnet host 1.10', 'decnet src host 10.15']);
    case 7:
      return pick(r, ['ip protochain 6', 'ip6 protochain 17', 'protochain \\tcp']);
    default:
      return pick(r, KEYWORDS);
  }
}

function shifting(r: Random): string {
  switch (int(r, 7)) {
    case 0:
    case 1:
      return pick(r, ['vlan', 'vlan 100', 'vlan 7']);
    case 2:
    case 3:
      return pick(r, ['geneve', 'geneve 7', 'geneve 8']);
    case 4:
      return pick(r, ['mpls', 'mpls 100', 'mpls 1024']);
    default:
      return pick(r, ['pppoes', 'pppoes 5']);
  }
}

function primitive(r: Random): string {
  const kind = r();
  if (kind < 0.25) return pick(r, COMMON);
  if (kind < 0.6) return qualified(r);
  if (kind < 0.78) return comparison(r);
  if (kind < 0.88) return other(r);
  return shifting(r);
}

/** Something that reuses the qualifiers before it, or is refused. */
function reusing(r: Random): string {
  return pick(r, [pick(r, PORTS), pick(r, ADDRESSES4), pick(r, ADDRESSES6), '(80 or 443)', 'not 53', pick(r, NETS)]);
}

export function expression(r: Random, depth = 3): string {
  const count = 1 + int(r, 3);
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    let part: string;
    if (depth > 0 && chance(r, 0.25)) part = `(${expression(r, depth - 1)})`;
    else if (i > 0 && chance(r, 0.08)) part = reusing(r);
    else part = primitive(r);
    parts.push(chance(r, 0.15) ? `${pick(r, ['not ', '!'])}${part}` : part);
  }
  return parts.reduce((left, right) => `${left} ${pick(r, ['and', 'or', '&&', '||'])} ${right}`);
}

/** An expression with a token lost, doubled or replaced: most are refused. */
export function damaged(r: Random, text: string): string {
  const tokens = text.split(' ');
  const at = int(r, tokens.length);
  const replacement = pick(r, [
    [],
    [tokens[at]!, tokens[at]!],
    [pick(r, ['and', ')', '(', '5', 'host', 'port', '=', '10.0.0.1', 'tcp', 'not', 'foo'])],
  ]);
  tokens.splice(at, 1, ...replacement);
  return tokens.join(' ');
}

const TOKENS =
  'ip tcp udp ip6 arp ether host net port portrange proto src dst and or not ( ) [ ] : 0 1 80 5 10.0.0.1 1.2.3 10.0.0.0/8 fd00::1 ::/0 aa:bb:cc:dd:ee:ff = != < > + - * / % & | ^ << >> len vlan mpls geneve pppoes less broadcast http foo \\tcp mask gateway byte 08 0x10 llc $aa type mgt link ! && ip[0] (80'.split(
    ' ',
  );

/** Up to six tokens without any grammar. */
export function tokens(r: Random): string {
  return Array.from({length: 1 + int(r, 6)}, () => pick(r, TOKENS)).join(' ');
}

const IDENTIFIERS =
  '80;(80);(80 or 443);(80 and (443 or 22));not 80;not (80 or 443);((80));((80) or 22);tcp;(tcp);(tcp or 80);10.0.0.1;(10.0.0.1 or 10.0.0.2);fd00::1;80 = 80;(80) = 80;(80 + 1) = 81;((80) + 1) = 81;(tcp[0] = 5 or 80);-5 = 5;(len) = 5;(len > 5);not (80) = 80;(http or foo);(not tcp or 443);(not (80 or 22) or 443);(udp port 53 or 54);70000;(70000 or 80);10.0.0.0/8;(vlan 5);(5 or tcp)'.split(
    ';',
  );
const HEADS = [
  'port',
  'src port',
  'host',
  'net',
  'ether host',
  'ip proto',
  'portrange',
  'src',
  'port 80 and tcp and',
  '',
];

/** Chains of identifiers, parenthesized in all ways, that reuse qualifiers or may not. */
export function chain(r: Random): string {
  const link = () => `${chance(r, 0.35) ? pick(r, HEADS) : ''} ${pick(r, IDENTIFIERS)}`;
  const links = Array.from({length: int(r, 4)}, () => ` ${pick(r, ['and', 'or'])} ${link()}`);
  const text = `${pick(r, HEADS)} ${pick(r, IDENTIFIERS)}${links.join('')}`;
  return chance(r, 0.15) ? `(${text})` : text;
}
