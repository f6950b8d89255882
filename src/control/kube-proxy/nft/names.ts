/** Names of chains and sets (pkg/proxy/nftables/proxier.go, servicePortChainNameBase and the functions beside it). */
import {hashName} from '../sha256.js';

export interface NftServiceChains {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** NFT_NAME_MAXLEN less the longest prefix. */
const LONGEST = 256 - 16;

/** `HASH-name`, cut to what fits behind a prefix. */
function hashed(name: string): string {
  const text = `${hashName('', name).slice(0, 8)}-${name}`;
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function servicePath(namespace: string, name: string, protocol: string, port: string | undefined): string {
  return `${namespace}/${name}/${protocol}/${port ?? ''}`;
}

export function nftServiceChains(
  namespace: string,
  name: string,
  protocol: string,
  port: string | undefined,
): NftServiceChains {
  const base = hashed(servicePath(namespace, name, protocol, port));
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
}

/** What follows `endpoint-` and `affinity-`. `endpoint`: `10.32.2.20:8080`, `[fd00::1]:8080`. */
export function nftEndpointBase(
  namespace: string,
  name: string,
  protocol: string,
  port: string | undefined,
  endpoint: string,
): string {
  const colon = endpoint.lastIndexOf(':');
  const ip = endpoint.slice(0, colon).replaceAll(/[[\]]/g, '').replaceAll(':', '.');
  return hashed(`${servicePath(namespace, name, protocol, port)}__${ip}/${endpoint.slice(colon + 1)}`);
}
