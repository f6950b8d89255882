import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`nc` (OpenBSD netcat) from a pod or a node: TCP and UDP over the simulated network';
  static override usage = 'nc [OPTIONS] HOST PORT…';
  static override examples = [
    '<%= config.bin %> nc -zv my-svc 80 --pod pod-a',
    '<%= config.bin %> nc -zvu 10.96.0.10 53 --node node2',
    "printf 'hello\\n' | <%= config.bin %> nc -N pod-b 8080 --pod pod-a",
  ];
}
