/** Jobs, CronJobs and Ingresses: pkg/describe/describe.go of k8s.io/kubectl, 1.32. */
import {at, type Json, type KubeObject, listAt, numberAt, recordAt, textAt} from '../json.js';
import {services} from '../kinds/core.js';
import {formatSelector, humanDuration} from '../kinds/kind.js';

import type {View} from '../view.js';
import {annotationLines, annotationsOf, controller, dateText, headLines, Lines, labelLines, labelsOf} from './lines.js';
import {serviceSlices, sliceText} from './network.js';
import {templateLines} from './pods.js';

const UNSET = '<unset>';

function has(object: Json | undefined, ...path: readonly string[]): boolean {
  const value = at(object, ...path);
  return value !== undefined && value !== null;
}

function orUnset(object: Json | undefined, key: string, unit = ''): string {
  return has(object, key) ? `${textAt(object, key)}${unit}` : UNSET;
}

export function describeJob(object: KubeObject): string {
  const lines = new Lines();
  const {spec, status} = object;
  headLines(lines, object);
  lines.add(0, `Selector:\t${has(spec, 'selector') ? formatSelector(recordAt(spec, 'selector')) : ''}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  const owner = controller(object);
  if (owner !== undefined) lines.add(0, `Controlled By:\t${owner}\n`);
  const optional = (title: string, key: string, unit = '') => {
    if (has(spec, key)) lines.add(0, `${title}:\t${String(at(spec, key))}${unit}\n`);
  };
  optional('Parallelism', 'parallelism');
  lines.add(0, `Completions:\t${orUnset(spec, 'completions')}\n`);
  optional('Completion Mode', 'completionMode');
  optional('Suspend', 'suspend');
  optional('Backoff Limit', 'backoffLimit');
  optional('TTL Seconds After Finished', 'ttlSecondsAfterFinished');
  const [started, completed] = [textAt(status, 'startTime'), textAt(status, 'completionTime')];
  if (started !== '') lines.add(0, `Start Time:\t${dateText(started)}\n`);
  if (completed !== '') lines.add(0, `Completed At:\t${dateText(completed)}\n`);
  if (started !== '' && completed !== '')
    lines.add(0, `Duration:\t${humanDuration(Date.parse(completed) - Date.parse(started))}\n`);
  optional('Active Deadline Seconds', 'activeDeadlineSeconds', 's');
  const ready = has(status, 'ready') ? ` (${numberAt(status, 'ready')} Ready)` : '';
  const [active, succeeded, failed] = ['active', 'succeeded', 'failed'].map((key) => numberAt(status, key));
  lines.add(0, `Pods Statuses:\t${active} Active${ready} / ${succeeded} Succeeded / ${failed} Failed\n`);
  if (textAt(spec, 'completionMode') === 'Indexed')
    lines.add(0, `Completed Indexes:\t${shortIndexes(textAt(status, 'completedIndexes'))}\n`);
  templateLines(lines, recordAt(spec, 'template'));
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

const MOST_INDEXES = 50;

/** Cut at a comma. */
function shortIndexes(indexes: string): string {
  if (indexes === '') return '<none>';
  if (indexes.length <= MOST_INDEXES) return indexes;
  return `${indexes.slice(0, indexes.lastIndexOf(',', MOST_INDEXES - 1) + 1)}...`;
}

export function describeCronJob(object: KubeObject): string {
  const lines = new Lines();
  const {spec, status} = object;
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `Schedule:\t${textAt(spec, 'schedule')}\n`);
  lines.add(0, `Concurrency Policy:\t${textAt(spec, 'concurrencyPolicy')}\n`);
  lines.add(0, `Suspend:\t${has(spec, 'suspend') ? (at(spec, 'suspend') === true ? 'True' : 'False') : UNSET}\n`);
  lines.add(0, `Successful Job History Limit:\t${orUnset(spec, 'successfulJobsHistoryLimit')}\n`);
  lines.add(0, `Failed Job History Limit:\t${orUnset(spec, 'failedJobsHistoryLimit')}\n`);
  lines.add(0, `Starting Deadline Seconds:\t${orUnset(spec, 'startingDeadlineSeconds', 's')}\n`);
  const job = recordAt(spec, 'jobTemplate', 'spec');
  lines.add(0, `Selector:\t${has(job, 'selector') ? formatSelector(recordAt(job, 'selector')) : UNSET}\n`);
  lines.add(0, `Parallelism:\t${orUnset(job, 'parallelism')}\n`);
  lines.add(0, `Completions:\t${orUnset(job, 'completions')}\n`);
  if (has(job, 'activeDeadlineSeconds'))
    lines.add(0, `Active Deadline Seconds:\t${textAt(job, 'activeDeadlineSeconds')}s\n`);
  templateLines(lines, recordAt(job, 'template'));
  const last = textAt(status, 'lastScheduleTime');
  lines.add(0, `Last Schedule Time:\t${last === '' ? UNSET : dateText(last)}\n`);
  const active = listAt(status, 'active').map((item) => textAt(item, 'name'));
  lines.add(0, `Active Jobs:\t${active.join(', ') || '<none>'}\n`);
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeIngress(object: KubeObject, view: View): string {
  const lines = new Lines();
  const {metadata, spec} = object;
  const backend = (value: Json | undefined) => backendText(value, String(metadata.namespace), view);
  lines.add(0, `Name:\t${metadata.name}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  lines.add(0, `Namespace:\t${String(metadata.namespace)}\n`);
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress');
  lines.add(0, `Address:\t${addresses.map((item) => textAt(item, 'ip') || textAt(item, 'hostname')).join(',')}\n`);
  lines.add(0, `Ingress Class:\t${textAt(spec, 'ingressClassName') || '<none>'}\n`);
  const fallback = has(spec, 'defaultBackend') ? backend(recordAt(spec, 'defaultBackend')) : '<default>';
  lines.add(0, `Default backend:\t${fallback}\n`);
  const tls = listAt(spec, 'tls');
  if (tls.length > 0) lines.add(0, 'TLS:\n');
  for (const item of tls) {
    const hosts = listAt(item, 'hosts').map(String).join(',');
    const secret = textAt(item, 'secretName');
    lines.add(1, secret === '' ? `SNI routes ${hosts}\n` : `${secret} terminates ${hosts}\n`);
  }
  lines.add(0, 'Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------\n');
  const rules = listAt(spec, 'rules').filter((rule) => has(rule, 'http'));
  for (const rule of rules) {
    lines.add(1, `${textAt(rule, 'host') || '*'}\t\n`);
    for (const path of listAt(rule, 'http', 'paths'))
      lines.add(2, `\t${textAt(path, 'path')} \t${backend(recordAt(path, 'backend'))}\n`);
  }
  if (rules.length === 0) lines.add(1, `*\t*\t${fallback}\n`);
  annotationLines(lines, annotationsOf(object));
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

/** `web:80 (10.0.0.1:8080)`: the service's endpoints; another resource by its group and name. */
function backendText(backend: Json | undefined, namespace: string, view: View): string {
  if (has(backend, 'resource')) {
    const {apiGroup, kind, name} = recordAt(backend, 'resource');
    return `APIGroup: ${String(apiGroup)}, Kind: ${String(kind)}, Name: ${String(name)}`;
  }
  const name = textAt(backend, 'service', 'name');
  const [port, portName] = [numberAt(backend, 'service', 'port', 'number'), textAt(backend, 'service', 'port', 'name')];
  const text = `${name}:${portName || port}`;
  const service = services
    .list(view, namespace)
    .find((entry) => entry.name === name)
    ?.object();
  if (!service) return `${text} (<error: services "${name}" not found>)`;
  const meant = listAt(service, 'spec', 'ports').findLast((item) =>
    port === 0 ? textAt(item, 'name') === portName : numberAt(item, 'port') === port,
  );
  return `${text} (${sliceText(serviceSlices(service, view), textAt(meant, 'name'))})`;
}
