/** --json: one object per packet, one line each. The keys are a promise: new ones may come, these stay (`schemaVersion`). */
import {linkTypeText} from '../link-types.js';
import type {TextPacket} from '../sink.js';
import {ownLabels, type Party, partiesOf} from './annotate.js';
import {type Fields, fieldsOf} from './fields.js';
import type {Flow} from './flow.js';
import type {ClusterView} from './select.js';
import type {Stack} from './walk.js';

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
  readonly linkType: number;
  readonly stack: Stack;
  readonly flow: Flow | undefined;
  readonly vni: number | undefined;
}

/** `text`: what tcpdump prints of it, without the line feed at its end. */
export function packetJson(packet: DecodedPacket, place: Place, view: ClusterView | undefined, text: string): string {
  const {b, start, end, stack, flow, vni} = packet;
  const parties = view === undefined || flow === undefined ? undefined : partiesOf(view, flow, vni);
  return serialize({
    schemaVersion: SCHEMA_VERSION,
    number: packet.number,
    time: timeText(packet.seconds, packet.nanoseconds),
    ...place,
    linkType: linkTypeText(packet.linkType).split(' ')[0],
    length: packet.wireLength,
    captured: end - start,
    layers: stack.layers.map((layer): Fields => {
      const at = {layer: layer.name, offset: layer.at - start};
      if (layer.cut === undefined) return {...at, ...fieldsOf(b, layer)};
      return {...at, cut: {layer: layer.cut.layer, need: layer.cut.need, have: layer.cut.have}};
    }),
    innermost: stack.innermost,
    vni,
    from: parties && view && partyJson(parties.source, view),
    to: parties && view && partyJson(parties.destination, view),
    text,
  });
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
function serialize(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
