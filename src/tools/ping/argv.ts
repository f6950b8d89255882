/** Command line of iputils ping 20221126: getopt's grammar, its checks and their texts. */
import {UserError} from '../../term/error.js';

export interface PingOptions {
  readonly target: string;
  readonly family: 4 | 6 | undefined;
  /** -c */
  readonly count: number | undefined;
  /** -i, ms. */
  readonly interval: number;
  /** -s, bytes of data. */
  readonly size: number;
  /** -W, ms. */
  readonly linger: number;
  /** -w, s; 0 = none. */
  readonly deadline: number;
  readonly ttl: number | undefined;
  /** -Q, the whole octet, ECN bits included. */
  readonly tos: number | undefined;
  /** -e */
  readonly identifier: number | undefined;
  /** -p, at most 16 bytes. */
  readonly pattern: readonly number[] | undefined;
  readonly pmtu: 'do' | 'dont' | 'want' | undefined;
  /** -I, device or source address. */
  readonly from: string | undefined;
  readonly numeric: boolean;
  readonly quiet: boolean;
  readonly outstanding: boolean;
  readonly timestamps: boolean;
  readonly audible: boolean;
}

export type PingCommand =
  | {readonly kind: 'run'; readonly options: PingOptions}
  | {readonly kind: 'version'}
  | {readonly kind: 'help'};

/** A wrong command line: text behind `ping: `, exit code, and whether the usage follows. */
export class PingUsage extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    readonly usage = false,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export const GETOPT = 'h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:';
/** Options of the real program that a simulated ping can't honour, and why. */
export const refused: Readonly<Record<string, string>> = {
  b: 'broadcasts are not simulated',
  B: 'the source address never changes',
  R: 'IP options are not simulated',
  T: 'IP options are not simulated',
  F: 'the flow label is computed from the flow',
  N: 'node information queries are not simulated',
  A: 'adaptive intervals are not simulated',
  f: 'floods are not simulated; -i takes short intervals',
  l: 'preloading is not simulated; -i takes short intervals',
  m: 'packet marks are not simulated',
  r: 'bypassing routes is not simulated',
  v: 'there are no sockets to report on',
};
/** Accepted without an effect: what they change can't be seen from outside. */
const silent = new Set(['C', 'd', 'L', 'S', 'U']);

interface Mutable {
  family: 4 | 6 | undefined;
  count: number | undefined;
  interval: number;
  size: number;
  linger: number;
  deadline: number;
  ttl: number | undefined;
  tos: number | undefined;
  identifier: number | undefined;
  pattern: readonly number[] | undefined;
  pmtu: PingOptions['pmtu'];
  from: string | undefined;
  flags: Set<string>;
}

export function parsePing(argv: readonly string[]): PingCommand {
  const options: Mutable = {
    family: undefined,
    count: undefined,
    interval: 1000,
    size: 56,
    linger: MAX_WAIT,
    deadline: 0,
    ttl: undefined,
    tos: undefined,
    identifier: undefined,
    pattern: undefined,
    pmtu: undefined,
    from: undefined,
    flags: new Set(),
  };
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
      const place = letter === ':' ? -1 : GETOPT.indexOf(letter);
      if (place < 0) throw new PingUsage(`invalid option -- '${letter}'`, 2, true);
      if (letter === 'h' || letter === '?') return {kind: 'help'};
      if (letter === 'V') return {kind: 'version'};
      if (GETOPT[place + 1] !== ':') {
        apply(options, letter, '');
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : argv[++i];
      if (value === undefined) throw new PingUsage(`option requires an argument -- '${letter}'`, 2, true);
      apply(options, letter, value);
      break;
    }
  }
  const target = targets.at(-1);
  if (target === undefined) throw new PingUsage('usage error: Destination address required', 1);
  if (targets.length > 1)
    throw new UserError({message: 'ping through given hops is not supported here', hint: 'give one destination'});
  const {flags, ...values} = options;
  return {
    kind: 'run',
    options: {
      ...values,
      target,
      numeric: flags.has('n'),
      quiet: flags.has('q'),
      outstanding: flags.has('O'),
      timestamps: flags.has('D'),
      audible: flags.has('a'),
    },
  };
}

const INT_MAX = 2 ** 31 - 1;
/** ms that ping waits for the last answers, unless told; told 0, it never gives up, which here is the same (iputils MAXWAIT). */
const MAX_WAIT = 10_000;
/** Bytes of a pattern. */
const MAX_PATTERN = 16;

