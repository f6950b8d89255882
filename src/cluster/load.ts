/** Files → Cluster. The parts that only files need are loaded when there are files. */
import type {SourcePosition} from '../term/error.js';
import {UserError} from '../term/error.js';
import {rawSettings} from './cilium-config.js';
import {DEMO_NAME, definitionOf, demoCluster, demoSpec} from './demo.js';
import {discover, listFiles} from './discover.js';
import {withFacts} from './facts.js';
import type {Gathered} from './kubernetes.js';
import type {Cluster} from './model.js';
import {countNodes, DEFAULT_NODES, impliedNodes} from './nodes.js';
import {createProblems, type Problems} from './problems.js';
import type {ReadObjects} from './read-objects.js';
import {type ResolveOptions, resolve} from './resolve.js';
import type {Path} from './shape.js';
import {lazyPosition, type SourceDocument} from './source.js';
import type {ClusterSpec, Definition, NodeSpec, PodSpec} from './spec.js';

export interface LoadInput {
  readonly paths: readonly string[];
  /** `--set PATH=VALUE`, in order. */
  readonly sets: readonly string[];
  readonly seed?: number | undefined;
  /** `--nodes N`: how many to make where the definition has none. */
  readonly nodes?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Keep the Kubernetes objects as they stand. */
  readonly keep?: boolean;
  readStdin(): Uint8Array;
}

/** What the input says, and how the rest is to be filled in. */
export interface Loaded {
  readonly definition: Definition;
  readonly options: ResolveOptions;
}

/** The one way in: finds, reads, checks and completes a definition. Throws a UserError with everything that is wrong. */
export async function loadCluster(input: LoadInput): Promise<Cluster> {
  if (input.sets.length === 0 && input.nodes === undefined && discover(input).how === 'demo')
    return demoCluster(resolveOptions(input));
  const {definition, options} = await loadDefinition(input);
  return resolve(definition, options);
}

/** As `loadCluster`, but not completed: what a session changes while it goes on. */
export async function loadDefinition(input: LoadInput): Promise<Loaded> {
  const found = discover(input);
  const options = resolveOptions(input);
  const problems = createProblems();
  if (found.how === 'demo')
    return {definition: await readDefinition(await demoObjects(), input, 'demo', problems), options};
  const aside: [string, string][] = [];
  const files = listFiles(found.paths, input.cwd, problems, (...left) => aside.push(left));
  const {readObjects} = await import('./read-objects.js');
  const read = await readObjects(files, input.readStdin, problems, aside, input.keep);
  return {definition: await readDefinition(read, input, found.paths.join(', '), problems), options};
}

function resolveOptions({seed, env}: LoadInput): ResolveOptions {
  const text = env.SOURCE_DATE_EPOCH;
  if (text && !/^\d{1,12}$/.test(text))
    throw new UserError({message: `SOURCE_DATE_EPOCH: expected seconds since 1970, got ${JSON.stringify(text)}`});
  return {...(seed === undefined ? {} : {seed}), ...(text ? {epoch: Number(text)} : {})};
}

