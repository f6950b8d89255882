/**
 * JUnit's XML, in the form that both schemas in use take: that of Ant (windyroad/JUnit-Schema, JUnit.xsd), which asks for
 * everything and in order, and that of Jenkins' xunit plugin (junit-10.xsd).
 */
import {sanitizeBlock} from '../../term/sanitize.js';
import {countsOf, failedChecks, type Report, type Result, type SuiteResult} from './model.js';
import {briefTrace, checkText, detail} from './print-text.js';

export interface JunitContext {
  /** ms since 1970. */
  readonly now: number;
  readonly hostname: string;
}

export function reportJunit({suites}: Report, context: JunitContext): string {
  const body = suites.map((suite, id) => suiteXml(suite, id, context)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${body}</testsuites>\n`;
}

function suiteXml({suite, results}: SuiteResult, id: number, {now, hostname}: JunitContext): string {
  const {failed, broken} = countsOf(results);
  const attributes = {
    name: suite.title,
    package: suite.file,
    id: String(id),
    timestamp: new Date(now).toISOString().slice(0, 19),
    hostname,
    tests: String(results.length),
    failures: String(failed),
    errors: String(broken),
    time: seconds(results.reduce((sum, one) => sum + one.seconds, 0)),
  };
  const cases = results.map((one) => caseXml(one, suite.file)).join('');
  return `  <testsuite${attributesXml(attributes)}>\n    <properties/>\n${cases}    <system-out/>\n    <system-err/>\n  </testsuite>\n`;
}

function caseXml(result: Result, file: string): string {
  const open = `    <testcase${attributesXml({name: result.name, classname: file, time: seconds(result.seconds)})}`;
  if (result.status === 'passed') return `${open}/>\n`;
  const [element, type] = result.status === 'failed' ? ['failure', 'expectation'] : ['error', 'case'];
  const message = [...result.problems.map((one) => one.message), ...failedChecks(result).map(checkText)].join('; ');
  const trace = result.trace ? ['', ...briefTrace(result.trace)] : [];
  const body = text(`${[...detail(result), ...trace].join('\n')}\n`);
  return `${open}>\n      <${element}${attributesXml({message, type})}>${body}</${element}>\n    </testcase>\n`;
}

function seconds(time: number): string {
  return time.toFixed(3);
}

function attributesXml(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`)
    .join('');
}

/** XML 1.0 §2.2 has no room for most control characters: they are shown as escapes, U+FFFE and U+FFFF too. */
function text(value: string): string {
  return sanitizeBlock(value)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
