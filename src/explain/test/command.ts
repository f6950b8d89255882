/** Command lines of expectations: words as a shell would make them, run in this process, their output held against what is expected. */
import type {ExpectSpec, OutputSpec} from '../../cluster/expect.js';
import type {Path} from '../../cluster/shape.js';
import type {SessionOptions} from '../../session/options.js';
import {lendSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {MemoryOutput} from '../../term/output.js';
import {type Finding, listOf} from './model.js';

/** Starts a look-alike; undefined: there is none of that name. */
export type StartTool = (name: string, argv: readonly string[], io: Io) => Promise<number> | undefined;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws a UserError for a line that is more than one command, and for a command that is none of ours. */
export async function runCommand(
  {command = '', node, pod}: ExpectSpec,
  session: Session,
  options: SessionOptions,
  start: StartTool,
  io: Io,
): Promise<Ran> {
  const words = shellWords(command);
  const [first = '', ...rest] = words;
  const [name, argv] = first === 'wirelay' ? [rest[0] ?? '', rest.slice(1)] : [first, rest];
  const [stdout, stderr] = [new MemoryOutput(), new MemoryOutput()];
  const own: Io = {...io, color: false, stdout, stderr, onInterrupt: () => () => {}, stdin: {isTty: false}};
  lendSession(own, session, options);
  const running = start(name, [...sessionWords(options, node, pod), ...argv], own);
  if (!running)
    throw new UserError({
      message: `command ${JSON.stringify(name)}: not among the commands that run here`,
      hint: 'look-alikes do, such as cilium, hubble, ip, tcpdump, kubectl, iptables-save, ping, curl; of a connection say flow:',
    });
  const code = await running;
  return {code, stdout: stdout.text, stderr: stderr.text};
}

function sessionWords(options: SessionOptions, node: string | undefined, pod: string | undefined): string[] {
  const {cluster, set, traffic, event = [], seed} = options;
  const each = (name: string, values: readonly (string | number | undefined)[]) =>
    values.flatMap((value) => (value === undefined ? [] : [`--${name}=${value}`]));
  return [
    ...each('cluster', cluster),
    ...each('set', set),
    ...each('traffic', traffic),
    ...each('event', event),
    ...each('seed', [seed]),
    ...each('node', [node]),
    ...each('pod', [pod]),
  ];
}

/** Words of one simple command: quotes and backslashes as in sh, nothing expanded. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (c === "'" || c === '"') {
      const close = closing(line, i);
      const inner = line.slice(i + 1, close);
      word = (word ?? '') + (c === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner);
      i = close;
    } else if (c === '\\' && i + 1 < line.length) word = (word ?? '') + line.charAt(++i);
    else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;<>()`$]/.test(c))
      throw new UserError({
        message: `command ${JSON.stringify(line)}: ${JSON.stringify(c)} is for a shell, and none runs here`,
        hint: 'one command, its words in quotes where they need them; contains and matches stand for grep',
      });
    else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new UserError({message: 'an empty command'});
  return words;
}

function closing(line: string, open: number): number {
  const quote = line.charAt(open);
  for (let i = open + 1; i < line.length; i++) {
    if (quote === '"' && line.charAt(i) === '\\') i++;
    else if (line.charAt(i) === quote) return i;
  }
  throw new UserError({message: `command ${JSON.stringify(line)}: a quote ${quote} is not closed`});
}

export function checkCommand(spec: ExpectSpec, {code, stdout, stderr}: Ran): Finding[] {
  const {exit = 0} = spec;
  const said = stderr.trim() === '' ? '' : `, stderr: ${excerpt(stderr)}`;
  return [
    {
      path: spec.exit === undefined ? ['command'] : ['exit'],
      ok: code === exit,
      expected: `exit code ${exit}`,
      got: `${code}${code === exit ? '' : said}`,
      fix: spec.exit === undefined ? undefined : code,
    },
    ...checkOutput([], spec, stdout),
    ...checkOutput(['stderr'], spec.stderr ?? {}, stderr),
  ];
}

function checkOutput(base: Path, spec: OutputSpec, text: string): Finding[] {
  const {equals} = spec;
  const shown = text === '' ? 'no output' : `\n${text}`;
  const each = (field: keyof OutputSpec, verb: string, test: (one: string) => boolean): Finding[] => {
    const value = spec[field];
    return listOf(value).map((one, i) => ({
      path: [...base, field, ...(typeof value === 'object' ? [i] : [])],
      ok: test(one),
      expected: `${verb} ${JSON.stringify(one)}`,
      got: shown,
    }));
  };
  const whole: Finding[] =
    equals === undefined
      ? []
      : [
          {
            path: [...base, 'equals'],
            ok: withoutEnd(equals) === withoutEnd(text),
            expected: `\n${equals}`,
            got: `${shown}${firstDifference(withoutEnd(equals), withoutEnd(text))}`,
            fix: text,
          },
        ];
  return [
    ...whole,
    ...each('contains', 'contains', (one) => text.includes(one)),
    ...each('lacks', 'lacks', (one) => !text.includes(one)),
    ...each('matches', 'matches', (one) => new RegExp(one, 'm').test(text)),
  ];
}

function withoutEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function firstDifference(expected: string, got: string): string {
  const [a, b] = [expected.split('\n'), got.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return expected === got ? '' : `\nfirst difference in line ${line + 1}`;
}

function excerpt(text: string): string {
  const lines = text.trim().split('\n');
  return lines.length > 3 ? `${lines.slice(0, 3).join(' / ')} / …` : lines.join(' / ');
}
