/** Cases after client-go's jsonpath_test.go, on its example shapes. */
import {describe, expect, it} from 'vitest';
import {GoMap, omitEmpty} from '../../src/term/go-json.js';
import {parseJsonPath, runJsonPath} from '../../src/term/jsonpath.js';

const store = {
  name: 'jsonpath',
  book: [
    {category: 'reference', author: 'Nigel Rees', price: 8.95},
    {category: 'fiction', author: 'Evelyn Waugh', price: 12.99},
    {category: 'fiction', author: 'Herman Melville', price: 8.99},
  ],
  labels: new GoMap([
    ['web/html', 15],
    ['k8s-app', 20],
  ]),
  routing: {'inter-host-routing-mode': 'Tunnel', 'tunnel-protocol': 'geneve', note: omitEmpty('')},
  missing: omitEmpty(null),
};
const run = (template: string) => runJsonPath(parseJsonPath(template), store);

describe('jsonpath', () => {
  it.each([
    ['hello jsonpath', 'hello jsonpath'],
    ['hello {.name}!', 'hello jsonpath!'],
    ['{$.name}{@.name}', 'jsonpathjsonpath'],
    ['{.routing.tunnel-protocol}', 'geneve'],
    ['{.routing}', '{"inter-host-routing-mode":"Tunnel","tunnel-protocol":"geneve"}'],
    ["{.routing['tunnel-protocol']}", 'geneve'],
    ['{.book[0].author}', 'Nigel Rees'],
    ['{.book[-1].author}', 'Herman Melville'],
    ['{.book[0:2].author}', 'Nigel Rees Evelyn Waugh'],
    ['{.book[*].price}', '8.95 12.99 8.99'],
    ['{.book[0,2].price}', '8.95 8.99'],
    ['{.book[::2].price}', '8.95 8.99'],
    ['{..author}', 'Nigel Rees Evelyn Waugh Herman Melville'],
    ['{.book[?(@.price<10)].author}', 'Nigel Rees Herman Melville'],
    ['{.book[?(@.category=="reference")].price}', '8.95'],
    ["{.book[?(@.category != 'fiction')].price}", '8.95'],
    ['{.book[?(@.isbn)].price}', ''],
    [
      '{range .book[*]}{.author}: {.price}{"\\n"}{end}',
      'Nigel Rees: 8.95\nEvelyn Waugh: 12.99\nHerman Melville: 8.99\n',
    ],
    ['{range .book[?(@.price>100)]}{.author}{end}after', 'after'],
    ['{.labels.web/html}', '15'],
    ['{.labels.k8s-app}', '20'],
    ['{.nothing.at.all}', ''],
    ['{.missing}', '<nil>'],
    ['{.labels.*}', '20 15'],
    ["{'a\\tb'}", 'a\tb'],
  ])('%s', (template, expected) => expect(run(template)).toBe(expected));

  it.each([
    ['{.name', 'unclosed action'],
    ['{.book[}', 'unterminated array'],
    ['{.book[x]}', 'invalid array index x'],
    ['{.book[9]}', 'array index out of bounds: index 9, length 3'],
    ['{.book[2:1]}', 'starting index 2 is greater than ending index 1'],
    ['{nothing}', 'unrecognized identifier nothing'],
    ['{end}', 'not in range, nothing to end'],
    ['{^}', "unrecognized character in action: U+005E '^'"],
    ['{"abc}', 'unterminated quoted string'],
    ['{.book[?(@.price<10]}', 'unterminated filter'],
    ['{.book[?(@.price=="x")]}', 'incompatible types for comparison'],
  ])('%s fails: %s', (template, message) => expect(() => run(template)).toThrow(message));
});
