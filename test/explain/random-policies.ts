/** Random pods and policies, for the tests that hold set analysis against packets. */
import fc from 'fast-check';
import {definitionOf} from '../../src/cluster/demo.js';
import type {Cluster} from '../../src/cluster/model.js';
import {type PolicyObject, readPolicies} from '../../src/cluster/policy/read.js';
import {createProblems} from '../../src/cluster/problems.js';
import {resolve} from '../../src/cluster/resolve.js';
import type {ClusterSpec} from '../../src/cluster/spec.js';

const apps = ['a', 'b', 'c'];
const namespaces = ['one', 'two'];

/** Two namespaces, two nodes, a pod per app in each; `web` is another port in each namespace. */
export const labSpec: ClusterSpec = {
  nodes: 2,
  dns: false,
  namespaces: [
    {name: 'one', labels: {team: 'red'}},
    {name: 'two', labels: {team: 'blue', env: 'prod'}},
  ],
  pods: namespaces.flatMap((namespace, n) =>
    apps.map((app, i) => ({
      name: app,
      namespace,
      node: `node${((i + n) % 2) + 1}`,
      labels: {app, ...(app === 'c' ? {} : {tier: 'front'})},
      ports: [
        {name: 'web', port: 8080 + n, protocol: 'TCP' as const},
        {name: 'q', port: 9000, protocol: 'UDP' as const},
      ],
    })),
  ),
  services: [
    {name: 'web-a', namespace: 'one', labels: {kind: 'web'}, selector: {app: 'a'}, ports: [8080]},
    {name: 'web-b', namespace: 'two', labels: {kind: 'web'}, selector: {app: 'b'}, ports: [8081]},
  ],
  names: {'api.example.com': '203.0.113.9', 'www.example.com': '203.0.113.9,203.0.7.7', 'example.org': '198.51.100.1'},
  cilium: {'bpf-lb-sock': false, 'enable-bpf-masquerade': true},
};

/** A cluster with these objects, as a file would have brought them. */
export function clusterWith(objects: readonly object[], spec: ClusterSpec = labSpec): Cluster {
  const problems = createProblems();
  const read = objects.map((value, i): PolicyObject => {
    const document = {file: `policy-${i}.yaml`, value, locate: () => ({file: `policy-${i}.yaml`, line: 1, column: 1})};
    return {kind: (value as {kind: string}).kind, value: value as PolicyObject['value'], document, path: []};
  });
  const policies = readPolicies(read, problems);
  problems.throwIfAny();
  return resolve({...definitionOf('lab', 'lab', spec), policies});
}

const label = (key: string, values: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...values).map((value) => ({matchLabels: {[key]: value}})),
    fc
      .subarray([...values], {minLength: 1})
      .chain((some) =>
        fc.constantFrom('In', 'NotIn').map((operator) => ({matchExpressions: [{key, operator, values: some}]})),
      ),
    fc.constantFrom('Exists', 'DoesNotExist').map((operator) => ({matchExpressions: [{key, operator}]})),
  );

const podSelector = fc.oneof(fc.constant({}), label('app', apps), label('tier', ['front']));
const namespaceSelector = fc.oneof(fc.constant({}), label('team', ['red', 'blue']), label('env', ['prod']));

const ipBlock = fc.constantFrom(
  {cidr: '0.0.0.0/0'},
  {cidr: '203.0.113.0/24'},
  {cidr: '203.0.0.0/16', except: ['203.0.113.0/25']},
  {cidr: '0.0.0.0/0', except: ['203.0.113.0/24']},
  {cidr: '203.0.113.9/32'},
);

const peer = fc.oneof(
  podSelector.map((selector) => ({podSelector: selector})),
  namespaceSelector.map((selector) => ({namespaceSelector: selector})),
  fc.record({podSelector, namespaceSelector}),
  ipBlock.map((block) => ({ipBlock: block})),
);

const numbered = fc.oneof(
  fc.constantFrom({port: 8080}, {port: 8081}, {port: 9000, protocol: 'UDP'}, {protocol: 'UDP'}, {protocol: 'TCP'}),
  fc
    .tuple(fc.integer({min: 8078, max: 8083}), fc.integer({min: 0, max: 9}))
    .map(([port, more]) => ({port, endPort: port + more})),
);

