import {closeSync, existsSync, openSync} from 'node:fs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {FdOutput, WriteError} from '../../src/term/output.js';
import {runToCode} from '../../src/term/process-io.js';
import {tcpdumpMain} from '../../src/tools/tcpdump/main.js';
import {memoryIo} from '../memory-io.js';

/** Linux's device that is always full. */
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('a full disk behind standard output', () => {
  let fd: number;
  let stdout: FdOutput;
  beforeEach(() => {
    fd = openSync(FULL, 'w');
    stdout = new FdOutput(fd, {isTty: false, columns: 80});
  });
  afterEach(() => closeSync(fd));

  it('is told once, and the rest is dropped', () => {
    stdout.write('text\n');
    expect(() => stdout.flush()).toThrow(WriteError);
    expect(stdout.closed).toBe(true);
    stdout.write('more\n');
    stdout.flush();
  });

  it('is a command’s error, not a crash, though only the last flush meets it', async () => {
    const io = {...memoryIo(), stdout};
    const code = await runToCode(
      async () => {
        stdout.write('answer\n');
        return 0;
      },
      [],
      io,
    );
    expect(code).toBe(2);
    expect(io.stderr.text).toBe('wirelay: standard output: no space left on device\n');
  });

  it('is told by tcpdump in its own words, with its own code', async () => {
    const io = {...memoryIo(), stdout};
    expect(await runToCode(tcpdumpMain, ['-nn', '-i', 'eth0', '-c', '1'], io)).toBe(14);
    expect(io.stderr.text).toContain('tcpdump: Unable to write output: No space left on device\n');
  });
});
