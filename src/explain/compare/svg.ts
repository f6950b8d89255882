/** Cost of a new connection against the number of services, both axes logarithmic; legible on light and on dark ground. */
import {translations} from './compare.js';
import {type Comparison, nameOf} from './print.js';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 76;
const RIGHT = 640;
const TOP = 64;
const BOTTOM = 372;
/** Of middle brightness, 4 : 1 or more against white and against near black. */
const INK = '#75808c';
const colours: Readonly<Record<string, string>> = {
  ebpf: '#1a8f5c',
  iptables: '#d64545',
  nftables: '#b7791f',
  ipvs: '#7467e0',
};

interface Line {
  readonly translation: string;
  readonly points: readonly (readonly [services: number, worst: number, median: number])[];
}

export function comparisonSvg({services, endpoints}: Comparison): string {
  const lines = translations.map((translation): Line => {
    const own = services.filter((result) => result.translation === translation);
    return {
      translation,
      points: own.map((r) => [r.services, r.traversed.worst + r.lookups.worst, r.traversed.median + r.lookups.median]),
    };
  });
  const xs = lines.flatMap(({points}) => points.map(([x]) => x));
  const ys = lines.flatMap(({points}) => points.flatMap(([, worst, median]) => [worst, median]));
  const [fewest, most] = [Math.min(...xs), Math.max(...xs)];
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(...ys, 10))));
  const width = Math.log10(most / fewest) || 1;
  const x = (n: number) => LEFT + (Math.log10(n / fewest) / width) * (RIGHT - LEFT);
  const y = (n: number) => BOTTOM - (Math.log10(Math.max(n, 1)) / decades) * (BOTTOM - TOP);
  const counts = [...new Set(xs)].sort((a, b) => a - b).filter(apart(x));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">`,
    '<title>Cost of a new connection against the number of services</title>',
    text(LEFT, 26, 'Work of a new connection’s first packet', {size: 16, fill: INK}),
    text(LEFT, 46, `rules passed + look-ups; line: worst service, dashes: median; ${endpoints} endpoints a service`, {
      fill: INK,
    }),
    ...Array.from({length: decades + 1}, (_, i) => grid(y(10 ** i), (10 ** i).toLocaleString('en'))),
    ...counts.map((n) => text(x(n), BOTTOM + 20, n.toLocaleString('en'), {anchor: 'middle', fill: INK})),
    text((LEFT + RIGHT) / 2, BOTTOM + 44, 'services', {anchor: 'middle', fill: INK}),
    ...lines.flatMap((line) => drawn(line, x, y)),
    ...labels(lines, y),
    '</svg>',
    '',
  ].join('\n');
}

/** Leaves out labels that would touch the one before. */
function apart(x: (n: number) => number): (n: number) => boolean {
  let before = Number.NEGATIVE_INFINITY;
  return (n) => {
    if (x(n) - before < 52) return false;
    before = x(n);
    return true;
  };
}

function drawn({translation, points}: Line, x: (n: number) => number, y: (n: number) => number): readonly string[] {
  const stroke = colours[translation] ?? INK;
  const path = (which: 1 | 2) => points.map((point) => `${round(x(point[0]))},${round(y(point[which]))}`).join(' ');
  return [
    `<polyline fill="none" stroke="${stroke}" stroke-width="1.5" stroke-dasharray="3 4" points="${path(2)}"/>`,
    `<polyline fill="none" stroke="${stroke}" stroke-width="2.5" stroke-linejoin="round" points="${path(1)}"/>`,
    ...points.map(([n, worst]) => `<circle cx="${round(x(n))}" cy="${round(y(worst))}" r="3" fill="${stroke}"/>`),
  ];
}

/** At the right ends of the lines, pushed apart where they would overlap. */
function labels(lines: readonly Line[], y: (n: number) => number): readonly string[] {
  const wanted = lines
    .map(({translation, points}) => ({translation, last: points.at(-1)?.[1] ?? 0}))
    .sort((a, b) => b.last - a.last);
  let above = Number.NEGATIVE_INFINITY;
  return wanted.map(({translation, last}) => {
    above = Math.max(y(last) + 4, above + 16);
    const said = `${nameOf(translation)} ${last.toLocaleString('en')}`;
    return text(RIGHT + 10, above, said, {fill: colours[translation] ?? INK});
  });
}

function grid(y: number, label: string): string {
  const line = `<line x1="${LEFT}" x2="${RIGHT}" y1="${round(y)}" y2="${round(y)}" stroke="${INK}" stroke-opacity="0.35"/>`;
  return `${line}\n${text(LEFT - 8, y + 4, label, {anchor: 'end', fill: INK})}`;
}

interface TextStyle {
  readonly fill: string;
  readonly anchor?: 'middle' | 'end';
  readonly size?: number;
}

function text(x: number, y: number, content: string, {fill, anchor, size}: TextStyle): string {
  const placed = `${anchor ? ` text-anchor="${anchor}"` : ''}${size === undefined ? '' : ` font-size="${size}"`}`;
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}"${placed}>${content}</text>`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
