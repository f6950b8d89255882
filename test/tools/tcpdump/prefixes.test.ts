/**
 * Beginnings of packets that are copied, with their gaps filled, beside the same packets printed in full: nothing but speed may
 * tell them apart. Frames are shuffled and changed in places that decide what is printed, so that a key which lacks a byte shows.
 */
import {describe, expect, it} from 'vitest';
import type {PrintOptions} from '../../../src/tools/tcpdump/print/options.js';
import {PacketText} from '../../../src/tools/tcpdump/text.js';
import {fromHex, set16} from '../../../src/wire/bytes.js';
import {checksum} from '../../../src/wire/checksum.js';

const ETHERNET = '020000000002 020000000001';
const IP4 = '4500 0000 0001 4000 40 06 0000 0a000001 0a000002';
const IP4_UDP = '4500 0000 0001 4000 40 11 0000 c0a80001 c0a80002';
const IP6 = '60000000 0000 06 40 fd000000000000000000000000000001 fd000000000000000000000000000002';
const IP6_UDP = '60012345 0000 11 40 fd000000000000000000000000000001 00000000000000000000ffff0a000002';
const TCP = '9c40 1f90 00000001 00000002 5018 0100 0000 0000 48656c6c6f20776f726c64';

/** Headers and where, from the start of each, a length stands and what it counts from. */
const stacks: readonly string[] = [
  `${ETHERNET} 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 86dd ${IP6} ${TCP}`,
  `${ETHERNET} 8100 0064 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 0800 ${IP4_UDP} c000 17c1 0000 0000  00 00 6558 00002a 00 ${ETHERNET} 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 0800 ${IP4_UDP} c001 17c1 0000 0000  02 40 6558 00002a 00 0102 8001 00000007 ${ETHERNET} 86dd ${IP6} ${TCP}`,
  `${ETHERNET} 0800 ${IP4_UDP} c002 12b5 0000 0000  08000000 00002a 00 ${ETHERNET} 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 86dd ${IP6_UDP} c003 12b5 0000 0000  08000000 00002a 00 ${ETHERNET} 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 0800 ${IP4_UDP} c003 2118 0000 0000  08000000 00002a 00 ${ETHERNET} 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 0800 ${IP4.replace('40 06', '40 2f')} 0000 0800 ${IP4} ${TCP}`,
  `${ETHERNET} 0800 ${IP4.replace('40 06', '40 04')} ${IP4} ${TCP}`,
  `${ETHERNET} 8847 00064140 ${IP4} ${TCP}`,
];

const plain: PrintOptions = {
  verbose: 0,
  numeric: true,
  link: false,
  quiet: 0,
  time: 1,
  absoluteSequence: true,
  noChecksums: false,
  asDot: false,
  shortNames: false,
  number: false,
  hex: 0,
  hexAscii: 0,
  ascii: 0,
  precision: 6,
  packetType: undefined,
};

const optionSets: readonly (readonly [string, Partial<PrintOptions>])[] = [
  ['-nn', {}],
  ['-nn, relative', {absoluteSequence: false}],
  ['-nn -e', {link: true}],
  ['-nn -v', {verbose: 1}],
  ['-nn -vv -e', {verbose: 2, link: true}],
  ['-nn -vvv -K', {verbose: 3, noChecksums: true}],
  ['-q -x', {quiet: 1, hex: 1}],
  ['with names', {numeric: false}],
  ['--vxlan-port 8472', {vxlanPorts: new Set([8472])}],
];

const FRAMES = 4000;

/** A generator of the same numbers each time. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
}

/** Sets the lengths and checksums of all IP and UDP headers, found as they were put together. */
function complete(b: Uint8Array): void {
  for (let o = b.length - 60; o >= 14; o--) {
    const inner = b.length - o;
    if (b[o] === 0x45 && b[o + 1] === 0 && b[o + 2] === 0 && b[o + 4] === 0 && b[o + 5] === 1) {
      set16(b, o + 2, inner);
      set16(b, o + 10, checksum(b, o, o + 20));
      if (b[o + 9] === 17) set16(b, o + 24, inner - 20);
    } else if (b[o] === 0x60 && b[o + 4] === 0 && b[o + 5] === 0 && b[o + 7] === 0x40 && b[o + 8] === 0xfd) {
      set16(b, o + 4, inner - 40);
      if (b[o + 6] === 17) set16(b, o + 44, inner - 40);
    }
  }
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly wire: number;
}

/** Few flows, then more in turn than anything is kept for, then few again. */
function manyFlows(): Frame[] {
  const random = numbers(11);
  const stack = fromHex(stacks[3] ?? '');
  return Array.from({length: 24_000}, (_, i) => {
    const b = stack.slice();
    complete(b);
    const flow = i < 2000 || i > 20_000 ? i % 40 : i % 5000;
    const ports = b.length - 31;
    set16(b, ports - 8 + 2, flow);
    set16(b, ports, random(2) === 0 ? 40_000 : 8080);
    b[ports + 7] = random(256);
    b[ports + 11] = random(256);
    b[ports + 13] = random(20) === 0 ? 0x12 : 0x10;
    return {bytes: b, wire: b.length};
  });
}

function frames(): Frame[] {
  const random = numbers(7);
  return Array.from({length: FRAMES}, () => {
    const stack = fromHex(stacks[random(stacks.length)]!);
    const b = new Uint8Array(stack.length + (random(3) === 0 ? random(300) : 0));
    b.set(stack);
    complete(b);
    // Half of the frames are of a few flows, the rest differ somewhere in their headers.
    for (let n = random(2) * random(3); n > 0; n--) {
      const at = random(Math.min(b.length, 130));
      b[at] = random(2) === 0 ? b[at]! ^ (1 << random(8)) : random(256);
    }
    const padding = random(8) === 0 ? random(20) : 0;
    const wire = b.length + padding;
    const captured = random(8) === 0 ? Math.max(1, b.length - random(90)) : wire;
    const bytes = new Uint8Array(captured);
    bytes.set(b.subarray(0, captured));
    return {bytes, wire};
  });
}

function expectCopies(options: PrintOptions, frames: readonly Frame[]): void {
  let text = '';
  const names = {host: () => undefined, port: () => undefined, device: () => undefined};
  const take = (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString('latin1');
  };
  const copying = new PacketText(options, names, take);
  const printing = new PacketText(options, names, take);
  const print = (printer: PacketText, {bytes, wire}: Frame) => {
    text = '';
    printer.packet(1, 0, bytes, 0, bytes.length, wire, 1);
    printer.flush();
    return text;
  };
  for (const frame of frames) {
    printing.begin(1);
    expect(print(copying, frame)).toBe(print(printing, frame));
  }
}

describe('beginnings that are copied', () => {
  it.each(optionSets)('are those printed in full: %s', (_name, changed) => {
    expectCopies({...plain, ...changed}, frames());
  });

  it('are those printed in full where flows are too many to keep', () => {
    expectCopies({...plain, absoluteSequence: false}, manyFlows());
  });
});
