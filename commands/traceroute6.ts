import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`traceroute -6` under its other name';
  static override usage = 'traceroute6 [OPTIONS] HOST [PACKETLEN]';
  static override examples = ['<%= config.bin %> traceroute6 -n pod-b --pod pod-a --cluster fixtures/dual-stack.yaml'];
}
