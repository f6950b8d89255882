/** The name that a client was given → an address, asked for over the network where a program would ask. */
import type {ClusterNode, Peer, Pod} from '../../cluster/model.js';
import {resolveName} from '../../datapath/run/dns-client.js';
import type {Ns} from '../../datapath/run/state.js';
import {addressesOf} from '../../datapath/run/traffic.js';
import type {Network} from '../../session/network.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import {type Ip, isIp4, parseIp} from '../../wire/addr.js';

/** resolv.conf of a pod: `NAME`, `NAME.NS` and `NAME.NS.svc` are completed. */
function inCluster({pod}: Ns, name: string): string {
  if (name.endsWith('.') || name.split('.').length > 3) return name;
  const [first = '', namespace = pod?.namespace ?? 'default'] = name.split('.');
  return `${first}.${namespace}.svc.cluster.local`;
}

/** Undefined: `Could not resolve host`. */
export async function resolveHost(
  session: Session,
  network: Network,
  host: string,
  family: 4 | 6 | undefined,
  interrupted?: () => undefined,
): Promise<Ip | undefined> {
  const found = await lookUpHost(session, network, host, family, interrupted);
  return 'ip' in found ? found.ip : undefined;
}

/** An address, or what getaddrinfo(3) says. */
export type Found = {readonly ip: Ip} | {readonly error: string};

const WRONG_FAMILY = {error: 'Address family for hostname not supported'};
const UNKNOWN = {error: 'Name or service not known'};

/** Pods and nodes by name are found without a query, which no DNS would answer. */
export async function lookUpHost(
  session: Session,
  network: Network,
  host: string,
  family: 4 | 6 | undefined,
  interrupted: () => undefined = () => undefined,
): Promise<Found> {
  const literal = parseIp(host);
  const fits = (ip: Ip) => family === undefined || isIp4(ip) === (family === 4);
  const chosen = (ip: Ip | undefined): Found => (ip === undefined ? UNKNOWN : fits(ip) ? {ip} : WRONG_FAMILY);
  if (literal !== undefined) return chosen(literal);
  const {ns, run} = network;
  if (host === 'localhost') return chosen(parseIp(family === 6 ? '::1' : '127.0.0.1'));
  const to = await peerOf(session, host);
  if (to && to.kind !== 'service' && to.kind !== 'name') {
    const ips = addressesOf(run, ns, to);
    return chosen(ips.find(fits) ?? ips[0]);
  }
  const name = to?.kind === 'service' || !host.includes('.') ? inCluster(ns, host) : host;
  return network.until<Found>(
    (end) =>
      resolveName(
        ns,
        name,
        true,
        (ip) => end(chosen(ip)),
        (error) => end({error}),
      ),
    () => interrupted() ?? UNKNOWN,
  );
}

async function peerOf(session: Session, host: string): Promise<Peer | undefined> {
  if (!/^[\w.-]+$/.test(host)) return undefined;
  try {
    return (await session.parseTraffic(`node/${session.node.name} -> ${host}/icmp`)).to;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** /etc/hosts of every image. */
const LOOPBACK = 0x7f00_0001;

/** Names that a reverse lookup would give, of pods, nodes and cluster IPs. */
export function addressNames({cluster}: Session): Map<Ip, string> {
  const names = new Map<Ip, string>([[LOOPBACK, 'localhost']]);
  const add = ({name, ips}: Pod | ClusterNode) => {
    for (const ip of ips) names.set(ip, sanitize(name));
  };
  cluster.pods.filter((pod) => !pod.hostNetwork).forEach(add);
  cluster.nodes.forEach(add);
  for (const {name, namespace, clusterIps} of cluster.services)
    for (const ip of clusterIps) names.set(ip, sanitize(`${name}.${namespace}.svc.cluster.local`));
  return names;
}
