/** Answers of `why` as text or JSON. */
import {policyTitle} from '../../cluster/policy/model.js';
import type {Question} from '../../control/policy/cilium.js';
import type {Step} from '../../control/policy/kubernetes.js';
import {allPorts, formatPorts, type PortSet} from '../../control/policy/ports.js';
import type {SourcePosition} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {type Answer, decider, endTitle, isDenied, type Semantics, type SideAnswer} from './why.js';

export function whyText(answers: readonly Answer[], semantics: Semantics): string {
  return answers.map((answer) => answerText(answer, semantics)).join('\n');
}

function answerText(answer: Answer, semantics: Semantics): string {
  const rows = answer.sides.flatMap((side) => sideRows(side, answer));
  const table = tabwriter(
    [['DIRECTION', 'POLICY', 'RULE', 'EFFECT', 'WHERE'], ...rows].map((row) => `${row.join('\t')}\n`).join(''),
    {minWidth: 0, padding: 3},
  );
  return `${sanitize(title(answer))}\n${table}${ignoredText(answer, semantics)}${assumedText(answer)}${verdictText(answer, semantics)}\n`;
}

/** What has to be believed of the rules that decided something, each once. */
function assumptions({sides}: Answer): string[] {
  const used = sides.flatMap(({steps}) => steps.filter(({decided}) => decided.length > 0));
  return [...new Set(used.flatMap(({rule}) => rule?.assumes ?? []))];
}

function assumedText(answer: Answer): string {
  return assumptions(answer)
    .map((text) => `assumed: ${sanitize(text)}\n`)
    .join('');
}

function ignoredText({ignored}: Answer, semantics: Semantics): string {
  if (ignored.length === 0) return '';
  const kinds = [...new Set(ignored.map(({kind}) => kind))].join(', ');
  return `not asked: ${ignored.length} ${kinds}, which ${semantics} semantics do not know\n`;
}

/** `default/a -> default/b TCP 80`. */
function title(answer: Answer): string {
  return `${endTitle(answer.from)} -> ${endTitle(answer.to)} ${askedText(answer)}`;
}

function askedText({question}: Answer): string {
  if (question.icmp) return question.icmp.protocol === 1 ? 'ICMP 8' : 'ICMPv6 128';
  return formatPorts(question.ports);
}

function sideRows(side: SideAnswer, answer: Answer): string[][] {
  const {direction, of: end, carrier, rest, allowed, steps} = side;
  const title = carrier ? `${direction}, ${end}` : direction;
  const row = (policy: string, rule: string, effect: string, where: string) =>
    [title, policy, rule, effect, where].map(sanitize);
  const question = carrier ?? answer.question;
  const rows = steps.map((step) =>
    row(
      policyTitle(step.policy),
      step.rule ? step.rule.label : '(default)',
      effectOf(step, question),
      placeText((step.rule ?? step.policy).where),
    ),
  );
  const said: Readonly<Record<SideAnswer['rest'], string | undefined>> = {
    'default-deny': undefined,
    'no-endpoint': `${end} has no policy of its own`,
    'not-enforced': steps.length === 0 ? `no policy selects ${end}` : `no policy shuts ${end}`,
    baseline: allowed.length > 0 ? `no NetworkPolicy selects ${end}` : undefined,
    always: 'enable-policy: always',
    never: 'enable-policy: never',
    localhost: 'the local host reaches its pods (allow-localhost)',
  };
  const text = said[rest];
  if (text !== undefined) rows.push(row('-', '-', allowed.length > 0 ? 'allows the rest' : 'denies the rest', text));
  return rows;
}

function effectOf(step: Step, question: Question): string {
  if (!step.peerMatches) return 'other peer';
  if (step.rule === undefined)
    return step.decided.length === 0 ? 'nothing left' : `denies${part(step.decided, question.ports)}`;
  if (step.matched.length === 0) return 'other port';
  if (step.decided.length === 0) return 'decided before';
  const word = {allow: 'allows', deny: 'denies', pass: 'passes on'}[step.action];
  return `${word}${part(step.decided, question.ports)}${step.rule.assumes.length > 0 ? ' (assumed)' : ''}`;
}

/** Which part of the question it is, where it is not the whole. */
function part(decided: PortSet, asked: PortSet): string {
  if (decided.length === asked.length && decided.every(([a, b], i) => a === asked[i]![0] && b === asked[i]![1]))
    return '';
  return ` ${formatPorts(decided)}`;
}

function placeText({file, line, column}: SourcePosition): string {
  return [file, line, column].filter((item) => item !== undefined).join(':');
}

function verdictText(answer: Answer, semantics: Semantics): string {
  const by = decider(answer);
  const place = by
    ? ` by ${sanitize(policyTitle(by.step.policy))} ${by.step.rule?.label ?? '(default)'} at ${sanitize(placeText(by.where))}`
    : '';
  if (!isDenied(answer)) {
    const whole =
      answer.question.icmp || answer.question.ports !== allPorts
        ? part(answer.allowed, answer.question.ports)
        : ` ${formatPorts(answer.allowed)}`;
    return `ALLOWED${whole}${place}`;
  }
  const code = semantics === 'k8s' ? '' : by?.step.rule ? ' (181 Policy denied by denylist)' : ' (133 Policy denied)';
  return `DENIED${code}${place}`;
}

/** One object per answer. */
export function whyJson(answers: readonly Answer[], semantics: Semantics) {
  return answers.map((answer) => {
    const by = decider(answer);
    return {
      from: endTitle(answer.from),
      to: endTitle(answer.to),
      asked: askedText(answer),
      semantics,
      verdict: isDenied(answer) ? 'denied' : 'allowed',
      allowed: answer.question.icmp
        ? isDenied(answer)
          ? 'No Connections'
          : askedText(answer)
        : formatPorts(answer.allowed),
      ...(by
        ? {
            decidedBy: {
              policy: policyTitle(by.step.policy),
              rule: by.step.rule?.label ?? null,
              where: {...plain(by.where)},
            },
          }
        : {}),
      assumptions: assumptions(answer),
      steps: answer.sides.flatMap((side) =>
        side.steps.map((step) => ({
          direction: side.direction,
          ...(side.carrier ? {carrier: side.of} : {}),
          policy: policyTitle(step.policy),
          rule: step.rule?.label ?? null,
          effect: effectOf(step, side.carrier ?? answer.question),
          where: plain((step.rule ?? step.policy).where),
        })),
      ),
    };
  });
}

function plain({file, line, column}: SourcePosition): SourcePosition {
  return {file, ...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})};
}
