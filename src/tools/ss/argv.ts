/** Command line of ss, iproute2 6.1: getopt's grammar, and of the filters those by state and port. */
import {findService} from '../../filter/services.js';
import {UserError} from '../../term/error.js';

export interface SsOptions {
  readonly tcp: boolean;
  readonly udp: boolean;
  readonly four: boolean;
  readonly six: boolean;
  readonly numeric: boolean;
  readonly header: boolean;
  /** States that are shown, as ss writes them. */
  readonly states: ReadonlySet<string>;
  /** `state …` names one: its column is left out. */
  readonly oneState: boolean;
  readonly localPort: number | undefined;
  readonly remotePort: number | undefined;
}

/** A wrong option: getopt's text. */
export class SsUsage extends Error {}

const GETOPT = '?hVnraloepmTisbEZzN:460tMSuduwxf:KHOA:D:F:B';
export const longs: Readonly<Record<string, string>> = {
  ...{numeric: 'n', all: 'a', listening: 'l', processes: 'p', ipv4: '4', ipv6: '6', tcp: 't', udp: 'u'},
  ...{'no-header': 'H', help: 'h', version: 'V', oneline: 'O', resolve: 'r', options: 'o', extended: 'e', memory: 'm'},
  ...{info: 'i', summary: 's', raw: 'w', unix: 'x', events: 'E', kill: 'K', threads: 'T'},
};
/** What is there, or leaves nothing to show here: processes are not simulated. */
export const supported = new Set([...'nalp46tuHO']);

const connected = [
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSE-WAIT',
  'LAST-ACK',
  'CLOSING',
];
export const stateNames: Readonly<Record<string, readonly string[]>> = {
  all: [...connected, 'LISTEN', 'UNCONN'],
  connected,
  synchronized: connected.filter((state) => state !== 'SYN-SENT'),
  bucket: ['SYN-RECV', 'TIME-WAIT'],
  established: ['ESTAB'],
  'syn-sent': ['SYN-SENT'],
  'syn-recv': ['SYN-RECV'],
  'fin-wait-1': ['FIN-WAIT-1'],
  'fin-wait-2': ['FIN-WAIT-2'],
  'time-wait': ['TIME-WAIT'],
  'close-wait': ['CLOSE-WAIT'],
  'last-ack': ['LAST-ACK'],
  closing: ['CLOSING'],
  listening: ['LISTEN'],
  closed: ['UNCONN'],
};
/** Without -a and -l. */
const usual = connected.filter((state) => state !== 'SYN-RECV' && state !== 'TIME-WAIT');

export type SsCommand = {readonly kind: 'run'; readonly options: SsOptions} | {readonly kind: 'help' | 'version'};

export function parseSs(argv: readonly string[]): SsCommand {
  const flags = new Set<string>();
  const words: string[] = [];
  for (const [i, word] of argv.entries()) {
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') words.push(word);
    else for (const letter of lettersOf(word)) flags.add(letter);
  }
  if (flags.has('h') || flags.has('?')) return {kind: 'help'};
  if (flags.has('V')) return {kind: 'version'};
  for (const letter of flags)
    if (!supported.has(letter)) throw new UserError({message: `ss -${letter} is not supported here`});
  const filter = parseFilter(words);
  const families = !flags.has('4') && !flags.has('6');
  const protocols = !flags.has('t') && !flags.has('u');
  const base = flags.has('a') ? stateNames.all : flags.has('l') ? ['LISTEN', 'UNCONN'] : usual;
  return {
    kind: 'run',
    options: {
      tcp: protocols || flags.has('t'),
      udp: protocols || flags.has('u'),
      four: families || flags.has('4'),
      six: families || flags.has('6'),
      numeric: flags.has('n'),
      header: !flags.has('H'),
      states: new Set(filter.states ?? base),
      oneState: filter.states?.length === 1,
      localPort: filter.localPort,
      remotePort: filter.remotePort,
    },
  };
}

function lettersOf(word: string): string[] {
  if (word.startsWith('--')) {
    const letter = longs[word.slice(2)];
    if (letter === undefined) throw new SsUsage(`unrecognized option '${word}'`);
    return [letter];
  }
  return [...word.slice(1)].map((letter) => {
    if (letter === ':' || !GETOPT.includes(letter)) throw new SsUsage(`invalid option -- '${letter}'`);
    return letter;
  });
}

interface Filter {
  states: readonly string[] | undefined;
  localPort: number | undefined;
  remotePort: number | undefined;
}

/** `state NAME`, `sport = :80`, `dport = :http`, in any order, `and` between them. */
function parseFilter(words: readonly string[]): Filter {
  const filter: Filter = {states: undefined, localPort: undefined, remotePort: undefined};
  const refuse = () =>
    new UserError({
      message: `ss: the filter \`${words.join(' ')}\` is not supported here`,
      hint: '`state NAME`, `sport = :PORT` and `dport = :PORT` are',
    });
  const queue = words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === 'and' || word === '(' || word === ')') continue;
    if (word === 'state') {
      const name = queue.shift() ?? '';
      const states = Object.hasOwn(stateNames, name) ? stateNames[name] : undefined;
      if (!states) throw new SsUsage(`wrong state name: ${name}`);
      filter.states = [...(filter.states ?? []), ...states];
      continue;
    }
    if (word !== 'sport' && word !== 'dport') throw refuse();
    const next = queue.shift() ?? '';
    const port = portOf(next === '=' || next === 'eq' || next === '==' ? (queue.shift() ?? '') : next);
    if (port === undefined) throw refuse();
    filter[word === 'sport' ? 'localPort' : 'remotePort'] = port;
  }
  return filter;
}

function portOf(text: string): number | undefined {
  const name = text.replace(/^:/, '');
  if (/^\d{1,5}$/.test(name)) return Number(name);
  const service = findService(name);
  return service?.tcp ?? service?.udp;
}

export const usageText = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -p, --processes     show process using socket: none are simulated

   -4, --ipv4          display only IP version 4 sockets
   -6, --ipv6          display only IP version 6 sockets
   -t, --tcp           display only TCP sockets
   -u, --udp           display only UDP sockets
   -H, --no-header     Suppress header line
   -O, --oneline       socket's data printed on a single line

       FILTER := [ state TCP-STATE ] [ sport = :PORT ] [ dport = :PORT ]
   --pod [NS/]NAME: of this pod; otherwise of --node NAME, by default the first node
`;
