/**
 * Base of every look-alike command: oclif finds it, documents it and completes it; the words after its name go untouched to the
 * tool's own grammar.
 */
import {Command} from '@oclif/core';
import type {ToolMain} from '../term/io.js';

export abstract class RawCommand extends Command {
  static override strict = false;

  /** Loads the tool; words to put in front of the user's, where one tool serves several commands. */
  protected abstract load(): Promise<{main: ToolMain; before?: readonly string[]}>;

  async run(): Promise<void> {
    this.parsed = true;
    const [{main, before = []}, {runTool}] = await Promise.all([this.load(), import('../term/process-io.js')]);
    await runTool(main, [...before, ...this.argv]);
  }
}
