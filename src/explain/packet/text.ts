/** Header boxes for a terminal, with a ruler of bits, offsets on the left and bytes on the right. */
import {Chalk} from 'chalk';
import type {Layer, LayerName} from '../../session/layers.js';
import {toHex} from '../../wire/bytes.js';
import {shorten} from '../svg.js';
import {type Cell, cellText, drawnFields, type GridRow, gridOf, ROW_BITS} from './grid.js';
import {overheadText, type PacketPicture} from './model.js';

export interface TextOptions {
  readonly columns: number;
  readonly ascii: boolean;
  readonly explain: boolean;
  readonly color: boolean;
}

type Paint = (text: string) => string;

/** Columns of a row: two per bit and the last border. */
const BOX = 2 * ROW_BITS + 1;
const OFFSET = 5;
const HEX = 10;

interface Page extends TextOptions {
  readonly offsets: boolean;
  readonly hex: boolean;
  readonly paint: (name: LayerName) => Paint;
  readonly faint: Paint;
}

export function packetText(picture: PacketPicture, options: TextOptions): string {
  const chalk = new Chalk({level: options.color ? 1 : 0});
  const hues: Partial<Record<LayerName, Paint>> = {
    Ethernet: chalk.blue,
    IPv4: chalk.green,
    IPv6: chalk.green,
    UDP: chalk.yellow,
    TCP: chalk.yellow,
    Geneve: chalk.magenta,
    VXLAN: chalk.magenta,
    'VXLAN-GPE': chalk.magenta,
    GRE: chalk.magenta,
  };
  const page: Page = {
    ...options,
    offsets: options.columns >= BOX + OFFSET,
    hex: options.columns >= BOX + OFFSET + HEX,
    paint: (name) => hues[name] ?? chalk.cyan,
    faint: chalk.dim,
  };
  const boxes = options.columns >= BOX;
  const lines = [picture.title, ''];
  if (boxes) lines.push(...ruler(page));
  for (const layer of picture.layers)
    lines.push(...(boxes ? layerBox(layer, picture.bytes, page) : layerList(layer, page)));
  const {overhead} = picture;
  lines.push(`${overhead.tunnel ? 'tunnel overhead' : 'headers'}: ${overheadText(overhead)}`);
  return `${lines.join('\n')}\n`;
}

function gutter(page: Page, text: string): string {
  return page.offsets ? `${text.padStart(OFFSET - 1)} ` : '';
}

function ruler(page: Page): string[] {
  const tens = Array.from({length: ROW_BITS}, (_, i) => (i % 10 === 0 ? String(i / 10) : ' ')).join(' ');
  const units = Array.from({length: ROW_BITS}, (_, i) => i % 10).join(' ');
  return [tens, units].map((line) => page.faint(`${gutter(page, '')} ${line}`.trimEnd()));
}

function heading({name, at, end, truncated, fields}: Layer, page: Page): string {
  const source = fields[0]?.source;
  const words = [`${end - at} bytes at ${at}`, ...(truncated ? ['cut short'] : []), ...(source ? [source] : [])];
  return `${page.paint(name)(name)}  ${page.faint(words.join(', '))}`;
}

function layerBox(layer: Layer, bytes: Uint8Array, page: Page): string[] {
  const paint = page.paint(layer.name);
  const rows = gridOf(layer);
  const lines = [heading(layer, page)];
  for (const [i, row] of rows.entries()) {
    lines.push(gutter(page, '') + paint(border(rows[i - 1], row, page.ascii)));
    lines.push(...rowLines(row, bytes, paint, page));
  }
  if (rows.length > 0) lines.push(gutter(page, '') + paint(border(rows.at(-1), undefined, page.ascii)));
  if (page.explain) lines.push(...explanations(layer, page));
  return [...lines, ''];
}

