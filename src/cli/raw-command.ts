/**
 * Base of every look-alike command class: what oclif needs to list, document and complete it. The words after its name go
 * untouched to the tool's own grammar.
 */
import {Command} from '@oclif/core';
import {longSessionFlags} from './session-flags.js';
import {tools} from './tools.js';

export abstract class RawCommand extends Command {
  static override strict = false;
  /** For help and completion; they are taken off by the tool (`openSession`), since the rest of the line is not oclif's. */
  static override flags = longSessionFlags;

  async run(): Promise<void> {
    this.parsed = true;
    const row = tools[this.id!]!;
    const [toolMain, {runTool}] = await Promise.all([row.load(), import('../term/process-io.js')]);
    await runTool(toolMain, [...row.before, ...this.argv]);
  }
}
