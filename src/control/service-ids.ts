/** Numbers of frontends and backends, as one agent gives them out in its life (pkg/loadbalancer/reconciler/id_allocator.go). */

export interface IdAllocator {
  /** The number that `key` has, or the next free one. */
  acquire(key: string): number;
  /** A copy that knows only these keys; it goes on counting where this one stands. */
  retain(keys: ReadonlySet<string>): IdAllocator;
}

/** `max`: the highest number; behind it the search starts again at 1. Returns 0 where none is left. */
export function createIds(max: number, known: ReadonlyMap<string, number> = new Map(), first = 1): IdAllocator {
  const byKey = new Map(known);
  const taken = new Set(known.values());
  let next = first;
  return {
    acquire(key) {
      const id = byKey.get(key);
      if (id !== undefined) return id;
      for (let tried = 0; tried < max; tried++) {
        const candidate = next;
        next = next >= max ? 1 : next + 1;
        if (taken.has(candidate)) continue;
        taken.add(candidate);
        byKey.set(key, candidate);
        return candidate;
      }
      return 0;
    },
    retain: (keys) => createIds(max, new Map([...byKey].filter(([key]) => keys.has(key))), next),
  };
}

/** What an agent remembers of its numbers from one state to the next. */
export interface ServiceIds {
  readonly frontends: IdAllocator;
  readonly backends: IdAllocator;
}

const MAX_SERVICE_ID = 0xffff;
const MAX_BACKEND_ID = 0xffff_ffff;

export function newServiceIds(): ServiceIds {
  return {frontends: createIds(MAX_SERVICE_ID), backends: createIds(MAX_BACKEND_ID)};
}
