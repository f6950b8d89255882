/**
 * `kubectl` on the simulated cluster. Errors are kubectl's, with its exit code 1; what kubectl has and this one hasn't is said so,
 * with exit code 2.
 */
import {takeSessionOptions} from '../../session/options.js';
import {createSession} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {CobraError, parseCommandLine} from '../common/cobra-argv.js';
import {commandTree, globalFlags} from './argv.js';
import {KubectlError} from './error.js';

const noScheduler = 'nodes of a session stay as its definition has them; events: of the definition can take one down';
const asManifest = 'write the manifest, then kubectl apply -f';
const noHistory = 'a workload’s earlier templates are not kept; apply the old manifest';

/** Commands of the real one that are not here, and why. */
const missing: Readonly<Record<string, string>> = {
  attach: 'containers run no programs of their own here',
  auth: 'there are no users here',
  autoscale: 'there is no load to scale by here',
  alpha: 'it is experimental there too',
  certificate: 'there are no certificates here',
  cordon: noScheduler,
  cp: 'containers have no files here',
  debug: 'kubectl exec POD -- sh gives the network tools in a pod',
  drain: noScheduler,
  diff: 'wirelay diff compares two definitions',
  edit: 'kubectl get -o yaml, then kubectl apply -f',
  events: 'wirelay inspect and hubble tell what happens here',
  explain: 'there are no schemas of the API here',
  kustomize: 'kustomize builds manifests, kubectl apply -f takes them',
  logs: 'containers run no programs of their own here',
  plugin: 'there are no plugins here',
  'port-forward': 'kubectl exec POD -- curl reaches pods and services',
  proxy: 'there is no API server to speak to here',
  taint: noScheduler,
  top: 'nothing is measured here',
  uncordon: noScheduler,
};

/** The same, of commands below others. */
const missingBelow: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  create: Object.fromEntries(
    'clusterrole clusterrolebinding cronjob ingress job poddisruptionbudget priorityclass quota role rolebinding secret serviceaccount token'
      .split(' ')
      .map((word) => [word, asManifest]),
  ),
  set: Object.fromEntries(
    ['env', 'resources', 'selector', 'serviceaccount', 'subject'].map((word) => [
      word,
      'kubectl patch, or kubectl apply -f',
    ]),
  ),
  rollout: {history: noHistory, undo: noHistory, pause: noHistory, resume: noHistory},
  'cluster-info': {dump: 'kubectl get all -A -o yaml shows all there is'},
};

export const kubectlMain: ToolMain = async (argv, io) => {
  try {
    return await run(argv, io);
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    io.stdout.flush();
    io.stderr.write(`${sanitizeBlock(error.message)}\n`);
    return error.exitCode;
  }
};

async function run(argv: readonly string[], io: Io): Promise<number> {
  const {options, rest} = takeSessionOptions(argv);
  const tree = commandTree();
  const {node, flags, given, args, dash, error} = parse(tree, rest);
  const below = missingBelow[node.name];
  const word = args[0] ?? '';
  if (below && Object.hasOwn(below, word))
    throw new UserError({message: `kubectl ${node.name} ${word} is not supported: ${below[word]}`});
  if (error) throw new KubectlError(`error: ${error.message}\nSee '${node.path} --help' for usage.`);
  if (flags.get('help') === 'true' || node === tree)
    throw new UserError({
      message: `${node.path}: no help text here`,
      hint: `commands: ${(node.children.length > 0 ? node : tree).children.map(({name}) => name).join(', ')}; flags of ${node.name}: ${[...node.flags, ...globalFlags].map(({name}) => `--${name}`).join(', ')}`,
    });
  for (const row of [...node.flags, ...globalFlags])
    if (row.refused !== undefined && flags.has(row.name))
      throw new UserError({message: `kubectl --${row.name} is not supported: ${row.refused}`});
  if (!node.row)
    throw new KubectlError(
      `error: unknown command ${JSON.stringify([...node.path.split(' ').slice(1), ...args].join(' '))}\nSee '${node.path} -h' for help and examples`,
    );
  const [command, session] = await Promise.all([node.row(), createSession({...options, keep: true}, io)]);
  return command({session, flags, given, args, dash, namespace: flags.get('namespace') ?? 'default', io});
}

function parse(tree: ReturnType<typeof commandTree>, words: readonly string[]) {
  try {
    return parseCommandLine(tree, globalFlags, words);
  } catch (error) {
    if (!(error instanceof CobraError)) throw error;
    const word = words.find((candidate) => Object.hasOwn(missing, candidate));
    if (word !== undefined) throw new UserError({message: `kubectl ${word} is not supported: ${missing[word]}`});
    throw new KubectlError(`error: ${error.message}`);
  }
}
