/** The look-alikes of iptables, iptables-save and their IPv6 twins over the rules that kube-proxy keeps on a node. */
import {writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import type {RuleCounters} from '../../datapath/rule-model.js';
import {openSession, type Session} from '../../session/session.js';
import type {Io, ToolMain} from '../../term/io.js';
import {IptablesExit, parseIptables, parseSave, type SaveCommand, VERSION} from './argv.js';
import {listChains} from './list.js';
import {noCounters} from './rule-text.js';
import {listRules, saveTable} from './save.js';
import {findTable, rulesetOf} from './view.js';

type Program = 'iptables' | 'ip6tables';

/** `iptables …`; the first word names the program. */
export const iptablesMain: ToolMain = (argv, io) => guarded(argv, io, runIptables);

/** `iptables-save …`; the first word names the program. */
export const iptablesSaveMain: ToolMain = (argv, io) => guarded(argv, io, runSave);

type Runner = (words: readonly string[], session: Session, program: Program, io: Io) => Promise<void>;

async function guarded([program, ...argv]: readonly string[], io: Io, run: Runner): Promise<number> {
  const {session, argv: words} = await openSession(argv, io);
  try {
    await run(words, session, program as Program, io);
    return 0;
  } catch (error) {
    if (!(error instanceof IptablesExit)) throw error;
    io.stdout.write(error.stdout);
    io.stderr.write(error.stderr);
    return error.exitCode;
  }
}

async function runIptables(words: readonly string[], session: Session, program: Program, io: Io): Promise<void> {
  const command = parseIptables(words, program);
  const family = program === 'iptables' ? 4 : 6;
  const ruleset = rulesetOf(session, family, program, io);
  const table = findTable(ruleset, command.table);
  if (!table)
    throw new IptablesExit(
      3,
      `${program} ${VERSION}: table '${command.table}' does not exist\nPerhaps ${program} or your kernel needs to be upgraded.\n`,
    );
  const {chain, number, verbose} = command;
  if (chain !== undefined && !table.chains.has(chain))
    throw new IptablesExit(
      1,
      `${program} ${VERSION}: chain \`${chain}' in table \`${command.table}' is incompatible, use 'nft' tool.\n`,
    );
  const counters = verbose ? await countersOf(session) : noCounters;
  io.stdout.write(
    command.command === 'list'
      ? listChains(table, counters, {...command, family}, chain, number)
      : listRules(table, family, counters, verbose, chain, number),
  );
}

async function runSave(words: readonly string[], session: Session, program: Program, io: Io): Promise<void> {
  const command = parseSave(words, `${program}-save`);
  const family = program === 'iptables' ? 4 : 6;
  const ruleset = rulesetOf(session, family, `${program}-save`, io);
  const tables = command.table === undefined ? ruleset.tables : [findTable(ruleset, command.table)];
  const counters = command.counters ? await countersOf(session) : noCounters;
  const write = output(command, io);
  const time = session.cluster.epoch;
  for (const table of tables) {
    if (!table) throw new IptablesExit(1, `Table \`${command.table}' does not exist\n`);
    saveTable(table, counters, {program: `${program}-save`, family, counters: command.counters, time}, write);
  }
}

/** To `-f FILE`, which is emptied first, or to stdout. */
function output({file}: SaveCommand, io: Io): (text: string) => void {
  if (file === undefined) return (text) => io.stdout.write(text);
  const path = resolve(io.cwd, file);
  const attempt = (text: string, flag: 'w' | 'a') => {
    try {
      writeFileSync(path, text, {flag});
    } catch (error) {
      throw new IptablesExit(1, `Failed to open file, error: ${openError(error)}\n`);
    }
  };
  attempt('', 'w');
  return (text) => attempt(text, 'a');
}

const errors: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
};

function openError(error: unknown): string {
  const {code} = error as NodeJS.ErrnoException;
  return errors[code ?? ''] ?? String(code);
}

/** What the definition's traffic has done to the rules of the session's node. */
async function countersOf(session: Session): Promise<RuleCounters> {
  return (await session.run()).ruleCounters(session.node.name);
}
