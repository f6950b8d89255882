/** `status` as the API's StatusResponse (api/v1/models), fields in the order of its declaration. */
import {GoMap, type GoRecord, nilSlice, omitEmpty} from '../../../term/go-json.js';
import type {AgentStatus, BigTcp, Controller, KprFeatures, StateMessage} from './model.js';

/** `nodes` and `self`: the cluster as `node list -o json` shows it. */
export function statusModel(status: AgentStatus, nodes: readonly GoRecord[], self: string): GoRecord {
  return {
    'attach-mode': status.attachMode,
    'auth-certificate-provider': stateMessage({state: 'Disabled', msg: ''}),
    'bandwidth-manager': bandwidth(status),
    'bpf-maps': {
      'dynamic-size-ratio': omitEmpty(status.bpfMaps.ratio),
      maps: status.bpfMaps.maps.map(([name, size]) => ({name, size: omitEmpty(size)})),
    },
    cilium: stateMessage(status.cilium),
    'client-id': omitEmpty(0),
    'clock-source': {hertz: omitEmpty(0), mode: 'ktime'},
    cluster: {ciliumHealth: stateMessage(status.healthDaemon), nodes, self},
    'cluster-mesh': omitEmpty(null),
    'cni-chaining': {mode: status.cniChaining},
    'cni-file': stateMessage(status.cniFile),
    'configured-datapath-mode': status.configuredDeviceMode,
    controllers: omitEmpty(status.controllers.map((controller) => controllerModel(controller, status.now))),
    'datapath-mode': status.deviceMode,
    encryption: {ipsec: omitEmpty(null), mode: 'Disabled', msg: omitEmpty(''), wireguard: omitEmpty(null)},
    'host-firewall': {
      devices: status.kubeProxyReplacement.devices.map(({name}) => name),
      mode: status.hostFirewall,
    },
    hubble: hubble(status),
    'hubble-metrics': {
      metrics: omitEmpty([]),
      msg: omitEmpty(''),
      state: status.hubble?.metrics ? 'Ok' : 'Disabled',
    },
    'identity-range': {'max-identity': status.identityRange.max, 'min-identity': status.identityRange.min},
    ipam: {
      allocations: omitEmpty(new GoMap(status.ipam.allocations)),
      ipv4: status.ipam.ipv4 ?? nilSlice,
      ipv6: status.ipam.ipv6 ?? nilSlice,
      status: status.ipam.status,
    },
    'ipv4-big-tcp': bigTcp(status.bigTcp4),
    'ipv6-big-tcp': bigTcp(status.bigTcp6),
    'kube-proxy-replacement': kpr(status),
    kubernetes: {
      'k8s-api-versions': status.kubernetes.apis,
      msg: omitEmpty(status.kubernetes.msg),
      state: status.kubernetes.state,
    },
    kvstore: stateMessage(status.kvstore),
    masquerading: masquerading(status),
    nodeMonitor: {
      cpus: status.nodeMonitor.cpus,
      lost: omitEmpty(0),
      npages: status.nodeMonitor.pages,
      pagesize: status.nodeMonitor.pageSize,
      unknown: omitEmpty(0),
    },
    proxy: omitEmpty(proxy(status)),
    routing: {
      'inter-host-routing-mode': status.routing.network,
      'intra-host-routing-mode': status.routing.host,
      'tunnel-protocol': status.routing.tunnelProtocol,
    },
    srv6: {
      enabled: omitEmpty(status.srv6.enabled),
      srv6EncapMode: omitEmpty(status.srv6.enabled ? status.srv6.encapMode : ''),
    },
    stale: omitEmpty(new GoMap([])),
  };
}

function stateMessage({state, msg}: StateMessage): GoRecord {
  return {msg: omitEmpty(msg), state};
}

function bandwidth({bandwidthManager, kubeProxyReplacement}: AgentStatus): GoRecord {
  const {enabled, congestionControl} = bandwidthManager;
  return {
    congestionControl: omitEmpty(enabled ? congestionControl : ''),
    devices: enabled ? kubeProxyReplacement.devices.map(({name}) => name) : nilSlice,
    enabled: omitEmpty(enabled),
  };
}

function bigTcp({enabled, max}: BigTcp): GoRecord {
  // 64 KiB: what a device has without BIG TCP
  const size = enabled ? max : 65_536;
  return {enabled: omitEmpty(enabled), maxGRO: size, maxGSO: size};
}

