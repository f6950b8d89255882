/** The ipsets of kube-proxy in IPVS mode, and which iptables rules match them (pkg/proxy/ipvs/proxier.go, ipset.go). */
import type {Prefix} from '../../../wire/addr.js';
import type {Protocol, TableName} from '../model.js';
import {type IpSet, type SetSubject, type SetType, setKey} from './model.js';

const infos = {
  'LOOP-BACK': ['hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  'CLUSTER-IP': ['hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose'],
  'EXTERNAL-IP': ['hash:ip,port', 'Kubernetes service external ip + port for masquerade and filter purpose'],
  'EXTERNAL-IP-LOCAL': ['hash:ip,port', 'Kubernetes service external ip + port with externalTrafficPolicy=local'],
  'LOAD-BALANCER': ['hash:ip,port', 'Kubernetes service lb portal'],
  'LOAD-BALANCER-FW': ['hash:ip,port', 'Kubernetes service load balancer ip + port for load balancer with sourceRange'],
  'LOAD-BALANCER-LOCAL': [
    'hash:ip,port',
    'Kubernetes service load balancer ip + port with externalTrafficPolicy=local',
  ],
  'LOAD-BALANCER-SOURCE-IP': [
    'hash:ip,port,ip',
    'Kubernetes service load balancer ip + port + source IP for packet filter purpose',
  ],
  'LOAD-BALANCER-SOURCE-CIDR': [
    'hash:ip,port,net',
    'Kubernetes service load balancer ip + port + source cidr for packet filter purpose',
  ],
  'NODE-PORT-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose'],
  'NODE-PORT-LOCAL-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port with externalTrafficPolicy=local'],
  'NODE-PORT-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose'],
  'NODE-PORT-LOCAL-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port with externalTrafficPolicy=local'],
  'NODE-PORT-SCTP-HASH': [
    'hash:ip,port',
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
  ],
  'NODE-PORT-LOCAL-SCTP-HASH': [
    'hash:ip,port',
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ],
  'HEALTH-CHECK-NODE-PORT': ['bitmap:port', 'Kubernetes health check node port'],
  'IPVS-IPS': ['hash:ip', 'Addresses on the ipvs interface'],
} as const satisfies Readonly<Record<string, readonly [SetType, string]>>;

export type SetId = keyof typeof infos;

export interface SetRule {
  readonly set: SetId;
  readonly table: TableName;
  readonly from: string;
  readonly to: string;
  readonly directions: string;
  readonly protocol?: Protocol;
}

const both = 'dst,dst';

/** ipsetWithIptablesChain: a rule for each of these sets that holds something. */
export const setRules: readonly SetRule[] = [
  {set: 'LOOP-BACK', table: 'nat', from: 'KUBE-POSTROUTING', to: 'MASQUERADE', directions: 'dst,dst,src'},
  {set: 'LOAD-BALANCER', table: 'nat', from: 'KUBE-SERVICES', to: 'KUBE-LOAD-BALANCER', directions: both},
  {set: 'LOAD-BALANCER-LOCAL', table: 'nat', from: 'KUBE-LOAD-BALANCER', to: 'RETURN', directions: both},
  ...(['tcp', 'udp'] as const).flatMap((protocol): SetRule[] => {
    const rule = {table: 'nat', from: 'KUBE-NODE-PORT', directions: 'dst', protocol} as const;
    const upper = protocol === 'tcp' ? 'TCP' : 'UDP';
    return [
      {...rule, set: `NODE-PORT-LOCAL-${upper}`, to: 'RETURN'},
      {...rule, set: `NODE-PORT-${upper}`, to: 'KUBE-MARK-MASQ'},
    ];
  }),
  {
    set: 'NODE-PORT-LOCAL-SCTP-HASH',
    table: 'nat',
    from: 'KUBE-NODE-PORT',
    to: 'RETURN',
    directions: both,
    protocol: 'sctp',
  },
  {
    set: 'NODE-PORT-SCTP-HASH',
    table: 'nat',
    from: 'KUBE-NODE-PORT',
    to: 'KUBE-MARK-MASQ',
    directions: both,
    protocol: 'sctp',
  },
  {
    set: 'LOAD-BALANCER-FW',
    table: 'filter',
    from: 'KUBE-PROXY-FIREWALL',
    to: 'KUBE-SOURCE-RANGES-FIREWALL',
    directions: both,
  },
  {
    set: 'LOAD-BALANCER-SOURCE-CIDR',
    table: 'filter',
    from: 'KUBE-SOURCE-RANGES-FIREWALL',
    to: 'RETURN',
    directions: 'dst,dst,src',
  },
  {
    set: 'LOAD-BALANCER-SOURCE-IP',
    table: 'filter',
    from: 'KUBE-SOURCE-RANGES-FIREWALL',
    to: 'RETURN',
    directions: 'dst,dst,src',
  },
];

export interface SetBuilder {
  add(set: SetId, subject: SetSubject, network?: Prefix): void;
  readonly sets: ReadonlyMap<string, IpSet>;
  /** The set's name in this family: `KUBE-CLUSTER-IP`, `KUBE-6-CLUSTER-IP`. */
  name(set: SetId): string;
  comment(set: SetId): string;
  isEmpty(set: SetId): boolean;
}

export function buildSets(family: 4 | 6): SetBuilder {
  const name = (set: SetId) => `KUBE-${family === 6 ? '6-' : ''}${set}`;
  const sets = new Map<string, Omit<IpSet, 'entries'> & {readonly entries: Map<string, Prefix[]>}>();
  for (const [id, [type, comment]] of Object.entries(infos))
    sets.set(name(id as SetId), {name: name(id as SetId), type, comment, entries: new Map()});
  return {
    sets,
    name,
    comment: (set) => infos[set][1],
    isEmpty: (set) => sets.get(name(set))?.entries.size === 0,
    add(id, subject, network) {
      const set = sets.get(name(id));
      if (!set) return;
      const key = setKey(set.type, subject);
      const networks = set.entries.get(key) ?? [];
      if (network) networks.push(network);
      set.entries.set(key, networks);
    },
  };
}
