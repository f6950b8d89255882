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
const kustomize = refused(
  string('kustomize', 'Process a kustomization directory', 'k'),
  'kustomize builds manifests, kubectl apply -f takes them',
);
const fieldSelector = string('field-selector', 'Selector (field query) to filter on');
const dryRun = string('dry-run', 'Must be "none", "server", or "client"');

const labelFlags = [
  bool('overwrite', 'If true, allow values to be overwritten'),
  bool('all', 'Select all resources'),
  bool('list', 'If true, display the values of a given resource'),
  allNamespaces,
  fieldSelector,
  selector,
  dryRun,
  output,
];

interface Row {
  readonly path: readonly string[];
  readonly flags: readonly FlagRow[];
  readonly aliases?: readonly string[];
  readonly load?: () => Promise<Command>;
}

const create = async () => import('./create.js');
const info = async () => import('./info.js');

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
      bool('show-kind', 'If present, list the resource type for the requested object(s)'),
      strings('label-columns', 'Comma separated list of labels to be presented as columns', 'L'),
      string('sort-by', 'Sort list types by this field specification'),
      fieldSelector,
      bool('ignore-not-found', 'Suppress not found errors'),
      {...string('chunk-size', 'Return large lists in chunks'), type: 'int'},
      {...bool('server-print', 'Have the server return the appropriate table output'), fallback: 'true'},
      bool('watch', 'After listing the requested objects, watch for changes', 'w'),
      bool('watch-only', 'Watch for changes without listing first'),
      bool('output-watch-events', 'Output watch event objects when --watch or --watch-only is used'),
      refused(
        string('template', 'Template string or path to template file'),
        'there are no Go templates here; -o jsonpath',
      ),
      refused(string('raw', 'Raw URI to request from the server'), 'there is no server to ask'),
      refused(files, 'name the objects'),
    ],
    load: async () => (await import('./get.js')).get,
  },
  {
    path: ['describe'],
    flags: [
      selector,
      allNamespaces,
      {...bool('show-events', 'If true, display events related to the described object'), fallback: 'true'},
      {...string('chunk-size', 'Return large lists in chunks'), type: 'int'},
      refused(files, 'name the objects'),
    ],
    load: async () => (await import('./describe.js')).describe,
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
  {path: ['create'], flags: [files, output, dryRun], load: async () => (await create()).createFiles},
  {path: ['create', 'service'], aliases: ['svc'], flags: []},
  ...(['clusterip', 'nodeport', 'loadbalancer'] as const).map((type) => ({
    path: ['create', 'service', type],
    flags: [
      strings('tcp', 'Port pairs can be specified as "<port>:<targetPort>"'),
      dryRun,
      output,
      ...(type === 'clusterip' ? [string('clusterip', 'Assign your own ClusterIP or set to None')] : []),
      ...(type === 'nodeport'
        ? [{...string('node-port', 'Port used to expose the service on each node'), type: 'int' as const}]
        : []),
    ],
    load: async () => (await create()).createService[type],
  })),
  {
    path: ['create', 'service', 'externalname'],
    flags: [
      strings('tcp', 'Port pairs can be specified as "<port>:<targetPort>"'),
      string('external-name', 'External name of service'),
      dryRun,
      output,
    ],
    load: async () => (await create()).createService.externalname,
  },
  {
    path: ['create', 'configmap'],
    aliases: ['cm'],
    flags: [
      strings('from-literal', 'Key and literal value to insert in configmap'),
      strings('from-file', 'Key file can be specified using its file path'),
      strings('from-env-file', 'Path to a file to read lines of key=val pairs'),
      dryRun,
      output,
    ],
    load: async () => (await create()).createConfigMap,
  },
  {
    path: ['run'],
    flags: [
      string('image', 'The image for the container to run'),
      string('port', 'The port that this container exposes'),
      string('labels', 'Comma separated labels to apply to the pod', 'l'),
      strings('env', 'Environment variables to set in the container'),
      string('restart', 'The restart policy for this Pod'),
      bool('command', 'Use extra arguments as the command field'),
      refused(bool('rm', 'Delete the pod after it exits'), 'containers run no programs of their own here'),
      refused(bool('stdin', 'Keep stdin open', 'i'), 'containers run no programs of their own here'),
      refused(bool('tty', 'Allocate a TTY', 't'), 'containers run no programs of their own here'),
      dryRun,
      output,
    ],
    load: async () => (await create()).run,
  },
  {
    path: ['create', 'deployment'],
    aliases: ['deploy'],
    flags: [
      strings('image', 'Image names to run'),
      {...string('replicas', 'Number of replicas to create', 'r'), type: 'int', fallback: '1'},
      {...string('port', 'The containerPort that this deployment exposes'), type: 'int'},
      dryRun,
      output,
    ],
    load: async () => (await create()).createDeployment,
  },
  {
    path: ['create', 'namespace'],
    aliases: ['ns'],
    flags: [dryRun, output],
    load: async () => (await create()).createNamespace,
  },
  {path: ['apply'], flags: [files, kustomize, dryRun, output], load: async () => (await import('./apply.js')).apply},
  {path: ['replace'], flags: [files, dryRun, output], load: async () => (await import('./apply.js')).replace},
  {
    path: ['delete'],
    flags: [
      files,
      selector,
      fieldSelector,
      allNamespaces,
      dryRun,
      output,
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
      dryRun,
      output,
    ],
    load: async () => (await import('./scale.js')).scale,
  },
  {
    path: ['label'],
    flags: labelFlags,
    load: async () => (await import('./label.js')).label,
  },
  {
    path: ['annotate'],
    flags: labelFlags,
    load: async () => (await import('./label.js')).annotate,
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
      string('external-ip', 'Additional external IP address to set for the service'),
      string('session-affinity', 'If non-empty, set the session affinity for the service'),
      string('labels', 'Labels to apply to the service created by this call', 'l'),
      string('selector', 'A label selector to use for this service'),
      dryRun,
      output,
    ],
    load: async () => (await import('./expose.js')).expose,
  },
  {
    path: ['patch'],
    flags: [
      string('patch', 'The patch to be applied to the resource JSON file', 'p'),
      string('patch-file', 'A file containing a patch to be applied to the resource'),
      string('type', 'The type of patch being provided; one of [json merge strategic]'),
      dryRun,
      output,
    ],
    load: async () => (await import('./patch.js')).patch,
  },
  {
    path: ['wait'],
    flags: [
      string(
        'for',
        'The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath=...]',
      ),
      {...string('timeout', 'The length of time to wait before giving up'), type: 'duration'},
      selector,
      fieldSelector,
      allNamespaces,
      bool('all', 'Select all resources in the namespace of the specified resource types'),
    ],
    load: async () => (await import('./wait.js')).wait,
  },
  {path: ['rollout'], flags: []},
  {
    path: ['rollout', 'status'],
    flags: [
      {...string('timeout', 'The length of time to wait before ending watch'), type: 'duration'},
      {...bool('watch', 'Watch the status of the rollout until it is done', 'w'), fallback: 'true'},
      selector,
    ],
    load: async () => (await import('./wait.js')).rolloutStatus,
  },
  {
    path: ['rollout', 'restart'],
    flags: [selector, output, dryRun],
    load: async () => (await import('./roll-out.js')).rolloutRestart,
  },
  {path: ['set'], flags: []},
  {
    path: ['set', 'image'],
    flags: [
      selector,
      output,
      dryRun,
      bool('all', 'Select all resources in the namespace of the specified resource types'),
    ],
    load: async () => (await import('./set-image.js')).setImage,
  },
  {
    path: ['version'],
    flags: [bool('client', 'If true, shows client version only (no server required)'), output],
    load: async () => (await info()).version,
  },
  {path: ['cluster-info'], flags: [], load: async () => (await info()).clusterInfo},
  {
    path: ['api-resources'],
    flags: [
      output,
      bool('namespaced', 'If false, non-namespaced resources will be returned'),
      string('api-group', 'Limit to resources in the specified API group'),
      bool('no-headers', 'When using the default or custom-column output format, don’t print headers'),
    ],
    load: async () => (await info()).apiResources,
  },
  {path: ['api-versions'], flags: [], load: async () => (await info()).apiVersions},
  {path: ['config'], flags: []},
  {path: ['config', 'current-context'], flags: [], load: async () => (await info()).currentContext},
  {
    path: ['config', 'get-contexts'],
    flags: [output, bool('no-headers', 'When using the default or custom-column output format, don’t print headers')],
    load: async () => (await info()).getContexts,
  },
  {
    path: ['config', 'view'],
    flags: [output, bool('minify', 'Remove all information not used by current-context from the output')],
    load: async () => (await info()).configView,
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
