// Small pieces of DOM that several views build.

const SVG = "http://www.w3.org/2000/svg";

/** Bring the sprite into the page: what is drawn while the connection is lost has its icons then. */
export async function loadSprite(sprite) {
  const answer = await fetch(sprite).catch(() => null);
  if (!answer?.ok) return;
  const text = await answer.text();
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  svg.classList.add("visually-hidden");
  svg.setAttribute("aria-hidden", "true");
  document.body.append(document.adoptNode(svg));
}

/** <svg class="icon"><use href="sprite#name"></svg> */
export function icon(sprite, name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", document.getElementById(name)?.localName === "symbol" ? `#${name}` : `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** An element with a class, text and children; text is never read as HTML. */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
