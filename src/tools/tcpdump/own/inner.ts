/** --inner: a pcap-filter(7) expression on the innermost packet. */
import type {Cluster} from '../../../cluster/model.js';
import {compileFilter} from '../../../filter/compile.js';
import {FilterError} from '../../../filter/error.js';
import {type Predicate, predicate} from '../../../filter/predicate.js';
import {EN10MB, type Layer, type LayerName, RAW, type Stack} from '../../../session/walk.js';
import {UserError} from '../../../term/error.js';
import {nearest} from '../../../term/nearest.js';
import {addressesOf} from '../names.js';

export type InnerTest = (b: Uint8Array, stack: Stack) => boolean;

const SNAPLEN = 262144;
const tunnelNames: ReadonlySet<LayerName> = new Set(['geneve', 'vxlan', 'vxlan-gpe', 'gre']);

/**
 * One expression, compiled for each kind of innermost packet. Where it makes no sense for a kind (`ether host` inside IPIP), or
 * can't match it, no packet of that kind passes; where it makes none for Ethernet and raw IP alike, it is refused.
 */
export function innerTest(text: string, cluster: Cluster | undefined): InnerTest {
  const byLinkType = new Map<number, Predicate | FilterError>();
  const compiled = (linkType: number) => {
    let found = byLinkType.get(linkType);
    if (found === undefined) byLinkType.set(linkType, (found = compile(text, linkType, cluster)));
    return found;
  };
  const [ethernet, raw] = [compiled(EN10MB), compiled(RAW)];
  if (ethernet instanceof FilterError && raw instanceof FilterError)
    throw new UserError({message: `--inner '${text}': ${ethernet.message}`, hint: hostHint(ethernet.message, cluster)});
  return (b, {layers, innermost, linkType}) => {
    const test = compiled(linkType);
    if (test instanceof FilterError || isCutTunnel(layers.at(-1))) return false;
    const frame = layers[innermost];
    return frame !== undefined && test(b, frame.at, Math.max(frame.at, frame.end), frame.limit - frame.at);
  };
}

/** There is a packet inside, of which nothing was captured. */
function isCutTunnel(last: Layer | undefined): boolean {
  return last?.cut !== undefined && tunnelNames.has(last.name);
}

/** Names are the cluster's. */
function hostHint(message: string, cluster: Cluster | undefined): string | undefined {
  const [, name] = /^unknown host '(.*)'$/.exec(message) ?? [];
  if (name === undefined) return undefined;
  if (cluster === undefined) return 'names are those of a cluster: --cluster PATH';
  return nearest(
    name,
    [...cluster.nodes, ...cluster.pods, ...cluster.services].map((named) => named.name),
  );
}

function compile(text: string, linktype: number, cluster: Cluster | undefined): Predicate | FilterError {
  const names = cluster === undefined ? {} : {host: (name: string) => addressesOf(cluster, name)};
  try {
    return predicate(compileFilter(text, {linktype, snaplen: SNAPLEN, optimize: true, savefile: true, names}));
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}
