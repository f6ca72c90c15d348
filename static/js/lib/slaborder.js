// In which order the voxels of a volume travel: slabs of whole slices, the slab of the centre first, then the one
// above, the one below, and so on. The same as app/imaging/slaborder.py works out: the order itself is never sent.

/** The numbers of the slabs in the order in which they travel. */
export function slabOrder(slices, center, perSlab) {
  const count = Math.ceil(slices / perSlab);
  const first = Math.floor(center / perSlab);
  const order = [first];
  for (let away = 1; away < count; away += 1) {
    if (first + away < count) order.push(first + away);
    if (first - away >= 0) order.push(first - away);
  }
  return order;
}

/** The slices of a slab: [first, end), the last slab may be smaller. */
export function slicesOf(slab, slices, perSlab) {
  return [slab * perSlab, Math.min(slices, (slab + 1) * perSlab)];
}
