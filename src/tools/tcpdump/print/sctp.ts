/** SCTP, RFC 9260 (print-sctp.c): the chunks of a packet, numbered; one a line from -vv on. */
import type {Dissector} from './dissector.js';
import {defaultDump} from './dump.js';
import {ip4Text, ip6Text} from './fields.js';
import {m3ua} from './m3ua.js';
import type {Names} from './names.js';

const HEADER = 12;
const CHUNK = 4;
const DATA = 12;
const INIT = 16;
const SACK = 12;

const chunkNames: Names = {
  0: 'DATA',
  1: 'INIT',
  2: 'INIT ACK',
  3: 'SACK',
  4: 'HB REQ',
  5: 'HB ACK',
  6: 'ABORT',
  7: 'SHUTDOWN',
  8: 'SHUTDOWN ACK',
  9: 'OP ERR',
  10: 'COOKIE ECHO',
  11: 'COOKIE ACK',
  12: 'ECN ECHO',
  13: 'ECN CWR',
  14: 'SHUTDOWN COMPLETE',
  192: 'FOR CUM TSN',
  193: 'REL CTRL',
  194: 'REL CTRL ACK',
};

/** Payload protocol identifiers. */
const payloadNames: Names = Object.fromEntries(
  (
    'ISDN Q.921,M2UA,M3UA,SUA,M2PA,V5.2,H.248,BICC,TALI,DUA,ASAP,ENRP,H.323,Q.IPC,SIMCO,DDPSC,DDPSSC,S1AP,RUA,HNBAP,' +
    'ForCES HP,ForCES MP,ForCES LP,SBc-AP,NBAP,,X2AP'
  )
    .split(',')
    .map((name, i) => [i + 1, name])
    .filter(([, name]) => name !== ''),
);
const M3UA = 3;
/** Payloads and ports of ForCES, which have a decoder in tcpdump and none here. */
const forcesPayloads: ReadonlySet<number> = new Set([21, 22, 23]);
const forcesPorts: Names = {6704: 'ForCES HP', 6705: 'ForCES MP', 6706: 'ForCES LP'};

export function sctp(d: Dissector, o: number, length: number, ipAt: number): void {
  d.protocol = 'sctp';
  if (length < HEADER) return d.s(`truncated-sctp - ${HEADER - length} bytes missing!`);
  if (!d.has(o, HEADER)) return d.trunc();
  const source = d.u16(o);
  const destination = d.u16(o + 2);
  if (d.u8(ipAt) >> 4 === 6) d.s(`${ip6Text(d, ipAt + 8)}.${source} > ${ip6Text(d, ipAt + 24)}.${destination}: sctp`);
  else d.s(`${ip4Text(d, ipAt + 12)}.${source} > ${ip4Text(d, ipAt + 16)}.${destination}: sctp`);
  for (const port of [source, destination]) if (forcesPorts[port] !== undefined) d.s(`[${forcesPorts[port]}]`);
  const forces = forcesPorts[source] !== undefined || forcesPorts[destination] !== undefined;
  if (!chunks(d, o + HEADER, length - HEADER, forces)) d.trunc();
}

