/** `kubectl wait` and `kubectl rollout status`: what they wait for holds at once here, or never. */

import {findJsonPath} from '../../term/jsonpath.js';
import {sanitize} from '../../term/sanitize.js';
import {type Found, find, readAsked} from './asked.js';
import type {Command} from './command.js';
import {KubectlError} from './error.js';
import {type Json, type KubeObject, listAt, numberAt, plain, textAt} from './json.js';
import {relaxed} from './output.js';
import {kindName, pluralName} from './resources.js';

type Condition = (object: KubeObject) => boolean;

/** `condition=Ready`, `condition=Ready=false`, `jsonpath='{.status.phase}'=Running`, `delete`, `create`. */
function conditionOf(text: string): Condition | 'delete' | 'create' {
  const word = text.toLowerCase();
  if (word === 'delete' || word === 'create') return word;
  const [, type, value = 'true'] = /^condition=([^=]+)(?:=(.*))?$/i.exec(text) ?? [];
  if (type !== undefined)
    return (object) =>
      listAt(object, 'status', 'conditions').some(
        (item) =>
          textAt(item, 'type').toLowerCase() === type.toLowerCase() &&
          textAt(item, 'status').toLowerCase() === value.toLowerCase(),
      );
  const [, path, wanted] = /^jsonpath=(.+?)(?:=([^=]*))?$/.exec(text) ?? [];
  if (path === undefined) throw new KubectlError(`error: unrecognized condition: ${JSON.stringify(text)}`);
  const template = relaxed(path.replace(/^(['"])(.*)\1$/, '$2'));
  return (object) => {
    const values = findJsonPath(template, plain(object) as never) as readonly Json[];
    return (
      values.length === 1 && (wanted === undefined || String(values[0]) === wanted.replace(/^(['"])(.*)\1$/, '$2'))
    );
  };
}

export const wait: Command = async (invocation) => {
  const {args, flags, io} = invocation;
  const condition = conditionOf(flags.get('for') ?? '');
  const asked = readAsked(args);
  if (asked.some(({names}) => names.length === 0) && flags.get('all') !== 'true' && !flags.has('selector'))
    throw new KubectlError('error: resource(s) were provided, but no name was specified');
  const missing = (error: KubectlError) => {
    if (condition !== 'delete') throw error;
  };
  const found = asked.map((one) => find(invocation, one, missing));
  const objects = found.flatMap((one) => one.objects.map((object) => ({one, object})));
  if (objects.length === 0 && condition !== 'delete') throw new KubectlError('error: no matching resources found');
  let late = false;
  for (const {one, object} of objects) {
    const holds = condition === 'create' || (condition !== 'delete' && condition(object));
    const name = sanitize(object.metadata.name);
    if (holds) io.stdout.write(`${kindName(one.resource)}/${name} condition met\n`);
    else {
      late = true;
      io.stdout.flush();
      io.stderr.write(`error: timed out waiting for the condition on ${one.resource.name}/${name}\n`);
    }
  }
  return late ? 1 : 0;
};

export const rolloutStatus: Command = async (invocation) => {
  const {args, io, namespace} = invocation;
  if (args.length === 0) throw new KubectlError('error: required resource not specified');
  const found = readAsked(args).map((one) =>
    find(invocation, one, (error) => {
      throw error;
    }),
  );
  const objects = found.flatMap((one) => one.objects.map((object) => ({one, object})));
  if (objects.length === 0) io.stderr.write(`No resources found in ${namespace} namespace.\n`);
  let waiting = false;
  for (const {one, object} of objects) {
    const text = statusText(one, object);
    waiting ||= !text.done;
    io.stdout.write(`${text.line}\n`);
  }
  if (!waiting) return 0;
  io.stdout.flush();
  io.stderr.write('error: timed out waiting for the condition\n');
  return 1;
};

/** polymorphichelpers/rollout_status.go, 1.32. */
function statusText({resource}: Found, object: KubeObject): {readonly line: string; readonly done: boolean} {
  const {name} = object.metadata;
  const status = (key: string) => numberAt(object, 'status', key);
  const replicas = numberAt(object, 'spec', 'replicas');
  switch (resource.kind) {
    case 'Deployment':
      return status('availableReplicas') >= replicas
        ? {line: `deployment ${JSON.stringify(name)} successfully rolled out`, done: true}
        : {
            line: `Waiting for deployment ${JSON.stringify(name)} rollout to finish: ${status('availableReplicas')} of ${replicas} updated replicas are available...`,
            done: false,
          };
    case 'DaemonSet':
      return status('numberAvailable') >= status('desiredNumberScheduled')
        ? {line: `daemon set ${JSON.stringify(name)} successfully rolled out`, done: true}
        : {
            line: `Waiting for daemon set ${JSON.stringify(name)} rollout to finish: ${status('numberAvailable')} of ${status('desiredNumberScheduled')} updated pods are available...`,
            done: false,
          };
    case 'StatefulSet':
      return status('readyReplicas') >= replicas
        ? {
            line: `statefulset rolling update complete ${status('readyReplicas')} pods at revision ${name}...`,
            done: true,
          }
        : {line: `Waiting for ${replicas - status('readyReplicas')} pods to be ready...`, done: false};
    default:
      throw new KubectlError(`error: no status viewer has been implemented for ${pluralName(resource)}`);
  }
}
