/** Command lines of nft 1.0.6: options, and the `list` commands of its grammar. */

/** Ends the tool with this exit code and output. */
export class NftExit extends Error {
  constructor(
    readonly exitCode: number,
    readonly stderr: string,
    readonly stdout = '',
  ) {
    super(stderr);
  }
}

/** A word of the command with its place in the line, for errors that point at it. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

export interface NftList {
  /** `ruleset`, `tables`, `table`, `chain`, `chains`, `set`, `sets`, `map`, `maps`. */
  readonly what: Listable;
  /** Undefined: all of them. */
  readonly family: Family | undefined;
  readonly table?: Word;
  readonly name?: Word;
}

export interface NftCommand {
  /** Letters of the options given. */
  readonly options: ReadonlySet<string>;
  readonly line: string;
  readonly lists: readonly NftList[];
}

export const VERSION = 'nftables v1.0.6 (Lester Gooch #5)';

export const longOptions: Readonly<Record<string, string>> = {
  help: 'h',
  version: 'v',
  file: 'f',
  define: 'D',
  interactive: 'i',
  includepath: 'I',
  check: 'c',
  optimize: 'o',
  handle: 'a',
  stateless: 's',
  terse: 't',
  service: 'S',
  reversedns: 'N',
  guid: 'u',
  numeric: 'n',
  'numeric-priority': 'y',
  'numeric-protocol': 'p',
  'numeric-time': 'T',
  echo: 'e',
  json: 'j',
  debug: 'd',
};
const known = new Set(['V', ...Object.values(longOptions)]);
/** They read rules, change them, or ask a name server. */
export const refused = new Set(['f', 'D', 'i', 'I', 'c', 'o', 'e', 'd', 'N', 'V']);

export const families: readonly string[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** Which words follow: a family may, then a table, then a name. */
export const listables = {
  ruleset: 0,
  tables: 0,
  chains: 0,
  sets: 0,
  maps: 0,
  table: 1,
  chain: 2,
  set: 2,
  map: 2,
} as const;
type Listable = keyof typeof listables;
/** Other things that nft lists, and other commands. */
const unsupported = new Set([
  ...['counters', 'counter', 'quotas', 'quota', 'limits', 'limit', 'ct', 'meters', 'meter', 'flowtables', 'flowtable'],
  ...['secmarks', 'secmark', 'synproxys', 'synproxy', 'hooks', 'helpers'],
]);
const changes = new Set([
  ...['add', 'create', 'insert', 'delete', 'destroy', 'replace', 'rename', 'flush', 'reset', 'get', 'import', 'export'],
  ...['monitor', 'describe', 'include', 'define', 'undefine', 'redefine', 'table'],
]);

export function parseNft(argv: readonly string[]): NftCommand {
  const options = new Set<string>();
  let i = 0;
  for (; i < argv.length && /^-./.test(argv[i] ?? ''); i++)
    for (const letter of letters(argv[i] ?? '')) options.add(letter);
  if (options.has('h')) throw new NftExit(0, '', usage);
  if (options.has('v')) throw new NftExit(0, '', `${VERSION}\n`);
  for (const letter of options)
    if (refused.has(letter)) throw new NftExit(2, `wirelay: nft -${letter}: not simulated, nothing was changed\n`);
  const words = argv.slice(i);
  if (words.length === 0) throw new NftExit(1, 'nft: no command specified\n');
  const late = words.findIndex((word) => word.startsWith('-'));
  if (late >= 0) throw lateOption(argv, i + late);
  const line = words.join(' ');
  return {options, line, lists: commandsOf(line).map((command) => parseList(command, line))};
}

function letters(word: string): readonly string[] {
  if (!word.startsWith('--')) {
    const found = [...word.slice(1)];
    const wrong = found.find((letter) => !known.has(letter));
    if (wrong !== undefined) throw new NftExit(1, `nft: invalid option -- '${wrong}'\n`);
    return found;
  }
  const name = word.slice(2);
  const exact = longOptions[name];
  const near = Object.keys(longOptions).filter((option) => option.startsWith(name));
  if (exact !== undefined) return [exact];
  if (near.length !== 1) throw new NftExit(1, `nft: unrecognized option '${word}'\n`);
  return [longOptions[near[0] ?? ''] ?? ''];
}

/** `nft list tables -n`: marks under the command and the option, on stdout. */
function lateOption(argv: readonly string[], at: number): NftExit {
  const option = 4 + argv.slice(0, at).join(' ').length + (at > 0 ? 1 : 0);
  return new NftExit(
    1,
    `Error: syntax error, options must be specified before commands\nnft ${argv.join(' ')} `,
    `\n${'   ^'.padEnd(option)}~~\n`,
  );
}

/** Commands between semicolons, as words. */
function commandsOf(line: string): Word[][] {
  const commands: Word[][] = [[]];
  for (const {0: text, index} of line.matchAll(/;|[^\s;]+/g))
    if (text === ';') commands.push([]);
    else commands.at(-1)?.push({text, at: index});
  return commands.filter((words) => words.length > 0);
}

function parseList(words: readonly Word[], line: string): NftList {
  const [verb, what, ...rest] = words;
  if (verb && changes.has(verb.text))
    throw new NftExit(2, `wirelay: nft ${verb.text}: not simulated, nothing was changed\n`);
  if (verb?.text !== 'list') throw unexpected(verb, line);
  if (what && unsupported.has(what.text)) throw new NftExit(2, `wirelay: nft list ${what.text}: not supported\n`);
  if (!what || !isListable(what.text)) throw unexpected(what, line);
  const family = families.includes(rest[0]?.text ?? '') ? (rest.shift()?.text as Family) : undefined;
  const names = listables[what.text];
  for (let i = 0; i < names; i++) if (!rest[i]) throw unexpected(undefined, line, 'string');
  if (rest[names]) throw unexpected(rest[names], line, 'end of file or newline or semicolon');
  const [table, name] = rest;
  return {
    what: what.text,
    family: family ?? (names > 0 ? 'ip' : undefined),
    ...(table ? {table} : {}),
    ...(name ? {name} : {}),
  };
}

function isListable(text: string): text is Listable {
  return Object.hasOwn(listables, text);
}

function unexpected(word: Word | undefined, line: string, expected?: string): NftExit {
  const keyword = word && (families.includes(word.text) || isListable(word.text) || word.text === 'list');
  const what = word ? (keyword ? word.text : 'string') : 'newline';
  const text = `syntax error, unexpected ${what}${expected === undefined ? '' : `, expecting ${expected}`}`;
  return problem(text, word ?? {text: ' ', at: line.length}, line);
}

/** `Error: …`, the line, and marks under the word. */
export function problem(text: string, word: Word, line: string): NftExit {
  return new NftExit(1, `Error: ${text}\n${line}\n${' '.repeat(word.at)}${'^'.repeat(word.text.length)}\n`);
}

const usage = `Usage: nft [ options ] list ruleset|tables|chains|sets|maps [FAMILY]
       nft [ options ] list table [FAMILY] TABLE
       nft [ options ] list chain|set|map [FAMILY] TABLE NAME

Options:
  -j, --json                      Format output in JSON
  -a, --handle                    Output rule handle.
  -s, --stateless                 Omit stateful information of ruleset.
  -t, --terse                     Omit contents of sets.
  -S, --service                   Translate ports to service names.
  -n, --numeric                   Print fully numerical output.
  -y, --numeric-priority          Print chain priority numerically.
  -p, --numeric-protocol          Print layer 4 protocols numerically.
  -T, --numeric-time              Print time values numerically.
  -v, --version                   Show version information
`;
