/**
 * Where everything of a picture goes, in pixels: bands one under the other over the full width, groups in rows, boxes in rows.
 * Boxes are as wide as their text; nothing overlaps. SVG and drawio have the same layout.
 */
import {shorten} from '../svg.js';
import type {Band, Box, Graph, Group} from './model.js';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedBox extends Area {
  readonly box: Box;
}

export interface PlacedGroup extends Area {
  readonly group: Group;
  readonly boxes: readonly PlacedBox[];
}

export interface PlacedBand extends Area {
  readonly band: Band;
  readonly groups: readonly PlacedGroup[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly bands: readonly PlacedBand[];
  /** Where boxes and groups with a title are. */
  readonly areas: ReadonlyMap<string, Area>;
}

/** Width of a character of 12 px, height of a line. */
const CHARACTER = 7.3;
export const LINE = 16;
const PAD = 10;
/** Heading of a band or a group. */
const HEADING = 26;
const GAP = 14;
/** Where arrows lead from box to box of a group. */
const WIDE_GAP = 52;
/** Between bands: room for arrows and what is said of them. */
const BETWEEN = 64;
export const MARGIN = 20;
/** Above the first band: title of the picture. */
const TOP = 48;
const ROW_WIDTH = 1100;
/** Characters of a line in a box. */
export const LONGEST = 44;

/** Characters of a heading that fit a width. */
export function fitting(width: number): number {
  return Math.floor((width - 2 * PAD) / CHARACTER);
}

export function layout(graph: Graph): Layout {
  const gap = graph.edges.some(({kind}) => kind === 'reach') ? WIDE_GAP : GAP;
  const sized = graph.bands.map((band) => ({
    band,
    groups: rows(
      band.groups.map((group) => sizeGroup(group, gap)),
      ROW_WIDTH,
      gap,
    ),
  }));
  const titles = sized.map(({band}) => band.title.length * CHARACTER + 2 * PAD);
  const inner = Math.max(360, graph.title.length * 9, ...titles, ...sized.map(({groups}) => groups.width + 2 * GAP));
  const width = Math.ceil(inner + 2 * MARGIN);
  let y = TOP;
  const bands = sized.map(({band, groups}): PlacedBand => {
    const at = {x: MARGIN, y, width: width - 2 * MARGIN, height: HEADING + groups.height + GAP};
    y += at.height + BETWEEN;
    return {
      ...at,
      band,
      groups: groups.place(at.x + at.width / 2, at.y + HEADING).map((placed) => widened(placed, at)),
    };
  });
  const areas = new Map<string, Area>();
  for (const {groups} of bands)
    for (const placed of groups) {
      if (placed.group.title !== undefined) areas.set(placed.group.id, placed);
      for (const one of placed.boxes) areas.set(one.box.id, one);
    }
  const below = bowed(graph, areas) ? 40 : 0;
  return {width, height: Math.ceil(y - BETWEEN + 2 * MARGIN + below + graph.notes.length * LINE), bands, areas};
}

/** Tunnels are everybody's: a bar from side to side. */
function widened(placed: PlacedGroup, {x, width}: Area): PlacedGroup {
  const wide = {x: x + GAP, width: width - 2 * GAP};
  const boxes = placed.boxes.map((one) => (one.box.kind === 'tunnel' ? {...one, ...wide} : one));
  return {...placed, boxes};
}

/** Some edge leads along a row, and is drawn below it. */
function bowed({edges}: Graph, areas: ReadonlyMap<string, Area>): boolean {
  return edges.some(({from, to}) => areas.get(from)?.y === areas.get(to)?.y);
}

interface Sized<T> {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => T;
}

interface Rows<T> {
  readonly width: number;
  readonly height: number;
  /** Each row in the middle around `centre`, from `y` down. */
  place(centre: number, y: number): T[];
}

function rows<T>(items: readonly Sized<T>[], most: number, gap: number): Rows<T> {
  const lines: Sized<T>[][] = [];
  let width = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (width + gap + item.width > most) {
      lines.push([]);
      width = -gap;
    }
    lines.at(-1)?.push(item);
    width += gap + item.width;
  }
  const widthOf = (line: readonly Sized<T>[]) => line.reduce((sum, item) => sum + item.width, (line.length - 1) * gap);
  const heightOf = (line: readonly Sized<T>[]) => line.reduce((most, item) => Math.max(most, item.height), 0);
  return {
    width: lines.reduce((most, line) => Math.max(most, widthOf(line)), 0),
    height: lines.reduce((sum, line) => sum + heightOf(line) + gap, -gap),
    place(centre, top) {
      let y = top;
      return lines.flatMap((line) => {
        let x = Math.round(centre - widthOf(line) / 2);
        const placed = line.map((item) => {
          const one = item.at(x, y);
          x += item.width + gap;
          return one;
        });
        y += heightOf(line) + gap;
        return placed;
      });
    },
  };
}

function sizeGroup(group: Group, gap: number): Sized<PlacedGroup> {
  const titled = group.title !== undefined;
  const {length} = group.boxes;
  const columns = length <= 6 ? length : Math.min(8, Math.ceil(Math.sqrt(length)));
  const sizes = group.boxes.map(sizeBox);
  const widest = sizes.reduce((most, {width}) => Math.max(most, width), 0);
  const inner = rows(sizes, titled ? Math.min(ROW_WIDTH, columns * (widest + gap)) : ROW_WIDTH, gap);
  const pad = titled ? PAD : 0;
  const heading = titled ? HEADING : 0;
  const title = titled ? shorten(group.title ?? '', LONGEST).length * CHARACTER + 2 * PAD : 0;
  const [width, height] = [Math.max(inner.width + 2 * pad, title), heading + inner.height + pad];
  return {
    width: Math.ceil(width),
    height,
    at: (x, y) => ({x, y, width: Math.ceil(width), height, group, boxes: inner.place(x + width / 2, y + heading)}),
  };
}

function sizeBox(box: Box): Sized<PlacedBox> {
  const longest = [box.title, ...box.lines].reduce((most, line) => Math.max(most, shorten(line, LONGEST).length), 8);
  const width = Math.ceil(longest * CHARACTER + 2 * PAD);
  const height = (box.lines.length + 1) * LINE + 12;
  return {width, height, at: (x, y) => ({x, y, width, height, box})};
}
