/** A definition → findings of all rules, in the order of files and lines. */
import type {Cluster} from '../../cluster/model.js';
import type {ResolveOptions} from '../../cluster/resolve.js';
import {resolve} from '../../cluster/resolve.js';
import type {ClusterSpec, Definition, NodeSpec, PodSpec, ServiceSpec} from '../../cluster/spec.js';
import {type Problem, type SourcePosition, UserError} from '../../term/error.js';
import type {Finding, Found, Platform, Subject} from './model.js';
import {statedRanges} from './ranges.js';
import {rules} from './rules.js';

export interface LintInput {
  readonly definition: Definition;
  readonly options: ResolveOptions;
  /** undefined = from what the definition says. */
  readonly platform: Platform | undefined;
}

/** Throws a UserError where nothing can be made of the definition. */
export function lint({definition, options, platform}: LintInput): Finding[] {
  const {cluster, problems} = resolveAll(definition, options);
  const stated = new Set(
    [...definition.pods, ...(definition.templates ?? [])].map(
      ({namespace = 'default', name}) => `${namespace}/${name}`,
    ),
  );
  const isStated = ({namespace, name}: {readonly namespace: string; readonly name: string}) =>
    stated.has(`${namespace}/${name}`) || stated.has(`${namespace}/${name.replace(/-\d+$/, '')}`);
  const subject: Subject = {
    definition,
    cluster,
    platform: platform ?? platformOf(definition),
    remarks: [...problems, ...cluster.notes.filter(({level}) => level === 'warning')],
    pods: [...cluster.pods.filter(isStated), ...(cluster.idle ?? [])],
  };
  const told = new Set<Found>();
  const findings = rules.flatMap((rule) =>
    [...rule.check(subject)].flatMap((found): Finding[] => {
      if (told.has(found)) return [];
      told.add(found);
      return [{...found, rule, severity: found.fatal ? 'error' : (found.severity ?? rule.severity)}];
    }),
  );
  return unique(findings).sort((a, b) => comparePlaces(a.where, b.where));
}

/** The same words of the same place are said once, whatever the path to them. */
function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({rule, message, where}) => {
    const key = `${rule.id} ${message} ${where?.file} ${where?.line}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function comparePlaces(a: SourcePosition | undefined, b: SourcePosition | undefined): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** AKS labels its nodes; a VNet is Azure's. */
function platformOf(definition: Definition): Platform {
  const {spec, nodes} = definition;
  const labelled = nodes.some(({labels}) =>
    Object.keys(labels ?? {}).some((key) => key.startsWith('kubernetes.azure.com/')),
  );
  if (spec.profile === 'aks-overlay' || labelled) return 'aks';
  return statedRanges(definition).vnets.length > 0 ? 'azure' : 'other';
}

/** Rounds of taking away what the loader refuses until a cluster is left to look at. */
const ROUNDS = 8;

/** What the loader refuses is taken away, so that all the rest can be looked at too. */
function resolveAll(definition: Definition, options: ResolveOptions): {cluster: Cluster; problems: Found[]} {
  const problems: Problem[] = [];
  let rest = definition;
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return {cluster: resolve(rest, options), problems: problems.map(asRemark)};
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(
        ...error.problems.filter((problem) => !problems.some((other) => other.message === problem.message)),
      );
      rest = without(rest, error.problems);
    }
  }
  throw new UserError(problems);
}

function asRemark({message, where, hint}: Problem): Found {
  return {message: hint === undefined ? message : `${message} (${hint})`, fatal: true, ...(where ? {where} : {})};
}

/** Without the fields of the objects that these problems are about; second ones of a name are left out. */
function without(definition: Definition, problems: readonly Problem[]): Definition {
  const places = new Map(problems.flatMap(({where, message}) => (where ? [[where, message] as const] : [])));
  const named = (kind: string, name: string) => problems.some(({message}) => message.includes(`${kind} ${name}`));
  const isTwice = (where: SourcePosition | undefined) =>
    where !== undefined && places.get(where)?.endsWith('is defined twice') === true;
  const mend = <T extends {readonly where?: SourcePosition; readonly name: string; readonly namespace?: string}>(
    kind: string,
    items: readonly T[],
    strip: (item: T) => T,
  ): T[] =>
    items.flatMap((item) => {
      if (isTwice(item.where)) return [];
      const title =
        item.namespace === undefined && kind === 'node' ? item.name : `${item.namespace ?? 'default'}/${item.name}`;
      return [
        (item.where !== undefined && places.has(item.where)) || (item.where === undefined && named(kind, title))
          ? strip(item)
          : item,
      ];
    });
  return {
    ...definition,
    spec: mendSpec(definition.spec, problems),
    nodes: mend(
      'node',
      definition.nodes,
      ({ip: _ip, ips: _ips, podCIDR: _cidr, podCIDRs: _cidrs, mac: _mac, ...rest}: NodeSpec) => rest,
    ),
    pods: mend(
      'pod',
      definition.pods,
      ({ip: _ip, ips: _ips, node: _node, identity: _identity, endpointId: _endpoint, mac: _mac, ...rest}: PodSpec) =>
        rest,
    ),
    services: mend(
      'service',
      definition.services,
      ({
        clusterIP,
        clusterIPs,
        ports,
        endpoints: _endpoints,
        ipFamilyPolicy: _policy,
        ipFamilies: _families,
        ...rest
      }: ServiceSpec) => ({
        ...rest,
        ...(clusterIP === 'None' || clusterIPs?.includes('None') ? {clusterIP: 'None'} : {}),
        ports: (ports?.length ? ports : [1]).map((port, i) => {
          if (typeof port !== 'object') return port;
          const {nodePort: _nodePort, ...own} = port;
          return {...own, ...(ports && ports.length > 1 ? {name: `p${i}`} : {})};
        }),
      }),
    ),
    endpoints: definition.endpoints.filter(({where}) => where === undefined || !places.has(where)),
    identities: definition.identities.filter(({where}) => where === undefined || !places.has(where)),
    policies: (definition.policies ?? []).filter(({where}) => !places.has(where)),
  };
}

function mendSpec(spec: ClusterSpec, problems: readonly Problem[]): ClusterSpec {
  const text = problems.map(({message}) => message).join('\n');
  const cilium = Object.fromEntries(
    Object.entries(spec.cilium ?? {}).filter(
      ([key]) =>
        !problems.some(({message}) => message.startsWith(`spec.cilium.${key}:`)) &&
        !(/^bpf-lb-(mode|dsr)/.test(key) && /mode cannot be used/.test(text)),
    ),
  );
  const {traffic: _traffic, events: _events, cilium: _cilium, ...rest} = spec;
  const full = /no pod CIDR left/.test(text);
  const {podCIDR: _podCIDR, podCIDRs: _podCIDRs, nodeCIDRMaskSize: _mask, ...open} = rest;
  const {underlay} = spec;
  const crowded = underlay && /no free address in|is in no VNet|gateway .* is in none/.test(text);
  const {subnets: _subnets, gateway: _gateway, vnet: _vnet, vnets: _vnets, ...network} = underlay ?? {};
  return {
    ...(full ? open : rest),
    cilium,
    ...(crowded ? {underlay: network} : {}),
  };
}
