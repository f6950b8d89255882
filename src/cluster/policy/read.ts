/** NetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy, Ingress and Route objects → the forms of `model.ts`. */
import {parsePrefix} from '../../wire/addr.js';
import type {L4Name} from '../model.js';
import type {Problems} from '../problems.js';
import {isObject, type Path, type Shape} from '../shape.js';
import {lazyPosition, type SourceDocument} from '../source.js';
import {adminPolicy} from './admin.js';
import {readCilium} from './cilium.js';
import {
  type IngressEntry,
  type LabelRequirement,
  type LabelSelector,
  type Policy,
  type PolicyPeer,
  type PolicyPort,
  type PolicyRule,
  type PolicySide,
  policyTitle,
} from './model.js';
import {policyShapes} from './shapes.js';

/** An object whose shape has been checked, and where it stands. */
export interface PolicyObject {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly document: SourceDocument;
  readonly path: Path;
}

export function isPolicyKind(kind: string): boolean {
  return Object.hasOwn(policyShapes, kind);
}

export interface K8sSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | null;
      }[]
    | null;
}

const operators: Readonly<Record<string, LabelRequirement['operator']>> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  doesnotexist: 'DoesNotExist',
};

export function readSelector(selector: K8sSelector | null | undefined): LabelSelector {
  return [
    ...Object.entries(selector?.matchLabels ?? {}).map(
      ([key, value]): LabelRequirement => ({key, operator: 'In', values: [value]}),
    ),
    ...(selector?.matchExpressions ?? []).map(
      ({key, operator, values}): LabelRequirement => ({
        key,
        operator: operators[operator.toLowerCase()]!,
        values: values ?? [],
      }),
    ),
  ];
}

/** Policies, in the order met; of two with one name the later counts, as when one is applied over the other. */
export function readPolicies(objects: readonly PolicyObject[], problems: Problems): Policy[] {
  const byTitle = new Map<string, Policy[]>();
  const priorities = new Map<string, Policy>();
  const groups = readCidrGroups(objects);
  for (const object of objects) {
    noteUnread(object, problems);
    const policies = readPolicy(object, groups, problems);
    const first = policies[0];
    if (!first) continue;
    const title = policyTitle(first);
    if (byTitle.has(title)) problems.note('warning', `${title} is defined twice: this one counts`, first.where);
    byTitle.set(title, policies);
  }
  const all = [...byTitle.values()].flat();
  for (const policy of all) {
    if (policy.tier !== 'network') {
      const rank = `${policy.kind} ${policy.tier} ${policy.priority}`;
      const other = priorities.get(rank);
      if (other) reportEqual(policy, other, problems);
      priorities.set(rank, policy);
    }
    for (const {what, where} of policy.unsupported)
      problems.note('warning', `${policyTitle(policy)}: ${what} is not evaluated`, where);
    for (const rule of [...policy.ingress.rules, ...policy.egress.rules])
      for (const assumption of rule.assumes)
        problems.note('warning', `${policyTitle(policy)} ${rule.label}: ${assumption}`, rule.where);
  }
  return all;
}

/**
 * Of equal priorities the API leaves open which is asked first (policy.networking.k8s.io, `priority`): here it is the one
 * whose name comes first. A baseline is one object, named `default`.
 */
function reportEqual(policy: Policy, other: Policy, problems: Problems): void {
  if (policy.kind === 'BaselineAdminNetworkPolicy')
    problems.add(
      `${policyTitle(policy)}: the cluster has ${policyTitle(other)} already`,
      policy.where,
      'there is one, named default',
    );
  else
    problems.note(
      'warning',
      `${policyTitle(policy)}: priority ${policy.priority} is that of ${policyTitle(other)} too; which wins is not defined: here they are asked by name`,
      policy.where,
    );
}

function readPolicy(object: PolicyObject, groups: CidrGroups, problems: Problems): Policy[] {
  switch (object.kind) {
    case 'NetworkPolicy':
      return [networkPolicy(object)];
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
    case 'ClusterNetworkPolicy':
      return [adminPolicy(object)];
    case 'CiliumNetworkPolicy':
    case 'CiliumClusterwideNetworkPolicy':
      return readCilium(object, groups, problems);
    default:
      return [];
  }
}

/** Position of a part of an object. */
export function placeIn({document, path}: PolicyObject, ...steps: (string | number)[]) {
  return lazyPosition(document, [...path, ...steps]);
}

export function nameOf({value}: PolicyObject): {name: string; namespace: string | undefined} {
  const metadata = isObject(value.metadata) ? value.metadata : {};
  return {name: String(metadata.name), namespace: metadata.namespace as string | undefined};
}

interface NpPeer {
  readonly podSelector?: K8sSelector | null;
  readonly namespaceSelector?: K8sSelector | null;
  readonly ipBlock?: {readonly cidr: string; readonly except?: readonly string[] | null} | null;
}

interface NpRule {
  readonly from?: readonly NpPeer[] | null;
  readonly to?: readonly NpPeer[] | null;
  readonly ports?: readonly NpPort[] | null;
}

interface NpPort {
  readonly protocol?: L4Name | null;
  readonly port?: number | string | null;
  readonly endPort?: number | null;
}

interface NpSpec {
  readonly podSelector?: K8sSelector | null;
  readonly policyTypes?: readonly ('Ingress' | 'Egress')[] | null;
  readonly ingress?: readonly NpRule[] | null;
  readonly egress?: readonly NpRule[] | null;
}

