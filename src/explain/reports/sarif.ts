/** SARIF 2.1.0 (OASIS standard): one run of one tool. `results` is there even where nothing was found (§3.14.23). */
import type {SourcePosition} from '../../term/error.js';
import type {Finding, FindingRule} from './finding.js';

export function sarifText(findings: readonly Finding[], rules: readonly FindingRule[]): string {
  return `${JSON.stringify(sarifLog(findings, rules), null, 2)}\n`;
}

function sarifLog(findings: readonly Finding[], rules: readonly FindingRule[]) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'wirelay',
            rules: rules.map(({id, text, help, helpUri}) => ({
              id,
              shortDescription: {text},
              ...(help === undefined ? {} : {help: {text: help}}),
              ...(helpUri === undefined ? {} : {helpUri}),
            })),
          },
        },
        results: findings.map(({id, level, message, where}) => ({
          ruleId: id,
          level: level === 'notice' ? 'note' : level,
          message: {text: message},
          ...(where ? {locations: [{physicalLocation: location(where)}]} : {}),
        })),
      },
    ],
  };
}

/** A path is a relative URI reference (§3.4.3): what may not stand in one is escaped; an absolute one names its scheme. */
function location({file, line, column}: SourcePosition) {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: {uri: path.startsWith('/') ? `file://${path}` : path},
    ...(line ? {region: {startLine: line, ...(column ? {startColumn: column} : {})}} : {}),
  };
}
