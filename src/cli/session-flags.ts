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

/** `-o`; the first of the formats is the default. */
export function outputFlag<const T extends readonly [string, ...string[]]>(options: T, description = 'format') {
  return Flags.option({char: 'o', options, default: options[0] as T[number], description})();
}

export const colorFlag = Flags.option({
  options: ['auto', 'always', 'never'] as const,
  default: 'auto' as const,
  description: 'colour the text (auto: on a terminal, unless NO_COLOR is set)',
})();

/** Whose reading of the policies; `fallback` says which it is without the flag. */
export function semanticsFlag(fallback: string) {
  return Flags.option({
    options: ['k8s', 'cilium'] as const,
    description: `whose reading of the policies (default: ${fallback})`,
  })();
}
