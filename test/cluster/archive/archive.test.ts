import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {deflateRawSync, gzipSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {describeWith} from '../../oracle.js';
import {errorText, folderWith, load} from '../load-input.js';
import {paxRecord, tar, tgz, zip} from './pack.js';

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;
const broken = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: [x\n';

/** Loads bytes as the file `name`, and again from standard input. */
async function podsOf(name: string, bytes: Uint8Array): Promise<string[]> {
  const cwd = folderWith({});
  writeFileSync(join(cwd, name), bytes);
  const pods = (await load([name], {cwd})).pods.map((p) => p.name);
  expect((await load(['-'], {readStdin: () => bytes})).pods.map((p) => p.name)).toEqual(pods);
  return pods;
}

function wrong(bytes: Uint8Array, name = 'dump.zip'): Promise<string> {
  const cwd = folderWith({});
  writeFileSync(join(cwd, name), bytes);
  return errorText(load([name], {cwd}));
}

const members = [
  {name: 'dump/', type: '5'},
  {name: 'dump/a.yaml', body: pod('a')},
  {name: 'dump/notes.txt', body: 'kind: Nothing'},
  {name: 'dump/.hidden/h.yaml', body: pod('hidden')},
  {name: 'dump/sub/b.json', body: JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'b'}})},
];
const files = members.filter(({type}) => type !== '5');

describe('an archive', () => {
  it.each([
    ['dump.tar', tar(members)],
    ['dump.tar.gz', tgz(members)],
    ['dump.tgz', tgz(members)],
    ['dump.zip', zip(files)],
    ['stored.zip', zip(files.map((file) => ({...file, stored: true})))],
    ['no-suffix', zip(files)],
    ['nested.tar.gz', tgz([{name: 'x/dump.zip', body: zip(files)}])],
  ] as const)('%s: its YAML and JSON are read', async (name, bytes) => {
    expect(await podsOf(name, bytes)).toEqual(['a', 'b']);
  });

  it('of one text is that text', async () => {
    expect(await podsOf('pod.yaml.gz', gzipSync(pod('one')))).toEqual(['one']);
    expect(await wrong(gzipSync(broken), 'pod.yaml.gz')).toContain('pod.yaml.gz:5:1: flow sequence');
  });

  it('in a folder is read with the rest', async () => {
    const cwd = folderWith({'d/a.yaml': pod('a')});
    writeFileSync(join(cwd, 'd/b.tgz'), tgz([{name: 'c.yaml', body: pod('c')}]));
    writeFileSync(join(cwd, 'd/e.yaml.gz'), gzipSync(pod('e')));
    expect((await load(['d'], {cwd})).pods.map((p) => [p.name, p.where?.file])).toEqual([
      ['a', 'd/a.yaml'],
      ['c', 'd/b.tgz!c.yaml'],
      ['e', 'd/e.yaml.gz'],
    ]);
  });

  it('says where in which member something is wrong', async () => {
    const bad = {name: 'x/pods.yaml', body: broken};
    expect(await wrong(zip([bad]))).toContain('dump.zip!x/pods.yaml:5:1: ');
    expect(await wrong(tgz([bad]), 'd.tgz')).toContain('d.tgz!x/pods.yaml:5:1: ');
    expect(await wrong(tgz([{name: 'in.zip', body: zip([bad])}]), 'd.tgz')).toContain('d.tgz!in.zip!x/pods.yaml:5:1: ');
    expect(await wrong(zip([{name: 'readme.md', body: 'x'}]))).toBe('dump.zip: no Kubernetes object here');
  });

  it('has names of any length: ustar, GNU and pax', async () => {
    const long = `${'folder/'.repeat(30)}p.yaml`;
    expect(await podsOf('a.tar', tar([{name: 'p.yaml', prefix: 'folder/'.repeat(20), body: pod('ustar')}]))).toEqual([
      'ustar',
    ]);
    const gnu = [
      {name: '././@LongLink', type: 'L', body: `${long}\0`},
      {name: long.slice(0, 99), body: pod('gnu')},
    ];
    expect(await podsOf('a.tar', tar(gnu))).toEqual(['gnu']);
    const pax = [
      {name: 'PaxHeader', type: 'x', body: paxRecord('path', long)},
      {name: 'short', body: pod('pax')},
    ];
    expect(await podsOf('a.tar', tar(pax))).toEqual(['pax']);
  });
});

