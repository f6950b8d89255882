/**
 * Chains, rules and elements of one service port (Kubernetes 1.33, pkg/proxy/nftables/proxier.go: the loop of syncProxyRules).
 *
 *   service-ips ── cluster IP ────────────────────▶ service-… or local-… ─ numgen ─▶ endpoint-… ─▶ dnat
 *       └───────── external, load balancer IP ─┬──▶ external-… ─▶ service-… or local-…
 *   service-nodeports ── node port ────────────┘
 *   firewall-ips ── load balancer IP ─────────────▶ firewall-… (before DNAT)
 */
import type {ClusterNode, Service, ServicePort} from '../../../cluster/model.js';
import {type Ip, ipBits, type Prefix, prefixContains} from '../../../wire/addr.js';
import {type Endpoint, isExternal} from '../endpoints.js';
import {type PortFacts, portFacts} from '../port-facts.js';
import type {NftBuilder} from './builder.js';
import type {NftPart, NftVerdict} from './model.js';
import {type NftServiceChains, nftEndpointBase, nftServiceChains} from './names.js';

/** What kube-proxy of a node was started with, and the table it fills. */
interface NftContext {
  readonly family: 4 | 6;
  readonly node: ClusterNode;
  readonly nodeIp: Ip | undefined;
  /** --cluster-cidr of this family. */
  readonly clusterCidr: Prefix | undefined;
  readonly table: NftBuilder;
}

/** An endpoint's `chain` is what follows `endpoint-` and `affinity-`. */
interface Job extends PortFacts {
  readonly context: NftContext;
  readonly chains: NftServiceChains;
  readonly usesExternal: boolean;
  readonly usesFirewall: boolean;
}

const MARK: NftVerdict = {kind: 'jump', chain: 'mark-for-masquerade'};

function goTo(chain: string): NftVerdict {
  return {kind: 'goto', chain};
}

function host(ip: Ip): Prefix {
  return {ip, length: ipBits(ip)};
}

export function addNftPort(context: NftContext, service: Service, port: ServicePort): void {
  const {namespace, name} = service;
  const facts = portFacts(service, port, context.family, context.node, (_, protocol, endpoint) =>
    nftEndpointBase(namespace, name, protocol, port.name, endpoint),
  );
  if (!facts) return;
  const {endpoints} = facts;
  const job: Job = {
    ...facts,
    context,
    chains: nftServiceChains(namespace, name, facts.protocol, port.name),
    usesExternal: endpoints.any && isExternal(service, port),
    usesFirewall: facts.loadBalancerIps.length > 0 && facts.ranges.length > 0,
  };
  addChains(job);
  captureClusterIp(job);
  captureExternal(job);
  captureNodePort(job);
  if (job.hasInternal) masqueradeOutsiders(job);
  if (job.usesExternal) externalRules(job);
  if (job.usesFirewall) firewallRule(job);
  if (service.sessionAffinity) for (const endpoint of endpoints.reachable) affinitySet(job, endpoint);
  if (endpoints.cluster.length > 0) balance(job, job.chains.cluster, endpoints.cluster);
  if (endpoints.local.length > 0) balance(job, job.chains.local, endpoints.local);
  for (const endpoint of endpoints.reachable) endpointRules(job, endpoint);
}

function addChains({context: {table}, chains, endpoints, usesExternal, usesFirewall}: Job): void {
  for (const {chain} of endpoints.reachable) table.chain(`endpoint-${chain}`);
  if (endpoints.cluster.length > 0) table.chain(chains.cluster);
  if (endpoints.local.length > 0) table.chain(chains.local);
  if (usesExternal) table.chain(chains.external);
  if (usesFirewall) table.chain(chains.firewall);
}

/** What becomes of packets that no endpoint takes: refused where there is none at all, else dropped for want of a local one. */
function unserved({endpoints, name}: Job): {readonly verdict: NftVerdict; readonly comment: string} {
  return {verdict: endpoints.any ? {kind: 'drop'} : goTo('reject-chain'), comment: name};
}

function captureClusterIp(job: Job): void {
  const {context, clusterIp: ip, port, protocol, chains, intLocal} = job;
  const {table} = context;
  const key = {ip, protocol, port: port.port};
  table.element('cluster-ips', {ip});
  if (job.hasInternal) table.element('service-ips', {...key, verdict: goTo(intLocal ? chains.local : chains.cluster)});
  else table.element('no-endpoint-services', {...key, ...unserved(job)});
}

