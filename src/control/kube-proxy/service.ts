/**
 * Rules of one service port (pkg/proxy/iptables/proxier.go, the loop of syncProxyRules).
 *
 *   KUBE-SERVICES ─ cluster IP ──────────────────────▶ SVC or SVL ─▶ SEP ─▶ DNAT
 *       │   └───── external, load balancer IP ─▶ [FW] ─▶ EXT ─▶ SVC or SVL
 *       └─ KUBE-NODEPORTS ─ node port ─────────────────▶ EXT
 */
import type {ClusterNode, Service, ServicePort} from '../../cluster/model.js';
import {type Ip, ipBits, type Prefix, prefixContains} from '../../wire/addr.js';
import {type Endpoint, isExternal} from './endpoints.js';
import type {AddressMatch, Match, Rule, Target} from './model.js';
import {endpointChain, type ServiceChains, serviceChains} from './names.js';
import {type PortFacts, portFacts} from './port-facts.js';
import {address, comment, jump, oneOf, type TableBuilder} from './rule.js';

/** What kube-proxy of a node was started with, and the tables it fills. */
export interface ProxyContext {
  readonly family: 4 | 6;
  readonly node: ClusterNode;
  readonly nodeIp: Ip | undefined;
  /** --cluster-cidr of this family: what isn't from there is masqueraded on its way to a ClusterIP. */
  readonly clusterCidr: Prefix | undefined;
  /** Over 1000 endpoints: SVC and SEP rules go without comments. */
  readonly large: boolean;
  readonly nat: TableBuilder;
  readonly filter: TableBuilder;
}

/** A service port with everything that its rules are made of. */
interface Job extends PortFacts {
  readonly context: ProxyContext;
  readonly chains: ServiceChains;
  readonly usesFirewall: boolean;
}

export const MASQUERADE_MARK = 0x4000;
const MARK_MASQ = jump('KUBE-MARK-MASQ');
const PROTOCOL_ONLY: Match = {kind: 'l4'};

export function addServicePort(context: ProxyContext, service: Service, port: ServicePort): void {
  const job = prepare(context, service, port);
  if (!job) return;
  captureClusterIp(job);
  captureExternal(job);
  captureNodePort(job);
  captureHealthCheck(job);
  if (job.hasInternal) masqueradeOutsiders(job);
  if (job.endpoints.any && isExternal(service, port)) externalChain(job);
  if (job.usesFirewall) firewallChain(job);
  if (job.endpoints.cluster.length > 0) balance(job, job.chains.cluster, job.endpoints.cluster);
  if (job.endpoints.local.length > 0) balance(job, job.chains.local, job.endpoints.local);
  for (const endpoint of job.endpoints.reachable) endpointRules(job, endpoint);
}

function prepare(context: ProxyContext, service: Service, port: ServicePort): Job | undefined {
  const facts = portFacts(service, port, context.family, context.node, endpointChain);
  if (!facts) return undefined;
  const {name, protocol, endpoints, loadBalancerIps, ranges} = facts;
  const usesFirewall = endpoints.any && loadBalancerIps.length > 0 && ranges.length > 0;
  return {...facts, context, chains: serviceChains(name, protocol), usesFirewall};
}

/** A rule for packets to one address (or any) and a port of the service. */
function portRule(
  job: Job,
  text: string,
  ip: Ip | undefined,
  dport: number,
  target: Target,
  extra: Match[] = [],
): Rule {
  const {protocol} = job;
  const matches: Match[] = [comment(text), ...extra, {kind: 'l4', dport}];
  return {...(ip === undefined ? {} : {destination: host(ip)}), protocol, matches, target};
}

function host(ip: Ip): AddressMatch {
  return {prefix: {ip, length: ipBits(ip)}, not: false};
}

/** What becomes of packets that no endpoint takes: refused where there is none at all, else dropped for want of a local one. */
function unserved({endpoints, name}: Job): {readonly text: string; readonly target: Target} {
  return endpoints.any
    ? {text: `${name} has no local endpoints`, target: {kind: 'DROP'}}
    : {text: `${name} has no endpoints`, target: {kind: 'REJECT'}};
}

function captureClusterIp(job: Job): void {
  const {context, clusterIp, port, name, chains, intLocal} = job;
  if (job.hasInternal) {
    const target = jump(intLocal ? chains.local : chains.cluster);
    context.nat.chain('KUBE-SERVICES').push(portRule(job, `${name} cluster IP`, clusterIp, port.port, target));
  } else {
    const {text, target} = unserved(job);
    context.filter.chain('KUBE-SERVICES').push(portRule(job, text, clusterIp, port.port, target));
  }
}

