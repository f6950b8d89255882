/**
 * Where the panes are.
 *
 *   80 columns                          120 columns and more
 *   title                               title
 *   cluster │ frames                    cluster │ frames   │ packet
 *           │ packet                            │          │
 *   hops                                hops
 *   status                              status
 */
export interface Pane {
  readonly width: number;
  /** Rows, the heading included. */
  readonly height: number;
}

export interface Layout {
  readonly columns: number;
  readonly wide: boolean;
  readonly cluster: Pane;
  readonly frames: Pane;
  readonly packet: Pane;
  readonly hops: Pane;
}

export const MIN_COLUMNS = 80;
export const MIN_ROWS = 24;
const WIDE = 120;

/** undefined where the terminal is too small. */
export function layOut(columns: number, rows: number): Layout | undefined {
  if (columns < MIN_COLUMNS || rows < MIN_ROWS) return undefined;
  const body = rows - 2;
  const wide = columns >= WIDE;
  const hops = {width: columns, height: Math.min(14, Math.max(7, Math.floor(body / 3.5)))};
  const above = body - hops.height;
  if (wide) {
    const cluster = {width: Math.min(30, Math.floor(columns / 5.5)), height: above};
    const packet = {width: columns >= 190 ? 76 : Math.min(64, Math.max(56, Math.floor(columns * 0.36))), height: above};
    const frames = {width: columns - cluster.width - packet.width - 2, height: above};
    return {columns, wide, cluster, frames, packet, hops};
  }
  const cluster = {width: 18, height: above};
  const width = columns - cluster.width - 1;
  const frames = {width, height: Math.ceil(above / 2)};
  return {columns, wide, cluster, frames, packet: {width, height: above - frames.height}, hops};
}

/** The first of `count` rows to show in `height` lines so that `cursor` is in the middle where possible. */
export function firstVisible(cursor: number, count: number, height: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(height / 2), count - height));
}
