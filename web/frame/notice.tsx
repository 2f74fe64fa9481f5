/** Something the viewer should know, in plain words, on any page. */
import type { ComponentChildren } from 'preact';
import { plainWords } from '../errors.ts';

interface NoticeProps {
  tone?: 'calm' | 'warn';
  title?: string;
  children: ComponentChildren;
}

export function Notice({ tone = 'calm', title, children }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'warn' ? 'alert' : 'status'}>
      {title && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function Failure({ title, error, retry }: { title: string; error: unknown; retry: () => void }) {
  return (
    <Notice tone="warn" title={title}>
      <p>{plainWords(error)}</p>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </Notice>
  );
}
