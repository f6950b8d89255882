/** Prefixes in braces, as the real nft prints them. */
import {spawnSync} from 'node:child_process';
import fc from 'fast-check';
import {expect, it} from 'vitest';
import {intervalsOf, intervalText} from '../../../src/tools/nft/intervals.js';
import {formatPrefix, type Prefix, parsePrefix} from '../../../src/wire/addr.js';
import {describeWith} from '../../oracle.js';

/** Few bits, so that prefixes touch and overlap. */
const prefix4 = fc
  .tuple(fc.integer({min: 0, max: 63}), fc.constantFrom(0, 1, 8, 26, 27, 28, 29, 30, 31, 32))
  .map(([host, length]) => parsePrefix(`10.0.0.${host}/${length}`));
const prefix6 = fc
  .tuple(fc.integer({min: 0, max: 63}), fc.constantFrom(16, 64, 122, 123, 124, 125, 126, 127, 128))
  .map(([host, length]) => parsePrefix(`fd00::${host.toString(16)}/${length}`));
const several = (one: fc.Arbitrary<Prefix | undefined>) =>
  fc.array(one, {minLength: 2, maxLength: 6}).map((list) => list.filter((p) => p !== undefined));

/** What nft prints between the braces of each. */
function real(family: 'ip' | 'ip6', lists: readonly (readonly Prefix[])[]): readonly string[] {
  const rules = lists.map((list) => `${family} saddr != { ${list.map(formatPrefix).join(', ')} } drop`);
  const input = `table ${family} t {\nchain c {\n${rules.join('\n')}\n}\n}\n`;
  const program = 'unshare';
  const {stdout, stderr} = spawnSync(program, ['-n', 'sh', '-c', 'nft -f - && nft list ruleset'], {
    input,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return [...stdout.matchAll(/saddr != (.*) drop/g)].map(([, text]) => text ?? '');
}

describeWith(['nft', 'netns'], 'sets in braces', () => {
  it.each([
    ['ip', prefix4],
    ['ip6', prefix6],
  ] as const)('%s', (family, one) => {
    const lists = fc.sample(several(one), {numRuns: 400, seed: 7});
    const printed = real(family, lists);
    expect(printed).toHaveLength(lists.length);
    for (const [i, list] of lists.entries()) {
      const ours = `{ ${intervalsOf(list).map(intervalText).join(', ')} }`;
      expect(`${list.map(formatPrefix).join(', ')} → ${ours}`).toBe(
        `${list.map(formatPrefix).join(', ')} → ${printed[i]}`,
      );
    }
  });
});
