/** Names to addresses through packets: queries to the cluster's DNS service, as the resolver of a pod sends them. */
import type {Service} from '../../cluster/model.js';
import {formatIp, type Ip} from '../../wire/addr.js';
import {
  DNS_CLASS_IN,
  DNS_RECURSION_DESIRED,
  type DnsMessage,
  decodeDns,
  dnsRcodes,
  dnsTypes,
  encodeDns,
} from '../../wire/dns.js';
import {UDP_HEADER} from '../../wire/udp.js';
import {dashed} from './dns-server.js';
import {Timer} from './queue.js';
import type {SimSkb} from './skb.js';
import {connectSocket} from './socket-lb.js';
import type {Ns, Run} from './state.js';
import {addressesOf, report, type Traffic} from './traffic.js';
import {closeUdp, openUdp, sendUdp, type UdpFlow} from './udp.js';

const DNS_PORT = 53;
/** resolv.conf defaults: timeout:5 attempts:2. */
const TIMEOUT = 5e9;
const ATTEMPTS = 2;

export type QueryFailure = 'timeout' | 'refused' | 'unreachable';

export interface Query {
  readonly ns: Ns;
  readonly server: Ip;
  readonly port: number;
  readonly name: string;
  readonly types: readonly number[];
  readonly done: (answers: readonly DnsMessage[]) => void;
  readonly failed: (why: QueryFailure) => void;
}

/** Asks one question per type from one socket, again after 5 s, and hands over all answers together. */
export function ask(query: Query): void {
  const {ns, name, types} = query;
  const {run} = ns;
  const to = connectSocket(ns, 'udp', query.server, query.port);
  if (!to) return void query.failed('unreachable');
  const answers = new Map<number, DnsMessage>();
  const ids = types.map(() => run.random.next() & 0xffff);
  let attempts = 0;
  let over = false;
  const finish = (act: () => void) => {
    if (over) return;
    over = true;
    if (flow) closeUdp(flow);
    act();
  };
  const flow: UdpFlow | undefined = openUdp(ns, to.ip, to.port, {
    receive(skb, _ip, o) {
      const decoded = decodeDns(skb.buf.slice(o + UDP_HEADER, skb.end), 0, skb.end - o - UDP_HEADER);
      if (decoded.ok && ids.includes(decoded.message.id)) answers.set(decoded.message.id, decoded.message);
      run.pool.release(skb);
      if (answers.size === types.length) finish(() => query.done(ids.map((id) => answers.get(id)!)));
    },
    error(error) {
      if (error.mtu === undefined)
        finish(() => query.failed(error.code === 3 || error.code === 4 ? 'refused' : 'unreachable'));
    },
  });
  if (!flow) return void query.failed('unreachable');
  const due = new Timer<SimSkb>(() => {
    if (over) return;
    if (attempts++ === ATTEMPTS) return finish(() => query.failed('timeout'));
    types.forEach((type, i) => {
      if (!answers.has(ids[i]!)) sendUdp(flow, question(ids[i]!, name, type));
    });
    run.agenda.push(run.now + TIMEOUT, due, undefined);
  });
  due.run();
}

function question(id: number, name: string, type: number): Uint8Array {
  const questions = [{name: name.endsWith('.') ? name : `${name}.`, type, class: DNS_CLASS_IN}];
  return encodeDns({id, flags: DNS_RECURSION_DESIRED, questions, answers: [], authorities: [], additionals: []});
}

/** Address of the cluster's DNS service: the one called so, else the one that serves port 53. */
export function clusterDns(run: Run, ns: Ns): Ip | undefined {
  const {services} = run.cluster;
  const named = services.find((s) => s.namespace === 'kube-system' && (s.name === 'kube-dns' || s.name === 'coredns'));
  const service = named ?? services.find((s) => servesDns(s));
  return service && addressesOf(run, ns, {kind: 'service', service})[0];
}

function servesDns(service: Service): boolean {
  return service.ports.some((p) => p.port === DNS_PORT && p.protocol === 'UDP');
}

/** Short service names are completed as the search path of a pod's resolv.conf does it in the end; others are kept. */
function completed(name: string): string {
  return /\.svc$/.test(name)
    ? `${name}.cluster.local`
    : /^[^.]+\.[^.]+$/.test(name)
      ? `${name}.svc.cluster.local`
      : name;
}

const failureTexts: Readonly<Record<QueryFailure, string>> = {
  timeout: 'Temporary failure in name resolution',
  refused: 'Connection refused',
  unreachable: 'Temporary failure in name resolution',
};

/** Resolves a name for a line of traffic, which ends here where there is no address. */
export function startNamed(traffic: Traffic, name: string, inCluster: boolean, then: (ip: Ip) => void): void {
  resolveName(traffic.ns, name, inCluster, then, (text) =>
    report(traffic, {kind: 'error', sequence: 1, from: 0, text: `${name}: ${text}`}),
  );
}

