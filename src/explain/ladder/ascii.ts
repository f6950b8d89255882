/** A ladder as text: time on the left, a lifeline for each participant, what is said above its arrow. */
import {sanitize} from '../../term/sanitize.js';
import {asciiText} from '../plain-text.js';
import {microseconds, wrap} from '../trace/text.js';
import type {Ladder, Participant, Step} from './model.js';

const WIDTH = 80;
/** Columns of the time. */
const TIME = 12;
/** Between two lifelines at least. */
const NARROWEST = 5;
/** Columns of text beside a lifeline at least; else it begins further left. */
const READABLE = 34;

interface Signs {
  readonly life: string;
  readonly line: string;
  readonly right: string;
  readonly left: string;
  readonly seen: string;
  readonly lost: string;
  readonly cross: string;
  /** Makes text safe to print. */
  readonly clean: (text: string) => string;
}

const drawn: Signs = {life: '│', line: '─', right: '▶', left: '◀', seen: '●', lost: '✗', cross: '┼', clean: sanitize};
const plain: Signs = {life: '|', line: '-', right: '>', left: '<', seen: '*', lost: 'x', cross: '+', clean: asciiText};

export function ladderAscii({title, participants, steps, notes}: Ladder, ascii: boolean): string {
  const signs = ascii ? plain : drawn;
  const count = Math.max(1, participants.length);
  const spacing = Math.max(NARROWEST, Math.floor((WIDTH - TIME) / count));
  const lifelines = participants.map((_, i) => TIME + Math.floor(spacing * (i + 0.5)));
  const width = Math.max(WIDTH, TIME + spacing * count);
  const page: Page = {signs, lifelines, width};
  const lines = [...wrap(signs.clean(title), WIDTH), '', ...heading(participants, spacing, page)];
  for (const step of steps) lines.push(...(step.kind === 'note' ? noteLines(step, page) : arrowLines(step, page)));
  for (const note of notes) lines.push(...wrap(`Note: ${signs.clean(note)}`, WIDTH));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

interface Page {
  readonly signs: Signs;
  /** Columns of the lifelines. */
  readonly lifelines: readonly number[];
  readonly width: number;
}

/** Names over their lifelines; numbers, and a list of what they stand for, where names are too long. */
function heading(participants: readonly Participant[], spacing: number, page: Page): string[] {
  const rows = participants.map(({name, detail}) => [
    page.signs.clean(name),
    ...(detail === undefined ? [] : [page.signs.clean(detail)]),
  ]);
  const fit = rows.every((texts) => texts.every(({length}) => length < spacing));
  const numbered = rows.map((texts, i) => `${`[${i + 1}]`.padStart(5)} ${texts.join(' ')}`.slice(0, WIDTH));
  const shown = fit ? rows : rows.map((_, i) => [`[${i + 1}]`]);
  const height = Math.max(0, ...shown.map(({length}) => length));
  const names = Array.from({length: height}, (_, line) => {
    const canvas = blank(page, false);
    for (const [i, texts] of shown.entries()) {
      const text = texts[line] ?? '';
      put(canvas, page.lifelines[i]! - Math.floor(text.length / 2), text);
    }
    return canvas.join('');
  });
  return [...(fit ? [] : [...numbered, '']), ...names];
}

function blank({lifelines, width, signs}: Page, lives: boolean): string[] {
  const canvas = Array.from({length: width}, () => ' ');
  if (lives) for (const at of lifelines) canvas[at] = signs.life;
  return canvas;
}

function put(canvas: string[], at: number, text: string): void {
  for (let i = 0; i < text.length; i++) if (at + i >= 0 && at + i < canvas.length) canvas[at + i] = text[i]!;
}

function textStart(text: string, at: number, {width}: Page): number {
  return Math.max(TIME, Math.min(at, width - Math.min(text.length, READABLE)));
}

/** Text over the lifelines from column `at` on, further left where there is too little room. */
function textLines(text: string, at: number, page: Page): string[][] {
  const from = textStart(text, at, page);
  return wrap(text, page.width - from).map((line) => {
    const canvas = blank(page, true);
    put(canvas, from, line);
    return canvas;
  });
}

function arrowLines(step: Extract<Step, {kind: 'arrow'}>, page: Page): string[] {
  const {signs, lifelines} = page;
  const [from, to] = [lifelines[step.from] ?? TIME, lifelines[step.to] ?? TIME];
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const text = signs.clean(step.text);
  const lines = textLines(text, left + 2, page);
  put(lines[0]!, 0, signs.clean(microseconds(step.time)).padStart(TIME - 2));
  if (from === to) {
    // Beside the text, or below where the text begins left of the lifeline.
    const below = textStart(text, left + 2, page) <= from;
    if (below) lines.push(blank(page, true));
    const marked = below ? lines.at(-1) : lines[0];
    if (marked) marked[from] = step.lost ? signs.lost : signs.seen;
    return lines.map((canvas) => canvas.join(''));
  }
  const canvas = blank(page, true);
  for (let at = left + 1; at < right; at++) canvas[at] = canvas[at] === signs.life ? signs.cross : signs.line;
  if (step.lost) canvas[to] = signs.lost;
  else canvas[to > from ? to - 1 : to + 1] = to > from ? signs.right : signs.left;
  return [...lines, canvas].map((cells) => cells.join(''));
}

function noteLines({from, to, text}: Step, page: Page): string[] {
  const at = Math.min(page.lifelines[from] ?? TIME, page.lifelines[to] ?? TIME);
  return textLines(`[${page.signs.clean(text)}]`, at + 2, page).map((canvas) => canvas.join(''));
}
