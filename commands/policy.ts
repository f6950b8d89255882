import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'What the policies of a node select: `cilium-dbg policy selectors`';
  static override usage = 'policy selectors [-v] [-o json]';
  static override examples = ['<%= config.bin %> policy selectors --node node2'];
}
