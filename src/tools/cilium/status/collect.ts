/**
 * Node state → agent status. What a live agent measures is derived from the model's clock by fixed rules:
 * the agent started 1h2m3s before the epoch; what repeats last ran at the last multiple of its interval since then; what
 * runs once ran at the start. Flows are counted only when `--traffic` asks for a run, else none has been seen.
 */
import type {CiliumConfig, ClusterNode} from '../../../cluster/model.js';
import type {Device, NodeState} from '../../../control/model.js';
import {formatIp, formatPrefix, type Ip, ipBits, isIp4, type Prefix} from '../../../wire/addr.js';
import {MONITOR_PAGES} from '../config.js';
import {nodeFullName} from '../list/node.js';
import {controllers, modules} from './activity.js';
import {bpfMaps} from './bpf-maps.js';
import type {AgentStatus, Health, KprFeatures, StateMessage} from './model.js';

/** ns. */
export const AGENT_UPTIME = 3723e9;
const SECOND = 1e9;
/** Hubble's ring buffer (hubble-event-buffer-capacity). */
const HUBBLE_CAPACITY = 4095;
const PAGE_SIZE = 4096;

export interface Seen {
  /** Flow events of the run on this node. */
  readonly flows: number;
  /** Virtual time when it ended, ns. */
  readonly time: number;
}

export function agentStatus(state: NodeState, seen: Seen = {flows: 0, time: 0}): AgentStatus {
  const {cluster, config, node} = state;
  const {raw} = config;
  const on = (key: string) => raw[key] === 'true';
  const uptime = AGENT_UPTIME + seen.time;
  const configured = raw['datapath-mode'] || 'veth';
  return {
    kvstore: kvstore(config),
    kubernetes: {state: 'Ok', msg: kubernetesVersion(cluster.kubernetes), apis: apiGroups(config)},
    kubeProxyReplacement: {
      mode: config.kubeProxyReplacement ? 'True' : 'False',
      devices: selectedDevices(state),
      directRoutingDevice: raw['direct-routing-device'] || 'eth0',
      features: kprFeatures(config),
    },
    hostFirewall: on('enable-host-firewall') ? 'Enabled' : 'Disabled',
    srv6: {enabled: on('enable-srv6'), encapMode: raw['srv6-encap-mode'] || 'reduced'},
    cniChaining: raw['cni-chaining-mode'] || 'none',
    cniFile: {
      state: 'Ok',
      msg: `successfully wrote CNI configuration file to ${raw['write-cni-conf-when-ready'] || '/host/etc/cni/net.d/05-cilium.conflist'}`,
    },
    cilium: {state: 'Ok', msg: `${config.version} (v${config.version}${config.commit ? `-${config.commit}` : ''})`},
    nodeMonitor: {cpus: node.cpus, pages: MONITOR_PAGES, pageSize: PAGE_SIZE},
    healthDaemon: {state: 'Ok', msg: ''},
    ipam: ipam(state),
    bigTcp4: {enabled: on('enable-ipv4-big-tcp'), max: 196_608},
    bigTcp6: {enabled: on('enable-ipv6-big-tcp'), max: 196_608},
    bandwidthManager: {
      enabled: on('enable-bandwidth-manager'),
      congestionControl: on('enable-bbr') ? 'bbr' : 'cubic',
    },
    routing: {
      network: config.routingMode === 'tunnel' ? 'Tunnel' : 'Native',
      host: config.hostLegacyRouting ? 'Legacy' : 'BPF',
      tunnelProtocol: config.tunnelProtocol,
    },
    attachMode: config.tcx && kernelHasTcx(node) ? 'tcx' : 'tc',
    // the simulated pods always hang on veth pairs
    deviceMode: 'veth',
    configuredDeviceMode: configured,
    masquerading: {
      mode: config.bpfMasquerade ? 'BPF' : 'iptables',
      ipMasqAgent: config.ipMasqAgent !== undefined,
      ipv4: config.masquerade4,
      ipv6: config.masquerade6,
      exclusion4: config.enableIpv4 ? exclusion(config.nativeRoutingCidr4, node, 4) : '',
      exclusion6: config.enableIpv6 ? exclusion(config.nativeRoutingCidr6, node, 6) : '',
    },
    controllers: controllers(state, uptime),
    proxy: config.envoy === 'off' ? undefined : {ip: routerIp(node), envoy: config.envoy},
    identityRange: identityRange(config.clusterId),
    hubble: config.hubble
      ? {
          seen: seen.flows,
          max: Number(raw['hubble-event-buffer-capacity']) || HUBBLE_CAPACITY,
          uptime,
          metrics: (raw['hubble-metrics'] ?? '') !== '',
        }
      : undefined,
    bpfMaps: bpfMaps(raw),
    health: config.endpointHealthChecking ? health(state, seen.time) : undefined,
    modules: modules(state, uptime),
    now: BigInt(cluster.epoch) * BigInt(SECOND) + BigInt(Math.round(seen.time)),
  };
}

