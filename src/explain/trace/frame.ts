/** What a frame carries, and what one hop made of it: fields before and after, headers put on and taken off. */

import type {Encapsulation} from '../../cluster/expect.js';
import {decodeLayers, type Layer, type TunnelPorts} from '../../session/layers.js';
import {type Ip, parseIp} from '../../wire/addr.js';
import type {Change} from './model.js';

/** Follow from other fields, or are of no meaning to a reader. */
const silent = new Set([
  'checksum',
  'total length',
  'payload length',
  'length',
  'header length',
  'data offset',
  'ethertype',
]);
const payloads = new Set(['Payload', 'HTTP', 'DNS']);

export function frameChanges(before: Uint8Array, after: Uint8Array, ports: TunnelPorts): Change[] {
  if (sameBytes(before, after)) return [];
  const [old, now] = [headers(before, ports), headers(after, ports)];
  const more = now.length - old.length;
  if (more > 0 && isTail(old, now))
    return [put('encapsulation', now.slice(0, more)), ...pairs(old, now.slice(more), '')];
  if (more < 0 && isTail(now, old)) return [taken(old.slice(0, -more)), ...pairs(old.slice(-more), now, '')];
  if (more === 0 && isTail(old, now)) return pairs(old, now, '');
  return [{field: 'packet', before: names(old), after: names(now)}];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function headers(bytes: Uint8Array, ports: TunnelPorts): Layer[] {
  return decodeLayers(bytes, ports).filter(({name}) => !payloads.has(name));
}

function isTail(short: readonly Layer[], long: readonly Layer[]): boolean {
  const from = long.length - short.length;
  return short.every(({name}, i) => long[from + i]!.name === name);
}

/** Headers in a few words: `10.0.0.5 > 10.0.0.6 UDP 6081 Geneve VNI 1234, 50 bytes`. */
function put(field: string, outer: readonly Layer[]): Change {
  return {field, before: '', after: outerText(outer)};
}

function taken(outer: readonly Layer[]): Change {
  return {field: 'decapsulation', before: outerText(outer), after: ''};
}

function outerText(outer: readonly Layer[]): string {
  const value = (layer: Layer, name: string) => layer.fields.find((field) => field.name === name)?.value ?? '';
  const bytes = outer.reduce((sum, {at, end}) => sum + end - at, 0);
  const words = outer.flatMap((layer) => {
    switch (layer.name) {
      case 'IPv4':
      case 'IPv6':
        return [`${value(layer, 'source')} → ${value(layer, 'destination')}`];
      case 'UDP':
        return [`UDP ${number(value(layer, 'source port'))} → ${number(value(layer, 'destination port'))}`];
      case 'Geneve':
      case 'VXLAN': {
        const option = value(layer, 'option');
        return [`${layer.name} VNI ${value(layer, 'VNI')}${option ? `, ${option}` : ''}`];
      }
      default:
        return [];
    }
  });
  return `${words.join(', ')} (${bytes} bytes)`;
}

/** `6081 geneve` → `6081`. */
function number(value: string): string {
  return value.split(' ')[0]!;
}

function names(layers: readonly Layer[]): string {
  return layers.map(({name}) => name).join(' · ');
}

function pairs(old: readonly Layer[], now: readonly Layer[], prefix: string): Change[] {
  const tunnel = now.findIndex(isTunnel);
  return old.flatMap((layer, i) => {
    const other = now[i]!;
    const inner = tunnel >= 0 && i > tunnel ? 'inner ' : prefix;
    return layer.fields.flatMap(({name, value}, n) => {
      const after = other.fields[n];
      if (after?.name !== name || after.value === value || silent.has(name)) return [];
      return [{field: `${inner}${layer.name} ${name}`, before: value, after: after.value}];
    });
  });
}

/** The innermost packet, as its ends see it. */
export interface Packet {
  readonly source: Ip;
  readonly destination: Ip;
  /** Without ports: 0. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** `TCP`, `UDP`, `ICMP`, … */
  readonly protocol: string;
  /** TCP flags, SCTP chunks, ICMP type and code. */
  readonly detail: string;
  /** Or hop limit. */
  readonly ttl: number;
}

export function innermost(bytes: Uint8Array, ports: TunnelPorts): Packet | undefined {
  const layers = decodeLayers(bytes, ports);
  const tunnel = layers.findLastIndex(isTunnel);
  let at = layers.findIndex((layer, i) => i > tunnel && isIp(layer));
  while (isIp(layers[at + 1])) at++;
  return packetAt(layers, at);
}

/** The outer packet of an encapsulated one; undefined for any other. */
export function tunnelOf(bytes: Uint8Array, ports: TunnelPorts): Packet | undefined {
  const layers = decodeLayers(bytes, ports);
  return layers.some(isTunnel) ? packetAt(layers, layers.findIndex(isIp)) : undefined;
}

/** How a frame is carried, by its outermost tunnel; undefined = it is not. */
export function carriage(
  bytes: Uint8Array,
  ports: TunnelPorts,
): {readonly kind: Exclude<Encapsulation, 'none'>; readonly vni?: number} | undefined {
  const layers = decodeLayers(bytes, ports);
  const tunnel = layers.find(isTunnel);
  if (tunnel) {
    const vni = tunnel.fields.find(({name}) => name === 'VNI')?.value;
    return {kind: tunnel.name === 'Geneve' ? 'geneve' : 'vxlan', vni: Number(number(vni ?? ''))};
  }
  return layers.some((layer, i) => isIp(layer) && isIp(layers[i + 1])) ? {kind: 'ipip'} : undefined;
}

function isIp(layer: Layer | undefined): boolean {
  return layer?.name === 'IPv4' || layer?.name === 'IPv6';
}

function isTunnel({name}: Layer): boolean {
  return name === 'Geneve' || name === 'VXLAN';
}

function packetAt(layers: readonly Layer[], at: number): Packet | undefined {
  const ip = layers[at];
  if (!ip) return undefined;
  const upper = layers[at + 1];
  const value = (layer: Layer | undefined, name: string) =>
    layer?.fields.find((field) => field.name === name)?.value ?? '';
  const [source, destination] = [parseIp(value(ip, 'source')), parseIp(value(ip, 'destination'))];
  if (source === undefined || destination === undefined) return undefined;
  return {
    source,
    destination,
    sourcePort: Number(number(value(upper, 'source port'))),
    destinationPort: Number(number(value(upper, 'destination port'))),
    protocol: upper === undefined || upper.name === 'Payload' ? 'IP' : upper.name,
    ttl: Number(value(ip, ip.name === 'IPv4' ? 'TTL' : 'hop limit')),
    detail: detailOf(upper, value),
  };
}

function detailOf(upper: Layer | undefined, value: (layer: Layer | undefined, name: string) => string): string {
  if (upper?.name === 'ICMP' || upper?.name === 'ICMPv6')
    return `type ${value(upper, 'type')} code ${value(upper, 'code')}`;
  return upper?.name === 'SCTP' ? upper.text.replace(/^sctp \d+ > \d+ ?/, '') : value(upper, 'flags');
}
