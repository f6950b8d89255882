import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Disruption extends OwnCommand {
  static override description =
    "Maglev: which share of a service's table changes its backend when one leaves, for each of them";
  static override examples = [
    '<%= config.bin %> disruption my-svc',
    '<%= config.bin %> disruption shop/web -f cluster.yaml --set spec.cilium.bpf-lb-maglev-table-size=251 -o json',
  ];
  static override args = {service: Args.string({required: true, description: '[NS/]SERVICE'})};
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['text', 'json'] as const,
      default: 'text' as const,
      description: 'format',
    })(),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Disruption);
    await this.perform(async (io) => {
      const [{createSession}, {runDisruption}] = await Promise.all([
        import('../src/session/session.js'),
        import('../src/explain/disruption.js'),
      ]);
      const session = await createSession(await this.sessionOptions(flags), io);
      return runDisruption(session, args.service, flags.output, io);
    });
  }
}
