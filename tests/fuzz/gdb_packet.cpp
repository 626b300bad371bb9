// SPDX-License-Identifier: MIT
// Any bytes go through the reader of gdb's packets, and what it takes for packets through the readers of arguments.
#include "base/assert.hpp"
#include "frontend/gdb/packet.hpp"
#include "frontend/gdb/stops.hpp"

using namespace trapgate;
using namespace trapgate::frontend::gdb;

namespace {

void look_inside(const std::string& text) {
    ASSERT(text.size() <= packet_limit);
    PacketReader again;
    std::optional<Input> last;
    for (const char byte : frame(text))
        if (auto input = again.take(static_cast<u8>(byte))) last = std::move(input);
    ASSERT(last && last->kind == Input::Kind::Packet && last->text == text);

    if (const auto bytes = from_hex(text)) ASSERT(to_hex(*bytes).size() == text.size());
    Stops stops;
    for (const bool insert : {true, true, false}) (void)stops.change(Fields(text), insert);
    (void)stops.catch_calls(Fields(text));
    Fields fields(text);
    while (!fields.at_end()) {
        const std::size_t before = fields.rest().size();
        if (!fields.number() && !fields.number32() && !fields.take(";")) (void)fields.up_to(',');
        ASSERT(fields.rest().size() < before);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    PacketReader reader;
    for (std::size_t i = 0; i < size; ++i)
        if (const auto input = reader.take(data[i]); input && input->kind == Input::Kind::Packet)
            look_inside(input->text);
    look_inside({reinterpret_cast<const char*>(data), std::min(size, packet_limit)});
    return 0;
}
