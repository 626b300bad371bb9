// SPDX-License-Identifier: MIT
// The stages of a draft, one after the other, until one is safe to run on the host.
// Source: draft.hpp.
#include "generator.hpp"

#include "draft.hpp"

namespace trapgate::silicon {

Generator::Generator(std::span<const Shape> shapes, uint64_t seed) : seed_(seed) {
    for (const Shape& shape : shapes)
        if (shape.excuse.empty()) shapes_.push_back(&shape);
}

Question Generator::make(uint64_t index) const {
    const Shape& shape = *shapes_[index % shapes_.size()];
    Random random(seed_, index);
    for (;;) {
        Draft draft{random, shape};
        choose_prefixes(draft);
        choose_registers(draft);
        choose_operands(draft);
        set_the_scene(draft);
        aim(draft);
        fill_memory(draft);
        place_code(draft);
        if (is_safe(draft)) return {draft.test, &shape};
    }
}

} // namespace trapgate::silicon