/** As getaddrinfo does it: A and AAAA at once, then the first address that the source can reach. */
export function resolveName(
  ns: Ns,
  name: string,
  inCluster: boolean,
  then: (ip: Ip) => void,
  fail: (text: string) => void,
): void {
  const {run} = ns;
  const server = clusterDns(run, ns);
  if (server === undefined) return void fail('the cluster has no DNS service');
  ask({
    ns,
    server,
    port: DNS_PORT,
    name: inCluster ? completed(name) : name,
    types: [dnsTypes.A, dnsTypes.AAAA],
    done(answers) {
      const ips = answers.flatMap(addressesIn);
      const ip = ips.find((candidate) => addressesOf(run, ns, {kind: 'ip', ip: candidate}).length > 0);
      if (ip === undefined) fail('Name or service not known');
      else then(ip);
    },
    failed: (why) => fail(failureTexts[why]),
  });
}

function addressesIn(message: DnsMessage): Ip[] {
  return message.answers.flatMap(({data}) => (data.kind === 'A' || data.kind === 'AAAA' ? [data.ip] : []));
}

const rcodeNames: Readonly<Record<number, string>> = {
  [dnsRcodes.noError]: 'NOERROR',
  [dnsRcodes.formErr]: 'FORMERR',
  [dnsRcodes.servFail]: 'SERVFAIL',
  [dnsRcodes.nxDomain]: 'NXDOMAIN',
  [dnsRcodes.notImp]: 'NOTIMP',
  [dnsRcodes.refused]: 'REFUSED',
};

/**
 * Traffic of protocol dns. A target that serves port 53 (the DNS service, a pod of it, an address) is asked for `data`, a name
 * and optionally a type (`my-svc.default.svc.cluster.local SRV`; default: the API's name); any other target is the question.
 */
export function startDns(traffic: Traffic): void {
  const {ns, outcome} = traffic;
  const {run} = ns;
  const {spec} = outcome;
  const asked = questionOf(traffic);
  const server = asked.server ?? clusterDns(run, ns);
  if (server === undefined)
    return void report(traffic, {kind: 'error', sequence: 1, from: 0, text: 'the cluster has no DNS service'});
  const port = spec.port ?? DNS_PORT;
  outcome.target = {ip: server, port};
  let sequence = 0;
  const due = new Timer<SimSkb>(() => {
    const own = ++sequence;
    const started = run.now;
    report(traffic, {kind: 'sent', sequence: own, from: server});
    ask({
      ns,
      server,
      port,
      name: asked.name,
      types: [asked.type],
      done: ([answer]) => {
        const text = answerText(answer!);
        report(traffic, {kind: 'reply', sequence: own, from: server, rtt: run.now - started, text});
      },
      failed: (why) => report(traffic, {kind: why, sequence: own, from: server, text: failureTexts[why]}),
    });
    if (own < spec.count) run.agenda.push(run.now + Math.max(1, spec.every), due, undefined);
  });
  due.run();
}

/** `NOERROR 10.96.10.50`, `NXDOMAIN`. */
function answerText(message: DnsMessage): string {
  const rcode = rcodeNames[message.flags & 15] ?? `RCODE ${message.flags & 15}`;
  const texts = message.answers.map(({data}) => {
    if (data.kind === 'A' || data.kind === 'AAAA') return formatIp(data.ip);
    if (data.kind === 'SRV') return `${data.priority} ${data.weight} ${data.port} ${data.name}`;
    return 'name' in data ? data.name : data.kind;
  });
  return [rcode, ...texts].join(' ');
}

interface Question {
  readonly name: string;
  readonly type: number;
  readonly server: Ip | undefined;
}

function questionOf({ns, outcome: {spec}}: Traffic): Question {
  const {to, data} = spec;
  const {run} = ns;
  const address = run.cluster.cilium.enableIpv4 ? dnsTypes.A : dnsTypes.AAAA;
  const serves =
    to.kind === 'ip' ||
    (to.kind === 'service' && to.dnsName === undefined && servesDns(to.service)) ||
    (to.kind === 'pod' && (data !== undefined || to.pod.ports.some((p) => p.port === DNS_PORT)));
  if (serves) {
    const [name = '', type = ''] = (data ?? 'kubernetes.default.svc.cluster.local').split(/\s+/);
    const known = Object.entries(dnsTypes).find(([key]) => key === type.toUpperCase());
    return {name, type: known?.[1] ?? address, server: addressesOf(run, ns, to)[0]};
  }
  return {name: nameOf(to), type: address, server: undefined};
}

function nameOf(to: Traffic['outcome']['spec']['to']): string {
  switch (to.kind) {
    case 'service':
      return to.dnsName === undefined
        ? `${to.service.name}.${to.service.namespace}.svc.cluster.local`
        : completed(to.dnsName);
    case 'pod':
      return `${to.pod.ips[0] === undefined ? to.pod.name : dashed(to.pod.ips[0])}.${to.pod.namespace}.pod.cluster.local`;
    case 'node':
      return to.node.name;
    case 'ip':
      return formatIp(to.ip);
    case 'name':
      return to.name;
  }
}
