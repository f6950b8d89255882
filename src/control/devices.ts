/**
 * Network devices of a node and of its pods, with the numbers a kernel would give them.
 *
 *   1 lo · 2 eth0 · 3 cilium_net@cilium_host · 4 cilium_host@cilium_net · 5 cilium_geneve | cilium_vxlan (tunnel mode)
 *   then one veth pair per endpoint: the peer is registered first, so the pod's eth0 has the lower index of the two.
 */
import type {CiliumConfig, Cluster, ClusterNode, Pod} from '../cluster/model.js';
import {type Ip, type Ip6, ipBits, isIp4, type Mac, maskIp} from '../wire/addr.js';
import {tunnelAddress} from './ipcache.js';
import type {Device, DeviceAddress, TunnelDevice} from './model.js';
import {stableMac, stableUuid} from './stable.js';
import {hasTunnelDevice} from './tunnel.js';

const LOOPBACK6: Ip6 = '\0\0\0\0\0\0\0\x01';

/** fe80::/64 and the modified EUI-64 of the MAC (RFC 4291 §2.5.6, appendix A). */
function linkLocal(mac: Mac): Ip6 {
  const [high, low] = [Math.floor(mac / 2 ** 24), mac % 2 ** 24];
  return String.fromCharCode(
    0xfe80,
    0,
    0,
    0,
    (high >>> 8) ^ 0x0200,
    ((high & 0xff) << 8) | 0xff,
    0xfe00 | (low >>> 16),
    low & 0xffff,
  );
}

function linkLocalAddress(mac: Mac): DeviceAddress {
  return {prefix: {ip: linkLocal(mac), length: 64}, scope: 'link'};
}

/** A host address, `A/32` or `A/128`. */
function hostAddress(ip: Ip, scope: DeviceAddress['scope'] = 'global'): DeviceAddress {
  return {prefix: {ip, length: ipBits(ip)}, scope};
}

/** The address of a subnet, with its broadcast address where it has one. */
function subnetAddress(ip: Ip, length: number): DeviceAddress {
  const address = {prefix: {ip, length}, scope: 'global'} as const;
  if (!isIp4(ip) || length > 30) return address;
  return {...address, broadcast: (maskIp(ip, length) as number) + 2 ** (32 - length) - 1};
}

export function loopback(): Device {
  return {
    ...plain,
    ifindex: 1,
    name: 'lo',
    kind: 'loopback',
    mac: 0,
    mtu: 65536,
    addresses: [
      {prefix: {ip: 0x7f000001, length: 8}, scope: 'host'},
      {prefix: {ip: LOOPBACK6, length: 128}, scope: 'host'},
    ],
  };
}

const plain = {
  up: true,
  noarp: false,
  altnames: [],
  numTxQueues: 1,
  numRxQueues: 1,
  qdisc: 'noqueue',
} as const;

function physical(node: ClusterNode): Device {
  return {
    ...plain,
    ifindex: 2,
    name: 'eth0',
    kind: 'physical',
    mac: node.mac,
    mtu: node.mtu,
    addresses: [
      ...node.ips.map((ip, i) => subnetAddress(ip, node.subnets[i]?.length ?? ipBits(ip))),
      linkLocalAddress(node.mac),
    ],
    numTxQueues: node.cpus,
    numRxQueues: node.cpus,
    qdisc: node.cpus > 1 ? 'mq' : 'fq_codel',
  };
}

/** MTU of the devices that the agent makes: its option mtu, else that of eth0 (cilium pkg/mtu). */
export function deviceMtu({deviceMtu: option}: CiliumConfig, node: ClusterNode): number {
  return option || node.mtu;
}

/** cilium_net and cilium_host: a NOARP veth pair, the router addresses on the second. */
function ciliumHostPair(config: CiliumConfig, node: ClusterNode): Device[] {
  const veth = {
    ...plain,
    kind: 'veth',
    mtu: deviceMtu(config, node),
    noarp: true,
    numTxQueues: node.cpus,
    numRxQueues: node.cpus,
  } as const;
  const net = stableMac(`${node.name} cilium_net`);
  const host = stableMac(`${node.name} cilium_host`);
  return [
    {
      ...veth,
      ifindex: 3,
      name: 'cilium_net',
      mac: net,
      addresses: [linkLocalAddress(net)],
      peer: {ifindex: 4, name: 'cilium_host'},
    },
    {
      ...veth,
      ifindex: 4,
      name: 'cilium_host',
      mac: host,
      addresses: [...node.routerIps.map((ip) => hostAddress(ip)), linkLocalAddress(host)],
      peer: {ifindex: 3, name: 'cilium_net'},
    },
  ];
}

