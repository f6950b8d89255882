/** Pieces of HTML: what comes from files goes through `text`, and nothing else makes markup of it. */
import {sanitize} from '../../term/sanitize.js';
import {escapeXml} from '../svg.js';

/** For content and for quoted attributes. */
export function text(value: string | number): string {
  return escapeXml(sanitize(String(value)));
}

export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

/** `rows` are markup; the first cell names its row. In a region of its own that scrolls when it is too wide, by keyboard too. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const head = columns.map(({title, number}) => `<th scope="col"${number ? ' class="n"' : ''}>${text(title)}</th>`);
  const body = rows.map((cells) => {
    const [first = '', ...rest] = cells;
    const others = rest.map((cell, i) => `<td${columns[i + 1]?.number ? ' class="n"' : ''}>${cell}</td>`);
    return `<tr><th scope="row">${first}</th>${others.join('')}</tr>`;
  });
  return scrolling(
    caption,
    `<table><caption>${text(caption)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table>`,
  );
}

export function scrolling(label: string, body: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${text(label)}">${body}</div>`;
}

/** An SVG image as an image: its styles and ids stay its own. */
export function picture(svg: string, description: string): string {
  const size = /^<svg[^>]*? width="(\d+)" height="(\d+)"/.exec(svg);
  const area = size ? ` width="${size[1]}" height="${size[2]}"` : '';
  return `<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"${area} alt="${text(description)}">`;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

export function note(words: string): string {
  return `<p class="note">${text(words)}</p>`;
}

/** Of a share of 0 … 1, with a percentage beside it. */
export function bar(share: number): string {
  const percent = Math.min(100, share * 100);
  const shown = percent === 0 ? '0 %' : percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
  const weight = share >= 0.9 ? 'full' : share >= 0.7 ? 'high' : 'low';
  const width = percent === 0 ? 0 : Math.max(1, percent);
  return `<span class="share"><svg class="bar ${weight}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="8"/><rect class="used" width="${width.toFixed(1)}" height="8"/></svg> ${shown}</span>`;
}
