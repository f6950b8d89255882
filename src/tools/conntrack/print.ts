/** An entry as libnetfilter_conntrack prints it (snprintf_default.c). */
import {type Connection, replyTuple} from '../../datapath/run/nf-conntrack.js';
import type {Tuple} from '../../datapath/run/nf-tuple.js';
import {formatIp, isIp4} from '../../wire/addr.js';
import {PROTO_ICMP, PROTO_ICMPV6, PROTO_SCTP, PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';

const names: Readonly<Record<number, string>> = {
  [PROTO_TCP]: 'tcp',
  [PROTO_UDP]: 'udp',
  [PROTO_SCTP]: 'sctp',
  [PROTO_ICMP]: 'icmp',
  [PROTO_ICMPV6]: 'icmpv6',
};
/** Echo request and reply: ICMP, ICMPv6. */
const echo: Readonly<Record<number, readonly [request: number, reply: number]>> = {
  [PROTO_ICMP]: [8, 0],
  [PROTO_ICMPV6]: [128, 129],
};

/** `now`: virtual time, ns. */
export function entryText(connection: Connection, now: number, extended: boolean): string {
  const {original, replied, life} = connection;
  const {protocol} = original;
  const family = isIp4(original.source) ? `${'ipv4'.padEnd(8)} 2 ` : `${'ipv6'.padEnd(8)} 10 `;
  return [
    extended ? family : '',
    `${(names[protocol] ?? 'unknown').padEnd(8)} ${protocol} ${Math.floor((life.expires - now) / 1e9)} `,
    protocol === PROTO_TCP ? `${life.tcp} ` : protocol === PROTO_SCTP ? `${life.sctp} ` : '',
    tupleText(original, false),
    replied ? '' : '[UNREPLIED] ',
    tupleText(replyTuple(connection), true),
    life.assured ? '[ASSURED] ' : '',
    'mark=0 use=1\n',
  ].join('');
}

function tupleText({source, destination, sourcePort, destinationPort, protocol}: Tuple, reply: boolean): string {
  const ends = `src=${formatIp(source)} dst=${formatIp(destination)} `;
  const types = echo[protocol];
  if (types) return `${ends}type=${types[reply ? 1 : 0]} code=0 id=${sourcePort} `;
  return `${ends}sport=${sourcePort} dport=${destinationPort} `;
}
