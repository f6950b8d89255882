/** NTP, RFC 5905 (print-ntp.c, ntp.c). */
import type {Dissector} from './dissector.js';
import type {Names} from './names.js';

const TIME_MESSAGE = 48;
const CONTROL_MESSAGE = 12;
/** Seconds from 1900 to 1970. */
const ERA = 2208988800;
const CONTROL = 6;
const RESERVED = 7;

const modes = [
  'unspecified',
  'symmetric active',
  'symmetric passive',
  'Client',
  'Server',
  'Broadcast',
  'Control Message',
  'Reserved',
] as const;
const leaps: Names = {0: '', 64: '+1s', 128: '-1s', 192: 'clock unsynchronized'};

export function ntp(d: Dissector, o: number, length: number): void {
  d.protocol = 'ntp';
  const status = d.u8(o);
  const mode = status & 7;
  d.s(`NTPv${(status >> 3) & 7}, ${modes[mode]!}, length ${length}`);
  if (d.v === 0) return;
  const leap = status & 0xc0;
  d.s(`\n\tLeap indicator: ${leaps[leap]!} (${leap})`);
  if (mode === CONTROL) control(d, o, length);
  else if (mode !== RESERVED) time(d, o, length);
}

function time(d: Dissector, o: number, length: number): void {
  if (length < TIME_MESSAGE) {
    d.invalid();
    return d.has(o, length) ? undefined : d.trunc();
  }
  const stratum = d.u8(o + 1);
  const kind =
    stratum === 0
      ? 'unspecified'
      : stratum === 1
        ? 'primary reference'
        : stratum <= 15
          ? 'secondary reference'
          : 'reserved';
  d.s(`, Stratum ${stratum} (${kind})`);
  const poll = (d.u8(o + 2) << 24) >> 24;
  d.s(`, poll ${poll}`);
  if (poll >= 0 && poll < 32) d.s(` (${(1 << poll) >>> 0}s)`);
  else if (poll < 0 && poll > -32) d.s(` (1/${(1 << -poll) >>> 0}s)`);
  d.s(`, precision ${(d.u8(o + 3) << 24) >> 24}`);
  if (!field(d, o + 4, 4, '\n\tRoot Delay: ')) return;
  shortTime(d, o + 4);
  if (!field(d, o + 8, 4, ', Root dispersion: ')) return;
  shortTime(d, o + 8);
  if (!field(d, o + 12, 4, ', Reference-ID: ')) return;
  if (!reference(d, o + 12, stratum)) return;
  for (const [at, name] of [
    [16, '\n\t  Reference Timestamp:  '],
    [24, '\n\t  Originator Timestamp: '],
    [32, '\n\t  Receive Timestamp:    '],
    [40, '\n\t  Transmit Timestamp:   '],
  ] as const) {
    if (!field(d, o + at, 8, name)) return;
    timestamp(d, o + at);
  }
  d.s('\n\t    Originator - Receive Timestamp:  ');
  difference(d, o + 24, o + 32);
  d.s('\n\t    Originator - Transmit Timestamp: ');
  difference(d, o + 24, o + 40);
  trailer(d, o + TIME_MESSAGE, length - TIME_MESSAGE);
}

function field(d: Dissector, o: number, n: number, name: string): boolean {
  if (!d.has(o, n)) {
    d.trunc();
    return false;
  }
  d.s(name);
  return true;
}

/** False when the message ends here: strata of the old query protocol. */
function reference(d: Dissector, o: number, stratum: number): boolean {
  if (stratum === 0) d.s('(unspec)');
  else if (stratum === 1) d.text(o, 4);
  else if (stratum === 62 || stratum === 63) {
    d.ip4(o);
    d.s(stratum === 62 ? ' INFO_QUERY' : ' INFO_REPLY');
    return false;
  } else {
    d.s('0x');
    d.hex(d.u32(o), 8);
  }
  return true;
}

function trailer(d: Dissector, o: number, length: number): void {
  if (length === 4 || length === 20 || length === 24) {
    d.s(`\n\tKey id: ${d.u32(o)}`);
    if (length === 4) return;
    if (!d.has(o + 4, length - 4)) return d.trunc();
    d.s('\n\tAuthentication: ');
    d.bytes(o + 4, length - 4);
  } else if (length > 0) d.s(`\n\t(${length} more bytes after the header)`);
}

/** 16.16 fixed point in seconds. */
function shortTime(d: Dissector, o: number): void {
  d.s(`${d.u16(o)}.`);
  d.zeros(Math.floor((d.u16(o + 2) / 65536) * 1e6), 6);
}

const nanoseconds = (fraction: number): number => Math.floor((fraction / 4294967296) * 1e9);

/** 32.32 fixed point since 1900. */
export function timestamp(d: Dissector, o: number): void {
  const seconds = d.u32(o);
  d.s(`${seconds}.`);
  d.zeros(nanoseconds(d.u32(o + 4)), 9);
  if (seconds === 0) return;
  d.s(` (${new Date((seconds - ERA) * 1000).toISOString().slice(0, 19)}Z)`);
}

/** `to` less `from`; when `from` is unset, `to` itself. */
function difference(d: Dissector, from: number, to: number): void {
  const [fromSeconds, fromFraction] = [d.u32(from), d.u32(from + 4)];
  if (fromSeconds === 0 && fromFraction === 0) return timestamp(d, to);
  let seconds = d.u32(to) - fromSeconds;
  let fraction = d.u32(to + 4) - fromFraction;
  const negative = seconds < 0 || (seconds === 0 && fraction <= 0);
  if (negative) {
    seconds = -seconds;
    fraction = -fraction;
  }
  if (fraction < 0) {
    seconds--;
    fraction += 4294967296;
  }
  d.s(`${negative ? '-' : '+'}${seconds}.`);
  d.zeros(nanoseconds(fraction), 9);
}

function control(d: Dissector, o: number, length: number): void {
  if (length < CONTROL_MESSAGE) return controlFault(d, o, length);
  const bits = d.u8(o + 1);
  d.s(`, ${(bits & 0x80) !== 0 ? 'Response' : 'Request'}, ${(bits & 0x40) !== 0 ? 'Error' : 'OK'}, `);
  d.s(`${(bits & 0x20) !== 0 ? 'More' : 'Last'}, OpCode=${bits & 31}\n`);
  d.s(`\tSequence=${d.u16(o + 2)}`);
  const status = d.u16(o + 4);
  d.s(`, Status=${status === 0 ? '0' : `0x${status.toString(16)}`}`);
  d.s(`, Assoc.=${d.u16(o + 6)}`);
  d.s(`, Offset=${d.u16(o + 8)}`);
  const count = d.u16(o + 10);
  d.s(`, Count=${count}`);
  if (CONTROL_MESSAGE + count > length) return controlFault(d, o, length);
  if (count === 0) return;
  if (!d.has(o + CONTROL_MESSAGE, count)) return d.trunc();
  d.s('\n\tTO-BE-DONE: data not interpreted');
}

function controlFault(d: Dissector, o: number, length: number): void {
  d.invalid();
  if (!d.has(o, length)) d.trunc();
}
