/**
 * What the real tcpdump can't: long options of our own, taken off the argument vector by their full name before getopt sees it.
 * A command line without them is tcpdump's, to the byte.
 */
import {UserError} from '../../../term/error.js';
import {nearest} from '../../../term/nearest.js';

export interface OwnOptions {
  /** UDP ports printed as VXLAN, and looked through. */
  readonly vxlanPorts: ReadonlySet<number>;
  /** --inner; every one of them must hold. */
  readonly inner: readonly string[];
  /** Of each of these any one must hold. */
  readonly identity: readonly string[];
  readonly fromPod: readonly string[];
  readonly toPod: readonly string[];
  readonly service: readonly string[];
  readonly annotate: boolean;
  readonly followFlow: boolean;
  readonly json: boolean;
}

/** One row per option: its name, what stands behind it, and what help and documentation say. */
export const ownOptionTable = [
  {
    name: 'vxlan-port',
    value: 'N',
    repeats: true,
    text: 'print UDP port N as VXLAN, e.g. 8472, which tcpdump takes for OTV; look through it in all options below',
  },
  {
    name: 'inner',
    value: 'EXPR',
    repeats: true,
    text: 'only packets whose innermost packet, at any tunnel port and depth, passes this filter expression',
  },
  {
    name: 'identity',
    value: 'SELECTOR|ID',
    repeats: true,
    text: 'only packets from or to this security identity: its number, or a label selector such as app=web',
  },
  {name: 'from-pod', value: '[NS/]NAME', repeats: true, text: "only packets whose innermost source is the pod's"},
  {name: 'to-pod', value: '[NS/]NAME', repeats: true, text: "only packets whose innermost destination is the pod's"},
  {
    name: 'service',
    value: '[NS/]NAME',
    repeats: true,
    text: 'only packets of the service: with one of its frontends or one of its backends’ ports at an end',
  },
  {
    name: 'annotate',
    value: undefined,
    repeats: false,
    text: 'pod, service, node and identity of both ends behind the first line of each packet',
  },
  {
    name: 'follow-flow',
    value: undefined,
    repeats: false,
    text: 'the flow of the first packet that passes, at every interface of the simulated cluster, a line for each frame',
  },
  {name: 'json', value: undefined, repeats: false, text: 'one JSON object for each packet, the same as --output json'},
  {name: 'output', value: 'FORMAT', repeats: false, text: 'text (default) or json'},
] as const;

type OptionName = (typeof ownOptionTable)[number]['name'];

/** Splits `argv` into our options, undefined where there is none, and the rest in order. What follows `--` is left alone. */
export function takeOwnOptions(argv: readonly string[]): {own: OwnOptions | undefined; rest: string[]} {
  const values = new Map<OptionName, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      rest.push(...argv.slice(i));
      break;
    }
    const match = /^--([a-z-]+)(?:=([\s\S]*))?$/.exec(word);
    const row = match && ownOptionTable.find((option) => option.name === match[1]);
    if (!row) {
      rest.push(word);
      continue;
    }
    const value = row.value === undefined ? match[2] : (match[2] ?? argv[++i]);
    if (row.value !== undefined && value === undefined)
      throw new UserError({message: `option --${row.name} needs a value: --${row.name} ${row.value}`});
    if (row.value === undefined && value !== undefined)
      throw new UserError({message: `option --${row.name} takes no value`});
    const list = values.get(row.name) ?? [];
    if (!row.repeats && row.value !== undefined && list.length > 0)
      throw new UserError({message: `option --${row.name} is given twice`});
    values.set(row.name, [...list, value ?? '']);
  }
  return {own: values.size === 0 ? undefined : toOptions(values), rest};
}

function toOptions(values: ReadonlyMap<OptionName, readonly string[]>): OwnOptions {
  const list = (name: OptionName) => values.get(name) ?? [];
  return {
    vxlanPorts: new Set(list('vxlan-port').map(portNumber)),
    inner: list('inner'),
    identity: list('identity'),
    fromPod: list('from-pod'),
    toPod: list('to-pod'),
    service: list('service'),
    annotate: values.has('annotate'),
    followFlow: values.has('follow-flow'),
    json: values.has('json') || list('output').some(isJson),
  };
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535)
    throw new UserError({message: `--vxlan-port ${text}: expected a UDP port from 1 to 65535`});
  return port;
}

function isJson(format: string): boolean {
  if (format !== 'json' && format !== 'text')
    throw new UserError({message: `--output ${format}: no such format`, hint: nearest(format, ['json', 'text'])});
  return format === 'json';
}
