/**
 * Grammar of `ip [ OPTIONS ] OBJECT { COMMAND }` (iproute2 6.1.0 ip/ip.c, lib/utils.c): options by prefix after one or two
 * dashes, objects and verbs by prefix in table order, and the errors with their exit codes.
 */
import {type Ip, type Ip4, ipBits, isIp4, maskIp, parseIp6} from '../../wire/addr.js';

/** The command ends here: what goes to stderr (or stdout), and the exit code. */
export class IpExit extends Error {
  constructor(
    readonly exitCode: number,
    readonly stderr: string,
    readonly stdout = '',
  ) {
    super(stderr);
  }
}

export type Family = 'any' | 'inet' | 'inet6' | 'link' | 'other';

export interface IpOptions {
  readonly family: Family;
  readonly details: number;
  readonly stats: number;
  readonly oneline: boolean;
  readonly brief: boolean;
  readonly json: boolean;
  readonly pretty: boolean;
  readonly human: boolean;
  readonly iec: boolean;
  readonly numeric: boolean;
  readonly colour: 'never' | 'auto' | 'always';
  /** -n: name of a network namespace. */
  readonly netns: string | undefined;
}

export interface IpCommand {
  readonly options: IpOptions;
  readonly object: IpObject;
  readonly words: readonly string[];
}

/** Order decides what an abbreviation means: `ip r` is route, `ip n` neighbour. */
export const objects = [
  ['address', 'address'],
  ['addrlabel', undefined],
  ['maddress', undefined],
  ['route', 'route'],
  ['rule', 'rule'],
  ['neighbor', 'neigh'],
  ['neighbour', 'neigh'],
  ['ntable', undefined],
  ['ntbl', undefined],
  ['link', 'link'],
  ['l2tp', undefined],
  ['fou', undefined],
  ['ila', undefined],
  ['macsec', undefined],
  ['tunnel', undefined],
  ['tunl', undefined],
  ['tuntap', undefined],
  ['tap', undefined],
  ['token', undefined],
  ['tcpmetrics', undefined],
  ['tcp_metrics', undefined],
  ['monitor', undefined],
  ['xfrm', undefined],
  ['mroute', undefined],
  ['mrule', undefined],
  ['netns', undefined],
  ['netconf', undefined],
  ['vrf', undefined],
  ['sr', undefined],
  ['nexthop', undefined],
  ['mptcp', undefined],
  ['ioam', undefined],
  ['help', undefined],
  ['stats', undefined],
] as const;
type IpObject = Exclude<(typeof objects)[number][1], undefined>;

const USAGE =
  'Usage: ip [ OPTIONS ] { link | address | route | rule | neighbour } [ show | get ] ...\n' +
  '       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -h[uman-readable] | -iec |\n' +
  '                    -j[son] | -p[retty] | -f[amily] { inet | inet6 | link } | -4 | -6 | -0 |\n' +
  '                    -o[neline] | -br[ief] | -n[etns] NAME | -N[umeric] | -c[olor] }\n' +
  '       and wirelay: --cluster PATH --set PATH=VALUE --node NAME --pod [NS/]NAME --seed N\n';

export function usage(): IpExit {
  return new IpExit(255, USAGE);
}

/** What the real program would change, or show of the machine it runs on. */
export function refused(what: string): IpExit {
  return new IpExit(2, `wirelay: ${what}: not simulated, nothing was changed\n`);
}

/** True where `word` is a prefix of `name`, also the empty one (lib/utils.c matches). */
export function matches(word: string, name: string): boolean {
  return name.startsWith(word);
}

type Flag = Exclude<keyof IpOptions, 'family' | 'netns' | 'colour'>;

/** In the order they are tried. */
export const flagOptions: readonly (readonly [name: string, flag: Flag | 'ignored'])[] = [
  ['-human', 'human'],
  ['-human-readable', 'human'],
  ['-iec', 'iec'],
  ['-stats', 'stats'],
  ['-statistics', 'stats'],
  ['-details', 'details'],
  ['-resolve', 'ignored'],
  ['-oneline', 'oneline'],
  ['-timestamp', 'ignored'],
  ['-tshort', 'ignored'],
  ['-force', 'ignored'],
  ['-brief', 'brief'],
  ['-json', 'json'],
  ['-pretty', 'pretty'],
];

