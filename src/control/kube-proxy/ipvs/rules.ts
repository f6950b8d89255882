/** iptables rules of kube-proxy in IPVS mode: the same number for any number of services (pkg/proxy/ipvs/proxier.go, writeIptablesRules). */

import type {ClusterNode, Pod} from '../../../cluster/model.js';
import {type Ip, ipBits, type Prefix, parsePrefix} from '../../../wire/addr.js';
import type {Match, Protocol, Rule, Ruleset, Target} from '../model.js';
import {addHostPorts} from '../portmap.js';
import {address, buildTable, comment, jump, states, type TableBuilder} from '../rule.js';
import {MASQUERADE_MARK} from '../service.js';
import {type SetBuilder, type SetId, setRules} from './sets.js';

interface Job {
  readonly family: 4 | 6;
  readonly node: ClusterNode;
  readonly clusterCidr: Prefix | undefined;
  readonly sets: SetBuilder;
  readonly closed: readonly {readonly ip: Ip; readonly protocol: Protocol; readonly port: number}[];
  readonly hostPods: readonly Pod[];
}

interface Tables {
  readonly filter: TableBuilder;
  readonly nat: TableBuilder;
}

const ACCEPT: Target = {kind: 'ACCEPT'};
const RETURN: Target = {kind: 'RETURN'};

export function ipvsRules(job: Job): Ruleset {
  const {family} = job;
  const mangle = buildTable('mangle');
  const filter = buildTable('filter');
  const nat = buildTable('nat');
  for (const table of [mangle, filter, nat]) table.chain('KUBE-KUBELET-CANARY');
  addJumps({filter, nat}, family);
  addServices({filter, nat}, job);
  addFilters(filter, job);
  addMasquerading(nat);
  addHostPorts(nat, job.node, job.hostPods, family);
  return {family, tables: [mangle.finish(), filter.finish(), nat.finish()]};
}

