/**
 * Workloads: as their manifests say, or, where the input has none, as their pods tell; with the state of their pods.
 * Columns: pkg/printers/internalversion/printers.go, 1.32.
 */
import type {Pod} from '../../../cluster/model.js';
import {
  at,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  merged,
  numberAt,
  recordAt,
  stringsAt,
  textAt,
} from '../json.js';
import {type Entry, ownerKey, type View} from '../view.js';
import {
  ageColumn,
  type Column,
  column,
  formatLabels,
  formatSelector,
  humanDuration,
  metadataOf,
  nameColumn,
  namespaceOf,
  orNone,
  type Resource,
  since,
} from './kind.js';
import {podObject, withProtocols} from './pods.js';

/** Labels that controllers give to what they make. */
export const generated = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'job-name',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
];

/** What all pods have, without what generations add. */
export function sharedLabels(pods: readonly Pod[], kind = 'Deployment'): Readonly<Record<string, string>> {
  const kept = kind === 'ReplicaSet' ? ['pod-template-hash'] : [];
  const entries = Object.entries(pods[0]?.labels ?? {});
  return Object.fromEntries(
    entries.filter(
      ([key, value]) =>
        (!generated.includes(key) || kept.includes(key)) && pods.every(({labels}) => labels[key] === value),
    ),
  );
}

/** A manifest for a workload that is known by its pods only. */
export function derivedWorkload(kind: string, name: string, pods: readonly Pod[], view: View): JsonObject {
  const [first] = pods;
  const labels = sharedLabels(pods, kind);
  const spec = first ? recordAt(podObject(first, view), 'spec') : {};
  const {nodeName: _node, ...template} = spec;
  const {matchLabels} = {matchLabels: labels};
  const replicas = kind === 'DaemonSet' || kind === 'Job' ? {} : {replicas: pods.length};
  const podTemplate = {metadata: {labels}, spec: template};
  return {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: {name, ...(first ? {namespace: first.namespace} : {}), labels},
    spec:
      kind === 'CronJob'
        ? {jobTemplate: {spec: {template: podTemplate}}, schedule: '* * * * *', suspend: false}
        : {...replicas, selector: {matchLabels}, template: podTemplate},
  };
}

function workloadObject(
  kind: string,
  apiVersion: string,
  manifest: JsonObject,
  pods: readonly Pod[],
  view: View,
): KubeObject {
  const namespace = namespaceOf(manifest);
  const created = pods.reduce<number | undefined>(
    (least, {createdAt}) => (createdAt === undefined ? least : Math.min(least ?? createdAt, createdAt)),
    undefined,
  );
  const metadata = {
    name: textAt(manifest, 'metadata', 'name'),
    namespace,
    labels: stringsAt(manifest, 'metadata', 'labels'),
    annotations: stringsAt(manifest, 'metadata', 'annotations'),
    ...(at(manifest, 'metadata', 'creationTimestamp') === undefined ? {createdAt: created} : {}),
  };
  return {
    ...manifest,
    apiVersion,
    kind,
    metadata: metadataOf(view, metadata, manifest),
    spec: withDefaults(kind, recordAt(manifest, 'spec')),
    status: {...recordAt(manifest, 'status'), ...statusOf(kind, pods, manifest)},
  };
}

/** What the server adds where the manifest leaves it open (pkg/apis/apps/v1/defaults.go). */
const strategies: Readonly<Record<string, JsonObject>> = {
  Deployment: {strategy: {rollingUpdate: {maxSurge: '25%', maxUnavailable: '25%'}, type: 'RollingUpdate'}},
  DaemonSet: {updateStrategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}, type: 'RollingUpdate'}},
  StatefulSet: {updateStrategy: {rollingUpdate: {partition: 0}, type: 'RollingUpdate'}},
};

function withDefaults(kind: string, spec: JsonObject): JsonObject {
  const [key, strategy] = Object.entries(strategies[kind] ?? {})[0] ?? [];
  const stated = key === undefined ? undefined : textAt(spec, key, 'type');
  const defaulted = key !== undefined && stated === '' ? {[key]: merged(recordAt(strategy), recordAt(spec, key))} : {};
  const containers = withProtocols(listAt(spec, 'template', 'spec', 'containers'));
  const template = recordAt(spec, 'template');
  return {
    ...(['Deployment', 'ReplicaSet', 'StatefulSet'].includes(kind) ? {replicas: 1} : {}),
    ...spec,
    ...defaulted,
    ...(containers.length > 0 ? {template: {...template, spec: {...recordAt(template, 'spec'), containers}}} : {}),
  };
}

