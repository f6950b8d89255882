import {RawCommand} from '../src/cli/raw-command.js';
import {tcpdumpFlags} from '../src/cli/tcpdump-flags.js';

export default class extends RawCommand {
  static override summary = 'tcpdump 4.99.3 on a simulated interface, or on a capture file';
  static override description = [
    "Options, expressions, output and exit codes are tcpdump's and libpcap's; `wirelay tcpdump -h` prints their own usage.",
    'The long options below are ours: a filter on the innermost packet (--inner), filters by what the cluster knows (--identity,',
    '--from-pod, --to-pod, --service), names beside each line (--annotate), one flow at all interfaces (--follow-flow), JSON',
    '(--json). With -r they read real captures; --cluster says which cluster those are from.',
  ].join(' ');
  static override usage = 'tcpdump [OPTIONS] [-i DEVICE | -r FILE] [EXPRESSION]';
  static override flags = tcpdumpFlags;
  static override examples = [
    '<%= config.bin %> tcpdump -nn -i eth0 udp port 6081',
    "<%= config.bin %> tcpdump -nn -vv -i eth0 --traffic 'pod-a -> pod-b/icmp'",
    '<%= config.bin %> tcpdump -nn -r capture.pcap',
    {
      description: 'What is inside the tunnel, whatever the tunnel',
      command: "<%= config.bin %> tcpdump -nn -r capture.pcap --inner 'tcp port 8080'",
    },
    {
      description: 'Who talks, in a real capture, by the dump of its cluster',
      command: '<%= config.bin %> tcpdump -nn -r capture.pcap --cluster dump/ --annotate --service my-svc',
    },
    {
      description: 'One connection at every interface that it passes',
      command: '<%= config.bin %> tcpdump -nn --follow-flow --from-pod pod-a tcp',
    },
    {
      description: "Cilium's VXLAN decoded; one JSON object for each packet",
      command: '<%= config.bin %> tcpdump -nn -r capture.pcap --vxlan-port 8472 --json',
    },
  ];
}
