/** Options, error texts and exit codes, against the installed tcpdump 4.99.3. */
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {describeWith} from '../../oracle.js';
import {makeCaptures, ourTcpdump, realTcpdump, temporaryFolder} from './programs.js';

/** `F` stands for a capture; words are split at blanks. */
const lines = `
-k
-c
--foo
--no
--num=3 -r F
--snapshot-length
--count=3
-Y
-c 0 -r F
-c 5x -r F --count
-s 9x
-s 0x10 -d ip
-Q foo
-T foo
-y FOO
-y RAW -d
-j foo
-B 0
-C 0
-C x
-C 99999999999999999999
-C 9223372036854775807
-G x -r F --count
-W 0
-m x -r F -c 1 -nn
-r /nonexistent
-r /tmp
-r F -V F
-V /nonexistent
-f -r F
-tttttt -r F
--time-stamp-precision=pico -r F
-r F -c 1 -n -- udp port 9000
-r F udp -c 1 -n port 9000
-F /nonexistent -r F
-a -r F -c 1 -nn
--fp-type
-ddd port 53
-d
-dd tcp
-y EN10MB -d ip
-w /nonexistent/x -r F
-w /dev/null -r F
-h
--versio
-r /dev/null
-nnrF
-nn -rF -c3 --num
-r F -nn tcp and udp
-r F -nn foo bar
-r F -nn -vvv -e -XX udp
-r F --nano -nn -c 2
-r F --nan -tt -nn -c 2
-r F -c 3 -nn -w -
-r F -c 3 -nn --nano -w -
-r F -nn --print -w /dev/null -c 3
-nn -r /etc/passwd
-d -r F udp port 53
-r F --count tcp
-r F --count -c 1
-r F -c 8
-r F -e -c 4
-r F -N -e -v
-r F -nn -c
-nn -#r F -c2
-r F -vvvnnttttXX -c 4
-r F -nn -l -c 2
`
  .trim()
  .split('\n');

describeWith(['tcpdump', 'scapy'], 'tcpdump command line, against tcpdump 4.99.3', () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'udp.pcap');

  beforeAll(() => {
    makeCaptures(folder.path);
  });
  afterAll(folder.remove);

  it.each(lines)('%s', async (line) => {
    const args = line.split(' ').map((word) => word.replace(/F$/, file));
    expect(await ourTcpdump(args, folder.path)).toEqual(realTcpdump(args));
  });

  it('reads a list of files, and counts over all of them', async () => {
    const list = join(folder.path, 'list');
    writeFileSync(list, `${file}\n${join(folder.path, 'tcp.pcap')}\n`);
    for (const options of [['-nn', '-t'], ['--count'], ['-nn', '-c', '3', '-#']]) {
      const args = ['-V', list, ...options];
      expect(await ourTcpdump(args, folder.path)).toEqual(realTcpdump(args));
    }
  });

  it('takes the filter from a file', async () => {
    const filter = join(folder.path, 'filter');
    writeFileSync(filter, 'udp # only these\nand port 9000');
    const args = ['-r', file, '-nn', '-F', filter, 'tcp'];
    expect(await ourTcpdump(args, folder.path)).toEqual(realTcpdump(args));
  });

  it('rotates files by size, with names and contents as tcpdump', async () => {
    const big = join(folder.path, 'big.capture');
    const one = readFileSync(join(folder.path, 'icmp6.pcap'));
    writeFileSync(big, Buffer.concat([one, ...Array.from({length: 25}, () => one.subarray(24))]));
    const made = (who: string) => {
      const to = join(folder.path, who);
      return Object.fromEntries(readdirSync(to).map((name) => [name, readFileSync(join(to, name)).toString('base64')]));
    };
    for (const who of ['ours', 'real']) mkdirSync(join(folder.path, who));
    const args = (who: string) => ['-r', big, '-Z', 'root', '-C', '1', '-W', '12', '-w', join(folder.path, who, 'x')];
    await ourTcpdump(args('ours'), folder.path);
    realTcpdump(args('real'));
    expect(Object.keys(made('real')).length).toBeGreaterThan(1);
    expect(made('ours')).toEqual(made('real'));
  });
});

describe('tcpdump options that are not supported', () => {
  it.each([['-H'], ['-u'], ['-z gzip'], ['-E 3des:x'], ['-M secret'], ['-I'], ['-T rtp']])(
    '%s is refused with status 2',
    async (line) => {
      const {stderr, status, stdout} = await ourTcpdump([...line.split(' '), '-r', '/dev/null']);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^tcpdump: -\w.* is not supported here: /);
      expect(stdout).toBe('');
    },
  );
});