function statusOf(kind: string, pods: readonly Pod[], manifest: JsonObject): JsonObject {
  const all = pods.filter(({terminating}) => !terminating);
  const ready = all.filter((pod) => pod.ready && pod.phase === 'Running').length;
  const some = (key: string, value: number) => (value > 0 ? {[key]: value} : {});
  switch (kind) {
    case 'DaemonSet':
      return {
        currentNumberScheduled: all.length,
        desiredNumberScheduled: all.length,
        ...some('numberAvailable', ready),
        numberMisscheduled: 0,
        numberReady: ready,
        ...some('updatedNumberScheduled', all.length),
      };
    case 'Job': {
      const count = (phase: Pod['phase']) => all.filter((pod) => pod.phase === phase).length;
      const told = recordAt(manifest, 'status');
      if (Object.keys(told).length > 0) return {};
      return {
        ...some('active', count('Running') + count('Pending')),
        ...some('failed', count('Failed')),
        ready,
        ...some('succeeded', count('Succeeded')),
      };
    }
    case 'CronJob':
      return {};
    case 'Deployment': {
      const desired = replicasOf(manifest);
      return {
        ...some('availableReplicas', ready),
        conditions: [
          {
            message:
              ready >= desired
                ? 'Deployment has minimum availability.'
                : 'Deployment does not have minimum availability.',
            reason: ready >= desired ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
            status: ready >= desired ? 'True' : 'False',
            type: 'Available',
          },
        ],
        ...some('readyReplicas', ready),
        ...some('replicas', all.length),
        ...some('updatedReplicas', all.length),
      };
    }
    default:
      return {...some('availableReplicas', ready), ...some('readyReplicas', ready), replicas: all.length};
  }
}

