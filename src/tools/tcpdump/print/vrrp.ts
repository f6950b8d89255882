/** VRRP, RFC 3768 (version 2), RFC 5798 (version 3) (print-vrrp.c). */
import type {Dissector} from './dissector.js';
import {ip4Text, ip6Text, paddedText} from './fields.js';
import {pseudo4} from './ip.js';
import {pseudo6} from './ip6.js';

const PROTOCOL = 112;
const SIMPLE = 1;
const authentications = ['none', 'simple', 'ah'] as const;

export function vrrp(d: Dissector, o: number, length: number, ipAt: number, ipVersion: 4 | 6): void {
  d.protocol = 'vrrp';
  d.s('VRRP');
  const version = d.u8(o) >> 4;
  const type = d.u8(o) & 15;
  d.s(`v${version}, ${type === 1 ? 'Advertisement' : `unknown type (${type})`}`);
  const ttl = d.u8(ipAt + (ipVersion === 4 ? 8 : 7));
  if (ttl !== 255) d.s(`, (ttl ${ttl})`);
  if (version < 2 || version > 3 || type !== 1) return;
  d.s(`, vrid ${d.u8(o + 1)}, prio ${d.u8(o + 2)}`);
  let authentication = 0;
  if (version === 2) {
    authentication = d.u8(o + 4);
    d.s(`, authtype ${authentications[authentication] ?? `#${authentication}`}`);
    d.s(`, intvl ${d.u8(o + 5)}s, length ${length}`);
  } else d.s(`, intvl ${((d.u8(o + 4) & 15) << 8) | d.u8(o + 5)}cs, length ${length}`);
  if (d.v === 0) return;
  const count = d.u8(o + 3);
  if (d.has(o, length) && !checksumRight(d, o, length, version, ipAt, ipVersion))
    d.s(`, (bad vrrp cksum ${d.u16(o + 6).toString(16)})`);
  d.s(`, addrs${count > 1 ? `(${count})` : ''}:`);
  const size = ipVersion === 4 ? 4 : 16;
  for (let i = 0; i < count; i++) {
    const at = o + 8 + i * size;
    d.s(`${i === 0 ? ' ' : ','}${ipVersion === 4 ? ip4Text(d, at) : ip6Text(d, at)}`);
  }
  if (version !== 2 || authentication !== SIMPLE) return;
  d.s(' auth "');
  paddedText(d, o + 8 + count * size, 8);
  d.c(0x22);
}

function checksumRight(
  d: Dissector,
  o: number,
  length: number,
  version: number,
  ipAt: number,
  ipVersion: 4 | 6,
): boolean {
  if (version === 2) return d.sum(o, length) === 0;
  return d.sum(o, length, (ipVersion === 4 ? pseudo4 : pseudo6)(d, ipAt, PROTOCOL, length)) === 0;
}
