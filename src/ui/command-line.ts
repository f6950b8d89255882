/** The command lines that give what the screen shows. */
import type {SessionOptions} from '../session/options.js';
import type {Scope, UiState} from './model.js';
import {selectedFrame} from './select.js';

export function commandLines(state: UiState): string[] {
  const {world, filter, scope} = state;
  const own = optionWords(world.options);
  const test = filter ? ['--filter', filter.text] : [];
  const points = scope ? scopePoints(scope).flatMap((point) => ['--point', point]) : [];
  const lines = [
    'these frames, explained, for Wireshark:',
    line('export', '-o', 'frames.pcapng', ...points, ...test, ...own),
  ];
  const frame = selectedFrame(state);
  if (frame) {
    const {node, pod, device} = frame.point;
    const place = pod === undefined ? ['--node', node] : ['--pod', pod];
    lines.push('', 'this capture point, as tcpdump prints it:');
    lines.push(line('tcpdump', '-nn', '-e', '-i', device, ...place, ...own, ...(filter ? [filter.text] : [])));
  }
  const view = scope ? [`--${scope.kind}`, scope.kind === 'node' ? scope.node : scope.pod] : [];
  lines.push('', 'this screen again:', line('ui', ...view, ...test, ...own));
  return lines;
}

/** Capture points in `export --point` form. */
function scopePoints(scope: Scope): string[] {
  if (scope.kind === 'node') return [`${scope.node}:*`, `${scope.node}:*:*`];
  const inside = `${scope.node}:${scope.pod}:*`;
  return scope.device ? [inside, `${scope.node}:${scope.device}`] : [inside];
}

/** What the session was opened with; the viewpoint is the scope's. */
function optionWords({cluster, set, traffic, event = [], seed}: SessionOptions): string[] {
  const each = (name: string, values: readonly string[]) => values.flatMap((value) => [`--${name}`, value]);
  return [
    ...each('cluster', cluster),
    ...each('set', set),
    ...each('traffic', traffic),
    ...each('event', event),
    ...each('seed', seed === undefined ? [] : [String(seed)]),
  ];
}

function line(...words: readonly string[]): string {
  return ['wirelay', ...words].map(quote).join(' ');
}

/** One word of a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
