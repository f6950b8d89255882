import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Status of a node’s Cilium agent, as `cilium-dbg status` prints it';
  static override usage = 'status [--brief] [--verbose] [--all-addresses] [--all-nodes] [-o json|yaml|jsonpath=…]';
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --verbose --node node2',
    '<%= config.bin %> status -o jsonpath={.routing}',
  ];
}
