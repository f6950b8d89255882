import {OwnCommand} from '../../src/cli/own-command.js';

export default class WiresharkUninstall extends OwnCommand {
  static override description =
    'Take away what `wireshark install` wrote; files that were changed since are kept (exit 1: some are)';
  static override examples = ['<%= config.bin %> wireshark uninstall'];

  async run(): Promise<void> {
    await this.parse(WiresharkUninstall);
    await this.perform(async (io) => {
      const {uninstall} = await import('../../src/tools/wireshark/main.js');
      return uninstall(io);
    });
  }
}
