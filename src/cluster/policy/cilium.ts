/**
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy → the forms of `model.ts`, with selectors as the agent completes them
 * (cilium pkg/k8s/apis/cilium.io/utils: a namespaced policy's selectors mean its own namespace unless they name another).
 */
import {ipBits, type Prefix, parseIp, parsePrefix} from '../../wire/addr.js';
import type {Problems} from '../problems.js';
import {isObject} from '../shape.js';
import {matchesLabels} from './match-labels.js';
import type {
  LabelRequirement,
  LabelSelector,
  Policy,
  PolicyAction,
  PolicyPeer,
  PolicyPort,
  PolicyRule,
  PolicySide,
} from './model.js';
import {type CidrGroups, type K8sSelector, nameOf, type PolicyObject, placeIn, readSelector} from './read.js';

const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

interface CiliumPort {
  readonly port?: string | number;
  readonly endPort?: number;
  readonly protocol?: string;
}

interface CiliumPortRule {
  readonly ports?: readonly CiliumPort[] | null;
  readonly rules?: unknown;
  readonly serverNames?: readonly string[] | null;
  readonly terminatingTLS?: unknown;
  readonly originatingTLS?: unknown;
  readonly listener?: unknown;
}

interface CiliumRule {
  readonly toPorts?: readonly CiliumPortRule[] | null;
  readonly authentication?: {readonly mode?: string} | null;
  readonly toFQDNs?: readonly {readonly matchName?: string; readonly matchPattern?: string}[] | null;
  readonly icmps?:
    | readonly {
        readonly fields?: readonly {readonly family?: 'IPv4' | 'IPv6'; readonly type: number | string}[] | null;
      }[]
    | null;
}

interface CiliumSpec {
  readonly endpointSelector?: K8sSelector | null;
  readonly nodeSelector?: K8sSelector | null;
  readonly ingress?: readonly CiliumRule[] | null;
  readonly egress?: readonly CiliumRule[] | null;
  readonly ingressDeny?: readonly CiliumRule[] | null;
  readonly egressDeny?: readonly CiliumRule[] | null;
  readonly enableDefaultDeny?: {readonly ingress?: boolean; readonly egress?: boolean} | null;
}

/** Fields of a rule that decide and that nothing here evaluates. */
const unsupportedFields = ['fromGroups', 'toGroups'];

/** One policy per `spec` and entry of `specs`. */
export function readCilium(object: PolicyObject, groups: CidrGroups, problems: Problems): Policy[] {
  const {spec, specs} = object.value as {spec?: CiliumSpec | null; specs?: readonly CiliumSpec[] | null};
  return [
    ...(spec ? [readSpec(object, spec, ['spec'], groups, problems)] : []),
    ...(specs ?? []).map((item, i) => readSpec(object, item, ['specs', i], groups, problems)),
  ];
}

