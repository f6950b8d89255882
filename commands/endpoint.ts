import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Endpoints of a node: `cilium-dbg endpoint list`';
  static override usage = 'endpoint list|get [-o json]';
  static override examples = ['<%= config.bin %> endpoint list --node node2'];
}
