/** One packet's way through the cluster: its stops on their nodes, what was done at each, the network between the nodes. */
import {hopNotes, stopOf} from '../ladder/from-trace.js';
import type {Trace} from '../trace/model.js';
import {verdictText, wrap} from '../trace/text.js';
import {type Box, createIds, type Edge, type Graph, mergeEdges} from './model.js';

/** Characters of a line in a box. */
const WIDTH = 34;

/** The way of the request; the answer takes it backwards. */
export function flowGraph(trace: Trace): Graph {
  const ids = createIds();
  const hops = trace.hops.filter(({leg}) => leg === 'request');
  const stops = new Map<string, {node: string; lines: string[]}>();
  const edges: Omit<Edge, 'id'>[] = [];
  let number = 0;
  for (const [i, hop] of hops.entries()) {
    const name = stopOf(hop);
    const stop = stops.get(name) ?? {node: hop.place === 'underlay' ? '' : hop.node, lines: []};
    stops.set(name, stop);
    const before = hops[i - 1];
    if (before && stopOf(before) !== name)
      edges.push({
        kind: 'step',
        from: ids('stop', stopOf(before)),
        to: ids('stop', name),
        label: `${++number}. ${hop.device}`,
      });
    const dropped = hop.end === 'dropped' ? [hop.decisions.findLast(({denies}) => denies)?.text ?? 'dropped'] : [];
    for (const note of [...hopNotes(hop), ...dropped]) {
      const text = `${++number}. ${note}`;
      stop.lines.push(...wrap(text, WIDTH));
    }
  }
  const boxes = [...stops].map(([name, {node, lines}]): {node: string; box: Box} => ({
    node,
    box: {id: ids('stop', name), kind: node === '' ? 'node' : name === node ? 'step' : 'pod', title: name, lines},
  }));
  const nodes = [...new Set(boxes.map(({node}) => node))].filter((node) => node !== '');
  const on = (node: string) => boxes.filter((one) => one.node === node).map(({box}) => box);
  const verdict = verdictText(trace);
  return {
    title: `${trace.from} to ${trace.to}`,
    description: `The way of a packet from ${trace.from} to ${trace.to}: ${verdict}`,
    bands: [
      {id: 'nodes', title: 'Nodes', groups: nodes.map((node) => ({id: ids('on', node), title: node, boxes: on(node)}))},
      {id: 'underlay', title: 'Underlay', groups: [{id: '', title: undefined, boxes: on('')}]},
    ].filter(({groups}) => groups.some((group) => group.boxes.length > 0)),
    edges: mergeEdges(edges),
    notes: [verdict],
  };
}
