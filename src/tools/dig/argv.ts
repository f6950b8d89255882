/** Command line of dig 9.18 as Debian 12 has it. */
import {UserError} from '../../term/error.js';
import {isIp4, parseIp} from '../../wire/addr.js';
import {dnsTypes} from '../../wire/dns.js';
import {type Shown, types} from './print.js';

export const VERSION = '9.18.49-1~deb12u3-Debian';

/** A wrong command line: text for stderr, exit code, whether the usage follows. */
export class DigUsage extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    readonly usage = false,
  ) {
    super(message);
  }
}

export interface Lookup extends Shown {
  readonly name: string;
  readonly type: number;
  readonly short: boolean;
  readonly identify: boolean;
  readonly cmd: boolean;
  readonly qr: boolean;
  readonly search: boolean;
  readonly recurse: boolean;
  readonly adflag: boolean;
  readonly edns: boolean;
  readonly cookie: boolean;
  readonly tcp: boolean;
  /** s */
  readonly time: number;
  readonly tries: number;
}

export interface DigOptions {
  readonly lookups: readonly Lookup[];
  /** @SERVER */
  readonly server: string | undefined;
  readonly port: number;
  readonly family: 4 | 6 | undefined;
  /** Complaints that don't stop it. */
  readonly warnings: readonly string[];
}

export type DigCommand = {readonly kind: 'run'; readonly options: DigOptions} | {readonly kind: 'version' | 'help'};

type Mutable = {-readonly [K in keyof Lookup]: Lookup[K]};

const defaults: Lookup = {
  ...{name: '.', type: dnsTypes.A, short: false, identify: false, cmd: true, qr: false, search: false},
  ...{recurse: true, adflag: true, edns: true, cookie: true, tcp: false, time: 5, tries: 3},
  ...{comments: true, question: true, answer: true, authority: true, additional: true, stats: true},
  ...{ttlid: true, class: true},
};

type Switch = keyof {[K in keyof Lookup as Lookup[K] extends boolean ? K : never]: true};

/** `+[no]NAME`, which may be cut short; the first that fits counts. */
export const switches: Readonly<Record<string, Switch>> = {
  ...{additional: 'additional', adflag: 'adflag', answer: 'answer', authority: 'authority', class: 'class', cmd: 'cmd'},
  ...{comments: 'comments', cookie: 'cookie', edns: 'edns', identify: 'identify', qr: 'qr', question: 'question'},
  ...{rdflag: 'recurse', recurse: 'recurse', search: 'search', short: 'short', stats: 'stats', tcp: 'tcp'},
  ...{ttlid: 'ttlid', vc: 'tcp'},
};
const all = ['additional', 'answer', 'authority', 'comments', 'question', 'stats'] as const;

/** What the real one has and this one does not. */
const known =
  'aaflag aaonly badcookie besteffort bufsize cdflag crypto defname dns64prefix dnssec do domain dscp ednsflags ednsnegotiation ednsopt expire fail fuzztime header-only https https-get https-post http-plain idnin idnout idn ignore keepalive keepopen mapped multiline ndots nsid nssearch onesoa opcode padding raflag rrcomments showallmessages showsearch split subnet sigchase tcflag timeout tls tls-ca topdown trace ttlunits trusted-key unknownformat yaml zflag zoneversion'.split(
    ' ',
  );
const letters: Readonly<Record<string, string>> = {b: 'address', f: 'file', k: 'keyfile', y: 'key'};

export function parseDig(argv: readonly string[]): DigCommand {
  const base: Mutable = {...defaults};
  const lookups: Mutable[] = [];
  const warnings: string[] = [];
  const own = {server: undefined as string | undefined, port: 53, family: undefined as 4 | 6 | undefined};
  let cmd = true;
  const current = () => lookups.at(-1) ?? base;
  const ask = (name: string) => lookups.push({...base, name: rooted(name)});
  const queue = [...argv];
  const operand = (word: string) => {
    const value = word.length > 2 ? word.slice(2) : queue.shift();
    if (value === undefined) throw new DigUsage(`Invalid option: ${word}`, 1, true);
    return value;
  };
  const setType = (text: string) => {
    const type = typeOf(text);
    if (type === undefined) warnings.push(`;; Warning, ignoring invalid type ${text}`);
    else current().type = type;
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.startsWith('@')) own.server = word.slice(1);
    else if (word.startsWith('+')) {
      const option = plus(current(), word);
      if (option !== undefined) cmd = option;
    } else if (word.startsWith('-') && word.length > 1)
      switch (word[1]) {
        case '4':
        case '6':
          own.family = word[1] === '4' ? 4 : 6;
          break;
        case 'h':
        case 'v':
          return {kind: word[1] === 'h' ? 'help' : 'version'};
        case 'u':
        case 'm':
        case 'r':
        case 'i':
          throw new UserError({message: `dig ${word} is not supported here`});
        case 't':
          setType(operand(word));
          break;
        case 'q':
          ask(operand(word));
          break;
        case 'c':
          classOf(operand(word), warnings);
          break;
        case 'p':
          own.port = numberOf('port number', operand(word), "Couldn't parse port number", 65_535);
          break;
        case 'x':
          lookups.push({...base, ...current(), name: reverseName(operand(word)), type: dnsTypes.PTR});
          break;
        default:
          if (letters[word[1] ?? ''] !== undefined) throw new UserError({message: `dig ${word} is not supported here`});
          throw new DigUsage(`Invalid option: ${word}`, 1, true);
      }
    else if (typeOf(word) !== undefined && lookups.length > 0) setType(word);
    else if (/^(in|ch|hs)$/i.test(word) && lookups.length > 0) classOf(word, warnings);
    else ask(word);
  }
  if (lookups.length === 0) lookups.push({...base, type: base.type === dnsTypes.A ? dnsTypes.NS : base.type});
  return {kind: 'run', options: {...own, lookups: lookups.map((lookup) => ({...lookup, cmd})), warnings}};
}

