import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '../ui/toast.tsx';
import type { ApiError } from './api-error.ts';
import { send } from './client.ts';

/** One change to ask the server for. */
export interface Change {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly address: string;
  readonly body?: unknown;
  /** What is said when it is done. */
  readonly done?: string;
}

interface UseSendOptions {
  /** Whether who asked shows what went wrong: a form, beside its fields. Else a toast does. */
  readonly showsErrors?: boolean;
}

/** Changes something, says so, and has all that the page shows asked again. */
export function useSend<T = unknown>({
  showsErrors = false,
}: UseSendOptions = {}): UseMutationResult<T, ApiError, Change> {
  const client = useQueryClient();
  return useMutation<T, ApiError, Change>({
    mutationFn: ({ method, address, body }) => send<T>(method, address, body),
    onSuccess: (_answer, { done }) => {
      if (done !== undefined) toast(done);
      return client.invalidateQueries();
    },
    onError: (error) => {
      if (!showsErrors) toast(error.message, 'error');
    },
  });
}
