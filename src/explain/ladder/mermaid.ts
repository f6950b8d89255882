/**
 * A ladder as a Mermaid sequence diagram.
 * Grammar: mermaid packages/mermaid/src/diagrams/sequence/parser/sequenceDiagram.jison (11). Text ends at `;`, `#` and line feeds.
 */
import {sanitize} from '../../term/sanitize.js';
import {microseconds} from '../trace/text.js';
import type {Ladder, Step} from './model.js';

export function ladderMermaid({participants, steps, notes}: Ladder): string {
  const lines = [
    ...notes.map((note) => `%% ${text(note).replaceAll('%', ' ').replaceAll('{', '(')}`),
    'sequenceDiagram',
    '  autonumber',
    ...participants.map(({name, detail}, i) => {
      const said = detail === undefined ? name : `${name} ${detail}`;
      return `  participant p${i + 1} as ${text(said)}`;
    }),
    ...steps.map((step) => `  ${line(step)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function line(step: Step): string {
  const [from, to] = [`p${step.from + 1}`, `p${step.to + 1}`];
  if (step.kind === 'note') return `Note over ${noteSpan(step)}: ${text(step.text)}`;
  const time = step.seen ? `${microseconds(step.time)} ` : '';
  return `${from}${step.lost ? '-x' : '->>'}${to}: ${text(`${time}${step.text}`)}`;
}

function noteSpan({from, to}: Step): string {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  return left === right ? `p${left + 1}` : `p${left + 1},p${right + 1}`;
}

/** `%%` begins a comment, `{}` directives, `<` a tag: none of them is needed. `wrap:` in front is an order (parseMessage of sequenceDb.ts). */
function text(words: string): string {
  return (
    sanitize(words)
      .replaceAll(';', ',')
      .replaceAll('#', 'no. ')
      .replaceAll('→', '->')
      .replace(/%%+/g, '%')
      .replaceAll('<', '‹')
      .trim()
      .replace(/^(:?(?:no)?wrap):/, '$1#58;') || '-'
  );
}
