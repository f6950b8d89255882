/**
 * The optimizer, which gives `tcpdump -d` its text: the passes of libpcap's (Begel, McCanne, Graham, "BPF+", SIGCOMM 1999,
 * describes their like), in its order, until a round changes nothing. The graph must be acyclic.
 */
import type {Graph} from '../graph.js';
import {pullUp, threadBranch} from './branches.js';
import * as flow from './flow.js';
import {mergeEqualNodes, skipIdleRoot} from './merge.js';
import {type Facts, simplifyNode} from './simplify.js';
import {newValues, type Progress} from './values.js';

/** Rounds in a row that only moved tests: then they go round in circles. */
const MAX_IDLE_ROUNDS = 100;

/** Optimizes in place. First branches are moved, then statements are changed. */
export function optimize(graph: Graph): void {
  runToFixedPoint(graph, false);
  runToFixedPoint(graph, true);
  mergeEqualNodes(graph);
  skipIdleRoot(graph);
}

function runToFixedPoint(graph: Graph, mayAlter: boolean): void {
  let idle = 0;
  for (;;) {
    const progress: Progress = {isChanged: false, isSimplified: false};
    runRound(graph, mayAlter, progress);
    if (!progress.isChanged) return;
    idle = progress.isSimplified ? 0 : idle + 1;
    if (idle >= MAX_IDLE_ROUNDS) return;
  }
}

function runRound(graph: Graph, mayAlter: boolean, progress: Progress): void {
  const n = graph.nodes.length;
  const levels = flow.findLevels(graph);
  const facts: Facts = {
    values: newValues(progress),
    incoming: flow.findIncoming(graph, levels),
    liveAtEnd: flow.findLiveAtEnd(graph, levels),
    atEnd: [],
    compared: new Int32Array(n),
  };
  const dominators = flow.findDominators(graph, levels);
  const branchDominators = flow.findBranchDominators(graph, levels);
  for (const node of flow.fromRoot(levels)) simplifyNode(graph, facts, node, mayAlter);
  if (mayAlter) return;

  for (const node of flow.inner(levels)) {
    threadBranch(graph, facts, branchDominators, node);
    threadBranch(graph, facts, branchDominators, node + n);
  }
  const moved: Facts = {...facts, incoming: flow.findIncoming(graph, levels)};
  for (const node of flow.inner(levels)) {
    pullUp(graph, moved, dominators, node, true);
    pullUp(graph, moved, dominators, node, false);
  }
}
