// SPDX-License-Identifier: MIT
// target.xml: three features, and a fourth with SSE, the flags of EFLAGS, CR0 and CR4 as named bits.
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
constexpr Bits cr4_bits[] = {{"VME", 0, 0}, {"PVI", 1, 1}, {"TSD", 2, 2}, {"DE", 3, 3},     {"PSE", 4, 4},
                             {"PAE", 5, 5}, {"MCE", 6, 6}, {"PGE", 7, 7}, {"OSFXSR", 9, 9}, {"OSXMMEXCPT", 10, 10}};
// [SDM1] "MXCSR Control and Status Register"
constexpr Bits mxcsr_bits[] = {{"IE", 0, 0},   {"DE", 1, 1},   {"ZE", 2, 2},   {"OE", 3, 3},   {"UE", 4, 4},
                               {"PE", 5, 5},   {"DAZ", 6, 6},  {"IM", 7, 7},   {"DM", 8, 8},   {"ZM", 9, 9},
                               {"OM", 10, 10}, {"UM", 11, 11}, {"PM", 12, 12}, {"RC", 13, 14}, {"FZ", 15, 15}};

/// An XMM register in every way to look at it, named as gdb names them.
constexpr std::string_view vec128 = R"(    <vector id="v4f" type="ieee_single" count="4"/>
    <vector id="v2d" type="ieee_double" count="2"/>
    <vector id="v16i8" type="int8" count="16"/>
    <vector id="v8i16" type="int16" count="8"/>
    <vector id="v4i32" type="int32" count="4"/>
    <vector id="v2i64" type="int64" count="2"/>
    <union id="vec128">
      <field name="v4_float" type="v4f"/>
      <field name="v2_double" type="v2d"/>
      <field name="v16_int8" type="v16i8"/>
      <field name="v8_int16" type="v8i16"/>
      <field name="v4_int32" type="v4i32"/>
      <field name="v2_int64" type="v2i64"/>
      <field name="uint128" type="uint128"/>
    </union>
)";

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
                                    {Feature::System, "org.trapgate.system"},
                                    {Feature::Sse, "org.gnu.gdb.i386.sse"}};

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

std::string target_xml(bool has_sse) {
    std::string xml =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
        "  <architecture>i386</architecture>\n  <osabi>GNU/Linux</osabi>\n";
    for (const FeatureText& f : features) {
        if (f.feature == Feature::Sse && !has_sse) continue;
        xml += fmt::format("  <feature name=\"{}\">\n", f.name);
        if (f.feature == Feature::Core) xml += flags_type("i386_eflags", eflags_bits);
        if (f.feature == Feature::Sse) xml += std::string(vec128) + flags_type("i386_mxcsr", mxcsr_bits);
        if (f.feature == Feature::System)
            xml += flags_type("trapgate_cr0", cr0_bits) + flags_type("trapgate_cr4", cr4_bits);
        xml += register_rows(f.feature) + "  </feature>\n";
    }
    return xml + "</target>\n";
}

} // namespace trapgate::frontend::gdb
