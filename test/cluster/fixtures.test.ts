import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {demoCluster, demoSpec} from '../../src/cluster/demo.js';
import {caseJsonSchema, jsonSchema} from '../../src/cluster/schema.js';
import {formatIp, formatPrefix} from '../../src/wire/addr.js';
import {errorText, load} from './load-input.js';

const fixtures = readdirSync('fixtures').filter((name) => name.endsWith('.yaml'));

describe('fixtures', () => {
  it.each(fixtures)('%s loads without a warning and has traffic', async (name) => {
    const cluster = await load([join('fixtures', name)]);
    expect(cluster.notes.filter((note) => note.level !== 'inferred')).toEqual([]);
    expect(cluster.traffic.length).toBeGreaterThan(0);
    expect(cluster.name).toBe(name.replace('.yaml', ''));
    expect(cluster.source).toBe(join('fixtures', name));
  });

  it('differ in what they are for', async () => {
    const byName = Object.fromEntries(
      await Promise.all(
        fixtures.map(async (name) => [name.replace('.yaml', ''), await load([join('fixtures', name)])]),
      ),
    );
    expect(byName.vxlan.cilium).toMatchObject({tunnelProtocol: 'vxlan', tunnelPort: 8472, tunnelOverhead: 50});
    expect(byName.native.cilium).toMatchObject({routingMode: 'native', autoDirectNodeRoutes: true, tunnelOverhead: 0});
    expect(byName['dual-stack'].cilium).toMatchObject({enableIpv4: true, enableIpv6: true, tunnelOverhead: 50});
    expect(byName['kube-proxy']).toMatchObject({dataplane: 'kube-proxy', kubeProxy: {mode: 'iptables'}});
    expect(byName['kube-proxy'].cilium).toMatchObject({kubeProxyReplacement: false, routingMode: 'native'});
    expect(byName['deep-dive-literal']).toMatchObject({tunnelDevice: {name: 'genev_sys_6081', ttl: 'auto'}});
    expect(byName['deep-dive-literal'].cilium).toMatchObject({fixedVni: 1, tunnelPort: 6081});
    const aks = byName['aks-overlay'];
    expect(aks.underlay.routesPodCidrs).toBe(true);
    expect(aks.cilium).toMatchObject({routingMode: 'native', endpointRoutes: true, hostLegacyRouting: true});
    expect(aks.cilium).toMatchObject({ipam: 'delegated-plugin', masquerade4: false, tcx: false});
    expect(aks.nodes[1].routerIps.map(formatIp)).toEqual(['169.254.23.0']);
    expect(aks.nodes[1].healthIps).toEqual([]);
  });
});

describe('broken fixtures', () => {
  it.each(readdirSync('fixtures/broken'))('%s: the text the user reads', async (name) => {
    const text = await errorText(load([join('fixtures/broken', name)]));
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it('are all told at once', async () => {
    const text = await errorText(load(['fixtures/broken/fields.yaml', 'fixtures/broken/pod.json']));
    expect(text).toContain('fields.yaml:6:3: ');
    expect(text).toContain('pod.json:6:88: ');
  });
});

describe('the embedded demo', () => {
  it('is fixtures/demo.yaml', () => {
    const document = parse(readFileSync('fixtures/demo.yaml', 'utf8'));
    expect(document.metadata.name).toBe('demo');
    expect(demoSpec).toEqual(document.spec);
  });

  it('gives the same cluster as the file', async () => {
    const plain = (value: object) =>
      JSON.parse(JSON.stringify(value, (key, item) => (['where', 'source', 'input'].includes(key) ? undefined : item)));
    expect(plain(demoCluster())).toEqual(plain(await load(['fixtures/demo.yaml'])));
  });

  it('has the addresses of the deep-dive', () => {
    const demo = demoCluster();
    const ipOf = (name: string) =>
      demo.pods
        .find((pod) => pod.name === name)!
        .ips.map(formatIp)
        .join();
    expect(demo.nodes.map((node) => [node.name, formatIp(node.ips[0]!), formatPrefix(node.podCidrs[0]!)])).toEqual([
      ['node1', '10.0.0.5', '10.32.1.0/24'],
      ['node2', '10.0.0.6', '10.32.2.0/24'],
      ['node3', '10.0.0.7', '10.32.3.0/24'],
    ]);
    expect([ipOf('pod-a'), ipOf('pod-b'), ipOf('pod-c')]).toEqual(['10.32.1.10', '10.32.2.20', '10.32.3.30']);
    expect(
      demo.services.map((service) => [
        service.name,
        formatIp(service.clusterIps[0]!),
        service.ports[0]!.name,
        ...service.backends.slice(0, 2).map((backend) => `${formatIp(backend.ip)}:${backend.port}`),
      ]),
    ).toEqual([
      ['kubernetes', '10.96.0.1', 'https', '10.32.1.5:6443'],
      ['my-svc', '10.96.10.50', '80-8080', '10.32.2.20:8080', '10.32.3.30:8080'],
      ['kube-dns', '10.96.0.10', 'dns', '10.32.2.3:53', '10.32.3.3:53'],
    ]);
    expect(demo.cilium).toMatchObject({
      tunnelProtocol: 'geneve',
      tunnelPort: 6081,
      socketLb: 'hostns-only',
      version: '1.20.2',
    });
    expect(demo.nodes.map((node) => node.routerIps.map(formatIp).join())).toEqual([
      '10.32.1.1',
      '10.32.2.1',
      '10.32.3.1',
    ]);
  });

  it('needs neither a YAML parser nor the schema: the default command starts fast', () => {
    const seen = new Set<string>();
    const visit = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, from] of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (?!type\b)[^;]*? from '([^']+)'/gm,
      )) {
        if (!from!.startsWith('.'))
          expect([`${file} imports`, from!.startsWith('node:')]).toEqual([`${file} imports`, true]);
        else visit(join(dirname(file), from!.replace(/\.js$/, '.ts')));
      }
    };
    visit('src/cluster/load.ts');
    expect([...seen]).toContain('src/cluster/demo.ts');
    expect([...seen]).not.toContain('src/cluster/schema.ts');
  });
});

describe('schema', () => {
  it('is published as it is', () => {
    const published = JSON.parse(readFileSync('schema/cluster.schema.json', 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
    const cases = JSON.parse(readFileSync('schema/case.schema.json', 'utf8'));
    expect(cases).toEqual(JSON.parse(JSON.stringify(caseJsonSchema())));
  });

  it('describes every field', () => {
    const bare: string[] = [];
    const visit = (schema: {properties?: Record<string, {description?: string}>}, path: string) => {
      for (const [key, field] of Object.entries(schema.properties ?? {})) {
        const here = `${path}.${key}`;
        if (!field.description && !path.endsWith('.cilium') && !path.endsWith('.metadata')) bare.push(here);
        visit(field as typeof schema, here);
      }
    };
    visit(jsonSchema() as Parameters<typeof visit>[0], '');
    expect(bare).toEqual([]);
  });
});
