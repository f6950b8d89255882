/** Messages as dig 9.18 prints them (bin/dig/dig.c, lib/dns/masterdump.c: columns 24, 32, 40, 48; tabs of 8). */
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip} from '../../wire/addr.js';
import {
  DNS_AUTHORITATIVE,
  DNS_RECURSION_AVAILABLE,
  DNS_RECURSION_DESIRED,
  DNS_RESPONSE,
  DNS_TRUNCATED,
  type DnsMessage,
  type DnsRecord,
  dnsRecordType,
  dnsTypes,
} from '../../wire/dns.js';

/** What is shown; the flags of the same names. */
export interface Shown {
  readonly comments: boolean;
  readonly question: boolean;
  readonly answer: boolean;
  readonly authority: boolean;
  readonly additional: boolean;
  readonly stats: boolean;
  readonly ttlid: boolean;
  readonly class: boolean;
}

const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET'];
/** Types that can be asked for; more than the codec knows the data of. */
export const types: Readonly<Record<string, number>> = {
  ...dnsTypes,
  ...{MX: 15, HINFO: 13, CAA: 257, DS: 43, DNSKEY: 48, NAPTR: 35, HTTPS: 65, SVCB: 64},
};
const typeNames = new Map<number, string>(Object.entries(types).map(([name, number]) => [number, name]));

export function rcodeName({flags}: DnsMessage): string {
  return rcodes[flags & 15] ?? `RESERVED${flags & 15}`;
}

const flagBits = [
  ['qr', DNS_RESPONSE],
  ['aa', DNS_AUTHORITATIVE],
  ['tc', DNS_TRUNCATED],
  ['rd', DNS_RECURSION_DESIRED],
  ['ra', DNS_RECURSION_AVAILABLE],
  ['ad', 0x0020],
  ['cd', 0x0010],
] as const;

export function messageText(message: DnsMessage, shown: Shown): string {
  const {questions, answers, authorities, additionals} = message;
  const records = additionals.filter(({data}) => data.kind !== 'OPT');
  const parts = [shown.comments ? headerText(message) + optText(message) : ''];
  const section = (title: string, lines: readonly string[], wanted: boolean) => {
    if (!wanted || lines.length === 0) return;
    parts.push(shown.comments ? `;; ${title} SECTION:\n` : '', ...lines, shown.comments ? '\n' : '');
  };
  const texts = (list: readonly DnsRecord[]) => list.map((record) => `${recordText(record, shown)}\n`);
  section(
    'QUESTION',
    questions.map(
      ({name, type}) => `;${row(sanitize(name), undefined, [typeName(type)], shown)}
`,
    ),
    shown.question,
  );
  section('ANSWER', texts(answers), shown.answer);
  section('AUTHORITY', texts(authorities), shown.authority);
  section('ADDITIONAL', texts(records), shown.additional);
  return parts.join('');
}

