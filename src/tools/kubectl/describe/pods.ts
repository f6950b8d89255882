/** Pods, and the templates of workloads: describePod and describePodTemplate, 1.32. */
import {
  at,
  isRecord,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  numberAt,
  recordAt,
  stringsAt,
  textAt,
} from '../json.js';
import {formatSelector, humanDuration} from '../kinds/kind.js';
import type {View} from '../view.js';
import {
  annotationLines,
  annotationsOf,
  byKey,
  controller,
  dateText,
  headLines,
  Lines,
  labelLines,
  labelsOf,
} from './lines.js';

const flag = (value: Json | undefined) => (value === true ? 'True' : 'False');

export function describePod(object: KubeObject, view: View): string {
  const lines = new Lines();
  const spec = recordAt(object, 'spec');
  const status = recordAt(object, 'status');
  headLines(lines, object);
  if (spec.priority !== undefined) lines.add(0, `Priority:\t${textAt(spec, 'priority')}\n`);
  if (textAt(spec, 'serviceAccountName') !== '')
    lines.add(0, `Service Account:\t${textAt(spec, 'serviceAccountName')}\n`);
  const node = textAt(spec, 'nodeName');
  lines.add(0, `Node:\t${node === '' ? '<none>' : `${node}/${textAt(status, 'hostIP')}`}\n`);
  if (textAt(status, 'startTime') !== '') lines.add(0, `Start Time:\t${dateText(textAt(status, 'startTime'))}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  const deleted = textAt(object, 'metadata', 'deletionTimestamp');
  if (deleted !== '') {
    lines.add(0, `Status:\tTerminating (lasts ${humanDuration(view.now - Date.parse(deleted))})\n`);
    lines.add(0, `Termination Grace Period:\t${textAt(object, 'metadata', 'deletionGracePeriodSeconds')}s\n`);
  } else lines.add(0, `Status:\t${textAt(status, 'phase')}\n`);
  for (const key of ['reason', 'message'])
    if (textAt(status, key) !== '')
      lines.add(0, `${key === 'reason' ? 'Reason' : 'Message'}:\t${textAt(status, key)}\n`);
  lines.add(0, `IP:\t${textAt(status, 'podIP')}\n`);
  const ips = listAt(status, 'podIPs');
  lines.add(0, ips.length === 0 ? 'IPs:\t<none>\n' : 'IPs:\n');
  for (const item of ips) lines.add(1, `IP:\t${textAt(item, 'ip')}\n`);
  const owner = controller(object);
  if (owner !== undefined) lines.add(0, `Controlled By:\t${owner}\n`);
  if (textAt(status, 'nominatedNodeName') !== '')
    lines.add(0, `NominatedNodeName:\t${textAt(status, 'nominatedNodeName')}\n`);
  const inits = listAt(spec, 'initContainers');
  if (inits.length > 0) containerLines(lines, 'Init Containers', inits, listAt(status, 'initContainerStatuses'), '');
  containerLines(lines, 'Containers', listAt(spec, 'containers'), listAt(status, 'containerStatuses'), '');
  gateLines(lines, object);
  const conditions = listAt(status, 'conditions');
  if (conditions.length > 0) {
    lines.add(0, 'Conditions:\n  Type\tStatus\n');
    for (const item of conditions) lines.add(1, `${textAt(item, 'type')} \t${textAt(item, 'status')} \n`);
  }
  volumeLines(lines, listAt(spec, 'volumes'), '');
  if (textAt(status, 'qosClass') !== '') lines.add(0, `QoS Class:\t${textAt(status, 'qosClass')}\n`);
  labelLines(lines, 0, 'Node-Selectors', stringsAt(spec, 'nodeSelector'));
  tolerationLines(lines, listAt(spec, 'tolerations'), '');
  spreadLines(lines, listAt(spec, 'topologySpreadConstraints'), '');
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

function gateLines(lines: Lines, object: KubeObject): void {
  const gates = listAt(object, 'spec', 'readinessGates');
  if (gates.length === 0) return;
  lines.add(0, 'Readiness Gates:\n  Type\tStatus\n');
  for (const gate of gates) {
    const type = textAt(gate, 'conditionType');
    const condition = listAt(object, 'status', 'conditions').find((item) => textAt(item, 'type') === type);
    lines.add(1, `${type} \t${condition === undefined ? '<none>' : textAt(condition, 'status')} \n`);
  }
}

/** `space` is a blank for templates, whose containers stand one column further right. */
function containerLines(
  lines: Lines,
  label: string,
  containers: readonly Json[],
  statuses: readonly Json[],
  space: string,
): void {
  lines.add(0, `${space}${label}:${containers.length === 0 ? ' <none>' : ''}\n`);
  for (const container of containers) {
    const name = textAt(container, 'name');
    const status = statuses.find((item) => textAt(item, 'name') === name);
    lines.add(1, `${space === '' ? '' : ' '}${name}:\n`);
    if (status !== undefined) lines.add(2, `Container ID:\t${textAt(status, 'containerID')}\n`);
    lines.add(2, `Image:\t${textAt(container, 'image')}\n`);
    if (status !== undefined) lines.add(2, `Image ID:\t${textAt(status, 'imageID')}\n`);
    portLine(lines, 'Port', 'containerPort', container);
    portLine(lines, 'Host Port', 'hostPort', container);
    for (const [title, key] of [
      ['Command', 'command'],
      ['Args', 'args'],
    ] as const) {
      const words = listAt(container, key);
      if (words.length > 0) lines.add(2, `${title}:\n`);
      for (const word of words) for (const part of String(word).split('\n')) lines.add(3, `${part}\n`);
    }
    if (status !== undefined) stateLines(lines, status);
    for (const [title, key] of [
      ['Limits', 'limits'],
      ['Requests', 'requests'],
    ] as const) {
      const amounts = Object.entries(recordAt(container, 'resources', key)).sort(([a], [b]) => (a < b ? -1 : 1));
      if (amounts.length > 0) lines.add(2, `${title}:\n`);
      for (const [resource, amount] of amounts) lines.add(3, `${resource}:\t${String(amount)}\n`);
    }
    for (const [title, key] of [
      ['Liveness', 'livenessProbe'],
      ['Readiness', 'readinessProbe'],
      ['Startup', 'startupProbe'],
    ] as const) {
      const probe = at(container, key);
      if (isRecord(probe)) lines.add(2, `${title}:\t${probeText(probe)}\n`);
    }
    environmentLines(lines, container);
    mountLines(lines, listAt(container, 'volumeMounts'));
  }
}

function portLine(lines: Lines, title: string, key: string, container: Json): void {
  const ports = listAt(container, 'ports').map((item) => `${numberAt(item, key)}/${textAt(item, 'protocol')}`);
  lines.add(2, `${title}${ports.length > 1 ? 's' : ''}:\t${ports.length === 0 ? '<none>' : ports.join(', ')}\n`);
}

function stateLines(lines: Lines, status: Json): void {
  oneState(lines, 'State', recordAt(status, 'state'));
  if (at(status, 'lastState', 'terminated') !== undefined) oneState(lines, 'Last State', recordAt(status, 'lastState'));
  lines.add(2, `Ready:\t${flag(at(status, 'ready'))}\n`);
  lines.add(2, `Restart Count:\t${numberAt(status, 'restartCount')}\n`);
}

function oneState(lines: Lines, title: string, {running, waiting, terminated}: JsonObject): void {
  if (running !== undefined) {
    lines.add(2, `${title}:\tRunning\n`);
    lines.add(3, `Started:\t${dateText(textAt(running, 'startedAt'))}\n`);
  } else if (terminated !== undefined) {
    lines.add(2, `${title}:\tTerminated\n`);
    if (textAt(terminated, 'reason') !== '') lines.add(3, `Reason:\t${textAt(terminated, 'reason')}\n`);
    if (textAt(terminated, 'message') !== '') lines.add(3, `Message:\t${textAt(terminated, 'message')}\n`);
    lines.add(3, `Exit Code:\t${numberAt(terminated, 'exitCode')}\n`);
    if (numberAt(terminated, 'signal') > 0) lines.add(3, `Signal:\t${numberAt(terminated, 'signal')}\n`);
    lines.add(3, `Started:\t${dateText(textAt(terminated, 'startedAt'))}\n`);
    lines.add(3, `Finished:\t${dateText(textAt(terminated, 'finishedAt'))}\n`);
  } else {
    lines.add(2, `${title}:\tWaiting\n`);
    if (textAt(waiting, 'reason') !== '') lines.add(3, `Reason:\t${textAt(waiting, 'reason')}\n`);
  }
}

function probeText(probe: JsonObject): string {
  const seconds = (key: string) => `${numberAt(probe, key)}s`;
  const attributes = `delay=${seconds('initialDelaySeconds')} timeout=${seconds('timeoutSeconds')} period=${seconds('periodSeconds')} #success=${numberAt(probe, 'successThreshold')} #failure=${numberAt(probe, 'failureThreshold')}`;
  const {exec, httpGet, tcpSocket, grpc} = probe;
  if (exec !== undefined) return `exec [${listAt(exec, 'command').map(String).join(' ')}] ${attributes}`;
  if (httpGet !== undefined) {
    const scheme = textAt(httpGet, 'scheme').toLowerCase();
    const path = textAt(httpGet, 'path');
    return `http-get ${scheme === '' ? '' : `${scheme}:`}//${textAt(httpGet, 'host')}:${textAt(httpGet, 'port')}${path.startsWith('/') || path === '' ? '' : '/'}${path} ${attributes}`;
  }
  if (tcpSocket !== undefined)
    return `tcp-socket ${textAt(tcpSocket, 'host')}:${textAt(tcpSocket, 'port')} ${attributes}`;
  if (grpc !== undefined) return `grpc <pod>:${textAt(grpc, 'port')} ${textAt(grpc, 'service')} ${attributes}`;
  return `unknown ${attributes}`;
}

function environmentLines(lines: Lines, container: Json): void {
  const from = listAt(container, 'envFrom');
  if (from.length > 0) lines.add(2, 'Environment Variables from:\n');
  for (const item of from) {
    const [key, title] =
      at(item, 'configMapRef') === undefined
        ? (['secretRef', 'Secret'] as const)
        : (['configMapRef', 'ConfigMap'] as const);
    const prefix = textAt(item, 'prefix');
    lines.add(
      3,
      `${textAt(item, key, 'name')}\t${title}${prefix === '' ? '' : ` with prefix '${prefix}'`}\tOptional: ${at(item, key, 'optional') === true}\n`,
    );
  }
  const variables = listAt(container, 'env');
  lines.add(2, variables.length === 0 ? 'Environment:\t<none>\n' : 'Environment:\n');
  for (const item of variables) {
    const name = textAt(item, 'name');
    const source = at(item, 'valueFrom');
    if (source !== undefined) {
      lines.add(3, `${name}:\t${sourceText(source)}\n`);
      continue;
    }
    for (const [i, part] of textAt(item, 'value').split('\n').entries())
      lines.add(3, i === 0 ? `${name}:\t${part}\n` : `\t${part}\n`);
  }
}

function sourceText(source: Json): string {
  const optional = (key: string) => `\tOptional: ${at(source, key, 'optional') === true}`;
  const key = (ref: string) => [textAt(source, ref, 'key'), textAt(source, ref, 'name')];
  if (at(source, 'fieldRef') !== undefined)
    return ` (${textAt(source, 'fieldRef', 'apiVersion')}:${textAt(source, 'fieldRef', 'fieldPath')})`;
  if (at(source, 'resourceFieldRef') !== undefined) return ` (${textAt(source, 'resourceFieldRef', 'resource')})`;
  if (at(source, 'secretKeyRef') !== undefined) {
    const [item, name] = key('secretKeyRef');
    return `<set to the key '${item}' in secret '${name}'>${optional('secretKeyRef')}`;
  }
  const [item, name] = key('configMapKeyRef');
  return `<set to the key '${item}' of config map '${name}'>${optional('configMapKeyRef')}`;
}

function mountLines(lines: Lines, mounts: readonly Json[]): void {
  lines.add(2, mounts.length === 0 ? 'Mounts:\t<none>\n' : 'Mounts:\n');
  const path = (item: Json) => textAt(item, 'mountPath');
  for (const item of [...mounts].sort((a, b) => (path(a) < path(b) ? -1 : 1))) {
    const sub = textAt(item, 'subPath');
    const flags = `${at(item, 'readOnly') === true ? 'ro' : 'rw'}${sub === '' ? '' : `,path=${JSON.stringify(sub)}`}`;
    lines.add(3, `${path(item)} from ${textAt(item, 'name')} (${flags})\n`);
  }
}

/** Sources of volumes: their key, and what the line Type says. */
const volumeTypes: readonly (readonly [
  key: string,
  text: string,
  fields: readonly (readonly [title: string, key: string])[],
])[] = [
  [
    'configMap',
    'ConfigMap (a volume populated by a ConfigMap)',
    [
      ['Name', 'name'],
      ['Optional', 'optional'],
    ],
  ],
  [
    'secret',
    'Secret (a volume populated by a Secret)',
    [
      ['SecretName', 'secretName'],
      ['Optional', 'optional'],
    ],
  ],
  [
    'emptyDir',
    "EmptyDir (a temporary directory that shares a pod's lifetime)",
    [
      ['Medium', 'medium'],
      ['SizeLimit', 'sizeLimit'],
    ],
  ],
  [
    'hostPath',
    'HostPath (bare host directory volume)',
    [
      ['Path', 'path'],
      ['HostPathType', 'type'],
    ],
  ],
  [
    'persistentVolumeClaim',
    'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    [
      ['ClaimName', 'claimName'],
      ['ReadOnly', 'readOnly'],
    ],
  ],
];

