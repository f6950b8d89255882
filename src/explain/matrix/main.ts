/** `matrix`: computed under one of the two semantics, printed. */
import type {Cluster} from '../../cluster/model.js';
import type {Io} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import type {Semantics} from '../why/why.js';
import {ciliumMatrix} from './cilium.js';
import {type Connection, kubernetesMatrix} from './matrix.js';
import {type MatrixFormat, matrixPieces} from './print.js';

/** Kinds that are not read and change who reaches whom: networks beside the pods' own, and workloads that are no pods. */
const unread = [
  ...['UserDefinedNetwork', 'ClusterUserDefinedNetwork', 'NetworkAttachmentDefinition', 'MultiNetworkPolicy'],
  ...['VirtualMachine', 'VirtualMachineInstance', 'AuthorizationPolicy', 'PeerAuthentication'],
];

/** What the matrix leaves out although the input has it. */
export function noteUnread({input}: Cluster, io: Io): void {
  const counts = new Map<string, number>();
  for (const {objects} of input?.files ?? [])
    for (const [title, count] of Object.entries(objects)) {
      const kind = unread.find((one) => title === one || title.startsWith(`${one} (`));
      if (kind) counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
  if (counts.size === 0) return;
  const list = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  io.stderr.write(`wirelay: warning: not looked at, though they decide who reaches whom: ${list}\n`);
}

export function runMatrix(cluster: Cluster, semantics: Semantics, format: MatrixFormat, io: Io): void {
  noteUnread(cluster, io);
  if (semantics === 'k8s') {
    write(kubernetesMatrix(cluster), format, io);
    return;
  }
  const {connections, hostNetwork, idle} = ciliumMatrix(cluster);
  if (hostNetwork.length > 0)
    io.stderr.write(
      `wirelay: left out, as part of their nodes: ${sanitize(hostNetwork.map(({title}) => title).join(', '))}\n`,
    );
  if (idle.length > 0)
    io.stderr.write(`wirelay: left out, as they have no pods: ${sanitize(idle.map(({title}) => title).join(', '))}\n`);
  write(connections, format, io);
}

function write(connections: readonly Connection[], format: MatrixFormat, io: Io): void {
  for (const piece of matrixPieces(connections, format)) {
    if (io.stdout.closed) return;
    io.stdout.write(piece);
  }
}
