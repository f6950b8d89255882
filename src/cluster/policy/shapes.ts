/** The fields of policy objects that are read (networking.k8s.io/v1, policy.networking.k8s.io/v1alpha1 and v1alpha2, cilium.io/v2). */
import {anything, either, list, map, oneOf, open, type Shape, text, textOf, whole} from '../shape.js';

const metadata = open({name: text, namespace: text});
const flag: Shape = {kind: 'boolean'};
const port = whole(0, 65535);
const protocol = oneOf('TCP', 'UDP', 'SCTP');

const expression = open(
  {key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: list(text)},
  'key',
  'operator',
);
const selector = open({matchLabels: map(text), matchExpressions: list(expression)});

const npPeer = open({
  podSelector: selector,
  namespaceSelector: selector,
  ipBlock: open({cidr: textOf('prefix'), except: list(textOf('prefix'))}, 'cidr'),
});
const npPort = open({protocol, port: either('a port number or name', port, text), endPort: port});
const npRule = open({from: list(npPeer), to: list(npPeer), ports: list(npPort)});

const anpPods = open({namespaceSelector: selector, podSelector: selector});
const anpPeer = open({
  namespaces: selector,
  pods: anpPods,
  networks: list(textOf('prefix')),
  nodes: selector,
  domainNames: list(text),
});
const anpPort = open({
  portNumber: open({protocol, port}, 'port'),
  portRange: open({protocol, start: port, end: port}, 'start', 'end'),
  namedPort: text,
});
const anpRule = open(
  {
    name: text,
    action: oneOf('Allow', 'Deny', 'Pass'),
    from: list(anpPeer),
    to: list(anpPeer),
    ports: list(anpPort),
  },
  'action',
);
const adminPolicy = open(
  {
    metadata,
    spec: open(
      {
        priority: whole(0, 1000),
        subject: open({namespaces: selector, pods: anpPods}),
        ingress: list(anpRule),
        egress: list(anpRule),
      },
      'subject',
    ),
  },
  'spec',
);

/** Examples that people copy have the operators in small letters, which an API server refuses. */
const looseExpression = open(
  {
    key: text,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'in', 'notin', 'exists', 'doesnotexist'),
    values: list(text),
  },
  'key',
  'operator',
);
const ciliumSelector = open({matchLabels: map(text), matchExpressions: list(looseExpression)});
const cidrSet = list(
  open({
    cidr: textOf('prefix'),
    cidrGroupRef: text,
    cidrGroupSelector: ciliumSelector,
    except: list(textOf('prefix')),
  }),
);
const cidrOrIp = either('a prefix or an IP address', textOf('prefix'), textOf('ip'));
const ciliumProtocol = oneOf('TCP', 'UDP', 'SCTP', 'ANY');
const entity = oneOf(
  ...['all', 'world', 'world-ipv4', 'world-ipv6', 'cluster', 'cluster-mesh', 'host', 'init', 'ingress', 'unmanaged'],
  ...['remote-node', 'health', 'none', 'kube-apiserver'],
);
const ciliumRule = open({
  fromEndpoints: list(ciliumSelector),
  toEndpoints: list(ciliumSelector),
  fromRequires: list(ciliumSelector),
  toRequires: list(ciliumSelector),
  fromNodes: list(ciliumSelector),
  toNodes: list(ciliumSelector),
  fromGroups: anything,
  toGroups: anything,
  toServices: list(
    open({
      k8sService: open({serviceName: text, namespace: text}),
      k8sServiceSelector: open({selector: ciliumSelector, namespace: text}),
    }),
  ),
  toFQDNs: list(open({matchName: text, matchPattern: text})),
  authentication: open({mode: oneOf('disabled', 'required', 'test-always-fail')}),
  fromEntities: list(entity),
  toEntities: list(entity),
  fromCIDR: list(cidrOrIp),
  toCIDR: list(cidrOrIp),
  fromCIDRSet: cidrSet,
  toCIDRSet: cidrSet,
  toPorts: list(
    open({
      ports: list(open({port: either('a port in quotes', text, port), endPort: port, protocol: ciliumProtocol})),
      rules: anything,
      serverNames: list(text),
      terminatingTLS: anything,
      originatingTLS: anything,
      listener: anything,
    }),
  ),
  icmps: list(
    open({
      fields: list(open({family: oneOf('IPv4', 'IPv6'), type: either('an ICMP type', whole(0, 255), text)}, 'type')),
    }),
  ),
});
const ciliumSpec = open({
  endpointSelector: ciliumSelector,
  nodeSelector: ciliumSelector,
  ingress: list(ciliumRule),
  egress: list(ciliumRule),
  ingressDeny: list(ciliumRule),
  egressDeny: list(ciliumRule),
  enableDefaultDeny: open({ingress: flag, egress: flag}),
  description: text,
  labels: anything,
  log: anything,
});

const cnpPort = open({number: port, range: open({start: port, end: port}, 'start', 'end')});
const cnpProtocol = open({
  tcp: open({destinationPort: cnpPort}),
  udp: open({destinationPort: cnpPort}),
  sctp: open({destinationPort: cnpPort}),
  destinationNamedPort: text,
});
const cnpRule = open(
  {
    name: text,
    action: oneOf('Accept', 'Deny', 'Pass'),
    from: list(anpPeer),
    to: list(anpPeer),
    protocols: list(cnpProtocol),
  },
  'action',
);
const clusterPolicy = open(
  {
    metadata,
    spec: open(
      {
        tier: oneOf('Admin', 'Baseline'),
        priority: whole(0, 1000),
        subject: open({namespaces: selector, pods: anpPods}),
        ingress: list(cnpRule),
        egress: list(cnpRule),
      },
      'subject',
      'tier',
    ),
  },
  'spec',
);

const ciliumPolicy = open({metadata, spec: ciliumSpec, specs: list(ciliumSpec)});

const servicePort = open({number: port, name: text});
const backend = open({service: open({name: text, port: servicePort})});

export const policyShapes: Readonly<Record<string, Shape>> = {
  NetworkPolicy: open({
    metadata,
    spec: open({
      podSelector: selector,
      policyTypes: list(oneOf('Ingress', 'Egress')),
      ingress: list(npRule),
      egress: list(npRule),
    }),
  }),
  AdminNetworkPolicy: adminPolicy,
  ClusterNetworkPolicy: clusterPolicy,
  CiliumCIDRGroup: open({metadata: open({name: text, labels: map(text)}), spec: open({externalCIDRs: list(cidrOrIp)})}),
  BaselineAdminNetworkPolicy: adminPolicy,
  CiliumNetworkPolicy: ciliumPolicy,
  CiliumClusterwideNetworkPolicy: ciliumPolicy,
  Ingress: open({
    metadata,
    spec: open({defaultBackend: backend, rules: list(open({http: open({paths: list(open({backend}))})}))}),
  }),
  Route: open({
    metadata,
    spec: open({
      to: open({kind: text, name: text}),
      alternateBackends: list(open({kind: text, name: text})),
      port: open({targetPort: either('a port number or name', port, text)}),
    }),
  }),
};
