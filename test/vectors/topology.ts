/** The node that a vector file was measured on, from the topology file beside it and the file's profile. */
import type {CiliumConfig, ClusterNode} from '../../src/cluster/model.js';
import {createIpcache} from '../../src/control/ipcache.js';
import {maglevSeeds, maglevTable} from '../../src/control/maglev.js';
import type {
  Backend,
  Device,
  EndpointInfo,
  Frontend,
  NodeState,
  PolicyMap,
  ServiceMaps,
} from '../../src/control/model.js';
import {serviceFlags} from '../../src/control/model.js';
import {createServiceMaps} from '../../src/control/service-maps.js';
import type {ProgramConfig} from '../../src/datapath/bpf/program.js';
import {type Ip, isIp4, maskIp, type Prefix, parseIp, parseMac, parsePrefix} from '../../src/wire/addr.js';
import type {Profile, Topology, TopologyNode} from './format.js';

/** `JLfvgnHc2kaSUFaI`, upstream's default seed. */
const MAGLEV_SEED = 'JLfvgnHc2kaSUFaI';
export const HOST_ENDPOINT = 99;

/** Changes to the services that a vector's text asks for. */
export interface ServiceChange {
  readonly wildcards?: boolean;
  readonly affinity?: boolean;
  readonly maglevByService?: boolean;
}

export interface Bench {
  readonly topology: Topology;
  readonly nodeName: string;
  /** `pods`: addresses of pods that the node has besides the topology's. */
  state(services: ServiceChange, policies: ReadonlyMap<number, PolicyMap>, pods?: readonly string[]): NodeState;
  readonly program: Partial<ProgramConfig>;
}

/**
 * The options of a file under one spelling, whether it names them as cilium-config does (`enable-ipv6`), as the programs'
 * #defines (`ENABLE_IPV6`) or plainly (`ipv6`). An option that a define turns on by being there has the value '' or 1.
 */
export function normalise(profile: Profile): Profile {
  return Object.fromEntries(
    Object.entries(profile).map(([key, value]) => [
      key
        .toLowerCase()
        .replaceAll('-', '_')
        .replace(/^enable_/, '')
        .replace(/^bpf_(?=lb_|ct_)/, ''),
      value === '' && /^[A-Z0-9_]+$/.test(key) ? true : value,
    ]),
  );
}

/** Options that need maps which no file has, or programs that are not here; on, they make a file's results other ones. */
const UNSUPPORTED = [
  'wireguard',
  'ipsec',
  'encryption',
  'srv6',
  'vtep',
  'nat_46x64_gateway',
  'multicast',
  'netkit',
  'l2_announcements',
  'host_firewall',
  'egress_gateway',
  'l7_lb',
  'tproxy',
  'cluster_aware_addressing',
];

/** Those of the options that are on. */
export function unsupportedOptions(profile: Profile): readonly string[] {
  const known = normalise(profile);
  return UNSUPPORTED.filter((key) => on(known, false, key));
}

function text(profile: Profile, ...keys: string[]): string {
  for (const key of keys) {
    const value = profile[key.replace(/^enable_/, '')];
    if (value !== undefined && value !== null) return String(value).toLowerCase();
  }
  return '';
}

function on(profile: Profile, fallback: boolean, ...keys: string[]): boolean {
  const value = text(profile, ...keys);
  return value === '' ? fallback : !['false', '0', 'off', 'no', 'none', 'disabled'].includes(value);
}

/** `geneve`, `vxlan` or `native`, of the profile or else of the file name. */
export function modeOf(profile: Profile, fileName: string): 'geneve' | 'vxlan' | 'native' {
  if (text(profile, 'mode', 'routing_mode').includes('native')) return 'native';
  const said = text(profile, 'mode', 'tunnel', 'tunnel_protocol', 'routing_mode') || fileName.toLowerCase();
  return said.includes('vxlan') ? 'vxlan' : said.includes('native') ? 'native' : 'geneve';
}

/** The maps of `node` in this mode; those of the other tunnel protocol are the same, those of native are derived. */
function nodeMaps(topology: Topology, node: string, mode: string): TopologyNode {
  const {nodes} = topology;
  const exact = nodes[`${node}-${mode}`];
  if (exact) return exact;
  const tunnelled = nodes[`${node}-geneve`] ?? nodes[`${node}-vxlan`];
  if (!tunnelled) {
    const any = Object.entries(nodes).find(([name]) => name.startsWith(node))?.[1];
    if (!any) throw new Error(`topology.json has no maps of ${node}`);
    return any;
  }
  if (mode !== 'native') return tunnelled;
  const cilium_ipcache_v2 = tunnelled.cilium_ipcache_v2.map((entry) => ({
    ...entry,
    tunnel_endpoint: null,
    flag_has_tunnel_ep: 0,
  }));
  return {...tunnelled, cilium_ipcache_v2};
}

