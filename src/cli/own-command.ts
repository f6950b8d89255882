/** Base of wirelay's own commands: oclif parses their flags, `sessionFlags` among them. */
import {Command} from '@oclif/core';
import type {SessionOptions} from '../session/options.js';
import type {Session} from '../session/session.js';
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

  /** `perform` with the cluster and the viewpoint that the flags name. */
  protected performInSession(
    flags: ParsedSessionFlags,
    body: (session: Session, io: Io) => number | Promise<number>,
  ): Promise<void> {
    return this.perform(async (io) => {
      const {createSession} = await import('../session/session.js');
      return body(await createSession(await this.sessionOptions(flags), io), io);
    });
  }

  /** A command line that is wrong: one line and a hint, as for all errors, instead of a page of help. */
  protected override async catch(error: Error): Promise<unknown> {
    const [{usageProblem}, {exitCodes, problemText}, {sanitizeBlock}] = await Promise.all([
      import('./usage-error.js'),
      import('../term/error.js'),
      import('../term/sanitize.js'),
    ]);
    const name = (this.id ?? '').replaceAll(':', ' ');
    const problem = usageProblem(error, name, Object.keys(this.ctor.flags ?? {}));
    if (!problem) throw error;
    process.stderr.write(`wirelay: ${sanitizeBlock(problemText(problem))}\n`);
    process.exitCode = exitCodes.usage;
    return undefined;
  }

  /** Runs the body with the process's streams; prints user errors, sets the exit code. */
  protected async perform(body: (io: Io) => Promise<number>): Promise<void> {
    const {runTool} = await import('../term/process-io.js');
    await runTool((_argv, io) => body(io), []);
  }
}
