/** What the agent would be doing: its controllers and the modules that report their health, as far as the model knows them. */
import type {NodeState} from '../../../control/model.js';
import {compareBytes} from '../../../term/go-json.js';
import type {Controller, Module} from './model.js';

const MINUTE = 60e9;

/** ns since the last multiple of `interval`; something that runs once ran at the start. */
function age(uptime: number, interval: number | undefined): number {
  return interval === undefined ? uptime : uptime % interval;
}

/** Controllers of the agent and of its endpoints, by name; all of them succeed in a model. */
export function controllers(state: NodeState, uptime: number): Controller[] {
  const {config} = state;
  const list: Controller[] = [];
  const add = (name: string, interval?: number) => list.push({name, age: age(uptime, interval)});
  if (config.endpointHealthChecking) add('cilium-health-ep', MINUTE);
  add('ct-map-pressure', MINUTE / 2);
  add('endpoint-gc', 5 * MINUTE);
  add('endpoint-periodic-regeneration', 2 * MINUTE);
  add('ipcache-inject-labels');
  add('k8s-heartbeat', MINUTE / 2);
  add('write-cni-file');
  for (const {endpointId, pod} of state.endpointsById.values()) {
    add(`resolve-identity-${endpointId}`, 5 * MINUTE);
    add(`sync-policymap-${endpointId}`, 15 * MINUTE);
    if (!pod) continue;
    add(`resolve-labels-${pod.namespace}/${pod.name}`);
    add(`sync-to-k8s-ciliumendpoint (${endpointId})`, MINUTE / 6);
  }
  if (state.hostEndpointId !== undefined) {
    add(`resolve-identity-${state.hostEndpointId}`, 5 * MINUTE);
    add(`sync-policymap-${state.hostEndpointId}`, 15 * MINUTE);
  }
  return list.sort((a, b) => compareBytes(a.name, b.name));
}

/** Reporters of what is modelled: devices and routes, endpoints, services, identities. Names as the agent's cells have them. */
export function modules(state: NodeState, uptime: number): Module[] {
  const list: Module[] = [];
  const add = (path: string, message: string, interval?: number) =>
    list.push({path: path.split('.'), level: 'OK', message, age: age(uptime, interval)});
  const endpoints = [...state.endpointsById.values()].map(({endpointId, pod}) => ({
    id: endpointId,
    name: pod ? `${pod.namespace}/${pod.name}` : '/',
  }));
  if (state.hostEndpointId !== undefined) endpoints.push({id: state.hostEndpointId, name: '/'});
  for (const {id, name} of endpoints) {
    const path = `agent.controlplane.endpoint-manager.cilium-endpoint-${id} (${name.replaceAll('.', '-')})`;
    add(`${path}.datapath-regenerate`, 'Endpoint regeneration successful', 2 * MINUTE);
    add(`${path}.policymap-sync`, 'sync-policymap completed', 15 * MINUTE);
  }
  add('agent.controlplane.endpoint-manager.endpoint-gc', 'endpoint-gc', 5 * MINUTE);
  add(
    'agent.controlplane.loadbalancer.job-loadbalancer-reconciler',
    `OK, ${state.services.frontends.length} object(s)`,
    30 * MINUTE,
  );
  add('agent.controlplane.node-manager.nodes-update', 'Node updates successful');
  add('agent.datapath.devices-controller', 'Running');
  add('agent.datapath.mtu.job-mtu-updater', `MTU updated (${state.node.mtu})`);
  add('agent.datapath.node-address.job-node-address-update', nodeAddresses(state));
  return list.sort((a, b) => compareBytes(a.path.join('.'), b.path.join('.')));
}

function nodeAddresses({host}: NodeState): string {
  return `${host.devices
    .filter(({kind}) => kind === 'physical')
    .map(({name}) => name)
    .join(', ')}: up`;
}
