import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { list, Refused, serve, type Asked } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { dropBox, passed, sftp, unpinned } from '../../test/sftp';
import { EditConnectionPane, NewConnectionPane } from './connection-pane';
import { TypeTile } from './type-tile';

afterEach(() => vi.unstubAllGlobals());

const routes = [
  { path: '/admin/connections/:tab/new/:type', element: <NewConnectionPane /> },
  { path: '/admin/connections/:tab/:id', element: <EditConnectionPane /> },
  { path: '/admin/connections/:tab', element: <p>The list</p> },
];
const answers = { 'GET /connection-types': list([sftp]) };
const button = (name: string) => screen.getByRole('button', { name });
const typeSecret = () => screen.getByLabelText(/^Password/, { selector: 'input[type=password]' });
const sent = (asked: Asked[], key: string) => asked.find((a) => `${a.method} ${a.path}` === key);

async function openNew(more: Record<string, unknown> = {}) {
  const asked = serve({ ...answers, 'POST /connections/verify': passed, 'POST /connections': dropBox, ...more });
  const page = renderPage(null, { at: '/admin/connections/discover/new/sftp', routes });
  await screen.findByText('Set up SFTP (preview) connection');
  const fill = async () => {
    await page.user.type(screen.getByRole('textbox', { name: 'Display name' }), ' Agency drop box ');
    await page.user.type(screen.getByRole('textbox', { name: 'Host' }), 'files.example.net');
    await page.user.type(typeSecret(), 's3cret');
  };
  return { ...page, asked, fill };
}

async function openEdit(more: Record<string, unknown> = {}) {
  const asked = serve({ ...answers, 'GET /connections/c1': dropBox, 'POST /connections/verify': passed, 'PATCH /connections/c1': dropBox, ...more });
  const page = renderPage(null, { at: '/admin/connections/exports/c1', routes });
  await screen.findByText('Edit SFTP (preview) connection');
  return { ...page, asked };
}

it('DIS-12: a type of the operator is marked as such, on its tile and in its pane', async () => {
  serve({ 'GET /connection-types': list([{ ...sftp, community: true }]) });
  renderPage(null, { at: '/admin/connections/discover/new/sftp', routes });
  expect(await screen.findByText('Community')).toBeVisible();
  expect(screen.getByText(/Added by the operator of this server/)).toBeVisible();
  cleanup();
  renderPage(<TypeTile type={{ ...sftp, community: true }} />);
  expect(screen.getByText('Community')).toBeVisible();
  cleanup();
  renderPage(<TypeTile type={sftp} />);
  expect(screen.queryByText('Community')).not.toBeInTheDocument();
});

describe('setting up', () => {
  it('starts with Administrators only, and nothing to save', async () => {
    await openNew();
    expect(screen.getByRole('radio', { name: 'Administrators' })).toBeChecked();
    expect(button('Save')).toBeDisabled();
    expect(button('Verify')).toBeDisabled();
  });

  it('saves only what is complete, verified and agreed to, with proof of the verification', async () => {
    const { user, asked, fill } = await openNew();
    await fill();
    await user.click(button('Verify'));
    expect(await screen.findByText('Verified in 412 ms')).toBeVisible();
    expect(button('Save')).toBeDisabled();
    await user.click(screen.getByRole('checkbox', { name: 'I agree' }));
    await user.click(screen.getByRole('radio', { name: 'Administrators and contributors' }));
    await user.click(button('Save'));
    expect(await screen.findByText('The list')).toBeVisible();
    const create = sent(asked, 'POST /connections');
    expect(create?.headers['Idempotency-Key']).toBeTruthy();
    expect(create?.body).toEqual({
      type: 'sftp',
      display_name: 'Agency drop box',
      settings: { host: 'files.example.net' },
      secrets: { password: { set: 's3cret' } },
      sharing: { with: 'contributors' },
      consent: { agreed: true, statement_version: 2 },
      verification_token: 'proof',
    });
    expect(await screen.findByText('Agency drop box was added.')).toBeVisible();
  });

  it('forgets the verification when a value changes', async () => {
    const { user, fill } = await openNew();
    await fill();
    await user.click(screen.getByRole('checkbox', { name: 'I agree' }));
    await user.click(button('Verify'));
    await waitFor(() => expect(button('Save')).toBeEnabled());
    await user.type(screen.getByRole('textbox', { name: 'Host' }), '.org');
    expect(button('Save')).toBeDisabled();
    expect(screen.getByText('The values have changed since the last check.')).toBeVisible();
  });

  it('pins the host key that the check proposes, and checks again', async () => {
    const verify = (asked: Asked) => ((asked.body as { settings: { host_key?: string } }).settings.host_key ? passed : unpinned);
    const { user, fill } = await openNew({ 'POST /connections/verify': verify });
    await fill();
    await user.click(button('Verify'));
    const steps = await screen.findByRole('list', { name: 'Check the connection' });
    expect(within(steps).getByText('Compare it, then pin it.')).toBeVisible();
    await user.click(button('Pin this host key'));
    expect(screen.getByRole('textbox', { name: 'Host key' })).toHaveValue('SHA256:abc');
    expect(await screen.findByText('Verified in 412 ms')).toBeVisible();
  });

  it('shows the refusals of the server at their fields and keeps what was typed', async () => {
    const errors = [{ pointer: '/display_name', reason: 'name_taken', detail: 'Another connection has this name.' }];
    const { user, fill } = await openNew({ 'POST /connections': new Refused(409, 'connection.name_taken', { errors }) });
    await fill();
    await user.click(screen.getByRole('checkbox', { name: 'I agree' }));
    await user.click(button('Verify'));
    await waitFor(() => expect(button('Save')).toBeEnabled());
    await user.click(button('Save'));
    expect(await screen.findByText('Another connection has this name.')).toBeVisible();
    expect(screen.getByRole('textbox', { name: 'Host' })).toHaveValue('files.example.net');
  });

  it('asks before it discards what was typed', async () => {
    const { user } = await openNew();
    await user.type(screen.getByRole('textbox', { name: 'Display name' }), 'x');
    await user.click(button('Cancel'));
    await user.click(await screen.findByRole('button', { name: 'Keep editing', hidden: true }));
    // The kit hides what is not under the open dialog from assistive technology, and takes a moment to show it again.
    expect(await screen.findByRole('textbox', { name: 'Display name', hidden: true })).toHaveValue('x');
    await user.click(await screen.findByRole('button', { name: 'Cancel', hidden: true }));
    await user.click(await screen.findByRole('button', { name: 'Discard', hidden: true }));
    expect(await screen.findByText('The list')).toBeVisible();
  });

  it('closes without a question when nothing was typed', async () => {
    const { user } = await openNew();
    await user.click(button('Cancel'));
    expect(await screen.findByText('The list')).toBeVisible();
  });
});