interface MutableOptions {
  family: Family;
  counts: Record<Flag, number>;
  colour: IpOptions['colour'];
  netns: string | undefined;
}

const IP_VERSION = 'ip utility, iproute2-6.1.0, libbpf 1.1.2\n';

export function parseCommand(argv: readonly string[]): IpCommand {
  const options: MutableOptions = {
    family: 'any',
    counts: {details: 0, stats: 0, oneline: 0, brief: 0, json: 0, pretty: 0, human: 0, iec: 0, numeric: 0},
    colour: 'never',
    netns: undefined,
  };
  let at = 0;
  while (at < argv.length) {
    const word = argv[at]!;
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-')) break;
    at = takeOption(word.startsWith('--') ? word.slice(1) : word, argv, at, options);
  }
  const name = argv[at];
  if (name === undefined) throw usage();
  const row = objects.find(([object]) => matches(name, object));
  if (!row) throw new IpExit(1, `Object "${name}" is unknown, try "ip help".\n`);
  if (row[0] === 'help') throw usage();
  if (row[1] === undefined) throw refused(`ip ${row[0]}`);
  const {counts} = options;
  return {
    options: {
      family: options.family,
      colour: options.colour,
      netns: options.netns,
      details: counts.details,
      stats: counts.stats,
      oneline: counts.oneline > 0,
      brief: counts.brief > 0,
      json: counts.json > 0,
      pretty: counts.pretty > 0,
      human: counts.human > 0,
      iec: counts.iec > 0,
      numeric: counts.numeric > 0,
    },
    object: row[1],
    words: argv.slice(at + 1),
  };
}

/** Returns the index of the next word. */
function takeOption(option: string, argv: readonly string[], at: number, options: MutableOptions): number {
  const value = () => {
    const next = argv[at + 1];
    if (next === undefined) throw usage();
    return next;
  };
  if (matches(option, '-loops')) {
    value();
    return at + 2;
  }
  if (matches(option, '-family')) {
    options.family = readFamily(value());
    return at + 2;
  }
  const short = ({'-4': 'inet', '-6': 'inet6', '-0': 'link', '-M': 'other', '-B': 'other'} as const)[option];
  if (short) {
    options.family = short;
    return at + 1;
  }
  const flag = flagOptions.find(([name]) => matches(option, name));
  // -Version, -batch stand between the flags: their first letters decide nothing above.
  if (flag && !(matches(option, '-brief') && matches(option, '-batch'))) {
    if (flag[1] !== 'ignored') options.counts[flag[1]]++;
    return at + 1;
  }
  if (matches(option, '-Version')) throw new IpExit(0, '', IP_VERSION);
  if (matches(option, '-batch')) throw refused(`ip -batch ${value()}`);
  if (matches(option, '-rcvbuf')) {
    value();
    return at + 2;
  }
  const colour = /^(-c\w*)(?:=(.*))?$/.exec(option);
  if (colour && matches(colour[1]!, '-color') && ['', 'always', 'auto', 'never'].includes(colour[2] ?? '')) {
    options.colour = (colour[2] || 'always') as IpOptions['colour'];
    return at + 1;
  }
  if (matches(option, '-help')) throw usage();
  if (matches(option, '-netns')) {
    options.netns = argv[at + 1] ?? '(null)';
    return at + 2;
  }
  if (matches(option, '-Numeric')) options.counts.numeric++;
  else if (!matches(option, '-all') && option !== '-echo')
    throw new IpExit(255, `Option "${option}" is unknown, try "ip -help".\n`);
  return at + 1;
}

function readFamily(name: string): Family {
  if (name === 'help') throw usage();
  const family = ({inet: 'inet', inet6: 'inet6', link: 'link', mpls: 'other', bridge: 'other'} as const)[name];
  if (!family) throw invalid('invalid protocol family', name);
  return family;
}

