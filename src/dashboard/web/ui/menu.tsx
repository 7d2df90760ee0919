import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';

interface MenuProps {
  readonly icon: LucideIcon;
  readonly label: string;
  /** What hangs below the button; given how to close it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel below itself. A click beside it and Escape close it. */
export function Menu({ icon, label, children }: MenuProps) {
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="ghost" icon={icon} label={label} popoverTarget={id} />
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="menu anchored w-72 p-1.5"
        onToggle={({ newState }) => setOpen(newState === 'open')}
      >
        {open && children(() => popover.current?.hidePopover())}
      </div>
    </>
  );
}
