/** What oclif calls for a word that is no command. */
import type {Hook} from '@oclif/core';
import {exitCodes} from '../term/error.js';
import {nearest} from '../term/nearest.js';
import {sanitize} from '../term/sanitize.js';

const hook: Hook.CommandNotFound = async ({id, config}) => tellNotFound(id, config.commandIDs);

export function tellNotFound(id: string, known: readonly string[]): void {
  const word = id.replaceAll(':', ' ');
  const hint =
    nearest(
      word,
      known.map((name) => name.replaceAll(':', ' ')),
    ) ?? '`wirelay help` lists the commands';
  process.stderr.write(`wirelay: no command ${sanitize(word)}\n  hint: ${hint}\n`);
  process.exitCode = exitCodes.usage;
}

export default hook;
