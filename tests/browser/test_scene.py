"""The fourth quadrant in three dimensions: what is seen from each side, what a click does, and without it.

A block of 40 × 40 × 30 mm lies to the left, in front and near the head of a box of air, with a bead at its
left, front and upper corner that is brighter than all: each side shows it in another quarter of the picture.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect
from pydicom.dataset import Dataset

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Server, Watch, picture, signed_in, until_saved
from tests.browser.looking import choose_layout, open_viewer, pane
from tests.browser.series import Archive, named, send, take_in
from tests.browser.windows import Windows
from tests.imaging.phantoms import OBLIQUE, ct_slice, write_series

pytestmark = pytest.mark.browser

COLUMNS, ROWS, SLICES = 50, 40, 40
SPACING, STEP = 2.0, 2.5
ORIGIN = (-60.0, -30.0, 100.0)  # so x −60…38, y −30…48, z 100…197.5
BLOCK = ((-2.0, 38.0), (-20.0, 20.0), (160.0, 190.0))
BEAD = (28.0, -12.0, 182.5)
SOFTWARE = [one for one in ARGUMENTS if one != "--disable-gpu"] + [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


def corner_block() -> Iterator[Dataset]:
    """The block at 300 HU and in it the bead of 8 mm at 1500 HU, in air."""
    j, i = np.mgrid[:ROWS, :COLUMNS]
    x, y = ORIGIN[0] + SPACING * i, ORIGIN[1] + SPACING * j
    for k in range(SLICES):
        z = ORIGIN[2] + STEP * k
        values = np.full((ROWS, COLUMNS), -1000)
        (x0, x1), (y0, y1), (z0, z1) = BLOCK
        values[(x >= x0) & (x <= x1) & (y >= y0) & (y <= y1) & (z0 <= z <= z1)] = 300
        values[np.hypot(np.hypot(x - BEAD[0], y - BEAD[1]), z - BEAD[2]) <= 8] = 1500
        dataset = ct_slice(
            k,
            pixels=(values + 1024).astype(np.int16),
            position=[ORIGIN[0], ORIGIN[1], z],
            spacing=(SPACING, SPACING),
            WindowWidth=2600,
            WindowCenter=300,
        )
        yield named(dataset, 51, "Block")


@pytest.fixture(scope="module")
def archive(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return take_in(server, "trini", tmp_path_factory.mktemp("block"), {"block": corner_block})


@pytest.fixture(scope="module")
def session(archive: Archive, playwright_driver: Playwright) -> Any:
    return signed_in(playwright_driver, archive.server, "trini")


@pytest.fixture(scope="module")
def drawing_chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """A browser whose processor draws in three dimensions."""
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE)
    yield browser
    browser.close()


@pytest.fixture
def scene(drawing_chromium: Browser, archive: Archive, session: Any, watch: Watch) -> Iterator[Page]:
    """The viewer of the block, in English, with the quadrant drawn; 3D was asked for."""
    with scene_of("block", drawing_chromium, archive, session, watch) as page:
        yield page


@contextmanager
def scene_of(
    name: str, drawing_chromium: Browser, archive: Archive, session: Any, watch: Watch
) -> Iterator[Page]:
    archive.forget(name)
    windows = Windows(drawing_chromium)
    window = windows.take(
        watch,
        storage_state=session,
        size=(1200, 860),
        base_url=archive.server.url,
        locale="en-GB",
        reduced_motion="reduce",
        alone=True,
        accept_downloads=True,
    )
    page = window.page
    page.set_default_timeout(30_000)
    page.goto(f"/viewer/{archive.ids[name]}")
    page.locator("[data-scene-ask]").click()
    drawn(page)
    yield page
    page.wait_for_timeout(300)  # until a camera that rests is kept
    until_saved(page)
    window.close()
    assert watch.verdict() == []


def drawn(page: Page) -> None:
    """Wait until the quadrant has its fine picture."""
    expect(pane(page, "scene")).to_have_attribute("data-scene-state", "ready", timeout=40_000)
    page.wait_for_timeout(150)
    expect(pane(page, "scene")).to_have_attribute("data-scene-picture", "fine", timeout=40_000)
    page.wait_for_timeout(100)


def seen(page: Page, kind: str = "L") -> np.ndarray:
    """The picture's brightness, (height, width), or its "RGB", with what stands over it hidden."""
    parts = "document.querySelectorAll('.pane-scene > :not(.scene-picture)')"
    over = f"() => {parts}.forEach(one => one.toggleAttribute('hidden', %s))"
    page.evaluate(over % "true")
    shot = Image.open(io.BytesIO(pane(page, "scene").screenshot()))
    page.evaluate(over % "false")
    return np.asarray(shot.convert(kind), float)[3:-3, 3:-3]


