/** A ladder in the format that was asked for. */
import {ladderAscii} from './ascii.js';
import {ladderMermaid} from './mermaid.js';
import type {Ladder, LadderFormat} from './model.js';
import {ladderSvg} from './svg.js';

/** `plain`: text with + - | only. */
export function drawLadder(ladder: Ladder, format: LadderFormat, plain: boolean): string {
  switch (format) {
    case 'ascii':
      return ladderAscii(ladder, plain);
    case 'mermaid':
      return ladderMermaid(ladder);
    case 'svg':
      return ladderSvg(ladder);
    case 'json':
      return `${JSON.stringify({schemaVersion: 1, ...ladder}, null, 2)}\n`;
  }
}
