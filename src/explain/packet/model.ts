/** One frame, its layers, and what the headers in front of the innermost packet cost. */
import {decodeLayers, type Layer, type LayerName, type TunnelPorts} from '../../session/layers.js';

export interface PacketPicture {
  readonly bytes: Uint8Array;
  /** Where it is from: `node1:eth0, frame 3, 12.5 ms`. */
  readonly title: string;
  readonly layers: readonly Layer[];
  readonly overhead: Overhead;
}

export interface Overhead {
  /** In front of the innermost packet, through all tunnels; without a tunnel in front of the data. */
  readonly layers: readonly Layer[];
  readonly bytes: number;
  readonly tunnel: boolean;
}

const tunnels: ReadonlySet<LayerName> = new Set(['Geneve', 'VXLAN', 'VXLAN-GPE', 'GRE']);
const data: ReadonlySet<LayerName> = new Set(['Payload', 'HTTP', 'DNS']);

export function pictureOf(bytes: Uint8Array, title: string, ports: TunnelPorts, linkType: number): PacketPicture {
  const layers = decodeLayers(bytes, ports, linkType);
  const last = layers.findLastIndex(({name}) => tunnels.has(name));
  const tunnel = last >= 0;
  const front = tunnel ? layers.slice(0, last + 1) : layers.filter(({name}) => !data.has(name));
  const sum = front.reduce((total, {at, end}) => total + end - at, 0);
  return {bytes, title, layers, overhead: {layers: front, bytes: sum, tunnel}};
}

/** `14 + 20 + 8 + 8 = 50 bytes (Ethernet, IPv4, UDP, Geneve)`. */
export function overheadText({layers, bytes}: Overhead): string {
  const lengths = layers.map(({at, end}) => end - at).join(' + ');
  return `${lengths} = ${bytes} bytes (${layers.map(({name}) => name).join(', ')})`;
}
