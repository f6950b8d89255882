/** A line as one string with its colours: Ink then has one text per row to lay out, not one per span. */
import chalk from 'chalk';
import type {Hue, Line} from './line.js';

/** After Okabe and Ito's palette, which the common colour blindnesses keep apart. */
const hues: Readonly<Record<Hue, (text: string) => string>> = {
  drop: chalk.hex('#e69f00'),
  good: chalk.hex('#56b4e9'),
  accent: chalk.hex('#f0e442'),
  tunnel: chalk.hex('#cc79a7'),
  quiet: chalk.gray,
};

export function paint(line: Line, color: boolean): string {
  let out = '';
  for (const {text, hue, bold, inverse} of line) {
    let styled = color && hue ? hues[hue](text) : text;
    if (bold) styled = chalk.bold(styled);
    if (inverse) styled = chalk.inverse(styled);
    out += styled;
  }
  return out;
}
