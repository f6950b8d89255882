/** A state as the program has it: the demo, its traffic run to the end. */
import {createSession} from '../../src/session/session.js';
import type {Key, UiState} from '../../src/ui/model.js';
import {createRecorder} from '../../src/ui/recorder.js';
import {initialState, reduce} from '../../src/ui/state.js';
import {describeWorld} from '../../src/ui/world.js';
import {memoryIo} from '../memory-io.js';

export const demoOptions = {
  cluster: ['demo'],
  set: [] as string[],
  traffic: [] as string[],
  node: undefined,
  pod: undefined,
  seed: undefined,
};

export async function demoState(options: Partial<typeof demoOptions> = {}, columns = 80, rows = 24): Promise<UiState> {
  const all = {...demoOptions, ...options};
  const session = await createSession(all, memoryIo());
  const recorder = createRecorder(session);
  while (recorder.advance(1000));
  const frames = recorder.frames();
  return reduce(initialState(describeWorld(session, all), columns, rows), {
    type: 'frames',
    frames,
    total: recorder.total(),
    running: false,
  });
}

const names = new Set([
  'up',
  'down',
  'left',
  'right',
  'page-up',
  'page-down',
  'home',
  'end',
  'tab',
  'back-tab',
  'enter',
]);
const more = new Set(['escape', 'backspace', 'interrupt', 'clear-line']);

/** Presses keys: names of keys, and any other word letter by letter. */
export function press(state: UiState, ...words: readonly string[]): UiState {
  const keys = words.flatMap((word): Key[] =>
    names.has(word) || more.has(word) ? [{name: word as 'up'}] : [...word].map((text) => ({name: 'char', text})),
  );
  return keys.reduce((at, key) => reduce(at, {type: 'key', key}), state);
}
