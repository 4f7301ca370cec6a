import { screen, within } from '@testing-library/react';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';
import { Problem } from '../lib/problem';
import { renderPage } from '../test/render';
import { DataList } from './data-list';

interface Thing {
  id: string;
  name: string;
}

const things: Thing[] = [
  { id: '1', name: 'Alpha' },
  { id: '2', name: 'Beta' },
  { id: '3', name: 'Gamma' },
];

type Props = Partial<Parameters<typeof DataList<Thing>>[0]>;

function List(props: Props) {
  const [selected, setSelected] = useState(new Map<string, Thing>());
  return (
    <>
      <output>{[...selected.keys()].join(',')}</output>
      <DataList<Thing>
        label="Things"
        columns={[{ id: 'name', title: 'Name', width: '1fr', sort: 'name', render: (t) => t.name }]}
        items={things}
        error={null}
        onRetry={() => {}}
        id={(t) => t.id}
        name={(t) => t.name}
        selection={{ selected, onChange: setSelected }}
        empty={<p>Nothing yet</p>}
        {...props}
      />
    </>
  );
}

it('is a table with a row for each item', () => {
  renderPage(<List />);
  const table = screen.getByRole('table', { name: 'Things' });
  expect(within(table).getAllByRole('row')).toHaveLength(4);
  expect(within(table).getByRole('row', { name: /Alpha/ })).toBeVisible();
});

it('sorts by the header, and back', async () => {
  const onSort = vi.fn();
  const { user } = renderPage(<List sort="name" onSort={onSort} />);
  expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');
  await user.click(screen.getByRole('button', { name: 'Name' }));
  expect(onSort).toHaveBeenCalledWith('-name');
});

it('ticks single rows, all rows, and none', async () => {
  const { user } = renderPage(<List />);
  const chosen = () => screen.getByRole('status').textContent;
  await user.click(screen.getByRole('checkbox', { name: 'Select Beta' }));
  expect(chosen()).toBe('2');
  await user.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
  expect(chosen()).toBe('2,1,3');
  await user.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
  expect(chosen()).toBe('');
});

it('opens the menu of a row', async () => {
  const onClick = vi.fn();
  const { user } = renderPage(<List actions={() => [{ label: 'Edit', onClick }]} />);
  await user.click(screen.getByRole('button', { name: 'More actions for Gamma' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  expect(onClick).toHaveBeenCalledOnce();
});

it('shows what it is waiting for', () => {
  renderPage(<List items={undefined} />);
  expect(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
});

it('tells an empty list from a search without hits', async () => {
  const onReset = vi.fn();
  const { user } = renderPage(<List items={[]} filtered q="zzz" onReset={onReset} />);
  expect(screen.getByText(/no entry for “zzz”/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Reset search and filters' }));
  expect(onReset).toHaveBeenCalledOnce();
});

it('says what is empty', () => {
  renderPage(<List items={[]} />);
  expect(screen.getByText('Nothing yet')).toBeVisible();
});

it('shows the request id of a failure and tries again', async () => {
  const onRetry = vi.fn();
  const error = new Problem(500, { detail: 'The database is full.', instance: 'req-77' });
  const { user } = renderPage(<List items={undefined} error={error} onRetry={onRetry} />);
  expect(screen.getByText('The database is full.')).toBeVisible();
  expect(screen.getByText('req-77')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(onRetry).toHaveBeenCalledOnce();
});

it('pages by cursor', async () => {
  const onNext = vi.fn();
  const paging = { page: 1, page_size: 3, total: 10_000, next_cursor: 'c2', onNext, onBack: vi.fn() };
  const { user } = renderPage(<List paging={paging} />);
  expect(screen.getByText('4–6 of 10,000')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onNext).toHaveBeenCalledWith('c2');
});
