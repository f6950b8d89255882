/** `kubectl get --watch` in a session: what a change of the cluster adds, changes and takes away, until it is interrupted. */
import type {Simulation} from '../../session/live/simulation.js';
import {UserError} from '../../term/error.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {type Asked, find} from './asked.js';
import type {Invocation} from './command.js';
import {KubectlError} from './error.js';
import {type Json, type KubeObject, plain} from './json.js';
import {kubeJson, type ObjectPrinter} from './output.js';
import {headerLine, itemLine, type TableOptions} from './print.js';
import {viewOf} from './view.js';

/** Of metav1.WatchEvent. */
type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** cmd/get/get.go: a signal ends the program where nothing else is to be done. */
const INTERRUPTED = 1;

export function watch(
  invocation: Invocation,
  asked: Asked,
  printer: ObjectPrinter | undefined,
  options: TableOptions,
): Promise<number> {
  const {session, flags, io} = invocation;
  const {simulation} = session;
  if (!simulation)
    throw new UserError({
      message: 'kubectl get --watch: nothing changes outside of a session',
      hint: 'wirelay run -- COMMAND…, or wirelay shell',
    });
  if (flags.has('sort-by'))
    io.stderr.write('warning: --watch requested, --sort-by will be ignored for watch events received\n');
  const told = flags.get('output-watch-events') === 'true';
  const shape = printer
    ? objectShape(printer, flags.get('output') ?? '', told)
    : tableShape(invocation, asked, options, told);
  const write = (events: readonly (readonly [EventType, KubeObject])[]) => {
    io.stdout.write(shape(events));
    io.stdout.flush();
  };
  const list = () => {
    const missing: KubectlError[] = [];
    const {objects} = find(invocation, asked, (error) => missing.push(error));
    return {objects, missing};
  };
  const first = list();
  if (flags.get('watch-only') !== 'true' && first.objects.length > 0)
    write(first.objects.map((object) => ['ADDED', object]));
  for (const {message} of first.missing) io.stderr.write(`${sanitizeBlock(message)}\n`);
  if (first.missing.length > 0) return Promise.resolve(1);
  if (asked.names.length > 1)
    throw new KubectlError('error: you may only watch a single resource or type of resource at a time');
  return follow(simulation, invocation, () => list().objects, write);
}

function follow(
  simulation: Simulation,
  {io}: Invocation,
  list: () => readonly KubeObject[],
  write: (events: readonly (readonly [EventType, KubeObject])[]) => void,
): Promise<number> {
  let known = contents(list());
  return new Promise((resolve, reject) => {
    const end = (code: number) => {
      stopListening();
      unwatch();
      resolve(code);
    };
    const stopListening = io.onInterrupt(() => end(INTERRUPTED), ['SIGINT', 'SIGTERM']);
    const unwatch = simulation.watch(() => {
      try {
        const now = contents(list());
        // one by one, as a server sends them: columns grow with each
        for (const event of differences(known, now)) write([event]);
        known = now;
        if (io.stdout.closed) end(0);
      } catch (error) {
        reject(error);
      }
    });
  });
}

interface Content {
  readonly object: KubeObject;
  readonly text: string;
}

function contents(objects: readonly KubeObject[]): Map<string, Content> {
  return new Map(
    objects.map((object) => {
      const {namespace, name} = object.metadata;
      return [`${String(namespace)}/${name}`, {object, text: kubeJson(plain(object), '', '')}];
    }),
  );
}

function differences(before: ReadonlyMap<string, Content>, after: ReadonlyMap<string, Content>) {
  const out: (readonly [EventType, KubeObject])[] = [];
  for (const [key, {object, text}] of after) {
    const known = before.get(key);
    if (known?.text !== text) out.push([known ? 'MODIFIED' : 'ADDED', object]);
  }
  for (const [key, {object}] of before) if (!after.has(key)) out.push(['DELETED', object]);
  return out;
}

type Shape = (events: readonly (readonly [EventType, KubeObject])[]) => string;

function tableShape({session}: Invocation, {resource}: Asked, options: TableOptions, told: boolean): Shape {
  const head = `${told ? 'EVENT\t' : ''}${headerLine(resource, options)}`;
  return columns(options.headers ? head : '', (type, object) => {
    const line = itemLine(resource, object, viewOf(session), options);
    return told ? `${type}\t${line}` : line;
  });
}

/** A header over the first lines; columns never get narrower again (a tabwriter that remembers widths). */
function columns(header: string, lineOf: (type: EventType, object: KubeObject) => string): Shape {
  let widest: string[] = [];
  let head = header;
  return (events) => {
    const text = head + events.map(([type, object]) => lineOf(type, object)).join('');
    head = '';
    for (const line of text.split('\n').slice(0, -1))
      widest = line.split('\t').map((cell, i) => (cell.length > (widest[i]?.length ?? 0) ? cell : (widest[i] ?? '')));
    const aligned = tabwriter(`${widest.join('\t')}\n${text}`, {minWidth: 6, padding: 3});
    return aligned.slice(aligned.indexOf('\n') + 1);
  };
}

function objectShape(printer: ObjectPrinter, format: string, told: boolean): Shape {
  const {table} = printer;
  if (told && (table || format === 'name'))
    throw new UserError({message: `kubectl get -o ${format.split('=')[0]} --output-watch-events is not supported`});
  if (table) return columns(table.header, (_type, object) => table.line(plain(object)));
  let printed = 0;
  return (events) =>
    events
      .map(([type, object]) => {
        const value: Json = plain(object);
        const event = format === 'yaml' ? {object: value, type} : {type, object: value};
        return `${format === 'yaml' && printed++ > 0 ? '---\n' : ''}${printer.print(told ? event : value)}`;
      })
      .join('');
}
