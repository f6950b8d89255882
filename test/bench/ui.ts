/**
 * The screen on a pseudo terminal (`script` of util-linux, which stands between): how soon it is there and answers keys, what it writes
 * while 10,000 flows run, what memory it holds after an hour of virtual time.
 */
import {type ChildProcessWithoutNullStreams, execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {BIG} from './definition.js';
import {kubernetesList} from './scale.js';

const [ROWS, COLUMNS] = [40, 120];
/** One picture on the terminal, from its begin to its end: synchronized update, mode 2026. */
const [PICTURE, DRAWN] = ['\x1b[?2026h', '\x1b[?2026l'];
const ERASE = '\x1b[2J';

interface Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything written so far. */
  text(): string;
  /** ms since the start at which `words` were first on their way, from the end of what was there before. */
  shows(words: string, from?: number): Promise<number>;
  type(keys: string): void;
  /** Process id of the program itself. */
  pid(): number;
  quit(): Promise<void>;
}

function openTerminal(argv: readonly string[]): Terminal {
  const start = performance.now();
  const command = `stty rows ${ROWS} cols ${COLUMNS}; exec ${[process.execPath, 'bin/run.js', 'ui', ...argv].join(' ')}`;
  const env = {...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', CI: ''};
  const child = spawn('script', ['-qefc', command, '/dev/null'], {env});
  let text = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of waiting) look();
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    text: () => text,
    shows: (words, from = 0) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (text.indexOf(words, from) < 0) return;
          waiting.delete(look);
          resolve(performance.now() - start);
        };
        waiting.add(look);
        void gone.then(() => reject(new Error(`${argv.join(' ')}: ended before "${words}": ${text.slice(-500)}`)));
        look();
      }),
    type: (keys) => void child.stdin.write(keys),
    pid: () => Number(execFileSync('pgrep', ['-P', String(child.pid)], {encoding: 'utf8'}).split('\n')[0]),
    quit() {
      child.stdin.write('q');
      return gone;
    },
  };
}

/** ms of CPU time, user and system: proc(5), fields 14 and 15 in ticks of 10 ms. MiB resident. */
function used(pid: number): {readonly cpu: number; readonly resident: number} {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpu: (Number(stat[11]) + Number(stat[12])) * 10,
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
  };
}

interface Opened {
  readonly name: string;
  /** ms from the start of the process to the first picture, and to the answer of a key that was typed before that. */
  readonly picture: number;
  readonly answer: number;
  /** ms of CPU time up to that answer. */
  readonly cpu: number;
}

async function open(name: string, argv: readonly string[], runs: number): Promise<Opened> {
  const times: [picture: number, answer: number, cpu: number][] = [];
  for (let run = 0; run < runs; run++) {
    const terminal = openTerminal(argv);
    terminal.type('?');
    const picture = await terminal.shows('wirelay');
    const answer = await terminal.shows('any other key closes');
    times.push([picture, answer, used(terminal.pid()).cpu]);
    terminal.type('?');
    await terminal.quit();
  }
  const median = (i: 0 | 1 | 2) => times.map((one) => one[i]).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  return {name, picture: median(0), answer: median(1), cpu: median(2)};
}

export const FLOWS = {flows: 10_000, pods: 100, minutes: 10} as const;

/** Flows between pods, each a packet every ten minutes for an hour. */
function flowsDefinition(): string {
  const {flows, pods, minutes} = FLOWS;
  const traffic = Array.from({length: flows}, (_, i) => {
    const from = i % pods;
    const to = (from + 1 + (Math.floor(i / pods) % (pods - 1))) % pods;
    return `    - p${from} -> p${to}:${1000 + i}/udp x${60 / minutes} every=${minutes}m at=${i * 6 * minutes}ms`;
  });
  return [
    'kind: Cluster',
    'apiVersion: wirelay.dev/v1alpha1',
    'metadata: {name: flows}',
    'spec:',
    '  nodes: 3',
    '  pods:',
    ...Array.from({length: pods}, (_, i) => `    - {name: p${i}, node: node${(i % 3) + 1}}`),
    '  traffic:',
    ...traffic,
    '',
  ].join('\n');
}

export interface Busy {
  readonly frames: number;
  readonly seconds: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly erased: number;
  /** ms of CPU time, for frames and pictures together. */
  readonly cpu: number;
  /** MiB at 100,000 frames, which is when all flows are known and as many frames kept as ever, and at the end. */
  readonly resident: readonly [early: number, end: number];
}

/** While the flows run a key is typed 30 times a second, each of which has to be answered by a picture. */
async function watch(file: string): Promise<Busy> {
  const terminal = openTerminal(['-f', file]);
  await terminal.shows(' running');
  await terminal.shows(DRAWN, terminal.text().indexOf(' running'));
  const pid = terminal.pid();
  const start = performance.now();
  const from = terminal.text().length;
  /** The title as it was last drawn: of a picture that is there whole. */
  const title = () => {
    const text = terminal.text();
    const whole = text.lastIndexOf(DRAWN);
    const begin = text.lastIndexOf('wirelay ', whole);
    return text.slice(begin, Math.min(begin + 300, whole));
  };
  const frames = () => Number(/(\d+) frames/.exec(title())?.[1] ?? 0);
  let early: number | undefined;
  for (let key = 0; / running/.test(title()); key++) {
    await new Promise((resolve) => setTimeout(resolve, 33));
    terminal.type(key % 2 === 0 ? 'j' : 'k');
    if (frames() >= 100_000) early ??= used(pid).resident;
  }
  const seconds = (performance.now() - start) / 1000;
  const text = terminal.text().slice(from);
  const {cpu, resident} = used(pid);
  const total = frames();
  await terminal.quit();
  return {
    frames: total,
    seconds,
    pictures: text.split(PICTURE).length - 1,
    bytes: text.length,
    erased: text.split(ERASE).length - 1,
    cpu,
    resident: [early ?? resident, resident],
  };
}

export async function benchUi(runs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const dump = join(folder, 'dump.json');
    writeFileSync(dump, JSON.stringify(kubernetesList(BIG)));
    const flows = join(folder, 'flows.yaml');
    writeFileSync(flows, flowsDefinition());
    const opened = [
      await open('demo', ['-f', 'demo'], runs),
      await open('1,000 nodes', ['-f', dump, '--traffic', "'ns-0/pod-0 -> ns-1/pod-1:53/udp'"], runs),
    ];
    const busy = await watch(flows);
    const ms = (n: number) => `${n.toFixed(0).padStart(6)} ms`;
    return [
      ...opened.map(
        ({name, picture, answer, cpu}) =>
          `${name.padEnd(24)} first picture ${ms(picture)}   key answered ${ms(answer)}   CPU ${ms(cpu)}`,
      ),
      `${busy.frames.toLocaleString('en')} frames in ${busy.seconds.toFixed(0)} s (${(busy.cpu / 1000).toFixed(0)} s of CPU): ${busy.pictures} pictures of ` +
        `${(busy.bytes / busy.pictures / 1000).toFixed(1)} kB, the screen erased ${busy.erased} times, ` +
        `resident ${busy.resident[0].toFixed(0)} MiB at 100,000 frames, ${busy.resident[1].toFixed(0)} MiB at the end`,
      '',
    ].join('\n');
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