const rule = (side: 'from' | 'to', named: boolean) =>
  fc.record(
    {
      [side]: fc.array(peer, {minLength: 1, maxLength: 2}),
      ports: fc.array(named ? fc.oneof(numbered, fc.constant({port: 'web'})) : numbered, {minLength: 1, maxLength: 2}),
    },
    {requiredKeys: []},
  );

/** Names of ports on ingress only: on egress Cilium asks for one number in the whole cluster. */
export const networkPolicies = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...namespaces),
      spec: fc.record(
        {
          podSelector,
          policyTypes: fc.subarray(['Ingress', 'Egress']),
          ingress: fc.array(rule('from', true), {maxLength: 2}),
          egress: fc.array(rule('to', false), {maxLength: 2}),
        },
        {requiredKeys: ['podSelector']},
      ),
    }),
    {maxLength: 4},
  )
  .map((policies) =>
    policies.map(({namespace, spec}, i) => ({kind: 'NetworkPolicy', metadata: {name: `p${i}`, namespace}, spec})),
  );

const endpoints = fc.oneof(
  podSelector,
  fc.constantFrom(...namespaces).map((name) => ({matchLabels: {'k8s:io.kubernetes.pod.namespace': name}})),
  fc.constant({matchLabels: {'io.cilium.k8s.namespace.labels.team': 'red'}}),
);
const ciliumCidr = fc.constantFrom(
  {cidr: '0.0.0.0/0', except: ['203.0.113.0/24']},
  {cidr: '203.0.0.0/16', except: ['203.0.113.0/25']},
  {cidr: '10.0.0.0/8'},
);
const ciliumPorts = fc
  .array(
    fc.constantFrom(
      {port: '8080', protocol: 'TCP'},
      {port: '8078', endPort: 8083, protocol: 'TCP'},
      {port: '0', protocol: 'UDP'},
      {port: '9000'},
      {port: '0', protocol: 'ANY'},
    ),
    {minLength: 1, maxLength: 2},
  )
  .map((ports) => [{ports}]);
const icmps = fc.constantFrom([{fields: [{family: 'IPv4', type: 8}]}], [{fields: [{type: 'EchoRequest'}]}]);

const ciliumRule = (side: 'from' | 'to') =>
  fc
    .tuple(
      fc.oneof(
        fc.constant({}),
        fc.array(endpoints, {minLength: 1, maxLength: 2}).map((list) => ({[`${side}Endpoints`]: list})),
        fc
          .constantFrom('world', 'cluster', 'all', 'host', 'remote-node', 'none')
          .map((entity) => ({[`${side}Entities`]: [entity]})),
        ciliumCidr.map((set) => ({[`${side}CIDRSet`]: [set]})),
        fc.constantFrom('203.0.113.9/32', '203.0.113.0/24', '0.0.0.0/0').map((cidr) => ({[`${side}CIDR`]: [cidr]})),
      ),
      fc.oneof(
        fc.constant({}),
        ciliumPorts.map((toPorts) => ({toPorts})),
        icmps.map((list) => ({icmps: list})),
      ),
    )
    .map(([peers, ports]) => ({...peers, ...ports}));

const named = fc
  .constantFrom(
    {toFQDNs: [{matchName: 'api.example.com'}]},
    {toFQDNs: [{matchPattern: '*.example.com'}]},
    {toFQDNs: [{matchPattern: '*'}]},
    {toServices: [{k8sService: {serviceName: 'web-a', namespace: 'one'}}]},
    {toServices: [{k8sServiceSelector: {selector: {matchLabels: {kind: 'web'}}, namespace: 'two'}}]},
  )
  .chain((peers) =>
    fc
      .oneof(
        fc.constant({}),
        ciliumPorts.map((toPorts) => ({toPorts})),
      )
      .map((ports) => ({...peers, ...ports})),
  );
const requires = (side: 'from' | 'to') => podSelector.map((selector) => ({[`${side}Requires`]: [selector]}));

