import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Keeps notifications out of the network Lightwatch runs in. Whoever may write a rule chooses where it sends to, and must
 * not reach through us what only we can reach. An address is looked at three times: as it is written, as its name
 * resolves, and as the socket is connected, since a name may answer differently each time.
 */
export interface AddressGuard {
  /** Why a URL cannot be sent to, as far as its text tells; undefined when it can. */
  refusalOfUrl(url: string): string | undefined;
  /** Whether a connection to `host` may go to this address. */
  allows(host: string, address: string): boolean;
  /** `dns.lookup` for sockets, without the addresses that are not allowed. */
  readonly lookup: LookupFunction;
}

/** A name or address that notifications must not reach. Its message goes to whoever reads the deliveries. */
export class AddressRefusedError extends Error {
  constructor(host: string) {
    super(`${host} is not a public address; WEBHOOK_ALLOW can open it`);
    this.name = 'AddressRefusedError';
  }
}

/** Names that mean this machine whatever a resolver says (RFC 6761). */
const LOCALHOST = /^(.+\.)?localhost$/;
const LOOPBACKS = ['127.0.0.1', '::1'];

/** The global unicast addresses of IPv6; the rest is special, reserved, or an IPv4 address in disguise. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/** `dns.lookup` as it is used here. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** @param allow hosts, addresses and CIDR blocks that are open although they are not public: `WEBHOOK_ALLOW` */
export function createAddressGuard(allow: readonly string[], resolve: Resolve = lookup): AddressGuard {
  const ranges = allow.map(rangeOf).filter((range) => range !== undefined);
  const hosts = new Set(allow.filter((entry) => rangeOf(entry) === undefined).map(plainHost));

  function allows(host: string, address: string): boolean {
    return hosts.has(plainHost(host)) || isPublic(address) || ranges.some((range) => contains(range, address));
  }

  function allowsHost(host: string): boolean {
    if (ipaddr.isValid(host)) return allows(host, host);
    return !LOCALHOST.test(host) || LOOPBACKS.some((address) => allows(host, address));
  }

  return {
    allows,
    refusalOfUrl(text) {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return 'must be an http or https URL';
      if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
      // The parser has already brought 2130706433, 0x7f.1 and full-width digits to 127.0.0.1.
      const host = plainHost(url.hostname);
      return allowsHost(host) ? undefined : new AddressRefusedError(host).message;
    },
    lookup(host, options, done) {
      resolve(host, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return done(error, []);
        const allowed = addresses.filter(({ address }) => allows(host, address));
        const [first] = allowed;
        if (first === undefined) return done(new AddressRefusedError(host), []);
        return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
      });
    },
  };
}

/** Only addresses of the public internet: everything with a special meaning is inside, or leads there. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || contains(GLOBAL_IPV6, address));
}

function rangeOf(entry: string): Range | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!ipaddr.isValid(entry)) return undefined;
  const address = ipaddr.process(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function contains([base, bits]: Range, text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return base instanceof ipaddr.IPv4 && address.match(base, bits);
  return base instanceof ipaddr.IPv6 && address.match(base, bits);
}

/** A host as it is compared: lower case, without the brackets of an IPv6 address and the dot of the root. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
