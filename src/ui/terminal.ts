/** The terminal as Ink writes to it: the alternate screen, entered and left, on which each picture replaces the one before. */
import {EventEmitter} from 'node:events';

/** Alternate screen, erase, cursor home and hidden, no wrapping at the edge: ECMA-48, xterm's private modes 1049, 25, 7. */
const ERASE = '\x1b[2J\x1b[H';
const ENTER = `\x1b[?1049h${ERASE}\x1b[?25l\x1b[?7l`;
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Synchronized update, mode 2026: the terminal shows nothing half done. Others ignore it. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

export type TerminalOutput = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>;

/**
 * Stands for stdout. Only lines that differ are written, each at its own place: nothing scrolls or flickers, little goes over
 * the wire, and the last line can be used. (Ink's own full screen mode erases the terminal and its scrollback at each update.)
 */
export class ScreenStream extends EventEmitter {
  readonly isTTY = true;
  /** Ink need not know where the screen ends, nor hear of resizes: the layout does. */
  readonly rows = 100_000;
  private lines: readonly string[] = [];

  constructor(private readonly out: TerminalOutput) {
    super();
  }

  get columns(): number {
    return this.out.columns || 80;
  }

  /** A whole picture. */
  write(picture: string): boolean {
    if (picture === '') return true;
    // what is below the last line would overwrite it
    const next = picture.split('\n').slice(0, this.out.rows || undefined);
    const changes: string[] = [];
    for (let row = 0; row < Math.max(next.length, this.lines.length); row++) {
      const line = next[row] ?? '';
      // erased first: behind a line as wide as the screen the cursor stands on its last character
      if (line !== this.lines[row]) changes.push(`\x1b[${row + 1};1H\x1b[0m\x1b[2K${line}`);
    }
    this.lines = next;
    return changes.length === 0 || this.out.write(BEGIN + changes.join('') + END);
  }

  enter(): void {
    this.out.write(ENTER);
  }

  leave(): void {
    this.out.write(LEAVE);
  }

  /** Forgets what is on the screen: after a resize the terminal has moved it about. */
  erase(): void {
    this.lines = [];
    this.out.write(ERASE);
  }
}
