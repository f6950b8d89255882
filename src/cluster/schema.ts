/**
 * `kind: Cluster`, one line a field: the source of validation, of `wirelay schema` and of the reference in the docs.
 */
import {ciliumKeys, type KeyKind} from './cilium-keys.js';
import {caseShape, expectShape} from './expect.js';
import {
  anything,
  bool,
  either,
  type Field,
  list,
  map,
  object,
  oneOf,
  type Shape,
  text,
  textOf,
  toJsonSchema,
  whole,
} from './shape.js';
import {profiles} from './spec.js';

export const API_VERSION = 'wirelay.dev/v1alpha1';

const f = (shape: Shape, about: string): Field => ({shape, text: about});
const required = (shape: Shape, about: string): Field => ({shape, text: about, required: true});

const prefixes = either('a prefix such as 10.32.0.0/13, or a list of them', textOf('prefixes'), list(textOf('prefix')));
const addresses = either('an IP address, or a list of them', textOf('ips'), list(textOf('ip')));
const nsgPrefixes = either('a prefix, an address, *, or a list of them', text, list(text));
const labels = map(textOf('label'));
const annotations = map(text);
const port = whole(1, 65535);
const protocol = oneOf('TCP', 'UDP', 'SCTP');
const big = Number.MAX_SAFE_INTEGER;

const node = object({
  name: required(textOf('name'), 'Name of the node'),
  ip: f(addresses, 'InternalIP, one per family; default: the next free address of the node subnet'),
  ips: f(addresses, 'The same, as a list'),
  externalIP: f(addresses, 'ExternalIP'),
  podCIDR: f(prefixes, 'Pod CIDR of this node, one per family; default: the next free one of the cluster'),
  podCIDRs: f(prefixes, 'The same, as a list'),
  routerIP: f(addresses, 'Address of cilium_host; default: the first free one of the pod CIDR'),
  healthIP: f(addresses, 'Address of the health endpoint'),
  mac: f(textOf('mac'), 'MAC address of eth0'),
  mtu: f(whole(576, 65535), 'MTU of eth0, bytes; default: that of the underlay'),
  labels: f(labels, 'Labels'),
  annotations: f(annotations, 'Annotations'),
  apiserver: f(bool, 'Runs the kube-apiserver'),
  ready: f(bool, 'Takes pods; default true'),
  cpus: f(whole(1, 1024), 'Number of CPUs; default 4'),
  osImage: f(text, 'As kubectl get nodes -o wide prints it'),
  kernelVersion: f(text, 'As kubectl get nodes -o wide prints it'),
  containerRuntime: f(text, 'As kubectl get nodes -o wide prints it'),
  kubeletVersion: f(text, 'Default: the version of the cluster'),
});

const podPortText: Shape = {
  kind: 'text',
  pattern: '^([a-z0-9-]+:)?[0-9]{1,5}(/([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp]))?$',
};
const servicePortText: Shape = {
  kind: 'text',
  pattern: '^[0-9]{1,5}(:([0-9]{1,5}|[a-z][a-z0-9-]*))?(/([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp]))?$',
};

const podPort = object({
  name: f(text, 'Name that a targetPort may use'),
  port: required(port, 'Number'),
  protocol: f(protocol, 'Default TCP'),
  hostPort: f(port, 'Port of the node that leads here'),
  hostIP: f(textOf('ip'), 'The only address of the node at which hostPort answers'),
});

