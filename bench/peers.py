# SPDX-License-Identifier: MIT
"""How each machine boots our kernel with run-bench, and how its processor seconds are taken at the marker lines.

Source: Bochs' own documentation of bochsrc (romimage); the Multiboot specification 0.6.96, "Boot information format".
"""
import os
import pty
import re
import select
import struct
import subprocess
import threading
import time

COMMAND_LINE = "console=ttyS0 -- /programs/run-bench"


def cpio(files):
    """A newc archive of {path: bytes}; parent directories are made."""
    entries, seen = [], set()
    for path, data in files.items():
        parts = path.split("/")[:-1]
        for n in range(1, len(parts) + 1):
            directory = "/".join(parts[:n])
            if directory not in seen:
                seen.add(directory)
                entries.append((directory, 0o040755, b""))
        entries.append((path, 0o100755, data))
    out = b""
    for inode, (name, mode, data) in enumerate(entries + [("TRAILER!!!", 0, b"")], 1):
        fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
        out += head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
    return out


def flatten(elf):
    """The loadable segments of a 32-bit ELF as (physical base, bytes, physical entry)."""
    entry, header_offset = struct.unpack_from("<II", elf, 24)
    size, count = struct.unpack_from("<HH", elf, 42)
    loads = []
    for n in range(count):
        kind, offset, vaddr, paddr, filesz, memsz = struct.unpack_from("<6I", elf, header_offset + n * size)
        if kind == 1:
            loads.append((paddr, vaddr, elf[offset : offset + filesz], memsz))
    base = min(l[0] for l in loads)
    image = bytearray(max(l[0] + l[3] for l in loads) - base)
    for paddr, vaddr, data, memsz in loads:
        image[paddr - base : paddr - base + len(data)] = data
        if vaddr <= entry < vaddr + memsz:
            entry = entry - vaddr + paddr
    return base, bytes(image), entry


