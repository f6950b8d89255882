import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Ladder extends OwnCommand {
  static override description =
    'A capture file as a sequence diagram: hosts or capture points, what passes between them, and the tunnels around it';
  static override examples = [
    '<%= config.bin %> ladder -r capture.pcapng',
    '<%= config.bin %> ladder -r capture.pcapng --filter "udp port 6081" -o mermaid',
    '<%= config.bin %> ladder -r capture.pcapng --follow 12 -o svg > flow.svg',
    '<%= config.bin %> trace pod-a my-svc:80 -w - | <%= config.bin %> ladder -r - --columns hosts -f cluster.yaml',
  ];
  static override flags = {
    read: Flags.string({char: 'r', required: true, helpValue: 'FILE', description: 'capture file, - for stdin'}),
    filter: Flags.string({
      helpValue: 'EXPR',
      default: '',
      description: 'only frames that this pcap-filter expression matches',
    }),
    follow: Flags.integer({
      helpValue: 'N',
      min: 1,
      description: 'only the connection that frame N of the file is of, both ways and under all its addresses',
    }),
    columns: Flags.option({
      options: ['hosts', 'points'] as const,
      description: 'who stands side by side (default: points where the file names several interfaces)',
    })(),
    count: Flags.integer({char: 'c', default: 200, min: 1, helpValue: 'N', description: 'frames to show at most'}),
    output: outputFlag(['ascii', 'mermaid', 'svg', 'json']),
    plain: Flags.boolean({description: 'text with + - | only'}),
    cluster: sessionFlags.cluster,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Ladder);
    await this.perform(async (io) => {
      const [{openCluster}, {runLadder}] = await Promise.all([
        import('../src/session/session.js'),
        import('../src/explain/ladder/main.js'),
      ]);
      const cluster = flags.cluster ? await openCluster(await this.sessionOptions(flags), io) : undefined;
      return runLadder(cluster, flags, io);
    });
  }
}
