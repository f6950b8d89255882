/**
 * The YAML library behind one door, loaded on demand: `import('./yaml.js')`. Its package is CommonJS, whose names only a static
 * import can pick out once it is bundled.
 */
export {isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, parseDocument, visit} from 'yaml';
