/** What the screen looks like, without a terminal. */
import {renderToString} from 'ink';
import {beforeAll, describe, expect, it} from 'vitest';
import type {UiState} from '../../src/ui/model.js';
import {reduce} from '../../src/ui/state.js';
import {asciiGlyphs, toWidth, unicodeGlyphs, wrap} from '../../src/ui/view/line.js';
import {Screen} from '../../src/ui/view/screen.js';
import {demoState, press} from './world.js';

let demo: UiState;
beforeAll(async () => {
  demo = await demoState();
});

function draw(state: UiState, columns: number, rows: number, glyphs = unicodeGlyphs): string[] {
  const sized = reduce(state, {type: 'resize', columns, rows});
  const text = renderToString(<Screen state={sized} glyphs={glyphs} color={false} />, {columns});
  return text.split('\n');
}

const sizes = [
  [80, 24],
  [100, 30],
  [119, 24],
  [120, 24],
  [140, 40],
  [220, 70],
] as const;

describe('screen', () => {
  it.each(sizes)('fills %i by %i and goes nowhere beyond', (columns, rows) => {
    const states = [
      demo,
      press(demo, 'end', 'tab', 'end'),
      press(demo, '?'),
      press(demo, 'y'),
      press(demo, '/udp and', 'enter'),
      press(demo, '/ip6', 'enter'),
      press(demo, 'e'),
      reduce(demo, {type: 'failed', text: 'x'.repeat(300)}),
    ];
    for (const state of states) {
      const lines = draw(state, columns, rows);
      expect(lines.length).toBe(rows);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
    }
  });

  it('shows cluster, frames, packet, hops and keys', () => {
    const text = draw(press(demo, 'down', 'down', 'down', 'down', 'right', 'right', 'right'), 140, 40).join('\n');
    expect(text).toContain('demo (demo) · Geneve, UDP 6081 · ');
    expect(text).toMatch(/▶node1 10\.0\.0\.5/);
    expect(text).toContain('my-svc 10.96.10.50:80');
    expect(text).toMatch(/▶0\.000\d{3} node1:eth0 +out geneve\{ICMP echo reque/);
    expect(text).toMatch(/Geneve +42-49 +geneve vni \d+/);
    expect(text).toMatch(/ 0000 \[([0-9a-f]{2} ){13}[0-9a-f]{2}\]45 00/);
    expect(text).toContain('hop 4 of 7: delivered to default/pod-b');
    expect(text).toMatch(/▶ 4 node1:eth0 +out +148 bytes cil_to_netdev: to-network/);
    expect(text).toContain('why  cil_to_netdev');
    expect(text).toContain('?help /filter :command');
  });

  it('marks a drop with a word', async () => {
    const state = await demoState({traffic: ['pod-a -> 10.32.2.99/icmp', 'pod-a -> 10.0.0.99/icmp']});
    const drop = state.frames.find((frame) => frame.dropped)!;
    const lines = draw({...state, selected: drop.number}, 80, 24);
    expect(lines.some((line) => /│▶.* DROP /.test(line))).toBe(true);
    expect(lines.some((line) => line.includes(': DROPPED at '))).toBe(true);
  });

  it('brackets the bytes of the chosen field', () => {
    const state = press(demo, 'down', 'down', 'down', 'down', 'tab', 'down', 'down');
    expect(draw(state, 140, 40).join('\n')).toMatch(
      /0000 ( [0-9a-f]{2}){6}\[([0-9a-f]{2} ){5}[0-9a-f]{2}\][0-9a-f]{2}/,
    );
  });

  it('asks for room', () => {
    expect(draw(demo, 79, 24)[0]).toBe('wirelay ui needs 80x24; this terminal is 79x24 (q quits)');
    expect(draw(demo, 80, 23)[0]).toContain('80x23');
  });

  it('draws in ASCII where the terminal wants it', () => {
    const text = draw(press(demo, 'tab', 'tab'), 80, 24, asciiGlyphs).join('\n');
    expect(text.replaceAll('…', '')).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('shows nothing of a file that moves the cursor', () => {
    const evil = reduce(press(demo, '/'), {type: 'key', key: {name: 'char', text: '\u202e\x9b2J'}});
    expect(draw(evil, 80, 24).at(-1)).toBe('/\\u{202e}\\x9b2J');
  });
});

describe('wrap', () => {
  it('breaks at blanks, keeps the indent, joins what is too much', () => {
    expect(wrap('short', 10, 3)).toEqual(['short']);
    expect(wrap('one two three', 7, 3)).toEqual(['one two', 'three']);
    expect(wrap('* a    was: one two three', 14, 5)).toEqual(['* a    was:', '       one two', '       three']);
    expect(wrap('a b c d', 1, 2)).toEqual(['a', 'b c d']);
  });
});

describe('toWidth', () => {
  const text = (line: ReturnType<typeof toWidth>) => line?.map((span) => span.text).join('');
  it('cuts where the line is too long, in whatever span that is, and fills up', () => {
    const line = [{text: 'abc'}, {text: 'def', bold: true}];
    expect(toWidth(line, 6)).toBe(line);
    expect([8, 5, 4, 3, 1].map((width) => text(toWidth(line, width)))).toEqual([
      'abcdef  ',
      'abcd…',
      'abc…',
      'ab…',
      '…',
    ]);
  });

  it('leaves wide characters to Ink', () => {
    expect(toWidth([{text: '日本'.repeat(50)}], 10)).toBeUndefined();
  });
});
