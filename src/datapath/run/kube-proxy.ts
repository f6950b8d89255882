/**
 * What kube-proxy's rules do to the first packet of a connection, without the rules: the service by address and port, its
 * endpoint by chance (affinity first), whether the source is masqueraded. Kubernetes pkg/proxy/iptables/proxier.go.
 */
import type {Service, ServiceBackend, ServicePort} from '../../cluster/model.js';
import {formatIpPort, type Ip, isIp4, prefixContains} from '../../wire/addr.js';
import type {Endpoint, Tuple} from './nf-tuple.js';
import type {SimNode} from './state.js';

export interface ProxyChoice {
  readonly verdict: 'forward' | 'reject' | 'drop';
  readonly backend: Endpoint | undefined;
  /** Marked 0x4000. */
  readonly masquerade: boolean;
  readonly text: string;
}

export interface KubeProxy {
  /** Undefined: no service. `local`: the node itself sends it. */
  choose(tuple: Tuple, local: boolean): ProxyChoice | undefined;
}

interface Rule {
  readonly service: Service;
  readonly port: ServicePort;
  readonly kind: 'cluster' | 'external';
}

const protocolNames: Readonly<Record<number, string>> = {6: 'TCP', 17: 'UDP', 132: 'SCTP'};
const REJECT: ProxyChoice = {verdict: 'reject', backend: undefined, masquerade: false, text: ''};
const DROP: ProxyChoice = {verdict: 'drop', backend: undefined, masquerade: false, text: ''};

export function createKubeProxy(node: SimNode): KubeProxy {
  const {run} = node;
  const rules = new Map<string, Rule>();
  const nodePorts = new Map<string, Rule>();
  for (const service of run.cluster.services) addRules(service, rules, nodePorts);
  /** `-m recent`: client and service → endpoint, and when it was last used. */
  const recent = new Map<string, {readonly endpoint: ServiceBackend; last: number}>();

  function pick(rule: Rule, tuple: Tuple, among: readonly ServiceBackend[]): ServiceBackend {
    const {sessionAffinity, namespace, name} = rule.service;
    const key = `${namespace}/${name}:${rule.port.port} ${tuple.source}`;
    const seen = sessionAffinity && recent.get(key);
    const usable =
      seen && among.includes(seen.endpoint) && run.now - seen.last <= sessionAffinity.clientIpTimeout * 1e9;
    const endpoint = usable ? seen.endpoint : among[run.random.below(among.length)]!;
    if (sessionAffinity) recent.set(key, {endpoint, last: run.now});
    return endpoint;
  }

  return {
    choose(tuple, local) {
      const rule = findRule(node, rules, nodePorts, tuple);
      if (!rule) return undefined;
      const {service, port, kind} = rule;
      const family = (b: ServiceBackend) => isIp4(b.ip) === isIp4(tuple.destination);
      const all = endpointsOf(service, port).filter(family);
      if (all.length === 0) return REJECT;
      const fromPod = run.cluster.podCidrs.some((cidr) => prefixContains(cidr, tuple.source));
      const localOnly =
        kind === 'cluster'
          ? service.internalTrafficPolicy === 'Local'
          : service.externalTrafficPolicy === 'Local' && !fromPod && !local;
      const among = localOnly ? all.filter((b) => b.nodeName === node.name) : all;
      if (among.length === 0) return DROP;
      if (kind === 'external' && service.sourceRanges.length > 0 && isLoadBalancer(service, tuple.destination))
        if (!service.sourceRanges.some((range) => prefixContains(range, tuple.source))) return DROP;
      const {ip, port: backendPort} = pick(rule, tuple, among);
      const outside = kind === 'cluster' ? !fromPod : !localOnly;
      return {
        verdict: 'forward',
        backend: {ip, port: backendPort},
        masquerade: outside || ip === tuple.source,
        text: formatIpPort(ip, backendPort),
      };
    },
  };
}

function addRules(service: Service, rules: Map<string, Rule>, nodePorts: Map<string, Rule>): void {
  for (const port of service.ports) {
    for (const ip of service.clusterIps)
      rules.set(`${ip} ${port.port} ${port.protocol}`, {service, port, kind: 'cluster'});
    for (const ip of [...service.externalIps, ...service.loadBalancerIps])
      rules.set(`${ip} ${port.port} ${port.protocol}`, {service, port, kind: 'external'});
    if (port.nodePort !== undefined)
      nodePorts.set(`${port.nodePort} ${port.protocol}`, {service, port, kind: 'external'});
  }
}

function findRule(
  node: SimNode,
  rules: ReadonlyMap<string, Rule>,
  nodePorts: ReadonlyMap<string, Rule>,
  {destination, destinationPort, protocol}: Tuple,
): Rule | undefined {
  const name = protocolNames[protocol];
  if (name === undefined) return undefined;
  const rule = rules.get(`${destination} ${destinationPort} ${name}`);
  if (rule) return rule;
  return node.host.addresses.has(destination) ? nodePorts.get(`${destinationPort} ${name}`) : undefined;
}

/** Ready endpoints; where there are none, those that still serve while terminating. */
function endpointsOf(service: Service, port: ServicePort): readonly ServiceBackend[] {
  const own = service.backends.filter((b) => b.protocol === port.protocol && b.portName === (port.name ?? ''));
  const active = own.filter((b) => b.state === 'active');
  return active.length > 0 ? active : own.filter((b) => b.state === 'terminating');
}

function isLoadBalancer(service: Service, ip: Ip): boolean {
  return service.loadBalancerIps.includes(ip);
}
