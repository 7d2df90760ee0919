import type { BaseLogger } from 'pino';

/** Where the agent says what it does: its own log, never the server. */
export type AgentLog = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'>;
