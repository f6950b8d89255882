/** The options that all commands share, as oclif flags; the words are those of `sessionOptionTable`. */
import {Flags} from '@oclif/core';
import {sessionOptionTable} from '../session/options.js';

const flagFor = (name: string) => {
  const row = sessionOptionTable.find((option) => option.name === name)!;
  return {description: row.text, helpValue: row.value, helpGroup: 'CLUSTER'};
};

/** Always long: on a look-alike, short options are its model's. */
export const longSessionFlags = {
  cluster: Flags.string({...flagFor('cluster'), multiple: true, multipleNonGreedy: true}),
  nodes: Flags.string(flagFor('nodes')),
  set: Flags.string({...flagFor('set'), multiple: true, multipleNonGreedy: true}),
  traffic: Flags.string({...flagFor('traffic'), multiple: true, multipleNonGreedy: true}),
  event: Flags.string({...flagFor('event'), multiple: true, multipleNonGreedy: true}),
  node: Flags.string(flagFor('node')),
  pod: Flags.string(flagFor('pod')),
  seed: Flags.string(flagFor('seed')),
};

export const sessionFlags = {
  ...longSessionFlags,
  cluster: Flags.string({...flagFor('cluster'), char: 'f', multiple: true, multipleNonGreedy: true}),
};