def mode(page: Page, name: str, preset: str = "") -> None:
    pane(page, "scene").locator("[popovertarget=menu-scene-mode]").click()
    which = f"[data-scene-preset={preset}]" if preset else ""
    page.locator(f"#menu-scene-mode [data-scene-mode={name}]{which}").click()
    drawn(page)


def middle_of(bright: np.ndarray) -> tuple[float, float]:
    """Where the middle of what is seen lies, from −0.5 to 0.5 to the right and down."""
    rows, columns = np.nonzero(bright)
    assert rows.size > 200
    height, width = bright.shape
    return columns.mean() / width - 0.5, rows.mean() / height - 0.5


def test_each_side_is_seen_from_where_its_letter_says(scene: Page) -> None:
    """The block is to the left, in front, and near the head: from the front it is on the right and above."""
    sides = {
        "A": (+1, -1),
        "P": (-1, -1),
        "R": (+1, -1),  # the front is on screen right
        "L": (-1, -1),
        "F": (+1, -1),  # the front is above
        "H": (-1, -1),
    }
    letters = {"A": "LRHF", "P": "RLHF", "R": "APHF", "L": "PAHF", "F": "LRAP", "H": "RLAP"}
    for name, (right, down) in sides.items():
        pane(scene, "scene").locator(f".scene-views [data-scene-view={name}]").click()
        drawn(scene)
        x, y = middle_of(seen(scene) > 40)
        assert (np.sign(x), np.sign(y)) == (right, down), (name, x, y)
        assert min(abs(x), abs(y)) > 0.02, (name, x, y)
        edges = [pane(scene, "scene").locator(f"[data-part=edge-{side}]").inner_text() for side in "rltb"]
        assert "".join(edges) == letters[name]
        face = pane(scene, "scene").locator(".scene-cube text")
        assert face.all_text_contents() == [name]
    pane(scene, "scene").focus()
    scene.keyboard.press("a")
    expect(pane(scene, "scene")).to_have_attribute("data-scene-from", "A")
    for _ in range(9):
        scene.keyboard.press("ArrowRight")  # 90° to the right: the patient's right side comes to the front
    expect(pane(scene, "scene")).to_have_attribute("data-scene-from", "R")


