/** The terminal as Ink writes to it: the alternate screen, entered and left, and a size that changes when we say so. */
import {EventEmitter} from 'node:events';

/** Alternate screen on and off, erase all, cursor home, show cursor: ECMA-48, xterm's private mode 1049. */
const ENTER = '\x1b[?1049h\x1b[2J\x1b[H';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const ERASE = '\x1b[2J\x1b[H';

/**
 * Stands for stdout. Ink takes a tree as high as the terminal for a full screen and then erases everything, scrollback
 * included, at each update; so it sees a terminal without end and the layout keeps to the real one.
 */
export class ScreenStream extends EventEmitter {
  readonly isTTY = true;
  readonly rows = 100_000;

  constructor(private readonly out: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'isTTY'>) {
    super();
  }

  get columns(): number {
    return this.out.columns || 80;
  }

  write(text: string): boolean {
    return this.out.write(text);
  }

  enter(): void {
    this.out.write(ENTER);
  }

  leave(): void {
    this.out.write(LEAVE);
  }

  erase(): void {
    this.out.write(ERASE);
  }
}
