import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Security identities: `cilium-dbg identity list`';
  static override usage = 'identity list [--endpoints] [-o json]';
  static override examples = ['<%= config.bin %> identity list'];
}
