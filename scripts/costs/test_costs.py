"""Tests of what the bench of a client's costs is made of. What makes machines is skipped without root."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from costs import results, units, ways
from costs.measuring import Caller, Cost, Reading
from costs.results import COLD, WARM, Results
from lab.conditions import Failure, until
from lab.daemon import Daemon, clean_environment
from lab.switch import Switch

AS_ROOT = unittest.skipUnless(os.geteuid() == 0, "machines are made by root")
# Uses a fifth of a second of processor time, in a child that is gone when its parent is.
SPIN = "import time\nwhile time.process_time() < 0.2: pass"


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="jdist-cost-test."))
        self.addCleanup(shutil.rmtree, self.directory)


class UnitsTest(Case):
    def test_kinds_all_compile(self):
        for kind in units.kinds(units.find_llvm()).values():
            sources = units.Sources(kind, self.directory / kind.name, 5)
            sources.edit()
            sources.edit_empty()
            for unit in [*sources.units, sources.empty]:
                command = [*unit.compile_command(), "-Wall", "-Werror", "-fsyntax-only"]
                subprocess.run(command, cwd=unit.directory, check=True)

    def test_more_options_are_those_of_every_kind(self):
        for kind in units.kinds(Path("/none/include"), ["-g"]).values():
            self.assertEqual("-g", kind.command[-1])

    def test_edit_every_unit_has_a_text_that_none_had_before(self):
        sources = units.Sources(units.kinds(None)["c"], self.directory / "c", 2)
        texts = set()
        for _ in range(3):
            sources.edit()
            texts |= {(unit.directory / unit.source).read_text() for unit in sources.units}
        self.assertEqual(6, len(texts))

    def test_two_runs_share_no_text(self):
        one, two = (units.Sources(units.kinds(None)["c"], self.directory / name, 1) for name in ("one", "two"))
        self.assertNotEqual(one.edits, two.edits)

    def test_find_llvm_takes_the_newest_that_is_whole(self):
        for version in ("9", "14", "19"):
            (self.directory / f"llvm-{version}/include/llvm/IR").mkdir(parents=True)
        for version in ("9", "14"):
            (self.directory / f"llvm-{version}/include" / units.HEADERS_OF_LLVM).touch()
        self.assertEqual(self.directory / "llvm-14/include", units.find_llvm(self.directory))

    def test_no_llvm_its_kind_is_left_out(self):
        self.assertIsNone(units.find_llvm(self.directory))
        self.assertEqual(["c", "cpp"], list(units.kinds(None)))


class ResultsTest(unittest.TestCase):
    def results(self, state=WARM, kind="cpp", **ways):
        """Of ways by the names that Python allows, each with its costs."""
        titles = {"plain": "plain compile", "sccache-dist": "sccache-dist", "jdist-sources": "jdist, by sources"}
        made = Results(titles, {"c": "C units", "cpp": "C++ units"})
        for way, costs in ways.items():
            for cost in costs:
                made.add(state, kind, way.replace("_", "-"), cost)
        return made

    def test_ratio_is_of_costs_of_the_same_round(self):
        # Each round is slower than the one before, on both sides.
        plain = [Cost(second, 0, 0, 0, None, None) for second in (1, 2, 4)]
        half = [Cost(second / 2, 0, 0, 0, 1, 1) for second in (1, 2, 4)]
        made = self.results(plain=plain, jdist_sources=half)
        self.assertEqual(0.5, made.ratio(WARM, "cpp", "jdist-sources", "client", "plain", "client"))

    def test_way_without_a_builder_has_no_job(self):
        made = self.results(plain=[Cost(0.4, 0, 0, 0.5, None, None)])
        self.assertIsNone(made.median(WARM, "cpp", "plain", "job"))
        self.assertEqual("–", made.row(WARM, "cpp", "plain").split()[-1])

    def test_aims_are_judged_by_what_was_measured(self):
        made = self.results(
            plain=[Cost(0.400, 0, 0, 0.5, None, None)],
            sccache_dist=[Cost(0.080, 300_000, 0, 0.5, 0.5, 0.4)],
            jdist_sources=[Cost(0.0029, 9000, 0, 0.5, 0.5, 0.420)],
        )
        judged = {aim.words: met for aim, _, met in made.aims()}
        self.assertEqual(
            {
                "at most 3 ms of client CPU": True,
                "at most 8 kB sent": False,
                "at most 0.1 of sccache-dist's client CPU": True,
                "at most 1.04 of the plain compile's CPU in the job": False,
            },
            judged,
        )
        self.assertIn("9.0 kB, MISSED", made.aims_table())

    def test_nothing_of_an_aim_measured_it_is_not_judged(self):
        self.assertEqual("", self.results(plain=[Cost(0.4, 0, 0, 0.5, None, None)]).aims_table())

    def test_feeds_are_cores_by_cost(self):
        made = self.results(sccache_dist=[Cost(0.080, 0, 0, 0.5, 0.480, 0.4)])
        rate, busy = made.feeds("cpp")["sccache-dist"][2]
        self.assertAlmostEqual(25, rate)
        self.assertAlmostEqual(12, busy)

    def test_feeds_of_cold_units_are_not_told(self):
        self.assertEqual("", self.results(COLD, sccache_dist=[Cost(0.080, 0, 0, 0.5, 0.480, 0.4)]).feeds_table())

    def test_builder_did_next_to_nothing_is_noted(self):
        made = self.results(
            plain=[Cost(0.4, 0, 0, 0.5, None, None)], sccache_dist=[Cost(0.5, 0, 0, 0.5, 0.03, 0.01)]
        )
        made.check_jobs()
        self.assertEqual(["sccache-dist, cpp, warm: the builder did not compile these units"], made.notes)

    def test_ways_of_aims_are_those_of_the_table(self):
        self.assertLessEqual({aim.way for aim in results.AIMS}, set(ways.NAMES))


class WaysTest(Case):
    def test_peer_that_is_not_there_is_named_with_its_package(self):
        lacks = ways.lacking("sh", "no-such-program", package="such")
        self.assertEqual("there is no no-such-program (Debian: such)", lacks())
        self.assertIsNone(ways.lacking("sh", package="dash")())

    def test_build_that_does_not_know_a_setting_says_which(self):
        self.program('echo "jdist config: error: $6:2: unknown key" >&2; exit 2')
        self.assertEqual(
            "this build of jdist refuses its setting: jdist config: error: line 2: unknown key",
            ways.refuses(self.directory, "[jdist]\n", self.directory),
        )

    def test_build_that_knows_a_setting_lacks_nothing(self):
        self.program("exit 0")
        self.assertIsNone(ways.refuses(self.directory, "[jdist]\n", self.directory))

    def program(self, script):
        file = self.directory / "jdist"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def test_statistics_with_hits_or_errors_are_complained_about(self):
        stats = {"cache_hits": {"counts": {"C/C++": 2}}, "dist_errors": 1}
        self.assertEqual(2, len(ways.complaints_about(stats)))
        self.assertEqual([], ways.complaints_about({"cache_hits": {"counts": {}}, "dist_errors": 0}))


@AS_ROOT
class MeasuringTest(Case):
    def setUp(self):
        super().setUp()
        self.log = self.directory / "log"
        self.switch = Switch()
        self.addCleanup(self.switch.__exit__)
        self.switch.__enter__()
        self.client = self.switch.add("client", counted=True)

    def caller(self):
        caller = Caller(self.client, clean_environment(self.directory / "home"), self.log)
        self.addCleanup(caller.__exit__)
        return caller

    def test_run_counts_children_that_are_gone_and_no_shell_of_its_own(self):
        caller = self.caller()
        caller.run(["/bin/true"], self.directory)
        before = Reading.of(self.client, None)
        wall = caller.run(["/bin/sh", "-c", f"{sys.executable} -c '{SPIN}' & wait"], self.directory)
        cost = Reading.of(self.client, None).cost_since(before, wall, 1)
        self.assertGreater(cost.client, 0.19)
        self.assertLess(cost.client, 0.5)
        self.assertGreaterEqual(wall, 0.19)
        self.assertIsNone(cost.job)

    def test_run_odd_words_reach_the_command_as_they_are(self):
        self.caller().run(["/usr/bin/printf", "%s,", "a b", "$HOME", "'", "\\"], self.directory)
        self.assertEqual("a b,$HOME,',\\,", self.log.read_text())

    def test_run_command_fails_its_words_are_told(self):
        with self.assertRaisesRegex(Failure, "(?s)ended with 3.*no such unit"):
            self.caller().run(["/bin/sh", "-c", "echo no such unit; exit 3"], self.directory)

    def test_job_is_what_ended_and_not_what_a_daemon_used(self):
        host = self.switch.add("builder", counted=True)
        # A daemon that works itself, and has a child work, when it gets a line.
        work = f"{sys.executable} -c '{SPIN}'"
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        loop = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
        script = f"exec 3<>{pipe}; read go <&3; {work}; {loop}; touch done; read go <&3"
        words = ["sh", "-c", f"cd {self.directory}; {script}"]
        with Daemon(words, clean_environment(self.directory / "home"), self.log, host):
            before = Reading.of(self.client, host)
            pipe.write_text("go\n")
            until((self.directory / "done").exists, "the work to be done", 60)
            cost = Reading.of(self.client, host).cost_since(before, 0, 1)
        self.assertGreater(cost.job, 0.18)
        self.assertGreater(cost.host - cost.job, 0.05)
