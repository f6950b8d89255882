import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Report extends OwnCommand {
  static override description =
    'The cluster on one page of HTML: addresses and how full they are, topology, services, reachability, findings, packets hop by hop, costs';
  static override examples = [
    '<%= config.bin %> report -o report.html',
    "<%= config.bin %> report -o report.html -f dump/ --traffic 'shop/web -> shop/api:80/http' --traffic 'shop/web -> 1.1.1.1/icmp'",
    '<%= config.bin %> report -o - -f cluster.yaml > public/index.html',
  ];
  static override flags = {
    output: Flags.string({char: 'o', required: true, description: 'file to write, - for stdout', helpValue: 'FILE'}),
    walks: Flags.integer({
      default: 4,
      min: 0,
      max: 50,
      description: 'packets to follow, one of each line of traffic, the first ones',
    }),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Report);
    await this.perform(async (io) => {
      const {runReport} = await import('../src/explain/report/main.js');
      const {output, walks} = flags;
      return runReport({session: await this.sessionOptions(flags), output, walks}, io);
    });
  }
}
