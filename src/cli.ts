/** Entry of the bundled program: `bin/run.js` calls it. */
import {execute} from '@oclif/core';

export async function main(dir: string): Promise<void> {
  await execute({dir});
}
