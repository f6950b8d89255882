/** `cilium-dbg monitor`: what the programs of one node notify of, while the run goes on. */
import type {DatapathEvent} from '../../../datapath/model.js';
import {watchEvents} from '../../../session/live/watch.js';
import {UserError} from '../../../term/error.js';
import type {ViewContext} from '../output.js';
import {type MonitorEvent, printEvent} from './print.js';

/** Names of event types (pkg/monitor/api/types.go); those that a run has are not undefined. */
const eventTypes: Readonly<Record<string, MonitorEvent['kind'] | undefined>> = {
  agent: undefined,
  capture: undefined,
  debug: undefined,
  drop: 'drop',
  l7: undefined,
  'policy-verdict': 'policy-verdict',
  recorder: undefined,
  trace: 'trace',
  'trace-sock': undefined,
};

export const eventTypeNames = Object.keys(eventTypes);

export async function monitor({session, flags, io}: ViewContext): Promise<number> {
  const {node} = session;
  const kinds = wantedKinds(flags.get('type'));
  if (typeof kinds === 'string') {
    io.stderr.write(`Error: ${kinds}\n`);
    return 1;
  }
  const [from, to, related] = ['from', 'to', 'related-to'].map((name) => endpoints(flags.get(name), name));
  const links = new Map(session.state().host.devices.map(({ifindex, name}) => [ifindex, name]));
  const verbose = Number(flags.get('verbose') ?? 0);
  const options = {
    verbosity:
      flags.get('json') === 'true' ? ('json' as const) : verbose >= 2 ? ('verbose' as const) : ('info' as const),
    hex: flags.get('hex') === 'true',
    numeric: flags.get('numeric') === 'true',
    link: (ifindex: number) => links.get(ifindex) ?? String(ifindex),
  };
  io.stderr.write(`Listening for events on ${node.cpus} CPUs with 64x4096 of shared memory\nPress Ctrl-C to quit\n`);
  let printed = 0;
  const matches = (event: MonitorEvent) => {
    const target = event.kind === 'policy-verdict' ? event.remoteIdentity & 0xffff : event.destinationEndpoint;
    if (from!.size > 0 && !from!.has(event.endpoint)) return false;
    if (to!.size > 0 && !to!.has(target)) return false;
    return related!.size === 0 || related!.has(event.endpoint) || related!.has(target);
  };
  const take = (event: DatapathEvent) => {
    if (event.node !== node.name) return true;
    if (event.kind !== 'trace' && event.kind !== 'drop' && event.kind !== 'policy-verdict') return true;
    if (!kinds.has(event.kind) || !matches(event)) return true;
    printed++;
    io.stdout.write(printEvent(event, options));
    return true;
  };
  const interrupted = await watchEvents(session, io, {take, past: false, follow: true});
  if (interrupted) io.stderr.write('\nReceived an interrupt, disconnecting from monitor...\n\n');
  if (printed === 0 && !interrupted && !session.simulation)
    io.stderr.write(
      session.traffic.length === 0
        ? "wirelay: nothing was sent: --traffic 'FROM -> TO' says what\n"
        : `wirelay: no such event on ${node.name}; --node NAME looks at another\n`,
    );
  return 0;
}

/** Text: what is wrong. */
function wantedKinds(text: string | undefined): ReadonlySet<MonitorEvent['kind']> | string {
  if (text === undefined) return new Set(['trace', 'drop', 'policy-verdict']);
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(eventTypes, name));
  if (unknown !== undefined)
    return `invalid argument ${JSON.stringify(unknown)} for "-t, --type" flag: unknown type (${unknown}). Please use one of the following ones [${eventTypeNames.join(' ')}]`;
  const none = names.find((name) => eventTypes[name] === undefined);
  if (none !== undefined)
    throw new UserError({message: `cilium-dbg monitor --type ${none}: a simulation has no such events`});
  return new Set(names.map((name) => eventTypes[name]!));
}

function endpoints(text: string | undefined, flag: string): ReadonlySet<number> {
  if (text === undefined) return new Set();
  return new Set(
    text.split(',').map((word) => {
      if (/^\d{1,5}$/.test(word) && Number(word) <= 0xffff) return Number(word);
      throw new UserError({message: `cilium-dbg monitor --${flag} ${word}: expected the id of an endpoint`}, 1);
    }),
  );
}
