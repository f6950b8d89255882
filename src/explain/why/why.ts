/** Which rules decide about a connection, in evaluation order. */
import type {Cluster, ClusterNode, L4Name, Peer, Pod, TrafficSpec} from '../../cluster/model.js';
import {type Policy, policyTitle} from '../../cluster/policy/model.js';
import type {ControlPlane} from '../../control/control.js';
import {type Governed, hasHostFirewall, hostEndpoint} from '../../control/host-endpoint.js';
import {reservedIdentities} from '../../control/identity.js';
import {type CiliumSide, ciliumSide, type Question} from '../../control/policy/cilium.js';
import {createPolicyCompilers, type PolicyCompiler} from '../../control/policy/compile.js';
import {createKubernetesPolicies, type Direction, type Party, type Step} from '../../control/policy/kubernetes.js';
import {allPorts, intersect, type PortSet, portRange} from '../../control/policy/ports.js';
import {type SourcePosition, UserError} from '../../term/error.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {podParty} from '../parties.js';

export type Semantics = 'k8s' | 'cilium';

/** An end of a connection, when names and services are resolved. */
export type End =
  | {readonly kind: 'pod'; readonly pod: Pod}
  /** `ip`: the address of it that was asked for, where one was. */
  | {readonly kind: 'node'; readonly node: ClusterNode; readonly ip?: Ip}
  | {readonly kind: 'ip'; readonly ip: Ip};

export interface SideAnswer {
  readonly direction: Direction;
  /** Whose policies these are: `default/web`, `node node1`. */
  readonly of: string;
  /** Of the packets that carry it from node to node, where the host firewall judges those too: what they are. */
  readonly carrier?: Question;
  readonly steps: readonly Step[];
  readonly allowed: PortSet;
  readonly rest: CiliumSide['rest'] | 'no-endpoint' | 'baseline';
}

export interface Answer {
  readonly from: End;
  readonly to: End;
  readonly question: Question;
  readonly sides: readonly SideAnswer[];
  /** What both sides let pass of what was asked. */
  readonly allowed: PortSet;
  /** Policies of kinds that these semantics do not know. */
  readonly ignored: readonly Policy[];
}

export interface Asked {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: TrafficSpec['protocol'] | 'any';
  readonly port: number | undefined;
}

/** One answer per destination: a service has those of its backends. */
export function why(control: ControlPlane, asked: Asked, semantics: Semantics): Answer[] {
  return createWhy(control, semantics)(asked);
}

/** For many questions to one cluster. */
export function createWhy(control: ControlPlane, semantics: Semantics) {
  const {cluster} = control;
  const answer = createAnswers(control, semantics);
  return (asked: Asked): Answer[] => {
    const from = endOf(cluster, asked.from);
    return destinations(cluster, asked).map(({to, question}) => answer(from, to, question));
  };
}

/** The same where the ends are known. */
export function createAnswers(control: ControlPlane, semantics: Semantics) {
  const {cluster} = control;
  const {side, carry} = semantics === 'cilium' ? ciliumSides(control) : kubernetesSides(cluster);
  return (from: End, to: End, question: Question): Answer => {
    if (semantics === 'k8s' && question.icmp)
      throw new UserError({
        message: 'Kubernetes policies say nothing of ICMP: each network plugin does as it likes',
        hint: 'ask for a port, or with --semantics cilium',
      });
    const sides = [side('egress', from, to, question), side('ingress', to, from, question), ...carry(from, to)];
    const ignored = (cluster.policies ?? []).filter(({kind, tier}) =>
      semantics === 'cilium' ? tier !== 'network' : kind.startsWith('Cilium'),
    );
    return {from, to, question, sides, allowed: sides.map(({allowed}) => allowed).reduce(intersect), ignored};
  };
}

export interface Sides {
  side(direction: Direction, local: End, remote: End, question: Question): SideAnswer;
  /** What shuts the tunnel between the nodes of two ends, either way. */
  carry(from: End, to: End): SideAnswer[];
}

