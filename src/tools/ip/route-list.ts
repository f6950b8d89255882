/** `ip route show`: iproute2 6.1.0 ip/iproute.c iproute_list_flush_or_save, print_route. */
import type {Netns, Route} from '../../control/model.js';
import {destination, isHostPrefix, routeTables} from '../../control/routes.js';
import {formatIp, formatPrefix, type Ip, isIp4, maskIp} from '../../wire/addr.js';
import {
  type Family,
  type IpCommand,
  IpExit,
  type IpOptions,
  invalid,
  matches,
  type PrefixArgument,
  readPrefix,
  usage,
  type Words,
} from './argv.js';
import {type EmitOptions, Emitter} from './emit.js';
import {
  parseNumber,
  protocolName,
  protocolNumber,
  protocolValue,
  routeTypeName,
  routeTypeNumber,
  routeTypeValue,
  scopeName,
  scopeNumber,
  scopeValue,
  tableName,
  tableNumber,
} from './names.js';
import {findDevice, hasCarrier, needDevice} from './view.js';

interface RouteFilter {
  /** 0 = all. */
  table: number;
  /** `cache`: no route is in a cache any more. */
  cached: boolean;
  protocol: number | undefined;
  scope: number | undefined;
  type: number | undefined;
  metric: number | undefined;
  dev: string | undefined;
  iif: string | undefined;
  mark: boolean;
  via: PrefixArgument | undefined;
  source: PrefixArgument | undefined;
  /** `from` selects by a source prefix, which none of ours has. */
  from: boolean;
  root: PrefixArgument | undefined;
  match: PrefixArgument | undefined;
}

type Reader = (words: Words, filter: RouteFilter, family: Family) => void;

/** Keywords in the order they are tried; a `*` means any prefix of the word will do. */
const readers: readonly (readonly [name: string, read: Reader])[] = [
  ['table*', readTable],
  [
    'vrf*',
    (words) => {
      throw invalid('Invalid VRF\n', words.next());
    },
  ],
  ['cached*', (_, filter) => void (filter.cached = true)],
  ['cloned*', (_, filter) => void (filter.cached = true)],
  ['tos', readTos],
  ['dsfield*', readTos],
  ['protocol*', (words, filter) => void (filter.protocol = numberOrAll(words.next(), protocolNumber, 'protocol'))],
  ['scope*', (words, filter) => void (filter.scope = numberOrAll(words.next(), scopeNumber, 'scope'))],
  [
    'type*',
    (words, filter) => {
      const word = words.next();
      filter.type = routeTypeNumber(word);
      if (filter.type === undefined) throw invalid('node type value is invalid\n', word);
    },
  ],
  ['dev', (words, filter) => void (filter.dev = words.next())],
  ['oif', (words, filter) => void (filter.dev = words.next())],
  ['iif', (words, filter) => void (filter.iif = words.next())],
  [
    'mark',
    (words, filter) => {
      const word = words.next();
      const mark = parseNumber(word);
      if (mark === undefined) throw invalid('invalid mark value', word);
      filter.mark = mark !== 0;
    },
  ],
  ['metric*', readMetric],
  ['priority*', readMetric],
  ['preference', readMetric],
  ['via', readVia],
  ['src', (words, filter, family) => void (filter.source = readPrefix(words.next(), family))],
  [
    'from*',
    (words, filter, family) => {
      const word = words.next();
      const prefix = readPrefix(['root', 'match', 'exact'].some((k) => matches(word, k)) ? words.next() : word, family);
      filter.from = prefix.ip !== undefined && prefix.length > 0;
    },
  ],
];

function numberOrAll(word: string, read: (text: string) => number | undefined, what: string): number | undefined {
  const value = read(word);
  if (value === undefined && word !== 'all') throw invalid(`invalid "${what}"\n`, word);
  return value;
}

function readTable(words: Words, filter: RouteFilter): void {
  const word = words.next();
  const table = tableNumber(word);
  if (table !== undefined) filter.table = table;
  else if (word === 'all') filter.table = 0;
  else if (word === 'cache') filter.cached = true;
  else if (word === 'help') throw usage();
  else throw invalid('table id value is invalid\n', word);
}

function readTos(words: Words, filter: RouteFilter): void {
  const word = words.next();
  const tos = parseNumber(word);
  if (tos === undefined || tos > 255) throw invalid('TOS value is invalid\n', word);
  if (tos !== 0) filter.from = true;
}

