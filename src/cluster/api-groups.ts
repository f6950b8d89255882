/** Groups that kinds of ours come from: those without a dot and those of Kubernetes, Cilium and OpenShift. */
const ours = /^[^.]*$|(^|\.)k8s\.io$|^cilium\.io$|^route\.openshift\.io$/;

/**
 * Kinds are names of a group: a Service of Knative is no Service. Gives `Service (serving.knative.dev)` for a kind of a
 * foreign group, undefined for the others.
 */
export function foreignGroup(kind: string, apiVersion: unknown): string | undefined {
  const group = typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  return ours.test(group) ? undefined : `${kind} (${group})`;
}
