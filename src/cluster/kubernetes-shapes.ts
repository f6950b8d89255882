/** The fields of Kubernetes objects that are read, each with its type. Everything else in an object is left alone. */
import type {K8sSelector} from './policy/read.js';
import {anything, either, list, map, oneOf, open, type Shape, text, textOf, whole} from './shape.js';
import type {Taint, Toleration} from './spec.js';

const number = whole(0, Number.MAX_SAFE_INTEGER);
const flag: Shape = {kind: 'boolean'};
const port = whole(0, 65535);
const protocol = oneOf('TCP', 'UDP', 'SCTP');
const anyIp = either('an IP address', textOf('ip'), oneOf(''));

export const metadata = open({
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  labels: map(text),
  annotations: map(text),
  creationTimestamp: text,
  deletionTimestamp: text,
  ownerReferences: list(open({kind: text, name: text, controller: flag})),
});

const conditions = list(open({type: text, status: text}));

const container = open({
  name: text,
  image: text,
  command: list(text),
  args: list(text),
  ports: list(open({name: text, containerPort: port, protocol, hostPort: port, hostIP: text})),
});

const expressions = list(
  open(
    {key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'), values: list(text)},
    'key',
    'operator',
  ),
);
const selector = open({
  matchLabels: map(text),
  matchExpressions: list(
    open({key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: list(text)}, 'key', 'operator'),
  ),
});
const podTerm = open({labelSelector: selector, topologyKey: text, namespaces: list(text)});
const podTerms = open({
  requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(open({podAffinityTerm: podTerm})),
});
const affinity = open({
  nodeAffinity: open({
    requiredDuringSchedulingIgnoredDuringExecution: open({
      nodeSelectorTerms: list(open({matchExpressions: expressions, matchFields: expressions})),
    }),
  }),
  podAffinity: podTerms,
  podAntiAffinity: podTerms,
});

const podSpec = open({
  affinity,
  tolerations: list(open({key: text, operator: oneOf('Exists', 'Equal'), value: text, effect: text})),
  topologySpreadConstraints: list(
    open({maxSkew: number, topologyKey: text, whenUnsatisfiable: text, labelSelector: selector}),
  ),
  nodeName: text,
  nodeSelector: map(text),
  hostNetwork: flag,
  serviceAccountName: text,
  serviceAccount: text,
  containers: list(container),
});

const template = open({metadata, spec: podSpec});

const workload = open({
  metadata,
  spec: open({
    replicas: number,
    parallelism: number,
    completions: number,
    suspend: flag,
    ordinals: open({start: number}),
    template,
    serviceName: text,
  }),
});

const gateway = open({nodeSelector: selector, interface: text, egressIP: text});
const redirectPorts = list(open({name: text, port: either('a port number', port, text), protocol: text}));

export const kubernetesShapes: Readonly<Record<string, Shape>> = {
  Node: open({
    metadata,
    spec: open({
      podCIDR: text,
      podCIDRs: list(text),
      unschedulable: flag,
      taints: list(open({key: text, value: text, effect: text})),
    }),
    status: open({
      addresses: list(open({type: text, address: text})),
      capacity: anything,
      conditions,
      nodeInfo: open({osImage: text, kernelVersion: text, containerRuntimeVersion: text, kubeletVersion: text}),
    }),
  }),
  Namespace: open({metadata}),
  Pod: open({
    metadata,
    spec: podSpec,
    status: open({
      phase: oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
      podIP: anyIp,
      podIPs: list(open({ip: textOf('ip')}, 'ip')),
      hostIP: anyIp,
      hostIPs: list(open({ip: textOf('ip')}, 'ip')),
      conditions,
    }),
  }),
  Service: open({
    metadata,
    spec: open({
      type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      clusterIP: either('an IP address, None or nothing', textOf('clusterIp'), oneOf('')),
      clusterIPs: list(textOf('clusterIp')),
      ipFamilyPolicy: oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack'),
      ipFamilies: list(oneOf('IPv4', 'IPv6')),
      externalIPs: list(textOf('ip')),
      externalName: text,
      loadBalancerIP: anyIp,
      loadBalancerSourceRanges: list(text),
      selector: map(text),
      sessionAffinity: oneOf('None', 'ClientIP'),
      sessionAffinityConfig: open({clientIP: open({timeoutSeconds: number})}),
      internalTrafficPolicy: oneOf('Cluster', 'Local'),
      externalTrafficPolicy: oneOf('Cluster', 'Local'),
      healthCheckNodePort: port,
      publishNotReadyAddresses: flag,
      loadBalancerClass: text,
      allocateLoadBalancerNodePorts: flag,
      trafficDistribution: text,
      ports: list(
        open(
          {
            name: text,
            port: whole(1, 65535),
            protocol,
            targetPort: either('a port number or name', port, text),
            nodePort: port,
          },
          'port',
        ),
      ),
    }),
    status: open({loadBalancer: open({ingress: list(open({ip: text, hostname: text, ipMode: text}))})}),
  }),
  EndpointSlice: open({
    metadata,
    addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
    ports: list(open({name: text, port, protocol})),
    endpoints: list(
      open({
        addresses: list(text),
        conditions: open({ready: flag, serving: flag, terminating: flag}),
        nodeName: text,
        zone: text,
        hints: open({forZones: list(open({name: text}))}),
      }),
    ),
  }),
  Endpoints: open({
    metadata,
    subsets: list(
      open({
        addresses: list(open({ip: textOf('ip'), nodeName: text}, 'ip')),
        notReadyAddresses: list(open({ip: textOf('ip'), nodeName: text}, 'ip')),
        ports: list(open({name: text, port, protocol})),
      }),
    ),
  }),
  ConfigMap: open({metadata, data: map(text)}),
  CiliumNode: open({
    metadata,
    spec: open({
      addresses: list(open({type: text, ip: text})),
      ipam: open({podCIDRs: list(text)}),
      health: open({ipv4: text, ipv6: text}),
    }),
  }),
  CiliumEndpoint: open({
    metadata,
    status: open({
      id: number,
      identity: open({id: number, labels: list(text)}),
      networking: open({addressing: list(open({ipv4: text, ipv6: text})), node: text}),
    }),
  }),
  // the slice's own fields stand beside its metadata (cilium pkg/k8s/apis/cilium.io/v2alpha1 CiliumEndpointSlice)
  CiliumEndpointSlice: open({
    metadata,
    namespace: text,
    endpoints: list(
      open({
        name: text,
        id: number,
        'service-account': text,
        networking: open({addressing: list(open({ipv4: text, ipv6: text})), node: text}),
      }),
    ),
  }),
  CiliumEgressGatewayPolicy: open({
    metadata,
    spec: open({
      selectors: list(open({podSelector: selector, namespaceSelector: selector, nodeSelector: selector})),
      destinationCIDRs: list(text),
      excludedCIDRs: list(text),
      egressGateway: gateway,
      egressGateways: list(gateway),
    }),
  }),
  CiliumLocalRedirectPolicy: open({
    metadata,
    spec: open({
      redirectFrontend: open({
        addressMatcher: open({ip: text, toPorts: redirectPorts}),
        serviceMatcher: open({serviceName: text, namespace: text, toPorts: redirectPorts}),
      }),
      redirectBackend: open({localEndpointSelector: selector, toPorts: redirectPorts}),
      skipRedirectFromBackend: flag,
    }),
  }),
  CiliumIdentity: open({metadata, 'security-labels': map(text)}),
  Deployment: workload,
  ReplicaSet: workload,
  ReplicationController: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  Job: workload,
  CronJob: open({metadata, spec: open({suspend: flag, jobTemplate: workload})}),
};

/** Types of what the shapes have checked: every field may be missing. */
export interface Meta {
  readonly name?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly {
    readonly kind?: string;
    readonly name?: string;
    readonly controller?: boolean;
  }[];
}

export interface K8sContainer {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort?: number;
    readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
    readonly hostPort?: number;
    readonly hostIP?: string;
  }[];
}

