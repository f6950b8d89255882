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

/** Commands of the real one that are not here. */
const missing = [
  ...[
    'annotate',
    'api-resources',
    'api-versions',
    'attach',
    'auth',
    'autoscale',
    'certificate',
    'cluster-info',
    'completion',
  ],
  ...[
    'config',
    'cordon',
    'cp',
    'debug',
    'describe',
    'diff',
    'drain',
    'edit',
    'events',
    'explain',
    'kustomize',
    'logs',
    'options',
  ],
  ...[
    'patch',
    'plugin',
    'port-forward',
    'proxy',
    'replace',
    'rollout',
    'run',
    'set',
    'taint',
    'top',
    'uncordon',
    'version',
    'wait',
  ],
];

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
  const {node, flags, args, dash, error} = parse(tree, rest);
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
  const [command, session] = await Promise.all([node.row(), createSession(options, io)]);
  return command({session, flags, args, dash, namespace: flags.get('namespace') ?? 'default', io});
}

function parse(tree: ReturnType<typeof commandTree>, words: readonly string[]) {
  try {
    return parseCommandLine(tree, globalFlags, words);
  } catch (error) {
    if (!(error instanceof CobraError)) throw error;
    const word = words.find((candidate) => missing.includes(candidate));
    if (word !== undefined) throw new UserError({message: `kubectl ${word} is not supported here`});
    throw new KubectlError(`error: ${error.message}`);
  }
}
