/** The user's shell in a session: their start-up files first, then our PATH and a prompt that tells where it is. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {Home} from '../session/live/home.js';
import type {Session} from '../session/session.js';
import type {Io} from '../term/io.js';
import {sanitize} from '../term/sanitize.js';
import type {Program} from './live-session.js';

export function shellProgram({cluster, node, pod}: Session, home: Home, io: Io): Program {
  const shell = io.env.SHELL || '/bin/sh';
  const place = sanitize(pod ? `${pod.namespace}/${pod.name}` : node.name).replace(/[^\w./-]/g, '_');
  const folder = join(home.folder, 'shell');
  mkdirSync(folder);
  io.stderr.write(
    `wirelay: cluster ${sanitize(cluster.name)}, at ${place}; the network tools are the cluster's; exit leaves it\n`,
  );
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, {mode: 0o600});
    return path;
  };
  const path = `PATH=${quoted(home.bin)}:"$PATH"; export PATH\n`;
  switch (basename(shell)) {
    case 'bash': {
      const own = file('bashrc', `[ -r ~/.bashrc ] && . ~/.bashrc\n${path}PS1="(${place}) \${PS1-\\\\$ }"\nhash -r\n`);
      return {words: [shell, '--rcfile', own, '-i'], env: {}};
    }
    case 'zsh': {
      const before = quoted(io.env.ZDOTDIR ?? io.env.HOME ?? '');
      for (const name of ['.zshenv', '.zprofile'])
        file(name, `ZDOTDIR=${before}; [ -r ${before}/${name} ] && . ${before}/${name}; ZDOTDIR=${quoted(folder)}\n`);
      file(
        '.zshrc',
        `ZDOTDIR=${before}\n[ -r ${before}/.zshrc ] && . ${before}/.zshrc\n${path}PROMPT="(${place}) $PROMPT"\n`,
      );
      return {words: [shell, '-i'], env: {ZDOTDIR: folder}};
    }
    default: {
      const before = io.env.ENV ? `[ -r ${quoted(io.env.ENV)} ] && . ${quoted(io.env.ENV)}\n` : '';
      const own = file('shrc', `${before}${path}PS1='(${place}) $ '\n`);
      return {words: [shell, '-i'], env: {ENV: own}};
    }
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
