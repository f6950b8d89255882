/** Tables in which the tools keep their command lines → grammars of completion. */
import {sessionOptionTable} from '../../session/options.js';
import type {CommandNode, FlagRow} from '../../tools/common/cobra-argv.js';
import type {Grammar, OptionRow, Source, Values} from './model.js';

/** What an option's value is, told by the option's name: the same words mean the same in all of the tools. */
const sources: Readonly<Record<string, Source>> = {
  cluster: 'file',
  events: 'file',
  filename: 'file',
  identity: 'identity',
  interface: 'interface',
  namespace: 'namespace',
  node: 'node',
  pod: 'pod',
  service: 'service',
};

/** `--from-pod`, `--node-name`, `--junit-file`; a value that help calls FILE, DIR or PATH is one. */
export function sourceOf(name: string, helpValue?: string): Source | undefined {
  if (helpValue !== undefined && /(^|[^A-Z=])(FILE|DIR|PATH)([^A-Z=]|$)/.test(helpValue)) return 'file';
  const word = name.replace(/^(from|to)-/, '').replace(/-name$/, '');
  return Object.hasOwn(sources, word) ? sources[word] : word.endsWith('file') ? 'file' : undefined;
}

export function option(names: readonly string[], takesValue: boolean, text?: string, values?: Values): OptionRow {
  return {names, takesValue, ...(text ? {text} : {}), ...(values ? {values} : {})};
}

/** What every look-alike takes beside its own. */
export const sessionOptions: readonly OptionRow[] = sessionOptionTable.map(({name, value, text}) =>
  option([`--${name}`], true, text, sourceOf(name, value)),
);

/** spf13/cobra's: `cilium`, `hubble`, `kubectl`. What is refused is not offered. */
export function cobraGrammar<Row>(
  node: CommandNode<Row>,
  globals: readonly FlagRow[],
  argsOf: (path: string) => Pick<Grammar, 'args' | 'repeats' | 'command'> = () => ({}),
): Grammar {
  const flags = [...node.flags, ...globals].filter(({refused}) => refused === undefined);
  return {
    options: [
      ...flags.map(({name, short, type, text, values}) =>
        option(
          [`--${name}`, ...(short ? [`-${short}`] : [])],
          type !== 'bool' && type !== 'count',
          text,
          values ?? sourceOf(name),
        ),
      ),
      ...sessionOptions,
    ],
    ...(node.children.length > 0
      ? {
          commands: node.children.map((child) => ({
            name: child.name,
            aliases: child.aliases,
            text: shortOf(child.row),
            load: async () => cobraGrammar(child, globals, argsOf),
          })),
        }
      : {}),
    ...argsOf(node.path),
  };
}

function shortOf(row: unknown): string {
  return typeof row === 'object' && row !== null && 'short' in row && typeof row.short === 'string' ? row.short : '';
}

/** Letters as getopt(3) writes them: `ab:c`. */
export function getoptLetters(text: string, values: Readonly<Record<string, Values>>, without = ''): OptionRow[] {
  return [...text.matchAll(/([^:])(:?)/g)]
    .filter(([, letter = '']) => !without.includes(letter))
    .map(([, letter = '', colon]) => option([`-${letter}`], colon === ':', undefined, values[letter]));
}
