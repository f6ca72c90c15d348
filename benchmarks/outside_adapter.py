"""How a harness that knows no viewer drives Triplano: ``viewer_bench.py --adapter outside_adapter.py``.

Cases name the series: ``{"synth300": {"series": "<its id>", "slices": 300, "rows": 512, "columns": 512,
"list_text": "Demo"}}``. The account is that of ``TRIPLANO_BENCH_NAME`` and ``TRIPLANO_BENCH_PASSWORD``.
The bytes it tells include those of the sign-in page.
"""

import os
from typing import Any

AXIAL, SAGITTAL, CORONAL = (
    f".pane[data-plane={plane}]:not([data-pane], [data-series]) canvas.pane-image"
    for plane in ("axial", "sagittal", "coronal")
)
STACK = ".pane[data-plane=stack]:not([data-pane], [data-series]) canvas.pane-image"


class Adapter:
    """The names and methods are the harness' own."""

    name = "Triplano"
    variants = {"browser": ""}
    pictures = {"stack": [STACK], "mpr": [AXIAL, SAGITTAL, CORONAL]}
    wheel_target = {"stack": STACK, "mpr": AXIAL}
    drag_target = wheel_target
    turn_after = {"stack": 50, "mpr": 50}
    init_script = ""

    def goals(self, layout: str, case: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What to wait for; images of a stack come one by one and are never all in memory."""
        if layout == "list":
            return {"study_list": {"js": f"document.body.innerText.includes({case['list_text']!r})"}}
        goals: dict[str, dict[str, Any]] = {"first_picture": {"pictures": self.pictures[layout]}}
        if layout == "mpr":
            goals["loaded"] = {"js": "!!document.querySelector('.viewer[data-volume=here]')"}
        return goals

    async def open_study_list(self, page: Any, base: str, case: dict[str, Any], variant: str) -> None:
        await self._sign_in(page, base)
        await page.goto(base + "/", wait_until="commit")

    async def open_first_picture(self, page: Any, base: str, case: dict[str, Any], variant: str) -> None:
        await self._sign_in(page, base)
        await page.goto(f"{base}/viewer/{case['series']}?as=stack", wait_until="commit")

    async def open_mpr(self, page: Any, base: str, case: dict[str, Any], variant: str) -> None:
        await self._sign_in(page, base)
        await page.goto(f"{base}/viewer/{case['series']}", wait_until="commit")

    async def prepare_drag(self, page: Any, layout: str) -> None:
        """Window and level are on the left button from the start."""

    async def _sign_in(self, page: Any, base: str) -> None:
        await page.goto(base + "/login")
        await page.fill("input[name=name]", os.environ["TRIPLANO_BENCH_NAME"])
        await page.fill("input[name=password]", os.environ["TRIPLANO_BENCH_PASSWORD"])
        await page.click("form:has(input[name=password]) button.btn-primary")
        await page.wait_for_load_state()