def multiboot_rom(kernel, archive, megabytes):
    """A ROM in place of the BIOS, ending at 4 GB: it copies kernel and archive into RAM and enters the kernel as a multiboot
    loader leaves it. Layout: kernel, archive, and in the last 64 KB (also seen at F0000) code, tables and information."""
    base, image, entry = flatten(kernel)
    archive_at = 0x1000000
    last = bytearray(0x10000)
    info, line, modules, gdt = 0xF0100, 0xF0200, 0xF0300, 0xF0400
    payload = image + b"\0" * (-len(image) % 4) + archive + b"\0" * (-len(archive) % 4)
    payload = b"\0" * (-len(payload) % 0x10000) + payload
    kernel_in_rom = (1 << 32) - 0x10000 - len(archive) - (-len(archive) % 4) - len(image) - (-len(image) % 4)
    archive_in_rom = (1 << 32) - 0x10000 - len(archive) - (-len(archive) % 4)
    last[0xFFF0:0xFFF5] = b"\xea" + struct.pack("<HH", 0xE000, 0xF000)
    # cli; lgdt cs:[e080]; cr0.pe = 1; jmp 8:fe100
    real = b"\xfa\x66\x2e\x0f\x01\x16" + struct.pack("<H", 0xE080) + b"\x0f\x20\xc0\x0c\x01\x0f\x22\xc0\x66\xea"
    last[0xE000 : 0xE000 + len(real) + 6] = real + struct.pack("<IH", 0xFE100, 8)
    last[0xE080:0xE086] = struct.pack("<HI", 23, gdt)
    flat = b"\x66\xb8\x10\x00\x8e\xd8\x8e\xc0\x8e\xd0\x8e\xe0\x8e\xe8\xfc"  # ds es ss fs gs = 10h; cld
    for source, target, size in ((kernel_in_rom, base, len(image)), (archive_in_rom, archive_at, len(archive))):
        # esi = source; edi = target; ecx = doublewords; rep movsd
        flat += struct.pack("<BIBIBI", 0xBE, source, 0xBF, target, 0xB9, (size + 3) // 4) + b"\xf3\xa5"
    # eax = magic; ebx = info; jmp entry
    flat += struct.pack("<BIBIBI", 0xB8, 0x2BADB002, 0xBB, info, 0xB9, entry) + b"\xff\xe1"
    last[0xE100 : 0xE100 + len(flat)] = flat
    last[0x400:0x418] = struct.pack("<QQQ", 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF)
    text = COMMAND_LINE.encode() + b"\0"
    last[0x200 : 0x200 + len(text)] = text
    last[0x300:0x310] = struct.pack("<IIII", archive_at, archive_at + len(archive), line, 0)
    flags = 1 | 4 | 8  # memory sizes, command line, modules
    last[0x100:0x11C] = struct.pack("<7I", flags, 640, (megabytes - 1) * 1024, 0, line, 1, modules)
    return payload + bytes(last)


def processor_seconds(pid):
    """Time on a processor of all threads of a process."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def watch(process, stream, timeout):
    """Reads lines from `stream` until "@ done"; gives {kernel: (seconds, its line)}."""
    results, begun, line_of, buffer = {}, None, "", b""
    deadline = time.time() + timeout
    while time.time() < deadline:
        ready, _, _ = select.select([stream], [], [], 1)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            data = os.read(stream, 65536)
        except OSError:
            data = b""
        if not data:
            if process.poll() is not None:
                break
            time.sleep(0.01)  # a growing file: nothing new yet
            continue
        buffer += data
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").strip()
            if text.startswith("@ begin"):
                begun = processor_seconds(process.pid)
            elif found := re.match(r"@ end (\S+) (\d+)", text):
                if found[2] != "0":
                    raise SystemExit(f"bench: {found[1]} ended with status {found[2]}")
                results[found[1]] = (processor_seconds(process.pid) - begun, line_of)
            elif text.startswith("@ done"):
                return results
            elif "checksum" in text:
                line_of = text
    raise SystemExit(f"bench: {process.args[0]} did not finish; it got as far as {sorted(results)}")


def run_on_stdout(command, timeout):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return watch(process, process.stdout.fileno(), timeout)
    finally:
        process.kill()
        process.wait()


def trapgate(paths, timeout):
    return run_on_stdout([paths["trapgate"], "run", "--kernel", paths["kernel"], "--initrd", paths["initrd"],
                          "--append", COMMAND_LINE], timeout)


def qemu(paths, timeout):
    return run_on_stdout(["qemu-system-i386", "-accel", "tcg", "-cpu", "pentium3", "-m", "64", "-display", "none",
                          "-monitor", "none", "-no-reboot", "-serial", "stdio", "-kernel", paths["kernel"],
                          "-initrd", paths["initrd"], "-append", COMMAND_LINE], timeout)


def bochs(paths, timeout):
    """Bochs has no loader: a ROM of ours stands in place of the BIOS (multiboot_rom)."""
    folder, megabytes = paths["folder"], 64
    with open(paths["kernel"], "rb") as kernel, open(paths["initrd"], "rb") as archive:
        rom = multiboot_rom(kernel.read(), archive.read(), megabytes)
    with open(os.path.join(folder, "bios.bin"), "wb") as f:
        f.write(rom)
    serial = os.path.join(folder, "serial.out")
    open(serial, "w").close()
    with open(os.path.join(folder, "bochsrc"), "w") as f:
        f.write(f"""cpu: model=p3_katmai, ips=100000000, reset_on_triple_fault=0
memory: guest={megabytes}, host={megabytes}
romimage: file={folder}/bios.bin, address={(1 << 32) - len(rom):#x}
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
display_library: term
com1: enabled=1, mode=file, dev={serial}
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
clock: sync=none
log: {folder}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
""")
    with open(os.path.join(folder, "continue.rc"), "w") as f:
        f.write("continue\n")
    master, slave = pty.openpty()
    command = ["bochs-bin", "-q", "-f", f"{folder}/bochsrc", "-rc", f"{folder}/continue.rc"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               env=dict(os.environ, TERM="xterm"))
    os.set_blocking(master, False)
    try:
        return watch_file(process, serial, master, timeout)
    finally:
        process.kill()
        process.wait()
        os.close(slave)


def watch_file(process, serial, terminal, timeout):
    """Like watch(), for a file that grows; the terminal is drained so that Bochs never waits for it."""
    reading, writing = os.pipe()

    def pump():
        with open(serial, "rb") as grown:
            while process.poll() is None:
                os.write(writing, grown.read())
                try:
                    os.read(terminal, 65536)
                except OSError:
                    time.sleep(0.005)
        os.close(terminal)
        os.close(writing)

    threading.Thread(target=pump, daemon=True).start()
    return watch(process, reading, timeout)
