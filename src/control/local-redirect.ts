/**
 * Local redirect policies: frontends whose packets go to pods of the own node (pkg/loadbalancer/redirectpolicy, 1.20). Without a ready
 * pod of the node nothing is redirected.
 */
import type {Cluster, LocalRedirectPolicy, Pod, RedirectPort, Service, ServiceBackend} from '../cluster/model.js';
import {matchesLabels} from '../cluster/policy/match-labels.js';
import {isIp4} from '../wire/addr.js';
import {protocolNumber} from './protocols.js';
import type {FrontendSpec} from './select-backends.js';

/** The frontends with those that policies redirect, and those that only policies make. */
export function withRedirects(
  specs: readonly FrontendSpec[],
  cluster: Cluster,
  localPods: readonly Pod[],
): FrontendSpec[] {
  const {redirectPolicies = [], cilium} = cluster;
  if (redirectPolicies.length === 0 || cilium.raw['enable-local-redirect-policy'] !== 'true') return [...specs];
  let out = [...specs];
  for (const policy of redirectPolicies) {
    const pods = localPods.filter(
      (pod) =>
        pod.namespace === policy.namespace &&
        pod.ready &&
        pod.phase === 'Running' &&
        matchesLabels(policy.pods, pod.labels),
    );
    if (pods.length === 0) continue;
    const {frontend} = policy;
    if (frontend.kind === 'service')
      out = out.map((spec) => (isMeant(spec, policy) ? redirected(spec, policy, pods) : spec));
    else out.push(...frontend.ports.map((port) => redirected(addressSpec(policy, frontend.ip, port), policy, pods)));
  }
  return out;
}

function isMeant(
  {type, service, port, protocol, portName}: FrontendSpec,
  {namespace, frontend}: LocalRedirectPolicy,
): boolean {
  if (frontend.kind !== 'service' || type !== 'ClusterIP') return false;
  if (service.namespace !== namespace || service.name !== frontend.service) return false;
  const {ports} = frontend;
  return (
    ports.length === 0 ||
    ports.some(
      (p) => p.port === port && protocolNumber(p.protocol) === protocol && (!p.name || sameName(p.name, portName)),
    )
  );
}

/** Names of ports are compared without regard to case. */
function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** A port of the service that no port of the policy stands for stays as it is. */
function redirected(
  spec: FrontendSpec,
  {to, skipFromBackend}: LocalRedirectPolicy,
  pods: readonly Pod[],
): FrontendSpec {
  const ports = to.filter(
    ({name, protocol}) =>
      protocolNumber(protocol) === spec.protocol &&
      (to.length === 1 || spec.portName === '' || (name !== undefined && sameName(name, spec.portName))),
  );
  if (ports.length === 0) return spec;
  const redirect = ports.flatMap((port) =>
    pods.flatMap((pod) =>
      pod.ips
        .filter((ip) => isIp4(ip) === isIp4(spec.ip))
        .map(
          (ip): ServiceBackend => ({
            ip,
            port: port.port,
            protocol: port.protocol,
            portName: '',
            state: 'active',
            ...(pod.node === undefined ? {} : {nodeName: pod.node}),
          }),
        ),
    ),
  );
  // Pods of the host's network have no endpoint, and so no entry.
  const skippedFor = pods.flatMap(({hostNetwork, ips}) => (hostNetwork ? [] : ips));
  return {...spec, redirect, ...(skipFromBackend ? {skippedFor} : {})};
}

function addressSpec({name, namespace}: LocalRedirectPolicy, ip: FrontendSpec['ip'], port: RedirectPort): FrontendSpec {
  const service: Service = {
    name: `${name}:local-redirect`,
    namespace,
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{port: port.port, protocol: port.protocol, targetPort: port.port}],
    sessionAffinity: undefined,
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sourceRanges: [],
    publishNotReady: false,
    backends: [],
  };
  return {
    ip,
    port: port.port,
    protocol: protocolNumber(port.protocol),
    scope: 'external',
    type: 'LocalRedirect',
    service,
    portName: port.name ?? '',
  };
}