function readSpec(
  object: PolicyObject,
  spec: CiliumSpec,
  path: readonly (string | number)[],
  groups: CidrGroups,
  problems: Problems,
): Policy {
  const kind = object.kind as 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';
  const {name, namespace: stated} = nameOf(object);
  const namespace = kind === 'CiliumNetworkPolicy' ? (stated ?? 'default') : undefined;
  const unsupported: Policy['unsupported'][number][] = [];
  if (spec.nodeSelector && namespace !== undefined)
    problems.note(
      'warning',
      `${kind} ${namespace}/${name}: nodeSelector belongs to a CiliumClusterwideNetworkPolicy: agents refuse this one`,
      placeIn(object, ...path, 'nodeSelector'),
    );

  const rules = (key: 'ingress' | 'egress' | 'ingressDeny' | 'egressDeny', action: PolicyAction): PolicyRule[] =>
    (spec[key] ?? []).map((rule, i) => {
      const steps = [...path, key, i];
      const from = key.startsWith('ingress') ? 'from' : 'to';
      const fields = rule as Readonly<Record<string, unknown>>;
      const unknown = unsupportedFields.filter((field) => fields[field] !== undefined && fields[field] !== null);
      if (rule.authentication?.mode === 'test-always-fail') unknown.push('authentication');
      for (const field of unknown)
        unsupported.push({what: `${key}[${i}].${field}`, where: placeIn(object, ...steps, field)});
      const ports = readPorts(rule);
      // a rule that is not understood as a whole means nobody, and so does an empty one (rule.go, mergeIngress)
      const missing = (group: string) =>
        problems.note('warning', `no CiliumCIDRGroup ${group}: it means no address`, placeIn(object, ...steps));
      const named = unknown.length > 0 ? [] : readPeers(fields, from, namespace, groups, missing);
      const peers = named === undefined && ports === undefined ? [] : named;
      return {
        action,
        peers,
        ports,
        label: `${path.length > 1 ? `specs[${path[1]}].` : ''}${key}[${i}]`,
        assumes: assumptions(rule, action),
        where: placeIn(object, ...steps),
      };
    });
  const side = (direction: 'ingress' | 'egress'): PolicySide => {
    const section = spec[direction] ?? spec[`${direction}Deny`];
    return {
      defaultDeny: spec.enableDefaultDeny?.[direction] ?? (section !== undefined && section !== null),
      rules: [...rules(`${direction}Deny`, 'deny'), ...rules(direction, 'allow')],
    };
  };
  return {
    kind,
    name,
    namespace,
    tier: 'network',
    priority: 0,
    subject: spec.nodeSelector
      ? {kind: 'entity', entity: 'none'}
      : {kind: 'identity', labels: endpointSelector(spec.endpointSelector, namespace, false)},
    ingress: side('ingress'),
    egress: side('egress'),
    ...(spec.nodeSelector && namespace === undefined
      ? {nodeSelector: readSelector(spec.nodeSelector).map(withSource)}
      : {}),
    requires: {
      ingress: requirements(spec, 'ingress', 'fromRequires', namespace),
      egress: requirements(spec, 'egress', 'toRequires', namespace),
    },
    unsupported,
    ...(namesNodes(spec) ? {needs: 'enable-node-selector-labels'} : {}),
    where: placeIn(object),
  };
}

function namesNodes(spec: CiliumSpec): boolean {
  const rules = [spec.ingress, spec.egress, spec.ingressDeny, spec.egressDeny].flatMap((list) => list ?? []);
  return rules.some((rule) => 'fromNodes' in rule || 'toNodes' in rule);
}

/** Conditions of all `fromRequires` of the spec, which hold for the endpoint peers of every rule (api/selector.go). */
function requirements(
  spec: CiliumSpec,
  direction: 'ingress' | 'egress',
  field: 'fromRequires' | 'toRequires',
  namespace: string | undefined,
): LabelSelector {
  return [...(spec[direction] ?? []), ...(spec[`${direction}Deny`] ?? [])].flatMap((rule) => {
    const selectors = (rule as Readonly<Record<string, unknown>>)[field] as readonly K8sSelector[] | null | undefined;
    return (selectors ?? []).flatMap((selector) => endpointSelector(selector, namespace, true));
  });
}

const l7Names: Readonly<Record<string, string>> = {http: 'HTTP', kafka: 'Kafka', dns: 'DNS'};

/** What a rule leaves to others: proxies, the authentication of peers, the DNS. */
function assumptions(rule: CiliumRule, action: PolicyAction): string[] {
  const proxied = new Set(
    (rule.toPorts ?? []).flatMap(({rules, serverNames, terminatingTLS, originatingTLS, listener}) => [
      ...(isObject(rules)
        ? Object.entries(rules).flatMap(([key, value]) =>
            value && key !== 'l7' ? (l7Names[key] ?? String(key === 'l7proto' ? value : key)) : [],
          )
        : []),
      ...(serverNames?.length ? ['TLS server name'] : []),
      ...(terminatingTLS || originatingTLS ? ['TLS'] : []),
      ...(listener ? ['listener'] : []),
    ]),
  );
  const mode = rule.authentication?.mode ?? 'disabled';
  return [
    ...(proxied.size > 0
      ? [`L7 (${[...proxied].join(', ')}): allowed at L4, what the proxy says is not looked at`]
      : []),
    ...(mode === 'required' && action === 'allow' ? ['authentication required: taken as done'] : []),
    ...(rule.toFQDNs?.length
      ? ['toFQDNs: names have the addresses of spec.names, as asked for through the DNS proxy']
      : []),
  ];
}

