/** Names on the command line → objects of the cluster. What doesn't exist is an error that says what does. */

import {parseSelector, selects} from '../../../cluster/label-selector.js';
import type {Cluster, Identity} from '../../../cluster/model.js';
import {UserError} from '../../../term/error.js';
import {nearest} from '../../../term/nearest.js';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** `[NS/]NAME`. Without a namespace the one in `default` is preferred, and any other will do if it is the only one. */
export function findNamed<T extends Named>(option: string, kind: string, text: string, list: readonly T[]): T {
  const slash = text.indexOf('/');
  const [namespace, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  const found = list.filter((item) => item.name === name && (namespace ?? item.namespace) === item.namespace);
  const chosen = found.length > 1 ? found.find((item) => item.namespace === 'default') : found[0];
  if (chosen !== undefined) return chosen;
  const full = (item: Named) => `${item.namespace}/${item.name}`;
  if (found.length > 1)
    throw new UserError({
      message: `${option} ${text}: there is more than one ${kind} of this name`,
      hint: `one of ${found.map(full).join(', ')}`,
    });
  const names = list.map((item) => (namespace === undefined ? item.name : full(item)));
  throw new UserError({message: `${option} ${text}: no such ${kind}`, hint: nearest(text, names)});
}

/** A number, as `cilium identity list` or tcpdump's `vni 0x…` shows it; undefined for a label selector. */
export function identityNumber(text: string): number | undefined {
  if (!/^(\d+|0[xX][0-9a-fA-F]+)$/.test(text)) return undefined;
  const id = Number(text);
  if (id > 0xffff_ffff) throw new UserError({message: `--identity ${text}: identities are numbers below 4294967296`});
  return id;
}

/** Numbers of the identities that a label selector selects: at least one. */
export function selectIdentities(text: string, cluster: Cluster): readonly number[] {
  const requirements = parseSelector(text);
  if (requirements === undefined)
    throw new UserError({
      message: `--identity ${text}: neither an identity's number nor a label selector`,
      hint: "e.g. 2161, app=web, 'tier in (web,api)', '!debug', reserved:world",
    });
  const found = cluster.identities.filter(({labels}) => selects(requirements, labels));
  if (found.length > 0) return found.map(({id}) => id);
  throw new UserError({
    message: `--identity ${text}: no identity of cluster ${cluster.name} has such labels`,
    hint: nearest(text, knownLabels(cluster.identities)) ?? '`wirelay identity list` shows them all',
  });
}

function knownLabels(identities: readonly Identity[]): string[] {
  return [...new Set(identities.flatMap(({labels}) => labels.map((label) => label.replace(/^k8s:/, ''))))];
}
