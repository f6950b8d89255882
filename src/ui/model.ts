/**
 * The state of the screen. `reduce` (state.ts) makes the next one from it and an action; nothing else changes it.
 *
 *   world, frames ──scope, filter──▶ shown ──selected──▶ layers, hops
 */
import type {Predicate} from '../filter/predicate.js';
import type {RecordedFrame} from './recorder.js';
import type {World} from './world.js';

export const panes = ['cluster', 'frames', 'packet', 'hops'] as const;
export type PaneName = (typeof panes)[number];

export type Key =
  | {
      readonly name:
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'tab'
        | 'back-tab'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'interrupt'
        | 'clear-line';
    }
  | {readonly name: 'char'; readonly text: string};

/** Capture points that frames are shown of. */
export type Scope =
  | {readonly kind: 'node'; readonly node: string}
  | {readonly kind: 'pod'; readonly node: string; readonly pod: string; readonly device: string};

export interface Filter {
  readonly text: string;
  readonly test: Predicate;
}

export interface Prompt {
  readonly kind: 'filter' | 'export' | 'command' | 'overwrite';
  readonly text: string;
  readonly error?: string;
}

/** Text over the panes. */
export interface Overlay {
  readonly title: string;
  readonly lines: readonly string[];
  readonly top: number;
}

export interface Message {
  readonly text: string;
  readonly tone: 'done' | 'error' | 'busy';
}

/** What the reducer cannot do itself; whoever runs it answers with an action. */
export type Effect =
  | {readonly kind: 'quit'}
  | {readonly kind: 'export'; readonly path: string; readonly overwrite: boolean}
  | {readonly kind: 'reopen'; readonly set: readonly string[]; readonly compare: boolean}
  | {readonly kind: 'traffic'; readonly text: string}
  /** A change of the cluster, as --event has it but for the time: now. */
  | {readonly kind: 'event'; readonly text: string}
  | {readonly kind: 'pause'; readonly paused: boolean};

/** Figures of a run, to hold two encapsulations side by side. */
export interface Snapshot {
  readonly rows: readonly (readonly [what: string, value: string])[];
}

export interface UiState {
  readonly columns: number;
  readonly rows: number;
  readonly world: World;
  /** The last frames of the run, oldest first, numbers ascending. */
  readonly frames: readonly RecordedFrame[];
  /** Frames of the run, forgotten ones included. */
  readonly total: number;
  readonly running: boolean;
  readonly paused: boolean;
  readonly scope: Scope | undefined;
  readonly filter: Filter | undefined;
  /** Frames in scope that pass the filter. */
  readonly shown: readonly RecordedFrame[];
  /** Number of the selected frame, which may not be among the shown; 0 = none. */
  readonly selected: number;
  /** The last frame stays selected as more come. */
  readonly follow: boolean;
  readonly pane: PaneName;
  /** Row of the tree. */
  readonly tree: number;
  /** Layer of the selected frame, and field in it; -1 = the whole layer. */
  readonly layer: number;
  readonly field: number;
  readonly prompt: Prompt | undefined;
  readonly overlay: Overlay | undefined;
  readonly message: Message | undefined;
  /** Of the run before, while the one to compare with goes on. */
  readonly before: Snapshot | undefined;
  readonly effect: Effect | undefined;
}

export type Action =
  | {readonly type: 'key'; readonly key: Key}
  | {readonly type: 'resize'; readonly columns: number; readonly rows: number}
  | {
      readonly type: 'frames';
      readonly frames: readonly RecordedFrame[];
      readonly total: number;
      readonly running: boolean;
    }
  /** `text`: what was done, for the status line. */
  | {readonly type: 'reopened'; readonly world: World; readonly text?: string}
  /** Traffic was added: the session's options name it from now on. */
  | {readonly type: 'traffic'; readonly world: World; readonly text: string}
  | {readonly type: 'exported'; readonly text: string}
  | {readonly type: 'exists'; readonly path: string}
  | {readonly type: 'failed'; readonly text: string}
  /** The effect has been taken up. */
  | {readonly type: 'effect-taken'};
