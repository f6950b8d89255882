/** Command line of conntrack 1.4.7, as far as listing and counting go. */
import type {NfTcpState} from '../../datapath/run/nf-state.js';
import {UserError} from '../../term/error.js';
import {type Ip, type Prefix, parseIp, parsePrefix} from '../../wire/addr.js';

/** A wrong command line: text behind `conntrack v1.4.7 (conntrack-tools): `. */
export class ConntrackUsage extends Error {}

export interface ConntrackOptions {
  readonly command: 'list' | 'count';
  readonly protocol: number | undefined;
  readonly family: 4 | 6 | undefined;
  readonly source: Prefix | undefined;
  readonly destination: Prefix | undefined;
  readonly replySource: Prefix | undefined;
  readonly replyDestination: Prefix | undefined;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly state: NfTcpState | undefined;
  readonly status: 'ASSURED' | 'SEEN_REPLY' | 'UNREPLIED' | undefined;
  readonly extended: boolean;
}

export type ConntrackCommand =
  | {readonly kind: 'run'; readonly options: ConntrackOptions}
  | {readonly kind: 'help' | 'version'};

const protocols: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  icmpv6: 58,
  '6': 6,
  '17': 17,
  '1': 1,
  '58': 58,
};
export const tcpStates: readonly NfTcpState[] = [
  ...(['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT'] as const),
  ...(['CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE'] as const),
];

/** Both spellings → the option's key. */
export const options: Readonly<Record<string, string>> = {
  ...{'-p': 'p', '--protonum': 'p', '--proto': 'p', '-f': 'f', '--family': 'f', '-o': 'o', '--output': 'o'},
  ...{'-s': 's', '--src': 's', '--orig-src': 's', '-d': 'd', '--dst': 'd', '--orig-dst': 'd'},
  ...{'-r': 'r', '--reply-src': 'r', '-q': 'q', '--reply-dst': 'q', '-u': 'u', '--status': 'u'},
};
/** Known once -p names a protocol with ports. */
export const portOptions: Readonly<Record<string, string>> = {
  ...{'--sport': 'sport', '--orig-port-src': 'sport', '--dport': 'dport', '--orig-port-dst': 'dport'},
  '--state': 'state',
};
const unsupported = new Set(
  '-G --get -D --delete -I --create -U --update -E --event -F --flush -S --stats -A --add -n --src-nat -g --dst-nat -j --any-nat -m --mark -c --secmark -e --event-mask -z --zero -l --label -t --timeout -w --zone --orig-zone --reply-zone -b --buffer-size --mask-src --mask-dst --tuple-src --tuple-dst'.split(
    ' ',
  ),
);

export function parseConntrack(argv: readonly string[]): ConntrackCommand {
  const queue = [...argv];
  const given = new Map<string, string>();
  let command: ConntrackOptions['command'] | undefined;
  if (queue.length === 0) return {kind: 'help'};
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '-h' || word === '--help') return {kind: 'help'};
    if (word === '-V' || word === '--version') return {kind: 'version'};
    if (word === '-L' || word === '--dump' || word === '-C' || word === '--count') {
      command = word === '-L' || word === '--dump' ? 'list' : 'count';
      const table = queue[0]?.startsWith('-') === false ? queue.shift() : 'conntrack';
      if (table !== 'conntrack')
        throw /^(expect|dying|unconfirmed)$/.test(table ?? '')
          ? new UserError({message: `conntrack: the table ${table} is not simulated`})
          : new ConntrackUsage(`unknown type \`${table}'`);
      continue;
    }
    const hasPorts = /^(tcp|udp|6|17)$/.test(given.get('p') ?? '');
    const key = options[word] ?? (hasPorts ? portOptions[word] : undefined);
    if (key === undefined && unsupported.has(word))
      throw new UserError({message: `conntrack ${word} is not supported here`, hint: '-L lists, -C counts'});
    if (key === undefined) throw new ConntrackUsage(`unknown option \`${word}'`);
    const value = queue.shift();
    if (value === undefined) throw new ConntrackUsage(`option \`${word}' requires an argument`);
    given.set(key, key === 'p' ? protocolOf(value) : value);
  }
  if (command === undefined) throw new ConntrackUsage('You need to supply a command: -L or -C');
  return {kind: 'run', options: optionsOf(command, given)};
}

function protocolOf(text: string): string {
  if (!Object.hasOwn(protocols, text.toLowerCase())) throw new ConntrackUsage(`\`${text}' unsupported protocol`);
  return text.toLowerCase();
}

function optionsOf(command: ConntrackOptions['command'], given: ReadonlyMap<string, string>): ConntrackOptions {
  const [family, output, state, status] = ['f', 'o', 'state', 'u'].map((key) => given.get(key));
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6')
    throw new ConntrackUsage(`\`${family}' unsupported protocol`);
  if (output !== undefined && output !== 'extended')
    throw /^(xml|save|timestamp|id|ktimestamp|labels|userspace)(,|$)/.test(output)
      ? new UserError({message: `conntrack -o ${output} is not supported here`, hint: '-o extended is'})
      : new ConntrackUsage(`Bad parameter \`${output}'`);
  const tcpState = tcpStates.find((name) => name === state);
  if (state !== undefined && !tcpState) throw new ConntrackUsage(`unknown TCP state \`${state}'`);
  const known = (['ASSURED', 'SEEN_REPLY', 'UNREPLIED'] as const).find((name) => name === status);
  if (status !== undefined && !known) throw new ConntrackUsage(`Bad parameter \`${status}'`);
  const port = (key: string) => (given.has(key) ? Number.parseInt(given.get(key) ?? '', 10) || 0 : undefined);
  return {
    command,
    protocol: given.has('p') ? protocols[given.get('p') ?? ''] : undefined,
    family: family === undefined ? undefined : family === 'ipv4' ? 4 : 6,
    source: address(given.get('s')),
    destination: address(given.get('d')),
    replySource: address(given.get('r')),
    replyDestination: address(given.get('q')),
    sourcePort: port('sport'),
    destinationPort: port('dport'),
    state: tcpState,
    status: known,
    extended: output === 'extended',
  };
}

function address(text: string | undefined): Prefix | undefined {
  if (text === undefined) return undefined;
  const ip: Ip | undefined = parseIp(text);
  const prefix = ip === undefined ? parsePrefix(text) : parsePrefix(`${text}/${typeof ip === 'number' ? 32 : 128}`);
  if (!prefix) throw new ConntrackUsage(`Invalid IP address \`${text}'`);
  return prefix;
}

export const helpText = `Command line interface for the connection tracking system. Version 1.4.7
Usage: conntrack [commands] [options]

Commands:
  -L [table] [options]		List conntrack table
  -C [table]			Show counter

Tables: conntrack

Conntrack parameters and options:
  -o, --output extended			Output format
  -u, --status status			Status, eg. ASSURED

Common parameters and options:
  -s, --src, --orig-src ip		Source address from original direction
  -d, --dst, --orig-dst ip		Destination address from original direction
  -r, --reply-src ip			Source address from reply direction
  -q, --reply-dst ip			Destination address from reply direction
  -p, --protonum proto			Layer 4 Protocol, eg. 'tcp'
  -f, --family proto			Layer 3 Protocol, eg. 'ipv6'
  --sport port, --dport port, --state state with -p tcp or udp

  --node NAME: of this node, by default the first
`;
