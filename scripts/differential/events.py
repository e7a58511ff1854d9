"""What happens to the sources between compiles and during them. Each event can be undone."""

import os
import shutil

from differential.tree import LISTS


class Event:
    """A change: `apply` may be called during a compile, `undo` leads back to the state before."""

    def __init__(self, name, apply, undo):
        self.name = name
        self.apply = apply
        self.undo = undo


def random_event(tree, random, events):
    """One of the events; None if it cannot happen now, as what it would change is hidden by an earlier one."""
    try:
        return random.choice(events)(tree, random)
    except FileNotFoundError:
        return None


def _header(tree, random):
    """One that is there."""
    folder = random.choice(("include", "v1", "v2"))
    return (tree.root / folder / random.choice(tree.headers[:-1])).resolve(strict=True)


def _changed(text, tree):
    """Of the same size where that is possible: the value of a macro is another one."""
    tree.value = tree.value % 89 + 1
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("#define W_"):
            lines[number] = line.rpartition(" ")[0] + f" {tree.value + 10}"
    return "\n".join(lines) + "\n"


def _replacing(name, path, content, how):
    """Content in place of what a file holds; `how` puts it there."""
    before = path.read_bytes()
    return Event(f"{name} {path.name} in {path.parent.name}", lambda: how(path, content), lambda: how(path, before))


def _in_place(path, content):
    path.write_bytes(content)


def _by_rename(path, content):
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.replace(new, path)


def _with_old_times(path, content):
    status = os.stat(path)
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def change_value(tree, path):
    """A macro W_... has another value."""
    return _replacing("edit", path, _changed(path.read_text(), tree).encode(), _by_rename)


def edit(tree, random):
    path = _header(tree, random)
    how = random.choice((_in_place, _by_rename, _with_old_times))
    return _replacing(f"edit ({how.__name__.strip('_')})", path, _changed(path.read_text(), tree).encode(), how)


def edit_unit(tree, random):
    path = tree.root / random.choice(tree.units).source
    return _replacing("edit", path, path.read_bytes() + f"int added_{tree.value};\n".encode(), _in_place)


def touch(tree, random):
    path = _header(tree, random)
    status = os.stat(path)
    return Event(
        f"touch {path.name}", path.touch, lambda: os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    )


def flip_link(tree, random):
    link = tree.root / "now"
    before = os.readlink(link)

    def flip(target):
        new = link.with_name("now.new")
        os.symlink(target, new)
        os.replace(new, link)

    return Event(
        f"the link now leads from {before} elsewhere", lambda: flip({"v1": "v2", "v2": "v1"}[before]), lambda: flip(before)
    )


def swap_folders(tree, random):
    first, second = (tree.root / name for name in random.sample(("include", "v1", "v2"), 2))

    def swap():
        aside = tree.root / "aside"
        first.rename(aside)
        second.rename(first)
        aside.rename(second)

    return Event(f"swap {first.name} and {second.name}", swap, swap)


def shadow(tree, random):
    """A header appears in front of the one in use."""
    name = random.choice(tree.headers[:-1])
    path = (tree.root / "early").resolve(strict=True) / name
    if path.exists():
        before = path.read_bytes()

        def put_back():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(before)

        return Event(f"early/{name} is removed", path.unlink, put_back)
    content = _changed((tree.root / "include" / name).read_text(), tree).encode()
    made = path.parent.exists()

    def put():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def take():
        path.unlink()
        if not made:
            path.parent.rmdir()

    return Event(f"early/{name} appears", put, take)


def hide(tree, random):
    path = _header(tree, random)
    aside = path.with_name(path.name + ".aside")
    return Event(f"{path.parent.name}/{path.name} vanishes", lambda: path.rename(aside), lambda: aside.rename(path))


def remove_folder(tree, random):
    """A folder in the search path that was there is not, or the other way round."""
    path, aside = tree.root / "early", tree.root / "not-early"
    if path.exists():
        return Event("the folder early vanishes", lambda: path.rename(aside), lambda: aside.rename(path))
    return Event("the folder early is back", lambda: aside.rename(path), lambda: path.rename(aside))


def maybe(tree, random):
    path = tree.root / random.choice(("maybe.h", "include/maybe.h"))
    if path.exists():
        content = path.read_bytes()
        return Event(f"{path.name} vanishes", path.unlink, lambda: path.write_bytes(content))
    return Event("maybe.h appears", lambda: path.write_text("#define MAYBE 5\n"), path.unlink)


def other_input(tree, random):
    """One of the files that no preprocessor reads."""
    name = random.choice(("blob.bin", *LISTS))
    contents = LISTS.get(name, ("blob 0", "blob 1"))
    path = tree.root / name
    content = next(text for text in contents if text != path.read_text())
    return _replacing("edit", path, content.encode(), random.choice((_in_place, _by_rename)))


def copy_folder(tree, random):
    """A folder with the same content, but other files."""
    path = tree.root / random.choice(("include", "v1", "v2"))

    def copy():
        new = path.with_name("copied")
        shutil.copytree(path, new, symlinks=True)
        shutil.rmtree(path)
        new.rename(path)

    return Event(f"{path.name} is copied anew", copy, lambda: None)


def swap_twins(tree, random):
    """Two headers change their names."""
    first, second = (tree.root / folder / "a.h" for folder in ("v1", "v2"))
    aside = first.with_name("aside.h")

    def swap():
        first.rename(aside)
        second.rename(first)
        aside.rename(second)

    first.resolve(strict=True)
    second.resolve(strict=True)
    return Event("v1/a.h and v2/a.h change places", swap, swap)


EVENTS = (
    edit,
    edit,
    edit,
    edit_unit,
    touch,
    flip_link,
    flip_link,
    swap_folders,
    shadow,
    shadow,
    hide,
    remove_folder,
    maybe,
    other_input,
    other_input,
    copy_folder,
    swap_twins,
)
# What a compile may notice too late: it is not the files themselves that change.
MOVES = (flip_link, flip_link, swap_folders, swap_folders, shadow, remove_folder, swap_twins, edit, hide)
