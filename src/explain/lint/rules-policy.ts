/** Network policies: what they select, what Cilium makes of them, rules without effect. */
import {identityLabels} from '../../cluster/identity.js';
import type {Cluster, ClusterNode, Namespace, Pod} from '../../cluster/model.js';
import {matchesLabels} from '../../cluster/policy/match-labels.js';
import {type Policy, type PolicyPeer, type PolicyRule, policyTitle} from '../../cluster/policy/model.js';
import {hostEndpointLabels} from '../../control/host-endpoint.js';
import {reservedIdentities} from '../../control/identity.js';
import {createPolicyCompiler, type PolicyCompiler, type PortMatch} from '../../control/policy/compile.js';
import {createPeerIdentities, type PeerIdentities} from '../../control/policy/identity-peers.js';
import {matchesIdentity, parseIdentityLabels} from '../../control/policy/select.js';
import {formatIp, formatPrefix, isIp4, type Prefix, prefixContains, prefixesOverlap} from '../../wire/addr.js';
import {type Found, isStatedCilium, type Rule, remarked, type Subject} from './model.js';
import {statedNodeIps, statedNodePrefixes, statedRanges} from './ranges.js';

const cilium = 'docs.cilium.io/en/stable/security/policy';
const kubernetes = 'kubernetes.io/docs/concepts/services-networking/network-policies';

type Direction = 'ingress' | 'egress';
const directions: readonly Direction[] = ['ingress', 'egress'];

/** Policies against pods, those included that workloads scaled to zero would have. */
interface Reading {
  /** One pod of each identity. */
  readonly samples: readonly Pod[];
  readonly peers: PeerIdentities;
  readonly compiler: PolicyCompiler;
  readonly policies: readonly Policy[];
  /** Samples that a policy selects, asked once. */
  governed(policy: Policy): readonly Pod[];
  /** Pods of the hosts' network whose labels it names: Cilium gives them no identity, and the policy does not reach them. */
  meant(policy: Policy): readonly Pod[];
}

const readings = new WeakMap<Subject, Reading>();

function readingOf(subject: Subject): Reading {
  let reading = readings.get(subject);
  if (!reading) readings.set(subject, (reading = read(subject)));
  return reading;
}

function read({cluster, pods: stated}: Subject): Reading {
  const labels = new Map(cluster.namespaces.map((namespace) => [namespace.name, namespace.labels]));
  const idle = (cluster.idle ?? []).map((pod, i): Pod => ({...pod, identity: FIRST_SPARE + i}));
  const identityOf = (pod: Pod) => ({
    id: pod.identity,
    labels: identityLabels(
      {...pod, namespaceLabels: labels.get(pod.namespace) ?? {}, clusterName: cluster.cilium.clusterName},
      () => true,
    ),
  });
  const identities = idle.map(identityOf);
  const pods = [...cluster.pods, ...idle];
  const whole: Cluster = {...cluster, pods, identities: [...cluster.identities, ...identities]};
  const known = new Set(stated);
  const samples = new Map<number, Pod>();
  for (const pod of cluster.pods)
    if (known.has(pod) && !pod.hostNetwork && pod.identity > 0 && !samples.has(pod.identity))
      samples.set(pod.identity, pod);
  const peers = createPeerIdentities(whole, undefined);
  const onHosts = () => {
    const hosts = stated
      .filter(({hostNetwork}) => hostNetwork)
      .map((pod, i): Pod => ({...pod, identity: FIRST_SPARE + i}));
    return governing(hosts, createPeerIdentities({...whole, identities: hosts.map(identityOf)}, undefined));
  };
  let hostReading: Reading['governed'] | undefined;
  const all = [...samples.values(), ...idle];
  return {
    samples: all,
    peers,
    compiler: createPolicyCompiler(whole),
    policies: cluster.policies ?? [],
    governed: governing(all, peers),
    meant: (policy) => (hostReading ??= onHosts())(policy),
  };
}

/** A policy of a namespace looks at pods of that one only. */
function governing(samples: readonly Pod[], peers: PeerIdentities): Reading['governed'] {
  const byNamespace = groupByNamespace(samples);
  const known = new Map<Policy, readonly Pod[]>();
  return (policy) => {
    let found = known.get(policy);
    if (!found) {
      const near = policy.namespace === undefined ? samples : (byNamespace.get(policy.namespace) ?? []);
      known.set(policy, (found = near.filter(({identity}) => peers.governs(policy.subject, identity))));
    }
    return found;
  };
}

function groupByNamespace(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const group = groups.get(pod.namespace);
    if (group) group.push(pod);
    else groups.set(pod.namespace, [pod]);
  }
  return groups;
}

/** Beyond the identities that a cluster allocates, below those of other clusters' meshes (24 bits). */
const FIRST_SPARE = 0x80_0000;

