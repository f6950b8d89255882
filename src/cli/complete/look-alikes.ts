/** How the look-alikes' command lines go on: one row each, made of the tables that the tools themselves read them by. */
import {ownOptionTable} from '../../tools/tcpdump/own/options.js';
import {launchers} from '../tools.js';
import {cobraGrammar, getoptLetters, option, sessionOptions, sourceOf} from './from-tables.js';
import type {Grammar, OptionRow, Values} from './model.js';

async function cilium(): Promise<Grammar> {
  const {commandTree, globalFlags} = await import('../../tools/cilium/commands.js');
  return cobraGrammar(commandTree(), globalFlags, (path) =>
    path === 'cilium-dbg identity get' ? {args: ['identity']} : {},
  );
}

/** `wirelay service …` for `cilium service …`. */
const ciliumBelow = (name: string) => async (): Promise<Grammar> => {
  const row = (await cilium()).commands?.find((command) => command.name === name);
  return row ? row.load() : {options: sessionOptions};
};

async function hubble(): Promise<Grammar> {
  const {commandTree} = await import('../../tools/hubble/commands.js');
  return cobraGrammar(commandTree(), []);
}

async function kubectl(): Promise<Grammar> {
  const [{commandTree, globalFlags}, {resources}] = await Promise.all([
    import('../../tools/kubectl/argv.js'),
    import('../../tools/kubectl/resources.js'),
  ]);
  const kinds = resources.map(({name}) => name);
  return cobraGrammar(commandTree(), globalFlags, (path) => {
    if (path === 'kubectl exec') return {args: ['pod'], command: launched};
    return /^kubectl (get|describe|delete|label|annotate|scale|expose|patch|wait)$/.test(path)
      ? {args: [kinds, 'object'], repeats: true}
      : {};
  });
}

/** A command of a session: one of ours. */
export async function launched(): Promise<Grammar> {
  return {options: [], commands: launchers.map((name) => ({name, load: () => lookAlike(name)}))};
}

async function ip(): Promise<Grammar> {
  const [{objects, flagOptions}, {knownKinds}] = await Promise.all([
    import('../../tools/ip/argv.js'),
    import('../../tools/ip/view.js'),
  ]);
  const names = [...new Set(objects.flatMap(([, object]) => object ?? []))];
  return {
    options: [
      ...flagOptions.filter(([, flag]) => flag !== 'ignored').map(([name]) => option([name], false)),
      ...['-4', '-6', '-0', '-Numeric', '-Version', '-help'].map((name) => option([name], false)),
      option(['-family'], true, undefined, ['inet', 'inet6', 'link']),
      option(['-netns'], true),
      option(['-color=always', '-color=auto', '-color=never'], false),
      ...sessionOptions,
    ],
    commands: names.map((name) => ({
      name,
      aliases: objects.flatMap(([word, object]) => (object === name ? prefixes(word) : [])),
      load: async () => ({
        options: sessionOptions,
        commands: (name === 'route' ? ['show', 'list', 'get'] : ['show', 'list']).map((verb) => ({
          name: verb,
          aliases: prefixes(verb),
          load: async () => ({options: sessionOptions, ...ipWords(name, verb, knownKinds)}),
        })),
      }),
    })),
  };
}

function prefixes(word: string): string[] {
  return Array.from(word, (_, i) => word.slice(0, i + 1));
}

/** Keywords of `ip OBJECT show`. */
export function ipWords(object: string, verb: string, kinds: readonly string[]): Pick<Grammar, 'args' | 'keywords'> {
  const scopes = ['global', 'link', 'host'];
  switch (object) {
    case 'link':
      return {args: ['interface'], keywords: {dev: 'interface', up: undefined, type: kinds, group: ['default']}};
    case 'address':
      return {
        args: ['interface'],
        keywords: {dev: 'interface', up: undefined, type: kinds, scope: scopes, to: [], label: 'interface'},
      };
    case 'route':
      return verb === 'get'
        ? {args: ['host'], keywords: {from: 'host', iif: 'interface', oif: 'interface'}}
        : {
            keywords: {
              dev: 'interface',
              table: ['main', 'local', 'default', 'all'],
              scope: scopes,
              proto: ['kernel', 'static', 'boot'],
              type: ['unicast', 'local', 'broadcast', 'multicast'],
              via: [],
              src: [],
            },
          };
    case 'neigh':
      return {keywords: {dev: 'interface', nud: ['reachable', 'stale', 'permanent', 'noarp', 'all'], to: []}};
    default:
      return {keywords: {table: ['main', 'local', 'default'], from: [], to: []}};
  }
}

