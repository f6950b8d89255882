/** Kubernetes objects → the short forms of `spec.ts`. */
import type {SourcePosition} from '../term/error.js';
import {foreignGroup} from './api-groups.js';
import type {K8sEgressGatewayPolicy, K8sLocalRedirectPolicy} from './gateway-policies.js';
import {endpointsSpecs, sliceEndpoints, sliceSpec} from './kubernetes-endpoints.js';
import {podSpec} from './kubernetes-pods.js';
import type {
  K8sCiliumEndpoint,
  K8sCiliumEndpointSlice,
  K8sCiliumIdentity,
  K8sCiliumNode,
  K8sConfigMap,
  K8sEndpointSlice,
  K8sEndpoints,
  K8sNode,
  K8sPod,
  K8sService,
  K8sWorkload,
  Meta,
} from './kubernetes-shapes.js';
import {kubernetesShapes} from './kubernetes-shapes.js';
import {isPolicyKind, type PolicyObject} from './policy/read.js';
import {policyShapes} from './policy/shapes.js';
import type {Problems} from './problems.js';
import {check, isObject, type Path, pathText} from './shape.js';
import {placeOf, type SourceDocument} from './source.js';
import {
  type EndpointsSpec,
  type IdentitySpec,
  type Manifest,
  manifestKey,
  type NamespaceSpec,
  type NodeSpec,
  type PodSpec,
  type ServiceSpec,
} from './spec.js';
import {isWorkload, type PlacedWorkload, suffix} from './workloads.js';

/** What is gathered from all files, in the order met. */
export interface Gathered {
  readonly nodes: NodeSpec[];
  readonly namespaces: NamespaceSpec[];
  readonly pods: PodSpec[];
  readonly services: ServiceSpec[];
  readonly endpoints: EndpointsSpec[];
  readonly identities: IdentitySpec[];
  readonly workloads: PlacedWorkload[];
  readonly ciliumNodes: {readonly object: K8sCiliumNode; readonly where: SourcePosition}[];
  readonly ciliumEndpoints: (K8sCiliumEndpoint & {readonly where: SourcePosition})[];
  readonly configMaps: {readonly object: K8sConfigMap; readonly where: SourcePosition}[];
  /** Policies of all kinds, Ingress and Route objects: read by policy/read.ts. */
  readonly policies: PolicyObject[];
  readonly egressPolicies: {readonly object: K8sEgressGatewayPolicy; readonly where: SourcePosition}[];
  readonly redirectPolicies: {readonly object: K8sLocalRedirectPolicy; readonly where: SourcePosition}[];
  /** Kinds that are not read → how many, and the first one's place. */
  readonly skipped: Map<string, {count: number; where: SourcePosition}>;
  /** Every object as it stands, by `manifestKey`, whether its kind is read or not; undefined: not wanted. */
  readonly manifests?: Map<string, Manifest>;
}

export function createGathered(keep = false): Gathered {
  return {
    ...(keep ? {manifests: new Map()} : {}),
    nodes: [],
    namespaces: [],
    pods: [],
    services: [],
    endpoints: [],
    identities: [],
    workloads: [],
    ciliumNodes: [],
    ciliumEndpoints: [],
    configMaps: [],
    policies: [],
    egressPolicies: [],
    redirectPolicies: [],
    skipped: new Map(),
  };
}

export interface GatherContext {
  readonly out: Gathered;
  readonly problems: Problems;
  /** One object of this kind, whether it is read or not. */
  tally(kind: string): void;
}

