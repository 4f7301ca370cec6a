import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { ConnectionType, Export, Role } from '../../api/types';
import { list, serve, type Asked } from '../../test/fake-server';
import { ads, exportable, mail, webhook } from '../../test/mail';
import { renderPage } from '../../test/render';
import { anExport } from '../../test/things';
import { EditExportPane, NewExportPane } from './export-pane';

afterEach(() => vi.unstubAllGlobals());

const routes = [
  { path: '/data/exports/new', element: <NewExportPane /> },
  { path: '/data/exports/:id', element: <EditExportPane /> },
  { path: '/data/exports', element: <p>The exports</p> },
];

function open(type: ConnectionType, { stored, role = 'contributor' }: { stored?: Export; role?: Role } = {}) {
  const asked = serve({
    'GET /connection-types': list([type]),
    'GET /usable-connections': list([{ id: 'c1', display_name: 'Newsletter', type: type.id, type_title: type.title }]),
    'GET /exportable-tables': list(exportable),
    'GET /exports/e1': stored,
    'GET /runs': list([]),
    'POST /exports': anExport('e9'),
    'PATCH /exports/e1': stored,
  });
  return { asked, ...renderPage(null, { at: stored ? '/data/exports/e1' : '/data/exports/new', role, routes }) };
}

type User = ReturnType<typeof open>['user'];
const sent = (asked: Asked[], method: string) => asked.find((a) => a.method === method)?.body;
const save = () => screen.getByRole('button', { name: 'Save' });
const name = async (user: User) => user.type(await screen.findByRole('textbox', { name: 'Display name' }), 'Weekly');
const tick = (user: User, segment: string) => user.click(screen.getByRole('checkbox', { name: `Select ${segment}` }));

async function choose(user: User, box: string, option: string) {
  await user.click(screen.getByRole('combobox', { name: box }));
  await user.click(await screen.findByRole('option', { name: option }));
}

const stored = anExport('e1', {
  connection: { id: 'c1', display_name: 'Newsletter', type: 'mail', type_title: 'Example Mail' },
  type: 'mail',
  tables: ['us_seniors'],
  settings: { list_id: '42' },
  mapping: { first_name: 'FirstName', email: 'Email' },
  mode: 'mirror',
});

it('EXP-28, EXP-30: offers segments only, with their members', async () => {
  open(mail);
  const table = await screen.findByRole('table', { name: 'Select segments' });
  expect(within(table).getAllByRole('checkbox')).toHaveLength(4);
  expect(within(table).queryByText('Orders')).not.toBeInTheDocument();
  expect(within(table).getByText('7,043')).toBeVisible();
  expect(within(table).getByRole('columnheader', { name: /Members/ })).toBeVisible();
});

it('EXP-34: saves what was proposed and chosen, in order, and only what is new from then on', async () => {
  const { user, asked } = open(mail);
  await name(user);
  expect(screen.getByRole('combobox', { name: 'Email' })).toHaveTextContent('Email');
  expect(screen.getByText('Proposed by its name')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Add attribute' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Phone' }));
  expect(screen.getByText('Proposed by its name · Sent hashed (SHA-256) · With the country code.')).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: 'List id' }), '42');
  await tick(user, 'US seniors');
  expect(screen.getByRole('radio', { name: /Only what is new or changed/ })).toBeChecked();
  await user.click(save());
  await screen.findByText('The exports');
  expect(sent(asked, 'POST')).toMatchObject({ tables: ['us_seniors'], columns: {}, mode: 'incremental', settings: { list_id: '42' } });
  expect(Object.entries((sent(asked, 'POST') as Export).mapping!)).toEqual([['email', 'Email'], ['phone', 'Mobile']]);
});

it('EXP-34: Save waits for every mandatory attribute, and the pane says which is missing', async () => {
  const { user } = open({ ...mail, mapping: { ...mail.mapping!, attributes: mail.mapping!.attributes.map((a) => (a.name === 'email' ? { ...a, name: 'crm_key', title: 'CRM key' } : a)) } });
  await name(user);
  await user.type(screen.getByRole('textbox', { name: 'List id' }), '42');
  await tick(user, 'US seniors');
  expect(save()).toBeDisabled();
  expect(save()).toHaveAccessibleDescription('Still missing: a column for CRM key.');
  await choose(user, 'CRM key', 'CustomerId');
  expect(save()).toBeEnabled();
  expect(screen.queryByText(/Still missing/)).not.toBeInTheDocument();
});

