import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`ping -6` under its old name';
  static override usage = 'ping6 [OPTIONS] DESTINATION';
  static override examples = ['<%= config.bin %> ping6 -c 1 pod-b --pod pod-a --cluster fixtures/dual-stack.yaml'];
}
