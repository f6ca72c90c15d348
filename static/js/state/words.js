// Words of the interface in the page's language. The key is the English text, as on the server;
// words/es.js is written from the translation catalogue by `make translations`.
// _("Slice %(n)s of %(total)s", { n: 3, total: 9 })

const language = typeof document === "undefined" ? "en" : document.documentElement.lang;
const catalogue = language === "es" ? (await import("../words/es.js")).default : {};

/** Fill %(name)s with values. */
function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_match, name) => String(values[name]));
}

/** The text in the page's language. */
export function _(text, values = {}) {
  return fill(catalogue[text] ?? text, values);
}

/** Singular or plural; both texts may use %(count)s. */
export function ngettext(singular, plural, count, values = {}) {
  return _(count === 1 ? singular : plural, { count, ...values });
}
