import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, semanticsFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Why extends OwnCommand {
  static override description =
    'Which policy rules let a connection pass or deny it, in evaluation order, each with its file and line (exit 1: denied)';
  static override examples = [
    '<%= config.bin %> why pod-a pod-b:8080 -f cluster.yaml',
    '<%= config.bin %> why shop/web shop/db:5432/tcp --with new-policy.yaml',
    '<%= config.bin %> why pod-a 203.0.113.9:443 --semantics k8s -o json',
  ];
  static override args = {
    from: Args.string({ignoreStdin: true, required: true, description: 'pod, node or address'}),
    to: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'pod, service, node or address, with [:PORT][/PROTO]; no port: all',
    }),
  };
  static override flags = {
    with: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'compare with the answer when the policies of this file are added (exit 3: it differs)',
      helpValue: 'FILE',
    }),
    semantics: semanticsFlag('that of the dataplane'),
    output: outputFlag(['text', 'json']),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Why);
    await this.performInSession(flags, async (session, io) => {
      const {runWhy} = await import('../src/explain/why/main.js');
      const {with: paths = [], semantics, output} = flags;
      return runWhy(session, {...args, semantics, with: paths, output}, io);
    });
  }
}
