/** `lint`: a definition read, looked at, silenced, printed; or mended. */
import {readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {resolve as resolvePath} from 'node:path';
import {loadDefinition} from '../../cluster/load.js';
import type {SessionOptions} from '../../session/options.js';
import {findInput} from '../../session/session.js';
import {exitCodes, problemText, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {nearest} from '../../term/nearest.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {lint} from './lint.js';
import {type Finding, type Platform, type Severity, severities} from './model.js';
import {explainRule, type LintFormat, printFindings, printRules} from './print.js';
import {rules} from './rules.js';
import {applyEdits, type LinesOf, rulesOrThrow, silence, unifiedDiff} from './texts.js';

export interface LintRequest {
  readonly session: SessionOptions;
  readonly output: LintFormat;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly failOn: Severity;
  readonly platform: Platform | undefined;
  readonly fix: boolean;
  readonly diff: boolean;
}

/** 0 nothing of weight was found, 1 something was. */
export async function runLint(request: LintRequest, io: Io): Promise<number> {
  const selected = rulesOrThrow('select', request.select);
  const ignored = rulesOrThrow('ignore', request.ignore);
  const {linesOf, readStdin} = createTexts(io);
  const {definition, options} = await loadDefinition(await findInput(request.session, {...io, readStdin}));
  const all = lint({definition, options, platform: request.platform}).filter(
    ({rule}) => (selected?.has(rule.id) ?? true) && !ignored?.has(rule.id),
  );
  const files = definition.summary?.files.map(({name}) => name) ?? [];
  const told = silence(all, files, linesOf);
  for (const {message, where} of told.strange)
    io.stderr.write(`wirelay: warning: ${sanitizeBlock(problemText({message, where}))}\n`);
  const left = request.fix || request.diff ? mend(told.findings, request, linesOf, io) : told.findings;
  const shown =
    request.output === 'sarif' || request.output === 'github' ? left.map((one) => inFiles(one, files)) : left;
  if (!request.diff) io.stdout.write(printFindings(shown, request.output, told.ignored));
  const weight = severities.indexOf(request.failOn);
  return left.some(({severity}) => severities.indexOf(severity) >= weight) ? exitCodes.fails : exitCodes.holds;
}

/** For those who look for the place in a checkout: the demo, stdin and the command line are none. */
function inFiles(finding: Finding, files: readonly string[]): Finding {
  const {where, ...rest} = finding;
  return where && files.includes(where.file) && !where.file.startsWith('<') ? finding : rest;
}

/** Writes, or shows, what can be mended; returns the findings that are left. */
function mend(findings: readonly Finding[], {diff}: LintRequest, linesOf: LinesOf, io: Io): readonly Finding[] {
  const edited = applyEdits(findings, linesOf);
  if (diff) {
    for (const file of edited) io.stdout.write(unifiedDiff(file));
    return findings;
  }
  for (const {file, after, changes} of edited) {
    replaceFile(realpathSync(resolvePath(io.cwd, file)), after.join('\n'));
    io.stderr.write(
      `wirelay: ${sanitizeBlock(file)}: ${changes.size} ${changes.size === 1 ? 'line' : 'lines'} mended\n`,
    );
  }
  const mended = new Set(edited.flatMap((file) => file.mended));
  return findings.filter((finding) => !mended.has(finding));
}

/** Written beside and renamed: there is never half a file. */
function replaceFile(path: string, text: string): void {
  const beside = `${path}.wirelay-${process.pid}`;
  try {
    writeFileSync(beside, text, {mode: statSync(path).mode & 0o7777, flag: 'wx'});
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, {force: true});
    throw new UserError({message: `cannot write ${path}: ${(error as Error).message}`});
  }
}

/** Larger files were written by programs: nobody put a comment there. */
const LARGEST = 5_000_000;

function createTexts(io: Io): {readonly linesOf: LinesOf; readStdin(): Uint8Array} {
  const known = new Map<string, readonly string[] | undefined>();
  return {
    linesOf(file) {
      if (!known.has(file)) known.set(file, readLines(resolvePath(io.cwd, file)));
      return known.get(file);
    },
    readStdin() {
      const bytes = io.readStdin();
      known.set('<stdin>', bytes.length > LARGEST ? undefined : new TextDecoder().decode(bytes).split('\n'));
      return bytes;
    },
  };
}

/** Undefined where it is no text: a member of an archive, what is packed. */
function readLines(path: string): readonly string[] | undefined {
  try {
    if (statSync(path).size > LARGEST) return undefined;
    const bytes = readFileSync(path);
    return bytes.includes(0)
      ? undefined
      : new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes).split('\n');
  } catch {
    return undefined;
  }
}

export function listRules(output: LintFormat, io: Io): number {
  if (output !== 'text' && output !== 'json')
    throw new UserError({message: `--list-rules prints text or json, not ${output}`});
  io.stdout.write(printRules(output));
  return exitCodes.holds;
}

export function explain(id: string, io: Io): number {
  const rule = rules.find((one) => one.id === id.toUpperCase());
  if (!rule)
    throw new UserError({
      message: `there is no rule ${id}`,
      hint:
        nearest(
          id.toUpperCase(),
          rules.map((one) => one.id),
        ) ?? 'wirelay lint --list-rules',
    });
  io.stdout.write(explainRule(rule));
  return exitCodes.holds;
}
