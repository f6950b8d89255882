/** Documents made of the program's own tables: command reference, man pages, definition reference, README's table of commands. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {type ManifestCommand, type ManifestFlag, readManifest, summaryOf} from '../../src/cli/complete/own.js';
import {tools} from '../../src/cli/tools.js';
import {clusterShape} from '../../src/cluster/schema.js';
import {expectedText, type Field, type Shape} from '../../src/cluster/shape.js';
import {exitCodes, exitCodeTexts} from '../../src/term/error.js';
import {root} from './console.js';

/** Path below the project → text. */
export function generated(): Map<string, string> {
  const commands = readManifest(pathToFileURL(`${root}/`));
  const files = new Map<string, string>([
    ['docs/commands/README.md', commandIndex(commands)],
    ['docs/definition.md', definitionPage()],
    ['docs/man/wirelay.1', manRoot(commands)],
  ]);
  for (const command of commands) {
    const name = command.id.replaceAll(':', '-');
    files.set(`docs/commands/${name}.md`, commandPage(command));
    files.set(`docs/man/wirelay-${name}.1`, manPage(command));
  }
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  files.set('README.md', betweenMarks(readme, 'commands', commandTable(commands, 'docs/commands/')));
  return files;
}

export const GENERATED = '<!-- made by `npm run docs` of the program’s own tables: do not edit -->';

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
function betweenMarks(text: string, name: string, inside: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`README.md: no ${open.trim()} … ${close}`);
  return text.slice(0, from + open.length) + inside + text.slice(to);
}

const plain = (text: string) => text.replaceAll('<%= config.bin %>', 'wirelay').replaceAll('<%= command.id %>', '');
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function examplesOf({examples = []}: ManifestCommand): {description: string; command: string}[] {
  return examples.map((example) =>
    typeof example === 'string'
      ? {description: '', command: plain(example)}
      : {description: plain(example.description), command: plain(example.command)},
  );
}

function nameOf({id}: ManifestCommand): string {
  return id.replaceAll(':', ' ');
}

const isLookAlike = ({id}: ManifestCommand) => Object.hasOwn(tools, id);

function usageOf(command: ManifestCommand): string[] {
  if (command.usage !== undefined) return [command.usage].flat().map(plain);
  const args = Object.values(command.args).map(({name, required}) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );
  return [
    [nameOf(command), ...args, Object.keys(command.flags).length > 0 ? '[OPTIONS]' : ''].filter(Boolean).join(' '),
  ];
}

/** `-o, --output text|json`. */
function flagText({name, char, type, helpValue, options, multiple}: ManifestFlag): string {
  const value =
    type === 'boolean' ? '' : ` ${options ? options.join('|') : (helpValue ?? 'VALUE')}${multiple ? ' …' : ''}`;
  return `${char ? `-${char}, ` : ''}--${name}${value}`;
}

function flagMeaning({description = '', default: fallback}: ManifestFlag): string {
  const shown = typeof fallback === 'string' || typeof fallback === 'number' ? ` (default: ${fallback})` : '';
  return `${description}${shown}`;
}