async function tcpdump(): Promise<Grammar> {
  const [{grammar}, {reservedWords}] = await Promise.all([
    import('../../tools/tcpdump/argv.js'),
    import('../../filter/keywords.js'),
  ]);
  const values: Readonly<Record<string, Values>> = {
    i: 'interface',
    r: 'file',
    w: 'file',
    F: 'file',
    V: 'file',
    Q: ['in', 'out', 'inout'],
  };
  const long = grammar.long.map(({name, argument, is}) => option([`--${name}`], argument, undefined, values[is]));
  const own: readonly OptionRow[] = ownOptionTable.map(({name, value, text}) =>
    option([`--${name}`], value !== undefined, text, name === 'output' ? ['text', 'json'] : sourceOf(name, value)),
  );
  return {
    options: [...getoptLetters(grammar.short, values), ...long, ...own, ...sessionOptions],
    args: [[...reservedWords]],
    repeats: true,
  };
}

async function ping(): Promise<Grammar> {
  const {GETOPT, refused} = await import('../../tools/ping/argv.js');
  const letters = getoptLetters(
    GETOPT,
    {I: 'interface', M: ['do', 'dont', 'want']},
    `${Object.keys(refused).join('')}?`,
  );
  return {options: [...letters, ...sessionOptions], args: ['host']};
}

async function nc(): Promise<Grammar> {
  const {GETOPT, refused} = await import('../../tools/nc/argv.js');
  return {options: [...getoptLetters(GETOPT, {}, Object.keys(refused).join('')), ...sessionOptions], args: ['host']};
}

async function traceroute(): Promise<Grammar> {
  const {optionTable} = await import('../../tools/traceroute/argv.js');
  const values: Readonly<Record<string, Values>> = {interface: 'interface', module: ['default', 'udp', 'icmp', 'tcp']};
  const options = optionTable
    .filter(({refused}) => refused === undefined)
    .map(({letter, long, argument, text}) =>
      option(
        [...(long === undefined ? [] : [`--${long}`]), ...(letter === undefined ? [] : [`-${letter}`])],
        argument !== undefined,
        text,
        values[long ?? ''],
      ),
    );
  return {options: [...options, ...sessionOptions], args: ['host']};
}

async function conntrack(): Promise<Grammar> {
  const {options, portOptions, tcpStates} = await import('../../tools/conntrack/argv.js');
  const values: Readonly<Record<string, Values>> = {
    p: ['tcp', 'udp', 'icmp', 'icmpv6'],
    f: ['ipv4', 'ipv6'],
    o: ['extended'],
    s: 'host',
    d: 'host',
    r: 'host',
    q: 'host',
    u: ['ASSURED', 'SEEN_REPLY', 'UNREPLIED'],
    state: tcpStates,
  };
  return {
    options: [
      ...['-L', '--dump', '-C', '--count'].map((name) => option([name], false)),
      ...Object.entries({...options, ...portOptions}).map(([name, key]) =>
        option([name], true, undefined, values[key]),
      ),
      ...sessionOptions,
    ],
  };
}

async function dig(): Promise<Grammar> {
  const [{switches}, {types}] = await Promise.all([
    import('../../tools/dig/argv.js'),
    import('../../tools/dig/print.js'),
  ]);
  const plus = Object.keys(switches).flatMap((name) => [`+${name}`, `+no${name}`]);
  return {
    options: [
      ...['-4', '-6', '-h', '-v'].map((name) => option([name], false)),
      option(['-t'], true, undefined, Object.keys(types)),
      option(['-q'], true, undefined, 'domain'),
      option(['-x'], true, undefined, 'host'),
      option(['-p'], true),
      ...sessionOptions,
    ],
    keywords: Object.fromEntries(plus.map((word) => [word, undefined])),
    args: ['domain', Object.keys(types)],
    repeats: true,
  };
}

