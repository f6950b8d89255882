/** What a pod template says of its place, in the form of `spec.ts`. */
import type {K8sPodSpec, K8sPodTerms} from './kubernetes-shapes.js';
import {readSelector} from './policy/read.js';
import type {PodScheduling, PodTerm} from './spec.js';

/** Undefined where it says nothing. */
export function schedulingOf(spec: K8sPodSpec): PodScheduling | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const nodeAffinity = terms?.map(({matchExpressions, matchFields}) => [
    ...(matchExpressions ?? []).map((item) => ({...item, values: item.values ?? [], field: false})),
    ...(matchFields ?? []).map((item) => ({...item, values: item.values ?? [], field: true})),
  ]);
  const spread = spec.topologySpreadConstraints?.map((item) => ({
    topologyKey: item.topologyKey ?? '',
    selector: item.labelSelector ? readSelector(item.labelSelector) : undefined,
    required: item.whenUnsatisfiable !== 'ScheduleAnyway',
    maxSkew: item.maxSkew ?? 1,
  }));
  const affinity = podTerms(spec.affinity?.podAffinity);
  const antiAffinity = podTerms(spec.affinity?.podAntiAffinity);
  const out: PodScheduling = {
    ...(nodeAffinity?.length ? {nodeAffinity} : {}),
    ...(spec.tolerations?.length ? {tolerations: spec.tolerations} : {}),
    ...(spread?.length ? {spread} : {}),
    ...(affinity.length > 0 ? {affinity} : {}),
    ...(antiAffinity.length > 0 ? {antiAffinity} : {}),
  };
  return Object.keys(out).length === 0 ? undefined : out;
}

function podTerms(terms: K8sPodTerms | null | undefined): PodTerm[] {
  const one =
    (required: boolean) =>
    (term: NonNullable<K8sPodTerms['requiredDuringSchedulingIgnoredDuringExecution']>[number]): PodTerm => ({
      topologyKey: term.topologyKey ?? '',
      selector: term.labelSelector ? readSelector(term.labelSelector) : undefined,
      namespaces: term.namespaces ?? [],
      required,
    });
  return [
    ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one(true)),
    ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({podAffinityTerm}) =>
      podAffinityTerm ? [one(false)(podAffinityTerm)] : [],
    ),
  ];
}
