/** --json: one object per packet, one line each. The keys are a promise: new ones may come, these stay (`schemaVersion`). */

import type {Layer, Stack} from '../../../session/walk.js';
import type {TextPacket} from '../sink.js';
import {ownLabels, type Party, partiesOf} from './annotate.js';
import {type Fields, fieldsOf} from './fields.js';
import type {Flow} from './flow.js';
import type {ClusterView} from './select.js';

const SCHEMA_VERSION = 1;

/** Where a packet was seen, as far as that is known. */
export interface Place {
  /** `node1:eth0`, `node1:default/pod-a:eth0`: in a simulation. */
  readonly point?: string;
  readonly direction?: 'in' | 'out';
  /** Name of the interface in a pcapng file. */
  readonly interface?: string;
}

export interface DecodedPacket extends TextPacket {
  /** `EN10MB`. */
  readonly linkName: string;
  readonly stack: Stack;
  readonly flow: Flow | undefined;
  readonly vni: number | undefined;
}

/** `text`: what tcpdump prints of it, without the line feed at its end. */
export function packetJson(packet: DecodedPacket, place: Place, view: ClusterView | undefined, text: string): string {
  const {b, start, end, stack, flow, vni} = packet;
  const parties = view === undefined || flow === undefined ? undefined : partiesOf(view, flow, vni);
  const head = {
    schemaVersion: SCHEMA_VERSION,
    number: packet.number,
    time: timeText(packet.seconds, packet.nanoseconds),
    ...place,
    linkType: packet.linkName,
    length: packet.wireLength,
    captured: end - start,
  };
  const tail = {
    innermost: stack.innermost,
    vni,
    from: parties && view && partyJson(parties.source, view),
    to: parties && view && partyJson(parties.destination, view),
    text,
  };
  const layers = stack.layers.map((layer) => layerJson(b, layer, start));
  return escaped(
    joinObjects(joinObjects(JSON.stringify(head), `{"layers":[${layers.join(',')}]}`), JSON.stringify(tail)),
  );
}

/** Texts are put together, not objects: those would all be of different shapes, which the engine is slow with. */
function layerJson(b: Uint8Array, whole: Layer, start: number): string {
  const {name, at, cut} = whole;
  const head = `{"layer":"${name}","offset":${at - start}}`;
  if (cut === undefined) return joinObjects(head, JSON.stringify(fieldsOf(b, whole)));
  const {layer, need, have} = cut;
  return joinObjects(head, JSON.stringify({cut: {layer, need, have}}));
}

/** `{"a":1}` and `{"b":2}` → `{"a":1,"b":2}`. The first has a member. */
function joinObjects(first: string, second: string): string {
  return second === '{}' ? first : `${first.slice(0, -1)},${second.slice(1)}`;
}

function partyJson({end, identity, services}: Party, view: ClusterView): Fields {
  const labels = identity === undefined ? undefined : view.directory.labels(identity);
  return {
    kind: end.kind,
    name: end.pod === undefined ? end.name : `${end.pod.namespace}/${end.pod.name}`,
    node: end.node,
    identity,
    labels: labels && ownLabels(labels),
    services: services.length === 0 ? undefined : services.map(({namespace, name}) => `${namespace}/${name}`),
  };
}

/** RFC 3339 with nanoseconds, UTC; bare seconds where a broken file has a year that no date has. */
function timeText(seconds: number, nanoseconds: number): string {
  const whole = seconds + Math.floor(nanoseconds / 1e9);
  const date = new Date(whole * 1000);
  const fraction = String(nanoseconds % 1e9).padStart(9, '0');
  if (Number.isNaN(date.getTime())) return `${whole}.${fraction}`;
  return `${date.toISOString().slice(0, -5)}.${fraction}Z`;
}

/** Escapes also what would drive a terminal: DEL, C1, bidirectional controls, line separators. */
function escaped(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
