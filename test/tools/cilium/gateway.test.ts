/** bpf egress list, bpf ipmasq list: text, JSON, and what is said where there is nothing. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {describe, expect, it} from 'vitest';
import {ciliumMain} from '../../../src/tools/cilium/main.js';
import {runMain} from '../../memory-io.js';

const egress = ['--cluster', resolve('fixtures/egress.yaml')];
const masq = ['--cluster', 'demo', '--set', 'spec.cilium.enable-ip-masq-agent=true'];

describe('bpf egress list', () => {
  it('is a table, or a list of records', async () => {
    const text = await runMain(ciliumMain, ['bpf', 'egress', 'list', ...egress, '--node', 'node3']);
    expect(text.stdout.split('\n')[0]).toBe(
      'Source IP    Destination CIDR   Egress IP   Gateway IP      Egress Ifindex',
    );
    expect(text.stdout).toContain('10.32.1.10   203.0.113.0/24     10.0.0.7    Excluded CIDR   2\n');
    const json = await runMain(ciliumMain, ['bpf', 'egress', 'list', ...egress, '-o', 'json']);
    expect(JSON.parse(json.stdout)[0]).toEqual({
      SourceIP: '10.32.1.10',
      DestCIDR: '0.0.0.0/0',
      EgressIP: '0.0.0.0',
      GatewayIP: '10.0.0.7',
      Ifindex: 0,
    });
  });

  it('has the entries of both families, and none of a policy that agents refuse', async () => {
    const fixture = resolve('fixtures/egress-dual-stack.yaml');
    const list = ['bpf', 'egress', 'list', '--node', 'node2', '--cluster'];
    const {stdout} = await runMain(ciliumMain, [...list, fixture]);
    expect(stdout.split('\n').slice(1)).toEqual([
      '10.32.1.10       0.0.0.0/0           10.0.0.6     10.0.0.6        2',
      'fd00:32:0:1::a   ::/0                fd00:10::6   10.0.0.6        2',
      'fd00:32:0:1::a   2001:db8:bad::/48   fd00:10::6   Excluded CIDR   2',
      '',
    ]);
    const directory = mkdtempSync(join(tmpdir(), 'egress-'));
    const broken = join(directory, 'broken.yaml');
    const text = readFileSync(fixture, 'utf8').replace('[0.0.0.0/0, "::/0"]', '["::/0"]');
    writeFileSync(broken, text.replace('  egressGateway:\n', '  egressGateway:\n    egressIP: 10.0.0.6\n'));
    const refused = await runMain(ciliumMain, [...list, broken]);
    rmSync(directory, {recursive: true});
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toContain('IPv4 egress IP 10.0.0.6 cannot be used with only IPv6 destination CIDRs');
    expect(refused.stderr).toContain('No entries found.');
  });

  it('says that the maps are not there, or are empty', async () => {
    const without = await runMain(ciliumMain, ['bpf', 'egress', 'list', '--cluster', 'demo']);
    expect([without.code, without.stdout, without.stderr]).toEqual([0, '', 'Cannot find egress gateway bpf maps\n']);
    const empty = await runMain(ciliumMain, [
      'bpf',
      'egress',
      'list',
      '--cluster',
      'demo',
      '--set',
      'spec.cilium.enable-egress-gateway=true',
    ]);
    expect([empty.stdout, empty.stderr]).toEqual(['', 'No entries found.\n']);
  });
});

describe('bpf ipmasq list', () => {
  it('lists the ranges of the families that are masqueraded', async () => {
    const {stdout} = await runMain(ciliumMain, ['bpf', 'ipmasq', 'list', ...masq]);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['IP PREFIX/ADDRESS   ', '10.0.0.0/8               ']);
    expect(stdout).toContain('169.254.0.0/16');
    expect(stdout).not.toContain('fe80');
    const json = await runMain(ciliumMain, [
      'bpf',
      'ipmasq',
      'list',
      ...masq,
      '--set',
      'spec.ipMasqAgent.masqLinkLocal=true',
      '-o',
      'json',
    ]);
    expect(JSON.parse(json.stdout)).not.toContain('169.254.0.0/16');
  });

  it('says that there are none', async () => {
    expect((await runMain(ciliumMain, ['bpf', 'ipmasq', 'list', '--cluster', 'demo'])).stderr).toBe(
      'No entries found.\n',
    );
  });
});
