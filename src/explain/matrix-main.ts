/** `matrix`: computed under one of the two semantics, printed. */
import type {Cluster} from '../cluster/model.js';
import type {Io} from '../term/io.js';
import {sanitize} from '../term/sanitize.js';
import {ciliumMatrix} from './cilium-matrix.js';
import {kubernetesMatrix} from './matrix.js';
import {type MatrixFormat, printMatrix} from './matrix-print.js';
import type {Semantics} from './why.js';

export function runMatrix(cluster: Cluster, semantics: Semantics, format: MatrixFormat, io: Io): void {
  if (semantics === 'k8s') {
    io.stdout.write(printMatrix(kubernetesMatrix(cluster), format));
    return;
  }
  const {connections, hostNetwork} = ciliumMatrix(cluster);
  if (hostNetwork.length > 0)
    io.stderr.write(
      `wirelay: left out, as part of their nodes: ${sanitize(hostNetwork.map(({title}) => title).join(', '))}\n`,
    );
  io.stdout.write(printMatrix(connections, format));
}
