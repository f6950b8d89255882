import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Service map of a node: `cilium-dbg service list`';
  static override usage = 'service list [-o json]';
  static override examples = ['<%= config.bin %> service list', '<%= config.bin %> service list -o json --node node2'];
}
