/** Options of a vector file under every name they go by. */
import {describe, expect, it} from 'vitest';
import {createBench, modeOf, normalise, unsupportedOptions} from '../../vectors/topology.js';
import {topology} from './bench.js';

const program = (profile: Record<string, unknown>) => createBench(topology, profile, 'node1', '').program;

describe('options of a file', () => {
  it('mean the same as cilium-config, as defines and plainly', () => {
    for (const profile of [{ipv6: true}, {'enable-ipv6': 'true'}, {ENABLE_IPV6: 1}, {ENABLE_IPV6: ''}]) {
      expect(program(profile)).toMatchObject({ipv6: true, worldIdentity4: 9, worldIdentity6: 10});
    }
    for (const profile of [{lb_mode: 'dsr'}, {'bpf-lb-mode': 'dsr'}]) expect(program(profile).dsr).toBe('always');
    expect(program({'enable-bpf-masquerade': 'false'}).masquerade4).toBe(false);
    expect(program({world_identity: '9/10'}).worldIdentity4).toBe(2);
  });

  it('name the mode by routing mode or tunnel', () => {
    expect(modeOf(normalise({'routing-mode': 'native', 'tunnel-protocol': 'geneve'}), '')).toBe('native');
    expect(modeOf(normalise({'routing-mode': 'tunnel', 'tunnel-protocol': 'vxlan'}), '')).toBe('vxlan');
    expect(modeOf({}, 'node1-native-hostrouting0.json')).toBe('native');
  });

  it('that the replay does not model are said', () => {
    expect(unsupportedOptions({ENABLE_WIREGUARD: 1, 'enable-host-firewall': 'true', ipsec: 'disabled'})).toEqual([
      'wireguard',
      'host_firewall',
    ]);
    expect(unsupportedOptions({host_firewall: false, encryption: 'none', sctp: true})).toEqual([]);
  });
});
