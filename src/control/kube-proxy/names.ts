/** Names of kube-proxy's chains (pkg/proxy/iptables/proxier.go, servicePortChainName and the functions beside it). */
import {hashName} from './sha256.js';

export interface ServiceChains {
  /** Endpoints under the Cluster and the Local policy. */
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** `namespace/name:port`, `namespace/name` where the port has no name. */
export function servicePortName(namespace: string, name: string, portName: string | undefined): string {
  return portName ? `${namespace}/${name}:${portName}` : `${namespace}/${name}`;
}

/** `protocol` in lower case. */
export function serviceChains(servicePort: string, protocol: string): ServiceChains {
  const hash = hashName('', servicePort + protocol);
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
}

/** `endpoint`: `10.32.2.20:8080`, `[fd00::1]:8080`. */
export function endpointChain(servicePort: string, protocol: string, endpoint: string): string {
  return hashName('KUBE-SEP-', servicePort + protocol + endpoint);
}
