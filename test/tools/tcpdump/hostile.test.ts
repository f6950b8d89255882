/** Frames that nobody sends in good faith: no exception, no hang, no byte that a terminal would obey. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, it} from 'vitest';
import {type CapturedPacket, capture, ourTcpdump, temporaryFolder} from './programs.js';

const folder = temporaryFolder();
const path = join(folder.path, 'hostile.pcap');
afterAll(folder.remove);

function header(linkType: number): Uint8Array {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0xa1b2c3d4, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(262144, 16);
  bytes.writeUInt32LE(linkType, 20);
  return bytes;
}

function packet(bytes: Uint8Array): CapturedPacket {
  return {seconds: 1, micros: 2, wireLength: bytes.length, bytes};
}

/** IPv4 headers inside each other, `depth` of them. */
function nestedIp(depth: number): Uint8Array {
  const bytes = Buffer.alloc(14 + 20 * depth);
  bytes.writeUInt16BE(0x0800, 12);
  for (let i = 0; i < depth; i++) {
    const o = 14 + 20 * i;
    bytes.set([0x45, 0], o);
    bytes.writeUInt16BE(20 * (depth - i), o + 2);
    bytes.set([64, 4], o + 8);
  }
  return bytes;
}

describe('hostile captures', () => {
  it('ends a packet of thousands of nested headers, and goes on with the next', async () => {
    writeFileSync(path, capture(header(1), [packet(nestedIp(3276)), packet(nestedIp(2))]));
    const {stdout, status} = await ourTcpdump(['-nn', '-t', '-r', path]);
    expect(status).toBe(0);
    const [deep, shallow] = stdout.split('\n');
    expect(deep).toMatch(/^(IP 0\.0\.0\.0 > 0\.0\.0\.0: ){1000}/);
    expect(shallow).toBe('IP 0.0.0.0 > 0.0.0.0: IP 0.0.0.0 > 0.0.0.0:  [|ip]');
  });

  it('prints any bytes under any link type without control characters', async () => {
    const linkTypes = fc.constantFrom(0, 1, 101, 108, 113, 147, 228, 229, 276);
    const flags = fc.constantFrom(
      '-nn',
      '-nn -vvv -e',
      '-v -A',
      '-nn -q -e -X',
      '-vv -T domain',
      '-v -T resp',
      '-T vxlan -e',
    );
    const frames = fc.array(fc.uint8Array({minLength: 1, maxLength: 200}), {minLength: 1, maxLength: 20});
    await fc.assert(
      fc.asyncProperty(linkTypes, flags, frames, async (linkType, options, list) => {
        writeFileSync(path, capture(header(linkType), list.map(packet)));
        const {stdout, status} = await ourTcpdump([...options.split(' '), '-r', path]);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^[\t\n\x20-\x7e]*$/);
      }),
      {numRuns: 150},
    );
  });
});
