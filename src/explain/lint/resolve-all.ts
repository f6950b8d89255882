/** A definition → a cluster whatever is wrong with it: what the loader refuses is taken away, so that all the rest can be looked at. */
import type {Cluster} from '../../cluster/model.js';
import {type ResolveOptions, resolve} from '../../cluster/resolve.js';
import type {ClusterSpec, Definition, NodeSpec, PodSpec, ServiceSpec} from '../../cluster/spec.js';
import {type Problem, type SourcePosition, UserError} from '../../term/error.js';
import type {Found} from './model.js';

/** In the first rounds the fields that are refused go, then the objects. */
const ROUNDS = 10;
const GENTLE_ROUNDS = 2;

/** Throws where nothing is left to look at. */
export function resolveAll(
  definition: Definition,
  options: ResolveOptions,
): {readonly cluster: Cluster; readonly problems: readonly Found[]} {
  const problems = new Map<string, Problem>();
  let rest = withNodes(definition);
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return {cluster: resolve(rest, options), problems: [...problems.values()].map(asFound)};
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const problem of error.problems)
        if (!/more problems of the same input$/.test(problem.message)) problems.set(problem.message, problem);
      rest = without(rest, error.problems, round < GENTLE_ROUNDS);
    }
  }
  throw new UserError([...problems.values()]);
}

function asFound({message, where, hint}: Problem): Found {
  return {message: hint === undefined ? message : `${message} (${hint})`, fatal: true, ...(where ? {where} : {})};
}

/** Nodes that hold the pods, where nobody says how many there are. A third one is there anyway. */
const PODS_PER_NODE = 100;
const FEWEST = 3;

function withNodes(definition: Definition): Definition {
  const {spec, nodes, pods} = definition;
  if (nodes.length > 0 || spec.nodes !== undefined || pods.some(({node}) => node !== undefined)) return definition;
  const count = pods.reduce((sum, {replicas = 1}) => sum + replicas, 0);
  const needed = Math.ceil(count / PODS_PER_NODE);
  return needed > FEWEST ? {...definition, spec: {...spec, nodes: needed}} : definition;
}

interface Placed {
  readonly where?: SourcePosition;
  readonly name: string;
  readonly namespace?: string;
}

function without(definition: Definition, problems: readonly Problem[], gentle: boolean): Definition {
  const byPlace = new Map<SourcePosition, string>();
  for (const {where, message} of problems) if (where) byPlace.set(where, `${byPlace.get(where) ?? ''}${message}\n`);
  const mend = <T extends Placed>(kind: string, items: readonly T[], strip: (item: T, said: string) => T): T[] =>
    items.flatMap((item) => {
      const said = saidOf(kind, item, byPlace, problems);
      if (said === undefined) return [item];
      const remains = gentle && !/is defined twice|no free address|has no IPv[46] pod CIDR/.test(said);
      return remains ? [strip(item, said)] : [];
    });
  const isFree = ({where}: {readonly where?: SourcePosition}) => where === undefined || !byPlace.has(where);
  return {
    ...definition,
    spec: mendSpec(definition.spec, problems),
    nodes: mend('node', definition.nodes, bareNode),
    pods: mend('pod', definition.pods, barePod),
    services: mend('service', definition.services, bareService),
    endpoints: definition.endpoints.filter(isFree),
    identities: definition.identities.filter(isFree),
    policies: (definition.policies ?? []).filter(isFree),
  };
}

/** What problems say of an object: by its place, or by its name where it has none. */
function saidOf(
  kind: string,
  {where, name, namespace = 'default'}: Placed,
  byPlace: ReadonlyMap<SourcePosition, string>,
  problems: readonly Problem[],
): string | undefined {
  if (where) return byPlace.get(where);
  const title = kind === 'node' ? `node ${name}` : `${kind} ${namespace}/${name}`;
  const own = problems.filter(({message}) => message.startsWith(`${title}:`) || message.startsWith(`${title} `));
  return own.length > 0 ? own.map(({message}) => message).join('\n') : undefined;
}

function bareNode({ip: _ip, ips: _ips, podCIDR: _cidr, podCIDRs: _cidrs, mac: _mac, ...rest}: NodeSpec): NodeSpec {
  return rest;
}

function barePod(pod: PodSpec): PodSpec {
  const {ip: _ip, ips: _ips, node: _node, identity: _identity, endpointId: _endpoint, mac: _mac, ...rest} = pod;
  return rest;
}

function bareService(service: ServiceSpec, said: string): ServiceSpec {
  const {
    clusterIP,
    clusterIPs,
    endpoints: _endpoints,
    ipFamilyPolicy: _policy,
    ipFamilies: _families,
    ...rest
  } = service;
  const headless = clusterIP === 'None' || clusterIPs?.includes('None') === true;
  const ports = service.ports?.map((port, i) => {
    if (typeof port !== 'object') return port;
    const {nodePort: _nodePort, ...own} = port;
    return said.includes('two ports are named') ? {...own, name: `p${i}`} : own;
  });
  return {...rest, ...(headless ? {clusterIP: 'None'} : {}), ...(ports ? {ports} : {})};
}

function mendSpec(spec: ClusterSpec, problems: readonly Problem[]): ClusterSpec {
  const text = problems.map(({message}) => message).join('\n');
  const {traffic: _traffic, events: _events, cilium = {}, ...rest} = spec;
  const isRefused = (key: string) =>
    text.includes(`${key}:`) || (/^(bpf-lb-(mode|dsr)|kube-proxy-repl)/.test(key) && text.includes('Node Port'));
  const options = Object.fromEntries(Object.entries(cilium).filter(([key]) => !isRefused(key)));
  const {podCIDR: _podCIDR, podCIDRs: _podCIDRs, nodeCIDRMaskSize: _mask, ...open} = rest;
  const {subnets: _subnets, gateway: _gateway, vnet: _vnet, vnets: _vnets, ...network} = spec.underlay ?? {};
  const crowded = /no free address in|is in no VNet|gateway .* is in none/.test(text);
  return {
    ...(/no pod CIDR left/.test(text) ? open : rest),
    cilium: options,
    ...(spec.underlay && crowded ? {underlay: network} : {}),
  };
}
