/** `--update`: what failed is put right in place, and nothing else in the file moves. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseDocument} from '../../../src/cluster/yaml.js';
import type {Check} from '../../../src/explain/test/model.js';
import {updateText} from '../../../src/explain/test/update.js';
import {folderWith} from '../../cluster/load-input.js';
import {test} from './run-test.js';

const before = `# A case with everything that a person writes around values.
apiVersion: wirelay.dev/v1alpha1
kind: Case   # not a Cluster
metadata: {name: update}
spec:
  cluster: demo
  expect:

    - flow: pod-a -> pod-b/icmp      # ping
      verdict:   unreachable   # wrong
      ttl: 1
      vni: 2161     # right
      source: "10.9.9.9"
      dnat: 'none'
    - {flow: "pod-a -> my-svc:80 x100", verdict: 'drop', backends: [pod-b], dnat: [10.0.0.1, pod-a:1]}
    # shares
    - flow: pod-a -> my-svc:80 x100
      backends:
        pod-b: 99%   # most
        pod-c: 1
      tolerance: 2
    - flow: pod-a -> my-svc:8080 x2
      verdict: allow
    - frames: {at: "pod-b:eth0", filter: icmp, count: 3}
    - frames:
        - at: node1:eth0
          filter: udp port 6081
          max: 1 # few
    - command: kubectl get ns -o name
      equals: |
        namespace/gone

        # inside

      # behind
    - {command: kubectl get ns default -o name, equals: nothing}
    - command: kubectl get pods nobody
      exit: 0
      stderr:
        equals: none
`;

describe('--update', () => {
  it('puts values right and leaves the rest as it is', async () => {
    const cwd = folderWith({'a.yaml': before});
    expect((await test(cwd, ['a.yaml'])).code).toBe(1);
    const {code, stdout, stderr} = await test(cwd, ['a.yaml'], {update: true});
    const after = readFileSync(join(cwd, 'a.yaml'), 'utf8');
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).toContain('a.yaml:10:18: verdict: updated to reachable\n');
    expect(after).toContain(
      '      verdict:   reachable   # wrong\n      ttl: 63\n      vni: 2161     # right\n      source: "kept"\n',
    );
    expect(after).toContain("verdict: 'allow', backends: [default/pod-b, default/pod-c], dnat: 10.32.");
    expect(after).toMatch(/pod-b: \d+% {3}# most\n {8}pod-c: \d+\n/);
    expect(after).toMatch(/equals: \|\n {8}namespace\/default\n {8}namespace\/kube-system\n/);
    expect(after).toContain(
      '      # behind\n    - {command: kubectl get ns default -o name, equals: "namespace/default\\n"}\n',
    );
    expect(after).toMatch(/max: \d+ # few/);
    expect(after).toContain(
      'stderr:\n        equals: |\n          Error from server (NotFound): pods "nobody" not found\n',
    );
    const kept = before
      .split('\n')
      .filter((line) => /#|cluster|tolerance|at: node1|flow: pod/.test(line) && !/wrong|most|few|inside/.test(line));
    for (const line of kept) expect(after.split('\n')).toContain(line);
    const again = await test(cwd, ['a.yaml'], {update: true});
    expect(again).toMatchObject({code: 0, stderr: ''});
    expect(readFileSync(join(cwd, 'a.yaml'), 'utf8')).toBe(after);
  });

  it('works in JSON, with carriage returns, and in a definition', async () => {
    const json = JSON.stringify(
      {
        apiVersion: 'wirelay.dev/v1alpha1',
        kind: 'Case',
        spec: {cluster: 'demo', expect: [{flow: 'pod-a -> pod-b', ttl: 9, verdict: 'deny'}]},
      },
      null,
      1,
    );
    const own = readFileSync('fixtures/cases/policy.yaml', 'utf8')
      .replace('verdict: deny, by: api', 'verdict: allow, by: x')
      .replace('reason: 133', 'reason: 130');
    const cwd = folderWith({
      'a.json': json.replace('"ttl": 9,', '').replace('"deny"', '"refused", "ttl": 9'),
      'b.yaml': before.replaceAll('\n', '\r\n'),
      'c.yaml': own.replace(', reason: 130', ''),
    });
    const {code, stdout, stderr} = await test(cwd, ['.'], {update: true});
    expect(code, stdout + stderr).not.toBe(2);
    expect(JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8')).spec.expect[0]).toEqual({
      flow: 'pod-a -> pod-b',
      verdict: 'answered',
      ttl: 63,
    });
    expect(readFileSync(join(cwd, 'b.yaml'), 'utf8')).toContain('      verdict:   reachable   # wrong\r\n');
    expect(readFileSync(join(cwd, 'c.yaml'), 'utf8')).toContain(
      'verdict: deny, by: NetworkPolicy default/api, at: node2}'.replace(', at', ', at'),
    );
  });

  it('writes lists as they were written, and one value for several that were possible', async () => {
    const text = before.replace(
      / {2}expect:[\s\S]*/,
      '  expect:\n    - flow: pod-a -> my-svc:80 x50\n      backends:\n        - pod-b # one\n      # between\n      dnat:\n      - 10.0.0.1\n      - pod-a\n      verdict: answered # yes\n    - {flow: pod-a -> pod-b, dnat: [pod-c], ttl: 1}\n',
    );
    const cwd = folderWith({'a.yaml': text});
    const {code, stdout, stderr} = await test(cwd, ['a.yaml'], {update: true});
    const after = readFileSync(join(cwd, 'a.yaml'), 'utf8');
    expect(code, stdout + stderr + after).toBe(0);
    expect(after).toContain(
      '      backends:\n        - default/pod-b\n        - default/pod-c # one\n      # between\n',
    );
    expect(after).toMatch(/dnat:\n {6}- 10\.32\.\d\.\d0:8080\n {6}verdict: answered # yes\n/);
    expect(after).toContain('dnat: none, ttl: 63}');
  });

  it('says what only a person can change', async () => {
    const text = before.replace(
      / {2}expect:[\s\S]*/,
      '  expect:\n    - {command: cilium status, contains: nothing of that}\n    - {flow: pod-a -> pod-b, reason: 133}\n',
    );
    const cwd = folderWith({'a.yaml': text});
    const {code, stderr} = await test(cwd, ['a.yaml'], {update: true});
    expect(code).toBe(1);
    expect(stderr.match(/not updated, there is no value to put there/g)).toHaveLength(2);
    expect(readFileSync(join(cwd, 'a.yaml'), 'utf8')).toBe(text);
  });

  it('writes what YAML reads back, whatever the value and however the old one was written', () => {
    const value = fc.oneof(
      fc.string({unit: 'grapheme', maxLength: 20}),
      fc
        .array(fc.constantFrom('', ' x', 'a: b', '# c', '- d', '\ttab', 'e '), {maxLength: 5})
        .map((lines) => lines.join('\n')),
      fc.constantFrom(
        'yes',
        'null',
        '0x10',
        '1e3',
        '~',
        'true',
        '- a',
        '{b',
        'c: d',
        '# e',
        "it's",
        '"',
        '*f',
        '&g',
        '!h',
        '%i',
        '@j',
        '\n',
        '\n\n',
        'k\n\n',
        ' l\n',
      ),
      fc.integer(),
    );
    const old = fc.constantFrom('plain', "'single'", '"double"', '|\n    block\n    more\n', '>-\n    folded\n', '7');
    fc.assert(
      fc.property(value, old, fc.boolean(), (fix, written, flow) => {
        const inFlow = flow && !/[|>]/.test(written);
        const text = inFlow
          ? `a: {x: 1, k: ${written}, y: 2} # c\nz: 3\n`
          : `a:\n  k: ${written}${written.endsWith('\n') ? '' : ' # c\n'}  y: 2\nz: 3\n`;
        const column = text.split('\n')[inFlow ? 0 : 1]!.indexOf(written.split('\n')[0]!) + 1;
        const check: Check = {
          path: ['k'],
          ok: false,
          expected: '',
          got: '',
          where: {file: 'f', line: inFlow ? 1 : 2, column},
          fix,
        };
        const {text: after, done} = updateText(text, [check]);
        expect(done.size).toBe(1);
        const document = parseDocument(after);
        expect(document.errors).toEqual([]);
        expect(document.toJS()).toEqual(inFlow ? {a: {x: 1, k: fix, y: 2}, z: 3} : {a: {k: fix, y: 2}, z: 3});
      }),
      {numRuns: 400},
    );
  });
});
