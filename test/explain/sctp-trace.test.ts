/** `trace` of SCTP: the first packet of an association, and what its answer says. */
import {describe, expect, it} from 'vitest';
import type {ClusterSpec} from '../../src/cluster/spec.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {readQuestion} from '../../src/explain/trace/peers.js';
import {createTracer} from '../../src/explain/trace/trace.js';
import {pair} from '../datapath/run/lab.js';

const services: ClusterSpec['services'] = [
  {name: 's', selector: {app: 'b'}, ports: [{name: 'sig', port: 8080, protocol: 'SCTP'}]},
];

function verdictOf(to: string, cilium: ClusterSpec['cilium']): string {
  const cluster = pair({services, cilium});
  return createTracer(cluster, false).ask(readQuestion('a', to, cluster)).verdict;
}

describe('trace of SCTP', () => {
  it.each([
    ['b:8080/sctp', true, 'answered'],
    ['s:8080/sctp', true, 'answered'],
    ['b:9/sctp', true, 'refused'],
    ['b:8080/sctp', false, 'dropped'],
  ] as const)('%s with enable-sctp %s: %s', (to, enabled, verdict) => {
    expect(verdictOf(to, {'enable-sctp': enabled})).toBe(verdict);
  });

  it('passes by the socket load balancing', () => {
    expect(verdictOf('s:8080/sctp', {'enable-sctp': true, 'bpf-lb-sock': true})).toBe('answered');
  });
});

describe('a line of SCTP traffic', () => {
  const cluster = pair({services});

  it('takes names of ports, the only SCTP port, keep', () => {
    expect(parseTraffic('a -> s:sig/sctp', cluster)).toMatchObject({protocol: 'sctp', port: 8080});
    expect(parseTraffic('a -> s/sctp keep x3', cluster)).toMatchObject({protocol: 'sctp', port: 8080, keep: true});
  });

  it('needs a port', () => {
    expect(() => parseTraffic('a -> b/sctp', pair({pods: [{name: 'a'}, {name: 'b'}], services: []}))).toThrow(
      'sctp needs a port',
    );
  });
});
