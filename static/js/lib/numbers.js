// Numbers as the interface writes them: point, comma for thousands, a real minus sign; and back.

const MINUS = "\u2212";

/** A number with a fixed count of decimals; −0 is 0. */
export function decimal(value, digits = 0) {
  const fixed = Math.abs(value).toFixed(digits);
  const sign = value < 0 && Number(fixed) !== 0 ? MINUS : "";
  const [whole, rest] = fixed.split(".");
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
}

/** A window's or voxel's number: as many decimals as it needs, two at most, no thousands commas. */
export function plain(value) {
  return String(Number(value.toFixed(2))).replace("-", MINUS);
}

/** The number somebody typed (either minus sign, commas for thousands), or NaN. */
export function parse(text) {
  const cleaned = text.trim().replaceAll(MINUS, "-").replace(/,(?=\d{3}(\D|$))/g, "").replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(cleaned) ? Number(cleaned) : NaN;
}

/** How many decimals suit values that span *range*: HU need none, SUV two. */
export function digitsFor(range) {
  if (range >= 50) return 0;
  return range >= 5 ? 1 : 2;
}
