import type { ApiError } from '../api/api-error.ts';

interface FormErrorProps {
  readonly error: ApiError | null;
  /** Fields that show their own faults. */
  readonly fields?: readonly string[];
}

/** Why a form was refused, as far as no field of it says so already. */
export function FormError({ error, fields = [] }: FormErrorProps) {
  if (error === null) return null;
  const others = error.faults.filter(({ field }) => !fields.includes(field));
  if (error.faults.length > 0 && others.length === 0) return null;
  return (
    <div role="alert" className="mt-3 rounded-md bg-error-soft px-3 py-2 text-error">
      {others.length === 0 ? (
        <p>{error.message}</p>
      ) : (
        others.map(({ field, message }) => <p key={field}>{`${field}: ${message}`}</p>)
      )}
    </div>
  );
}
