/** From one state to the next. Pure: keys and answers in, a new state out; what has to be done outside is its `effect`. */
import {sanitize} from '../term/sanitize.js';
import {commandLines} from './command-line.js';
import {runCommand} from './commands.js';
import {compareLines, takeSnapshot} from './compare.js';
import {helpLines} from './help.js';
import {type Layout, layOut} from './layout.js';
import {switchMode} from './mode.js';
import {type Action, type Key, type Prompt, panes, type Scope, type UiState} from './model.js';
import {hopsOf, positionOf, selectedFrame, selectedLayers} from './select.js';
import {show, withFilter, withScope} from './shown.js';
import type {World} from './world.js';

export function initialState(world: World, columns: number, rows: number): UiState {
  return {
    columns,
    rows,
    world,
    frames: [],
    total: 0,
    running: true,
    paused: false,
    scope: scopeOf(world),
    filter: undefined,
    shown: [],
    selected: 0,
    follow: false,
    pane: 'frames',
    tree: 0,
    layer: 0,
    field: -1,
    prompt: undefined,
    overlay: undefined,
    message: undefined,
    before: undefined,
    effect: undefined,
  };
}

/** --pod or --node: only its frames. */
function scopeOf({options, tree}: World): Scope | undefined {
  const {pod: name, node} = options;
  if (name === undefined) return node === undefined ? undefined : {kind: 'node', node};
  const pods = tree.flatMap((item) => (item.kind === 'pod' ? [item] : []));
  const wanted = name.includes('/') ? name : `default/${name}`;
  const pod = pods.find((item) => item.pod === wanted) ?? pods.find((item) => item.pod.endsWith(`/${name}`));
  return pod && {kind: 'pod', node: pod.node, pod: pod.pod, device: pod.device};
}

export function reduce(state: UiState, action: Action): UiState {
  switch (action.type) {
    case 'key':
      return onKey(state, action.key);
    case 'resize':
      return {...state, columns: action.columns, rows: action.rows};
    case 'frames':
      return onFrames(state, action);
    case 'reopened':
      return {
        ...state,
        ...(action.text === undefined ? {} : {message: {text: sanitize(action.text), tone: 'done' as const}}),
        world: action.world,
        frames: [],
        shown: [],
        total: 0,
        running: true,
        paused: false,
        tree: clamp(state.tree, action.world.tree.length),
      };
    case 'traffic':
      return {
        ...state,
        world: action.world,
        running: true,
        follow: false,
        message: {text: `sent: ${sanitize(action.text)}`, tone: 'done'},
      };
    case 'exported':
      return {...state, message: {text: sanitize(action.text), tone: 'done'}};
    case 'exists':
      return {...state, message: undefined, prompt: {kind: 'overwrite', text: action.path}};
    case 'failed':
      return onFailure({...state, before: undefined, message: undefined}, action.text);
    case 'effect-taken':
      return {...state, effect: undefined};
  }
}

/** One line stands in the status line, more lie over the panes. */
function onFailure(state: UiState, text: string): UiState {
  const lines = text.split('\n').map(sanitize);
  if (lines.length > 1) return {...state, overlay: {title: 'that went wrong', lines, top: 0}};
  return {...state, message: {text: lines[0]!, tone: 'error'}};
}

function onFrames(state: UiState, {frames, total, running}: Extract<Action, {type: 'frames'}>): UiState {
  const next = show({...state, frames, total, running});
  if (running || !state.before) return next;
  const lines = compareLines(state.before, takeSnapshot(next));
  const overlay = {title: `what changed: now ${next.world.mode}`, lines, top: 0};
  return {...next, before: undefined, message: undefined, overlay};
}

function onKey(state: UiState, key: Key): UiState {
  if (key.name === 'interrupt') return {...state, effect: {kind: 'quit'}};
  if (state.prompt) return onPromptKey(state, state.prompt, key);
  if (state.overlay) return onOverlayKey(state, key);
  return key.name === 'char' ? onLetter(state, key.text) : onMove(state, key.name);
}

