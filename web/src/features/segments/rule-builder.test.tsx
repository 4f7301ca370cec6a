import { screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { list, Refused, serve, type Asked } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { NewRulePane } from './rule-pane';

afterEach(() => vi.unstubAllGlobals());

const customer = {
  id: 't1',
  name: 'Customer',
  is_customer_table: true,
  columns: [
    { name: 'Country', type: 'text' },
    { name: 'Tenure', type: 'integer' },
  ],
};
const preview = { members: 812, total: 7043, sample: { columns: ['CustomerId'], rows: [['7590-VHVEG']] } };

async function open(more: Record<string, unknown> = {}) {
  const asked = serve({
    'GET /tables': list([customer]),
    'POST /segments/preview': preview,
    'POST /segments': { id: 's1', display_name: 'US' },
    ...more,
  });
  const page = renderPage(null, {
    at: '/data/segments/new',
    routes: [
      { path: '/data/segments/new', element: <NewRulePane /> },
      { path: '/data/segments', element: <p>The segments</p> },
    ],
  });
  await screen.findByText('Who belongs to it');
  const choose = async (box: string, option: string) => {
    await page.user.click(screen.getByRole('combobox', { name: box }));
    await page.user.click(await screen.findByRole('option', { name: option }));
  };
  return { ...page, asked, choose };
}

it('counts the members while the rule is built, and saves it', async () => {
  const { user, asked, choose } = await open();
  await choose('Column of condition 1', 'Country');
  await user.type(screen.getByRole('textbox', { name: 'Value of condition 1' }), 'US');
  expect(await screen.findByText('812 of 7,043 customers')).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: 'Display name' }), 'US');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The segments')).toBeVisible();
  expect(asked.find((a: Asked) => a.method === 'POST' && a.path === '/segments')?.body).toEqual({
    display_name: 'US',
    kind: 'rule',
    rule: { match: 'all', conditions: [{ column: 'Country', operator: 'equals', value: 'US' }] },
  });
});

it('nests a group, and takes it away again', async () => {
  const { user } = await open();
  await user.click(screen.getByRole('button', { name: 'Add group' }));
  expect(screen.getByRole('group', { name: 'Group 2' })).toBeVisible();
  expect(screen.getByRole('combobox', { name: 'Column of condition 2.1' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Remove group 2' }));
  expect(screen.queryByRole('group', { name: 'Group 2' })).not.toBeInTheDocument();
});

it('shows an error of the server at its condition', async () => {
  const errors = [{ pointer: '/rule/conditions/0/value', reason: 'bad', detail: 'This value is not in the column.' }];
  const { user, choose } = await open({ 'POST /segments/preview': new Refused(422, 'segment.rule_invalid', { errors }) });
  await choose('Column of condition 1', 'Tenure');
  await user.type(screen.getByRole('textbox', { name: 'Value of condition 1' }), '5');
  expect(await screen.findByText('This value is not in the column.')).toBeVisible();
});

it('leads to the import while there is no Customer table', async () => {
  serve({ 'GET /tables': list([]) });
  renderPage(<NewRulePane />);
  expect(await screen.findByText('The Customer table is missing')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Import table' })).toBeVisible();
});
