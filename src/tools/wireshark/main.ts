/** `wirelay wireshark install|uninstall|status`. */
import {join, resolve} from 'node:path';
import {discover} from '../../cluster/discover.js';
import type {Cluster} from '../../cluster/model.js';
import type {SessionOptions} from '../../session/options.js';
import {openCluster} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {type Folders, findFolders} from './folders.js';
import {luaPlugin} from './lua.js';
import {manifestPath, type OwnFile, readManifest, removeFiles, stateOf, writeFiles} from './manifest.js';
import {pluginScript} from './plugin.js';
import {colorFilters, decodeAs, hosts, preferences} from './profile.js';

export interface InstallRequest {
  readonly options: SessionOptions;
  /** --dir. */
  readonly dir: string | undefined;
  /** How the plugin starts wirelay. */
  readonly command: readonly string[];
}

export async function runInstall({options, dir, command}: InstallRequest, io: Io): Promise<number> {
  const {how, paths} = discover({paths: options.cluster, env: io.env, cwd: io.cwd});
  const words = installedWords(how === 'demo' ? [] : paths, options, io);
  // as every command would: a definition that is wrong is told now, not in Wireshark
  const cluster = await openCluster(options, io);
  const script = pluginScript(command, words);
  const folders = findFolders(io, dir);
  const files = ownFiles(folders, cluster, script);
  writeFiles(folders.config, files);
  io.stdout.write(files.map(({path}) => `${path}\n`).join(''));
  io.stderr.write(
    `${folders.source === 'tshark' ? '' : 'no tshark here: folders of Wireshark 4.2 and later\n'}tshark -D lists the interfaces; wireshark -C wirelay reads with columns, colours and names\n`,
  );
  return 0;
}

function ownFiles({config, extcap, lua}: Folders, cluster: Cluster, script: string): OwnFile[] {
  const profile = join(config, 'profiles/wirelay');
  const text = (path: string, content: string) => ({path, text: content, executable: false});
  return [
    {path: join(extcap, 'wirelay'), text: script, executable: true},
    text(join(profile, 'preferences'), preferences()),
    text(join(profile, 'colorfilters'), colorFilters()),
    text(join(profile, 'decode_as_entries'), decodeAs(cluster)),
    text(join(profile, 'hosts'), hosts(cluster)),
    text(join(lua, 'wirelay.lua'), luaPlugin(cluster)),
  ];
}

/** Our options as the plugin will give them, from whatever folder Wireshark starts in. */
function installedWords(paths: readonly string[], options: SessionOptions, {cwd}: Io): string[] {
  if (options.pod !== undefined)
    throw new UserError({message: '--pod is not for install', hint: 'each pod is an interface of its own'});
  if (paths.includes('-'))
    throw new UserError({message: 'the plugin reads the cluster later: stdin cannot be it', hint: 'give a file'});
  const {set, traffic, event = [], node, seed, nodes} = options;
  const each = (name: string, list: readonly (string | number | undefined)[]) =>
    list.flatMap((value) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return [
    ...each('cluster', paths.length > 0 ? paths.map((path) => resolve(cwd, path)) : ['demo']),
    ...each('set', set),
    ...each('traffic', traffic),
    ...each('event', event),
    ...each('node', [node]),
    ...each('seed', [seed]),
    ...each('nodes', [nodes]),
  ];
}

export function uninstall(io: Io): number {
  const {config} = findFolders(io, undefined);
  const {removed, kept} = removeFiles(config);
  io.stdout.write(removed.map((path) => `removed ${path}\n`).join(''));
  io.stderr.write(kept.map((path) => `kept ${path}: changed since wirelay wrote it\n`).join(''));
  if (removed.length + kept.length === 0) io.stderr.write('nothing of wirelay is installed\n');
  return kept.length > 0 ? 1 : 0;
}

export function status(io: Io, output: 'text' | 'json'): number {
  const {config, source} = findFolders(io, undefined);
  const files = readManifest(config).files.map((entry) => ({path: entry.path, state: stateOf(entry)}));
  if (output === 'json')
    io.stdout.write(`${JSON.stringify({schemaVersion: 1, manifest: manifestPath(config), folders: source, files})}\n`);
  else if (files.length === 0) io.stdout.write('not installed\n');
  else io.stdout.write(files.map(({path, state}) => `${state.padEnd(9)} ${path}\n`).join(''));
  return files.length > 0 && files.every(({state}) => state === 'installed') ? 0 : 1;
}
