// SPDX-License-Identifier: MIT
// The stages of a draft, one after the other, until one is safe to run on the host.
// Source: draft.hpp.
#include "generator.hpp"

#include "draft.hpp"

namespace trapgate::silicon {

Generator::Generator(std::span<const Shape> shapes, uint64_t seed) : seed_(seed) {
    for (const Shape& shape : shapes)
        if (shape.excuse.empty()) (shape.undefined ? undefined_ : shapes_).push_back(&shape);
}

const Shape& Generator::choose(uint64_t index) const {
    const bool undefined = shapes_.empty() || (!undefined_.empty() && index % 8 == 7);
    const auto& list = undefined ? undefined_ : shapes_;
    return *list[(undefined ? index / 8 : index - index / 8) % list.size()];
}

Question Generator::make(uint64_t index) const {
    const Shape& shape = choose(index);
    Random random(seed_, index);
    for (;;) {
        Draft draft{random, shape};
        choose_prefixes(draft);
        choose_registers(draft);
        choose_operands(draft);
        set_the_scene(draft);
        aim(draft);
        choose_fpu(draft);
        choose_vectors(draft);
        fill_memory(draft);
        place_code(draft);
        if (is_safe(draft)) return {draft.test, &shape, draft.memory ? draft.effective_address() : 0};
    }
}

} // namespace trapgate::silicon
