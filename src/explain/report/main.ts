/** `wirelay report`: the cluster on one page. */
import {renameSync, rmSync, writeFileSync} from 'node:fs';
import {resolve as resolvePath} from 'node:path';
import type {Loaded} from '../../cluster/load.js';
import type {Cluster, TrafficSpec} from '../../cluster/model.js';
import type {SessionOptions} from '../../session/options.js';
import {openDefinition, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {formatPrefix} from '../../wire/addr.js';
import {
  measureServices,
  pairOfPods,
  type ServiceResult,
  serviceCapacity,
  translations,
  withServices,
} from '../compare/compare.js';
import {comparisonSvg} from '../compare/svg.js';
import {readable} from '../graph/model.js';
import {scopeOf} from '../graph/scope.js';
import {graphSvg} from '../graph/svg.js';
import {topologyGraph} from '../graph/topology.js';
import {lint} from '../lint/lint.js';
import type {Trace} from '../trace/model.js';
import {createTracer} from '../trace/trace.js';
import {addressingSection} from './addressing.js';
import {findingsSection} from './findings.js';
import {picture, type Section, scrolling, text} from './html.js';
import {matrixSection} from './matrix.js';
import {pageHtml} from './page.js';
import {servicesSection} from './services.js';
import {walkSection} from './walk.js';

export interface ReportRequest {
  readonly session: SessionOptions;
  /** `-` = stdout. */
  readonly output: string;
  /** Walks at most. */
  readonly walks: number;
}

export async function runReport(request: ReportRequest, io: Io): Promise<number> {
  const {loaded, session} = await openDefinition(request.session, io);
  const html = report(loaded, session, request.walks);
  if (request.output === '-') io.stdout.write(html);
  else replaceFile(resolvePath(io.cwd, request.output), html);
  return 0;
}

export function report(loaded: Loaded, session: Session, walks: number): string {
  const {cluster} = session;
  const findings = lint({definition: loaded.definition, options: loaded.options, platform: undefined});
  const sections = [
    addressingSection(cluster),
    topologySection(session),
    servicesSection(cluster),
    matrixSection(cluster),
    findingsSection(findings),
    walkSection(tracesOf(session, walks), cluster),
    ...comparisonSection(cluster),
  ];
  return pageHtml({title: `Cluster ${cluster.name}`, summary: summary(cluster), sections});
}

function summary(cluster: Cluster): string {
  const {cilium, kubeProxy, kubernetes, nodes, pods, services} = cluster;
  const rows: readonly (readonly [string, string])[] = [
    ['read from', cluster.source],
    ['Kubernetes', `${kubernetes.version} ${kubernetes.platform}`],
    ['dataplane', cluster.dataplane === 'cilium' ? `Cilium ${cilium.version}` : `kube-proxy (${kubeProxy.mode})`],
    ['routing', cilium.routingMode === 'tunnel' ? `${cilium.tunnelProtocol}, UDP ${cilium.tunnelPort}` : 'native'],
    ['MTU', `${cluster.underlay.mtu} between nodes`],
    ['size', `${nodes.length} nodes, ${pods.length} pods, ${services.length} services`],
    ['pods', cluster.podCidrs.map(formatPrefix).join(', ')],
    ['services', cluster.serviceCidrs.map(formatPrefix).join(', ')],
  ];
  return `<dl class="summary">${rows.map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`).join('')}</dl>`;
}

function topologySection({cluster, control}: Session): Section {
  const scope = scopeOf(cluster, {namespace: undefined, service: undefined, node: undefined, pod: undefined});
  const graph = topologyGraph(control, scope, 'node', readable);
  return {id: 'topology', title: 'Topology', body: scrolling('Topology', picture(graphSvg(graph), graph.description))};
}

/** One packet of each line of traffic, each pair of ends once. */
function tracesOf({cluster, traffic}: Session, walks: number): Trace[] {
  const tracer = createTracer(cluster, false);
  const seen = new Set<string>();
  const traces: Trace[] = [];
  for (const spec of traffic) {
    const trace = traces.length < walks ? tracer.ask({spec: firstOf(spec), notes: []}) : undefined;
    if (!trace) break;
    const key = `${trace.from} ${trace.to} ${spec.protocol} ${spec.port}`;
    if (!seen.has(key)) traces.push(trace);
    seen.add(key);
  }
  return traces;
}

function firstOf(spec: TrafficSpec): TrafficSpec {
  return {...spec, count: 1, at: 0};
}

const counts = [10, 100, 1000];
const ENDPOINTS = 4;
const SAMPLES = 11;

/** Nothing to compare where there are no two pods on different nodes. */
function comparisonSection(cluster: Cluster): Section[] {
  if (!pairOfPods(cluster)) return [];
  const fitting = counts.filter((count) => count <= serviceCapacity(cluster));
  const services = fitting.flatMap((count) => {
    const bigger = withServices(cluster, count, ENDPOINTS);
    return translations.flatMap((translation): ServiceResult[] => {
      const result = measureServices(bigger, translation, SAMPLES);
      return result ? [result] : [];
    });
  });
  if (services.length === 0) return [];
  const svg = comparisonSvg({cluster: cluster.name, endpoints: ENDPOINTS, carried: [], services});
  const words = services
    .filter((result) => result.services === fitting.at(-1))
    .map(({translation, traversed, lookups}) => `${translation} ${traversed.worst + lookups.worst}`);
  const description = `Work of a new connection's first packet against the number of services; at ${fitting.at(-1)} services, rules and look-ups of the worst: ${words.join(', ')}`;
  return [{id: 'comparison', title: 'Comparison', body: scrolling('Comparison', picture(svg, description))}];
}

/** Written beside and renamed: there is never half a report. */
function replaceFile(path: string, html: string): void {
  const beside = `${path}.wirelay-${process.pid}`;
  try {
    writeFileSync(beside, html, {flag: 'wx'});
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, {force: true});
    throw new UserError({message: `cannot write ${path}: ${(error as Error).message}`});
  }
}
