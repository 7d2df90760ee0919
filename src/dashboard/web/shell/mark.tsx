/** The lighthouse: a lamp, its beam, its tower. */
export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="8" fill="#1c2230" />
      <path d="M11.2 14 27 7.2v13.6z" fill="#ffd479" opacity=".9" />
      <circle cx="9.6" cy="14" r="3.4" fill="#ffd479" />
      <path d="M7.6 18.6h4l1.6 8.4H6z" fill="#f2f4f8" />
    </svg>
  );
}
