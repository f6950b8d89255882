/**
 * The cluster's DNS as CoreDNS's kubernetes plugin serves it (zone cluster.local, `pods insecure`, ttl 30): services, their
 * named ports, endpoints of headless services, pods by address, addresses back to names. Of names outside the zone the upstream
 * knows those of the definition; others have none and get SERVFAIL.
 */
import type {Cluster, Service} from '../../cluster/model.js';
import {type Ip, isIp4, parseIp, readIp6} from '../../wire/addr.js';
import {
  checkDns,
  DNS_AUTHORITATIVE,
  DNS_CLASS_IN,
  DNS_RECURSION_AVAILABLE,
  DNS_RECURSION_DESIRED,
  DNS_RESPONSE,
  type DnsData,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  decodeDns,
  dnsRcodes,
  dnsTypes,
  encodeDns,
} from '../../wire/dns.js';

const ZONE = 'cluster.local.';
const TTL = 30;

interface Answer {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** In the cluster's zone: authoritative, with its SOA where there is nothing. */
  readonly own: boolean;
}

/** The response to the query in `b[o, end)`; undefined where it is none. */
export function answerDns(cluster: Cluster, b: Uint8Array, o: number, end: number): Uint8Array | undefined {
  if (!checkDns(b, o, end).ok) return undefined;
  const decoded = decodeDns(b, o, end);
  if (!decoded.ok || (decoded.message.flags & DNS_RESPONSE) !== 0 || decoded.message.questions.length !== 1)
    return undefined;
  const {message} = decoded;
  const {rcode, answers, additionals, own} = resolveQuestion(cluster, message.questions[0]!);
  const response: DnsMessage = {
    id: message.id,
    flags:
      DNS_RESPONSE |
      (own ? DNS_AUTHORITATIVE : DNS_RECURSION_AVAILABLE) |
      (message.flags & DNS_RECURSION_DESIRED) |
      rcode,
    questions: message.questions,
    answers,
    authorities: own && answers.length === 0 ? [soa(cluster)] : [],
    // CoreDNS gives the question's OPT back, cookie included (request.SizeAndDo)
    additionals: [...additionals, ...message.additionals.filter(({data}) => data.kind === 'OPT')],
  };
  return encodeDns(response);
}

function soa(cluster: Cluster): DnsRecord {
  const data: DnsData = {
    kind: 'SOA',
    primary: `ns.dns.${ZONE}`,
    mailbox: `hostmaster.${ZONE}`,
    serial: cluster.epoch,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: TTL,
  };
  return record(ZONE, data);
}

function record(name: string, data: DnsData): DnsRecord {
  return {name, class: DNS_CLASS_IN, ttl: TTL, data};
}

const NOTHING = {answers: [], additionals: [], own: true} as const;

function resolveQuestion(cluster: Cluster, {name, type}: DnsQuestion): Answer {
  const lower = name.toLowerCase();
  if (lower.endsWith('.in-addr.arpa.') || lower.endsWith('.ip6.arpa.')) return resolveAddress(cluster, name, type);
  if (lower !== ZONE && !lower.endsWith(`.${ZONE}`)) return resolveOutside(cluster, name, type);
  const labels = lower.slice(0, -ZONE.length).split('.').slice(0, -1);
  const kind = labels.pop();
  if (kind === 'svc') return resolveService(cluster, name, labels, type);
  if (kind === 'pod') return resolvePod(cluster, name, labels, type);
  return {...NOTHING, rcode: lower === ZONE ? dnsRcodes.noError : dnsRcodes.nxDomain};
}

/** As an upstream's answer: not authoritative. */
function resolveOutside({names = []}: Cluster, owner: string, type: number): Answer {
  const known = names.find(({name}) => `${name}.` === owner.toLowerCase());
  if (!known) return {...NOTHING, rcode: dnsRcodes.servFail, own: false};
  return {...found(addressRecords(owner, known.ips, type)), own: false};
}

/** `name.ns`, `_port._proto.name.ns`, `endpoint.name.ns`, in front of `svc.cluster.local.` */
function resolveService(cluster: Cluster, owner: string, labels: readonly string[], type: number): Answer {
  const [namespace, name, ...rest] = [...labels].reverse();
  const service = cluster.services.find((s) => s.namespace === namespace && s.name === name);
  if (!service) {
    const exists = name === undefined && cluster.namespaces.some((n) => n.name === namespace);
    return {...NOTHING, rcode: exists || namespace === undefined ? dnsRcodes.noError : dnsRcodes.nxDomain};
  }
  if (service.type === 'ExternalName') {
    const target = `${service.externalName ?? ''}.`;
    return {...NOTHING, rcode: dnsRcodes.noError, answers: [record(owner, {kind: 'CNAME', name: target})]};
  }
  if (rest.length === 0) return found(addressRecords(owner, addressesOfService(service), type));
  if (rest.length === 2) return resolvePort(service, owner, rest[1]!, rest[0]!, type);
  const endpoint =
    rest.length === 1
      ? service.backends.filter((b) => b.state === 'active' && dashed(b.ip) === rest[0]).map((b) => b.ip)
      : [];
  return endpoint.length === 0 ? {...NOTHING, rcode: dnsRcodes.nxDomain} : found(addressRecords(owner, endpoint, type));
}

