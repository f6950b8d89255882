/** The screen as Ink elements: the panes' lines in their places. */
import {Box, Text} from 'ink';
import {layOut, MIN_COLUMNS, MIN_ROWS} from '../layout.js';
import type {UiState} from '../model.js';
import {clip, type Glyphs, type Hue, type Line} from './line.js';
import {packetPane} from './packet.js';
import {clusterPane, framesPane, hopsPane, overlayPane, statusBar, titleBar} from './panes.js';

/** After Okabe and Ito's palette, which the common colour blindnesses keep apart. */
const hues: Readonly<Record<Hue, string>> = {
  drop: '#e69f00',
  good: '#56b4e9',
  accent: '#f0e442',
  tunnel: '#cc79a7',
  quiet: 'gray',
};

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
  const height = cluster.height + hops.height;
  const pane = (lines: readonly Line[], width: number, rows: number) => (
    <Lines lines={lines} width={width} height={rows} color={color} />
  );
  const bar = (
    <Lines
      lines={Array.from({length: cluster.height}, () => [{text: glyphs.bar, hue: 'quiet'}])}
      width={1}
      height={cluster.height}
      color={color}
    />
  );
  const body = state.overlay ? (
    pane(overlayPane(scene, layout, height), columns, height)
  ) : (
    <>
      <Box>
        {pane(clusterPane(scene, cluster), cluster.width, cluster.height)}
        {bar}
        <Box flexDirection={wide ? 'row' : 'column'}>
          {pane(framesPane(scene, frames), frames.width, frames.height)}
          {wide ? bar : null}
          {pane(packetPane(scene, packet), packet.width, packet.height)}
        </Box>
      </Box>
      {pane(hopsPane(scene, hops), columns, hops.height)}
    </>
  );
  return (
    <Box flexDirection="column" width={columns}>
      {pane([titleBar(scene)], columns, 1)}
      {body}
      {pane([statusBar(scene)], columns, 1)}
    </Box>
  );
}

interface LinesProps {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
}

function Lines({lines, width, height, color}: LinesProps) {
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      {lines.slice(0, height).map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its own identity
        <Text key={row} wrap="truncate-end">
          {clip(line, width).map(({text, hue, bold, inverse}, i) => (
            <Text
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={i}
              bold={bold ?? false}
              inverse={inverse ?? false}
              {...(color && hue ? {color: hues[hue]} : {})}
            >
              {text}
            </Text>
          ))}
        </Text>
      ))}
    </Box>
  );
}
