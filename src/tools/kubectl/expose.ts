/** `kubectl expose`. */
import type {Pod} from '../../cluster/model.js';
import {createObject, currentOf} from './apply.js';
import {find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {labelsOf} from './create.js';
import {dryRunOf} from './dry-run.js';
import {KubectlError} from './error.js';
import {type JsonObject, type KubeObject, listAt, recordAt, stringsAt} from './json.js';
import {sharedLabels} from './kinds/workloads.js';
import {workloadNamed} from './scale.js';

type Labels = Readonly<Record<string, string>>;

export const expose: Command = async (invocation) => {
  const {flags} = invocation;
  const exposed = exposedBy(invocation);
  const name = flags.get('name') ?? exposed.name;
  const type = flags.get('type');
  if (type !== undefined && !['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'].includes(type))
    throw new KubectlError(
      `The Service ${JSON.stringify(name)} is invalid: spec.type: Unsupported value: ${JSON.stringify(type)}: supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"`,
    );
  const clusterIP = flags.get('cluster-ip');
  const externalIp = flags.get('external-ip');
  const affinity = flags.get('session-affinity');
  const labels = labelsOf(flags.get('labels')) ?? exposed.labels;
  const object: KubeObject = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: invocation.namespace,
      creationTimestamp: null,
      ...(Object.keys(labels).length > 0 ? {labels} : {}),
    },
    spec: {
      ports: portsOf(invocation, exposed.ports),
      selector: labelsOf(flags.get('selector')) ?? exposed.selector,
      ...(clusterIP === undefined || clusterIP === '' ? {} : {clusterIP}),
      ...(type === undefined ? {} : {type}),
      ...(externalIp === undefined ? {} : {externalIPs: [externalIp]}),
      ...(affinity === undefined ? {} : {sessionAffinity: affinity}),
    },
    status: {loadBalancer: {}},
  };
  if (dryRunOf(flags) !== 'client' && currentOf(invocation, object))
    throw new KubectlError(`Error from server (AlreadyExists): services ${JSON.stringify(name)} already exists`);
  return createObject(invocation, object, 'exposed');
};

interface Exposed {
  readonly name: string;
  readonly labels: Labels;
  readonly selector: Labels;
  readonly ports: readonly {readonly port: number; readonly protocol: string}[];
}

const portsOfPods = (pods: readonly Pod[]) => pods[0]?.ports ?? [];

function exposedBy(invocation: Invocation): Exposed {
  const [asked] = readAsked(invocation.args);
  if (!asked || asked.names.length === 0)
    throw new KubectlError('error: resource(s) were provided, but no name was specified');
  const {resource} = asked;
  const workload =
    resource.kind === 'DaemonSet' || resource.kind === 'Job' ? undefined : workloadNamed(invocation, asked);
  if (workload) {
    const {object, pods} = workload;
    const selector = stringsAt(object, 'spec', 'selector', 'matchLabels');
    return {
      name: object.metadata.name,
      labels: stringsAt(object, 'metadata', 'labels'),
      selector: Object.keys(selector).length > 0 ? selector : sharedLabels(pods),
      ports: statedPorts(recordAt(object, 'spec', 'template', 'spec')) ?? portsOfPods(pods),
    };
  }
  const {objects} = find(invocation, asked, (error) => {
    throw error;
  });
  const [object] = objects;
  if (!object || (resource.kind !== 'Pod' && resource.kind !== 'Service'))
    throw new KubectlError(
      `error: cannot expose a ${resource.kind}${resource.apiVersion.includes('/') ? `.${resource.apiVersion.replace(/\/.*/, '')}` : ''}`,
    );
  const labels = stringsAt(object, 'metadata', 'labels');
  const selector = resource.kind === 'Pod' ? labels : stringsAt(object, 'spec', 'selector');
  if (Object.keys(selector).length === 0)
    throw new KubectlError(
      "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
    );
  return {name: object.metadata.name, labels, selector, ports: statedPorts(recordAt(object, 'spec')) ?? []};
}

/** Of containers, or of a service. */
function statedPorts(spec: JsonObject): Exposed['ports'] | undefined {
  const own = [...listAt(spec, 'containers').flatMap((item) => listAt(item, 'ports')), ...listAt(spec, 'ports')];
  if (own.length === 0) return undefined;
  return own.flatMap((item) => {
    const {containerPort, port = containerPort, protocol = 'TCP'} = recordAt(item);
    return typeof port === 'number' ? [{port, protocol: String(protocol)}] : [];
  });
}

function portsOf({flags}: Invocation, own: Exposed['ports']): JsonObject[] {
  const stated = flags.get('protocol')?.toUpperCase();
  if (stated !== undefined && !['TCP', 'UDP', 'SCTP'].includes(stated))
    throw new KubectlError(`error: invalid protocol: ${stated}`);
  const target = flags.get('target-port');
  const targetPort = target === undefined ? undefined : /^\d+$/.test(target) ? Number(target) : target;
  const port = flags.get('port');
  if (port !== undefined) {
    const number = Number(port);
    return [
      {
        protocol: stated ?? own.find((item) => item.port === number)?.protocol ?? 'TCP',
        port: number,
        targetPort: targetPort ?? number,
      },
    ];
  }
  if (own.length === 0)
    throw new KubectlError(
      "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples",
    );
  return own.map((item, i) => ({
    ...(own.length > 1 ? {name: `port-${i + 1}`} : {}),
    protocol: stated ?? item.protocol,
    port: item.port,
    targetPort: targetPort ?? item.port,
  }));
}
