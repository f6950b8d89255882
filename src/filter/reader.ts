/** Reads the tokens of an expression one ahead, and no earlier than a decision needs it. */
import {FilterError} from './error.js';
import type {State} from './gen/state.js';
import {type Token, tokenizer} from './lexer.js';

export interface Reader {
  /** The next token, not taken. */
  peek(): Token;
  take(): Token;
  /** Takes the next token if it is of this type. */
  accept(type: string): boolean;
  /** Takes the next token; it must be of this type. */
  expect(type: string): Token;
  /** What to throw where the next token does not fit. */
  syntaxError(): FilterError;
  readonly state: State;
}

export function newReader(text: string, state: State): Reader {
  const next = tokenizer(text);
  let ahead: Token | undefined;
  /** The first malformed token; its message stands for the syntax error that it leads to. */
  let problem: string | undefined;
  const peek = () => {
    if (ahead === undefined) {
      ahead = next();
      problem ??= ahead.problem;
    }
    return ahead;
  };
  const syntaxError = () => new FilterError(problem ?? "can't parse filter expression: syntax error");
  const take = () => {
    const token = peek();
    if (token.problem !== undefined) throw syntaxError();
    ahead = undefined;
    return token;
  };
  return {
    state,
    peek,
    take,
    syntaxError,
    accept: (type) => peek().type === type && take() !== undefined,
    expect: (type) => {
      if (peek().type !== type) throw syntaxError();
      return take();
    },
  };
}
