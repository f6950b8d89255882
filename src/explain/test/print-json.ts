/** Results as JSON, and as findings for SARIF and GitHub. */
import {pathText} from '../../cluster/shape.js';
import type {SourcePosition} from '../../term/error.js';
import type {Finding, FindingRule} from '../reports/finding.js';
import {traceJson} from '../trace/json.js';
import {allResults, type Check, countsOf, failedChecks, type Report} from './model.js';
import {checkText} from './print-text.js';

export function reportJson(report: Report): string {
  const {suites, left} = report;
  const value = {
    schemaVersion: 1,
    summary: {...countsOf(allResults(report)), notRun: left},
    suites: suites.map(({suite, results}) => ({
      title: suite.title,
      file: suite.file,
      cluster: suite.options.cluster,
      results: results.map(({name, where, status, checks, problems, trace}) => ({
        name,
        status,
        ...placed(where),
        checks: checks.map((one) => ({
          field: pathText(one.path),
          ok: one.ok,
          expected: one.expected,
          got: one.got,
          ...placed(one.where),
        })),
        problems: problems.map((one) => ({
          message: one.message,
          ...(one.hint === undefined ? {} : {hint: one.hint}),
          ...placed(one.where),
        })),
        ...(trace && status === 'failed' ? {trace: traceJson(trace, false)} : {}),
      })),
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Positions are looked up when read: a copy holds what they say. */
function placed(where: SourcePosition | undefined): {where?: SourcePosition} {
  if (!where) return {};
  const {file, line, column} = where;
  return {where: {file, ...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})}};
}

const ruleTexts = {
  verdict: 'A connection has another verdict than expected.',
  by: 'Another policy or security rule decides than expected.',
  reason: 'A packet is dropped for another reason than expected.',
  at: 'A packet ends elsewhere than expected.',
  dnat: 'A packet is translated to another destination than expected.',
  source: 'The receiver sees another source address than expected.',
  encapsulation: 'A packet goes from node to node in another way than expected.',
  vni: 'A tunnel packet has another VNI than expected.',
  mtu: 'The largest packet has another size than expected.',
  payload: 'The largest payload has another size than expected.',
  ttl: 'A packet arrives with another TTL than expected.',
  backends: 'Connections are shared among backends in another way than expected.',
  frames: 'Another number of frames was counted than expected.',
  command: 'A command ended with another exit code than expected.',
  output: 'A command printed something other than expected.',
  case: 'A test case cannot be run.',
} as const;
type RuleId = keyof typeof ruleTexts;

export const testRules: readonly FindingRule[] = Object.entries(ruleTexts).map(([id, text]) => ({
  id: `test-${id}`,
  text,
}));

export function reportFindings(report: Report): Finding[] {
  return allResults(report).flatMap((result) => [
    ...result.problems.map(
      ({message, hint, where}): Finding => ({
        id: 'test-case',
        level: 'error',
        title: `broken: ${result.name}`,
        message: hint === undefined ? message : `${message} (${hint})`,
        where: where ?? result.where,
      }),
    ),
    ...failedChecks(result).map(
      (check): Finding => ({
        id: `test-${ruleOf(check)}`,
        level: 'error',
        title: result.name,
        message: checkText(check),
        where: check.where ?? result.where,
      }),
    ),
  ]);
}

function ruleOf({path: [field]}: Check): RuleId {
  if (field === 'exit') return 'command';
  return typeof field === 'string' && Object.hasOwn(ruleTexts, field) ? (field as RuleId) : 'output';
}
