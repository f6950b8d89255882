/** kube-proxy in IPVS mode: its virtual servers, rules and device as a user sees them, and where connections end up. */
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {ipMain} from '../../../src/tools/ip/main.js';
import {iptablesMain, iptablesSaveMain} from '../../../src/tools/iptables/main.js';
import {ipvsadmMain} from '../../../src/tools/ipvsadm/main.js';
import {pingMain} from '../../../src/tools/ping/main.js';
import {root} from '../../docs/console.js';
import {runMain} from '../../memory-io.js';

const cluster = ['--cluster', join(root, 'fixtures/kube-proxy.yaml'), '--set', 'spec.kubeProxy.mode=ipvs'];
const ipvsadm = (...words: string[]) => runMain(ipvsadmMain, [...cluster, ...words]);
const save = async (...words: string[]) => (await runMain(iptablesSaveMain, ['iptables', ...cluster, ...words])).stdout;
const ten = ['--traffic', 'pod-a -> my-svc:80/http x10 every=100ms'];

/** `Conns` of each real server of my-svc, and of my-svc. */
async function conns(...words: string[]): Promise<readonly number[]> {
  const {stdout} = await ipvsadm('-Ln', '--stats', ...words);
  const lines = /^TCP {2}10\.96\.10\.50:80 .*\n.*\n.*\n/m.exec(stdout)?.[0].trimEnd().split('\n') ?? [];
  return lines.map((line) => Number(/:\d+ +(\d+)/.exec(line)?.[1]));
}