function* rulesOf(
  policies: readonly Policy[],
): Iterable<{readonly policy: Policy; readonly rule: PolicyRule; readonly direction: Direction}> {
  for (const policy of policies)
    for (const direction of directions) for (const rule of policy[direction].rules) yield {policy, rule, direction};
}

function* selectNothing(subject: Subject): Iterable<Found> {
  const {samples, policies, governed, meant} = readingOf(subject);
  if (samples.length === 0) return;
  const namespaces = new Set(samples.map(({namespace}) => namespace));
  for (const policy of policies) {
    const {nodeSelector, where} = policy;
    if (nodeSelector) {
      const {nodes, cilium} = subject.cluster;
      const selects = (node: ClusterNode) =>
        matchesIdentity(nodeSelector, parseIdentityLabels(hostEndpointLabels(node, cilium)));
      // labels such as kubernetes.io/hostname are no part of the host endpoint's identity
      const left = nodes.some(({labels}) => matchesLabels(nodeSelector, labels))
        ? ' by labels that identities have'
        : '';
      if (!nodes.some(selects)) yield {message: `${policyTitle(policy)} selects no node${left}`, where};
    } else if (governed(policy).length === 0) {
      const apart = policy.namespace !== undefined && !namespaces.has(policy.namespace);
      const [host] = apart ? [] : meant(policy);
      const what = apart
        ? `: the input has no pods of namespace ${policy.namespace}`
        : host
          ? ` that has an address of its own: ${host.namespace}/${host.name} is on its host's network`
          : '';
      yield {...(apart ? {severity: 'info'} : {}), message: `${policyTitle(policy)} selects no pod${what}`, where};
    }
  }
}

function* peersOfNobody(subject: Subject): Iterable<Found> {
  const {samples, peers, policies} = readingOf(subject);
  const namespaces = namespacesOf(subject, samples);
  const byNamespace = groupByNamespace(samples);
  const isEmpty = (peer: PolicyPeer) => {
    if (peer.kind !== 'pods') return peers.of(peer).size === 0;
    const {namespaces: where} = peer;
    const names =
      typeof where === 'string'
        ? [where]
        : namespaces.filter(({labels}) => matchesLabels(where, labels)).map(({name}) => name);
    return !names.some((name) => byNamespace.get(name)?.some(({labels}) => matchesLabels(peer.pods, labels)));
  };
  for (const {policy, rule} of rulesOf(policies)) {
    const all = rule.peers ?? [];
    const empty = all.filter((peer) => mayBeKnown(peer, namespaces) && isEmpty(peer));
    if (empty.length === 0) continue;
    const which =
      empty.length === all.length ? 'no pod is meant by it' : `${empty.length} of its ${all.length} peers mean no pod`;
    yield {message: `${policyTitle(policy)} ${rule.label}: ${which}`, where: rule.where};
  }
}

/** Namespaces that the input has pods of, by their labels. */
function namespacesOf({cluster}: Subject, samples: readonly Pod[]): readonly Namespace[] {
  const names = new Set(samples.map(({namespace}) => namespace));
  return cluster.namespaces.filter(({name}) => names.has(name));
}

/** Pods by labels, in namespaces that the input has pods of: what is elsewhere nobody can say. The DNS is where clusters have it. */
function mayBeKnown(peer: PolicyPeer, namespaces: readonly Namespace[]): boolean {
  if (peer.kind !== 'pods' && peer.kind !== 'identity') return false;
  const labels = peer.kind === 'pods' ? peer.pods : peer.labels;
  const isDns = labels.some(
    ({key, values}) =>
      /^(k8s-app|app|app\.kubernetes\.io\/name)$/.test(key) && values.some((value) => /dns/.test(value)),
  );
  if (isDns || labels.some(({source}) => source !== undefined && source !== 'k8s')) return false;
  if (peer.kind === 'identity') {
    const named = labels.find(({key}) => key === 'io.kubernetes.pod.namespace');
    const elsewhere = labels.some(({key}) => key.startsWith('io.cilium.k8s.'));
    return !elsewhere && (named === undefined || namespaces.some(({name}) => named.values.includes(name)));
  }
  const {namespaces: where} = peer;
  return namespaces.some((namespace) =>
    typeof where === 'string' ? where === namespace.name : matchesLabels(where, namespace.labels),
  );
}

