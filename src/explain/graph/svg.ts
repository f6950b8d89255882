/** A picture as SVG: bands, groups, arrows behind the boxes, labels where there is room for them. */
import {escapeXml, shorten, shortenName, svgPage, svgText} from '../svg.js';
import {
  type Area,
  fitting,
  LINE,
  LONGEST,
  layout,
  MARGIN,
  type PlacedBand,
  type PlacedBox,
  type PlacedGroup,
} from './layout.js';
import type {Edge, Graph} from './model.js';

const style = `
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}
.t{font-size:16px;font-weight:bold}.h{font-weight:bold}.n{fill:#57606a}.g,.o,.v{stroke:#fff;stroke-width:4px;paint-order:stroke}
.g,.v{fill:#57606a}.o{font-weight:bold;stroke:#f6f8fa}
.l{font-size:11px;fill:#424a53;stroke:#fff;stroke-width:3px;paint-order:stroke}
rect{stroke:#8c959f}rect.b{fill:#fff;stroke:none}.band{fill:#f6f8fa;stroke:#d0d7de}.group{fill:#fff;stroke:#afb8c1;stroke-dasharray:4 3}
.service{fill:#fff8c5}.pod,.workload{fill:#dafbe1}.tunnel{fill:#fbefff}.node{fill:#ddf4ff}.outside{fill:#ffebe9}.step,.layer{fill:#ddf4ff}
path{fill:none;stroke:#8c959f;stroke-width:1.3}path.backend{stroke:#9a6700}path.tunnel{fill:none;stroke:#8250df;stroke-dasharray:5 4}
path.reach{stroke:#1a7f37}path.step{fill:none;stroke:#0969da;stroke-width:1.8}path.runs{stroke-opacity:.75}path.a{fill:#57606a;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9da7b3}.g,.v{fill:#9da7b3;stroke:#0d1117}.o{stroke:#161b22}.l{fill:#c9d1d9;stroke:#0d1117}
rect{stroke:#6e7681}rect.b{fill:#0d1117}.band{fill:#161b22;stroke:#30363d}.group{fill:#0d1117;stroke:#484f58}
.service{fill:#3b2e00}.pod,.workload{fill:#033a16}.tunnel{fill:#3c1e70}.node{fill:#0c2d6b}.outside{fill:#5d0f12}.step,.layer{fill:#0c2d6b}
path.backend{stroke:#d4a72c}path.tunnel{stroke:#a475f9}path.reach{stroke:#3fb950}path.step{stroke:#58a6ff}path.a{fill:#9da7b3}}`;

/** More labels than that hide the picture: they stay as tooltips. */
const LABELS = 60;

export function graphSvg(graph: Graph): string {
  const {width, height, bands, areas} = layout(graph);
  const ends = spread(graph.edges, areas);
  const headings = bands.flatMap(({groups, ...band}) => [
    {...band, width: band.band.title.length * 7.3 + 20, height: 24},
    ...groups.map((group) => ({...group, height: 24})),
  ]);
  const taken: Area[] = [...headings, ...bands.flatMap(({groups}) => groups.flatMap(({boxes}) => boxes))];
  const labels: string[] = [];
  const said = new Set<string>();
  const arrows = graph.edges.flatMap((edge) => {
    const [from, to] = [areas.get(edge.from), areas.get(edge.to)];
    if (!from || !to) return [];
    const curve = curveOf(from, to, ends.get(edge) ?? [0.5, 0.5], edge.kind === 'tunnel');
    const saying = edge.kind === 'backend' ? `${edge.from} ${edge.label}` : edge.id;
    if (graph.edges.length <= LABELS && edge.label !== '' && !said.has(saying)) {
      said.add(saying);
      labels.push(...labelOn(curve, shorten(edge.label, LONGEST), taken));
    }
    return [arrow(edge, curve, graph)];
  });
  const notes = graph.notes.map((note, i) =>
    svgText(MARGIN, height - MARGIN - (graph.notes.length - 1 - i) * LINE, 'n', note),
  );
  const body = [
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="a" d="M0 0 8 4 0 8z"/></marker></defs>',
    svgText(MARGIN, 30, 't', graph.title),
    ...bands.map(bandShape),
    ...bands.flatMap(({groups}) => groups.flatMap(groupShapes)),
    ...arrows,
    ...bands.flatMap((band, i) => [...bandTexts(band, bands[i + 1]), ...band.groups.flatMap(groupTitle)]),
    ...bands.flatMap(({groups}) => groups.flatMap(({boxes}) => boxes.map(boxShape))),
    ...labels,
    ...notes,
  ];
  return svgPage({width, height, title: graph.title, description: graph.description, style, body});
}

function bandShape({x, y, width, height}: PlacedBand): string {
  return `<rect class="band" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`;
}

/** In front of arrows, as all text. */
function bandTexts({x, y, height, band}: PlacedBand, next: PlacedBand | undefined): string[] {
  const between = next && band.below !== undefined ? (y + height + next.y) / 2 + 4 : undefined;
  return [
    svgText(x + 10, y + 18, 'o', band.title),
    ...(between === undefined ? [] : [svgText(x + 10, between, 'v', `↓ ${band.below}`)]),
  ];
}

