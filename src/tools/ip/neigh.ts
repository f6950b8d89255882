/** `ip neighbour show`, `get`: iproute2 6.1.0 ip/ipneigh.c. */
import type {Neighbour, Netns} from '../../control/model.js';
import {compareIp, formatIp, formatMac, isIp4} from '../../wire/addr.js';
import {
  covers,
  duplicate,
  type Family,
  type IpCommand,
  IpExit,
  invalid,
  matches,
  type PrefixArgument,
  parsePrefixArgument,
  readPrefix,
  refused,
  unknownCommand,
  usage,
  Words,
} from './argv.js';
import {type EmitOptions, Emitter} from './emit.js';
import {parseNumber, protocolNumber} from './names.js';
import {findDevice, needDevice} from './view.js';

const states = ['none', 'permanent', 'reachable', 'noarp', 'stale', 'delay', 'probe', 'failed', 'incomplete'];

interface NeighbourFilter {
  family: Family;
  dev: string | undefined;
  to: PrefixArgument | undefined;
  /** States asked for by `nud`; undefined: all but NOARP. */
  states: Set<string> | undefined;
  /** Asked for something none of ours has: proxy entries, a protocol, a master. */
  nothing: boolean;
}

export function listNeighbours(netns: Netns, command: IpCommand, emitOptions: EmitOptions): string {
  const [verb = 'show', ...rest] = command.words;
  if (['add', 'change', 'replace', 'delete'].some((name) => matches(verb, name)) || verb === 'chg')
    throw refused(`ip neighbour ${verb}`);
  const words = new Words(rest);
  if (matches(verb, 'get')) return getNeighbour(netns, words, command, emitOptions);
  if (!['show', 'lst', 'list'].some((name) => matches(verb, name))) {
    if (matches(verb, 'flush')) throw refused(`ip neighbour ${verb}`);
    if (matches(verb, 'help')) throw usage();
    throw unknownCommand('neigh', verb);
  }
  const filter = readFilter(netns, words, command.options.family);
  const dev = filter.dev === undefined ? undefined : needDevice(netns, filter.dev).name;
  const found = netns.neighbours
    .filter((neighbour) => passes(neighbour, filter, dev))
    .sort((a, b) => compareIp(a.ip, b.ip));
  const emit = new Emitter(emitOptions);
  for (const neighbour of found)
    emit.object(undefined, () => emitNeighbour(emit, neighbour, command, dev === undefined));
  return emit.result();
}

function readFilter(netns: Netns, words: Words, family: Family): NeighbourFilter {
  const filter: NeighbourFilter = {family, dev: undefined, to: undefined, states: undefined, nothing: false};
  while (!words.done) {
    const word = words.next();
    if (word === 'dev') {
      const name = words.next();
      if (filter.dev !== undefined) throw new IpExit(255, `Error: duplicate "dev": "${name}" is the second value.\n`);
      filter.dev = name;
    } else if (word === 'master') {
      const name = words.next();
      if (!findDevice(netns, name)) throw invalid('Device does not exist\n', name);
      filter.nothing = true;
    } else if (word === 'vrf') throw invalid('Not a valid VRF name\n', words.next());
    else if (word === 'nomaster' || word === 'unused') continue;
    else if (word === 'nud') readState(words.next(), filter);
    else if (word === 'proxy') filter.nothing = true;
    else if (matches(word, 'protocol')) readProtocol(words.next(), filter);
    else readTo(word === 'to' ? words.next() : word, filter);
  }
  return filter;
}

function readState(word: string, filter: NeighbourFilter): void {
  filter.states ??= new Set();
  if (states.includes(word)) filter.states.add(word.toUpperCase());
  else if (word === 'all') for (const state of states) filter.states.add(state.toUpperCase());
  else if (parseNumber(word) === undefined) throw invalid('nud state is bad', word);
}

function readProtocol(word: string, filter: NeighbourFilter): void {
  const protocol = protocolNumber(word);
  if (protocol === undefined && word !== 'all') throw invalid('invalid "protocol"\n', word);
  if (protocol) filter.nothing = true;
}

function readTo(word: string, filter: NeighbourFilter): void {
  if (matches(word, 'help')) throw usage();
  filter.to = readPrefix(word, filter.family);
  if (filter.family === 'any') filter.family = filter.to.family;
}

function passes(neighbour: Neighbour, filter: NeighbourFilter, dev: string | undefined): boolean {
  const family = isIp4(neighbour.ip) ? 'inet' : 'inet6';
  if (filter.nothing || (filter.family !== 'any' && filter.family !== family)) return false;
  if (dev !== undefined && neighbour.dev !== dev) return false;
  const wanted = filter.states ? filter.states.has(neighbour.state) : neighbour.state !== 'NOARP';
  return wanted && covers(filter.to, neighbour.ip);
}

function emitNeighbour(emit: Emitter, neighbour: Neighbour, {options}: IpCommand, withDevice: boolean): void {
  const {ip, dev, mac, state} = neighbour;
  const colour = isIp4(ip) ? 'inet' : 'inet6';
  if (options.brief) {
    emit.any('dst', formatIp(ip), `${formatIp(ip).padEnd(39)} `, colour);
    if (withDevice) emit.any('dev', dev, `${dev.padEnd(16)} `, 'ifname');
    emit.any('lladdr', formatMac(mac), formatMac(mac), 'mac');
    emit.text('\n');
    return;
  }
  emit.any('dst', formatIp(ip), `${formatIp(ip)} `, colour);
  if (withDevice) {
    emit.text('dev ');
    emit.any('dev', dev, `${dev} `, 'ifname');
  }
  emit.text('lladdr ');
  emit.any('lladdr', formatMac(mac), `${formatMac(mac)} `, 'mac');
  if (options.stats > 0) {
    emit.any('used', 0, ' used 0');
    emit.any('confirmed', 0, '/0');
    emit.any('updated', 0, '/0');
    emit.any('probes', 0, 'probes 0 ');
  }
  emit.any('state', [state], `${state} `);
  emit.text('\n');
}

function getNeighbour(netns: Netns, words: Words, command: IpCommand, emitOptions: EmitOptions): string {
  let dev: string | undefined;
  let address: PrefixArgument | undefined;
  while (!words.done) {
    const word = words.next();
    if (word === 'dev') dev = words.next();
    else if (matches(word, 'proxy')) throw refused('ip neighbour get proxy');
    else {
      const text = word === 'to' ? words.next() : word;
      if (matches(text, 'help')) throw usage();
      if (address) throw duplicate('to', text);
      address = text.includes('/') ? undefined : parsePrefixArgument(text, command.options.family);
      if (!address) {
        const family = command.options.family === 'any' ? 'any valid' : command.options.family;
        throw new IpExit(1, `Error: ${family} address is expected rather than "${text}".\n`);
      }
    }
  }
  if (dev === undefined || address?.ip === undefined)
    throw new IpExit(1, 'Device and address are required arguments.\n');
  const device = needDevice(netns, dev);
  const found = netns.neighbours.find((entry) => entry.ip === address.ip && entry.dev === device.name);
  if (!found) throw new IpExit(2, 'Error: Neighbour entry not found.\n');
  // `get` opens no JSON document in 6.1.0: its output is text whatever the options say.
  const emit = new Emitter({...emitOptions, json: false});
  emitNeighbour(emit, found, command, true);
  return emit.result();
}