/** Holds the addresses that IPVS serves; it is never up. Without a queue length, as kube-proxy makes it. */
function ipvsDevice(node: ClusterNode, ifindex: number, addresses: readonly Ip[]): Device {
  return {
    ...plain,
    ifindex,
    name: 'kube-ipvs0',
    kind: 'dummy',
    mac: stableMac(`${node.name} kube-ipvs0`),
    mtu: 1500,
    up: false,
    noarp: true,
    qdisc: 'noop',
    addresses: addresses.map((ip) => hostAddress(ip)),
  };
}

/**
 * The one tunnel device of a node: external (the programs say where to), or, with a fixed VNI, point to point to the first
 * other node, under the name the definition gives it. Geneve carries Open vSwitch's name for such a device as altname.
 */
function tunnelDevice(cluster: Cluster, node: ClusterNode): Device {
  const {tunnelProtocol: kind, tunnelPort: port, fixedVni} = cluster.cilium;
  const {tunnelDevice: own} = cluster;
  const name = own?.name ?? `cilium_${kind}`;
  const openVswitch = `genev_sys_${port}`;
  const mac = stableMac(`${node.name} ${name}`);
  const peer = fixedVni === undefined ? undefined : cluster.nodes.find((other) => other !== node);
  const tunnel: TunnelDevice = {
    external: fixedVni === undefined,
    vni: fixedVni ?? 0,
    ...(peer ? {remote: tunnelAddress(peer, cluster.cilium)} : {}),
    port,
    ttl: own?.ttl ?? 'auto',
    learning: false,
    sourcePorts: cluster.cilium.tunnelSourcePorts,
  };
  return {
    ...plain,
    ifindex: 5,
    name,
    kind,
    mac,
    mtu: deviceMtu(cluster.cilium, node),
    addresses: [linkLocalAddress(mac)],
    tunnel,
    altnames: kind === 'geneve' && name !== openVswitch ? [openVswitch] : [],
  };
}

/** Both ends of an endpoint's veth pair; `ifindex` is the pod end's, the host end has the next. */
export interface EndpointVeth {
  readonly lxc: Device;
  readonly eth0: Device;
}

export function podVeth(
  config: CiliumConfig,
  node: ClusterNode,
  pod: Pod,
  ifindex: number,
  netnsId: number,
): EndpointVeth {
  const veth = {
    ...plain,
    kind: 'veth',
    mtu: deviceMtu(config, node),
    numTxQueues: node.cpus,
    numRxQueues: node.cpus,
  } as const;
  const lxc: Device = {
    ...veth,
    ifindex: ifindex + 1,
    name: pod.device,
    mac: pod.hostMac,
    addresses: [linkLocalAddress(pod.hostMac)],
    peer: {ifindex, name: 'eth0', netns: `cni-${stableUuid(`${pod.namespace}/${pod.name}`)}`, netnsId},
    endpointId: pod.endpointId,
  };
  const eth0: Device = {
    ...veth,
    ifindex,
    name: 'eth0',
    mac: pod.mac,
    addresses: [...pod.ips.map((ip) => hostAddress(ip)), linkLocalAddress(pod.mac)],
    peer: {ifindex: ifindex + 1, name: pod.device, netnsId: 0},
  };
  return {lxc, eth0};
}

/** MACs of the health endpoint: inside its namespace and of lxc_health. */
export function healthMacs(node: ClusterNode): {readonly inside: Mac; readonly host: Mac} {
  return {inside: stableMac(`${node.name} health`), host: stableMac(`${node.name} lxc_health`)};
}

export function healthDevice(config: CiliumConfig, node: ClusterNode, ifindex: number, endpointId: number): Device {
  const mac = healthMacs(node).host;
  return {
    ...plain,
    ifindex: ifindex + 1,
    name: 'lxc_health',
    kind: 'veth',
    mac,
    mtu: deviceMtu(config, node),
    addresses: [linkLocalAddress(mac)],
    peer: {ifindex, name: 'cilium', netns: 'cilium-health', netnsId: 0},
    numTxQueues: node.cpus,
    numRxQueues: node.cpus,
    endpointId,
  };
}

/** kube-proxy translates services, in IPVS mode. */
export function runsIpvs({dataplane, cilium, kubeProxy}: Cluster): boolean {
  return kubeProxy.mode === 'ipvs' && (dataplane !== 'cilium' || !cilium.kubeProxyReplacement);
}

/** Devices of a node before any endpoint: what is there when the agents have started. `served`: addresses of kube-ipvs0. */
export function baseDevices(cluster: Cluster, node: ClusterNode, served: readonly Ip[] = []): Device[] {
  const devices = [loopback(), physical(node)];
  if (cluster.dataplane === 'cilium') {
    devices.push(...ciliumHostPair(cluster.cilium, node));
    if (hasTunnelDevice(cluster.cilium)) devices.push(tunnelDevice(cluster, node));
  }
  if (runsIpvs(cluster)) devices.push(ipvsDevice(node, devices.length + 1, served));
  return devices;
}
