// Release build: esbuild bundles each command as a thin entry over shared chunks (lazy loading survives), then oclif's manifest.
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const commandFiles = readdirSync(join(root, 'commands'), {recursive: true, withFileTypes: true})
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));

rmSync(join(root, 'dist'), {recursive: true, force: true});
rmSync(join(root, 'oclif.manifest.json'), {force: true});
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};
await build({
  ...common,
  entryPoints: ['src/cli.ts', 'src/cli/not-found.ts', 'src/cli/help.ts', ...commandFiles],
  splitting: true,
  format: 'esm',
  outbase: '.',
  outdir: 'dist',
  // @oclif/core asks for typescript only when it runs from sources; ink only for its developer tools
  external: ['typescript'],
  alias: {'react-devtools-core': join(root, 'scripts/empty.mjs')},
  define: {'process.env.NODE_ENV': '"production"'},
  loader: {'.yaml': 'text'},
  banner: {js: "import {createRequire as __cr} from 'node:module';const require=__cr(import.meta.url);"},
});
// A small program that needs no ESM loader (see its source, and bin/run.js), and the printers, which it loads when it prints
await build({
  ...common,
  entryPoints: {'capture-files': 'src/cli/capture-files.ts', 'capture-text': 'src/tools/tcpdump/text.ts'},
  format: 'cjs',
  outdir: 'dist',
  outExtension: {'.js': '.cjs'},
  supported: {'dynamic-import': false},
  plugins: [
    {
      name: 'printers apart',
      setup: ({onResolve}) =>
        onResolve({filter: /^\.\/text\.js$/}, ({kind}) =>
          kind === 'dynamic-import' ? {path: './capture-text.cjs', external: true} : undefined,
        ),
    },
  ],
});

// What a session's launchers start: one file with nothing to load beside it.
await build({
  ...common,
  entryPoints: {client: 'src/cli/session-client.ts'},
  format: 'cjs',
  outdir: 'dist',
  outExtension: {'.js': '.cjs'},
});

if (commandFiles.length > 0) {
  const {Plugin} = await import('@oclif/core');
  const plugin = new Plugin({
    root,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
    type: 'core',
  });
  await plugin.load();
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`);
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`${pjson.name} ${pjson.version}: ${Object.keys(plugin.manifest.commands).length} commands built`);
}
