/**
 * Command lines as `cilium-dbg` takes them: spf13/cobra's search for the command, spf13/pflag's flags, and their error texts.
 */
import {distance} from '../../term/nearest.js';

export interface FlagRow {
  readonly name: string;
  readonly short?: string;
  /** strings: given again, they add up, separated by commas; count: how often the flag is there. */
  readonly type: 'bool' | 'count' | 'string' | 'strings' | 'map' | 'int' | 'uint' | 'duration';
  readonly text: string;
  /** As help shows it; undefined where the zero value is the default. */
  readonly fallback?: string;
  /** Texts that completion offers for its value. */
  readonly values?: readonly string[];
  /** Why a simulator can't take it; giving it is an error. */
  readonly refused?: string;
}

export interface CommandNode<Row> {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Path from the program's name: `cilium-dbg bpf ct list`. */
  readonly path: string;
  readonly flags: readonly FlagRow[];
  readonly children: readonly CommandNode<Row>[];
  /** undefined: only a group of others. */
  readonly row: Row | undefined;
}

/** A wrong command line: cobra's text, and whether the command's usage or only a pointer to `--help` follows. */
export class CobraError extends Error {
  constructor(
    message: string,
    readonly show: 'usage' | 'hint',
  ) {
    super(message);
  }
}

/** Values by long name. `--help` is among them. */
export type Flags = ReadonlyMap<string, string>;

export interface CommandLine<Row> {
  readonly node: CommandNode<Row>;
  readonly flags: Flags;
  /** Flags as they came, for those whose order means something. */
  readonly given: readonly (readonly [name: string, value: string])[];
  readonly args: readonly string[];
  /** How many of `args` stand before `--`; undefined: no `--`. */
  readonly dash: number | undefined;
  /** What is wrong with the flags; the command is known all the same, so its usage can be shown. */
  readonly error: CobraError | undefined;
}

export const helpFlag = (name: string): FlagRow => ({name: 'help', short: 'h', type: 'bool', text: `help for ${name}`});

/** Finds the command and reads its flags. Throws a CobraError for a word that is no command of the program. */
export function parseCommandLine<Row>(
  root: CommandNode<Row>,
  globals: readonly FlagRow[],
  argv: readonly string[],
): CommandLine<Row> {
  let node = root;
  const rest = [...argv];
  for (;;) {
    const at = firstWord(rest, [...node.flags, ...globals, helpFlag(node.name)]);
    const word = at < 0 ? undefined : rest[at]!;
    const child = node.children.find((c) => c.name === word || (word !== undefined && c.aliases.includes(word)));
    if (!child) {
      if (node === root && word !== undefined)
        throw new CobraError(
          `unknown command ${quote(word)} for ${quote(root.name)}${suggestions(root, word)}`,
          'hint',
        );
      break;
    }
    rest.splice(at, 1);
    node = child;
  }
  return {node, ...parseFlags(rest, [...node.flags, helpFlag(node.name), ...globals])};
}

/** Index of the first word that is neither a flag nor a flag's value (cobra's stripFlags). */
function firstWord(words: readonly string[], flags: readonly FlagRow[]): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return -1;
    if (word.startsWith('--')) {
      if (!word.includes('=') && takesValue(flags.find((flag) => flag.name === word.slice(2)))) i++;
    } else if (word.startsWith('-') && word.length > 1) {
      if (word.length === 2 && takesValue(flags.find((flag) => flag.short === word[1]))) i++;
    } else if (word !== '') return i;
  }
  return -1;
}

function takesValue(flag: FlagRow | undefined): boolean {
  return flag !== undefined && !isSwitch(flag);
}

/** Needs no value. */
function isSwitch({type}: FlagRow): boolean {
  return type === 'bool' || type === 'count';
}

interface Given {
  readonly values: Map<string, string>;
  readonly order: [name: string, value: string][];
}

