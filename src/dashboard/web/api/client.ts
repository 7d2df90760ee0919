import type { ErrorReply } from '../../../../schemas/common.ts';
import { ApiError } from './api-error.ts';
import { credential, signOut } from './credential.ts';
import type { GetRoute, GetRoutes } from './routes.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface GetOptions {
  /** Fills the names with a colon of the route. */
  readonly path?: Readonly<Record<string, string>>;
  /** What is undefined or empty is left out. */
  readonly query?: Query;
  readonly signal?: AbortSignal;
}

/** The address of a route with everything filled in: for links, and for requests. */
export function addressOf(route: string, { path = {}, query = {} }: Omit<GetOptions, 'signal'> = {}): string {
  const filled = route.replace(/:([a-z_]+)/g, (_whole, name: string) => encodeURIComponent(path[name] ?? ''));
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(set.map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** @throws ApiError for every answer that is none */
export async function get<R extends GetRoute>(route: R, options: GetOptions = {}): Promise<GetRoutes[R]> {
  return request<GetRoutes[R]>('GET', addressOf(route, options), undefined, options.signal);
}

/** Changes something. Resolves to the answer's body, null when it has none. @throws ApiError */
export async function send<T = unknown>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  address: string,
  body?: unknown,
): Promise<T> {
  return request<T>(method, address, body);
}

/** Whether the server takes this credential. @throws ApiError when it cannot say */
export async function isAccepted(text: string): Promise<boolean> {
  const response = await fetchOrThrow('/api/stats', { headers: headersFor(text) });
  if (response.status !== 401 && !response.ok) throw await errorOf(response);
  return response.ok;
}

/** The answer itself, for what is streamed to a file. @throws ApiError */
export async function download(address: string): Promise<Response> {
  const response = await fetchOrThrow(address, { headers: headersFor(credential()) });
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function request<T>(method: string, address: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetchOrThrow(address, {
    method,
    headers: { ...headersFor(credential()), ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  if (response.status === 401) signOut();
  if (!response.ok) throw await errorOf(response);
  const text = await response.text();
  // An answer without a body is for those who asked for none.
  return JSON.parse(text === '' ? 'null' : text);
}

/** So that the server need not log what the page asks again and again. */
const FROM_PAGE = { 'x-lightwatch-page': '1' };

/** A key and a token both travel as a bearer: the server tells them apart. */
function headersFor(text: string | undefined): Record<string, string> {
  return text === undefined ? FROM_PAGE : { ...FROM_PAGE, authorization: `Bearer ${text}` };
}

async function fetchOrThrow(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw ApiError.unreachable();
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const reply: ErrorReply | undefined = await response.json().catch(() => undefined);
  return new ApiError(
    response.status,
    reply?.error === undefined ? undefined : reply,
    response.headers.get('retry-after'),
  );
}
