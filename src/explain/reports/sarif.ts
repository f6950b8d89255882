/** SARIF 2.1.0 (OASIS standard): one run of one tool. `results` is there even where nothing was found (§3.14.23). */
import {createHash} from 'node:crypto';
import type {SourcePosition} from '../../term/error.js';
import type {Finding, FindingRule, Level} from './finding.js';

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
            rules: rules.map(({id, text, level, help, helpUri}) => ({
              id,
              shortDescription: {text},
              ...(level === undefined ? {} : {defaultConfiguration: {level: sarifLevel(level)}}),
              ...(help === undefined ? {} : {help: {text: help}}),
              ...(helpUri === undefined ? {} : {helpUri}),
            })),
          },
        },
        results: numbered(findings).map(({id, level, message, where, print}) => ({
          ruleId: id,
          level: sarifLevel(level),
          message: {text: message},
          partialFingerprints: {[FINGERPRINT]: print},
          ...(where ? {locations: [{physicalLocation: location(where)}]} : {}),
        })),
      },
    ],
  };
}

function sarifLevel(level: Level): 'error' | 'warning' | 'note' {
  return level === 'notice' ? 'note' : level;
}

const FINGERPRINT = 'wirelayFinding/v1';

/**
 * What a finding is known by from run to run (§3.27.17): rule, file and words, without the line, which moves with every edit; the same
 * words again are counted.
 */
function numbered(findings: readonly Finding[]): (Finding & {readonly print: string})[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const {id, message, where} = finding;
    const key = createHash('sha256')
      .update([id, where?.file ?? '', message].join('\n'))
      .digest('hex')
      .slice(0, 16);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return {...finding, print: `${key}:${count}`};
  });
}

/** A path is a relative URI reference (§3.4.3): what may not stand in one is escaped; an absolute one names its scheme. */
function location({file, line, column}: SourcePosition) {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: {uri: path.startsWith('/') ? `file://${path}` : path},
    ...(line ? {region: {startLine: line, ...(column ? {startColumn: column} : {})}} : {}),
  };
}