function onOverlayKey(state: UiState, key: Key): UiState {
  const overlay = state.overlay!;
  const name = key.name === 'char' ? ({j: 'down', k: 'up', ' ': 'page-down'} as const)[key.text] : key.name;
  const step = name === 'down' ? 1 : name === 'up' ? -1 : name === 'page-down' ? 10 : name === 'page-up' ? -10 : 0;
  if (step === 0) return {...state, overlay: undefined};
  const top = Math.max(0, Math.min(overlay.top + step, overlay.lines.length - 1));
  return {...state, overlay: {...overlay, top}};
}

function onLetter(state: UiState, letter: string): UiState {
  const clean = {...state, message: undefined};
  switch (letter) {
    case 'q':
      return {...state, effect: {kind: 'quit'}};
    case '/':
      return {...clean, prompt: {kind: 'filter', text: state.filter?.text ?? ''}};
    case ':':
      return {...clean, prompt: {kind: 'command', text: ''}};
    case 'e':
      return {...clean, prompt: {kind: 'export', text: 'frames.pcapng'}};
    case 'y':
      return {...clean, overlay: {title: 'equivalent commands', lines: commandLines(state).map(sanitize), top: 0}};
    case '?':
      return {...clean, overlay: {title: 'help', lines: helpLines, top: 0}};
    case 't':
      return state.running || state.before ? state : switchMode(clean, takeSnapshot(state));
    case 'x':
      return switchPower(clean);
    case ' ':
      if (!state.running) return clean;
      return {...clean, paused: !state.paused, effect: {kind: 'pause', paused: !state.paused}};
    default: {
      const move = letterMoves[letter];
      return move ? onMove(state, move) : state;
    }
  }
}

/** The node under the cursor loses its power, or gets it back. */
function switchPower(state: UiState): UiState {
  const item = state.pane === 'cluster' ? state.world.tree[state.tree] : undefined;
  if (item?.kind !== 'node')
    return {
      ...state,
      message: {text: 'x switches the power of the node under the cursor, in the cluster pane', tone: 'error'},
    };
  return {...state, effect: {kind: 'event', text: `${item.down ? 'up' : 'down'} ${item.node}`}};
}

const letterMoves: Readonly<Record<string, Exclude<Key['name'], 'char'>>> = {
  h: 'left',
  j: 'down',
  k: 'up',
  l: 'right',
  g: 'home',
  G: 'end',
};

function onMove(state: UiState, name: Exclude<Key['name'], 'char'>): UiState {
  switch (name) {
    case 'left':
      return moveHop(state, -1);
    case 'right':
      return moveHop(state, 1);
    case 'tab':
    case 'back-tab': {
      const step = name === 'tab' ? 1 : panes.length - 1;
      return {...state, pane: panes[(panes.indexOf(state.pane) + step) % panes.length]!};
    }
    case 'enter':
      return onEnter(state);
    case 'escape':
      return onEscape(state);
    case 'up':
      return moveInPane(state, -1);
    case 'down':
      return moveInPane(state, 1);
    case 'page-up':
      return moveInPane(state, -pageOf(state));
    case 'page-down':
      return moveInPane(state, pageOf(state));
    case 'home':
      return moveInPane(state, Number.NEGATIVE_INFINITY);
    case 'end':
      return moveInPane(state, Number.POSITIVE_INFINITY);
    default:
      return state;
  }
}

function pageOf(state: UiState): number {
  const layout: Layout | undefined = layOut(state.columns, state.rows);
  return layout && state.pane !== 'packet' ? Math.max(1, layout[state.pane].height - 2) : 5;
}

function moveInPane(state: UiState, by: number): UiState {
  switch (state.pane) {
    case 'cluster':
      return {...state, tree: clamp(state.tree + by, state.world.tree.length)};
    case 'frames':
      return moveFrame(state, by);
    case 'packet':
      return moveField(state, by);
    case 'hops':
      return moveHop(state, by);
  }
}

function clamp(index: number, count: number): number {
  return Math.max(0, Math.min(index, count - 1));
}

