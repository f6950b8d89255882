import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Flows of a run, as `hubble observe` prints them';
  static override usage =
    'hubble observe [--pod|--from-pod|--to-pod POD] [--verdict VERDICT] [--type TYPE] [-o compact|dict|json|table]';
  static override examples = [
    "<%= config.bin %> hubble observe --traffic 'pod-a -> pod-b:8080/tcp'",
    '<%= config.bin %> hubble observe --verdict DROPPED --print-policy-names --cluster cluster.yaml',
    "<%= config.bin %> hubble observe -o jsonpb --all --traffic 'pod-a -> pod-b/icmp' > flows.jsonl",
  ];
}
