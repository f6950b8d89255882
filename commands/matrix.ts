import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Matrix extends OwnCommand {
  static override description = 'What policy lets pass between all workloads and external ranges, as exact ports';
  static override examples = [
    '<%= config.bin %> matrix -f manifests/',
    '<%= config.bin %> matrix -o connlist -f manifests/ | sort > connlist.txt',
    '<%= config.bin %> matrix -o json | jq -r \'.connections[] | select(.conn != "All Connections") | .dst\'',
  ];
  static override flags = {
    output: outputFlag(['table', 'connlist', 'json', 'csv', 'md', 'dot']),
    semantics: Flags.option({
      options: ['k8s', 'cilium'] as const,
      default: 'k8s' as const,
      description: 'whose reading of the policies',
    })(),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Matrix);
    await this.performInSession(flags, async ({cluster}, io) => {
      const {runMatrix} = await import('../src/explain/matrix/main.js');
      runMatrix(cluster, flags.semantics, flags.output, io);
      return 0;
    });
  }
}
