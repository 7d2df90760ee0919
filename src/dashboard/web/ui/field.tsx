import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import type { FieldFault } from '../api/api-error.ts';

interface FieldProps {
  readonly label: string;
  /** What is expected, before anything went wrong. */
  readonly hint?: ReactNode;
  /** What the API says is wrong with it. */
  readonly error?: string | undefined;
  readonly children: (ids: {
    readonly id: string;
    readonly 'aria-describedby'?: string;
    readonly 'aria-invalid'?: true;
  }) => ReactNode;
}

/** A labelled control with its hint and its error, tied together for screen readers. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({
        id,
        ...(note !== undefined && { 'aria-describedby': `${id}-note` }),
        ...(error !== undefined && { 'aria-invalid': true as const }),
      })}
      {note !== undefined && (
        <p id={`${id}-note`} className={`text-xs ${error === undefined ? 'text-ink-3' : 'text-error'}`}>
          {note}
        </p>
      )}
    </div>
  );
}

type Labelled = Omit<FieldProps, 'children'>;

/** A line of text. `onText` is given what it says after each change. */
export function TextField({
  label,
  hint,
  error,
  onText,
  ...input
}: Labelled & { onText: (text: string) => void } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <input className="input" onChange={(event) => onText(event.target.value)} {...input} {...ids} />}
    </Field>
  );
}

/** Several lines of text. */
export function AreaField({
  label,
  hint,
  error,
  onText,
  ...area
}: Labelled & { onText: (text: string) => void } & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <textarea className="input" rows={3} onChange={(event) => onText(event.target.value)} {...area} {...ids} />
      )}
    </Field>
  );
}

type Option = string | { readonly value: string; readonly label: string };

/** One of a few words. */
export function SelectField({
  label,
  hint,
  error,
  options,
  onText,
  ...select
}: Labelled & {
  options: readonly Option[];
  onText: (text: string) => void;
} & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <select className="input" onChange={(event) => onText(event.target.value)} {...select} {...ids}>
          {options.map((option) => {
            const { value, label: text } = typeof option === 'string' ? { value: option, label: option } : option;
            return (
              <option key={value} value={value}>
                {text}
              </option>
            );
          })}
        </select>
      )}
    </Field>
  );
}

/** What the API said of one field: `faultOf(error.faults, 'condition.threshold')`. */
export function faultOf(faults: readonly FieldFault[], field: string): string | undefined {
  return faults.find((fault) => fault.field === field)?.message;
}
