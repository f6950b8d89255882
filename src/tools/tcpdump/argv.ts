/** tcpdump 4.99.3's command line (tcpdump.c `main`). */
import {type Grammar, getopt} from './getopt.js';
import {linkTypeNamed} from './link-types.js';
import {forcible, type PacketType, type PrintOptions, packetTypes} from './print/options.js';
import {USAGE, VERSION} from './texts.js';

export const MAX_SNAPLEN = 262144;

export const grammar: Grammar = {
  short: 'aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#',
  long: [
    {name: 'buffer-size', argument: true, is: 'B'},
    {name: 'list-interfaces', argument: false, is: 'D'},
    {name: 'help', argument: false, is: 'h'},
    {name: 'interface', argument: true, is: 'i'},
    {name: 'monitor-mode', argument: false, is: 'I'},
    {name: 'time-stamp-type', argument: true, is: 'j'},
    {name: 'list-time-stamp-types', argument: false, is: 'J'},
    {name: 'micro', argument: false, is: 'micro'},
    {name: 'nano', argument: false, is: 'nano'},
    {name: 'time-stamp-precision', argument: true, is: 'precision'},
    {name: 'dont-verify-checksums', argument: false, is: 'K'},
    {name: 'list-data-link-types', argument: false, is: 'L'},
    {name: 'no-optimize', argument: false, is: 'O'},
    {name: 'no-promiscuous-mode', argument: false, is: 'p'},
    {name: 'direction', argument: true, is: 'Q'},
    {name: 'snapshot-length', argument: true, is: 's'},
    {name: 'absolute-tcp-sequence-numbers', argument: false, is: 'S'},
    {name: 'packet-buffered', argument: false, is: 'U'},
    {name: 'linktype', argument: true, is: 'y'},
    {name: 'immediate-mode', argument: false, is: 'immediate'},
    {name: 'relinquish-privileges', argument: true, is: 'Z'},
    {name: 'count', argument: false, is: 'count'},
    {name: 'fp-type', argument: false, is: 'fp-type'},
    {name: 'number', argument: false, is: '#'},
    {name: 'print', argument: false, is: 'print'},
    {name: 'version', argument: false, is: 'version'},
  ],
};

/** The end of the program where it has nothing more to say than this. */
export class Exit extends Error {
  constructor(
    readonly code: number,
    readonly stderr: string,
    readonly stdout = '',
  ) {
    super(stderr);
    this.name = 'Exit';
  }
}

/** tcpdump's `error()`: its text, status 1. */
export function failure(text: string): Exit {
  return new Exit(1, `tcpdump: ${text}\n`);
}

/** What the real one does and this one does not: never ignored silently. */
function unsupported(option: string, why: string): Exit {
  return new Exit(2, `tcpdump: ${option} is not supported here: ${why}\n`);
}

export interface Arguments {
  readonly print: PrintOptions;
  /** -c */
  readonly count: number | undefined;
  /** --count */
  readonly countOnly: boolean;
  /** -d, counted, at most 3 of it matter. */
  readonly dumpProgram: number;
  readonly optimize: boolean;
  /** -D, -L, -J */
  readonly list: 'interfaces' | 'link-types' | 'time-stamp-types' | undefined;
  readonly device: string | undefined;
  readonly direction: 'in' | 'out' | 'inout';
  /** -s; 0 = unset. */
  readonly snaplen: number;
  /** -y */
  readonly linkType: {readonly name: string; readonly number: number} | undefined;
  readonly readFile: string | undefined;
  /** -V: a file of file names. */
  readonly listFile: string | undefined;
  readonly filterFile: string | undefined;
  readonly writeFile: string | undefined;
  /** --print: print although packets are written. */
  readonly printToo: boolean;
  /** -l, -U */
  readonly lineBuffered: boolean;
  readonly packetBuffered: boolean;
  /** -C in bytes, -G in seconds, -W in files; 0 = unset. */
  readonly rotateBytes: number;
  readonly rotateSeconds: number;
  readonly fileCount: number;
  /** Texts that options themselves send to stderr, in order. */
  readonly notices: string;
  /** Words of the filter expression. */
  readonly expression: readonly string[];
}