describe('ipvsadm', () => {
  it('-Ln: servers by protocol, address and port, real servers under them', async () => {
    const {stdout, code} = await ipvsadm('-Ln', '--traffic', 'pod-a -> pod-b/icmp x1');
    expect(code).toBe(0);
    expect(stdout).toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.96.0.1:443 rr
  -> 10.0.0.5:6443                Masq    1      0          0         
TCP  10.96.0.10:53 rr
  -> 10.32.1.2:53                 Masq    1      0          0         
  -> 10.32.2.2:53                 Masq    1      0          0         
TCP  10.96.0.10:9153 rr
  -> 10.32.1.2:9153               Masq    1      0          0         
  -> 10.32.2.2:9153               Masq    1      0          0         
TCP  10.96.10.50:80 rr
  -> 10.32.2.20:8080              Masq    1      0          0         
  -> 10.32.3.30:8080              Masq    1      0          0         
UDP  10.96.0.10:53 rr
  -> 10.32.1.2:53                 Masq    1      0          0         
  -> 10.32.2.2:53                 Masq    1      0          0         
`);
  });

  it('takes turns; least connection evens out; a source hash always gives the same', async () => {
    expect(await conns(...ten)).toEqual([10, 5, 5]);
    expect(await conns('--set', 'spec.kubeProxy.scheduler=lc', ...ten)).toEqual([10, 5, 5]);
    const [all, ...each] = await conns('--set', 'spec.kubeProxy.scheduler=sh', ...ten);
    expect([all, Math.max(...each), Math.min(...each)]).toEqual([10, 10, 0]);
  });

  it('affinity is persistence: a template, which ends with its time', async () => {
    const sticky = [
      ...['--set', 'spec.services[0].sessionAffinity=ClientIP', '--set', 'spec.services[0].sessionAffinityTimeout=5'],
      ...['--traffic', 'pod-a -> my-svc:80/http x3 every=4s', '--traffic', 'pod-a -> my-svc:80/http at=20s'],
    ];
    const [all, ...each] = await conns(...sticky);
    expect([all, ...each].toSorted()).toEqual([1, 3, 4]);
    const {stdout} = await ipvsadm('-Ln', ...sticky);
    expect(stdout).toContain('TCP  10.96.10.50:80 rr persistent 5\n');
    const entries = (await ipvsadm('-Lnc', ...sticky)).stdout;
    expect(entries).toMatch(
      /^TCP 00:0\d {2}NONE {8}10\.32\.1\.10:0 {7}10\.96\.10\.50:80 {5}10\.32\.[23]\.[23]0:8080$/m,
    );
    expect(entries.match(/TIME_WAIT/g)).toHaveLength(4);
  });

  it('what it remembers outlives a change of the cluster', async () => {
    const changing = ['--set', 'spec.services[0].sessionAffinity=ClientIP', '--event', 'at=5s restart pod-c'];
    const traffic = ['--traffic', 'pod-a -> my-svc:80/http x3', '--traffic', 'pod-a -> my-svc:80/http x4 at=10s'];
    const {stdout} = await ipvsadm('-Ln', '--stats', ...changing, ...traffic);
    expect(stdout).toMatch(/^TCP {2}10\.96\.10\.50:80 +7 /m);
    expect(stdout).toMatch(/^ {2}-> 10\.32\.2\.20:8080 +7 /m);
  });

  it('-S gives commands that make the same servers', async () => {
    const {stdout} = await ipvsadm('-S', '-n');
    expect(stdout).toContain('-A -t 10.96.10.50:80 -s rr\n-a -t 10.96.10.50:80 -r 10.32.2.20:8080 -m -w 1\n');
    expect((await ipvsadm('-S')).stdout).toContain('-A -t 10.96.10.50:http -s rr\n');
  });

  it.each([['-A'], ['-Ln', '--rate', '--stats'], ['-Lx'], ['list'], ['--foo'], ['-Lnc', '--stats']])(
    '%s %s: told, exit 2',
    async (...words) => {
      const {code, stdout, stderr} = await ipvsadm(...words);
      expect({code, stdout}).toEqual({code: 2, stdout: ''});
      expect(stderr).not.toBe('');
    },
  );

  it('says which program to ask in other modes', async () => {
    const {code, stderr} = await runMain(ipvsadmMain, [...cluster, '--set', 'spec.kubeProxy.mode=nftables', '-Ln']);
    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining('wirelay nft list ruleset')});
  });
});

describe('a node in IPVS mode', () => {
  it('has every service address on kube-ipvs0', async () => {
    const {stdout} = await runMain(ipMain, [...cluster, 'addr', 'show', 'kube-ipvs0']);
    expect(stdout).toMatch(/^3: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default $/m);
    expect(stdout.match(/inet \S+/g)).toEqual(['inet 10.96.0.1/32', 'inet 10.96.0.10/32', 'inet 10.96.10.50/32']);
  });

  it('has as many iptables rules for thirty services as for one', async () => {
    const more = Array.from({length: 29}, (_, i) => ({
      name: `more-${i}`,
      clusterIP: `10.96.20.${i + 1}`,
      selector: {app: 'my-svc'},
      ports: ['80:8080'],
    }));
    const many = more.flatMap((service, i) => ['--set', `spec.services[${i + 1}]=${JSON.stringify(service)}`]);
    const rules = (text: string) => text.match(/^-A /gm)?.length;
    expect(rules(await save(...many))).toBe(rules(await save()));
    expect((await ipvsadm('-Ln', ...many)).stdout.match(/^TCP/gm)).toHaveLength(4 + 29);
  });

  it('masquerades what comes from outside through a node port', async () => {
    const port = ['--set', 'spec.services[0].type=NodePort', '--traffic', '203.0.113.9 -> node/node1:30086/tcp'];
    const text = await save('-t', 'nat', '-c', ...port);
    expect(text).toMatch(
      /^\[1:60\] -A KUBE-NODE-PORT -p tcp .* --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ$/m,
    );
    expect(text).toMatch(/^\[1:60\] -A KUBE-POSTROUTING .* -j MASQUERADE --random-fully$/m);
  });

  it('refuses other ports of a service address, and services without endpoints', async () => {
    const refused = await save('-c', '--traffic', 'pod-a -> 10.96.10.50:81/tcp');
    expect(refused).toMatch(/^\[1:60\] -A KUBE-IPVS-FILTER .* --match-set KUBE-IPVS-IPS dst -j REJECT/m);
    const {stdout} = await runMain(pingMain, [...cluster, '--pod', 'pod-a', '-c1', '10.96.10.50']);
    expect(stdout).toContain('From 10.96.10.50 icmp_seq=1 Destination Port Unreachable');
    const {stdout: counted} = await ipvsadm(
      '-Ln',
      '--set',
      'spec.services[0].selector.app=nobody',
      '--traffic',
      'pod-a -> my-svc:80/tcp',
    );
    expect(counted).toContain('TCP  10.96.10.50:80 rr\nUDP');
  });

  it('drops at the load balancer what is outside of the source ranges', async () => {
    const balanced = [
      ...['--set', 'spec.services[0].type=LoadBalancer', '--set', 'spec.services[0].loadBalancerIP=203.0.113.20'],
      ...['--set', 'spec.services[0].loadBalancerSourceRanges=["198.51.100.0/24"]'],
    ];
    const from = (ip: string) => save('-c', '-t', 'filter', ...balanced, '--traffic', `${ip} -> 203.0.113.20:80/tcp`);
    expect(await from('198.51.100.7')).toMatch(/^\[0:0\] -A KUBE-SOURCE-RANGES-FIREWALL -j DROP$/m);
    expect(await from('192.0.2.1')).not.toMatch(/^\[0:0\] -A KUBE-SOURCE-RANGES-FIREWALL -j DROP$/m);
    const listed = await runMain(iptablesMain, ['iptables', ...cluster, ...balanced, '-nL', 'KUBE-IPVS-OUT-FILTER']);
    expect(listed.stdout).toContain('vproto 6 vaddr 203.0.113.20 vport 80');
  });
});
