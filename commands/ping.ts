import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'iputils’ `ping` from a pod or a node, through the simulated datapath';
  static override usage = 'ping [OPTIONS] DESTINATION';
  static override examples = [
    '<%= config.bin %> ping -c 3 10.32.2.20 --pod pod-a',
    '<%= config.bin %> ping -c 1 -s 1400 pod-b --pod pod-a',
  ];
}
