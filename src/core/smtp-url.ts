import { isIP } from 'node:net';

/** Where mail is handed in, and in whose name. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise it is begun (STARTTLS) when the server offers it. */
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: string;
  /** The sender's address. */
  readonly from: string;
}

const SUBMISSION_PORT = 587;
const SECURE_PORT = 465;

/**
 * `smtps://user:password@mail.example.com?from=alerts@example.com`.
 * @throws Error whose message says what is expected, and nothing of the password
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new Error(
      'must be an smtp or smtps URL such as smtps://user:password@mail.example.com?from=alerts@example.com',
    );
  }
  if ([...url.searchParams.keys()].some((key) => key !== 'from')) throw new Error('may have the parameter from alone');
  if (!['', '/'].includes(url.pathname)) throw new Error('must not have a path');
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const user = decodeURIComponent(url.username);
  const from = url.searchParams.get('from') ?? defaultSender(user, host);
  if (!/^[^\s@<>,]+@[^\s@<>,]+$/.test(from)) throw new Error('must have an address in its parameter from');
  return {
    host,
    port: url.port === '' ? (secure ? SECURE_PORT : SUBMISSION_PORT) : Number(url.port),
    secure,
    ...(user !== '' && { user, password: decodeURIComponent(url.password) }),
    from,
  };
}

function defaultSender(user: string, host: string): string {
  if (user.includes('@')) return user;
  return `lightwatch@${isIP(host) === 0 ? host : 'localhost'}`;
}
