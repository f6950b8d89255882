/** What kubectl tells of itself, of its server and of its configuration: a cluster that nobody has to log in to. */
import {tabwriter} from '../../term/tabwriter.js';
import type {Command, Invocation} from './command.js';
import {KubectlError} from './error.js';
import type {Json, JsonObject} from './json.js';
import {groupOf, type Resource} from './kinds/kind.js';
import {kubeJson} from './output.js';
import {resources} from './resources.js';
import {kubeYaml} from './yaml.js';

const CLIENT = 'v1.32.4';
const KUSTOMIZE = 'v5.5.0';

function inFormat({flags}: Invocation, value: Json): string | undefined {
  const format = flags.get('output') ?? '';
  if (format === 'json') return `${kubeJson(value, '', '  ')}\n`;
  return format === 'yaml' ? kubeYaml(value) : undefined;
}

export const version: Command = async (invocation) => {
  const {flags, session, io} = invocation;
  const format = flags.get('output') ?? '';
  if (!['', 'yaml', 'json'].includes(format)) throw new KubectlError("error: --output must be 'yaml' or 'json'");
  const server = session.cluster.kubernetes.version;
  const parts = (text: string): JsonObject => {
    const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
    return {major, minor, gitVersion: text, platform: session.cluster.kubernetes.platform};
  };
  const client = flags.get('client') === 'true';
  const value: JsonObject = {
    clientVersion: parts(CLIENT),
    kustomizeVersion: KUSTOMIZE,
    ...(client ? {} : {serverVersion: parts(server)}),
  };
  const lines = [
    `Client Version: ${CLIENT}`,
    `Kustomize Version: ${KUSTOMIZE}`,
    ...(client ? [] : [`Server Version: ${server}`]),
  ];
  io.stdout.write(inFormat(invocation, value) ?? `${lines.join('\n')}\n`);
  const [ours, theirs] = [parts(CLIENT), parts(server)];
  if (!client && (ours.major !== theirs.major || Math.abs(Number(ours.minor) - Number(theirs.minor)) > 1))
    io.stderr.write(
      `WARNING: version difference between client (${String(ours.major)}.${String(ours.minor)}) and server (${String(theirs.major)}.${String(theirs.minor)}) exceeds the supported minor version skew of +/-1\n`,
    );
  return 0;
};

/** Where the API server would be: the first endpoint of default/kubernetes. */
function serverUrl({session}: Invocation): string {
  const {services, nodes} = session.cluster;
  const [backend] =
    services.find(({name, namespace}) => name === 'kubernetes' && namespace === 'default')?.backends ?? [];
  return `https://${backend?.nodeName ?? nodes[0]?.name ?? 'kubernetes'}:${backend?.port ?? 6443}`;
}

export const clusterInfo: Command = async (invocation) => {
  const {session, io} = invocation;
  const url = serverUrl(invocation);
  io.stdout.write(`Kubernetes control plane is running at ${url}\n`);
  if (session.cluster.services.some(({name, namespace}) => name === 'kube-dns' && namespace === 'kube-system'))
    io.stdout.write(`CoreDNS is running at ${url}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n`);
  io.stdout.write("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
  return 0;
};

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export const apiResources: Command = async ({flags, io}) => {
  const format = flags.get('output') ?? '';
  if (!['', 'wide', 'name'].includes(format))
    throw new KubectlError(`error: --output ${format} is not available in kubectl api-resources`);
  const stated = flags.get('namespaced');
  const group = flags.get('api-group');
  const order = (a: Resource, b: Resource) => {
    const [left, right] = [groupOf(a), groupOf(b)];
    return left === right ? (a.name < b.name ? -1 : 1) : left < right ? -1 : 1;
  };
  const rows = resources
    .filter((row) => stated === undefined || row.namespaced === (stated === 'true'))
    .filter((row) => group === undefined || groupOf(row) === group)
    .sort(order);
  if (format === 'name') {
    io.stdout.write(rows.map((row) => `${row.name}${groupOf(row) === '' ? '' : `.${groupOf(row)}`}\n`).join(''));
    return 0;
  }
  const wide = format === 'wide';
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
  const lines = rows.map(({name, short, apiVersion, namespaced, kind, inAll}) => [
    ...[name, short.join(','), apiVersion, String(namespaced), kind],
    ...(wide ? [verbs.join(','), inAll ? 'all' : ''] : []),
  ]);
  const all = flags.get('no-headers') === 'true' ? lines : [header, ...lines];
  io.stdout.write(tabwriter(all.map((line) => `${line.join('\t')}\n`).join(''), {minWidth: 6, padding: 3}));
  return 0;
};

export const apiVersions: Command = async ({io}) => {
  const all = [...new Set(resources.map(({apiVersion}) => apiVersion))].sort();
  io.stdout.write(all.map((text) => `${text}\n`).join(''));
  return 0;
};

export const currentContext: Command = async ({session, io}) => {
  io.stdout.write(`${session.cluster.name}\n`);
  return 0;
};

export const getContexts: Command = async ({session, flags, args, io}) => {
  const {name} = session.cluster;
  const [asked] = args;
  if (asked !== undefined && asked !== name) throw new KubectlError(`error: context ${asked} not found`);
  if (flags.get('output') === 'name') io.stdout.write(`${name}\n`);
  else {
    const header = flags.get('no-headers') === 'true' ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n';
    io.stdout.write(tabwriter(`${header}*\t${name}\t${name}\twirelay\t\n`, {minWidth: 6, padding: 3}));
  }
  return 0;
};

export const configView: Command = async (invocation) => {
  const {session, io} = invocation;
  const {name} = session.cluster;
  const value: JsonObject = {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: {},
    clusters: [{name, cluster: {server: serverUrl(invocation)}}],
    users: [{name: 'wirelay', user: {}}],
    contexts: [{name, context: {cluster: name, user: 'wirelay'}}],
    'current-context': name,
  };
  io.stdout.write(inFormat(invocation, value) ?? kubeYaml(value));
  return 0;
};
