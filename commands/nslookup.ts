import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`nslookup` (BIND 9.18) from a pod or a node: names as its resolv.conf completes them';
  static override usage = 'nslookup [-OPTION=VALUE…] NAME [SERVER]';
  static override examples = [
    '<%= config.bin %> nslookup my-svc --pod pod-a',
    '<%= config.bin %> nslookup 10.96.10.50 --pod pod-a',
    '<%= config.bin %> nslookup -type=SRV _dns._udp.kube-dns.kube-system.svc.cluster.local 10.96.0.10 --node node2',
  ];
}