interface K8sPodTerm {
  readonly labelSelector?: K8sSelector | null;
  readonly topologyKey?: string;
  readonly namespaces?: readonly string[];
}

export interface K8sPodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly K8sPodTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {readonly podAffinityTerm?: K8sPodTerm}[];
}

interface K8sNodeExpression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[] | null;
}

export interface K8sPodSpec {
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly {
          readonly matchExpressions?: readonly K8sNodeExpression[] | null;
          readonly matchFields?: readonly K8sNodeExpression[] | null;
        }[];
      } | null;
    } | null;
    readonly podAffinity?: K8sPodTerms | null;
    readonly podAntiAffinity?: K8sPodTerms | null;
  } | null;
  readonly tolerations?: readonly Toleration[] | null;
  readonly topologySpreadConstraints?:
    | readonly {
        readonly maxSkew?: number;
        readonly topologyKey?: string;
        readonly whenUnsatisfiable?: string;
        readonly labelSelector?: K8sSelector | null;
      }[]
    | null;
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly serviceAccount?: string;
  readonly containers?: readonly K8sContainer[];
}

export interface K8sPod {
  readonly metadata: Meta;
  readonly spec?: K8sPodSpec;
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    readonly podIP?: string;
    readonly podIPs?: readonly {readonly ip: string}[];
    readonly hostIP?: string;
    readonly hostIPs?: readonly {readonly ip: string}[];
    readonly conditions?: readonly {readonly type?: string; readonly status?: string}[];
  };
}

