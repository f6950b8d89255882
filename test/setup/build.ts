import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

/** Tests that start the program use the built one: build it once, before all. WIRELAY_SKIP_BUILD=1 trusts what is there. */
export default function setup(): void {
  if (process.env.WIRELAY_SKIP_BUILD) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
