/** SCTP: chunks there and back, CRC32c, broken packets. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {writeIpv4} from '../../src/wire/ipv4.js';
import {fillL4Checksum, verifyL4Checksum} from '../../src/wire/l4.js';
import {
  describeSctp,
  encodeSctpChunk,
  encodeSctpData,
  encodeSctpInit,
  encodeSctpSack,
  readSctpData,
  readSctpInit,
  readSctpSack,
  SCTP_HEADER,
  SCTP_INIT,
  sctpChecksum,
  sctpChunks,
  sctpCookie,
  writeSctp,
} from '../../src/wire/sctp.js';

const word = fc.integer({min: 0, max: 0xffff_ffff});
const half = fc.integer({min: 0, max: 0xffff});

function packet(...chunks: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(SCTP_HEADER);
  writeSctp(header, 0, 1000, 2000, 7);
  return Uint8Array.from([header, ...chunks].flatMap((bytes) => [...bytes]));
}

describe('CRC32c', () => {
  it('is that of RFC 3720 appendix B.4, the checksum field taken for 0', () => {
    expect(sctpChecksum(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
    const dirty = new Uint8Array(32).fill(0xff, 8, 12);
    expect(sctpChecksum(dirty, 0, 32)).toBe(0x8a9136aa);
  });

  it('is filled and checked in an IP packet; any flipped bit shows', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 40}), fc.nat(), (payload, flip) => {
        const sctp = packet(encodeSctpData({flags: 3, tsn: 1, stream: 0, sequence: 0, payload}));
        const b = new Uint8Array(20 + sctp.length);
        writeIpv4(b, 0, {totalLength: b.length, protocol: 132, source: 1, destination: 2});
        b.set(sctp, 20);
        fillL4Checksum(b, 0, b.length);
        expect(verifyL4Checksum(b, 0, b.length)).toBe(true);
        const bit = flip % (sctp.length * 8);
        b[20 + (bit >> 3)]! ^= 1 << (bit & 7);
        expect(verifyL4Checksum(b, 0, b.length)).toBe(false);
      }),
    );
  });
});

describe('chunks', () => {
  it('come back as they were written, several in a packet', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({minLength: 1, maxLength: 30}),
        word,
        half,
        fc.array(fc.tuple(half, half), {maxLength: 4}),
        fc.array(word, {maxLength: 4}),
        (payload, tsn, sequence, gaps, duplicates) => {
          const data = {flags: 3, tsn, stream: 5, sequence, payload};
          const sack = {cumulative: tsn, window: 106_496, gaps, duplicates};
          const b = packet(encodeSctpSack(sack), encodeSctpData(data));
          const [first, second] = sctpChunks(b, 0, b.length);
          expect(readSctpSack(b, first!)).toEqual(sack);
          expect(readSctpData(b, second!)).toEqual(data);
        },
      ),
    );
  });

  it('are named in a line', () => {
    const b = packet(encodeSctpChunk(11), encodeSctpChunk(77));
    expect(describeSctp(b, 0, b.length)).toBe('sctp 1000 > 2000 COOKIE ACK, chunk 77');
  });

  it('INIT ACK holds its cookie', () => {
    const init = {initiateTag: 0xfedcba98, window: 5000, outbound: 10, inbound: 65535, tsn: 0xffffffff};
    const cookie = Uint8Array.from({length: 37}, (_, i) => i);
    const b = packet(encodeSctpInit(init, {families: [], cookie}));
    const [chunk] = sctpChunks(b, 0, b.length);
    expect(readSctpInit(b, chunk!)).toEqual(init);
    expect(sctpCookie(b, chunk!)).toEqual(cookie);
  });

  it('cut or senseless lengths end the walk, at every length', () => {
    const init = {initiateTag: 1, window: 1, outbound: 1, inbound: 1, tsn: 1};
    const whole = packet(encodeSctpInit(init, {families: [5]}));
    for (let n = 0; n < whole.length; n++) expect([...sctpChunks(whole, 0, n)]).toEqual([]);
    expect([...sctpChunks(whole, 0, whole.length)].map(({type}) => type)).toEqual([SCTP_INIT]);
    whole[SCTP_HEADER + 3] = 3;
    expect([...sctpChunks(whole, 0, whole.length)]).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 120}), (b) => {
        for (const chunk of sctpChunks(b, 0, b.length)) {
          expect(chunk.end).toBeLessThanOrEqual(b.length);
          readSctpInit(b, chunk);
          readSctpSack(b, chunk);
          readSctpData(b, chunk);
          sctpCookie(b, chunk);
        }
      }),
    );
  });
});
