// Whether a volume comes to the browser whole, or its pictures one by one.
//   device { isPhone, savesData, memoryGiB }: memoryGiB as navigator.deviceMemory says, undefined where it says nothing

const MOST_BYTES = 512 * 1024 * 1024;
const KEPT_BYTES = 768 * 1024 * 1024; // of all phases together
const ITEM_BYTES = { int16: 2, float32: 4 };
const GIB = 1024 ** 3;

/** Bytes of one volume. */
export function volumeBytes({ shape_ijk: [i, j, k], dtype }) {
  return i * j * k * (ITEM_BYTES[dtype] ?? 4);
}

/** The largest volume for this device. */
export function largestVolume({ memoryGiB } = {}) {
  return memoryGiB ? Math.min(MOST_BYTES, (memoryGiB * GIB) / 4) : MOST_BYTES;
}

/** How many bytes of phases may be kept. */
export function memoryBudget({ memoryGiB } = {}) {
  return memoryGiB ? Math.min(KEPT_BYTES, (memoryGiB * GIB) / 4) : KEPT_BYTES;
}

export function mayStream(series, device) {
  if (device.isPhone || device.savesData) return false;
  if (series.kind !== "volume" || !series.shape_ijk) return false;
  return volumeBytes(series) <= largestVolume(device);
}
