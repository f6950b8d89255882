/** Cilium's own kinds; columns of the CRDs: pkg/k8s/apis/cilium.io/v2/types.go (printcolumn), 1.20. */
import type {ClusterNode, Pod} from '../../../cluster/model.js';
import {formatIp, formatPrefix, type Ip, isIp4} from '../../../wire/addr.js';
import {at, type Json, type KubeObject, listAt, recordAt, textAt} from '../json.js';
import type {Entry, View} from '../view.js';
import {ageColumn, type Column, column, manifestEntries, metadataOf, nameColumn, type Resource} from './kind.js';

const apiVersion = 'cilium.io/v2';
const hasCilium = ({cluster}: View) => cluster.dataplane === 'cilium';

function addressing(ips: readonly Ip[]): Json[] {
  const ip4 = ips.find(isIp4);
  const ip6 = ips.find((ip) => !isIp4(ip));
  return [{...(ip4 === undefined ? {} : {ipv4: formatIp(ip4)}), ...(ip6 === undefined ? {} : {ipv6: formatIp(ip6)})}];
}

function endpointObject(pod: Pod, view: View): KubeObject {
  const {cluster} = view;
  const labels = cluster.identities.find(({id}) => id === pod.identity)?.labels ?? [];
  const node = view.node(pod.node);
  return {
    apiVersion,
    kind: 'CiliumEndpoint',
    metadata: {
      ...metadataOf(view, pod),
      annotations: undefined,
      ownerReferences: [{apiVersion: 'v1', kind: 'Pod', name: pod.name}],
    },
    status: {
      'external-identifiers': {
        'k8s-namespace': pod.namespace,
        'k8s-pod-name': pod.name,
        'pod-name': `${pod.namespace}/${pod.name}`,
      },
      id: pod.endpointId,
      identity: {id: pod.identity, labels},
      'named-ports': pod.ports.flatMap(({name, port, protocol}) => (name ? [{name, port, protocol}] : [])),
      networking: {
        addressing: addressing(pod.ips),
        node: node?.ips[0] === undefined ? undefined : formatIp(node.ips[0]),
      },
      state: 'ready',
    },
  };
}

const valid = column('VALID', (object) => {
  const condition = listAt(object, 'status', 'conditions').find((item) => textAt(item, 'type') === 'Valid');
  return condition === undefined ? '' : textAt(condition, 'status');
});

const ciliumEndpoints: Resource = {
  name: 'ciliumendpoints',
  singular: 'ciliumendpoint',
  short: ['cep', 'ciliumep'],
  kind: 'CiliumEndpoint',
  apiVersion,
  namespaced: true,
  list: (view, namespace) =>
    view.cluster.pods
      .filter(
        (pod) =>
          hasCilium(view) &&
          pod.endpointId !== 0 &&
          pod.ips.length > 0 &&
          pod.node !== undefined &&
          (namespace === undefined || pod.namespace === namespace),
      )
      .map((pod) => ({
        name: pod.name,
        namespace: pod.namespace,
        labels: pod.labels,
        object: () => endpointObject(pod, view),
      })),
  columns: [
    nameColumn,
    column('SECURITY IDENTITY', (object) => textAt(object, 'status', 'identity', 'id')),
    column('INGRESS ENFORCEMENT', (object) => textAt(object, 'status', 'policy', 'ingress', 'state'), true),
    column('EGRESS ENFORCEMENT', (object) => textAt(object, 'status', 'policy', 'egress', 'state'), true),
    column('ENDPOINT STATE', (object) => textAt(object, 'status', 'state')),
    column('IPV4', (object) => textAt(listAt(object, 'status', 'networking', 'addressing')[0], 'ipv4')),
    column('IPV6', (object) => textAt(listAt(object, 'status', 'networking', 'addressing')[0], 'ipv6')),
  ],
};

function nodeObject(node: ClusterNode, view: View): KubeObject {
  const of = (type: string, ips: readonly Ip[]) => ips.map((ip) => ({ip: formatIp(ip), type}));
  const health = addressing(node.healthIps)[0];
  return {
    apiVersion,
    kind: 'CiliumNode',
    metadata: metadataOf(view, node, view.manifest('CiliumNode', undefined, node.name)),
    spec: {
      addresses: [
        ...of('InternalIP', node.ips),
        ...of('ExternalIP', node.externalIps),
        ...of('CiliumInternalIP', node.routerIps),
      ],
      health: recordAt(health),
      ipam: {podCIDRs: node.podCidrs.map(formatPrefix)},
    },
  };
}

function addressOf(type: string): Column['value'] {
  return (object) =>
    textAt(
      listAt(object, 'spec', 'addresses').find((item) => textAt(item, 'type') === type),
      'ip',
    );
}

