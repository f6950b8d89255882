/** `why FROM TO[:PORT][/PROTO]`: one question to one cluster, or to it and to it with other policies. */
import type {LoadInput} from '../cluster/load.js';
import type {Cluster} from '../cluster/model.js';
import {cidrIdentities} from '../cluster/policy/cidr-identities.js';
import {policyTitle} from '../cluster/policy/model.js';
import {createControl} from '../control/control.js';
import type {Session} from '../session/session.js';
import {exitCodes, UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import {type Answer, isDenied, type Semantics, why} from './why.js';
import {whyJson, whyText} from './why-print.js';

export interface WhyRequest {
  readonly from: string;
  readonly to: string;
  readonly semantics: Semantics | undefined;
  readonly with: readonly string[];
  readonly output: 'text' | 'json';
}

/** 0 allowed, 1 something asked for is denied; with other policies to compare: 3 where they differ. */
export async function runWhy(session: Session, request: WhyRequest, io: Io): Promise<number> {
  const {cluster} = session;
  const semantics = request.semantics ?? (cluster.dataplane === 'cilium' ? 'cilium' : 'k8s');
  const spec = await session.parseTraffic(`${request.from} -> ${request.to}`);
  const anything = spec.protocol === 'icmp' && !/\/icmp$/i.test(request.to);
  const asked = {from: spec.from, to: spec.to, protocol: anything ? ('any' as const) : spec.protocol, port: spec.port};
  const before = why(session.control, asked, semantics);
  if (request.with.length === 0) {
    print(before, semantics, request.output, io);
    return before.some(isDenied) ? exitCodes.fails : exitCodes.holds;
  }
  const other = await withPolicies(cluster, request.with, io);
  const after = why(createControl(other), asked, semantics);
  const differ = before.some((answer, i) => JSON.stringify(answer.allowed) !== JSON.stringify(after[i]!.allowed));
  if (request.output === 'json') {
    const both = {before: whyJson(before, semantics), after: whyJson(after, semantics), differs: differ};
    io.stdout.write(`${JSON.stringify({schemaVersion: 1, ...both}, null, 2)}\n`);
  } else {
    io.stdout.write(`before:\n${whyText(before, semantics)}\nafter, with ${request.with.join(', ')}:\n`);
    io.stdout.write(`${whyText(after, semantics)}\n${differ ? 'The answers differ.' : 'No difference.'}\n`);
  }
  if (differ) return exitCodes.differs;
  return after.some(isDenied) ? exitCodes.fails : exitCodes.holds;
}

function print(answers: readonly Answer[], semantics: Semantics, output: WhyRequest['output'], io: Io): void {
  io.stdout.write(
    output === 'json'
      ? `${JSON.stringify({schemaVersion: 1, answers: whyJson(answers, semantics)}, null, 2)}\n`
      : whyText(answers, semantics),
  );
}

/** The same cluster with the policies of these files; one of the same kind and name takes the place of the old one. */
async function withPolicies(cluster: Cluster, paths: readonly string[], io: Io): Promise<Cluster> {
  const {loadCluster} = await import('../cluster/load.js');
  const input: LoadInput = {paths, sets: [], env: io.env, cwd: io.cwd, readStdin: io.readStdin};
  const {policies: added = []} = await loadCluster(input);
  if (added.length === 0) throw new UserError({message: `no policy in ${paths.join(', ')}`});
  const titles = new Set(added.map(policyTitle));
  const policies = [...(cluster.policies ?? []).filter((policy) => !titles.has(policyTitle(policy))), ...added];
  const dualStack = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;
  const identities = cluster.identities.filter(({labels}) => !labels.some((label) => label.startsWith('cidr:')));
  return {...cluster, policies, identities: [...identities, ...cidrIdentities(policies, dualStack)]};
}