function captureExternal(job: Job): void {
  const {context, port, protocol, chains, endpoints, externalIps, loadBalancerIps} = job;
  const {table} = context;
  for (const ip of [...externalIps, ...loadBalancerIps]) {
    const key = {ip, protocol, port: port.port};
    if (endpoints.any) table.element('service-ips', {...key, verdict: goTo(chains.external)});
    if (!job.hasExternal) table.element('no-endpoint-services', {...key, ...unserved(job)});
  }
  if (job.usesFirewall)
    for (const ip of loadBalancerIps)
      table.element('firewall-ips', {ip, protocol, port: port.port, verdict: goTo(chains.firewall)});
}

function captureNodePort(job: Job): void {
  const {context, port, protocol, chains, endpoints} = job;
  if (port.nodePort === undefined) return;
  const key = {protocol, port: port.nodePort};
  if (endpoints.any) context.table.element('service-nodeports', {...key, verdict: goTo(chains.external)});
  if (!job.hasExternal) context.table.element('no-endpoint-nodeports', {...key, ...unserved(job)});
}

function masqueradeOutsiders({context, clusterIp, port, protocol, chains, intLocal}: Job): void {
  const {table, clusterCidr} = context;
  if (!clusterCidr) return;
  table.rule(intLocal ? chains.local : chains.cluster, [
    {kind: 'address', side: 'daddr', not: false, prefixes: [host(clusterIp)]},
    {kind: 'dport', protocol, port: port.port},
    {kind: 'address', side: 'saddr', not: true, prefixes: [clusterCidr]},
    MARK,
  ]);
}

function externalRules({context, chains, extLocal, hasExternal}: Job): void {
  const {table, clusterCidr} = context;
  const add = (parts: NftPart[], comment?: string) => table.rule(chains.external, parts, comment);
  if (!extLocal) add([MARK]);
  else {
    const own: NftPart = {kind: 'local', side: 'saddr'};
    const fromPods = clusterCidr && {
      kind: 'address' as const,
      side: 'saddr' as const,
      not: false,
      prefixes: [clusterCidr],
    };
    if (fromPods) add([fromPods, goTo(chains.cluster)], 'short-circuit pod traffic');
    add([own, MARK], 'masquerade local traffic');
    add([own, goTo(chains.cluster)], 'short-circuit local traffic');
  }
  if (hasExternal) add([goTo(extLocal ? chains.local : chains.cluster)]);
}

/** A node inside the ranges may come with the load balancer's address as its own. */
function firewallRule({context, chains, ranges, loadBalancerIps}: Job): void {
  const {table, nodeIp} = context;
  const node = nodeIp !== undefined && ranges.some((range) => prefixContains(range, nodeIp));
  const prefixes = node ? [...ranges, ...loadBalancerIps.map(host)] : ranges;
  table.rule(chains.firewall, [{kind: 'address', side: 'saddr', not: true, prefixes}, {kind: 'drop'}]);
}

function affinitySet({context, service}: Job, {chain}: Endpoint): void {
  const timeout = service.sessionAffinity?.clientIpTimeout ?? 0;
  context.table.set(`affinity-${chain}`, {key: 'address', verdicts: false, timeout});
}

function balance({context, service}: Job, chain: string, endpoints: readonly Endpoint[]): void {
  const ways = endpoints.map((endpoint) => `endpoint-${endpoint.chain}`);
  if (service.sessionAffinity)
    for (const endpoint of endpoints) {
      const set = `affinity-${endpoint.chain}`;
      context.table.rule(chain, [{kind: 'in-set', side: 'saddr', set}, goTo(`endpoint-${endpoint.chain}`)]);
    }
  context.table.rule(chain, [{kind: 'random', chains: ways}]);
}

function endpointRules({context, service, protocol}: Job, {chain, backend}: Endpoint): void {
  const name = `endpoint-${chain}`;
  const {ip, port} = backend;
  context.table.rule(name, [{kind: 'address', side: 'saddr', not: false, prefixes: [host(ip)]}, MARK]);
  if (service.sessionAffinity) context.table.rule(name, [{kind: 'update', set: `affinity-${chain}`}]);
  context.table.rule(name, [{kind: 'dnat', protocol, ip, port}]);
}
