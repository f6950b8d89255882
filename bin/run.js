#!/usr/bin/env node
import {existsSync} from 'node:fs';

const built = new URL('../dist/src/cli.js', import.meta.url);
if (existsSync(built)) {
  const {main} = await import(built.href);
  await main(import.meta.url, process.argv.slice(2));
} else {
  process.stderr.write('wirelay: not built yet; run `npm ci` (or `npm run build`) in its folder\n');
  process.exitCode = 2;
}
