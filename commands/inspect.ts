import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Inspect extends OwnCommand {
  static override description =
    'What was read from which file of a definition or dump, what was inferred, what was skipped and why';
  static override examples = [
    '<%= config.bin %> inspect -f manifests/ --nodes 3',
    '<%= config.bin %> inspect -f cilium-sysdump-20260102-030405.zip',
    'kubectl get nodes,pods,svc,endpointslices -A -o yaml | <%= config.bin %> inspect -f -',
    '<%= config.bin %> inspect -o json | jq .notes',
  ];
  static override flags = {
    output: outputFlag(['text', 'json']),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Inspect);
    await this.performInSession(flags, async ({cluster}, io) => {
      const {inspectJson, inspectText} = await import('../src/tools/inspect/inspect.js');
      io.stdout.write(
        flags.output === 'json'
          ? `${JSON.stringify(inspectJson(cluster), null, 2)}\n`
          : inspectText(cluster, {color: io.color}),
      );
      return 0;
    });
  }
}
