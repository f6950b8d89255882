import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'tcpdump 4.99.3 on a simulated interface, or on a capture file';
  static override usage = 'tcpdump [OPTIONS] [-i DEVICE | -r FILE] [EXPRESSION]';
  static override examples = [
    '<%= config.bin %> tcpdump -nn -i eth0 udp port 6081',
    "<%= config.bin %> tcpdump -nn -vv -i eth0 --traffic 'pod-a -> pod-b/icmp'",
    '<%= config.bin %> tcpdump -nn -r capture.pcap',
  ];
}