const rules = (side: 'from' | 'to') =>
  fc.array(
    fc.oneof(
      {arbitrary: ciliumRule(side), weight: 6},
      {arbitrary: side === 'to' ? named : ciliumRule(side), weight: 2},
      {arbitrary: requires(side), weight: 1},
    ),
    {maxLength: 3},
  );

/** CiliumNetworkPolicies and, without a namespace, cluster-wide ones. */
export const ciliumPolicies = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...namespaces, undefined),
      spec: fc.record(
        {
          endpointSelector: podSelector,
          ingress: rules('from'),
          egress: rules('to'),
          ingressDeny: rules('from'),
          egressDeny: rules('to'),
          enableDefaultDeny: fc.constantFrom({ingress: false}, {egress: false}, {ingress: true, egress: true}),
        },
        {requiredKeys: ['endpointSelector']},
      ),
    }),
    {maxLength: 4},
  )
  .map((policies) =>
    policies.map(({namespace, spec}, i) => ({
      kind: namespace ? 'CiliumNetworkPolicy' : 'CiliumClusterwideNetworkPolicy',
      metadata: {name: `c${i}`, ...(namespace ? {namespace} : {})},
      spec,
    })),
  );

const nodePeer = (side: 'from' | 'to') =>
  fc.oneof(
    fc.constant({}),
    fc
      .subarray(['world', 'cluster', 'host', 'remote-node', 'kube-apiserver', 'all'], {minLength: 1, maxLength: 3})
      .map((entities) => ({[`${side}Entities`]: entities})),
    fc.array(endpoints, {minLength: 1, maxLength: 2}).map((list) => ({[`${side}Endpoints`]: list})),
    fc
      .constantFrom('203.0.113.9/32', '203.0.113.0/24', '0.0.0.0/0', '10.0.0.0/24', '10.0.0.5/32', '10.244.0.1/32')
      .map((cidr) => ({[`${side}CIDR`]: [cidr]})),
    fc.constant({[`${side}CIDRSet`]: [{cidr: '10.0.0.0/8', except: ['10.0.0.6/32']}]}),
    label('role', ['edge', 'core']).map((selector) => ({[`${side}Nodes`]: [selector]})),
  );
const nodePorts = fc.oneof(
  {arbitrary: fc.constant({}), weight: 3},
  {
    arbitrary: fc
      .subarray(
        [
          {port: '22', protocol: 'TCP'},
          {port: '8000', endPort: 9000},
          {port: '0', protocol: 'UDP'},
          {port: '8472', protocol: 'UDP'},
        ],
        {minLength: 1},
      )
      .map((list) => ({toPorts: [{ports: list}]})),
    weight: 2,
  },
  {arbitrary: icmps.map((list) => ({icmps: list})), weight: 1},
);
const nodeRules = (side: 'from' | 'to') =>
  fc.array(
    fc.tuple(nodePeer(side), nodePorts).map(([peers, toPorts]) => ({...peers, ...toPorts})),
    {maxLength: 3},
  );

/** Cluster-wide policies for nodes of the label `role`: edge, core. */
export const hostPolicies = fc
  .array(
    fc.record(
      {
        nodeSelector: fc.oneof(
          fc.constant({}),
          label('role', ['edge', 'core']),
          label('kubernetes.io/hostname', ['node1']),
        ),
        ingress: nodeRules('from'),
        egress: nodeRules('to'),
        ingressDeny: nodeRules('from'),
        egressDeny: nodeRules('to'),
        enableDefaultDeny: fc.constantFrom({ingress: false}, {egress: false}),
      },
      {requiredKeys: ['nodeSelector']},
    ),
    {minLength: 1, maxLength: 3},
  )
  .map((specs) => specs.map((spec, i) => ({kind: 'CiliumClusterwideNetworkPolicy', metadata: {name: `h${i}`}, spec})));

/** At most one policy of pods whose peers are nodes. */
export const nodePeers = fc
  .array(
    fc.record(
      {endpointSelector: podSelector, ingress: nodeRules('from'), egress: nodeRules('to'), egressDeny: nodeRules('to')},
      {requiredKeys: ['endpointSelector']},
    ),
    {maxLength: 1},
  )
  .map((specs) => specs.map((spec) => ({kind: 'CiliumClusterwideNetworkPolicy', metadata: {name: 'peers'}, spec})));
