import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorReply } from '../../schemas/common.ts';
import type { Role } from '../config.ts';
import { type ErrorCode, LightwatchError } from '../errors.ts';
import { roleServing } from './route-roles.ts';
import type { RouteTable } from './route-table.ts';

/** What Fastify's and its plugins' own errors are called here. */
const FASTIFY_CODES: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['LW_TOO_LARGE', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['LW_UNSUPPORTED_MEDIA_TYPE', 'this content type is not accepted here'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['LW_INVALID_REQUEST', 'the body is not as long as Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['LW_INVALID_JSON', 'the body is empty'],
  FST_CP_ERR_INVALID_CONTENT_ENCODING: [
    'LW_UNSUPPORTED_MEDIA_TYPE',
    'this Content-Encoding is not accepted: only gzip is',
  ],
  FST_CP_ERR_INVALID_CONTENT: ['LW_INVALID_REQUEST', 'the body is not valid gzip'],
  FST_ERR_MAX_PARAM_LENGTH: ['LW_NOT_FOUND', 'nothing has an id this long'],
  FST_ERR_BAD_URL: ['LW_INVALID_REQUEST', 'the path is not a valid URL path'],
};

/** For errors that carry a status and no code of ours. */
const STATUS_ERRORS: Readonly<Record<number, [ErrorCode, string]>> = {
  400: ['LW_INVALID_REQUEST', 'the request is invalid'],
  401: ['LW_UNAUTHENTICATED', 'a credential is needed'],
  403: ['LW_FORBIDDEN', 'this is not allowed'],
  404: ['LW_NOT_FOUND', 'there is nothing here'],
  405: ['LW_METHOD_NOT_ALLOWED', 'this method is not allowed here'],
  408: ['LW_REQUEST_TIMEOUT', 'the request took too long to arrive'],
  413: ['LW_TOO_LARGE', 'the request is too large'],
  415: ['LW_UNSUPPORTED_MEDIA_TYPE', 'this content type is not accepted here'],
  429: ['LW_RATE_LIMITED', 'too many requests'],
};

/** Every error leaves in the contract's shape; what really happened goes to the log. */
export function handleErrors(app: FastifyInstance, routes: RouteTable, roles: readonly Role[]): void {
  app.setErrorHandler((error, request, reply) => sendError(asLightwatchError(error), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url);
    const role = roleServing(request.method, path);
    if (role !== undefined && !roles.includes(role)) return sendError(servedElsewhere(role), request, reply);
    const methods = routes.methodsAt(path);
    if (methods.length === 0)
      return sendError(new LightwatchError('LW_NOT_FOUND', 'there is no such route'), request, reply);
    reply.header('allow', methods.join(', '));
    const message = `${request.method} is not allowed here, only ${methods.join(', ')}`;
    return sendError(new LightwatchError('LW_METHOD_NOT_ALLOWED', message), request, reply);
  });
}

function servedElsewhere(role: Role): LightwatchError {
  const message = `this is served by replicas with the role ${role}, which this one does not have`;
  return new LightwatchError('LW_NOT_FOUND', message, { details: [{ role }] });
}

/** Errors of the router itself, for which there is no route and no handler. */
export function handleFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendError(asLightwatchError(error), request, reply);
}

/** The path of a URL as it was sent, without its query, which may hold a credential. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** Any thrown thing as an error of ours; one that nobody foresaw says nothing to the client. */
export function asLightwatchError(error: unknown): LightwatchError {
  if (error instanceof LightwatchError) return error;
  const { code, statusCode } = error instanceof Error ? (error as FastifyError) : {};
  const [ours, message] = FASTIFY_CODES[code ?? ''] ??
    STATUS_ERRORS[statusCode ?? 500] ?? ['LW_INTERNAL', 'something went wrong here'];
  return new LightwatchError(ours, message, { cause: error });
}

function sendError(error: LightwatchError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.server.errorLog.add(error, request);
  if (error.retryAfterS !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterS));
  if (error.code === 'LW_UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  // A body that is still on its way is not read to its end: it may be endless.
  if (!request.raw.complete) reply.header('connection', 'close');
  return reply.code(error.status).type('application/json; charset=utf-8').send(errorReply(error, request.id));
}

function errorReply({ code, message, details }: LightwatchError, requestId: string): ErrorReply {
  return {
    error: { code, message, ...(details === undefined ? {} : { details: [...details] }) },
    request_id: requestId,
  };
}

/** What Node's HTTP parser gives up on, before there is a request. */
const PARSER_ERRORS: Readonly<Record<string, LightwatchError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new LightwatchError('LW_REQUEST_TIMEOUT', 'the request took too long to arrive'),
  HPE_HEADER_OVERFLOW: new LightwatchError('LW_HEADERS_TOO_LARGE', 'the headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new LightwatchError('LW_TOO_LARGE', 'the chunk extensions are too large'),
};
const MALFORMED = new LightwatchError('LW_INVALID_REQUEST', 'this is not a valid HTTP request');

/** Answers a connection whose bytes are not a request, and ends it. */
export function clientErrorHandler(newId: () => string) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const known = PARSER_ERRORS[error.code ?? ''] ?? MALFORMED;
    const body = JSON.stringify(errorReply(known, newId()));
    const head = [
      `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  };
}
