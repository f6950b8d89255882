/**
 * What answers in pods, nodes and hosts outside.
 *
 * Which ports are open (Kubernetes doesn't know; containerPorts are a statement of intent):
 *   pod        the ports its containers declare and those that services target on it, for TCP, UDP and SCTP alike; every port
 *              when neither names any
 *   node       22, 4240, 4244, 10250, on API servers 6443, and the ports of its hostNetwork pods
 *   outside    every port
 * Behind them: DNS on 53 in pods; on other ports UDP, TCP and SCTP echo what they get; TCP answers HTTP where it is HTTP.
 */
import type {Cluster, Pod} from '../../cluster/model.js';
import type {Ip} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {IPV4_DONT_FRAGMENT, ipv4Destination, ipv4Source, writeIpv4} from '../../wire/ipv4.js';
import {ipv6Destination, ipv6Source, writeIpv6} from '../../wire/ipv6.js';
import {fillL4Checksum, PROTO_UDP} from '../../wire/l4.js';
import {UDP_HEADER, udpDestinationPort} from '../../wire/udp.js';
import {answerDns} from './dns-server.js';
import {flowLabel} from './flow.js';
import {healthChecked} from './health-check.js';
import {routeTo} from './route.js';
import {type SimSkb, scrub} from './skb.js';
import {lane, type Ns, nextIdentification, nextPacket} from './state.js';

const DNS_PORT = 53;
/** ssh, cilium-health, hubble, kubelet. */
const NODE_PORTS = [22, 4240, 4244, 10250];
const APISERVER_PORT = 6443;

/** Does a process of this namespace listen on the port? */
export function listens(ns: Ns, port: number): boolean {
  const ports = listeningPorts(ns);
  return ports === 'all' || ports.has(port) || healthChecked(ns, port) !== undefined;
}

/** What a list of its sockets shows, for TCP and UDP alike. */
export function listeningPorts(ns: Ns): ReadonlySet<number> | 'all' {
  ns.openPorts ??= portsOf(ns);
  return ns.openPorts;
}

function portsOf(ns: Ns): ReadonlySet<number> | 'all' {
  if (ns.kind === 'external') return 'all';
  if (ns.pod) {
    const ports = podPorts(ns, ns.pod);
    return ports.size === 0 ? 'all' : ports;
  }
  const ports = new Set(NODE_PORTS);
  if (ns.kind !== 'host') return ports;
  const {spec, run} = ns.node!;
  if (spec.apiserver) ports.add(APISERVER_PORT);
  for (const pod of run.cluster.pods)
    if (pod.hostNetwork && pod.node === spec.name) for (const port of podPorts(ns, pod)) ports.add(port);
  return ports;
}

function podPorts(ns: Ns, pod: Pod): Set<number> {
  const ports = new Set(pod.ports.map(({port}) => port));
  const served = backendPorts(ns.run.cluster);
  for (const ip of pod.ips) for (const port of served.get(ip) ?? []) ports.add(port);
  return ports;
}

const knownPorts = new WeakMap<Cluster, ReadonlyMap<Ip, ReadonlySet<number>>>();

/** What services expect at an address. */
function backendPorts(cluster: Cluster): ReadonlyMap<Ip, ReadonlySet<number>> {
  const known = knownPorts.get(cluster);
  if (known) return known;
  const ports = new Map<Ip, Set<number>>();
  for (const {backends} of cluster.services)
    for (const {ip, port} of backends) {
      const own = ports.get(ip);
      if (own) own.add(port);
      else ports.set(ip, new Set([port]));
    }
  knownPorts.set(cluster, ports);
  return ports;
}

/** The datagram gets its answer where something listens; false: nobody does. Takes the skb then. */
export function serveUdp(ns: Ns, skb: SimSkb, ip: number, o: number): boolean {
  const port = udpDestinationPort(skb.buf, o);
  if (!listens(ns, port)) return false;
  const {run} = ns;
  const reply =
    port === DNS_PORT && ns.kind !== 'external' ? answerDns(run.cluster, skb.buf, o + UDP_HEADER, skb.end) : undefined;
  const out = reply ? run.pool.take(o - skb.start + UDP_HEADER + reply.length, 0) : skb;
  if (reply) {
    out.buf.set(skb.buf.subarray(skb.start, o + UDP_HEADER), out.start);
    out.end = out.start + o - skb.start + UDP_HEADER + reply.length;
    out.buf.set(reply, out.end - reply.length);
  }
  turnRound(ns, out, out.start + ip - skb.start, out.start + o - skb.start, reply !== undefined);
  if (reply) run.pool.release(skb);
  run.agenda.pushAfter(lane.application, run.now, ns.outbox, out);
  return true;
}

/** Makes the answer's headers out of the question's. The payload is what it is. */
function turnRound(ns: Ns, skb: SimSkb, ip: number, o: number, changed: boolean): void {
  const {buf, end} = skb;
  const from = get16(buf, o);
  const to = get16(buf, o + 2);
  set16(buf, o, to);
  set16(buf, o + 2, from);
  set16(buf, o + 4, end - o);
  if (buf[ip]! >>> 4 === 4) {
    const source = ipv4Destination(buf, ip);
    const destination = ipv4Source(buf, ip);
    const fits = end - ip <= (routeTo(ns, destination)?.mtu ?? 0);
    writeIpv4(buf, ip, {
      totalLength: end - ip,
      id: nextIdentification(ns),
      flags: fits ? IPV4_DONT_FRAGMENT : 0,
      protocol: PROTO_UDP,
      source,
      destination,
    });
  } else {
    const [source, destination] = [ipv6Destination(buf, ip), ipv6Source(buf, ip)];
    const label = flowLabel(source, destination, PROTO_UDP, to, from);
    writeIpv6(buf, ip, {flowLabel: label, payloadLength: end - o, nextHeader: PROTO_UDP, source, destination});
  }
  // Swapping both ends leaves the sum as it was.
  if (changed) fillL4Checksum(buf, ip, end);
  scrub(skb);
  skb.packet = nextPacket(ns.run);
}
