/** Expectations that cannot be meant: nothing asserted, fields without the one they belong to, fields that exclude each other. */
import {
  type Expectation,
  type ExpectSpec,
  expectedVerdicts,
  type FramesSpec,
  type OutputSpec,
} from '../../cluster/expect.js';
import {type Path, pathText} from '../../cluster/shape.js';
import {dropReasons} from '../../datapath/drop.js';
import type {Problem} from '../../term/error.js';
import {nearest} from '../../term/nearest.js';
import {listOf} from './model.js';

export const flowFields = [
  'verdict',
  'by',
  'reason',
  'at',
  'dnat',
  'source',
  'encapsulation',
  'vni',
  'mtu',
  'payload',
  'ttl',
  'backends',
] as const satisfies readonly (keyof ExpectSpec)[];
const outputFields = ['contains', 'lacks', 'equals', 'matches'] as const satisfies readonly (keyof OutputSpec)[];
const commandFields = ['exit', ...outputFields, 'stderr'] as const satisfies readonly (keyof ExpectSpec)[];
/** Say something about a packet that has arrived. */
const arrivalFields = ['source', 'ttl', 'mtu', 'payload', 'backends'] as const;

type Add = (path: Path, message: string, hint?: string) => void;

export function validate({spec, place}: Expectation): Problem[] {
  const problems: Problem[] = [];
  const add: Add = (path, message, hint) => {
    const where = place(path, 'key');
    problems.push({message, ...(where ? {where} : {}), ...(hint === undefined ? {} : {hint})});
  };
  checkSubject(spec, add);
  checkFlow(spec, add);
  for (const [path, frames] of framesOf(spec)) checkFrames(path, frames, add);
  checkOutput([], spec, add);
  if (spec.stderr) checkOutput(['stderr'], spec.stderr, add);
  return problems;
}

