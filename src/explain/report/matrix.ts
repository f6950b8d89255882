/** Who may reach whom, as a grid with numbered columns and as a list. */
import type {Cluster} from '../../cluster/model.js';
import {formatPorts} from '../../control/policy/ports.js';
import {UserError} from '../../term/error.js';
import {ciliumMatrix} from '../matrix/cilium.js';
import {type Connection, kubernetesMatrix} from '../matrix/matrix.js';
import {listWorkloads} from '../parties.js';
import {note, type Section, scrolling, table, text} from './html.js';

/** Rows and columns of the grid, and lines of the list. */
const GRID = 60;
const LIST = 400;
/** Workloads for which all pairs are looked at. */
const WORKLOADS = 500;

export function matrixSection(cluster: Cluster): Section {
  const section = (body: string) => ({id: 'reachability', title: 'Reachability', body});
  const workloads = listWorkloads(cluster).length;
  if (workloads > WORKLOADS)
    return section(note(`${workloads} workloads: all pairs of them are what \`wirelay matrix\` prints`));
  try {
    return section(drawn(connectionsOf(cluster), cluster));
  } catch (error) {
    if (error instanceof UserError) return section(note(`not known: ${error.message}`));
    throw error;
  }
}

function connectionsOf(cluster: Cluster): readonly Connection[] {
  const cilium = (cluster.policies ?? []).some(({kind}) => kind.startsWith('Cilium'));
  return cilium ? ciliumMatrix(cluster).connections : kubernetesMatrix(cluster);
}

function drawn(connections: readonly Connection[], {policies = []}: Cluster): string {
  const parties = [...new Set(connections.flatMap(({from, to}) => [from, to]))].sort();
  const rules =
    policies.length === 0
      ? 'There are no policies: everybody may reach everybody.'
      : `Under ${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}.`;
  const intro = `<p>${text(rules)} ● everything · ◐ some ports · blank: nothing. Rows are sources, columns the same parties by number.</p>`;
  const grid =
    parties.length <= GRID ? gridOf(parties, connections) : note(`${parties.length} parties: too many for a grid`);
  const rows = connections.slice(0, LIST).map(({from, to, ports}) => [text(from), text(to), text(formatPorts(ports))]);
  const more = connections.length > LIST ? note(`… and ${connections.length - LIST} more connections`) : '';
  const columns = [{title: 'from'}, {title: 'to'}, {title: 'connections'}];
  const list = `<details aria-label="Connections as a list"><summary>As a list (${connections.length})</summary>${table('Who may reach whom', columns, rows)}${more}</details>`;
  return intro + grid + list;
}

const EVERYTHING = 'All Connections';

function gridOf(parties: readonly string[], connections: readonly Connection[]): string {
  const known = new Map(connections.map(({from, to, ports}) => [`${from}\n${to}`, formatPorts(ports)]));
  const head = parties.map(
    (name, i) => `<th scope="col" title="${text(name)}">${i + 1}<span class="vh"> ${text(name)}</span></th>`,
  );
  const rows = parties.map((from, i) => {
    const cells = parties.map((to) => {
      if (from === to) return '<td class="self"></td>';
      const ports = known.get(`${from}\n${to}`);
      if (ports === undefined) return '<td><span class="vh">nothing</span></td>';
      const every = ports === EVERYTHING;
      return `<td class="${every ? 'every' : 'some'}" title="${text(`${from} → ${to}: ${ports}`)}"><span aria-hidden="true">${every ? '●' : '◐'}</span><span class="vh">${text(ports)}</span></td>`;
    });
    return `<tr><th scope="row"><span class="k">${i + 1}</span> ${text(from)}</th>${cells.join('')}</tr>`;
  });
  const caption = 'Reachability of workloads and outside ranges';
  return scrolling(
    caption,
    `<table class="grid"><caption>${caption}</caption><thead><tr><td></td>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`,
  );
}