/** Jumps from the built-in chains (iptablesJumpChain, each put in front of the ones before). */
function addJumps({filter, nat}: Tables, family: 4 | 6): void {
  for (const name of ['SERVICES', 'POSTROUTING', 'NODE-PORT', 'LOAD-BALANCER', 'MARK-MASQ']) nat.chain(`KUBE-${name}`);
  for (const name of [
    'FORWARD',
    'NODE-PORT',
    'PROXY-FIREWALL',
    'SOURCE-RANGES-FIREWALL',
    'IPVS-FILTER',
    'IPVS-OUT-FILTER',
  ])
    filter.chain(`KUBE-${name}`);
  const to = (chain: string, text: string): Rule => ({matches: [comment(text)], target: jump(chain)});
  const martians = (): Rule[] => (family === 4 ? [{matches: [], target: jump('KUBE-FIREWALL')}] : []);
  filter
    .chain('INPUT')
    .push(
      ...martians(),
      to('KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
      to('KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
      to('KUBE-NODE-PORT', 'kubernetes health check rules'),
    );
  filter
    .chain('FORWARD')
    .push(to('KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'), to('KUBE-FORWARD', 'kubernetes forwarding rules'));
  filter.chain('OUTPUT').push(...martians(), to('KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'));
  for (const hook of ['PREROUTING', 'OUTPUT']) nat.chain(hook).push(to('KUBE-SERVICES', 'kubernetes service portals'));
  nat.chain('POSTROUTING').push(to('KUBE-POSTROUTING', 'kubernetes postrouting rules'));
  if (family === 6) return;
  const loopback: Prefix = {ip: 0x7f00_0000, length: 8};
  filter.chain('KUBE-FIREWALL').push({
    source: {prefix: loopback, not: true},
    destination: {prefix: loopback, not: false},
    matches: [comment('block incoming localnet connections'), states.unsolicited],
    target: {kind: 'DROP'},
  });
}

function inSet(sets: SetBuilder, set: SetId, directions = 'dst,dst'): Match {
  return {kind: 'set', name: sets.name(set), directions};
}

function addServices({filter, nat}: Tables, {family, clusterCidr, sets}: Job): void {
  const services = nat.chain('KUBE-SERVICES');
  const loopback = family === 4 ? {ip: 0x7f00_0000, length: 8} : parsePrefix('::1/128');
  if (loopback) services.push({source: {prefix: loopback, not: false}, matches: [], target: RETURN});
  for (const {set, table, from, to, directions, protocol} of setRules) {
    if (sets.isEmpty(set)) continue;
    const matches = [comment(sets.comment(set)), inSet(sets, set, directions)];
    const target: Target =
      to === 'RETURN' ? RETURN : to === 'MASQUERADE' ? {kind: 'MASQUERADE', random: false} : jump(to);
    (table === 'filter' ? filter : nat).chain(from).push({...(protocol ? {protocol} : {}), matches, target});
  }
  const outside = clusterCidr && address(clusterCidr, true);
  const mark = jump('KUBE-MARK-MASQ');
  const said = (set: SetId) => [comment(sets.comment(set)), inSet(sets, set)];
  if (clusterCidr && !sets.isEmpty('CLUSTER-IP'))
    services.push({...(outside ? {source: outside} : {}), matches: said('CLUSTER-IP'), target: mark});
  for (const set of ['EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'] as const) {
    if (sets.isEmpty(set)) continue;
    if (set === 'EXTERNAL-IP') services.push({matches: said(set), target: mark});
    const offMachine: Match[] = [{kind: 'not-bridged'}, {kind: 'local', side: 'src', not: true}];
    services.push(
      {matches: [...said(set), ...offMachine], target: ACCEPT},
      {matches: [...said(set), {kind: 'local', side: 'dst'}], target: ACCEPT},
    );
  }
  services.push({matches: [{kind: 'local', side: 'dst'}], target: jump('KUBE-NODE-PORT')});
  nat.chain('KUBE-LOAD-BALANCER').push({matches: [], target: mark});
  for (const set of ['CLUSTER-IP', 'LOAD-BALANCER'] as const)
    if (!sets.isEmpty(set)) services.push({matches: [inSet(sets, set)], target: ACCEPT});
}

function addFilters(filter: TableBuilder, {sets, closed}: Job): void {
  filter.chain('KUBE-SOURCE-RANGES-FIREWALL').push({matches: [], target: {kind: 'DROP'}});
  for (const {ip, protocol, port} of closed)
    filter.chain('KUBE-IPVS-OUT-FILTER').push({
      source: {prefix: {ip, length: ipBits(ip)}, not: false},
      matches: [{kind: 'ipvs', ip, protocol, port}],
      target: {kind: 'DROP'},
    });
  const mark = {kind: 'mark', not: false, value: MASQUERADE_MARK, mask: MASQUERADE_MARK} as const;
  filter
    .chain('KUBE-FORWARD')
    .push(
      {matches: [comment('kubernetes forwarding rules'), mark], target: ACCEPT},
      {matches: [comment('kubernetes forwarding conntrack rule'), states.established], target: ACCEPT},
    );
  const health = inSet(sets, 'HEALTH-CHECK-NODE-PORT', 'dst');
  filter
    .chain('KUBE-NODE-PORT')
    .push({matches: [comment(sets.comment('HEALTH-CHECK-NODE-PORT')), health], target: ACCEPT});
  const access = filter.chain('KUBE-IPVS-FILTER');
  for (const set of ['LOAD-BALANCER', 'CLUSTER-IP', 'EXTERNAL-IP', 'EXTERNAL-IP-LOCAL'] as const)
    access.push({matches: [inSet(sets, set)], target: RETURN});
  access.push(
    {matches: [inSet(sets, 'HEALTH-CHECK-NODE-PORT', 'dst')], target: RETURN},
    {matches: [states.new, inSet(sets, 'IPVS-IPS', 'dst')], target: {kind: 'REJECT'}},
  );
}

function addMasquerading(nat: TableBuilder): void {
  const value = MASQUERADE_MARK;
  nat
    .chain('KUBE-POSTROUTING')
    .push(
      {matches: [{kind: 'mark', not: true, value, mask: value}], target: RETURN},
      {matches: [], target: {kind: 'MARK', value, mask: 0}},
      {matches: [comment('kubernetes service traffic requiring SNAT')], target: {kind: 'MASQUERADE'}},
    );
  nat.chain('KUBE-MARK-MASQ').push({matches: [], target: {kind: 'MARK', value, mask: value}});
}
