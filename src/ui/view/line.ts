/** Lines of styled text, as the panes make them: plain values, so that they can be looked at without a terminal. */
import type {UiState} from '../model.js';

/** Colours are named by meaning; a word or a shape always says the same. */
export type Hue = 'drop' | 'good' | 'accent' | 'tunnel' | 'quiet';

export interface Span {
  readonly text: string;
  readonly hue?: Hue;
  readonly bold?: boolean;
  readonly inverse?: boolean;
}

export type Line = readonly Span[];

export interface Glyphs {
  readonly mark: string;
  readonly rule: string;
  readonly bar: string;
  readonly dot: string;
}

export const unicodeGlyphs: Glyphs = {mark: '▶', rule: '─', bar: '│', dot: '·'};
export const asciiGlyphs: Glyphs = {mark: '>', rule: '-', bar: '|', dot: '-'};

/** What a pane is made from. */
export interface Scene {
  readonly state: UiState;
  readonly glyphs: Glyphs;
}

/** `─ frames 1 of 230 ─────`, the focused one marked and bold. */
export function heading(glyphs: Glyphs, focused: boolean, text: string, width: number): Line {
  const lead = `${focused ? glyphs.mark : glyphs.rule} ${text} `;
  return [
    {text: lead, bold: focused, hue: focused ? 'accent' : 'quiet'},
    {text: glyphs.rule.repeat(Math.max(0, width - lead.length)), hue: 'quiet'},
  ];
}

/** Breaks at blanks into at most `rows` lines; later ones are indented as the first is. */
export function wrap(text: string, width: number, rows: number): string[] {
  if (text.length <= width) return [text];
  const indent = /^[ *]*(?:\S+(?: \S+)* {2,})*/.exec(text)![0].length;
  const lines: string[] = [];
  let line = text.slice(0, indent);
  for (const word of text.slice(indent).split(' ')) {
    if (line.length > indent && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line += line.length > indent ? ` ${word}` : word;
  }
  lines.push(line);
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), lines.slice(rows - 1).join(' ')];
}

/** Of these each character is one column wide. */
const NARROW = /^[\x20-\x7e▶─│·→…]*$/;

/** Exactly as wide: cut with an ellipsis, or filled up; undefined where a character may be wide, so that only Ink can tell. */
export function toWidth(line: Line, width: number): Line | undefined {
  if (!line.every((span) => NARROW.test(span.text))) return undefined;
  const length = line.reduce((sum, span) => sum + span.text.length, 0);
  if (length === width) return line;
  if (length < width) return [...line, {text: ' '.repeat(width - length)}];
  const out: Span[] = [];
  let room = width - 1;
  for (const span of line) {
    if (span.text.length > room) return [...out, {...span, text: `${span.text.slice(0, room)}…`}];
    out.push(span);
    room -= span.text.length;
  }
  return out;
}
