import {describe, expect, it} from 'vitest';
import {ncMain} from '../../../src/tools/nc/main.js';
import {runMain} from '../../memory-io.js';

const nc = (line: string, stdin = '') =>
  runMain(ncMain, [...line.split(' ').filter(Boolean), '--pod', 'pod-a', '--cluster', 'demo'], {
    readStdin: () => new TextEncoder().encode(stdin),
  });

describe('nc', () => {
  it('scans TCP ports', async () => {
    expect(await nc('-zv my-svc 80')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Connection to my-svc (10.96.10.50) 80 port [tcp/http] succeeded!\n',
    });
    const {code, stderr} = await nc('-zvn 10.32.2.20 8081-8079');
    expect(code).toBe(0);
    expect(stderr.split('\n')).toEqual([
      'nc: connect to 10.32.2.20 port 8079 (tcp) failed: Connection refused',
      'Connection to 10.32.2.20 8080 port [tcp/*] succeeded!',
      'nc: connect to 10.32.2.20 port 8081 (tcp) failed: Connection refused',
      '',
    ]);
    expect(await nc('-z 10.32.2.20 8081')).toEqual({code: 1, stdout: '', stderr: ''});
  });

  it('asks UDP ports, and takes silence for an answer', async () => {
    expect((await nc('-zvu 10.96.0.10 domain')).stderr).toBe(
      'Connection to 10.96.0.10 53 port [udp/domain] succeeded!\n',
    );
    expect(await nc('-zvu 10.32.2.20 54')).toEqual({code: 1, stdout: '', stderr: ''});
  });

  it('sends standard input and prints what comes back', async () => {
    expect(await nc('-N pod-b 8080', 'hi\nthere\n')).toEqual({code: 0, stdout: 'hi\nthere\n', stderr: ''});
    expect(await nc('-q 1 pod-b 8080', 'hi\n')).toEqual({code: 0, stdout: 'hi\n', stderr: ''});
    expect(await nc('-w 1 pod-b 8080', 'hi\n')).toEqual({code: 0, stdout: 'hi\n', stderr: ''});
    expect(await nc('-W 1 pod-b 8080', 'hi\n')).toEqual({code: 0, stdout: 'hi\n', stderr: ''});
    expect((await nc('-NC pod-b 8080', 'a\nb\r\n')).stdout).toBe('a\r\nb\r\n');
    expect((await nc('-N my-svc 80', 'GET / HTTP/1.0\r\n\r\n')).stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Hello/);
    const large = 'x'.repeat(300_000);
    expect((await nc('-N pod-b 8080', large)).stdout).toBe(large);
    expect((await nc('pod-b 8080', 'hi\n')).stderr).toMatch(/^wirelay: nothing more comes/);
  });

  // as netcat-openbsd 1.219-1 has them
  it.each([
    ['10.32.2.20', 'nc: missing port number'],
    ['-w x 10.32.2.20 80', 'nc: timeout invalid: x'],
    ['-w -1 10.32.2.20 80', 'nc: timeout too small: -1'],
    ['-q x 10.32.2.20 80', 'nc: quit timer invalid: x'],
    ['-W 0 10.32.2.20 80', 'nc: receive limit too small: 0'],
    ['10.32.2.20 nosuch', 'nc: port number invalid: nosuch'],
    ['10.32.2.20 0', 'nc: port number too small: 0'],
    ['10.32.2.20 70000', 'nc: port number too large: 70000'],
    ['10.32.2.20 80-', 'nc: port number invalid: '],
    ['10.32.2.20 http-81', 'nc: port number invalid: http-81'],
    ['10.32.2.20 80,81', 'nc: port number invalid: 80,81'],
    ['-n no.such 80', 'nc: getaddrinfo for host "no.such" port 80: Name or service not known'],
    ['-z nosuch 80', 'nc: getaddrinfo for host "nosuch" port 80: Name or service not known'],
    ['-6 10.32.2.20 80', 'nc: getaddrinfo for host "10.32.2.20" port 80: Address family for hostname not supported'],
  ])('refuses `nc %s`', async (line, text) => {
    expect(await nc(line)).toEqual({code: 1, stdout: '', stderr: `${text}\n`});
  });

  it('refuses what it does not have', async () => {
    expect(await nc('-l 8080')).toMatchObject({code: 2, stderr: expect.stringContaining('nc -l is not supported')});
    expect((await nc('-Q')).stderr).toMatch(/^nc: invalid option -- 'Q'\nusage: nc /);
    expect((await nc('-w')).stderr).toMatch(/^nc: option requires an argument -- 'w'\nusage: nc /);
  });
});