/** One object, or a list of them. `path` is where in the document it is. */
export function gather(
  value: unknown,
  document: SourceDocument,
  path: Path,
  context: GatherContext,
  listKind?: string,
): void {
  const {out, problems, tally} = context;
  if (!isObject(value)) {
    const got = Array.isArray(value) ? 'a list' : 'a single value';
    const hint = typeof value === 'string' ? 'tables are for people: kubectl get … -o yaml prints objects' : undefined;
    problems.add(`expected an object with a kind, got ${got}`, document.locate(path), hint);
    return;
  }
  const kind = value.kind ?? (Array.isArray(value.items) && listKind !== undefined ? `${listKind}List` : listKind);
  if (typeof kind !== 'string') {
    problems.add(
      `${pathText(path) || 'document'}: field "kind" is missing`,
      document.locate(path),
      'every document is an object with apiVersion and kind',
    );
    return;
  }
  if (kind === 'List' || (kind.endsWith('List') && Array.isArray(value.items))) {
    const items = value.items ?? [];
    if (!Array.isArray(items)) {
      problems.add('items: expected a list', document.locate([...path, 'items']));
      return;
    }
    const itemKind = kind === 'List' ? undefined : kind.slice(0, -'List'.length);
    for (const [i, item] of items.entries()) gather(item, document, [...path, 'items', i], context, itemKind);
    return;
  }
  const where = placeOf(document, path);
  const title = foreignGroup(kind, value.apiVersion) ?? kind;
  tally(title);
  const shapes = isPolicyKind(kind) ? policyShapes : kubernetesShapes;
  const shape = title === kind && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  const object = named(value);
  if (object && title === kind) out.manifests?.set(manifestKey({...object.metadata, kind}), object);
  if (!shape) {
    const seen = out.skipped.get(title);
    if (seen) seen.count++;
    else out.skipped.set(title, {count: 1, where});
    return;
  }
  let ok = true;
  check(value, shape, path, (at, part, message, hint) => {
    ok = false;
    problems.add(`${kind} ${nameOf(value)}: ${message}`, document.locate(at, part), hint);
  });
  if (!ok) return;
  const wrong = object ? nameProblem(object.metadata) : 'field "metadata.name" is missing';
  if (!object || wrong !== undefined) problems.add(`${kind}: ${wrong}`, document.locate([...path, 'metadata', 'name']));
  else if (isPolicyKind(kind)) out.policies.push({kind, value: object, document, path});
  else convert(kind, object, where, out);
}

type Named = Readonly<Record<string, unknown>> & {
  readonly metadata: {readonly name: string; readonly namespace?: unknown};
};

/** With a name: its own, or one as the API server makes it of a prefix (k8s.io/apiserver pkg/storage/names). */
function named(value: Readonly<Record<string, unknown>>): Named | undefined {
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const {name, generateName} = metadata;
  if (typeof name === 'string' && name !== '') return value as Named;
  if (typeof generateName !== 'string' || generateName === '') return undefined;
  return {
    ...value,
    metadata: {...metadata, name: generateName + suffix(`${generateName} ${JSON.stringify(value)}`, 5)},
  };
}

/** API servers are stricter; what they can never have had is refused here. */
function nameProblem({name, namespace}: Named['metadata']): string | undefined {
  for (const text of [name, namespace])
    if (typeof text === 'string' && (text.length > 253 || !/^[!-.0-~]*$/.test(text)))
      return `${JSON.stringify(text)} is no name: expected letters, digits, - and .`;
  return undefined;
}

function nameOf(value: Readonly<Record<string, unknown>>): string {
  const meta = isObject(value.metadata) ? value.metadata : {};
  const name = typeof meta.name === 'string' ? meta.name : '?';
  return typeof meta.namespace === 'string' ? `${meta.namespace}/${name}` : name;
}

/** The shapes have checked what the casts say. */
function convert(kind: string, value: unknown, where: SourcePosition, out: Gathered): void {
  if (isWorkload(kind)) return void out.workloads.push({object: {...(value as K8sWorkload), kind}, where});
  switch (kind) {
    case 'Node':
      out.nodes.push(nodeSpec(value as K8sNode, where));
      return;
    case 'Namespace': {
      const {metadata} = value as {metadata: Meta};
      out.namespaces.push({name: metadata.name!, labels: metadata.labels ?? {}});
      return;
    }
    case 'Pod':
      out.pods.push(podSpec(value as K8sPod, where));
      return;
    case 'Service':
      out.services.push(serviceSpec(value as K8sService, where));
      return;
    case 'EndpointSlice':
      out.endpoints.push(...sliceSpec(value as K8sEndpointSlice, where));
      return;
    case 'Endpoints':
      out.endpoints.push(...endpointsSpecs(value as K8sEndpoints, where));
      return;
    case 'ConfigMap':
      out.configMaps.push({object: value as K8sConfigMap, where});
      return;
    case 'CiliumNode':
      out.ciliumNodes.push({object: value as K8sCiliumNode, where});
      return;
    case 'CiliumEndpoint':
      out.ciliumEndpoints.push({...(value as K8sCiliumEndpoint), where});
      return;
    case 'CiliumEndpointSlice':
      out.ciliumEndpoints.push(...sliceEndpoints(value as K8sCiliumEndpointSlice, where));
      return;
    case 'CiliumEgressGatewayPolicy':
      out.egressPolicies.push({object: value as K8sEgressGatewayPolicy, where});
      return;
    case 'CiliumLocalRedirectPolicy':
      out.redirectPolicies.push({object: value as K8sLocalRedirectPolicy, where});
      return;
    case 'CiliumIdentity': {
      const object = value as K8sCiliumIdentity;
      const id = Number(object.metadata.name);
      const labels = Object.entries(object['security-labels'] ?? {}).map(([key, text]) =>
        text === '' ? key : `${key}=${text}`,
      );
      if (Number.isInteger(id) && id > 0) out.identities.push({id, labels: labels.sort(), where, observed: true});
    }
  }
}

