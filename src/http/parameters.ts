import { LIMITS } from '../../schemas/limits.ts';
import { DEFAULT_PAGE } from '../../schemas/query.ts';
import { FilterError } from '../core/filter-error.ts';
import { invalidParameter } from '../errors.ts';

/** Runs what reads parameters. @throws LW_INVALID_PARAMETER naming the parameter that the core refuses */
export function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FilterError ? invalidParameter(error.field, error.message) : error;
  }
}

/** A part of a list. */
export interface Part {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

/** `page` and `limit` as the schemas let them through: digits, or nothing. */
export function readPart(query: { readonly page?: string | undefined; readonly limit?: string | undefined }): Part {
  const page = Number(query.page ?? 1);
  const limit = Math.min(Number(query.limit ?? DEFAULT_PAGE), LIMITS.page);
  return { page, limit, offset: (page - 1) * limit };
}
