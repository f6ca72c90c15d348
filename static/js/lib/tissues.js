// What usually has which Hounsfield units. Ranges overlap, and a value never proves a tissue: they are orientation.
//
// Sources: Buzug, Computed Tomography (Springer 2008), p. 475, and Prokop, Spiral and Multislice Computed Tomography
// of the Body (Thieme 2003): air, lung in inspiration, fat, water, white and grey matter, kidney, spleen, blood,
// liver, haematoma, bone. "Hounsfield scale", Wikipedia, with the papers cited there: cerebrospinal fluid, unclotted
// and clotted blood, muscle, soft tissue and vessels with contrast, spongy and cortical bone, metals. Where two
// sources differ the wider range stands.

/** HU of what scanners with 12 bits can tell at most: beyond, values are cut off. */
export const CUT_OFF_HU = 3071;
export const AIR_HU = -1000;

/** { name, low, high, contrast? }, HU; *contrast*: only after a contrast agent. */
export const TISSUES = [
  { name: "air", low: -1100, high: -950 },
  { name: "lung", low: -950, high: -500 },
  { name: "fat", low: -150, high: -50 },
  { name: "water", low: -10, high: 15 },
  { name: "csf", low: 0, high: 15 },
  { name: "white_matter", low: 20, high: 30 },
  { name: "grey_matter", low: 35, high: 45 },
  { name: "muscle", low: 35, high: 60 },
  { name: "kidney", low: 20, high: 45 },
  { name: "spleen", low: 35, high: 55 },
  { name: "liver", low: 45, high: 66 },
  { name: "blood", low: 30, high: 65 },
  { name: "clot", low: 50, high: 90 },
  { name: "soft_contrast", low: 70, high: 150, contrast: true },
  { name: "vessels_contrast", low: 100, high: 500, contrast: true },
  { name: "spongy_bone", low: 50, high: 400 },
  { name: "cortical_bone", low: 400, high: 2000 },
  { name: "enamel", low: 2000, high: 3071 },
  { name: "metal", low: 2000, high: Infinity },
];

/** The tissues whose range holds *hu*, those first whose middle is nearest. */
export function tissuesAt(hu) {
  const away = ({ low, high }) => Math.abs(hu - (Number.isFinite(high) ? (low + high) / 2 : low));
  const narrow = ({ low, high }) => (Number.isFinite(high) ? high - low : 1e4);
  return TISSUES.filter(({ low, high }) => hu >= low && hu <= high).sort(
    (one, other) => away(one) - away(other) || narrow(one) - narrow(other),
  );
}

/** The two tissues between whose ranges *hu* lies where none holds it: a voxel of both, most likely. */
export function betweenAt(hu) {
  if (tissuesAt(hu).length) return null;
  const below = TISSUES.filter(({ high, contrast }) => !contrast && high < hu).sort((one, other) => other.high - one.high)[0];
  const above = TISSUES.filter(({ low, contrast }) => !contrast && low > hu).sort((one, other) => one.low - other.low)[0];
  return below && above ? [below, above] : null;
}

/**
 * Why *hu* may mislead, by name, the weightiest first.
 * @param thickness_mm  of a slice, where it is known
 * @param isContrast    true, false, or null where nothing is said of a contrast agent
 */
export function doubtsAt(hu, { thickness_mm = null, isContrast = null } = {}) {
  const doubts = [];
  if (hu >= CUT_OFF_HU) doubts.push("cut_off");
  if (hu > 2000) doubts.push("metal");
  if (hu < AIR_HU - 100) doubts.push("below_air");
  if (hu >= 60 && hu <= 500 && isContrast !== false) doubts.push("contrast");
  if (hu > AIR_HU + 20 && hu < 2000) doubts.push(thickness_mm === null ? "partial" : "partial_mm");
  if (hu >= -200 && hu <= 200) doubts.push("noise");
  return doubts;
}