type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/** Throws `Exit` for everything that ends the program here: errors, help, version. */
export function parseArguments(argv: readonly string[]): Arguments {
  const print: Mutable<PrintOptions> = {
    verbose: 0,
    numeric: false,
    link: false,
    quiet: 0,
    time: 0,
    absoluteSequence: false,
    noChecksums: false,
    asDot: false,
    shortNames: false,
    number: false,
    hex: 0,
    hexAscii: 0,
    ascii: 0,
    precision: 6,
    packetType: undefined,
  };
  const expression: string[] = [];
  const args: Mutable<Arguments> = {
    print,
    count: undefined,
    countOnly: false,
    dumpProgram: 0,
    optimize: true,
    list: undefined,
    device: undefined,
    direction: 'inout',
    snaplen: 0,
    linkType: undefined,
    readFile: undefined,
    listFile: undefined,
    filterFile: undefined,
    writeFile: undefined,
    printToo: false,
    lineBuffered: false,
    packetBuffered: false,
    rotateBytes: 0,
    rotateSeconds: 0,
    fileCount: 0,
    notices: '',
    expression,
  };
  const foreign = {seen: false};
  for (const step of getopt(argv, grammar, expression)) {
    if ('error' in step) throw new Exit(1, `tcpdump: ${step.error}\n${VERSION}${USAGE}`);
    if (!printOption(step.option, step.argument, print)) otherOption(step.option, step.argument, args, foreign);
  }
  if (args.list === 'interfaces') return args;
  if (print.time > 5) throw failure('only -t, -tt, -ttt, -tttt and -ttttt are supported');
  const offline = args.readFile !== undefined || args.listFile !== undefined;
  if (foreign.seen && offline) throw failure('-f can not be used with -V or -r');
  if (foreign.seen) throw unsupported('-f', 'all hosts are the cluster’s');
  if (args.readFile !== undefined && args.listFile !== undefined) throw failure('-V and -r are mutually exclusive.');
  return args;
}

/** Options about text; false for all others. */
function printOption(option: string, argument: string, print: Mutable<PrintOptions>): boolean {
  switch (option) {
    case 'A':
      print.ascii++;
      return true;
    case 'e':
      print.link = true;
      return true;
    case 'K':
      print.noChecksums = true;
      return true;
    case 'b':
      print.asDot = true;
      return true;
    case 'n':
      print.numeric = true;
      return true;
    case 'N':
      print.shortNames = true;
      return true;
    case 'q':
      print.quiet++;
      return true;
    case 'S':
      print.absoluteSequence = true;
      return true;
    case 't':
      print.time++;
      return true;
    case 'T':
      print.packetType = packetType(argument);
      return true;
    case 'v':
      print.verbose++;
      return true;
    case 'x':
      print.hex++;
      return true;
    case 'X':
      print.hexAscii++;
      return true;
    case '#':
      print.number = true;
      return true;
    case 'micro':
      print.precision = 6;
      return true;
    case 'nano':
      print.precision = 9;
      return true;
    case 'precision':
      print.precision = precision(argument);
      return true;
    default:
      return false;
  }
}

