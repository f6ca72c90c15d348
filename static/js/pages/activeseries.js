// What is being read, for what works on one series: of the page's series, or in a comparison of the one whose pane is
// active. Looks like the page's context, and follows the panes.

import { ReportClient } from "../http/reports.js";

const OF_A_SERIES = ["series", "state", "marks", "client", "source", "panes", "history"];

/** @param context  the page's; its `second` may come later */
export function activeSeriesOf(context) {
  const reports = new Map(); // series' data → ReportClient
  const now = () => (context.second && context.activeState() === context.second.state ? context.second : context);
  const active = Object.create(context, {
    reports: {
      get() {
        const { series } = now();
        if (!reports.has(series)) reports.set(series, new ReportClient(series));
        return reports.get(series);
      },
    },
  });
  for (const name of OF_A_SERIES) Object.defineProperty(active, name, { get: () => now()[name] });
  return active;
}
