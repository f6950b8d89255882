import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseAllDocuments, stringify} from 'yaml';
import {createJsonLocator} from '../../src/cluster/json-locate.js';
import {type Offsets, parseFast} from '../../src/cluster/yaml-fast.js';

/** What the full parser makes of it; undefined where it finds an error. */
function full(text: string): unknown[] | undefined {
  const documents = parseAllDocuments(text, {merge: true, logLevel: 'silent'});
  if ('empty' in documents) return [];
  if (documents.some((document) => document.errors.length > 0)) return undefined;
  try {
    return documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
  } catch {
    return undefined;
  }
}

const value = fc.letrec((tie) => ({
  scalar: fc.oneof(
    fc.string(),
    fc.string({unit: fc.constantFrom(...' :#-\'"[]{},&*|>%@`?!abc01.e+~\n\\', 'true', 'null', ': ', ' #', '- ')}),
    fc.integer(),
    fc.double({noNaN: true, noDefaultInfinity: true}),
    fc.boolean(),
    fc.constant(null),
  ),
  any: fc.oneof({depthSize: 'small'}, tie('scalar'), tie('map'), tie('list')),
  list: fc.array(tie('any'), {maxLength: 4}),
  map: fc.dictionary(fc.string({unit: fc.constantFrom(...'ab1 :#-."~\'')}), tie('any'), {maxKeys: 4}),
})).map;

describe('the fast reader', () => {
  it('reads what it accepts as the full parser does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(value, fc.integer({min: 20, max: 120}), fc.boolean(), (v, lineWidth, compact) => {
        const text = stringify(v, {lineWidth, indentSeq: !compact});
        const fast = parseFast(text);
        if (!fast) return;
        accepted++;
        expect(fast.map((document) => document.value)).toEqual(full(text));
      }),
      {numRuns: 3000},
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('accepts nothing that is an error, in texts of YAML’s own characters', () => {
    const piece = fc.constantFrom(
      'a',
      'b: ',
      '- ',
      '\n',
      '  ',
      '    ',
      '# c',
      '"x"',
      "'y'",
      '|',
      '|-',
      '>',
      '[1, 2]',
      '{a: b}',
      ':',
      '---\n',
      '1',
      '~',
      'null',
      '...',
      '? ',
      '[',
      '}',
      ',',
      '\\',
      '&a ',
      '*a',
      '!t ',
      '<<: ',
    );
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 14}), (pieces) => {
        const text = pieces.join('');
        const fast = parseFast(text);
        if (fast) expect([text, fast.map((document) => document.value)]).toEqual([text, full(text)]);
      }),
      {numRuns: 20_000},
    );
  });

  it.each(['a: 1\n...  <<: 2\n', 'a: 1\n...\nb: 2\n', '...\na: 1\n', '- a\n... x: 1\n'])(
    'leaves the end of a document to it: %j',
    (text) => {
      expect(parseFast(text)).toBeUndefined();
    },
  );

  it('accepts what people and kubectl write', () => {
    const text = `# a comment
apiVersion: v1   # behind
kind: ConfigMap
metadata:
  labels: {app: web, "quoted key": 'it''s', n: [1, 2.5, true, ~, a b]}
  annotations:
    long: one two
      three four
    folded: "first
      second\\n"
    empty:
    url: http://example.com:80/a#b
items:
- name: a
  list:
  - x
  - - nested
    - y
- {b: 1}
-
  c: 2
text: |
  line one
    indented: yes

  # no comment
keep: |+
  a

strip: |-
  b
---
second: -1
`;
    expect(parseFast(text)!.map((document) => document.value)).toEqual(full(text));
  });

  it.each([
    'a: &x 1',
    'a: !!str 1',
    '%YAML 1.2\n---\na: 1',
    'a: >\n  b',
    'a: 1\na: 2',
    '\ta: 1',
    'a: 1\n<<: {b: 1}',
    '__proto__: {a: 1}',
    'a: 0x10',
    'plain',
  ])('leaves %j to the full parser', (text) => {
    expect(parseFast(text)).toBeUndefined();
  });

  it('knows where everything is', () => {
    const text = 'a:\n  b: [x, {c: "d"}]\nlist:\n- e: 1\n  f:\n    - g\n';
    const offsets: Offsets = new Map();
    const root = parseFast(text, offsets)![0]!.value as {a: {b: [string, object]}; list: [{f: string[]}]};
    const at = (container: object, key: string | number) =>
      text.slice(offsets.get(container)!.get(key)![1]).split('\n')[0];
    const keyAt = (container: object, key: string) => text.slice(offsets.get(container)!.get(key)![0]).split('\n')[0];
    expect(at(root, 'a')).toBe('b: [x, {c: "d"}]');
    expect(at(root.a.b, 1)).toBe('{c: "d"}]');
    expect(at(root.a.b[1], 'c')).toBe('"d"}]');
    expect(at(root.list, 0)).toBe('e: 1');
    expect(keyAt(root.list[0], 'f')).toBe('f:');
    expect(at(root.list[0].f, 0)).toBe('g');
  });

  it.skipIf(!existsSync('../shared/cases'))('reads published manifests alike (needs ../shared/cases)', () => {
    const files = readdirSync('../shared/cases', {recursive: true, withFileTypes: true}).filter((entry) =>
      /\.ya?ml$/.test(entry.name),
    );
    let accepted = 0;
    for (const entry of files) {
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
      const fast = parseFast(text);
      if (!fast) continue;
      accepted++;
      expect([file, fast.map((document) => document.value)]).toEqual([file, full(text)]);
    }
    expect(accepted).toBeGreaterThan(files.length * 0.8);
  });
});

describe('places in JSON', () => {
  it('are those of the value and its key', () => {
    fc.assert(
      fc.property(fc.jsonValue({maxDepth: 4}), fc.constantFrom(undefined, 1, 4), (v, indent) => {
        const text = JSON.stringify(v, null, indent);
        const locator = createJsonLocator(text);
        const visit = (item: unknown, path: (string | number)[]) => {
          const at = locator.offset(path, 'value')!;
          const shown = JSON.stringify(item, null, indent).split('\n')[0]!;
          expect(text.slice(at, at + shown.length)).toBe(shown);
          const last = path.at(-1);
          if (typeof last === 'string') {
            const key = JSON.stringify(last);
            const keyAt = locator.offset(path, 'key')!;
            expect(text.slice(keyAt, keyAt + key.length)).toBe(key);
          }
          if (Array.isArray(item)) for (const [i, inner] of item.entries()) visit(inner, [...path, i]);
          else if (typeof item === 'object' && item !== null)
            for (const [key, inner] of Object.entries(item)) visit(inner, [...path, key]);
        };
        visit(v, []);
        expect(locator.offset(['no such key', 99], 'value')).toBeUndefined();
      }),
    );
  });
});
