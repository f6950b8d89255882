import {type NfLife, newLife} from './nf-state.js';
import {type Endpoint, rewrite, rewriteQuoted, type Tuple} from './nf-tuple.js';

export interface Connection {
  readonly original: Tuple;
  /** DNAT. */
  readonly backend: Endpoint | undefined;
  /** The other end has answered: ctstate ESTABLISHED. */
  replied: boolean;
  /** POSTROUTING has seen its first packet. */
  decided: boolean;
  /** SNAT. */
  masked: Endpoint | undefined;
  readonly life: NfLife;
}

export interface NfConntrack {
  /** By a packet as it arrives, before translation. */
  find(tuple: Tuple): {readonly connection: Connection; readonly reply: boolean} | undefined;
  create(original: Tuple, backend: Endpoint | undefined, now: number): Connection;
  /** By a packet of the original direction behind DNAT. */
  outgoing(tuple: Tuple): Connection | undefined;
  mask(connection: Connection, masked: Endpoint): void;
  /** Its first packet went nowhere: it was never confirmed. */
  forget(connection: Connection): void;
  /** Would these addresses collide with a connection's replies? */
  taken(tuple: Tuple): boolean;
  readonly size: number;
  /** In order of their first packets. */
  all(): Iterable<Connection>;
}

function keyOf(t: Tuple): string {
  return `${t.protocol} ${t.source} ${t.sourcePort} ${t.destination} ${t.destinationPort}`;
}

export function reversed(t: Tuple): Tuple {
  return {
    source: t.destination,
    sourcePort: t.destinationPort,
    destination: t.source,
    destinationPort: t.sourcePort,
    protocol: t.protocol,
  };
}

/** The original direction behind DNAT; the echo id stays. */
function translated({original, backend}: Connection): Tuple {
  return backend ? {...original, destination: backend.ip, destinationPort: backend.port} : original;
}

/** What its answers look like as they arrive. */
export function replyTuple(connection: Connection): Tuple {
  return reversed(masqueraded(connection));
}

function masqueraded(connection: Connection): Tuple {
  const t = translated(connection);
  const {masked} = connection;
  return masked ? {...t, source: masked.ip, sourcePort: masked.port} : t;
}

export function createNfConntrack(): NfConntrack {
  const originals = new Map<string, Connection>();
  const replies = new Map<string, Connection>();
  const behindDnat = new Map<string, Connection>();
  return {
    find(tuple) {
      const key = keyOf(tuple);
      const connection = originals.get(key);
      if (connection) return {connection, reply: false};
      const replied = replies.get(key);
      return replied && {connection: replied, reply: true};
    },
    create(original, backend, now) {
      const connection: Connection = {
        ...{original, backend, replied: false, decided: false, masked: undefined},
        life: newLife(now),
      };
      originals.set(keyOf(original), connection);
      behindDnat.set(keyOf(translated(connection)), connection);
      replies.set(keyOf(reversed(translated(connection))), connection);
      return connection;
    },
    outgoing: (tuple) => behindDnat.get(keyOf(tuple)),
    mask(connection, masked) {
      replies.delete(keyOf(reversed(masqueraded(connection))));
      const port =
        connection.original.protocol === 1 || connection.original.protocol === 58
          ? connection.original.sourcePort
          : masked.port;
      connection.masked = {ip: masked.ip, port};
      replies.set(keyOf(reversed(masqueraded(connection))), connection);
    },
    forget(connection) {
      originals.delete(keyOf(connection.original));
      behindDnat.delete(keyOf(translated(connection)));
      replies.delete(keyOf(reversed(masqueraded(connection))));
    },
    taken: (tuple) => replies.has(keyOf(reversed(tuple))),
    get size() {
      return originals.size;
    },
    all: () => originals.values(),
  };
}

/** An ICMP error about a translated packet: the sender shall recognise what it sent (nf_nat_icmp_reply_translation). */
export function translateError(connections: NfConntrack, b: Uint8Array, ip: number, end: number, quoted: Tuple): void {
  const found = connections.find(reversed(quoted));
  if (!found?.reply) return;
  const {original, backend, masked} = found.connection;
  const inner = b[ip]! >>> 4 === 4 ? ip + ((b[ip]! & 15) << 2) + 8 : ip + 48;
  const client = {ip: original.source, port: original.sourcePort};
  const service = {ip: original.destination, port: original.destinationPort};
  if (masked) {
    rewriteQuoted(b, inner, end, 'source', client);
    rewrite(b, ip, end, 'destination', client);
  }
  if (backend) {
    rewriteQuoted(b, inner, end, 'destination', service);
    rewrite(b, ip, end, 'source', service);
  }
}
