/** `kubectl exec`: a tool from inside a pod's network, or the agent's client in a Cilium pod. */
import type {Cluster, Pod} from '../../cluster/model.js';
import {hostOf, type Viewpoint} from '../../session/live/host.js';
import {UserError} from '../../term/error.js';
import type {Command, Invocation} from './command.js';
import {KubectlError, notFound} from './error.js';

const MISSING_COMMAND = 'error: you must specify at least one command for the container';
/** What the container runtime ends with when there is no such program. */
const NOT_FOUND = 127;
const shells = ['sh', 'bash', 'ash', '/bin/sh', '/bin/bash'];

export const exec: Command = async (invocation) => {
  const {args, dash, flags, io} = invocation;
  const [target, ...rest] = args;
  if (target === undefined || dash === 0)
    throw new KubectlError('error: pod, type/name or --filename must be specified');
  if (dash === undefined && rest.length > 0)
    throw new KubectlError(
      "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples",
    );
  const [program, ...argv] = rest;
  if (program === undefined) throw new KubectlError(MISSING_COMMAND);
  const place = findPlace(invocation, target);
  checkContainer(place, flags.get('container'));
  if (flags.get('tty') === 'true' && !io.stdin?.isTty)
    io.stderr.write('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  const host = hostOf(io);
  if (!host)
    throw new UserError({message: 'kubectl exec is for sessions', hint: 'wirelay run -- COMMAND…, or wirelay shell'});
  if (shells.includes(program)) return host.become([program.replace(/^.*\//, ''), ...argv], place.viewpoint);
  const name = program.replace(/^.*\//, '');
  const code =
    agentOnly.includes(name) && !place.agent ? undefined : host.start({tool: name, argv, viewpoint: place.viewpoint});
  if (code === undefined) return noProgram(invocation, program);
  const done = await code;
  if (done !== 0) {
    io.stdout.flush();
    io.stderr.write(`command terminated with exit code ${done}\n`);
  }
  return done;
};

/** Programs that only Cilium's image has. */
const agentOnly = ['cilium', 'cilium-dbg', 'hubble'];

function noProgram({io}: Invocation, program: string): number {
  io.stderr.write(
    `error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(program)}: executable file not found in $PATH: unknown\n` +
      'wirelay: containers have the network tools of the session, and a shell\n',
  );
  return NOT_FOUND;
}

interface Place {
  readonly viewpoint: Viewpoint;
  /** It runs Cilium's agent. */
  readonly agent: boolean;
  readonly pod: Pod | undefined;
}

function findPlace(invocation: Invocation, target: string): Place {
  const {session, namespace} = invocation;
  const {cluster} = session;
  const slash = target.indexOf('/');
  const [kind, name] = slash < 0 ? ['pod', target] : [target.slice(0, slash), target.slice(slash + 1)];
  const pod = findPod(cluster, namespace, kind.toLowerCase(), name, session.node.name);
  if (pod) return {viewpoint: viewpointOf(pod), agent: isAgent(pod), pod};
  // the agent's pods are there on every node, whether the definition lists them or not
  if (
    cluster.dataplane === 'cilium' &&
    namespace === 'kube-system' &&
    /^(ds|daemonsets?(\.apps)?)$/.test(kind) &&
    name === 'cilium'
  )
    return {viewpoint: {node: session.node.name, pod: undefined}, agent: true, pod: undefined};
  const resource = workloadKinds.find(({words}) => words.includes(kind.toLowerCase()));
  if (kind === 'pod' || kind === 'pods' || kind === 'po') throw notFound('pods', name);
  if (kind === 'svc' || kind === 'service' || kind === 'services') throw notFound('services', name);
  if (!resource) throw new KubectlError(`error: the server doesn't have a resource type ${JSON.stringify(kind)}`);
  throw notFound(resource.plural, name);
}

const workloadKinds = [
  {
    kind: 'Deployment',
    plural: 'deployments.apps',
    words: ['deploy', 'deployment', 'deployments', 'deployment.apps', 'deployments.apps'],
  },
  {
    kind: 'DaemonSet',
    plural: 'daemonsets.apps',
    words: ['ds', 'daemonset', 'daemonsets', 'daemonset.apps', 'daemonsets.apps'],
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets.apps',
    words: ['sts', 'statefulset', 'statefulsets', 'statefulset.apps', 'statefulsets.apps'],
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets.apps',
    words: ['rs', 'replicaset', 'replicasets', 'replicaset.apps', 'replicasets.apps'],
  },
  {kind: 'Job', plural: 'jobs.batch', words: ['job', 'jobs', 'job.batch', 'jobs.batch']},
];

/** The pod named, or the first that runs of a workload or service; of an agent's the one on the viewpoint's node. */
function findPod(cluster: Cluster, namespace: string, kind: string, name: string, node: string): Pod | undefined {
  const own = cluster.pods.filter((pod) => pod.namespace === namespace && pod.node !== undefined);
  if (['pod', 'pods', 'po'].includes(kind)) return own.find((pod) => pod.name === name);
  if (['svc', 'service', 'services'].includes(kind)) {
    const service = cluster.services.find((s) => s.namespace === namespace && s.name === name);
    const {selector} = service ?? {};
    return selector && own.find(({labels}) => Object.entries(selector).every(([key, value]) => labels[key] === value));
  }
  const workload = workloadKinds.find(({words}) => words.includes(kind));
  if (!workload) return undefined;
  const owned = own.filter(
    ({owner, controller}) =>
      (owner?.kind === workload.kind && owner.name === name) ||
      (controller?.kind === workload.kind && controller.name === name),
  );
  return owned.find((pod) => isAgent(pod) && pod.node === node) ?? owned[0];
}

function isAgent({labels}: Pod): boolean {
  return labels['k8s-app'] === 'cilium';
}

function viewpointOf(pod: Pod): Viewpoint {
  return {node: undefined, pod: `${pod.namespace}/${pod.name}`};
}

function checkContainer({pod, agent}: Place, container: string | undefined): void {
  if (container === undefined) return;
  const names = pod ? pod.containers.map(({name}) => name) : agent ? ['cilium-agent'] : [];
  if (names.length > 0 && !names.includes(container))
    throw new KubectlError(
      `Error from server (BadRequest): container ${container} is not valid for pod ${pod?.name ?? 'cilium'}`,
    );
}
