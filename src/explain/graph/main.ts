/** `wirelay graph`: the picture that was asked for, in the format that was asked for. */
import type {Cluster} from '../../cluster/model.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import type {Semantics} from '../why/why.js';
import {graphAscii} from './ascii.js';
import {graphDot, graphDrawio, graphJson, graphMermaid} from './formats.js';
import {everything, type Graph, readable} from './model.js';
import {type ScopeRequest, scopeOf} from './scope.js';
import {graphSvg} from './svg.js';
import {type GroupBy, topologyGraph} from './topology.js';

export const graphFormats = ['ascii', 'mermaid', 'dot', 'svg', 'drawio', 'json'] as const;

export interface GraphRequest extends Omit<ScopeRequest, 'node' | 'pod'> {
  readonly picture: 'topology' | 'reachability' | 'stack' | 'flow';
  /** `FROM TO`, as `trace` takes them. */
  readonly flow: string | undefined;
  /** undefined: as the policies are. */
  readonly semantics: Semantics | undefined;
  readonly groupBy: GroupBy | undefined;
  readonly all: boolean;
  readonly output: (typeof graphFormats)[number];
  /** Text without box-drawing characters. */
  readonly ascii: boolean;
  /** The viewpoint's node and pod limit the picture: they were named. */
  readonly byNode: boolean;
  readonly byPod: boolean;
}

export async function runGraph(session: Session, request: GraphRequest, io: Io): Promise<number> {
  refuseIdle(request);
  const graph = await graphOf(session, request);
  io.stdout.write(draw(graph, request));
  return 0;
}

/** A flag that would say nothing about this picture is a mistake. */
function refuseIdle(request: GraphRequest): void {
  const {picture, semantics, groupBy, all, output, ascii, namespace, service, byNode, byPod} = request;
  const flat = picture === 'stack' || picture === 'flow';
  const limited = namespace !== undefined || service !== undefined || byNode || byPod;
  const idle = [
    semantics !== undefined && picture !== 'reachability' && '--semantics is for --reachability',
    groupBy !== undefined && flat && `--group-by is not for --${picture}`,
    all && flat && `--all is not for --${picture}`,
    picture === 'flow' && limited && 'a flow is drawn whole: no -n, --service, --node or --pod',
    ascii && output !== 'ascii' && '--plain is for -o ascii',
  ].find((message) => message !== false);
  if (idle) throw new UserError({message: idle});
}

async function flowOf({cluster}: Session, flow: string): Promise<Graph> {
  const [from, to, ...more] = flow.split(/\s+(?:->\s+)?/).filter(Boolean);
  if (from === undefined || to === undefined || more.length > 0)
    throw new UserError({message: `--flow ${flow}: expected FROM TO`, hint: "--flow 'pod-a my-svc:80'"});
  const [{createTracer}, {readQuestion}, {flowGraph}] = await Promise.all([
    import('../trace/trace.js'),
    import('../trace/peers.js'),
    import('./flow.js'),
  ]);
  return flowGraph(createTracer(cluster, false).ask(readQuestion(from, to, cluster)));
}

function semanticsOf({policies = []}: Cluster): Semantics {
  return policies.some(({kind}) => kind.startsWith('Cilium')) ? 'cilium' : 'k8s';
}

async function graphOf(session: Session, request: GraphRequest): Promise<Graph> {
  const {cluster, control} = session;
  const {namespace, service, byNode, byPod, picture, all} = request;
  const scope = scopeOf(cluster, {
    namespace,
    service,
    node: byNode ? session.node : undefined,
    pod: byPod ? session.pod : undefined,
  });
  if (picture === 'flow') return flowOf(session, request.flow ?? '');
  const limits = all ? everything : readable;
  switch (picture) {
    case 'topology':
      return topologyGraph(control, scope, request.groupBy ?? 'node', limits);
    case 'reachability': {
      const {reachabilityGraph} = await import('./reachability.js');
      return reachabilityGraph(
        cluster,
        scope,
        request.semantics ?? semanticsOf(cluster),
        request.groupBy ?? 'namespace',
        limits,
      );
    }
    case 'stack': {
      const {stackGraph} = await import('./stack.js');
      return stackGraph(control, scope);
    }
  }
}

function draw(graph: Graph, {output, ascii}: GraphRequest): string {
  switch (output) {
    case 'ascii':
      return graphAscii(graph, ascii);
    case 'mermaid':
      return graphMermaid(graph);
    case 'dot':
      return graphDot(graph);
    case 'svg':
      return graphSvg(graph);
    case 'drawio':
      return graphDrawio(graph);
    case 'json':
      return graphJson(graph);
  }
}
