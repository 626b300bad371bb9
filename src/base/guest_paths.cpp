// SPDX-License-Identifier: MIT
// Where the built guest lies on the host: see the header.
#include "base/guest_paths.hpp"

#include <cstdlib>
#include <system_error>

namespace trapgate {

namespace fs = std::filesystem;

std::vector<fs::path> guest_folders() {
    if (const char* chosen = std::getenv("TRAPGATE_GUEST"); chosen && *chosen) return {fs::path(chosen)};
    std::error_code error;
    const fs::path command = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const fs::path above = command.parent_path().parent_path();
    return {above / "guest", above / "share" / "trapgate"};
}

std::optional<fs::path> find_guest_file(std::string_view name) {
    for (const fs::path& folder : guest_folders()) {
        std::error_code error;
        if (fs::exists(folder / name, error)) return folder / name;
    }
    return std::nullopt;
}

} // namespace trapgate
