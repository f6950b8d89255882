import type {Graph} from '../graph.js';
export function optimize(_graph: Graph): void {}
