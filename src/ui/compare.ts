/** Two encapsulations side by side: figures of a run before and after. */
import type {Snapshot, UiState} from './model.js';
import type {RecordedFrame} from './recorder.js';
import {frameLayers, selectedFrame} from './select.js';

export function takeSnapshot(state: UiState): Snapshot {
  const {world, frames, total} = state;
  const wire = frames.filter((frame) => frame.direction === 'out' && world.physical(frame.point));
  const bytes = wire.reduce((sum, frame) => sum + frame.bytes.length, 0);
  const drops = frames.filter((frame) => frame.dropped).length;
  const example = onTheWire(state, wire);
  const rows: (readonly [string, string])[] = [
    ['encapsulation', world.encapsulation],
    ['tunnel device', world.tunnelDevice ?? 'none'],
    ['MTU for pods', world.podMtu === undefined ? 'no pods' : `${world.podMtu}`],
    ['frames recorded', `${total}`],
    ['sent by nodes', `${wire.length} frames, ${bytes} bytes`],
    ['drops', `${drops}`],
  ];
  if (example) {
    rows.push([`packet ${example.packet}`, `${example.bytes.length} bytes on the wire`]);
    rows.push(['', stackText(state, example)]);
  }
  return {rows};
}

/** The selected packet as a node sent it, else the largest frame sent. */
function onTheWire(state: UiState, wire: readonly RecordedFrame[]): RecordedFrame | undefined {
  const packet = selectedFrame(state)?.packet;
  const own = wire.find((frame) => frame.packet === packet);
  return (
    own ?? wire.reduce<RecordedFrame | undefined>((a, b) => (a && a.bytes.length >= b.bytes.length ? a : b), undefined)
  );
}

/** `Ethernet 14 + IPv4 20 + UDP 8 + Geneve 8 + …`. */
function stackText(state: UiState, frame: RecordedFrame): string {
  return frameLayers(frame, state.world.ports)
    .map((layer) => `${layer.name} ${layer.end - layer.at}`)
    .join(' + ');
}

/** Row by row: what is as it was on one line, what differs on two. */
export function compareLines(before: Snapshot, after: Snapshot): string[] {
  return after.rows.flatMap(([what, value], i) => {
    const old = before.rows[i]?.[1];
    if (old === value) return [`  ${what.padEnd(16)} same: ${value}`];
    return [`* ${what.padEnd(16)} was:  ${old ?? 'nothing'}`, `  ${''.padEnd(16)} now:  ${value}`];
  });
}
