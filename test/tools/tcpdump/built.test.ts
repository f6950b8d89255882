/** The built program, whose small part for capture files stands beside the whole: the two must not be told apart. */
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {tcpdumpMain} from '../../../src/tools/tcpdump/main.js';
import {runMain} from '../../memory-io.js';
import {temporaryFolder} from './programs.js';

const start = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const folder = temporaryFolder();
const file = join(folder.path, 'written.pcap');

/** `F` stands for a capture of the embedded demo. */
const lines = [
  '-nn -r F',
  '-r F -e -vv udp',
  '-r F --count geneve',
  '-r F host pod-a',
  '-nn -r F -w /dev/null --print -c 3',
  '-nn -r F --cluster demo host pod-a',
  '-r F --cluster demo -c 4',
  '-r F --annotate --cluster demo -c 2',
  '-r F --json -c 2',
  '-r F --vxlan-port 6081 -c 2',
  '-r F --follow-flow',
  '-V /nonexistent',
  '-r /nonexistent',
  '-r F foo bar',
  '-d udp port 6081',
  '-d --json udp',
  '-ddd -y RAW tcp',
  '-D',
  '-i eth0 -c 2 -nn',
  '--version',
  '-h',
  '-k',
  '-r F --output xml',
  '-r F --seed x',
];

describe('the built tcpdump', () => {
  beforeAll(async () => {
    const made = await runMain(tcpdumpMain, ['-i', 'eth0', '-w', file], {cwd: folder.path});
    expect(made.code, made.stderr).toBe(0);
  });
  afterAll(folder.remove);

  const built = (line: string, env: NodeJS.ProcessEnv = {}) => {
    const {stdout, stderr, status} = spawnSync(process.execPath, [start, 'tcpdump', ...words(line)], {
      cwd: folder.path,
      env: {PATH: process.env.PATH, TZ: 'UTC', ...env},
      encoding: 'utf8',
    });
    return {code: status, stdout, stderr};
  };
  const words = (line: string) => line.split(' ').map((word) => (word === 'F' ? file : word));

  it.each(lines)('tcpdump %s', async (line) => {
    const whole = await runMain(tcpdumpMain, words(line), {cwd: folder.path});
    expect(built(line)).toEqual(whole);
  });

  it('takes names from a cluster that is found', async () => {
    const env = {WIRELAY_CLUSTER: 'demo'};
    const whole = await runMain(tcpdumpMain, words('-r F -c 5'), {cwd: folder.path, env});
    expect(built('-r F -c 5', env)).toEqual(whole);
    writeFileSync(join(folder.path, 'wirelay.yaml'), 'no: definition\n');
    const broken = built('-r F -c 5');
    expect(broken.code).not.toBe(0);
    expect(broken.stderr).toContain('wirelay.yaml:1');
    expect(built('-nn -r F -c 5').code).toBe(0);
  });

  it('leaves --help to the whole program', () => {
    expect(built('--help').stdout).toContain('tcpdump');
    expect(built('-r F --help').stdout).toBe(built('--help').stdout);
  });
});
