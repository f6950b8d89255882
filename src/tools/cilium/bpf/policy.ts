/** `bpf policy get EP`, `--all` (cilium-dbg/cmd/bpf_policy_get.go). Entries that no packet has hit have no counters: `-`. */

import type {NodeState, PolicyEntry} from '../../../control/model.js';
import type {Step} from '../../../datapath/step-model.js';
import type {GoRecord} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {identityLabels} from '../labels.js';
import {hasOutput, listTable, printOutput, protocolName, type ViewContext} from '../output.js';

const ANY_LABEL = 'reserved:unknown';

/** Where the agent pins the map. */
function mapPath(endpointId: number): string {
  return `/sys/fs/bpf/tc/globals/cilium_policy_v2_${String(endpointId).padStart(5, '0')}`;
}

export async function policyGet(context: ViewContext): Promise<number> {
  const {flags, args, io, session} = context;
  const state = session.state();
  const numeric = flags.get('numeric') === 'true';
  if (flags.get('all') === 'true') return printAll(context, state, numeric);
  const [word] = args;
  if (word === undefined) {
    io.stderr.write('Error: Missing endpoint id argument\n');
    return 1;
  }
  const id = endpointId(word);
  if (typeof id === 'string') {
    io.stderr.write(`Error: ${sanitize(id)}\n`);
    return 1;
  }
  const policy = state.policies.get(id);
  if (!policy) {
    io.stderr.write(`Error: Failed to open map: loading pinned map ${mapPath(id)}: no such file or directory\n\n`);
    return 1;
  }
  const entries = sortEntries(policy.entries);
  const counters = (await countHits(context)).get(id);
  if (hasOutput(context))
    return printOutput(
      context,
      entries.map((entry) => entryModel(entry, counters)),
    );
  io.stdout.write(policyTable(state, entries, numeric, counters));
  return 0;
}

/** A number from 0 to 65535; text: what is wrong. */
function endpointId(word: string): number | string {
  const text = word.startsWith('cilium-local:') ? word.slice('cilium-local:'.length) : word;
  if (/^\d+$/.test(text) && Number(text) <= 0xffff) return Number(text);
  return /^[a-z-]+:/.test(word)
    ? `Failed to parse endpointID ${JSON.stringify(word)}`
    : `Cannot parse endpoint id ${JSON.stringify(word)}: strconv.ParseInt: parsing ${JSON.stringify(word)}: invalid syntax`;
}

async function printAll(context: ViewContext, state: NodeState, numeric: boolean): Promise<number> {
  const maps = [...state.policies].sort(([a], [b]) => a - b);
  const {io} = context;
  if (maps.length === 0) {
    io.stdout.write('no maps found\n');
    return 0;
  }
  const hits = await countHits(context);
  if (hasOutput(context))
    return printOutput(
      context,
      maps.map(([id, {entries}]) => ({
        EndpointID: String(id),
        Path: mapPath(id),
        Content: sortEntries(entries).map((entry) => entryModel(entry, hits.get(id))),
      })),
    );
  for (const [id, {entries}] of maps)
    io.stdout.write(
      `Endpoint ID: ${id}\nPath: ${mapPath(id)}\n\n${policyTable(state, sortEntries(entries), numeric, hits.get(id))}\n\n`,
    );
  return 0;
}

/** Denies first, then ingress before egress, then by identity. */
function sortEntries(entries: readonly PolicyEntry[]): PolicyEntry[] {
  const order = (entry: PolicyEntry) => (entry.deny ? 0 : 2) + (entry.direction === 'ingress' ? 0 : 1);
  return [...entries].sort((a, b) => order(a) - order(b) || a.identity - b.identity);
}

/** What packets of the run have hit of one map. */
type Hits = ReadonlyMap<PolicyEntry, {packets: number; bytes: number}>;

