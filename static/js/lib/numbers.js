// Numbers as the interface writes them: point, comma for thousands, a real minus sign; and back.

const MINUS = "\u2212";

/** A number with a fixed count of decimals; −0 is 0. */
export function decimal(value, digits = 0) {
  const fixed = Math.abs(value).toFixed(digits);
  const sign = value < 0 && Number(fixed) !== 0 ? MINUS : "";
  const [whole, rest] = fixed.split(".");
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
}

const SMALL = 0.1; // below, two decimals would leave little or nothing of a value
const NOTHING = 1e-12; // what is left of sums that are 0

/**
 * A window's or voxel's number: as many decimals as it needs, two at most, no thousands commas; of what is small
 * three digits, as of a diffusion coefficient in mm²/s.
 */
export function plain(value) {
  const size = Math.abs(value);
  const digits = size < SMALL && size > NOTHING ? value.toPrecision(3) : value.toFixed(2);
  return String(Number(digits)).replaceAll("-", MINUS);
}

/** The number somebody typed (either minus sign, commas for thousands), or NaN. */
export function parse(text) {
  const cleaned = text.trim().replaceAll(MINUS, "-").replace(/,(?=\d{3}(\D|$))/g, "").replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(cleaned) ? Number(cleaned) : NaN;
}

const MOST_DIGITS = 12;

/** How many decimals suit values that span *range*: HU need none, SUV two, what spans less than 0.5 more. */
export function digitsFor(range) {
  if (range >= 50) return 0;
  if (range >= 5) return 1;
  return range > 0 && range < 0.5 ? Math.min(MOST_DIGITS, 2 - Math.floor(Math.log10(range * 2))) : 2;
}

/** How many decimals suit what is told of a whole series: SUV is read to two, however hot its hottest voxel. */
export function digitsOf({ unit, value_range: [low, high] }) {
  return /^SUV/.test(unit ?? "") ? 2 : digitsFor(high - low);
}
