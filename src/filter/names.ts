/** Names in filter expressions: hosts, ports, port ranges, protocols. What has no name here may be in a `NameSource`. */
import {type Ip, parseIp4} from '../wire/addr.js';
import * as number from './gen/numbers.js';
import type {NameSource} from './gen/state.js';
import {findProtocol, findService} from './services.js';

/** `protocol`: the only transport that the name stands for; undefined: any. */
export interface FoundPort {
  readonly port: number;
  readonly protocol: number | undefined;
}

/** Digits are a port too (`port \80`), modulo 2^16 as getaddrinfo(3) takes them. */
export function port(name: string): FoundPort | undefined {
  if (/^\d+$/.test(name)) return {port: Number(name) % 65536, protocol: undefined};
  const service = findService(name);
  if (service === undefined) return name === 'nfs' ? {port: 2049, protocol: undefined} : undefined;
  const {tcp, udp} = service;
  if (tcp === undefined) return {port: udp!, protocol: number.PROTOCOL_UDP};
  return {port: tcp, protocol: udp === tcp ? undefined : number.PROTOCOL_TCP};
}

/** `80-90`, `ftp-data`-like names cut at their first hyphen. A transport that only one end has is none. */
export function portRange(name: string): (FoundPort & {readonly last: number}) | undefined {
  const numeric = /^([-+]?\d+)-([-+]?\d+)/.exec(name);
  if (numeric !== null) return {port: Number(numeric[1]), last: Number(numeric[2]), protocol: undefined};
  const hyphen = name.indexOf('-');
  if (hyphen < 0) return undefined;
  const first = port(name.slice(0, hyphen));
  const last = port(name.slice(hyphen + 1));
  if (first === undefined || last === undefined) return undefined;
  const protocol = first.protocol === last.protocol ? first.protocol : undefined;
  return {port: first.port, last: last.port, protocol};
}

export function ipProtocol(name: string): number | undefined {
  return findProtocol(name);
}

const ETHER_PROTOCOLS: Readonly<Record<string, number>> = {
  aarp: number.ETHERTYPE_AARP,
  arp: number.ETHERTYPE_ARP,
  atalk: number.ETHERTYPE_ATALK,
  decnet: number.ETHERTYPE_DECNET,
  ip: number.ETHERTYPE_IP,
  ip6: number.ETHERTYPE_IP6,
  lat: number.ETHERTYPE_LAT,
  loopback: number.ETHERTYPE_LOOPBACK,
  mopdl: number.ETHERTYPE_MOPDL,
  moprc: number.ETHERTYPE_MOPRC,
  rarp: number.ETHERTYPE_RARP,
  sca: number.ETHERTYPE_SCA,
};

export function etherProtocol(name: string): number | undefined {
  return Object.hasOwn(ETHER_PROTOCOLS, name) ? ETHER_PROTOCOLS[name] : undefined;
}

const SAPS: Readonly<Record<string, number>> = {
  iso: number.SAP_ISO,
  stp: number.SAP_STP,
  ipx: number.SAP_IPX,
  netbeui: number.SAP_NETBEUI,
};

export function sapProtocol(name: string): number | undefined {
  return Object.hasOwn(SAPS, name) ? SAPS[name] : undefined;
}

const LOCALHOST = 0x7f000001;

export function findHost(name: string, names: NameSource): readonly Ip[] | undefined {
  const found = names.host?.(name);
  if (found !== undefined && found.length > 0) return found;
  if (name === 'localhost') return [LOCALHOST];
  const literal = parseIp4(name);
  return literal === undefined ? undefined : [literal];
}

/** /etc/networks of Debian. */
const NETWORKS: Readonly<Record<string, number>> = {loopback: 0x7f000000, 'link-local': 0xa9fe0000};

export function findNetwork(name: string, names: NameSource): number | undefined {
  return names.network?.(name) ?? (Object.hasOwn(NETWORKS, name) ? NETWORKS[name] : undefined);
}
