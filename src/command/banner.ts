import colors from 'picocolors';
import { type Config, withoutSecrets } from '../config.ts';
import { VERSION } from '../version.ts';

/** What a person sees when the server is up: where it is, what it does, and a command that works as printed. */
export function banner(config: Config, address: string): string {
  const url = reachable(address);
  const rows: readonly (readonly [string, string])[] = [
    ['listening', colors.cyan(address)],
    ['data', config.mongoUri === undefined ? config.dataDir : withoutSecrets(config.mongoUri)],
    ['roles', config.roles.join(', ')],
    ['access', access(config)],
    ...(config.roles.includes('dashboard') ? [['page', colors.cyan(`${url}/`)] as const] : []),
    ['docs', colors.cyan(`${url}/docs`)],
  ];
  const key = config.apiKey === undefined ? '' : ' -H "x-api-key: $API_KEY"';
  return [
    '',
    `${colors.bold('Lightwatch')} ${VERSION}`,
    ...rows.map(([name, value]) => `  ${colors.dim(name.padEnd(10))} ${value}`),
    '',
    config.roles.includes('query')
      ? `  try        curl -s${key} '${url}/api/logs?service=lightwatch'`
      : `  try        curl -s '${url}/health'`,
    '',
    '',
  ].join('\n');
}

function access(config: Config): string {
  if (config.apiKey !== undefined && config.jwtSecret !== undefined) return 'with API_KEY or a JWT';
  if (config.apiKey !== undefined) return 'with API_KEY';
  if (config.jwtSecret !== undefined) return 'with a JWT';
  return colors.yellow(config.allowAnonymous ? 'open to everyone (ALLOW_ANONYMOUS)' : 'open, from this machine only');
}

/** The address as one can call it from here: an address that means "all" is none. */
function reachable(address: string): string {
  return address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
