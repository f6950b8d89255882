import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'The whole `cilium-dbg` tree';
  static override usage = 'cilium-dbg status|service|endpoint|identity|policy|node|ip|config|bpf …';
  static override examples = ['<%= config.bin %> cilium-dbg bpf ipcache list'];
}
