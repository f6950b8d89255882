/** Link info of tunnel devices (iproute2 6.1.0 ip/iplink_vxlan.c, iplink_geneve.c), and what a driver allows. */
import type {Device, Netns, TunnelDevice} from '../../control/model.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import type {Emitter} from './emit.js';
import {findDevice, linkKind} from './view.js';

export interface LinkLimits {
  readonly minMtu: number;
  readonly maxMtu: number;
  readonly tsoMaxSize: number;
}

/**
 * ether_setup and drivers of Linux 6: geneve allows 65535 less its overhead over the family of its remote, or the larger
 * (drivers/net/geneve.c); vxlan takes over the segmentation limit of the device below.
 */
export function linkLimits(netns: Netns, device: Device): LinkLimits {
  const below = device.tunnel?.link === undefined ? device : (findDevice(netns, device.tunnel.link) ?? device);
  const software = below.kind === 'loopback' || below.kind === 'veth';
  return {
    minMtu: device.kind === 'loopback' ? 0 : 68,
    maxMtu: maxMtu(device),
    tsoMaxSize: software ? 524280 : 65536,
  };
}

function maxMtu({kind, tunnel}: Device): number {
  if (kind === 'loopback') return 0;
  if (kind !== 'geneve') return 65535;
  return tunnel?.remote !== undefined && isIp4(tunnel.remote) ? 65485 : 65465;
}

export function emitLinkKind(emit: Emitter, device: Device): void {
  const kind = linkKind(device);
  if (kind === undefined) return;
  emit.object('linkinfo', () => {
    emit.newline();
    emit.any('info_kind', kind, `    ${kind} `);
    const {tunnel} = device;
    if (!tunnel) return;
    emit.object('info_data', () => (kind === 'vxlan' ? emitVxlan(emit, tunnel) : emitGeneve(emit, tunnel)));
  });
}

/** `remote A`, with the family in the JSON key. */
function emitIp(emit: Emitter, key: string, label: string, ip: Ip): void {
  emit.any(isIp4(ip) ? key : `${key}6`, formatIp(ip), `${label} ${formatIp(ip)} `);
}

function emitTtl(emit: Emitter, {ttl}: TunnelDevice): void {
  if (ttl === 'inherit') {
    emit.text('ttl inherit ');
    return;
  }
  const value = ttl === 'auto' ? 0 : ttl;
  emit.only('ttl', value);
  emit.text(`ttl ${value === 0 ? 'auto' : value} `);
}

function emitVxlan(emit: Emitter, tunnel: TunnelDevice): void {
  const [low, high] = tunnel.sourcePorts ?? [0, 0];
  if (tunnel.external) emit.any('external', true, 'external ');
  emit.any('id', tunnel.vni, `id ${tunnel.vni} `);
  if (tunnel.group !== undefined) emitIp(emit, 'group', 'group', tunnel.group);
  else if (tunnel.remote !== undefined) emitIp(emit, 'remote', 'remote', tunnel.remote);
  if (tunnel.local !== undefined) emitIp(emit, 'local', 'local', tunnel.local);
  if (tunnel.link !== undefined) emit.any('link', tunnel.link, `dev ${tunnel.link} `);
  emit.any('port_range', {low, high}, `srcport ${low} ${high} `);
  emit.any('port', tunnel.port, `dstport ${tunnel.port} `);
  emit.any('learning', tunnel.learning, tunnel.learning ? '' : 'nolearning ');
  emitTtl(emit, tunnel);
  emit.only('df', 'unset');
  emit.any('ageing', 300, 'ageing 300 ');
  emit.any('udp_csum', true, 'udpcsum ');
  emit.any('udp_zero_csum6_tx', false, 'noudp6zerocsumtx ');
  emit.any('udp_zero_csum6_rx', false, 'noudp6zerocsumrx ');
}

function emitGeneve(emit: Emitter, tunnel: TunnelDevice): void {
  if (tunnel.external) emit.any('external', true, 'external ');
  emit.any('id', tunnel.vni, `id ${tunnel.vni} `);
  if (tunnel.remote !== undefined) emitIp(emit, 'remote', 'remote', tunnel.remote);
  emitTtl(emit, tunnel);
  emit.only('df', 'unset');
  emit.any('port', tunnel.port, `dstport ${tunnel.port} `);
  // The driver computes no checksum over IPv4, checks and computes them over IPv6 (geneve_nl2info).
  const remote6 = tunnel.remote !== undefined && !isIp4(tunnel.remote);
  if (tunnel.remote !== undefined && !remote6) emit.any('udp_csum', false, 'noudpcsum ');
  if (remote6) emit.any('udp_zero_csum6_tx', false, 'noudp6zerocsumtx ');
  emit.any('udp_zero_csum6_rx', !remote6, remote6 ? 'noudp6zerocsumrx ' : 'udp6zerocsumrx ');
}
