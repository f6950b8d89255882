/** -w: records that are copied as they are in their file, against the same packets from a file in the other byte order. */
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {ourTcpdump, temporaryFolder} from './programs.js';

const folder = temporaryFolder();
afterAll(folder.remove);

interface Shape {
  readonly magic: number;
  readonly minor: number;
  readonly snaplen: number;
}

/** 4 MB of records of many lengths, some longer than `snaplen`, in one byte order. */
function capture({magic, minor, snaplen}: Shape, little: boolean): Uint8Array {
  const bytes = new Uint8Array(5 << 20);
  const view = new DataView(bytes.buffer);
  const words = (at: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(at + 4 * i, value, little);
  };
  words(0, magic, 0, 0, 0, snaplen, 1);
  view.setUint16(4, 2, little);
  view.setUint16(6, minor, little);
  let state = 7;
  const random = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
  let at = 24;
  while (at < 4 << 20) {
    const length = 1 + random(random(20) === 0 ? 200_000 : random(3) === 0 ? 1500 : 150);
    const wire = length + random(2) * random(100);
    const [first, second] = minor < 3 ? [wire, length] : [length, wire];
    words(at, 1_700_000_000 + at, random(1_100_000_000), first, second);
    for (let i = 0; i < length; i++) bytes[at + 16 + i] = at + i * 7 + (i >> 8);
    at += 16 + length;
  }
  return bytes.subarray(0, at);
}

const shapes: [string, Shape][] = [
  ['microseconds', {magic: 0xa1b2c3d4, minor: 4, snaplen: 262144}],
  ['nanoseconds', {magic: 0xa1b23c4d, minor: 4, snaplen: 262144}],
  ['records beyond the snapshot length', {magic: 0xa1b2c3d4, minor: 4, snaplen: 1000}],
  ['lengths in the old order', {magic: 0xa1b2c3d4, minor: 2, snaplen: 262144}],
];
const lines = [
  '',
  'ether[0] < 200',
  'len > 100',
  'ether[0] & 7 = 0',
  '-C 1 ether[0] < 250',
  '-U len < 400',
  '--nano',
  '-c 900',
];

describe.each(shapes)('-w from a file: %s', (_title, shape) => {
  const [little, big] = [join(folder.path, 'little.pcap'), join(folder.path, 'big.pcap')];

  it.each(lines)('-w … %s', async (line) => {
    writeFileSync(little, capture(shape, true));
    writeFileSync(big, capture(shape, false));
    const written = async (label: string, read: readonly string[]) => {
      const to = join(folder.path, `${label}-${Math.random()}`);
      mkdirSync(to);
      const args = [...read, '-w', join(to, 'out'), ...line.split(' ').filter((word) => word !== '')];
      const {status, stderr} = await ourTcpdump(args);
      expect(status, stderr).toBe(0);
      return new Map(readdirSync(to).map((name) => [name, readFileSync(join(to, name))]));
    };
    const expected = await written('big', ['-r', big]);
    const found = await written('little', ['-r', little]);
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, bytes] of expected) expect(bytes.equals(found.get(name)!), name).toBe(true);
    if (line === 'len > 100') {
      writeFileSync(join(folder.path, 'list'), `${little}\n${big}\n${little}\n`);
      const three = (await written('list', ['-V', join(folder.path, 'list')])).get('out')!;
      const one = expected.get('out')!;
      const twice = Buffer.concat([one, one.subarray(24), one.subarray(24)]);
      expect(three.equals(twice)).toBe(true);
    }
  });
});
