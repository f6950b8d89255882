/** The screen on a real terminal, from its first line to the terminal given back. */
import {render, useInput} from 'ink';
import {useSyncExternalStore} from 'react';
import type {Io} from '../term/io.js';
import {toKeys} from './keys.js';
import {createRunner, type Runner, type RunnerInput} from './runner.js';
import {ScreenStream} from './terminal.js';
import {asciiGlyphs, type Glyphs, unicodeGlyphs} from './view/line.js';
import {Screen} from './view/screen.js';

interface AppProps {
  readonly runner: Runner;
  readonly glyphs: Glyphs;
  readonly color: boolean;
}

function App({runner, glyphs, color}: AppProps) {
  const state = useSyncExternalStore(runner.subscribe, runner.state);
  useInput((input, key) => {
    for (const one of toKeys(input, key)) runner.dispatch({type: 'key', key: one});
  });
  return <Screen state={state} glyphs={glyphs} color={color} />;
}

export interface AppInput extends Omit<RunnerInput, 'columns' | 'rows'> {
  readonly filter: string | undefined;
}

/** Settles when the user has quit. */
export async function runApp({filter, ...input}: AppInput): Promise<void> {
  const {stdin, stdout} = process;
  const size = () => ({columns: stdout.columns || 80, rows: stdout.rows || 24});
  const runner = createRunner({...input, ...size()});
  if (filter !== undefined) {
    runner.dispatch({type: 'key', key: {name: 'char', text: ':'}});
    for (const text of `filter ${filter}`) runner.dispatch({type: 'key', key: {name: 'char', text}});
    runner.dispatch({type: 'key', key: {name: 'enter'}});
  }
  const screen = new ScreenStream(stdout);
  const restore = () => screen.leave();
  process.once('exit', restore);
  screen.enter();
  const app = render(<App runner={runner} glyphs={glyphsFor(input.io.env)} color={input.io.color} />, {
    stdin,
    stdout: screen as unknown as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
    // hands over each picture whole: `ScreenStream` draws what differs
    debug: true,
  });
  const resized = () => {
    screen.erase();
    runner.dispatch({type: 'resize', ...size()});
  };
  stdout.on('resize', resized);
  // ink ends by itself on a signal, or when drawing fails
  const ended = app.waitUntilExit().finally(runner.close);
  try {
    await Promise.race([runner.done, ended]);
  } finally {
    stdout.off('resize', resized);
    app.unmount();
    process.off('exit', restore);
    restore();
  }
  await ended;
}

/** Line drawing where the locale says that the terminal takes UTF-8 (POSIX: LC_ALL, LC_CTYPE, LANG in this order). */
function glyphsFor(env: Io['env']): Glyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return /utf-?8/i.test(locale) ? unicodeGlyphs : asciiGlyphs;
}
