/** Lines of the files that findings are in: comments that silence them, edits that mend them. */
import {type SourcePosition, UserError} from '../../term/error.js';
import type {Edit, Finding} from './model.js';
import {rulesNamed} from './rules.js';

/** Lines of a file by its name in messages; undefined where it is no file of its own, or too large to be written by hand. */
export type LinesOf = (file: string) => readonly string[] | undefined;

const marker = /#\s*wirelay-ignore\b:?(.*)$/;

interface Silenced {
  readonly findings: readonly Finding[];
  readonly ignored: number;
  /** Comments that name no rule. */
  readonly strange: readonly {readonly message: string; readonly where: SourcePosition}[];
}

/** Leaves out findings with a `# wirelay-ignore WL-…` on their line, or in the comment lines right above it. */
export function silence(findings: readonly Finding[], files: readonly string[], linesOf: LinesOf): Silenced {
  const comments = new Map<string, Map<number, readonly string[]>>();
  const strange: {message: string; where: SourcePosition}[] = [];
  for (const file of files) comments.set(file, readComments(file, linesOf(file) ?? [], strange));
  const kept = findings.filter(({rule, where}) => {
    const own = where && comments.get(where.file);
    if (!own || own.size === 0 || where.line === undefined) return true;
    const lines = linesOf(where.file) ?? [];
    const asked = [...(own.get(where.line) ?? [])];
    for (let line = where.line - 1; /^\s*#/.test(lines[line - 1] ?? ''); line--) asked.push(...(own.get(line) ?? []));
    return !asked.some((prefix) => rulesNamed(prefix)?.includes(rule));
  });
  return {findings: kept, ignored: findings.length - kept.length, strange};
}

/** Line → ids and prefixes of ids. */
function readComments(
  file: string,
  lines: readonly string[],
  strange: {message: string; where: SourcePosition}[],
): Map<number, readonly string[]> {
  const out = new Map<number, readonly string[]>();
  for (const [i, line] of lines.entries()) {
    if (!line.includes('wirelay-ignore')) continue;
    const match = marker.exec(line);
    if (!match) continue;
    const words = (match[1] ?? '').split(/[\s,;:]+/).filter((word) => word !== '');
    const ids = words.filter((word) => /^WL(-|$)/i.test(word));
    const where = {file, line: i + 1, column: match.index + 1};
    if (ids.length === 0)
      strange.push({message: 'wirelay-ignore names no rule, e.g. wirelay-ignore WL-SVC-001', where});
    for (const id of ids) if (!rulesNamed(id)) strange.push({message: `wirelay-ignore: there is no rule ${id}`, where});
    out.set(i + 1, ids);
  }
  return out;
}

export interface EditedFile {
  readonly file: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Findings that the edits mend. */
  readonly mended: readonly Finding[];
  /** Line from 1 → what takes its place. */
  readonly changes: ReadonlyMap<number, readonly string[]>;
}

/** The files as they are with all edits; of two edits of a line the first is made. */
export function applyEdits(findings: readonly Finding[], linesOf: LinesOf): EditedFile[] {
  const byFile = new Map<string, {finding: Finding; edit: Edit}[]>();
  for (const finding of findings) {
    const {edit} = finding;
    if (edit) byFile.set(edit.where.file, [...(byFile.get(edit.where.file) ?? []), {finding, edit}]);
  }
  return [...byFile].flatMap(([file, list]): EditedFile[] => {
    const before = linesOf(file);
    if (!before) return [];
    const changes = new Map<number, readonly string[]>();
    const mended: Finding[] = [];
    for (const {finding, edit} of list) {
      const {line = 0} = edit.where;
      const changed = changes.has(line) ? undefined : changedLine(before[line - 1], edit);
      if (!changed) continue;
      changes.set(line, changed);
      mended.push(finding);
    }
    const after = before.flatMap((text, i) => changes.get(i + 1) ?? [text]);
    return changes.size === 0 ? [] : [{file, before, after, mended, changes}];
  });
}

/** A line may end in CR, which the new ones then do too. */
function changedLine(line: string | undefined, edit: Edit): readonly string[] | undefined {
  if (line === undefined) return undefined;
  const cr = line.endsWith('\r') ? '\r' : '';
  return edit.change(cr ? line.slice(0, -1) : line)?.map((text) => text + cr);
}

/** Lines around a change that a unified diff shows. */
const CONTEXT = 3;

/** Unified diff, as `patch -p0` takes it. */
export function unifiedDiff({file, before, changes}: EditedFile): string {
  const numbers = [...changes.keys()].sort((a, b) => a - b);
  const last = before.at(-1) === '' ? before.length - 1 : before.length;
  const out = [`--- ${file}`, `+++ ${file}`];
  let shift = 0;
  for (let i = 0; i < numbers.length; ) {
    const first = Math.max(1, (numbers[i] ?? 1) - CONTEXT);
    let end = Math.min(last, (numbers[i] ?? 1) + CONTEXT);
    while (i + 1 < numbers.length && (numbers[i + 1] ?? 0) - CONTEXT <= end + 1)
      end = Math.min(last, (numbers[++i] ?? 0) + CONTEXT);
    i++;
    const hunk: string[] = [];
    let grown = 0;
    for (let line = first; line <= end; line++) {
      const text = before[line - 1] ?? '';
      const next = changes.get(line);
      if (!next) hunk.push(` ${text}`);
      else hunk.push(`-${text}`, ...next.map((added) => `+${added}`));
      grown += next ? next.length - 1 : 0;
      if (line === before.length) hunk.push('\\ No newline at end of file');
    }
    const length = end - first + 1;
    out.push(`@@ -${first},${length} +${first + shift},${length + grown} @@`, ...hunk);
    shift += grown;
  }
  return `${out.join('\n')}\n`;
}

export function rulesOrThrow(flag: string, texts: readonly string[]): ReadonlySet<string> | undefined {
  if (texts.length === 0) return undefined;
  const words = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  const ids = words
    .filter((word) => word !== '')
    .flatMap((word) => {
      const found = rulesNamed(word);
      if (!found)
        throw new UserError({
          message: `--${flag} ${word}: no rule has this id or begins with it`,
          hint: 'wirelay lint --list-rules',
        });
      return found.map(({id}) => id);
    });
  return new Set(ids);
}
