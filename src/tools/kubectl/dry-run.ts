/** `--dry-run`, and what commands print of an object that they made or would make. */

import type {Flags} from '../common/cobra-argv.js';
import type {Invocation} from './command.js';
import {KubectlError} from './error.js';
import {isRecord, type JsonObject, type KubeObject, plain, textAt} from './json.js';
import {objectPrinter} from './output.js';
import {findResource, kindName} from './resources.js';

export type DryRun = 'none' | 'client' | 'server';

export function dryRunOf(flags: Flags): DryRun {
  const mode = flags.get('dry-run') ?? 'none';
  if (mode === 'none' || mode === 'client' || mode === 'server') return mode;
  throw new KubectlError(`error: Invalid dry-run value (${mode}). Must be "none", "server", or "client".`);
}

/** `deployment.apps/web created`, or the object as -o says. */
export function tell(
  {flags, io}: Invocation,
  object: KubeObject | JsonObject,
  verb: string,
  mode = dryRunOf(flags),
): void {
  if (mode === 'none' && isAgentConfig(object))
    io.stderr.write(
      'wirelay: warning: cilium-config is kept without effect: agents read it as they start; start the session with --set spec.cilium.KEY=VALUE\n',
    );
  const printer = objectPrinter(flags.get('output') ?? '', io.cwd, true);
  if (printer) {
    const format = flags.get('output') ?? '';
    io.stdout.write(printer.print(format === 'json' ? withoutUndefined(object) : plain(object)));
    return;
  }
  const resource = findResource(textAt(object, 'kind'));
  const title = resource ? kindName(resource) : textAt(object, 'kind').toLowerCase();
  const dry = {none: '', client: ' (dry run)', server: ' (server dry run)'}[mode];
  io.stdout.write(`${title}/${textAt(object, 'metadata', 'name')} ${verb}${dry}\n`);
}

function isAgentConfig(object: KubeObject | JsonObject): boolean {
  const [kind, namespace, name] = [['kind'], ['metadata', 'namespace'], ['metadata', 'name']].map((path) =>
    textAt(object, ...path),
  );
  return kind === 'ConfigMap' && namespace === 'kube-system' && name === 'cilium-config';
}

function withoutUndefined(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, isRecord(value) ? withoutUndefined(value) : value]],
    ),
  );
}
