/** The plugin's answers, what install writes and uninstall takes away; tshark lists, captures and decodes with it. */
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {openCapture} from '../../../src/pcap-writer/index.js';
import {decodeLayers} from '../../../src/session/layers.js';
import {toSessionOptions} from '../../../src/session/options.js';
import {UserError} from '../../../src/term/error.js';
import {extcapMain} from '../../../src/tools/wireshark/extcap/main.js';
import {readFolders} from '../../../src/tools/wireshark/folders.js';
import {runInstall, status, uninstall} from '../../../src/tools/wireshark/main.js';
import {memoryIo, runMain} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const program = join(import.meta.dirname, '../../../bin/run.js');
const fixture = (name: string) => join(import.meta.dirname, '../../../fixtures', name);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wirelay-wireshark-'));
});
afterEach(() => rmSync(home, {recursive: true, force: true}));

/** No PATH: no tshark; the folders come from the environment. */
const io = (env: Record<string, string> = {}) => memoryIo({env: {HOME: home, PATH: '/nonexistent', ...env}, cwd: home});

async function install(cluster: string, dir?: string): Promise<void> {
  const options = toSessionOptions({cluster: [cluster]});
  await runInstall({options, dir, command: [process.execPath, program]}, io());
}

/** Up to 10 s. */
async function until(wanted: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !wanted(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(wanted()).toBe(true);
}

function filesBelow(folder: string): string[] {
  const found = readdirSync(folder, {recursive: true, withFileTypes: true});
  return found.filter((entry) => !entry.isDirectory()).map(({parentPath, name}) => join(parentPath, name));
}

const extcap = (...argv: string[]) => runMain(extcapMain, ['--cluster', 'demo', ...argv]);

describe('extcap', () => {
  it('lists the interfaces, each name once and fit for a file name', async () => {
    const {code, stdout} = await extcap('--extcap-interfaces', '--extcap-version=4.0');
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^interface \{value=([^}]*)\}\{display=[^{}]+\}$/gm)].map(([, name]) => name);
    expect(names).toContain('wirelay');
    expect(names).toContain('wirelay-node1-eth0');
    expect(names).toContain('wirelay-node3-cilium_geneve');
    expect(names).toContain('wirelay-pod-a.default');
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[\w.-]+$/);
  });

  it('keeps the list short on a big cluster', async () => {
    const {stdout} = await runMain(extcapMain, [
      '--nodes',
      '300',
      '--cluster',
      fixture('vxlan.yaml'),
      '--extcap-interfaces',
    ]);
    expect(stdout.split('\n').length).toBeLessThan(150);
  });

  it('tells a good filter from a bad one', async () => {
    expect((await extcap('--extcap-interface', 'wirelay', '--extcap-capture-filter', 'udp port 6081')).stdout).toBe('');
    expect((await extcap('--extcap-interface=wirelay', '--extcap-capture-filter=udp prot 1')).stdout).not.toBe('');
  });

  it('names the nodes of the cluster that the dialog has', async () => {
    const {stdout} = await extcap('--extcap-config', '--extcap-interface', 'wirelay', '--extcap-reload-option', 'node');
    expect(stdout).toContain('value {arg=1}{value=node2}{display=node2}');
  });

  it.each([
    ['--extcap-interfaces', '--oops'],
    ['--capture', '--extcap-interface', 'wirelay'],
    ['--capture', '--extcap-interface', 'wirelay-node9-eth0', '--fifo', '/dev/null'],
    ['--capture', '--extcap-interface', 'wirelay', '--device', 'eth7', '--fifo', '/dev/null'],
    ['--capture', '--extcap-interface', 'wirelay', '--duration', 'long', '--fifo', '/dev/null'],
    ['--capture', '--extcap-interface', 'wirelay', '--fifo', '/nonexistent/fifo'],
    ['--extcap-interface', 'wirelay', '--extcap-config', '--extcap-reload-option', 'seed'],
    [],
  ])('refuses %j %j', async (...argv) => {
    const {code, stderr} = await extcap(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^wirelay: /);
  });

  it('captures where the dialog says, as long as it says', async () => {
    const count = async (...argv: string[]) => {
      const file = join(home, 'out.pcapng');
      expect((await extcap('--capture', '--extcap-interface', 'wirelay', '--fifo', file, ...argv)).stderr).toBe('');
      const reader = openCapture(file, {mixed: true});
      let frames = 0;
      while (reader.next()) frames++;
      reader.close();
      return frames;
    };
    const all = await count();
    const node = await count('--node', 'node2');
    const eth0 = await count('--node', '*', '--device', 'eth0', '--extcap-capture-filter', 'udp port 6081');
    const short = await count('--duration', '1.5');
    expect(node).toBeLessThan(all);
    expect(node).toBeGreaterThan(0);
    expect(eth0).toBeGreaterThan(0);
    expect(short).toBeLessThan(all);
    expect(await count('--traffic', 'pod-a -> pod-c/icmp', '--seed', '7', '--speed', '1000')).toBeGreaterThan(0);
  });

  it('replaces what would end a sentence', async () => {
    const file = join(home, 'c.yaml');
    const name = '}{value=x}\\ninterface {value=evil}';
    writeFileSync(
      file,
      `apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nmetadata:\n  name: "${name}"\nspec:\n  nodes: 1\n`,
    );
    const {stdout, code} = await runMain(extcapMain, ['--cluster', file, '--extcap-interfaces']);
    if (code === 0) expect(stdout).not.toContain('{value=evil}');
    else expect(stdout).toBe('');
  });
});

