/** Colours by meaning. Handed to renderers, so that what they print is decided by `Io.color`, not by the stream chalk looked at. */
import {Chalk} from 'chalk';

export interface Palette {
  readonly title: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
}

export function palette(color: boolean): Palette {
  const chalk = new Chalk({level: color ? 1 : 0});
  return {title: chalk.bold, good: chalk.green, warn: chalk.yellow, bad: chalk.red, faint: chalk.dim};
}
