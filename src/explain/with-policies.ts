/** A cluster as it would be with other policies. */
import type {LoadInput} from '../cluster/load.js';
import type {Cluster} from '../cluster/model.js';
import {cidrIdentities} from '../cluster/policy/cidr-identities.js';
import {policyTitle} from '../cluster/policy/model.js';
import {UserError} from '../term/error.js';
import type {Io} from '../term/io.js';

/** The same cluster with the policies of these files; one of the same kind and name takes the place of the old one. */
export async function withPolicies(cluster: Cluster, paths: readonly string[], io: Io): Promise<Cluster> {
  const {loadCluster} = await import('../cluster/load.js');
  const input: LoadInput = {paths, sets: [], env: io.env, cwd: io.cwd, readStdin: io.readStdin};
  const {policies: added = []} = await loadCluster(input);
  if (added.length === 0) throw new UserError({message: `no policy in ${paths.join(', ')}`});
  const titles = new Set(added.map(policyTitle));
  const policies = [...(cluster.policies ?? []).filter((policy) => !titles.has(policyTitle(policy))), ...added];
  const dualStack = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;
  const {services, names = []} = cluster;
  const identities = cluster.identities.filter(({labels}) => !labels.some((label) => label.startsWith('cidr:')));
  return {...cluster, policies, identities: [...identities, ...cidrIdentities({policies, services, names, dualStack})]};
}