function* strangeNames(subject: Subject): Iterable<Found> {
  const {compiler, policies, governed: governedBy} = readingOf(subject);
  for (const {policy, rule, direction} of rulesOf(policies)) {
    const named = (rule.ports ?? []).filter(({name}) => name !== undefined);
    if (named.length === 0) continue;
    const governed = governedBy(policy);
    for (const port of named)
      if (
        governed.length > 0 &&
        governed.every((pod) => compiler.ranges({...rule, ports: [port]}, direction, pod).length === 0)
      )
        yield {
          message: `${policyTitle(policy)} ${rule.label}: no pod that it ${direction === 'ingress' ? 'selects' : 'may lead to'} has a port named ${port.name} (${port.protocol})`,
          where: rule.where,
        };
  }
}

/** What a range of a policy covers and Cilium does not take for it: ranges and addresses that the input states. */
function* blocks(subject: Subject): Iterable<Found> {
  const {cluster, definition} = subject;
  if (cluster.dataplane !== 'cilium') return;
  const weight = isStatedCilium(subject) ? {} : ({severity: 'info'} as const);
  const pods = [...statedRanges(definition).pods.map(({prefix}) => prefix), ...statedNodePrefixes(definition)];
  const nodes = /(^|,)nodes(,|$)/.test(cluster.cilium.raw['policy-cidr-match-mode'] ?? '')
    ? []
    : statedNodeIps(definition);
  for (const {policy, rule} of rulesOf(cluster.policies ?? []))
    for (const peer of rule.peers ?? []) {
      if (peer.kind !== 'cidr' || peer.prefix.length === 0) continue;
      const hole = (prefix: Prefix) =>
        peer.except.some((except) => prefixesOverlap(except, prefix) && except.length <= prefix.length);
      const range = pods.find(
        (prefix) =>
          prefixesOverlap(prefix, peer.prefix) && !hole(prefix.length > peer.prefix.length ? prefix : peer.prefix),
      );
      const node = nodes.find(
        ({ip}) =>
          isIp4(ip) === isIp4(peer.prefix.ip) &&
          prefixContains(peer.prefix, ip) &&
          !hole({ip, length: isIp4(ip) ? 32 : 128}),
      );
      const title = `${policyTitle(policy)} ${rule.label}: ${formatPrefix(peer.prefix)}`;
      if (range)
        yield {
          ...weight,
          message: `${title} covers pods (${formatPrefix(range)}): Cilium matches none of them by address`,
          where: rule.where,
        };
      else if (node)
        yield {
          ...weight,
          message: `${title} covers node ${node.node} (${formatIp(node.ip)}): Cilium matches no node by address`,
          where: rule.where,
        };
    }
}

function covers(outer: readonly PortMatch[], inner: readonly PortMatch[]): boolean {
  return inner.every((port) =>
    outer.some(
      (own) =>
        (own.protocol === 0 || own.protocol === port.protocol) && own.first <= port.first && port.last <= own.last,
    ),
  );
}

/** Identity 0 in a set stands for everybody. */
function includes(outer: ReadonlySet<number>, inner: ReadonlySet<number>): boolean {
  return outer.has(reservedIdentities.unknown) || [...inner].every((id) => outer.has(id));
}

function* shadowed(subject: Subject): Iterable<Found> {
  const {compiler, peers, governed: governedBy} = readingOf(subject);
  const policies = readingOf(subject).policies.filter(({tier}) => tier === 'network');
  for (const direction of directions) {
    const denies = [...rulesOf(policies)].filter(
      (entry) => entry.direction === direction && entry.rule.action === 'deny',
    );
    if (denies.length === 0) continue;
    for (const {policy, rule, direction: side} of rulesOf(policies)) {
      if (side !== direction || rule.action !== 'allow') continue;
      const governed = governedBy(policy);
      if (governed.length === 0) continue;
      const by = denies.find(({policy: other, rule: deny}) =>
        governed.every((pod) => {
          if (!peers.governs(other.subject, pod.identity)) return false;
          const [own, ranges] = [compiler.identities(rule, direction, pod), compiler.ranges(rule, direction, pod)];
          if (own.size === 0 || ranges.length === 0) return false;
          return (
            includes(compiler.identities(deny, direction, pod), own) &&
            covers(compiler.ranges(deny, direction, pod), ranges)
          );
        }),
      );
      if (by)
        yield {
          message: `${policyTitle(policy)} ${rule.label} allows nothing: ${policyTitle(by.policy)} ${by.rule.label} denies all of it`,
          where: rule.where,
        };
    }
  }
}

function* sctp(subject: Subject): Iterable<Found> {
  const {cluster} = subject;
  if (!isStatedCilium(subject) || cluster.cilium.raw['enable-sctp'] === 'true') return;
  for (const {policy, rule} of rulesOf(cluster.policies ?? []))
    if (policy.tier === 'network' && rule.ports?.some(({protocol}) => protocol === 'SCTP'))
      yield {message: `${policyTitle(policy)} ${rule.label}: SCTP, while enable-sctp is off`, where: rule.where};
}

