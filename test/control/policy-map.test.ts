import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createControl} from '../../src/control/control.js';
import {aggregateIdentity} from '../../src/control/identity.js';
import type {PolicyEntry} from '../../src/control/model.js';
import {createPolicyMap, policyMatch, policyPrecedence} from '../../src/control/policy-map.js';
import {cluster} from './cluster.js';

const entry = (fields: Partial<PolicyEntry>): PolicyEntry => ({
  direction: 'ingress',
  identity: 0,
  protocol: 0,
  port: 0,
  portBits: 0,
  deny: false,
  proxyPort: 0,
  precedence: fields.deny ? policyPrecedence.deny : policyPrecedence.allow,
  ...fields,
});
const verdict = (entries: PolicyEntry[], identity = 20001, protocol = 6, port = 8080) => {
  const {entry: found, match} = createPolicyMap(entries).lookup('ingress', identity, protocol, port);
  return {index: found ? entries.indexOf(found) : -1, match};
};

describe('policy map', () => {
  it('numbers the match types', () => {
    expect(verdict([])).toEqual({index: -1, match: policyMatch.none});
    expect(verdict([entry({identity: 20001})]).match).toBe(1);
    expect(verdict([entry({identity: 20001, protocol: 6, port: 8080, portBits: 16})]).match).toBe(2);
    expect(verdict([entry({protocol: 6, port: 8080, portBits: 16})]).match).toBe(3);
    expect(verdict([entry({})]).match).toBe(4);
    expect(verdict([entry({identity: 20001, protocol: 6})]).match).toBe(5);
    expect(verdict([entry({protocol: 6})]).match).toBe(6);
  });

  it('a direction holds only its own entries', () => {
    const map = createPolicyMap([entry({direction: 'egress'})]);
    expect(map.lookup('ingress', 1, 6, 80).entry).toBeUndefined();
    expect(map.lookup('egress', 1, 6, 80).match).toBe(4);
  });

  it('within one identity the longest prefix wins, even over a deny (measured, vector 7d)', () => {
    const entries = [
      entry({identity: 20001, deny: true}),
      entry({identity: 20001, protocol: 6, port: 8080, portBits: 16}),
    ];
    expect(verdict(entries)).toEqual({index: 1, match: 2});
    expect(verdict(entries, 20001, 6, 81)).toEqual({index: 0, match: 1});
  });

  it('between an identity and its aggregate: precedence, then prefix, then the specific one', () => {
    const narrow = entry({identity: 11, protocol: 6, port: 8080, portBits: 16});
    expect(verdict([entry({identity: 20001}), narrow]).index).toBe(1);
    expect(verdict([entry({identity: 20001}), entry({identity: 11, deny: true})]).index).toBe(1);
    expect(verdict([entry({identity: 20001, deny: true}), narrow]).index).toBe(0);
    expect(verdict([entry({identity: 11}), entry({identity: 20001})])).toEqual({index: 1, match: 1});
    // an identity without an aggregate has 0 in its place
    const any = entry({protocol: 6, port: 8080, portBits: 16});
    expect(verdict([entry({identity: 1}), any], 1)).toEqual({index: 1, match: 3});
    expect(verdict([entry({identity: 2}), entry({deny: true})], 2).index).toBe(1);
  });

  it('asks for identity 0 only where neither the identity nor its aggregate has an entry', () => {
    const any = entry({protocol: 6, port: 8080, portBits: 16});
    expect(verdict([entry({identity: 20001}), any])).toEqual({index: 0, match: 1});
    expect(verdict([entry({identity: 11}), any])).toEqual({index: 0, match: 4});
    expect(verdict([entry({identity: 20001, protocol: 17}), any])).toEqual({index: 1, match: 3});
    expect(verdict([entry({identity: 20001}), entry({deny: true})]).index).toBe(0);
  });

  it('an entry of an aggregate counts as one for everybody', () => {
    expect(verdict([entry({identity: 11})])).toEqual({index: 0, match: 4});
    expect(verdict([entry({identity: 11, protocol: 6})]).match).toBe(6);
    expect(verdict([entry({identity: 11})], 2).index).toBe(-1);
    expect(verdict([entry({identity: 13})], 0x01000005)).toEqual({index: 0, match: 4});
    expect(verdict([entry({identity: 2})], 0x01000005).index).toBe(-1);
    expect(verdict([entry({identity: 14})], 7).index).toBe(-1);
  });

  it('knows the aggregates', () => {
    expect([1, 2, 3, 4, 6, 7, 9, 10, 99].map((id) => aggregateIdentity(id, 0))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([11, 12, 13, 14].map((id) => aggregateIdentity(id, 0))).toEqual([11, 12, 13, 14]);
    expect([100, 20001, 0x0300_00ff & 0x3ffff, 0x0100_0001, 0x0200_0001].map((id) => aggregateIdentity(id, 0))).toEqual(
      [11, 11, 11, 13, 14],
    );
    expect(aggregateIdentity(0x0005_0100, 5)).toBe(11);
    expect(aggregateIdentity(0x0005_0100, 0)).toBe(12);
  });

  it('matches ports by prefix', () => {
    const entries = [entry({protocol: 6, port: 8080, portBits: 12})];
    fc.assert(
      fc.property(fc.nat(65535), (port) => {
        expect(verdict(entries, 5, 6, port).index).toBe(port >= 8080 && port <= 8095 ? 0 : -1);
      }),
    );
    expect(verdict(entries, 5, 6, 8095).match).toBe(3);
    expect(verdict(entries, 5, 17, 8080).index).toBe(-1);
  });

  it('fills default maps by enable-policy', () => {
    const open = createControl(cluster()).state('node1');
    const closed = createControl(cluster({}, {enablePolicy: 'always'})).state('node1');
    for (const id of [110, 111]) {
      expect(open.policies.get(id)!.lookup('ingress', 20002, 6, 80).match).toBe(4);
      expect(open.policies.get(id)!.lookup('egress', 20002, 6, 80).match).toBe(4);
      expect(closed.policies.get(id)!.lookup('ingress', 20002, 6, 80).match).toBe(0);
      expect(closed.policies.get(id)!.lookup('ingress', 1, 6, 80).match).toBe(1);
      expect(closed.policies.get(id)!.lookup('egress', 1, 6, 80).match).toBe(0);
    }
  });
});
