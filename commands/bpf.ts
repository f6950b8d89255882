import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'The eBPF maps of a node: `cilium-dbg bpf …`';
  static override usage = 'bpf ipcache|lb|ct|nat|endpoint|policy|metrics … list';
  static override examples = [
    '<%= config.bin %> bpf ipcache list',
    '<%= config.bin %> bpf lb list --frontends',
    "<%= config.bin %> bpf ct list global --traffic 'pod-a -> my-svc:80/http'",
  ];
}
