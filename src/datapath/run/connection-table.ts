/** Connections of a namespace by (local port, remote port), then remote address. */
import type {Ip} from '../../wire/addr.js';

/** TCP connections, SCTP associations. */
interface Ends {
  readonly remote: Ip;
  readonly localPort: number;
  readonly remotePort: number;
}

export interface ConnectionTable<C extends Ends> {
  find(remote: Ip, localPort: number, remotePort: number): C | undefined;
  add(connection: C): void;
  remove(connection: C): void;
  /** Keeps a closed connection until `expires` (TIME-WAIT). */
  retire(connection: C, expires: number): void;
  /** Forgets what has been in TIME-WAIT long enough. */
  expire(now: number): void;
  /** Is the local port in use? */
  uses(localPort: number): boolean;
  readonly size: number;
  all(): Iterable<C>;
}

export function createConnectionTable<C extends Ends>(): ConnectionTable<C> {
  const chains = new Map<number, C[]>();
  const ports = new Map<number, number>();
  const waiting: {readonly connection: C; readonly expires: number}[] = [];
  let size = 0;
  const table: ConnectionTable<C> = {
    find(remote, localPort, remotePort) {
      const chain = chains.get(localPort * 65536 + remotePort);
      return chain?.find((c) => c.remote === remote);
    },
    add(connection) {
      const key = connection.localPort * 65536 + connection.remotePort;
      const chain = chains.get(key);
      if (chain) chain.push(connection);
      else chains.set(key, [connection]);
      ports.set(connection.localPort, (ports.get(connection.localPort) ?? 0) + 1);
      size++;
    },
    remove(connection) {
      const key = connection.localPort * 65536 + connection.remotePort;
      const chain = chains.get(key);
      const at = chain?.indexOf(connection) ?? -1;
      if (!chain || at < 0) return;
      chain.splice(at, 1);
      if (chain.length === 0) chains.delete(key);
      const left = ports.get(connection.localPort)! - 1;
      if (left === 0) ports.delete(connection.localPort);
      else ports.set(connection.localPort, left);
      size--;
    },
    retire(connection, expires) {
      waiting.push({connection, expires});
    },
    expire(now) {
      let done = 0;
      while (done < waiting.length && waiting[done]!.expires <= now) table.remove(waiting[done++]!.connection);
      waiting.splice(0, done);
    },
    uses: (localPort) => ports.has(localPort),
    get size() {
      return size;
    },
    all: () => [...chains.values()].flat(),
  };
  return table;
}