function headerText(message: DnsMessage): string {
  const {flags, questions, answers, authorities, additionals, id} = message;
  const isMulticast = questions.some(({name}) => /(^|\.)local\.$/i.test(name));
  const names = flagBits.flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [` ${name}`])).join('');
  const wantsRecursion = (flags & DNS_RESPONSE) !== 0 && (flags & DNS_RECURSION_DESIRED) !== 0;
  const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authorities.length}, ADDITIONAL: ${additionals.length}`;
  return [
    ...(isMulticast
      ? [
          ';; WARNING: .local is reserved for Multicast DNS',
          ';; You are currently testing what happens when an mDNS query is leaked to DNS',
        ]
      : []),
    `;; ->>HEADER<<- opcode: QUERY, status: ${rcodeName(message)}, id: ${id}`,
    `;; flags:${names}; ${counts}`,
    ...(wantsRecursion && (flags & DNS_RECURSION_AVAILABLE) === 0
      ? [';; WARNING: recursion requested but not available']
      : []),
    '\n',
  ].join('\n');
}

const CODE_COOKIE = 10;
const CLIENT_COOKIE = 8;

function optText({additionals, flags}: DnsMessage): string {
  const record = additionals.find(({data}) => data.kind === 'OPT');
  if (record?.data.kind !== 'OPT') return '';
  const {ttl, class: size, data} = record;
  const lines = data.options.map(({code, data: bytes}) => {
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (code !== CODE_COOKIE) return `; OPT=${code}: ${hex}\n`;
    const echoed = (flags & DNS_RESPONSE) !== 0 && bytes.length === CLIENT_COOKIE;
    return `; COOKIE: ${hex}${echoed ? ' (echoed)' : ''}\n`;
  });
  const dnssec = (ttl & 0x8000) === 0 ? '' : ' do';
  return `;; OPT PSEUDOSECTION:\n; EDNS: version: ${(ttl >>> 16) & 255}, flags:${dnssec}; udp: ${size}\n${lines.join('')}`;
}

function recordText(record: DnsRecord, shown: Pick<Shown, 'ttlid' | 'class'>): string {
  const rest = [typeName(dnsRecordType(record.data)), dataText(record)];
  return row(sanitize(record.name), shown.ttlid ? String(record.ttl) : undefined, rest, shown);
}

/** RDATA in master file form. */
export function dataText({data}: DnsRecord): string {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return formatIp(data.ip);
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return sanitize(data.name);
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${sanitize(data.name)}`;
    case 'SOA':
      return `${sanitize(data.primary)} ${sanitize(data.mailbox)} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'TXT':
      return data.strings.map((bytes) => `"${quoted(bytes)}"`).join(' ');
    case 'OPT':
      return '';
    case 'other': {
      const hex = Array.from(data.bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
      return `\\# ${data.bytes.length} ${hex}`.trimEnd();
    }
  }
}

function quoted(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    if (byte < 0x20 || byte > 0x7e) return `\\${String(byte).padStart(3, '0')}`;
    return byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }).join('');
}

function typeName(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

const TAB = 8;

/**
 * Owner, TTL, class, the rest, each at its column or one further. The columns move left where TTL or class
 * are not shown; a question (`rest` is its type) shows its class always.
 */
function row(
  owner: string,
  ttl: string | undefined,
  rest: readonly string[],
  shown: Pick<Shown, 'ttlid' | 'class'>,
): string {
  const kind = shown.class || rest.length === 1 ? 'IN' : undefined;
  const last = 24 + (shown.ttlid ? TAB : 0) + (shown.class ? TAB : 0);
  const columns: readonly (readonly [number, string | undefined])[] = [
    [24, ttl],
    [last - TAB, kind],
    [last, rest[0]],
    [last + TAB, rest[1]],
  ];
  let out = owner;
  let at = owner.length;
  for (const [column, word] of columns) {
    if (word === undefined) continue;
    const to = Math.max(column, at + 1);
    const tabs = Math.floor(to / TAB) - Math.floor(at / TAB);
    out += '\t'.repeat(tabs) + ' '.repeat(tabs > 0 ? to % TAB : to - at) + word;
    at = to + word.length;
  }
  return out;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `time` in seconds since 1970, `rtt` in ns. */
export function statsText(
  at: {readonly ip: Ip; readonly port: number; readonly tcp: boolean; readonly name: string},
  rtt: number,
  size: number,
  time: number,
): string {
  const when = new Date(time * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = [when.getUTCHours(), when.getUTCMinutes(), when.getUTCSeconds()].map(two).join(':');
  const date = `${days[when.getUTCDay()]} ${months[when.getUTCMonth()]} ${two(when.getUTCDate())} ${clock} UTC ${when.getUTCFullYear()}`;
  return [
    `;; Query time: ${Math.floor(rtt / 1e6)} msec`,
    `;; SERVER: ${formatIp(at.ip)}#${at.port}(${sanitize(at.name)}) (${at.tcp ? 'TCP' : 'UDP'})`,
    `;; WHEN: ${date}`,
    `;; MSG SIZE  rcvd: ${size}`,
    '\n',
  ].join('\n');
}
