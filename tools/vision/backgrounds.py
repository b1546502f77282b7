"""Seeded square backgrounds for the emoji pictures: plain, gradients, stripes, checks, dots, noise, blobs.

One family serves pretraining and the data sets, so that only the drawings differ between them.
"""

import numpy as np

KINDS = ("plain", "gradient", "radial", "stripes", "checks", "dots", "noise", "blobs")


def two_colours(rng):
    """Two RGB colours in 0..1, shape [2, 3]; half of the time the second is a shade of the first."""
    first = rng.uniform(0.0, 1.0, 3)
    if rng.random() < 0.5:
        second = np.clip(first + rng.uniform(-0.3, 0.3), 0.0, 1.0)
    else:
        second = rng.uniform(0.0, 1.0, 3)
    return np.stack([first, second])


def smooth_noise(rng, size, cells):
    """A smooth field in 0..1, shape [size, size], from a random grid of cells+1 corners a side."""
    grid = rng.uniform(0.0, 1.0, (cells + 1, cells + 1))
    at = np.linspace(0.0, cells, size, endpoint=False)
    low = at.astype(int)
    part = at - low
    part = part * part * (3.0 - 2.0 * part)
    rows = grid[low] * (1.0 - part[:, None]) + grid[low + 1] * part[:, None]
    return rows[:, low] * (1.0 - part) + rows[:, low + 1] * part


def mask(rng, kind, size):
    """How much of the second colour each pixel has, in 0..1, shape [size, size]."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    angle = rng.uniform(0.0, 2.0 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle)
    if kind == "plain":
        return np.zeros((size, size))
    if kind == "gradient":
        return np.clip(along * rng.uniform(0.7, 1.4) + 0.5, 0.0, 1.0)
    if kind == "radial":
        centre = rng.uniform(-0.4, 0.4, 2)
        return np.clip(np.hypot(x - centre[0], y - centre[1]) * rng.uniform(1.0, 2.0), 0.0, 1.0)
    if kind in ("stripes", "checks", "dots"):
        waves = rng.uniform(2.0, 9.0) * 2.0 * np.pi
        phase = rng.uniform(0.0, 2.0 * np.pi, 2)
        one, other = np.sin(along * waves + phase[0]), np.sin(across * waves + phase[1])
        pattern = {"stripes": one, "checks": one * other, "dots": one + other - rng.uniform(0.4, 1.2)}[kind]
        return np.clip(pattern * rng.uniform(2.0, 8.0) + 0.5, 0.0, 1.0)
    if kind == "noise":
        fine = rng.uniform(0.0, 1.0, (size, size))
        return 0.5 * fine + 0.5 * smooth_noise(rng, size, int(rng.integers(8, 24)))
    field = smooth_noise(rng, size, int(rng.integers(2, 7)))
    return np.clip((field - 0.5) * rng.uniform(1.5, 12.0) + 0.5, 0.0, 1.0)


def background(rng, size):
    """One background as float RGB in 0..1, shape [size, size, 3]."""
    colours = two_colours(rng)
    kind = KINDS[int(rng.integers(len(KINDS)))]
    share = mask(rng, kind, size)[..., None]
    picture = colours[0] * (1.0 - share) + colours[1] * share
    if rng.random() < 0.3:
        picture = picture + rng.normal(0.0, rng.uniform(0.01, 0.06), picture.shape)
    return np.clip(picture, 0.0, 1.0)


def bank(seed, count, size):
    """`count` backgrounds as bytes, shape [count, size, size, 3]."""
    rng = np.random.default_rng(seed)
    return np.stack([np.round(background(rng, size) * 255.0).astype(np.uint8) for _ in range(count)])
