/**
 * healthCheckNodePort: the agent answers load balancers that ask whether a node has endpoints of a service with
 * `externalTrafficPolicy: Local` (pkg/loadbalancer/healthserver).
 */
import type {Service} from '../../cluster/model.js';
import type {Ns} from './state.js';

/** The service whose health port this is, where the agent of a node listens on it. */
export function healthChecked({kind, run}: Ns, port: number): Service | undefined {
  const {dataplane, cilium, services} = run.cluster;
  if (kind !== 'host' || dataplane !== 'cilium' || !cilium.kubeProxyReplacement) return undefined;
  if (cilium.raw['enable-health-check-nodeport'] === 'false') return undefined;
  return services.find(
    ({healthCheckNodePort, externalTrafficPolicy}) => healthCheckNodePort === port && externalTrafficPolicy === 'Local',
  );
}

/** As Go's net/http writes it. */
export function healthResponse({node}: Ns, {name, namespace, backends}: Service, date: string): string {
  const local = backends.filter(({state, nodeName}) => state === 'active' && (nodeName ?? node?.name) === node?.name);
  const count = new Set(local.map(({ip, port, protocol}) => `${ip} ${port} ${protocol}`)).size;
  const body = `${JSON.stringify({service: {namespace, name}, localEndpoints: count})}\n`;
  const headers = [
    `HTTP/1.1 ${count === 0 ? '503 Service Unavailable' : '200 OK'}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `X-Load-Balancing-Endpoint-Weight: ${count}`,
    `Date: ${date}`,
    `Content-Length: ${body.length}`,
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
