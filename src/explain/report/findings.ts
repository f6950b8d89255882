/** What lint found, the worst first. */
import {type Finding, severities} from '../lint/model.js';
import {placeText} from '../trace/text.js';
import {note, type Section, text} from './html.js';

const SHOWN = 200;

export function findingsSection(findings: readonly Finding[]): Section {
  const weight = ({severity}: Finding) => -severities.indexOf(severity);
  const sorted = findings.toSorted((a, b) => weight(a) - weight(b));
  const items = sorted
    .slice(0, SHOWN)
    .map(
      ({rule, severity, message, where}) =>
        `<li class="${severity}"><p><strong>${severity} ${text(rule.id)}</strong> ${text(message)}${where ? ` <code>${text(placeText(where))}</code>` : ''}</p><p class="small">${text(rule.why)} <em>${text(rule.fix)}</em></p></li>`,
    );
  const more = findings.length > SHOWN ? note(`… and ${findings.length - SHOWN} more findings`) : '';
  const body = items.length === 0 ? note('lint found nothing') : `<ul class="findings">${items.join('\n')}</ul>${more}`;
  return {id: 'findings', title: 'Findings', body};
}
