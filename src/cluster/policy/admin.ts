/** AdminNetworkPolicy, BaselineAdminNetworkPolicy (v1alpha1) and ClusterNetworkPolicy (v1alpha2) → the forms of `model.ts`. */
import {parsePrefix} from '../../wire/addr.js';
import type {L4Name} from '../model.js';
import type {Policy, PolicyPeer, PolicyPort, PolicyRule, PolicySide} from './model.js';
import {type K8sSelector, nameOf, type PolicyObject, placeIn, readSelector} from './read.js';

interface AnpPods {
  readonly namespaceSelector?: K8sSelector | null;
  readonly podSelector?: K8sSelector | null;
}

interface AnpPeer {
  readonly namespaces?: K8sSelector | null;
  readonly pods?: AnpPods | null;
  readonly networks?: readonly string[] | null;
  readonly nodes?: K8sSelector | null;
  readonly domainNames?: readonly string[] | null;
}

interface AnpPort {
  readonly portNumber?: {readonly protocol?: L4Name; readonly port: number} | null;
  readonly portRange?: {readonly protocol?: L4Name; readonly start: number; readonly end: number} | null;
  readonly namedPort?: string | null;
}

interface AnpRule {
  readonly name?: string;
  readonly action: keyof typeof actions;
  readonly from?: readonly AnpPeer[] | null;
  readonly to?: readonly AnpPeer[] | null;
  readonly ports?: readonly AnpPort[] | null;
  /** v1alpha2, in place of `ports`. */
  readonly protocols?: readonly CnpProtocol[] | null;
}

interface CnpPort {
  readonly destinationPort?: {
    readonly number?: number;
    readonly range?: {readonly start: number; readonly end: number} | null;
  } | null;
}

interface CnpProtocol {
  readonly tcp?: CnpPort | null;
  readonly udp?: CnpPort | null;
  readonly sctp?: CnpPort | null;
  readonly destinationNamedPort?: string | null;
}

interface AnpSpec {
  /** v1alpha2. */
  readonly tier?: 'Admin' | 'Baseline';
  readonly priority?: number;
  readonly subject: AnpPeer;
  readonly ingress?: readonly AnpRule[] | null;
  readonly egress?: readonly AnpRule[] | null;
}

const actions = {Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass'} as const;

export function adminPolicy(object: PolicyObject): Policy {
  const kind = object.kind as 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
  const spec = object.value.spec as AnpSpec;
  const unsupported: Policy['unsupported'][number][] = [];
  const side = (direction: 'ingress' | 'egress'): PolicySide => ({
    defaultDeny: false,
    rules: (spec[direction] ?? []).map((rule, i): PolicyRule => {
      const where = placeIn(object, 'spec', direction, i);
      const peers = (direction === 'ingress' ? rule.from : rule.to) ?? [];
      for (const [j, peer] of peers.entries())
        if (peer.nodes || peer.domainNames)
          unsupported.push({
            what: `${direction}[${i}]: a peer by ${peer.nodes ? 'nodes' : 'domainNames'}`,
            where: placeIn(object, 'spec', direction, i, direction === 'ingress' ? 'from' : 'to', j),
          });
      return {
        action: actions[rule.action],
        peers: peers.flatMap(anpPeers),
        ports: rule.ports?.length
          ? rule.ports.flatMap(anpPort)
          : rule.protocols?.length
            ? rule.protocols.flatMap(cnpPorts)
            : undefined,
        label: `${direction}[${i}]${rule.name ? ` ${rule.name}` : ''}`,
        assumes: [],
        where,
      };
    }),
  });
  return {
    kind,
    name: nameOf(object).name,
    namespace: undefined,
    tier: kind === 'AdminNetworkPolicy' || spec.tier === 'Admin' ? 'admin' : 'baseline',
    priority: spec.priority ?? 0,
    subject: anpPeers(spec.subject)[0] ?? {kind: 'identity', labels: []},
    ingress: side('ingress'),
    egress: side('egress'),
    unsupported,
    where: placeIn(object),
  };
}

function anpPeers({namespaces, pods, networks}: AnpPeer): PolicyPeer[] {
  if (namespaces) return [{kind: 'pods', namespaces: readSelector(namespaces), pods: []}];
  if (pods)
    return [{kind: 'pods', namespaces: readSelector(pods.namespaceSelector), pods: readSelector(pods.podSelector)}];
  // the API checks traffic within the cluster against these as well
  return (networks ?? []).map((text) => ({kind: 'cidr', prefix: parsePrefix(text)!, except: [], inside: true}));
}

function anpPort({portNumber, portRange, namedPort}: AnpPort): PolicyPort[] {
  if (portNumber) return [{protocol: portNumber.protocol ?? 'TCP', port: portNumber.port}];
  if (portRange) return [{protocol: portRange.protocol ?? 'TCP', port: portRange.start, endPort: portRange.end}];
  // the name may be that of a port of any protocol
  return namedPort ? [{protocol: 'ANY', name: namedPort}] : [];
}

/** `{}` of a protocol is all of its ports. */
function cnpPorts({tcp, udp, sctp, destinationNamedPort}: CnpProtocol): PolicyPort[] {
  const of = (protocol: L4Name, item: CnpPort | null | undefined): PolicyPort[] => {
    if (!item) return [];
    const {number, range} = item.destinationPort ?? {};
    if (range) return [{protocol, port: range.start, endPort: range.end}];
    return [number === undefined ? {protocol} : {protocol, port: number}];
  };
  const named: PolicyPort[] = destinationNamedPort ? [{protocol: 'ANY', name: destinationNamedPort}] : [];
  return [...of('TCP', tcp), ...of('UDP', udp), ...of('SCTP', sctp), ...named];
}
