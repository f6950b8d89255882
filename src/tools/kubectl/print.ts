/** kubectl's tables: k8s.io/cli-runtime printers, a tabwriter of width 6 and padding 3. */
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import type {ColumnContext, Item, Resource} from './resources.js';

export interface TableOptions {
  readonly wide: boolean;
  readonly headers: boolean;
  readonly namespaces: boolean;
  readonly labels: boolean;
  /** Names with their kind in front, where several kinds are listed. */
  readonly kinds: boolean;
}

export function tableText(
  resource: Resource,
  items: readonly Item[],
  context: ColumnContext,
  options: TableOptions,
): string {
  const columns = resource.columns.filter(({wide}) => options.wide || !wide);
  const lines: string[][] = [];
  const namespaces = options.namespaces && resource.namespaced;
  if (options.headers)
    lines.push([
      ...(namespaces ? ['NAMESPACE'] : []),
      ...columns.map(({header}) => header),
      ...(options.labels ? ['LABELS'] : []),
    ]);
  for (const item of items) {
    const cells = columns.map(({value}) => sanitize(value(item, context)));
    if (options.kinds) cells[0] = `${resource.singular}${resource.group ? `.${resource.group}` : ''}/${cells[0]}`;
    lines.push([...(namespaces ? [item.namespace ?? ''] : []), ...cells, ...(options.labels ? [labelText(item)] : [])]);
  }
  return tabwriter(lines.map((cells) => `${cells.join('\t')}\n`).join(''), {minWidth: 6, padding: 3});
}

function labelText({labels}: Item): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return sanitize(pairs.sort().join(',')) || '<none>';
}
