import { act, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { http } from '../../lib/http';
import { Refused, serve } from '../../test/fake-server';
import { renderPage, sessionOf } from '../../test/render';
import { SignInAgain } from './sign-in-again';
import { SignInPage } from './sign-in-page';

afterEach(() => vi.unstubAllGlobals());

const password = () => screen.getByLabelText(/^Password/);
const routes = [{ path: '/data/runs', element: <p>The runs</p> }];

async function tryToSignIn(answer: unknown, at = '/sign-in') {
  const asked = serve({ 'POST /session': answer });
  const page = renderPage(<SignInPage />, { at, routes });
  await page.user.type(screen.getByRole('textbox', { name: 'E-mail address' }), 'ada@example.org');
  await page.user.type(password(), 'guess');
  await page.user.click(screen.getByRole('button', { name: 'Sign in' }));
  return { ...page, asked };
}

it('goes to the page that was asked for', async () => {
  await tryToSignIn(sessionOf('viewer'), '/sign-in?to=%2Fdata%2Fruns');
  expect(await screen.findByText('The runs')).toBeVisible();
});

it('says that the sign-in was refused, and empties the password', async () => {
  await tryToSignIn(new Refused(401, 'session.sign_in_refused'));
  expect(await screen.findByText(/is not right/)).toBeVisible();
  expect(password()).toHaveValue('');
  expect(screen.getByRole('textbox', { name: 'E-mail address' })).toHaveValue('ada@example.org');
});

it('says how long to wait after too many attempts', async () => {
  await tryToSignIn(new Refused(429, 'session.too_many_attempts', {}, { 'Retry-After': '30' }));
  expect(await screen.findByText(/Try again in 30 sec/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
});

it('asks to sign in again over the page, and then finishes what was begun', async () => {
  let ended = true;
  serve({
    'POST /session': () => ((ended = false), sessionOf('administrator')),
    'POST /exports': () => (ended ? new Refused(401, 'session.required') : { id: 'e1' }),
  });
  const { user } = renderPage(
    <>
      <input aria-label="Half a form" defaultValue="typed" />
      <SignInAgain session={sessionOf('administrator')} />
    </>,
  );
  const saved = http.post('/exports', {});
  expect(await screen.findByText('Your session has ended')).toBeVisible();
  await user.type(password(), 'right');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await act(async () => expect(await saved).toEqual({ id: 'e1' }));
  expect(screen.getByDisplayValue('typed')).toBeInTheDocument();
});
