/** All pairs of workloads and external ranges, each with the exact set of connections that policy lets pass. */
import type {Cluster, Service, ServicePort} from '../../cluster/model.js';
import {policyTitle} from '../../cluster/policy/model.js';
import {createKubernetesPolicies} from '../../control/policy/kubernetes.js';
import {intersect, noPorts, type PortSet, portRange, union} from '../../control/policy/ports.js';
import {UserError} from '../../term/error.js';
import {ingressController, listWorkloads, type Workload} from '../parties.js';
import {externalRanges, familiesOf} from './external-ranges.js';

export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
}

/**
 * Kubernetes semantics. Pairs that may exchange nothing are left out, and workloads with themselves. Outside addresses are split
 * where a rule of `borders` begins or ends.
 */
export function kubernetesMatrix(cluster: Cluster, borders = cluster.policies ?? []): Connection[] {
  const policies = cluster.policies ?? [];
  const foreign = policies.find(({kind}) => kind.startsWith('Cilium'));
  if (foreign)
    throw new UserError({
      message: `${policyTitle(foreign)}: Kubernetes semantics do not know Cilium's policies`,
      where: foreign.where,
      hint: '--semantics cilium does',
    });
  const rules = createKubernetesPolicies(policies);
  const workloads = listWorkloads(cluster);
  const sources = externalRanges(borders, 'ingress', familiesOf(cluster));
  const targets = externalRanges(borders, 'egress', familiesOf(cluster));
  const pairs = createPairs();
  const {add} = pairs;
  for (const from of workloads) {
    for (const to of workloads) if (from.title !== to.title) add(from.title, to.title, rules.allowed(from, to));
    for (const range of targets) add(from.title, range.title, rules.allowed(from, range));
    for (const range of sources) add(range.title, from.title, rules.allowed(range, from));
  }
  for (const [workload, published] of publishedPorts(cluster, workloads))
    add(ingressController.title, workload.title, intersect(published, rules.allowed(ingressController, workload)));
  return pairs.list();
}

interface Pairs {
  add(from: string, to: string, ports: PortSet): void;
  /** Sorted. */
  list(): Connection[];
}

/** Connections by their ends; what several pods of a workload may do is one set. */
export function createPairs(): Pairs {
  const pairs = new Map<string, Map<string, PortSet>>();
  return {
    add(from, to, ports) {
      if (ports.length === 0) return;
      let row = pairs.get(from);
      if (!row) pairs.set(from, (row = new Map()));
      row.set(to, union(row.get(to) ?? noPorts, ports));
    },
    list: () =>
      [...pairs]
        .flatMap(([from, row]) => [...row].map(([to, ports]) => ({from, to, ports})))
        .sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to)),
  };
}

/** By code units, as `sort` does in the C locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Workload → TCP ports that Ingress and Route objects lead to. */
function publishedPorts({ingresses = [], services}: Cluster, workloads: readonly Workload[]): Map<Workload, PortSet> {
  const out = new Map<Workload, PortSet>();
  const byName = new Map(services.map((service) => [`${service.namespace}/${service.name}`, service]));
  for (const {namespace, service: name, port} of ingresses) {
    const service = byName.get(`${namespace}/${name}`);
    if (!service?.selector) continue;
    for (const workload of workloads) {
      if (workload.namespace !== namespace || !selects(service.selector, workload)) continue;
      const ports = service.ports
        .filter((own) => port === undefined || own.port === port || own.name === port || own.targetPort === port)
        .flatMap((own) => targetPorts(own, workload))
        .reduce((all, number) => union(all, portRange('TCP', number, number)), noPorts);
      out.set(workload, union(out.get(workload) ?? noPorts, ports));
    }
  }
  return out;
}

function selects(selector: NonNullable<Service['selector']>, {labels}: Workload): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

function targetPorts({targetPort, protocol}: ServicePort, {ports}: Workload): number[] {
  if (protocol !== 'TCP') return [];
  if (typeof targetPort === 'number') return [targetPort];
  return ports.filter(({name, protocol: own}) => name === targetPort && own === 'TCP').map(({port}) => port);
}
