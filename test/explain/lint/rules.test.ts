/** Every rule: a definition that it fires on, and one like it that it leaves alone. */
import {describe, expect, it} from 'vitest';
import {loadDefinition} from '../../../src/cluster/load.js';
import {lint} from '../../../src/explain/lint/lint.js';
import type {Finding} from '../../../src/explain/lint/model.js';
import {rules} from '../../../src/explain/lint/rules.js';
import {UserError} from '../../../src/term/error.js';
import {folderWith} from '../../cluster/load-input.js';

const own = (spec: string) => `apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nspec: {${spec}}\n`;
const vnet = 'underlay: {vnet: 10.0.0.0/16}';
const pod = (name: string, more = '', ports = '[{containerPort: 80}]', labels = `{app: ${name}}`) =>
  `---\nkind: Pod\nmetadata: {name: ${name}, labels: ${labels}}\nspec: {containers: [{name: c, image: i, ports: ${ports}}]${more}}\n`;
const service = (name: string, spec: string) => `---\nkind: Service\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const policy = (name: string, spec: string) => `---\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const admin = (name: string, priority: number) =>
  `---\nkind: AdminNetworkPolicy\nmetadata: {name: ${name}}\nspec: {priority: ${priority}, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n`;
const cnp = (name: string, spec: string) =>
  `---\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const node = (name: string, more = '') => `---\nkind: Node\nmetadata: {name: ${name}}\nspec: {${more}}\n`;
const config = (data: string) =>
  `---\nkind: ConfigMap\nmetadata: {name: cilium-config, namespace: kube-system}\ndata: {${data}}\n`;
const nsg = (rule: string, rest = '') => own(`nodes: 2, underlay: {vnet: 10.0.0.0/16, nsg: [${rule}]}${rest}`);
const deny = '{name: no, priority: 200, direction: Inbound, access: Deny, protocol: Udp, port: ';
const many = (n: number, more: string) => own(`nodes: ${n}, ${more}`);

interface Case {
  readonly fires: string;
  readonly quiet: string;
  /** Part of the message, or line. */
  readonly says?: RegExp;
  readonly line?: number;
}

const cases: Readonly<Record<string, Case>> = {
  'WL-CIDR-001': {
    fires: own('podCIDR: 10.96.0.0/16, serviceCIDR: 10.96.0.0/12'),
    quiet: own('podCIDR: 10.32.0.0/16, serviceCIDR: 10.96.0.0/12'),
    says: /service CIDR 10\.96\.0\.0\/12 and pod CIDR 10\.96\.0\.0\/16/,
  },
  'WL-CIDR-002': {
    fires: own('podCIDR: 10.0.128.0/17, underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/24]}'),
    quiet: own('podCIDR: 10.1.0.0/16, underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/24]}'),
  },
  'WL-CIDR-003': {fires: own(`serviceCIDR: 10.0.240.0/20, ${vnet}`), quiet: own(`serviceCIDR: 10.1.240.0/20, ${vnet}`)},
  'WL-CIDR-004': {
    fires: own(
      'podCIDR: 10.32.0.0/13, underlay: {vnet: 10.0.0.0/16, peered: [{name: onprem, prefixes: 10.36.0.0/16}]}',
    ),
    quiet: own(
      'podCIDR: 10.32.0.0/13, underlay: {vnet: 10.0.0.0/16, peered: [{name: onprem, prefixes: 10.40.0.0/16}]}',
    ),
    says: /peered network onprem 10\.36\.0\.0\/16 and pod CIDR/,
  },
  'WL-CIDR-005': {
    fires: own('underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/24, 10.0.0.128/25]}'),
    quiet: own('underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/24, 10.0.1.0/25]}'),
  },
  'WL-CIDR-006': {
    fires: own('podCIDR: 10.32.0.0/13, nodes: [{name: a, ip: 10.33.0.4}]'),
    quiet: own('podCIDR: 10.32.0.0/13, nodes: [{name: a, ip: 10.0.0.4}]'),
  },
  'WL-CIDR-007': {
    fires: many(3, 'podCIDR: 10.32.0.0/23'),
    quiet: many(3, 'podCIDR: 10.32.0.0/20'),
    says: /holds 2 prefixes/,
  },
  'WL-CIDR-008': {
    fires: many(4, 'podCIDR: 10.32.0.0/22'),
    quiet: many(3, 'podCIDR: 10.32.0.0/20'),
    says: /holds 4 nodes/,
  },
  'WL-CIDR-009': {fires: own('podCIDR: 169.254.0.0/17'), quiet: own('podCIDR: 10.32.0.0/16'), says: /link-local/},
  'WL-CIDR-010': {fires: own('podCIDR: 11.0.0.0/16'), quiet: own('podCIDR: 100.64.0.0/16')},
  'WL-CIDR-011': {
    fires: own(
      'nodes: [{name: a, ip: 10.0.0.4}, {name: b, ip: 10.0.0.5}, {name: c, ip: 10.0.0.6}, {name: d, ip: 10.0.0.3}], underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/29], gateway: 10.0.0.1}',
    ),
    quiet: own(
      'nodes: [{name: a, ip: 10.0.0.4}, {name: b, ip: 10.0.0.5}], underlay: {vnet: 10.0.0.0/16, subnets: [10.0.0.0/29]}',
    ),
    says: /has 3 addresses/,
  },
  'WL-CIDR-012': {
    fires: own('nodes: [{name: a, podCIDR: 10.244.1.0/24}, {name: b, podCIDR: 10.244.1.0/25}]'),
    quiet: own('nodes: [{name: a, podCIDR: 10.244.1.0/24}, {name: b, podCIDR: 10.244.2.0/25}]'),
  },
  'WL-CIDR-013': {
    fires: own('podCIDR: 10.32.0.0/16, nodes: [{name: a, podCIDR: 10.64.1.0/24}]'),
    quiet: own('podCIDR: 10.32.0.0/16, nodes: [{name: a, podCIDR: 10.32.1.0/24}]'),
  },
  'WL-IP-001': {
    fires: own('nodes: 1, pods: [{name: a, ip: 10.244.0.9}, {name: b, ip: 10.244.0.9}]'),
    quiet: own('nodes: 1, pods: [{name: a, ip: 10.244.0.9}, {name: b, ip: 10.244.0.10}]'),
    says: /pod default\/b: address 10\.244\.0\.9 is taken by pod default\/a/,
  },
  'WL-MTU-001': {
    fires: own('nodes: [{name: a, mtu: 1500}, {name: b, mtu: 1500}], underlay: {mtu: 1400}'),
    quiet: own('nodes: 2, underlay: {mtu: 1400}'),
    says: /ping payload 1323, TCP payload 1311\) is the first that arrives in fragments/,
  },
  'WL-MTU-002': {
    fires: own('nodes: [{name: a, mtu: 9000}, {name: b, mtu: 1500}], underlay: {mtu: 9000}'),
    quiet: own('nodes: [{name: a, mtu: 9000}, {name: b, mtu: 9000}], underlay: {mtu: 9000}'),
  },
  'WL-MTU-003': {
    fires: own('nodes: 2, cilium: {mtu: 1600}'),
    quiet: own('nodes: 2, cilium: {mtu: 1400}'),
    says: /option mtu 1600/,
  },
  'WL-MTU-004': {
    fires: own('nodes: 2, cilium: {tunnel-protocol: geneve, bpf-lb-mode: dsr, bpf-lb-dsr-dispatch: geneve}'),
    quiet: own('nodes: 2, cilium: {tunnel-protocol: geneve, bpf-lb-mode: dsr, bpf-lb-dsr-dispatch: geneve, mtu: 1488}'),
    says: /DSR option 12, the path carries 1500: an IP packet of 1439 bytes \(UDP payload 1411/,
  },
  'WL-MTU-005': {
    fires: own(
      'nodes: 2, podCIDR: "fd00:1::/48", underlay: {mtu: 1300, vnet: 10.0.0.0/16}, cilium: {enable-ipv6: true, enable-ipv4: false}',
    ),
    quiet: own(
      'nodes: 2, podCIDR: "fd00:1::/48", underlay: {mtu: 1500, vnet: 10.0.0.0/16}, cilium: {enable-ipv6: true, enable-ipv4: false}',
    ),
  },
  'WL-NSG-001': {
    fires: nsg(`${deny}1024-65535}`, ', cilium: {tunnel-protocol: vxlan}'),
    quiet: nsg(
      `{name: yes, priority: 150, direction: Inbound, access: Allow, protocol: Udp, port: 8472}, ${deny}1024-65535}`,
      ', cilium: {tunnel-protocol: vxlan}',
    ),
    says: /rule no \(Inbound, priority 200\) denies vxlan between nodes, UDP 8472/,
  },
  'WL-NSG-002': {
    fires: nsg(
      '{name: no, priority: 200, direction: Inbound, access: Deny, source: 10.244.0.0/16}',
      ', profile: aks-overlay',
    ),
    quiet: nsg(
      '{name: no, priority: 200, direction: Inbound, access: Deny, source: 192.168.0.0/16}',
      ', profile: aks-overlay',
    ),
  },
  'WL-NSG-003': {
    fires: nsg(`${deny}1}, ${deny}2}`),
    quiet: nsg(`${deny}1}, {name: other, priority: 201, direction: Inbound, access: Deny, port: 2}`),
  },
  'WL-NSG-004': {
    fires: nsg('{name: no, priority: 5000, direction: Inbound, access: Deny, port: 1}'),
    quiet: nsg(
      '{name: DenyAllInBound, priority: 65500, direction: Inbound, access: Deny}, {name: x, priority: 100, direction: Inbound, access: Allow}',
    ),
  },
  'WL-NSG-005': {
    fires: nsg(
      '{name: udp, priority: 150, direction: Inbound, access: Allow, protocol: Udp}, {name: no, priority: 200, direction: Inbound, access: Deny}',
      ', cilium: {enable-ipsec: true}',
    ),
    quiet: nsg(
      '{name: yes, priority: 150, direction: Inbound, access: Allow, source: 10.0.0.0/16}, {name: no, priority: 200, direction: Inbound, access: Deny}',
      ', cilium: {enable-ipsec: true}',
    ),
    says: /rule no \(Inbound, priority 200\) denies IPsec between nodes, ESP from/,
  },
  'WL-NSG-006': {
    fires: nsg(
      '{name: no, priority: 4096, direction: Inbound, access: Deny}, {name: vnet, priority: 4000, direction: Inbound, access: Allow, source: 10.0.0.0/16}',
      ', services: [{name: lb, type: LoadBalancer, ports: [80]}]',
    ),
    quiet: nsg(
      '{name: no, priority: 4096, direction: Inbound, access: Deny}, {name: probes, priority: 4000, direction: Inbound, access: Allow, source: 168.63.129.16}',
      ', services: [{name: lb, type: LoadBalancer, ports: [80]}]',
    ),
    says: /denies health probes of service default\/lb, TCP 3\d{4} of /,
  },
  'WL-TUN-001': {fires: own('cilium: {tunnel-port: 30100}'), quiet: own('cilium: {tunnel-port: 6082}')},
  'WL-TUN-002': {
    fires: own(
      'nodes: 1, cilium: {tunnel-protocol: vxlan}, pods: [{name: a, ports: [{port: 53, protocol: UDP, hostPort: 8472}]}]',
    ),
    quiet: own(
      'nodes: 1, cilium: {tunnel-protocol: vxlan}, pods: [{name: a, ports: [{port: 53, protocol: TCP, hostPort: 8472}]}]',
    ),
  },
  'WL-TUN-003': {
    fires: own(
      'nodes: 1, cilium: {tunnel-protocol: vxlan}, pods: [{name: f, image: docker.io/flannel/flannel:v0.26, hostNetwork: true}]',
    ),
    quiet: own(
      'nodes: 1, cilium: {tunnel-protocol: geneve}, pods: [{name: f, image: docker.io/flannel/flannel:v0.26, hostNetwork: true}]',
    ),
  },
  'WL-SVC-001': {
    fires: pod('web') + service('api', '{selector: {app: wbe}, ports: [{port: 80}]}'),
    quiet: pod('web') + service('api', '{selector: {app: web}, ports: [{port: 80}]}'),
    line: 8,
  },
  'WL-SVC-002': {
    fires:
      pod('web', '', '[{containerPort: 80, name: http}]') +
      service('web', '{selector: {app: web}, ports: [{port: 80, targetPort: htpp}]}'),
    quiet:
      pod('web', '', '[{containerPort: 80, name: http}]') +
      service('web', '{selector: {app: web}, ports: [{port: 80, targetPort: http}]}'),
    says: /no port named htpp \(TCP\); web has http:80\/TCP/,
  },
  'WL-SVC-003': {
    fires: pod('web') + service('web', '{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}'),
    quiet: pod('web', '', '[]') + service('web', '{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}'),
  },
  'WL-SVC-004': {
    fires:
      service('a', '{type: NodePort, ports: [{port: 80, nodePort: 30080}]}') +
      service('b', '{type: NodePort, ports: [{port: 80, nodePort: 30080}]}'),
    quiet:
      service('a', '{type: NodePort, ports: [{port: 80, nodePort: 30080}]}') +
      service('b', '{type: NodePort, ports: [{port: 80, nodePort: 30080, protocol: UDP}]}'),
  },
  'WL-SVC-005': {
    fires: service('a', '{type: NodePort, ports: [{port: 80, nodePort: 80}]}'),
    quiet: service('a', '{type: NodePort, ports: [{port: 80, nodePort: 30080}]}'),
  },
  'WL-SVC-006': {
    fires: own(
      'nodes: 3, pods: [{name: a, node: node1, labels: {app: a}}], services: [{name: a, type: NodePort, externalTrafficPolicy: Local, selector: {app: a}, ports: [80]}]',
    ),
    quiet: own(
      'nodes: 1, pods: [{name: a, node: node1, labels: {app: a}}], services: [{name: a, type: NodePort, externalTrafficPolicy: Local, selector: {app: a}, ports: [80]}]',
    ),
    says: /2 of 3 nodes/,
  },
  'WL-SVC-007': {
    fires: service('a', '{ports: [{port: 80, name: http}, {port: 81}]}'),
    quiet: service('a', '{ports: [{port: 80, name: http}, {port: 81, name: other}]}'),
  },
  'WL-SVC-008': {
    fires:
      service('a', '{type: ExternalName, externalName: b.default.svc.cluster.local}') +
      service('b', '{type: ExternalName, externalName: a.default.svc}'),
    quiet:
      service('a', '{type: ExternalName, externalName: b.default.svc.cluster.local}') +
      service('b', '{type: ExternalName, externalName: example.com}'),
    says: /a -> service default\/b -> service default\/a/,
  },
  'WL-SVC-009': {
    fires: service('a', '{ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}'),
    quiet: service('a', '{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}'),
  },
  'WL-SVC-010': {
    fires:
      service('a', '{externalIPs: [192.0.2.7], ports: [{port: 80}]}') +
      service('b', '{externalIPs: [192.0.2.7], ports: [{port: 80}]}'),
    quiet:
      service('a', '{externalIPs: [192.0.2.7], ports: [{port: 80}]}') +
      service('b', '{externalIPs: [192.0.2.7], ports: [{port: 80, protocol: UDP}, {port: 81, name: x}]}').replace(
        'protocol: UDP',
        'protocol: UDP, name: u',
      ),
    says: /192\.0\.2\.7:80\/TCP is that of service default\/a too/,
  },
  'WL-POL-001': {
    fires: pod('web') + policy('p', '{podSelector: {matchLabels: {app: wbe}}}'),
    quiet: `${policy('p', '{podSelector: {matchLabels: {app: web}}}')}---\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 0, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}\n`,
  },
  'WL-POL-002': {
    fires:
      own('podCIDR: 10.32.0.0/13') +
      pod('web') +
      policy('p', '{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.32.1.0/24}}]}]}'),
    quiet:
      own('podCIDR: 10.32.0.0/13') +
      pod('web') +
      policy(
        'p',
        '{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.32.0.0/13]}}]}]}',
      ),
  },
  'WL-POL-003': {
    fires: pod('web') + policy('p', '{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: wbe}}}]}]}'),
    quiet:
      pod('web') +
      policy(
        'p',
        '{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {name: elsewhere}}}]}]}',
      ),
  },
  'WL-POL-004': {
    fires:
      pod('web', '', '[{containerPort: 80, name: http}]') +
      policy('p', '{podSelector: {}, ingress: [{ports: [{port: htpp}]}]}'),
    quiet:
      pod('web', '', '[{containerPort: 80, name: http}]') +
      policy('p', '{podSelector: {}, ingress: [{ports: [{port: http}]}]}'),
  },
  'WL-POL-005': {
    fires:
      pod('web') +
      pod('db') +
      cnp(
        'p',
        '{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}], ingressDeny: [{fromEndpoints: [{matchLabels: {app: web}}]}]}',
      ),
    quiet:
      pod('web') +
      pod('db') +
      cnp(
        'p',
        '{endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}], ingressDeny: [{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]}',
      ),
    says: /allows nothing: CiliumNetworkPolicy default\/p ingressDeny\[0\]/,
  },
  'WL-POL-006': {
    fires: own('profile: kube-proxy') + pod('web') + policy('p', '{podSelector: {}}'),
    quiet: own('profile: cilium') + pod('web') + policy('p', '{podSelector: {}}'),
  },
  'WL-POL-007': {
    fires: `${own('')}---\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: h}\nspec: {nodeSelector: {}, ingress: [{}]}\n`,
    quiet: `${own('cilium: {enable-host-firewall: true}')}---\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: h}\nspec: {nodeSelector: {}, ingress: [{}]}\n`,
  },
  'WL-POL-008': {
    fires: pod('web') + policy('p', '{podSelector: {}, ingres: []}'),
    quiet: pod('web') + policy('p', '{podSelector: {}, ingress: []}'),
  },
  'WL-POL-009': {
    fires: own('') + pod('web') + policy('p', '{podSelector: {}, ingress: [{ports: [{port: 80, protocol: SCTP}]}]}'),
    quiet:
      own('cilium: {enable-sctp: true}') +
      pod('web') +
      policy('p', '{podSelector: {}, ingress: [{ports: [{port: 80, protocol: SCTP}]}]}'),
  },
  'WL-POL-010': {
    fires: pod('web') + admin('a', 5) + admin('b', 5),
    quiet: pod('web') + admin('a', 5) + admin('b', 6),
  },
  'WL-POL-011': {
    fires: own('') + pod('web') + cnp('p', '{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}'),
    quiet:
      own('cilium: {enable-node-selector-labels: true}') +
      pod('web') +
      cnp('p', '{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}'),
  },
  'WL-AKS-001': {fires: own(`serviceCIDR: 10.96.0.0/12, ${vnet}`), quiet: own(`serviceCIDR: 10.96.0.0/13, ${vnet}`)},
  'WL-AKS-002': {fires: own(`podCIDR: 172.30.0.0/15, ${vnet}`), quiet: own(`podCIDR: 172.28.0.0/15, ${vnet}`)},
  'WL-AKS-003': {
    fires: own(`podCIDR: 10.32.0.0/13, ${vnet}`),
    quiet: own(`podCIDR: 10.32.0.0/16, ${vnet}`),
    says: /2,048 nodes.*512,000.*200,000/,
  },
  'WL-AKS-004': {
    fires: own(`nodes: 1, profile: aks-overlay, pods: [{name: a, hostNetwork: true, replicas: 251}], ${vnet}`),
    quiet: own(`nodes: 1, profile: aks-overlay, pods: [{name: a, hostNetwork: true, replicas: 240}], ${vnet}`),
  },
  'WL-AKS-005': {
    fires: many(5001, 'podCIDR: 10.64.0.0/11, profile: aks-overlay, underlay: {vnet: 10.0.0.0/16}'),
    quiet: many(5, 'podCIDR: 10.64.0.0/11, profile: aks-overlay, underlay: {vnet: 10.0.0.0/16}'),
  },
  'WL-AKS-006': {
    fires: own('profile: aks-overlay, nodeCIDRMaskSize: 25'),
    quiet: own('profile: aks-overlay, nodeCIDRMaskSize: 24'),
  },
  'WL-AKS-007': {
    fires: own('profile: aks-overlay, cilium: {routing-mode: tunnel}'),
    quiet: own('profile: aks-overlay'),
  },
  'WL-AKS-008': {
    fires: own(
      `${vnet}, nodes: 1, podCIDR: 10.32.0.0/16, pods: [{name: api, ip: 10.32.0.7}], services: [{name: kubernetes, ports: [443], endpoints: ["10.32.0.7:6443"]}]`,
    ),
    quiet: own(
      `${vnet}, nodes: 1, podCIDR: 10.32.0.0/16, services: [{name: kubernetes, ports: [443], endpoints: ["20.1.2.3:443"]}]`,
    ),
  },
  'WL-AKS-009': {
    fires: own('profile: aks-overlay, underlay: {vnet: 10.0.0.0/14}'),
    quiet: own('profile: aks-overlay, serviceCIDR: 10.200.0.0/16, underlay: {vnet: 10.0.0.0/14}'),
  },
  'WL-CFG-001': {fires: config('tunnel: vxlan'), quiet: config('routing-mode: tunnel'), line: 4},
  'WL-CFG-002': {fires: config('kube-proxy-replacement: strict'), quiet: config('kube-proxy-replacement: "true"')},
  'WL-CFG-003': {fires: config('enable-hubbel: "true"'), quiet: config('enable-hubble: "true"')},
  'WL-DEF-001': {
    fires: own('nodes: 1, pods: [{name: a, endpointId: 5}, {name: b, endpointId: 5}]'),
    quiet: own('nodes: 1, pods: [{name: a, endpointId: 5}, {name: b, endpointId: 6}]'),
  },
  'WL-DEF-002': {fires: pod('web') + pod('web'), quiet: pod('web') + pod('db')},
  'WL-REF-001': {
    fires: own('nodes: 1, pods: [{name: a, node: node9}]'),
    quiet: own('nodes: 1, pods: [{name: a, node: node1}]'),
  },
  'WL-REF-002': {
    fires: `${service('a', '{ports: [{port: 80}]}')}---\nkind: Endpoints\nmetadata: {name: b}\nsubsets: [{addresses: [{ip: 10.244.0.9}], ports: [{port: 80}]}]\n`,
    quiet: `${service('a', '{ports: [{port: 80}]}')}---\nkind: Endpoints\nmetadata: {name: a}\nsubsets: [{addresses: [{ip: 10.244.0.9}], ports: [{port: 80}]}]\n`,
  },
  'WL-REF-003': {
    fires: `${node('n', 'podCIDR: 10.244.0.0/24')}---\nkind: Pod\nmetadata: {name: a, uid: "1"}\nspec: {nodeName: n, containers: []}\nstatus: {podIP: 10.244.0.8, phase: Running}\n${service('a', '{ports: [{port: 80}]}')}---\nkind: Endpoints\nmetadata: {name: a}\nsubsets: [{addresses: [{ip: 10.244.0.9}], ports: [{port: 80}]}]\n`,
    quiet: `${node('n', 'podCIDR: 10.244.0.0/24')}---\nkind: Pod\nmetadata: {name: a, uid: "1"}\nspec: {nodeName: n, containers: []}\nstatus: {podIP: 10.244.0.8, phase: Running}\n${service('a', '{ports: [{port: 80}]}')}---\nkind: Endpoints\nmetadata: {name: a}\nsubsets: [{addresses: [{ip: 10.244.0.8}], ports: [{port: 80}]}]\n`,
  },
  'WL-REF-004': {
    fires: `${service('a', '{ports: [{port: 80}]}')}---\nkind: Ingress\nmetadata: {name: i}\nspec: {defaultBackend: {service: {name: b, port: {number: 80}}}}\n`,
    quiet: `${service('a', '{ports: [{port: 80}]}')}---\nkind: Ingress\nmetadata: {name: i}\nspec: {defaultBackend: {service: {name: a, port: {number: 80}}}}\n`,
  },
  'WL-REF-005': {
    fires: `${pod('web')}---\nkind: CiliumEgressGatewayPolicy\nmetadata: {name: e}\nspec: {selectors: [{podSelector: {matchLabels: {app: web}}}], destinationCIDRs: [0.0.0.0/0], egressGateway: {nodeSelector: {matchLabels: {role: gw}}}}\n`,
    quiet: `${pod('web')}${node('n').replace('name: n', 'name: n, labels: {role: gw}')}---\nkind: CiliumEgressGatewayPolicy\nmetadata: {name: e}\nspec: {selectors: [{podSelector: {matchLabels: {app: web}}}], destinationCIDRs: [0.0.0.0/0], egressGateway: {nodeSelector: {matchLabels: {role: gw}}}}\n`,
  },
  'WL-POD-001': {
    fires: own(
      'nodes: 1, pods: [{name: a, node: node1, ports: [{port: 80, hostPort: 8080}]}, {name: b, node: node1, hostNetwork: true, ports: [8080]}]',
    ),
    quiet: own(
      'nodes: 2, pods: [{name: a, node: node1, ports: [{port: 80, hostPort: 8080}]}, {name: b, node: node2, hostNetwork: true, ports: [8080]}]',
    ),
  },
};

async function lintText(text: string): Promise<Finding[]> {
  const cwd = folderWith({'in.yaml': text});
  const {definition, options} = await loadDefinition({
    paths: ['in.yaml'],
    sets: [],
    env: {},
    cwd,
    readStdin: () => new Uint8Array(),
  });
  return lint({definition, options, platform: undefined});
}

describe('lint rules', () => {
  it('has a case for each rule, and no other', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({id}) => id).sort());
    expect(new Set(rules.map(({id}) => id)).size).toBe(rules.length);
  });
  it.each(Object.entries(cases))('%s', async (id, {fires, quiet, says, line}) => {
    const found = (await lintText(fires)).filter(({rule}) => rule.id === id);
    expect(found.length).toBeGreaterThan(0);
    if (says) expect(found.map(({message}) => message).join('\n')).toMatch(says);
    if (line !== undefined) expect(found[0]?.where?.line).toBe(line);
    expect((await lintText(quiet)).filter(({rule}) => rule.id === id)).toEqual([]);
  });
  it('looks at the port of WireGuard where that carries all', async () => {
    const rules = (port: number) =>
      nsg(
        `{name: yes, priority: 150, direction: Inbound, access: Allow, protocol: Udp, port: ${port}}, ${deny}1024-65535}`,
        ', cilium: {tunnel-protocol: vxlan, enable-wireguard: true}',
      );
    const messages = async (port: number) =>
      (await lintText(rules(port))).flatMap(({rule, message}) => (rule.id === 'WL-NSG-001' ? [message] : []));
    expect(await messages(51871)).toEqual([]);
    expect((await messages(8472))[0]).toContain('denies WireGuard between nodes, UDP 51871');
  });
  it('tells a policy for pods of the host’s network from one with a slip in its label', async () => {
    const found = await lintText(
      pod('web') + pod('agent', ', hostNetwork: true') + policy('p', '{podSelector: {matchLabels: {app: agent}}}'),
    );
    expect(found.flatMap(({rule, message}) => (rule.id === 'WL-POL-001' ? [message] : []))).toEqual([
      "NetworkPolicy default/p selects no pod that has an address of its own: default/agent is on its host's network",
    ]);
  });
  it('says of each what it rests on', () => {
    for (const {why, fix, source, title} of rules) {
      expect(title).not.toMatch(/\.$/);
      for (const text of [why, fix]) expect(text).toMatch(/\.$/);
      expect(source.length).toBeGreaterThan(10);
    }
  });
  it('leaves unreadable input to the loader', async () => {
    await expect(lintText('kind: Pod\nmetadata: {name: a}\nspec: {containers: 3}\n')).rejects.toThrow(UserError);
  });
});
