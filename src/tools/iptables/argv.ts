/** Command lines of iptables and iptables-save 1.8.9 with nf_tables: grammar, error texts, exit codes. */

/** Ends the tool with this exit code and output. */
export class IptablesExit extends Error {
  constructor(
    readonly exitCode: number,
    readonly stderr: string,
    readonly stdout = '',
  ) {
    super(stderr);
  }
}

export interface ListCommand {
  readonly command: 'list' | 'list-rules';
  readonly table: string;
  readonly chain: string | undefined;
  readonly number: number | undefined;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
}

export interface SaveCommand {
  readonly table: string | undefined;
  readonly counters: boolean;
  readonly file: string | undefined;
}

export const VERSION = 'v1.8.9 (nf_tables)';
const MAX_CHAIN = 29;

/** Long option, its letter ('0' for --line-numbers), and whether a value must (1) or may (2) follow. */
export const longOptions: readonly (readonly [name: string, letter: string, value: 0 | 1 | 2])[] = [
  ['append', 'A', 1],
  ['delete', 'D', 1],
  ['check', 'C', 1],
  ['insert', 'I', 1],
  ['replace', 'R', 1],
  ['list', 'L', 2],
  ['list-rules', 'S', 2],
  ['flush', 'F', 2],
  ['zero', 'Z', 2],
  ['new-chain', 'N', 1],
  ['delete-chain', 'X', 2],
  ['rename-chain', 'E', 1],
  ['policy', 'P', 1],
  ['source', 's', 1],
  ['destination', 'd', 1],
  ['src', 's', 1],
  ['dst', 'd', 1],
  ['protocol', 'p', 1],
  ['in-interface', 'i', 1],
  ['jump', 'j', 1],
  ['table', 't', 1],
  ['match', 'm', 1],
  ['numeric', 'n', 0],
  ['out-interface', 'o', 1],
  ['verbose', 'v', 0],
  ['wait', 'w', 2],
  ['wait-interval', 'W', 2],
  ['exact', 'x', 0],
  ['fragments', 'f', 0],
  ['version', 'V', 0],
  ['help', 'h', 2],
  ['line-numbers', '0', 0],
  ['modprobe', 'M', 1],
  ['set-counters', 'c', 1],
  ['goto', 'g', 1],
  ['ipv4', '4', 0],
  ['ipv6', '6', 0],
];
const valueKinds: ReadonlyMap<string, 0 | 1 | 2> = new Map(longOptions.map(([, letter, value]) => [letter, value]));
export const changes: Readonly<Record<string, string>> = Object.fromEntries(
  longOptions.filter(([, letter]) => 'ADCIRFZNXEP'.includes(letter)).map(([name, letter]) => [letter, `--${name}`]),
);
/** Options that a listing may not have, in the order they are complained about (xshared.c optflags). */
const illegal = {L: 'sdpjiocf', S: 'nsdpjxio0cf'} as const;

interface Word {
  readonly letter: string;
  readonly value: string | undefined;
}

/** `program`: `iptables` or `ip6tables`, as it names itself. */
export function parseIptables(argv: readonly string[], program: 'iptables' | 'ip6tables'): ListCommand {
  const fail = (text: string): never => {
    throw problem(program, `${program} ${VERSION}: ${text}\n`);
  };
  const words = argv.slice();
  const given = new Set<string>();
  let [table, command, chain, number]: [string, 'L' | 'S' | undefined, string | undefined, number | undefined] = [
    'filter',
    undefined,
    undefined,
    undefined,
  ];
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') {
      if (words.length > 0) fail('unknown arguments found on commandline');
      break;
    }
    if (word === '!' && words.length === 0) fail('nothing appropriate following !');
    if (!word.startsWith('-') || word === '-') throw problem(program, `Bad argument \`${word}'\n`);
    for (const {letter, value} of splitOptions(word, words, fail)) {
      given.add(letter);
      if (letter === 'V') throw new IptablesExit(0, '', `${program} ${VERSION}\n`);
      if (letter === 'h') throw new IptablesExit(0, '', usage(program));
      if (letter === '6' && program === 'iptables') throw problem(program, '');
      if (letter === '4' && program === 'ip6tables') throw problem(program, '');
      if (letter === 't') table = value!;
      if (letter === 'w' && value === undefined && /^\d+$/.test(words[0] ?? '')) words.shift();
      if (changes[letter]) throw refused(`${program} ${changes[letter]}`);
      if (letter !== 'L' && letter !== 'S') continue;
      if (command && command !== letter) fail(`Cannot use -${letter} with -${command}`);
      command = letter;
      chain = value ?? argument(words);
      const text = chain === undefined ? undefined : argument(words);
      if (text !== undefined) number = ruleNumber(text) ?? fail(`Invalid rule number \`${text}'`);
    }
  }
  if (!command) return fail('no command specified');
  for (const letter of illegal[command]) if (given.has(letter)) fail(`Illegal option \`-${letter}' with this command`);
  if (chain !== undefined && chain.length >= MAX_CHAIN)
    fail(`chain name \`${chain}' too long (must be under ${MAX_CHAIN} chars)`);
  return {
    command: command === 'L' ? 'list' : 'list-rules',
    table,
    chain,
    number,
    numeric: given.has('n'),
    verbose: given.has('v'),
    exact: given.has('x'),
    lineNumbers: given.has('0'),
  };
}