/** A key with its source in front: `k8s:app`, `reserved:host`, `any:app`, `app`. */
function withSource(requirement: LabelRequirement): LabelRequirement {
  const match = /^(k8s|any|reserved|cidr|container|node|unspec):(.*)$/.exec(requirement.key);
  if (!match) return requirement;
  const [, source, key] = match;
  return {...requirement, key: key!, ...(source === 'any' ? {} : {source: source!})};
}

/** `peer`: a selector of a cluster-wide policy means endpoints, not the world, nor nodes that have such labels. */
function endpointSelector(selector: K8sSelector | null | undefined, namespace: string | undefined, peer: boolean) {
  const labels: LabelSelector = readSelector(selector).map(withSource);
  const inNamespace: LabelRequirement = {source: 'k8s', key: NAMESPACE_KEY, operator: 'In', values: [namespace ?? '']};
  if (namespace === undefined) {
    const managed: LabelRequirement = {source: 'k8s', key: NAMESPACE_KEY, operator: 'Exists', values: []};
    const special = labels.some(({source, key}) => source === 'reserved' || key === NAMESPACE_KEY);
    return peer && special ? labels : [...labels, managed];
  }
  // whom a namespaced policy governs is in its namespace, whatever it says
  if (!peer) return [...labels, inNamespace];
  const elsewhere = labels.some(
    ({source, key}) => source === 'reserved' || key === NAMESPACE_KEY || key.startsWith(NAMESPACE_LABELS),
  );
  return elsewhere ? labels : [...labels, inNamespace];
}

/** undefined = the rule names nobody: anyone. */
function readPeers(
  rule: Readonly<Record<string, unknown>>,
  from: 'from' | 'to',
  namespace: string | undefined,
  groups: CidrGroups,
  missing: (group: string) => void,
): readonly PolicyPeer[] | undefined {
  const list = <T>(field: string) => rule[`${from}${field}`] as readonly T[] | null | undefined;
  const [endpoints, entities] = [list<K8sSelector>('Endpoints'), list<string>('Entities')];
  const [cidrs, cidrSets] = [list<string>('CIDR'), list<CidrSet>('CIDRSet')];
  const nodes = list<K8sSelector>('Nodes');
  const [services, names] = [list<ServiceRef>('Services'), list<{matchName?: string; matchPattern?: string}>('FQDNs')];
  if (!endpoints && !entities && !cidrs && !cidrSets && !services && !names && !nodes) return undefined;
  return [
    ...(endpoints ?? []).map(
      (selector): PolicyPeer => ({kind: 'identity', labels: endpointSelector(selector, namespace, true)}),
    ),
    // other nodes: the node itself is not among them (cilium.io/utils)
    ...(nodes ?? []).map(
      (selector): PolicyPeer => ({
        kind: 'identity',
        labels: [
          ...readSelector(selector).map(withSource),
          {source: 'reserved', key: 'remote-node', operator: 'Exists', values: []},
        ],
      }),
    ),
    ...(entities ?? []).map((entity): PolicyPeer => ({kind: 'entity', entity})),
    ...(cidrs ?? []).map((text): PolicyPeer => ({kind: 'cidr', prefix: prefixOrIp(text), except: []})),
    ...(cidrSets ?? []).flatMap((set): PolicyPeer[] => {
      const except = (set.except ?? []).map(prefixOrIp);
      return cidrsOf(set, groups, missing).map((cidr) => ({kind: 'cidr', prefix: prefixOrIp(cidr), except}));
    }),
    ...(services ?? []).flatMap(({k8sService, k8sServiceSelector}): PolicyPeer[] => [
      ...(k8sService ? [servicePeer(k8sService.namespace, k8sService.serviceName ?? '', undefined, namespace)] : []),
      ...(k8sServiceSelector
        ? [servicePeer(k8sServiceSelector.namespace, undefined, k8sServiceSelector.selector, namespace)]
        : []),
    ]),
    ...(names ?? []).flatMap(({matchName, matchPattern}): PolicyPeer[] =>
      [matchName, matchPattern].flatMap((text) => (text ? [{kind: 'fqdn', pattern: fqdnOf(text)}] : [])),
    ),
  ];
}

