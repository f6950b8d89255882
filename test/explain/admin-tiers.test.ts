/** Set analysis of the admin tiers against an evaluator that takes one connection at a time, written from the API's text alone. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {L4Name} from '../../src/cluster/model.js';
import {createKubernetesPolicies} from '../../src/control/policy/kubernetes.js';
import {intersect, portRange} from '../../src/control/policy/ports.js';
import {listWorkloads, type Workload} from '../../src/explain/parties.js';
import {adminPolicies} from './random-admin.js';
import {clusterWith} from './random-policies.js';

// biome-ignore lint/suspicious/noExplicitAny: raw objects of any kind, as an API server would hold them
type Raw = any;

type Labels = Readonly<Record<string, string>>;

function selects(selector: Raw, labels: Labels): boolean {
  const {matchLabels = {}, matchExpressions = []} = selector ?? {};
  for (const [key, value] of Object.entries(matchLabels)) if (labels[key] !== value) return false;
  for (const {key, operator, values = []} of matchExpressions) {
    const has = key in labels;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
    if (operator === 'In' && !(has && values.includes(labels[key]))) return false;
    if (operator === 'NotIn' && has && values.includes(labels[key])) return false;
  }
  return true;
}

const adminPeer = ({namespaces, pods}: Raw, pod: Workload) =>
  namespaces
    ? selects(namespaces, pod.namespaceLabels)
    : selects(pods.namespaceSelector, pod.namespaceLabels) && selects(pods.podSelector, pod.labels);

function networkPeer(peer: Raw, pod: Workload, namespace: string): boolean {
  if (peer.ipBlock) return false;
  const there = peer.namespaceSelector
    ? selects(peer.namespaceSelector, pod.namespaceLabels)
    : pod.namespace === namespace;
  return there && selects(peer.podSelector, pod.labels);
}

interface Connection {
  readonly protocol: L4Name;
  readonly port: number;
  readonly target: Workload;
}

const named = (name: string, {protocol, port, target}: Connection, only?: string) =>
  target.ports.some(
    (own) => own.name === name && own.port === port && own.protocol === protocol && (only ?? protocol) === protocol,
  );

function adminPort({portNumber, portRange: range, namedPort}: Raw, one: Connection): boolean {
  if (portNumber) return portNumber.protocol === one.protocol && portNumber.port === one.port;
  if (range) return range.protocol === one.protocol && range.start <= one.port && one.port <= range.end;
  return named(namedPort, one);
}

function networkPort({protocol = 'TCP', port, endPort}: Raw, one: Connection): boolean {
  if (typeof port === 'string') return named(port, one, protocol);
  if (protocol !== one.protocol) return false;
  return port === undefined || (port <= one.port && one.port <= (endPort ?? port));
}

/** Whether one side of a connection lets it pass. */
function passes(
  objects: readonly Raw[],
  direction: 'ingress' | 'egress',
  local: Workload,
  remote: Workload,
  one: Connection,
) {
  const field = direction === 'ingress' ? 'from' : 'to';
  const decide = (kind: string): string | undefined => {
    const own = objects
      .filter((object) => object.kind === kind && adminPeer(object.spec.subject, local))
      .sort((a, b) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0));
    for (const {spec} of own)
      for (const rule of spec[direction] ?? []) {
        if (!rule[field].some((peer: Raw) => adminPeer(peer, remote))) continue;
        if (rule.ports && !rule.ports.some((port: Raw) => adminPort(port, one))) continue;
        return rule.action;
      }
    return undefined;
  };
  const first = decide('AdminNetworkPolicy');
  if (first === 'Allow' || first === 'Deny') return first === 'Allow';
  const network = objects.filter(({kind, metadata, spec}) => {
    if (kind !== 'NetworkPolicy' || metadata.namespace !== local.namespace) return false;
    const types = spec.policyTypes?.length ? spec.policyTypes : ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])];
    return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress') && selects(spec.podSelector, local.labels);
  });
  if (network.length > 0)
    return network.some(({metadata, spec}) =>
      (spec[direction] ?? []).some(
        (rule: Raw) =>
          (!rule[field]?.length || rule[field].some((peer: Raw) => networkPeer(peer, remote, metadata.namespace))) &&
          (!rule.ports?.length || rule.ports.some((port: Raw) => networkPort(port, one))),
      ),
    );
  return decide('BaselineAdminNetworkPolicy') !== 'Deny';
}

describe('admin tiers', () => {
  it('set analysis agrees with one connection at a time', {timeout: 60_000}, () => {
    let [open, shut] = [0, 0];
    fc.assert(
      fc.property(adminPolicies, (objects) => {
        const cluster = clusterWith(objects);
        const rules = createKubernetesPolicies(cluster.policies ?? []);
        const pods = listWorkloads(cluster);
        for (const from of pods)
          for (const to of pods) {
            if (from === to) continue;
            const allowed = rules.allowed(from, to);
            for (const [protocol, port] of [
              ['TCP', 8078],
              ['TCP', 8079],
              ['TCP', 8080],
              ['TCP', 8081],
              ['UDP', 9000],
              ['SCTP', 1],
            ] as const) {
              const one = {protocol, port, target: to};
              const expected = passes(objects, 'egress', from, to, one) && passes(objects, 'ingress', to, from, one);
              expect(intersect(allowed, portRange(protocol, port, port)).length > 0).toBe(expected);
              expected ? open++ : shut++;
            }
          }
      }),
      {numRuns: 150, seed: 5},
    );
    expect(Math.min(open, shut)).toBeGreaterThan(2000);
  });
});
