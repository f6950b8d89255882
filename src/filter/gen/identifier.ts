/** Identifiers under their qualifiers: names, numbers, addresses (`host db1`, `port 80`, `net 10/8`, `proto \tcp`). */
import {isIp4, maskIp, parseIp6} from '../../wire/addr.js';
import {FilterError} from '../error.js';
import {
  etherProtocol,
  type FoundPort,
  findHost,
  findNetwork,
  ipProtocol,
  port,
  portRange,
  sapProtocol,
} from '../names.js';
import {matchesEthernet, matchesIp4, matchesIp6} from './host.js';
import {type Condition, or} from './ir.js';
import * as link from './link.js';
import * as number from './numbers.js';
import {checkPort, matchesPort, type Ports} from './port.js';
import {protocolChain} from './protochain.js';
import {carries} from './protocol.js';
import type {MaybeQualifiers, Protocol, Qualifiers} from './qualifier.js';
import type {State} from './state.js';

/** There was no head to take qualifiers from. */
function noQualifiers(): FilterError {
  return new FilterError('syntax error in filter expression');
}

function noun(q: Qualifiers): 'net' | 'host' {
  return q.kind === 'net' ? 'net' : 'host';
}

const TRANSPORTS: Readonly<Partial<Record<Protocol, number>>> = {
  udp: number.PROTOCOL_UDP,
  tcp: number.PROTOCOL_TCP,
  sctp: number.PROTOCOL_SCTP,
};

export function named(state: State, name: string, q: MaybeQualifiers): Condition {
  if (q === 'none') throw noQualifiers();
  switch (q.kind) {
    case 'net':
      return namedNetwork(state, name, q);
    case undefined:
    case 'host':
      if (q.protocol === 'link') return namedEthernetHost(state, name, q);
      if (q.protocol === 'decnet') {
        throw new FilterError(`decnet name support not included, '${name}' cannot be translated\n`);
      }
      return namedHost(state, name, q);
    case 'port': {
      checkPortQualifier(q);
      const found = port(name);
      if (found === undefined) throw new FilterError(`unknown port '${name}'`);
      const protocol = agreeingTransport(q, found, `port '${name}'`);
      checkPort(found.port);
      return matchesPort(state, {first: found.port}, protocol, q.direction);
    }
    case 'portrange': {
      checkPortQualifier(q);
      const found = portRange(name);
      if (found === undefined) throw new FilterError(`unknown port in range '${name}'`);
      const protocol = agreeingTransport(q, found, `port in range '${name}'`);
      checkPort(found.port);
      checkPort(found.last);
      return matchesPort(state, {first: found.port, last: found.last}, protocol, q.direction);
    }
    case 'gateway':
      throw new FilterError("'gateway' not supported in this configuration");
    case 'proto':
      return carries(state, protocolNumber(name, q.protocol), q.protocol, q.direction);
    case 'protochain':
      return protocolChain(state, protocolNumber(name, q.protocol), q.protocol);
  }
}

/** A network number is left-aligned, and its zero octets at the end are the host part. */
function namedNetwork(state: State, name: string, q: Qualifiers): Condition {
  const network = findNetwork(name, state.settings.names);
  if (network === undefined || network === 0) throw new FilterError(`unknown network '${name}'`);
  return leftAlignedNetwork(state, network, q);
}

function leftAlignedNetwork(state: State, value: number, q: Qualifiers): Condition {
  let [address, mask] = [value, 0xffff_ffff];
  while (address !== 0 && address >>> 24 === 0) {
    address = (address << 8) >>> 0;
    mask = (mask << 8) >>> 0;
  }
  return matchesIp4(state, address, mask, q.protocol, q.direction, noun(q));
}

function namedEthernetHost(state: State, name: string, q: Qualifiers): Condition {
  if (state.linktype !== link.ETHERNET) {
    throw new FilterError('only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name');
  }
  const mac = state.settings.names.ether?.(name);
  if (mac === undefined) throw new FilterError(`unknown ether host '${name}'`);
  const hex = mac.toString(16).padStart(12, '0');
  const bytes = [0, 2, 4, 6, 8, 10].map((o) => Number.parseInt(hex.slice(o, o + 2), 16));
  return matchesEthernet(state, bytes, q.direction);
}

