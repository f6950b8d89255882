import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description =
    '`kubectl` on the simulated cluster: get; in a session also exec, create, apply, delete, scale, label, expose';
  static override usage = 'kubectl COMMAND [-n NAMESPACE] …';
  static override examples = [
    '<%= config.bin %> kubectl get pods -A -o wide',
    '<%= config.bin %> run -- kubectl exec pod-a -- ping -c 1 10.32.2.20',
    "<%= config.bin %> run -- bash -c 'kubectl create service clusterip web --tcp=80:8080; cilium service list'",
  ];
}
