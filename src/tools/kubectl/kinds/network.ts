/** Endpoints, EndpointSlices, NetworkPolicies and Ingresses. Columns: pkg/printers/internalversion/printers.go, 1.32. */
import type {Service, ServiceBackend} from '../../../cluster/model.js';
import {suffix} from '../../../cluster/workloads.js';
import {formatIp, isIp4} from '../../../wire/addr.js';
import {at, type Json, type JsonObject, type KubeObject, listAt, recordAt, textAt} from '../json.js';
import type {Entry, View} from '../view.js';
import {loadBalancerText} from './core.js';
import {
  ageColumn,
  column,
  formatSelector,
  manifestEntries,
  metadataOf,
  nameColumn,
  orNone,
  type Resource,
} from './kind.js';

/** Backends that have the same ports, as subsets and slices hold them. */
interface Subset {
  readonly ports: readonly {readonly name: string; readonly port: number; readonly protocol: string}[];
  readonly backends: readonly ServiceBackend[];
}

function subsetsOf(backends: readonly ServiceBackend[]): Subset[] {
  const byIp = new Map<ServiceBackend['ip'], ServiceBackend[]>();
  for (const backend of backends) {
    const own = byIp.get(backend.ip);
    if (own) own.push(backend);
    else byIp.set(backend.ip, [backend]);
  }
  const byPorts = new Map<string, {ports: Subset['ports']; backends: ServiceBackend[]}>();
  for (const [first, ...more] of byIp.values()) {
    if (!first) continue;
    const ports = [first, ...more].map(({portName, port, protocol}) => ({name: portName, port, protocol}));
    const key = JSON.stringify(ports);
    const subset = byPorts.get(key) ?? {ports, backends: []};
    subset.backends.push(first);
    byPorts.set(key, subset);
  }
  return [...byPorts.values()];
}

function portsOf({ports}: Subset): JsonObject[] {
  return ports.map(({name, port, protocol}) => ({...(name === '' ? {} : {name}), port, protocol}));
}

function podRef(view: View, namespace: string, ip: ServiceBackend['ip']): JsonObject {
  const pod = podsByIp(view).get(`${namespace} ${formatIp(ip)}`);
  return pod === undefined ? {} : {targetRef: {kind: 'Pod', name: pod, namespace}};
}

const ipMaps = new WeakMap<View, Map<string, string>>();

function podsByIp(view: View): ReadonlyMap<string, string> {
  const known = ipMaps.get(view);
  if (known) return known;
  const map = new Map<string, string>();
  for (const {namespace, name, ips, phase} of view.cluster.pods)
    if (phase === 'Running') for (const ip of ips) map.set(`${namespace} ${formatIp(ip)}`, name);
  ipMaps.set(view, map);
  return map;
}

/** Those that have endpoints at all: services with a selector, or with backends of their own. */
function served(view: View, namespace: string | undefined): Service[] {
  return view.cluster.services.filter(
    ({namespace: own, selector, backends, type}) =>
      (namespace === undefined || own === namespace) && type !== 'ExternalName' && (selector || backends.length > 0),
  );
}

function endpointsObject(service: Service, view: View): KubeObject {
  const {name, namespace, labels, backends} = service;
  // Endpoints are of one family: that of the service's first address
  const family = backends[0] && (service.clusterIps[0] ?? backends[0].ip);
  const own = backends.filter(({ip}) => family !== undefined && isIp4(ip) === isIp4(family));
  const subsets = subsetsOf(own).map((subset) => ({
    addresses: subset.backends.map(({ip, nodeName}) => ({
      ip: formatIp(ip),
      ...(nodeName === undefined ? {} : {nodeName}),
      ...podRef(view, namespace, ip),
    })),
    ports: portsOf(subset),
  }));
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: metadataOf(view, {name, namespace, labels}, view.manifest('Endpoints', namespace, name)),
    ...(subsets.length > 0 ? {subsets} : {}),
  };
}

const joinPort = (ip: string, port: string) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** formatEndpoints: three at most. `portName` undefined: of all ports. */
export function endpointsText(subsets: readonly Json[], portName?: string): string {
  const all = subsets.flatMap((subset) => {
    const ports = listAt(subset, 'ports');
    const addresses = listAt(subset, 'addresses').map((item) => textAt(item, 'ip'));
    if (ports.length === 0) return addresses;
    return ports
      .filter((port) => portName === undefined || textAt(port, 'name') === portName)
      .flatMap((port) => addresses.map((ip) => joinPort(ip, textAt(port, 'port'))));
  });
  return orNone(firstThree(all));
}

function firstThree(list: readonly string[]): string {
  const text = list.slice(0, 3).join(',');
  return list.length > 3 ? `${text} + ${list.length - 3} more...` : text;
}

