/**
 * Broadcom lawful-intercept shim, taken for granted by tcpdump 4.99.3 on every UDP packet from port 49152, tunnels included
 * (print-bcm-li.c):  direction(3) packet type(4) subtype(3) id(22), then the packet.
 */
import type {Dissector} from './dissector.js';
import {ether} from './ether.js';
import {ip} from './ip.js';
import {ip6} from './ip6.js';
import type {Names} from './names.js';

const SHIM = 4;
const UNDECIDED = 4;
const IPV4 = 5;
const IPV6 = 6;
const ETHERNET = 7;

const directions: Names = {1: 'unused', 2: 'egress', 3: 'ingress'};
const types: Names = {[UNDECIDED]: 'undecided', [IPV4]: 'ipv4', [IPV6]: 'ipv6', [ETHERNET]: 'ethernet'};
const subtypes: Names = {1: 'single VLAN tag', 2: 'double VLAN tag', 3: 'untagged'};

export function broadcomShim(d: Dissector, o: number, length: number): void {
  d.protocol = 'bcm_li';
  if (length < SHIM) {
    d.s(` (length ${length} < ${SHIM})`);
    return d.invalid();
  }
  const shim = d.u32(o);
  const type = (shim >>> 25) & 15;
  const line = d.v > 0 ? '\n    ' : '';
  d.s(`${line}BCM-LI-SHIM: direction ${directions[shim >>> 29] ?? 'unknown'}, pkt-type ${types[type] ?? 'unknown'}, `);
  d.s(`pkt-subtype ${subtypes[(shim >>> 22) & 7] ?? 'unknown'}, li-id ${shim & 0x3fffff}${line}`);
  const at = o + SHIM;
  const left = length - SHIM;
  if (d.v === 0) return d.need(at, left);
  if (type === ETHERNET) ether(d, at, left, d.left(at));
  else if (type === IPV4) ip(d, at, left);
  else if (type === IPV6) ip6(d, at, left);
  else if (type === UNDECIDED) {
    const version = d.u8(at) >> 4;
    if (version === 4) ip(d, at, left);
    else if (version === 6) ip6(d, at, left);
    else d.s('unknown payload');
  } else d.invalid();
}
