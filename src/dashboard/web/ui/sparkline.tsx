interface SparklineProps {
  readonly values: readonly number[];
  /** A colour token. */
  readonly colour?: string;
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** The course of a value in the size of a word: bars from zero. */
export function Sparkline({ values, colour = '--color-ink-3', label, width = 120, height = 24 }: SparklineProps) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className="max-w-full"
    >
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--color-line)" />
      {values.map((value, index) => {
        const tall = value === 0 ? 0 : Math.max(1.5, (value / most) * (height - 2));
        const x = index * step;
        return (
          <rect
            key={x}
            x={x}
            y={height - tall}
            width={Math.max(0.8, step - 0.6)}
            height={tall}
            fill={`var(${colour})`}
          />
        );
      })}
    </svg>
  );
}
