import { randomBytes } from 'node:crypto';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import { LIMITS } from '../../schemas/limits.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { LightwatchError } from '../errors.ts';
import { clientErrorHandler, handleErrors, handleFrameworkError } from './error-handler.ts';
import { ErrorLog } from './error-log.ts';
import { guardAccess } from './guard.ts';
import { createHostCheck } from './host-check.ts';
import { parseJsonBody } from './json-body.ts';
import { registerOpenApi } from './openapi.ts';
import type { SharedCounter } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import { watchRoutes } from './route-table.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { StatsRegistry } from './stats.ts';
import { compileSerializer, compileValidator, WITHOUT_AJV } from './validation.ts';

/** How long a client may take. Each bounds what a slow or silent one can hold. */
export interface DoorTimeouts {
  /** From the first byte of a connection (or the end of its last request) to the end of the headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body: 16 MiB at 300 kB/s. */
  readonly requestMs: number;
  /** Without any byte in either direction while a request is being answered; live streams send pings more often. */
  readonly silenceMs: number;
  /** Between two requests of one connection: longer than the 60 s of the usual load balancers, so that they close first. */
  readonly keepAliveMs: number;
  /** How often the first two are looked at. */
  readonly checkEveryMs: number;
}

export const TIMEOUTS: DoorTimeouts = {
  headersMs: 10_000,
  requestMs: 60_000,
  silenceMs: 120_000,
  keepAliveMs: 72_000,
  checkEveryMs: 2_000,
};

/** Headers of one request. Browsers send about 20, chains of proxies some more. */
const MAX_HEADERS = 128;
/** Bytes of the headers together: Node's own default, named because clients meet it. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Characters of a parameter in a path: longer than any id. */
const MAX_PATH_PARAMETER = 512;
/** Bytes from which a response is worth compressing. */
const COMPRESS_FROM_BYTES = 2048;

interface DoorParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  /** Whether the process has begun to shut down: new requests are then refused. */
  readonly closing: () => boolean;
  readonly timeouts?: DoorTimeouts;
  /** Counts requests for all replicas together. */
  readonly sharedCounter?: SharedCounter | undefined;
}

/** The HTTP server with everything that all modules share, and no routes but the documentation's. */
export async function openDoor({
  config,
  clock,
  log,
  closing,
  timeouts = TIMEOUTS,
  sharedCounter,
}: DoorParts): Promise<FastifyInstance> {
  const newId = requestIds();
  const app = Fastify({
    loggerInstance: log,
    // A child logger for each request costs more than most requests; errors are logged with their request's id.
    childLoggerFactory: (logger) => logger,
    logController: new RequestLog(),
    genReqId: newId,
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.silenceMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkEveryMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Repeated headers are joined by commas instead of dropped, so that two Host headers can be seen.
      joinDuplicateHeaders: true,
      // Node would answer without a body; the hook below does it in our shape.
      requireHostHeader: false,
    },
    schemaController: WITHOUT_AJV,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER },
    // The hook below answers in our own shape.
    return503OnClosing: false,
    clientErrorHandler: clientErrorHandler(newId),
    frameworkErrors: handleFrameworkError,
  });

  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.decorate('stats', new StatsRegistry());
  app.decorate('errorLog', new ErrorLog(log, clock));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
    parseJsonBody(body),
  );

  addSecurityHeaders(app);
  const checkHost = createHostCheck(config);
  app.addHook('onRequest', (request, _reply, done) =>
    done(closing() && !isHealth(request) ? SHUTTING_DOWN : (oddity(request) ?? checkHost(request))),
  );
  if (config.corsOrigin.length > 0) await app.register(cors, corsOptions(config.corsOrigin));
  endRefusedUpgrades(app);
  const routes = watchRoutes(app);
  await guardAccess(app, config, clock, sharedCounter);
  await compressBodies(app);
  handleErrors(app, routes, config.roles);
  registerOpenApi(app);
  return app;
}

/** Health is asked to the very end, and never counted. */
const isHealth = (request: FastifyRequest) => request.routeOptions.config.rateLimit === false;

const SHUTTING_DOWN = new LightwatchError('LW_SHUTTING_DOWN', 'the server is shutting down', { retryAfterS: 5 });

/** What is wrong with a request that Node lets through and a careful server should not. */
function oddity({ raw, headers }: FastifyRequest): LightwatchError | undefined {
  if (raw.rawHeaders.length > 2 * MAX_HEADERS) {
    return new LightwatchError('LW_HEADERS_TOO_LARGE', `more than ${MAX_HEADERS} headers`);
  }
  if (headers.host === undefined && raw.httpVersion === '1.1') {
    return new LightwatchError('LW_INVALID_REQUEST', 'no Host header');
  }
  if (headers.host?.includes(',')) return new LightwatchError('LW_INVALID_REQUEST', 'more than one Host header');
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return new LightwatchError('LW_UNSUPPORTED_MEDIA_TYPE', 'the charset must be utf-8');
  }
  return undefined;
}

/** Node lets go of a socket that asks for an upgrade: one that got a plain answer instead would stay open. */
function endRefusedUpgrades(app: FastifyInstance): void {
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.raw.headers.upgrade !== undefined) request.raw.socket.destroySoon();
    done();
  });
}

/** Bodies may come as gzip, and the limit is on what they unpack to. Answers to GET may go as gzip. */
async function compressBodies(app: FastifyInstance): Promise<void> {
  // The answer to a write is a few bytes: it need not pass through another hook.
  app.addHook('onRoute', (route) => {
    if (route.method !== 'GET') route.compress ??= false;
  });
  await app.register(compress, {
    encodings: ['gzip', 'identity'],
    requestEncodings: ['gzip', 'identity'],
    threshold: COMPRESS_FROM_BYTES,
  });
}

function corsOptions(origins: readonly string[]) {
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'x-api-key'],
    exposedHeaders: ['retry-after'],
    maxAge: 600,
  };
}

/** Ids that no other process and no earlier run gives: a random beginning and a count. */
function requestIds(): () => string {
  const run = randomBytes(6).toString('base64url');
  let count = 0;
  return () => `${run}-${(count++).toString(36)}`;
}
