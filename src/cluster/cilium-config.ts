/**
 * cilium-config: defaults of the agent, what a profile sets on top, what the input says; checked as the agent checks it and
 * typed for the floors above.
 */
import {closest, nearest} from '../term/nearest.js';
import {type Prefix, parseIp, parsePrefix} from '../wire/addr.js';
import {checkConfig} from './cilium-checks.js';
import {ciliumKeys, type KeyKind, notSimulated, obsoleteKeys} from './cilium-keys.js';
import type {CiliumConfig} from './model.js';
import type {Problems} from './problems.js';
import type {ClusterSpec, Definition, Profile, StringMap} from './spec.js';

/** What a profile sets beyond the agent's own defaults. A `cilium-config` in the input states all it wants itself. */
const profileDefaults: Readonly<Record<Profile, StringMap>> = {
  cilium: {
    'kube-proxy-replacement': 'true',
    'enable-bpf-masquerade': 'true',
    'enable-hubble': 'true',
    'enable-endpoint-health-checking': 'true',
    'enable-tcx': 'true',
    'external-envoy-proxy': 'true',
  },
  'kube-proxy': {
    'kube-proxy-replacement': 'false',
    'enable-bpf-masquerade': 'false',
    'enable-endpoint-health-checking': 'false',
    'enable-hubble': 'false',
    'routing-mode': 'native',
  },
  // Azure CNI Overlay powered by Cilium, cilium-config v1.18 as Azure/azure-container-networking ships it
  'aks-overlay': {
    'auto-direct-node-routes': 'false',
    'bpf-lb-external-clusterip': 'false',
    'bpf-lb-map-max': '65536',
    'bpf-lb-mode': 'snat',
    'bpf-lb-sock': 'false',
    'datapath-mode': 'veth',
    'enable-endpoint-health-checking': 'false',
    'enable-endpoint-routes': 'true',
    'enable-host-legacy-routing': 'true',
    'enable-hubble': 'false',
    'enable-ipv4-masquerade': 'false',
    'enable-ipv6-masquerade': 'false',
    'enable-l7-proxy': 'false',
    'enable-local-node-route': 'false',
    'enable-tcx': 'false',
    'identity-allocation-mode': 'crd',
    ipam: 'delegated-plugin',
    'kube-proxy-replacement': 'true',
    'local-router-ipv4': '169.254.23.0',
    'routing-mode': 'native',
  },
};

/** Where a value came from, for problems. */
type Origin = {readonly kind: 'spec'} | {readonly kind: 'configmap'};

/** The raw settings: profile, then ConfigMap, then our own document. Reports bad values. */
export function rawSettings(definition: Definition, profile: Profile, problems: Problems): Map<string, string> {
  const raw = new Map<string, string>();
  if (!definition.ciliumConfig)
    for (const [key, value] of Object.entries(profileDefaults[profile])) raw.set(key, value);
  for (const [key, value] of Object.entries(definition.ciliumConfig?.data ?? {}))
    setValue(raw, key, value, {kind: 'configmap'}, definition, problems);
  for (const [key, value] of Object.entries(definition.spec.cilium ?? {}))
    setValue(raw, key, String(value), {kind: 'spec'}, definition, problems);
  return raw;
}

function setValue(
  raw: Map<string, string>,
  key: string,
  value: string,
  origin: Origin,
  definition: Definition,
  problems: Problems,
): void {
  const where = origin.kind === 'spec' ? definition.locate(['spec', 'cilium', key]) : definition.ciliumConfig?.where;
  const obsolete = obsoleteKeys[key];
  if (obsolete !== undefined && Object.hasOwn(obsoleteKeys, key)) {
    if (origin.kind === 'spec') problems.add(`spec.cilium.${key}: no key of this Cilium version`, where, obsolete);
    else {
      problems.note('warning', `cilium-config: ${key} is a key of an older Cilium: ${obsolete}`, where);
      if (key === 'tunnel') translateTunnel(raw, value);
    }
    return;
  }
  const kind = ciliumKeys().get(key);
  if (kind === undefined) {
    const near = closest(key, [...ciliumKeys().keys()]);
    problems.note(
      'warning',
      `cilium option ${key} is not known here and has no effect${near ? `; did you mean ${near}?` : ''}`,
      where,
    );
  } else {
    const expected = mismatch(kind, value);
    if (expected !== undefined) {
      const hint = Array.isArray(kind) ? nearest(value, kind) : undefined;
      const name = origin.kind === 'spec' ? `spec.cilium.${key}` : `cilium-config: ${key}`;
      if (origin.kind === 'spec' || !legacyKpr(raw, key, value, problems, where))
        problems.add(`${name}: expected ${expected}, got ${JSON.stringify(value)}`, where, hint);
      return;
    }
    if (notSimulated.has(key) && kind === 'bool' && isTrue(value))
      problems.note('warning', `cilium option ${key} is not simulated: packets go as if it were off`, where);
  }
  raw.set(key, value);
}

