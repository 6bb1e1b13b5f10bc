/*
 * Inline requests: the line that a person types into a raw connection, split into arguments as
 * Redis' sdssplitargs does. Double quotes take \n \r \t \b \a \xHH and \<any>; single quotes take
 * only \'. Invariant: characters are bytes (latin1) going in and coming out.
 */

const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
]);
const HEXADECIMAL = /^[0-9a-fA-F]{2}$/;

/** Splits a line into its arguments; `undefined` if its quotes are not balanced. */
export function splitLine(line: string): string[] | undefined {
  const result: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line.charCodeAt(at))) {
      at++;
    }
    if (at === line.length) {
      return result;
    }
    let argument = '';
    while (at < line.length && !isSpace(line.charCodeAt(at))) {
      const character = line[at] as string;
      if (character !== '"' && character !== "'") {
        argument += character;
        at++;
        continue;
      }
      const quoted = readQuoted(line, at + 1, character);
      // A closing quote ends its argument: "a"b is an error and not two words.
      if (quoted === undefined || (quoted.next < line.length && !followedBySpace(line, quoted))) {
        return undefined;
      }
      argument += quoted.text;
      at = quoted.next;
    }
    result.push(argument);
  }
}

interface Quoted {
  text: string;
  next: number;
}

function readQuoted(line: string, from: number, quote: string): Quoted | undefined {
  let text = '';
  for (let at = from; at < line.length; at++) {
    const character = line[at] as string;
    if (character === quote) {
      return { text, next: at + 1 };
    }
    const following = line[at + 1];
    if (character !== '\\' || following === undefined) {
      text += character;
    } else if (quote === "'") {
      text += following === quote ? quote : character;
      at += following === quote ? 1 : 0;
    } else if (following === 'x' && HEXADECIMAL.test(line.slice(at + 2, at + 4))) {
      text += String.fromCharCode(Number.parseInt(line.slice(at + 2, at + 4), 16));
      at += 3;
    } else {
      text += ESCAPES.get(following) ?? following;
      at++;
    }
  }
  return undefined;
}

function followedBySpace(line: string, quoted: Quoted): boolean {
  return isSpace(line.charCodeAt(quoted.next));
}

/** C's isspace(): tab to carriage return, and the blank. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
