/**
 * --annotate: what stands behind a packet's first line.
 *
 *     … vni 0x871: IP 10.32.1.10 > 10.32.2.20: ICMP echo request …  # pod-a(node1) > pod-b(node2) id 2161 app=client > 46983 app=my-svc
 */
import type {Service} from '../../../cluster/model.js';
import {sanitize} from '../../../term/sanitize.js';
import {type End, qualified} from './directory.js';
import type {Flow} from './flow.js';
import {type ClusterView, servicesOf} from './select.js';

/** Both ends of a packet as the cluster knows them. */
export interface Parties {
  readonly source: Party;
  readonly destination: Party;
}

export interface Party {
  readonly end: End;
  /** The sender's as the tunnel states it, else by address. */
  readonly identity: number | undefined;
  /** Services of which this end is a frontend or a backend. */
  readonly services: readonly Service[];
}

export function partiesOf(view: ClusterView, flow: Flow, vni: number | undefined): Parties {
  const {directory, vniIsIdentity} = view;
  const party = (side: 'source' | 'destination', told: number | undefined): Party => {
    const end = directory.end(flow[side]);
    return {end, identity: told ?? end.identity, services: servicesOf(view, flow, side)};
  };
  return {source: party('source', vniIsIdentity ? vni : undefined), destination: party('destination', undefined)};
}

/** Empty where nothing is known: no addresses, no VNI. */
export function annotation(view: ClusterView, flow: Flow | undefined, vni: number | undefined): string {
  if (flow === undefined) return vni === undefined || !view.vniIsIdentity ? '' : `id ${identityText(view, vni)}`;
  const {source, destination} = partiesOf(view, flow, vni);
  const ends = `${partyText(source)} > ${partyText(destination)}`;
  const ids = [source, destination].map(({identity}) =>
    identity === undefined ? undefined : identityText(view, identity),
  );
  const [from, to] = ids;
  if (from === undefined && to === undefined) return ends;
  return `${ends} id ${from ?? '-'}${mismatch(source)}${to === undefined ? '' : ` > ${to}`}`;
}

/** `pod-b(node2, my-svc)`, `node1`, `my-svc(service)`, `cilium_host(node1)`, `world`. */
function partyText({end, services}: Party): string {
  const others = services.map(qualified).filter((name) => end.kind !== 'service' || name !== end.name);
  const place = end.kind === 'service' ? ['service'] : end.kind === 'node' || end.node === undefined ? [] : [end.node];
  const inside = [...place, ...others].map(sanitize).join(', ');
  return inside === '' ? sanitize(end.name) : `${sanitize(end.name)}(${inside})`;
}

/** `2161 app=client`; `7777 unknown` for one that the cluster doesn't have. */
function identityText({directory}: ClusterView, identity: number): string {
  const labels = directory.labels(identity);
  if (labels === undefined) return `${identity} unknown`;
  const text = ownLabels(labels).map(sanitize).join(',');
  return text === '' ? String(identity) : `${identity} ${text}`;
}

/** A pod whose packets carry another identity than the definition gives it. */
function mismatch({end, identity}: Party): string {
  if (end.pod === undefined || end.identity === identity) return '';
  return ` (${sanitize(end.name)} has ${end.identity})`;
}

/** The workload's own labels, without those that every pod has. */
export function ownLabels(labels: readonly string[]): string[] {
  return labels
    .filter((label) => !/^k8s:io\.(cilium\.k8s|kubernetes)\./.test(label))
    .map((label) => label.replace(/^k8s:/, ''));
}