function replicasOf(object: Json): number {
  const replicas = at(object, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : 1;
}

/** Those of the input, and those that only pods tell of. */
function list(kind: string, apiVersion: string): Resource['list'] {
  return (view, namespace) => {
    const manifests = new Map(
      view
        .manifests(kind)
        .map((manifest) => [ownerKey(kind, namespaceOf(manifest), textAt(manifest, 'metadata', 'name')), manifest]),
    );
    const keys = new Set(manifests.keys());
    for (const key of view.byOwner.keys()) if (key.startsWith(`${kind} `)) keys.add(key);
    return [...keys].flatMap((key): Entry[] => {
      const [own = '', name = ''] = key.slice(kind.length + 1).split('/');
      if (namespace !== undefined && own !== namespace) return [];
      const pods = view.byOwner.get(key) ?? [];
      const manifest = manifests.get(key);
      return [
        {
          name,
          namespace: own,
          labels: manifest ? stringsAt(manifest, 'metadata', 'labels') : sharedLabels(pods, kind),
          object: () =>
            workloadObject(kind, apiVersion, manifest ?? derivedWorkload(kind, name, pods, view), pods, view),
        },
      ];
    });
  };
}

const count =
  (...path: readonly string[]) =>
  (object: KubeObject) =>
    String(numberAt(object, ...path));
const template = (object: KubeObject) =>
  at(object, 'kind') === 'CronJob' ? recordAt(object, 'spec', 'jobTemplate', 'spec') : recordAt(object, 'spec');
const containers = (key: string) => (object: KubeObject) =>
  listAt(template(object), 'template', 'spec', 'containers')
    .map((item) => textAt(item, key))
    .join(',');
const wide: readonly Column[] = [
  column('CONTAINERS', containers('name'), true),
  column('IMAGES', containers('image'), true),
];
const selector = column('SELECTOR', (object) => formatSelector(at(template(object), 'selector')), true);
const ready = column('READY', (object) => `${numberAt(object, 'status', 'readyReplicas')}/${replicasOf(object)}`);

const daemonSets: Resource = {
  name: 'daemonsets',
  singular: 'daemonset',
  short: ['ds'],
  kind: 'DaemonSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  inAll: true,
  list: list('DaemonSet', 'apps/v1'),
  columns: [
    nameColumn,
    column('DESIRED', count('status', 'desiredNumberScheduled')),
    column('CURRENT', count('status', 'currentNumberScheduled')),
    column('READY', count('status', 'numberReady')),
    column('UP-TO-DATE', count('status', 'updatedNumberScheduled')),
    column('AVAILABLE', count('status', 'numberAvailable')),
    column('NODE SELECTOR', (object) => formatLabels(stringsAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    ageColumn,
    ...wide,
    selector,
  ],
};

const deployments: Resource = {
  name: 'deployments',
  singular: 'deployment',
  short: ['deploy'],
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  namespaced: true,
  inAll: true,
  list: list('Deployment', 'apps/v1'),
  columns: [
    nameColumn,
    ready,
    column('UP-TO-DATE', count('status', 'updatedReplicas')),
    column('AVAILABLE', count('status', 'availableReplicas')),
    ageColumn,
    ...wide,
    selector,
  ],
};

const replicaSets: Resource = {
  name: 'replicasets',
  singular: 'replicaset',
  short: ['rs'],
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  inAll: true,
  list: list('ReplicaSet', 'apps/v1'),
  columns: [
    nameColumn,
    column('DESIRED', (object) => String(replicasOf(object))),
    column('CURRENT', count('status', 'replicas')),
    column('READY', count('status', 'readyReplicas')),
    ageColumn,
    ...wide,
    selector,
  ],
};

const statefulSets: Resource = {
  name: 'statefulsets',
  singular: 'statefulset',
  short: ['sts'],
  kind: 'StatefulSet',
  apiVersion: 'apps/v1',
  namespaced: true,
  inAll: true,
  list: list('StatefulSet', 'apps/v1'),
  columns: [nameColumn, ready, ageColumn, ...wide],
};

const cronJobs: Resource = {
  name: 'cronjobs',
  singular: 'cronjob',
  short: ['cj'],
  kind: 'CronJob',
  apiVersion: 'batch/v1',
  namespaced: true,
  inAll: true,
  list: list('CronJob', 'batch/v1'),
  columns: [
    nameColumn,
    column('SCHEDULE', (object) => textAt(object, 'spec', 'schedule')),
    column('TIMEZONE', (object) => orNone(textAt(object, 'spec', 'timeZone'))),
    column('SUSPEND', (object) => (at(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    column('ACTIVE', (object) => String(listAt(object, 'status', 'active').length)),
    column('LAST SCHEDULE', (object, view) => {
      const last = textAt(object, 'status', 'lastScheduleTime');
      return last === '' ? '<none>' : since(last, view);
    }),
    ageColumn,
    ...wide,
    selector,
  ],
};

function jobStatus(object: KubeObject): string {
  const has = (type: string) =>
    listAt(object, 'status', 'conditions').some(
      (item) => textAt(item, 'type') === type && textAt(item, 'status') === 'True',
    );
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  return has('FailureTarget') ? 'FailureTarget' : has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions(object: KubeObject): string {
  const succeeded = numberAt(object, 'status', 'succeeded');
  const wanted = at(object, 'spec', 'completions');
  const parallel = numberAt(object, 'spec', 'parallelism');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  return parallel > 1 ? `${succeeded}/1 of ${parallel}` : `${succeeded}/1`;
}

const jobs: Resource = {
  name: 'jobs',
  singular: 'job',
  short: [],
  kind: 'Job',
  apiVersion: 'batch/v1',
  namespaced: true,
  inAll: true,
  list: list('Job', 'batch/v1'),
  columns: [
    nameColumn,
    column('STATUS', jobStatus),
    column('COMPLETIONS', completions),
    column('DURATION', (object, view) => {
      const start = textAt(object, 'status', 'startTime');
      const end = textAt(object, 'status', 'completionTime');
      if (start === '') return '';
      return end === '' ? since(start, view) : humanDuration(Date.parse(end) - Date.parse(start));
    }),
    ageColumn,
    ...wide,
    selector,
  ],
};

/** In the order of `get all`. */
export const workloads: readonly Resource[] = [daemonSets, deployments, replicaSets, statefulSets, cronJobs, jobs];

export function isWorkloadKind(kind: string): boolean {
  return workloads.some((resource) => resource.kind === kind);
}