function volumeLines(lines: Lines, volumes: readonly Json[], space: string): void {
  lines.add(0, volumes.length === 0 ? `${space}Volumes:\t<none>\n` : `${space}Volumes:\n`);
  for (const volume of volumes) {
    lines.add(1, `${space === '' ? '' : ' '}${textAt(volume, 'name')}:\n`);
    const row = volumeTypes.find(([key]) => at(volume, key) !== undefined);
    if (!row) {
      lines.add(1, '<unknown>\n');
      continue;
    }
    const [source, type, fields] = row;
    lines.add(2, `Type:\t${type}\n`);
    for (const [title, key] of fields) {
      const value = at(volume, source, key);
      const unset = {optional: 'false', readOnly: 'false', sizeLimit: '<unset>'}[key] ?? '';
      lines.add(2, `${title}:\t${value === undefined ? unset : String(value)}\n`);
    }
  }
}

function tolerationLines(lines: Lines, tolerations: readonly Json[], space: string): void {
  if (tolerations.length === 0) return void lines.add(0, `${space}Tolerations:\t<none>\n`);
  const key = (item: Json) => textAt(item, 'key');
  for (const [i, item] of [...tolerations].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)).entries()) {
    const value = textAt(item, 'value');
    const effect = textAt(item, 'effect');
    const named = key(item) + (value === '' ? '' : `=${value}`) + (effect === '' ? '' : `:${effect}`);
    const exists = textAt(item, 'operator') === 'Exists' && value === '' ? `${named === '' ? '' : ' '}op=Exists` : '';
    const seconds = at(item, 'tolerationSeconds');
    lines.add(
      0,
      `${i === 0 ? `${space}Tolerations:\t` : `${space}\t`}${named}${exists}${seconds === undefined ? '' : ` for ${String(seconds)}s`}\n`,
    );
  }
}

