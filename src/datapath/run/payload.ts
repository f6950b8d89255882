/** What applications say. */
import type {TrafficSpec} from '../../cluster/model.js';

const encoder = new TextEncoder();

/**
 * Bytes of each message: `data` as given, cut or repeated to `size` where that is given too; else a count 0, 1, 2 … 255, 0 …,
 * which is also what ping fills its requests with, unless told a pattern.
 */
export function messagePayload(spec: TrafficSpec, defaultSize: number): Uint8Array {
  const text = spec.data === undefined ? undefined : encoder.encode(spec.data);
  const size = spec.size ?? text?.length ?? defaultSize;
  const out = new Uint8Array(size);
  const repeated = text?.length ? text : spec.pattern;
  for (let i = 0; i < size; i++) out[i] = repeated?.length ? repeated[i % repeated.length]! : i;
  return out;
}
