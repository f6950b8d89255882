/**
 * A trace for a terminal of 80 columns.
 *
 *   3 node1 lxc3c1… ◂ cil_from_container                              10.0 µs
 *     look   cilium_ipcache_v2  10.32.2.20
 *            = 10.32.2.20/32 identity=25212 tunnelendpoint=10.0.0.6
 *     do     policy egress: allow (match all, remote identity 25212)
 *     change IPv4 destination: 10.96.10.50 → 10.32.2.20
 *     go     redirect to cilium_geneve
 */
import type {SourcePosition} from '../../term/error.js';
import type {Palette} from '../../term/palette.js';
import {sanitize} from '../../term/sanitize.js';
import type {Decider, Decision, Hop, Lookup, Trace, Verdict} from './model.js';

const WIDTH = 80;
const INDENT = 4;
const LABEL = 7;

export function traceText(trace: Trace, colors: Palette, packets: boolean): string {
  const lines = [headline(trace, colors)];
  for (const leg of ['request', 'reply'] as const) {
    const hops = trace.hops.filter((hop) => hop.leg === leg);
    if (hops.length === 0) continue;
    lines.push('', colors.title(leg.toUpperCase()));
    for (const hop of hops) lines.push(...hopLines(hop, trace.hops.indexOf(hop) + 1, colors, packets));
  }
  lines.push('', ...summary(trace, colors));
  return `${lines.join('\n')}\n`;
}

export function verdictColor(verdict: Verdict, colors: Palette): (text: string) => string {
  if (verdict === 'answered' || verdict === 'delivered') return colors.good;
  return verdict === 'refused' ? colors.warn : colors.bad;
}

function headline(trace: Trace, colors: Palette): string {
  const {spec, verdict, permitted} = trace;
  const port = spec.port === undefined ? '' : `:${spec.port}`;
  const left = `${sanitize(trace.from)} → ${sanitize(trace.to)}${port} ${spec.protocol.toUpperCase()}`;
  const word = `${verdict.toUpperCase()}${permitted ? ' (permitted)' : ''}`;
  return `${colors.title(left)}${gap(left, word)}${verdictColor(verdict, colors)(word)}`;
}

/** Blanks that put `right` at the right margin, two at least. */
function gap(left: string, right: string): string {
  return ' '.repeat(Math.max(2, WIDTH - left.length - right.length));
}

