/** `kubectl describe`. */
import {UserError} from '../../term/error.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {find, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {describeCronJob, describeIngress, describeJob} from './describe/batch.js';
import {describeEndpointSlice, describeEndpoints, describeNetworkPolicy, describeService} from './describe/network.js';
import {describeNamespace, describeNode} from './describe/nodes.js';
import {
  describeAny,
  describeConfigMap,
  describeDaemonSet,
  describeDeployment,
  describeReplicaSet,
  describeStatefulSet,
} from './describe/others.js';
import {describePod} from './describe/pods.js';
import {KubectlError} from './error.js';
import type {KubeObject} from './json.js';
import {pluralName} from './resources.js';
import {type View, viewOf} from './view.js';

type Describer = (object: KubeObject, view: View) => string;

/** By kind; those of cilium.io have none of their own. */
const describers: Readonly<Record<string, Describer>> = {
  ConfigMap: describeConfigMap,
  CronJob: describeCronJob,
  DaemonSet: describeDaemonSet,
  Deployment: describeDeployment,
  EndpointSlice: describeEndpointSlice,
  Endpoints: describeEndpoints,
  Ingress: describeIngress,
  Job: describeJob,
  Namespace: describeNamespace,
  NetworkPolicy: describeNetworkPolicy,
  Node: describeNode,
  Pod: describePod,
  ReplicaSet: describeReplicaSet,
  Service: describeService,
  StatefulSet: describeStatefulSet,
};

const NOTHING_ASKED =
  'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.';

export const describe: Command = async (invocation) => {
  const {args, session, io} = invocation;
  const view = viewOf(session);
  const errors: KubectlError[] = [];
  let prefixed = false;
  const objects = readAsked(args, NOTHING_ASKED).flatMap(({resource, names}) => {
    const missing = (error: KubectlError) => errors.push(error);
    if (names.length === 0) return find(invocation, {resource, names}, missing).objects;
    // a name that is none may begin others
    return names.flatMap((name) => {
      const exact = find(invocation, {resource, names: [name]}, () => {}).objects;
      if (exact.length > 0) return exact;
      const found = beginning(invocation, resource, name);
      prefixed ||= found.length > 0;
      if (found.length === 0)
        missing(
          new KubectlError(`Error from server (NotFound): ${pluralName(resource)} ${JSON.stringify(name)} not found`),
        );
      return found;
    });
  });
  const texts = objects.map((object) => described(object, view));
  io.stdout.write(prefixed ? texts.map((text) => `${text}\n`).join('') : texts.join('\n\n'));
  io.stdout.flush();
  for (const {message} of errors) io.stderr.write(`${sanitizeBlock(message)}\n`);
  if (errors.length > 0) return 1;
  if (objects.length === 0) io.stderr.write(nothing(invocation));
  return 0;
};

function beginning(
  invocation: Invocation,
  resource: Parameters<typeof find>[1]['resource'],
  prefix: string,
): readonly KubeObject[] {
  return find(invocation, {resource, names: []}, () => {}).objects.filter(({metadata}) =>
    metadata.name.startsWith(prefix),
  );
}

function described(object: KubeObject, view: View): string {
  const describer = describers[object.kind] ?? (object.apiVersion.startsWith('cilium.io/') ? describeAny : undefined);
  if (!describer)
    throw new UserError({
      message: `kubectl describe ${object.kind.toLowerCase()} is not supported: kubectl get -o yaml has all of it`,
    });
  return sanitizeBlock(tabwriter(describer(object, view), {minWidth: 0, padding: 2}));
}

function nothing({flags, namespace, args}: Invocation): string {
  const clusterWide = readAsked(args).every(({resource}) => !resource.namespaced);
  return clusterWide || flags.get('all-namespaces') === 'true'
    ? 'No resources found\n'
    : `No resources found in ${namespace} namespace.\n`;
}
