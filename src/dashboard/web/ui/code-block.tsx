import { CopyButton } from './copy-button.tsx';

/** A command to copy, as it has to be typed. */
export function CodeBlock({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <pre className="p-3 pe-10 whitespace-pre-wrap">{text}</pre>
      <div className="absolute end-1.5 top-1.5">
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}
