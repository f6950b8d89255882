/** Problems found so far: everything wrong with the input is reported at once. */
import {type Problem, type SourcePosition, UserError} from '../term/error.js';
import type {LoadNote} from './model.js';

export interface Problems {
  add(message: string, where?: SourcePosition, hint?: string): void;
  note(level: LoadNote['level'], message: string, where?: SourcePosition): void;
  readonly found: readonly Problem[];
  /** So many that nobody needs to look for more. */
  readonly full: boolean;
  readonly notes: LoadNote[];
  /** Ends the load if anything is wrong. */
  throwIfAny(): void;
}

/** More than these are counted, not listed. */
const MOST = 100;
/** With more than these beside, the input is not what it was taken for. */
const ENOUGH = 1000;

export function createProblems(notes: readonly LoadNote[] = []): Problems {
  const found: Problem[] = [];
  const kept = [...notes];
  let more = 0;
  return {
    found,
    notes: kept,
    get full() {
      return more >= ENOUGH;
    },
    add(message, where, hint) {
      if (found.length >= MOST) more++;
      else found.push({message, ...(where ? {where} : {}), ...(hint ? {hint} : {})});
    },
    note(level, message, where) {
      kept.push({level, message, ...(where ? {where} : {})});
    },
    throwIfAny() {
      if (found.length === 0) return;
      throw new UserError(
        more > 0
          ? [
              ...found,
              {
                message: `${more >= ENOUGH ? 'more than ' : ''}${Math.min(more, ENOUGH)} more problems of the same input`,
              },
            ]
          : found,
      );
    },
  };
}
