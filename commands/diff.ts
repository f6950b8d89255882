import {Args} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {longSessionFlags, outputFlag, semanticsFlag} from '../src/cli/session-flags.js';

export default class Diff extends OwnCommand {
  static override description =
    'What became reachable between two definitions, and what no longer is, as exact ports (exit 3: they differ)';
  static override examples = [
    '<%= config.bin %> diff before/ after/',
    '<%= config.bin %> diff main:deploy/ deploy/ -o md',
    '<%= config.bin %> diff HEAD~1 HEAD --semantics cilium -o sarif > diff.sarif',
  ];
  static override args = {
    before: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'file, folder, - (stdin), or git revision such as main:deploy/',
    }),
    after: Args.string({ignoreStdin: true, required: true, description: 'the same, to compare with'}),
  };
  static override flags = {
    output: outputFlag(
      ['text', 'json', 'md', 'csv', 'sarif', 'github'],
      'format; text, md and csv are those of np-guard',
    ),
    semantics: semanticsFlag("k8s, or cilium where a policy is Cilium's"),
    set: longSessionFlags.set,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Diff);
    await this.perform(async (io) => {
      const {runDiff} = await import('../src/explain/diff/main.js');
      const {set = [], semantics, output} = flags;
      return runDiff({...args, set, semantics, output}, io);
    });
  }
}
