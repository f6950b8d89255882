import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    '`iptables -L` and `-S` on a node: kube-proxy’s rules, with packet counters after the traffic';
  static override usage = 'iptables [-t TABLE] -L|-S [CHAIN [RULENUM]] [-n] [-v] [-x] [--line-numbers]';
  static override examples = [
    '<%= config.bin %> iptables -t nat -L KUBE-SERVICES -n',
    '<%= config.bin %> iptables -t nat -S',
    '<%= config.bin %> iptables -t nat -L -n -v --line-numbers --node node2',
  ];
}
