/** Pods: their objects, and how the API server's table sums up their states (pkg/printers/internalversion printPod, 1.32). */
import type {Pod} from '../../../cluster/model.js';
import {formatIp} from '../../../wire/addr.js';
import {
  at,
  isRecord,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  merged,
  numberAt,
  recordAt,
  textAt,
} from '../json.js';
import {replicaSetOf, type View} from '../view.js';
import {ageColumn, type Column, column, metadataOf, nameColumn, orNone, type Resource, since} from './kind.js';

const groups: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Node: 'v1',
  ReplicationController: 'v1',
};

function ownerReferences(pod: Pod): JsonObject {
  const above = replicaSetOf(pod);
  const controller = above === undefined ? pod.owner : {kind: 'ReplicaSet', name: above};
  if (!controller) return {};
  const {kind, name} = controller;
  return {
    ownerReferences: [{apiVersion: groups[kind] ?? 'v1', blockOwnerDeletion: true, controller: true, kind, name}],
  };
}

/** The pod's spec where it stands: in its own manifest, or in its workload's. */
function statedSpec(
  {namespace, name, owner}: Pod,
  view: View,
): {readonly manifest: JsonObject | undefined; readonly spec: JsonObject} {
  const manifest = view.manifest('Pod', namespace, name);
  if (manifest) return {manifest, spec: recordAt(manifest, 'spec')};
  const workload = owner && view.manifest(owner.kind, namespace, owner.name);
  const job = recordAt(workload, 'spec', 'jobTemplate');
  const spec = recordAt(owner?.kind === 'CronJob' ? job : workload, 'spec', 'template', 'spec');
  return {manifest: undefined, spec};
}

function containersOf(pod: Pod): JsonObject[] {
  const ports = pod.ports.map(({name, port, protocol, hostPort}) => ({
    containerPort: port,
    protocol,
    ...(name === undefined ? {} : {name}),
    ...(hostPort === undefined ? {} : {hostPort}),
  }));
  const stated = pod.containers.length > 0 ? pod.containers : [{name: pod.name, image: ''}];
  return stated.map(({name, image}, i) => ({
    name,
    image,
    ...(i === 0 && ports.length > 0 ? {ports} : {}),
  }));
}

/** Ports are TCP unless they say otherwise: the server's default. */
export function withProtocols(containers: readonly Json[]): readonly Json[] {
  return containers.map((container) => {
    const ports = listAt(container, 'ports');
    if (!isRecord(container) || ports.length === 0) return container;
    return {
      ...container,
      ports: ports.map((port) => (isRecord(port) ? {...port, protocol: port.protocol ?? 'TCP'} : port)),
    };
  });
}

export function podObject(pod: Pod, view: View): KubeObject {
  const {manifest, spec} = statedSpec(pod, view);
  const stated = withProtocols(listAt(spec, 'containers'));
  const metadata = metadataOf(view, pod, manifest);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      ...(metadata.ownerReferences === undefined ? ownerReferences(pod) : {}),
      ...(pod.terminating && metadata.deletionTimestamp === undefined
        ? {deletionGracePeriodSeconds: 30, deletionTimestamp: view.time(view.now)}
        : {}),
    },
    spec: {
      ...spec,
      containers: stated.length > 0 ? stated : containersOf(pod),
      ...(pod.hostNetwork ? {hostNetwork: true} : {}),
      ...(pod.node === undefined ? {} : {nodeName: pod.node}),
      restartPolicy: spec.restartPolicy ?? 'Always',
      serviceAccount: pod.serviceAccount,
      serviceAccountName: pod.serviceAccount,
    },
    status: podStatus(
      pod,
      view,
      manifest,
      stated.length > 0 ? stated : containersOf(pod),
      textAt(metadata, 'creationTimestamp'),
    ),
  };
}

/** What the input says of its state, under what is so now. */
function podStatus(
  pod: Pod,
  view: View,
  manifest: JsonObject | undefined,
  containers: readonly Json[],
  created: string,
): JsonObject {
  const node = view.node(pod.node);
  const told = recordAt(manifest, 'status');
  const hostIPs = (node?.ips ?? []).map((ip) => ({ip: formatIp(ip)}));
  const podIPs = pod.ips.map((ip) => ({ip: formatIp(ip)}));
  const condition = (type: string, holds: boolean) => ({
    lastTransitionTime: created,
    status: holds ? 'True' : 'False',
    type,
  });
  const running = pod.phase === 'Running';
  return merged(
    {
      ...(told.conditions === undefined
        ? {
            conditions: [
              condition('Initialized', true),
              condition('Ready', pod.ready),
              condition('ContainersReady', pod.ready),
              condition('PodScheduled', pod.node !== undefined),
            ],
          }
        : {}),
      ...(pod.node === undefined || told.containerStatuses !== undefined
        ? {}
        : {containerStatuses: containers.map((item) => containerStatus(item, pod, created))}),
      qosClass: 'BestEffort',
      ...(running ? {startTime: created} : {}),
      ...told,
    },
    {
      phase: pod.phase,
      ...(hostIPs[0] ? {hostIP: hostIPs[0].ip, hostIPs} : {}),
      ...(podIPs[0] ? {podIP: podIPs[0].ip, podIPs} : {}),
    },
  );
}

