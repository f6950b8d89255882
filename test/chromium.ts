/** A page in Chromium, driven through the DevTools protocol over a pipe: messages of JSON, each ended by a NUL. */
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';

type Message = Readonly<Record<string, unknown>>;

interface Pending {
  resolve(result: Message): void;
  reject(error: Error): void;
}

export interface BrowserPage {
  /** A command of the protocol, to the page. */
  send(method: string, params?: Message): Promise<Message>;
  /** Value of a JavaScript expression in the page, as JSON can have it. */
  evaluate(expression: string): Promise<unknown>;
  /** Press and release: `ArrowRight`, `Tab`, ` `. */
  press(key: string): Promise<void>;
  /** Errors and warnings of its console, exceptions, what its policy refused. */
  readonly complaints: readonly string[];
  /** URLs it asked for. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const keyCodes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  ' ': 32,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowRight: 39,
};

/** ms. */
const CLOSING_TIME = 5000;

export async function openPage(url: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'wirelay-chromium-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn('chromium', [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  const requests: string[] = [];
  const wire = connect(child, (method, params) => {
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params));
    if (method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(params));
    if (method === 'Network.requestWillBeSent') requests.push((params as {request: {url: string}}).request.url);
  });
  const {targetId} = await wire('Target.createTarget', {url: 'about:blank'});
  const {sessionId} = await wire('Target.attachToTarget', {targetId, flatten: true});
  const send = (method: string, params: Message = {}) => wire(method, params, String(sessionId));
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Accessibility']) await send(`${domain}.enable`);
  await send('Page.navigate', {url});
  const evaluate = async (expression: string) => {
    const {result, exceptionDetails} = await send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as {value?: unknown}).value;
  };
  while ((await evaluate('document.readyState')) !== 'complete' || (await evaluate('location.href')) === 'about:blank');
  return {
    send,
    evaluate,
    complaints,
    requests,
    async press(key) {
      const words = {key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: keyCodes[key] ?? 0};
      const text = key === 'Enter' ? '\r' : key === ' ' ? ' ' : undefined;
      await send('Input.dispatchKeyEvent', {type: text ? 'keyDown' : 'rawKeyDown', ...words, ...(text ? {text} : {})});
      await send('Input.dispatchKeyEvent', {type: 'keyUp', ...words});
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await wire('Browser.close', {}).catch(() => child.kill());
      // One that hangs in the kernel doesn't end even when killed: it is left behind.
      await Promise.race([gone, sleep(CLOSING_TIME)]);
      child.kill('SIGKILL');
      child.unref();
      rmSync(profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
    },
  };
}

function connect(child: ChildProcess, onEvent: (method: string, params: Message) => void) {
  const output = child.stdio[3] as Writable;
  const input = child.stdio[4] as Readable;
  const waiting = new Map<number, Pending>();
  let text = '';
  let last = 0;
  input.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\0');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const {id, method, params, result, error} = JSON.parse(part);
      if (id === undefined) onEvent(method, params);
      else if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  child.once('exit', () => {
    for (const {reject} of waiting.values()) reject(new Error('chromium is gone'));
  });
  return (method: string, params: Message, sessionId?: string) =>
    new Promise<Message>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, {resolve, reject});
      output.write(`${JSON.stringify({id, method, params, ...(sessionId ? {sessionId} : {})})}\0`);
    });
}
