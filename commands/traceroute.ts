import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`traceroute` (Linux 2.1) from a pod or a node: who answers on the way, hop by hop';
  static override usage = 'traceroute [OPTIONS] HOST [PACKETLEN]';
  static override examples = [
    '<%= config.bin %> traceroute -n pod-b --pod pod-a',
    '<%= config.bin %> traceroute -n -I -q 1 10.0.0.6 --pod pod-a',
    '<%= config.bin %> traceroute -T -p 80 my-svc --node node1',
  ];
}
