/** Which rules a session's namespace has, and why some clusters have none to show. */
import type {Ruleset, Table, TableName} from '../../control/kube-proxy/model.js';
import {emptyTable} from '../../control/kube-proxy/rule.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';

/** Rules of the viewpoint: kube-proxy's on a node; a pod's namespace has none. */
export function rulesetOf(session: Session, family: 4 | 6, program: string, io: Io): Ruleset {
  const {cluster, pod} = session;
  if (pod && !pod.hostNetwork) return {family, tables: []};
  const {dataplane, cilium, kubeProxy} = cluster;
  if (dataplane === 'cilium' && cilium.kubeProxyReplacement)
    throw new UserError({
      message: `${program}: there is no kube-proxy: Cilium translates services in eBPF, and its CILIUM_* chains are not simulated`,
      hint: 'wirelay service list, wirelay bpf lb list',
    });
  if (kubeProxy.mode === 'nftables')
    throw new UserError({
      message: `${program}: kube-proxy runs in nftables mode and has no iptables rules`,
      hint: 'wirelay nft list ruleset',
    });
  if (dataplane === 'cilium') io.stderr.write('wirelay: rules of kube-proxy only; CILIUM_* chains are not simulated\n');
  return session.state().rulesets?.find((ruleset) => ruleset.family === family) ?? {family, tables: []};
}

const names: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** A table of the kernel's by its name; where nobody has put rules into it, it comes into being empty. */
export function findTable(ruleset: Ruleset, name: string): Table | undefined {
  const known = names.find((table) => table === name);
  return ruleset.tables.find((table) => table.name === name) ?? (known && emptyTable(known));
}
