/** Command line of Linux traceroute 2.1.2 (Debian 12): the grammar of its option reader, its checks and their texts. */

import type {ProbeMethod} from '../../datapath/run/probe.js';
import {findService} from '../../filter/services.js';
import {UserError} from '../../term/error.js';

/** `default` is UDP to a port that rises by one with each probe. */
export type Method = 'default' | ProbeMethod['protocol'];

/** What the options say, before the host is known. */
export interface TracerouteWords {
  readonly host: string;
  /** Where on the command line the host stands, counted from 1. */
  readonly hostAt: number;
  readonly family: 4 | 6 | undefined;
  readonly length: {readonly text: string; readonly at: number} | undefined;
  readonly values: ReadonlyMap<string, number>;
  readonly method: string;
  readonly numeric: boolean;
  readonly backward: boolean;
  readonly dontFragment: boolean;
  readonly wait: Waits;
  readonly device: string | undefined;
  readonly source: string | undefined;
}

/** Seconds; `here` and `near` are factors of a neighbour's round trip, 0 = not asked. */
export interface Waits {
  readonly max: number;
  readonly here: number;
  readonly near: number;
}

export interface TracerouteOptions {
  readonly method: Method;
  readonly firstHop: number;
  readonly maxHops: number;
  /** Probes per hop. */
  readonly queries: number;
  /** Probes under way at once. */
  readonly simultaneous: number;
  readonly wait: Waits;
  /** Least time between probes, ns. */
  readonly pause: number;
  /** UDP: of the first probe; ICMP: its sequence; others: of every probe. */
  readonly port: number;
  readonly sourcePort: number;
  readonly tos: number;
  /** Whole packet as asked for, bytes. */
  readonly packetLength: number | undefined;
}

export type TracerouteCommand =
  | {readonly kind: 'run'; readonly words: TracerouteWords}
  | {readonly kind: 'help' | 'version'};

/** A wrong command line: the text for stderr. */
export class TracerouteUsage extends Error {}

interface OptionRow {
  readonly letter?: string;
  readonly long?: string;
  /** Name of its argument in messages. */
  readonly argument?: string;
  readonly text: string;
  readonly is: 'flag' | 'uint' | 'seconds' | 'port' | 'wait' | 'text' | 'method';
  /** The long name may be cut short. */
  readonly abbreviates?: boolean;
  /** Why it is not supported. */
  readonly refused?: string;
}

const RAW = 'only UDP, ICMP echo and TCP SYN are sent: -I, -T, -U';

