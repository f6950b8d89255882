/**
 * How the agent compiles the programs for a node: what upstream has as #defines and static data (node_config.h,
 * bpf/include/bpf/config), read from cilium-config and the node's devices.
 */
import {parseDuration} from '../../cluster/duration.js';
import type {Labels} from '../../cluster/model.js';
import {hasEgressGateway} from '../../control/egress.js';
import {hasHostFirewall} from '../../control/host-endpoint.js';
import {maglevSeeds} from '../../control/maglev.js';
import type {Device, NodeState} from '../../control/model.js';
import {hasTunnelDevice} from '../../control/tunnel.js';
import {type Ip, isIp4, type Mac, type Prefix, parseIp, parsePrefix} from '../../wire/addr.js';

export interface ProgramConfig {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** 2 in a single-stack cluster, else 9 and 10. */
  readonly worldIdentity4: number;
  readonly worldIdentity6: number;
  /** Pods of other nodes are reached through the tunnel. */
  readonly tunnel: boolean;
  /** There is a tunnel device: tunnel mode, or DSR with Geneve dispatch. */
  readonly encap: boolean;
  readonly tunnelProtocol: 'geneve' | 'vxlan';
  readonly tunnelPort: number;
  /** Pods' packets to some destinations leave through other nodes. */
  readonly egressGateway: boolean;
  /** VNI of all packets instead of the source identity. */
  readonly fixedVni: number | undefined;
  /** kube-proxy replacement: NodePort, externalIPs, LoadBalancer on the network devices. */
  readonly nodePort: boolean;
  readonly nodePortRange: readonly [number, number];
  /** Frames go between devices by redirect instead of through the stack of the host. */
  readonly hostRouting: boolean;
  readonly endpointRoutes: boolean;
  /** Pods' packets to services are translated at their lxc device. */
  readonly perPacketLb: boolean;
  /** BPF masquerading. */
  readonly masquerade4: boolean;
  readonly masquerade6: boolean;
  readonly masqueradeIp4: Ip | undefined;
  readonly masqueradeIp6: Ip | undefined;
  /** Destinations that are not masqueraded. */
  readonly exclusion4: Prefix | undefined;
  readonly exclusion6: Prefix | undefined;
  readonly ipMasqAgent: readonly Prefix[];
  readonly remoteNodeMasquerade: boolean;
  /** Source ports that SNAT may use. */
  readonly natPorts: readonly [number, number];
  readonly dsr: 'off' | 'always' | 'by-service';
  readonly dsrDispatch: 'opt' | 'ipip' | 'geneve';
  readonly routerIp4: Ip | undefined;
  readonly routerIp6: Ip | undefined;
  /** Address of the direct routing device. */
  readonly directIp4: Ip | undefined;
  readonly directIp6: Ip | undefined;
  /** Where the XDP program takes the outer source of DSR by IPIP from; undefined: the direct address. */
  readonly rss4: Prefix | undefined;
  readonly rss6: Prefix | undefined;
  /** 0 = no such device. */
  readonly tunnelIfindex: number;
  readonly hostIfindex: number;
  readonly netIfindex: number;
  readonly ipip4Ifindex: number;
  readonly ipip6Ifindex: number;
  readonly tunnelMac: Mac;
  readonly hostMac: Mac;
  readonly netMac: Mac;
  /** Source of a pod that talks to itself through a service. */
  readonly loopback4: Ip;
  readonly loopback6: Ip;
  readonly defaultAlgorithm: 'random' | 'maglev';
  /** Services choose their algorithm (bpf-lb-algorithm-annotation). */
  readonly algorithmByService: boolean;
  readonly maglevTableSize: number;
  readonly hashSeed4: number;
  readonly hashSeed6: number;
  /** Answer with ICMP port unreachable where a service has no backend. */
  readonly rejectNoBackend: boolean;
  /** false: only Local traffic policies drop, the rest passes untranslated. */
  readonly noBackendRoutable: boolean;
  readonly sourceIpVerification: boolean;
  readonly fragments4: boolean;
  readonly fragments6: boolean;
  readonly extendedProtocols: boolean;
  readonly sctp: boolean;
  readonly policyDenyResponse: boolean;
  /** Policies only tell what they would deny. */
  readonly policyAudit: boolean;
  /** Policies govern the node itself. */
  readonly hostFirewall: boolean;
  readonly arpResponder: boolean;
  /** Count packets and bytes in conntrack entries. */
  readonly accounting: boolean;
  /** Seconds. */
  readonly lifetimes: CtLifetimes;
  /** Of the host endpoint, the source of events of bpf_host. */
  readonly hostEndpointId: number;
  /** 0 every packet, 1 not what is received, 3 only changes of a connection. */
  readonly monitorAggregation: number;
}

