/** Names, order and counts of kube-proxy's rules. */
import {createHash} from 'node:crypto';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {endpointChain, serviceChains, servicePortName} from '../../src/control/kube-proxy/names.js';
import {fixed, oneOf} from '../../src/control/kube-proxy/rule.js';
import {hashName} from '../../src/control/kube-proxy/sha256.js';
import {deepDive, everyKind, plainCluster, rulesetOf, savedText} from '../tools/iptables/clusters.js';

describe('chain names', () => {
  it.each([
    ['ns1/svc1:p80', '', 'XPGD46QRK7WJZT7O'],
    ['ns1/svc1:p80', '10.180.0.1:80', 'SXIVWICOYRO3J4NJ'],
    ['default/my-svc:80-8080', '', '47A34DUXEKI5C4R3'],
    ['default/my-svc:80-8080', '10.32.2.20:8080', 'KSMYW6IOB6IQWRDP'],
    ['default/my-svc:80-8080', '10.32.3.30:8080', 'Y7FBZNLZPF4LDBHX'],
    ['default/kubernetes:https', '', 'NPX46M4PTMTKRN6Y'],
    ['default/my-svc', '', 'YTHR5N3CTTRMKUWU'],
    ['default/my-svc', '10.32.2.20:8080', 'GIQCDDNLEVLEX35P'],
    ['default/my-svc', '10.32.3.30:8080', 'LH7WUOLAAJMUQCNC'],
  ])('%s %s', (port, endpoint, want) => {
    if (endpoint) expect(endpointChain(port, 'tcp', endpoint)).toBe(`KUBE-SEP-${want}`);
    else
      expect(serviceChains(port, 'tcp')).toEqual({
        cluster: `KUBE-SVC-${want}`,
        local: `KUBE-SVL-${want}`,
        external: `KUBE-EXT-${want}`,
        firewall: `KUBE-FW-${want}`,
      });
  });

  it('a port without a name', () => expect(servicePortName('a', 'b', undefined)).toBe('a/b'));

  it('any text: SHA-256 in base32, also over several blocks', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const expected = (text: string) => {
      const bits = [...createHash('sha256').update(text).digest()].map((byte) => byte.toString(2).padStart(8, '0'));
      return bits
        .join('')
        .match(/.{5}/g)!
        .slice(0, 16)
        .map((five) => alphabet[Number.parseInt(five, 2)])
        .join('');
    };
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', maxLength: 300}), (text) => {
        expect(hashName('', text)).toBe(expected(text));
      }),
    );
    for (const length of [0, 54, 55, 56, 63, 64, 119, 120, 1000]) {
      const text = 'x'.repeat(length);
      expect(hashName('', text), `${length}`).toBe(expected(text));
    }
  });
});

describe('probabilities', () => {
  it.each([
    [2, '0.50000000000'],
    [3, '0.33333333349'],
    [4, '0.25000000000'],
    [5, '0.20000000019'],
    [6, '0.16666666651'],
    [7, '0.14285714272'],
    [1000, '0.00100000016'],
    [2500, '0.00039999979'],
  ])('1 of %i', (left, want) => {
    const match = oneOf(left);
    expect(match.kind === 'statistic' && fixed(match.below / 2 ** 31, 11)).toBe(want);
  });

  it('ties go to the even digit, as in C and Go', () => {
    expect([fixed(1 / 4096, 11), fixed(1 / 2048, 10), fixed(3 / 4096, 11)]).toEqual([
      '0.00024414062',
      '0.0004882812',
      '0.00073242188',
    ]);
  });
});

