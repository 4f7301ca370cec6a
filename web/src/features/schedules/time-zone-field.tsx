import { Combobox, Field, makeStyles, Option, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useNow } from '../../lib/hooks';
import { zoneOffset } from '../../lib/format';
import { useTimeZones } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  list: { maxHeight: '320px' },
  root: { minWidth: 0, width: '100%', maxWidth: '360px' },
  option: { display: 'flex', justifyContent: 'space-between', gap: '12px', width: '100%' },
  offset: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums' },
  note: { padding: '6px 12px', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** More than a person scrolls through, and few enough to be drawn at once. */
const kShown = 60;

/** "new york" finds America/New_York. */
const searchable = (zone: string) => zone.toLowerCase().replaceAll('_', ' ');

interface Props {
  value: string;
  onChange: (zone: string) => void;
  problem?: string;
  disabled?: boolean;
}

/** All zones the server knows, found by typing. The stored one is offered whatever the list says. */
export function TimeZoneField({ value, onChange, problem, disabled }: Props) {
  const styles = useStyles();
  const now = useNow();
  const zones = useTimeZones();
  const [typed, setTyped] = useState<string | null>(null);

  const all = zones.data ?? [];
  const offered = all.includes(value) || !value ? all : [value, ...all];
  const needle = searchable(typed ?? '').trim();
  const hits = needle ? offered.filter((zone) => searchable(zone).includes(needle)) : offered;
  // The chosen one comes first, so that opening the list shows where one is.
  const sorted = needle ? hits : [...hits].sort((a, b) => Number(b === value) - Number(a === value));
  const shown = sorted.slice(0, kShown);

  return (
    <Field label={texts.zone} required validationMessage={problem} validationState={problem ? 'error' : 'none'} hint={disabled ? undefined : texts.zone_hint}>
      <Combobox
        className={styles.root}
        listbox={{ className: styles.list }}
        disabled={disabled}
        value={typed ?? value}
        selectedOptions={[value]}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        onOptionSelect={(_, data) => {
          // The kit also tells that typing has left the chosen option behind; that is no choice.
          if (!data.optionValue) return;
          onChange(data.optionValue);
          setTyped(null);
        }}
        onOpenChange={(_, data) => !data.open && setTyped(null)}
        onBlur={() => setTyped(null)}
      >
        {shown.map((zone) => (
          <Option key={zone} value={zone} text={zone}>
            <span className={styles.option}>
              {zone.replaceAll('_', ' ')}
              <span className={styles.offset}>{zoneOffset(zone, now)}</span>
            </span>
          </Option>
        ))}
        {sorted.length > shown.length && (
          <Option disabled value="" text="" checkIcon={null}>
            <span className={styles.note}>{texts.zone_more(sorted.length - shown.length)}</span>
          </Option>
        )}
        {sorted.length === 0 && (
          <Option disabled value="" text="" checkIcon={null}>
            <span className={styles.note}>{texts.zone_no_hits}</span>
          </Option>
        )}
      </Combobox>
    </Field>
  );
}
