/**
 * What kube-proxy in IPVS mode keeps on a node for one family: virtual servers in the kernel's hash table, ipsets that few
 * iptables rules match, and the addresses on kube-ipvs0 that make the kernel take the packets in.
 */
import type {Ip, Prefix} from '../../../wire/addr.js';
import type {Protocol} from '../model.js';

export type Scheduler = 'rr' | 'wrr' | 'lc' | 'wlc' | 'sh';

export interface IpvsState {
  readonly family: 4 | 6;
  /** By `serverKey`. */
  readonly servers: ReadonlyMap<string, VirtualServer>;
  readonly sets: ReadonlyMap<string, IpSet>;
  /** On kube-ipvs0, in ascending order. */
  readonly addresses: readonly Ip[];
}

export interface VirtualServer {
  readonly ip: Ip;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scheduler: Scheduler;
  /** Seconds that a client keeps its real server. */
  readonly persistent: number | undefined;
  readonly reals: readonly RealServer[];
}

export interface RealServer {
  readonly ip: Ip;
  readonly port: number;
  readonly weight: number;
}

export type SetType = 'hash:ip,port' | 'hash:ip,port,ip' | 'hash:ip,port,net' | 'bitmap:port' | 'hash:ip';

export interface IpSet {
  readonly name: string;
  readonly type: SetType;
  readonly comment: string;
  /** By `setKey`; the networks of a `hash:ip,port,net`, else none. */
  readonly entries: ReadonlyMap<string, readonly Prefix[]>;
}

/** What of a packet, or of an entry, a set looks at. */
export interface SetSubject {
  readonly ip: Ip;
  /** IP protocol number. */
  readonly protocol: number;
  readonly port: number;
  /** The second address of a `hash:ip,port,ip`. */
  readonly other: Ip;
}

export function setKey(type: SetType, {ip, protocol, port, other}: SetSubject): string {
  switch (type) {
    case 'bitmap:port':
      return String(port);
    case 'hash:ip':
      return String(ip);
    case 'hash:ip,port,ip':
      return `${ip} ${(protocol << 16) | port} ${other}`;
    default:
      return `${ip} ${(protocol << 16) | port}`;
  }
}

/** `protocol` is the IP protocol number. */
export function serverKey(ip: Ip, protocol: number, port: number): string {
  return `${ip} ${(protocol << 16) | port}`;
}
