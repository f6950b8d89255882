import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    'Events of a node’s eBPF programs, as `cilium-dbg monitor` prints them: traces, drops, policy verdicts';
  static override usage = 'monitor [-t TYPE]… [-v] [-j] [--hex] [-n] [--from|--to|--related-to ENDPOINT]';
  static override examples = [
    "<%= config.bin %> monitor --traffic 'pod-a -> pod-b:8080/tcp'",
    '<%= config.bin %> monitor -t drop -t policy-verdict --node node2 --cluster cluster.yaml',
    "<%= config.bin %> monitor -j --traffic 'pod-a -> pod-b/icmp' | jq .traceSummary",
  ];
}
