/** Reports in the formats of others: valid by their schemas, whatever stands in names and output, and telling the same. */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseDocument} from '../../../src/cluster/yaml.js';
import {githubText} from '../../../src/explain/reports/github.js';
import {sarifText} from '../../../src/explain/reports/sarif.js';
import {testFormats} from '../../../src/explain/test/main.js';
import type {Report, Result} from '../../../src/explain/test/model.js';
import {reportFindings, testRules} from '../../../src/explain/test/print-json.js';
import {reportJunit} from '../../../src/explain/test/print-junit.js';
import {reportTap} from '../../../src/explain/test/print-tap.js';
import {folderWith} from '../../cluster/load-input.js';
import {describeWith} from '../../oracle.js';
import {demoCase, test} from './run-test.js';

const schemas = join(process.cwd(), 'test/explain/test');
const hostile = '<&">]]> \u001b[31m\u0000 ::error::x%0A # SKIP \u202e';
const mixed = demoCase(
  '{name: holds, flow: pod-a -> pod-b, verdict: allow}',
  '{name: fails, flow: pod-a -> pod-b, ttl: 1, vni: 2}',
  '{name: broken, flow: pod-a -> pod-b}',
  `{name: ${JSON.stringify(hostile)}, command: cilium status, contains: ${JSON.stringify(hostile)}}`,
);

async function report(output: (typeof testFormats)[number], text = mixed): Promise<string> {
  const {code, stdout} = await test(folderWith({'a b/c,%.yaml': text}), ['a b'], {output});
  expect(code).toBe(text === mixed ? 2 : 0);
  return stdout;
}

const good = demoCase('{flow: pod-a -> pod-b, verdict: allow}');

describe('reports', () => {
  it('are the same twice, apart from times', async () => {
    for (const output of testFormats) {
      const strip = (text: string) => text.replace(/time="[\d.]+"/g, '');
      expect(strip(await report(output)), output).toBe(strip(await report(output)));
    }
  });

  it('tell of TAP what a harness reads', async () => {
    const lines = (await report('tap')).split('\n');
    expect(lines.slice(0, 3)).toEqual(['TAP version 14', '1..4', 'ok 1 - a b/c,%.yaml › holds']);
    expect(lines.filter((line) => /^(not )?ok \d/.test(line))).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith('not ok'))).toHaveLength(3);
    expect(lines.find((line) => line.startsWith('not ok 4'))).toContain('\\# SKIP');
    const from = lines.indexOf('  ---');
    const block = lines
      .slice(from + 1, lines.indexOf('  ...'))
      .map((line) => line.slice(2))
      .join('\n');
    expect(parseDocument(block).toJS()).toMatchObject({
      at: 'a b/c,%.yaml:7:7',
      failures: [{field: 'vni', expected: '2', got: '2161', at: 'a b/c,%.yaml:7:56'}, {field: 'ttl'}],
    });
  });

  it('annotate on GitHub one line a failure, escaped', async () => {
    const text = await report('github');
    expect(text.split('\n').filter(Boolean)).toHaveLength(4);
    expect(text).toContain('::error file=a b/c%2C%25.yaml,line=7,col=56,title=fails::vni: expected 2, got 2161\n');
    for (const line of text.split('\n').filter(Boolean))
      expect(line).toMatch(/^::error file=[^,]+,line=\d+,col=\d+,title=[^,:]+::/);
    expect(await report('github', good)).toBe('');
  });

  it('carry JSON with everything, and SARIF with results even where all holds', async () => {
    const {summary, suites} = JSON.parse(await report('json'));
    expect(summary).toEqual({passed: 1, failed: 2, broken: 1, notRun: 0});
    expect(suites[0].results[1].checks).toMatchObject([
      {field: 'vni', ok: false, expected: '2', got: '2161'},
      {field: 'ttl'},
    ]);
    expect(suites[0].results[1].trace.verdict).toBe('answered');
    expect(suites[0].results[1].checks[0].where).toEqual({file: 'a b/c,%.yaml', line: 7, column: 56});
    expect(JSON.parse(await report('sarif', good)).runs[0].results).toEqual([]);
    const {tool, results} = JSON.parse(await report('sarif')).runs[0];
    const known = new Set(tool.driver.rules.map(({id}: {id: string}) => id));
    for (const {ruleId} of results) expect(known).toContain(ruleId);
    expect(results).toHaveLength(4);
  });

  it('go to a JUnit file beside the text', async () => {
    const cwd = folderWith({'a.yaml': good});
    const {stdout} = await test(cwd, ['a.yaml'], {junitFile: 'out.xml'});
    expect(stdout).toContain('1 passed');
    expect(readFileSync(join(cwd, 'out.xml'), 'utf8')).toContain(
      '<testcase name="pod-a -&gt; pod-b" classname="a.yaml"',
    );
    const bad = await test(cwd, ['a.yaml'], {junitFile: 'no/such/out.xml'});
    expect(bad).toMatchObject({code: 2, stdout: ''});
  });
});