it('EXP-35: optional attributes come and go; Add attribute ends when all are in use', async () => {
  const { user } = open(mail);
  await screen.findByRole('combobox', { name: 'Email' });
  for (const attribute of ['First name', 'Phone']) {
    await user.click(screen.getByRole('button', { name: 'Add attribute' }));
    await user.click(await screen.findByRole('menuitem', { name: attribute }));
  }
  expect(screen.getByRole('button', { name: 'Add attribute' })).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Remove Email' })).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Remove First name' }));
  expect(screen.queryByRole('combobox', { name: 'First name' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Add attribute' })).toBeEnabled();
});

it('EXP-36: the key identifier is asked first, and changes what must be mapped', async () => {
  const { user } = open(ads);
  const email = await screen.findByRole('combobox', { name: 'Email' });
  const key = screen.getByRole('radiogroup', { name: 'Choose your key identifier' });
  expect(key.compareDocumentPosition(email)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  await user.click(screen.getByRole('radio', { name: 'Name and address' }));
  expect(screen.queryByRole('combobox', { name: 'Email' })).not.toBeInTheDocument();
  expect(screen.getByRole('combobox', { name: 'Last name' })).toHaveTextContent('LastName');
});

it('EXP-41: says of a column with hashes that it is sent as it is', async () => {
  const { user } = open(ads);
  expect(await screen.findByText(/Sent hashed/)).toBeVisible();
  await user.click(screen.getByRole('switch', { name: 'Already hashed' }));
  expect(screen.getByText(/Holds hashes already/)).toBeVisible();
});

it('EXP-31, EXP-32: a segment that is too large is warned of, one that is too small cannot be saved', async () => {
  const { user } = open(ads);
  await name(user);
  await tick(user, 'Everyone');
  expect(screen.getByText(/Everyone has 7,043 members. Example Ads takes at most 1,000/)).toBeVisible();
  expect(screen.getByText('Too large')).toBeVisible();
  expect(save()).toBeEnabled();
  await tick(user, 'Guests');
  expect(screen.getByText('Guests has 120 members. Example Ads takes a segment of at least 300.')).toBeVisible();
  expect(save()).toBeDisabled();
  expect(screen.getByText('How long it takes: 100,000 members in up to 15 minutes.')).toBeVisible();
});

it('BEY-02: mirror is offered only where rows can be taken away', async () => {
  open(ads);
  expect(await screen.findByRole('radio', { name: /New, changed, and removals/ })).toBeDisabled();
  expect(screen.getByText('Example Ads offers no way to remove people.')).toBeVisible();
});

it('EXP-38: free names are typed per column, in an order of their own, and one says who a row is', async () => {
  const { user, asked } = open(webhook);
  await name(user);
  await tick(user, 'US seniors');
  await choose(user, 'Source of row 1', 'Email');
  expect(screen.getByRole('textbox', { name: 'Target of row 1' })).toHaveValue('Email');
  await user.click(screen.getByRole('button', { name: 'Add attribute' }));
  await choose(user, 'Source of row 2', 'CustomerId');
  expect(save()).toHaveAccessibleDescription('Still missing: the name that says who a row is.');
  await choose(user, 'Rows are told apart by', 'CustomerId');
  await user.click(screen.getByRole('button', { name: 'Move CustomerId up' }));
  await user.click(save());
  await screen.findByText('The exports');
  expect(Object.entries((sent(asked, 'POST') as Export).mapping!)).toEqual([['CustomerId', 'CustomerId'], ['Email', 'Email']]);
  expect(sent(asked, 'POST')).toMatchObject({ settings: { identifier: 'CustomerId' } });
});

const hook = { ...stored, type: 'hook', settings: { identifier: 'mail' } };

it('EXP-38: a name that is there twice is said at its row, and is not saved', async () => {
  const { user } = open(webhook, { stored: { ...hook, mapping: { mail: 'Email', id: 'CustomerId' } } });
  const target = await screen.findByRole('textbox', { name: 'Target of row 2' });
  await user.clear(target);
  await user.type(target, 'Mail');
  expect(target).toHaveAccessibleDescription('Mail is there twice. Each name may be used once.');
  expect(save()).toBeDisabled();
});

it('EXP-38: the identifier follows when its row gets another name', async () => {
  const { user } = open(webhook, { stored: { ...hook, mapping: { mail: 'Email' } } });
  const target = await screen.findByRole('textbox', { name: 'Target of row 1' });
  await user.type(target, 'box');
  expect(screen.getByRole('combobox', { name: 'Rows are told apart by' })).toHaveTextContent('mailbox');
});

it('EXP-34: editing keeps the order of the mapping', async () => {
  const { user, asked } = open(mail, { stored });
  await user.type(await screen.findByRole('textbox', { name: 'Display name' }), ' 2');
  expect(screen.getByRole('radio', { name: /New, changed, and removals/ })).toBeChecked();
  await user.click(save());
  await screen.findByText('The exports');
  expect(Object.keys((sent(asked, 'PATCH') as Export).mapping!)).toEqual(['first_name', 'email']);
  expect(sent(asked, 'PATCH')).toMatchObject({ mode: 'mirror' });
});

it('EXP-21, EXP-34: who may not change it sees the mapping and the mode, for reading', async () => {
  open(mail, { stored: { ...stored, can: [] }, role: 'viewer' });
  expect(await screen.findByRole('combobox', { name: 'Email' })).toBeDisabled();
  expect(screen.getByRole('radio', { name: /New, changed, and removals/ })).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Add attribute' })).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Remove First name' })).not.toBeInTheDocument();
});

it('BEY-10: the guards speak of what the mode can do', async () => {
  const { user } = open(mail, { stored, role: 'administrator' });
  expect(await screen.findByRole('checkbox', { name: 'Ask when a segment is empty, or many people would be removed' })).toBeChecked();
  expect(screen.getByRole('textbox', { name: 'More than this share of those delivered, in percent' })).toHaveValue('30');
  await user.click(screen.getByRole('radio', { name: /Everyone, each time/ }));
  expect(screen.getByRole('checkbox', { name: 'Ask when a segment is empty' })).toBeChecked();
  expect(screen.queryByRole('textbox', { name: /in percent/ })).not.toBeInTheDocument();
});