const ciliumNodes: Resource = {
  name: 'ciliumnodes',
  singular: 'ciliumnode',
  short: ['cn', 'ciliumn'],
  kind: 'CiliumNode',
  apiVersion,
  namespaced: false,
  list: (view) =>
    (hasCilium(view) ? view.cluster.nodes : []).map((node) => ({
      name: node.name,
      namespace: undefined,
      labels: node.labels,
      object: () => nodeObject(node, view),
    })),
  columns: [
    nameColumn,
    column('CILIUMINTERNALIP', addressOf('CiliumInternalIP')),
    column('INTERNALIP', addressOf('InternalIP')),
    ageColumn,
  ],
};

const NAMESPACE = 'io.kubernetes.pod.namespace';

/** Those that the operator allocates: of pods, by their labels. */
const ciliumIdentities: Resource = {
  name: 'ciliumidentities',
  singular: 'ciliumidentity',
  short: ['ciliumid'],
  kind: 'CiliumIdentity',
  apiVersion,
  namespaced: false,
  list: (view) =>
    (hasCilium(view) ? view.cluster.identities : [])
      .filter(
        ({labels}) =>
          labels.some((label) => label.startsWith('k8s:')) && !labels.some((label) => label.startsWith('reserved:')),
      )
      .map(({id, labels}): Entry => {
        const pairs = labels.map((label): [string, string] => {
          const [, key = label, value = ''] = /^([^=]*)=?([\s\S]*)$/.exec(label) ?? [];
          return [key, value];
        });
        const own = Object.fromEntries(
          pairs.filter(([key]) => key.startsWith('k8s:')).map(([key, value]) => [key.slice('k8s:'.length), value]),
        );
        const name = String(id);
        return {
          name,
          namespace: undefined,
          labels: own,
          object: () => ({
            apiVersion,
            kind: 'CiliumIdentity',
            metadata: metadataOf(view, {name, labels: own}),
            'security-labels': Object.fromEntries(pairs),
          }),
        };
      }),
  columns: [
    nameColumn,
    column('NAMESPACE', (object) => textAt(at(object, 'metadata', 'labels'), NAMESPACE)),
    ageColumn,
  ],
};

interface Policy {
  readonly name: string;
  readonly singular: string;
  readonly short: readonly string[];
  readonly kind: string;
  readonly namespaced: boolean;
  readonly columns: readonly Column[];
}

/** What the input has of them, taken to be valid: invalid ones end the load. */
function policy(row: Policy): Resource {
  const resource: Resource = {
    ...row,
    apiVersion,
    list: (view, namespace) =>
      manifestEntries(view, resource, namespace).map((entry) => ({
        ...entry,
        object: () => withValidity(entry.object()),
      })),
  };
  return resource;
}

function withValidity(object: KubeObject): KubeObject {
  if (at(object, 'status', 'conditions') !== undefined) return object;
  const condition = {
    lastTransitionTime: textAt(object, 'metadata', 'creationTimestamp'),
    message: 'Policy validation succeeded',
    status: 'True',
    type: 'Valid',
  };
  return {...object, status: {...recordAt(object, 'status'), conditions: [condition]}};
}

export const ciliumKinds: readonly Resource[] = [
  policy({
    name: 'ciliumclusterwidenetworkpolicies',
    singular: 'ciliumclusterwidenetworkpolicy',
    short: ['ccnp'],
    kind: 'CiliumClusterwideNetworkPolicy',
    namespaced: false,
    columns: [nameColumn, valid],
  }),
  {
    name: 'ciliumegressgatewaypolicies',
    singular: 'ciliumegressgatewaypolicy',
    short: ['cegp'],
    kind: 'CiliumEgressGatewayPolicy',
    apiVersion,
    namespaced: false,
    list: (view, namespace) =>
      manifestEntries(view, {kind: 'CiliumEgressGatewayPolicy', apiVersion, namespaced: false}, namespace),
    columns: [nameColumn, ageColumn],
  },
  ciliumEndpoints,
  ciliumIdentities,
  {
    name: 'ciliumlocalredirectpolicies',
    singular: 'ciliumlocalredirectpolicy',
    short: ['clrp'],
    kind: 'CiliumLocalRedirectPolicy',
    apiVersion,
    namespaced: true,
    list: (view, namespace) =>
      manifestEntries(view, {kind: 'CiliumLocalRedirectPolicy', apiVersion, namespaced: true}, namespace),
    columns: [nameColumn, ageColumn],
  },
  policy({
    name: 'ciliumnetworkpolicies',
    singular: 'ciliumnetworkpolicy',
    short: ['cnp', 'ciliumnp'],
    kind: 'CiliumNetworkPolicy',
    namespaced: true,
    columns: [nameColumn, ageColumn, valid],
  }),
  ciliumNodes,
];
