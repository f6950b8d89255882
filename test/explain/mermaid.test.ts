/** Flowcharts and sequence diagrams as mermaid's own parser understands them: each box, arrow and note, with its text. */
import fc from 'fast-check';
import {expect, it} from 'vitest';
import {graphMermaid} from '../../src/explain/graph/formats.js';
import type {Graph} from '../../src/explain/graph/model.js';
import {reachabilityGraph} from '../../src/explain/graph/reachability.js';
import {scopeOf} from '../../src/explain/graph/scope.js';
import {stackGraph} from '../../src/explain/graph/stack.js';
import {topologyGraph} from '../../src/explain/graph/topology.js';
import {ladderOfTrace} from '../../src/explain/ladder/from-trace.js';
import {ladderMermaid} from '../../src/explain/ladder/mermaid.js';
import type {Ladder} from '../../src/explain/ladder/model.js';
import {readQuestion} from '../../src/explain/trace/peers.js';
import {createTracer} from '../../src/explain/trace/trace.js';
import {takeSessionOptions} from '../../src/session/options.js';
import {createSession} from '../../src/session/session.js';
import {sanitize} from '../../src/term/sanitize.js';
import {memoryIo} from '../memory-io.js';
import {decoded, flowchartOf, sequenceOf} from '../mermaid.js';
import {describeWith} from '../oracle.js';

const everything = {boxes: Number.POSITIVE_INFINITY, groups: Number.POSITIVE_INFINITY};
const nothingNamed = {namespace: undefined, service: undefined, node: undefined, pod: undefined};
const open = (name: string) =>
  createSession(takeSessionOptions(['--cluster', `fixtures/${name}.yaml`]).options, memoryIo({cwd: process.cwd()}));

/** Boxes, groups and arrows of the picture are what mermaid has read. */
async function expectRead(graph: Graph): Promise<void> {
  const db = await flowchartOf(graphMermaid(graph));
  const said = (words: string) => sanitize(words).trim();
  const groups = graph.bands.flatMap((band) => band.groups);
  const boxes = groups.flatMap((group) => group.boxes);
  const known = new Set(boxes.map(({id}) => id));
  const vertices = [...db.getVertices().values()].filter(({id}) => known.has(id));
  expect(vertices.map(({id, text = '', classes}) => [id, decoded(text).split('<br/>').map(said), classes])).toEqual(
    boxes.map(({id, kind, title, lines}) => [id, [title, ...lines].map(said), [kind]]),
  );
  expect(db.getEdges().map(({start, end, text}) => [start, end, decoded(text).trim()])).toEqual(
    graph.edges.map(({from, to, label}) => [from, to, said(label)]),
  );
  const drawn = new Map(db.getSubGraphs().map((one) => [one.id, one]));
  for (const {id, title, boxes: inside} of groups)
    if (title !== undefined && inside.length > 0) {
      expect(decoded(drawn.get(id)!.title).trim()).toBe(said(title));
      expect(new Set(drawn.get(id)!.nodes)).toEqual(new Set(inside.map((box) => box.id)));
    }
}

/** Participants, arrows and notes of the ladder are what mermaid has read, in their order. */
async function expectSequence(ladder: Ladder): Promise<void> {
  const drawn = ladderMermaid(ladder);
  const db = await sequenceOf(drawn);
  expect([...db.getActors().keys()]).toEqual(ladder.participants.map((_, i) => `p${i + 1}`));
  const steps = db.getMessages().filter(({from}) => from !== undefined);
  expect(steps.map(({from, to, type}) => [type === 2, from, to, type === 3])).toEqual(
    ladder.steps.map(({kind, from, to, ...step}) => {
      const ends = kind === 'note' ? [Math.min(from, to), Math.max(from, to)] : [from, to];
      return [kind === 'note', ...ends.map((end) => `p${end + 1}`), 'lost' in step && step.lost === true];
    }),
  );
  const written = drawn.split('\n').filter((line) => /^ {2}(p\d|Note)/.test(line));
  expect(steps.map(({message}) => decoded(String(message)))).toEqual(
    written.map((line) => line.slice(line.indexOf(': ') + 2).replace('#58;', ':')),
  );
}