export const optionTable: readonly OptionRow[] = [
  {letter: '4', text: 'Use IPv4', is: 'flag'},
  {letter: '6', text: 'Use IPv6', is: 'flag'},
  {letter: 'd', long: 'debug', text: '', is: 'flag', refused: 'there is no kernel to debug'},
  {letter: 'F', long: 'dont-fragment', text: 'Do not fragment packets', is: 'flag', abbreviates: true},
  {
    letter: 'f',
    long: 'first',
    argument: 'first_ttl',
    text: 'Start from the first_ttl hop (instead from 1)',
    is: 'uint',
  },
  {
    letter: 'g',
    long: 'gateway',
    argument: 'gate,...',
    text: '',
    is: 'text',
    refused: 'source routes are not simulated',
  },
  {letter: 'I', long: 'icmp', text: 'Use ICMP ECHO for tracerouting', is: 'method'},
  {letter: 'T', long: 'tcp', text: 'Use TCP SYN for tracerouting (default port is 80)', is: 'method'},
  {letter: 'i', long: 'interface', argument: 'device', text: 'Specify a network interface to operate with', is: 'text'},
  {letter: 'm', long: 'max-hops', argument: 'max_ttl', text: 'Set the max number of hops. Default is 30', is: 'uint'},
  {
    letter: 'N',
    long: 'sim-queries',
    argument: 'squeries',
    text: 'Probes tried simultaneously (default is 16)',
    is: 'uint',
  },
  {letter: 'n', text: 'Do not resolve IP addresses to their domain names', is: 'flag'},
  {letter: 'p', long: 'port', argument: 'port', text: 'Destination port, or initial seq for ICMP', is: 'port'},
  {letter: 't', long: 'tos', argument: 'tos', text: 'Set the TOS or traffic class value', is: 'uint'},
  {
    letter: 'l',
    long: 'flowlabel',
    argument: 'flow_label',
    text: '',
    is: 'uint',
    refused: 'flow labels are the flow’s hash',
  },
  {letter: 'w', long: 'wait', argument: 'MAX,HERE,NEAR', text: 'Wait for a probe no more than this', is: 'wait'},
  {letter: 'q', long: 'queries', argument: 'nqueries', text: 'Number of probes per each hop. Default is 3', is: 'uint'},
  {letter: 'r', text: '', is: 'flag', refused: 'packets leave as the routes say'},
  {letter: 's', long: 'source', argument: 'src_addr', text: 'Use source src_addr for outgoing packets', is: 'text'},
  {letter: 'z', long: 'sendwait', argument: 'sendwait', text: 'Minimal time interval between probes', is: 'seconds'},
  {letter: 'e', long: 'extensions', text: 'Show ICMP extensions (if present)', is: 'flag', abbreviates: true},
  {letter: 'A', long: 'as-path-lookups', text: '', is: 'flag', refused: 'no routing registry is asked'},
  {letter: 'M', long: 'module', argument: 'name', text: 'Method: default, udp, icmp, tcp', is: 'text'},
  {letter: 'O', long: 'options', argument: 'OPTS,...', text: '', is: 'text', refused: 'methods have no options here'},
  {long: 'sport', argument: 'num', text: "Use source port num. Implies `-N 1'", is: 'port'},
  {long: 'fwmark', argument: 'num', text: '', is: 'uint', refused: 'packets leave as the routes say'},
  {letter: 'U', long: 'udp', text: 'Use UDP to one port, default port is 53', is: 'method'},
  {long: 'UL', text: '', is: 'method', refused: RAW},
  {letter: 'D', long: 'dccp', text: '', is: 'method', refused: RAW},
  {letter: 'P', long: 'protocol', argument: 'prot', text: '', is: 'text', refused: RAW},
  {long: 'mtu', text: '', is: 'flag', refused: 'ping -M do -s SIZE finds the path MTU'},
  {long: 'back', text: 'Print the number of hops in the backward path if it differs', is: 'flag'},
  {letter: 'V', long: 'version', text: 'Print version info and exit', is: 'flag'},
  {long: 'help', text: 'Read this help and exit', is: 'flag'},
];

const methods: readonly string[] = ['default', 'udp', 'icmp', 'tcp'] satisfies Method[];

/** Where reading stands: what the options have said so far. */
interface Reader {
  readonly argv: readonly string[];
  readonly flags: Set<string>;
  readonly values: Map<string, number>;
  readonly texts: Map<string, string>;
  method: string;
  wait: Waits;
}

export function parseTraceroute(argv: readonly string[]): TracerouteCommand {
  if (argv.length === 0) return {kind: 'help'};
  const reader: Reader = {
    argv,
    flags: new Set(),
    values: new Map(),
    texts: new Map(),
    method: 'default',
    wait: {max: 5, here: 3, near: 10},
  };
  const places: number[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      for (let at = i + 1; at < argv.length; at++) places.push(at);
      break;
    }
    if (!word.startsWith('-') || word === '-' || word.startsWith('---')) {
      places.push(i);
      continue;
    }
    i = word.startsWith('--') || word === '-UL' ? readLong(reader, i) : readShort(reader, i);
    if (reader.flags.has('version')) return {kind: 'version'};
    if (reader.flags.has('help')) return {kind: 'help'};
  }
  return {kind: 'run', words: wordsOf(reader, places)};
}

