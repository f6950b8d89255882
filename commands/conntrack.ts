import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    '`conntrack` (conntrack-tools) of a node: what its kernel tracks, under kube-proxy all of it';
  static override usage = 'conntrack -L|-C [OPTIONS]';
  static override examples = [
    '<%= config.bin %> conntrack -L -p tcp --node node2',
    '<%= config.bin %> conntrack -L -d 10.96.10.50 -o extended',
    '<%= config.bin %> conntrack -C --node node1',
  ];
}
