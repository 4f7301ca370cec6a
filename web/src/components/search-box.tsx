import { Button, Input, makeStyles } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import { useDebounced, useLatest } from '../lib/hooks';
import { DismissRegular, SearchRegular } from './icons';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: { width: '240px', maxWidth: '100%', '@media (max-width: 640px)': { width: '100%', flexGrow: 1 } },
});

interface Props {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  placeholder?: string;
}

/** Search as you type; the change is passed on once typing pauses. Escape empties it. */
export function SearchBox({ value, onChange, label = texts.search, placeholder = texts.search }: Props) {
  const styles = useStyles();
  const [typed, setTyped] = useState(value);
  const settled = useDebounced(typed, 250);
  const passedOn = useRef(value);
  const latest = useLatest(onChange);

  useEffect(() => {
    if (settled !== passedOn.current) {
      passedOn.current = settled;
      latest.current(settled);
    }
  }, [settled, latest]);

  // A reset from outside, such as "Reset search and filters".
  useEffect(() => {
    if (value !== passedOn.current) {
      passedOn.current = value;
      setTyped(value);
    }
  }, [value]);

  return (
    <Input
      type="search"
      role="searchbox"
      className={styles.root}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(_, data) => setTyped(data.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed) {
          event.stopPropagation();
          setTyped('');
        }
      }}
      contentBefore={<SearchRegular />}
      contentAfter={
        typed ? (
          <Button
            appearance="transparent"
            size="small"
            icon={<DismissRegular />}
            aria-label={texts.clear_search}
            onClick={() => setTyped('')}
          />
        ) : null
      }
    />
  );
}
