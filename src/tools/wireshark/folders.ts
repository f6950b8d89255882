/** Wireshark's folders of this user, found as Wireshark does. */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';

export interface Folders {
  /** Personal configuration: profiles are below. */
  readonly config: string;
  readonly extcap: string;
  /** Personal Lua plugins. */
  readonly lua: string;
  /** Who said so. */
  readonly source: 'tshark' | 'environment';
}

/** `extcap`: the folder the user chose for the plugin. */
export function findFolders(io: Io, extcap: string | undefined): Folders {
  if (process.platform === 'win32')
    throw new UserError({message: 'wirelay wireshark needs a Unix shell: it does not work on Windows'});
  const found = fromTshark(io) ?? fromEnvironment(io);
  const chosen = extcap ?? io.env.WIRESHARK_EXTCAP_DIR;
  return chosen ? {...found, extcap: resolve(io.cwd, chosen)} : found;
}

/** Where the command is not on the path: macOS keeps it in the application. */
const programs = ['tshark', '/Applications/Wireshark.app/Contents/MacOS/tshark'];

function fromTshark({env}: Io): Folders | undefined {
  for (const program of programs) {
    const {stdout, status} = spawnSync(program, ['-G', 'folders'], {env: {...env}, encoding: 'utf8'});
    if (status === 0) return readFolders(stdout);
  }
  return undefined;
}

/**
 * The text of `tshark -G folders`: lines of a title, colon, tabs and a path. From 4.2 on the personal extcap folder is in it and lies
 * beside the plugins; before, Wireshark looks below the configuration and does not list it (extcap.c of 4.0).
 */
export function readFolders(text: string): Folders | undefined {
  const rows = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([^:]+):\s+(\S.*)$/.exec(line);
    if (match?.[1] && match[2]) rows.set(match[1].toLowerCase(), match[2]);
  }
  const config = rows.get('personal configuration');
  if (config === undefined) return undefined;
  const plugins = rows.get('personal plugins');
  return {
    config,
    extcap: rows.get('personal extcap path') ?? join(config, 'extcap'),
    lua: rows.get('personal lua plugins') ?? (plugins === undefined ? join(config, 'plugins') : dirname(plugins)),
    source: 'tshark',
  };
}

/** Without tshark: the folders of 4.2 and later (wsutil/filesystem.c), or the older one for plugins where it is in use. */
function fromEnvironment({env}: Io): Folders {
  const home = env.HOME;
  if (!home)
    throw new UserError({message: 'Wireshark’s folders are not known: no tshark on the path, and HOME is not set'});
  const config = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'wireshark');
  const libraries = join(home, '.local/lib/wireshark');
  const older = join(config, 'extcap');
  const extcap = join(libraries, 'extcap');
  return {
    config,
    extcap: !existsSync(extcap) && existsSync(older) ? older : extcap,
    lua: join(libraries, 'plugins'),
    source: 'environment',
  };
}
