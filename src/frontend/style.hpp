// SPDX-License-Identifier: MIT
// Colour for people, none for files. NO_COLOR and CLICOLOR_FORCE are obeyed (no-color.org, bixense.com/clicolors).
#pragma once

#include <string>
#include <string_view>

namespace trapgate::frontend {

enum class Tone { Title, Ring3, Ring0, Access, Faint, Warning };

class Style {
  public:
    explicit Style(bool colour) : colour_(colour) {}
    /// For what is printed on this descriptor.
    static Style for_descriptor(int descriptor);
    std::string paint(Tone tone, std::string_view text) const;

  private:
    bool colour_;
};

} // namespace trapgate::frontend
