import { Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import type { Export } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { texts } from './texts';

export type Deed = 'disconnect' | 'remove';

interface Props {
  what: Deed;
  items: Export[];
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Above this many, the number has to be typed in before they are removed. */
const kManyAtOnce = 5;

export function ConfirmExports({ what, items, busy, onConfirm, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const names = items.map((item) => item.display_name);
  const counts = what === 'remove' && items.length > kManyAtOnce;
  return (
    <ConfirmDialog
      open
      title={what === 'remove' ? texts.remove_title(names) : texts.disconnect_title(names)}
      confirm={what === 'remove' ? texts.remove : texts.disconnect}
      busy={busy}
      blocked={counts && Number(typed) !== items.length}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      <span>{what === 'remove' ? texts.remove_body : texts.disconnect_body(names.length)}</span>
      {names.length > 1 && (
        <ul style={{ margin: 0, maxHeight: '30vh', overflowY: 'auto' }} tabIndex={0}>
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
      {counts && (
        <Field label={texts.count_label(items.length)}>
          <Input inputMode="numeric" autoComplete="off" value={typed} onChange={(_, data) => setTyped(data.value)} />
        </Field>
      )}
    </ConfirmDialog>
  );
}
