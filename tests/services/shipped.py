"""Puts the shipped connection types before services of one's own: each manifest is copied as it is, but for its id and the
addresses in it, which become that of a test, and jobs that are asked after every second. What runs is then the shipped manifest through
the shipped driver.
"""

import pathlib
import re
import shutil

CONNECTORS = pathlib.Path(__file__).resolve().parents[2] / "connectors"


def copy_type(name, folder, url, change=lambda text: text):
    """A folder of the operator with the type; gives its new id. `change` is for tests that want it wrong."""
    source = CONNECTORS / name
    copy_id = f"test_{name}"
    target = pathlib.Path(folder) / copy_id
    shutil.copytree(source, target)
    text = (source / "manifest.yaml").read_text()
    text = text.replace(f"id: {name}\n", f"id: {copy_id}\n", 1).replace(f"name: {name}_", f"name: {copy_id}_")
    text = re.sub(r'^  base: "?https://[^/"\n]+', lambda found: f'  base: "{url}' if '"' in found.group() else f"  base: {url}", text, flags=re.M)
    text = re.sub(r'^    url: "https://[^/"\n]+', f'    url: "{url}', text, flags=re.M)
    text = re.sub(r"^          every: \d+$", "          every: 1", text, flags=re.M)
    text = text.replace(f"${{{name}_", f"${{{copy_id}_")
    (target / "manifest.yaml").write_text(change(text))
    return copy_id
