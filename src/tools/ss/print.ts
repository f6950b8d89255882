/** Sockets in ss's columns (iproute2 6.1, misc/ss.c): each as wide as its widest text, a space in front of most. */

export interface Row {
  readonly netid: 'udp' | 'tcp';
  readonly state: string;
  readonly receive: number;
  readonly send: number;
  /** Address, and port or service; `*` for any. */
  readonly local: readonly [address: string, port: string];
  readonly peer: readonly [address: string, port: string];
}

interface Column {
  readonly title: string;
  readonly before: string;
  readonly right: boolean;
  readonly text: (row: Row) => string;
}

const columns: readonly Column[] = [
  {title: 'Netid', before: '', right: false, text: ({netid}) => netid},
  {title: 'State', before: ' ', right: false, text: ({state}) => state},
  {title: 'Recv-Q', before: ' ', right: false, text: ({receive}) => String(receive)},
  {title: 'Send-Q', before: ' ', right: false, text: ({send}) => String(send)},
  {title: 'Local Address:', before: ' ', right: true, text: ({local}) => `${local[0]}:`},
  {title: 'Port', before: '', right: false, text: ({local}) => local[1]},
  {title: 'Peer Address:', before: ' ', right: true, text: ({peer}) => `${peer[0]}:`},
  {title: 'Port', before: '', right: false, text: ({peer}) => peer[1]},
  {title: 'Process', before: '', right: false, text: () => ''},
];

/** `netid`, `state`: whether those columns are there. */
export function table(
  rows: readonly Row[],
  {header, netid, state}: {readonly header: boolean; readonly netid: boolean; readonly state: boolean},
): string {
  const shown = columns.filter(({title}) => (title !== 'Netid' || netid) && (title !== 'State' || state));
  const cells = rows.map((row) => shown.map(({text}) => text(row)));
  const lines = header ? [shown.map(({title}) => title), ...cells] : cells;
  const widths = shown.map((_, i) => Math.max(0, ...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      shown
        .map(({before, right}, i) => {
          const text = line[i] ?? '';
          const width = widths[i] ?? 0;
          return (i === 0 ? '' : before) + (right ? text.padStart(width) : text.padEnd(width));
        })
        .join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}