function kubernetesSides(cluster: Cluster): Sides {
  const rules = createKubernetesPolicies(cluster.policies ?? []);
  const namespaces = new Map(cluster.namespaces.map(({name, labels}) => [name, labels]));
  const parties = new Map<End, Party>();
  const partyOf = (end: End): Party => {
    if (end.kind === 'node' || (end.kind === 'pod' && end.pod.hostNetwork))
      throw new UserError({
        message: `${endTitle(end)}: Kubernetes policies leave traffic of nodes to the network plugin`,
        hint: '--semantics cilium has an answer',
      });
    let party = parties.get(end);
    if (!party) {
      party = end.kind === 'pod' ? podParty(end.pod, namespaces) : {kind: 'external', ip: end.ip};
      parties.set(end, party);
    }
    return party;
  };
  const side: Sides['side'] = (direction, local, remote, question) => {
    const [own, other] = [partyOf(local), partyOf(remote)];
    if (local.kind !== 'pod') return unbound(direction, local, question);
    const steps: Step[] = [];
    const allowed = rules.side(direction, own, other, (step) => steps.push(within(step, question.ports)));
    const closed = steps.some(({rule, policy}) => rule === undefined && policy.tier === 'network');
    return {
      direction,
      of: endTitle(local),
      steps,
      allowed: intersect(allowed, question.ports),
      rest: closed ? 'default-deny' : steps.length > 0 ? 'baseline' : 'not-enforced',
    };
  };
  return {side, carry: () => []};
}

function within(step: Step, ports: PortSet): Step {
  return {...step, matched: intersect(step.matched, ports), decided: intersect(step.decided, ports)};
}

export function ciliumSides(control: ControlPlane): Sides {
  const {cluster} = control;
  const compilers = createPolicyCompilers(cluster);
  const firewall = hasHostFirewall(cluster.cilium);
  const hosts = new Map<ClusterNode, Governed>();
  const hostOf = (node: ClusterNode) => {
    let host = hosts.get(node);
    if (!host) hosts.set(node, (host = hostEndpoint(node, cluster.cilium)));
    return host;
  };

  /** `own` is an endpoint of `node`, which knows the other end as `remote`. */
  function ask(
    direction: Direction,
    of: string,
    node: ClusterNode,
    own: Governed,
    end: End,
    question: Question,
  ): SideAnswer {
    const compiler = compilers(node);
    refuseUnsure(compiler, direction, own);
    const steps: Step[] = [];
    const remote = identityAt(control, node.name, end);
    const side = ciliumSide(cluster, compiler, direction, own, remote, question, (step) => steps.push(step));
    return {direction, of, steps, ...side};
  }

  const side: Sides['side'] = (direction, local, remote, question) => {
    if (local.kind === 'pod' && !local.pod.hostNetwork) {
      const {pod} = local;
      return ask(direction, endTitle(local), runningOn(cluster, pod), pod, remote, question);
    }
    const node = firewall ? hostNode(cluster, local) : undefined;
    // what a node tells itself stays on its loopback device
    if (!node || hostNode(cluster, remote) === node) return unbound(direction, local, question);
    return ask(direction, endTitle(local), node, hostOf(node), remote, question);
  };

  const tunnels = new Map<string, SideAnswer[]>();

  function carry(from: End, to: End): SideAnswer[] {
    if (!firewall || cluster.cilium.routingMode !== 'tunnel') return [];
    const [a, b] = [nodeOf(cluster, from), nodeOf(cluster, to)];
    if (!a || !b || a === b || (hostNode(cluster, from) && hostNode(cluster, to))) return [];
    const key = `${a.name} ${b.name}`;
    let found = tunnels.get(key);
    if (!found) tunnels.set(key, (found = tunnel(a, b)));
    return found;
  }

  /** Tunnel packets are the nodes' own: their policies judge them, request and answer alike. */
  function tunnel(a: ClusterNode, b: ClusterNode): SideAnswer[] {
    const {tunnelProtocol, tunnelPort, enablePolicy} = cluster.cilium;
    const carrier: Question = {ports: portRange('UDP', tunnelPort, tunnelPort)};
    const ways = [
      {node: a, other: b},
      {node: b, other: a},
    ];
    return ways.flatMap(({node, other}) => {
      if (enablePolicy !== 'always' && compilers(node).governing(hostOf(node)).length === 0) return [];
      const remote: End = {kind: 'node', node: other};
      return (['egress', 'ingress'] as const).flatMap((direction): SideAnswer[] => {
        const answer = ask(direction, `${tunnelProtocol} of node ${node.name}`, node, hostOf(node), remote, carrier);
        return answer.allowed.length > 0 ? [] : [{...answer, carrier}];
      });
    });
  }

  return {side, carry};
}

