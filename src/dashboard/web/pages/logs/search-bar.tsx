import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { Facets } from '../../api/routes.ts';
import { inertLine } from '../../lib/inert.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { chipsOf, readToken } from './log-query.ts';
import { type Suggestion, suggest } from './suggest.ts';

interface SearchBarProps {
  readonly params: UrlParams;
  readonly facets: Facets | undefined;
  readonly onChange: (changes: UrlParams) => void;
  /** Tells how to bring the cursor here. */
  readonly onReady: (focus: () => void) => void;
}

/** Words to look for, and chips of what else is chosen by. `field:value` becomes a chip when it is entered. */
export function SearchBar({ params, facets, onChange, onReady }: SearchBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const [text, setText] = useState(params.q ?? '');
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  useEffect(() => setText(params.q ?? ''), [params.q]);
  useEffect(() => onReady(() => input.current?.focus()), [onReady]);

  const chips = chipsOf(params);
  const suggestions = open ? suggest(text, facets) : [];

  const submit = (whole: string) => {
    const words: string[] = [];
    const changes: Record<string, string | undefined> = {};
    for (const [part] of whole.matchAll(/[^\s":]+:"[^"]*"|-?"[^"]*"|\S+/g)) {
      const token = readToken(part);
      if (token === undefined) words.push(part);
      else changes[token[0]] = token[1];
    }
    const q = words.join(' ');
    setText(q);
    setOpen(false);
    setChosen(-1);
    onChange({ ...changes, q });
  };
  const take = ({ replacement, complete }: Suggestion) => {
    const next = text.replace(/\S*$/, replacement);
    setChosen(-1);
    if (complete) submit(next);
    else setText(next);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && suggestions.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + suggestions.length) % suggestions.length);
    } else if (event.key === 'Enter') {
      const suggestion = suggestions[chosen];
      if (suggestion === undefined) submit(text);
      else take(suggestion);
    } else if (event.key === 'Escape') {
      if (open && suggestions.length > 0) setOpen(false);
      else input.current?.blur();
    } else if (event.key === 'Backspace' && text === '') {
      const last = chips.at(-1);
      if (last !== undefined) onChange({ [last[0]]: undefined });
    }
  };

  return (
    <search className="relative min-w-0 flex-1 max-sm:basis-full">
      <div className="flex min-h-8 flex-wrap items-center gap-1 rounded-md border border-line-strong bg-raised px-2 py-[3px] focus-within:outline-2 focus-within:outline-accent">
        <Search size={15} aria-hidden="true" className="mx-0.5 shrink-0 text-ink-3" />
        {chips.map(([name, value]) => (
          <button
            key={name}
            type="button"
            title={`Remove ${name}:${value}`}
            className="inline-flex h-6 max-w-full items-center gap-1 rounded-sm bg-accent-soft ps-1.5 pe-1 text-xs text-accent hover:line-through"
            onClick={() => onChange({ [name]: undefined })}
          >
            <span className="truncate">
              <span className="opacity-75">{`${name}:`}</span>
              {inertLine(value)}
            </span>
            <X size={12} aria-hidden="true" />
          </button>
        ))}
        <input
          ref={input}
          role="combobox"
          aria-label="Search the messages"
          aria-expanded={suggestions.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
          autoComplete="off"
          spellCheck={false}
          className="h-6 min-w-28 flex-1 bg-transparent outline-none placeholder:text-ink-3"
          placeholder={chips.length === 0 ? 'Words, "a phrase", -not, service:… level:…' : 'and in the message…'}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
            setChosen(-1);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        className={`menu absolute inset-x-0 top-full z-30 mt-1 max-h-80 overflow-y-auto p-1 ${suggestions.length === 0 ? 'hidden' : ''}`}
      >
        {suggestions.map((suggestion, index) => (
          <div
            key={suggestion.replacement}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="flex cursor-pointer items-baseline justify-between gap-4 rounded-sm px-2.5 py-1 hover:bg-hover aria-selected:bg-accent-soft"
            // Before the input would lose the focus, and the list with it.
            onPointerDown={(event) => {
              event.preventDefault();
              take(suggestion);
            }}
          >
            <code className="truncate">{inertLine(suggestion.replacement)}</code>
            <span className="shrink-0 text-xs text-ink-3">{suggestion.hint}</span>
          </div>
        ))}
      </div>
    </search>
  );
}