export const policyRules: readonly Rule[] = [
  {
    id: 'WL-POL-001',
    severity: 'warning',
    title: 'a policy selects nothing',
    why: 'It protects nobody: a slip in a label leaves pods open without a word.',
    fix: 'Make the selector that of the pods, in the namespace of the policy.',
    source: `${kubernetes}: podSelector selects the group of pods of the namespace to which the policy applies`,
    check: selectNothing,
  },
  {
    id: 'WL-POL-002',
    severity: 'warning',
    title: 'a CIDR that means pods or nodes',
    why: 'Pods and nodes have identities of their own in Cilium: rules by address match what is outside of the cluster only. Other implementations may let the same rule pass.',
    fix: 'Select pods by labels, nodes by the entities host, remote-node or kube-apiserver (or policy-cidr-match-mode: nodes).',
    source: `${cilium}/language/#ip-cidr-based: CIDR rules do not apply to traffic where both ends are managed by Cilium; learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium: ipBlock cannot select pod or node addresses`,
    check: blocks,
  },
  {
    id: 'WL-POL-003',
    severity: 'info',
    title: 'a peer that no pod is',
    why: 'The rule allows or denies nothing of what is there now.',
    fix: 'Correct the selector, if pods were meant that there are.',
    source: `${kubernetes}#behavior-of-to-and-from-selectors`,
    check: peersOfNobody,
  },
  {
    id: 'WL-POL-004',
    severity: 'warning',
    title: 'a port name that no pod has',
    why: 'The name is looked up in the container ports: without it the rule has no port, and allows nothing.',
    fix: 'Use the name of a container port of the same protocol, or a number.',
    source:
      'kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1: port is a number or the name of a port of a pod',
    check: strangeNames,
  },
  {
    id: 'WL-POL-005',
    severity: 'warning',
    title: 'an allow rule that a deny rule takes all of',
    why: 'Deny rules win whatever other policies allow: this rule never lets anything pass.',
    fix: 'Remove the rule, or narrow the deny rule.',
    source: `${cilium}/deny: deny policies take precedence over allow policies`,
    check: shadowed,
  },
  {
    id: 'WL-POL-006',
    severity: 'warning',
    title: 'a policy that nobody enforces',
    why: 'Packets pass as if it were not there.',
    fix: 'Use a network plugin that enforces this kind of policy.',
    source: `${kubernetes}#prerequisites: without a controller that implements it a NetworkPolicy has no effect`,
    check(subject) {
      const {definition} = subject;
      const who = definition.spec.profile === 'kube-proxy' || isStatedCilium(subject);
      return who ? remarked(/enforces no policy/, /Cilium does not enforce this kind/)(subject) : [];
    },
  },
  {
    id: 'WL-POL-007',
    severity: 'warning',
    title: 'a host policy without the host firewall',
    why: 'Rules for nodes are for the host firewall, which is off.',
    fix: 'Set enable-host-firewall: true.',
    source: `${cilium}/language/#host-policies: host firewall has to be enabled`,
    check(subject) {
      const {own, ciliumConfig} = subject.definition;
      return own || ciliumConfig ? remarked(/a host policy, of no effect/)(subject) : [];
    },
  },
  {
    id: 'WL-POL-008',
    severity: 'info',
    title: 'a part of a policy that wirelay does not read',
    why: 'What lint and other commands say of this policy leaves that part out.',
    fix: 'See whether it is a slip of the pen; API servers refuse fields they do not know, or drop them.',
    source: "wirelay's reader of policies",
    check: remarked(/is not evaluated$/, /no field .* is known here: not read/),
  },
  {
    id: 'WL-POL-009',
    severity: 'warning',
    title: 'a rule for SCTP without SCTP',
    why: 'Agents refuse such a policy as long as SCTP is off.',
    fix: 'Set enable-sctp: true.',
    source:
      'docs.cilium.io/en/stable/configuration/sctp: support is beta and has to be enabled; pkg/policy/api rejects SCTP otherwise',
    check: sctp,
  },
  {
    id: 'WL-POL-010',
    severity: 'warning',
    title: 'two admin policies of one priority',
    why: 'Which of the two is asked first is up to the network plugin.',
    fix: 'Give each a priority of its own.',
    source: 'policy.networking.k8s.io, priority: the behaviour of two policies of one priority is undefined',
    check: remarked(/which wins is not defined/),
  },
  {
    id: 'WL-POL-011',
    severity: 'warning',
    title: 'a policy that agents refuse',
    why: 'Nothing of it is enforced.',
    fix: 'Turn the option on, or say it with what is there.',
    source: 'pkg/policy/api, rule_validation.go: fromNodes and toNodes need enable-node-selector-labels',
    check: remarked(/agents refuse (it|this one)/),
  },
];
