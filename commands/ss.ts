import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`ss` (iproute2) of a pod or a node: its TCP and UDP sockets';
  static override usage = 'ss [OPTIONS] [FILTER]';
  static override examples = [
    '<%= config.bin %> ss -tln --pod pod-b',
    '<%= config.bin %> ss -tan state time-wait --pod pod-a',
    '<%= config.bin %> ss -lun --node node2',
  ];
}
