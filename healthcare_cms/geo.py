"""Where GeoDjango finds GDAL and GEOS: the system's libraries, else those inside the pyogrio and shapely wheels."""

from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path


def library_path(system_name: str, package: str, pattern: str) -> str | None:
    """Path of a shared library in the wheel of `package`, or None where the system has its own (Django finds that)."""
    if find_library(system_name):
        return None
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    libs = Path(spec.origin).parent.parent / f"{package}.libs"
    return next((str(path) for path in sorted(libs.glob(pattern))), None)