export interface K8sNode {
  readonly metadata: Meta;
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
  };
  readonly status?: {
    readonly addresses?: readonly {readonly type?: string; readonly address?: string}[];
    readonly capacity?: {readonly cpu?: string | number};
    readonly conditions?: readonly {readonly type?: string; readonly status?: string}[];
    readonly nodeInfo?: {
      readonly osImage?: string;
      readonly kernelVersion?: string;
      readonly containerRuntimeVersion?: string;
      readonly kubeletVersion?: string;
    };
  };
}

export interface K8sService {
  readonly metadata: Meta;
  readonly spec?: {
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
    readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
    readonly externalIPs?: readonly string[];
    readonly externalName?: string;
    readonly loadBalancerIP?: string;
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly sessionAffinity?: 'None' | 'ClientIP';
    readonly sessionAffinityConfig?: {readonly clientIP?: {readonly timeoutSeconds?: number}};
    readonly internalTrafficPolicy?: 'Cluster' | 'Local';
    readonly externalTrafficPolicy?: 'Cluster' | 'Local';
    readonly healthCheckNodePort?: number;
    readonly publishNotReadyAddresses?: boolean;
    readonly loadBalancerClass?: string;
    readonly allocateLoadBalancerNodePorts?: boolean;
    readonly trafficDistribution?: string;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
      readonly targetPort?: number | string;
      readonly nodePort?: number;
    }[];
  };
  readonly status?: {
    readonly loadBalancer?: {readonly ingress?: readonly {readonly ip?: string; readonly ipMode?: string}[]};
  };
}

export interface K8sEndpointSlice {
  readonly metadata: Meta;
  readonly addressType?: 'IPv4' | 'IPv6' | 'FQDN';
  readonly ports?: readonly K8sPort[] | null;
  readonly endpoints?:
    | readonly {
        readonly addresses?: readonly string[];
        readonly conditions?: {
          readonly ready?: boolean | null;
          readonly serving?: boolean | null;
          readonly terminating?: boolean | null;
        };
        readonly nodeName?: string;
        readonly zone?: string;
        readonly hints?: {readonly forZones?: readonly {readonly name?: string}[] | null} | null;
      }[]
    | null;
}

export interface K8sPort {
  readonly name?: string | null;
  readonly port?: number | null;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | null;
}

interface K8sAddress {
  readonly ip: string;
  readonly nodeName?: string;
}

export interface K8sEndpoints {
  readonly metadata: Meta;
  readonly subsets?:
    | readonly {
        readonly addresses?: readonly K8sAddress[];
        readonly notReadyAddresses?: readonly K8sAddress[];
        readonly ports?: readonly K8sPort[];
      }[]
    | null;
}

export interface K8sConfigMap {
  readonly metadata: Meta;
  readonly data?: Readonly<Record<string, string>>;
}

export interface K8sCiliumNode {
  readonly metadata: Meta;
  readonly spec?: {
    readonly addresses?: readonly {readonly type?: string; readonly ip?: string}[];
    readonly ipam?: {readonly podCIDRs?: readonly string[]};
    readonly health?: {readonly ipv4?: string; readonly ipv6?: string};
  };
}

export interface K8sCiliumEndpoint {
  readonly metadata: Meta;
  readonly status?: {
    readonly id?: number;
    readonly identity?: {readonly id?: number; readonly labels?: readonly string[]};
    readonly networking?: {
      readonly addressing?: readonly {readonly ipv4?: string; readonly ipv6?: string}[];
      readonly node?: string;
    };
  };
}

export interface K8sCiliumEndpointSlice {
  readonly metadata: Meta;
  readonly namespace?: string;
  readonly endpoints?: readonly {
    readonly name?: string;
    /** Security identity, not the endpoint's id. */
    readonly id?: number;
    readonly 'service-account'?: string;
    readonly networking?: NonNullable<K8sCiliumEndpoint['status']>['networking'];
  }[];
}

export interface K8sCiliumIdentity {
  readonly metadata: Meta;
  readonly 'security-labels'?: Readonly<Record<string, string>>;
}

export interface K8sWorkload {
  readonly kind: string;
  readonly metadata: Meta;
  readonly spec?: {
    readonly replicas?: number;
    readonly parallelism?: number;
    readonly completions?: number;
    readonly suspend?: boolean;
    readonly ordinals?: {readonly start?: number};
    readonly template?: {readonly metadata?: Meta; readonly spec?: K8sPodSpec};
    /** CronJob. */
    readonly jobTemplate?: Pick<K8sWorkload, 'spec'>;
  };
}
