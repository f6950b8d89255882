import type {Key as InkKey} from 'ink';
import {describe, expect, it} from 'vitest';
import {toKeys} from '../../src/ui/keys.js';
import {ScreenStream} from '../../src/ui/terminal.js';

function screen() {
  const written: string[] = [];
  const out = {
    columns: 80,
    rows: 3,
    write(text: string) {
      written.push(text);
      return true;
    },
  };
  return {stream: new ScreenStream(out as unknown as NodeJS.WriteStream), written};
}

describe('ScreenStream', () => {
  it('writes only lines that differ, each in its place, as one update', () => {
    const {stream, written} = screen();
    stream.write('a\nb\nc');
    stream.write('a\nB\nc');
    expect(written[1]).toBe('\x1b[?2026h\x1b[2;1H\x1b[0m\x1b[2KB\x1b[?2026l');
    stream.write('a\nB\nc');
    stream.write('');
    expect(written.length).toBe(2);
  });

  it('clears lines that are no more, and draws all anew after an erase', () => {
    const {stream, written} = screen();
    stream.write('a\nb');
    stream.write('a');
    expect(written[1]).toContain('\x1b[2;1H\x1b[0m\x1b[2K');
    stream.erase();
    stream.write('a');
    expect(written.at(-1)).toContain('\x1b[1;1H\x1b[0m\x1b[2Ka');
  });

  it('draws nothing below the last line', () => {
    const {stream, written} = screen();
    stream.write('a\nb\nc\nd');
    expect(written.join('')).toContain('\x1b[3;1H\x1b[0m\x1b[2Kc');
    expect(written.join('')).not.toContain('\x1b[4;1H');
  });

  it('gives back what it took', () => {
    const {stream, written} = screen();
    stream.enter();
    stream.leave();
    expect(written.join('')).toBe('\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b[?7l\x1b[?7h\x1b[?25h\x1b[?1049l');
  });
});

describe('keys', () => {
  const none = {} as InkKey;
  it('takes a burst letter by letter, controls among it', () => {
    expect(toKeys('/a\r', none)).toEqual([{name: 'char', text: '/'}, {name: 'char', text: 'a'}, {name: 'enter'}]);
    expect(toKeys('\x7f\x03\x01', none)).toEqual([{name: 'backspace'}, {name: 'interrupt'}]);
  });

  it('knows the special ones', () => {
    expect(toKeys('', {upArrow: true} as InkKey)).toEqual([{name: 'up'}]);
    expect(toKeys('', {tab: true, shift: true} as InkKey)).toEqual([{name: 'back-tab'}]);
    expect(toKeys('c', {ctrl: true} as InkKey)).toEqual([{name: 'interrupt'}]);
    expect(toKeys('x', {ctrl: true} as InkKey)).toEqual([]);
    expect(toKeys('x', {meta: true} as InkKey)).toEqual([]);
    expect(toKeys('', {delete: true} as InkKey)).toEqual([{name: 'backspace'}]);
  });
});
