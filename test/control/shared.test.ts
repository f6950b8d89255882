/** What nodes have in common is kept once: a node's answers are those of tables of its own. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {definitionOf} from '../../src/cluster/demo.js';
import type {Cluster} from '../../src/cluster/model.js';
import {resolve} from '../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../src/cluster/spec.js';
import {createControl} from '../../src/control/control.js';
import {createIpcache} from '../../src/control/ipcache.js';
import {lookupRoute} from '../../src/control/route.js';
import {type Ip, parseIp} from '../../src/wire/addr.js';

const modes: readonly Partial<ClusterSpec>[] = [
  {},
  {cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}},
  {cilium: {'routing-mode': 'native', 'enable-endpoint-routes': true}},
  {profile: 'kube-proxy'},
  {profile: 'aks-overlay'},
  {podCIDR: ['10.32.0.0/16', 'fd00:32::/48'], serviceCIDR: ['10.96.0.0/16', 'fd00:96::/112']},
];

function cluster(mode: Partial<ClusterSpec>): Cluster {
  return resolve(
    definitionOf('shared', 'shared', {
      nodes: 4,
      podCIDR: '10.32.0.0/16',
      deployments: [{name: 'web', replicas: 9}],
      ...mode,
    } as ClusterSpec),
  );
}

/** Addresses in and around everything that some node knows. */
function addresses({nodes, pods, podCidrs, underlay}: Cluster): fc.Arbitrary<Ip> {
  const known: Ip[] = [
    ...nodes.flatMap((node) => [...node.ips, ...node.routerIps, ...node.healthIps, ...node.podCidrs.map(({ip}) => ip)]),
    ...pods.flatMap(({ips}) => ips),
    ...[...podCidrs, ...underlay.vnets].map(({ip}) => ip),
    ...underlay.gateways.map(({ip}) => ip),
    parseIp('203.0.113.9')!,
    parseIp('127.0.0.1')!,
  ];
  const near = (ip: Ip, by: number): Ip =>
    typeof ip === 'number' ? (ip + by) >>> 0 : ip.slice(0, 7) + String.fromCharCode(by);
  return fc
    .tuple(fc.constantFrom(...known), fc.integer({min: 0, max: 400}))
    .map(([ip, by]) => near(ip, by % 3 === 0 ? 0 : by));
}

describe.each(modes.map((mode) => [JSON.stringify(mode), mode] as const))('%s', (_title, mode) => {
  const own = cluster(mode);
  const control = createControl(own);

  it('a route is found as in the list of all routes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...own.nodes), addresses(own), ({name}, ip) => {
        const {host} = control.state(name);
        const {devices, routes, rules, neighbours} = host;
        expect(lookupRoute(host, ip)).toEqual(lookupRoute({devices, routes, rules, neighbours}, ip));
      }),
      {numRuns: 300, seed: 3},
    );
  });

  it('an ipcache entry is found as in a map of all entries', () => {
    const plain = new Map(own.nodes.map(({name}) => [name, createIpcache(control.state(name).ipcache.entries)]));
    fc.assert(
      fc.property(fc.constantFrom(...own.nodes), addresses(own), ({name}, ip) => {
        expect(control.state(name).ipcache.lookup(ip)).toEqual(plain.get(name)!.lookup(ip));
      }),
      {numRuns: 300, seed: 5},
    );
  });
});

describe('services', () => {
  const services = [
    {name: 'web', selector: {app: 'web'}, ports: [80]},
    {
      name: 'port',
      type: 'NodePort',
      selector: {app: 'web'},
      ports: [
        {port: 81, nodePort: 30081},
        {name: 'x', port: 82, nodePort: 30082, protocol: 'UDP'},
      ],
    },
    {name: 'late', selector: {app: 'web'}, ports: [83]},
  ];

  it('of nodes that see no difference are one', () => {
    const own = cluster({services: services.slice(0, 1)} as never);
    const control = createControl(own);
    const [a, b] = own.nodes.map(({name}) => control.state(name).services);
    expect(a).toBe(b);
  });

  it.each([
    ['one family', {}],
    ['two families', {podCIDR: ['10.32.0.0/16', 'fd00:32::/48'], serviceCIDR: ['10.96.0.0/16', 'fd00:96::/112']}],
    [
      'a service that keeps to its node',
      {
        services: [
          ...services,
          {...services[1], name: 'local', externalTrafficPolicy: 'Local', ports: [{port: 90, nodePort: 30090}]},
        ],
      },
    ],
  ])('are those that each node would have alone: %s', (_name, more) => {
    const own = cluster({services, ...more} as never);
    const together = createControl(own);
    for (const {name} of own.nodes) together.state(name).services;
    for (const node of own.nodes) {
      // Another cluster to the memory, so that this node is the first to be asked.
      const alone = createControl({...own}).state(node.name).services;
      const shared = together.state(node.name).services;
      const plain = ({frontends, backends, reverseNat}: typeof shared) => ({
        frontends: frontends.map(({maglev: _, ...frontend}) => frontend),
        backends: [...backends],
        reverseNat: [...reverseNat],
      });
      expect(plain(shared)).toEqual(plain(alone));
      for (const {ip, port, protocol, scope} of own.nodes.flatMap(({ips}) => [
        ...alone.frontends,
        ...alone.frontends.map((frontend) => ({...frontend, ip: ips[0]!})),
      ]))
        expect(shared.lookup(ip, port, protocol, scope)?.id).toBe(alone.lookup(ip, port, protocol, scope)?.id);
    }
  });
});
