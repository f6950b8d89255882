import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'iproute2’s `ip` in a node or a pod: link, addr, route, neigh, rule';
  static override usage = 'ip [OPTIONS] link|addr|route|neigh|rule [show …]';
  static override examples = [
    '<%= config.bin %> ip -d link',
    '<%= config.bin %> ip route --pod pod-a',
    '<%= config.bin %> ip route get 10.32.2.20',
  ];
}
