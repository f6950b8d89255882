#!/usr/bin/env node
// What kubectl's own completion starts for `kubectl wirelay …`, with the words behind: candidates, and cobra's directive last.
process.argv.splice(2, 0, '__complete', 'kubectl', '--');
require('./run.js');
