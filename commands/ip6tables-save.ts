import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`ip6tables-save` on a node: kube-proxy’s IPv6 rules, as ip6tables-restore takes them';
  static override usage = 'ip6tables-save [-t TABLE] [-c] [-f FILE]';
  static override examples = [
    '<%= config.bin %> ip6tables-save --node node1',
    '<%= config.bin %> ip6tables-save -t nat -c',
  ];
}
