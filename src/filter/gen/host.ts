/** `host` and `net`: addresses of IPv4 (and in ARP and RARP), IPv6, DECnet and Ethernet. */
import type {Ip6} from '../../wire/addr.js';
import {FilterError} from '../error.js';
import {SIZE_B, SIZE_H, SIZE_W} from '../opcode.js';
import {inDirection} from './direction.js';
import {and, type Condition, or} from './ir.js';
import {hasType, onEthernetOnly} from './linktype.js';
import {compare, equalsBytes} from './load.js';
import * as number from './numbers.js';
import type {Direction, Protocol} from './qualifier.js';
import type {State} from './state.js';

const OTHER_ADDRESSES = 'addresses other than 802.11 MAC addresses';

/** Protocols whose messages about hosts are not of the form `'tcp' modifier applied to host`. */
const NO_HOSTS4: Readonly<Record<string, string>> = {
  atalk: 'AppleTalk host filtering not implemented',
  lat: 'LAT host filtering not implemented',
  sca: 'SCA host filtering not implemented',
  moprc: 'MOPRC host filtering not implemented',
  mopdl: 'MOPDL host filtering not implemented',
  ip6: "'ip6' modifier applied to ip host",
  aarp: 'AARP host filtering not implemented',
  iso: 'ISO host filtering not implemented',
  ipx: 'IPX host filtering not implemented',
};

/** `noun` is `host` or `net`, for messages. */
export function matchesIp4(
  state: State,
  address: number,
  mask: number,
  protocol: Protocol | undefined,
  direction: Direction | undefined,
  noun: string,
): Condition {
  const inHeader = (type: number, source: number, destination: number) =>
    inDirection(direction, OTHER_ADDRESSES, (end) =>
      and(hasType(state, type), compare(state, 'network', end === 'src' ? source : destination, SIZE_W, address, mask)),
    );
  switch (protocol) {
    case undefined: {
      const inIp = inHeader(number.ETHERTYPE_IP, 12, 16);
      if (state.labels > 0) return inIp;
      const inArp = inHeader(number.ETHERTYPE_ARP, 14, 24);
      return or(or(inIp, inArp), inHeader(number.ETHERTYPE_RARP, 14, 24));
    }
    case 'link':
      throw new FilterError(`link-layer modifier applied to ${noun}`);
    case 'ip':
      return inHeader(number.ETHERTYPE_IP, 12, 16);
    case 'arp':
      return inHeader(number.ETHERTYPE_ARP, 14, 24);
    case 'rarp':
      return inHeader(number.ETHERTYPE_RARP, 14, 24);
    case 'decnet':
      return matchesDecnet(state, address, direction);
  }
  throw new FilterError(NO_HOSTS4[protocol] ?? `'${protocol}' modifier applied to ${noun}`);
}

export function matchesIp6(
  state: State,
  address: Ip6,
  mask: Ip6,
  protocol: Protocol | undefined,
  direction: Direction | undefined,
  noun: string,
): Condition {
  if (protocol !== undefined && protocol !== 'ip6') {
    const modifier = protocol === 'link' ? 'link-layer' : protocol === 'atalk' ? 'AppleTalk' : `'${protocol}'`;
    throw new FilterError(`${modifier} modifier applied to ip6 ${noun}`);
  }
  return inDirection(direction, OTHER_ADDRESSES, (end) => {
    const at = end === 'src' ? 8 : 24;
    const words: Condition[] = [0, 4, 8, 12].map((o) =>
      compare(state, 'network', at + o, SIZE_W, word(address, o), word(mask, o)),
    );
    return and(
      hasType(state, number.ETHERTYPE_IP6),
      words.reduceRight((right, left) => and(left, right)),
    );
  });
}

/** 32 bits of an IPv6 address, from byte `o`. */
function word(ip: Ip6, o: number): number {
  return ip.charCodeAt(o / 2) * 65536 + ip.charCodeAt(o / 2 + 1);
}

/** `bytes`: the six of the address. */
export function matchesEthernet(state: State, bytes: readonly number[], direction: Direction | undefined): Condition {
  const condition = inDirection(direction, 'Ethernet', (end) =>
    equalsBytes(state, 'link', end === 'src' ? 6 : 0, bytes),
  );
  return onEthernetOnly(state, condition);
}

/**
 * DECnet phase IV routing headers: long and short, each with and without a byte of padding. Fields are little-endian,
 * behind two bytes of length.
 */
function matchesDecnet(state: State, address: number, direction: Direction | undefined): Condition {
  const swapped = ((address & 0xff) << 8) | ((address >>> 8) & 0xff);
  return inDirection(direction, OTHER_ADDRESSES, (end) => {
    const [inShort, inLong] = end === 'src' ? [3, 15] : [1, 7];
    const field = (at: number) => compare(state, 'network', at, SIZE_H, swapped);
    const paddedLong = and(compare(state, 'network', 2, SIZE_H, 0x8106, 0xff07), field(3 + inLong));
    const plainLong = and(compare(state, 'network', 2, SIZE_B, 0x06, 0x7), field(2 + inLong));
    const paddedShort = and(compare(state, 'network', 2, SIZE_H, 0x8102, 0xff07), field(3 + inShort));
    const plainShort = and(compare(state, 'network', 2, SIZE_B, 0x02, 0x7), field(2 + inShort));
    const header = or(plainShort, or(paddedShort, or(plainLong, paddedLong)));
    return and(hasType(state, number.ETHERTYPE_DECNET), header);
  });
}
