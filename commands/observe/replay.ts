import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../../src/cli/own-command.js';
import {outputFlag, semanticsFlag, sessionFlags} from '../../src/cli/session-flags.js';

export default class ObserveReplay extends OwnCommand {
  static override description =
    'Recorded flows against other policies: which connections would break, which would newly pass (exit 1: one breaks)';
  static override examples = [
    'hubble observe --last 10000 -o jsonpb > flows.jsonl; <%= config.bin %> observe replay flows.jsonl --with new-policy.yaml -f dump/',
    '<%= config.bin %> observe replay flows.jsonl -f dump/ --all',
    '<%= config.bin %> observe replay - --with new-policy.yaml -o json < flows.jsonl',
  ];
  static override args = {
    file: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'records of `hubble observe -o jsonpb`, one a line; - for stdin',
    }),
  };
  static override flags = {
    with: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'policies to add; one of the same kind and name takes the place of the old one',
      helpValue: 'FILE',
    }),
    all: Flags.boolean({description: 'list connections that stay as they are, too'}),
    'skip-bad': Flags.boolean({description: 'leave out lines that are no records (default: an error)'}),
    semantics: semanticsFlag('that of the dataplane'),
    output: outputFlag(['text', 'json']),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ObserveReplay);
    await this.performInSession(flags, async (session, io) => {
      const {runReplay} = await import('../../src/explain/replay/main.js');
      const {with: paths = [], semantics, output, all, 'skip-bad': skipBad} = flags;
      return runReplay(session, {file: args.file, with: paths, semantics, output, all, skipBad}, io);
    });
  }
}