/** Each with its path. */
export function framesOf({frames}: ExpectSpec): (readonly [Path, FramesSpec])[] {
  if (frames === undefined) return [];
  return isList(frames) ? frames.map((one, i) => [['frames', i], one]) : [[['frames'], frames]];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function checkSubject(spec: ExpectSpec, add: Add): void {
  const {flow, command, frames, node, pod, tolerance, stderr} = spec;
  if (flow === undefined && command === undefined && frames === undefined)
    add([], 'an expectation of nothing: flow, command or frames is missing', 'flow: FROM -> TO[:PORT][/PROTO]');
  if (command !== undefined && (flow !== undefined || frames !== undefined))
    add(['command'], 'command stands beside flow or frames', 'an expectation is of one of them: make two');
  const stray = (fields: readonly (keyof ExpectSpec)[], owner: string) => {
    for (const field of fields)
      if (spec[field] !== undefined) add([field], `${field} without ${owner}`, `it says something about a ${owner}`);
  };
  if (flow === undefined) stray([...flowFields, ...(tolerance === undefined ? [] : ['tolerance' as const])], 'flow');
  if (command === undefined) stray([...commandFields, 'node', 'pod'], 'command');
  if (flow !== undefined && frames === undefined && !flowFields.some((field) => spec[field] !== undefined))
    add(['flow'], 'no assertion: nothing is expected of this flow', `add one of ${flowFields.join(', ')}, frames`);
  if (command !== undefined && !commandFields.some((field) => spec[field] !== undefined))
    add(['command'], 'no assertion: nothing is expected of this command', `add one of ${commandFields.join(', ')}`);
  if (stderr && !outputFields.some((field) => stderr[field] !== undefined))
    add(['stderr'], 'no assertion on stderr', `add one of ${outputFields.join(', ')}`);
  if (Array.isArray(frames) && frames.length === 0) add(['frames'], 'no assertion: the list is empty');
  if (node === '' || pod === '') add([node === '' ? 'node' : 'pod'], 'an empty name');
}

function checkFlow(spec: ExpectSpec, add: Add): void {
  const {verdict, reason, encapsulation, vni, dnat, mtu, payload, backends, tolerance} = spec;
  const outcomes: readonly string[] | undefined = verdict === undefined ? undefined : expectedVerdicts[verdict];
  if (outcomes?.every((one) => one === 'answered' || one === 'delivered') && reason !== undefined)
    add(['reason'], `contradicts verdict: ${verdict}: what arrives has no drop reason`);
  if (outcomes?.every((one) => one === 'denied' || one === 'dropped'))
    for (const field of arrivalFields)
      if (spec[field] !== undefined) add([field], `contradicts verdict: ${verdict}: nothing arrives`);
  if (vni !== undefined && (encapsulation === 'none' || encapsulation === 'ipip'))
    add(['vni'], `contradicts encapsulation: ${encapsulation}: it has no VNI`);
  if (listOf(dnat).length > 1 && listOf(dnat).includes('none'))
    add(['dnat'], 'none contradicts the addresses beside it');
  if (mtu !== undefined && payload !== undefined && payload >= mtu)
    add(['payload'], `contradicts mtu: ${mtu}: a packet has headers besides its payload`);
  if (reason !== undefined) checkReason(reason, add);
  if (tolerance !== undefined && (backends === undefined || Array.isArray(backends)))
    add(['tolerance'], 'tolerance without shares in backends', 'backends: {pod-b: 50%, pod-c: 50%}');
  if (backends === undefined) return;
  const names = Array.isArray(backends) ? backends : Object.keys(backends);
  if (names.length === 0) add(['backends'], 'no assertion: no backend is named');
  if (new Set(names).size < names.length) add(['backends'], 'a backend is named twice');
  const sum = Array.isArray(backends)
    ? 0
    : Object.values(backends).reduce<number>((all, one) => all + percentOf(one), 0);
  if (sum > 100.5) add(['backends'], `contradictory: the shares make ${sum} %`);
}

/** `50%`, 50 → 50. */
export function percentOf(share: string | number): number {
  return typeof share === 'number' ? share : Number(share.replace('%', ''));
}

function checkReason(reason: string | number, add: Add): void {
  const rows = Object.values(dropReasons);
  if (typeof reason === 'number') {
    if (!rows.some(({code}) => code === reason)) add(['reason'], `no drop reason has the number ${reason}`);
    return;
  }
  if (reason.trim() === '') add(['reason'], 'an empty reason');
  if (/^DROP_/i.test(reason) && !rows.some(({name}) => name === reason.toUpperCase()))
    add(
      ['reason'],
      `no drop reason is called ${reason}`,
      nearest(
        reason,
        rows.map(({name}) => name),
      ),
    );
}

function checkFrames(path: Path, {count, min, max, filter}: FramesSpec, add: Add): void {
  if (count === undefined && min === undefined && max === undefined)
    add(path, 'no assertion: count, min or max is missing', 'count: 12');
  if (count !== undefined && (min !== undefined || max !== undefined))
    add([...path, 'count'], 'count stands beside min or max', 'leave one of them out');
  if (min !== undefined && max !== undefined && min > max)
    add([...path, 'min'], `contradictory: at least ${min} and at most ${max}`);
  if (filter?.includes('\0')) add([...path, 'filter'], 'a zero byte');
}

function checkOutput(base: Path, {contains, lacks, equals, matches}: OutputSpec, add: Add): void {
  const at = (field: string): Path => [...base, field];
  for (const [field, texts] of Object.entries({contains, lacks, matches})) {
    if (Array.isArray(texts) && texts.length === 0) add(at(field), 'no assertion: the list is empty');
    if (listOf(texts).includes('')) add(at(field), 'an empty text is in every output');
  }
  for (const pattern of listOf(matches))
    try {
      new RegExp(pattern, 'm');
    } catch (error) {
      add(at('matches'), (error as Error).message);
    }
  const [have, not] = [listOf(contains), listOf(lacks)];
  for (const text of have)
    if (not.some((one) => one !== '' && text.includes(one)))
      add(at('lacks'), `contradicts ${pathText(at('contains'))}: ${JSON.stringify(text)}`);
  if (equals === undefined) return;
  for (const text of have)
    if (!equals.includes(text))
      add(at('contains'), `contradicts ${pathText(at('equals'))}: it lacks ${JSON.stringify(text)}`);
  for (const text of not)
    if (text !== '' && equals.includes(text))
      add(at('lacks'), `contradicts ${pathText(at('equals'))}: it contains ${JSON.stringify(text)}`);
}

/** What two expectations of one flow say of it may not differ. */
export function contradictions(expectations: readonly Expectation[]): ReadonlyMap<Expectation, Problem> {
  const found = new Map<Expectation, Problem>();
  const seen = new Map<string, Expectation[]>();
  for (const one of expectations) {
    const {flow} = one.spec;
    if (flow === undefined) continue;
    const key = flow
      .trim()
      .replace(/\s*(?:->|→|\bto\b)\s*/, ' -> ')
      .replace(/\s+/g, ' ');
    const before = seen.get(key) ?? [];
    for (const other of before) {
      const field = flowFields.find((name) => excludes(name, one.spec, other.spec));
      if (field === undefined || found.has(one)) continue;
      const first = other.place([field]);
      const where = one.place([field]);
      const place = first ? ` at ${first.file}:${first.line ?? 1}` : '';
      found.set(one, {
        message: `${field}: ${String(one.spec[field])} contradicts ${String(other.spec[field])} of the same flow${place}`,
        ...(where ? {where} : {}),
      });
    }
    seen.set(key, [...before, one]);
  }
  return found;
}

function excludes(field: (typeof flowFields)[number], {[field]: a}: ExpectSpec, {[field]: b}: ExpectSpec): boolean {
  if (a === undefined || b === undefined) return false;
  if (field === 'verdict') {
    const [one, other]: (readonly string[])[] = [
      expectedVerdicts[a as keyof typeof expectedVerdicts],
      expectedVerdicts[b as keyof typeof expectedVerdicts],
    ];
    return !one?.some((word) => other?.includes(word));
  }
  // a policy and a reason can be named in several ways
  if (field === 'by' || field === 'reason' || field === 'at') return false;
  return typeof a !== 'object' && typeof b !== 'object' && a !== b && field !== 'dnat' && field !== 'source';
}
