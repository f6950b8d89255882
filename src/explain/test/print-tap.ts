/** Test Anything Protocol, version 14 (testanything.org/tap-version-14-specification.html): one test point an expectation. */

import {pathText} from '../../cluster/shape.js';
import {sanitize} from '../../term/sanitize.js';
import {placeText} from '../trace/text.js';
import {failedChecks, type Report, type Result} from './model.js';

export function reportTap({suites, left}: Report): string {
  const points = suites.flatMap(({suite, results}) => results.map((result) => ({suite, result})));
  const lines = ['TAP version 14', `1..${points.length + left}`];
  for (const [i, {suite, result}] of points.entries()) {
    lines.push(
      `${result.status === 'passed' ? 'ok' : 'not ok'} ${i + 1} - ${escaped(`${suite.title} › ${result.name}`)}`,
    );
    if (result.status !== 'passed') lines.push(...diagnostic(result));
  }
  for (let n = 0; n < left; n++) lines.push(`ok ${points.length + n + 1} # SKIP not run after the first failure`);
  return `${lines.join('\n')}\n`;
}

/** `#` begins a directive. */
function escaped(text: string): string {
  return sanitize(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

/** YAML, whose scalars in double quotes are those of JSON. */
function diagnostic(result: Result): string[] {
  const lines = ['  ---'];
  if (result.where) lines.push(`  at: ${JSON.stringify(placeText(result.where))}`);
  const list = (key: string, items: readonly Readonly<Record<string, string>>[]) => {
    if (items.length === 0) return;
    lines.push(`  ${key}:`);
    for (const item of items)
      lines.push(
        ...Object.entries(item).map(([name, text], i) => `    ${i === 0 ? '-' : ' '} ${name}: ${JSON.stringify(text)}`),
      );
  };
  list(
    'problems',
    result.problems.map(({message, where, hint}) => ({
      message,
      ...(where ? {at: placeText(where)} : {}),
      ...(hint === undefined ? {} : {hint}),
    })),
  );
  list(
    'failures',
    failedChecks(result).map(({path, expected, got, where}) => ({
      field: pathText(path),
      expected,
      got,
      ...(where ? {at: placeText(where)} : {}),
    })),
  );
  return [...lines, '  ...'];
}
