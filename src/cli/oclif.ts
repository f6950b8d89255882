/** oclif's way in, apart from `src/cli.ts` so that look-alikes need not load it. */
import {execute} from '@oclif/core';

export async function runOclif(bin: string, argv: readonly string[]): Promise<void> {
  await execute({dir: bin, args: [...argv]});
}
