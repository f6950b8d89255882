/** Flow collections that YAML 1.2 refuses and Kubernetes' reader takes, and that nothing else is taken for one. */
import {describe, expect, it} from 'vitest';
import {readFully} from '../../src/cluster/yaml-full.js';

function read(text: string) {
  const errors: string[] = [];
  const values = readFully(text, (message, {line, column}) => errors.push(`${line}:${column} ${message}`));
  return {values: values.map(({value}) => value), errors, parsed: values};
}

describe('flow collections', () => {
  it.each([
    ['args: [\n"a",\n"b"\n]\nnext: 1\n', {args: ['a', 'b'], next: 1}],
    ['c:\n  - args:\n      [\n\t"x",\n        "y",\n      ]\n    z: 1\n', {c: [{args: ['x', 'y'], z: 1}]}],
    ['a:\n  b: {\n  c: 1, # not ] this\n  d: "}"\n}\n', {a: {b: {c: 1, d: '}'}}}],
    ['t: |\n  x: [\n  "no"\nargs: [\n1]\n', {t: 'x: [\n"no"\n', args: [1]}],
    ['- [\n1,\n[2,\n3]]\n- k: v[0\n', [[1, [2, 3]], {k: 'v[0'}]],
    ["config: '{\n\"a\": 1\n}'\nnext: 'x'\n", {config: '{ "a": 1 }', next: 'x'}],
    ['- a: "b\nc" # d\n- "e"\n', [{a: 'b c'}, 'e']],
    ["'k': [\n'it''s',\nb]\n", {k: ["it's", 'b']}],
  ])('%j', (text, value) => {
    const {values, errors} = read(text);
    expect(errors).toEqual([]);
    expect(values).toEqual([value]);
  });

  it('keeps the places of what follows', () => {
    const {parsed} = read('args: [\n"a",\n]\nnext:\n  here: 1\n');
    expect(parsed[0]!.locate(['next', 'here'], 'value')).toEqual({line: 5, column: 9});
    expect(parsed[0]!.locate(['args', 0], 'value')).toEqual({line: 2, column: 1});
  });

  it('keeps the errors of what stays wrong', () => {
    expect(read('args: [\n"a",\n').errors.length).toBeGreaterThan(0);
    expect(read('args: [\n"a",\n]\nb: c: d\n').errors.some((text) => text.startsWith('4:'))).toBe(true);
  });
});
