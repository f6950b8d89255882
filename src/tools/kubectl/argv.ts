/** kubectl's command tree with the flags that are understood here. What is refused says why. */
import type {CommandNode, FlagRow} from '../common/cobra-argv.js';
import type {Command} from './command.js';

const string = (name: string, text: string, short?: string): FlagRow => ({
  name,
  type: 'string',
  text,
  ...(short ? {short} : {}),
});
const strings = (name: string, text: string, short?: string): FlagRow => ({
  ...string(name, text, short),
  type: 'strings',
});
const bool = (name: string, text: string, short?: string): FlagRow => ({...string(name, text, short), type: 'bool'});
const refused = (row: FlagRow, why: string): FlagRow => ({...row, refused: why});

/** Before or behind the command. */
export const globalFlags: readonly FlagRow[] = [
  string('namespace', 'If present, the namespace scope for this CLI request', 'n'),
  refused(string('context', 'The name of the kubeconfig context to use'), 'there is one cluster here'),
  refused(string('kubeconfig', 'Path to the kubeconfig file'), 'there is one cluster here'),
  refused(string('server', 'The address of the API server', 's'), 'there is one cluster here'),
  refused(string('as', 'Username to impersonate'), 'there are no users here'),
  string('request-timeout', 'The length of time to wait before giving up on a single server request'),
];

const output: FlagRow = {...string('output', 'Output format', 'o'), values: ['name', 'wide']};
const selector = string('selector', 'Selector (label query) to filter on', 'l');
const allNamespaces = bool('all-namespaces', 'List the requested objects across all namespaces', 'A');
const files = strings('filename', 'Filename of the resource', 'f');
const dryRun = string('dry-run', 'Must be "none", "server", or "client"');

interface Row {
  readonly path: readonly string[];
  readonly flags: readonly FlagRow[];
  readonly aliases?: readonly string[];
  readonly load?: () => Promise<Command>;
}

const create = async () => import('./create.js');

/** One row per command. */
const rows: readonly Row[] = [
  {
    path: ['get'],
    flags: [
      output,
      selector,
      allNamespaces,
      bool('no-headers', 'When using the default output format, don’t print headers'),
      bool('show-labels', 'When printing, show all labels as the last column'),
    ],
    load: async () => (await import('./get.js')).get,
  },
  {
    path: ['exec'],
    flags: [
      bool('stdin', 'Pass stdin to the container', 'i'),
      bool('tty', 'Stdin is a TTY', 't'),
      string('container', 'Container name', 'c'),
      bool('quiet', 'Only print output from the remote session', 'q'),
      string('pod-running-timeout', 'The length of time to wait until at least one pod is running'),
    ],
    load: async () => (await import('./exec.js')).exec,
  },
  {path: ['create'], flags: [files], load: async () => (await create()).createFiles},
  {path: ['create', 'service'], aliases: ['svc'], flags: []},
  ...(['clusterip', 'nodeport', 'loadbalancer'] as const).map((type) => ({
    path: ['create', 'service', type],
    flags: [
      strings('tcp', 'Port pairs can be specified as "<port>:<targetPort>"'),
      dryRun,
      ...(type === 'clusterip' ? [string('clusterip', 'Assign your own ClusterIP or set to None')] : []),
      ...(type === 'nodeport'
        ? [{...string('node-port', 'Port used to expose the service on each node'), type: 'int' as const}]
        : []),
    ],
    load: async () => (await create()).createService[type],
  })),
  {
    path: ['create', 'deployment'],
    aliases: ['deploy'],
    flags: [
      strings('image', 'Image names to run'),
      {...string('replicas', 'Number of replicas to create', 'r'), type: 'int', fallback: '1'},
      {...string('port', 'The containerPort that this deployment exposes'), type: 'int'},
      dryRun,
    ],
    load: async () => (await create()).createDeployment,
  },
  {path: ['create', 'namespace'], aliases: ['ns'], flags: [dryRun], load: async () => (await create()).createNamespace},
  {path: ['apply'], flags: [files, dryRun], load: async () => (await import('./apply.js')).apply},
  {
    path: ['delete'],
    flags: [
      files,
      selector,
      bool('all', 'Delete all resources'),
      bool('now', 'Resources are signaled for immediate shutdown'),
      bool('force', 'Immediately remove resources'),
      bool('ignore-not-found', 'Treat "resource not found" as a successful delete'),
      {...string('grace-period', 'Period of time in seconds given to the resource to terminate'), type: 'int'},
      {...bool('wait', 'Wait for resources to be gone before returning'), fallback: 'true'},
    ],
    load: async () => (await import('./delete.js')).remove,
  },
  {
    path: ['scale'],
    flags: [
      {...string('replicas', 'The new desired number of replicas'), type: 'int'},
      {...string('current-replicas', 'Precondition for current size'), type: 'int'},
    ],
    load: async () => (await import('./scale.js')).scale,
  },
  {
    path: ['label'],
    flags: [
      bool('overwrite', 'If true, allow labels to be overwritten'),
      bool('all', 'Select all resources'),
      selector,
    ],
    load: async () => (await import('./label.js')).label,
  },
  {
    path: ['expose'],
    flags: [
      {...string('port', 'The port that the service should serve on'), type: 'int'},
      string('target-port', 'Name or number for the port on the container'),
      string('protocol', 'The network protocol for the service to be created'),
      string('name', 'The name for the newly created object'),
      string('type', 'Type for this service'),
      string('cluster-ip', 'ClusterIP to be assigned to the service'),
      selector,
    ],
    load: async () => (await import('./expose.js')).expose,
  },
];

export function commandTree(): CommandNode<() => Promise<Command>> {
  return {name: 'kubectl', aliases: [], path: 'kubectl', flags: [], children: childrenOf([]), row: undefined};
}

function childrenOf(parent: readonly string[]): CommandNode<() => Promise<Command>>[] {
  return rows
    .filter(({path}) => path.length === parent.length + 1 && parent.every((word, i) => path[i] === word))
    .map(({path, flags, aliases = [], load}) => ({
      name: path.at(-1) ?? '',
      aliases,
      path: `kubectl ${path.join(' ')}`,
      flags,
      children: childrenOf(path),
      row: load,
    }));
}
