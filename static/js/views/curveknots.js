// The points of a curve over a histogram: <g> in which each is <g class="knot" role="slider" tabindex="0">. Drag, or
// with keys: arrows move (Shift: ten times), Page Up and Page Down brighten and darken, Home and End go to the
// neighbours, Delete removes. A point dragged well out of the box is removed when it is let go.

import { LARGEST_VALUE, MAX_POINTS, tidyCurve, withNewPoint, withoutPoint, withPoint } from "../lib/curve.js";
import { EDGE } from "../lib/histogramscale.js";
import { plain } from "../lib/numbers.js";
import { _ } from "../state/words.js";

const SVG = "http://www.w3.org/2000/svg";
const OUT_PX = 32;
const SNAP_PX = 4;
const PAGE_GREYS = 16;

export class CurveKnots {
  #svg;
  #group;
  #host;
  #knots = [];
  #drag = null;

  /**
   * @param svg   the box, in CSS pixels
   * @param host  { scale, curve, digits, unit } as they are now; change(curve, isPlain) → void;
   *              stroke("begin"|"end") → void; say(text) → void
   */
  constructor(svg, group, host) {
    this.#svg = svg;
    this.#group = group;
    this.#host = host;
    group.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#moved(event));
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (event) => this.#up(event));
    group.addEventListener("keydown", (event) => this.#key(event));
    svg.addEventListener("keydown", (event) => event.key === "Escape" && this.#drag && this.#cancel(event));
  }

  get isBusy() {
    return this.#drag !== null;
  }

  draw() {
    const { curve, scale } = this.#host;
    while (this.#knots.length > curve.length) this.#knots.pop().remove();
    while (this.#knots.length < curve.length) this.#knots.push(this.#newKnot());
    curve.forEach((point, n) => this.#place(this.#knots[n], point, n, scale));
  }

  focus(n) {
    this.#knots[n]?.focus();
  }

  /** A point more, if there is room for it; its place, or −1. */
  add(point) {
    const { curve, digits } = this.#host;
    const found = withNewPoint(curve, point, digits);
    if (!found) {
      if (curve.length >= MAX_POINTS) this.#host.say(_("A curve has %(most)s points at most.", { most: MAX_POINTS }));
      return -1;
    }
    this.#host.change(found.curve);
    this.focus(found.place);
    return found.place;
  }

  #newKnot() {
    const knot = document.createElementNS(SVG, "g");
    for (const [name, value] of Object.entries({ class: "knot", role: "slider", tabindex: "0" })) {
      knot.setAttribute(name, value);
    }
    for (const [name, r] of [
      ["hit", 12],
      ["dot", 4.5],
    ]) {
      const circle = document.createElementNS(SVG, "circle");
      circle.setAttribute("class", name);
      circle.setAttribute("r", r);
      knot.append(circle);
    }
    this.#group.append(knot);
    return knot;
  }

  #place(knot, [value, grey], n, scale) {
    const { curve, unit } = this.#host;
    const x = scale.x(value);
    const within = Math.min(scale.width - EDGE, Math.max(EDGE, x));
    knot.setAttribute("transform", `translate(${within.toFixed(1)} ${scale.y(grey).toFixed(1)})`);
    knot.classList.toggle("is-beyond", Math.abs(within - x) > 0.5);
    knot.classList.toggle("is-dragged", this.#drag?.n === n && !this.#drag.isOut);
    const words = { number: n + 1, count: curve.length, value: plain(value), unit, grey: Math.round(grey) };
    knot.setAttribute("aria-label", _("Point %(number)s of %(count)s", words));
    knot.setAttribute("aria-valuetext", _("%(value)s %(unit)s, grey %(grey)s", words));
    knot.setAttribute("aria-valuenow", value);
    knot.setAttribute("aria-valuemin", curve[n - 1]?.[0] ?? Math.min(value, scale.range[0]));
    knot.setAttribute("aria-valuemax", curve[n + 1]?.[0] ?? Math.max(value, scale.range[1]));
  }

  #at(event) {
    const box = this.#svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    const n = this.#knots.indexOf(event.target.closest(".knot"));
    if (n < 0 || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.focus(n);
    // The box holds the pointer: the point itself may go while it is dragged out.
    this.#svg.setPointerCapture(event.pointerId);
    this.#drag = { n, at: this.#at(event), curve: this.#host.curve, pointer: event.pointerId, isOut: false };
    this.#host.stroke("begin");
    this.draw();
  }

  #moved(event) {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const { scale, digits } = this.#host;
    const [x, y] = this.#at(event);
    const out = Math.max(-x, x - scale.width, -y, y - scale.height) > OUT_PX;
    const without = out ? withoutPoint(drag.curve, drag.n) : null;
    drag.isOut = without !== null;
    if (without) {
      this.#host.change(without);
      return;
    }
    const [value, grey] = drag.curve[drag.n];
    const across = scale.value(scale.x(value) + x - drag.at[0]);
    const up = event.shiftKey ? grey : this.#snapped(scale.y(grey) + y - drag.at[1], scale);
    this.#host.change(withPoint(drag.curve, drag.n, [across, up], digits));
  }

  /** Black and white are met without aiming. */
  #snapped(y, scale) {
    for (const grey of [0, 255]) if (Math.abs(scale.y(grey) - y) <= SNAP_PX) return grey;
    return scale.grey(y);
  }

  #up(event) {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    if (event.type === "pointercancel") return this.#cancel(event);
    this.#drag = null;
    this.#host.stroke("end");
    this.draw();
    if (drag.isOut) this.#removed(drag.n);
  }

  #cancel(event) {
    event.preventDefault();
    event.stopPropagation();
    const { curve } = this.#drag;
    this.#drag = null;
    this.#host.change(curve);
    this.#host.stroke("end");
  }

  #removed(n) {
    this.#host.say(_("Point removed"));
    this.focus(Math.min(n, this.#host.curve.length - 1));
  }

  #key(event) {
    const n = this.#knots.indexOf(event.target.closest(".knot"));
    if (n < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const { curve, digits, scale } = this.#host;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      const without = withoutPoint(curve, n);
      if (!without) {
        this.#host.say(_("Two points must stay."));
        return;
      }
      this.#host.change(without);
      this.#removed(n);
      return;
    }
    const wanted = this.#stepped(event, curve, n, scale, digits);
    if (!wanted) return;
    event.preventDefault();
    this.#host.change(withPoint(tidyCurve(curve, digits), n, wanted, digits));
  }

  #stepped({ key, shiftKey }, curve, n, scale, digits) {
    const [value, grey] = curve[n];
    const step = 10 ** -digits * (shiftKey ? 10 : 1);
    const bright = (scale.inverted ? -1 : 1) * (shiftKey ? 10 : 1);
    const page = (scale.inverted ? -1 : 1) * PAGE_GREYS;
    const steps = {
      ArrowLeft: [value - step, grey],
      ArrowRight: [value + step, grey],
      ArrowUp: [value, grey + bright],
      ArrowDown: [value, grey - bright],
      PageUp: [value, grey + page],
      PageDown: [value, grey - page],
      Home: [n > 0 ? -LARGEST_VALUE : Math.min(value, scale.range[0]), grey],
      End: [n < curve.length - 1 ? LARGEST_VALUE : Math.max(value, scale.range[1]), grey],
    };
    return steps[key] ?? null;
  }
}
