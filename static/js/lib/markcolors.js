// The colours of marks: far from each other for all kinds of eyes, bright enough for black and grey, and none of
// them a plane's (red, yellow, green) or the crosshair's.

export const MARK_COLORS = ["#7fd4ff", "#ffa24a", "#ff8fd8", "#b9a2ff", "#ffffff", "#35e0c8", "#ffc9a3", "#6f9bff"];
export const DEFAULT_COLOR = MARK_COLORS[0];
