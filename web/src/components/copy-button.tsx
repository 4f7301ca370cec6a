import { Button } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import { CheckmarkRegular, CopyRegular } from './icons';
import { texts } from '../lib/texts';

/** The clipboard API exists on https and localhost only; elsewhere the text is copied through a selection. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      size="small"
      appearance="subtle"
      icon={copied ? <CheckmarkRegular /> : <CopyRegular />}
      aria-label={copied ? texts.copied : label}
      title={copied ? texts.copied : label}
      onClick={() => void copy(value).then(() => setCopied(true))}
    />
  );
}
