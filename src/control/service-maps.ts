/** The load-balancing maps as the datapath reads them: cilium_lb{4,6}_services_v2, _backends_v3, _reverse_nat. */
import {type Ip, isIp4} from '../wire/addr.js';
import type {Backend, Frontend, ServiceMaps} from './model.js';

/** Port, protocol and scope of a frontend in one small integer. */
function portKey(port: number, protocol: number, scope: Frontend['scope']): number {
  return (port << 9) | (protocol << 1) | (scope === 'internal' ? 1 : 0);
}

/** Frontends in id order (ids 0, the wildcard entries, last). Every backend in use is in `backends`. */
export function createServiceMaps(frontends: readonly Frontend[], backends: ReadonlyMap<number, Backend>): ServiceMaps {
  const reverseNat = new Map<number, {readonly ip: Ip; readonly port: number}>();
  for (const frontend of frontends)
    if (frontend.id !== 0) reverseNat.set(frontend.id, {ip: frontend.ip, port: frontend.port});
  const six = new Map<string, Frontend>();
  for (const frontend of frontends)
    if (!isIp4(frontend.ip)) six.set(frontend.ip + portKey(frontend.port, frontend.protocol, frontend.scope), frontend);
  const four = createTable4(frontends.filter(({ip}) => isIp4(ip)));
  return {
    frontends,
    backends,
    reverseNat,
    lookup(ip, port, protocol, scope) {
      const key = portKey(port, protocol, scope);
      return isIp4(ip) ? four(ip, key) : six.get(ip + key);
    },
  };
}

/** The maps of a node whose node ports answer at the addresses `to` where these have `from`, family by family. */
export function rehomed(maps: ServiceMaps, from: readonly Ip[], to: readonly Ip[]): ServiceMaps {
  const moved = (ip: Ip, a: readonly Ip[], b: readonly Ip[]) => b[a.indexOf(ip)];
  const seat = (frontend: Frontend): Frontend => ({...frontend, ip: moved(frontend.ip, from, to) ?? frontend.ip});
  const seats = new Map<Frontend, Frontend>();
  let frontends: readonly Frontend[] | undefined;
  let reverseNat: ServiceMaps['reverseNat'] | undefined;
  return {
    backends: maps.backends,
    get frontends() {
      frontends ??= maps.frontends.map((frontend) => (from.includes(frontend.ip) ? seat(frontend) : frontend));
      return frontends;
    },
    get reverseNat() {
      reverseNat ??= new Map(
        [...maps.reverseNat].map(([id, {ip, port}]) => [id, {ip: moved(ip, from, to) ?? ip, port}] as const),
      );
      return reverseNat;
    },
    lookup(ip, port, protocol, scope) {
      const there = moved(ip, to, from);
      if (there === undefined) return from.includes(ip) ? undefined : maps.lookup(ip, port, protocol, scope);
      const found = maps.lookup(there, port, protocol, scope);
      if (!found) return undefined;
      let own = seats.get(found);
      if (!own) seats.set(found, (own = seat(found)));
      return own;
    },
  };
}

/**
 * IPv4 frontends by address and `portKey` in one array with open addressing, so that a lookup touches one cache line among
 * 30,000 as among ten. Slots of four words: address │ key │ place, 0 = free │ unused. Of two with one key the later counts.
 */
function createTable4(frontends: readonly Frontend[]): (ip: number, key: number) => Frontend | undefined {
  let capacity = 16;
  while (capacity < 2 * frontends.length) capacity *= 2;
  const slots = new Int32Array(capacity * 4);
  const mask = (capacity - 1) * 4;

  /** First word of the key's slot, or of the free one where it would stand. */
  function probe(ip: number, key: number): number {
    let hash = Math.imul(ip, 0x9e3779b1) ^ Math.imul(key, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    for (let w = (hash << 2) & mask; ; w = (w + 4) & mask)
      if (slots[w + 2] === 0 || (slots[w] === ip && slots[w + 1] === key)) return w;
  }

  for (const [i, {ip, port, protocol, scope}] of frontends.entries()) {
    const key = portKey(port, protocol, scope);
    const w = probe((ip as number) | 0, key);
    slots[w] = ip as number;
    slots[w + 1] = key;
    slots[w + 2] = i + 1;
  }
  return (ip, key) => {
    const place = slots[probe(ip | 0, key) + 2]!;
    return place === 0 ? undefined : frontends[place - 1];
  };
}

/** Backends that have a slot, in slot order: all but those in maintenance (agent: bpf_reconciler.go). */
export function slotsOf(frontend: Frontend): readonly Backend[] {
  return frontend.backends.filter((backend) => backend.state !== 'maintenance');
}

/** A frontend that stands for every node address: 0.0.0.0 or ::. */
export function isSurrogate(ip: Ip): boolean {
  return isIp4(ip) ? ip === 0 : ip === '\0\0\0\0\0\0\0\0';
}
