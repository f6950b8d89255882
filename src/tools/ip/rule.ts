/** `ip rule show`: iproute2 6.1.0 ip/iprule.c. */
import type {Netns, Rule} from '../../control/model.js';
import {formatIp, type Ip, ipBits, maskIp, type Prefix} from '../../wire/addr.js';
import {
  type Family,
  type IpCommand,
  invalid,
  matches,
  type PrefixArgument,
  readPrefix,
  refused,
  unknownCommand,
  usage,
  Words,
} from './argv.js';
import {type EmitOptions, Emitter} from './emit.js';
import {parseNumber, protocolName, protocolNumber, tableName, tableNumber} from './names.js';

interface RuleFilter {
  priority: number | undefined;
  table: number | undefined;
  mark: number | undefined;
  mask: number | undefined;
  from: PrefixArgument | undefined;
  to: PrefixArgument | undefined;
  /** Asked for something none of ours has: an interface, a port, an inverted rule. */
  nothing: boolean;
}

export function listRules(netns: Netns, command: IpCommand, emitOptions: EmitOptions): string {
  const [verb = 'show', ...rest] = command.words;
  if (!['list', 'lst', 'show'].some((name) => matches(verb, name))) {
    if (['save', 'restore', 'add', 'delete', 'flush'].some((name) => matches(verb, name)))
      throw refused(`ip rule ${verb}`);
    if (matches(verb, 'help')) throw usage();
    throw unknownCommand('rule', verb);
  }
  const {options} = command;
  const family = options.family === 'any' ? 'inet' : options.family;
  const filter = readFilter(new Words(rest), family);
  const emit = new Emitter(emitOptions);
  for (const rule of netns.rules)
    if ((rule.family === 4 ? 'inet' : 'inet6') === family && passes(rule, filter))
      emit.object(undefined, () => emitRule(emit, rule, command));
  return emit.result();
}

function readFilter(words: Words, family: Family): RuleFilter {
  const filter: RuleFilter = {
    priority: undefined,
    table: undefined,
    mark: undefined,
    mask: undefined,
    from: undefined,
    to: undefined,
    nothing: false,
  };
  const number = (message: string) => readNumber(words.next(), message);
  while (!words.done) {
    const word = words.next();
    if (['preference', 'order', 'priority'].some((name) => matches(word, name)))
      filter.priority = number('preference value is invalid\n');
    else if (word === 'not' || word === 'l3mdev') filter.nothing = true;
    else if (word === 'tos' || word === 'dsfield') filter.nothing ||= number('TOS value is invalid\n') !== 0;
    else if (word === 'fwmark') readMark(words.next(), filter);
    else if (['dev', 'iif', 'oif', 'uidrange', 'ipproto', 'sport', 'dport'].includes(word) || matches(word, 'tun_id')) {
      words.next();
      filter.nothing = true;
    } else if (matches(word, 'lookup') || matches(word, 'table')) {
      const name = words.next();
      filter.table = tableNumber(name);
      if (filter.table === undefined) throw invalid('table id value is invalid\n', name);
    } else if (matches(word, 'from') || matches(word, 'src')) filter.from = readPrefix(words.next(), family);
    else if (matches(word, 'protocol')) {
      const name = words.next();
      if (protocolNumber(name) === undefined && name !== 'all') throw invalid('invalid "protocol"\n', name);
    } else filter.to = readPrefix(matches(word, 'dst') || matches(word, 'to') ? words.next() : word, family);
  }
  return filter;
}

function readNumber(word: string, message: string): number {
  const value = parseNumber(word);
  if (value === undefined) throw invalid(message, word);
  return value;
}

function readMark(word: string, filter: RuleFilter): void {
  const [mark = '', mask] = word.split('/');
  filter.mark = readNumber(mark, 'fwmark value is invalid\n');
  if (mask !== undefined) filter.mask = readNumber(mask, 'fwmask value is invalid\n');
}

/** A filter of 0 filters nothing. */
function passes(rule: Rule, filter: RuleFilter): boolean {
  if (filter.nothing) return false;
  if (filter.priority !== undefined && rule.priority !== filter.priority) return false;
  if (filter.table && rule.table !== filter.table) return false;
  if (filter.mark && (rule.fwmark ?? 0) !== filter.mark) return false;
  if (filter.mask && ruleMask(rule) !== filter.mask) return false;
  return prefixPasses(filter.from, rule.from) && prefixPasses(filter.to, rule.to);
}

function ruleMask({fwmark, fwmask}: Rule): number {
  return fwmask ?? (fwmark === undefined ? 0 : 0xffff_ffff);
}

function prefixPasses(wanted: PrefixArgument | undefined, has: Prefix | undefined): boolean {
  if (!wanted || wanted.ip === undefined) return true;
  if (wanted.length > (has?.length ?? 0)) return false;
  return has === undefined || maskIp(has.ip, wanted.length) === maskIp(wanted.ip as Ip, wanted.length);
}

function emitRule(emit: Emitter, rule: Rule, {options}: IpCommand): void {
  const colour = rule.family === 4 ? 'inet' : 'inet6';
  emit.any('priority', rule.priority, `${rule.priority}:\t`);
  if (rule.from && rule.from.length > 0) emitPrefix('src', 'from ', rule.from);
  else emit.any('src', 'all', 'from all');
  if (rule.to && rule.to.length > 0) emitPrefix('dst', ' to ', rule.to);
  if (rule.fwmark !== undefined || rule.fwmask !== undefined) {
    emit.any('fwmark', hex(rule.fwmark ?? 0), ` fwmark ${hex(rule.fwmark ?? 0)}`);
    const mask = ruleMask(rule);
    if (mask !== 0xffff_ffff) emit.any('fwmask', hex(mask), `/${hex(mask)}`);
  }
  const table = tableName(rule.table, options.numeric);
  emit.any('table', table, ` lookup ${table}`);
  if (options.details > 0) {
    const protocol = protocolName('kernel', options.numeric);
    emit.any('protocol', protocol, ` proto ${protocol}`);
  }
  emit.text('\n');

  function emitPrefix(key: 'src' | 'dst', label: string, {ip, length}: Prefix): void {
    emit.text(label);
    emit.any(key, formatIp(ip), formatIp(ip), colour);
    if (length !== ipBits(ip)) emit.any(`${key}len`, length, `/${length}`);
  }
}

/** printf %#x: a zero has no prefix. */
function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
