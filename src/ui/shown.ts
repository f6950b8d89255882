/** Which frames of a run are shown: scope and filter. */
import {compileFilter} from '../filter/compile.js';
import {FilterError} from '../filter/error.js';
import {type Predicate, predicate} from '../filter/predicate.js';
import {sanitize} from '../term/sanitize.js';
import type {Filter, Scope, UiState} from './model.js';
import {inScope, positionOf, selectedFrame} from './select.js';

/** Chooses the shown frames anew, and keeps a frame selected. */
export function show(state: UiState): UiState {
  const {frames, scope, filter, follow} = state;
  const shown =
    scope || filter
      ? frames.filter((frame) => inScope(scope, frame.point) && (!filter || passes(filter, frame.bytes)))
      : frames;
  const known = selectedFrame({...state, frames});
  const selected = follow || !known ? ((follow ? shown.at(-1) : shown[0])?.number ?? 0) : state.selected;
  return {...state, shown, selected};
}

function passes({test}: Filter, bytes: Uint8Array): boolean {
  return test(bytes, 0, bytes.length, bytes.length);
}

/** A new choice of frames: one of them is selected, the selected one or the next. */
function choose(state: UiState): UiState {
  const next = show(state);
  const {shown, selected} = next;
  const at = positionOf(shown, selected);
  return {...next, selected: (shown[at] ?? shown.at(-1))?.number ?? selected};
}

/** undefined: all capture points. */
export function withScope(state: UiState, scope: Scope | undefined): UiState {
  return choose({...state, scope, message: undefined});
}

/** Throws `FilterError`. */
export function frameTest(text: string): Predicate {
  return predicate(compileFilter(text, {linktype: 1, snaplen: 262_144, optimize: true, savefile: false}));
}

/** Sets the filter, or opens the prompt with what is wrong with it. */
export function withFilter(state: UiState, text: string): UiState {
  const trimmed = text.trim();
  if (trimmed === '') return choose({...state, filter: undefined, prompt: undefined});
  try {
    return choose({...state, filter: {text: trimmed, test: frameTest(trimmed)}, prompt: undefined});
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return {...state, prompt: {kind: 'filter', text, error: sanitize(error.message)}};
  }
}
