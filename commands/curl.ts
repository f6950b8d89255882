import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`curl` from a pod or a node: HTTP over the simulated network';
  static override usage = 'curl [OPTIONS] URL…';
  static override examples = [
    '<%= config.bin %> curl my-svc --pod pod-a',
    '<%= config.bin %> curl -sv -m 2 10.96.10.50:80 --node node2',
    "<%= config.bin %> curl -s -o /dev/null -w '%{http_code} %{time_total}' pod-b:8080 --pod pod-a",
  ];
}
