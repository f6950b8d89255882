/** What `ip` looks at: one namespace and its counters. Filters of link and address lists (ip/ipaddress.c). */
import type {Device, DeviceAddress, Netns} from '../../control/model.js';
import type {DeviceCounters} from '../../datapath/model.js';
import {isIp4} from '../../wire/addr.js';
import {
  covers,
  duplicate,
  type Family,
  type IpCommand,
  IpExit,
  invalid,
  type PrefixArgument,
  readPrefix,
  usage,
  type Words,
} from './argv.js';
import {parseNumber, scopeNumber, scopeValue} from './names.js';

export interface IpView {
  readonly netns: Netns;
  /** -n NAME: undefined where there is no such namespace. */
  named(name: string): Netns | undefined;
  counters(device: string): Promise<DeviceCounters>;
}

/** The other end of a veth in the same namespace. */
export function nearPeer(netns: Netns, device: Device): Device | undefined {
  const {peer} = device;
  if (!peer || isFar(device)) return undefined;
  return netns.devices.find((other) => other.ifindex === peer.ifindex);
}

export function isFar({peer}: Device): boolean {
  return peer !== undefined && (peer.netns !== undefined || peer.netnsId !== undefined);
}

export function hasCarrier(netns: Netns, device: Device): boolean {
  return nearPeer(netns, device)?.up ?? true;
}

export interface LinkFilter {
  family: Family;
  /** `ip -6 address` of all devices: the kernel's IPv6 side answers, which knows little of a device (inet6_dump_ifinfo). */
  sparse: boolean;
  dev: Device | undefined;
  up: boolean;
  /** -1 any. */
  group: number;
  kind: string | undefined;
  slaveKind: string | undefined;
  /** A device given: ours have no master. */
  master: boolean;
  scope: number | undefined;
  label: string | undefined;
  to: PrefixArgument | undefined;
  /** Address flags that must be set or clear: ours are all permanent, nothing else. */
  flagsHold: boolean;
}

const addressFlags = [
  'secondary',
  'temporary',
  'nodad',
  'optimistic',
  'dadfailed',
  'home',
  'deprecated',
  'tentative',
  'permanent',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'stable-privacy',
];

/** By name or alternative name. */
export function findDevice(netns: Netns, name: string): Device | undefined {
  return netns.devices.find((device) => device.name === name || device.altnames.includes(name));
}

export function needDevice(netns: Netns, name: string): Device {
  const device = findDevice(netns, name);
  if (!device) throw new IpExit(1, `Cannot find device "${name}"\n`);
  return device;
}

export function readLinkFilter(netns: Netns, {options}: IpCommand, words: Words, links: boolean): LinkFilter {
  const filter: LinkFilter = {
    family: links ? 'link' : options.family,
    sparse: !links && options.family === 'inet6',
    dev: undefined,
    up: false,
    group: -1,
    kind: undefined,
    slaveKind: undefined,
    master: false,
    scope: undefined,
    label: undefined,
    to: undefined,
    flagsHold: true,
  };
  let dev: string | undefined;
  while (!words.done) {
    const word = words.next();
    if (word === 'up') filter.up = true;
    else if (word === 'nomaster') filter.master = false;
    else if (takeFlag(word, filter)) continue;
    else if (valueReaders[word]) valueReaders[word](words.next(), filter, netns);
    else {
      const name = word === 'dev' ? words.next() : word;
      if (word !== 'dev' && 'help'.startsWith(word)) throw usage();
      if (dev !== undefined) throw duplicate('dev', name);
      dev = name;
    }
  }
  if (dev !== undefined) {
    filter.dev = findDevice(netns, dev);
    if (!filter.dev) throw new IpExit(1, `Device "${dev}" does not exist.\n`);
    filter.sparse = false;
  }
  return filter;
}

