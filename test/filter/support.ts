/** Shared by the filter tests: packets, expressions, and the real tcpdump. */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {compileFilter} from '../../src/filter/compile.js';
import {FilterError} from '../../src/filter/error.js';
import {formatProgram} from '../../src/filter/format.js';
import type {Program} from '../../src/filter/opcode.js';
import * as op from '../../src/filter/opcode.js';
import {fromHex} from '../../src/wire/bytes.js';

export interface Packet {
  readonly linktype: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

const path = (name: string) => new URL(name, import.meta.url);
const lines = (name: string) => readFileSync(path(name), 'utf8').split('\n').filter(Boolean);

/** What scapy made, see packets.py. */
export const packets: readonly Packet[] = lines('packets.txt').map((line) => {
  const [linktype, name, hex] = line.split(' ');
  return {linktype: Number(linktype), name: name!, bytes: fromHex(hex!)};
});

/** Expressions with every keyword and message, and the empty one. */
export const expressions: readonly string[] = ['', ...lines('expressions.txt')];

/** A packet as captured: some bytes of it, and its length on the wire. */
export interface Captured {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** Each packet whole and cut at every length. */
export function cutEverywhere(list: readonly Packet[]): Captured[] {
  return list.flatMap(({bytes}) =>
    Array.from({length: bytes.length}, (_, n) => ({bytes: bytes.subarray(0, n + 1), wireLength: bytes.length})),
  );
}

/** A pcap file (µs, little-endian); a packet's time is its index. */
export function pcapFile(linktype: number, list: readonly Captured[]): Uint8Array {
  const size = list.reduce((sum, {bytes}) => sum + 16 + bytes.length, 24);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, linktype, true);
  let at = 24;
  for (const [i, {bytes, wireLength}] of list.entries()) {
    view.setUint32(at, i, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, wireLength, true);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
}

export interface Compilation {
  readonly linktype: number;
  readonly optimize: boolean;
  readonly savefile?: boolean;
  readonly vlanMetadata?: boolean;
}

/** The listing of `expression`, or the message it is refused with. */
export function compiled(expression: string, options: Compilation): string {
  try {
    return formatProgram(compileFilter(expression, {snaplen: 262_144, savefile: false, ...options}), 1);
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

/** The same from the real one. `source`: `-y NAME` or `-r FILE`. */
export function oracleListing(expression: string, source: readonly string[], optimize: boolean): string {
  const args = [...source, ...(optimize ? [] : ['-O']), '-d', '--', expression];
  const {status, stdout, stderr} = spawnSync('tcpdump', args, {encoding: 'utf8'});
  return status === 0 ? stdout : message(stderr);
}

function message(stderr: string): string {
  const at = stderr.indexOf('tcpdump: ');
  return stderr.slice(at + 'tcpdump: '.length).replace(/\n$/, '');
}

/** Indices of the packets of `file` that the real one lets pass, or its message. */
export function oracleMatches(expression: string, file: string, optimize: boolean): number[] | string {
  const args = ['-r', file, ...(optimize ? [] : ['-O']), '-w', '-', '--', expression];
  const {status, stdout, stderr} = spawnSync('tcpdump', args, {maxBuffer: 1 << 28, timeout: 20_000});
  if (status !== 0) return message(stderr.toString());
  const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const found: number[] = [];
  for (let at = 24; at < stdout.length; at += 16 + view.getUint32(at + 8, true)) found.push(view.getUint32(at, true));
  return found;
}

/**
 * May the program read a scratch word that it has not written? What it then does in libpcap depends on what is on the
 * stack: not even two runs of tcpdump with different options agree.
 */
export function readsUnsetWords({instructions}: Program): boolean {
  const written = new Array<number>(instructions.length + 1).fill(-1);
  written[0] = 0;
  for (const [at, {code, k, jt, jf}] of instructions.entries()) {
    let words = written[at]!;
    if ((code === op.LD_MEM || code === op.LDX_MEM) && ((words >>> k) & 1) === 0) return true;
    if (code === op.ST || code === op.STX) words |= 1 << k;
    const isJump = (code & op.CLASS_MASK) === op.CLASS_JMP;
    const targets = code === op.JA ? [k | 0] : isJump ? [jt, jf] : code === op.RET_K ? [] : [0];
    for (const skip of targets) if (skip >= 0) written[at + 1 + skip]! &= words;
  }
  return false;
}