/** By endpoint of the viewpoint's node: each packet that asks counts at the entry that decides, with its length then. */
async function countHits({session}: ViewContext): Promise<ReadonlyMap<number, Hits>> {
  const maps = new Map<number, Map<PolicyEntry, {packets: number; bytes: number}>>();
  if (session.traffic.length === 0) return maps;
  let length = 0;
  const count = (endpoint: number, entry: PolicyEntry) => {
    let hits = maps.get(endpoint);
    if (!hits) maps.set(endpoint, (hits = new Map()));
    const known = hits.get(entry) ?? {packets: 0, bytes: 0};
    hits.set(entry, {packets: known.packets + 1, bytes: known.bytes + length});
  };
  await session.run({
    observers: [
      {
        wants: () => false,
        step(step: Step) {
          if (step.kind === 'enter') length = step.frame.length;
          if (step.kind !== 'lookup' || step.node !== session.node.name) return;
          if (step.entry && step.endpoint !== undefined) count(step.endpoint, step.entry);
        },
      },
    ],
  });
  return maps;
}

function policyTable(
  state: NodeState,
  entries: readonly PolicyEntry[],
  numeric: boolean,
  hits: Hits | undefined,
): string {
  const title = numeric ? 'IDENTITY' : 'LABELS (source:key[=value])';
  let text = `POLICY\tDIRECTION\t${title}\tPORT/PROTO\tPROXY PORT\tAUTH TYPE\tBYTES\tPACKETS\tPREFIX\tCOOKIE\n`;
  for (const entry of entries) {
    const labels = numeric ? [] : identityLabels(state.cluster, entry.identity);
    const [first = String(entry.identity), ...more] = [...labels].sort();
    const cells = [
      entry.deny ? 'Deny' : 'Allow',
      entry.direction === 'ingress' ? 'Ingress' : 'Egress',
      first === ANY_LABEL ? 'ANY' : sanitize(first),
      portText(entry),
      entry.proxyPort === 0 ? 'NONE' : String(entry.proxyPort),
      'disabled',
      String(hits?.get(entry)?.bytes ?? '-'),
      String(hits?.get(entry)?.packets ?? '-'),
      String(prefixBits(entry)),
      '0',
    ];
    text += `${cells.join('\t')}\n`;
    for (const label of more) text += `\t\t${sanitize(label)}\t\t\t\t\t\t\t\n`;
  }
  const empty = 'Policy stats empty. Perhaps the policy enforcement is disabled?\n';
  return tabwriter(text, listTable) + (entries.length === 0 ? empty : '');
}

/** Bits of protocol and port that the key fixes. */
function prefixBits({protocol, portBits}: PolicyEntry): number {
  return protocol === 0 ? 0 : 8 + portBits;
}

function portText(entry: PolicyEntry): string {
  const {protocol, port, portBits} = entry;
  const name = protocolName(protocol);
  if (prefixBits(entry) <= 8) return name;
  return portBits === 16 ? `${port}/${name}` : `${port}-${port + (0xffff >> portBits)}/${name}`;
}

/** StatNotAvailable. */
const NO_COUNTER = 2n ** 64n - 1n;
/** Bits of the key before protocol and port. */
const STATIC_BITS = 40;

function entryModel(entry: PolicyEntry, hits: Hits | undefined): GoRecord {
  const swapped = (port: number) => ((port & 0xff) << 8) | (port >>> 8);
  const bits = prefixBits(entry);
  return {
    ProxyPortNetwork: swapped(entry.proxyPort),
    Flags: (entry.deny ? 1 : 0) | (bits << 3),
    AuthRequirement: 0,
    Precedence: entry.precedence,
    Cookie: 0,
    Packets: hits?.get(entry)?.packets ?? NO_COUNTER,
    Bytes: hits?.get(entry)?.bytes ?? NO_COUNTER,
    Key: {
      Prefixlen: STATIC_BITS + bits,
      Identity: entry.identity,
      TrafficDirection: entry.direction === 'ingress' ? 0 : 1,
      Nexthdr: entry.protocol,
      DestPortNetwork: swapped(entry.port),
    },
  };
}