function moveFrame(state: UiState, by: number): UiState {
  const {shown, selected} = state;
  if (shown.length === 0) return state;
  const at = positionOf(shown, selected);
  // from between two shown frames, down is the one that `at` names already
  const from = by > 0 && shown[at]?.number !== selected ? at - 1 : at;
  const next = clamp(from + by, shown.length);
  return select(state, shown[next]!.number, by === Number.POSITIVE_INFINITY && state.running);
}

function moveHop(state: UiState, by: number): UiState {
  const frame = selectedFrame(state);
  if (!frame) return state;
  const hops = hopsOf(state, frame);
  return select(state, hops[clamp(hops.indexOf(frame) + by, hops.length)]!.number, false);
}

/** Selects a frame; the layer stays the same counted from the inside, so that it is followed into a tunnel and out again. */
function select(state: UiState, number: number, follow: boolean): UiState {
  if (number === state.selected) return follow === state.follow ? state : {...state, follow};
  const before = selectedLayers(state);
  const next = {...state, selected: number, follow};
  const after = selectedLayers(next);
  if (state.layer === 0 && state.field < 0) return next;
  const layer = clamp(after.length - before.length + state.layer, after.length);
  const same = after[layer]?.name === before[state.layer]?.name;
  return {...next, layer, field: same ? Math.min(state.field, after[layer]!.fields.length - 1) : -1};
}

/** Layers and their fields are one list: down from a layer's last field is the next layer. */
function moveField(state: UiState, by: number): UiState {
  const layers = selectedLayers(state);
  const rows = layers.flatMap((layer, index) => [
    {layer: index, field: -1},
    ...layer.fields.map((_, field) => ({layer: index, field})),
  ]);
  if (rows.length === 0) return state;
  const at = rows.findIndex((row) => row.layer === state.layer && row.field === state.field);
  return {...state, ...rows[clamp(at + by, rows.length)]!};
}

function onEnter(state: UiState): UiState {
  if (state.pane === 'frames' || state.pane === 'hops') return {...state, pane: 'packet'};
  const item = state.pane === 'cluster' ? state.world.tree[state.tree] : undefined;
  switch (item?.kind) {
    case 'node':
      return withScope(state, {kind: 'node', node: item.node});
    case 'pod':
      return withScope(state, {kind: 'pod', node: item.node, pod: item.pod, device: item.device});
    case 'tunnel':
      return withFilter(state, item.filter);
    case 'service':
      return item.ips.length === 0 ? state : withFilter(state, item.ips.map((ip) => `host ${ip}`).join(' or '));
    default:
      return state;
  }
}

/** One thing less: the message, then the filter, then the scope. */
function onEscape(state: UiState): UiState {
  if (state.message) return {...state, message: undefined};
  if (state.filter) return withFilter(state, '');
  return state.scope ? withScope(state, undefined) : state;
}

function onPromptKey(state: UiState, prompt: Prompt, key: Key): UiState {
  const close = {...state, prompt: undefined};
  if (key.name === 'escape') return close;
  if (prompt.kind === 'overwrite') {
    if (key.name !== 'char' || key.text !== 'y') return {...close, message: {text: 'not written', tone: 'done'}};
    return {...close, effect: {kind: 'export', path: prompt.text, overwrite: true}};
  }
  switch (key.name) {
    case 'char':
      return {...state, prompt: {kind: prompt.kind, text: prompt.text + key.text}};
    case 'backspace':
      return prompt.text === '' ? close : {...state, prompt: {kind: prompt.kind, text: withoutLast(prompt.text)}};
    case 'clear-line':
      return {...state, prompt: {kind: prompt.kind, text: ''}};
    case 'enter':
      return submit(close, prompt);
    default:
      return state;
  }
}

function withoutLast(text: string): string {
  return [...text].slice(0, -1).join('');
}

function submit(state: UiState, prompt: Prompt): UiState {
  const text = prompt.text.trim();
  switch (prompt.kind) {
    case 'filter':
      return withFilter(state, prompt.text);
    case 'export':
      return text === '' ? state : {...state, effect: {kind: 'export', path: text, overwrite: false}};
    default:
      return runCommand(state, text);
  }
}
