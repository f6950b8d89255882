/**
 * A trace as a Mermaid sequence diagram: who the packet visits, in order, with what was put on it on the way.
 * Grammar: mermaid packages/mermaid/src/diagrams/sequence/parser/sequenceDiagram.jison (11). Text ends at `;`, `#` and line feeds.
 */
import {sanitize} from '../term/sanitize.js';
import type {Hop, Trace} from './trace-model.js';
import {deciderText, verdictText} from './trace-text.js';

export function traceMermaid(trace: Trace): string {
  const stops = trace.hops.map(stopOf);
  const names = [...new Set(stops)];
  const id = (stop: string) => `p${names.indexOf(stop) + 1}`;
  const lines = [
    'sequenceDiagram',
    '  autonumber',
    ...names.map((name) => `  participant ${id(name)} as ${text(name)}`),
  ];
  for (const [i, hop] of trace.hops.entries()) {
    const at = id(stops[i]!);
    const before = trace.hops[i - 1];
    if (before?.leg === hop.leg && stops[i - 1] !== stops[i])
      lines.push(`  ${id(stops[i - 1]!)}->>${at}: ${text(moveText(hop))}`);
    else if (before === undefined || before.leg !== hop.leg)
      lines.push(`  Note over ${at}: ${text(`${hop.leg} starts`)}`);
    for (const note of notes(hop)) lines.push(`  Note over ${at}: ${text(note)}`);
    if (hop.end === 'dropped')
      lines.push(`  ${at}-x${at}: ${text(hop.decisions.findLast(({denies}) => denies)?.text ?? 'dropped')}`);
  }
  const [first = 'p1', last = first] = [names[0], names.at(-1)].map((name) => name && id(name));
  const over = first === last ? first : `${first},${last}`;
  lines.push(`  Note over ${over}: ${text(verdictText(trace))}`);
  for (const decider of trace.policy) lines.push(`  Note over ${over}: ${text(deciderText(decider))}`);
  return `${lines.join('\n')}\n`;
}

/** Lifelines are namespaces and the network, not devices: seven or so fit a page. */
function stopOf({place, node, pod, device}: Hop): string {
  if (place === 'underlay') return 'VNet';
  if (place === 'stack') return node === '' || device !== node ? device : node;
  return pod ?? node;
}

function moveText({device, direction, hook, place}: Hop): string {
  if (place === 'underlay') return device;
  return [device, direction ?? '', ...(hook === undefined ? [] : [hook])].join(' ');
}

const shown = new Set(['policy', 'translate', 'nat', 'security', 'deliver']);

function notes({decisions, changes}: Hop): string[] {
  const tunnels = changes.filter(({field}) => field === 'encapsulation' || field === 'decapsulation');
  return [
    ...decisions.filter(({kind, denies}) => shown.has(kind) && !denies).map((decision) => decision.text),
    ...tunnels.map(({field, before, after}) => `${field}: ${before}${after}`),
  ];
}

function text(words: string): string {
  return sanitize(words).replaceAll(';', ',').replaceAll('#', 'no. ').replaceAll('→', '->').trim() || '-';
}
