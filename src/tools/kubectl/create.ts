/** `kubectl create` with its generators, `run`, and `create -f`: objects in the field order of their Go types. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {suffix} from '../../cluster/workloads.js';
import {createObject, currentOf, filesCommand} from './apply.js';
import type {Command, Invocation} from './command.js';
import {dryRunOf} from './dry-run.js';
import {KubectlError} from './error.js';
import type {Json, JsonObject, KubeObject} from './json.js';

/** The one NAME of a generator. */
function oneName({args}: Invocation, path: string): string {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0)
    throw new KubectlError(
      `error: exactly one NAME is required, got ${args.length}\nSee '${path} -h' for help and examples`,
    );
  return name;
}

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What the server says of a name (apimachinery validation.IsDNS1035Label, IsDNS1123Subdomain). */
function checkName(kind: string, name: string): void {
  const value = JSON.stringify(name);
  if (kind === 'Service' && (!LABEL.test(name) || name.length > 63))
    throw new KubectlError(
      `The Service ${value} is invalid: metadata.name: Invalid value: ${value}: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
    );
  if (kind !== 'Service' && (!SUBDOMAIN.test(name) || name.length > 253))
    throw new KubectlError(
      `The ${kind} ${value} is invalid: metadata.name: Invalid value: ${value}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    );
}

/** Creates it unless it is there; `exists` is the error's text. */
async function createNew(invocation: Invocation, object: KubeObject, exists: string): Promise<number> {
  if (dryRunOf(invocation.flags) !== 'client') {
    checkName(object.kind, object.metadata.name);
    const own = {...object, metadata: {...object.metadata, namespace: invocation.namespace}};
    if (currentOf(invocation, own)) throw new KubectlError(exists);
  }
  return createObject(invocation, object);
}

