/**
 * Rules of the CNI plugin portmap for the hostPorts of a node's pods: its iptables backend with default options
 * (containernetworking/plugins plugins/meta/portmap/portmap_iptables.go, 1.6).
 *
 *   PREROUTING, OUTPUT ▶ CNI-HOSTPORT-DNAT ▶ CNI-DN-<hash> of a pod ▶ CNI-HOSTPORT-SETMARK for hairpin and localhost, then DNAT
 *   POSTROUTING ▶ CNI-HOSTPORT-MASQ
 */
import type {ClusterNode, ContainerPort, Pod} from '../../cluster/model.js';
import {castOf, formatIp, type Ip, ipBits, isIp4, type Prefix, prefixContains} from '../../wire/addr.js';
import type {Match, Protocol, Rule} from './model.js';
import {address, comment, jump, type TableBuilder} from './rule.js';
import {sha512} from './sha512.js';

/** Name of the network, as flannel's and most other configurations have it. */
const NETWORK = 'cbr0';
const SETMARK = 'CNI-HOSTPORT-SETMARK';
const DNAT = 'CNI-HOSTPORT-DNAT';
const MASQ = 'CNI-HOSTPORT-MASQ';
/** 1 << markMasqBit. */
const MARK = 0x2000;
/** maxChainLength of pkg/utils/utils.go. */
const CHAIN_LENGTH = 28;
/** What the match multiport takes. */
const PORTS_PER_RULE = 15;
const LOCALHOST: Prefix = {ip: 0x7f00_0001, length: 32};

type HostPort = ContainerPort & {readonly hostPort: number};

/** Pods with hostPorts on the pod network, by the name of their node. */
export function podsWithHostPorts(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.node === undefined || pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    if (!pod.ports.some(({hostPort}) => hostPort !== undefined)) continue;
    const list = found.get(pod.node);
    if (list) list.push(pod);
    else found.set(pod.node, [pod]);
  }
  return found;
}

/** In table nat, behind kube-proxy's jumps; in POSTROUTING before them. */
export function addHostPorts(nat: TableBuilder, node: ClusterNode, pods: readonly Pod[], family: 4 | 6): void {
  const targets = pods.flatMap((pod) => {
    const ip = pod.ips.find((own) => isIp4(own) === (family === 4));
    return ip === undefined ? [] : [{pod, ip}];
  });
  if (targets.length === 0) return;
  const mark = {kind: 'mark', not: false, value: MARK, mask: MARK} as const;
  nat.chain(SETMARK).push({
    matches: [comment('CNI portfwd masquerade mark')],
    target: {kind: 'MARK', value: MARK, mask: MARK},
  });
  nat.chain(MASQ).push({matches: [mark], target: {kind: 'MASQUERADE', random: false}});
  nat.chain('POSTROUTING').unshift({matches: [comment('CNI portfwd requiring masquerade')], target: jump(MASQ)});
  for (const hook of ['PREROUTING', 'OUTPUT'])
    nat.chain(hook).push({matches: [{kind: 'local', side: 'dst'}], target: jump(DNAT)});
  for (const {pod, ip} of targets) addPod(nat, node, pod, ip);
}

function addPod(nat: TableBuilder, node: ClusterNode, pod: Pod, ip: Ip): void {
  const sandbox = sandboxId(pod);
  const chain = `CNI-DN-${sha512(NETWORK + sandbox)}`.slice(0, CHAIN_LENGTH);
  const text = `dnat name: "${NETWORK}" id: "${sandbox}"`;
  const ports = pod.ports.filter((port): port is HostPort => port.hostPort !== undefined);
  const own = nat.chain(chain);
  for (const protocol of ['sctp', 'tcp', 'udp'] as const) {
    const numbers = ports.filter((port) => protocolOf(port) === protocol).map(({hostPort}) => hostPort);
    for (let i = 0; i < numbers.length; i += PORTS_PER_RULE) {
      const multiport: Match = {kind: 'multiport', dports: numbers.slice(i, i + PORTS_PER_RULE)};
      nat.chain(DNAT).push({protocol, matches: [comment(text), multiport], target: jump(chain)});
    }
  }
  const network = node.podCidrs.find((cidr) => prefixContains(cidr, ip)) ?? {ip, length: ipBits(ip)};
  for (const port of ports)
    if (port.hostIp === undefined || isIp4(port.hostIp) === isIp4(ip)) own.push(...portRules(port, ip, network));
}

/** To be masqueraded: what comes from the pods of the node, and over IPv4 from localhost. */
function portRules({hostPort, port, hostIp, ...rest}: HostPort, ip: Ip, network: Prefix): Rule[] {
  const only =
    hostIp !== undefined && castOf(hostIp) !== 'unspecified' ? {ip: hostIp, length: ipBits(hostIp)} : undefined;
  const base = {
    ...(only ? {destination: {prefix: only, not: false}} : {}),
    protocol: protocolOf(rest),
    matches: [{kind: 'l4', dport: hostPort}],
  } as const satisfies Omit<Rule, 'target'>;
  const marked = isIp4(ip) ? [network, LOCALHOST] : [network];
  return [
    ...marked.map((from): Rule => ({...base, source: address(from)!, target: jump(SETMARK)})),
    {...base, target: {kind: 'DNAT', ip, port}},
  ];
}

function protocolOf({protocol}: Pick<ContainerPort, 'protocol'>): Protocol {
  return protocol === 'UDP' ? 'udp' : protocol === 'SCTP' ? 'sctp' : 'tcp';
}

/** 64 digits that stay the same from run to run; the real one is random. */
function sandboxId({namespace, name, ips}: Pod): string {
  return sha512(`${namespace}/${name} ${ips.map(formatIp).join(' ')}`).slice(0, 64);
}