/** Flags by their help group, the command's own first. */
function flagGroups({flags}: ManifestCommand): [string, ManifestFlag[]][] {
  const groups = new Map<string, ManifestFlag[]>();
  for (const flag of Object.values(flags).filter(({hidden}) => !hidden)) {
    const group = flag.helpGroup ?? '';
    groups.set(group, [...(groups.get(group) ?? []), flag]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function groupTitle(group: string): string {
  return group === '' ? 'Options' : `Options: ${group.toLowerCase()}`;
}

function exitText(command: ManifestCommand): string {
  return isLookAlike(command)
    ? `Those of the program that it stands for; ${exitCodes.usage} where something is not supported or the cluster cannot be read.`
    : '';
}

const codeRows = Object.entries(exitCodes).map(
  ([key, code]) => [String(code), exitCodeTexts[key as keyof typeof exitCodes]] as const,
);

function commandPage(command: ManifestCommand): string {
  const name = nameOf(command);
  const body = command.summary === undefined ? '' : (command.description ?? '');
  const args = Object.values(command.args);
  const parts = [
    GENERATED,
    `# wirelay ${name}`,
    plain(summaryOf(command)),
    ...(body ? [plain(body)] : []),
    `\`\`\`text\n${usageOf(command)
      .map((line) => `wirelay ${line}`)
      .join('\n')}\n\`\`\``,
  ];
  if (args.length > 0)
    parts.push(
      `## Arguments\n\n| argument | meaning |\n|---|---|\n${args.map((arg) => `| \`${arg.name.toUpperCase()}\` | ${cell(arg.description ?? '')} |`).join('\n')}`,
    );
  for (const [group, flags] of flagGroups(command))
    parts.push(
      `## ${groupTitle(group)}\n\n| option | meaning |\n|---|---|\n${flags.map((flag) => `| \`${cell(flagText(flag))}\` | ${cell(flagMeaning(flag))} |`).join('\n')}`,
    );
  if (isLookAlike(command))
    parts.push(
      `All other words are ${name.split(' ')[0]}'s own; \`wirelay ${name} -h\` or the shell's completion lists them.`,
    );
  const examples = examplesOf(command);
  if (examples.length > 0)
    parts.push(
      `## Examples\n\n\`\`\`sh\n${examples.map(({description, command: line}) => `${description ? `# ${description}\n` : ''}${line}`).join('\n')}\n\`\`\``,
    );
  parts.push(
    `## Exit codes\n\n${exitText(command) || codeRows.map(([code, text]) => `- ${code}: ${text}`).join('\n')}`,
  );
  return `${parts.join('\n\n')}\n`;
}

function commandTable(commands: readonly ManifestCommand[], folder: string): string {
  const rows = (list: readonly ManifestCommand[]) =>
    list
      .map(
        (command) =>
          `| [\`${nameOf(command)}\`](${folder}${command.id.replaceAll(':', '-')}.md) | ${cell(plain(summaryOf(command)))} |`,
      )
      .join('\n');
  const head = (title: string) => `| ${title} | |\n|---|---|\n`;
  return [
    `${head('our own')}${rows(commands.filter((command) => !isLookAlike(command)))}\n`,
    `${head('look-alikes')}${rows(commands.filter(isLookAlike))}\n`,
  ].join('\n');
}

function commandIndex(commands: readonly ManifestCommand[]): string {
  return `${GENERATED}

# Commands

${commandTable(commands, '')}
## Exit codes

| code | of our own commands |
|---|---|
${codeRows.map(([code, text]) => `| ${code} | ${text} |`).join('\n')}

Look-alikes end with the code of the program that they stand for, and with ${exitCodes.usage} where something is not supported or the
cluster cannot be read. \`run\` and \`shell\` end with the code of their command: 128 + N after signal N, 127 where there is no such
command, 126 where it may not be started. A reader that has left (\`| head -1\`) is no failure.
`;
}

/** A field's path, its shape, and the field itself. */
interface Row {
  readonly path: string;
  readonly field: Field;
}

function fieldRows(shape: Shape, path: string): Row[] {
  switch (shape.kind) {
    case 'object':
      return shape.list.flatMap(([key, field]) => {
        const own = path === '' ? key : `${path}.${key}`;
        return [{path: own, field}, ...fieldRows(field.shape, own)];
      });
    case 'list':
      return fieldRows(shape.items, `${path}[]`);
    case 'either':
      return shape.of.flatMap((one) => fieldRows(one, path));
    default:
      return [];
  }
}

function definitionPage(): string {
  const rows = fieldRows(clusterShape, '');
  const line = ({path, field}: Row) => {
    const {meaning, fallback} = splitDefault(field.text);
    const need = field.required ? '**required**' : fallback;
    return `| \`${path}\` | ${cell(typeText(field.shape))} | ${cell(need)} | ${cell(meaning)} | \`${cell(JSON.stringify(exampleFor(path, field)))}\` |`;
  };
  const sections = new Map<string, Row[]>();
  for (const row of rows) {
    const [first = '', second] = row.path.split(/[.[]/);
    const section = first === 'spec' && second ? `spec.${second}` : 'document';
    const isSimple = first === 'spec' && rows.filter(({path}) => path.split(/[.[]/)[1] === second).length === 1;
    const key = isSimple ? 'spec' : section;
    sections.set(key, [...(sections.get(key) ?? []), row]);
  }
  const tables = [...sections].map(
    ([name, list]) =>
      `## ${name}\n\n| field | type | default | meaning | example |\n|---|---|---|---|---|\n${list.map(line).join('\n')}`,
  );
  return `${GENERATED}

# The definition, field by field

One document, \`kind: Cluster\`, says what Kubernetes objects do not. \`wirelay schema\` prints the same as JSON Schema, for editors;
[input.md](input.md) tells of files, folders and dumps. Whatever is left out is filled in; \`wirelay inspect\` shows with what.
Every value can be overridden on the command line: \`--set spec.cilium.tunnel-protocol=vxlan\`.

${tables.join('\n\n')}
`;
}

/** `Name; default: the next free one` → its two halves. */
export function splitDefault(text: string): {meaning: string; fallback: string} {
  const match = /^(.*?)(?:^|; |, |\()default:? ([^;)]+)\)?(.*)$/i.exec(text);
  if (!match) return {meaning: text, fallback: ''};
  const [, before = '', fallback = '', after = ''] = match;
  return {meaning: `${before}${after}`.trim(), fallback: fallback.trim()};
}

function typeText(shape: Shape): string {
  if (shape.kind === 'list') return `list: ${typeText(shape.items)}`;
  if (shape.kind === 'map') return `mapping to ${typeText(shape.values)}`;
  return expectedText(shape);
}

const formatExamples: Readonly<Record<string, string>> = {
  prefix: '10.32.0.0/16',
  prefixes: '10.32.0.0/16',
  ip: '10.0.0.5',
  ips: '10.0.0.5',
  clusterIp: '10.96.10.50',
  mac: '12:34:56:78:9a:bc',
  name: 'web',
  label: 'web',
};

/** Free texts that mean something, by the last part of their path. */
const texts: Readonly<Record<string, string>> = {
  createdAt: '2026-01-01T00:00:00Z',
  command: 'ip -br link',
  containerRuntime: 'containerd://2.1.4',
  ciliumCommit: 'e0dc92bd',
  destination: '10.0.1.0/24',
  endpoints: '10.32.2.20:8080',
  events: 'at=2s restart pod-b',
  externalName: 'db.example.com',
  flow: 'pod-a -> my-svc:80/http',
  image: 'nginx:1.29',
  kernelVersion: '6.8.0-generic',
  kind: 'Deployment',
  kubeletVersion: 'v1.35.1',
  loadBalancerClass: 'example.com/lb',
  node: 'node2',
  osImage: 'Ubuntu 24.04 LTS',
  port: '443',
  reason: 'Policy denied',
  selector: 'web',
  source: '10.0.0.0/16',
  traffic: 'pod-a -> my-svc:80/http x3',
  values: 'fast',
};

/** An example value: the default where that is one word, else what the field's name suggests, else one that fits. */
export function exampleFor(path: string, {shape, text}: Field): unknown {
  const last = path.replaceAll('[]', '').split('.').at(-1) ?? '';
  const [, named = splitDefault(text).fallback] = /e\.g\. (\S+)$/.exec(text) ?? [];
  const free = /^\S+$/.test(named) ? named : (texts[last] ?? (last.toLowerCase().endsWith('name') ? 'web' : undefined));
  if (shape.kind === 'number' && /^\d+$/.test(named)) return Number(named);
  const fill = (value: unknown): unknown => {
    if (value === FREE) return free ?? 'web';
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, one === FREE ? (texts[key] ?? 'web') : fill(one)]),
    );
  };
  return fill(exampleOf(shape));
}

