import { useId } from 'react';
import { Field } from './field.tsx';

interface SuggestFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly value?: string;
  readonly options: readonly string[];
  readonly onText: (text: string) => void;
}

/** A text, with what it usually is to choose from. */
export function SuggestField({ label, hint, error, value = '', options, onText }: SuggestFieldProps) {
  const list = useId();
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <>
          <input
            className="input"
            list={list}
            autoComplete="off"
            value={value}
            onChange={(event) => onText(event.target.value)}
            {...ids}
          />
          <datalist id={list}>
            {options.map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