export interface CtLifetimes {
  readonly tcp: number;
  readonly any: number;
  readonly syn: number;
  readonly close: number;
  readonly serviceTcp: number;
  readonly serviceAny: number;
  readonly serviceCloseGrace: number;
  readonly report: number;
}

/** `ipv4-service-loopback-address`, `ipv6-service-loopback-address`. */
const LOOPBACK4 = '169.254.42.1';
const LOOPBACK6 = 'fe80::1';

export function programConfig(state: NodeState): ProgramConfig {
  const {config, node, host} = state;
  const {raw} = config;
  const tunnel = config.routingMode === 'tunnel';
  const dual = config.enableIpv4 && config.enableIpv6;
  const nodePort = config.kubeProxyReplacement;
  const encap = hasTunnelDevice(config);
  const masquerade4 = config.masquerade4 && config.bpfMasquerade;
  const masquerade6 = config.masquerade6 && config.bpfMasquerade;
  const device = (name: string): Device | undefined => host.devices.find((d) => d.name === name);
  const tunnelDevice = host.devices.find((d) => d.tunnel?.external === true);
  const cilium = {host: device('cilium_host'), net: device('cilium_net')};
  const seeds = maglevSeeds(config.maglevHashSeed);
  return {
    ipv4: config.enableIpv4,
    ipv6: config.enableIpv6,
    worldIdentity4: dual ? 9 : 2,
    worldIdentity6: dual ? 10 : 2,
    tunnel,
    encap,
    tunnelProtocol: config.tunnelProtocol,
    tunnelPort: config.tunnelPort,
    egressGateway: hasEgressGateway(config),
    fixedVni: config.fixedVni,
    nodePort,
    nodePortRange: config.nodePortRange,
    // Falls back to the stack where masquerading is left to iptables, or without kube-proxy replacement.
    hostRouting:
      !config.hostLegacyRouting &&
      nodePort &&
      (!config.masquerade4 || !config.enableIpv4 || masquerade4) &&
      (!config.masquerade6 || !config.enableIpv6 || masquerade6),
    endpointRoutes: config.endpointRoutes,
    perPacketLb: config.socketLb !== 'full' || raw['enable-sctp'] === 'true',
    masquerade4: masquerade4 && config.enableIpv4,
    masquerade6: masquerade6 && config.enableIpv6,
    masqueradeIp4: node.ips.find(isIp4),
    masqueradeIp6: node.ips.find((ip) => !isIp4(ip)),
    exclusion4: config.nativeRoutingCidr4 ?? node.podCidrs.find((prefix) => isIp4(prefix.ip)),
    exclusion6: config.nativeRoutingCidr6 ?? node.podCidrs.find((prefix) => !isIp4(prefix.ip)),
    ipMasqAgent: config.ipMasqAgent ?? [],
    remoteNodeMasquerade: raw['enable-remote-node-masquerade'] === 'true',
    natPorts: [config.nodePortRange[1] + 1, 65535],
    dsr:
      !nodePort || config.lbMode === 'snat'
        ? 'off'
        : config.lbMode === 'hybrid' || raw['bpf-lb-mode-annotation'] === 'true'
          ? 'by-service'
          : 'always',
    dsrDispatch: config.dsrDispatch,
    routerIp4: node.routerIps.find(isIp4),
    routerIp6: node.routerIps.find((ip) => !isIp4(ip)),
    directIp4: node.ips.find(isIp4),
    directIp6: node.ips.find((ip) => !isIp4(ip)),
    rss4: parsePrefix(raw['bpf-lb-rss-ipv4-src-cidr'] ?? ''),
    rss6: parsePrefix(raw['bpf-lb-rss-ipv6-src-cidr'] ?? ''),
    tunnelIfindex: tunnelDevice?.ifindex ?? 0,
    hostIfindex: cilium.host?.ifindex ?? 0,
    netIfindex: cilium.net?.ifindex ?? 0,
    ipip4Ifindex: device('cilium_ipip4')?.ifindex ?? 0,
    ipip6Ifindex: device('cilium_ipip6')?.ifindex ?? 0,
    tunnelMac: tunnelDevice?.mac ?? 0,
    hostMac: cilium.host?.mac ?? 0,
    netMac: cilium.net?.mac ?? 0,
    loopback4: parseIp(raw['ipv4-service-loopback-address'] ?? LOOPBACK4)!,
    loopback6: parseIp(raw['ipv6-service-loopback-address'] ?? LOOPBACK6)!,
    defaultAlgorithm: config.lbAlgorithm,
    algorithmByService: raw['bpf-lb-algorithm-annotation'] === 'true',
    maglevTableSize: config.maglevTableSize,
    hashSeed4: seeds?.jhash4 ?? 0,
    hashSeed6: seeds?.jhash6 ?? 0,
    rejectNoBackend: config.noBackendResponse === 'reject',
    noBackendRoutable: raw['enable-no-service-endpoints-routable'] !== 'false',
    sourceIpVerification: config.sourceIpVerification,
    fragments4: raw['enable-ipv4-fragment-tracking'] !== 'false',
    fragments6: raw['enable-ipv6-fragment-tracking'] !== 'false',
    sctp: raw['enable-sctp'] === 'true',
    extendedProtocols: raw['enable-extended-ip-protocols'] === 'true',
    policyDenyResponse: raw['policy-deny-response'] === 'icmp',
    policyAudit: raw['policy-audit-mode'] === 'true',
    hostFirewall: hasHostFirewall(config),
    arpResponder: true,
    accounting: raw['bpf-conntrack-accounting'] === 'true',
    lifetimes: lifetimesOf(raw),
    hostEndpointId: state.hostEndpointId ?? 0,
    monitorAggregation: 0,
  };
}

