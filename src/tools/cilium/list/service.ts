/** `service list`: frontends with their backends, by id (cilium-dbg/cmd/service_list.go). */
import {DEFAULT_WEIGHT} from '../../../control/maglev.js';
import type {Backend, Frontend} from '../../../control/model.js';
import {type GoRecord, type GoValue, nilSlice, omitEmpty} from '../../../term/go-json.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatIp, formatIpPort} from '../../../wire/addr.js';
import {hasOutput, listTable, printOutput, protocolName, type ViewContext} from '../output.js';

export async function serviceList(context: ViewContext): Promise<number> {
  // the wildcard entries of the map are no services of their own
  const frontends = context.session
    .state()
    .services.frontends.filter((frontend) => frontend.id !== 0)
    .sort((a, b) => a.id - b.id);
  if (hasOutput(context)) return printOutput(context, frontends.map(serviceModel));
  const affinity = context.flags.get('clustermesh-affinity') === 'true';
  context.io.stdout.write(serviceTable(frontends, affinity));
  return 0;
}

/** `affinity`: say which backends are preferred. Without a cluster mesh all of them are. */
export function serviceTable(frontends: readonly Frontend[], affinity = false): string {
  let text = 'ID\tFrontend\tService Type\tBackend\t\n';
  for (const frontend of frontends) {
    const backends = frontend.backends.map(
      (backend, i) => `${i + 1} => ${backendText(backend)} (${backend.state})${affinity ? ' (preferred)' : ''}`,
    );
    text += `${frontend.id}\t${frontendText(frontend)}\t${frontend.type}\t${backends[0] ?? ''}\t\n`;
    for (const backend of backends.slice(1)) text += `\t\t\t${backend}\t\n`;
  }
  return tabwriter(text, listTable);
}

function frontendText({ip, port, protocol, scope}: Frontend): string {
  return `${formatIpPort(ip, port)}/${protocolName(protocol)}${scope === 'internal' ? '/i' : ''}`;
}

function backendText({ip, port, protocol}: Backend): string {
  return `${formatIpPort(ip, port)}/${protocolName(protocol)}`;
}

function serviceModel(frontend: Frontend): GoRecord {
  const spec = specModel(frontend);
  return {spec, status: {realized: spec}};
}

function specModel(frontend: Frontend): GoRecord {
  const {service} = frontend;
  const policy = service?.externalTrafficPolicy ?? 'Cluster';
  return {
    'backend-addresses': frontend.backends.length === 0 ? nilSlice : frontend.backends.map(backendModel),
    flags: {
      cluster: omitEmpty(''),
      extTrafficPolicy: policy,
      healthCheckNodePort: omitEmpty(service?.healthCheckNodePort ?? 0),
      intTrafficPolicy: service?.internalTrafficPolicy ?? 'Cluster',
      name: omitEmpty(service?.name ?? ''),
      namespace: omitEmpty(service?.namespace ?? ''),
      natPolicy: omitEmpty(''),
      trafficPolicy: policy,
      type: frontend.type,
    },
    'frontend-address': {
      ip: formatIp(frontend.ip),
      port: omitEmpty(frontend.port),
      protocol: protocolName(frontend.protocol),
      scope: frontend.scope,
    },
    id: omitEmpty(frontend.id),
    updateServices: omitEmpty(false),
  };
}

function backendModel(backend: Backend): GoValue {
  return {
    ip: formatIp(backend.ip),
    nodeName: omitEmpty(backend.nodeName ?? ''),
    port: omitEmpty(backend.port),
    preferred: true,
    protocol: protocolName(backend.protocol),
    state: backend.state,
    weight: backend.weight ?? DEFAULT_WEIGHT,
    zone: omitEmpty(backend.zone ?? ''),
  };
}