/** `tunnel: vxlan|geneve|disabled`, up to Cilium 1.14. */
function translateTunnel(raw: Map<string, string>, value: string): void {
  raw.set('routing-mode', value === 'disabled' ? 'native' : 'tunnel');
  if (value === 'vxlan' || value === 'geneve') raw.set('tunnel-protocol', value);
}

/** `strict`, `partial`, `probe` and `disabled` of dumps from before Cilium 1.16. */
function legacyKpr(
  raw: Map<string, string>,
  key: string,
  value: string,
  problems: Problems,
  where: Parameters<Problems['note']>[2],
): boolean {
  if (key !== 'kube-proxy-replacement' || !['strict', 'partial', 'probe', 'disabled'].includes(value)) return false;
  const now = value === 'strict' ? 'true' : 'false';
  problems.note('warning', `cilium-config: kube-proxy-replacement: ${value} is read as ${now}`, where);
  raw.set(key, now);
  return true;
}

/** Of a flag's values, as Go's strconv.ParseBool takes them. */
function isTrue(value: string): boolean {
  return /^(1|t)/i.test(value);
}

/** What the value should have been; undefined when it is fine. An empty text means "not set", as in Go flags' files. */
function mismatch(kind: KeyKind, value: string): string | undefined {
  if (typeof kind !== 'string') return kind.includes(value) ? undefined : `one of ${kind.join(', ')}`;
  if (kind === 'text') return undefined;
  if (kind === 'bool')
    return /^(true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.test(value) ? undefined : 'true or false';
  if (value === '') return undefined;
  switch (kind) {
    case 'int':
      return /^\d{1,15}$/.test(value) ? undefined : 'a whole number';
    case 'port':
      return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? undefined : 'a port number from 0 to 65535';
    case 'duration':
      return /^(0|-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(value) ? undefined : 'a duration such as 30s or 5m0s';
    case 'port-range':
      return portRange(value) ? undefined : 'a port range such as 32768-60999';
    case 'cidr4':
    case 'cidr6': {
      const prefix = value.includes('/') ? parsePrefix(value) : undefined;
      const family = kind === 'cidr4' ? 'number' : 'string';
      return typeof prefix?.ip === family
        ? undefined
        : `an ${kind === 'cidr4' ? 'IPv4' : 'IPv6'} prefix such as ${kind === 'cidr4' ? '10.0.0.0/8' : 'fd00::/104'}`;
    }
    case 'cidrs':
      return value.split(/[\s,]+/).every((word) => word.includes('/') && parsePrefix(word))
        ? undefined
        : 'prefixes such as 10.0.0.0/8';
    case 'ip4':
      return typeof parseIp(value) === 'number' ? undefined : 'an IPv4 address';
    case 'ip6':
      return typeof parseIp(value) === 'string' ? undefined : 'an IPv6 address';
  }
}

/** What the configuration depends on besides its own keys. */
export interface ConfigContext {
  readonly spec: ClusterSpec;
  readonly profile: Profile;
  readonly families: readonly (4 | 6)[];
  readonly podCidrs: readonly Prefix[];
  /** The nodes can talk IPv4 to each other. */
  readonly underlay4: boolean;
}

export function resolveCilium(
  raw: ReadonlyMap<string, string>,
  context: ConfigContext,
  definition: Definition,
  problems: Problems,
): CiliumConfig {
  const text = (key: string, fallback: string) => raw.get(key) || fallback;
  const flag = (key: string, fallback: boolean) => (raw.has(key) ? isTrue(raw.get(key)!) : fallback);
  const number = (key: string, fallback: number) => Number(raw.get(key) || fallback);
  const {spec, families} = context;

  const routingMode = text('routing-mode', 'tunnel') as CiliumConfig['routingMode'];
  const tunnelProtocol = text('tunnel-protocol', 'vxlan') as CiliumConfig['tunnelProtocol'];
  const kubeProxyReplacement = context.profile !== 'kube-proxy' && flag('kube-proxy-replacement', false);
  const masquerade4 = families.includes(4) && flag('enable-ipv4-masquerade', true);
  const masquerade6 = families.includes(6) && flag('enable-ipv6-masquerade', true);
  const bpfMasquerade = flag('enable-bpf-masquerade', false) && (masquerade4 || masquerade6);
  const egressGateway =
    flag('enable-egress-gateway', flag('enable-ipv4-egress-gateway', false)) && bpfMasquerade && kubeProxyReplacement;
  const underlayFamily = chooseUnderlay(text('underlay-protocol', 'auto'), context, definition, problems);
  if (egressGateway && underlayFamily === 6)
    problems.add(
      'egress gateway requires an IPv4 underlay',
      definition.locate(['spec', 'cilium', 'underlay-protocol']),
    );
  const config: CiliumConfig = {
    version: spec.ciliumVersion ?? '1.20.2',
    commit: spec.ciliumCommit ?? 'e0dc92bd',
    clusterName: text('cluster-name', 'default'),
    clusterId: number('cluster-id', 0),
    routingMode,
    tunnelProtocol,
    tunnelPort: number('tunnel-port', 0) || (tunnelProtocol === 'geneve' ? 6081 : 8472),
    tunnelSourcePorts: portRange(text('tunnel-source-port-range', '0-0')) ?? [0, 0],
    underlayFamily,
    deviceMtu: context.profile === 'kube-proxy' ? 0 : number('mtu', 0),
    fixedVni: spec.fixedVni,
    enableIpv4: families.includes(4),
    enableIpv6: families.includes(6),
    kubeProxyReplacement,
    socketLb: socketLb(raw, kubeProxyReplacement, flag),
    lbAlgorithm: text('bpf-lb-algorithm', 'random') as CiliumConfig['lbAlgorithm'],
    maglevTableSize: number('bpf-lb-maglev-table-size', 16381),
    maglevHashSeed: text('bpf-lb-maglev-hash-seed', 'JLfvgnHc2kaSUFaI'),
    lbMode: text('bpf-lb-mode', 'snat') as CiliumConfig['lbMode'],
    dsrDispatch: text('bpf-lb-dsr-dispatch', 'opt') as CiliumConfig['dsrDispatch'],
    lbExternalClusterIp: flag('bpf-lb-external-clusterip', false),
    noBackendResponse: text('service-no-backend-response', 'reject') as CiliumConfig['noBackendResponse'],
    sourceIpVerification: flag('enable-source-ip-verification', true),
    nodePortRange: nodePortRange(raw, definition, problems),
    masquerade4,
    masquerade6,
    bpfMasquerade,
    ipMasqAgent: flag('enable-ip-masq-agent', false) ? masqPrefixes(spec, definition, problems) : undefined,
    nativeRoutingCidr4: nativeCidr('ipv4-native-routing-cidr', 4, raw, context),
    nativeRoutingCidr6: nativeCidr('ipv6-native-routing-cidr', 6, raw, context),
    // the agent falls back to the stack where it cannot masquerade and balance on its own (daemon/cmd/daemon_main.go)
    hostLegacyRouting:
      flag('enable-host-legacy-routing', false) ||
      !kubeProxyReplacement ||
      ((masquerade4 || masquerade6) && !bpfMasquerade),
    autoDirectNodeRoutes: flag('auto-direct-node-routes', false),
    endpointRoutes: flag('enable-endpoint-routes', false),
    localNodeRoute: flag('enable-local-node-route', true),
    endpointHealthChecking: flag('enable-health-checking', true) && flag('enable-endpoint-health-checking', true),
    ipam: text('ipam', 'cluster-pool'),
    // packets to an egress gateway are encapsulated in native mode too (pkg/egressgateway/cell.go)
    tunnelOverhead: routingMode === 'native' && !egressGateway ? 0 : underlayFamily === 4 ? 50 : 70,
    enablePolicy: text('enable-policy', 'default') as CiliumConfig['enablePolicy'],
    hubble: flag('enable-hubble', false),
    envoy: !flag('enable-l7-proxy', true) ? 'off' : flag('external-envoy-proxy', false) ? 'external' : 'embedded',
    tcx: flag('enable-tcx', true),
    raw: Object.fromEntries([...raw].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  checkConfig({...config, egressGateway}, definition, problems);
  return config;
}

/** `LOW-HIGH`, two ports in order, as the agent and the tunnel drivers take them. */
function portRange(value: string): [number, number] | undefined {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(value);
  const [low, high] = [Number(match?.[1]), Number(match?.[2])];
  return low <= high && high <= 65535 ? [low, high] : undefined;
}

/** What tunnels run over: IPv4 where the nodes have it, unless told (pkg/datapath/tunnel/tunnel.go newConfig, v1.20). */
function chooseUnderlay(
  told: string,
  {families, underlay4}: ConfigContext,
  definition: Definition,
  problems: Problems,
): 4 | 6 {
  if (told === 'auto') return underlay4 ? 4 : 6;
  const family = told === 'ipv6' ? 6 : 4;
  if (!families.includes(family))
    problems.add(
      `underlay protocol set to IPv${family}, but IPv${family} is disabled`,
      definition.locate(['spec', 'cilium', 'underlay-protocol']) ?? definition.ciliumConfig?.where,
      `set enable-ipv${family}: true, or underlay-protocol: auto`,
    );
  return family;
}

/**
 * Kube-proxy replacement turns socket LB on, even against `bpf-lb-sock: false` (pkg/kpr/kpr.go). Here an explicit false leaves it to
 * the host's own sockets, as AKS has it: the packets of pods are translated one by one.
 */
function socketLb(
  raw: ReadonlyMap<string, string>,
  kubeProxyReplacement: boolean,
  flag: (key: string, fallback: boolean) => boolean,
): CiliumConfig['socketLb'] {
  if (flag('bpf-lb-sock', kubeProxyReplacement)) return flag('bpf-lb-sock-hostns-only', false) ? 'hostns-only' : 'full';
  return kubeProxyReplacement && raw.has('bpf-lb-sock') ? 'hostns-only' : 'off';
}

function nodePortRange(
  raw: ReadonlyMap<string, string>,
  definition: Definition,
  problems: Problems,
): readonly [number, number] {
  const text = raw.get('node-port-range');
  if (!text) return [30000, 32767];
  const match = /^\s*(\d{1,5})\s*[-,]\s*(\d{1,5})\s*$/.exec(text);
  const [low, high] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (low > 0 && low <= high && high <= 65535) return [low, high];
  problems.add(
    `node-port-range: expected two ports such as 30000,32767, got ${JSON.stringify(text)}`,
    definition.locate(['spec', 'cilium', 'node-port-range']),
  );
  return [30000, 32767];
}

/** In native mode what is not masqueraded defaults to the pods' own range; the agent would ask for it. */
function nativeCidr(
  key: string,
  family: 4 | 6,
  raw: ReadonlyMap<string, string>,
  {podCidrs, families, profile}: ConfigContext,
): Prefix | undefined {
  const text = raw.get(key);
  if (text) return parsePrefix(text);
  if (!families.includes(family) || raw.get('routing-mode') !== 'native' || profile === 'kube-proxy') return undefined;
  return podCidrs.find((prefix) => (typeof prefix.ip === 'number' ? 4 : 6) === family);
}

/** pkg/ipmasq/ipmasq.go: the list where none is configured, and link-local unless it is to be masqueraded. */
const defaultNonMasquerade = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
];

function masqPrefixes(spec: ClusterSpec, definition: Definition, problems: Problems): Prefix[] {
  const given = spec.ipMasqAgent?.nonMasqueradeCIDRs;
  const texts = given === undefined ? defaultNonMasquerade : listOf(given);
  const linkLocal = [
    ...(spec.ipMasqAgent?.masqLinkLocal ? [] : ['169.254.0.0/16']),
    ...(spec.ipMasqAgent?.masqLinkLocalIPv6 ? [] : ['fe80::/10']),
  ];
  return [...texts, ...linkLocal].flatMap((text) => {
    const prefix = parsePrefix(text);
    if (prefix) return [prefix];
    problems.add(
      `nonMasqueradeCIDRs: expected a prefix such as 10.0.0.0/8, got ${JSON.stringify(text)}`,
      definition.locate(['spec', 'ipMasqAgent', 'nonMasqueradeCIDRs']),
    );
    return [];
  });
}

/** `a`, `[a, b]` or `"a, b"` → list. */
export function listOf(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  const list = typeof value === 'string' ? value.split(',') : value.flatMap((item) => item.split(','));
  return list.map((item) => item.trim()).filter((item) => item !== '');
}