async function nslookup(): Promise<Grammar> {
  const {types} = await import('../../tools/dig/print.js');
  return {
    options: [option(['-type'], true, undefined, Object.keys(types)), ...sessionOptions],
    args: ['domain', 'host'],
  };
}

async function ss(): Promise<Grammar> {
  const {longs, supported, stateNames} = await import('../../tools/ss/argv.js');
  return {
    options: [
      ...Object.entries(longs)
        .filter(([, letter]) => supported.has(letter))
        .map(([name, letter]) => option([`--${name}`, `-${letter}`], false)),
      ...sessionOptions,
    ],
    keywords: {state: Object.keys(stateNames), dport: [], sport: []},
  };
}

async function curl(): Promise<Grammar> {
  const {rows} = await import('../../tools/curl/argv.js');
  const options = rows.map(([letter, name, kind]) =>
    option(
      [`--${name}`, ...(letter ? [`-${letter}`] : [])],
      kind !== 'flag',
      undefined,
      name === 'output' ? 'file' : undefined,
    ),
  );
  return {options: [...options, ...sessionOptions], args: ['host'], repeats: true};
}

const tables = ['nat', 'filter', 'mangle', 'raw'];

async function iptables(): Promise<Grammar> {
  const {longOptions, changes} = await import('../../tools/iptables/argv.js');
  const listing = longOptions.filter(([, letter]) => !changes[letter] && 'LStnvxwVh0'.includes(letter));
  return {
    options: [
      ...listing.map(([name, letter, value]) =>
        option(
          [`--${name}`, ...(letter === '0' ? [] : [`-${letter}`])],
          value === 1,
          undefined,
          letter === 't' ? tables : undefined,
        ),
      ),
      ...sessionOptions,
    ],
  };
}

async function iptablesSave(): Promise<Grammar> {
  const {saveOptions} = await import('../../tools/iptables/argv.js');
  return {
    options: [
      ...saveOptions.map(([name, letter, value]) =>
        option(
          [`--${name}`, `-${letter}`],
          value,
          undefined,
          letter === 't' ? tables : letter === 'f' ? 'file' : undefined,
        ),
      ),
      ...sessionOptions,
    ],
  };
}

async function nft(): Promise<Grammar> {
  const {longOptions, refused, listables, families} = await import('../../tools/nft/argv.js');
  return {
    options: [
      ...Object.entries(longOptions)
        .filter(([, letter]) => !refused.has(letter))
        .map(([name, letter]) => option([`--${name}`, `-${letter}`], false)),
      ...sessionOptions,
    ],
    commands: [
      {
        name: 'list',
        load: async () => ({options: sessionOptions, args: [Object.keys(listables), families]}),
      },
    ],
  };
}

async function ipvsadm(): Promise<Grammar> {
  const {longOptions, changes, unsupported} = await import('../../tools/ipvsadm/argv.js');
  return {
    options: [
      ...Object.entries(longOptions)
        .filter(([, is]) => !changes.has(is) && !unsupported.has(is))
        .map(([name, is]) => option([`--${name}`, ...(is.length === 1 ? [`-${is}`] : [])], false)),
      ...sessionOptions,
    ],
  };
}

/** One row for each row of `tools`. */
export const lookAlikes: Readonly<Record<string, () => Promise<Grammar>>> = {
  bpf: ciliumBelow('bpf'),
  cilium,
  'cilium-dbg': cilium,
  config: ciliumBelow('config'),
  conntrack,
  curl,
  dig,
  endpoint: ciliumBelow('endpoint'),
  hubble,
  identity: ciliumBelow('identity'),
  ip,
  ip6tables: iptables,
  'ip6tables-save': iptablesSave,
  ipvsadm,
  iptables,
  'iptables-save': iptablesSave,
  kubectl,
  monitor: ciliumBelow('monitor'),
  nc,
  nft,
  node: ciliumBelow('node'),
  policy: ciliumBelow('policy'),
  nslookup,
  ping,
  ping6: ping,
  service: ciliumBelow('service'),
  ss,
  status: ciliumBelow('status'),
  tcpdump,
  traceroute,
  traceroute6: traceroute,
};

async function lookAlike(name: string): Promise<Grammar> {
  return Object.hasOwn(lookAlikes, name) ? (lookAlikes[name]?.() ?? {options: []}) : {options: sessionOptions};
}
