"""Tests of the laboratory. What makes machines is skipped without root."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock
from pathlib import Path

from lab import conditions, ports, project, quota
from lab.conditions import Failure
from lab.daemon import Daemon, clean_environment
from lab.farm import JDIST, Lab, Programs, status
from lab.machine import HERE
from lab.switch import Switch

ROOT = Path(__file__).resolve().parent.parent.parent
JDIST_PROGRAMS = ROOT / "target/jdist/bin"
AS_ROOT = unittest.skipUnless(os.geteuid() == 0, "machines are made by root")
SERVER = """
import socket, sys
with socket.create_server((sys.argv[1], int(sys.argv[2]))) as server:
    while True:
        server.accept()[0].close()
"""
# Uses all the processor time that it gets for two seconds, and says how much that was.
SPIN = "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: pass\nprint(time.process_time())"


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="jdist-lab-test."))
        self.addCleanup(shutil.rmtree, self.directory)

    def daemon(self, *command, machine=HERE):
        return Daemon(command, clean_environment(self.directory / "home"), self.directory / "log", machine)

    def server(self, address, machine=HERE):
        ip, _, port = address.rpartition(":")
        return self.daemon(sys.executable, "-c", SERVER, ip, port, machine=machine)


class ConditionsTest(unittest.TestCase):
    def test_until_condition_becomes_true_gives_its_value(self):
        values = iter([None, 0, "there"])
        self.assertEqual("there", conditions.until(lambda: next(values), "a value"))

    def test_until_condition_stays_false_fails_in_time(self):
        started = time.monotonic()
        with self.assertRaisesRegex(Failure, "waited 0.2 s for nothing"):
            conditions.until(lambda: False, "nothing", 0.2)
        self.assertLess(time.monotonic() - started, 5)


class PortsTest(unittest.TestCase):
    def test_free_port_is_below_the_ephemeral_range(self):
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        for _ in range(100):
            self.assertLess(ports.free_port(), first)

    def test_free_port_in_use_is_not_given(self):
        following = ports.free_port() + 1
        self.addCleanup(ports.left.clear)
        ports.left["127.0.0.1"] = [following, following + 1]
        with socket.create_server(("127.0.0.1", following)):
            self.assertEqual(following + 1, ports.free_port())

    def test_free_port_two_processes_share_no_block(self):
        self.addCleanup(ports.left.clear)
        ports.left.clear()
        # Two small blocks in one that nobody else takes anything from.
        first = ports.free_port()
        ask = ("import sys; from lab import ports; ports.BLOCKS, ports.BLOCK = 2, 4; "
               f"ports.FIRST = {first}; print(ports.free_port(), flush=True); sys.stdin.read()")
        others = []
        for _ in range(2):
            other = subprocess.Popen([sys.executable, "-c", ask], cwd=Path(__file__).parent.parent,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.addCleanup(other.wait)
            self.addCleanup(other.stdin.close)
            self.addCleanup(other.stdout.close)
            others.append(int(other.stdout.readline()))
        self.assertNotEqual(others[0], others[1])

    def test_free_port_no_block_left_says_so(self):
        self.addCleanup(setattr, ports, "BLOCKS", ports.BLOCKS)
        self.addCleanup(ports.left.clear)
        ports.left.clear()
        ports.BLOCKS = 0
        with self.assertRaisesRegex(OSError, "all 0 blocks"):
            ports.free_port()


class DaemonTest(Case):
    def test_await_listener_program_listens_returns(self):
        address = ports.free_address()
        with self.server(address) as daemon:
            daemon.await_listener(address)
            self.assertIsNone(daemon.exit_code())
        self.assertFalse(HERE.listens(address))

    def test_await_listener_program_ends_fails_with_its_log(self):
        with self.daemon("sh", "-c", "echo no such setting; exit 3") as daemon:
            with self.assertRaisesRegex(Failure, "(?s)ended with 3.*no such setting"):
                daemon.await_listener(ports.free_address())

    def test_await_listener_program_does_not_listen_fails_in_time(self):
        with self.daemon("sh", "-c", "echo begins; exec sleep 60") as daemon:
            with self.assertRaisesRegex(Failure, "(?s)waited 1 s for a listener.*begins"):
                daemon.await_listener(ports.free_address(), 1)

    def test_stop_child_remains_is_killed(self):
        with self.daemon("sh", "-c", "sleep 60 & echo $!; wait") as daemon:
            child = int(conditions.until(daemon.tail, "the child's number"))
        conditions.until(lambda: not runs(child), "the child to end", 10)

    def test_stop_program_worked_tells_what_it_used(self):
        with self.daemon(sys.executable, "-c", SPIN) as daemon:
            conditions.until(lambda: daemon.exit_code() is not None, "the end", 60)
        self.assertGreater(daemon.used[0], 0.05)

    def test_script_is_killed_its_daemon_ends(self):
        script = f"""
            import sys, time
            sys.path.insert(0, {str(ROOT / "scripts")!r})
            from lab.daemon import Daemon
            print(Daemon(["sleep", "60"], {{"PATH": "/usr/bin:/bin"}}, {str(self.directory / "log")!r}).pid, flush=True)
            time.sleep(60)
        """
        with started(script) as process:
            daemon = int(process.stdout.readline())
            self.assertTrue(runs(daemon))
            process.kill()
            conditions.until(lambda: not runs(daemon), "the daemon to end", 10)

    def test_script_ended_before_its_daemon_began_daemon_does_not_begin(self):
        with unittest.mock.patch("os.getpid", return_value=1):
            daemon = self.daemon("echo", "begun")
        with daemon:
            conditions.until(lambda: daemon.exit_code() is not None, "the end", 10)
        self.assertEqual((1, ""), (daemon.exit_code(), daemon.tail()))

    def test_environment_of_a_program_is_what_was_given(self):
        with self.daemon("env") as daemon:
            conditions.until(lambda: daemon.exit_code() is not None, "the end", 10)
        self.assertEqual(
            clean_environment(self.directory / "home"), dict(line.split("=", 1) for line in daemon.tail().splitlines())
        )


class QuotaTest(Case):
    def test_version_2_limit_goes_into_cpu_max(self):
        (self.directory / "cgroup.subtree_control").write_text("cpu memory pids\n")
        group = quota.CpuQuota(0.4, self.directory)
        self.assertEqual("8000 20000", (group.directory / "cpu.max").read_text())
        self.assertEqual(self.directory, group.directory.parent)

    def test_no_cpu_controller_fails_with_a_reason(self):
        with self.assertRaisesRegex(Failure, "has no cpu controller"):
            quota.CpuQuota(0.4, self.directory)

    def test_too_few_cores_fails_with_the_least(self):
        with self.assertRaisesRegex(Failure, "the least is 0.05"):
            quota.check_can_limit(0.01)


class AccountTest(Case):
    def test_version_2_counts_without_a_controller(self):
        (self.directory / "cgroup.controllers").touch()
        account = quota.CpuAccount(self.directory)
        (account.directory / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1000000\n")
        self.assertEqual(self.directory, account.directory.parent)
        self.assertEqual(1.5, account.seconds())

    def test_no_cgroups_fails_with_a_reason(self):
        with self.assertRaisesRegex(Failure, "no cgroups that count"):
            quota.CpuAccount(self.directory)


@AS_ROOT
class MachineTest(Case):
    def setUp(self):
        super().setUp()
        # Of this test alone: other scripts may have machines now.
        self.prefix = f"jdist-lab-test-{os.getpid()}."
        self.addCleanup(setattr, quota, "PREFIX", quota.PREFIX)
        quota.PREFIX = self.prefix
        self.addCleanup(lambda: self.assertEqual([], self.groups(), "cgroups were left"))

    def groups(self):
        return list(quota.CGROUPS.glob(f"**/{self.prefix}*/"))

    def script(self, body):
        head = f"""
            import sys, time
            sys.path.insert(0, {str(ROOT / "scripts")!r})
            from lab import quota
            from lab.daemon import Daemon
            from lab.interruption import run_script
            from lab.switch import Switch
            quota.PREFIX = {self.prefix!r}
        """
        return started(textwrap.dedent(head) + textwrap.dedent(body))

    def test_two_machines_reach_each_other_and_not_those_of_another_switch(self):
        with Switch() as switch, Switch() as other:
            one, two, stranger = switch.add("one"), switch.add("two"), other.add("stranger")
            address = f"{two.ip}:10501"
            with self.server(address, two) as daemon:
                daemon.await_listener(address)
                self.assertTrue(one.listens(address))
                self.assertFalse(stranger.listens(address))
            with self.server("127.0.0.1:10501") as daemon:
                daemon.await_listener("127.0.0.1:10501")
                self.assertFalse(one.listens("127.0.0.1:10501"))

    def test_quota_machine_gets_its_share_and_no_more(self):
        with Switch() as switch:
            machine = switch.add("slow", 0.2)
            two = [
                subprocess.Popen(machine.command([sys.executable, "-c", SPIN]), stdout=subprocess.PIPE) for _ in "12"
            ]
            used = sum(float(process.communicate()[0]) for process in two)
        # Of two seconds; what it takes until a program runs is in it too.
        self.assertLess(used, 0.6)
        self.assertGreater(used, 0.2)

    def test_counted_machine_knows_the_time_of_children_that_are_gone(self):
        with Switch() as switch:
            machine, other = switch.add("one", counted=True), switch.add("other", counted=True)
            before = other.group.seconds()
            command = machine.command(["sh", "-c", f'"{sys.executable}" -c "{SPIN}" & wait'])
            used = float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            counted = machine.group.seconds()
            self.assertLess(other.group.seconds() - before, 0.01)
        self.assertGreater(counted, used)
        self.assertLess(counted, used + 0.5)

    def test_traffic_counts_what_a_machine_sends(self):
        with Switch() as switch:
            one, two = switch.add("one"), switch.add("two")
            received, sent = one.traffic()
            with one.namespace.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as letters:
                for _ in range(100):
                    letters.sendto(bytes(1000), (two.ip, 10501))
            conditions.until(lambda: one.traffic()[1] - sent > 100_000, "the bytes to be sent", 10)
            self.assertGreater(two.traffic()[0], 100_000)
            self.assertLess(one.traffic()[0] - received, 100_000)

    def test_exception_everything_is_removed(self):
        with contextlib.suppress(ZeroDivisionError), Switch() as switch:
            machine = switch.add("one", 0.5)
            command = machine.command(["sh", "-c", "echo there; exec sleep 60"])
            left = subprocess.Popen(command, stdout=subprocess.PIPE)
            self.assertEqual(b"there\n", left.stdout.readline())
            left.stdout.close()
            raise ZeroDivisionError
        self.assertEqual(-signal.SIGKILL, left.wait(10))

    def test_sigterm_everything_is_removed(self):
        script = f"""
            def main():
                with Switch() as switch:
                    machine = switch.add("one", 0.5)
                    with Daemon(["sleep", "60"], None, {str(self.directory / "log")!r}, machine) as daemon:
                        print(daemon.pid, machine.namespace.pid, flush=True)
                        time.sleep(60)
            run_script("a script", main)
        """
        with self.script(script) as process:
            daemon, holder = map(int, process.stdout.readline().split())
            self.assertEqual(1, len(self.groups()))
            process.terminate()
            _, told = process.communicate(timeout=60)
        self.assertEqual((130, b"a script: ended by SIGTERM\n"), (process.returncode, told))
        self.assertFalse(runs(daemon) or runs(holder))

    def test_sigkill_only_an_empty_cgroup_remains_until_it_is_swept(self):
        script = """
            with Switch() as switch:
                print(switch.add("one", 0.5).namespace.pid, flush=True)
                time.sleep(60)
        """
        with self.script(script) as process:
            holder = int(process.stdout.readline())
            process.kill()
            conditions.until(lambda: not runs(holder), "the machine to end", 10)
        quota.remove_abandoned(seconds=3600)
        self.assertEqual(1, len(self.groups()))
        quota.remove_abandoned(seconds=0)

    def test_sweep_group_in_use_stays(self):
        with Switch() as switch:
            switch.add("one", 0.5)
            quota.remove_abandoned(seconds=0)
            self.assertEqual(1, len(self.groups()))


@AS_ROOT
@unittest.skipUnless((JDIST_PROGRAMS / "jdist").exists(), "there is no target/jdist")
class FarmTest(Case):
    def test_farm_on_two_machines_compiles_a_unit(self):
        lab = Lab(Programs(None, JDIST_PROGRAMS), self.directory)
        with Switch() as switch:
            hosts = [switch.add("one", 0.5), switch.add("two", 0.5)]
            client = switch.add("client")
            with lab.farm(JDIST, [JDIST, JDIST], hosts) as farm:
                self.assertEqual([f"{host.ip}:10501" for host in hosts], list(farm.builders))
                self.assertEqual(2, status(farm.url, client)["num_servers"])
                with lab.client(JDIST, farm.url, farm.tokens.client, machine=client) as one:
                    (one.directory / "unit.c").write_text("int unit(void) { return 1; }\n")
                    code, _, err = one.run("gcc", "-c", "unit.c", "-o", "unit.o", directory=one.directory)
                    self.assertEqual((0, b""), (code, err))
                    self.assertEqual(1, sum(one.stats()["dist_compiles"].values()), one.daemon.tail())

    def test_farm_builder_cannot_start_fails_with_its_log(self):
        lab = Lab(Programs(None, JDIST_PROGRAMS), self.directory)
        with self.assertRaisesRegex(Failure, "(?s)server.*ended with"):
            with lab.builder(JDIST, "no url", None, auth="[nonsense\n"):
                pass


class ProjectTest(Case):
    def test_find_directory_without_cmake_names_where_it_is(self):
        (self.directory / "inner").mkdir()
        (self.directory / "inner/CMakeLists.txt").touch()
        with self.assertRaisesRegex(Failure, "some are in --subdirectory inner"):
            project.find(self.directory, ".", self.directory, ROOT)


def runs(number):
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextlib.contextmanager
def started(script):
    command = [sys.executable, "-c", textwrap.dedent(script)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        try:
            yield process
        finally:
            process.kill()
