/** A ladder as SVG: lifelines, arrows with their text above, notes on yellow. */
import {escapeXml, shorten, svgPage, svgText} from '../svg.js';
import {microseconds, wrap} from '../trace/text.js';
import type {Ladder, Participant, Step} from './model.js';

const CHARACTER = 7.3;
const LINE = 16;
const MARGIN = 20;
/** Left of the lifelines: the time. */
const TIME = 100;
const TOP = 50;
const HEAD = 42;
const ROW = 38;
const GAP = 8;
/** Characters of a name, and of a line of a note. */
const NAME = 34;
const NOTE = 60;

const style = `
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}
.t{font-size:16px;font-weight:bold}.h{font-weight:bold}.n{fill:#57606a}.l{stroke:#fff;stroke-width:4px;paint-order:stroke}
rect.b{fill:#fff}.head{fill:#ddf4ff;stroke:#8c959f}.note{fill:#fff8c5;stroke:#d4a72c}
.life{stroke:#afb8c1;stroke-dasharray:3 4}.arrow{stroke:#0969da;stroke-width:1.6;fill:none}.lost{stroke:#cf222e}circle{fill:#0969da}.cross{stroke:#cf222e;stroke-width:2.4}path.a{fill:#0969da}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9da7b3}.l{stroke:#0d1117}
rect.b{fill:#0d1117}.head{fill:#0c2d6b;stroke:#6e7681}.note{fill:#3b2e00;stroke:#9e6a03}
.life{stroke:#484f58}.arrow{stroke:#58a6ff}.lost,.cross{stroke:#f85149}circle,path.a{fill:#58a6ff}}`;

interface Page {
  /** Of the lifelines. */
  readonly xs: readonly number[];
  /** The furthest that anything reaches. */
  right: number;
}

export function ladderSvg({title, description, participants, steps, notes}: Ladder): string {
  const widths = participants.map(headWidth);
  const xs: number[] = [];
  let left = MARGIN + TIME;
  for (const [i, width] of widths.entries()) {
    xs.push(left + width / 2);
    left += Math.max(width + GAP * 2, (width + (widths[i + 1] ?? width)) / 2 + 60);
  }
  const page: Page = {xs, right: Math.max(360, title.length * 10, left)};
  let y = TOP + HEAD + GAP * 2;
  const shapes = steps.flatMap((step) => {
    const [drawn, height] = step.kind === 'note' ? noteShapes(step, y, page) : arrowShapes(step, y, page);
    y += height;
    return drawn;
  });
  const bottom = y + GAP;
  const width = Math.ceil(page.right + MARGIN);
  const height = Math.ceil(bottom + MARGIN + notes.length * LINE);
  const body = [
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="a" d="M0 0 8 4 0 8z"/></marker></defs>',
    svgText(MARGIN, 30, 't', title),
    ...xs.map((x) => `<line class="life" x1="${x}" x2="${x}" y1="${TOP + HEAD}" y2="${bottom}"/>`),
    ...participants.flatMap((one, i) => headShapes(one, xs[i] ?? 0, widths[i] ?? 0)),
    ...shapes,
    ...notes.map((note, i) => svgText(MARGIN, bottom + MARGIN + i * LINE, 'n', note)),
  ];
  return svgPage({width, height, title, description, style, body});
}

function headWidth({name, detail = ''}: Participant): number {
  const longest = Math.max(10, shorten(name, NAME).length, shorten(detail, NAME).length);
  return Math.ceil(longest * CHARACTER + 20);
}

function headShapes({name, detail}: Participant, x: number, width: number): string[] {
  const tip = escapeXml(detail === undefined ? name : `${name} ${detail}`);
  return [
    `<rect class="head" x="${x - width / 2}" y="${TOP}" width="${width}" height="${HEAD}" rx="4"><title>${tip}</title></rect>`,
    svgText(x, TOP + (detail === undefined ? 26 : 18), 'h', shorten(name, NAME), 'middle'),
    ...(detail === undefined ? [] : [svgText(x, TOP + 34, 'n', shorten(detail, NAME), 'middle')]),
  ];
}

function arrowShapes(step: Extract<Step, {kind: 'arrow'}>, y: number, page: Page): [string[], number] {
  const [from, to] = [page.xs[step.from] ?? 0, page.xs[step.to] ?? 0];
  const lines = wrap(step.text, NOTE * 2);
  const base = y + LINE * lines.length;
  const middle = Math.max(...lines.map(({length}) => length)) * CHARACTER < Math.abs(to - from) - 16;
  const at = middle ? (from + to) / 2 : Math.min(from, to) + 10;
  for (const line of lines) page.right = Math.max(page.right, at + (line.length * CHARACTER) / (middle ? 2 : 1));
  const said = lines.map((line, i) => svgText(at, y + 12 + i * LINE, 'l', line, middle ? 'middle' : undefined));
  const time = svgText(MARGIN + TIME - 14, y + 12, 'n', microseconds(step.time), 'end');
  if (from === to) {
    const mark = step.lost ? cross(from, y + 8) : `<circle cx="${from}" cy="${y + 8}" r="4"/>`;
    return [[time, mark, ...said], base - y + GAP];
  }
  const line = `<line class="arrow${step.lost ? ' lost' : ''}" x1="${from}" x2="${to}" y1="${base + 4}" y2="${base + 4}"${step.lost ? '' : ' marker-end="url(#arrow)"'}/>`;
  return [[time, line, ...(step.lost ? [cross(to, base + 4)] : []), ...said], base - y + ROW - LINE];
}

function cross(x: number, y: number): string {
  return `<path class="cross" d="M${x - 5} ${y - 5}L${x + 5} ${y + 5}M${x - 5} ${y + 5}L${x + 5} ${y - 5}"/>`;
}

function noteShapes({from, to, text}: Step, y: number, page: Page): [string[], number] {
  const lines = wrap(text, NOTE);
  const [a, b] = [page.xs[from] ?? 0, page.xs[to] ?? 0];
  const own = Math.max(...lines.map(({length}) => length)) * CHARACTER + 16;
  const width = Math.max(own, Math.abs(a - b));
  const x = Math.max(MARGIN + TIME, (a + b) / 2 - width / 2);
  page.right = Math.max(page.right, x + width);
  const height = lines.length * LINE + 8;
  return [
    [
      `<rect class="note" x="${x}" y="${y}" width="${width}" height="${height}" rx="3"/>`,
      ...lines.map((line, i) => svgText(x + width / 2, y + 16 + i * LINE, 'd', line, 'middle')),
    ],
    height + GAP,
  ];
}
