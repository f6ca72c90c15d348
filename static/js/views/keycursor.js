// The cursor of drawing by keys: a cross that stays where it is when the picture moves.

const SVG = "http://www.w3.org/2000/svg";
const [FROM, TO] = [3, 11]; // CSS pixels of an arm

export class KeyCursor {
  #placing;
  #paths;
  #wasShown = false;

  /** @param placing  KeyPlacing */
  constructor(pane, placing) {
    this.#placing = placing;
    const group = pane.svg("cursor");
    this.#paths = ["key-cursor-halo", "key-cursor"].map((name) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      group.append(path);
      return path;
    });
    pane.addEventListener("painted", () => this.#draw());
    placing.addEventListener("cursor", () => this.#draw());
  }

  #draw() {
    const { at } = this.#placing;
    if (!at && !this.#wasShown) return;
    this.#wasShown = Boolean(at);
    for (const path of this.#paths) path.setAttribute("d", at ? cross(at) : "");
  }
}

function cross([x, y]) {
  const arms = [[1, 0], [-1, 0], [0, 1], [0, -1]];
  return arms.map(([a, b]) => `M${x + a * FROM} ${y + b * FROM}L${x + a * TO} ${y + b * TO}`).join("");
}