/** Names, files and texts of any characters. */
const anyText = fc.string({unit: 'binary', maxLength: 12}).map((text) => (text.trim() === '' ? 'x' : text));
const anyResult: fc.Arbitrary<Result> = fc.record({
  name: anyText,
  where: fc.option(
    fc.record({file: anyText, line: fc.integer({min: 1, max: 9}), column: fc.integer({min: 1, max: 9})}),
    {nil: undefined},
  ),
  status: fc.constantFrom('passed' as const, 'failed' as const, 'broken' as const),
  checks: fc.array(
    fc.record({
      path: fc.constant(['verdict']),
      ok: fc.boolean(),
      expected: anyText,
      got: anyText,
      where: fc.constant(undefined),
      fix: fc.constant(undefined),
    }),
    {maxLength: 2},
  ),
  problems: fc.array(fc.record({message: anyText, hint: anyText}), {maxLength: 2}),
  trace: fc.constant(undefined),
  seconds: fc.double({min: 0, max: 1e6, noNaN: true}),
});
const anyReport: fc.Arbitrary<Report> = fc.record({
  left: fc.nat(3),
  suites: fc.array(
    fc.record({
      suite: fc.record({
        title: anyText,
        file: anyText,
        path: fc.constant(undefined),
        options: fc.constant({cluster: [], set: [], traffic: [], node: undefined, pod: undefined, seed: undefined}),
        expect: fc.constant(undefined),
        place: fc.constant(() => undefined),
        problems: fc.constant([]),
      }),
      results: fc.array(anyResult, {maxLength: 3}),
    }),
    {maxLength: 3},
  ),
});

describe('reports of anything', () => {
  it('keep to their lines', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        const points = any.suites.reduce((sum, {results}) => sum + results.length, 0) + any.left;
        const tap = reportTap(any).split('\n');
        expect(tap[1]).toBe(`1..${points}`);
        expect(tap.filter((line) => /^(not )?ok /.test(line))).toHaveLength(points);
        const found = reportFindings(any);
        expect(
          githubText(found)
            .split('\n')
            .filter((line) => line.startsWith('::error ')).length,
        ).toBe(found.length);
        expect(JSON.parse(sarifText(found, testRules)).runs[0].results).toHaveLength(found.length);
      }),
    );
  });
});

describeWith(['xmllint'], 'JUnit is valid by its schemas', () => {
  const valid = (xml: string) =>
    execFileSync('xmllint', ['--noout', '--schema', join(schemas, 'junit.xsd'), '-'], {
      input: xml,
      stdio: ['pipe', 'pipe', 'pipe'],
    });

  it('of runs', async () => {
    valid(await report('junit'));
    valid(await report('junit', good));
  });

  it('of anything', () => {
    for (const any of fc.sample(anyReport, {numRuns: 25, seed: 7})) valid(reportJunit(any, {now: 0, hostname: 'h'}));
  });

  it('and the check can fail', async () => {
    const xml = await report('junit');
    expect(() => valid(xml.replace('<properties/>', ''))).toThrow();
    expect(() => valid(xml.replace('classname=', 'class='))).toThrow();
  });
});

describeWith(['jsonschema'], 'SARIF is valid by its schema', () => {
  const script = 'import json,sys,jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))';
  const valid = (text: string) =>
    execFileSync('/usr/bin/python3', ['-c', script, join(schemas, 'sarif.schema.json')], {
      input: text,
      stdio: ['pipe', 'pipe', 'pipe'],
    });

  it('of runs and of anything', async () => {
    valid(await report('sarif'));
    valid(await report('sarif', good));
    for (const any of fc.sample(anyReport, {numRuns: 5, seed: 7})) valid(sarifText(reportFindings(any), testRules));
    expect(() => valid('{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}')).toThrow();
  });
});
