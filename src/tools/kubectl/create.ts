/** `kubectl create` with its generators, and with -f. */
import type {PodSpec, ServicePortObject, ServiceSpec} from '../../cluster/spec.js';
import {keyOf} from '../../cluster/spec.js';
import {suffix} from '../../cluster/workloads.js';
import {UserError} from '../../term/error.js';
import {applyFiles} from './apply.js';
import type {Command, Invocation} from './command.js';
import {KubectlError} from './error.js';
import {another, change, put} from './mutate.js';

/** The one NAME of a generator. */
function oneName({args}: Invocation, path: string): string {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0)
    throw new KubectlError(
      `error: exactly one NAME is required, got ${args.length}\nSee '${path} -h' for help and examples`,
    );
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 63)
    throw new KubectlError(
      `The ${path.includes('service') ? 'Service' : 'object'} ${JSON.stringify(name)} is invalid: metadata.name: Invalid value: ${JSON.stringify(name)}: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
    );
  return name;
}

/** How the command tells of what it has made; true: nothing is to be done. */
function announce({flags, io}: Invocation, text: string): boolean {
  const mode = flags.get('dry-run') ?? 'none';
  if (!['none', 'client', 'server'].includes(mode))
    throw new KubectlError(`error: Invalid dry-run value (${mode}). Must be "none", "server", or "client".`);
  io.stdout.write(`${text} created${mode === 'none' ? '' : mode === 'client' ? ' (dry run)' : ' (server dry run)'}\n`);
  return mode !== 'none';
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
function portOf(text: string): ServicePortObject {
  const [from = '', to, more] = text.split(':');
  if (more !== undefined) throw new KubectlError(`error: invalid port format: ${text}`);
  const port = parsePort(from);
  const target = to === undefined ? port : /^\d/.test(to) ? parsePort(to) : to;
  return {name: text.replaceAll(':', '-'), port, protocol: 'TCP', targetPort: target};
}

const serviceTypes = {clusterip: 'ClusterIP', nodeport: 'NodePort', loadbalancer: 'LoadBalancer'} as const;

function serviceCommand(type: keyof typeof serviceTypes): Command {
  return async (invocation) => {
    const {session, flags, namespace} = invocation;
    const name = oneName(invocation, `kubectl create service ${type}`);
    const clusterIp = flags.get('clusterip') ?? '';
    const tcp = (flags.get('tcp') ?? '').split(',').filter((text) => text !== '');
    if (tcp.length === 0 && clusterIp !== 'None')
      throw new KubectlError('error: at least one tcp port specifier must be provided');
    if (tcp.length > 0 && clusterIp === 'None') throw new KubectlError('error: can not map ports with clusterip=None');
    const nodePort = Number(flags.get('node-port') ?? 0);
    const spec: ServiceSpec = {
      name,
      namespace,
      type: serviceTypes[type],
      labels: {app: name},
      selector: {app: name},
      ports: tcp.map(portOf).map((port) => ({...port, ...(nodePort ? {nodePort} : {})})),
      ...(clusterIp === '' ? {} : {clusterIP: clusterIp}),
    };
    if (session.cluster.services.some((service) => keyOf(service) === keyOf(spec)))
      throw new KubectlError(
        `error: failed to create ${serviceTypes[type]} service: services ${JSON.stringify(name)} already exists`,
      );
    if (flags.has('dry-run') && flags.get('dry-run') !== 'none') {
      announce(invocation, `service/${name}`);
      return 0;
    }
    change(session, (definition) => ({...definition, services: [...definition.services, spec]}));
    announce(invocation, `service/${name}`);
    return 0;
  };
}

export const createService = {
  clusterip: serviceCommand('clusterip'),
  nodeport: serviceCommand('nodeport'),
  loadbalancer: serviceCommand('loadbalancer'),
};

export const createDeployment: Command = async (invocation) => {
  const {session, flags, namespace} = invocation;
  const name = oneName(invocation, 'kubectl create deployment');
  const image = flags.get('image');
  if (image === undefined) throw new KubectlError('error: required flag(s) "image" not set');
  if (
    session.cluster.pods.some(
      (pod) => pod.namespace === namespace && pod.owner?.kind === 'Deployment' && pod.owner.name === name,
    )
  )
    throw new KubectlError(
      `error: failed to create deployment: deployments.apps ${JSON.stringify(name)} already exists`,
    );
  const port = flags.get('port');
  const hash = suffix(`Deployment ${namespace}/${name}`, 10);
  const template: PodSpec = {
    name: `${name}-${hash}-pod`,
    namespace,
    labels: {app: name, 'pod-template-hash': hash},
    owner: {kind: 'Deployment', name},
    containers: image.split(',').map((text) => ({name: text.replace(/^.*\//, '').replace(/[:@].*$/, ''), image: text})),
    ...(port === undefined ? {} : {ports: [parsePort(port)]}),
  };
  const done = announce(invocation, `deployment.apps/${name}`);
  if (done) return 0;
  change(session, (definition) => {
    const taken = new Set(definition.pods.map(keyOf));
    const pods = Array.from({length: Number(flags.get('replicas') ?? 1)}, () => {
      const pod = another(template, taken);
      taken.add(keyOf(pod));
      return pod;
    });
    return {...definition, pods: [...definition.pods, ...pods]};
  });
  return 0;
};

export const createNamespace: Command = async (invocation) => {
  const {session} = invocation;
  const name = oneName(invocation, 'kubectl create namespace');
  if (session.cluster.namespaces.some((namespace) => namespace.name === name))
    throw new KubectlError(`Error from server (AlreadyExists): namespaces ${JSON.stringify(name)} already exists`);
  if (announce(invocation, `namespace/${name}`)) return 0;
  change(session, (definition) => ({...definition, namespaces: put(definition.namespaces, {name})}));
  return 0;
};

export const createFiles: Command = async (invocation) => {
  if (invocation.args.length > 0)
    throw new KubectlError(
      `error: Unexpected args: [${invocation.args.join(' ')}]\nSee 'kubectl create -h' for help and examples`,
    );
  if (!invocation.flags.has('filename')) throw new KubectlError('error: must specify one of -f and -k');
  if (!invocation.session.simulation) throw new UserError({message: 'kubectl create is for sessions'});
  return applyFiles(invocation, 'create');
};
