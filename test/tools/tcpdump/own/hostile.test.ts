/** Frames by an attacker's hand: nothing that they contain makes our options throw, and every object is JSON. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {demoCluster} from '../../../../src/cluster/demo.js';
import {tunnelPorts, walk} from '../../../../src/session/walk.js';
import {annotation} from '../../../../src/tools/tcpdump/own/annotate.js';
import {flowOf, quotedFlow, vniOf} from '../../../../src/tools/tcpdump/own/flow.js';
import {innerTest} from '../../../../src/tools/tcpdump/own/inner.js';
import {packetJson} from '../../../../src/tools/tcpdump/own/json.js';
import {clusterView} from '../../../../src/tools/tcpdump/own/select.js';
import {dns, fragment6, frame, hopByHop, icmp, icmpv6, udp} from '../../../../src/wire/build.js';
import {between, between6, carriers, eth, request} from './tunnels.js';

const view = clusterView(demoCluster());
const ports = tunnelPorts();
const inner = innerTest('tcp port 8080 or ip6 protochain 17', undefined);
const question = {name: 'my-svc.default.svc.cluster.local', type: 1, class: 1};
const query = {id: 1, flags: 0x8180, questions: [question], answers: [], authorities: [], additionals: []};
const seeds = [
  ...carriers.map(({wrap}) => wrap(...request, 'hello')),
  frame(eth, between('10.32.1.10', '10.96.0.10'), udp({sourcePort: 9, destinationPort: 53}), dns(query)),
  frame(eth, between('10.0.0.6', '10.32.1.10'), icmp({type: 3, code: 4}), frame(...request)),
  frame(
    eth,
    between6('fd00::1', 'fd00::2'),
    hopByHop([]),
    fragment6({offset: 0, more: true, id: 1}),
    icmpv6({type: 128}),
  ),
];
/** Types, lengths, ports that open other doors. */
const keen = [0x00, 0x01, 0x06, 0x08, 0x11, 0x29, 0x2c, 0x2f, 0x45, 0x60, 0x65, 0x81, 0xff];

const mutated = fc
  .record({
    seed: fc.constantFrom(...seeds),
    changes: fc.array(fc.tuple(fc.nat(300), fc.oneof(fc.constantFrom(...keen), fc.nat(255))), {maxLength: 8}),
    cut: fc.nat(300),
    link: fc.constantFrom(1, 1, 1, 0, 101, 113, 276, 147),
    more: fc.nat(2000),
  })
  .map(({seed, changes, cut, link, more}) => {
    const b = seed.slice();
    for (const [at, value] of changes) b[at % b.length] = value;
    return {
      b,
      end: cut % 3 === 0 ? cut % (b.length + 1) : b.length,
      link,
      wireLength: b.length + (more > 1000 ? more : 0),
    };
  });

describe('hostile frames', () => {
  it('are walked, annotated and written as JSON', () => {
    fc.assert(
      fc.property(mutated, ({b, end, link, wireLength}) => {
        const stack = walk(link, b, 0, end, wireLength, ports);
        for (const layer of stack.layers) {
          expect(layer.end).toBeLessThanOrEqual(end);
          expect(layer.limit).toBeLessThanOrEqual(Math.max(wireLength, end));
        }
        const [flow, vni] = [flowOf(b, stack), vniOf(b, stack)];
        quotedFlow(b, stack, ports);
        inner(b, stack);
        expect(annotation(view, flow, vni)).not.toMatch(/[\x00-\x1f]/);
        const packet = {seconds: 0, nanoseconds: 0, b, start: 0, end, wireLength, number: 1};
        const text = packetJson({...packet, linkName: 'EN10MB', stack, flow, vni}, {}, view, '');
        expect(JSON.parse(text)).toMatchObject({captured: end, length: wireLength});
      }),
      {numRuns: Number(process.env.WIRELAY_HOSTILE ?? 3000)},
    );
  });
});
