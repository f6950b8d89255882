/**
 * IPVS of a node: real servers chosen by the scheduler or by persistence, its connections with their states and timeouts
 * (Linux net/netfilter/ipvs: ip_vs_core.c, ip_vs_proto_tcp.c, ip_vs_rr.c, ip_vs_wrr.c, ip_vs_lc.c, ip_vs_sh.c).
 */
import {type RealServer, serverKey, type VirtualServer} from '../../control/kube-proxy/ipvs/model.js';
import {type Ip, isIp4} from '../../wire/addr.js';
import {PROTO_TCP} from '../../wire/l4.js';
import {TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN} from '../../wire/tcp.js';
import type {IpvsConnection, IpvsCounters, IpvsStats} from '../rule-model.js';
import {NOTHING, RatedCounters} from './ipvs-rates.js';
import type {Tuple} from './nf-tuple.js';

/** TCP states in the kernel's order, and seconds until a connection in one is forgotten (tcp_timeouts). */
const states = [
  ['NONE', 2],
  ['ESTABLISHED', 900],
  ['SYN_SENT', 120],
  ['SYN_RECV', 60],
  ['FIN_WAIT', 120],
  ['TIME_WAIT', 120],
  ['CLOSE', 10],
  ['CLOSE_WAIT', 60],
  ['LAST_ACK', 30],
  ['LISTEN', 120],
  ['SYNACK', 120],
] as const;
const [NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const UDP_TIMEOUT = 300;

/** tcp_states: [from the client, from the server] by SYN, FIN, ACK, RST, by state. */
const transitions = [
  [
    [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
    [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW],
    [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
    [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR],
  ],
  [
    [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
    [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW],
    [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
    [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL],
  ],
] as const;

interface Entry {
  readonly server: VirtualServer;
  readonly real: RealServer;
  readonly client: Tuple;
  state: number;
  /** ms. */
  last: number;
}

interface Template {
  readonly server: VirtualServer;
  readonly real: RealServer;
  readonly client: Ip;
  last: number;
}

export class Ipvs implements IpvsStats {
  private readonly entries = new Map<string, Entry>();
  private readonly templates = new Map<string, Template>();
  /** By `nameOf`, as what follows: servers come anew when kube-proxy changes something. */
  private readonly turns = new Map<string, number>();
  private readonly counted = new Map<string, RatedCounters>();

  /** `now`: milliseconds. */
  constructor(private readonly now: () => number) {}

  /** For a connection's first packet; undefined without real servers. */
  choose(server: VirtualServer, client: Tuple): RealServer | undefined {
    const kept = this.template(server, client.source);
    const same = kept && server.reals.find((one) => sameReal(one, kept.real));
    const real = same ?? this.schedule(server, client.source);
    if (!real) return undefined;
    const last = this.now();
    if (kept && same) kept.last = last;
    else if (server.persistent !== undefined)
      this.templates.set(templateKey(server, client.source), {server, real, client: client.source, last});
    this.entries.set(clientKey(client), {server, real, client, state: NO, last});
    this.count(server).connections++;
    this.count(server, real).connections++;
    return real;
  }

  /** A packet of a connection; `flags`: of TCP. */
  seen(client: Tuple, reply: boolean, length: number, flags: number): void {
    const entry = this.entries.get(clientKey(client));
    if (!entry) return;
    entry.last = this.now();
    if (client.protocol === PROTO_TCP) entry.state = nextState(entry.state, reply, flags);
    for (const counter of [this.count(entry.server), this.count(entry.server, entry.real)]) {
      if (reply) {
        counter.outPackets++;
        counter.outBytes += length;
      } else {
        counter.inPackets++;
        counter.inBytes += length;
      }
    }
  }

  counters(server: VirtualServer, real?: RealServer): IpvsCounters {
    return this.counted.get(nameOf(server, real))?.total ?? NOTHING;
  }

  rates(server: VirtualServer, real?: RealServer): IpvsCounters {
    const counted = this.counted.get(nameOf(server, real));
    counted?.advance(this.now());
    return counted?.rates() ?? NOTHING;
  }

  load(server: VirtualServer, real: RealServer): {active: number; inactive: number; persistent: number} {
    const load = {active: 0, inactive: 0, persistent: 0};
    const name = nameOf(server, real);
    for (const entry of this.live()) {
      if (nameOf(entry.server, entry.real) !== name) continue;
      if (entry.state === ES) load.active++;
      else load.inactive++;
    }
    for (const template of this.templates.values())
      if (
        nameOf(template.server, template.real) === name &&
        this.now() - template.last < (template.server.persistent ?? 0) * 1000
      )
        load.persistent++;
    return load;
  }

  connections(): readonly IpvsConnection[] {
    const open = [...this.live()].map(({server, real, client, state, last}): IpvsConnection => {
      const timeout = timeoutOf(client, state) * 1000;
      const name = client.protocol === PROTO_TCP ? (states[state]?.[0] ?? 'NONE') : 'UDP';
      const {source, sourcePort} = client;
      return {server, real, source, sourcePort, state: name, left: timeout - (this.now() - last)};
    });
    const kept = [...this.templates.values()].map(({server, real, client, last}): IpvsConnection => {
      const left = (server.persistent ?? 0) * 1000 - (this.now() - last);
      return {server, real, source: client, sourcePort: 0, state: 'NONE', left};
    });
    return [...open, ...kept].filter(({left}) => left > 0);
  }

  private *live(): Generator<Entry> {
    for (const entry of this.entries.values())
      if (this.now() - entry.last < timeoutOf(entry.client, entry.state) * 1000) yield entry;
  }

  private template(server: VirtualServer, client: Ip): Template | undefined {
    if (server.persistent === undefined) return undefined;
    const template = this.templates.get(templateKey(server, client));
    return template && this.now() - template.last < server.persistent * 1000 ? template : undefined;
  }

  private schedule(server: VirtualServer, client: Ip): RealServer | undefined {
    const {reals, scheduler} = server;
    if (reals.length === 0) return undefined;
    switch (scheduler) {
      // All weights are 1: weighted and plain turns are the same.
      case 'rr':
      case 'wrr': {
        const turn = (this.turns.get(nameOf(server)) ?? 0) % reals.length;
        this.turns.set(nameOf(server), turn + 1);
        return reals[turn];
      }
      case 'lc':
      case 'wlc': {
        const loads = reals.map((real) => {
          const {active, inactive} = this.load(server, real);
          return 256 * active + inactive;
        });
        return reals[loads.indexOf(Math.min(...loads))];
      }
      case 'sh':
        return reals[hashClient(client) % reals.length];
    }
  }

  private count(server: VirtualServer, real?: RealServer): RatedCounters['total'] {
    const name = nameOf(server, real);
    let counter = this.counted.get(name);
    if (!counter) this.counted.set(name, (counter = new RatedCounters()));
    counter.advance(this.now());
    return counter.total;
  }
}

function nextState(state: number, reply: boolean, flags: number): number {
  const row = flags & TCP_RST ? 3 : flags & TCP_SYN ? 0 : flags & TCP_FIN ? 1 : flags & TCP_ACK ? 2 : undefined;
  if (row === undefined) return state;
  const next = transitions[reply ? 1 : 0][row]?.[state];
  return next ?? SA;
}

/** Seconds. */
function timeoutOf({protocol}: Tuple, state: number): number {
  return protocol === PROTO_TCP ? (states[state]?.[1] ?? 0) : UDP_TIMEOUT;
}

/** hash_32 of the folded address into 256 buckets, which real servers fill in turn (ip_vs_sh_hashkey). */
function hashClient(ip: Ip): number {
  let folded = 0;
  if (isIp4(ip)) folded = ip;
  else for (let i = 0; i < 8; i += 2) folded ^= (ip.charCodeAt(i) << 16) | ip.charCodeAt(i + 1);
  return Math.imul(folded, 0x61c8_8647) >>> 24;
}

function clientKey(t: Tuple): string {
  return `${t.protocol} ${t.source} ${t.sourcePort} ${t.destination} ${t.destinationPort}`;
}

function templateKey(server: VirtualServer, client: Ip): string {
  return `${nameOf(server)} ${client}`;
}

function nameOf({protocol, ip, port}: VirtualServer, real?: RealServer): string {
  const name = `${protocol} ${serverKey(ip, 0, port)}`;
  return real ? `${name} ${real.ip} ${real.port}` : name;
}

function sameReal(a: RealServer, b: RealServer): boolean {
  return a.ip === b.ip && a.port === b.port;
}