/** The index of the device by the first of its names that the file has; 0: none. */
function deviceOf({devices}: Topology, ...names: string[]): number {
  for (const name of names) if (devices[name] !== undefined) return devices[name];
  return 0;
}

function prefixOf(value: unknown): Prefix | undefined {
  return typeof value === 'string' ? parsePrefix(value) : undefined;
}

function mac(value: string | readonly string[] | undefined): number {
  return (typeof value === 'string' && parseMac(value)) || 0;
}

/** cilium_host and cilium_net of node N have the MACs of node1's with N in the fifth byte. */
function numberedMac(topology: Topology, device: string, node: string): number {
  const own = topology.macs[`${device} ${node}`];
  if (own) return mac(own);
  const first = String(topology.macs[`${device} node1`] ?? '');
  return mac(first.replace(/01(:..)$/, `${node.replace(/\D/g, '').padStart(2, '0')}$1`));
}

export function createBench(topology: Topology, given: Profile, nodeName: string, fileName: string): Bench {
  const profile = normalise(given);
  const mode = modeOf(profile, fileName);
  const maps = nodeMaps(topology, nodeName, mode);
  const ips = maps.cilium_lxc.filter((e) => e.flags & 1).map((e) => parseIp(e.addr)!);
  const ownIps = maps.cilium_ipcache_v2.filter((e) => e.identity === 1).map((e) => parsePrefix(e.prefix)!.ip);
  const nodeIps = ownIps.filter((ip) => isIp4(ip));
  const router = String(topology.settings[`router_ip_${nodeName}`] ?? '');
  const routerIp4 = parseIp(router) ?? ips.find(isIp4);
  const routerIp6 = ips.find((ip) => !isIp4(ip));
  const nodeIp = nodeIps.find((ip) => ip !== routerIp4) ?? ips.find((ip) => ip !== routerIp4)!;
  const nodeIp6 = ownIps.find((ip) => !isIp4(ip) && ip !== routerIp6);
  const tunnelIfindex = topology.devices['tunnel device'] ?? 5;
  const ipv6 = on(profile, false, 'ipv6', 'enable_ipv6');
  const encap = mode !== 'native';
  const seeds = maglevSeeds(MAGLEV_SEED)!;
  const life = topology.settings.ct_lifetimes_s;
  const range = (profile.nodeport_range as [number, number] | undefined) ?? topology.settings.nodeport_range;
  const nodePort = on(profile, true, 'kube_proxy_replacement', 'kpr', 'nodeport');
  const bpfMasquerade = on(profile, nodePort, 'bpf_masquerade', 'masquerade', 'masquerade_ipv4');
  const world = Number(profile.world_identity ?? 2) || 2;
  const dual = ipv6 && on(profile, true, 'ipv4', 'enable_ipv4');
  const dispatch = text(profile, 'dsr_dispatch', 'dsr_mode', 'dsr');
  const lbMode =
    text(profile, 'lb_mode', 'nodeport_mode') || (dispatch === '' || dispatch === 'false' ? 'snat' : 'dsr');
  const device = (name: string, ifindex: number, address: number, tunnel?: Device['tunnel']): Device =>
    ({
      ifindex,
      name,
      kind: tunnel ? (mode === 'vxlan' ? 'vxlan' : 'geneve') : 'veth',
      mac: address,
      tunnel,
      addresses: [],
    }) as unknown as Device;
  const devices = [
    device('eth0', topology.devices.eth0 ?? 2, mac(topology.macs[`eth0 ${nodeName}`])),
    device('cilium_net', topology.devices.cilium_net ?? 3, numberedMac(topology, 'cilium_net', nodeName)),
    device('cilium_host', topology.devices.cilium_host ?? 4, numberedMac(topology, 'cilium_host', nodeName)),
  ];

  const program: Partial<ProgramConfig> = {
    ipv4: on(profile, true, 'ipv4', 'enable_ipv4'),
    ipv6,
    worldIdentity4: dual ? 9 : world,
    worldIdentity6: dual ? 10 : world,
    tunnel: encap,
    encap: encap || dispatch.includes('geneve'),
    tunnelProtocol: mode === 'vxlan' ? 'vxlan' : 'geneve',
    tunnelPort: Number(profile.tunnel_port ?? (mode === 'vxlan' ? 8472 : 6081)),
    fixedVni: undefined,
    nodePort,
    nodePortRange: range,
    hostRouting: on(profile, true, 'bpf_host_routing', 'host_routing'),
    endpointRoutes: on(profile, false, 'endpoint_routes'),
    perPacketLb: on(profile, true, 'per_packet_lb'),
    masquerade4: bpfMasquerade,
    masquerade6: bpfMasquerade && ipv6,
    masqueradeIp4: nodeIp,
    masqueradeIp6: nodeIp6,
    exclusion4: parsePrefix(topology.settings.masquerade_exclusion_cidr),
    exclusion6: prefixOf(topology.settings.masquerade_exclusion_cidr_ipv6),
    ipMasqAgent: [],
    remoteNodeMasquerade: on(profile, false, 'remote_node_masquerade', 'enable_remote_node_masquerade'),
    natPorts: [range[1] + 1, topologyMaxPort(topology)],
    dsr: lbMode === 'snat' || !nodePort ? 'off' : lbMode === 'hybrid' ? 'by-service' : 'always',
    dsrDispatch: dispatch.includes('ipip') ? 'ipip' : dispatch.includes('geneve') ? 'geneve' : 'opt',
    routerIp4,
    routerIp6,
    directIp4: nodeIp,
    directIp6: nodeIp6,
    tunnelIfindex,
    hostIfindex: topology.devices.cilium_host ?? 4,
    netIfindex: topology.devices.cilium_net ?? 3,
    ipip4Ifindex: deviceOf(topology, 'cilium_ipip4', 'ipip4', 'ipip device'),
    ipip6Ifindex: deviceOf(topology, 'cilium_ipip6', 'ip6tnl', 'ipip6'),
    tunnelMac: mac(topology.macs['tunnel device']),
    hostMac: numberedMac(topology, 'cilium_host', nodeName),
    netMac: numberedMac(topology, 'cilium_net', nodeName),
    loopback4: parseIp(topology.settings.service_loopback_ipv4)!,
    defaultAlgorithm: text(profile, 'lb_algorithm', 'lb_selection', 'maglev').match(/maglev|true|1/)
      ? 'maglev'
      : 'random',
    algorithmByService: on(profile, true, 'lb_selection_per_service'),
    maglevTableSize: topology.settings.maglev_table_size,
    hashSeed4: Number(profile.hash_init4_seed ?? seeds.jhash4),
    hashSeed6: Number(profile.hash_init6_seed ?? seeds.jhash6),
    rejectNoBackend: on(profile, true, 'no_backend_reject'),
    noBackendRoutable: true,
    sourceIpVerification: on(
      profile,
      topology.settings.source_ip_verification,
      'source_ip_verification',
      'enable_source_ip_verification',
    ),
    policyDenyResponse: on(profile, false, 'policy_deny_response'),
    policyAudit: on(profile, false, 'policy_audit_mode', 'policy_audit'),
    accounting: on(profile, false, 'conntrack_accounting', 'ct_accounting', 'accounting'),
    sctp: on(profile, false, 'sctp', 'enable_sctp'),
    extendedProtocols: on(
      profile,
      false,
      'extended_protocols',
      'extended_ip_protocols',
      'enable_extended_ip_protocols',
    ),
    fragments4: on(profile, true, 'fragment_tracking', 'ipv4_fragments', 'enable_ipv4_fragments'),
    fragments6: on(profile, true, 'fragment_tracking', 'ipv6_fragments', 'enable_ipv6_fragments'),
    lifetimes: {
      tcp: life.tcp!,
      any: life.other!,
      syn: life.syn!,
      close: life.close!,
      serviceTcp: life.service_tcp!,
      serviceAny: life.service_other!,
      serviceCloseGrace: 60,
      report: life.report_interval!,
    },
    hostEndpointId: HOST_ENDPOINT,
    monitorAggregation: Number(profile.monitor_aggregation ?? 0) || 0,
  };

  const endpoints = new Map<Ip, EndpointInfo>();
  for (const e of maps.cilium_lxc) {
    const ip = parseIp(e.addr)!;
    endpoints.set(ip, {
      ip,
      ifindex: e.ifindex,
      endpointId: e.endpoint_id,
      isHost: (e.flags & 1) !== 0,
      mac: mac(e.mac),
      nodeMac: mac(e.node_mac),
      identity: e.sec_id,
    });
  }
  const ipcache = createIpcache(
    maps.cilium_ipcache_v2.map((e) => ({
      prefix: parsePrefix(e.prefix) as Prefix,
      identity: e.identity,
      tunnelEndpoint: e.tunnel_endpoint ? parseIp(e.tunnel_endpoint)! : 0,
      hasTunnel: e.flag_has_tunnel_ep === 1,
      skipTunnel: e.flag_skip_tunnel === 1,
      encryptKey: 0,
    })),
  );
  const node = {
    name: nodeName,
    ips: [nodeIp],
    routerIps: [routerIp4, routerIp6].filter((ip) => ip !== undefined),
    podCidrs: [],
  } as unknown as ClusterNode;
  const config = {
    raw: {},
    maglevHashSeed: MAGLEV_SEED,
    lbMode,
    socketLb: 'full',
    nodePortRange: range,
    tunnelProtocol: program.tunnelProtocol,
  } as unknown as CiliumConfig;

  return {
    topology,
    nodeName,
    program,
    state: (services, policies, pods = []) => ({
      cluster: {} as NodeState['cluster'],
      node,
      config,
      host: {devices, routes: [], rules: [], neighbours: []},
      pods: [],
      endpoints: withPods(endpoints, pods, routerIp4),
      endpointsById: new Map([...endpoints.values()].filter((e) => e.endpointId !== 0).map((e) => [e.endpointId, e])),
      ipcache,
      services: serviceMaps(maps, services),
      policies,
    }),
  };
}

