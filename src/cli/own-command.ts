/** Base of wirelay's own commands: oclif parses their flags, `sessionFlags` are the options that all of them share. */
import {Command, Flags} from '@oclif/core';
import {type SessionOptions, sessionOptionTable} from '../session/options.js';
import type {Io} from '../term/io.js';

const flagFor = (name: string) => {
  const row = sessionOptionTable.find((option) => option.name === name)!;
  return {description: row.text, helpValue: row.value, helpGroup: 'CLUSTER'};
};

export const sessionFlags = {
  cluster: Flags.string({...flagFor('cluster'), char: 'f', multiple: true, multipleNonGreedy: true}),
  set: Flags.string({...flagFor('set'), multiple: true, multipleNonGreedy: true}),
  traffic: Flags.string({...flagFor('traffic'), multiple: true, multipleNonGreedy: true}),
  node: Flags.string(flagFor('node')),
  pod: Flags.string(flagFor('pod')),
  seed: Flags.string(flagFor('seed')),
};

interface ParsedSessionFlags {
  cluster?: string[];
  set?: string[];
  traffic?: string[];
  node?: string;
  pod?: string;
  seed?: string;
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