function groupShapes({x, y, width, height, group}: PlacedGroup): string[] {
  if (group.title === undefined) return [];
  return [`<rect id="${group.id}" class="group" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>`];
}

function groupTitle({x, y, width, group: {title}}: PlacedGroup): string[] {
  return title === undefined ? [] : [svgText(x + 10, y + 18, 'g', shorten(title, fitting(width)))];
}

function boxShape({x, y, width, height, box}: PlacedBox): string {
  const lines = box.lines.map((line, i) => svgText(x + 10, y + 20 + (i + 1) * LINE, 'n', shortenName(line, LONGEST)));
  return [
    `<g id="${box.id}"><title>${escapeXml([box.title, ...box.lines].join(', '))}</title>`,
    `<rect class="${box.kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`,
    svgText(x + 10, y + 20, 'h', shortenName(box.title, LONGEST)),
    ...lines,
    '</g>',
  ].join('');
}

/** Where on its ends an edge begins and stops, 0 … 1: edges of one side next to each other, in the order of their other ends. */
function spread(edges: readonly Edge[], areas: ReadonlyMap<string, Area>): ReadonlyMap<Edge, [number, number]> {
  const sides = new Map<string, {edge: Edge; end: 0 | 1; other: number}[]>();
  const out = new Map<Edge, [number, number]>();
  for (const edge of edges) {
    const [from, to] = [areas.get(edge.from), areas.get(edge.to)];
    if (!from || !to) continue;
    out.set(edge, [0.5, 0.5]);
    const down = to.y >= from.y;
    const level = to.y === from.y;
    const put = (id: string, side: string, end: 0 | 1, other: Area) => {
      const key = `${id} ${side}`;
      const list = sides.get(key);
      const one = {edge, end, other: other.x + other.width / 2};
      if (list) list.push(one);
      else sides.set(key, [one]);
    };
    put(edge.from, down ? 'bottom' : 'top', 0, to);
    put(edge.to, level ? 'bottom' : down ? 'top' : 'bottom', 1, from);
  }
  for (const list of sides.values()) {
    list.sort((a, b) => a.other - b.other);
    for (const [i, {edge, end}] of list.entries()) out.get(edge)![end] = (i + 1) / (list.length + 1);
  }
  return out;
}

type Point = readonly [x: number, y: number];
type Curve = readonly [Point, Point, Point, Point];

/** `straight`: from where it is right above its end. */
function curveOf(from: Area, to: Area, [start, stop]: readonly [number, number], straight: boolean): Curve {
  const x2 = to.x + to.width * stop;
  const x1 = straight ? x2 : from.x + from.width * start;
  if (from.y === to.y) {
    const [y1, y2] = [from.y + from.height, to.y + to.height];
    const deep = Math.max(y1, y2) + Math.min(90, 24 + Math.abs(x1 - x2) / 6);
    return [
      [x1, y1],
      [x1, deep],
      [x2, deep],
      [x2, y2],
    ];
  }
  const down = to.y > from.y;
  const [y1, y2] = down ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
  const middle = (y1 + y2) / 2;
  return [
    [x1, y1],
    [x1, middle],
    [x2, middle],
    [x2, y2],
  ];
}

function arrow(edge: Edge, [a, b, c, d]: Curve, graph: Graph): string {
  const p = ([x, y]: Point) => `${round(x)} ${round(y)}`;
  const tip = escapeXml(
    `${nameOf(graph, edge.from)} → ${nameOf(graph, edge.to)}${edge.label === '' ? '' : ` ${edge.label}`}`,
  );
  return `<path id="${edge.id}" class="${edge.kind}" d="M${p(a)}C${p(b)} ${p(c)} ${p(d)}" marker-end="url(#arrow)"><title>${tip}</title></path>`;
}

const names = new WeakMap<Graph, ReadonlyMap<string, string>>();

function nameOf(graph: Graph, id: string): string {
  let known = names.get(graph);
  if (!known) {
    const groups = graph.bands.flatMap((band) => band.groups);
    const titles = [
      ...groups.map((group) => [group.id, group.title ?? ''] as const),
      ...groups.flatMap(({boxes}) => boxes.map((box) => [box.id, box.title] as const)),
    ];
    names.set(graph, (known = new Map(titles)));
  }
  return known.get(id) ?? id;
}

/** Where on a curve a label may stand, 0 … 1: from the middle to the ends. */
const places: readonly number[] = Array.from(
  {length: 23},
  (_, i) => 0.5 + (i % 2 === 0 ? 1 : -1) * 0.04 * Math.ceil(i / 2),
);

/** Along the curve where it touches no box and no other label; where there is no such place only the arrow's tooltip says it. */
function labelOn([a, b, c, d]: Curve, text: string, taken: Area[]): string[] {
  const at = (t: number): Point => {
    const u = 1 - t;
    const mix = (i: 0 | 1) => u ** 3 * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t ** 3 * d[i];
    return [mix(0), mix(1)];
  };
  const width = text.length * 6.8 + 4;
  const areaAt = ([x, y]: Point): Area => ({x: x - width / 2, y: y - 8, width, height: 14});
  const place = places.map(at).find((point) => !taken.some((area) => touches(area, areaAt(point))));
  if (!place) return [];
  taken.push(areaAt(place));
  return [svgText(round(place[0]), round(place[1] + 3), 'l', text, 'middle')];
}

function touches(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
