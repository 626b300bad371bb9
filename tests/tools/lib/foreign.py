# SPDX-License-Identifier: MIT
"""The programs, files and trees that the program tests run: fetched from Debian, or built at test time, under build/."""
import functools
import os
import pathlib
import random
import subprocess
import threading

from .results import ROOT

BUILD = ROOT / "build"
PACKAGES = BUILD / "packages" / "i386"
FOREIGN = BUILD / "foreign"
GUEST = BUILD / "guest"  # the mutations look at another one
SOURCES = ROOT / "tests" / "programs" / "src"
LOCK = threading.RLock()


class Missing(Exception):
    """A program cannot be had here (no network, no compiler): the test is skipped, and CI fails."""


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Missing(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-600:]}")


@functools.cache
def package(name):
    with LOCK:
        done = subprocess.run([str(ROOT / "tools" / "fetch-packages"), "-q", name], capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(done.stderr.strip().split("\n")[-1])
    return PACKAGES / name


def newer(target, *sources):
    return target.exists() and all(target.stat().st_mtime >= s.stat().st_mtime for s in sources)


def compile_with(target, source, flags, tail=()):
    FOREIGN.mkdir(parents=True, exist_ok=True)
    if not newer(target, source):
        partial = target.with_suffix(".partial")
        run(["gcc", "-m32", "-O2", "-w", "-static", "-fno-pie", "-no-pie", "-o", partial, *flags, source, *tail])
        os.replace(partial, target)
    return target


def libgcc():
    """gcc's own 32-bit support library and headers."""
    lib = subprocess.run(["gcc", "-m32", "-print-libgcc-file-name"], capture_output=True, text=True).stdout.strip()
    return lib, str(pathlib.Path(lib).parent.parent / "include")


def glibc_program(name):
    return compile_with(FOREIGN / f"{name}-glibc", SOURCES / f"{name}.c", [])


def sse_program(name):
    """Arithmetic with the Pentium III's instructions and none that came later."""
    return compile_with(FOREIGN / f"{name}-sse", SOURCES / f"{name}.c", ["-march=pentium3", "-msse", "-mno-sse2", "-mfpmath=sse"])


def musl_program(name):
    root = package("musl-dev") / "usr"
    lib, include = root / "lib/i386-linux-musl", root / "include/i386-linux-musl"
    libgcc_file, gcc_include = libgcc()
    flags = ["-nostdinc", "-isystem", include, "-isystem", gcc_include, "-nostdlib", "-fno-stack-protector",
             lib / "crt1.o", lib / "crti.o"]
    return compile_with(FOREIGN / f"{name}-musl", SOURCES / f"{name}.c", flags, [lib / "libc.a", libgcc_file, lib / "crtn.o"])


def diet_program(name):
    root = package("dietlibc-dev") / "usr/lib/i386-linux-gnu/diet"
    include = package("dietlibc-dev") / "usr/lib/diet/include"
    lib = root / "lib-i386"
    libgcc_file, gcc_include = libgcc()
    flags = ["-nostdinc", "-isystem", include, "-isystem", gcc_include, "-nostdlib", "-fno-stack-protector", lib / "start.o"]
    return compile_with(FOREIGN / f"{name}-diet", SOURCES / f"{name}.c", flags, [lib / "libc.a", libgcc_file])


def bare_program(name):
    """A program without any libc, written in assembly."""
    return compile_with(FOREIGN / f"{name}-bare", SOURCES / f"{name}.S", ["-nostdlib", "-I", SOURCES])


def kernel_image(name):
    """A bare multiboot image in assembly, for `run --kernel`."""
    flags = ["-nostdlib", "-Wl,-Ttext=0x100000", "-Wl,--build-id=none", "-Wl,-n"]
    return compile_with(FOREIGN / f"{name}-kernel", SOURCES / f"{name}.S", flags)


def teaching_kernel(name):
    """The teaching kernel: `elf` as the linker makes it, `stripped` without symbols, `flat` as bytes with Multiboot address fields."""
    folder, target = SOURCES / "teaching", FOREIGN / f"teaching-{name}"
    sources = [folder / file for file in ("boot.S", "kernel.c", "link.ld")]
    if newer(target, *sources):
        return target
    FOREIGN.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    run(["gcc", "-m32", "-O1", "-fno-inline", "-g", "-ffreestanding", "-fno-pie", "-no-pie", "-static", "-nostdlib", "-fno-stack-protector",
         "-fno-asynchronous-unwind-tables", "-w", *(["-DADDRESS_FIELDS"] if name == "flat" else []), f"-Wl,-T,{sources[2]}",
         "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-o", partial, *sources[:2]])
    if name != "elf":
        run(["objcopy", *(["-O", "binary"] if name == "flat" else ["--strip-all"]), partial])
    os.replace(partial, target)
    return target


def guest_program(name):
    for found in (GUEST / name, GUEST / "demos" / name, GUEST / "programs" / name, GUEST / "probes" / name, GUEST / "bare" / name):
        if found.is_file():
            return found
    raise Missing(f"the guest has no program {name} (build/guest)")


def bad_file(name):
    """Files that are no good programs, made from good ones."""
    FOREIGN.mkdir(parents=True, exist_ok=True)
    target = FOREIGN / f"bad-{name}"
    good = glibc_program("hello").read_bytes()
    changes = {
        "text": lambda: b"this is no program\n",
        "empty": lambda: b"",
        "truncated": lambda: good[:1000],
        "header-only": lambda: good[:52],
        "phoff": lambda: good[:28] + b"\xf0\xff\xff\xff" + good[32:],
        "phnum": lambda: good[:44] + b"\xff\xff" + good[46:],
        "kernel-address": lambda: patch_first_load(good, 8, 0xC0100000),
        "huge-memsz": lambda: patch_first_load(good, 20, 0xFFFFF000),
        "filesz-over-memsz": lambda: patch_first_load(good, 20, 1),
        "wrong-class": lambda: good[:4] + b"\x02" + good[5:],
        "arm": lambda: good[:18] + b"\x28\x00" + good[20:],
        "unreadable": lambda: good,
    }
    if name not in changes:
        raise KeyError(f"no bad file is called {name}")
    if not target.exists():
        target.write_bytes(changes[name]())
        target.chmod(0o000 if name == "unreadable" else 0o755)
    return target


def patch_first_load(elf, offset, value):
    """Overwrites one word of the first PT_LOAD program header of an ELF32 file."""
    table = int.from_bytes(elf[28:32], "little")
    for index in range(int.from_bytes(elf[44:46], "little")):
        at = table + 32 * index
        if int.from_bytes(elf[at:at + 4], "little") == 1:
            return elf[:at + offset] + value.to_bytes(4, "little") + elf[at + offset + 4:]
    raise Missing("the program has no PT_LOAD header")


def native64(name):
    target = FOREIGN / f"{name}-amd64"
    source = SOURCES / f"{name}.c"
    FOREIGN.mkdir(parents=True, exist_ok=True)
    if not newer(target, source):
        run(["gcc", "-O1", "-w", "-static", "-o", target, source])
    return target


def dynamic(name):
    target = FOREIGN / f"{name}-dynamic"
    source = SOURCES / f"{name}.c"
    FOREIGN.mkdir(parents=True, exist_ok=True)
    if not newer(target, source):
        run(["gcc", "-m32", "-O1", "-w", "-no-pie", "-o", target, source])
    return target


def compiled_pie(name, flags, tail=()):
    target = FOREIGN / f"{name}{flags[0]}"
    source = SOURCES / f"{name}.c"
    FOREIGN.mkdir(parents=True, exist_ok=True)
    if not newer(target, source):
        partial = target.with_suffix(".partial")
        run(["gcc", "-m32", "-O1", "-w", "-fPIE", *flags, "-o", partial, source, *tail])
        os.replace(partial, target)
    return target


DEBIAN = {"hello": "usr/bin/hello", "grep": "bin/grep"}  # dynamically linked programs, and where they are


def debian_program(name):
    return debian_tree() / DEBIAN[name]


@functools.cache
def debian_tree():
    """A --root with Debian's i386 C library and the programs of DEBIAN."""
    with LOCK:
        root = FOREIGN / "debian"
        for name in ("libc6", "libgcc-s1", "libpcre2-8-0", *DEBIAN):
            run(["cp", "-a", "--no-target-directory", package(name), root])
        return root


# Of Linux' own tests of the way into its kernel: what each needs besides its .c file.
SELFTEST_EXTRAS = {"test_syscall_vdso": ["thunks_32.S"], "ptrace_syscall": ["raw_syscall_helper_32.S"],
                   "check_initial_reg_state": ["-Wl,-ereal_start"]}


@functools.cache
def linux_source():
    """The folder of the selftests, out of Debian's package of Linux' source; the rest of it stays packed."""
    root = FOREIGN / "linux-6.1"
    archive = package("linux-source-6.1") / "usr/src/linux-source-6.1.tar.xz"
    inside = "linux-source-6.1/"
    with LOCK:
        if not (root / ".with-timers").exists():
            root.mkdir(parents=True, exist_ok=True)
            tests = "tools/testing/selftests/"
            wanted = [*(tests + name for name in ("x86", "breakpoints", "futex", "timers", "kselftest.h")), "arch/x86/include/asm/desc_defs.h"]
            run(["tar", "xJf", archive, "-C", root, "--strip-components=1", *[inside + name for name in wanted]])
            (root / ".with-timers").touch()
    return root / "tools/testing/selftests"


def linux_selftest(name):
    """`iopl` is one of the folder x86, `timers/nanosleep` of another one; those are built without optimization, as Linux does."""
    tests = linux_source()
    folder = tests / "x86"
    flags = ["-g", "-std=gnu99", "-pthread", "-I", tests, "-I", tests / "futex/include"]
    if "/" in name:
        folder, name = tests / name.rpartition("/")[0], name.rpartition("/")[2]
        flags += ["-O0", "-I", folder]
    extras = [folder / word if word.endswith(".S") else word for word in SELFTEST_EXTRAS.get(name, [])]
    return compile_with(FOREIGN / f"selftest-{name}", folder / f"{name}.c", flags, [*extras, "-lrt", "-ldl", "-lm"])


KINDS = {"selftest": linux_selftest, "debian": debian_program, "pie": lambda name: compiled_pie(name, ["-pie"]),
         "static-pie": lambda name: compiled_pie(name, ["-static-pie"]), "glibc": glibc_program, "sse": sse_program, "musl": musl_program, "diet": diet_program, "bare": bare_program, "kernel": kernel_image,
         "teaching": teaching_kernel,
         "guest": guest_program, "bad": bad_file, "amd64": native64, "dynamic": dynamic, "data": lambda name: data_file(name)}


def program(word):
    """The file that `busybox`, `bash`, `glibc:hello`, `guest:01-hello`, `bad:text` … means; a path stays a path."""
    if word == "busybox":
        return package("busybox-static") / "bin/busybox"
    if word == "bash":
        return package("bash-static") / "bin/bash-static"
    if word == "sash":
        return package("sash") / "bin/sash"
    kind, colon, name = word.partition(":")
    if colon and kind in KINDS:
        name, at, time = name.partition("@")  # PROG@TIME is PROG's file at a time
        with LOCK:
            return str(KINDS[kind](name)) + at + time
    return word


def expand(word):
    """The same for an argument or option: only words that begin with a kind are files."""
    kind, colon, name = word.partition(":")
    return str(program(word)) if colon and kind in KINDS and name else word


def data_file(name):
    """Test data: `random-1M` (a million bytes, always the same ones), `numbers` (lines to sort), `words`."""
    FOREIGN.mkdir(parents=True, exist_ok=True)
    target = FOREIGN / f"data-{name}"
    if not target.exists():
        generator = random.Random(name)
        make = {
            "random-1M": lambda: generator.randbytes(1_000_000),
            "numbers": lambda: b"".join(b"%d\n" % generator.randrange(10**6) for _ in range(1000)),
            "words": lambda: b"".join(bytes(generator.choices(b"abcde", k=generator.randrange(1, 6))) + b"\n" for _ in range(1000)),
        }[name]
        partial = target.with_suffix(".partial")
        partial.write_bytes(make())
        os.replace(partial, target)
    return target


@functools.cache
def tree():
    """A small folder for --root: fixed contents, modes and times."""
    with LOCK:
        root = FOREIGN / "tree"
        for folder in ("sub", "things"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        files = {"things/alpha.txt": b"one\ntwo\nthree\n", "things/beta.txt": b"3 pears\n1 apple\n2 plums\n",
                 "sub/deep.txt": b"deep\n", "things/data.bin": data_file("random-1M").read_bytes()}
        for name, content in files.items():
            file = root / name
            if not file.exists():
                file.write_bytes(content)
            file.chmod(0o640 if name.endswith("beta.txt") else 0o644)
            os.utime(file, (1_000_000_000, 1_000_000_000))
        link = root / "things/link"
        if not link.is_symlink():
            link.symlink_to("alpha.txt")
        os.utime(link, (1_000_000_000, 1_000_000_000), follow_symlinks=False)
        (root / "sub").chmod(0o755)
        os.utime(root / "sub", (1_000_000_000, 1_000_000_000))
        return root
