/** Domain names in messages: labels, compression pointers, bit labels (print-domain.c). -1 stands for a name that is cut or bad. */
import type {Dissector} from './dissector.js';

const MAX_NAME = 255;
const TYPE = 0xc0;
const POINTER = 0xc0;
const EXTENDED = 0x40;
const RESERVED = 0x80;
/** Extended label type 1: RFC 2673 bit string. */
const BIT_LABEL = 1;

/** Offset behind the name at `start`, without printing it. */
export function skipName(d: Dissector, start: number): number {
  let o = start;
  if (!d.has(o, 1)) return -1;
  let label = d.b[o++]!;
  while (label !== 0) {
    const type = label & TYPE;
    if (type === POINTER) return o + 1;
    if (type === RESERVED) return -1;
    if (type === EXTENDED) {
      if ((label & 0x3f) !== BIT_LABEL || !d.has(o, 1)) return -1;
      o += 1 + ((bits(d.b[o]!) + 7) >> 3);
    } else o += label;
    if (!d.has(o, 1)) return -1;
    label = d.b[o++]!;
  }
  return o;
}

const bits = (count: number): number => (count === 0 ? 256 : count);

/** Bytes of the label at `o` behind its first one; -1 when it is bad. A pointer counts its first byte's value. */
function labelLength(d: Dissector, o: number): number {
  if (!d.has(o, 1)) return -1;
  const label = d.b[o]!;
  switch (label & TYPE) {
    case EXTENDED:
      if ((label & 0x3f) !== BIT_LABEL) {
        d.s(`<ELT ${label & 0x3f}>`);
        return -1;
      }
      return d.has(o + 1, 1) ? ((bits(d.b[o + 1]!) + 7) >> 3) + 1 : -1;
    case RESERVED:
      d.s('<BAD LABEL TYPE>');
      return -1;
    default:
      return label;
  }
}

/** RFC 2673 §3.1: count, then that many bits, as `\[x2a/7]`. */
function bitLabel(d: Dissector, o: number): boolean {
  if (!d.has(o, 1)) return false;
  const count = bits(d.b[o]!);
  const limit = o + 1 + ((count + 3) >> 2);
  let at = o + 1;
  let left = count;
  d.s('\\[x');
  for (; at < limit && left > 7; left -= 8) d.hex(d.u8(at++), 2);
  if (left > 4) d.hex(d.u8(at) & (0xff << (8 - left)) & 0xff, 2);
  else if (left > 0) d.x((d.u8(at) >> 4) & 15 & (15 << (4 - left)));
  d.s(`/${count}]`);
  return true;
}

/**
 * Prints the name at `start`, with a dot behind each label; pointers count from `message` and must go backwards.
 * Returns the offset behind the name where it stood.
 */
export function fqdn(d: Dissector, start: number, message: number): number {
  let o = start;
  let length = labelLength(d, o);
  if (length < 0 || !d.has(o, 1)) return -1;
  // A name before what its pointers count from may point anywhere (DHCPv6).
  let bound = (o - message) >>> 0;
  let label = d.b[o++]!;
  let followed = false;
  let after = (label & TYPE) === POINTER ? -1 : o + length;
  let chars = 0;
  if (label === 0) {
    d.c(0x2e);
    return after;
  }
  while (label !== 0 && o < d.end) {
    const type = label & TYPE;
    if (type === POINTER) {
      if (!followed) {
        after = o + 1;
        followed = true;
      }
      const offset = ((label << 8) | d.b[o]!) & 0x3fff;
      if (offset >= bound) {
        d.s('<BAD PTR>');
        return -1;
      }
      bound = offset;
      o = message + offset;
      if (!d.has(o, 1)) return -1;
      label = d.b[o]!;
      length = labelLength(d, o);
      if (length < 0) return -1;
      o++;
      continue;
    }
    if (type === EXTENDED) {
      if (!bitLabel(d, o)) return -1;
    } else {
      const room = MAX_NAME - chars;
      if (room > 0 && !d.text(o, Math.min(length, room))) return -1;
      chars += length;
    }
    o += length;
    if (chars <= MAX_NAME) d.c(0x2e);
    chars++;
    if (!d.has(o, 1)) return -1;
    label = d.b[o]!;
    length = labelLength(d, o);
    if (length < 0) return -1;
    o++;
    if (!followed) after += length + 1;
  }
  if (chars > MAX_NAME) d.s('<DOMAIN NAME TOO LONG>');
  return after;
}
