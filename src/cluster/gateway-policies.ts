/** CiliumEgressGatewayPolicy and CiliumLocalRedirectPolicy objects → the forms of `model.ts`. */

import type {SourcePosition} from '../term/error.js';
import {formatIp, type Ip, isIp4, type Prefix, parseIp, parsePrefix} from '../wire/addr.js';
import type {EgressGateway, EgressGatewayPolicy, L4Name, LocalRedirectPolicy, RedirectPort} from './model.js';
import {type K8sSelector, readSelector} from './policy/read.js';
import type {Problems} from './problems.js';

interface Meta {
  readonly name?: string;
  readonly namespace?: string;
}

export interface K8sEgressGatewayPolicy {
  readonly metadata: Meta;
  readonly spec?: {
    readonly selectors?: readonly {
      readonly podSelector?: K8sSelector | null;
      readonly namespaceSelector?: K8sSelector | null;
      readonly nodeSelector?: K8sSelector | null;
    }[];
    readonly destinationCIDRs?: readonly string[];
    readonly excludedCIDRs?: readonly string[];
    readonly egressGateway?: K8sGateway | null;
    readonly egressGateways?: readonly K8sGateway[] | null;
  };
}

interface K8sGateway {
  readonly nodeSelector?: K8sSelector | null;
  readonly interface?: string;
  readonly egressIP?: string;
}

export interface K8sLocalRedirectPolicy {
  readonly metadata: Meta;
  readonly spec?: {
    readonly redirectFrontend?: {
      readonly addressMatcher?: {readonly ip?: string; readonly toPorts?: readonly K8sRedirectPort[]} | null;
      readonly serviceMatcher?: {
        readonly serviceName?: string;
        readonly namespace?: string;
        readonly toPorts?: readonly K8sRedirectPort[] | null;
      } | null;
    };
    readonly redirectBackend?: {
      readonly localEndpointSelector?: K8sSelector | null;
      readonly toPorts?: readonly K8sRedirectPort[];
    };
    readonly skipRedirectFromBackend?: boolean;
  };
}

interface K8sRedirectPort {
  readonly name?: string;
  readonly port?: string | number;
  readonly protocol?: string;
}

export function readEgressGateway(
  {metadata, spec}: K8sEgressGatewayPolicy,
  where: SourcePosition,
  problems: Problems,
): EgressGatewayPolicy {
  const title = `CiliumEgressGatewayPolicy ${metadata.name}`;
  const prefixes = (texts: readonly string[] | undefined): Prefix[] =>
    (texts ?? []).flatMap((text) => {
      const prefix = parsePrefix(text);
      if (!prefix) problems.add(`${title}: expected a prefix such as 0.0.0.0/0, got ${JSON.stringify(text)}`, where);
      return prefix ?? [];
    });
  const gateway = (given: K8sGateway): EgressGateway => {
    const egressIp = given.egressIP ? parseIp(given.egressIP) : undefined;
    if (given.egressIP && egressIp === undefined)
      problems.add(`${title}: expected an address as egressIP, got ${JSON.stringify(given.egressIP)}`, where);
    return {
      nodes: readSelector(given.nodeSelector),
      ...(given.interface ? {device: given.interface} : {}),
      ...(egressIp === undefined ? {} : {egressIp}),
    };
  };
  const gateways = spec?.egressGateways?.length ? spec.egressGateways : spec?.egressGateway ? [spec.egressGateway] : [];
  return {
    name: metadata.name ?? '',
    selectors: (spec?.selectors ?? []).map(({podSelector, namespaceSelector, nodeSelector}) => ({
      pods: readSelector(podSelector),
      namespaces: readSelector(namespaceSelector),
      nodes: readSelector(nodeSelector),
    })),
    destinations: prefixes(spec?.destinationCIDRs),
    excluded: prefixes(spec?.excludedCIDRs),
    gateways: gateways.map(gateway),
    where,
  };
}

export function readLocalRedirect(
  {metadata, spec}: K8sLocalRedirectPolicy,
  where: SourcePosition,
  problems: Problems,
): LocalRedirectPolicy | undefined {
  const namespace = metadata.namespace ?? 'default';
  const title = `CiliumLocalRedirectPolicy ${namespace}/${metadata.name}`;
  const ports = (given: readonly K8sRedirectPort[] | null | undefined): RedirectPort[] =>
    (given ?? []).map(({name, port, protocol}) => ({
      ...(name ? {name} : {}),
      port: Number(port),
      protocol: protocolOf(protocol),
    }));
  const {addressMatcher, serviceMatcher} = spec?.redirectFrontend ?? {};
  const ip: Ip | undefined = addressMatcher?.ip ? parseIp(addressMatcher.ip) : undefined;
  const backend = spec?.redirectBackend;
  const stated = [...ports(addressMatcher?.toPorts), ...ports(serviceMatcher?.toPorts), ...ports(backend?.toPorts)];
  const wrong = stated.some(({port}) => !Number.isInteger(port) || port < 1 || port > 65535);
  if ((!serviceMatcher?.serviceName && ip === undefined) || !backend?.toPorts?.length || wrong) {
    problems.note('warning', `${title}: no frontend and backend with ports that could be redirected`, where);
    return undefined;
  }
  const common = {
    name: metadata.name ?? '',
    namespace,
    pods: readSelector(backend.localEndpointSelector),
    skipFromBackend: spec?.skipRedirectFromBackend === true,
    where,
  };
  const to = ports(backend.toPorts);
  if (ip !== undefined) return {...common, frontend: {kind: 'address', ip, ports: ports(addressMatcher?.toPorts)}, to};
  const service = serviceMatcher?.serviceName ?? '';
  return {...common, frontend: {kind: 'service', service, ports: ports(serviceMatcher?.toPorts)}, to};
}

function protocolOf(text: string | undefined): L4Name {
  const upper = text?.toUpperCase();
  return upper === 'UDP' || upper === 'SCTP' ? upper : 'TCP';
}

/** Those that agents take: an address for packets of which no destination is of its family makes them refuse a policy (pkg/egressgateway/policy.go). */
export function acceptedEgress(policies: readonly EgressGatewayPolicy[], problems: Problems): EgressGatewayPolicy[] {
  return policies.filter(({name, destinations, gateways, where}) => {
    const odd = gateways
      .flatMap(({egressIp}) => egressIp ?? [])
      .find((egressIp) => destinations.length > 0 && destinations.every(({ip}) => isIp4(ip) !== isIp4(egressIp)));
    if (odd === undefined) return true;
    const [own, others] = isIp4(odd) ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
    problems.note(
      'warning',
      `CiliumEgressGatewayPolicy ${name} has no effect: ${own} egress IP ${formatIp(odd)} cannot be used with only ${others} destination CIDRs`,
      where,
    );
    return false;
  });
}