/** Cells of a row: one line, or two where a name and its value need one each. */
function rowLines(row: GridRow, bytes: Uint8Array, paint: Paint, page: Page): string[] {
  const bar = paint(page.ascii ? '|' : '│');
  const texts = row.cells.map((cell) => {
    const width = 2 * (cell.to - cell.from) - 1;
    return cell.labelled ? cellText(cell.field, width) : [''];
  });
  const height = Math.max(...texts.map((text) => text.length));
  const hex = row.end - row.at <= 4 ? toHex(bytes, row.at, row.end) : `… ${row.end - row.at} B`;
  return Array.from({length: height}, (_, line) => {
    const cells = row.cells.map((cell, i) => centre(texts[i]![line] ?? '', 2 * (cell.to - cell.from) - 1));
    const grouped = (hex.startsWith('…') ? hex : hex.replace(/(.{4})(?=.)/g, '$1 ')).padEnd(0);
    const missing = BOX - 1 - 2 * row.cells.at(-1)!.to;
    const side = line === 0 && page.hex ? page.faint(`${' '.repeat(missing + 1)}${grouped}`) : '';
    const offset = line === 0 ? page.faint(gutter(page, String(row.at))) : gutter(page, '');
    return `${offset}${bar}${cells.join(bar)}${bar}${side}`;
  });
}

function centre(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(Math.max(0, left)) + text + ' '.repeat(Math.max(0, width - text.length - left));
}

/** The line between two rows; undefined: there is none above, or below. */
function border(above: GridRow | undefined, below: GridRow | undefined, ascii: boolean): string {
  const ends = (row: GridRow | undefined) => new Set(row ? [0, ...row.cells.map(({to}) => to)] : []);
  const [up, down] = [ends(above), ends(below)];
  const width = Math.max(lastBit(above), lastBit(below));
  /** Is there a line over bit `bit`? Not inside of a field that goes on. */
  const drawn = (bit: number) => {
    if (bit < 0 || bit >= width) return false;
    const over = cellAt(above, bit);
    return !(over?.continues && cellAt(below, bit)?.field === over.field);
  };
  let line = '';
  for (let bit = 0; bit <= width; bit++) {
    const [left, right] = [drawn(bit - 1), drawn(bit)];
    line += joint(up.has(bit), down.has(bit), left, right, ascii);
    if (bit < width) line += right ? (ascii ? '-' : '─') : ' ';
  }
  return line.trimEnd();
}

function lastBit(row: GridRow | undefined): number {
  return row?.cells.at(-1)?.to ?? 0;
}

function cellAt(row: GridRow | undefined, bit: number): Cell | undefined {
  return row?.cells.find(({from, to}) => from <= bit && bit < to);
}

/** By which of the four arms are there: up 8, down 4, left 2, right 1. */
const joints = [' ', '─', '─', '─', '│', '┌', '┐', '┬', '│', '└', '┘', '┴', '│', '├', '┤', '┼'];

function joint(up: boolean, down: boolean, left: boolean, right: boolean, ascii: boolean): string {
  if (ascii) return left || right ? '+' : up || down ? '|' : ' ';
  return joints[(up ? 8 : 0) + (down ? 4 : 0) + (left ? 2 : 0) + (right ? 1 : 0)]!;
}

/** Below 65 columns: a line per field. */
function layerList(layer: Layer, page: Page): string[] {
  const lines = [heading(layer, page)];
  for (const {name, value, at} of page.explain ? [] : drawnFields(layer))
    lines.push(shorten(`  ${at} ${name} ${value}`, page.columns));
  return [...lines, ...(page.explain ? explanations(layer, page) : []), ''];
}

/** `  TTL 64: Hops it may still take (RFC 791 §3.1)`, wrapped. */
function explanations(layer: Layer, page: Page): string[] {
  return layer.fields.flatMap(({name, value, meaning, source}) => {
    const text = `${name}${value === '' ? '' : ` ${value}`}: ${meaning} (${source})`;
    return wrap(text, page.columns - 2).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`));
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - (lines.length > 0 ? 2 : 0)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
