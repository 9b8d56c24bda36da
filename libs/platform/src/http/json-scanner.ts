import { malformed, type FieldProblem } from '../errors/app-error.js';
import { checkText, normalText } from './text-policy.js';
import { numberProblem } from './json-number.js';
import { pointer } from './pointer.js';

export const jsonDepthMax = 32;
export const jsonKeysMax = 10_000;
export const jsonObjectKeysMax = 1_000;
export const jsonValuesMax = 100_000;
const problemsMax = 50;

type JsonObject = Record<string, unknown>;

/** An open object (with the key whose value is being read) or array. */
interface Frame {
  object?: JsonObject;
  array?: unknown[];
  key: string;
  keys: number;
}

/** Keys through which a careless merge reaches a prototype. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);
const opened = Symbol('opened');
const literals = new Map<string, readonly [string, unknown]>([['t', ['true', true]], ['f', ['false', false]], ['n', ['null', null]]]);
const numberToken = /-?(?:\d[\d.eE+-]*|Infinity|NaN)/y;

/**
 * Reads JSON in one pass without recursion, so that neither depth nor a mass of keys costs more than reading them: the limits stop it at once.
 * What is no JSON or breaks a limit throws malformed; what is JSON but cannot be kept exactly is collected in `problems` and reading goes on.
 */
export class JsonScanner {
  readonly problems: FieldProblem[] = [];
  private at = 0;
  private keys = 0;
  private values = 0;
  private readonly stack: Frame[] = [];

  constructor(private readonly text: string) {}

  /** The value. @throws AppError malformed */
  read(): unknown {
    for (;;) {
      let value = this.readValue();
      if (value === opened) {
        if (!this.closesAtOnce()) continue;
        value = this.close();
      }
      while (this.stack.length > 0) {
        this.add(value);
        if (!this.closes()) break;
        value = this.close();
      }
      if (this.stack.length === 0) return this.finish(value);
    }
  }

  private finish(value: unknown): unknown {
    if (this.peek() !== '') throw this.syntax('Something stands behind the value.');
    return value;
  }

  private readValue(): unknown {
    const next = this.peek();
    this.values += 1;
    if (this.values > jsonValuesMax) {
      throw this.malformed('body.too-many-values', `The body has more than ${jsonValuesMax} values.`);
    }
    if (next === '"') return this.readString();
    if (next === '{' || next === '[') return this.open(next);
    const literal = literals.get(next);
    if (!literal || !this.text.startsWith(literal[0], this.at)) return this.readNumber();
    this.at += literal[0].length;
    return literal[1];
  }

  private open(bracket: '{' | '['): typeof opened {
    this.at += 1;
    if (this.stack.length === jsonDepthMax) {
      throw this.malformed('body.too-deep', `The body is nested deeper than ${jsonDepthMax} levels.`);
    }
    this.stack.push(bracket === '{' ? { object: {}, key: '', keys: 0 } : { array: [], key: '', keys: 0 });
    return opened;
  }

  /** Whether the container just opened is empty; else an object's first key is read. */
  private closesAtOnce(): boolean {
    const top = this.stack.at(-1)!;
    if (this.peek() === (top.object ? '}' : ']')) {
      this.at += 1;
      return true;
    }
    if (top.object) this.readKey(top);
    return false;
  }

  /** Behind a member: whether the container ends; else a comma is passed, and an object's next key is read. */
  private closes(): boolean {
    const top = this.stack.at(-1)!;
    const next = this.peek();
    this.at += 1;
    if (next === (top.object ? '}' : ']')) return true;
    if (next !== ',') throw this.syntax(`Expected "," or "${top.object ? '}' : ']'}".`, this.at - 1);
    if (top.object) this.readKey(top);
    return false;
  }

  private close(): unknown {
    const top = this.stack.pop()!;
    return top.object ?? top.array;
  }

  private add(value: unknown): void {
    const top = this.stack.at(-1)!;
    if (top.object) top.object[top.key] = value;
    else top.array!.push(value);
  }

  private readKey(top: Frame): void {
    if (this.peek() !== '"') throw this.syntax('Expected a key in double quotes.');
    top.key = '';
    top.key = this.readString();
    top.keys += 1;
    this.keys += 1;
    if (this.keys > jsonKeysMax || top.keys > jsonObjectKeysMax) {
      const limits = `${jsonObjectKeysMax} keys in an object and ${jsonKeysMax} in all`;
      throw this.malformed('body.too-many-keys', `The body has more than ${limits}.`);
    }
    if (forbiddenKeys.has(top.key)) throw this.malformed('body.forbidden-key', 'A key of this name is not accepted.');
    if (Object.hasOwn(top.object!, top.key)) throw this.malformed('body.duplicate-key', 'A key stands twice in one object.');
    if (this.peek() !== ':') throw this.syntax('Expected ":".');
    this.at += 1;
  }

  private readString(): string {
    const start = this.at;
    const { end, escaped, control } = this.endOfString(start + 1);
    this.at = end + 1;
    if (control >= 0) {
      this.report(checkText(this.text[control]!, ''));
      return '';
    }
    const text = escaped ? this.unescape(this.text.slice(start, end + 1), start) : this.text.slice(start + 1, end);
    const bad = checkText(text, '');
    if (!bad) return normalText(text);
    this.report(bad);
    return '';
  }

  /** Where the string ends; whether it has escapes; where a control character stands that JSON wants escaped and we want nowhere. */
  private endOfString(from: number): { end: number; escaped: boolean; control: number } {
    let escaped = false;
    let control = -1;
    for (let i = from; i < this.text.length; i += 1) {
      const code = this.text.charCodeAt(i);
      if (code === 0x22) return { end: i, escaped, control };
      if (code === 0x5c) {
        escaped = true;
        i += 1;
      } else if (code < 0x20) {
        if (code === 9 || code === 10 || code === 13) throw this.syntax('A line break or tab in a string must be escaped.', i);
        control = i;
      }
    }
    throw this.syntax('A string does not end.', from - 1);
  }

  private unescape(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.syntax('A string has a wrong escape.', start);
    }
  }

  private readNumber(): number {
    numberToken.lastIndex = this.at;
    const token = numberToken.exec(this.text)?.[0];
    if (token === undefined) throw this.syntax(this.at >= this.text.length ? 'The body ends too early.' : 'Expected a value.');
    const bad = numberProblem(token);
    if (bad === 'syntax') throw this.syntax('A number is not written as JSON wants it.');
    this.at += token.length;
    if (bad) this.report(bad);
    return Number(token);
  }

  /** The next character that is not white space, or '' at the end. */
  private peek(): string {
    for (; this.at < this.text.length; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return this.text[this.at]!;
    }
    return '';
  }

  private report(problem: Omit<FieldProblem, 'pointer'> | undefined): void {
    if (problem && this.problems.length < problemsMax) this.problems.push({ ...problem, pointer: this.pointer() });
  }

  private pointer(): string {
    if (this.stack.length === 0) return '#';
    return pointer(...this.stack.map((frame) => (frame.array ? String(frame.array.length) : frame.key)));
  }

  private malformed(code: string, detail: string) {
    return malformed(code, detail, [{ pointer: this.pointer(), code, detail }]);
  }

  private syntax(what: string, position = this.at) {
    const detail = `${what} (character ${position + 1})`;
    return malformed('body.malformed', 'The body is not JSON.', [{ pointer: this.pointer(), code: 'body.malformed', detail }]);
  }
}
