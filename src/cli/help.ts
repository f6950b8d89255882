/** oclif's help, with every line kept within the terminal's width; commands to copy stay on one line. */
import {Help} from '@oclif/core';
import {foldLine} from './fold.js';
import {tellNotFound} from './not-found.js';

export default class extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const [word = ''] = argv.filter((text) => !text.startsWith('-'));
    const {commandIDs} = this.config;
    if (word !== '' && !commandIDs.some((id) => id.split(':')[0] === word.split(':')[0]))
      return tellNotFound(word, commandIDs);
    return super.showHelp(argv);
  }

  protected override log(...args: string[]): void {
    const width = this.opts.maxWidth ?? 80;
    const lines = args.join(' ').split('\n');
    super.log(lines.map((line) => (/^ *\$ /.test(line) ? line : foldLine(line, width))).join('\n'));
  }
}
