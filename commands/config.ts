import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Configuration of the agent: `cilium-dbg config`';
  static override usage = 'config [-a] [-o json]';
  static override examples = ['<%= config.bin %> config -a'];
}
