#!/usr/bin/env node
// CommonJS, as bin/package.json says: node then starts without its ESM loader, which reading a capture has no need of.
const {existsSync} = require('node:fs');
const {join} = require('node:path');
const {pathToFileURL} = require('node:url');

async function run([tool, ...words]) {
  const dist = join(__dirname, '../dist');
  if (tool === 'tcpdump' && !words.includes('--help')) {
    const captureFiles = require(join(dist, 'capture-files.cjs'));
    if (await captureFiles.main(words)) return;
  }
  const {main} = await import(pathToFileURL(join(dist, 'src/cli.js')).href);
  // A file beside the program's package.json: the one in bin/ is not oclif's business
  await main(pathToFileURL(join(__dirname, '../package.json')).href, process.argv.slice(2));
}

if (existsSync(join(__dirname, '../dist/src/cli.js'))) run(process.argv.slice(2));
else {
  process.stderr.write('wirelay: not built yet; run `npm ci` (or `npm run build`) in its folder\n');
  process.exitCode = 2;
}
