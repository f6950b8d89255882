/** What oclif calls for a word that is no command. */
import type {Hook} from '@oclif/core';
import {exitCodes} from '../term/error.js';
import {nearest} from '../term/nearest.js';
import {sanitize} from '../term/sanitize.js';

const hook: Hook.CommandNotFound = async ({id, config}) => {
  const word = id.replaceAll(':', ' ');
  const hint = nearest(word, config.commandIDs) ?? '`wirelay help` lists the commands';
  process.stderr.write(`wirelay: no command ${sanitize(word)}\n  hint: ${hint}\n`);
  process.exitCode = exitCodes.usage;
};

export default hook;
