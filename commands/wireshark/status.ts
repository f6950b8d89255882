import {OwnCommand} from '../../src/cli/own-command.js';
import {outputFlag} from '../../src/cli/session-flags.js';

export default class WiresharkStatus extends OwnCommand {
  static override description =
    'What `wireshark install` wrote, and whether it is still as it was (exit 1: something is changed or missing)';
  static override examples = ['<%= config.bin %> wireshark status', '<%= config.bin %> wireshark status -o json'];
  static override flags = {
    output: outputFlag(['text', 'json']),
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(WiresharkStatus);
    await this.perform(async (io) => {
      const {status} = await import('../../src/tools/wireshark/main.js');
      return status(io, flags.output);
    });
  }
}
