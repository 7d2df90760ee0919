import { connect, type Socket } from 'node:net';
import type { SmtpServer } from '../../core/smtp-url.ts';
import { reasonOf, type SendResult } from './sender.ts';

/** One mail, from the first packet to the server's last word: mail servers let strangers wait on purpose. */
const MAIL_TIMEOUT_MS = 30_000;

export interface Mail {
  readonly id: string;
  /** What belongs together has the same. */
  readonly thread: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Hands a mail in once. Never rejects: whatever happens is a result. */
export type SendMail = (mail: Mail, signal: AbortSignal) => Promise<SendResult>;

/**
 * Mail through the server that `SMTP_URL` names. That is not looked at by the address guard: whoever may write channels
 * chooses the recipients, the operator alone chooses the server.
 */
export function createMailer(server: SmtpServer | undefined): SendMail {
  if (server === undefined) return async () => ({ ok: false, status: null, error: 'SMTP_URL is not set' });
  return async (mail, signal) => {
    const timeout = AbortSignal.timeout(MAIL_TIMEOUT_MS);
    try {
      return await handIn(server, mail, AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (timeout.aborted) return { ok: false, status: null, error: `no answer within ${MAIL_TIMEOUT_MS / 1000} s` };
      return failure(error);
    }
  };
}

async function handIn(server: SmtpServer, mail: Mail, signal: AbortSignal): Promise<SendResult> {
  // Loaded with the first mail: it takes a tenth of a second, which a server without mail need not wait for.
  const { createTransport } = await import('nodemailer');
  const { host, port, secure, user, password = '', from } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    ...(user !== undefined && { auth: { user, pass: password } }),
    // A password is not shown to the network; on this machine there is none.
    requireTLS: user !== undefined && !isLoopback(host),
    connectionTimeout: MAIL_TIMEOUT_MS,
    greetingTimeout: MAIL_TIMEOUT_MS,
    socketTimeout: MAIL_TIMEOUT_MS,
    // The socket is ours, so that it can be broken off at any point of the conversation.
    getSocket: (_options, done) => openSocket(host, port, signal, done),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const info = await transport.sendMail({
    from: { name: 'Lightwatch', address: from },
    to: mail.to.map((address) => ({ name: '', address })),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: new Date(mail.sentAt),
    messageId: `<${mail.id}@${domain}>`,
    references: `<${mail.thread}@${domain}>`,
    // Nobody's absence is answered to a machine (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
  });
  const status = Number(info.response.slice(0, 3));
  const { rejected } = info;
  return rejected.length === 0
    ? { ok: true, status }
    : { ok: true, status, note: `refused for ${rejected.join(', ')}` };
}

function openSocket(
  host: string,
  port: number,
  signal: AbortSignal,
  done: (error: Error | null, options?: { connection: Socket }) => void,
): void {
  const socket = connect({ host, port, signal });
  const failed = (error: Error) => done(error);
  socket.once('error', failed);
  socket.once('connect', () => {
    socket.off('error', failed);
    done(null, { connection: socket });
  });
}

/** What the server has refused for good will not please it an hour later; a wrong password may be mended meanwhile. */
function failure(error: unknown): SendResult {
  const { responseCode: status = null, code } = error as { responseCode?: number; code?: string };
  const final = status !== null && status >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
  return { ok: false, status, error: reasonOf(error), ...(final && { final }) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
