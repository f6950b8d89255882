/** Lines after `:`. */
import {eventVerbs} from '../cluster/events.js';
import {nearest} from '../term/nearest.js';
import {helpLines} from './help.js';
import type {UiState} from './model.js';
import {withFilter, withScope} from './shown.js';

type Command = (state: UiState, rest: string) => UiState;

const commands: Readonly<Record<string, Command>> = {
  traffic: (state, text) =>
    text === ''
      ? failed(state, 'traffic FROM -> TO[:PORT][/PROTO] [xN], e.g. :traffic pod-a -> my-svc:80/http')
      : {...state, effect: {kind: 'traffic', text}},
  node: (state, name) => {
    const names = state.world.tree.flatMap((item) => (item.kind === 'node' ? [item.node] : []));
    if (names.includes(name)) return withScope(state, {kind: 'node', node: name});
    return failed(state, `no node ${name || '(none named)'}`, nearest(name, names));
  },
  pod: (state, name) => {
    const pods = state.world.tree.flatMap((item) => (item.kind === 'pod' ? [item] : []));
    const pod = pods.find((item) => item.pod === name) ?? pods.find((item) => item.pod.endsWith(`/${name}`));
    if (pod) return withScope(state, {kind: 'pod', node: pod.node, pod: pod.pod, device: pod.device});
    return failed(
      state,
      `no pod ${name || '(none named)'}`,
      nearest(
        name,
        pods.map((item) => item.pod),
      ),
    );
  },
  all: (state) => withFilter(withScope(state, undefined), ''),
  filter: withFilter,
  set: (state, text) =>
    text.includes('=')
      ? {...state, effect: {kind: 'reopen', set: [...state.world.options.set, text], compare: false}}
      : failed(state, 'set PATH=VALUE, e.g. :set spec.underlay.mtu=1400'),
  export: (state, path) =>
    path === ''
      ? {...state, prompt: {kind: 'export', text: 'frames.pcapng'}}
      : {...state, effect: {kind: 'export', path, overwrite: false}},
  ...Object.fromEntries(
    Object.entries(eventVerbs).map(([verb, {usage, words}]): [string, Command] => [
      verb,
      (state, rest) =>
        rest.split(' ').filter(Boolean).length < words[0]
          ? failed(state, usage)
          : {...state, effect: {kind: 'event', text: `${verb} ${rest}`}},
    ]),
  ),
  help: (state) => ({...state, overlay: {title: 'help', lines: helpLines, top: 0}}),
  quit: (state) => ({...state, effect: {kind: 'quit'}}),
};

/** `:quit`, or any beginning of a name that means one command only. */
export function runCommand(state: UiState, line: string): UiState {
  const [word = '', ...words] = line.split(/\s+/);
  if (word === '') return state;
  const names = Object.keys(commands);
  const fitting = names.filter((name) => name.startsWith(word));
  const name = names.includes(word) ? word : fitting.length === 1 ? fitting[0]! : undefined;
  if (name === undefined) return failed(state, `no command :${word}`, nearest(word, names));
  return commands[name]!(state, words.join(' '));
}

function failed(state: UiState, text: string, hint?: string): UiState {
  return {...state, message: {text: hint === undefined ? text : `${text}; ${hint}`, tone: 'error'}};
}
