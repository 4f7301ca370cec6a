// JSON made readable without being read: numbers keep all their digits, and a text that was cut off stays readable up to there.

const kIndent = '  ';

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** The index of the next character that is no blank. */
function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && /\s/.test(text[at]!)) at += 1;
  return at;
}

/** Anything that does not begin as an object or a list comes back as it is. */
export function indentJson(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  let out = '';
  let depth = 0;
  const newLine = () => `\n${kIndent.repeat(Math.max(0, depth))}`;
  for (let at = 0; at < text.length; ) {
    const c = text[at]!;
    if (c === '"') {
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end;
    } else if (c === '{' || c === '[') {
      const next = skipBlanks(text, at + 1);
      if (text[next] === (c === '{' ? '}' : ']')) {
        out += c + text[next];
        at = next + 1;
      } else {
        depth += 1;
        out += c + newLine();
        at = next;
      }
    } else if (c === '}' || c === ']') {
      depth -= 1;
      out += newLine() + c;
      at += 1;
    } else if (c === ',') {
      out += c + newLine();
      at = skipBlanks(text, at + 1);
    } else if (c === ':') {
      out += ': ';
      at = skipBlanks(text, at + 1);
    } else if (/\s/.test(c)) {
      at += 1;
    } else {
      out += c;
      at += 1;
    }
  }
  return out;
}

/** A whole request or answer as text: what follows its headers is indented. */
export function indentMessage(text: string): string {
  if (/^\s*[{[]/.test(text)) return indentJson(text);
  const gap = /\r?\n\r?\n/.exec(text);
  if (!gap) return text;
  const body = gap.index + gap[0].length;
  return text.slice(0, body) + indentJson(text.slice(body));
}
