/** `bpf policy get EP`, `--all` (cilium-dbg/cmd/bpf_policy_get.go). Per-entry counters are not kept: `-`, as without policy stats. */
import type {NodeState, PolicyEntry} from '../../../control/model.js';
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
  if (hasOutput(context)) return printOutput(context, entries.map(entryModel));
  io.stdout.write(policyTable(state, entries, numeric));
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
  if (hasOutput(context))
    return printOutput(
      context,
      maps.map(([id, {entries}]) => ({
        EndpointID: String(id),
        Path: mapPath(id),
        Content: sortEntries(entries).map(entryModel),
      })),
    );
  for (const [id, {entries}] of maps)
    io.stdout.write(
      `Endpoint ID: ${id}\nPath: ${mapPath(id)}\n\n${policyTable(state, sortEntries(entries), numeric)}\n\n`,
    );
  return 0;
}

/** Denies first, then ingress before egress, then by identity. */
function sortEntries(entries: readonly PolicyEntry[]): PolicyEntry[] {
  const order = (entry: PolicyEntry) => (entry.deny ? 0 : 2) + (entry.direction === 'ingress' ? 0 : 1);
  return [...entries].sort((a, b) => order(a) - order(b) || a.identity - b.identity);
}

export function policyTable(state: NodeState, entries: readonly PolicyEntry[], numeric: boolean): string {
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
      '-',
      '-',
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

function entryModel(entry: PolicyEntry): GoRecord {
  const swapped = (port: number) => ((port & 0xff) << 8) | (port >>> 8);
  const bits = prefixBits(entry);
  return {
    ProxyPortNetwork: swapped(entry.proxyPort),
    Flags: (entry.deny ? 1 : 0) | (bits << 3),
    AuthRequirement: 0,
    Precedence: entry.precedence,
    Cookie: 0,
    Packets: NO_COUNTER,
    Bytes: NO_COUNTER,
    Key: {
      Prefixlen: STATIC_BITS + bits,
      Identity: entry.identity,
      TrafficDirection: entry.direction === 'ingress' ? 0 : 1,
      Nexthdr: entry.protocol,
      DestPortNetwork: swapped(entry.port),
    },
  };
}
