import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { DryRun } from '../../api/types';
import { Refused, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { anExport } from '../../test/things';
import { DryRunDialog } from './dry-run-dialog';

afterEach(() => vi.unstubAllGlobals());

const table: DryRun['tables'][number] = {
  name: 'us_seniors',
  state: 'ok',
  detail: '',
  rows: 812,
  columns: ['email'],
  files: [],
  first_bytes: '{"members":[{"email":"a@example.org"}]}',
  counts: { rows_read: 812, added: 20, changed: 9, owed: 1, unchanged: 770, removed: 3, omitted: 12, duplicates: 2, to_send: 30 },
  omitted_reasons: [{ reason: 'email.missing', detail: 'Email is empty.', rows: 10 }],
};

function open(answer: unknown) {
  serve({ 'POST /exports/e1/dry-run': answer });
  return renderPage(<DryRunDialog item={anExport('e1')} onClose={() => {}} />);
}

it('BEY-09: tells in words what would become of the rows, and why some are left out', async () => {
  open({ tables: [table], rows: 812, needs_approval: null });
  expect(await screen.findByText('A run would now send 30 of 812 members and remove 3. Nothing was sent.')).toBeVisible();
  const counts = screen.getByRole('table', { name: 'What would become of the rows of us_seniors' });
  for (const [word, number] of [['New', '20'], ['Changed', '9'], ['Still owed from earlier runs', '1'], ['Unchanged', '770'], ['To be removed', '3'], ['Left out', '12']]) {
    expect(within(within(counts).getByRole('rowheader', { name: word }).closest('tr')!).getByText(number!)).toBeVisible();
  }
  expect(screen.getByText('10 rows: Email is empty.')).toBeVisible();
});

it('BEY-09: shows the first request, indented', async () => {
  open({ tables: [table], rows: 812, needs_approval: null });
  expect((await screen.findByRole('group', { name: 'First request for us_seniors' })).textContent).toContain('\n  "members": [');
});

it('BEY-09: says why a segment would be left out, and when there is nothing to send', async () => {
  const refused = { ...table, name: 'guests', state: 'refused', detail: 'It has 120 members; 300 are needed.', counts: null };
  open({ tables: [refused, { ...table, first_bytes: '' }], rows: 812, needs_approval: null });
  expect(await screen.findByText('A run leaves it out. It has 120 members; 300 are needed.')).toBeVisible();
  expect(screen.getByText(/There is nothing to send/)).toBeVisible();
});

it('BEY-09: of files it shows rows, columns and paths as before', async () => {
  const { counts: _, omitted_reasons: __, ...file } = table;
  open({ tables: [{ ...file, files: ['a_1.csv'], first_bytes: 'Email\na@example.org\n' }], rows: 812, needs_approval: null });
  expect(await screen.findByText(/A run would now deliver 812 rows of 1 table/)).toBeVisible();
  expect(screen.getByText('a_1.csv')).toBeVisible();
});

it('UI-18: a dry run that failed can be tried again', async () => {
  open(new Refused(409, 'export.inactive', { detail: 'Choose a connection first.' }));
  expect(await screen.findByText('Choose a connection first.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});
