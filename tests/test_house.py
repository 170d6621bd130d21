"""The house stands: imports run one way, without circles, and one module alone reads the clock.

Everything here is read from the syntax trees; nothing of the project is imported.
"""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["store", "appliance", "webserver", "osbiz"]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for floor in FLOORS
    for path in [*ROOT.glob(f"{floor}.py"), *ROOT.glob(f"{floor}/**/*.py")]
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in SOURCES.items()}

WITHOUT_IO = {"asyncio", "aiohttp", "socket", "ssl", "OpenSSL", "OpenSSL.SSL"}
WITHIN_REACH = {"OpenSSL.crypto"}  # certificates and their stores: no socket in it
WALL_CLOCKS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")),
    *("time.clock_gettime", "time.clock_gettime_ns"),
}
# Put together here, so that this file does not find itself.
FORBIDDEN = ["/" + "work/", "/" + "root/", "unittest" + ".mock", "CURRENT_" + "TIMESTAMP"]
TEXTS = {".py", ".md", ".toml", ".lock", ".html", ".css", ".js", ".sh", ".json", ""}


def imports(name: str, nodes: Iterator[ast.AST]) -> Iterator[tuple[str, str]]:
    """What `nodes` of module `name` import: the local name and the full one it stands for."""
    package = name if SOURCES[name].stem == "__init__" else name.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level]
            origin = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            yield from (
                (alias.asname or alias.name, f"{origin}.{alias.name}") for alias in node.names
            )


def when_loaded(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is loaded: no functions, nothing for checkers only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from when_loaded(child)


def test_every_floor_imports_only_itself_and_the_floors_below() -> None:
    for name, tree in TREES.items():
        above = FLOORS[FLOORS.index(name.split(".")[0]) + 1 :]
        wrong = {full for _, full in imports(name, ast.walk(tree)) if full.split(".")[0] in above}
        assert not wrong, f"{name} imports from above itself"


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name, tree in TREES.items():
        wanted = {full for _, full in imports(name, when_loaded(tree))}
        modules = {full if full in TREES else full.rpartition(".")[0] for full in wanted}
        graph[name] = modules & TREES.keys() - {name}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_store_and_the_model_know_no_network_and_no_event_loop() -> None:
    for name, tree in TREES.items():
        if name.split(".")[0] in ("store", "appliance"):
            found = {full for _, full in imports(name, ast.walk(tree))}
            found |= {full.rpartition(".")[0] for full in found - WITHIN_REACH}
            assert not found & WITHOUT_IO, f"{name} does input and output"


def test_the_wall_clock_is_read_in_one_place() -> None:
    for name, tree in TREES.items():
        known = dict(imports(name, ast.walk(tree)))
        for node in ast.walk(tree):
            if name == "appliance.clock" or not isinstance(node, ast.Attribute | ast.Name):
                continue
            head, dot, rest = ast.unparse(node).partition(".")
            where = f"{SOURCES[name].relative_to(ROOT)}:{node.lineno}"
            assert known.get(head, "") + dot + rest not in WALL_CLOCKS, (
                f"{where} reads the wall clock"
            )


def test_no_file_names_a_path_of_one_machine_or_a_mock() -> None:
    folders = [*FLOORS[:3], "tests", "scripts", "docs", ".ci"]
    paths = [*ROOT.glob("*"), *(path for folder in folders for path in (ROOT / folder).rglob("*"))]
    for path in paths:
        if path.name == ".git":  # of a work tree beside the repository; git's own
            continue
        if path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts:
            text = path.read_text("utf-8")
            assert not [word for word in FORBIDDEN if word in text], path