function containerStatus(container: Json, {phase, ready}: Pod, created: string): JsonObject {
  const ended = {Succeeded: 'Completed', Failed: 'Error'}[phase as string];
  const state =
    ended !== undefined
      ? {terminated: {exitCode: ended === 'Error' ? 1 : 0, finishedAt: created, reason: ended, startedAt: created}}
      : phase === 'Running'
        ? {running: {startedAt: created}}
        : {waiting: {reason: 'ContainerCreating'}};
  return {
    image: textAt(container, 'image'),
    lastState: {},
    name: textAt(container, 'name'),
    ready: ready && phase === 'Running',
    restartCount: 0,
    started: phase === 'Running',
    state,
  };
}

interface Summary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

const isRestartable = (container: Json) => textAt(container, 'restartPolicy') === 'Always';

function endOf(terminated: JsonObject): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

function hasCondition(object: KubeObject, type: string): boolean {
  return listAt(object, 'status', 'conditions').some(
    (item) => textAt(item, 'type') === type && textAt(item, 'status') === 'True',
  );
}

/** What the init containers make of it; undefined: they are done. */
function initStatus(object: KubeObject): string | undefined {
  const specs = listAt(object, 'spec', 'initContainers');
  for (const [i, status] of listAt(object, 'status', 'initContainerStatuses').entries()) {
    const spec = specs.find((item) => textAt(item, 'name') === textAt(status, 'name'));
    const terminated = at(status, 'state', 'terminated');
    if (isRecord(terminated) && numberAt(terminated, 'exitCode') === 0) continue;
    if (spec !== undefined && isRestartable(spec) && at(status, 'started') === true) continue;
    if (isRecord(terminated)) return `Init:${endOf(terminated)}`;
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${i}/${specs.length}`;
  }
  return undefined;
}

/** The last container that has something to say gives the word. */
function mainStatus(statuses: readonly Json[], otherwise: string): string {
  let reason = otherwise;
  for (const status of [...statuses].reverse()) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = at(status, 'state', 'terminated');
    if (waiting !== '') reason = waiting;
    else if (isRecord(terminated)) reason = endOf(terminated);
  }
  return reason;
}

/** Three columns ask for the same. */
const summaries = new WeakMap<KubeObject, Summary>();

/** READY, STATUS and RESTARTS. */
function podSummary(object: KubeObject, view: View): Summary {
  const summary = summaries.get(object) ?? summaryOf(object, view);
  summaries.set(object, summary);
  return summary;
}

function summaryOf(object: KubeObject, view: View): Summary {
  const inits = listAt(object, 'spec', 'initContainers').filter(isRestartable);
  const initStatuses = listAt(object, 'status', 'initContainerStatuses');
  const statuses = listAt(object, 'status', 'containerStatuses');
  const sidecars = initStatuses.filter((status) =>
    inits.some((item) => textAt(item, 'name') === textAt(status, 'name')),
  );
  const running = statuses.filter((status) => at(status, 'ready') === true && isRecord(at(status, 'state', 'running')));
  const early = initStatus(object);
  const initialized = early === undefined || hasCondition(object, 'Initialized');
  const gated = listAt(object, 'status', 'conditions').some((item) => textAt(item, 'reason') === 'SchedulingGated');
  let status = gated ? 'SchedulingGated' : textAt(object, 'status', 'reason') || textAt(object, 'status', 'phase');
  if (early !== undefined) status = early;
  if (initialized) status = mainStatus(statuses, status);
  if (status === 'Completed' && running.length > 0) status = hasCondition(object, 'Ready') ? 'Running' : 'NotReady';
  const phase = textAt(object, 'status', 'phase');
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined && phase !== 'Succeeded' && phase !== 'Failed')
    status = textAt(object, 'status', 'reason') === 'NodeLost' ? 'Unknown' : 'Terminating';
  const readySidecars = sidecars.filter((item) => at(item, 'started') === true && at(item, 'ready') === true);
  const ready = readySidecars.length + (initialized ? running.length : 0);
  const counted = initialized ? [...sidecars, ...statuses] : initStatuses;
  return {
    ready: `${ready}/${listAt(object, 'spec', 'containers').length + inits.length}`,
    status,
    restarts: restartText(counted, view),
  };
}

function restartText(statuses: readonly Json[], view: View): string {
  const count = statuses.reduce<number>((sum, status) => sum + numberAt(status, 'restartCount'), 0);
  const last =
    statuses
      .map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt'))
      .sort()
      .at(-1) ?? '';
  return count > 0 && last !== '' ? `${count} (${since(last, view)} ago)` : String(count);
}

function readinessGates(object: KubeObject): string {
  const gates = listAt(object, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  return `${gates.filter((gate) => hasCondition(object, textAt(gate, 'conditionType'))).length}/${gates.length}`;
}

const columns: readonly Column[] = [
  nameColumn,
  column('READY', (object, view) => podSummary(object, view).ready),
  column('STATUS', (object, view) => podSummary(object, view).status),
  column('RESTARTS', (object, view) => podSummary(object, view).restarts),
  ageColumn,
  column('IP', (object) => orNone(textAt(object, 'status', 'podIP')), true),
  column('NODE', (object) => orNone(textAt(object, 'spec', 'nodeName')), true),
  column('NOMINATED NODE', (object) => orNone(textAt(object, 'status', 'nominatedNodeName')), true),
  column('READINESS GATES', readinessGates, true),
];

export const pods: Resource = {
  name: 'pods',
  singular: 'pod',
  short: ['po'],
  kind: 'Pod',
  apiVersion: 'v1',
  namespaced: true,
  inAll: true,
  list: (view, namespace) =>
    view.cluster.pods
      .filter((pod) => namespace === undefined || pod.namespace === namespace)
      .map((pod) => ({
        name: pod.name,
        namespace: pod.namespace,
        labels: pod.labels,
        object: () => podObject(pod, view),
      })),
  columns,
};
