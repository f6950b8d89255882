import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    '`dig` (BIND 9.18) from a pod or a node: questions to the cluster’s DNS, packet by packet';
  static override usage = 'dig [@SERVER] NAME [TYPE] [OPTIONS]';
  static override examples = [
    '<%= config.bin %> dig my-svc.default.svc.cluster.local --pod pod-a',
    '<%= config.bin %> dig +search +short my-svc --pod pod-a',
    '<%= config.bin %> dig @10.96.0.10 -x 10.96.10.50 +noall +answer --node node2',
  ];
}