export function microseconds(ns: number): string {
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(3)} ms`;
}

export function hopPlace({place, node, pod, device, direction, hook}: Hop): string {
  if (place === 'underlay') return `VNet ${device}`;
  if (place === 'stack') return node === '' ? `world ${device}` : `${node} ${device === node ? 'host' : device}: stack`;
  const arrow = direction === 'in' ? '◂' : '▸';
  const where = [node, ...(pod === undefined ? [] : [pod]), device].join(' ');
  return `${where} ${arrow}${hook === undefined ? '' : ` ${hook}`}`;
}

function hopLines(hop: Hop, number: number, colors: Palette, packets: boolean): string[] {
  const title = `${String(number).padStart(2)}  ${sanitize(hopPlace(hop))}${hop.frames > 1 ? ` (${hop.frames} frames)` : ''}`;
  const time = microseconds(hop.time);
  const lines = [
    `${hop.end === 'dropped' ? colors.bad(title) : colors.title(title)}${gap(title, time)}${colors.faint(time)}`,
  ];
  const row = (label: string, text: string, color = (plain: string) => plain) => {
    const [first, ...rest] = wrap(sanitize(text), WIDTH - INDENT - LABEL);
    lines.push(`${' '.repeat(INDENT)}${colors.faint(label.padEnd(LABEL))}${color(first ?? '')}`);
    for (const more of rest) lines.push(`${' '.repeat(INDENT + LABEL)}${color(more)}`);
  };
  for (const {table, chain, rule, target, by} of hop.rules)
    row('rule', `${table} ${chain} ${rule}${target ? ` → ${target}` : ''}${by ? `, by ${by}` : ''}`);
  for (const lookup of hop.lookups) row('look', lookupText(lookup));
  const [moves, rest] = partition(hop.decisions, ({kind}) => kind === 'action' || kind === 'trace');
  for (const decision of rest) row('do', decision.text, decisionColor(decision, colors));
  for (const {field, before, after} of hop.changes)
    row(
      'change',
      before === ''
        ? `${field}: + ${after}`
        : after === ''
          ? `${field}: − ${before}`
          : `${field}: ${before} → ${after}`,
    );
  if (moves.length > 0) row('go', moves.map(({text}) => text).join('; '));
  if (packets && hop.frame)
    lines.push(...hexDump(hop.frame).map((line) => colors.faint(`${' '.repeat(INDENT)}${line}`)));
  return lines;
}

function partition<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((item) => !test(item))];
}

function decisionColor({denies, audited, kind}: Decision, colors: Palette): (text: string) => string {
  if (denies) return colors.bad;
  if (audited) return colors.warn;
  return kind === 'deliver' ? colors.good : (text) => text;
}

function lookupText({map, key, value, origin}: Lookup): string {
  return `${map} ${key} = ${value ?? 'no entry'}${origin === undefined ? '' : ` (${origin})`}`;
}

/** At blanks, behind which a line goes on; a word longer than the line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

/** As `tcpdump -XX` has it: offset, 16 bytes in pairs, printable characters. */
export function hexDump(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    let hex = '';
    let text = '';
    for (const [i, byte] of row.entries()) {
      hex += `${i % 2 === 0 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`;
      text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    lines.push(`0x${at.toString(16).padStart(4, '0')}: ${hex.padEnd(40)}  ${text}`);
  }
  return lines;
}

export function placeText({file, line, column}: SourcePosition): string {
  return [file, line, column].filter((item) => item !== undefined).join(':');
}

export function deciderText({direction, of, allowed, policy, rule, where, otherwise}: Decider): string {
  const word = allowed ? 'allowed' : 'denied';
  if (policy === undefined) return `${direction} ${of}: ${word}, ${otherwise ?? 'by default'}`;
  return `${direction} ${of}: ${word} by ${policy} ${rule ?? '(default)'}${where ? ` at ${placeText(where)}` : ''}`;
}

const SUMMARY = 9;

function summary(trace: Trace, colors: Palette): string[] {
  const lines: string[] = [];
  const row = (label: string, text: string, color = (plain: string) => plain) => {
    for (const [i, part] of wrap(sanitize(text), WIDTH - SUMMARY).entries())
      lines.push(`${i === 0 ? colors.title(label.padEnd(SUMMARY)) : ' '.repeat(SUMMARY)}${color(part)}`);
  };
  const list = (label: string, texts: readonly string[]) => {
    for (const [i, text] of texts.entries()) row(i === 0 ? label : '', text);
  };
  row('verdict', verdictText(trace), verdictColor(trace.verdict, colors));
  const {cause, policy, client, assumptions, confirm} = trace;
  if (cause?.reason?.hint) row('cause', cause.reason.hint);
  if (cause?.where) row('rule', placeText(cause.where));
  list('policy', policy.map(deciderText));
  if (client !== undefined) row('client', client);
  list('assumed', assumptions);
  // A command stays on one line, so that it can be copied.
  for (const [i, {node, command}] of confirm.entries())
    lines.push(
      `${colors.title((i === 0 ? 'confirm' : '').padEnd(SUMMARY))}${sanitize(node === undefined ? command : `${node}$ ${command}`)}`,
    );
  return lines;
}

export function verdictText({verdict, cause, hops, permitted}: Trace): string {
  const hop = cause?.hop === undefined ? undefined : hops[cause.hop];
  const at = hop && cause?.hop !== undefined ? ` at hop ${cause.hop + 1} (${hopPlace(hop)})` : '';
  const told = permitted ? 'policy denies it; permitted to go on it is ' : '';
  return `${told}${verdict}${at}${cause ? `: ${cause.text}` : ''}`;
}
