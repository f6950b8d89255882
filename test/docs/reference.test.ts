import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {clusterShape} from '../../src/cluster/schema.js';
import {check, type Shape} from '../../src/cluster/shape.js';
import {root} from './console.js';
import {exampleFor, generated, splitDefault} from './reference.js';

const files = generated();

describe('documents made of the program’s tables (`npm run docs` makes them anew)', () => {
  it('are up to date', () => {
    const stale = [...files].filter(
      ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
    );
    expect(stale.map(([path]) => path)).toEqual([]);
    for (const folder of ['docs/commands', 'docs/man'])
      expect(readdirSync(join(root, folder)).filter((name) => !files.has(`${folder}/${name}`))).toEqual([]);
  });

  it('man pages please what formats them, where it is installed', () => {
    const formatters = [
      ['groff', '-man', '-ww', '-z', '-Tutf8'],
      ['mandoc', '-Tlint', '-Wwarning'],
    ].filter(([name]) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);
    for (const [name = '', ...words] of formatters)
      for (const path of [...files.keys()].filter((file) => file.endsWith('.1'))) {
        const {stderr, stdout} = spawnSync(name, [...words, join(root, path)], {encoding: 'utf8'});
        expect(name === 'groff' ? stderr : stdout, path).toBe('');
      }
  });

  it('a man page says what help says', () => {
    const page = files.get('docs/man/wirelay-trace.1') ?? '';
    for (const text of [
      '.SH NAME',
      '\\-\\-permit\\-all',
      '.SH EXAMPLES',
      'wirelay trace pod\\-a my\\-svc:80',
      '.SH "EXIT STATUS"',
    ])
      expect(page).toContain(text);
    // roff takes a line that begins with a dot for a request
    const requests = /^\.(TH|SH|TP|B|BR|I|PP|RS|RE|nf|fi|br)( |$)/;
    for (const [path, text] of files)
      if (path.endsWith('.1'))
        for (const line of text.split('\n')) expect(!line.startsWith('.') || requests.test(line), line).toBe(true);
  });

  it('each example value of the definition is right for its field', () => {
    const walk = (shape: Shape, path: string): void => {
      if (shape.kind === 'object')
        for (const [key, field] of shape.list) {
          const problems: string[] = [];
          check(exampleFor(`${path}.${key}`, field), field.shape, [], (_, __, message) => problems.push(message));
          expect(problems, `${path}.${key}`).toEqual([]);
          walk(field.shape, `${path}.${key}`);
        }
      else if (shape.kind === 'list') walk(shape.items, path);
      else if (shape.kind === 'either') for (const one of shape.of) walk(one, path);
    };
    walk(clusterShape, '');
  });

  it('defaults are told apart from meanings', () => {
    expect(splitDefault('Default TCP')).toEqual({meaning: '', fallback: 'TCP'});
    expect(splitDefault('Address; default: the next free one')).toEqual({
      meaning: 'Address',
      fallback: 'the next free one',
    });
    expect(splitDefault('Where to')).toEqual({meaning: 'Where to', fallback: ''});
  });
});