describe('folders', () => {
  it('reads both generations of tshark -G folders', () => {
    const older =
      'Temp:                \t/tmp\nPersonal configuration:\t/h/.config/wireshark\nPersonal Lua Plugins:\t/h/.local/lib/wireshark/plugins\nExtcap path:\t/usr/lib/extcap\n';
    expect(readFolders(older)?.extcap).toBe('/h/.config/wireshark/extcap');
    const newer = `${older}Personal Extcap path:\t/h/.local/lib/wireshark/extcap\nGlobal Extcap path:\t/usr/lib/extcap\n`;
    expect(readFolders(newer)?.extcap).toBe('/h/.local/lib/wireshark/extcap');
    expect(readFolders('nonsense')).toBeUndefined();
  });

  it('follows --dir, $WIRESHARK_EXTCAP_DIR, $XDG_CONFIG_HOME', async () => {
    const options = toSessionOptions({cluster: ['demo']});
    const given = io({WIRESHARK_EXTCAP_DIR: join(home, 'env'), XDG_CONFIG_HOME: join(home, 'xdg')});
    await runInstall({options, dir: undefined, command: ['node']}, given);
    expect(existsSync(join(home, 'env/wirelay'))).toBe(true);
    expect(existsSync(join(home, 'xdg/wireshark/profiles/wirelay/hosts'))).toBe(true);
    await runInstall({options, dir: 'mine', command: ['node']}, given);
    expect(existsSync(join(home, 'mine/wirelay'))).toBe(true);
    expect(existsSync(join(home, 'env/wirelay'))).toBe(false);
  });
});

