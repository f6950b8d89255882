/** Where conntrack's clock stands when a run starts, s. */
export const CLOCK_START = 1000;