function wordsOf({argv, flags, values, texts, method, wait}: Reader, places: readonly number[]): TracerouteWords {
  const [hostAt, lengthAt, extraAt] = places;
  if (hostAt === undefined) throw new TracerouteUsage('Specify "host" missing argument.');
  if (extraAt !== undefined)
    throw new TracerouteUsage(`Extra arg \`${argv[extraAt]}' (position 3, argc ${extraAt + 1})`);
  return {
    host: argv[hostAt]!,
    hostAt: hostAt + 1,
    family: flags.has('6') ? 6 : flags.has('4') ? 4 : undefined,
    length: lengthAt === undefined ? undefined : {text: argv[lengthAt]!, at: lengthAt + 1},
    values,
    method,
    numeric: flags.has('n'),
    backward: flags.has('back'),
    dontFragment: flags.has('dont-fragment'),
    wait,
    device: texts.get('interface'),
    source: texts.get('source'),
  };
}

/** Both give back the place of the last word they used. */
function readLong(reader: Reader, at: number): number {
  const word = reader.argv[at]!;
  const [name = '', value] = word.replace(/^--?/, '').split(/=([\s\S]*)/, 2);
  const row =
    optionTable.find(({long, argument}) => long === name && (value === undefined || argument !== undefined)) ??
    optionTable.find(
      ({long, abbreviates}) => abbreviates && value === undefined && name.length > 1 && long?.startsWith(name),
    );
  if (!row) {
    const given = value === undefined ? '' : ` (with arg \`${value}')`;
    throw new TracerouteUsage(`Bad option \`${word}'${given} (argc ${at + 1})`);
  }
  if (row.argument !== undefined && value === undefined)
    throw new TracerouteUsage(
      `Option \`--${row.long}' (argc ${at + 1}) requires an argument: \`--${row.long}=${row.argument}'`,
    );
  take(reader, row, `--${row.long}`, value, at + 1);
  return at;
}

function readShort(reader: Reader, at: number): number {
  const word = reader.argv[at]!;
  for (let c = 1; c < word.length; c++) {
    const letter = word[c]!;
    const row = optionTable.find((candidate) => candidate.letter === letter);
    if (!row) throw new TracerouteUsage(`Bad option \`-${letter}' (argc ${at + 1})`);
    if (row.argument === undefined) {
      take(reader, row, `-${letter}`, undefined, at + 1);
      continue;
    }
    // joined only right behind the dash; as the last of a group, the next word
    const isLast = c + 1 === word.length;
    const value = isLast ? reader.argv[at + 1] : c === 1 ? word.slice(2) : undefined;
    if (value === undefined)
      throw new TracerouteUsage(
        `Option \`-${letter}' (argc ${at + 1}) requires an argument: \`-${letter} ${row.argument}'`,
      );
    take(reader, row, `-${letter}`, value, isLast ? at + 2 : at + 1);
    return isLast ? at + 1 : at;
  }
  return at;
}

function take(reader: Reader, row: OptionRow, shown: string, value: string | undefined, at: number): void {
  if (row.refused !== undefined)
    throw new UserError({message: `traceroute ${shown} is not supported here`, hint: row.refused});
  const key = row.long ?? row.letter ?? '';
  if (row.is === 'flag') return void reader.flags.add(key);
  if (row.is === 'method') reader.method = key;
  if (value === undefined) return;
  const bad = () => new TracerouteUsage(`Cannot handle \`${shown}' option with arg \`${value}' (argc ${at})`);
  if (row.is === 'wait') {
    const waits = readWaits(value);
    if (!waits) throw bad();
    reader.wait = waits;
  } else if (row.is === 'text') {
    if (key === 'module') reader.method = value;
    else reader.texts.set(key, value);
  } else {
    const number = row.is === 'uint' ? readUint(value) : row.is === 'port' ? readPort(value) : readFloat(value);
    if (number === undefined) throw bad();
    reader.values.set(key, number);
  }
}

/** strtoul(3) with base 0, to the end; 32 bits are kept. */
function readUint(text: string): number | undefined {
  const match = /^\s*([-+]?)(0[xX][\da-fA-F]+|\d+)$/.exec(text);
  if (!match) return undefined;
  const [, sign, digits = ''] = match;
  const octal = /^0\d/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  const value = BigInt(octal ? `0o${digits}` : digits);
  return Number(BigInt.asUintN(32, sign === '-' ? -value : value));
}

