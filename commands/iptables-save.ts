import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`iptables-save` on a node: kube-proxy’s rules, as iptables-restore takes them';
  static override usage = 'iptables-save [-t TABLE] [-c] [-f FILE]';
  static override examples = [
    '<%= config.bin %> iptables-save --node node1',
    '<%= config.bin %> iptables-save -t nat -c',
  ];
}
