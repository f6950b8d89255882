/** Commands that would show on a live cluster what a trace predicts, with the ids and devices of this one. */
import type {TrafficSpec} from '../../cluster/model.js';
import type {ControlPlane} from '../../control/control.js';
import type {TunnelPorts} from '../../session/layers.js';
import {formatIp} from '../../wire/addr.js';
import {podAt} from '../pod-index.js';
import {innermost, tunnelOf} from './frame.js';
import type {Confirmation, Hop} from './model.js';
import type {Target} from './policy.js';

export function confirmations(
  control: ControlPlane,
  spec: TrafficSpec,
  hops: readonly Hop[],
  target: Target | undefined,
  ports: TunnelPorts,
): Confirmation[] {
  const {cluster} = control;
  const out: Confirmation[] = [];
  if (cluster.dataplane === 'cilium') {
    out.push({
      node: undefined,
      command: hubble(control, spec, target),
      shows: 'flows of this connection with verdicts',
    });
    out.push(...endpointCommands(control, spec, target));
  } else out.push(...ruleCommands(control, hops));
  out.push(...captures(hops, ports));
  return out;
}

function hubble({cluster}: ControlPlane, {from, protocol}: TrafficSpec, target: Target | undefined): string {
  const words = ['hubble observe'];
  if (from.kind === 'pod') words.push(`--from-pod ${from.pod.namespace}/${from.pod.name}`);
  else if (from.kind === 'ip') words.push(`--from-ip ${formatIp(from.ip)}`);
  else if (from.kind === 'node') words.push(`--from-ip ${formatIp(from.node.ips[0]!)}`);
  const pod = target && podAt(cluster, target.ip);
  if (pod) words.push(`--to-pod ${pod.namespace}/${pod.name}`);
  else if (target) words.push(`--to-ip ${formatIp(target.ip)}`);
  words.push(`--protocol ${l4Word(protocol)}`);
  if (target && target.port > 0) words.push(`--to-port ${target.port}`);
  return words.join(' ');
}

function l4Word(protocol: TrafficSpec['protocol']): string {
  return {icmp: 'icmp', udp: 'udp', tcp: 'tcp', sctp: 'sctp', http: 'tcp', dns: 'udp'}[protocol];
}

/** Policy map and drops of each end that is a pod. */
function endpointCommands({cluster}: ControlPlane, {from}: TrafficSpec, target: Target | undefined): Confirmation[] {
  const to = target && podAt(cluster, target.ip);
  return [from.kind === 'pod' ? from.pod : undefined, to].flatMap((pod) => {
    if (!pod || pod.hostNetwork || pod.node === undefined) return [];
    const {node, endpointId: id} = pod;
    const name = `${pod.namespace}/${pod.name}`;
    return [
      {node, command: `cilium-dbg bpf policy get ${id}`, shows: `policy map of ${name}`},
      {
        node,
        command: `cilium-dbg monitor --related-to ${id} --type drop --type policy-verdict`,
        shows: `its verdicts as they fall`,
      },
    ];
  });
}

function ruleCommands(control: ControlPlane, hops: readonly Hop[]): Confirmation[] {
  return hops.flatMap(({node, rules}) => {
    const [first] = rules;
    if (!first || node === '') return [];
    const {table, chain} = rules.at(-1)!;
    if (table === 'ipvs') return [{node, command: 'ipvsadm -Lnc', shows: 'its connections'}];
    if (table === 'kube-proxy') {
      const own = control.state(node).nftables?.find(({chains}) => chains.has(chain));
      const family = own?.family === 6 ? 'ip6' : 'ip';
      return [{node, command: `nft list chain ${family} kube-proxy ${chain}`, shows: 'the rules that decided'}];
    }
    return [{node, command: `iptables -t ${first.table} -nvL ${chain}`, shows: 'counters of the rules that matched'}];
  });
}

/** A capture at each device of a node on the way of the request. */
function captures(hops: readonly Hop[], ports: TunnelPorts): Confirmation[] {
  const seen = new Set<string>();
  return hops.flatMap(({leg, place, node, pod, device, frame}) => {
    const key = `${node} ${device}`;
    if (leg !== 'request' || place !== 'device' || !frame || pod !== undefined || seen.has(key)) return [];
    seen.add(key);
    const outer = tunnelOf(frame, ports);
    const inner = innermost(frame, ports);
    const hosts = outer ?? inner;
    if (!hosts) return [];
    const port = outer ? `udp port ${outer.destinationPort} and ` : '';
    const filter = `${port}host ${formatIp(hosts.source)} and host ${formatIp(hosts.destination)}`;
    return [
      {node, command: `tcpdump -nni ${device} '${filter}'`, shows: outer ? 'the encapsulated packet' : 'the packet'},
    ];
  });
}
