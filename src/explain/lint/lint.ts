/** A definition → findings of all rules, in the order of files and lines. */
import type {ResolveOptions} from '../../cluster/resolve.js';
import type {Definition} from '../../cluster/spec.js';
import type {SourcePosition} from '../../term/error.js';
import type {Finding, Found, Platform, Subject} from './model.js';
import {statedRanges} from './ranges.js';
import {resolveAll} from './resolve-all.js';
import {rules} from './rules.js';

export interface LintInput {
  readonly definition: Definition;
  readonly options: ResolveOptions;
  /** undefined = from what the definition says. */
  readonly platform: Platform | undefined;
}

/** Throws a UserError where nothing can be made of the definition. */
export function lint({definition, options, platform}: LintInput): Finding[] {
  const {cluster, problems} = resolveAll(definition, options);
  const stated = new Set(
    [...definition.pods, ...(definition.templates ?? [])].map(
      ({namespace = 'default', name}) => `${namespace}/${name}`,
    ),
  );
  const isStated = ({namespace, name}: {readonly namespace: string; readonly name: string}) =>
    stated.has(`${namespace}/${name}`) || stated.has(`${namespace}/${name.replace(/-\d+$/, '')}`);
  const subject: Subject = {
    definition,
    cluster,
    platform: platform ?? platformOf(definition),
    remarks: [...problems, ...cluster.notes.filter(({level}) => level === 'warning')],
    pods: [...cluster.pods.filter(isStated), ...(cluster.idle ?? [])],
  };
  const told = new Set<Found>();
  const findings = rules.flatMap((rule) =>
    [...rule.check(subject)].flatMap((found): Finding[] => {
      if (told.has(found)) return [];
      told.add(found);
      return [{...found, rule, severity: found.fatal ? 'error' : (found.severity ?? rule.severity)}];
    }),
  );
  return unique(findings).sort((a, b) => comparePlaces(a.where, b.where));
}

/** The same words of the same place are said once: of the pods of a workload, of nodes that nobody has named. */
function unique(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, {readonly first: Finding; readonly messages: Set<string>}>();
  for (const finding of findings) {
    const {rule, message, where} = finding;
    const said = message.replace(/^(node|pod|service) [^\s:]+/, '$1');
    const key = `${rule.id} ${said} ${where?.file} ${where?.line} ${where?.column}`;
    const group = groups.get(key);
    if (group) group.messages.add(message);
    else groups.set(key, {first: finding, messages: new Set([message])});
  }
  return [...groups.values()].map(({first, messages}) =>
    messages.size === 1 ? first : {...first, message: `${first.message}, and ${messages.size - 1} more`},
  );
}

function comparePlaces(a: SourcePosition | undefined, b: SourcePosition | undefined): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** AKS labels its nodes; a VNet is Azure's. */
function platformOf(definition: Definition): Platform {
  const {spec, nodes} = definition;
  const labelled = nodes.some(({labels}) =>
    Object.keys(labels ?? {}).some((key) => key.startsWith('kubernetes.azure.com/')),
  );
  if (spec.profile === 'aks-overlay' || labelled) return 'aks';
  return statedRanges(definition).vnets.length > 0 ? 'azure' : 'other';
}
