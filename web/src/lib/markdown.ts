// Help texts are markdown written by the authors of connection types. They are parsed by marked and everything that is
// not plain text structure is taken out by DOMPurify before it reaches the page.

import DOMPurify from 'dompurify';
import { marked } from 'marked';

const kTags = ['h1', 'h2', 'h3', 'h4', 'p', 'ul', 'ol', 'li', 'code', 'pre', 'strong', 'em', 'a', 'br', 'hr', 'blockquote',
  'table', 'thead', 'tbody', 'tr', 'th', 'td'];

/** Safe HTML. The page has its own first heading: when the text has one as well, all of them go down a level. */
export function renderMarkdown(text: string): string {
  const html = marked.parse(text, { async: false, gfm: true });
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: kTags,
    ALLOWED_ATTR: ['href', 'title', 'start'],
    ALLOWED_URI_REGEXP: /^(https?:|mailto:|\/(?!\/)|#)/i,
    RETURN_DOM_FRAGMENT: true,
  });
  const holder = document.createElement('div');
  holder.append(clean);
  for (const link of holder.querySelectorAll('a[href^="http"]')) {
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  for (const level of holder.querySelector('h1') ? [3, 2, 1] : []) {
    for (const heading of holder.querySelectorAll(`h${level}`)) {
      const lower = document.createElement(`h${level + 1}`);
      lower.append(...heading.childNodes);
      heading.replaceWith(lower);
    }
  }
  // What scrolls sideways must be reachable by the keyboard.
  for (const wide of holder.querySelectorAll('pre, table')) wide.setAttribute('tabindex', '0');
  return holder.innerHTML;
}
