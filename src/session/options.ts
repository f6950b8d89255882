/**
 * wirelay's own long options, the same on every command. Look-alikes keep their model's grammar: these are taken off the
 * argument vector first, and only in their long form.
 */
import {UserError} from '../term/error.js';

export interface SessionOptions {
  readonly cluster: readonly string[];
  readonly set: readonly string[];
  readonly traffic: readonly string[];
  readonly event?: readonly string[];
  readonly node: string | undefined;
  readonly pod: string | undefined;
  readonly seed: number | undefined;
  /** How many nodes to make where the definition has none. */
  readonly nodes?: number;
  /** Keep the Kubernetes objects as they stand: no option, but a command's wish. */
  readonly keep?: boolean;
}

/** One row per option: its key, whether it repeats, and what help and completion say. */
export const sessionOptionTable = [
  {
    name: 'cluster',
    value: 'PATH',
    repeats: true,
    text: 'definition or dump: file, folder, archive or - (stdin); default: wirelay.yaml here or above, else the demo',
  },
  {
    name: 'nodes',
    value: 'N',
    repeats: false,
    text: 'make N nodes, for manifests without any (default: 3)',
  },
  {
    name: 'set',
    value: 'PATH=VALUE',
    repeats: true,
    text: 'override one field of the definition, e.g. spec.cilium.tunnel-protocol=vxlan',
  },
  {
    name: 'traffic',
    value: "'FROM -> TO…'",
    repeats: true,
    text: "run this traffic instead of the definition's, e.g. 'pod-a -> my-svc:80/http x3'",
  },
  {
    name: 'event',
    value: "'at=TIME …'",
    repeats: true,
    text: "change the cluster while traffic runs, instead of the definition's events, e.g. 'at=2s restart pod-b'",
  },
  {name: 'node', value: 'NAME', repeats: false, text: 'look from this node (default: the first)'},
  {name: 'pod', value: '[NS/]NAME', repeats: false, text: "look from inside this pod's network namespace"},
  {name: 'seed', value: 'N', repeats: false, text: 'seed of every random choice (default: the definition’s, else 1)'},
] as const;

type OptionName = (typeof sessionOptionTable)[number]['name'];

/** Splits `argv` into our options and the rest, in order. What follows `--` is left alone. */
export function takeSessionOptions(argv: readonly string[]): {options: SessionOptions; rest: string[]} {
  const values: Record<OptionName, string[]> = {
    cluster: [],
    set: [],
    traffic: [],
    event: [],
    node: [],
    pod: [],
    seed: [],
    nodes: [],
  };
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      rest.push(...argv.slice(i));
      break;
    }
    const match = /^--([a-z]+)(?:=([\s\S]*))?$/.exec(word);
    const row = match && sessionOptionTable.find((option) => option.name === match[1]);
    if (!row) {
      rest.push(word);
      continue;
    }
    const value = match[2] ?? argv[++i];
    if (value === undefined)
      throw new UserError({message: `option --${row.name} needs a value: --${row.name} ${row.value}`});
    if (!row.repeats && values[row.name].length > 0)
      throw new UserError({message: `option --${row.name} is given twice`});
    values[row.name].push(value);
  }
  const {cluster, set, traffic, event} = values;
  const options = toSessionOptions({
    cluster,
    set,
    traffic,
    event,
    node: values.node[0],
    pod: values.pod[0],
    seed: values.seed[0],
    nodes: values.nodes[0],
  });
  return {options, rest};
}

/** Texts as any parser gives them → options, the seed checked. */
export function toSessionOptions(texts: {
  readonly cluster?: readonly string[];
  readonly set?: readonly string[];
  readonly traffic?: readonly string[];
  readonly event?: readonly string[];
  readonly node?: string;
  readonly pod?: string;
  readonly seed?: string;
  readonly nodes?: string;
}): SessionOptions {
  const {cluster = [], set = [], traffic = [], event = [], node, pod, seed} = texts;
  const nodes = parseNodes(texts.nodes);
  return {cluster, set, traffic, event, node, pod, seed: parseSeed(seed), ...(nodes === undefined ? {} : {nodes})};
}

function parseNodes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 10_000)
    throw new UserError({message: `--nodes ${text}: expected a whole number from 1 to 10000`});
  return Number(text);
}

function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > 0xffff_ffff)
    throw new UserError({message: `--seed ${text}: expected a whole number from 0 to 4294967295`});
  return Number(text);
}
