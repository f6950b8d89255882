import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Nodes as an agent knows them: `cilium-dbg node list`';
  static override usage = 'node list [-o json]';
  static override examples = ['<%= config.bin %> node list'];
}