export const endpoints: Resource = {
  name: 'endpoints',
  singular: 'endpoints',
  short: ['ep'],
  kind: 'Endpoints',
  apiVersion: 'v1',
  namespaced: true,
  list: (view, namespace) =>
    served(view, namespace).map((service) => ({
      name: service.name,
      namespace: service.namespace,
      labels: service.labels,
      object: () => endpointsObject(service, view),
    })),
  columns: [nameColumn, column('ENDPOINTS', (object) => endpointsText(listAt(object, 'subsets'))), ageColumn],
};

function slicesOf(service: Service, view: View): Entry[] {
  const {name: serviceName, namespace, backends} = service;
  const families = [true, false].map((ip4) => backends.filter(({ip}) => isIp4(ip) === ip4));
  return families.flatMap((own, i) => {
    const addressType = i === 0 ? 'IPv4' : 'IPv6';
    const subsets = subsetsOf(own);
    const empty = {ports: [], backends: []};
    const listed = subsets.length === 0 && backends.length === 0 && i === 0 ? [empty] : subsets;
    return listed.map((subset, n): Entry => {
      const name = `${serviceName}-${suffix(`EndpointSlice ${namespace}/${serviceName} ${addressType} ${n}`, 5)}`;
      const labels = {
        ...service.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': serviceName,
      };
      return {
        name,
        namespace,
        labels,
        object: () => ({
          addressType,
          apiVersion: 'discovery.k8s.io/v1',
          endpoints: subset.backends.map((backend) => sliceEndpoint(backend, namespace, view)),
          kind: 'EndpointSlice',
          metadata: {
            ...metadataOf(view, {name, namespace, labels}),
            generateName: `${serviceName}-`,
            ownerReferences: [
              {apiVersion: 'v1', blockOwnerDeletion: true, controller: true, kind: 'Service', name: serviceName},
            ],
          },
          ports: subset.ports.map(({name: portName, port, protocol}) => ({name: portName, port, protocol})),
        }),
      };
    });
  });
}

function sliceEndpoint({ip, nodeName, zone, state}: ServiceBackend, namespace: string, view: View): JsonObject {
  return {
    addresses: [formatIp(ip)],
    conditions: {
      ready: state === 'active',
      serving: state === 'active' || state === 'terminating',
      terminating: state.startsWith('terminating'),
    },
    ...(nodeName === undefined ? {} : {nodeName}),
    ...podRef(view, namespace, ip),
    ...(zone === undefined ? {} : {zone}),
  };
}

const unset = (text: string) => text || '<unset>';

export const endpointSlices: Resource = {
  name: 'endpointslices',
  singular: 'endpointslice',
  short: [],
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  namespaced: true,
  list: (view, namespace) => served(view, namespace).flatMap((service) => slicesOf(service, view)),
  columns: [
    nameColumn,
    column('ADDRESSTYPE', (object) => textAt(object, 'addressType')),
    column('PORTS', (object) => unset(firstThree(listAt(object, 'ports').map((item) => textAt(item, 'port') || '*')))),
    column('ENDPOINTS', (object) =>
      unset(firstThree(listAt(object, 'endpoints').flatMap((item) => listAt(item, 'addresses').map(String)))),
    ),
    ageColumn,
  ],
};

/** The server's default: ingress, and egress where there are rules of it (pkg/apis/networking/v1/defaults.go). */
function withPolicyTypes(object: KubeObject): KubeObject {
  const spec = recordAt(object, 'spec');
  if (listAt(spec, 'policyTypes').length > 0) return object;
  const policyTypes = ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])];
  return {...object, spec: {...spec, policyTypes}};
}

export const networkPolicies: Resource = {
  name: 'networkpolicies',
  singular: 'networkpolicy',
  short: ['netpol'],
  kind: 'NetworkPolicy',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: true,
  list: (view, namespace) =>
    manifestEntries(view, networkPolicies, namespace).map((entry) => ({
      ...entry,
      object: () => withPolicyTypes(entry.object()),
    })),
  columns: [
    nameColumn,
    column('POD-SELECTOR', (object) => formatSelector(at(object, 'spec', 'podSelector'))),
    ageColumn,
  ],
};

function hostsOf(object: KubeObject): string {
  const hosts = listAt(object, 'spec', 'rules')
    .map((rule) => textAt(rule, 'host'))
    .filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  const text = hosts.slice(0, 3).join(',');
  return hosts.length > 3 ? `${text} + ${hosts.length - 3} more...` : text;
}

export const ingresses: Resource = {
  name: 'ingresses',
  singular: 'ingress',
  short: ['ing'],
  kind: 'Ingress',
  apiVersion: 'networking.k8s.io/v1',
  namespaced: true,
  list: (view, namespace) => manifestEntries(view, ingresses, namespace),
  columns: [
    nameColumn,
    column('CLASS', (object) => orNone(textAt(object, 'spec', 'ingressClassName'))),
    column('HOSTS', hostsOf),
    column('ADDRESS', loadBalancerText),
    column('PORTS', (object) => (listAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
};
