import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Graph extends OwnCommand {
  static override description =
    'Draw the cluster: services over pods over tunnels over nodes, or who may reach whom, or the layers a request passes';
  static override examples = [
    '<%= config.bin %> graph',
    '<%= config.bin %> graph --service my-svc -o svg > my-svc.svg',
    '<%= config.bin %> graph --reachability -n shop -f manifests/ -o mermaid',
    '<%= config.bin %> graph --group-by namespace -o dot | dot -Tpng > cluster.png',
    '<%= config.bin %> graph --stack',
    "<%= config.bin %> graph --flow 'pod-a my-svc:80' -o svg > flow.svg",
  ];
  static override flags = {
    output: outputFlag(['ascii', 'mermaid', 'dot', 'svg', 'drawio', 'json'], 'format; ascii is text of 80 columns'),
    reachability: Flags.boolean({description: 'who may reach whom, at which ports', exclusive: ['stack']}),
    stack: Flags.boolean({description: 'the layers that carry a request, with their addresses'}),
    flow: Flags.string({
      helpValue: "'FROM TO'",
      description: 'the way of one packet, over the nodes and between them; ends as `trace` takes them',
      exclusive: ['reachability', 'stack'],
    }),
    semantics: Flags.option({
      options: ['k8s', 'cilium'] as const,
      description: 'whose reading of the policies, with --reachability (default: cilium where one is Cilium’s)',
    })(),
    'group-by': Flags.option({
      options: ['node', 'namespace'] as const,
      description: 'what pods stand in (default: node; with --reachability namespace)',
    })(),
    namespace: Flags.string({char: 'n', helpValue: 'NS', description: 'only what is of this namespace'}),
    service: Flags.string({helpValue: '[NS/]NAME', description: 'only this service and the pods behind it'}),
    all: Flags.boolean({description: 'draw everything of a big cluster, instead of counting'}),
    plain: Flags.boolean({description: 'text with + - | only'}),
    ...sessionFlags,
    node: Flags.string({helpValue: 'NAME', description: 'only what is on this node'}),
    pod: Flags.string({helpValue: '[NS/]NAME', description: 'only this pod, its node and its services'}),
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Graph);
    await this.performInSession(flags, async (session, io) => {
      const {runGraph} = await import('../src/explain/graph/main.js');
      const {namespace, service, semantics, output, all, plain: ascii, flow} = flags;
      const picture = flags.reachability
        ? 'reachability'
        : flags.stack
          ? 'stack'
          : flow === undefined
            ? 'topology'
            : 'flow';
      const [byNode, byPod] = [flags.node !== undefined, flags.pod !== undefined];
      const groupBy = flags['group-by'];
      return runGraph(
        session,
        {picture, flow, namespace, service, semantics, groupBy, all, output, ascii, byNode, byPod},
        io,
      );
    });
  }
}