function parseFlags(words: readonly string[], rows: readonly FlagRow[]): Omit<CommandLine<unknown>, 'node'> {
  const flags: Given = {values: new Map(), order: []};
  const args: string[] = [];
  const queue = [...words];
  let dash: number | undefined;
  try {
    for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
      if (word === '--') {
        dash = args.length;
        args.push(...queue);
        break;
      }
      if (word.startsWith('--')) longFlag(word, queue, rows, flags);
      else if (word.startsWith('-') && word.length > 1) shortFlags(word, queue, rows, flags);
      else args.push(word);
    }
  } catch (error) {
    if (!(error instanceof CobraError)) throw error;
    return {flags: flags.values, given: flags.order, args, dash, error};
  }
  return {flags: flags.values, given: flags.order, args, dash, error: undefined};
}

function usageError(message: string): CobraError {
  return new CobraError(message, 'usage');
}

function longFlag(word: string, queue: string[], rows: readonly FlagRow[], flags: Given): void {
  const [, name = '', , value] = /^--([^=]*)(=([\s\S]*))?$/.exec(word)!;
  if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${word}`);
  const row = rows.find((flag) => flag.name === name);
  if (!row) throw usageError(`unknown flag: --${name}`);
  if (value !== undefined) return void set(row, value, flags, `--${name}`);
  if (isSwitch(row)) return void set(row, 'true', flags, `--${name}`);
  const next = queue.shift();
  if (next === undefined) throw usageError(`flag needs an argument: --${name}`);
  set(row, next, flags, `--${name}`);
}

/** `-nv`, `-ojson`, `-o=json`, `-o json`. */
function shortFlags(word: string, queue: string[], rows: readonly FlagRow[], flags: Given): void {
  for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
    const row = rows.find((flag) => flag.short === letters[0]);
    if (!row) throw usageError(`unknown shorthand flag: '${letters[0]}' in -${letters}`);
    const name = `-${row.short}, --${row.name}`;
    if (letters.length > 2 && letters[1] === '=') return void set(row, letters.slice(2), flags, name);
    if (isSwitch(row)) set(row, 'true', flags, name);
    else if (letters.length > 1) return void set(row, letters.slice(1), flags, name);
    else {
      const next = queue.shift();
      if (next === undefined) throw usageError(`flag needs an argument: '${letters[0]}' in -${letters}`);
      return void set(row, next, flags, name);
    }
  }
}

function set(row: FlagRow, value: string, flags: Given, given: string): void {
  const problem = flagProblem(row.type, value);
  if (problem !== undefined) throw usageError(`invalid argument ${quote(value)} for ${quote(given)} flag: ${problem}`);
  const {values, order} = flags;
  const before = values.get(row.name);
  order.push([row.name, value]);
  if (row.type === 'count') values.set(row.name, String(Number(before ?? 0) + 1));
  else if (row.type === 'strings' && before !== undefined) values.set(row.name, `${before},${value}`);
  else values.set(row.name, row.type === 'bool' ? String(/^(1|t|T|TRUE|true|True)$/.test(value)) : value);
}

function flagProblem(type: FlagRow['type'], value: string): string | undefined {
  const number = type === 'uint' ? 'strconv.ParseUint' : 'strconv.ParseInt';
  if (type === 'bool' && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
    return `strconv.ParseBool: parsing ${quote(value)}: invalid syntax`;
  if ((type === 'int' && !/^[-+]?\d+$/.test(value)) || (type === 'uint' && !/^\d+$/.test(value)))
    return `${number}: parsing ${quote(value)}: invalid syntax`;
  if (type === 'duration' && !/^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+)$/.test(value))
    return `time: ${/^[-+]?\d+$/.test(value) ? 'missing unit in' : 'invalid'} duration ${quote(value)}`;
  return undefined;
}

/** Go's %q, for the texts that occur here. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Names within an edit distance of 2, and those that begin like the word (cobra's SuggestionsFor). */
function suggestions(root: CommandNode<unknown>, word: string): string {
  const close = root.children
    .map((child) => child.name)
    .filter((name) => distance(word.toLowerCase(), name, 2) <= 2 || name.startsWith(word.toLowerCase()));
  return close.length === 0 ? '' : `\n\nDid you mean this?\n${close.map((name) => `\t${name}\n`).join('')}`;
}
