/** ping's command line: getopt as iputils 20221126 has it. */
import {UserError} from '../../term/error.js';

export interface PingOptions {
  readonly target: string;
  readonly family: 4 | 6 | undefined;
  /** Requests; without -c and -w four, where the real one would go on for ever. */
  readonly count: number;
  /** ns. */
  readonly interval: number;
  /** Payload bytes. */
  readonly size: number;
  readonly ttl: number | undefined;
  readonly fragmentation: 'do' | 'dont' | 'want';
  /** -W, ns: how long after the last request answers count. */
  readonly wait: number;
  /** -w, ns. */
  readonly deadline: number;
  readonly numeric: boolean;
  readonly quiet: boolean;
  readonly timestamps: boolean;
  /** -O: say so when an answer is missing as the next request goes out. */
  readonly outstanding: boolean;
}

export type ParsedPing =
  | {readonly kind: 'run'; readonly options: PingOptions}
  | {readonly kind: 'version'}
  | {readonly kind: 'help'}
  /** Message for stderr; usage follows when `usage`. */
  | {readonly kind: 'error'; readonly message: string; readonly usage: boolean};

const withValue = new Set('cisWwtMQIlmpFTS');
const flags = new Set('46nqDOVhaAbBdfHLrRUv');
const unsupported = new Set('QIlmpFTSaAbBdfHLrRUv');

export const DEFAULT_COUNT = 4;

export function parsePing(argv: readonly string[]): ParsedPing {
  const seen = new Map<string, string>();
  const targets: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      targets.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      targets.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      if (withValue.has(letter)) {
        const value = at + 1 < word.length ? word.slice(at + 1) : argv[++i];
        if (value === undefined) return usage(`option requires an argument -- '${letter}'`);
        seen.set(letter, value);
        break;
      }
      if (!flags.has(letter)) return usage(`invalid option -- '${letter}'`);
      seen.set(letter, '');
    }
  }
  if (seen.has('h')) return {kind: 'help'};
  if (seen.has('V')) return {kind: 'version'};
  for (const letter of seen.keys())
    if (unsupported.has(letter)) throw new UserError({message: `ping -${letter} is not supported here`});
  return check(seen, targets);
}

function usage(message: string): ParsedPing {
  return {kind: 'error', message, usage: true};
}

class BadValue extends Error {}

function check(seen: ReadonlyMap<string, string>, targets: readonly string[]): ParsedPing {
  if (targets.length === 0) return {kind: 'error', message: 'usage error: Destination address required', usage: false};
  if (targets.length > 1) throw new UserError({message: 'ping through given hops is not supported: one destination'});
  try {
    const deadline = number(seen, 'w', 0, 2 ** 31 - 1, Number.POSITIVE_INFINITY);
    const interval = number(seen, 'i', 0, 2 ** 31 - 1, 1);
    const size = whole(seen, 's', 0, 127_992, 56);
    const mode = seen.get('M') ?? 'want';
    if (mode !== 'do' && mode !== 'dont' && mode !== 'want') throw new BadValue(`invalid -M argument: ${mode}`);
    const unbounded =
      deadline === Number.POSITIVE_INFINITY ? DEFAULT_COUNT : Math.max(1, Math.ceil(deadline / interval));
    const options: PingOptions = {
      target: targets[0]!,
      family: seen.has('6') ? 6 : seen.has('4') ? 4 : undefined,
      count: whole(seen, 'c', 1, Number.MAX_SAFE_INTEGER, unbounded),
      interval: Math.max(interval, 0.000001) * 1e9,
      size,
      ttl: seen.has('t') ? whole(seen, 't', 0, 255, 64) : undefined,
      fragmentation: mode,
      wait: number(seen, 'W', 0, 2 ** 31 - 1, 10) * 1e9,
      deadline: deadline * 1e9,
      numeric: seen.has('n'),
      quiet: seen.has('q'),
      timestamps: seen.has('D'),
      outstanding: seen.has('O'),
    };
    return {kind: 'run', options};
  } catch (error) {
    if (error instanceof BadValue) return {kind: 'error', message: error.message, usage: false};
    throw error;
  }
}

function number(seen: ReadonlyMap<string, string>, letter: string, min: number, max: number, fallback: number): number {
  const text = seen.get(letter);
  if (text === undefined) return fallback;
  if (!/^\d*\.?\d+$/.test(text)) throw new BadValue(`invalid argument: '${text}'`);
  const value = Number(text);
  if (value < min || value > max)
    throw new BadValue(`invalid argument: '${text}': out of range: ${min} <= value <= ${max}`);
  return value;
}

function whole(seen: ReadonlyMap<string, string>, letter: string, min: number, max: number, fallback: number): number {
  const value = number(seen, letter, min, max, fallback);
  if (!Number.isInteger(value)) throw new BadValue(`invalid argument: '${seen.get(letter)}'`);
  return value;
}
