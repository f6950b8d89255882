import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {colorFlag, outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Trace extends OwnCommand {
  static override description =
    'Follow one packet and its answer hop by hop: what each program looked up, decided and changed, and why it ended there (exit 1: denied or dropped)';
  static override examples = [
    '<%= config.bin %> trace pod-a my-svc:80',
    '<%= config.bin %> trace shop/web shop/db:5432/tcp -f cluster.yaml --permit-all',
    '<%= config.bin %> trace deploy/web 203.0.113.9:443 -f manifests/ -o mermaid',
    '<%= config.bin %> trace pod-a pod-b:8080/udp --packets -w hops.pcapng',
    "printf 'pod-a pod-b\\npod-a my-svc:80\\n' | <%= config.bin %> trace --each - -o json",
  ];
  static override args = {
    from: Args.string({ignoreStdin: true, description: '[ns/]pod, node/NAME, deploy/NAME, address'}),
    to: Args.string({
      ignoreStdin: true,
      description: 'the same, a service or its DNS name, with [:PORT][/icmp|udp|tcp|http|dns]; no port: ping',
    }),
  };
  static override flags = {
    each: Flags.string({
      description: 'trace a line FROM TO of this file each, - for stdin; with -o json one line of JSON each',
      helpValue: 'FILE',
    }),
    output: outputFlag(
      ['text', 'json', 'mermaid', 'svg', 'ascii'],
      'format; mermaid, svg and ascii are sequence diagrams',
    ),
    packets: Flags.boolean({description: 'show the bytes of the frame at each hop'}),
    write: Flags.string({
      char: 'w',
      description: 'write the frames of all hops to a pcapng file, - for stdout',
      helpValue: 'FILE',
      exclusive: ['each'],
    }),
    'permit-all': Flags.boolean({description: 'go on past what policy denies, and say so'}),
    color: colorFlag,
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Trace);
    await this.performInSession(flags, async (session, io) => {
      const {runTrace} = await import('../src/explain/trace/main.js');
      const {each, output, packets, write, color} = flags;
      const colored = color === 'auto' ? io.color : color === 'always';
      const {from, to} = args;
      const permitAll = flags['permit-all'];
      return runTrace(session, {from, to, each, output, packets, write, permitAll, color: colored}, io);
    });
  }
}
