import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'The whole `cilium-dbg` tree under its old name';
  static override usage = 'cilium status|service|endpoint|identity|policy|node|ip|config|bpf …';
  static override examples = ['<%= config.bin %> cilium status', '<%= config.bin %> cilium ip list'];
}
