import { screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { Refused, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { dropBox } from '../../test/sftp';
import { RemoveDialog } from './remove-dialog';

afterEach(() => vi.unstubAllGlobals());

const dependant = { id: 'e1', display_name: 'Seniors to the agency', state: 'active', owner: { id: 'u2', display_name: 'Grace Hopper' }, blocks: true };
const used = { exports: [dependant], enrichments: [] };
const free = { exports: [], enrichments: [] };

const open = (onRemoved = vi.fn()) => ({
  onRemoved,
  ...renderPage(<RemoveDialog connection={dropBox} onClose={vi.fn()} onRemoved={onRemoved} />, {
    routes: [{ path: '/data/exports', element: <p>The exports</p> }],
  }),
});

it('removes a connection that nothing uses', async () => {
  const asked = serve({ 'GET /connections/c1/dependants': free, 'DELETE /connections/c1': undefined });
  const { user, onRemoved } = open();
  await screen.findByText(/will be deleted/);
  await user.click(screen.getByRole('button', { name: 'Remove' }));
  expect(await screen.findByText('Agency drop box was removed.')).toBeVisible();
  expect(asked.at(-1)?.headers['If-Match']).toBe('"3"');
  expect(onRemoved).toHaveBeenCalledOnce();
});

it('names what uses it, and leads there instead of removing', async () => {
  serve({ 'GET /connections/c1/dependants': used });
  const { user, router } = open();
  expect(await screen.findByText('Seniors to the agency')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Remove' })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'See connected exports' }));
  expect(router.state.location).toMatchObject({ pathname: '/data/exports', search: '?connection_id=c1' });
});

it('shows what has begun to use it meanwhile', async () => {
  serve({ 'GET /connections/c1/dependants': free, 'DELETE /connections/c1': new Refused(409, 'connection.in_use', { dependants: used }) });
  const { user } = open();
  await screen.findByText(/will be deleted/);
  await user.click(screen.getByRole('button', { name: 'Remove' }));
  expect(await screen.findByText('Seniors to the agency')).toBeVisible();
});
