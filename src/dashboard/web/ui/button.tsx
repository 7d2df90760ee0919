import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'plain' | 'primary' | 'ghost' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly icon?: LucideIcon;
  /** What an icon alone means: its accessible name, and its tooltip. */
  readonly label?: string;
}

/** A button with words, an icon, or both. With `label` and no children it is an icon alone. */
export function Button({
  kind = 'plain',
  size = 'normal',
  icon: Icon,
  label,
  children,
  className = '',
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${className}`}
      data-kind={kind}
      data-size={size}
      data-icon-only={children === undefined ? '' : undefined}
      aria-label={label}
      title={label}
      {...rest}
    >
      {Icon !== undefined && <Icon size={size === 'small' ? 14 : 15} aria-hidden="true" className="shrink-0" />}
      {children}
    </button>
  );
}
