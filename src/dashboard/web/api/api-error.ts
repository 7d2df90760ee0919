import type { ErrorReply } from '../../../../schemas/common.ts';

/** A field of a request and what is wrong with it. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** What the API refuses with, or `LW_UNREACHABLE` when nothing answers. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly faults: readonly FieldFault[];
  readonly retryAfterS: number | undefined;
  /** The role that serves this route, when it is off here. */
  readonly role: string | undefined;

  constructor(status: number, reply: ErrorReply | undefined, retryAfter: string | null = null) {
    super(reply?.error.message ?? `the server answered ${status}`);
    this.name = 'ApiError';
    this.code = reply?.error.code ?? `HTTP_${status}`;
    this.status = status;
    this.requestId = reply?.request_id;
    this.faults = (reply?.error.details ?? []).filter(isFieldFault);
    this.role = (reply?.error.details ?? []).find(isRole)?.role;
    this.retryAfterS = retryAfter === null ? undefined : Number(retryAfter);
  }

  static unreachable(): ApiError {
    const error = { code: 'LW_UNREACHABLE', message: 'the server does not answer' };
    return new ApiError(0, { error, request_id: '' });
  }

  /** Whether the server has no such route: the role it belongs to is off here, or the server is older than the page. */
  get isMissingRoute(): boolean {
    return (
      this.role !== undefined ||
      (this.status === 404 && this.message === 'there is no such route') ||
      this.status === 405
    );
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

function isFieldFault(detail: unknown): detail is FieldFault {
  return typeof detail === 'object' && detail !== null && 'field' in detail && 'message' in detail;
}

function isRole(detail: unknown): detail is { readonly role: string } {
  return typeof detail === 'object' && detail !== null && 'role' in detail && typeof detail.role === 'string';
}
