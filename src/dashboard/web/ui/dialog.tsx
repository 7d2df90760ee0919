import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';

/** What one most likely goes on with: the first field, else the first button at the foot. */
const FIRST_WANTED = '[data-body] :is(input, select, textarea):not([type=hidden]), footer button';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons at its foot; the last is what is most likely wanted. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

/** A question or a form over the page. It is open while it is rendered; Escape and a click beside it close it. */
export function Dialog({ title, onClose, children, actions, wide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // By itself it would be the button that closes it.
    dialog?.querySelector<HTMLElement>(FIRST_WANTED)?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      closedby="any"
      className={`menu m-auto w-full p-0 backdrop:bg-[#0009] ${wide ? 'max-w-3xl' : 'max-w-lg'}`}
    >
      <header className="flex items-center justify-between gap-4 px-5 pt-4 pb-1">
        <h2 id={id} className="text-lg font-medium">
          {title}
        </h2>
        <Button kind="ghost" size="small" icon={X} label="Close" onClick={onClose} />
      </header>
      <div data-body="" className="px-5 py-3">
        {children}
      </div>
      {actions !== undefined && (
        <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">{actions}</footer>
      )}
    </dialog>
  );
}