/** A number, whatever follows it, or a service of either transport. */
function readPort(text: string): number | undefined {
  const digits = /^\s*[-+]?\d+/.exec(text)?.[0];
  if (digits !== undefined) return readUint(digits);
  const service = findService(text);
  return service?.tcp ?? service?.udp;
}

function readFloat(text: string): number | undefined {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** `MAX[,HERE[,NEAR]]`: what is left out is 0. */
function readWaits(text: string): Waits | undefined {
  const [max, here = 0, near = 0, ...rest] = text.split(',').map(readFloat);
  if (max === undefined || here === undefined || near === undefined || rest.length > 0) return undefined;
  if (text.split(',').some((part) => readFloat(part) === undefined)) return undefined;
  return {max, here, near};
}

const MAX_PACKET = 65_000;

/** The checks that the program makes once it knows the host. */
export function checkWords(words: TracerouteWords): TracerouteOptions {
  const {values, length, wait} = words;
  const packetLength = length && readUint(length.text);
  if (length && packetLength === undefined)
    throw new TracerouteUsage(
      `Cannot handle "packetlen" cmdline arg \`${length.text}' on position 2 (argc ${length.at})`,
    );
  const method = methods.find((name): name is Method => name === words.method);
  if (!method) throw new TracerouteUsage(`Unknown traceroute module ${words.method}`);
  const [firstHop, maxHops] = [values.get('first') ?? 1, values.get('max-hops') ?? 30];
  const queries = values.get('queries') ?? 3;
  const pause = values.get('sendwait') ?? 0;
  const sourcePort = (values.get('sport') ?? 0) & 0xffff;
  if (firstHop === 0 || firstHop > maxHops) throw new TracerouteUsage('first hop out of range');
  if (maxHops > 255) throw new TracerouteUsage('max hops cannot be more than 255');
  if (queries === 0 || queries > 10) throw new TracerouteUsage('no more than 10 probes per hop');
  if (wait.max < 0 || wait.here < 0 || wait.near < 0)
    throw new TracerouteUsage(`bad wait specifications \`${wait.max},${wait.here},${wait.near}' used`);
  if (packetLength !== undefined && packetLength > MAX_PACKET)
    throw new TracerouteUsage(`too big packetlen ${packetLength} specified`);
  if (pause < 0) throw new TracerouteUsage(`bad sendtime \`${pause}' specified`);
  return {
    method,
    firstHop,
    maxHops,
    queries,
    simultaneous: sourcePort === 0 ? Math.max(1, values.get('sim-queries') ?? 16) : 1,
    wait: sourcePort === 0 ? wait : {...wait, here: 0, near: 0},
    pause: (pause >= 10 ? pause / 1000 : pause) * 1e9,
    port: values.get('port') || {default: 33_434, udp: 53, icmp: 1, tcp: 80}[method],
    sourcePort,
    tos: (values.get('tos') ?? 0) & 0xff,
    packetLength,
  };
}

export const versionText = `Modern traceroute for Linux, version 2.1.2
Copyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later
`;

const listed = optionTable.filter(({refused}) => refused === undefined);

/** What is supported of it; the real one's is longer. */
export const helpText = `Usage:
  traceroute [ -${listed.flatMap(({letter, argument}) => (letter && argument === undefined ? [letter] : [])).join('')} ] ${listed
    .filter(({letter, argument}) => letter !== undefined && argument !== undefined)
    .map(({letter, argument}) => `[ -${letter} ${argument} ] `)
    .join('')}host [ packetlen ]
Options:
${listed.map(optionLine).join('')}
Arguments:
+     host          The host to traceroute to
      packetlen     The full packet length (default is the length of an IP
                    header plus 40)

--pod [NS/]NAME: from this pod; otherwise from --node NAME, by default the first node
`;

function optionLine({letter, long, argument, text}: OptionRow): string {
  const names = [
    ...(letter === undefined ? [] : [`-${letter}${argument === undefined ? '' : ` ${argument}`}`]),
    ...(long === undefined ? [] : [`--${long}${argument === undefined ? '' : `=${argument}`}`]),
  ].join('  ');
  return names.length > 26 ? `  ${names}\n${' '.repeat(30)}${text}\n` : `  ${names.padEnd(28)}${text}\n`;
}
