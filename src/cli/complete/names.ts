/** Names of the cluster that the line asks about, for the places of `model.ts`. */
import type {Cluster} from '../../cluster/model.js';
import {type SessionOptions, sessionOptionTable, toSessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import type {Io} from '../../term/io.js';
import {MemoryOutput} from '../../term/output.js';
import {formatIp} from '../../wire/addr.js';
import type {Place} from './engine.js';
import type {Candidate, Source} from './model.js';

export async function clusterNames(source: Source, typed: string, place: Place, io: Io): Promise<Candidate[]> {
  const options = optionsOf(place);
  // what comes on standard input is for the command, not for us
  if (options.cluster.includes('-')) return [];
  const {createSession} = await import('../../session/session.js');
  const silent: Io = {...io, stdout: new MemoryOutput(), stderr: new MemoryOutput()};
  const session = await createSession(options, silent);
  return offers[source](session, typed, place);
}

function optionsOf({given}: Place): SessionOptions {
  const all = (name: string) => given.get(name) ?? [];
  const [cluster, set] = [[...all('cluster')], all('set')];
  const last = Object.fromEntries(
    sessionOptionTable.flatMap(({name}) => {
      const value = all(name).at(-1);
      return value === undefined || ['cluster', 'set', 'traffic', 'event'].includes(name) ? [] : [[name, value]];
    }),
  );
  return toSessionOptions({...last, cluster, set});
}

type Offer = (session: Session, typed: string, place: Place) => Candidate[] | Promise<Candidate[]>;

const offers: Readonly<Record<Source, Offer>> = {
  pod: ({cluster}, typed, {given}) => qualified(cluster.pods, typed, namespaceOf(given)),
  node: ({cluster}) => cluster.nodes.map(({name, ips}) => ({word: name, text: ips.map(formatIp).join(' ')})),
  service: ({cluster}, typed, {given}) => qualified(cluster.services, typed, namespaceOf(given)),
  namespace: ({cluster}) => namespaces(cluster).map((word) => ({word})),
  interface: (session) => session.netns().devices.map(({name, kind}) => ({word: name, text: kind})),
  identity: ({cluster}) => cluster.identities.map(({id, labels}) => ({word: String(id), text: labels.join(' ')})),
  sender: ({cluster}, typed) => [...qualified(cluster.pods, typed, undefined), ...nodeEnds(cluster)],
  receiver: ({cluster}, typed) => [
    ...qualified(cluster.pods, typed, undefined),
    ...cluster.services.flatMap(({name, namespace, ports, type}) =>
      ports.map(({port}) => ({
        word: `${namespace === 'default' ? '' : `${namespace}/`}${name}:${port}`,
        text: type,
      })),
    ),
    ...nodeEnds(cluster),
  ],
  host: ({cluster}) => [
    ...cluster.pods.flatMap(({name, ips}) => ips.map((ip) => ({word: formatIp(ip), text: name}))),
    ...cluster.services.flatMap(({name, clusterIps}) => clusterIps.map((ip) => ({word: formatIp(ip), text: name}))),
  ],
  domain: ({cluster}) =>
    cluster.services.map(({name, namespace}) => ({word: `${name}.${namespace}.svc.cluster.local`})),
  async object(session, typed, {args, given}) {
    const [{findResource}, {viewOf}] = await Promise.all([
      import('../../tools/kubectl/resources.js'),
      import('../../tools/kubectl/view.js'),
    ]);
    const resource = findResource(args[0] ?? '');
    const namespace = namespaceOf(given) ?? 'default';
    const items = resource?.list(viewOf(session), resource.namespaced ? namespace : undefined) ?? [];
    return items.filter(({name}) => name.startsWith(typed) && !args.includes(name)).map(({name}) => ({word: name}));
  },
  file: () => [],
};

/** Of `-n`. */
function namespaceOf(given: Place['given']): string | undefined {
  return given.get('namespace')?.at(-1);
}

/** `NAME` in the namespace asked for, else in `default`; `NS/NAME` elsewhere, and everywhere once a slash is typed. */
function qualified(
  items: readonly {readonly name: string; readonly namespace: string}[],
  typed: string,
  asked: string | undefined,
): Candidate[] {
  const own = asked ?? 'default';
  return items
    .filter(({namespace}) => asked === undefined || namespace === asked)
    .map(({name, namespace}) => ({
      word: namespace === own && !typed.includes('/') ? name : `${namespace}/${name}`,
      text: namespace,
    }));
}

function nodeEnds({nodes}: Cluster): Candidate[] {
  return nodes.map(({name}) => ({word: `node/${name}`}));
}

function namespaces({namespaces: declared, pods, services}: Cluster): string[] {
  const names = [...declared.map(({name}) => name), ...[...pods, ...services].map(({namespace}) => namespace)];
  return [...new Set(['default', ...names])].sort();
}
