"""3D in the browser: our own drawing of the volume that is there, beside Panel's scene of the same.

    python benchmarks/scene3d_browser.py [--rounds 3] [--quick]

Both in headless Chromium whose processor draws (SwiftShader), in the page of the viewer, 1200 × 860, after
its flat pictures and its volume are there. ``ours`` runs from the press on "Show in 3D" to the first and to
the fine picture; ``panel`` from asking the server for the coarse scene to the first picture of Bokeh's
document, once with the scene made anew and once with it in the server's cache. Bytes are those that came for
it, scripts among them. Machines differ: read the ratios.
"""

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from viewer import PASSWORD, chromium_path, server  # noqa: E402 - after the path

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
LIMIT_MS = 120_000
MODES = {"surface": "", "mip": "", "mip_inverted": "", "composite": "ct-bone"}
OURS = """async ([mode, preset]) => {
  const scene = document.querySelector(".pane-scene");
  const item = `[data-scene-mode=${mode}]` + (preset ? `[data-scene-preset=${preset}]` : "");
  document.querySelector(`#menu-scene-mode ${item}`).click();
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (test) => { while (!test()) await frame(); };
  const begun = performance.now();
  scene.querySelector("[data-scene-ask]").click();
  await until(() => scene.dataset.sceneState === "ready");
  await frame();
  await frame();
  const first = performance.now() - begun;
  await until(() => scene.dataset.scenePicture === "fine");
  return { first, fine: performance.now() - begun };
}"""
PANEL = """async ([mode, preset, n]) => {
  const { adoptStyles } = await import(document.querySelector("link[href*='http/request.js']").href
    .replace("request.js", "scenestyles.js"));
  const viewer = document.querySelector(".viewer");
  const series = JSON.parse(viewer.dataset.series);
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    "Content-Type": "application/json", Accept: "application/json" };
  const order = { mode, detail: "coarse" };
  if (mode === "composite") order.preset = preset;
  else if (mode !== "surface") order.window = { center: 500 + n, width: 1200 };
  else order.surfaces = [{ level: 175 + n }, { level: -200 + n, largest: true, opacity: 0.5 }];
  const begun = performance.now();
  const made = (async () => {
    const url = `/series/${series.id}/scenes`;
    const answer = await (await fetch(url, { method: "POST", headers, body: JSON.stringify(order) })).json();
    while (answer.job) {
      const { state } = await (await fetch(`/api/v1/jobs/${answer.job}`, { headers })).json();
      if (state === "done") break;
      if (state === "failed") throw new Error("the scene failed");
      await new Promise((done) => setTimeout(done, 100));
    }
    return (await fetch(answer.url)).json();
  })();
  adoptStyles();
  for (const src of JSON.parse(document.querySelector(".pane-scene").dataset.scripts)) {
    if ([...document.scripts].some((one) => one.src.endsWith(src))) continue;
    await new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), { src, onload: done, onerror: failed });
      document.head.append(script);
    });
  }
  const box = document.querySelector(".pane-scene .scene-picture").cloneNode();
  box.id = `panel-${n}`;
  box.style.display = "block";
  box.style.zIndex = 50;
  document.querySelector(".pane-scene").append(box);
  const manager = await Bokeh.embed.embed_item(await made, box.id);
  const [view] = manager.roots;
  const shows = () => {
    const renderer = view._vtk_renwin.getRenderer?.();
    return renderer && renderer.getActors().length + renderer.getVolumes().length > 0;
  };
  while (!shows()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const canvas = view._vtk_renwin.getRenderWindow().getViews()[0].getCanvas();
  const gl = canvas.getContext("webgl2");
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the picture
  return performance.now() - begun;
}"""


class Bytes:
    """What comes over the network, as it is sent."""

    def __init__(self, page: Page) -> None:
        self.count = 0.0
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        self.count += float(event["encodedDataLength"])


def opened(browser: Browser, url: str, series_id: str) -> Page:
    """The viewer with its volume, nothing of 3D yet."""
    context = browser.new_context(
        base_url=url, viewport={"width": 1200, "height": 860}, locale="en-GB", bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.goto("/login")
    page.fill("input[name=name]", "bench")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button.btn-primary")
    page.wait_for_url(lambda address: "/login" not in address)
    page.goto(f"/viewer/{series_id}")
    page.wait_for_selector(".viewer[data-volume=here]")
    page.wait_for_selector("[data-scene-ask]:not([hidden])")
    return page


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of MIP and composite")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    modes = {name: MODES[name] for name in ("mip", "composite")} if options.quick else MODES
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder)) as (url, series_id),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for n in range(rounds):
            for mode, preset in modes.items():
                page = opened(browser, url, series_id)
                came = Bytes(page)
                ours = page.evaluate(OURS, [mode, preset])
                found[mode]["ours, first s"].append(ours["first"] / 1000)
                found[mode]["ours, fine s"].append(ours["fine"] / 1000)
                found[mode]["ours MB"].append(came.count / 1e6)
                page.context.close()
                for name in ("panel, made anew s", "panel, cached s"):
                    page = opened(browser, url, series_id)
                    came = Bytes(page)
                    found[mode][name].append(page.evaluate(PANEL, [mode, preset, n]) / 1000)
                    page.context.close()
                found[mode]["panel MB"].append(came.count / 1e6)
        browser.close()
    names = list(next(iter(found.values())))
    print(f"| mode | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    for mode, columns in found.items():
        print(f"| {mode} | {' | '.join(f'{statistics.median(columns[name]):.2f}' for name in names)} |")


if __name__ == "__main__":
    main()
