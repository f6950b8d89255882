/** The packet pane: layers, the selected one with its fields, and the bytes that say it. */

import type {Layer} from '../../session/layers.js';
import {firstVisible, type Pane} from '../layout.js';
import {selectedFrame, selectedLayers} from '../select.js';
import {heading, type Line, type Scene, type Span} from './line.js';

interface Range {
  readonly at: number;
  readonly end: number;
}

export function packetPane(scene: Scene, {width, height}: Pane): Line[] {
  const {state, glyphs} = scene;
  const focused = state.pane === 'packet';
  const frame = selectedFrame(state);
  if (!frame) return [heading(glyphs, focused, 'packet', width)];
  const layers = selectedLayers(state);
  const title = `packet ${frame.packet}, frame ${frame.number}, ${frame.bytes.length} bytes`;
  const rows = height - 1;
  const tree = layerLines(scene, layers, focused);
  const treeRows = Math.min(tree.lines.length, rows - Math.min(hexRows(frame.bytes), Math.floor(rows / 2)));
  const from = firstVisible(tree.cursor, tree.lines.length, treeRows);
  const layer = layers[state.layer];
  const range = (layer && state.field >= 0 ? layer.fields[state.field] : undefined) ?? layer;
  return [
    heading(glyphs, focused, title, width),
    ...tree.lines.slice(from, from + treeRows),
    ...hexLines(frame.bytes, range ?? {at: 0, end: 0}, rows - treeRows, width),
  ];
}

function layerLines({state, glyphs}: Scene, layers: readonly Layer[], focused: boolean) {
  const lines: Line[] = [];
  let cursor = 0;
  for (const [index, layer] of layers.entries()) {
    const open = index === state.layer;
    const here = open && state.field < 0;
    if (here) cursor = lines.length;
    lines.push([
      {text: here ? glyphs.mark : ' ', hue: 'accent'},
      {text: `${layer.name.padEnd(9)}`, bold: true, inverse: here && focused, ...hueOf(layer)},
      {text: ` ${String(layer.at).padStart(3)}-${String(layer.end - 1).padEnd(4)}`, hue: 'quiet'},
      {text: layer.text},
    ]);
    if (!open) continue;
    for (const [number, field] of layer.fields.entries()) {
      const chosen = number === state.field;
      if (chosen) cursor = lines.length;
      lines.push([
        {text: `  ${chosen ? glyphs.mark : ' '}`, hue: 'accent'},
        {text: field.name.padEnd(17), inverse: chosen && focused, hue: chosen ? 'accent' : 'quiet'},
        {text: field.value, bold: chosen},
      ]);
    }
  }
  return {lines, cursor};
}

function hueOf(layer: Layer): Partial<Span> {
  if (layer.truncated) return {hue: 'drop'};
  return layer.name === 'Geneve' || layer.name === 'VXLAN' ? {hue: 'tunnel'} : {};
}

const BYTES_PER_ROW = 16;

function hexRows(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / BYTES_PER_ROW);
}

/** `0020  0a 00 00 06[17 c1 17 c1]00 …`: the range in brackets, and inverse. Text beside it where there is room. */
function hexLines(bytes: Uint8Array, range: Range, rows: number, width: number): Line[] {
  const first = Math.floor(range.at / BYTES_PER_ROW);
  const all = hexRows(bytes);
  const from = first <= rows - 2 ? 0 : Math.max(0, Math.min(first - 1, all - rows));
  const lines: Line[] = [];
  for (let row = from; row < Math.min(all, from + rows); row++)
    lines.push(hexLine(bytes, row * BYTES_PER_ROW, range, width >= 75));
  return lines;
}

function hexLine(bytes: Uint8Array, at: number, range: Range, withText: boolean): Line {
  const end = Math.min(at + BYTES_PER_ROW, bytes.length);
  const spans: Span[] = [{text: ` ${at.toString(16).padStart(4, '0')} `, hue: 'quiet'}];
  for (let i = at; i < end; i++) {
    const inside = i >= range.at && i < range.end;
    const gap = i === range.at && inside ? '[' : i === range.end && range.end > range.at && i > at ? ']' : ' ';
    spans.push({text: gap, ...(gap === ' ' && inside && i > at ? {inverse: true} : {}), bold: gap !== ' '});
    spans.push({text: bytes[i]!.toString(16).padStart(2, '0'), inverse: inside});
  }
  if (range.end === end && range.end > range.at) spans.push({text: ']', bold: true});
  if (withText) spans.push({text: `${' '.repeat((at + BYTES_PER_ROW - end) * 3 + 2)}${printable(bytes, at, end)}`});
  return merged(spans);
}

/** Neighbours of one style become one span: fewer nodes to lay out. */
function merged(spans: readonly Span[]): Line {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (
      last &&
      last.hue === span.hue &&
      Boolean(last.bold) === Boolean(span.bold) &&
      Boolean(last.inverse) === Boolean(span.inverse)
    )
      out[out.length - 1] = {...last, text: last.text + span.text};
    else out.push(span);
  }
  return out;
}

function printable(bytes: Uint8Array, at: number, end: number): string {
  return Array.from(bytes.subarray(at, end), (c) => (c >= 0x20 && c < 0x7f ? String.fromCharCode(c) : '.')).join('');
}
