/** One row per kind: how it is named on command lines, and its columns. */
import type {Cluster, ClusterNode, Pod, Service} from '../../cluster/model.js';
import {formatIp} from '../../wire/addr.js';

export interface Column<Item> {
  readonly header: string;
  /** Only with -o wide. */
  readonly wide?: boolean;
  readonly value: (item: Item, context: ColumnContext) => string;
}

export interface ColumnContext {
  readonly cluster: Cluster;
  /** Virtual now, ms since 1970. */
  readonly now: number;
}

export interface Item {
  readonly name: string;
  /** Undefined for what has none. */
  readonly namespace?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Resource<T extends Item = Item> {
  /** Plural, as the API server names it. */
  readonly name: string;
  readonly singular: string;
  readonly short: readonly string[];
  /** `apps`; empty for the core group. */
  readonly group: string;
  readonly namespaced: boolean;
  readonly list: (cluster: Cluster) => readonly T[];
  readonly columns: readonly Column<T>[];
}

/** Keeps a row's own type inside and gives it the table's. */
function row<T extends Item>(resource: Resource<T>): Resource {
  return resource as unknown as Resource;
}

/** duration.HumanDuration of k8s.io/apimachinery, of an age in ms. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 0) return seconds < -1 ? '<invalid>' : '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

function age(item: {readonly createdAt?: number}, {now}: ColumnContext): string {
  return item.createdAt === undefined ? '<unknown>' : humanDuration(now - item.createdAt);
}

const none = (text: string) => text || '<none>';

function podStatus({terminating, phase}: Pod): string {
  if (terminating) return 'Terminating';
  return phase === 'Succeeded' ? 'Completed' : phase === 'Failed' ? 'Error' : phase;
}

const pods = row<Pod>({
  name: 'pods',
  singular: 'pod',
  short: ['po'],
  group: '',
  namespaced: true,
  list: ({pods: list}) => list,
  columns: [
    {header: 'NAME', value: ({name}) => name},
    {
      header: 'READY',
      value: ({ready, containers}) => `${ready ? containers.length || 1 : 0}/${containers.length || 1}`,
    },
    {header: 'STATUS', value: podStatus},
    {header: 'RESTARTS', value: () => '0'},
    {header: 'AGE', value: age},
    {header: 'IP', wide: true, value: ({ips}) => none(ips.slice(0, 1).map(formatIp).join())},
    {header: 'NODE', wide: true, value: ({node}) => none(node ?? '')},
    {header: 'NOMINATED NODE', wide: true, value: () => '<none>'},
    {header: 'READINESS GATES', wide: true, value: () => '<none>'},
  ],
});

function externalIp({type, loadBalancerIps, externalIps, externalName}: Service): string {
  if (type === 'ExternalName') return externalName ?? '';
  if (type === 'LoadBalancer' && loadBalancerIps.length === 0 && externalIps.length === 0) return '<pending>';
  return none([...loadBalancerIps, ...externalIps].map(formatIp).join(','));
}

const services = row<Service>({
  name: 'services',
  singular: 'service',
  short: ['svc'],
  group: '',
  namespaced: true,
  list: ({services: list}) => list,
  columns: [
    {header: 'NAME', value: ({name}) => name},
    {header: 'TYPE', value: ({type}) => type},
    {
      header: 'CLUSTER-IP',
      value: ({clusterIps, type}) =>
        clusterIps.slice(0, 1).map(formatIp).join() || (type === 'ExternalName' ? '<none>' : 'None'),
    },
    {header: 'EXTERNAL-IP', value: externalIp},
    {
      header: 'PORT(S)',
      value: ({ports}) =>
        none(
          ports.map(({port, nodePort, protocol}) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(','),
        ),
    },
    {header: 'AGE', value: () => '<unknown>'},
    {
      header: 'SELECTOR',
      wide: true,
      value: ({selector}) =>
        none(
          Object.entries(selector ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .sort()
            .join(','),
        ),
    },
  ],
});

const ROLE = 'node-role.kubernetes.io/';

const nodes = row<ClusterNode>({
  name: 'nodes',
  singular: 'node',
  short: ['no'],
  group: '',
  namespaced: false,
  list: ({nodes: list}) => list,
  columns: [
    {header: 'NAME', value: ({name}) => name},
    {header: 'STATUS', value: ({ready}) => (ready ? 'Ready' : 'NotReady')},
    {
      header: 'ROLES',
      value: ({labels}) =>
        none(
          Object.keys(labels)
            .filter((key) => key.startsWith(ROLE))
            .map((key) => key.slice(ROLE.length))
            .sort()
            .join(','),
        ),
    },
    {header: 'AGE', value: () => '<unknown>'},
    {header: 'VERSION', value: ({info}) => info.kubeletVersion},
    {header: 'INTERNAL-IP', wide: true, value: ({ips}) => none(ips.slice(0, 1).map(formatIp).join())},
    {header: 'EXTERNAL-IP', wide: true, value: ({externalIps}) => none(externalIps.slice(0, 1).map(formatIp).join())},
    {header: 'OS-IMAGE', wide: true, value: ({info}) => info.osImage},
    {header: 'KERNEL-VERSION', wide: true, value: ({info}) => info.kernelVersion},
    {header: 'CONTAINER-RUNTIME', wide: true, value: ({info}) => info.containerRuntime},
  ],
});

export const resources: readonly Resource[] = [pods, services, nodes];

/** By plural, singular, short name, or with its group; undefined: no such kind here. */
export function findResource(word: string): Resource | undefined {
  const name = word.toLowerCase();
  return resources.find(
    (r) =>
      r.name === name ||
      r.singular === name ||
      r.short.includes(name) ||
      (r.group !== '' && `${r.name}.${r.group}` === name),
  );
}
