/** What tcpdump here has beyond tcpdump, as oclif flags for help and completion; the words are those of `ownOptionTable`. */
import {Flags} from '@oclif/core';
import {ownOptionTable} from '../tools/tcpdump/own/options.js';
import {longSessionFlags} from './session-flags.js';

const rows = ownOptionTable.map(({name, value, repeats, text}) => {
  const words = {description: text, helpGroup: 'BEYOND TCPDUMP'};
  if (value === undefined) return [name, Flags.boolean(words)] as const;
  if (!repeats) return [name, Flags.string({...words, helpValue: value})] as const;
  return [name, Flags.string({...words, helpValue: value, multiple: true, multipleNonGreedy: true})] as const;
});

export const tcpdumpFlags = {...longSessionFlags, ...Object.fromEntries(rows)};
