/** Command line of OpenBSD netcat 1.219 as Debian 12 has it: getopt's grammar, its checks and their texts. */
import {findService} from '../../filter/services.js';
import {UserError} from '../../term/error.js';

export interface NcOptions {
  readonly host: string;
  /** In the order they are tried. */
  readonly ports: readonly number[];
  readonly family: 4 | 6 | undefined;
  readonly udp: boolean;
  /** -z */
  readonly scan: boolean;
  readonly verbose: boolean;
  readonly numeric: boolean;
  /** -d: standard input is left alone. */
  readonly detached: boolean;
  /** -N: the end of standard input closes our half of the connection. */
  readonly shutdown: boolean;
  /** -C: lines end in CR LF. */
  readonly crlf: boolean;
  /** -w, s: of a connection attempt, and of silence. */
  readonly timeout: number | undefined;
  /** -q, s behind the end of standard input; below 0: for ever. */
  readonly quit: number | undefined;
  /** -W: packets to receive. */
  readonly receive: number | undefined;
}

export type NcCommand = {readonly kind: 'run'; readonly options: NcOptions} | {readonly kind: 'help'};

/** A wrong command line: text behind `nc: `, and whether the usage follows. */
export class NcUsage extends Error {
  constructor(
    message: string,
    readonly usage = false,
  ) {
    super(message);
  }
}

export const GETOPT = '46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz';
/** Options of the real program that a simulated socket can't honour, and why. */
export const refused: Readonly<Record<string, string>> = {
  b: 'broadcasts are not simulated',
  D: 'there is no kernel to debug',
  F: 'there is no socket to pass on',
  I: 'buffers of sockets are fixed',
  i: 'delays between lines are not simulated',
  k: 'listening is not simulated',
  l: 'what listens in pods is given by their ports: `ports:` of the definition, containerPorts of manifests',
  M: 'TTLs of connections are not simulated; ping -t sets one',
  m: 'TTLs of connections are not simulated; ping -t sets one',
  O: 'buffers of sockets are fixed',
  P: 'proxies are not simulated',
  p: 'source ports are drawn from --seed',
  r: 'ports are tried in order',
  S: 'TCP MD5 signatures are not simulated',
  s: 'packets leave as the routes say',
  T: 'traffic classes are not simulated',
  t: 'TELNET is not simulated',
  U: 'UNIX domain sockets are not simulated',
  V: 'routing tables are chosen by rules',
  X: 'proxies are not simulated',
  x: 'proxies are not simulated',
  Z: 'DCCP is not simulated',
};

export function parseNc(argv: readonly string[]): NcCommand {
  const flags = new Set<string>();
  const values = new Map<string, number>();
  const words: string[] = [];
  let family: 4 | 6 | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      const place = letter === ':' ? -1 : GETOPT.indexOf(letter);
      if (place < 0) throw new NcUsage(`invalid option -- '${letter}'`, true);
      if (letter === 'h') return {kind: 'help'};
      const takesValue = GETOPT[place + 1] === ':';
      const value = !takesValue ? '' : at + 1 < word.length ? word.slice(at + 1) : argv[++i];
      if (value === undefined) throw new NcUsage(`option requires an argument -- '${letter}'`, true);
      if (refused[letter] !== undefined)
        throw new UserError({message: `nc -${letter} is not supported here`, hint: refused[letter]});
      if (takesValue) values.set(letter, optionValue(letter, value));
      else if (letter === '4' || letter === '6') family = letter === '4' ? 4 : 6;
      else flags.add(letter);
      if (takesValue) break;
    }
  }
  const [host, ...ports] = words;
  if (host === undefined) throw new NcUsage('', true);
  if (ports.length === 0) throw new NcUsage('missing port number');
  const udp = flags.has('u');
  return {
    kind: 'run',
    options: {
      host,
      ports: ports.flatMap((text) => portRange(text, udp)),
      family,
      udp,
      scan: flags.has('z'),
      verbose: flags.has('v'),
      numeric: flags.has('n'),
      detached: flags.has('d'),
      shutdown: flags.has('N'),
      crlf: flags.has('C'),
      timeout: values.get('w'),
      quit: values.get('q'),
      receive: values.get('W'),
    },
  };
}

const INT_MAX = 2 ** 31 - 1;

function optionValue(letter: string, text: string): number {
  switch (letter) {
    case 'w':
      return strtonum('timeout', text, 0, Math.floor(INT_MAX / 1000));
    case 'q':
      return strtonum('quit timer', text, -INT_MAX, INT_MAX);
    default:
      return strtonum('receive limit', text, 1, INT_MAX);
  }
}

/** strtonum(3) of libbsd. */
function strtonum(what: string, text: string, min: number, max: number): number {
  if (!/^\s*[-+]?\d+$/.test(text)) throw new NcUsage(`${what} invalid: ${text}`);
  const value = Number(text);
  if (value < min) throw new NcUsage(`${what} too small: ${text}`);
  if (value > max) throw new NcUsage(`${what} too large: ${text}`);
  return value;
}

/** `80`, `http`, `80-90`, `90-80`. */
function portRange(text: string, udp: boolean): number[] {
  const named = findService(text)?.[udp ? 'udp' : 'tcp'];
  if (named !== undefined) return [named];
  const dash = /^\d/.test(text) ? text.indexOf('-') : -1;
  const [low, high] = dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)];
  const [from, to] = [portNumber(low, dash < 0 ? text : low), portNumber(high, high)].sort((a, b) => a - b);
  return Array.from({length: to! - from! + 1}, (_, i) => from! + i);
}

function portNumber(text: string, shown: string): number {
  return strtonum('port number', /^\s*[-+]?\d+$/.test(text) ? text : shown, 1, 65_535);
}

const synopsis = `usage: nc [-46CdhNnuvz] [-q seconds] [-W recvlimit] [-w timeout] [destination] [port]
`;
/** What is supported of it; the real one's is longer. */
export const usageText = synopsis;
export const helpText = `OpenBSD netcat (Debian patchlevel 1.219-1)
${synopsis}	Command Summary:
		-4		Use IPv4
		-6		Use IPv6
		-C		Send CRLF as line-ending
		-d		Detach from stdin
		-h		This help text
		-N		Shutdown the network socket after EOF on stdin
		-n		Suppress name/port resolutions
		-q secs		quit after EOF on stdin and delay of secs
		-u		UDP mode
		-v		Verbose
		-W recvlimit	Terminate after receiving a number of packets
		-w timeout	Timeout for connects and final net reads
		-z		Zero-I/O mode [used for scanning]
	Port numbers can be individual or ranges: lo-hi [inclusive]
	--pod [NS/]NAME: from this pod; otherwise from --node NAME, by default the first node
`;
