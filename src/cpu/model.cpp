// SPDX-License-Identifier: MIT
// Names to models.
#include "cpu/model.hpp"

namespace trapgate::cpu {

std::optional<Model> find_model(std::string_view name) {
    for (const Model& model : {model_386, model_486, model_p5, model_i686, model_p2, model_p3})
        if (model.name == name) return model;
    return std::nullopt;
}

} // namespace trapgate::cpu
