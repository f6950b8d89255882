import {describe, expect, it} from 'vitest';
import {compareBytes, GoMap, goJson, goJsonCompact, omitEmpty} from '../../src/term/go-json.js';
import {compareKeys, goYaml} from '../../src/term/go-yaml.js';

const service = {
  spec: {
    'backend-addresses': [{ip: '10.32.2.20', nodeName: 'node2', port: omitEmpty(8080), zone: omitEmpty('')}],
    flags: omitEmpty(null),
    id: omitEmpty(4),
    updateServices: omitEmpty(false),
  },
  none: [],
  'snat-exclusion-cidr-v4': omitEmpty(''),
};

describe('goJson', () => {
  it('indents by two, keeps struct order, leaves empty fields out', () =>
    expect(goJson([service])).toBe(`[
  {
    "spec": {
      "backend-addresses": [
        {
          "ip": "10.32.2.20",
          "nodeName": "node2",
          "port": 8080
        }
      ],
      "id": 4
    },
    "none": []
  }
]`));

  it('escapes as encoding/json does', () =>
    expect(goJsonCompact('<a href="x">&\t\n\b\\\x00\u2028\ud800é😀')).toBe(
      '"\\u003ca href=\\"x\\"\\u003e\\u0026\\t\\n\\b\\\\\\u0000\\u2028\\ufffdé😀"',
    ));

  it('never lets a control through, and stays the same value', () => {
    const hostile = '\x1b[2J\x7f\x9b\u202e';
    expect(goJsonCompact(hostile)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(JSON.parse(goJsonCompact(hostile))).toBe(hostile);
  });

  it('a map has its keys in byte order, numbers too', () =>
    expect(
      goJsonCompact(
        new GoMap([
          ['2', 1],
          ['10', 1],
          ['1', 1],
        ]),
      ),
    ).toBe('{"1":1,"10":1,"2":1}'));

  it('compares by code points', () => expect(compareBytes('\uffee', '😀')).toBeLessThan(0));
});

describe('goYaml', () => {
  it('writes structs with lower-case names and their empty fields', () =>
    expect(goYaml([service])).toBe(`- spec:
    backendaddresses:
        - ip: 10.32.2.20
          nodename: node2
          port: 8080
          zone: ""
    flags: null
    id: 4
    updateservices: false
  none: []
  snatexclusioncidrv4: ""
`));

  it.each([
    ['true', '"true"'],
    ['yes', '"yes"'],
    ['12', '"12"'],
    ['1e3', '"1e3"'],
    ['80:30', '"80:30"'],
    ['', '""'],
    ['null', '"null"'],
    ['2026-11-22T10:45:53Z', '"2026-11-22T10:45:53Z"'],
    ['10.0.0.5', '10.0.0.5'],
    ['1.20.2 (v1.20.2-e0dc92bd)', '1.20.2 (v1.20.2-e0dc92bd)'],
    ['[::]:0 (0)', "'[::]:0 (0)'"],
    ['a: b', "'a: b'"],
    ['trailing ', "'trailing '"],
    ["it's # not", "'it''s # not'"],
    ['\x1b[2J', '"\\e[2J"'],
    ['two\nlines', '"two\\nlines"'],
    ['fd00::1', 'fd00::1'],
    ['- x', "'- x'"],
    ['k8s:app=web', 'k8s:app=web'],
  ])('%j', (text, expected) => expect(goYaml(text)).toBe(`${expected}\n`));

  it('orders map keys by numbers inside them', () => {
    expect(['10.96.0.10:53', '10.96.0.1:443', '10.100.0.1:1', 'a', '[::]'].sort(compareKeys)).toEqual([
      '[::]',
      '10.96.0.1:443',
      '10.96.0.10:53',
      '10.100.0.1:1',
      'a',
    ]);
    expect(
      goYaml(
        new GoMap([
          ['b', []],
          ['a', ['x']],
        ]),
      ),
    ).toBe('a:\n    - x\nb: []\n');
  });
});