describe('a broken archive', () => {
  const whole = zip([{name: 'a.yaml', body: pod('a').repeat(50)}]);
  it.each([
    ['cut zip', whole.subarray(0, whole.length - 30), 'dump.zip: the zip is broken: its directory'],
    ['wrong sum', zip([{name: 'a.yaml', body: pod('a'), crc: 1}]), 'dump.zip!a.yaml: the zip is broken: its checksum'],
    [
      'wrong size',
      zip([{name: 'a.yaml', body: pod('a'), size: 7}]),
      'dump.zip!a.yaml: the zip is broken: it has more bytes',
    ],
    ['other method', zip([{name: 'a.yaml', body: pod('a'), method: 12}]), 'dump.zip!a.yaml: compressed with bzip2'],
    ['encrypted', zip([{name: 'a.yaml', body: pod('a'), flags: 1}]), 'dump.zip!a.yaml: the member is encrypted'],
    ['cut gzip', gzipSync(pod('a').repeat(50)).subarray(0, 60), 'dump.zip: the gzip is broken: it is cut off'],
    ['gzip with another sum', flipped(gzipSync(pod('a')), -6), 'dump.zip: the gzip is broken: its checksum is wrong'],
    [
      'cut tar',
      tar([{name: 'a.yaml', body: 'x'.repeat(2000)}]).subarray(0, 1024),
      'dump.zip!a.yaml: the tar is broken: it is cut off',
    ],
    [
      'tar with another sum',
      flipped(tar([{name: 'x.txt'}, {name: 'a.yaml', body: pod('a')}]), 512),
      'dump.zip: the tar is broken: the checksum',
    ],
    ['xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), 'dump.zip: packed with xz'],
    ['bzip2', Buffer.from('BZh91AY'), 'dump.zip: packed with bzip2'],
  ])('%s is told', async (_, bytes, message) => {
    expect(await wrong(bytes)).toContain(message);
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[at < 0 ? out.length + at : at]! ^= 0x55;
  return out;
}

describe('a hostile archive', () => {
  const out = 'leads out of the archive';
  it.each([
    ['tar ../', tar([{name: '../a.yaml', body: pod('a')}]), out],
    ['tar a/../../b', tar([{name: 'a/../../b.yaml', body: pod('a')}]), out],
    ['tar absolute', tar([{name: '/etc/a.yaml', body: pod('a')}]), 'has an absolute name'],
    ['tar link out', tar([{name: 'a/b.yaml', type: '2', link: '../../x'}]), out],
    ['tar link absolute', tar([{name: 'a/b.yaml', type: '2', link: '/etc/passwd'}]), out],
    ['tar hard link out', tar([{name: 'b.yaml', type: '1', link: '../x'}]), out],
    ['zip ../', zip([{name: '../a.yaml', body: pod('a')}]), out],
    ['zip ..\\', zip([{name: '..\\a.yaml', body: pod('a')}]), out],
    ['zip absolute', zip([{name: 'C:\\a.yaml', body: pod('a')}]), 'has an absolute name'],
    ['zip link out', zip([{name: 'a.yaml', body: '../../etc/passwd', symlink: true}]), out],
    [
      'overlapping members',
      zip([
        {name: 'a.yaml', body: pod('a')},
        {name: 'b.yaml', body: pod('a'), offset: 0},
      ]),
      'decompression bomb',
    ],
    ['huge size', tar([{name: 'a.yaml', size: '77777777777\0'}]), 'more than the 1 GB'],
  ])('%s is refused', async (_, bytes, message) => {
    expect(await wrong(bytes)).toContain(message);
  });

  it('that unpacks to far more than itself is stopped early', async () => {
    const zeros = Buffer.alloc(400_000_000);
    expect(await wrong(gzipSync(zeros), 'a.gz')).toContain('a decompression bomb');
    const member = zip([{name: 'a.yaml', body: Buffer.alloc(100_000_000)}]);
    expect(await wrong(member)).toContain('dump.zip!a.yaml: unpacks to more than 250 times its size');
    // what the directory says small, and is not
    const packed = deflateRawSync(Buffer.alloc(100_000_000));
    expect(packed.length).toBeLessThan(200_000);
    expect(await wrong(zip([{name: 'a.yaml', body: Buffer.alloc(50_000_000), size: 100}]))).toContain(
      'more bytes than the 100',
    );
    let nested = zip([{name: 'a.yaml', body: pod('a')}]);
    for (let i = 0; i < 6; i++) nested = zip([{name: 'n.zip', body: nested}]);
    expect(await wrong(nested)).toContain('archives nested too deeply');
  }, 60_000);

  it('with links that stay inside is read without following them', async () => {
    const inside = [
      {name: 'd/a.yaml', body: pod('a')},
      {name: 'd/b.yaml', type: '2', link: 'a.yaml'},
    ];
    expect(await podsOf('in.tar', tar(inside))).toEqual(['a']);
  });
});

describeWith(['tar', 'zip'], 'archives of the real tools', () => {
  it('are read', async () => {
    const cwd = folderWith({'d/a.yaml': pod('a'), [`d/${'long-folder/'.repeat(12)}b.yaml`]: pod('b')});
    for (const format of ['ustar', 'gnu', 'pax']) {
      execFileSync('tar', [`--format=${format}`, '-czf', `${format}.tgz`, 'd'], {cwd});
      expect((await podsOf(`${format}.tgz`, readFileSync(join(cwd, `${format}.tgz`)))).sort()).toEqual(['a', 'b']);
    }
    execFileSync('zip', ['-qr', 'd.zip', 'd'], {cwd});
    expect((await podsOf('d.zip', readFileSync(join(cwd, 'd.zip')))).sort()).toEqual(['a', 'b']);
    // written to a pipe: sizes stand behind the data, zip64 fields in the directory
    execFileSync('sh', ['-c', 'zip -qr -fz - d > stream.zip'], {cwd});
    expect((await podsOf('stream.zip', readFileSync(join(cwd, 'stream.zip')))).sort()).toEqual(['a', 'b']);
  });
});
