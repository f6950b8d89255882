import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import type {Observer} from '../../../src/datapath/model.js';
import {transmit} from '../../../src/datapath/run/device.js';
import {tunnelSourcePort} from '../../../src/datapath/run/flow.js';
import {addNeighbour} from '../../../src/datapath/run/neighbour.js';
import {encapsulate} from '../../../src/datapath/run/tunnel.js';
import {nodeAt} from '../../../src/datapath/run/world.js';
import {parseIp, parseMac} from '../../../src/wire/addr.js';
import {fromHex, get16, get24, set16, toHex} from '../../../src/wire/bytes.js';
import {checksum} from '../../../src/wire/checksum.js';
import {reassembleIpv4} from '../../../src/wire/fragment.js';
import {ipv4FragmentOffset, ipv4Id, ipv4MoreFragments, ipv4Tos} from '../../../src/wire/ipv4.js';
import {expectFrame} from '../../wire/expect-frame.js';
import {demo, idleRun} from './lab.js';

const file = fileURLToPath(new URL('../../../../shared/cases/bpf-vectors/e2e-real-kernel-vxlan.json', import.meta.url));

interface Vector {
  readonly id: string;
  readonly captured: readonly {readonly at: string; readonly hex: string}[];
}

const nodes = [5, 6, 7].map((n, i) => ({
  name: `node${i + 1}`,
  ip: `10.0.0.${n}`,
  mac: `02:00:00:00:00:0${n}`,
  podCIDR: `10.32.${i + 1}.0/24`,
}));

/** Sends inner frames out of node1's tunnel device and returns what leaves its eth0. */
function outer(
  protocol: 'vxlan' | 'geneve',
  inner: Uint8Array,
  vni: number,
  remote: string,
  option?: Uint8Array,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const tap: Observer = {
    wants: (point) => point.node === 'node1' && point.device === 'eth0' && point.pod === undefined,
    frame: (_point, _time, direction, bytes, start, end) => {
      if (direction === 'out') frames.push(bytes.slice(start, end));
    },
  };
  const {run} = idleRun(demo({nodes, cilium: {'tunnel-protocol': protocol}}), [tap]);
  const node = nodeAt(run, 0);
  for (const {ip, mac} of nodes) addNeighbour(node.eth0, parseIp(ip)!, parseMac(mac)!, true);
  const skb = run.pool.take(inner.length, 1);
  skb.buf.set(inner, skb.start);
  skb.end = skb.start + inner.length;
  skb.tunnel = {vni, remote: parseIp(remote)!, ttl: 64, tos: 0, flags: 2};
  skb.tunnelOption = option;
  encapsulate(node.tunnel!, skb);
  return frames;
}

/** Id and header checksum set to 0, and the source port where there is one: what the kernel chooses per boot. */
function comparable(frame: Uint8Array): string {
  const b = frame.slice();
  for (const o of [18, 24]) set16(b, o, 0);
  if (ipv4FragmentOffset(b, 14) === 0) set16(b, 34, 0);
  return toHex(b);
}

describe.skipIf(!existsSync(file))('frames of the real kernel (bpf-vectors)', () => {
  const {vectors} = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {vectors: []}) as {vectors: Vector[]};
  const cases = vectors.flatMap((v) => {
    const wire = v.captured.filter((c) => c.at === 'eth0p').map((c) => fromHex(c.hex));
    const first = wire[0];
    return first && first[23] === 17 && get16(first, 36) === 8472 ? [[v.id, wire] as const] : [];
  });

  it('has encapsulated frames to compare, whole and in fragments', () => {
    expect(cases.length).toBeGreaterThanOrEqual(15);
    expect(cases.some(([, wire]) => wire.length === 2)).toBe(true);
  });

  it.each(cases)('%s: all but source port and id', (_id, real) => {
    const packet = reassembleIpv4(real.map((frame) => frame.slice(14)))!;
    const vni = get24(packet, 32);
    const remote = [...packet.slice(16, 20)].join('.');
    const sent = outer('vxlan', packet.slice(36), vni, remote);
    expect(sent.map(comparable)).toEqual(real.map(comparable));
    for (const frame of sent) expect(checksum(frame, 14, 34)).toBe(0);
    expect(get16(sent[0]!, 18)).not.toBe(0);
    const port = get16(sent[0]!, 34);
    expect(port).toBeGreaterThanOrEqual(32768);
    expect(port).toBeLessThan(60999);
  });
});