function otherOption(option: string, argument: string, args: Mutable<Arguments>, foreign: {seen: boolean}): void {
  switch (option) {
    // About what neither files nor simulated interfaces have: privileges (-Z), promiscuous mode (-p), kernel buffers (-B, and
    // --immediate-mode); -a is without effect in tcpdump itself.
    case 'a':
    case 'p':
    case 'Z':
    case 'immediate':
      return;
    case 'B':
      if (atoi(argument) <= 0) throw failure(`invalid packet buffer size ${argument}`);
      return;
    case 'c':
      args.count = atoi(argument);
      if (args.count <= 0) throw failure(`invalid packet count ${argument}`);
      return;
    case 'count':
      args.countOnly = true;
      return;
    case 'C':
      args.rotateBytes = fileSize(argument);
      return;
    case 'd':
      args.dumpProgram++;
      return;
    case 'D':
      args.list = 'interfaces';
      return;
    case 'L':
      if (args.list !== 'interfaces') args.list = 'link-types';
      return;
    case 'J':
      args.list ??= 'time-stamp-types';
      return;
    case 'f':
      foreign.seen = true;
      return;
    case 'F':
      args.filterFile = argument;
      return;
    case 'fp-type':
      throw new Exit(0, '', '9877.895\n');
    case 'G':
      args.rotateSeconds = atoi(argument);
      if (args.rotateSeconds < 0) throw failure(`invalid number of seconds ${argument}`);
      return;
    case 'h':
      throw new Exit(0, '', VERSION + USAGE);
    case 'i':
      args.device = argument;
      return;
    case 'j':
      if (argument.toLowerCase() !== 'host') throw failure(`invalid time stamp type ${argument}`);
      return;
    case 'l':
      args.lineBuffered = true;
      return;
    case 'm':
      args.notices += `tcpdump: ignoring option \`-m ${argument}' (no libsmi support)\n`;
      return;
    case 'O':
      args.optimize = false;
      return;
    case 'print':
      args.printToo = true;
      return;
    case 'Q':
      args.direction = direction(argument);
      return;
    case 'r':
      args.readFile = argument;
      return;
    case 's':
      args.snaplen = snaplen(argument);
      return;
    case 'U':
      args.packetBuffered = true;
      return;
    case 'V':
      args.listFile = argument;
      return;
    case 'version':
      throw new Exit(0, '', VERSION);
    case 'w':
      args.writeFile = argument;
      return;
    case 'W':
      args.fileCount = atoi(argument);
      if (args.fileCount <= 0) throw failure(`invalid number of output files ${argument}`);
      return;
    case 'y': {
      const type = linkTypeNamed(argument);
      if (type === undefined) throw failure(`invalid data link type ${argument}`);
      args.linkType = type;
      return;
    }
    case 'H':
      throw unsupported('-H', '802.11s is not decoded');
    case 'u':
      throw unsupported('-u', 'NFS is not decoded');
    case 'E':
      throw unsupported('-E', 'ESP is not decrypted');
    case 'I':
      throw unsupported('-I', 'no interface has a monitor mode');
    case 'M':
      throw unsupported('-M', 'TCP-MD5 signatures are not checked');
    case 'z':
      throw unsupported('-z', 'no other program is started');
    default:
      throw new Exit(1, VERSION + USAGE);
  }
}

/** atoi(3): leading digits, 0 where there are none; clamped to an int. */
function atoi(text: string): number {
  const match = /^\s*([+-]?\d+)/.exec(text);
  return match ? Math.max(-0x80000000, Math.min(0x7fffffff, Number(match[1]))) : 0;
}

/** strtol(3) in any base, whole. */
function snaplen(text: string): number {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  const digits = match?.[2] ?? '';
  const base = /^0[xX]/.test(digits) ? 16 : digits.startsWith('0') ? 8 : 10;
  const value = match ? Number.parseInt(digits, base) * (match[1] === '-' ? -1 : 1) : -1;
  if (value < 0 || value > MAX_SNAPLEN) throw failure(`invalid snaplen ${text} (must be >= 0 and <= ${MAX_SNAPLEN})`);
  return value;
}

function fileSize(text: string): number {
  const largest = 0x7fff_ffff_ffff_ffffn;
  const size = /^\s*[+-]?\d+$/.test(text) ? BigInt(text.trim().replace(/^\+/, '')) : 0n;
  if (size <= 0n || size > largest) throw failure(`invalid file size ${text}`);
  if (size > largest / 1_000_000n) throw failure(`file size ${text} is too large`);
  return Number(text) * 1_000_000;
}

function direction(text: string): 'in' | 'out' | 'inout' {
  const wanted = text.toLowerCase();
  if (wanted === 'in' || wanted === 'out' || wanted === 'inout') return wanted;
  throw failure(`unknown capture direction \`${text}'`);
}

function precision(text: string): 6 | 9 {
  if (text === 'micro') return 6;
  if (text === 'nano') return 9;
  throw failure('unsupported time stamp precision');
}

function packetType(text: string): PacketType {
  const found = packetTypes.find((type) => type === text.toLowerCase());
  if (found === undefined) throw failure(`unknown packet type \`${text}'`);
  if (!forcible.includes(found)) throw unsupported(`-T ${found}`, 'that protocol is not decoded');
  return found;
}
