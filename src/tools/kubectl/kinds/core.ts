/** Services, nodes, namespaces and what else is of the core group. Columns: pkg/printers/internalversion/printers.go, 1.32. */
import type {ClusterNode, Namespace, Service} from '../../../cluster/model.js';
import {formatIp, formatPrefix, isIp4} from '../../../wire/addr.js';
import {at, type JsonObject, type KubeObject, listAt, merged, recordAt, stringsAt, textAt} from '../json.js';
import type {Entry, View} from '../view.js';
import {
  ageColumn,
  column,
  formatLabels,
  manifestEntries,
  metadataOf,
  nameColumn,
  orNone,
  type Resource,
} from './kind.js';

function serviceObject(service: Service, view: View): KubeObject {
  const {name, namespace, type, clusterIps, sessionAffinity} = service;
  const manifest = view.manifest('Service', namespace, name);
  const external = type === 'ExternalName';
  const ips = clusterIps.length === 0 ? ['None'] : clusterIps.map(formatIp);
  const families = clusterIps.map((ip) => (isIp4(ip) ? 'IPv4' : 'IPv6'));
  const {ports: _ports, ...stated} = recordAt(manifest, 'spec');
  const ports = service.ports.map(({name: portName, port, protocol, targetPort, nodePort}) => ({
    ...(portName ? {name: portName} : {}),
    ...(nodePort ? {nodePort} : {}),
    port,
    protocol,
    targetPort,
  }));
  const assigned: JsonObject = {
    ...(external ? {externalName: service.externalName} : {clusterIP: ips[0], clusterIPs: ips}),
    ...(external || families.length === 0
      ? {}
      : {ipFamilies: families, ipFamilyPolicy: families.length > 1 ? 'RequireDualStack' : 'SingleStack'}),
    ...(external ? {} : {internalTrafficPolicy: service.internalTrafficPolicy}),
    ...(type === 'NodePort' || type === 'LoadBalancer' ? {externalTrafficPolicy: service.externalTrafficPolicy} : {}),
    ...(service.externalIps.length > 0 ? {externalIPs: service.externalIps.map(formatIp)} : {}),
    ...(service.healthCheckNodePort ? {healthCheckNodePort: service.healthCheckNodePort} : {}),
    ...(service.sourceRanges.length > 0 ? {loadBalancerSourceRanges: service.sourceRanges.map(formatPrefix)} : {}),
    ...(ports.length > 0 ? {ports} : {}),
    ...(service.publishNotReady ? {publishNotReadyAddresses: true} : {}),
    ...(service.selector ? {selector: service.selector} : {}),
    sessionAffinity: sessionAffinity ? 'ClientIP' : 'None',
    ...(sessionAffinity ? {sessionAffinityConfig: {clientIP: {timeoutSeconds: sessionAffinity.clientIpTimeout}}} : {}),
    ...(service.trafficDistribution ? {trafficDistribution: service.trafficDistribution} : {}),
    type,
  };
  const ingress = service.loadBalancerIps.map((ip) => ({ip: formatIp(ip), ipMode: 'VIP'}));
  const told = listAt(manifest, 'status', 'loadBalancer', 'ingress');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(view, service, manifest),
    spec: {...stated, ...assigned},
    status: {loadBalancer: told.length > 0 ? {ingress: told} : ingress.length > 0 ? {ingress} : {}},
  };
}

/** loadBalancerStatusStringer: cut at 16 columns where there is no room. */
function balancerText(object: KubeObject): string {
  return [
    ...new Set(
      listAt(object, 'status', 'loadBalancer', 'ingress')
        .map((item) => textAt(item, 'ip') || textAt(item, 'hostname'))
        .filter((text) => text !== ''),
    ),
  ]
    .sort()
    .join(',');
}

export function loadBalancerText(object: KubeObject): string {
  const text = balancerText(object);
  return text.length > 16 ? `${text.slice(0, 13)}...` : text;
}

