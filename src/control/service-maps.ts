/** The load-balancing maps as the datapath reads them: cilium_lb{4,6}_services_v2, _backends_v3, _reverse_nat. */
import {type Ip, isIp4} from '../wire/addr.js';
import type {Backend, Frontend, ServiceMaps} from './model.js';

/** Port, protocol and scope of a frontend in one small integer. */
function portKey(port: number, protocol: number, scope: Frontend['scope']): number {
  return (port << 9) | (protocol << 1) | (scope === 'internal' ? 1 : 0);
}

/** Frontends in id order (ids 0, the wildcard entries, last). Every backend in use is in `backends`. */
export function createServiceMaps(frontends: readonly Frontend[], backends: ReadonlyMap<number, Backend>): ServiceMaps {
  const byIp = new Map<Ip, Map<number, Frontend>>();
  const reverseNat = new Map<number, {readonly ip: Ip; readonly port: number}>();
  for (const frontend of frontends) {
    let ports = byIp.get(frontend.ip);
    if (!ports) byIp.set(frontend.ip, (ports = new Map()));
    ports.set(portKey(frontend.port, frontend.protocol, frontend.scope), frontend);
    if (frontend.id !== 0) reverseNat.set(frontend.id, {ip: frontend.ip, port: frontend.port});
  }
  return {
    frontends,
    backends,
    reverseNat,
    lookup: (ip, port, protocol, scope) => byIp.get(ip)?.get(portKey(port, protocol, scope)),
  };
}

/** Backends that have a slot, in slot order: all but those in maintenance (agent: bpf_reconciler.go). */
export function slotsOf(frontend: Frontend): readonly Backend[] {
  return frontend.backends.filter((backend) => backend.state !== 'maintenance');
}

/** A frontend that stands for every node address: 0.0.0.0 or ::. */
export function isSurrogate(ip: Ip): boolean {
  return isIp4(ip) ? ip === 0 : ip === '\0\0\0\0\0\0\0\0';
}