describeWith(['mermaid'], 'mermaid reads', () => {
  it.each(['demo', 'dual-stack', 'native', 'nsg', 'policy', 'kube-proxy', 'deep-dive-literal', 'aks-overlay'])(
    'pictures of %s',
    async (name) => {
      const {control, cluster} = await open(name);
      const scope = scopeOf(cluster, nothingNamed);
      for (const by of ['node', 'namespace'] as const) await expectRead(topologyGraph(control, scope, by, everything));
      await expectRead(reachabilityGraph(cluster, scope, 'cilium', 'namespace', everything));
      await expectRead(stackGraph(control, scope));
    },
  );

  it('boxes with hostile names', async () => {
    const words = fc.oneof(
      fc.string({unit: 'binary', maxLength: 30}),
      fc.string({unit: fc.constantFrom(...'"`#;%&<>{}[]()|\\/-=.~@:_*$ \n'), maxLength: 12}),
      fc.constantFrom(
        '%%{init: {"theme":"dark"}}%%',
        '#quot;',
        'a --> b',
        'end',
        'click a call b()',
        'subgraph x',
        '```',
      ),
      fc.constantFrom(
        'style a fill:#f00;',
        'classDef x fill:#f00;',
        ':::pod',
        '&amp;',
        '`**md**`',
        '<script>',
        '$$x^2$$',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(words, words, words), {minLength: 1, maxLength: 5}), async (list) => {
        const boxes = list.map(([title, line], i) => ({id: `pod__${i}`, kind: 'pod' as const, title, lines: [line]}));
        const edges = list.map(([, , label], i) => ({
          ...{id: `e${i}`, kind: 'reach' as const, label},
          ...{from: `pod__${i}`, to: `pod__${(i + 1) % list.length}`},
        }));
        const bands = [{id: 'one', title: list[0]![0], groups: [{id: 'g', title: list[0]![1], boxes}]}];
        await expectRead({title: 't', description: 'd', bands, edges, notes: [list[0]![2]]});
      }),
      {numRuns: 150},
    );
  });

  it.each([
    ['demo', 'pod-a', 'my-svc:80'],
    ['vxlan', 'pod-a', 'pod-b:8080'],
    ['native', 'pod-a', 'pod-b'],
    ['dual-stack', 'pod-a', '[fd00:32:0:2::14]:8080'],
    ['kube-proxy', 'pod-a', 'my-svc:80'],
  ])('ladders of a trace in %s', async (name, from, to) => {
    const {cluster} = await open(name);
    await expectSequence(ladderOfTrace(createTracer(cluster, false).ask(readQuestion(from, to, cluster))));
  });

  it('ladders with hostile names', async () => {
    const words = fc.oneof(
      fc.string({unit: 'binary', maxLength: 30}),
      fc.string({unit: fc.constantFrom(...'"`#;%&<>{}[]()|\\/-=.~@:_*$+, \n'), maxLength: 12}),
      fc.constantFrom(
        'end',
        'participant p9',
        'loop x',
        '->>p1: x',
        'wrap:',
        'nowrap: x',
        '%%{init}%%',
        'Note over p1: x',
      ),
      fc.constantFrom(
        'as x',
        'rect rgb(0,0,0)',
        '@{ "type": "database" }',
        'links p1: {}',
        '<br/>',
        '#35;',
        '# x',
        ':wrap:x',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, {minLength: 2, maxLength: 4}), words, async (names, text) => {
        const [from, to] = [0, names.length - 1];
        await expectSequence({
          ...{title: text, description: text},
          participants: names.map((name) => ({name, detail: text})),
          steps: [
            {kind: 'note', from, to, text},
            {kind: 'arrow', from, to, text, lost: false, time: 0},
            {kind: 'arrow', from: to, to: from, text, lost: true, time: 1},
          ],
          notes: [text],
        });
      }),
      {numRuns: 150},
    );
  });
});
