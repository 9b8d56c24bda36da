/**
 * An exact number: numerator / (10^scale × divisor). Everything that decimals and units need (sums, products, quotients) stays exact, and is rounded
 * only by who prints it. BigInt instead of decimal.js, because explosions multiply hundreds of thousands of them (measured at a fifth of the time).
 */
export class Exact {
  static readonly zero = new Exact(0n, 0, 1n);
  static readonly one = new Exact(1n, 0, 1n);

  private constructor(private readonly n: bigint, private readonly scale: number, private readonly divisor: bigint) {}

  /** @throws RangeError when the text is no plain decimal. */
  static of(text: string): Exact {
    if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw new RangeError(`Not a decimal: ${text}`);
    const point = text.indexOf('.');
    if (point < 0) return new Exact(BigInt(text), 0, 1n);
    return new Exact(BigInt(text.slice(0, point) + text.slice(point + 1)), text.length - point - 1, 1n);
  }

  static ratio(numerator: string, denominator: string): Exact {
    return Exact.of(numerator).over(Exact.of(denominator));
  }

  get isZero(): boolean {
    return this.n === 0n;
  }

  times(other: Exact): Exact {
    const divisor = this.divisor === 1n ? other.divisor : other.divisor === 1n ? this.divisor : this.divisor * other.divisor;
    return new Exact(this.n * other.n, this.scale + other.scale, divisor);
  }

  plus(other: Exact): Exact {
    if (this.n === 0n) return other;
    if (other.n === 0n) return this;
    const scale = Math.max(this.scale, other.scale);
    const left = scaledTo(this.n, this.scale, scale);
    const right = scaledTo(other.n, other.scale, scale);
    if (this.divisor === other.divisor) return new Exact(left + right, scale, this.divisor);
    return Exact.reduced(left * other.divisor + right * this.divisor, scale, this.divisor * other.divisor);
  }

  minus(other: Exact): Exact {
    return this.plus(new Exact(-other.n, other.scale, other.divisor));
  }

  /** @throws RangeError on division by zero. */
  over(other: Exact): Exact {
    if (other.n === 0n) throw new RangeError('Division by zero.');
    const sign = other.n < 0n ? -1n : 1n;
    return Exact.reduced(sign * this.n * other.divisor * 10n ** BigInt(other.scale), this.scale, this.divisor * sign * other.n);
  }

  /** The same number with the fewest digits: what is multiplied often should be short. */
  normal(): Exact {
    if (!this.isFiniteDecimal) return this;
    return Exact.of(this.toDecimal());
  }

  /** Negative, zero or positive, by value. */
  compare(other: Exact): number {
    const { n } = this.minus(other);
    return n < 0n ? -1 : n > 0n ? 1 : 0;
  }

  equals(other: Exact): boolean {
    return this.compare(other) === 0;
  }

  /** Whether `toDecimal()` gives the number itself. */
  get isFiniteDecimal(): boolean {
    return this.divisor === 1n || withoutFactor(withoutFactor(this.divisor / gcd(abs(this.n), this.divisor), 2n), 5n) === 1n;
  }

  /** The canonical decimal. A number without a finite one (1/3) is rounded half to even at `scaleMax` places; ask `isFiniteDecimal`. */
  toDecimal(scaleMax = 18): string {
    if (this.divisor === 1n) return decimalText(this.n, this.scale);
    const { n, divisor, scale } = this;
    const places = this.isFiniteDecimal ? scale + bitLength(divisor) : Math.max(scaleMax, 0);
    return decimalText(dividedHalfEven(n * 10n ** BigInt(places), divisor * 10n ** BigInt(scale)), places);
  }

  /** Rounded half up at `places`, for display: 18.666… at 3 is "18.667". Trailing zeros are kept. */
  toFixed(places: number): string {
    const numerator = this.n * 10n ** BigInt(places);
    const denominator = this.divisor * 10n ** BigInt(this.scale);
    const rounded = (abs(numerator) * 2n + denominator) / (denominator * 2n);
    const digits = rounded.toString().padStart(places + 1, '0');
    const sign = numerator < 0n && rounded > 0n ? '-' : '';
    return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  }

  /** The number as a fraction, for those who must not lose anything: "56/3". */
  toFraction(): string {
    const denominator = this.divisor * 10n ** BigInt(this.scale);
    const common = gcd(abs(this.n), denominator);
    return denominator === common ? (this.n / common).toString() : `${this.n / common}/${denominator / common}`;
  }

  private static reduced(n: bigint, scale: number, divisor: bigint): Exact {
    const common = gcd(abs(n), divisor);
    return common === 1n ? new Exact(n, scale, divisor) : new Exact(n / common, scale, divisor / common);
  }
}

function decimalText(n: bigint, scale: number): string {
  if (n === 0n) return '0';
  if (scale === 0) return n.toString();
  const negative = n < 0n;
  const digits = (negative ? -n : n).toString().padStart(scale + 1, '0');
  let end = digits.length;
  const point = digits.length - scale;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
  return negative ? `-${text}` : text;
}

/** Rounds to the nearest whole, a half to the even one. The divisor is positive. */
function dividedHalfEven(n: bigint, divisor: bigint): bigint {
  const whole = n / divisor;
  const rest = abs(n % divisor) * 2n;
  const up = rest > divisor || (rest === divisor && whole % 2n !== 0n);
  return up ? whole + (n < 0n ? -1n : 1n) : whole;
}

const scaledTo = (n: bigint, from: number, to: number): bigint => (from === to ? n : n * 10n ** BigInt(to - from));
const abs = (n: bigint): bigint => (n < 0n ? -n : n);
const bitLength = (n: bigint): number => n.toString(2).length;

function withoutFactor(n: bigint, factor: bigint): bigint {
  let rest = n;
  while (rest % factor === 0n) rest /= factor;
  return rest;
}

function gcd(a: bigint, b: bigint): bigint {
  let [left, right] = [a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? 1n : left;
}
