/**
 * `policy selectors`: whom the rules of this node's endpoints mean (cilium-dbg/cmd/policy_selectors.go; keys as pkg/policy/api
 * writes them). A user is one filter: a direction and port of the policy of one identity that has an endpoint here.
 */
import type {LabelRequirement, LabelSelector, Policy, PolicyPeer, PolicyRule} from '../../../cluster/policy/model.js';
import {type Governed, hasHostFirewall, hostEndpoint} from '../../../control/host-endpoint.js';
import type {NodeState} from '../../../control/model.js';
import {createPolicyCompiler, isStrict, type PolicyCompiler} from '../../../control/policy/compile.js';
import type {GoRecord} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatPrefix} from '../../../wire/addr.js';
import {agentIdentities} from '../labels.js';
import {hasOutput, listTable, printOutput, type ViewContext} from '../output.js';

interface Selector {
  readonly key: string;
  readonly users: Set<string>;
  readonly policies: Set<Policy>;
  readonly identities: Set<number>;
}

export async function policySelectors(context: ViewContext): Promise<number> {
  const {session, flags, io} = context;
  const selectors = selectorsOf(session.state());
  if (hasOutput(context)) return printOutput(context, selectors.map(selectorModel));
  io.stdout.write(selectorTable(selectors, flags.get('verbose') === 'true'));
  return 0;
}

