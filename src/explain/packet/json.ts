/** A frame's layers and fields for programs. */
import {toHex} from '../../wire/bytes.js';
import type {PacketPicture} from './model.js';

/** `bit` and `bits` count within the header; `at`, `end` are bytes of the frame. */
export function packetJson({bytes, title, layers, overhead}: PacketPicture): unknown {
  return {
    schemaVersion: 1,
    title,
    length: bytes.length,
    layers: layers.map(({name, at, end, truncated, text, fields}) => ({
      name,
      at,
      end,
      ...(truncated ? {truncated} : {}),
      text,
      hex: toHex(bytes, at, end),
      fields: fields.map((field) => ({...field, hex: toHex(bytes, field.at, field.end)})),
    })),
    overhead: {
      bytes: overhead.bytes,
      tunnel: overhead.tunnel,
      layers: overhead.layers.map(({name, at, end}) => ({name, bytes: end - at})),
    },
  };
}
