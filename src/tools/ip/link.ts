/** `ip link show`, `ip address show`: iproute2 6.1.0 ip/ipaddress.c print_linkinfo, print_addrinfo. */
import type {Device, DeviceAddress, Netns} from '../../control/model.js';
import {formatIp, formatMac, isIp4, MAC_BROADCAST} from '../../wire/addr.js';
import {type IpCommand, matches, refused, unknownCommand, usage, Words} from './argv.js';
import {type Colour, type EmitOptions, Emitter} from './emit.js';
import {emitLinkKind, linkLimits} from './link-kind.js';
import {scopeName} from './names.js';
import {emitStats} from './stats.js';
import {
  addressListed,
  addressPasses,
  dumpedDevices,
  hasCarrier,
  type IpView,
  isFar,
  type LinkFilter,
  linkPasses,
  linkStays,
  nearPeer,
  readLinkFilter,
} from './view.js';

interface Listing {
  readonly netns: Netns;
  readonly command: IpCommand;
  readonly emit: Emitter;
  readonly filter: LinkFilter;
  /** `ip link`, not `ip address`. */
  readonly links: boolean;
}

/** The IPv6 side of the kernel counts IPv6 packets of its own, which a run does not tell apart. */
const noCounters = {rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0};

const linkChanges = ['add', 'set', 'change', 'replace', 'delete'];
const addressChanges = ['add', 'change', 'chg', 'replace', 'delete'];

export async function listLinks(
  view: IpView,
  netns: Netns,
  command: IpCommand,
  emitOptions: EmitOptions,
): Promise<string> {
  const links = command.object === 'link';
  const [verb, ...rest] = command.words;
  if (verb !== undefined) checkVerb(verb, links);
  const words = new Words(rest);
  const filter = readLinkFilter(netns, command, words, links);
  const emit = new Emitter(emitOptions);
  const listing: Listing = {netns, command, emit, filter, links};
  const withLink = command.options.brief || !command.options.oneline || filter.family === 'link';

  for (const device of dumpedDevices(netns, filter)) {
    if (filter.family !== 'link' && !linkStays(device, filter)) continue;
    const passes = linkPasses(device, filter);
    const counters =
      command.options.stats > 0 && passes && !command.options.brief ? await view.counters(device.name) : undefined;
    emit.object(undefined, () => {
      if (withLink && passes && filter.label === undefined) emitLink(listing, device, counters);
      if ((!withLink || passes) && filter.family !== 'link') emitAddresses(listing, device);
      if (counters && !links && withLink && filter.label === undefined) {
        emitStats(emit, filter.sparse ? noCounters : counters, device, command.options);
        emit.newline();
      }
    });
  }
  return emit.result();
}

/** A filtered address leaves an empty object behind. */
function emitAddresses(listing: Listing, device: Device): void {
  const {emit, filter, command} = listing;
  emit.list('addr_info', () => {
    for (const address of device.addresses) {
      if (!addressListed(device, address, filter)) continue;
      emit.object(undefined, () => {
        if (addressPasses(device, address, filter)) emitAddress(listing, device, address);
      });
    }
  });
  if (command.options.brief) emit.text('\n');
}

function checkVerb(verb: string, links: boolean): void {
  const object = links ? 'link' : 'address';
  const changes = links ? linkChanges : addressChanges;
  if (changes.some((name) => (name === 'chg' ? verb === name : matches(verb, name))))
    throw refused(`ip ${object} ${verb}`);
  if (['show', 'lst', 'list'].some((name) => matches(verb, name))) return;
  const others = links ? ['xstats', 'afstats', 'property'] : ['flush', 'save', 'showdump', 'restore'];
  if (others.some((name) => matches(verb, name))) throw refused(`ip ${object} ${verb}`);
  if (matches(verb, 'help')) throw usage();
  throw unknownCommand(object, verb);
}

function operationalState(netns: Netns, device: Device): string {
  if (!device.up) return 'DOWN';
  if (device.kind !== 'veth' && device.kind !== 'physical') return 'UNKNOWN';
  return hasCarrier(netns, device) ? 'UP' : 'LOWERLAYERDOWN';
}

function stateColour(state: string): Colour {
  return state === 'UP' ? 'up' : state === 'DOWN' ? 'down' : 'none';
}

function emitName(listing: Listing, device: Device, width: number, tail: string): void {
  const {emit} = listing;
  const link = lowerLink(listing, device);
  if (link?.index !== undefined) emit.only('link_index', link.index);
  else if (link) emit.only('link', link.name);
  const shown = link ? `${device.name}@${link.name}` : device.name;
  emit.any('ifname', device.name, emit.json ? '' : shown.padEnd(width) + tail, 'ifname');
}

/** What follows `@`: the other end of a veth. With `index` it is in another namespace. */
function lowerLink({netns, filter}: Listing, device: Device): {name: string; index?: number} | undefined {
  const {peer} = device;
  if (!peer) return undefined;
  const near = netns.devices.find((other) => other.ifindex === peer.ifindex);
  if (!isFar(device)) return {name: near?.name ?? peer.name};
  if (!filter.sparse) return {name: `if${peer.ifindex}`, index: peer.ifindex};
  return peer.ifindex === device.ifindex ? undefined : {name: near?.name ?? `if${peer.ifindex}`};
}

function linkFlags(netns: Netns, device: Device): string[] {
  const carrier = hasCarrier(netns, device);
  const names =
    device.kind === 'loopback' ? ['LOOPBACK'] : device.kind === 'dummy' ? ['BROADCAST'] : ['BROADCAST', 'MULTICAST'];
  if (device.noarp) names.push('NOARP');
  if (device.up) {
    names.push('UP');
    if (carrier) names.push('LOWER_UP');
    else names.unshift('NO-CARRIER');
  }
  const peer = nearPeer(netns, device);
  return peer && !peer.up ? [...names, 'M-DOWN'] : names;
}

