/** The screen as Ink elements: the panes' lines side by side in rows. */
import {Box, Text, Transform} from 'ink';
import {layOut, MIN_COLUMNS, MIN_ROWS, type Pane} from '../layout.js';
import type {UiState} from '../model.js';
import {type Glyphs, type Line, toWidth} from './line.js';
import {packetPane} from './packet.js';
import {paint} from './paint.js';
import {clusterPane, framesPane, hopsPane, overlayPane, statusBar, titleBar} from './panes.js';

export interface ScreenProps {
  readonly state: UiState;
  readonly glyphs: Glyphs;
  readonly color: boolean;
}

export function Screen({state, glyphs, color}: ScreenProps) {
  const layout = layOut(state.columns, state.rows);
  if (!layout) {
    const size = `${state.columns}x${state.rows}`;
    return <Text>{`wirelay ui needs ${MIN_COLUMNS}x${MIN_ROWS}; this terminal is ${size} (q quits)`}</Text>;
  }
  const scene = {state, glyphs};
  const {cluster, frames, packet, hops, columns, wide} = layout;
  const bar = column(
    Array.from({length: cluster.height}, () => [{text: glyphs.bar, hue: 'quiet'}]),
    {width: 1, height: cluster.height},
  );
  const shown = column(framesPane(scene, frames), frames);
  const decoded = column(packetPane(scene, packet), packet);
  const right = wide ? beside(shown, bar, decoded) : [...shown, ...decoded];
  const whole = {width: columns, height: cluster.height + hops.height};
  const body = state.overlay
    ? column(overlayPane(scene, layout, whole.height), whole)
    : [...beside(column(clusterPane(scene, cluster), cluster), bar, right), ...column(hopsPane(scene, hops), hops)];
  const one = {width: columns, height: 1};
  const rows = [...column([titleBar(scene)], one), ...body, ...column([statusBar(scene)], one)];
  return (
    <Box flexDirection="column" width={columns}>
      {rows.map((cells, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its own identity
        <Row key={row} cells={cells} color={color} />
      ))}
    </Box>
  );
}

interface Cell {
  readonly line: Line;
  readonly width: number;
}

type Cells = readonly Cell[];

/** A pane's rows, each one cell: as many as it is high. */
function column(lines: readonly Line[], {width, height}: Pane): Cells[] {
  return Array.from({length: height}, (_, row) => [{line: lines[row] ?? [], width}]);
}

function beside(first: readonly Cells[], ...others: readonly (readonly Cells[])[]): Cells[] {
  return first.map((cells, row) => [...cells, ...others.flatMap((other) => other[row] ?? [])]);
}

/**
 * One text, put in place of blanks as wide: Ink measures those at once, but takes time over colours and line drawing. Cells apart where
 * one has characters that only Ink can measure.
 */
function Row({cells, color}: {readonly cells: Cells; readonly color: boolean}) {
  const fitted = cells.map(({line, width}) => toWidth(line, width));
  const narrow = fitted.flatMap((line) => (line ? [paint(line, color)] : []));
  if (narrow.length === cells.length)
    return (
      <Transform transform={() => narrow.join('')}>
        <Text>{' '.repeat(cells.reduce((sum, {width}) => sum + width, 0))}</Text>
      </Transform>
    );
  return (
    <Box>
      {cells.map(({line, width}, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
        <Box key={i} width={width} height={1} flexShrink={0}>
          <Text wrap="truncate-end">{paint(line, color)}</Text>
        </Box>
      ))}
    </Box>
  );
}
