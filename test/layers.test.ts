import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, normalize, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** docs/architecture.md: a file imports only from its own folder or lower floors. */
const floors: Record<string, number> = {
  wire: 0,
  filter: 1,
  'pcap-writer': 1,
  term: 1,
  cluster: 2,
  control: 3,
  datapath: 4,
  session: 5,
  tools: 6,
  explain: 6,
  ui: 6,
  cli: 7,
  'cli.ts': 8,
  commands: 8,
};
const pure = new Set(['wire', 'filter', 'control', 'datapath']);
/** Nothing but wire below it: a package of its own. */
const onlyWire = new Set(['pcap-writer', 'filter']);

interface Import {
  readonly file: string;
  readonly from: string;
  readonly target: string;
}

function sourceFiles(): string[] {
  return ['src', 'commands'].flatMap((top) =>
    readdirSync(join(root, top), {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
}

function floorName(file: string): string {
  const [top, second] = file.split('/');
  return top === 'commands' ? 'commands' : second!;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:import|export)[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => {
    const spec = (match[1] ?? match[2] ?? match[3])!;
    const target = spec.startsWith('.') ? normalize(join(dirname(file), spec)) : spec;
    return {file, from: floorName(file), target};
  });
}

describe('layer rule', () => {
  const imports = sourceFiles().flatMap(importsOf);
  const inner = imports.filter((i) => i.target.startsWith('src/') || i.target.startsWith('commands/'));

  it('knows every folder', () => {
    for (const file of sourceFiles()) expect(floors, file).toHaveProperty([floorName(file)]);
    expect(inner.length).toBeGreaterThan(20);
  });

  it('imports go to the own folder or down', () => {
    const breaches = inner.filter((i) => {
      const to = floorName(i.target);
      return to !== i.from && floors[to]! >= floors[i.from]!;
    });
    expect(breaches.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
  });

  it('tools do not import each other', () => {
    const tool = (path: string) => /^src\/tools\/([^/]+)\//.exec(path)?.[1];
    const breaches = inner.filter((i) => {
      const [a, b] = [tool(i.file), tool(i.target)];
      return a && b && a !== b && b !== 'common';
    });
    expect(breaches.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
  });

  it('pcap-writer and filter stand on wire alone', () => {
    const breaches = inner.filter((i) => onlyWire.has(i.from) && ![i.from, 'wire'].includes(floorName(i.target)));
    expect(breaches.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
  });

  it('wire, filter, control and datapath are pure', () => {
    const outside = imports.filter((i) => pure.has(i.from) && !i.target.startsWith('src/'));
    expect(outside.map((i) => `${i.file} imports ${i.target}`)).toEqual([]);
    const impure = sourceFiles()
      .filter((file) => pure.has(floorName(file)))
      .filter((file) => /\b(Date\.now|Math\.random|process\.|console\.)/.test(code(file)));
    expect(impure).toEqual([]);
  });
});

/** The file without comments. */
function code(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