/** Gives back the state of +cmd where that is what it sets. */
function plus(lookup: Mutable, word: string): boolean | undefined {
  const [, no, text = '', value] = /^\+(no)?([a-z0-9-]*)(?:=(.*))?$/i.exec(word) ?? [];
  const name = text.toLowerCase();
  const invalid = () => new DigUsage(`Invalid option: ${word}`, 1, true);
  if (name === '') throw invalid();
  const on = no === undefined;
  if (name === 'all') {
    for (const key of all) lookup[key] = on;
    return on;
  }
  if (value !== undefined || /^(time|tries|retry)$/.test(name)) {
    if (!on || value === undefined) throw invalid();
    if (name === 'time') lookup.time = Math.max(1, numberOf('timeout', value, "Couldn't parse timeout"));
    else if (name === 'tries') lookup.tries = Math.max(1, numberOf('tries', value, "Couldn't parse tries"));
    else if (name === 'retry') lookup.tries = numberOf('retry', value, "Couldn't parse retries") + 1;
    else throw known.includes(name) || name in switches ? unsupported(word) : invalid();
    return undefined;
  }
  const full = Object.keys(switches).find((candidate) => candidate.startsWith(name));
  const key = full === undefined ? undefined : switches[full];
  if (key === undefined) throw known.some((candidate) => candidate.startsWith(name)) ? unsupported(word) : invalid();
  if (key === 'cmd') return on;
  lookup[key] = on;
  return undefined;
}

function unsupported(word: string): UserError {
  return new UserError({message: `dig ${word} is not supported here`});
}

function numberOf(what: string, text: string, fatal: string, max = 0xffff_ffff): number {
  if (!/^\d+$/.test(text)) throw new DigUsage(`invalid ${what} '${text}': not a valid number\ndig: ${fatal}`, 10);
  if (Number(text) > max) throw new DigUsage(`invalid ${what} '${text}': out of range\ndig: ${fatal}`, 10);
  return Number(text);
}

/** By name, also as RFC 3597 has it. */
export function typeOf(text: string): number | undefined {
  const upper = text.toUpperCase();
  const numbered = /^TYPE(\d{1,5})$/.exec(upper);
  if (numbered) return Number(numbered[1]);
  return Object.hasOwn(types, upper) ? types[upper] : undefined;
}

function classOf(text: string, warnings: string[]): void {
  if (/^in$/i.test(text)) return;
  if (/^(ch|hs|chaos|hesiod)$/i.test(text)) throw new UserError({message: `dig: only class IN is supported here`});
  warnings.push(`;; Warning, ignoring invalid class ${text}`);
}

function rooted(name: string): string {
  return name === '' ? '.' : name;
}

/** The name under in-addr.arpa or ip6.arpa, a dot behind it. */
export function reverseName(text: string): string {
  const ip = parseIp(text);
  if (ip !== undefined && !isIp4(ip)) {
    const hex = Array.from(ip, (unit) => unit.charCodeAt(0).toString(16).padStart(4, '0')).join('');
    return `${[...hex].reverse().join('.')}.ip6.arpa.`;
  }
  return `${text.split('.').reverse().join('.')}.in-addr.arpa.`;
}

export const usageText = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;
export const helpText = `Usage:  dig [@server] [domain] [q-type] [q-class] {q-opt} {d-opt}
Where:  domain	  is in the Domain Name System
        q-class  is one of (in) [default: in]
        q-type   is one of (a,any,aaaa,ns,ptr,soa,srv,txt,...) [default:a]
        q-opt    is one of:
                 -4                  (use IPv4 query transport only)
                 -6                  (use IPv6 query transport only)
                 -c class            (specify query class)
                 -p port             (specify port number)
                 -q name             (specify query name)
                 -t type             (specify query type)
                 -x dot-notation     (shortcut for reverse lookups)
        d-opt    is of the form +keyword[=value], where keyword is:
                 +[no]additional +[no]adflag +[no]all +[no]answer +[no]authority +[no]class +[no]cmd
                 +[no]comments +[no]cookie +[no]edns +[no]identify +[no]qr +[no]question +[no]recurse
                 +[no]search +[no]short +[no]stats +[no]tcp +[no]ttlid +retry=### +time=### +tries=###
        --pod [NS/]NAME asks from this pod; otherwise --node NAME, by default the first node.
        Without @server the cluster's DNS service is asked.
`;
