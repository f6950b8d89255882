import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Export extends OwnCommand {
  static override description =
    'Write the frames of all or chosen capture points to a file, each with the hook that saw it, its verdict and cause';
  static override examples = [
    '<%= config.bin %> export -o demo.pcapng',
    "<%= config.bin %> export -o wire.pcap --format pcap --point node1:eth0 --traffic 'pod-a -> my-svc:80/http'",
    "<%= config.bin %> export -o - --filter 'udp port 6081' | wireshark -k -i -",
  ];
  static override flags = {
    output: Flags.string({char: 'o', required: true, description: 'file to write, - for stdout', helpValue: 'FILE'}),
    format: Flags.option({
      options: ['pcapng', 'pcap'] as const,
      default: 'pcapng' as const,
      description: 'file format',
    })(),
    point: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'capture point, repeatable (default: all); * stands for any',
      helpValue: 'NODE:[[NS/]POD:]DEVICE',
    }),
    filter: Flags.string({description: 'only frames that match this pcap-filter expression', helpValue: 'EXPRESSION'}),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Export);
    await this.performInSession(flags, async (session, io) => {
      const {exportFrames} = await import('../src/tools/export/export.js');
      const {output, format, point = [], filter} = flags;
      const frames = await exportFrames(session, {output, format, points: point, filter}, io);
      io.stderr.write(`${frames} frames written${output === '-' ? '' : ` to ${output}`}\n`);
      return 0;
    });
  }
}