describe('install and uninstall', () => {
  it('leaves nothing behind', async () => {
    await install('demo');
    const files = filesBelow(home);
    expect(files).toHaveLength(7);
    expect(status(io(), 'text')).toBe(0);
    await install(fixture('vxlan.yaml'));
    expect(filesBelow(home)).toEqual(files);
    expect(uninstall(io())).toBe(0);
    expect(readdirSync(home)).toEqual([]);
    expect(status(io(), 'text')).toBe(1);
  });

  it('keeps what was changed, and what is the user’s own', async () => {
    await install('demo');
    const profile = join(home, '.config/wireshark/profiles/wirelay');
    writeFileSync(join(profile, 'hosts'), '10.0.0.5 mine\n');
    writeFileSync(join(profile, 'recent'), 'of wireshark\n');
    rmSync(join(profile, 'colorfilters'));
    const out = io();
    expect(uninstall(out)).toBe(1);
    expect(out.stderr.text).toContain(`kept ${join(profile, 'hosts')}`);
    expect(readdirSync(profile).sort()).toEqual(['hosts', 'recent']);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  it('overwrites nothing that is not its own, not even part of it', async () => {
    const plugin = join(home, '.local/lib/wireshark/extcap/wirelay');
    mkdirSync(dirname(plugin), {recursive: true});
    writeFileSync(plugin, 'mine');
    await expect(install('demo')).rejects.toThrow(UserError);
    expect(filesBelow(home)).toEqual([plugin]);
    rmSync(plugin);
    symlinkSync('/nonexistent', plugin);
    await expect(install('demo')).rejects.toThrow(/not as wirelay writes it/);
    rmSync(plugin);
    await install('demo');
    writeFileSync(plugin, 'mine');
    await expect(install('demo')).rejects.toThrow(/not as wirelay writes it/);
    expect(readFileSync(plugin, 'utf8')).toBe('mine');
  });

  it('will not go by a list of files that is broken', async () => {
    await install('demo');
    const list = join(home, '.config/wireshark/wirelay-files.json');
    for (const text of ['{', '{"version":1,"files":[{}],"folders":[]}', '[]']) {
      writeFileSync(list, text);
      expect(() => uninstall(io())).toThrow(/is not a list of wirelay's files/);
    }
  });

  it('refuses stdin and --pod', async () => {
    for (const texts of [{cluster: ['-']}, {cluster: ['demo'], pod: 'pod-a'}]) {
      const options = toSessionOptions(texts);
      await expect(runInstall({options, dir: undefined, command: ['node']}, io())).rejects.toThrow(UserError);
    }
  });
});

describeWith(['tshark'], 'with tshark', () => {
  const env = () => ({...process.env, HOME: home, XDG_CONFIG_HOME: '', WIRELAY_CLUSTER: '', TZ: 'UTC'});
  const tshark = (...args: string[]) => {
    const {stdout, stderr} = spawnSync('tshark', args, {
      env: env(),
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      timeout: 20_000,
    });
    return {lines: stdout.split('\n').filter(Boolean), stderr};
  };
  const wirelay = (...args: string[]) =>
    execFileSync(process.execPath, [program, ...args], {
      env: env(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  it('lists the interfaces and captures from them', () => {
    // a name that a shell must not read
    const folder = join(home, "it's $(touch x) here");
    mkdirSync(folder);
    const file = join(folder, 'cluster.yaml');
    writeFileSync(file, readFileSync(fixture('vxlan.yaml')));
    wirelay('wireshark', 'install', '-f', file);
    expect(tshark('-D').lines.filter((line) => /^\d+\. wirelay-node1-(eth0|cilium_vxlan) /.test(line))).toHaveLength(2);
    const captured = tshark('-C', 'wirelay', '-i', 'wirelay-node1-eth0', '-c', '5');
    expect(captured.lines).toHaveLength(5);
    expect(captured.stderr).toContain('5 packets captured');
    expect(captured.stderr).not.toMatch(/WARNING|No such preference|Could not compile/);
    const filtered = tshark('-C', 'wirelay', '-i', 'wirelay', '-f', 'udp port 8472', '-T', 'fields', '-e', 'udp.port');
    expect(filtered.lines.length).toBeGreaterThan(5);
    expect(filtered.lines.every((line) => line.includes('8472'))).toBe(true);
    expect(tshark('-i', 'wirelay', '-f', 'udp prot').lines).toEqual([]);
    wirelay('wireshark', 'uninstall');
    expect(tshark('-D').lines.some((line) => line.includes('wirelay'))).toBe(false);
  });

  it.each([
    ['demo', 'geneve', []],
    ['demo', 'vxlan', ['--set', 'spec.cilium.tunnel-protocol=vxlan']],
    ['demo', 'vxlan', ['--set', 'spec.cilium.tunnel-protocol=vxlan', '--set', 'spec.cilium.tunnel-port=9999']],
    ['demo', 'geneve', ['--set', 'spec.cilium.tunnel-port=8472']],
  ])('%s %s %j: its decode is ours', (cluster, protocol, more) => {
    wirelay('wireshark', 'install', '-f', cluster, ...more);
    const file = join(home, 'x.pcapng');
    wirelay('export', '-f', cluster, ...more, '--point', 'node1:eth0', '-o', file);
    const port = Number(more.at(-1)?.match(/port=(\d+)/)?.[1] ?? (protocol === 'vxlan' ? 8472 : 6081));
    const fields = [`${protocol}.vni`, 'wirelay.inner.src', 'wirelay.inner.dst'].flatMap((name) => ['-e', name]);
    const theirs = tshark('-C', 'wirelay', '-n', '-r', file, '-T', 'fields', ...fields).lines.map((line) =>
      line.split('\t'),
    );
    const ours: string[][] = [];
    const reader = openCapture(file, {mixed: true});
    for (let record = reader.next(); record; record = reader.next()) {
      const bytes = record.bytes.slice(record.start, record.end);
      const layers = decodeLayers(bytes, {geneve: 6081, vxlan: 4789, [protocol]: port}, 1);
      const tunnel = layers.findIndex(({name}) => name.toLowerCase() === protocol);
      const value = (at: number, name: RegExp) =>
        layers[at]?.fields.find((field) => name.test(field.name))?.value ?? '';
      if (tunnel >= 0)
        ours.push([value(tunnel, /^VNI/), value(tunnel + 2, /^source/i), value(tunnel + 2, /^destination/i)]);
    }
    reader.close();
    expect(ours.length).toBeGreaterThan(10);
    const decimal = (text = '') => String(Number(/^(?:0x)?[\da-f]+/.exec(text)?.[0] ?? text));
    const tunnelled = theirs.filter(([vni]) => vni !== '');
    expect(tunnelled.map(([vni, ...rest]) => [decimal(vni), ...rest])).toEqual(
      ours.map(([vni, ...rest]) => [decimal(vni), ...rest]),
    );
    const columns = tshark('-C', 'wirelay', '-r', file, '-Y', protocol).lines;
    expect(columns[0]).toContain('app=client (default)');
    expect(columns[0]).toContain('pod-a.default → pod-b.default');
    expect(columns[0]).toContain('node1:eth0');
  });

  it('ends when Wireshark is killed, however far the next frame is', async () => {
    const file = join(home, 'slow.yaml');
    writeFileSync(
      file,
      "apiVersion: wirelay.dev/v1alpha1\nkind: Cluster\nspec:\n  nodes: 1\n  pods: [{name: a}, {name: b}]\n  traffic: ['a -> b/icmp x9 every=60m']\n",
    );
    wirelay('wireshark', 'install', '-f', file);
    const written = join(home, 'slow.pcapng');
    const child = spawn('tshark', ['-i', 'wirelay', '-o', 'extcap.wirelay.speed:1', '-w', written], {
      env: env(),
      stdio: 'ignore',
    });
    const plugins = () => {
      const {stdout} = spawnSync('pgrep', ['-P', String(child.pid)], {encoding: 'utf8'});
      return stdout.split('\n').filter(Boolean).map(Number);
    };
    const isPlugin = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--capture');
    await until(() => existsSync(written) && statSync(written).size > 2000 && plugins().some(isPlugin));
    const plugin = plugins().find(isPlugin)!;
    child.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${plugin}`));
    wirelay('wireshark', 'uninstall');
  }, 30_000);

  it('reads tcpdump live', () => {
    const live = `"${process.execPath}" "${program}" tcpdump -i eth0 -U -w - --cluster demo 2>/dev/null | tshark -r - -T fields -e geneve.vni`;
    const text = execFileSync('sh', ['-c', live], {env: env(), encoding: 'utf8', stdio: 'pipe'});
    expect(text.split('\n').filter(Boolean).length).toBeGreaterThan(10);
  });
});
