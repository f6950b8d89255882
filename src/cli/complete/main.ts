/**
 * `wirelay __complete SHELL -- WORD…`: what may stand in place of the last word, one a line, with a tab and a description where
 * the shell shows one. A line `:file` asks the shell for files; a word that ends in `=`, `/` or `:` wants no space behind it.
 * SHELL `kubectl` is its plugin completion, with a directive of cobra's as the last line.
 * Whatever goes wrong: nothing is printed, since the line is not finished.
 */
import type {Io} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {complete, type Resolve} from './engine.js';
import type {Values} from './model.js';
import {clusterNames} from './names.js';
import {programGrammar, readManifest} from './own.js';

/** Directives of spf13/cobra, which kubectl expects of its plugins: files too, or only what was offered. */
const [COBRA_DEFAULT, COBRA_NO_FILES] = [':0', ':4'];

/** `root`: the folder with the program's package.json. */
export function completeMain(root: URL): (argv: readonly string[], io: Io) => Promise<number> {
  return async ([shell = '', , ...words], io) => {
    try {
      const found = await complete(programGrammar(readManifest(root)), plain(shell, words, io), resolver(io));
      const describes = shell !== 'bash';
      const lines = new Set(
        found.map(({word, text, isFile}) => {
          if (isFile) return ':file';
          return sanitize(word) + (describes && text ? `\t${sanitize(text).replace(/\s+/g, ' ')}` : '');
        }),
      );
      if (shell === 'kubectl') lines.add(lines.delete(':file') ? COBRA_DEFAULT : COBRA_NO_FILES);
      io.stdout.write([...lines].map((line) => `${line}\n`).join(''));
    } catch {
      // a half typed line may name a cluster that is not there yet
    }
    return 0;
  };
}

function resolver(io: Io): Resolve {
  return async (values: Values, typed, place) => {
    if (typeof values !== 'string') return values.map((value) => (typeof value === 'string' ? {word: value} : value));
    if (values === 'file') return [{word: typed, isFile: true}];
    return clusterNames(values, typed, place, io);
  };
}

/** bash hands over words as they were typed, quotes and all; the others take them off. */
function plain(shell: string, words: readonly string[], {env}: Io): string[] {
  const home = (word: string) => (word.startsWith('~/') ? `${env.HOME ?? '~'}${word.slice(1)}` : word);
  return words.map((word) => home(shell === 'bash' ? unquoted(word) : word));
}

/** A word without its quotes, of which the last may not be closed yet. */
function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)/gs,
    (_, single, double, escaped) => single ?? double?.replace(/\\(["$`\\])/g, '$1') ?? escaped ?? '',
  );
}
