/** `kubectl get`. */

import {sanitizeBlock} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {type Asked, type Found, find, isSingle, readAsked} from './asked.js';
import type {Command, Invocation} from './command.js';
import {KubectlError} from './error.js';
import {plain} from './json.js';
import {listOf, objectPrinter} from './output.js';
import {headerLine, itemLine, type TableOptions} from './print.js';
import {sortBy} from './sort.js';
import {viewOf} from './view.js';

const NOTHING_ASKED = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples`;

export const get: Command = async (invocation) => {
  const {args, flags, io} = invocation;
  const printer = objectPrinter(flags.get('output') ?? '', io.cwd, flags.get('no-headers') !== 'true');
  const asked = readAsked(args, NOTHING_ASKED);
  if (flags.get('watch') === 'true' || flags.get('watch-only') === 'true') {
    const [only] = asked;
    if (!only || asked.length > 1) throw new KubectlError('error: you may only specify a single resource type');
    const {watch} = await import('./watch.js');
    return watch(invocation, only, printer, optionsOf(invocation, []));
  }
  if (flags.get('output-watch-events') === 'true')
    throw new KubectlError('error: --output-watch-events option can only be used with --watch or --watch-only');
  const errors: KubectlError[] = [];
  const field = flags.get('sort-by') ?? '';
  const found = asked.map((one) => find(invocation, one, (error) => errors.push(error)));
  const sorted =
    field === '' ? found : found.map((one) => ({...one, objects: sortBy(one.objects, field, printer === undefined)}));
  const quiet = flags.get('ignore-not-found') === 'true';
  const told = quiet ? [] : errors;
  const objects = sorted.flatMap((one) => one.objects);
  if (objects.length === 0 && told.length === 0 && !(printer && !quiet)) {
    if (!quiet) io.stderr.write(nothing(invocation, asked));
  } else if (!printer) io.stdout.write(tables(invocation, sorted));
  else if (printer.each) io.stdout.write(objects.map((object) => printer.print(plain(object))).join(''));
  else if (objects.length > 0 || told.length === 0) io.stdout.write(printer.print(listOf(objects, isSingle(asked))));
  if (told.length === 0) return 0;
  io.stdout.flush();
  for (const {message} of told) io.stderr.write(`${sanitizeBlock(message)}\n`);
  return 1;
};

/** One table per kind, blank lines between them; all columns of a kind aligned, those of several kinds by themselves. */
function tables(invocation: Invocation, found: readonly Found[]): string {
  const {session, flags} = invocation;
  const view = viewOf(session);
  const options = optionsOf(invocation, found);
  const out: string[] = [];
  let namespaces = false;
  for (const group of byKind(found)) {
    const [first] = group;
    const objects = group.flatMap((one) => one.objects);
    if (!first || objects.length === 0) continue;
    const {resource} = first;
    // once there, the column stays for the kinds that follow
    namespaces ||= options.namespaces && resource.namespaced;
    const own = {...options, namespaces};
    const lines = objects.map((object) => itemLine(resource, object, view, own));
    const header = options.headers ? headerLine(resource, own) : '';
    out.push(tabwriter(header + lines.join(''), {minWidth: 6, padding: 3}));
  }
  return out.join(flags.get('no-headers') === 'true' ? '' : '\n');
}

/** Neighbours of one kind share a table. */
function byKind(found: readonly Found[]): Found[][] {
  const out: Found[][] = [];
  for (const one of found) {
    const last = out.at(-1);
    if (last?.[0]?.resource === one.resource) last.push(one);
    else out.push([one]);
  }
  return out;
}

function optionsOf({flags}: Invocation, found: readonly Found[]): TableOptions {
  // a list counts even where it is empty, a name only where it is found
  const kinds = new Set(found.filter((one) => !one.named || one.objects.length > 0).map(({resource}) => resource));
  return {
    wide: flags.get('output') === 'wide',
    headers: flags.get('no-headers') !== 'true',
    namespaces: flags.get('all-namespaces') === 'true',
    labels: flags.get('show-labels') === 'true',
    labelColumns: (flags.get('label-columns') ?? '').split(',').filter((key) => key !== ''),
    kinds: flags.get('show-kind') === 'true' || kinds.size > 1,
  };
}

function nothing({flags, namespace}: Invocation, asked: readonly Asked[]): string {
  const clusterWide = asked.every(({resource}) => !resource.namespaced);
  return clusterWide || flags.get('all-namespaces') === 'true'
    ? 'No resources found\n'
    : `No resources found in ${namespace} namespace.\n`;
}
