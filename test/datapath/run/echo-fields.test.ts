/** What `ping -Q -e -p` puts on the wire, and what of it the outer header takes over. */
import {describe, expect, it} from 'vitest';
import type {TrafficSpec} from '../../../src/cluster/model.js';
import {parseTraffic} from '../../../src/cluster/traffic.js';
import {createControl} from '../../../src/control/control.js';
import {simulate} from '../../../src/datapath/run/simulate.js';
import {get16} from '../../../src/wire/bytes.js';
import {expectFrame} from '../../wire/expect-frame.js';
import {dualStack, pair} from './lab.js';

const cluster = pair(dualStack);
const six = cluster.pods.find(({name}) => name === 'b')!.ips[1]!;

/** Frames of one echo and its reply, by place. */
function echo(fields: Partial<TrafficSpec>, family: 4 | 6 = 4): (place: string) => Uint8Array[] {
  const spec = {...parseTraffic('a -> b/icmp size=40', cluster), ...fields};
  const to = family === 4 ? spec.to : ({kind: 'ip', ip: six} as const);
  const frames: {at: string; bytes: Uint8Array}[] = [];
  simulate({
    control: createControl(cluster),
    traffic: [{...spec, to}],
    seed: 1,
    observers: [
      {
        frame: (point, _time, direction, bytes, start, end) =>
          frames.push({at: `${point.pod ?? point.node} ${point.device} ${direction}`, bytes: bytes.slice(start, end)}),
      },
    ],
  });
  const type = family === 4 ? 0x0800 : 0x86dd;
  return (place) =>
    frames
      .filter(
        ({at, bytes}) =>
          at === place && get16(bytes, 12) !== 0x0806 && (place.includes('node') || get16(bytes, 12) === type),
      )
      .map(({bytes}) => bytes);
}

describe('an echo request', () => {
  it.each([
    [0xb8, 0],
    [0x03, 2],
    [0x02, 2],
    [0xff, 2],
  ])('keeps TOS %i both ways; the outer header has TOS %i', (tos, outer) => {
    const at = echo({tos});
    const [sent] = at('default/a eth0 out');
    const [answer] = at('default/b eth0 out');
    for (const frame of [sent!, answer!]) expectFrame(frame).ethernet().ipv4({tos});
    for (const direction of ['in', 'out'])
      expectFrame(at(`node1 eth0 ${direction}`)[0]!)
        .ethernet()
        .ipv4({tos: outer})
        .udp({})
        .geneve({})
        .inner()
        .ipv4({tos});
  });

  it('has it as the traffic class of IPv6', () => {
    const at = echo({tos: 0x22}, 6);
    const echoes = (place: string) => at(place).filter((bytes) => bytes[54]! === 128 || bytes[54]! === 129);
    for (const place of ['default/a eth0 out', 'default/b eth0 out'])
      expectFrame(echoes(place)[0]!).ethernet().ipv6({trafficClass: 0x22});
  });

  it('has the identifier and, behind the time, the pattern that it is told', () => {
    const [sent] = echo({identifier: 0x1234, pattern: [0xab, 0xcd, 0x0f]})('default/a eth0 out');
    expect(get16(sent!, 38)).toBe(0x1234);
    expect([...sent!.subarray(42 + 16, 42 + 22)]).toEqual([0xcd, 0x0f, 0xab, 0xcd, 0x0f, 0xab]);
    const [again] = echo({identifier: 0})('default/a eth0 out');
    expect(get16(again!, 38)).toBe(0);
  });
});