function controllerModel({name, age}: Controller, now: bigint): GoRecord {
  const at = now - BigInt(Math.round(age));
  return {
    configuration: {'error-retry': true, 'error-retry-base': omitEmpty(0), interval: omitEmpty(0)},
    name,
    status: {
      'consecutive-failure-count': omitEmpty(0),
      'failure-count': omitEmpty(0),
      'last-failure-msg': omitEmpty(''),
      'last-failure-timestamp': '0001-01-01T00:00:00.000Z',
      'last-success-timestamp': new Date(Number(at / 1_000_000n)).toISOString(),
      'success-count': 1,
    },
    uuid: omitEmpty(''),
  };
}

function hubble({hubble: state}: AgentStatus): GoRecord {
  if (!state) return {msg: omitEmpty(''), observer: omitEmpty(null), state: 'Disabled'};
  const {seen, max, uptime} = state;
  return {
    msg: omitEmpty(''),
    observer: {
      'current-flows': omitEmpty(Math.min(seen, max)),
      'max-flows': max,
      'seen-flows': omitEmpty(seen),
      uptime: Math.round(uptime),
    },
    state: 'Ok',
  };
}

function kpr({kubeProxyReplacement}: AgentStatus): GoRecord {
  const {devices, directRoutingDevice, features, mode} = kubeProxyReplacement;
  return {
    // the agent fills the list behind as many empty strings as it has addresses
    deviceList: devices.map(({name, ips}) => ({ip: [...ips.map(() => ''), ...ips], name})),
    devices: devices.map(({name}) => name),
    directRoutingDevice: omitEmpty(directRoutingDevice),
    features: featuresModel(features),
    mode,
  };
}

function featuresModel({nodePort, annotations, socketLb, hostnsOnly}: KprFeatures): GoRecord {
  const enabled = (on: boolean) => ({enabled: omitEmpty(on)});
  const replaced = nodePort !== undefined;
  return {
    annotations: annotations.length === 0 ? nilSlice : annotations,
    bpfSocketLBHostnsOnly: omitEmpty(hostnsOnly),
    externalIPs: enabled(replaced),
    gracefulTermination: omitEmpty(null),
    hostPort: enabled(replaced),
    hostReachableServices: omitEmpty(null),
    nat46X64: {enabled: omitEmpty(false), gateway: omitEmpty(null), service: omitEmpty(null)},
    nodePort: {
      acceleration: omitEmpty(nodePort?.acceleration ?? ''),
      algorithm: omitEmpty(nodePort?.algorithm ?? ''),
      dsrMode: omitEmpty(nodePort?.dsrMode ?? ''),
      enabled: omitEmpty(replaced),
      lutSize: omitEmpty(nodePort?.algorithm === 'Maglev' ? nodePort.tableSize : 0),
      mode: omitEmpty(nodePort?.mode ?? ''),
      portMax: omitEmpty(nodePort?.max ?? 0),
      portMin: omitEmpty(nodePort?.min ?? 0),
    },
    sessionAffinity: enabled(true),
    socketLB: enabled(socketLb),
    socketLBTracing: enabled(socketLb),
  };
}

function masquerading({masquerading: m}: AgentStatus): GoRecord {
  const on = m.ipv4 || m.ipv6;
  return {
    enabled: omitEmpty(on),
    enabledProtocols: {ipv4: omitEmpty(m.ipv4), ipv6: omitEmpty(m.ipv6)},
    'ip-masq-agent': omitEmpty(on && m.ipMasqAgent),
    mode: omitEmpty(on ? m.mode : ''),
    'snat-exclusion-cidr': omitEmpty(on ? m.exclusion4 : ''),
    'snat-exclusion-cidr-v4': omitEmpty(on ? m.exclusion4 : ''),
    'snat-exclusion-cidr-v6': omitEmpty(on ? m.exclusion6 : ''),
  };
}

function proxy({proxy: state}: AgentStatus): GoRecord | null {
  if (!state) return null;
  return {
    'envoy-deployment-mode': state.envoy,
    ip: state.ip,
    'port-range': '10000-20000',
    redirects: [],
    'total-ports': omitEmpty(0),
    'total-redirects': omitEmpty(0),
  };
}