function readMetric(words: Words, filter: RouteFilter): void {
  const word = words.next();
  filter.metric = parseNumber(word);
  if (filter.metric === undefined) throw invalid('"metric" value is invalid\n', word);
}

function readVia(words: Words, filter: RouteFilter, family: Family): void {
  const word = words.next();
  const named = ({inet: 'inet', inet6: 'inet6', link: 'link'} as const)[word];
  filter.via = named ? readPrefix(words.next(), named) : readPrefix(word, family);
}

const everything: RouteFilter = {
  table: 0,
  cached: false,
  protocol: undefined,
  scope: undefined,
  type: undefined,
  metric: undefined,
  dev: undefined,
  iif: undefined,
  mark: false,
  via: undefined,
  source: undefined,
  from: false,
  root: undefined,
  match: undefined,
};

function readFilter(words: Words, family: Family): RouteFilter {
  const filter: RouteFilter = {...everything, table: routeTables.main};
  while (!words.done) {
    const word = words.next();
    const row = readers.find(([name]) => (name.endsWith('*') ? matches(word, name.slice(0, -1)) : word === name));
    if (row) row[1](words, filter, family);
    else readDestination(word, words, filter, family);
  }
  return filter;
}

function readDestination(first: string, words: Words, filter: RouteFilter, family: Family): void {
  const word = matches(first, 'to') ? words.next() : first;
  if (matches(word, 'root')) filter.root = readPrefix(words.next(), family);
  else if (matches(word, 'match')) filter.match = readPrefix(words.next(), family);
  else {
    filter.match = readPrefix(matches(word, 'exact') ? words.next() : word, family);
    filter.root = filter.match;
  }
}

export function listRoutes(netns: Netns, words: Words, command: IpCommand, emitOptions: EmitOptions): string {
  const {options} = command;
  const filter = readFilter(words, options.family);
  const family = options.family === 'any' && filter.table !== 0 ? 'inet' : options.family;
  if (filter.iif !== undefined) needDevice(netns, filter.iif);
  const device = filter.dev === undefined ? undefined : needDevice(netns, filter.dev);
  if (family === 'link' || family === 'other') return new Emitter(emitOptions).result();
  requireTable(netns, filter, family, options);

  const emit = new Emitter(emitOptions);
  for (const route of netns.routes) {
    if (family !== 'any' && (family === 'inet' ? 4 : 6) !== route.family) continue;
    if (device && route.dev !== device.name) continue;
    if (!passes(route, filter)) continue;
    emit.object(undefined, () => emitRoute(emit, netns, route, options, filter));
  }
  return emit.result();
}

/** The kernel dumps one table only if it exists; main always does. Text after an opened JSON list stays unclosed, as there. */
function requireTable(netns: Netns, {table, cached}: RouteFilter, family: Family, {json, pretty}: IpOptions): void {
  if (table === 0 || table === routeTables.main || cached) return;
  const number = family === 'inet' ? 4 : 6;
  const exists = netns.routes.some((route) => route.table === table && route.family === number);
  if (exists || (table === routeTables.local && number === 6)) return;
  const text = `Error: ipv${number}: FIB table does not exist.\nDump terminated\n`;
  throw new IpExit(2, text, json ? (pretty ? '[ ' : '[') : '');
}

function passes(route: Route, filter: RouteFilter): boolean {
  if (filter.cached || filter.mark || filter.from || filter.iif !== undefined) return false;
  if (filter.table !== 0 && route.table !== filter.table) return false;
  if (filter.protocol !== undefined && protocolValue(route.protocol) !== filter.protocol) return false;
  if (filter.scope !== undefined && scopeValue(route.scope) !== filter.scope) return false;
  if (filter.type !== undefined && routeTypeValue(route.type) !== filter.type) return false;
  if (filter.metric !== undefined && (route.metric ?? 0) !== filter.metric) return false;
  if (!addressPasses(filter.via, route, route.via) || !addressPasses(filter.source, route, route.source)) return false;
  return destinationPasses(route, filter);
}