function incomplete(): IpExit {
  return new IpExit(255, 'Command line is not complete. Try option "help"\n');
}

/** `message` may end in a line end of its own: many of iproute2's do, and give an empty line. */
export function invalid(message: string, argument: string): IpExit {
  return new IpExit(255, `Error: argument "${argument}" is wrong: ${message}\n`);
}

export function duplicate(key: string, argument: string): IpExit {
  return new IpExit(255, `Error: either "${key}" is duplicate, or "${argument}" is a garbage.\n`);
}

export function unknownCommand(object: string, verb: string): IpExit {
  return new IpExit(255, `Command "${verb}" is unknown, try "ip ${object} help".\n`);
}

/** The words after the object, read one by one. */
export class Words {
  private at = 0;

  constructor(private readonly words: readonly string[]) {}

  get done(): boolean {
    return this.at >= this.words.length;
  }

  next(): string {
    const word = this.words[this.at++];
    if (word === undefined) throw incomplete();
    return word;
  }
}

/** A prefix filter. `ip` undefined: `default` (length 0, only default routes) or `any` (everything). */
export interface PrefixArgument {
  readonly family: Family;
  readonly ip: Ip | undefined;
  readonly length: number;
  /** Given with a length, or `default`. */
  readonly exact: boolean;
}

export function readPrefix(text: string, family: Family): PrefixArgument {
  if (family === 'link')
    throw new IpExit(1, `Error: "${text}" may be inet prefix, but it is not allowed in this context.\n`);
  const parsed = parsePrefixArgument(text, family);
  if (!parsed) {
    const name = family === 'any' ? 'any valid' : family;
    throw new IpExit(1, `Error: ${name} prefix is expected rather than "${text}".\n`);
  }
  return parsed;
}

/** `10/8`, `10.0.0.5`, `fd00::/8`, `default`, `any`: missing parts of an IPv4 address are 0 (get_addr_ipv4). */
export function parsePrefixArgument(text: string, family: Family): PrefixArgument | undefined {
  const slash = text.indexOf('/');
  const name = slash < 0 ? text : text.slice(0, slash);
  if (['default', 'all', 'any'].includes(name))
    return slash < 0 ? {family, ip: undefined, length: 0, exact: name === 'default'} : undefined;
  const ip = name.includes(':') ? parseIp6(name) : parseShortIp4(name);
  if (ip === undefined || (family !== 'any' && family !== (isIp4(ip) ? 'inet' : 'inet6'))) return undefined;
  const length = slash < 0 ? ipBits(ip) : readLength(text.slice(slash + 1));
  if (length === undefined || length > ipBits(ip)) return undefined;
  return {family: isIp4(ip) ? 'inet' : 'inet6', ip, length, exact: slash >= 0};
}

function parseShortIp4(text: string): Ip4 | undefined {
  const parts = text.split('.').map(parseNumber32);
  if (parts.length > 4 || parts.some((part) => part === undefined || part > 255)) return undefined;
  return parts.reduce<number>((sum, part, i) => sum + part! * 256 ** (3 - i), 0);
}

function parseNumber32(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** A length, or a netmask without holes (get_netmask). */
function readLength(text: string): number | undefined {
  if (!text.includes('.')) return parseNumber32(text);
  const mask = parseShortIp4(text);
  if (mask === undefined) return undefined;
  const length = mask === 0xffffffff ? 32 : Math.clz32(~mask >>> 0);
  return maskIp(0xffffffff, length) === mask ? length : undefined;
}

/** Whether `prefix` filters nothing or covers the address. */
export function covers(prefix: PrefixArgument | undefined, ip: Ip): boolean {
  if (!prefix || prefix.ip === undefined) return true;
  if (isIp4(prefix.ip) !== isIp4(ip)) return false;
  return maskIp(ip, prefix.length) === maskIp(prefix.ip, prefix.length);
}
