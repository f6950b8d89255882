import {Args} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Disruption extends OwnCommand {
  static override description =
    "Maglev: which share of a service's table changes its backend when one leaves, for each of them";
  static override examples = [
    '<%= config.bin %> disruption my-svc',
    '<%= config.bin %> disruption shop/web -f cluster.yaml --set spec.cilium.bpf-lb-maglev-table-size=251 -o json',
  ];
  static override args = {service: Args.string({required: true, description: '[NS/]SERVICE'})};
  static override flags = {
    output: outputFlag(['text', 'json']),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Disruption);
    await this.performInSession(flags, async (session, io) => {
      const {runDisruption} = await import('../src/explain/disruption.js');
      return runDisruption(session, args.service, flags.output, io);
    });
  }
}
