import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {colorFlag, outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Packet extends OwnCommand {
  static override description =
    'Draw a frame as RFCs draw headers, with its own values, offsets and bytes: out of a run, a capture file or a hex dump';
  static override examples = [
    '<%= config.bin %> packet --traffic "pod-a -> pod-b/icmp"',
    '<%= config.bin %> packet "udp port 6081" -i eth0 -n 3 --explain',
    '<%= config.bin %> packet -r capture.pcapng tcp -o svg > packet.svg',
    'tcpdump -xx -c 1 … | <%= config.bin %> packet --hex -',
    '<%= config.bin %> packet --hex "45 00 00 1c …" --raw -o json',
  ];
  static override args = {
    filter: Args.string({
      ignoreStdin: true,
      description: 'pcap-filter expression: draw the first frame that passes',
      default: '',
    }),
  };
  static override flags = {
    interface: Flags.string({char: 'i', description: 'device of the viewpoint (default: eth0)', helpValue: 'DEV'}),
    read: Flags.string({char: 'r', description: 'capture file, - for stdin', helpValue: 'FILE', exclusive: ['hex']}),
    hex: Flags.string({description: 'the frame as hex or as a hex dump, - for stdin', helpValue: 'HEX'}),
    raw: Flags.boolean({description: 'the hex begins with an IP header, not with Ethernet', dependsOn: ['hex']}),
    number: Flags.integer({char: 'n', description: 'which of the frames that pass', default: 1, min: 1}),
    explain: Flags.boolean({description: 'say what each field is for, and where that is written'}),
    ascii: Flags.boolean({description: 'draw with + - | only'}),
    output: outputFlag(['text', 'json', 'svg']),
    color: colorFlag,
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Packet);
    await this.perform(async (io) => {
      const [{createSession}, {runPacket}] = await Promise.all([
        import('../src/session/session.js'),
        import('../src/explain/packet/main.js'),
      ]);
      const foreign = flags.read !== undefined || flags.hex !== undefined;
      const session = foreign && !flags.cluster ? undefined : await createSession(await this.sessionOptions(flags), io);
      const {read, hex, raw, number, explain, ascii, output, interface: device} = flags;
      const color = flags.color === 'auto' ? io.color : flags.color === 'always';
      const {filter = ''} = args;
      return runPacket(session, {filter, read, hex, raw, number, explain, ascii, output, device, color}, io);
    });
  }
}
