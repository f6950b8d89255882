/** What the terminal sends → keys. A burst (a paste, a slow line) comes as one text and is taken letter by letter. */
import type {Key as InkKey} from 'ink';
import type {Key} from './model.js';

const special = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  // most terminals send DEL for the backspace key
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof InkKey, Key['name']])[];

const controls: Readonly<Record<string, Exclude<Key['name'], 'char'>>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'interrupt',
  '\x15': 'clear-line',
};

export function toKeys(input: string, key: InkKey): Key[] {
  if (key.tab) return [{name: key.shift ? 'back-tab' : 'tab'}];
  const row = special.find(([name]) => key[name]);
  if (row) return [{name: row[1]}];
  if (key.ctrl) return input === 'c' ? [{name: 'interrupt'}] : input === 'u' ? [{name: 'clear-line'}] : [];
  if (key.meta) return [];
  return [...input].flatMap((letter): Key[] => {
    const control = controls[letter];
    if (control) return [{name: control}];
    return letter < ' ' ? [] : [{name: 'char', text: letter}];
  });
}