/** The node whose own address an end has. */
function hostNode(cluster: Cluster, end: End): ClusterNode | undefined {
  return end.kind === 'pod' && !end.pod.hostNetwork ? undefined : nodeOf(cluster, end);
}

const nodeNames = new WeakMap<Cluster, ReadonlyMap<string, ClusterNode>>();

function nodeOf(cluster: Cluster, end: End): ClusterNode | undefined {
  if (end.kind !== 'pod') return end.kind === 'node' ? end.node : undefined;
  let names = nodeNames.get(cluster);
  if (!names) nodeNames.set(cluster, (names = new Map(cluster.nodes.map((node) => [node.name, node]))));
  return names.get(end.pod.node ?? '');
}

/** Where a rule that nothing here evaluates governs an end, no answer is sure. */
export function refuseUnsure(compiler: PolicyCompiler, direction: Direction, own: Governed): void {
  for (const policy of compiler.governing(own)) {
    for (const {what, where} of policy.unsupported)
      if (what.includes(direction))
        throw new UserError({
          message: `${policyTitle(policy)}: ${what} is not evaluated, so there is no sure answer`,
          where,
        });
  }
}

/** Nodes without the host firewall, and the outside, have no policy of their own. */
function unbound(direction: Direction, local: End, {ports}: Question): SideAnswer {
  return {direction, of: endTitle(local), steps: [], allowed: ports, rest: 'no-endpoint'};
}

function runningOn(cluster: Cluster, pod: Pod): ClusterNode {
  const node = nodeOf(cluster, {kind: 'pod', pod});
  if (!node) throw new UserError({message: `pod ${pod.namespace}/${pod.name} runs on no node yet (${pod.phase})`});
  return node;
}

/** Identity that the agent of this node knows the other end by. */
function identityAt(control: ControlPlane, node: string, remote: End): number {
  const state = control.state(node);
  if (remote.kind === 'pod' && !remote.pod.hostNetwork) return remote.pod.identity;
  const ip =
    remote.kind === 'ip' ? remote.ip : remote.kind === 'node' ? (remote.ip ?? remote.node.ips[0]) : remote.pod.ips[0];
  return (ip === undefined ? undefined : state.ipcache.lookup(ip)?.identity) ?? reservedIdentities.world;
}

function endOf({pods, nodes}: Cluster, peer: Peer): End {
  switch (peer.kind) {
    case 'pod':
      return {kind: 'pod', pod: peer.pod};
    case 'node':
      return {kind: 'node', node: peer.node};
    case 'ip': {
      const pod = pods.find((one) => !one.hostNetwork && one.ips.includes(peer.ip));
      if (pod) return {kind: 'pod', pod};
      const node = nodes.find(({ips, externalIps, routerIps}) =>
        [...ips, ...externalIps, ...routerIps].includes(peer.ip),
      );
      return node ? {kind: 'node', node, ip: peer.ip} : {kind: 'ip', ip: peer.ip};
    }
    case 'service':
      throw new UserError({message: 'a service sends nothing: name a pod, a node or an address as the source'});
    case 'name':
      throw new UserError({
        message: `${peer.name}: a name of the DNS; spec.names of the definition can say its addresses`,
      });
  }
}

