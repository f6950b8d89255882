/** IP protocol → printer. A protocol without one here prints as those tcpdump itself does not know: number and length. */
import type {Dissector} from './dissector.js';
import {eigrp} from './eigrp.js';
import {ether} from './ether.js';
import {gre} from './gre.js';
import {icmp} from './icmp.js';
import {icmp6} from './icmp6.js';
import {igmp} from './igmp.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import {authenticationHeader, compressedPayload, encapsulatingSecurity} from './ipsec.js';
import {ipProtocolNames, protocolKeyword} from './names.js';
import {ospf} from './ospf.js';
import {ospf6} from './ospf6.js';
import {pim} from './pim.js';
import {sctp} from './sctp.js';
import {tcp} from './tcp.js';
import {udp} from './udp.js';
import {vrrp} from './vrrp.js';

/** Payload of the IP header at `ipAt`: `length` bytes by that header. */
export function demux(
  d: Dissector,
  o: number,
  length: number,
  version: 4 | 6,
  fragmented: boolean,
  protocol: number,
  ipAt: number,
): void {
  switch (protocol) {
    case 51: {
      if (!d.has(o, 1)) {
        d.protocol = 'ah';
        return d.trunc();
      }
      const next = d.u8(o);
      const header = authenticationHeader(d, o);
      return demux(d, o + header, (length - header) >>> 0, version, fragmented, next, ipAt);
    }
    case 50:
      return encapsulatingSecurity(d, o, length);
    case 108:
      return compressedPayload(d, o);
    case 47:
      return gre(d, o, length);
    case 2:
      if (version === 6) return requires(d, protocol, 4);
      return igmp(d, o, length);
    case 6:
      return tcp(d, o, length, ipAt, fragmented);
    case 17:
      return udp(d, o, length, ipAt, fragmented);
    case 1:
      return version === 4 ? icmp(d, o, length, fragmented) : requires(d, protocol, 4);
    case 58:
      return version === 6 ? icmp6(d, o, length, ipAt, fragmented) : requires(d, protocol, 6);
    case 132:
      return sctp(d, o, length, ipAt);
    case 88:
      return eigrp(d, o, length);
    case 89:
      return version === 6 ? ospf6(d, o, length) : ospf(d, o, length);
    case 103:
      return pim(d, o, length, ipAt);
    case 112:
      return vrrp(d, o, length, ipAt, version);
    case 4:
      return ip(d, o, length);
    case 41:
      return ip6(d, o, length);
    case 59:
      return d.s('no next header');
    case 77:
      return d.s(` nd ${length}`);
    case 143:
      if (version === 6) ether(d, o, length, d.left(o));
      else requires(d, protocol, 6);
      return;
    default:
      unknown(d, protocol, length);
  }
}

/** ` udp 12` or ` ip-proto-17 12`. */
function unknown(d: Dissector, protocol: number, length: number): void {
  const keyword = d.numeric ? undefined : protocolKeyword(protocol);
  d.s(keyword === undefined ? ` ip-proto-${protocol} ` : ` ${keyword} `);
  d.n(length);
}

function requires(d: Dissector, protocol: number, version: 4 | 6): void {
  d.s(`[${ipProtocolNames[protocol] ?? 'unknown'} requires IPv${version}]`);
  d.invalid();
}
