import {describe, expect, it} from 'vitest';
import {readTuple, rewrite, rewriteQuoted} from '../../../src/datapath/run/nf-tuple.js';
import {parseIp} from '../../../src/wire/addr.js';
import {get16, set16, toHex} from '../../../src/wire/bytes.js';
import {verifyL4Checksum} from '../../../src/wire/l4.js';
import {dualStack, pair, runLab} from './lab.js';

const cluster = pair(dualStack);
const six = '[fd00:32:0:1::3]';
const lab = runLab(cluster, [
  'a -> b:8080/tcp',
  'a -> b:5/udp',
  'a -> b/icmp',
  `a -> ${six}:8080/tcp`,
  `a -> ${six}:5/udp`,
  `a -> ${six}`,
]);
const packets = lab
  .at('default/a eth0 out')
  .filter((frame) => readTuple(frame, 14, frame.length) !== undefined)
  .map((frame) => frame.slice(14));
const to = (b: Uint8Array) => ({ip: parseIp(b[0]! >>> 4 === 4 ? '203.0.113.77' : '2001:db8:ffff::77')!, port: 54321});

describe('a quoted packet', () => {
  it('is there in all protocols of both families', () => {
    const kinds = new Set(packets.map((b) => `${b[0]! >>> 4} ${readTuple(b, 0, b.length)!.protocol}`));
    expect([...kinds].sort()).toEqual(['4 1', '4 17', '4 6', '6 17', '6 58', '6 6']);
  });

  it.each(['source', 'destination'] as const)('changes as a whole packet does: %s', (which) => {
    for (const packet of packets) {
      const [quoted, whole] = [packet.slice(), packet.slice()];
      rewriteQuoted(quoted, 0, quoted.length, which, to(packet));
      rewrite(whole, 0, whole.length, which, to(packet));
      expect(toHex(quoted)).toBe(toHex(whole));
      expect(verifyL4Checksum(quoted, 0, quoted.length)).toBe(true);
    }
  });

  it('keeps a UDP checksum of 0, and what is cut off stays off', () => {
    const udp = packets.find((b) => b[0] === 0x45 && b[9] === 17)!.slice();
    set16(udp, 26, 0);
    rewriteQuoted(udp, 0, udp.length, 'source', to(udp));
    expect(get16(udp, 26)).toBe(0);
    const tcp = packets.find((b) => b[0] === 0x45 && b[9] === 6)!.slice();
    const behind = toHex(tcp, 28, 40);
    rewriteQuoted(tcp, 0, 28, 'source', to(tcp));
    expect(toHex(tcp, 28, 40)).toBe(behind);
    expect(get16(tcp, 20)).toBe(54321);
  });
});
