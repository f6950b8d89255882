/** EndpointSlices, Endpoints and CiliumEndpointSlices → their parts. */
import type {SourcePosition} from '../term/error.js';
import type {
  K8sCiliumEndpoint,
  K8sCiliumEndpointSlice,
  K8sEndpointSlice,
  K8sEndpoints,
  K8sPort,
} from './kubernetes-shapes.js';
import type {EndpointSpec, EndpointsSpec} from './spec.js';

function portsOf(ports: readonly K8sPort[] | null | undefined): EndpointsSpec['ports'] {
  return (ports ?? []).flatMap(({name, port, protocol}) =>
    port ? [{name: name ?? '', port, protocol: protocol ?? 'TCP'}] : [],
  );
}

export function sliceSpec(
  {metadata, addressType, ports, endpoints}: K8sEndpointSlice,
  where: SourcePosition,
): EndpointsSpec[] {
  const service = metadata.labels?.['kubernetes.io/service-name'];
  const weight = metadata.annotations?.['service.cilium.io/weight'];
  if (!service || addressType === 'FQDN') return [];
  return [
    {
      service,
      namespace: metadata.namespace ?? 'default',
      kind: 'EndpointSlice',
      ports: portsOf(ports),
      where,
      ...(weight !== undefined && /^\d{1,5}$/.test(weight) ? {weight: Number(weight)} : {}),
      // an absent ready means true, an absent serving means what ready says (discovery.k8s.io/v1)
      endpoints: (endpoints ?? []).map(({addresses, conditions, nodeName, zone, hints}): EndpointSpec => {
        const ready = conditions?.ready ?? true;
        return {
          addresses: addresses ?? [],
          ready,
          serving: conditions?.serving ?? ready,
          terminating: conditions?.terminating ?? false,
          ...(nodeName ? {nodeName} : {}),
          ...(zone ? {zone} : {}),
          ...(hints?.forZones ? {forZones: hints.forZones.flatMap(({name}) => name ?? [])} : {}),
        };
      }),
    },
  ];
}

export function endpointsSpecs({metadata, subsets}: K8sEndpoints, where: SourcePosition): EndpointsSpec[] {
  const common = {
    service: metadata.name!,
    namespace: metadata.namespace ?? 'default',
    kind: 'Endpoints',
    where,
  } as const;
  if (!subsets?.length) return [{...common, ports: [], endpoints: []}];
  return subsets.map((subset) => ({
    ...common,
    ports: portsOf(subset.ports),
    endpoints: [
      ...(subset.addresses ?? []).map((address) => ({address, ready: true})),
      ...(subset.notReadyAddresses ?? []).map((address) => ({address, ready: false})),
    ].map(({address, ready}) => ({
      addresses: [address.ip],
      ready,
      serving: ready,
      terminating: false,
      ...(address.nodeName ? {nodeName: address.nodeName} : {}),
    })),
  }));
}

/** Endpoints of a slice, as they would stand by themselves: without their ids, which a slice does not have. */
export function sliceEndpoints(
  {namespace, endpoints}: K8sCiliumEndpointSlice,
  where: SourcePosition,
): (K8sCiliumEndpoint & {readonly where: SourcePosition})[] {
  return (endpoints ?? []).flatMap(({name, id, networking}) =>
    name === undefined
      ? []
      : [
          {
            metadata: {name, namespace: namespace ?? 'default'},
            status: {...(id === undefined ? {} : {identity: {id}}), ...(networking ? {networking} : {})},
            where,
          },
        ],
  );
}
