// SPDX-License-Identifier: MIT
// The interrupt controllers, as a kernel programs them.
#include "devices/pic8259.hpp"

#include "catch.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct Pair {
    test::FakeScheduler scheduler;
    PicPair pic{scheduler};

    void out(u16 port, u8 value) { pic.write_port(port, 1, value); }
    u8 in(u16 port) { return static_cast<u8>(pic.read_port(port, 1)); }
    void initialize(u8 icw4 = 0x01) {
        for (const u16 base : {0x20, 0xa0}) {
            out(base, 0x11);
            out(static_cast<u16>(base + 1), base == 0x20 ? 0x20 : 0x28);
            out(static_cast<u16>(base + 1), base == 0x20 ? 0x04 : 0x02);
            out(static_cast<u16>(base + 1), icw4);
        }
    }
    void raise(u8 irq) { pic.line(irq).set(true); }
    void lower(u8 irq) { pic.line(irq).set(false); }
    void pulse(u8 irq) {
        lower(irq);
        raise(irq);
    }
};

} // namespace

TEST_CASE("an interrupt request gives the vector of ICW2 plus its number") {
    Pair p;
    p.initialize();
    CHECK_FALSE(p.pic.requested());
    p.raise(4);
    CHECK(p.pic.requested());
    CHECK(p.pic.acknowledge() == 0x24);
    CHECK_FALSE(p.pic.requested());
}

TEST_CASE("a masked request waits in IRR until it is unmasked") {
    Pair p;
    p.initialize();
    p.out(0x21, 0x10);
    p.raise(4);
    CHECK_FALSE(p.pic.requested());
    CHECK(p.in(0x21) == 0x10);
    p.out(0x20, 0x0a);
    CHECK(p.in(0x20) == 0x10);
    p.out(0x21, 0x00);
    CHECK(p.pic.requested());
}

TEST_CASE("a request of the slave arrives through the cascade with the slave's vector") {
    Pair p;
    p.initialize();
    p.raise(8);
    CHECK(p.pic.acknowledge() == 0x28);
    p.out(0x20, 0x0b);
    CHECK(p.in(0x20) == 0x04);
    p.out(0xa0, 0x0b);
    CHECK(p.in(0xa0) == 0x01);
}

TEST_CASE("what is in service holds back itself and everything below until EOI") {
    Pair p;
    p.initialize();
    p.raise(3);
    CHECK(p.pic.acknowledge() == 0x23);
    p.pulse(3);
    p.raise(5);
    CHECK_FALSE(p.pic.requested());
    p.raise(1);
    CHECK(p.pic.acknowledge() == 0x21);
    p.out(0x20, 0x20); // non-specific: ends IRQ 1
    CHECK_FALSE(p.pic.requested());
    p.out(0x20, 0x63); // specific: IRQ 3
    CHECK(p.pic.acknowledge() == 0x23);
    p.out(0x20, 0x20);
    CHECK(p.pic.acknowledge() == 0x25);
}

TEST_CASE("an edge counts once however long the line stays high") {
    Pair p;
    p.initialize();
    p.raise(0);
    CHECK(p.pic.acknowledge() == 0x20);
    p.out(0x20, 0x20);
    CHECK_FALSE(p.pic.requested());
    p.pulse(0);
    CHECK(p.pic.requested());
}

TEST_CASE("a level-triggered input asks again while its line stays high") {
    Pair p;
    p.initialize();
    p.out(0x4d0, 0xff);
    CHECK(p.in(0x4d0) == 0xf8);
    p.raise(5);
    CHECK(p.pic.acknowledge() == 0x25);
    p.out(0x20, 0x20);
    CHECK(p.pic.requested());
    p.lower(5);
    CHECK_FALSE(p.pic.requested());
}

TEST_CASE("a request that drops before the acknowledge becomes a spurious IRQ 7 without an ISR bit") {
    Pair p;
    p.initialize();
    p.raise(4);
    p.lower(4);
    CHECK(p.pic.acknowledge() == 0x27);
    p.out(0x20, 0x0b);
    CHECK(p.in(0x20) == 0x00);
}

TEST_CASE("rotation on EOI makes the served input the lowest") {
    Pair p;
    p.initialize();
    p.raise(0);
    CHECK(p.pic.acknowledge() == 0x20);
    p.out(0x20, 0xa0);
    p.pulse(0);
    p.raise(6);
    CHECK(p.pic.acknowledge() == 0x26);
    p.out(0x20, 0xc7); // set priority: IRQ 7 lowest again
    p.out(0x20, 0x20);
    CHECK(p.pic.acknowledge() == 0x20);
}

TEST_CASE("automatic EOI leaves no ISR bit behind") {
    Pair p;
    p.initialize(0x03);
    p.raise(2 + 1);
    CHECK(p.pic.acknowledge() == 0x23);
    p.out(0x20, 0x0b);
    CHECK(p.in(0x20) == 0x00);
    p.raise(8);
    p.raise(9);
    CHECK(p.pic.acknowledge() == 0x28);
    CHECK(p.pic.acknowledge() == 0x29);
}

TEST_CASE("special mask mode lets lower requests through") {
    Pair p;
    p.initialize();
    p.raise(3);
    CHECK(p.pic.acknowledge() == 0x23);
    p.raise(5);
    CHECK_FALSE(p.pic.requested());
    p.out(0x21, 0x08);
    p.out(0x20, 0x68);
    CHECK(p.pic.acknowledge() == 0x25);
}

TEST_CASE("a poll acknowledges and names the input") {
    Pair p;
    p.initialize();
    p.out(0x20, 0x0c);
    CHECK(p.in(0x20) == 0x00);
    p.raise(6);
    p.out(0x20, 0x0c);
    CHECK(p.in(0x20) == 0x86);
    CHECK_FALSE(p.pic.requested());
}

TEST_CASE("special fully nested mode lets the slave interrupt its own service") {
    Pair p;
    p.initialize(0x11);
    p.raise(12);
    CHECK(p.pic.acknowledge() == 0x2c);
    p.raise(9);
    CHECK(p.pic.acknowledge() == 0x29);
}

TEST_CASE("initialization clears mask and requests but keeps the lines") {
    Pair p;
    p.initialize();
    p.out(0x21, 0xff);
    p.raise(4);
    p.initialize();
    CHECK(p.in(0x21) == 0x00);
    CHECK_FALSE(p.pic.requested());
    p.pulse(4);
    CHECK(p.pic.requested());
}
