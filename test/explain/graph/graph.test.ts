/** Pictures of clusters: what is in them, that other programs read them, that nothing overlaps, that names break nothing. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, it} from 'vitest';
import {allPorts, portRange} from '../../../src/control/policy/ports.js';
import {graphAscii} from '../../../src/explain/graph/ascii.js';
import {graphDot, graphDrawio, graphMermaid} from '../../../src/explain/graph/formats.js';
import {type Area, layout} from '../../../src/explain/graph/layout.js';
import {type GraphRequest, runGraph} from '../../../src/explain/graph/main.js';
import {createIds, type Graph} from '../../../src/explain/graph/model.js';
import {graphSvg} from '../../../src/explain/graph/svg.js';
import {twins} from '../../../src/explain/graph/twins.js';
import {takeSessionOptions} from '../../../src/session/options.js';
import {createSession} from '../../../src/session/session.js';
import {kubernetesList} from '../../bench/scale.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';
import {badFlowchartLines, parseXml} from '../well-formed.js';

const base: GraphRequest = {
  picture: 'topology',
  flow: undefined,
  namespace: undefined,
  service: undefined,
  semantics: undefined,
  groupBy: undefined,
  all: false,
  output: 'ascii',
  ascii: false,
  byNode: false,
  byPod: false,
};

async function run(request: Partial<GraphRequest>, argv: readonly string[] = ['--cluster', 'demo']): Promise<string> {
  const io = memoryIo({cwd: process.cwd()});
  const session = await createSession(takeSessionOptions(argv).options, io);
  await runGraph(session, {...base, ...request}, io);
  return io.stdout.text;
}

const folder = mkdtempSync(join(tmpdir(), 'wirelay-graph-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const clusters = [
  'demo',
  ...['dual-stack', 'native', 'nsg', 'policy', 'kube-proxy', 'deep-dive-literal', 'aks-overlay'].map(
    (name) => `fixtures/${name}.yaml`,
  ),
];
const pictures = ['topology', 'reachability', 'stack'] as const;
const formats = ['ascii', 'mermaid', 'dot', 'svg', 'drawio'] as const;

describe('topology', () => {
  it('has the addresses of the cluster, and how they are carried', async () => {
    const text = await run({output: 'mermaid'});
    for (const words of ['10.96.10.50:80/TCP', '10.32.2.20', '10.0.0.6', 'VNet 10.0.0.0/16', 'Geneve over UDP 6081'])
      expect(text).toContain(words);
    expect(text).toContain('service__default__my_svc -->|":8080"| pod__default__pod_b');
    expect(await run({}, ['--cluster', 'fixtures/vxlan.yaml'])).toContain('VXLAN over UDP');
    expect(await run({}, ['--cluster', 'fixtures/native.yaml'])).toContain('no encapsulation');
    expect(await run({}, ['--cluster', 'fixtures/deep-dive-literal.yaml'])).toContain('VNI 1 ');
  });

  it.each(formats)('%s: one pod more changes nothing that is about others', async (output) => {
    if (output === 'svg' || output === 'drawio') return;
    const before = (await run({output})).split('\n');
    const file = join(folder, 'more.yaml');
    writeFileSync(file, 'kind: Pod\nmetadata: {name: new-pod, namespace: other}\nspec: {nodeName: node3}\n');
    const after = new Set((await run({output}, ['--cluster', 'fixtures/demo.yaml', '--cluster', file])).split('\n'));
    const gone = before.filter((line) => !after.has(line));
    expect(gone.length).toBeLessThanOrEqual(output === 'ascii' ? 4 : 0);
  });

  it('is limited to a service, a node, a pod, a namespace', async () => {
    const service = await run({service: 'my-svc'});
    expect(service).toContain('pod-b');
    expect(service).not.toMatch(/pod-a|coredns|node1/);
    expect(service).toContain('Note: only a part of the cluster');
    const node = await run({byNode: true}, ['--cluster', 'demo', '--node', 'node2']);
    expect(node).toContain('coredns-1');
    expect(node).not.toMatch(/pod-a|coredns-2|node3/);
    const pod = await run({byPod: true}, ['--cluster', 'demo', '--pod', 'pod-c']);
    expect(pod).toContain('my-svc');
    expect(pod).not.toMatch(/pod-a|kube-dns/);
    expect(await run({namespace: 'kube-system'})).not.toContain('my-svc');
    await expect(run({service: 'my-svx'})).rejects.toThrow('no service my-svx');
    await expect(run({namespace: 'defaul'})).rejects.toThrow('no namespace defaul');
  });

  it('counts what is too much to draw, unless told otherwise', async () => {
    const file = join(folder, 'big.json');
    writeFileSync(file, JSON.stringify(kubernetesList({nodes: 100, pods: 1000, services: 200})));
    const text = await run({}, ['--cluster', file]);
    expect(text).toContain('100 nodes, 10 pods each');
    expect(text).toContain('1,000 pods summed up');
    expect(text.split('\n').length).toBeLessThan(60);
    const all = await run({all: true, output: 'dot'}, ['--cluster', file]);
    expect(all.match(/^ +pod__\w+ \[label/gm)).toHaveLength(1000);
    expect(all).not.toContain('summed up');
  });

  it('refuses flags that would say nothing', async () => {
    await expect(run({semantics: 'k8s'})).rejects.toThrow('--semantics is for --reachability');
    await expect(run({picture: 'stack', all: true})).rejects.toThrow('--all is not for --stack');
    await expect(run({ascii: true, output: 'svg'})).rejects.toThrow('--plain is for -o ascii');
  });
});

describe('flow', () => {
  it('has each step with its number, on the node where it happens', async () => {
    const flow = {picture: 'flow', flow: 'pod-a my-svc:80'} as const;
    const text = await run({...flow, output: 'mermaid'});
    expect(text.replaceAll('<br/>', ' ')).toContain('2. service 2 forward: 10.96.10.50:80 to 10.32.2.20:8080');
    expect(text).toMatch(/stop__node1 ==>\|"\d+\. node1[^"]*node2"\| stop__VNet/);
    expect(text).toContain('encapsulation: 10.0.0.5');
    expect(badFlowchartLines(text)).toEqual([]);
    const drawn = await run(flow);
    expect(drawn.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(drawn).toContain('Note: answered');
    await expect(run({picture: 'flow', flow: 'pod-a'})).rejects.toThrow('expected FROM TO');
    await expect(run({...flow, all: true})).rejects.toThrow('--all is not for --flow');
    await expect(run({...flow, namespace: 'default'})).rejects.toThrow('a flow is drawn whole');
  });
});

describe('reachability', () => {
  it('has the ports of the matrix', async () => {
    const text = await run({picture: 'reachability', output: 'mermaid'}, ['--cluster', 'fixtures/policy.yaml']);
    expect(text).toContain('workload__default_api_Pod_ -->|"TCP 5432"| workload__default_db_Pod_');
    expect(text).not.toContain('workload__default_web_Pod_ -->|"TCP 5432"|');
  });
});

describe('workloads that no arrow tells apart', () => {
  const connection = (from: string, to: string, port = 0) => ({
    from,
    to,
    ports: port === 0 ? allPorts : portRange('TCP', port, port),
  });
  const titles = ['a', 'b', 'c', 'd', 'e'];

  it('are one class, whether they reach each other or not', () => {
    const all = ['a', 'b', 'c'].flatMap((from) =>
      ['a', 'b', 'c', 'x'].flatMap((to) => (from === to ? [] : [connection(from, to)])),
    );
    const classes = twins(titles, [...all, connection('d', 'x', 80), connection('e', 'x', 80)]);
    expect(classes.get('b')).toEqual(['a', 'b', 'c']);
    expect(classes.get('e')).toEqual(['d', 'e']);
    expect(twins(titles, [...all, connection('d', 'x', 80), connection('e', 'x', 81)]).get('e')).toEqual(['e']);
    expect(twins(titles, all.slice(1)).get('b')).toEqual(['b']);
  });

  it('have one box in a big picture, and no connection gets lost', async () => {
    const file = join(folder, 'open.yaml');
    const pod = (name: string) =>
      `kind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {containers: []}\n---\n`;
    writeFileSync(file, Array.from({length: 9}, (_, i) => pod(`p${i}`)).join(''));
    const text = await run({picture: 'reachability', output: 'mermaid'}, ['--cluster', file]);
    expect(text).toContain('9 workloads that reach each other');
    expect(text.match(/-->/g)).toHaveLength(2);
    expect(text).toContain('9 workloads in 1 box');
    const all = await run({picture: 'reachability', output: 'mermaid', all: true}, ['--cluster', file]);
    expect(all.match(/-->/g)).toHaveLength(9 * 8 + 18);
  });
});

describe('text', () => {
  it.each(clusters)('of %s fits 80 columns, in ASCII too', async (cluster) => {
    for (const picture of pictures)
      for (const ascii of [false, true]) {
        const text = await run({picture, ascii}, ['--cluster', cluster]);
        expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
        if (ascii) expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      }
  });
});

describeWith(['dot', 'expat'], 'other programs read', () => {
  it.each(clusters)('%s', async (cluster) => {
    for (const picture of pictures) {
      const draw = (output: (typeof formats)[number]) => run({picture, output}, ['--cluster', cluster]);
      execFileSync('dot', ['-Tcanon'], {input: await draw('dot'), stdio: ['pipe', 'pipe', 'inherit']});
      parseXml(await draw('svg'));
      parseXml(await draw('drawio'));
      expect(badFlowchartLines(await draw('mermaid'))).toEqual([]);
    }
  });

  it('what has hostile names', () => {
    const names = fc.oneof(
      fc.string({unit: 'binary', maxLength: 30}),
      fc.constantFrom(
        ']]>',
        '"]; end',
        '</title><script>',
        '\\',
        'a\nb',
        '\x1b[2J',
        '%%{init}%%',
        '#quot;',
        '`md`',
        '&amp;',
        'end',
        '\u202e',
      ),
    );
    const graphs = fc.array(fc.tuple(names, fc.array(fc.tuple(names, names), {maxLength: 4})), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(graphs, names, (list, title) => {
        const graph = graphFrom(title, list);
        execFileSync('dot', ['-Tcanon'], {input: graphDot(graph), stdio: ['pipe', 'pipe', 'pipe']});
        parseXml(graphSvg(graph));
        parseXml(graphDrawio(graph));
        expect(badFlowchartLines(graphMermaid(graph))).toEqual([]);
        expect(graphAscii(graph, false)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      }),
      {numRuns: 25},
    );
  });
});

function graphFrom(title: string, list: readonly (readonly [string, readonly (readonly [string, string])[]])[]): Graph {
  const ids = createIds();
  const groups = list.map(([name, boxes], g) => ({
    id: ids('group', name, String(g)),
    title: name,
    boxes: boxes.map(([box, line], i) => ({
      id: ids('pod', name, box, String(i)),
      kind: 'pod' as const,
      title: box,
      lines: [line],
    })),
  }));
  const all = groups.flatMap(({boxes}) => boxes);
  const edges = all.map(({id, title: label}, i) => {
    const to = all[(i + 1) % all.length]!.id;
    return {id: `e${i}`, kind: 'reach' as const, from: id, to, label};
  });
  return {title, description: title, bands: [{id: 'one', title, groups}], edges, notes: [title]};
}

describe('layout', () => {
  it('puts nothing over anything else, and all on the page', () => {
    const sizes = fc.array(fc.array(fc.integer({min: 1, max: 60}), {maxLength: 30}), {minLength: 1, maxLength: 12});
    fc.assert(
      fc.property(sizes, (groups) => {
        const graph = graphFrom(
          't',
          groups.map((boxes, i) => [`group ${i}`, boxes.map((n) => ['x'.repeat(n), 'y'] as const)]),
        );
        const {bands, width, height} = layout(graph);
        const placed = bands.flatMap((band) => band.groups);
        const apart = (list: readonly Area[]) => {
          for (const [i, a] of list.entries())
            for (const b of list.slice(i + 1))
              expect(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height).toBe(
                false,
              );
        };
        apart(placed);
        for (const {boxes, ...group} of placed) {
          apart(boxes);
          for (const box of boxes) expect(within(box, group)).toBe(true);
          expect(within(group, {x: 0, y: 0, width, height})).toBe(true);
        }
      }),
      {numRuns: 40},
    );
  });
});

function within(a: Area, b: Area): boolean {
  return a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
}

describe('ids', () => {
  it('are one for each list of names, and stay', () => {
    const ids = createIds();
    expect(ids('pod', 'a-b', 'c')).toBe('pod__a_b__c');
    expect(ids('pod', 'a.b', 'c')).toBe('pod__a_b__c__2');
    expect(ids('pod', 'a-b', 'c')).toBe('pod__a_b__c');
  });
});
