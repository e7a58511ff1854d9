"""Modules: their interfaces, which are compiled anew with other values, and the units that import them."""

from differential.events import Event, change_value
from differential.units import Supply, Unit, build, is_clang, of_language

INTERFACE = "export module m;\n#define W_M 1\nexport inline constexpr int value = W_M;\n"
IMPORTER = "import m;\nint importer() { return value; }\n"
MAP = 'module mapped { header "mapped.h" }\n'
MAPPED = "#define W_MAPPED 1\nstatic inline int mapped(void) { return W_MAPPED; }\n"
GCC_OPTIONS = ("-std=c++20", "-fmodules-ts")
CLANG_OPTIONS = ("-std=c++20",)
CACHE = ("-fmodules", "-fmodules-cache-path={tree}/out/modules", "-I{tree}/modules/mapped")


def supply(tree, random, compilers):
    cxx = of_language(compilers, True)
    units, events = [], []
    tree.write("modules/mapped/module.modulemap", MAP)
    tree.write("modules/mapped/mapped.h", MAPPED)
    tree.write("modules/implicit.c", '#include "mapped.h"\nint implicit(void) { return mapped() + W_MAPPED; }\n')
    for name in filter(is_clang, of_language(compilers, False)):
        units.append(Unit("modules/implicit.c", False, ways=(CACHE,), compilers=frozenset((name,)), varied=0.1))
        events.append(_edited("modules/mapped/mapped.h"))
    for name in cxx:
        only = frozenset((name,))
        # What an interface's compile writes lies beside it; what importers read was written by an event.
        make, use = f"modules/make-{name}", f"modules/use-{name}"
        source = "m.cppm" if is_clang(name) else "m.cpp"
        tree.write(f"{make}/{source}", INTERFACE)
        tree.write(f"{use}/{source}", INTERFACE)
        tree.write(f"{use}/importer.cpp", IMPORTER)
        if is_clang(name):
            ways = tuple(
                (*CLANG_OPTIONS, how)
                for how in ("-fmodule-file=m=m.pcm", f"-fmodule-file=m={{tree}}/{use}/m.pcm", "-fprebuilt-module-path=.")
            )
            units.append(Unit(source, True, make, (CLANG_OPTIONS,), ("--precompile",), only, "{tree}/out/m.pcm", 0))
        else:
            ways = (GCC_OPTIONS,)
            units.append(Unit(source, True, make, (GCC_OPTIONS,), compilers=only, varied=0.1))
        importer = Unit("importer.cpp", True, use, ways, compilers=only, varied=0.1)
        units += [importer, importer]
        _compile_interface(tree.root / use, name)
        events += [rebuilt(use, name), _edited(f"{make}/{source}")]
    return Supply("modules", 0.7, tuple(units), tuple(events)) if units else None


def _edited(name):
    return lambda tree, random: change_value(tree, tree.root / name)


def _compile_interface(directory, compiler):
    if is_clang(compiler):
        return build(directory, compiler, *CLANG_OPTIONS, "--precompile", "m.cppm", "-o", "m.pcm")
    return build(directory, compiler, *GCC_OPTIONS, "-c", "m.cpp", "-o", "m.o")


def rebuilt(use, compiler):
    """The interface has another value, and is compiled."""

    def happens(tree, random):
        directory = tree.root / use
        edited = change_value(tree, directory / ("m.cppm" if is_clang(compiler) else "m.cpp"))

        def both(change):
            change()
            _compile_interface(directory, compiler)

        return Event(f"{edited.name}, and {compiler} compiles it", lambda: both(edited.apply), lambda: both(edited.undo))

    return happens
