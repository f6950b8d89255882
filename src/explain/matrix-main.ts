/** `matrix`: computed under one of the two semantics, printed. */
import type {Cluster} from '../cluster/model.js';
import type {Io} from '../term/io.js';
import {sanitize} from '../term/sanitize.js';
import {ciliumMatrix} from './cilium-matrix.js';
import {type Connection, kubernetesMatrix} from './matrix.js';
import {type MatrixFormat, matrixPieces} from './matrix-print.js';
import type {Semantics} from './why.js';

export function runMatrix(cluster: Cluster, semantics: Semantics, format: MatrixFormat, io: Io): void {
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
