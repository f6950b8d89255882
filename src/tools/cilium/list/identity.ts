/** `identity list [LABELS]`, `identity get ID` (cilium-dbg/cmd/identity_list.go, identity_get.go). */
import type {Identity} from '../../../cluster/model.js';
import type {NodeState} from '../../../control/model.js';
import {type GoRecord, omitEmpty} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {agentIdentities, identityLabels} from '../labels.js';
import {hasOutput, listTable, printOutput, type ViewContext} from '../output.js';

export async function identityList(context: ViewContext): Promise<number> {
  const {session, args, flags, io} = context;
  if (flags.get('endpoints') === 'true') {
    const used = endpointIdentities(session.state());
    if (hasOutput(context)) return printOutput(context, used.map(usedModel));
    io.stdout.write(usedTable(used));
    return 0;
  }
  const identities = withLabels(session.state(), args);
  if (identities.length === 0) {
    io.stderr.write(`Error: Cannot get identities for given labels [${sanitize(args.join(' '))}]. err: not found\n\n`);
    return 1;
  }
  return printIdentities(context, identities);
}

export async function identityGet(context: ViewContext): Promise<number> {
  const {session, args, flags, io} = context;
  const wanted = flags.get('label');
  if (wanted !== undefined) {
    const found = withLabels(session.state(), wanted.split(','));
    if (found.length > 0) return printIdentities(context, found);
    io.stderr.write(
      `Error: Cannot get identity for labels [${sanitize(wanted)}]: [GET /identity][404] getIdentityNotFound\n\n`,
    );
    return 1;
  }
  const [id = ''] = args;
  if (id === '') {
    io.stderr.write('Error: Invalid identity ID\n');
    return 1;
  }
  const found = agentIdentities(session.state()).filter((identity) => String(identity.id) === id);
  if (found.length > 0) return printIdentities(context, found);
  const reason = /^\d+$/.test(id) ? '[404] getIdentityIdNotFound' : '[400] getIdentityIdBadRequest';
  io.stderr.write(`Error: Cannot get identity for given ID ${sanitize(id)}: [GET /identity/{id}]${reason}\n\n`);
  return 1;
}

async function printIdentities(context: ViewContext, identities: readonly Identity[]): Promise<number> {
  if (hasOutput(context)) return printOutput(context, identities.map(identityModel));
  context.io.stdout.write(identityTable(identities));
  return 0;
}

/** All identities; with labels, the one that has exactly these. */
function withLabels(state: NodeState, labels: readonly string[]): readonly Identity[] {
  const sorted = agentIdentities(state).sort((a, b) => a.id - b.id);
  if (labels.length === 0) return sorted;
  const wanted = [...labels].sort().join('\n');
  return sorted.filter((identity) => [...identity.labels].sort().join('\n') === wanted);
}

/** Columns `ID` and `LABELS`; this table has a minimum width of 2. */
export function identityTable(identities: readonly Identity[]): string {
  let text = 'ID\tLABELS\n';
  for (const {id, labels} of identities)
    for (const [i, label] of [...labels].sort().entries()) text += `${i === 0 ? id : ''}\t${sanitize(label)}\n`;
  return tabwriter(text, {minWidth: 2, padding: 3});
}

function identityModel({id, labels}: Identity): GoRecord {
  return {id, labels: [...labels], labelsSHA256: omitEmpty('')};
}

interface UsedIdentity extends Identity {
  /** Endpoints of this node that have it. */
  readonly count: number;
}

function endpointIdentities(state: NodeState): UsedIdentity[] {
  const counts = new Map<number, number>();
  const count = (id: number) => counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const endpoint of state.endpointsById.values()) count(endpoint.identity);
  if (state.hostEndpointId !== undefined) count(1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([id, uses]) => ({id, labels: identityLabels(state.cluster, id), count: uses}));
}

function usedModel(used: UsedIdentity): GoRecord {
  return {identity: identityModel(used), refCount: omitEmpty(used.count)};
}

export function usedTable(identities: readonly UsedIdentity[]): string {
  let text = 'ID\tLABELS\tREFCOUNT\n';
  for (const {id, labels, count} of identities)
    for (const [i, label] of [...labels].sort().entries())
      text += i === 0 ? `${id}\t${sanitize(label)}\t${count}\t\n` : `\t${sanitize(label)}\t\n`;
  return tabwriter(text, listTable);
}
