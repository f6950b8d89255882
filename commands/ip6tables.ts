import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    '`ip6tables -L` and `-S` on a node: kube-proxy’s IPv6 rules, with packet counters after the traffic';
  static override usage = 'ip6tables [-t TABLE] -L|-S [CHAIN [RULENUM]] [-n] [-v] [-x] [--line-numbers]';
  static override examples = [
    '<%= config.bin %> ip6tables -t nat -L KUBE-SERVICES -n',
    '<%= config.bin %> ip6tables -t nat -S',
    '<%= config.bin %> ip6tables -t nat -L -n -v --line-numbers --node node2',
  ];
}