def test_every_mode_draws_and_is_kept(scene: Page, archive: Archive) -> None:
    surfaces = seen(scene)
    assert (surfaces > 60).mean() > 0.01
    mode(scene, "mip")
    maximum = seen(scene)
    assert maximum.max() > 240  # the bead
    assert 0.005 < (maximum > 240).mean() < 0.1
    assert maximum[5, 5] < 10
    mode(scene, "mip_inverted")
    inverted = seen(scene)
    assert inverted[5, 5] > 245
    assert inverted.min() < 15
    mode(scene, "composite", "ct-bone")
    assert (seen(scene) > 40).mean() > 0.01
    picture(scene, "scene-composite")
    # Cut away what lies to the left: nothing of the block is left.
    pane(scene, "scene").locator("[data-scene-settings]").click()
    scene.locator("[data-scene-side='0 1']").fill("55")
    scene.keyboard.press("Escape")
    drawn(scene)
    assert (seen(scene) > 40).mean() < 0.002
    expect(scene.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    kept = archive.call(f"/api/v1/series/{archive.ids['block']}/workspace?part=0")["state"]["scene"]
    assert (kept["mode"], kept["preset"], kept["box"]) == ("composite", "ct-bone", [[0, 0, 0], [0.55, 1, 1]])


def test_a_click_moves_the_planes_to_the_surface(scene: Page) -> None:
    """From the front the first of the block is its front, at y = −20 mm; of the maximum, the bead."""
    box = pane(scene, "scene").bounding_box()
    assert box is not None
    # The volume is 100 × 80 × 100 mm with its edges, 1.12 of that high, its middle at x −11, z 148.75.
    scale = box["height"] / (100 * 1.12)
    x = box["x"] + box["width"] / 2 + (18 + 11) * scale
    y = box["y"] + box["height"] / 2 - (175 - 148.75) * scale
    scene.mouse.click(x, y)
    expect(scene.locator("[data-read=position]")).to_have_text(
        re.compile(r"L 1[68]\.0.*[AP] ?\d+\.\d.*H 17[57]")
    )
    text = scene.locator("[data-read=position]").inner_text()
    front = re.search(r"A (\d+)", text)
    assert front, text
    assert abs(int(front[1]) - 20) <= 3, text
    mode(scene, "mip")
    scene.mouse.click(
        box["x"] + box["width"] / 2 + (BEAD[0] + 11) * scale,
        box["y"] + box["height"] / 2 - (BEAD[2] - 148.75) * scale,
    )
    expect(scene.locator("[data-read=position]")).to_have_text(re.compile(r"L 28\.0.*A 1\d\.0.*H 182\.5"))
    # Clicking drew nothing anew but the mark; a drag turns.
    scene.mouse.move(x, y)
    scene.mouse.down()
    scene.mouse.move(x - 60, y, steps=3)
    scene.mouse.up()
    expect(pane(scene, "scene")).to_have_attribute("data-scene-from", "")


def test_thresholds_are_followed_without_the_server(scene: Page) -> None:
    before = (seen(scene) > 60).sum()
    asked: list[str] = []
    scene.on("request", lambda request: asked.append(request.url))
    pane(scene, "scene").locator("[data-scene-settings]").click()
    scene.locator("[data-scene-surfaces] [data-field=isShown]").nth(1).uncheck()
    scene.locator("[data-scene-surfaces] [data-field=level]").first.fill("1000")
    scene.keyboard.press("Escape")
    drawn(scene)
    after = (seen(scene) > 60).sum()
    assert 0 < after < before / 3  # the bead alone
    assert [url for url in asked if re.search("/scenes|/surfaces|/voxels", url)] == []


def test_the_quadrant_turns_over_to_the_facts_and_alone(scene: Page) -> None:
    pane(scene, "scene").locator("[data-scene-face=facts]").click()
    expect(pane(scene, "facts")).to_contain_text("50 × 40 × 40")
    expect(pane(scene, "scene")).to_be_hidden()
    pane(scene, "facts").locator("[data-scene-face=scene]").click()
    expect(pane(scene, "scene")).to_be_visible()
    pane(scene, "scene").hover()
    pane(scene, "scene").locator("[data-maximise]").click()
    expect(scene.locator(".stage")).to_have_attribute("data-layout", "1")
    drawn(scene)
    assert (seen(scene) > 60).mean() > 0.01
    with scene.expect_download() as coming:
        pane(scene, "scene").locator("[data-scene-picture-file]").click()
    assert coming.value.suggested_filename == "triplano-ct-3d.png"
    kept = Image.open(coming.value.path())
    assert np.asarray(kept.convert("L"))[: kept.height - 30].max() > 60
    choose_layout(scene, "2x2")


def test_without_webgl_a_message_and_the_planes(archive: Archive, session: Any, new_page: Any) -> None:
    page = new_page(locale="en-GB", storage_state=session, alone=True)
    page.add_init_script(
        "const { getContext } = HTMLCanvasElement.prototype;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...rest); };"
    )
    archive.forget("block")
    open_viewer(page, archive.ids["block"])
    scene = pane(page, "scene")
    expect(scene).to_have_attribute("data-scene-state", "failed", timeout=20_000)
    expect(scene.locator("[data-scene-note]")).to_contain_text("WebGL 2 is missing")
    pane(page, "axial").focus()
    before = pane(page, "axial").get_attribute("data-index")
    page.keyboard.press("ArrowDown")
    expect(pane(page, "axial")).not_to_have_attribute("data-index", before or "")
    scene.locator("[data-scene-face=facts]").click()
    expect(pane(page, "facts")).to_contain_text("50 × 40 × 40")


def test_what_does_not_arrive_is_told_and_tried_again(look: Any, watch: Watch) -> None:
    """Nothing of it is loaded before it is asked for where the processor would have to draw."""
    watch.expected += ["presets", "ERR_FAILED"]
    page = look("block", alone=True)
    loaded = """() => document.querySelectorAll("script[src*='vtk.js']").length"""
    scene = pane(page, "scene")
    expect(scene.locator("[data-scene-ask]")).to_have_text("Show in 3D", timeout=20_000)
    assert page.evaluate(loaded) == 0
    page.route("**/scenes/presets*", lambda route: route.abort())
    scene.locator("[data-scene-ask]").click()
    expect(scene).to_have_attribute("data-scene-state", "failed", timeout=20_000)
    expect(scene.locator("[data-scene-note]")).to_contain_text("The connection was lost")
    page.unroute_all()
    scene.locator("[data-scene-ask]").click()
    expect(scene).to_have_attribute("data-scene-state", "ready", timeout=40_000)
    assert page.evaluate(loaded) == 1


# A ball in air, to the left, in front and near the head of the middle of a grid that leans by the triangle
# 3-4-5: once of DICOM, once with its columns running to the patient's right, a left hand's axes.
MIDDLE, BALL, RADIUS = np.array((5.0, -10.0, 60.0)), np.array((23.0, -24.0, 76.0)), 9.0
GRID, STEPS = (40, 36, 32), (2.0, 2.0, 2.5)
LEANING = np.array(((1.0, 0.0, 0.0), (0.0, 0.8, 0.6), (0.0, -0.6, 0.8)))  # of i, j and k
AXES = {"leaning": LEANING, "mirrored": LEANING * ((-1.0,), (1.0,), (1.0,))}


def ball_in(axes: np.ndarray, size: tuple[int, ...], steps: tuple[float, ...], middle: np.ndarray) -> Any:
    """(i, j, k) bool of the ball on a grid around *middle*, the steps of its axes, its first voxel."""
    directions = axes * np.array(steps)[:, None]
    first = middle - (np.array(size) - 1) / 2 @ directions
    places = np.moveaxis(np.indices(size), 0, -1) @ directions + first
    return np.linalg.norm(places - BALL, axis=-1) <= RADIUS, directions, first


def write_nrrd(path: Path, voxels: np.ndarray, directions: np.ndarray, first: np.ndarray) -> Path:
    header = {
        "space": "left-posterior-superior",
        "space directions": directions,
        "space origin": first,
        "kinds": ["domain"] * 3,
    }
    nrrd.write(str(path), voxels, header)
    return path


@pytest.fixture(scope="module")
def slanted(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The ball as an oblique DICOM series and as a left-handed NRRD; its mask lies straight, 1 mm."""
    folder = tmp_path_factory.mktemp("slanted")
    slices = []
    inside, directions, first = ball_in(AXES["leaning"], GRID, STEPS, MIDDLE)
    for k in range(GRID[2]):
        pixels = np.where(inside[:, :, k].T, 1500 + 1024, 24).astype(np.int16)
        position = [round(float(mm), 6) for mm in first + k * directions[2]]
        dataset = ct_slice(k, pixels=pixels, position=position, orientation=OBLIQUE, spacing=(2.0, 2.0))
        slices.append(named(dataset, 52, "Leaning"))
    leaning = send(archive.server, archive.token, folder, write_series(folder / "leaning", slices))["Leaning"]
    inside, directions, first = ball_in(AXES["mirrored"], GRID, STEPS, MIDDLE)
    assert np.linalg.det(directions) == pytest.approx(-10.0)
    path = write_nrrd(
        folder / "mirrored.nrrd", np.where(inside, 1500, -1000).astype(np.int16), directions, first
    )
    (mirrored,) = send(archive.server, archive.token, folder, [path]).values()
    beside = BALL + np.array((1.3, -0.7, 2.2))
    inside, directions, first = ball_in(np.eye(3), (24, 24, 24), (1.0, 1.0, 1.0), beside)
    write_nrrd(folder / "ball.nrrd", inside.astype(np.uint8), directions, first)
    return replace(archive, ids={"leaning": leaning, "mirrored": mirrored}, folder=folder)


def from_side(page: Page, name: str) -> None:
    pane(page, "scene").locator(f".scene-views [data-scene-view={name}]").click()
    drawn(page)


def ball_seen(page: Page) -> np.ndarray:
    """The middle of what is bright, in CSS pixels of the quadrant."""
    bright = seen(page) > 60
    rows, columns = np.nonzero(bright)
    assert rows.size > 200, rows.size
    box = pane(page, "scene").bounding_box()
    assert box is not None
    return np.array((columns.mean(), rows.mean())) * box["width"] / (bright.shape[1] + 6) + 3.5


def picked(page: Page, place: np.ndarray) -> np.ndarray:
    """Where the planes meet, LPS mm, once *place* of the quadrant was clicked."""
    box = pane(page, "scene").bounding_box()
    reading = page.locator("[data-read=position]")
    before = reading.inner_text()
    assert box is not None
    page.mouse.click(box["x"] + place[0], box["y"] + place[1])
    expect(reading).not_to_have_text(before)
    drawn(page)
    text = reading.inner_text()
    found = re.search(r"([LR]) (\d+\.\d).*([AP]) (\d+\.\d).*([HF]) (\d+\.\d)", text)
    assert found, text
    signs = {"L": 1, "P": 1, "H": 1, "R": -1, "A": -1, "F": -1}
    return np.array([signs[found[n]] * float(found[n + 1]) for n in (1, 3, 5)])


@pytest.mark.parametrize("name", ["leaning", "mirrored"])
def test_a_leaning_or_mirrored_volume_and_its_segment_lie_in_the_patient(
    name: str, drawing_chromium: Browser, slanted: Archive, session: Any, watch: Watch
) -> None:
    with scene_of(name, drawing_chromium, slanted, session, watch) as page:
        box = pane(page, "scene").bounding_box()
        assert box is not None
        mode(page, "mip")
        volume = {}
        # What is across and down on each side, and where the ball lies from the middle.
        for side, axes, signs in (("A", (0, 2), (1, -1)), ("L", (1, 2), (-1, -1)), ("H", (0, 1), (-1, -1))):
            from_side(page, side)
            volume[side] = ball_seen(page)
            offset = volume[side] - (box["width"] / 2, box["height"] / 2)
            assert tuple(np.sign(offset)) == signs, (side, offset)
            assert np.abs(offset).min() > 15, (side, offset)
            off = (picked(page, volume[side]) - BALL)[list(axes)]
            assert np.abs(off).max() <= 2.5, (side, off)
            # The planes' mark stands on what was clicked, though they went to the voxel nearest to it.
            moved = pane(page, "scene").locator("[data-scene-marker]").get_attribute("transform") or ""
            mark = np.array([float(number) for number in re.findall(r"-?\d+\.\d", moved)])
            assert np.abs(mark - volume[side]).max() < 12, (side, mark, volume[side])
        mode(page, "surface")
        pane(page, "scene").locator("[data-scene-settings]").click()
        for shown in page.locator("[data-scene-surfaces] [data-field=isShown]").all():
            shown.uncheck()
        page.keyboard.press("Escape")
        drawn(page)
        assert (seen(page) > 60).mean() < 0.001
        page.locator("#tab-segments").click()
        page.locator("[data-segments-file]").set_input_files(slanted.folder / "ball.nrrd")
        expect(page.locator("[data-segment]")).to_have_count(1)
        page.locator("[data-toast-close]").click()  # it lies over the quadrant
        for _try in range(40):  # until its surface has come
            page.wait_for_timeout(250)
            if (seen(page) > 60).mean() > 0.001:
                break
        for side, place in volume.items():
            from_side(page, side)
            off = ball_seen(page) - place
            assert np.abs(off).max() < 5, (side, off)  # pixels: a voxel has about eight
        picture(page, f"scene-{name}")
        # From the front, its surface is a radius before its middle.
        from_side(page, "A")
        front = picked(page, volume["A"])
        assert np.abs(front - (BALL - (0, RADIUS, 0))).max() <= 2.5, front
        # A projection has no depth that could show or hide it: it is drawn over it, in its colour.
        mode(page, "mip")
        assert (np.ptp(seen(page, "RGB"), axis=2) > 40).mean() > 0.001
