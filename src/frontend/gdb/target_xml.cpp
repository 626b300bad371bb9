// SPDX-License-Identifier: MIT
// target.xml: three features, the flags of EFLAGS, CR0 and CR4 as named bits.
#include "frontend/gdb/target_xml.hpp"

#include "frontend/gdb/registers.hpp"

#include <fmt/format.h>

#include <span>

namespace trapgate::frontend::gdb {

namespace {

struct Bits {
    std::string_view name; ///< empty: gdb prints nothing for it
    u8 first, last;
};

// [SDM1] "EFLAGS Register"; gdb prints the bit that is always one with an empty name.
constexpr Bits eflags_bits[] = {{"CF", 0, 0},     {"", 1, 1},      {"PF", 2, 2},   {"AF", 4, 4},   {"ZF", 6, 6},
                                {"SF", 7, 7},     {"TF", 8, 8},    {"IF", 9, 9},   {"DF", 10, 10}, {"OF", 11, 11},
                                {"IOPL", 12, 13}, {"NT", 14, 14},  {"RF", 16, 16}, {"VM", 17, 17}, {"AC", 18, 18},
                                {"VIF", 19, 19},  {"VIP", 20, 20}, {"ID", 21, 21}};
// [SDM3] "Control Registers"
constexpr Bits cr0_bits[] = {{"PE", 0, 0},   {"MP", 1, 1},   {"EM", 2, 2},   {"TS", 3, 3},
                             {"ET", 4, 4},   {"NE", 5, 5},   {"WP", 16, 16}, {"AM", 18, 18},
                             {"NW", 29, 29}, {"CD", 30, 30}, {"PG", 31, 31}};
constexpr Bits cr4_bits[] = {{"VME", 0, 0}, {"PVI", 1, 1}, {"TSD", 2, 2}, {"DE", 3, 3},
                             {"PSE", 4, 4}, {"PAE", 5, 5}, {"MCE", 6, 6}, {"PGE", 7, 7}};

std::string flags_type(std::string_view id, std::span<const Bits> bits) {
    std::string xml = fmt::format("    <flags id=\"{}\" size=\"4\">\n", id);
    for (const Bits& b : bits)
        xml += b.first == b.last
                   ? fmt::format("      <field name=\"{}\" start=\"{}\" end=\"{}\"/>\n", b.name, b.first, b.last)
                   : fmt::format("      <field name=\"{}\" start=\"{}\" end=\"{}\" type=\"uint32\"/>\n", b.name,
                                 b.first, b.last);
    return xml + "    </flags>\n";
}

struct FeatureText {
    Feature feature;
    std::string_view name;
};
constexpr FeatureText features[] = {{Feature::Core, "org.gnu.gdb.i386.core"},
                                    {Feature::Linux, "org.gnu.gdb.i386.linux"},
                                    {Feature::System, "org.trapgate.system"}};

std::string register_rows(Feature feature) {
    std::string xml;
    const auto all = registers();
    for (unsigned i = 0; i < all.size(); ++i) {
        const Register& r = all[i];
        if (r.feature != feature) continue;
        const std::string group = r.group.empty() ? "" : fmt::format(" group=\"{}\"", r.group);
        xml += fmt::format("    <reg name=\"{}\" bitsize=\"{}\" type=\"{}\" regnum=\"{}\"{}/>\n", r.name, r.bits,
                           r.type, i, group);
    }
    return xml;
}

} // namespace

std::string target_xml() {
    std::string xml =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
        "  <architecture>i386</architecture>\n  <osabi>GNU/Linux</osabi>\n";
    for (const FeatureText& f : features) {
        xml += fmt::format("  <feature name=\"{}\">\n", f.name);
        if (f.feature == Feature::Core) xml += flags_type("i386_eflags", eflags_bits);
        if (f.feature == Feature::System)
            xml += flags_type("trapgate_cr0", cr0_bits) + flags_type("trapgate_cr4", cr4_bits);
        xml += register_rows(f.feature) + "  </feature>\n";
    }
    return xml + "</target>\n";
}

} // namespace trapgate::frontend::gdb