/** False when the capture ends inside a chunk. */
function chunks(d: Dissector, start: number, length: number, forcesPort: boolean): boolean {
  let o = start;
  let left = length;
  let separator = d.v >= 2 ? '\n\t' : ' (';
  let forces = forcesPort;
  for (let number = 1; left !== 0; number++) {
    if (left < CHUNK) {
      d.s(`${separator}${number}) [chunk descriptor cut off at end of packet]`);
      return true;
    }
    if (!d.has(o, CHUNK)) return false;
    const size = d.u16(o + 2);
    if (size < CHUNK) {
      d.s(`${separator}${number}) [Bad chunk length ${size}, < size of chunk descriptor]`);
      return true;
    }
    const padding = -size & 3;
    if (left < padding) {
      d.s(`${separator}${number}) [Bad chunk length ${size}, > remaining data in packet]`);
      return true;
    }
    if (!d.has(o, size)) return false;
    const kind = d.u8(o);
    d.s(`${separator}${number}) [${chunkNames[kind] ?? `Unknown chunk type: 0x${kind.toString(16)}`}] `);
    if (kind === 0) {
      const payload = data(d, o, size);
      if (payload === undefined) return true;
      forces ||= forcesPayloads.has(payload);
      if (!forces && d.v >= 2) payloadText(d, payload, o + CHUNK + DATA, size - CHUNK - DATA);
    } else if (kind === 1 || kind === 2) {
      if (!init(d, o, size)) return true;
    } else if (kind === 3 && !sack(d, o, size)) return true;
    if (d.v < 2) separator = ', (';
    o += size;
    // A chunk longer than the packet leaves an unsigned rest.
    left = (left - size) >>> 0;
    if (padding === 0) continue;
    if (!d.has(o, padding)) return false;
    o += padding;
    left = (left - padding) >>> 0;
  }
  return true;
}

function bogus(d: Dissector, size: number): void {
  d.s(`bogus chunk length ${size}]`);
}

/** Returns the payload protocol; undefined ends the packet. */
function data(d: Dissector, o: number, size: number): number | undefined {
  const flags = d.u8(o + 1);
  const marks = `${flags & 4 ? '(U)' : ''}${flags & 2 ? '(B)' : ''}${flags & 1 ? '(E)' : ''}`;
  if (marks !== '') d.s(`${marks} `);
  if (size < CHUNK + DATA) {
    bogus(d, size);
    return undefined;
  }
  const payload = d.u32(o + 12);
  d.s(`[TSN: ${d.u32(o + 4)}] [SID: ${d.u16(o + 8)}] [SSEQ ${d.u16(o + 10)}] `);
  d.s(`[PPID ${payloadNames[payload] ?? `0x${payload.toString(16)}`}] `);
  if (size > CHUNK + DATA) return payload;
  bogus(d, size);
  return undefined;
}

function payloadText(d: Dissector, payload: number, o: number, length: number): void {
  if (payload === M3UA) {
    m3ua(d, o, length);
    d.protocol = 'sctp';
    return;
  }
  d.s('[Payload');
  if (d.options.hex === 0 && d.options.hexAscii === 0) d.c(0x3a);
  defaultDump(d, o, length);
  d.c(0x5d);
}

function init(d: Dissector, o: number, size: number): boolean {
  if (size < CHUNK + INIT) {
    bogus(d, size);
    return false;
  }
  d.s(`[init tag: ${d.u32(o + 4)}] [rwnd: ${d.u32(o + 8)}] [OS: ${d.u16(o + 12)}] [MIS: ${d.u16(o + 14)}] `);
  d.s(`[init TSN: ${d.u32(o + 16)}] `);
  return true;
}

function sack(d: Dissector, o: number, size: number): boolean {
  if (size < CHUNK + SACK) {
    bogus(d, size);
    return false;
  }
  const acknowledged = d.u32(o + 4);
  const gaps = d.u16(o + 12);
  const duplicates = d.u16(o + 14);
  d.s(`[cum ack ${acknowledged}] [a_rwnd ${d.u32(o + 8)}] [#gap acks ${gaps}] [#dup tsns ${duplicates}] `);
  let at = o + CHUNK + SACK;
  let left = size - CHUNK - SACK;
  for (let i = 0; i < gaps + duplicates && left !== 0; i++) {
    if (left < 4) {
      bogus(d, size);
      return false;
    }
    if (i < gaps) {
      d.s(`\n\t\t[gap ack block #${i + 1}: start = ${(acknowledged + d.u16(at)) >>> 0}, `);
      d.s(`end = ${(acknowledged + d.u16(at + 2)) >>> 0}] `);
    } else d.s(`\n\t\t[dup TSN #${i - gaps + 1}: ${d.u32(at)}] `);
    at += 4;
    left -= 4;
  }
  return true;
}
