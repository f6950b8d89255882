/** Base of wirelay's own commands: oclif parses their flags, `sessionFlags` among them. */
import {Command} from '@oclif/core';
import type {SessionOptions} from '../session/options.js';
import type {Io} from '../term/io.js';

interface ParsedSessionFlags {
  cluster?: string[];
  set?: string[];
  traffic?: string[];
  event?: string[];
  node?: string;
  pod?: string;
  seed?: string;
  nodes?: string;
}

export abstract class OwnCommand extends Command {
  protected sessionOptions(flags: ParsedSessionFlags): Promise<SessionOptions> {
    return import('../session/options.js').then(({toSessionOptions}) => toSessionOptions(flags));
  }

  /** Runs the body with the process's streams; prints user errors, sets the exit code. */
  protected async perform(body: (io: Io) => Promise<number>): Promise<void> {
    const {runTool} = await import('../term/process-io.js');
    await runTool((_argv, io) => body(io), []);
  }
}
