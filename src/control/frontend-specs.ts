/** Which frontends a service and a pod's hostPorts ask for (cilium pkg/loadbalancer/reflectors/conversions.go, k8s.go, 1.20). */
import type {CiliumConfig, Pod, Service, ServicePort} from '../cluster/model.js';
import {formatIp, type Ip, isIp4, isLoopback} from '../wire/addr.js';
import type {Frontend} from './model.js';
import {protocolNumber} from './protocols.js';
import type {FrontendSpec} from './select-backends.js';
import {isSurrogate} from './service-maps.js';

const ANY4 = 0;
const ANY6 = '\0\0\0\0\0\0\0\0';

/** Values of `service.cilium.io/type`; others are ignored. */
const exposures: readonly string[] = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** ClusterIPs, node ports, load balancer addresses, external addresses. */
export function serviceFrontends(service: Service, config: CiliumConfig): FrontendSpec[] {
  const specs: FrontendSpec[] = [];
  if (Object.hasOwn(service.labels, 'service.kubernetes.io/headless')) return specs;
  const only = service.annotations['service.cilium.io/type'];
  const exposes = (type: string) => only === type || !exposures.includes(only ?? '');
  const add = (type: Frontend['type'], ip: Ip, port: ServicePort, number: number, scope: Frontend['scope']) =>
    specs.push({
      ip,
      port: number,
      protocol: protocolNumber(port.protocol),
      scope,
      type,
      service,
      portName: port.name ?? '',
    });
  const twoScopes = (service.externalTrafficPolicy === 'Local') !== (service.internalTrafficPolicy === 'Local');
  const scopes: readonly Frontend['scope'][] = twoScopes ? ['external', 'internal'] : ['external'];
  const byText = (a: Ip, b: Ip) => (formatIp(a) < formatIp(b) ? -1 : 1);

  if (exposes('ClusterIP'))
    for (const ip of [...service.clusterIps].sort(byText))
      for (const port of service.ports) add('ClusterIP', ip, port, port.port, 'external');
  const exposed = (service.type === 'NodePort' || service.type === 'LoadBalancer') && exposes('NodePort');
  if (exposed && config.kubeProxyReplacement)
    for (const scope of scopes)
      for (const family of service.clusterIps)
        for (const port of service.ports)
          if (port.nodePort) add('NodePort', isIp4(family) ? ANY4 : ANY6, port, port.nodePort, scope);
  if (service.type === 'LoadBalancer' && exposes('LoadBalancer'))
    for (const ip of service.loadBalancerIps)
      for (const scope of scopes) for (const port of service.ports) add('LoadBalancer', ip, port, port.port, scope);
  for (const ip of service.externalIps)
    for (const port of service.ports) add('ExternalIPs', ip, port, port.port, 'external');
  return specs;
}

/** A pod's hostPorts: one service each, with the pod as its only backend (reflectors/k8s.go). */
export function hostPortFrontends(pod: Pod, config: CiliumConfig): FrontendSpec[] {
  if (pod.hostNetwork || pod.phase !== 'Running' || !config.kubeProxyReplacement) return [];
  return pod.ports.flatMap((port) => {
    const {hostPort, hostIp} = port;
    const [low, high] = config.nodePortRange;
    if (hostPort === undefined || (hostPort >= low && hostPort <= high)) return [];
    const service = hostPortService(pod, hostPort, port);
    const loopback = hostIp !== undefined && isLoopback(hostIp);
    return hostPortAddresses(pod, hostIp).map((ip) => ({
      ip,
      port: hostPort,
      protocol: protocolNumber(port.protocol),
      scope: 'external' as const,
      type: 'HostPort' as const,
      service,
      portName: '',
      loopback,
    }));
  });
}

/** Every address of the node, or the one that the pod names; a loopback address is kept as the unspecified one. */
function hostPortAddresses({ips}: Pod, hostIp: Ip | undefined): Ip[] {
  if (hostIp === undefined) return [...new Set(ips.map(anyOf))];
  // An unspecified hostIP exposes nothing, since the agent neither expands nor keeps it.
  if (isSurrogate(hostIp)) return [];
  return [isLoopback(hostIp) ? anyOf(hostIp) : hostIp];
}

function anyOf(ip: Ip): Ip {
  return isIp4(ip) ? ANY4 : ANY6;
}

function hostPortService(pod: Pod, hostPort: number, port: Pod['ports'][number]): Service {
  return {
    name: `${pod.name}:host-port:${hostPort}`,
    namespace: pod.namespace,
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{port: hostPort, protocol: port.protocol, targetPort: port.port}],
    sessionAffinity: undefined,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    publishNotReady: false,
    backends: pod.ips.map((ip) => ({
      ip,
      port: port.port,
      protocol: port.protocol,
      portName: '',
      state: 'active' as const,
      ...(pod.node === undefined ? {} : {nodeName: pod.node}),
    })),
    ...(pod.where ? {where: pod.where} : {}),
  };
}
