interface ToggleProps {
  /** What is switched, and how it is now. */
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** On or off, at once. */
export function Toggle({ label, on, disabled = false, onChange }: ToggleProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => onChange(!on)}
      className={`relative h-4.5 w-8 shrink-0 rounded-full border transition-colors ${on ? 'border-transparent bg-accent' : 'border-line-strong bg-sunken'}`}
    >
      <span
        aria-hidden="true"
        className={`absolute top-0.5 size-3 rounded-full transition-[inset-inline-start] ${on ? 'start-4 bg-accent-ink' : 'start-0.5 bg-ink-3'}`}
      />
    </button>
  );
}
