import {join} from 'node:path';
import {Flags} from '@oclif/core';
import {OwnCommand} from '../../src/cli/own-command.js';
import {sessionFlags} from '../../src/cli/session-flags.js';

export default class WiresharkInstall extends OwnCommand {
  static override description =
    'Put the cluster into Wireshark: its interfaces in the list of captures, a profile with columns, colours, decodings and names';
  static override examples = [
    '<%= config.bin %> wireshark install',
    "<%= config.bin %> wireshark install -f cluster.yaml --traffic 'pod-a -> my-svc:80/http x100 every=100ms'",
    'tshark -i wirelay-node1-eth0 -c 5',
    'wireshark -C wirelay -k -i wirelay',
    '<%= config.bin %> tcpdump -i eth0 -U -w - | wireshark -C wirelay -k -i -',
  ];
  static override flags = {
    dir: Flags.string({
      description: "folder for the plugin (default: $WIRESHARK_EXTCAP_DIR, else Wireshark's personal one)",
      helpValue: 'DIR',
    }),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(WiresharkInstall);
    const {root} = this.config;
    await this.perform(async (io) => {
      const {runInstall} = await import('../../src/tools/wireshark/main.js');
      const command = [process.execPath, join(root, 'bin/run.js')];
      return runInstall({options: await this.sessionOptions(flags), dir: flags.dir, command}, io);
    });
  }
}