function emitFlags({netns, emit}: Listing, device: Device): void {
  const flags = linkFlags(netns, device);
  emit.any('flags', flags, `<${flags.join(',')}> `);
}

function emitLink(listing: Listing, device: Device, counters: Parameters<typeof emitStats>[1] | undefined): void {
  const {emit, command, links, netns, filter} = listing;
  const {options} = command;
  const state = operationalState(netns, device);
  if (options.brief) {
    emitName(listing, device, 16, ' ');
    emit.any('operstate', state, `${state.padEnd(14)} `, stateColour(state));
    if (!links) return;
    emit.any('address', formatMac(device.mac), `${formatMac(device.mac)} `, 'mac');
    emitFlags(listing, device);
    emit.text('\n');
    return;
  }
  emit.any('ifindex', device.ifindex, `${device.ifindex}: `);
  emitName(listing, device, 0, ': ');
  emitFlags(listing, device);
  emit.any('mtu', device.mtu, `mtu ${device.mtu} `);
  if (!filter.sparse) emit.any('qdisc', device.qdisc, `qdisc ${device.qdisc} `);
  emit.text('state ');
  emit.any('operstate', state, `${state} `, stateColour(state));
  if (links) emit.any('linkmode', 'DEFAULT', 'mode DEFAULT ');
  const group = options.numeric ? '0' : 'default';
  if (!filter.sparse) emit.any('group', group, `group ${group} `);
  if (device.kind !== 'dummy') emit.any('txqlen', 1000, 'qlen 1000');
  if (filter.family === 'any' || filter.family === 'link' || options.details > 0) emitHardware(listing, device);
  if (!filter.sparse) emitPeerNetns(emit, device);
  if (options.details > 0 && !filter.sparse) emitDetails(listing, device);
  if (counters && links) {
    emit.newline();
    emitStats(emit, counters, device, options);
  }
  if (device.altnames.length > 0 && !filter.sparse)
    emit.list('altnames', () => {
      for (const name of device.altnames) {
        emit.newline();
        emit.any(undefined, name, `    altname ${name}`);
      }
    });
  emit.text('\n');
}

function emitHardware({emit, command, filter}: Listing, device: Device): void {
  const loopback = device.kind === 'loopback';
  const type = command.options.numeric ? (loopback ? '[772]' : '[1]') : loopback ? 'loopback' : 'ether';
  const broadcast = formatMac(loopback ? 0 : MAC_BROADCAST);
  emit.newline();
  emit.any('link_type', type, `    link/${type} `);
  emit.any('address', formatMac(device.mac), formatMac(device.mac), 'mac');
  if (filter.sparse) return;
  emit.text(' brd ');
  emit.any('broadcast', broadcast, broadcast, 'mac');
}

function emitPeerNetns(emit: Emitter, {peer}: Device): void {
  if (peer?.netnsId !== undefined) emit.only('link_netnsid', peer.netnsId);
  if (peer?.netns !== undefined) emit.text(` link-netns ${peer.netns}`);
  else if (peer?.netnsId !== undefined) emit.text(` link-netnsid ${peer.netnsId}`);
}

function emitDetails({emit, links, netns}: Listing, device: Device): void {
  const limits = linkLimits(netns, device);
  const number = (key: string, label: string, value: number) => emit.any(key, value, `${label} ${value} `);
  emit.any('promiscuity', 0, ' promiscuity 0 ');
  emit.any('allmulti', 0, ' allmulti 0 ');
  number('min_mtu', 'minmtu', limits.minMtu);
  number('max_mtu', 'maxmtu', limits.maxMtu);
  emitLinkKind(emit, device);
  if (links) emit.any('inet6_addr_gen_mode', 'eui64', 'addrgenmode eui64 ');
  number('num_tx_queues', 'numtxqueues', device.numTxQueues);
  number('num_rx_queues', 'numrxqueues', device.numRxQueues);
  number('gso_max_size', 'gso_max_size', 65536);
  number('gso_max_segs', 'gso_max_segs', 65535);
  number('tso_max_size', 'tso_max_size', limits.tsoMaxSize);
  number('tso_max_segs', 'tso_max_segs', 65535);
  number('gro_max_size', 'gro_max_size', 65536);
}

function emitAddress({emit, command}: Listing, device: Device, {prefix, scope, broadcast}: DeviceAddress): void {
  const {options} = command;
  const v4 = isIp4(prefix.ip);
  const colour = v4 ? 'inet' : 'inet6';
  if (!options.brief) {
    if (options.oneline) {
      emit.only('index', device.ifindex);
      emit.only('dev', device.name);
      emit.text(`${device.ifindex}: ${device.name}`);
    }
    emit.any('family', colour, `    ${colour} `);
  }
  emit.any('local', formatIp(prefix.ip), formatIp(prefix.ip), colour);
  emit.any('prefixlen', prefix.length, `/${prefix.length} `);
  if (options.brief) return;
  if (broadcast !== undefined) {
    emit.text('brd ');
    emit.any('broadcast', formatIp(broadcast), `${formatIp(broadcast)} `, colour);
  }
  const scopeText = scopeName(scope, options.numeric);
  emit.any('scope', scopeText, `scope ${scopeText} `);
  if (v4) emit.any('label', device.name, device.name);
  emit.newline();
  emit.only('valid_life_time', 0xffff_ffff);
  emit.only('preferred_life_time', 0xffff_ffff);
  emit.text('       valid_lft forever preferred_lft forever\n');
}
