import { formatDuration } from '../../lib/format';

export const texts = {
  product: 'Sluice',
  tagline: 'Decide what leaves, where it goes, and who may open the gate.',
  title: 'Sign in',
  email: 'E-mail address',
  password: 'Password',
  show_password: 'Show password',
  hide_password: 'Hide password',
  submit: 'Sign in',
  refused: 'The e-mail address or the password is not right.',
  throttled: (seconds: number) =>
    seconds > 0
      ? `There were too many attempts. Try again in ${formatDuration(seconds * 1000)}.`
      : 'There were too many attempts. You can try again now.',
  again_title: 'Your session has ended',
  again_body: 'Sign in to go on. Nothing you entered on this page is lost.',
  someone_else: 'Use another account',
};