const FREE = 'text';

/** A value of that shape; texts with a pattern have theirs, all others are `text`. */
export function exampleOf(shape: Shape): unknown {
  switch (shape.kind) {
    case 'object': {
      const needed = shape.list.filter(([, field]) => field.required);
      return Object.fromEntries(
        (needed.length > 0 ? needed : shape.list.slice(0, 1)).map(([key, field]) => [key, exampleOf(field.shape)]),
      );
    }
    case 'map':
      return {app: exampleOf(shape.values)};
    case 'list':
      return [exampleOf(shape.items)];
    case 'either':
      return exampleOf(shape.of[0] ?? {kind: 'anything'});
    case 'boolean':
      return true;
    case 'number':
      return shape.max === 65535 && shape.min <= 1 ? 8080 : Math.max(shape.min, 1);
    case 'text':
      if (shape.words) return shape.words[0];
      if (shape.pattern !== undefined)
        return ['genev0', '80', 'a', '10ms', '1/2'].find((word) => new RegExp(shape.pattern ?? '').test(word));
      return shape.format === undefined ? FREE : formatExamples[shape.format];
    default:
      return {};
  }
}

const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('’', "'")
    .replaceAll('…', '...')
    .replaceAll('–', '\\(en')
    .replaceAll('×', '\\(mu')
    .replaceAll('→', '\\(->');

