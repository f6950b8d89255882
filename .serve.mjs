var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/wire/bytes.ts
function get16(b2, o) {
  return b2[o] << 8 | b2[o + 1];
}
function get24(b2, o) {
  return b2[o] << 16 | b2[o + 1] << 8 | b2[o + 2];
}
function get32(b2, o) {
  return (b2[o] << 24 | b2[o + 1] << 16 | b2[o + 2] << 8 | b2[o + 3]) >>> 0;
}
function get48(b2, o) {
  return get16(b2, o) * 4294967296 + get32(b2, o + 2);
}
function set16(b2, o, v) {
  b2[o] = v >>> 8;
  b2[o + 1] = v;
}
function set24(b2, o, v) {
  b2[o] = v >>> 16;
  b2[o + 1] = v >>> 8;
  b2[o + 2] = v;
}
function set32(b2, o, v) {
  b2[o] = v >>> 24;
  b2[o + 1] = v >>> 16;
  b2[o + 2] = v >>> 8;
  b2[o + 3] = v;
}
function set48(b2, o, v) {
  set16(b2, o, v / 4294967296 | 0);
  set32(b2, o + 2, v | 0);
}
function toHex(b2, o = 0, end2 = b2.length) {
  let s2 = "";
  for (let i = o; i < end2; i++) s2 += (b2[i] < 16 ? "0" : "") + b2[i].toString(16);
  return s2;
}
function need(layer, at2, end2, bytes) {
  return end2 - at2 >= bytes ? OK : { ok: false, layer, need: bytes, have: Math.max(0, end2 - at2), at: at2 };
}
var OK;
var init_bytes = __esm({
  "src/wire/bytes.ts"() {
    "use strict";
    OK = { ok: true };
  }
});

// src/wire/addr.ts
function isIp4(ip) {
  return typeof ip === "number";
}
function ipBits(ip) {
  return isIp4(ip) ? 32 : 128;
}
function readIp4(b2, o) {
  return get32(b2, o);
}
function readIp6(b2, o) {
  return String.fromCharCode(
    get16(b2, o),
    get16(b2, o + 2),
    get16(b2, o + 4),
    get16(b2, o + 6),
    get16(b2, o + 8),
    get16(b2, o + 10),
    get16(b2, o + 12),
    get16(b2, o + 14)
  );
}
function writeIp(b2, o, ip) {
  if (isIp4(ip)) set32(b2, o, ip);
  else for (let i = 0; i < 8; i++) set16(b2, o + 2 * i, ip.charCodeAt(i));
}
function readMac(b2, o) {
  return get48(b2, o);
}
function writeMac(b2, o, mac) {
  set48(b2, o, mac);
}
function parseMac(text4) {
  return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text4) ? Number.parseInt(text4.replaceAll(":", ""), 16) : void 0;
}
function parseIp4(text4) {
  const parts = text4.split(".");
  if (parts.length !== 4) return void 0;
  let ip = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return void 0;
    ip = ip * 256 + Number(part);
  }
  return ip;
}
function parseIp6(text4) {
  const halves = text4.split("::");
  if (halves.length > 2) return void 0;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (!head || !tail) return void 0;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return void 0;
  return String.fromCharCode(...head, ...new Array(missing).fill(0), ...tail);
}
function parseGroups(text4, mayEndInQuad) {
  if (text4 === "") return [];
  const groups2 = [];
  const parts = text4.split(":");
  for (const [i, part] of parts.entries()) {
    if (mayEndInQuad && i === parts.length - 1 && part.includes(".")) {
      const quad = parseIp4(part);
      if (quad === void 0) return void 0;
      groups2.push(quad >>> 16, quad & 65535);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups2.push(Number.parseInt(part, 16));
    else return void 0;
  }
  return groups2;
}
function parseIp(text4) {
  return text4.includes(":") ? parseIp6(text4) : parseIp4(text4);
}
function formatIp4(ip) {
  return `${ip >>> 24}.${ip >>> 16 & 255}.${ip >>> 8 & 255}.${ip & 255}`;
}
function formatIp6(ip) {
  if (ip.startsWith("\0\0\0\0\0\uFFFF")) return `::ffff:${formatIp4(ip.charCodeAt(6) * 65536 + ip.charCodeAt(7))}`;
  let [bestAt, bestLength] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && ip.charCodeAt(i + n) === 0) n++;
    if (n > bestLength) [bestAt, bestLength] = [i, n];
    if (n > 0) i += n - 1;
  }
  const hex = (from, to) => Array.from({ length: to - from }, (_, i) => ip.charCodeAt(from + i).toString(16)).join(":");
  return bestAt < 0 ? hex(0, 8) : `${hex(0, bestAt)}::${hex(bestAt + bestLength, 8)}`;
}
function formatIp(ip) {
  return isIp4(ip) ? formatIp4(ip) : formatIp6(ip);
}
function formatIpPort(ip, port5) {
  return isIp4(ip) ? `${formatIp4(ip)}:${port5}` : `[${formatIp6(ip)}]:${port5}`;
}
function parsePrefix(text4) {
  const slash = text4.indexOf("/");
  const ip = parseIp(slash < 0 ? text4 : text4.slice(0, slash));
  if (ip === void 0) return void 0;
  if (slash < 0) return { ip, length: ipBits(ip) };
  const digits = text4.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > ipBits(ip)) return void 0;
  return { ip, length: Number(digits) };
}
function formatPrefix(prefix) {
  return `${formatIp(prefix.ip)}/${prefix.length}`;
}
function maskIp(ip, length) {
  if (isIp4(ip)) return length === 0 ? 0 : (ip & -1 << 32 - length) >>> 0;
  let out2 = "";
  for (let i = 0; i < 8; i++) {
    const bits = Math.min(16, Math.max(0, length - 16 * i));
    out2 += String.fromCharCode(ip.charCodeAt(i) & 65535 << 16 - bits & 65535);
  }
  return out2;
}
function networkOf(prefix) {
  return { ip: maskIp(prefix.ip, prefix.length), length: prefix.length };
}
function prefixContains(prefix, ip) {
  return isIp4(prefix.ip) === isIp4(ip) && maskIp(ip, prefix.length) === maskIp(prefix.ip, prefix.length);
}
function prefixesOverlap(a2, b2) {
  return a2.length <= b2.length ? prefixContains(a2, b2.ip) : prefixContains(b2, a2.ip);
}
function prefixSize(prefix) {
  return 2 ** (ipBits(prefix.ip) - prefix.length);
}
function addToIp(ip, n) {
  if (isIp4(ip)) return (ip + n) % 2 ** 32;
  const groups2 = Array.from({ length: 8 }, (_, i) => ip.charCodeAt(i));
  let carry = n;
  for (let i = 7; i >= 0 && carry > 0; i--) {
    const sum = groups2[i] + carry % 65536;
    groups2[i] = sum & 65535;
    carry = Math.floor(carry / 65536) + (sum >>> 16);
  }
  return String.fromCharCode(...groups2);
}
function compareIp(a2, b2) {
  if (isIp4(a2) !== isIp4(b2)) return isIp4(a2) ? -1 : 1;
  return a2 < b2 ? -1 : a2 > b2 ? 1 : 0;
}
function comparePrefix(a2, b2) {
  return compareIp(a2.ip, b2.ip) || a2.length - b2.length;
}
var MAC_BROADCAST;
var init_addr = __esm({
  "src/wire/addr.ts"() {
    "use strict";
    init_bytes();
    MAC_BROADCAST = 281474976710655;
  }
});

// src/cluster/hash.ts
function hash53(text4) {
  let a2 = 2654435761;
  let b2 = 2246822507;
  for (let i = 0; i < text4.length; i++) {
    const unit = text4.charCodeAt(i);
    a2 = Math.imul(a2 ^ unit, 3432918353);
    b2 = Math.imul(b2 ^ unit, 461845907);
    a2 ^= b2 >>> 15;
  }
  a2 = Math.imul(a2 ^ a2 >>> 16, 2146121005);
  b2 = Math.imul(b2 ^ b2 >>> 15, 2221713035);
  a2 ^= Math.imul(b2 ^ b2 >>> 13, 3266489909);
  b2 ^= Math.imul(a2 ^ a2 >>> 16, 668265263);
  return (b2 & 2097151) * 2 ** 32 + (a2 >>> 0);
}
function hash48(text4) {
  return hash53(text4) % 2 ** 48;
}
function macOf(text4) {
  const bits = hash48(text4);
  const top = Math.floor(bits / 2 ** 40);
  return bits - top * 2 ** 40 + (top & 254 | 2) * 2 ** 40;
}
function hex12(text4) {
  return hash48(text4).toString(16).padStart(12, "0");
}
var init_hash = __esm({
  "src/cluster/hash.ts"() {
    "use strict";
  }
});

// src/term/nearest.ts
function distance(a2, b2, limit) {
  if (Math.abs(a2.length - b2.length) > limit) return limit + 1;
  let row2 = Array.from({ length: b2.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a2.length; i++) {
    const next = [i];
    for (let j = 1; j <= b2.length; j++)
      next.push(Math.min(row2[j] + 1, next[j - 1] + 1, row2[j - 1] + (a2[i - 1] === b2[j - 1] ? 0 : 1)));
    row2 = next;
  }
  return row2[b2.length];
}
function closest(word2, known3) {
  let [best, bestDistance] = [void 0, Infinity];
  for (const candidate of known3) {
    const limit = Math.max(1, Math.floor(candidate.length / 3));
    const d = distance(word2.toLowerCase(), candidate.toLowerCase(), limit);
    if (d <= limit && d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}
function nearest(word2, known3) {
  const best = closest(word2, known3);
  if (best) return `did you mean ${best}?`;
  const unique2 = [...new Set(known3)];
  return unique2.length > 0 && unique2.length <= 12 ? `known: ${unique2.join(", ")}` : void 0;
}
var init_nearest = __esm({
  "src/term/nearest.ts"() {
    "use strict";
  }
});

// src/cluster/shape.ts
var shape_exports = {};
__export(shape_exports, {
  anything: () => anything,
  bool: () => bool,
  check: () => check,
  either: () => either,
  expectedText: () => expectedText,
  isObject: () => isObject,
  list: () => list,
  map: () => map,
  object: () => object,
  oneOf: () => oneOf,
  open: () => open,
  pathText: () => pathText,
  text: () => text,
  textOf: () => textOf,
  toJsonSchema: () => toJsonSchema,
  whole: () => whole
});
function pathText(path) {
  return path.reduce(
    (out2, step2) => typeof step2 === "number" ? `${out2}[${step2}]` : out2 === "" ? step2 : `${out2}.${step2}`,
    ""
  );
}
function check(value, shape, path, report2) {
  const at2 = [...path];
  walk(value, shape, at2, (where, ...rest) => report2([...where], ...rest));
}
function walk(value, shape, path, report2) {
  if (shape.kind === "either") checkEither(value, shape, path, report2);
  else if (!fitsType(value, shape)) wrong(value, shape, path, report2);
  else if (shape.kind === "object") checkObject(value, shape, path, report2);
  else if (shape.kind === "map")
    for (const [key, item] of Object.entries(value)) step(item, shape.values, key, path, report2);
  else if (shape.kind === "list")
    for (const [i, item] of value.entries()) step(item, shape.items, i, path, report2);
}
function step(value, shape, key, path, report2) {
  path.push(key);
  walk(value, shape, path, report2);
  path.pop();
}
function fitsType(value, shape) {
  switch (shape.kind) {
    case "object":
    case "map":
      return isObject(value);
    case "list":
      return Array.isArray(value);
    case "text":
      return fitsText(value, shape);
    case "number":
      return fitsNumber(value, shape);
    case "boolean":
      return typeof value === "boolean";
    default:
      return true;
  }
}
function checkObject(value, { fields, list: list3, open: open2 }, path, report2) {
  const present = (key) => Object.hasOwn(value, key) && value[key] !== null && value[key] !== void 0;
  if (open2) {
    for (const [key, { shape }] of list3) if (present(key)) step(value[key], shape, key, path, report2);
  } else
    for (const key of Object.keys(value))
      if (!Object.hasOwn(fields, key)) unknownField(key, fields, path, report2);
      else if (present(key)) step(value[key], fields[key].shape, key, path, report2);
  for (const [key, field] of list3)
    if (field.required && (!Object.hasOwn(value, key) || value[key] === null))
      report2(
        path,
        "value",
        `${pathText(path) || "document"}: field ${JSON.stringify(key)} is missing`,
        missingHint(key, field)
      );
}
function unknownField(key, fields, path, report2) {
  const near2 = closest(key, Object.keys(fields));
  report2(
    [...path, key],
    "key",
    `${pathText(path) || "document"}: unknown field ${JSON.stringify(key)}`,
    near2 ? `did you mean ${near2}?` : `fields: ${Object.keys(fields).join(", ")}`
  );
}
function missingHint(key, { shape }) {
  return shape.kind === "text" && shape.words?.length === 1 ? `add ${key}: ${shape.words[0]}` : void 0;
}
function checkEither(value, shape, path, report2) {
  if (shape.of.some((option) => fits(value, option))) return;
  const sameType = shape.of.find((option) => typeFits(value, option));
  if (sameType) walk(value, sameType, path, report2);
  else wrong(value, shape, path, report2);
}
function fits(value, shape) {
  let ok = true;
  check(value, shape, [], () => {
    ok = false;
  });
  return ok;
}
function typeFits(value, shape) {
  return ["object", "map", "list"].includes(shape.kind) && fitsType(value, shape);
}
function fitsText(value, shape) {
  if (typeof value !== "string") return false;
  if (shape.words) return shape.words.includes(value);
  if (shape.pattern !== void 0 && !new RegExp(shape.pattern).test(value)) return false;
  return shape.format === void 0 || formats[shape.format].test(value);
}
function fitsNumber(value, { min, max, fraction: fraction2 }) {
  return typeof value === "number" && value >= min && value <= max && (fraction2 || Number.isInteger(value));
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function expectedText(shape) {
  switch (shape.kind) {
    case "object":
    case "map":
      return "a mapping";
    case "list":
      return "a list";
    case "boolean":
      return "true or false";
    case "either":
      return shape.expected;
    case "anything":
      return "a value";
    case "number":
      if (shape.max === Number.MAX_SAFE_INTEGER) return `a ${shape.fraction ? "" : "whole "}number from ${shape.min}`;
      return `a ${shape.fraction ? "" : "whole "}number from ${shape.min} to ${shape.max}`;
    case "text":
      if (shape.words)
        return shape.words.length === 1 ? JSON.stringify(shape.words[0]) : `one of ${shape.words.join(", ")}`;
      return shape.format === void 0 ? "a text" : formats[shape.format].expected;
  }
}
function wrong(value, shape, path, report2) {
  report2(
    path,
    "value",
    `${pathText(path) || "document"}: expected ${expectedText(shape)}, got ${shown(value)}`,
    hintFor(value, shape)
  );
}
function shown(value) {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a mapping";
  if (value === null || value === void 0) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}\u2026` : json;
}
function hintFor(value, shape) {
  if (shape.kind === "text" && shape.words && typeof value === "string") {
    const near2 = closest(value, shape.words);
    return near2 ? `did you mean ${near2}?` : void 0;
  }
  if (shape.kind === "text" && (typeof value === "number" || typeof value === "boolean"))
    return "put the text in quotes";
  if (shape.kind === "number" && typeof value === "string" && /^\d+$/.test(value)) return "leave the quotes out";
  if (shape.kind === "list" && value !== null && typeof value !== "object")
    return "write it as a list: [ \u2026 ], or one line each with - in front";
  return void 0;
}
function toJsonSchema(shape) {
  switch (shape.kind) {
    case "object": {
      const required3 = Object.entries(shape.fields).flatMap(([key, field]) => field.required ? [key] : []);
      return {
        type: "object",
        properties: Object.fromEntries(
          Object.entries(shape.fields).map(([key, field]) => [
            key,
            { ...field.text ? { description: field.text } : {}, ...toJsonSchema(field.shape) }
          ])
        ),
        ...required3.length > 0 ? { required: required3 } : {},
        ...shape.open ? {} : { additionalProperties: false }
      };
    }
    case "map":
      return { type: "object", additionalProperties: toJsonSchema(shape.values) };
    case "list":
      return { type: "array", items: toJsonSchema(shape.items) };
    case "text":
      return {
        type: "string",
        ...shape.words ? { enum: [...shape.words] } : {},
        ...shape.pattern === void 0 ? {} : { pattern: shape.pattern }
      };
    case "number":
      return {
        type: shape.fraction ? "number" : "integer",
        minimum: shape.min,
        ...shape.max === Number.MAX_SAFE_INTEGER ? {} : { maximum: shape.max }
      };
    case "boolean":
      return { type: "boolean" };
    case "either":
      return { anyOf: shape.of.map(toJsonSchema) };
    case "anything":
      return {};
  }
}
var formats, object, open, map, list, text, textOf, oneOf, whole, bool, either, anything;
var init_shape = __esm({
  "src/cluster/shape.ts"() {
    "use strict";
    init_nearest();
    init_addr();
    formats = {
      prefix: {
        expected: "a prefix such as 10.32.0.0/13",
        test: (s2) => s2.includes("/") && parsePrefix(s2) !== void 0
      },
      prefixes: {
        expected: "a prefix such as 10.32.0.0/13, or several with commas",
        test: (s2) => s2.split(",").every((word2) => word2.includes("/") && parsePrefix(word2.trim()) !== void 0)
      },
      ip: { expected: "an IP address", test: (s2) => parseIp(s2) !== void 0 },
      ips: {
        expected: "an IP address, or several with commas",
        test: (s2) => s2.split(",").every((word2) => parseIp(word2.trim()) !== void 0)
      },
      clusterIp: {
        expected: "an IP address or None",
        test: (s2) => s2 === "None" || s2.split(",").every((word2) => parseIp(word2.trim()) !== void 0)
      },
      mac: { expected: "a MAC address such as 12:34:56:78:9a:bc", test: (s2) => parseMac(s2) !== void 0 },
      name: {
        expected: "a name of lower-case letters, digits, - and .",
        test: (s2) => s2.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(s2)
      },
      label: {
        expected: "a label value: at most 63 letters, digits, -, _ and .",
        test: (s2) => s2 === "" || s2.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(s2)
      }
    };
    object = (fields) => ({
      kind: "object",
      fields,
      list: Object.entries(fields)
    });
    open = (fields, ...required3) => {
      const list3 = Object.entries(fields).map(
        ([key, shape]) => [key, { shape, text: "", required: required3.includes(key) }]
      );
      return { kind: "object", open: true, fields: Object.fromEntries(list3), list: list3 };
    };
    map = (values) => ({ kind: "map", values });
    list = (items) => ({ kind: "list", items });
    text = { kind: "text" };
    textOf = (format) => ({ kind: "text", format });
    oneOf = (...words2) => ({ kind: "text", words: words2 });
    whole = (min, max) => ({ kind: "number", min, max });
    bool = { kind: "boolean" };
    either = (expected, ...of) => ({ kind: "either", of, expected });
    anything = { kind: "anything" };
  }
});

// src/cluster/bytes-text.ts
import { isAscii, isUtf8 } from "node:buffer";
function textBytes(file, bytes, problems) {
  const body = bytes[0] === 239 && bytes[1] === 187 && bytes[2] === 191 ? bytes.subarray(3) : bytes;
  if (isUtf16(bytes)) {
    problems.add("a text in UTF-16", { file }, "turn it into UTF-8: iconv -f UTF-16 -t UTF-8");
    return void 0;
  }
  if (!isUtf8(body)) {
    problems.add("not a text in UTF-8", { file, line: badLine(body) });
    return void 0;
  }
  const blanked = blankLogs(body);
  const buffer = Buffer.from(blanked.buffer, blanked.byteOffset, blanked.length);
  const encoding = isAscii(buffer) ? "latin1" : "utf8";
  const text4 = (start2, end2) => buffer.toString(encoding, start2, end2);
  return { bytes: buffer, text: text4, position: createPositions(buffer, encoding === "utf8" ? text4 : void 0) };
}
function createPositions(bytes, text4) {
  let [line, lineStart, seen] = [1, 0, 0];
  return (offset) => {
    if (offset < seen) [line, lineStart, seen] = [1, 0, 0];
    for (let i = seen; i < offset; i++)
      if (bytes[i] === 10) {
        line++;
        lineStart = i + 1;
      }
    seen = offset;
    const wide2 = text4 && offset - lineStart < LONG_LINE;
    return { line, column: (wide2 ? text4(lineStart, offset).length : offset - lineStart) + 1 };
  };
}
function isUtf16(bytes) {
  const [a2, b2] = bytes;
  return a2 === 255 && b2 === 254 || a2 === 254 && b2 === 255 || a2 === 123 && b2 === 0 || a2 === 0 && b2 === 123;
}
function badLine(bytes) {
  for (let [line, start2] = [1, 0]; ; line++) {
    const lf = bytes.indexOf(10, start2);
    if (lf < 0 || !isUtf8(bytes.subarray(start2, lf))) return line;
    start2 = lf + 1;
  }
}
function blankLogs(bytes) {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at2 = source.indexOf(logStart);
  if (at2 < 0) return bytes;
  const out2 = Buffer.from(source);
  while (at2 >= 0) {
    const nameStart = at2 + logStart.length;
    const lf = source.indexOf(10, nameStart);
    const line = source.subarray(nameStart, lf < 0 ? source.length : lf);
    const nameEnd = nameStart + line.indexOf(markEnd);
    const name = nameEnd < nameStart ? void 0 : source.subarray(nameStart, nameEnd);
    const lineStart = at2 === 0 || source[at2 - 1] === 10;
    if (!name || !lineStart) {
      at2 = source.indexOf(logStart, at2 + 1);
      continue;
    }
    const end2 = Buffer.concat([Buffer.from("==== END logs for container "), name, markEnd]);
    const found2 = source.indexOf(end2, nameEnd);
    const to = found2 < 0 ? source.length : found2 + end2.length;
    for (let i = at2; i < to; i++) if (source[i] !== 10) out2[i] = 32;
    at2 = source.indexOf(logStart, to);
  }
  return out2;
}
var MAX_OBJECT, LONG_LINE, logStart, markEnd;
var init_bytes_text = __esm({
  "src/cluster/bytes-text.ts"() {
    "use strict";
    MAX_OBJECT = 1e8;
    LONG_LINE = 1e5;
    logStart = Buffer.from("==== START logs for container ");
    markEnd = Buffer.from(" ====");
  }
});

// src/cluster/json-locate.ts
function createJsonLocator(text4) {
  const items = /* @__PURE__ */ new Map();
  return {
    offset(path, part) {
      let at2 = skipBlank(text4, 0);
      let key = at2;
      for (const step2 of path) {
        const c2 = text4.charCodeAt(at2);
        if (typeof step2 === "number") {
          if (c2 !== OPEN_BRACKET) return void 0;
          let offsets = items.get(at2);
          if (!offsets) items.set(at2, offsets = itemOffsets(text4, at2));
          if (offsets[step2] === void 0) return void 0;
          at2 = key = offsets[step2];
        } else {
          const member = c2 === OPEN_BRACE ? findMember(text4, at2, step2) : void 0;
          if (!member) return void 0;
          [key, at2] = member;
        }
      }
      return part === "key" ? key : at2;
    }
  };
}
function skipBlank(text4, at2) {
  for (; ; ) {
    const c2 = text4.charCodeAt(at2);
    if (c2 !== 32 && c2 !== 10 && c2 !== 13 && c2 !== 9 && c2 !== 65279) return at2;
    at2++;
  }
}
function skipString(text4, at2) {
  for (let i = at2 + 1; ; i++) {
    const c2 = text4.charCodeAt(i);
    if (c2 === BACKSLASH) i++;
    else if (c2 === QUOTE || Number.isNaN(c2)) return i + 1;
  }
}
function skipValue(text4, at2) {
  const c2 = text4.charCodeAt(at2);
  if (c2 === QUOTE) return skipString(text4, at2);
  let i = at2;
  if (c2 !== OPEN_BRACE && c2 !== OPEN_BRACKET) {
    while (i < text4.length && !/[\s,\]}]/.test(text4[i])) i++;
    return i;
  }
  for (let depth = 0; i < text4.length; i++) {
    const d = text4.charCodeAt(i);
    if (d === QUOTE) i = skipString(text4, i) - 1;
    else if (d === OPEN_BRACE || d === OPEN_BRACKET) depth++;
    else if ((d === CLOSE_BRACE || d === CLOSE_BRACKET) && --depth === 0) return i + 1;
  }
  return i;
}
function itemOffsets(text4, array) {
  const offsets = [];
  let at2 = skipBlank(text4, array + 1);
  while (text4.charCodeAt(at2) !== CLOSE_BRACKET && at2 < text4.length) {
    offsets.push(at2);
    at2 = skipBlank(text4, skipValue(text4, at2));
    if (text4.charCodeAt(at2) === COMMA) at2 = skipBlank(text4, at2 + 1);
  }
  return offsets;
}
function findMember(text4, object2, name) {
  let found2;
  let at2 = skipBlank(text4, object2 + 1);
  while (text4.charCodeAt(at2) === QUOTE) {
    const end2 = skipString(text4, at2);
    let value = skipBlank(text4, end2);
    if (text4.charCodeAt(value) === COLON) value = skipBlank(text4, value + 1);
    if (JSON.parse(text4.slice(at2, end2)) === name) found2 = [at2, value];
    at2 = skipBlank(text4, skipValue(text4, value));
    if (text4.charCodeAt(at2) === COMMA) at2 = skipBlank(text4, at2 + 1);
  }
  return found2;
}
var QUOTE, BACKSLASH, COMMA, COLON, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET;
var init_json_locate = __esm({
  "src/cluster/json-locate.ts"() {
    "use strict";
    [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
    [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];
  }
});

// src/cluster/json-stream.ts
function scanJson(bytes) {
  const length = bytes.length;
  let members2 = 0;
  function blank(at2) {
    for (; at2 < length; at2++) {
      const c2 = bytes[at2];
      if (c2 !== 32 && c2 !== 10 && c2 !== 13 && c2 !== 9) return at2;
    }
    return at2;
  }
  function string(at2) {
    for (let i = at2 + 1; i < length; i++) {
      const c2 = bytes[i];
      if (c2 === QUOTE2) return i + 1;
      if (c2 === BACKSLASH2) i++;
    }
    throw new JsonStructureError(at2, "a text without its closing quote");
  }
  function value(at2) {
    const first = bytes[at2];
    if (first === QUOTE2) return string(at2);
    if (first !== OPEN_BRACE2 && first !== OPEN_BRACKET2) return scalar2(at2);
    let depth = 0;
    for (let i = at2; i < length; i++) {
      const c2 = bytes[i];
      if (c2 === QUOTE2) i = string(i) - 1;
      else if (c2 === COLON2) members2++;
      else if (c2 === OPEN_BRACE2 || c2 === OPEN_BRACKET2) {
        if (++depth > MAX_DEPTH) throw new JsonStructureError(i, "nested too deeply", true);
      } else if ((c2 === CLOSE_BRACE2 || c2 === CLOSE_BRACKET2) && --depth === 0) return i + 1;
    }
    throw new JsonStructureError(at2, "a value without its closing bracket: is the file cut off?");
  }
  function scalar2(at2) {
    let i = at2;
    for (; i < length; i++) {
      const c2 = bytes[i];
      if (c2 <= 32 || c2 === COMMA2 || c2 === CLOSE_BRACE2 || c2 === CLOSE_BRACKET2) break;
    }
    if (i === at2) throw new JsonStructureError(at2, "a value is missing");
    return i;
  }
  function items(at2) {
    const out3 = [];
    let i = blank(at2 + 1);
    while (bytes[i] !== CLOSE_BRACKET2) {
      const before = members2;
      const end2 = value(i);
      out3.push({ start: i, end: end2, members: members2 - before });
      i = separator(blank(end2), CLOSE_BRACKET2);
    }
    return [out3, i + 1];
  }
  function separator(at2, close2) {
    if (bytes[at2] === close2) return at2;
    if (bytes[at2] !== COMMA2) throw new JsonStructureError(at2, "a comma or a closing bracket is missing");
    const next = blank(at2 + 1);
    if (bytes[next] === close2 || next >= length) throw new JsonStructureError(at2, "nothing behind a comma");
    return next;
  }
  function object2(start2) {
    const before = members2;
    let kind;
    let found2;
    let i = blank(start2 + 1);
    while (bytes[i] !== CLOSE_BRACE2) {
      if (bytes[i] !== QUOTE2) throw new JsonStructureError(i, "a key in quotes is missing");
      const keyEnd = string(i);
      const colon = blank(keyEnd);
      if (bytes[colon] !== COLON2) throw new JsonStructureError(colon, "a colon is missing");
      members2++;
      const at2 = blank(colon + 1);
      const key = ascii(bytes, i + 1, keyEnd - 1);
      let end2;
      if (key === "items" && bytes[at2] === OPEN_BRACKET2 && found2 === void 0) [found2, end2] = items(at2);
      else end2 = value(at2);
      if (key === "kind" && bytes[at2] === QUOTE2) kind = ascii(bytes, at2 + 1, end2 - 1);
      i = separator(blank(end2), CLOSE_BRACE2);
    }
    return {
      start: start2,
      end: i + 1,
      members: members2 - before,
      ...kind === void 0 ? {} : { kind },
      ...found2 ? { items: found2 } : {}
    };
  }
  const out2 = [];
  for (let at2 = blank(0); at2 < length; ) {
    const before = members2;
    if (bytes[at2] === OPEN_BRACE2) out2.push(object2(at2));
    else {
      const end2 = value(at2);
      out2.push({ start: at2, end: end2, members: members2 - before });
    }
    at2 = blank(out2[out2.length - 1].end);
  }
  return out2;
}
function ascii(bytes, start2, end2) {
  if (end2 - start2 > 100) return void 0;
  let out2 = "";
  for (let i = start2; i < end2; i++) out2 += String.fromCharCode(bytes[i]);
  return out2;
}
function countMembers(value) {
  let count2 = 0;
  if (Array.isArray(value)) for (const item of value) count2 += isNested(item) ? countMembers(item) : 0;
  else if (isNested(value))
    for (const key in value) {
      count2++;
      const item = value[key];
      if (isNested(item)) count2 += countMembers(item);
    }
  return count2;
}
function isNested(value) {
  return typeof value === "object" && value !== null;
}
var QUOTE2, BACKSLASH2, COMMA2, COLON2, OPEN_BRACE2, CLOSE_BRACE2, OPEN_BRACKET2, CLOSE_BRACKET2, MAX_DEPTH, JsonStructureError;
var init_json_stream = __esm({
  "src/cluster/json-stream.ts"() {
    "use strict";
    [QUOTE2, BACKSLASH2, COMMA2, COLON2] = [34, 92, 44, 58];
    [OPEN_BRACE2, CLOSE_BRACE2, OPEN_BRACKET2, CLOSE_BRACKET2] = [123, 125, 91, 93];
    MAX_DEPTH = 200;
    JsonStructureError = class extends Error {
      constructor(offset, message, final2 = false) {
        super(message);
        this.offset = offset;
        this.final = final2;
      }
      offset;
      final;
    };
  }
});

// src/cluster/lines.ts
function createLines(text4) {
  let starts;
  return {
    at(offset) {
      if (!starts) {
        starts = [0];
        for (let i = text4.indexOf("\n"); i >= 0; i = text4.indexOf("\n", i + 1)) starts.push(i + 1);
      }
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = low + high + 1 >> 1;
        if (starts[middle] <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - starts[low] + 1 };
    }
  };
}
var init_lines = __esm({
  "src/cluster/lines.ts"() {
    "use strict";
  }
});

// src/cluster/yaml-scalar.ts
function fail() {
  throw new Unsupported();
}
function withoutBlanks(text4) {
  let end2 = text4.length;
  while (end2 > 0 && text4.charCodeAt(end2 - 1) === 32) end2--;
  return end2 === text4.length ? text4 : text4.slice(0, end2);
}
function fold(inner, double, outer) {
  const lines = inner.split("\n");
  let out2 = lines[0];
  let breaks = 0;
  for (const line of lines.slice(1)) {
    const body = line.replace(/^ +/, "");
    if (body === "") {
      breaks++;
      continue;
    }
    if (line.length - body.length <= outer || line.startsWith("---") || line.startsWith("...")) fail();
    const escaped = double && /(^|[^\\])(\\\\)*\\$/.test(out2);
    if (escaped && breaks > 0) fail();
    if (escaped) out2 = out2.slice(0, -1);
    else out2 = withoutBlanks(out2) + (breaks > 0 ? "\n".repeat(breaks) : " ");
    out2 += body;
    breaks = 0;
  }
  if (lines.length > 1 && /^ *$/.test(lines.at(-1))) fail();
  return out2;
}
function plain2(value) {
  const c2 = value.charCodeAt(0);
  const mayBeNumber = c2 >= 48 && c2 <= 57 || c2 === 45 || c2 === 43 || c2 === 46;
  if (mayBeNumber) {
    if (/^-?(0|[1-9]\d{0,14})$/.test(value)) return value === "-0" ? fail() : Number(value);
    if (/^-?(0|[1-9]\d*)\.\d+$/.test(value)) return Number(value);
    if (/^[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|\d+|\.?\d[\d.]*([eE][-+]?\d+)?|\d+\.|\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(
      value
    ))
      return /^\d+\.\d+\.[\d.]*$/.test(value) ? value : fail();
    return value;
  }
  switch (value) {
    case "":
    case "~":
    case "null":
    case "Null":
    case "NULL":
      return null;
    case "true":
    case "True":
    case "TRUE":
      return true;
    case "false":
    case "False":
    case "FALSE":
      return false;
    default:
      return value;
  }
}
function unquote(inner) {
  if (!inner.includes("\\")) return inner;
  if (!/^(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/.test(inner)) fail();
  return inner.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, code) => {
    if (code.startsWith("u")) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return simpleEscapes[code] ?? code;
  });
}
var Unsupported, simpleEscapes;
var init_yaml_scalar = __esm({
  "src/cluster/yaml-scalar.ts"() {
    "use strict";
    Unsupported = class extends Error {
    };
    simpleEscapes = { b: "\b", f: "\f", n: "\n", r: "\r", t: "	" };
  }
});

// src/cluster/yaml-fast.ts
function parseFast(text4, offsets) {
  if (text4.includes("	") || text4.includes("\r") || text4.includes("\uFEFF") || text4.startsWith("%")) return void 0;
  try {
    return createParser(text4, offsets).documents();
  } catch (error) {
    if (error instanceof Unsupported) return void 0;
    throw error;
  }
}
function createParser(text4, offsets) {
  let start2 = 0;
  let content = 0;
  let end2 = 0;
  let depth = 0;
  function seek(from) {
    for (start2 = from; start2 < text4.length; start2 = end2 + 1) {
      const lf = text4.indexOf("\n", start2);
      end2 = lf < 0 ? text4.length : lf;
      content = start2;
      while (text4.charCodeAt(content) === SPACE) content++;
      if (content === start2 && text4.startsWith("...", start2)) fail();
      if (content < end2 && text4.charCodeAt(content) !== HASH) return;
    }
    start2 = content = end2 = text4.length;
  }
  const atEnd = () => start2 >= text4.length;
  const isMarker2 = () => !atEnd() && content === start2 && text4.startsWith("---", start2) && blankAt(start2 + 3);
  const indent = () => atEnd() || isMarker2() ? -1 : content - start2;
  const blankAt = (at2) => at2 >= text4.length || text4.charCodeAt(at2) === SPACE || text4.charCodeAt(at2) === LF;
  function skipBlanks(at2) {
    while (text4.charCodeAt(at2) === SPACE) at2++;
    return at2;
  }
  function restIsEmpty(at2) {
    const next = skipBlanks(at2);
    return next >= end2 || text4.charCodeAt(next) === HASH && (next > at2 || at2 === content);
  }
  function documents() {
    const out2 = [];
    seek(0);
    while (!atEnd()) {
      if (isMarker2()) {
        if (!restIsEmpty(start2 + 3)) fail();
        seek(end2 + 1);
      }
      if (atEnd() || isMarker2()) continue;
      const first = start2;
      const value = block(indent());
      if (!atEnd() && !isMarker2()) fail();
      if (typeof value !== "object" || value === null) fail();
      out2.push({ value, start: first });
    }
    return out2;
  }
  const isDash = (at2) => text4.charCodeAt(at2) === DASH && blankAt(at2 + 1);
  function block(column2) {
    return node2(start2 + column2, column2, column2 - 1);
  }
  function node2(at2, column2, outer) {
    if (++depth > MAX_DEPTH2) fail();
    let value;
    if (isDash(at2)) value = sequence(column2);
    else if (keyEnd(at2) >= 0) value = mapping2(at2, column2);
    else value = scalar2(at2, outer);
    depth--;
    return value;
  }
  function sequence(column2) {
    const items = [];
    const places2 = offsets && /* @__PURE__ */ new Map();
    if (places2) offsets.set(items, places2);
    let at2 = start2 + column2;
    for (; ; ) {
      const inside = skipBlanks(at2 + 1);
      const begin2 = inside;
      if (restIsEmpty(at2 + 1)) {
        seek(end2 + 1);
        places2?.set(items.length, [content, content]);
        items.push(indent() > column2 ? block(indent()) : null);
      } else {
        places2?.set(items.length, [begin2, begin2]);
        items.push(node2(inside, inside - start2, column2));
      }
      const next = indent();
      if (next < column2) return items;
      if (next > column2) fail();
      at2 = start2 + column2;
      if (!isDash(at2)) return items;
    }
  }
  function keyEnd(at2) {
    const c2 = text4.charCodeAt(at2);
    if (c2 === DOUBLE || c2 === SINGLE) {
      const close2 = closingQuote(at2, end2);
      const colon = close2 < 0 ? -1 : skipBlanks(close2 + 1);
      return colon >= 0 && text4.charCodeAt(colon) === COLON3 && blankAt(colon + 1) ? colon : -1;
    }
    if (c2 === QUESTION && blankAt(at2 + 1)) fail();
    if (indicators.has(c2)) return -1;
    for (let i = at2; i < end2; i++) {
      const d = text4.charCodeAt(i);
      if (d === COLON3 && blankAt(i + 1)) return i;
      if (d === HASH && text4.charCodeAt(i - 1) === SPACE) return -1;
    }
    return -1;
  }
  function keyText(at2, colon) {
    const c2 = text4.charCodeAt(at2);
    if (c2 === DOUBLE || c2 === SINGLE) {
      const close2 = closingQuote(at2, end2);
      return c2 === DOUBLE ? unquote(text4.slice(at2 + 1, close2)) : text4.slice(at2 + 1, close2).replaceAll("''", "'");
    }
    const key = withoutBlanks(text4.slice(at2, colon));
    if (key === "<<" || key === "" || typeof plain2(key) !== "string" && !/^(0|[1-9]\d{0,14})$/.test(key)) fail();
    return key;
  }
  function mapping2(first, column2) {
    const out2 = {};
    const places2 = offsets && /* @__PURE__ */ new Map();
    if (places2) offsets.set(out2, places2);
    let at2 = first;
    for (; ; ) {
      const colon = keyEnd(at2);
      if (colon < 0) fail();
      const key = keyText(at2, colon);
      if (key === "__proto__" || Object.hasOwn(out2, key)) fail();
      const inside = skipBlanks(colon + 1);
      if (restIsEmpty(colon + 1)) {
        seek(end2 + 1);
        const next2 = indent();
        places2?.set(key, [at2, next2 >= column2 ? content : at2]);
        if (next2 > column2) out2[key] = block(next2);
        else out2[key] = next2 === column2 && isDash(content) ? sequence(column2) : null;
      } else {
        places2?.set(key, [at2, inside]);
        if (isDash(inside)) fail();
        out2[key] = scalar2(inside, column2);
      }
      const next = indent();
      if (next < column2) return out2;
      if (next > column2) fail();
      at2 = start2 + column2;
      if (isDash(at2)) fail();
    }
  }
  function scalar2(at2, outer) {
    const c2 = text4.charCodeAt(at2);
    if (c2 === DOUBLE || c2 === SINGLE) return quoted2(at2, outer);
    if (c2 === PIPE) return literal(at2, outer);
    if (c2 === 123 || c2 === 91) {
      const flow = { at: at2 };
      const value2 = flowNode(flow);
      if (!restIsEmpty(flow.at)) fail();
      seek(end2 + 1);
      return value2;
    }
    if (indicators.has(c2) || (c2 === DASH || c2 === QUESTION || c2 === COLON3) && blankAt(at2 + 1)) fail();
    const first = plainLine(at2);
    let value = withoutBlanks(text4.slice(at2, first));
    const commented = first < end2;
    let last = end2;
    seek(end2 + 1);
    if (indent() <= outer) return plain2(value);
    for (; indent() > outer; seek(end2 + 1)) {
      if (commented || start2 !== last + 1 || plainLine(content) < end2 || keyEnd(content) >= 0) fail();
      value += ` ${withoutBlanks(text4.slice(content, end2))}`;
      last = end2;
    }
    return value;
  }
  function plainLine(at2) {
    for (let i = at2; i < end2; i++) {
      const c2 = text4.charCodeAt(i);
      if (c2 === COLON3 && blankAt(i + 1)) fail();
      if (c2 === HASH && text4.charCodeAt(i - 1) === SPACE) return i;
    }
    return end2;
  }
  function closingQuote(at2, limit) {
    const quote = text4.charCodeAt(at2);
    for (let i = at2 + 1; i < limit; i++) {
      const c2 = text4.charCodeAt(i);
      if (c2 === BACKSLASH3 && quote === DOUBLE) i++;
      else if (c2 === quote) {
        if (quote === SINGLE && text4.charCodeAt(i + 1) === SINGLE) i++;
        else return i;
      }
    }
    return -1;
  }
  function quoted2(at2, outer) {
    const close2 = closingQuote(at2, text4.length);
    if (close2 < 0) fail();
    const double = text4.charCodeAt(at2) === DOUBLE;
    let inner = text4.slice(at2 + 1, close2);
    if (close2 > end2) {
      inner = fold(inner, double, outer);
      start2 = text4.lastIndexOf("\n", close2) + 1;
      const lf = text4.indexOf("\n", close2);
      end2 = lf < 0 ? text4.length : lf;
    }
    if (!restIsEmpty(close2 + 1)) fail();
    seek(end2 + 1);
    return double ? unquote(inner) : inner.replaceAll("''", "'");
  }
  function literal(at2, outer) {
    const header = withoutBlanks(text4.slice(at2 + 1, end2));
    if (header !== "" && header !== "-" && header !== "+") fail();
    const lines = [];
    let cut = -1;
    let from = end2 + 1;
    while (from < text4.length) {
      const lf = text4.indexOf("\n", from);
      const to = lf < 0 ? text4.length : lf;
      let body2 = from;
      while (body2 < to && text4.charCodeAt(body2) === SPACE) body2++;
      if (body2 === to) {
        if (cut < 0 && to > from) fail();
        lines.push(cut >= 0 ? text4.slice(from + cut, to) : "");
      } else {
        if (cut < 0 && body2 - from <= outer) fail();
        if (cut < 0) cut = body2 - from;
        if (body2 - from <= outer || body2 - from < cut) break;
        if (cut === 0) fail();
        lines.push(text4.slice(from + cut, to));
      }
      from = to + 1;
    }
    seek(Math.min(from, text4.length));
    if (cut < 0) return fail();
    let body = lines.length;
    while (body > 0 && lines[body - 1] === "") body--;
    const trailing = lines.length - body;
    const joined2 = lines.slice(0, body).join("\n");
    if (header === "-") return joined2;
    const ended = text4.endsWith("\n") || from <= text4.length;
    if (!ended) return fail();
    return header === "+" ? `${joined2}
${"\n".repeat(trailing)}` : `${joined2}
`;
  }
  function flowNode(cursor) {
    if (++depth > MAX_DEPTH2) fail();
    cursor.at = skipBlanks(cursor.at);
    const c2 = text4.charCodeAt(cursor.at);
    let value;
    if (c2 === 123) value = flowMapping(cursor);
    else if (c2 === 91) value = flowSequence(cursor);
    else if (c2 === DOUBLE || c2 === SINGLE) value = flowQuoted(cursor);
    else value = plain2(flowPlain(cursor));
    depth--;
    return value;
  }
  function flowQuoted(cursor) {
    const close2 = closingQuote(cursor.at, end2);
    if (close2 < 0) fail();
    const inner = text4.slice(cursor.at + 1, close2);
    const value = text4.charCodeAt(cursor.at) === DOUBLE ? unquote(inner) : inner.replaceAll("''", "'");
    cursor.at = close2 + 1;
    return value;
  }
  function flowPlain(cursor) {
    const from = cursor.at;
    const first = text4.charCodeAt(from);
    if (indicators.has(first) || first === COLON3 || first === QUESTION || first === DASH && blankAt(from + 1)) fail();
    let i = from;
    for (; i < end2; i++) {
      const c2 = text4.charCodeAt(i);
      if (c2 === COMMA3 || c2 === 93 || c2 === 125) break;
      if (c2 === 91 || c2 === 123 || c2 === HASH && text4.charCodeAt(i - 1) === SPACE) fail();
      if (c2 === COLON3) {
        const next = text4.charCodeAt(i + 1);
        if (blankAt(i + 1) || next === COMMA3 || next === 93 || next === 125) break;
      }
    }
    if (i >= end2) fail();
    cursor.at = i;
    return withoutBlanks(text4.slice(from, i));
  }
  function flowSequence(cursor) {
    const items = [];
    const places2 = offsets && /* @__PURE__ */ new Map();
    if (places2) offsets.set(items, places2);
    cursor.at = skipBlanks(cursor.at + 1);
    while (text4.charCodeAt(cursor.at) !== 93) {
      places2?.set(items.length, [cursor.at, cursor.at]);
      items.push(flowNode(cursor));
      cursor.at = skipBlanks(cursor.at);
      if (text4.charCodeAt(cursor.at) === COMMA3) cursor.at = skipBlanks(cursor.at + 1);
      else if (text4.charCodeAt(cursor.at) !== 93) fail();
    }
    cursor.at++;
    return items;
  }
  function flowMapping(cursor) {
    const out2 = {};
    const places2 = offsets && /* @__PURE__ */ new Map();
    if (places2) offsets.set(out2, places2);
    cursor.at = skipBlanks(cursor.at + 1);
    while (text4.charCodeAt(cursor.at) !== 125) {
      const at2 = cursor.at;
      const c2 = text4.charCodeAt(at2);
      const isQuoted = c2 === DOUBLE || c2 === SINGLE;
      const key = isQuoted ? flowQuoted(cursor) : flowPlain(cursor);
      if (!isQuoted && (key === "<<" || key === "" || typeof plain2(key) !== "string")) fail();
      if (key === "__proto__" || Object.hasOwn(out2, key)) fail();
      cursor.at = skipBlanks(cursor.at);
      if (text4.charCodeAt(cursor.at) !== COLON3) fail();
      cursor.at = skipBlanks(cursor.at + 1);
      const d = text4.charCodeAt(cursor.at);
      places2?.set(key, [at2, cursor.at]);
      out2[key] = d === COMMA3 || d === 125 ? null : flowNode(cursor);
      cursor.at = skipBlanks(cursor.at);
      if (text4.charCodeAt(cursor.at) === COMMA3) cursor.at = skipBlanks(cursor.at + 1);
      else if (text4.charCodeAt(cursor.at) !== 125) fail();
    }
    cursor.at++;
    return out2;
  }
  return { documents };
}
var LF, SPACE, HASH, DASH, COLON3, QUESTION, DOUBLE, SINGLE, BACKSLASH3, COMMA3, PIPE, indicators, MAX_DEPTH2;
var init_yaml_fast = __esm({
  "src/cluster/yaml-fast.ts"() {
    "use strict";
    init_yaml_scalar();
    LF = 10;
    SPACE = 32;
    HASH = 35;
    DASH = 45;
    COLON3 = 58;
    QUESTION = 63;
    DOUBLE = 34;
    SINGLE = 39;
    BACKSLASH3 = 92;
    COMMA3 = 44;
    PIPE = 124;
    indicators = new Set([...",[]{}#&*!|>'\"%@`"].map((c2) => c2.charCodeAt(0)));
    MAX_DEPTH2 = 200;
  }
});

// src/cluster/yaml-stream.ts
function* splitYaml(bytes) {
  for (let start2 = 0; start2 < bytes.length; ) {
    const end2 = nextLine(bytes, start2, isMarker);
    yield* splitDocument(bytes, start2, end2);
    start2 = end2;
  }
}
function nextLine(bytes, from, is) {
  for (let lf = bytes.indexOf(LF2, from); lf >= 0; lf = bytes.indexOf(LF2, lf + 1)) if (is(bytes, lf + 1)) return lf + 1;
  return bytes.length;
}
function isMarker(bytes, at2) {
  if (bytes[at2] !== DASH2 || bytes[at2 + 1] !== DASH2 || bytes[at2 + 2] !== DASH2) return false;
  const next = bytes[at2 + 3];
  return next === void 0 || next <= SPACE2;
}
function* splitDocument(bytes, start2, end2) {
  const whole4 = Buffer.from(bytes.buffer, bytes.byteOffset, end2);
  const key = whole4.indexOf(itemsKey, Math.max(0, start2 - 1));
  const first = key < 0 ? -1 : whole4.indexOf(LF2, key + 1) + 1;
  const plain4 = first > 0 && isItem(whole4, first) && whole4.subarray(key + itemsKey.length, first).toString().trim() === "";
  if (!plain4) {
    yield { start: start2, end: end2 };
    return;
  }
  const last = nextLine(whole4, first, isTopKey);
  const kind = /^kind:[ ]*["']?(\w+)/m.exec(`${ends(whole4, start2, key)}
${ends(whole4, last, end2)}`)?.[1];
  let number2 = 0;
  for (let at2 = first; at2 < last; ) {
    let [next, count2] = [at2, 0];
    while (next < last && (count2 === 0 || next - at2 < PART)) {
      next = nextLine(whole4.subarray(0, last), next, isItem);
      count2++;
    }
    yield { start: at2, end: next, list: { kind, first: number2 } };
    number2 += count2;
    at2 = next;
  }
}
function ends(bytes, start2, end2) {
  return bytes.subarray(start2, Math.min(end2, start2 + 1e4)).toString();
}
function isItem(bytes, at2) {
  return bytes[at2] === DASH2 && (bytes[at2 + 1] === SPACE2 || bytes[at2 + 1] === LF2);
}
function isTopKey(bytes, at2) {
  const c2 = bytes[at2];
  return c2 !== void 0 && c2 > SPACE2 && c2 !== 35 && !isItem(bytes, at2);
}
var LF2, SPACE2, DASH2, PART, itemsKey;
var init_yaml_stream = __esm({
  "src/cluster/yaml-stream.ts"() {
    "use strict";
    [LF2, SPACE2, DASH2] = [10, 32, 45];
    PART = 1 << 17;
    itemsKey = Buffer.from("\nitems:");
  }
});

// src/cluster/yaml.ts
var yaml_exports = {};
__export(yaml_exports, {
  isMap: () => isMap,
  isNode: () => isNode,
  isPair: () => isPair,
  isScalar: () => isScalar,
  isSeq: () => isSeq,
  parseAllDocuments: () => parseAllDocuments,
  parseDocument: () => parseDocument,
  visit: () => visit
});
import { isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, parseDocument, visit } from "yaml";
var init_yaml = __esm({
  "src/cluster/yaml.ts"() {
    "use strict";
  }
});

// src/cluster/yaml-full.ts
var yaml_full_exports = {};
__export(yaml_full_exports, {
  readFully: () => readFully
});
function readFully(text4, report2) {
  if (TOO_DEEP.test(text4)) {
    report2("nested too deeply", { line: 1, column: 1 });
    return [];
  }
  const lines = createLines(text4);
  const parse = () => {
    const found2 = parseAllDocuments(text4, { prettyErrors: false, merge: true, logLevel: "silent", uniqueKeys: false });
    return "empty" in found2 ? [] : found2;
  };
  let parsed;
  try {
    parsed = parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report2("nested too deeply", { line: 1, column: 1 });
    return [];
  }
  if (parsed.some(({ errors }) => errors.some(({ message }) => message.includes("call stack")))) {
    report2("nested too deeply", { line: 1, column: 1 });
    return [];
  }
  return parsed.flatMap((document) => {
    const value = contentOf(document, (message, offset, hint) => report2(message, lines.at(offset), hint));
    if (value === void 0 || value === null) return [];
    return [{ value, locate: (path, part) => lines.at(offsetOf(document, path, part)) }];
  });
}
function contentOf(document, report2) {
  const wrong2 = document.errors.map(({ message, pos, code }) => [tidy(message), pos[0], hints[code]]);
  try {
    wrong2.push(...equalKeys(document));
    for (const problem of wrong2.sort((a2, b2) => a2[1] - b2[1])) report2(...problem);
    return wrong2.length > 0 ? void 0 : document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const deep = error instanceof RangeError;
    report2(deep ? "nested too deeply" : "too many aliases (*name) of one another", document.range[0]);
    return void 0;
  }
}
function equalKeys(document) {
  const wrong2 = [];
  visit(document, {
    Map(_, node2) {
      const seen = /* @__PURE__ */ new Set();
      for (const { key } of node2.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.value !== "<<")
          wrong2.push(["map keys must be unique", key.range?.[0] ?? 0, hints.DUPLICATE_KEY]);
        seen.add(key.value);
      }
    }
  });
  return wrong2;
}
function offsetOf(document, path, part) {
  let node2 = document.contents;
  let offset = isNode(node2) && node2.range ? node2.range[0] : document.range[0];
  for (const [i, step2] of path.entries()) {
    let key;
    if (isMap(node2)) {
      const pair2 = node2.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step2));
      if (!pair2) break;
      [key, node2] = [pair2.key, pair2.value];
    } else if (isSeq(node2) && typeof step2 === "number") {
      const item = node2.items[step2];
      if (item === void 0) break;
      [key, node2] = [item, item];
    } else break;
    const wanted = i === path.length - 1 && part === "key" ? key : isNode(node2) && node2.range ? node2 : key;
    if (isNode(wanted) && wanted.range) offset = wanted.range[0];
  }
  return offset;
}
function tidy(message) {
  const first = message.split("\n")[0].replace(/ at line \d+, column \d+:?$/, "");
  return first.charAt(0).toLowerCase() + first.slice(1);
}
var TOO_DEEP, hints;
var init_yaml_full = __esm({
  "src/cluster/yaml-full.ts"() {
    "use strict";
    init_lines();
    init_yaml();
    TOO_DEEP = /(?:[-?] +){500}|(?:[[{] *){500}/;
    hints = {
      DUPLICATE_KEY: "keep one of the two",
      TAB_AS_INDENT: "indent with blanks",
      MULTILINE_IMPLICIT_KEY: 'a key and its colon are on one line; quote a text that contains ": "',
      BLOCK_AS_IMPLICIT_KEY: 'quote a text that contains ": "',
      BAD_ALIAS: "quote a text that begins with *"
    };
  }
});

// src/cluster/source.ts
async function* readDocuments(file, bytes, problems) {
  const source = textBytes(file, bytes, problems);
  if (!source) return;
  const values = startsAsJson(source.bytes) ? tryScan(source.bytes) : void 0;
  if (values instanceof JsonStructureError && values.final)
    problems.add(values.message, { file, ...source.position(values.offset) });
  else if (values && !(values instanceof JsonStructureError)) yield* readJson(file, source, values, problems);
  else if (source.bytes.length <= LARGE) yield* readPart({ file, source, start: 0, end: source.bytes.length, problems });
  else if (values) problems.add(`not valid JSON: ${values.message}`, { file, ...source.position(values.offset) });
  else yield* readLargeYaml(file, source, problems);
}
function startsAsJson(bytes) {
  let at2 = 0;
  while (at2 < bytes.length && bytes[at2] <= 32) at2++;
  return bytes[at2] === 123 || bytes[at2] === 91;
}
function tryScan(bytes) {
  try {
    const values = scanJson(bytes);
    const other = values.find(({ start: start2 }) => bytes[start2] !== 123 && bytes[start2] !== 91);
    return other ? new JsonStructureError(other.start, "something other than an object") : values;
  } catch (error) {
    if (error instanceof JsonStructureError) return error;
    throw error;
  }
}
async function* readJson(file, source, values, problems) {
  for (const value of values) {
    const { items, kind } = value;
    const isList = items && (kind === void 0 || kind.endsWith("List"));
    for (const [i, span] of (isList ? items : [value]).entries()) {
      const within2 = isList ? { path: ["items", i], kind: itemKindOf(kind) } : void 0;
      const part = { file, source, start: span.start, end: span.end, problems };
      const document = readJsonSpan(part, span, within2);
      if (document) yield document;
      else if (!isTooLarge(part)) yield* readPart(part, within2);
    }
  }
}
function readJsonSpan({ file, source, start: start2, end: end2 }, { members: members2 }, within2) {
  if (end2 - start2 > MAX_OBJECT) return void 0;
  const text4 = source.text(start2, end2);
  const parsed = tryParse(text4);
  const plain4 = parsed && parsed.value?.kind !== "Cluster";
  if (!plain4 || countMembers(parsed.value) !== members2) return void 0;
  const place = { file, ...source.position(start2) };
  let located;
  const document = documentOf(place, parsed.value, within2, (path, key) => {
    located ??= { offsets: createJsonLocator(text4), lines: createLines(text4) };
    for (let length = path.length; length >= 0; length--) {
      const offset = located.offsets.offset(path.slice(0, length), length === path.length ? key : "value");
      if (offset !== void 0) return located.lines.at(offset);
    }
    return { line: 1, column: 1 };
  });
  return { ...document, start: place };
}
function tryParse(text4) {
  try {
    return { value: JSON.parse(text4) };
  } catch {
    return void 0;
  }
}
function isTooLarge({ file, source, start: start2, end: end2, problems }) {
  if (end2 - start2 <= MAX_OBJECT) return false;
  problems.add(
    `${end2 - start2} bytes: more than the 100 MB that one object may have`,
    { file, ...source.position(start2) },
    "lists may be longer: their items are read one by one"
  );
  return true;
}
function shift(base, { line, column: column2 }) {
  return {
    file: base.file,
    line: (base.line ?? 1) + line - 1,
    column: line === 1 ? (base.column ?? 1) + column2 - 1 : column2
  };
}
function documentOf(base, value, within2, place) {
  return {
    file: base.file,
    value,
    ...within2 ? { item: within2 } : {},
    locate: (path, part = "value") => shift(base, place(path.slice(within2?.path.length ?? 0), part))
  };
}
async function* readLargeYaml(file, source, problems) {
  for (const { start: start2, end: end2, list: list3 } of splitYaml(source.bytes)) {
    const part = { file, source, start: start2, end: end2, problems };
    if (!isTooLarge(part)) yield* readPart(part, list3 && { path: ["items", list3.first], kind: itemKindOf(list3.kind) });
  }
}
function itemKindOf(listKind) {
  return listKind === void 0 || listKind === "List" ? void 0 : listKind.replace(/List$/, "");
}
async function* readPart(part, within2) {
  const { file, source, start: start2, end: end2, problems } = part;
  const text4 = source.text(start2, end2).replaceAll("\r\n", "\n").replace(/^\ufeff/, "");
  let base;
  const baseOf = () => base ??= { file, ...source.position(start2) };
  const fast = parseFast(text4);
  let parsed;
  if (fast) parsed = fastDocuments(text4, fast);
  else if (text4.length <= FULL_LIMIT) {
    const { readFully: readFully2 } = await Promise.resolve().then(() => (init_yaml_full(), yaml_full_exports));
    parsed = readFully2(text4, (message, at2, hint) => problems.add(message, shift(baseOf(), at2), hint));
  } else {
    problems.add(
      `${text4.length} bytes of YAML with anchors, tabs, tags or errors: more than the 5 MB that are read of such`,
      baseOf(),
      "kubectl prints YAML and JSON without them; of JSON as much is read as there is"
    );
    return;
  }
  for (const { value, locate: locate2 } of parsed) {
    if (!within2 || !Array.isArray(value)) {
      yield documentOf(baseOf(), value, within2, locate2);
      continue;
    }
    const starts = itemLines(text4);
    const [key, first] = within2.path;
    for (const [i, item] of value.entries()) {
      const own = { path: [key, first + i], kind: within2.kind };
      const document = documentOf(baseOf(), item, own, (path, what) => locate2([i, ...path], what));
      const line = starts.length === value.length ? starts[i] : void 0;
      yield line === void 0 ? document : { ...document, start: shift(baseOf(), { line, column: 3 }) };
    }
  }
}
function itemLines(text4) {
  const out2 = [];
  for (let [line, at2] = [1, 0]; at2 < text4.length; line++) {
    if (text4.startsWith("- ", at2) && text4[at2 + 2] !== " ") out2.push(line);
    const lf = text4.indexOf("\n", at2);
    if (lf < 0) break;
    at2 = lf + 1;
  }
  return out2;
}
function fastDocuments(text4, parsed) {
  let places2;
  const lines = createLines(text4);
  const locateAll = () => {
    const offsets = /* @__PURE__ */ new Map();
    places2 ??= { values: parseFast(text4, offsets)?.map((document) => document.value) ?? [], offsets };
    return places2;
  };
  return parsed.map(({ value, start: start2 }, index) => ({
    value,
    locate(path, part) {
      const { offsets, values } = locateAll();
      let at2 = values[index];
      let offset = start2;
      for (const [i, step2] of path.entries()) {
        const place = isContainer(at2) ? offsets.get(at2)?.get(step2) : void 0;
        if (!place) break;
        offset = i === path.length - 1 && part === "key" ? place[0] : place[1];
        at2 = at2[step2];
      }
      return lines.at(offset);
    }
  }));
}
function isContainer(value) {
  return typeof value === "object" && value !== null;
}
function placeOf(document, path) {
  const own = document.start && path.length === (document.item?.path.length ?? 0);
  if (!own || !document.start) return lazyPosition(document, path);
  origins.set(document.start, { document, path });
  return document.start;
}
function lazyPosition(document, path, part) {
  let found2;
  const get = () => found2 ??= document.locate(path, part);
  const position = {
    file: document.file,
    get line() {
      return get().line ?? 1;
    },
    get column() {
      return get().column ?? 1;
    }
  };
  origins.set(position, { document, path });
  return position;
}
var LARGE, FULL_LIMIT, origins;
var init_source = __esm({
  "src/cluster/source.ts"() {
    "use strict";
    init_bytes_text();
    init_json_locate();
    init_json_stream();
    init_lines();
    init_yaml_fast();
    init_yaml_stream();
    LARGE = 1e6;
    FULL_LIMIT = 5e6;
    origins = /* @__PURE__ */ new WeakMap();
  }
});

// src/cluster/policy/match-labels.ts
function matchesLabels(selector4, labels2) {
  return selector4.every((requirement) => holds(requirement, labelOf(labels2, requirement.key)));
}
function labelOf(labels2, key) {
  return Object.hasOwn(labels2, key) ? labels2[key] : void 0;
}
function holds({ operator, values }, value) {
  switch (operator) {
    case "In":
      return value !== void 0 && values.includes(value);
    case "NotIn":
      return value === void 0 || !values.includes(value);
    case "Exists":
      return value !== void 0;
    case "DoesNotExist":
      return value === void 0;
  }
}
var init_match_labels = __esm({
  "src/cluster/policy/match-labels.ts"() {
    "use strict";
  }
});

// src/cluster/policy/cilium.ts
function readCilium(object2, groups2, problems) {
  const { spec: spec2, specs } = object2.value;
  return [
    ...spec2 ? [readSpec(object2, spec2, ["spec"], groups2, problems)] : [],
    ...(specs ?? []).map((item, i) => readSpec(object2, item, ["specs", i], groups2, problems))
  ];
}
function readSpec(object2, spec2, path, groups2, problems) {
  const kind = object2.kind;
  const { name, namespace: stated } = nameOf(object2);
  const namespace = kind === "CiliumNetworkPolicy" ? stated ?? "default" : void 0;
  const unsupported = [];
  const rules = (key, action) => (spec2[key] ?? []).map((rule, i) => {
    const steps = [...path, key, i];
    const from = key.startsWith("ingress") ? "from" : "to";
    const fields = rule;
    const unknown3 = unsupportedFields.filter((field) => fields[field] !== void 0 && fields[field] !== null);
    if (rule.authentication?.mode === "test-always-fail") unknown3.push("authentication");
    for (const field of unknown3)
      unsupported.push({ what: `${key}[${i}].${field}`, where: placeIn(object2, ...steps, field) });
    const ports = readPorts(rule);
    const missing = (group) => problems.note("warning", `no CiliumCIDRGroup ${group}: it means no address`, placeIn(object2, ...steps));
    const named2 = unknown3.length > 0 ? [] : readPeers(fields, from, namespace, groups2, missing);
    const peers = named2 === void 0 && ports === void 0 ? [] : named2;
    return {
      action,
      peers,
      ports,
      label: `${path.length > 1 ? `specs[${path[1]}].` : ""}${key}[${i}]`,
      assumes: assumptions(rule, action),
      where: placeIn(object2, ...steps)
    };
  });
  const side = (direction2) => {
    const section = spec2[direction2] ?? spec2[`${direction2}Deny`];
    return {
      defaultDeny: spec2.enableDefaultDeny?.[direction2] ?? (section !== void 0 && section !== null),
      rules: [...rules(`${direction2}Deny`, "deny"), ...rules(direction2, "allow")]
    };
  };
  return {
    kind,
    name,
    namespace,
    tier: "network",
    priority: 0,
    subject: spec2.nodeSelector ? { kind: "entity", entity: "none" } : { kind: "identity", labels: endpointSelector(spec2.endpointSelector, namespace, false) },
    ingress: side("ingress"),
    egress: side("egress"),
    ...spec2.nodeSelector ? { nodeSelector: readSelector(spec2.nodeSelector).map(withSource) } : {},
    requires: {
      ingress: requirements(spec2, "ingress", "fromRequires", namespace),
      egress: requirements(spec2, "egress", "toRequires", namespace)
    },
    unsupported,
    where: placeIn(object2)
  };
}
function requirements(spec2, direction2, field, namespace) {
  return [...spec2[direction2] ?? [], ...spec2[`${direction2}Deny`] ?? []].flatMap((rule) => {
    const selectors = rule[field];
    return (selectors ?? []).flatMap((selector4) => endpointSelector(selector4, namespace, true));
  });
}
function assumptions(rule, action) {
  const proxied = new Set(
    (rule.toPorts ?? []).flatMap(({ rules, serverNames, terminatingTLS, originatingTLS, listener }) => [
      ...isObject(rules) ? Object.entries(rules).flatMap(
        ([key, value]) => value && key !== "l7" ? l7Names[key] ?? String(key === "l7proto" ? value : key) : []
      ) : [],
      ...serverNames?.length ? ["TLS server name"] : [],
      ...terminatingTLS || originatingTLS ? ["TLS"] : [],
      ...listener ? ["listener"] : []
    ])
  );
  const mode = rule.authentication?.mode ?? "disabled";
  return [
    ...proxied.size > 0 ? [`L7 (${[...proxied].join(", ")}): allowed at L4, what the proxy says is not looked at`] : [],
    ...mode === "required" && action === "allow" ? ["authentication required: taken as done"] : [],
    ...rule.toFQDNs?.length ? ["toFQDNs: names have the addresses of spec.names, as asked for through the DNS proxy"] : []
  ];
}
function withSource(requirement) {
  const match = /^(k8s|any|reserved|cidr|container|unspec):(.*)$/.exec(requirement.key);
  if (!match) return requirement;
  const [, source, key] = match;
  return { ...requirement, key, ...source === "any" ? {} : { source } };
}
function endpointSelector(selector4, namespace, peer2) {
  const labels2 = readSelector(selector4).map(withSource);
  const inNamespace = { source: "k8s", key: NAMESPACE_KEY, operator: "In", values: [namespace ?? ""] };
  if (namespace === void 0) {
    const managed = { source: "k8s", key: NAMESPACE_KEY, operator: "Exists", values: [] };
    return peer2 && labels2.length > 0 ? labels2 : [...labels2, managed];
  }
  if (!peer2) return [...labels2, inNamespace];
  const elsewhere2 = labels2.some(
    ({ source, key }) => source === "reserved" || key === NAMESPACE_KEY || key.startsWith(NAMESPACE_LABELS)
  );
  return elsewhere2 ? labels2 : [...labels2, inNamespace];
}
function readPeers(rule, from, namespace, groups2, missing) {
  const list3 = (field) => rule[`${from}${field}`];
  const [endpoints2, entities] = [list3("Endpoints"), list3("Entities")];
  const [cidrs, cidrSets] = [list3("CIDR"), list3("CIDRSet")];
  const [services2, names] = [list3("Services"), list3("FQDNs")];
  if (!endpoints2 && !entities && !cidrs && !cidrSets && !services2 && !names) return void 0;
  return [
    ...(endpoints2 ?? []).map(
      (selector4) => ({ kind: "identity", labels: endpointSelector(selector4, namespace, true) })
    ),
    ...(entities ?? []).map((entity2) => ({ kind: "entity", entity: entity2 })),
    ...(cidrs ?? []).map((text4) => ({ kind: "cidr", prefix: prefixOrIp(text4), except: [] })),
    ...(cidrSets ?? []).flatMap((set) => {
      const except = (set.except ?? []).map(prefixOrIp);
      return cidrsOf(set, groups2, missing).map((cidr) => ({ kind: "cidr", prefix: prefixOrIp(cidr), except }));
    }),
    ...(services2 ?? []).flatMap(({ k8sService, k8sServiceSelector }) => [
      ...k8sService ? [servicePeer(k8sService.namespace, k8sService.serviceName ?? "", void 0, namespace)] : [],
      ...k8sServiceSelector ? [servicePeer(k8sServiceSelector.namespace, void 0, k8sServiceSelector.selector, namespace)] : []
    ]),
    ...(names ?? []).flatMap(
      ({ matchName, matchPattern }) => [matchName, matchPattern].flatMap((text4) => text4 ? [{ kind: "fqdn", pattern: fqdnOf(text4) }] : [])
    )
  ];
}
function cidrsOf(set, groups2, missing) {
  const { cidr, cidrGroupRef: ref, cidrGroupSelector: selector4 } = set;
  if (cidr) return [cidr];
  if (selector4) {
    const labels2 = readSelector(selector4).map(withSource);
    return groups2.filter((group2) => matchesLabels(labels2, group2.labels)).flatMap(({ cidrs }) => cidrs);
  }
  if (!ref) return [];
  const group = groups2.find(({ name }) => name === ref);
  if (!group) missing(ref);
  return group?.cidrs ?? [];
}
function servicePeer(stated, name, selector4, namespace) {
  return { kind: "service", namespace: stated || namespace, name, labels: readSelector(selector4).map(withSource) };
}
function fqdnOf(text4) {
  return text4.toLowerCase().replace(/\.$/, "");
}
function prefixOrIp(text4) {
  const ip = parseIp(text4);
  return ip === void 0 ? parsePrefix(text4) : { ip, length: ipBits(ip) };
}
function readPorts({ toPorts, icmps }) {
  if (!toPorts?.length && !icmps?.length) return void 0;
  const ports = (toPorts ?? []).flatMap(
    ({ ports: items }) => (
      // L7 rules without ports are of all ports
      items?.length ? items.map(readPort) : [{ protocol: "ANY" }]
    )
  );
  const types = (icmps ?? []).flatMap(
    ({ fields }) => (fields ?? []).flatMap(({ family, type }) => {
      const number2 = typeof type === "number" || /^\d+$/.test(type) ? Number(type) : icmpTypes[family ?? "IPv4"][type];
      return number2 === void 0 ? [] : [{ protocol: family === "IPv6" ? "ICMPv6" : "ICMP", port: number2 }];
    })
  );
  return [...ports, ...types];
}
function readPort({ port: port5, endPort, protocol: protocol4 = "ANY" }) {
  const common = { protocol: protocol4 };
  const text4 = String(port5 ?? "0");
  if (!/^\d+$/.test(text4)) return { ...common, name: text4 };
  const number2 = Number(text4);
  return number2 === 0 ? common : { ...common, port: number2, ...endPort ? { endPort } : {} };
}
var NAMESPACE_KEY, NAMESPACE_LABELS, unsupportedFields, l7Names, icmpTypes;
var init_cilium = __esm({
  "src/cluster/policy/cilium.ts"() {
    "use strict";
    init_addr();
    init_shape();
    init_match_labels();
    init_read();
    NAMESPACE_KEY = "io.kubernetes.pod.namespace";
    NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels.";
    unsupportedFields = ["fromNodes", "toNodes", "fromGroups", "toGroups"];
    l7Names = { http: "HTTP", kafka: "Kafka", dns: "DNS" };
    icmpTypes = {
      IPv4: {
        EchoReply: 0,
        DestinationUnreachable: 3,
        Redirect: 5,
        Echo: 8,
        EchoRequest: 8,
        RouterAdvertisement: 9,
        RouterSelection: 10,
        TimeExceeded: 11,
        ParameterProblem: 12,
        Timestamp: 13,
        TimestampReply: 14,
        Photuris: 40,
        ExtendedEchoRequest: 42,
        ExtendedEchoReply: 43
      },
      IPv6: {
        DestinationUnreachable: 1,
        PacketTooBig: 2,
        TimeExceeded: 3,
        ParameterProblem: 4,
        EchoRequest: 128,
        EchoReply: 129,
        RouterSolicitation: 133,
        RouterAdvertisement: 134,
        NeighborSolicitation: 135,
        NeighborAdvertisement: 136,
        RedirectMessage: 137
      }
    };
  }
});

// src/cluster/policy/model.ts
function policyTitle({ kind, namespace, name }) {
  return `${kind} ${namespace === void 0 ? "" : `${namespace}/`}${name}`;
}
var init_model = __esm({
  "src/cluster/policy/model.ts"() {
    "use strict";
  }
});

// src/cluster/policy/shapes.ts
var metadata, flag, port, protocol, expression, selector, npPeer, npPort, npRule, anpPods, anpPeer, anpPort, anpRule, adminPolicy, looseExpression, ciliumSelector, cidrSet, cidrOrIp, ciliumProtocol, entity, ciliumRule, ciliumSpec, cnpPort, cnpProtocol, cnpRule, clusterPolicy, ciliumPolicy, servicePort, backend, policyShapes;
var init_shapes = __esm({
  "src/cluster/policy/shapes.ts"() {
    "use strict";
    init_shape();
    metadata = open({ name: text, namespace: text });
    flag = { kind: "boolean" };
    port = whole(0, 65535);
    protocol = oneOf("TCP", "UDP", "SCTP");
    expression = open(
      { key: text, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"), values: list(text) },
      "key",
      "operator"
    );
    selector = open({ matchLabels: map(text), matchExpressions: list(expression) });
    npPeer = open({
      podSelector: selector,
      namespaceSelector: selector,
      ipBlock: open({ cidr: textOf("prefix"), except: list(textOf("prefix")) }, "cidr")
    });
    npPort = open({ protocol, port: either("a port number or name", port, text), endPort: port });
    npRule = open({ from: list(npPeer), to: list(npPeer), ports: list(npPort) });
    anpPods = open({ namespaceSelector: selector, podSelector: selector });
    anpPeer = open({
      namespaces: selector,
      pods: anpPods,
      networks: list(textOf("prefix")),
      nodes: selector,
      domainNames: list(text)
    });
    anpPort = open({
      portNumber: open({ protocol, port }, "port"),
      portRange: open({ protocol, start: port, end: port }, "start", "end"),
      namedPort: text
    });
    anpRule = open(
      {
        name: text,
        action: oneOf("Allow", "Deny", "Pass"),
        from: list(anpPeer),
        to: list(anpPeer),
        ports: list(anpPort)
      },
      "action"
    );
    adminPolicy = open(
      {
        metadata,
        spec: open(
          {
            priority: whole(0, 1e3),
            subject: open({ namespaces: selector, pods: anpPods }),
            ingress: list(anpRule),
            egress: list(anpRule)
          },
          "subject"
        )
      },
      "spec"
    );
    looseExpression = open(
      {
        key: text,
        operator: oneOf("In", "NotIn", "Exists", "DoesNotExist", "in", "notin", "exists", "doesnotexist"),
        values: list(text)
      },
      "key",
      "operator"
    );
    ciliumSelector = open({ matchLabels: map(text), matchExpressions: list(looseExpression) });
    cidrSet = list(
      open({
        cidr: textOf("prefix"),
        cidrGroupRef: text,
        cidrGroupSelector: ciliumSelector,
        except: list(textOf("prefix"))
      })
    );
    cidrOrIp = either("a prefix or an IP address", textOf("prefix"), textOf("ip"));
    ciliumProtocol = oneOf("TCP", "UDP", "SCTP", "ANY");
    entity = oneOf(
      ...["all", "world", "world-ipv4", "world-ipv6", "cluster", "cluster-mesh", "host", "init", "ingress", "unmanaged"],
      ...["remote-node", "health", "none", "kube-apiserver"]
    );
    ciliumRule = open({
      fromEndpoints: list(ciliumSelector),
      toEndpoints: list(ciliumSelector),
      fromRequires: list(ciliumSelector),
      toRequires: list(ciliumSelector),
      fromNodes: anything,
      toNodes: anything,
      fromGroups: anything,
      toGroups: anything,
      toServices: list(
        open({
          k8sService: open({ serviceName: text, namespace: text }),
          k8sServiceSelector: open({ selector: ciliumSelector, namespace: text })
        })
      ),
      toFQDNs: list(open({ matchName: text, matchPattern: text })),
      authentication: open({ mode: oneOf("disabled", "required", "test-always-fail") }),
      fromEntities: list(entity),
      toEntities: list(entity),
      fromCIDR: list(cidrOrIp),
      toCIDR: list(cidrOrIp),
      fromCIDRSet: cidrSet,
      toCIDRSet: cidrSet,
      toPorts: list(
        open({
          ports: list(open({ port: either("a port in quotes", text, port), endPort: port, protocol: ciliumProtocol })),
          rules: anything,
          serverNames: list(text),
          terminatingTLS: anything,
          originatingTLS: anything,
          listener: anything
        })
      ),
      icmps: list(
        open({
          fields: list(open({ family: oneOf("IPv4", "IPv6"), type: either("an ICMP type", whole(0, 255), text) }, "type"))
        })
      )
    });
    ciliumSpec = open({
      endpointSelector: ciliumSelector,
      nodeSelector: ciliumSelector,
      ingress: list(ciliumRule),
      egress: list(ciliumRule),
      ingressDeny: list(ciliumRule),
      egressDeny: list(ciliumRule),
      enableDefaultDeny: open({ ingress: flag, egress: flag }),
      description: text,
      labels: anything,
      log: anything
    });
    cnpPort = open({ number: port, range: open({ start: port, end: port }, "start", "end") });
    cnpProtocol = open({
      tcp: open({ destinationPort: cnpPort }),
      udp: open({ destinationPort: cnpPort }),
      sctp: open({ destinationPort: cnpPort }),
      destinationNamedPort: text
    });
    cnpRule = open(
      {
        name: text,
        action: oneOf("Accept", "Deny", "Pass"),
        from: list(anpPeer),
        to: list(anpPeer),
        protocols: list(cnpProtocol)
      },
      "action"
    );
    clusterPolicy = open(
      {
        metadata,
        spec: open(
          {
            tier: oneOf("Admin", "Baseline"),
            priority: whole(0, 1e3),
            subject: open({ namespaces: selector, pods: anpPods }),
            ingress: list(cnpRule),
            egress: list(cnpRule)
          },
          "subject",
          "tier"
        )
      },
      "spec"
    );
    ciliumPolicy = open({ metadata, spec: ciliumSpec, specs: list(ciliumSpec) });
    servicePort = open({ number: port, name: text });
    backend = open({ service: open({ name: text, port: servicePort }) });
    policyShapes = {
      NetworkPolicy: open({
        metadata,
        spec: open({
          podSelector: selector,
          policyTypes: list(oneOf("Ingress", "Egress")),
          ingress: list(npRule),
          egress: list(npRule)
        })
      }),
      AdminNetworkPolicy: adminPolicy,
      ClusterNetworkPolicy: clusterPolicy,
      CiliumCIDRGroup: open({ metadata: open({ name: text, labels: map(text) }), spec: open({ externalCIDRs: list(cidrOrIp) }) }),
      BaselineAdminNetworkPolicy: adminPolicy,
      CiliumNetworkPolicy: ciliumPolicy,
      CiliumClusterwideNetworkPolicy: ciliumPolicy,
      Ingress: open({
        metadata,
        spec: open({ defaultBackend: backend, rules: list(open({ http: open({ paths: list(open({ backend })) }) })) })
      }),
      Route: open({
        metadata,
        spec: open({
          to: open({ kind: text, name: text }),
          alternateBackends: list(open({ kind: text, name: text })),
          port: open({ targetPort: either("a port number or name", port, text) })
        })
      })
    };
  }
});

// src/cluster/policy/read.ts
var read_exports = {};
__export(read_exports, {
  isPolicyKind: () => isPolicyKind,
  nameOf: () => nameOf,
  placeIn: () => placeIn,
  readIngresses: () => readIngresses,
  readPolicies: () => readPolicies,
  readSelector: () => readSelector
});
function isPolicyKind(kind) {
  return Object.hasOwn(policyShapes, kind);
}
function readSelector(selector4) {
  return [
    ...Object.entries(selector4?.matchLabels ?? {}).map(
      ([key, value]) => ({ key, operator: "In", values: [value] })
    ),
    ...(selector4?.matchExpressions ?? []).map(
      ({ key, operator, values }) => ({
        key,
        operator: operators[operator.toLowerCase()],
        values: values ?? []
      })
    )
  ];
}
function readPolicies(objects, problems) {
  const byTitle = /* @__PURE__ */ new Map();
  const priorities = /* @__PURE__ */ new Map();
  const groups2 = readCidrGroups(objects);
  for (const object2 of objects) {
    noteUnread(object2, problems);
    const policies = readPolicy(object2, groups2, problems);
    const first = policies[0];
    if (!first) continue;
    const title = policyTitle(first);
    if (byTitle.has(title)) problems.note("warning", `${title} is defined twice: this one counts`, first.where);
    byTitle.set(title, policies);
  }
  const all = [...byTitle.values()].flat();
  for (const policy3 of all) {
    if (policy3.tier !== "network") {
      const rank = `${policy3.kind} ${policy3.tier} ${policy3.priority}`;
      const other = priorities.get(rank);
      if (other)
        problems.add(
          `${policyTitle(policy3)}: priority ${policy3.priority} is that of ${policyTitle(other)} too`,
          policy3.where,
          "which of two equal priorities wins is not defined"
        );
      priorities.set(rank, policy3);
    }
    for (const { what, where } of policy3.unsupported)
      problems.note("warning", `${policyTitle(policy3)}: ${what} is not evaluated`, where);
    for (const rule of [...policy3.ingress.rules, ...policy3.egress.rules])
      for (const assumption of rule.assumes)
        problems.note("warning", `${policyTitle(policy3)} ${rule.label}: ${assumption}`, rule.where);
  }
  return all;
}
function readPolicy(object2, groups2, problems) {
  switch (object2.kind) {
    case "NetworkPolicy":
      return [networkPolicy(object2)];
    case "AdminNetworkPolicy":
    case "BaselineAdminNetworkPolicy":
    case "ClusterNetworkPolicy":
      return [adminPolicy2(object2)];
    case "CiliumNetworkPolicy":
    case "CiliumClusterwideNetworkPolicy":
      return readCilium(object2, groups2, problems);
    default:
      return [];
  }
}
function placeIn({ document, path }, ...steps) {
  return lazyPosition(document, [...path, ...steps]);
}
function nameOf({ value }) {
  const metadata3 = isObject(value.metadata) ? value.metadata : {};
  return { name: String(metadata3.name), namespace: metadata3.namespace };
}
function networkPolicy(object2) {
  const { name, namespace = "default" } = nameOf(object2);
  const spec2 = object2.value.spec ?? {};
  const types = spec2.policyTypes?.length ? spec2.policyTypes : spec2.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  const side = (direction2, type) => {
    if (!types.includes(type)) return { defaultDeny: false, rules: [] };
    const rules = (spec2[direction2] ?? []).map((rule, i) => {
      const peers = direction2 === "ingress" ? rule.from : rule.to;
      return {
        action: "allow",
        // an empty list is a missing one
        peers: peers?.length ? peers.map((peer2) => npPeer2(peer2, namespace)) : void 0,
        ports: rule.ports?.length ? rule.ports.map(npPort2) : void 0,
        label: `${direction2}[${i}]`,
        assumes: [],
        where: placeIn(object2, "spec", direction2, i)
      };
    });
    return { defaultDeny: true, rules };
  };
  return {
    kind: "NetworkPolicy",
    name,
    namespace,
    tier: "network",
    priority: 0,
    subject: { kind: "pods", namespaces: namespace, pods: readSelector(spec2.podSelector) },
    ingress: side("ingress", "Ingress"),
    egress: side("egress", "Egress"),
    unsupported: [],
    where: placeIn(object2)
  };
}
function npPeer2({ podSelector: podSelector2, namespaceSelector, ipBlock }, namespace) {
  if (ipBlock)
    return {
      kind: "cidr",
      prefix: parsePrefix(ipBlock.cidr),
      except: (ipBlock.except ?? []).map((text4) => parsePrefix(text4))
    };
  return {
    kind: "pods",
    namespaces: namespaceSelector ? readSelector(namespaceSelector) : namespace,
    pods: readSelector(podSelector2)
  };
}
function npPort2({ protocol: protocol4, port: port5, endPort }) {
  const common = { protocol: protocol4 ?? "TCP" };
  if (port5 === void 0 || port5 === null) return common;
  if (typeof port5 === "string") return /^\d+$/.test(port5) ? { ...common, port: Number(port5) } : { ...common, name: port5 };
  return { ...common, port: port5, ...endPort ? { endPort } : {} };
}
function adminPolicy2(object2) {
  const kind = object2.kind;
  const spec2 = object2.value.spec;
  const unsupported = [];
  const side = (direction2) => ({
    defaultDeny: false,
    rules: (spec2[direction2] ?? []).map((rule, i) => {
      const where = placeIn(object2, "spec", direction2, i);
      const peers = (direction2 === "ingress" ? rule.from : rule.to) ?? [];
      for (const [j, peer2] of peers.entries())
        if (peer2.nodes || peer2.domainNames)
          unsupported.push({
            what: `${direction2}[${i}]: a peer by ${peer2.nodes ? "nodes" : "domainNames"}`,
            where: placeIn(object2, "spec", direction2, i, direction2 === "ingress" ? "from" : "to", j)
          });
      return {
        action: actions[rule.action],
        peers: peers.flatMap(anpPeers),
        ports: rule.ports?.length ? rule.ports.flatMap(anpPort2) : rule.protocols?.length ? rule.protocols.flatMap(cnpPorts) : void 0,
        label: `${direction2}[${i}]${rule.name ? ` ${rule.name}` : ""}`,
        assumes: [],
        where
      };
    })
  });
  return {
    kind,
    name: nameOf(object2).name,
    namespace: void 0,
    tier: kind === "AdminNetworkPolicy" || spec2.tier === "Admin" ? "admin" : "baseline",
    priority: spec2.priority ?? 0,
    subject: anpPeers(spec2.subject)[0] ?? { kind: "identity", labels: [] },
    ingress: side("ingress"),
    egress: side("egress"),
    unsupported,
    where: placeIn(object2)
  };
}
function anpPeers({ namespaces: namespaces2, pods: pods2, networks }) {
  if (namespaces2) return [{ kind: "pods", namespaces: readSelector(namespaces2), pods: [] }];
  if (pods2)
    return [{ kind: "pods", namespaces: readSelector(pods2.namespaceSelector), pods: readSelector(pods2.podSelector) }];
  return (networks ?? []).map((text4) => ({ kind: "cidr", prefix: parsePrefix(text4), except: [] }));
}
function anpPort2({ portNumber, portRange: portRange2, namedPort }) {
  if (portNumber) return [{ protocol: portNumber.protocol ?? "TCP", port: portNumber.port }];
  if (portRange2) return [{ protocol: portRange2.protocol ?? "TCP", port: portRange2.start, endPort: portRange2.end }];
  return namedPort ? [{ protocol: "ANY", name: namedPort }] : [];
}
function cnpPorts({ tcp, udp, sctp, destinationNamedPort }) {
  const of = (protocol4, item) => {
    if (!item) return [];
    const { number: number2, range } = item.destinationPort ?? {};
    if (range) return [{ protocol: protocol4, port: range.start, endPort: range.end }];
    return [number2 === void 0 ? { protocol: protocol4 } : { protocol: protocol4, port: number2 }];
  };
  const named2 = destinationNamedPort ? [{ protocol: "ANY", name: destinationNamedPort }] : [];
  return [...of("TCP", tcp), ...of("UDP", udp), ...of("SCTP", sctp), ...named2];
}
function readCidrGroups(objects) {
  return objects.flatMap(({ kind, value }) => {
    if (kind !== "CiliumCIDRGroup") return [];
    const { metadata: metadata3, spec: spec2 } = value;
    return [{ name: metadata3.name, labels: metadata3.labels ?? {}, cidrs: spec2?.externalCIDRs ?? [] }];
  });
}
function noteUnread({ kind, value, document, path }, problems) {
  const shape = policyShapes[kind];
  if (!shape || kind === "Ingress" || kind === "Route") return;
  const walk4 = (at2, item, own) => {
    if (own.kind === "list" && Array.isArray(item))
      for (const [i, one] of item.entries()) walk4([...at2, i], one, own.items);
    if (own.kind !== "object" || !isObject(item)) return;
    for (const [key, one] of Object.entries(item)) {
      const field = Object.hasOwn(own.fields, key) ? own.fields[key] : void 0;
      if (field) walk4([...at2, key], one, field.shape);
      else
        problems.note(
          "warning",
          `${kind}: no field ${key} is known here: not read`,
          lazyPosition(document, [...at2, key])
        );
    }
  };
  for (const key of ["spec", "specs"]) {
    const own = shape.kind === "object" ? shape.fields[key] : void 0;
    if (own) walk4([...path, key], value[key], own.shape);
  }
}
function readIngresses(objects) {
  return objects.flatMap((object2) => {
    const { namespace = "default" } = nameOf(object2);
    const where = placeIn(object2);
    const spec2 = object2.value.spec ?? {};
    if (object2.kind === "Route") {
      const { to, alternateBackends, port: port5 } = spec2;
      return [...to ? [to] : [], ...alternateBackends ?? []].flatMap(
        ({ kind, name }) => name && (kind ?? "Service") === "Service" ? [{ namespace, service: name, port: port5?.targetPort, where }] : []
      );
    }
    if (object2.kind !== "Ingress") return [];
    const { defaultBackend, rules } = spec2;
    const paths = (rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
    return [defaultBackend, ...paths.map((path) => path.backend)].flatMap((backend2) => {
      const service2 = backend2?.service;
      return service2?.name ? [{ namespace, service: service2.name, port: service2.port?.number ?? service2.port?.name, where }] : [];
    });
  });
}
var operators, actions;
var init_read = __esm({
  "src/cluster/policy/read.ts"() {
    "use strict";
    init_addr();
    init_shape();
    init_source();
    init_cilium();
    init_model();
    init_shapes();
    operators = {
      in: "In",
      notin: "NotIn",
      exists: "Exists",
      doesnotexist: "DoesNotExist"
    };
    actions = { Allow: "allow", Accept: "allow", Deny: "deny", Pass: "pass" };
  }
});

// src/cluster/pod-scheduling.ts
function schedulingOf(spec2) {
  const terms = spec2.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const nodeAffinity = terms?.map(({ matchExpressions, matchFields }) => [
    ...(matchExpressions ?? []).map((item) => ({ ...item, values: item.values ?? [], field: false })),
    ...(matchFields ?? []).map((item) => ({ ...item, values: item.values ?? [], field: true }))
  ]);
  const spread = spec2.topologySpreadConstraints?.map((item) => ({
    topologyKey: item.topologyKey ?? "",
    selector: item.labelSelector ? readSelector(item.labelSelector) : void 0,
    required: item.whenUnsatisfiable !== "ScheduleAnyway",
    maxSkew: item.maxSkew ?? 1
  }));
  const affinity2 = podTerms(spec2.affinity?.podAffinity);
  const antiAffinity = podTerms(spec2.affinity?.podAntiAffinity);
  const out2 = {
    ...nodeAffinity?.length ? { nodeAffinity } : {},
    ...spec2.tolerations?.length ? { tolerations: spec2.tolerations } : {},
    ...spread?.length ? { spread } : {},
    ...affinity2.length > 0 ? { affinity: affinity2 } : {},
    ...antiAffinity.length > 0 ? { antiAffinity } : {}
  };
  return Object.keys(out2).length === 0 ? void 0 : out2;
}
function podTerms(terms) {
  const one = (required3) => (term) => ({
    topologyKey: term.topologyKey ?? "",
    selector: term.labelSelector ? readSelector(term.labelSelector) : void 0,
    namespaces: term.namespaces ?? [],
    required: required3
  });
  return [
    ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(one(true)),
    ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(
      ({ podAffinityTerm }) => podAffinityTerm ? [one(false)(podAffinityTerm)] : []
    )
  ];
}
var init_pod_scheduling = __esm({
  "src/cluster/pod-scheduling.ts"() {
    "use strict";
    init_read();
  }
});

// src/cluster/kubernetes-pods.ts
function podTemplate(spec2) {
  const containers2 = spec2?.containers ?? [];
  const scheduling = spec2 && !spec2.nodeName ? schedulingOf(spec2) : void 0;
  const ports = containers2.flatMap(
    (container2) => (container2.ports ?? []).flatMap(
      (port5) => port5.containerPort ? [
        {
          ...port5.name ? { name: port5.name } : {},
          port: port5.containerPort,
          protocol: port5.protocol ?? "TCP",
          ...port5.hostPort ? { hostPort: port5.hostPort } : {},
          ...port5.hostIP ? { hostIP: port5.hostIP } : {}
        }
      ] : []
    )
  );
  return {
    ...spec2?.nodeName ? { node: spec2.nodeName } : {},
    ...spec2?.nodeSelector ? { nodeSelector: spec2.nodeSelector } : {},
    ...scheduling ? { scheduling } : {},
    ...spec2?.hostNetwork ? { hostNetwork: true } : {},
    serviceAccount: spec2?.serviceAccountName ?? spec2?.serviceAccount ?? "default",
    ports,
    containers: containers2.map(({ name, image }) => ({ name: name ?? "", image: image ?? "" }))
  };
}
function podSpec({ metadata: metadata3, spec: spec2, status }, where) {
  const ips = status?.podIPs?.map((item) => item.ip) ?? (status?.podIP ? [status.podIP] : []);
  const hostIPs = status?.hostIPs?.map((item) => item.ip) ?? (status?.hostIP ? [status.hostIP] : []);
  const ready2 = status?.conditions?.find((condition) => condition.type === "Ready");
  const owner = metadata3.ownerReferences?.[0];
  const controller = metadata3.ownerReferences?.find((reference) => reference.controller);
  return {
    ...podTemplate(spec2),
    name: metadata3.name,
    namespace: metadata3.namespace ?? "default",
    observed: true,
    where,
    ...metadata3.uid !== void 0 || status?.phase ? { live: true } : {},
    ...metadata3.namespace === "kube-system" ? serverFlags(spec2) : {},
    labels: metadata3.labels ?? {},
    annotations: metadata3.annotations ?? {},
    ...ips.length > 0 ? { ips } : {},
    ...hostIPs.length > 0 ? { hostIPs } : {},
    // a manifest has no status: such a pod is about to run
    ...status?.phase ? { phase: status.phase } : {},
    ...ready2 ? { ready: ready2.status === "True" } : {},
    ...metadata3.deletionTimestamp ? { terminating: true } : {},
    ...metadata3.creationTimestamp ? { createdAt: metadata3.creationTimestamp } : {},
    ...controller?.name ? { controller: { kind: controller.kind ?? "", name: controller.name } } : {},
    ...owner?.kind && owner.name ? { owner: ownerOf(owner.kind, owner.name, metadata3.labels ?? {}) } : {}
  };
}
function serverFlags(spec2) {
  const servers = (spec2?.containers ?? []).filter(
    ({ name }) => name === "kube-apiserver" || name === "kube-controller-manager"
  );
  return servers.length === 0 ? {} : { flags: servers.flatMap(({ command, args }) => [...command ?? [], ...args ?? []]) };
}
function ownerOf(kind, name, labels2) {
  const hash = labels2["pod-template-hash"];
  if (kind === "ReplicaSet" && hash && name.endsWith(`-${hash}`))
    return { kind: "Deployment", name: name.slice(0, -hash.length - 1) };
  return { kind, name };
}
var init_kubernetes_pods = __esm({
  "src/cluster/kubernetes-pods.ts"() {
    "use strict";
    init_pod_scheduling();
  }
});

// src/cluster/workloads.ts
var workloads_exports = {};
__export(workloads_exports, {
  expandWorkloads: () => expandWorkloads,
  isWorkload: () => isWorkload,
  suffix: () => suffix,
  workloadTemplates: () => workloadTemplates
});
function isWorkload(kind) {
  return kinds.some((name) => name === kind);
}
function suffix(text4, length) {
  let bits = hash53(text4);
  let out2 = "";
  for (let i = 0; i < length; i++) {
    out2 += ALPHABET[bits % ALPHABET.length];
    bits = Math.floor(bits / ALPHABET.length);
  }
  return out2;
}
function expandWorkloads(all, pods2, nodes2, problems) {
  const byKey = new Map(all.map((item) => [keyOf(item.object.kind, item.object.metadata), item]));
  const owned = ownersOf(pods2, byKey);
  const dumped = pods2.some((pod2) => pod2.live);
  const out2 = [];
  let [idle, total] = [0, 0];
  for (const [key, { object: object2, where }] of byKey) {
    const { metadata: metadata3 } = object2;
    if (owned.has(key) || hasOwner(object2, byKey)) continue;
    if (dumped && metadata3.uid !== void 0) {
      idle++;
      continue;
    }
    total += sizeOf(object2, nodes2);
    if (total > MAX_PODS) {
      problems.add(`${key}: with its pods there are more than ${MAX_PODS.toLocaleString("en")}`, where);
      break;
    }
    out2.push(...expandWorkload(object2, where, nodes2));
  }
  if (idle > 0)
    problems.note(
      "inferred",
      `${idle} workload${idle === 1 ? " has" : "s have"} no pods: the dump lists none of theirs`
    );
  if (out2.length > 0)
    problems.note("inferred", `${out2.length} pods of ${workloadsOf(out2)}, as their controllers make them`);
  return out2;
}
function workloadTemplates(all, pods2) {
  const byKey = new Map(all.map((item) => [keyOf(item.object.kind, item.object.metadata), item]));
  const owned = ownersOf(pods2, byKey);
  return [...byKey].flatMap(([key, { object: object2, where }]) => {
    if (owned.has(key) || hasOwner(object2, byKey)) return [];
    const active = { replicas: 1, parallelism: 1, completions: 1, suspend: false };
    const { jobTemplate } = object2.spec ?? {};
    const job = jobTemplate && { jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, ...active } } };
    const [pod2] = expandWorkload({ ...object2, spec: { ...object2.spec, ...active, ...job } }, where, [""]);
    if (!pod2) return [];
    const { node: _, daemon: __, ...template4 } = pod2;
    return [template4];
  });
}
function workloadsOf(pods2) {
  const count2 = new Set(pods2.map(({ owner, namespace }) => `${owner?.kind} ${namespace}/${owner?.name}`)).size;
  return `${count2} workload${count2 === 1 ? "" : "s"}`;
}
function keyOf(kind, { namespace, name }) {
  return `${kind} ${namespace ?? "default"}/${name}`;
}
function ownersOf(pods2, byKey) {
  const owned = /* @__PURE__ */ new Set();
  const climb = (key) => {
    if (owned.has(key)) return;
    owned.add(key);
    const own = byKey.get(key)?.object.metadata;
    for (const { kind, name } of own?.ownerReferences ?? []) if (kind && name) climb(keyOf(kind, { ...own, name }));
  };
  for (const { owner, controller, namespace } of pods2)
    for (const above of [owner, controller])
      if (above) climb(keyOf(above.kind, { ...namespace === void 0 ? {} : { namespace }, name: above.name }));
  return owned;
}
function hasOwner({ metadata: metadata3 }, byKey) {
  return (metadata3.ownerReferences ?? []).some(
    ({ kind, name }) => kind !== void 0 && name !== void 0 && byKey.has(keyOf(kind, { ...metadata3, name }))
  );
}
function sizeOf(workload2, nodes2) {
  const spec2 = workload2.spec?.jobTemplate?.spec ?? workload2.spec;
  if (workload2.kind === "DaemonSet") return nodes2.length;
  return workload2.kind.endsWith("Job") ? jobPods(spec2) : spec2?.replicas ?? 1;
}
function jobPods(spec2) {
  return Math.min(spec2?.parallelism ?? 1, spec2?.completions ?? Number.MAX_SAFE_INTEGER);
}
function expandWorkload(workload2, where, nodes2) {
  const { kind, metadata: metadata3 } = workload2;
  const spec2 = workload2.spec?.jobTemplate?.spec ?? workload2.spec;
  if (workload2.spec?.suspend || spec2?.suspend) return [];
  const name = metadata3.name;
  const namespace = metadata3.namespace ?? "default";
  const key = `${kind} ${namespace}/${name}`;
  const hash = suffix(key, 10);
  const labels2 = {
    ...spec2?.template?.metadata?.labels,
    ...kind === "Deployment" ? { "pod-template-hash": hash } : {}
  };
  const base = {
    ...podTemplate(spec2?.template?.spec),
    namespace,
    where,
    annotations: spec2?.template?.metadata?.annotations ?? {},
    owner: { kind, name }
  };
  const one = (podName, extra = {}) => ({ ...base, name: podName, labels: labels2, ...extra });
  const count2 = (n, nameOf5) => Array.from({ length: n }, (_, i) => one(nameOf5(i)));
  switch (kind) {
    case "StatefulSet":
      return count2(spec2?.replicas ?? 1, (i) => `${name}-${(spec2?.ordinals?.start ?? 0) + i}`).map((pod2) => ({
        ...pod2,
        labels: {
          ...labels2,
          "statefulset.kubernetes.io/pod-name": pod2.name,
          "apps.kubernetes.io/pod-index": pod2.name.slice(name.length + 1)
        }
      }));
    case "DaemonSet":
      return nodes2.map((node2) => one(`${name}-${suffix(`${key} ${node2}`, 5)}`, { node: node2, daemon: true }));
    case "Deployment":
      return count2(spec2?.replicas ?? 1, (i) => `${name}-${hash}-${suffix(`${key} ${i}`, 5)}`);
    case "Job":
    case "CronJob":
      return count2(jobPods(spec2), (i) => `${name}-${suffix(`${key} ${i}`, 5)}`).map(
        (pod2) => (
          // jobs of a CronJob have the time of their run in their names
          kind === "CronJob" ? pod2 : { ...pod2, labels: { ...labels2, "batch.kubernetes.io/job-name": name, "job-name": name } }
        )
      );
    default:
      return count2(spec2?.replicas ?? 1, (i) => `${name}-${suffix(`${key} ${i}`, 5)}`);
  }
}
var kinds, ALPHABET, MAX_PODS;
var init_workloads = __esm({
  "src/cluster/workloads.ts"() {
    "use strict";
    init_hash();
    init_kubernetes_pods();
    kinds = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob"];
    ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    MAX_PODS = 5e5;
  }
});

// src/cluster/spec.ts
function manifestKey({
  kind,
  namespace,
  name
}) {
  return `${kind} ${typeof namespace === "string" && namespace !== "" ? namespace : "default"}/${name}`;
}
function keyOf2(spec2) {
  return `${spec2.namespace ?? "default"}/${spec2.name}`;
}
var profiles;
var init_spec = __esm({
  "src/cluster/spec.ts"() {
    "use strict";
    profiles = ["cilium", "kube-proxy", "aks-overlay"];
  }
});

// src/control/identity.ts
function aggregateIdentity(identity2, clusterId) {
  const r = reservedIdentities;
  if (identity2 >= r.cluster && identity2 <= r.aggregateRemoteNode) return identity2;
  if (identity2 < FIRST_AGGREGATED) return r.unknown;
  const scope = identity2 >>> 24;
  if (scope === 1) return r.aggregateWorld;
  if (scope === 2) return r.aggregateRemoteNode;
  return (identity2 >>> 16) % 256 === clusterId ? r.cluster : r.clusterMesh;
}
var reservedIdentities, FIRST_AGGREGATED;
var init_identity = __esm({
  "src/control/identity.ts"() {
    "use strict";
    reservedIdentities = {
      unknown: 0,
      host: 1,
      world: 2,
      unmanaged: 3,
      health: 4,
      init: 5,
      remoteNode: 6,
      kubeApiserver: 7,
      ingress: 8,
      worldIpv4: 9,
      worldIpv6: 10,
      /** Policy map aggregates: never on a packet. */
      cluster: 11,
      clusterMesh: 12,
      aggregateWorld: 13,
      aggregateRemoteNode: 14
    };
    FIRST_AGGREGATED = 100;
  }
});

// src/control/lpm.ts
function createLpm() {
  const levels4 = [];
  const levels6 = [];
  function levelOf(levels, length) {
    let at2 = 0;
    while (at2 < levels.length && levels[at2].length > length) at2++;
    if (levels[at2]?.length !== length)
      levels.splice(at2, 0, { length, mask: length === 0 ? 0 : -1 << 32 - length, entries: /* @__PURE__ */ new Map() });
    return levels[at2];
  }
  return {
    insert({ ip, length }, value) {
      if (length < 0 || length > ipBits(ip)) throw new Error(`prefix length ${length}`);
      levelOf(isIp4(ip) ? levels4 : levels6, length).entries.set(maskIp(ip, length), value);
    },
    lookup(ip) {
      if (isIp4(ip)) {
        for (const level of levels4) {
          const found2 = level.entries.get((ip & level.mask) >>> 0);
          if (found2 !== void 0) return found2;
        }
        return void 0;
      }
      for (const level of levels6) {
        const found2 = level.entries.get(level.length === 128 ? ip : maskIp(ip, level.length));
        if (found2 !== void 0) return found2;
      }
      return void 0;
    },
    lookupShorter(ip, length) {
      for (const level of isIp4(ip) ? levels4 : levels6) {
        const found2 = level.length < length ? level.entries.get(maskIp(ip, level.length)) : void 0;
        if (found2 !== void 0) return found2;
      }
      return void 0;
    },
    get({ ip, length }) {
      const level = (isIp4(ip) ? levels4 : levels6).find((candidate) => candidate.length === length);
      return level?.entries.get(maskIp(ip, length));
    }
  };
}
var init_lpm = __esm({
  "src/control/lpm.ts"() {
    "use strict";
    init_addr();
  }
});

// src/cluster/policy/fqdn.ts
function matchesName(pattern, name) {
  if (pattern === "*") return true;
  const [wanted, labels2] = [pattern.split("."), name.split(".")];
  if (wanted[0] !== "**") return matchesLabels2(wanted, labels2);
  const rest = wanted.slice(1);
  return labels2.length > rest.length && matchesLabels2(rest, labels2.slice(labels2.length - rest.length));
}
function matchesLabels2(wanted, labels2) {
  return wanted.length === labels2.length && wanted.every((pattern, i) => matchesLabel(pattern, labels2[i]));
}
function matchesLabel(pattern, label) {
  let [p, at2, star, taken] = [0, 0, -1, 0];
  while (at2 < label.length) {
    if (pattern[p] === "*") {
      star = p++;
      taken = at2;
    } else if (pattern[p] === label[at2]) {
      p++;
      at2++;
    } else if (star >= 0) {
      p = star + 1;
      at2 = ++taken;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
var init_fqdn = __esm({
  "src/cluster/policy/fqdn.ts"() {
    "use strict";
  }
});

// src/cluster/policy/cidr-identities.ts
function cidrIdentities({ policies, services: services2, names, dualStack }) {
  const found2 = /* @__PURE__ */ new Map();
  const add = (prefix, pattern) => {
    if (prefix.length === 0) return;
    const key = formatPrefix(prefix);
    let entry = found2.get(key);
    if (!entry) found2.set(key, entry = { prefix, patterns: /* @__PURE__ */ new Set() });
    if (pattern !== void 0) entry.patterns.add(pattern);
  };
  const host3 = (ip) => ({ ip, length: ipBits(ip) });
  for (const peer2 of peersOf(policies)) {
    if (peer2.kind === "cidr") for (const prefix of [peer2.prefix, ...peer2.except]) add(networkOf(prefix));
    if (peer2.kind === "service") {
      for (const service2 of servicesOf(peer2, services2))
        if (!service2.selector) for (const { ip } of service2.backends) add(host3(ip));
    }
    if (peer2.kind === "fqdn") {
      for (const { name, ips } of names)
        if (matchesName(peer2.pattern, name)) for (const ip of ips) add(host3(ip), peer2.pattern);
    }
  }
  return [...found2.values()].map(({ prefix, patterns }, i) => {
    const world = dualStack ? `reserved:world-ipv${isIp4(prefix.ip) ? 4 : 6}` : "reserved:world";
    const text4 = formatPrefix(prefix).replaceAll(":", "-");
    return { id: FIRST + i, labels: [`cidr:${text4}`, ...[...patterns].sort().map((name) => `fqdn:${name}`), world] };
  });
}
function peersOf(policies) {
  return policies.filter(({ tier }) => tier === "network").flatMap(({ ingress, egress }) => [...ingress.rules, ...egress.rules].flatMap(({ peers }) => peers ?? []));
}
function servicesOf(peer2, services2) {
  return services2.filter(
    ({ name, namespace, labels: labels2 }) => (peer2.namespace === void 0 || peer2.namespace === namespace) && (peer2.name === void 0 ? matchesLabels(peer2.labels, labels2) : peer2.name === name)
  );
}
var FIRST;
var init_cidr_identities = __esm({
  "src/cluster/policy/cidr-identities.ts"() {
    "use strict";
    init_addr();
    init_fqdn();
    init_match_labels();
    FIRST = 16777217;
  }
});

// src/control/policy/select.ts
function parseIdentityLabels(labels2) {
  return new Map(
    labels2.map((label) => {
      const colon = label.indexOf(":");
      const equals2 = label.indexOf("=", colon);
      const key = equals2 < 0 ? label.slice(colon + 1) : label.slice(colon + 1, equals2);
      return [key, { source: label.slice(0, colon), value: equals2 < 0 ? "" : label.slice(equals2 + 1) }];
    })
  );
}
function matchesIdentity(selector4, labels2) {
  return selector4.every((requirement) => {
    const label = labels2.get(requirement.key);
    const fits3 = label && (requirement.source === void 0 || requirement.source === label.source);
    return holds(requirement, fits3 ? label.value : void 0);
  });
}
var init_select = __esm({
  "src/control/policy/select.ts"() {
    "use strict";
    init_match_labels();
  }
});

// src/control/policy/identity-peers.ts
function cidrIdentitiesOf({ identities }) {
  return identities.flatMap(({ id, labels: labels2 }) => {
    const cidr = labels2.find((label) => label.startsWith("cidr:"));
    const prefix = cidr && id >>> 24 === 1 ? parsePrefix(cidr.slice("cidr:".length).replaceAll("-", ":")) : void 0;
    return prefix ? [{ id, prefix }] : [];
  });
}
function createPeerIdentities(cluster) {
  const labels2 = new Map(
    cluster.identities.map((identity2) => [identity2.id, parseIdentityLabels(identity2.labels)])
  );
  const cidrs = cidrIdentitiesOf(cluster);
  const known3 = /* @__PURE__ */ new Map();
  const isPod = (id) => id >= 100 && id >>> 24 === 0;
  const select = (selector4) => [...labels2].filter(([, own]) => matchesIdentity(selector4, own)).map(([id]) => id);
  const dual = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;
  function find(peer2) {
    switch (peer2.kind) {
      case "entity":
        return entityIds(peer2.entity, [...labels2.keys()], cidrs, isPod);
      case "identity":
        return peer2.labels.length === 0 ? everyone : select(peer2.labels);
      case "pods":
        return select(podSelector(peer2)).filter(isPod);
      case "cidr":
        return cidrIds(peer2, cidrs, dual);
      case "fqdn":
        return select([{ source: "fqdn", key: peer2.pattern, operator: "Exists", values: [] }]);
      case "service":
        return serviceIds(peer2);
    }
  }
  function serviceIds(peer2) {
    return servicesOf(peer2, cluster.services).flatMap(({ namespace, selector: selector4, backends }) => {
      if (selector4) {
        const pods2 = Object.entries(selector4).map(
          ([key, value]) => ({ key, operator: "In", values: [value] })
        );
        return select(podSelector({ kind: "pods", namespaces: namespace, pods: pods2 })).filter(isPod);
      }
      const ips = new Set(backends.map(({ ip }) => ip));
      return cidrs.filter(({ prefix }) => prefix.length === ipBits(prefix.ip) && ips.has(prefix.ip)).map(({ id }) => id);
    });
  }
  return {
    of(peer2) {
      let ids = known3.get(peer2);
      if (!ids) {
        const found2 = find(peer2);
        ids = found2 === everyone ? everyone : new Set(found2);
        known3.set(peer2, ids);
      }
      return ids;
    },
    governs(subject, identity2) {
      const own = labels2.get(identity2);
      if (!own || !isPod(identity2)) return false;
      if (subject.kind === "identity") return matchesIdentity(subject.labels, own);
      return subject.kind === "pods" && matchesIdentity(podSelector(subject), own);
    }
  };
}
function podSelector({ namespaces: namespaces2, pods: pods2 }) {
  const source = "k8s";
  const own = pods2.map((requirement) => ({ ...requirement, source }));
  if (typeof namespaces2 === "string")
    return [...own, { source, key: NAMESPACE_KEY2, operator: "In", values: [namespaces2] }];
  return [
    ...own,
    // pods of any namespace, and nothing that is no pod
    { source, key: NAMESPACE_KEY2, operator: "Exists", values: [] },
    ...namespaces2.map((requirement) => ({ ...requirement, source, key: NAMESPACE_LABELS2 + requirement.key }))
  ];
}
function cidrIds(peer2, cidrs, dual) {
  const inside = (outer, inner) => isIp4(outer.ip) === isIp4(inner.ip) && outer.length <= inner.length && prefixContains(outer, inner.ip);
  const ids = cidrs.filter(({ prefix }) => inside(peer2.prefix, prefix) && !peer2.except.some((hole) => inside(hole, prefix))).map(({ id }) => id);
  if (peer2.prefix.length > 0) return ids;
  if (!dual) return [reservedIdentities.world, ...ids];
  return [isIp4(peer2.prefix.ip) ? reservedIdentities.worldIpv4 : reservedIdentities.worldIpv6, ...ids];
}
function entityIds(entity2, all, cidrs, isPod) {
  const world = [reservedIdentities.world, reservedIdentities.worldIpv4, reservedIdentities.worldIpv6];
  switch (entity2) {
    case "all":
      return everyone;
    case "world":
      return [...world, reservedIdentities.aggregateWorld, ...cidrs.map(({ id }) => id)];
    case "world-ipv4":
    case "world-ipv6": {
      const four = entity2 === "world-ipv4";
      return [
        four ? reservedIdentities.worldIpv4 : reservedIdentities.worldIpv6,
        ...cidrs.filter(({ prefix }) => isIp4(prefix.ip) === four).map(({ id }) => id)
      ];
    }
    case "cluster":
    case "cluster-mesh": {
      const parts = [
        ...[reservedIdentities.host, reservedIdentities.remoteNode, reservedIdentities.kubeApiserver, reservedIdentities.init, reservedIdentities.ingress],
        ...[reservedIdentities.health, reservedIdentities.unmanaged, reservedIdentities.cluster]
      ];
      if (entity2 === "cluster-mesh") parts.push(reservedIdentities.clusterMesh);
      return [...parts, ...all.filter(isPod)];
    }
    case "host":
      return [reservedIdentities.host];
    case "remote-node":
      return [reservedIdentities.remoteNode, reservedIdentities.kubeApiserver, reservedIdentities.aggregateRemoteNode];
    case "kube-apiserver":
      return [reservedIdentities.kubeApiserver];
    case "health":
      return [reservedIdentities.health];
    case "init":
      return [reservedIdentities.init];
    case "ingress":
      return [reservedIdentities.ingress];
    case "unmanaged":
      return [reservedIdentities.unmanaged];
    default:
      return [];
  }
}
var NAMESPACE_KEY2, NAMESPACE_LABELS2, everyone;
var init_identity_peers = __esm({
  "src/control/policy/identity-peers.ts"() {
    "use strict";
    init_cidr_identities();
    init_addr();
    init_identity();
    init_select();
    NAMESPACE_KEY2 = "io.kubernetes.pod.namespace";
    NAMESPACE_LABELS2 = "io.cilium.k8s.namespace.labels.";
    everyone = /* @__PURE__ */ new Set([
      reservedIdentities.unknown,
      reservedIdentities.cluster,
      reservedIdentities.clusterMesh,
      reservedIdentities.aggregateWorld,
      reservedIdentities.aggregateRemoteNode
    ]);
  }
});

// src/control/hash.ts
function rol(x, n) {
  return x << n | x >>> 32 - n;
}
function mix() {
  a = a - c ^ rol(c, 4) | 0;
  c = c + b | 0;
  b = b - a ^ rol(a, 6) | 0;
  a = a + c | 0;
  c = c - b ^ rol(b, 8) | 0;
  b = b + a | 0;
  a = a - c ^ rol(c, 16) | 0;
  c = c + b | 0;
  b = b - a ^ rol(a, 19) | 0;
  a = a + c | 0;
  c = c - b ^ rol(b, 4) | 0;
  b = b + a | 0;
}
function final() {
  c = (c ^ b) - rol(b, 14) | 0;
  a = (a ^ c) - rol(c, 11) | 0;
  b = (b ^ a) - rol(a, 25) | 0;
  c = (c ^ b) - rol(b, 16) | 0;
  a = (a ^ c) - rol(c, 4) | 0;
  b = (b ^ a) - rol(a, 14) | 0;
  c = (c ^ b) - rol(b, 24) | 0;
  return c >>> 0;
}
function jhashWords(x, y, z, initval) {
  a = x + initval | 0;
  b = y + initval | 0;
  c = z + initval | 0;
  return final();
}
function jhash3words(x, y, z, initval) {
  return jhashWords(x, y, z, initval + JHASH_INITVAL + 12);
}
function swap16(v) {
  return (v & 255) << 8 | v >>> 8;
}
function swap32(v) {
  return (v & 255) << 24 | (v & 65280) << 8 | v >>> 8 & 65280 | v >>> 24;
}
function lbHash4(saddr, dport, sport, protocol4, seed) {
  return jhash3words(swap32(saddr), swap16(dport) << 16 | swap16(sport), protocol4, seed);
}
function lbHash6(saddr, dport, sport, protocol4, seed) {
  a = word6(saddr, 0);
  b = word6(saddr, 1);
  c = word6(saddr, 2);
  mix();
  a = a + word6(saddr, 3) | 0;
  b = b + (swap16(dport) << 16 | swap16(sport)) | 0;
  c = c + protocol4 | 0;
  mix();
  a = a + seed | 0;
  return final();
}
function lbHash(saddr, dport, sport, protocol4, seed) {
  return isIp4(saddr) ? lbHash4(saddr, dport, sport, protocol4, seed) : lbHash6(saddr, dport, sport, protocol4, seed);
}
function word6(ip, n) {
  return swap16(ip.charCodeAt(2 * n)) | swap16(ip.charCodeAt(2 * n + 1)) << 16;
}
function rol64(x, n) {
  return (x << n | x >> 64n - n) & MASK;
}
function fmix64(k) {
  let x = k ^ k >> 33n;
  x = x * 0xff51afd7ed558ccdn & MASK;
  x ^= x >> 33n;
  x = x * 0xc4ceb9fe1a85ec53n & MASK;
  return x ^ x >> 33n;
}
function load64(bytes, o, end2) {
  let v = 0n;
  for (let i = Math.min(end2, o + 8) - 1; i >= o; i--) v = v << 8n | BigInt(bytes[i]);
  return v;
}
function murmur3x64128(bytes, seed) {
  let h1 = BigInt(seed);
  let h2 = h1;
  const blocks = bytes.length & ~15;
  for (let o = 0; o < blocks; o += 16) {
    h1 ^= rol64(load64(bytes, o, blocks) * C1 & MASK, 31n) * C2 & MASK;
    h1 = (rol64(h1, 27n) + h2) * 5n + 0x52dce729n & MASK;
    h2 ^= rol64(load64(bytes, o + 8, blocks) * C2 & MASK, 33n) * C1 & MASK;
    h2 = (rol64(h2, 31n) + h1) * 5n + 0x38495ab5n & MASK;
  }
  h2 ^= rol64(load64(bytes, blocks + 8, bytes.length) * C2 & MASK, 33n) * C1 & MASK;
  h1 ^= rol64(load64(bytes, blocks, bytes.length) * C1 & MASK, 31n) * C2 & MASK;
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = h1 + h2 & MASK;
  h2 = h2 + h1 & MASK;
  h1 = fmix64(h1);
  h2 = fmix64(h2);
  h1 = h1 + h2 & MASK;
  return [h1, h2 + h1 & MASK];
}
var JHASH_INITVAL, a, b, c, MASK, C1, C2;
var init_hash2 = __esm({
  "src/control/hash.ts"() {
    "use strict";
    init_addr();
    JHASH_INITVAL = 3735928559;
    a = 0;
    b = 0;
    c = 0;
    MASK = 0xffffffffffffffffn;
    C1 = 0x87c37b91114253d5n;
    C2 = 0x4cf5ad432745937fn;
  }
});

// src/control/egress.ts
function hasEgressGateway({ raw, bpfMasquerade, kubeProxyReplacement }) {
  const wanted = raw["enable-egress-gateway"] ?? raw["enable-ipv4-egress-gateway"];
  return wanted === "true" && bpfMasquerade && kubeProxyReplacement;
}
function nodeEgress(cluster, node2, devices) {
  const bySource = /* @__PURE__ */ new Map();
  const policies = hasEgressGateway(cluster.cilium) ? cluster.egressPolicies ?? [] : [];
  for (const policy3 of policies) {
    const gateways2 = gatewaysOf(policy3, cluster, node2, devices);
    for (const pod2 of cluster.pods)
      if (isMeant(policy3, cluster, pod2)) for (const ip of pod2.ips) addPod(bySource, policy3, ip, chosen(gateways2, pod2));
  }
  const entries = [...bySource.values()].flat();
  for (const list3 of bySource.values()) list3.sort((a2, b2) => b2.destination.length - a2.destination.length);
  return {
    entries,
    lookup: (source, destination2) => bySource.get(source)?.find((e) => prefixContains(e.destination, destination2))
  };
}
function addPod(bySource, { destinations, excluded }, source, gateway2) {
  if (!isIp4(source)) return;
  const list3 = bySource.get(source) ?? [];
  bySource.set(source, list3);
  const add = (prefix, gatewayIp) => {
    if (!isIp4(prefix.ip)) return;
    const at2 = list3.findIndex(({ destination: d }) => d.ip === prefix.ip && d.length === prefix.length);
    list3.splice(at2 < 0 ? list3.length : at2, at2 < 0 ? 0 : 1, { source, destination: prefix, ...gateway2, gatewayIp });
  };
  for (const prefix of destinations) add(prefix, gateway2.gatewayIp);
  for (const prefix of excluded) add(prefix, egressValues.excluded);
}
function isMeant({ selectors }, { namespaces: namespaces2, nodes: nodes2 }, pod2) {
  if (pod2.hostNetwork || pod2.node === void 0 || pod2.phase === "Succeeded" || pod2.phase === "Failed") return false;
  const namespace = namespaces2.find(({ name }) => name === pod2.namespace)?.labels ?? {};
  const node2 = nodes2.find(({ name }) => name === pod2.node)?.labels ?? {};
  return selectors.some(
    (selector4) => matchesLabels(selector4.pods, pod2.labels) && matchesLabels(selector4.namespaces, namespace) && matchesLabels(selector4.nodes, node2)
  );
}
function gatewaysOf({ gateways: gateways2 }, { nodes: nodes2 }, node2, devices) {
  const sorted = [...nodes2].sort((a2, b2) => a2.name < b2.name ? -1 : 1);
  const found2 = gateways2.flatMap((gateway2) => {
    const selected = sorted.find((candidate) => matchesLabels(gateway2.nodes, candidate.labels));
    const gatewayIp = selected?.ips.find(isIp4);
    if (gatewayIp === void 0) return [];
    return [{ gatewayIp, ...selected === node2 ? ownAddress(gateway2, devices) : elsewhere }];
  });
  if (found2.length === 0) return [{ gatewayIp: egressValues.noGateway, ...elsewhere }];
  return found2.sort((a2, b2) => compareIp(a2.gatewayIp, b2.gatewayIp));
}
function ownAddress({ device: name, egressIp }, devices) {
  const first = (device2) => device2?.addresses.find(({ prefix }) => isIp4(prefix.ip))?.prefix.ip;
  if (name === void 0 && egressIp !== void 0) {
    const holds2 = devices.some(({ addresses: addresses3 }) => addresses3.some(({ prefix }) => prefix.ip === egressIp));
    return { egressIp: holds2 ? egressIp : egressValues.noEgressIp, ifindex: 0 };
  }
  const device = devices.find((d) => name === void 0 ? d.kind === "physical" : d.name === name);
  return { egressIp: first(device) ?? egressValues.noEgressIp, ifindex: device?.ifindex ?? 0 };
}
function chosen(gateways2, pod2) {
  if (gateways2.length === 1) return gateways2[0];
  const text4 = `${pod2.namespace}/${pod2.name} ${pod2.ips.map(formatIp).join(" ")}`;
  const [hash] = murmur3x64128(new TextEncoder().encode(text4), 0);
  return gateways2[Number(hash % BigInt(gateways2.length))];
}
var egressValues, elsewhere;
var init_egress = __esm({
  "src/control/egress.ts"() {
    "use strict";
    init_match_labels();
    init_addr();
    init_hash2();
    egressValues = { noGateway: 0, excluded: 1, noEgressIp: 0 };
    elsewhere = { egressIp: egressValues.noEgressIp, ifindex: 0 };
  }
});

// src/control/tunnel.ts
function hasTunnelDevice(config) {
  const { routingMode, lbMode, dsrDispatch, kubeProxyReplacement } = config;
  const dsr = kubeProxyReplacement && lbMode !== "snat" && dsrDispatch === "geneve";
  return routingMode === "tunnel" || dsr || hasEgressGateway(config);
}
var init_tunnel = __esm({
  "src/control/tunnel.ts"() {
    "use strict";
    init_egress();
  }
});

// src/control/ipcache.ts
function worldIdentity(config, family) {
  if (!config.enableIpv4 || !config.enableIpv6) return reservedIdentities.world;
  return family === 4 ? reservedIdentities.worldIpv4 : reservedIdentities.worldIpv6;
}
function remoteNodeIdentity(node2) {
  return node2.apiserver ? reservedIdentities.kubeApiserver : reservedIdentities.remoteNode;
}
function tunnelAddress(node2) {
  return node2.ips.find(isIp4) ?? node2.ips[0];
}
function enabled(config, ip) {
  return isIp4(ip) ? config.enableIpv4 : config.enableIpv6;
}
function nodeIpcache(cluster, node2, podsOfNode) {
  let shared = known.get(cluster);
  if (!shared) known.set(cluster, shared = sharedEntries(cluster, podsOfNode));
  const { lpm, entries, cidrs } = shared;
  const own = /* @__PURE__ */ new Map();
  for (const entry of nodeEntries(cluster.cilium, node2, podsOfNode.get(node2.name) ?? [], true))
    own.set(entry.prefix.ip, entry);
  const hidden = tunnelled(cluster.cilium) ? node2.podCidrs.map(network) : [];
  const hides = (prefix) => hidden.some((cidr) => samePrefix(cidr, prefix));
  const named2 = hidden.flatMap((cidr) => {
    const id = cidrs.find(({ prefix }) => samePrefix(network(prefix), cidr))?.id;
    return id === void 0 || !enabled(cluster.cilium, cidr.ip) ? [] : [makeEntry(cluster.cilium, cidr, id, void 0)];
  });
  let sorted;
  return {
    lookup(ip) {
      const mine = own.get(ip);
      if (mine) return mine;
      const found2 = lpm.lookup(ip);
      if (!found2 || hidden.length === 0 || !hides(found2.prefix)) return found2;
      return named2.find(({ prefix }) => samePrefix(prefix, found2.prefix)) ?? lpm.lookupShorter(ip, found2.prefix.length);
    },
    get entries() {
      sorted ??= [
        ...entries.filter(({ prefix }) => !(prefix.length === ipBits(prefix.ip) && own.has(prefix.ip)) && !hides(prefix)),
        ...own.values(),
        ...named2
      ].sort((a2, b2) => comparePrefix(a2.prefix, b2.prefix));
      return sorted;
    }
  };
}
function tunnelled({ routingMode }) {
  return routingMode === "tunnel";
}
function network({ ip, length }) {
  return { ip: maskIp(ip, length), length };
}
function samePrefix(a2, b2) {
  return a2.length === b2.length && a2.ip === b2.ip;
}
function makeEntry(config, prefix, identity2, tunnelTo2) {
  const tunnel = tunnelTo2 !== void 0 && hasTunnelDevice(config);
  return {
    prefix,
    identity: identity2,
    tunnelEndpoint: tunnel ? tunnelAddress(tunnelTo2) : 0,
    hasTunnel: tunnel,
    skipTunnel: false,
    encryptKey: 0
  };
}
function nodeEntries(config, node2, pods2, local2) {
  const identity2 = local2 ? reservedIdentities.host : remoteNodeIdentity(node2);
  const tunnelTo2 = local2 ? void 0 : node2;
  const out2 = [];
  const add = (ip, id, to) => {
    if (enabled(config, ip)) out2.push(makeEntry(config, { ip, length: ipBits(ip) }, id, to));
  };
  for (const ip of [...node2.ips, ...node2.externalIps]) add(ip, identity2);
  for (const ip of node2.routerIps) add(ip, identity2, tunnelTo2);
  for (const ip of node2.healthIps) add(ip, reservedIdentities.health, tunnelTo2);
  for (const pod2 of pods2) if (!pod2.hostNetwork) for (const ip of pod2.ips) add(ip, pod2.identity, tunnelTo2);
  return out2;
}
function sharedEntries(cluster, podsOfNode) {
  const { cilium: config } = cluster;
  const addresses3 = /* @__PURE__ */ new Map();
  const prefixes3 = [];
  const addPrefix = (prefix, identity2, tunnelTo2) => {
    if (enabled(config, prefix.ip)) prefixes3.push(makeEntry(config, network(prefix), identity2, tunnelTo2));
  };
  addPrefix({ ip: 0, length: 0 }, worldIdentity(config, 4));
  addPrefix({ ip: "\0\0\0\0\0\0\0\0", length: 0 }, worldIdentity(config, 6));
  for (const node2 of cluster.nodes) {
    for (const entry of nodeEntries(config, node2, podsOfNode.get(node2.name) ?? [], false))
      addresses3.set(entry.prefix.ip, entry);
    if (tunnelled(config))
      for (const cidr of node2.podCidrs) addPrefix(cidr, worldIdentity(config, isIp4(cidr.ip) ? 4 : 6), node2);
  }
  const cidrs = cidrIdentitiesOf(cluster);
  for (const { id, prefix } of cidrs) {
    if (prefix.length === ipBits(prefix.ip)) {
      if (!addresses3.has(prefix.ip) && enabled(config, prefix.ip))
        addresses3.set(prefix.ip, makeEntry(config, prefix, id, void 0));
      continue;
    }
    const at2 = prefixes3.findIndex(({ prefix: other }) => comparePrefix(other, prefix) === 0);
    if (at2 < 0) addPrefix(prefix, id);
    else prefixes3[at2] = { ...prefixes3[at2], identity: id };
  }
  const entries = [...prefixes3, ...addresses3.values()];
  const lpm = createLpm();
  for (const entry of entries) lpm.insert(entry.prefix, entry);
  return { lpm, entries, cidrs };
}
var known;
var init_ipcache = __esm({
  "src/control/ipcache.ts"() {
    "use strict";
    init_addr();
    init_identity();
    init_lpm();
    init_identity_peers();
    init_tunnel();
    known = /* @__PURE__ */ new WeakMap();
  }
});

// src/control/stable.ts
function hash128(name) {
  return murmur3x64128(new TextEncoder().encode(name), 0);
}
function stableMac(name) {
  const value = Number(hash128(name)[0] & 0xffffffffffffn);
  const top = Math.floor(value / 2 ** 40);
  return value - top * 2 ** 40 + (top & 254 | 2) * 2 ** 40;
}
function stableUuid(name) {
  const [h1, h2] = hash128(name);
  const hex = h1.toString(16).padStart(16, "0") + h2.toString(16).padStart(16, "0");
  const variant = (Number.parseInt(hex[16], 16) & 3 | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
function stableEndpointId(name, taken) {
  let id = Number(hash128(name)[0] % 4095n) + 1;
  while (taken.has(id)) id = id % 4095 + 1;
  return id;
}
var init_stable = __esm({
  "src/control/stable.ts"() {
    "use strict";
    init_hash2();
  }
});

// src/control/devices.ts
function linkLocal(mac) {
  const [high, low] = [Math.floor(mac / 2 ** 24), mac % 2 ** 24];
  return String.fromCharCode(
    65152,
    0,
    0,
    0,
    high >>> 8 ^ 512,
    (high & 255) << 8 | 255,
    65024 | low >>> 16,
    low & 65535
  );
}
function linkLocalAddress(mac) {
  return { prefix: { ip: linkLocal(mac), length: 64 }, scope: "link" };
}
function hostAddress(ip, scope = "global") {
  return { prefix: { ip, length: ipBits(ip) }, scope };
}
function subnetAddress(ip, length) {
  const address3 = { prefix: { ip, length }, scope: "global" };
  if (!isIp4(ip) || length > 30) return address3;
  return { ...address3, broadcast: maskIp(ip, length) + 2 ** (32 - length) - 1 };
}
function loopback() {
  return {
    ...plain3,
    ifindex: 1,
    name: "lo",
    kind: "loopback",
    mac: 0,
    mtu: 65536,
    addresses: [
      { prefix: { ip: 2130706433, length: 8 }, scope: "host" },
      { prefix: { ip: LOOPBACK6, length: 128 }, scope: "host" }
    ]
  };
}
function physical(node2) {
  return {
    ...plain3,
    ifindex: 2,
    name: "eth0",
    kind: "physical",
    mac: node2.mac,
    mtu: node2.mtu,
    addresses: [
      ...node2.ips.map((ip, i) => subnetAddress(ip, node2.subnets[i]?.length ?? ipBits(ip))),
      linkLocalAddress(node2.mac)
    ],
    numTxQueues: node2.cpus,
    numRxQueues: node2.cpus,
    qdisc: node2.cpus > 1 ? "mq" : "fq_codel"
  };
}
function ciliumHostPair(node2) {
  const veth = {
    ...plain3,
    kind: "veth",
    mtu: node2.mtu,
    noarp: true,
    numTxQueues: node2.cpus,
    numRxQueues: node2.cpus
  };
  const net = stableMac(`${node2.name} cilium_net`);
  const host3 = stableMac(`${node2.name} cilium_host`);
  return [
    {
      ...veth,
      ifindex: 3,
      name: "cilium_net",
      mac: net,
      addresses: [linkLocalAddress(net)],
      peer: { ifindex: 4, name: "cilium_host" }
    },
    {
      ...veth,
      ifindex: 4,
      name: "cilium_host",
      mac: host3,
      addresses: [...node2.routerIps.map((ip) => hostAddress(ip)), linkLocalAddress(host3)],
      peer: { ifindex: 3, name: "cilium_net" }
    }
  ];
}
function ipvsDevice(node2, ifindex, addresses3) {
  return {
    ...plain3,
    ifindex,
    name: "kube-ipvs0",
    kind: "dummy",
    mac: stableMac(`${node2.name} kube-ipvs0`),
    mtu: 1500,
    up: false,
    noarp: true,
    qdisc: "noop",
    addresses: addresses3.map((ip) => hostAddress(ip))
  };
}
function tunnelDevice(cluster, node2) {
  const { tunnelProtocol: kind, tunnelPort: port5, fixedVni } = cluster.cilium;
  const { tunnelDevice: own } = cluster;
  const name = own?.name ?? `cilium_${kind}`;
  const openVswitch = `genev_sys_${port5}`;
  const mac = stableMac(`${node2.name} ${name}`);
  const peer2 = fixedVni === void 0 ? void 0 : cluster.nodes.find((other) => other !== node2);
  const tunnel = {
    external: fixedVni === void 0,
    vni: fixedVni ?? 0,
    ...peer2 ? { remote: tunnelAddress(peer2) } : {},
    port: port5,
    ttl: own?.ttl ?? "auto",
    learning: false,
    sourcePorts: [0, 0]
  };
  return {
    ...plain3,
    ifindex: 5,
    name,
    kind,
    mac,
    mtu: node2.mtu,
    addresses: [linkLocalAddress(mac)],
    tunnel,
    altnames: kind === "geneve" && name !== openVswitch ? [openVswitch] : []
  };
}
function podVeth(node2, pod2, ifindex, netnsId) {
  const veth = { ...plain3, kind: "veth", mtu: node2.mtu, numTxQueues: node2.cpus, numRxQueues: node2.cpus };
  const lxc = {
    ...veth,
    ifindex: ifindex + 1,
    name: pod2.device,
    mac: pod2.hostMac,
    addresses: [linkLocalAddress(pod2.hostMac)],
    peer: { ifindex, name: "eth0", netns: `cni-${stableUuid(`${pod2.namespace}/${pod2.name}`)}`, netnsId },
    endpointId: pod2.endpointId
  };
  const eth0 = {
    ...veth,
    ifindex,
    name: "eth0",
    mac: pod2.mac,
    addresses: [...pod2.ips.map((ip) => hostAddress(ip)), linkLocalAddress(pod2.mac)],
    peer: { ifindex: ifindex + 1, name: pod2.device, netnsId: 0 }
  };
  return { lxc, eth0 };
}
function healthMacs(node2) {
  return { inside: stableMac(`${node2.name} health`), host: stableMac(`${node2.name} lxc_health`) };
}
function healthDevice(node2, ifindex, endpointId2) {
  const mac = healthMacs(node2).host;
  return {
    ...plain3,
    ifindex: ifindex + 1,
    name: "lxc_health",
    kind: "veth",
    mac,
    mtu: node2.mtu,
    addresses: [linkLocalAddress(mac)],
    peer: { ifindex, name: "cilium", netns: "cilium-health", netnsId: 0 },
    numTxQueues: node2.cpus,
    numRxQueues: node2.cpus,
    endpointId: endpointId2
  };
}
function runsIpvs({ dataplane, cilium, kubeProxy }) {
  return kubeProxy.mode === "ipvs" && (dataplane !== "cilium" || !cilium.kubeProxyReplacement);
}
function baseDevices(cluster, node2, served2 = []) {
  const devices = [loopback(), physical(node2)];
  if (cluster.dataplane === "cilium") {
    devices.push(...ciliumHostPair(node2));
    if (hasTunnelDevice(cluster.cilium)) devices.push(tunnelDevice(cluster, node2));
  }
  if (runsIpvs(cluster)) devices.push(ipvsDevice(node2, devices.length + 1, served2));
  return devices;
}
var LOOPBACK6, plain3;
var init_devices = __esm({
  "src/control/devices.ts"() {
    "use strict";
    init_addr();
    init_ipcache();
    init_stable();
    init_tunnel();
    LOOPBACK6 = "\0\0\0\0\0\0\0";
    plain3 = {
      up: true,
      noarp: false,
      altnames: [],
      numTxQueues: 1,
      numRxQueues: 1,
      qdisc: "noqueue"
    };
  }
});

// src/control/kube-proxy/nft/model.ts
function protocolNumber(protocol4) {
  return protocolNumbers[protocol4];
}
function serviceKey(ip, protocol4, port5) {
  return `${ip} ${protocol4 << 16 | port5}`;
}
function portKey(protocol4, port5) {
  return protocol4 << 16 | port5;
}
function elementKey({ ip, protocol: protocol4, port: port5 = 0 }) {
  const number2 = protocol4 ? protocolNumbers[protocol4] : 0;
  if (ip === void 0) return portKey(number2, port5);
  return protocol4 ? serviceKey(ip, number2, port5) : ip;
}
var protocolNumbers;
var init_model2 = __esm({
  "src/control/kube-proxy/nft/model.ts"() {
    "use strict";
    protocolNumbers = { tcp: 6, udp: 17, sctp: 132 };
  }
});

// src/control/kube-proxy/ipvs/model.ts
function setKey(type, { ip, protocol: protocol4, port: port5, other }) {
  switch (type) {
    case "bitmap:port":
      return String(port5);
    case "hash:ip":
      return String(ip);
    case "hash:ip,port,ip":
      return `${ip} ${protocol4 << 16 | port5} ${other}`;
    default:
      return `${ip} ${protocol4 << 16 | port5}`;
  }
}
function serverKey(ip, protocol4, port5) {
  return `${ip} ${protocol4 << 16 | port5}`;
}
var init_model3 = __esm({
  "src/control/kube-proxy/ipvs/model.ts"() {
    "use strict";
  }
});

// src/control/routes.ts
function addressRoutes(device, forwarding6) {
  const routes = device.addresses.flatMap(
    (address3) => isIp4(address3.prefix.ip) ? routes4(device, address3) : routes6(device, address3, forwarding6)
  );
  if (device.kind !== "loopback" && device.addresses.some(({ prefix }) => !isIp4(prefix.ip)))
    routes.push({ ...local(device, MULTICAST6), type: "multicast", metric: 256, scope: "global" });
  return routes;
}
function local(device, to) {
  return {
    to,
    family: isIp4(to.ip) ? 4 : 6,
    type: "local",
    dev: device.name,
    protocol: "kernel",
    scope: "host",
    table: routeTables.local
  };
}
function routes4(device, { prefix, broadcast }) {
  const { ip, length } = prefix;
  const network2 = { ip: maskIp(ip, length), length };
  const own = { ...local(device, { ip, length: 32 }), source: ip };
  const last = { ip: network2.ip + 2 ** (32 - length) - 1, length: 32 };
  if (device.kind === "loopback") {
    return [own, { ...own, to: network2 }, { ...own, type: "broadcast", scope: "link", to: last }];
  }
  const routes = [own];
  if (length < 32) routes.push({ ...own, type: "unicast", to: network2, scope: "link", table: routeTables.main });
  const toAll = { ...own, type: "broadcast", scope: "link", to: last };
  if (length < 31) routes.push(toAll);
  if (broadcast !== void 0 && broadcast !== last.ip) routes.push({ ...toAll, to: { ip: broadcast, length: 32 } });
  return routes;
}
function routes6(device, { prefix }, forwarding) {
  const { ip, length } = prefix;
  const own = { ...local(device, { ip, length: 128 }), scope: "global", metric: 0 };
  if (device.kind === "loopback") return [own];
  const network2 = { ip: maskIp(ip, length), length };
  const onLink2 = { ...own, type: "unicast", to: network2, metric: 256, table: routeTables.main };
  if (!forwarding || length >= 127) return [own, onLink2];
  return [own, onLink2, { ...own, type: "anycast", to: { ip: network2.ip, length: 128 } }];
}
function sortRoutes(routes) {
  return [...routes].sort((a2, b2) => a2.family - b2.family || compareTable(a2, b2) || compareDestination(a2, b2));
}
function compareTable(a2, b2) {
  return (a2.table & 255) - (b2.table & 255) || a2.table - b2.table;
}
function compareDestination(a2, b2) {
  const [x, y] = [destination(a2), destination(b2)];
  const metric = (a2.metric ?? 0) - (b2.metric ?? 0);
  if (isIp4(x.ip) && isIp4(y.ip)) return x.ip - y.ip || y.length - x.length || metric;
  const shorter = Math.min(x.length, y.length);
  const [p, q] = [maskIp(x.ip, shorter), maskIp(y.ip, shorter)];
  if (p !== q) return p < q ? -1 : 1;
  return y.length - x.length || metric;
}
function destination(route) {
  return route.to ?? (route.family === 4 ? { ip: 0, length: 0 } : { ip: "\0\0\0\0\0\0\0\0", length: 0 });
}
function unicast(to, fields) {
  const prefix = typeof to === "object" ? to : { ip: to, length: ipBits(to) };
  const family = isIp4(prefix.ip) ? 4 : 6;
  const gateway2 = fields.via !== void 0;
  return {
    to: prefix.length === 0 ? void 0 : prefix,
    family,
    type: "unicast",
    protocol: "boot",
    scope: family === 6 || gateway2 ? "global" : "link",
    table: routeTables.main,
    ...family === 6 ? { metric: 1024 } : {},
    ...fields
  };
}
var routeTables, MULTICAST6;
var init_routes = __esm({
  "src/control/routes.ts"() {
    "use strict";
    init_addr();
    routeTables = { main: 254, local: 255, default: 253 };
    MULTICAST6 = { ip: "\uFF00\0\0\0\0\0\0\0", length: 8 };
  }
});

// src/control/route.ts
function routeTablesOf(routes) {
  const tables2 = /* @__PURE__ */ new Map();
  for (const route of routes) {
    let table3 = tables2.get(route.table);
    if (!table3) tables2.set(route.table, table3 = createLpm());
    const prefix = destination(route);
    const same = table3.get(prefix);
    if (same) same.push(route);
    else table3.insert(prefix, [route]);
  }
  return tables2;
}
function indexOf(netns) {
  let index = indexes.get(netns);
  if (!index) indexes.set(netns, index = buildIndex(netns));
  return index;
}
function buildIndex(netns) {
  let tables2;
  let neighbours;
  return {
    longest: netns.longest ?? ((table3, ip) => {
      tables2 ??= routeTablesOf(netns.routes);
      return tables2.get(table3)?.lookup(ip);
    }),
    devices: new Map(netns.devices.map((device) => [device.name, device])),
    own: new Set(netns.devices.flatMap((device) => device.addresses.map(({ prefix }) => prefix.ip))),
    get neighbours() {
      neighbours ??= byAddress(netns.neighbours);
      return neighbours;
    }
  };
}
function byAddress(list3) {
  const neighbours = /* @__PURE__ */ new Map();
  for (const neighbour of list3) {
    const same = neighbours.get(neighbour.ip);
    if (same) same.push(neighbour);
    else neighbours.set(neighbour.ip, [neighbour]);
  }
  return neighbours;
}
function lookupRoute(netns, destination2, flow = {}) {
  const index = indexOf(netns);
  for (const rule of netns.rules) {
    if (!ruleMatches(rule, destination2, flow)) continue;
    const candidates3 = index.longest(rule.table, destination2);
    if (!candidates3) continue;
    const route = candidates3.reduce((best, next) => (next.metric ?? 0) < (best.metric ?? 0) ? next : best);
    return resultOf(index, route, destination2, flow);
  }
  return void 0;
}
function ruleMatches(rule, destination2, { source, mark = 0 }) {
  if (rule.family !== (isIp4(destination2) ? 4 : 6)) return false;
  if (rule.from && rule.from.length > 0 && (source === void 0 || !prefixContains(rule.from, source))) return false;
  if (rule.to && !prefixContains(rule.to, destination2)) return false;
  const mask = rule.fwmask ?? 4294967295;
  return rule.fwmark === void 0 || (mark & mask) >>> 0 === rule.fwmark;
}
function resultOf(index, route, destination2, flow) {
  const { type, table: table3, mtu: mtu2 } = route;
  const via = route.via !== void 0 && !index.own.has(route.via) ? route.via : void 0;
  if (route.dev === void 0 || type === "unreachable" || type === "blackhole")
    return { type, route, dev: void 0, via: void 0, source: void 0, mtu: void 0, table: table3 };
  const dev = type === "local" || type === "anycast" ? "lo" : route.dev;
  const self = type === "local" && (isIp4(destination2) || index.own.has(destination2));
  const source = flow.source ?? route.source ?? (self ? destination2 : void 0) ?? chooseSource(index, route.dev, via ?? destination2, destination2);
  return { type, route, dev, via, source, mtu: mtu2, table: table3 };
}
function chooseSource(index, dev, nexthop, destination2) {
  const family = (address3) => isIp4(address3.prefix.ip) === isIp4(nexthop);
  const onDevice = (index.devices.get(dev)?.addresses ?? []).filter(family);
  const elsewhere2 = [...index.devices.values()].flatMap((device) => device.addresses).filter(family);
  if (isIp4(nexthop)) {
    const usable2 = (address3) => address3.scope !== "host";
    const near2 = onDevice.filter(usable2).find(({ prefix }) => prefixContains(prefix, nexthop));
    return (near2 ?? onDevice.find(usable2) ?? elsewhere2.find((address3) => address3.scope === "global"))?.prefix.ip;
  }
  const linkScope = isLinkScope(destination2);
  const fits3 = (address3) => address3.scope === "link" === linkScope && address3.scope !== "host";
  const candidates3 = onDevice.some(fits3) ? onDevice.filter(fits3) : elsewhere2.filter(fits3);
  const best = candidates3.reduce(
    (chosen2, next) => chosen2 && commonBits(chosen2.prefix.ip, destination2) >= commonBits(next.prefix.ip, destination2) ? chosen2 : next,
    void 0
  );
  return (best ?? onDevice[0])?.prefix.ip;
}
function isLinkScope(ip) {
  if (isIp4(ip)) return false;
  const first = ip.charCodeAt(0);
  return (first & 65472) === 65152 || (first & 65295) === 65282;
}
function commonBits(a2, b2) {
  if (isIp4(a2) || isIp4(b2)) return 0;
  let group = 0;
  while (group < 8 && a2.charCodeAt(group) === b2.charCodeAt(group)) group++;
  return group === 8 ? 128 : 16 * group + Math.clz32(a2.charCodeAt(group) ^ b2.charCodeAt(group)) - 16;
}
var indexes;
var init_route = __esm({
  "src/control/route.ts"() {
    "use strict";
    init_addr();
    init_lpm();
    init_routes();
    indexes = /* @__PURE__ */ new WeakMap();
  }
});

// src/control/protocols.ts
function protocolNumber2(name) {
  return protocolNumbers3[name];
}
function protocolName(number2) {
  if (number2 === 0) return "ANY";
  const found2 = Object.entries(protocolNumbers3).find(([, value]) => value === number2);
  return found2 ? found2[0] : `UNKNOWN(${number2})`;
}
var protocolNumbers3;
var init_protocols = __esm({
  "src/control/protocols.ts"() {
    "use strict";
    protocolNumbers3 = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132 };
  }
});

// src/control/maglev.ts
function maglevSeeds(base64) {
  if (!/^[A-Za-z0-9+/]{16}$/.test(base64)) return void 0;
  const bits = [...base64].map((digit) => BASE64.indexOf(digit).toString(2).padStart(6, "0")).join("");
  const word2 = (n) => Number.parseInt(bits.slice(32 * n, 32 * n + 32), 2);
  return { murmur: word2(0), jhash4: word2(1), jhash6: word2(2) };
}
function maglevName(backend2) {
  return `[${formatIpPort(backend2.ip, backend2.port)}/${protocolName(backend2.protocol)},State:active]`;
}
function maglevPermutation(name, tableSize, seed) {
  const bytes = Uint8Array.from(name, (char) => char.charCodeAt(0));
  const [h1, h2] = murmur3x64128(bytes, seed);
  const m = BigInt(tableSize);
  return { offset: Number(h1 % m), skip: Number(h2 % (m - 1n)) + 1 };
}
function maglevTable(backends, tableSize, seed) {
  const members2 = backends.map((backend2) => ({ id: backend2.id, weight: backend2.weight ?? DEFAULT_WEIGHT, name: maglevName(backend2) })).sort((x, y) => x.name < y.name ? -1 : x.name > y.name ? 1 : 0).map((member) => ({ ...member, ...maglevPermutation(member.name, tableSize, seed) }));
  const count2 = members2.length;
  const next = members2.map((member) => member.offset);
  const weightSum = members2.reduce((sum, member) => sum + member.weight, 0);
  const weighted = Math.floor(weightSum / count2) > 1;
  const turn = members2.map((member) => member.weight / count2);
  const table3 = new Uint32Array(tableSize);
  const taken = new Uint8Array(tableSize);
  let i = 0;
  for (let n = 0; n < tableSize; n++) {
    i = n % count2;
    if (weighted) {
      while ((n + 1) * members2[i].weight < Math.trunc(turn[i])) i = (i + 1) % count2;
      turn[i] += weightSum;
    }
    const { skip, id } = members2[i];
    let slot = next[i];
    while (taken[slot]) slot = slot + skip >= tableSize ? slot + skip - tableSize : slot + skip;
    taken[slot] = 1;
    table3[slot] = id;
    next[i] = slot + skip >= tableSize ? slot + skip - tableSize : slot + skip;
  }
  return table3;
}
var BASE64, DEFAULT_WEIGHT;
var init_maglev = __esm({
  "src/control/maglev.ts"() {
    "use strict";
    init_addr();
    init_hash2();
    init_protocols();
    BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    DEFAULT_WEIGHT = 100;
  }
});

// src/control/model.ts
var serviceFlags;
var init_model4 = __esm({
  "src/control/model.ts"() {
    "use strict";
    serviceFlags = {
      externalIps: 1,
      nodePort: 2,
      extLocal: 4,
      hostPort: 8,
      affinity: 16,
      loadBalancer: 32,
      routable: 64,
      sourceRange: 128,
      localRedirect: 256,
      nat46x64: 512,
      l7lb: 1024,
      loopback: 2048,
      intLocal: 4096,
      twoScopes: 8192,
      quarantined: 16384,
      dsr: 32768
    };
  }
});

// src/term/error.ts
function problemText(problem) {
  const { where } = problem;
  const place = where ? `${[where.file, where.line, where.column].filter((x) => x !== void 0).join(":")}: ` : "";
  return `${place}${problem.message}${problem.hint ? `
  hint: ${problem.hint}` : ""}`;
}
var exitCodes, UserError;
var init_error = __esm({
  "src/term/error.ts"() {
    "use strict";
    exitCodes = {
      holds: 0,
      /** denied, dropped, assertion failed */
      fails: 1,
      /** bad usage, bad input, not supported */
      usage: 2,
      /** difference found */
      differs: 3
    };
    UserError = class extends Error {
      /** All problems found, at least one; the first is `message`. */
      problems;
      exitCode;
      constructor(problems, exitCode = exitCodes.usage) {
        const list3 = typeof problems === "string" ? [{ message: problems }] : "message" in problems ? [problems] : problems;
        super(list3.map(problemText).join("\n"));
        this.name = "UserError";
        this.problems = list3;
        this.exitCode = exitCode;
      }
    };
  }
});

// src/wire/dns-name.ts
function readDnsName(b2, message, at2, end2) {
  let name = "";
  let size = 1;
  let next = -1;
  let from = at2;
  let floor = at2;
  for (; ; ) {
    const head = need("domain", from, end2, 1);
    if (!head.ok) return head;
    const length = b2[from];
    if (length === 0) return { ok: true, name: name || ".", next: next < 0 ? from + 1 : next };
    if (length >= 192) {
      const pointer2 = need("domain", from, end2, 2);
      if (!pointer2.ok) return pointer2;
      if (next < 0) next = from + 2;
      const target = message + (get16(b2, from) & 16383);
      if (target >= floor) return unreadable(from);
      from = floor = target;
      continue;
    }
    size += length + 1;
    if (length > MAX_LABEL || size > MAX_NAME) return unreadable(from);
    const label = need("domain", from, end2, 1 + length);
    if (!label.ok) return label;
    for (let i = from + 1; i <= from + length; i++) name += escapeByte(b2[i]);
    name += ".";
    from += 1 + length;
  }
}
function unreadable(at2) {
  return { ok: false, layer: "domain", need: 1, have: 0, at: at2 };
}
function escapeByte(byte) {
  if (byte === 46 || byte === 92) return `\\${String.fromCharCode(byte)}`;
  return byte > 32 && byte < 127 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
}
function dnsLabels(name) {
  const labels2 = [[]];
  for (const [unit] of name.matchAll(/\\\d{3}|\\.|[^\\]/gs)) {
    if (unit === ".") labels2.push([]);
    else if (unit.length === 4) labels2.at(-1).push(Number(unit.slice(1)));
    else labels2.at(-1).push(unit.charCodeAt(unit.length - 1));
  }
  if (labels2.at(-1).length === 0) labels2.pop();
  if (name === ".") labels2.length = 0;
  const size = labels2.reduce((sum, label) => sum + label.length + 1, 1);
  if (size > MAX_NAME || labels2.some((label) => label.length === 0 || label.length > MAX_LABEL))
    throw new RangeError(`not a domain name: ${name}`);
  return labels2.map((label) => Uint8Array.from(label));
}
var MAX_NAME, MAX_LABEL;
var init_dns_name = __esm({
  "src/wire/dns-name.ts"() {
    "use strict";
    init_bytes();
    MAX_NAME = 255;
    MAX_LABEL = 63;
  }
});

// src/wire/dns-encode.ts
function encodeRecordData(out2, data) {
  switch (data.kind) {
    case "A":
      out2.long(data.ip);
      return;
    case "AAAA": {
      const ip = new Uint8Array(16);
      writeIp(ip, 0, data.ip);
      out2.raw(ip);
      return;
    }
    case "NS":
    case "CNAME":
    case "PTR":
      out2.name(data.name);
      return;
    case "TXT":
      for (const text4 of data.strings) {
        if (text4.length > 255) throw new RangeError(`TXT string of ${text4.length} bytes`);
        out2.byte(text4.length);
        out2.raw(text4);
      }
      return;
    case "SRV":
      for (const v of [data.priority, data.weight, data.port]) out2.word(v);
      out2.name(data.name, false);
      return;
    case "SOA":
      out2.name(data.primary);
      out2.name(data.mailbox);
      for (const v of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) out2.long(v);
      return;
    case "OPT":
      for (const option of data.options) {
        const head = new Uint8Array(4);
        set16(head, 0, option.code);
        set16(head, 2, option.data.length);
        out2.raw(head);
        out2.raw(option.data);
      }
      return;
    case "other":
      out2.raw(data.bytes);
      return;
  }
}
var NameWriter;
var init_dns_encode = __esm({
  "src/wire/dns-encode.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_dns_name();
    NameWriter = class {
      out = [];
      /** A label sequence as it stands on the wire (letter case kept) → its offset. */
      seen = /* @__PURE__ */ new Map();
      byte(v) {
        this.out.push(v & 255);
      }
      word(v) {
        this.out.push(v >>> 8 & 255, v & 255);
      }
      long(v) {
        this.word(v >>> 16);
        this.word(v & 65535);
      }
      raw(bytes) {
        for (const byte of bytes) this.out.push(byte);
      }
      /** Ends in a pointer where a tail of the name was written before, unless `compress` is false. */
      name(text4, compress2 = true) {
        const labels2 = dnsLabels(text4);
        for (let i = 0; i < labels2.length; i++) {
          const tail = labels2.slice(i).map((label) => String.fromCharCode(label.length, ...label)).join("");
          const known3 = this.seen.get(tail);
          if (compress2 && known3 !== void 0) {
            this.word(49152 | known3);
            return;
          }
          if (known3 === void 0 && this.out.length < 16384) this.seen.set(tail, this.out.length);
          this.byte(labels2[i].length);
          this.raw(labels2[i]);
        }
        this.byte(0);
      }
      /** Room for a 16-bit length; returns its offset for `patchLength`. */
      reserveWord() {
        this.word(0);
        return this.out.length - 2;
      }
      /** Stores how many bytes were written behind the word at `at`. */
      patchLength(at2) {
        const length = this.out.length - at2 - 2;
        this.out[at2] = length >>> 8;
        this.out[at2 + 1] = length & 255;
      }
      bytes() {
        return Uint8Array.from(this.out);
      }
    };
  }
});

// src/wire/dns.ts
function dnsId(b2, o) {
  return get16(b2, o);
}
function dnsFlags(b2, o) {
  return get16(b2, o + 2);
}
function dnsCount(b2, o, section) {
  return get16(b2, o + 4 + 2 * section);
}
function checkDns(b2, o, end2) {
  return need("domain", o, Math.min(end2, b2.length), DNS_HEADER);
}
function dnsRecordType(data) {
  return data.kind === "other" ? data.type : dnsTypes[data.kind];
}
function decodeDns(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const head = checkDns(b2, o, stop);
  if (!head.ok) return head;
  const questions = [];
  const sections = [[], [], []];
  const [answers, authorities, additionals] = sections;
  const message = { id: dnsId(b2, o), flags: dnsFlags(b2, o), questions, answers, authorities, additionals };
  let at2 = o + DNS_HEADER;
  for (let i = dnsCount(b2, o, 0); i > 0; i--) {
    const read = readQuestion(b2, o, at2, stop);
    if (!read.ok) return { ...read, partial: message };
    questions.push(read.value);
    at2 = read.next;
  }
  for (const [i, section] of sections.entries()) {
    for (let left = dnsCount(b2, o, i + 1); left > 0; left--) {
      const read = readRecord(b2, o, at2, stop);
      if (!read.ok) return { ...read, partial: message };
      section.push(read.value);
      at2 = read.next;
    }
  }
  return { ok: true, message };
}
function readQuestion(b2, o, at2, end2) {
  const name = readDnsName(b2, o, at2, end2);
  if (!name.ok) return name;
  const rest = need("domain", name.next, end2, 4);
  if (!rest.ok) return rest;
  const value = { name: name.name, type: get16(b2, name.next), class: get16(b2, name.next + 2) };
  return { ok: true, value, next: name.next + 4 };
}
function readRecord(b2, o, at2, end2) {
  const name = readDnsName(b2, o, at2, end2);
  if (!name.ok) return name;
  const fixed2 = need("domain", name.next, end2, 10);
  if (!fixed2.ok) return fixed2;
  const start2 = name.next + 10;
  const size = get16(b2, name.next + 8);
  const body = need("domain", start2, end2, size);
  if (!body.ok) return body;
  const type = get16(b2, name.next);
  const data = readData(b2, o, type, start2, start2 + size) ?? {
    kind: "other",
    type,
    bytes: b2.subarray(start2, start2 + size)
  };
  const value = { name: name.name, class: get16(b2, name.next + 2), ttl: get32(b2, name.next + 4), data };
  return { ok: true, value, next: start2 + size };
}
function readData(b2, o, type, at2, end2) {
  switch (type) {
    case dnsTypes.A:
      return end2 - at2 === 4 ? { kind: "A", ip: readIp4(b2, at2) } : void 0;
    case dnsTypes.AAAA:
      return end2 - at2 === 16 ? { kind: "AAAA", ip: readIp6(b2, at2) } : void 0;
    case dnsTypes.NS:
    case dnsTypes.CNAME:
    case dnsTypes.PTR: {
      const read = readDnsName(b2, o, at2, end2);
      if (!read.ok || read.next !== end2) return void 0;
      return { kind: type === dnsTypes.NS ? "NS" : type === dnsTypes.PTR ? "PTR" : "CNAME", name: read.name };
    }
    case dnsTypes.TXT:
      return readText(b2, at2, end2);
    case dnsTypes.SRV: {
      const read = end2 - at2 > 6 ? readDnsName(b2, o, at2 + 6, end2) : void 0;
      if (!read?.ok || read.next !== end2) return void 0;
      const [priority, weight, port5] = [get16(b2, at2), get16(b2, at2 + 2), get16(b2, at2 + 4)];
      return { kind: "SRV", priority, weight, port: port5, name: read.name };
    }
    case dnsTypes.SOA:
      return readSoa(b2, o, at2, end2);
    case dnsTypes.OPT:
      return readOpt(b2, at2, end2);
    default:
      return void 0;
  }
}
function readText(b2, start2, end2) {
  const strings = [];
  let at2 = start2;
  while (at2 < end2) {
    const next = at2 + 1 + b2[at2];
    if (next > end2) return void 0;
    strings.push(b2.subarray(at2 + 1, next));
    at2 = next;
  }
  return strings.length > 0 ? { kind: "TXT", strings } : void 0;
}
function readSoa(b2, o, at2, end2) {
  const primary = readDnsName(b2, o, at2, end2);
  const mailbox = primary.ok ? readDnsName(b2, o, primary.next, end2) : primary;
  if (!primary.ok || !mailbox.ok || end2 - mailbox.next !== 20) return void 0;
  const word2 = (i) => get32(b2, mailbox.next + 4 * i);
  return {
    kind: "SOA",
    primary: primary.name,
    mailbox: mailbox.name,
    serial: word2(0),
    refresh: word2(1),
    retry: word2(2),
    expire: word2(3),
    minimum: word2(4)
  };
}
function readOpt(b2, start2, end2) {
  const options = [];
  let at2 = start2;
  while (at2 < end2) {
    const next = at2 + 4 <= end2 ? at2 + 4 + get16(b2, at2 + 2) : end2 + 1;
    if (next > end2) return void 0;
    options.push({ code: get16(b2, at2), data: b2.subarray(at2 + 4, next) });
    at2 = next;
  }
  return { kind: "OPT", options };
}
function encodeDns(message) {
  const out2 = new NameWriter();
  const records = [message.answers, message.authorities, message.additionals];
  out2.word(message.id);
  out2.word(message.flags);
  out2.word(message.questions.length);
  for (const section of records) out2.word(section.length);
  for (const question2 of message.questions) {
    out2.name(question2.name);
    out2.word(question2.type);
    out2.word(question2.class);
  }
  for (const record2 of records.flat()) {
    out2.name(record2.name);
    out2.word(dnsRecordType(record2.data));
    out2.word(record2.class);
    out2.long(record2.ttl);
    const length = out2.reserveWord();
    encodeRecordData(out2, record2.data);
    out2.patchLength(length);
  }
  return out2.bytes();
}
var DNS_HEADER, DNS_RESPONSE, DNS_AUTHORITATIVE, DNS_RECURSION_DESIRED, DNS_RECURSION_AVAILABLE, DNS_CLASS_IN, dnsRcodes, dnsTypes;
var init_dns = __esm({
  "src/wire/dns.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_dns_encode();
    init_dns_name();
    DNS_HEADER = 12;
    DNS_RESPONSE = 32768;
    DNS_AUTHORITATIVE = 1024;
    DNS_RECURSION_DESIRED = 256;
    DNS_RECURSION_AVAILABLE = 128;
    DNS_CLASS_IN = 1;
    dnsRcodes = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 };
    dnsTypes = {
      A: 1,
      NS: 2,
      CNAME: 5,
      SOA: 6,
      PTR: 12,
      TXT: 16,
      AAAA: 28,
      SRV: 33,
      OPT: 41,
      ANY: 255
    };
  }
});

// src/wire/udp.ts
function udpDestinationPort(b2, o) {
  return get16(b2, o + 2);
}
function udpLength(b2, o) {
  return get16(b2, o + 4);
}
function checkUdp(b2, o, end2) {
  return need("udp", o, Math.min(end2, b2.length), UDP_HEADER);
}
function writeUdp(b2, o, fields) {
  set16(b2, o, fields.sourcePort);
  set16(b2, o + 2, fields.destinationPort);
  set16(b2, o + 4, fields.length);
  set16(b2, o + 6, fields.checksum ?? 0);
  return UDP_HEADER;
}
var UDP_HEADER;
var init_udp = __esm({
  "src/wire/udp.ts"() {
    "use strict";
    init_bytes();
    UDP_HEADER = 8;
  }
});

// src/datapath/run/dns-server.ts
function answerDns(cluster, b2, o, end2) {
  if (!checkDns(b2, o, end2).ok) return void 0;
  const decoded = decodeDns(b2, o, end2);
  if (!decoded.ok || (decoded.message.flags & DNS_RESPONSE) !== 0 || decoded.message.questions.length !== 1)
    return void 0;
  const { message } = decoded;
  const { rcode, answers, additionals, own } = resolveQuestion(cluster, message.questions[0]);
  const response = {
    id: message.id,
    flags: DNS_RESPONSE | (own ? DNS_AUTHORITATIVE : DNS_RECURSION_AVAILABLE) | message.flags & DNS_RECURSION_DESIRED | rcode,
    questions: message.questions,
    answers,
    authorities: own && answers.length === 0 ? [soa(cluster)] : [],
    additionals
  };
  return encodeDns(response);
}
function soa(cluster) {
  const data = {
    kind: "SOA",
    primary: `ns.dns.${ZONE2}`,
    mailbox: `hostmaster.${ZONE2}`,
    serial: cluster.epoch,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: TTL
  };
  return record(ZONE2, data);
}
function record(name, data) {
  return { name, class: DNS_CLASS_IN, ttl: TTL, data };
}
function resolveQuestion(cluster, { name, type }) {
  const lower = name.toLowerCase();
  if (lower.endsWith(".in-addr.arpa.") || lower.endsWith(".ip6.arpa.")) return resolveAddress(cluster, name, type);
  if (lower !== ZONE2 && !lower.endsWith(`.${ZONE2}`)) return resolveOutside(cluster, name, type);
  const labels2 = lower.slice(0, -ZONE2.length).split(".").slice(0, -1);
  const kind = labels2.pop();
  if (kind === "svc") return resolveService(cluster, name, labels2, type);
  if (kind === "pod") return resolvePod(cluster, name, labels2, type);
  return { ...NOTHING2, rcode: lower === ZONE2 ? dnsRcodes.noError : dnsRcodes.nxDomain };
}
function resolveOutside({ names = [] }, owner, type) {
  const known3 = names.find(({ name }) => `${name}.` === owner.toLowerCase());
  if (!known3) return { ...NOTHING2, rcode: dnsRcodes.servFail, own: false };
  return { ...found(addressRecords(owner, known3.ips, type)), own: false };
}
function resolveService(cluster, owner, labels2, type) {
  const [namespace, name, ...rest] = [...labels2].reverse();
  const service2 = cluster.services.find((s2) => s2.namespace === namespace && s2.name === name);
  if (!service2) {
    const exists2 = name === void 0 && cluster.namespaces.some((n) => n.name === namespace);
    return { ...NOTHING2, rcode: exists2 || namespace === void 0 ? dnsRcodes.noError : dnsRcodes.nxDomain };
  }
  if (service2.type === "ExternalName") {
    const target = `${service2.externalName ?? ""}.`;
    return { ...NOTHING2, rcode: dnsRcodes.noError, answers: [record(owner, { kind: "CNAME", name: target })] };
  }
  if (rest.length === 0) return found(addressRecords(owner, addressesOfService(service2), type));
  if (rest.length === 2) return resolvePort(service2, owner, rest[1], rest[0], type);
  const endpoint = rest.length === 1 ? service2.backends.filter((b2) => b2.state === "active" && dashed(b2.ip) === rest[0]).map((b2) => b2.ip) : [];
  return endpoint.length === 0 ? { ...NOTHING2, rcode: dnsRcodes.nxDomain } : found(addressRecords(owner, endpoint, type));
}
function addressesOfService(service2) {
  if (service2.clusterIps.length > 0) return service2.clusterIps;
  return [...new Set(service2.backends.filter((b2) => b2.state === "active").map((b2) => b2.ip))];
}
function resolvePort(service2, owner, port5, protocol4, type) {
  const known3 = service2.ports.find((p) => `_${p.name}` === port5 && `_${p.protocol.toLowerCase()}` === protocol4);
  if (!known3) return { ...NOTHING2, rcode: dnsRcodes.nxDomain };
  if (type !== dnsTypes.SRV) return { ...NOTHING2, rcode: dnsRcodes.noError };
  const full = `${service2.name}.${service2.namespace}.svc.${ZONE2}`;
  const targets = service2.clusterIps.length > 0 ? [full] : addressesOfService(service2).map((ip) => `${dashed(ip)}.${full}`);
  const weight = Math.floor(100 / Math.max(1, targets.length));
  const answers = targets.map((name) => record(owner, { kind: "SRV", priority: 0, weight, port: known3.port, name }));
  const additionals = addressesOfService(service2).map((ip, i) => addressRecord(targets[i] ?? full, ip));
  return { rcode: dnsRcodes.noError, answers, additionals, own: true };
}
function resolvePod(cluster, owner, labels2, type) {
  const [address3, namespace] = labels2;
  if (labels2.length !== 2 || !cluster.namespaces.some((n) => n.name === namespace))
    return { ...NOTHING2, rcode: dnsRcodes.nxDomain };
  const ip = parseIp(address3.replaceAll("-", ".")) ?? parseIp(address3.replaceAll("-", ":"));
  return ip === void 0 ? { ...NOTHING2, rcode: dnsRcodes.nxDomain } : found(addressRecords(owner, [ip], type));
}
function resolveAddress(cluster, owner, type) {
  const ip = fromArpa(owner.toLowerCase());
  const service2 = ip === void 0 ? void 0 : cluster.services.find((s2) => s2.clusterIps.includes(ip));
  if (service2) return pointer(owner, `${service2.name}.${service2.namespace}.svc.${ZONE2}`, type);
  const headless = cluster.services.find((s2) => s2.clusterIps.length === 0 && s2.backends.some((b2) => b2.ip === ip));
  if (headless && ip !== void 0)
    return pointer(owner, `${dashed(ip)}.${headless.name}.${headless.namespace}.svc.${ZONE2}`, type);
  return { ...NOTHING2, rcode: dnsRcodes.nxDomain, own: false };
}
function pointer(owner, name, type) {
  return found(type === dnsTypes.PTR ? [record(owner, { kind: "PTR", name })] : []);
}
function fromArpa(name) {
  const labels2 = name.split(".").slice(0, -3).reverse();
  if (name.endsWith(".in-addr.arpa.")) return parseIp(labels2.join("."));
  if (labels2.length !== 32) return void 0;
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(labels2[2 * i] + labels2[2 * i + 1], 16));
  return readIp6(bytes, 0);
}
function found(answers) {
  return { rcode: dnsRcodes.noError, answers, additionals: [], own: true };
}
function addressRecords(owner, ips, type) {
  const wanted = ips.filter((ip) => type === dnsTypes.A && isIp4(ip) || type === dnsTypes.AAAA && !isIp4(ip));
  return wanted.map((ip) => addressRecord(owner, ip));
}
function addressRecord(owner, ip) {
  return record(owner, isIp4(ip) ? { kind: "A", ip } : { kind: "AAAA", ip });
}
function dashed(ip) {
  if (isIp4(ip)) return [ip >>> 24, ip >>> 16 & 255, ip >>> 8 & 255, ip & 255].join("-");
  return Array.from({ length: 8 }, (_, i) => ip.charCodeAt(i).toString(16)).join("-");
}
var ZONE2, TTL, NOTHING2;
var init_dns_server = __esm({
  "src/datapath/run/dns-server.ts"() {
    "use strict";
    init_addr();
    init_dns();
    ZONE2 = "cluster.local.";
    TTL = 30;
    NOTHING2 = { answers: [], additionals: [], own: true };
  }
});

// src/datapath/run/lane.ts
var Lane;
var init_lane = __esm({
  "src/datapath/run/lane.ts"() {
    "use strict";
    Lane = class {
      constructor(delay) {
        this.delay = delay;
      }
      delay;
      /** Of the first entry; Infinity while there is none. */
      headTime = Number.POSITIVE_INFINITY;
      headOrder = 0;
      count = 0;
      head = 0;
      mask = 255;
      times = new Float64Array(256);
      orders = new Float64Array(256);
      targets = new Array(256).fill(void 0);
      frames = new Array(256).fill(void 0);
      push(time2, order, target, frame) {
        if (this.count > this.mask) this.grow();
        const at2 = this.head + this.count & this.mask;
        this.times[at2] = time2;
        this.orders[at2] = order;
        this.targets[at2] = target;
        this.frames[at2] = frame;
        if (this.count++ > 0) return;
        this.headTime = time2;
        this.headOrder = order;
      }
      /** Of the first entry, to be taken with `drop`. */
      target() {
        return this.targets[this.head];
      }
      frame() {
        return this.frames[this.head];
      }
      drop() {
        this.frames[this.head] = void 0;
        this.head = this.head + 1 & this.mask;
        this.count--;
        this.headTime = this.count === 0 ? Number.POSITIVE_INFINITY : this.times[this.head];
        this.headOrder = this.orders[this.head];
      }
      grow() {
        const size = this.mask + 1;
        const [times, orders] = [new Float64Array(2 * size), new Float64Array(2 * size)];
        const turn = (list3) => [...list3.slice(this.head), ...list3.slice(0, this.head)];
        times.set(turn([...this.times]));
        orders.set(turn([...this.orders]));
        this.times = times;
        this.orders = orders;
        this.targets = [...turn(this.targets), ...new Array(size).fill(void 0)];
        this.frames = [...turn(this.frames), ...new Array(size).fill(void 0)];
        this.head = 0;
        this.mask = 2 * size - 1;
      }
    };
  }
});

// src/datapath/run/queue.ts
function widen(from, to) {
  to.set(from);
  return to;
}
var Due, FIRST_CAPACITY, Agenda;
var init_queue = __esm({
  "src/datapath/run/queue.ts"() {
    "use strict";
    init_lane();
    Due = class {
      constructor(run3) {
        this.run = run3;
      }
      run;
    };
    FIRST_CAPACITY = 1024;
    Agenda = class {
      /** Of the entry taken last. */
      time = 0;
      target;
      frame;
      lanes;
      size = 0;
      sequence = 0;
      capacity = FIRST_CAPACITY;
      heap = new Int32Array(FIRST_CAPACITY);
      times = new Float64Array(FIRST_CAPACITY);
      order = new Float64Array(FIRST_CAPACITY);
      free = new Int32Array(FIRST_CAPACITY).map((_, i) => FIRST_CAPACITY - 1 - i);
      freeCount = FIRST_CAPACITY;
      targets = new Array(FIRST_CAPACITY).fill(void 0);
      frames = new Array(FIRST_CAPACITY).fill(void 0);
      /** `delays`: the fixed ones, ns. */
      constructor(delays) {
        this.lanes = delays.map((delay) => new Lane(delay));
      }
      /** Due `lanes[lane].delay` after `now`, which never goes back. */
      pushAfter(lane2, now, target, frame) {
        const to = this.lanes[lane2];
        to.push(now + to.delay, this.sequence++, target, frame);
      }
      push(time2, target, frame) {
        if (this.freeCount === 0) this.grow();
        const slot = this.free[--this.freeCount];
        this.times[slot] = time2;
        this.order[slot] = this.sequence++;
        this.targets[slot] = target;
        this.frames[slot] = frame;
        this.siftUp(this.size++, slot);
      }
      /** When the next entry is due; Infinity: none. */
      next() {
        let time2 = this.size === 0 ? Number.POSITIVE_INFINITY : this.times[this.heap[0]];
        for (const lane2 of this.lanes) if (lane2.count > 0 && lane2.headTime < time2) time2 = lane2.headTime;
        return time2;
      }
      /** Takes the next entry that is due at `until` or before into `time`, `target` and `frame`. */
      take(until) {
        const slot = this.size === 0 ? -1 : this.heap[0];
        let time2 = slot < 0 ? Number.POSITIVE_INFINITY : this.times[slot];
        let order = slot < 0 ? 0 : this.order[slot];
        let first;
        const { lanes } = this;
        for (let i = 0; i < lanes.length; i++) {
          const lane2 = lanes[i];
          if (lane2.headTime > time2 || lane2.headTime === time2 && lane2.headOrder > order) continue;
          if (lane2.count === 0) continue;
          first = lane2;
          time2 = lane2.headTime;
          order = lane2.headOrder;
        }
        if (time2 > until || time2 === Number.POSITIVE_INFINITY) return false;
        this.time = time2;
        if (first) {
          this.target = first.target();
          this.frame = first.frame();
          first.drop();
        } else this.takeFromHeap(slot);
        return true;
      }
      takeFromHeap(slot) {
        this.target = this.targets[slot];
        this.frame = this.frames[slot];
        this.targets[slot] = void 0;
        this.frames[slot] = void 0;
        this.free[this.freeCount++] = slot;
        const last = this.heap[--this.size];
        if (this.size > 0) this.siftDown(last);
      }
      before(a2, b2) {
        const ta = this.times[a2];
        const tb = this.times[b2];
        return ta < tb || ta === tb && this.order[a2] < this.order[b2];
      }
      siftUp(from, slot) {
        const { heap } = this;
        let at2 = from;
        while (at2 > 0) {
          const parent = at2 - 1 >> 1;
          if (!this.before(slot, heap[parent])) break;
          heap[at2] = heap[parent];
          at2 = parent;
        }
        heap[at2] = slot;
      }
      siftDown(slot) {
        const { heap, size } = this;
        let at2 = 0;
        for (; ; ) {
          let child = 2 * at2 + 1;
          if (child >= size) break;
          if (child + 1 < size && this.before(heap[child + 1], heap[child])) child++;
          if (!this.before(heap[child], slot)) break;
          heap[at2] = heap[child];
          at2 = child;
        }
        heap[at2] = slot;
      }
      grow() {
        const old = this.capacity;
        this.capacity = 2 * old;
        this.heap = widen(this.heap, new Int32Array(this.capacity));
        this.times = widen(this.times, new Float64Array(this.capacity));
        this.order = widen(this.order, new Float64Array(this.capacity));
        this.free = new Int32Array(this.capacity);
        for (let slot = this.capacity - 1; slot >= old; slot--) {
          this.free[this.freeCount++] = slot;
          this.targets[slot] = void 0;
          this.frames[slot] = void 0;
        }
      }
    };
  }
});

// src/wire/checksum.ts
function sumWords(b2, o, end2, initial = 0) {
  let sum = initial;
  let i = o;
  for (; i + 1 < end2; i += 2) sum += b2[i] << 8 | b2[i + 1];
  if (i < end2) sum += b2[i] << 8;
  return sum;
}
function finishSum(sum) {
  let s2 = sum;
  while (s2 > 4294967295) s2 = s2 % 65536 + Math.floor(s2 / 65536);
  s2 = (s2 & 65535) + (s2 >>> 16);
  s2 = (s2 & 65535) + (s2 >>> 16);
  return ~s2 & 65535;
}
function checksum(b2, o, end2, initial = 0) {
  return finishSum(sumWords(b2, o, end2, initial));
}
function pseudoSum4(b2, ip, protocol4, length) {
  return get16(b2, ip + 12) + get16(b2, ip + 14) + get16(b2, ip + 16) + get16(b2, ip + 18) + protocol4 + length;
}
function pseudoSum6(b2, ip, protocol4, length) {
  return sumWords(b2, ip + 8, ip + 40) + protocol4 + (length & 65535) + (length >>> 16);
}
function updateChecksum(field, from, to) {
  let s2 = (~field & 65535) + (~from & 65535) + to;
  s2 = (s2 & 65535) + (s2 >>> 16);
  s2 = (s2 & 65535) + (s2 >>> 16);
  return ~s2 & 65535;
}
function updateChecksum32(field, from, to) {
  return updateChecksum(updateChecksum(field, from >>> 16, to >>> 16), from & 65535, to & 65535);
}
var init_checksum = __esm({
  "src/wire/checksum.ts"() {
    "use strict";
    init_bytes();
  }
});

// src/wire/ipv4.ts
function ipVersion(b2, o) {
  return b2[o] >>> 4;
}
function ipv4HeaderLength(b2, o) {
  return (b2[o] & 15) * 4;
}
function ipv4Tos(b2, o) {
  return b2[o + 1];
}
function ipv4TotalLength(b2, o) {
  return get16(b2, o + 2);
}
function ipv4Id(b2, o) {
  return get16(b2, o + 4);
}
function ipv4DontFragment(b2, o) {
  return (b2[o + 6] & 64) !== 0;
}
function ipv4MoreFragments(b2, o) {
  return (b2[o + 6] & 32) !== 0;
}
function ipv4FragmentOffset(b2, o) {
  return (get16(b2, o + 6) & 8191) * 8;
}
function ipv4IsFragment(b2, o) {
  return (get16(b2, o + 6) & 16383) !== 0;
}
function ipv4Ttl(b2, o) {
  return b2[o + 8];
}
function ipv4Protocol(b2, o) {
  return b2[o + 9];
}
function ipv4Checksum(b2, o) {
  return get16(b2, o + 10);
}
function ipv4Source(b2, o) {
  return readIp4(b2, o + 12);
}
function ipv4Destination(b2, o) {
  return readIp4(b2, o + 16);
}
function checkIpv4(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const fixed2 = need("ip", o, stop, IPV4_HEADER);
  if (!fixed2.ok) return fixed2;
  const length = ipv4HeaderLength(b2, o);
  if (length < IPV4_HEADER) return { ok: false, layer: "ip", need: IPV4_HEADER, have: length, at: o };
  return need("ip", o, stop, length);
}
function writeIpv4(b2, o, fields) {
  const { options } = fields;
  const length = options === void 0 ? IPV4_HEADER : IPV4_HEADER + (options.length + 3 & ~3);
  if (length > IPV4_MAX_HEADER) throw new RangeError(`IPv4 header of ${length} bytes`);
  b2[o] = 64 | length >>> 2;
  b2[o + 1] = fields.tos ?? 0;
  set16(b2, o + 2, fields.totalLength);
  set16(b2, o + 4, fields.id ?? 0);
  set16(b2, o + 6, (fields.flags ?? 0) << 13 | (fields.fragmentOffset ?? 0) >>> 3);
  b2[o + 8] = fields.ttl ?? 64;
  b2[o + 9] = fields.protocol;
  set16(b2, o + 10, 0);
  set32(b2, o + 12, fields.source);
  set32(b2, o + 16, fields.destination);
  if (options !== void 0) {
    b2.fill(0, o + IPV4_HEADER, o + length);
    b2.set(options, o + IPV4_HEADER);
  }
  set16(b2, o + 10, checksum(b2, o, o + length));
  return length;
}
function setIpv4Source(b2, o, ip) {
  set16(b2, o + 10, updateChecksum32(ipv4Checksum(b2, o), get32(b2, o + 12), ip));
  set32(b2, o + 12, ip);
}
function setIpv4Destination(b2, o, ip) {
  set16(b2, o + 10, updateChecksum32(ipv4Checksum(b2, o), get32(b2, o + 16), ip));
  set32(b2, o + 16, ip);
}
function setIpv4Ttl(b2, o, ttl) {
  const before = get16(b2, o + 8);
  b2[o + 8] = ttl;
  set16(b2, o + 10, updateChecksum(ipv4Checksum(b2, o), before, get16(b2, o + 8)));
}
var IPV4_HEADER, IPV4_MAX_HEADER, IPV4_DONT_FRAGMENT;
var init_ipv4 = __esm({
  "src/wire/ipv4.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    IPV4_HEADER = 20;
    IPV4_MAX_HEADER = 60;
    IPV4_DONT_FRAGMENT = 2;
  }
});

// src/wire/ipv6.ts
function ipv6TrafficClass(b2, o) {
  return (b2[o] & 15) << 4 | b2[o + 1] >>> 4;
}
function ipv6PayloadLength(b2, o) {
  return get16(b2, o + 4);
}
function ipv6NextHeader(b2, o) {
  return b2[o + 6];
}
function ipv6HopLimit(b2, o) {
  return b2[o + 7];
}
function ipv6Source(b2, o) {
  return readIp6(b2, o + 8);
}
function ipv6Destination(b2, o) {
  return readIp6(b2, o + 24);
}
function checkIpv6(b2, o, end2) {
  return need("ip6", o, Math.min(end2, b2.length), IPV6_HEADER);
}
function ipv6Upper(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const fixed2 = checkIpv6(b2, o, stop);
  if (!fixed2.ok) return fixed2;
  let protocol4 = ipv6NextHeader(b2, o);
  let at2 = o + IPV6_HEADER;
  let fragment;
  while (isExtension(protocol4) && (fragment === void 0 || fragment.offset === 0)) {
    const head = need(extensionNames[protocol4], at2, stop, 8);
    if (!head.ok) return head;
    if (protocol4 === IP6_FRAGMENT)
      fragment = { offset: get16(b2, at2 + 2) & 65528, more: (b2[at2 + 3] & 1) !== 0, id: get32(b2, at2 + 4) };
    const length = extensionLength(protocol4, b2[at2 + 1]);
    const whole4 = need(extensionNames[protocol4], at2, stop, length);
    if (!whole4.ok) return whole4;
    protocol4 = b2[at2];
    at2 += length;
  }
  return fragment ? { ok: true, protocol: protocol4, offset: at2, fragment } : { ok: true, protocol: protocol4, offset: at2 };
}
function isExtension(protocol4) {
  return extensionNames[protocol4] !== void 0;
}
function extensionLength(protocol4, field) {
  if (protocol4 === IP6_FRAGMENT) return IPV6_FRAGMENT_HEADER;
  return protocol4 === IP6_AUTHENTICATION ? (field + 2) * 4 : (field + 1) * 8;
}
function writeIpv6(b2, o, fields) {
  set32(b2, o, 6 << 28 | (fields.trafficClass ?? 0) << 20 | (fields.flowLabel ?? 0) & 1048575);
  set16(b2, o + 4, fields.payloadLength);
  b2[o + 6] = fields.nextHeader;
  b2[o + 7] = fields.hopLimit ?? 64;
  writeIp(b2, o + 8, fields.source);
  writeIp(b2, o + 24, fields.destination);
  return IPV6_HEADER;
}
function encodeIpv6Fragment(nextHeader, fragment) {
  const b2 = new Uint8Array(IPV6_FRAGMENT_HEADER);
  b2[0] = nextHeader;
  set16(b2, 2, fragment.offset & 65528 | (fragment.more ? 1 : 0));
  set32(b2, 4, fragment.id);
  return b2;
}
function setIpv6HopLimit(b2, o, hopLimit) {
  b2[o + 7] = hopLimit;
}
var IPV6_HEADER, IPV6_FRAGMENT_HEADER, IP6_HOP_BY_HOP, IP6_ROUTING, IP6_FRAGMENT, IP6_AUTHENTICATION, IP6_DESTINATION_OPTIONS, extensionNames;
var init_ipv6 = __esm({
  "src/wire/ipv6.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    IPV6_HEADER = 40;
    IPV6_FRAGMENT_HEADER = 8;
    IP6_HOP_BY_HOP = 0;
    IP6_ROUTING = 43;
    IP6_FRAGMENT = 44;
    IP6_AUTHENTICATION = 51;
    IP6_DESTINATION_OPTIONS = 60;
    extensionNames = {
      [IP6_HOP_BY_HOP]: "hbhopt",
      [IP6_ROUTING]: "rt6",
      [IP6_FRAGMENT]: "frag6",
      [IP6_AUTHENTICATION]: "ah",
      [IP6_DESTINATION_OPTIONS]: "dstopt"
    };
  }
});

// src/wire/l4.ts
function l4ChecksumOffset(protocol4) {
  switch (protocol4) {
    case PROTO_TCP:
      return 16;
    case PROTO_UDP:
      return 6;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      return 2;
    default:
      return -1;
  }
}
function fillL4Checksum(b2, ip, end2) {
  const segment = locate(b2, ip, end2);
  if (!segment) return;
  const field = segment.at + l4ChecksumOffset(segment.protocol);
  set16(b2, field, 0);
  const value = sumSegment(b2, ip, segment);
  set16(b2, field, value === 0 && segment.protocol === PROTO_UDP ? 65535 : value);
}
function sumSegment(b2, ip, { protocol: protocol4, at: at2, end: end2 }) {
  const length = end2 - at2;
  if (protocol4 === PROTO_ICMP) return checksum(b2, at2, end2);
  return checksum(
    b2,
    at2,
    end2,
    ipVersion(b2, ip) === 6 ? pseudoSum6(b2, ip, protocol4, length) : pseudoSum4(b2, ip, protocol4, length)
  );
}
function locate(b2, ip, limit) {
  const stop = Math.min(limit, b2.length);
  const six = stop > ip && ipVersion(b2, ip) === 6;
  const segment = six ? locate6(b2, ip, stop) : locate4(b2, ip, stop);
  if (!segment || segment.end > stop) return void 0;
  const field = l4ChecksumOffset(segment.protocol);
  return field >= 0 && segment.end >= segment.at + field + 2 ? segment : void 0;
}
function locate4(b2, ip, stop) {
  if (!checkIpv4(b2, ip, stop).ok || ipv4IsFragment(b2, ip)) return void 0;
  const protocol4 = ipv4Protocol(b2, ip);
  if (protocol4 === PROTO_ICMPV6) return void 0;
  return { protocol: protocol4, at: ip + ipv4HeaderLength(b2, ip), end: ip + ipv4TotalLength(b2, ip) };
}
function locate6(b2, ip, stop) {
  const upper = ipv6Upper(b2, ip, stop);
  if (!upper.ok || upper.protocol === PROTO_ICMP) return void 0;
  if (upper.fragment && (upper.fragment.offset > 0 || upper.fragment.more)) return void 0;
  return { protocol: upper.protocol, at: upper.offset, end: ip + IPV6_HEADER + ipv6PayloadLength(b2, ip) };
}
var PROTO_ICMP, PROTO_TCP, PROTO_UDP, PROTO_ICMPV6;
var init_l4 = __esm({
  "src/wire/l4.ts"() {
    "use strict";
    init_bytes();
    init_checksum();
    init_ipv4();
    init_ipv6();
    PROTO_ICMP = 1;
    PROTO_TCP = 6;
    PROTO_UDP = 17;
    PROTO_ICMPV6 = 58;
  }
});

// src/datapath/drop.ts
function row(code, name, text4, hint = "") {
  return { code, name, text: text4, hint };
}
var dropReasons, drop;
var init_drop = __esm({
  "src/datapath/drop.ts"() {
    "use strict";
    dropReasons = {
      0: row(0, "REASON_FORWARDED", "Success"),
      2: row(2, "REASON_INVALID", "Invalid packet"),
      3: row(3, "REASON_PLAINTEXT", "Interface"),
      4: row(4, "REASON_DECRYPT", "Interface Decrypted"),
      5: row(5, "REASON_LB_NO_BACKEND_SLOT", "LB, sock cgroup: No backend slot entry found"),
      6: row(6, "REASON_LB_NO_BACKEND", "LB, sock cgroup: No backend entry found"),
      7: row(7, "REASON_LB_REVNAT_UPDATE", "LB, sock cgroup: Reverse entry update failed"),
      8: row(8, "REASON_LB_REVNAT_STALE", "LB, sock cgroup: Reverse entry stale"),
      9: row(9, "REASON_FRAG_PACKET", "Fragmented packet"),
      10: row(10, "REASON_FRAG_PACKET_UPDATE", "Fragmented packet entry update failed"),
      11: row(11, "REASON_MISSED_CUSTOM_CALL", "Missed tail call to custom program"),
      12: row(12, "REASON_DECRYPTING", "Interface Decrypting"),
      13: row(13, "REASON_ENCRYPTING", "Interface Encrypting"),
      14: row(14, "REASON_LB_REVNAT_DELETE", "LB: sock cgroup: Reverse entry delete succeeded"),
      15: row(15, "REASON_MTU_ERROR_MSG", "MTU error message"),
      130: row(130, "DROP_INVALID_SMAC", "Invalid source mac"),
      131: row(131, "DROP_INVALID_DMAC", "Invalid destination mac"),
      132: row(
        132,
        "DROP_INVALID_SIP",
        "Invalid source ip",
        "The source address is not the one of the pod it came from (source-ip-verification)."
      ),
      133: row(
        133,
        "DROP_POLICY",
        "Policy denied",
        "Default deny: policies select this endpoint in this direction and none of them allows the peer."
      ),
      134: row(
        134,
        "DROP_INVALID",
        "Invalid packet",
        "The packet is too short or malformed, or the endpoint program got it in a state it does not expect."
      ),
      135: row(135, "DROP_CT_INVALID_HDR", "CT: Truncated or invalid header", "The transport header is cut off."),
      136: row(
        136,
        "DROP_FRAG_NEEDED",
        "Fragmentation needed",
        "With the DSR option the packet exceeds the MTU of the device."
      ),
      137: row(
        137,
        "DROP_CT_UNKNOWN_PROTO",
        "CT: Unknown L4 protocol",
        "Only TCP, UDP, SCTP and ICMP are tracked unless enable-extended-ip-protocols is set."
      ),
      138: row(138, "DROP_CT_CANT_CREATE", "CT: Can't create entry from packet"),
      139: row(139, "DROP_UNKNOWN_L3", "Unsupported L3 protocol", "Neither an enabled IP family nor ARP."),
      140: row(
        140,
        "DROP_MISSED_TAIL_CALL",
        "Missed tail call",
        "A program is missing from the tail call map: the agent is loading or failed to."
      ),
      141: row(141, "DROP_WRITE_ERROR", "Error writing to packet"),
      142: row(
        142,
        "DROP_UNKNOWN_L4",
        "Unknown L4 protocol",
        "The transport protocol has no ports that could be translated."
      ),
      143: row(143, "DROP_UNKNOWN_ICMP4_CODE", "Unknown ICMPv4 code", "An ICMP error with a code that NAT does not know."),
      144: row(144, "DROP_UNKNOWN_ICMP4_TYPE", "Unknown ICMPv4 type"),
      145: row(
        145,
        "DROP_UNKNOWN_ICMP6_CODE",
        "Unknown ICMPv6 code",
        "An ICMPv6 error with a code that NAT does not know."
      ),
      146: row(146, "DROP_UNKNOWN_ICMP6_TYPE", "Unknown ICMPv6 type"),
      147: row(
        147,
        "DROP_NO_TUNNEL_KEY",
        "Error retrieving tunnel key",
        "The packet reached the tunnel device without tunnel metadata: it was not decapsulated there."
      ),
      148: row(148, "DROP_NO_TUNNEL_OPT", "Error retrieving tunnel options"),
      149: row(149, "DROP_INVALID_GENEVE", "Invalid Geneve option"),
      150: row(
        150,
        "DROP_UNKNOWN_TARGET",
        "Unknown L3 target address",
        "Nobody here owns the address that the neighbour solicitation asks for."
      ),
      151: row(
        151,
        "DROP_UNROUTABLE",
        "Stale or unroutable IP",
        "The pod address belongs to this node but no endpoint has it: a pod that is gone, or not ready yet."
      ),
      152: row(152, "DROP_NO_LXC", "No matching local container found"),
      153: row(153, "DROP_CSUM_L3", "Error while correcting L3 checksum"),
      154: row(154, "DROP_CSUM_L4", "Error while correcting L4 checksum"),
      155: row(155, "DROP_CT_CREATE_FAILED", "CT: Map insertion failed", "The conntrack map is full."),
      156: row(
        156,
        "DROP_INVALID_EXTHDR",
        "Invalid IPv6 extension header",
        "An IPv6 extension header chain that is too long or ends without a transport header."
      ),
      157: row(157, "DROP_FRAG_NOSUPPORT", "IP fragmentation not supported", "Fragment tracking is off."),
      158: row(
        158,
        "DROP_NO_SERVICE",
        "Service backend not found",
        "The service has no backend, or the VIP has no service on that port."
      ),
      159: row(159, "DROP_UNSUPP_SERVICE_PROTO", "", "ICMP to a service address is not translated."),
      160: row(
        160,
        "DROP_NO_TUNNEL_ENDPOINT",
        "No tunnel/encapsulation endpoint (datapath BUG!)",
        "The backend of a DSR service has no tunnel endpoint in the ipcache."
      ),
      161: row(161, "DROP_NAT_46X64_DISABLED", "NAT 46/64 not enabled"),
      162: row(162, "DROP_EDT_HORIZON", "Reached EDT rate-limiting drop horizon"),
      163: row(163, "DROP_UNKNOWN_CT", "Unknown connection tracking state"),
      164: row(164, "DROP_HOST_UNREACHABLE", "Local host is unreachable", "The host endpoint program is not there."),
      165: row(165, "DROP_NO_CONFIG", "No configuration available to perform policy decision"),
      166: row(
        166,
        "DROP_UNSUPPORTED_L2",
        "Unsupported L2 protocol",
        "The frame has a length field instead of an ethertype."
      ),
      167: row(
        167,
        "DROP_NAT_NO_MAPPING",
        "No mapping for NAT masquerade",
        "No free port was found for the masqueraded connection."
      ),
      168: row(
        168,
        "DROP_NAT_UNSUPP_PROTO",
        "Unsupported protocol for NAT masquerade",
        "Only TCP, UDP and ICMP echo are masqueraded."
      ),
      169: row(
        169,
        "DROP_NO_FIB",
        "FIB lookup failed",
        "The kernel has no route (the extended error is the result of bpf_fib_lookup)."
      ),
      170: row(
        170,
        "DROP_ENCAP_PROHIBITED",
        "Encapsulation traffic is prohibited",
        "A pod may not send to the tunnel port."
      ),
      171: row(
        171,
        "DROP_INVALID_IDENTITY",
        "Invalid identity",
        "The VNI carries the identity of a host, which a node never sends."
      ),
      172: row(172, "DROP_UNKNOWN_SENDER", "Unknown sender", "The sender has no identity."),
      173: row(173, "DROP_NAT_NOT_NEEDED", "NAT not needed"),
      174: row(
        174,
        "DROP_IS_CLUSTER_IP",
        "Is a ClusterIP",
        "ClusterIPs are not reachable from outside unless bpf-lb-external-clusterip is set."
      ),
      175: row(
        175,
        "DROP_FRAG_NOT_FOUND",
        "First logical datagram fragment not found",
        "A later fragment came without its first one, so its ports are unknown."
      ),
      176: row(
        176,
        "DROP_FORBIDDEN_ICMP6",
        "Forbidden ICMPv6 message",
        "The host firewall does not allow this ICMPv6 type."
      ),
      177: row(
        177,
        "DROP_NOT_IN_SRC_RANGE",
        "Denied by LB src range check",
        "The client is outside loadBalancerSourceRanges."
      ),
      178: row(178, "DROP_PROXY_LOOKUP_FAILED", "Socket lookup failed"),
      179: row(179, "DROP_PROXY_SET_FAILED", "Socket assign failed"),
      180: row(180, "DROP_PROXY_UNKNOWN_PROTO", "Proxy redirection not supported for protocol"),
      181: row(181, "DROP_POLICY_DENY", "Policy denied by denylist", "A deny rule matches; deny wins over allow."),
      182: row(182, "DROP_VLAN_FILTERED", "VLAN traffic disallowed by VLAN filter", "The VLAN is not in the bypass list."),
      183: row(183, "DROP_INVALID_VNI", "Incorrect VNI from VTEP"),
      184: row(184, "DROP_INVALID_TC_BUFFER", "Failed to update or lookup TC buffer"),
      185: row(185, "DROP_NO_SID", "No SID was found for the IP address"),
      186: row(186, "DROP_MISSING_SRV6_STATE", "SRv6 state was removed during tail call"),
      187: row(187, "DROP_NAT46", "L3 translation from IPv4 to IPv6 failed (NAT46)"),
      188: row(188, "DROP_NAT64", "L3 translation from IPv6 to IPv4 failed (NAT64)"),
      189: row(
        189,
        "DROP_POLICY_AUTH_REQUIRED",
        "Authentication required",
        "The policy requires mutual authentication that has not happened."
      ),
      190: row(190, "DROP_CT_NO_MAP_FOUND", "No conntrack map found"),
      191: row(191, "DROP_SNAT_NO_MAP_FOUND", "No nat map found"),
      192: row(192, "DROP_INVALID_CLUSTER_ID", "Invalid ClusterID"),
      193: row(193, "DROP_DSR_ENCAP_UNSUPP_PROTO", "Unsupported packet protocol for DSR encapsulation"),
      194: row(
        194,
        "DROP_NO_EGRESS_GATEWAY",
        "No egress gateway found",
        "The egress gateway policy selects no gateway node."
      ),
      195: row(
        195,
        "DROP_UNENCRYPTED_TRAFFIC",
        "Traffic is unencrypted",
        "Encryption strict mode allows no plain traffic."
      ),
      196: row(
        196,
        "DROP_TTL_EXCEEDED",
        "TTL exceeded",
        "The packet has used up its hops; IPv4 gets no ICMP for it, IPv6 does."
      ),
      197: row(197, "DROP_NO_NODE_ID", "No node ID found"),
      198: row(198, "DROP_RATE_LIMITED", "Rate limited"),
      199: row(199, "DROP_IGMP_HANDLED", "IGMP handled"),
      200: row(200, "DROP_IGMP_SUBSCRIBED", "IGMP subscribed"),
      201: row(201, "DROP_MULTICAST_HANDLED", "Multicast handled"),
      202: row(202, "DROP_HOST_NOT_READY", "Host datapath not ready", "The host endpoint program is not loaded yet."),
      203: row(
        203,
        "DROP_EP_NOT_READY",
        "Endpoint policy program not available",
        "The policy program of the endpoint is not loaded yet: the pod is starting or has gone."
      ),
      204: row(204, "DROP_NO_EGRESS_IP", "No Egress IP configured", "The egress gateway has no egress IP."),
      205: row(205, "DROP_PUNT_PROXY", "Punt to proxy"),
      206: row(206, "DROP_NO_DEVICE", "No device"),
      207: row(
        207,
        "DROP_FRAG_NOT_FOUND_WORLD",
        "First logical datagram fragment not found from world",
        "A later fragment came from outside without its first one."
      )
    };
    drop = {
      invalidSip: 132,
      policy: 133,
      invalid: 134,
      ctInvalidHdr: 135,
      fragNeeded: 136,
      ctUnknownProto: 137,
      unknownL3: 139,
      unknownL4: 142,
      unknownIcmp4Code: 143,
      unknownIcmp6Code: 145,
      noTunnelKey: 147,
      unknownTarget: 150,
      unroutable: 151,
      ctCreateFailed: 155,
      invalidExthdr: 156,
      fragNosupport: 157,
      noService: 158,
      unsuppServiceProto: 159,
      noTunnelEndpoint: 160,
      unknownCt: 163,
      unsupportedL2: 166,
      natNoMapping: 167,
      natUnsuppProto: 168,
      noFib: 169,
      encapProhibited: 170,
      invalidIdentity: 171,
      natNotNeeded: 173,
      noEgressGateway: 194,
      noEgressIp: 204,
      isClusterIp: 174,
      fragNotFound: 175,
      notInSrcRange: 177,
      policyDeny: 181,
      ttlExceeded: 196,
      epNotReady: 203,
      fragNotFoundWorld: 207,
      csumL4: 154
    };
  }
});

// src/datapath/bpf/frame.ts
function newFrame() {
  return {
    family: 4,
    l3: 0,
    l4: 0,
    protocol: 0,
    source: 0,
    destination: 0,
    fragment: false,
    hasL4: true,
    fragmentId: 0
  };
}
function parseFrame(f3, skb, family) {
  f3.family = family;
  f3.l3 = skb.start + ETH_HEADER;
  return family === 4 ? parse4(f3, skb.buf, f3.l3, skb.end) : parse6(f3, skb.buf, f3.l3, skb.end);
}
function parse4(f3, b2, o, end2) {
  if (end2 - o < 20) return -drop.invalid;
  const offset = get16(b2, o + 6);
  f3.l4 = o + (b2[o] & 15) * 4;
  f3.protocol = b2[o + 9];
  f3.source = readIp4(b2, o + 12);
  f3.destination = readIp4(b2, o + 16);
  f3.fragment = (offset & 16383) !== 0;
  f3.hasL4 = (offset & 8191) === 0;
  f3.fragmentId = get16(b2, o + 4);
  return 0;
}
function parse6(f3, b2, o, end2) {
  if (end2 - o < 40) return -drop.invalid;
  f3.source = readIp6(b2, o + 8);
  f3.destination = readIp6(b2, o + 24);
  f3.fragment = false;
  f3.hasL4 = true;
  f3.fragmentId = 0;
  return walkExtensionHeaders(f3, b2, o, end2);
}
function walkExtensionHeaders(f3, b2, o, end2) {
  let next = b2[o + 6];
  let at2 = o + 40;
  for (let i = 0; i < MAX_EXTENSION_HEADERS; i++) {
    if (next === NO_NEXT_HEADER) return -drop.invalidExthdr;
    const units2 = next === FRAGMENT ? 0 : extensionUnits(next);
    if (units2 < 0) {
      f3.protocol = next;
      f3.l4 = at2;
      return 0;
    }
    if (end2 - at2 < (next === FRAGMENT ? 8 : 2)) return -drop.invalid;
    let length = 8;
    if (next === FRAGMENT) {
      const offset = get16(b2, at2 + 2);
      f3.fragment = (offset & 65529) !== 0;
      f3.hasL4 = (offset & 65528) === 0;
      f3.fragmentId = get32(b2, at2 + 4);
    } else length = next === AUTHENTICATION ? (b2[at2 + 1] + 2) * 4 : (b2[at2 + 1] + 1) * 8;
    next = b2[at2];
    at2 += length;
  }
  return -drop.invalidExthdr;
}
function extensionUnits(next) {
  return next === HOP_BY_HOP || next === ROUTING || next === AUTHENTICATION || next === DESTINATION_OPTIONS ? 0 : -1;
}
function checksumOffset(protocol4) {
  if (protocol4 === proto.tcp) return 16;
  if (protocol4 === proto.udp) return 6;
  return protocol4 === proto.icmp6 ? 2 : 0;
}
function replaceWord(b2, at2, udp, from, to) {
  const field = get16(b2, at2);
  if (udp && field === 0) return;
  const next = updateChecksum(field, from, to);
  set16(b2, at2, udp && next === 0 ? 65535 : next);
}
function replaceAddress(b2, at2, udp, from, to) {
  let field = get16(b2, at2);
  if (udp && field === 0) return;
  if (isIp4(from)) field = updateChecksum32(field, from, to);
  else for (let i = 0; i < 8; i++) field = updateChecksum(field, from.charCodeAt(i), to.charCodeAt(i));
  set16(b2, at2, udp && field === 0 ? 65535 : field);
}
function rewriteAddress(b2, end2, l3, l43, protocol4, which, from, to) {
  const v4 = isIp4(from);
  writeIp(b2, l3 + (v4 ? which === "source" ? 12 : 16 : which === "source" ? 8 : 24), to);
  if (v4) set16(b2, l3 + 10, updateChecksum32(get16(b2, l3 + 10), from, to));
  const at2 = checksumOffset(protocol4);
  if (l43 < 0 || at2 === 0) return 0;
  if (l43 + at2 + 2 > end2) return -drop.csumL4;
  replaceAddress(b2, l43 + at2, protocol4 === proto.udp, from, to);
  return 0;
}
function rewritePort(b2, end2, l43, protocol4, offset, from, to) {
  set16(b2, l43 + offset, to);
  const at2 = l43 + (protocol4 === proto.icmp ? 2 : checksumOffset(protocol4));
  if (at2 + 2 > end2) return -drop.csumL4;
  replaceWord(b2, at2, protocol4 === proto.udp, from, to);
  return 0;
}
function decrementTtl(b2, l3, family) {
  const at2 = family === 4 ? l3 + 8 : l3 + 7;
  const ttl = b2[at2];
  if (ttl <= 1) return false;
  b2[at2] = ttl - 1;
  if (family === 4) set16(b2, l3 + 10, updateChecksum(get16(b2, l3 + 10), ttl << 8, ttl - 1 << 8));
  return true;
}
function pushHead(skb, bytes) {
  if (skb.start >= bytes) {
    skb.start -= bytes;
    return;
  }
  const grown = new Uint8Array(skb.buf.length + bytes + HEADROOM);
  const shift2 = bytes + HEADROOM;
  grown.set(skb.buf.subarray(skb.start, skb.end), skb.start + shift2);
  skb.buf = grown;
  skb.end += shift2;
  skb.start += shift2 - bytes;
}
function setLength(skb, length) {
  const end2 = skb.start + length;
  if (end2 > skb.buf.length) {
    const grown = new Uint8Array(end2 + HEADROOM);
    grown.set(skb.buf.subarray(0, skb.end));
    skb.buf = grown;
  } else if (end2 > skb.end) skb.buf.fill(0, skb.end, end2);
  skb.end = end2;
}
var ETH_HEADER, etherType, proto, SOURCE_PORT, DESTINATION_PORT, HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, NO_NEXT_HEADER, DESTINATION_OPTIONS, MAX_EXTENSION_HEADERS, HEADROOM;
var init_frame = __esm({
  "src/datapath/bpf/frame.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_drop();
    ETH_HEADER = 14;
    etherType = { ip4: 2048, arp: 2054, ip6: 34525 };
    proto = { icmp: 1, ipip: 4, tcp: 6, udp: 17, icmp6: 58, sctp: 132 };
    SOURCE_PORT = 0;
    DESTINATION_PORT = 2;
    HOP_BY_HOP = 0;
    ROUTING = 43;
    FRAGMENT = 44;
    AUTHENTICATION = 51;
    NO_NEXT_HEADER = 59;
    DESTINATION_OPTIONS = 60;
    MAX_EXTENSION_HEADERS = 4;
    HEADROOM = 64;
  }
});

// src/datapath/model.ts
var traceReasons, ctFlags;
var init_model5 = __esm({
  "src/datapath/model.ts"() {
    "use strict";
    traceReasons = [
      "new",
      "established",
      "reply",
      "related",
      "reserved",
      "unknown",
      "srv6-encap",
      "srv6-decap"
    ];
    ctFlags = { OUT: 0, IN: 1, RELATED: 2, SERVICE: 4 };
  }
});

// src/datapath/bpf/run.ts
function isFinal(code) {
  return code >= FINAL;
}
function finish(code) {
  return code >= FINAL ? code : code === REDIRECT ? FINAL_REDIRECT : FINAL_OK;
}
function isFromProxy({ skb }, kind) {
  return skb.tcIndex !== void 0 && (skb.tcIndex & kind) !== 0;
}
function newTuple() {
  return { daddr: 0, saddr: 0, dport: 0, sport: 0, protocol: 0, flags: 0 };
}
function copyTuple(to, from) {
  to.daddr = from.daddr;
  to.saddr = from.saddr;
  to.dport = from.dport;
  to.sport = from.sport;
  to.protocol = from.protocol;
  to.flags = from.flags;
  return to;
}
function swapAddresses(t) {
  const ip = t.saddr;
  t.saddr = t.daddr;
  t.daddr = ip;
}
function swapPorts(t) {
  const port5 = t.sport;
  t.sport = t.dport;
  t.dport = port5;
}
function newCtState() {
  return clearCtState({});
}
function clearCtState(s2) {
  s2.natAddr = void 0;
  s2.natPort = 0;
  s2.revNat = 0;
  s2.loopback = false;
  s2.nodePort = false;
  s2.dsrInternal = false;
  s2.syn = false;
  s2.proxyRedirect = false;
  s2.fromL7lb = false;
  s2.fromTunnel = false;
  s2.newBackend = false;
  s2.sourceIdentity = 0;
  s2.backendId = 0;
  return s2;
}
function newRun() {
  return {
    skb: void 0,
    node: void 0,
    program: void 0,
    hook: "cil_from_container",
    kind: "lxc",
    endpoint: void 0,
    frame: newFrame(),
    extError: 0,
    route: void 0,
    action: OK2,
    monitor: true,
    found: newCtState(),
    created: newCtState(),
    tuple: newTuple(),
    service: newCtState(),
    serviceTuple: newTuple(),
    otherTuple: newTuple(),
    backend: void 0,
    cause: "",
    natAddr: void 0,
    natPort: 0,
    fromDsr: false,
    policyMatch: 0,
    proxyPort: 0,
    reason: 0,
    reasonMonitor: true
  };
}
function actionOf(run3, code) {
  return code === FINAL_REDIRECT || code === FINAL_DROP ? run3.action : OK2;
}
function clearMeta({ cb: cells }) {
  cells[0] = 0;
  cells[1] = 0;
  cells[2] = 0;
  cells[3] = 0;
  cells[4] = 0;
}
function frameType(skb) {
  return get16(skb.buf, skb.start + 12);
}
function frameSource(skb) {
  return get48(skb.buf, skb.start + 6);
}
function endpointLabel(run3) {
  return run3.endpoint?.identity ?? 0;
}
function worldIdentity2(run3) {
  return run3.frame.family === 4 ? run3.program.worldIdentity4 : run3.program.worldIdentity6;
}
function setMark(run3, label, kind) {
  run3.skb.mark = ((label & 65535) << 16 | kind | label >>> 16 & 255) >>> 0;
}
function markIdentity(mark) {
  return mark >>> 16 | (mark & 255) << 16;
}
function markMagic(mark) {
  return mark & magic.mask;
}
function setSnatDone(run3) {
  if (run3.kind === "xdp") return;
  run3.skb.mark = (run3.skb.mark & ~magic.mask | magic.snatDone) >>> 0;
}
function isRemoteNode(label) {
  return label === identity.remoteNode || label === identity.apiserver || label >>> 24 === 2;
}
function isReserved(run3, label) {
  if (label < identity.unmanaged || isRemoteNode(label)) return true;
  return isDualStack(run3) && (label === identity.worldIpv4 || label === identity.worldIpv6);
}
function isWorld(run3, label, family) {
  if (label === identity.world) return true;
  return isDualStack(run3) && label === (family === 4 ? identity.worldIpv4 : identity.worldIpv6);
}
function isDualStack(run3) {
  return run3.program.ipv4 && run3.program.ipv6;
}
var REDIRECT, FINAL, FINAL_OK, FINAL_REDIRECT, FINAL_DROP, cb, magic, tcIndex, identity, OK2;
var init_run = __esm({
  "src/datapath/bpf/run.ts"() {
    "use strict";
    init_bytes();
    init_frame();
    REDIRECT = 7;
    FINAL = 256;
    FINAL_OK = FINAL;
    FINAL_REDIRECT = FINAL + REDIRECT;
    FINAL_DROP = FINAL + 2;
    cb = {
      sourceLabel: 0,
      deliveryFlags: 1,
      address: 1,
      cluster: 2,
      natFlags: 2,
      fromHost: 3,
      ctState: 4
    };
    magic = {
      mask: 3840,
      toProxy: 512,
      snatDone: 768,
      overlay: 1024,
      egwDone: 1280,
      skipTproxy: 2048,
      proxyIngress: 2560,
      proxyEgress: 2816,
      host: 3072,
      encrypt: 3584,
      identity: 3840
    };
    tcIndex = { fromIngressProxy: 1, fromEgressProxy: 2 };
    identity = {
      unknown: 0,
      host: 1,
      world: 2,
      unmanaged: 3,
      remoteNode: 6,
      apiserver: 7,
      worldIpv4: 9,
      worldIpv6: 10
    };
    OK2 = { kind: "ok" };
  }
});

// src/datapath/bpf/events.ts
function eventSource(run3) {
  if (run3.kind === "lxc") return run3.endpoint?.endpointId ?? 0;
  return run3.kind === "host" ? run3.program.hostEndpointId : 0;
}
function frameBytes(run3) {
  return run3.skb.buf.subarray(run3.skb.start, run3.skb.end);
}
function trace(run3, point, source, destination2, destinationEndpoint, ifindex, reason, monitor, originalIp) {
  const { emit } = run3.node;
  if (!emit || aggregated(run3.program.monitorAggregation, point, monitor)) return;
  emit({
    kind: "trace",
    time: run3.node.time,
    node: run3.node.state.node.name,
    packet: run3.skb.packet,
    hook: run3.hook,
    point,
    reason: traceReasons[reason],
    sourceIdentity: source,
    destinationIdentity: destination2,
    endpoint: eventSource(run3),
    destinationEndpoint,
    ifindex,
    originalIp,
    flags: classify(run3, point),
    length: run3.skb.end - run3.skb.start,
    frame: frameBytes(run3)
  });
}
function aggregated(level, point, monitor) {
  return level >= 1 && point.startsWith("from-") || level >= 3 && !monitor;
}
function classify(run3, point) {
  const { program, skb } = run3;
  const type = frameType(skb);
  let flags = type === etherType.ip6 ? CLASS_IPV6 : 0;
  if (run3.kind !== "host" || !program.encap) return flags;
  const tunnelled2 = point === "to-network" ? markMagic(skb.mark) === magic.overlay : point === "from-network" && isTunnelPacket(run3, type);
  if (tunnelled2) flags |= program.tunnelProtocol === "vxlan" ? CLASS_VXLAN : CLASS_GENEVE;
  return flags;
}
function isTunnelPacket(run3, type) {
  const { buf, start: start2, end: end2 } = run3.skb;
  const l3 = start2 + 14;
  const v4 = type === etherType.ip4 && run3.program.ipv4;
  if (!v4 && !(type === etherType.ip6 && run3.program.ipv6)) return false;
  const l43 = v4 ? l3 + (buf[l3] & 15) * 4 : l3 + 40;
  if (l43 + 4 > end2 || buf[v4 ? l3 + 9 : l3 + 6] !== proto.udp) return false;
  return get16(buf, l43 + 2) === run3.program.tunnelPort;
}
function policyVerdict(run3, direction2, verdict, match, remoteIdentity, port5, protocol4, audited) {
  run3.node.emit?.({
    kind: "policy-verdict",
    time: run3.node.time,
    node: run3.node.state.node.name,
    packet: run3.skb.packet,
    hook: run3.hook,
    direction: direction2,
    verdict,
    match,
    remoteIdentity,
    endpoint: eventSource(run3),
    port: port5,
    protocol: protocol4,
    family: run3.frame.family,
    audited,
    length: run3.skb.end - run3.skb.start,
    frame: frameBytes(run3)
  });
}
function helper(run3, name, values) {
  run3.node.emit?.({
    kind: "helper",
    time: run3.node.time,
    node: run3.node.state.node.name,
    packet: run3.skb.packet,
    hook: run3.hook,
    helper: name,
    values
  });
}
function emitEvent(run3, event) {
  run3.node.emit?.({
    time: run3.node.time,
    node: run3.node.state.node.name,
    packet: run3.skb.packet,
    hook: run3.hook,
    ...event
  });
}
function site(file, line4, line6 = line4) {
  return { file, line4, line6 };
}
function dropPacket(run3, at2, reason, source, destination2 = 0, destinationEndpoint = 0) {
  const { skb, node: node2 } = run3;
  const line = run3.frame.family === 6 ? at2.line6 : at2.line4;
  const { cb: cb2 } = skb;
  cb2[0] = source;
  cb2[1] = destination2;
  cb2[2] = reason | (run3.extError & 255) << 8;
  cb2[3] = destinationEndpoint;
  cb2[4] = (run3.kind === "xdp" ? XDP_DROP : EXIT_DROP) | at2.file << 8 | line << 16;
  run3.action = { kind: "drop", reason };
  node2.emit?.({
    kind: "drop",
    time: node2.time,
    node: node2.state.node.name,
    packet: skb.packet,
    hook: run3.hook,
    reason,
    extError: run3.extError,
    sourceIdentity: source,
    destinationIdentity: destination2,
    endpoint: eventSource(run3),
    destinationEndpoint,
    ifindex: skb.ifindex,
    length: skb.end - skb.start,
    frame: frameBytes(run3),
    at: { file: FILES[at2.file], line }
  });
  return FINAL_DROP;
}
function dropToEndpoint(run3, at2, reason, source) {
  return dropPacket(run3, at2, reason, source, endpointLabel(run3), run3.endpoint?.endpointId ?? 0);
}
var REASON_UNKNOWN, CLASS_IPV6, CLASS_VXLAN, CLASS_GENEVE, FILES, dropSites, EXIT_DROP, XDP_DROP;
var init_events = __esm({
  "src/datapath/bpf/events.ts"() {
    "use strict";
    init_bytes();
    init_model5();
    init_frame();
    init_run();
    REASON_UNKNOWN = 5;
    CLASS_IPV6 = 1;
    CLASS_VXLAN = 4;
    CLASS_GENEVE = 8;
    FILES = {
      1: "bpf_host.c",
      2: "bpf_lxc.c",
      3: "bpf_overlay.c",
      4: "bpf_xdp.c",
      103: "icmp6.h",
      104: "nodeport.h",
      105: "lb.h",
      113: "nodeport_egress.h"
    };
    dropSites = {
      ctLookup: site(2, 502),
      lxcEgress: site(2, 1663, 1070),
      lxcStart: site(2, 1732, 1127),
      lxcEntry: site(2, 1841),
      lxcIngressPolicy: site(2, 2410, 2077),
      lxcToEndpoint: site(2, 2477, 2145),
      toContainer: site(2, 2706),
      policyDenied: site(2, 2729, 2765),
      overlayTail: site(3, 418, 177),
      overlayEntry: site(3, 596),
      toOverlay: site(3, 664),
      hostTail: site(1, 995, 510),
      hostEntry: site(1, 1293),
      toNetdev: site(1, 1657),
      toHost: site(1, 1909),
      timeExceeded: site(103, 323),
      neighbourSolicitation: site(103, 407),
      xdp: site(4, 155, 231),
      noService: site(105, 2399, 2438),
      dsr: site(104, 2148, 781),
      dsrTooBig: site(104, 2095, 702),
      revNat: site(104, 2462, 1121),
      natIngress: site(104, 2552, 1216),
      natEgress: site(104, 2698, 1370),
      snatForward: site(113, 460, 143),
      natForward: site(113, 605, 280)
    };
    EXIT_DROP = 2;
    XDP_DROP = 1;
  }
});

// src/datapath/bpf/fragments.ts
function datagramKey(f3) {
  return `${f3.source}|${f3.destination}|${f3.fragmentId}|${f3.protocol}`;
}
function loadPorts(run3, t) {
  const f3 = run3.frame;
  const tracked = f3.family === 4 ? run3.program.fragments4 : run3.program.fragments6;
  if (!f3.hasL4) {
    if (!tracked) return -drop.fragNosupport;
    const known3 = run3.node.fragments.get(datagramKey(f3));
    if (!known3) return -drop.fragNotFound;
    t.dport = known3.sourcePort;
    t.sport = known3.destinationPort;
    return 0;
  }
  const { buf, end: end2 } = run3.skb;
  if (f3.l4 + 4 > end2) return -drop.ctInvalidHdr;
  t.dport = get16(buf, f3.l4 + SOURCE_PORT);
  t.sport = get16(buf, f3.l4 + DESTINATION_PORT);
  if (f3.fragment && tracked) {
    run3.node.fragments.set(datagramKey(f3), { sourcePort: t.dport, destinationPort: t.sport });
  }
  return 0;
}
var init_fragments = __esm({
  "src/datapath/bpf/fragments.ts"() {
    "use strict";
    init_bytes();
    init_drop();
    init_frame();
  }
});

// src/datapath/bpf/conntrack.ts
function startFlags(direction2, scope) {
  if (direction2 === "service") return ctFlags.SERVICE;
  const forward3 = scope === "forward";
  return direction2 === "egress" === forward3 ? ctFlags.OUT : ctFlags.IN;
}
function packetTuple(f3, t) {
  t.daddr = f3.destination;
  t.saddr = f3.source;
  t.protocol = f3.protocol;
  return t;
}
function extractPorts(run3, t) {
  switch (t.protocol) {
    case proto.tcp:
    case proto.udp:
      return loadPorts(run3, t);
    case proto.sctp:
      if (run3.program.sctp) return loadPorts(run3, t);
      break;
    case proto.icmp:
    case proto.icmp6:
      if (t.protocol === proto.icmp === (run3.frame.family === 4)) return extractEcho(run3, t);
      break;
  }
  t.sport = 0;
  t.dport = 0;
  return run3.program.extendedProtocols ? 0 : -drop.ctUnknownProto;
}
function extractEcho(run3, t) {
  const f3 = run3.frame;
  const { buf, end: end2 } = run3.skb;
  if (f3.fragment) return -drop.invalid;
  if (f3.l4 + 2 > end2) return -drop.ctInvalidHdr;
  const type = buf[f3.l4];
  const v4 = f3.family === 4;
  const request = type === (v4 ? ICMP4_ECHO : ICMP6_ECHO);
  const reply2 = type === (v4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY);
  if ((request || reply2) && f3.l4 + 6 > end2) return -drop.ctInvalidHdr;
  const id = request || reply2 ? get16(buf, f3.l4 + 4) : 0;
  t.sport = reply2 ? id : 0;
  t.dport = request ? id : 0;
  const error = v4 ? type === ICMP4_UNREACHABLE || type === ICMP4_TIME_EXCEEDED || type === ICMP4_PARAMETER_PROBLEM : type >= 1 && type <= ICMP6_PARAMETER_PROBLEM;
  if (error) t.flags |= ctFlags.RELATED;
  return 0;
}
function lookupPacket(run3, direction2, scope) {
  const t = packetTuple(run3.frame, run3.tuple);
  t.flags = startFlags(direction2, scope);
  const ret = extractPorts(run3, t);
  if (ret < 0) return ret;
  if (scope === "forward") {
    swapAddresses(t);
    swapPorts(t);
  }
  return lookup(run3, t, direction2, scope, ctTypes.any, run3.found);
}
function lookupTuple(run3, t, direction2, scope, types, state2) {
  t.flags = startFlags(direction2, scope);
  return lookup(run3, t, direction2, scope, types, state2);
}
function lookup(run3, t, direction2, scope, types, state2) {
  let flags = -1;
  if (t.protocol === proto.tcp) {
    flags = 0;
    const f3 = run3.frame;
    if (f3.hasL4) {
      if (f3.l4 + 14 > run3.skb.end) return -drop.ctInvalidHdr;
      flags = run3.skb.buf[f3.l4 + 13];
      if (state2 && direction2 === "service" && flags & SYN) state2.syn = true;
    }
  }
  if (scope !== "forward") {
    if (lookupOne(run3, t, flags, direction2, types, state2) !== ctStatus.new) {
      return t.flags & ctFlags.RELATED ? ctStatus.related : ctStatus.reply;
    }
    if (scope === "reverse") return ctStatus.new;
    swapAddresses(t);
    swapPorts(t);
    t.flags ^= ctFlags.IN;
  }
  return lookupOne(run3, t, flags, direction2, types, state2);
}
function lookupOne(run3, t, flags, direction2, types, state2) {
  run3.monitor = true;
  const entry = run3.node.ct.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (!entry || !matchesTypes(run3, entry, types, state2)) return ctStatus.new;
  const { lifetimes } = run3.program;
  const now = run3.node.now();
  const syn = flags > 0 && (flags & SYN) !== 0;
  if (direction2 === "service" && syn && (entry.rxClosing || entry.txClosing)) {
    if (entry.lastTxReport + lifetimes.serviceCloseGrace <= now) return ctStatus.new;
  }
  if (!(entry.rxClosing && entry.txClosing)) run3.monitor = touch(run3, entry, flags, direction2, now);
  if (run3.program.accounting) {
    entry.packets++;
    entry.bytes += run3.skb.end - run3.skb.start;
  }
  if (flags > 0 && flags & (RST | FIN)) close(run3, entry, flags, direction2, now);
  else if (flags > 0 && (flags & (SYN | ACK)) === SYN && (entry.rxClosing || entry.txClosing)) {
    reopen(run3, entry, flags, direction2, now);
    return ctStatus.new;
  }
  if (state2) fillState(state2, entry, direction2);
  const name = STATUS_NAMES[ctStatus.established];
  if (run3.node.emit) emitCt(run3, "update", name, t.flags);
  return ctStatus.established;
}
function matchesTypes(run3, entry, types, state2) {
  if (types === ctTypes.any) return true;
  if (types & ctTypes.service && entry.revNat === state2?.revNat) return true;
  if (!run3.program.nodePort) return false;
  if (types & ctTypes.nodePort && entry.nodePort && entry.revNat) {
    if (!state2?.revNat || entry.revNat === state2.revNat) return true;
  }
  return (types & ctTypes.dsr) !== 0 && run3.program.dsr !== "off" && entry.dsrInternal;
}
function touch(run3, entry, flags, direction2, now) {
  const { lifetimes } = run3.program;
  const service2 = direction2 === "service";
  let lifetime = service2 ? lifetimes.serviceAny : lifetimes.any;
  if (flags >= 0) {
    if ((flags & SYN) === 0) entry.seenNonSyn = true;
    lifetime = entry.seenNonSyn ? service2 ? lifetimes.serviceTcp : lifetimes.tcp : lifetimes.syn;
  }
  return renew(run3, entry, lifetime, flags, direction2, now);
}
function renew(run3, entry, lifetime, flags, direction2, now) {
  entry.lifetime = now + lifetime;
  const receive5 = direction2 === "ingress";
  const before = receive5 ? entry.rxFlagsSeen : entry.txFlagsSeen;
  const after = flags > 0 ? before | flags : before;
  const last = receive5 ? entry.lastRxReport : entry.lastTxReport;
  if (last + run3.program.lifetimes.report >= now && before === after) return false;
  if (receive5) {
    entry.rxFlagsSeen = after;
    entry.lastRxReport = now;
  } else {
    entry.txFlagsSeen = after;
    entry.lastTxReport = now;
  }
  return true;
}
function close(run3, entry, flags, direction2, now) {
  if (direction2 === "service" || flags & RST) {
    entry.rxClosing = true;
    entry.txClosing = true;
  } else if (direction2 === "ingress") entry.rxClosing = true;
  else entry.txClosing = true;
  run3.monitor = true;
  if (entry.rxClosing && entry.txClosing) renew(run3, entry, run3.program.lifetimes.close, flags, direction2, now);
}
function reopen(run3, entry, flags, direction2, now) {
  entry.rxClosing = false;
  entry.txClosing = false;
  entry.rxFlagsSeen = 0;
  entry.txFlagsSeen = 0;
  entry.seenNonSyn = false;
  run3.monitor = touch(run3, entry, flags, direction2, now);
}
function fillState(state2, entry, direction2) {
  state2.revNat = entry.revNat;
  if (direction2 === "service") {
    state2.backendId = entry.backendId;
    return;
  }
  state2.loopback = entry.lbLoopback;
  state2.nodePort = entry.nodePort;
  state2.dsrInternal = entry.dsrInternal;
  state2.proxyRedirect = entry.proxyRedirect;
  state2.fromL7lb = entry.fromL7lb;
  state2.fromTunnel = entry.fromTunnel;
  state2.natAddr = entry.natAddr;
  state2.natPort = entry.natPort;
}
function createEntry(run3, t, direction2, state2, related) {
  const { ct } = run3.node;
  const entry = newEntry(run3, copyTuple({ ...t }, t), direction2, state2);
  if (related) {
    const icmp = isIp4(t.daddr) ? proto.icmp : proto.icmp6;
    const flags = t.flags | ctFlags.RELATED;
    ct.insert({ ...entry, tuple: { daddr: t.daddr, saddr: t.saddr, dport: 0, sport: 0, protocol: icmp, flags } });
  }
  if (run3.program.accounting) {
    entry.packets = 1;
    entry.bytes = run3.skb.end - run3.skb.start;
  }
  ct.insert(entry);
  if (run3.node.emit) emitCt(run3, "create", "new", t.flags);
}
function newEntry(run3, tuple, direction2, state2) {
  const tcp = tuple.protocol === proto.tcp;
  const endpoint = direction2 !== "service";
  const entry = {
    tuple,
    lifetime: 0,
    packets: 0,
    bytes: 0,
    rxClosing: false,
    txClosing: false,
    lbLoopback: endpoint && (state2?.loopback ?? false),
    seenNonSyn: false,
    nodePort: endpoint && (state2?.nodePort ?? false),
    proxyRedirect: endpoint && (state2?.proxyRedirect ?? false),
    dsrInternal: endpoint && (state2?.dsrInternal ?? false),
    fromL7lb: endpoint && (state2?.fromL7lb ?? false),
    fromTunnel: endpoint && (state2?.fromTunnel ?? false),
    revNat: state2?.revNat ?? 0,
    txFlagsSeen: 0,
    rxFlagsSeen: 0,
    lastTxReport: 0,
    lastRxReport: 0,
    sourceIdentity: state2?.sourceIdentity ?? 0,
    backendId: endpoint ? 0 : state2?.backendId ?? 0,
    natAddr: endpoint ? state2?.natAddr : void 0,
    natPort: endpoint ? state2?.natPort ?? 0 : 0
  };
  touch(run3, entry, tcp ? SYN : -1, direction2, run3.node.now());
  return entry;
}
function emitCt(run3, change, status, flags) {
  const scope = flags & ctFlags.SERVICE ? "SVC" : flags & ctFlags.IN ? "IN" : "OUT";
  emitEvent(run3, { kind: "ct", change, status, scope });
}
function findEntry(run3, t, flags) {
  return run3.node.ct.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, flags);
}
function isReply(run3, t) {
  return findEntry(run3, t, ctFlags.IN) !== void 0;
}
function isTcpSyn(run3) {
  const f3 = run3.frame;
  return f3.hasL4 && f3.l4 + 14 <= run3.skb.end && (run3.skb.buf[f3.l4 + 13] & (SYN | ACK)) === SYN;
}
var ctStatus, STATUS_NAMES, ctTypes, FIN, SYN, RST, ACK, ICMP4_ECHO_REPLY, ICMP4_UNREACHABLE, ICMP4_ECHO, ICMP4_TIME_EXCEEDED, ICMP4_PARAMETER_PROBLEM, ICMP6_PARAMETER_PROBLEM, ICMP6_ECHO, ICMP6_ECHO_REPLY;
var init_conntrack = __esm({
  "src/datapath/bpf/conntrack.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_drop();
    init_model5();
    init_events();
    init_fragments();
    init_frame();
    init_run();
    ctStatus = { new: 0, established: 1, reply: 2, related: 3 };
    STATUS_NAMES = ["new", "established", "reply", "related"];
    ctTypes = { any: 0, nodePort: 1, dsr: 2, service: 4 };
    FIN = 1;
    SYN = 2;
    RST = 4;
    ACK = 16;
    ICMP4_ECHO_REPLY = 0;
    ICMP4_UNREACHABLE = 3;
    ICMP4_ECHO = 8;
    ICMP4_TIME_EXCEEDED = 11;
    ICMP4_PARAMETER_PROBLEM = 12;
    ICMP6_PARAMETER_PROBLEM = 4;
    ICMP6_ECHO = 128;
    ICMP6_ECHO_REPLY = 129;
  }
});

// src/datapath/bpf/lb.ts
function flagsOf(svc) {
  return svc.flags | svc.flags2 << 8;
}
function hasFlag(svc, flag3) {
  return (flagsOf(svc) & flag3) !== 0;
}
function isWildcard(svc) {
  return svc.port === 0 && svc.protocol === 0;
}
function isServiceProtocol(run3, protocol4) {
  return protocol4 === proto.tcp || protocol4 === proto.udp || protocol4 === proto.sctp && run3.program.sctp;
}
function extractServiceTuple(run3, t) {
  packetTuple(run3.frame, t);
  t.flags = 0;
  if (isServiceProtocol(run3, t.protocol)) return loadPorts(run3, t);
  const icmp = run3.frame.family === 4 ? proto.icmp : proto.icmp6;
  return t.protocol === icmp ? -drop.unsuppServiceProto : -drop.unknownL4;
}
function lookupService(run3, ip, port5, protocol4, eastWest) {
  const { state: state2, lookups } = run3.node;
  if (!lookups.address(ip).isService) return void 0;
  const { services: services2 } = state2;
  const svc = services2.lookup(ip, port5, protocol4, "external");
  if (!svc) return eastWest ? void 0 : services2.lookup(ip, 0, 0, "external");
  if (!eastWest || !hasFlag(svc, serviceFlags.twoScopes)) return svc;
  return services2.lookup(ip, port5, protocol4, "internal");
}
function lookupSurrogate(run3, ip, port5, protocol4) {
  const { lookups, program } = run3.node;
  const label = lookups.address(ip).info?.identity;
  if (label === void 0) return void 0;
  const [min, max] = program.nodePortRange;
  const nodePort2 = port5 >= min && port5 <= max;
  if (label !== identity.host && !(nodePort2 && isRemoteNode(label))) return void 0;
  const svc = lookupService(run3, isIp4(ip) ? 0 : UNSPECIFIED6, port5, protocol4, true);
  return svc && hasFlag(svc, nodePort2 ? serviceFlags.nodePort : serviceFlags.hostPort) ? svc : void 0;
}
function sourceRangeAllows(svc, ip) {
  if (!hasFlag(svc, serviceFlags.sourceRange)) return true;
  const inside = svc.sourceRanges.some((prefix) => prefixContains(prefix, ip));
  return inside !== hasFlag(svc, SOURCE_RANGE_DENY);
}
function withoutBackends(svc) {
  const external = hasFlag(svc, serviceFlags.externalIps | serviceFlags.loadBalancer | serviceFlags.nodePort);
  const local2 = hasFlag(svc, external ? serviceFlags.extLocal : serviceFlags.intLocal);
  return local2 ? -drop.noService : 0;
}
function algorithmOf(run3, svc) {
  if (run3.program.algorithmByService && svc.algorithm !== 0) return svc.algorithm === 2 ? "maglev" : "random";
  return run3.kind === "lxc" ? "random" : run3.program.defaultAlgorithm;
}
function selectBackend(run3, t, svc) {
  if (algorithmOf(run3, svc) === "random") {
    run3.cause = svc.count === 1 ? "only" : "random";
    return svc.backends[run3.node.random() % svc.count]?.id ?? 0;
  }
  run3.cause = "maglev";
  const table3 = svc.maglev?.();
  if (!table3) return 0;
  const clientPort = hasFlag(svc, serviceFlags.affinity) ? 0 : t.dport;
  const seed = isIp4(t.saddr) ? run3.program.hashSeed4 : run3.program.hashSeed6;
  return table3[lbHash(t.saddr, t.sport, clientPort, t.protocol, seed) % table3.length];
}
function affinityKey(svc, client2) {
  return `${svc.id}|${client2}`;
}
function hasAffine(svc, backend2) {
  return svc.backends.some((b2) => b2.id === backend2 && b2.state === "active");
}
function affineBackend(run3, svc, client2) {
  const key = affinityKey(svc, client2);
  const seen = run3.node.affinity.get(key);
  if (!seen) return 0;
  const now = run3.node.now();
  if (seen.lastUsed + svc.affinityTimeout <= now || !hasAffine(svc, seen.backend)) {
    run3.node.affinity.delete(key);
    return 0;
  }
  seen.lastUsed = now;
  return seen.backend;
}
function chooseBackend(run3, t, svc) {
  const state2 = clearCtState(run3.service);
  const { backends } = run3.node.state.services;
  state2.revNat = svc.id;
  const status = lookupTuple(run3, t, "service", "reverse", ctTypes.service, state2);
  if (status < 0) return status;
  const affine = hasFlag(svc, serviceFlags.affinity);
  let backend2;
  if (status === ctStatus.new) {
    if (svc.count === 0) return -drop.noService;
    backend2 = affine ? backends.get(affineBackend(run3, svc, t.saddr)) : void 0;
    run3.cause = "affinity";
    if (!backend2) {
      backend2 = backends.get(selectBackend(run3, t, svc));
      if (!backend2) return -drop.noService;
      state2.newBackend = true;
    }
    state2.backendId = backend2.id;
    createEntry(run3, t, "service", state2, false);
  } else {
    backend2 = backends.get(state2.backendId);
    run3.cause = "conntrack";
    if (!backend2 || backend2.state !== "active" && state2.syn) {
      if (svc.count === 0) return -drop.noService;
      backend2 = backends.get(selectBackend(run3, t, svc));
      if (!backend2) return -drop.noService;
      replaceBackend(run3, t, svc, backend2, state2);
    }
  }
  if (affine) run3.node.affinity.set(affinityKey(svc, t.saddr), { backend: backend2.id, lastUsed: run3.node.now() });
  run3.backend = backend2;
  return 0;
}
function replaceBackend(run3, t, svc, backend2, state2) {
  state2.newBackend = true;
  state2.revNat = svc.id;
  const entry = findEntry(run3, t, t.flags);
  if (!entry) return;
  entry.backendId = backend2.id;
  entry.revNat = svc.id;
}
function translateDestination(run3, svc, t, loopback2) {
  const { skb, frame } = run3;
  const backend2 = run3.backend;
  const l43 = frame.hasL4 ? frame.l4 : -1;
  const oldPort = t.sport;
  let ret = rewriteAddress(
    skb.buf,
    skb.end,
    frame.l3,
    l43,
    frame.protocol,
    "destination",
    frame.destination,
    backend2.ip
  );
  if (ret < 0) return ret;
  if (loopback2) {
    const source = frame.family === 4 ? run3.program.loopback4 : run3.program.loopback6;
    ret = rewriteAddress(skb.buf, skb.end, frame.l3, l43, frame.protocol, "source", frame.source, source);
    frame.source = source;
  } else t.daddr = backend2.ip;
  if (run3.node.emit) emitForward(run3, svc, backend2, oldPort);
  frame.destination = backend2.ip;
  if (backend2.port !== 0) {
    t.sport = backend2.port;
    if (l43 >= 0 && oldPort !== backend2.port) {
      if (frame.protocol === proto.sctp) return -drop.csumL4;
      ret = rewritePort(skb.buf, skb.end, l43, frame.protocol, DESTINATION_PORT, oldPort, backend2.port);
    }
  }
  return ret;
}
function emitForward(run3, svc, backend2, port5) {
  emitEvent(run3, {
    kind: "translate",
    direction: "forward",
    frontend: svc.id,
    backend: backend2.id,
    from: { ip: run3.frame.destination, port: port5 },
    to: { ip: backend2.ip, port: backend2.port },
    cause: run3.cause
  });
}
function reverseTranslate(run3, t, revNat, natAddr, natPort, loopback2) {
  const known3 = run3.node.state.services.reverseNat.get(revNat);
  const ip = natPort ? natAddr : known3?.ip;
  const port5 = natPort || (known3?.port ?? 0);
  if (ip === void 0) return 0;
  const { skb, frame } = run3;
  const l43 = frame.hasL4 ? frame.l4 : -1;
  const from = frame.source;
  if (run3.node.emit) {
    const event = { kind: "translate", direction: "reverse", frontend: revNat, backend: 0, cause: "conntrack" };
    emitEvent(run3, { ...event, from: { ip: from, port: t.dport }, to: { ip, port: port5 } });
  }
  let ret = 0;
  if (loopback2) {
    ret = rewriteAddress(skb.buf, skb.end, frame.l3, l43, frame.protocol, "destination", frame.destination, from);
    frame.destination = from;
  }
  if (ret === 0) ret = rewriteAddress(skb.buf, skb.end, frame.l3, l43, frame.protocol, "source", from, ip);
  frame.source = ip;
  t.saddr = loopback2 ? from : ip;
  if (ret < 0 || l43 < 0 || port5 === 0) return ret;
  if (frame.protocol === proto.icmp || frame.protocol === proto.icmp6) return 0;
  if (!isServiceProtocol(run3, frame.protocol)) return -drop.unknownL4;
  if (port5 === t.dport) return 0;
  if (frame.protocol === proto.sctp) return -drop.csumL4;
  return rewritePort(skb.buf, skb.end, l43, frame.protocol, SOURCE_PORT, t.dport, port5);
}
var SOURCE_RANGE_DENY, UNSPECIFIED6;
var init_lb = __esm({
  "src/datapath/bpf/lb.ts"() {
    "use strict";
    init_hash2();
    init_model4();
    init_addr();
    init_drop();
    init_conntrack();
    init_events();
    init_fragments();
    init_frame();
    init_run();
    SOURCE_RANGE_DENY = serviceFlags.quarantined;
    UNSPECIFIED6 = "\0\0\0\0\0\0\0\0";
  }
});

// src/datapath/bpf/socket-lb.ts
function reverseMap(node2) {
  let map2 = reverseMaps.get(node2);
  if (!map2) reverseMaps.set(node2, map2 = /* @__PURE__ */ new Map());
  return map2;
}
function reverseKey(caller, { ip, port: port5 }) {
  return `${caller.cookie}|${port5}|${ip}`;
}
function connectService(node2, caller, to, protocol4) {
  if (!isCovered(node2, caller) || protocol4 !== proto.tcp && protocol4 !== proto.udp) return UNCHANGED;
  const svc = lookup2(node2, caller, to, protocol4);
  if (!svc) return UNCHANGED;
  if (svc.count === 0) return UNREACHABLE;
  if (staysExternal(node2, svc, to.ip)) return UNCHANGED;
  const { backend: backend2, cause } = choose(node2, svc, caller, protocol4);
  if (!backend2) return UNREACHABLE;
  const { ip, port: port5 } = backend2;
  reverseMap(node2).set(reverseKey(caller, backend2), { ...to, revNat: svc.id });
  tell(node2, caller, { direction: "forward", frontend: svc.id, backend: backend2.id, from: to, to: { ip, port: port5 }, cause });
  return { kind: "translated", ip, port: port5 };
}
function isCovered(node2, caller) {
  const { socketLb: socketLb2 } = node2.state.config;
  return socketLb2 === "full" || socketLb2 === "hostns-only" && caller.netns === 0;
}
function tell(node2, caller, event) {
  const { emit, time: time2, state: state2 } = node2;
  emit?.({ kind: "translate", time: time2, node: state2.node.name, packet: caller.packet, hook: "socket-lb", ...event });
}
function lookup2(node2, caller, { ip, port: port5 }, protocol4) {
  return lookupScoped(node2, ip, port5, protocol4) ?? lookupSurrogate2(node2, caller, ip, port5, protocol4);
}
function lookupScoped(node2, ip, port5, protocol4) {
  const { services: services2 } = node2.state;
  const svc = services2.lookup(ip, port5, protocol4, "external");
  return svc && hasFlag(svc, serviceFlags.twoScopes) ? services2.lookup(ip, port5, protocol4, "internal") : svc;
}
function isLoopback2(ip) {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === LOOPBACK62;
}
function lookupSurrogate2(node2, caller, ip, port5, protocol4) {
  const [min, max] = node2.program.nodePortRange;
  const nodePort2 = port5 >= min && port5 <= max;
  if (caller.netns !== 0 || !isLoopback2(ip)) {
    const label = node2.state.ipcache.lookup(ip)?.identity;
    if (label === void 0) return void 0;
    if (label !== identity.host && !(nodePort2 && isRemoteNode(label))) return void 0;
  }
  const svc = lookupScoped(node2, isIp4(ip) ? 0 : UNSPECIFIED62, port5, protocol4);
  if (!svc) return void 0;
  if (nodePort2) return hasFlag(svc, serviceFlags.nodePort) ? svc : void 0;
  const own = !hasFlag(svc, serviceFlags.loopback) || isLoopback2(ip);
  return hasFlag(svc, serviceFlags.hostPort) && own ? svc : void 0;
}
function staysExternal(node2, svc, ip) {
  const external = hasFlag(svc, serviceFlags.externalIps);
  if (!external && !(hasFlag(svc, serviceFlags.hostPort) && !isLoopback2(ip))) return false;
  return node2.state.ipcache.lookup(ip)?.identity !== identity.host;
}
function choose(node2, svc, caller, protocol4) {
  const { backends } = node2.state.services;
  const affine = hasFlag(svc, serviceFlags.affinity);
  const key = `${svc.id}|netns:${caller.netns}`;
  const now = node2.now();
  const seen = affine ? node2.affinity.get(key) : void 0;
  if (seen && seen.lastUsed + svc.affinityTimeout > now && hasAffine(svc, seen.backend)) {
    seen.lastUsed = now;
    return { backend: backends.get(seen.backend), cause: "affinity" };
  }
  const draw = protocol4 === proto.tcp ? node2.random() : caller.cookie;
  const slot = svc.backends[draw % svc.count];
  const backend2 = slot && backends.get(slot.id);
  if (affine && backend2) node2.affinity.set(key, { backend: backend2.id, lastUsed: now });
  return { backend: backend2, cause: svc.count === 1 ? "only" : "random" };
}
var UNCHANGED, UNREACHABLE, UNSPECIFIED62, LOOPBACK62, reverseMaps;
var init_socket_lb = __esm({
  "src/datapath/bpf/socket-lb.ts"() {
    "use strict";
    init_model4();
    init_addr();
    init_frame();
    init_lb();
    init_run();
    UNCHANGED = { kind: "unchanged" };
    UNREACHABLE = { kind: "error", errno: "EHOSTUNREACH" };
    UNSPECIFIED62 = "\0\0\0\0\0\0\0\0";
    LOOPBACK62 = "\0\0\0\0\0\0\0";
    reverseMaps = /* @__PURE__ */ new WeakMap();
  }
});

// src/datapath/run/socket-lb.ts
function connectSocket(ns, protocol4, ip, port5) {
  const { node: node2, run: run3 } = ns;
  if (!node2 || run3.cluster.dataplane !== "cilium" || run3.cluster.cilium.socketLb === "off") return { ip, port: port5 };
  node2.runtime.time = run3.now;
  const caller = {
    netns: ns.kind === "host" ? 0 : node2.pods.indexOf(ns) + 1,
    cookie: ++run3.sockets,
    packet: run3.packets + 1
  };
  const result = connectService(node2.runtime, caller, { ip, port: port5 }, protocol4 === "tcp" ? PROTO_TCP : PROTO_UDP);
  if (result.kind === "error") return void 0;
  return result.kind === "translated" ? result : { ip, port: port5 };
}
var init_socket_lb2 = __esm({
  "src/datapath/run/socket-lb.ts"() {
    "use strict";
    init_l4();
    init_socket_lb();
  }
});

// src/datapath/bpf/lookups.ts
function frontendIps({ frontends }) {
  let ips = knownIps.get(frontends);
  if (!ips) knownIps.set(frontends, ips = new Set(frontends.map(({ ip }) => ip)));
  return ips;
}
function createLookups(state2) {
  const addresses3 = new Array(2 * ADDRESS_SLOTS).fill(void 0);
  const keys = new Int32Array(ADDRESS_SLOTS);
  const verdicts2 = new Array(POLICY_SLOTS).fill(void 0);
  let serviceIps;
  let devices;
  function byDevice() {
    const list3 = [];
    for (const endpoint of state2.endpoints.values()) if (endpoint.ifindex !== 0) list3[endpoint.ifindex] ??= endpoint;
    return list3;
  }
  function lookup3(ip, slot) {
    serviceIps ??= frontendIps(state2.services);
    const info = state2.ipcache.lookup(ip);
    const facts = { ip, info, endpoint: state2.endpoints.get(ip), isService: serviceIps.has(ip) };
    addresses3[slot] = facts;
    return facts;
  }
  return {
    address(ip) {
      if (isIp4(ip)) {
        const slot2 = (ip ^ ip >>> 10) & ADDRESS_SLOTS - 1;
        const known4 = addresses3[slot2];
        if (known4 !== void 0 && keys[slot2] === (ip | 0)) return known4;
        keys[slot2] = ip;
        return lookup3(ip, slot2);
      }
      const slot = ADDRESS_SLOTS + ((ip.charCodeAt(7) ^ ip.charCodeAt(3) << 3) & ADDRESS_SLOTS - 1);
      const known3 = addresses3[slot];
      return known3 !== void 0 && known3.ip === ip ? known3 : lookup3(ip, slot);
    },
    device(ifindex) {
      devices ??= byDevice();
      return devices[ifindex];
    },
    policy(endpointId2, direction2, identity2, protocol4, port5) {
      const flow = port5 << 9 | protocol4 << 1 | (direction2 === "ingress" ? 1 : 0);
      const slot = Math.imul(identity2 ^ flow ^ endpointId2 << 4, 2654435761) >>> 20 & POLICY_SLOTS - 1;
      const known3 = verdicts2[slot];
      if (known3 !== void 0 && known3.endpointId === endpointId2 && known3.identity === identity2 && known3.flow === flow)
        return known3.verdict;
      const verdict = state2.policies.get(endpointId2)?.lookup(direction2, identity2, protocol4, port5);
      verdicts2[slot] = { endpointId: endpointId2, identity: identity2, flow, verdict };
      return verdict;
    }
  };
}
var ADDRESS_SLOTS, POLICY_SLOTS, knownIps;
var init_lookups = __esm({
  "src/datapath/bpf/lookups.ts"() {
    "use strict";
    init_addr();
    ADDRESS_SLOTS = 1024;
    POLICY_SLOTS = 1024;
    knownIps = /* @__PURE__ */ new WeakMap();
  }
});

// src/cluster/duration.ts
function parseDuration(text4) {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text4)) return void 0;
  const parts = text4.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return Math.round([...parts].reduce((sum, [, number2, unit]) => sum + Number(number2) * units[unit], 0));
}
var units;
var init_duration = __esm({
  "src/cluster/duration.ts"() {
    "use strict";
    units = { ns: 1, us: 1e3, \u00B5s: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 36e11 };
  }
});

// src/datapath/bpf/program.ts
function programConfig(state2) {
  const { config, node: node2, host: host3 } = state2;
  const { raw } = config;
  const tunnel = config.routingMode === "tunnel";
  const dual = config.enableIpv4 && config.enableIpv6;
  const nodePort2 = config.kubeProxyReplacement;
  const encap = hasTunnelDevice(config);
  const masquerade4 = config.masquerade4 && config.bpfMasquerade;
  const masquerade6 = config.masquerade6 && config.bpfMasquerade;
  const device = (name) => host3.devices.find((d) => d.name === name);
  const tunnelDevice2 = host3.devices.find((d) => d.tunnel?.external === true);
  const cilium = { host: device("cilium_host"), net: device("cilium_net") };
  const seeds = maglevSeeds(config.maglevHashSeed);
  return {
    ipv4: config.enableIpv4,
    ipv6: config.enableIpv6,
    worldIdentity4: dual ? 9 : 2,
    worldIdentity6: dual ? 10 : 2,
    tunnel,
    encap,
    tunnelProtocol: config.tunnelProtocol,
    tunnelPort: config.tunnelPort,
    egressGateway: hasEgressGateway(config),
    fixedVni: config.fixedVni,
    nodePort: nodePort2,
    nodePortRange: config.nodePortRange,
    // Falls back to the stack where masquerading is left to iptables, or without kube-proxy replacement.
    hostRouting: !config.hostLegacyRouting && nodePort2 && (!config.masquerade4 || !config.enableIpv4 || masquerade4) && (!config.masquerade6 || !config.enableIpv6 || masquerade6),
    endpointRoutes: config.endpointRoutes,
    perPacketLb: config.socketLb !== "full" || raw["enable-sctp"] === "true",
    masquerade4: masquerade4 && config.enableIpv4,
    masquerade6: masquerade6 && config.enableIpv6,
    masqueradeIp4: node2.ips.find(isIp4),
    masqueradeIp6: node2.ips.find((ip) => !isIp4(ip)),
    exclusion4: config.nativeRoutingCidr4 ?? node2.podCidrs.find((prefix) => isIp4(prefix.ip)),
    exclusion6: config.nativeRoutingCidr6 ?? node2.podCidrs.find((prefix) => !isIp4(prefix.ip)),
    ipMasqAgent: config.ipMasqAgent ?? [],
    remoteNodeMasquerade: raw["enable-remote-node-masquerade"] === "true",
    natPorts: [config.nodePortRange[1] + 1, 65535],
    dsr: !nodePort2 || config.lbMode === "snat" ? "off" : config.lbMode === "hybrid" || raw["bpf-lb-mode-annotation"] === "true" ? "by-service" : "always",
    dsrDispatch: config.dsrDispatch,
    routerIp4: node2.routerIps.find(isIp4),
    routerIp6: node2.routerIps.find((ip) => !isIp4(ip)),
    directIp4: node2.ips.find(isIp4),
    directIp6: node2.ips.find((ip) => !isIp4(ip)),
    tunnelIfindex: tunnelDevice2?.ifindex ?? 0,
    hostIfindex: cilium.host?.ifindex ?? 0,
    netIfindex: cilium.net?.ifindex ?? 0,
    ipip4Ifindex: device("cilium_ipip4")?.ifindex ?? 0,
    ipip6Ifindex: device("cilium_ipip6")?.ifindex ?? 0,
    tunnelMac: tunnelDevice2?.mac ?? 0,
    hostMac: cilium.host?.mac ?? 0,
    netMac: cilium.net?.mac ?? 0,
    loopback4: parseIp(raw["ipv4-service-loopback-address"] ?? LOOPBACK4),
    loopback6: parseIp(raw["ipv6-service-loopback-address"] ?? LOOPBACK63),
    defaultAlgorithm: config.lbAlgorithm,
    algorithmByService: raw["bpf-lb-algorithm-annotation"] === "true",
    maglevTableSize: config.maglevTableSize,
    hashSeed4: seeds?.jhash4 ?? 0,
    hashSeed6: seeds?.jhash6 ?? 0,
    rejectNoBackend: config.noBackendResponse === "reject",
    noBackendRoutable: raw["enable-no-service-endpoints-routable"] !== "false",
    sourceIpVerification: config.sourceIpVerification,
    fragments4: raw["enable-ipv4-fragment-tracking"] !== "false",
    fragments6: raw["enable-ipv6-fragment-tracking"] !== "false",
    sctp: raw["enable-sctp"] === "true",
    extendedProtocols: raw["enable-extended-ip-protocols"] === "true",
    policyDenyResponse: raw["policy-deny-response"] === "icmp",
    policyAudit: raw["policy-audit-mode"] === "true",
    arpResponder: true,
    accounting: raw["bpf-conntrack-accounting"] === "true",
    lifetimes: lifetimesOf(raw),
    hostEndpointId: state2.hostEndpointId ?? 0,
    monitorAggregation: 0
  };
}
function lifetimesOf(raw) {
  const seconds = (key, fallback) => {
    const time2 = parseDuration(raw[key] ?? "");
    return time2 === void 0 ? fallback : Math.floor(time2 / 1e9);
  };
  return {
    tcp: seconds("bpf-ct-timeout-regular-tcp", CT_LIFETIMES.tcp),
    any: seconds("bpf-ct-timeout-regular-any", CT_LIFETIMES.any),
    syn: seconds("bpf-ct-timeout-regular-tcp-syn", CT_LIFETIMES.syn),
    close: seconds("bpf-ct-timeout-regular-tcp-fin", CT_LIFETIMES.close),
    serviceTcp: seconds("bpf-ct-timeout-service-tcp", CT_LIFETIMES.serviceTcp),
    serviceAny: seconds("bpf-ct-timeout-service-any", CT_LIFETIMES.serviceAny),
    serviceCloseGrace: seconds("bpf-ct-timeout-service-tcp-grace", CT_LIFETIMES.serviceCloseGrace),
    report: seconds("monitor-aggregation-interval", CT_LIFETIMES.report)
  };
}
var LOOPBACK4, LOOPBACK63, CT_LIFETIMES;
var init_program = __esm({
  "src/datapath/bpf/program.ts"() {
    "use strict";
    init_duration();
    init_egress();
    init_maglev();
    init_tunnel();
    init_addr();
    LOOPBACK4 = "169.254.42.1";
    LOOPBACK63 = "fe80::1";
    CT_LIFETIMES = {
      tcp: 8e3,
      any: 60,
      syn: 60,
      close: 10,
      serviceTcp: 8e3,
      serviceAny: 60,
      serviceCloseGrace: 60,
      report: 5
    };
  }
});

// src/datapath/bpf/tables.ts
function createConntrack({ tcp, any }) {
  return new Table(tcp, any);
}
function createNat(limit) {
  return new Table(limit, void 0);
}
function key6({ daddr, saddr, dport, sport, protocol: protocol4, flags }) {
  return `${daddr}${saddr}${String.fromCharCode(dport, sport, protocol4 << 8 | flags)}`;
}
var FIRST_CAPACITY2, REMOVED, SLOT, PLACE, TCP, Table;
var init_tables = __esm({
  "src/datapath/bpf/tables.ts"() {
    "use strict";
    init_addr();
    FIRST_CAPACITY2 = 1024;
    REMOVED = -1;
    SLOT = 3;
    PLACE = 4;
    TCP = 6;
    Table = class {
      /** Limits of a map: of TCP, and of the rest; without the second there is but one map for all. Each family has its own. */
      constructor(limit, limitOfRest) {
        this.limit = limit;
        this.limitOfRest = limitOfRest;
      }
      limit;
      limitOfRest;
      capacity = FIRST_CAPACITY2;
      slots = new Int32Array(FIRST_CAPACITY2 << SLOT);
      taken = 0;
      order = [];
      count = 0;
      v6 = /* @__PURE__ */ new Map();
      /** By map, see `mapOf`: entries, and where in `order` its first one may stand. */
      counts = [0, 0, 0, 0];
      cursors = [0, 0, 0, 0];
      get size() {
        return this.count;
      }
      find(daddr, saddr, dport, sport, protocol4, flags) {
        if (isIp4(daddr)) {
          const w = this.probe(daddr | 0, saddr | 0, dport << 16 | sport, protocol4 << 8 | flags);
          const place = this.slots[w + PLACE];
          return place > 0 ? this.order[place - 1] : void 0;
        }
        const index = this.v6.get(key6({ daddr, saddr, dport, sport, protocol: protocol4, flags }));
        return index === void 0 ? void 0 : this.order[index];
      }
      insert(entry) {
        const index = this.indexOf(entry.tuple);
        if (index >= 0) {
          this.order[index] = entry;
          return;
        }
        const map2 = this.mapOf(entry.tuple);
        if (this.counts[map2] >= (map2 < 2 ? this.limit : this.limitOfRest)) this.evict(map2);
        this.counts[map2]++;
        if (this.taken * 2 >= this.capacity || this.order.length > 2 * this.count + FIRST_CAPACITY2) this.rebuild();
        this.order.push(entry);
        this.count++;
        this.put(entry.tuple, this.order.length - 1);
      }
      remove(entry) {
        const index = this.indexOf(entry.tuple);
        if (index < 0) return;
        if (isIp4(entry.tuple.daddr)) this.slots[this.slotOf(entry.tuple) + PLACE] = REMOVED;
        else this.v6.delete(key6(entry.tuple));
        this.order[index] = void 0;
        this.counts[this.mapOf(entry.tuple)]--;
        this.count--;
      }
      mapOf({ daddr, protocol: protocol4 }) {
        const family = isIp4(daddr) ? 0 : 1;
        return this.limitOfRest === void 0 || protocol4 === TCP ? family : 2 + family;
      }
      /** The first of a map in order of insertion. */
      evict(map2) {
        for (let at2 = this.cursors[map2]; at2 < this.order.length; at2++) {
          const entry = this.order[at2];
          if (!entry || this.mapOf(entry.tuple) !== map2) continue;
          this.cursors[map2] = at2 + 1;
          this.remove(entry);
          return;
        }
      }
      clear() {
        this.order = [];
        this.counts.fill(0);
        this.count = 0;
        this.rebuild();
      }
      *entries() {
        for (const entry of this.order) if (entry) yield entry;
      }
      /** First word of the key's slot, or of the free slot where its probe sequence ends. */
      probe(daddr, saddr, ports, kind) {
        const { slots } = this;
        let hash = Math.imul(daddr, 2654435761) ^ Math.imul(saddr, 2246822519);
        hash = Math.imul(hash ^ hash >>> 15, 739982445) ^ Math.imul(ports ^ kind << 7, 3266489917);
        hash ^= hash >>> 15;
        const mask = this.capacity - 1 << SLOT;
        for (let w = hash << SLOT & mask; ; w = w + (1 << SLOT) & mask) {
          if (slots[w] === daddr && slots[w + 2] === ports && slots[w + 1] === saddr && slots[w + 3] === kind) return w;
          if (slots[w + PLACE] === 0) return w;
        }
      }
      /** As `probe`, for an IPv4 key. */
      slotOf({ daddr, saddr, dport, sport, protocol: protocol4, flags }) {
        return this.probe(daddr | 0, saddr | 0, dport << 16 | sport, protocol4 << 8 | flags);
      }
      /** Makes order[index] findable; the key must not be there, or be there as removed. */
      put(tuple, index) {
        if (!isIp4(tuple.daddr)) return void this.v6.set(key6(tuple), index);
        const { daddr, saddr, dport, sport, protocol: protocol4, flags } = tuple;
        const w = this.slotOf(tuple);
        if (this.slots[w + PLACE] === 0) this.taken++;
        this.slots[w] = daddr | 0;
        this.slots[w + 1] = saddr | 0;
        this.slots[w + 2] = dport << 16 | sport;
        this.slots[w + 3] = protocol4 << 8 | flags;
        this.slots[w + PLACE] = index + 1;
      }
      /** Drops removed keys and holes, and doubles the slots while more than a quarter would be in use. */
      rebuild() {
        this.cursors.fill(0);
        this.order = this.order.filter((entry) => entry !== void 0);
        while (this.order.length * 4 > this.capacity) this.capacity *= 2;
        this.slots = new Int32Array(this.capacity << SLOT);
        this.taken = 0;
        this.v6.clear();
        this.order.forEach((entry, index) => {
          this.put(entry.tuple, index);
        });
      }
      /** Index in `order`, or -1. */
      indexOf(tuple) {
        if (!isIp4(tuple.daddr)) return this.v6.get(key6(tuple)) ?? -1;
        return Math.max(this.slots[this.slotOf(tuple) + PLACE], 0) - 1;
      }
    };
  }
});

// src/wire/iana.ts
var ipProtocols;
var init_iana = __esm({
  "src/wire/iana.ts"() {
    "use strict";
    ipProtocols = {
      hopopt: { number: 0, name: "HOPOPT" },
      icmp: { number: 1, name: "ICMP" },
      igmp: { number: 2, name: "IGMP" },
      ipip: { number: 4, name: "IPIP" },
      tcp: { number: 6, name: "TCP" },
      udp: { number: 17, name: "UDP" },
      ipv6: { number: 41, name: "IPv6" },
      routing: { number: 43, name: "IPv6-Route" },
      fragment: { number: 44, name: "IPv6-Frag" },
      gre: { number: 47, name: "GRE" },
      esp: { number: 50, name: "ESP" },
      ah: { number: 51, name: "AH" },
      icmpv6: { number: 58, name: "ICMPv6" },
      noNext: { number: 59, name: "IPv6-NoNxt" },
      destinationOptions: { number: 60, name: "IPv6-Opts" },
      sctp: { number: 132, name: "SCTP" }
    };
  }
});

// src/datapath/bpf/watch.ts
function watchMaps(runtime, step2) {
  const { state: state2 } = runtime;
  const node2 = state2.node.name;
  const tell3 = (map2, key, value, entry, endpoint) => step2({ kind: "lookup", node: node2, map: map2, key, value, ...entry && endpoint !== void 0 ? { entry, endpoint } : {} });
  let services2;
  return Object.assign(runtime, {
    lookups: watchLookups(runtime, tell3),
    ct: watchConntrack(runtime.ct, tell3),
    nat: watchNat(runtime.nat, tell3),
    state: Object.create(state2, {
      services: { get: () => services2 ??= watchServices(state2.services, tell3), enumerable: true }
    })
  });
}
function watchLookups({ lookups }, tell3) {
  return {
    ...lookups,
    address(ip) {
      const facts = lookups.address(ip);
      return {
        ip,
        isService: facts.isService,
        get info() {
          tell3("cilium_ipcache_v2", formatIp(ip), facts.info && ipcacheText(facts.info));
          return facts.info;
        },
        get endpoint() {
          tell3("cilium_lxc", formatIp(ip), facts.endpoint && endpointText(facts.endpoint));
          return facts.endpoint;
        }
      };
    },
    policy(endpointId2, direction2, identity2, protocol4, port5) {
      const verdict = lookups.policy(endpointId2, direction2, identity2, protocol4, port5);
      if (!verdict) return verdict;
      const key = `${direction2} identity ${identity2} ${portText2(protocol4, port5)}`;
      const { entry } = verdict;
      tell3("cilium_policy_v2", key, entry && policyEntryText(entry), entry, endpointId2);
      return verdict;
    }
  };
}
function policyEntryText(entry) {
  const { direction: direction2, identity: identity2, protocol: protocol4, port: port5, portBits, deny, proxyPort } = entry;
  const ports = protocol4 === 0 ? "ANY" : portBits === 0 ? protocolText(protocol4) : `${port5}${portBits < 16 ? `/${portBits}` : ""}/${protocolText(protocol4)}`;
  const proxy = proxyPort > 0 ? `, proxy port ${proxyPort}` : "";
  return `${deny ? "Deny" : "Allow"} ${direction2} identity ${identity2 === 0 ? "ANY" : identity2} ${ports}${proxy}`;
}
function ipcacheText({ prefix, identity: identity2, tunnelEndpoint, hasTunnel }) {
  return `${formatPrefix(prefix)} identity=${identity2}${hasTunnel ? ` tunnelendpoint=${formatIp(tunnelEndpoint)}` : ""}`;
}
function endpointText({ endpointId: endpointId2, isHost, ifindex, identity: identity2 }) {
  return isHost ? "(localhost)" : `id=${endpointId2} sec_id=${identity2} ifindex=${ifindex}`;
}
function watchServices(services2, tell3) {
  return Object.create(services2, {
    lookup: {
      value: (ip, port5, protocol4, scope) => {
        const found2 = services2.lookup(ip, port5, protocol4, scope);
        const map2 = `cilium_lb${isIp4(ip) ? 4 : 6}_services_v2`;
        const key = `${formatIpPort(ip, port5)}/${protocolText(protocol4)}${scope === "internal" ? "/i" : ""} (0)`;
        tell3(map2, key, found2 && frontendText(found2));
        return found2;
      }
    }
  });
}
function frontendText({ id, type, count: count2, flags, flags2 }) {
  const bits = flags | flags2 << 8;
  const words2 = flagWords.filter(([bit]) => bits & bit).map(([, word2]) => word2);
  if ((bits & serviceFlags.routable) === 0) words2.push("non-routable");
  return `id ${id}, ${count2} backend${count2 === 1 ? "" : "s"} [${[type, ...words2].join(", ")}]`;
}
function watchTable(table3, told) {
  return {
    find(...key) {
      const entry = table3.find(...key);
      told(entry, ...key);
      return entry;
    },
    insert: (entry) => table3.insert(entry),
    remove: (entry) => table3.remove(entry),
    clear: () => table3.clear(),
    entries: () => table3.entries(),
    get size() {
      return table3.size;
    }
  };
}
function watchConntrack(table3, tell3) {
  return watchTable(table3, (entry, daddr, saddr, dport, sport, protocol4, flags) => {
    const map2 = `cilium_ct${protocol4 === TCP2 ? "" : "_any"}${isIp4(daddr) ? 4 : 6}_global`;
    tell3(map2, ctKey(daddr, saddr, dport, sport, protocol4, flags), entry && ctText(entry));
  });
}
function ctKey(daddr, saddr, dport, sport, protocol4, flags) {
  const service2 = (flags & ctFlags.SERVICE) !== 0;
  const scope = service2 ? "SVC" : flags & ctFlags.IN ? "IN" : "OUT";
  const related = flags & ctFlags.RELATED ? "related " : "";
  const [from, to] = service2 ? [dport, sport] : [sport, dport];
  const ends2 = service2 ? `${formatIpPort(saddr, from)} -> ${formatIpPort(daddr, to)}` : `${formatIpPort(daddr, from)} -> ${formatIpPort(saddr, to)}`;
  return `${protocolText(protocol4)} ${scope} ${related}${ends2}`;
}
function ctText({ revNat, sourceIdentity, backendId, nodePort: nodePort2, lbLoopback, dsrInternal }) {
  const words2 = [
    ...sourceIdentity ? [`SourceSecurityID=${sourceIdentity}`] : [],
    ...revNat ? [`RevNAT=${revNat}`] : [],
    ...backendId ? [`BackendID=${backendId}`] : [],
    ...nodePort2 ? ["NodePort"] : [],
    ...lbLoopback ? ["LBLoopback"] : [],
    ...dsrInternal ? ["DSRInternal"] : []
  ];
  return words2.join(" ") || "found";
}
function watchNat(table3, tell3) {
  return watchTable(table3, (entry, daddr, saddr, dport, sport, protocol4, flags) => {
    const key = `${protocolText(protocol4)} ${flags & ctFlags.IN ? "IN" : "OUT"} ${formatIpPort(saddr, sport)} -> ${formatIpPort(daddr, dport)}`;
    tell3(`cilium_snat_v${isIp4(daddr) ? 4 : 6}_external`, key, entry && `to ${formatIpPort(entry.toIp, entry.toPort)}`);
  });
}
function protocolText(protocol4) {
  if (protocol4 === 0) return "ANY";
  return Object.values(ipProtocols).find(({ number: number2 }) => number2 === protocol4)?.name ?? String(protocol4);
}
function portText2(protocol4, port5) {
  const name = protocolText(protocol4);
  return protocol4 === ipProtocols.icmp.number || protocol4 === ipProtocols.icmpv6.number ? `${name} type ${port5}` : `${port5}/${name}`;
}
var TCP2, flagWords;
var init_watch = __esm({
  "src/datapath/bpf/watch.ts"() {
    "use strict";
    init_model4();
    init_addr();
    init_iana();
    init_model5();
    TCP2 = 6;
    flagWords = [
      [serviceFlags.extLocal, "Local"],
      [serviceFlags.intLocal, "InternalLocal"],
      [serviceFlags.affinity, "sessionAffinity"],
      [serviceFlags.sourceRange, "check source-range"],
      [serviceFlags.twoScopes, "two-scopes"],
      [serviceFlags.dsr, "dsr"]
    ];
  }
});

// src/datapath/bpf/runtime.ts
function createRuntime(state2, options) {
  const runtime = plainRuntime(state2, options);
  return options.step ? watchMaps(runtime, options.step) : runtime;
}
function plainRuntime(state2, options) {
  const size = (key, fallback) => Number(state2.config.raw[key] || fallback);
  return {
    state: state2,
    program: { ...programConfig(state2), ...options.program },
    lookups: createLookups(state2),
    ct: createConntrack({ tcp: size("bpf-ct-global-tcp-max", 524288), any: size("bpf-ct-global-any-max", 262144) }),
    nat: createNat(size("bpf-nat-global-max", 524288)),
    affinity: /* @__PURE__ */ new Map(),
    fragments: /* @__PURE__ */ new Map(),
    nodePortNeighbours: /* @__PURE__ */ new Map(),
    now: options.now,
    random: options.random,
    fib: options.fib,
    emit: options.emit,
    time: 0
  };
}
var init_runtime = __esm({
  "src/datapath/bpf/runtime.ts"() {
    "use strict";
    init_lookups();
    init_program();
    init_tables();
    init_watch();
  }
});

// src/datapath/run/address-set.ts
var AddressSet;
var init_address_set = __esm({
  "src/datapath/run/address-set.ts"() {
    "use strict";
    AddressSet = class {
      all = /* @__PURE__ */ new Set();
      last;
      has(ip) {
        if (ip === this.last) return true;
        if (!this.all.has(ip)) return false;
        this.last = ip;
        return true;
      }
      add(ip) {
        this.all.add(ip);
      }
      [Symbol.iterator]() {
        return this.all.values();
      }
    };
  }
});

// src/datapath/run/clock.ts
var CLOCK_START;
var init_clock = __esm({
  "src/datapath/run/clock.ts"() {
    "use strict";
    CLOCK_START = 1e3;
  }
});

// src/datapath/bpf/redirect.ts
function remember(map2, ifindex, action) {
  map2.set(ifindex, action);
  return action;
}
function redirect(run3, ifindex, ingress = false) {
  const known3 = ingress ? back : out;
  run3.action = known3.get(ifindex) ?? remember(known3, ifindex, { kind: "redirect", ifindex, ingress });
  const sentBack = run3.kind === "xdp" && ifindex === run3.skb.ifindex;
  if (run3.node.emit && !sentBack) {
    helper(run3, "redirect", {
      ifindex,
      flags: ingress ? REDIRECT_INGRESS : 0,
      mark: run3.skb.mark,
      tc_index: run3.skb.tcIndex ?? 0
    });
  }
  return REDIRECT;
}
function redirectPeer(run3, ifindex) {
  run3.action = peer.get(ifindex) ?? remember(peer, ifindex, { kind: "redirect-peer", ifindex });
  if (run3.node.emit)
    helper(run3, "redirect_peer", { ifindex, flags: 0, mark: run3.skb.mark, tc_index: run3.skb.tcIndex ?? 0 });
  return REDIRECT;
}
function changeType(run3) {
  if (run3.node.emit) helper(run3, "skb_change_type", { type: PACKET_HOST });
}
var REDIRECT_INGRESS, PACKET_HOST, out, back, peer;
var init_redirect = __esm({
  "src/datapath/bpf/redirect.ts"() {
    "use strict";
    init_events();
    init_run();
    REDIRECT_INGRESS = 1;
    PACKET_HOST = 0;
    out = /* @__PURE__ */ new Map();
    back = /* @__PURE__ */ new Map();
    peer = /* @__PURE__ */ new Map();
  }
});

// src/datapath/bpf/icmp-reply.ts
function replyNoService(run3) {
  const port5 = run3.frame.family === 4 ? PORT_UNREACHABLE4 : PORT_UNREACHABLE6;
  replyUnreachable(run3, port5);
  redirect(run3, run3.skb.ifindex);
  return FINAL_REDIRECT;
}
function replyDenied(run3, verdict) {
  run3.skb.cb[cb.sourceLabel] = -verdict >>> 0;
  replyUnreachable(run3, run3.frame.family === 4 ? FILTERED4 : ADMIN_PROHIBITED6);
  redirect(run3, run3.skb.ifindex);
  return FINAL_REDIRECT;
}
function replyUnreachable(run3, code) {
  const { skb, frame } = run3;
  const v4 = frame.family === 4;
  const sourceMac = readMac(skb.buf, skb.start + 6);
  const destinationMac = readMac(skb.buf, skb.start);
  const quoted2 = Math.min(skb.end - skb.start, v4 ? QUOTE4 : QUOTE6);
  const tos = skb.buf[frame.l3 + 1];
  setLength(skb, ETH_HEADER + quoted2);
  pushHead(skb, (v4 ? IP4_HEADER : IP6_HEADER) + ICMP_HEADER);
  writeEthernet(skb, sourceMac, destinationMac, v4 ? etherType.ip4 : etherType.ip6);
  if (v4) writeIcmp4(skb, frame.destination, frame.source, tos, code);
  else writeIcmp6(skb, frame.destination, frame.source, code, quoted2);
  parseFrame(frame, skb, frame.family);
}
function writeEthernet(skb, destination2, source, type) {
  writeMac(skb.buf, skb.start, destination2);
  writeMac(skb.buf, skb.start + 6, source);
  set16(skb.buf, skb.start + 12, type);
}
function writeIcmp4(skb, source, destination2, tos, code) {
  const { buf: b2, end: end2 } = skb;
  const o = skb.start + ETH_HEADER;
  b2[o] = 69;
  b2[o + 1] = tos;
  set16(b2, o + 2, end2 - o);
  set32(b2, o + 4, 0);
  b2[o + 8] = TTL2;
  b2[o + 9] = proto.icmp;
  set16(b2, o + 10, 0);
  writeIp(b2, o + 12, source);
  writeIp(b2, o + 16, destination2);
  set16(b2, o + 10, checksum(b2, o, o + IP4_HEADER));
  const icmp = o + IP4_HEADER;
  writeIcmpHeader(b2, icmp, UNREACHABLE4, code);
  set16(b2, icmp + 2, checksum(b2, icmp, end2));
}
function writeIcmpHeader(b2, o, type, code) {
  b2[o] = type;
  b2[o + 1] = code;
  set16(b2, o + 2, 0);
  set32(b2, o + 4, 0);
}
function writeIcmp6(skb, source, destination2, code, quoted2) {
  const { buf: b2 } = skb;
  const o = skb.start + ETH_HEADER;
  set32(b2, o, 1610612736);
  set16(b2, o + 4, ICMP_HEADER + quoted2);
  b2[o + 6] = proto.icmp6;
  b2[o + 7] = TTL2;
  writeIp(b2, o + 8, source);
  writeIp(b2, o + 24, destination2);
  writeIcmpHeader(b2, o + IP6_HEADER, UNREACHABLE6, code);
  fillChecksum6(skb, o);
}
function fillChecksum6(skb, o) {
  const icmp = o + IP6_HEADER;
  const length = skb.end - icmp;
  set16(skb.buf, icmp + 2, 0);
  set16(skb.buf, icmp + 2, finishSum(sumWords(skb.buf, icmp, skb.end, pseudoSum6(skb.buf, o, proto.icmp6, length))));
}
function sendTimeExceeded(run3, metric) {
  const { skb, frame } = run3;
  skb.cb[0] = 0;
  skb.cb[1] = metric;
  const next = skb.buf[frame.l3 + 6];
  const quotable = next === proto.icmp6 || next === proto.udp || next === proto.sctp && run3.program.sctp;
  const quote = next === proto.tcp ? 20 : quotable ? 8 : 0;
  if (quote === 0) return dropPacket(run3, dropSites.timeExceeded, drop.unknownL4, 0);
  const o = frame.l3;
  if (o + IP6_HEADER + quote > skb.end) return dropPacket(run3, dropSites.timeExceeded, drop.invalid, 0);
  const original = skb.buf.slice(o, o + IP6_HEADER + quote);
  setLength(skb, ETH_HEADER + IP6_HEADER + ICMP_HEADER + original.length);
  const b2 = skb.buf;
  b2.set(original, o + IP6_HEADER + ICMP_HEADER);
  set16(b2, o + 4, ICMP_HEADER + original.length);
  b2[o + 6] = proto.icmp6;
  writeIcmpHeader(b2, o + IP6_HEADER, TIME_EXCEEDED6, 0);
  return replyFrom(run3, run3.program.routerIp6, dropSites.timeExceeded);
}
function replyFrom(run3, ip, at2) {
  const { skb, frame } = run3;
  if (skb.end - frame.l3 < IP6_HEADER) return dropPacket(run3, at2, drop.invalid, 0);
  writeIp(skb.buf, frame.l3 + 8, ip);
  writeIp(skb.buf, frame.l3 + 24, frame.source);
  fillChecksum6(skb, frame.l3);
  const sender = readMac(skb.buf, skb.start + 6);
  writeMac(skb.buf, skb.start, sender);
  writeMac(skb.buf, skb.start + 6, interfaceMac(run3));
  redirect(run3, skb.ifindex);
  return FINAL_REDIRECT;
}
function interfaceMac(run3) {
  if (run3.kind === "lxc") return run3.endpoint?.nodeMac ?? 0;
  if (run3.kind === "overlay") return run3.program.tunnelMac;
  return run3.node.state.host.devices.find((d) => d.ifindex === run3.skb.ifindex)?.mac ?? 0;
}
var TTL2, IP4_HEADER, IP6_HEADER, ICMP_HEADER, QUOTE4, QUOTE6, UNREACHABLE4, PORT_UNREACHABLE4, FILTERED4, UNREACHABLE6, PORT_UNREACHABLE6, ADMIN_PROHIBITED6, TIME_EXCEEDED6;
var init_icmp_reply = __esm({
  "src/datapath/bpf/icmp-reply.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_drop();
    init_events();
    init_frame();
    init_redirect();
    init_run();
    TTL2 = 64;
    IP4_HEADER = 20;
    IP6_HEADER = 40;
    ICMP_HEADER = 8;
    QUOTE4 = 64;
    QUOTE6 = 1280 - IP6_HEADER - ICMP_HEADER;
    UNREACHABLE4 = 3;
    PORT_UNREACHABLE4 = 3;
    FILTERED4 = 13;
    UNREACHABLE6 = 1;
    PORT_UNREACHABLE6 = 4;
    ADMIN_PROHIBITED6 = 1;
    TIME_EXCEEDED6 = 3;
  }
});

// src/datapath/bpf/l3.ts
function hop(run3, metric) {
  const { skb, frame } = run3;
  if (decrementTtl(skb.buf, frame.l3, frame.family)) return 0;
  return frame.family === 4 ? -drop.ttlExceeded : sendTimeExceeded(run3, metric);
}
function hopTo(run3, source, destination2, metric) {
  const ret = hop(run3, metric);
  if (ret !== 0) return ret;
  writeMac(run3.skb.buf, run3.skb.start + 6, source);
  writeMac(run3.skb.buf, run3.skb.start, destination2);
  return 0;
}
function fibLookup(run3, source, destination2) {
  if (run3.node.emit) {
    const family = isIp4(destination2) ? AF_INET : AF_INET6;
    const ends2 = { src: formatIp(source), dst: formatIp(destination2) };
    const flags = run3.kind === "xdp" ? 0 : SKIP_NEIGHBOUR;
    helper(run3, "fib_lookup", { flags, family, ifindex: run3.skb.ifindex, ...ends2 });
  }
  const result = run3.node.fib(source, destination2);
  run3.route = result;
  if (!result.ok) {
    run3.extError = result.code;
    return -drop.noFib;
  }
  run3.action = { kind: "redirect-neigh", ifindex: result.ifindex, nexthop: result.nexthop };
  return REDIRECT;
}
function fibForward(run3) {
  const ret = fibLookup(run3, run3.frame.source, run3.frame.destination);
  if (ret < 0) return ret;
  return hop(run3, direction.egress) || REDIRECT;
}
function actionIfindex(run3) {
  return "ifindex" in run3.action ? run3.action.ifindex : 0;
}
var direction, SKIP_NEIGHBOUR, AF_INET, AF_INET6;
var init_l3 = __esm({
  "src/datapath/bpf/l3.ts"() {
    "use strict";
    init_addr();
    init_drop();
    init_events();
    init_frame();
    init_icmp_reply();
    init_run();
    direction = { ingress: 1, egress: 2 };
    SKIP_NEIGHBOUR = 4;
    AF_INET = 2;
    AF_INET6 = 10;
  }
});

// src/datapath/bpf/policy.ts
function checkPolicy(run3, direction2, remote, status) {
  const t = run3.tuple;
  run3.policyMatch = MATCH_NONE;
  run3.proxyPort = 0;
  const forged = direction2 === "egress" && isTunnelTraffic(run3);
  let verdict = forged ? -drop.encapProhibited : decide(run3, direction2, remote);
  const audited = verdict < 0 && !forged && run3.program.policyAudit;
  if (audited) verdict = 0;
  if (verdict !== 0 || status !== ctStatus.established) {
    const told = verdict || swap162(run3.proxyPort);
    policyVerdict(run3, direction2, told, run3.policyMatch, remote, t.dport, t.protocol, audited);
  }
  return verdict;
}
function isTunnelTraffic(run3) {
  const { program, tuple, endpoint } = run3;
  if (!program.encap || tuple.protocol !== proto.udp || tuple.dport !== program.tunnelPort) return false;
  return endpoint?.identity !== identity.host;
}
function decide(run3, direction2, remote) {
  const { frame, skb, tuple } = run3;
  let port5 = tuple.dport;
  if (frame.protocol === proto.icmp && frame.family === 4) {
    if (frame.l4 + 8 > skb.end) return -drop.invalid;
    const type = skb.buf[frame.l4];
    if (type === ICMP4_UNREACHABLE2 && skb.buf[frame.l4 + 1] === ICMP4_FRAG_NEEDED) return 0;
    port5 = type;
  } else if (frame.protocol === proto.icmp6 && frame.family === 6) {
    if (frame.l4 + 1 > skb.end) return -drop.invalid;
    port5 = skb.buf[frame.l4];
  }
  const endpointId2 = run3.endpoint?.endpointId ?? 0;
  const found2 = run3.node.lookups.policy(endpointId2, direction2, remote, tuple.protocol, port5);
  if (!found2) {
    run3.policyMatch = MATCH_ALL;
    return 0;
  }
  const { entry, match } = found2;
  run3.policyMatch = match;
  if (entry) {
    run3.proxyPort = entry.deny ? 0 : entry.proxyPort;
    return entry.deny ? -drop.policyDeny : 0;
  }
  const tracked = frame.family === 4 ? run3.program.fragments4 : run3.program.fragments6;
  return direction2 === "ingress" && frame.fragment && !tracked ? -drop.fragNosupport : -drop.policy;
}
function swap162(port5) {
  return (port5 & 255) << 8 | port5 >>> 8;
}
var ICMP4_UNREACHABLE2, ICMP4_FRAG_NEEDED, MATCH_NONE, MATCH_ALL;
var init_policy = __esm({
  "src/datapath/bpf/policy.ts"() {
    "use strict";
    init_drop();
    init_conntrack();
    init_events();
    init_frame();
    init_run();
    ICMP4_UNREACHABLE2 = 3;
    ICMP4_FRAG_NEEDED = 4;
    MATCH_NONE = 0;
    MATCH_ALL = 4;
  }
});

// src/datapath/bpf/delivery.ts
function deliver(run3, endpoint, label, origin) {
  const ret = hopTo(run3, endpoint.nodeMac, endpoint.mac, origin.metric);
  if (ret !== 0) return ret;
  const { program, skb } = run3;
  const { fromHost: fromHost2, fromTunnel } = origin;
  const toPeer = program.hostRouting && !fromHost2;
  const ingressProxy = isFromProxy(run3, tcIndex.fromIngressProxy);
  const egressProxy = isFromProxy(run3, tcIndex.fromEgressProxy);
  if (program.endpointRoutes && !toPeer) {
    const proxied = egressProxy ? magic.proxyEgress : magic.proxyIngress;
    setMark(run3, label, fromHost2 && (ingressProxy || egressProxy) ? proxied : magic.identity);
    if (!program.nodePort && fromTunnel) {
      changeType(run3);
      return FINAL_OK;
    }
    return finish(redirectToEndpoint(run3, endpoint.ifindex, false, fromTunnel));
  }
  skb.cb[cb.deliveryFlags] = DELIVER_REDIRECT | (toPeer ? DELIVER_TO_PEER : 0) | (fromHost2 ? DELIVER_FROM_HOST : 0) | (fromTunnel ? DELIVER_FROM_TUNNEL : 0) | (ingressProxy ? DELIVER_FROM_INGRESS_PROXY : 0) | (egressProxy ? DELIVER_FROM_EGRESS_PROXY : 0);
  skb.cb[cb.cluster] = 0;
  return policyProgram(run3, endpoint, label, toPeer, fromTunnel);
}
function redirectToEndpoint(run3, ifindex, toPeer, fromTunnel) {
  if (!toPeer) return redirect(run3, ifindex);
  if (fromTunnel) changeType(run3);
  return redirectPeer(run3, ifindex);
}
function policyProgram(run3, endpoint, label, toPeer, fromTunnel) {
  run3.kind = "lxc";
  run3.endpoint = endpoint;
  run3.skb.cb[cb.sourceLabel] = label;
  const status = lookupIngress(run3, label);
  if (isFinal(status)) return status;
  run3.skb.cb[cb.sourceLabel] = 0;
  const ret = admit(run3, label, status, fromTunnel, dropSites.lxcIngressPolicy);
  if (isFinal(ret)) return ret;
  const { program } = run3;
  if (program.endpointRoutes && !program.nodePort && fromTunnel) {
    changeType(run3);
    return FINAL_OK;
  }
  return finish(redirectToEndpoint(run3, endpoint.ifindex, toPeer, fromTunnel));
}
function lookupIngress(run3, label) {
  clearCtState(run3.found);
  const status = lookupPacket(run3, "ingress", "both");
  return status < 0 ? dropToEndpoint(run3, dropSites.ctLookup, -status, label) : status;
}
function admit(run3, label, status, fromTunnel, at2) {
  const { found: found2, frame } = run3;
  const originalSource = frame.source;
  const created = clearCtState(run3.created);
  run3.proxyPort = 0;
  let toProxy = false;
  let ret = 0;
  if (status === ctStatus.reply || status === ctStatus.related) {
    const skips = isFromProxy(run3, tcIndex.fromEgressProxy);
    if (found2.fromL7lb || found2.proxyRedirect && !skips) toProxy = true;
    else if (found2.revNat || found2.natPort) {
      ret = reverseTranslate(run3, run3.tuple, found2.revNat, found2.natAddr, found2.natPort, found2.loopback);
    }
  } else if (isFromProxy(run3, tcIndex.fromIngressProxy)) {
  } else if (isHairpin(run3, status)) created.loopback = status === ctStatus.new;
  else {
    ret = checkPolicy(run3, "ingress", label, status);
    toProxy = ret === 0 && run3.proxyPort > 0;
  }
  if (ret < 0) return dropToEndpoint(run3, at2, -ret, label);
  if (status === ctStatus.new) {
    created.sourceIdentity = label;
    created.fromTunnel = fromTunnel;
    created.proxyRedirect = run3.proxyPort > 0;
    createEntry(run3, run3.tuple, "ingress", created, true);
  }
  const target = run3.endpoint;
  const point = toProxy ? "to-proxy" : "to-endpoint";
  const targetId = toProxy ? run3.proxyPort : target.endpointId;
  trace(run3, point, label, endpointLabel(run3), targetId, target.ifindex, status, run3.monitor, originalSource);
  return toProxy ? redirectToProxy(run3, run3.proxyPort) : 0;
}
function isHairpin(run3, status) {
  if (!run3.program.perPacketLb) return false;
  if (run3.found.loopback) return true;
  const loopback2 = run3.frame.family === 4 ? run3.program.loopback4 : run3.program.loopback6;
  if (status !== ctStatus.new || run3.frame.source !== loopback2) return false;
  return findEntry(run3, run3.tuple, ctFlags.OUT)?.lbLoopback === true;
}
function redirectToProxy(run3, port5) {
  const mark = (swap162(port5) << 16 | magic.toProxy) >>> 0;
  run3.skb.mark = mark;
  run3.skb.cb[cb.sourceLabel] = mark;
  return FINAL_OK;
}
var DELIVER_REDIRECT, DELIVER_FROM_HOST, DELIVER_FROM_TUNNEL, DELIVER_TO_PEER, DELIVER_FROM_INGRESS_PROXY, DELIVER_FROM_EGRESS_PROXY, origins2;
var init_delivery = __esm({
  "src/datapath/bpf/delivery.ts"() {
    "use strict";
    init_model5();
    init_conntrack();
    init_events();
    init_l3();
    init_lb();
    init_policy();
    init_redirect();
    init_run();
    DELIVER_REDIRECT = 1;
    DELIVER_FROM_HOST = 2;
    DELIVER_FROM_TUNNEL = 4;
    DELIVER_TO_PEER = 8;
    DELIVER_FROM_INGRESS_PROXY = 16;
    DELIVER_FROM_EGRESS_PROXY = 32;
    origins2 = {
      pod: { metric: direction.egress, fromHost: false, fromTunnel: false },
      overlay: { metric: direction.ingress, fromHost: false, fromTunnel: true },
      network: { metric: direction.ingress, fromHost: false, fromTunnel: false },
      host: { metric: direction.ingress, fromHost: true, fromTunnel: false }
    };
  }
});

// src/datapath/bpf/xdp-encap.ts
function encapsulateFrame(run3, remote, vni, option) {
  const { program, skb } = run3;
  const port5 = sourcePort(run3);
  const inner = skb.end - skb.start;
  const options = option?.length ?? 0;
  const udpLength2 = UDP_HEADER2 + TUNNEL_HEADER + options + inner;
  pushHead(skb, ETH_HEADER + IP4_HEADER2 + udpLength2 - inner);
  const { buf: b2, start: start2 } = skb;
  const ip = start2 + ETH_HEADER;
  const udp = ip + IP4_HEADER2;
  const tunnel = udp + UDP_HEADER2;
  b2.fill(0, start2, tunnel + TUNNEL_HEADER);
  set16(b2, start2 + 12, etherType.ip4);
  b2[ip] = 69;
  set16(b2, ip + 2, IP4_HEADER2 + udpLength2);
  b2[ip + 8] = TTL3;
  b2[ip + 9] = proto.udp;
  writeIp(b2, ip + 12, program.directIp4 ?? 0);
  writeIp(b2, ip + 16, remote);
  set16(b2, ip + 10, checksum(b2, ip, udp));
  set16(b2, udp, port5);
  set16(b2, udp + 2, program.tunnelPort);
  set16(b2, udp + 4, udpLength2);
  if (program.tunnelProtocol === "vxlan") set32(b2, tunnel, VXLAN_FLAGS);
  else {
    b2[tunnel] = options / 4;
    set16(b2, tunnel + 2, ETHERNET_PAYLOAD);
    if (option) b2.set(option, tunnel + TUNNEL_HEADER);
  }
  set32(b2, tunnel + 4, vni << 8);
  parseFrame(run3.frame, skb, 4);
  return fibLookup(run3, run3.frame.source, run3.frame.destination);
}
function sourcePort(run3) {
  const t = run3.serviceTuple;
  const seed = isIp4(t.saddr) ? run3.program.hashSeed4 : run3.program.hashSeed6;
  const hash = lbHash(t.saddr, t.dport, t.sport, t.protocol, seed);
  return swap162((hash >>> 16 ^ hash) & 65535);
}
function encapsulateIpip(run3, backend2) {
  const { program, skb, frame } = run3;
  const v4 = isIp4(backend2);
  const header = v4 ? IP4_HEADER2 : IP6_HEADER2;
  pushHead(skb, header);
  const { buf: b2, start: start2 } = skb;
  b2.copyWithin(start2, start2 + header, start2 + header + ETH_HEADER + header);
  const ip = start2 + ETH_HEADER;
  if (v4) {
    set16(b2, ip + 2, get16(b2, ip + 2) + header);
    b2[ip + 8] = TTL3;
    b2[ip + 9] = proto.ipip;
    writeIp(b2, ip + 12, program.directIp4 ?? 0);
    writeIp(b2, ip + 16, backend2);
    set16(b2, ip + 10, 0);
    set16(b2, ip + 10, checksum(b2, ip, ip + header));
  } else {
    set16(b2, ip + 4, get16(b2, ip + 4) + header);
    b2[ip + 6] = IPIP6;
    b2[ip + 7] = TTL3;
    if (program.directIp6 !== void 0) writeIp(b2, ip + 8, program.directIp6);
    writeIp(b2, ip + 24, backend2);
  }
  return parseFrame(frame, skb, frame.family);
}
var IP4_HEADER2, IP6_HEADER2, UDP_HEADER2, TUNNEL_HEADER, TTL3, ETHERNET_PAYLOAD, VXLAN_FLAGS, IPIP6;
var init_xdp_encap = __esm({
  "src/datapath/bpf/xdp-encap.ts"() {
    "use strict";
    init_hash2();
    init_addr();
    init_bytes();
    init_checksum();
    init_frame();
    init_l3();
    init_policy();
    IP4_HEADER2 = 20;
    IP6_HEADER2 = 40;
    UDP_HEADER2 = 8;
    TUNNEL_HEADER = 8;
    TTL3 = 64;
    ETHERNET_PAYLOAD = 25944;
    VXLAN_FLAGS = 134217728;
    IPIP6 = 41;
  }
});

// src/datapath/bpf/encap.ts
function encapsulate(run3, entry, label, destinationLabel, reason, monitor, option) {
  const source = label === identity.host ? identity.remoteNode : label;
  const ifindex = run3.kind === "xdp" ? 0 : run3.program.tunnelIfindex;
  trace(run3, "to-overlay", source, destinationLabel, 0, ifindex, reason, monitor);
  if (run3.kind === "xdp") return encapsulateFrame(run3, entry.tunnelEndpoint, tunnelId(run3, source), option);
  setTunnelKey(run3, entry.tunnelEndpoint, source);
  run3.skb.tunnelOption = option;
  if (option && run3.node.emit) helper(run3, "set_tunnel_opt", { len: option.length, opt: toHex(option) });
  return redirect(run3, ifindex);
}
function setTunnelKey(run3, remote, label) {
  const vni = tunnelId(run3, label);
  const flags = isIp4(remote) ? ZERO_CHECKSUM_TX : TUNINFO_IPV6;
  const key = run3.skb.tunnel;
  if (key) {
    key.vni = vni;
    key.remote = remote;
    key.ttl = TUNNEL_TTL;
    key.tos = 0;
    key.flags = flags;
  } else run3.skb.tunnel = { vni, remote, ttl: TUNNEL_TTL, tos: 0, flags };
  if (run3.node.emit) helper(run3, "set_tunnel_key", { vni, remote: formatIp(remote), ttl: TUNNEL_TTL, tos: 0, flags });
}
function tunnelId(run3, label) {
  if (run3.program.fixedVni !== void 0) return run3.program.fixedVni;
  const split = label === identity.worldIpv4 || label === identity.worldIpv6;
  return split && run3.program.ipv4 && run3.program.ipv6 ? identity.world : label;
}
function identityOfTunnel(run3, vni, family) {
  const { ipv4, ipv6 } = run3.program;
  if (vni !== identity.world || !ipv4 || !ipv6 || family === 0) return vni;
  return family === 4 ? identity.worldIpv4 : identity.worldIpv6;
}
var TUNNEL_TTL, TUNINFO_IPV6, ZERO_CHECKSUM_TX;
var init_encap = __esm({
  "src/datapath/bpf/encap.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_events();
    init_redirect();
    init_run();
    init_xdp_encap();
    TUNNEL_TTL = 64;
    TUNINFO_IPV6 = 1;
    ZERO_CHECKSUM_TX = 2;
  }
});

// src/datapath/bpf/neighbour.ts
function answerArp(run3, ownIp) {
  const { skb } = run3;
  const o = skb.start + ETH_HEADER;
  const mac = interfaceMac(run3);
  const destination2 = readMac(skb.buf, skb.start);
  const request = skb.end - o >= ARP_LENGTH && get16(skb.buf, o) === ARP_ETHERNET && get16(skb.buf, o + ARP_OPERATION) === ARP_REQUEST && (destination2 === MAC_BROADCAST || destination2 === mac);
  if (!request) return FINAL_OK;
  const sender = readIp4(skb.buf, o + ARP_SENDER_IP);
  const target = readIp4(skb.buf, o + ARP_TARGET_IP);
  if (target === ownIp) return FINAL_OK;
  writeArpReply(skb.buf, skb.start, mac, target, readMac(skb.buf, skb.start + 6), sender);
  redirect(run3, skb.ifindex);
  return FINAL_REDIRECT;
}
function writeArpReply(b2, start2, mac, ip, toMac, toIp) {
  const o = start2 + ETH_HEADER;
  writeMac(b2, start2, toMac);
  writeMac(b2, start2 + 6, mac);
  set16(b2, o + ARP_OPERATION, ARP_REPLY);
  writeMac(b2, o + ARP_SENDER_MAC, mac);
  writeIp(b2, o + ARP_SENDER_IP, ip);
  writeMac(b2, o + ARP_TARGET_MAC, toMac);
  writeIp(b2, o + ARP_TARGET_IP, toIp);
}
function answerSolicitation(run3, metric) {
  const { skb, frame, program } = run3;
  skb.cb[0] = 0;
  skb.cb[1] = metric;
  if (skb.end - frame.l3 < ND_OPTION) return dropPacket(run3, dropSites.neighbourSolicitation, drop.invalid, 0);
  const target = readIp6(skb.buf, frame.l3 + ND_TARGET);
  const mac = interfaceMac(run3);
  if (target === program.routerIp6) return advertise(run3, target, mac, ROUTER_SOLICITED);
  if (run3.kind === "lxc" && target === program.loopback6) {
    return advertise(run3, target, readMac(skb.buf, skb.start + 6), SOLICITED_OVERRIDE);
  }
  const endpoint = run3.node.lookups.address(target).endpoint;
  if (endpoint) return endpoint.isHost ? FINAL_OK : advertise(run3, target, mac, SOLICITED_OVERRIDE);
  return run3.kind === "lxc" ? dropPacket(run3, dropSites.neighbourSolicitation, drop.unknownTarget, 0) : FINAL_OK;
}
function advertise(run3, target, mac, flags) {
  const { skb, frame } = run3;
  if (skb.end - frame.l3 < ND_LENGTH) {
    setLength(skb, skb.end - skb.start + 8);
    set16(skb.buf, frame.l3 + 4, get16(skb.buf, frame.l3 + 4) + 8);
  }
  const o = frame.l3;
  skb.buf[o + 40] = ND_ADVERTISEMENT;
  skb.buf[o + 41] = 0;
  set32(skb.buf, o + 44, flags);
  skb.buf[o + ND_OPTION] = TARGET_LINK_LAYER_ADDRESS;
  skb.buf[o + ND_OPTION + 1] = 1;
  writeMac(skb.buf, o + ND_OPTION + 2, mac);
  return replyFrom(run3, target, dropSites.neighbourSolicitation);
}
var ARP_LENGTH, ARP_ETHERNET, ARP_REQUEST, ARP_REPLY, ARP_OPERATION, ARP_SENDER_MAC, ARP_SENDER_IP, ARP_TARGET_MAC, ARP_TARGET_IP, ND_SOLICITATION, ND_ADVERTISEMENT, ND_TARGET, ND_OPTION, ND_LENGTH, TARGET_LINK_LAYER_ADDRESS, ROUTER_SOLICITED, SOLICITED_OVERRIDE;
var init_neighbour = __esm({
  "src/datapath/bpf/neighbour.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_drop();
    init_events();
    init_frame();
    init_icmp_reply();
    init_redirect();
    init_run();
    ARP_LENGTH = 28;
    ARP_ETHERNET = 1;
    ARP_REQUEST = 1;
    ARP_REPLY = 2;
    ARP_OPERATION = 6;
    ARP_SENDER_MAC = 8;
    ARP_SENDER_IP = 14;
    ARP_TARGET_MAC = 18;
    ARP_TARGET_IP = 24;
    ND_SOLICITATION = 135;
    ND_ADVERTISEMENT = 136;
    ND_TARGET = 48;
    ND_OPTION = 64;
    ND_LENGTH = 72;
    TARGET_LINK_LAYER_ADDRESS = 2;
    ROUTER_SOLICITED = 3221225472;
    SOLICITED_OVERRIDE = 1610612736;
  }
});

// src/datapath/bpf/dsr.ts
function usesDsr(run3, svc) {
  const { dsr } = run3.program;
  if (dsr !== "by-service") return dsr === "always";
  return hasFlag(svc, serviceFlags.dsr) || run3.node.state.config.lbMode === "hybrid" && svc.protocol === proto.tcp;
}
function dsrApplies(run3) {
  const { dsr, dsrDispatch } = run3.program;
  if (dsr === "off") return false;
  if (run3.kind === "overlay") return dsrDispatch === "geneve";
  return run3.kind !== "lxc" && dsrDispatch === "opt";
}
function sendDsr(run3, t, vip) {
  const ret = dispatch(run3, t, vip);
  return ret < 0 ? dropPacket(run3, dropSites.dsr, -ret, identity.unknown) : finish(ret);
}
function dispatch(run3, t, vip) {
  const { program, frame, service: service2 } = run3;
  const { cb: cells } = run3.skb;
  if (program.dsrDispatch === "ipip") {
    cells[cb.sourceLabel] = (swap162(t.sport) << 16 | swap162(t.dport)) >>> 0;
    storeAddress(cells, run3.backend.ip);
    return sendIpip(run3, run3.backend.ip);
  }
  const needed = frame.protocol !== proto.tcp || service2.newBackend || service2.syn;
  cells[cb.sourceLabel] = swap162(vip.port) | (needed ? NEED_INFO : 0);
  storeAddress(cells, vip.ip);
  if (program.dsrDispatch === "geneve") return sendGeneve(run3, needed ? geneveOption(vip) : void 0);
  const added = needed ? frame.family === 4 ? addOption4(run3, vip) : addOption6(run3, vip) : 0;
  if (added < 0) return added;
  return leave(run3);
}
function leave(run3) {
  const { frame } = run3;
  const ret = fibLookup(run3, frame.source, frame.destination);
  if (ret < 0 || frame.family === 6) return ret;
  return hop(run3, direction.egress) || ret;
}
function storeAddress(cells, ip) {
  const bytes = new Uint8Array(isIp4(ip) ? 4 : 16);
  writeIp(bytes, 0, ip);
  const view2 = new DataView(bytes.buffer);
  for (let i = 0; i < bytes.length / 4; i++) cells[cb.address + i] = view2.getUint32(4 * i, true);
}
function sendIpip(run3, backend2) {
  const v4 = isIp4(backend2);
  if (run3.kind === "xdp") {
    const ret = encapsulateIpip(run3, backend2);
    return ret < 0 ? ret : leave(run3);
  }
  const ifindex = v4 ? run3.program.ipip4Ifindex : run3.program.ipip6Ifindex;
  const flags = v4 ? ZERO_CHECKSUM_TX2 : ZERO_CHECKSUM_TX2 | TUNINFO_IPV62;
  run3.skb.tunnel = { vni: 0, remote: backend2, ttl: TUNNEL_TTL2, tos: 0, flags };
  if (run3.node.emit) {
    helper(run3, "set_tunnel_key", { vni: 0, remote: formatIp(backend2), ttl: TUNNEL_TTL2, tos: 0, flags });
  }
  return redirect(run3, ifindex);
}
function geneveOption(vip) {
  const length = isIp4(vip.ip) ? OPTION_LENGTH4 : OPTION_LENGTH6;
  const option = new Uint8Array(length);
  set16(option, 0, OPTION_CLASS);
  option[2] = OPTION_TYPE;
  option[3] = (length - 4) / 4;
  writeIp(option, 4, vip.ip);
  set16(option, length - 4, vip.port);
  return option;
}
function sendGeneve(run3, option) {
  const info = run3.node.lookups.address(run3.frame.destination).info;
  if (!info?.hasTunnel) return -drop.noTunnelEndpoint;
  const { family } = run3.frame;
  if (run3.kind === "xdp") {
    const extracted = extractServiceTuple(run3, run3.serviceTuple);
    if (extracted < 0) return extracted;
  }
  const ret = encapsulate(run3, info, worldIdentity2(run3), info.identity, ctStatus.new, true, option);
  if (ret < 0 || run3.kind !== "xdp" || family === 6) return ret;
  return hop(run3, direction.egress) || ret;
}
function addOption4(run3, vip) {
  const { skb, frame } = run3;
  const header = frame.l4 - frame.l3;
  if (header + IP4_OPTION_LENGTH > IP4_MAX_HEADER) return -drop.ctInvalidHdr;
  openGap(run3, 20, IP4_OPTION_LENGTH);
  const { buf: b2 } = skb;
  const o = frame.l3;
  b2[o] = 64 | (header + IP4_OPTION_LENGTH) / 4;
  set16(b2, o + 2, get16(b2, o + 2) + IP4_OPTION_LENGTH);
  b2[o + 20] = IP4_OPTION;
  b2[o + 21] = IP4_OPTION_LENGTH;
  set16(b2, o + 22, swap162(vip.port));
  writeIp(b2, o + 24, vip.ip);
  b2.subarray(o + 24, o + 28).reverse();
  set16(b2, o + 10, 0);
  set16(b2, o + 10, checksum(b2, o, o + header + IP4_OPTION_LENGTH));
  return 0;
}
function addOption6(run3, vip) {
  const { skb, frame } = run3;
  const next = skb.buf[frame.l3 + 6];
  openGap(run3, 40, IP6_OPTION_HEADER);
  const { buf: b2 } = skb;
  const o = frame.l3;
  b2[o + 6] = IP6_DESTINATION_OPTIONS2;
  set16(b2, o + 4, get16(b2, o + 4) + IP6_OPTION_HEADER);
  b2[o + 40] = next;
  b2[o + 41] = IP6_OPTION_HEADER / 8 - 1;
  b2[o + 42] = IP6_OPTION;
  b2[o + 43] = 20;
  writeIp(b2, o + 44, vip.ip);
  set16(b2, o + 60, vip.port);
  set16(b2, o + 62, 0);
  return parseFrame(frame, skb, 6);
}
function openGap(run3, header, bytes) {
  const { skb, frame } = run3;
  pushHead(skb, bytes);
  const from = skb.start + bytes;
  skb.buf.copyWithin(skb.start, from, from + ETH_HEADER + header);
  parseFrame(frame, skb, frame.family);
}
function dsrArrival(run3, t) {
  const vip = run3.kind === "overlay" ? optionOfTunnel(run3) : optionOfPacket(run3);
  run3.fromDsr = vip !== void 0;
  const key = copyTuple(newTuple(), t);
  swapAddresses(key);
  swapPorts(key);
  if (!vip && t.protocol === proto.tcp) {
    const entry = findEntry(run3, key, ctFlags.OUT);
    if (!entry) return 0;
    if (isTcpSyn(run3)) {
      entry.dsrInternal = false;
      return 0;
    }
    run3.fromDsr = entry.dsrInternal;
  }
  return run3.fromDsr ? trackArrival(run3, key, vip) : 0;
}
function trackArrival(run3, key, vip) {
  const status = lookupTuple(run3, key, "egress", "forward", ctTypes.dsr, void 0);
  if (status < 0) return status;
  const renewed = status === ctStatus.established && key.protocol === proto.tcp && vip !== void 0;
  if (status !== ctStatus.new && !renewed) return 0;
  if (!vip || vip.port === 0) return -drop.invalid;
  const state2 = clearCtState(run3.created);
  state2.natAddr = vip.ip;
  state2.natPort = vip.port;
  state2.sourceIdentity = worldIdentity2(run3);
  state2.dsrInternal = true;
  createEntry(run3, key, "egress", state2, false);
  return 0;
}
function optionOfTunnel(run3) {
  const option = run3.skb.tunnelOption;
  const v4 = run3.frame.family === 4;
  if (!option || option.length < (v4 ? OPTION_LENGTH4 : OPTION_LENGTH6)) return void 0;
  if (get16(option, 0) !== OPTION_CLASS || option[2] !== OPTION_TYPE) return void 0;
  return v4 ? { ip: readIp4(option, 4), port: get16(option, 8) } : { ip: readIp6(option, 4), port: get16(option, 20) };
}
function optionOfPacket(run3) {
  const { frame, skb } = run3;
  const { buf: b2, end: end2 } = skb;
  if (frame.family === 4) {
    const o2 = frame.l3 + 20;
    if (frame.l4 - frame.l3 < 28 || o2 + 8 > end2) return void 0;
    if (b2[o2] !== IP4_OPTION || b2[o2 + 1] !== IP4_OPTION_LENGTH) return void 0;
    const swapped = b2.slice(o2 + 4, o2 + 8).reverse();
    return { ip: readIp4(swapped, 0), port: swap162(get16(b2, o2 + 2)) };
  }
  const o = frame.l3 + 40;
  if (b2[frame.l3 + 6] !== IP6_DESTINATION_OPTIONS2 || o + IP6_OPTION_HEADER > end2) return void 0;
  if (b2[o + 2] !== IP6_OPTION || b2[o + 3] !== 20) return void 0;
  return { ip: readIp6(b2, o + 4), port: get16(b2, o + 20) };
}
var OPTION_CLASS, OPTION_TYPE, OPTION_LENGTH4, OPTION_LENGTH6, IP4_OPTION, IP4_OPTION_LENGTH, IP4_MAX_HEADER, IP6_OPTION, IP6_OPTION_HEADER, IP6_DESTINATION_OPTIONS2, NEED_INFO, TUNNEL_TTL2, ZERO_CHECKSUM_TX2, TUNINFO_IPV62;
var init_dsr = __esm({
  "src/datapath/bpf/dsr.ts"() {
    "use strict";
    init_model4();
    init_addr();
    init_bytes();
    init_checksum();
    init_drop();
    init_model5();
    init_conntrack();
    init_encap();
    init_events();
    init_frame();
    init_l3();
    init_lb();
    init_policy();
    init_redirect();
    init_run();
    init_xdp_encap();
    OPTION_CLASS = 331;
    OPTION_TYPE = 129;
    OPTION_LENGTH4 = 12;
    OPTION_LENGTH6 = 24;
    IP4_OPTION = 154;
    IP4_OPTION_LENGTH = 8;
    IP4_MAX_HEADER = 60;
    IP6_OPTION = 27;
    IP6_OPTION_HEADER = 24;
    IP6_DESTINATION_OPTIONS2 = 60;
    NEED_INFO = 1 << 16;
    TUNNEL_TTL2 = 64;
    ZERO_CHECKSUM_TX2 = 2;
    TUNINFO_IPV62 = 1;
  }
});

// src/datapath/bpf/nat-icmp.ts
function parseQuoted(run3) {
  const { buf, end: end2 } = run3.skb;
  const l3 = run3.frame.l4 + ICMP_HEADER2;
  quoted.family = run3.frame.family;
  quoted.l3 = l3;
  if (l3 + (quoted.family === 4 ? 20 : 40) > end2) return -drop.invalid;
  if (quoted.family === 4) {
    quoted.protocol = buf[l3 + 9];
    quoted.source = readIp4(buf, l3 + 12);
    quoted.destination = readIp4(buf, l3 + 16);
    quoted.l4 = l3 + (buf[l3] & 15) * 4;
    return 0;
  }
  quoted.source = readIp6(buf, l3 + 8);
  quoted.destination = readIp6(buf, l3 + 24);
  return walkExtensionHeaders(quoted, buf, l3, end2);
}
function isEcho(type, request) {
  return quoted.family === 4 ? type === (request ? 8 : 0) : type === (request ? 128 : 129);
}
function portsOf2(run3, side) {
  const { buf, end: end2 } = run3.skb;
  const { l4: l43, protocol: protocol4 } = quoted;
  const fail3 = (ret) => ({ ret, source: 0, destination: 0, offset: 0 });
  if (protocol4 === proto.tcp || protocol4 === proto.udp || protocol4 === proto.sctp && run3.program.sctp) {
    if (l43 + 4 > end2) return fail3(-drop.invalid);
    const offset = side === "source" ? SOURCE_PORT : DESTINATION_PORT;
    return { ret: 0, source: get16(buf, l43), destination: get16(buf, l43 + 2), offset };
  }
  if (protocol4 !== (quoted.family === 4 ? proto.icmp : proto.icmp6)) {
    return fail3(side === "source" ? NOT_NEEDED : -drop.unknownL4);
  }
  if (l43 + 6 > end2) return fail3(-drop.invalid);
  const type = buf[l43];
  const request = side === "source";
  if (!isEcho(type, request)) {
    if (isEcho(type, !request)) return fail3(NOT_NEEDED);
    return fail3(quoted.family === 4 ? -drop.unknownIcmp4Code : -drop.unknownIcmp6Code);
  }
  const id = get16(buf, l43 + ECHO_ID);
  return { ret: 0, source: request ? id : 0, destination: request ? 0 : id, offset: ECHO_ID };
}
function rewriteQuoted(run3, side, entry, port5, offset) {
  const { buf, end: end2 } = run3.skb;
  const { l3, l4: l43, protocol: protocol4 } = quoted;
  const from = side === "source" ? quoted.source : quoted.destination;
  if (from === entry.toIp && port5 === entry.toPort) return 0;
  let ret = rewriteAddress(buf, end2, l3, l43, protocol4, side, from, entry.toIp);
  if (port5 !== entry.toPort) {
    const moved = rewritePort(buf, end2, l43, protocol4, offset, port5, entry.toPort);
    ret = ret || moved;
  }
  return ret < 0 && protocol4 === proto.tcp && l43 + TCP_CHECKSUM_END > end2 ? 0 : ret;
}
function rewriteForwardError(run3) {
  const parsed = parseQuoted(run3);
  if (parsed < 0) return parsed;
  const ports = portsOf2(run3, "destination");
  if (ports.ret < 0) return ports.ret;
  const { source, destination: destination2, protocol: protocol4 } = quoted;
  const entry = run3.node.nat.find(source, destination2, ports.source, ports.destination, protocol4, ctFlags.OUT);
  if (!entry) return NOT_NEEDED;
  const ret = rewriteQuoted(run3, "destination", entry, ports.destination, ports.offset);
  return ret < 0 ? ret : rewriteOuter(run3, "source", entry.toIp);
}
function rewriteReverseError(run3) {
  const parsed = parseQuoted(run3);
  if (parsed < 0) return parsed;
  const ports = portsOf2(run3, "source");
  if (ports.ret < 0) return ports.ret;
  const { source, destination: destination2, protocol: protocol4 } = quoted;
  const entry = run3.node.nat.find(source, destination2, ports.source, ports.destination, protocol4, ctFlags.IN);
  if (!entry) return NOT_NEEDED;
  const covered = hasChecksum(run3);
  const ret = rewriteQuoted(run3, "source", entry, ports.source, ports.offset);
  if (ret < 0) return ret;
  if (quoted.family === 4) fixOuterChecksum(run3, source, entry, ports.source, covered);
  return rewriteOuter(run3, "destination", entry.toIp);
}
function hasChecksum(run3) {
  const { buf, end: end2 } = run3.skb;
  if (quoted.protocol === proto.tcp) return quoted.l4 + TCP_CHECKSUM_END <= end2;
  return quoted.protocol !== proto.udp || quoted.l4 + 8 <= end2 && get16(buf, quoted.l4 + 6) !== 0;
}
function fixOuterChecksum(run3, source, entry, port5, covered) {
  const at2 = run3.frame.l4 + 2;
  const field = get16(run3.skb.buf, at2);
  const fixed2 = covered ? updateChecksum32(field, entry.toIp, source) : updateChecksum(field, port5, entry.toPort);
  set16(run3.skb.buf, at2, fixed2);
}
function rewriteOuter(run3, which, ip) {
  const { skb, frame } = run3;
  const from = which === "source" ? frame.source : frame.destination;
  if (from === ip) return 0;
  if (which === "source") frame.source = ip;
  else frame.destination = ip;
  return rewriteAddress(skb.buf, skb.end, frame.l3, frame.l4, frame.protocol, which, from, ip);
}
var ICMP_HEADER2, ECHO_ID, TCP_CHECKSUM_END, quoted, NOT_NEEDED;
var init_nat_icmp = __esm({
  "src/datapath/bpf/nat-icmp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_drop();
    init_model5();
    init_frame();
    ICMP_HEADER2 = 8;
    ECHO_ID = 4;
    TCP_CHECKSUM_END = 18;
    quoted = newFrame();
    NOT_NEEDED = -drop.natNotNeeded;
  }
});

// src/datapath/bpf/nat.ts
function newTarget(run3, ip) {
  const [min, max] = run3.program.natPorts;
  return { ip, min, max, fromLocal: false, needsCt: false, gateway: false };
}
function natTuple(run3, flags, t) {
  t.daddr = run3.frame.destination;
  t.saddr = run3.frame.source;
  t.dport = 0;
  t.sport = 0;
  t.protocol = run3.frame.protocol;
  t.flags = flags;
  return t;
}
function needsMasquerade(run3, t, target) {
  const { program } = run3;
  const { lookups } = run3.node;
  const v4 = run3.frame.family === 4;
  const own = v4 ? program.masqueradeIp4 : program.masqueradeIp6;
  if (own === void 0) return NAT_NOT_NEEDED;
  target.ip = own;
  if (t.saddr === own) {
    target.needsCt = true;
    return 0;
  }
  const local2 = lookups.address(t.saddr).endpoint;
  if (local2) {
    target.fromLocal = true;
    const ret = extractPorts(run3, t);
    if (ret < 0 && ret !== -drop.ctUnknownProto) return ret;
    if (ret === 0 && isReply(run3, t)) return NAT_NOT_NEEDED;
    t.dport = 0;
    t.sport = 0;
  }
  const gateway2 = program.egressGateway ? gatewayEntry(run3, t.saddr, t.daddr) : void 0;
  if (gateway2) {
    if (gateway2.egressIp === egressValues.noEgressIp) return -drop.noEgressIp;
    target.ip = gateway2.egressIp;
    target.gateway = true;
    target.needsCt = !local2;
    return 0;
  }
  const exclusion = v4 ? program.exclusion4 : program.exclusion6;
  if (exclusion && prefixContains(exclusion, t.daddr)) return NAT_NOT_NEEDED;
  if (local2?.isHost) return NAT_NOT_NEEDED;
  if (program.ipMasqAgent.some((prefix) => prefixContains(prefix, t.daddr))) return NAT_NOT_NEEDED;
  const remote = lookups.address(t.daddr).info;
  if (remote && isRemoteNode(remote.identity)) {
    if (program.remoteNodeMasquerade) return 0;
    if (!program.tunnel || remote.skipTunnel) return NAT_NOT_NEEDED;
  }
  return local2 ? 0 : NAT_NOT_NEEDED;
}
function snat(run3, t, target) {
  const { frame, program } = run3;
  if (t.protocol === proto.tcp || t.protocol === proto.udp || t.protocol === proto.sctp && program.sctp) {
    if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
    const ret = loadPorts(run3, t);
    if (ret < 0) return ret;
    swapPorts(t);
    if (!target.fromLocal && !target.gateway && t.sport < program.natPorts[0]) return NAT_NOT_NEEDED;
    return snatByMapping(run3, t, target, SOURCE_PORT);
  }
  if (t.protocol !== (frame.family === 4 ? proto.icmp : proto.icmp6)) return NAT_NOT_NEEDED;
  if (frame.family === 4 && !program.masquerade4) return NAT_NOT_NEEDED;
  if (frame.fragment || frame.l4 + 8 > run3.skb.end) return -drop.invalid;
  return frame.family === 4 ? snatIcmp4(run3, t, target) : snatIcmp6(run3, t, target);
}
function snatEcho(run3, t, target) {
  t.dport = 0;
  t.sport = get16(run3.skb.buf, run3.frame.l4 + ECHO_ID2);
  target.min = 0;
  target.max = 65535;
  return snatByMapping(run3, t, target, ECHO_ID2);
}
function snatIcmp4(run3, t, target) {
  const { buf } = run3.skb;
  const type = buf[run3.frame.l4];
  const code = buf[run3.frame.l4 + 1];
  if (type === icmp4.echo) return snatEcho(run3, t, target);
  if (type === icmp4.echoReply || type === icmp4.redirect) return NAT_NOT_NEEDED;
  if (type === icmp4.unreachable || type === icmp4.timeExceeded) {
    if (code > (type === icmp4.unreachable ? MAX_UNREACHABLE4 : 1)) return -drop.unknownIcmp4Code;
    return rewriteForwardError(run3);
  }
  return -drop.natUnsuppProto;
}
function snatIcmp6(run3, t, target) {
  const { buf } = run3.skb;
  const type = buf[run3.frame.l4];
  const code = buf[run3.frame.l4 + 1];
  switch (type) {
    case icmp6.echo:
      return snatEcho(run3, t, target);
    case icmp6.echoReply:
    case icmp6.redirect:
    case icmp6.solicitation:
    case icmp6.advertisement:
      return NAT_NOT_NEEDED;
    case icmp6.unreachable:
      return code > MAX_UNREACHABLE6 ? -drop.unknownIcmp6Code : rewriteForwardError(run3);
    case icmp6.tooBig:
      return rewriteForwardError(run3);
    case icmp6.timeExceeded:
      return code > 1 ? -drop.unknownIcmp6Code : rewriteForwardError(run3);
  }
  return -drop.natUnsuppProto;
}
function snatByMapping(run3, t, target, portOffset) {
  const entry = mappingOf(run3, t, target);
  if (typeof entry === "number") return entry;
  const ret = rewriteEnd(run3, "source", entry.toIp, t.sport, entry.toPort, portOffset);
  t.saddr = entry.toIp;
  t.sport = entry.toPort;
  return ret;
}
function rewriteEnd(run3, which, ip, oldPort, port5, portOffset) {
  const { skb, frame } = run3;
  const from = which === "source" ? frame.source : frame.destination;
  if (from === ip && oldPort === port5) return 0;
  if (run3.node.emit) {
    const change = which === "source" ? "snat" : "reverse";
    emitEvent(run3, { kind: "nat", change, from: { ip: from, port: oldPort }, to: { ip, port: port5 } });
  }
  const l43 = frame.hasL4 ? frame.l4 : -1;
  const ret = rewriteAddress(skb.buf, skb.end, frame.l3, l43, frame.protocol, which, from, ip);
  if (which === "source") frame.source = ip;
  else frame.destination = ip;
  if (ret < 0 || l43 < 0 || oldPort === port5) return ret;
  if (frame.protocol === proto.sctp) return -drop.csumL4;
  return rewritePort(skb.buf, skb.end, l43, frame.protocol, portOffset, oldPort, port5);
}
function mappingOf(run3, t, target) {
  const { nat } = run3.node;
  const entry = nat.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (target.needsCt) {
    const ret = trackHost(run3, t);
    if (ret < 0) return ret;
  }
  if (!entry) return newMapping(run3, t, target);
  const back2 = reverseOf(t, entry.toIp, entry.toPort);
  const known3 = nat.find(back2.daddr, back2.saddr, back2.dport, back2.sport, back2.protocol, back2.flags);
  if (entry.toIp === target.ip && entry.needsCt === target.needsCt) {
    if (!known3) nat.insert(newEntry2(run3, back2, t.saddr, t.sport, target.needsCt));
    return entry;
  }
  nat.remove(entry);
  if (known3) nat.remove(known3);
  return newMapping(run3, t, target);
}
function trackHost(run3, t) {
  const own = copyTuple(run3.otherTuple, t);
  swapAddresses(own);
  const status = lookupTuple(run3, own, "egress", "forward", ctTypes.any, void 0);
  if (status < 0) return status;
  run3.reason = status;
  run3.reasonMonitor = run3.monitor;
  if (status === ctStatus.new) createEntry(run3, own, "egress", void 0, false);
  return 0;
}
function reverseOf(t, ip, port5) {
  const { protocol: protocol4 } = t;
  return { daddr: ip, saddr: t.daddr, dport: port5, sport: t.dport, protocol: protocol4, flags: ctFlags.IN };
}
function newEntry2(run3, tuple, toIp, toPort, needsCt) {
  return { tuple, toIp, toPort, created: run3.node.now(), needsCt };
}
function clampPort(target, value) {
  return target.min + Math.floor((target.max - target.min + 1) * (value & 65535) / 65536);
}
function newMapping(run3, t, target) {
  const { nat, random } = run3.node;
  const inRange = t.sport >= target.min && t.sport <= target.max;
  const back2 = reverseOf(t, target.ip, inRange ? t.sport : clampPort(target, random()));
  for (let tries = 0; tries < COLLISION_RETRIES; tries++) {
    if (!nat.find(back2.daddr, back2.saddr, back2.dport, back2.sport, back2.protocol, back2.flags)) {
      nat.insert(newEntry2(run3, back2, t.saddr, t.sport, target.needsCt));
      const entry = newEntry2(run3, copyTuple(newTuple(), t), target.ip, back2.dport, target.needsCt);
      nat.insert(entry);
      return entry;
    }
    back2.dport = clampPort(target, tries > 0 ? back2.dport + 1 : random());
  }
  return -drop.natNoMapping;
}
function reverseSnat(run3) {
  const { frame, program } = run3;
  const t = natTuple(run3, ctFlags.IN, run3.otherTuple);
  if (t.protocol === proto.tcp || t.protocol === proto.udp || t.protocol === proto.sctp && program.sctp) {
    const ret = loadPorts(run3, t);
    if (ret < 0) return ret;
    swapPorts(t);
    const [min, max] = program.natPorts;
    if (t.dport < min || t.dport > max) return NAT_NOT_NEEDED;
    return reverseByMapping(run3, t, DESTINATION_PORT);
  }
  const v4 = frame.family === 4;
  if (t.protocol !== (v4 ? proto.icmp : proto.icmp6) || v4 && !program.masquerade4) return NAT_NOT_NEEDED;
  if (frame.fragment || frame.l4 + 8 > run3.skb.end) return -drop.invalid;
  const type = run3.skb.buf[frame.l4];
  const code = run3.skb.buf[frame.l4 + 1];
  if (type === (v4 ? icmp4.echoReply : icmp6.echoReply)) {
    t.dport = get16(run3.skb.buf, frame.l4 + ECHO_ID2);
    return reverseByMapping(run3, t, ECHO_ID2);
  }
  const error = v4 ? type === icmp4.unreachable && code <= MAX_UNREACHABLE4 || type === icmp4.timeExceeded && code <= 1 : type === icmp6.tooBig;
  return error ? rewriteReverseError(run3) : NAT_NOT_NEEDED;
}
function reverseByMapping(run3, t, portOffset) {
  const { nat } = run3.node;
  const entry = nat.find(t.daddr, t.saddr, t.dport, t.sport, t.protocol, t.flags);
  if (!entry) return -drop.natNoMapping;
  const { daddr, dport } = t;
  const forward3 = { ...t, daddr: t.saddr, saddr: entry.toIp, dport: t.sport, sport: entry.toPort, flags: ctFlags.OUT };
  if (!nat.find(forward3.daddr, forward3.saddr, forward3.dport, forward3.sport, forward3.protocol, forward3.flags)) {
    nat.insert(newEntry2(run3, forward3, daddr, dport, entry.needsCt));
  }
  if (entry.needsCt) {
    const own = copyTuple(newTuple(), t);
    own.daddr = entry.toIp;
    own.dport = entry.toPort;
    swapPorts(own);
    const status = lookupTuple(run3, own, "ingress", "reverse", ctTypes.any, void 0);
    if (status < 0) return status;
    run3.reason = status;
    run3.reasonMonitor = run3.monitor;
  }
  return rewriteEnd(run3, "destination", entry.toIp, dport, entry.toPort, portOffset);
}
var NAT_NOT_NEEDED, COLLISION_RETRIES, ECHO_ID2, MAX_UNREACHABLE4, MAX_UNREACHABLE6, icmp4, icmp6;
var init_nat = __esm({
  "src/datapath/bpf/nat.ts"() {
    "use strict";
    init_egress();
    init_addr();
    init_bytes();
    init_drop();
    init_model5();
    init_conntrack();
    init_egress_gateway();
    init_events();
    init_fragments();
    init_frame();
    init_nat_icmp();
    init_run();
    NAT_NOT_NEEDED = -drop.natNotNeeded;
    COLLISION_RETRIES = 32;
    ECHO_ID2 = 4;
    MAX_UNREACHABLE4 = 15;
    MAX_UNREACHABLE6 = 6;
    icmp4 = { echoReply: 0, unreachable: 3, redirect: 5, echo: 8, timeExceeded: 11 };
    icmp6 = {
      unreachable: 1,
      tooBig: 2,
      timeExceeded: 3,
      echo: 128,
      echoReply: 129,
      solicitation: 135,
      advertisement: 136,
      redirect: 137
    };
  }
});

// src/datapath/bpf/egress-gateway.ts
function outbound(run3, source, destination2) {
  const entry = run3.node.state.egress?.lookup(source, destination2);
  if (!entry) return void 0;
  const label = run3.node.lookups.address(destination2).info?.identity;
  const outside = label === void 0 || isWorld(run3, label, 4) || label >>> 24 === CIDR_SCOPE;
  return outside ? entry : void 0;
}
function hasGateway(entry) {
  return entry !== void 0 && entry.gatewayIp !== egressValues.noGateway && entry.gatewayIp !== egressValues.excluded;
}
function gatewayEntry(run3, source, destination2) {
  if (!run3.program.egressGateway || run3.frame.family !== 4) return void 0;
  const entry = outbound(run3, source, destination2);
  return hasGateway(entry) ? entry : void 0;
}
function requestToGateway(run3, label, family) {
  if (!run3.program.egressGateway || family !== 4 || label === identity.host) return 0;
  const { frame } = run3;
  if (parseFrame(frame, run3.skb, family) < 0) return -drop.invalid;
  const t = natTuple(run3, 0, run3.tuple);
  const ret = extractPorts(run3, t);
  if (ret === -drop.ctUnknownProto) return 0;
  if (ret < 0) return ret;
  if (isReply(run3, t)) return 0;
  const entry = outbound(run3, frame.source, frame.destination);
  if (entry?.gatewayIp === egressValues.noGateway) return -drop.noEgressGateway;
  const { lookups } = run3.node;
  if (!hasGateway(entry) || lookups.address(entry.gatewayIp).endpoint?.isHost) return 0;
  const source = lookups.address(frame.source).endpoint?.identity ?? label;
  const peer2 = lookups.address(frame.destination).info?.identity ?? identity.unknown;
  encapsulate(run3, towards(entry), source, peer2, run3.reason, run3.reasonMonitor);
  return FINAL_REDIRECT;
}
function towards({ destination: destination2, gatewayIp }) {
  const flags = { hasTunnel: true, skipTunnel: false, encryptKey: 0 };
  return { prefix: destination2, identity: identity.unknown, tunnelEndpoint: gatewayIp, ...flags };
}
function leaveGateway(run3, label) {
  const { source, destination: destination2 } = run3.frame;
  const entry = gatewayEntry(run3, source, destination2);
  if (!entry) return 0;
  if (entry.egressIp === egressValues.noEgressIp) return -drop.noEgressIp;
  const hopped = hop(run3, direction.ingress);
  if (hopped !== 0) return hopped;
  setMark(run3, label, magic.egwDone);
  return finish(fibLookup(run3, entry.egressIp, destination2));
}
function replyToPod(run3) {
  const { frame, program, node: node2 } = run3;
  if (!program.egressGateway || frame.family !== 4 || run3.kind !== "host" && run3.kind !== "xdp") return 0;
  if (!hasGateway(node2.state.egress?.lookup(frame.destination, frame.source))) return 0;
  const { info } = node2.lookups.address(frame.destination);
  if (!info || info.tunnelEndpoint === 0) return 0;
  const hopped = hop(run3, direction.egress);
  if (hopped !== 0) return hopped;
  return encapsulate(run3, { ...info, hasTunnel: true }, worldIdentity2(run3), info.identity, ctStatus.reply, run3.monitor);
}
var CIDR_SCOPE;
var init_egress_gateway = __esm({
  "src/datapath/bpf/egress-gateway.ts"() {
    "use strict";
    init_egress();
    init_drop();
    init_conntrack();
    init_encap();
    init_frame();
    init_l3();
    init_nat();
    init_run();
    CIDR_SCOPE = 1;
  }
});

// src/datapath/bpf/nodeport.ts
function nodePort(run3, label) {
  const t = run3.serviceTuple;
  run3.fromDsr = false;
  const ret = extractServiceTuple(run3, t);
  if (ret === -drop.unknownL4) return 0;
  const tracked = ret !== -drop.unsuppServiceProto;
  if (tracked) {
    if (ret < 0) return ret;
    const svc = lookupService(run3, t.daddr, t.sport, t.protocol, false);
    if (svc) return toService(run3, t, svc);
    if (dsrApplies(run3)) {
      const arrived = dsrArrival(run3, t);
      if (arrived !== 0 || run3.fromDsr) return arrived;
    }
  }
  const masquerade = run3.frame.family === 4 ? run3.program.masquerade4 : run3.program.masquerade6;
  run3.skb.cb[cb.sourceLabel] = label;
  return masquerade || tracked ? reply(run3, label) : 0;
}
function toService(run3, t, svc) {
  if (isWildcard(svc)) return -drop.noService;
  if (!sourceRangeAllows(svc, run3.frame.source)) return -drop.notInSrcRange;
  if (!hasFlag(svc, serviceFlags.routable)) return -drop.isClusterIp;
  if (run3.kind === "xdp" && hasFlag(svc, serviceFlags.extLocal)) return 0;
  const { program, node: node2 } = run3;
  const chosen2 = chooseBackend(run3, t, svc);
  if (chosen2 === -drop.noService) {
    if (!program.noBackendRoutable) return withoutBackends(svc);
    return program.rejectNoBackend ? replyNoService(run3) : chosen2;
  }
  if (chosen2 < 0) return chosen2;
  const vip = { ip: t.daddr, port: t.sport };
  const local2 = node2.lookups.address(run3.backend.ip).endpoint !== void 0;
  if (!local2 && hasFlag(svc, serviceFlags.hostPort)) return -drop.invalid;
  const dsr = usesDsr(run3, svc);
  if (local2 || !dsr || program.dsrDispatch !== "ipip") {
    const ret = translateDestination(run3, svc, t, false);
    if (ret < 0) return ret;
  }
  if (local2 || !dsr) {
    const ret = trackRequest(run3, t);
    if (ret < 0 || local2) return ret;
    node2.nodePortNeighbours.set(run3.frame.source, frameSource(run3.skb));
  }
  if (dsr) return sendDsr(run3, t, vip);
  if (run3.frame.family === 4) run3.skb.cb[cb.sourceLabel] = worldIdentity2(run3);
  run3.skb.cb[cb.address] = 0;
  return toRemoteBackend(run3);
}
function trackRequest(run3, t) {
  swapAddresses(t);
  swapPorts(t);
  const { revNat } = run3.service;
  const state2 = clearCtState(run3.created);
  state2.revNat = revNat;
  const status = lookupTuple(run3, t, "egress", "forward", ctTypes.nodePort, state2);
  if (status !== ctStatus.new) return Math.min(status, 0);
  state2.sourceIdentity = worldIdentity2(run3);
  state2.nodePort = true;
  createEntry(run3, t, "egress", state2, false);
  return 0;
}
function toRemoteBackend(run3) {
  const ret = forwardRequest(run3);
  return ret < 0 ? dropPacket(run3, dropSites.natEgress, -ret, identity.unknown) : finish(ret);
}
function forwardRequest(run3) {
  const { program, frame } = run3;
  const v4 = frame.family === 4;
  const info = tunnelTo(run3, frame.destination);
  const ip = info ? v4 ? program.routerIp4 : program.routerIp6 : v4 ? program.directIp4 : program.directIp6;
  const t = run3.serviceTuple;
  const ret = extractServiceTuple(run3, t);
  if (ret < 0) return ret;
  swapPorts(t);
  t.flags = ctFlags.OUT;
  const hopped = hop(run3, direction.egress);
  if (hopped !== 0) return hopped;
  if (ip === void 0) return -drop.natNoMapping;
  const translated3 = snatByMapping(run3, t, newTarget(run3, ip), SOURCE_PORT);
  if (translated3 < 0) return translated3;
  setSnatDone(run3);
  if (info) return encapsulate(run3, info, worldIdentity2(run3), info.identity, ctStatus.new, true);
  return fibLookup(run3, frame.source, frame.destination);
}
function tunnelTo(run3, ip) {
  const info = run3.program.tunnel ? run3.node.lookups.address(ip).info : void 0;
  return info?.hasTunnel && !info.skipTunnel ? info : void 0;
}
function reply(run3, label) {
  const ret = reverseReply(run3);
  if (ret < 0) return dropPacket(run3, dropSites.natIngress, -ret, label);
  if (ret === 0) run3.skb.cb[cb.sourceLabel] = 0;
  return finish0(ret);
}
function finish0(code) {
  return code === 0 ? 0 : finish(code);
}
function reverseReply(run3) {
  const ret = reverseSnat(run3);
  if (ret === -drop.natNotNeeded || ret === -drop.natNoMapping) return 0;
  if (ret < 0) return ret;
  setSnatDone(run3);
  const translated3 = run3.program.dsr === "always" ? 0 : reverseService(run3);
  return translated3 === 0 ? replyToPod(run3) : translated3;
}
function reverseService(run3) {
  const t = run3.serviceTuple;
  const extracted = extractServiceTuple(run3, t);
  if (extracted === -drop.unsuppServiceProto || extracted === -drop.unknownL4) return 0;
  if (extracted < 0) return extracted;
  const state2 = clearCtState(run3.created);
  const status = lookupTuple(run3, t, "ingress", "reverse", ctTypes.nodePort, state2);
  if (status !== ctStatus.reply) return Math.min(status, 0);
  const { frame } = run3;
  const monitor = run3.monitor;
  let ret = frame.family === 6 ? hop(run3, direction.egress) : 0;
  if (ret === 0) ret = reverseTranslate(run3, t, state2.revNat, void 0, 0, false);
  if (ret !== 0) return ret;
  setSnatDone(run3);
  const info = tunnelTo(run3, frame.destination);
  if (frame.family === 4) ret = hop(run3, direction.egress);
  if (ret !== 0) return ret;
  if (info) return encapsulate(run3, info, identity.remoteNode, info.identity, ctStatus.reply, monitor);
  return fibLookup(run3, frame.source, frame.destination);
}
function reverseNodePort(run3) {
  const ret = reverseService(run3);
  if (isFinal(ret)) return ret;
  if (ret > 0) return FINAL_REDIRECT;
  return dropPacket(run3, dropSites.revNat, ret === 0 ? drop.natNoMapping : -ret, identity.unknown);
}
var init_nodeport = __esm({
  "src/datapath/bpf/nodeport.ts"() {
    "use strict";
    init_model4();
    init_drop();
    init_model5();
    init_conntrack();
    init_dsr();
    init_egress_gateway();
    init_encap();
    init_events();
    init_frame();
    init_icmp_reply();
    init_l3();
    init_lb();
    init_nat();
    init_run();
  }
});

// src/datapath/bpf/from-container.ts
function fromContainer(run3) {
  const { skb, program } = run3;
  clearMeta(skb);
  const label = endpointLabel(run3);
  trace(run3, "from-endpoint", label, 0, 0, 0, REASON_UNKNOWN, true);
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE) return dropPacket(run3, dropSites.lxcEntry, drop.unsupportedL2, label);
  if (type === etherType.arp && program.ipv4) return fromArp(run3, label);
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0) return dropPacket(run3, dropSites.lxcEntry, drop.unknownL3, label);
  if (skb.end - skb.start < ETH_HEADER + (family === 4 ? 20 : 40)) {
    return dropPacket(run3, dropSites.lxcEntry, drop.invalid, label);
  }
  const ret = translated(run3, parseFrame(run3.frame, skb, family));
  if (isFinal(ret)) return ret;
  return ret < 0 ? dropPacket(run3, dropSites.lxcStart, -ret, label) : fromTranslated(run3);
}
function fromArp(run3, label) {
  const { skb, program, endpoint } = run3;
  if (skb.end - skb.start < ETH_HEADER + 28) return dropPacket(run3, dropSites.lxcEntry, drop.invalid, label);
  if (!program.arpResponder) return FINAL_OK;
  return answerArp(run3, endpoint && isIp4(endpoint.ip) ? endpoint.ip : void 0);
}
function translated(run3, parsed) {
  const { frame, program } = run3;
  clearCtState(run3.created);
  run3.natAddr = void 0;
  run3.natPort = 0;
  if (parsed < 0 && parsed !== -drop.invalidExthdr) return parsed;
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
  if (frame.family === 6 && run3.skb.buf[frame.l3 + 6] === proto.icmp6) {
    const type = run3.skb.buf[frame.l3 + 40];
    if (type === ND_SOLICITATION) return answerSolicitation(run3, direction.egress);
    if (type === ND_ADVERTISEMENT) return FINAL_OK;
  }
  if (program.sourceIpVerification && !isOwnAddress(run3)) return -drop.invalidSip;
  if (parsed < 0) return program.perPacketLb ? parsed : dropLookup(run3, parsed);
  return program.perPacketLb ? translateService(run3) : 0;
}
function isOwnAddress(run3) {
  const owner = run3.node.lookups.address(run3.frame.source).endpoint;
  return owner !== void 0 && owner.endpointId === run3.endpoint?.endpointId;
}
function translateService(run3) {
  const t = run3.serviceTuple;
  const ret = extractServiceTuple(run3, t);
  if (ret === -drop.unsuppServiceProto || ret === -drop.unknownL4) return 0;
  if (ret < 0) return ret;
  const { program } = run3;
  let svc = lookupService(run3, t.daddr, t.sport, t.protocol, program.nodePort);
  if (!svc && program.nodePort) {
    svc = lookupSurrogate(run3, t.daddr, t.sport, t.protocol);
    if (svc && hasEgressEntry(run3)) svc = void 0;
    if (svc) {
      run3.natAddr = t.daddr;
      run3.natPort = t.sport;
    }
  }
  if (!svc) return 0;
  const chosen2 = chooseBackend(run3, t, svc);
  if (chosen2 === -drop.noService) {
    if (!program.noBackendRoutable) return withoutBackends(svc) || FINAL_OK;
    return program.rejectNoBackend ? replyNoService(run3) : chosen2;
  }
  if (chosen2 < 0) return chosen2;
  const loopback2 = t.saddr === run3.backend.ip;
  run3.created.revNat = run3.service.revNat;
  run3.created.loopback = loopback2;
  return translateDestination(run3, svc, t, loopback2);
}
function hasEgressEntry(run3) {
  const t = copyTuple(run3.otherTuple, run3.serviceTuple);
  swapAddresses(t);
  swapPorts(t);
  return findEntry(run3, t, ctFlags.OUT) !== void 0;
}
function dropLookup(run3, ret) {
  return dropPacket(run3, dropSites.ctLookup, -ret, endpointLabel(run3));
}
function fromTranslated(run3) {
  const { created, found: found2, frame } = run3;
  const label = endpointLabel(run3);
  clearCtState(found2);
  const status = lookupPacket(run3, "egress", created.revNat !== 0 ? "forward" : "both");
  if (status < 0) return dropLookup(run3, status);
  created.natAddr = run3.natAddr;
  created.natPort = run3.natPort;
  const { info } = run3.node.lookups.address(frame.destination);
  const peer2 = info?.identity ?? worldIdentity2(run3);
  let ret = egressPolicy(run3, status, peer2);
  if (ret === 0) ret = trackEgress(run3, status, peer2);
  if (ret === 0) ret = forward(run3, status, peer2, info);
  return ret < 0 ? dropPacket(run3, dropSites.lxcEgress, -ret, label, peer2) : ret;
}
function egressPolicy(run3, status, peer2) {
  run3.proxyPort = 0;
  if (status === ctStatus.new || status === ctStatus.established) {
    if (run3.created.loopback) return 0;
    const verdict = checkPolicy(run3, "egress", peer2, status);
    const denied = verdict === -drop.policy || verdict === -drop.policyDeny;
    return denied && run3.program.policyDenyResponse ? replyDenied(run3, -verdict) : verdict;
  }
  if (!run3.found.proxyRedirect) return 0;
  trace(run3, "to-proxy", endpointLabel(run3), 0, 0, 0, status, run3.monitor);
  return redirectToProxy(run3, 0);
}
function trackEgress(run3, status, peer2) {
  const { created, found: found2, tuple } = run3;
  const label = endpointLabel(run3);
  if (status === ctStatus.new || status === ctStatus.established) {
    created.proxyRedirect = run3.proxyPort > 0;
    const changed = found2.revNat !== created.revNat || found2.proxyRedirect !== created.proxyRedirect;
    if (status === ctStatus.new || changed) {
      created.sourceIdentity = label;
      createEntry(run3, tuple, "egress", created, true);
      run3.monitor = true;
    }
    return 0;
  }
  if (!run3.program.nodePort || !found2.nodePort || !isServiceProtocol(run3, tuple.protocol)) return 0;
  trace(run3, "to-network", label, peer2, 0, 0, status, run3.monitor);
  return reverseNodePort(run3);
}
function forward(run3, status, peer2, info) {
  const { frame, found: found2, program, created } = run3;
  const label = endpointLabel(run3);
  if (run3.proxyPort > 0) {
    trace(run3, "to-proxy", label, 0, run3.proxyPort, 0, status, run3.monitor);
    return redirectToProxy(run3, run3.proxyPort);
  }
  setMark(run3, label, magic.identity);
  const hairpin = created.loopback || found2.loopback;
  if (!program.endpointRoutes || hairpin || program.hostRouting) {
    const target = status === ctStatus.reply && hairpin ? frame.source : frame.destination;
    const { endpoint } = run3.node.lookups.address(target);
    if (endpoint) {
      if (!endpoint.isHost) return deliver(run3, endpoint, label, origins2.pod);
      if (program.hostRouting || !program.endpointRoutes) return toStack(run3, label, peer2, status);
    }
  }
  if (program.tunnel && info?.hasTunnel && (found2.fromTunnel || !info.skipTunnel)) {
    encapsulate(run3, info, label, peer2, status, run3.monitor);
    return FINAL_REDIRECT;
  }
  if (program.hostRouting) {
    const ret = fibForward(run3);
    if (isFinal(ret)) return ret;
    if (ret > 0) {
      trace(run3, "to-network", label, peer2, 0, actionIfindex(run3), status, run3.monitor);
      return FINAL_REDIRECT;
    }
    if (ret !== -drop.noFib || run3.extError !== FIB_NOT_FORWARDED) return ret;
  }
  return toStack(run3, label, peer2, status);
}
function toStack(run3, label, peer2, status) {
  trace(run3, "to-stack", label, peer2, 0, 0, status, run3.monitor);
  return FINAL_OK;
}
var FIB_NOT_FORWARDED, MIN_ETHERTYPE;
var init_from_container = __esm({
  "src/datapath/bpf/from-container.ts"() {
    "use strict";
    init_addr();
    init_drop();
    init_model5();
    init_conntrack();
    init_delivery();
    init_encap();
    init_events();
    init_frame();
    init_icmp_reply();
    init_l3();
    init_lb();
    init_neighbour();
    init_nodeport();
    init_policy();
    init_run();
    FIB_NOT_FORWARDED = 4;
    MIN_ETHERTYPE = 1536;
  }
});

// src/datapath/bpf/nodeport-egress.ts
function natForward(run3, label, family) {
  const { skb } = run3;
  const dual = isDualStack(run3);
  if (dual) {
    skb.cb[cb.natFlags] = 0;
    skb.cb[cb.address] = 0;
    skb.cb[cb.sourceLabel] = family === 0 ? label : 0;
  }
  if (family === 0) return 0;
  const parsed = parseFrame(run3.frame, skb, family);
  run3.reason = REASON_UNKNOWN;
  run3.reasonMonitor = dual;
  const ret = parsed < 0 ? parsed : forward2(run3, label);
  if (!dual || isFinal(ret)) return ret;
  if (ret < 0) return dropPacket(run3, dropSites.natForward, -ret, label);
  traceEgress(run3, label, void 0);
  return FINAL_OK;
}
function interfaceIfindex(run3) {
  return run3.kind === "overlay" ? run3.program.tunnelIfindex : run3.skb.ifindex;
}
function traceEgress(run3, label, original) {
  const point = run3.kind === "overlay" ? "to-overlay" : "to-network";
  trace(run3, point, label, 0, 0, interfaceIfindex(run3), run3.reason, run3.reasonMonitor, original);
}
function forward2(run3, label) {
  const { program } = run3;
  let translated3 = false;
  const t = run3.serviceTuple;
  let ret = extractServiceTuple(run3, t);
  if (ret === 0) {
    ret = reverseReply2(run3, t);
    if (ret < 0 || isFinal(ret)) return ret;
    translated3 = ret === TRANSLATED;
  } else if (ret !== -drop.unsuppServiceProto && ret !== -drop.unknownL4) return ret;
  const masquerade = run3.frame.family === 4 ? program.masquerade4 : program.masquerade6;
  if (!translated3 && (program.dsr !== "always" || masquerade)) return snatForward(run3, label);
  if (translated3 && run3.kind === "host") setSnatDone(run3);
  return 0;
}
function reverseReply2(run3, t) {
  const entry = findEntry(run3, t, ctFlags.OUT);
  const to = entry && serviceAddress(run3, entry, t);
  if (!to) return 0;
  if (run3.kind === "host") {
    const ret2 = fibLookup(run3, to.ip, t.daddr);
    if (ret2 < 0) return ret2;
    if ("ifindex" in run3.action && run3.action.ifindex !== interfaceIfindex(run3)) return finish(ret2);
  }
  const state2 = clearCtState(run3.created);
  const types = ctTypes.nodePort | ctTypes.dsr;
  if (lookupTuple(run3, t, "ingress", "reverse", types, state2) !== ctStatus.reply) return 0;
  run3.reason = ctStatus.reply;
  run3.reasonMonitor = run3.monitor;
  const ret = reverseTranslate(run3, t, 0, to.ip, to.port, false);
  return ret < 0 ? ret : TRANSLATED;
}
function serviceAddress(run3, entry, t) {
  if (entry.nodePort) return entry.revNat ? run3.node.state.services.reverseNat.get(entry.revNat) : void 0;
  if (run3.program.dsr === "off" || !entry.dsrInternal) return void 0;
  if (entry.natPort && entry.natAddr !== void 0) return { ip: entry.natAddr, port: entry.natPort };
  const nat = run3.node.nat.find(t.daddr, t.saddr, t.sport, t.dport, t.protocol, ctFlags.OUT);
  return nat && { ip: nat.toIp, port: nat.toPort };
}
function snatForward(run3, label) {
  run3.skb.cb[cb.address] = 0;
  run3.skb.cb[cb.sourceLabel] = 0;
  run3.reason = REASON_UNKNOWN;
  run3.reasonMonitor = false;
  const { program, frame } = run3;
  const masquerade = run3.kind === "host" && (frame.family === 4 ? program.masquerade4 : program.masquerade6);
  const own = isServiceProtocol(run3, frame.protocol) && ownsSource(run3);
  let ret = NAT_NOT_NEEDED;
  let original;
  if (own || masquerade) {
    const t = natTuple(run3, ctFlags.OUT, run3.tuple);
    const target = newTarget(run3, frame.source);
    target.needsCt = own;
    ret = own ? 0 : needsMasquerade(run3, t, target);
    if (ret === 0) {
      original = t.saddr;
      ret = snat(run3, t, target);
      if (ret === 0 && run3.kind === "host") setSnatDone(run3);
    }
  }
  if (ret < 0 && ret !== NAT_NOT_NEEDED) return dropPacket(run3, dropSites.snatForward, -ret, label);
  traceEgress(run3, label, original);
  return FINAL_OK;
}
function ownsSource(run3) {
  const { program, frame, node: node2 } = run3;
  if (run3.kind === "overlay") {
    return program.tunnel && frame.source === (frame.family === 4 ? program.routerIp4 : program.routerIp6);
  }
  return markMagic(run3.skb.mark) === magic.host || node2.lookups.address(frame.source).endpoint?.isHost === true;
}
var TRANSLATED;
var init_nodeport_egress = __esm({
  "src/datapath/bpf/nodeport-egress.ts"() {
    "use strict";
    init_drop();
    init_model5();
    init_conntrack();
    init_events();
    init_frame();
    init_l3();
    init_lb();
    init_nat();
    init_run();
    TRANSLATED = 1;
  }
});

// src/datapath/bpf/host.ts
function familyOf(run3, type) {
  if (type === etherType.ip4 && run3.program.ipv4) return 4;
  return type === etherType.ip6 && run3.program.ipv6 ? 6 : 0;
}
function fromNetdev(run3) {
  clearMeta(run3.skb);
  if (frameType(run3.skb) < MIN_ETHERTYPE2) {
    trace(run3, "to-stack", identity.unknown, 0, 0, 0, REASON_UNKNOWN, false);
    return FINAL_OK;
  }
  return receive(run3, identity.unknown, false, "from-network");
}
function fromHost(run3) {
  const { skb } = run3;
  clearMeta(skb);
  if (frameType(skb) < MIN_ETHERTYPE2) {
    trace(run3, "to-stack", identity.host, 0, 0, 0, REASON_UNKNOWN, false);
    return FINAL_OK;
  }
  const kind = markMagic(skb.mark);
  const proxied = kind === magic.proxyIngress || kind === magic.proxyEgress;
  return receive(run3, inheritIdentity(run3), true, proxied ? "from-proxy" : "from-host");
}
function inheritIdentity(run3) {
  const { skb, program } = run3;
  const kind = markMagic(skb.mark);
  const marked = kind === magic.proxyIngress || kind === magic.proxyEgress || kind === magic.identity;
  const family = frameType(skb) === etherType.ip6 ? 6 : frameType(skb) === etherType.ip4 ? 4 : 0;
  const world = family === 0 ? identity.world : family === 4 ? program.worldIdentity4 : program.worldIdentity6;
  const label = marked ? markIdentity(skb.mark) : kind === magic.host ? identity.host : world;
  if (kind === magic.proxyIngress) skb.tcIndex = (skb.tcIndex ?? 0) | tcIndex.fromIngressProxy;
  else if (kind === magic.proxyEgress) skb.tcIndex = (skb.tcIndex ?? 0) | tcIndex.fromEgressProxy;
  skb.mark = 0;
  return label;
}
function receive(run3, marked, host3, point) {
  const { skb } = run3;
  const type = frameType(skb);
  const family = familyOf(run3, type);
  const need2 = type === etherType.arp ? 28 : family === 6 ? 40 : family === 4 ? 20 : 0;
  if (skb.end - skb.start < ETH_HEADER + need2) return dropPacket(run3, dropSites.hostEntry, drop.invalid, marked);
  if (family === 0) {
    trace(run3, point, marked, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
    return FINAL_OK;
  }
  const parsed = parseFrame(run3.frame, skb, family);
  const label = resolveSource(run3, marked);
  trace(run3, point, label, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
  let ret = parsed < 0 ? parsed : handle(run3, label, host3);
  if (isFinal(ret)) return ret;
  if (ret === -drop.fragNotFound && isOutside(run3, label)) ret = -drop.fragNotFoundWorld;
  return ret < 0 ? dropPacket(run3, dropSites.hostTail, -ret, label) : FINAL_OK;
}
function resolveSource(run3, label) {
  if (!isReserved(run3, label)) return label;
  const known3 = run3.node.lookups.address(run3.frame.source).info?.identity;
  return known3 === void 0 || known3 === identity.host ? label : known3;
}
function isOutside(run3, label) {
  return isWorld(run3, label, 4) || isWorld(run3, label, 6) || label >>> 24 === CIDR_SCOPE2;
}
function handle(run3, label, host3) {
  const { frame, program } = run3;
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) return -drop.fragNosupport;
  if (!host3) {
    const solicitation = frame.protocol === proto.icmp6 && run3.skb.buf[frame.l4] === ND_SOLICITATION;
    if (frame.family === 6 && solicitation) return answerSolicitation(run3, direction.ingress);
    if (program.nodePort) {
      const ret = nodePort(run3, label);
      if (ret !== 0) return ret;
    }
    if (!program.hostRouting) return 0;
  }
  const { endpoint } = run3.node.lookups.address(frame.destination);
  if (endpoint) {
    if (endpoint.isHost) return toStack2(run3, host3);
    return deliver(run3, endpoint, label, host3 ? origins2.host : origins2.network);
  }
  return host3 ? sendAway(run3, label) : 0;
}
function toStack2(run3, host3) {
  if (host3) writeMac(run3.skb.buf, run3.skb.start, run3.program.netMac);
  return 0;
}
function sendAway(run3, label) {
  const { frame, program } = run3;
  const { info } = run3.node.lookups.address(frame.destination);
  if (program.tunnel && info?.hasTunnel && !info.skipTunnel) {
    encapsulate(run3, info, label, info.identity, REASON_UNKNOWN, true);
    return FINAL_REDIRECT;
  }
  if (isFromProxy(run3, tcIndex.fromIngressProxy | tcIndex.fromEgressProxy)) {
    run3.skb.mark = magic.skipTproxy;
    return 0;
  }
  if (!info || isWorld(run3, info.identity, frame.family)) return -drop.unroutable;
  return toStack2(run3, true);
}
function toNetdev(run3) {
  const { skb, program } = run3;
  clearMeta(skb);
  const kind = markMagic(skb.mark);
  const own = kind === magic.host || kind === magic.overlay && program.encap;
  const marked = kind === magic.proxyEgress || kind === magic.identity || kind === magic.egwDone;
  const label = own || kind === magic.overlay || kind === magic.encrypt ? identity.host : marked ? markIdentity(skb.mark) : identity.unknown;
  run3.reason = REASON_UNKNOWN;
  run3.reasonMonitor = false;
  if (kind !== magic.egwDone) {
    const ret = requestToGateway(run3, label, familyOf(run3, frameType(skb)));
    if (isFinal(ret)) return ret;
    if (ret < 0) return dropPacket(run3, dropSites.toNetdev, -ret, label);
  }
  if (program.nodePort && kind !== magic.snatDone && !(kind === magic.overlay && program.encap)) {
    const ret = natForward(run3, label, familyOf(run3, frameType(skb)));
    if (isFinal(ret)) return ret;
    if (ret < 0) return dropPacket(run3, dropSites.toNetdev, -ret, label);
  }
  trace(run3, "to-network", label, 0, 0, skb.ifindex, run3.reason, run3.reasonMonitor);
  return FINAL_OK;
}
function toHost(run3) {
  const { skb, program } = run3;
  const kind = markMagic(skb.mark);
  const label = kind === magic.identity ? markIdentity(skb.mark) : identity.unknown;
  const word2 = kind === magic.toProxy ? skb.mark : skb.cb[cb.sourceLabel];
  if ((word2 & 65535) === magic.toProxy) {
    skb.cb[cb.sourceLabel] = 0;
    skb.mark = word2;
    changeType(run3);
    return FINAL_OK;
  }
  trace(run3, "to-stack", label, 0, 0, program.hostIfindex, REASON_UNKNOWN, false);
  return FINAL_OK;
}
var MIN_ETHERTYPE2, CIDR_SCOPE2;
var init_host = __esm({
  "src/datapath/bpf/host.ts"() {
    "use strict";
    init_addr();
    init_drop();
    init_delivery();
    init_egress_gateway();
    init_encap();
    init_events();
    init_frame();
    init_l3();
    init_neighbour();
    init_nodeport();
    init_nodeport_egress();
    init_redirect();
    init_run();
    MIN_ETHERTYPE2 = 1536;
    CIDR_SCOPE2 = 1;
  }
});

// src/datapath/bpf/overlay.ts
function familyOf2(type) {
  return type === etherType.ip4 ? 4 : type === etherType.ip6 ? 6 : 0;
}
function fromOverlay(run3) {
  const { skb, program } = run3;
  clearMeta(skb);
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE3) return FINAL_OK;
  const family = familyOf2(type);
  const enabled2 = family === 4 ? program.ipv4 : family === 6 && program.ipv6;
  let label = 0;
  let parsed = 0;
  if (enabled2) {
    parsed = parseFrame(run3.frame, skb, family);
    if (parsed === -drop.invalid) return dropPacket(run3, dropSites.overlayEntry, drop.invalid, label);
    if (!skb.tunnel) return dropPacket(run3, dropSites.overlayEntry, drop.noTunnelKey, label);
    label = identityOfTunnel(run3, skb.tunnel.vni, family);
    if (label === identity.host) return dropPacket(run3, dropSites.overlayEntry, drop.invalidIdentity, label);
  }
  trace(run3, "from-overlay", label, 0, 0, skb.ingressIfindex ?? 0, REASON_UNKNOWN, true);
  if (family === 0) return FINAL_OK;
  return enabled2 ? receive2(run3, label, parsed) : dropPacket(run3, dropSites.overlayEntry, drop.unknownL3, label);
}
function receive2(run3, tunnelLabel, parsed) {
  const { frame, program } = run3;
  let label = tunnelLabel;
  const fail3 = (ret2) => dropPacket(run3, dropSites.overlayTail, -ret2, label);
  if (parsed < 0) return fail3(parsed);
  if (frame.fragment && !(frame.family === 4 ? program.fragments4 : program.fragments6)) {
    return fail3(-drop.fragNosupport);
  }
  run3.fromDsr = false;
  if (program.nodePort) {
    const ret2 = nodePort(run3, label);
    if (isFinal(ret2)) return ret2;
    if (ret2 < 0) return fail3(ret2);
  }
  if (isRemoteNode(label) || run3.fromDsr && isWorld(run3, label, frame.family)) {
    label = run3.node.lookups.address(frame.source).info?.identity ?? label;
  }
  const leaving = leaveGateway(run3, label);
  if (leaving !== 0) return leaving < 0 && !isFinal(leaving) ? fail3(leaving) : leaving;
  if (!program.hostRouting && run3.fromDsr) {
    changeType(run3);
    return FINAL_OK;
  }
  const { endpoint } = run3.node.lookups.address(frame.destination);
  if (endpoint && !endpoint.isHost) {
    const ret2 = deliver(run3, endpoint, label, origins2.overlay);
    return ret2 < 0 ? fail3(ret2) : ret2;
  }
  setMark(run3, label, magic.identity);
  const ret = hopTo(run3, program.tunnelMac, program.hostMac, direction.ingress);
  if (ret !== 0) return ret < 0 ? fail3(ret) : ret;
  redirect(run3, program.hostIfindex, true);
  return FINAL_REDIRECT;
}
function toOverlay(run3) {
  const { skb, program } = run3;
  const translated3 = markMagic(skb.mark) === magic.snatDone;
  clearMeta(skb);
  const type = frameType(skb);
  const family = familyOf2(type);
  const label = skb.tunnel ? identityOfTunnel(run3, skb.tunnel.vni, family) : 0;
  setMark(run3, label, magic.overlay);
  if (!program.nodePort || translated3) return FINAL_OK;
  const enabled2 = family === 4 ? program.ipv4 : family === 6 && program.ipv6;
  const ret = natForward(run3, label, enabled2 ? family : 0);
  if (isFinal(ret)) return ret;
  return ret < 0 ? dropPacket(run3, dropSites.toOverlay, -ret, label) : FINAL_OK;
}
var MIN_ETHERTYPE3;
var init_overlay = __esm({
  "src/datapath/bpf/overlay.ts"() {
    "use strict";
    init_drop();
    init_delivery();
    init_egress_gateway();
    init_encap();
    init_events();
    init_frame();
    init_l3();
    init_nodeport();
    init_nodeport_egress();
    init_redirect();
    init_run();
    MIN_ETHERTYPE3 = 1536;
  }
});

// src/datapath/bpf/to-container.ts
function toContainer(run3) {
  const { skb, program } = run3;
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE4) return dropToEndpoint(run3, dropSites.toContainer, drop.unsupportedL2, 0);
  clearMeta(skb);
  const kind = markMagic(skb.mark);
  const label = inheritIdentity(run3);
  const point = kind === magic.proxyIngress || kind === magic.proxyEgress ? "from-proxy" : "from-stack";
  trace(
    run3,
    point,
    label,
    endpointLabel(run3),
    run3.endpoint?.endpointId ?? 0,
    skb.ingressIfindex ?? 0,
    REASON_UNKNOWN,
    true
  );
  if (type === etherType.arp && program.ipv4) return FINAL_OK;
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0) return dropToEndpoint(run3, dropSites.toContainer, drop.unknownL3, label);
  const parsed = parseFrame(run3.frame, skb, family);
  if (parsed === -drop.invalid) return dropToEndpoint(run3, dropSites.toContainer, drop.invalid, label);
  skb.cb[cb.sourceLabel] = label;
  if (parsed < 0) return dropToEndpoint(run3, dropSites.ctLookup, -parsed, label);
  return receive3(run3, label);
}
function receive3(run3, marked) {
  const status = lookupIngress(run3, marked);
  if (isFinal(status)) return status;
  run3.skb.cb[cb.sourceLabel] = 0;
  const { frame, skb } = run3;
  if (frame.family === 6 && skb.buf[frame.l3 + 6] === proto.icmp6) {
    const type = skb.buf[frame.l3 + 40];
    if (type === ND_SOLICITATION || type === ND_ADVERTISEMENT) return FINAL_OK;
  }
  let label = marked;
  if (isReserved(run3, marked)) {
    const known3 = run3.node.lookups.address(frame.source).info?.identity;
    if (known3 !== void 0 && known3 !== identity.host) label = known3;
  }
  const ret = admit(run3, label, status, false, dropSites.lxcToEndpoint);
  return isFinal(ret) ? ret : FINAL_OK;
}
var MIN_ETHERTYPE4;
var init_to_container = __esm({
  "src/datapath/bpf/to-container.ts"() {
    "use strict";
    init_drop();
    init_delivery();
    init_events();
    init_frame();
    init_host();
    init_neighbour();
    init_run();
    MIN_ETHERTYPE4 = 1536;
  }
});

// src/datapath/bpf/xdp.ts
function xdpEntry(run3) {
  const { skb, program } = run3;
  clearMeta(skb);
  const type = frameType(skb);
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0 || !program.nodePort) return FINAL_OK;
  const parsed = parseFrame(run3.frame, skb, family);
  let ret = parsed < 0 ? parsed : nodePort(run3, identity.unknown);
  if (isFinal(ret)) return ret;
  if (ret === -drop.fragNotFound && isOutside2(run3)) ret = -drop.fragNotFoundWorld;
  return ret < 0 ? dropPacket(run3, dropSites.xdp, -ret, identity.unknown) : FINAL_OK;
}
function isOutside2(run3) {
  const label = run3.node.lookups.address(run3.frame.source).info?.identity;
  return label === void 0 || isWorld(run3, label, run3.frame.family);
}
function leaveXdp(run3, action) {
  const { skb, route } = run3;
  if (action.kind !== "redirect-neigh" || !route?.ok) return action;
  writeMac(skb.buf, skb.start, route.destinationMac);
  writeMac(skb.buf, skb.start + 6, route.sourceMac);
  const { ifindex } = action;
  if (run3.node.emit && ifindex !== skb.ifindex) helper(run3, "redirect", { ifindex, flags: 0, mark: skb.mark });
  return { kind: "redirect", ifindex, ingress: false };
}
var init_xdp = __esm({
  "src/datapath/bpf/xdp.ts"() {
    "use strict";
    init_addr();
    init_drop();
    init_events();
    init_frame();
    init_nodeport();
    init_run();
  }
});

// src/datapath/bpf/hooks.ts
function runHook(name, skb, node2) {
  run.skb = skb;
  run.node = node2;
  run.program = node2.program;
  run.hook = name;
  run.endpoint = void 0;
  run.extError = 0;
  run.route = void 0;
  run.frame.family = 4;
  let action = actionOf(run, main(name));
  if (run.kind === "xdp") action = leaveXdp(run, action);
  if (node2.emit && action.kind === "redirect-neigh") {
    const family = isIp4(action.nexthop) ? AF_INET2 : AF_INET62;
    const nexthop = { nh_family: family, nh: formatIp(action.nexthop) };
    helper(run, "redirect_neigh", { ifindex: action.ifindex, flags: 0, plen: NEIGHBOUR_PARAMETERS, ...nexthop });
  }
  return action;
}
function main(name) {
  switch (name) {
    case "cil_from_container":
      return ofEndpoint(fromContainer);
    case "cil_to_container":
      return ofEndpoint(toContainer);
    case "cil_from_overlay":
      run.kind = "overlay";
      return fromOverlay(run);
    case "cil_to_overlay":
      run.kind = "overlay";
      return toOverlay(run);
    case "cil_xdp_entry":
      run.kind = "xdp";
      return xdpEntry(run);
  }
  run.kind = "host";
  switch (name) {
    case "cil_from_netdev":
      return fromNetdev(run);
    case "cil_to_netdev":
      return toNetdev(run);
    case "cil_from_host":
      return fromHost(run);
    case "cil_to_host":
      return toHost(run);
  }
}
function ofEndpoint(program) {
  run.kind = "lxc";
  run.endpoint = run.node.lookups.device(run.skb.ifindex);
  return program(run);
}
var run, NEIGHBOUR_PARAMETERS, AF_INET2, AF_INET62;
var init_hooks = __esm({
  "src/datapath/bpf/hooks.ts"() {
    "use strict";
    init_addr();
    init_events();
    init_from_container();
    init_host();
    init_overlay();
    init_run();
    init_to_container();
    init_xdp();
    run = newRun();
    NEIGHBOUR_PARAMETERS = 20;
    AF_INET2 = 2;
    AF_INET62 = 10;
  }
});

// src/wire/ethernet.ts
function writeEthernet2(b2, o, destination2, source, type) {
  writeMac(b2, o, destination2);
  writeMac(b2, o + 6, source);
  set16(b2, o + 12, type);
  return ETH_HEADER2;
}
var ETH_HEADER2;
var init_ethernet = __esm({
  "src/wire/ethernet.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    ETH_HEADER2 = 14;
  }
});

// src/wire/fragment.ts
function fragmentIpv4(packet, mtu2) {
  const total = ipv4TotalLength(packet, 0);
  if (total <= mtu2) return [packet];
  const header = ipv4HeaderLength(packet, 0);
  const step2 = mtu2 - header & ~7;
  if (step2 < 8) throw new RangeError(`mtu ${mtu2} is too small to fragment`);
  const base = ipv4FragmentOffset(packet, 0);
  const last = ipv4MoreFragments(packet, 0);
  const reserved = get16(packet, 6) & 49152;
  const out2 = [];
  for (let at2 = header; at2 < total; at2 += step2) {
    const size = Math.min(step2, total - at2);
    const piece = new Uint8Array(header + size);
    piece.set(packet.subarray(0, header));
    piece.set(packet.subarray(at2, at2 + size), header);
    if (base + at2 > header) blankOptions(piece, header);
    const more = at2 + size < total || last;
    set16(piece, 2, piece.length);
    set16(piece, 6, reserved | (more ? 8192 : 0) | base + at2 - header >>> 3);
    set16(piece, 10, 0);
    set16(piece, 10, checksum(piece, 0, header));
    out2.push(piece);
  }
  return out2;
}
function blankOptions(b2, header) {
  let at2 = IPV4_HEADER;
  while (at2 < header && b2[at2] !== 0) {
    const length = b2[at2] === 1 ? 1 : at2 + 1 < header ? b2[at2 + 1] : 0;
    if (length === 0 || b2[at2] !== 1 && length < 2 || at2 + length > header) return;
    if ((b2[at2] & 128) === 0) b2.fill(1, at2, at2 + length);
    at2 += length;
  }
}
function reassembleIpv4(fragments) {
  const pieces = fragments.map((b2) => ({
    at: ipv4FragmentOffset(b2, 0),
    more: ipv4MoreFragments(b2, 0),
    bytes: b2.subarray(ipv4HeaderLength(b2, 0), ipv4TotalLength(b2, 0))
  }));
  const first = fragments.find((b2) => ipv4FragmentOffset(b2, 0) === 0);
  const payload = joinPieces(pieces);
  if (!first || !payload || fragments.some((b2) => ipv4Id(b2, 0) !== ipv4Id(first, 0))) return void 0;
  const header = ipv4HeaderLength(first, 0);
  const out2 = new Uint8Array(header + payload.length);
  out2.set(first.subarray(0, header));
  out2.set(payload, header);
  set16(out2, 2, out2.length);
  set16(out2, 6, get16(out2, 6) & 49152);
  set16(out2, 10, 0);
  set16(out2, 10, checksum(out2, 0, header));
  return out2;
}
function joinPieces(pieces) {
  const last = pieces.find((piece) => !piece.more);
  if (!last) return void 0;
  const out2 = new Uint8Array(last.at + last.bytes.length);
  let filled = 0;
  for (const piece of [...pieces].sort((a2, b2) => a2.at - b2.at)) {
    if (piece.at > filled) return void 0;
    const end2 = Math.min(piece.at + piece.bytes.length, out2.length);
    if (end2 <= filled) continue;
    out2.set(piece.bytes.subarray(filled - piece.at, end2 - piece.at), filled);
    filled = end2;
  }
  return filled === out2.length ? out2 : void 0;
}
function fragmentIpv6(packet, mtu2, id) {
  const total = IPV6_HEADER + ipv6PayloadLength(packet, 0);
  if (total <= mtu2) return [packet];
  const { at: head, nextHeader, pointer: pointer2 } = unfragmentablePart(packet);
  const step2 = mtu2 - head - IPV6_FRAGMENT_HEADER & ~7;
  if (step2 < 8) throw new RangeError(`mtu ${mtu2} is too small to fragment`);
  const out2 = [];
  for (let at2 = head; at2 < total; at2 += step2) {
    const size = Math.min(step2, total - at2);
    const piece = new Uint8Array(head + IPV6_FRAGMENT_HEADER + size);
    piece.set(packet.subarray(0, head));
    piece[pointer2] = IP6_FRAGMENT;
    piece.set(encodeIpv6Fragment(nextHeader, { offset: at2 - head, more: at2 + size < total, id }), head);
    piece.set(packet.subarray(at2, at2 + size), head + IPV6_FRAGMENT_HEADER);
    set16(piece, 4, piece.length - IPV6_HEADER);
    out2.push(piece);
  }
  return out2;
}
function unfragmentablePart(b2) {
  let part = { at: IPV6_HEADER, nextHeader: ipv6NextHeader(b2, 0), pointer: 6 };
  let walked = part;
  while (walked.nextHeader === IP6_HOP_BY_HOP || walked.nextHeader === IP6_DESTINATION_OPTIONS || walked.nextHeader === IP6_ROUTING) {
    const { at: at2, nextHeader } = walked;
    if (at2 + 8 > b2.length) break;
    walked = { at: at2 + (b2[at2 + 1] + 1) * 8, nextHeader: b2[at2], pointer: at2 };
    if (nextHeader !== IP6_DESTINATION_OPTIONS) part = walked;
  }
  return part;
}
function reassembleIpv6(fragments) {
  const pieces = [];
  let head;
  for (const b2 of fragments) {
    const found2 = fragmentHeader(b2);
    if (!found2) return void 0;
    pieces.push(found2.piece);
    if (found2.piece.at === 0) head = { bytes: b2.subarray(0, found2.at), nextHeader: b2[found2.at] };
  }
  const payload = joinPieces(pieces);
  if (!head || !payload) return void 0;
  const out2 = new Uint8Array(head.bytes.length + payload.length);
  out2.set(head.bytes);
  out2.set(payload, head.bytes.length);
  set16(out2, 4, out2.length - IPV6_HEADER);
  out2[lastNextHeader(out2, head.bytes.length)] = head.nextHeader;
  return out2;
}
function fragmentHeader(b2) {
  const end2 = Math.min(b2.length, IPV6_HEADER + ipv6PayloadLength(b2, 0));
  const upper = ipv6Upper(b2, 0, end2);
  if (!upper.ok || !upper.fragment) return void 0;
  let at2 = IPV6_HEADER;
  for (let next = ipv6NextHeader(b2, 0); next !== IP6_FRAGMENT; ) {
    next = b2[at2];
    at2 += (b2[at2 + 1] + 1) * 8;
  }
  const { offset, more } = upper.fragment;
  return { at: at2, piece: { at: offset, more, bytes: b2.subarray(at2 + IPV6_FRAGMENT_HEADER, end2) } };
}
function lastNextHeader(b2, end2) {
  let pointer2 = 6;
  for (let at2 = IPV6_HEADER; at2 < end2; at2 += (b2[at2 + 1] + 1) * 8) pointer2 = at2;
  return pointer2;
}
var init_fragment = __esm({
  "src/wire/fragment.ts"() {
    "use strict";
    init_bytes();
    init_checksum();
    init_ipv4();
    init_ipv6();
  }
});

// src/wire/icmp.ts
function icmpType(b2, o) {
  return b2[o];
}
function icmpId(b2, o) {
  return get16(b2, o + 4);
}
function icmpSequence(b2, o) {
  return get16(b2, o + 6);
}
function icmpMtu(b2, o) {
  return get16(b2, o + 6);
}
function icmpIsError(type) {
  return type === ICMP_UNREACHABLE || type === ICMP_SOURCE_QUENCH || type === ICMP_REDIRECT || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM;
}
function icmpHasId(type) {
  return type === ICMP_ECHO_REPLY || type === ICMP_ECHO_REQUEST || type >= ICMP_TIMESTAMP_REQUEST && type <= ICMP_MASK_REPLY;
}
function checkIcmp(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const head = need("icmp", o, stop, ICMP_MIN);
  if (!head.ok) return head;
  const type = icmpType(b2, o);
  const full = icmpIsError(type) || icmpHasId(type) || type === ICMP_ROUTER_ADVERTISEMENT;
  return full ? need("icmp", o, stop, ICMP_HEADER3) : head;
}
function writeIcmp(b2, o, fields) {
  b2[o] = fields.type;
  b2[o + 1] = fields.code ?? 0;
  set16(b2, o + 2, 0);
  set32(b2, o + 4, fields.rest ?? 0);
  return ICMP_HEADER3;
}
function writeIcmpEcho(b2, o, type, id, sequence) {
  return writeIcmp(b2, o, { type, rest: (id << 16 | sequence) >>> 0 });
}
function fillIcmpChecksum(b2, o, end2) {
  set16(b2, o + 2, 0);
  set16(b2, o + 2, checksum(b2, o, end2));
}
var ICMP_HEADER3, ICMP_MIN, ICMP_ECHO_REPLY, ICMP_UNREACHABLE, ICMP_SOURCE_QUENCH, ICMP_REDIRECT, ICMP_ECHO_REQUEST, ICMP_ROUTER_ADVERTISEMENT, ICMP_TIME_EXCEEDED, ICMP_PARAMETER_PROBLEM, ICMP_TIMESTAMP_REQUEST, ICMP_MASK_REPLY, ICMP_NET_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, ICMP_PORT_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, ICMP_TTL_EXCEEDED;
var init_icmp = __esm({
  "src/wire/icmp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    ICMP_HEADER3 = 8;
    ICMP_MIN = 4;
    ICMP_ECHO_REPLY = 0;
    ICMP_UNREACHABLE = 3;
    ICMP_SOURCE_QUENCH = 4;
    ICMP_REDIRECT = 5;
    ICMP_ECHO_REQUEST = 8;
    ICMP_ROUTER_ADVERTISEMENT = 9;
    ICMP_TIME_EXCEEDED = 11;
    ICMP_PARAMETER_PROBLEM = 12;
    ICMP_TIMESTAMP_REQUEST = 13;
    ICMP_MASK_REPLY = 18;
    ICMP_NET_UNREACHABLE = 0;
    ICMP_PROTOCOL_UNREACHABLE = 2;
    ICMP_PORT_UNREACHABLE = 3;
    ICMP_FRAGMENTATION_NEEDED = 4;
    ICMP_TTL_EXCEEDED = 0;
  }
});

// src/wire/icmpv6.ts
function icmpv6Type(b2, o) {
  return b2[o];
}
function icmpv6Mtu(b2, o) {
  return get32(b2, o + 4);
}
function ndTarget(b2, o) {
  return readIp6(b2, o + 8);
}
function icmpv6IsError(type) {
  return type < 128;
}
function icmpv6FixedLength(type) {
  switch (type) {
    case ICMPV6_NEIGHBOR_SOLICITATION:
    case ICMPV6_NEIGHBOR_ADVERTISEMENT:
      return 24;
    case ICMPV6_ROUTER_ADVERTISEMENT:
      return 16;
    case ICMPV6_REDIRECT:
      return 40;
    default:
      return type <= ICMPV6_ECHO_REPLY || type === ICMPV6_ROUTER_SOLICITATION ? ICMPV6_HEADER : ICMPV6_MIN;
  }
}
function checkIcmpv6(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const head = need("icmp6", o, stop, ICMPV6_MIN);
  return head.ok ? need("icmp6", o, stop, icmpv6FixedLength(icmpv6Type(b2, o))) : head;
}
function writeIcmpv6(b2, o, fields) {
  b2[o] = fields.type;
  b2[o + 1] = fields.code ?? 0;
  set16(b2, o + 2, 0);
  set32(b2, o + 4, fields.rest ?? 0);
  return ICMPV6_HEADER;
}
function writeIcmpv6Echo(b2, o, type, id, sequence) {
  return writeIcmpv6(b2, o, { type, rest: (id << 16 | sequence) >>> 0 });
}
function fillIcmpv6Checksum(b2, ip, o, end2) {
  set16(b2, o + 2, 0);
  set16(b2, o + 2, checksum(b2, o, end2, pseudoSum6(b2, ip, 58, end2 - o)));
}
function encodeIcmpv6(fields, payload) {
  const b2 = new Uint8Array(ICMPV6_HEADER + payload.length);
  writeIcmpv6(b2, 0, fields);
  b2.set(payload, ICMPV6_HEADER);
  return b2;
}
function encodeNeighborSolicitation(target, options = []) {
  return encodeNeighbor(ICMPV6_NEIGHBOR_SOLICITATION, 0, target, options);
}
function encodeNeighborAdvertisement(target, flags, options = []) {
  return encodeNeighbor(ICMPV6_NEIGHBOR_ADVERTISEMENT, flags, target, options);
}
function encodeNeighbor(type, flags, target, options) {
  const address3 = new Uint8Array(16);
  writeIp(address3, 0, target);
  return encodeIcmpv6({ type, rest: flags << 24 >>> 0 }, concat([address3, encodeNdOptions(options)]));
}
function encodeNdOptions(options) {
  return concat(options.map(encodeNdOption));
}
function encodeNdOption(option) {
  const size = option.kind === "prefix" ? 32 : option.kind === "other" ? option.data.length + 9 & ~7 : 8;
  const b2 = new Uint8Array(size);
  b2[1] = size / 8;
  switch (option.kind) {
    case "source-mac":
    case "target-mac":
      b2[0] = option.kind === "source-mac" ? 1 : 2;
      writeMac(b2, 2, option.mac);
      break;
    case "mtu":
      b2[0] = 5;
      set32(b2, 4, option.mtu);
      break;
    case "prefix":
      b2[0] = 3;
      b2[2] = option.prefix.length;
      b2[3] = (option.onLink ? 128 : 0) | (option.autonomous ? 64 : 0);
      set32(b2, 4, option.validLifetime);
      set32(b2, 8, option.preferredLifetime);
      writeIp(b2, 16, option.prefix.ip);
      break;
    case "other":
      b2[0] = option.type;
      b2.set(option.data, 2);
  }
  return b2;
}
function concat(parts) {
  const out2 = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at2 = 0;
  for (const part of parts) {
    out2.set(part, at2);
    at2 += part.length;
  }
  return out2;
}
function solicitedNodeMulticast(ip) {
  return `\uFF02\0\0\0\0${String.fromCharCode(65280 | ip.charCodeAt(6) & 255)}${ip[7]}`;
}
function multicastMac6(ip) {
  return 56294136348672 + ip.charCodeAt(6) * 65536 + ip.charCodeAt(7);
}
var ICMPV6_HEADER, ICMPV6_MIN, ICMPV6_UNREACHABLE, ICMPV6_PACKET_TOO_BIG, ICMPV6_TIME_EXCEEDED, ICMPV6_PARAMETER_PROBLEM, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY, ICMPV6_ROUTER_SOLICITATION, ICMPV6_ROUTER_ADVERTISEMENT, ICMPV6_NEIGHBOR_SOLICITATION, ICMPV6_NEIGHBOR_ADVERTISEMENT, ICMPV6_REDIRECT, ICMPV6_NO_ROUTE, ICMPV6_ADDRESS_UNREACHABLE, ICMPV6_PORT_UNREACHABLE, NA_SOLICITED, NA_OVERRIDE;
var init_icmpv6 = __esm({
  "src/wire/icmpv6.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    ICMPV6_HEADER = 8;
    ICMPV6_MIN = 4;
    ICMPV6_UNREACHABLE = 1;
    ICMPV6_PACKET_TOO_BIG = 2;
    ICMPV6_TIME_EXCEEDED = 3;
    ICMPV6_PARAMETER_PROBLEM = 4;
    ICMPV6_ECHO_REQUEST = 128;
    ICMPV6_ECHO_REPLY = 129;
    ICMPV6_ROUTER_SOLICITATION = 133;
    ICMPV6_ROUTER_ADVERTISEMENT = 134;
    ICMPV6_NEIGHBOR_SOLICITATION = 135;
    ICMPV6_NEIGHBOR_ADVERTISEMENT = 136;
    ICMPV6_REDIRECT = 137;
    ICMPV6_NO_ROUTE = 0;
    ICMPV6_ADDRESS_UNREACHABLE = 3;
    ICMPV6_PORT_UNREACHABLE = 4;
    NA_SOLICITED = 64;
    NA_OVERRIDE = 32;
  }
});

// src/datapath/run/random.ts
function mix32(a2, b2) {
  return mix2(a2, b2) >>> 0;
}
function mix2(a2, b2) {
  let h = Math.imul(a2 ^ 739982445, 3432918353);
  h = h << 15 | h >>> 17;
  h = Math.imul(h, 461845907) ^ b2;
  h = Math.imul(h << 13 | h >>> 19, 5) + 3864292196;
  h = Math.imul(h ^ h >>> 16, 2246822507);
  h = Math.imul(h ^ h >>> 13, 3266489909);
  return h ^ h >>> 16;
}
function hashText(text4, seed = 0) {
  let h = seed >>> 0;
  for (let i = 0; i < text4.length; i++) h = mix32(h, text4.charCodeAt(i));
  return h;
}
var Random;
var init_random = __esm({
  "src/datapath/run/random.ts"() {
    "use strict";
    Random = class {
      a;
      b;
      c;
      d;
      constructor(seed) {
        let x = seed >>> 0;
        const next = () => {
          x = x + 2654435769 >>> 0;
          let z = x;
          z = Math.imul(z ^ z >>> 16, 569420461);
          z = Math.imul(z ^ z >>> 15, 1935289751);
          return (z ^ z >>> 15) >>> 0;
        };
        [this.a, this.b, this.c, this.d] = [next(), next(), next(), next()];
      }
      /** 32 random bits, unsigned. */
      next() {
        const m = Math.imul(this.b, 5);
        const result = Math.imul(m << 7 | m >>> 25, 9) >>> 0;
        const t = this.b << 9;
        this.c ^= this.a;
        this.d ^= this.b;
        this.b ^= this.c;
        this.a ^= this.d;
        this.c ^= t;
        this.d = this.d << 11 | this.d >>> 21;
        return result;
      }
      /** A whole number from 0 to `bound` − 1 (`bound` ≤ 2^32). */
      below(bound) {
        return Math.floor(this.next() / 2 ** 32 * bound);
      }
    };
  }
});

// src/datapath/run/flow.ts
function frameHash(b2, o) {
  const type = get16(b2, o + 12);
  const ip = o + 14;
  if (type === ETHER_IPV4) {
    const protocol4 = b2[ip + 9];
    const ports = hasPorts(protocol4) && (get16(b2, ip + 6) & 16383) === 0 ? word(b2, ip + ((b2[ip] & 15) << 2)) : 0;
    return mix32(mix2(word(b2, ip + 12), word(b2, ip + 16)), mix2(ports, protocol4));
  }
  if (type === ETHER_IPV6) {
    const protocol4 = b2[ip + 6];
    let h = mix32(hasPorts(protocol4) ? word(b2, ip + 40) : 0, protocol4);
    for (let i = 8; i < 40; i += 4) h = mix32(h, word(b2, ip + i));
    return h;
  }
  return mix32(type, 0);
}
function word(b2, o) {
  return b2[o] << 24 | b2[o + 1] << 16 | b2[o + 2] << 8 | b2[o + 3];
}
function hasPorts(protocol4) {
  return protocol4 === 6 || protocol4 === 17 || protocol4 === 132;
}
function tunnelSourcePort(b2, o, protocol4) {
  const [min, max] = portRanges[protocol4];
  const port5 = min + Math.floor(frameHash(b2, o) * (max - min) / 2 ** 32);
  return port5 === AVOIDED_PORT ? port5 + 1 : port5;
}
function flowLabel(source, destination2, protocol4, sourcePort2, destinationPort) {
  let h = mix32(sourcePort2 << 16 | destinationPort, protocol4);
  for (const ip of [source, destination2])
    if (isIp4(ip)) h = mix32(h, ip);
    else for (let i = 0; i < 8; i++) h = mix32(h, ip.charCodeAt(i));
  return h & 1048575 || 1;
}
var ETHER_IPV4, ETHER_IPV6, portRanges, AVOIDED_PORT;
var init_flow = __esm({
  "src/datapath/run/flow.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_random();
    ETHER_IPV4 = 2048;
    ETHER_IPV6 = 34525;
    portRanges = { vxlan: [32768, 60999], geneve: [1, 65535] };
    AVOIDED_PORT = 49152;
  }
});

// src/wire/arp.ts
function arpProtocol(b2, o) {
  return get16(b2, o + 2);
}
function arpHardwareLength(b2, o) {
  return b2[o + 4];
}
function arpProtocolLength(b2, o) {
  return b2[o + 5];
}
function arpOperation(b2, o) {
  return get16(b2, o + 6);
}
function arpSenderMac(b2, o) {
  return readMac(b2, o + 8);
}
function arpSenderIp(b2, o) {
  return readIp4(b2, o + 14);
}
function arpTargetIp(b2, o) {
  return readIp4(b2, o + 24);
}
function arpIsEthernetIp4(b2, o) {
  return arpHardwareLength(b2, o) === 6 && arpProtocolLength(b2, o) === 4 && arpProtocol(b2, o) === 2048;
}
function checkArp(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const fixed2 = need("arp", o, stop, FIXED);
  return fixed2.ok ? need("arp", o, stop, FIXED + 2 * (arpHardwareLength(b2, o) + arpProtocolLength(b2, o))) : fixed2;
}
function writeArp(b2, o, fields) {
  set16(b2, o, 1);
  set16(b2, o + 2, 2048);
  b2[o + 4] = 6;
  b2[o + 5] = 4;
  set16(b2, o + 6, fields.operation);
  writeMac(b2, o + 8, fields.senderMac);
  writeIp(b2, o + 14, fields.senderIp);
  writeMac(b2, o + 18, fields.targetMac);
  writeIp(b2, o + 24, fields.targetIp);
  return ARP_LENGTH2;
}
var ARP_LENGTH2, ARP_REQUEST2, ARP_REPLY2, FIXED;
var init_arp = __esm({
  "src/wire/arp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    ARP_LENGTH2 = 28;
    ARP_REQUEST2 = 1;
    ARP_REPLY2 = 2;
    FIXED = 8;
  }
});

// src/datapath/run/route.ts
function routeTo(ns, ip) {
  const known3 = ns.routes.get(ip);
  if (known3) {
    if (known3.mtuExpires < ns.run.now) {
      known3.mtu = known3.routeMtu;
      known3.mtuExpires = Number.POSITIVE_INFINITY;
    }
    return known3;
  }
  const dst = ns.netns ? decide2(ns, ip) : toUplink(ns, ip);
  if (dst) ns.routes.set(ip, dst);
  return dst;
}
function toUplink(ns, ip) {
  const gateway2 = ns.node?.spec.routerIps.find((router) => isIp4(router) === isIp4(ip));
  const local2 = ns.addresses.has(ip);
  return makeDst(ns.devices[0], ip, gateway2 ?? ip, local2, ns.devices[0].mtu, sourceAddress(ns.devices[0], ip));
}
function decide2(ns, ip) {
  if (ns.addresses.has(ip) || isLoopback3(ip)) return makeDst(ns.devices[0], ip, ip, true, ns.devices[0].mtu, ip);
  const found2 = lookupRoute(ns.netns, ip);
  if (found2?.type !== "unicast" || found2.dev === void 0) return void 0;
  const dev = ns.devices.find((d) => d.name === found2.dev);
  if (!dev) return void 0;
  const source = found2.source ?? sourceAddress(dev, ip);
  return makeDst(dev, ip, found2.via ?? ip, false, Math.min(found2.mtu ?? dev.mtu, dev.mtu), source);
}
function sourceAddress(dev, ip) {
  const fits3 = (address3) => isIp4(address3) === isIp4(ip) && isLinkLocal(address3) === isLinkLocal(ip);
  const own = dev.addresses.find(fits3) ?? dev.addresses.find((address3) => isIp4(address3) === isIp4(ip));
  if (own !== void 0) return own;
  for (const address3 of dev.ns.addresses) if (fits3(address3) && !isLoopback3(address3)) return address3;
  return isIp4(ip) ? 0 : UNSPECIFIED63;
}
function isLinkLocal(ip) {
  return isIp4(ip) ? ip >>> 16 === 43518 : (ip.charCodeAt(0) & 65472) === 65152;
}
function makeDst(dev, ip, nexthop, local2, mtu2, source) {
  return {
    dev,
    nexthop,
    source: local2 ? ip : source,
    local: local2,
    mtu: mtu2,
    routeMtu: mtu2,
    mtuExpires: Number.POSITIVE_INFINITY,
    neighbour: void 0
  };
}
function isLoopback3(ip) {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === "\0\0\0\0\0\0\0";
}
function learnMtu(ns, ip, mtu2) {
  const dst = routeTo(ns, ip);
  if (!dst || mtu2 >= dst.mtu) return false;
  dst.mtu = Math.max(mtu2, isIp4(ip) ? MIN_PMTU4 : MIN_PMTU6);
  dst.mtuExpires = ns.run.now + MTU_EXPIRES;
  return true;
}
var MTU_EXPIRES, MIN_PMTU4, MIN_PMTU6, UNSPECIFIED63;
var init_route2 = __esm({
  "src/datapath/run/route.ts"() {
    "use strict";
    init_route();
    init_addr();
    MTU_EXPIRES = 6e11;
    MIN_PMTU4 = 552;
    MIN_PMTU6 = 1280;
    UNSPECIFIED63 = "\0\0\0\0\0\0\0\0";
  }
});

// src/datapath/run/state.ts
function kernelEvent(ns, packet, action, text4) {
  ns.run.emit?.({ kind: "kernel", hook: "kernel", time: ns.run.now, node: ns.node?.name ?? "", packet, action, text: text4 });
}
function nextPacket(run3) {
  return ++run3.packets;
}
function nextIdentification(ns) {
  ns.nextId = ns.nextId % 65535 + 1;
  return ns.nextId;
}
var latencies, lane;
var init_state = __esm({
  "src/datapath/run/state.ts"() {
    "use strict";
    latencies = [
      /** Crossing a veth pair: a softirq on the same CPU. */
      1e4,
      /** Over the loopback device. */
      5e3,
      /** eth0 to eth0 of another node. */
      25e4,
      /** Node to a host outside: the underlay and 4 ms beyond the gateway. */
      425e4,
      /** A server process waking up and answering. */
      3e4
    ];
    lane = { veth: 0, loopback: 1, underlay: 2, internet: 3, application: 4 };
  }
});

// src/datapath/run/neighbour.ts
function neighbourOf(dev, ip) {
  const known3 = dev.neighbours.get(ip);
  if (known3) return known3;
  return addNeighbour(dev, ip, dev.mac, dev.noarp || dev.link === "loopback");
}
function addNeighbour(dev, ip, mac, resolved) {
  const overdue = new Due(() => retry(entry));
  const entry = { ip, dev, mac, resolved, probes: 0, overdue, waiting: [] };
  dev.neighbours.set(ip, entry);
  return entry;
}
function neighbourTransmit(dev, to, skb) {
  if (to.resolved) {
    setMacs(skb, to.mac, dev.mac);
    return void transmit(dev, skb);
  }
  if (to.waiting.length >= QUEUE_LIMIT) dev.ns.run.pool.release(to.waiting.shift());
  to.waiting.push(skb);
  if (to.probes === 0) probe(to);
}
function probe(entry) {
  const { dev, ip } = entry;
  const { run: run3 } = dev.ns;
  entry.probes++;
  run3.agenda.push(run3.now + PROBE_INTERVAL, entry.overdue, void 0);
  const skb = run3.pool.take(128, nextPacket(run3));
  if (run3.emit)
    kernelEvent(dev.ns, skb.packet, "arp", `${dev.ns.name} ${dev.name} asks for a neighbour, try ${entry.probes}`);
  const source = sourceAddress(dev, ip);
  if (isIp4(ip)) writeArpFrame(skb, MAC_BROADCAST, dev.mac, ARP_REQUEST2, source, 0, ip);
  else {
    const group = solicitedNodeMulticast(ip);
    const message = encodeNeighborSolicitation(ip, [{ kind: "source-mac", mac: dev.mac }]);
    writeNdFrame(skb, multicastMac6(group), dev.mac, source, group, message);
  }
  transmit(dev, skb);
}
function retry(entry) {
  if (entry.resolved) return;
  if (entry.probes < PROBES) return void probe(entry);
  entry.probes = 0;
  const { ns } = entry.dev;
  const unreachable = isIp4(entry.ip) ? { type: 3, code: 1 } : { type: ICMPV6_UNREACHABLE, code: ICMPV6_ADDRESS_UNREACHABLE };
  for (const skb of entry.waiting.splice(0)) {
    icmpError(ns, skb, unreachable);
    discard(entry.dev, skb, `no neighbour answers for ${formatIp(entry.ip)}`);
  }
}
function learn(dev, ip, mac) {
  const entry = neighbourOf(dev, ip);
  entry.mac = mac;
  entry.resolved = true;
  entry.probes = 0;
  for (const skb of entry.waiting.splice(0)) neighbourTransmit(dev, entry, skb);
}
function arpReceive(dev, skb) {
  const { buf, start: start2, end: end2 } = skb;
  const o = start2 + ETH_HEADER2;
  const { pool } = dev.ns.run;
  if (!checkArp(buf, o, end2).ok || !arpIsEthernetIp4(buf, o)) return void pool.release(skb);
  const [sender, senderMac, target] = [arpSenderIp(buf, o), arpSenderMac(buf, o), arpTargetIp(buf, o)];
  const mine = dev.ns.addresses.has(target);
  if (mine || dev.neighbours.has(sender)) learn(dev, sender, senderMac);
  if (!mine || arpOperation(buf, o) !== ARP_REQUEST2) return void pool.release(skb);
  writeArpFrame(skb, senderMac, dev.mac, ARP_REPLY2, target, senderMac, sender);
  transmit(dev, skb);
}
function writeArpFrame(skb, to, from, operation, senderIp, targetMac, targetIp) {
  const { buf, start: start2 } = skb;
  writeEthernet2(buf, start2, to, from, ETHER_ARP);
  writeArp(buf, start2 + ETH_HEADER2, { operation, senderMac: from, senderIp, targetMac, targetIp });
  skb.end = start2 + ETH_HEADER2 + ARP_LENGTH2;
}
function ndReceive(dev, skb, o) {
  const { buf, start: start2, end: end2 } = skb;
  const { ns } = dev;
  if (end2 - o < ND_OPTION2) return void ns.run.pool.release(skb);
  const target = ndTarget(buf, o);
  const mac = end2 - o >= ND_OPTION2 + ND_OPTION_LENGTH ? readMac(buf, o + ND_OPTION2 + 2) : readMac(buf, start2 + 6);
  if (buf[o] === ICMPV6_NEIGHBOR_ADVERTISEMENT) {
    if (dev.neighbours.has(target)) learn(dev, target, mac);
    return void ns.run.pool.release(skb);
  }
  if (!ns.addresses.has(target)) return void ns.run.pool.release(skb);
  const asker = ipv6Source(buf, start2 + ETH_HEADER2);
  learn(dev, asker, mac);
  advertise2(skb, dev.mac, mac, target, asker);
  transmit(dev, skb);
}
function advertise2(skb, mac, askerMac, target, asker) {
  const message = encodeNeighborAdvertisement(target, NA_SOLICITED | NA_OVERRIDE, [{ kind: "target-mac", mac }]);
  writeNdFrame(skb, askerMac, mac, target, asker, message);
}
function writeNdFrame(skb, to, from, source, destination2, message) {
  const { buf, start: start2 } = skb;
  const ip = start2 + ETH_HEADER2;
  const o = ip + IPV6_HEADER;
  writeMac(buf, start2, to);
  writeMac(buf, start2 + 6, from);
  set16(buf, start2 + 12, ETHER_IPV62);
  writeIpv6(buf, ip, {
    payloadLength: message.length,
    nextHeader: PROTO_ICMPV6,
    hopLimit: ND_HOP_LIMIT,
    source,
    destination: destination2
  });
  buf.set(message, o);
  skb.end = o + message.length;
  fillIcmpv6Checksum(buf, ip, o, skb.end);
}
var PROBES, PROBE_INTERVAL, QUEUE_LIMIT, ND_OPTION2, ND_OPTION_LENGTH, ND_HOP_LIMIT, ETHER_IPV62, ETHER_ARP;
var init_neighbour2 = __esm({
  "src/datapath/run/neighbour.ts"() {
    "use strict";
    init_addr();
    init_arp();
    init_bytes();
    init_ethernet();
    init_icmpv6();
    init_ipv6();
    init_l4();
    init_device();
    init_icmp2();
    init_queue();
    init_route2();
    init_state();
    PROBES = 3;
    PROBE_INTERVAL = 1e9;
    QUEUE_LIMIT = 101;
    ND_OPTION2 = 24;
    ND_OPTION_LENGTH = 8;
    ND_HOP_LIMIT = 255;
    ETHER_IPV62 = 34525;
    ETHER_ARP = 2054;
  }
});

// src/datapath/run/ip-output.ts
function packetDestination(skb) {
  const ip = skb.start + ETH_HEADER2;
  return skb.buf[ip] >>> 4 === 4 ? ipv4Destination(skb.buf, ip) : ipv6Destination(skb.buf, ip);
}
function ipOutput(ns, skb, dst) {
  if (ns.gone) return void ns.run.pool.release(skb);
  if (ns.kind !== "host") return void ipFinish(ns, skb, dst);
  if ((skb.mark & MARK_MAGIC) === 0 && hasAgentRules(ns.run.cluster)) skb.mark |= HOST_MARK;
  if (!ns.netfilter) return void ipFinish(ns, skb, dst);
  if (!ns.netfilter.output(skb)) return;
  const rerouted = routeTo(ns, packetDestination(skb));
  if (rerouted) ipFinish(ns, skb, rerouted);
  else discard(dst.dev, skb, "no route after translation");
}
function hasAgentRules({ dataplane, cilium }) {
  return dataplane === "cilium" && cilium.raw["install-iptables-rules"] !== "false";
}
function sendPrepared(ns, skb) {
  const dst = routeTo(ns, packetDestination(skb));
  if (dst) ipOutput(ns, skb, dst);
  else ns.run.pool.release(skb);
}
function ipForward(dev, skb) {
  const { ns } = dev;
  const { buf } = skb;
  const ip = skb.start + ETH_HEADER2;
  const four = buf[ip] >>> 4 === 4;
  const dst = routeTo(ns, packetDestination(skb));
  if (!dst) {
    icmpError(
      ns,
      skb,
      four ? { type: ICMP_UNREACHABLE, code: ICMP_NET_UNREACHABLE } : { type: ICMPV6_UNREACHABLE, code: ICMPV6_NO_ROUTE }
    );
    return void discard(dev, skb, "network unreachable");
  }
  const ttl = four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip);
  if (ttl <= 1) {
    icmpError(ns, skb, { type: four ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED, code: ICMP_TTL_EXCEEDED });
    return void discard(dev, skb, "time to live exceeded");
  }
  if (skb.end - ip > dst.routeMtu && (!four || ipv4DontFragment(buf, ip))) {
    icmpError(
      ns,
      skb,
      four ? { type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu: dst.routeMtu } : { type: ICMPV6_PACKET_TOO_BIG, code: 0, mtu: dst.routeMtu }
    );
    return void discard(dev, skb, `needs fragmentation, MTU ${dst.routeMtu}`);
  }
  if (four) setIpv4Ttl(buf, ip, ttl - 1);
  else setIpv6HopLimit(buf, ip, ttl - 1);
  if (ns.run.emit) kernelEvent(ns, skb.packet, "forward", `${ns.name} forwards from ${dev.name} to ${dst.dev.name}`);
  ipFinish(ns, skb, dst);
}
function ipFinish(ns, skb, dst) {
  if (ns.netfilter && !ns.netfilter.postrouting(dst.dev, skb)) return;
  const four = skb.buf[skb.start + ETH_HEADER2] >>> 4 === 4;
  setEtherType(skb, four ? 2048 : 34525);
  const neighbour = dst.neighbour ?? (dst.neighbour = neighbourOf(dst.dev, dst.nexthop));
  if (skb.end - skb.start - ETH_HEADER2 <= dst.mtu) return void neighbourTransmit(dst.dev, neighbour, skb);
  const ip = skb.start + ETH_HEADER2;
  if (four && ipv4DontFragment(skb.buf, ip)) {
    icmpError(ns, skb, { type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu: dst.mtu });
    return void discard(dst.dev, skb, `message too long, MTU ${dst.mtu}`);
  }
  const packet = skb.buf.subarray(ip, skb.end);
  const pieces = four ? fragmentIpv4(packet, dst.mtu) : fragmentIpv6(packet, dst.mtu, ns.run.random.next());
  if (ns.run.emit)
    kernelEvent(ns, skb.packet, "fragment", `${ns.name} makes ${pieces.length} fragments for MTU ${dst.mtu}`);
  for (const piece of pieces) {
    const part = ns.run.pool.take(ETH_HEADER2 + piece.length, skb.packet);
    part.mark = skb.mark;
    part.buf.set(piece, part.start + ETH_HEADER2);
    part.end = part.start + ETH_HEADER2 + piece.length;
    setEtherType(part, four ? 2048 : 34525);
    neighbourTransmit(dst.dev, neighbour, part);
  }
  ns.run.pool.release(skb);
}
var HOST_MARK, MARK_MAGIC;
var init_ip_output = __esm({
  "src/datapath/run/ip-output.ts"() {
    "use strict";
    init_ethernet();
    init_fragment();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_device();
    init_icmp2();
    init_neighbour2();
    init_route2();
    init_state();
    HOST_MARK = 3072;
    MARK_MAGIC = 3840;
  }
});

// src/datapath/run/skb.ts
function scrub(skb) {
  const { cb: cb2 } = skb;
  skb.mark = 0;
  skb.tcIndex = 0;
  skb.ingressIfindex = 0;
  cb2[0] = cb2[1] = cb2[2] = cb2[3] = cb2[4] = 0;
  skb.tunnel = void 0;
  skb.tunnelOption = void 0;
}
function create(size, pooled) {
  return {
    buf: new Uint8Array(size),
    start: HEADROOM2,
    end: HEADROOM2,
    mark: 0,
    cb: [0, 0, 0, 0, 0],
    tcIndex: 0,
    ifindex: 0,
    ingressIfindex: 0,
    tunnel: void 0,
    tunnelOption: void 0,
    packet: 0,
    spare: { vni: 0, remote: 0, ttl: 0, tos: 0, flags: 0 },
    pooled,
    free: false
  };
}
var HEADROOM2, SkbPool;
var init_skb = __esm({
  "src/datapath/run/skb.ts"() {
    "use strict";
    HEADROOM2 = 448;
    SkbPool = class {
      /** `room`: bytes behind the headroom that every pooled buffer has. */
      constructor(room2) {
        this.room = room2;
      }
      room;
      idle = [];
      /** An empty skb (`start = end = HEADROOM`) with at least `need` bytes behind `start`. */
      take(need2, packet) {
        const skb = need2 <= this.room ? this.idle.pop() ?? create(HEADROOM2 + this.room, true) : create(HEADROOM2 + need2, false);
        skb.free = false;
        skb.start = HEADROOM2;
        skb.end = HEADROOM2;
        skb.packet = packet;
        scrub(skb);
        return skb;
      }
      release(skb) {
        if (skb.free) throw new Error("skb released twice");
        skb.free = true;
        if (skb.pooled) this.idle.push(skb);
      }
      /** A second skb with the same bytes and packet number. */
      copy(skb) {
        const out2 = this.take(skb.end - skb.start, skb.packet);
        out2.end = out2.start + skb.end - skb.start;
        out2.buf.set(skb.buf.subarray(skb.start, skb.end), out2.start);
        return out2;
      }
    };
  }
});

// src/datapath/run/icmp.ts
function icmpError(ns, skb, error) {
  const to = errorReceiver(skb);
  const dst = to === void 0 ? void 0 : routeTo(ns, to);
  if (to === void 0 || !dst || !mayAnswer(ns, to, error, dst.local)) return;
  const asked = packetDestination(skb);
  const source = ns.addresses.has(asked) ? asked : dst.source;
  if (ns.run.emit)
    kernelEvent(
      ns,
      skb.packet,
      "icmp",
      `${ns.name} answers with ICMP${isIp4(to) ? "" : "v6"} type ${error.type} code ${error.code}`
    );
  ipOutput(ns, makeError(ns.run, skb, error, source, to, nextIdentification(ns)), dst);
}
function errorReceiver(skb) {
  const { buf, start: start2, end: end2 } = skb;
  const ip = start2 + ETH_HEADER2;
  if ((buf[start2] & 1) === 1) return void 0;
  if (buf[ip] >>> 4 === 4) {
    if (!checkIpv4(buf, ip, end2).ok || ipv4FragmentOffset(buf, ip) !== 0) return void 0;
    if (ipv4Protocol(buf, ip) === PROTO_ICMP && icmpIsError(buf[ip + ipv4HeaderLength(buf, ip)])) return void 0;
    const to2 = ipv4Source(buf, ip);
    return to2 === 0 || to2 >>> 28 >= 14 ? void 0 : to2;
  }
  const upper = ipv6Upper(buf, ip, end2);
  if (!upper.ok || (upper.fragment?.offset ?? 0) !== 0) return void 0;
  if (upper.protocol === PROTO_ICMPV6 && icmpv6IsError(buf[upper.offset])) return void 0;
  const to = ipv6Source(buf, ip);
  return to.charCodeAt(0) >>> 8 === 255 ? void 0 : to;
}
function makeError(run3, skb, error, source, to, id) {
  const { buf, start: start2, end: end2 } = skb;
  const ip = start2 + ETH_HEADER2;
  const four = isIp4(to);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const quoted2 = Math.min(end2 - ip, (four ? MAX_ERROR4 : MAX_ERROR6) - header - ICMP_HEADER3);
  const length = ICMP_HEADER3 + quoted2;
  const out2 = run3.pool.take(ETH_HEADER2 + header + length, nextPacket(run3));
  const o = out2.start + ETH_HEADER2;
  const icmp = o + header;
  out2.end = icmp + length;
  setEtherType(out2, four ? 2048 : 34525);
  out2.buf.set(buf.subarray(ip, ip + quoted2), icmp + ICMP_HEADER3);
  const fields = { type: error.type, code: error.code, rest: error.mtu ?? 0 };
  if (four) {
    const tos = ipv4Tos(buf, ip) & KEPT_TOS | ERROR_TOS;
    const totalLength = header + length;
    writeIpv4(out2.buf, o, { tos, totalLength, id, protocol: PROTO_ICMP, source, destination: to });
    writeIcmp(out2.buf, icmp, fields);
    fillIcmpChecksum(out2.buf, icmp, out2.end);
  } else {
    writeIpv6(out2.buf, o, {
      flowLabel: flowLabel(source, to, PROTO_ICMPV6, 0, 0),
      payloadLength: length,
      nextHeader: PROTO_ICMPV6,
      source,
      destination: to
    });
    writeIcmpv6(out2.buf, icmp, fields);
    fillIcmpv6Checksum(out2.buf, o, icmp, out2.end);
  }
  return out2;
}
function mayAnswer(ns, to, error, local2) {
  if (local2 || error.mtu !== void 0) return true;
  const { now } = ns.run;
  const bucket = ns.icmpTokens.get(to) ?? { tokens: BURST * RATE_LIMIT, last: now };
  bucket.tokens = Math.min(bucket.tokens + now - bucket.last, BURST * RATE_LIMIT);
  bucket.last = now;
  ns.icmpTokens.set(to, bucket);
  if (bucket.tokens < RATE_LIMIT) return false;
  bucket.tokens -= RATE_LIMIT;
  return true;
}
function icmpReceive(dev, skb, ip, o) {
  const { ns } = dev;
  const { buf, end: end2 } = skb;
  if (!checkIcmp(buf, o, end2).ok) return void ns.run.pool.release(skb);
  const type = buf[o];
  if (type === ICMP_ECHO_REQUEST) return void echoReply4(ns, skb, ip, o);
  if (type === ICMP_ECHO_REPLY) return void echoReplied(ns, skb, ip, o);
  if (icmpIsError(type)) {
    const quoted2 = o + ICMP_HEADER3;
    const needed = type === ICMP_UNREACHABLE && buf[o + 1] === ICMP_FRAGMENTATION_NEEDED;
    const error = { type, code: buf[o + 1], from: ipv4Source(buf, ip), ...needed ? { mtu: icmpMtu(buf, o) } : {} };
    if (checkIpv4(buf, quoted2, end2).ok)
      deliverError(
        ns,
        buf,
        ipv4Destination(buf, quoted2),
        ipv4Protocol(buf, quoted2),
        quoted2 + ipv4HeaderLength(buf, quoted2),
        end2,
        error
      );
  }
  ns.run.pool.release(skb);
}
function icmpv6Receive(dev, skb, ip, o) {
  const { ns } = dev;
  const { buf, end: end2 } = skb;
  if (!checkIcmpv6(buf, o, end2).ok) return void ns.run.pool.release(skb);
  const type = buf[o];
  if (type === ICMPV6_NEIGHBOR_SOLICITATION || type === ICMPV6_NEIGHBOR_ADVERTISEMENT)
    return void ndReceive(dev, skb, o);
  if (type === ICMPV6_ECHO_REQUEST) return void echoReply6(ns, skb, ip, o);
  if (type === ICMPV6_ECHO_REPLY) return void echoReplied(ns, skb, ip, o);
  if (icmpv6IsError(type)) {
    const quoted2 = o + ICMP_HEADER3;
    const tooBig = type === ICMPV6_PACKET_TOO_BIG;
    const error = { type, code: buf[o + 1], from: ipv6Source(buf, ip), ...tooBig ? { mtu: icmpv6Mtu(buf, o) } : {} };
    const upper = ipv6Upper(buf, quoted2, end2);
    if (upper.ok) deliverError(ns, buf, ipv6Destination(buf, quoted2), upper.protocol, upper.offset, end2, error);
  }
  ns.run.pool.release(skb);
}
function echoReply4(ns, skb, ip, o) {
  const { buf } = skb;
  const [source, destination2] = [ipv4Source(buf, ip), ipv4Destination(buf, ip)];
  const dst = routeTo(ns, source);
  if (!dst) return void ns.run.pool.release(skb);
  buf[o] = ICMP_ECHO_REPLY;
  set16(buf, o + 2, updateChecksum(get16(buf, o + 2), ICMP_ECHO_REQUEST << 8, 0));
  writeIpv4(buf, ip, {
    tos: ipv4Tos(buf, ip),
    totalLength: skb.end - ip,
    id: nextIdentification(ns),
    protocol: PROTO_ICMP,
    source: destination2,
    destination: source
  });
  answer2(ns, skb, dst);
}
function echoReply6(ns, skb, ip, o) {
  const { buf } = skb;
  const [to, from] = [ipv6Source(buf, ip), ipv6Destination(buf, ip)];
  const dst = routeTo(ns, to);
  if (!dst) return void ns.run.pool.release(skb);
  buf[o] = ICMPV6_ECHO_REPLY;
  writeIpv6(buf, ip, {
    trafficClass: (buf[ip] & 15) << 4 | buf[ip + 1] >>> 4,
    flowLabel: flowLabel(from, to, PROTO_ICMPV6, 0, 0),
    payloadLength: skb.end - o,
    nextHeader: PROTO_ICMPV6,
    source: from,
    destination: to
  });
  fillIcmpv6Checksum(buf, ip, o, skb.end);
  answer2(ns, skb, dst);
}
function answer2(ns, skb, dst) {
  skb.packet = nextPacket(ns.run);
  scrub(skb);
  ipOutput(ns, skb, dst);
}
function echoReplied(ns, skb, ip, o) {
  ns.pings.get(icmpId(skb.buf, o))?.reply(skb, ip, o);
  ns.run.pool.release(skb);
}
function deliverError(ns, b2, destination2, protocol4, o, end2, error) {
  if (end2 - o < 8) return;
  if (error.mtu !== void 0) learnMtu(ns, destination2, error.mtu);
  const [source, port5] = [get16(b2, o), get16(b2, o + 2)];
  if (protocol4 === PROTO_UDP) ns.udp.get(source)?.error?.(error);
  else if (protocol4 === PROTO_TCP) ns.tcp.find(destination2, source, port5)?.error(error, get32(b2, o + 4));
  else if (protocol4 === (isIp4(destination2) ? PROTO_ICMP : PROTO_ICMPV6))
    ns.pings.get(get16(b2, o + 4))?.error(error, get16(b2, o + 6));
}
var MAX_ERROR4, MAX_ERROR6, ERROR_TOS, KEPT_TOS, RATE_LIMIT, BURST;
var init_icmp2 = __esm({
  "src/datapath/run/icmp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_ethernet();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_device();
    init_flow();
    init_ip_output();
    init_neighbour2();
    init_route2();
    init_skb();
    init_state();
    MAX_ERROR4 = 576;
    MAX_ERROR6 = 1280;
    ERROR_TOS = 192;
    KEPT_TOS = 30;
    RATE_LIMIT = 1e9;
    BURST = 6;
  }
});

// src/datapath/run/health-check.ts
function healthChecked({ kind, run: run3 }, port5) {
  const { dataplane, cilium, services: services2 } = run3.cluster;
  if (kind !== "host" || dataplane !== "cilium" || !cilium.kubeProxyReplacement) return void 0;
  if (cilium.raw["enable-health-check-nodeport"] === "false") return void 0;
  return services2.find(
    ({ healthCheckNodePort, externalTrafficPolicy }) => healthCheckNodePort === port5 && externalTrafficPolicy === "Local"
  );
}
function healthResponse({ node: node2 }, { name, namespace, backends }, date) {
  const local2 = backends.filter(({ state: state2, nodeName }) => state2 === "active" && (nodeName ?? node2?.name) === node2?.name);
  const count2 = new Set(local2.map(({ ip, port: port5, protocol: protocol4 }) => `${ip} ${port5} ${protocol4}`)).size;
  const body = `${JSON.stringify({ service: { namespace, name }, localEndpoints: count2 })}
`;
  const headers = [
    `HTTP/1.1 ${count2 === 0 ? "503 Service Unavailable" : "200 OK"}`,
    "Content-Type: application/json",
    "X-Content-Type-Options: nosniff",
    `X-Load-Balancing-Endpoint-Weight: ${count2}`,
    `Date: ${date}`,
    `Content-Length: ${body.length}`
  ];
  return `${headers.join("\r\n")}\r
\r
${body}`;
}
var init_health_check = __esm({
  "src/datapath/run/health-check.ts"() {
    "use strict";
  }
});

// src/datapath/run/servers.ts
function listens(ns, port5) {
  let ports = openPorts.get(ns);
  if (!ports) openPorts.set(ns, ports = portsOf3(ns));
  return ports === "all" || ports.has(port5) || healthChecked(ns, port5) !== void 0;
}
function portsOf3(ns) {
  if (ns.kind === "external") return "all";
  if (ns.pod) {
    const ports2 = podPorts(ns, ns.pod);
    return ports2.size === 0 ? "all" : ports2;
  }
  const ports = new Set(NODE_PORTS);
  if (ns.kind !== "host") return ports;
  const { spec: spec2, run: run3 } = ns.node;
  if (spec2.apiserver) ports.add(APISERVER_PORT);
  for (const pod2 of run3.cluster.pods)
    if (pod2.hostNetwork && pod2.node === spec2.name) for (const port5 of podPorts(ns, pod2)) ports.add(port5);
  return ports;
}
function podPorts(ns, pod2) {
  const ports = new Set(pod2.ports.map(({ port: port5 }) => port5));
  const served2 = backendPorts(ns.run.cluster);
  for (const ip of pod2.ips) for (const port5 of served2.get(ip) ?? []) ports.add(port5);
  return ports;
}
function backendPorts(cluster) {
  const known3 = knownPorts.get(cluster);
  if (known3) return known3;
  const ports = /* @__PURE__ */ new Map();
  for (const { backends } of cluster.services)
    for (const { ip, port: port5 } of backends) {
      const own = ports.get(ip);
      if (own) own.add(port5);
      else ports.set(ip, /* @__PURE__ */ new Set([port5]));
    }
  knownPorts.set(cluster, ports);
  return ports;
}
function serveUdp(ns, skb, ip, o) {
  const port5 = udpDestinationPort(skb.buf, o);
  if (!listens(ns, port5)) return false;
  const { run: run3 } = ns;
  const reply2 = port5 === DNS_PORT && ns.kind !== "external" ? answerDns(run3.cluster, skb.buf, o + UDP_HEADER, skb.end) : void 0;
  const out2 = reply2 ? run3.pool.take(o - skb.start + UDP_HEADER + reply2.length, 0) : skb;
  if (reply2) {
    out2.buf.set(skb.buf.subarray(skb.start, o + UDP_HEADER), out2.start);
    out2.end = out2.start + o - skb.start + UDP_HEADER + reply2.length;
    out2.buf.set(reply2, out2.end - reply2.length);
  }
  turnRound(ns, out2, out2.start + ip - skb.start, out2.start + o - skb.start, reply2 !== void 0);
  if (reply2) run3.pool.release(skb);
  run3.agenda.pushAfter(lane.application, run3.now, ns.outbox, out2);
  return true;
}
function turnRound(ns, skb, ip, o, changed) {
  const { buf, end: end2 } = skb;
  const [from, to] = [get16(buf, o), get16(buf, o + 2)];
  set16(buf, o, to);
  set16(buf, o + 2, from);
  set16(buf, o + 4, end2 - o);
  if (buf[ip] >>> 4 === 4) {
    const [source, destination2] = [ipv4Destination(buf, ip), ipv4Source(buf, ip)];
    const fits3 = end2 - ip <= (routeTo(ns, destination2)?.mtu ?? 0);
    writeIpv4(buf, ip, {
      totalLength: end2 - ip,
      id: nextIdentification(ns),
      flags: fits3 ? IPV4_DONT_FRAGMENT : 0,
      protocol: PROTO_UDP,
      source,
      destination: destination2
    });
  } else {
    const [source, destination2] = [ipv6Destination(buf, ip), ipv6Source(buf, ip)];
    const label = flowLabel(source, destination2, PROTO_UDP, to, from);
    writeIpv6(buf, ip, { flowLabel: label, payloadLength: end2 - o, nextHeader: PROTO_UDP, source, destination: destination2 });
  }
  if (changed) fillL4Checksum(buf, ip, end2);
  scrub(skb);
  skb.packet = nextPacket(ns.run);
}
var DNS_PORT, NODE_PORTS, APISERVER_PORT, openPorts, knownPorts;
var init_servers = __esm({
  "src/datapath/run/servers.ts"() {
    "use strict";
    init_bytes();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_udp();
    init_dns_server();
    init_flow();
    init_health_check();
    init_route2();
    init_skb();
    init_state();
    DNS_PORT = 53;
    NODE_PORTS = [22, 4240, 4244, 10250];
    APISERVER_PORT = 6443;
    openPorts = /* @__PURE__ */ new WeakMap();
    knownPorts = /* @__PURE__ */ new WeakMap();
  }
});

// src/wire/tcp.ts
function tcpSourcePort(b2, o) {
  return get16(b2, o);
}
function tcpDestinationPort(b2, o) {
  return get16(b2, o + 2);
}
function tcpSequence(b2, o) {
  return get32(b2, o + 4);
}
function tcpAcknowledgment(b2, o) {
  return get32(b2, o + 8);
}
function tcpHeaderLength(b2, o) {
  return (b2[o + 12] >>> 4) * 4;
}
function tcpFlags(b2, o) {
  return get16(b2, o + 12) & 511;
}
function tcpWindow(b2, o) {
  return get16(b2, o + 14);
}
function checkTcp(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const fixed2 = need("tcp", o, stop, TCP_HEADER);
  if (!fixed2.ok) return fixed2;
  const length = tcpHeaderLength(b2, o);
  if (length < TCP_HEADER) return { ok: false, layer: "tcp", need: TCP_HEADER, have: length, at: o };
  return need("tcp", o, stop, length);
}
function* tcpOptions(b2, o) {
  const stop = o + tcpHeaderLength(b2, o);
  let at2 = o + TCP_HEADER;
  while (at2 < stop) {
    const kind = b2[at2];
    if (kind === 0) return yield { kind: "eol" };
    const length = kind === 1 ? 1 : at2 + 1 < stop ? b2[at2 + 1] : 0;
    if (kind !== 1 && (length < 2 || at2 + length > stop)) return;
    yield kind === 1 ? { kind: "nop" } : readOption(b2, at2, kind, length);
    at2 += length;
  }
}
function readOption(b2, at2, kind, length) {
  if (kind === 2 && length === 4) return { kind: "mss", mss: get16(b2, at2 + 2) };
  if (kind === 3 && length === 3) return { kind: "wscale", shift: b2[at2 + 2] };
  if (kind === 4 && length === 2) return { kind: "sackOK" };
  if (kind === 5 && length > 2 && length % 8 === 2) {
    const count2 = (length - 2) / 8;
    const block = (i) => ({ left: get32(b2, at2 + 2 + 8 * i), right: get32(b2, at2 + 6 + 8 * i) });
    return { kind: "sack", blocks: Array.from({ length: count2 }, (_, i) => block(i)) };
  }
  if (kind === 8 && length === 10) return { kind: "timestamps", value: get32(b2, at2 + 2), echo: get32(b2, at2 + 6) };
  return { kind: "other", number: kind, data: b2.subarray(at2 + 2, at2 + length) };
}
var TCP_HEADER, TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH, TCP_ACK;
var init_tcp = __esm({
  "src/wire/tcp.ts"() {
    "use strict";
    init_bytes();
    TCP_HEADER = 20;
    TCP_FIN = 1;
    TCP_SYN = 2;
    TCP_RST = 4;
    TCP_PSH = 8;
    TCP_ACK = 16;
  }
});

// src/datapath/run/byte-queue.ts
var ByteQueue;
var init_byte_queue = __esm({
  "src/datapath/run/byte-queue.ts"() {
    "use strict";
    ByteQueue = class {
      length = 0;
      head = 0;
      ring = new Uint8Array(2048);
      append(bytes, start2 = 0, end2 = bytes.length) {
        const size = end2 - start2;
        if (this.length + size > this.ring.length) this.grow(this.length + size);
        const { ring } = this;
        const at2 = (this.head + this.length) % ring.length;
        const first = Math.min(size, ring.length - at2);
        ring.set(bytes.subarray(start2, start2 + first), at2);
        ring.set(bytes.subarray(start2 + first, end2), 0);
        this.length += size;
      }
      /** Copies `size` bytes that start `offset` behind the front to `out[at, …)`. */
      copy(offset, size, out2, at2) {
        const { ring } = this;
        const from = (this.head + offset) % ring.length;
        const first = Math.min(size, ring.length - from);
        out2.set(ring.subarray(from, from + first), at2);
        out2.set(ring.subarray(0, size - first), at2 + first);
      }
      drop(size) {
        this.head = (this.head + size) % this.ring.length;
        this.length -= size;
      }
      /** Takes everything out. */
      takeAll() {
        const out2 = new Uint8Array(this.length);
        this.copy(0, this.length, out2, 0);
        this.drop(this.length);
        return out2;
      }
      grow(need2) {
        const ring = new Uint8Array(2 ** Math.ceil(Math.log2(need2)));
        this.copy(0, this.length, ring, 0);
        this.ring = ring;
        this.head = 0;
      }
    };
  }
});

// src/datapath/run/tcp-state.ts
function pathMss(dst, remote) {
  return isIp4(remote) ? Math.min(dst.mtu, MAX_MTU4) - IPV4_HEADER - TCP_HEADER : dst.mtu - IPV6_HEADER - TCP_HEADER;
}
function segmentSize(c2) {
  return Math.min(c2.peerMss, pathMss(c2.dst, c2.remote)) - TIMESTAMP_OPTION;
}
function initialWindow(segment) {
  return Math.floor(MAX_WINDOW / segment) * segment;
}
function timestampOf(c2) {
  return c2.timestampBase + Math.floor(c2.ns.run.now / 1e6) >>> 0;
}
function sendSegment(c2, flags, from, length) {
  const { ns, dst, local: local2, remote } = c2;
  const syn = (flags & TCP_SYN) !== 0;
  const four = isIp4(remote);
  const ipHeader = four ? IPV4_HEADER : IPV6_HEADER;
  const header = TCP_HEADER + (syn ? SYN_OPTIONS : TIMESTAMP_OPTION);
  const skb = ns.run.pool.take(ETH_HEADER2 + ipHeader + header + length, nextPacket(ns.run));
  const { buf } = skb;
  const ip = skb.start + ETH_HEADER2;
  const tcp = ip + ipHeader;
  skb.end = tcp + header + length;
  writeHeader(c2, buf, tcp, header, flags, from, syn);
  writeOptions(c2, buf, tcp + TCP_HEADER, syn, (flags & TCP_ACK) !== 0);
  if (length > 0) c2.queue.copy(from - Math.max(c2.una, 1), length, buf, tcp + header);
  if (four) {
    const id = syn && (flags & TCP_ACK) !== 0 ? 0 : c2.id = c2.id + 1 & 65535;
    const totalLength = skb.end - ip;
    writeIpv4(buf, ip, {
      totalLength,
      id,
      flags: IPV4_DONT_FRAGMENT,
      protocol: PROTO_TCP,
      source: local2,
      destination: remote
    });
  } else {
    const label = flowLabel(local2, remote, PROTO_TCP, c2.localPort, c2.remotePort);
    const payloadLength = skb.end - tcp;
    writeIpv6(buf, ip, {
      flowLabel: label,
      payloadLength,
      nextHeader: PROTO_TCP,
      source: local2,
      destination: remote
    });
  }
  fillL4Checksum(buf, ip, skb.end);
  if ((flags & TCP_ACK) !== 0) {
    c2.unacked = 0;
    c2.ackDeadline = Number.POSITIVE_INFINITY;
  }
  ipOutput(ns, skb, dst);
}
function writeHeader(c2, b2, o, header, flags, from, syn) {
  const window = Math.max(0, c2.ownWindow - (c2.app.backlog?.(c2) ?? 0));
  c2.advertised = window;
  set16(b2, o, c2.localPort);
  set16(b2, o + 2, c2.remotePort);
  set32(b2, o + 4, c2.iss + from >>> 0);
  set32(b2, o + 8, (flags & TCP_ACK) !== 0 ? c2.irs + c2.received >>> 0 : 0);
  set16(b2, o + 12, header << 10 | flags);
  set16(b2, o + 14, syn ? Math.min(window, MAX_WINDOW) : Math.ceil(window / 2 ** WINDOW_SCALE));
  set32(b2, o + 16, 0);
}
function writeOptions(c2, b2, start2, syn, ack) {
  let o = start2;
  if (syn) {
    set16(b2, o, 516);
    set16(b2, o + 2, pathMss(c2.dst, c2.remote));
    set16(b2, o + 4, 1026);
    o += 6;
  } else {
    set16(b2, o, 257);
    o += 2;
  }
  set16(b2, o, 2058);
  set32(b2, o + 2, timestampOf(c2));
  set32(b2, o + 6, ack ? c2.recentTimestamp : 0);
  if (syn) set32(b2, o + 10, 16974592 + WINDOW_SCALE);
}
function writtenEnd(c2) {
  return Math.max(c2.una, 1) + c2.queue.length;
}
function pushData(c2) {
  if (c2.finSent || c2.state !== "established" && c2.state !== "close-wait") return;
  const end2 = writtenEnd(c2);
  const size = segmentSize(c2);
  const limit = c2.una + Math.min(c2.window, c2.congestionWindow);
  while (c2.nxt < end2) {
    const length = Math.min(size, end2 - c2.nxt, limit - c2.nxt);
    if (length <= 0 || length < size && c2.nxt + length < end2 && c2.nxt > c2.una) break;
    const last = c2.nxt + length === end2;
    sendSegment(c2, last ? TCP_ACK | TCP_PSH : TCP_ACK, c2.nxt, length);
    c2.nxt += length;
    armTimer(c2);
  }
  if (!c2.closing || c2.nxt < end2) return;
  c2.finSent = true;
  c2.state = c2.state === "close-wait" ? "last-ack" : "fin-wait-1";
  sendSegment(c2, TCP_ACK | TCP_FIN, c2.nxt, 0);
  c2.nxt++;
  armTimer(c2);
}
function armTimer(c2) {
  c2.deadline = c2.ns.run.now + Math.min(c2.timeout * 2 ** c2.retries, LONGEST_TIMEOUT);
  queueTimer(c2);
}
function queueTimer(c2) {
  if (c2.timerQueued) return;
  c2.timerQueued = true;
  c2.ns.run.agenda.push(c2.deadline, c2.retransmit, void 0);
}
var WINDOW_SCALE, MAX_WINDOW, TIMESTAMP_OPTION, SYN_OPTIONS, MAX_MTU4, LONGEST_TIMEOUT;
var init_tcp_state = __esm({
  "src/datapath/run/tcp-state.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_ethernet();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_tcp();
    init_flow();
    init_ip_output();
    init_state();
    WINDOW_SCALE = 7;
    MAX_WINDOW = 65535;
    TIMESTAMP_OPTION = 12;
    SYN_OPTIONS = 20;
    MAX_MTU4 = 65535;
    LONGEST_TIMEOUT = 12e10;
  }
});

// src/datapath/run/tcp-input.ts
function sendAck(c2) {
  sendSegment(c2, TCP_ACK, c2.nxt, 0);
}
function readSyn(c2, b2, o) {
  c2.irs = tcpSequence(b2, o);
  c2.received = 1;
  c2.window = tcpWindow(b2, o);
  for (const option of tcpOptions(b2, o)) {
    if (option.kind === "mss") c2.peerMss = option.mss;
    else if (option.kind === "wscale") c2.peerScale = option.shift;
    else if (option.kind === "timestamps") c2.recentTimestamp = option.value;
  }
}
function segmentArrives(c2, skb, o, flags) {
  const { buf, end: end2 } = skb;
  if (c2.state === "syn-sent") return void answerToSyn(c2, buf, o, flags);
  if (c2.state === "time-wait") {
    if ((flags & TCP_FIN) !== 0) sendAck(c2);
    return;
  }
  const offset = c2.received + (tcpSequence(buf, o) - (c2.irs + c2.received) | 0);
  if ((flags & TCP_RST) !== 0) {
    if (offset === c2.received) fail2(c2, c2.state === "syn-received" ? "refused" : "reset");
    return;
  }
  if ((flags & TCP_SYN) !== 0) {
    if (c2.state === "syn-received") sendSegment(c2, TCP_SYN | TCP_ACK, 0, 0);
    else sendAck(c2);
    return;
  }
  if ((flags & TCP_ACK) === 0) return;
  if (offset <= c2.received) readTimestamp(c2, buf, o);
  acknowledged(c2, buf, o);
  if (c2.state === "closed") return;
  dataArrives(c2, buf, o + tcpHeaderLength(buf, o), end2, offset, flags);
}
function answerToSyn(c2, b2, o, flags) {
  if ((flags & TCP_ACK) === 0 || tcpAcknowledgment(b2, o) !== c2.iss + 1 >>> 0) return;
  if ((flags & TCP_RST) !== 0) return void fail2(c2, "refused");
  if ((flags & TCP_SYN) === 0) return;
  readSyn(c2, b2, o);
  c2.una = 1;
  c2.state = "established";
  measure(c2, b2, o);
  stopTimer(c2);
  sendAck(c2);
  c2.app.connected?.(c2);
}
function readTimestamp(c2, b2, o) {
  if (tcpHeaderLength(b2, o) === TCP_HEADER + TIMESTAMP_OPTION && get32(b2, o + TCP_HEADER) === 16844810)
    c2.recentTimestamp = get32(b2, o + TCP_HEADER + 4);
}
function acknowledged(c2, b2, o) {
  const delta = tcpAcknowledgment(b2, o) - (c2.iss + c2.una) | 0;
  c2.window = tcpWindow(b2, o) << c2.peerScale;
  if (delta > 0 && c2.una + delta <= c2.nxt) {
    const bytes = Math.min(delta - (c2.una === 0 ? 1 : 0), c2.queue.length);
    c2.queue.drop(bytes);
    c2.una += delta;
    c2.congestionWindow += Math.min(bytes, segmentSize(c2));
    c2.retries = 0;
    measure(c2, b2, o);
    if (c2.una === c2.nxt) stopTimer(c2);
    else armTimer(c2);
    advance(c2);
  }
  if (c2.state === "closed") return;
  c2.app.writable?.(c2);
  pushData(c2);
}
function advance(c2) {
  if (c2.state === "syn-received") {
    c2.state = "established";
    c2.app.connected?.(c2);
    return;
  }
  if (!c2.finSent || c2.una !== c2.nxt) return;
  if (c2.state === "fin-wait-1") c2.state = "fin-wait-2";
  else if (c2.state === "closing") enterTimeWait(c2);
  else if (c2.state === "last-ack") end(c2);
}
function measure(c2, b2, o) {
  const sample = tcpHeaderLength(b2, o) === TCP_HEADER + TIMESTAMP_OPTION ? (timestampOf(c2) - get32(b2, o + TCP_HEADER + 8) | 0) * 1e6 : 0;
  if (c2.smoothedRtt === 0) {
    c2.smoothedRtt = Math.max(sample, 1);
    c2.rttVariance = sample / 2;
  } else {
    c2.rttVariance = 0.75 * c2.rttVariance + 0.25 * Math.abs(c2.smoothedRtt - sample);
    c2.smoothedRtt = 0.875 * c2.smoothedRtt + 0.125 * sample;
  }
  c2.timeout = c2.smoothedRtt + Math.max(MIN_TIMEOUT, 4 * c2.rttVariance);
}
function dataArrives(c2, b2, start2, stop, offset, flags) {
  const length = stop - start2;
  const fin = (flags & TCP_FIN) !== 0;
  if (length === 0 && !fin) return;
  if (offset > c2.received || offset + length + (fin ? 1 : 0) <= c2.received) return void sendAck(c2);
  const skip = c2.received - offset;
  c2.received += length - skip;
  c2.unacked++;
  if (length > skip) c2.app.received(c2, b2, start2 + skip, stop);
  if (fin) return void finArrives(c2);
  if (c2.unacked === 0) return;
  if (c2.quickAcks > 0 || c2.unacked >= 2) {
    c2.quickAcks = Math.max(0, c2.quickAcks - 1);
    sendAck(c2);
  } else if (c2.ackDeadline === NEVER) {
    c2.ackDeadline = c2.ns.run.now + DELAYED_ACK;
    c2.ns.run.agenda.push(c2.ackDeadline, c2.delayedAck, void 0);
  }
}
function finArrives(c2) {
  c2.received++;
  if (c2.state === "established") {
    c2.state = "close-wait";
    c2.app.peerClosed(c2);
    if (!c2.finSent) sendAck(c2);
  } else if (c2.state === "fin-wait-1") {
    c2.state = "closing";
    sendAck(c2);
  } else {
    sendAck(c2);
    if (c2.state === "fin-wait-2") enterTimeWait(c2);
  }
}
function enterTimeWait(c2) {
  c2.state = "time-wait";
  stopTimer(c2);
  c2.ns.tcp.retire(c2, c2.ns.run.now + TIME_WAIT);
  c2.app.closed?.(c2);
}
function end(c2) {
  c2.state = "closed";
  stopTimer(c2);
  c2.ns.tcp.remove(c2);
  c2.app.closed?.(c2);
}
function fail2(c2, why, error) {
  c2.state = "closed";
  stopTimer(c2);
  c2.ns.tcp.remove(c2);
  c2.app.failed?.(c2, why, error);
}
function stopTimer(c2) {
  c2.deadline = NEVER;
  c2.retries = 0;
}
function timerFired(c2) {
  c2.timerQueued = false;
  const { now } = c2.ns.run;
  if (c2.deadline === NEVER || c2.state === "closed") return;
  if (c2.deadline > now) return void queueTimer(c2);
  const limit = c2.state === "syn-sent" ? SYN_RETRIES : c2.state === "syn-received" ? SYNACK_RETRIES : DATA_RETRIES;
  if (c2.retries >= limit) return void fail2(c2, "timeout");
  c2.retries++;
  c2.congestionWindow = segmentSize(c2);
  resend(c2);
  armTimer(c2);
}
function resend(c2) {
  if (c2.state === "syn-sent") return void sendSegment(c2, TCP_SYN, 0, 0);
  if (c2.state === "syn-received") return void sendSegment(c2, TCP_SYN | TCP_ACK, 0, 0);
  const length = Math.min(segmentSize(c2), c2.queue.length);
  if (length === 0) return void sendSegment(c2, TCP_ACK | TCP_FIN, c2.una, 0);
  const last = c2.una + length >= c2.nxt - (c2.finSent ? 1 : 0);
  sendSegment(c2, last ? TCP_ACK | TCP_PSH : TCP_ACK, c2.una, length);
}
function icmpReceived(c2, error) {
  if (error.mtu !== void 0) {
    if (c2.state !== "established" && c2.state !== "close-wait" && !c2.finSent) return;
    const size = segmentSize(c2);
    for (let at2 = c2.una; at2 < Math.min(c2.nxt, c2.una + c2.queue.length); at2 += size)
      sendSegment(c2, TCP_ACK, at2, Math.min(size, c2.una + c2.queue.length - at2));
    return;
  }
  if (c2.state !== "syn-sent") return;
  const four = isIp4(c2.remote);
  const portClosed = four ? error.type === 3 && (error.code === 3 || error.code === 2) : error.type === 1 && error.code === 4;
  fail2(c2, portClosed ? "refused" : "unreachable", error);
}
var MIN_TIMEOUT, SYN_RETRIES, SYNACK_RETRIES, DATA_RETRIES, DELAYED_ACK, TIME_WAIT, NEVER;
var init_tcp_input = __esm({
  "src/datapath/run/tcp-input.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_tcp();
    init_tcp_state();
    MIN_TIMEOUT = 2e8;
    SYN_RETRIES = 6;
    SYNACK_RETRIES = 5;
    DATA_RETRIES = 15;
    DELAYED_ACK = 4e7;
    TIME_WAIT = 6e10;
    NEVER = Number.POSITIVE_INFINITY;
  }
});

// src/datapath/run/http.ts
function httpRequest(host3, ip, port5, size) {
  const authority = host3 !== "" ? port5 === 80 ? host3 : `${host3}:${port5}` : hostOf2(ip, port5);
  const path = size === void 0 ? "/" : `/?size=${size}`;
  return encoder2.encode(`GET ${path} HTTP/1.1\r
Host: ${authority}\r
User-Agent: curl/7.88.1\r
Accept: */*\r
\r
`);
}
function hostOf2(ip, port5) {
  const text4 = formatIpPort(ip, port5);
  return port5 === 80 ? text4.slice(0, -":80".length) : text4;
}
function isRequest(bytes) {
  return METHODS.some((method) => method.every((byte, i) => bytes[i] === byte));
}
function requestEnd(bytes) {
  const text4 = decoder.decode(bytes);
  const at2 = text4.indexOf("\r\n\r\n");
  if (at2 < 0) return -1;
  const end2 = at2 + 4 + Number(/^content-length: *(\d{1,9})/im.exec(text4.slice(0, at2))?.[1] ?? 0);
  return end2 > bytes.length ? -1 : end2;
}
function httpResponse(ns, port5, request) {
  const text4 = decoder.decode(request);
  const date = httpDate(ns.run.cluster.epoch + Math.floor(ns.run.now / 1e9));
  const checked = healthChecked(ns, port5);
  if (checked) return encoder2.encode(healthResponse(ns, checked, date));
  const asked = /^[A-Z]+ [^ ]*[?&]size=(\d{1,8})/.exec(text4)?.[1];
  const where = ns.node && ns.kind === "pod" ? ` on ${ns.node.name}` : "";
  const hello = `Hello from ${ns.name}${where}
`;
  const body = asked === void 0 ? hello : hello.repeat(Math.ceil(Number(asked) / hello.length)).slice(0, Number(asked));
  const head = `HTTP/1.1 200 OK\r
Date: ${date}\r
Content-Length: ${body.length}\r
Content-Type: text/plain; charset=utf-8\r
\r
`;
  return encoder2.encode(text4.startsWith("HEAD ") ? head : head + body);
}
function httpDate(seconds) {
  const d = new Date(seconds * 1e3);
  const two = (n) => String(n).padStart(2, "0");
  const day = `${DAYS[d.getUTCDay()]}, ${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  return `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} GMT`;
}
function isTlsPort(port5) {
  return port5 === 443 || port5 === 6443 || port5 === 10250;
}
function responseStatus(bytes) {
  const text4 = decoder.decode(bytes);
  const end2 = text4.indexOf("\r\n\r\n");
  if (end2 < 0) return void 0;
  const length = /^content-length: *(\d+)/im.exec(text4.slice(0, end2))?.[1];
  return {
    line: text4.slice(0, text4.indexOf("\r\n")),
    length: length === void 0 ? void 0 : end2 + 4 + Number(length)
  };
}
var encoder2, decoder, DAYS, MONTHS, METHODS, tlsRefusal;
var init_http = __esm({
  "src/datapath/run/http.ts"() {
    "use strict";
    init_addr();
    init_health_check();
    encoder2 = new TextEncoder();
    decoder = new TextDecoder();
    DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    METHODS = ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH "].map((word2) => encoder2.encode(word2));
    tlsRefusal = encoder2.encode(
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    );
  }
});

// src/datapath/run/tcp-server.ts
function serverApplication(ns, port5) {
  const inbox = new ByteQueue();
  let connection;
  let awake = false;
  let ended = false;
  const process3 = new Due(() => {
    awake = false;
    const c2 = connection;
    if (c2.state === "closed") return;
    serve2(ns, port5, c2, inbox);
    updateWindow(c2);
    if (ended) closeTcp(c2);
  });
  const wake = (c2) => {
    connection = c2;
    if (awake) return;
    awake = true;
    ns.run.agenda.pushAfter(lane.application, ns.run.now, process3, void 0);
  };
  return {
    received(c2, bytes, start2, end2) {
      inbox.append(bytes, start2, end2);
      wake(c2);
    },
    peerClosed(c2) {
      ended = true;
      if (inbox.length > 0 || awake) wake(c2);
      else closeTcp(c2);
    },
    backlog: (c2) => inbox.length + c2.queue.length,
    writable: (c2) => updateWindow(c2)
  };
}
function serve2(ns, port5, c2, inbox) {
  if (inbox.length === 0) return;
  const bytes = inbox.takeAll();
  if (!isRequest(bytes)) return void writeTcp(c2, bytes);
  const end2 = requestEnd(bytes);
  if (end2 < 0) return void inbox.append(bytes);
  if (isTlsPort(port5)) {
    c2.closing = true;
    return void writeTcp(c2, tlsRefusal);
  }
  writeTcp(c2, httpResponse(ns, port5, bytes.subarray(0, end2)));
  if (end2 < bytes.length) inbox.append(bytes, end2);
}
var init_tcp_server = __esm({
  "src/datapath/run/tcp-server.ts"() {
    "use strict";
    init_byte_queue();
    init_http();
    init_queue();
    init_state();
    init_tcp2();
  }
});

// src/datapath/run/udp.ts
function ephemeralPort(ns, used) {
  for (let tries = LAST_PORT - FIRST_PORT; tries > 0; tries--) {
    ns.nextPort = ns.nextPort + 2 > LAST_PORT ? FIRST_PORT + (ns.nextPort + 1 & 1) : ns.nextPort + 2;
    if (!used(ns.nextPort)) return ns.nextPort;
  }
  throw new Error(`${ns.name} has no free port`);
}
function openUdp(ns, destination2, destinationPort, socket) {
  const dst = routeTo(ns, destination2);
  if (!dst) return void 0;
  const sourcePort2 = ephemeralPort(ns, (port5) => ns.udp.has(port5));
  ns.udp.set(sourcePort2, socket);
  return {
    ns,
    dst,
    source: dst.source,
    sourcePort: sourcePort2,
    destination: destination2,
    destinationPort,
    id: ns.run.random.next() & 65535,
    frame: new Uint8Array(0),
    framePayload: void 0,
    frameMtu: 0,
    frameSum: 0
  };
}
function closeUdp(flow) {
  flow.ns.udp.delete(flow.sourcePort);
}
function sendUdp(flow, payload) {
  const { ns, dst } = flow;
  if (flow.framePayload !== payload || flow.frameMtu !== dst.mtu) prepare2(flow, payload);
  const { frame } = flow;
  const packet = nextPacket(ns.run);
  const skb = ns.run.pool.take(frame.length, packet);
  skb.buf.set(frame, skb.start);
  skb.end = skb.start + frame.length;
  flow.id = flow.id + 1 & 65535;
  if (isIp4(flow.destination)) {
    const ip = skb.start + ETH_HEADER2;
    set16(skb.buf, ip + 4, flow.id);
    set16(skb.buf, ip + 10, finishSum(flow.frameSum + flow.id));
  }
  ipOutput(ns, skb, dst);
  return packet;
}
function prepare2(flow, payload) {
  const { source, destination: destination2, sourcePort: sourcePort2, destinationPort } = flow;
  const four = isIp4(destination2);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const length = UDP_HEADER + payload.length;
  const frame = new Uint8Array(ETH_HEADER2 + header + length);
  const ip = ETH_HEADER2;
  const udp = ip + header;
  if (four) {
    const flags = header + length <= flow.dst.mtu ? IPV4_DONT_FRAGMENT : 0;
    writeIpv4(frame, ip, {
      totalLength: header + length,
      flags,
      protocol: PROTO_UDP,
      source,
      destination: destination2
    });
  } else {
    writeIpv6(frame, ip, {
      flowLabel: flowLabel(source, destination2, PROTO_UDP, sourcePort2, destinationPort),
      payloadLength: length,
      nextHeader: PROTO_UDP,
      source,
      destination: destination2
    });
  }
  writeUdp(frame, udp, { sourcePort: sourcePort2, destinationPort, length });
  frame.set(payload, udp + UDP_HEADER);
  fillL4Checksum(frame, ip, frame.length);
  flow.frame = frame;
  flow.framePayload = payload;
  flow.frameMtu = flow.dst.mtu;
  flow.frameSum = four ? sumWords(frame, ip, ip + IPV4_HEADER) - get16(frame, ip + 10) : 0;
}
var FIRST_PORT, LAST_PORT;
var init_udp2 = __esm({
  "src/datapath/run/udp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_ethernet();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_udp();
    init_flow();
    init_ip_output();
    init_route2();
    init_state();
    FIRST_PORT = 32768;
    LAST_PORT = 60999;
  }
});

// src/datapath/run/tcp.ts
function openTcp(ns, remote, remotePort, app) {
  const dst = routeTo(ns, remote);
  if (!dst) return void 0;
  ns.tcp.expire(ns.run.now);
  const localPort = ephemeralPort(ns, (port5) => ns.tcp.uses(port5) || ns.kind === "host" && listens(ns, port5));
  const c2 = newConnection(ns, dst, dst.source, localPort, remote, remotePort, app, true);
  ns.tcp.add(c2);
  sendSegment(c2, TCP_SYN, 0, 0);
  c2.nxt = 1;
  armTimer(c2);
  return c2;
}
function newConnection(ns, dst, local2, localPort, remote, remotePort, app, client2) {
  const { run: run3 } = ns;
  const mss = pathMss(dst, remote);
  const c2 = {
    ns,
    dst,
    local: local2,
    localPort,
    remote,
    remotePort,
    app,
    client: client2,
    state: client2 ? "syn-sent" : "syn-received",
    iss: run3.random.next(),
    irs: 0,
    una: 0,
    nxt: 0,
    queue: new ByteQueue(),
    closing: false,
    finSent: false,
    received: 0,
    window: 0,
    peerScale: 0,
    peerMss: 536,
    congestionWindow: INITIAL_SEGMENTS * mss,
    ownWindow: initialWindow(client2 ? mss : mss - TIMESTAMP_OPTION),
    advertised: 0,
    id: run3.random.next() & 65535,
    timestampBase: run3.random.next(),
    recentTimestamp: 0,
    timeout: FIRST_TIMEOUT,
    retries: 0,
    deadline: NEVER2,
    smoothedRtt: 0,
    rttVariance: 0,
    retransmit: new Due(() => timerFired(c2)),
    timerQueued: false,
    unacked: 0,
    quickAcks: QUICK_ACKS,
    ackDeadline: NEVER2,
    delayedAck: new Due(() => {
      if (c2.ackDeadline <= run3.now && c2.state !== "closed") sendAck(c2);
    }),
    error: (error) => icmpReceived(c2, error)
  };
  return c2;
}
function writeTcp(c2, bytes, start2 = 0, end2 = bytes.length) {
  c2.queue.append(bytes, start2, end2);
  pushData(c2);
}
function closeTcp(c2) {
  c2.closing = true;
  pushData(c2);
}
function updateWindow(c2) {
  const size = segmentSize(c2);
  const now = c2.ownWindow - (c2.app.backlog?.(c2) ?? 0);
  if (c2.state === "established" && c2.advertised < 2 * size && now - c2.advertised >= 2 * size) sendAck(c2);
}
function tcpReceive(dev, skb, ip, o) {
  const { ns } = dev;
  const { buf } = skb;
  if (!checkTcp(buf, o, skb.end).ok) return void discard(dev, skb, "truncated TCP header");
  const four = buf[ip] >>> 4 === 4;
  const remote = four ? ipv4Source(buf, ip) : ipv6Source(buf, ip);
  const port5 = tcpDestinationPort(buf, o);
  const known3 = ns.tcp.find(remote, port5, tcpSourcePort(buf, o));
  const flags = tcpFlags(buf, o);
  const reopened = known3?.state === "time-wait" && (flags & TCP_SYN) !== 0;
  if (known3 && reopened) ns.tcp.remove(known3);
  if (known3 && !reopened) segmentArrives(known3, skb, o, flags);
  else if ((flags & (TCP_SYN | TCP_ACK | TCP_RST)) === TCP_SYN && listens(ns, port5)) accept(ns, skb, ip, o, remote);
  else if ((flags & TCP_RST) === 0) sendReset(ns, skb, ip, o, remote, flags);
  ns.run.pool.release(skb);
}
function accept(ns, skb, ip, o, remote) {
  const { buf } = skb;
  const dst = routeTo(ns, remote);
  if (!dst) return;
  ns.tcp.expire(ns.run.now);
  const local2 = buf[ip] >>> 4 === 4 ? ipv4Destination(buf, ip) : ipv6Destination(buf, ip);
  const port5 = tcpDestinationPort(buf, o);
  const c2 = newConnection(ns, dst, local2, port5, remote, tcpSourcePort(buf, o), serverApplication(ns, port5), false);
  readSyn(c2, buf, o);
  ns.tcp.add(c2);
  sendSegment(c2, TCP_SYN | TCP_ACK, 0, 0);
  c2.nxt = 1;
  armTimer(c2);
}
function sendReset(ns, skb, ip, o, remote, flags) {
  const dst = routeTo(ns, remote);
  if (!dst) return;
  const { buf, end: end2 } = skb;
  const four = isIp4(remote);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const out2 = ns.run.pool.take(ETH_HEADER2 + header + TCP_HEADER, nextPacket(ns.run));
  const at2 = out2.start + ETH_HEADER2;
  const tcp = at2 + header;
  const local2 = four ? ipv4Destination(buf, ip) : ipv6Destination(buf, ip);
  const acked = (flags & TCP_ACK) !== 0;
  const consumed = end2 - o - tcpHeaderLength(buf, o) + (flags & TCP_SYN ? 1 : 0) + (flags & TCP_FIN ? 1 : 0);
  const [from, to] = [get16(buf, o), get16(buf, o + 2)];
  set16(out2.buf, tcp, to);
  set16(out2.buf, tcp + 2, from);
  set32(out2.buf, tcp + 4, acked ? tcpAcknowledgment(buf, o) : 0);
  set32(out2.buf, tcp + 8, acked ? 0 : tcpSequence(buf, o) + consumed >>> 0);
  set16(out2.buf, tcp + 12, TCP_HEADER << 10 | TCP_RST | (acked ? 0 : TCP_ACK));
  set16(out2.buf, tcp + 14, 0);
  set32(out2.buf, tcp + 16, 0);
  out2.end = tcp + TCP_HEADER;
  if (four) {
    const fields = { totalLength: out2.end - at2, flags: IPV4_DONT_FRAGMENT, protocol: PROTO_TCP };
    writeIpv4(out2.buf, at2, { ...fields, source: local2, destination: remote });
  } else {
    const label = flowLabel(local2, remote, PROTO_TCP, to, from);
    const fields = { flowLabel: label, payloadLength: TCP_HEADER, nextHeader: PROTO_TCP };
    writeIpv6(out2.buf, at2, { ...fields, source: local2, destination: remote });
  }
  fillL4Checksum(out2.buf, at2, out2.end);
  ipOutput(ns, out2, dst);
}
var FIRST_TIMEOUT, QUICK_ACKS, INITIAL_SEGMENTS, NEVER2;
var init_tcp2 = __esm({
  "src/datapath/run/tcp.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_ethernet();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_tcp();
    init_byte_queue();
    init_device();
    init_flow();
    init_ip_output();
    init_queue();
    init_route2();
    init_servers();
    init_state();
    init_tcp_input();
    init_tcp_server();
    init_tcp_state();
    init_udp2();
    FIRST_TIMEOUT = 1e9;
    QUICK_ACKS = 16;
    INITIAL_SEGMENTS = 10;
    NEVER2 = Number.POSITIVE_INFINITY;
  }
});

// src/wire/geneve.ts
function geneveOptionsLength(b2, o) {
  return (b2[o] & 63) * 4;
}
function geneveHeaderLength(b2, o) {
  return GENEVE_HEADER + geneveOptionsLength(b2, o);
}
function geneveProtocol(b2, o) {
  return get16(b2, o + 2);
}
function geneveVni(b2, o) {
  return get24(b2, o + 4);
}
function checkGeneve(b2, o, end2) {
  const stop = Math.min(end2, b2.length);
  const fixed2 = need("geneve", o, stop, GENEVE_HEADER);
  return fixed2.ok ? need("geneve", o, stop, geneveHeaderLength(b2, o)) : fixed2;
}
var GENEVE_HEADER, GENEVE_FLAG_CRITICAL, GENEVE_TEB;
var init_geneve = __esm({
  "src/wire/geneve.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    GENEVE_HEADER = 8;
    GENEVE_FLAG_CRITICAL = 64;
    GENEVE_TEB = 25944;
  }
});

// src/wire/vxlan.ts
function vxlanFlags(b2, o) {
  return b2[o];
}
function vxlanVni(b2, o) {
  return get24(b2, o + 4);
}
function checkVxlan(b2, o, end2) {
  return need("vxlan", o, Math.min(end2, b2.length), VXLAN_HEADER);
}
var VXLAN_HEADER, VXLAN_FLAG_VNI;
var init_vxlan = __esm({
  "src/wire/vxlan.ts"() {
    "use strict";
    init_bytes();
    VXLAN_HEADER = 8;
    VXLAN_FLAG_VNI = 8;
  }
});

// src/datapath/run/tunnel.ts
function encapsulate2(dev, skb) {
  const node2 = dev.ns.node;
  const model = node2.tunnelModel;
  const key = skb.tunnel;
  const remote = key?.remote ?? model.remote;
  if (remote === void 0) {
    dev.counters.txDropped++;
    return void discard(dev, skb, "no tunnel information");
  }
  const path = node2.tunnelPaths.get(remote) ?? addPath(node2, remote);
  if (!path) return void discard(dev, skb, `no route to ${formatIp(remote)}`);
  const vni = model.external ? key.vni : model.vni;
  if (node2.run.emit)
    kernelEvent(
      dev.ns,
      skb.packet,
      "encapsulate",
      `${dev.name}: VNI ${vni}, ${formatIp(path.dst.source)} to ${formatIp(remote)}`
    );
  const port5 = tunnelSourcePort(skb.buf, skb.start, model.protocol);
  const ecn = innerEcn(skb);
  prependTunnelHeader(skb, vni, model.protocol);
  if (isIp4(remote)) prepend4(node2, path, skb, port5, ecn);
  else prepend6(path, skb, port5, ecn);
  if (key && (key.flags & ZERO_CHECKSUM_TX3) === 0) fillL4Checksum(skb.buf, skb.start, skb.end);
  skb.start -= ETH_HEADER2;
  ipOutput(node2.host, skb, path.dst);
}
function innerEcn(skb) {
  const { buf, start: start2 } = skb;
  const type = get16(buf, start2 + 12);
  const ip = start2 + ETH_HEADER2;
  const tos = type === 2048 ? ipv4Tos(buf, ip) : type === 34525 ? ipv6TrafficClass(buf, ip) : 0;
  return (tos & ECN_MASK) === ECN_CE ? ECN_ECT0 : tos & ECN_MASK;
}
function prependTunnelHeader(skb, vni, protocol4) {
  const { buf, tunnelOption } = skb;
  const options = protocol4 === "geneve" ? tunnelOption?.length ?? 0 : 0;
  const o = skb.start - GENEVE_HEADER - options;
  skb.start = o;
  if (protocol4 === "vxlan") {
    set32(buf, o, VXLAN_FLAG_VNI * 2 ** 24);
    set32(buf, o + 4, vni * 256);
    return;
  }
  buf[o] = options >> 2;
  buf[o + 1] = options > 0 && hasCritical(tunnelOption) ? GENEVE_FLAG_CRITICAL : 0;
  set16(buf, o + 2, GENEVE_TEB);
  set24(buf, o + 4, vni);
  buf[o + 7] = 0;
  if (options > 0) buf.set(tunnelOption, o + GENEVE_HEADER);
}
function hasCritical(options) {
  for (let at2 = 0; at2 + 4 <= options.length; at2 += 4 + (options[at2 + 3] & 31) * 4)
    if (options[at2 + 2] & 128) return true;
  return false;
}
function prepend4(node2, path, skb, port5, ecn) {
  const { buf } = skb;
  const udp = skb.start - UDP_HEADER;
  const ip = udp - IPV4_HEADER;
  buf.set(path.header, ip);
  const length = skb.end - ip;
  const id = nextIdentification(node2.host);
  buf[ip + 1] = ecn;
  set16(buf, ip + 2, length);
  set16(buf, ip + 4, id);
  set16(buf, ip + 10, finishSum(path.sum + ecn + length + id));
  set16(buf, udp, port5);
  set16(buf, udp + 4, length - IPV4_HEADER);
  skb.start = ip;
}
function prepend6(path, skb, port5, ecn) {
  const { buf } = skb;
  const udp = skb.start - UDP_HEADER;
  const ip = udp - IPV6_HEADER;
  buf.set(path.header, ip);
  const length = skb.end - udp;
  buf[ip + 1] = buf[ip + 1] & 15 | ecn << 4;
  set16(buf, ip + 4, length);
  set16(buf, udp, port5);
  set16(buf, udp + 4, length);
  skb.start = ip;
}
function addPath(node2, remote) {
  const dst = routeTo(node2.host, remote);
  if (!dst || dst.local) return void 0;
  const four = isIp4(remote);
  const size = four ? IPV4_HEADER : IPV6_HEADER;
  const header = new Uint8Array(size + UDP_HEADER);
  if (four)
    writeIpv4(header, 0, {
      totalLength: 0,
      ttl: TUNNEL_TTL3,
      protocol: PROTO_UDP,
      source: dst.source,
      destination: remote
    });
  else
    writeIpv6(header, 0, {
      payloadLength: 0,
      nextHeader: PROTO_UDP,
      hopLimit: TUNNEL_TTL3,
      source: dst.source,
      destination: remote
    });
  writeUdp(header, size, { sourcePort: 0, destinationPort: node2.tunnelPort, length: 0 });
  if (four) set16(header, 10, 0);
  const path = { dst, header, sum: sumWords(header, 0, size) };
  node2.tunnelPaths.set(remote, path);
  return path;
}
function decapsulate(node2, dev, skb, ip, udp) {
  const { buf, end: end2 } = skb;
  const model = node2.tunnelModel;
  const o = udp + UDP_HEADER;
  const geneve = model.protocol === "geneve";
  const header = geneve ? checkGeneve(buf, o, end2) : checkVxlan(buf, o, end2);
  if (!header.ok) return void discard(dev, skb, `truncated ${header.layer} header`);
  if (geneve ? geneveProtocol(buf, o) !== GENEVE_TEB : (vxlanFlags(buf, o) & VXLAN_FLAG_VNI) === 0)
    return void discard(dev, skb, `not an Ethernet frame in ${model.protocol}`);
  const length = geneve ? geneveHeaderLength(buf, o) : VXLAN_HEADER;
  if (end2 - o - length < ETH_HEADER2) return void discard(dev, skb, "truncated inner Ethernet header");
  const vni = geneve ? geneveVni(buf, o) : vxlanVni(buf, o);
  if (!model.external && vni !== model.vni) return void discard(dev, skb, `no device for VNI ${vni}`);
  const four = buf[ip] >>> 4 === 4;
  const tos = four ? ipv4Tos(buf, ip) : ipv6TrafficClass(buf, ip);
  scrub(skb);
  const received = skb.spare;
  received.vni = model.external ? vni : senderIdentity(node2, skb.buf, o + length);
  received.remote = four ? ipv4Source(buf, ip) : ipv6Source(buf, ip);
  received.ttl = four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip);
  received.tos = tos;
  received.flags = 0;
  skb.tunnel = received;
  if (geneve && length > GENEVE_HEADER) skb.tunnelOption = buf.slice(o + GENEVE_HEADER, o + length);
  skb.start = o + length;
  if (node2.run.emit)
    kernelEvent(dev.ns, skb.packet, "decapsulate", `${dev.name}: VNI ${vni} from ${formatIp(received.remote)}`);
  receive4(dev, skb);
}
function senderIdentity(node2, b2, o) {
  const type = get16(b2, o + 12);
  const ip = o + ETH_HEADER2;
  const source = type === 2048 ? ipv4Source(b2, ip) : type === 34525 ? ipv6Source(b2, ip) : void 0;
  return (source === void 0 ? void 0 : node2.state.ipcache.lookup(source)?.identity) ?? WORLD;
}
var ECN_MASK, ECN_CE, ECN_ECT0, TUNNEL_TTL3, ZERO_CHECKSUM_TX3, WORLD;
var init_tunnel2 = __esm({
  "src/datapath/run/tunnel.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_checksum();
    init_ethernet();
    init_geneve();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_udp();
    init_vxlan();
    init_device();
    init_flow();
    init_ip_output();
    init_route2();
    init_skb();
    init_state();
    ECN_MASK = 3;
    ECN_CE = 3;
    ECN_ECT0 = 2;
    TUNNEL_TTL3 = 64;
    ZERO_CHECKSUM_TX3 = 2;
    WORLD = 2;
  }
});

// src/datapath/run/ip-input.ts
function ipReceive(dev, skb) {
  if (dev.link !== "tunnel" && !isForDevice(dev, skb)) return void discard(dev, skb, "is for another host");
  const type = etherType2(skb);
  const ip = skb.start + ETH_HEADER2;
  if (type === ETHER_IPV42) {
    if (!checkIpv4(skb.buf, ip, skb.end).ok) return void discard(dev, skb, "truncated IPv4 header");
    skb.end = Math.min(skb.end, ip + ipv4TotalLength(skb.buf, ip));
  } else if (type === ETHER_IPV63) {
    if (!checkIpv6(skb.buf, ip, skb.end).ok) return void discard(dev, skb, "truncated IPv6 header");
    skb.end = Math.min(skb.end, ip + IPV6_HEADER + ipv6PayloadLength(skb.buf, ip));
  } else if (type === ETHER_ARP2) return void arpReceive(dev, skb);
  else {
    dev.counters.rxDropped++;
    return void discard(dev, skb, `unknown ethertype 0x${type.toString(16).padStart(4, "0")}`);
  }
  const { ns } = dev;
  if (ns.netfilter && !ns.netfilter.prerouting(dev, skb)) return;
  const to = type === ETHER_IPV42 ? ipv4Destination(skb.buf, ip) : ipv6Destination(skb.buf, ip);
  if (ns.addresses.has(to) || isGroup(to) || dev.link === "loopback") deliver2(dev, skb, ip);
  else if (ns.forwarding) ipForward(dev, skb);
  else discard(dev, skb, "is for another address");
}
function isGroup(ip) {
  return isIp4(ip) ? ip === 4294967295 || ip >>> 28 === 14 : ip.charCodeAt(0) >>> 8 === 255;
}
function deliver2(dev, skb, ip) {
  const { buf, end: end2 } = skb;
  if (buf[ip] >>> 4 === 4) {
    if (ipv4IsFragment(buf, ip)) return void collect(dev, skb, ip);
    return void toTransport(dev, skb, ip, ipv4Protocol(buf, ip), ip + ipv4HeaderLength(buf, ip));
  }
  const upper = ipv6Upper(buf, ip, end2);
  if (!upper.ok) return void discard(dev, skb, `truncated ${upper.layer} header`);
  if (upper.fragment) return void collect(dev, skb, ip);
  toTransport(dev, skb, ip, upper.protocol, upper.offset);
}
function toTransport(dev, skb, ip, protocol4, o) {
  const { ns } = dev;
  if (protocol4 === PROTO_UDP) return void udpReceive(dev, skb, ip, o);
  if (ns.run.step !== void 0) tellDelivery(dev, skb);
  if (protocol4 === PROTO_TCP) return void tcpReceive(dev, skb, ip, o);
  const four = skb.buf[ip] >>> 4 === 4;
  if (protocol4 === PROTO_ICMP && four) return void icmpReceive(dev, skb, ip, o);
  if (protocol4 === PROTO_ICMPV6 && !four) return void icmpv6Receive(dev, skb, ip, o);
  icmpError(
    ns,
    skb,
    four ? { type: ICMP_UNREACHABLE, code: ICMP_PROTOCOL_UNREACHABLE } : { type: ICMPV6_PARAMETER_PROBLEM, code: 1 }
  );
  discard(dev, skb, `nobody takes protocol ${protocol4}`);
}
function tellDelivery({ ns, name: device }, { packet }) {
  const { step: step2, now: time2 } = ns.run;
  step2?.({ kind: "deliver", time: time2, node: ns.node?.name ?? "", packet, namespace: ns.name, device });
}
function udpReceive(dev, skb, ip, o) {
  const { ns } = dev;
  const { buf } = skb;
  if (!checkUdp(buf, o, skb.end).ok || o + udpLength(buf, o) > skb.end)
    return void discard(dev, skb, "truncated UDP header");
  const port5 = udpDestinationPort(buf, o);
  const { node: node2 } = ns;
  if (ns.kind === "host" && node2.tunnel && port5 === node2.tunnelPort)
    return void decapsulate(node2, node2.tunnel, skb, ip, o);
  if (ns.run.step !== void 0) tellDelivery(dev, skb);
  const socket = ns.udp.get(port5);
  if (socket) return void socket.receive(skb, ip, o);
  if (serveUdp(ns, skb, ip, o)) return;
  icmpError(
    ns,
    skb,
    buf[ip] >>> 4 === 4 ? { type: ICMP_UNREACHABLE, code: ICMP_PORT_UNREACHABLE } : { type: ICMPV6_UNREACHABLE, code: ICMPV6_PORT_UNREACHABLE }
  );
  discard(dev, skb, `nobody listens on UDP port ${port5}`);
}
function collect(dev, skb, ip) {
  const { ns } = dev;
  const { run: run3 } = ns;
  const packet = skb.buf.slice(ip, skb.end);
  const four = packet[0] >>> 4 === 4;
  const key = four ? key4(packet) : key62(packet);
  const known3 = ns.reassembly.get(key);
  const entry = known3 && known3.expires >= run3.now ? known3 : startReassembly(ns, key);
  entry.parts.push(packet);
  account(entry, packet, four);
  run3.pool.release(skb);
  if (entry.total < 0 || entry.bytes < entry.total) return;
  const whole4 = four ? reassembleIpv4(entry.parts) : reassembleIpv6(entry.parts);
  if (!whole4) return;
  ns.reassembly.delete(key);
  const out2 = run3.pool.take(ETH_HEADER2 + whole4.length, skb.packet);
  out2.buf.set(skb.buf.subarray(skb.start, ip), out2.start);
  out2.buf.set(whole4, out2.start + ETH_HEADER2);
  out2.end = out2.start + ETH_HEADER2 + whole4.length;
  if (run3.emit) kernelEvent(ns, out2.packet, "fragment", `${ns.name} has all ${entry.parts.length} fragments`);
  deliver2(dev, out2, out2.start + ETH_HEADER2);
}
function startReassembly(ns, key) {
  const { now } = ns.run;
  for (const [old, { expires }] of ns.reassembly) {
    if (expires >= now) break;
    ns.reassembly.delete(old);
  }
  const entry = { parts: [], bytes: 0, total: -1, expires: now + REASSEMBLY_TIME };
  ns.reassembly.set(key, entry);
  return entry;
}
function account(entry, packet, four) {
  const upper = four ? void 0 : ipv6Upper(packet, 0, packet.length);
  const fragment = upper?.ok ? upper.fragment : void 0;
  const offset = four ? ipv4FragmentOffset(packet, 0) : fragment?.offset ?? 0;
  const head = four ? ipv4HeaderLength(packet, 0) : upper?.ok ? fragmentStart(packet) : 0;
  const length = packet.length - head;
  entry.bytes += length;
  if (four ? !ipv4MoreFragments(packet, 0) : !fragment?.more) entry.total = offset + length;
}
function fragmentStart(packet) {
  return packet[6] === 44 ? IPV6_HEADER + 8 : packet.length;
}
function key4(b2) {
  return `${ipv4Source(b2, 0)} ${ipv4Destination(b2, 0)} ${ipv4Id(b2, 0)} ${ipv4Protocol(b2, 0)}`;
}
function key62(b2) {
  const upper = ipv6Upper(b2, 0, b2.length);
  return `${ipv6Source(b2, 0)} ${ipv6Destination(b2, 0)} ${upper.ok ? upper.fragment?.id : ""}`;
}
var ETHER_IPV42, ETHER_IPV63, ETHER_ARP2, REASSEMBLY_TIME;
var init_ip_input = __esm({
  "src/datapath/run/ip-input.ts"() {
    "use strict";
    init_addr();
    init_ethernet();
    init_fragment();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_udp();
    init_device();
    init_icmp2();
    init_ip_output();
    init_neighbour2();
    init_servers();
    init_state();
    init_tcp2();
    init_tunnel2();
    ETHER_IPV42 = 2048;
    ETHER_IPV63 = 34525;
    ETHER_ARP2 = 2054;
    REASSEMBLY_TIME = 3e10;
  }
});

// src/datapath/run/nf-tuple.ts
function readTuple(b2, ip, end2) {
  const at2 = transport(b2, ip, end2);
  if (!at2 || end2 - at2.o < 8) return void 0;
  const { source, destination: destination2, protocol: protocol4, o } = at2;
  const base = { source, destination: destination2, protocol: protocol4 };
  if (protocol4 === PROTO_TCP || protocol4 === PROTO_UDP)
    return { ...base, sourcePort: get16(b2, o), destinationPort: get16(b2, o + 2), related: void 0 };
  const six = protocol4 === PROTO_ICMPV6;
  if (six ? icmpv6IsError(b2[o]) : icmpIsError(b2[o])) {
    const related = readTuple(b2, o + ICMP_HEADER3, end2);
    return related && !related.related ? { ...base, sourcePort: 0, destinationPort: 0, related } : void 0;
  }
  const echo = six ? [ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY] : [ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY];
  if (!echo.includes(b2[o])) return void 0;
  return { ...base, sourcePort: get16(b2, o + 4), destinationPort: get16(b2, o + 4), related: void 0 };
}
function transport(b2, ip, end2) {
  if (b2[ip] >>> 4 === 4) {
    if (!checkIpv4(b2, ip, end2).ok || ipv4IsFragment(b2, ip)) return void 0;
    const protocol5 = ipv4Protocol(b2, ip);
    if (protocol5 !== PROTO_TCP && protocol5 !== PROTO_UDP && protocol5 !== PROTO_ICMP) return void 0;
    return { source: ipv4Source(b2, ip), destination: ipv4Destination(b2, ip), protocol: protocol5, o: ip + ipv4HeaderLength(b2, ip) };
  }
  const upper = ipv6Upper(b2, ip, end2);
  if (!upper.ok || upper.fragment) return void 0;
  const { protocol: protocol4, offset } = upper;
  if (protocol4 !== PROTO_TCP && protocol4 !== PROTO_UDP && protocol4 !== PROTO_ICMPV6) return void 0;
  return { source: ipv6Source(b2, ip), destination: ipv6Destination(b2, ip), protocol: protocol4, o: offset };
}
function rewrite(b2, ip, end2, which, to) {
  setEnd(b2, ip, end2, which, to);
  fillL4Checksum(b2, ip, end2);
}
function setEnd(b2, ip, end2, which, to) {
  if (isIp4(to.ip)) {
    if (which === "source") setIpv4Source(b2, ip, to.ip);
    else setIpv4Destination(b2, ip, to.ip);
  } else writeIp(b2, ip + (which === "source" ? 8 : 24), to.ip);
  const at2 = transport(b2, ip, end2);
  if (!at2) return;
  const port5 = at2.protocol === PROTO_TCP || at2.protocol === PROTO_UDP ? which === "source" ? 0 : 2 : 4;
  if (port5 !== 4 || isEcho2(b2[at2.o])) set16(b2, at2.o + port5, to.port);
}
function isEcho2(type) {
  return type === ICMP_ECHO_REQUEST || type === ICMP_ECHO_REPLY || type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY;
}
var init_nf_tuple = __esm({
  "src/datapath/run/nf-tuple.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_l4();
  }
});

// src/datapath/run/security.ts
function createSecurity(cluster, flows) {
  const { nsg = [] } = cluster.underlay;
  if (nsg.length === 0) return flows && takeNotice(flows);
  return enforce(cluster, flows ?? /* @__PURE__ */ new Set());
}
function takeNotice(flows) {
  return {
    flows,
    decide(node2, _direction, skb) {
      const tuple = tupleOf(skb);
      if (tuple && !tuple.related) flows.add(flowKey(node2, tuple));
      return void 0;
    }
  };
}
function rulesOf(cluster) {
  const { nsg = [] } = cluster.underlay;
  return [...nsg, ...cluster.services.flatMap(serviceRules), ...defaultRules(cluster)].sort(
    (a2, b2) => a2.priority - b2.priority
  );
}
function enforce(cluster, flows) {
  const rules = rulesOf(cluster);
  return {
    flows,
    decide(node2, direction2, skb) {
      const tuple = tupleOf(skb);
      if (!tuple || tuple.related) return void 0;
      const flow = flowKey(node2, tuple);
      if (flows.has(flow)) return void 0;
      const rule = rules.find((candidate) => candidate.direction === direction2 && matches2(candidate, tuple));
      const { name, priority, access, where } = rule;
      if (access === "Allow") flows.add(flow);
      return { rule: name, priority, direction: direction2, access, node: node2, ...where ? { where } : {} };
    }
  };
}
function denialText({ rule, direction: direction2, priority, node: node2 }, skb) {
  const tuple = tupleOf(skb);
  const name = Object.values(ipProtocols).find(({ number: number2 }) => number2 === tuple?.protocol)?.name ?? "packet";
  const ends2 = tuple ? `: ${name} ${formatIpPort(tuple.source, tuple.sourcePort)} to ${formatIpPort(tuple.destination, tuple.destinationPort)}` : "";
  return `denied by NSG rule ${rule} (${direction2}, priority ${priority}) of ${node2}${ends2}`;
}
function tupleOf({ buf, start: start2, end: end2 }) {
  const ip = start2 + ETH_HEADER2;
  const four = buf[ip] >>> 4 === 4;
  if (four && ipv4FragmentOffset(buf, ip) > 0) return void 0;
  const tracked = readTuple(buf, ip, end2);
  if (tracked) return tracked;
  const upper = four ? void 0 : ipv6Upper(buf, ip, end2);
  if (!four && (!upper?.ok || (upper.fragment?.offset ?? 0) > 0)) return void 0;
  const protocol4 = upper?.ok ? upper.protocol : ipv4Protocol(buf, ip);
  const o = upper?.ok ? upper.offset : ip + ipv4HeaderLength(buf, ip);
  const [source, destination2] = four ? [ipv4Source(buf, ip), ipv4Destination(buf, ip)] : [ipv6Source(buf, ip), ipv6Destination(buf, ip)];
  const ports = (protocol4 === PROTO_TCP || protocol4 === PROTO_UDP) && o + 4 <= end2;
  const [sourcePort2, destinationPort] = ports ? [get16(buf, o), get16(buf, o + 2)] : [0, 0];
  return { source, sourcePort: sourcePort2, destination: destination2, destinationPort, protocol: protocol4, related: void 0 };
}
function flowKey(node2, { protocol: protocol4, source, sourcePort: sourcePort2, destination: destination2, destinationPort }) {
  const ends2 = [`${formatIp(source)} ${sourcePort2}`, `${formatIp(destination2)} ${destinationPort}`].sort();
  return `${node2} ${protocol4} ${ends2.join(" ")}`;
}
function matches2(rule, { protocol: protocol4, source, destination: destination2, destinationPort }) {
  const { icmp, icmpv6 } = ipProtocols;
  const kind = protocol4 === icmpv6.number ? icmp.number : protocol4;
  if (rule.protocol !== "*" && numbers[rule.protocol] !== kind) return false;
  if (rule.source.length > 0 && !within(rule.source, source)) return false;
  if (rule.destination.length > 0 && !within(rule.destination, destination2)) return false;
  if (rule.ports.length === 0) return true;
  return kind !== icmp.number && rule.ports.some(([low, high]) => low <= destinationPort && destinationPort <= high);
}
function within(prefixes3, ip) {
  return prefixes3.some((prefix) => isIp4(prefix.ip) === isIp4(ip) && prefixContains(prefix, ip));
}
function virtualNetwork({ underlay: underlay2, podCidrs }) {
  return [
    ...underlay2.vnets,
    ...(underlay2.peered ?? []).flatMap(({ prefixes: prefixes3 }) => prefixes3),
    ...(underlay2.routes ?? []).map(({ prefix }) => prefix).filter(({ length }) => length > 0),
    ...underlay2.routesPodCidrs ? podCidrs : []
  ];
}
function defaultRules(cluster) {
  const vnet = virtualNetwork(cluster);
  const rule = (name, priority, direction2, access, source = everyPrefix, destination2 = everyPrefix) => ({ name, priority, direction: direction2, access, protocol: "*", source, destination: destination2, ports: [] });
  return [
    rule("AllowVnetInBound", 65e3, "Inbound", "Allow", vnet, vnet),
    rule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", [PLATFORM]),
    rule("DenyAllInBound", 65500, "Inbound", "Deny"),
    rule("AllowVnetOutBound", 65e3, "Outbound", "Allow", vnet, vnet),
    // Internet: everything that is not the virtual network, which the rule before has taken or denied.
    rule("AllowInternetOutBound", 65001, "Outbound", "Allow"),
    rule("DenyAllOutBound", 65500, "Outbound", "Deny")
  ];
}
function serviceRules({ type, namespace, name, loadBalancerIps, ports, sourceRanges, where }) {
  if (type !== "LoadBalancer" || loadBalancerIps.length === 0) return [];
  const destination2 = loadBalancerIps.map((ip) => ({ ip, length: isIp4(ip) ? 32 : 128 }));
  return ["TCP", "UDP"].flatMap((protocol4) => {
    const own = ports.filter((port5) => port5.protocol === protocol4).map(({ port: port5 }) => [port5, port5]);
    if (own.length === 0) return [];
    return [
      {
        name: `k8s-azure-lb_allow ${namespace}/${name}`,
        priority: SERVICE_PRIORITY,
        direction: "Inbound",
        access: "Allow",
        protocol: protocol4 === "TCP" ? "Tcp" : "Udp",
        source: sourceRanges,
        destination: destination2,
        ports: own,
        ...where ? { where } : {}
      }
    ];
  });
}
var numbers, PLATFORM, SERVICE_PRIORITY, everyPrefix;
var init_security = __esm({
  "src/datapath/run/security.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_ethernet();
    init_iana();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_nf_tuple();
    numbers = { Tcp: ipProtocols.tcp.number, Udp: ipProtocols.udp.number, Icmp: ipProtocols.icmp.number };
    PLATFORM = { ip: 2822734096, length: 32 };
    SERVICE_PRIORITY = 500;
    everyPrefix = [];
  }
});

// src/datapath/run/underlay.ts
function wireTransmit(dev, skb) {
  const { run: run3 } = dev.ns;
  scrub(skb);
  if (run3.impaired && isLost(dev, dev, skb)) return;
  if ((skb.buf[skb.start] & 1) === 1) return void flood(dev, skb);
  const { mtu: mtu2 } = run3.cluster.underlay;
  const node2 = nodeByMac(dev, skb);
  if (!node2 && !isGateway(run3, skb)) return void discard(dev, skb, "no such MAC on the segment");
  if (etherType2(skb) !== ETHER_ARP3 && skb.end - skb.start - ETH_HEADER2 > mtu2) return void tooLong(dev, skb, mtu2);
  if (!node2) routeByGateway(dev, skb);
  else if (crosses(run3, dev, node2, skb, "switch") && !(run3.impaired && isLost(dev, node2.eth0, skb)))
    later(node2.eth0, skb, lane.underlay);
}
function crosses(run3, dev, to, skb, via) {
  const { security } = run3.underlay;
  if (security === void 0 && run3.step === void 0 || !isRoutable(skb)) return true;
  const from = dev.ns.node;
  const rules = [];
  const ask2 = (node2, direction2) => {
    const decision = node2 && security?.decide(node2.name, direction2, skb);
    if (decision) rules.push(decision);
    return decision?.access === "Deny" ? decision : void 0;
  };
  const denied = ask2(from, "Outbound") ?? ask2(to, "Inbound");
  const { packet } = skb;
  tellCrossing(dev, to, skb, via, rules);
  if (!denied) return true;
  run3.emit?.({
    kind: "kernel",
    hook: "kernel",
    time: run3.now,
    node: denied.node,
    packet,
    action: "discard",
    text: denialText(denied, skb),
    security: denied
  });
  run3.pool.release(skb);
  return false;
}
function tellCrossing(dev, node2, skb, via, rules = []) {
  const { run: run3, node: sender } = dev.ns;
  if (run3.step === void 0) return;
  const [from, to] = [sender?.name ?? "", node2?.name ?? ""];
  const frame = skb.buf.subarray(skb.start, skb.end);
  run3.step({ kind: "underlay", time: run3.now, packet: skb.packet, from, to, via, rules, frame });
}
function isRoutable(skb) {
  const { buf, start: start2 } = skb;
  const o = start2 + ETH_HEADER2;
  if (etherType2(skb) === ETHER_ARP3) return false;
  const type = buf[o] >>> 4 === 6 && buf[o + 6] === PROTO_ICMPV6 ? buf[o + IPV6_HEADER] : 0;
  return type < ND_FIRST || type > ND_LAST;
}
function isLost(dev, end2, skb) {
  const { run: run3 } = dev.ns;
  const { node: node2 } = end2.ns;
  if (node2?.spec.down) {
    discard(dev, skb, `${node2.name} has no power`);
    return true;
  }
  for (const rule of run3.cluster.underlay.loss ?? []) {
    const here = rule.node === void 0 ? dev === end2 : rule.node === node2?.name;
    if (!here || run3.random.below(1e5) >= rule.percent * 1e3) continue;
    discard(dev, skb, `lost on the wire (${rule.percent}%)`);
    return true;
  }
  return false;
}
function nodeByMac(dev, skb) {
  const { lastHop } = dev;
  const { buf, start: start2 } = skb;
  const high = buf[start2] << 24 | buf[start2 + 1] << 16 | get16(buf, start2 + 2);
  const low = get16(buf, start2 + 4);
  if (high !== lastHop.macHigh || low !== lastHop.macLow) {
    const { run: run3 } = dev.ns;
    const index = run3.directory.byMac.get(readMac(buf, start2));
    lastHop.macHigh = high;
    lastHop.macLow = low;
    lastHop.node = index === void 0 ? void 0 : nodeAt(run3, index);
  }
  return lastHop.node;
}
function isGateway(run3, skb) {
  const mac = readMac(skb.buf, skb.start);
  return run3.underlay.gateways.some((gateway2) => gateway2.mac === mac);
}
function tooLong(dev, skb, mtu2) {
  const { run: run3 } = dev.ns;
  const ip = skb.start + ETH_HEADER2;
  const four = skb.buf[ip] >>> 4 === 4;
  if (four && !ipv4DontFragment(skb.buf, ip)) {
    for (const piece of fragmentIpv4(skb.buf.subarray(ip, skb.end), mtu2)) {
      const part = run3.pool.take(ETH_HEADER2 + piece.length, skb.packet);
      part.buf.set(skb.buf.subarray(skb.start, ip), part.start);
      part.buf.set(piece, part.start + ETH_HEADER2);
      part.end = part.start + ETH_HEADER2 + piece.length;
      wireTransmit(dev, part);
    }
    return void run3.pool.release(skb);
  }
  const gateway2 = run3.underlay.gateways.find((g) => isIp4(g.ip) === four);
  const to = errorReceiver(skb);
  if (gateway2 && to !== void 0) {
    const error = four ? { type: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED, mtu: mtu2 } : { type: ICMPV6_PACKET_TOO_BIG, code: 0, mtu: mtu2 };
    const answer3 = makeError(run3, skb, error, gateway2.ip, to, run3.random.below(65535) + 1);
    setMacs(answer3, dev.mac, gateway2.mac);
    later(dev, answer3, lane.underlay);
  }
  discard(dev, skb, `exceeds the path MTU of the underlay, ${mtu2}`);
}
function flood(dev, skb) {
  const { run: run3, node: node2 } = dev.ns;
  const asked = askedFor(skb);
  const { nodes: nodes2 } = run3.cluster;
  const owner = asked === void 0 ? void 0 : run3.directory.byIp.get(asked);
  for (let i = 0; i < nodes2.length; i++) {
    const spec2 = nodes2[i];
    if (asked !== void 0 && i !== owner && !watchesUplink(run3, i)) continue;
    if (spec2 === node2.spec || spec2.down || !sharesSubnet(spec2, node2.spec)) continue;
    later(nodeAt(run3, i).eth0, run3.pool.copy(skb), lane.underlay);
  }
  const gateway2 = run3.underlay.gateways.find((g) => g.ip === asked);
  if (!gateway2) return void run3.pool.release(skb);
  const { buf, start: start2 } = skb;
  const o = start2 + ETH_HEADER2;
  if (isIp4(gateway2.ip)) {
    const [mac, ip] = [arpSenderMac(buf, o), arpSenderIp(buf, o)];
    writeArpFrame(skb, mac, gateway2.mac, ARP_REPLY2, gateway2.ip, mac, ip);
  } else advertise2(skb, gateway2.mac, readMac(buf, start2 + 6), gateway2.ip, ipv6Source(buf, o));
  later(dev, skb, lane.underlay);
}
function askedFor(skb) {
  const o = skb.start + ETH_HEADER2;
  if (etherType2(skb) === ETHER_ARP3)
    return arpOperation(skb.buf, o) === ARP_REQUEST2 ? arpTargetIp(skb.buf, o) : void 0;
  const solicits = skb.buf[o + 6] === PROTO_ICMPV6 && skb.buf[o + IPV6_HEADER] === ICMPV6_NEIGHBOR_SOLICITATION;
  return solicits ? ndTarget(skb.buf, o + IPV6_HEADER) : void 0;
}
function sharesSubnet(a2, b2) {
  return a2.ips.some((ip) => b2.subnets.some((subnet) => prefixContains(subnet, ip)));
}
function routeByGateway(dev, skb) {
  const { run: run3 } = dev.ns;
  if (etherType2(skb) === ETHER_ARP3) return void run3.pool.release(skb);
  const to = packetDestination(skb);
  const node2 = nodeBehind(run3, to, skb);
  if (node2) return void deliverToNode(dev, node2, to, skb, lane.underlay);
  const why = unroutable(run3, to);
  if (why) return void discard(dev, skb, `the gateway drops it: ${why}`);
  if (!crosses(run3, dev, void 0, skb, "gateway")) return;
  if (!spendHops(skb)) return void discard(dev, skb, "time to live exceeded in the world");
  later(externalNs(run3, to).devices[0], skb, lane.internet);
}
function uplinkTransmit(dev, skb) {
  const { run: run3 } = dev.ns;
  scrub(skb);
  const to = packetDestination(skb);
  const node2 = nodeBehind(run3, to, skb);
  if (!spendHops(skb)) return void discard(dev, skb, "time to live exceeded in the world");
  if (node2) return void deliverToNode(dev, node2, to, skb, lane.internet);
  const why = unroutable(run3, to);
  tellCrossing(dev, void 0, skb, "gateway");
  if (why) return void discard(dev, skb, `the gateway drops it: ${why}`);
  later(externalNs(run3, to).devices[0], skb, lane.internet);
}
function deliverToNode(dev, node2, to, skb, after) {
  const { run: run3 } = dev.ns;
  if (!crosses(run3, dev, node2, skb, "gateway")) return;
  const four = isIp4(to);
  const gateway2 = run3.underlay.gateways.find((g) => isIp4(g.ip) === four) ?? run3.underlay.gateways[0];
  if (run3.impaired && isLost(node2.eth0, node2.eth0, skb)) return;
  setMacs(skb, node2.eth0.mac, gateway2.mac);
  later(node2.eth0, skb, after);
}
function nodeBehind(run3, ip, skb) {
  const own = run3.directory.byIp.get(ip);
  if (own !== void 0) return nodeAt(run3, own);
  const { cluster } = run3;
  if (cluster.underlay.routesPodCidrs) {
    const owner = cluster.nodes.findIndex((node3) => node3.podCidrs.some((cidr) => prefixContains(cidr, ip)));
    const pod2 = owner < 0 ? cluster.pods.find((p) => !p.hostNetwork && p.ips.includes(ip)) : void 0;
    const node2 = owner >= 0 ? nodeAt(run3, owner) : nodeNamed(run3, pod2?.node);
    if (node2) return node2;
  }
  const hop3 = routedTo(cluster, ip);
  const next = hop3 === void 0 ? void 0 : run3.directory.byIp.get(hop3);
  if (next !== void 0) return nodeAt(run3, next);
  const service2 = cluster.services.find((s2) => s2.loadBalancerIps.includes(ip) || s2.externalIps.includes(ip));
  if (!service2) return void 0;
  const ready2 = service2.backends.filter((b2) => b2.state === "active");
  const local2 = new Set(service2.externalTrafficPolicy === "Local" ? ready2.map((b2) => b2.nodeName) : []);
  const able = cluster.nodes.filter((n) => n.ready && (local2.size === 0 || local2.has(n.name)));
  return nodeNamed(run3, able[frameHash(skb.buf, skb.start) % Math.max(1, able.length)]?.name);
}
function routedTo({ underlay: { routes = [] } }, ip) {
  const fits3 = routes.filter(({ prefix }) => isIp4(prefix.ip) === isIp4(ip) && prefixContains(prefix, ip));
  return fits3.sort((a2, b2) => b2.prefix.length - a2.prefix.length)[0]?.nextHop;
}
function unroutable(run3, ip) {
  const { cluster } = run3;
  const within2 = (prefixes3) => prefixes3.some((p) => prefixContains(p, ip));
  if (within2(cluster.podCidrs)) return "no route to pod addresses";
  if (within2(cluster.serviceCidrs)) return "no route to service addresses";
  if (within2(cluster.underlay.vnets)) return "no such host in the virtual network";
  const first = isIp4(ip) ? ip >>> 24 : ip.charCodeAt(0) >>> 8;
  if (isIp4(ip) ? ip >>> 16 === 43518 || first === 127 || first >= 224 || first === 0 : first >= 254)
    return "not a routable address";
  return void 0;
}
function spendHops(skb) {
  const ip = skb.start + ETH_HEADER2;
  if (skb.buf[ip] >>> 4 === 4) {
    const ttl = ipv4Ttl(skb.buf, ip);
    if (ttl <= WORLD_HOPS) return false;
    setIpv4Ttl(skb.buf, ip, ttl - WORLD_HOPS);
    return true;
  }
  const limit = ipv6HopLimit(skb.buf, ip);
  if (limit <= WORLD_HOPS) return false;
  setIpv6HopLimit(skb.buf, ip, limit - WORLD_HOPS);
  return true;
}
var ETHER_ARP3, WORLD_HOPS, ND_FIRST, ND_LAST;
var init_underlay = __esm({
  "src/datapath/run/underlay.ts"() {
    "use strict";
    init_addr();
    init_arp();
    init_bytes();
    init_ethernet();
    init_fragment();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_build();
    init_device();
    init_flow();
    init_icmp2();
    init_ip_output();
    init_neighbour2();
    init_security();
    init_skb();
    init_state();
    init_world();
    ETHER_ARP3 = 2054;
    WORLD_HOPS = 9;
    ND_FIRST = 133;
    ND_LAST = 137;
  }
});

// src/datapath/run/device.ts
function receive4(dev, skb) {
  if (dev.xdp && !passesXdp(dev, skb)) return;
  if (skb.ingressIfindex === 0) skb.ingressIfindex = dev.ifindex;
  dev.counters.rxPackets++;
  dev.counters.rxBytes += skb.end - skb.start;
  if (dev.taps.length > 0) tap(dev, "in", skb);
  if (dev.ingress === void 0) ipReceive(dev, skb);
  else act(dev, skb, run2(dev, dev.ingress, skb));
}
function passesXdp(dev, skb) {
  const action = run2(dev, "cil_xdp_entry", skb);
  if (action.kind === "ok") return true;
  if (action.kind === "drop") dev.ns.run.pool.release(skb);
  else if (action.kind === "redirect") wireTransmit(dev.ns.node.eth0, skb);
  else discard(dev, skb, "XDP redirects to nowhere");
  return false;
}
function transmit(dev, skb) {
  if (dev.egress === void 0) transmitUnfiltered(dev, skb);
  else {
    const action = run2(dev, dev.egress, skb);
    if (action.kind === "ok") transmitUnfiltered(dev, skb);
    else act(dev, skb, action);
  }
}
function transmitUnfiltered(dev, skb) {
  if (dev.taps.length > 0 && dev.link !== "loopback") tap(dev, "out", skb);
  dev.counters.txPackets++;
  dev.counters.txBytes += skb.end - skb.start;
  switch (dev.link) {
    case "veth":
      return void crossVeth(dev, skb);
    case "tunnel":
      return void encapsulate2(dev, skb);
    case "wire":
      return void wireTransmit(dev, skb);
    case "uplink":
      return void uplinkTransmit(dev, skb);
    case "loopback":
      return void later(dev, skb, lane.loopback);
  }
}
function crossVeth(dev, skb) {
  const peer2 = dev.peer;
  if (!peer2 || skb.end - skb.start > peer2.mtu + 18) {
    dev.counters.txDropped++;
    return void discard(dev, skb, "exceeds the MTU of the veth peer");
  }
  if (peer2.ns !== dev.ns) scrub(skb);
  else skb.ingressIfindex = 0;
  later(peer2, skb, lane.veth);
}
function later(dev, skb, after) {
  const { run: run3 } = dev.ns;
  run3.agenda.pushAfter(after, run3.now, dev.arrival, skb);
}
function run2(dev, hook, skb) {
  const { step: step2 } = dev.ns.run;
  if (step2 === void 0) return runProgram(dev, hook, skb);
  const tell3 = (kind, action2) => {
    const { name: device, ifindex } = dev;
    const frame = skb.buf.subarray(skb.start, skb.end);
    const { packet } = skb;
    step2({ kind, time: dev.ns.run.now, node: dev.ns.node.name, packet, hook, device, ifindex, action: action2, frame });
  };
  tell3("enter", void 0);
  const action = runProgram(dev, hook, skb);
  tell3("leave", action);
  return action;
}
function runProgram(dev, hook, skb) {
  const { runtime } = dev.ns.node;
  runtime.time = dev.ns.run.now;
  skb.ifindex = dev.ifindex;
  if (skb.tunnel !== void 0) return runHook(hook, skb, runtime);
  const { spare } = skb;
  spare.ttl = 0;
  skb.tunnel = spare;
  const action = runHook(hook, skb, runtime);
  if (spare.ttl === 0) skb.tunnel = void 0;
  return action;
}
function act(dev, skb, action) {
  const { node: node2, run: run3 } = dev.ns;
  if (action.kind === "ok") return void ipReceive(dev, skb);
  if (action.kind === "drop") return void run3.pool.release(skb);
  const target = node2.devices[action.ifindex];
  if (!target) return void discard(dev, skb, `redirected to a device that does not exist: ifindex ${action.ifindex}`);
  if (action.kind === "redirect") {
    if (!action.ingress) return void transmit(target, skb);
    skb.ingressIfindex = 0;
    return void receive4(target, skb);
  }
  if (action.kind === "redirect-neigh") return void neighbourTransmit(target, neighbourOf(target, action.nexthop), skb);
  if (!target.peer) return void discard(dev, skb, `${target.name} has no peer`);
  scrub(skb);
  receive4(target.peer, skb);
}
function tap(dev, direction2, skb) {
  const { taps, point } = dev;
  for (let i = 0; i < taps.length; i++)
    taps[i].frame(point, dev.ns.run.now, direction2, skb.buf, skb.start, skb.end, skb.packet);
}
function discard(dev, skb, text4) {
  const { run: run3 } = dev.ns;
  if (run3.emit) kernelEvent(dev.ns, skb.packet, "discard", `${dev.ns.name} ${dev.name}: ${text4}`);
  run3.pool.release(skb);
}
function isForDevice(dev, skb) {
  const { buf, start: start2 } = skb;
  if ((buf[start2] & 1) === 1) return true;
  return get16(buf, start2) === dev.macHigh && get16(buf, start2 + 2) === dev.macMiddle && get16(buf, start2 + 4) === dev.macLow;
}
function setMacs(skb, destination2, source) {
  writeMac(skb.buf, skb.start, destination2);
  writeMac(skb.buf, skb.start + 6, source);
}
function etherType2(skb) {
  return get16(skb.buf, skb.start + 12);
}
function setEtherType(skb, type) {
  set16(skb.buf, skb.start + 12, type);
}
var init_device = __esm({
  "src/datapath/run/device.ts"() {
    "use strict";
    init_addr();
    init_bytes();
    init_hooks();
    init_ip_input();
    init_neighbour2();
    init_skb();
    init_state();
    init_tunnel2();
    init_underlay();
  }
});

// src/datapath/run/gc.ts
function collectorOptions({ cluster }) {
  const { raw } = cluster.cilium;
  const seconds = (key) => Math.floor((parseDuration(raw[key] ?? "") ?? 0) / 1e9);
  return { fixed: seconds("conntrack-gc-interval"), longest: seconds("conntrack-gc-max-interval") };
}
function collectAll(run3) {
  const options = collectorOptions(run3);
  const now = run3.now / 1e9;
  run3.nextCollection = Number.POSITIVE_INFINITY;
  for (const node2 of run3.nodes) {
    if (!node2) continue;
    collectDue(node2.collector, options, node2.runtime, now);
    run3.nextCollection = Math.min(run3.nextCollection, node2.collector.next * 1e9);
  }
  if (run3.nextCollection === Number.POSITIVE_INFINITY) run3.nextCollection = run3.now + STARTING_INTERVAL * 1e9;
}
function newCollector({ fixed: fixed2 }) {
  const interval = fixed2 || STARTING_INTERVAL;
  return { next: interval, interval };
}
function collectDue(collector, options, runtime, now) {
  while (collector.next <= now) {
    const ratio = collect2(runtime, CLOCK_START + collector.next);
    collector.interval = options.fixed || nextInterval(collector.interval, ratio, options.longest);
    collector.next += collector.interval;
  }
}
function nextInterval(before, ratio, longest) {
  let next = before;
  if (ratio > 0.25) next = Math.max(Math.round(before * (1 - Math.min(ratio, 0.9))), SHORTEST_INTERVAL);
  else if (ratio > 0 && ratio < 0.05) next = Math.min(Math.round(before * 1.5), LONGEST_INTERVAL);
  return longest > 0 ? Math.min(next, longest) : next;
}
function collect2(runtime, now) {
  const { ct, nat } = runtime;
  const before = ct.size;
  const expired = [...ct.entries()].filter(({ lifetime }) => lifetime < now);
  for (const entry of expired) ct.remove(entry);
  const orphans = [...nat.entries()].filter((entry) => !hasConnection(runtime, entry));
  for (const entry of orphans) nat.remove(entry);
  return before === 0 ? 0 : expired.length / before;
}
function hasConnection({ ct }, { tuple, toIp, toPort }) {
  const { daddr, saddr, protocol: protocol4 } = tuple;
  let [dport, sport] = [tuple.dport, tuple.sport];
  const incoming = (tuple.flags & ctFlags.IN) !== 0;
  const client2 = incoming ? toIp : saddr;
  const server = incoming ? saddr : daddr;
  if (incoming) [dport, sport] = [tuple.sport, toPort];
  if (ct.find(client2, server, dport, sport, protocol4, ctFlags.OUT)) return true;
  const dsr = incoming ? void 0 : ct.find(server, client2, sport, dport, protocol4, ctFlags.OUT);
  return dsr?.dsrInternal ?? false;
}
var STARTING_INTERVAL, LONGEST_INTERVAL, SHORTEST_INTERVAL;
var init_gc = __esm({
  "src/datapath/run/gc.ts"() {
    "use strict";
    init_duration();
    init_model5();
    init_clock();
    STARTING_INTERVAL = 300;
    LONGEST_INTERVAL = 12 * 3600;
    SHORTEST_INTERVAL = 10;
  }
});

// src/datapath/run/ipvs.ts
function nextState(state2, reply2, flags) {
  const row2 = flags & TCP_RST ? 3 : flags & TCP_SYN ? 0 : flags & TCP_FIN ? 1 : flags & TCP_ACK ? 2 : void 0;
  if (row2 === void 0) return state2;
  const next = transitions[reply2 ? 1 : 0][row2]?.[state2];
  return next ?? SA;
}
function timeoutOf({ protocol: protocol4 }, state2) {
  return protocol4 === PROTO_TCP ? states2[state2]?.[1] ?? 0 : UDP_TIMEOUT;
}
function hashClient(ip) {
  let folded = 0;
  if (isIp4(ip)) folded = ip;
  else for (let i = 0; i < 8; i += 2) folded ^= ip.charCodeAt(i) << 16 | ip.charCodeAt(i + 1);
  return Math.imul(folded, 1640531527) >>> 24;
}
function clientKey(t) {
  return `${t.protocol} ${t.source} ${t.sourcePort} ${t.destination} ${t.destinationPort}`;
}
function templateKey(server, client2) {
  return `${nameOf2(server)} ${client2}`;
}
function nameOf2({ protocol: protocol4, ip, port: port5 }, real) {
  const name = `${protocol4} ${serverKey(ip, 0, port5)}`;
  return real ? `${name} ${real.ip} ${real.port}` : name;
}
function sameReal(a2, b2) {
  return a2.ip === b2.ip && a2.port === b2.port;
}
var states2, NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA, UDP_TIMEOUT, transitions, Ipvs, NOTHING3;
var init_ipvs = __esm({
  "src/datapath/run/ipvs.ts"() {
    "use strict";
    init_model3();
    init_addr();
    init_l4();
    init_tcp();
    states2 = [
      ["NONE", 2],
      ["ESTABLISHED", 900],
      ["SYN_SENT", 120],
      ["SYN_RECV", 60],
      ["FIN_WAIT", 120],
      ["TIME_WAIT", 120],
      ["CLOSE", 10],
      ["CLOSE_WAIT", 60],
      ["LAST_ACK", 30],
      ["LISTEN", 120],
      ["SYNACK", 120]
    ];
    [NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    UDP_TIMEOUT = 300;
    transitions = [
      [
        [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
        [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW],
        [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
        [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR]
      ],
      [
        [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
        [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW],
        [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
        [CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL]
      ]
    ];
    Ipvs = class {
      /** `now`: milliseconds. */
      constructor(now) {
        this.now = now;
      }
      now;
      entries = /* @__PURE__ */ new Map();
      templates = /* @__PURE__ */ new Map();
      /** By `nameOf`, as what follows: servers come anew when kube-proxy changes something. */
      turns = /* @__PURE__ */ new Map();
      counted = /* @__PURE__ */ new Map();
      /** For a connection's first packet; undefined without real servers. */
      choose(server, client2) {
        const kept = this.template(server, client2.source);
        const same = kept && server.reals.find((one) => sameReal(one, kept.real));
        const real = same ?? this.schedule(server, client2.source);
        if (!real) return void 0;
        const last = this.now();
        if (kept && same) kept.last = last;
        else if (server.persistent !== void 0)
          this.templates.set(templateKey(server, client2.source), { server, real, client: client2.source, last });
        this.entries.set(clientKey(client2), { server, real, client: client2, state: NO, last });
        this.count(server).connections++;
        this.count(server, real).connections++;
        return real;
      }
      /** A packet of a connection; `flags`: of TCP. */
      seen(client2, reply2, length, flags) {
        const entry = this.entries.get(clientKey(client2));
        if (!entry) return;
        entry.last = this.now();
        if (client2.protocol === PROTO_TCP) entry.state = nextState(entry.state, reply2, flags);
        for (const counter of [this.count(entry.server), this.count(entry.server, entry.real)]) {
          if (reply2) {
            counter.outPackets++;
            counter.outBytes += length;
          } else {
            counter.inPackets++;
            counter.inBytes += length;
          }
        }
      }
      counters(server, real) {
        return this.counted.get(nameOf2(server, real)) ?? NOTHING3;
      }
      load(server, real) {
        const load = { active: 0, inactive: 0, persistent: 0 };
        const name = nameOf2(server, real);
        for (const entry of this.live()) {
          if (nameOf2(entry.server, entry.real) !== name) continue;
          if (entry.state === ES) load.active++;
          else load.inactive++;
        }
        for (const template4 of this.templates.values())
          if (nameOf2(template4.server, template4.real) === name && this.now() - template4.last < (template4.server.persistent ?? 0) * 1e3)
            load.persistent++;
        return load;
      }
      connections() {
        const open2 = [...this.live()].map(({ server, real, client: client2, state: state2, last }) => {
          const timeout = timeoutOf(client2, state2) * 1e3;
          const name = client2.protocol === PROTO_TCP ? states2[state2]?.[0] ?? "NONE" : "UDP";
          const { source, sourcePort: sourcePort2 } = client2;
          return { server, real, source, sourcePort: sourcePort2, state: name, left: timeout - (this.now() - last) };
        });
        const kept = [...this.templates.values()].map(({ server, real, client: client2, last }) => {
          const left = (server.persistent ?? 0) * 1e3 - (this.now() - last);
          return { server, real, source: client2, sourcePort: 0, state: "NONE", left };
        });
        return [...open2, ...kept].filter(({ left }) => left > 0);
      }
      *live() {
        for (const entry of this.entries.values())
          if (this.now() - entry.last < timeoutOf(entry.client, entry.state) * 1e3) yield entry;
      }
      template(server, client2) {
        if (server.persistent === void 0) return void 0;
        const template4 = this.templates.get(templateKey(server, client2));
        return template4 && this.now() - template4.last < server.persistent * 1e3 ? template4 : void 0;
      }
      schedule(server, client2) {
        const { reals, scheduler } = server;
        if (reals.length === 0) return void 0;
        switch (scheduler) {
          // All weights are 1: weighted and plain turns are the same.
          case "rr":
          case "wrr": {
            const turn = (this.turns.get(nameOf2(server)) ?? 0) % reals.length;
            this.turns.set(nameOf2(server), turn + 1);
            return reals[turn];
          }
          case "lc":
          case "wlc": {
            const loads = reals.map((real) => {
              const { active, inactive } = this.load(server, real);
              return 256 * active + inactive;
            });
            return reals[loads.indexOf(Math.min(...loads))];
          }
          case "sh":
            return reals[hashClient(client2) % reals.length];
        }
      }
      count(server, real) {
        const name = nameOf2(server, real);
        let counter = this.counted.get(name);
        if (!counter) this.counted.set(name, counter = { ...NOTHING3 });
        return counter;
      }
    };
    NOTHING3 = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  }
});

// src/datapath/run/netfilter-walk.ts
function walk2(table3, from, packet, node2, hops) {
  const chain2 = table3.chains.get(from);
  const verdict = walkChain(table3, chain2, packet, node2, hops);
  if (verdict) return verdict;
  node2.counters.countPolicy(chain2, packet.length);
  return verdicts.ACCEPT;
}
function walkChain(table3, chain2, packet, node2, hops) {
  const { rules } = chain2;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (node2.tally) node2.tally.rules++;
    if (!matchesRule(rule, packet, node2)) continue;
    node2.counters.count(rule, packet.length);
    const { target } = rule;
    hops?.push({ table: table3.name, chain: chain2.name, rule: i + 1, target: targetName(target) });
    if (!target) continue;
    if (target.kind === "RETURN") return void 0;
    if (target.kind === "MARK") packet.mark = (packet.mark & ~target.mask ^ target.value) >>> 0;
    else if (target.kind === "DNAT") return { kind: "dnat", to: { ip: target.ip, port: target.port } };
    else if (target.kind !== "jump") return verdicts[target.kind];
    else {
      const verdict = walkChain(table3, table3.chains.get(target.chain), packet, node2, hops);
      if (verdict) return verdict;
    }
  }
  return void 0;
}
function targetName(target) {
  return target?.kind === "jump" ? target.chain : target?.kind ?? "";
}
function matchesRule(rule, packet, node2) {
  const { source, destination: destination2, protocol: protocol4, matches: matches4 } = rule;
  if (destination2 && !matchesAddress(destination2, packet.destination)) return false;
  if (source && !matchesAddress(source, packet.source)) return false;
  if (protocol4 && protocolNumbers4[protocol4] !== packet.protocol) return false;
  for (const match of matches4) if (!matchesPart(match, packet, node2)) return false;
  return true;
}
function matchesAddress({ prefix, not }, ip) {
  const inside = prefix.length === 32 && isIp4(ip) ? prefix.ip === ip : prefixContains(prefix, ip);
  return inside !== not;
}
function matchesPart(match, packet, node2) {
  switch (match.kind) {
    case "comment":
      return true;
    case "conntrack":
      return (match.states.includes(packet.state) || packet.dnat && match.states.includes("DNAT")) !== match.not;
    case "mark":
      return (packet.mark & match.mask) === match.value !== match.not;
    case "local":
      return node2.isLocal(match.side === "src" ? packet.source : packet.destination) !== (match.not === true);
    case "set":
      if (node2.tally) node2.tally.lookups++;
      return node2.inSet?.(match.name, match.directions, packet) === true;
    // Pods are not on a bridge here.
    case "not-bridged":
      return true;
    // For what the node itself sends to its own load balancer address, which nothing here does.
    case "ipvs":
      return false;
    case "recent-set":
      node2.recent.set(match.name, packet.source, node2.now());
      return true;
    case "recent-check":
      return node2.recent.check(match.name, packet.source, node2.now() - match.seconds);
    case "statistic":
      return node2.random() >>> 1 < match.below;
    case "l4":
      return match.dport === void 0 || match.dport === packet.destinationPort;
  }
}
var PROTO_SCTP, protocolNumbers4, verdicts, Counting, LIST_SIZE, RecentLists;
var init_netfilter_walk = __esm({
  "src/datapath/run/netfilter-walk.ts"() {
    "use strict";
    init_addr();
    init_l4();
    PROTO_SCTP = 132;
    protocolNumbers4 = { tcp: PROTO_TCP, udp: PROTO_UDP, sctp: PROTO_SCTP };
    verdicts = {
      ACCEPT: { kind: "accept" },
      DROP: { kind: "drop" },
      REJECT: { kind: "reject" },
      MASQUERADE: { kind: "masquerade" }
    };
    Counting = class {
      counted = /* @__PURE__ */ new Map();
      count(rule, length) {
        this.add(rule, length);
      }
      countPolicy(chain2, length) {
        this.add(chain2, length);
      }
      rule(rule) {
        return this.counted.get(rule) ?? { packets: 0, bytes: 0 };
      }
      policy(chain2) {
        return this.counted.get(chain2) ?? { packets: 0, bytes: 0 };
      }
      add(what, length) {
        const counter = this.counted.get(what);
        if (counter) {
          counter.packets++;
          counter.bytes += length;
        } else this.counted.set(what, { packets: 1, bytes: length });
      }
    };
    LIST_SIZE = 100;
    RecentLists = class {
      lists = /* @__PURE__ */ new Map();
      set(name, ip, now) {
        let list3 = this.lists.get(name);
        if (!list3) this.lists.set(name, list3 = /* @__PURE__ */ new Map());
        list3.delete(ip);
        if (list3.size >= LIST_SIZE) list3.delete(list3.keys().next().value);
        list3.set(ip, now);
      }
      /** Seen at `since` or later. */
      check(name, ip, since2) {
        const seen = this.lists.get(name)?.get(ip);
        return seen !== void 0 && seen >= since2;
      }
    };
  }
});

// src/datapath/run/nft-walk.ts
function walkNft(table3, from, packet, node2, hops) {
  const verdict = walkChain2({ table: table3, packet, node: node2, hops }, table3.chains.get(from));
  return verdict === "return" ? { kind: "accept" } : verdict;
}
function walkChain2(walk4, chain2) {
  for (let i = 0; i < chain2.rules.length; i++) {
    const { tally } = walk4.node;
    if (tally) tally.rules++;
    const end2 = walkRule(walk4, chain2, chain2.rules[i], i + 1);
    if (end2 !== "next" && end2 !== "miss") return end2;
  }
  return "return";
}
function walkRule(walk4, chain2, rule, number2) {
  for (const part of rule.parts) {
    const end2 = walkPart(walk4, chain2, part, number2);
    if (end2 !== "next") return end2;
  }
  return "next";
}
function walkPart(walk4, chain2, part, number2) {
  const { packet, node: node2, table: table3 } = walk4;
  const { tally } = node2;
  const when = (matches4) => matches4 ? "next" : "miss";
  switch (part.kind) {
    case "ct-new":
      return when(packet.state === "NEW");
    case "address":
      return when(part.prefixes.some((prefix) => prefixContains(prefix, addressOf2(packet, part.side))) !== part.not);
    case "in-set":
      if (tally) tally.lookups++;
      return when(inSet3(walk4, part.set, addressOf2(packet, part.side)));
    case "dport":
      return when(protocolNumber(part.protocol) === packet.protocol && part.port === packet.destinationPort);
    case "local":
      return when(node2.isLocal(addressOf2(packet, part.side)));
    case "vmap": {
      if (tally) tally.lookups++;
      const { destination: destination2, protocol: protocol4, destinationPort } = packet;
      const key = part.key === "service" ? serviceKey(destination2, protocol4, destinationPort) : portKey(protocol4, destinationPort);
      const verdict = table3.sets.get(part.map)?.elements.get(key)?.verdict;
      return verdict ? follow(walk4, chain2, number2, verdict, `@${part.map}`) : "miss";
    }
    case "random": {
      if (tally) tally.lookups++;
      const way = node2.random.below(part.chains.length);
      const by = `numgen ${way} of ${part.chains.length}`;
      return follow(walk4, chain2, number2, { kind: "goto", chain: part.chains[way] }, by);
    }
    case "update":
      node2.dynamic.update(part.set, packet.source);
      return "next";
    case "unmarked":
      return when((packet.mark & part.mark) === 0);
    case "mark":
      packet.mark = (part.operator === "|" ? packet.mark | part.mark : packet.mark ^ part.mark) >>> 0;
      hop2(walk4, chain2, number2, `mark ${part.operator} 0x${part.mark.toString(16)}`);
      return "next";
    case "dnat": {
      if (protocolNumber(part.protocol) !== packet.protocol) return "miss";
      const { ip, port: port5 } = part;
      hop2(walk4, chain2, number2, "dnat");
      return { kind: "dnat", to: { ip, port: port5 } };
    }
    case "reject":
    case "masquerade":
      hop2(walk4, chain2, number2, part.kind);
      return { kind: part.kind };
    default:
      return follow(walk4, chain2, number2, part);
  }
}
function follow(walk4, chain2, number2, verdict, by) {
  hop2(walk4, chain2, number2, "chain" in verdict ? verdict.chain : verdict.kind, by);
  if (verdict.kind === "drop") return { kind: "drop" };
  if (verdict.kind === "return") return "return";
  const end2 = walkChain2(walk4, walk4.table.chains.get(verdict.chain));
  return verdict.kind === "jump" && end2 === "return" ? "next" : end2;
}
function hop2({ hops }, chain2, rule, target, by) {
  hops?.push({ table: "kube-proxy", chain: chain2.name, rule, target, ...by === void 0 ? {} : { by } });
}
function addressOf2(packet, side) {
  return side === "saddr" ? packet.source : packet.destination;
}
function inSet3({ table: table3, node: node2 }, name, ip) {
  const set = table3.sets.get(name);
  return set?.timeout === void 0 ? set?.elements.has(ip) === true : node2.dynamic.has(name, set.timeout, ip);
}
var DynamicSets;
var init_nft_walk = __esm({
  "src/datapath/run/nft-walk.ts"() {
    "use strict";
    init_model2();
    init_addr();
    DynamicSets = class {
      /** `now`: milliseconds. */
      constructor(now) {
        this.now = now;
      }
      now;
      sets = /* @__PURE__ */ new Map();
      update(name, ip) {
        let set = this.sets.get(name);
        if (!set) this.sets.set(name, set = /* @__PURE__ */ new Map());
        set.set(ip, this.now());
      }
      /** `timeout`: seconds. */
      has(name, timeout, ip) {
        const seen = this.sets.get(name)?.get(ip);
        return seen !== void 0 && this.now() < seen + timeout * 1e3;
      }
      elements = ({ name, timeout = 0 }) => [...this.sets.get(name) ?? []].map(([ip, seen]) => ({ ip, left: seen + timeout * 1e3 - this.now() })).filter(({ left }) => left > 0).sort((a2, b2) => compareIp(a2.ip, b2.ip));
    };
  }
});

// src/datapath/run/netfilter-rules.ts
function newRuleMemory({ run: run3 }) {
  const now = () => run3.now / 1e6;
  return { recent: new RecentLists(), dynamic: new DynamicSets(now), ipvs: new Ipvs(now) };
}
function createRuleHooks(node2, memory, inSet5) {
  const { run: run3, state: state2 } = node2;
  const rulesets = state2.rulesets ?? [];
  if (rulesets.length === 0) return void 0;
  const counters = new Counting();
  const otherwise = inSet5 ? "left to IPVS" : "no service";
  const tally = { rules: 0, lookups: 0 };
  const asked = {
    isLocal: (ip) => node2.host.addresses.has(ip) || isLoopback4(ip),
    random: () => run3.random.next(),
    now: () => run3.now / 1e9,
    recent: memory.recent,
    ...inSet5 ? { inSet: inSet5 } : {},
    counters,
    ...run3.step ? { tally } : {}
  };
  const tableFor2 = (name, packet) => findTable(rulesets, name, packet.source);
  const through = (name, hook, packet, skb) => {
    const table3 = tableFor2(name, packet);
    const hops = run3.emit && [];
    const verdict = table3 ? walk2(table3, hook, packet, asked, hops) : { kind: "accept" };
    skb.mark = packet.mark;
    tellWork(node2, skb, tally);
    return { verdict, hops };
  };
  return {
    counters,
    count(name, hook, packet) {
      const table3 = tableFor2(name, packet);
      if (table3) walk2(table3, hook, packet, asked);
    },
    translate(hook, packet, skb) {
      const { verdict, hops } = through("nat", hook, packet, skb);
      const to = verdict.kind === "dnat" ? verdict.to : void 0;
      tell2(node2, skb, "route", hops, to ? `DNAT to ${formatIpPort(to.ip, to.port)}` : otherwise);
      return to;
    },
    filter(hook, packet, skb) {
      const { verdict, hops } = through("filter", hook, packet, skb);
      if (verdict.kind === "accept") return true;
      tell2(node2, skb, "discard", hops, verdict.kind === "reject" ? "REJECT" : "DROP");
      refuse(node2, skb, packet, verdict);
      return false;
    },
    masquerades(packet, skb) {
      const { verdict, hops } = through("nat", "POSTROUTING", packet, skb);
      if (verdict.kind !== "masquerade") return false;
      tell2(node2, skb, "route", hops, "MASQUERADE");
      return true;
    }
  };
}
function tellWork({ run: run3, name }, { packet }, tally) {
  run3.step?.({ kind: "rules", node: name, packet, rules: tally.rules, lookups: tally.lookups });
  tally.rules = 0;
  tally.lookups = 0;
}
function refuse(node2, skb, { source }, verdict) {
  if (verdict.kind === "reject") icmpError(node2.host, skb, isIp4(source) ? { type: 3, code: 3 } : { type: 1, code: 4 });
  node2.run.pool.release(skb);
}
function findTable(rulesets, name, ip) {
  const family = isIp4(ip) ? 4 : 6;
  return rulesets.find((ruleset) => ruleset.family === family)?.tables.find((table3) => table3.name === name);
}
function isLoopback4(ip) {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === "\0\0\0\0\0\0\0";
}
function tell2(node2, skb, action, hops, end2) {
  const { run: run3, name } = node2;
  if (!run3.emit || !hops?.[0]) return;
  const way = hops.map(({ chain: chain2, rule }) => `${chain2} ${rule}`).join(" \u2192 ");
  const text4 = `${name}: ${hops[0].table} ${way}: ${end2}`;
  run3.emit({ kind: "kernel", hook: "kernel", time: run3.now, node: name, packet: skb.packet, action, text: text4, hops });
}
var init_netfilter_rules = __esm({
  "src/datapath/run/netfilter-rules.ts"() {
    "use strict";
    init_addr();
    init_icmp2();
    init_ipvs();
    init_netfilter_walk();
    init_nft_walk();
  }
});

// src/datapath/run/ipvs-rules.ts
function createIpvsHooks(node2, memory) {
  const { state: state2 } = node2;
  const families = state2.ipvs ?? [];
  if (families.length === 0) return void 0;
  const rules = createRuleHooks(
    node2,
    memory,
    (name, directions, packet) => inSet4(setNamed(families, name), directions, packet)
  );
  if (!rules) return void 0;
  const { ipvs } = memory;
  const reals = new Set(families.flatMap(({ servers }) => [...servers.values()].flatMap((s2) => s2.reals.map(realKey))));
  const passed = (hook, { dnat, destination: destination2, destinationPort }) => hook === "FORWARD" && dnat && reals.has(realKey({ ip: destination2, port: destinationPort })) ? "OUTPUT" : hook;
  return {
    ...rules,
    ipvs,
    early(hook, packet, skb) {
      const server = serverFor(families, packet);
      if (!server || packet.state === "RELATED") return true;
      if (hook === "PREROUTING") {
        rules.count("mangle", "INPUT", packet);
        if (!rules.filter("INPUT", packet, skb)) return false;
      }
      if (server.reals.length > 0) return true;
      const hop3 = { table: "ipvs", chain: serverText(server), rule: 1, target: "REJECT" };
      tell2(node2, skb, "discard", [hop3], "no real server");
      refuse(node2, skb, packet, { kind: "reject" });
      return false;
    },
    translate(hook, packet, skb) {
      const own = rules.translate(hook, packet, skb);
      const server = serverFor(families, packet);
      tellWork(node2, skb, { rules: 0, lookups: 1 });
      const real = server && ipvs.choose(server, packet);
      if (!server || !real) return own;
      const target = formatIpPort(real.ip, real.port);
      const rule = server.reals.indexOf(real) + 1;
      tell2(node2, skb, "route", [{ table: "ipvs", chain: serverText(server), rule, target }], server.scheduler);
      return { ip: real.ip, port: real.port };
    },
    count: (table3, hook, packet) => rules.count(table3, passed(hook, packet), packet),
    filter: (hook, packet, skb) => rules.filter(passed(hook, packet), packet, skb),
    seen(connection, reply2, skb) {
      const ip = skb.start + ETH_HEADER2;
      const { original } = connection;
      const four = isIp4(original.source);
      const o = four ? ip + ipv4HeaderLength(skb.buf, ip) : ip + 40;
      const flags = original.protocol === PROTO_TCP && o + 14 <= skb.end ? tcpFlags(skb.buf, o) : 0;
      ipvs.seen(original, reply2, skb.end - ip, flags);
    }
  };
}
function serverFor(families, packet) {
  const { destination: destination2, protocol: protocol4, destinationPort } = packet;
  const family = isIp4(destination2) ? 4 : 6;
  const own = families.find((state2) => state2.family === family);
  return own?.servers.get(serverKey(destination2, protocol4, destinationPort));
}
function serverText({ protocol: protocol4, ip, port: port5 }) {
  return `${protocol4.toUpperCase()} ${formatIpPort(ip, port5)}`;
}
function realKey({ ip, port: port5 }) {
  return `${ip} ${port5}`;
}
function setNamed(families, name) {
  for (const { sets } of families) {
    const set = sets.get(name);
    if (set) return set;
  }
  return void 0;
}
function inSet4(set, directions, packet) {
  if (!set || set.entries.size === 0) return false;
  const [first, second = first, third = first] = directions.split(",");
  const address3 = (side) => side === "src" ? packet.source : packet.destination;
  const port5 = (set.type === "bitmap:port" ? first : second) === "src" ? packet.sourcePort : packet.destinationPort;
  const other = address3(third);
  const networks = set.entries.get(setKey(set.type, { ip: address3(first), protocol: packet.protocol, port: port5, other }));
  if (!networks || set.type !== "hash:ip,port,net") return networks !== void 0;
  return networks.some((network2) => prefixContains(network2, other));
}
var init_ipvs_rules = __esm({
  "src/datapath/run/ipvs-rules.ts"() {
    "use strict";
    init_model3();
    init_addr();
    init_ethernet();
    init_ipv4();
    init_l4();
    init_tcp();
    init_netfilter_rules();
  }
});

// src/datapath/run/nf-conntrack.ts
function keyOf3(t) {
  return `${t.protocol} ${t.source} ${t.sourcePort} ${t.destination} ${t.destinationPort}`;
}
function reversed(t) {
  return {
    source: t.destination,
    sourcePort: t.destinationPort,
    destination: t.source,
    destinationPort: t.sourcePort,
    protocol: t.protocol
  };
}
function translated2({ original, backend: backend2 }) {
  return backend2 ? { ...original, destination: backend2.ip, destinationPort: backend2.port } : original;
}
function masqueraded(connection) {
  const t = translated2(connection);
  const { masked } = connection;
  return masked ? { ...t, source: masked.ip, sourcePort: masked.port } : t;
}
function createNfConntrack() {
  const originals = /* @__PURE__ */ new Map();
  const replies = /* @__PURE__ */ new Map();
  const behindDnat = /* @__PURE__ */ new Map();
  return {
    find(tuple) {
      const key = keyOf3(tuple);
      const connection = originals.get(key);
      if (connection) return { connection, reply: false };
      const replied2 = replies.get(key);
      return replied2 && { connection: replied2, reply: true };
    },
    create(original, backend2) {
      const connection = { original, backend: backend2, replied: false, decided: false, masked: void 0 };
      originals.set(keyOf3(original), connection);
      behindDnat.set(keyOf3(translated2(connection)), connection);
      replies.set(keyOf3(reversed(translated2(connection))), connection);
      return connection;
    },
    outgoing: (tuple) => behindDnat.get(keyOf3(tuple)),
    mask(connection, masked) {
      replies.delete(keyOf3(reversed(masqueraded(connection))));
      const port5 = connection.original.protocol === 1 || connection.original.protocol === 58 ? connection.original.sourcePort : masked.port;
      connection.masked = { ip: masked.ip, port: port5 };
      replies.set(keyOf3(reversed(masqueraded(connection))), connection);
    },
    forget(connection) {
      originals.delete(keyOf3(connection.original));
      behindDnat.delete(keyOf3(translated2(connection)));
      replies.delete(keyOf3(reversed(masqueraded(connection))));
    },
    taken: (tuple) => replies.has(keyOf3(reversed(tuple))),
    get size() {
      return originals.size;
    }
  };
}
function translateError(connections, b2, ip, end2, quoted2) {
  const found2 = connections.find(reversed(quoted2));
  if (!found2?.reply) return;
  const { original, backend: backend2, masked } = found2.connection;
  const inner = b2[ip] >>> 4 === 4 ? ip + ((b2[ip] & 15) << 2) + 8 : ip + 48;
  const client2 = { ip: original.source, port: original.sourcePort };
  const service2 = { ip: original.destination, port: original.destinationPort };
  if (masked) {
    setEnd(b2, inner, end2, "source", client2);
    setEnd(b2, ip, end2, "destination", client2);
  }
  if (backend2) {
    setEnd(b2, inner, end2, "destination", service2);
    setEnd(b2, ip, end2, "source", service2);
  }
  fillL4Checksum(b2, ip, end2);
}
var init_nf_conntrack = __esm({
  "src/datapath/run/nf-conntrack.ts"() {
    "use strict";
    init_l4();
    init_nf_tuple();
  }
});

// src/datapath/run/nft-rules.ts
function createNftHooks(node2, { dynamic }) {
  const { run: run3, state: state2 } = node2;
  const tables2 = state2.nftables ?? [];
  if (tables2.length === 0) return void 0;
  const tally = { rules: 0, lookups: 0 };
  const asked = {
    isLocal: (ip) => node2.host.addresses.has(ip) || isLoopback4(ip),
    random: run3.random,
    dynamic,
    ...run3.step ? { tally } : {}
  };
  const through = (chain2, packet, skb) => {
    const table3 = tableFor(tables2, packet);
    const hops = run3.emit && [];
    const verdict = table3 ? walkNft(table3, chain2, packet, asked, hops) : { kind: "accept" };
    skb.mark = packet.mark;
    tellWork(node2, skb, tally);
    return { verdict, hops };
  };
  const passes = (chain2, packet, skb) => {
    const { verdict, hops } = through(chain2, packet, skb);
    if (verdict.kind === "accept") return true;
    tell2(node2, skb, "discard", hops, verdict.kind);
    refuse(node2, skb, packet, verdict);
    return false;
  };
  return {
    counters: new Counting(),
    elements: dynamic.elements,
    count() {
    },
    early: (hook, packet, skb) => passes(early[hook], packet, skb),
    translate(hook, packet, skb) {
      const { verdict, hops } = through(translations[hook], packet, skb);
      const to = verdict.kind === "dnat" ? verdict.to : void 0;
      tell2(node2, skb, "route", hops, to ? `dnat to ${formatIpPort(to.ip, to.port)}` : "no service");
      return to;
    },
    filter: (hook, packet, skb) => passes(filters[hook], packet, skb),
    masquerades(packet, skb) {
      const { verdict, hops } = through("nat-postrouting", packet, skb);
      if (verdict.kind !== "masquerade") return false;
      tell2(node2, skb, "route", hops, "masquerade");
      return true;
    }
  };
}
function tableFor(tables2, { source }) {
  const family = isIp4(source) ? 4 : 6;
  return tables2.find((table3) => table3.family === family);
}
var filters, early, translations;
var init_nft_rules = __esm({
  "src/datapath/run/nft-rules.ts"() {
    "use strict";
    init_addr();
    init_netfilter_rules();
    init_netfilter_walk();
    init_nft_walk();
    filters = { INPUT: "filter-input", FORWARD: "filter-forward", OUTPUT: "filter-output-post-dnat" };
    early = { PREROUTING: "filter-prerouting", OUTPUT: "filter-output" };
    translations = { PREROUTING: "nat-prerouting", OUTPUT: "nat-output" };
  }
});

// src/datapath/run/netfilter.ts
function createNetfilter(node2, before) {
  const { cluster } = node2.run;
  const { cilium } = cluster;
  const plain4 = cluster.dataplane !== "cilium";
  const services2 = plain4 || !cilium.kubeProxyReplacement;
  const hides = hasAgentRules(cluster) && !cilium.bpfMasquerade && (cilium.masquerade4 || cilium.masquerade6);
  const masquerades = plain4 || hides;
  if (!services2 && !masquerades) return void 0;
  const connections = before?.connections ?? createNfConntrack();
  const memory = before?.memory ?? newRuleMemory(node2);
  const rules = createIpvsHooks(node2, memory) ?? createRuleHooks(node2, memory) ?? createNftHooks(node2, memory);
  const tables2 = { node: node2, connections, rules, masquerades };
  return {
    connections,
    memory,
    counters: rules?.counters,
    elements: rules?.elements,
    ipvs: rules?.ipvs,
    prerouting: (dev, skb) => enter(tables2, dev, skb),
    output: (skb) => enter(tables2, void 0, skb),
    postrouting: (dev, skb) => {
      leave2(tables2, dev, skb);
      return true;
    }
  };
}
function enter(tables2, dev, skb) {
  const { connections, rules } = tables2;
  const ip = skb.start + ETH_HEADER2;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple) return true;
  const hook = dev ? "PREROUTING" : "OUTPUT";
  const looped = dev?.link === "loopback";
  const known3 = connections.find(tuple);
  if (known3?.reply && !looped) known3.connection.replied = true;
  let connection = known3?.connection;
  const packet = rules && walkPacket(tuple, skb, stateOf(tables2, tuple, known3, dev === void 0 || looped), connection);
  if (packet) rules.count("mangle", hook, packet);
  if (packet && rules.early && !looped && !rules.early(hook, packet, skb)) return false;
  if (tuple.related) translateError(connections, skb.buf, ip, skb.end, tuple.related);
  else if (known3?.reply) restore(skb, ip, known3.connection);
  else if (connection?.backend) rewrite(skb.buf, ip, skb.end, "destination", connection.backend);
  else if (!connection && !looped) {
    connection = begin(tables2, tuple, skb, packet, hook);
  }
  if (!packet || !rules) return true;
  if (connection?.backend && !tuple.related) rules.seen?.(connection, known3?.reply === true, skb);
  const fresh = !tuple.related && !known3 && !looped;
  const next = dev ? destinationHook(dev, skb) : "OUTPUT";
  if (!next) return true;
  const translated3 = readTuple(skb.buf, ip, skb.end) ?? tuple;
  const passing = { ...walkPacket(translated3, skb, packet.state, connection), mark: skb.mark };
  if (next !== hook) rules.count("mangle", next, passing);
  if (!rules.filter(next, passing, skb)) {
    if (fresh && connection) connections.forget(connection);
    return false;
  }
  if (next === "INPUT" && fresh) rules.count("nat", "INPUT", passing);
  return true;
}
function begin({ connections, rules }, tuple, skb, packet, hook) {
  const ip = skb.start + ETH_HEADER2;
  const backend2 = rules && packet ? rules.translate(hook, packet, skb) : void 0;
  if (backend2) rewrite(skb.buf, ip, skb.end, "destination", backend2);
  return connections.create(tuple, backend2);
}
function walkPacket(tuple, skb, state2, connection) {
  const { source, sourcePort: sourcePort2, destination: destination2, destinationPort, protocol: protocol4 } = tuple;
  const length = skb.end - skb.start - ETH_HEADER2;
  const dnat = connection?.backend !== void 0;
  return { source, sourcePort: sourcePort2, destination: destination2, destinationPort, protocol: protocol4, state: state2, dnat, length, mark: skb.mark };
}
function stateOf({ connections }, tuple, known3, own) {
  if (tuple.related) return own || connections.find(reversed(tuple.related)) ? "RELATED" : "INVALID";
  return known3?.connection.replied ? "ESTABLISHED" : "NEW";
}
function destinationHook(dev, skb) {
  const { ns } = dev;
  const to = packetDestination(skb);
  const group = isIp4(to) ? to >>> 28 === 14 || to === 4294967295 : to.charCodeAt(0) >>> 8 === 255;
  if (ns.addresses.has(to) || group || dev.link === "loopback") return "INPUT";
  const dst = routeTo(ns, to);
  const ip = skb.start + ETH_HEADER2;
  const four = isIp4(to);
  const ttl = four ? ipv4Ttl(skb.buf, ip) : ipv6HopLimit(skb.buf, ip);
  const tooBig = dst && skb.end - ip > dst.routeMtu && (!four || ipv4DontFragment(skb.buf, ip));
  return dst && ttl > 1 && !tooBig ? "FORWARD" : void 0;
}
function restore(skb, ip, connection) {
  const { original } = connection;
  if (connection.masked) rewrite(skb.buf, ip, skb.end, "destination", { ip: original.source, port: original.sourcePort });
  if (connection.backend)
    rewrite(skb.buf, ip, skb.end, "source", { ip: original.destination, port: original.destinationPort });
}
function leave2(tables2, dev, skb) {
  const { node: node2, connections, rules, masquerades } = tables2;
  const ip = skb.start + ETH_HEADER2;
  const tuple = readTuple(skb.buf, ip, skb.end);
  if (!tuple) return;
  const connection = tuple.related ? void 0 : connections.outgoing(tuple);
  const packet = rules && walkPacket(tuple, skb, connection && !connection.replied ? "NEW" : "ESTABLISHED", connection);
  if (packet) rules.count("mangle", "POSTROUTING", packet);
  if (!connection) return;
  if (!connection.decided) {
    connection.decided = true;
    const marked = rules && packet ? rules.masquerades(packet, skb) : false;
    const hidden = marked || masquerades && leavesCluster(node2, dev, tuple);
    if (hidden) connections.mask(connection, mapping(node2, connections, dev, marked, tuple));
  }
  if (connection.masked) rewrite(skb.buf, ip, skb.end, "source", connection.masked);
}
function leavesCluster(node2, dev, tuple) {
  const { cluster } = node2.run;
  const { cilium } = cluster;
  const four = isIp4(tuple.source);
  if (dev.link !== "wire" || node2.host.addresses.has(tuple.source)) return false;
  const plain4 = cluster.dataplane !== "cilium";
  if (!plain4 && !(four ? cilium.masquerade4 : cilium.masquerade6)) return false;
  const own = node2.spec.podCidrs.some((cidr) => prefixContains(cidr, tuple.source));
  const native = four ? cilium.nativeRoutingCidr4 : cilium.nativeRoutingCidr6;
  const excluded = plain4 ? [...cluster.podCidrs, ...cluster.underlay.vnets] : native ? [native] : cluster.podCidrs;
  return own && !excluded.some((cidr) => prefixContains(cidr, tuple.destination));
}
function mapping(node2, connections, dev, random, tuple) {
  const ip = sourceAddress(dev, tuple.destination);
  const [low, high] = RANDOM_PORTS;
  const free = (port5) => !connections.taken({ ...tuple, source: ip, sourcePort: port5 });
  if (!random && free(tuple.sourcePort)) return { ip, port: tuple.sourcePort };
  for (; ; ) {
    const port5 = low + node2.run.random.below(high - low + 1);
    if (free(port5)) return { ip, port: port5 };
  }
}
var RANDOM_PORTS;
var init_netfilter = __esm({
  "src/datapath/run/netfilter.ts"() {
    "use strict";
    init_addr();
    init_ethernet();
    init_ipv4();
    init_ipv6();
    init_ip_output();
    init_ipvs_rules();
    init_netfilter_rules();
    init_nf_conntrack();
    init_nf_tuple();
    init_nft_rules();
    init_route2();
    RANDOM_PORTS = [1024, 65535];
  }
});

// src/datapath/run/tcp-table.ts
function createTcpTable() {
  const chains = /* @__PURE__ */ new Map();
  const ports = /* @__PURE__ */ new Map();
  const waiting = [];
  let size = 0;
  const table3 = {
    find(remote, localPort, remotePort) {
      const chain2 = chains.get(localPort * 65536 + remotePort);
      return chain2?.find((c2) => c2.remote === remote);
    },
    add(connection) {
      const key = connection.localPort * 65536 + connection.remotePort;
      const chain2 = chains.get(key);
      if (chain2) chain2.push(connection);
      else chains.set(key, [connection]);
      ports.set(connection.localPort, (ports.get(connection.localPort) ?? 0) + 1);
      size++;
    },
    remove(connection) {
      const key = connection.localPort * 65536 + connection.remotePort;
      const chain2 = chains.get(key);
      const at2 = chain2?.indexOf(connection) ?? -1;
      if (!chain2 || at2 < 0) return;
      chain2.splice(at2, 1);
      if (chain2.length === 0) chains.delete(key);
      const left = ports.get(connection.localPort) - 1;
      if (left === 0) ports.delete(connection.localPort);
      else ports.set(connection.localPort, left);
      size--;
    },
    retire(connection, expires) {
      waiting.push({ connection, expires });
    },
    expire(now) {
      let done = 0;
      while (done < waiting.length && waiting[done].expires <= now) table3.remove(waiting[done++].connection);
      waiting.splice(0, done);
    },
    uses: (localPort) => ports.has(localPort),
    get size() {
      return size;
    },
    all: () => [...chains.values()].flat()
  };
  return table3;
}
var init_tcp_table = __esm({
  "src/datapath/run/tcp-table.ts"() {
    "use strict";
  }
});

// src/datapath/run/build.ts
function capturePoints(control) {
  const points = [];
  for (const node2 of control.cluster.nodes) points.push(...nodePoints(control.state(node2.name), points.length));
  return [...points, ...laterPoints(control, points.length).values()];
}
function laterPoints(control, first) {
  const found2 = /* @__PURE__ */ new Map();
  if (!control.later?.length) return found2;
  const seen = /* @__PURE__ */ new Set();
  let before = control;
  for (const stage of [{ control }, ...control.later]) {
    for (const node2 of stage.control.cluster.nodes) {
      if (before !== stage.control && !podsChanged(before.cluster, stage.control.cluster, node2.name)) continue;
      for (const point of nodePoints(stage.control.state(node2.name), 0)) {
        const key = pointKey(point);
        if (!seen.has(key) && stage.control !== control) found2.set(key, { ...point, index: first + found2.size });
        seen.add(key);
      }
    }
    before = stage.control;
  }
  return found2;
}
function podsChanged(before, after, node2) {
  const own = ({ pods: pods2 }) => pods2.filter((pod2) => pod2.node === node2);
  const [a2, b2] = [own(before), own(after)];
  return a2.length !== b2.length || a2.some((pod2, i) => pod2 !== b2[i]);
}
function pointKey({ node: node2, pod: pod2, device }) {
  return `${node2}|${pod2 ?? ""}|${device}`;
}
function nodePoints(state2, first) {
  const found2 = [];
  const add = (netns, pod2) => {
    for (const { name, ifindex } of netns.devices) found2.push({ node: state2.node.name, pod: pod2, device: name, ifindex });
  };
  add(state2.host, void 0);
  for (const netns of state2.pods) add(netns, `${netns.pod.namespace}/${netns.pod.name}`);
  return found2.map((point, i) => ({ index: first + i, ...point }));
}
function tapsOf(point, observers) {
  return observers.filter((o) => o.frame !== void 0 && (o.wants?.(point) ?? true));
}
function buildNode(run3, index, first, observers) {
  const spec2 = run3.cluster.nodes[index];
  const state2 = run3.control.state(spec2.name);
  const pointOf = pointFinder(run3, index, first);
  const tunnelDevice2 = state2.host.devices.find((device) => device.tunnel !== void 0);
  const devices = [];
  const node2 = {
    run: run3,
    name: spec2.name,
    index,
    spec: spec2,
    state: state2,
    runtime: createRuntime(state2, {
      now: () => CLOCK_START + Math.floor(run3.now / 1e9),
      random: () => run3.random.next(),
      fib: (_source, destination2) => fibLookup2(node2, destination2),
      ...run3.emit ? { emit: run3.emit } : {},
      ...run3.step ? { step: run3.step } : {},
      program: ownProgram(state2)
    }),
    collector: newCollector(collectorOptions(run3)),
    host: makeNs(run3, "host", spec2.name, state2.host),
    pods: [],
    devices,
    eth0: void 0,
    tunnel: void 0,
    tunnelModel: tunnelDevice2?.tunnel && {
      ...tunnelDevice2.tunnel,
      protocol: tunnelDevice2.kind === "vxlan" ? "vxlan" : "geneve"
    },
    tunnelPort: tunnelDevice2?.tunnel?.port ?? 0,
    tunnelPaths: /* @__PURE__ */ new Map()
  };
  Object.assign(node2.host, { node: node2, netfilter: createNetfilter(node2) });
  for (const device of state2.host.devices) {
    const point = pointOf(void 0, device);
    devices[device.ifindex] = addDevice(node2.host, device, point, tapsOf(point, observers), node2);
  }
  const byName2 = (name) => node2.host.devices.find((d) => d.name === name);
  Object.assign(node2, { eth0: byName2("eth0"), tunnel: tunnelDevice2 && byName2(tunnelDevice2.name) });
  pair(byName2("cilium_host"), byName2("cilium_net"));
  Object.assign(node2, { pods: state2.pods.map((netns) => buildPod(node2, netns, pointOf, observers)) });
  if (node2.eth0.xdp || !state2.host.learnt) addListedNeighbours(node2.host, state2.host, node2.eth0.xdp);
  addHealthEndpoint(node2);
  return node2;
}
function ownProgram(state2) {
  const device = state2.host.devices.find(({ tunnel }) => tunnel !== void 0);
  return device?.tunnel?.external === false ? { tunnelIfindex: device.ifindex, tunnelMac: device.mac } : {};
}
function pointFinder(run3, index, first) {
  const { name } = run3.cluster.nodes[index];
  const own = nodePoints(run3.base.state(name), first);
  const next = run3.directory.firstPoint[index + 1] ?? first + own.length;
  if (next !== first + own.length) throw new Error(`${name}: capture points are numbered wrongly`);
  return (pod2, device) => {
    const known3 = own.find((point) => point.pod === pod2 && point.device === device.name);
    return known3 ?? laterPoint(run3, { node: name, pod: pod2, device: device.name, ifindex: device.ifindex });
  };
}
function laterPoint(run3, point) {
  const { later: later2, points } = run3.directory;
  const key = pointKey(point);
  const known3 = later2.get(key) ?? { ...point, index: points + later2.size };
  later2.set(key, known3);
  return known3;
}
function addHealthEndpoint(node2) {
  const { healthIps } = node2.spec;
  const lxc = node2.host.devices.find((d) => d.name === "lxc_health");
  const endpoint = healthIps[0] === void 0 ? void 0 : node2.state.endpoints.get(healthIps[0]);
  if (!lxc || !endpoint) return;
  const ns = makeNs(node2.run, "pod", `${node2.name} health`, void 0);
  Object.assign(ns, { node: node2 });
  const { mtu: mtu2 } = lxc;
  const dev = makeDev(
    ns,
    {
      name: "cilium",
      ifindex: lxc.ifindex - 1,
      mtu: mtu2,
      mac: endpoint.mac,
      noarp: false,
      link: "veth",
      addresses: healthIps
    },
    void 0,
    []
  );
  pair(lxc, dev);
  for (const ip of healthIps) node2.run.namespaces.set(ip, ns);
}
function buildPod(node2, netns, pointOf, observers) {
  const name = `${netns.pod.namespace}/${netns.pod.name}`;
  const ns = makeNs(node2.run, "pod", name, netns);
  Object.assign(ns, { node: node2, pod: netns.pod });
  for (const device of netns.devices) {
    const point = pointOf(name, device);
    addDevice(ns, device, point, tapsOf(point, observers), void 0);
  }
  pair(
    node2.devices[netns.lxc.ifindex],
    ns.devices.find((d) => d.name === netns.eth0.name)
  );
  addListedNeighbours(ns, netns, false);
  return ns;
}
function pair(a2, b2) {
  if (a2) a2.peer = b2;
  if (b2) b2.peer = a2;
}
function addListedNeighbours(ns, netns, kept) {
  for (const { ip, dev, mac, state: state2 } of netns.neighbours) {
    const device = ns.devices.find((d) => d.name === dev);
    if (device && (kept || state2 === "PERMANENT")) addNeighbour(device, ip, mac, true);
  }
}
function makeNs(run3, kind, name, netns) {
  const seed = mix32(hashText(name), run3.seed);
  const ns = {
    run: run3,
    kind,
    node: void 0,
    pod: void 0,
    name,
    netns,
    gone: false,
    devices: [],
    addresses: new AddressSet(),
    routes: /* @__PURE__ */ new Map(),
    forwarding: kind === "host",
    netfilter: void 0,
    udp: /* @__PURE__ */ new Map(),
    tcp: createTcpTable(),
    pings: /* @__PURE__ */ new Map(),
    reassembly: /* @__PURE__ */ new Map(),
    icmpTokens: /* @__PURE__ */ new Map(),
    outbox: new Due((skb) => sendPrepared(ns, skb)),
    nextPort: 32768 + 2 * (seed % 14e3),
    nextId: mix32(seed, 1) & 65535
  };
  return ns;
}
function addDevice(ns, device, point, taps, node2) {
  const link = { loopback: "loopback", physical: "wire", veth: "veth", vxlan: "tunnel", geneve: "tunnel", dummy: "veth" }[device.kind];
  const { name, ifindex, mtu: mtu2, mac, noarp } = device;
  const addresses3 = device.addresses.map(({ prefix }) => prefix.ip);
  const dev = makeDev(ns, { name, ifindex, mtu: mtu2, mac, noarp, link, addresses: addresses3 }, point, taps);
  if (node2 && ns.run.cluster.dataplane === "cilium") Object.assign(dev, programs(device, node2));
  return dev;
}
function makeDev(ns, fields, point, taps) {
  const dev = {
    ns,
    ...fields,
    macHigh: Math.floor(fields.mac / 2 ** 32),
    macMiddle: Math.floor(fields.mac / 2 ** 16) % 2 ** 16,
    macLow: fields.mac % 2 ** 16,
    point,
    counters: { rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0 },
    taps,
    neighbours: /* @__PURE__ */ new Map(),
    xdp: false,
    ingress: void 0,
    egress: void 0,
    peer: void 0,
    lastHop: { macHigh: -1, macLow: -1, node: void 0 },
    arrival: new Due((skb) => receive4(dev, skb))
  };
  ns.devices.push(dev);
  for (const ip of fields.addresses) ns.addresses.add(ip);
  return dev;
}
function programs(device, node2) {
  if (device.endpointId !== void 0)
    return node2.runtime.program.endpointRoutes ? { ingress: "cil_from_container", egress: "cil_to_container" } : { ingress: "cil_from_container" };
  if (device.tunnel) return { ingress: "cil_from_overlay", egress: "cil_to_overlay" };
  if (device.kind === "physical")
    return { ingress: "cil_from_netdev", egress: "cil_to_netdev", xdp: acceleration(node2) !== "disabled" };
  if (device.name === "cilium_host") return { ingress: "cil_to_host", egress: "cil_from_host" };
  if (device.name === "cilium_net") return { ingress: "cil_to_host" };
  return {};
}
function acceleration({ state: { config } }) {
  return config.kubeProxyReplacement ? config.raw["bpf-lb-acceleration"] ?? "disabled" : "disabled";
}
function fibLookup2(node2, destination2) {
  const dst = routeTo(node2.host, destination2);
  if (!dst) return { ok: false, code: FIB_UNREACHABLE };
  if (dst.local) return { ok: false, code: FIB_NOT_FORWARDED2 };
  return {
    ok: true,
    ifindex: dst.dev.ifindex,
    nexthop: dst.nexthop,
    sourceMac: dst.dev.mac,
    destinationMac: dst.dev.neighbours.get(dst.nexthop)?.mac ?? 0
  };
}
function externalNs(run3, ip) {
  const known3 = run3.namespaces.get(ip);
  if (known3) return known3;
  const ns = makeNs(run3, "external", formatIp(ip), void 0);
  const gateway2 = run3.underlay.gateways[0]?.mac ?? 0;
  makeDev(
    ns,
    { name: "uplink", ifindex: 1, mtu: 1500, mac: gateway2, noarp: true, link: "uplink", addresses: [ip] },
    void 0,
    []
  );
  run3.namespaces.set(ip, ns);
  return ns;
}
var FIB_UNREACHABLE, FIB_NOT_FORWARDED2;
var init_build = __esm({
  "src/datapath/run/build.ts"() {
    "use strict";
    init_addr();
    init_runtime();
    init_address_set();
    init_clock();
    init_device();
    init_gc();
    init_ip_output();
    init_neighbour2();
    init_netfilter();
    init_queue();
    init_random();
    init_route2();
    init_tcp_table();
    FIB_UNREACHABLE = 2;
    FIB_NOT_FORWARDED2 = 4;
  }
});

// src/datapath/run/world.ts
function createDirectory(control, observers) {
  const { cluster } = control;
  let known3 = places.get(cluster);
  if (!known3) places.set(cluster, known3 = findPlaces(cluster));
  return { observers, ...known3, later: laterPoints(control, known3.points) };
}
function findPlaces(cluster) {
  const byName2 = new Map(cluster.nodes.map((node2, i) => [node2.name, i]));
  const byMac = new Map(cluster.nodes.map((node2, i) => [node2.mac, i]));
  const devices = cluster.nodes.map((node2) => {
    const health = cluster.dataplane === "cilium" && node2.healthIps.length > 0 ? 1 : 0;
    return baseDevices(cluster, node2).length + health;
  });
  for (const pod2 of cluster.pods) {
    const i = hasNamespace(pod2) ? byName2.get(pod2.node) : void 0;
    if (i === void 0) continue;
    devices[i] = devices[i] + 3;
  }
  let next = 0;
  const firstPoint = devices.map((count2) => (next += count2) - count2);
  return { byName: byName2, byMac, ...addressBook(cluster, byName2), firstPoint, points: next };
}
function addressBook(cluster, byName2) {
  const byIp = /* @__PURE__ */ new Map();
  const owners = /* @__PURE__ */ new Map();
  for (const [i, node2] of cluster.nodes.entries()) {
    for (const ip of [...node2.ips, ...node2.externalIps]) byIp.set(ip, i);
    for (const ip of [...node2.ips, ...node2.routerIps, ...node2.healthIps]) owners.set(ip, i);
  }
  for (const pod2 of cluster.pods) {
    const i = hasNamespace(pod2) ? byName2.get(pod2.node) : void 0;
    if (i !== void 0) for (const ip of pod2.ips) owners.set(ip, i);
  }
  return { byIp, owners };
}
function hasNamespace(pod2) {
  const runs = pod2.node !== void 0 && pod2.phase !== "Succeeded" && pod2.phase !== "Failed";
  return runs && !pod2.hostNetwork && pod2.ips.length > 0;
}
function nodeAt(run3, index) {
  const known3 = run3.nodes[index];
  if (known3) return known3;
  const node2 = buildNode(run3, index, run3.directory.firstPoint[index], run3.directory.observers);
  run3.nodes[index] = node2;
  for (const ns of [node2.host, ...node2.pods])
    for (const ip of ns.addresses) if (run3.directory.owners.get(ip) === index) run3.namespaces.set(ip, ns);
  return node2;
}
function nodeNamed(run3, name) {
  const index = name === void 0 ? void 0 : run3.directory.byName.get(name);
  return index === void 0 ? void 0 : nodeAt(run3, index);
}
function namespaceOf2(run3, ip) {
  const known3 = run3.namespaces.get(ip);
  if (known3) return known3;
  const owner = run3.directory.owners.get(ip);
  if (owner !== void 0) nodeAt(run3, owner);
  return run3.namespaces.get(ip) ?? externalNs(run3, ip);
}
function watchesUplink(run3, index) {
  const node2 = run3.nodes[index];
  const { observers, firstPoint } = run3.directory;
  if (observers.every(isIndifferent)) return false;
  if (node2) return node2.eth0.taps.length > 0;
  const name = run3.cluster.nodes[index].name;
  const point = { index: firstPoint[index] + 1, node: name, pod: void 0, device: "eth0", ifindex: 2 };
  return observers.some(
    (o) => o.frame !== void 0 && o.broadcasts !== false && (o.watches?.(point) ?? o.wants?.(point) ?? true)
  );
}
var places, isIndifferent;
var init_world = __esm({
  "src/datapath/run/world.ts"() {
    "use strict";
    init_devices();
    init_build();
    places = /* @__PURE__ */ new WeakMap();
    isIndifferent = ({ broadcasts }) => broadcasts === false;
  }
});

// src/datapath/run/traffic.ts
function newTraffic(run3, index, spec2) {
  const rtt = { count: 0, min: Number.POSITIVE_INFINITY, max: 0, sum: 0, squares: 0 };
  const counts = { sent: 0, replies: 0, established: 0, refused: 0, unreachable: 0, timeouts: 0 };
  const outcome = { spec: spec2, target: void 0, ...counts, rtt, errors: [] };
  return { index, ns: sourceNs(run3, spec2), outcome, stopped: false };
}
function report(traffic, event) {
  const { outcome, ns } = traffic;
  const { run: run3 } = ns;
  if (ns.gone) return;
  run3.lastActivity = run3.now;
  switch (event.kind) {
    case "sent":
      outcome.sent++;
      break;
    case "reply":
      outcome.replies++;
      break;
    case "connected":
      outcome.established++;
      break;
    case "refused":
      outcome.refused++;
      break;
    case "unreachable":
      outcome.unreachable++;
      break;
    case "timeout":
      outcome.timeouts++;
  }
  if (event.rtt !== void 0 && event.kind === "reply") addRtt(outcome.rtt, event.rtt);
  if (failures.has(event.kind) && outcome.errors.length < KEPT_ERRORS) outcome.errors.push(event.text ?? event.kind);
  run3.app?.({ ...event, time: run3.now, traffic: traffic.index });
}
function countReply(traffic, sequence, from, bytes, rtt) {
  const { run: run3 } = traffic.ns;
  traffic.outcome.replies++;
  run3.lastActivity = run3.now;
  if (rtt !== void 0) addRtt(traffic.outcome.rtt, rtt);
  run3.app?.({
    kind: "reply",
    time: run3.now,
    traffic: traffic.index,
    sequence,
    from,
    bytes,
    ...rtt === void 0 ? {} : { rtt }
  });
}
function addRtt(rtt, ns) {
  rtt.count++;
  rtt.min = Math.min(rtt.min, ns);
  rtt.max = Math.max(rtt.max, ns);
  rtt.sum += ns;
  rtt.squares += ns * ns;
}
function sourceNs(run3, { from, text: text4, where }) {
  const fail3 = (message, hint) => new UserError({ message: `traffic \`${text4}\`: ${message}`, ...where ? { where } : {}, ...hint ? { hint } : {} });
  switch (from.kind) {
    case "node":
      return nodeNamed(run3, from.node.name).host;
    case "ip":
      return namespaceOf2(run3, from.ip);
    case "pod": {
      const ns = podNs(run3, from.pod);
      if (!ns)
        throw fail3(`pod ${from.pod.namespace}/${from.pod.name} has no network: it runs on no node, or has no address`);
      return ns;
    }
    default:
      throw fail3("a service or a name sends nothing", "FROM is a pod, node/NAME or an address");
  }
}
function podNs(run3, pod2) {
  const now = currentPod(run3, pod2);
  const node2 = nodeNamed(run3, now?.node);
  return pod2.hostNetwork ? node2?.host : node2?.pods.find((ns) => ns.pod === now);
}
function currentPod(run3, pod2) {
  if (run3.control === run3.base) return pod2;
  return run3.cluster.pods.find(({ name, namespace }) => name === pod2.name && namespace === pod2.namespace);
}
function addressesOf(run3, ns, to) {
  return candidates(run3, to).filter((ip) => [...ns.addresses].some((own) => isIp4(own) === isIp4(ip)));
}
function candidates(run3, to) {
  switch (to.kind) {
    case "pod":
      return currentPod(run3, to.pod)?.ips ?? to.pod.ips;
    case "node":
      return to.node.ips;
    case "ip":
      return [to.ip];
    case "service": {
      const { name, namespace } = to.service;
      const now = run3.cluster.services.find((s2) => s2.name === name && s2.namespace === namespace);
      const service2 = now ?? to.service;
      if (service2.clusterIps.length > 0) return service2.clusterIps;
      return [...new Set(service2.backends.filter((b2) => b2.state === "active").map((b2) => b2.ip))];
    }
    case "name":
      return run3.cluster.services.flatMap((s2) => s2.name === to.name ? s2.clusterIps : []);
  }
}
var KEPT_ERRORS, failures;
var init_traffic = __esm({
  "src/datapath/run/traffic.ts"() {
    "use strict";
    init_error();
    init_addr();
    init_world();
    KEPT_ERRORS = 16;
    failures = /* @__PURE__ */ new Set(["timeout", "refused", "unreachable", "error"]);
  }
});

// src/datapath/run/dns-client.ts
function ask(query) {
  const { ns, name, types } = query;
  const { run: run3 } = ns;
  const to = connectSocket(ns, "udp", query.server, query.port);
  if (!to) return void query.failed("unreachable");
  const answers = /* @__PURE__ */ new Map();
  const ids = types.map(() => run3.random.next() & 65535);
  let attempts = 0;
  let over = false;
  const finish3 = (act2) => {
    if (over) return;
    over = true;
    if (flow) closeUdp(flow);
    act2();
  };
  const flow = openUdp(ns, to.ip, to.port, {
    receive(skb, _ip, o) {
      const decoded = decodeDns(skb.buf.slice(o + UDP_HEADER, skb.end), 0, skb.end - o - UDP_HEADER);
      if (decoded.ok && ids.includes(decoded.message.id)) answers.set(decoded.message.id, decoded.message);
      run3.pool.release(skb);
      if (answers.size === types.length) finish3(() => query.done(ids.map((id) => answers.get(id))));
    },
    error(error) {
      if (error.mtu === void 0)
        finish3(() => query.failed(error.code === 3 || error.code === 4 ? "refused" : "unreachable"));
    }
  });
  if (!flow) return void query.failed("unreachable");
  const due = new Due(() => {
    if (over) return;
    if (attempts++ === ATTEMPTS) return finish3(() => query.failed("timeout"));
    types.forEach((type, i) => {
      if (!answers.has(ids[i])) sendUdp(flow, question(ids[i], name, type));
    });
    run3.agenda.push(run3.now + TIMEOUT, due, void 0);
  });
  due.run(void 0);
}
function question(id, name, type) {
  const questions = [{ name: name.endsWith(".") ? name : `${name}.`, type, class: DNS_CLASS_IN }];
  return encodeDns({ id, flags: DNS_RECURSION_DESIRED, questions, answers: [], authorities: [], additionals: [] });
}
function clusterDns(run3, ns) {
  const { services: services2 } = run3.cluster;
  const named2 = services2.find((s2) => s2.namespace === "kube-system" && (s2.name === "kube-dns" || s2.name === "coredns"));
  const service2 = named2 ?? services2.find((s2) => servesDns(s2));
  return service2 && addressesOf(run3, ns, { kind: "service", service: service2 })[0];
}
function servesDns(service2) {
  return service2.ports.some((p) => p.port === DNS_PORT2 && p.protocol === "UDP");
}
function completed(name) {
  return /\.svc$/.test(name) ? `${name}.cluster.local` : /^[^.]+\.[^.]+$/.test(name) ? `${name}.svc.cluster.local` : name;
}
function startNamed(traffic, name, inCluster, then) {
  resolveName(
    traffic.ns,
    name,
    inCluster,
    then,
    (text4) => report(traffic, { kind: "error", sequence: 1, from: 0, text: `${name}: ${text4}` })
  );
}
function resolveName(ns, name, inCluster, then, fail3) {
  const { run: run3 } = ns;
  const server = clusterDns(run3, ns);
  if (server === void 0) return void fail3("the cluster has no DNS service");
  ask({
    ns,
    server,
    port: DNS_PORT2,
    name: inCluster ? completed(name) : name,
    types: [dnsTypes.A, dnsTypes.AAAA],
    done(answers) {
      const ips = answers.flatMap(addressesIn);
      const ip = ips.find((candidate) => addressesOf(run3, ns, { kind: "ip", ip: candidate }).length > 0);
      if (ip === void 0) fail3("Name or service not known");
      else then(ip);
    },
    failed: (why) => fail3(failureTexts[why])
  });
}
function addressesIn(message) {
  return message.answers.flatMap(({ data }) => data.kind === "A" || data.kind === "AAAA" ? [data.ip] : []);
}
function startDns(traffic) {
  const { ns, outcome } = traffic;
  const { run: run3 } = ns;
  const { spec: spec2 } = outcome;
  const asked = questionOf(traffic);
  const server = asked.server ?? clusterDns(run3, ns);
  if (server === void 0)
    return void report(traffic, { kind: "error", sequence: 1, from: 0, text: "the cluster has no DNS service" });
  const port5 = spec2.port ?? DNS_PORT2;
  outcome.target = { ip: server, port: port5 };
  let sequence = 0;
  const due = new Due(() => {
    const own = ++sequence;
    const started = run3.now;
    report(traffic, { kind: "sent", sequence: own, from: server });
    ask({
      ns,
      server,
      port: port5,
      name: asked.name,
      types: [asked.type],
      done: ([answer3]) => {
        const text4 = answerText(answer3);
        report(traffic, { kind: "reply", sequence: own, from: server, rtt: run3.now - started, text: text4 });
      },
      failed: (why) => report(traffic, { kind: why, sequence: own, from: server, text: failureTexts[why] })
    });
    if (own < spec2.count) run3.agenda.push(run3.now + Math.max(1, spec2.every), due, void 0);
  });
  due.run(void 0);
}
function answerText(message) {
  const rcode = rcodeNames[message.flags & 15] ?? `RCODE ${message.flags & 15}`;
  const texts2 = message.answers.map(({ data }) => {
    if (data.kind === "A" || data.kind === "AAAA") return formatIp(data.ip);
    if (data.kind === "SRV") return `${data.priority} ${data.weight} ${data.port} ${data.name}`;
    return "name" in data ? data.name : data.kind;
  });
  return [rcode, ...texts2].join(" ");
}
function questionOf({ ns, outcome: { spec: spec2 } }) {
  const { to, data } = spec2;
  const { run: run3 } = ns;
  const address3 = run3.cluster.cilium.enableIpv4 ? dnsTypes.A : dnsTypes.AAAA;
  const serves = to.kind === "ip" || to.kind === "service" && to.dnsName === void 0 && servesDns(to.service) || to.kind === "pod" && (data !== void 0 || to.pod.ports.some((p) => p.port === DNS_PORT2));
  if (serves) {
    const [name = "", type = ""] = (data ?? "kubernetes.default.svc.cluster.local").split(/\s+/);
    const known3 = Object.entries(dnsTypes).find(([key]) => key === type.toUpperCase());
    return { name, type: known3?.[1] ?? address3, server: addressesOf(run3, ns, to)[0] };
  }
  return { name: nameOf3(to), type: address3, server: void 0 };
}
function nameOf3(to) {
  switch (to.kind) {
    case "service":
      return to.dnsName === void 0 ? `${to.service.name}.${to.service.namespace}.svc.cluster.local` : completed(to.dnsName);
    case "pod":
      return `${to.pod.ips[0] === void 0 ? to.pod.name : dashed(to.pod.ips[0])}.${to.pod.namespace}.pod.cluster.local`;
    case "node":
      return to.node.name;
    case "ip":
      return formatIp(to.ip);
    case "name":
      return to.name;
  }
}
var DNS_PORT2, TIMEOUT, ATTEMPTS, failureTexts, rcodeNames;
var init_dns_client = __esm({
  "src/datapath/run/dns-client.ts"() {
    "use strict";
    init_addr();
    init_dns();
    init_udp();
    init_dns_server();
    init_queue();
    init_socket_lb2();
    init_traffic();
    init_udp2();
    DNS_PORT2 = 53;
    TIMEOUT = 5e9;
    ATTEMPTS = 2;
    failureTexts = {
      timeout: "Temporary failure in name resolution",
      refused: "Connection refused",
      unreachable: "Temporary failure in name resolution"
    };
    rcodeNames = {
      [dnsRcodes.noError]: "NOERROR",
      [dnsRcodes.formErr]: "FORMERR",
      [dnsRcodes.servFail]: "SERVFAIL",
      [dnsRcodes.nxDomain]: "NXDOMAIN",
      [dnsRcodes.notImp]: "NOTIMP",
      [dnsRcodes.refused]: "REFUSED"
    };
  }
});

// src/datapath/run/payload.ts
function messagePayload(spec2, defaultSize) {
  const text4 = spec2.data === void 0 ? void 0 : encoder3.encode(spec2.data);
  const size = spec2.size ?? text4?.length ?? defaultSize;
  const out2 = new Uint8Array(size);
  for (let i = 0; i < size; i++) out2[i] = text4 && text4.length > 0 ? text4[i % text4.length] : i;
  return out2;
}
var encoder3;
var init_payload = __esm({
  "src/datapath/run/payload.ts"() {
    "use strict";
    encoder3 = new TextEncoder();
  }
});

// src/datapath/run/ping.ts
function startPing(traffic, to) {
  const { ns, outcome } = traffic;
  const { run: run3 } = ns;
  const { spec: spec2 } = outcome;
  const dst = routeTo(ns, to);
  if (!dst) return void report(traffic, { kind: "unreachable", sequence: 1, from: to, text: "Network is unreachable" });
  let id = run3.random.next() & 65535;
  while (id === 0 || ns.pings.has(id)) id = id + 1 & 65535;
  const ping = { traffic, to, id, payload: messagePayload(spec2, DEFAULT_SIZE), open: /* @__PURE__ */ new Map(), next: 1 };
  ns.pings.set(id, {
    reply: (skb, ip, o) => replied(ping, skb, ip, o),
    error: (error, sequence) => failed(ping, error, sequence)
  });
  const due = new Due(() => {
    if (traffic.stopped || ping.next > spec2.count) return giveUp(ping);
    sendEcho(ping, dst, ping.next++);
    run3.agenda.push(run3.now + (ping.next > spec2.count ? LINGER : spec2.every), due, void 0);
  });
  due.run(void 0);
}
function sendEcho(ping, dst, sequence) {
  const { traffic, to, id, payload } = ping;
  const { ns } = traffic;
  const { run: run3 } = ns;
  const { ttl = 64, fragmentation = "want" } = traffic.outcome.spec;
  const four = isIp4(to);
  const header = four ? IPV4_HEADER : IPV6_HEADER;
  const length = ICMP_HEADER3 + payload.length;
  if (fragmentation === "do" && header + length > dst.mtu) {
    const text4 = `local error: message too long, mtu=${dst.mtu}`;
    return void report(traffic, { kind: "error", sequence, from: dst.source, text: text4 });
  }
  const skb = run3.pool.take(ETH_HEADER2 + header + length, nextPacket(run3));
  const ip = skb.start + ETH_HEADER2;
  const icmp = ip + header;
  const { buf } = skb;
  skb.end = icmp + length;
  buf.set(payload, icmp + ICMP_HEADER3);
  if (payload.length >= TIMEVAL && traffic.outcome.spec.data === void 0)
    writeTimeval(buf, icmp + ICMP_HEADER3, run3.cluster.epoch, run3.now);
  const wire = sequence & 65535;
  if (four) {
    const flags = fragmentation !== "dont" && header + length <= dst.mtu ? IPV4_DONT_FRAGMENT : 0;
    const fields = { totalLength: header + length, id: nextIdentification(ns), flags, ttl, protocol: PROTO_ICMP };
    writeIpv4(buf, ip, { ...fields, source: dst.source, destination: to });
    writeIcmpEcho(buf, icmp, ICMP_ECHO_REQUEST, id, wire);
    fillIcmpChecksum(buf, icmp, skb.end);
  } else {
    const label = flowLabel(dst.source, to, PROTO_ICMPV6, 0, 0);
    const fields = { flowLabel: label, payloadLength: length, nextHeader: PROTO_ICMPV6, hopLimit: ttl };
    writeIpv6(buf, ip, { ...fields, source: dst.source, destination: to });
    writeIcmpv6Echo(buf, icmp, ICMPV6_ECHO_REQUEST, id, wire);
    fillIcmpv6Checksum(buf, ip, icmp, skb.end);
  }
  ping.open.set(wire, run3.now);
  report(traffic, { kind: "sent", sequence, from: dst.source, bytes: payload.length });
  ipOutput(ns, skb, dst);
}
function writeTimeval(b2, o, epoch, now) {
  const seconds = epoch + Math.floor(now / 1e9);
  const micros = Math.floor(now % 1e9 / 1e3);
  b2.fill(0, o, o + TIMEVAL);
  for (let i = 0; i < 4; i++) {
    b2[o + i] = seconds >>> 8 * i;
    b2[o + 8 + i] = micros >>> 8 * i;
  }
  b2[o + 4] = Math.floor(seconds / 2 ** 32);
}
function replied(ping, skb, ip, o) {
  const { buf, end: end2 } = skb;
  const sequence = icmpSequence(buf, o);
  const sent = ping.open.get(sequence);
  if (sent === void 0) return;
  ping.open.delete(sequence);
  const four = buf[ip] >>> 4 === 4;
  report(ping.traffic, {
    kind: "reply",
    sequence,
    from: four ? ipv4Source(buf, ip) : ipv6Source(buf, ip),
    ttl: four ? ipv4Ttl(buf, ip) : ipv6HopLimit(buf, ip),
    bytes: end2 - o,
    rtt: ping.traffic.ns.run.now - sent
  });
}
function failed(ping, error, sequence) {
  if (!ping.open.delete(sequence)) return;
  const { from, ...icmp } = error;
  report(ping.traffic, {
    kind: "unreachable",
    sequence,
    from,
    icmp: error,
    text: `ICMP type ${icmp.type} code ${icmp.code}`
  });
}
function giveUp(ping) {
  const { ns } = ping.traffic;
  ns.pings.delete(ping.id);
  for (const sequence of ping.open.keys())
    report(ping.traffic, { kind: "timeout", sequence, from: ping.to, text: `no answer to request ${sequence}` });
}
var DEFAULT_SIZE, TIMEVAL, LINGER;
var init_ping = __esm({
  "src/datapath/run/ping.ts"() {
    "use strict";
    init_addr();
    init_ethernet();
    init_icmp();
    init_icmpv6();
    init_ipv4();
    init_ipv6();
    init_l4();
    init_flow();
    init_ip_output();
    init_payload();
    init_queue();
    init_route2();
    init_state();
    init_traffic();
    DEFAULT_SIZE = 56;
    TIMEVAL = 16;
    LINGER = 1e10;
  }
});

// src/datapath/run/tcp-app.ts
function startTcp(traffic, ip, port5) {
  const { ns, outcome } = traffic;
  if (outcome.spec.keep) return void startKept(traffic, ip, port5);
  const { run: run3 } = ns;
  const { spec: spec2 } = outcome;
  const payload = spec2.protocol === "http" ? httpRequest(hostName(traffic), ip, port5, spec2.size) : messagePayload(spec2, DEFAULT_SIZE2);
  let next = 1;
  const due = new Due(() => {
    const sequence = next++;
    const more = () => {
      if (sequence < spec2.count) run3.agenda.push(run3.now, due, void 0);
    };
    connect(traffic, ip, port5, payload, sequence, spec2.every > 0 ? () => {
    } : more);
    if (spec2.every > 0 && sequence < spec2.count) run3.agenda.push(run3.now + spec2.every, due, void 0);
  });
  due.run(void 0);
}
function startKept(traffic, ip, port5) {
  const { spec: spec2 } = traffic.outcome;
  const { run: run3 } = traffic.ns;
  const payload = messagePayload(spec2, Math.max(1, DEFAULT_SIZE2));
  const sentAt = [];
  let connection;
  let sent = 0;
  let answered = 0;
  let bytes = 0;
  const due = new Due(() => {
    const { ns } = traffic;
    if (sent >= spec2.count) return void (connection && closeTcp(connection));
    sent++;
    sentAt[sent] = run3.now;
    report(traffic, { kind: "sent", sequence: sent, from: ip, bytes: payload.length });
    if (connection?.ns.gone) connection = void 0;
    if (connection && connection.state !== "closed") writeTcp(connection, payload);
    else open2(ns);
    run3.agenda.push(run3.now + Math.max(spec2.every, 1), due, void 0);
  });
  const open2 = (ns) => {
    const sequence = sent;
    answered = sent - 1;
    bytes = 0;
    const failed2 = (text4) => report(traffic, { kind: "unreachable", sequence, from: ip, text: text4 });
    const to = connectSocket(ns, "tcp", ip, port5);
    if (!to) return failed2("No route to host");
    const { failed: broken3 } = client(traffic, ip, sequence, () => {
    });
    const app = {
      connected(c2) {
        report(traffic, { kind: "connected", sequence, from: ip, rtt: run3.now - sentAt[sequence] });
        for (let n = sequence; n <= sent; n++) writeTcp(c2, payload);
      },
      received(_c, _bytes, start2, end2) {
        for (bytes += end2 - start2; bytes >= payload.length; bytes -= payload.length) {
          answered++;
          countReply(traffic, answered, ip, payload.length, run3.now - sentAt[answered]);
        }
      },
      peerClosed: closeTcp,
      closed() {
        report(traffic, { kind: "closed", sequence: sent, from: ip });
      },
      failed(c2, why, error) {
        connection = void 0;
        broken3?.(c2, why, error);
      }
    };
    connection = openTcp(ns, to.ip, to.port, app);
    if (!connection) failed2("Network is unreachable");
  };
  due.run(void 0);
}
function hostName({ outcome: { spec: spec2 } }) {
  const { to } = spec2;
  if (to.kind === "name") return to.name;
  return to.kind === "service" ? to.dnsName ?? to.service.name : "";
}
function connect(traffic, ip, port5, payload, sequence, done) {
  const { ns } = traffic;
  report(traffic, { kind: "sent", sequence, from: ip, bytes: payload.length });
  const to = connectSocket(ns, "tcp", ip, port5);
  const noRoute = (text4) => {
    report(traffic, { kind: "unreachable", sequence, from: ip, text: text4 });
    done();
  };
  if (!to) return void noRoute("No route to host");
  const app = traffic.outcome.spec.protocol === "http" ? httpClient(traffic, ip, payload, sequence, done) : echoClient(traffic, ip, payload, sequence, done);
  if (!openTcp(ns, to.ip, to.port, app)) noRoute("Network is unreachable");
}
function client(traffic, ip, sequence, done) {
  return {
    closed() {
      report(traffic, { kind: "closed", sequence, from: ip });
      done();
    },
    failed(_c, why, error) {
      const kind = why === "reset" ? "error" : why;
      report(traffic, {
        kind,
        sequence,
        from: error?.from ?? ip,
        text: failureTexts2[why],
        ...error ? { icmp: error } : {}
      });
      done();
    }
  };
}
function echoClient(traffic, ip, payload, sequence, done) {
  const { run: run3 } = traffic.ns;
  const started = run3.now;
  let written = 0;
  let received = 0;
  const fill = (c2) => {
    const end2 = Math.min(payload.length, written + WRITE_AHEAD - c2.queue.length);
    if (end2 <= written) return;
    const start2 = written;
    written = end2;
    writeTcp(c2, payload, start2, end2);
  };
  return {
    ...client(traffic, ip, sequence, done),
    connected(c2) {
      report(traffic, { kind: "connected", sequence, from: ip, rtt: run3.now - started });
      if (payload.length === 0) closeTcp(c2);
      else fill(c2);
    },
    writable: fill,
    received(c2, _bytes, start2, end2) {
      received += end2 - start2;
      if (received < payload.length) return;
      countReply(traffic, sequence, ip, received, run3.now - started);
      closeTcp(c2);
    },
    peerClosed: closeTcp
  };
}
function httpClient(traffic, ip, request, sequence, done) {
  const { run: run3 } = traffic.ns;
  const started = run3.now;
  let head = new Uint8Array(0);
  let status;
  let received = 0;
  let finished = false;
  const finish3 = (c2) => {
    if (finished) return;
    finished = true;
    const text4 = status?.line ?? "Empty reply from server";
    if (status) report(traffic, { kind: "reply", sequence, from: ip, bytes: received, rtt: run3.now - started, text: text4 });
    else report(traffic, { kind: "error", sequence, from: ip, text: text4 });
    closeTcp(c2);
  };
  return {
    ...client(traffic, ip, sequence, done),
    connected(c2) {
      report(traffic, { kind: "connected", sequence, from: ip, rtt: run3.now - started });
      writeTcp(c2, request);
    },
    received(c2, bytes, start2, end2) {
      received += end2 - start2;
      if (!status) {
        const grown = new Uint8Array(head.length + end2 - start2);
        grown.set(head);
        grown.set(bytes.subarray(start2, end2), head.length);
        head = grown;
        status = responseStatus(head);
      }
      if (status?.length !== void 0 && received >= status.length) finish3(c2);
    },
    peerClosed: finish3
  };
}
var DEFAULT_SIZE2, WRITE_AHEAD, failureTexts2;
var init_tcp_app = __esm({
  "src/datapath/run/tcp-app.ts"() {
    "use strict";
    init_http();
    init_payload();
    init_queue();
    init_socket_lb2();
    init_tcp2();
    init_traffic();
    DEFAULT_SIZE2 = 32;
    WRITE_AHEAD = 128 * 1024;
    failureTexts2 = {
      reset: "Connection reset by peer",
      refused: "Connection refused",
      timeout: "Connection timed out",
      unreachable: "No route to host"
    };
  }
});

// src/datapath/run/udp-app.ts
function startUdp(traffic, ip, port5) {
  const { ns, outcome } = traffic;
  const { run: run3 } = ns;
  const { spec: spec2 } = outcome;
  const payload = messagePayload(spec2, DEFAULT_SIZE3);
  const times = new Float64Array(Math.min(spec2.count, KEPT_TIMES));
  let replies = 0;
  let refused = 0;
  const to = connectSocket(ns, "udp", ip, port5);
  if (!to) return void report(traffic, { kind: "unreachable", sequence: 1, from: ip, text: "No route to host" });
  const flow = openUdp(ns, to.ip, to.port, {
    receive(skb, _ip, o) {
      const sent = outcome.sent - replies <= times.length ? times[replies % times.length] : void 0;
      replies++;
      countReply(traffic, replies, ip, skb.end - o - UDP_HEADER, sent === void 0 ? void 0 : run3.now - sent);
      run3.pool.release(skb);
    },
    error(error) {
      const kind = error.code === 3 && error.type === 3 ? "refused" : error.type === 1 && error.code === 4 ? "refused" : "unreachable";
      refused++;
      if (error.mtu === void 0)
        report(traffic, {
          kind,
          sequence: outcome.sent,
          from: error.from,
          icmp: error,
          text: kind === "refused" ? "Connection refused" : "No route to host"
        });
    }
  });
  if (!flow) return void report(traffic, { kind: "unreachable", sequence: 1, from: ip, text: "Network is unreachable" });
  const pace = spec2.every > 0 ? spec2.every : Math.max(MIN_PACE, (payload.length + 112) * 8 * BIT_TIME);
  const due = new Due(() => {
    if (outcome.sent >= spec2.count) return finish2(traffic, flow, spec2.count - replies - refused);
    times[outcome.sent % times.length] = run3.now;
    if (run3.app) report(traffic, { kind: "sent", sequence: outcome.sent + 1, from: flow.source, bytes: payload.length });
    else outcome.sent++;
    sendUdp(flow, payload);
    run3.agenda.push(run3.now + (outcome.sent >= spec2.count ? LINGER2 : pace), due, void 0);
  });
  due.run(void 0);
}
function finish2(traffic, flow, missing) {
  closeUdp(flow);
  if (missing > 0) {
    traffic.outcome.timeouts += missing - 1;
    const text4 = `${missing} of ${traffic.outcome.sent} messages without an answer`;
    report(traffic, { kind: "timeout", sequence: traffic.outcome.sent, from: flow.destination, text: text4 });
  }
}
var DEFAULT_SIZE3, LINGER2, BIT_TIME, MIN_PACE, KEPT_TIMES;
var init_udp_app = __esm({
  "src/datapath/run/udp-app.ts"() {
    "use strict";
    init_udp();
    init_payload();
    init_queue();
    init_socket_lb2();
    init_traffic();
    init_udp2();
    DEFAULT_SIZE3 = 32;
    LINGER2 = 5e9;
    BIT_TIME = 0.1;
    MIN_PACE = 2e3;
    KEPT_TIMES = 1 << 14;
  }
});

// src/datapath/run/applications.ts
function start(traffic) {
  const { ns, outcome } = traffic;
  const { spec: spec2 } = outcome;
  if (spec2.protocol === "dns") return void startDns(traffic);
  const { to } = spec2;
  if (to.kind === "name") return void startNamed(traffic, to.name, false, (ip2) => launch(traffic, ip2));
  if (to.kind === "service" && to.dnsName !== void 0)
    return void startNamed(traffic, to.dnsName, true, (ip2) => launch(traffic, ip2));
  const ip = addressesOf(ns.run, ns, to)[0];
  if (ip === void 0)
    return void report(traffic, { kind: "unreachable", sequence: 1, from: 0, text: "Network is unreachable" });
  launch(traffic, ip);
}
function launch(traffic, ip) {
  const { spec: spec2 } = traffic.outcome;
  const port5 = spec2.port ?? 0;
  traffic.outcome.target = { ip, port: port5 };
  switch (spec2.protocol) {
    case "icmp":
      return void startPing(traffic, ip);
    case "udp":
      return void startUdp(traffic, ip, port5);
    default:
      return void startTcp(traffic, ip, port5);
  }
}
var init_applications = __esm({
  "src/datapath/run/applications.ts"() {
    "use strict";
    init_dns_client();
    init_ping();
    init_tcp_app();
    init_traffic();
    init_udp_app();
  }
});

// src/datapath/run/stage.ts
function enterStage(run3, { control, text: text4 }) {
  run3.control = control;
  run3.cluster = control.cluster;
  run3.directory = { ...run3.directory, ...addressBook(run3.cluster, run3.directory.byName) };
  run3.impaired = (run3.cluster.underlay.loss?.length ?? 0) > 0 || run3.cluster.nodes.some((node2) => node2.down);
  const security = createSecurity(run3.cluster, run3.underlay.security?.flows);
  Object.assign(run3.underlay, { security });
  for (const node2 of run3.nodes) {
    if (!node2) continue;
    Object.assign(node2.eth0.lastHop, { macHigh: -1, macLow: -1, node: void 0 });
    refreshNode(node2);
  }
  for (const entry of run3.traffic) {
    const { from } = entry.outcome.spec;
    if (!entry.ns.gone) continue;
    const now = from.kind === "pod" ? podNs(run3, from.pod) : from.kind === "node" ? nodeNamed(run3, from.node.name)?.host : void 0;
    if (now && !now.gone) entry.ns = now;
  }
  run3.emit?.({ kind: "control", hook: "control", time: run3.now, node: "", packet: 0, text: text4 });
}
function refreshNode(node2) {
  const { run: run3, index } = node2;
  const spec2 = run3.cluster.nodes[index];
  const wasDown = node2.spec.down ?? false;
  if (wasDown && !spec2.down) return void reboot(node2);
  node2.spec = spec2;
  node2.state = run3.control.state(spec2.name);
  if (spec2.down) {
    for (const ns of [node2.host, ...node2.pods]) kill(ns);
    return;
  }
  const { state: state2 } = node2;
  Object.assign(node2.runtime, {
    state: state2,
    lookups: createLookups(state2),
    program: { ...programConfig(state2), ...ownProgram(state2) }
  });
  replacePods(node2);
  refreshDevices(node2);
  for (const ns of [node2.host, ...node2.pods]) reroute(ns);
  node2.tunnelPaths.clear();
  if (node2.host.netfilter) node2.host.netfilter = createNetfilter(node2, node2.host.netfilter);
}
function reboot(node2) {
  const { run: run3 } = node2;
  for (const [ip, ns] of run3.namespaces) if (ns.node === node2) run3.namespaces.delete(ip);
  run3.nodes[node2.index] = void 0;
}
function sameSandbox(a2, b2) {
  return a2.device === b2.device && a2.endpointId === b2.endpointId && a2.name === b2.name && a2.namespace === b2.namespace;
}
function replacePods(node2) {
  const { run: run3, state: state2 } = node2;
  const stays = (pod2) => state2.pods.find((netns) => sameSandbox(netns.pod, pod2));
  for (const ns of node2.pods) if (ns.pod && !stays(ns.pod)) destroy(node2, ns);
  const first = run3.directory.firstPoint[node2.index];
  const pointOf = pointFinder(run3, node2.index, first);
  const old = new Map(node2.pods.map((ns) => [ns.pod?.device, ns]));
  const { observers } = run3.directory;
  for (const device of state2.host.devices) {
    if (node2.host.devices.some((dev) => dev.name === device.name)) continue;
    const point = pointOf(void 0, device);
    addDevice(node2.host, device, point, tapsOf(point, observers), node2);
  }
  numberDevices(node2);
  node2.pods = state2.pods.map((netns) => {
    const kept = old.get(netns.pod.device);
    return kept && !kept.gone ? keep(kept, netns) : create2(node2, netns, pointOf);
  });
}
function keep(ns, netns) {
  ns.pod = netns.pod;
  ns.netns = netns;
  return ns;
}
function create2(node2, netns, pointOf) {
  const { run: run3 } = node2;
  const ns = buildPod(node2, netns, pointOf, run3.directory.observers);
  for (const ip of netns.pod.ips) {
    run3.namespaces.set(ip, ns);
    scrub2(node2, ip);
  }
  return ns;
}
function scrub2({ runtime: { ct } }, ip) {
  for (const entry of [...ct.entries()]) if (entry.tuple.daddr === ip || entry.tuple.saddr === ip) ct.remove(entry);
}
function destroy(node2, ns) {
  kill(ns);
  for (const [ip, owner] of node2.run.namespaces) if (owner === ns) node2.run.namespaces.delete(ip);
  for (const dev of ns.devices) {
    const { peer: peer2 } = dev;
    if (!peer2) continue;
    peer2.peer = void 0;
    dev.peer = void 0;
    silence(peer2);
    const at2 = node2.host.devices.indexOf(peer2);
    if (at2 >= 0) node2.host.devices.splice(at2, 1);
  }
}
function kill(ns) {
  ns.gone = true;
  for (const dev of ns.devices) silence(dev);
  for (const connection of ns.tcp.all()) {
    connection.state = "closed";
    connection.deadline = Number.POSITIVE_INFINITY;
    connection.ackDeadline = Number.POSITIVE_INFINITY;
    ns.tcp.remove(connection);
  }
}
function silence(dev) {
  const { pool } = dev.ns.run;
  Object.assign(dev.arrival, {
    run(frame) {
      if (frame) pool.release(frame);
    }
  });
}
function reroute(ns) {
  ns.routes.clear();
  for (const connection of ns.tcp.all()) connection.dst = routeTo(ns, connection.remote) ?? connection.dst;
}
function refreshDevices(node2) {
  numberDevices(node2);
  node2.host.netns = node2.state.host;
  for (const ns of node2.pods)
    for (const device of ns.netns?.devices ?? []) {
      const dev = ns.devices.find(({ name }) => name === device.name);
      if (dev) Object.assign(dev, { ifindex: device.ifindex, mtu: device.mtu });
    }
}
function numberDevices(node2) {
  const devices = [];
  for (const device of node2.state.host.devices) {
    const dev = node2.host.devices.find(({ name }) => name === device.name);
    if (!dev) continue;
    Object.assign(dev, { ifindex: device.ifindex, mtu: device.mtu });
    devices[device.ifindex] = dev;
  }
  node2.devices = devices;
}
var init_stage = __esm({
  "src/datapath/run/stage.ts"() {
    "use strict";
    init_lookups();
    init_program();
    init_build();
    init_netfilter();
    init_route2();
    init_security();
    init_traffic();
    init_world();
  }
});

// src/datapath/run/simulate.ts
var simulate_exports = {};
__export(simulate_exports, {
  capturePoints: () => capturePoints,
  createRun: () => createRun,
  simulate: () => simulate
});
function simulate(options) {
  const live = createRun(options);
  live.advance(options.limits?.until, options.limits?.events);
  return live.result();
}
function createRun({ control, traffic, seed, observers }) {
  const run3 = newRun2(control, seed, observers);
  const outcomes = [];
  let total = 0;
  const live = {
    run: run3,
    inject(spec2) {
      const entry = newTraffic(run3, outcomes.length, spec2);
      outcomes.push(entry.outcome);
      run3.traffic.push(entry);
      run3.agenda.push(Math.max(run3.now, spec2.at), new Due(() => start(entry)), void 0);
      return entry.index;
    },
    stop(index) {
      const line = run3.traffic[index];
      if (line) line.stopped = true;
    },
    change: (changed, text4) => enterStage(run3, { at: run3.now, text: text4, control: changed }),
    injectFrame(node2, device, frame) {
      const dev = nodeNamed(run3, node2)?.host.devices.find((d) => d.name === device);
      if (!dev) return false;
      const skb = run3.pool.take(frame.length, nextPacket(run3));
      skb.buf.set(frame, skb.start);
      skb.end = skb.start + frame.length;
      run3.agenda.push(run3.now, dev.arrival, skb);
      return true;
    },
    advance(until = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY) {
      const done = process2(run3, until, events);
      total += done;
      return done;
    },
    result: () => ({
      get points() {
        return capturePoints(control);
      },
      runtime: (node2) => nodeNamed(run3, node2).runtime,
      counters: (node2, pod2, device) => ({ ...countersOf(run3, node2, pod2, device) }),
      ruleCounters: (node2) => nodeNamed(run3, node2)?.host.netfilter?.counters ?? new Counting(),
      setElements: (node2) => nodeNamed(run3, node2)?.host.netfilter?.elements ?? (() => []),
      ipvs: (node2) => nodeNamed(run3, node2)?.host.netfilter?.ipvs,
      endTime: run3.lastActivity,
      events: total,
      apps: outcomes
    })
  };
  for (const stage of control.later ?? []) run3.agenda.push(stage.at, new Due(() => enterStage(run3, stage)), void 0);
  for (const spec2 of traffic) live.inject(spec2);
  return live;
}
function process2(run3, until, events) {
  const { agenda } = run3;
  let done = 0;
  while (done < events && agenda.take(until)) {
    run3.now = agenda.time;
    if (run3.now >= run3.nextCollection) collectAll(run3);
    const { frame } = agenda;
    if (frame) run3.lastActivity = run3.now;
    agenda.target.run(frame);
    done++;
  }
  if (until !== Number.POSITIVE_INFINITY && done < events) run3.now = Math.max(run3.now, until);
  return done;
}
function countersOf(run3, node2, pod2, device) {
  const index = run3.directory.byName.get(node2);
  const owner = index === void 0 ? void 0 : run3.nodes[index];
  const ns = pod2 === void 0 ? owner?.host : owner?.pods.find((p) => p.name === pod2);
  const dev = ns?.devices.find((d) => d.name === device);
  return dev?.counters ?? { rxBytes: 0, rxPackets: 0, rxDropped: 0, txBytes: 0, txPackets: 0, txDropped: 0 };
}
function newRun2(control, seed, observers) {
  const { cluster } = control;
  const events = observers.filter((o) => o.event !== void 0);
  const apps = observers.filter((o) => o.app !== void 0);
  const steps = observers.filter((o) => o.step !== void 0);
  const clusters = [cluster, ...(control.later ?? []).map((stage) => stage.control.cluster)];
  const largest = clusters.reduce((most, { nodes: nodes2 }) => Math.max(most, ...nodes2.map((node2) => node2.mtu)), 1500);
  return {
    base: control,
    control,
    cluster,
    agenda: new Agenda(latencies),
    random: new Random(seed),
    seed,
    pool: new SkbPool(largest + SPARE_ROOM),
    underlay: {
      gateways: cluster.underlay.gateways,
      security: createSecurity(cluster, clusters.some(({ underlay: underlay2 }) => underlay2.nsg?.length) ? /* @__PURE__ */ new Set() : void 0)
    },
    nodes: new Array(cluster.nodes.length).fill(void 0),
    directory: createDirectory(control, observers),
    traffic: [],
    impaired: (cluster.underlay.loss?.length ?? 0) > 0 || cluster.nodes.some((node2) => node2.down),
    nextCollection: 0,
    namespaces: /* @__PURE__ */ new Map(),
    now: 0,
    lastActivity: 0,
    packets: 0,
    sockets: 0,
    emit: fanOut(events.map((o) => o.event.bind(o))),
    app: fanOut(apps.map((o) => o.app.bind(o))),
    step: fanOut(steps.map((o) => o.step.bind(o)))
  };
}
function fanOut(listeners) {
  if (listeners.length <= 1) return listeners[0];
  return (event) => {
    for (const listener of listeners) listener(event);
  };
}
var SPARE_ROOM;
var init_simulate = __esm({
  "src/datapath/run/simulate.ts"() {
    "use strict";
    init_applications();
    init_build();
    init_gc();
    init_netfilter_walk();
    init_queue();
    init_random();
    init_security();
    init_skb();
    init_stage();
    init_state();
    init_traffic();
    init_world();
    init_build();
    SPARE_ROOM = 128;
  }
});

// src/session/inlining.ts
var inlining_exports = {};
__export(inlining_exports, {
  widenInlining: () => widenInlining
});
import { setFlagsFromString } from "node:v8";
function widenInlining() {
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=2000");
}
var init_inlining = __esm({
  "src/session/inlining.ts"() {
    "use strict";
  }
});

// src/cluster/problems.ts
function createProblems(notes = []) {
  const found2 = [];
  const kept = [...notes];
  let more = 0;
  return {
    found: found2,
    notes: kept,
    get full() {
      return more >= ENOUGH;
    },
    add(message, where, hint) {
      if (found2.length >= MOST) more++;
      else found2.push({ message, ...where ? { where } : {}, ...hint ? { hint } : {} });
    },
    note(level, message, where) {
      kept.push({ level, message, ...where ? { where } : {} });
    },
    throwIfAny() {
      if (found2.length === 0) return;
      throw new UserError(
        more > 0 ? [
          ...found2,
          {
            message: `${more >= ENOUGH ? "more than " : ""}${Math.min(more, ENOUGH)} more problems of the same input`
          }
        ] : found2
      );
    }
  };
}
var MOST, ENOUGH;
var init_problems = __esm({
  "src/cluster/problems.ts"() {
    "use strict";
    init_error();
    MOST = 100;
    ENOUGH = 1e3;
  }
});

// src/cluster/events.ts
var events_exports = {};
__export(events_exports, {
  eventVerbs: () => eventVerbs,
  parseEvent: () => parseEvent,
  readEvents: () => readEvents
});
function parseEvent(text4) {
  const problems = createProblems();
  const [event] = readEvents([text4], () => void 0, problems);
  problems.throwIfAny();
  if (!event) throw new UserError("event: nothing read");
  return event;
}
function readEvents(lines, locate2, problems) {
  return lines.flatMap((line, i) => {
    const where = locate2(i);
    try {
      return [{ ...readLine(line.trim()), ...where ? { where } : {} }];
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      problems.add(`event ${JSON.stringify(line)}: ${error.message}`, where, error.hint);
      return [];
    }
  });
}
function readLine(text4) {
  const [first = "", name, ...rest] = text4.split(/\s+/);
  const at2 = first.startsWith("at=") ? parseDuration(first.slice(3)) : void 0;
  if (at2 === void 0)
    throw new EventError("expected at=TIME first", "write it as one quoted word: 'at=2s restart pod-b'");
  const names = Object.keys(eventVerbs);
  if (name === void 0) throw new EventError("no verb behind the time", `verbs are ${names.join(", ")}`);
  const verb = Object.hasOwn(eventVerbs, name) ? eventVerbs[name] : void 0;
  if (!verb)
    throw new EventError(
      `unknown verb ${JSON.stringify(name)}`,
      nearest(name, names) ?? `verbs are ${names.join(", ")}`
    );
  const words2 = wordsOf(rest, verb);
  const change = verb.read(words2);
  words2.finish();
  return { text: text4, at: at2, change };
}
function wordsOf(rest, verb) {
  const usage = `usage: at=TIME ${verb.usage}`;
  const plain4 = rest.filter((word2) => !word2.includes("="));
  const pairs = /* @__PURE__ */ new Map();
  for (const word2 of rest.filter((w) => w.includes("="))) {
    const [key = "", value = ""] = [word2.slice(0, word2.indexOf("=")), word2.slice(word2.indexOf("=") + 1)];
    if (pairs.has(key)) throw new EventError(`${key} is given twice`, usage);
    pairs.set(key, value);
  }
  const [least, most] = verb.words;
  if (plain4.length < least) throw new EventError("a word is missing", usage);
  if (plain4.length > most) throw new EventError(`unexpected ${JSON.stringify(plain4[most])}`, usage);
  return {
    plain: plain4,
    take(key) {
      const value = pairs.get(key);
      pairs.delete(key);
      return value;
    },
    finish() {
      const [left] = pairs.keys();
      if (left !== void 0) throw new EventError(`unexpected ${left}=`, usage);
    }
  };
}
function address2(text4) {
  if (text4 === void 0) return void 0;
  const ip = parseIp(text4);
  if (ip === void 0) throw new EventError(`ip: expected an address, got ${JSON.stringify(text4)}`);
  return ip;
}
function time(take, key, fallback) {
  const text4 = take(key);
  if (text4 === void 0) return fallback;
  const ns = parseDuration(text4);
  if (ns === void 0)
    throw new EventError(`${key}: expected a time such as 1s or 100ms, got ${JSON.stringify(text4)}`);
  return ns;
}
function whole2(name, text4, min, max) {
  const n = /^\d{1,9}$/.test(text4) ? Number(text4) : Number.NaN;
  if (n >= min && n <= max) return n;
  throw new EventError(`${name}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(text4)}`);
}
function percentage(text4) {
  const match = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text4);
  if (match && Number(match[1]) <= 100) return Number(match[1]);
  throw new EventError(`expected a percentage such as 5%, got ${JSON.stringify(text4)}`);
}
function readNsg({ plain: [access = "", direction2 = ""], take }) {
  const one = (name, text4, allowed) => {
    const found2 = allowed.find((item) => item.toLowerCase() === text4.toLowerCase());
    if (found2 === void 0)
      throw new EventError(`${name}: expected ${allowed.join(" or ")}, got ${JSON.stringify(text4)}`);
    return found2;
  };
  const prefixes3 = (key) => {
    const text4 = take(key) ?? "*";
    return text4 === "*" ? [] : text4.split(",").map((part) => prefixOf(key, part));
  };
  const priority = whole2("priority", take("priority") ?? "100", 1, 65535);
  const rule = {
    name: take("name") ?? `event-${priority}`,
    priority,
    access: one("access", access, ["Allow", "Deny"]),
    direction: one("direction", direction2, ["Inbound", "Outbound"]),
    protocol: one("protocol", take("protocol") ?? "*", ["Tcp", "Udp", "Icmp", "*"]),
    source: prefixes3("from"),
    destination: prefixes3("to"),
    ports: (take("port") ?? "*").split(",").flatMap(portRange)
  };
  return { kind: "nsg", rule };
}
function prefixOf(key, text4) {
  const prefix = parsePrefix(text4);
  if (!prefix) throw new EventError(`${key}: expected a prefix or an address, got ${JSON.stringify(text4)}`);
  return prefix;
}
function portRange(text4) {
  if (text4 === "*") return [];
  const [low = "", high = low] = text4.split("-");
  const range = [whole2("port", low, 0, 65535), whole2("port", high, 0, 65535)];
  if (range[0] > range[1]) throw new EventError(`port: ${text4} is empty`);
  return [range];
}
var EventError, SECOND, GRACE, eventVerbs;
var init_events2 = __esm({
  "src/cluster/events.ts"() {
    "use strict";
    init_error();
    init_nearest();
    init_addr();
    init_duration();
    init_problems();
    EventError = class extends Error {
      constructor(message, hint) {
        super(message);
        this.hint = hint;
      }
      hint;
    };
    SECOND = 1e9;
    GRACE = 30 * SECOND;
    eventVerbs = {
      restart: {
        usage: "restart POD [ip=ADDRESS] [after=0s]",
        about: "the pod comes back in a new sandbox, with a new address; ready after a time",
        words: [1, 1],
        read: ({ plain: [pod2], take }) => ({
          kind: "restart",
          pod: pod2,
          ip: address2(take("ip")),
          after: time(take, "after", 0)
        })
      },
      move: {
        usage: "move POD NODE [ip=ADDRESS] [after=0s]",
        about: "the pod is made anew on another node",
        words: [2, 2],
        read: ({ plain: [pod2, node2], take }) => ({
          kind: "move",
          pod: pod2,
          node: node2,
          ip: address2(take("ip")),
          after: time(take, "after", 0)
        })
      },
      unready: {
        usage: "unready POD",
        about: "its readiness probe fails; the pod itself goes on",
        words: [1, 1],
        read: ({ plain: [pod2] }) => ({ kind: "ready", pod: pod2, ready: false })
      },
      ready: {
        usage: "ready POD",
        about: "its readiness probe succeeds again",
        words: [1, 1],
        read: ({ plain: [pod2] }) => ({ kind: "ready", pod: pod2, ready: true })
      },
      delete: {
        usage: "delete POD [grace=30s]",
        about: "terminating, and gone when the grace period ends",
        words: [1, 1],
        read: ({ plain: [pod2], take }) => ({ kind: "delete", pod: pod2, grace: time(take, "grace", GRACE) })
      },
      scale: {
        usage: "scale NAME REPLICAS [grace=30s]",
        about: "a workload gets more pods, or its last ones are deleted",
        words: [2, 2],
        read: ({ plain: [owner, replicas], take }) => ({
          kind: "scale",
          owner,
          replicas: whole2("replicas", replicas, 0, 1e4),
          grace: time(take, "grace", GRACE)
        })
      },
      down: {
        usage: "down NODE",
        about: "the node loses power; the control plane notices after 50 s",
        words: [1, 1],
        read: ({ plain: [node2] }) => ({ kind: "power", node: node2, on: false })
      },
      up: {
        usage: "up NODE",
        about: "the node has booted: empty maps, pods in new sandboxes",
        words: [1, 1],
        read: ({ plain: [node2] }) => ({ kind: "power", node: node2, on: true })
      },
      apply: {
        usage: "apply FILE",
        about: "network policies of a file are applied",
        words: [1, 1],
        read: ({ plain: [file] }) => ({ kind: "apply", file, policies: [] })
      },
      remove: {
        usage: "remove [NS/]POLICY",
        about: "a network policy is deleted",
        words: [1, 1],
        read: ({ plain: [policy3] }) => ({ kind: "remove", policy: policy3 })
      },
      nsg: {
        usage: "nsg allow|deny inbound|outbound [priority=100] [from=PREFIX] [to=PREFIX] [protocol=Tcp|Udp|Icmp] [port=N[-M]]",
        about: "a rule appears in the network security group",
        words: [2, 2],
        read: readNsg
      },
      loss: {
        usage: "loss PERCENT [NODE]",
        about: "frames get lost between nodes, or at one of them; 0 ends it",
        words: [1, 2],
        read: ({ plain: [percent2, node2] }) => ({ kind: "loss", percent: percentage(percent2), node: node2 })
      },
      mtu: {
        usage: "mtu BYTES [NODE]",
        about: "the path between nodes carries less, or the eth0 of one does",
        words: [1, 2],
        read: ({ plain: [mtu2, node2] }) => ({ kind: "mtu", mtu: whole2("mtu", mtu2, 576, 65535), node: node2 })
      }
    };
  }
});

// src/cluster/cilium-keys.ts
function ciliumKeys() {
  if (table2) return table2;
  table2 = /* @__PURE__ */ new Map();
  const lists = [
    [bool2, "bool"],
    [integer, "int"],
    [port2, "port"],
    [duration, "duration"],
    [text2, "text"]
  ];
  for (const [words2, kind] of lists) for (const key of words2.split(" ")) table2.set(key, kind);
  for (const [key, kind] of Object.entries(special)) table2.set(key, kind);
  return table2;
}
var bool2, integer, port2, duration, special, text2, obsoleteKeys, table2;
var init_cilium_keys = __esm({
  "src/cluster/cilium-keys.ts"() {
    "use strict";
    bool2 = [
      "allow-localhost-policy auto-direct-node-routes bpf-algorithm-annotation bpf-events-drop-enabled",
      "bpf-events-policy-verdict-enabled bpf-events-trace-enabled bpf-lb-algorithm-annotation bpf-lb-enable-wildcard-entries",
      "bpf-lb-external-clusterip",
      "bpf-lb-mode-annotation bpf-lb-sock bpf-lb-sock-hostns-only bpf-lb-sock-terminate-pod-connections",
      "bpf-lb-source-range-all-types clustermesh-enable-endpoint-sync clustermesh-enable-mcs-api cni-exclusive",
      "cni-uninstall debug direct-routing-skip-unreachable disable-cnp-status-updates disable-embedded-dns-proxy",
      "disable-endpoint-crd disable-envoy-version-check dnsproxy-enable-transparent-mode",
      "enable-auto-protect-node-port-range enable-bandwidth-manager enable-bbr enable-bgp-control-plane enable-bpf-clock-probe",
      "enable-bpf-masquerade enable-bpf-tproxy enable-cilium-clusterwide-network-policy enable-cilium-endpoint-slice",
      "enable-cilium-network-policy enable-egress-gateway enable-encryption-strict-mode enable-endpoint-health-checking",
      "enable-endpoint-lockdown-on-policy-overflow enable-endpoint-routes enable-envoy-config enable-experimental-lb",
      "enable-external-ips enable-gateway-api enable-health-check-loadbalancer-ip enable-health-check-nodeport",
      "enable-health-checking enable-host-firewall enable-host-legacy-routing enable-host-port enable-hubble",
      "enable-hubble-open-metrics enable-icmp-rules enable-identity-mark enable-ingress-controller enable-internal-traffic-policy",
      "enable-ip-masq-agent enable-ipip-termination enable-ipsec enable-ipv4 enable-ipv4-big-tcp enable-ipv4-egress-gateway",
      "enable-ipv4-fragment-tracking enable-ipv4-masquerade enable-ipv6 enable-ipv6-big-tcp enable-ipv6-fragment-tracking",
      "enable-ipv6-masquerade enable-ipv6-ndp enable-k8s enable-k8s-endpoint-slice enable-k8s-networkpolicy",
      "enable-k8s-terminating-endpoint enable-l2-announcements enable-l2-neigh-discovery enable-l7-proxy enable-lb-ipam",
      "enable-local-node-route enable-local-redirect-policy enable-masquerade-to-route-source enable-metrics",
      "enable-nat46x64-gateway enable-node-port enable-node-selector-labels enable-non-default-deny-policies enable-pmtu-discovery",
      "enable-policy-secrets-sync enable-recorder enable-remote-node-identity enable-remote-node-masquerade",
      "enable-route-mtu-for-cni-chaining enable-runtime-device-detection enable-sctp enable-service-topology",
      "enable-session-affinity enable-socket-lb-pod-connection-termination enable-source-ip-verification enable-srv6",
      "enable-standalone-dns-proxy enable-svc-source-range-check enable-tcx enable-tunnel-big-tcp enable-unreachable-routes",
      "enable-vtep enable-well-known-identities enable-wireguard enable-xdp-prefilter enable-xt-socket-fallback encrypt-node",
      "external-envoy-proxy hubble-disable-tls hubble-export-enabled hubble-prefer-ipv6 hubble-redact-enabled",
      "install-iptables-rules install-no-conntrack-iptables-rules k8s-require-ipv4-pod-cidr",
      "k8s-require-ipv6-pod-cidr keep-config mesh-auth-enabled node-port-bind-protection",
      "policy-audit-mode policy-cidr-match-nodes preallocate-bpf-maps remove-cilium-node-taints set-cilium-is-up-condition",
      "set-cilium-node-taints synchronize-k8s-nodes tofqdns-enable-dns-compression use-full-tls-context wireguard-track-all-ips-fallback"
    ].join(" ");
    integer = [
      "bpf-auth-map-max bpf-ct-global-any-max bpf-ct-global-tcp-max bpf-fragments-map-max bpf-lb-affinity-map-max",
      "bpf-lb-maglev-table-size bpf-lb-map-max bpf-lb-rev-nat-map-max bpf-lb-service-backend-map-max bpf-lb-service-map-max",
      "bpf-lb-source-range-map-max bpf-nat-global-max bpf-neigh-global-max bpf-policy-map-max bpf-policy-stats-map-max cluster-id",
      "clustermesh-cache-ttl egress-gateway-policy-map-max health-check-icmp-failure-threshold hubble-event-buffer-capacity",
      "hubble-event-queue-size hubble-export-file-max-backups hubble-export-file-max-size-mb identity-max-jitter k8s-client-burst",
      "k8s-client-qps max-connected-clusters mesh-auth-queue-size",
      "mesh-auth-rotated-identities-queue-size monitor-queue-size mtu nat-map-stats-entries operator-k8s-client-burst",
      "operator-k8s-client-qps policy-queue-size proxy-cluster-max-connections proxy-cluster-max-requests proxy-connect-timeout",
      "proxy-idle-timeout-seconds proxy-initial-fetch-timeout proxy-max-connection-duration-seconds proxy-max-requests-per-connection",
      "proxy-xff-num-trusted-hops-egress proxy-xff-num-trusted-hops-ingress tofqdns-endpoint-max-ip-per-hostname",
      "tofqdns-max-deferred-connection-deletes tofqdns-min-ttl vlan-bpf-bypass-max wireguard-persistent-keepalive-seconds"
    ].join(" ");
    port2 = [
      "agent-health-port cluster-health-port gops-port tofqdns-proxy-port tofqdns-server-port",
      "tunnel-port"
    ].join(" ");
    duration = [
      "arping-refresh-period bpf-ct-timeout-regular-any bpf-ct-timeout-regular-tcp bpf-ct-timeout-regular-tcp-fin",
      "bpf-ct-timeout-regular-tcp-syn bpf-ct-timeout-service-any bpf-ct-timeout-service-tcp bpf-ct-timeout-service-tcp-grace",
      "cilium-endpoint-gc-interval conntrack-gc-interval conntrack-gc-max-interval dnsproxy-socket-linger-timeout",
      "egress-gateway-reconciliation-trigger-interval endpoint-gc-interval identity-change-grace-period identity-gc-interval",
      "identity-heartbeat-timeout ip-masq-agent-sync-period ipam-cilium-node-update-rate k8s-heartbeat-timeout",
      "k8s-sync-timeout mesh-auth-gc-interval monitor-aggregation-interval nat-map-stats-interval nodes-gc-interval",
      "tofqdns-idle-connection-grace-period tofqdns-proxy-response-max-delay"
    ].join(" ");
    special = {
      "routing-mode": ["tunnel", "native"],
      "tunnel-protocol": ["vxlan", "geneve"],
      "tunnel-source-port-range": "port-range",
      "underlay-protocol": ["auto", "ipv4", "ipv6"],
      "datapath-mode": ["veth", "netkit", "netkit-l2", "auto"],
      "kube-proxy-replacement": "bool",
      "bpf-lb-algorithm": ["random", "maglev"],
      "bpf-lb-mode": ["snat", "dsr", "hybrid"],
      "bpf-lb-dsr-dispatch": ["opt", "ipip", "geneve"],
      "bpf-lb-acceleration": ["disabled", "native", "generic", "best-effort", "testing-only"],
      "bpf-lb-maglev-hash-seed": "text",
      "service-no-backend-response": ["reject", "drop"],
      "policy-deny-response": ["none", "icmp"],
      "node-port-range": "text",
      "enable-policy": ["default", "always", "never"],
      "ipv4-native-routing-cidr": "cidr4",
      "ipv6-native-routing-cidr": "cidr6",
      "local-router-ipv4": "ip4",
      "local-router-ipv6": "ip6",
      "cluster-pool-ipv4-cidr": "cidrs",
      "cluster-pool-ipv6-cidr": "cidrs",
      "cluster-pool-ipv4-mask-size": "int",
      "cluster-pool-ipv6-mask-size": "int",
      ipam: ["cluster-pool", "kubernetes", "multi-pool", "crd", "eni", "azure", "alibabacloud", "delegated-plugin"],
      "identity-allocation-mode": ["crd", "kvstore", "doublewrite-readkvstore", "doublewrite-readcrd"],
      "identity-management-mode": ["agent", "operator", "both"],
      "monitor-aggregation": ["none", "lowest", "low", "medium", "max", "maximum", "0", "1", "2", "3", "4"],
      "cni-chaining-mode": ["none", "aws-cni", "flannel", "generic-veth", "portmap"]
    };
    text2 = [
      "agent-not-ready-taint-key annotate-k8s-node azure-interface-name bpf-map-dynamic-size-ratio",
      "bpf-root ces-slice-mode cgroup-root cluster-name cni-chaining-target cni-log-file custom-cni-conf",
      "default-lb-service-ipam devices direct-routing-device dnsproxy-lock-count egress-masquerade-interfaces",
      "envoy-base-id envoy-config-timeout envoy-keep-cap-netbindservice exclude-local-address",
      "hubble-export-allowlist hubble-export-denylist hubble-export-fieldmask hubble-export-file-path hubble-flowlogs-config-path",
      "hubble-listen-address hubble-metrics hubble-metrics-server hubble-network-policy-correlation-enabled hubble-socket-path",
      "hubble-tls-cert-file hubble-tls-client-ca-files hubble-tls-key-file ingress-default-lb-mode ip-masq-agent-config-path",
      "ipv4-node ipv4-range ipv4-service-range ipv6-node ipv6-range ipv6-service-range kube-proxy-replacement-healthz-bind-address",
      "kvstore kvstore-opt labels log-driver log-opt metrics monitor-aggregation-flags mesh-auth-mutual-enabled",
      "mesh-auth-mutual-connect-timeout mesh-auth-mutual-listener-port mesh-auth-spire-admin-socket",
      "node-labels nodeport-addresses operator-api-serve-addr operator-prometheus-serve-addr procfs prometheus-serve-addr",
      "proxy-prometheus-port read-cni-conf sidecar-istio-proxy-image state-dir tofqdns-dns-reject-response-code",
      "tofqdns-pre-cache unmanaged-pod-watcher-interval vlan-bpf-bypass vtep-cidr vtep-endpoint vtep-mac vtep-mask",
      "write-cni-conf-when-ready dnsproxy-insecure-skip-transparent-mode-check enable-k8s-api-discovery",
      "packetization-layer-pmtud-mode bpf-distributed-lru bpf-policy-map-pressure-metrics-threshold enable-cluster-aware-addressing",
      "hubble-dynamic-metrics-config-path proxy-portrange-min proxy-portrange-max auto-create-cilium-node-resource",
      "dns-max-ips-per-restored-rule dns-policy-unload-on-shutdown enable-lb-node-ipam enable-no-service-endpoints-routable",
      "enable-ztunnel gateway-api-hostnetwork-enabled ingress-hostnetwork-enabled ingress-secrets-namespace gateway-api-secrets-namespace"
    ].join(" ");
    obsoleteKeys = {
      tunnel: "say routing-mode: tunnel and tunnel-protocol: geneve or vxlan, or routing-mode: native for no encapsulation (tunnel was removed in Cilium 1.15)",
      "native-routing-cidr": "say ipv4-native-routing-cidr",
      masquerade: "say enable-ipv4-masquerade",
      "enable-legacy-services": "leave it out",
      "node-port-mode": "say bpf-lb-mode",
      "node-port-algorithm": "say bpf-lb-algorithm",
      "node-port-acceleration": "say bpf-lb-acceleration",
      "enable-host-reachable-services": "say bpf-lb-sock",
      "host-reachable-services-protos": "say bpf-lb-sock"
    };
  }
});

// src/cluster/cilium-config.ts
function rawSettings(definition, profile, problems) {
  const raw = /* @__PURE__ */ new Map();
  if (!definition.ciliumConfig)
    for (const [key, value] of Object.entries(profileDefaults[profile])) raw.set(key, value);
  for (const [key, value] of Object.entries(definition.ciliumConfig?.data ?? {}))
    setValue(raw, key, value, { kind: "configmap" }, definition, problems);
  for (const [key, value] of Object.entries(definition.spec.cilium ?? {}))
    setValue(raw, key, String(value), { kind: "spec" }, definition, problems);
  return raw;
}
function setValue(raw, key, value, origin, definition, problems) {
  const where = origin.kind === "spec" ? definition.locate(["spec", "cilium", key]) : definition.ciliumConfig?.where;
  const obsolete = obsoleteKeys[key];
  if (obsolete !== void 0 && Object.hasOwn(obsoleteKeys, key)) {
    if (origin.kind === "spec") problems.add(`spec.cilium.${key}: no key of this Cilium version`, where, obsolete);
    else {
      problems.note("warning", `cilium-config: ${key} is a key of an older Cilium: ${obsolete}`, where);
      if (key === "tunnel") translateTunnel(raw, value);
    }
    return;
  }
  const kind = ciliumKeys().get(key);
  if (kind === void 0) {
    const near2 = closest(key, [...ciliumKeys().keys()]);
    problems.note(
      "warning",
      `cilium option ${key} is not known here and has no effect${near2 ? `; did you mean ${near2}?` : ""}`,
      where
    );
  } else {
    const expected = mismatch(kind, value);
    if (expected !== void 0) {
      const hint = Array.isArray(kind) ? nearest(value, kind) : void 0;
      const name = origin.kind === "spec" ? `spec.cilium.${key}` : `cilium-config: ${key}`;
      if (origin.kind === "spec" || !legacyKpr(raw, key, value, problems, where))
        problems.add(`${name}: expected ${expected}, got ${JSON.stringify(value)}`, where, hint);
      return;
    }
  }
  raw.set(key, value);
}
function translateTunnel(raw, value) {
  raw.set("routing-mode", value === "disabled" ? "native" : "tunnel");
  if (value === "vxlan" || value === "geneve") raw.set("tunnel-protocol", value);
}
function legacyKpr(raw, key, value, problems, where) {
  if (key !== "kube-proxy-replacement" || !["strict", "partial", "probe", "disabled"].includes(value)) return false;
  const now = value === "strict" ? "true" : "false";
  problems.note("warning", `cilium-config: kube-proxy-replacement: ${value} is read as ${now}`, where);
  raw.set(key, now);
  return true;
}
function mismatch(kind, value) {
  if (typeof kind !== "string") return kind.includes(value) ? void 0 : `one of ${kind.join(", ")}`;
  if (kind === "text") return void 0;
  if (kind === "bool")
    return /^(true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.test(value) ? void 0 : "true or false";
  if (value === "") return void 0;
  switch (kind) {
    case "int":
      return /^\d{1,15}$/.test(value) ? void 0 : "a whole number";
    case "port":
      return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? void 0 : "a port number from 0 to 65535";
    case "duration":
      return /^(0|-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(value) ? void 0 : "a duration such as 30s or 5m0s";
    case "port-range":
      return /^\d{1,5}-\d{1,5}$/.test(value) ? void 0 : "a port range such as 32768-60999";
    case "cidr4":
    case "cidr6": {
      const prefix = value.includes("/") ? parsePrefix(value) : void 0;
      const family = kind === "cidr4" ? "number" : "string";
      return typeof prefix?.ip === family ? void 0 : `an ${kind === "cidr4" ? "IPv4" : "IPv6"} prefix such as ${kind === "cidr4" ? "10.0.0.0/8" : "fd00::/104"}`;
    }
    case "cidrs":
      return value.split(/[\s,]+/).every((word2) => word2.includes("/") && parsePrefix(word2)) ? void 0 : "prefixes such as 10.0.0.0/8";
    case "ip4":
      return typeof parseIp(value) === "number" ? void 0 : "an IPv4 address";
    case "ip6":
      return typeof parseIp(value) === "string" ? void 0 : "an IPv6 address";
  }
}
function resolveCilium(raw, context, definition, problems) {
  const text4 = (key, fallback) => raw.get(key) || fallback;
  const flag3 = (key, fallback) => raw.has(key) ? /^(1|t)/i.test(raw.get(key)) : fallback;
  const number2 = (key, fallback) => Number(raw.get(key) || fallback);
  const { spec: spec2, families } = context;
  const routingMode = text4("routing-mode", "tunnel");
  const tunnelProtocol = text4("tunnel-protocol", "vxlan");
  const kubeProxyReplacement = context.profile !== "kube-proxy" && flag3("kube-proxy-replacement", false);
  const masquerade4 = families.includes(4) && flag3("enable-ipv4-masquerade", true);
  const masquerade6 = families.includes(6) && flag3("enable-ipv6-masquerade", true);
  const bpfMasquerade = flag3("enable-bpf-masquerade", false) && (masquerade4 || masquerade6);
  const egressGateway = flag3("enable-egress-gateway", flag3("enable-ipv4-egress-gateway", false)) && bpfMasquerade && kubeProxyReplacement;
  const config = {
    version: spec2.ciliumVersion ?? "1.20.2",
    commit: spec2.ciliumCommit ?? "e0dc92bd",
    clusterName: text4("cluster-name", "default"),
    clusterId: number2("cluster-id", 0),
    routingMode,
    tunnelProtocol,
    tunnelPort: number2("tunnel-port", 0) || (tunnelProtocol === "geneve" ? 6081 : 8472),
    fixedVni: spec2.fixedVni,
    enableIpv4: families.includes(4),
    enableIpv6: families.includes(6),
    kubeProxyReplacement,
    socketLb: socketLb(raw, kubeProxyReplacement, flag3),
    lbAlgorithm: text4("bpf-lb-algorithm", "random"),
    maglevTableSize: number2("bpf-lb-maglev-table-size", 16381),
    maglevHashSeed: text4("bpf-lb-maglev-hash-seed", "JLfvgnHc2kaSUFaI"),
    lbMode: text4("bpf-lb-mode", "snat"),
    dsrDispatch: text4("bpf-lb-dsr-dispatch", "opt"),
    lbExternalClusterIp: flag3("bpf-lb-external-clusterip", false),
    noBackendResponse: text4("service-no-backend-response", "reject"),
    sourceIpVerification: flag3("enable-source-ip-verification", true),
    nodePortRange: nodePortRange(raw, definition, problems),
    masquerade4,
    masquerade6,
    bpfMasquerade,
    ipMasqAgent: flag3("enable-ip-masq-agent", false) ? masqPrefixes(spec2, definition, problems) : void 0,
    nativeRoutingCidr4: nativeCidr("ipv4-native-routing-cidr", 4, raw, context),
    nativeRoutingCidr6: nativeCidr("ipv6-native-routing-cidr", 6, raw, context),
    // the agent falls back to the stack where it cannot masquerade and balance on its own (daemon/cmd/daemon_main.go)
    hostLegacyRouting: flag3("enable-host-legacy-routing", false) || !kubeProxyReplacement || (masquerade4 || masquerade6) && !bpfMasquerade,
    autoDirectNodeRoutes: flag3("auto-direct-node-routes", false),
    endpointRoutes: flag3("enable-endpoint-routes", false),
    localNodeRoute: flag3("enable-local-node-route", true),
    endpointHealthChecking: flag3("enable-health-checking", true) && flag3("enable-endpoint-health-checking", true),
    ipam: text4("ipam", "cluster-pool"),
    // packets to an egress gateway are encapsulated in native mode too (pkg/egressgateway/cell.go)
    tunnelOverhead: routingMode === "native" && !egressGateway ? 0 : context.underlay4 ? 50 : 70,
    enablePolicy: text4("enable-policy", "default"),
    hubble: flag3("enable-hubble", false),
    envoy: !flag3("enable-l7-proxy", true) ? "off" : flag3("external-envoy-proxy", false) ? "external" : "embedded",
    tcx: flag3("enable-tcx", true),
    raw: Object.fromEntries([...raw].sort(([a2], [b2]) => a2 < b2 ? -1 : 1))
  };
  checkConfig(config, definition, problems);
  return config;
}
function socketLb(raw, kubeProxyReplacement, flag3) {
  if (flag3("bpf-lb-sock", kubeProxyReplacement)) return flag3("bpf-lb-sock-hostns-only", false) ? "hostns-only" : "full";
  return kubeProxyReplacement && raw.has("bpf-lb-sock") ? "hostns-only" : "off";
}
function nodePortRange(raw, definition, problems) {
  const text4 = raw.get("node-port-range");
  if (!text4) return [3e4, 32767];
  const match = /^\s*(\d{1,5})\s*[-,]\s*(\d{1,5})\s*$/.exec(text4);
  const [low, high] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (low > 0 && low <= high && high <= 65535) return [low, high];
  problems.add(
    `node-port-range: expected two ports such as 30000,32767, got ${JSON.stringify(text4)}`,
    definition.locate(["spec", "cilium", "node-port-range"])
  );
  return [3e4, 32767];
}
function nativeCidr(key, family, raw, { podCidrs, families, profile }) {
  const text4 = raw.get(key);
  if (text4) return parsePrefix(text4);
  if (!families.includes(family) || raw.get("routing-mode") !== "native" || profile === "kube-proxy") return void 0;
  return podCidrs.find((prefix) => (typeof prefix.ip === "number" ? 4 : 6) === family);
}
function masqPrefixes(spec2, definition, problems) {
  const given = spec2.ipMasqAgent?.nonMasqueradeCIDRs;
  const texts2 = given === void 0 ? defaultNonMasquerade : listOf(given);
  const linkLocal2 = [
    ...spec2.ipMasqAgent?.masqLinkLocal ? [] : ["169.254.0.0/16"],
    ...spec2.ipMasqAgent?.masqLinkLocalIPv6 ? [] : ["fe80::/10"]
  ];
  return [...texts2, ...linkLocal2].flatMap((text4) => {
    const prefix = parsePrefix(text4);
    if (prefix) return [prefix];
    problems.add(
      `nonMasqueradeCIDRs: expected a prefix such as 10.0.0.0/8, got ${JSON.stringify(text4)}`,
      definition.locate(["spec", "ipMasqAgent", "nonMasqueradeCIDRs"])
    );
    return [];
  });
}
function listOf(value) {
  if (value === void 0) return [];
  const list3 = typeof value === "string" ? value.split(",") : value.flatMap((item) => item.split(","));
  return list3.map((item) => item.trim()).filter((item) => item !== "");
}
function dsrRefusal({ lbMode, dsrDispatch, routingMode, tunnelProtocol }) {
  if (routingMode === "tunnel" && tunnelProtocol === "vxlan")
    return [
      `Node Port "${lbMode}" mode cannot be used with vxlan tunneling.`,
      "set tunnel-protocol: geneve with bpf-lb-dsr-dispatch: geneve, or routing-mode: native"
    ];
  if (routingMode === "tunnel" && dsrDispatch !== "geneve")
    return [
      `Tunnel routing with Node Port "${lbMode}" mode requires geneve dispatch.`,
      "set bpf-lb-dsr-dispatch: geneve"
    ];
  if (dsrDispatch === "geneve" && tunnelProtocol !== "geneve")
    return [
      `Node Port "${lbMode}" mode with "geneve" dispatch requires geneve tunnel protocol.`,
      "set tunnel-protocol: geneve"
    ];
  return void 0;
}
function checkConfig(config, definition, problems) {
  const at2 = (key) => definition.locate(["spec", "cilium", key]) ?? definition.ciliumConfig?.where;
  const refused = config.lbMode !== "snat" && config.kubeProxyReplacement ? dsrRefusal(config) : void 0;
  if (refused) problems.add(refused[0], at2("bpf-lb-mode"), refused[1]);
  if (!maglevSizes.includes(config.maglevTableSize))
    problems.add(
      `bpf-lb-maglev-table-size: expected one of ${maglevSizes.join(", ")}, got ${config.maglevTableSize}`,
      at2("bpf-lb-maglev-table-size")
    );
  if (!/^[A-Za-z0-9+/]{16}$/.test(config.maglevHashSeed))
    problems.add("bpf-lb-maglev-hash-seed: expected 12 bytes in base64 (16 characters)", at2("bpf-lb-maglev-hash-seed"));
  if (config.clusterId > 511)
    problems.add(`cluster-id: expected a number from 0 to 511, got ${config.clusterId}`, at2("cluster-id"));
  for (const [key, prefix] of [
    ["ipv4-native-routing-cidr", config.nativeRoutingCidr4],
    ["ipv6-native-routing-cidr", config.nativeRoutingCidr6]
  ])
    if (prefix && !config.raw[key])
      problems.note("inferred", `${key} is not given: the pod CIDR ${formatPrefix(prefix)} is taken`);
}
var profileDefaults, defaultNonMasquerade, maglevSizes;
var init_cilium_config = __esm({
  "src/cluster/cilium-config.ts"() {
    "use strict";
    init_nearest();
    init_addr();
    init_cilium_keys();
    profileDefaults = {
      cilium: {
        "kube-proxy-replacement": "true",
        "enable-bpf-masquerade": "true",
        "enable-hubble": "true",
        "enable-endpoint-health-checking": "true",
        "enable-tcx": "true",
        "external-envoy-proxy": "true"
      },
      "kube-proxy": {
        "kube-proxy-replacement": "false",
        "enable-bpf-masquerade": "false",
        "enable-endpoint-health-checking": "false",
        "enable-hubble": "false",
        "routing-mode": "native"
      },
      // Azure CNI Overlay powered by Cilium, cilium-config v1.18 as Azure/azure-container-networking ships it
      "aks-overlay": {
        "auto-direct-node-routes": "false",
        "bpf-lb-external-clusterip": "false",
        "bpf-lb-map-max": "65536",
        "bpf-lb-mode": "snat",
        "bpf-lb-sock": "false",
        "datapath-mode": "veth",
        "enable-endpoint-health-checking": "false",
        "enable-endpoint-routes": "true",
        "enable-host-legacy-routing": "true",
        "enable-hubble": "false",
        "enable-ipv4-masquerade": "false",
        "enable-ipv6-masquerade": "false",
        "enable-l7-proxy": "false",
        "enable-local-node-route": "false",
        "enable-tcx": "false",
        "identity-allocation-mode": "crd",
        ipam: "delegated-plugin",
        "kube-proxy-replacement": "true",
        "local-router-ipv4": "169.254.23.0",
        "routing-mode": "native"
      }
    };
    defaultNonMasquerade = [
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "100.64.0.0/10",
      "192.0.0.0/24",
      "192.0.2.0/24",
      "192.88.99.0/24",
      "198.18.0.0/15",
      "198.51.100.0/24",
      "203.0.113.0/24",
      "240.0.0.0/4"
    ];
    maglevSizes = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];
  }
});

// src/cluster/ipam.ts
function usableRange(prefix) {
  const size = Math.min(prefixSize(prefix), 2 ** 48);
  if (size <= 2) return { first: 0, last: size - 1 };
  return { first: 1, last: isIp4(prefix.ip) ? size - 2 : size - 1 };
}
function createPool(prefix, book, from = 0) {
  const base = maskIp(prefix.ip, prefix.length);
  const { first, last } = usableRange(prefix);
  const start2 = from > last ? first : Math.max(first, from);
  const bands = [
    [start2, last],
    [first, start2 - 1]
  ];
  let band = 0;
  let next = start2;
  return {
    prefix,
    capacity: last - first + 1,
    allocate(owner) {
      for (; band < bands.length; next = bands[++band]?.[0] ?? 0) {
        for (const end2 = bands[band][1]; next <= end2; next++) {
          const ip = addToIp(base, next);
          if (book.has(ip)) continue;
          book.set(ip, owner);
          next++;
          return ip;
        }
      }
      return void 0;
    }
  };
}
function childPrefix(parent, length, index) {
  const base = maskIp(parent.ip, parent.length);
  if (isIp4(base)) return { ip: base + index * 2 ** (32 - length), length };
  const groups2 = Array.from({ length: 8 }, (_, i) => base.charCodeAt(i));
  const group = Math.max(0, Math.ceil(length / 16) - 1);
  let carry = index * 2 ** (16 * (group + 1) - length);
  for (let i = group; i >= 0 && carry > 0; i--) {
    const sum = groups2[i] + carry;
    groups2[i] = sum % 65536;
    carry = Math.floor(sum / 65536);
  }
  return { ip: String.fromCharCode(...groups2), length };
}
function createPrefixPool(parent, length, taken) {
  const capacity = length < parent.length ? 0 : Math.min(2 ** (length - parent.length), 2 ** 31);
  const exact = new Set(taken.filter((p) => p.length === length).map((p) => maskIp(p.ip, length)));
  const odd = taken.filter((p) => p.length !== length);
  let next = 0;
  return {
    parent,
    capacity,
    allocate() {
      for (; next < capacity; next++) {
        const child = childPrefix(parent, length, next);
        if (exact.has(child.ip) || odd.some((p) => prefixesOverlap(p, child))) continue;
        next++;
        return child;
      }
      return void 0;
    }
  };
}
function findOverlaps(items) {
  const sorted = [...items].sort((a2, b2) => compareStart(a2.prefix, b2.prefix));
  const pairs = [];
  let widest;
  for (const item of sorted) {
    if (widest && prefixesOverlap(widest.prefix, item.prefix)) pairs.push([widest, item]);
    else widest = item;
  }
  return pairs;
}
function compareStart(a2, b2) {
  if (isIp4(a2.ip) !== isIp4(b2.ip)) return isIp4(a2.ip) ? -1 : 1;
  const [x, y] = [maskIp(a2.ip, a2.length), maskIp(b2.ip, b2.length)];
  return x < y ? -1 : x > y ? 1 : a2.length - b2.length;
}
function coveringPrefix(ips, longest) {
  let length = longest;
  while (length > 0 && ips.some((ip) => maskIp(ip, length) !== maskIp(ips[0], length))) length--;
  return { ip: maskIp(ips[0], length), length };
}
function containing(list3, ip) {
  let best;
  for (const prefix of list3) if (prefixContains(prefix, ip) && (!best || prefix.length > best.length)) best = prefix;
  return best;
}
function describeFull(pool, length) {
  return `${formatPrefix(pool.parent)} holds ${pool.capacity} prefixes of /${length}, all taken`;
}
function familyOf3(ip) {
  return isIp4(ip) ? 4 : 6;
}
var init_ipam = __esm({
  "src/cluster/ipam.ts"() {
    "use strict";
    init_addr();
  }
});

// src/cluster/cidrs.ts
function readPrefixes(value, path, definition, problems) {
  return listOf(value).flatMap((text4) => {
    const prefix = text4.includes("/") ? parsePrefix(text4) : void 0;
    if (!prefix) {
      problems.add(
        `${path.join(".")}: expected a prefix such as 10.32.0.0/13, got ${JSON.stringify(text4)}`,
        definition.locate(path)
      );
      return [];
    }
    const network2 = networkOf(prefix);
    if (network2.ip !== prefix.ip)
      problems.note(
        "warning",
        `${path.join(".")}: ${text4} has host bits set, read as ${formatPrefix(network2)}`,
        definition.locate(path)
      );
    return [network2];
  });
}
function readIps(value, what, where, problems) {
  return listOf(value).flatMap((text4) => {
    const ip = parseIp(text4);
    if (ip === void 0) problems.add(`${what}: expected an IP address, got ${JSON.stringify(text4)}`, where);
    return ip === void 0 ? [] : [ip];
  });
}
function resolveRanges(definition, raw, problems) {
  const { spec: spec2 } = definition;
  const stated = (key) => [
    ...readPrefixes(spec2[key], ["spec", key], definition, problems),
    ...readPrefixes(spec2[`${key}s`], ["spec", `${key}s`], definition, problems)
  ];
  const pool = ["cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"].flatMap(
    (key) => (raw.get(key) ?? "").split(/[\s,]+/).flatMap((text4) => text4 === "" ? [] : parsePrefix(text4) ?? [])
  );
  let podCidrs = stated("podCIDR");
  if (podCidrs.length === 0) podCidrs = pool.map(networkOf);
  let serviceCidrs = stated("serviceCIDR");
  const families = enabledFamilies(definition, raw, podCidrs);
  if (families.length === 0) {
    problems.add(
      "no address family is enabled",
      definition.locate(["spec", "cilium"]),
      "set enable-ipv4 or enable-ipv6"
    );
    families.push(4);
  }
  const statedServices = serviceCidrs.length > 0;
  podCidrs = completed2(podCidrs, families, "pods", nodePrefixIps(definition), problems);
  serviceCidrs = completed2(serviceCidrs, families, "services", clusterIps(definition), problems);
  for (const pods2 of podCidrs)
    for (const services2 of serviceCidrs)
      if (prefixesOverlap(pods2, services2))
        problems.note(
          "warning",
          `pod CIDR ${formatPrefix(pods2)} and service CIDR ${formatPrefix(services2)} overlap`,
          definition.locate(["spec", "podCIDR"]) ?? definition.locate(["spec", "podCIDRs"])
        );
  return { families, podCidrs, serviceCidrs, serviceCidrsStated: statedServices };
}
function enabledFamilies(definition, raw, podCidrs) {
  const seen = new Set(podCidrs.map((prefix) => familyOf3(prefix.ip)));
  if (seen.size === 0) for (const ip of nodePrefixIps(definition)) seen.add(familyOf3(ip));
  if (seen.size === 0) for (const pod2 of definition.pods) for (const ip of podIpsOf(pod2)) seen.add(familyOf3(ip));
  const on = (family) => {
    const given = raw.get(`enable-ipv${family}`);
    return given === void 0 ? seen.has(family) || family === 4 && seen.size === 0 : /^(1|t)/i.test(given);
  };
  return [4, 6].filter(on);
}
function podIpsOf(pod2) {
  if (pod2.hostNetwork) return [];
  return [...listOf(pod2.ip), ...listOf(pod2.ips)].flatMap((text4) => parseIp(text4) ?? []);
}
function nodePrefixIps(definition) {
  return definition.nodes.flatMap(
    (node2) => [...listOf(node2.podCIDR), ...listOf(node2.podCIDRs)].flatMap((text4) => parsePrefix(text4)?.ip ?? [])
  );
}
function clusterIps(definition) {
  return definition.services.flatMap(
    (service2) => [...listOf(service2.clusterIP), ...listOf(service2.clusterIPs)].flatMap((text4) => parseIp(text4) ?? [])
  );
}
function completed2(stated, families, kind, inUse, problems) {
  return families.flatMap((family) => {
    const own = stated.filter((prefix) => familyOf3(prefix.ip) === family);
    if (own.length > 0) return own;
    const fallback = parsePrefix(defaults[kind][family]);
    const used = inUse.filter((ip) => familyOf3(ip) === family);
    if (used.length === 0 || used.every((ip) => containing([fallback], ip))) {
      problems.note(
        "inferred",
        `no ${kind === "pods" ? "pod" : "service"} CIDR for IPv${family}: ${formatPrefix(fallback)}`
      );
      return [fallback];
    }
    const cover = coveringPrefix(used, family === 4 ? 16 : 108);
    problems.note(
      "inferred",
      `${kind === "pods" ? "pod" : "service"} CIDR ${formatPrefix(cover)}, from the addresses in use`
    );
    return [cover];
  });
}
function resolveUnderlay(definition, profile, families, nodeIps, problems) {
  const spec2 = definition.spec.underlay ?? {};
  const at2 = (...path) => ["spec", "underlay", ...path];
  const vnets = [
    ...readPrefixes(spec2.vnet, at2("vnet"), definition, problems),
    ...readPrefixes(spec2.vnets, at2("vnets"), definition, problems)
  ];
  const subnets = (spec2.subnets ?? []).flatMap((subnet, i) => {
    const [prefix] = readPrefixes(
      typeof subnet === "string" ? subnet : subnet.prefix,
      typeof subnet === "string" ? at2("subnets", i) : at2("subnets", i, "prefix"),
      definition,
      problems
    );
    return prefix ? [{ name: (typeof subnet === "string" ? void 0 : subnet.name) ?? `subnet${i + 1}`, prefix }] : [];
  });
  const underlayFamilies = /* @__PURE__ */ new Set([...nodeIps.map(familyOf3), ...nodeIps.length === 0 ? families : []]);
  for (const family of families) if (definition.own) underlayFamilies.add(family);
  for (const family of [4, 6]) {
    const known3 = [...vnets, ...subnets.map((subnet) => subnet.prefix)];
    if (!underlayFamilies.has(family) || known3.some((prefix) => familyOf3(prefix.ip) === family)) continue;
    vnets.push(
      inferVnet(
        family,
        nodeIps.filter((ip) => familyOf3(ip) === family),
        problems
      )
    );
  }
  for (const { name, prefix } of subnets)
    if (vnets.length > 0 && !vnets.some((vnet) => prefixesOverlap(vnet, prefix) && vnet.length <= prefix.length))
      problems.add(
        `subnet ${name} ${formatPrefix(prefix)} is in no VNet (${vnets.map(formatPrefix).join(", ")})`,
        definition.locate(at2("subnets"))
      );
  if (subnets.length === 0) for (const vnet of vnets) subnets.push({ name: "nodes", prefix: vnet });
  for (const vnet of vnets)
    if (!subnets.some((subnet) => prefixesOverlap(subnet.prefix, vnet))) subnets.push({ name: "nodes", prefix: vnet });
  if (vnets.length === 0) vnets.push(...subnets.map((subnet) => subnet.prefix));
  return {
    vnets,
    subnets,
    gateways: gateways(definition, subnets, problems),
    mtu: spec2.mtu ?? 1500,
    routesPodCidrs: spec2.routesPodCIDRs ?? profile === "aks-overlay",
    nsg: (spec2.nsg ?? []).map((rule, i) => nsgRule(rule, i, definition, problems)).sort((a2, b2) => a2.direction.localeCompare(b2.direction) || a2.priority - b2.priority),
    routes: (spec2.routes ?? []).flatMap((route, i) => {
      const [prefix] = readPrefixes(route.prefix, at2("routes", i, "prefix"), definition, problems);
      const path = at2("routes", i, "nextHop");
      const [nextHop] = readIps(route.nextHop, path.join("."), definition.locate(path), problems);
      return prefix && nextHop !== void 0 ? [{ prefix, nextHop }] : [];
    }),
    peered: (spec2.peered ?? []).map((peer2, i) => ({
      name: peer2.name,
      prefixes: readPrefixes(peer2.prefixes, at2("peered", i, "prefixes"), definition, problems)
    }))
  };
}
function inferVnet(family, nodeIps, problems) {
  const fallback = parsePrefix(defaults.vnet[family]);
  if (nodeIps.length === 0 || nodeIps.every((ip) => containing([fallback], ip))) return fallback;
  const cover = coveringPrefix(nodeIps, family === 4 ? 24 : 64);
  problems.note("inferred", `node network ${formatPrefix(cover)}, from the nodes' addresses`);
  return cover;
}
function gateways(definition, subnets, problems) {
  const spec2 = definition.spec.underlay ?? {};
  const path = ["spec", "underlay", "gatewayMac"];
  const mac = spec2.gatewayMac === void 0 ? GATEWAY_MAC : parseMac(spec2.gatewayMac);
  if (mac === void 0)
    problems.add(
      `${path.join(".")}: expected a MAC address such as 12:34:56:78:9a:bc, got ${JSON.stringify(spec2.gatewayMac)}`,
      definition.locate(path)
    );
  const where = definition.locate(["spec", "underlay", "gateway"]);
  const stated = readIps(spec2.gateway, "spec.underlay.gateway", where, problems);
  for (const ip of stated)
    if (!containing(
      subnets.map((subnet) => subnet.prefix),
      ip
    ))
      problems.add(`gateway ${formatIp(ip)} is in none of the node subnets`, where);
  return [4, 6].flatMap((family) => {
    const given = stated.find((ip2) => familyOf3(ip2) === family);
    const subnet = subnets.find(({ prefix }) => familyOf3(prefix.ip) === family)?.prefix;
    const ip = given ?? (subnet && addToIp(maskIp(subnet.ip, subnet.length), usableRange(subnet).first));
    return ip === void 0 ? [] : [{ ip, mac: mac ?? GATEWAY_MAC }];
  });
}
function nsgRule(rule, index, definition, problems) {
  const path = ["spec", "underlay", "nsg", index];
  const prefixes3 = (key) => {
    const value = listOf(rule[key]).filter((text4) => text4 !== "*" && text4.toLowerCase() !== "any");
    return readPrefixes(
      value.map((text4) => text4.includes("/") || parseIp(text4) === void 0 ? text4 : hostPrefix(text4)),
      [...path, key],
      definition,
      problems
    );
  };
  const ports = listOf(typeof rule.port === "number" ? String(rule.port) : rule.port).flatMap((text4) => {
    if (text4 === "*") return [];
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text4);
    const range = match && [Number(match[1]), Number(match[2] ?? match[1])];
    if (range && range[0] <= range[1] && range[1] <= 65535) return [range];
    problems.add(
      `${[...path, "port"].join(".")}: expected a port, a range such as 30000-32767, or *, got ${JSON.stringify(text4)}`,
      definition.locate([...path, "port"])
    );
    return [];
  });
  const where = definition.locate(path);
  return {
    name: rule.name ?? `rule${index + 1}`,
    priority: rule.priority,
    direction: rule.direction,
    access: rule.access,
    protocol: rule.protocol ?? "*",
    source: prefixes3("source"),
    destination: prefixes3("destination"),
    ports,
    ...where ? { where } : {}
  };
}
function hostPrefix(text4) {
  return `${text4}/${isIp4(parseIp(text4)) ? 32 : 128}`;
}
var defaults, GATEWAY_MAC;
var init_cidrs = __esm({
  "src/cluster/cidrs.ts"() {
    "use strict";
    init_addr();
    init_cilium_config();
    init_ipam();
    defaults = {
      pods: { 4: "10.244.0.0/16", 6: "fd00:10:244::/56" },
      services: { 4: "10.96.0.0/12", 6: "fd00:10:96::/112" },
      vnet: { 4: "10.0.0.0/16", 6: "fd00:10::/64" }
    };
    GATEWAY_MAC = 20015998343868;
  }
});

// src/cluster/identity.ts
function parseRule(text4) {
  const ignore = text4.startsWith("!");
  return { ignore, pattern: new RegExp(ignore ? text4.slice(1) : text4) };
}
function labelFilter(option) {
  const extra = [];
  for (const word2 of (option ?? "").split(/\s+/).filter(Boolean)) {
    const colon = word2.indexOf(":");
    const [source, text4] = colon < 0 ? ["", word2] : [word2.slice(0, colon), word2.slice(colon + 1)];
    if (source !== "" && source !== "k8s") continue;
    try {
      extra.push(parseRule(text4));
    } catch {
      return void 0;
    }
  }
  const rules = [...defaultRules2, ...extra];
  const whitelist = extra.some((rule) => !rule.ignore);
  const known3 = /* @__PURE__ */ new Map();
  return (key) => {
    let keep2 = known3.get(key);
    if (keep2 === void 0) known3.set(key, keep2 = keepsLabel(key, rules, whitelist));
    return keep2;
  };
}
function keepsLabel(key, rules, whitelist) {
  let [included, ignored] = [0, 0];
  for (const { ignore, pattern } of rules) {
    const match = pattern.exec(key);
    if (match?.index !== 0) continue;
    const length = match[0].length;
    if (!ignore) included = Math.max(included, length);
    else if (ignored === 0 || length < ignored) ignored = length;
  }
  return !whitelist && ignored === 0 || included > ignored;
}
function identityLabels(pod2, keep2) {
  const labels2 = new Map(Object.entries(pod2.labels));
  for (const [key, value] of Object.entries(pod2.namespaceLabels)) labels2.set(NAMESPACE_META + key, value);
  labels2.set(CLUSTER_LABEL, pod2.clusterName);
  labels2.set(SERVICE_ACCOUNT_LABEL, pod2.serviceAccount);
  labels2.set(NAMESPACE_LABEL, pod2.namespace);
  const out2 = [];
  for (const [key, value] of labels2) if (keep2(key)) out2.push(value === "" ? `k8s:${key}` : `k8s:${key}=${value}`);
  return out2.sort();
}
function createIdentityAllocator(clusterId) {
  const high = clusterId * 65536;
  const byLabels = /* @__PURE__ */ new Map();
  const byId = new Map(reservedIdentityTable.map((row2) => [row2.id, row2.labels]));
  const size = identityRange.max - identityRange.min + 1;
  const remember2 = (id, key, labels2) => {
    byLabels.set(key, id);
    byId.set(id, labels2);
    return id;
  };
  return {
    state(id, labels2) {
      const key = labels2.join("\n");
      const other = byId.get(id);
      if (other && other.join("\n") !== key) return other;
      remember2(id, key, labels2);
      return void 0;
    },
    idOf(labels2) {
      const key = labels2.join("\n");
      const known3 = byLabels.get(key);
      if (known3 !== void 0) return known3;
      const start2 = hash53(key) % size;
      for (let i = 0; i < size; i++) {
        const id = high + identityRange.min + (start2 + i) % size;
        if (!byId.has(id)) return remember2(id, key, labels2);
      }
      return void 0;
    },
    list: () => [...byId].map(([id, labels2]) => ({ id, labels: labels2 })).sort((a2, b2) => a2.id - b2.id)
  };
}
var reservedIdentityTable, HOST_IDENTITY, identityRange, NAMESPACE_LABEL, NAMESPACE_META, CLUSTER_LABEL, SERVICE_ACCOUNT_LABEL, defaultRules2;
var init_identity2 = __esm({
  "src/cluster/identity.ts"() {
    "use strict";
    init_hash();
    reservedIdentityTable = [
      { id: 1, labels: ["reserved:host"] },
      { id: 2, labels: ["reserved:world"] },
      { id: 3, labels: ["reserved:unmanaged"] },
      { id: 4, labels: ["reserved:health"] },
      { id: 5, labels: ["reserved:init"] },
      { id: 6, labels: ["reserved:remote-node"] },
      { id: 7, labels: ["reserved:kube-apiserver", "reserved:remote-node"] },
      { id: 8, labels: ["reserved:ingress"] },
      { id: 9, labels: ["reserved:world-ipv4"] },
      { id: 10, labels: ["reserved:world-ipv6"] }
    ];
    HOST_IDENTITY = 1;
    identityRange = { min: 256, max: 65535 };
    NAMESPACE_LABEL = "io.kubernetes.pod.namespace";
    NAMESPACE_META = "io.cilium.k8s.namespace.labels.";
    CLUSTER_LABEL = "io.cilium.k8s.policy.cluster";
    SERVICE_ACCOUNT_LABEL = "io.cilium.k8s.policy.serviceaccount";
    defaultRules2 = [
      String.raw`io\.kubernetes\.pod\.namespace`,
      String.raw`io\.cilium\.k8s\.namespace\.labels`,
      String.raw`app\.kubernetes\.io`,
      String.raw`io\.cilium\.k8s\.policy\.cluster`,
      String.raw`!io\.kubernetes`,
      String.raw`!kubernetes\.io`,
      String.raw`!statefulset\.kubernetes\.io/pod-name`,
      String.raw`!apps\.kubernetes\.io/pod-index`,
      String.raw`!batch\.kubernetes\.io/job-completion-index`,
      String.raw`!batch\.kubernetes\.io/controller-uid`,
      String.raw`!.*beta\.kubernetes\.io`,
      String.raw`!k8s\.io`,
      "!pod-template-generation",
      "!pod-template-hash",
      "!controller-revision-hash",
      "!annotation.*",
      "!controller-uid",
      "!etcd_node"
    ].map(parseRule);
  }
});

// src/cluster/inferred.ts
function noteInferred(definition, nodeSpecs, { nodes: nodes2, pods: pods2, services: services2 }, problems) {
  const statedNodes = new Set(nodeSpecs.filter(hasAddress).map(({ name }) => name));
  const addressed = new Set(definition.pods.filter(hasAddress).map(keyOf2));
  const placed = new Set(definition.pods.filter(({ node: node2 }) => node2 !== void 0).map(keyOf2));
  const given = new Set(
    definition.services.filter((spec2) => listOf(spec2.clusterIP).length + listOf(spec2.clusterIPs).length > 0).map(keyOf2)
  );
  const counts = [
    [nodes2.filter(({ name }) => !statedNodes.has(name)).length, "node"],
    [pods2.filter((pod2) => pod2.ips.length > 0 && !pod2.hostNetwork && !addressed.has(keyOf2(pod2))).length, "pod"],
    [services2.filter((service2) => service2.clusterIps.length > 0 && !given.has(keyOf2(service2))).length, "service"]
  ];
  const allocated = counts.flatMap(([count2, what]) => count2 === 0 ? [] : [counted(count2, what)]);
  if (allocated.length > 0) problems.note("inferred", `addresses of ${joined(allocated)}`);
  const scheduled = pods2.filter((pod2) => pod2.node !== void 0 && !placed.has(keyOf2(pod2))).length;
  if (scheduled > 0) problems.note("inferred", `scheduling of ${counted(scheduled, "pod")}`);
  const known3 = /* @__PURE__ */ new Set([
    ...reservedIdentityTable.map(({ id }) => id),
    ...definition.identities.map(({ id }) => id),
    ...definition.pods.flatMap(({ identity: identity2 }) => identity2 ?? [])
  ]);
  const drawn = new Set(pods2.map((pod2) => pod2.identity).filter((id) => id > 0 && !known3.has(id))).size;
  if (drawn > 0)
    problems.note("inferred", `${drawn} security ${drawn === 1 ? "identity" : "identities"}, from the labels of pods`);
}
function hasAddress({ ip, ips }) {
  return listOf(ip).length + listOf(ips).length > 0;
}
function counted(count2, what) {
  return `${count2} ${what}${count2 === 1 ? "" : "s"}`;
}
function joined(list3) {
  return list3.length < 2 ? list3.join("") : `${list3.slice(0, -1).join(", ")} and ${list3.at(-1)}`;
}
var init_inferred = __esm({
  "src/cluster/inferred.ts"() {
    "use strict";
    init_cilium_config();
    init_identity2();
    init_spec();
  }
});

// src/cluster/schedule.ts
function fitsNode(spec2, node2, taints) {
  for (const [key, value] of Object.entries(spec2.nodeSelector ?? {})) if (node2.labels[key] !== value) return false;
  const terms = spec2.scheduling?.nodeAffinity;
  if (terms && !terms.some((term) => allHold(term, node2))) return false;
  return (taints ?? []).every(
    (taint) => taint.effect === "PreferNoSchedule" || spec2.scheduling?.tolerations?.some((one) => tolerates(one, taint))
  );
}
function allHold(term, node2) {
  return term.every(({ key, operator, values, field }) => {
    const value = field ? key === "metadata.name" ? node2.name : void 0 : labelOf(node2.labels, key);
    if (operator === "Gt") return value !== void 0 && Number(value) > Number(values[0]);
    if (operator === "Lt") return value !== void 0 && Number(value) < Number(values[0]);
    return holds({ operator, values }, value);
  });
}
function tolerates({ key, operator, value, effect }, taint) {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === "Exists";
  return key === taint.key && (operator === "Exists" || (value ?? "") === (taint.value ?? ""));
}
function createScheduler(nodes2, taintsOf) {
  const ready2 = nodes2.filter((node2) => node2.ready);
  const tainted = ready2.some((node2) => taintsOf.has(node2.name));
  const load = new Map(nodes2.map((node2) => [node2, 0]));
  const hostPorts = /* @__PURE__ */ new Map();
  const placed = /* @__PURE__ */ new Map();
  const counters = /* @__PURE__ */ new Map();
  let level = 0;
  let at2 = 0;
  const namespaceOf3 = (spec2) => spec2.namespace ?? "default";
  function counterFor(namespace, term) {
    let own = counters.get(namespace);
    if (!own) counters.set(namespace, own = /* @__PURE__ */ new Map());
    const id = `${term.topologyKey}
${JSON.stringify(term.selector ?? null)}`;
    let counter = own.get(id);
    if (!counter) {
      const matches4 = (labels2) => term.selector !== void 0 && matchesLabels(term.selector, labels2);
      counter = { term: { key: term.topologyKey, matches: matches4 }, perDomain: /* @__PURE__ */ new Map() };
      own.set(id, counter);
      for (const pod2 of placed.get(namespace) ?? []) count2(counter, pod2.labels, pod2.node);
    }
    return counter;
  }
  function count2({ term, perDomain }, labels2, node2) {
    const domain = node2.labels[term.key];
    if (domain !== void 0 && term.matches(labels2)) perDomain.set(domain, (perDomain.get(domain) ?? 0) + 1);
  }
  function place(spec2, node2) {
    load.set(node2, (load.get(node2) ?? 0) + 1);
    const namespace = namespaceOf3(spec2);
    const labels2 = spec2.labels ?? {};
    const list3 = placed.get(namespace);
    if (list3) list3.push({ labels: labels2, node: node2 });
    else placed.set(namespace, [{ labels: labels2, node: node2 }]);
    for (const counter of counters.get(namespace)?.values() ?? []) count2(counter, labels2, node2);
    const ports = hostPortsOf(spec2);
    if (ports.length === 0) return;
    const taken = hostPorts.get(node2) ?? /* @__PURE__ */ new Set();
    hostPorts.set(node2, taken);
    for (const port5 of ports) taken.add(port5);
  }
  function allows(spec2, node2, ports) {
    const taken = hostPorts.get(node2);
    if (taken && ports.some((port5) => taken.has(port5))) return false;
    const { affinity: affinity2 = [], antiAffinity = [], spread = [] } = spec2.scheduling ?? {};
    const here = (term) => {
      const domain = node2.labels[term.topologyKey];
      return domain === void 0 ? void 0 : spaces(term, spec2).reduce(
        (sum, namespace) => sum + (counterFor(namespace, term).perDomain.get(domain) ?? 0),
        0
      );
    };
    if (antiAffinity.some((term) => term.required && (here(term) ?? 0) > 0)) return false;
    for (const term of affinity2) {
      if (!term.required || (here(term) ?? 0) > 0) continue;
      const alone = spaces(term, spec2).every((namespace) => counterFor(namespace, term).perDomain.size === 0);
      const self = term.selector !== void 0 && matchesLabels(term.selector, spec2.labels ?? {});
      if (here(term) === void 0 || !alone || !self) return false;
    }
    return spread.every((constraint) => {
      if (!constraint.required) return true;
      const domain = node2.labels[constraint.topologyKey];
      if (domain === void 0) return false;
      return skew(spec2, constraint, domain) <= constraint.maxSkew;
    });
  }
  function skew(spec2, constraint, domain) {
    const { perDomain } = counterFor(namespaceOf3(spec2), constraint);
    let least = Number.POSITIVE_INFINITY;
    for (const name of domainsOf(constraint.topologyKey)) least = Math.min(least, perDomain.get(name) ?? 0);
    return (perDomain.get(domain) ?? 0) + 1 - least;
  }
  const domains = /* @__PURE__ */ new Map();
  function domainsOf(key) {
    let own = domains.get(key);
    if (!own) domains.set(key, own = new Set(ready2.flatMap((node2) => node2.labels[key] ?? [])));
    return own;
  }
  function cost(spec2, node2) {
    const { affinity: affinity2 = [], antiAffinity = [], spread = [] } = spec2.scheduling ?? {};
    let wish = 0;
    for (const constraint of spread) {
      const domain = node2.labels[constraint.topologyKey];
      wish += domain === void 0 ? 1e3 : skew(spec2, constraint, domain);
    }
    for (const [terms, sign] of [
      [antiAffinity, 1],
      [affinity2, -1]
    ])
      for (const term of terms) {
        if (term.required) continue;
        const domain = node2.labels[term.topologyKey] ?? "";
        for (const namespace of spaces(term, spec2))
          wish += sign * (counterFor(namespace, term).perDomain.get(domain) ?? 0);
      }
    return wish * 1e6 + load.get(node2);
  }
  function spaces(term, spec2) {
    return term.namespaces?.length ? term.namespaces : [namespaceOf3(spec2)];
  }
  function pick(spec2) {
    const ports = hostPortsOf(spec2);
    const plain4 = !tainted && !spec2.scheduling && ports.length === 0 && Object.keys(spec2.nodeSelector ?? {}).length === 0;
    let node2;
    if (plain4) node2 = emptiest2();
    else {
      let best = Number.POSITIVE_INFINITY;
      for (const candidate of ready2) {
        if (!fitsNode(spec2, candidate, taintsOf.get(candidate.name)) || !allows(spec2, candidate, ports)) continue;
        const own = cost(spec2, candidate);
        if (own < best) [best, node2] = [own, candidate];
      }
    }
    if (node2) place(spec2, node2);
    return node2;
  }
  function emptiest2() {
    if (ready2.length === 0) return void 0;
    for (; ; ) {
      for (; at2 < ready2.length; at2++) if (load.get(ready2[at2]) <= level) return ready2[at2++];
      at2 = 0;
      level++;
    }
  }
  return { pick, place };
}
function hostPortsOf({ ports = [], hostNetwork }) {
  return ports.flatMap((port5) => {
    if (typeof port5 !== "object") return [];
    const number2 = port5.hostPort ?? (hostNetwork ? port5.port : void 0);
    return number2 === void 0 ? [] : [`${number2}/${port5.protocol ?? "TCP"}`];
  });
}
function labelsForSelectors(pods2, names, known3) {
  const labels2 = /* @__PURE__ */ new Map();
  const asked = /* @__PURE__ */ new Map();
  const of = (name) => ({ ...known3(name), ...labels2.get(name) });
  const seen = /* @__PURE__ */ new Set();
  let turn = 0;
  for (const pod2 of pods2) {
    const wanted = wantedLabels(pod2);
    const id = JSON.stringify(wanted);
    if (wanted.length === 0 || seen.has(id)) continue;
    seen.add(id);
    if (names.some((name) => wanted.every(([key, value]) => of(name)[key] === value))) continue;
    for (let tried = 0; tried < names.length; tried++, turn++) {
      const name = names[turn % names.length];
      const own = of(name);
      if (wanted.some(([key, value]) => own[key] !== void 0 && own[key] !== value)) continue;
      labels2.set(name, { ...labels2.get(name), ...Object.fromEntries(wanted) });
      asked.set(name, pod2);
      turn++;
      break;
    }
  }
  return { labels: labels2, asked };
}
function wantedLabels({ nodeSelector, scheduling }) {
  const first = scheduling?.nodeAffinity?.[0] ?? [];
  return [
    ...Object.entries(nodeSelector ?? {}),
    ...first.flatMap(
      ({ key, operator, values, field }) => field || key === HOSTNAME ? [] : operator === "In" ? [[key, values[0] ?? ""]] : operator === "Exists" ? [[key, ""]] : []
    )
  ];
}
var HOSTNAME;
var init_schedule = __esm({
  "src/cluster/schedule.ts"() {
    "use strict";
    init_match_labels();
    HOSTNAME = "kubernetes.io/hostname";
  }
});

// src/cluster/nodes.ts
function listNodes(definition, problems) {
  const own = definition.spec.nodes;
  if (typeof own === "number") {
    const counted2 = countNodes(own, definition.nodes);
    return [...definition.nodes, ...labelled(counted2, definition, problems)];
  }
  if (definition.nodes.length > 0) return definition.nodes;
  const implied = impliedNodes(definition.pods);
  if (implied.length > 0) {
    problems.note("inferred", `${implied.length} nodes, from the pods that run on them`);
    return implied;
  }
  problems.note("inferred", `no nodes given: ${DEFAULT_NODES} are assumed`);
  return labelled(countNodes(DEFAULT_NODES, []), definition, problems);
}
function impliedNodes(pods2) {
  const implied = /* @__PURE__ */ new Map();
  for (const { node: node2, daemon, hostIPs } of pods2)
    if (node2 !== void 0 && !daemon && !implied.has(node2))
      implied.set(node2, { name: node2, ...hostIPs?.length ? { ips: hostIPs } : {} });
  return [...implied.values()];
}
function labelled(nodes2, { pods: pods2 }, problems) {
  const { labels: labels2, asked } = labelsForSelectors(
    pods2.filter((pod2) => pod2.node === void 0 || pod2.daemon),
    nodes2.map((node2) => node2.name),
    standardLabels
  );
  for (const [name, pod2] of asked) {
    const list3 = Object.entries(labels2.get(name) ?? {}).map(([key, value]) => value === "" ? key : `${key}=${value}`);
    problems.note("inferred", `node ${name} has the labels ${list3.join(", ")}: pods ask for them`, pod2.where);
  }
  return nodes2.map((node2) => labels2.has(node2.name) ? { ...node2, labels: labels2.get(node2.name) } : node2);
}
function standardLabels(name) {
  return { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
}
function countNodes(count2, taken) {
  const names = new Set(taken.map((node2) => node2.name));
  const nodes2 = [];
  for (let i = 1; nodes2.length < count2; i++) if (!names.has(`node${i}`)) nodes2.push({ name: `node${i}` });
  return nodes2;
}
function resolveNodes(specs, context) {
  const { problems, book } = context;
  const names = /* @__PURE__ */ new Map();
  for (const spec2 of specs) {
    if (names.has(spec2.name)) problems.add(`node ${spec2.name} is defined twice`, spec2.where);
    names.set(spec2.name, spec2);
  }
  for (const { ip } of context.underlay.gateways) book.set(ip, "the gateway");
  const drafts = specs.map((spec2) => draftNode(spec2, context));
  allocateNodeIps(drafts, context);
  allocatePodCidrs(drafts, context);
  checkPodCidrs(drafts, context);
  for (const { spec: spec2 } of drafts) reserveStated(spec2, context);
  return drafts.map((draft) => finishNode(draft, context));
}
function claim(book, ip, owner, problems, where) {
  const other = book.get(ip);
  if (other !== void 0 && other !== owner)
    problems.add(
      `${owner}: address ${formatIp(ip)} is taken by ${other}`,
      where,
      "leave the address out to get a free one"
    );
  else book.set(ip, owner);
}
function draftNode(spec2, { book, problems, underlay: underlay2 }) {
  const stated = readIps([...listOf(spec2.ip), ...listOf(spec2.ips)], `node ${spec2.name}`, spec2.where, problems);
  const ips = [...stated.filter(isIp4).slice(0, 1), ...stated.filter((ip) => !isIp4(ip)).slice(0, 1)];
  for (const ip of ips) {
    claim(book, ip, `node ${spec2.name}`, problems, spec2.where);
    if (!containing(
      underlay2.subnets.map((subnet) => subnet.prefix),
      ip
    ))
      problems.note("warning", `node ${spec2.name}: address ${formatIp(ip)} is in none of the node subnets`, spec2.where);
  }
  const podCidrs = [...listOf(spec2.podCIDR), ...listOf(spec2.podCIDRs)].flatMap((text4) => {
    const prefix = text4.includes("/") ? parsePrefix(text4) : void 0;
    if (!prefix)
      problems.add(
        `node ${spec2.name}: expected a pod CIDR such as 10.32.1.0/24, got ${JSON.stringify(text4)}`,
        spec2.where
      );
    return prefix ? [networkOf(prefix)] : [];
  });
  return { spec: spec2, ips, podCidrs };
}
function allocateNodeIps(drafts, { underlay: underlay2, families, book, problems }) {
  for (const family of [4, 6]) {
    const subnets = underlay2.subnets.filter(({ prefix }) => familyOf3(prefix.ip) === family);
    if (subnets.length === 0) continue;
    const pools = subnets.map(({ prefix }) => createPool(prefix, book, FIRST_NODE_OFFSET));
    for (const { spec: spec2, ips } of drafts) {
      const wanted = families.includes(family) && !(spec2.observed && ips.length > 0);
      if (!wanted || ips.some((ip2) => familyOf3(ip2) === family)) continue;
      const ip = pools.map((pool) => pool.allocate(`node ${spec2.name}`)).find((got) => got !== void 0);
      if (ip === void 0)
        problems.add(
          `node ${spec2.name}: no free address in ${subnets.map(({ prefix }) => formatPrefix(prefix)).join(", ")}`,
          spec2.where,
          "give the underlay a larger subnet"
        );
      else if (family === 4) ips.unshift(ip);
      else ips.push(ip);
    }
  }
}
function nodeMaskSize(parent, { definition: { spec: spec2 } }) {
  if (isIp4(parent.ip)) return spec2.nodeCIDRMaskSize ?? Math.max(24, parent.length);
  return spec2.nodeCIDRMaskSizeIPv6 ?? (parent.length <= 64 ? 64 : Math.max(120, parent.length));
}
function allocatePodCidrs(drafts, context) {
  const { families, podCidrs, problems } = context;
  const taken = drafts.flatMap((draft) => draft.podCidrs);
  for (const family of families) {
    const parents = podCidrs.filter((prefix) => familyOf3(prefix.ip) === family);
    let pools;
    for (const { spec: spec2, podCidrs: own } of drafts) {
      if (own.some((prefix) => familyOf3(prefix.ip) === family)) continue;
      pools ??= parents.map((parent) => {
        const length = nodeMaskSize(parent, context);
        return { length, pool: createPrefixPool(parent, length, taken) };
      });
      let got;
      for (const { pool } of pools) got ??= pool.allocate();
      if (got === void 0) {
        problems.add(
          `node ${spec2.name}: no pod CIDR left: ${pools.map(({ pool, length }) => describeFull(pool, length)).join("; ")}`,
          spec2.where ?? context.definition.locate(["spec", "nodes"]),
          `use a larger pod CIDR or a smaller prefix per node (${family === 4 ? "nodeCIDRMaskSize" : "nodeCIDRMaskSizeIPv6"})`
        );
        return;
      }
      if (family === 4) own.unshift(got);
      else own.push(got);
    }
  }
}
function checkPodCidrs(drafts, { podCidrs, problems, book }) {
  const items = drafts.flatMap(({ spec: spec2, podCidrs: own }) => own.map((prefix) => ({ spec: spec2, prefix })));
  for (const [a2, b2] of findOverlaps(items))
    problems.add(
      `node ${b2.spec.name}: pod CIDR ${formatPrefix(b2.prefix)} overlaps ${formatPrefix(a2.prefix)} of node ${a2.spec.name}`,
      b2.spec.where
    );
  for (const { spec: spec2, prefix } of items)
    if (!podCidrs.some((parent) => parent.length <= prefix.length && containing([parent], prefix.ip)))
      problems.note(
        "warning",
        `node ${spec2.name}: pod CIDR ${formatPrefix(prefix)} is outside of the cluster's (${podCidrs.map(formatPrefix).join(", ")})`,
        spec2.where
      );
  for (const [ip, owner] of book) {
    const inside = podCidrs.find((parent) => containing([parent], ip));
    if (inside && owner.startsWith("node "))
      problems.note("warning", `${owner}: address ${formatIp(ip)} lies in the pod CIDR ${formatPrefix(inside)}`);
  }
}
function reserveStated(spec2, { book, problems }) {
  for (const [value, what] of [
    [spec2.routerIP, "router"],
    [spec2.healthIP, "health"]
  ])
    for (const ip of readIps(value, `node ${spec2.name}`, spec2.where, problems))
      claim(book, ip, `${what} of node ${spec2.name}`, problems, spec2.where);
}
function finishNode({ spec: spec2, ips, podCidrs }, context) {
  const { underlay: underlay2, problems, kubernetesVersion } = context;
  const mac = spec2.mac === void 0 ? macOf(`node ${spec2.name}`) : parseMac(spec2.mac);
  if (mac === void 0)
    problems.add(`node ${spec2.name}: expected a MAC address, got ${JSON.stringify(spec2.mac)}`, spec2.where);
  const prefixes3 = [...underlay2.subnets.map((subnet) => subnet.prefix), ...underlay2.vnets];
  return {
    name: spec2.name,
    labels: { ...standardLabels(spec2.name), ...spec2.labels },
    annotations: spec2.annotations ?? {},
    ips,
    externalIps: readIps(spec2.externalIP, `node ${spec2.name}`, spec2.where, problems),
    subnets: ips.map((ip) => containing(prefixes3, ip) ?? { ip, length: isIp4(ip) ? 24 : 64 }).map(networkOf),
    podCidrs,
    routerIps: listOf(spec2.routerIP).flatMap((text4) => parseIp(text4) ?? []),
    healthIps: listOf(spec2.healthIP).flatMap((text4) => parseIp(text4) ?? []),
    mac: mac ?? 0,
    mtu: spec2.mtu ?? underlay2.mtu,
    apiserver: spec2.apiserver ?? false,
    ready: spec2.ready ?? true,
    cpus: spec2.cpus ?? 4,
    info: {
      osImage: spec2.osImage ?? "Ubuntu 24.04.3 LTS",
      kernelVersion: spec2.kernelVersion ?? "6.8.0-85-generic",
      containerRuntime: spec2.containerRuntime ?? "containerd://2.1.4",
      kubeletVersion: spec2.kubeletVersion ?? kubernetesVersion
    },
    ...spec2.where ? { where: spec2.where } : {}
  };
}
function allocateAgentIps(nodes2, context, local2) {
  const { cilium, book, families, problems } = context;
  return nodes2.map((node2) => {
    const pick = (what, stated, shared) => families.flatMap((family) => {
      const known3 = [...stated, ...shared].find((ip2) => familyOf3(ip2) === family);
      if (known3 !== void 0) return [known3];
      const prefix = node2.podCidrs.find(({ ip: ip2 }) => familyOf3(ip2) === family);
      const ip = prefix && createPool(prefix, book).allocate(`${what} of node ${node2.name}`);
      if (prefix && ip === void 0)
        problems.add(`node ${node2.name}: no free address for the ${what} in ${formatPrefix(prefix)}`, node2.where);
      return ip === void 0 ? [] : [ip];
    });
    const routerIps = pick("router", node2.routerIps, local2);
    const healthIps = cilium.endpointHealthChecking ? pick("health", node2.healthIps, []) : [];
    return { ...node2, routerIps, healthIps };
  });
}
var FIRST_NODE_OFFSET, DEFAULT_NODES;
var init_nodes = __esm({
  "src/cluster/nodes.ts"() {
    "use strict";
    init_addr();
    init_cidrs();
    init_cilium_config();
    init_hash();
    init_ipam();
    init_schedule();
    FIRST_NODE_OFFSET = 5;
    DEFAULT_NODES = 3;
  }
});

// src/cluster/pods.ts
function expandReplicas(specs) {
  return specs.flatMap((spec2) => {
    if (spec2.replicas === void 0) return [spec2];
    const { replicas, ...rest } = spec2;
    return Array.from({ length: replicas }, (_, i) => ({ ...rest, name: `${spec2.name}-${i + 1}` }));
  });
}
function placePods(all, context) {
  const { problems, nodes: nodes2, book } = context;
  const byName2 = new Map(nodes2.map((node2) => [node2.name, node2]));
  const specs = all.filter(({ daemon, ...spec2 }) => {
    const node2 = daemon && byName2.get(spec2.node ?? "");
    return !node2 || fitsNode(spec2, node2, context.taints.get(node2.name));
  });
  const scheduler = createScheduler(nodes2, context.taints);
  for (const spec2 of specs) {
    const known3 = spec2.node === void 0 ? void 0 : byName2.get(spec2.node);
    if (known3 && spec2.phase !== "Succeeded" && spec2.phase !== "Failed") scheduler.place(spec2, known3);
  }
  const seen = /* @__PURE__ */ new Set();
  const outside = [];
  const placed = specs.map((spec2) => {
    const namespace = spec2.namespace ?? "default";
    const key = `${namespace}/${spec2.name}`;
    if (seen.has(key)) problems.add(`pod ${key} is defined twice`, spec2.where);
    seen.add(key);
    const stated = readStatedIps(spec2, key, problems);
    const finished = spec2.phase === "Succeeded" || spec2.phase === "Failed";
    const node2 = placeOf2(spec2, key, stated, byName2, scheduler, context);
    const live = !spec2.hostNetwork && !finished;
    if (live) for (const ip of stated) claim(book, ip, `pod ${key}`, problems, spec2.where);
    if (live && node2 && context.checkCidr && isOutside3(stated, node2)) outside.push(key);
    const phase = spec2.phase ?? (node2 ? "Running" : "Pending");
    return { spec: spec2, namespace, key, node: node2, phase, stated };
  });
  const waiting = placed.filter(({ node: node2, spec: spec2 }) => !node2 && spec2.node === void 0 && spec2.phase === void 0);
  if (waiting.length > 0)
    problems.note(
      "warning",
      `${waiting.length === 1 ? `pod ${waiting[0].key} waits` : `${waiting.length} pods wait, ${waiting[0].key} the first,`} for a node: none fits its selectors, affinity, tolerations and ports`,
      waiting[0].spec.where
    );
  if (outside.length > 0) {
    const first = placed.find((pod2) => pod2.key === outside[0]);
    const who = outside.length === 1 ? `pod ${outside[0]} has its address` : `${outside.length} pods, ${outside[0]} the first, have addresses`;
    problems.note("warning", `${who} outside of the pod CIDR of its node`, first.spec.where);
  }
  return placed;
}
function readStatedIps(spec2, key, problems) {
  const texts2 = [...listOf(spec2.ip), ...listOf(spec2.ips)];
  if (texts2.length === 0) return [];
  const ips = texts2.flatMap((text4) => {
    const ip = parseIp(text4);
    if (ip === void 0) problems.add(`pod ${key}: expected an IP address, got ${JSON.stringify(text4)}`, spec2.where);
    return ip === void 0 ? [] : [ip];
  });
  const unique2 = [...new Set(ips)];
  return [...unique2.filter(isIp4), ...unique2.filter((ip) => !isIp4(ip))];
}
function isOutside3(ips, node2) {
  return ips.some((ip) => {
    const own = node2.podCidrs.filter((prefix) => familyOf3(prefix.ip) === familyOf3(ip));
    return own.length > 0 && !own.some((prefix) => prefixContains(prefix, ip));
  });
}
function placeOf2(spec2, key, stated, byName2, scheduler, { nodes: nodes2, problems }) {
  if (spec2.node !== void 0) {
    const node2 = byName2.get(spec2.node);
    if (!node2)
      problems.add(
        `pod ${key} is on node ${spec2.node}, which is not defined`,
        spec2.where,
        nearest(spec2.node, [...byName2.keys()])
      );
    return node2;
  }
  if (spec2.phase === "Pending") return void 0;
  if (stated.length > 0 && !spec2.hostNetwork) {
    const home = nodes2.find((node2) => node2.podCidrs.some((prefix) => prefixContains(prefix, stated[0])));
    if (home) {
      scheduler.place(spec2, home);
      return home;
    }
  }
  return scheduler.pick(spec2);
}
function resolvePods(placed, context) {
  const pools = /* @__PURE__ */ new Map();
  const poolsOf = (node2) => {
    let own = pools.get(node2.name);
    if (!own) pools.set(node2.name, own = node2.podCidrs.map((prefix) => createPool(prefix, context.book)));
    return own;
  };
  const endpointIds = statedEndpointIds(placed, context.problems);
  const identityOf = createIdentities(placed, context);
  return placed.map((pod2) => {
    const { spec: spec2, namespace, key, node: node2, phase } = pod2;
    const running = phase !== "Pending" || pod2.stated.length > 0;
    const live = node2 !== void 0 && phase !== "Succeeded" && phase !== "Failed" && running;
    const endpoint = live && !spec2.hostNetwork;
    const ips = endpoint ? podIps(pod2, node2, poolsOf, context) : spec2.hostNetwork && node2 ? node2.ips : pod2.stated;
    const ports = (spec2.ports ?? []).map((port5) => podPort(port5, key, spec2, context.problems));
    const mac = spec2.mac === void 0 ? macOf(`pod ${key} eth0`) : parseMac(spec2.mac);
    if (mac === void 0)
      context.problems.add(`pod ${key}: expected a MAC address, got ${JSON.stringify(spec2.mac)}`, spec2.where);
    return {
      name: spec2.name,
      namespace,
      labels: spec2.labels ?? {},
      annotations: spec2.annotations ?? {},
      node: node2?.name,
      ips,
      hostNetwork: spec2.hostNetwork ?? false,
      ports: ports.filter((port5) => port5 !== void 0),
      phase,
      ready: spec2.ready ?? (phase === "Running" && !spec2.terminating),
      serviceAccount: spec2.serviceAccount ?? "default",
      identity: spec2.hostNetwork ? HOST_IDENTITY : identityOf(pod2),
      endpointId: endpoint ? endpointId(pod2, node2, endpointIds) : 0,
      mac: mac ?? 0,
      hostMac: macOf(`pod ${key} lxc`),
      device: `lxc${hex12(`pod ${key}`)}`,
      ...spec2.owner ? { owner: spec2.owner } : {},
      ...spec2.controller ? { controller: spec2.controller } : {},
      containers: containersOf2(spec2),
      ...spec2.terminating ? { terminating: true } : {},
      ...spec2.createdAt === void 0 ? {} : { createdAt: Date.parse(spec2.createdAt) },
      ...spec2.where ? { where: spec2.where } : {}
    };
  });
}
function containersOf2(spec2) {
  if (spec2.containers) return spec2.containers.map(({ name, image }) => ({ name, image: image ?? "" }));
  return [{ name: spec2.name, image: spec2.image ?? "registry.k8s.io/e2e-test-images/agnhost:2.53" }];
}
function podIps(pod2, node2, poolsOf, { families, problems }) {
  if (pod2.spec.observed && pod2.stated.length > 0) return [...pod2.stated];
  return families.flatMap((family) => {
    const stated = pod2.stated.find((ip2) => familyOf3(ip2) === family);
    if (stated !== void 0) return [stated];
    const pool = poolsOf(node2).find(({ prefix }) => familyOf3(prefix.ip) === family);
    const ip = pool?.allocate(`pod ${pod2.key}`);
    if (ip !== void 0) return [ip];
    problems.add(
      pool ? `pod ${pod2.key}: no free address in ${formatPrefix(pool.prefix)} of node ${node2.name} (${pool.capacity} usable)` : `pod ${pod2.key}: node ${node2.name} has no IPv${family} pod CIDR`,
      pod2.spec.where,
      "run it on another node, or give the nodes larger pod CIDRs"
    );
    return [];
  });
}
function podPort(port5, key, spec2, problems) {
  if (typeof port5 === "object") {
    const { hostIP, ...rest } = port5;
    const hostIp = hostIP ? parseIp(hostIP) : void 0;
    if (hostIP && hostIp === void 0)
      problems.add(`pod ${key}: expected an IP address as hostIP, got ${JSON.stringify(hostIP)}`, spec2.where);
    return { ...rest, protocol: port5.protocol ?? "TCP", ...hostIp === void 0 ? {} : { hostIp } };
  }
  const match = /^(?:([a-z0-9-]+):)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(String(port5));
  const number2 = Number(match?.[2] ?? 0);
  if (!match || number2 < 1 || number2 > 65535) {
    problems.add(
      `pod ${key}: expected a port such as 8080, 53/UDP or http:8080, got ${JSON.stringify(port5)}`,
      spec2.where
    );
    return void 0;
  }
  const protocol4 = match[3]?.toUpperCase() ?? "TCP";
  return { ...match[1] === void 0 ? {} : { name: match[1] }, port: number2, protocol: protocol4 };
}
function statedEndpointIds(placed, problems) {
  const taken = /* @__PURE__ */ new Map();
  for (const { spec: spec2, key, node: node2 } of placed) {
    if (!node2) continue;
    let ids = taken.get(node2.name);
    if (!ids) taken.set(node2.name, ids = /* @__PURE__ */ new Set());
    if (spec2.endpointId === void 0) continue;
    if (ids.has(spec2.endpointId))
      problems.add(`pod ${key}: endpoint id ${spec2.endpointId} is taken on node ${node2.name}`, spec2.where);
    ids.add(spec2.endpointId);
  }
  return taken;
}
function endpointId({ spec: spec2, key }, node2, taken) {
  if (spec2.endpointId !== void 0) return spec2.endpointId;
  const ids = taken.get(node2.name);
  const limit = ids.size < 4e3 ? 4095 : 65535;
  let id = hash53(`endpoint ${key}`) % limit + 1;
  while (ids.has(id)) id = id % limit + 1;
  ids.add(id);
  return id;
}
function createIdentities(placed, context) {
  const { identities, problems, namespaces: namespaces2 } = context;
  const cache2 = /* @__PURE__ */ new Map();
  const labelsOf = ({ spec: spec2, namespace }) => {
    const serviceAccount = spec2.serviceAccount ?? "default";
    const key = `${namespace}
${serviceAccount}
${JSON.stringify(spec2.labels ?? {})}`;
    let labels2 = cache2.get(key);
    if (!labels2) {
      labels2 = identityLabels(
        {
          labels: spec2.labels ?? {},
          namespace,
          namespaceLabels: namespaces2.get(namespace)?.labels ?? {},
          serviceAccount,
          clusterName: context.clusterName
        },
        context.keepLabel
      );
      cache2.set(key, labels2);
    }
    return labels2;
  };
  for (const pod2 of placed) {
    const id = pod2.spec.identity;
    if (id === void 0 || pod2.spec.hostNetwork) continue;
    const other = identities.state(id, labelsOf(pod2));
    if (other && !pod2.spec.observed)
      problems.add(
        `pod ${pod2.key}: identity ${id} belongs to other labels (${other.join(", ")})`,
        pod2.spec.where,
        "pods share an identity only if they share their labels"
      );
  }
  let exhausted = false;
  return (pod2) => {
    if (pod2.spec.identity !== void 0) return pod2.spec.identity;
    const id = identities.idOf(labelsOf(pod2));
    if (id === void 0 && !exhausted) {
      exhausted = true;
      problems.add(
        `pod ${pod2.key}: no security identity left (${65536 - 256} in a cluster)`,
        pod2.spec.where,
        "leave labels that differ per pod out of identities with the option labels, e.g. 'k8s:!job-id'"
      );
    }
    return id ?? 0;
  };
}
var init_pods = __esm({
  "src/cluster/pods.ts"() {
    "use strict";
    init_nearest();
    init_addr();
    init_cilium_config();
    init_hash();
    init_identity2();
    init_ipam();
    init_nodes();
    init_schedule();
  }
});

// src/cluster/backends.ts
function groupEndpoints(endpoints2) {
  const groups2 = /* @__PURE__ */ new Map();
  for (const item of endpoints2) {
    const key = `${item.namespace}/${item.service}`;
    const group = groups2.get(key);
    if (group) group.push(item);
    else groups2.set(key, [item]);
  }
  return groups2;
}
function statedBackends(spec2, ports, group, zones, problems) {
  if (spec2.endpoints) return spec2.endpoints.flatMap((text4) => addressBackend(text4, spec2, ports, problems));
  if (!group) return void 0;
  const slices = group.filter((item) => item.kind === "EndpointSlice");
  return unique(
    (slices.length > 0 ? slices : group).flatMap(
      (slice) => slice.ports.flatMap(
        (port5) => slice.endpoints.flatMap((endpoint) => {
          const state2 = slice.weight === 0 ? "maintenance" : endpointState(endpoint);
          const zone = endpoint.zone ?? (endpoint.nodeName === void 0 ? void 0 : zones.get(endpoint.nodeName));
          return endpoint.addresses.flatMap((text4) => {
            const ip = parseIp(text4);
            if (ip === void 0) {
              problems.add(
                `endpoints of ${keyOf2(spec2)}: expected an IP address, got ${JSON.stringify(text4)}`,
                slice.where
              );
              return [];
            }
            return [
              {
                ip,
                port: port5.port,
                protocol: port5.protocol,
                portName: port5.name,
                ...endpoint.nodeName === void 0 ? {} : { nodeName: endpoint.nodeName },
                ...zone === void 0 ? {} : { zone },
                ...endpoint.forZones ? { forZones: endpoint.forZones } : {},
                ...slice.weight ? { weight: slice.weight } : {},
                state: state2
              }
            ];
          });
        })
      )
    )
  );
}
function unique(backends) {
  const seen = new Map(
    backends.map((backend2) => [`${backend2.ip} ${backend2.port} ${backend2.protocol} ${backend2.portName}`, backend2])
  );
  return [...seen.values()];
}
function endpointState(endpoint) {
  if (endpoint.ready) return "active";
  if (!endpoint.terminating) return "maintenance";
  return endpoint.serving ? "terminating" : "terminating-not-serving";
}
function addressBackend(text4, spec2, ports, problems) {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text4);
  const ip = match ? parseIp(match[1] ?? match[2]) : parseIp(text4);
  if (ip === void 0 || match?.[3] !== void 0 && (Number(match[3]) < 1 || Number(match[3]) > 65535)) {
    problems.add(
      `service ${keyOf2(spec2)}: expected an endpoint such as 10.0.0.5:8080, got ${JSON.stringify(text4)}`,
      spec2.where
    );
    return [];
  }
  return ports.flatMap((port5) => {
    const target = typeof port5.targetPort === "number" ? port5.targetPort : port5.port;
    const number2 = match?.[3] === void 0 ? target : Number(match[3]);
    if (ports.length > 1 && match?.[3] !== void 0 && number2 !== target) return [];
    return [{ ip, port: number2, protocol: port5.protocol, portName: port5.name ?? "", state: "active" }];
  });
}
function indexPods(pods2) {
  const index = /* @__PURE__ */ new Map();
  for (const pod2 of pods2) {
    if (pod2.phase !== "Running" || pod2.ips.length === 0) continue;
    for (const [key, value] of Object.entries(pod2.labels)) {
      const slot = `${pod2.namespace}
${key}
${value}`;
      const list3 = index.get(slot);
      if (list3) list3.push(pod2);
      else index.set(slot, [pod2]);
    }
  }
  return index;
}
function selectedBackends(spec2, ports, index, families, zones) {
  const wanted = Object.entries(spec2.selector ?? {});
  if (wanted.length === 0) return [];
  const namespace = spec2.namespace ?? "default";
  const lists = wanted.map(([key, value]) => index.get(`${namespace}
${key}
${value}`) ?? []);
  const shortest = lists.reduce((best, list3) => list3.length < best.length ? list3 : best);
  const pods2 = shortest.filter((pod2) => wanted.every(([key, value]) => pod2.labels[key] === value));
  return ports.flatMap(
    (port5) => pods2.flatMap((pod2) => {
      const number2 = targetPort(port5, pod2);
      if (number2 === void 0) return [];
      const zone = pod2.node === void 0 ? void 0 : zones.get(pod2.node);
      return pod2.ips.filter((ip) => families.has(familyOf3(ip))).map((ip) => ({
        ip,
        port: number2,
        protocol: port5.protocol,
        portName: port5.name ?? "",
        ...pod2.node === void 0 ? {} : { nodeName: pod2.node },
        ...zone === void 0 ? {} : { zone },
        state: podState(pod2, spec2.publishNotReadyAddresses ?? false)
      }));
    })
  );
}
function podState(pod2, publishNotReady) {
  const terminating = pod2.terminating ?? false;
  return endpointState({ ready: publishNotReady || pod2.ready && !terminating, serving: pod2.ready, terminating });
}
function targetPort(port5, pod2) {
  if (typeof port5.targetPort === "number") return port5.targetPort;
  return pod2.ports.find((own) => own.name === port5.targetPort && own.protocol === port5.protocol)?.port;
}
var init_backends = __esm({
  "src/cluster/backends.ts"() {
    "use strict";
    init_addr();
    init_ipam();
    init_spec();
  }
});

// src/cluster/services.ts
function resolveServices(specs, context) {
  const { problems, endpoints: endpoints2 } = context;
  const stated = specs.map((spec2) => statedClusterIps(spec2, context));
  const allocate = createClusterIpAllocator(context);
  const nodePorts = createNodePorts(specs, context);
  const slices = groupEndpoints(endpoints2);
  const podIndex = indexPods(context.pods);
  const zones = new Map(context.nodes.map((node2) => [node2.name, node2.labels["topology.kubernetes.io/zone"]]));
  const seen = /* @__PURE__ */ new Set();
  return specs.map((spec2, i) => {
    const key = keyOf2(spec2);
    if (seen.has(key)) problems.add(`service ${key} is defined twice`, spec2.where);
    seen.add(key);
    const type = spec2.type ?? "ClusterIP";
    const ports = nodePorts(spec2, readPorts2(spec2, problems));
    const distribution = trafficDistributions.find((name) => name === spec2.trafficDistribution);
    const clusterIps2 = stated[i] ?? allocate(spec2);
    const local2 = (spec2.externalTrafficPolicy ?? "Cluster") === "Local";
    const healthPort = spec2.healthCheckNodePort ?? (type === "LoadBalancer" && local2 ? nodePorts.health() : void 0);
    const families = new Set(clusterIps2.length > 0 ? clusterIps2.map(familyOf3) : context.families);
    return {
      name: spec2.name,
      namespace: spec2.namespace ?? "default",
      labels: spec2.labels ?? {},
      annotations: spec2.annotations ?? {},
      type,
      clusterIps: clusterIps2,
      externalIps: readIps(spec2.externalIPs, `service ${key}`, spec2.where, problems),
      loadBalancerIps: readIps(spec2.loadBalancerIP, `service ${key}`, spec2.where, problems),
      ports,
      ...spec2.selector ? { selector: spec2.selector } : {},
      ...spec2.externalName === void 0 ? {} : { externalName: spec2.externalName },
      sessionAffinity: spec2.sessionAffinity === "ClientIP" ? { clientIpTimeout: spec2.sessionAffinityTimeout ?? 10800 } : void 0,
      internalTrafficPolicy: spec2.internalTrafficPolicy ?? "Cluster",
      externalTrafficPolicy: spec2.externalTrafficPolicy ?? "Cluster",
      ...healthPort === void 0 ? {} : { healthCheckNodePort: healthPort },
      sourceRanges: listOf(spec2.loadBalancerSourceRanges).flatMap((text4) => {
        const prefix = parsePrefix(text4);
        if (!prefix)
          problems.add(`service ${key}: expected a prefix such as 10.0.0.0/8, got ${JSON.stringify(text4)}`, spec2.where);
        return prefix ?? [];
      }),
      publishNotReady: spec2.publishNotReadyAddresses ?? false,
      ...spec2.loadBalancerClass ? { loadBalancerClass: spec2.loadBalancerClass } : {},
      ...distribution ? { trafficDistribution: distribution } : {},
      backends: type === "ExternalName" ? [] : statedBackends(spec2, ports, slices.get(key), zones, problems) ?? selectedBackends(spec2, ports, podIndex, families, zones),
      ...spec2.where ? { where: spec2.where } : {}
    };
  });
}
function readPorts2(spec2, problems) {
  const read = (spec2.ports ?? []).flatMap((port5) => readPort2(port5, spec2, problems) ?? []);
  const ports = read.length > 1 ? withNames(read) : read;
  if (ports !== read && read.some((port5) => port5.name === void 0))
    problems.note(
      "warning",
      `service ${keyOf2(spec2)}: an API server refuses several ports without a name for each: they get some here`,
      spec2.where
    );
  const names = /* @__PURE__ */ new Set();
  for (const { name } of ports) {
    if (name !== void 0 && names.has(name))
      problems.add(`service ${keyOf2(spec2)}: two ports are named ${name}`, spec2.where);
    if (name !== void 0) names.add(name);
  }
  if (ports.length === 0 && spec2.type !== "ExternalName" && spec2.clusterIP !== "None")
    problems.add(`service ${keyOf2(spec2)} has no ports`, spec2.where, 'add ports:, e.g. ports: ["80:8080"]');
  return ports;
}
function withNames(ports) {
  return ports.map((port5) => ({ ...port5, name: port5.name ?? `${port5.port}-${port5.targetPort}` }));
}
function readPort2(port5, spec2, problems) {
  if (typeof port5 === "object")
    return {
      ...port5.name ? { name: port5.name } : {},
      port: port5.port,
      protocol: port5.protocol ?? "TCP",
      targetPort: port5.targetPort || port5.port,
      ...port5.nodePort ? { nodePort: port5.nodePort } : {}
    };
  const match = /^(\d{1,5})(?::(\d{1,5}|[a-z][a-z0-9-]*))?(?:\/(tcp|udp|sctp))?$/i.exec(String(port5));
  const number2 = Number(match?.[1] ?? 0);
  if (!match || number2 < 1 || number2 > 65535) {
    problems.add(
      `service ${keyOf2(spec2)}: expected a port such as 80, "80:8080" or "53:53/UDP", got ${JSON.stringify(port5)}`,
      spec2.where
    );
    return void 0;
  }
  const target = match[2];
  const protocol4 = match[3]?.toUpperCase() ?? "TCP";
  if (target === void 0) return { port: number2, protocol: protocol4, targetPort: number2 };
  return {
    name: `${number2}-${target}`,
    port: number2,
    protocol: protocol4,
    targetPort: /^\d+$/.test(target) ? Number(target) : target
  };
}
function statedClusterIps(spec2, context) {
  const { problems, book, serviceCidrs, serviceCidrsStated } = context;
  const texts2 = [.../* @__PURE__ */ new Set([...listOf(spec2.clusterIPs), ...listOf(spec2.clusterIP)])];
  if (spec2.type === "ExternalName" || texts2.includes("None")) return [];
  if (texts2.length === 0) return void 0;
  const ips = texts2.flatMap((text4) => {
    const ip = parseIp(text4);
    if (ip === void 0)
      problems.add(`service ${keyOf2(spec2)}: expected an IP address or None, got ${JSON.stringify(text4)}`, spec2.where);
    return ip === void 0 ? [] : [ip];
  });
  for (const ip of ips) {
    claim(book, ip, `service ${keyOf2(spec2)}`, problems, spec2.where);
    if (serviceCidrsStated && !serviceCidrs.some((prefix) => prefixContains(prefix, ip)))
      problems.add(
        `service ${keyOf2(spec2)}: ClusterIP ${formatIp(ip)} is not in the service CIDR ${serviceCidrs.map(formatPrefix).join(", ")}`,
        spec2.where,
        "the API server refuses such a service"
      );
  }
  return ips;
}
function createClusterIpAllocator(context) {
  const { serviceCidrs, families, book, problems } = context;
  const pools = serviceCidrs.map((prefix) => {
    const size = 2 ** Math.min(32, (isIp4(prefix.ip) ? 32 : 128) - prefix.length);
    const band = size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
    return createPool(prefix, book, band + 1);
  });
  return (spec2) => wantedFamilies(spec2, families).flatMap((family) => {
    const own = pools.filter(({ prefix }) => familyOf3(prefix.ip) === family);
    let ip;
    for (const pool of own) ip ??= pool.allocate(`service ${keyOf2(spec2)}`);
    if (ip === void 0)
      problems.add(
        own.length === 0 ? `service ${keyOf2(spec2)}: the cluster has no IPv${family} service CIDR` : `service ${keyOf2(spec2)}: no free ClusterIP in ${own.map(({ prefix }) => formatPrefix(prefix)).join(", ")}`,
        spec2.where,
        own.length === 0 ? void 0 : "use a larger service CIDR"
      );
    return ip === void 0 ? [] : [ip];
  });
}
function wantedFamilies(spec2, enabled2) {
  const asked = spec2.ipFamilies?.map((name) => name === "IPv4" ? 4 : 6);
  const policy3 = spec2.ipFamilyPolicy ?? (asked && asked.length > 1 ? "RequireDualStack" : "SingleStack");
  const order = asked?.length ? [...asked, ...enabled2.filter((family) => !asked.includes(family))] : enabled2;
  if (policy3 === "RequireDualStack") return order.length > 1 ? order.slice(0, 2) : [4, 6];
  return order.slice(0, policy3 === "PreferDualStack" ? 2 : 1);
}
function createNodePorts(specs, { nodePortRange: [low, high], problems }) {
  const owners = /* @__PURE__ */ new Map();
  const used = /* @__PURE__ */ new Set();
  for (const spec2 of specs) {
    if (spec2.healthCheckNodePort) used.add(spec2.healthCheckNodePort);
    for (const port5 of spec2.ports ?? []) {
      if (typeof port5 !== "object" || !port5.nodePort) continue;
      const slot = `${port5.nodePort}/${port5.protocol ?? "TCP"}`;
      const other = owners.get(slot);
      if (other !== void 0)
        problems.add(`service ${keyOf2(spec2)}: node port ${slot} is taken by service ${other}`, spec2.where);
      if (port5.nodePort < low || port5.nodePort > high)
        problems.add(
          `service ${keyOf2(spec2)}: node port ${port5.nodePort} is not in the range ${low}-${high}`,
          spec2.where,
          "the API server refuses such a service; node-port-range changes the range"
        );
      owners.set(slot, keyOf2(spec2));
      used.add(port5.nodePort);
    }
  }
  const size = high - low + 1;
  let next = size < 16 ? low : low + Math.min(Math.max(16, Math.floor(size / 32)), 128);
  const take = () => {
    for (let tried = 0; tried < size; tried++, next = next >= high ? low : next + 1)
      if (!used.has(next)) {
        used.add(next);
        return next;
      }
    return void 0;
  };
  const assign = (spec2, ports) => {
    if (spec2.type !== "NodePort" && spec2.type !== "LoadBalancer") return [...ports];
    if (spec2.type === "LoadBalancer" && spec2.allocateLoadBalancerNodePorts === false) return [...ports];
    return ports.map((port5) => {
      if (port5.nodePort !== void 0) return port5;
      const nodePort2 = take();
      if (nodePort2 === void 0)
        problems.add(`service ${keyOf2(spec2)}: no free node port in ${low}-${high}`, spec2.where);
      return nodePort2 === void 0 ? port5 : { ...port5, nodePort: nodePort2 };
    });
  };
  return Object.assign(assign, { health: take });
}
var trafficDistributions;
var init_services = __esm({
  "src/cluster/services.ts"() {
    "use strict";
    init_addr();
    init_backends();
    init_cidrs();
    init_cilium_config();
    init_ipam();
    init_nodes();
    init_spec();
    trafficDistributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
  }
});

// src/cluster/traffic.ts
var traffic_exports = {};
__export(traffic_exports, {
  parseTraffic: () => parseTraffic,
  readTraffic: () => readTraffic
});
function parseTraffic(text4, cluster, where) {
  const problems = createProblems();
  const spec2 = tryParse2(text4, cluster, where, problems);
  problems.throwIfAny();
  if (!spec2) throw new UserError("traffic: nothing read");
  return spec2;
}
function readTraffic(lines, cluster, locate2, problems) {
  return lines.flatMap((line, i) => tryParse2(line, cluster, locate2(i), problems) ?? []);
}
function tryParse2(text4, cluster, where, problems) {
  try {
    return { ...parseLine(text4.trim(), namesOf(cluster)), ...where ? { where } : {} };
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    problems.add(`traffic ${JSON.stringify(text4)}: ${error.message}`, where, error.hint);
    return void 0;
  }
}
function parseLine(text4, names) {
  const arrow = /\s*(?:->|→)\s*|\s+to\s+/.exec(text4);
  if (!arrow)
    throw new TrafficError(
      text4 === "" ? "expected FROM -> TO" : "no destination",
      `an unquoted -> is a redirection to the shell; ${GRAMMAR}`
    );
  const fromText = text4.slice(0, arrow.index).trim();
  const [toText, ...words2] = splitWords(text4.slice(arrow.index + arrow[0].length));
  if (fromText === "") throw new TrafficError("no source before the arrow", GRAMMAR);
  if (toText === void 0) throw new TrafficError("no destination after the arrow", GRAMMAR);
  if (/\s/.test(fromText))
    throw new TrafficError(
      `expected one source, got ${JSON.stringify(fromText)}`,
      "options stand behind the destination"
    );
  const from = sourcePeer(fromText, names);
  const target = splitTarget(toText);
  const to = targetPeer(target, names);
  const protocol4 = protocolOf(target);
  const port5 = portOf(target, protocol4, to);
  const options = readOptions(words2);
  if (options.keep && protocol4 !== "tcp") throw new TrafficError(`keep is for tcp, not for ${protocol4}`);
  return { text: text4, from, to, protocol: protocol4, ...port5 === void 0 ? {} : { port: port5 }, ...options };
}
function splitWords(text4) {
  const words2 = [];
  let word2 = "";
  let open2 = "";
  let started = false;
  for (const c2 of text4) {
    if (open2 !== "") {
      if (c2 === open2) open2 = "";
      else word2 += c2;
    } else if (c2 === '"' || c2 === "'") {
      open2 = c2;
      started = true;
    } else if (/\s/.test(c2)) {
      if (started) words2.push(word2);
      word2 = "";
      started = false;
    } else {
      word2 += c2;
      started = true;
    }
  }
  if (open2 !== "") throw new TrafficError(`a quote ${open2} is not closed`);
  if (started) words2.push(word2);
  return words2;
}
function splitTarget(text4) {
  const bracket = /^\[([^\]]*)\](?::([^/]*))?(?:\/(.*))?$/.exec(text4);
  if (bracket) return { host: bracket[1], port: bracket[2], protocol: bracket[3] };
  const slash = text4.lastIndexOf("/");
  const tail = slash < 0 ? void 0 : text4.slice(slash + 1).toLowerCase();
  const head = slash < 0 ? text4 : text4.slice(0, slash);
  const isProtocol = tail !== void 0 && (protocols.some((name) => name === tail) || head.includes(":") || /^(node|pod|svc|service)\/.*\//.test(text4) && parseKinds(head) > 1);
  const host3 = isProtocol ? head : text4;
  const protocol4 = isProtocol ? tail : void 0;
  if (parseIp(host3) !== void 0) return { host: host3, port: void 0, protocol: protocol4 };
  const colon = host3.lastIndexOf(":");
  if (colon < 0) return { host: host3, port: void 0, protocol: protocol4 };
  return { host: host3.slice(0, colon), port: host3.slice(colon + 1), protocol: protocol4 };
}
function parseKinds(text4) {
  return text4.split("/").length - (text4.startsWith("node/") ? 0 : 1);
}
function protocolOf({ protocol: protocol4, port: port5 }) {
  if (protocol4 === void 0) return port5 === void 0 ? "icmp" : "tcp";
  const known3 = protocols.find((name) => name === protocol4);
  if (known3 === void 0)
    throw new TrafficError(
      `unknown protocol ${JSON.stringify(protocol4)}, expected one of ${protocols.join(", ")}`,
      nearest(protocol4, protocols)
    );
  if (known3 === "icmp" && port5 !== void 0)
    throw new TrafficError("icmp has no ports", "leave out the port, or say /tcp or /udp");
  return known3;
}
function portOf(target, protocol4, to) {
  if (protocol4 === "icmp") return void 0;
  const named2 = to.kind === "service" ? to.service.ports : to.kind === "pod" ? to.pod.ports : [];
  const usable2 = named2.filter((port5) => port5.protocol === l42[protocol4]);
  if (target.port === void 0) {
    if (protocol4 === "dns") return wellKnown.dns;
    if (usable2.length === 1) return usable2[0].port;
    const fallback = wellKnown[protocol4];
    if (fallback !== void 0) return fallback;
    throw new TrafficError(`${protocol4} needs a port`, `write ${target.host}:PORT/${protocol4}`);
  }
  if (/^\d+$/.test(target.port)) {
    const port5 = Number(target.port);
    if (port5 < 1 || port5 > 65535) throw new TrafficError(`port ${target.port} is not in 1 \u2026 65535`);
    return port5;
  }
  const match = named2.find((port5) => port5.name === target.port);
  if (match) return match.port;
  const known3 = named2.flatMap((port5) => port5.name ?? []);
  throw new TrafficError(
    target.port === "" ? "no port behind the colon" : `unknown port ${JSON.stringify(target.port)}`,
    nearest(target.port, known3) ?? (known3.length > 0 ? `ports: ${known3.join(", ")}` : "write the port as a number")
  );
}
function readOptions(words2) {
  let [count2, at2, every] = [1, 0, SECOND2];
  let size;
  let data;
  const seen = /* @__PURE__ */ new Set();
  for (const word2 of words2) {
    const times = /^[x×](\d+)$/.exec(word2);
    const equals2 = word2.indexOf("=");
    const key = times ? "x" : equals2 < 0 ? word2 : word2.slice(0, equals2);
    const value = times ? times[1] : word2.slice(equals2 + 1);
    if (!optionNames.includes(key) || (equals2 < 0 && !times) !== (key === "keep"))
      throw new TrafficError(
        `unexpected ${JSON.stringify(word2)} behind the destination`,
        nearest(key, optionNames) ?? "options are x3, size=1400, data=TEXT, at=1s, every=100ms, keep"
      );
    if (seen.has(key)) throw new TrafficError(`${key} is given twice`);
    seen.add(key);
    if (key === "keep") continue;
    if (key === "x") count2 = wholeNumber(word2, value, 1, MAX_COUNT);
    else if (key === "size") size = wholeNumber(word2, value, 0, MAX_SIZE);
    else if (key === "data") data = value;
    else if (key === "at") at2 = duration2(word2, value);
    else every = duration2(word2, value);
  }
  return {
    count: count2,
    ...size === void 0 ? {} : { size },
    ...data === void 0 ? {} : { data },
    at: at2,
    every,
    ...seen.has("keep") ? { keep: true } : {}
  };
}
function wholeNumber(word2, text4, min, max) {
  const n = /^\d{1,12}$/.test(text4) ? Number(text4) : Number.NaN;
  if (n >= min && n <= max) return n;
  throw new TrafficError(`${word2}: expected a whole number from ${min} to ${max}`);
}
function duration2(word2, text4) {
  const time2 = parseDuration(text4);
  if (time2 !== void 0) return time2;
  throw new TrafficError(`${word2}: expected a time such as 1s, 100ms or 250us`, text4 === "0" ? "write 0s" : void 0);
}
function namesOf(cluster) {
  let names = cache.get(cluster.pods);
  if (!names) {
    names = {
      pods: byName(cluster.pods),
      services: byName(cluster.services),
      nodes: new Map(cluster.nodes.map((node2) => [node2.name, node2]))
    };
    cache.set(cluster.pods, names);
  }
  return names;
}
function byName(items) {
  const map2 = /* @__PURE__ */ new Map();
  for (const item of items)
    for (const key of [item.name, `${item.namespace}/${item.name}`]) {
      const list3 = map2.get(key);
      if (list3) list3.push(item);
      else map2.set(key, [item]);
    }
  return map2;
}
function lookUp(kind, name, map2) {
  const list3 = map2.get(name);
  if (!list3 || list3.length === 1) return list3?.[0];
  const own = list3.find((item) => item.namespace === "default");
  if (own) return own;
  throw new TrafficError(
    `${kind} ${name} is in ${list3.length} namespaces`,
    `write ${list3.slice(0, 3).map((item) => `${item.namespace}/${item.name}`).join(" or ")}`
  );
}
function sourcePeer(text4, names) {
  const bare = text4.replace(/^\[(.*)\]$/, "$1");
  const ip = parseIp(bare);
  if (ip !== void 0) return { kind: "ip", ip };
  const [kind, name] = splitKind(text4);
  if (kind === "svc") throw new TrafficError(`a service sends nothing: ${text4}`, "name one of its pods as the source");
  const found2 = candidates2(kind, name, names, false);
  if (found2.length === 1) return found2[0];
  if (found2.length > 1) throw ambiguous(name, found2);
  if (lookUpQuiet(name, names.services))
    throw new TrafficError(`a service sends nothing: ${text4}`, "name one of its pods as the source");
  throw unknown("source", name, [...names.pods.keys(), ...nodeNames(names)], text4);
}
function targetPeer({ host: host3, protocol: protocol4 }, names) {
  const ip = parseIp(host3);
  if (ip !== void 0) return { kind: "ip", ip };
  const [kind, name] = splitKind(host3);
  const found2 = candidates2(kind, name, names, true);
  if (found2.length === 1) return found2[0];
  if (found2.length > 1) throw ambiguous(name, found2);
  const dns = kind === void 0 ? dnsService(name, names) : void 0;
  if (dns) return { kind: "service", service: dns, dnsName: name.replace(/\.$/, "") };
  const dotted = /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+\.?$/i.test(
    name
  );
  const inCluster = /\.svc(\.cluster\.local)?\.?$/.test(name);
  if (kind === void 0 && dotted && !/^[\d.]+$/.test(name) && (protocol4 === "dns" || !inCluster))
    return { kind: "name", name: name.replace(/\.$/, "") };
  if (kind === void 0 && /^[\d.]+$/.test(name)) throw new TrafficError(`${name} is no IPv4 address`);
  throw unknown("destination", name, [...names.pods.keys(), ...names.services.keys(), ...nodeNames(names)], host3);
}
function splitKind(text4) {
  const match = /^(pods?|po|nodes?|no|svc|services?)\/(.+)$/.exec(text4);
  if (!match) return [void 0, text4];
  const kind = match[1].startsWith("p") ? "pod" : match[1].startsWith("n") ? "node" : "svc";
  return [kind, match[2]];
}
function candidates2(kind, name, names, withServices) {
  const found2 = [];
  const pod2 = kind === void 0 || kind === "pod" ? lookUp("pod", name, names.pods) : void 0;
  const service2 = withServices && (kind === void 0 || kind === "svc") ? lookUp("service", name, names.services) : void 0;
  const node2 = kind === void 0 || kind === "node" ? names.nodes.get(name) : void 0;
  if (pod2) found2.push({ kind: "pod", pod: pod2 });
  if (service2) found2.push({ kind: "service", service: service2 });
  if (node2) found2.push({ kind: "node", node: node2 });
  return found2;
}
function ambiguous(name, found2) {
  const forms = found2.map(
    (peer2) => peer2.kind === "pod" ? `pod/${peer2.pod.namespace}/${peer2.pod.name}` : peer2.kind === "service" ? `svc/${peer2.service.namespace}/${peer2.service.name}` : `node/${name}`
  );
  return new TrafficError(`${name} names more than one thing`, `write ${forms.join(" or ")}`);
}
function lookUpQuiet(name, map2) {
  return map2.has(name.replace(/^(svc|services?)\//, ""));
}
function nodeNames(names) {
  return [...names.nodes.keys()].flatMap((name) => [name, `node/${name}`]);
}
function unknown(role, name, known3, text4) {
  const hint = nearest(text4, known3) ?? nearest(name, known3);
  return new TrafficError(
    `unknown ${role} ${JSON.stringify(name)}`,
    hint ?? "ends are [ns/]pod, node/NAME, [ns/]service, a service DNS name or an IP address"
  );
}
function dnsService(name, names) {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?\.?$/.exec(name);
  return match ? names.services.get(`${match[2]}/${match[1]}`)?.[0] : void 0;
}
var protocols, SECOND2, MAX_COUNT, MAX_SIZE, GRAMMAR, TrafficError, l42, wellKnown, optionNames, cache;
var init_traffic2 = __esm({
  "src/cluster/traffic.ts"() {
    "use strict";
    init_error();
    init_nearest();
    init_addr();
    init_duration();
    init_problems();
    protocols = ["icmp", "udp", "tcp", "http", "dns"];
    SECOND2 = 1e9;
    MAX_COUNT = 1e8;
    MAX_SIZE = 65507;
    GRAMMAR = "write it as one quoted word: 'pod-a -> my-svc:80/http x3'";
    TrafficError = class extends Error {
      constructor(message, hint) {
        super(message);
        this.hint = hint;
      }
      hint;
    };
    l42 = {
      icmp: void 0,
      udp: "UDP",
      dns: "UDP",
      tcp: "TCP",
      http: "TCP"
    };
    wellKnown = {
      icmp: void 0,
      udp: void 0,
      tcp: void 0,
      http: 80,
      dns: 53
    };
    optionNames = ["x", "size", "data", "at", "every", "keep"];
    cache = /* @__PURE__ */ new WeakMap();
  }
});

// src/cluster/resolve.ts
function resolve(definition, options = {}) {
  const problems = createProblems(definition.notes);
  const { spec: spec2 } = definition;
  const profile = spec2.profile ?? inferProfile(definition, problems);
  const raw = rawSettings(definition, profile, problems);
  const ranges = resolveRanges(definition, raw, problems);
  const { families } = ranges;
  const nodeSpecs = listNodes(definition, problems);
  const statedNodeIps = nodeSpecs.flatMap(
    (node2) => [...listOf(node2.ip), ...listOf(node2.ips)].flatMap((text4) => parseIp(text4) ?? [])
  );
  const underlay2 = resolveUnderlay(definition, profile, families, statedNodeIps, problems);
  for (const vnet of underlay2.vnets)
    for (const services3 of ranges.serviceCidrs)
      if (prefixesOverlap(vnet, services3))
        problems.note(
          "warning",
          `node network ${formatPrefix(vnet)} and service CIDR ${formatPrefix(services3)} overlap`,
          definition.locate(["spec", "underlay"])
        );
  const underlay4 = underlay2.vnets.some((vnet) => isIp4(vnet.ip)) && raw.get("underlay-protocol") !== "ipv6";
  const cilium = resolveCilium(
    raw,
    { spec: spec2, profile, families, podCidrs: ranges.podCidrs, underlay4 },
    definition,
    problems
  );
  const kubernetesVersion = spec2.kubernetesVersion ?? nodeSpecs.find((node2) => node2.kubeletVersion)?.kubeletVersion ?? "v1.35.1";
  const book = /* @__PURE__ */ new Map();
  const nodeContext = {
    definition,
    families,
    podCidrs: ranges.podCidrs,
    underlay: underlay2,
    cilium,
    kubernetesVersion,
    book,
    problems
  };
  let nodes2 = resolveNodes(nodeSpecs, nodeContext);
  problems.throwIfAny();
  const services2 = withKubernetes(definition.services, ranges, nodes2, definition, problems);
  const pods2 = [...expandReplicas(definition.pods)];
  if (definition.own && spec2.dns !== false) addDns(services2, pods2, ranges);
  const namespaces2 = resolveNamespaces(definition, [...pods2, ...services2]);
  const keepLabel = labelFilter(raw.get("labels"));
  if (!keepLabel) problems.add("labels: expected regular expressions", definition.locate(["spec", "cilium", "labels"]));
  const identities = createIdentityAllocator(cilium.clusterId);
  for (const identity2 of definition.identities) {
    const other = identities.state(identity2.id, identity2.labels);
    if (other && other.join() !== identity2.labels.join())
      problems.add(`identity ${identity2.id} is given two label sets`, identity2.where);
  }
  const podContext = {
    families,
    nodes: nodes2,
    namespaces: new Map(namespaces2.map((namespace) => [namespace.name, namespace])),
    book,
    problems,
    clusterName: cilium.clusterName,
    identities,
    keepLabel: keepLabel ?? (() => true),
    taints: new Map(nodeSpecs.flatMap(({ name, taints }) => taints ? [[name, taints]] : [])),
    checkCidr: ["cluster-pool", "kubernetes"].includes(cilium.ipam)
  };
  const localRouter = ["local-router-ipv4", "local-router-ipv6"].flatMap((key) => parseIp(raw.get(key) ?? "") ?? []);
  const placed = placePods(pods2, podContext);
  nodes2 = allocateAgentIps(nodes2, nodeContext, localRouter);
  const resolvedPods = resolvePods(placed, { ...podContext, nodes: nodes2 });
  const resolvedServices = resolveServices(services2, {
    families,
    serviceCidrs: ranges.serviceCidrs,
    serviceCidrsStated: ranges.serviceCidrsStated,
    nodePortRange: cilium.nodePortRange,
    nodes: nodes2,
    pods: resolvedPods,
    endpoints: definition.endpoints,
    book: /* @__PURE__ */ new Map(),
    problems
  });
  nodes2 = markApiservers(nodes2, resolvedServices);
  problems.throwIfAny();
  const names = readNames(spec2.names ?? {});
  const idle = idlePods(definition.templates ?? [], resolvedPods, { ...podContext, nodes: nodes2 });
  const cluster = {
    name: definition.name,
    source: definition.source,
    kubernetes: { version: kubernetesVersion, platform: spec2.platform ?? "linux/amd64" },
    epoch: options.epoch ?? epochOf(definition, problems),
    seed: options.seed ?? spec2.seed ?? 1,
    podCidrs: ranges.podCidrs,
    serviceCidrs: ranges.serviceCidrs,
    dataplane: profile === "kube-proxy" ? "kube-proxy" : "cilium",
    cilium,
    kubeProxy: { mode: spec2.kubeProxy?.mode ?? "iptables", scheduler: spec2.kubeProxy?.scheduler ?? "rr" },
    ...spec2.tunnelDevice ? { tunnelDevice: { name: spec2.tunnelDevice.name ?? "genev_sys_6081", ttl: spec2.tunnelDevice.ttl ?? "auto" } } : {},
    underlay: underlay2,
    nodes: nodes2,
    namespaces: namespaces2,
    pods: resolvedPods,
    ...idle.length > 0 ? { idle } : {},
    services: resolvedServices,
    identities: [
      ...identities.list(),
      ...cidrIdentities({
        policies: definition.policies ?? [],
        services: resolvedServices,
        names,
        dualStack: families.length === 2
      })
    ],
    ...names.length > 0 ? { names } : {},
    ...definition.policies ? { policies: definition.policies } : {},
    ...definition.ingresses ? { ingresses: definition.ingresses } : {},
    ...definition.egressPolicies?.length ? { egressPolicies: definition.egressPolicies } : {},
    ...definition.redirectPolicies?.length ? { redirectPolicies: definition.redirectPolicies } : {},
    traffic: [],
    expect: (spec2.expect ?? []).map((item, i) => ({
      spec: item,
      place: (path, part) => definition.locate(["spec", "expect", i, ...path], part)
    })),
    notes: problems.notes,
    ...definition.summary ? { input: definition.summary } : {},
    ...definition.manifests ? { manifests: definition.manifests } : {}
  };
  noteInferred(definition, nodeSpecs, cluster, problems);
  noteUnenforced(definition.policies ?? [], profile, problems);
  if (profile !== "kube-proxy") noteHostPolicies(definition.policies ?? [], cilium, problems);
  const events = readEvents(spec2.events ?? [], (i) => definition.locate(["spec", "events", i]), problems);
  const traffic = readTraffic(spec2.traffic ?? [], cluster, (i) => definition.locate(["spec", "traffic", i]), problems);
  problems.throwIfAny();
  return { ...cluster, traffic, ...events.length > 0 ? { events } : {} };
}
function noteUnenforced(policies, profile, problems) {
  const idle = policies.filter(({ tier }) => profile === "kube-proxy" || tier !== "network");
  const [first] = idle;
  if (!first) return;
  const others2 = idle.length > 1 ? ` and ${idle.length - 1} more` : "";
  const who = profile === "kube-proxy" ? "kube-proxy enforces no policy" : "Cilium does not enforce this kind";
  problems.note("warning", `${policyTitle(first)}${others2}: ${who}, so packets pass as without it`, first.where);
}
function noteHostPolicies(policies, { raw }, problems) {
  const on = raw["enable-host-firewall"] === "true";
  for (const policy3 of policies)
    if (policy3.nodeSelector)
      problems.note(
        "warning",
        `${policyTitle(policy3)}: a host policy, ${on ? "which packets here do not meet" : "of no effect while enable-host-firewall is off"}`,
        policy3.where
      );
}
function idlePods(templates, pods2, context) {
  const keyOf5 = ({ namespace = "default", owner }) => `${owner?.kind} ${namespace}/${owner?.name}`;
  const busy = new Set(pods2.map(keyOf5));
  const placed = templates.filter((spec2) => !busy.has(keyOf5(spec2))).map((spec2) => ({
    spec: spec2,
    namespace: spec2.namespace ?? "default",
    key: `${spec2.namespace ?? "default"}/${spec2.name}`,
    node: void 0,
    phase: "Pending",
    stated: []
  }));
  const identities = createIdentityAllocator(0);
  return resolvePods(placed, { ...context, identities }).map((pod2) => ({ ...pod2, identity: 0 }));
}
function readNames(names) {
  return Object.entries(names).map(([name, ips]) => ({
    name: name.toLowerCase().replace(/\.$/, ""),
    ips: ips.split(",").map((ip) => parseIp(ip.trim()))
  }));
}
function inferProfile({ own, ciliumConfig: ciliumConfig2, pods: pods2 }, problems) {
  const runs = (name) => pods2.some((pod2) => pod2.namespace === "kube-system" && pod2.labels?.["k8s-app"] === name);
  if (own || ciliumConfig2 || !runs("kube-proxy") || runs("cilium")) return "cilium";
  problems.note("inferred", "profile kube-proxy: the cluster runs kube-proxy and no Cilium");
  return "kube-proxy";
}
function epochOf(definition, problems) {
  const { epoch } = definition.spec;
  if (epoch === void 0) return DEFAULT_EPOCH;
  const seconds = typeof epoch === "number" ? epoch : Date.parse(epoch) / 1e3;
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  problems.add(
    `spec.epoch: expected seconds since 1970 or a date such as 2026-01-01T00:00:00Z, got ${JSON.stringify(epoch)}`,
    definition.locate(["spec", "epoch"])
  );
  return DEFAULT_EPOCH;
}
function withKubernetes(given, { serviceCidrs, families }, nodes2, definition, problems) {
  const isKubernetes = (spec2) => spec2.name === "kubernetes" && (spec2.namespace ?? "default") === "default";
  const hosts2 = nodes2.filter((node2) => node2.apiserver || isControlPlane(node2));
  const family = families[0];
  const endpoints2 = (hosts2.length > 0 ? hosts2 : nodes2.slice(0, 1)).flatMap((node2) => node2.ips.filter((ip) => familyOf3(ip) === family).slice(0, 1)).map((ip) => isIp4(ip) ? `${formatIp(ip)}:6443` : `[${formatIp(ip)}]:6443`);
  const known3 = definition.endpoints.some((item) => item.namespace === "default" && item.service === "kubernetes");
  if (given.some(isKubernetes))
    return given.map(
      (spec2) => isKubernetes(spec2) && !known3 && !spec2.endpoints && !spec2.selector ? { ...spec2, endpoints: endpoints2 } : spec2
    );
  problems.note("inferred", "service default/kubernetes is added, as every API server has it");
  const cidr = serviceCidrs[0];
  return [
    {
      name: "kubernetes",
      labels: { component: "apiserver", provider: "kubernetes" },
      clusterIP: formatIp(addToIp(maskIp(cidr.ip, cidr.length), usableRange(cidr).first)),
      ports: [{ name: "https", port: 443, targetPort: 6443 }],
      ...known3 ? {} : { endpoints: endpoints2 }
    },
    ...given
  ];
}
function isControlPlane(node2) {
  return "node-role.kubernetes.io/control-plane" in node2.labels || "node-role.kubernetes.io/master" in node2.labels;
}
function addDns(services2, pods2, { serviceCidrs }) {
  if (services2.some((spec2) => spec2.namespace === "kube-system" && spec2.name === "kube-dns")) return;
  const cidr = serviceCidrs[0];
  const ip = addToIp(maskIp(cidr.ip, cidr.length), 10);
  if (!prefixContains(cidr, ip) || services2.some((spec2) => listOf(spec2.clusterIP).includes(formatIp(ip)))) return;
  services2.push(dnsService2(formatIp(ip)));
  pods2.push(...[1, 2].map((n) => dnsPod(`coredns-${n}`)));
}
function dnsService2(clusterIP) {
  return {
    name: "kube-dns",
    namespace: "kube-system",
    labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
    clusterIP,
    selector: { "k8s-app": "kube-dns" },
    ports: [
      { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
      { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
      { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 }
    ]
  };
}
function dnsPod(name) {
  return {
    name,
    namespace: "kube-system",
    labels: { "k8s-app": "kube-dns" },
    serviceAccount: "coredns",
    image: "registry.k8s.io/coredns/coredns:v1.13.1",
    ports: [
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "dns-tcp", port: 53, protocol: "TCP" },
      { name: "metrics", port: 9153, protocol: "TCP" }
    ]
  };
}
function resolveNamespaces(definition, objects) {
  const labels2 = /* @__PURE__ */ new Map();
  const add = (name, own = {}) => labels2.set(name, { "kubernetes.io/metadata.name": name, ...labels2.get(name), ...own });
  add("default");
  for (const item of definition.spec.namespaces ?? [])
    if (typeof item === "string") add(item);
    else add(item.name, item.labels);
  for (const item of definition.namespaces) add(item.name, item.labels);
  for (const { namespace } of objects) if (namespace !== void 0 && !labels2.has(namespace)) add(namespace);
  return [...labels2].map(([name, own]) => ({ name, labels: own }));
}
function markApiservers(nodes2, services2) {
  const kubernetes = services2.find((service2) => service2.name === "kubernetes" && service2.namespace === "default");
  const ips = new Set(kubernetes?.backends.map((backend2) => backend2.ip));
  return nodes2.map((node2) => ({ ...node2, apiserver: node2.apiserver || node2.ips.some((ip) => ips.has(ip)) }));
}
var DEFAULT_EPOCH;
var init_resolve = __esm({
  "src/cluster/resolve.ts"() {
    "use strict";
    init_addr();
    init_cidrs();
    init_cilium_config();
    init_events2();
    init_identity2();
    init_inferred();
    init_ipam();
    init_nodes();
    init_pods();
    init_cidr_identities();
    init_model();
    init_problems();
    init_services();
    init_traffic2();
    DEFAULT_EPOCH = 1767225600;
  }
});

// src/cluster/demo.ts
function definitionOf(name, source, spec2) {
  return {
    name,
    source,
    spec: spec2,
    own: true,
    locate: () => void 0,
    nodes: Array.isArray(spec2.nodes) ? spec2.nodes : [],
    namespaces: [],
    pods: spec2.pods ?? [],
    services: spec2.services ?? [],
    endpoints: [],
    identities: [],
    ciliumConfig: void 0,
    notes: []
  };
}
function demoCluster(options = {}) {
  return resolve(definitionOf(DEMO_NAME, "demo", demoSpec), options);
}
var dnsPorts, DEMO_NAME, demoSpec;
var init_demo = __esm({
  "src/cluster/demo.ts"() {
    "use strict";
    init_resolve();
    dnsPorts = [
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "dns-tcp", port: 53, protocol: "TCP" },
      { name: "metrics", port: 9153, protocol: "TCP" }
    ];
    DEMO_NAME = "demo";
    demoSpec = {
      kubernetesVersion: "v1.35.1",
      ciliumVersion: "1.20.2",
      ciliumCommit: "e0dc92bd",
      podCIDR: "10.32.0.0/13",
      serviceCIDR: "10.96.0.0/12",
      underlay: { vnet: "10.0.0.0/16", mtu: 1500 },
      cilium: {
        "routing-mode": "tunnel",
        "tunnel-protocol": "geneve",
        "kube-proxy-replacement": true,
        "bpf-lb-sock": false,
        "enable-bpf-masquerade": true,
        "enable-hubble": true
      },
      nodes: [
        { name: "node1", ip: "10.0.0.5", podCIDR: "10.32.1.0/24" },
        { name: "node2", ip: "10.0.0.6", podCIDR: "10.32.2.0/24" },
        { name: "node3", ip: "10.0.0.7", podCIDR: "10.32.3.0/24" }
      ],
      pods: [
        { name: "pod-a", node: "node1", ip: "10.32.1.10", labels: { app: "client" } },
        { name: "pod-b", node: "node2", ip: "10.32.2.20", labels: { app: "my-svc" }, ports: [8080] },
        { name: "pod-c", node: "node3", ip: "10.32.3.30", labels: { app: "my-svc" }, ports: [8080] },
        {
          name: "kube-apiserver",
          namespace: "kube-system",
          node: "node1",
          ip: "10.32.1.5",
          labels: { component: "kube-apiserver", tier: "control-plane" },
          ports: [6443]
        },
        {
          name: "coredns-1",
          namespace: "kube-system",
          node: "node2",
          labels: { "k8s-app": "kube-dns" },
          serviceAccount: "coredns",
          ports: dnsPorts
        },
        {
          name: "coredns-2",
          namespace: "kube-system",
          node: "node3",
          labels: { "k8s-app": "kube-dns" },
          serviceAccount: "coredns",
          ports: dnsPorts
        }
      ],
      services: [
        {
          name: "kubernetes",
          labels: { component: "apiserver", provider: "kubernetes" },
          clusterIP: "10.96.0.1",
          ports: [{ name: "https", port: 443, targetPort: 6443 }],
          endpoints: ["10.32.1.5:6443"]
        },
        {
          name: "my-svc",
          labels: { app: "my-svc" },
          clusterIP: "10.96.10.50",
          selector: { app: "my-svc" },
          ports: ["80:8080"]
        },
        {
          name: "kube-dns",
          namespace: "kube-system",
          labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
          clusterIP: "10.96.0.10",
          selector: { "k8s-app": "kube-dns" },
          ports: [
            { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
            { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
            { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 }
          ]
        }
      ],
      traffic: ["pod-a -> pod-b/icmp x2", "pod-a -> my-svc:80/http x3 at=2s"]
    };
  }
});

// src/cluster/discover.ts
var discover_exports = {};
__export(discover_exports, {
  DEFAULT_FILE: () => DEFAULT_FILE,
  STDIN: () => STDIN,
  discover: () => discover,
  isDefinitionName: () => isDefinitionName,
  isHidden: () => isHidden,
  listFiles: () => listFiles,
  whyLeftAside: () => whyLeftAside
});
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve as resolvePath } from "node:path";
function discover({ paths, env, cwd }) {
  const isDemo = (list3) => list3.length === 1 && list3[0] === DEMO && !existsSync(resolvePath(cwd, DEMO));
  if (paths.length > 0) return { how: isDemo(paths) ? "demo" : "given", paths };
  const fromEnvironment = env.WIRELAY_CLUSTER ? [env.WIRELAY_CLUSTER] : [];
  if (fromEnvironment.length > 0)
    return { how: isDemo(fromEnvironment) ? "demo" : "environment", paths: fromEnvironment };
  for (let folder = resolvePath(cwd); ; folder = dirname(folder)) {
    const file = join(folder, DEFAULT_FILE);
    if (existsSync(file)) return { how: "found", paths: [relative(cwd, file)] };
    if (dirname(folder) === folder) return { how: "demo", paths: [] };
  }
}
function listFiles(paths, cwd, problems, leftAside = () => {
}) {
  const files = [];
  for (const path of paths) {
    if (path === STDIN) {
      files.push({ name: "<stdin>", path: void 0, named: true, root: path });
      continue;
    }
    const full = resolvePath(cwd, path);
    const stat = statOf(full);
    if (!stat)
      problems.add(
        `${path}: no such file or folder`,
        void 0,
        "a definition is a file, a folder, an archive, or - for stdin"
      );
    else if (!stat.isDirectory()) files.push({ name: path, path: full, named: true, root: path });
    else {
      const before = files.length;
      const wrong2 = problems.found.length;
      walk3({ folder: full, shown: path, root: path, seen: /* @__PURE__ */ new Set(), leftAside, problems }, files);
      if (files.length === before && problems.found.length === wrong2)
        problems.add(`${path}: no .yaml, .yml or .json file and no archive in this folder or below`);
    }
  }
  return files;
}
function statOf(path) {
  try {
    return statSync(path);
  } catch {
    return void 0;
  }
}
function isHidden(name) {
  return name.startsWith(".") && name !== "." && name !== ".." || name === "node_modules";
}
function walk3(at2, files) {
  const { folder, shown: shown2, root, seen, leftAside, problems } = at2;
  const real = realpathSync(folder);
  if (seen.has(real)) return;
  seen.add(real);
  let names;
  try {
    names = readdirSync(folder);
  } catch (error) {
    problems.add(`cannot be read: ${error.code ?? "error"}`, { file: shown2 });
    return;
  }
  for (const name of names.sort()) {
    if (isHidden(name)) continue;
    const path = join(folder, name);
    const stat = statOf(path);
    const reason = whyLeftAside(stat?.isDirectory() ? `${name}/` : name);
    if (reason !== void 0) leftAside(join(shown2, name), reason);
    else if (stat?.isDirectory()) walk3({ ...at2, folder: path, shown: join(shown2, name) }, files);
    else if (stat?.isFile() && isDefinitionName(name)) files.push({ name: join(shown2, name), path, named: false, root });
  }
}
function isDefinitionName(name) {
  return definitionName.test(name);
}
function whyLeftAside(name) {
  return others.find(([pattern]) => pattern.test(name))?.[1];
}
var DEFAULT_FILE, STDIN, DEMO, definitionName, others;
var init_discover = __esm({
  "src/cluster/discover.ts"() {
    "use strict";
    DEFAULT_FILE = "wirelay.yaml";
    STDIN = "-";
    DEMO = "demo";
    definitionName = /\.(ya?ml|json)(\.gz)?$|\.(tar|tgz|tar\.gz|zip)$/i;
    others = [
      [/(^|\/)(cilium|hubble)-bugtool-[^/]+\//, "output of cilium-bugtool"],
      [/(^|\/)hubble-(flows|observe)-[^/]*$/, "recorded flows"],
      [/(^|\/)logs-[^/]*$|\.log$|(^|\/)logs\.txt$/, "logs"],
      [/(^|\/)cilium-helm-(values|metadata)-[^/]*$/, "values of a Helm release"],
      [/(^|\/)__MACOSX\//, "metadata of macOS"]
    ];
  }
});

// src/cluster/facts.ts
async function withFacts(spec2, out2) {
  const { ciliumVersion, podCIDR, serviceCIDR } = podFacts(out2);
  const stated = await withConfigMaps(spec2, out2);
  return {
    ...ciliumVersion === void 0 ? {} : { ciliumVersion },
    ...podCIDR === void 0 || stated.podCIDRs !== void 0 ? {} : { podCIDR },
    ...serviceCIDR === void 0 || stated.serviceCIDRs !== void 0 ? {} : { serviceCIDR },
    ...stated
  };
}
function podFacts({ pods: pods2, services: services2 }) {
  const system = pods2.filter(({ live, namespace }) => live && namespace === "kube-system");
  const agents = system.filter(({ labels: labels2 }) => labels2?.["k8s-app"] === "cilium").flatMap(({ containers: containers2 }) => containers2 ?? []);
  const version = agents.map(({ image }) => /cilium:v?(\d+\.\d+\.\d+[\w.-]*)/.exec(image ?? "")?.[1]).find((text4) => text4 !== void 0);
  const flag3 = (name) => system.flatMap(({ flags }) => flags ?? []).find((text4) => text4.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [podCIDR, serviceCIDR] = [flag3("cluster-cidr"), flag3("service-cluster-ip-range")];
  const ranges = listOf(serviceCIDR).flatMap((text4) => parsePrefix(text4) ?? []);
  const whole4 = services2.flatMap(({ clusterIPs }) => listOf(clusterIPs).flatMap((text4) => parseIp(text4) ?? [])).every((ip) => ranges.some((prefix) => prefixContains(prefix, ip)));
  return {
    ...version === void 0 ? {} : { ciliumVersion: version },
    ...podCIDR === void 0 ? {} : { podCIDR },
    ...serviceCIDR !== void 0 && ranges.length > 0 && whole4 ? { serviceCIDR } : {}
  };
}
async function withConfigMaps(spec2, { configMaps: configMaps2 }) {
  let out2 = spec2;
  for (const { object: object2 } of configMaps2) {
    const data = Object.values(object2.data ?? {}).join("\n");
    if (object2.metadata.name === "kubeadm-config") {
      const value = (key) => new RegExp(`^\\s*${key}:\\s*"?([^"\\s#]+)`, "m").exec(data)?.[1];
      const [pods2, services2, version] = [value("podSubnet"), value("serviceSubnet"), value("kubernetesVersion")];
      out2 = {
        ...pods2 && spec2.podCIDRs === void 0 ? { podCIDR: pods2 } : {},
        ...services2 && spec2.serviceCIDRs === void 0 ? { serviceCIDR: services2 } : {},
        ...version ? { kubernetesVersion: version } : {},
        ...out2
      };
    } else if (/ip-masq-agent/.test(object2.metadata.name ?? "") && out2.ipMasqAgent === void 0) {
      const { parseDocument: parseDocument2 } = await Promise.resolve().then(() => (init_yaml(), yaml_exports));
      const parsed = parseDocument2(data, { logLevel: "silent" }).toJS({ maxAliasCount: 0 });
      const entries = Object.entries(parsed ?? {});
      const field = (name) => entries.find(([key]) => key.toLowerCase() === name)?.[1];
      const cidrs = field("nonmasqueradecidrs");
      if (Array.isArray(cidrs))
        out2 = {
          ...out2,
          ipMasqAgent: {
            nonMasqueradeCIDRs: cidrs.map(String),
            masqLinkLocal: field("masqlinklocal") === true,
            masqLinkLocalIPv6: field("masqlinklocalipv6") === true
          }
        };
    }
  }
  return out2;
}
var init_facts = __esm({
  "src/cluster/facts.ts"() {
    "use strict";
    init_addr();
    init_cilium_config();
  }
});

// src/term/read-to-end.ts
import { readSync } from "node:fs";
function readToEnd(descriptor, name) {
  const parts = [];
  let length = 0;
  for (; ; ) {
    const piece = new Uint8Array(PIECE);
    const got = readSome(descriptor, piece);
    if (got === 0) return Buffer.concat(parts, length);
    parts.push(got < PIECE / 4 ? piece.slice(0, got) : piece.subarray(0, got));
    length += got;
    if (length > MAX_STREAM)
      throw new UserError({ message: "more than the 1 GB that an input may have", where: { file: name } });
  }
}
function readSome(descriptor, piece) {
  for (; ; )
    try {
      return readSync(descriptor, piece, 0, piece.length, null);
    } catch (error) {
      const { code } = error;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
}
var MAX_STREAM, PIECE;
var init_read_to_end = __esm({
  "src/term/read-to-end.ts"() {
    "use strict";
    init_error();
    MAX_STREAM = 1e9;
    PIECE = 1 << 20;
  }
});

// src/cluster/archive/limits.ts
function createBudget() {
  let [total, members2] = [0, 0];
  return {
    read(bytes, file) {
      total += bytes;
      if (total > MAX_TOTAL)
        throw archiveError(file, "more than the 1 GB that an input may have, unpacked", "give less of it at a time");
    },
    member(file) {
      if (++members2 > MAX_MEMBERS) throw archiveError(file, `more than ${MAX_MEMBERS} members`);
    },
    unpacked(out2, packed, file) {
      if (out2 > RATIO_FLOOR && out2 > packed * MAX_RATIO)
        throw archiveError(file, `unpacks to more than ${MAX_RATIO} times its size: a decompression bomb`);
      if (out2 > MAX_UNPACKED) throw archiveError(file, "unpacks to more than 20 GB");
    }
  };
}
function archiveError(file, message, hint) {
  return new UserError({ message, where: { file }, ...hint === void 0 ? {} : { hint } });
}
function memorySource(bytes) {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
function checkName(name, file) {
  if (name.startsWith("/") || /^[a-z]:[\\/]/i.test(name))
    throw archiveError(`${file}!${name}`, "the member has an absolute name", "pack the folder with relative names");
  if (leadsOut("", name)) throw archiveError(`${file}!${name}`, "the name of the member leads out of the archive");
  if (name.includes("\0")) throw archiveError(`${file}!${name}`, "the name of the member has a NUL in it");
}
function checkLink(name, target, file) {
  if (target.startsWith("/") || leadsOut(name.split("/").slice(0, -1).join("/"), target))
    throw archiveError(`${file}!${name}`, `a link that leads out of the archive, to ${target}`);
}
function leadsOut(folder, path) {
  let depth = folder.split("/").filter((part) => part !== "" && part !== ".").length;
  for (const part of path.split(/[\\/]/)) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}
var MAX_TOTAL, MAX_UNPACKED, MAX_MEMBERS, MAX_RATIO, RATIO_FLOOR;
var init_limits = __esm({
  "src/cluster/archive/limits.ts"() {
    "use strict";
    init_error();
    init_read_to_end();
    MAX_TOTAL = MAX_STREAM;
    MAX_UNPACKED = 2e10;
    MAX_MEMBERS = 5e5;
    MAX_RATIO = 250;
    RATIO_FLOOR = 32e6;
  }
});

// src/cluster/foreign.ts
function foreignFile(name) {
  return /^Chart\.(ya?ml|lock)$/.test(baseName(name)) ? chart : void 0;
}
function foreignDocument(name, value) {
  const { kind, apiVersion: apiVersion2 } = isObject(value) ? value : {};
  const kustomize = typeof apiVersion2 === "string" && apiVersion2.startsWith("kustomize.config.k8s.io/");
  if (kustomize || isKustomization(name)) return kustomization;
  return kind === void 0 && /^values[^/]*\.(ya?ml|json)$/i.test(baseName(name)) ? chart : void 0;
}
function isKustomization(name) {
  return /^kustomization(\.ya?ml)?$/i.test(baseName(name));
}
function baseName(name) {
  return name.split(/[/!]/).at(-1);
}
function foreignText(bytes) {
  const text4 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return text4.includes("{{") || text4.includes("{%") ? template2 : void 0;
}
function patchesOf(value) {
  if (!isObject(value)) return [];
  const list3 = (key) => Array.isArray(value[key]) ? value[key] : [];
  return [
    ...list3("patchesStrategicMerge"),
    ...["patches", "patchesJson6902", "replacements", "transformers", "generators"].flatMap(
      (key) => list3(key).map(
        (item) => isObject(item) ? item.path : key === "transformers" || key === "generators" ? item : void 0
      )
    )
  ].filter((item) => typeof item === "string" && !item.includes("\n"));
}
var kustomization, chart, template2, patch;
var init_foreign = __esm({
  "src/cluster/foreign.ts"() {
    "use strict";
    init_shape();
    kustomization = {
      what: "a kustomization, which is not built here",
      hint: "kubectl kustomize FOLDER | wirelay \u2026 -f -"
    };
    chart = {
      what: "part of a Helm chart, which is not rendered here",
      hint: "helm template FOLDER | wirelay \u2026 -f -"
    };
    template2 = {
      what: "a template with {{ \u2026 }}, which is not rendered here",
      hint: "render it first, e.g. helm template FOLDER | wirelay \u2026 -f -"
    };
    patch = { what: "a patch of a kustomization, which is not built here" };
  }
});

// src/cluster/api-groups.ts
function foreignGroup(kind, apiVersion2) {
  const group = typeof apiVersion2 === "string" && apiVersion2.includes("/") ? apiVersion2.split("/")[0] : "";
  return ours.test(group) ? void 0 : `${kind} (${group})`;
}
var ours;
var init_api_groups = __esm({
  "src/cluster/api-groups.ts"() {
    "use strict";
    ours = /^[^.]*$|(^|\.)k8s\.io$|^cilium\.io$|^route\.openshift\.io$/;
  }
});

// src/cluster/kubernetes-endpoints.ts
function portsOf4(ports) {
  return (ports ?? []).flatMap(
    ({ name, port: port5, protocol: protocol4 }) => port5 ? [{ name: name ?? "", port: port5, protocol: protocol4 ?? "TCP" }] : []
  );
}
function sliceSpec({ metadata: metadata3, addressType, ports, endpoints: endpoints2 }, where) {
  const service2 = metadata3.labels?.["kubernetes.io/service-name"];
  const weight = metadata3.annotations?.["service.cilium.io/weight"];
  if (!service2 || addressType === "FQDN") return [];
  return [
    {
      service: service2,
      namespace: metadata3.namespace ?? "default",
      kind: "EndpointSlice",
      ports: portsOf4(ports),
      where,
      ...weight !== void 0 && /^\d{1,5}$/.test(weight) ? { weight: Number(weight) } : {},
      // an absent ready means true, an absent serving means what ready says (discovery.k8s.io/v1)
      endpoints: (endpoints2 ?? []).map(({ addresses: addresses3, conditions: conditions2, nodeName, zone, hints: hints2 }) => {
        const ready2 = conditions2?.ready ?? true;
        return {
          addresses: addresses3 ?? [],
          ready: ready2,
          serving: conditions2?.serving ?? ready2,
          terminating: conditions2?.terminating ?? false,
          ...nodeName ? { nodeName } : {},
          ...zone ? { zone } : {},
          ...hints2?.forZones ? { forZones: hints2.forZones.flatMap(({ name }) => name ?? []) } : {}
        };
      })
    }
  ];
}
function endpointsSpecs({ metadata: metadata3, subsets }, where) {
  const common = {
    service: metadata3.name,
    namespace: metadata3.namespace ?? "default",
    kind: "Endpoints",
    where
  };
  if (!subsets?.length) return [{ ...common, ports: [], endpoints: [] }];
  return subsets.map((subset) => ({
    ...common,
    ports: portsOf4(subset.ports),
    endpoints: [
      ...(subset.addresses ?? []).map((address3) => ({ address: address3, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address3) => ({ address: address3, ready: false }))
    ].map(({ address: address3, ready: ready2 }) => ({
      addresses: [address3.ip],
      ready: ready2,
      serving: ready2,
      terminating: false,
      ...address3.nodeName ? { nodeName: address3.nodeName } : {}
    }))
  }));
}
function sliceEndpoints({ namespace, endpoints: endpoints2 }, where) {
  return (endpoints2 ?? []).flatMap(
    ({ name, id, networking }) => name === void 0 ? [] : [
      {
        metadata: { name, namespace: namespace ?? "default" },
        status: { ...id === void 0 ? {} : { identity: { id } }, ...networking ? { networking } : {} },
        where
      }
    ]
  );
}
var init_kubernetes_endpoints = __esm({
  "src/cluster/kubernetes-endpoints.ts"() {
    "use strict";
  }
});

// src/cluster/kubernetes-shapes.ts
var number, flag2, port3, protocol2, anyIp, metadata2, conditions, container, expressions, selector3, podTerm, podTerms2, affinity, podSpec2, template3, workload, gateway, redirectPorts, kubernetesShapes;
var init_kubernetes_shapes = __esm({
  "src/cluster/kubernetes-shapes.ts"() {
    "use strict";
    init_shape();
    number = whole(0, Number.MAX_SAFE_INTEGER);
    flag2 = { kind: "boolean" };
    port3 = whole(0, 65535);
    protocol2 = oneOf("TCP", "UDP", "SCTP");
    anyIp = either("an IP address", textOf("ip"), oneOf(""));
    metadata2 = open({
      name: text,
      generateName: text,
      namespace: text,
      uid: text,
      labels: map(text),
      annotations: map(text),
      creationTimestamp: text,
      deletionTimestamp: text,
      ownerReferences: list(open({ kind: text, name: text, controller: flag2 }))
    });
    conditions = list(open({ type: text, status: text }));
    container = open({
      name: text,
      image: text,
      command: list(text),
      args: list(text),
      ports: list(open({ name: text, containerPort: port3, protocol: protocol2, hostPort: port3, hostIP: text }))
    });
    expressions = list(
      open(
        { key: text, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"), values: list(text) },
        "key",
        "operator"
      )
    );
    selector3 = open({
      matchLabels: map(text),
      matchExpressions: list(
        open({ key: text, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"), values: list(text) }, "key", "operator")
      )
    });
    podTerm = open({ labelSelector: selector3, topologyKey: text, namespaces: list(text) });
    podTerms2 = open({
      requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
      preferredDuringSchedulingIgnoredDuringExecution: list(open({ podAffinityTerm: podTerm }))
    });
    affinity = open({
      nodeAffinity: open({
        requiredDuringSchedulingIgnoredDuringExecution: open({
          nodeSelectorTerms: list(open({ matchExpressions: expressions, matchFields: expressions }))
        })
      }),
      podAffinity: podTerms2,
      podAntiAffinity: podTerms2
    });
    podSpec2 = open({
      affinity,
      tolerations: list(open({ key: text, operator: oneOf("Exists", "Equal"), value: text, effect: text })),
      topologySpreadConstraints: list(
        open({ maxSkew: number, topologyKey: text, whenUnsatisfiable: text, labelSelector: selector3 })
      ),
      nodeName: text,
      nodeSelector: map(text),
      hostNetwork: flag2,
      serviceAccountName: text,
      serviceAccount: text,
      containers: list(container)
    });
    template3 = open({ metadata: metadata2, spec: podSpec2 });
    workload = open({
      metadata: metadata2,
      spec: open({
        replicas: number,
        parallelism: number,
        completions: number,
        suspend: flag2,
        ordinals: open({ start: number }),
        template: template3,
        serviceName: text
      })
    });
    gateway = open({ nodeSelector: selector3, interface: text, egressIP: text });
    redirectPorts = list(open({ name: text, port: either("a port number", port3, text), protocol: text }));
    kubernetesShapes = {
      Node: open({
        metadata: metadata2,
        spec: open({
          podCIDR: text,
          podCIDRs: list(text),
          unschedulable: flag2,
          taints: list(open({ key: text, value: text, effect: text }))
        }),
        status: open({
          addresses: list(open({ type: text, address: text })),
          capacity: anything,
          conditions,
          nodeInfo: open({ osImage: text, kernelVersion: text, containerRuntimeVersion: text, kubeletVersion: text })
        })
      }),
      Namespace: open({ metadata: metadata2 }),
      Pod: open({
        metadata: metadata2,
        spec: podSpec2,
        status: open({
          phase: oneOf("Pending", "Running", "Succeeded", "Failed", "Unknown"),
          podIP: anyIp,
          podIPs: list(open({ ip: textOf("ip") }, "ip")),
          hostIP: anyIp,
          hostIPs: list(open({ ip: textOf("ip") }, "ip")),
          conditions
        })
      }),
      Service: open({
        metadata: metadata2,
        spec: open({
          type: oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
          clusterIP: either("an IP address, None or nothing", textOf("clusterIp"), oneOf("")),
          clusterIPs: list(textOf("clusterIp")),
          ipFamilyPolicy: oneOf("SingleStack", "PreferDualStack", "RequireDualStack"),
          ipFamilies: list(oneOf("IPv4", "IPv6")),
          externalIPs: list(textOf("ip")),
          externalName: text,
          loadBalancerIP: anyIp,
          loadBalancerSourceRanges: list(text),
          selector: map(text),
          sessionAffinity: oneOf("None", "ClientIP"),
          sessionAffinityConfig: open({ clientIP: open({ timeoutSeconds: number }) }),
          internalTrafficPolicy: oneOf("Cluster", "Local"),
          externalTrafficPolicy: oneOf("Cluster", "Local"),
          healthCheckNodePort: port3,
          publishNotReadyAddresses: flag2,
          loadBalancerClass: text,
          allocateLoadBalancerNodePorts: flag2,
          trafficDistribution: text,
          ports: list(
            open(
              {
                name: text,
                port: whole(1, 65535),
                protocol: protocol2,
                targetPort: either("a port number or name", port3, text),
                nodePort: port3
              },
              "port"
            )
          )
        }),
        status: open({ loadBalancer: open({ ingress: list(open({ ip: text, hostname: text, ipMode: text })) }) })
      }),
      EndpointSlice: open({
        metadata: metadata2,
        addressType: oneOf("IPv4", "IPv6", "FQDN"),
        ports: list(open({ name: text, port: port3, protocol: protocol2 })),
        endpoints: list(
          open({
            addresses: list(text),
            conditions: open({ ready: flag2, serving: flag2, terminating: flag2 }),
            nodeName: text,
            zone: text,
            hints: open({ forZones: list(open({ name: text })) })
          })
        )
      }),
      Endpoints: open({
        metadata: metadata2,
        subsets: list(
          open({
            addresses: list(open({ ip: textOf("ip"), nodeName: text }, "ip")),
            notReadyAddresses: list(open({ ip: textOf("ip"), nodeName: text }, "ip")),
            ports: list(open({ name: text, port: port3, protocol: protocol2 }))
          })
        )
      }),
      ConfigMap: open({ metadata: metadata2, data: map(text) }),
      CiliumNode: open({
        metadata: metadata2,
        spec: open({
          addresses: list(open({ type: text, ip: text })),
          ipam: open({ podCIDRs: list(text) }),
          health: open({ ipv4: text, ipv6: text })
        })
      }),
      CiliumEndpoint: open({
        metadata: metadata2,
        status: open({
          id: number,
          identity: open({ id: number, labels: list(text) }),
          networking: open({ addressing: list(open({ ipv4: text, ipv6: text })), node: text })
        })
      }),
      // the slice's own fields stand beside its metadata (cilium pkg/k8s/apis/cilium.io/v2alpha1 CiliumEndpointSlice)
      CiliumEndpointSlice: open({
        metadata: metadata2,
        namespace: text,
        endpoints: list(
          open({
            name: text,
            id: number,
            "service-account": text,
            networking: open({ addressing: list(open({ ipv4: text, ipv6: text })), node: text })
          })
        )
      }),
      CiliumEgressGatewayPolicy: open({
        metadata: metadata2,
        spec: open({
          selectors: list(open({ podSelector: selector3, namespaceSelector: selector3, nodeSelector: selector3 })),
          destinationCIDRs: list(text),
          excludedCIDRs: list(text),
          egressGateway: gateway,
          egressGateways: list(gateway)
        })
      }),
      CiliumLocalRedirectPolicy: open({
        metadata: metadata2,
        spec: open({
          redirectFrontend: open({
            addressMatcher: open({ ip: text, toPorts: redirectPorts }),
            serviceMatcher: open({ serviceName: text, namespace: text, toPorts: redirectPorts })
          }),
          redirectBackend: open({ localEndpointSelector: selector3, toPorts: redirectPorts })
        })
      }),
      CiliumIdentity: open({ metadata: metadata2, "security-labels": map(text) }),
      Deployment: workload,
      ReplicaSet: workload,
      ReplicationController: workload,
      StatefulSet: workload,
      DaemonSet: workload,
      Job: workload,
      CronJob: open({ metadata: metadata2, spec: open({ suspend: flag2, jobTemplate: workload }) })
    };
  }
});

// src/cluster/kubernetes.ts
var kubernetes_exports = {};
__export(kubernetes_exports, {
  createGathered: () => createGathered,
  gather: () => gather,
  latest: () => latest
});
function createGathered(keep2 = false) {
  return {
    ...keep2 ? { manifests: /* @__PURE__ */ new Map() } : {},
    nodes: [],
    namespaces: [],
    pods: [],
    services: [],
    endpoints: [],
    identities: [],
    workloads: [],
    ciliumNodes: [],
    ciliumEndpoints: [],
    configMaps: [],
    policies: [],
    egressPolicies: [],
    redirectPolicies: [],
    skipped: /* @__PURE__ */ new Map()
  };
}
function gather(value, document, path, context, listKind) {
  const { out: out2, problems, tally } = context;
  if (!isObject(value)) {
    const got = Array.isArray(value) ? "a list" : "a single value";
    const hint = typeof value === "string" ? "tables are for people: kubectl get \u2026 -o yaml prints objects" : void 0;
    problems.add(`expected an object with a kind, got ${got}`, document.locate(path), hint);
    return;
  }
  const kind = value.kind ?? (Array.isArray(value.items) && listKind !== void 0 ? `${listKind}List` : listKind);
  if (typeof kind !== "string") {
    problems.add(
      `${pathText(path) || "document"}: field "kind" is missing`,
      document.locate(path),
      "every document is an object with apiVersion and kind"
    );
    return;
  }
  if (kind === "List" || kind.endsWith("List") && Array.isArray(value.items)) {
    const items = value.items ?? [];
    if (!Array.isArray(items)) {
      problems.add("items: expected a list", document.locate([...path, "items"]));
      return;
    }
    const itemKind = kind === "List" ? void 0 : kind.slice(0, -"List".length);
    for (const [i, item] of items.entries()) gather(item, document, [...path, "items", i], context, itemKind);
    return;
  }
  const where = placeOf(document, path);
  const title = foreignGroup(kind, value.apiVersion) ?? kind;
  tally(title);
  const shapes = isPolicyKind(kind) ? policyShapes : kubernetesShapes;
  const shape = title === kind && Object.hasOwn(shapes, kind) ? shapes[kind] : void 0;
  const object2 = named(value);
  if (object2 && title === kind) out2.manifests?.set(manifestKey({ ...object2.metadata, kind }), object2);
  if (!shape) {
    const seen = out2.skipped.get(title);
    if (seen) seen.count++;
    else out2.skipped.set(title, { count: 1, where });
    return;
  }
  let ok = true;
  check(value, shape, path, (at2, part, message, hint) => {
    ok = false;
    problems.add(`${kind} ${nameOf4(value)}: ${message}`, document.locate(at2, part), hint);
  });
  if (!ok) return;
  const wrong2 = object2 ? nameProblem(object2.metadata) : 'field "metadata.name" is missing';
  if (!object2 || wrong2 !== void 0) problems.add(`${kind}: ${wrong2}`, document.locate([...path, "metadata", "name"]));
  else if (isPolicyKind(kind)) out2.policies.push({ kind, value: object2, document, path });
  else convert(kind, object2, where, out2);
}
function named(value) {
  const metadata3 = isObject(value.metadata) ? value.metadata : {};
  const { name, generateName } = metadata3;
  if (typeof name === "string" && name !== "") return value;
  if (typeof generateName !== "string" || generateName === "") return void 0;
  return {
    ...value,
    metadata: { ...metadata3, name: generateName + suffix(`${generateName} ${JSON.stringify(value)}`, 5) }
  };
}
function nameProblem({ name, namespace }) {
  for (const text4 of [name, namespace])
    if (typeof text4 === "string" && (text4.length > 253 || !/^[!-.0-~]*$/.test(text4)))
      return `${JSON.stringify(text4)} is no name: expected letters, digits, - and .`;
  return void 0;
}
function nameOf4(value) {
  const meta = isObject(value.metadata) ? value.metadata : {};
  const name = typeof meta.name === "string" ? meta.name : "?";
  return typeof meta.namespace === "string" ? `${meta.namespace}/${name}` : name;
}
function convert(kind, value, where, out2) {
  if (isWorkload(kind)) return void out2.workloads.push({ object: { ...value, kind }, where });
  switch (kind) {
    case "Node":
      out2.nodes.push(nodeSpec(value, where));
      return;
    case "Namespace": {
      const { metadata: metadata3 } = value;
      out2.namespaces.push({ name: metadata3.name, labels: metadata3.labels ?? {} });
      return;
    }
    case "Pod":
      out2.pods.push(podSpec(value, where));
      return;
    case "Service":
      out2.services.push(serviceSpec(value, where));
      return;
    case "EndpointSlice":
      out2.endpoints.push(...sliceSpec(value, where));
      return;
    case "Endpoints":
      out2.endpoints.push(...endpointsSpecs(value, where));
      return;
    case "ConfigMap":
      out2.configMaps.push({ object: value, where });
      return;
    case "CiliumNode":
      out2.ciliumNodes.push({ object: value, where });
      return;
    case "CiliumEndpoint":
      out2.ciliumEndpoints.push({ ...value, where });
      return;
    case "CiliumEndpointSlice":
      out2.ciliumEndpoints.push(...sliceEndpoints(value, where));
      return;
    case "CiliumEgressGatewayPolicy":
      out2.egressPolicies.push({ object: value, where });
      return;
    case "CiliumLocalRedirectPolicy":
      out2.redirectPolicies.push({ object: value, where });
      return;
    case "CiliumIdentity": {
      const object2 = value;
      const id = Number(object2.metadata.name);
      const labels2 = Object.entries(object2["security-labels"] ?? {}).map(
        ([key, text4]) => text4 === "" ? key : `${key}=${text4}`
      );
      if (Number.isInteger(id) && id > 0) out2.identities.push({ id, labels: labels2.sort(), where, observed: true });
    }
  }
}
function nodeSpec({ metadata: metadata3, spec: spec2, status }, where) {
  const addresses3 = (type) => (status?.addresses ?? []).flatMap((item) => item.type === type && item.address ? [item.address] : []);
  const ready2 = status?.conditions?.find((condition) => condition.type === "Ready");
  const info = status?.nodeInfo;
  const cpus = Number(status?.capacity?.cpu);
  const podCidrs = spec2?.podCIDRs ?? (spec2?.podCIDR ? [spec2.podCIDR] : []);
  return {
    name: metadata3.name,
    observed: true,
    where,
    ips: addresses3("InternalIP"),
    externalIP: addresses3("ExternalIP").filter((text4) => text4 !== ""),
    ...podCidrs.length > 0 ? { podCIDRs: podCidrs } : {},
    labels: metadata3.labels ?? {},
    annotations: metadata3.annotations ?? {},
    ...spec2?.taints?.length ? { taints: spec2.taints } : {},
    ready: (ready2 === void 0 || ready2.status === "True") && !spec2?.unschedulable,
    ...Number.isInteger(cpus) && cpus > 0 ? { cpus } : {},
    ...info?.osImage ? { osImage: info.osImage } : {},
    ...info?.kernelVersion ? { kernelVersion: info.kernelVersion } : {},
    ...info?.containerRuntimeVersion ? { containerRuntime: info.containerRuntimeVersion } : {},
    ...info?.kubeletVersion ? { kubeletVersion: info.kubeletVersion } : {}
  };
}
function serviceSpec(object2, where) {
  const { metadata: metadata3, status } = object2;
  const spec2 = object2.spec ?? {};
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(
    ({ ip, ipMode }) => (
      // KEP-1860: with another mode than VIP, traffic has to pass the load balancer itself
      ip && (ipMode === void 0 || ipMode === "VIP") ? [ip] : []
    )
  );
  const { type, ipFamilyPolicy, ipFamilies, internalTrafficPolicy, externalTrafficPolicy, sessionAffinity } = spec2;
  const clusterIPs = spec2.clusterIPs?.length ? spec2.clusterIPs : spec2.clusterIP ? [spec2.clusterIP] : void 0;
  const timeout = spec2.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return {
    name: metadata3.name,
    namespace: metadata3.namespace ?? "default",
    observed: true,
    where,
    labels: metadata3.labels ?? {},
    annotations: metadata3.annotations ?? {},
    ...type ? { type } : {},
    ...clusterIPs ? { clusterIPs } : {},
    ...ipFamilyPolicy ? { ipFamilyPolicy } : {},
    ...ipFamilies ? { ipFamilies } : {},
    ...spec2.externalIPs ? { externalIPs: spec2.externalIPs } : {},
    ...ingress.length > 0 ? { loadBalancerIP: ingress } : {},
    ...spec2.loadBalancerSourceRanges ? { loadBalancerSourceRanges: spec2.loadBalancerSourceRanges } : {},
    ports: (spec2.ports ?? []).map((port5) => ({ ...port5, protocol: port5.protocol ?? "TCP" })),
    ...spec2.selector && Object.keys(spec2.selector).length > 0 ? { selector: spec2.selector } : {},
    ...spec2.externalName ? { externalName: spec2.externalName } : {},
    ...sessionAffinity ? { sessionAffinity } : {},
    ...timeout ? { sessionAffinityTimeout: timeout } : {},
    ...internalTrafficPolicy ? { internalTrafficPolicy } : {},
    ...externalTrafficPolicy ? { externalTrafficPolicy } : {},
    ...spec2.healthCheckNodePort ? { healthCheckNodePort: spec2.healthCheckNodePort } : {},
    ...spec2.publishNotReadyAddresses ? { publishNotReadyAddresses: true } : {},
    ...spec2.loadBalancerClass ? { loadBalancerClass: spec2.loadBalancerClass } : {},
    ...spec2.allocateLoadBalancerNodePorts === false ? { allocateLoadBalancerNodePorts: false } : {},
    ...spec2.trafficDistribution ? { trafficDistribution: spec2.trafficDistribution } : {}
  };
}
function latest(kind, items, problems) {
  const byKey = /* @__PURE__ */ new Map();
  let more = 0;
  let told = 0;
  for (const item of items) {
    const key = `${item.namespace ?? ""}/${item.name}`;
    if (byKey.has(key)) {
      if (told++ < MOST_TOLD)
        problems.note("warning", `${kind} ${key.replace(/^\//, "")} is defined twice: this one counts`, item.where);
      else more++;
    }
    byKey.set(key, item);
  }
  if (more > 0) problems.note("warning", `${more} more ${kind}s are defined twice: of each the later counts`);
  return [...byKey.values()];
}
var MOST_TOLD;
var init_kubernetes = __esm({
  "src/cluster/kubernetes.ts"() {
    "use strict";
    init_api_groups();
    init_kubernetes_endpoints();
    init_kubernetes_pods();
    init_kubernetes_shapes();
    init_read();
    init_shapes();
    init_shape();
    init_source();
    init_spec();
    init_workloads();
    MOST_TOLD = 5;
  }
});

// src/cluster/archive/gunzip.ts
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
function isGzip(head) {
  return head.length >= 3 && head[0] === 31 && head[1] === 139 && head[2] === 8;
}
function* piecesOf(source) {
  for (let at2 = 0; at2 < source.size; at2 += PIECE2) yield source.read(at2, PIECE2);
}
async function* gunzip(source, file, budget) {
  let [packed, out2] = [0, 0];
  const counted2 = function* () {
    for (const piece of piecesOf(source)) {
      packed += piece.length;
      yield piece;
    }
  };
  const stream = createGunzip({ chunkSize: PIECE2 });
  const input = Readable.from(counted2());
  input.on("error", (error) => stream.destroy(error));
  input.pipe(stream);
  try {
    for await (const piece of stream) {
      out2 += piece.length;
      budget.unpacked(out2, packed, file);
      yield piece;
    }
  } catch (error) {
    const { code, message } = error;
    if (!code?.startsWith("Z_")) throw error;
    if (code === "Z_BUF_ERROR") throw archiveError(file, "the gzip is broken: it is cut off");
    throw archiveError(
      file,
      `the gzip is broken: ${/data check|length check/.test(message) ? "its checksum is wrong" : message}`
    );
  } finally {
    input.destroy();
    stream.destroy();
  }
}
var PIECE2;
var init_gunzip = __esm({
  "src/cluster/archive/gunzip.ts"() {
    "use strict";
    init_limits();
    PIECE2 = 1 << 18;
  }
});

// src/cluster/archive/tar.ts
function isTar(head) {
  return head.length >= BLOCK2 && head[0] !== 0 && hasChecksum2(head);
}
function hasChecksum2(b2) {
  const stated = octal(b2, 148, 8);
  if (stated === void 0) return false;
  let [unsigned, signed] = [0, 0];
  for (let i = 0; i < BLOCK2; i++) {
    const byte = i >= 148 && i < 156 ? 32 : b2[i];
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}
function octal(b2, from, length) {
  const digits = text3(b2, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : void 0;
}
function sizeOf2(b2) {
  if (b2[124] !== 128) return octal(b2, 124, 12) ?? (text3(b2, 124, 12).trim() === "" ? 0 : void 0);
  let size = 0;
  for (let i = 125; i < 136; i++) size = size * 256 + b2[i];
  return size;
}
async function* readTar(pieces, file, wanted, budget) {
  const stream = createBlocks(pieces);
  try {
    yield* members(stream, file, wanted, budget);
    while (await stream.skip(1 << 20)) ;
  } finally {
    await stream.end();
  }
}
async function* members(stream, file, wanted, budget) {
  const always = {};
  let extra = {};
  for (; ; ) {
    const head = await stream.take(BLOCK2);
    if (head.length === 0 || head.length === BLOCK2 && head.every((byte) => byte === 0)) return;
    if (head.length < BLOCK2) throw broken(file, "it is cut off");
    const size = sizeOf2(head);
    if (!hasChecksum2(head) || size === void 0) throw broken(file, "the checksum of a header is wrong");
    const type = String.fromCharCode(head[156] || 48);
    if ("LKxg".includes(type)) {
      if (size > MAX_HEADER) throw broken(file, "a header of more than 1 MB");
      const body = await whole3(stream, size, file);
      if (type === "L") extra.path = text3(body, 0, size);
      else if (type === "K") extra.link = text3(body, 0, size);
      else readPax(body, type === "x" ? extra : always);
      continue;
    }
    const { path, link, size: paxSize, sparse } = { ...always, ...extra };
    extra = {};
    const length = paxSize ?? size;
    const name = (path ?? headerName(head)).replace(/^(?:\.\/)+/, "");
    budget.member(file);
    checkName(name, file);
    if (type === "1" || type === "2") {
      checkLink(type === "1" ? "" : name, link ?? text3(head, 157, 100), file);
      continue;
    }
    const isFile = (type === "0" || type === "7" || type === "S") && !name.endsWith("/");
    if (!isFile || !wanted(name)) {
      if (!await stream.skip(padded(length))) throw broken(`${file}!${name}`, "it is cut off");
      continue;
    }
    if (sparse || type === "S") throw archiveError(`${file}!${name}`, "sparse members are not supported");
    budget.read(length, `${file}!${name}`);
    yield { name, bytes: await whole3(stream, length, `${file}!${name}`) };
  }
}
async function whole3(stream, size, file) {
  const bytes = await stream.take(padded(size));
  if (bytes.length < size) throw broken(file, "it is cut off");
  return bytes.subarray(0, size);
}
function broken(file, what) {
  return archiveError(file, `the tar is broken: ${what}`);
}
function headerName(head) {
  const prefix = text3(head, 257, 6) === "ustar" ? text3(head, 345, 155) : "";
  const name = text3(head, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}
function readPax(body, into) {
  let at2 = 0;
  while (at2 < body.length) {
    const blank = body.indexOf(32, at2);
    const length = blank < 0 ? Number.NaN : Number(decoder2.decode(body.subarray(at2, blank)));
    if (!Number.isInteger(length) || length <= blank - at2 || at2 + length > body.length) return;
    const record2 = decoder2.decode(body.subarray(blank + 1, at2 + length - 1));
    const equals2 = record2.indexOf("=");
    const [key, value] = [record2.slice(0, equals2), record2.slice(equals2 + 1)];
    if (key === "path") into.path = value;
    else if (key === "linkpath") into.link = value;
    else if (key === "size" && /^\d{1,15}$/.test(value)) into.size = Number(value);
    else if (key.startsWith("GNU.sparse.")) into.sparse = true;
    at2 += length;
  }
}
function createBlocks(pieces) {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let piece = new Uint8Array();
  const more = async () => {
    if (piece.length > 0) return true;
    const next = await iterator.next();
    if (next.done) return false;
    piece = next.value;
    return true;
  };
  return {
    async take(length) {
      const parts = [];
      let have = 0;
      while (have < length && await more()) {
        const part = piece.subarray(0, length - have);
        parts.push(part);
        have += part.length;
        piece = piece.subarray(part.length);
      }
      return parts.length === 1 ? parts[0] : concat2(parts, have);
    },
    async skip(length) {
      while (length > 0 && await more()) {
        const step2 = Math.min(length, piece.length);
        piece = piece.subarray(step2);
        length -= step2;
      }
      return length === 0;
    },
    async end() {
      await iterator.return?.();
    }
  };
}
function concat2(parts, length) {
  const out2 = new Uint8Array(length);
  let at2 = 0;
  for (const part of parts) {
    out2.set(part, at2);
    at2 += part.length;
  }
  return out2;
}
var BLOCK2, MAX_HEADER, decoder2, text3, padded;
var init_tar = __esm({
  "src/cluster/archive/tar.ts"() {
    "use strict";
    init_limits();
    BLOCK2 = 512;
    MAX_HEADER = 1e6;
    decoder2 = new TextDecoder();
    text3 = (b2, from, length) => {
      const nul = b2.indexOf(0, from);
      return decoder2.decode(b2.subarray(from, nul < 0 ? from + length : Math.min(nul, from + length)));
    };
    padded = (size) => Math.ceil(size / BLOCK2) * BLOCK2;
  }
});

// src/cluster/archive/crc32.ts
function makeTables() {
  const first = Uint32Array.from({ length: 256 }, (_, n) => {
    let c2 = n;
    for (let bit = 0; bit < 8; bit++) c2 = c2 & 1 ? 3988292384 ^ c2 >>> 1 : c2 >>> 1;
    return c2;
  });
  const out2 = [first];
  for (let k = 1; k < 4; k++) out2.push(out2[k - 1].map((c2) => c2 >>> 8 ^ first[c2 & 255]));
  return out2;
}
function crc32(bytes) {
  const [t0, t1, t2, t3] = tables;
  let crc = 4294967295;
  let i = 0;
  for (const end2 = bytes.length - 3; i < end2; i += 4) {
    crc ^= bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24;
    crc = t3[crc & 255] ^ t2[crc >>> 8 & 255] ^ t1[crc >>> 16 & 255] ^ t0[crc >>> 24];
  }
  for (; i < bytes.length; i++) crc = crc >>> 8 ^ t0[(crc ^ bytes[i]) & 255];
  return (crc ^ 4294967295) >>> 0;
}
var tables;
var init_crc32 = __esm({
  "src/cluster/archive/crc32.ts"() {
    "use strict";
    tables = makeTables();
  }
});

// src/cluster/archive/zip.ts
import { inflateRawSync } from "node:zlib";
function isZip(head) {
  return head.length >= 4 && head[0] === 80 && head[1] === 75 && (head[2] === 3 && head[3] === 4 || head[2] === 5 && head[3] === 6);
}
function* readZip(source, file, wanted, budget) {
  const entries = readDirectory(source, file);
  const sorted = [...entries].sort((a2, b2) => a2.offset - b2.offset);
  for (const [i, entry] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && entry.offset + LOCAL_SIZE + entry.packed > next.offset)
      throw archiveError(`${file}!${next.name}`, "the member lies over another one: a decompression bomb");
  }
  for (const entry of entries) {
    budget.member(file);
    checkName(entry.name, file);
    if (entry.symlink) {
      if (entry.size < 4096) checkLink(entry.name, decodeName(unpack(entry, source, file, budget)), file);
      continue;
    }
    if (entry.name.endsWith("/") || !wanted(entry.name)) continue;
    yield { name: entry.name, bytes: unpack(entry, source, file, budget) };
  }
}
function unpack(entry, source, file, budget) {
  const name = `${file}!${entry.name}`;
  if (entry.flags & 1) throw archiveError(name, "the member is encrypted", "unpack it with its password first");
  if (entry.method !== 0 && entry.method !== 8)
    throw archiveError(
      name,
      `compressed with ${methods[entry.method] ?? `method ${entry.method}`}, which is not supported`,
      "pack it again with deflate, as zip does"
    );
  budget.read(entry.size, name);
  budget.unpacked(entry.size, entry.packed, name);
  const local2 = view(source.read(entry.offset, LOCAL_SIZE));
  if (local2.byteLength < LOCAL_SIZE || local2.getUint32(0, true) !== LOCAL) throw broken2(name, "its header is missing");
  const start2 = entry.offset + LOCAL_SIZE + local2.getUint16(26, true) + local2.getUint16(28, true);
  const packed = source.read(start2, entry.packed);
  if (packed.length < entry.packed) throw broken2(name, "its data is cut off");
  const bytes = entry.method === 0 ? packed : inflate(packed, entry.size, name);
  if (bytes.length !== entry.size) throw broken2(name, `it has ${bytes.length} bytes, the directory says ${entry.size}`);
  if (crc32(bytes) !== entry.crc) throw broken2(name, "its checksum (CRC-32) is wrong");
  return bytes;
}
function inflate(packed, size, name) {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    const { code } = error;
    if (code === "ERR_BUFFER_TOO_LARGE") throw broken2(name, `it has more bytes than the ${size} the directory says`);
    if (code?.startsWith("Z_")) throw broken2(name, error.message);
    throw error;
  }
}
function broken2(name, what) {
  return archiveError(name, `the zip is broken: ${what}`);
}
function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
function findDirectory(source, file) {
  const from = Math.max(0, source.size - END_SIZE - MAX_COMMENT);
  const tail = view(source.read(from, source.size - from));
  for (let at2 = tail.byteLength - END_SIZE; at2 >= 0; at2--) {
    if (tail.getUint32(at2, true) !== END || at2 + END_SIZE + tail.getUint16(at2 + 20, true) > tail.byteLength) continue;
    const end2 = from + at2;
    const [count2, size, start2] = [
      tail.getUint16(at2 + 10, true),
      tail.getUint32(at2 + 12, true),
      tail.getUint32(at2 + 16, true)
    ];
    if (count2 !== 65535 && size !== 4294967295 && start2 !== 4294967295) {
      if (tail.getUint16(at2 + 4, true) !== 0) throw archiveError(file, "a zip in several parts is not supported");
      return { start: end2 - size, size, count: count2, shift: end2 - size - start2 };
    }
    const large = findDirectory64(source, end2);
    return large ?? { start: end2 - size, size, count: count2, shift: end2 - size - start2 };
  }
  throw broken2(file, "its directory, at the end of the file, is missing: is the file cut off?");
}
function findDirectory64(source, end2) {
  const locator = view(source.read(Math.max(0, end2 - LOCATOR64_SIZE), LOCATOR64_SIZE));
  if (locator.byteLength < LOCATOR64_SIZE || locator.getUint32(0, true) !== LOCATOR64) return void 0;
  const stated = Number(locator.getBigUint64(8, true));
  const at2 = end2 - LOCATOR64_SIZE - END64_SIZE;
  for (const place of [stated, at2]) {
    if (place < 0 || place + END64_SIZE > source.size) continue;
    const record2 = view(source.read(place, END64_SIZE));
    if (record2.getUint32(0, true) !== END64) continue;
    const [count2, size, start2] = [32, 40, 48].map((offset) => Number(record2.getBigUint64(offset, true)));
    return { start: place - size, size, count: count2, shift: place - size - start2 };
  }
  return void 0;
}
function readDirectory(source, file) {
  const { start: start2, size, count: count2, shift: shift2 } = findDirectory(source, file);
  if (start2 < 0 || shift2 < 0 || size > MAX_DIRECTORY) throw broken2(file, "its directory is not where its end says");
  const bytes = source.read(start2, size);
  const data = view(bytes);
  const entries = [];
  let at2 = 0;
  while (at2 + CENTRAL_SIZE <= size && data.getUint32(at2, true) === CENTRAL) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset2) => data.getUint16(at2 + offset2, true));
    const next = at2 + CENTRAL_SIZE + nameLength + extraLength + commentLength;
    if (next > size) throw broken2(file, "its directory is cut off");
    const nameStart = at2 + CENTRAL_SIZE;
    const extra = bytes.subarray(nameStart + nameLength, nameStart + nameLength + extraLength);
    const [entrySize, packed, offset] = sizes64(
      [data.getUint32(at2 + 24, true), data.getUint32(at2 + 20, true), data.getUint32(at2 + 42, true)],
      extra
    );
    const unix = data.getUint8(at2 + 5) === 3;
    entries.push({
      name: decodeName(bytes.subarray(nameStart, nameStart + nameLength)),
      flags: data.getUint16(at2 + 8, true),
      method: data.getUint16(at2 + 10, true),
      crc: data.getUint32(at2 + 16, true),
      packed,
      size: entrySize,
      offset: offset + shift2,
      symlink: unix && data.getUint32(at2 + 38, true) >>> 28 === 10
    });
    at2 = next;
  }
  if (entries.length !== count2 && entries.length !== count2 % 65536)
    throw broken2(file, `its directory has ${entries.length} members, its end says ${count2}`);
  return entries;
}
function sizes64(values, extra) {
  const data = view(extra);
  let out2 = [...values];
  for (let at2 = 0; at2 + 4 <= extra.length; ) {
    const [id, length] = [data.getUint16(at2, true), data.getUint16(at2 + 2, true)];
    let field = at2 + 4;
    const end2 = Math.min(field + length, extra.length);
    if (id === 1)
      out2 = values.map((value) => {
        if (value !== 4294967295 || field + 8 > end2) return value;
        field += 8;
        return Number(data.getBigUint64(field - 8, true));
      });
    at2 += 4 + length;
  }
  return out2;
}
function decodeName(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\\", "/");
  } catch {
    return new TextDecoder("latin1").decode(bytes).replaceAll("\\", "/");
  }
}
var LOCAL, CENTRAL, END, END64, LOCATOR64, LOCAL_SIZE, CENTRAL_SIZE, END_SIZE, LOCATOR64_SIZE, END64_SIZE, MAX_COMMENT, MAX_DIRECTORY, methods;
var init_zip = __esm({
  "src/cluster/archive/zip.ts"() {
    "use strict";
    init_crc32();
    init_limits();
    LOCAL = 67324752;
    CENTRAL = 33639248;
    END = 101010256;
    END64 = 101075792;
    LOCATOR64 = 117853008;
    LOCAL_SIZE = 30;
    CENTRAL_SIZE = 46;
    END_SIZE = 22;
    LOCATOR64_SIZE = 20;
    END64_SIZE = 56;
    MAX_COMMENT = 65535;
    MAX_DIRECTORY = 2e8;
    methods = {
      1: "shrink",
      6: "implode",
      9: "deflate64",
      12: "bzip2",
      14: "LZMA",
      93: "Zstandard",
      95: "XZ"
    };
  }
});

// src/cluster/read-input.ts
import { closeSync, fstatSync, openSync, readSync as readSync2 } from "node:fs";
async function* readTexts(file, context) {
  if (file.path === void 0) {
    yield* expand(memorySource(context.readStdin()), file.name, file.named, context, 0);
    return;
  }
  const { source, close: close2 } = openSource(file.path, file.name);
  try {
    yield* expand(source, file.name, file.named, context, 0);
  } finally {
    close2();
  }
}
async function* expand(source, name, named2, context, depth) {
  const { budget } = context;
  const head = source.read(0, BLOCK2);
  if (depth > MAX_DEPTH3) throw archiveError(name, "archives nested too deeply");
  refuseUnknown(head, name);
  const wanted = (member) => isWanted(member, name, context);
  if (isZip(head))
    for (const member of readZip(source, name, wanted, budget))
      yield* expand(memorySource(member.bytes), `${name}!${member.name}`, false, context, depth + 1);
  else if (isTar(head)) yield* expandTar(piecesOf(source), name, context, depth);
  else if (isGzip(head)) {
    const pieces = gunzip(source, name, budget)[Symbol.asyncIterator]();
    const [first, start2] = await peek(pieces);
    if (isTar(start2)) yield* expandTar(chain(first, pieces), name, context, depth);
    else
      yield* expand(memorySource(await collect3(chain(first, pieces), name, budget)), name, named2, context, depth + 1);
  } else {
    if (depth === 0) budget.read(source.size, name);
    yield { name, bytes: source.read(0, source.size), named: named2 };
  }
}
async function* expandTar(pieces, name, context, depth) {
  const wanted = (member) => isWanted(member, name, context);
  for await (const member of readTar(pieces, name, wanted, context.budget))
    yield* expand(memorySource(member.bytes), `${name}!${member.name}`, false, context, depth + 1);
}
function isWanted(member, archive, context) {
  if (member.split("/").some(isHidden)) return false;
  const reason = whyLeftAside(member);
  if (reason !== void 0) context.leftAside(`${archive}!${member}`, reason);
  return reason === void 0 && isDefinitionName(member);
}
function refuseUnknown(head, name) {
  for (const [format, magic2, command] of unknown2)
    if (magic2.every((byte, i) => head[i] === byte))
      throw archiveError(name, `packed with ${format}, which is not supported`, `${command} FILE | wirelay \u2026 -f -`);
}
async function peek(pieces) {
  const first = [];
  let length = 0;
  while (length < BLOCK2) {
    const next = await pieces.next();
    if (next.done) break;
    first.push(next.value);
    length += next.value.length;
  }
  return [first, concat2(first, length)];
}
async function* chain(first, rest) {
  yield* first;
  yield* rest;
}
async function collect3(pieces, name, budget) {
  const parts = [];
  let length = 0;
  for await (const piece of pieces) {
    budget.read(piece.length, name);
    parts.push(piece);
    length += piece.length;
  }
  return concat2(parts, length);
}
function openSource(path, name) {
  let descriptor;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw archiveError(name, `cannot be read: ${error.code ?? "error"}`);
  }
  const stat = fstatSync(descriptor);
  const close2 = () => closeSync(descriptor);
  if (stat.isFile()) {
    const read = (offset, length) => readAt(descriptor, offset, Math.min(length, stat.size - offset));
    return { source: { size: stat.size, read }, close: close2 };
  }
  try {
    return { source: memorySource(readToEnd(descriptor, name)), close: close2 };
  } catch (error) {
    close2();
    throw error;
  }
}
function readAt(descriptor, offset, length) {
  const out2 = new Uint8Array(Math.max(0, length));
  let have = 0;
  while (have < out2.length) {
    const got = readSync2(descriptor, out2, have, out2.length - have, offset + have);
    if (got === 0) break;
    have += got;
  }
  return out2.subarray(0, have);
}
var MAX_DEPTH3, unknown2;
var init_read_input = __esm({
  "src/cluster/read-input.ts"() {
    "use strict";
    init_read_to_end();
    init_gunzip();
    init_limits();
    init_tar();
    init_zip();
    init_discover();
    MAX_DEPTH3 = 3;
    unknown2 = [
      ["xz", [253, 55, 122, 88, 90], "xz -dc"],
      ["bzip2", [66, 90, 104], "bzip2 -dc"],
      ["Zstandard", [40, 181, 47, 253], "zstd -dc"],
      ["7z", [55, 122, 188, 175], "7z x -so"],
      ["RAR", [82, 97, 114, 33], "unrar p -inul"],
      ["LZ4", [4, 34, 77, 24], "lz4 -dc"]
    ];
  }
});

// src/cluster/read-objects.ts
var read_objects_exports = {};
__export(read_objects_exports, {
  isCase: () => isCase,
  readObjects: () => readObjects
});
import { dirname as dirname2, join as join2 } from "node:path";
async function readObjects(files, readStdin, problems, leftAside, keep2 = false) {
  const reader = {
    out: createGathered(keep2),
    problems,
    own: void 0,
    files: [],
    aside: /* @__PURE__ */ new Map(),
    patches: /* @__PURE__ */ new Set()
  };
  for (const [name, reason] of leftAside) putAside(reader, name, { what: reason });
  const context = {
    readStdin,
    budget: createBudget(),
    leftAside: (name, reason) => putAside(reader, name, { what: reason })
  };
  const order = [
    ...files.filter(({ name }) => isKustomization(name)),
    ...files.filter(({ name }) => !isKustomization(name))
  ];
  const filled = /* @__PURE__ */ new Map();
  for (const file of order) {
    const before = reader.files.length;
    try {
      for await (const text4 of readTexts(file, context)) await readText2(text4, reader);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const { message, where, hint } of error.problems) problems.add(message, where, hint);
    }
    const any = reader.files.slice(before).some(({ objects }) => Object.keys(objects).length > 0);
    filled.set(file.root, (filled.get(file.root) ?? false) || any);
  }
  if (problems.found.length === 0) checkFilled(filled, reader);
  noteAside(reader);
  const summary = reader.files.filter(({ objects }) => Object.keys(objects).length > 0);
  return { gathered: reader.out, own: reader.own, summary: { files: summary } };
}
function putAside({ aside }, first, { what, hint }) {
  const seen = aside.get(what);
  if (seen) seen.count++;
  else aside.set(what, { count: 1, first, ...hint === void 0 ? {} : { hint } });
}
function noteAside({ aside, problems }) {
  for (const [what, { count: count2, first, hint }] of aside) {
    const files = count2 === 1 ? what : `${what} (${count2} files, this is the first)`;
    problems.note("skipped", hint === void 0 ? files : `${files}; ${hint}`, { file: first });
  }
}
function checkFilled(filled, { aside, problems }) {
  for (const [root, any] of filled) {
    if (any) continue;
    const [what, first] = [...aside].find(([, { hint }]) => hint !== void 0) ?? [];
    const file = root === "-" ? "<stdin>" : root;
    problems.add(
      what === void 0 ? "no Kubernetes object here" : `no Kubernetes object here; ${first?.first} is ${what}`,
      { file },
      first?.hint
    );
  }
}
async function readText2(text4, reader) {
  const { name, bytes, named: named2 } = text4;
  const { problems, files, patches } = reader;
  const file = { name, bytes: bytes.length, objects: /* @__PURE__ */ Object.create(null) };
  files.push(file);
  const foreign = !named2 && patches.has(name) ? patch : foreignFile(name);
  if (foreign) return tellForeign(foreign, text4, reader);
  const marked = bytes.length <= TEMPLATE_LIMIT ? foreignText(bytes) : void 0;
  if (marked && await isBroken(text4)) return tellForeign(marked, text4, reader);
  let [documents, strange] = [0, 0];
  const before = problems.found.length;
  for await (const document of readDocuments(name, bytes, problems)) {
    if (problems.full) break;
    documents++;
    if (!readDocument(document, text4, file.objects, reader)) strange++;
  }
  if (strange > 0)
    problems.note(
      "skipped",
      strange === 1 ? "no Kubernetes object" : `${strange} documents are no Kubernetes objects`,
      { file: name }
    );
  if (documents === 0 && named2 && problems.found.length === before)
    problems.add("no document in this file", { file: name });
}
function tellForeign(foreign, { name, named: named2 }, reader) {
  if (named2) reader.problems.add(`this is ${foreign.what}`, { file: name }, foreign.hint);
  else putAside(reader, name, foreign);
}
async function isBroken({ name, bytes, named: named2 }) {
  const trial = {
    out: createGathered(),
    problems: createProblems(),
    own: void 0,
    files: [],
    aside: /* @__PURE__ */ new Map(),
    patches: /* @__PURE__ */ new Set()
  };
  for await (const document of readDocuments(name, bytes, trial.problems))
    readDocument(document, { name, named: named2 }, {}, trial);
  return trial.problems.found.length > 0;
}
function readDocument(document, { name, named: named2 }, objects, reader) {
  const { problems, own } = reader;
  const { value, item } = document;
  const foreign = foreignDocument(name, value);
  if (foreign) {
    for (const path of patchesOf(value)) reader.patches.add(join2(dirname2(name), path));
    tellForeign(foreign, { name, named: named2 }, reader);
    return true;
  }
  if (!item && isObject(value) && isCase(value)) {
    objects.Case = (objects.Case ?? 0) + 1;
    return true;
  }
  if (!item && isObject(value) && isOwn(value)) {
    objects.Cluster = (objects.Cluster ?? 0) + 1;
    if (own)
      problems.add(
        `a second kind: Cluster; the first is at ${own.locate([]).file}:${own.locate([]).line ?? 1}`,
        document.locate([]),
        "a definition has one"
      );
    else reader.own = document;
    return true;
  }
  const listKind = item?.kind ?? kindOfFile(name);
  if (!named2 && !(isObject(value) && (typeof value.kind === "string" || listKind !== void 0))) return false;
  const tally = (kind) => objects[kind] = (objects[kind] ?? 0) + 1;
  gather(value, document, item?.path ?? [], { out: reader.out, problems, tally }, listKind);
  return true;
}
function isCase({ apiVersion: apiVersion2, kind }) {
  return kind === "Case" && (apiVersion2 === void 0 || String(apiVersion2).startsWith("wirelay.dev/"));
}
function isOwn(value) {
  const api = typeof value.apiVersion === "string" ? value.apiVersion : "";
  return api.startsWith("wirelay.dev/") || value.kind === "Cluster" && (api === "" || !api.includes("/"));
}
function kindOfFile(name) {
  const base = name.split(/[/!]/).at(-1);
  return sysdumpFiles.find(([pattern]) => pattern.test(base))?.[1];
}
var TEMPLATE_LIMIT, sysdumpFiles;
var init_read_objects = __esm({
  "src/cluster/read-objects.ts"() {
    "use strict";
    init_error();
    init_limits();
    init_foreign();
    init_kubernetes();
    init_problems();
    init_read_input();
    init_shape();
    init_source();
    TEMPLATE_LIMIT = 1e6;
    sysdumpFiles = [
      [/^k8s-nodes-/, "Node"],
      [/^k8s-pods-/, "Pod"],
      [/^k8s-services-/, "Service"],
      [/^k8s-endpoints-/, "Endpoints"],
      [/^k8s-endpointslices-/, "EndpointSlice"],
      [/^k8s-namespaces-/, "Namespace"],
      [/^k8s-networkpolicies-/, "NetworkPolicy"],
      [/^ciliumnodes-/, "CiliumNode"],
      [/^ciliumendpoints-/, "CiliumEndpoint"],
      [/^ciliumendpointslices-/, "CiliumEndpointSlice"],
      [/^ciliumidentities-/, "CiliumIdentity"],
      [/^ciliumnetworkpolicies-/, "CiliumNetworkPolicy"],
      [/^ciliumclusterwidenetworkpolicies-/, "CiliumClusterwideNetworkPolicy"],
      [/^ciliumegressgatewaypolicies-/, "CiliumEgressGatewayPolicy"],
      [/^ciliumlocalredirectpolicies-/, "CiliumLocalRedirectPolicy"],
      [/^cilium-configmap-/, "ConfigMap"]
    ];
  }
});

// src/cluster/cilium-objects.ts
var cilium_objects_exports = {};
__export(cilium_objects_exports, {
  mergeCilium: () => mergeCilium
});
function mergeCilium(out2) {
  const byName2 = new Map(out2.ciliumNodes.map((item) => [item.object.metadata.name, item]));
  const nodes2 = out2.nodes.map((node2) => {
    const own = byName2.get(node2.name);
    byName2.delete(node2.name);
    return own ? { ...node2, ...ciliumNodeSpec(own.object, node2) } : node2;
  });
  for (const { object: object2, where } of byName2.values())
    nodes2.push({
      name: object2.metadata.name,
      observed: true,
      where,
      labels: object2.metadata.labels ?? {},
      ...ciliumNodeSpec(object2)
    });
  return { nodes: nodes2, pods: mergeEndpoints(out2, nodes2) };
}
function mergeEndpoints({ pods: pods2, ciliumEndpoints: ciliumEndpoints2, identities }, nodes2) {
  const endpoints2 = new Map(
    ciliumEndpoints2.map((object2) => [`${object2.metadata.namespace ?? "default"}/${object2.metadata.name}`, object2])
  );
  const merged2 = pods2.map((pod2) => {
    const status = endpoints2.get(`${pod2.namespace}/${pod2.name}`)?.status;
    if (!status || pod2.hostNetwork) return pod2;
    const ips = addressesOf2(status);
    return {
      ...pod2,
      ...status.identity?.id ? { identity: status.identity.id } : {},
      ...status.id ? { endpointId: status.id } : {},
      ...pod2.ips === void 0 && ips.length > 0 ? { ips } : {}
    };
  });
  if (pods2.some((pod2) => pod2.live)) return merged2;
  const nodeOf2 = new Map(nodes2.flatMap((node2) => listOf(node2.ips).map((ip) => [ip, node2.name])));
  const labelsOf = new Map(identities.map(({ id, labels: labels2 }) => [id, labels2]));
  const known3 = new Set(pods2.map((pod2) => `${pod2.namespace}/${pod2.name}`));
  for (const [key, { metadata: metadata3, status, where }] of endpoints2) {
    if (known3.has(key) || !status) continue;
    const ips = addressesOf2(status);
    const id = status.identity?.id;
    const labels2 = status.identity?.labels ?? (id === void 0 ? [] : labelsOf.get(id) ?? []);
    const node2 = nodeOf2.get(status.networking?.node ?? "");
    merged2.push({
      name: metadata3.name,
      namespace: metadata3.namespace ?? "default",
      observed: true,
      live: true,
      where,
      phase: "Running",
      ...podLabels(labels2),
      ...id ? { identity: id } : {},
      ...status.id ? { endpointId: status.id } : {},
      ...ips.length > 0 ? { ips } : {},
      ...node2 === void 0 ? {} : { node: node2 },
      ...controllerOf(metadata3)
    });
  }
  return merged2;
}
function addressesOf2(status) {
  return (status.networking?.addressing ?? []).flatMap(
    ({ ipv4, ipv6 }) => [ipv4, ipv6].filter((ip) => typeof ip === "string" && ip !== "")
  );
}
function podLabels(labels2) {
  const own = {};
  let serviceAccount;
  for (const label of labels2) {
    const match = /^k8s:([^=]*)(?:=(.*))?$/s.exec(label);
    const [, key = "", value = ""] = match ?? [];
    if (key === "io.cilium.k8s.policy.serviceaccount") serviceAccount = value;
    else if (key !== "" && !/^io\.(cilium\.k8s|kubernetes\.pod)\./.test(key)) own[key] = value;
  }
  return { labels: own, ...serviceAccount === void 0 ? {} : { serviceAccount } };
}
function controllerOf({ ownerReferences: ownerReferences2 }) {
  const owner = ownerReferences2?.find(({ kind }) => kind !== "Pod");
  return owner?.kind && owner.name ? { owner: { kind: owner.kind, name: owner.name } } : {};
}
function ciliumNodeSpec({ spec: spec2 }, node2) {
  const addresses3 = (type) => (spec2?.addresses ?? []).flatMap((item) => item.type === type && item.ip ? [item.ip] : []);
  const health = [spec2?.health?.ipv4, spec2?.health?.ipv6].filter(
    (ip) => typeof ip === "string" && ip !== ""
  );
  const podCidrs = spec2?.ipam?.podCIDRs ?? [];
  const router = addresses3("CiliumInternalIP");
  return {
    ...node2?.ips?.length ? {} : { ips: addresses3("InternalIP") },
    ...podCidrs.length > 0 ? { podCIDRs: podCidrs } : {},
    ...router.length > 0 ? { routerIP: router } : {},
    ...health.length > 0 ? { healthIP: health } : {}
  };
}
var init_cilium_objects = __esm({
  "src/cluster/cilium-objects.ts"() {
    "use strict";
    init_cilium_config();
  }
});

// src/cluster/gateway-policies.ts
var gateway_policies_exports = {};
__export(gateway_policies_exports, {
  noteEgressFamilies: () => noteEgressFamilies,
  readEgressGateway: () => readEgressGateway,
  readLocalRedirect: () => readLocalRedirect
});
function readEgressGateway({ metadata: metadata3, spec: spec2 }, where, problems) {
  const title = `CiliumEgressGatewayPolicy ${metadata3.name}`;
  const prefixes3 = (texts2) => (texts2 ?? []).flatMap((text4) => {
    const prefix = parsePrefix(text4);
    if (!prefix) problems.add(`${title}: expected a prefix such as 0.0.0.0/0, got ${JSON.stringify(text4)}`, where);
    return prefix ?? [];
  });
  const gateway2 = (given) => {
    const egressIp = given.egressIP ? parseIp(given.egressIP) : void 0;
    if (given.egressIP && egressIp === void 0)
      problems.add(`${title}: expected an address as egressIP, got ${JSON.stringify(given.egressIP)}`, where);
    return {
      nodes: readSelector(given.nodeSelector),
      ...given.interface ? { device: given.interface } : {},
      ...egressIp === void 0 ? {} : { egressIp }
    };
  };
  const gateways2 = spec2?.egressGateways?.length ? spec2.egressGateways : spec2?.egressGateway ? [spec2.egressGateway] : [];
  return {
    name: metadata3.name ?? "",
    selectors: (spec2?.selectors ?? []).map(({ podSelector: podSelector2, namespaceSelector, nodeSelector }) => ({
      pods: readSelector(podSelector2),
      namespaces: readSelector(namespaceSelector),
      nodes: readSelector(nodeSelector)
    })),
    destinations: prefixes3(spec2?.destinationCIDRs),
    excluded: prefixes3(spec2?.excludedCIDRs),
    gateways: gateways2.map(gateway2),
    where
  };
}
function readLocalRedirect({ metadata: metadata3, spec: spec2 }, where, problems) {
  const namespace = metadata3.namespace ?? "default";
  const title = `CiliumLocalRedirectPolicy ${namespace}/${metadata3.name}`;
  const ports = (given) => (given ?? []).map(({ name, port: port5, protocol: protocol4 }) => ({
    ...name ? { name } : {},
    port: Number(port5),
    protocol: protocolOf2(protocol4)
  }));
  const { addressMatcher, serviceMatcher } = spec2?.redirectFrontend ?? {};
  const ip = addressMatcher?.ip ? parseIp(addressMatcher.ip) : void 0;
  const backend2 = spec2?.redirectBackend;
  const stated = [...ports(addressMatcher?.toPorts), ...ports(serviceMatcher?.toPorts), ...ports(backend2?.toPorts)];
  const wrong2 = stated.some(({ port: port5 }) => !Number.isInteger(port5) || port5 < 1 || port5 > 65535);
  if (!serviceMatcher?.serviceName && ip === void 0 || !backend2?.toPorts?.length || wrong2) {
    problems.note("warning", `${title}: no frontend and backend with ports that could be redirected`, where);
    return void 0;
  }
  const common = { name: metadata3.name ?? "", namespace, pods: readSelector(backend2.localEndpointSelector), where };
  const to = ports(backend2.toPorts);
  if (ip !== void 0) return { ...common, frontend: { kind: "address", ip, ports: ports(addressMatcher?.toPorts) }, to };
  const service2 = serviceMatcher?.serviceName ?? "";
  return { ...common, frontend: { kind: "service", service: service2, ports: ports(serviceMatcher?.toPorts) }, to };
}
function protocolOf2(text4) {
  const upper = text4?.toUpperCase();
  return upper === "UDP" || upper === "SCTP" ? upper : "TCP";
}
function noteEgressFamilies(policies, problems) {
  for (const { name, destinations, gateways: gateways2, where } of policies) {
    const six = [...destinations.map(({ ip }) => ip), ...gateways2.flatMap(({ egressIp }) => egressIp ?? [])].find(
      (ip) => !isIp4(ip)
    );
    if (six !== void 0)
      problems.note(
        "warning",
        `CiliumEgressGatewayPolicy ${name}: ${formatIp(six)} has no effect: only IPv4 here`,
        where
      );
  }
}
var init_gateway_policies = __esm({
  "src/cluster/gateway-policies.ts"() {
    "use strict";
    init_addr();
    init_read();
  }
});

// src/cluster/set.ts
var set_exports = {};
__export(set_exports, {
  applySets: () => applySets
});
async function applySets(document, sets, problems) {
  if (sets.length === 0) return { value: document, locate: () => void 0 };
  const value = structuredClone(document);
  const done = [];
  for (const [i, text4] of sets.entries()) {
    const where = { file: `--set ${i + 1}` };
    const equals2 = splitAtEquals(text4);
    const path = equals2 && parsePath(equals2[0]);
    if (!equals2 || !path) {
      problems.add(
        `expected PATH=VALUE, got ${JSON.stringify(text4)}`,
        where,
        "for example spec.cilium.tunnel-protocol=vxlan or spec.nodes[0].mtu=9000; a dot in a key is written \\."
      );
      continue;
    }
    if (path[0] !== "spec" && path[0] !== "metadata") {
      problems.add(
        `${pathText(path)}: only fields of spec and metadata can be set`,
        where,
        `did you mean spec.${pathText(path)}?`
      );
      continue;
    }
    const scalar2 = await typed(equals2[1]);
    const wrong2 = put(value, path, scalar2);
    if (wrong2) problems.add(wrong2, where);
    else done.push({ path, where });
  }
  return {
    value,
    locate: (path) => done.findLast((set) => set.path.every((step2, i) => path[i] === step2) || isPrefix(path, set.path))?.where
  };
}
function isPrefix(path, of) {
  return path.length > 2 && path.length < of.length && path.every((step2, i) => of[i] === step2);
}
function splitAtEquals(text4) {
  const at2 = text4.indexOf("=");
  return at2 <= 0 ? void 0 : [text4.slice(0, at2), text4.slice(at2 + 1)];
}
function parsePath(text4) {
  const path = [];
  const step2 = /(?:^|\.)((?:[^.[\]\\]|\\.)+)|\[(\d+)\]/y;
  while (step2.lastIndex < text4.length) {
    const match = step2.exec(text4);
    if (!match) return void 0;
    if (match[2] !== void 0) path.push(Number(match[2]));
    else path.push(match[1].replace(/\\(.)/g, "$1"));
  }
  return path.some((part) => part === "__proto__") ? void 0 : path;
}
async function typed(text4) {
  if (text4 === "true" || text4 === "false") return text4 === "true";
  if (text4 === "" || text4 === "null" || text4 === "~") return null;
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text4) && Number.isSafeInteger(Math.trunc(Number(text4)))) return Number(text4);
  if (!/^['"[{]/.test(text4)) return text4;
  const { parseDocument: parseDocument2 } = await Promise.resolve().then(() => (init_yaml(), yaml_exports));
  const parsed = parseDocument2(text4, { logLevel: "silent", prettyErrors: false });
  return parsed.errors.length > 0 ? text4 : parsed.toJS({ maxAliasCount: 0 });
}
function put(root, path, value) {
  let at2 = root;
  for (const [i, step2] of path.entries()) {
    if (Array.isArray(at2) !== (typeof step2 === "number"))
      return `${pathText(path.slice(0, i))} is ${Array.isArray(at2) ? "a list: write [0], [1], \u2026" : "no list"}`;
    if (Array.isArray(at2) && step2 > at2.length)
      return `${pathText(path.slice(0, i))} has ${at2.length} items: the next one is [${at2.length}]`;
    const slots = at2;
    if (i === path.length - 1) {
      if (value === null && !Array.isArray(at2)) delete slots[step2];
      else slots[step2] = value;
      return void 0;
    }
    const inner = Object.hasOwn(slots, step2) ? slots[step2] : void 0;
    if (inner === void 0 || inner === null) slots[step2] = typeof path[i + 1] === "number" ? [] : {};
    else if (!isObject(inner) && !Array.isArray(inner)) return `${pathText(path.slice(0, i + 1))} is a single value`;
    at2 = slots[step2];
  }
  return void 0;
}
var init_set = __esm({
  "src/cluster/set.ts"() {
    "use strict";
    init_shape();
  }
});

// src/cluster/expect.ts
var expectedVerdicts, encapsulations, f, required, texts, many, percent, frames, output, expectation, expectShape, caseShape;
var init_expect = __esm({
  "src/cluster/expect.ts"() {
    "use strict";
    init_shape();
    expectedVerdicts = {
      allow: ["answered", "delivered"],
      deny: ["denied"],
      drop: ["dropped", "unanswered"],
      reachable: ["answered", "delivered"],
      unreachable: ["refused", "denied", "dropped", "unanswered"],
      answered: ["answered"],
      delivered: ["delivered"],
      refused: ["refused"],
      denied: ["denied"],
      dropped: ["dropped"],
      unanswered: ["unanswered"]
    };
    encapsulations = ["geneve", "vxlan", "ipip", "none"];
    f = (shape, about) => ({ shape, text: about });
    required = (shape, about) => ({ shape, text: about, required: true });
    texts = either("a text, or a list of them", text, list(text));
    many = whole(0, Number.MAX_SAFE_INTEGER);
    percent = { kind: "number", min: 0, max: 100, fraction: true };
    frames = object({
      filter: f(text, "pcap-filter expression, as tcpdump takes it; default: all frames"),
      at: required(text, "Where to count: NODE:DEVICE or [NS/]POD:DEVICE"),
      direction: f(oneOf("in", "out"), "Only frames that come in, or go out; default both"),
      count: f(many, "How many there must be"),
      min: f(many, "At least so many"),
      max: f(many, "At most so many")
    });
    output = {
      contains: f(texts, "Text, or each text, that the output of the command must contain"),
      lacks: f(texts, "Text, or each text, that it must not contain"),
      equals: f(text, "All of the output; a line feed at its end does not count"),
      matches: f(texts, "Regular expression, or each of them, that must match in it (JavaScript, ^ and $ at each line)")
    };
    expectation = object({
      name: f(text, "Name in reports; default: the flow or the command"),
      flow: f(text, "A new connection to trace: FROM -> TO[:PORT][/PROTO] [xN] [size=B]"),
      verdict: f(
        oneOf(...Object.keys(expectedVerdicts)),
        "What must come of it: allow = reachable, deny, drop, unreachable, or the exact word of a trace"
      ),
      by: f(text, "Policy or security rule that decides: a name, NS/NAME, or KIND NS/NAME"),
      reason: f(either("a drop reason by number, name or text", whole(0, 255), text), "Why it is dropped"),
      at: f(text, "Where it ends: words among node, pod, device and program"),
      dnat: f(texts, "ADDRESS|POD|NODE[:PORT] that it is translated to, one of them; none: it is not"),
      source: f(texts, "Source address that the receiver sees, one of them: ADDRESS, POD, NODE; kept: its own"),
      encapsulation: f(oneOf(...encapsulations), "How it goes from node to node"),
      vni: f(whole(0, 16777215), "VNI of the tunnel packet: in Cilium the security identity of the source"),
      mtu: f(whole(68, 65535), "Largest IP packet that gets there in one piece, bytes"),
      payload: f(whole(0, 65535), "Largest payload (of ICMP, UDP or a TCP segment) that gets there in one piece, bytes"),
      ttl: f(whole(0, 255), "TTL or hop limit on arrival"),
      backends: f(
        either(
          "a list of pods, or a mapping of pods to percentages",
          list(text),
          map(either("a percentage", percent, { kind: "text", pattern: "^\\d{1,3}(\\.\\d+)?%$" }))
        ),
        "Who takes the connections of a flow xN: exactly these, or each with its share in percent"
      ),
      tolerance: f(percent, "Percentage points by which a share may differ; default 5"),
      frames: f(
        either("a mapping with at and count, or a list of them", frames, list(frames)),
        "Frames of the flow, or without one of the definition's traffic, by filter and place"
      ),
      command: f(text, "A command line of a look-alike: cilium service list, kubectl get pods -A, ip -d link"),
      node: f(textOf("name"), "Node that the command runs on"),
      pod: f(text, "[NS/]POD that the command runs in"),
      exit: f(whole(0, 255), "Exit code of the command; default 0"),
      ...output,
      stderr: f(object(output), "The same of what the command writes to standard error")
    });
    expectShape = list(expectation);
    caseShape = (version) => object({
      apiVersion: required(oneOf(version), `Always ${version}`),
      kind: required(oneOf("Case"), "Always Case"),
      metadata: f(object({ name: f(text, "Name in reports; default: the file") }), "Metadata"),
      spec: required(
        object({
          cluster: f(texts, "Definition, relative to this file, or demo; default: the other documents of this file"),
          set: f(list(text), "Fields of the definition to override: PATH=VALUE"),
          seed: f(whole(0, 4294967295), "Seed of every random choice"),
          traffic: f(list(text), "Traffic instead of the definition's"),
          events: f(list(text), "Events instead of the definition's"),
          expect: required(expectShape, "What must come of it")
        }),
        "The case"
      )
    });
  }
});

// src/cluster/schema.ts
var schema_exports = {};
__export(schema_exports, {
  API_VERSION: () => API_VERSION,
  caseJsonSchema: () => caseJsonSchema,
  clusterShape: () => clusterShape,
  jsonSchema: () => jsonSchema,
  testCaseShape: () => testCaseShape
});
function jsonSchema() {
  const schema = toJsonSchema(clusterShape);
  schema.properties.spec.properties.cilium = {
    type: "object",
    description: "Options of cilium-config, under their own names",
    properties: Object.fromEntries(
      [...ciliumKeys()].sort(([a2], [b2]) => a2 < b2 ? -1 : 1).map(([key, kind]) => [key, optionSchema(kind)])
    ),
    additionalProperties: { type: ["string", "number", "boolean"] }
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://wirelay.dev/schema/v1alpha1/cluster.json",
    title: "wirelay cluster definition",
    ...schema
  };
}
function caseJsonSchema() {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://wirelay.dev/schema/v1alpha1/case.json",
    title: "wirelay test case",
    ...toJsonSchema(testCaseShape)
  };
}
function optionSchema(kind) {
  if (typeof kind !== "string") return { enum: [...kind] };
  if (kind === "bool") return { enum: [true, false, "true", "false"] };
  if (kind === "int") return { type: ["integer", "string"], minimum: 0 };
  if (kind === "port") return { type: ["integer", "string"], minimum: 0, maximum: 65535 };
  return { type: ["string", "number"] };
}
var API_VERSION, f2, required2, prefixes2, addresses, nsgPrefixes, labels, annotations, port4, protocol3, big, node, podPortText, servicePortText, podPort2, pod, servicePort2, service, underlay, scalar, spec, testCaseShape, clusterShape;
var init_schema = __esm({
  "src/cluster/schema.ts"() {
    "use strict";
    init_cilium_keys();
    init_expect();
    init_shape();
    init_spec();
    API_VERSION = "wirelay.dev/v1alpha1";
    f2 = (shape, about) => ({ shape, text: about });
    required2 = (shape, about) => ({ shape, text: about, required: true });
    prefixes2 = either("a prefix such as 10.32.0.0/13, or a list of them", textOf("prefixes"), list(textOf("prefix")));
    addresses = either("an IP address, or a list of them", textOf("ips"), list(textOf("ip")));
    nsgPrefixes = either("a prefix, an address, *, or a list of them", text, list(text));
    labels = map(textOf("label"));
    annotations = map(text);
    port4 = whole(1, 65535);
    protocol3 = oneOf("TCP", "UDP", "SCTP");
    big = Number.MAX_SAFE_INTEGER;
    node = object({
      name: required2(textOf("name"), "Name of the node"),
      ip: f2(addresses, "InternalIP, one per family; default: the next free address of the node subnet"),
      ips: f2(addresses, "The same, as a list"),
      externalIP: f2(addresses, "ExternalIP"),
      podCIDR: f2(prefixes2, "Pod CIDR of this node, one per family; default: the next free one of the cluster"),
      podCIDRs: f2(prefixes2, "The same, as a list"),
      routerIP: f2(addresses, "Address of cilium_host; default: the first free one of the pod CIDR"),
      healthIP: f2(addresses, "Address of the health endpoint"),
      mac: f2(textOf("mac"), "MAC address of eth0"),
      mtu: f2(whole(576, 65535), "MTU of eth0, bytes; default: that of the underlay"),
      labels: f2(labels, "Labels"),
      annotations: f2(annotations, "Annotations"),
      apiserver: f2(bool, "Runs the kube-apiserver"),
      ready: f2(bool, "Takes pods; default true"),
      cpus: f2(whole(1, 1024), "Number of CPUs; default 4"),
      osImage: f2(text, "As kubectl get nodes -o wide prints it"),
      kernelVersion: f2(text, "As kubectl get nodes -o wide prints it"),
      containerRuntime: f2(text, "As kubectl get nodes -o wide prints it"),
      kubeletVersion: f2(text, "Default: the version of the cluster")
    });
    podPortText = {
      kind: "text",
      pattern: "^([a-z0-9-]+:)?[0-9]{1,5}(/([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp]))?$"
    };
    servicePortText = {
      kind: "text",
      pattern: "^[0-9]{1,5}(:([0-9]{1,5}|[a-z][a-z0-9-]*))?(/([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp]))?$"
    };
    podPort2 = object({
      name: f2(text, "Name that a targetPort may use"),
      port: required2(port4, "Number"),
      protocol: f2(protocol3, "Default TCP"),
      hostPort: f2(port4, "Port of the node that leads here"),
      hostIP: f2(textOf("ip"), "The only address of the node at which hostPort answers")
    });
    pod = object({
      name: required2(textOf("name"), "Name of the pod"),
      namespace: f2(textOf("name"), "Default: default"),
      replicas: f2(whole(0, 1e5), "As many pods, called name-1, name-2, \u2026"),
      labels: f2(labels, "Labels"),
      annotations: f2(annotations, "Annotations"),
      node: f2(text, "Node it runs on; default: the one with the fewest pods"),
      nodeSelector: f2(map(text), "Labels its node must have"),
      ip: f2(addresses, "Address, one per family; default: the next free one of its node"),
      ips: f2(addresses, "The same, as a list"),
      hostNetwork: f2(bool, "Shares the node's network namespace"),
      ports: f2(
        list(either('a port: 8080, "53/UDP", "http:8080" or a mapping', port4, podPortText, podPort2)),
        "Container ports"
      ),
      phase: f2(oneOf("Pending", "Running", "Succeeded", "Failed", "Unknown"), "Default Running"),
      ready: f2(bool, "Ready, so that services use it; default true"),
      terminating: f2(bool, "Being deleted"),
      serviceAccount: f2(textOf("name"), "Default: default"),
      identity: f2(whole(1, 16777215), "Security identity; default: drawn from its labels"),
      endpointId: f2(whole(1, 65535), "Cilium endpoint id on its node"),
      mac: f2(textOf("mac"), "MAC address of its eth0"),
      image: f2(text, "Image of its container"),
      containers: f2(list(object({ name: required2(text, "Name"), image: f2(text, "Image") })), "Containers"),
      owner: f2(object({ kind: required2(text, "Deployment, \u2026"), name: required2(text, "Name") }), "What made it"),
      createdAt: f2(text, "RFC 3339 date")
    });
    servicePort2 = object({
      name: f2(text, "Name; needed where there are several"),
      port: required2(port4, "Port of the service"),
      protocol: f2(protocol3, "Default TCP"),
      targetPort: f2(either("a port number or name", port4, text), "Port of the pod, by number or name; default: port"),
      nodePort: f2(port4, "Port on every node; default: the next free one")
    });
    service = object({
      name: required2(textOf("name"), "Name of the service"),
      namespace: f2(textOf("name"), "Default: default"),
      labels: f2(labels, "Labels"),
      annotations: f2(annotations, "Annotations"),
      type: f2(oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), "Default ClusterIP"),
      clusterIP: f2(
        either("an IP address or None", textOf("clusterIp"), list(textOf("clusterIp"))),
        "Address; None for headless; default: the next free one"
      ),
      clusterIPs: f2(either("IP addresses or None", textOf("clusterIp"), list(textOf("clusterIp"))), "The same, as a list"),
      ipFamilyPolicy: f2(oneOf("SingleStack", "PreferDualStack", "RequireDualStack"), "Default SingleStack"),
      ipFamilies: f2(list(oneOf("IPv4", "IPv6")), "Families, in order"),
      externalIPs: f2(addresses, "External addresses"),
      loadBalancerIP: f2(addresses, "Address that the load balancer has"),
      loadBalancerSourceRanges: f2(prefixes2, "Who may use the load balancer"),
      ports: f2(
        list(either('a port: 80, "80:8080", "53:53/UDP" or a mapping', port4, servicePortText, servicePort2)),
        "Ports"
      ),
      selector: f2(map(text), "Labels of its pods"),
      externalName: f2(text, "DNS name that an ExternalName service stands for"),
      sessionAffinity: f2(oneOf("None", "ClientIP"), "Default None"),
      sessionAffinityTimeout: f2(whole(1, 86400), "Seconds; default 10800"),
      internalTrafficPolicy: f2(oneOf("Cluster", "Local"), "Default Cluster"),
      externalTrafficPolicy: f2(oneOf("Cluster", "Local"), "Default Cluster"),
      healthCheckNodePort: f2(port4, "Health check port of a Local load balancer"),
      publishNotReadyAddresses: f2(bool, "Use pods that are not ready too"),
      loadBalancerClass: f2(text, "Who provides the load balancer"),
      allocateLoadBalancerNodePorts: f2(bool, "Give a load balancer node ports; default true"),
      trafficDistribution: f2(oneOf("PreferClose", "PreferSameZone", "PreferSameNode"), "Endpoints to prefer"),
      endpoints: f2(list(text), "Backends as address:port, instead of a selector")
    });
    underlay = object({
      vnet: f2(prefixes2, "Address space of the network; default 10.0.0.0/16"),
      vnets: f2(prefixes2, "The same, as a list"),
      subnets: f2(
        list(
          either(
            "a prefix or a mapping with name and prefix",
            textOf("prefix"),
            object({ name: f2(text, "Name"), prefix: required2(textOf("prefix"), "Prefix") })
          )
        ),
        "Subnets that nodes are in; default: one, the whole network"
      ),
      gateway: f2(addresses, "Next hop for everything else; default: the first address of the first subnet"),
      gatewayMac: f2(textOf("mac"), "Its MAC address; default 12:34:56:78:9a:bc, as in an Azure VNet"),
      mtu: f2(whole(576, 65535), "Path MTU between nodes, bytes; default 1500"),
      routesPodCIDRs: f2(bool, "The network routes pod CIDRs itself; default: with profile aks-overlay"),
      nsg: f2(
        list(
          object({
            name: f2(text, "Name"),
            priority: required2(whole(1, 65535), "The lower comes first"),
            direction: required2(oneOf("Inbound", "Outbound"), "Direction"),
            access: required2(oneOf("Allow", "Deny"), "Verdict"),
            protocol: f2(oneOf("Tcp", "Udp", "Icmp", "*"), "Default *"),
            source: f2(nsgPrefixes, "Default *"),
            destination: f2(nsgPrefixes, "Default *"),
            port: f2(
              either("a port, a range such as 30000-32767, * or a list", whole(0, 65535), text, list(text)),
              "Destination port; default *"
            )
          })
        ),
        "Security rules of the node subnet"
      ),
      routes: f2(
        list(object({ prefix: required2(textOf("prefix"), "Where to"), nextHop: required2(textOf("ip"), "Through") })),
        "User-defined routes of the node subnet"
      ),
      peered: f2(
        list(object({ name: required2(text, "Name"), prefixes: required2(prefixes2, "Their ranges") })),
        "Networks reachable without translation: peered VNets, on-premises"
      )
    });
    scalar = either(
      "a text, a number or true or false",
      text,
      { kind: "number", min: -big, max: big, fraction: true },
      bool
    );
    spec = object({
      profile: f2(oneOf(...profiles), "What carries traffic: cilium (default), kube-proxy, or aks-overlay"),
      kubernetesVersion: f2(text, "Default v1.35.1"),
      platform: f2(text, "Default linux/amd64"),
      ciliumVersion: f2(text, "Default 1.20.2"),
      ciliumCommit: f2(text, "Short commit behind the version in cilium status"),
      epoch: f2(
        either("seconds since 1970 or a date", { kind: "number", min: 0, max: big, fraction: true }, text),
        "Virtual time 0"
      ),
      seed: f2(whole(0, 4294967295), "Seed of every random choice; default 1"),
      podCIDR: f2(prefixes2, "Range of pod addresses, one per family; default 10.244.0.0/16"),
      podCIDRs: f2(prefixes2, "The same, as a list"),
      serviceCIDR: f2(prefixes2, "Range of ClusterIPs, one per family; default 10.96.0.0/12"),
      serviceCIDRs: f2(prefixes2, "The same, as a list"),
      nodeCIDRMaskSize: f2(whole(8, 32), "Length of an IPv4 pod CIDR of a node; default 24"),
      nodeCIDRMaskSizeIPv6: f2(whole(16, 128), "Length of an IPv6 pod CIDR of a node; default 64"),
      fixedVni: f2(whole(0, 16777215), "One VNI for all tunnel packets, instead of the source identity"),
      tunnelDevice: f2(
        object({
          name: f2({ kind: "text", pattern: "^[^/\\s:]{1,15}$" }, "Device name; default genev_sys_6081"),
          ttl: f2(either("auto, inherit or 1 \u2026 255", whole(1, 255), oneOf("auto", "inherit")), "Default auto")
        }),
        "A point-to-point tunnel device, as tutorials draw it"
      ),
      dns: f2(bool, "Add a CoreDNS where the definition has none; default true"),
      names: f2(map(textOf("ips")), "Names outside of the cluster and the addresses that the DNS has for them"),
      cilium: f2(map(scalar), "Options of cilium-config, under their own names"),
      ipMasqAgent: f2(
        object({
          nonMasqueradeCIDRs: f2(prefixes2, "Destinations that see pod addresses"),
          masqLinkLocal: f2(bool, "Masquerade to 169.254.0.0/16 too"),
          masqLinkLocalIPv6: f2(bool, "Masquerade to fe80::/10 too")
        }),
        "ip-masq-agent, with enable-ip-masq-agent"
      ),
      kubeProxy: f2(
        object({
          mode: f2(oneOf("iptables", "ipvs", "nftables"), "Default iptables"),
          scheduler: f2(oneOf("rr", "wrr", "lc", "wlc", "sh"), "How IPVS chooses; default rr")
        }),
        "kube-proxy"
      ),
      underlay: f2(underlay, "The network that nodes are in"),
      nodes: f2(
        either("a number of nodes, or a list of them", whole(1, 1e4), list(node)),
        "Nodes: how many, or which; default 3"
      ),
      namespaces: f2(
        list(
          either(
            "a name or a mapping",
            textOf("name"),
            object({ name: required2(textOf("name"), "Name"), labels: f2(labels, "Labels") })
          )
        ),
        "Namespaces with labels of their own; others need not be named"
      ),
      pods: f2(list(pod), "Pods"),
      services: f2(list(service), "Services"),
      traffic: f2(list(text), "Traffic: FROM -> TO[:PORT][/PROTO] [xN] [size=B] [data=TEXT] [at=1s] [every=100ms] [keep]"),
      events: f2(list(text), "What happens meanwhile: at=TIME VERB \u2026, e.g. at=2s restart pod-b"),
      expect: f2(expectShape, "What must come of which traffic, for wirelay test")
    });
    testCaseShape = caseShape(API_VERSION);
    clusterShape = object({
      apiVersion: required2(oneOf(API_VERSION), `Always ${API_VERSION}`),
      kind: required2(oneOf("Cluster"), "Always Cluster"),
      metadata: f2(
        object({ name: f2(textOf("name"), "Name of the cluster"), labels: f2(anything, ""), annotations: f2(anything, "") }),
        "Metadata"
      ),
      spec: f2(spec, "The cluster")
    });
  }
});

// src/cluster/load.ts
var load_exports = {};
__export(load_exports, {
  loadCluster: () => loadCluster,
  loadDefinition: () => loadDefinition,
  policiesOf: () => policiesOf,
  workloadPods: () => workloadPods
});
async function loadCluster(input) {
  if (input.sets.length === 0 && input.nodes === void 0 && discover(input).how === "demo")
    return demoCluster(resolveOptions(input));
  const { definition, options } = await loadDefinition(input);
  return resolve(definition, options);
}
async function loadDefinition(input) {
  const found2 = discover(input);
  const options = resolveOptions(input);
  const problems = createProblems();
  if (found2.how === "demo")
    return { definition: await readDefinition(await demoObjects(), input, "demo", problems), options };
  const aside = [];
  const files = listFiles(found2.paths, input.cwd, problems, (...left) => aside.push(left));
  const { readObjects: readObjects2 } = await Promise.resolve().then(() => (init_read_objects(), read_objects_exports));
  const read = await readObjects2(files, input.readStdin, problems, aside, input.keep);
  return { definition: await readDefinition(read, input, found2.paths.join(", "), problems), options };
}
function resolveOptions({ seed, env }) {
  const text4 = env.SOURCE_DATE_EPOCH;
  if (text4 && !/^\d{1,12}$/.test(text4))
    throw new UserError({ message: `SOURCE_DATE_EPOCH: expected seconds since 1970, got ${JSON.stringify(text4)}` });
  return { ...seed === void 0 ? {} : { seed }, ...text4 ? { epoch: Number(text4) } : {} };
}
async function demoObjects() {
  const { createGathered: createGathered2 } = await Promise.resolve().then(() => (init_kubernetes(), kubernetes_exports));
  const value = { apiVersion: "wirelay.dev/v1alpha1", kind: "Cluster", metadata: { name: DEMO_NAME }, spec: demoSpec };
  return {
    gathered: createGathered2(),
    own: { file: "demo", value, locate: () => ({ file: "demo" }) },
    summary: { files: [] }
  };
}
async function readDefinition({ gathered: out2, own, summary }, { sets, nodes: count2 }, source, problems) {
  const [{ latest: latest2 }, { mergeCilium: mergeCilium2 }] = await Promise.all([Promise.resolve().then(() => (init_kubernetes(), kubernetes_exports)), Promise.resolve().then(() => (init_cilium_objects(), cilium_objects_exports))]);
  const { name, locate: locate2, ...document } = await ownDocument(own, sets, problems);
  let { spec: spec2 } = document;
  if (problems.found.length > 0) checkOptions(spec2, locate2, problems);
  problems.throwIfAny();
  for (const [kind, { count: count3, where }] of out2.skipped)
    problems.note("skipped", `${count3} ${kind} object${count3 === 1 ? "" : "s"} not read`, where);
  const policies = await policiesOf(out2, problems);
  problems.throwIfAny();
  const merged2 = mergeCilium2({
    ...out2,
    nodes: latest2("node", out2.nodes, problems),
    pods: latest2("pod", out2.pods, problems)
  });
  if (count2 !== void 0) {
    if (spec2.nodes !== void 0 || merged2.nodes.length > 0)
      throw new UserError({
        message: `--nodes ${count2}: the definition has nodes of its own`,
        hint: "leave --nodes out"
      });
    spec2 = { ...spec2, nodes: count2 };
  }
  const base = definitionOf(name ?? (own ? "cluster" : "kubernetes"), source, await withFacts(spec2, out2));
  const place = (items, key) => items.map((item, i) => ({ ...item, where: locate2(["spec", key, i]) }));
  const nodes2 = [...place(base.nodes, "nodes"), ...merged2.nodes];
  const workers = await workloadPods(out2, [...base.pods, ...merged2.pods], nodes2, spec2, problems);
  problems.throwIfAny();
  const ciliumConfig2 = out2.configMaps.find(({ object: object2 }) => object2.metadata.name === "cilium-config");
  return {
    ...base,
    own: own !== void 0 || sets.length > 0,
    locate: locate2,
    nodes: nodes2,
    namespaces: out2.namespaces,
    pods: [...place(base.pods, "pods"), ...merged2.pods, ...workers],
    templates: await templatesOf(out2, [...base.pods, ...merged2.pods]),
    services: [...place(base.services, "services"), ...latest2("service", out2.services, problems)],
    endpoints: out2.endpoints,
    identities: out2.identities,
    ...policies,
    ...await gatewayPolicies(out2, problems),
    ciliumConfig: ciliumConfig2 && { data: ciliumConfig2.object.data ?? {}, where: ciliumConfig2.where },
    notes: problems.notes,
    summary,
    ...out2.manifests ? { manifests: out2.manifests } : {}
  };
}
async function templatesOf({ workloads: workloads3 }, pods2) {
  if (workloads3.length === 0) return [];
  return (await Promise.resolve().then(() => (init_workloads(), workloads_exports))).workloadTemplates(workloads3, pods2);
}
async function gatewayPolicies({ egressPolicies, redirectPolicies }, problems) {
  if (egressPolicies.length + redirectPolicies.length === 0) return {};
  const { noteEgressFamilies: noteEgressFamilies2, readEgressGateway: readEgressGateway2, readLocalRedirect: readLocalRedirect2 } = await Promise.resolve().then(() => (init_gateway_policies(), gateway_policies_exports));
  const egress = egressPolicies.map(({ object: object2, where }) => readEgressGateway2(object2, where, problems));
  noteEgressFamilies2(egress, problems);
  problems.throwIfAny();
  const redirects = redirectPolicies.flatMap(({ object: object2, where }) => readLocalRedirect2(object2, where, problems) ?? []);
  return { egressPolicies: egress, redirectPolicies: redirects };
}
async function workloadPods({ workloads: workloads3 }, pods2, nodes2, spec2, problems) {
  if (workloads3.length === 0) return [];
  const { expandWorkloads: expandWorkloads2 } = await Promise.resolve().then(() => (init_workloads(), workloads_exports));
  const stated = nodes2.length > 0 ? nodes2 : typeof spec2.nodes === "number" ? [] : impliedNodes(pods2);
  const count2 = typeof spec2.nodes === "number" ? spec2.nodes : DEFAULT_NODES;
  const names = (stated.length > 0 ? stated : countNodes(count2, [])).map((node2) => node2.name);
  return expandWorkloads2(workloads3, pods2, names, problems);
}
async function policiesOf({ policies }, problems) {
  if (policies.length === 0) return {};
  const { readIngresses: readIngresses2, readPolicies: readPolicies2 } = await Promise.resolve().then(() => (init_read(), read_exports));
  return { policies: readPolicies2(policies, problems), ingresses: readIngresses2(policies) };
}
function checkOptions(spec2, locate2, problems) {
  if (typeof spec2.cilium !== "object" || spec2.cilium === null || Array.isArray(spec2.cilium)) return;
  const own = createProblems();
  rawSettings({ ...definitionOf("", "", { cilium: spec2.cilium }), locate: locate2 }, "cilium", own);
  for (const { message, where, hint } of own.found) problems.add(message, where, hint);
}
async function ownDocument(own, sets, problems) {
  if (!own && sets.length === 0) return { spec: {}, name: void 0, locate: () => void 0 };
  const [{ applySets: applySets2 }, { check: check2 }, { API_VERSION: API_VERSION2, clusterShape: clusterShape2 }] = await Promise.all([
    Promise.resolve().then(() => (init_set(), set_exports)),
    Promise.resolve().then(() => (init_shape(), shape_exports)),
    Promise.resolve().then(() => (init_schema(), schema_exports))
  ]);
  const start2 = own?.value ?? { apiVersion: API_VERSION2, kind: "Cluster" };
  const applied = await applySets2(start2, sets, problems);
  const locate2 = (path, part = "value") => applied.locate(path) ?? own?.locate(path, part);
  check2(
    applied.value,
    clusterShape2,
    [],
    (path, part, message, hint) => problems.add(message, locate2(path, part), hint)
  );
  const value = withoutNulls(applied.value);
  return {
    spec: value.spec ?? {},
    name: value.metadata?.name,
    locate: (path, part) => {
      const set = applied.locate(path);
      return set ?? (own && lazyPosition(own, path, part));
    }
  };
}
function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => item === null ? [] : [[key, withoutNulls(item)]])
  );
}
var init_load = __esm({
  "src/cluster/load.ts"() {
    "use strict";
    init_error();
    init_cilium_config();
    init_demo();
    init_discover();
    init_facts();
    init_nodes();
    init_problems();
    init_resolve();
    init_source();
  }
});

// src/cluster/event-files.ts
var event_files_exports = {};
__export(event_files_exports, {
  readEventFiles: () => readEventFiles
});
import { dirname as dirname3, resolve as resolve2 } from "node:path";
async function readEventFiles(events, { cwd, env, readStdin }) {
  return Promise.all(
    events.map(async (event) => {
      const { change, where, text: text4 } = event;
      if (change.kind !== "apply") return event;
      const path = where && where.file !== "-" ? resolve2(cwd, dirname3(where.file), change.file) : change.file;
      const { policies = [] } = await loadCluster({ paths: [path], sets: [], env, cwd, readStdin });
      if (policies.length === 0)
        throw new UserError({
          message: `event ${JSON.stringify(text4)}: no network policy in ${change.file}`,
          ...where ? { where } : {}
        });
      return { ...event, change: { ...change, policies } };
    })
  );
}
var init_event_files = __esm({
  "src/cluster/event-files.ts"() {
    "use strict";
    init_error();
    init_load();
  }
});

// src/cluster/change.ts
function applyChange(cluster, change, fail3) {
  switch (change.kind) {
    case "restart":
    case "move":
      return recreate(cluster, change, fail3);
    case "ready":
      return readiness(cluster, change, fail3);
    case "delete":
      return remove(cluster, [podOf(cluster, change.pod, fail3)], change.grace, void 0);
    case "gone":
      return vanish(cluster, change.pod);
    case "scale":
      return scale(cluster, change, fail3);
    case "power":
      return power(cluster, change, fail3);
    case "silent":
      return silence2(cluster, change.node);
    case "apply":
    case "remove":
      return policy2(cluster, change, fail3);
    case "nsg":
      return {
        cluster: withRule(cluster, change.rule),
        text: `security rule ${change.rule.name}: ${ruleText(change.rule)}`
      };
    case "loss":
      return loss(cluster, change, fail3);
    case "mtu":
      return mtu(cluster, change, fail3);
  }
}
function podOf(cluster, name, fail3) {
  const found2 = cluster.pods.filter((pod3) => keyOf4(pod3) === name || !name.includes("/") && pod3.name === name);
  const pod2 = found2.find(({ namespace }) => namespace === "default") ?? found2[0];
  if (found2.length > 1 && pod2?.namespace !== "default")
    fail3(`pod ${name} is in ${found2.length} namespaces: write ${found2.map(keyOf4).join(" or ")}`);
  if (!pod2)
    fail3(
      `no pod ${name} at that time`,
      cluster.pods.flatMap((p) => [p.name, keyOf4(p)]),
      name
    );
  return pod2;
}
function nodeOf(cluster, name, fail3) {
  const node2 = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node2)
    fail3(
      `no node ${name}`,
      cluster.nodes.map((n) => n.name),
      name
    );
  return node2;
}
function recreate(cluster, change, fail3) {
  const pod2 = podOf(cluster, change.pod, fail3);
  if (pod2.hostNetwork || pod2.node === void 0) fail3(`pod ${keyOf4(pod2)} has no address of its own`);
  const node2 = nodeOf(cluster, change.kind === "move" ? change.node : pod2.node, fail3);
  if (change.ip !== void 0) {
    const owner = cluster.pods.find((other) => other !== pod2 && other.ips.includes(change.ip));
    if (owner) fail3(`address ${formatIp(change.ip)} is taken by pod ${keyOf4(owner)}`);
  }
  const fresh = sandbox(cluster, pod2, node2, change.ip, change.after === 0, fail3);
  const where = change.kind === "move" ? ` on ${node2.name}` : "";
  const text4 = `pod ${keyOf4(pod2)} is made anew${where}: ${addresses2(pod2)} becomes ${addresses2(fresh)}`;
  const later2 = change.after === 0 ? [] : [{ after: change.after, change: { kind: "ready", pod: keyOf4(pod2), ready: true } }];
  return { cluster: replacePods2(cluster, /* @__PURE__ */ new Map([[pod2, fresh]])), text: text4, later: later2 };
}
function sandbox(cluster, pod2, node2, stated, ready2, fail3, name = pod2.name) {
  const book = bookOf(cluster);
  const families = pod2.ips.length > 0 ? [...new Set(pod2.ips.map(familyOf3))] : node2.podCidrs.map(({ ip }) => familyOf3(ip));
  const ips = families.map((family) => {
    if (stated !== void 0 && familyOf3(stated) === family) return stated;
    const prefix = node2.podCidrs.find(({ ip: ip2 }) => familyOf3(ip2) === family);
    const ip = prefix && createPool(prefix, book).allocate(`pod ${name}`);
    if (ip === void 0)
      fail3(`no free IPv${family} address for pod ${name} on node ${node2.name}: give one, ip=ADDRESS`);
    return ip;
  });
  const key = `${pod2.namespace}/${name} ${ips.map(formatIp).join(" ")}`;
  const taken = new Set(cluster.pods.flatMap((other) => other.node === node2.name ? [other.endpointId] : []));
  let endpointId2 = hash53(`endpoint ${key}`) % 4095 + 1;
  while (taken.has(endpointId2)) endpointId2 = endpointId2 % 4095 + 1;
  const { terminating: _, ...rest } = pod2;
  return {
    ...rest,
    name,
    node: node2.name,
    ips,
    phase: "Running",
    ready: ready2,
    endpointId: endpointId2,
    mac: macOf(`pod ${key} eth0`),
    hostMac: macOf(`pod ${key} lxc`),
    device: `lxc${hex12(`pod ${key}`)}`
  };
}
function bookOf(cluster) {
  const book = /* @__PURE__ */ new Map();
  for (const pod2 of cluster.pods) for (const ip of pod2.ips) book.set(ip, keyOf4(pod2));
  for (const node2 of cluster.nodes)
    for (const ip of [...node2.ips, ...node2.routerIps, ...node2.healthIps]) book.set(ip, node2.name);
  return book;
}
function readiness(cluster, change, fail3) {
  const pod2 = podOf(cluster, change.pod, fail3);
  const text4 = `pod ${keyOf4(pod2)} is ${change.ready ? "ready" : "not ready: services send it nothing new"}`;
  return { cluster: replacePods2(cluster, /* @__PURE__ */ new Map([[pod2, { ...pod2, ready: change.ready }]])), text: text4 };
}
function remove(cluster, pods2, grace, why) {
  const names = pods2.map(keyOf4).join(", ");
  if (grace === 0) {
    const gone = new Map(pods2.map((pod2) => [pod2, void 0]));
    return { cluster: replacePods2(cluster, gone), text: `${why ?? ""}pod ${names} is gone` };
  }
  const leaving = new Map(pods2.map((pod2) => [pod2, { ...pod2, terminating: true }]));
  return {
    cluster: replacePods2(cluster, leaving),
    text: `${why ?? ""}pod ${names} is terminating`,
    later: pods2.map((pod2) => ({ after: grace, change: { kind: "gone", pod: keyOf4(pod2) } }))
  };
}
function vanish(cluster, key) {
  const pod2 = cluster.pods.find((candidate) => keyOf4(candidate) === key && candidate.terminating);
  return pod2 && { cluster: replacePods2(cluster, /* @__PURE__ */ new Map([[pod2, void 0]])), text: `pod ${key} is gone` };
}
function scale(cluster, { owner, replicas, grace }, fail3) {
  const [namespace, name] = owner.includes("/") ? owner.split("/") : [void 0, owner];
  const numbered = (pod2) => pod2.name.startsWith(`${name}-`) && /^\d+$/.test(pod2.name.slice(name.length + 1));
  const members2 = cluster.pods.filter(
    (pod2) => !pod2.terminating && (namespace === void 0 || pod2.namespace === namespace) && (pod2.owner ? pod2.owner.name === name : numbered(pod2))
  );
  const [template4] = members2;
  if (!template4) fail3(`no pods of a workload ${owner}`, workloads2(cluster), owner);
  const text4 = `workload ${name} is scaled from ${members2.length} to ${replicas}: `;
  if (replicas < members2.length) return remove(cluster, members2.slice(replicas), grace, text4);
  let grown = cluster;
  const made = [];
  for (let n = 1; made.length < replicas - members2.length; n++) {
    const fresh = `${name}-${n}`;
    if (cluster.pods.some((pod3) => pod3.namespace === template4.namespace && pod3.name === fresh)) continue;
    const pod2 = sandbox(grown, template4, emptiest(grown), void 0, true, fail3, fresh);
    made.push(keyOf4(pod2));
    grown = replacePods2(grown, /* @__PURE__ */ new Map(), [pod2]);
  }
  return { cluster: grown, text: text4 + (made.length === 0 ? "nothing to do" : `pod ${made.join(", ")} is new`) };
}
function workloads2(cluster) {
  return cluster.pods.map((pod2) => pod2.owner?.name ?? pod2.name.replace(/-\d+$/, ""));
}
function emptiest({ nodes: nodes2, pods: pods2 }) {
  const load = (node2) => pods2.filter((pod2) => pod2.node === node2.name).length;
  const able = nodes2.filter((node2) => node2.ready && !node2.down);
  return (able.length > 0 ? able : nodes2).reduce((best, node2) => load(node2) < load(best) ? node2 : best);
}
function power(cluster, { node: name, on }, fail3) {
  const node2 = nodeOf(cluster, name, fail3);
  if ((node2.down ?? false) !== on) return void 0;
  const { down: _, ...rest } = node2;
  const after = {
    ...cluster,
    nodes: cluster.nodes.map((n) => n === node2 ? { ...rest, ready: on, ...on ? {} : { down: true } } : n)
  };
  if (!on) {
    const believed = { ...after, nodes: after.nodes.map((n) => n.name === name ? { ...n, ready: node2.ready } : n) };
    const later2 = [{ after: NODE_GRACE, change: { kind: "silent", node: name } }];
    return { cluster: believed, text: `node ${name} is down`, later: later2 };
  }
  let booted = after;
  for (const pod2 of cluster.pods) {
    if (pod2.node !== name) continue;
    const fresh = pod2.hostNetwork ? { ...pod2, ready: true } : sandbox(booted, pod2, rest, void 0, true, fail3);
    booted = replacePods2(booted, /* @__PURE__ */ new Map([[pod2, fresh]]));
  }
  return { cluster: booted, text: `node ${name} is up again` };
}
function silence2(cluster, name) {
  const node2 = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node2?.down) return void 0;
  const own = cluster.pods.filter((pod2) => pod2.node === name && pod2.ready);
  const nodes2 = cluster.nodes.map((n) => n === node2 ? { ...n, ready: false } : n);
  const after = replacePods2({ ...cluster, nodes: nodes2 }, new Map(own.map((pod2) => [pod2, { ...pod2, ready: false }])));
  return { cluster: after, text: `node ${name} is NotReady: its ${own.length} pods leave the services` };
}
function policy2(cluster, change, fail3) {
  const before = cluster.policies ?? [];
  if (change.kind === "remove") {
    const left = before.filter(
      ({ name, namespace }) => change.policy !== name && change.policy !== `${namespace}/${name}`
    );
    if (left.length === before.length)
      fail3(
        `no policy ${change.policy}`,
        before.map(({ name }) => name),
        change.policy
      );
    return { cluster: { ...cluster, policies: left }, text: `policy ${change.policy} is deleted` };
  }
  const title = (p) => policyTitle(p);
  const fresh = new Set(change.policies.map(title));
  const policies = [...before.filter((p) => !fresh.has(title(p))), ...change.policies];
  const known3 = new Set(cluster.identities.map(({ labels: labels2 }) => labels2.join()));
  const last = Math.max(...cluster.identities.map(({ id }) => id), 16777216);
  const { services: services2, names = [] } = cluster;
  const dualStack = cluster.cilium.enableIpv4 && cluster.cilium.enableIpv6;
  const added = cidrIdentities({ policies, services: services2, names, dualStack }).filter(({ labels: labels2 }) => !known3.has(labels2.join())).map((identity2, i) => ({ ...identity2, id: last + 1 + i }));
  const text4 = `${[...fresh].join(", ")} ${fresh.size === 1 ? "is" : "are"} applied`;
  return { cluster: { ...cluster, policies, identities: [...cluster.identities, ...added] }, text: text4 };
}
function withRule(cluster, rule) {
  const nsg = [...(cluster.underlay.nsg ?? []).filter(({ name }) => name !== rule.name), rule].sort(
    (a2, b2) => a2.direction.localeCompare(b2.direction) || a2.priority - b2.priority
  );
  return { ...cluster, underlay: { ...cluster.underlay, nsg } };
}
function ruleText({ access, direction: direction2, protocol: protocol4, source, destination: destination2, ports, priority }) {
  const list3 = (prefixes3) => prefixes3.map(formatPrefix).join(",") || "*";
  const port5 = ports.map(([low, high]) => low === high ? low : `${low}-${high}`).join(",") || "*";
  return `${access} ${direction2} ${protocol4} ${list3(source)} -> ${list3(destination2)} port ${port5}, priority ${priority}`;
}
function loss(cluster, { percent: percent2, node: node2 }, fail3) {
  if (node2 !== void 0) nodeOf(cluster, node2, fail3);
  const others2 = (cluster.underlay.loss ?? []).filter((rule) => rule.node !== node2);
  const rules = percent2 === 0 ? others2 : [...others2, { node: node2, percent: percent2 }];
  const where = node2 === void 0 ? "between nodes" : `at ${node2}`;
  return {
    cluster: { ...cluster, underlay: { ...cluster.underlay, loss: rules } },
    text: `${percent2}% of frames get lost ${where}`
  };
}
function mtu(cluster, change, fail3) {
  if (change.node === void 0) {
    const text4 = `the path between nodes carries ${change.mtu} bytes`;
    return { cluster: { ...cluster, underlay: { ...cluster.underlay, mtu: change.mtu } }, text: text4 };
  }
  const node2 = nodeOf(cluster, change.node, fail3);
  const nodes2 = cluster.nodes.map((n) => n === node2 ? { ...n, mtu: change.mtu } : n);
  return { cluster: { ...cluster, nodes: nodes2 }, text: `eth0 of ${node2.name} has MTU ${change.mtu}` };
}
function replacePods2(cluster, swaps, added = []) {
  const pods2 = [...cluster.pods.flatMap((pod2) => swaps.has(pod2) ? swaps.get(pod2) ?? [] : [pod2]), ...added];
  const touched = [...swaps.keys(), ...[...swaps.values()].filter((pod2) => pod2 !== void 0), ...added];
  const zones = new Map(cluster.nodes.map((node2) => [node2.name, node2.labels["topology.kubernetes.io/zone"]]));
  let index;
  const services2 = cluster.services.map((service2) => {
    const { selector: selector4, name, namespace, clusterIps: clusterIps2, ports, publishNotReady } = service2;
    if (!selector4) return followAddresses(service2, swaps);
    if (!touched.some((pod2) => pod2.namespace === namespace && matches3(selector4, pod2))) return service2;
    index ??= indexPods(pods2);
    const families = new Set(clusterIps2.length > 0 ? clusterIps2.map(familyOf3) : [4, 6]);
    const spec2 = { name, namespace, selector: selector4, publishNotReadyAddresses: publishNotReady };
    return { ...service2, backends: selectedBackends(spec2, ports, index, families, zones) };
  });
  return { ...cluster, pods: pods2, services: services2 };
}
function matches3(selector4, { labels: labels2 }) {
  return Object.entries(selector4).every(([key, value]) => labels2[key] === value);
}
function followAddresses(service2, swaps) {
  const move = (backend2) => {
    const found2 = [...swaps].find(([pod2]) => pod2.ips.includes(backend2.ip));
    if (!found2) return [backend2];
    const ip = found2[1]?.ips.find((candidate) => isIp4(candidate) === isIp4(backend2.ip));
    if (ip === void 0 || !found2[1]) return [];
    const state2 = !found2[1].ready ? "maintenance" : found2[1].terminating ? "terminating" : "active";
    return [{ ...backend2, ip, state: state2, ...found2[1].node === void 0 ? {} : { nodeName: found2[1].node } }];
  };
  const backends = service2.backends.flatMap(move);
  const same = backends.length === service2.backends.length && backends.every((b2, i) => b2 === service2.backends[i]);
  return same ? service2 : { ...service2, backends };
}
var NODE_GRACE, keyOf4, addresses2;
var init_change = __esm({
  "src/cluster/change.ts"() {
    "use strict";
    init_addr();
    init_backends();
    init_hash();
    init_ipam();
    init_cidr_identities();
    init_model();
    NODE_GRACE = 5e10;
    keyOf4 = (pod2) => `${pod2.namespace}/${pod2.name}`;
    addresses2 = (pod2) => pod2.ips.map(formatIp).join(", ") || "no address";
  }
});

// src/cluster/timeline.ts
var timeline_exports = {};
__export(timeline_exports, {
  planStages: () => planStages
});
function planStages(cluster, events) {
  const due = events.map((source, order2) => ({ at: source.at, order: order2, change: source.change, source }));
  const stages = [];
  let now = cluster;
  let order = due.length;
  for (; ; ) {
    due.sort((a2, b2) => a2.at - b2.at || a2.order - b2.order);
    const next = due.shift();
    if (!next) return stages;
    const fail3 = (message, names, wrong2) => {
      const hint = names && nearest(wrong2 ?? "", names);
      const { text: text4, where } = next.source;
      throw new UserError({
        message: `event ${JSON.stringify(text4)}: ${message}`,
        ...where ? { where } : {},
        ...hint ? { hint } : {}
      });
    };
    const result = applyChange(now, next.change, fail3);
    if (!result) continue;
    now = result.cluster;
    stages.push({ at: next.at, text: result.text, change: next.change, cluster: now });
    for (const { after, change } of result.later ?? [])
      due.push({ at: next.at + after, order: order++, change, source: next.source });
  }
}
var init_timeline = __esm({
  "src/cluster/timeline.ts"() {
    "use strict";
    init_error();
    init_nearest();
    init_change();
  }
});

// test/tools/kubectl/api-server.ts
import { createServer } from "node:http";

// src/cluster/label-selector.ts
var KEY = `(?:([a-z0-9]+):)?([A-Za-z0-9._/:-]+)`;
var exists = new RegExp(`^(!?)\\s*${KEY}$`);
var equals = new RegExp(`^${KEY}\\s*(!=|==?)\\s*([^=!()\\s]*)$`);
var inSet = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
function parseSelector(text4) {
  const parts = text4.split(/,(?![^()]*\))/).map((part) => part.trim());
  const requirements2 = [];
  for (const part of parts) {
    const requirement = parseRequirement(part);
    if (requirement === void 0) return void 0;
    requirements2.push(requirement);
  }
  return requirements2;
}
function parseRequirement(text4) {
  const set = inSet.exec(text4);
  if (set) {
    const values = set[4].split(",").map((value) => value.trim());
    return { source: sourceOf(set[1]), key: set[2], operator: set[3] === "in" ? "in" : "notin", values };
  }
  const equal = equals.exec(text4);
  if (equal)
    return {
      source: sourceOf(equal[1]),
      key: equal[2],
      operator: equal[3] === "!=" ? "notin" : "in",
      values: [equal[4]]
    };
  const bare = exists.exec(text4);
  if (!bare) return void 0;
  return { source: sourceOf(bare[2]), key: bare[3], operator: bare[1] === "!" ? "absent" : "exists", values: [] };
}
function sourceOf(text4) {
  return text4 === "any" ? void 0 : text4;
}
function selects(requirements2, labels2) {
  const parsed = labels2.map(parseLabel);
  return requirements2.every(({ source, key, operator, values }) => {
    const found2 = parsed.filter((label) => label.key === key && (source === void 0 || source === label.source));
    if (operator === "exists") return found2.length > 0;
    if (operator === "absent") return found2.length === 0;
    const isIn = found2.some((label) => values.includes(label.value));
    return operator === "in" ? isIn : !isIn;
  });
}
function parseLabel(label) {
  const [, source, key, value] = /^([^:=]*):([^=]*)(?:=([\s\S]*))?$/.exec(label) ?? ["", "", label, ""];
  return { source, key, value: value ?? "" };
}

// src/tools/kubectl/json.ts
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function at(value, ...path) {
  let here = value;
  for (const key of path) {
    if (!isRecord(here)) return void 0;
    here = Object.hasOwn(here, key) ? here[key] : void 0;
  }
  return here;
}
function textAt(value, ...path) {
  const found2 = at(value, ...path);
  return typeof found2 === "string" ? found2 : typeof found2 === "number" ? String(found2) : "";
}
function numberAt(value, ...path) {
  const found2 = at(value, ...path);
  return typeof found2 === "number" ? found2 : 0;
}
function listAt(value, ...path) {
  const found2 = at(value, ...path);
  return Array.isArray(found2) ? found2 : [];
}
function recordAt(value, ...path) {
  const found2 = at(value, ...path);
  return isRecord(found2) ? found2 : {};
}
function stringsAt(value, ...path) {
  const entries = Object.entries(recordAt(value, ...path));
  return Object.fromEntries(entries.filter((entry) => typeof entry[1] === "string"));
}
function merged(base, over) {
  const out2 = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : void 0;
    if (value === void 0) continue;
    out2[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value;
  }
  return out2;
}
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const out2 = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== void 0)
      Object.defineProperty(out2, key, { value: plain(item), enumerable: true, configurable: true, writable: true });
  }
  return out2;
}

// src/tools/kubectl/kinds/kind.ts
function groupOf({ apiVersion: apiVersion2 }) {
  return apiVersion2.includes("/") ? apiVersion2.replace(/\/.*$/, "") : "";
}
function humanDuration(ms) {
  const seconds = Math.floor(ms / 1e3);
  if (seconds < 0) return seconds < -1 ? "<invalid>" : "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}
function since(timestamp, { now }) {
  const time2 = Date.parse(timestamp);
  return Number.isNaN(time2) ? "<unknown>" : humanDuration(now - time2);
}
var nameColumn = { header: "NAME", value: ({ metadata: metadata3 }) => metadata3.name };
var ageColumn = {
  header: "AGE",
  value: (object2, view2) => since(textAt(object2, "metadata", "creationTimestamp"), view2)
};
function column(header, value, wide2 = false) {
  return wide2 ? { header, value, wide: wide2 } : { header, value };
}
var orNone = (text4) => text4 || "<none>";
function formatLabels(labels2) {
  return orNone(
    Object.keys(labels2).sort().map((key) => `${key}=${labels2[key]}`).join(",")
  );
}
function formatSelector(selector4) {
  const equal = Object.entries(stringsAt(selector4, "matchLabels")).map(([key, value]) => [
    key,
    `${key}=${value}`
  ]);
  const sets = listAt(selector4, "matchExpressions").map((item) => {
    const key = textAt(item, "key");
    const values = listAt(item, "values").map(String).sort().join(",");
    switch (textAt(item, "operator")) {
      case "In":
        return [key, `${key} in (${values})`];
      case "NotIn":
        return [key, `${key} notin (${values})`];
      case "Exists":
        return [key, key];
      default:
        return [key, `!${key}`];
    }
  });
  const order = ([a2], [b2]) => a2 < b2 ? -1 : a2 > b2 ? 1 : 0;
  return orNone(
    [...equal, ...sets].sort(order).map(([, text4]) => text4).join(",")
  );
}
function metadataOf(view2, {
  name,
  namespace,
  labels: labels2,
  annotations: annotations2 = {},
  createdAt
}, manifest) {
  const {
    labels: _labels,
    annotations: _annotations,
    creationTimestamp,
    ...rest
  } = manifest?.metadata ?? {};
  return {
    ...rest,
    name,
    ...namespace === void 0 ? {} : { namespace },
    ...Object.keys(labels2).length > 0 ? { labels: labels2 } : {},
    ...Object.keys(annotations2).length > 0 ? { annotations: annotations2 } : {},
    creationTimestamp: createdAt === void 0 && typeof creationTimestamp === "string" ? creationTimestamp : view2.time(createdAt)
  };
}
function manifestObject(manifest, view2, { namespaced, apiVersion: apiVersion2, kind }) {
  const metadata3 = {
    name: textAt(manifest, "metadata", "name"),
    ...namespaced ? { namespace: namespaceOf(manifest) } : {},
    labels: stringsAt(manifest, "metadata", "labels"),
    annotations: stringsAt(manifest, "metadata", "annotations")
  };
  return { apiVersion: apiVersion2, kind, ...manifest, metadata: metadataOf(view2, metadata3, manifest) };
}
function namespaceOf(manifest) {
  return textAt(manifest, "metadata", "namespace") || "default";
}
function manifestEntries(view2, resource, namespace) {
  return view2.manifests(resource.kind).flatMap((manifest) => {
    const own = resource.namespaced ? namespaceOf(manifest) : void 0;
    if (resource.namespaced && namespace !== void 0 && own !== namespace) return [];
    return [
      {
        name: textAt(manifest, "metadata", "name"),
        namespace: own,
        labels: stringsAt(manifest, "metadata", "labels"),
        object: () => manifestObject(manifest, view2, resource)
      }
    ];
  });
}

// src/tools/kubectl/kinds/cilium.ts
init_addr();
var apiVersion = "cilium.io/v2";
var hasCilium = ({ cluster }) => cluster.dataplane === "cilium";
function addressing(ips) {
  const ip4 = ips.find(isIp4);
  const ip6 = ips.find((ip) => !isIp4(ip));
  return [{ ...ip4 === void 0 ? {} : { ipv4: formatIp(ip4) }, ...ip6 === void 0 ? {} : { ipv6: formatIp(ip6) } }];
}
function endpointObject(pod2, view2) {
  const { cluster } = view2;
  const labels2 = cluster.identities.find(({ id }) => id === pod2.identity)?.labels ?? [];
  const node2 = view2.node(pod2.node);
  return {
    apiVersion,
    kind: "CiliumEndpoint",
    metadata: {
      ...metadataOf(view2, pod2),
      annotations: void 0,
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: pod2.name }]
    },
    status: {
      "external-identifiers": {
        "k8s-namespace": pod2.namespace,
        "k8s-pod-name": pod2.name,
        "pod-name": `${pod2.namespace}/${pod2.name}`
      },
      id: pod2.endpointId,
      identity: { id: pod2.identity, labels: labels2 },
      "named-ports": pod2.ports.flatMap(({ name, port: port5, protocol: protocol4 }) => name ? [{ name, port: port5, protocol: protocol4 }] : []),
      networking: {
        addressing: addressing(pod2.ips),
        node: node2?.ips[0] === void 0 ? void 0 : formatIp(node2.ips[0])
      },
      state: "ready"
    }
  };
}
var valid = column("VALID", (object2) => {
  const condition = listAt(object2, "status", "conditions").find((item) => textAt(item, "type") === "Valid");
  return condition === void 0 ? "" : textAt(condition, "status");
});
var ciliumEndpoints = {
  name: "ciliumendpoints",
  singular: "ciliumendpoint",
  short: ["cep", "ciliumep"],
  kind: "CiliumEndpoint",
  apiVersion,
  namespaced: true,
  list: (view2, namespace) => view2.cluster.pods.filter(
    (pod2) => hasCilium(view2) && pod2.endpointId !== 0 && pod2.ips.length > 0 && pod2.node !== void 0 && (namespace === void 0 || pod2.namespace === namespace)
  ).map((pod2) => ({
    name: pod2.name,
    namespace: pod2.namespace,
    labels: pod2.labels,
    object: () => endpointObject(pod2, view2)
  })),
  columns: [
    nameColumn,
    column("SECURITY IDENTITY", (object2) => textAt(object2, "status", "identity", "id")),
    column("INGRESS ENFORCEMENT", (object2) => textAt(object2, "status", "policy", "ingress", "state"), true),
    column("EGRESS ENFORCEMENT", (object2) => textAt(object2, "status", "policy", "egress", "state"), true),
    column("ENDPOINT STATE", (object2) => textAt(object2, "status", "state")),
    column("IPV4", (object2) => textAt(listAt(object2, "status", "networking", "addressing")[0], "ipv4")),
    column("IPV6", (object2) => textAt(listAt(object2, "status", "networking", "addressing")[0], "ipv6"))
  ]
};
function nodeObject(node2, view2) {
  const of = (type, ips) => ips.map((ip) => ({ ip: formatIp(ip), type }));
  const health = addressing(node2.healthIps)[0];
  return {
    apiVersion,
    kind: "CiliumNode",
    metadata: metadataOf(view2, node2, view2.manifest("CiliumNode", void 0, node2.name)),
    spec: {
      addresses: [
        ...of("InternalIP", node2.ips),
        ...of("ExternalIP", node2.externalIps),
        ...of("CiliumInternalIP", node2.routerIps)
      ],
      health: recordAt(health),
      ipam: { podCIDRs: node2.podCidrs.map(formatPrefix) }
    }
  };
}
function addressOf(type) {
  return (object2) => textAt(
    listAt(object2, "spec", "addresses").find((item) => textAt(item, "type") === type),
    "ip"
  );
}
var ciliumNodes = {
  name: "ciliumnodes",
  singular: "ciliumnode",
  short: ["cn", "ciliumn"],
  kind: "CiliumNode",
  apiVersion,
  namespaced: false,
  list: (view2) => (hasCilium(view2) ? view2.cluster.nodes : []).map((node2) => ({
    name: node2.name,
    namespace: void 0,
    labels: node2.labels,
    object: () => nodeObject(node2, view2)
  })),
  columns: [
    nameColumn,
    column("CILIUMINTERNALIP", addressOf("CiliumInternalIP")),
    column("INTERNALIP", addressOf("InternalIP")),
    ageColumn
  ]
};
var NAMESPACE = "io.kubernetes.pod.namespace";
var ciliumIdentities = {
  name: "ciliumidentities",
  singular: "ciliumidentity",
  short: ["ciliumid"],
  kind: "CiliumIdentity",
  apiVersion,
  namespaced: false,
  list: (view2) => (hasCilium(view2) ? view2.cluster.identities : []).filter(
    ({ labels: labels2 }) => labels2.some((label) => label.startsWith("k8s:")) && !labels2.some((label) => label.startsWith("reserved:"))
  ).map(({ id, labels: labels2 }) => {
    const pairs = labels2.map((label) => {
      const [, key = label, value = ""] = /^([^=]*)=?([\s\S]*)$/.exec(label) ?? [];
      return [key, value];
    });
    const own = Object.fromEntries(
      pairs.filter(([key]) => key.startsWith("k8s:")).map(([key, value]) => [key.slice("k8s:".length), value])
    );
    const name = String(id);
    return {
      name,
      namespace: void 0,
      labels: own,
      object: () => ({
        apiVersion,
        kind: "CiliumIdentity",
        metadata: metadataOf(view2, { name, labels: own }),
        "security-labels": Object.fromEntries(pairs)
      })
    };
  }),
  columns: [
    nameColumn,
    column("NAMESPACE", (object2) => textAt(at(object2, "metadata", "labels"), NAMESPACE)),
    ageColumn
  ]
};
function policy(row2) {
  const resource = {
    ...row2,
    apiVersion,
    list: (view2, namespace) => manifestEntries(view2, resource, namespace).map((entry) => ({
      ...entry,
      object: () => withValidity(entry.object())
    }))
  };
  return resource;
}
function withValidity(object2) {
  if (at(object2, "status", "conditions") !== void 0) return object2;
  const condition = {
    lastTransitionTime: textAt(object2, "metadata", "creationTimestamp"),
    message: "Policy validation succeeded",
    status: "True",
    type: "Valid"
  };
  return { ...object2, status: { ...recordAt(object2, "status"), conditions: [condition] } };
}
var ciliumKinds = [
  policy({
    name: "ciliumclusterwidenetworkpolicies",
    singular: "ciliumclusterwidenetworkpolicy",
    short: ["ccnp"],
    kind: "CiliumClusterwideNetworkPolicy",
    namespaced: false,
    columns: [nameColumn, valid]
  }),
  {
    name: "ciliumegressgatewaypolicies",
    singular: "ciliumegressgatewaypolicy",
    short: ["cegp"],
    kind: "CiliumEgressGatewayPolicy",
    apiVersion,
    namespaced: false,
    list: (view2, namespace) => manifestEntries(view2, { kind: "CiliumEgressGatewayPolicy", apiVersion, namespaced: false }, namespace),
    columns: [nameColumn, ageColumn]
  },
  ciliumEndpoints,
  ciliumIdentities,
  {
    name: "ciliumlocalredirectpolicies",
    singular: "ciliumlocalredirectpolicy",
    short: ["clrp"],
    kind: "CiliumLocalRedirectPolicy",
    apiVersion,
    namespaced: true,
    list: (view2, namespace) => manifestEntries(view2, { kind: "CiliumLocalRedirectPolicy", apiVersion, namespaced: true }, namespace),
    columns: [nameColumn, ageColumn]
  },
  policy({
    name: "ciliumnetworkpolicies",
    singular: "ciliumnetworkpolicy",
    short: ["cnp", "ciliumnp"],
    kind: "CiliumNetworkPolicy",
    namespaced: true,
    columns: [nameColumn, ageColumn, valid]
  }),
  ciliumNodes
];

// src/tools/kubectl/kinds/core.ts
init_addr();
function serviceObject(service2, view2) {
  const { name, namespace, type, clusterIps: clusterIps2, sessionAffinity } = service2;
  const manifest = view2.manifest("Service", namespace, name);
  const external = type === "ExternalName";
  const ips = clusterIps2.length === 0 ? ["None"] : clusterIps2.map(formatIp);
  const families = clusterIps2.map((ip) => isIp4(ip) ? "IPv4" : "IPv6");
  const { ports: _ports, ...stated } = recordAt(manifest, "spec");
  const ports = service2.ports.map(({ name: portName, port: port5, protocol: protocol4, targetPort: targetPort2, nodePort: nodePort2 }) => ({
    ...portName ? { name: portName } : {},
    ...nodePort2 ? { nodePort: nodePort2 } : {},
    port: port5,
    protocol: protocol4,
    targetPort: targetPort2
  }));
  const assigned = {
    ...external ? { externalName: service2.externalName } : { clusterIP: ips[0], clusterIPs: ips },
    ...external || families.length === 0 ? {} : { ipFamilies: families, ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack" },
    ...external ? {} : { internalTrafficPolicy: service2.internalTrafficPolicy },
    ...type === "NodePort" || type === "LoadBalancer" ? { externalTrafficPolicy: service2.externalTrafficPolicy } : {},
    ...service2.externalIps.length > 0 ? { externalIPs: service2.externalIps.map(formatIp) } : {},
    ...service2.healthCheckNodePort ? { healthCheckNodePort: service2.healthCheckNodePort } : {},
    ...service2.sourceRanges.length > 0 ? { loadBalancerSourceRanges: service2.sourceRanges.map(formatPrefix) } : {},
    ...ports.length > 0 ? { ports } : {},
    ...service2.publishNotReady ? { publishNotReadyAddresses: true } : {},
    ...service2.selector ? { selector: service2.selector } : {},
    sessionAffinity: sessionAffinity ? "ClientIP" : "None",
    ...sessionAffinity ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: sessionAffinity.clientIpTimeout } } } : {},
    ...service2.trafficDistribution ? { trafficDistribution: service2.trafficDistribution } : {},
    type
  };
  const ingress = service2.loadBalancerIps.map((ip) => ({ ip: formatIp(ip), ipMode: "VIP" }));
  const told = listAt(manifest, "status", "loadBalancer", "ingress");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(view2, service2, manifest),
    spec: { ...stated, ...assigned },
    status: { loadBalancer: told.length > 0 ? { ingress: told } : ingress.length > 0 ? { ingress } : {} }
  };
}
function balancerText(object2) {
  return [
    ...new Set(
      listAt(object2, "status", "loadBalancer", "ingress").map((item) => textAt(item, "ip") || textAt(item, "hostname")).filter((text4) => text4 !== "")
    )
  ].sort().join(",");
}
function loadBalancerText(object2) {
  const text4 = balancerText(object2);
  return text4.length > 16 ? `${text4.slice(0, 13)}...` : text4;
}
function externalIp(object2) {
  const external = listAt(object2, "spec", "externalIPs").map(String);
  switch (textAt(object2, "spec", "type")) {
    case "ExternalName":
      return textAt(object2, "spec", "externalName");
    case "LoadBalancer": {
      const balancer = loadBalancerText(object2);
      const all = [...balancer === "" ? [] : balancer.split(","), ...external];
      return all.length === 0 ? "<pending>" : all.join(",");
    }
    default:
      return orNone(external.join(","));
  }
}
function portText(object2) {
  return orNone(
    listAt(object2, "spec", "ports").map((item) => {
      const nodePort2 = textAt(item, "nodePort");
      return `${textAt(item, "port")}${nodePort2 === "" ? "" : `:${nodePort2}`}/${textAt(item, "protocol")}`;
    }).join(",")
  );
}
var services = {
  name: "services",
  singular: "service",
  short: ["svc"],
  kind: "Service",
  apiVersion: "v1",
  namespaced: true,
  inAll: true,
  list: (view2, namespace) => view2.cluster.services.filter((service2) => namespace === void 0 || service2.namespace === namespace).map((service2) => ({
    name: service2.name,
    namespace: service2.namespace,
    labels: service2.labels,
    object: () => serviceObject(service2, view2)
  })),
  columns: [
    nameColumn,
    column("TYPE", (object2) => textAt(object2, "spec", "type")),
    column("CLUSTER-IP", (object2) => orNone(textAt(object2, "spec", "clusterIP"))),
    column("EXTERNAL-IP", externalIp),
    column("PORT(S)", portText),
    ageColumn,
    column("SELECTOR", (object2) => formatLabels(stringsAt(object2, "spec", "selector")), true)
  ]
};
function nodeObject2(node2, view2) {
  const manifest = view2.manifest("Node", void 0, node2.name);
  const created = view2.time();
  const told = listAt(manifest, "status", "conditions");
  const unschedulable = at(manifest, "spec", "unschedulable") === true;
  const lost = !node2.ready && !unschedulable;
  const address3 = (type, text4) => ({ address: text4, type });
  const cidrs = node2.podCidrs.map(formatPrefix);
  const { info } = node2;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: metadataOf(view2, node2, manifest),
    spec: merged({ ...cidrs[0] ? { podCIDR: cidrs[0], podCIDRs: cidrs } : {} }, recordAt(manifest, "spec")),
    status: merged(
      {
        capacity: { cpu: String(node2.cpus) },
        conditions: [
          {
            lastHeartbeatTime: created,
            lastTransitionTime: created,
            message: lost ? "Kubelet stopped posting node status." : "kubelet is posting ready status",
            reason: lost ? "NodeStatusUnknown" : "KubeletReady",
            status: lost ? "Unknown" : "True",
            type: "Ready"
          }
        ],
        nodeInfo: {
          architecture: "amd64",
          containerRuntimeVersion: info.containerRuntime,
          kernelVersion: info.kernelVersion,
          kubeletVersion: info.kubeletVersion,
          operatingSystem: "linux",
          osImage: info.osImage
        }
      },
      {
        ...recordAt(manifest, "status"),
        ...lost && told.length > 0 ? {
          conditions: told.map(
            (item) => textAt(item, "type") === "Ready" ? { ...recordAt(item), status: "Unknown" } : item
          )
        } : {},
        addresses: [
          ...node2.ips.map((ip) => address3("InternalIP", formatIp(ip))),
          ...node2.externalIps.map((ip) => address3("ExternalIP", formatIp(ip))),
          address3("Hostname", node2.name)
        ]
      }
    )
  };
}
function nodeStatus(object2) {
  const ready2 = listAt(object2, "status", "conditions").find((item) => textAt(item, "type") === "Ready");
  const status = ready2 === void 0 ? "Unknown" : textAt(ready2, "status") === "True" ? "Ready" : "NotReady";
  return at(object2, "spec", "unschedulable") === true ? `${status},SchedulingDisabled` : status;
}
var ROLE = "node-role.kubernetes.io/";
function rolesOf(object2) {
  const roles = Object.entries(stringsAt(object2, "metadata", "labels")).flatMap(([key, value]) => {
    if (key.startsWith(ROLE) && key.length > ROLE.length) return [key.slice(ROLE.length)];
    return key === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return orNone([...new Set(roles)].sort().join(","));
}
function nodeAddress(type) {
  return (object2) => orNone(
    textAt(
      listAt(object2, "status", "addresses").find((item) => textAt(item, "type") === type),
      "address"
    )
  );
}
var nodeInfo = (key) => (object2) => textAt(object2, "status", "nodeInfo", key) || "<unknown>";
var nodes = {
  name: "nodes",
  singular: "node",
  short: ["no"],
  kind: "Node",
  apiVersion: "v1",
  namespaced: false,
  list: (view2) => view2.cluster.nodes.map((node2) => ({
    name: node2.name,
    namespace: void 0,
    labels: node2.labels,
    object: () => nodeObject2(node2, view2)
  })),
  columns: [
    nameColumn,
    column("STATUS", nodeStatus),
    column("ROLES", rolesOf),
    ageColumn,
    column("VERSION", (object2) => textAt(object2, "status", "nodeInfo", "kubeletVersion")),
    column("INTERNAL-IP", nodeAddress("InternalIP"), true),
    column("EXTERNAL-IP", nodeAddress("ExternalIP"), true),
    column("OS-IMAGE", nodeInfo("osImage"), true),
    column("KERNEL-VERSION", nodeInfo("kernelVersion"), true),
    column("CONTAINER-RUNTIME", nodeInfo("containerRuntimeVersion"), true)
  ]
};
function namespaceObject(namespace, view2) {
  const manifest = view2.manifest("Namespace", void 0, namespace.name);
  const annotations2 = stringsAt(manifest, "metadata", "annotations");
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: metadataOf(view2, { ...namespace, annotations: annotations2 }, manifest),
    spec: { finalizers: ["kubernetes"], ...recordAt(manifest, "spec") },
    status: { phase: "Active", ...recordAt(manifest, "status") }
  };
}
var namespaces = {
  name: "namespaces",
  singular: "namespace",
  short: ["ns"],
  kind: "Namespace",
  apiVersion: "v1",
  namespaced: false,
  list: (view2) => view2.cluster.namespaces.map((namespace) => ({
    name: namespace.name,
    namespace: void 0,
    labels: namespace.labels,
    object: () => namespaceObject(namespace, view2)
  })),
  columns: [nameColumn, column("STATUS", (object2) => textAt(object2, "status", "phase")), ageColumn]
};
function ciliumConfig(view2, namespace) {
  const { cluster } = view2;
  const own = cluster.dataplane === "cilium" && view2.manifest("ConfigMap", "kube-system", "cilium-config") === void 0;
  if (!own || namespace !== void 0 && namespace !== "kube-system") return [];
  const metadata3 = { name: "cilium-config", namespace: "kube-system", labels: {} };
  return [
    {
      ...metadata3,
      object: () => ({
        apiVersion: "v1",
        data: cluster.cilium.raw,
        kind: "ConfigMap",
        metadata: metadataOf(view2, metadata3)
      })
    }
  ];
}
var configMaps = {
  name: "configmaps",
  singular: "configmap",
  short: ["cm"],
  kind: "ConfigMap",
  apiVersion: "v1",
  namespaced: true,
  list: (view2, namespace) => [...ciliumConfig(view2, namespace), ...manifestEntries(view2, configMaps, namespace)],
  columns: [
    nameColumn,
    column(
      "DATA",
      (object2) => String(Object.keys(recordAt(object2, "data")).length + Object.keys(recordAt(object2, "binaryData")).length)
    ),
    ageColumn
  ]
};

// src/tools/kubectl/kinds/network.ts
init_workloads();
init_addr();
function subsetsOf(backends) {
  const byIp = /* @__PURE__ */ new Map();
  for (const backend2 of backends) {
    const own = byIp.get(backend2.ip);
    if (own) own.push(backend2);
    else byIp.set(backend2.ip, [backend2]);
  }
  const byPorts = /* @__PURE__ */ new Map();
  for (const [first, ...more] of byIp.values()) {
    if (!first) continue;
    const ports = [first, ...more].map(({ portName, port: port5, protocol: protocol4 }) => ({ name: portName, port: port5, protocol: protocol4 }));
    const key = JSON.stringify(ports);
    const subset = byPorts.get(key) ?? { ports, backends: [] };
    subset.backends.push(first);
    byPorts.set(key, subset);
  }
  return [...byPorts.values()];
}
function portsOf({ ports }) {
  return ports.map(({ name, port: port5, protocol: protocol4 }) => ({ ...name === "" ? {} : { name }, port: port5, protocol: protocol4 }));
}
function podRef(view2, namespace, ip) {
  const pod2 = podsByIp(view2).get(`${namespace} ${formatIp(ip)}`);
  return pod2 === void 0 ? {} : { targetRef: { kind: "Pod", name: pod2, namespace } };
}
var ipMaps = /* @__PURE__ */ new WeakMap();
function podsByIp(view2) {
  const known3 = ipMaps.get(view2);
  if (known3) return known3;
  const map2 = /* @__PURE__ */ new Map();
  for (const { namespace, name, ips, phase } of view2.cluster.pods)
    if (phase === "Running") for (const ip of ips) map2.set(`${namespace} ${formatIp(ip)}`, name);
  ipMaps.set(view2, map2);
  return map2;
}
function served(view2, namespace) {
  return view2.cluster.services.filter(
    ({ namespace: own, selector: selector4, backends, type }) => (namespace === void 0 || own === namespace) && type !== "ExternalName" && (selector4 || backends.length > 0)
  );
}
function endpointsObject(service2, view2) {
  const { name, namespace, labels: labels2, backends } = service2;
  const family = backends[0] && (service2.clusterIps[0] ?? backends[0].ip);
  const own = backends.filter(({ ip }) => family !== void 0 && isIp4(ip) === isIp4(family));
  const subsets = subsetsOf(own).map((subset) => ({
    addresses: subset.backends.map(({ ip, nodeName }) => ({
      ip: formatIp(ip),
      ...nodeName === void 0 ? {} : { nodeName },
      ...podRef(view2, namespace, ip)
    })),
    ports: portsOf(subset)
  }));
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: metadataOf(view2, { name, namespace, labels: labels2 }, view2.manifest("Endpoints", namespace, name)),
    ...subsets.length > 0 ? { subsets } : {}
  };
}
var joinPort = (ip, port5) => ip.includes(":") ? `[${ip}]:${port5}` : `${ip}:${port5}`;
function endpointsText(subsets, portName) {
  const all = subsets.flatMap((subset) => {
    const ports = listAt(subset, "ports");
    const addresses3 = listAt(subset, "addresses").map((item) => textAt(item, "ip"));
    if (ports.length === 0) return addresses3;
    return ports.filter((port5) => portName === void 0 || textAt(port5, "name") === portName).flatMap((port5) => addresses3.map((ip) => joinPort(ip, textAt(port5, "port"))));
  });
  return orNone(firstThree(all));
}
function firstThree(list3) {
  const text4 = list3.slice(0, 3).join(",");
  return list3.length > 3 ? `${text4} + ${list3.length - 3} more...` : text4;
}
var endpoints = {
  name: "endpoints",
  singular: "endpoints",
  short: ["ep"],
  kind: "Endpoints",
  apiVersion: "v1",
  namespaced: true,
  list: (view2, namespace) => served(view2, namespace).map((service2) => ({
    name: service2.name,
    namespace: service2.namespace,
    labels: service2.labels,
    object: () => endpointsObject(service2, view2)
  })),
  columns: [nameColumn, column("ENDPOINTS", (object2) => endpointsText(listAt(object2, "subsets"))), ageColumn]
};
function slicesOf(service2, view2) {
  const { name: serviceName, namespace, backends } = service2;
  const families = [true, false].map((ip4) => backends.filter(({ ip }) => isIp4(ip) === ip4));
  return families.flatMap((own, i) => {
    const addressType = i === 0 ? "IPv4" : "IPv6";
    const subsets = subsetsOf(own);
    const empty = { ports: [], backends: [] };
    const listed2 = subsets.length === 0 && backends.length === 0 && i === 0 ? [empty] : subsets;
    return listed2.map((subset, n) => {
      const name = `${serviceName}-${suffix(`EndpointSlice ${namespace}/${serviceName} ${addressType} ${n}`, 5)}`;
      const labels2 = {
        ...service2.labels,
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": serviceName
      };
      return {
        name,
        namespace,
        labels: labels2,
        object: () => ({
          addressType,
          apiVersion: "discovery.k8s.io/v1",
          endpoints: subset.backends.map((backend2) => sliceEndpoint(backend2, namespace, view2)),
          kind: "EndpointSlice",
          metadata: {
            ...metadataOf(view2, { name, namespace, labels: labels2 }),
            generateName: `${serviceName}-`,
            ownerReferences: [
              { apiVersion: "v1", blockOwnerDeletion: true, controller: true, kind: "Service", name: serviceName }
            ]
          },
          ports: subset.ports.map(({ name: portName, port: port5, protocol: protocol4 }) => ({ name: portName, port: port5, protocol: protocol4 }))
        })
      };
    });
  });
}
function sliceEndpoint({ ip, nodeName, zone, state: state2 }, namespace, view2) {
  return {
    addresses: [formatIp(ip)],
    conditions: {
      ready: state2 === "active",
      serving: state2 === "active" || state2 === "terminating",
      terminating: state2.startsWith("terminating")
    },
    ...nodeName === void 0 ? {} : { nodeName },
    ...podRef(view2, namespace, ip),
    ...zone === void 0 ? {} : { zone }
  };
}
var unset = (text4) => text4 || "<unset>";
var endpointSlices = {
  name: "endpointslices",
  singular: "endpointslice",
  short: [],
  kind: "EndpointSlice",
  apiVersion: "discovery.k8s.io/v1",
  namespaced: true,
  list: (view2, namespace) => served(view2, namespace).flatMap((service2) => slicesOf(service2, view2)),
  columns: [
    nameColumn,
    column("ADDRESSTYPE", (object2) => textAt(object2, "addressType")),
    column("PORTS", (object2) => unset(firstThree(listAt(object2, "ports").map((item) => textAt(item, "port") || "*")))),
    column(
      "ENDPOINTS",
      (object2) => unset(firstThree(listAt(object2, "endpoints").flatMap((item) => listAt(item, "addresses").map(String))))
    ),
    ageColumn
  ]
};
var networkPolicies = {
  name: "networkpolicies",
  singular: "networkpolicy",
  short: ["netpol"],
  kind: "NetworkPolicy",
  apiVersion: "networking.k8s.io/v1",
  namespaced: true,
  list: (view2, namespace) => manifestEntries(view2, networkPolicies, namespace),
  columns: [
    nameColumn,
    column("POD-SELECTOR", (object2) => formatSelector(at(object2, "spec", "podSelector"))),
    ageColumn
  ]
};
function hostsOf(object2) {
  const hosts2 = listAt(object2, "spec", "rules").map((rule) => textAt(rule, "host")).filter((host3) => host3 !== "");
  if (hosts2.length === 0) return "*";
  const text4 = hosts2.slice(0, 3).join(",");
  return hosts2.length > 3 ? `${text4} + ${hosts2.length - 3} more...` : text4;
}
var ingresses = {
  name: "ingresses",
  singular: "ingress",
  short: ["ing"],
  kind: "Ingress",
  apiVersion: "networking.k8s.io/v1",
  namespaced: true,
  list: (view2, namespace) => manifestEntries(view2, ingresses, namespace),
  columns: [
    nameColumn,
    column("CLASS", (object2) => orNone(textAt(object2, "spec", "ingressClassName"))),
    column("HOSTS", hostsOf),
    column("ADDRESS", loadBalancerText),
    column("PORTS", (object2) => listAt(object2, "spec", "tls").length > 0 ? "80, 443" : "80"),
    ageColumn
  ]
};

// src/tools/kubectl/kinds/pods.ts
init_addr();

// src/tools/kubectl/view.ts
init_spec();
var views = /* @__PURE__ */ new WeakMap();
function viewOf({ cluster: start2, simulation }) {
  const cluster = simulation?.cluster ?? start2;
  const elapsed = Math.floor((simulation?.run.now ?? 0) / 1e9) * 1e3;
  const known3 = views.get(cluster) ?? /* @__PURE__ */ new Map();
  const view2 = known3.get(elapsed) ?? createView(cluster, elapsed);
  views.set(cluster, known3.set(elapsed, view2));
  return view2;
}
function createView(cluster, elapsed) {
  const { pods: pods2, manifests = /* @__PURE__ */ new Map() } = cluster;
  let byOwner;
  let byKind;
  let byName2;
  const start2 = cluster.epoch * 1e3;
  return {
    cluster,
    now: Math.max(start2 + elapsed, latestOf(cluster)),
    manifest: (kind, namespace, name) => manifests.get(manifestKey({ kind, namespace, name })),
    manifests(kind) {
      byKind ??= kindsOf(manifests.values());
      return byKind.get(kind) ?? [];
    },
    get byOwner() {
      byOwner ??= ownersOf2(pods2);
      return byOwner;
    },
    node(name = "") {
      byName2 ??= new Map(cluster.nodes.map((node2) => [node2.name, node2]));
      return byName2.get(name);
    },
    time: (created = start2) => formatTime(created)
  };
}
function formatTime(ms) {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
function latestOf({ pods: pods2, manifests }) {
  let latest2 = 0;
  for (const { createdAt = 0 } of pods2) latest2 = Math.max(latest2, createdAt);
  for (const object2 of manifests?.values() ?? []) {
    const time2 = Date.parse(textAt(object2, "metadata", "creationTimestamp"));
    if (time2 > latest2) latest2 = time2;
  }
  return latest2;
}
function kindsOf(manifests) {
  const out2 = /* @__PURE__ */ new Map();
  for (const object2 of manifests) {
    const kind = textAt(object2, "kind");
    const own = out2.get(kind);
    if (own) own.push(object2);
    else out2.set(kind, [object2]);
  }
  return out2;
}
function ownersOf2(pods2) {
  const out2 = /* @__PURE__ */ new Map();
  const add = (kind, name, pod2) => {
    const key = ownerKey(kind, pod2.namespace, name);
    const own = out2.get(key);
    if (own) own.push(pod2);
    else out2.set(key, [pod2]);
  };
  for (const pod2 of pods2) {
    const { owner } = pod2;
    if (!owner) continue;
    add(owner.kind, owner.name, pod2);
    const above = replicaSetOf(pod2);
    if (above !== void 0) add("ReplicaSet", above, pod2);
  }
  return out2;
}
function ownerKey(kind, namespace, name) {
  return `${kind} ${namespace}/${name}`;
}
function replicaSetOf({ owner, controller, labels: labels2 }) {
  if (owner?.kind !== "Deployment") return void 0;
  if (controller?.kind === "ReplicaSet") return controller.name;
  const hash = labels2["pod-template-hash"];
  return hash === void 0 ? void 0 : `${owner.name}-${hash}`;
}

// src/tools/kubectl/kinds/pods.ts
var groups = {
  Deployment: "apps/v1",
  ReplicaSet: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Node: "v1",
  ReplicationController: "v1"
};
function ownerReferences(pod2) {
  const above = replicaSetOf(pod2);
  const controller = above === void 0 ? pod2.owner : { kind: "ReplicaSet", name: above };
  if (!controller) return {};
  const { kind, name } = controller;
  return {
    ownerReferences: [{ apiVersion: groups[kind] ?? "v1", blockOwnerDeletion: true, controller: true, kind, name }]
  };
}
function statedSpec({ namespace, name, owner }, view2) {
  const manifest = view2.manifest("Pod", namespace, name);
  if (manifest) return { manifest, spec: recordAt(manifest, "spec") };
  const workload2 = owner && view2.manifest(owner.kind, namespace, owner.name);
  const job = recordAt(workload2, "spec", "jobTemplate");
  const spec2 = recordAt(owner?.kind === "CronJob" ? job : workload2, "spec", "template", "spec");
  return { manifest: void 0, spec: spec2 };
}
function containersOf(pod2) {
  const ports = pod2.ports.map(({ name, port: port5, protocol: protocol4, hostPort }) => ({
    containerPort: port5,
    protocol: protocol4,
    ...name === void 0 ? {} : { name },
    ...hostPort === void 0 ? {} : { hostPort }
  }));
  const stated = pod2.containers.length > 0 ? pod2.containers : [{ name: pod2.name, image: "" }];
  return stated.map(({ name, image }, i) => ({
    name,
    image,
    ...i === 0 && ports.length > 0 ? { ports } : {}
  }));
}
function withProtocols(containers2) {
  return containers2.map((container2) => {
    const ports = listAt(container2, "ports");
    if (!isRecord(container2) || ports.length === 0) return container2;
    return {
      ...container2,
      ports: ports.map((port5) => isRecord(port5) ? { ...port5, protocol: port5.protocol ?? "TCP" } : port5)
    };
  });
}
function podObject(pod2, view2) {
  const { manifest, spec: spec2 } = statedSpec(pod2, view2);
  const stated = withProtocols(listAt(spec2, "containers"));
  const metadata3 = metadataOf(view2, pod2, manifest);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata3,
      ...metadata3.ownerReferences === void 0 ? ownerReferences(pod2) : {},
      ...pod2.terminating && metadata3.deletionTimestamp === void 0 ? { deletionGracePeriodSeconds: 30, deletionTimestamp: view2.time(view2.now) } : {}
    },
    spec: {
      ...spec2,
      containers: stated.length > 0 ? stated : containersOf(pod2),
      ...pod2.hostNetwork ? { hostNetwork: true } : {},
      ...pod2.node === void 0 ? {} : { nodeName: pod2.node },
      restartPolicy: spec2.restartPolicy ?? "Always",
      serviceAccount: pod2.serviceAccount,
      serviceAccountName: pod2.serviceAccount
    },
    status: podStatus(
      pod2,
      view2,
      manifest,
      stated.length > 0 ? stated : containersOf(pod2),
      textAt(metadata3, "creationTimestamp")
    )
  };
}
function podStatus(pod2, view2, manifest, containers2, created) {
  const node2 = view2.node(pod2.node);
  const told = recordAt(manifest, "status");
  const hostIPs = (node2?.ips ?? []).map((ip) => ({ ip: formatIp(ip) }));
  const podIPs = pod2.ips.map((ip) => ({ ip: formatIp(ip) }));
  const condition = (type, holds2) => ({
    lastTransitionTime: created,
    status: holds2 ? "True" : "False",
    type
  });
  const running = pod2.phase === "Running";
  return merged(
    {
      ...told.conditions === void 0 ? {
        conditions: [
          condition("Initialized", true),
          condition("Ready", pod2.ready),
          condition("ContainersReady", pod2.ready),
          condition("PodScheduled", pod2.node !== void 0)
        ]
      } : {},
      ...pod2.node === void 0 || told.containerStatuses !== void 0 ? {} : { containerStatuses: containers2.map((item) => containerStatus(item, pod2, created)) },
      qosClass: "BestEffort",
      ...running ? { startTime: created } : {},
      ...told
    },
    {
      phase: pod2.phase,
      ...hostIPs[0] ? { hostIP: hostIPs[0].ip, hostIPs } : {},
      ...podIPs[0] ? { podIP: podIPs[0].ip, podIPs } : {}
    }
  );
}
function containerStatus(container2, { phase, ready: ready2 }, created) {
  const ended = { Succeeded: "Completed", Failed: "Error" }[phase];
  const state2 = ended !== void 0 ? { terminated: { exitCode: ended === "Error" ? 1 : 0, finishedAt: created, reason: ended, startedAt: created } } : phase === "Running" ? { running: { startedAt: created } } : { waiting: { reason: "ContainerCreating" } };
  return {
    image: textAt(container2, "image"),
    lastState: {},
    name: textAt(container2, "name"),
    ready: ready2 && phase === "Running",
    restartCount: 0,
    started: phase === "Running",
    state: state2
  };
}
var isRestartable = (container2) => textAt(container2, "restartPolicy") === "Always";
function endOf(terminated) {
  const reason = textAt(terminated, "reason");
  if (reason !== "") return reason;
  const signal = numberAt(terminated, "signal");
  return signal === 0 ? `ExitCode:${numberAt(terminated, "exitCode")}` : `Signal:${signal}`;
}
function hasCondition(object2, type) {
  return listAt(object2, "status", "conditions").some(
    (item) => textAt(item, "type") === type && textAt(item, "status") === "True"
  );
}
function initStatus(object2) {
  const specs = listAt(object2, "spec", "initContainers");
  for (const [i, status] of listAt(object2, "status", "initContainerStatuses").entries()) {
    const spec2 = specs.find((item) => textAt(item, "name") === textAt(status, "name"));
    const terminated = at(status, "state", "terminated");
    if (isRecord(terminated) && numberAt(terminated, "exitCode") === 0) continue;
    if (spec2 !== void 0 && isRestartable(spec2) && at(status, "started") === true) continue;
    if (isRecord(terminated)) return `Init:${endOf(terminated)}`;
    const waiting = textAt(status, "state", "waiting", "reason");
    if (waiting !== "" && waiting !== "PodInitializing") return `Init:${waiting}`;
    return `Init:${i}/${specs.length}`;
  }
  return void 0;
}
function mainStatus(statuses, otherwise) {
  let reason = otherwise;
  for (const status of [...statuses].reverse()) {
    const waiting = textAt(status, "state", "waiting", "reason");
    const terminated = at(status, "state", "terminated");
    if (waiting !== "") reason = waiting;
    else if (isRecord(terminated)) reason = endOf(terminated);
  }
  return reason;
}
function podSummary(object2, view2) {
  const inits = listAt(object2, "spec", "initContainers").filter(isRestartable);
  const initStatuses = listAt(object2, "status", "initContainerStatuses");
  const statuses = listAt(object2, "status", "containerStatuses");
  const sidecars = initStatuses.filter(
    (status2) => inits.some((item) => textAt(item, "name") === textAt(status2, "name"))
  );
  const running = statuses.filter((status2) => at(status2, "ready") === true && isRecord(at(status2, "state", "running")));
  const early2 = initStatus(object2);
  const initialized = early2 === void 0 || hasCondition(object2, "Initialized");
  const gated = listAt(object2, "status", "conditions").some((item) => textAt(item, "reason") === "SchedulingGated");
  let status = gated ? "SchedulingGated" : textAt(object2, "status", "reason") || textAt(object2, "status", "phase");
  if (early2 !== void 0) status = early2;
  if (initialized) status = mainStatus(statuses, status);
  if (status === "Completed" && running.length > 0) status = hasCondition(object2, "Ready") ? "Running" : "NotReady";
  const phase = textAt(object2, "status", "phase");
  if (at(object2, "metadata", "deletionTimestamp") !== void 0 && phase !== "Succeeded" && phase !== "Failed")
    status = textAt(object2, "status", "reason") === "NodeLost" ? "Unknown" : "Terminating";
  const readySidecars = sidecars.filter((item) => at(item, "started") === true && at(item, "ready") === true);
  const ready2 = readySidecars.length + (initialized ? running.length : 0);
  const counted2 = initialized ? [...sidecars, ...statuses] : initStatuses;
  return {
    ready: `${ready2}/${listAt(object2, "spec", "containers").length + inits.length}`,
    status,
    restarts: restartText(counted2, view2)
  };
}
function restartText(statuses, view2) {
  const count2 = statuses.reduce((sum, status) => sum + numberAt(status, "restartCount"), 0);
  const last = statuses.map((status) => textAt(status, "lastState", "terminated", "finishedAt")).sort().at(-1) ?? "";
  return count2 > 0 && last !== "" ? `${count2} (${since(last, view2)} ago)` : String(count2);
}
function readinessGates(object2) {
  const gates = listAt(object2, "spec", "readinessGates");
  if (gates.length === 0) return "<none>";
  return `${gates.filter((gate) => hasCondition(object2, textAt(gate, "conditionType"))).length}/${gates.length}`;
}
var columns = [
  nameColumn,
  column("READY", (object2, view2) => podSummary(object2, view2).ready),
  column("STATUS", (object2, view2) => podSummary(object2, view2).status),
  column("RESTARTS", (object2, view2) => podSummary(object2, view2).restarts),
  ageColumn,
  column("IP", (object2) => orNone(textAt(object2, "status", "podIP")), true),
  column("NODE", (object2) => orNone(textAt(object2, "spec", "nodeName")), true),
  column("NOMINATED NODE", (object2) => orNone(textAt(object2, "status", "nominatedNodeName")), true),
  column("READINESS GATES", readinessGates, true)
];
var pods = {
  name: "pods",
  singular: "pod",
  short: ["po"],
  kind: "Pod",
  apiVersion: "v1",
  namespaced: true,
  inAll: true,
  list: (view2, namespace) => view2.cluster.pods.filter((pod2) => namespace === void 0 || pod2.namespace === namespace).map((pod2) => ({
    name: pod2.name,
    namespace: pod2.namespace,
    labels: pod2.labels,
    object: () => podObject(pod2, view2)
  })),
  columns
};

// src/tools/kubectl/kinds/workloads.ts
var generated = [
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "job-name",
  "batch.kubernetes.io/job-name",
  "controller-uid",
  "batch.kubernetes.io/controller-uid"
];
function sharedLabels(pods2, kind = "Deployment") {
  const kept = kind === "ReplicaSet" ? ["pod-template-hash"] : [];
  const entries = Object.entries(pods2[0]?.labels ?? {});
  return Object.fromEntries(
    entries.filter(
      ([key, value]) => (!generated.includes(key) || kept.includes(key)) && pods2.every(({ labels: labels2 }) => labels2[key] === value)
    )
  );
}
function derivedWorkload(kind, name, pods2, view2) {
  const [first] = pods2;
  const labels2 = sharedLabels(pods2, kind);
  const spec2 = first ? recordAt(podObject(first, view2), "spec") : {};
  const { nodeName: _node, ...template4 } = spec2;
  const { matchLabels } = { matchLabels: labels2 };
  const replicas = kind === "DaemonSet" || kind === "Job" ? {} : { replicas: pods2.length };
  const podTemplate2 = { metadata: { labels: labels2 }, spec: template4 };
  return {
    apiVersion: kind.endsWith("Job") ? "batch/v1" : "apps/v1",
    kind,
    metadata: { name, ...first ? { namespace: first.namespace } : {}, labels: labels2 },
    spec: kind === "CronJob" ? { jobTemplate: { spec: { template: podTemplate2 } }, schedule: "* * * * *", suspend: false } : { ...replicas, selector: { matchLabels }, template: podTemplate2 }
  };
}
function workloadObject(kind, apiVersion2, manifest, pods2, view2) {
  const namespace = namespaceOf(manifest);
  const created = pods2.reduce(
    (least, { createdAt }) => createdAt === void 0 ? least : Math.min(least ?? createdAt, createdAt),
    void 0
  );
  const metadata3 = {
    name: textAt(manifest, "metadata", "name"),
    namespace,
    labels: stringsAt(manifest, "metadata", "labels"),
    annotations: stringsAt(manifest, "metadata", "annotations"),
    ...at(manifest, "metadata", "creationTimestamp") === void 0 ? { createdAt: created } : {}
  };
  return {
    ...manifest,
    apiVersion: apiVersion2,
    kind,
    metadata: metadataOf(view2, metadata3, manifest),
    spec: withDefaults(kind, recordAt(manifest, "spec")),
    status: { ...recordAt(manifest, "status"), ...statusOf(kind, pods2, manifest) }
  };
}
var strategies = {
  Deployment: { strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" }, type: "RollingUpdate" } },
  DaemonSet: { updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 }, type: "RollingUpdate" } },
  StatefulSet: { updateStrategy: { rollingUpdate: { partition: 0 }, type: "RollingUpdate" } }
};
function withDefaults(kind, spec2) {
  const [key, strategy] = Object.entries(strategies[kind] ?? {})[0] ?? [];
  const stated = key === void 0 ? void 0 : textAt(spec2, key, "type");
  const defaulted = key !== void 0 && stated === "" ? { [key]: merged(recordAt(strategy), recordAt(spec2, key)) } : {};
  const containers2 = withProtocols(listAt(spec2, "template", "spec", "containers"));
  const template4 = recordAt(spec2, "template");
  return {
    ...["Deployment", "ReplicaSet", "StatefulSet"].includes(kind) ? { replicas: 1 } : {},
    ...spec2,
    ...defaulted,
    ...containers2.length > 0 ? { template: { ...template4, spec: { ...recordAt(template4, "spec"), containers: containers2 } } } : {}
  };
}
function statusOf(kind, pods2, manifest) {
  const all = pods2.filter(({ terminating }) => !terminating);
  const ready2 = all.filter((pod2) => pod2.ready && pod2.phase === "Running").length;
  const some = (key, value) => value > 0 ? { [key]: value } : {};
  switch (kind) {
    case "DaemonSet":
      return {
        currentNumberScheduled: all.length,
        desiredNumberScheduled: all.length,
        ...some("numberAvailable", ready2),
        numberMisscheduled: 0,
        numberReady: ready2,
        ...some("updatedNumberScheduled", all.length)
      };
    case "Job": {
      const count2 = (phase) => all.filter((pod2) => pod2.phase === phase).length;
      const told = recordAt(manifest, "status");
      if (Object.keys(told).length > 0) return {};
      return {
        ...some("active", count2("Running") + count2("Pending")),
        ...some("failed", count2("Failed")),
        ready: ready2,
        ...some("succeeded", count2("Succeeded"))
      };
    }
    case "CronJob":
      return {};
    case "Deployment": {
      const desired = replicasOf(manifest);
      return {
        ...some("availableReplicas", ready2),
        conditions: [
          {
            message: ready2 >= desired ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
            reason: ready2 >= desired ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            status: ready2 >= desired ? "True" : "False",
            type: "Available"
          }
        ],
        ...some("readyReplicas", ready2),
        ...some("replicas", all.length),
        ...some("updatedReplicas", all.length)
      };
    }
    default:
      return { ...some("availableReplicas", ready2), ...some("readyReplicas", ready2), replicas: all.length };
  }
}
function replicasOf(object2) {
  const replicas = at(object2, "spec", "replicas");
  return typeof replicas === "number" ? replicas : 1;
}
function list2(kind, apiVersion2) {
  return (view2, namespace) => {
    const manifests = new Map(
      view2.manifests(kind).map((manifest) => [ownerKey(kind, namespaceOf(manifest), textAt(manifest, "metadata", "name")), manifest])
    );
    const keys = new Set(manifests.keys());
    for (const key of view2.byOwner.keys()) if (key.startsWith(`${kind} `)) keys.add(key);
    return [...keys].flatMap((key) => {
      const [own = "", name = ""] = key.slice(kind.length + 1).split("/");
      if (namespace !== void 0 && own !== namespace) return [];
      const pods2 = view2.byOwner.get(key) ?? [];
      const manifest = manifests.get(key);
      return [
        {
          name,
          namespace: own,
          labels: manifest ? stringsAt(manifest, "metadata", "labels") : sharedLabels(pods2, kind),
          object: () => workloadObject(kind, apiVersion2, manifest ?? derivedWorkload(kind, name, pods2, view2), pods2, view2)
        }
      ];
    });
  };
}
var count = (...path) => (object2) => String(numberAt(object2, ...path));
var template = (object2) => at(object2, "kind") === "CronJob" ? recordAt(object2, "spec", "jobTemplate", "spec") : recordAt(object2, "spec");
var containers = (key) => (object2) => listAt(template(object2), "template", "spec", "containers").map((item) => textAt(item, key)).join(",");
var wide = [
  column("CONTAINERS", containers("name"), true),
  column("IMAGES", containers("image"), true)
];
var selector2 = column("SELECTOR", (object2) => formatSelector(at(template(object2), "selector")), true);
var ready = column("READY", (object2) => `${numberAt(object2, "status", "readyReplicas")}/${replicasOf(object2)}`);
var daemonSets = {
  name: "daemonsets",
  singular: "daemonset",
  short: ["ds"],
  kind: "DaemonSet",
  apiVersion: "apps/v1",
  namespaced: true,
  inAll: true,
  list: list2("DaemonSet", "apps/v1"),
  columns: [
    nameColumn,
    column("DESIRED", count("status", "desiredNumberScheduled")),
    column("CURRENT", count("status", "currentNumberScheduled")),
    column("READY", count("status", "numberReady")),
    column("UP-TO-DATE", count("status", "updatedNumberScheduled")),
    column("AVAILABLE", count("status", "numberAvailable")),
    column("NODE SELECTOR", (object2) => formatLabels(stringsAt(object2, "spec", "template", "spec", "nodeSelector"))),
    ageColumn,
    ...wide,
    selector2
  ]
};
var deployments = {
  name: "deployments",
  singular: "deployment",
  short: ["deploy"],
  kind: "Deployment",
  apiVersion: "apps/v1",
  namespaced: true,
  inAll: true,
  list: list2("Deployment", "apps/v1"),
  columns: [
    nameColumn,
    ready,
    column("UP-TO-DATE", count("status", "updatedReplicas")),
    column("AVAILABLE", count("status", "availableReplicas")),
    ageColumn,
    ...wide,
    selector2
  ]
};
var replicaSets = {
  name: "replicasets",
  singular: "replicaset",
  short: ["rs"],
  kind: "ReplicaSet",
  apiVersion: "apps/v1",
  namespaced: true,
  inAll: true,
  list: list2("ReplicaSet", "apps/v1"),
  columns: [
    nameColumn,
    column("DESIRED", (object2) => String(replicasOf(object2))),
    column("CURRENT", count("status", "replicas")),
    column("READY", count("status", "readyReplicas")),
    ageColumn,
    ...wide,
    selector2
  ]
};
var statefulSets = {
  name: "statefulsets",
  singular: "statefulset",
  short: ["sts"],
  kind: "StatefulSet",
  apiVersion: "apps/v1",
  namespaced: true,
  inAll: true,
  list: list2("StatefulSet", "apps/v1"),
  columns: [nameColumn, ready, ageColumn, ...wide]
};
var cronJobs = {
  name: "cronjobs",
  singular: "cronjob",
  short: ["cj"],
  kind: "CronJob",
  apiVersion: "batch/v1",
  namespaced: true,
  inAll: true,
  list: list2("CronJob", "batch/v1"),
  columns: [
    nameColumn,
    column("SCHEDULE", (object2) => textAt(object2, "spec", "schedule")),
    column("TIMEZONE", (object2) => orNone(textAt(object2, "spec", "timeZone"))),
    column("SUSPEND", (object2) => at(object2, "spec", "suspend") === true ? "True" : "False"),
    column("ACTIVE", (object2) => String(listAt(object2, "status", "active").length)),
    column("LAST SCHEDULE", (object2, view2) => {
      const last = textAt(object2, "status", "lastScheduleTime");
      return last === "" ? "<none>" : since(last, view2);
    }),
    ageColumn,
    ...wide,
    selector2
  ]
};
function jobStatus(object2) {
  const has = (type) => listAt(object2, "status", "conditions").some(
    (item) => textAt(item, "type") === type && textAt(item, "status") === "True"
  );
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (at(object2, "metadata", "deletionTimestamp") !== void 0) return "Terminating";
  if (has("Suspended")) return "Suspended";
  return has("FailureTarget") ? "FailureTarget" : has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}
function completions(object2) {
  const succeeded = numberAt(object2, "status", "succeeded");
  const wanted = at(object2, "spec", "completions");
  const parallel = numberAt(object2, "spec", "parallelism");
  if (typeof wanted === "number") return `${succeeded}/${wanted}`;
  return parallel > 1 ? `${succeeded}/1 of ${parallel}` : `${succeeded}/1`;
}
var jobs = {
  name: "jobs",
  singular: "job",
  short: [],
  kind: "Job",
  apiVersion: "batch/v1",
  namespaced: true,
  inAll: true,
  list: list2("Job", "batch/v1"),
  columns: [
    nameColumn,
    column("STATUS", jobStatus),
    column("COMPLETIONS", completions),
    column("DURATION", (object2, view2) => {
      const start2 = textAt(object2, "status", "startTime");
      const end2 = textAt(object2, "status", "completionTime");
      if (start2 === "") return "";
      return end2 === "" ? since(start2, view2) : humanDuration(Date.parse(end2) - Date.parse(start2));
    }),
    ageColumn,
    ...wide,
    selector2
  ]
};
var workloads = [daemonSets, deployments, replicaSets, statefulSets, cronJobs, jobs];

// src/tools/kubectl/resources.ts
var resources = [
  configMaps,
  endpoints,
  namespaces,
  nodes,
  pods,
  services,
  ...workloads,
  endpointSlices,
  ingresses,
  networkPolicies,
  ...ciliumKinds
];
function pluralName(resource) {
  const group = groupOf(resource);
  return group === "" ? resource.name : `${resource.name}.${group}`;
}

// test/tools/kubectl/api-server.ts
var groupVersions = [...new Set(resources.map(({ apiVersion: apiVersion2 }) => apiVersion2))];
function discovery(path) {
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis")
    return {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: groupVersions.filter((text4) => text4.includes("/")).map((text4) => {
        const version = { groupVersion: text4, version: text4.split("/")[1] };
        return { name: text4.split("/")[0], versions: [version], preferredVersion: version };
      })
    };
  const groupVersion = path.replace(/^\/apis?\//, "");
  if (!groupVersions.includes(groupVersion)) return void 0;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: resources.filter(({ apiVersion: apiVersion2 }) => apiVersion2 === groupVersion).map(({ name, singular, short, kind, namespaced, inAll }) => ({
      name,
      singularName: singular,
      namespaced,
      kind,
      verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
      shortNames: short,
      ...inAll ? { categories: ["all"] } : {}
    }))
  };
}
function listed(session2, resource, namespace, query) {
  const selector4 = query.get("labelSelector");
  const requirements2 = selector4 ? parseSelector(selector4) ?? [] : [];
  const fields = (query.get("fieldSelector") ?? "").split(",").flatMap((part) => {
    const [, field = "", operator, value = ""] = /^([^!=]*)(!?=)(.*)$/.exec(part) ?? [];
    return part === "" ? [] : [{ field, equal: operator === "=", value }];
  });
  return [...resource.list(viewOf(session2), namespace)].filter(
    ({ labels: labels2 }) => selects(
      requirements2,
      Object.entries(labels2).map(([key, value]) => `k8s:${key}=${value}`)
    )
  ).map((entry) => ({ key: `${entry.namespace}/${entry.name}`, object: entry.object() })).sort((a2, b2) => a2.key < b2.key ? -1 : 1).map(({ object: object2 }) => object2).filter(
    (object2) => fields.every(({ field, equal, value }) => {
      const found2 = field.split(".").reduce((at2, key) => at2?.[key], object2);
      return String(found2 ?? "") === value === equal;
    })
  );
}
function table(session2, resource, objects) {
  const view2 = viewOf(session2);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion: "1" },
    columnDefinitions: resource.columns.map(({ header, wide: wide2 }, i) => ({
      name: header.charAt(0) + header.slice(1).toLowerCase(),
      type: "string",
      format: i === 0 ? "name" : "",
      description: "",
      priority: wide2 ? 1 : 0
    })),
    rows: objects.map((object2) => ({
      cells: resource.columns.map(({ value }) => value(object2, view2)),
      object: plain(object2)
    }))
  };
}
function answer(session2, request) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const path = url.pathname.replace(/\/$/, "");
  const known3 = path === "/version" ? { major: "1", minor: "35", gitVersion: session2.cluster.kubernetes.version } : discovery(path);
  if (known3) return { code: 200, body: known3 };
  const match = /^\/apis?\/(?:([^/]+\.[^/]+|apps|batch)\/)?(v[^/]+)\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?$/.exec(path);
  const [, group = "", , namespace, plural = "", name] = match ?? [];
  const resource = resources.find((row2) => row2.name === plural && groupOf(row2) === group);
  if (plural === "events" || plural === "leases" || !resource && match)
    return { code: 200, body: { kind: "List", apiVersion: "v1", metadata: {}, items: [] } };
  if (!resource)
    return { code: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 } };
  const all = listed(session2, resource, namespace, url.searchParams);
  const asTable = (request.headers.accept ?? "").includes("as=Table");
  if (name === void 0) {
    const items = all.map(plain);
    return {
      code: 200,
      body: asTable ? table(session2, resource, all) : { kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata: { resourceVersion: "1" }, items }
    };
  }
  const object2 = all.find(({ metadata: metadata3 }) => metadata3.name === name);
  if (object2) return { code: 200, body: asTable ? table(session2, resource, [object2]) : plain(object2) };
  const message = `${pluralName(resource)} ${JSON.stringify(name)} not found`;
  const details = { name, kind: resource.name, ...groupOf(resource) ? { group: groupOf(resource) } : {} };
  return {
    code: 404,
    body: { kind: "Status", apiVersion: "v1", status: "Failure", message, reason: "NotFound", details, code: 404 }
  };
}
async function startApiServer(session2) {
  const server = createServer((request, response) => {
    const { code, body } = answer(session2, request);
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port: port5 } = server.address();
  return {
    url: `http://127.0.0.1:${port5}`,
    close: () => new Promise((done) => server.close(() => done()))
  };
}

// src/session/session.ts
import { setImmediate } from "node:timers/promises";

// src/control/control.ts
init_devices();
init_egress();
init_identity();
init_ipcache();

// src/control/kube-proxy/rules.ts
init_addr();

// src/control/kube-proxy/endpoints.ts
init_addr();
function isExternal(service2, port5) {
  return port5.nodePort !== void 0 || service2.loadBalancerIps.length > 0 || service2.externalIps.length > 0;
}
function portBackends(service2, port5, family) {
  return service2.backends.filter(
    (b2) => isIp4(b2.ip) === (family === 4) && b2.protocol === port5.protocol && b2.portName === (port5.name ?? "")
  );
}
function usable(among) {
  const ready2 = among.filter(({ backend: backend2 }) => backend2.state === "active");
  return ready2.length > 0 ? ready2 : among.filter(({ backend: backend2 }) => backend2.state === "terminating");
}
var ZONE = "topology.kubernetes.io/zone";
function near(service2, among, { name, labels: labels2 }) {
  if (!heedsTopology(service2) || among.some(({ backend: backend2 }) => backend2.state !== "active")) return among;
  const zone = labels2[ZONE];
  if (service2.trafficDistribution === "PreferSameNode" && among.every(({ backend: backend2 }) => backend2.nodeName !== void 0)) {
    const own2 = among.filter(({ backend: backend2 }) => backend2.nodeName === name);
    if (own2.length > 0) return own2;
  }
  const hints2 = among.map(({ backend: backend2 }) => zonesOf(service2, backend2));
  if (zone === void 0 || hints2.some((zones) => zones.length === 0)) return among;
  const own = among.filter((_, i) => hints2[i]?.includes(zone));
  return own.length > 0 ? own : among;
}
function zonesOf({ trafficDistribution }, { forZones, zone }) {
  if (forZones) return forZones;
  return trafficDistribution && zone !== void 0 ? [zone] : [];
}
function heedsTopology({ trafficDistribution, backends }) {
  return trafficDistribution !== void 0 || backends.some(({ forZones }) => forZones !== void 0);
}
function categorize(service2, port5, family, node2, chainOf) {
  const external = isExternal(service2, port5);
  const intLocal = service2.internalTrafficPolicy === "Local";
  const usesCluster = !intLocal || external;
  const usesLocal = intLocal || service2.externalTrafficPolicy === "Local" && external;
  const all = portBackends(service2, port5, family).map((backend2) => {
    const text4 = formatIpPort(backend2.ip, backend2.port);
    return { backend: backend2, text: text4, chain: chainOf(text4) };
  }).sort((a2, b2) => a2.text < b2.text ? -1 : 1);
  const anywhere = usable(all);
  const cluster = usesCluster ? near(service2, anywhere, node2) : [];
  const local2 = usesLocal ? usable(all.filter(({ backend: backend2 }) => backend2.nodeName === node2.name)) : [];
  const extra = local2.some((endpoint) => !cluster.includes(endpoint));
  const reachable = extra ? all.filter((e) => cluster.includes(e) || local2.includes(e)) : cluster;
  return { cluster, local: local2, reachable, any: anywhere.length > 0 };
}

// src/control/kube-proxy/ipvs/state.ts
init_addr();
init_model2();

// src/control/kube-proxy/port-facts.ts
init_addr();

// src/control/kube-proxy/sha256.ts
var BLOCK = 64;
var [K, H0] = constants();
function constants() {
  const k = new Int32Array(64);
  const h = new Int32Array(8);
  let found2 = 0;
  for (let n = 2; found2 < 64; n++) {
    if (!isPrime(n)) continue;
    if (found2 < 8) h[found2] = fraction(Math.sqrt(n));
    k[found2++] = fraction(Math.cbrt(n));
  }
  return [k, h];
}
function isPrime(n) {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
function fraction(x) {
  return (x - Math.floor(x)) * 2 ** 32 | 0;
}
var words = new Int32Array(64);
var encoder = new TextEncoder();
var room = new Uint8Array(4 * BLOCK);
var state = new Int32Array(8);
function hashName(prefix, text4) {
  if (3 * text4.length + 9 + BLOCK > room.length) room = new Uint8Array(6 * text4.length + 2 * BLOCK);
  const { written } = encoder.encodeInto(text4, room);
  return prefixed(prefix, digest(room, written), 16);
}
function digest(padded2, length) {
  const end2 = Math.ceil((length + 9) / BLOCK) * BLOCK;
  padded2.fill(0, length, end2);
  padded2[length] = 128;
  const view2 = new DataView(padded2.buffer);
  view2.setUint32(end2 - 4, length * 8);
  state.set(H0);
  for (let o = 0; o < end2; o += BLOCK) compress(state, view2, o);
  return state;
}
function ror(x, n) {
  return x >>> n | x << 32 - n;
}
function compress(h, view2, o) {
  const w = words;
  for (let i = 0; i < 16; i++) w[i] = view2.getInt32(o + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ror(x, 7) ^ ror(x, 18) ^ x >>> 3;
    const s1 = ror(y, 17) ^ ror(y, 19) ^ y >>> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1 | 0;
  }
  let a2 = h[0];
  let b2 = h[1];
  let c2 = h[2];
  let d = h[3];
  let e = h[4];
  let f3 = h[5];
  let g = h[6];
  let k = h[7];
  for (let i = 0; i < 64; i++) {
    const t1 = k + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + (e & f3 ^ ~e & g) + (K[i] + w[i] | 0) | 0;
    const t2 = (ror(a2, 2) ^ ror(a2, 13) ^ ror(a2, 22)) + (a2 & b2 ^ a2 & c2 ^ b2 & c2) | 0;
    k = g;
    g = f3;
    f3 = e;
    e = d + t1 | 0;
    d = c2;
    c2 = b2;
    b2 = a2;
    a2 = t1 + t2 | 0;
  }
  h[0] += a2;
  h[1] += b2;
  h[2] += c2;
  h[3] += d;
  h[4] += e;
  h[5] += f3;
  h[6] += g;
  h[7] += k;
}
var ALPHABET2 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function prefixed(prefix, h, letters) {
  const codes = [];
  for (let i = 0; i < prefix.length; i++) codes.push(prefix.charCodeAt(i));
  for (let i = 0; i < letters; i++) {
    const bit = 5 * i;
    const word2 = bit >>> 5;
    const shift2 = 27 - (bit & 31);
    const five = shift2 >= 0 ? h[word2] >>> shift2 : h[word2] << -shift2 | h[word2 + 1] >>> 32 + shift2;
    codes.push(ALPHABET2.charCodeAt(five & 31));
  }
  return String.fromCharCode.apply(null, codes);
}

// src/control/kube-proxy/names.ts
function servicePortName(namespace, name, portName) {
  return portName ? `${namespace}/${name}:${portName}` : `${namespace}/${name}`;
}
function serviceChains(servicePort3, protocol4) {
  const hash = hashName("", servicePort3 + protocol4);
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`
  };
}
function endpointChain(servicePort3, protocol4, endpoint) {
  return hashName("KUBE-SEP-", servicePort3 + protocol4 + endpoint);
}

// src/control/kube-proxy/port-facts.ts
function portFacts(service2, port5, family, node2, chainOf) {
  const ofFamily = (ip) => isIp4(ip) === (family === 4);
  const clusterIp = service2.clusterIps.find(ofFamily);
  if (clusterIp === void 0) return void 0;
  const name = servicePortName(service2.namespace, service2.name, port5.name);
  const protocol4 = port5.protocol.toLowerCase();
  const endpoints2 = categorize(service2, port5, family, node2, (text4) => chainOf(name, protocol4, text4));
  const intLocal = service2.internalTrafficPolicy === "Local";
  const extLocal = service2.externalTrafficPolicy === "Local";
  return {
    service: service2,
    port: port5,
    name,
    protocol: protocol4,
    endpoints: endpoints2,
    clusterIp,
    externalIps: service2.externalIps.filter(ofFamily),
    loadBalancerIps: service2.loadBalancerIps.filter(ofFamily),
    ranges: service2.sourceRanges.filter(({ ip }) => ofFamily(ip)),
    intLocal,
    extLocal,
    hasInternal: endpoints2.any && (!intLocal || endpoints2.local.length > 0),
    hasExternal: endpoints2.any && (!extLocal || endpoints2.local.length > 0)
  };
}

// src/control/kube-proxy/ipvs/state.ts
init_model3();

// src/control/kube-proxy/ipvs/rules.ts
init_addr();

// src/control/kube-proxy/rule.ts
init_addr();
var builtins = {
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  raw: ["PREROUTING", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"]
};
function buildTable(name) {
  const hooks = builtins[name];
  const rules = new Map(hooks.map((hook) => [hook, []]));
  return {
    chain(chain2) {
      let list3 = rules.get(chain2);
      if (!list3) rules.set(chain2, list3 = []);
      return list3;
    },
    finish() {
      const own = [...rules.keys()].slice(hooks.length).sort();
      const chains = /* @__PURE__ */ new Map();
      for (const chain2 of [...hooks, ...own])
        chains.set(chain2, { name: chain2, builtin: hooks.includes(chain2), rules: rules.get(chain2) });
      return { name, chains };
    }
  };
}
function address(prefix, not = false) {
  return prefix.length === 0 ? void 0 : { prefix: networkOf(prefix), not };
}
function comment(text4) {
  return { kind: "comment", text: text4 };
}
function jump(chain2) {
  return { kind: "jump", chain: chain2 };
}
var states = {
  new: { kind: "conntrack", not: false, states: ["NEW"] },
  invalid: { kind: "conntrack", not: false, states: ["INVALID"] },
  established: { kind: "conntrack", not: false, states: ["RELATED", "ESTABLISHED"] },
  unsolicited: { kind: "conntrack", not: true, states: ["RELATED", "ESTABLISHED", "DNAT"] }
};
var chances = /* @__PURE__ */ new Map();
function oneOf2(left) {
  const known3 = chances.get(left);
  if (known3) return known3;
  const match = { kind: "statistic", below: Math.round(Number(fixed(1 / left, 10)) * 2 ** 31) };
  chances.set(left, match);
  return match;
}
function fixed(x, digits) {
  const rest = x.toFixed(digits + 50).slice(-50);
  if (!/^50*$/.test(rest)) return x.toFixed(digits);
  const cut = x.toFixed(digits + 50).slice(0, -50);
  return Number(cut.at(-1)) % 2 === 0 ? cut : x.toFixed(digits);
}

// src/control/kube-proxy/service.ts
init_addr();
var MASQUERADE_MARK = 16384;
var MARK_MASQ = jump("KUBE-MARK-MASQ");
var PROTOCOL_ONLY = { kind: "l4" };
function addServicePort(context, service2, port5) {
  const job = prepare(context, service2, port5);
  if (!job) return;
  captureClusterIp(job);
  captureExternal(job);
  captureNodePort(job);
  captureHealthCheck(job);
  if (job.hasInternal) masqueradeOutsiders(job);
  if (job.endpoints.any && isExternal(service2, port5)) externalChain(job);
  if (job.usesFirewall) firewallChain(job);
  if (job.endpoints.cluster.length > 0) balance(job, job.chains.cluster, job.endpoints.cluster);
  if (job.endpoints.local.length > 0) balance(job, job.chains.local, job.endpoints.local);
  for (const endpoint of job.endpoints.reachable) endpointRules(job, endpoint);
}
function prepare(context, service2, port5) {
  const facts = portFacts(service2, port5, context.family, context.node, endpointChain);
  if (!facts) return void 0;
  const { name, protocol: protocol4, endpoints: endpoints2, loadBalancerIps, ranges } = facts;
  const usesFirewall = endpoints2.any && loadBalancerIps.length > 0 && ranges.length > 0;
  return { ...facts, context, chains: serviceChains(name, protocol4), usesFirewall };
}
function portRule(job, text4, ip, dport, target, extra = []) {
  const { protocol: protocol4 } = job;
  const matches4 = [comment(text4), ...extra, { kind: "l4", dport }];
  return { ...ip === void 0 ? {} : { destination: host(ip) }, protocol: protocol4, matches: matches4, target };
}
function host(ip) {
  return { prefix: { ip, length: ipBits(ip) }, not: false };
}
function unserved({ endpoints: endpoints2, name }) {
  return endpoints2.any ? { text: `${name} has no local endpoints`, target: { kind: "DROP" } } : { text: `${name} has no endpoints`, target: { kind: "REJECT" } };
}
function captureClusterIp(job) {
  const { context, clusterIp, port: port5, name, chains, intLocal } = job;
  if (job.hasInternal) {
    const target = jump(intLocal ? chains.local : chains.cluster);
    context.nat.chain("KUBE-SERVICES").push(portRule(job, `${name} cluster IP`, clusterIp, port5.port, target));
  } else {
    const { text: text4, target } = unserved(job);
    context.filter.chain("KUBE-SERVICES").push(portRule(job, text4, clusterIp, port5.port, target));
  }
}
function captureExternal(job) {
  const { context, port: port5, name, chains, endpoints: endpoints2, hasExternal } = job;
  const nat = context.nat.chain("KUBE-SERVICES");
  const refuse2 = (ip) => {
    const { text: text4, target } = unserved(job);
    context.filter.chain("KUBE-EXTERNAL-SERVICES").push(portRule(job, text4, ip, port5.port, target));
  };
  for (const ip of job.externalIps) {
    if (endpoints2.any) nat.push(portRule(job, `${name} external IP`, ip, port5.port, jump(chains.external)));
    if (!hasExternal) refuse2(ip);
  }
  const way = jump(job.usesFirewall ? chains.firewall : chains.external);
  for (const ip of job.loadBalancerIps) {
    if (endpoints2.any) nat.push(portRule(job, `${name} loadbalancer IP`, ip, port5.port, way));
    if (job.usesFirewall) {
      const text4 = `${name} traffic not accepted by ${chains.firewall}`;
      context.filter.chain("KUBE-PROXY-FIREWALL").push(portRule(job, text4, ip, port5.port, { kind: "DROP" }));
    }
  }
  if (!hasExternal) for (const ip of job.loadBalancerIps) refuse2(ip);
}
function captureNodePort(job) {
  const { context, port: port5, name, chains } = job;
  if (port5.nodePort === void 0) return;
  if (job.endpoints.any) {
    const rule2 = portRule(job, name, void 0, port5.nodePort, jump(chains.external));
    context.nat.chain("KUBE-NODEPORTS").push(rule2);
  }
  if (job.hasExternal) return;
  const { text: text4, target } = unserved(job);
  const rule = portRule(job, text4, void 0, port5.nodePort, target, [{ kind: "local", side: "dst" }]);
  context.filter.chain("KUBE-EXTERNAL-SERVICES").push(rule);
}
function captureHealthCheck({ context, service: service2, name }) {
  const dport = service2.healthCheckNodePort;
  if (dport === void 0) return;
  context.filter.chain("KUBE-NODEPORTS").push({
    protocol: "tcp",
    matches: [comment(`${name} health check node port`), { kind: "l4", dport }],
    target: { kind: "ACCEPT" }
  });
}
function masqueradeOutsiders(job) {
  const { context, clusterIp, port: port5, name, chains, intLocal } = job;
  if (!context.clusterCidr) return;
  const source = address(context.clusterCidr, true);
  const rule = portRule(job, `${name} cluster IP`, clusterIp, port5.port, MARK_MASQ);
  context.nat.chain(intLocal ? chains.local : chains.cluster).push({ ...source ? { source } : {}, ...rule });
}
function externalChain(job) {
  const { context, name, chains, extLocal } = job;
  const rules = context.nat.chain(chains.external);
  const add = (text4, target, fields = {}, ...more) => rules.push({ ...fields, matches: [comment(`${text4} for ${name} external destinations`), ...more], target });
  if (!extLocal) add("masquerade traffic", MARK_MASQ);
  else {
    const source = context.clusterCidr && address(context.clusterCidr);
    if (context.clusterCidr) add("pod traffic", jump(chains.cluster), source ? { source } : {});
    add("masquerade LOCAL traffic", MARK_MASQ, {}, { kind: "local", side: "src" });
    add("route LOCAL traffic", jump(chains.cluster), {}, { kind: "local", side: "src" });
  }
  if (job.hasExternal) rules.push({ matches: [], target: jump(extLocal ? chains.local : chains.cluster) });
}
function firewallChain({ context, name, chains, ranges, loadBalancerIps }) {
  const rules = context.nat.chain(chains.firewall);
  const allow = (prefix) => {
    const source = address(prefix);
    const matches4 = [comment(`${name} loadbalancer IP`)];
    rules.push({ ...source ? { source } : {}, matches: matches4, target: jump(chains.external) });
  };
  for (const range of ranges) allow(range);
  const { nodeIp } = context;
  if (nodeIp !== void 0 && ranges.some((range) => prefixContains(range, nodeIp)))
    for (const ip of loadBalancerIps) allow({ ip, length: ipBits(ip) });
  const text4 = `other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`;
  rules.push({ matches: [comment(text4)], target: void 0 });
}
function balance(job, chain2, endpoints2) {
  const { context, service: service2, name } = job;
  const rules = context.nat.chain(chain2);
  const said = endpoints2.map(({ text: text4 }) => context.large ? [] : [comment(`${name} -> ${text4}`)]);
  const ways = endpoints2.map(({ chain: way }) => way);
  const seconds = service2.sessionAffinity?.clientIpTimeout;
  if (seconds !== void 0)
    for (const [i, target] of ways.entries())
      rules.push({ matches: [...said[i], { kind: "recent-check", name: target, seconds }], target: jump(target) });
  for (const [i, target] of ways.entries()) {
    const left = ways.length - i;
    rules.push({ matches: left > 1 ? [...said[i], oneOf2(left)] : said[i], target: jump(target) });
  }
}
function endpointRules(job, endpoint) {
  const { context, service: service2, name, protocol: protocol4 } = job;
  const { chain: chain2, backend: backend2 } = endpoint;
  const { ip, port: port5 } = backend2;
  const said = context.large ? [] : [comment(name)];
  const remembered = service2.sessionAffinity ? [{ kind: "recent-set", name: chain2 }] : [];
  context.nat.chain(chain2).push(
    { source: host(ip), matches: said, target: MARK_MASQ },
    { protocol: protocol4, matches: [...said, ...remembered, PROTOCOL_ONLY], target: { kind: "DNAT", ip, port: port5 } }
  );
}

// src/control/kube-proxy/ipvs/sets.ts
init_model3();
var infos = {
  "LOOP-BACK": ["hash:ip,port,ip", "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"],
  "CLUSTER-IP": ["hash:ip,port", "Kubernetes service cluster ip + port for masquerade purpose"],
  "EXTERNAL-IP": ["hash:ip,port", "Kubernetes service external ip + port for masquerade and filter purpose"],
  "EXTERNAL-IP-LOCAL": ["hash:ip,port", "Kubernetes service external ip + port with externalTrafficPolicy=local"],
  "LOAD-BALANCER": ["hash:ip,port", "Kubernetes service lb portal"],
  "LOAD-BALANCER-FW": ["hash:ip,port", "Kubernetes service load balancer ip + port for load balancer with sourceRange"],
  "LOAD-BALANCER-LOCAL": [
    "hash:ip,port",
    "Kubernetes service load balancer ip + port with externalTrafficPolicy=local"
  ],
  "LOAD-BALANCER-SOURCE-IP": [
    "hash:ip,port,ip",
    "Kubernetes service load balancer ip + port + source IP for packet filter purpose"
  ],
  "LOAD-BALANCER-SOURCE-CIDR": [
    "hash:ip,port,net",
    "Kubernetes service load balancer ip + port + source cidr for packet filter purpose"
  ],
  "NODE-PORT-TCP": ["bitmap:port", "Kubernetes nodeport TCP port for masquerade purpose"],
  "NODE-PORT-LOCAL-TCP": ["bitmap:port", "Kubernetes nodeport TCP port with externalTrafficPolicy=local"],
  "NODE-PORT-UDP": ["bitmap:port", "Kubernetes nodeport UDP port for masquerade purpose"],
  "NODE-PORT-LOCAL-UDP": ["bitmap:port", "Kubernetes nodeport UDP port with externalTrafficPolicy=local"],
  "NODE-PORT-SCTP-HASH": [
    "hash:ip,port",
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"
  ],
  "NODE-PORT-LOCAL-SCTP-HASH": [
    "hash:ip,port",
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'"
  ],
  "HEALTH-CHECK-NODE-PORT": ["bitmap:port", "Kubernetes health check node port"],
  "IPVS-IPS": ["hash:ip", "Addresses on the ipvs interface"]
};
var both = "dst,dst";
var setRules = [
  { set: "LOOP-BACK", table: "nat", from: "KUBE-POSTROUTING", to: "MASQUERADE", directions: "dst,dst,src" },
  { set: "LOAD-BALANCER", table: "nat", from: "KUBE-SERVICES", to: "KUBE-LOAD-BALANCER", directions: both },
  { set: "LOAD-BALANCER-LOCAL", table: "nat", from: "KUBE-LOAD-BALANCER", to: "RETURN", directions: both },
  ...["tcp", "udp"].flatMap((protocol4) => {
    const rule = { table: "nat", from: "KUBE-NODE-PORT", directions: "dst", protocol: protocol4 };
    const upper = protocol4 === "tcp" ? "TCP" : "UDP";
    return [
      { ...rule, set: `NODE-PORT-LOCAL-${upper}`, to: "RETURN" },
      { ...rule, set: `NODE-PORT-${upper}`, to: "KUBE-MARK-MASQ" }
    ];
  }),
  {
    set: "NODE-PORT-LOCAL-SCTP-HASH",
    table: "nat",
    from: "KUBE-NODE-PORT",
    to: "RETURN",
    directions: both,
    protocol: "sctp"
  },
  {
    set: "NODE-PORT-SCTP-HASH",
    table: "nat",
    from: "KUBE-NODE-PORT",
    to: "KUBE-MARK-MASQ",
    directions: both,
    protocol: "sctp"
  },
  {
    set: "LOAD-BALANCER-FW",
    table: "filter",
    from: "KUBE-PROXY-FIREWALL",
    to: "KUBE-SOURCE-RANGES-FIREWALL",
    directions: both
  },
  {
    set: "LOAD-BALANCER-SOURCE-CIDR",
    table: "filter",
    from: "KUBE-SOURCE-RANGES-FIREWALL",
    to: "RETURN",
    directions: "dst,dst,src"
  },
  {
    set: "LOAD-BALANCER-SOURCE-IP",
    table: "filter",
    from: "KUBE-SOURCE-RANGES-FIREWALL",
    to: "RETURN",
    directions: "dst,dst,src"
  }
];
function buildSets(family) {
  const name = (set) => `KUBE-${family === 6 ? "6-" : ""}${set}`;
  const sets = /* @__PURE__ */ new Map();
  for (const [id, [type, comment2]] of Object.entries(infos))
    sets.set(name(id), { name: name(id), type, comment: comment2, entries: /* @__PURE__ */ new Map() });
  return {
    sets,
    name,
    comment: (set) => infos[set][1],
    isEmpty: (set) => sets.get(name(set))?.entries.size === 0,
    add(id, subject, network2) {
      const set = sets.get(name(id));
      if (!set) return;
      const key = setKey(set.type, subject);
      const networks = set.entries.get(key) ?? [];
      if (network2) networks.push(network2);
      set.entries.set(key, networks);
    }
  };
}

// src/control/kube-proxy/ipvs/rules.ts
var ACCEPT = { kind: "ACCEPT" };
var RETURN = { kind: "RETURN" };
function ipvsRules(job) {
  const { family } = job;
  const mangle = buildTable("mangle");
  const filter = buildTable("filter");
  const nat = buildTable("nat");
  for (const table3 of [mangle, filter, nat]) table3.chain("KUBE-KUBELET-CANARY");
  addJumps({ filter, nat }, family);
  addServices({ filter, nat }, job);
  addFilters(filter, job);
  addMasquerading(nat);
  return { family, tables: [mangle.finish(), filter.finish(), nat.finish()] };
}
function addJumps({ filter, nat }, family) {
  for (const name of ["SERVICES", "POSTROUTING", "NODE-PORT", "LOAD-BALANCER", "MARK-MASQ"]) nat.chain(`KUBE-${name}`);
  for (const name of [
    "FORWARD",
    "NODE-PORT",
    "PROXY-FIREWALL",
    "SOURCE-RANGES-FIREWALL",
    "IPVS-FILTER",
    "IPVS-OUT-FILTER"
  ])
    filter.chain(`KUBE-${name}`);
  const to = (chain2, text4) => ({ matches: [comment(text4)], target: jump(chain2) });
  const martians = () => family === 4 ? [{ matches: [], target: jump("KUBE-FIREWALL") }] : [];
  filter.chain("INPUT").push(
    ...martians(),
    to("KUBE-IPVS-FILTER", "kubernetes ipvs access filter"),
    to("KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"),
    to("KUBE-NODE-PORT", "kubernetes health check rules")
  );
  filter.chain("FORWARD").push(to("KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"), to("KUBE-FORWARD", "kubernetes forwarding rules"));
  filter.chain("OUTPUT").push(...martians(), to("KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"));
  for (const hook of ["PREROUTING", "OUTPUT"]) nat.chain(hook).push(to("KUBE-SERVICES", "kubernetes service portals"));
  nat.chain("POSTROUTING").push(to("KUBE-POSTROUTING", "kubernetes postrouting rules"));
  if (family === 6) return;
  const loopback2 = { ip: 2130706432, length: 8 };
  filter.chain("KUBE-FIREWALL").push({
    source: { prefix: loopback2, not: true },
    destination: { prefix: loopback2, not: false },
    matches: [comment("block incoming localnet connections"), states.unsolicited],
    target: { kind: "DROP" }
  });
}
function inSet2(sets, set, directions = "dst,dst") {
  return { kind: "set", name: sets.name(set), directions };
}
function addServices({ filter, nat }, { family, clusterCidr, sets }) {
  const services2 = nat.chain("KUBE-SERVICES");
  const loopback2 = family === 4 ? { ip: 2130706432, length: 8 } : parsePrefix("::1/128");
  if (loopback2) services2.push({ source: { prefix: loopback2, not: false }, matches: [], target: RETURN });
  for (const { set, table: table3, from, to, directions, protocol: protocol4 } of setRules) {
    if (sets.isEmpty(set)) continue;
    const matches4 = [comment(sets.comment(set)), inSet2(sets, set, directions)];
    const target = to === "RETURN" ? RETURN : to === "MASQUERADE" ? { kind: "MASQUERADE", random: false } : jump(to);
    (table3 === "filter" ? filter : nat).chain(from).push({ ...protocol4 ? { protocol: protocol4 } : {}, matches: matches4, target });
  }
  const outside = clusterCidr && address(clusterCidr, true);
  const mark = jump("KUBE-MARK-MASQ");
  const said = (set) => [comment(sets.comment(set)), inSet2(sets, set)];
  if (clusterCidr && !sets.isEmpty("CLUSTER-IP"))
    services2.push({ ...outside ? { source: outside } : {}, matches: said("CLUSTER-IP"), target: mark });
  for (const set of ["EXTERNAL-IP", "EXTERNAL-IP-LOCAL"]) {
    if (sets.isEmpty(set)) continue;
    if (set === "EXTERNAL-IP") services2.push({ matches: said(set), target: mark });
    const offMachine = [{ kind: "not-bridged" }, { kind: "local", side: "src", not: true }];
    services2.push(
      { matches: [...said(set), ...offMachine], target: ACCEPT },
      { matches: [...said(set), { kind: "local", side: "dst" }], target: ACCEPT }
    );
  }
  services2.push({ matches: [{ kind: "local", side: "dst" }], target: jump("KUBE-NODE-PORT") });
  nat.chain("KUBE-LOAD-BALANCER").push({ matches: [], target: mark });
  for (const set of ["CLUSTER-IP", "LOAD-BALANCER"])
    if (!sets.isEmpty(set)) services2.push({ matches: [inSet2(sets, set)], target: ACCEPT });
}
function addFilters(filter, { sets, closed }) {
  filter.chain("KUBE-SOURCE-RANGES-FIREWALL").push({ matches: [], target: { kind: "DROP" } });
  for (const { ip, protocol: protocol4, port: port5 } of closed)
    filter.chain("KUBE-IPVS-OUT-FILTER").push({
      source: { prefix: { ip, length: ipBits(ip) }, not: false },
      matches: [{ kind: "ipvs", ip, protocol: protocol4, port: port5 }],
      target: { kind: "DROP" }
    });
  const mark = { kind: "mark", not: false, value: MASQUERADE_MARK, mask: MASQUERADE_MARK };
  filter.chain("KUBE-FORWARD").push(
    { matches: [comment("kubernetes forwarding rules"), mark], target: ACCEPT },
    { matches: [comment("kubernetes forwarding conntrack rule"), states.established], target: ACCEPT }
  );
  const health = inSet2(sets, "HEALTH-CHECK-NODE-PORT", "dst");
  filter.chain("KUBE-NODE-PORT").push({ matches: [comment(sets.comment("HEALTH-CHECK-NODE-PORT")), health], target: ACCEPT });
  const access = filter.chain("KUBE-IPVS-FILTER");
  for (const set of ["LOAD-BALANCER", "CLUSTER-IP", "EXTERNAL-IP", "EXTERNAL-IP-LOCAL"])
    access.push({ matches: [inSet2(sets, set)], target: RETURN });
  access.push(
    { matches: [inSet2(sets, "HEALTH-CHECK-NODE-PORT", "dst")], target: RETURN },
    { matches: [states.new, inSet2(sets, "IPVS-IPS", "dst")], target: { kind: "REJECT" } }
  );
}
function addMasquerading(nat) {
  const value = MASQUERADE_MARK;
  nat.chain("KUBE-POSTROUTING").push(
    { matches: [{ kind: "mark", not: true, value, mask: value }], target: RETURN },
    { matches: [], target: { kind: "MARK", value, mask: 0 } },
    { matches: [comment("kubernetes service traffic requiring SNAT")], target: { kind: "MASQUERADE" } }
  );
  nat.chain("KUBE-MARK-MASQ").push({ matches: [], target: { kind: "MARK", value, mask: value } });
}

// src/control/kube-proxy/ipvs/state.ts
function ipvsFamilies(cluster, node2) {
  const families = [4, 6].filter((family) => cluster.podCidrs.some(({ ip }) => isIp4(ip) === (family === 4)));
  return families.map((family) => build(cluster, node2, family));
}
function build(cluster, node2, family) {
  const ofFamily = (ip) => isIp4(ip) === (family === 4);
  const sets = buildSets(family);
  const job = {
    cluster,
    node: node2,
    nodeIp: node2.ips.find(ofFamily),
    sets,
    servers: /* @__PURE__ */ new Map(),
    addresses: /* @__PURE__ */ new Set(),
    closed: []
  };
  for (const service2 of cluster.services) for (const port5 of service2.ports) addPort(job, family, service2, port5);
  for (const ip of job.addresses) sets.add("IPVS-IPS", { ip, protocol: 0, port: 0, other: 0 });
  const addresses3 = [...job.addresses].sort(compareIp);
  const clusterCidr = cluster.podCidrs.find(({ ip }) => ofFamily(ip));
  return {
    state: { family, servers: job.servers, sets: sets.sets, addresses: addresses3 },
    ruleset: ipvsRules({ family, clusterCidr, sets, closed: job.closed })
  };
}
function addPort(job, family, service2, port5) {
  const facts = portFacts(service2, port5, family, job.node, () => "");
  if (!facts) return;
  const { sets, node: node2 } = job;
  const protocol4 = protocolNumber(facts.protocol);
  for (const { ip, port: number2, nodeName } of portBackends(service2, port5, family))
    if (nodeName === node2.name) sets.add("LOOP-BACK", { ip, protocol: protocol4, port: number2, other: ip });
  const subject = (ip) => ({ ip, protocol: protocol4, port: port5.port, other: ip });
  sets.add("CLUSTER-IP", subject(facts.clusterIp));
  serve(job, facts, facts.clusterIp, port5.port, facts.intLocal, true);
  for (const ip of facts.externalIps) {
    sets.add(facts.extLocal ? "EXTERNAL-IP-LOCAL" : "EXTERNAL-IP", subject(ip));
    serve(job, facts, ip, port5.port, facts.extLocal, true);
  }
  for (const ip of facts.loadBalancerIps) {
    sets.add("LOAD-BALANCER", subject(ip));
    if (facts.extLocal) sets.add("LOAD-BALANCER-LOCAL", subject(ip));
    if (facts.ranges.length > 0) firewall(job, facts, ip);
    serve(job, facts, ip, port5.port, facts.extLocal, true);
  }
  if (port5.nodePort !== void 0) addNodePort(job, facts, port5.nodePort);
  const health = service2.healthCheckNodePort;
  if (health !== void 0) sets.add("HEALTH-CHECK-NODE-PORT", { ip: 0, protocol: 6, port: health, other: 0 });
}
function serve(job, facts, ip, port5, local2, bind) {
  const { cluster, servers, addresses: addresses3, node: node2 } = job;
  const { endpoints: endpoints2, protocol: protocol4, service: service2 } = facts;
  const among = local2 && endpoints2.local.length > 0 ? endpoints2.local : endpoints2.cluster;
  const reals = among.map(({ backend: backend2 }) => ({ ip: backend2.ip, port: backend2.port, weight: 1 }));
  const { scheduler } = cluster.kubeProxy;
  const persistent = service2.sessionAffinity?.clientIpTimeout;
  servers.set(serverKey(ip, protocolNumber(protocol4), port5), { ip, port: port5, protocol: protocol4, scheduler, persistent, reals });
  if (bind && !node2.ips.includes(ip)) addresses3.add(ip);
}
function firewall({ sets, nodeIp, closed }, { ranges, protocol: protocol4, port: port5 }, ip) {
  const subject = { ip, protocol: protocolNumber(protocol4), port: port5.port, other: ip };
  sets.add("LOAD-BALANCER-FW", subject);
  for (const range of ranges) sets.add("LOAD-BALANCER-SOURCE-CIDR", subject, range);
  if (nodeIp !== void 0 && ranges.some((range) => prefixContains(range, nodeIp)))
    sets.add("LOAD-BALANCER-SOURCE-IP", subject);
  else closed.push({ ip, protocol: protocol4, port: port5.port });
}
function addNodePort(job, facts, nodePort2) {
  const { sets, nodeIp } = job;
  if (nodeIp === void 0) return;
  const { protocol: protocol4, extLocal } = facts;
  const subject = { ip: nodeIp, protocol: protocolNumber(protocol4), port: nodePort2, other: nodeIp };
  const ids = {
    tcp: ["NODE-PORT-TCP", "NODE-PORT-LOCAL-TCP"],
    udp: ["NODE-PORT-UDP", "NODE-PORT-LOCAL-UDP"],
    sctp: ["NODE-PORT-SCTP-HASH", "NODE-PORT-LOCAL-SCTP-HASH"]
  };
  const [all, local2] = ids[protocol4];
  sets.add(all, subject);
  if (extLocal) sets.add(local2, subject);
  serve(job, facts, nodeIp, nodePort2, extLocal, false);
}

// src/control/kube-proxy/nft/rules.ts
init_addr();

// src/control/kube-proxy/nft/builder.ts
init_model2();
function buildNftTable(family, handle2, skipped) {
  let next = skipped + 1;
  const chains = /* @__PURE__ */ new Map();
  const sets = /* @__PURE__ */ new Map();
  return {
    chain(name, what = {}) {
      if (!chains.has(name)) chains.set(name, { chain: { name, handle: next++, ...what }, rules: [] });
    },
    set(name, what) {
      if (!sets.has(name)) sets.set(name, { name, handle: next++, ...what, elements: /* @__PURE__ */ new Map() });
    },
    element(set, element) {
      sets.get(set)?.elements.set(elementKey(element), element);
    },
    rule(chain2, parts, comment2) {
      next += parts.filter(hasAnonymousSet).length;
      chains.get(chain2)?.rules.push({ handle: next++, parts, ...comment2 === void 0 ? {} : { comment: comment2 } });
    },
    finish() {
      const finished = [...chains].map(([name, { chain: chain2, rules }]) => [name, { ...chain2, rules }]);
      return { family, name: "kube-proxy", comment: "rules for kube-proxy", handle: handle2, sets, chains: new Map(finished) };
    }
  };
}
function hasAnonymousSet(part) {
  return part.kind === "random" || part.kind === "address" && part.prefixes.length > 1;
}

// src/control/kube-proxy/nft/service.ts
init_addr();

// src/control/kube-proxy/nft/names.ts
var LONGEST = 256 - 16;
function hashed(name) {
  const text4 = `${hashName("", name).slice(0, 8)}-${name}`;
  return text4.length > LONGEST ? `${text4.slice(0, LONGEST - 3)}...` : text4;
}
function servicePath(namespace, name, protocol4, port5) {
  return `${namespace}/${name}/${protocol4}/${port5 ?? ""}`;
}
function nftServiceChains(namespace, name, protocol4, port5) {
  const base = hashed(servicePath(namespace, name, protocol4, port5));
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`
  };
}
function nftEndpointBase(namespace, name, protocol4, port5, endpoint) {
  const colon = endpoint.lastIndexOf(":");
  const ip = endpoint.slice(0, colon).replaceAll(/[[\]]/g, "").replaceAll(":", ".");
  return hashed(`${servicePath(namespace, name, protocol4, port5)}__${ip}/${endpoint.slice(colon + 1)}`);
}

// src/control/kube-proxy/nft/service.ts
var MARK = { kind: "jump", chain: "mark-for-masquerade" };
function goTo(chain2) {
  return { kind: "goto", chain: chain2 };
}
function host2(ip) {
  return { ip, length: ipBits(ip) };
}
function addNftPort(context, service2, port5) {
  const { namespace, name } = service2;
  const facts = portFacts(
    service2,
    port5,
    context.family,
    context.node,
    (_, protocol4, endpoint) => nftEndpointBase(namespace, name, protocol4, port5.name, endpoint)
  );
  if (!facts) return;
  const { endpoints: endpoints2 } = facts;
  const job = {
    ...facts,
    context,
    chains: nftServiceChains(namespace, name, facts.protocol, port5.name),
    usesExternal: endpoints2.any && isExternal(service2, port5),
    usesFirewall: facts.loadBalancerIps.length > 0 && facts.ranges.length > 0
  };
  addChains(job);
  captureClusterIp2(job);
  captureExternal2(job);
  captureNodePort2(job);
  if (job.hasInternal) masqueradeOutsiders2(job);
  if (job.usesExternal) externalRules(job);
  if (job.usesFirewall) firewallRule(job);
  if (service2.sessionAffinity) for (const endpoint of endpoints2.reachable) affinitySet(job, endpoint);
  if (endpoints2.cluster.length > 0) balance2(job, job.chains.cluster, endpoints2.cluster);
  if (endpoints2.local.length > 0) balance2(job, job.chains.local, endpoints2.local);
  for (const endpoint of endpoints2.reachable) endpointRules2(job, endpoint);
}
function addChains({ context: { table: table3 }, chains, endpoints: endpoints2, usesExternal, usesFirewall }) {
  for (const { chain: chain2 } of endpoints2.reachable) table3.chain(`endpoint-${chain2}`);
  if (endpoints2.cluster.length > 0) table3.chain(chains.cluster);
  if (endpoints2.local.length > 0) table3.chain(chains.local);
  if (usesExternal) table3.chain(chains.external);
  if (usesFirewall) table3.chain(chains.firewall);
}
function unserved2({ endpoints: endpoints2, name }) {
  return { verdict: endpoints2.any ? { kind: "drop" } : goTo("reject-chain"), comment: name };
}
function captureClusterIp2(job) {
  const { context, clusterIp: ip, port: port5, protocol: protocol4, chains, intLocal } = job;
  const { table: table3 } = context;
  const key = { ip, protocol: protocol4, port: port5.port };
  table3.element("cluster-ips", { ip });
  if (job.hasInternal) table3.element("service-ips", { ...key, verdict: goTo(intLocal ? chains.local : chains.cluster) });
  else table3.element("no-endpoint-services", { ...key, ...unserved2(job) });
}
function captureExternal2(job) {
  const { context, port: port5, protocol: protocol4, chains, endpoints: endpoints2, externalIps, loadBalancerIps } = job;
  const { table: table3 } = context;
  for (const ip of [...externalIps, ...loadBalancerIps]) {
    const key = { ip, protocol: protocol4, port: port5.port };
    if (endpoints2.any) table3.element("service-ips", { ...key, verdict: goTo(chains.external) });
    if (!job.hasExternal) table3.element("no-endpoint-services", { ...key, ...unserved2(job) });
  }
  if (job.usesFirewall)
    for (const ip of loadBalancerIps)
      table3.element("firewall-ips", { ip, protocol: protocol4, port: port5.port, verdict: goTo(chains.firewall) });
}
function captureNodePort2(job) {
  const { context, port: port5, protocol: protocol4, chains, endpoints: endpoints2 } = job;
  if (port5.nodePort === void 0) return;
  const key = { protocol: protocol4, port: port5.nodePort };
  if (endpoints2.any) context.table.element("service-nodeports", { ...key, verdict: goTo(chains.external) });
  if (!job.hasExternal) context.table.element("no-endpoint-nodeports", { ...key, ...unserved2(job) });
}
function masqueradeOutsiders2({ context, clusterIp, port: port5, protocol: protocol4, chains, intLocal }) {
  const { table: table3, clusterCidr } = context;
  if (!clusterCidr) return;
  table3.rule(intLocal ? chains.local : chains.cluster, [
    { kind: "address", side: "daddr", not: false, prefixes: [host2(clusterIp)] },
    { kind: "dport", protocol: protocol4, port: port5.port },
    { kind: "address", side: "saddr", not: true, prefixes: [clusterCidr] },
    MARK
  ]);
}
function externalRules({ context, chains, extLocal, hasExternal }) {
  const { table: table3, clusterCidr } = context;
  const add = (parts, comment2) => table3.rule(chains.external, parts, comment2);
  if (!extLocal) add([MARK]);
  else {
    const own = { kind: "local", side: "saddr" };
    const fromPods = clusterCidr && {
      kind: "address",
      side: "saddr",
      not: false,
      prefixes: [clusterCidr]
    };
    if (fromPods) add([fromPods, goTo(chains.cluster)], "short-circuit pod traffic");
    add([own, MARK], "masquerade local traffic");
    add([own, goTo(chains.cluster)], "short-circuit local traffic");
  }
  if (hasExternal) add([goTo(extLocal ? chains.local : chains.cluster)]);
}
function firewallRule({ context, chains, ranges, loadBalancerIps }) {
  const { table: table3, nodeIp } = context;
  const node2 = nodeIp !== void 0 && ranges.some((range) => prefixContains(range, nodeIp));
  const prefixes3 = node2 ? [...ranges, ...loadBalancerIps.map(host2)] : ranges;
  table3.rule(chains.firewall, [{ kind: "address", side: "saddr", not: true, prefixes: prefixes3 }, { kind: "drop" }]);
}
function affinitySet({ context, service: service2 }, { chain: chain2 }) {
  const timeout = service2.sessionAffinity?.clientIpTimeout ?? 0;
  context.table.set(`affinity-${chain2}`, { key: "address", verdicts: false, timeout });
}
function balance2({ context, service: service2 }, chain2, endpoints2) {
  const ways = endpoints2.map((endpoint) => `endpoint-${endpoint.chain}`);
  if (service2.sessionAffinity)
    for (const endpoint of endpoints2) {
      const set = `affinity-${endpoint.chain}`;
      context.table.rule(chain2, [{ kind: "in-set", side: "saddr", set }, goTo(`endpoint-${endpoint.chain}`)]);
    }
  context.table.rule(chain2, [{ kind: "random", chains: ways }]);
}
function endpointRules2({ context, service: service2, protocol: protocol4 }, { chain: chain2, backend: backend2 }) {
  const name = `endpoint-${chain2}`;
  const { ip, port: port5 } = backend2;
  context.table.rule(name, [{ kind: "address", side: "saddr", not: false, prefixes: [host2(ip)] }, MARK]);
  if (service2.sessionAffinity) context.table.rule(name, [{ kind: "update", set: `affinity-${chain2}` }]);
  context.table.rule(name, [{ kind: "dnat", protocol: protocol4, ip, port: port5 }]);
}

// src/control/kube-proxy/nft/rules.ts
var bases = [
  ["filter-prerouting", { type: "filter", hook: "prerouting", priority: -110 }],
  ["filter-input", { type: "filter", hook: "input", priority: -110 }],
  ["filter-forward", { type: "filter", hook: "forward", priority: -110 }],
  ["filter-output", { type: "filter", hook: "output", priority: -110 }],
  ["filter-output-post-dnat", { type: "filter", hook: "output", priority: -90 }],
  ["nat-prerouting", { type: "nat", hook: "prerouting", priority: -100 }],
  ["nat-output", { type: "nat", hook: "output", priority: -100 }],
  ["nat-postrouting", { type: "nat", hook: "postrouting", priority: 100 }]
];
var jumps = [
  ["nodeport-endpoints-check", "filter-input", true],
  ["service-endpoints-check", "filter-input", true],
  ["service-endpoints-check", "filter-forward", true],
  ["service-endpoints-check", "filter-output", true],
  ["firewall-check", "filter-prerouting", true],
  ["firewall-check", "filter-output", true],
  ["services", "nat-output", false],
  ["services", "nat-prerouting", false],
  ["masquerading", "nat-postrouting", false],
  ["cluster-ips-check", "filter-forward", true],
  ["cluster-ips-check", "filter-output-post-dnat", true]
];
function nftTables(cluster, node2) {
  const families = [4, 6].filter((family) => cluster.podCidrs.some(({ ip }) => isIp4(ip) === (family === 4)));
  return families.map((family, i) => build2(cluster, node2, family, i + 1));
}
function build2(cluster, node2, family, handle2) {
  const ofFamily = ({ ip }) => isIp4(ip) === (family === 4);
  const table3 = buildNftTable(family, handle2, bases.length);
  const nodeIp = node2.ips.find((ip) => ofFamily({ ip }));
  addFixed(table3);
  addSets(table3, cluster, ofFamily);
  if (nodeIp !== void 0) table3.element("nodeport-ips", { ip: nodeIp });
  const clusterCidr = cluster.podCidrs.find(ofFamily);
  const context = { family, node: node2, nodeIp, clusterCidr, table: table3 };
  for (const service2 of cluster.services) for (const port5 of service2.ports) addNftPort(context, service2, port5);
  return table3.finish();
}
function addFixed(table3) {
  for (const [name, base] of bases) table3.chain(name, { base });
  for (const [to, from, fresh] of jumps) {
    table3.chain(to);
    table3.rule(from, [...fresh ? [{ kind: "ct-new" }] : [], { kind: "jump", chain: to }]);
  }
  table3.chain("mark-for-masquerade");
  const mark = MASQUERADE_MARK;
  table3.rule("mark-for-masquerade", [{ kind: "mark", operator: "|", mark }]);
  table3.rule("masquerading", [{ kind: "unmarked", mark }, { kind: "return" }]);
  table3.rule("masquerading", [{ kind: "mark", operator: "^", mark }]);
  table3.rule("masquerading", [{ kind: "masquerade" }]);
}
function addSets(table3, cluster, ofFamily) {
  const set = (name, comment2) => table3.set(name, { key: "address", verdicts: false, comment: comment2 });
  const map2 = (name, key, comment2) => table3.set(name, { key, verdicts: true, comment: comment2 });
  set("cluster-ips", "Active ClusterIPs");
  table3.rule(
    "cluster-ips-check",
    [{ kind: "in-set", side: "daddr", set: "cluster-ips" }, { kind: "reject" }],
    "Reject traffic to invalid ports of ClusterIPs"
  );
  const prefixes3 = cluster.serviceCidrs.filter(ofFamily);
  if (prefixes3.length > 0)
    table3.rule(
      "cluster-ips-check",
      [{ kind: "address", side: "daddr", not: false, prefixes: prefixes3 }, { kind: "drop" }],
      "Drop traffic to unallocated ClusterIPs"
    );
  set("nodeport-ips", "IPs that accept NodePort traffic");
  map2("no-endpoint-services", "service", "vmap to drop or reject packets to services with no endpoints");
  map2("no-endpoint-nodeports", "port", "vmap to drop or reject packets to service nodeports with no endpoints");
  table3.chain("reject-chain", { comment: "helper for @no-endpoint-services / @no-endpoint-nodeports" });
  table3.rule("reject-chain", [{ kind: "reject" }]);
  const toNodePort = { kind: "in-set", side: "daddr", set: "nodeport-ips" };
  table3.rule("service-endpoints-check", [{ kind: "vmap", key: "service", map: "no-endpoint-services" }]);
  table3.rule("nodeport-endpoints-check", [toNodePort, { kind: "vmap", key: "port", map: "no-endpoint-nodeports" }]);
  map2("firewall-ips", "service", "destinations that are subject to LoadBalancerSourceRanges");
  table3.rule("firewall-check", [{ kind: "vmap", key: "service", map: "firewall-ips" }]);
  map2("service-ips", "service", "ClusterIP, ExternalIP and LoadBalancer IP traffic");
  map2("service-nodeports", "port", "NodePort traffic");
  table3.rule("services", [{ kind: "vmap", key: "service", map: "service-ips" }]);
  table3.rule("services", [toNodePort, { kind: "vmap", key: "port", map: "service-nodeports" }]);
}

// src/control/kube-proxy/rules.ts
var LARGE2 = 1e3;
var NOTHING = { rulesets: [], nftables: [], ipvs: [] };
function createKubeProxyRules(cluster) {
  const { mode } = cluster.kubeProxy;
  const plain4 = cluster.dataplane !== "cilium" || !cluster.cilium.kubeProxyReplacement;
  if (!plain4) return () => NOTHING;
  if (mode === "nftables") return (node2) => ({ ...NOTHING, nftables: nftTables(cluster, node2) });
  if (mode === "ipvs") return (node2) => ipvsState(ipvsFamilies(cluster, node2));
  const families = [4, 6].filter((family) => cluster.podCidrs.some(({ ip }) => isIp4(ip) === (family === 4)));
  let shared;
  const own = cluster.services.some(
    (s2) => heedsTopology(s2) || s2.internalTrafficPolicy === "Local" || s2.externalTrafficPolicy === "Local" || s2.sourceRanges.length > 0
  );
  const make = (node2) => ({ ...NOTHING, rulesets: families.map((family) => build3(cluster, node2, family)) });
  return (node2) => {
    if (own) return make(node2);
    shared ??= make(node2);
    return shared;
  };
}
function ipvsState(families) {
  return { ...NOTHING, rulesets: families.map(({ ruleset }) => ruleset), ipvs: families.map(({ state: state2 }) => state2) };
}
function build3(cluster, node2, family) {
  const tables2 = { mangle: buildTable("mangle"), filter: buildTable("filter"), nat: buildTable("nat") };
  const { filter, nat } = tables2;
  addFixed2(tables2, family);
  const ofFamily = ({ ip }) => isIp4(ip) === (family === 4);
  const ports = cluster.services.flatMap((service2) => service2.ports.map((port5) => ({ service: service2, port: port5 })));
  const endpoints2 = ports.reduce((sum, { service: service2, port: port5 }) => sum + portBackends(service2, port5, family).length, 0);
  const context = {
    family,
    node: node2,
    nodeIp: node2.ips.find((ip) => ofFamily({ ip })),
    clusterCidr: cluster.podCidrs.find(ofFamily),
    large: endpoints2 > LARGE2,
    nat,
    filter
  };
  for (const { service: service2, port: port5 } of ports) addServicePort(context, service2, port5);
  addLast(tables2, family);
  return { family, tables: [tables2.mangle.finish(), filter.finish(), nat.finish()] };
}
function addFixed2({ mangle, filter, nat }, family) {
  for (const table3 of [mangle, filter, nat]) {
    table3.chain("KUBE-KUBELET-CANARY");
    table3.chain("KUBE-PROXY-CANARY");
  }
  for (const name of ["EXTERNAL-SERVICES", "FORWARD", "NODEPORTS", "PROXY-FIREWALL", "SERVICES"])
    filter.chain(`KUBE-${name}`);
  for (const name of ["KUBE-NODEPORTS", "KUBE-SERVICES"]) nat.chain(name);
  const to = (chain2, text4, ...before) => ({
    matches: [...before, comment(text4)],
    target: jump(chain2)
  });
  const martians = () => family === 4 ? [{ matches: [], target: jump("KUBE-FIREWALL") }] : [];
  const firewall2 = () => to("KUBE-PROXY-FIREWALL", "kubernetes load balancer firewall", states.new);
  const external = () => to("KUBE-EXTERNAL-SERVICES", "kubernetes externally-visible service portals", states.new);
  const portals = () => to("KUBE-SERVICES", "kubernetes service portals", states.new);
  const health = to("KUBE-NODEPORTS", "kubernetes health check service ports");
  const forwarding = to("KUBE-FORWARD", "kubernetes forwarding rules");
  filter.chain("INPUT").push(...martians(), firewall2(), health, external());
  filter.chain("FORWARD").push(firewall2(), forwarding, portals(), external());
  filter.chain("OUTPUT").push(...martians(), firewall2(), portals());
  for (const hook of ["PREROUTING", "OUTPUT"]) nat.chain(hook).push(to("KUBE-SERVICES", "kubernetes service portals"));
  nat.chain("POSTROUTING").push(to("KUBE-POSTROUTING", "kubernetes postrouting rules"));
  addForwarding(filter, family);
  addMasquerading2(nat);
}
function addForwarding(filter, family) {
  const mark = { kind: "mark", not: false, value: MASQUERADE_MARK, mask: MASQUERADE_MARK };
  filter.chain("KUBE-FORWARD").push(
    { matches: [states.invalid], target: { kind: "DROP" } },
    { matches: [comment("kubernetes forwarding rules"), mark], target: { kind: "ACCEPT" } },
    { matches: [comment("kubernetes forwarding conntrack rule"), states.established], target: { kind: "ACCEPT" } }
  );
  if (family === 6) return;
  const loopback2 = parsePrefix("127.0.0.0/8");
  filter.chain("KUBE-FIREWALL").push({
    source: address(loopback2, true),
    destination: address(loopback2),
    matches: [comment("block incoming localnet connections"), states.unsolicited],
    target: { kind: "DROP" }
  });
}
function addMasquerading2(nat) {
  const value = MASQUERADE_MARK;
  nat.chain("KUBE-MARK-MASQ").push({ matches: [], target: { kind: "MARK", value, mask: value } });
  nat.chain("KUBE-POSTROUTING").push(
    { matches: [{ kind: "mark", not: true, value, mask: value }], target: { kind: "RETURN" } },
    { matches: [], target: { kind: "MARK", value, mask: 0 } },
    { matches: [comment("kubernetes service traffic requiring SNAT")], target: { kind: "MASQUERADE" } }
  );
}
function addLast({ nat }, family) {
  const text4 = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
  const loopback6 = address(parsePrefix("::1/128"), true);
  nat.chain("KUBE-SERVICES").push({
    ...family === 6 ? { destination: loopback6 } : {},
    matches: [comment(text4), { kind: "local", side: "dst" }],
    target: jump("KUBE-NODEPORTS")
  });
}

// src/control/netns.ts
init_addr();
init_devices();
init_lpm();
init_route();
init_routes();
var PROXY_GATEWAY4 = 2851995905;
var PROXY_GATEWAY6 = parseIp6("fe80::1");
var PROXY = { mark: 512, mask: 3840, table: 2004, priority: 9 };
var LOCAL_RULE_PRIORITY = 100;
function nodeDevices(cluster, node2, pods2, healthEndpointId, served2) {
  const base = baseDevices(cluster, node2, served2);
  let next = base.at(-1).ifindex + 1;
  const take = () => (next += 2) - 2;
  const health = healthEndpointId === void 0 ? void 0 : healthDevice(node2, take(), healthEndpointId);
  const firstId = health ? 1 : 0;
  return { base, health, pods: pods2.map((pod2, i) => ({ pod: pod2, veth: podVeth(node2, pod2, take(), firstId + i) })) };
}
function hostNetns(cluster, node2, { base, health, pods: pods2 }) {
  const devices = [...base, ...health ? [health] : [], ...pods2.map(({ veth }) => veth.lxc)];
  const near2 = [
    ...devices.flatMap((device) => addressRoutes(device, cluster.cilium.enableIpv6)),
    ...uplinkRoutes(cluster, node2),
    ...cluster.dataplane === "cilium" ? ciliumRoutes(cluster, node2) : [],
    ...endpointRoutes(cluster, node2, pods2, health)
  ];
  const toPeer = peerRoutes(cluster, node2);
  let tables2;
  let routes;
  let neighbours;
  return {
    devices,
    rules: hostRules(cluster),
    learnt: true,
    longest(table3, ip) {
      tables2 ??= routeTablesOf(near2);
      const found2 = tables2.get(table3)?.lookup(ip);
      if (table3 !== routeTables.main) return found2;
      const far = longestToPeer(cluster, node2, toPeer, ip);
      if (!found2 || !far) return found2 ?? far;
      const [a2, b2] = [lengthOf(found2), lengthOf(far)];
      return a2 === b2 ? [...found2, ...far] : a2 > b2 ? found2 : far;
    },
    // One entry for each other node, so only where somebody asks.
    get routes() {
      routes ??= sortRoutes([
        ...near2,
        ...cluster.nodes.flatMap((peer2) => peer2 === node2 ? [] : peer2.podCidrs.flatMap((cidr) => toPeer(peer2, cidr)))
      ]);
      return routes;
    },
    get neighbours() {
      neighbours ??= hostNeighbours(cluster, node2, pods2);
      return neighbours;
    }
  };
}
function uplinkRoutes({ underlay: underlay2 }, node2) {
  return underlay2.gateways.flatMap(({ ip }) => {
    const source = node2.ips.find((own) => isIp4(own) === isIp4(ip));
    if (source === void 0) return [];
    const all = { ip: isIp4(ip) ? 0 : "\0\0\0\0\0\0\0\0", length: 0 };
    const fields = { via: ip, dev: "eth0", metric: 100 };
    return isIp4(ip) ? [unicast(all, { ...fields, protocol: "dhcp", source })] : [unicast(all, { ...fields, protocol: "ra" })];
  });
}
function routeMtu(config, node2) {
  return node2.mtu - config.tunnelOverhead;
}
function ciliumRoutes(cluster, node2) {
  const { cilium: config } = cluster;
  const routes = [];
  const kernel = { protocol: "kernel" };
  const routerOf = (ip) => node2.routerIps.find((router) => isIp4(router) === isIp4(ip));
  for (const router of node2.routerIps)
    if (isIp4(router)) routes.push(unicast(router, { ...kernel, dev: "cilium_host", scope: "link" }));
  if (config.localNodeRoute)
    for (const cidr of node2.podCidrs) routes.push(...viaHost(cidr, routerOf(cidr.ip), void 0));
  const all4 = { ip: 0, length: 0 };
  const all6 = { ip: "\0\0\0\0\0\0\0\0", length: 0 };
  const toProxy = { ...kernel, type: "local", dev: "lo", table: PROXY.table };
  if (config.enableIpv4) routes.push(unicast(all4, { ...toProxy, scope: "host" }));
  if (config.enableIpv6) routes.push(unicast(all6, { ...toProxy, scope: "global" }));
  return routes;
}
function viaHost(cidr, router, mtu2) {
  if (router === void 0) return [];
  const gateway2 = isIp4(router) ? { via: router } : {};
  const fields = { ...gateway2, dev: "cilium_host", protocol: "kernel", source: router };
  return [unicast(cidr, mtu2 === void 0 ? fields : { ...fields, mtu: mtu2 })];
}
function viaNode(node2, peer2, cidr, protocol4) {
  const gateway2 = peer2.ips.find((ip) => isIp4(ip) === isIp4(cidr.ip));
  if (gateway2 === void 0 || !onLink(node2, gateway2)) return [];
  return [unicast(cidr, { via: gateway2, dev: "eth0", protocol: protocol4 })];
}
function onLink(node2, ip) {
  return node2.subnets.some((subnet) => prefixContains(subnet, ip));
}
function peerRoutes(cluster, node2) {
  const { cilium: config, underlay: underlay2 } = cluster;
  if (cluster.dataplane !== "cilium")
    return (peer2, cidr) => underlay2.routesPodCidrs ? [] : viaNode(node2, peer2, cidr, "static");
  const routerOf = (ip) => node2.routerIps.find((router) => isIp4(router) === isIp4(ip));
  if (config.routingMode === "tunnel") return (_peer, cidr) => viaHost(cidr, routerOf(cidr.ip), routeMtu(config, node2));
  return (peer2, cidr) => config.autoDirectNodeRoutes ? viaNode(node2, peer2, cidr, "kernel") : [];
}
var cidrOwners = /* @__PURE__ */ new WeakMap();
function ownersOf3(cluster) {
  let owners = cidrOwners.get(cluster);
  if (owners) return owners;
  cidrOwners.set(cluster, owners = createLpm());
  for (const node2 of cluster.nodes)
    for (const prefix of node2.podCidrs) {
      const same = owners.get(prefix);
      if (same) same.nodes.push(node2);
      else owners.insert(prefix, { prefix, nodes: [node2] });
    }
  return owners;
}
function longestToPeer(cluster, node2, toPeer, ip) {
  const owners = ownersOf3(cluster);
  for (let found2 = owners.lookup(ip); found2; found2 = owners.lookupShorter(ip, found2.prefix.length)) {
    const { prefix, nodes: nodes2 } = found2;
    const routes = nodes2.flatMap((peer2) => peer2 === node2 ? [] : toPeer(peer2, prefix));
    if (routes.length > 0) return routes;
  }
  return void 0;
}
function lengthOf([route]) {
  return route?.to?.length ?? 0;
}
function endpointRoutes(cluster, node2, pods2, health) {
  const cilium = cluster.dataplane === "cilium";
  if (cilium && !cluster.cilium.endpointRoutes) return [];
  const protocol4 = cilium ? "kernel" : "static";
  const routes = pods2.flatMap(
    ({ pod: pod2, veth }) => pod2.ips.map((ip) => unicast(ip, { dev: veth.lxc.name, protocol: protocol4, scope: isIp4(ip) ? "link" : "global" }))
  );
  if (health)
    for (const ip of node2.healthIps)
      routes.push(unicast(ip, { dev: health.name, protocol: protocol4, scope: isIp4(ip) ? "link" : "global" }));
  return routes;
}
var standardRules = [
  { priority: 0, family: 4, table: routeTables.local },
  { priority: 32766, family: 4, table: routeTables.main },
  { priority: 32767, family: 4, table: routeTables.default },
  { priority: 0, family: 6, table: routeTables.local },
  { priority: 32766, family: 6, table: routeTables.main }
];
function hostRules(cluster) {
  if (cluster.dataplane !== "cilium") return [...standardRules];
  const { enableIpv4, enableIpv6 } = cluster.cilium;
  const rules = standardRules.map(
    (rule) => rule.priority === 0 && (rule.family === 4 ? enableIpv4 : enableIpv6) ? { ...rule, priority: LOCAL_RULE_PRIORITY } : rule
  );
  for (const family of [4, 6])
    if (family === 4 ? enableIpv4 : enableIpv6)
      rules.push({ priority: PROXY.priority, family, fwmark: PROXY.mark, fwmask: PROXY.mask, table: PROXY.table });
  return rules.sort((a2, b2) => a2.family - b2.family || a2.priority - b2.priority);
}
function hostNeighbours(cluster, node2, pods2) {
  const neighbours = cluster.underlay.gateways.filter(({ ip }) => onLink(node2, ip) || !isIp4(ip)).map(({ ip, mac }) => ({ ip, dev: "eth0", mac, state: "REACHABLE" }));
  for (const peer2 of cluster.nodes)
    if (peer2 !== node2) {
      for (const ip of peer2.ips)
        if (onLink(node2, ip)) neighbours.push({ ip, dev: "eth0", mac: peer2.mac, state: "REACHABLE" });
    }
  if (cluster.dataplane === "cilium" && !cluster.cilium.endpointRoutes) return neighbours;
  for (const { pod: pod2, veth } of pods2)
    for (const ip of pod2.ips) neighbours.push({ ip, dev: veth.lxc.name, mac: pod2.mac, state: "REACHABLE" });
  return neighbours;
}
function podNetns(cluster, node2, pod2, { lxc, eth0 }) {
  const { cilium: config } = cluster;
  const cilium = cluster.dataplane === "cilium";
  const devices = [loopback(), eth0];
  const gateways2 = pod2.ips.flatMap((ip) => {
    const router = cilium ? node2.routerIps.find((own) => isIp4(own) === isIp4(ip)) : void 0;
    return router ?? (isIp4(ip) ? PROXY_GATEWAY4 : PROXY_GATEWAY6);
  });
  const mtu2 = cilium ? { mtu: routeMtu(config, node2) } : {};
  const routes = gateways2.flatMap((gateway2) => [
    unicast({ ip: isIp4(gateway2) ? 0 : "\0\0\0\0\0\0\0\0", length: 0 }, { via: gateway2, dev: "eth0", ...mtu2 }),
    ...gateway2 === PROXY_GATEWAY6 ? [] : [unicast(gateway2, { dev: "eth0" })]
  ]);
  const state2 = cilium ? "REACHABLE" : "PERMANENT";
  return {
    pod: pod2,
    lxc,
    eth0,
    devices,
    routes: sortRoutes([...devices.flatMap((device) => addressRoutes(device, false)), ...routes]),
    rules: [...standardRules],
    neighbours: gateways2.map((ip) => ({ ip, dev: "eth0", mac: pod2.hostMac, state: state2 }))
  };
}

// src/control/policy-map.ts
init_identity();
var policyPrecedence = { allow: 4294967041, deny: 4294967295 };
var policyMatch = { none: 0, l3: 1, l3l4: 2, l4: 3, all: 4, l3proto: 5, proto: 6 };
var NO_MATCH = { entry: void 0, match: policyMatch.none };
function prefixBits(entry) {
  return entry.protocol === 0 ? 0 : 8 + entry.portBits;
}
function matches(entry, protocol4, port5) {
  if (entry.protocol === 0) return true;
  return entry.protocol === protocol4 && (entry.port ^ port5) >>> 16 - entry.portBits === 0;
}
function matchType(entry, specific) {
  const bits = prefixBits(entry);
  if (specific) return bits > 8 ? policyMatch.l3l4 : bits > 0 ? policyMatch.l3proto : policyMatch.l3;
  return bits > 8 ? policyMatch.l4 : bits > 0 ? policyMatch.proto : policyMatch.all;
}
function indexSide(entries, direction2) {
  const side = /* @__PURE__ */ new Map();
  for (const entry of entries) {
    if (entry.direction !== direction2) continue;
    const list3 = side.get(entry.identity);
    if (list3) list3.push(entry);
    else side.set(entry.identity, [entry]);
  }
  for (const list3 of side.values()) list3.sort((a2, b2) => prefixBits(b2) - prefixBits(a2));
  return side;
}
function createPolicyMap(entries, clusterId = 0) {
  const sides = { ingress: indexSide(entries, "ingress"), egress: indexSide(entries, "egress") };
  return {
    entries,
    lookup(direction2, identity2, protocol4, port5) {
      const side = sides[direction2];
      const longest = (id) => side.get(id)?.find((entry) => matches(entry, protocol4, port5));
      const specific = longest(identity2);
      const aggregate = aggregateIdentity(identity2, clusterId);
      let general = aggregate === identity2 ? void 0 : longest(aggregate);
      if (!specific && !general && aggregate !== 0) general = longest(0);
      const best = stronger(specific, general);
      return best ? { entry: best, match: matchType(best, best === specific) } : NO_MATCH;
    }
  };
}
function stronger(specific, general) {
  if (!specific || !general) return specific ?? general;
  if (specific.precedence !== general.precedence) return specific.precedence > general.precedence ? specific : general;
  return prefixBits(general) > prefixBits(specific) ? general : specific;
}
function allowAll(direction2) {
  return { ...anyEntry, direction: direction2, origin: "no policy selects the endpoint" };
}
function allowLocalhost() {
  return { ...anyEntry, direction: "ingress", identity: reservedIdentities.host, origin: "allow-localhost" };
}
var anyEntry = {
  identity: 0,
  protocol: 0,
  port: 0,
  portBits: 0,
  deny: false,
  proxyPort: 0,
  precedence: policyPrecedence.allow
};
function defaultPolicyEntries(enablePolicy) {
  return enablePolicy === "always" ? [allowLocalhost()] : [allowAll("ingress"), allowAll("egress")];
}

// src/control/policy/compile.ts
init_model();
init_identity_peers();
var protocolNumbers2 = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ICMPv6: 58,
  SCTP: 132
};
var l4 = ["TCP", "UDP", "SCTP"];
function createPolicyCompiler(cluster) {
  const policies = (cluster.policies ?? []).filter(({ tier }) => tier === "network");
  const peers = createPeerIdentities(cluster);
  const names = clusterPortNames(cluster.pods);
  const { enablePolicy } = cluster.cilium;
  const governed = /* @__PURE__ */ new Map();
  function governing({ identity: identity2 }) {
    let found2 = governed.get(identity2);
    if (!found2) {
      found2 = policies.filter(({ subject }) => peers.governs(subject, identity2));
      governed.set(identity2, found2);
    }
    return found2;
  }
  const required3 = /* @__PURE__ */ new Map();
  function requiredOf(direction2, own) {
    let found2 = required3.get(own);
    if (!found2) {
      const all = (side2) => own.flatMap(({ requires }) => requires?.[side2] ?? []);
      required3.set(own, found2 = { ingress: all("ingress"), egress: all("egress") });
    }
    return found2[direction2];
  }
  const narrowed = /* @__PURE__ */ new Map();
  function identities(rule, direction2, pod2) {
    if (rule.peers === void 0) return everyone;
    const [only] = rule.peers;
    const more = requiredOf(direction2, governing(pod2));
    if (more.length === 0 && only && rule.peers.length === 1) return peers.of(only);
    let known3 = narrowed.get(more);
    if (!known3) narrowed.set(more, known3 = /* @__PURE__ */ new Map());
    let ids = known3.get(rule);
    if (!ids) {
      const narrow = (peer2) => peer2.kind === "identity" && more.length > 0 ? { ...peer2, labels: [...peer2.labels, ...more] } : peer2;
      ids = new Set(rule.peers.flatMap((peer2) => [...peers.of(narrow(peer2))]));
      known3.set(rule, ids);
    }
    return ids;
  }
  function ranges(rule, direction2, pod2) {
    if (rule.ports === void 0) return [{ protocol: 0, first: 0, last: 65535 }];
    const numbers2 = (name, protocol4) => direction2 === "ingress" ? ownPorts(pod2.ports, name, protocol4) : names.get(`${protocol4} ${name}`) ?? [];
    return rule.ports.flatMap((port5) => portMatches(port5, numbers2));
  }
  function side(direction2, pod2, own) {
    const enforced = enablePolicy === "always" || own.some((policy3) => policy3[direction2].defaultDeny);
    const out2 = /* @__PURE__ */ new Map();
    const add = (entry) => {
      const key = `${entry.identity} ${entry.protocol} ${entry.port} ${entry.portBits}`;
      const other = out2.get(key);
      if (!other || other.precedence < entry.precedence) out2.set(key, entry);
    };
    if (!enforced) for (const identity2 of everyone) add({ ...allowAll(direction2), identity: identity2 });
    else if (direction2 === "ingress" && !isStrict(cluster)) add(allowLocalhost());
    for (const policy3 of own)
      for (const rule of policy3[direction2].rules) {
        const ids = identities(rule, direction2, pod2);
        const matches4 = ranges(rule, direction2, pod2).flatMap(prefixes);
        const deny = rule.action === "deny";
        const origin = `${policyTitle(policy3)} ${rule.label}`;
        const precedence = deny ? policyPrecedence.deny : policyPrecedence.allow;
        for (const identity2 of ids)
          for (const match of matches4) add({ direction: direction2, identity: identity2, ...match, deny, proxyPort: 0, precedence, origin });
      }
    return withoutCovered([...out2.values()]);
  }
  return {
    identities,
    governing,
    ranges,
    entries(pod2) {
      if (enablePolicy === "never") return defaultPolicyEntries(enablePolicy);
      const own = governing(pod2);
      if (own.length === 0) return defaultPolicyEntries(enablePolicy);
      return [...side("ingress", pod2, own), ...side("egress", pod2, own)];
    }
  };
}
function isStrict({ cilium }) {
  return cilium.raw["allow-localhost"] === "policy";
}
function withoutCovered(entries) {
  const denies = /* @__PURE__ */ new Map();
  for (const entry of entries)
    if (entry.deny) {
      const list3 = denies.get(entry.identity);
      if (list3) list3.push(entry);
      else denies.set(entry.identity, [entry]);
    }
  return entries.filter((entry) => entry.deny || !denies.get(entry.identity)?.some((deny) => covers(deny, entry)));
}
function covers(wide2, narrow) {
  if (wide2.protocol === 0) return true;
  if (wide2.protocol !== narrow.protocol || wide2.portBits > narrow.portBits) return false;
  return (wide2.port ^ narrow.port) >>> 16 - wide2.portBits === 0;
}
function ownPorts(ports, name, protocol4) {
  return ports.filter((port5) => port5.name === name && port5.protocol === protocol4).map(({ port: port5 }) => port5);
}
function clusterPortNames(pods2) {
  const numbers2 = /* @__PURE__ */ new Map();
  for (const { ports } of pods2)
    for (const { name, protocol: protocol4, port: port5 } of ports) {
      if (name === void 0) continue;
      const key = `${protocol4} ${name}`;
      const set = numbers2.get(key);
      if (set) set.add(port5);
      else numbers2.set(key, /* @__PURE__ */ new Set([port5]));
    }
  return new Map([...numbers2].filter(([, set]) => set.size === 1).map(([key, set]) => [key, [...set]]));
}
function portMatches({ protocol: protocol4, port: port5, endPort, name }, numbers2) {
  if (protocol4 === "ICMP" || protocol4 === "ICMPv6") {
    const type = port5 ?? 0;
    return [{ protocol: protocolNumbers2[protocol4], first: type, last: type }];
  }
  const protocols2 = protocol4 === "ANY" ? l4 : [protocol4];
  if (protocol4 === "ANY" && port5 === void 0 && name === void 0) return [{ protocol: 0, first: 0, last: 65535 }];
  return protocols2.flatMap((known3) => {
    const number2 = protocolNumbers2[known3];
    if (name !== void 0) return numbers2(name, known3).map((n) => ({ protocol: number2, first: n, last: n }));
    return [{ protocol: number2, first: port5 ?? 0, last: port5 === void 0 ? 65535 : endPort ?? port5 }];
  });
}
function prefixes({ protocol: protocol4, first, last }) {
  if (first === 0 && last === 65535) return [{ protocol: protocol4, port: 0, portBits: 0 }];
  const out2 = [];
  for (let port5 = first; port5 <= last; ) {
    let size = 1;
    while (port5 % (size * 2) === 0 && port5 + size * 2 - 1 <= last) size *= 2;
    out2.push({ protocol: protocol4, port: port5, portBits: 16 - Math.log2(size) });
    port5 += size;
  }
  return out2;
}

// src/control/policy/node-policies.ts
var known2 = /* @__PURE__ */ new WeakMap();
function nodePolicies(cluster, endpoints2) {
  let policies = known2.get(cluster);
  if (!policies) known2.set(cluster, policies = createNodePolicies(cluster));
  return policies(endpoints2);
}
function createNodePolicies(cluster) {
  const { enablePolicy, clusterId } = cluster.cilium;
  const open2 = createPolicyMap(defaultPolicyEntries(enablePolicy), clusterId);
  if (!cluster.policies?.length) return (endpoints2) => new Map([...endpoints2.keys()].map((id) => [id, open2]));
  const maps = /* @__PURE__ */ new Map();
  let compiler;
  function mapOf(pod2) {
    const key = `${pod2.identity} ${JSON.stringify(pod2.ports)}`;
    let map2 = maps.get(key);
    if (!map2) {
      compiler ??= createPolicyCompiler(cluster);
      maps.set(key, map2 = createPolicyMap(compiler.entries(pod2), clusterId));
    }
    return map2;
  }
  return (endpoints2) => new Map([...endpoints2].map(([id, { pod: pod2 }]) => [id, pod2 ? mapOf(pod2) : open2]));
}

// src/control/services.ts
init_addr();

// src/control/local-redirect.ts
init_match_labels();
init_addr();
init_protocols();
function withRedirects(specs, cluster, localPods) {
  const { redirectPolicies = [], cilium } = cluster;
  if (redirectPolicies.length === 0 || cilium.raw["enable-local-redirect-policy"] !== "true") return [...specs];
  let out2 = [...specs];
  for (const policy3 of redirectPolicies) {
    const pods2 = localPods.filter(
      (pod2) => pod2.namespace === policy3.namespace && pod2.ready && pod2.phase === "Running" && matchesLabels(policy3.pods, pod2.labels)
    );
    if (pods2.length === 0) continue;
    const { frontend } = policy3;
    if (frontend.kind === "service")
      out2 = out2.map((spec2) => isMeant2(spec2, policy3) ? redirected(spec2, policy3, pods2) : spec2);
    else out2.push(...frontend.ports.map((port5) => redirected(addressSpec(policy3, frontend.ip, port5), policy3, pods2)));
  }
  return out2;
}
function isMeant2({ type, service: service2, port: port5, protocol: protocol4, portName }, { namespace, frontend }) {
  if (frontend.kind !== "service" || type !== "ClusterIP") return false;
  if (service2.namespace !== namespace || service2.name !== frontend.service) return false;
  const { ports } = frontend;
  return ports.length === 0 || ports.some(
    (p) => p.port === port5 && protocolNumber2(p.protocol) === protocol4 && (!p.name || sameName(p.name, portName))
  );
}
function sameName(a2, b2) {
  return a2.toLowerCase() === b2.toLowerCase();
}
function redirected(spec2, { to }, pods2) {
  const ports = to.filter(
    ({ name, protocol: protocol4 }) => protocolNumber2(protocol4) === spec2.protocol && (to.length === 1 || spec2.portName === "" || name !== void 0 && sameName(name, spec2.portName))
  );
  if (ports.length === 0) return spec2;
  const redirect2 = ports.flatMap(
    (port5) => pods2.flatMap(
      (pod2) => pod2.ips.filter((ip) => isIp4(ip) === isIp4(spec2.ip)).map(
        (ip) => ({
          ip,
          port: port5.port,
          protocol: port5.protocol,
          portName: "",
          state: "active",
          ...pod2.node === void 0 ? {} : { nodeName: pod2.node }
        })
      )
    )
  );
  return { ...spec2, redirect: redirect2 };
}
function addressSpec({ name, namespace }, ip, port5) {
  const service2 = {
    name: `${name}:local-redirect`,
    namespace,
    labels: {},
    annotations: {},
    type: "ClusterIP",
    clusterIps: [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{ port: port5.port, protocol: port5.protocol, targetPort: port5.port }],
    sessionAffinity: void 0,
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    sourceRanges: [],
    publishNotReady: false,
    backends: []
  };
  return {
    ip,
    port: port5.port,
    protocol: protocolNumber2(port5.protocol),
    scope: "external",
    type: "LocalRedirect",
    service: service2,
    portName: port5.name ?? ""
  };
}

// src/control/services.ts
init_maglev();
init_model4();
init_protocols();

// src/control/select-backends.ts
init_addr();
init_protocols();
var stateOrder = { active: 0, terminating: 1, "terminating-not-serving": 2, quarantined: 3, maintenance: 4 };
function selectBackends(spec2, node2, topology) {
  const { service: service2, redirect: redirect2 } = spec2;
  if (redirect2) return [...redirect2].sort(bySlot);
  const fitting = service2.backends.filter((backend2) => fits2(spec2, backend2));
  const chosen2 = topology ? sameNode(spec2, fitting, node2) ?? sameZone(spec2, heedPolicy(spec2, fitting, node2), node2) : heedPolicy(spec2, fitting, node2);
  return chosen2.sort(bySlot);
}
function bySlot(a2, b2) {
  return stateOrder[a2.state] - stateOrder[b2.state] || compareIp(a2.ip, b2.ip) || a2.port - b2.port;
}
function fits2({ ip, protocol: protocol4, portName }, backend2) {
  return protocolNumber2(backend2.protocol) === protocol4 && isIp4(backend2.ip) === isIp4(ip) && (portName === "" || backend2.portName === "" || backend2.portName === portName);
}
function heedPolicy(spec2, backends, node2) {
  if (!onlyLocal(spec2)) return backends;
  return backends.filter(({ nodeName }) => nodeName === void 0 || nodeName === node2.name);
}
function onlyLocal({ type, scope, service: service2 }) {
  if (type === "HostPort" || type === "LocalRedirect") return false;
  if (scope === "internal" || type === "ClusterIP") return service2.internalTrafficPolicy === "Local";
  return service2.externalTrafficPolicy === "Local";
}
function sameNode({ service: service2 }, backends, node2) {
  if (preference(service2) !== "PreferSameNode") return void 0;
  const own = backends.filter(({ nodeName }) => nodeName === node2.name);
  return own.length > 0 ? own : void 0;
}
function sameZone({ service: service2 }, backends, node2) {
  const zone = node2.labels["topology.kubernetes.io/zone"];
  const wanted = preference(service2);
  if (!zone || wanted !== "PreferClose" && wanted !== "PreferSameZone") return backends;
  if (backends.some((backend2) => backend2.zone === void 0 || !backend2.forZones?.length)) return backends;
  const near2 = backends.filter((backend2) => backend2.forZones?.includes(zone));
  return near2.length > 0 ? near2 : backends;
}
function preference({ annotations: annotations2, internalTrafficPolicy, trafficDistribution }) {
  if (internalTrafficPolicy === "Local") return void 0;
  if (trafficDistribution) return trafficDistribution;
  const hints2 = annotations2["service.kubernetes.io/topology-aware-hints"] ?? annotations2["service.kubernetes.io/topology-mode"] ?? "";
  return ["", "disabled", "Disabled"].includes(hints2) ? void 0 : "PreferSameZone";
}

// src/control/service-ids.ts
function createIds(max, known3 = /* @__PURE__ */ new Map(), first = 1) {
  const byKey = new Map(known3);
  const taken = new Set(known3.values());
  let next = first;
  return {
    acquire(key) {
      const id = byKey.get(key);
      if (id !== void 0) return id;
      for (let tried = 0; tried < max; tried++) {
        const candidate = next;
        next = next >= max ? 1 : next + 1;
        if (taken.has(candidate)) continue;
        taken.add(candidate);
        byKey.set(key, candidate);
        return candidate;
      }
      return 0;
    },
    retain: (keys) => createIds(max, new Map([...byKey].filter(([key]) => keys.has(key))), next)
  };
}
var MAX_SERVICE_ID = 65535;
var MAX_BACKEND_ID = 4294967295;
function newServiceIds() {
  return { frontends: createIds(MAX_SERVICE_ID), backends: createIds(MAX_BACKEND_ID) };
}

// src/control/service-maps.ts
init_addr();
function portKey2(port5, protocol4, scope) {
  return port5 << 9 | protocol4 << 1 | (scope === "internal" ? 1 : 0);
}
function createServiceMaps(frontends, backends) {
  const reverseNat = /* @__PURE__ */ new Map();
  for (const frontend of frontends)
    if (frontend.id !== 0) reverseNat.set(frontend.id, { ip: frontend.ip, port: frontend.port });
  const six = /* @__PURE__ */ new Map();
  for (const frontend of frontends)
    if (!isIp4(frontend.ip)) six.set(frontend.ip + portKey2(frontend.port, frontend.protocol, frontend.scope), frontend);
  const four = createTable4(frontends.filter(({ ip }) => isIp4(ip)));
  return {
    frontends,
    backends,
    reverseNat,
    lookup(ip, port5, protocol4, scope) {
      const key = portKey2(port5, protocol4, scope);
      return isIp4(ip) ? four(ip, key) : six.get(ip + key);
    }
  };
}
function rehomed(maps, from, to) {
  const moved = (ip, a2, b2) => b2[a2.indexOf(ip)];
  const seat = (frontend) => ({ ...frontend, ip: moved(frontend.ip, from, to) ?? frontend.ip });
  const seats = /* @__PURE__ */ new Map();
  let frontends;
  let reverseNat;
  return {
    backends: maps.backends,
    get frontends() {
      frontends ??= maps.frontends.map((frontend) => from.includes(frontend.ip) ? seat(frontend) : frontend);
      return frontends;
    },
    get reverseNat() {
      reverseNat ??= new Map(
        [...maps.reverseNat].map(([id, { ip, port: port5 }]) => [id, { ip: moved(ip, from, to) ?? ip, port: port5 }])
      );
      return reverseNat;
    },
    lookup(ip, port5, protocol4, scope) {
      const there = moved(ip, to, from);
      if (there === void 0) return from.includes(ip) ? void 0 : maps.lookup(ip, port5, protocol4, scope);
      const found2 = maps.lookup(there, port5, protocol4, scope);
      if (!found2) return void 0;
      let own = seats.get(found2);
      if (!own) seats.set(found2, own = seat(found2));
      return own;
    }
  };
}
function createTable4(frontends) {
  let capacity = 16;
  while (capacity < 2 * frontends.length) capacity *= 2;
  const slots = new Int32Array(capacity * 4);
  const mask = (capacity - 1) * 4;
  function probe2(ip, key) {
    let hash = Math.imul(ip, 2654435761) ^ Math.imul(key, 2246822519);
    hash = Math.imul(hash ^ hash >>> 15, 739982445);
    hash ^= hash >>> 13;
    for (let w = hash << 2 & mask; ; w = w + 4 & mask)
      if (slots[w + 2] === 0 || slots[w] === ip && slots[w + 1] === key) return w;
  }
  for (const [i, { ip, port: port5, protocol: protocol4, scope }] of frontends.entries()) {
    const key = portKey2(port5, protocol4, scope);
    const w = probe2(ip | 0, key);
    slots[w] = ip;
    slots[w + 1] = key;
    slots[w + 2] = i + 1;
  }
  return (ip, key) => {
    const place = slots[probe2(ip | 0, key) + 2];
    return place === 0 ? void 0 : frontends[place - 1];
  };
}
function isSurrogate(ip) {
  return isIp4(ip) ? ip === 0 : ip === "\0\0\0\0\0\0\0\0";
}

// src/control/services.ts
var ANY4 = 0;
var ANY6 = "\0\0\0\0\0\0\0\0";
var memories = /* @__PURE__ */ new WeakMap();
function nodeServices(cluster, node2, localPods, previous) {
  if (cluster.dataplane !== "cilium") return createServiceMaps([], /* @__PURE__ */ new Map());
  const key = previous ? void 0 : commonKey(cluster, node2, localPods);
  if (key === void 0) return buildServices(cluster, node2, localPods, previous);
  let common = commonMaps.get(cluster);
  if (!common) commonMaps.set(cluster, common = /* @__PURE__ */ new Map());
  const known3 = common.get(key);
  if (!known3) {
    const maps2 = buildServices(cluster, node2, localPods, void 0);
    const addresses3 = nodePortAddresses(node2);
    common.set(key, { maps: maps2, addresses: addresses3, ported: maps2.frontends.some(({ ip }) => addresses3.includes(ip)) });
    return maps2;
  }
  if (!known3.ported) return known3.maps;
  const maps = rehomed(known3.maps, known3.addresses, nodePortAddresses(node2));
  memories.set(maps, () => memories.get(buildServices(cluster, node2, localPods, void 0))());
  return maps;
}
var commonMaps = /* @__PURE__ */ new WeakMap();
var nodeFacts = /* @__PURE__ */ new WeakMap();
function factsOf(cluster) {
  const { services: services2, nodes: nodes2, cilium: config } = cluster;
  const nodeIps = new Set(nodes2.flatMap(({ ips }) => ips));
  const local2 = services2.filter(
    ({ externalTrafficPolicy, internalTrafficPolicy }) => externalTrafficPolicy === "Local" || internalTrafficPolicy === "Local"
  );
  return {
    bound: config.raw["enable-service-topology"] === "true" || (cluster.redirectPolicies?.length ?? 0) > 0 || services2.some(
      ({ clusterIps: clusterIps2, externalIps, loadBalancerIps }) => [...clusterIps2, ...externalIps, ...loadBalancerIps].some((ip) => nodeIps.has(ip))
    ),
    selective: services2.filter(({ annotations: annotations2 }) => Object.keys(annotations2).some((name) => nodeAnnotations.has(name))),
    local: new Set(local2.flatMap(({ backends }) => backends.flatMap(({ nodeName }) => nodeName ?? [])))
  };
}
function commonKey(cluster, node2, localPods) {
  let facts = nodeFacts.get(cluster);
  if (!facts) nodeFacts.set(cluster, facts = factsOf(cluster));
  const { bound, local: local2, selective } = facts;
  if (bound || local2.has(node2.name)) return void 0;
  if (localPods.some(({ ports }) => ports.some(({ hostPort }) => hostPort !== void 0))) return void 0;
  const families = nodePortAddresses(node2).map((ip) => isIp4(ip) ? 4 : 6);
  return `${families.join()} ${selective.map((service2) => isExposed(service2, node2) ? 1 : 0).join("")}`;
}
var nodeAnnotations = /* @__PURE__ */ new Set(["service.cilium.io/node-selector", "service.cilium.io/node"]);
function buildServices(cluster, node2, localPods, previous) {
  const { cilium: config } = cluster;
  const stated = [
    ...cluster.services.flatMap((service2) => isExposed(service2, node2) ? serviceFrontends(service2, config) : []),
    ...localPods.flatMap((pod2) => hostPortFrontends(pod2, config))
  ];
  const specs = withRedirects(stated, cluster, localPods);
  const ids = (previous && memories.get(previous)?.()) ?? newServiceIds();
  const builder = createBuilder(cluster, node2, ids);
  for (const spec2 of specs) {
    if (!isCandidate(spec2, config)) continue;
    builder.add(spec2);
    if (spec2.type !== "NodePort" && !(spec2.type === "HostPort" && isSurrogate(spec2.ip))) continue;
    for (const ip of spec2.loopback ? [] : nodePortAddresses(node2))
      if (isIp4(ip) === isIp4(spec2.ip)) builder.add({ ...spec2, ip });
  }
  const { maps, used } = builder.finish();
  memories.set(maps, () => ({
    frontends: ids.frontends.retain(used.frontends),
    backends: ids.backends.retain(used.backends)
  }));
  return maps;
}
function isExposed({ annotations: annotations2 }, node2) {
  const selector4 = annotations2["service.cilium.io/node-selector"];
  if (selector4 !== void 0) {
    const requirements2 = selector4.trim() === "" ? [] : parseSelector(selector4);
    return !requirements2 || selects(requirements2, nodeLabels(node2));
  }
  const value = annotations2["service.cilium.io/node"];
  return value === void 0 || node2.labels["service.cilium.io/node"] === value;
}
function nodeLabels({ labels: labels2 }) {
  return Object.entries(labels2).map(([key, value]) => `k8s:${key}=${value}`);
}
function isCandidate(spec2, config) {
  if (!(isIp4(spec2.ip) ? config.enableIpv4 : config.enableIpv6)) return false;
  if (config.kubeProxyReplacement) return true;
  if (spec2.type === "LoadBalancer") return config.routingMode === "tunnel";
  return spec2.type === "ClusterIP" || spec2.type === "ExternalIPs" || spec2.type === "LocalRedirect";
}
function nodePortAddresses(node2) {
  return [.../* @__PURE__ */ new Set([node2.ips.find(isIp4), node2.ips.find((ip) => !isIp4(ip))])].filter((ip) => ip !== void 0);
}
var exposures = ["ClusterIP", "NodePort", "LoadBalancer"];
function serviceFrontends(service2, config) {
  const specs = [];
  if (Object.hasOwn(service2.labels, "service.kubernetes.io/headless")) return specs;
  const only = service2.annotations["service.cilium.io/type"];
  const exposes = (type) => only === type || !exposures.includes(only ?? "");
  const add = (type, ip, port5, number2, scope) => specs.push({
    ip,
    port: number2,
    protocol: protocolNumber2(port5.protocol),
    scope,
    type,
    service: service2,
    portName: port5.name ?? ""
  });
  const twoScopes = service2.externalTrafficPolicy === "Local" !== (service2.internalTrafficPolicy === "Local");
  const scopes = twoScopes ? ["external", "internal"] : ["external"];
  const byText = (a2, b2) => formatIp(a2) < formatIp(b2) ? -1 : 1;
  if (exposes("ClusterIP"))
    for (const ip of [...service2.clusterIps].sort(byText))
      for (const port5 of service2.ports) add("ClusterIP", ip, port5, port5.port, "external");
  const exposed = (service2.type === "NodePort" || service2.type === "LoadBalancer") && exposes("NodePort");
  if (exposed && config.kubeProxyReplacement) {
    for (const scope of scopes)
      for (const family of service2.clusterIps)
        for (const port5 of service2.ports)
          if (port5.nodePort) add("NodePort", isIp4(family) ? ANY4 : ANY6, port5, port5.nodePort, scope);
  }
  if (service2.type === "LoadBalancer" && exposes("LoadBalancer"))
    for (const ip of service2.loadBalancerIps)
      for (const scope of scopes) for (const port5 of service2.ports) add("LoadBalancer", ip, port5, port5.port, scope);
  for (const ip of service2.externalIps)
    for (const port5 of service2.ports) add("ExternalIPs", ip, port5, port5.port, "external");
  return specs;
}
function hostPortFrontends(pod2, config) {
  if (pod2.hostNetwork || pod2.phase !== "Running" || !config.kubeProxyReplacement) return [];
  return pod2.ports.flatMap((port5) => {
    const { hostPort, hostIp } = port5;
    const [low, high] = config.nodePortRange;
    if (hostPort === void 0 || hostPort >= low && hostPort <= high) return [];
    const service2 = hostPortService(pod2, hostPort, port5);
    const loopback2 = hostIp !== void 0 && isLoopback(hostIp);
    return hostPortAddresses(pod2, hostIp).map((ip) => ({
      ip,
      port: hostPort,
      protocol: protocolNumber2(port5.protocol),
      scope: "external",
      type: "HostPort",
      service: service2,
      portName: "",
      loopback: loopback2
    }));
  });
}
function hostPortAddresses({ ips }, hostIp) {
  if (hostIp === void 0) return [...new Set(ips.map(anyOf))];
  if (isSurrogate(hostIp)) return [];
  return [isLoopback(hostIp) ? anyOf(hostIp) : hostIp];
}
function anyOf(ip) {
  return isIp4(ip) ? ANY4 : ANY6;
}
function isLoopback(ip) {
  return isIp4(ip) ? ip >>> 24 === 127 : ip === "\0\0\0\0\0\0\0";
}
function hostPortService(pod2, hostPort, port5) {
  return {
    name: `${pod2.name}:host-port:${hostPort}`,
    namespace: pod2.namespace,
    labels: {},
    annotations: {},
    type: "ClusterIP",
    clusterIps: [],
    externalIps: [],
    loadBalancerIps: [],
    ports: [{ port: hostPort, protocol: port5.protocol, targetPort: port5.port }],
    sessionAffinity: void 0,
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    sourceRanges: [],
    publishNotReady: false,
    backends: pod2.ips.map((ip) => ({
      ip,
      port: port5.port,
      protocol: port5.protocol,
      portName: "",
      state: "active",
      ...pod2.node === void 0 ? {} : { nodeName: pod2.node }
    })),
    ...pod2.where ? { where: pod2.where } : {}
  };
}
function createBuilder(cluster, node2, ids) {
  const { cilium: config } = cluster;
  const frontends = [];
  const backends = /* @__PURE__ */ new Map();
  const usedBackends = /* @__PURE__ */ new Set();
  const topology = config.raw["enable-service-topology"] === "true";
  const owned = /* @__PURE__ */ new Set();
  const wildcards = /* @__PURE__ */ new Map();
  const nodeIps = new Set(cluster.nodes.flatMap((other) => other.ips));
  function backendOf(from) {
    const key = `${from.protocol} ${from.port} ${isIp4(from.ip) ? from.ip : formatIp(from.ip)}`;
    const id = ids.backends.acquire(key);
    usedBackends.add(key);
    const known3 = backends.get(id);
    if (known3 && known3.state === from.state && known3.weight === from.weight) return known3;
    const backend2 = {
      id,
      ip: from.ip,
      port: from.port,
      protocol: protocolNumber2(from.protocol),
      state: from.state,
      ...from.nodeName === void 0 ? {} : { nodeName: from.nodeName },
      ...from.zone === void 0 ? {} : { zone: from.zone },
      ...from.weight === void 0 ? {} : { weight: from.weight }
    };
    if (!known3) backends.set(id, backend2);
    return backend2;
  }
  return {
    /** The first service that claims an address keeps it (ErrFrontendConflict). */
    add(spec2) {
      const key = `${isIp4(spec2.ip) ? spec2.ip : formatIp(spec2.ip)} ${spec2.port} ${spec2.protocol} ${spec2.scope}`;
      if (owned.has(key)) return;
      owned.add(key);
      const chosen2 = selectBackends(spec2, node2, topology).map(backendOf);
      const frontend = toFrontend(ids.frontends.acquire(key), spec2, chosen2, config);
      frontends.push(frontend);
      if (hasWildcard(spec2, config) && !nodeIps.has(spec2.ip) && !wildcards.has(spec2.ip))
        wildcards.set(spec2.ip, wildcardOf({ ip: spec2.ip, type: spec2.type }));
    },
    finish: () => ({
      maps: createServiceMaps([...frontends, ...wildcards.values()], backends),
      used: { frontends: owned, backends: usedBackends }
    })
  };
}
function toFrontend(id, spec2, backends, config) {
  const { service: service2, portName, loopback: _, redirect: redirect2, ...address3 } = spec2;
  const active = backends.filter((backend2) => backend2.state === "active").length;
  const count2 = active || backends.filter((backend2) => backend2.state === "terminating").length;
  const type = redirect2 ? "LocalRedirect" : spec2.type;
  const flags = frontendFlags({ ...spec2, type }, config);
  const algorithm = annotatedAlgorithm(service2, config);
  return {
    ...address3,
    type,
    id,
    flags: flags & 255,
    flags2: flags >>> 8,
    algorithm,
    affinityTimeout: service2.sessionAffinity?.clientIpTimeout ?? 0,
    backends,
    count: count2,
    sourceRanges: service2.sourceRanges.filter((range) => isIp4(range.ip) === isIp4(spec2.ip)),
    maglev: usesMaglev(spec2, algorithm, config) ? lazyTable(backends.slice(0, count2), config) : void 0,
    service: service2,
    portName
  };
}
function frontendFlags({ type, ip, protocol: protocol4, service: service2, loopback: loopback2 }, config) {
  const f3 = serviceFlags;
  const extLocal = service2.externalTrafficPolicy === "Local";
  const intLocal = service2.internalTrafficPolicy === "Local";
  const routable = !isSurrogate(ip) && (type !== "ClusterIP" || config.lbExternalClusterIp);
  const allTypes = config.raw["bpf-lb-source-range-all-types"] === "true";
  const ranges = service2.sourceRanges.length > 0 && (allTypes || type === "LoadBalancer" || type === "ExternalIPs");
  const deny = service2.annotations["service.cilium.io/src-ranges-policy"]?.toLowerCase() === "deny";
  const delegates = service2.annotations["service.cilium.io/proxy-delegation"]?.toLowerCase() === "delegate-if-local";
  return typeFlags[type] | (extLocal ? f3.extLocal : 0) | (intLocal ? f3.intLocal : 0) | (extLocal !== intLocal && type !== "ClusterIP" ? f3.twoScopes : 0) | (service2.sessionAffinity ? f3.affinity : 0) | (routable ? f3.routable : 0) | (ranges ? f3.sourceRange : 0) | (ranges && deny ? f3.quarantined : 0) | (loopback2 || delegates ? f3.loopback : 0) | (forwardsByDsr(service2, protocol4, config) ? f3.dsr : 0);
}
function forwardsByDsr({ annotations: annotations2 }, protocol4, config) {
  const own = annotations2["service.cilium.io/forwarding-mode"]?.toLowerCase();
  if (config.raw["bpf-lb-mode-annotation"] === "true" && (own === "dsr" || own === "snat")) return own === "dsr";
  return config.lbMode === "dsr" || config.lbMode === "hybrid" && protocol4 === 6;
}
var typeFlags = {
  ClusterIP: 0,
  NodePort: serviceFlags.nodePort,
  ExternalIPs: serviceFlags.externalIps,
  LoadBalancer: serviceFlags.loadBalancer,
  HostPort: serviceFlags.hostPort,
  LocalRedirect: serviceFlags.localRedirect
};
function annotatedAlgorithm(service2, config) {
  if (config.raw["bpf-lb-algorithm-annotation"] !== "true") return 0;
  const value = service2.annotations["service.cilium.io/lb-algorithm"]?.toLowerCase();
  return value === "random" ? 1 : value === "maglev" ? 2 : 0;
}
function usesMaglev(spec2, algorithm, config) {
  if (isSurrogate(spec2.ip)) return false;
  if (algorithm !== 0) return algorithm === 2;
  if (config.lbAlgorithm !== "maglev") return false;
  return spec2.type === "ClusterIP" ? config.lbExternalClusterIp : spec2.type !== "LocalRedirect";
}
function lazyTable(eligible, config) {
  let table3;
  return () => {
    const seeds = maglevSeeds(config.maglevHashSeed);
    if (eligible.length === 0 || !seeds) return void 0;
    table3 ??= maglevTable(eligible, config.maglevTableSize, seeds.murmur);
    return table3;
  };
}
function hasWildcard({ type, scope, service: service2 }, config) {
  const [major = 0, minor = 0] = config.version.split(".").map(Number);
  const owned = service2.loadBalancerClass ? ["io.cilium/bgp-control-plane", "io.cilium/l2-announcer"].includes(service2.loadBalancerClass) : (config.raw["default-lb-service-ipam"] ?? "lbipam") === "lbipam";
  const candidate = (type === "ClusterIP" || type === "LoadBalancer") && scope === "external";
  const wanted = config.raw["bpf-lb-enable-wildcard-entries"] !== "false";
  return candidate && owned && wanted && (major > 1 || minor >= 19);
}
function wildcardOf({ ip, type }) {
  return {
    id: 0,
    ip,
    port: 0,
    protocol: 0,
    scope: "external",
    type,
    flags: typeFlags[type] & 255,
    flags2: typeFlags[type] >>> 8,
    algorithm: 0,
    affinityTimeout: 0,
    backends: [],
    count: 0,
    sourceRanges: [],
    maglev: void 0
  };
}

// src/control/control.ts
init_stable();
function createControl(cluster, previous) {
  const pods2 = podsByNode(cluster);
  const states3 = /* @__PURE__ */ new Map();
  const rulesOf2 = createKubeProxyRules(cluster);
  function state2(nodeName) {
    const known3 = states3.get(nodeName);
    if (known3) return known3;
    const node2 = cluster.nodes.find((candidate) => candidate.name === nodeName);
    if (!node2) throw new Error(`no node ${nodeName}`);
    const before = () => previous?.cluster.nodes.some(({ name }) => name === nodeName) ? previous : void 0;
    const built = buildState(cluster, node2, pods2, rulesOf2, () => before()?.state(nodeName).services);
    states3.set(nodeName, built);
    return built;
  }
  return { cluster, state: state2, states: () => cluster.nodes.map((node2) => state2(node2.name)) };
}
function podsByNode(cluster) {
  const pods2 = /* @__PURE__ */ new Map();
  for (const pod2 of cluster.pods) {
    if (pod2.node === void 0 || pod2.phase === "Succeeded" || pod2.phase === "Failed") continue;
    const list3 = pods2.get(pod2.node);
    if (list3) list3.push(pod2);
    else pods2.set(pod2.node, [pod2]);
  }
  return pods2;
}
function buildState(cluster, node2, podsOfNode, rulesOf2, before) {
  const localPods = podsOfNode.get(node2.name) ?? [];
  const own = localPods.filter((pod2) => !pod2.hostNetwork && pod2.ips.length > 0);
  const taken = new Set(own.map((pod2) => pod2.endpointId));
  const hostEndpointId = stableEndpointId(`${node2.name} host`, taken);
  taken.add(hostEndpointId);
  const hasHealth = cluster.dataplane === "cilium" && node2.healthIps.length > 0;
  const healthEndpointId = hasHealth ? stableEndpointId(`${node2.name} health`, taken) : void 0;
  let kept;
  const kubeProxy = () => {
    kept ??= rulesOf2(node2);
    return kept;
  };
  const served2 = runsIpvs(cluster) ? kubeProxy().ipvs.flatMap(({ addresses: addresses3 }) => addresses3) : [];
  const devices = nodeDevices(cluster, node2, own, healthEndpointId, served2);
  const endpoints2 = nodeEndpoints(node2, devices, healthEndpointId);
  const endpointsById = /* @__PURE__ */ new Map();
  for (const endpoint of endpoints2.values())
    if (!endpoint.isHost && !endpointsById.has(endpoint.endpointId)) endpointsById.set(endpoint.endpointId, endpoint);
  const host3 = hostNetns(cluster, node2, devices);
  let ipcache;
  let egress;
  let services2;
  let policies;
  return {
    cluster,
    node: node2,
    config: cluster.cilium,
    host: host3,
    pods: devices.pods.map(({ pod: pod2, veth }) => podNetns(cluster, node2, pod2, veth)),
    endpoints: endpoints2,
    endpointsById,
    get ipcache() {
      ipcache ??= nodeIpcache(cluster, node2, podsOfNode);
      return ipcache;
    },
    get services() {
      services2 ??= nodeServices(cluster, node2, localPods, before());
      return services2;
    },
    get egress() {
      egress ??= nodeEgress(cluster, node2, host3.devices);
      return egress;
    },
    get rulesets() {
      return kubeProxy().rulesets;
    },
    get nftables() {
      return kubeProxy().nftables;
    },
    get ipvs() {
      return kubeProxy().ipvs;
    },
    get policies() {
      policies ??= nodePolicies(cluster, endpointsById);
      return policies;
    },
    hostEndpointId
  };
}
function nodeEndpoints(node2, { health, pods: pods2 }, healthEndpointId) {
  const endpoints2 = /* @__PURE__ */ new Map();
  const host3 = { ifindex: 0, endpointId: 0, isHost: true, mac: 0, nodeMac: 0, identity: reservedIdentities.host };
  for (const ip of [...node2.ips, ...node2.routerIps]) endpoints2.set(ip, { ...host3, ip });
  if (health && healthEndpointId !== void 0) {
    const { inside, host: nodeMac } = healthMacs(node2);
    const { ifindex } = health;
    const identity2 = reservedIdentities.health;
    for (const ip of node2.healthIps)
      endpoints2.set(ip, { ip, ifindex, endpointId: healthEndpointId, isHost: false, mac: inside, nodeMac, identity: identity2 });
  }
  for (const { pod: pod2, veth } of pods2)
    for (const ip of pod2.ips)
      endpoints2.set(ip, {
        ip,
        ifindex: veth.lxc.ifindex,
        endpointId: pod2.endpointId,
        isHost: false,
        mac: pod2.mac,
        nodeMac: pod2.hostMac,
        identity: pod2.identity,
        pod: pod2
      });
  return endpoints2;
}

// src/session/session.ts
init_error();
init_nearest();

// src/term/sanitize.ts
var UNSAFE_IN_BLOCK = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
function escapeUnit(unit) {
  const code = unit.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
function sanitizeBlock(text4) {
  return text4.replace(UNSAFE_IN_BLOCK, escapeUnit);
}

// src/session/live/host.ts
var hosts = /* @__PURE__ */ new WeakMap();
function hostOf(io2) {
  return hosts.get(io2);
}

// src/session/options.ts
init_error();

// src/session/progress.ts
import { performance } from "node:perf_hooks";
var PATIENCE = 1e3;
var PERIOD = 200;
function startProgress(stderr) {
  if (!stderr.isTty) return { tell: () => {
  }, end: () => {
  } };
  let next = performance.now() + PATIENCE;
  let shown2 = false;
  return {
    tell(text4) {
      const now = performance.now();
      if (now < next) return;
      next = now + PERIOD;
      shown2 = true;
      stderr.write(`\r\x1B[Kwirelay: ${text4()}`);
      stderr.flush();
    },
    end() {
      if (shown2) stderr.write("\r\x1B[K");
      stderr.flush();
    }
  };
}

// src/session/session.ts
var SLICE = 1e5;
async function createSession(options, io2) {
  const host3 = hostOf(io2);
  if (host3) return joinSession(host3, options, io2);
  const cluster = await openCluster(options, io2);
  return sessionOn(cluster, await timeline(cluster, options, io2), options, io2);
}
async function joinSession({ simulation, viewpoint: own }, options, io2) {
  const { cluster: paths, set, traffic, seed, nodes: nodes2 } = options;
  const named2 = [
    paths.length > 0 && "--cluster",
    set.length > 0 && "--set",
    seed !== void 0 && "--seed",
    nodes2 !== void 0 && "--nodes"
  ];
  const refused = named2.find((name) => name !== false);
  if (refused)
    throw new UserError({
      message: `${refused} is the session's, not a command's`,
      hint: "give it to `wirelay run` or `wirelay shell`"
    });
  if (options.event?.length)
    throw new UserError({
      message: "--event is not for commands of a session",
      hint: "give it to `wirelay run` or `wirelay shell`"
    });
  if (traffic.length > 0)
    throw new UserError({
      message: "--traffic is not for commands of a session",
      hint: "ping, curl and nc make traffic here"
    });
  const stated = options.node !== void 0 || options.pod !== void 0 ? options : { ...options, ...own };
  const session2 = await sessionOn(simulation.cluster, simulation.control, stated, io2);
  return {
    ...session2,
    simulation,
    state: (name = session2.node.name) => simulation.run.control.state(name),
    run: (asked = {}) => asked.observers?.length || asked.extra?.length || asked.alone ? session2.run(asked) : Promise.resolve(simulation.result()),
    counters: async (device) => countersAt(session2, simulation.result(), device)
  };
}
function countersAt({ node: node2, pod: pod2 }, result, device) {
  const namespace = pod2 && !pod2.hostNetwork ? `${pod2.namespace}/${pod2.name}` : void 0;
  return result.counters(node2.name, namespace, device);
}
async function sessionOn(cluster, control, options, io2) {
  const traffic = options.traffic.length > 0 ? await parseAll(options.traffic, cluster) : cluster.traffic;
  const { node: node2, pod: pod2 } = viewpoint(cluster, options);
  const last = control.later?.at(-1)?.control ?? control;
  let kept;
  async function simulate2(specs, observers) {
    const [{ createRun: createRun2 }, { widenInlining: widenInlining2 }] = await Promise.all([
      Promise.resolve().then(() => (init_simulate(), simulate_exports)),
      Promise.resolve().then(() => (init_inlining(), inlining_exports))
    ]);
    widenInlining2();
    const live = createRun2({ control, traffic: specs, seed: cluster.seed, observers });
    const progress = startProgress(io2.stderr);
    try {
      while (live.advance(void 0, SLICE) === SLICE) {
        progress.tell(() => `${(live.run.now / 1e9).toFixed(3)} s simulated, ${live.run.packets} packets`);
        await setImmediate();
      }
      return live.result();
    } finally {
      progress.end();
    }
  }
  const session2 = {
    cluster,
    control,
    node: node2,
    pod: pod2,
    traffic,
    state: (name = node2.name) => last.state(name),
    netns() {
      const state2 = control.state(node2.name);
      if (!pod2 || pod2.hostNetwork) return state2.host;
      return state2.pods.find((ns) => ns.pod === pod2);
    },
    run({ observers = [], extra = [], alone = false } = {}) {
      const specs = alone ? extra : [...traffic, ...extra];
      if (observers.length > 0 || extra.length > 0 || alone) return simulate2(specs, observers);
      kept ??= simulate2(specs, []);
      return kept;
    },
    parseTraffic: async (text4) => (await parseAll([text4], cluster))[0],
    counters: async (device) => countersAt(session2, await session2.run(), device)
  };
  return session2;
}
async function timeline(cluster, { event: texts2 = [] }, io2) {
  const control = createControl(cluster);
  if (texts2.length === 0 && !cluster.events?.length) return control;
  const [{ parseEvent: parseEvent2 }, { readEventFiles: readEventFiles2 }, { planStages: planStages2 }] = await Promise.all([
    Promise.resolve().then(() => (init_events2(), events_exports)),
    Promise.resolve().then(() => (init_event_files(), event_files_exports)),
    Promise.resolve().then(() => (init_timeline(), timeline_exports))
  ]);
  const events = texts2.length > 0 ? texts2.map(parseEvent2) : cluster.events ?? [];
  let before = control;
  const later2 = planStages2(cluster, await readEventFiles2(events, io2)).map((stage) => {
    before = createControl(stage.cluster, before);
    return { at: stage.at, text: stage.text, control: before };
  });
  return { ...control, later: later2 };
}
async function openCluster(options, io2) {
  const input = await findInput(options, io2);
  const { loadCluster: loadCluster2 } = await Promise.resolve().then(() => (init_load(), load_exports));
  const cluster = await loadCluster2(input);
  warn(cluster, io2);
  return cluster;
}
async function findInput(options, io2) {
  const { discover: discover2 } = await Promise.resolve().then(() => (init_discover(), discover_exports));
  const found2 = discover2({ paths: options.cluster, env: io2.env, cwd: io2.cwd });
  if (found2.how === "demo" && found2.paths.length === 0)
    io2.stderr.write("wirelay: no cluster given: this is the embedded demo (--cluster PATH, or a wirelay.yaml)\n");
  return {
    paths: found2.paths,
    sets: options.set,
    seed: options.seed,
    nodes: options.nodes,
    env: io2.env,
    cwd: io2.cwd,
    keep: options.keep ?? false,
    readStdin: io2.readStdin
  };
}
function warn(cluster, io2) {
  for (const { level, message, where } of cluster.notes) {
    if (level !== "warning") continue;
    const text4 = problemText({ message, ...where ? { where } : {} });
    io2.stderr.write(`wirelay: warning: ${sanitizeBlock(text4)}
`);
  }
}
async function parseAll(texts2, cluster) {
  if (texts2.length === 0) return [];
  const { parseTraffic: parseTraffic2 } = await Promise.resolve().then(() => (init_traffic2(), traffic_exports));
  return texts2.map((text4) => parseTraffic2(text4, cluster));
}
function viewpoint(cluster, options) {
  const pod2 = options.pod === void 0 ? void 0 : findPod(cluster, options.pod);
  const name = options.node ?? pod2?.node;
  const node2 = name === void 0 ? cluster.nodes[0] : cluster.nodes.find((n) => n.name === name);
  if (!node2) {
    const names = cluster.nodes.map((n) => n.name);
    throw new UserError({ message: `no node ${name} in cluster ${cluster.name}`, hint: nearest(name ?? "", names) });
  }
  if (pod2 && pod2.node !== node2.name) {
    throw new UserError(
      pod2.node === void 0 ? { message: `pod ${pod2.namespace}/${pod2.name} runs on no node yet (${pod2.phase})` } : {
        message: `pod ${pod2.namespace}/${pod2.name} runs on ${pod2.node}, not on ${node2.name}`,
        hint: "leave --node out"
      }
    );
  }
  if (pod2 && !pod2.hostNetwork && (pod2.ips.length === 0 || pod2.phase === "Succeeded" || pod2.phase === "Failed"))
    throw new UserError({ message: `pod ${pod2.namespace}/${pod2.name} has no network: it is ${pod2.phase}` });
  return { node: node2, pod: pod2 };
}
function findPod(cluster, text4) {
  const slash = text4.indexOf("/");
  const [namespace, name] = slash < 0 ? [void 0, text4] : [text4.slice(0, slash), text4.slice(slash + 1)];
  const found2 = cluster.pods.filter(
    (pod2) => pod2.name === name && (namespace === void 0 || pod2.namespace === namespace)
  );
  const preferred = found2.length > 1 ? found2.find((pod2) => pod2.namespace === "default") : found2[0];
  if (preferred) return preferred;
  if (found2.length > 1) {
    const names2 = found2.map((pod2) => `${pod2.namespace}/${pod2.name}`);
    throw new UserError({ message: `pod ${text4} is ambiguous`, hint: `one of ${names2.join(", ")}` });
  }
  const names = cluster.pods.map((pod2) => namespace === void 0 ? pod2.name : `${pod2.namespace}/${pod2.name}`);
  throw new UserError({ message: `no pod ${text4} in cluster ${cluster.name}`, hint: nearest(text4, names) });
}

// src/term/output.ts
init_error();
var CHUNK = 64 * 1024;
var encoder4 = new TextEncoder();
var waitCell = new Int32Array(new SharedArrayBuffer(4));
var MemoryOutput = class {
  isTty = false;
  columns = 80;
  closed = false;
  parts = [];
  write(text4) {
    this.parts.push(encoder4.encode(text4));
  }
  writeBytes(bytes) {
    this.parts.push(bytes.slice());
  }
  flush() {
  }
  get bytes() {
    return Buffer.concat(this.parts);
  }
  get text() {
    return new TextDecoder().decode(this.bytes);
  }
};

// src/term/process-io.ts
init_error();
init_read_to_end();
var CHUNK2 = 64 * 1024;

// test/memory-io.ts
function memoryIo(overrides = {}) {
  const [stdout, stderr] = [new MemoryOutput(), new MemoryOutput()];
  return {
    env: {},
    cwd: "/nonexistent",
    color: false,
    readStdin: () => new Uint8Array(),
    onInterrupt: () => () => {
    },
    ...overrides,
    stdout,
    stderr
  };
}

// ../../../kc/serve.ts
import { writeFileSync } from "node:fs";
var io = memoryIo({ cwd: "/tmp/w/k/main" });
var session = await createSession({ cluster: process.argv.slice(2), set: [], traffic: [], node: void 0, pod: void 0, seed: void 0, keep: true }, io);
var s = await startApiServer(session);
writeFileSync("/tmp/kc/url", s.url);
