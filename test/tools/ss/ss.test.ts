import {describe, expect, it} from 'vitest';
import {ssMain} from '../../../src/tools/ss/main.js';
import {type Row, table} from '../../../src/tools/ss/print.js';
import {runMain} from '../../memory-io.js';

const ss = (line: string) => runMain(ssMain, [...line.split(' ').filter(Boolean), '--cluster', 'demo']);
const row = (netid: Row['netid'], state: string, send: number, local: string, peer: string): Row => {
  const ends = [local, peer].map((text) => text.split('|')) as [string, string][];
  return {netid, state, receive: 0, send, local: ends[0]!, peer: ends[1]!};
};
const all = {header: true, netid: true, state: true};

// what ss of iproute2 6.1.0 printed for such sockets
describe('columns of ss', () => {
  const sockets = [
    row('tcp', 'LISTEN', 50, '127.0.0.1|80', '0.0.0.0|*'),
    row('tcp', 'ESTAB', 0, '127.0.0.1|45612', '127.0.0.1|80'),
    row('tcp', 'ESTAB', 0, '127.0.0.1|80', '127.0.0.1|45612'),
    row('tcp', 'LISTEN', 128, '*|10250', '*|*'),
  ];

  it('are as wide as their widest text', () => {
    expect(table(sockets, {...all, netid: false})).toBe(
      [
        'State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process',
        'LISTEN 0      50         127.0.0.1:80         0.0.0.0:*           ',
        'ESTAB  0      0          127.0.0.1:45612    127.0.0.1:80          ',
        'ESTAB  0      0          127.0.0.1:80       127.0.0.1:45612       ',
        'LISTEN 0      128                *:10250            *:*           ',
        '',
      ].join('\n'),
    );
    expect(table(sockets.slice(3), all)).toBe(
      [
        'Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess',
        'tcp   LISTEN 0      128                *:10250            *:*          ',
        '',
      ].join('\n'),
    );
  });

  it('shrink without a header', () => {
    expect(table(sockets.slice(1, 3), {header: false, netid: false, state: true})).toBe(
      'ESTAB 0      0      127.0.0.1:45612 127.0.0.1:80   \nESTAB 0      0      127.0.0.1:80    127.0.0.1:45612\n'.replaceAll(
        '0      0      ',
        '0 0 ',
      ),
    );
  });
});

describe('ss', () => {
  it('lists what listens', async () => {
    const {stdout, code} = await ss('-tlnH --pod pod-b');
    expect(code).toBe(0);
    expect(stdout.split(/\s+/)).toEqual(['LISTEN', '0', '4096', '0.0.0.0:8080', '0.0.0.0:*', '']);
    expect((await ss('-ulH --node node1')).stdout.trim().split('\n')).toHaveLength(4);
    expect((await ss('-tl --node node1 -H')).stdout).toMatch(/0\.0\.0\.0:ssh +0\.0\.0\.0:\*/);
    expect((await ss('-tl6H --node node1')).stdout).toBe('');
  });

  it('lists connections of the traffic, and filters them', async () => {
    const lines = (await ss('-tanH --pod pod-a')).stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^TIME-WAIT 0 0 10\.32\.1\.10:\d+ 10\.96\.10\.50:80$/);
    expect((await ss('-tnH --pod pod-a')).stdout).toBe('');
    expect((await ss('-tnH state time-wait dport = :http --pod pod-a')).stdout.split('\n')).toHaveLength(4);
    expect((await ss('-tnH state time-wait dport = :81 --pod pod-a')).stdout).toBe('');
  });

  it('refuses', async () => {
    expect(await ss('-Q')).toMatchObject({
      code: 255,
      stderr: expect.stringMatching(/^ss: invalid option -- 'Q'\nUsage/),
    });
    expect(await ss('-i')).toMatchObject({code: 2, stderr: 'wirelay: ss -i is not supported here\n'});
    expect((await ss('-t src 10.0.0.1')).code).toBe(2);
  });
});