function lifetimesOf(raw: Labels): CtLifetimes {
  const seconds = (key: string, fallback: number) => {
    const time = parseDuration(raw[key] ?? '');
    return time === undefined ? fallback : Math.floor(time / 1e9);
  };
  return {
    tcp: seconds('bpf-ct-timeout-regular-tcp', CT_LIFETIMES.tcp),
    any: seconds('bpf-ct-timeout-regular-any', CT_LIFETIMES.any),
    syn: seconds('bpf-ct-timeout-regular-tcp-syn', CT_LIFETIMES.syn),
    close: seconds('bpf-ct-timeout-regular-tcp-fin', CT_LIFETIMES.close),
    serviceTcp: seconds('bpf-ct-timeout-service-tcp', CT_LIFETIMES.serviceTcp),
    serviceAny: seconds('bpf-ct-timeout-service-any', CT_LIFETIMES.serviceAny),
    serviceCloseGrace: seconds('bpf-ct-timeout-service-tcp-grace', CT_LIFETIMES.serviceCloseGrace),
    report: seconds('monitor-aggregation-interval', CT_LIFETIMES.report),
  };
}

/** Defaults of bpf-ct-timeout-*: 2h13m20s for TCP. */
const CT_LIFETIMES: CtLifetimes = {
  tcp: 8000,
  any: 60,
  syn: 60,
  close: 10,
  serviceTcp: 8000,
  serviceAny: 60,
  serviceCloseGrace: 60,
  report: 5,
};
