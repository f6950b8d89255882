/** The four panes and the two bars as lines. Only what is visible is made. */
import {sanitize} from '../../term/sanitize.js';
import {firstVisible, type Layout, type Pane} from '../layout.js';
import {frameSummary, hopsOf, positionOf, selectedFrame, timeText, verdictOf} from '../select.js';
import {modes} from '../world.js';
import {heading, type Line, type Scene, type Span, wrap} from './line.js';

export function clusterPane({state, glyphs}: Scene, {width, height}: Pane): Line[] {
  const {world, scope} = state;
  const focused = state.pane === 'cluster';
  const rows = height - 1;
  const from = firstVisible(state.tree, world.tree.length, rows);
  const lines = world.tree.slice(from, from + rows).map((item, i): Line => {
    const here = from + i === state.tree;
    const inside = item.kind === 'pod' || item.kind === 'service' || item.kind === 'tunnel' ? '  ' : '';
    const chosen =
      (item.kind === 'node' && scope?.kind === 'node' && scope.node === item.node) ||
      (item.kind === 'pod' && scope?.kind === 'pod' && scope.pod === item.pod);
    return [
      {text: here ? glyphs.mark : ' ', hue: 'accent'},
      {text: `${inside}${item.label}`, bold: item.kind !== 'pod', inverse: focused && here},
      {text: chosen ? ' (shown)' : '', hue: 'accent'},
      {text: item.detail ? ` ${item.detail}` : '', hue: item.kind === 'node' && item.down ? 'drop' : 'quiet'},
    ];
  });
  return [heading(glyphs, focused, 'cluster', width), ...lines];
}

export function framesPane({state, glyphs}: Scene, {width, height}: Pane): Line[] {
  const {shown, frames, selected, world} = state;
  const focused = state.pane === 'frames';
  const rows = height - 1;
  const cursor = positionOf(shown, selected);
  const from = firstVisible(cursor, shown.length, rows);
  const label = width >= 80 ? 28 : 19;
  const clock = timeText(frames.at(-1)?.time ?? 0).length;
  const lines = shown.slice(from, from + rows).map((frame): Line => {
    const here = frame.number === selected;
    const place = world.label(frame.point);
    const summary = frameSummary(frame, world.ports);
    return [
      {text: here ? glyphs.mark : ' ', hue: 'accent'},
      {text: `${timeText(frame.time).padStart(clock)} `, hue: 'quiet'},
      {text: `${cell(place, label)} ${frame.direction.padEnd(3)} `, inverse: here && focused},
      ...(frame.dropped ? [{text: 'DROP ', hue: 'drop', bold: true} satisfies Span] : []),
      {text: summary, ...(/^(geneve|vxlan)\{/.test(summary) ? {hue: 'tunnel'} : {}), bold: here},
    ];
  });
  if (shown.length === 0) lines.push([{text: ` ${emptyText(state.running, frames.length)}`, hue: 'quiet'}]);
  const at = shown[cursor]?.number === selected ? `${cursor + 1} of ` : '';
  const all = shown === frames ? '' : ` (${frames.length} in all)`;
  return [heading(glyphs, focused, `frames ${at}${shown.length}${all}`, width), ...lines];
}

function emptyText(running: boolean, frames: number): string {
  if (frames > 0) return 'no frame passes: esc takes filter and scope back';
  return running ? 'running…' : 'no traffic: send some with :traffic pod-a -> pod-b/icmp';
}

/** Cut or padded to a column's width. */
function cell(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}~` : text.padEnd(width);
}

export function hopsPane({state, glyphs}: Scene, {width, height}: Pane): Line[] {
  const focused = state.pane === 'hops';
  const {world} = state;
  const frame = selectedFrame(state);
  if (!frame) return [heading(glyphs, focused, 'hops', width)];
  const hops = hopsOf(state, frame);
  const verdict = verdictOf(hops, world)!;
  const why = wrap(sanitize(frame.comments.join(' | ')), width - 6, height >= 10 ? 3 : 2);
  const rows = height - 1 - why.length;
  const cursor = hops.indexOf(frame);
  const from = firstVisible(cursor, hops.length, rows);
  const lines = hops.slice(from, from + rows).map((hop, i): Line => {
    const here = hop === frame;
    return [
      {text: here ? glyphs.mark : ' ', hue: 'accent'},
      {text: `${String(from + i + 1).padStart(2)} `, hue: 'quiet'},
      {text: `${cell(world.label(hop.point), 24)} ${hop.direction.padEnd(3)}`, inverse: here && focused},
      {text: ` ${String(hop.bytes.length).padStart(5)} bytes `, hue: 'quiet'},
      {text: hop.dropped ? 'DROP ' : '', hue: 'drop', bold: true},
      {text: sanitize(hop.comments[0] ?? ''), bold: here},
    ];
  });
  const text = `packet ${frame.packet}, hop ${cursor + 1} of ${hops.length}: ${verdict.word} ${sanitize(verdict.text)}`;
  return [
    heading(glyphs, focused, text, width),
    ...lines,
    ...why.map(
      (line, i): Line => [{text: `${i === 0 ? 'why' : '   '}  ${line}`, hue: frame.dropped ? 'drop' : 'good'}],
    ),
  ];
}

export function titleBar({state, glyphs}: Scene): Line {
  const {world, scope, filter, total, frames} = state;
  const sep = ` ${glyphs.dot} `;
  const parts = [`${world.name} (${world.source})`, world.encapsulation, `${total} frames`];
  if (total > frames.length) parts.push(`the last ${frames.length} kept`);
  if (scope) parts.push(`only ${sanitize(scope.kind === 'node' ? scope.node : scope.pod)}`);
  if (filter) parts.push(`filter: ${sanitize(filter.text)}`);
  if (state.running) parts.push(state.paused ? 'HELD' : 'running');
  return [{text: 'wirelay ', bold: true, hue: 'accent'}, {text: parts.join(sep)}];
}

const promptLabels = {filter: '/', command: ':', export: 'write to: ', overwrite: ''};

export function statusBar({state}: Scene): Line {
  const {prompt, message, overlay, world} = state;
  if (prompt?.kind === 'overwrite')
    return [{text: `${sanitize(prompt.text)} is there already: overwrite it? y, or any other key`, hue: 'drop'}];
  if (prompt) {
    return [
      {text: promptLabels[prompt.kind], bold: true},
      {text: sanitize(prompt.text)},
      {text: ' ', inverse: true},
      {text: prompt.error ? `  error: ${prompt.error}` : '', hue: 'drop'},
    ];
  }
  if (message) {
    const error = message.tone === 'error';
    return [{text: `${error ? 'error: ' : ''}${sanitize(message.text)}`, hue: error ? 'drop' : 'good', bold: true}];
  }
  if (overlay) return [{text: 'up and down scroll, any other key closes', hue: 'quiet'}];
  const next = modes[(modes.indexOf(world.mode) + 1) % modes.length]!;
  const keys = `?help /filter :command tab=pane left,right=hop t=${next} e=export y=command q=quit`;
  return [{text: keys, hue: 'quiet'}];
}

export function overlayPane({state, glyphs}: Scene, {columns}: Layout, height: number): Line[] {
  const {title, lines, top} = state.overlay!;
  const body = lines.flatMap((line) => wrap(line, columns - 4, 12)).slice(top, top + height - 1);
  return [heading(glyphs, true, title, columns), ...body.map((text): Line => [{text: `  ${text}`}])];
}
