/** A question to a DNS server over the simulated network, by UDP or TCP, and where a namespace's resolv.conf sends it. */
import {clusterDns} from '../../datapath/run/dns-client.js';
import {connectSocket} from '../../datapath/run/socket-lb.js';
import type {Ns} from '../../datapath/run/state.js';
import {closeTcp, openTcp, writeTcp} from '../../datapath/run/tcp.js';
import {closeUdp, openUdp, sendUdp} from '../../datapath/run/udp.js';
import type {Network} from '../../session/network.js';
import type {Ip} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {
  DNS_CLASS_IN,
  DNS_RECURSION_DESIRED,
  type DnsMessage,
  type DnsRecord,
  decodeDns,
  encodeDns,
} from '../../wire/dns.js';
import {UDP_HEADER} from '../../wire/udp.js';

/** AD: the client understands what it means (RFC 6840 §5.7). */
const DNS_AUTHENTIC = 0x0020;
const CODE_COOKIE = 10;
/** Payload that dig offers to take. */
const EDNS_SIZE = 1232;
const COOKIE_BYTES = 8;

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly recursion: boolean;
  readonly authentic: boolean;
  readonly edns: boolean;
  readonly cookie: boolean;
}

export interface Server {
  readonly ip: Ip;
  readonly port: number;
  readonly tcp: boolean;
}

export type Reply =
  | {readonly kind: 'answer'; readonly message: DnsMessage; readonly size: number; readonly rtt: number}
  | {readonly kind: 'failure'; readonly why: 'timed out' | 'connection refused' | 'host unreachable'}
  /** No route: nothing was sent. */
  | {readonly kind: 'unreachable'}
  | {readonly kind: 'interrupted'};

export function makeQuery({run}: Network, question: Question): DnsMessage {
  const options = question.cookie
    ? [{code: CODE_COOKIE, data: Uint8Array.from({length: COOKIE_BYTES}, () => run.random.next() & 0xff)}]
    : [];
  const opt: DnsRecord = {name: '.', class: EDNS_SIZE, ttl: 0, data: {kind: 'OPT', options}};
  return {
    id: run.random.next() & 0xffff,
    flags: (question.recursion ? DNS_RECURSION_DESIRED : 0) | (question.authentic ? DNS_AUTHENTIC : 0),
    questions: [{name: question.name, type: question.type, class: DNS_CLASS_IN}],
    answers: [],
    authorities: [],
    additionals: question.edns ? [opt] : [],
  };
}

/** One attempt; `timeout` in ns. */
export function send(network: Network, server: Server, query: DnsMessage, timeout: number): Promise<Reply> {
  const bytes = encodeDns(query);
  return network.until<Reply>(
    (end) => {
      const started = network.run.now;
      let close = () => {};
      const finish = (reply: Reply) => {
        cancel();
        close();
        end(reply);
      };
      const cancel = network.after(timeout, () => finish({kind: 'failure', why: 'timed out'}));
      const take = (b: Uint8Array) => {
        const decoded = decodeDns(b, 0, b.length);
        if (!decoded.ok || decoded.message.id !== query.id) return;
        finish({kind: 'answer', message: decoded.message, size: b.length, rtt: network.run.now - started});
      };
      const opened = (server.tcp ? overTcp : overUdp)(network, server, bytes, take, finish);
      if (opened) close = opened;
      else finish({kind: 'unreachable'});
    },
    () => ({kind: 'interrupted'}),
  );
}

type Way = (
  network: Network,
  server: Server,
  bytes: Uint8Array,
  take: (b: Uint8Array) => void,
  finish: (reply: Reply) => void,
) => (() => void) | undefined;

const overUdp: Way = ({ns, run}, {ip, port}, bytes, take, finish) => {
  const to = connectSocket(ns, 'udp', ip, port);
  const flow =
    to &&
    openUdp(ns, to.ip, to.port, {
      receive(skb, _ip, o) {
        take(skb.buf.slice(o + UDP_HEADER, skb.end));
        run.pool.release(skb);
      },
      error({code, mtu}) {
        if (mtu !== undefined) return;
        finish({kind: 'failure', why: code === 3 || code === 4 ? 'connection refused' : 'host unreachable'});
      },
    });
  if (!flow) return undefined;
  sendUdp(flow, bytes);
  return () => closeUdp(flow);
};

/** Behind two bytes of length, RFC 1035 §4.2.2. */
const overTcp: Way = ({ns}, {ip, port}, bytes, take, finish) => {
  const to = connectSocket(ns, 'tcp', ip, port);
  let inbox: Uint8Array = new Uint8Array(0);
  const connection =
    to &&
    openTcp(ns, to.ip, to.port, {
      connected(c) {
        const framed = new Uint8Array(bytes.length + 2);
        set16(framed, 0, bytes.length);
        framed.set(bytes, 2);
        writeTcp(c, framed);
      },
      received(_c, b, start, end) {
        const grown = new Uint8Array(inbox.length + end - start);
        grown.set(inbox);
        grown.set(b.subarray(start, end), inbox.length);
        inbox = grown;
        if (inbox.length >= 2 && inbox.length - 2 >= get16(inbox, 0)) take(inbox.slice(2, 2 + get16(inbox, 0)));
      },
      peerClosed: () => finish({kind: 'failure', why: 'timed out'}),
      failed: (_c, why) =>
        finish({
          kind: 'failure',
          why: why === 'timeout' ? 'timed out' : why === 'unreachable' ? 'host unreachable' : 'connection refused',
        }),
    });
  return connection && (() => closeTcp(connection));
};

/** What resolv.conf of a namespace says. */
export interface Resolver {
  readonly server: Ip | undefined;
  readonly search: readonly string[];
  readonly ndots: number;
}

/** Pods have kubelet's (dnsPolicy ClusterFirst); nodes ask the cluster's DNS as well, without a search list. */
export function resolverOf({run, ns}: Network): Resolver {
  return {server: clusterDns(run, ns), ...searchOf(ns)};
}

function searchOf({pod}: Ns): Pick<Resolver, 'search' | 'ndots'> {
  if (!pod) return {search: [], ndots: 1};
  return {search: [`${pod.namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'], ndots: 5};
}

/** Names to ask for one after the other, a dot behind each. */
export function candidates(name: string, {search, ndots}: Resolver): string[] {
  if (name.endsWith('.')) return [name];
  const completed = search.map((suffix) => `${name}.${suffix}.`);
  return name.split('.').length - 1 >= ndots ? [`${name}.`, ...completed] : [...completed, `${name}.`];
}