function destinations(cluster: Cluster, asked: Asked): {readonly to: End; readonly question: Question}[] {
  const {to: peer} = asked;
  const ip = peer.kind === 'ip' ? peer.ip : undefined;
  const service =
    peer.kind === 'service'
      ? peer.service
      : ip === undefined
        ? undefined
        : cluster.services.find(({clusterIps, externalIps, loadBalancerIps}) =>
            [...clusterIps, ...externalIps, ...loadBalancerIps].includes(ip),
          );
  const named = peer.kind === 'name' ? externalName(cluster, peer.name) : undefined;
  if (named)
    return named.map((own) => {
      const to = endOf(cluster, {kind: 'ip', ip: own});
      return {to, question: questionOf(asked, to)};
    });
  if (!service) {
    const to = endOf(cluster, peer);
    return [{to, question: questionOf(asked, to)}];
  }
  const title = `service ${service.namespace}/${service.name}`;
  const ports = service.ports.filter(({port}) => asked.port === undefined || port === asked.port);
  if (ports.length === 0) throw new UserError({message: `${title} has no port ${asked.port}`});
  const names = new Set(ports.map(({name}) => name ?? ''));
  const backends = service.backends.filter(({portName, state}) => names.has(portName) && state === 'active');
  if (backends.length === 0) throw new UserError({message: `${title} has no active backend: policy is never asked`}, 1);
  const asOne = new Set<string>();
  return backends.flatMap(({ip: own, protocol, port}) => {
    const to = endOf(cluster, {kind: 'ip', ip: own});
    // A pod of two families is two backends, and one to its policies.
    const key = to.kind === 'pod' ? `${endTitle(to)} ${protocol} ${port}` : `${own} ${protocol} ${port}`;
    if (asOne.has(key)) return [];
    asOne.add(key);
    return [{to, question: {ports: portRange(protocol, port, port)}}];
  });
}

/** Addresses of a name outside of the cluster. */
function externalName({names}: Cluster, text: string): readonly Ip[] | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  return names?.find((own) => own.name === name)?.ips;
}

const l4Of: Readonly<Record<string, L4Name>> = {tcp: 'TCP', http: 'TCP', udp: 'UDP', dns: 'UDP', sctp: 'SCTP'};

function questionOf({protocol, port}: Asked, to: End): Question {
  if (protocol === 'icmp') {
    const ip = to.kind === 'ip' ? to.ip : to.kind === 'node' ? (to.ip ?? to.node.ips[0]) : to.pod.ips[0];
    const four = ip === undefined || isIp4(ip);
    return {ports: [[0, 0]], icmp: four ? {protocol: 1, type: 8} : {protocol: 58, type: 128}};
  }
  const name = l4Of[protocol];
  if (!name) return {ports: allPorts};
  return {ports: port === undefined ? portRange(name, 1, 65535) : portRange(name, port, port)};
}

export function endTitle(end: End): string {
  if (end.kind === 'pod') return `${end.pod.namespace}/${end.pod.name}`;
  return end.kind === 'node' ? `node ${end.node.name}` : formatIp(end.ip);
}

/** The step that settled what was asked where one did, and its place in the input. */
export function decider({
  sides,
  allowed,
  question,
}: Answer): {readonly step: Step; readonly where: SourcePosition} | undefined {
  const denied = allowed.length === 0;
  for (const side of sides) {
    if (denied && intersect(side.allowed, question.ports).length > 0) continue;
    const step = side.steps.find(
      ({decided, action}) => decided.length > 0 && (action === 'deny') === denied && action !== 'pass',
    );
    if (step) return {step, where: (step.rule ?? step.policy).where};
  }
  return undefined;
}

/** Nothing of what was asked may pass. */
export function isDenied({allowed}: Answer): boolean {
  return allowed.length === 0;
}