const pod = object({
  name: required(textOf('name'), 'Name of the pod'),
  namespace: f(textOf('name'), 'Default: default'),
  replicas: f(whole(0, 100_000), 'As many pods, called name-1, name-2, …'),
  labels: f(labels, 'Labels'),
  annotations: f(annotations, 'Annotations'),
  node: f(text, 'Node it runs on; default: the one with the fewest pods'),
  nodeSelector: f(map(text), 'Labels its node must have'),
  ip: f(addresses, 'Address, one per family; default: the next free one of its node'),
  ips: f(addresses, 'The same, as a list'),
  hostNetwork: f(bool, "Shares the node's network namespace"),
  ports: f(
    list(either('a port: 8080, "53/UDP", "http:8080" or a mapping', port, podPortText, podPort)),
    'Container ports',
  ),
  phase: f(oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'), 'Default Running'),
  ready: f(bool, 'Ready, so that services use it; default true'),
  terminating: f(bool, 'Being deleted'),
  serviceAccount: f(textOf('name'), 'Default: default'),
  identity: f(whole(1, 16_777_215), 'Security identity; default: drawn from its labels'),
  endpointId: f(whole(1, 65535), 'Cilium endpoint id on its node'),
  mac: f(textOf('mac'), 'MAC address of its eth0'),
  image: f(text, 'Image of its container'),
  containers: f(list(object({name: required(text, 'Name'), image: f(text, 'Image')})), 'Containers'),
  owner: f(object({kind: required(text, 'Deployment, …'), name: required(text, 'Name')}), 'What made it'),
  createdAt: f(text, 'RFC 3339 date'),
});

const servicePort = object({
  name: f(text, 'Name; needed where there are several'),
  port: required(port, 'Port of the service'),
  protocol: f(protocol, 'Default TCP'),
  targetPort: f(either('a port number or name', port, text), 'Port of the pod, by number or name; default: port'),
  nodePort: f(port, 'Port on every node; default: the next free one'),
});

const service = object({
  name: required(textOf('name'), 'Name of the service'),
  namespace: f(textOf('name'), 'Default: default'),
  labels: f(labels, 'Labels'),
  annotations: f(annotations, 'Annotations'),
  type: f(oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'), 'Default ClusterIP'),
  clusterIP: f(
    either('an IP address or None', textOf('clusterIp'), list(textOf('clusterIp'))),
    'Address; None for headless; default: the next free one',
  ),
  clusterIPs: f(either('IP addresses or None', textOf('clusterIp'), list(textOf('clusterIp'))), 'The same, as a list'),
  ipFamilyPolicy: f(oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack'), 'Default SingleStack'),
  ipFamilies: f(list(oneOf('IPv4', 'IPv6')), 'Families, in order'),
  externalIPs: f(addresses, 'External addresses'),
  loadBalancerIP: f(addresses, 'Address that the load balancer has'),
  loadBalancerSourceRanges: f(prefixes, 'Who may use the load balancer'),
  ports: f(
    list(either('a port: 80, "80:8080", "53:53/UDP" or a mapping', port, servicePortText, servicePort)),
    'Ports',
  ),
  selector: f(map(text), 'Labels of its pods'),
  externalName: f(text, 'DNS name that an ExternalName service stands for'),
  sessionAffinity: f(oneOf('None', 'ClientIP'), 'Default None'),
  sessionAffinityTimeout: f(whole(1, 86400), 'Seconds; default 10800'),
  internalTrafficPolicy: f(oneOf('Cluster', 'Local'), 'Default Cluster'),
  externalTrafficPolicy: f(oneOf('Cluster', 'Local'), 'Default Cluster'),
  healthCheckNodePort: f(port, 'Health check port of a Local load balancer'),
  publishNotReadyAddresses: f(bool, 'Use pods that are not ready too'),
  loadBalancerClass: f(text, 'Who provides the load balancer'),
  allocateLoadBalancerNodePorts: f(bool, 'Give a load balancer node ports; default true'),
  trafficDistribution: f(oneOf('PreferClose', 'PreferSameZone', 'PreferSameNode'), 'Endpoints to prefer'),
  endpoints: f(list(text), 'Backends as address:port, instead of a selector'),
});

const underlay = object({
  vnet: f(prefixes, 'Address space of the network; default 10.0.0.0/16'),
  vnets: f(prefixes, 'The same, as a list'),
  subnets: f(
    list(
      either(
        'a prefix or a mapping with name and prefix',
        textOf('prefix'),
        object({name: f(text, 'Name'), prefix: required(textOf('prefix'), 'Prefix')}),
      ),
    ),
    'Subnets that nodes are in; default: one, the whole network',
  ),
  gateway: f(addresses, 'Next hop for everything else; default: the first address of the first subnet'),
  gatewayMac: f(textOf('mac'), 'Its MAC address; default 12:34:56:78:9a:bc, as in an Azure VNet'),
  mtu: f(whole(576, 65535), 'Path MTU between nodes, bytes; default 1500'),
  routesPodCIDRs: f(bool, 'The network routes pod CIDRs itself; default: with profile aks-overlay'),
  nsg: f(
    list(
      object({
        name: f(text, 'Name'),
        priority: required(whole(1, 65535), 'The lower comes first'),
        direction: required(oneOf('Inbound', 'Outbound'), 'Direction'),
        access: required(oneOf('Allow', 'Deny'), 'Verdict'),
        protocol: f(oneOf('Tcp', 'Udp', 'Icmp', '*'), 'Default *'),
        source: f(nsgPrefixes, 'Default *'),
        destination: f(nsgPrefixes, 'Default *'),
        port: f(
          either('a port, a range such as 30000-32767, * or a list', whole(0, 65535), text, list(text)),
          'Destination port; default *',
        ),
      }),
    ),
    'Security rules of the node subnet',
  ),
  routes: f(
    list(object({prefix: required(textOf('prefix'), 'Where to'), nextHop: required(textOf('ip'), 'Through')})),
    'User-defined routes of the node subnet',
  ),
  peered: f(
    list(object({name: required(text, 'Name'), prefixes: required(prefixes, 'Their ranges')})),
    'Networks reachable without translation: peered VNets, on-premises',
  ),
});

const scalar = either(
  'a text, a number or true or false',
  text,
  {kind: 'number', min: -big, max: big, fraction: true},
  bool,
);

const spec = object({
  profile: f(oneOf(...profiles), 'What carries traffic: cilium (default), kube-proxy, or aks-overlay'),
  kubernetesVersion: f(text, 'Default v1.35.1'),
  platform: f(text, 'Default linux/amd64'),
  ciliumVersion: f(text, 'Default 1.20.2'),
  ciliumCommit: f(text, 'Short commit behind the version in cilium status'),
  epoch: f(
    either('seconds since 1970 or a date', {kind: 'number', min: 0, max: big, fraction: true}, text),
    'Virtual time 0',
  ),
  seed: f(whole(0, 0xffff_ffff), 'Seed of every random choice; default 1'),
  podCIDR: f(prefixes, 'Range of pod addresses, one per family; default 10.244.0.0/16'),
  podCIDRs: f(prefixes, 'The same, as a list'),
  serviceCIDR: f(prefixes, 'Range of ClusterIPs, one per family; default 10.96.0.0/12'),
  serviceCIDRs: f(prefixes, 'The same, as a list'),
  nodeCIDRMaskSize: f(whole(8, 32), 'Length of an IPv4 pod CIDR of a node; default 24'),
  nodeCIDRMaskSizeIPv6: f(whole(16, 128), 'Length of an IPv6 pod CIDR of a node; default 64'),
  fixedVni: f(whole(0, 0xff_ffff), 'One VNI for all tunnel packets, instead of the source identity'),
  tunnelDevice: f(
    object({
      name: f({kind: 'text', pattern: '^[^/\\s:]{1,15}$'}, 'Device name; default genev_sys_6081'),
      ttl: f(either('auto, inherit or 1 … 255', whole(1, 255), oneOf('auto', 'inherit')), 'Default auto'),
    }),
    'A point-to-point tunnel device, as tutorials draw it',
  ),
  dns: f(bool, 'Add a CoreDNS where the definition has none; default true'),
  names: f(map(textOf('ips')), 'Names outside of the cluster and the addresses that the DNS has for them'),
  cilium: f(map(scalar), 'Options of cilium-config, under their own names'),
  ipMasqAgent: f(
    object({
      nonMasqueradeCIDRs: f(prefixes, 'Destinations that see pod addresses'),
      masqLinkLocal: f(bool, 'Masquerade to 169.254.0.0/16 too'),
      masqLinkLocalIPv6: f(bool, 'Masquerade to fe80::/10 too'),
    }),
    'ip-masq-agent, with enable-ip-masq-agent',
  ),
  kubeProxy: f(
    object({
      mode: f(oneOf('iptables', 'ipvs', 'nftables'), 'Default iptables'),
      scheduler: f(oneOf('rr', 'wrr', 'lc', 'wlc', 'sh'), 'How IPVS chooses; default rr'),
    }),
    'kube-proxy',
  ),
  underlay: f(underlay, 'The network that nodes are in'),
  nodes: f(
    either('a number of nodes, or a list of them', whole(1, 10_000), list(node)),
    'Nodes: how many, or which; default 3',
  ),
  namespaces: f(
    list(
      either(
        'a name or a mapping',
        textOf('name'),
        object({name: required(textOf('name'), 'Name'), labels: f(labels, 'Labels')}),
      ),
    ),
    'Namespaces with labels of their own; others need not be named',
  ),
  pods: f(list(pod), 'Pods'),
  services: f(list(service), 'Services'),
  traffic: f(list(text), 'Traffic: FROM -> TO[:PORT][/PROTO] [xN] [size=B] [data=TEXT] [at=1s] [every=100ms] [keep]'),
  events: f(list(text), 'What happens meanwhile: at=TIME VERB …, e.g. at=2s restart pod-b'),
  expect: f(expectShape, 'What must come of which traffic, for wirelay test'),
});

export const testCaseShape = caseShape(API_VERSION);

export const clusterShape = object({
  apiVersion: required(oneOf(API_VERSION), `Always ${API_VERSION}`),
  kind: required(oneOf('Cluster'), 'Always Cluster'),
  metadata: f(
    object({name: f(textOf('name'), 'Name of the cluster'), labels: f(anything, ''), annotations: f(anything, '')}),
    'Metadata',
  ),
  spec: f(spec, 'The cluster'),
});

/** JSON Schema of the document, with the known Cilium options spelled out for completion. */
export function jsonSchema(): Record<string, unknown> {
  const schema = toJsonSchema(clusterShape) as {properties: {spec: {properties: {cilium: object}}}};
  schema.properties.spec.properties.cilium = {
    type: 'object',
    description: 'Options of cilium-config, under their own names',
    properties: Object.fromEntries(
      [...ciliumKeys()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, kind]) => [key, optionSchema(kind)]),
    ),
    additionalProperties: {type: ['string', 'number', 'boolean']},
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://wirelay.dev/schema/v1alpha1/cluster.json',
    title: 'wirelay cluster definition',
    ...schema,
  };
}

/** JSON Schema of a test case that names its definition. */
export function caseJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://wirelay.dev/schema/v1alpha1/case.json',
    title: 'wirelay test case',
    ...toJsonSchema(testCaseShape),
  };
}

function optionSchema(kind: KeyKind): object {
  if (typeof kind !== 'string') return {enum: [...kind]};
  if (kind === 'bool') return {enum: [true, false, 'true', 'false']};
  if (kind === 'int') return {type: ['integer', 'string'], minimum: 0};
  if (kind === 'port') return {type: ['integer', 'string'], minimum: 0, maximum: 65535};
  return {type: ['string', 'number']};
}
