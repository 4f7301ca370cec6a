import { Button, makeStyles, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { texts } from '../lib/texts';

const useStyles = makeStyles({ bar: { height: 'auto', marginBottom: '8px' } });

/** Two people edited at once: nothing is overwritten without having been seen. */
export function StaleMessage({ onReload }: { onReload: () => void }) {
  const styles = useStyles();
  return (
    <MessageBar intent="warning" layout="multiline" className={styles.bar} role="alert">
      <MessageBarBody>
        <MessageBarTitle>{texts.stale_title} </MessageBarTitle>
        {texts.stale}{' '}
        <Button size="small" onClick={onReload}>
          {texts.reload}
        </Button>
      </MessageBarBody>
    </MessageBar>
  );
}
