/** `ip route get`: iproute2 6.1.0 ip/iproute.c iproute_get, and what the kernel answers. */
import type {Device, Netns, Route} from '../../control/model.js';
import {lookupRoute, type RouteResult} from '../../control/route.js';
import {routeTables} from '../../control/routes.js';
import {formatIp, type Ip, type Ip4, isIp4} from '../../wire/addr.js';
import {
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
import {parseNumber, protocolName, routeTypeName, tableName} from './names.js';
import {emitDevice, emitGateway, emitRoute} from './route-list.js';
import {needDevice} from './view.js';

interface Query {
  readonly to: Ip;
  readonly from: Ip | undefined;
  readonly mark: number;
  readonly iif: Device | undefined;
  readonly oif: Device | undefined;
  readonly uid: number;
  readonly fibmatch: boolean;
  /** Printed before anything else. */
  readonly warning: string;
}

export function getRoute(
  netns: Netns,
  words: Words,
  command: IpCommand,
  emitOptions: EmitOptions,
): {readonly stdout: string; readonly stderr: string} {
  const query = readQuery(netns, words, command);
  const found = decide(netns, query);
  const emit = new Emitter(emitOptions);
  emit.object(undefined, () => {
    if (query.fibmatch && found.table !== 0) emitRoute(emit, netns, found.route, command.options);
    else emitAnswer(emit, query, found, command.options);
  });
  return {stdout: emit.result(), stderr: query.warning};
}

function readQuery(netns: Netns, words: Words, {options}: IpCommand): Query {
  let to: PrefixArgument | undefined;
  let from: PrefixArgument | undefined;
  let iif: string | undefined;
  let oif: string | undefined;
  let [mark, uid, fibmatch] = [0, 0, false];
  let {family} = options;
  const number = (message: string, max = 0xffff_ffff) => {
    const word = words.next();
    const value = parseNumber(word);
    if (value === undefined || value > max) throw invalid(message, word);
    return value;
  };
  const address = (word: string) => {
    const prefix = readPrefix(word, family);
    if (family === 'any') family = prefix.family;
    return prefix;
  };
  while (!words.done) {
    const word = words.next();
    if (word === 'tos' || matches(word, 'dsfield')) number('TOS value is invalid\n', 255);
    else if (matches(word, 'from')) from = address(words.next());
    else if (matches(word, 'iif')) iif = words.next();
    else if (matches(word, 'mark')) mark = number('invalid mark value');
    else if (matches(word, 'oif') || word === 'dev') oif = words.next();
    else if (matches(word, 'notify') || matches(word, 'connected')) continue;
    else if (matches(word, 'vrf')) throw invalid('Invalid VRF\n', words.next());
    else if (matches(word, 'uid')) uid = number('invalid UID\n');
    else if (matches(word, 'fibmatch')) fibmatch = true;
    else if (matches(word, 'sport')) number('invalid sport\n', 65535);
    else if (matches(word, 'dport')) number('invalid dport\n', 65535);
    else if (matches(word, 'ipproto')) words.next();
    else {
      const text = word === 'to' ? words.next() : word;
      if (matches(text, 'help')) throw usage();
      to = address(text);
    }
  }
  if (!to) throw new IpExit(1, 'need at least a destination address\n');
  const v4 = family !== 'inet6';
  const none: Ip = v4 ? 0 : '\0\0\0\0\0\0\0\0';
  const bits = v4 ? 32 : 128;
  const short = to.ip !== undefined && to.length !== bits;
  return {
    to: to.ip ?? none,
    from: from?.ip,
    mark,
    iif: iif === undefined ? undefined : needDevice(netns, iif),
    oif: oif === undefined ? undefined : needDevice(netns, oif),
    uid,
    fibmatch,
    warning: short ? `Warning: /${to.length} as prefix is invalid, only /${bits} (or none) is supported.\n` : '',
  };
}

function kernelError(text: string, query: Query): IpExit {
  return new IpExit(2, `${query.warning}RTNETLINK answers: ${text}\n`);
}

/** A destination of all zeros means this host to an IPv4 kernel. */
function decide(netns: Netns, query: Query): RouteResult {
  const {to, from, mark, iif, oif} = query;
  if (to === 0 && from === undefined && !oif) return thisHost(netns);
  const own = (ip: Ip) => netns.devices.some((device) => device.addresses.some(({prefix}) => prefix.ip === ip));
  if (from !== undefined && !iif && isIp4(from) && !own(from)) throw kernelError('Network is unreachable', query);
  const seen = oif
    ? {...netns, routes: netns.routes.filter((route) => route.dev === oif.name), longest: undefined}
    : netns;
  const found = lookupRoute(seen, to, {mark, ...(from === undefined ? {} : {source: from})});
  if (!found && oif && isIp4(to)) return onLink(netns, to, oif);
  if (!found) throw kernelError('Network is unreachable', query);
  if (found.type === 'blackhole') throw kernelError('Invalid argument', query);
  if (found.type === 'unreachable') throw kernelError('No route to host', query);
  if (!isIp4(to)) return found;
  const shown = found.table === routeTables.local && !hasOwnRules(netns) ? {...found, table: routeTables.main} : found;
  return toGroup(to, shown);
}

/** Without rules of its own an IPv4 namespace keeps local and main in one table, which answers as main. */
function hasOwnRules({rules}: Netns): boolean {
  return rules.some(({family, priority}) => family === 4 && priority !== 0 && priority < 32766);
}

/** A packet to a group or to all goes out of the device that the route names, whatever its gateway. */
function toGroup(to: Ip4, found: RouteResult): RouteResult {
  const type = to === 0xffff_ffff ? 'broadcast' : to >>> 28 === 0xe ? 'multicast' : undefined;
  return type && found.type === 'unicast' ? {...found, type, via: undefined, mtu: undefined} : found;
}

/** With a device and no route an IPv4 kernel takes the destination to be on that link. */
function onLink(netns: Netns, to: Ip4, {name: dev}: Device): RouteResult {
  const whole: Route = {
    to: undefined,
    family: 4,
    type: 'unicast',
    dev,
    protocol: 'kernel',
    scope: 'link',
    table: routeTables.main,
  };
  return {...lookupRoute({...netns, routes: [whole], longest: undefined}, to)!, table: 0};
}

function thisHost(netns: Netns): RouteResult {
  const route = netns.routes.find(
    ({family, type, table}) => family === 4 && type === 'local' && table === routeTables.local,
  );
  const lo: Route = route ?? {
    to: undefined,
    family: 4,
    type: 'local',
    dev: 'lo',
    protocol: 'kernel',
    scope: 'host',
    table: routeTables.local,
  };
  return {
    type: 'local',
    route: lo,
    dev: 'lo',
    via: undefined,
    source: 0x7f000001,
    mtu: undefined,
    table: 0,
  };
}

function emitAnswer(emit: Emitter, query: Query, found: RouteResult, options: IpOptions): void {
  const v4 = isIp4(query.to);
  const colour = v4 ? 'inet' : 'inet6';
  const {numeric} = options;
  const detailed = options.details > 0;
  if (found.type !== 'unicast' || detailed) {
    const type = routeTypeName(found.type, numeric);
    emit.any('type', type, `${type} `);
  }
  emit.any('dst', formatIp(query.to), `${formatIp(query.to)} `, colour);
  if (query.from !== undefined) emit.any('from', formatIp(query.from), `from ${formatIp(query.from)} `, colour);
  else if (!v4) emit.any('from', '::', 'from :: ', colour);
  if (found.via !== undefined) emitGateway(emit, found.via);
  if (found.dev !== undefined) emitDevice(emit, 'dev', found.dev);
  if (found.table !== 0 && (found.table !== routeTables.main || detailed)) {
    const table = tableName(found.table, numeric);
    emit.any('table', table, `table ${table} `);
  }
  if (!v4) emitProtocol(emit, found.route, options);
  if (found.source !== undefined && (query.from === undefined || !v4)) {
    emit.text('src ');
    emit.any('prefsrc', formatIp(found.source), `${formatIp(found.source)} `, colour);
  }
  if (!v4 && found.route.metric !== undefined) emit.any('metric', found.route.metric, `metric ${found.route.metric} `);
  emitRouteFlags(emit, query, found);
  if (v4 && query.mark !== 0) {
    emit.any('mark', query.mark, query.mark >= 16 ? `mark 0x${query.mark.toString(16)} ` : `mark ${query.mark} `);
  }
  if (v4 && !query.iif) emit.any('uid', query.uid, `uid ${query.uid} `);
  if (v4) emitCache(emit, query, found);
  if (found.mtu !== undefined) emit.any('metrics', [{mtu: found.mtu}], `mtu ${found.mtu} `);
  if (query.iif) emitDevice(emit, 'iif', query.iif.name);
  if (!v4) emit.any('pref', 'medium', 'pref medium');
  emit.text('\n');
}

function emitProtocol(emit: Emitter, route: Route, {details, numeric}: IpOptions): void {
  if (route.protocol !== 'boot' || details > 0) {
    const protocol = protocolName(route.protocol, numeric);
    emit.any('protocol', protocol, `proto ${protocol} `);
  }
  if (details > 0) emit.any('scope', numeric ? '0' : 'global', `scope ${numeric ? '0' : 'global'} `);
}

/** The bit of a multicast answer is today's "offload failed" (linux rtnetlink.h RTM_F_OFFLOAD_FAILED). */
function emitRouteFlags(emit: Emitter, query: Query, {type}: RouteResult): void {
  const failed = isIp4(query.to) && type === 'multicast';
  emit.any('flags', failed ? ['rt_offload_failed'] : [], failed ? 'rt_offload_failed ' : '');
}

/** RTCF_ flags of the answer, in brackets where there are any. Every host is in the group 224.0.0.1. */
function emitCache(emit: Emitter, {to}: Query, {type}: RouteResult): void {
  const flags: string[] = [];
  if (type === 'local' || type === 'broadcast' || to === 0xe000_0001) flags.push('local');
  if (type === 'multicast') flags.push('mc');
  if (type === 'broadcast') flags.push('brd');
  emit.newline();
  emit.any('cache', flags, `    cache ${flags.length > 0 ? `<${flags.join(',')}> ` : ''}`);
}
