/** Header boxes as an SVG image that stands alone: light and dark by the reader's preference, no script, no outside resource. */
import type {Layer} from '../../session/layers.js';
import {toHex} from '../../wire/bytes.js';
import {escapeXml, svgText as label, svgPage} from '../svg.js';
import {cellText, type GridRow, gridOf, ROW_BITS} from './grid.js';
import {overheadText, type PacketPicture} from './model.js';

/** Pixels. */
const BIT = 20;
const ROW = 38;
const LEFT = 48;
const RIGHT = 110;
const HEADING = 30;
const GAP = 10;
/** Width of a character at 12 px, for what fits into a cell. */
const CHARACTER = 7.4;
const WIDTH = LEFT + ROW_BITS * BIT + RIGHT;

const style = `
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}
.n{font-size:11px;fill:#57606a}.h{font-weight:bold;font-size:13px}.o{font-size:11px;fill:#57606a}
rect.b{fill:#fff}path{stroke:#57606a;fill:none}
.link{fill:#ddf4ff}.ip{fill:#dafbe1}.l4{fill:#fff8c5}.tunnel{fill:#fbefff}.data{fill:#f6f8fa}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n,.o{fill:#9da7b3}path{stroke:#6e7681}rect.b{fill:#0d1117}
.link{fill:#0c2d6b}.ip{fill:#033a16}.l4{fill:#3b2300}.tunnel{fill:#3c1e70}.data{fill:#161b22}}`;

const kinds: Partial<Record<Layer['name'], string>> = {
  Ethernet: 'link',
  VLAN: 'link',
  SLL: 'link',
  SLL2: 'link',
  Null: 'link',
  ARP: 'link',
  IPv4: 'ip',
  IPv6: 'ip',
  UDP: 'l4',
  TCP: 'l4',
  ICMP: 'l4',
  ICMPv6: 'l4',
  Geneve: 'tunnel',
  VXLAN: 'tunnel',
  'VXLAN-GPE': 'tunnel',
  GRE: 'tunnel',
};

export function packetSvg({bytes, title, layers, overhead}: PacketPicture): string {
  const parts: string[] = [label(LEFT, 20, 'h', title), ...ruler(44)];
  let y = 52;
  for (const layer of layers) {
    parts.push(label(LEFT, y + 19, 'h', heading(layer)));
    y += HEADING;
    const grid = gridOf(layer);
    for (const [i, row] of grid.entries()) {
      parts.push(...rowShapes(row, kinds[layer.name] ?? 'data', bytes, y), borders(row, grid[i - 1], grid[i + 1], y));
      y += ROW;
    }
    y += GAP;
  }
  parts.push(label(LEFT, y + 16, 'h', `${overhead.tunnel ? 'tunnel overhead' : 'headers'}: ${overheadText(overhead)}`));
  const height = y + 30;
  return svgPage({width: WIDTH, height, title, style, body: parts});
}

function heading({name, at, end, truncated, fields}: Layer): string {
  return `${name} · ${end - at} bytes at ${at}${truncated ? ', cut short' : ''}${fields[0] ? ` · ${fields[0].source}` : ''}`;
}

function ruler(y: number): string[] {
  return Array.from({length: ROW_BITS}, (_, bit) => label(LEFT + bit * BIT + BIT / 2, y, 'o', String(bit), 'middle'));
}

function rowShapes(row: GridRow, kind: string, bytes: Uint8Array, y: number): string[] {
  const shapes = row.cells.map(({field, from, to, labelled}) => {
    const [x, width] = [LEFT + from * BIT, (to - from) * BIT];
    const tip = field.meaning
      ? `<title>${escapeXml(`${field.name} ${field.value}: ${field.meaning} (${field.source})`)}</title>`
      : '';
    const box = `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${ROW}">${tip}</rect>`;
    if (!labelled) return box;
    const [name, value] = cellText(field, Math.max(1, Math.floor((width - 4) / CHARACTER)));
    const middle = x + width / 2;
    if (value === undefined) return box + label(middle, y + 24, 'v', name, 'middle');
    return box + label(middle, y + 16, 'n', name, 'middle') + label(middle, y + 31, 'v', value, 'middle');
  });
  const hex =
    row.end - row.at <= 4 ? toHex(bytes, row.at, row.end).replace(/(..)(?=.)/g, '$1 ') : `… ${row.end - row.at} bytes`;
  const side = label(LEFT + ROW_BITS * BIT + 8, y + 24, 'o', hex);
  return [label(LEFT - 8, y + 24, 'o', String(row.at), 'end'), ...shapes, side];
}

/** Around each cell, but not between the rows of one field. */
function borders({cells}: GridRow, above: GridRow | undefined, below: GridRow | undefined, y: number): string {
  const x = (bit: number) => LEFT + bit * BIT;
  const lines = cells.flatMap(({field, from, to}) => [
    `M${x(from)} ${y}v${ROW}M${x(to)} ${y}v${ROW}`,
    ...[
      {next: above, at: y},
      {next: below, at: y + ROW},
    ].flatMap(({next, at}) => {
      const same = next?.cells.find((cell) => cell.field === field);
      const start = Math.min(to, Math.max(from, same?.from ?? to));
      const stop = Math.max(start, Math.min(to, same?.to ?? to));
      return `M${x(from)} ${at}H${x(start)}M${x(stop)} ${at}H${x(to)}`;
    }),
  ]);
  return `<path d="${lines.join('')}"/>`;
}
