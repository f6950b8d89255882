/** Words up to the cursor → what may stand there. Pure: names of the cluster come from `resolve`. */
import type {Candidate, Grammar, OptionRow, Values} from './model.js';

/** The place of the cursor, once the words before it are understood. */
export interface Place {
  /** Grammar in force: that of the last subcommand. */
  readonly grammar: Grammar;
  /** Arguments of that grammar before the cursor. */
  readonly args: readonly string[];
  /** Options of the whole line, without their dashes, as far as they are behind us. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

export type Resolve = (values: Values, typed: string, place: Place) => Promise<readonly Candidate[]>;

/** `words` without the program's name; the last one is being typed and may be empty. */
export async function complete(
  root: Grammar,
  words: readonly string[],
  resolve: Resolve,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? '';
  const {place, pending, isOver} = await walk(root, words.slice(0, -1));
  const {grammar} = place;
  const offer = async (values: Values | undefined, text: string, head = '') => {
    const found = values === undefined ? [] : await resolve(values, text, place);
    return found
      .filter(({word}) => word.startsWith(text))
      .map((candidate) => (head === '' ? candidate : {...candidate, word: head + candidate.word}));
  };
  if (pending) return offer(pending.values, typed);
  if (typed.startsWith('-') && !isOver) {
    const inline = inlineValue(grammar, typed);
    if (inline) return offer(inline.option.values, inline.value, typed.slice(0, typed.length - inline.value.length));
    return optionNames(grammar, typed);
  }
  const places = await Promise.all([
    offer(
      place.args.length > 0
        ? []
        : (grammar.commands ?? []).map(({name, text}) => ({word: name, ...(text ? {text} : {})})),
      typed,
    ),
    offer(Object.keys(grammar.keywords ?? {}), typed),
    offer(argumentValues(grammar, place.args.length), typed),
  ]);
  const found = places.flat();
  const isBare = !grammar.commands && !grammar.keywords && !grammar.args && !isOver && typed === '';
  return found.length === 0 && isBare ? optionNames(grammar, '--') : found;
}

interface Walked {
  readonly place: Place;
  /** The option, or keyword, whose value is being typed. */
  readonly pending: Pick<OptionRow, 'values'> | undefined;
  /** Behind `--`. */
  readonly isOver: boolean;
}

async function walk(root: Grammar, words: readonly string[]): Promise<Walked> {
  let grammar = root;
  let args: string[] = [];
  let isOver = false;
  let pending: Pick<OptionRow, 'values'> | undefined;
  const given = new Map<string, string[]>();
  const note = (option: OptionRow, value: string) => {
    for (const name of option.names) {
      const key = name.replace(/^-+/, '');
      given.set(key, [...(given.get(key) ?? []), value]);
    }
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--' && !isOver) {
      if (grammar.command) [grammar, args] = [await grammar.command(), []];
      else isOver = true;
    } else if (!isOver && word.startsWith('-') && word !== '-') {
      const option = openOption(grammar, word);
      const inline = inlineValue(grammar, word);
      if (inline) note(inline.option, inline.value);
      else if (option) {
        const value = words[++i];
        if (value === undefined) pending = option;
        else note(option, value);
      }
    } else {
      const keywords = grammar.keywords ?? {};
      const command =
        args.length > 0
          ? undefined
          : grammar.commands?.find(({name, aliases}) => name === word || aliases?.includes(word));
      if (command) grammar = await command.load();
      else if (Object.hasOwn(keywords, word) && keywords[word] !== undefined) {
        if (++i >= words.length) pending = {values: keywords[word]};
      } else args.push(word);
    }
  }
  return {place: {grammar, args, given}, pending, isOver};
}

/** The option at the end of `word` that waits for a value in the next one: `--output`, `-o`, `-nni`. */
function openOption({options}: Grammar, word: string): OptionRow | undefined {
  const exact = options.find(({names}) => names.includes(word));
  if (exact) return exact.takesValue ? exact : undefined;
  const found = bundled(options, word);
  return found && found.rest === '' ? found.option : undefined;
}

/** `--output=js`, `-ieth0`: the option and what is there of its value. */
function inlineValue({options}: Grammar, word: string): {option: OptionRow; value: string} | undefined {
  if (options.some(({names}) => names.includes(word))) return undefined;
  const equals = word.indexOf('=');
  if (equals > 0) {
    const option = options.find(({names, takesValue}) => takesValue && names.includes(word.slice(0, equals)));
    if (option) return {option, value: word.slice(equals + 1)};
  }
  const found = bundled(options, word);
  return found && found.rest !== '' ? {option: found.option, value: found.rest} : undefined;
}

/** Letters behind one dash, the first that takes a value with what is behind it. */
function bundled(options: readonly OptionRow[], word: string): {option: OptionRow; rest: string} | undefined {
  if (word.startsWith('--')) return undefined;
  for (let i = 1; i < word.length; i++) {
    const option = options.find(({names}) => names.includes(`-${word[i]}`));
    if (!option) return undefined;
    if (option.takesValue) return {option, rest: word.slice(i + 1)};
  }
  return undefined;
}

function optionNames({options}: Grammar, typed: string): Candidate[] {
  return options.flatMap(({names, text}) =>
    names.filter((name) => name.startsWith(typed)).map((word) => (text ? {word, text} : {word})),
  );
}

function argumentValues({args, repeats}: Grammar, at: number): Values | undefined {
  return args?.[at] ?? (repeats ? args?.at(-1) : undefined);
}
