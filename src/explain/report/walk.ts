/** Packet walks: every hop a card, with the frame that a capture there shows. The page's script makes a player of them. */
import type {Cluster} from '../../cluster/model.js';
import {clusterTunnelPorts} from '../../session/layers.js';
import {pictureOf} from '../packet/model.js';
import {packetSvg} from '../packet/svg.js';
import type {Change, Hop, Lookup, Trace} from '../trace/model.js';
import {deciderText, hopPlace, microseconds, placeText, verdictText} from '../trace/text.js';
import {note, picture, type Section, text} from './html.js';

const EN10MB = 1;
const good: ReadonlySet<Trace['verdict']> = new Set(['answered', 'delivered']);

export function walkSection(traces: readonly Trace[], cluster: Cluster): Section {
  const body = traces.map((trace, i) => walk(trace, i + 1, cluster)).join('\n');
  return {
    id: 'walks',
    title: 'Packet walks',
    body: body === '' ? note('no traffic: --traffic says whose packets to follow') : body,
  };
}

export function walkTitle({from, to, spec}: Trace): string {
  return `${from} → ${to}${spec.port === undefined ? '' : `:${spec.port}`} ${spec.protocol.toUpperCase()}`;
}

function walk(trace: Trace, number: number, cluster: Cluster): string {
  const {hops, verdict, policy, client, cause, assumptions} = trace;
  const title = walkTitle(trace);
  const facts = [
    `verdict: ${verdictText(trace)}`,
    ...(cause?.reason?.hint ? [`cause: ${cause.reason.hint}`] : []),
    ...(cause?.where ? [`rule: ${placeText(cause.where)}`] : []),
    ...policy.map(deciderText),
    ...(client === undefined ? [] : [`client address: ${client}`]),
    ...assumptions.map((one) => `assumed: ${one}`),
  ];
  const steps = hops.map(
    (hop, i) =>
      `<li><button type="button" class="${hop.end === 'dropped' ? 'dropped' : hop.leg}" aria-label="${text(`Hop ${i + 1}: ${hopPlace(hop)}`)}">${i + 1}</button></li>`,
  );
  return [
    `<article class="walk" aria-labelledby="walk-${number}"><h3 id="walk-${number}">${text(title)} <span class="${good.has(verdict) ? 'good' : 'bad'}">${verdict}</span></h3>`,
    `<ul class="facts">${facts.map((fact) => `<li>${text(fact)}</li>`).join('')}</ul>`,
    `<div class="player" role="group" aria-label="${text(`Steps of ${title}`)}" hidden><div class="buttons"><button type="button" class="back">◂ Back</button><button type="button" class="play" aria-pressed="false">Play</button><button type="button" class="next">Next ▸</button><output aria-live="polite"></output></div><ol class="track">${steps.join('')}</ol></div>`,
    `<ol class="hops">${hops.map((hop, i) => card(hop, i + 1, cluster)).join('\n')}</ol></article>`,
  ].join('\n');
}

function card(hop: Hop, number: number, cluster: Cluster): string {
  const rows = [
    ...hop.rules.map(({table, chain, rule, target, by}) =>
      row('rule', `${table} ${chain} ${rule}${target ? ` → ${target}` : ''}${by ? `, by ${by}` : ''}`),
    ),
    ...hop.lookups.map((lookup) => row('look up', lookupText(lookup))),
    ...hop.decisions.map(({text: words, denies, kind}) =>
      row('do', words, denies ? 'bad' : kind === 'deliver' ? 'good' : undefined),
    ),
    ...hop.changes.map((change) => row('change', changeText(change))),
  ];
  const place = hopPlace(hop);
  const {frame} = hop;
  const shown =
    frame === undefined
      ? ''
      : `<div class="packet" tabindex="0" role="region" aria-label="Headers at hop ${number}">${picture(packetSvg(pictureOf(frame, `${place}, ${frame.length} bytes`, clusterTunnelPorts(cluster), EN10MB)), `Headers of the frame at hop ${number}, ${frame.length} bytes`)}</div>`;
  return `<li class="hop" tabindex="-1"><h4><span class="k">${number}</span> ${text(place)} <small>${hop.leg}, ${microseconds(hop.time)}${hop.end ? `, ${hop.end}` : ''}</small></h4><dl>${rows.join('')}</dl>${shown}</li>`;
}

function row(label: string, words: string, kind?: string): string {
  return `<div><dt>${label}</dt><dd${kind ? ` class="${kind}"` : ''}>${text(words)}</dd></div>`;
}

function lookupText({map, key, value, origin}: Lookup): string {
  return `${map} ${key} = ${value ?? 'no entry'}${origin === undefined ? '' : ` (${origin})`}`;
}

function changeText({field, before, after}: Change): string {
  if (before === '') return `${field}: + ${after}`;
  return after === '' ? `${field}: − ${before}` : `${field}: ${before} → ${after}`;
}