async function demoObjects(): Promise<ReadObjects> {
  const {createGathered} = await import('./kubernetes.js');
  const value = {apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', metadata: {name: DEMO_NAME}, spec: demoSpec};
  return {
    gathered: createGathered(),
    own: {file: 'demo', value, locate: () => ({file: 'demo'})},
    summary: {files: []},
  };
}

/** Objects → what they say, checked. Ends with all problems of all files at once. */
async function readDefinition(
  {gathered: out, own, summary}: ReadObjects,
  {sets, nodes: count}: Pick<LoadInput, 'sets' | 'nodes'>,
  source: string,
  problems: Problems,
): Promise<Definition> {
  const [{latest}, {mergeCilium}] = await Promise.all([import('./kubernetes.js'), import('./cilium-objects.js')]);
  const {name, locate, ...document} = await ownDocument(own, sets, problems);
  let {spec} = document;
  if (problems.found.length > 0) checkOptions(spec, locate, problems);
  problems.throwIfAny();
  for (const [kind, {count, where}] of out.skipped)
    problems.note('skipped', `${count} ${kind} object${count === 1 ? '' : 's'} not read`, where);
  const policies = await policiesOf(out, problems);
  problems.throwIfAny();
  const merged = mergeCilium({
    ...out,
    nodes: latest('node', out.nodes, problems),
    pods: latest('pod', out.pods, problems),
  });
  if (count !== undefined) {
    if (spec.nodes !== undefined || merged.nodes.length > 0)
      throw new UserError({
        message: `--nodes ${count}: the definition has nodes of its own`,
        hint: 'leave --nodes out',
      });
    spec = {...spec, nodes: count};
  }
  const base = definitionOf(name ?? (own ? 'cluster' : 'kubernetes'), source, await withFacts(spec, out));
  const place = <T extends object>(items: readonly T[], key: string): T[] =>
    items.map((item, i) => ({...item, where: locate(['spec', key, i])}));
  const nodes = [...place(base.nodes, 'nodes'), ...merged.nodes];
  const workers = await workloadPods(out, [...base.pods, ...merged.pods], nodes, spec, problems);
  problems.throwIfAny();
  const ciliumConfig = out.configMaps.find(({object}) => object.metadata.name === 'cilium-config');
  return {
    ...base,
    own: own !== undefined || sets.length > 0,
    locate,
    nodes,
    namespaces: out.namespaces,
    pods: [...place(base.pods, 'pods'), ...merged.pods, ...workers],
    templates: await templatesOf(out, [...base.pods, ...merged.pods]),
    services: [...place(base.services, 'services'), ...latest('service', out.services, problems)],
    endpoints: out.endpoints,
    identities: out.identities,
    ...policies,
    ...(await gatewayPolicies(out, problems)),
    ciliumConfig: ciliumConfig && {data: ciliumConfig.object.data ?? {}, where: ciliumConfig.where},
    notes: problems.notes,
    summary,
    ...(out.manifests ? {manifests: out.manifests} : {}),
  };
}

async function templatesOf({workloads}: Gathered, pods: readonly PodSpec[]): Promise<PodSpec[]> {
  if (workloads.length === 0) return [];
  return (await import('./workloads.js')).workloadTemplates(workloads, pods);
}

async function gatewayPolicies(
  {egressPolicies, redirectPolicies}: Gathered,
  problems: Problems,
): Promise<Pick<Definition, 'egressPolicies' | 'redirectPolicies'>> {
  if (egressPolicies.length + redirectPolicies.length === 0) return {};
  const {acceptedEgress, readEgressGateway, readLocalRedirect} = await import('./gateway-policies.js');
  const egress = acceptedEgress(
    egressPolicies.map(({object, where}) => readEgressGateway(object, where, problems)),
    problems,
  );
  problems.throwIfAny();
  const redirects = redirectPolicies.flatMap(({object, where}) => readLocalRedirect(object, where, problems) ?? []);
  return {egressPolicies: egress, redirectPolicies: redirects};
}

/** Pods of workloads that have none in the input, on the nodes that there are going to be. */
export async function workloadPods(
  {workloads}: Gathered,
  pods: readonly PodSpec[],
  nodes: readonly NodeSpec[],
  spec: ClusterSpec,
  problems: Problems,
): Promise<PodSpec[]> {
  if (workloads.length === 0) return [];
  const {expandWorkloads} = await import('./workloads.js');
  const stated = nodes.length > 0 ? nodes : typeof spec.nodes === 'number' ? [] : impliedNodes(pods);
  const count = typeof spec.nodes === 'number' ? spec.nodes : DEFAULT_NODES;
  const names = (stated.length > 0 ? stated : countNodes(count, [])).map((node) => node.name);
  return expandWorkloads(workloads, pods, names, problems);
}

export async function policiesOf(
  {policies}: Gathered,
  problems: Problems,
): Promise<Pick<Definition, 'policies' | 'ingresses'>> {
  if (policies.length === 0) return {};
  const {readIngresses, readPolicies} = await import('./policy/read.js');
  return {policies: readPolicies(policies, problems), ingresses: readIngresses(policies)};
}

/** With other problems around, resolving never comes to the Cilium options: they are looked at here, to be told at once. */
function checkOptions(spec: ClusterSpec, locate: Definition['locate'], problems: Problems): void {
  if (typeof spec.cilium !== 'object' || spec.cilium === null || Array.isArray(spec.cilium)) return;
  const own = createProblems();
  // what is no scalar is told by its shape
  const cilium = Object.fromEntries(Object.entries(spec.cilium).filter(([, value]) => typeof value !== 'object'));
  rawSettings({...definitionOf('', '', {cilium}), locate}, 'cilium', own);
  for (const {message, where, hint} of own.found) problems.add(message, where, hint);
}

interface Own {
  readonly spec: ClusterSpec;
  readonly name: string | undefined;
  readonly locate: Definition['locate'];
}

async function ownDocument(own: SourceDocument | undefined, sets: readonly string[], problems: Problems): Promise<Own> {
  if (!own && sets.length === 0) return {spec: {}, name: undefined, locate: () => undefined};
  const [{applySets}, {check}, {API_VERSION, clusterShape}] = await Promise.all([
    import('./set.js'),
    import('./shape.js'),
    import('./schema.js'),
  ]);
  const start = own?.value ?? {apiVersion: API_VERSION, kind: 'Cluster'};
  const applied = await applySets(start, sets, problems);
  const locate = (path: Path, part: 'key' | 'value' = 'value'): SourcePosition | undefined =>
    applied.locate(path) ?? own?.locate(path, part);
  check(applied.value, clusterShape, [], (path, part, message, hint) =>
    problems.add(message, locate(path, part), hint),
  );
  const value = withoutNulls(applied.value) as {
    readonly metadata?: {readonly name?: string};
    readonly spec?: ClusterSpec;
  };
  return {
    spec: value.spec ?? {},
    name: value.metadata?.name,
    locate: (path, part) => {
      const set = applied.locate(path);
      return set ?? (own && lazyPosition(own, path, part));
    },
  };
}

/** `field:` with nothing behind it is a field that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  );
}
