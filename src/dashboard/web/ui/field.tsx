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
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-1">
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

type Texted = Labelled & { readonly value?: string; readonly onText: (text: string) => void };

/** Any of a few words, kept as one text with commas. Words that are none of the options stay, and can be taken out. */
export function ChoiceField({
  label,
  hint,
  error,
  options,
  value = '',
  onText,
}: Texted & { options: readonly Option[] }) {
  const chosen = value.split(',').filter((word) => word !== '');
  const known = options.map((option) => (typeof option === 'string' ? { value: option, label: option } : option));
  const others = chosen
    .filter((word) => !known.some((option) => option.value === word))
    .map((word) => ({ value: word, label: word }));
  const toggle = (word: string) =>
    onText((chosen.includes(word) ? chosen.filter((other) => other !== word) : [...chosen, word]).join(','));
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 text-xs font-medium text-ink-2">{label}</legend>
      <div className="flex flex-wrap gap-1.5">
        {[...known, ...others].map((option) => (
          <label key={option.value} className="chip">
            <input
              type="checkbox"
              className="sr-only"
              checked={chosen.includes(option.value)}
              onChange={() => toggle(option.value)}
            />
            {option.label.replaceAll('_', ' ')}
          </label>
        ))}
      </div>
      {(error ?? hint) !== undefined && (
        <p className={`text-xs ${error === undefined ? 'text-ink-3' : 'text-error'}`}>{error ?? hint}</p>
      )}
    </fieldset>
  );
}

/** Yes (`true`) or no (empty). */
export function CheckField({ label, error, value = '', onText }: Texted) {
  return (
    <div>
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          className="mt-0.5"
          checked={value === 'true'}
          onChange={(event) => onText(event.target.checked ? 'true' : '')}
        />
        <span>{label}</span>
      </label>
      {error !== undefined && <p className="text-xs text-error">{error}</p>}
    </div>
  );
}
