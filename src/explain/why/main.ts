/** `why FROM TO[:PORT][/PROTO]`: one question to one cluster, or to it and to it with other policies. */
import {createControl} from '../../control/control.js';
import type {Session} from '../../session/session.js';
import {exitCodes} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {withPolicies} from '../with-policies.js';
import {whyJson, whyText} from './print.js';
import {type Answer, isDenied, type Semantics, why} from './why.js';

export interface WhyRequest {
  readonly from: string;
  readonly to: string;
  readonly semantics: Semantics | undefined;
  readonly with: readonly string[];
  readonly output: 'text' | 'json';
}

/** 0 allowed, 1 something asked for is denied; with other policies to compare: 3 where they differ. */
export async function runWhy(session: Session, request: WhyRequest, io: Io): Promise<number> {
  const {cluster} = session;
  const semantics = request.semantics ?? (cluster.dataplane === 'cilium' ? 'cilium' : 'k8s');
  const spec = await session.parseTraffic(`${request.from} -> ${request.to}`);
  const anything = spec.protocol === 'icmp' && !/\/icmp$/i.test(request.to);
  const asked = {from: spec.from, to: spec.to, protocol: anything ? ('any' as const) : spec.protocol, port: spec.port};
  const before = why(session.control, asked, semantics);
  if (request.with.length === 0) {
    print(before, semantics, request.output, io);
    return before.some(isDenied) ? exitCodes.fails : exitCodes.holds;
  }
  const other = await withPolicies(cluster, request.with, io);
  const after = why(createControl(other), asked, semantics);
  const differ = before.some((answer, i) => JSON.stringify(answer.allowed) !== JSON.stringify(after[i]!.allowed));
  if (request.output === 'json') {
    const both = {before: whyJson(before, semantics), after: whyJson(after, semantics), differs: differ};
    io.stdout.write(`${JSON.stringify({schemaVersion: 1, ...both}, null, 2)}\n`);
  } else {
    io.stdout.write(`before:\n${whyText(before, semantics)}\nafter, with ${request.with.join(', ')}:\n`);
    io.stdout.write(`${whyText(after, semantics)}\n${differ ? 'The answers differ.' : 'No difference.'}\n`);
  }
  if (differ) return exitCodes.differs;
  return after.some(isDenied) ? exitCodes.fails : exitCodes.holds;
}

function print(answers: readonly Answer[], semantics: Semantics, output: WhyRequest['output'], io: Io): void {
  io.stdout.write(
    output === 'json'
      ? `${JSON.stringify({schemaVersion: 1, answers: whyJson(answers, semantics)}, null, 2)}\n`
      : whyText(answers, semantics),
  );
}