const valueReaders: Readonly<Record<string, (value: string, filter: LinkFilter, netns: Netns) => void>> = {
  to(value, filter) {
    filter.to = readPrefix(value, filter.family);
    if (filter.family === 'any') filter.family = filter.to.family;
  },
  scope(value, filter) {
    const scope = scopeNumber(value);
    if (scope === undefined && value !== 'all') throw invalid('invalid "scope"\n', value);
    filter.scope = scope;
  },
  label(value, filter) {
    filter.label = value;
  },
  group(value, filter) {
    const group = value === 'default' ? 0 : parseNumber(value);
    if (group === undefined) throw invalid('Invalid "group" value\n', value);
    filter.group = group;
  },
  master(value, filter, netns) {
    if (!findDevice(netns, value)) throw invalid('Device does not exist\n', value);
    filter.master = true;
  },
  vrf(value) {
    throw invalid('Not a valid VRF name\n', value);
  },
  type(value, filter) {
    if (value.endsWith('_slave')) filter.slaveKind = value.slice(0, -6);
    else filter.kind = value;
  },
};

/** `permanent`, `-dynamic`, …: true where the word is a flag. */
function takeFlag(word: string, filter: LinkFilter): boolean {
  let inverted = word.startsWith('-');
  let name = inverted ? word.slice(1) : word;
  if (name === 'dynamic' || name === 'primary') {
    inverted = !inverted;
    name = name === 'dynamic' ? 'permanent' : 'secondary';
  }
  if (!addressFlags.includes(name)) return false;
  if ((name === 'permanent') === inverted) filter.flagsHold = false;
  return true;
}

/** Kinds a kernel knows how to filter by; for any other it gives everything. */
export const knownKinds = [
  ...['veth', 'vxlan', 'geneve', 'bridge', 'vlan', 'dummy', 'bond', 'tun', 'ipip', 'sit', 'gre', 'gretap', 'ip6tnl'],
  ...['macvlan', 'ipvlan', 'vrf', 'ifb', 'wireguard', 'netkit', 'vti', 'macvtap'],
];

/** Devices the kernel would give, before the program's own filters: it knows master and kind itself. */
export function dumpedDevices(netns: Netns, filter: LinkFilter): readonly Device[] {
  if (filter.dev) return [filter.dev];
  if (filter.sparse) return netns.devices;
  if (filter.master) return [];
  if (filter.kind !== undefined && !knownKinds.includes(filter.kind)) return netns.devices;
  return filter.kind === undefined ? netns.devices : netns.devices.filter((device) => linkKind(device) === filter.kind);
}

/** Kind as netlink's link info has it; plain devices have none. */
export function linkKind(device: Device): string | undefined {
  return device.kind === 'loopback' || device.kind === 'physical' ? undefined : device.kind;
}

/** False where print_linkinfo turns the device away. */
export function linkPasses(device: Device, filter: LinkFilter): boolean {
  if (filter.up && !device.up) return false;
  if ((filter.group > 0 && !filter.sparse) || filter.master || filter.slaveKind !== undefined) return false;
  return filter.kind === undefined || (linkKind(device) === filter.kind && !filter.sparse);
}

/** The part of `addressPasses` that is decided before a JSON object is opened. */
export function addressListed(device: Device, address: DeviceAddress, filter: LinkFilter): boolean {
  return (filter.family === 'any' || filter.family === familyOf(address)) && (!filter.up || device.up);
}

function familyOf(address: DeviceAddress): Family {
  return isIp4(address.prefix.ip) ? 'inet' : 'inet6';
}

export function addressPasses(device: Device, address: DeviceAddress, filter: LinkFilter): boolean {
  const {family, scope, to, label, flagsHold} = filter;
  if (family !== 'any' && family !== familyOf(address)) return false;
  if (scope !== undefined && scopeValue(address.scope) !== scope) return false;
  if (!flagsHold || !covers(to, address.prefix.ip)) return false;
  return label === undefined || globMatches(label, device.name);
}

/** A device stays in an address list if one of its addresses does, or if it has none and no family is asked for. */
export function linkStays(device: Device, filter: LinkFilter): boolean {
  if (device.addresses.length === 0) return filter.family === 'any' || filter.family === 'link';
  return device.addresses.some((address) => addressPasses(device, address, filter));
}

/** fnmatch(3) with `*`, `?` and `[…]`. */
function globMatches(pattern: string, text: string): boolean {
  const source = pattern.replace(/\[[!^]?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return `[${part.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\')}]`;
    return part.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(`^${source}$`).test(text);
}
