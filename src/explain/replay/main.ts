/** `observe replay FILE --with new-policy.yaml`: reads the records line by line, judges each connection once. */
import {createReadStream} from 'node:fs';
import {resolve} from 'node:path';
import {createInterface} from 'node:readline';
import {Readable} from 'node:stream';
import {createControl} from '../../control/control.js';
import type {Session} from '../../session/session.js';
import {exitCodes, type Problem, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import type {Semantics} from '../why/why.js';
import {withPolicies} from '../with-policies.js';
import {readFlowLine} from './flow-records.js';
import {type ReplayCounts, replayJson, replayText} from './print.js';
import {createReplay} from './replay.js';

export interface ReplayRequest {
  readonly file: string;
  readonly with: readonly string[];
  readonly semantics: Semantics | undefined;
  readonly output: 'text' | 'json';
  /** Unchanged connections too. */
  readonly all: boolean;
  /** Lines that are no records are left out, not an error. */
  readonly skipBad: boolean;
}

/** Problems that are listed; the others are counted. */
const SHOWN = 20;

/** 0 nothing breaks, 1 some connection would. */
export async function runReplay(session: Session, request: ReplayRequest, io: Io): Promise<number> {
  const {cluster} = session;
  const semantics = request.semantics ?? (cluster.dataplane === 'cilium' ? 'cilium' : 'k8s');
  const next = request.with.length > 0 ? createControl(await withPolicies(cluster, request.with, io)) : session.control;
  const replay = createReplay(session.control, next, semantics);
  const counts = await readRecords(request, io, replay.add);
  const result = replay.finish();
  io.stdout.write(
    request.output === 'json'
      ? `${JSON.stringify(replayJson(result, counts), null, 2)}\n`
      : replayText(result, counts, request.all),
  );
  return result.flows.some(({change}) => change === 'breaks') ? exitCodes.fails : exitCodes.holds;
}

async function readRecords(
  {file, skipBad}: ReplayRequest,
  io: Io,
  add: ReturnType<typeof createReplay>['add'],
): Promise<ReplayCounts> {
  const skipped = new Map<string, number>();
  const problems: Problem[] = [];
  const name = file === '-' ? '<stdin>' : file;
  let [number, bad, records] = [0, 0, 0];
  for await (const line of linesOf(file, io)) {
    number++;
    if (line.trim() === '') continue;
    records++;
    const read = readFlowLine(line, name, number);
    if (read.kind === 'flow') add(read.record);
    else if (read.kind === 'skipped') skipped.set(read.why, (skipped.get(read.why) ?? 0) + 1);
    else if (++bad <= SHOWN) problems.push({message: read.message, where: read.where});
  }
  if (records === 0)
    throw new UserError({message: `${name}: no records`, hint: 'hubble observe -o jsonpb > flows.jsonl'});
  if (bad > 0 && !skipBad) {
    const more = bad > SHOWN ? [{message: `${bad - SHOWN} more lines are no records`}] : [];
    throw new UserError([...problems, ...more, {message: '--skip-bad leaves them out'}]);
  }
  return {skipped, bad};
}

async function* linesOf(file: string, io: Io): AsyncGenerator<string> {
  const input = file === '-' ? Readable.from([Buffer.from(io.readStdin())]) : createReadStream(resolve(io.cwd, file));
  try {
    yield* createInterface({input, crlfDelay: Number.POSITIVE_INFINITY});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError({message: `${file}: cannot be read: ${code}`});
  }
}
