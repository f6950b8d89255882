/** DHCPv6, RFC 8415 (print-dhcp6.c). Options are printed from -v on. */
import {dhcp6Options} from './dhcp6-options.js';
import type {Dissector} from './dissector.js';
import {ip6Text} from './fields.js';

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
const RELAY_HEADER = 34;
const types = (
  ',solicit,advertise,request,confirm,renew,rebind,reply,release,decline,reconfigure,inf-req,relay-fwd,relay-reply,' +
  'leasequery,leasequery-reply'
).split(',');

export function dhcp6(d: Dissector, o: number, length: number): void {
  d.protocol = 'dhcp6';
  d.s('dhcp6');
  const end = Math.min(d.end, o + length);
  if (!d.has(o, 4)) return d.trunc();
  const type = d.u8(o);
  const name = types[type] || `msgtype-${type}`;
  if (d.v === 0) return d.s(` ${name}`);
  d.s(` ${name} (`);
  if (type === RELAY_FORWARD || type === RELAY_REPLY) {
    d.s(`linkaddr=${ip6Text(d, o + 2)}`);
    d.s(` peeraddr=${ip6Text(d, o + 18)}`);
    dhcp6Options(d, o + RELAY_HEADER, end, dhcp6);
  } else {
    d.s(`xid=${d.u24(o + 1).toString(16)}`);
    dhcp6Options(d, o + 4, end, dhcp6);
  }
  d.c(0x29);
}