/** A following word that is neither an option nor `!`. */
function argument(words: string[]): string | undefined {
  const [next] = words;
  if (next === undefined || next.startsWith('-') || next.startsWith('!')) return undefined;
  return words.shift();
}

function ruleNumber(text: string): number | undefined {
  const number = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 2 ** 31 - 1 ? number : undefined;
}

/** The options of one word, with getopt_long's rules; takes their values off `words`. */
function splitOptions(word: string, words: string[], fail: (text: string) => never): Word[] {
  if (word.startsWith('--')) return [longOption(word, words, fail)];
  const found: Word[] = [];
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const kind = letter === '0' ? undefined : valueKinds.get(letter);
    if (kind === undefined) return fail(`unknown option "${word}"`);
    const rest = word.slice(i + 1);
    if (kind === 0) {
      found.push({letter, value: undefined});
      continue;
    }
    const value = rest === '' ? (kind === 1 ? words.shift() : undefined) : rest;
    if (kind === 1 && value === undefined) return fail(`option "${word}" requires an argument`);
    return [...found, {letter, value}];
  }
  return found;
}

function longOption(word: string, words: string[], fail: (text: string) => never): Word {
  const [, name, inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!;
  const exact = longOptions.find(([option]) => option === name);
  const near = longOptions.filter(([option]) => option.startsWith(name!));
  const [only] = exact ? [exact] : near;
  if (!only || (!exact && near.some(([, letter]) => letter !== only[1]))) return fail(`unknown option "${word}"`);
  const [, letter, kind] = only;
  if (kind === 0 && inline !== undefined) return fail(`unknown option "${word}"`);
  const value = inline ?? (kind === 1 ? words.shift() : undefined);
  if (kind === 1 && value === undefined) return fail(`option "${word}" requires an argument`);
  return {letter, value};
}

function problem(program: string, text: string): IptablesExit {
  return new IptablesExit(2, `${text}Try \`${program} -h' or '${program} --help' for more information.\n`);
}

function refused(what: string): IptablesExit {
  return new IptablesExit(2, `wirelay: ${what}: not simulated, nothing was changed\n`);
}

function usage(program: string): string {
  return `${program} ${VERSION}

Usage: ${program} -L [CHAIN [RULENUM]] [-t TABLE] [-n] [-v] [-x] [--line-numbers]
       ${program} -S [CHAIN [RULENUM]] [-t TABLE] [-v]
`;
}

export const saveOptions: readonly (readonly [name: string, letter: string, value: boolean])[] = [
  ['counters', 'c', false],
  ['version', 'V', false],
  ['table', 't', true],
  ['modprobe', 'M', true],
  ['file', 'f', true],
];

/** `program`: `iptables-save` or `ip6tables-save`. */
export function parseSave(argv: readonly string[], program: string): SaveCommand {
  const fail = (text: string): never => {
    throw new IptablesExit(1, `${program}: ${text}\nLook at manual page \`${program}.8' for more information.\n`);
  };
  const words = argv.slice();
  let [table, file, counters, stray]: [string | undefined, string | undefined, boolean, boolean] = [
    undefined,
    undefined,
    false,
    false,
  ];
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') {
      stray ||= words.length > 0;
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      stray = true;
      continue;
    }
    for (const {letter, value} of splitSave(word, words, fail)) {
      if (letter === 'V') throw new IptablesExit(0, '', `${program} ${VERSION}\n`);
      if (letter === 'c') counters = true;
      if (letter === 't') table = value!;
      if (letter === 'f') file = value!;
    }
  }
  if (stray) throw new IptablesExit(1, 'Unknown arguments found on commandline\n');
  return {table, counters, file};
}

function splitSave(word: string, words: string[], fail: (text: string) => never): Word[] {
  if (word.startsWith('--')) {
    const [, name, inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!;
    const row = saveOptions.filter(([option]) => option.startsWith(name!));
    if (row.length !== 1) return fail(`unrecognized option '${word}'`);
    const [, letter, takes] = row[0]!;
    const value = takes ? (inline ?? words.shift()) : undefined;
    if (takes && value === undefined) return fail(`option '${word}' requires an argument`);
    return [{letter, value}];
  }
  const found: Word[] = [];
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const row = saveOptions.find((option) => option[1] === letter);
    if (!row) return fail(`invalid option -- '${letter}'`);
    if (!row[2]) found.push({letter, value: undefined});
    else {
      const value = word.slice(i + 1) || words.shift();
      if (value === undefined) return fail(`option requires an argument -- '${letter}'`);
      return [...found, {letter, value}];
    }
  }
  return found;
}
