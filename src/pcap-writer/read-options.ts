/**
 * Options of pcapng blocks. draft-ietf-opsawg-pcapng §3.5, §4.2, §4.3.
 */
import {CaptureError} from './capture-error.js';
import type {PacketOptions} from './pcapng.js';
import {BLOCK_INTERFACE} from './pcapng.js';
import type {CaptureInterface} from './reader.js';
import {type TimeUnit, timeUnit} from './timestamp.js';

/** Code, and value `[start, end)`. */
interface Option {
  readonly code: number;
  readonly start: number;
  readonly end: number;
}

const decoder = new TextDecoder();

function text(view: DataView, option: Option): string {
  return decoder.decode(new Uint8Array(view.buffer, option.start, option.end - option.start));
}

/**
 * Name and time stamp unit of an interface. What libpcap 1.10.3 (`process_idb_options`) refuses is refused: options cut
 * short, an end-of-options with a length, a wrong or second time option, a resolution that doesn't fit in 64 bits.
 */
export function readInterfaceOptions(
  view: DataView,
  start: number,
  end: number,
  little: boolean,
): Pick<CaptureInterface, 'name' | 'description' | 'filter'> & {unit: TimeUnit} {
  const texts: {name?: string; description?: string; filter?: string} = {};
  let resolution: number | undefined;
  let offset: bigint | undefined;
  for (let at = start; at < end; ) {
    const option = strictOption(view, at, end, little);
    const length = option.end - option.start;
    at = option.start + ((length + 3) & ~3);
    if (option.code === 0) {
      if (length === 0) break;
      throw refuse(`opt_endofopt option with length ${length} != 0`);
    }
    if (option.code === 2) texts.name = text(view, option);
    else if (option.code === 3) texts.description = text(view, option);
    else if (option.code === 11 && length > 0) texts.filter = text(view, {...option, start: option.start + 1});
    else if (option.code === 9) {
      if (length !== 1) throw refuse(`if_tsresol option with length ${length} != 1`);
      if (resolution !== undefined) throw refuse('more than one if_tsresol option');
      resolution = checkedResolution(view.getUint8(option.start));
    } else if (option.code === 14) {
      if (length !== 8) throw refuse(`if_tsoffset option with length ${length} != 8`);
      if (offset !== undefined) throw refuse('more than one if_tsoffset option');
      offset = view.getBigInt64(option.start, little);
    }
  }
  return {...texts, unit: timeUnit(resolution ?? 6, offset ?? 0n)};
}

function refuse(what: string): CaptureError {
  return new CaptureError(`Interface Description Block has ${what}`);
}

function checkedResolution(byte: number): number {
  const power = byte & 0x7f;
  const binary = byte >= 0x80;
  if (power > (binary ? 63 : 19))
    throw new CaptureError(
      `Interface Description Block if_tsresol option resolution ${binary ? 2 : 10}^-${power} is too high`,
    );
  return byte;
}

function strictOption(view: DataView, at: number, end: number, little: boolean): Option {
  const cut = () => new CaptureError(`block of type ${BLOCK_INTERFACE} in pcapng dump file is too short`);
  if (end - at < 4) throw cut();
  const length = view.getUint16(at + 2, little);
  if (((length + 3) & ~3) > end - at - 4) throw cut();
  return {code: view.getUint16(at, little), start: at + 4, end: at + 4 + length};
}

/** Options of a packet block; ends quietly at the first malformed one. The obsolete block's have the same codes. */
export function readPacketOptions(view: DataView, start: number, end: number, little: boolean): PacketOptions {
  const comments: string[] = [];
  const out: {-readonly [K in keyof PacketOptions]: PacketOptions[K]} = {};
  const u64 = (at: number) => Number(view.getBigUint64(at, little));
  for (let at = start; at + 4 <= end; ) {
    const option = {code: view.getUint16(at, little), start: at + 4, end: at + 4 + view.getUint16(at + 2, little)};
    const length = option.end - option.start;
    if (option.code === 0 || option.end > end) break;
    at = option.start + ((length + 3) & ~3);
    if (option.code === 1) comments.push(text(view, option));
    else if (option.code === 2 && length === 4) {
      const direction = view.getUint32(option.start, little) & 3;
      if (direction === 1 || direction === 2) out.direction = direction === 1 ? 'in' : 'out';
    } else if (option.code === 4 && length === 8) out.dropCount = u64(option.start);
    else if (option.code === 5 && length === 8) out.packetId = u64(option.start);
    else if (option.code === 6 && length === 4) out.queue = view.getUint32(option.start, little);
    else if (option.code === 7 && length === 9 && view.getUint8(option.start) === 1)
      out.verdict = u64(option.start + 1);
  }
  if (comments.length > 0) out.comments = comments;
  return out;
}
