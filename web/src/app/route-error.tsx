import { Button } from '@fluentui/react-components';
import { useRouteError } from 'react-router';
import { ErrorState } from '../components/error-state';
import { texts } from '../lib/texts';
import { Problem } from '../lib/problem';

/** A page that broke, or a part of the app that is no longer on the server after an update. */
export function RouteError() {
  const error = useRouteError();
  const shown = error instanceof Problem ? error : new Error(texts.unexpected_hint);
  return (
    <div style={{ textAlign: 'center' }}>
      <ErrorState error={shown} title={texts.unexpected} />
      <Button appearance="primary" onClick={() => window.location.reload()}>
        {texts.reload_page}
      </Button>
    </div>
  );
}