const udpInner = (size: number, tos = 0) => {
  const b = new Uint8Array(14 + 20 + 8 + size);
  b.set(fromHex('0ebb0000010a0aaa0000010a0800'));
  b.set(fromHex(`45${tos.toString(16).padStart(2, '0')}00001234400040110000 0a20010a 0a200214`), 14);
  set16(b, 16, 28 + size);
  set16(b, 24, checksum(b, 14, 34));
  b.set(fromHex('9c401f9000000000'), 34);
  set16(b, 38, 8 + size);
  return b;
};

describe('Geneve', () => {
  it('has the base header of RFC 8926 and no checksum', () => {
    const [frame] = outer('geneve', udpInner(10), 20001, '10.0.0.6');
    expectFrame(frame!)
      .ethernet({src: '02:00:00:00:00:05', dst: '02:00:00:00:00:06'})
      .ipv4({src: '10.0.0.5', dst: '10.0.0.6', ttl: 64, tos: 0})
      .udp({dstPort: 6081})
      .geneve({vni: 20001})
      .inner()
      .ipv4({src: '10.32.1.10', ttl: 64});
    expect(get16(frame!, 40)).toBe(0);
    expect(get16(frame!, 20)).toBe(0);
    expect(toHex(frame!, 42, 50)).toBe('0000655800' + '4e2100');
  });

  it('sets C where an option is critical', () => {
    const [frame] = outer('geneve', udpInner(10), 2, '10.0.0.6', fromHex('014b81020a00000575800000'));
    expect(toHex(frame!, 42, 62)).toBe('0340655800000200014b81020a00000575800000');
  });

  it('keeps the source port of a flow and spreads flows', () => {
    const ports = new Set<number>();
    for (let port = 1000; port < 1200; port++) {
      const inner = udpInner(4);
      set16(inner, 34, port);
      const outside = tunnelSourcePort(inner, 0, 'geneve', undefined);
      set16(inner, 18, port);
      expect(tunnelSourcePort(inner, 0, 'geneve', undefined)).toBe(outside);
      ports.add(outside);
    }
    expect(get16(outer('geneve', udpInner(4), 7, '10.0.0.6')[0]!, 34)).toBe(
      tunnelSourcePort(udpInner(4), 0, 'geneve', undefined),
    );
    expect(ports.size).toBeGreaterThan(190);
    expect(Math.max(...ports)).toBeGreaterThan(50000);
    expect(Math.min(...ports)).toBeLessThan(10000);
    expect(ports.has(0) || ports.has(49152)).toBe(false);
  });

  it.each([
    [0x28, 0],
    [0x02, 2],
    [0x03, 2],
    [0x01, 1],
  ])('inner TOS 0x%s: outer TOS %i', (inner, want) => {
    expect(ipv4Tos(outer('geneve', udpInner(4, inner), 7, '10.0.0.6')[0]!, 14)).toBe(want);
  });

  it('fragments the outer packet of a frame that is too long', () => {
    const frames = outer('geneve', udpInner(1472), 7, '10.0.0.6');
    expect(frames.map((f) => f.length - 14)).toEqual([1500, 70]);
    expect(frames.map((f) => ipv4MoreFragments(f, 14))).toEqual([true, false]);
    expect(ipv4Id(frames[0]!, 14)).toBe(ipv4Id(frames[1]!, 14));
  });
});

describe('tunnel device', () => {
  it('gives up without a tunnel key', () => {
    const live = idleRun(demo());
    const node = nodeAt(live.run, 0);
    const skb = live.run.pool.take(64, 1);
    skb.end = skb.start + 60;
    transmit(node.tunnel!, skb);
    expect(live.advance()).toBe(0);
    expect(node.eth0.counters.txPackets).toBe(0);
  });
});