function addressesOfService(service: Service): readonly Ip[] {
  if (service.clusterIps.length > 0) return service.clusterIps;
  return [...new Set(service.backends.filter((b) => b.state === 'active').map((b) => b.ip))];
}

function resolvePort(service: Service, owner: string, port: string, protocol: string, type: number): Answer {
  const known = service.ports.find((p) => `_${p.name}` === port && `_${p.protocol.toLowerCase()}` === protocol);
  if (!known) return {...NOTHING, rcode: dnsRcodes.nxDomain};
  if (type !== dnsTypes.SRV) return {...NOTHING, rcode: dnsRcodes.noError};
  const full = `${service.name}.${service.namespace}.svc.${ZONE}`;
  const targets =
    service.clusterIps.length > 0 ? [full] : addressesOfService(service).map((ip) => `${dashed(ip)}.${full}`);
  const weight = Math.floor(100 / Math.max(1, targets.length));
  const answers = targets.map((name) => record(owner, {kind: 'SRV', priority: 0, weight, port: known.port, name}));
  const additionals = addressesOfService(service).map((ip, i) => addressRecord(targets[i] ?? full, ip));
  return {rcode: dnsRcodes.noError, answers, additionals, own: true};
}

/** `10-32-1-10.ns.pod.cluster.local.`: any address is accepted, existing or not. */
function resolvePod(cluster: Cluster, owner: string, labels: readonly string[], type: number): Answer {
  const [address, namespace] = labels;
  if (labels.length !== 2 || !cluster.namespaces.some((n) => n.name === namespace))
    return {...NOTHING, rcode: dnsRcodes.nxDomain};
  const ip = parseIp(address!.replaceAll('-', '.')) ?? parseIp(address!.replaceAll('-', ':'));
  return ip === undefined ? {...NOTHING, rcode: dnsRcodes.nxDomain} : found(addressRecords(owner, [ip], type));
}

function resolveAddress(cluster: Cluster, owner: string, type: number): Answer {
  const ip = fromArpa(owner.toLowerCase());
  const service = ip === undefined ? undefined : cluster.services.find((s) => s.clusterIps.includes(ip));
  if (service) return pointer(owner, `${service.name}.${service.namespace}.svc.${ZONE}`, type);
  const headless = cluster.services.find((s) => s.clusterIps.length === 0 && s.backends.some((b) => b.ip === ip));
  if (headless && ip !== undefined)
    return pointer(owner, `${dashed(ip)}.${headless.name}.${headless.namespace}.svc.${ZONE}`, type);
  return {...NOTHING, rcode: dnsRcodes.nxDomain, own: false};
}

function pointer(owner: string, name: string, type: number): Answer {
  return found(type === dnsTypes.PTR ? [record(owner, {kind: 'PTR', name})] : []);
}

function fromArpa(name: string): Ip | undefined {
  const labels = name.split('.').slice(0, -3).reverse();
  if (name.endsWith('.in-addr.arpa.')) return parseIp(labels.join('.'));
  if (labels.length !== 32) return undefined;
  const bytes = Uint8Array.from({length: 16}, (_, i) => Number.parseInt(labels[2 * i]! + labels[2 * i + 1]!, 16));
  return readIp6(bytes, 0);
}

function found(answers: readonly DnsRecord[]): Answer {
  return {rcode: dnsRcodes.noError, answers, additionals: [], own: true};
}

function addressRecords(owner: string, ips: readonly Ip[], type: number): DnsRecord[] {
  const wanted = ips.filter((ip) => (type === dnsTypes.A && isIp4(ip)) || (type === dnsTypes.AAAA && !isIp4(ip)));
  return wanted.map((ip) => addressRecord(owner, ip));
}

function addressRecord(owner: string, ip: Ip): DnsRecord {
  return record(owner, isIp4(ip) ? {kind: 'A', ip} : {kind: 'AAAA', ip});
}

/** Endpoint and pod names from addresses. */
export function dashed(ip: Ip): string {
  if (isIp4(ip)) return [ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255].join('-');
  return Array.from({length: 8}, (_, i) => ip.charCodeAt(i).toString(16)).join('-');
}
