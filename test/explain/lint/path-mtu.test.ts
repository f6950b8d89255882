/** The sizes found by sending packets against the sums of headers. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster} from '../../../src/cluster/model.js';
import {budgets, firstForwardedTrouble, firstTrouble} from '../../../src/explain/lint/path-mtu.js';
import {loadText} from '../../cluster/load-input.js';

const cluster = (spec: string): Promise<Cluster> =>
  loadText(`apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nspec: {${spec}}\n`);
const two = (mtu: number) => `nodes: [{name: a, mtu: ${mtu}}, {name: b, mtu: ${mtu}}]`;

const first = async (spec: string, find = firstTrouble) => {
  const loaded = await cluster(spec);
  const [budget] = budgets(loaded);
  return budget && find(loaded, budget);
};

describe('packets too large for a path', () => {
  it('are those that exceed it with their encapsulation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1300, max: 9000}),
        fc.integer({min: 900, max: 9000}),
        fc.constantFrom('geneve', 'vxlan'),
        async (nic, path, protocol) => {
          const found = await first(`${two(nic)}, underlay: {mtu: ${path}}, cilium: {tunnel-protocol: ${protocol}}`);
          if (path >= nic) expect(found).toBeUndefined();
          else expect(found).toMatchObject({length: path - 50 + 1, payload: path - 50 + 1 - 28, fate: 'fragments'});
        },
      ),
      {numRuns: 25},
    );
  });
  it('get an answer of the network where they may not be fragmented', async () => {
    const native = 'cilium: {routing-mode: native, auto-direct-node-routes: true}';
    expect(await first(`${two(1500)}, underlay: {mtu: 1400}, ${native}`)).toMatchObject({
      length: 1401,
      fate: 'refused',
    });
    expect(await first(`${two(1500)}, underlay: {mtu: 1500}, ${native}`)).toBeUndefined();
  });
  it('have less room with encryption', async () => {
    for (const [option, taken] of [
      ['enable-wireguard', 75],
      ['enable-ipsec', 77],
    ] as const) {
      const found = await first(
        `${two(1500)}, underlay: {mtu: 1300}, cilium: {tunnel-protocol: vxlan, ${option}: true}`,
      );
      expect(found).toMatchObject({length: 1300 - 50 - taken + 1});
      expect(await first(`${two(1500)}, cilium: {tunnel-protocol: vxlan, ${option}: true}`)).toBeUndefined();
    }
    const [budget] = budgets(await cluster('nodes: 2, cilium: {tunnel-protocol: vxlan, enable-wireguard: true}'));
    expect(budget).toMatchObject({pod: 1355, sum: 'NIC 1500 − vxlan 50 − WireGuard 95'});
    const [older] = budgets(
      await cluster('nodes: 2, ciliumVersion: 1.18.6, cilium: {tunnel-protocol: vxlan, enable-wireguard: true}'),
    );
    expect(older?.pod).toBe(1370);
  });
  it('come of the DSR option too, 12 bytes or 24', async () => {
    const dsr = 'tunnel-protocol: geneve, bpf-lb-mode: dsr, bpf-lb-dsr-dispatch: geneve';
    const six = 'podCIDR: "fd00:1::/48", underlay: {vnet: "fd00:9::/64"}';
    expect(await first(`nodes: 2, cilium: {${dsr}}`, firstForwardedTrouble)).toMatchObject({length: 1500 - 62 + 1});
    expect(
      await first(`nodes: 2, ${six}, cilium: {${dsr}, enable-ipv6: true, enable-ipv4: false}`, firstForwardedTrouble),
    ).toMatchObject({length: 1500 - 94 + 1});
    expect(await first('nodes: 2, cilium: {tunnel-protocol: geneve}', firstForwardedTrouble)).toBeUndefined();
    expect(await first(`nodes: 2, cilium: {${dsr}, mtu: 1488}`, firstForwardedTrouble)).toBeUndefined();
  });
});