/** Minor version of Cilium; texts changed with it. */
export function minorVersion({version}: Pick<CiliumConfig, 'version'>): number {
  const [major = 1, minor = 0] = version.split('.').map(Number);
  return major > 1 ? Number.POSITIVE_INFINITY : minor;
}

/** Up to 1.17 a kvstore that isn't used is a healthy one. */
function kvstore(config: CiliumConfig): StateMessage {
  return minorVersion(config) >= 18 ? {state: 'Disabled', msg: ''} : {state: 'Ok', msg: 'Disabled'};
}

/** `1.35 (v1.35.1) [linux/amd64]`. */
function kubernetesVersion({version, platform}: {version: string; platform: string}): string {
  const [, major = '1', minor = ''] = /^v?(\d+)\.(\d+\+?)/.exec(version) ?? [];
  return `${major}.${minor} (${version}) [${platform}]`;
}

/** What the agent watches with CRD-backed identities and policies on. */
function apiGroups({raw}: CiliumConfig): string[] {
  const slices = raw['enable-cilium-endpoint-slice'] === 'true';
  return [
    'cilium/v2::CiliumCIDRGroup',
    'cilium/v2::CiliumClusterwideNetworkPolicy',
    ...(slices ? [] : ['cilium/v2::CiliumEndpoint']),
    'cilium/v2::CiliumNetworkPolicy',
    'cilium/v2::CiliumNode',
    ...(slices ? ['cilium/v2alpha1::CiliumEndpointSlice'] : []),
    'core/v1::Pods',
    'networking.k8s.io/v1::NetworkPolicy',
  ];
}

function selectedDevices(state: NodeState): {name: string; ips: string[]}[] {
  const text = ({name, addresses}: Device) => ({name, ips: addresses.map(({prefix}) => formatIp(prefix.ip))});
  return state.host.devices.filter(({kind}) => kind === 'physical').map(text);
}

function kprFeatures(config: CiliumConfig): KprFeatures {
  const {raw} = config;
  const on = (key: string) => raw[key] === 'true';
  const annotations = ['node', 'node-selector', 'proxy-delegation', 'src-ranges-policy', 'type'];
  if (on('bpf-lb-algorithm-annotation')) annotations.push('lb-algorithm');
  if (on('bpf-lb-mode-annotation')) annotations.push('forwarding-mode');
  const acceleration = raw['bpf-lb-acceleration'] || 'disabled';
  return {
    socketLb: config.socketLb !== 'off',
    hostnsOnly: config.socketLb === 'hostns-only',
    nodePort: config.kubeProxyReplacement
      ? {
          mode: ({snat: 'SNAT', dsr: 'DSR', hybrid: 'Hybrid'} as const)[config.lbMode],
          dsrMode: ({geneve: 'Geneve', ipip: 'IPIP', opt: 'IP Option/Extension'} as const)[config.dsrDispatch],
          algorithm: config.lbAlgorithm === 'maglev' ? 'Maglev' : 'Random',
          tableSize: config.maglevTableSize,
          acceleration: acceleration === 'testing-only' ? 'Generic' : titled(acceleration),
          min: config.nodePortRange[0],
          max: config.nodePortRange[1],
        }
      : undefined,
    annotations: config.kubeProxyReplacement ? annotations.map((name) => `service.cilium.io/${name}`).sort() : [],
  };
}