function namedHost(state: State, name: string, q: Qualifiers): Condition {
  const addresses = findHost(name, state.settings.names);
  if (addresses === undefined) throw new FilterError(`unknown host '${name}'`);
  const isRaw = state.linkType.constant === link.UNSET && q.protocol === undefined;
  let any: Condition | undefined;
  for (const ip of addresses) {
    const isFamily4 = isIp4(ip);
    if (q.protocol === (isFamily4 ? 'ip6' : 'ip')) continue;
    const protocol = isRaw ? (isFamily4 ? 'ip' : 'ip6') : q.protocol;
    const one = isFamily4
      ? matchesIp4(state, ip, 0xffff_ffff, protocol, q.direction, noun(q))
      : matchesIp6(state, ip, ALL_ONES6, protocol, q.direction, noun(q));
    any = any === undefined ? one : or(any, one);
  }
  if (any !== undefined) return any;
  throw new FilterError(`unknown host '${name}'${q.protocol === undefined ? '' : ' for specified address family'}`);
}

const ALL_ONES6 = '\uffff'.repeat(8);

function checkPortQualifier(q: Qualifiers): void {
  if (q.protocol !== undefined && TRANSPORTS[q.protocol] === undefined) {
    throw new FilterError(`illegal qualifier of '${q.kind}'`);
  }
}

const TRANSPORT_NAMES: Readonly<Record<number, string>> = {
  [number.PROTOCOL_TCP]: 'tcp',
  [number.PROTOCOL_UDP]: 'udp',
  [number.PROTOCOL_SCTP]: 'sctp',
};

/** The transport to test: the qualifier's, which the service must have, or else the service's own (undefined: any). */
function agreeingTransport(q: Qualifiers, found: FoundPort, subject: string): number | undefined {
  if (q.protocol === undefined) return found.protocol;
  const wanted = TRANSPORTS[q.protocol]!;
  if (found.protocol === undefined || found.protocol === wanted) return wanted;
  throw new FilterError(`${subject} is ${TRANSPORT_NAMES[found.protocol]}`);
}

const ISO_NAMES: Readonly<Record<string, number>> = {
  esis: number.NLPID_ESIS,
  isis: number.NLPID_ISIS,
  clnp: number.NLPID_CLNP,
};

function protocolNumber(name: string, inside: Protocol | undefined): number {
  let found: number | undefined;
  switch (inside) {
    case undefined:
    case 'ip':
    case 'ip6':
      found = ipProtocol(name);
      if (found === undefined) throw new FilterError(`unknown ip proto '${name}'`);
      return found;
    case 'link':
      found = etherProtocol(name) ?? sapProtocol(name);
      if (found === undefined) throw new FilterError(`unknown ether proto '${name}'`);
      return found;
    case 'iso':
      found = ISO_NAMES[name];
      if (found === undefined) throw new FilterError(`unknown osi proto '${name}'`);
      return found;
  }
  throw new FilterError(`unknown protocol: ${name}`);
}

/** A bare number. */
export function numbered(state: State, value: number, q: MaybeQualifiers): Condition {
  if (q === 'none') throw noQualifiers();
  switch (q.kind) {
    case undefined:
    case 'host':
    case 'net':
      if (q.protocol === 'decnet') return matchesIp4(state, value, 0, q.protocol, q.direction, noun(q));
      if (q.protocol === 'link') throw new FilterError('illegal link layer address');
      if (q.kind === 'net') return leftAlignedNetwork(state, value, q);
      return matchesIp4(state, value, 0xffff_ffff, q.protocol, q.direction, noun(q));
    case 'port':
      return numberedPorts(state, {first: value}, q);
    case 'portrange':
      return numberedPorts(state, {first: value, last: value}, q);
    case 'gateway':
      throw new FilterError("'gateway' requires a name");
    case 'proto':
      return carries(state, value, q.protocol, q.direction);
    case 'protochain':
      return protocolChain(state, value, q.protocol);
  }
}

function numberedPorts(state: State, ports: Ports, q: Qualifiers): Condition {
  checkPortQualifier(q);
  checkPort(ports.first);
  return matchesPort(state, ports, q.protocol === undefined ? undefined : TRANSPORTS[q.protocol], q.direction);
}

