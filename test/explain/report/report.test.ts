/** One page that needs nothing, believes nothing that files say, and is used in a real browser. */
import {createHash} from 'node:crypto';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {runReport} from '../../../src/explain/report/main.js';
import {toSessionOptions} from '../../../src/session/options.js';
import {UserError} from '../../../src/term/error.js';
import {openPage} from '../../chromium.js';
import {memoryIo} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const fixtures = join(import.meta.dirname, '../../../fixtures');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wirelay-report-'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function reportOf(
  cluster: string,
  traffic: readonly string[] = [],
  set: readonly string[] = [],
): Promise<string> {
  const io = memoryIo({cwd: folder});
  const session = toSessionOptions({cluster: [cluster], traffic: [...traffic], set: [...set]});
  expect(await runReport({session, output: '-', walks: 4}, io)).toBe(0);
  return io.stdout.text;
}

const evil = `<img src=x onerror=alert(1)>"'&</script></style>\u202e\u0007`;
const hostile = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', metadata: {name: evil}, spec: {nodes: 2}},
    ...['a', 'b'].map((name, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name, namespace: 'default', labels: {app: evil}, annotations: {note: evil}},
      spec: {nodeName: `node${i + 1}`, containers: [{name: 'c', image: evil}]},
    })),
    {apiVersion: 'v1', kind: 'Service', metadata: {name: 'out'}, spec: {type: 'ExternalName', externalName: evil}},
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {name: 'p', namespace: 'default', annotations: {note: evil}},
      spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]},
    },
  ],
};

describe('report', () => {
  it('states a policy that its own style and script keep, and no other', async () => {
    const html = await reportOf('demo');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    for (const element of ['style', 'script']) {
      const found = [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))];
      expect(found).toHaveLength(1);
      const hash = createHash('sha256')
        .update(found[0]?.[1] ?? '')
        .digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
    expect(html).not.toMatch(/<[^>]*\s(on\w+|style)=/i);
    expect(html.replace(/data:[^"]*/g, '')).not.toMatch(/(src|href)="(?!#|data:|")[^"]/);
  });

  it('is the same each time', async () => {
    expect(await reportOf('demo')).toBe(await reportOf('demo'));
  });

  const files = ['dual-stack.yaml', 'kube-proxy.yaml', 'policy.yaml', 'nsg.yaml', 'aks-overlay.yaml'];
  it.each(files)('%s: every tag that opens closes', async (name) => {
    const html = await reportOf(join(fixtures, name));
    const open: string[] = [];
    const markup = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replace('<!doctype html>', '');
    for (const [, slash, tag = '', rest = ''] of markup.matchAll(/<(\/?)([a-z]\w*)([^>]*)>/g)) {
      if (slash) expect(open.pop()).toBe(tag);
      else if (!rest.endsWith('/') && !['meta', 'link', 'img', 'br'].includes(tag)) open.push(tag);
    }
    expect(open).toEqual([]);
    const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes text of what files say', async () => {
    writeFileSync(join(folder, 'hostile.json'), JSON.stringify(hostile));
    const html = await reportOf('hostile.json', ['a -> b/icmp', 'a -> b:80/http']);
    expect(html).not.toMatch(/<img src=x/);
    expect(html).not.toMatch(/[\u202e\u0007]/);
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('writes a whole file or none', async () => {
    const session = toSessionOptions({cluster: ['demo']});
    await runReport({session, output: 'r.html', walks: 0}, memoryIo({cwd: folder}));
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toMatch(/<\/html>\n$/);
    const wrong = runReport({session, output: 'nowhere/r.html', walks: 0}, memoryIo({cwd: folder}));
    await expect(wrong).rejects.toThrow(UserError);
    expect(readdirSync(folder).filter((name) => name.includes('wirelay-'))).toEqual([]);
  });
});

describeWith(['chromium'], 'in Chromium', () => {
  it('draws, steps by button and key, complains of nothing, asks for nothing, names everything', async () => {
    const file = join(folder, 'page.html');
    writeFileSync(join(folder, 'hostile.json'), JSON.stringify(hostile));
    writeFileSync(file, await reportOf('hostile.json', ['a -> b/icmp', 'a -> b:80/http']));
    const page = await openPage(pathToFileURL(file).href);
    try {
      const at = () => page.evaluate("document.querySelector('output').textContent");
      const shown = () =>
        page.evaluate("document.querySelectorAll('.walk')[0].querySelectorAll('.hop:not([hidden])').length");
      expect(await at()).toMatch(/^Hop 1 of \d+$/);
      expect(await shown()).toBe(1);
      await page.evaluate("document.querySelector('.next').focus()");
      await page.press('ArrowRight');
      expect(await at()).toMatch(/^Hop 2 /);
      await page.press('Enter');
      expect(await at()).toMatch(/^Hop 3 /);
      await page.press('ArrowLeft');
      await page.press('End');
      expect(await at()).toMatch(/^Hop (\d+) of \1$/);
      expect(await page.evaluate('document.activeElement.disabled')).not.toBe(true);
      await page.press('Home');
      expect(await at()).toMatch(/^Hop 1 /);
      await page.evaluate("document.querySelector('.play').click()");
      expect(await page.evaluate("document.querySelector('.play').getAttribute('aria-pressed')")).toBe('true');
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1900))');
      expect(await at()).toMatch(/^Hop 2 /);
      await page.evaluate("document.querySelector('.play').click()");
      expect(await page.evaluate("document.querySelector('.play').textContent")).toBe('Play');
      const broken = '[...document.images].filter((image) => !image.complete || image.naturalWidth === 0).length';
      expect(await page.evaluate(broken)).toBe(0);
      expect(await page.evaluate("getComputedStyle(document.querySelector('.hop')).borderRadius")).not.toBe('0px');

      const {nodes} = await page.send('Accessibility.getFullAXTree');
      const named = (nodes as {ignored: boolean; role?: {value: string}; name?: {value: string}}[]).filter(
        ({ignored, role}) =>
          !ignored && ['button', 'image', 'link', 'region', 'group', 'table'].includes(role?.value ?? ''),
      );
      expect(named.length).toBeGreaterThan(20);
      expect(named.filter(({name}) => !name?.value)).toEqual([]);

      await page.send('Emulation.setEmulatedMedia', {
        features: [
          {name: 'prefers-reduced-motion', value: 'reduce'},
          {name: 'prefers-color-scheme', value: 'dark'},
        ],
      });
      expect(await page.evaluate("getComputedStyle(document.querySelector('.hop.now')).animationName")).toBe('none');
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(13, 17, 23)');
      await page.send('Emulation.setDeviceMetricsOverride', {
        width: 400,
        height: 800,
        deviceScaleFactor: 1,
        mobile: true,
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
      await page.send('Emulation.setEmulatedMedia', {media: 'print'});
      expect(await page.evaluate("document.querySelector('.player').checkVisibility()")).toBe(false);
      expect(await page.evaluate("[...document.querySelectorAll('.hop')].every((hop) => hop.checkVisibility())")).toBe(
        true,
      );

      expect(page.complaints).toEqual([]);
      expect(page.requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    } finally {
      await page.close();
    }
  });
});
