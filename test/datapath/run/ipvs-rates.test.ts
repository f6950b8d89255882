/** Rates of IPVS against the kernel's own arithmetic, done step by step in integers. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {RatedCounters} from '../../../src/datapath/run/ipvs-rates.js';

/** Packets and bytes per second after packets at these times, as ip_vs_est.c computes them. */
function kernel(packets: readonly {at: number; bytes: number}[], until: number): {pps: number; bps: number} {
  let [pps, bps] = [0n, 0n];
  for (let look = 1; look * 2000 <= until; look++) {
    const seen = packets.filter(({at}) => at >= (look - 1) * 2000 && at < look * 2000);
    const bytes = seen.reduce((sum, packet) => sum + packet.bytes, 0);
    pps += ((BigInt(seen.length) << 9n) - pps) >> 2n;
    bps += ((BigInt(bytes) << 4n) - bps) >> 2n;
  }
  return {pps: Number((pps + 0x1ffn) >> 10n), bps: Number((bps + 0xfn) >> 5n)};
}

function rated(packets: readonly {at: number; bytes: number}[], until: number) {
  const counters = new RatedCounters();
  for (const {at, bytes} of packets) {
    counters.advance(at);
    counters.total.inPackets++;
    counters.total.inBytes += bytes;
  }
  counters.advance(until);
  return {pps: counters.rates().inPackets, bps: counters.rates().inBytes};
}

describe('rates of IPVS', () => {
  it('are those of the kernel for any packets, however long ago', () => {
    const packet = fc.record({at: fc.integer({min: 0, max: 60_000}), bytes: fc.integer({min: 40, max: 65_535})});
    fc.assert(
      fc.property(fc.array(packet, {maxLength: 300}), fc.integer({min: 0, max: 400_000}), (given, more) => {
        const packets = given.sort((a, b) => a.at - b.at);
        const until = (packets.at(-1)?.at ?? 0) + more;
        expect(rated(packets, until)).toEqual(kernel(packets, until));
      }),
    );
  });

  it('come to what is sent steadily, and back to nothing', () => {
    const packets = Array.from({length: 600}, (_, i) => ({at: i * 100, bytes: 100}));
    expect(rated(packets, 60_000)).toEqual({pps: 10, bps: 1000});
    expect(rated(packets, 3_600_000)).toEqual({pps: 0, bps: 0});
    expect(rated(packets.slice(0, 19), 1_999)).toEqual({pps: 0, bps: 0});
  });
});