/** `a.b`, `a.b.c`, `a.b.c.d`: one to four octets from the left. */
export function dotted(state: State, text: string, q: MaybeQualifiers): Condition {
  if (q === 'none') {
    parseDotted(text);
    throw noQualifiers();
  }
  if (q.kind === 'port' || q.kind === 'portrange' || q.kind === 'proto' || q.kind === 'protochain') {
    throw new FilterError(`'${q.kind}' modifier applied to ip host`);
  }
  if (q.protocol === 'decnet') {
    const address = decnetAddress(text);
    if (q.kind === 'gateway') throw new FilterError("'gateway' requires a name");
    return matchesIp4(state, address, 0, q.protocol, q.direction, noun(q));
  }
  const {address, bits} = parseDotted(text);
  if (q.kind === 'gateway') throw new FilterError("'gateway' requires a name");
  if (q.protocol === 'link') throw new FilterError('illegal link layer address');
  return matchesIp4(state, address, maskIp(0xffff_ffff, bits) as number, q.protocol, q.direction, noun(q));
}

/** Area and node, `1.10`: six bits and ten. */
function decnetAddress(text: string): number {
  const parts = /^(\d+)\.(\d+)/.exec(text);
  if (parts === null) throw new FilterError(`malformed decnet address '${text}'`);
  return ((Number(parts[1]) << 10) & 0xfc00) | (Number(parts[2]) & 0x3ff);
}

/** The address, left-aligned, and how many bits were written. */
function parseDotted(text: string): {readonly address: number; readonly bits: number} {
  const octets = text.split('.');
  const isValid = octets.every((octet) => /^\d+$/.test(octet) && Number(octet) <= 255);
  if (!isValid) throw new FilterError(`invalid IPv4 address '${text}'`);
  const address = octets.reduce((sum, octet, i) => sum + Number(octet) * 2 ** (24 - 8 * i), 0);
  return {address, bits: 8 * octets.length};
}

/** `a.b.c.d/len` and `a.b.c.d mask m.m.m.m`. */
export function masked(state: State, text: string, mask: number | string, q: MaybeQualifiers): Condition {
  const {address} = parseDotted(text);
  if (typeof mask === 'number' && mask > 32) throw new FilterError('mask length must be <= 32');
  const bits = typeof mask === 'number' ? (maskIp(0xffff_ffff, mask) as number) : parseDotted(mask).address;
  if ((address & ~bits) !== 0) {
    const written = typeof mask === 'number' ? `${text}/${mask}` : `${text} mask ${mask}`;
    throw new FilterError(`non-network bits set in "${written}"`);
  }
  if (q === 'none' || q.kind !== 'net') throw new FilterError('Mask syntax for networks only');
  return matchesIp4(state, address, bits, q.protocol, q.direction, 'net');
}

/** An IPv6 address, with the length of its prefix if one was written. */
export function ip6(state: State, text: string, written: number | undefined, q: MaybeQualifiers): Condition {
  const length = written ?? 128;
  const address = parseIp6(text)!;
  if (length > 128) throw new FilterError('mask length must be <= 128');
  if (maskIp(address, length) !== address) {
    throw new FilterError(`non-network bits set in "${text}/${length}"`);
  }
  if (q === 'none' || (q.kind !== undefined && q.kind !== 'host' && q.kind !== 'net')) {
    throw new FilterError('invalid qualifier against IPv6 address');
  }
  if (q.kind !== 'net' && length !== 128) throw new FilterError('Mask syntax for networks only');
  return matchesIp6(state, address, maskIp(ALL_ONES6, length) as string, q.protocol, q.direction, noun(q));
}

/** An Ethernet address in any of its notations. */
export function ethernet(state: State, text: string, q: MaybeQualifiers): Condition {
  if (q === 'none' || (q.kind !== undefined && q.kind !== 'host') || q.protocol !== 'link') {
    throw new FilterError('ethernet address used in non-ether expression');
  }
  if (state.linktype !== link.ETHERNET) {
    throw new FilterError(
      'ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel',
    );
  }
  const parts = text.match(/[0-9a-fA-F]{1,2}/g)!;
  return matchesEthernet(
    state,
    parts.map((part) => Number.parseInt(part, 16)),
    q.direction,
  );
}

export function arcnet(): never {
  throw new FilterError('aid supported only on ARCnet');
}
