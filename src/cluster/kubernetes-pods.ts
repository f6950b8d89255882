/** Kubernetes' pods and pod templates → the short form of `spec.ts`. */
import type {SourcePosition} from '../term/error.js';
import type {K8sPod, K8sPodSpec} from './kubernetes-shapes.js';
import {schedulingOf} from './pod-scheduling.js';
import type {PodSpec} from './spec.js';

/** The parts of a pod that its template holds too. */
export function podTemplate(spec: K8sPodSpec | undefined): Omit<PodSpec, 'name'> {
  const containers = spec?.containers ?? [];
  const scheduling = spec && !spec.nodeName ? schedulingOf(spec) : undefined;
  const ports = containers.flatMap((container) =>
    (container.ports ?? []).flatMap((port) =>
      port.containerPort
        ? [
            {
              ...(port.name ? {name: port.name} : {}),
              port: port.containerPort,
              protocol: port.protocol ?? ('TCP' as const),
              ...(port.hostPort ? {hostPort: port.hostPort} : {}),
              ...(port.hostIP ? {hostIP: port.hostIP} : {}),
            },
          ]
        : [],
    ),
  );
  return {
    ...(spec?.nodeName ? {node: spec.nodeName} : {}),
    ...(spec?.nodeSelector ? {nodeSelector: spec.nodeSelector} : {}),
    ...(scheduling ? {scheduling} : {}),
    ...(spec?.hostNetwork ? {hostNetwork: true} : {}),
    serviceAccount: spec?.serviceAccountName ?? spec?.serviceAccount ?? 'default',
    ports,
    containers: containers.map(({name, image}) => ({name: name ?? '', image: image ?? ''})),
  };
}

export function podSpec({metadata, spec, status}: K8sPod, where: SourcePosition): PodSpec {
  const ips = status?.podIPs?.map((item) => item.ip) ?? (status?.podIP ? [status.podIP] : []);
  const hostIPs = status?.hostIPs?.map((item) => item.ip) ?? (status?.hostIP ? [status.hostIP] : []);
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const owner = metadata.ownerReferences?.[0];
  const controller = metadata.ownerReferences?.find((reference) => reference.controller);
  return {
    ...podTemplate(spec),
    name: metadata.name!,
    namespace: metadata.namespace ?? 'default',
    observed: true,
    where,
    ...(metadata.uid !== undefined || status?.phase ? {live: true} : {}),
    ...(metadata.namespace === 'kube-system' ? serverFlags(spec) : {}),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(ips.length > 0 ? {ips} : {}),
    ...(hostIPs.length > 0 ? {hostIPs} : {}),
    // a manifest has no status: such a pod is about to run
    ...(status?.phase ? {phase: status.phase} : {}),
    ...(ready ? {ready: ready.status === 'True'} : {}),
    ...(metadata.deletionTimestamp ? {terminating: true} : {}),
    ...(metadata.creationTimestamp ? {createdAt: metadata.creationTimestamp} : {}),
    ...(controller?.name ? {controller: {kind: controller.kind ?? '', name: controller.name}} : {}),
    ...(owner?.kind && owner.name ? {owner: ownerOf(owner.kind, owner.name, metadata.labels ?? {})} : {}),
  };
}

/** Of the servers whose options say what the ranges of a cluster are. */
function serverFlags(spec: K8sPodSpec | undefined): Pick<PodSpec, 'flags'> {
  const servers = (spec?.containers ?? []).filter(
    ({name}) => name === 'kube-apiserver' || name === 'kube-controller-manager',
  );
  return servers.length === 0
    ? {}
    : {flags: servers.flatMap(({command, args}) => [...(command ?? []), ...(args ?? [])])};
}

/** A ReplicaSet called name-HASH belongs to the Deployment of that name. */
function ownerOf(kind: string, name: string, labels: Readonly<Record<string, string>>): {kind: string; name: string} {
  const hash = labels['pod-template-hash'];
  if (kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`))
    return {kind: 'Deployment', name: name.slice(0, -hash.length - 1)};
  return {kind, name};
}
