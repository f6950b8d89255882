/** `kubectl expose`. */
import type {Cluster, Pod} from '../../cluster/model.js';
import {keyOf, type ServicePortObject, type ServiceSpec} from '../../cluster/spec.js';
import type {Command, Invocation} from './command.js';
import {workloadOf} from './delete.js';
import {KubectlError, notFound} from './error.js';
import {change, membersOf} from './mutate.js';

const REQUIRED = `error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/** Labels that only say which generation a pod is of. */
const generated = [
  'pod-template-hash',
  'controller-revision-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
];

export const expose: Command = async (invocation) => {
  const {session, flags, namespace, io} = invocation;
  const exposed = exposedBy(invocation);
  const name = flags.get('name') ?? exposed.name;
  const type = flags.get('type') ?? 'ClusterIP';
  if (type !== 'ClusterIP' && type !== 'NodePort' && type !== 'LoadBalancer')
    throw new KubectlError(`error: invalid service type: ${type}`);
  const clusterIp = flags.get('cluster-ip');
  const spec: ServiceSpec = {
    name,
    namespace,
    type,
    labels: exposed.labels,
    selector: selectorOf(flags.get('selector')) ?? exposed.labels,
    ports: portsOf(invocation, exposed.pods),
    ...(clusterIp === undefined || clusterIp === '' ? {} : {clusterIP: clusterIp}),
  };
  if (session.cluster.services.some((service) => keyOf(service) === keyOf(spec)))
    throw new KubectlError(`Error from server (AlreadyExists): services ${JSON.stringify(name)} already exists`);
  change(session, (definition) => ({...definition, services: [...definition.services, spec]}));
  io.stdout.write(`service/${name} exposed\n`);
  return 0;
};

interface Exposed {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pods: readonly Pod[];
}

function exposedBy(invocation: Invocation): Exposed {
  const {session, args, namespace} = invocation;
  const [first = '', second] = args;
  if (args.length === 0) throw new KubectlError(REQUIRED);
  const [kind = '', name = second ?? ''] = first.split('/');
  const workload = workloadOf(args, namespace, invocation);
  if (workload) {
    const pods = membersOf(session.cluster, namespace, workload.kind, workload.names[0] ?? '');
    return {name: workload.names[0] ?? '', labels: shared(pods), pods};
  }
  if (['po', 'pod', 'pods'].includes(kind)) {
    const pod = find(session.cluster, namespace, name);
    if (!pod) throw notFound('pods', name);
    if (Object.keys(pod.labels).length === 0)
      throw new KubectlError(
        "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
      );
    return {name: pod.name, labels: shared([pod]), pods: [pod]};
  }
  throw new KubectlError(`error: cannot expose a ${kind}`);
}

function find({pods}: Cluster, namespace: string, name: string): Pod | undefined {
  return pods.find((pod) => pod.namespace === namespace && pod.name === name);
}

/** What all of them have, without what generations add. */
function shared(pods: readonly Pod[]): Readonly<Record<string, string>> {
  const entries = Object.entries(pods[0]?.labels ?? {});
  return Object.fromEntries(
    entries.filter(([key, value]) => !generated.includes(key) && pods.every(({labels}) => labels[key] === value)),
  );
}

function selectorOf(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined || text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function portsOf({flags}: Invocation, pods: readonly Pod[]): ServicePortObject[] {
  const protocol = (flags.get('protocol') ?? 'TCP').toUpperCase();
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')
    throw new KubectlError(`error: invalid protocol: ${protocol}`);
  const target = flags.get('target-port');
  const targetPort = target === undefined ? undefined : /^\d+$/.test(target) ? Number(target) : target;
  const port = flags.get('port');
  if (port !== undefined) return [{port: Number(port), protocol, targetPort: targetPort ?? Number(port)}];
  const own = pods[0]?.ports ?? [];
  if (own.length === 0)
    throw new KubectlError(
      "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples",
    );
  return own.map((item, i) => ({
    ...(own.length > 1 ? {name: `port-${i + 1}`} : {}),
    port: item.port,
    protocol: item.protocol,
    targetPort: targetPort ?? item.port,
  }));
}
