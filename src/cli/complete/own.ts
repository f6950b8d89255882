/** The whole program's grammar: commands from oclif's manifest, look-alikes each with their own. */
import {readFileSync} from 'node:fs';
import {option, sourceOf} from './from-tables.js';
import {launched, lookAlikes} from './look-alikes.js';
import type {CommandRow, Grammar, Values} from './model.js';

/** What completion, man pages and the command reference read of `oclif.manifest.json`. */
export interface ManifestFlag {
  readonly name: string;
  readonly char?: string;
  readonly description?: string;
  readonly type: 'boolean' | 'option';
  readonly helpValue?: string;
  readonly helpGroup?: string;
  readonly options?: readonly string[];
  readonly default?: unknown;
  readonly allowNo?: boolean;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
}

export interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly usage?: string | readonly string[];
  readonly hidden?: boolean;
  readonly examples?: readonly (string | {readonly description: string; readonly command: string})[];
  readonly args: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly description?: string;
        readonly required?: boolean;
        readonly options?: readonly string[];
      }
    >
  >;
  readonly flags: Readonly<Record<string, ManifestFlag>>;
}

/** `root`: the folder with the program's package.json. */
export function readManifest(root: URL): readonly ManifestCommand[] {
  const {commands} = JSON.parse(readFileSync(new URL('oclif.manifest.json', root), 'utf8')) as {
    commands: Readonly<Record<string, ManifestCommand>>;
  };
  return Object.values(commands)
    .filter(({hidden}) => !hidden)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function programGrammar(commands: readonly ManifestCommand[]): Grammar {
  const rows = below(commands, '');
  return {
    options: [option(['--help'], false, 'show help'), option(['--version', '-V'], false, 'show the version')],
    commands: [...rows, {name: 'help', text: 'Help of a command', load: async () => ({options: [], commands: rows})}],
  };
}

/** `observe:replay`: a command below a topic. */
function below(commands: readonly ManifestCommand[], prefix: string): CommandRow[] {
  const names = [...new Set(commands.map(({id}) => id.slice(prefix.length).split(':')[0] ?? ''))];
  return names.map((name) => {
    const own = commands.find(({id}) => id === prefix + name);
    const inside = commands.filter(({id}) => id.startsWith(`${prefix}${name}:`));
    return {
      name,
      text: own ? summaryOf(own) : inside.map(({id}) => id.slice(`${prefix}${name}:`.length)).join(', '),
      load: async () => ({
        ...(own ? await commandGrammar(own) : {options: []}),
        ...(inside.length > 0 ? {commands: below(inside, `${prefix}${name}:`)} : {}),
      }),
    };
  });
}

export function summaryOf({summary, description = ''}: ManifestCommand): string {
  return summary ?? description.split('\n')[0] ?? '';
}

async function commandGrammar(command: ManifestCommand): Promise<Grammar> {
  const model = Object.hasOwn(lookAlikes, command.id) ? lookAlikes[command.id] : undefined;
  const help = option(['--help'], false, 'show help');
  if (model) {
    const grammar = await model();
    return {...grammar, options: [...grammar.options, help]};
  }
  const args = Object.values(command.args);
  return {
    options: [
      ...Object.values(command.flags).map((flag) =>
        option(
          [`--${flag.name}`, ...(flag.char ? [`-${flag.char}`] : [])],
          flag.type === 'option',
          flag.description,
          flag.options ?? sourceOf(flag.name, flag.helpValue),
        ),
      ),
      help,
    ],
    ...(command.id === 'run' || command.id === 'shell' ? {command: launched} : {}),
    ...(args.length > 0 ? {args: args.map(({name, options}) => options ?? argumentSources[name])} : {}),
  };
}

/** By the argument's name. */
const argumentSources: Readonly<Record<string, Values | undefined>> = {
  from: 'sender',
  to: 'receiver',
  service: 'service',
  pod: 'pod',
  node: 'node',
  file: 'file',
  path: 'file',
  paths: 'file',
  before: 'file',
  after: 'file',
};
