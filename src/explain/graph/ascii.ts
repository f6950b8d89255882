/** A picture as text of 80 columns: a frame for each band, one for each box; what leads out of a box stands in it. */
import {sanitize} from '../../term/sanitize.js';
import {asciiText} from '../plain-text.js';
import {shorten, shortenName} from '../svg.js';
import {wrap} from '../trace/text.js';
import type {Band, Box, Edge, Graph, Group} from './model.js';

const WIDTH = 80;
/** Inside of a band's frame. */
const INNER = WIDTH - 4;
/** Arrows written out in a box. */
const ARROWS = 6;

interface Lines {
  readonly horizontal: string;
  readonly vertical: string;
  readonly corners: readonly [string, string, string, string];
  readonly arrow: string;
  readonly down: string;
  /** Makes text safe to print. */
  readonly clean: (text: string) => string;
}

const drawn: Lines = {
  horizontal: '─',
  vertical: '│',
  corners: ['┌', '┐', '└', '┘'],
  arrow: '→',
  down: '▼',
  clean: sanitize,
};
const plain: Lines = {
  horizontal: '-',
  vertical: '|',
  corners: ['+', '+', '+', '+'],
  arrow: '->',
  down: 'v',
  clean: asciiText,
};

export function graphAscii(graph: Graph, ascii: boolean): string {
  const set = ascii ? plain : drawn;
  const titles = new Map<string, string>();
  const shown: Edge[] = graph.edges.filter(({kind}) => kind !== 'runs' && kind !== 'tunnel');
  for (const {groups} of graph.bands)
    for (const {boxes} of groups) for (const {id, title} of boxes) titles.set(id, title);
  const out = new Map<string, string[]>();
  for (const {from, to, label} of shown) {
    const text = `${set.arrow} ${titles.get(to) ?? to}${label === '' ? '' : ` ${label}`}`;
    const list = out.get(from);
    if (list) list.push(text);
    else out.set(from, [text]);
  }
  const lines = [...wrap(set.clean(graph.title), WIDTH), ''];
  for (const [i, band] of graph.bands.entries()) {
    lines.push(...bandLines(band, out, set));
    const below = i + 1 < graph.bands.length ? (band.below ?? '') : undefined;
    if (below !== undefined)
      lines.push(
        `${' '.repeat(WIDTH / 2 - 1)}${set.vertical}`,
        `${' '.repeat(WIDTH / 2 - 1)}${set.down}${below === '' ? '' : ` ${shorten(set.clean(below), WIDTH / 2 - 3)}`}`,
      );
  }
  for (const note of graph.notes) lines.push(...wrap(`Note: ${set.clean(note)}`, WIDTH));
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return ascii ? text.replaceAll('…', '~') : text;
}

function bandLines(band: Band, out: ReadonlyMap<string, readonly string[]>, set: Lines): string[] {
  const inside = band.groups.flatMap((group) => groupLines(group, out, set));
  return framed(band.title, inside, INNER, set);
}

function groupLines({title, boxes}: Group, out: ReadonlyMap<string, readonly string[]>, set: Lines): string[] {
  const width = title === undefined ? INNER : INNER - 4;
  const inside = sideBySide(
    boxes.map((box) => boxLines(box, out.get(box.id) ?? [], width - 4, set)),
    width,
  );
  return title === undefined ? inside : framed(title, inside, width, set);
}

function boxLines({title, lines}: Box, arrows: readonly string[], most: number, set: Lines): string[] {
  const hidden = arrows.length - ARROWS;
  const said = [
    ...lines,
    ...arrows.slice(0, hidden > 0 ? ARROWS : arrows.length),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ];
  const clean = said.map((line) => shortenName(set.clean(line), most));
  const name = shortenName(set.clean(title), most);
  const width = Math.max(name.length, ...clean.map(({length}) => length));
  return framed(undefined, [name, ...clean], width, set);
}

/** `inside` within a frame of `width` columns inside, the title in its upper border. */
function framed(title: string | undefined, inside: readonly string[], width: number, set: Lines): string[] {
  const {horizontal, vertical, corners} = set;
  const head = title === undefined ? '' : `${horizontal} ${shorten(set.clean(title), width - 2)} `;
  return [
    `${corners[0]}${head}${horizontal.repeat(width + 2 - head.length)}${corners[1]}`,
    ...inside.map((line) => `${vertical} ${line.padEnd(width)} ${vertical}`),
    `${corners[2]}${horizontal.repeat(width + 2)}${corners[3]}`,
  ];
}

/** Blocks of lines next to each other, as many as fit in a row. */
function sideBySide(blocks: readonly (readonly string[])[], width: number): string[] {
  const rows: (readonly string[])[][] = [];
  let used = width;
  for (const block of blocks) {
    const own = block[0]?.length ?? 0;
    if (used + 1 + own > width) {
      rows.push([]);
      used = -1;
    }
    rows.at(-1)?.push(block);
    used += 1 + own;
  }
  return rows.flatMap((row) => {
    const height = Math.max(...row.map(({length}) => length));
    return Array.from({length: height}, (_, line) =>
      row.map((block) => block[line] ?? ' '.repeat(block[0]?.length ?? 0)).join(' '),
    );
  });
}
