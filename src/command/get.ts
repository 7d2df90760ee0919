import { inertLine } from '../core/inert-text.ts';
import { CommandFailure } from './failure.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * The answer to a GET. A key is for one server: it does not travel along a redirect.
 * @throws CommandFailure in words when the server cannot be reached, or answers anything but a 2xx
 */
export async function getStream(url: string, headers: Headers): Promise<Response> {
  const { origin } = new URL(url);
  const response = await fetch(url, { headers, redirect: 'error' }).catch((error: unknown) => {
    throw new CommandFailure(`${origin} cannot be reached`, undefined, { cause: error });
  });
  if (response.ok) return response;
  const { error } = await fieldsOf(response);
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  throw new CommandFailure(`${origin} answers ${response.status} ${inertLine(message)}`.trim());
}

export async function getJson(url: string, headers: Headers): Promise<Record<string, unknown>> {
  return fieldsOf(await getStream(url, headers));
}

async function fieldsOf(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => ({}));
  return typeof body === 'object' && body !== null ? { ...body } : {};
}
