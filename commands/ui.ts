import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Ui extends OwnCommand {
  static override description =
    'Look at the cluster and its packets on a screen: every frame, layer by layer, hop by hop; plain lines off a terminal';
  static override examples = [
    '<%= config.bin %> ui',
    "<%= config.bin %> ui --traffic 'pod-a -> my-svc:80/http x3'",
    "<%= config.bin %> ui --filter 'udp port 6081'",
  ];
  static override flags = {
    filter: Flags.string({description: 'show frames that match this pcap-filter expression', helpValue: 'EXPRESSION'}),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Ui);
    await this.perform(async (io) => {
      const {uiMain} = await import('../src/ui/main.js');
      return uiMain(await this.sessionOptions(flags), flags.filter, io);
    });
  }
}