function nodeSpec({metadata, spec, status}: K8sNode, where: SourcePosition): NodeSpec {
  const addresses = (type: string) =>
    (status?.addresses ?? []).flatMap((item) => (item.type === type && item.address ? [item.address] : []));
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const info = status?.nodeInfo;
  const cpus = Number(status?.capacity?.cpu);
  const podCidrs = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
  return {
    name: metadata.name!,
    observed: true,
    where,
    ips: addresses('InternalIP'),
    externalIP: addresses('ExternalIP').filter((text) => text !== ''),
    ...(podCidrs.length > 0 ? {podCIDRs: podCidrs} : {}),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(spec?.taints?.length ? {taints: spec.taints} : {}),
    ready: (ready === undefined || ready.status === 'True') && !spec?.unschedulable,
    ...(Number.isInteger(cpus) && cpus > 0 ? {cpus} : {}),
    ...(info?.osImage ? {osImage: info.osImage} : {}),
    ...(info?.kernelVersion ? {kernelVersion: info.kernelVersion} : {}),
    ...(info?.containerRuntimeVersion ? {containerRuntime: info.containerRuntimeVersion} : {}),
    ...(info?.kubeletVersion ? {kubeletVersion: info.kubeletVersion} : {}),
  };
}

function serviceSpec(object: K8sService, where: SourcePosition): ServiceSpec {
  const {metadata, status} = object;
  const spec = object.spec ?? {};
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ip, ipMode}) =>
    // KEP-1860: with another mode than VIP, traffic has to pass the load balancer itself
    ip && (ipMode === undefined || ipMode === 'VIP') ? [ip] : [],
  );
  const {type, ipFamilyPolicy, ipFamilies, internalTrafficPolicy, externalTrafficPolicy, sessionAffinity} = spec;
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : undefined;
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return {
    name: metadata.name!,
    namespace: metadata.namespace ?? 'default',
    observed: true,
    where,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(type ? {type} : {}),
    ...(clusterIPs ? {clusterIPs} : {}),
    ...(ipFamilyPolicy ? {ipFamilyPolicy} : {}),
    ...(ipFamilies ? {ipFamilies} : {}),
    ...(spec.externalIPs ? {externalIPs: spec.externalIPs} : {}),
    ...(ingress.length > 0 ? {loadBalancerIP: ingress} : {}),
    ...(spec.loadBalancerSourceRanges ? {loadBalancerSourceRanges: spec.loadBalancerSourceRanges} : {}),
    ports: (spec.ports ?? []).map((port) => ({...port, protocol: port.protocol ?? 'TCP'})),
    ...(spec.selector && Object.keys(spec.selector).length > 0 ? {selector: spec.selector} : {}),
    ...(spec.externalName ? {externalName: spec.externalName} : {}),
    ...(sessionAffinity ? {sessionAffinity} : {}),
    ...(timeout ? {sessionAffinityTimeout: timeout} : {}),
    ...(internalTrafficPolicy ? {internalTrafficPolicy} : {}),
    ...(externalTrafficPolicy ? {externalTrafficPolicy} : {}),
    ...(spec.healthCheckNodePort ? {healthCheckNodePort: spec.healthCheckNodePort} : {}),
    ...(spec.publishNotReadyAddresses ? {publishNotReadyAddresses: true} : {}),
    ...(spec.loadBalancerClass ? {loadBalancerClass: spec.loadBalancerClass} : {}),
    ...(spec.allocateLoadBalancerNodePorts === false ? {allocateLoadBalancerNodePorts: false} : {}),
    ...(spec.trafficDistribution ? {trafficDistribution: spec.trafficDistribution} : {}),
  };
}

/** Of two dumps together everything comes twice. */
const MOST_TOLD = 5;

/** Of objects that come twice the later counts, as when one is applied over the other. */
export function latest<T extends {readonly name: string; readonly namespace?: string; readonly where?: SourcePosition}>(
  kind: string,
  items: readonly T[],
  problems: Problems,
): T[] {
  const byKey = new Map<string, T>();
  let more = 0;
  let told = 0;
  for (const item of items) {
    const key = `${item.namespace ?? ''}/${item.name}`;
    if (byKey.has(key)) {
      if (told++ < MOST_TOLD)
        problems.note('warning', `${kind} ${key.replace(/^\//, '')} is defined twice: this one counts`, item.where);
      else more++;
    }
    byKey.set(key, item);
  }
  if (more > 0) problems.note('warning', `${more} more ${kind}s are defined twice: of each the later counts`);
  return [...byKey.values()];
}