/** `via` and `src`: a route without the field counts as having the zero address. */
function addressPasses(wanted: PrefixArgument | undefined, route: Route, has: Ip | undefined): boolean {
  if (!wanted || wanted.family === 'any') return true;
  if (wanted.family !== (route.family === 4 ? 'inet' : 'inet6')) return false;
  if (wanted.ip === undefined || wanted.length === 0) return true;
  const ip = has ?? (route.family === 4 ? 0 : '\0\0\0\0\0\0\0\0');
  return maskIp(ip, wanted.length) === maskIp(wanted.ip, wanted.length);
}

/** `root P`: inside P. `match P`: covers P. Both: exactly P. */
function destinationPasses(route: Route, {root, match}: RouteFilter): boolean {
  const {ip, length} = destination(route);
  const family = route.family === 4 ? 'inet' : 'inet6';
  if (root && root.family !== 'any' && root.family !== family) return false;
  if (match && match.family !== 'any' && match.family !== family) return false;
  if (root && (root.ip !== undefined || root.exact)) {
    if (root.length > length) return false;
    if (root.ip !== undefined && maskIp(ip, root.length) !== maskIp(root.ip, root.length)) return false;
  }
  if (match?.ip !== undefined) return match.length >= length && maskIp(match.ip, length) === maskIp(ip, length);
  return !match?.exact || length === 0;
}

/** Fields a filter pins down are not repeated. */
export function emitRoute(
  emit: Emitter,
  netns: Netns,
  route: Route,
  options: IpOptions,
  filter: RouteFilter = everything,
): void {
  const {details, numeric} = options;
  const detailed = details > 0;
  const colour = route.family === 4 ? 'inet' : 'inet6';
  const full = (prefix: PrefixArgument | undefined) =>
    prefix?.ip !== undefined && prefix.length === (route.family === 4 ? 32 : 128);
  if (route.type !== 'unicast' || detailed) {
    const type = routeTypeName(route.type, numeric);
    emit.any('type', type, `${type} `);
  }
  emitDestination(emit, route);
  if (route.via !== undefined && !full(filter.via)) emitGateway(emit, route.via);
  if (route.dev !== undefined && filter.dev === undefined) emitDevice(emit, 'dev', route.dev);
  if ((route.table !== routeTables.main || detailed) && filter.table === 0) {
    const table = tableName(route.table, numeric);
    emit.any('table', table, `table ${table} `);
  }
  if ((route.protocol !== 'boot' || detailed) && filter.protocol === undefined) {
    const protocol = protocolName(route.protocol, numeric);
    emit.any('protocol', protocol, `proto ${protocol} `);
  }
  if ((route.scope !== 'global' || detailed) && filter.scope === undefined) {
    const scope = scopeName(route.scope, numeric);
    emit.any('scope', scope, `scope ${scope} `);
  }
  if (route.source !== undefined && !full(filter.source)) {
    emit.text('src ');
    emit.any('prefsrc', formatIp(route.source), `${formatIp(route.source)} `, colour);
  }
  if (route.metric !== undefined && filter.metric === undefined)
    emit.any('metric', route.metric, `metric ${route.metric} `);
  const flags = isLinkDown(netns, route) ? ['linkdown'] : [];
  emit.any('flags', flags, flags.map((flag) => `${flag} `).join(''));
  if (route.mtu !== undefined) emit.any('metrics', [{mtu: route.mtu}], `mtu ${route.mtu} `);
  if (route.family === 6) emit.any('pref', 'medium', 'pref medium');
  emit.text('\n');
}

/** Routes over a device that is up but has no carrier; local ones are not over it. */
function isLinkDown(netns: Netns, {dev, type}: Route): boolean {
  const device = dev === undefined || type === 'local' ? undefined : findDevice(netns, dev);
  return device !== undefined && !hasCarrier(netns, device);
}

function emitDestination(emit: Emitter, {to, family}: Route): void {
  const text = to === undefined ? 'default' : isHostPrefix(to) ? formatIp(to.ip) : formatPrefix(to);
  emit.any('dst', text, `${text} `, to === undefined ? 'none' : family === 4 ? 'inet' : 'inet6');
}

export function emitGateway(emit: Emitter, via: Ip): void {
  emit.text('via ');
  emit.any('gateway', formatIp(via), `${formatIp(via)} `, isIp4(via) ? 'inet' : 'inet6');
}

/** `dev eth0`, `iif eth0`. */
export function emitDevice(emit: Emitter, key: 'dev' | 'iif', name: string): void {
  emit.text(`${key} `);
  emit.any(key, name, `${name} `, 'ifname');
}
