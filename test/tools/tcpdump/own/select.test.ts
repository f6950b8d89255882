/** Label selectors, and our options' own grammar. */
import {describe, expect, it} from 'vitest';
import {parseSelector, selects} from '../../../../src/cluster/label-selector.js';
import {UserError} from '../../../../src/term/error.js';
import {takeOwnOptions} from '../../../../src/tools/tcpdump/own/options.js';

const labels = [
  'k8s:app=web',
  'k8s:tier=',
  'k8s:io.kubernetes.pod.namespace=default',
  'k8s:app.kubernetes.io/name=shop',
];

describe('label selectors', () => {
  it.each([
    ['app=web', true],
    ['app==web', true],
    ['app=we', false],
    ['app!=web', false],
    ['app!=api', true],
    ['missing!=api', true],
    ['app', true],
    ['!app', false],
    ['!debug', true],
    ['tier=', true],
    ['app in (api,web)', true],
    ['app in ( api , web ),tier', true],
    ['app notin (api,web)', false],
    ['app=web,debug', false],
    ['k8s:app=web', true],
    ['any:app=web', true],
    ['reserved:app=web', false],
    ['io.kubernetes.pod.namespace=default', true],
    ['app.kubernetes.io/name=shop', true],
  ])('%s → %s', (text, expected) => {
    expect(selects(parseSelector(text)!, labels)).toBe(expected);
  });

  it('knows reserved labels', () => {
    expect(selects(parseSelector('reserved:world')!, ['reserved:world'])).toBe(true);
    expect(selects(parseSelector('reserved:host')!, ['reserved:world'])).toBe(false);
  });

  it.each(['', ',', 'a=b=c', 'app in web', 'app in (', 'a b', '=x', 'app=(x)', '!app=web'])('refuses %j', (text) => {
    expect(parseSelector(text)).toBeUndefined();
  });
});

describe('options of our own', () => {
  it('are taken out by their full names only, up to --', () => {
    const argv = ['-nn', '--inner', 'tcp', '--inne', '-i', 'eth0', '--annotate', 'udp', '--', '--json'];
    const {own, rest} = takeOwnOptions(argv);
    expect(rest).toEqual(['-nn', '--inne', '-i', 'eth0', 'udp', '--', '--json']);
    expect(own).toMatchObject({inner: ['tcp'], annotate: true, json: false});
  });

  it('leave a command line without them alone', () => {
    const argv = ['-nn', '--count', '-r', 'f', 'tcp'];
    expect(takeOwnOptions(argv)).toEqual({own: undefined, rest: argv});
  });

  it('take values with = or behind, repeat where that makes sense', () => {
    const {own} = takeOwnOptions([
      '--vxlan-port=8472',
      '--vxlan-port',
      '4790',
      '--from-pod',
      'a',
      '--from-pod=b',
      '--output=json',
    ]);
    expect(own).toMatchObject({vxlanPorts: new Set([8472, 4790]), fromPod: ['a', 'b'], json: true});
    expect(takeOwnOptions(['--output', 'text']).own).toMatchObject({json: false});
  });

  it.each([
    [['--inner'], 'option --inner needs a value: --inner EXPR'],
    [['--json=yes'], 'option --json takes no value'],
    [['--vxlan-port', '0'], '--vxlan-port 0: expected a UDP port from 1 to 65535'],
    [['--vxlan-port', '65536'], '--vxlan-port 65536: expected a UDP port from 1 to 65535'],
    [['--vxlan-port', 'otv'], '--vxlan-port otv: expected a UDP port from 1 to 65535'],
    [['--output', 'jsn'], '--output jsn: no such format\n  hint: did you mean json?'],
    [['--output', 'json', '--output', 'text'], 'option --output is given twice'],
  ])('refuse %j', (argv, message) => {
    expect(() => takeOwnOptions(argv)).toThrow(message);
    expect(() => takeOwnOptions(argv)).toThrow(UserError);
  });
});