function apply(options: Mutable, letter: string, value: string): void {
  switch (letter) {
    case '4':
    case '6': {
      const family = letter === '4' ? 4 : 6;
      if (options.family !== undefined && options.family !== family)
        throw new PingUsage('only one -4 or -6 option may be specified', 2);
      options.family = family;
      break;
    }
    case 'c':
      options.count = integer(value, 1n, 2n ** 63n - 1n);
      break;
    case 'i':
      options.interval = milliseconds(value, 'bad timing interval');
      break;
    case 'I':
      if (value.includes(':') && !/^[0-9a-fA-F:.]+(%.*)?$/.test(value))
        throw new PingUsage(`invalid source address: ${value}`, 2);
      options.from = value;
      break;
    case 'M':
      if (value !== 'do' && value !== 'dont' && value !== 'want')
        throw new PingUsage(`invalid -M argument: ${value}`, 2);
      options.pmtu = value;
      break;
    case 'e':
      options.identifier = integer(value, 0n, 0xffffn);
      break;
    case 'p':
      options.pattern = fillPattern(value);
      break;
    case 'Q':
      options.tos = typeOfService(value);
      break;
    case 'S':
      integer(value, 1n, BigInt(INT_MAX));
      break;
    case 's':
      options.size = integer(value, 0n, BigInt(INT_MAX));
      break;
    case 't':
      options.ttl = integer(value, 0n, 255n);
      break;
    case 'w':
      options.deadline = integer(value, 0n, BigInt(INT_MAX));
      break;
    case 'W':
      options.linger = milliseconds(value, 'bad linger time') || MAX_WAIT;
      break;
    default:
      if (refused[letter] !== undefined)
        throw new UserError({message: `ping -${letter} is not supported here`, hint: refused[letter]});
      if (!silent.has(letter)) options.flags.add(letter);
  }
}

/** strtol_or_err. */
function integer(text: string, min: bigint, max: bigint): number {
  if (!/^\s*[-+]?\d+$/.test(text)) throw new PingUsage(`invalid argument: '${text}'`, 1);
  const value = BigInt(text.trim().replace('+', ''));
  if (BigInt.asIntN(64, value) !== value)
    throw new PingUsage(`invalid argument: '${text}': Numerical result out of range`, 1);
  if (value < min || value > max)
    throw new PingUsage(`invalid argument: '${text}': out of range: ${min} <= value <= ${max}`, 1);
  return Number(value);
}

/** fill(): two hex digits a byte, the last may have one. */
function fillPattern(text: string): number[] {
  const wrong = /[^0-9a-fA-F].*$/s.exec(text);
  if (wrong) throw new PingUsage(`patterns must be specified as hex digits: ${wrong[0]}`, 2);
  return (text.match(/..?/g) ?? []).slice(0, MAX_PATTERN).map((digits) => Number.parseInt(digits, 16));
}

/** parsetos(). */
function typeOfService(text: string): number {
  const value = /^0x[0-9a-f]+$|^\d+$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new PingUsage(`bad TOS value: ${text}`, 2);
  if (value > 255) throw new PingUsage(`the decimal value of TOS bits must be in range 0-255: ${value}`, 2);
  return value;
}

/** Seconds with decimals. */
function milliseconds(text: string, problem: string): number {
  const value = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < 0 || value > INT_MAX / 1000) throw new PingUsage(`${problem}: ${text}`, 2);
  return Math.trunc(value * 1000);
}

/** Of Debian 12's package. */
export const versionText =
  'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n';

/** What is supported of it; the real list is longer. */
export const usageText = `
Usage
  ping [options] <destination>

Options:
  <destination>      pod, node, service or ip address
  -a                 use audible ping
  -c <count>         stop after <count> replies
  -D                 print timestamps
  -e <identifier>    define identifier for ping session
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -Q <tclass>        use quality of service <tclass> bits
  -q                 quiet output
  -s <size>          use <size> as number of data bytes to be sent
  -t <ttl>           define time to live
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4

IPv6 options:
  -6                 use IPv6

Without -c and -w a simulated ping stops after 4 packets.
  --pod [NS/]NAME    ping from this pod; otherwise from --node NAME, by default the first node

  ping -c 3 10.32.2.20 --pod pod-a
  ping -c 1 -M do -s 1450 pod-b --pod pod-a
`;
