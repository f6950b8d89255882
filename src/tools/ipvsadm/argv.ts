/** Command lines of ipvsadm 1.31 that list. */

/** Ends the tool with this exit code and output. */
export class IpvsadmExit extends Error {
  constructor(
    readonly exitCode: number,
    readonly stderr: string,
    readonly stdout = '',
  ) {
    super(stderr);
  }
}

export interface IpvsadmCommand {
  /** `connections`: -c; `save`: -S. */
  readonly show: 'services' | 'stats' | 'rate' | 'persistent' | 'connections' | 'timeout' | 'save';
  readonly numeric: boolean;
  readonly exact: boolean;
}

export const longOptions: Readonly<Record<string, string>> = {
  list: 'L',
  save: 'S',
  numeric: 'n',
  connection: 'c',
  stats: 'stats',
  'persistent-conn': 'persistent',
  timeout: 'timeout',
  exact: 'exact',
  sort: 'sort',
  version: 'v',
  help: 'h',
  'add-service': 'A',
  'edit-service': 'E',
  'delete-service': 'D',
  clear: 'C',
  restore: 'R',
  zero: 'Z',
  'add-server': 'a',
  'edit-server': 'e',
  'delete-server': 'd',
  set: 'set',
  rate: 'rate',
  daemon: 'daemon',
  thresholds: 'thresholds',
  nosort: 'nosort',
};
const views = [
  ['stats', 'stats'],
  ['rate', 'rate'],
  ['persistent', 'persistent'],
  ['timeout', 'timeout'],
  ['c', 'connections'],
] as const;
export const changes = new Set(['A', 'E', 'D', 'C', 'R', 'Z', 'a', 'e', 'd', 'set', 'start-daemon', 'stop-daemon']);
export const unsupported = new Set(['daemon', 'thresholds', 'nosort']);
const VERSION = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n';

export function parseIpvsadm(argv: readonly string[]): IpvsadmCommand {
  const given = new Set(argv.flatMap(optionsOf));
  if (given.has('h')) throw new IpvsadmExit(0, '', usage);
  if (given.has('v')) throw new IpvsadmExit(0, '', VERSION);
  for (const option of given) {
    const name = `ipvsadm ${option.length === 1 ? '-' : '--'}${option}`;
    if (changes.has(option)) throw new IpvsadmExit(2, `wirelay: ${name}: not simulated, nothing was changed\n`);
    if (unsupported.has(option)) throw new IpvsadmExit(2, `wirelay: ${name}: not simulated\n`);
  }
  if (given.has('L') && given.has('S')) throw new IpvsadmExit(2, `multiple commands specified\n${usage}`);
  const shows = views.filter(([option]) => given.has(option)).map(([, show]) => show);
  if (shows.length > 1)
    throw new IpvsadmExit(2, 'wirelay: ipvsadm: one of --stats, --rate, --persistent-conn, --timeout and -c\n');
  return {
    show: given.has('S') ? 'save' : (shows[0] ?? 'services'),
    numeric: given.has('n'),
    exact: given.has('exact'),
  };
}

function optionsOf(word: string): readonly string[] {
  if (word.startsWith('--')) {
    const option = longOptions[word.slice(2)];
    if (option === undefined) throw new IpvsadmExit(2, `${word}: unknown option\n${usage}`);
    return [option];
  }
  if (!/^-./.test(word)) throw new IpvsadmExit(2, `unexpected argument ${word}\n${usage}`);
  const letters = [...word.slice(1)].map((letter) => (letter === 'l' ? 'L' : letter));
  const wrong = letters.find((letter) => !Object.values(longOptions).includes(letter));
  if (wrong !== undefined) throw new IpvsadmExit(2, `-${wrong}: unknown option\n${usage}`);
  return letters;
}

const usage = `Usage:
  ipvsadm -L|l [-n] [-c|--stats|--rate|--persistent-conn|--timeout] [--exact]
  ipvsadm -S [-n]
`;
