/** Labels of identities against selectors. */
import {holds} from '../../cluster/policy/match-labels.js';
import type {LabelSelector} from '../../cluster/policy/model.js';

/** Labels of an identity: key → source and value. */
export type IdentityLabels = ReadonlyMap<string, {readonly source: string; readonly value: string}>;

/** `k8s:app=web`, `reserved:host`. */
export function parseIdentityLabels(labels: readonly string[]): IdentityLabels {
  return new Map(
    labels.map((label) => {
      const colon = label.indexOf(':');
      const equals = label.indexOf('=', colon);
      const key = equals < 0 ? label.slice(colon + 1) : label.slice(colon + 1, equals);
      return [key, {source: label.slice(0, colon), value: equals < 0 ? '' : label.slice(equals + 1)}];
    }),
  );
}

export function matchesIdentity(selector: LabelSelector, labels: IdentityLabels): boolean {
  return selector.every((requirement) => {
    const label = labels.get(requirement.key);
    const fits = label && (requirement.source === undefined || requirement.source === label.source);
    return holds(requirement, fits ? label.value : undefined);
  });
}
