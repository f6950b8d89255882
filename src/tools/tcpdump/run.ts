/** A command line in full, and how a run of any kind ends. */
import {systemError} from '../../pcap-writer/index.js';
import {type SessionOptions, takeSessionOptions} from '../../session/options.js';
import type {Io} from '../../term/io.js';
import {WriteError} from '../../term/output.js';
import {type Arguments, Exit, parseArguments} from './argv.js';
import {type OwnOptions, takeOwnOptions} from './own/options.js';

/** S_ERR_ND_WRITE_FILE of netdissect's status-exit-codes.h. */
const WRITE_FAILED = 14;

export interface CommandLine {
  /** tcpdump's own. */
  readonly args: Arguments;
  /** Those of every command. */
  readonly options: SessionOptions;
  /** Those that tcpdump lacks; undefined where there is none. */
  readonly own: OwnOptions | undefined;
}

/** Throws `Exit` or `UserError` where the words are wrong, or ask for nothing but a text. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const {options, rest} = takeSessionOptions(argv);
  const {own, rest: words} = takeOwnOptions(rest);
  return {args: ownArguments(parseArguments(words), own), options, own};
}

/** --vxlan-port is the printers' business. */
function ownArguments(args: Arguments, own: OwnOptions | undefined): Arguments {
  if (own === undefined || own.vxlanPorts.size === 0) return args;
  return {...args, print: {...args.print, vxlanPorts: own.vxlanPorts}};
}

/** What `body` answers, or the exit status of an `Exit` or of output that can't be written, with their texts. */
export async function toExitStatus<T>(io: Io, body: () => Promise<T>): Promise<T | number> {
  try {
    const answer = await body();
    io.stdout.flush();
    return answer;
  } catch (error) {
    if (error instanceof WriteError) {
      io.stderr.write(`${systemError('tcpdump: Unable to write output', error.cause).message}\n`);
      return WRITE_FAILED;
    }
    if (!(error instanceof Exit)) throw error;
    io.stdout.write(error.stdout);
    io.stdout.flush();
    io.stderr.write(error.stderr);
    return error.code;
  }
}

/** Whether a command line reads capture files, or lists a program without a device; false for one that is refused. */
export function readsFiles(argv: readonly string[]): boolean {
  try {
    const {readFile, listFile, dumpProgram, device} = readCommandLine(argv).args;
    return readFile !== undefined || listFile !== undefined || (dumpProgram > 0 && device === undefined);
  } catch {
    return false;
  }
}