function parsePort(text: string): number {
  if (!/^\d+$/.test(text))
    throw new KubectlError(`error: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const port = Number(text);
  if (port > 65535)
    throw new KubectlError(`error: strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  if (port === 0) throw new KubectlError('error: must be between 1 and 65535, inclusive');
  return port;
}

/** `80:8080`, `80`, `80:http`: the name is the text with a dash (service_basic.go parsePorts). */
function portOf(text: string, nodePort: number): JsonObject {
  const [from = '', to] = text.split(':');
  const port = parsePort(from);
  const targetPort = to === undefined ? port : /^\d/.test(to) ? parsePort(to) : to;
  return {name: text.replaceAll(':', '-'), protocol: 'TCP', port, targetPort, ...(nodePort > 0 ? {nodePort} : {})};
}

const serviceTypes = {
  clusterip: 'ClusterIP',
  nodeport: 'NodePort',
  loadbalancer: 'LoadBalancer',
  externalname: 'ExternalName',
} as const;

function serviceCommand(type: keyof typeof serviceTypes): Command {
  return async (invocation) => {
    const {flags} = invocation;
    const name = oneName(invocation, `kubectl create service ${type}`);
    const clusterIP = flags.get('clusterip') ?? '';
    const externalName = flags.get('external-name');
    const tcp = (flags.get('tcp') ?? '').split(',').filter((text) => text !== '');
    if (type === 'externalname' && externalName === undefined)
      throw new KubectlError('error: required flag(s) "external-name" not set');
    if (tcp.length === 0 && clusterIP !== 'None' && type !== 'externalname')
      throw new KubectlError('error: at least one tcp port specifier must be provided');
    if (tcp.length > 0 && clusterIP === 'None') throw new KubectlError('error: can not map ports with clusterip=None');
    const nodePort = Number(flags.get('node-port') ?? 0);
    const ports = tcp.map((text) => portOf(text, nodePort));
    const object: KubeObject = {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: {name, creationTimestamp: null, labels: {app: name}},
      spec: {
        ...(ports.length > 0 ? {ports} : {}),
        selector: {app: name},
        ...(clusterIP === '' ? {} : {clusterIP}),
        type: serviceTypes[type],
        ...(externalName === undefined ? {} : {externalName}),
      },
      status: {loadBalancer: {}},
    };
    return createNew(
      invocation,
      object,
      `error: failed to create ${serviceTypes[type]} service: services ${JSON.stringify(name)} already exists`,
    );
  };
}

export const createService = {
  clusterip: serviceCommand('clusterip'),
  nodeport: serviceCommand('nodeport'),
  loadbalancer: serviceCommand('loadbalancer'),
  externalname: serviceCommand('externalname'),
};

/** `registry/nginx:1.27` is called `nginx`; a name that is none for a container gets a suffix (create_deployment.go). */
function containerName(image: string): string {
  const name = image.replace(/^.*\//, '').replace(/[:@].*$/, '');
  return /[_.]/.test(name) ? `${name.replace(/[_.]/g, '-')}-${suffix(image, 5)}` : name;
}

export const createDeployment: Command = async (invocation) => {
  const {flags} = invocation;
  const name = oneName(invocation, 'kubectl create deployment');
  const image = flags.get('image');
  if (image === undefined) throw new KubectlError('error: required flag(s) "image" not set');
  const images = image.split(',');
  const port = flags.get('port');
  const command = invocation.dash === undefined ? [] : invocation.args.slice(invocation.dash);
  if (images.length > 1 && command.length > 0)
    throw new KubectlError('error: cannot specify multiple --image options and command');
  const labels = {app: name};
  const object: KubeObject = {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: {name, creationTimestamp: null, labels},
    spec: {
      replicas: Number(flags.get('replicas') ?? 1),
      selector: {matchLabels: labels},
      template: {
        metadata: {creationTimestamp: null, labels},
        spec: {
          containers: images.map((text) => ({
            name: containerName(text),
            image: text,
            ...(port === undefined ? {} : {ports: [{containerPort: parsePort(port)}]}),
            resources: {},
          })),
        },
      },
      strategy: {},
    },
    status: {},
  };
  return createNew(
    invocation,
    object,
    `error: failed to create deployment: deployments.apps ${JSON.stringify(name)} already exists`,
  );
};

export const createNamespace: Command = async (invocation) => {
  const name = oneName(invocation, 'kubectl create namespace');
  const object: KubeObject = {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: {name, creationTimestamp: null},
    spec: {},
    status: {},
  };
  return createNew(
    invocation,
    object,
    `Error from server (AlreadyExists): namespaces ${JSON.stringify(name)} already exists`,
  );
};

export const createConfigMap: Command = async (invocation) => {
  const {given} = invocation;
  const name = oneName(invocation, 'kubectl create configmap');
  const data: Record<string, Json> = {};
  const add = (key: string, value: string) => {
    if (Object.hasOwn(data, key))
      throw new KubectlError(
        `error: cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`,
      );
    data[key] = value;
  };
  for (const [flag, value] of given) {
    if (flag === 'from-literal') {
      const at = value.indexOf('=');
      if (at <= 0) throw new KubectlError(`error: invalid literal source ${value}, expected key=value`);
      add(value.slice(0, at), value.slice(at + 1).replace(/^(['"])([\s\S]*)\1$/, '$2'));
    }
    if (flag === 'from-file')
      for (const [key, path] of sources(value, invocation)) add(key, readFileSync(path, 'utf8'));
    if (flag === 'from-env-file')
      for (const line of readText(value, invocation).split('\n')) {
        const [, key, text = ''] = /^\s*([^#=\s][^=]*)=(.*)$/.exec(line) ?? [];
        if (key !== undefined) add(key, text);
      }
  }
  const object: KubeObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {name, creationTimestamp: null},
    ...(Object.keys(data).length > 0 ? {data: Object.fromEntries(Object.entries(data).sort())} : {}),
  };
  return createNew(
    invocation,
    object,
    `error: failed to create configmap: configmaps ${JSON.stringify(name)} already exists`,
  );
};

function readText(path: string, {io}: Invocation): string {
  try {
    return readFileSync(resolve(io.cwd, path), 'utf8');
  } catch {
    throw new KubectlError(`error: error reading ${path}: no such file or directory`);
  }
}

/** `PATH`, `KEY=PATH`, or a folder: its files. */
function sources(text: string, {io}: Invocation): [string, string][] {
  const at = text.indexOf('=');
  const path = resolve(io.cwd, text.slice(at + 1));
  try {
    if (!statSync(path).isDirectory()) return [[at > 0 ? text.slice(0, at) : basename(path), path]];
    return readdirSync(path)
      .filter((file) => statSync(join(path, file)).isFile())
      .map((file) => [file, join(path, file)]);
  } catch {
    throw new KubectlError(`error: error reading ${text.slice(at + 1)}: no such file or directory`);
  }
}

export const createFiles: Command = (invocation) => filesCommand(invocation, 'create');

/** `kubectl run NAME --image=IMAGE`: one pod. */
export const run: Command = async (invocation) => {
  const {flags, args, dash} = invocation;
  const [name, ...rest] = args;
  if (name === undefined || dash === 0)
    throw new KubectlError("error: NAME is required for run\nSee 'kubectl run -h' for help and examples");
  const image = flags.get('image');
  if (image === undefined) throw new KubectlError('error: required flag(s) "image" not set');
  const port = flags.get('port');
  const words = flags.get('command') === 'true' ? 'command' : 'args';
  const object: KubeObject = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {name, creationTimestamp: null, labels: labelsOf(flags.get('labels')) ?? {run: name}},
    spec: {
      containers: [
        {
          name,
          image,
          ...(rest.length > 0 ? {[words]: rest} : {}),
          ...(port === undefined ? {} : {ports: [{containerPort: parsePort(port)}]}),
          ...envOf(flags.get('env')),
          resources: {},
        },
      ],
      restartPolicy: flags.get('restart') ?? 'Always',
      dnsPolicy: 'ClusterFirst',
    },
    status: {},
  };
  return createNew(
    invocation,
    object,
    `Error from server (AlreadyExists): pods ${JSON.stringify(name)} already exists`,
  );
};

function envOf(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  return {
    env: text.split(',').map((pair) => {
      const [, name, value = ''] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
      if (name === undefined) throw new KubectlError(`error: invalid env: ${pair}`);
      return {name, value};
    }),
  };
}

/** `a=b,c=d`. */
export function labelsOf(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined || text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new KubectlError(`error: unexpected label spec: ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
