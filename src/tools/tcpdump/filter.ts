/** The filter of a command line: its text, and the predicate made of it. */
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {compileFilter} from '../../filter/compile.js';
import {FilterError} from '../../filter/error.js';
import {formatProgram} from '../../filter/format.js';
import type {Program} from '../../filter/opcode.js';
import type {Io} from '../../term/io.js';
import type {Ip} from '../../wire/addr.js';
import {type Arguments, Exit, failure, MAX_SNAPLEN} from './argv.js';

/** The expression: -F's file, comments blanked, or the words joined. */
export function expressionText(args: Arguments, {cwd}: Pick<Io, 'cwd'>): string {
  if (args.filterFile === undefined) return args.expression.join(' ');
  try {
    return readFileSync(resolve(cwd, args.filterFile), 'latin1').replaceAll(/#[^\n]*/g, (comment) =>
      ' '.repeat(comment.length),
    );
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw failure(`can't open ${args.filterFile}: ${missing ? 'No such file or directory' : String(error)}`);
  }
}

export interface FilterContext {
  readonly linkType: number;
  /** Packets come from a file. */
  readonly savefile: boolean;
  /** The file is in the other byte order. */
  readonly swapped: boolean;
  /** Return value of the program: -s, else the source's. */
  readonly snaplen: number;
  readonly host?: (name: string) => readonly Ip[] | undefined;
}

/** Compiles; what libpcap refuses ends the program with its text. */
export function compile(text: string, args: Arguments, context: FilterContext): Program {
  try {
    return compileFilter(text, {
      linktype: context.linkType,
      snaplen: context.snaplen,
      optimize: args.optimize,
      savefile: context.savefile,
      swapped: context.swapped,
      names: context.host === undefined ? {} : {host: context.host},
    });
  } catch (error) {
    if (error instanceof FilterError) throw failure(error.message);
    throw error;
  }
}

/** -d, -dd, -ddd: the listing instead of packets. */
export function listing(program: Program, args: Arguments): Exit {
  const style = args.dumpProgram > 2 ? 3 : args.dumpProgram > 1 ? 2 : 1;
  return new Exit(0, '', formatProgram(program, style));
}

/** -s as a filter's return value. */
export function filterSnaplen(args: Arguments): number {
  return args.snaplen === 0 ? MAX_SNAPLEN : args.snaplen;
}