function captureExternal(job: Job): void {
  const {context, port, name, chains, endpoints, hasExternal} = job;
  const nat = context.nat.chain('KUBE-SERVICES');
  const refuse = (ip: Ip) => {
    const {text, target} = unserved(job);
    context.filter.chain('KUBE-EXTERNAL-SERVICES').push(portRule(job, text, ip, port.port, target));
  };
  for (const ip of job.externalIps) {
    if (endpoints.any) nat.push(portRule(job, `${name} external IP`, ip, port.port, jump(chains.external)));
    if (!hasExternal) refuse(ip);
  }
  const way = jump(job.usesFirewall ? chains.firewall : chains.external);
  for (const ip of job.loadBalancerIps) {
    if (endpoints.any) nat.push(portRule(job, `${name} loadbalancer IP`, ip, port.port, way));
    if (job.usesFirewall) {
      const text = `${name} traffic not accepted by ${chains.firewall}`;
      context.filter.chain('KUBE-PROXY-FIREWALL').push(portRule(job, text, ip, port.port, {kind: 'DROP'}));
    }
  }
  if (!hasExternal) for (const ip of job.loadBalancerIps) refuse(ip);
}

function captureNodePort(job: Job): void {
  const {context, port, name, chains} = job;
  if (port.nodePort === undefined) return;
  if (job.endpoints.any) {
    const rule = portRule(job, name, undefined, port.nodePort, jump(chains.external));
    context.nat.chain('KUBE-NODEPORTS').push(rule);
  }
  if (job.hasExternal) return;
  const {text, target} = unserved(job);
  const rule = portRule(job, text, undefined, port.nodePort, target, [{kind: 'local', side: 'dst'}]);
  context.filter.chain('KUBE-EXTERNAL-SERVICES').push(rule);
}

function captureHealthCheck({context, service, name}: Job): void {
  const dport = service.healthCheckNodePort;
  if (dport === undefined) return;
  context.filter.chain('KUBE-NODEPORTS').push({
    protocol: 'tcp',
    matches: [comment(`${name} health check node port`), {kind: 'l4', dport}],
    target: {kind: 'ACCEPT'},
  });
}

function masqueradeOutsiders(job: Job): void {
  const {context, clusterIp, port, name, chains, intLocal} = job;
  if (!context.clusterCidr) return;
  const source = address(context.clusterCidr, true);
  const rule = portRule(job, `${name} cluster IP`, clusterIp, port.port, MARK_MASQ);
  context.nat.chain(intLocal ? chains.local : chains.cluster).push({...(source ? {source} : {}), ...rule});
}

function externalChain(job: Job): void {
  const {context, name, chains, extLocal} = job;
  const rules = context.nat.chain(chains.external);
  const add = (text: string, target: Target, fields: Partial<Rule> = {}, ...more: Match[]) =>
    rules.push({...fields, matches: [comment(`${text} for ${name} external destinations`), ...more], target});
  if (!extLocal) add('masquerade traffic', MARK_MASQ);
  else {
    const source = context.clusterCidr && address(context.clusterCidr);
    if (context.clusterCidr) add('pod traffic', jump(chains.cluster), source ? {source} : {});
    add('masquerade LOCAL traffic', MARK_MASQ, {}, {kind: 'local', side: 'src'});
    add('route LOCAL traffic', jump(chains.cluster), {}, {kind: 'local', side: 'src'});
  }
  if (job.hasExternal) rules.push({matches: [], target: jump(extLocal ? chains.local : chains.cluster)});
}

function firewallChain({context, name, chains, ranges, loadBalancerIps}: Job): void {
  const rules = context.nat.chain(chains.firewall);
  const allow = (prefix: Prefix) => {
    const source = address(prefix);
    const matches = [comment(`${name} loadbalancer IP`)];
    rules.push({...(source ? {source} : {}), matches, target: jump(chains.external)});
  };
  for (const range of ranges) allow(range);
  const {nodeIp} = context;
  if (nodeIp !== undefined && ranges.some((range) => prefixContains(range, nodeIp)))
    for (const ip of loadBalancerIps) allow({ip, length: ipBits(ip)});
  const text = `other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`;
  rules.push({matches: [comment(text)], target: undefined});
}

/** Affinity first, then by chance: 1/n, 1/(n−1), … the last one always. */
function balance(job: Job, chain: string, endpoints: readonly Endpoint[]): void {
  const {context, service, name} = job;
  const rules = context.nat.chain(chain);
  const said = endpoints.map(({text}): Match[] => (context.large ? [] : [comment(`${name} -> ${text}`)]));
  const ways = endpoints.map(({chain: way}) => way);
  const seconds = service.sessionAffinity?.clientIpTimeout;
  if (seconds !== undefined)
    for (const [i, target] of ways.entries())
      rules.push({matches: [...said[i]!, {kind: 'recent-check', name: target, seconds}], target: jump(target)});
  for (const [i, target] of ways.entries()) {
    const left = ways.length - i;
    rules.push({matches: left > 1 ? [...said[i]!, oneOf(left)] : said[i]!, target: jump(target)});
  }
}

function endpointRules(job: Job, endpoint: Endpoint): void {
  const {context, service, name, protocol} = job;
  const {chain, backend} = endpoint;
  const {ip, port} = backend;
  const said: Match[] = context.large ? [] : [comment(name)];
  const remembered: Match[] = service.sessionAffinity ? [{kind: 'recent-set', name: chain}] : [];
  context.nat
    .chain(chain)
    .push(
      {source: host(ip), matches: said, target: MARK_MASQ},
      {protocol, matches: [...said, ...remembered, PROTOCOL_ONLY], target: {kind: 'DNAT', ip, port}},
    );
}