const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}).version;

function manHead(title: string, summary: string): string[] {
  return [
    `.TH ${title.toUpperCase().replaceAll('-', '\\-')} 1 "" "wirelay ${version}" "User Commands"`,
    '.SH NAME',
    `${roff(title)} \\- ${roff(summary)}`,
  ];
}

function manPage(command: ManifestCommand): string {
  const title = `wirelay-${command.id.replaceAll(':', '-')}`;
  const lines = [...manHead(title, plain(summaryOf(command))), '.SH SYNOPSIS'];
  for (const [i, usage] of usageOf(command).entries()) lines.push(...(i > 0 ? ['.br'] : []), `.B wirelay`, roff(usage));
  if (command.summary !== undefined && command.description)
    lines.push('.SH DESCRIPTION', roff(plain(command.description)));
  const args = Object.values(command.args);
  if (args.length > 0)
    lines.push(
      '.SH ARGUMENTS',
      ...args.flatMap(({name, description = ''}) => [
        '.TP',
        `.I ${roff(name.toUpperCase())}`,
        roff(plain(description)),
      ]),
    );
  for (const [group, flags] of flagGroups(command))
    lines.push(
      `.SH "${groupTitle(group).toUpperCase()}"`,
      ...flags.flatMap((flag) => ['.TP', `.B ${roff(flagText(flag))}`, roff(flagMeaning(flag))]),
    );
  const examples = examplesOf(command);
  if (examples.length > 0)
    lines.push(
      '.SH EXAMPLES',
      ...examples.flatMap(({description, command: line}) => [
        ...(description ? [`${roff(description)}:`] : []),
        '.PP',
        '.RS 4',
        '.nf',
        roff(line),
        '.fi',
        '.RE',
        '.PP',
      ]),
    );
  if (lines.at(-1) === '.PP') lines.pop();
  lines.push('.SH "EXIT STATUS"', ...(isLookAlike(command) ? [roff(exitText(command))] : manCodes()));
  lines.push('.SH "SEE ALSO"', '.BR wirelay (1)');
  return `${lines.join('\n')}\n`;
}

function manCodes(): string[] {
  return codeRows.flatMap(([code, text]) => ['.TP', `.B ${code}`, roff(text)]);
}

function manRoot(commands: readonly ManifestCommand[]): string {
  const {description} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {description: string};
  const list = (rows: readonly ManifestCommand[]) =>
    rows.flatMap((command) => ['.TP', `.B ${roff(nameOf(command))}`, roff(plain(summaryOf(command)))]);
  const lines = [
    ...manHead('wirelay', description),
    '.SH SYNOPSIS',
    '.B wirelay',
    '.I COMMAND',
    '[\\fIARGUMENTS\\fR]',
    '.SH DESCRIPTION',
    roff(
      'Builds the state that every node of a Kubernetes cluster would hold out of its manifests, runs packets through a model of the datapath, and answers in the words of the tools for the real one. Each command has a page of its own: wirelay-COMMAND(1).',
    ),
    '.SH "OUR OWN COMMANDS"',
    ...list(commands.filter((command) => !isLookAlike(command))),
    '.SH LOOK\\-ALIKES',
    ...list(commands.filter(isLookAlike)),
    '.SH ENVIRONMENT',
    ...[
      [
        'WIRELAY_CLUSTER',
        'The definition, where --cluster is not given; else wirelay.yaml here or in a parent folder, else the demo.',
      ],
      ['WIRELAY_SESSION', 'Socket of the session that commands belong to; wirelay run and wirelay shell set it.'],
      ['SOURCE_DATE_EPOCH', 'Virtual time 0, in seconds since 1970.'],
      ['NO_COLOR, FORCE_COLOR', 'No colours, or colours off a terminal too.'],
      ['COLUMNS', 'Width of help off a terminal.'],
    ].flatMap(([name = '', text = '']) => ['.TP', `.B ${roff(name)}`, roff(text)]),
    '.SH "EXIT STATUS"',
    ...manCodes(),
  ];
  return `${lines.join('\n')}\n`;
}
