import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Notice, NoticePage } from '../../api/types';
import { serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { NoticeBell } from './bell';

afterEach(() => vi.unstubAllGlobals());

const notice = (id: string, more: Partial<Notice> = {}): Notice => ({
  id,
  at: '2026-11-25T09:00:00Z',
  severity: 'error',
  reason: 'target.unreachable',
  title: `Export ${id} failed`,
  detail: 'The server did not answer.',
  link: '/data/runs/r1',
  count: 1,
  is_read: false,
  is_resolved: false,
  ...more,
});
const page = (items: Notice[], more: Partial<NoticePage> = {}): NoticePage => ({ items, next_cursor: null, unread: items.filter((n) => !n.is_read).length, ...more });

function open(first: unknown, more: Record<string, unknown> = {}) {
  const asked = serve({ 'GET /notices?limit=20': first, 'POST /notices/read-all': undefined, ...more });
  return { asked, ...renderPage(<NoticeBell className="" />, { role: 'viewer', routes: [{ path: '/data/runs/r1', element: <p>The run</p> }] }) };
}

const bell = () => screen.getByRole('button', { name: /^Notifications/ });

it('UI-25, SYS-28: the bell tells how many are unread, and lists them with time, count and state', async () => {
  const { user } = open(page([notice('a', { count: 3 }), notice('b', { is_read: true, is_resolved: true, severity: 'warning' })]));
  await screen.findByRole('button', { name: 'Notifications, 1 unread' });
  await user.click(bell());
  await screen.findByText('Export a failed');
  const items = await screen.findAllByRole('listitem');
  expect(items[0]).toHaveTextContent(/Unread, Error:.*Export a failed.*The server did not answer.*3 times/);
  expect(items[1]).toHaveTextContent(/Warning:.*Resolved/);
  expect(within(items[1]!).queryByRole('button')).not.toBeInTheDocument();
});

it('SYS-28: marks one read, and all', async () => {
  const { user, asked } = open(page([notice('a'), notice('b')]), { 'POST /notices/a/read': undefined });
  await user.click(await screen.findByRole('button', { name: 'Notifications, 2 unread' }));
  await user.click(await screen.findByRole('button', { name: 'Mark as read: Export a failed' }));
  await waitFor(() => expect(asked.some((a) => a.path === '/notices/a/read')).toBe(true));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Mark all as read' })).toBeEnabled());
  await user.click(screen.getByRole('button', { name: 'Mark all as read' }));
  await waitFor(() => expect(asked.some((a) => a.path === '/notices/read-all')).toBe(true));
});

it('SYS-26: leads to what it tells of, and is read then', async () => {
  const { user, asked } = open(page([notice('a')]), { 'POST /notices/a/read': undefined });
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 unread' }));
  await user.click(await screen.findByRole('link', { name: 'Export a failed' }));
  expect(await screen.findByText('The run')).toBeVisible();
  expect(asked.some((a) => a.path === '/notices/a/read')).toBe(true);
});

it('UI-24: a link that leads out of this app is not followed', async () => {
  const { user } = open(page([notice('a', { link: '//evil.example/x' })]));
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 unread' }));
  expect(await screen.findByText('Export a failed')).toBeVisible();
  expect(screen.queryByRole('link')).not.toBeInTheDocument();
});

it('UI-13: says so when there is nothing', async () => {
  const { user } = open(page([]));
  await user.click(bell());
  expect(await screen.findByText('Nothing to tell')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Mark all as read' })).not.toBeInTheDocument();
});

it('UI-16: is closed by Escape, and the focus returns to the bell', async () => {
  const { user } = open(page([notice('a')]));
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 unread' }));
  await screen.findByText('Export a failed');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByText('Export a failed')).not.toBeInTheDocument());
  expect(bell()).toHaveFocus();
});
