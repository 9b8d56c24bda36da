import { isIPv6 } from 'node:net';

const addressesMax = 50_000;

/**
 * Keys under which addresses without a token are counted. One household or machine holds a whole IPv6 /64, so that is one key; and when
 * more addresses appear within a window than are worth remembering, the further ones share a key, so that memory stays bounded.
 */
export class AddressKeys {
  private readonly seen = new Set<string>();
  private windowEndsAt = 0;

  constructor(
    private readonly windowMs: number,
    private readonly keysMax = addressesMax,
  ) {}

  keyOf(address: string): string {
    const now = performance.now();
    if (now >= this.windowEndsAt) {
      this.seen.clear();
      this.windowEndsAt = now + this.windowMs;
    }
    const key = `ip:${networkOf(address)}`;
    if (this.seen.has(key)) return key;
    if (this.seen.size >= this.keysMax) return 'ip:*';
    this.seen.add(key);
    return key;
  }
}

/** The /64 of an IPv6 address, the IPv4 address inside a mapped one, and any other text as it is. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const tailGroups = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - tailGroups.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...tailGroups];
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
