/** A line on stderr for work that takes over a second; none where stderr is no terminal. */
import {performance} from 'node:perf_hooks';
import type {Output} from '../term/io.js';

const PATIENCE = 1000;
const PERIOD = 200;

export interface Progress {
  /** `text` says how far the work is; it is only asked for when shown. */
  tell(text: () => string): void;
  /** Takes the line away. */
  end(): void;
}

export function startProgress(stderr: Output): Progress {
  if (!stderr.isTty) return {tell: () => {}, end: () => {}};
  let next = performance.now() + PATIENCE;
  let shown = false;
  return {
    tell(text) {
      const now = performance.now();
      if (now < next) return;
      next = now + PERIOD;
      shown = true;
      stderr.write(`\r\x1b[Kwirelay: ${text()}`);
      stderr.flush();
    },
    end() {
      if (shown) stderr.write('\r\x1b[K');
      stderr.flush();
    },
  };
}