/** `best-effort` → `Best-Effort`. */
function titled(text: string): string {
  return text.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** tcx needs Linux 6.6. A kernel that isn't known is taken for new enough. */
function kernelHasTcx({info}: ClusterNode): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(info.kernelVersion) ?? [];
  return major === undefined || Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 6);
}

function exclusion(native: Prefix | undefined, node: ClusterNode, family: 4 | 6): string {
  const prefix = native ?? node.podCidrs.find(({ip}) => isIp4(ip) === (family === 4));
  return prefix ? formatPrefix(prefix) : '';
}

function routerIp(node: ClusterNode): string {
  const ip = node.routerIps[0] ?? node.ips[0];
  return ip === undefined ? '' : formatIp(ip);
}

/** Cluster N owns the identities N·65536 + 256 … + 65535. */
function identityRange(clusterId: number): {min: number; max: number} {
  const base = clusterId * 65536;
  return {min: base + 256, max: base + 65535};
}

function ipam(state: NodeState): AgentStatus['ipam'] {
  const {node, config} = state;
  const owners: [Ip, string][] = [
    ...node.routerIps.map((ip): [Ip, string] => [ip, 'router']),
    ...node.healthIps.map((ip): [Ip, string] => [ip, 'health']),
    ...state.pods.flatMap(({pod}) => pod.ips.map((ip): [Ip, string] => [ip, `${pod.namespace}/${pod.name}`])),
  ];
  const of = (family: 4 | 6) => owners.filter(([ip]) => isIp4(ip) === (family === 4)).map(([ip]) => formatIp(ip));
  const text = (family: 4 | 6, enabled: boolean) =>
    enabled ? `IPv${family}: ${allocatorText(state, family, of(family).length)}` : '';
  return {
    status: [text(4, config.enableIpv4), text(6, config.enableIpv6)].join(', '),
    allocations: owners.map(([ip, owner]) => [formatIp(ip), owner] as const),
    ipv4: config.enableIpv4 ? of(4) : undefined,
    ipv6: config.enableIpv6 ? of(6) : undefined,
  };
}

const crdModes = new Set(['azure', 'eni', 'alibabacloud', 'crd']);

/** Dump() of the node's allocator: which kind decides about the words. */
function allocatorText({node, config}: NodeState, family: 4 | 6, used: number): string {
  if (config.ipam === 'delegated-plugin') return 'delegated to plugin';
  const range = node.podCidrs.find(({ip}) => isIp4(ip) === (family === 4));
  if (!range) return `${used} allocated`;
  // network and broadcast address are not given out
  const size = 2n ** BigInt(ipBits(range.ip) - range.length) - 2n;
  const capacity = size > 0n ? size : 0n;
  return crdModes.has(config.ipam)
    ? `${used}/${capacity} allocated`
    : `${used}/${capacity} allocated from ${formatPrefix(range)}`;
}

const PROBE_BASE = 60 * SECOND;

/**
 * The health daemon's last round. A node that isn't ready counts as out of reach. The interval grows with the number of
 * probed addresses: 60 s · ln(1 + n) (pkg/health/server/prober.go, pkg/backoff).
 */
function health(state: NodeState, time: number): Health {
  const {cluster, node} = state;
  const nodes = cluster.nodes.map((other) => ({
    name: nodeFullName(cluster, other),
    local: other === node,
    reachable: other === node || other.ready,
    hostIps: other.ips.map(formatIp),
    endpointIps: other.healthIps.map(formatIp),
  }));
  const count = nodes.reduce((n, {hostIps, endpointIps}) => n + hostIps.length + endpointIps.length, 0);
  nodes.sort((a, b) => Number(b.local) - Number(a.local) || (a.name < b.name ? -1 : 1));
  return {
    timestamp: new Date((cluster.epoch + Math.floor(time / SECOND)) * 1000).toISOString().replace('.000Z', 'Z'),
    probeInterval: Math.floor(PROBE_BASE * Math.log1p(count)),
    nodes,
  };
}
