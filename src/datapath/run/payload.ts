/** What applications say. */
import type {TrafficSpec} from '../../cluster/model.js';

const encoder = new TextEncoder();

/**
 * Bytes of each message: `data` as given, cut or repeated to `size` where that is given too; else a count 0, 1, 2 … 255, 0 …,
 * which is also what ping fills its requests with.
 */
export function messagePayload(spec: TrafficSpec, defaultSize: number): Uint8Array {
  const text = spec.data === undefined ? undefined : encoder.encode(spec.data);
  const size = spec.size ?? text?.length ?? defaultSize;
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) out[i] = text && text.length > 0 ? text[i % text.length]! : i;
  return out;
}