/** Adds pods of this node's pod network (the /24 of its router) that have no endpoint yet. */
function withPods(
  endpoints: ReadonlyMap<Ip, EndpointInfo>,
  pods: readonly string[],
  router: Ip | undefined,
): ReadonlyMap<Ip, EndpointInfo> {
  const added = new Map(endpoints);
  for (const pod of pods) {
    const ip = parseIp(pod)!;
    if (router === undefined || maskIp(ip, 24) !== maskIp(router, 24) || added.has(ip)) continue;
    added.set(ip, {ip, ifindex: 0, endpointId: 0, isHost: false, mac: 0, nodeMac: 0, identity: 0});
  }
  return added;
}

function topologyMaxPort(topology: Topology): number {
  const range = topology.settings.nat_port_range as readonly [number, number] | undefined;
  return range?.[1] ?? 65535;
}

function serviceMaps(maps: TopologyNode, change: ServiceChange): ServiceMaps {
  const masters = maps.services.filter((entry) => entry.slot === 0);
  const backends = new Map<number, Backend>();
  for (const b of maps.backends) {
    backends.set(b.id, {id: b.id, ip: parseIp(b.addr)!, port: b.port, protocol: 6, state: 'active'});
  }
  const frontends: Frontend[] = masters.map((master) => {
    const slots = maps.services
      .filter(
        (entry) =>
          entry.slot > 0 &&
          entry.vip === master.vip &&
          entry.port === master.port &&
          entry.proto === master.proto &&
          entry.scope === master.scope,
      )
      .sort((a, b) => a.slot - b.slot);
    const own = slots.map((slot) => backends.get(slot.backend_id_or_alg)!);
    const algorithm = change.maglevByService ? 2 : master.backend_id_or_alg >>> 24;
    return {
      id: master.rev_nat_index,
      ip: parseIp(master.vip)!,
      port: master.port,
      protocol: master.proto,
      scope: master.scope === 0 ? 'external' : 'internal',
      type: master.flags & serviceFlags.nodePort ? 'NodePort' : 'ClusterIP',
      flags: change.affinity ? master.flags | serviceFlags.affinity : master.flags,
      flags2: master.flags2,
      algorithm: algorithm === 1 || algorithm === 2 ? algorithm : 0,
      affinityTimeout: change.affinity ? 10800 : master.backend_id_or_alg & 0xffffff,
      backends: own,
      count: master.count,
      sourceRanges: [],
      maglev: own.length > 0 ? memo(() => maglevTable(own, 16381, maglevSeeds(MAGLEV_SEED)!.murmur)) : undefined,
    };
  });
  if (change.wildcards) {
    for (const ip of new Set(frontends.filter((f) => f.type === 'ClusterIP').map((f) => f.ip))) {
      frontends.push({
        id: 0,
        ip,
        port: 0,
        protocol: 0,
        scope: 'external',
        type: 'ClusterIP',
        flags: 0,
        flags2: 0,
        algorithm: 0,
        affinityTimeout: 0,
        backends: [],
        count: 0,
        sourceRanges: [],
        maglev: undefined,
      });
    }
  }
  return createServiceMaps(frontends, backends);
}

function memo<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
