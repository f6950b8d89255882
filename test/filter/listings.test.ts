/** Listings that tcpdump 4.99.3 with libpcap 1.10.3 printed for Ethernet (listings.txt), where it is not installed, too. */
import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {compileFilter} from '../../src/filter/compile.js';
import {FilterError} from '../../src/filter/error.js';
import {formatProgram} from '../../src/filter/format.js';

const text = readFileSync(new URL('listings.txt', import.meta.url), 'utf8');
const recorded = text.split(/^\$ tcpdump /m).slice(1);

function run(flags: string, expression: string): string {
  const style = flags.includes('-ddd') ? 3 : flags.includes('-dd') ? 2 : 1;
  const options = {linktype: 1, snaplen: 262_144, optimize: !flags.includes('-O'), savefile: false};
  try {
    return formatProgram(compileFilter(expression, options), style);
  } catch (error) {
    if (error instanceof FilterError) return `tcpdump: ${error.message}\n`;
    throw error;
  }
}

describe('recorded listings', () => {
  it('are there', () => expect(recorded.length).toBeGreaterThan(130));

  it.each(recorded.map((block) => [block.slice(0, block.indexOf('\n')), block]))('%s', (command, block) => {
    const [, flags, expression] = /^(.*?) '(.*)'$/.exec(command)!;
    expect(`${command}\n${run(flags!, expression!)}`.trimEnd()).toBe(block.trimEnd());
  });
});