/** Without policyTypes: ingress always, egress where there is an egress section (NetworkPolicySpec, API reference). */
function networkPolicy(object: PolicyObject): Policy {
  const {name, namespace = 'default'} = nameOf(object);
  const spec = (object.value.spec ?? {}) as NpSpec;
  const types = spec.policyTypes?.length ? spec.policyTypes : spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  const side = (direction: 'ingress' | 'egress', type: 'Ingress' | 'Egress'): PolicySide => {
    if (!types.includes(type)) return {defaultDeny: false, rules: []};
    const rules = (spec[direction] ?? []).map((rule, i): PolicyRule => {
      const peers = direction === 'ingress' ? rule.from : rule.to;
      return {
        action: 'allow',
        // an empty list is a missing one
        peers: peers?.length ? peers.map((peer) => npPeer(peer, namespace)) : undefined,
        ports: rule.ports?.length ? rule.ports.map(npPort) : undefined,
        label: `${direction}[${i}]`,
        assumes: [],
        where: placeIn(object, 'spec', direction, i),
      };
    });
    return {defaultDeny: true, rules};
  };
  return {
    kind: 'NetworkPolicy',
    name,
    namespace,
    tier: 'network',
    priority: 0,
    subject: {kind: 'pods', namespaces: namespace, pods: readSelector(spec.podSelector)},
    ingress: side('ingress', 'Ingress'),
    egress: side('egress', 'Egress'),
    unsupported: [],
    where: placeIn(object),
  };
}

function npPeer({podSelector, namespaceSelector, ipBlock}: NpPeer, namespace: string): PolicyPeer {
  if (ipBlock)
    return {
      kind: 'cidr',
      prefix: parsePrefix(ipBlock.cidr)!,
      except: (ipBlock.except ?? []).map((text) => parsePrefix(text)!),
    };
  return {
    kind: 'pods',
    namespaces: namespaceSelector ? readSelector(namespaceSelector) : namespace,
    pods: readSelector(podSelector),
  };
}

function npPort({protocol, port, endPort}: NpPort): PolicyPort {
  const common = {protocol: protocol ?? 'TCP'};
  if (port === undefined || port === null) return common;
  if (typeof port === 'string') return /^\d+$/.test(port) ? {...common, port: Number(port)} : {...common, name: port};
  return {...common, port, ...(endPort ? {endPort} : {})};
}

/** CiliumCIDRGroup objects: what a rule names its prefixes by. */
export interface CidrGroup {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cidrs: readonly string[];
}
export type CidrGroups = readonly CidrGroup[];

function readCidrGroups(objects: readonly PolicyObject[]): CidrGroups {
  return objects.flatMap(({kind, value}) => {
    if (kind !== 'CiliumCIDRGroup') return [];
    const {metadata, spec} = value as {
      metadata: {name: string; labels?: Readonly<Record<string, string>>};
      spec?: {externalCIDRs?: readonly string[] | null} | null;
    };
    return [{name: metadata.name, labels: metadata.labels ?? {}, cidrs: spec?.externalCIDRs ?? []}];
  });
}

/** Fields that no version of a kind has, or none that is known here: an API server prunes them, and nothing here reads them. */
function noteUnread({kind, value, document, path}: PolicyObject, problems: Problems): void {
  const shape = policyShapes[kind];
  if (!shape || kind === 'Ingress' || kind === 'Route') return;
  const walk = (at: Path, item: unknown, own: Shape): void => {
    if (own.kind === 'list' && Array.isArray(item))
      for (const [i, one] of item.entries()) walk([...at, i], one, own.items);
    if (own.kind !== 'object' || !isObject(item)) return;
    for (const [key, one] of Object.entries(item)) {
      const field = Object.hasOwn(own.fields, key) ? own.fields[key] : undefined;
      if (field) walk([...at, key], one, field.shape);
      else
        problems.note(
          'warning',
          `${kind}: no field ${key} is known here: not read`,
          lazyPosition(document, [...at, key]),
        );
    }
  };
  for (const key of ['spec', 'specs']) {
    const own = shape.kind === 'object' ? shape.fields[key] : undefined;
    if (own) walk([...path, key], value[key], own.shape);
  }
}

interface IngressBackend {
  readonly service?: {readonly name?: string; readonly port?: {readonly number?: number; readonly name?: string}};
}

/** Services that Ingress and Route objects send traffic from outside to. */
export function readIngresses(objects: readonly PolicyObject[]): IngressEntry[] {
  return objects.flatMap((object): IngressEntry[] => {
    const {namespace = 'default'} = nameOf(object);
    const where = placeIn(object);
    const spec = (object.value.spec ?? {}) as Readonly<Record<string, unknown>>;
    if (object.kind === 'Route') {
      const {to, alternateBackends, port} = spec as {
        to?: {kind?: string; name?: string};
        alternateBackends?: readonly {kind?: string; name?: string}[] | null;
        port?: {targetPort?: number | string} | null;
      };
      return [...(to ? [to] : []), ...(alternateBackends ?? [])].flatMap(({kind, name}) =>
        name && (kind ?? 'Service') === 'Service' ? [{namespace, service: name, port: port?.targetPort, where}] : [],
      );
    }
    if (object.kind !== 'Ingress') return [];
    const {defaultBackend, rules} = spec as {
      defaultBackend?: IngressBackend | null;
      rules?: readonly {http?: {paths?: readonly {backend?: IngressBackend}[] | null} | null}[] | null;
    };
    const paths = (rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
    return [defaultBackend, ...paths.map((path) => path.backend)].flatMap((backend) => {
      const service = backend?.service;
      return service?.name
        ? [{namespace, service: service.name, port: service.port?.number ?? service.port?.name, where}]
        : [];
    });
  });
}
