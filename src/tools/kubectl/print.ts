/** kubectl's tables: k8s.io/cli-runtime printers, a tabwriter of width 6 and padding 3. */
import {sanitize} from '../../term/sanitize.js';
import type {KubeObject} from './json.js';
import {stringsAt} from './json.js';
import {formatLabels, type Resource} from './kinds/kind.js';
import {kindName} from './resources.js';
import type {View} from './view.js';

export interface TableOptions {
  readonly wide: boolean;
  readonly headers: boolean;
  readonly namespaces: boolean;
  readonly labels: boolean;
  /** -L: labels with a column of their own. */
  readonly labelColumns: readonly string[];
  /** Names with their kind in front, where several kinds are listed. */
  readonly kinds: boolean;
}

/** Lines of cells, ended by tabs, for the tabwriter. */
export function headerLine({columns}: Resource, options: TableOptions): string {
  return line([
    ...(options.namespaces ? ['NAMESPACE'] : []),
    ...columns.filter(({wide}) => options.wide || !wide).map(({header}) => header),
    ...options.labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase()),
    ...(options.labels ? ['LABELS'] : []),
  ]);
}

export function itemLine(resource: Resource, object: KubeObject, view: View, options: TableOptions): string {
  const columns = resource.columns.filter(({wide}) => options.wide || !wide);
  const cells = columns.map(({value}) => cut(value(object, view)));
  if (options.kinds) cells[0] = `${kindName(resource)}/${cells[0]}`;
  const labels = stringsAt(object, 'metadata', 'labels');
  const {namespace} = object.metadata;
  return line([
    ...(options.namespaces ? [typeof namespace === 'string' ? namespace : ''] : []),
    ...cells,
    ...options.labelColumns.map((key) => (Object.hasOwn(labels, key) ? (labels[key] ?? '') : '')),
    ...(options.labels ? [formatLabels(labels)] : []),
  ]);
}

function line(cells: readonly string[]): string {
  return `${cells.map(sanitize).join('\t')}\n`;
}

/** Cells of several lines are cut behind the first (tableprinter.go). */
function cut(text: string): string {
  const end = text.search(/[\n\r\f]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}
