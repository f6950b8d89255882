/** Cases: Go's documentation and tests of text/tabwriter (flags 0), and tables of cilium printed by the real program. */
import {describe, expect, it} from 'vitest';
import {tabwriter} from '../../src/term/tabwriter.js';

const status = {minWidth: 2, padding: 3};

describe('tabwriter', () => {
  it.each([
    ['no cells', '', {minWidth: 8, padding: 1, padChar: '.'}, ''],
    ['only line feeds', '\n\n\n', {minWidth: 8, padding: 1, padChar: '.'}, '\n\n\n'],
    ['a last cell is no cell', 'a\nb\nc', {minWidth: 8, padding: 1, padChar: '.'}, 'a\nb\nc'],
    ['one empty cell', '\t', {minWidth: 8, padding: 1, padChar: '.'}, '........'],
    ['minimum width', '*\t*', {minWidth: 8, padding: 1, padChar: '.'}, '*.......*'],
    ['cell and line end', '*\t*\n', {minWidth: 8, padding: 1, padChar: '.'}, '*.......*\n'],
    ['terminated last cell is padded', '\t*\t', {minWidth: 8, padding: 1, padChar: '.'}, '........*.......'],
    [
      'widest cell and padding',
      '1\t2\t3\t4\n11\t222\t3333\t44444\n',
      {minWidth: 0, padding: 2, padChar: '.'},
      '1...2....3.....4\n11..222..3333..44444\n',
    ],
    ['no padding', '1\t2\n333\t4', {minWidth: 0, padding: 0, padChar: '.'}, '1..2\n3334'],
    [
      'tabs to tab stops',
      '1\t2\t3\n11111111\t2\t3\n',
      {minWidth: 8, tabWidth: 8, padding: 1, padChar: '\t'},
      '1\t\t2\t3\n11111111\t2\t3\n',
    ],
  ] as const)('%s', (_, text, options, expected) => expect(tabwriter(text, options)).toBe(expected));

  it('blocks end where a line has no cell in the column', () => {
    const text = 'a\tb\tc\naa\tbbb\nno tab here\naaaaaaa\tb\n';
    expect(tabwriter(text, {minWidth: 0, padding: 1})).toBe('a  b c\naa bbb\nno tab here\naaaaaaa b\n');
  });

  it('columns are measured inside their block', () => {
    const text = 'x\t1\t2\nyyy\nx\t1111111\t2\nx\t1\n';
    expect(tabwriter(text, {minWidth: 0, padding: 1})).toBe('x 1 2\nyyy\nx 1111111 2\nx 1\n');
  });

  it('an empty cell still gets padding', () =>
    expect(tabwriter('Encryption:\tDisabled\t\nCluster health:\t3/3 reachable\t(t)\n', status)).toBe(
      'Encryption:       Disabled        \nCluster health:   3/3 reachable   (t)\n',
    ));

  it('KVStore widens the next line only', () =>
    expect(
      tabwriter(
        'KVStore:\tDisabled\t\nKubernetes:\tOk\t1.35\nKubernetes APIs:\t[]\nKubeProxyReplacement:\tTrue\t[x]\n',
        status,
      ),
    ).toBe(
      'KVStore:                Disabled   \nKubernetes:             Ok         1.35\nKubernetes APIs:        []\nKubeProxyReplacement:   True   [x]\n',
    ));

  it('a nested table breaks the outer block', () => {
    const inner = tabwriter('  Name\tSize\n  Auth\t1\n', {minWidth: 0, padding: 3});
    expect(tabwriter(`BPF Maps:\toff\n${inner}Encryption:\tDisabled\t\n`, status)).toBe(
      'BPF Maps:   off\n  Name   Size\n  Auth   1\nEncryption:   Disabled   \n',
    );
  });

  it('counts runes, not bytes, UTF-16 units or columns', () =>
    expect(tabwriter('é😀\tx\n漢字漢\ty\n', {minWidth: 0, padding: 1})).toBe('é😀  x\n漢字漢 y\n'));
});
