/** getopt_long(3) of glibc: bundled short options, abbreviated long ones, operands anywhere (they are permuted to the end). */

export interface LongOption {
  readonly name: string;
  readonly argument: boolean;
  /** The short option it stands for, or a name of its own. */
  readonly is: string;
}

export interface Grammar {
  /** `ab:c`: a colon behind an option that takes an argument. */
  readonly short: string;
  readonly long: readonly LongOption[];
}

/** One step: an option, or the error text that getopt prints after the program's name. */
export type Step = {readonly option: string; readonly argument: string} | {readonly error: string};

/** Yields options in order; operands end up in `operands`. Stops being defined after an error step. */
export function* getopt(argv: readonly string[], grammar: Grammar, operands: string[]): Generator<Step> {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      operands.push(...argv.slice(i + 1));
      return;
    }
    if (word.startsWith('--')) {
      const step = longOption(word.slice(2), argv[i + 1], grammar.long);
      if (step.usedNext) i++;
      yield step.step;
    } else if (word.startsWith('-') && word.length > 1) {
      if (yield* shortOptions(word, argv[i + 1], grammar.short)) i++;
    } else operands.push(word);
  }
}

/** The options bundled in one word; returns whether the next word was used as an argument. */
function* shortOptions(word: string, next: string | undefined, short: string): Generator<Step, boolean> {
  for (let k = 1; k < word.length; k++) {
    const letter = word[k]!;
    const at = letter === ':' ? -1 : short.indexOf(letter);
    if (at < 0) {
      yield {error: `invalid option -- '${letter}'`};
      continue;
    }
    if (short[at + 1] !== ':') {
      yield {option: letter, argument: ''};
      continue;
    }
    if (k + 1 < word.length) {
      yield {option: letter, argument: word.slice(k + 1)};
      return false;
    }
    if (next === undefined) yield {error: `option requires an argument -- '${letter}'`};
    else yield {option: letter, argument: next};
    return true;
  }
  return false;
}

function longOption(
  text: string,
  next: string | undefined,
  long: readonly LongOption[],
): {step: Step; usedNext: boolean} {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const candidates = long.filter((option) => option.name.startsWith(name));
  const found =
    candidates.find((option) => option.name === name) ?? (sameOption(candidates) ? candidates[0] : undefined);
  if (found === undefined) {
    const error =
      candidates.length === 0
        ? `unrecognized option '--${name}'`
        : `option '--${name}' is ambiguous; possibilities: ${candidates.map((o) => `'--${o.name}'`).join(' ')}`;
    return {step: {error}, usedNext: false};
  }
  if (!found.argument) {
    if (equals >= 0) return {step: {error: `option '--${found.name}' doesn't allow an argument`}, usedNext: false};
    return {step: {option: found.is, argument: ''}, usedNext: false};
  }
  if (equals >= 0) return {step: {option: found.is, argument: text.slice(equals + 1)}, usedNext: false};
  if (next === undefined) return {step: {error: `option '--${found.name}' requires an argument`}, usedNext: false};
  return {step: {option: found.is, argument: next}, usedNext: true};
}

/** Abbreviations of several names for one thing are not ambiguous. */
function sameOption(candidates: readonly LongOption[]): boolean {
  return (
    candidates.length > 0 &&
    candidates.every((o) => o.is === candidates[0]!.is && o.argument === candidates[0]!.argument)
  );
}