/** By key. */
function selectorsOf(state: NodeState): Selector[] {
  const {cluster, node} = state;
  const compiler = createPolicyCompiler(cluster, node);
  const known = agentIdentities(state).map(({id}) => id);
  // peers are of this cluster unless they say otherwise (policy-default-local-cluster)
  const home = cluster.cilium.raw['policy-default-local-cluster'] === 'false' ? undefined : cluster.cilium.clusterName;
  const found = new Map<string, Selector>();
  const use = (key: string, user: string, policy: Policy | undefined, ids: Iterable<number>) => {
    let selector = found.get(key);
    if (!selector) found.set(key, (selector = {key, users: new Set(), policies: new Set(), identities: new Set()}));
    selector.users.add(user);
    if (policy) selector.policies.add(policy);
    for (const id of ids) if (!isAggregate(id)) selector.identities.add(id);
  };
  for (const own of governedBy(state)) {
    const policies = compiler.governing(own);
    for (const direction of ['ingress', 'egress'] as const) {
      const user = (filter: string) => `${own.identity} ${direction} ${filter}`;
      const rules = policies.flatMap((policy) => policy[direction].rules.map((rule) => ({policy, rule})));
      for (const {policy, rule} of rules)
        for (const [key, peer] of keysOf(rule, home))
          for (const filter of filtersOf(rule))
            use(key, user(filter), policy, identitiesOf(compiler, rule, peer, known));
      const closed = policies.some((policy) => policy[direction].defaultDeny);
      if (rules.length === 0) continue;
      if (!closed) use(WILDCARD, user(EVERYTHING), undefined, known);
      else if (direction === 'ingress' && !own.host && !isStrict(cluster))
        use(labelKey({'reserved:host': ''}), user(EVERYTHING), undefined, [1]);
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** One endpoint of each identity: the agent computes a policy for it once. */
function governedBy({endpointsById, node, config}: NodeState): Governed[] {
  const pods = new Map([...endpointsById.values()].flatMap(({pod}) => (pod ? [[pod.identity, pod] as const] : [])));
  return [...pods.values(), ...(hasHostFirewall(config) ? [hostEndpoint(node, config)] : [])];
}

const EVERYTHING = '0/ANY';

/** Ports of one rule as the agent keeps them apart: ANY is three protocols. */
function filtersOf({ports}: PolicyRule): string[] {
  if (!ports) return [EVERYTHING];
  return ports.flatMap(({protocol, port, endPort, name}) => {
    const word = name ?? `${port ?? 0}${endPort === undefined ? '' : `-${endPort}`}`;
    if (protocol !== 'ANY') return [`${word}/${protocol}`];
    return word === '0' ? [EVERYTHING] : ['TCP', 'UDP', 'SCTP'].map((one) => `${word}/${one}`);
  });
}

/** Aggregates of the policy map are no identities. */
function isAggregate(id: number): boolean {
  return id === 0 || (id >= 11 && id <= 14);
}

function identitiesOf(
  compiler: PolicyCompiler,
  rule: PolicyRule,
  peer: PolicyPeer | undefined,
  known: readonly number[],
): Iterable<number> {
  const ids = compiler.identities(peer ? {...rule, peers: [peer]} : rule, 'ingress', NOBODY);
  return ids.has(0) ? known : ids;
}

/** No policy governs it: what a rule's peer means by itself. */
const NOBODY: Governed = {identity: 0, ports: []};

/** Keys of the selectors that a rule becomes; without peers the wildcard. */
function keysOf(
  {peers}: PolicyRule,
  home: string | undefined,
): (readonly [key: string, peer: PolicyPeer | undefined])[] {
  if (peers === undefined) return [[WILDCARD, undefined]];
  return peers.flatMap((peer) => selectorKeys(peer, home).map(([key, part]) => [key, part] as const));
}

function selectorKeys(peer: PolicyPeer, home: string | undefined): (readonly [key: string, part: PolicyPeer])[] {
  switch (peer.kind) {
    case 'identity':
      return [[selectorKey(atHome(peer.labels, home), 'any'), peer]];
    case 'pods':
      return [[podsKey(peer, home), peer]];
    case 'cidr': {
      const except = peer.except.map(formatPrefix);
      return [[`cidr:${formatPrefix(peer.prefix)}${except.length > 0 ? `-[${except.join(',')}]` : ''}`, peer]];
    }
    case 'fqdn': {
      const pattern = peer.pattern.includes('*');
      return [[`MatchName: ${pattern ? '' : peer.pattern}, MatchPattern: ${pattern ? peer.pattern : ''}`, peer]];
    }
    case 'entity':
      return entityKeys(peer.entity, home);
    case 'service':
      return [];
  }
}

/** Entities are lists of selectors (pkg/policy/api/entity.go). */
function entityKeys(entity: string, home: string | undefined): (readonly [key: string, part: PolicyPeer])[] {
  if (entity === 'all') return [[WILDCARD, {kind: 'entity', entity}]];
  const cluster = ['host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver'];
  const names = entity === 'world' ? ['world', 'world-ipv4', 'world-ipv6'] : entity === 'cluster' ? cluster : [entity];
  const parts = names.map((name): readonly [key: string, part: PolicyPeer] => {
    const labels: LabelSelector = [{source: 'reserved', key: name, operator: 'Exists', values: []}];
    return [labelKey({[`reserved:${name}`]: ''}), {kind: 'identity', labels}];
  });
  if (entity !== 'cluster') return parts;
  const labels = atHome([], home ?? 'default');
  return [...parts, [selectorKey(labels, 'k8s'), {kind: 'identity', labels}]];
}

const CLUSTER = 'io.cilium.k8s.policy.cluster';

/** Selectors of endpoints are completed with the cluster, but for those of reserved identities. */
function atHome(selector: LabelSelector, home: string | undefined): LabelSelector {
  const special = selector.some(({source, key}) => (source === 'reserved' && key !== 'remote-node') || key === CLUSTER);
  if (home === undefined || special) return selector;
  return [...selector, {source: 'k8s', key: CLUSTER, operator: 'In', values: [home]}];
}

/** Of a NetworkPolicy: every key is one of Kubernetes (pkg/k8s/network_policy.go). */
function podsKey({namespaces, pods}: PolicyPeer & {kind: 'pods'}, home: string | undefined): string {
  const NAMESPACE = 'io.kubernetes.pod.namespace';
  const scope: LabelSelector =
    typeof namespaces === 'string'
      ? [{key: NAMESPACE, operator: 'In', values: [namespaces]}]
      : namespaces.length === 0
        ? [{key: NAMESPACE, operator: 'Exists', values: []}]
        : namespaces.map((one) => ({...one, key: `io.cilium.k8s.namespace.labels.${one.key}`}));
  return selectorKey([...scope, ...atHome(pods, home)], 'k8s');
}

/** A condition on one value stands as a label, the way most are written. */
function selectorKey(selector: LabelSelector, source: string): string {
  const keyOf = (one: LabelRequirement) => `${one.source ?? source}:${one.key}`;
  const isLabel = ({operator, values}: LabelRequirement) => operator === 'In' && values.length === 1;
  const labels = Object.fromEntries(selector.filter(isLabel).map((one) => [keyOf(one), one.values[0]!]));
  const others = selector.filter((one) => !isLabel(one));
  return labelKey(
    labels,
    others.map(
      (one) => `LabelSelectorRequirement{Key:${keyOf(one)},Operator:${one.operator},Values:[${one.values.join(' ')}],}`,
    ),
  );
}

function labelKey(labels: Readonly<Record<string, string>>, expressions: readonly string[] = []): string {
  const own = Object.keys(labels)
    .sort()
    .map((key) => `${key}: ${labels[key]},`);
  const more = expressions.map((text) => `${text},`);
  return `&LabelSelector{MatchLabels:map[string]string{${own.join('')}},MatchExpressions:[]LabelSelectorRequirement{${more.join('')}},}`;
}

const WILDCARD = labelKey({});

/** Labels of a policy's rules. The real ones have the object's uid besides. */
function metadata({kind, name, namespace}: Policy): {key: string; value: string; source: string}[] {
  const own = [
    ['derived-from', kind],
    ['name', name],
    ...(namespace === undefined ? [] : [['namespace', namespace]]),
  ] as const;
  return own.map(([key, value]) => ({key: `io.cilium.k8s.policy.${key}`, value: value!, source: 'k8s'}));
}

function selectorTable(selectors: readonly Selector[], verbose: boolean): string {
  let text = 'SELECTOR\tLABELS\tUSERS\tIDENTITIES\n';
  for (const {key, policies, users, identities} of selectors) {
    const labels = [...policies].flatMap((policy) => {
      if (verbose)
        return [
          `[${metadata(policy)
            .map((label) => `k8s:${label.key}=${label.value}`)
            .join(' ')}]`,
        ];
      return policy.namespace === undefined ? [] : [`${policy.namespace}/${policy.name}`];
    });
    const row = [key, labels.join(verbose ? ', ' : ','), String(users.size)].map(sanitize).join('\t');
    const ids = [...identities].sort((a, b) => a - b);
    text += ids.length === 0 ? `${row}\t\n` : ids.map((id, i) => `${i === 0 ? row : '\t\t'}\t${id}\t\n`).join('');
  }
  return tabwriter(text, listTable);
}

function selectorModel({key, policies, users, identities}: Selector): GoRecord {
  return {
    identities: [...identities].sort((a, b) => a - b),
    labels: [...policies].map((policy) => metadata(policy)),
    selector: key,
    users: users.size,
  };
}
