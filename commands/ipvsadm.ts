import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`ipvsadm -L` and `-S` on a node: the virtual servers of kube-proxy in IPVS mode';
  static override usage = 'ipvsadm -L|-S [-n] [-c|--stats|--persistent-conn|--timeout] [--exact]';
  static override examples = [
    '<%= config.bin %> ipvsadm -Ln',
    '<%= config.bin %> ipvsadm -Lnc --node node2',
    '<%= config.bin %> ipvsadm -Ln --stats',
  ];
}