function spreadLines(lines: Lines, constraints: readonly Json[], space: string): void {
  const key = (item: Json) => textAt(item, 'topologyKey');
  for (const [i, item] of [...constraints].sort((a, b) => (key(a) < key(b) ? -1 : 1)).entries()) {
    const selector = at(item, 'labelSelector');
    const whom = selector === undefined ? '' : ` for selector ${formatSelector(selector)}`;
    lines.add(
      0,
      `${space}${i === 0 ? 'Topology Spread Constraints:' : ''}\t${key(item)}:${textAt(item, 'whenUnsatisfiable')} when max skew ${numberAt(item, 'maxSkew')} is exceeded${whom}\n`,
    );
  }
}

/** `Pod Template:` of a workload. */
export function templateLines(lines: Lines, template: Json | undefined): void {
  lines.add(0, 'Pod Template:\n');
  const spec = recordAt(template, 'spec');
  labelLines(lines, 0, '  Labels', labelsOf(template), '  \t');
  const annotations = byKey(annotationsOf(template));
  for (const [i, [key, value]] of annotations.entries())
    lines.add(0, `${i === 0 ? '  Annotations:\t' : '  \t'}${key}: ${value}\n`);
  if (textAt(spec, 'serviceAccountName') !== '')
    lines.add(0, `  Service Account:\t${textAt(spec, 'serviceAccountName')}\n`);
  if (listAt(spec, 'initContainers').length > 0)
    containerLines(lines, 'Init Containers', listAt(spec, 'initContainers'), [], '  ');
  containerLines(lines, 'Containers', listAt(spec, 'containers'), [], '  ');
  volumeLines(lines, listAt(spec, 'volumes'), '  ');
  spreadLines(lines, listAt(spec, 'topologySpreadConstraints'), '  ');
  if (textAt(spec, 'priorityClassName') !== '')
    lines.add(0, `  Priority Class Name:\t${textAt(spec, 'priorityClassName')}\n`);
  labelLines(lines, 0, '  Node-Selectors', stringsAt(spec, 'nodeSelector'), '  \t');
  tolerationLines(lines, listAt(spec, 'tolerations'), '  ');
}
