import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = 'Write the frames of capture points to a pcapng or pcap file';
  static override usage =
    'export [-o FILE|-] [--point NODE[:POD]:DEVICE]… [--format pcapng|pcap] [--filter EXPRESSION]';
  static override examples = [
    '<%= config.bin %> export -o demo.pcapng',
    '<%= config.bin %> export --point node1:eth0 --format pcap -o - | wireshark -k -i -',
  ];
}
