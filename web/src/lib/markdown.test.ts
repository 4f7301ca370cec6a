import { expect, it } from 'vitest';
import { renderMarkdown } from './markdown';

it('draws headings, lists, code and tables', () => {
  const html = renderMarkdown('# A\n\n## B\n\n- one\n\n`x`\n\n| h |\n|---|\n| c |');
  expect(html).toContain('<h2>A</h2>');
  expect(html).toContain('<h3>B</h3>');
  expect(html).toContain('<li>one</li>');
  expect(html).toContain('<td>c</td>');
});

it('leaves headings alone when the text has none of the first level', () => {
  expect(renderMarkdown('## B')).toContain('<h2>B</h2>');
});

it.each([
  ['scripts', '<script>alert(1)</script>text'],
  ['handlers', '<img src=x onerror="alert(1)">'],
  ['script links', '[x](javascript:alert(1))'],
  ['frames and styles', '<iframe src="https://a.example"></iframe><style>*{}</style>'],
  ['links to another host without a scheme', '[x](//a.example)'],
])('takes out %s', (_, text) => {
  expect(renderMarkdown(text)).not.toMatch(/script|onerror|iframe|style|\/\/a\.example/i);
});

it('opens links to elsewhere in a new tab without telling where they come from', () => {
  expect(renderMarkdown('[x](https://a.example)')).toMatch(/target="_blank".*rel="noopener noreferrer"/);
  expect(renderMarkdown('[x](/help/sftp)')).not.toContain('_blank');
});
