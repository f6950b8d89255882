/** `kubectl scale`. */
import {keyOf} from '../../cluster/spec.js';
import type {Command} from './command.js';
import {workloadOf} from './delete.js';
import {KubectlError} from './error.js';
import {another, change, membersOf, without} from './mutate.js';

const REQUIRED = `error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

export const scale: Command = async (invocation) => {
  const {session, args, flags, namespace, io} = invocation;
  const text = flags.get('replicas');
  if (text === undefined) throw new KubectlError('error: required flag(s) "replicas" not set');
  const replicas = Number(text);
  if (replicas < 0)
    throw new KubectlError(
      `error: invalid replicas: ${replicas}. The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0`,
    );
  if (args.length === 0) throw new KubectlError(REQUIRED);
  const workload = workloadOf(args, namespace, invocation);
  if (!workload)
    throw new KubectlError(
      `error: cannot scale ${JSON.stringify(args[0]?.split('/')[0])}: only workloads have replicas`,
    );
  for (const name of workload.names) {
    const members = membersOf(session.cluster, namespace, workload.kind, name);
    const expected = Number(flags.get('current-replicas') ?? members.length);
    if (expected !== members.length)
      throw new KubectlError(`error: Expected replicas to be ${expected}, was ${members.length}`);
    change(session, (definition) => {
      const gone = new Set(members.slice(replicas).map(keyOf));
      const pods = without(definition.pods, gone);
      const taken = new Set(pods.map(keyOf));
      const template = definition.pods.find((pod) => keyOf(pod) === (members[0] ? keyOf(members[0]) : ''));
      for (let n = members.length; template && n < replicas; n++) {
        const fresh = another(template, taken);
        taken.add(keyOf(fresh));
        pods.push(fresh);
      }
      return {...definition, pods};
    });
    io.stdout.write(`${workload.word}/${name} scaled\n`);
  }
  return 0;
};
