/** Error texts as spf13/cobra and pflag print them. */
import {describe, expect, it} from 'vitest';
import {ciliumMain} from '../../../src/tools/cilium/main.js';
import {runMain} from '../../memory-io.js';
import {cilium, commandRows} from './lab.js';

describe('cilium-dbg command line', () => {
  it('an unknown command gets suggestions and a pointer to the help', async () => {
    expect(await cilium('servce', 'list')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error: unknown command "servce" for "cilium-dbg"\n\nDid you mean this?\n\tservice\n\nRun \'cilium-dbg --help\' for usage.\n',
    });
    expect((await cilium('xyzzy')).stderr).toBe(
      'Error: unknown command "xyzzy" for "cilium-dbg"\nRun \'cilium-dbg --help\' for usage.\n',
    );
  });

  it.each([
    [['service', 'list', '--foo'], 'unknown flag: --foo'],
    [['service', 'list', '--foo=1'], 'unknown flag: --foo'],
    [['service', 'list', '-x'], "unknown shorthand flag: 'x' in -x"],
    [['ip', 'list', '-nx'], "unknown shorthand flag: 'x' in -x"],
    [['service', 'list', '-o'], "flag needs an argument: 'o' in -o"],
    [['service', 'list', '--output'], 'flag needs an argument: --output'],
    [['status', '--timeout', 'soon'], 'invalid argument "soon" for "--timeout" flag: time: invalid duration "soon"'],
    [['status', '--timeout', '3'], 'invalid argument "3" for "--timeout" flag: time: missing unit in duration "3"'],
    [
      ['status', '--brief=maybe'],
      'invalid argument "maybe" for "--brief" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['service', 'list', '--=x'], 'bad flag syntax: --=x'],
  ])('%j', async (argv, message) => {
    const {code, stdout, stderr} = await cilium(...argv);
    expect(stderr.split('\n')[0]).toBe(`Error: ${message}`);
    expect(stderr).toContain(
      `\nUsage:\n  cilium-dbg ${argv
        .filter((word) => !word.startsWith('-'))
        .slice(0, argv[0] === 'status' ? 1 : 2)
        .join(' ')}`,
    );
    expect([code, stdout]).toEqual([1, '']);
  });

  it('flags may stand anywhere, joined, with = or behind their command', async () => {
    const expected = (await cilium('ip', 'list', '-n', '-v', '-o', 'json')).stdout;
    expect((await cilium('ip', 'list', '-nvojson')).stdout).toBe(expected);
    expect((await cilium('ip', '-o=json', 'list')).stdout).toBe((await cilium('ip', 'list', '-o', 'json')).stdout);
    expect((await cilium('ip', 'ls', '-n=true', '--verbose', '-o=json')).stdout).toBe(expected);
    expect((await cilium('ip', 'list', '--output', 'json', '--', '-x')).stdout).toBe(expected);
  });

  it('a group prints its help', async () => {
    const {code, stdout} = await cilium('bpf', 'lb');
    expect(code).toBe(0);
    expect(stdout).toBe(`Load-balancing configuration

Usage:
  cilium-dbg bpf lb [command]

Available Commands:
  list        List load-balancing configuration
  maglev      Maglev lookup table

Flags:
  -h, --help   help for lb

Global Flags:
      --config string        Config file (default is $HOME/.cilium.yaml)
  -D, --debug                Enable debug messages
  -H, --host string          URI to server-side API
      --log-driver strings   Logging endpoints to use (example: syslog)
      --log-opt map          Log driver options (example: format=json)

Use "cilium-dbg bpf lb [command] --help" for more information about a command.
`);
  });

  it.each(commandRows.map((row) => row.words))('%s -h has usage and examples', async (words) => {
    const {code, stdout} = await cilium(...words.split(' '), '-h');
    expect(code).toBe(0);
    expect(stdout).toContain(`\nUsage:\n  cilium-dbg ${words}`);
    expect(stdout).toContain('\nExamples:\n  cilium-dbg ');
    expect(stdout).toContain('\nSimulation (wirelay):\n      --cluster PATH');
  });

  it('help COMMAND is COMMAND --help', async () => {
    for (const words of [[], ['status'], ['bpf', 'lb']])
      expect(await cilium('help', ...words)).toEqual(await cilium(...words, '--help'));
  });

  it('says what is not here, exit code 2', async () => {
    expect(await cilium('endpoint', 'log', '-v')).toMatchObject({
      code: 2,
      stderr: 'wirelay: cilium-dbg endpoint log is not supported here\n  hint: cilium-dbg -h lists what is\n',
    });
    expect((await cilium('bpf', 'ct', 'flush', 'global')).code).toBe(2);
    expect(await cilium('status', '-H', 'unix:///x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--host is not supported'),
    });
  });

  it('bpf tunnel is gone: the group answers, and a note says where to look', async () => {
    const {code, stdout, stderr} = await cilium('bpf', 'tunnel', 'list');
    expect(code).toBe(0);
    expect(stdout).toContain('Direct access to local BPF maps');
    expect(stderr).toContain('bpf ipcache list');
  });

  it('an unknown format is an error', async () => {
    expect(await cilium('node', 'list', '-o', 'xml')).toEqual({
      code: 1,
      stdout: '',
      stderr: "couldn't find output printer\n",
    });
    expect(await cilium('node', 'list', '-o', 'jsonpath={.a')).toEqual({
      code: 1,
      stdout: '',
      stderr: "Couldn't parse jsonpath expression: 'unclosed action'\n",
    });
  });

  it('no agent with kube-proxy alone', async () => {
    const {code, stdout, stderr} = await runMain(ciliumMain, ['status', '--set', 'spec.profile=kube-proxy'], {
      env: {WIRELAY_CLUSTER: 'demo'},
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Is the agent running?\n');
  });
});
