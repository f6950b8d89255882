/** A trace as a ladder: who the packet visits, in order, with what was put on it on the way. */
import type {Hop, Trace} from '../trace/model.js';
import {deciderText, verdictText} from '../trace/text.js';
import {createParticipants, type Ladder, type Step} from './model.js';

export function ladderOfTrace(trace: Trace): Ladder {
  const {names, index} = createParticipants();
  const stops = trace.hops.map((hop) => index(stopOf(hop)));
  const steps: Step[] = [];
  const start = trace.hops[0]?.time ?? 0;
  for (const [i, hop] of trace.hops.entries()) {
    const at = stops[i] ?? 0;
    const before = trace.hops[i - 1];
    const from = stops[i - 1] ?? at;
    const time = hop.time - start;
    if (before?.leg !== hop.leg) steps.push({kind: 'note', from: at, to: at, text: `${hop.leg} starts`});
    else if (from !== at) steps.push({kind: 'arrow', from, to: at, text: moveText(hop), time, lost: false});
    for (const text of hopNotes(hop)) steps.push({kind: 'note', from: at, to: at, text});
    const cause = hop.decisions.findLast(({denies}) => denies)?.text ?? 'dropped';
    if (hop.end === 'dropped') steps.push({kind: 'arrow', from: at, to: at, text: cause, time, lost: true});
  }
  const all = {from: 0, to: Math.max(0, names.length - 1)};
  const verdict = verdictText(trace);
  steps.push({kind: 'note', ...all, text: verdict});
  for (const decider of trace.policy) steps.push({kind: 'note', ...all, text: deciderText(decider)});
  return {
    title: `${trace.from} to ${trace.to}`,
    description: verdict,
    participants: names.map((name) => ({name})),
    steps,
    notes: [],
  };
}

/** Lifelines are namespaces and the network, not devices: seven or so fit a page. */
export function stopOf({place, node, pod, device}: Hop): string {
  if (place === 'underlay') return 'VNet';
  if (place === 'stack') return node === '' || device !== node ? device : node;
  return pod ?? node;
}

function moveText({device, direction, hook, place}: Hop): string {
  if (place === 'underlay') return device;
  return [device, direction ?? '', ...(hook === undefined ? [] : [hook])].join(' ');
}

const shown = new Set(['policy', 'translate', 'nat', 'security', 'deliver']);

/** What was decided there, and which headers were put on or taken off. */
export function hopNotes({decisions, changes}: Hop): string[] {
  const tunnels = changes.filter(({field}) => field === 'encapsulation' || field === 'decapsulation');
  return [
    ...decisions.filter(({kind, denies}) => shown.has(kind) && !denies).map((decision) => decision.text),
    ...tunnels.map(({field, before, after}) => `${field}: ${before}${after}`),
  ];
}
