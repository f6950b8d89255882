/** `status` (cilium-dbg/cmd/status.go). */
import type {Session} from '../../../session/session.js';
import {nodeFullName, nodeModel} from '../list/node.js';
import {hasOutput, printOutput, type ViewContext} from '../output.js';
import {agentStatus, minorVersion, type Seen} from './collect.js';
import {statusModel} from './json.js';
import {briefText, statusText} from './text.js';

export async function status(context: ViewContext): Promise<number> {
  const {session, flags, io} = context;
  const {cluster, node} = session;
  const answer = agentStatus(session.state(), await seenFlows(session));
  const isOk = answer.cilium.state === 'Ok' || answer.cilium.state === 'Disabled';
  if (hasOutput(context)) {
    const nodes = cluster.nodes.map((other) => nodeModel(cluster, other, node));
    return printOutput(context, statusModel(answer, nodes, nodeFullName(cluster, node)));
  }
  const on = (flag: string) => flags.get(flag) === 'true';
  if (on('brief')) io.stdout.write(briefText(answer));
  else {
    const verbose = on('verbose');
    io.stdout.write(
      statusText(answer, {
        addresses: verbose || on('all-addresses'),
        controllers: verbose || on('all-controllers'),
        nodes: verbose || on('all-nodes'),
        health: verbose || on('all-health'),
        verbose,
        minor: minorVersion(cluster.cilium),
      }),
    );
  }
  return isOk ? 0 : 1;
}

/** Flows that Hubble has seen on this node: those of `--traffic`. The definition's own traffic has not run yet. */
async function seenFlows({cluster, node, traffic, run}: Session): Promise<Seen> {
  if (traffic === cluster.traffic || traffic.length === 0) return {flows: 0, time: 0};
  let flows = 0;
  const result = await run({
    observers: [
      {
        event({kind, node: at}) {
          if (at === node.name && (kind === 'trace' || kind === 'drop' || kind === 'policy-verdict')) flows++;
        },
      },
    ],
  });
  return {flows, time: result.endTime};
}
