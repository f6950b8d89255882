/** One captured frame as a ladder needs it: ends, protocol, tunnels around it, and what makes it the same packet elsewhere. */
import {decodeLayers, type Layer, layerEnds, type TunnelPorts} from '../../session/layers.js';
import {formatIp4, formatMac} from '../../wire/addr.js';
import {arpIsEthernetIp4, arpSenderIp, arpTargetIp} from '../../wire/arp.js';
import {toHex} from '../../wire/bytes.js';
import {ethDestination, ethSource} from '../../wire/ethernet.js';
import type {Tunnel} from './model.js';

export interface Frame {
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly ports: readonly [source: number, destination: number] | undefined;
  readonly tunnels: readonly Tunnel[];
  /** Bytes of all headers outside of the innermost packet; 0 without a tunnel. */
  readonly overhead: number;
  readonly text: string;
  /** Equal for the frames of one connection, in both directions. */
  readonly flow: string;
  /** Equal for the same packet at several places, whatever was put on it or rewritten. */
  readonly packet: string;
}

const tunnelNames: ReadonlySet<string> = new Set(['Geneve', 'VXLAN', 'VXLAN-GPE', 'GRE']);
const ipNames: ReadonlySet<string> = new Set(['IPv4', 'IPv6']);
/** Bytes of a transport header that stay when addresses and ports are rewritten. */
const KEPT = {TCP: [4, 16], UDP: [4, 6], ICMP: [0, 2], ICMPv6: [0, 2]} as const;

export function readFrame(bytes: Uint8Array, ports: TunnelPorts, linkType: number): Frame {
  const layers = ownLayers(decodeLayers(bytes, ports, linkType));
  const inner = innermostOf(layers);
  const {source, destination} = endsOf(bytes, layers, inner);
  const ip = layers[inner];
  const upper = ip && ipNames.has(ip.name) ? layers[inner + 1] : undefined;
  const transport = upper ?? ip;
  const own = portsOf(upper);
  const tunnels = tunnelsOf(bytes, layers, inner);
  const start = layers.findLastIndex((layer, i) => i < inner && tunnelNames.has(layer.name));
  const outerIp = layers.findIndex(({name}) => ipNames.has(name));
  const overhead = tunnels.length === 0 ? 0 : start >= 0 ? (layers[start]?.end ?? 0) : (layers[outerIp]?.end ?? 0);
  const protocol =
    transport === undefined ? 'none' : transport.name === 'Payload' ? (ip?.name ?? 'data') : transport.name;
  const pair = [endpoint(source, own?.[0]), endpoint(destination, own?.[1])];
  const id = fieldText(upper, 'identifier');
  return {
    protocol,
    source,
    destination,
    ports: own,
    tunnels,
    overhead,
    text: textOf(layers, inner, transport),
    flow: JSON.stringify([protocol, ...pair.sort(), id]),
    packet: packetKey(bytes, ip, upper, layers),
  };
}

/** Without the packet that an ICMP error quotes. */
function ownLayers(layers: readonly Layer[]): readonly Layer[] {
  const icmp = layers.findIndex(({name}) => name === 'ICMP' || name === 'ICMPv6');
  return icmp < 0 ? layers : layers.slice(0, icmp + 1);
}

/** Index of the network header that no other is inside of; of the first layer where there is none. */
function innermostOf(layers: readonly Layer[]): number {
  const ip = layers.findLastIndex(({name, truncated}) => (ipNames.has(name) || name === 'ARP') && !truncated);
  return Math.max(0, ip);
}

function endsOf(b: Uint8Array, layers: readonly Layer[], inner: number): {source: string; destination: string} {
  const layer = layers[inner];
  const nobody = {source: 'unknown', destination: 'unknown'};
  if (!layer || layer.truncated) return nobody;
  const ends = layerEnds(b, layer);
  if (ends) return {source: ends.from, destination: ends.to};
  if (layer.name === 'ARP' && arpIsEthernetIp4(b, layer.at))
    return {source: formatIp4(arpSenderIp(b, layer.at)), destination: formatIp4(arpTargetIp(b, layer.at))};
  const ether = layers.findLast(({name, truncated}) => name === 'Ethernet' && !truncated);
  if (!ether) return nobody;
  return {source: formatMac(ethSource(b, ether.at)), destination: formatMac(ethDestination(b, ether.at))};
}

function fieldText(layer: Layer | undefined, name: string): string | undefined {
  return layer?.fields.find((field) => field.name === name)?.value;
}

/** `6081 geneve` → 6081. */
function portsOf(layer: Layer | undefined): [number, number] | undefined {
  const [source, destination] = ['source port', 'destination port'].map(
    (name) => fieldText(layer, name)?.split(' ')[0],
  );
  return source === undefined || destination === undefined ? undefined : [Number(source), Number(destination)];
}

function endpoint(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Each tunnel with the IP header in front of it; IP in IP has no header of its own. */
function tunnelsOf(b: Uint8Array, layers: readonly Layer[], inner: number): Tunnel[] {
  const out: Tunnel[] = [];
  let outer: {from: string; to: string} | undefined;
  let udp: Layer | undefined;
  for (const [i, layer] of layers.entries()) {
    if (i >= inner) break;
    const {name} = layer;
    if (ipNames.has(name)) outer = layerEnds(b, layer);
    if (name === 'UDP') udp = layer;
    const next = layers[i + 1];
    const nested = ipNames.has(name) && next !== undefined && ipNames.has(next.name);
    if (!outer || !(nested || tunnelNames.has(name))) continue;
    const vni = fieldText(layer, 'VNI');
    out.push({
      protocol: nested ? 'IP in IP' : name,
      vni: vni === undefined ? undefined : Number(vni),
      source: outer.from,
      destination: outer.to,
      ports: nested || name === 'GRE' ? undefined : portsOf(udp),
    });
  }
  return out;
}

function textOf(layers: readonly Layer[], inner: number, transport: Layer | undefined): string {
  if (!transport) return 'no header';
  const data = layers.slice(inner + 1).find(({name}) => name === 'HTTP' || name === 'DNS');
  const vni = layers.findLast(({name}, i) => i < inner && tunnelNames.has(name));
  const value = fieldText(vni, 'VNI');
  return [
    transport.text,
    ...(data && data !== transport ? [data.text] : []),
    ...(vni ? [`in ${vni.name}${value === undefined ? '' : ` VNI ${value}`}`] : []),
  ].join(', ');
}

function packetKey(b: Uint8Array, ip: Layer | undefined, upper: Layer | undefined, layers: readonly Layer[]): string {
  if (!ip) return '';
  const id = ip.name === 'IPv4' && !ip.truncated ? toHex(b, ip.at + 4, ip.at + 6) : '';
  const kept = upper && upper.name in KEPT ? KEPT[upper.name as keyof typeof KEPT] : undefined;
  const head =
    upper && kept ? toHex(b, Math.min(upper.at + kept[0], upper.end), Math.min(upper.at + kept[1], upper.end)) : '';
  const data = layers.at(-1);
  const rest = upper && kept && data ? toHex(b, Math.min(upper.end, data.end), Math.min(data.end, upper.end + 32)) : '';
  const tail = upper ? '' : toHex(b, ip.at, Math.min(ip.end, ip.at + 40));
  return [
    upper?.name ?? ip.name,
    id,
    head,
    fieldText(upper, 'identifier'),
    fieldText(upper, 'sequence'),
    rest,
    tail,
  ].join(' ');
}
