/** `nft -j` (nftables 1.0.6, src/json.c), in jansson's spacing. */
import type {NftChain, NftElement, NftPart, NftRule, NftSet, NftTable} from '../../control/kube-proxy/nft/model.js';
import type {SetElements} from '../../datapath/rule-model.js';
import {formatIp, ipBits} from '../../wire/addr.js';
import {type Interval, intervalsOf} from './intervals.js';
import {familyNames, keyTypes, sortedElements} from './print.js';

export type Json = string | number | null | readonly Json[] | {readonly [key: string]: Json};

export const metainfo: Json = {
  metainfo: {version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1},
};

/** One line, with a space behind commas and colons. */
export function jsonText(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, field]) => `${JSON.stringify(key)}: ${jsonText(field)}`)
    .join(', ')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

export function tableJson({family, name, handle}: NftTable): Json {
  return {table: {family: familyNames[family], name, handle}};
}

export function setJson(table: NftTable, set: NftSet, live: SetElements, terse: boolean): Json {
  const {name, key, verdicts, handle, comment, timeout} = set;
  const types = keyTypes[key](table.family);
  const elements: readonly Json[] = terse
    ? []
    : timeout === undefined
      ? sortedElements(set).map(elementJson)
      : live(set).map(({ip, left}) => ({elem: {val: formatIp(ip), expires: Math.floor(left / 1000)}}));
  return {
    [verdicts ? 'map' : 'set']: {
      family: familyNames[table.family],
      name,
      table: table.name,
      type: types.length === 1 ? (types[0] ?? '') : types,
      handle,
      ...(timeout === undefined ? {} : {size: 65535}),
      ...(comment === undefined ? {} : {comment}),
      ...(verdicts ? {map: 'verdict'} : {}),
      ...(timeout === undefined ? {} : {flags: ['timeout'], timeout}),
      ...(elements.length > 0 ? {elem: elements} : {}),
    },
  };
}

function elementJson({ip, protocol, port, comment, verdict}: NftElement): Json {
  const parts: Json[] = [];
  if (ip !== undefined) parts.push(formatIp(ip));
  if (protocol) parts.push(protocol, port ?? 0);
  const key: Json = parts.length === 1 ? (parts[0] ?? null) : {concat: parts};
  const said: Json = comment === undefined ? key : {elem: {val: key, comment}};
  return verdict ? [said, partJson(verdict, 4)] : said;
}

export function chainJson(table: NftTable, {name, handle, base}: NftChain): Json {
  const hooked: {readonly [key: string]: Json} = base
    ? {type: base.type, hook: base.hook, prio: base.priority, policy: 'accept'}
    : {};
  return {chain: {family: familyNames[table.family], table: table.name, name, handle, ...hooked}};
}

export function ruleJson(table: NftTable, chain: NftChain, {handle, parts, comment}: NftRule): Json {
  return {
    rule: {
      family: familyNames[table.family],
      table: table.name,
      chain: chain.name,
      handle,
      ...(comment === undefined ? {} : {comment}),
      expr: parts.flatMap((part) => partsJson(part, table.family)),
    },
  };
}

function partsJson(part: NftPart, family: 4 | 6): readonly Json[] {
  if (part.kind !== 'dnat') return [partJson(part, family)];
  return [match('==', {meta: {key: 'l4proto'}}, part.protocol), {dnat: {addr: formatIp(part.ip), port: part.port}}];
}

const MARK: Json = {meta: {key: 'mark'}};

function partJson(part: NftPart, family: 4 | 6): Json {
  const protocol = familyNames[family];
  const field = (name: string): Json => ({payload: {protocol, field: name}});
  switch (part.kind) {
    case 'ct-new':
      return match('in', {ct: {key: 'state'}}, 'new');
    case 'address': {
      const texts = intervalsOf(part.prefixes).map(intervalJson);
      const right: Json = part.prefixes.length > 1 ? {set: texts} : (texts[0] ?? null);
      return match(part.not ? '!=' : '==', field(part.side), right);
    }
    case 'in-set':
      return match('==', field(part.side), `@${part.set}`);
    case 'dport':
      return match('==', {payload: {protocol: part.protocol, field: 'dport'}}, part.port);
    case 'local':
      return match('==', {fib: {result: 'type', flags: [part.side]}}, 'local');
    case 'vmap': {
      const transport: Json[] = [{meta: {key: 'l4proto'}}, {payload: {protocol: 'th', field: 'dport'}}];
      const key: Json = {concat: part.key === 'service' ? [field('daddr'), ...transport] : transport};
      return {vmap: {key, data: `@${part.map}`}};
    }
    case 'random': {
      const ways = part.chains.map((chain, i): Json => [i, {goto: {target: chain}}]);
      return {vmap: {key: {numgen: {mode: 'random', mod: ways.length, offset: 0}}, data: {set: ways}}};
    }
    case 'update':
      return {set: {op: 'update', elem: field('saddr'), set: `@${part.set}`}};
    case 'unmarked':
      return match('==', {'&': [MARK, part.mark]}, 0);
    case 'mark':
      return {mangle: {key: MARK, value: {[part.operator]: [MARK, part.mark]}}};
    case 'reject':
      return {reject: {type: family === 4 ? 'icmp' : 'icmpv6', expr: 'port-unreachable'}};
    case 'masquerade':
      return {masquerade: {flags: 'fully-random'}};
    case 'goto':
    case 'jump':
      return {[part.kind]: {target: part.chain}};
    default:
      return {[part.kind]: null};
  }
}

function match(op: string, left: Json, right: Json): Json {
  return {match: {op, left, right}};
}

function intervalJson(interval: Interval): Json {
  if ('first' in interval) return {range: [formatIp(interval.first), formatIp(interval.last)]};
  const {ip, length} = interval;
  return length === ipBits(ip) ? formatIp(ip) : {prefix: {addr: formatIp(ip), len: length}};
}
