/**
 * Mermaid's own parser: package `mermaid` in the folder that WIRELAY_MERMAID names, or in the project's. It wants a browser for one
 * thing only, to clean labels of HTML, which parsing can do without.
 */
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';

interface Mermaid {
  /** Throws at what the grammar refuses. */
  parse(text: string): Promise<{readonly diagramType: string}>;
  readonly mermaidAPI: {getDiagramFromText(text: string): Promise<{readonly db: unknown}>};
}

/** What flowDb.ts has of a flowchart (12). */
interface FlowDb {
  getVertices(): ReadonlyMap<
    string,
    {readonly id: string; readonly text?: string; readonly classes: readonly string[]}
  >;
  getEdges(): readonly {readonly start: string; readonly end: string; readonly text: string}[];
  getSubGraphs(): readonly {readonly id: string; readonly title: string; readonly nodes: readonly string[]}[];
}

/** What sequenceDb.ts has of a sequence diagram; type 2 is a note, 0 and 3 are arrows, the latter lost (12). */
interface SequenceDb {
  getActors(): ReadonlyMap<string, {readonly description: string}>;
  getMessages(): readonly {
    readonly from?: string;
    readonly to?: string;
    readonly message: unknown;
    readonly type: number;
  }[];
}

/** The package's module, and the one that it cleans HTML with. */
export function mermaidFiles(): {readonly core: string; readonly purify: string} | undefined {
  const require = createRequire(join(process.env.WIRELAY_MERMAID ?? process.cwd(), 'package.json'));
  try {
    const core = require.resolve('mermaid');
    const purify = join(dirname(createRequire(core).resolve('dompurify')), 'purify.es.mjs');
    return existsSync(purify) ? {core, purify} : undefined;
  } catch {
    return undefined;
  }
}

/** What mermaid understands of a text; throws at what it does not. */
export async function flowchartOf(text: string): Promise<FlowDb> {
  return (await databaseOf(text, 'flowchart-v2')) as FlowDb;
}

export async function sequenceOf(text: string): Promise<SequenceDb> {
  return (await databaseOf(text, 'sequence')) as SequenceDb;
}

/** Entity codes are in disguise while it parses: encodeEntities of utils.ts. */
export function decoded(text: string): string {
  return text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCharCode(Number(code)));
}

async function databaseOf(text: string, type: string): Promise<unknown> {
  const mermaid = await loadMermaid();
  const {diagramType} = await mermaid.parse(text);
  if (diagramType !== type) throw new Error(`a ${diagramType}, not a ${type}`);
  return (await mermaid.mermaidAPI.getDiagramFromText(text)).db;
}

async function loadMermaid(): Promise<Mermaid> {
  const files = mermaidFiles();
  if (!files) throw new Error('mermaid is not installed');
  const {default: purify} = await import(pathToFileURL(files.purify).href);
  Object.assign(purify, {addHook() {}, sanitize: (text: string) => text});
  const {default: mermaid} = await import(pathToFileURL(files.core).href);
  return mermaid;
}