function externalIp(object: KubeObject): string {
  const external = listAt(object, 'spec', 'externalIPs').map(String);
  switch (textAt(object, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(object, 'spec', 'externalName');
    case 'LoadBalancer': {
      const balancer = loadBalancerText(object);
      const all = [...(balancer === '' ? [] : balancer.split(',')), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return orNone(external.join(','));
  }
}

function portText(object: KubeObject): string {
  return orNone(
    listAt(object, 'spec', 'ports')
      .map((item) => {
        const nodePort = textAt(item, 'nodePort');
        return `${textAt(item, 'port')}${nodePort === '' ? '' : `:${nodePort}`}/${textAt(item, 'protocol')}`;
      })
      .join(','),
  );
}

export const services: Resource = {
  name: 'services',
  singular: 'service',
  short: ['svc'],
  kind: 'Service',
  apiVersion: 'v1',
  namespaced: true,
  inAll: true,
  list: (view, namespace) =>
    view.cluster.services
      .filter((service) => namespace === undefined || service.namespace === namespace)
      .map((service) => ({
        name: service.name,
        namespace: service.namespace,
        labels: service.labels,
        object: () => serviceObject(service, view),
      })),
  columns: [
    nameColumn,
    column('TYPE', (object) => textAt(object, 'spec', 'type')),
    column('CLUSTER-IP', (object) => orNone(textAt(object, 'spec', 'clusterIP'))),
    column('EXTERNAL-IP', externalIp),
    column('PORT(S)', portText),
    ageColumn,
    column('SELECTOR', (object) => formatLabels(stringsAt(object, 'spec', 'selector')), true),
  ],
};

function nodeObject(node: ClusterNode, view: View): KubeObject {
  const manifest = view.manifest('Node', undefined, node.name);
  const created = view.time();
  const told = listAt(manifest, 'status', 'conditions');
  const unschedulable = at(manifest, 'spec', 'unschedulable') === true;
  const lost = !node.ready && !unschedulable;
  const address = (type: string, text: string) => ({address: text, type});
  const cidrs = node.podCidrs.map(formatPrefix);
  const {info} = node;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: metadataOf(view, node, manifest),
    spec: merged({...(cidrs[0] ? {podCIDR: cidrs[0], podCIDRs: cidrs} : {})}, recordAt(manifest, 'spec')),
    status: merged(
      {
        capacity: {cpu: String(node.cpus)},
        conditions: [
          {
            lastHeartbeatTime: created,
            lastTransitionTime: created,
            message: lost ? 'Kubelet stopped posting node status.' : 'kubelet is posting ready status',
            reason: lost ? 'NodeStatusUnknown' : 'KubeletReady',
            status: lost ? 'Unknown' : 'True',
            type: 'Ready',
          },
        ],
        nodeInfo: {
          architecture: 'amd64',
          containerRuntimeVersion: info.containerRuntime,
          kernelVersion: info.kernelVersion,
          kubeletVersion: info.kubeletVersion,
          operatingSystem: 'linux',
          osImage: info.osImage,
        },
      },
      {
        ...recordAt(manifest, 'status'),
        ...(lost && told.length > 0
          ? {
              conditions: told.map((item) =>
                textAt(item, 'type') === 'Ready' ? {...recordAt(item), status: 'Unknown'} : item,
              ),
            }
          : {}),
        addresses: [
          ...node.ips.map((ip) => address('InternalIP', formatIp(ip))),
          ...node.externalIps.map((ip) => address('ExternalIP', formatIp(ip))),
          address('Hostname', node.name),
        ],
      },
    ),
  };
}

function nodeStatus(object: KubeObject): string {
  const ready = listAt(object, 'status', 'conditions').find((item) => textAt(item, 'type') === 'Ready');
  const status = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return at(object, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

const ROLE = 'node-role.kubernetes.io/';

export function rolesOf(object: KubeObject): string {
  const roles = Object.entries(stringsAt(object, 'metadata', 'labels')).flatMap(([key, value]) => {
    if (key.startsWith(ROLE) && key.length > ROLE.length) return [key.slice(ROLE.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return orNone([...new Set(roles)].sort().join(','));
}

function nodeAddress(type: string): (object: KubeObject) => string {
  return (object) =>
    orNone(
      textAt(
        listAt(object, 'status', 'addresses').find((item) => textAt(item, 'type') === type),
        'address',
      ),
    );
}

const nodeInfo = (key: string) => (object: KubeObject) => textAt(object, 'status', 'nodeInfo', key) || '<unknown>';

export const nodes: Resource = {
  name: 'nodes',
  singular: 'node',
  short: ['no'],
  kind: 'Node',
  apiVersion: 'v1',
  namespaced: false,
  list: (view) =>
    view.cluster.nodes.map((node) => ({
      name: node.name,
      namespace: undefined,
      labels: node.labels,
      object: () => nodeObject(node, view),
    })),
  columns: [
    nameColumn,
    column('STATUS', nodeStatus),
    column('ROLES', rolesOf),
    ageColumn,
    column('VERSION', (object) => textAt(object, 'status', 'nodeInfo', 'kubeletVersion')),
    column('INTERNAL-IP', nodeAddress('InternalIP'), true),
    column('EXTERNAL-IP', nodeAddress('ExternalIP'), true),
    column('OS-IMAGE', nodeInfo('osImage'), true),
    column('KERNEL-VERSION', nodeInfo('kernelVersion'), true),
    column('CONTAINER-RUNTIME', nodeInfo('containerRuntimeVersion'), true),
  ],
};

function namespaceObject(namespace: Namespace, view: View): KubeObject {
  const manifest = view.manifest('Namespace', undefined, namespace.name);
  const annotations = stringsAt(manifest, 'metadata', 'annotations');
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: metadataOf(view, {...namespace, annotations}, manifest),
    spec: {finalizers: ['kubernetes'], ...recordAt(manifest, 'spec')},
    status: {phase: 'Active', ...recordAt(manifest, 'status')},
  };
}

export const namespaces: Resource = {
  name: 'namespaces',
  singular: 'namespace',
  short: ['ns'],
  kind: 'Namespace',
  apiVersion: 'v1',
  namespaced: false,
  list: (view) =>
    view.cluster.namespaces.map((namespace) => ({
      name: namespace.name,
      namespace: undefined,
      labels: namespace.labels,
      object: () => namespaceObject(namespace, view),
    })),
  columns: [nameColumn, column('STATUS', (object) => textAt(object, 'status', 'phase')), ageColumn],
};

/** Cilium's own, where the input has none of it. */
function ciliumConfig(view: View, namespace: string | undefined): Entry[] {
  const {cluster} = view;
  const own =
    cluster.dataplane === 'cilium' && view.manifest('ConfigMap', 'kube-system', 'cilium-config') === undefined;
  if (!own || (namespace !== undefined && namespace !== 'kube-system')) return [];
  const metadata = {name: 'cilium-config', namespace: 'kube-system', labels: {}};
  return [
    {
      ...metadata,
      object: () => ({
        apiVersion: 'v1',
        data: cluster.cilium.raw,
        kind: 'ConfigMap',
        metadata: metadataOf(view, metadata),
      }),
    },
  ];
}

export const configMaps: Resource = {
  name: 'configmaps',
  singular: 'configmap',
  short: ['cm'],
  kind: 'ConfigMap',
  apiVersion: 'v1',
  namespaced: true,
  list: (view, namespace) => [...ciliumConfig(view, namespace), ...manifestEntries(view, configMaps, namespace)],
  columns: [
    nameColumn,
    column('DATA', (object) =>
      String(Object.keys(recordAt(object, 'data')).length + Object.keys(recordAt(object, 'binaryData')).length),
    ),
    ageColumn,
  ],
};