describe('rules', () => {
  const nat = (text: string) => text.slice(text.indexOf('*nat'));

  it.each([
    [1, 2],
    [5, 3],
    [20, 10],
  ])('%i ClusterIP services of %i endpoints: 2 + 3E rules and 1 + E chains each', (services, endpoints) => {
    const list = Array.from({length: services}, (_, i) => ({
      name: `s${i}`,
      ports: ['80:8080'],
      endpoints: Array.from({length: endpoints}, (_, k) => `10.32.${i + 1}.${k + 10}:8080`),
    }));
    const count = (text: string, what: RegExp) => nat(text).match(what)?.length ?? 0;
    const [none, all] = [savedText(rulesetOf(plainCluster([]))), savedText(rulesetOf(plainCluster(list)))];
    expect(count(all, /^-A/gm) - count(none, /^-A/gm)).toBe(services * (2 + 3 * endpoints));
    expect(count(all, /^:/gm) - count(none, /^:/gm)).toBe(services * (1 + endpoints));
  });

  it('over 1000 endpoints: SVC and SEP rules go without comments, KUBE-SERVICES keeps them', () => {
    const list = Array.from({length: 101}, (_, i) => ({
      name: `s${i}`,
      ports: ['80:8080'],
      endpoints: Array.from({length: 10}, (_, k) => `10.32.${i + 1}.${k + 10}:8080`),
    }));
    const lines = savedText(rulesetOf(plainCluster(list))).split('\n');
    expect(lines.filter((line) => /^-A KUBE-SEP-.*--comment/.test(line))).toEqual([]);
    expect(lines.filter((line) => /^-A KUBE-SVC-.*KUBE-SEP.*--comment/.test(line))).toEqual([]);
    expect(lines.filter((line) => /^-A KUBE-SERVICES.*--comment/.test(line))).toHaveLength(102);
  });

  it('nodes share their rules unless a policy looks at the node', () => {
    expect(savedText(rulesetOf(deepDive, 'node1'))).toBe(savedText(rulesetOf(deepDive, 'node3')));
    const [first, second] = [savedText(rulesetOf(everyKind, 'node1')), savedText(rulesetOf(everyKind, 'node2'))];
    expect(first).toContain('has no local endpoints');
    expect(second).not.toContain('has no local endpoints');
    expect(second).toMatch(/KUBE-SVL-\w+ -j KUBE-SEP|-A KUBE-SVL-\w+ .*-j KUBE-SEP/);
  });

  it('the chain of an external address in every policy', () => {
    const text = nat(savedText(rulesetOf(everyKind, 'node2')));
    const chain = /-A KUBE-NODEPORTS .*"default\/local".* -j (\S+)/.exec(text)?.[1];
    const rules = text.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
    const hash = chain!.slice(9);
    expect(rules.map((line) => line.slice(`-A ${chain} `.length))).toEqual([
      `-s 10.32.0.0/13 -m comment --comment "pod traffic for default/local external destinations" -j KUBE-SVC-${hash}`,
      '-m comment --comment "masquerade LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      `-m comment --comment "route LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-${hash}`,
      `-j KUBE-SVL-${hash}`,
    ]);
  });
});

describe('topology', () => {
  const zoned = (distribution: 'PreferClose' | 'PreferSameNode' | undefined, zones: readonly (string | undefined)[]) =>
    plainCluster(
      [
        {
          name: 'near',
          clusterIP: '10.96.10.50',
          selector: {app: 'my-svc'},
          ports: ['80:8080'],
          ...(distribution ? {trafficDistribution: distribution} : {}),
        },
      ],
      {
        nodes: zones.map((zone, i) => ({
          name: `node${i + 1}`,
          ip: `10.0.0.${5 + i}`,
          podCIDR: `10.32.${i + 1}.0/24`,
          ...(zone ? {labels: {'topology.kubernetes.io/zone': zone}} : {}),
        })),
        pods: zones.map((_, i) => ({
          name: `pod-${i + 1}`,
          node: `node${i + 1}`,
          ip: `10.32.${i + 1}.10`,
          labels: {app: 'my-svc'},
          ports: [8080],
        })),
      },
    );
  const targets = (...[distribution, zones, node]: [...Parameters<typeof zoned>, string]) =>
    [...savedText(rulesetOf(zoned(distribution, zones), node)).matchAll(/--to-destination (\S+):8080/g)].map(
      (m) => m[1],
    );

  it.each([
    ['without a preference all', undefined, ['a', 'a', 'b'], 'node1', ['10.32.1.10', '10.32.2.10', '10.32.3.10']],
    ['the zone’s own', 'PreferClose', ['a', 'a', 'b'], 'node1', ['10.32.1.10', '10.32.2.10']],
    ['the other zone’s own', 'PreferClose', ['a', 'a', 'b'], 'node3', ['10.32.3.10']],
    [
      'all where an endpoint has no zone',
      'PreferClose',
      ['a', 'a', undefined],
      'node1',
      ['10.32.1.10', '10.32.2.10', '10.32.3.10'],
    ],
    ['the node’s own', 'PreferSameNode', ['a', 'a', 'b'], 'node2', ['10.32.2.10']],
  ] as const)('%s', (_, distribution, zones, node, want) => {
    expect(targets(distribution, zones, node).toSorted()).toEqual(want);
  });
});
