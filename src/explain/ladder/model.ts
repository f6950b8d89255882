/**
 * A ladder: who takes part, from left to right, and what passes between them, from top to bottom. Made of a trace or of a capture
 * file; renderers (Mermaid, SVG, text, JSON) read this and nothing else. Texts are as they come: renderers make them safe.
 *
 *   participants   pod-a      node1      node2
 *                    │──────────▶│          │     arrow
 *                    │   Geneve, VNI 7      │     note over two of them
 */

export interface Participant {
  readonly name: string;
  /** Its address, where the name is not that. */
  readonly detail?: string;
}

export interface Tunnel {
  /** `Geneve`, `VXLAN`, … as the layers are called. */
  readonly protocol: string;
  readonly vni: number | undefined;
  /** Outer addresses. */
  readonly source: string;
  readonly destination: string;
  /** Outer UDP ports; undefined where there is no UDP. */
  readonly ports: readonly [source: number, destination: number] | undefined;
}

/** What one frame of a capture says. */
export interface Seen {
  /** Number in the file, from 1. */
  readonly frame: number;
  /** Capture point; '' where the file does not name it. */
  readonly point: string;
  /** Of the innermost packet. */
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly ports: readonly [source: number, destination: number] | undefined;
  /** Outermost first. */
  readonly tunnels: readonly Tunnel[];
}

/** `from`, `to`: indices into the participants. */
export type Step =
  | {
      readonly kind: 'arrow';
      readonly from: number;
      /** Equal to `from`: seen there first, or lost there. */
      readonly to: number;
      readonly text: string;
      /** ns since the first arrow. */
      readonly time: number;
      readonly lost: boolean;
      readonly seen?: Seen;
    }
  | {readonly kind: 'note'; readonly from: number; readonly to: number; readonly text: string};

export interface Ladder {
  readonly title: string;
  readonly description: string;
  readonly participants: readonly Participant[];
  readonly steps: readonly Step[];
  /** What is not shown, and why. */
  readonly notes: readonly string[];
}

export const ladderFormats = ['ascii', 'mermaid', 'svg', 'json'] as const;
export type LadderFormat = (typeof ladderFormats)[number];

/** Names in the order in which they are first asked for. */
export function createParticipants(): {readonly names: string[]; index(name: string): number} {
  const names: string[] = [];
  const known = new Map<string, number>();
  return {
    names,
    index(name) {
      let at = known.get(name);
      if (at === undefined) {
        known.set(name, (at = names.length));
        names.push(name);
      }
      return at;
    },
  };
}