describe('editing', () => {
  it('sends a new name alone: no secret, no target, no new verification', async () => {
    const { user, asked } = await openEdit();
    expect(button('Hidden value. Click here to change')).toBeVisible();
    expect(button('Save')).toBeDisabled();
    await user.type(screen.getByRole('textbox', { name: 'Display name' }), ' 2');
    await user.click(button('Save'));
    await screen.findByText('The list');
    const patch = sent(asked, 'PATCH /connections/c1');
    expect(patch?.headers['If-Match']).toBe('"3"');
    expect(patch?.body).toEqual({ display_name: 'Agency drop box 2' });
  });

  it('verifies a changed target with the stored secret, and shows that it must be entered again', async () => {
    const errors = [{ pointer: '/secrets/password', reason: 'required', detail: 'Still the secret of the previous target.' }];
    const { user, asked } = await openEdit({ 'PATCH /connections/c1': new Refused(422, 'connection.secret_required', { errors }) });
    await user.type(screen.getByRole('textbox', { name: 'Host' }), '.org');
    await user.click(button('Verify'));
    await waitFor(() => expect(button('Save')).toBeEnabled());
    expect(sent(asked, 'POST /connections/verify')?.body).toMatchObject({ id: 'c1', secrets: { password: { keep: true } } });
    await user.click(button('Save'));
    expect(await screen.findByText('Still the secret of the previous target.')).toBeVisible();
  });

  it('asks to agree again when the statement has changed', async () => {
    await openEdit({ 'GET /connections/c1': { ...dropBox, consent: { ...dropBox.consent, statement_version: 1 } } });
    expect(screen.getByRole('checkbox', { name: 'I agree' })).not.toBeChecked();
    expect(screen.getByText(/statement has changed/)).toBeVisible();
  });

  it('compares before it overwrites what somebody else saved', async () => {
    let version = 3;
    const theirs = { ...dropBox, version: 4, display_name: 'Their name', updated_by: { id: 'u2', display_name: 'Grace Hopper' } };
    const { user, asked } = await openEdit({
      'GET /connections/c1': () => (version === 3 ? dropBox : theirs),
      'PATCH /connections/c1': (call: Asked) => (call.headers['If-Match'] === '"4"' ? theirs : ((version = 4), new Refused(412, 'stale'))),
    });
    await user.type(screen.getByRole('textbox', { name: 'Display name' }), ' mine');
    await user.click(button('Save'));
    await user.click(await screen.findByRole('button', { name: 'Compare' }));
    expect(await screen.findByRole('row', { name: 'Display name Their name Agency drop box mine' })).toBeVisible();
    expect(screen.getByText(/Grace Hopper saved it/)).toBeVisible();
    await user.click(button('Keep mine'));
    await user.click(button('Save'));
    await screen.findByText('The list');
    expect(asked.at(-1)?.headers['If-Match'] ?? asked.findLast((a) => a.method === 'PATCH')?.headers['If-Match']).toBe('"4"');
  });
});

it('goes back to who asked for a connection, with the new one chosen', async () => {
  serve({ ...answers, 'POST /connections/verify': passed, 'POST /connections': dropBox });
  const { user, router } = renderPage(null, { at: '/admin/connections/discover/new/sftp?return_to=/data/exports/new', routes });
  await user.type(await screen.findByRole('textbox', { name: 'Display name' }), 'Box');
  await user.type(screen.getByRole('textbox', { name: 'Host' }), 'files.example.net');
  await user.type(typeSecret(), 's3cret');
  await user.click(screen.getByRole('checkbox', { name: 'I agree' }));
  await user.click(button('Verify'));
  await waitFor(() => expect(button('Save')).toBeEnabled());
  await user.click(button('Save'));
  await waitFor(() => expect(router.state.location).toMatchObject({ pathname: '/data/exports/new', search: '?connection_id=c1' }));
});