interface CidrSet {
  readonly cidr?: string;
  readonly cidrGroupRef?: string;
  readonly cidrGroupSelector?: K8sSelector | null;
  readonly except?: readonly string[] | null;
}

interface ServiceRef {
  readonly k8sService?: {readonly serviceName?: string; readonly namespace?: string} | null;
  readonly k8sServiceSelector?: {readonly selector?: K8sSelector | null; readonly namespace?: string} | null;
}

function cidrsOf(set: CidrSet, groups: CidrGroups, missing: (group: string) => void): readonly string[] {
  const {cidr, cidrGroupRef: ref, cidrGroupSelector: selector} = set;
  if (cidr) return [cidr];
  if (selector) {
    const labels = readSelector(selector).map(withSource);
    return groups.filter((group) => matchesLabels(labels, group.labels)).flatMap(({cidrs}) => cidrs);
  }
  if (!ref) return [];
  const group = groups.find(({name}) => name === ref);
  if (!group) missing(ref);
  return group?.cidrs ?? [];
}

/** Without a namespace it is the policy's own. */
function servicePeer(
  stated: string | undefined,
  name: string | undefined,
  selector: K8sSelector | null | undefined,
  namespace: string | undefined,
): PolicyPeer {
  return {kind: 'service', namespace: stated || namespace, name, labels: readSelector(selector).map(withSource)};
}

/** Names are compared in small letters, without the root's dot (pkg/fqdn/dns). */
function fqdnOf(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

function prefixOrIp(text: string): Prefix {
  const ip = parseIp(text);
  return ip === undefined ? parsePrefix(text)! : {ip, length: ipBits(ip)};
}

/** Port 0 is every port of its protocol. */
function readPorts({toPorts, icmps}: CiliumRule): readonly PolicyPort[] | undefined {
  if (!toPorts?.length && !icmps?.length) return undefined;
  const ports = (toPorts ?? []).flatMap(({ports: items}) =>
    // L7 rules without ports are of all ports
    items?.length ? items.map(readPort) : [{protocol: 'ANY' as const}],
  );
  const types = (icmps ?? []).flatMap(({fields}) =>
    (fields ?? []).flatMap(({family, type}): PolicyPort[] => {
      const number = typeof type === 'number' || /^\d+$/.test(type) ? Number(type) : icmpTypes[family ?? 'IPv4'][type];
      return number === undefined ? [] : [{protocol: family === 'IPv6' ? 'ICMPv6' : 'ICMP', port: number}];
    }),
  );
  return [...ports, ...types];
}

/** Names of ICMP types (cilium pkg/policy/api/icmp.go). */
const icmpTypes: Readonly<Record<'IPv4' | 'IPv6', Readonly<Record<string, number>>>> = {
  IPv4: {
    EchoReply: 0,
    DestinationUnreachable: 3,
    Redirect: 5,
    Echo: 8,
    EchoRequest: 8,
    RouterAdvertisement: 9,
    RouterSelection: 10,
    TimeExceeded: 11,
    ParameterProblem: 12,
    Timestamp: 13,
    TimestampReply: 14,
    Photuris: 40,
    ExtendedEchoRequest: 42,
    ExtendedEchoReply: 43,
  },
  IPv6: {
    DestinationUnreachable: 1,
    PacketTooBig: 2,
    TimeExceeded: 3,
    ParameterProblem: 4,
    EchoRequest: 128,
    EchoReply: 129,
    RouterSolicitation: 133,
    RouterAdvertisement: 134,
    NeighborSolicitation: 135,
    NeighborAdvertisement: 136,
    RedirectMessage: 137,
  },
};

function readPort({port, endPort, protocol = 'ANY'}: CiliumPort): PolicyPort {
  const common = {protocol: protocol as PolicyPort['protocol']};
  const text = String(port ?? '0');
  if (!/^\d+$/.test(text)) return {...common, name: text};
  const number = Number(text);
  return number === 0 ? common : {...common, port: number, ...(endPort ? {endPort} : {})};
}
