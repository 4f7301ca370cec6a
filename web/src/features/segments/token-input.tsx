import { Input, makeStyles, Tag, TagGroup } from '@fluentui/react-components';
import { useState } from 'react';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '6px', minWidth: 0 },
  tags: { flexWrap: 'wrap', rowGap: '4px' },
});

interface Props {
  label: string;
  values: string[];
  onChange: (values: string[]) => void;
}

/** Several values in one box. A pasted column of a spreadsheet becomes one value per line. */
export function TokenInput({ label, values, onChange }: Props) {
  const styles = useStyles();
  const [typed, setTyped] = useState('');

  const add = (text: string) => {
    const fresh = text
      .split(/[\r\n\t]+/)
      .map((v) => v.trim())
      .filter((v) => v !== '' && !values.includes(v));
    if (fresh.length > 0) onChange([...values, ...new Set(fresh)]);
    setTyped('');
  };

  return (
    <div className={styles.root}>
      {values.length > 0 && (
        <TagGroup
          className={styles.tags}
          size="small"
          aria-label={label}
          onDismiss={(_, data) => onChange(values.filter((v) => v !== data.value))}
        >
          {values.map((value) => (
            <Tag key={value} value={value} dismissible dismissIcon={{ 'aria-label': texts.remove_value(value) }}>
              {value}
            </Tag>
          ))}
        </TagGroup>
      )}
      <Input
        aria-label={label}
        placeholder={texts.values}
        value={typed}
        onChange={(_, data) => setTyped(data.value)}
        onBlur={() => add(typed)}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text');
          if (!/[\r\n\t]/.test(text)) return;
          event.preventDefault();
          add(text);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            add(typed);
          } else if (event.key === 'Backspace' && typed === '' && values.length > 0) {
            onChange(values.slice(0, -1));
          }
        }}
      />
    </div>
  );
}
