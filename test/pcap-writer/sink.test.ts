/** A final name never holds half a file. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {build} from 'esbuild';
import {describe, expect, it} from 'vitest';
import {CaptureError, fileSink, PcapWriter} from '../../src/pcap-writer/index.js';
import {folder, plainFrame} from './files.js';

const file = folder();

function place(name: string): {path: string; list: () => string[]} {
  const path = file(name);
  mkdirSync(path);
  return {path: join(path, 'out.pcap'), list: () => readdirSync(path)};
}

describe('fileSink', () => {
  it('shows the file when it is closed, not before', () => {
    const {path, list} = place('close');
    const sink = fileSink(path);
    sink.write(Uint8Array.of(1, 2));
    sink.write(Uint8Array.of(3));
    expect(existsSync(path)).toBe(false);
    sink.close();
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(list()).toEqual(['out.pcap']);
  });

  it('abort leaves what was there', () => {
    const {path, list} = place('abort');
    writeFileSync(path, 'before');
    const sink = fileSink(path);
    sink.write(Uint8Array.of(1));
    sink.abort();
    sink.close();
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(list()).toEqual(['out.pcap']);
  });

  it('two at once for one name: the last to close wins, whole', () => {
    const {path, list} = place('two');
    const sinks = [fileSink(path), fileSink(path)] as const;
    sinks[0].write(Uint8Array.of(1, 1));
    sinks[1].write(Uint8Array.of(2));
    sinks[1].close();
    sinks[0].close();
    expect([...readFileSync(path)]).toEqual([1, 1]);
    expect(list()).toEqual(['out.pcap']);
  });

  it('keeps the mode of an existing file and the target of a link', () => {
    const {path} = place('mode');
    writeFileSync(path, 'before');
    chmodSync(path, 0o640);
    const link = `${path}.link`;
    symlinkSync('out.pcap', link);
    const sink = fileSink(link);
    sink.write(Uint8Array.of(7));
    sink.close();
    expect(readlinkSync(link)).toBe('out.pcap');
    expect([...readFileSync(path)]).toEqual([7]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('writes to what is no file directly', () => {
    const sink = fileSink('/dev/null');
    sink.write(Uint8Array.of(7));
    sink.close();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('takes the longest name that the system takes', () => {
    const {path, list} = place('long');
    const name = 'é'.repeat(127);
    const sink = fileSink(join(path, '..', name));
    sink.close();
    expect(list()).toEqual([name]);
  });

  it('says what the system says', () => {
    const {path} = place('errors');
    const attempt = (name: string) => {
      try {
        fileSink(name);
        return '';
      } catch (error) {
        return error instanceof CaptureError ? `${error.code} ${error.message}` : String(error);
      }
    };
    expect(attempt(`${path}/below`)).toBe(`ENOENT ${path}/below: No such file or directory`);
    writeFileSync(path, '');
    expect(attempt(`${path}/below`)).toBe(`ENOTDIR ${path}/below: Not a directory`);
    expect(attempt(join(path, '..'))).toBe(`EISDIR ${join(path, '..')}: Is a directory`);
  });
});

describe('a writer that is killed', () => {
  it('leaves no file under the final name', async () => {
    const {path} = place('killed');
    const script = file('killed.mjs');
    await build({
      stdin: {
        contents: `
          import {fileSink, PcapWriter} from './src/pcap-writer/index.js';
          const writer = new PcapWriter(fileSink(process.argv[2]));
          const frame = new Uint8Array(1000);
          for (let i = 0; i < 5000; i++) writer.packet(i, 0, frame);
          process.stdout.write('written');
          setInterval(() => {}, 1000);`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const child = spawn(process.execPath, [script, path], {stdio: ['ignore', 'pipe', 'inherit']});
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path)).toBe(false);
    // The next writer is not in its way.
    const writer = new PcapWriter(fileSink(path));
    writer.packet(0, 0, plainFrame(1));
    writer.close();
    expect(statSync(path).size).toBe(24 + 16 + 15);
  });
});
