/** Workloads, ConfigMaps, and kinds that kubectl has no words of its own for: k8s.io/kubectl pkg/describe, 1.32. */
import {
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
import {formatLabels, formatSelector} from '../kinds/kind.js';
import {ownerKey, type View} from '../view.js';
import {annotationLines, annotationsOf, controller, dateText, headLines, Lines, labelLines, labelsOf} from './lines.js';
import {templateLines} from './pods.js';

export function describeDeployment(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  lines.add(0, `CreationTimestamp:\t${dateText(textAt(object, 'metadata', 'creationTimestamp'))}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `Selector:\t${formatSelector(recordAt(object, 'spec', 'selector'))}\n`);
  const count = (key: string) => numberAt(object, 'status', key);
  const desired = numberAt(object, 'spec', 'replicas');
  lines.add(
    0,
    `Replicas:\t${desired} desired | ${count('updatedReplicas')} updated | ${count('replicas')} total | ${count('availableReplicas')} available | ${count('unavailableReplicas')} unavailable\n`,
  );
  lines.add(0, `StrategyType:\t${textAt(object, 'spec', 'strategy', 'type')}\n`);
  lines.add(0, `MinReadySeconds:\t${numberAt(object, 'spec', 'minReadySeconds')}\n`);
  const rolling = recordAt(object, 'spec', 'strategy', 'rollingUpdate');
  if (Object.keys(rolling).length > 0)
    lines.add(
      0,
      `RollingUpdateStrategy:\t${textAt(rolling, 'maxUnavailable')} max unavailable, ${textAt(rolling, 'maxSurge')} max surge\n`,
    );
  templateLines(lines, recordAt(object, 'spec', 'template'));
  const conditions = listAt(object, 'status', 'conditions');
  if (conditions.length > 0) {
    lines.add(0, 'Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n');
    for (const item of conditions)
      lines.add(1, `${textAt(item, 'type')} \t${textAt(item, 'status')}\t${textAt(item, 'reason')}\n`);
  }
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

function podsStatus({kind, metadata}: KubeObject, {byOwner}: View): string {
  const pods = byOwner.get(ownerKey(kind, String(metadata.namespace), metadata.name)) ?? [];
  const count = (phase: string) => pods.filter((pod) => pod.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

export function describeReplicaSet(object: KubeObject, view: View): string {
  const lines = new Lines();
  headLines(lines, object);
  lines.add(0, `Selector:\t${formatSelector(recordAt(object, 'spec', 'selector'))}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  const owner = controller(object);
  if (owner !== undefined) lines.add(0, `Controlled By:\t${owner}\n`);
  lines.add(
    0,
    `Replicas:\t${numberAt(object, 'status', 'replicas')} current / ${numberAt(object, 'spec', 'replicas')} desired\n`,
  );
  lines.add(0, `Pods Status:\t${podsStatus(object, view)}\n`);
  templateLines(lines, recordAt(object, 'spec', 'template'));
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeStatefulSet(object: KubeObject, view: View): string {
  const lines = new Lines();
  headLines(lines, object);
  lines.add(0, `CreationTimestamp:\t${dateText(textAt(object, 'metadata', 'creationTimestamp'))}\n`);
  lines.add(0, `Selector:\t${formatSelector(recordAt(object, 'spec', 'selector'))}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(
    0,
    `Replicas:\t${numberAt(object, 'spec', 'replicas')} desired | ${numberAt(object, 'status', 'replicas')} total\n`,
  );
  lines.add(0, `Update Strategy:\t${textAt(object, 'spec', 'updateStrategy', 'type')}\n`);
  const partition = recordAt(object, 'spec', 'updateStrategy', 'rollingUpdate').partition;
  if (typeof partition === 'number') lines.add(1, `Partition:\t${partition}\n`);
  lines.add(0, `Pods Status:\t${podsStatus(object, view)}\n`);
  templateLines(lines, recordAt(object, 'spec', 'template'));
  const claims = listAt(object, 'spec', 'volumeClaimTemplates');
  lines.add(0, claims.length === 0 ? 'Volume Claims:\t<none>\n' : 'Volume Claims:\n');
  for (const claim of claims) {
    lines.add(1, `Name:\t${textAt(claim, 'metadata', 'name')}\n`);
    lines.add(1, `StorageClass:\t${textAt(claim, 'spec', 'storageClassName')}\n`);
    labelLines(lines, 1, 'Labels', labelsOf(claim), '\t');
    labelLines(lines, 1, 'Annotations', annotationsOf(claim), '\t');
    lines.add(1, `Capacity:\t${textAt(claim, 'spec', 'resources', 'requests', 'storage') || '<default>'}\n`);
    lines.add(1, `Access Modes:\t[${listAt(claim, 'spec', 'accessModes').map(String).join(' ')}]\n`);
  }
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeDaemonSet(object: KubeObject, view: View): string {
  const lines = new Lines();
  lines.add(0, `Name:\t${object.metadata.name}\n`);
  lines.add(0, `Selector:\t${formatSelector(recordAt(object, 'spec', 'selector'))}\n`);
  lines.add(0, `Node-Selector:\t${formatLabels(stringsAt(object, 'spec', 'template', 'spec', 'nodeSelector'))}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  for (const [title, key] of [
    ['Desired Number of Nodes Scheduled', 'desiredNumberScheduled'],
    ['Current Number of Nodes Scheduled', 'currentNumberScheduled'],
    ['Number of Nodes Scheduled with Up-to-date Pods', 'updatedNumberScheduled'],
    ['Number of Nodes Scheduled with Available Pods', 'numberAvailable'],
    ['Number of Nodes Misscheduled', 'numberMisscheduled'],
  ] as const)
    lines.add(0, `${title}: ${numberAt(object, 'status', key)}\n`);
  lines.add(0, `Pods Status:\t${podsStatus(object, view)}\n`);
  templateLines(lines, recordAt(object, 'spec', 'template'));
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeConfigMap(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, '\nData\n====\n');
  for (const [key, value] of Object.entries(stringsAt(object, 'data')).sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.add(0, `${key}:\n----\n${value}\n\n`);
  lines.add(0, '\nBinaryData\n====\n');
  for (const [key, value] of Object.entries(stringsAt(object, 'binaryData')).sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.add(0, `${key}: ${Math.floor((value.replace(/=+$/, '').length * 3) / 4)} bytes\n`);
  lines.add(0, '\nEvents:\t<none>\n');
  return String(lines);
}

/** What the generic describer leaves out (describe.go printUnstructuredContent). */
const skipped: readonly (readonly string[])[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'managedFields'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'labels'],
  ['metadata', 'annotations'],
];

export function describeAny(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `API Version:\t${object.apiVersion}\n`);
  lines.add(0, `Kind:\t${object.kind}\n`);
  contentLines(lines, 0, object, []);
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

function contentLines(lines: Lines, level: number, content: JsonObject, path: readonly string[]): void {
  for (const key of Object.keys(content).sort()) {
    const value = content[key];
    const here = [...path, key];
    if (value === undefined || value === null || skipped.some((rule) => rule.join('\0') === here.join('\0'))) continue;
    const title = smartLabel(key);
    if (Array.isArray(value)) {
      lines.add(level, `${title}:\n`);
      for (const item of value as readonly Json[])
        if (isRecord(item)) contentLines(lines, level + 1, item, here);
        else lines.add(level + 1, `${String(item)}\n`);
    } else if (isRecord(value)) {
      lines.add(level, `${title}:\n`);
      contentLines(lines, level + 1, value, here);
    } else lines.add(level, `${title}:\t${String(value)}\n`);
  }
}

const acronyms = [
  'ACL',
  'API',
  'ASCII',
  'CPU',
  'CSS',
  'DNS',
  'EOF',
  'GUID',
  'HTML',
  'HTTP',
  'HTTPS',
  'ID',
  'IP',
  'JSON',
  'LHS',
  'QPS',
  'RAM',
  'RHS',
  'RPC',
  'SLA',
  'SMTP',
  'SQL',
  'SSH',
  'TCP',
  'TLS',
  'TTL',
  'UDP',
  'UI',
  'UID',
  'URI',
  'URL',
  'UTF8',
  'UUID',
  'VM',
  'XML',
  'XMPP',
  'XSRF',
  'XSS',
];

/** `podIPs` → `Pod I Ps`: words of a camel-cased name, each with a capital; names with other marks stay. */
function smartLabel(field: string): string {
  if (/[^A-Za-z0-9]/.test(field) && !/^[A-Za-z]+(-[A-Za-z]+)+$/.test(field)) return field;
  if (/^[a-z]+\d+$/.test(field) || /^k8s-/.test(field)) return field;
  const parts = camelWords(field);
  return parts
    .map((part) =>
      acronyms.includes(part.toUpperCase()) && part !== 'id' && part !== 'ip'
        ? part.toUpperCase()
        : part.charAt(0).toUpperCase() + part.slice(1),
    )
    .join(' ');
}

/** Runs of one class of letters; a capital goes with the small ones behind it (fatih/camelcase). */
function camelWords(text: string): string[] {
  return text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z0-9]+/g) ?? [text];
}
