/** One page that needs nothing else: style and script inside, named to the browser by their hashes, everything else forbidden. */
import {createHash} from 'node:crypto';
import {type Section, text} from './html.js';
import {script} from './script.js';
import {style} from './style.js';

export interface Page {
  readonly title: string;
  /** Markup below the title. */
  readonly summary: string;
  readonly sections: readonly Section[];
}

/** CSP Level 3 §2.3.1: hash-source. */
function hashSource(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

const policy = [
  "default-src 'none'",
  `style-src ${hashSource(style)}`,
  `script-src ${hashSource(script)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export function pageHtml({title, summary, sections}: Page): string {
  const links = sections.map((section) => `<li><a href="#${section.id}">${text(section.title)}</a></li>`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    '<link rel="icon" href="data:,">',
    `<title>${text(title)}</title><style>${style}</style></head><body>`,
    `<header><h1>${text(title)}</h1>${summary}<nav aria-label="Sections"><ul>${links.join('')}</ul></nav></header><main>`,
    ...sections.map(
      ({id, title: heading, body}) =>
        `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${text(heading)}</h2>\n${body}\n</section>`,
    ),
    `</main><script>${script}</script></body></html>\n`,
  ].join('\n');
}
