import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { NoticeSettings } from '../../api/types';
import { Refused, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { NoticeSettingsTab } from './settings-tab';

afterEach(() => vi.unstubAllGlobals());

const stored: NoticeSettings = {
  mail: { is_on: true, host: 'smtp.example.org', port: 587, security: 'starttls', username: 'sluice', from: 'sluice@example.org', has_password: true, recipients: ['administrators'] },
  webhooks: [{ id: 'w1', url: 'https://hooks.example.org/a', is_on: true, has_secret: true, last_status: 'answered 200', last_at: '2026-11-25T09:00:00Z' }],
  version: 7,
  can: ['update'],
};

function open(settings: NoticeSettings = stored, more: Record<string, unknown> = {}) {
  const asked = serve({ 'GET /notice-settings': settings, 'PUT /notice-settings': { ...settings, version: 8 }, ...more });
  return { asked, ...renderPage(<NoticeSettingsTab />) };
}

const put = (asked: ReturnType<typeof open>['asked']) => asked.find((a) => a.method === 'PUT');
const save = () => screen.getByRole('button', { name: 'Save' });
const mail = async () => within(await screen.findByRole('region', { name: 'E-mail' }));

it('SYS-24: changes the mail server and keeps the password it never saw', async () => {
  const { user, asked } = open();
  const form = await mail();
  expect(save()).toBeDisabled();
  expect(form.getByRole('button', { name: /Hidden value/ })).toBeVisible();
  await user.clear(form.getByRole('textbox', { name: 'Mail server' }));
  await user.type(form.getByRole('textbox', { name: 'Mail server' }), 'mail.example.org');
  await user.click(save());
  await waitFor(() => expect(put(asked)?.headers['If-Match']).toBe('"7"'));
  const body = put(asked)?.body as { mail: Record<string, unknown>; webhooks: unknown[] };
  expect(body.mail).toEqual({ is_on: true, host: 'mail.example.org', port: 587, security: 'starttls', username: 'sluice', from: 'sluice@example.org', recipients: ['administrators'] });
  expect(body.webhooks).toEqual([{ id: 'w1', url: 'https://hooks.example.org/a', is_on: true }]);
});

it('SYS-24: replaces the password, or clears it', async () => {
  const { user, asked } = open();
  const form = await mail();
  await user.click(form.getByRole('button', { name: /Hidden value/ }));
  await user.type(form.getByLabelText(/^Password/), 'n3w');
  await user.click(save());
  await waitFor(() => expect(put(asked)?.body).toMatchObject({ mail: { password: { set: 'n3w' } } }));
});

it('SYS-29: adds a webhook with a secret, and removes one', async () => {
  const { user, asked } = open();
  await user.click(await screen.findByRole('button', { name: 'Remove webhook 1' }));
  expect(screen.getByText('There are no webhooks.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Add webhook' }));
  const form = within(screen.getByRole('region', { name: 'Webhook 1' }));
  await user.type(form.getByRole('textbox', { name: 'Address' }), 'hooks.example.org');
  expect(form.getByText(/starts with https/)).toBeVisible();
  expect(save()).toBeDisabled();
  await user.clear(form.getByRole('textbox', { name: 'Address' }));
  await user.type(form.getByRole('textbox', { name: 'Address' }), 'https://hooks.example.org/b');
  await user.type(form.getByLabelText(/^Signing secret/), 's1gn');
  await user.click(save());
  await waitFor(() => expect(put(asked)?.body).toMatchObject({ webhooks: [{ url: 'https://hooks.example.org/b', is_on: true, secret: { set: 's1gn' } }] }));
});

it('SYS-29: sends a test with what is stored, and tells how it went', async () => {
  const { user, asked } = open(stored, { 'POST /notice-settings/test': { ok: false, detail: 'It answered 404.' } });
  await user.click(await screen.findByRole('button', { name: 'Send a test to https://hooks.example.org/a' }));
  expect(await screen.findByText('It answered 404.')).toBeVisible();
  expect(screen.getByText('The test did not go through.')).toBeVisible();
  expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ to: 'w1' });
  await user.click(screen.getByRole('switch', { name: 'On' }));
  expect(screen.getByRole('button', { name: 'Send a test e-mail' })).toBeDisabled();
});

it('UI-18: puts what the server refuses at its field', async () => {
  const refused = new Refused(422, 'invalid', { errors: [{ pointer: '/webhooks/0/url', reason: 'egress.blocked', detail: 'This address is not allowed.' }] });
  const { user } = open(stored, { 'PUT /notice-settings': refused });
  await user.click(await screen.findByRole('switch', { name: 'On' }));
  await user.click(save());
  expect(await screen.findByText('This address is not allowed.')).toBeVisible();
});

it('SYS-10: is grey for those who may not change it', async () => {
  open({ ...stored, can: [] });
  const form = await mail();
  expect(form.getByRole('switch', { name: 'Send e-mail' })).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
});
