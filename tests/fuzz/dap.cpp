// SPDX-License-Identifier: MIT
// Any bytes go through the reader of the Debug Adapter Protocol: it cuts, parses and checks without reading past anything.
#include "base/assert.hpp"
#include "frontend/dap/protocol.hpp"

using namespace trapgate;
using namespace trapgate::frontend::dap;

namespace {

void ask(const Request& request) {
    for (const char* name : {"a", "seq", "lines", "path", "threadId", "breakpoints"}) try {
            (void)boolean(request.arguments, name, false);
            (void)number(request.arguments, name, 0);
            (void)need_text(request.arguments, name);
            (void)text_list(request.arguments, name);
        } catch (const Refusal& refusal) {
            ASSERT(!refusal.why.empty());
        }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    MessageReader reader;
    bool whole = true; // and in two pieces, at a place that the first byte chooses
    const std::size_t cut = size ? std::min<std::size_t>(data[0], size) : 0;
    for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
        reader.feed(piece);
        while (whole) {
            const auto message = reader.next();
            whole = static_cast<bool>(message);
            if (!whole || !message.value()) break;
            ASSERT(message.value()->size() <= size);
            const auto parsed = parse_request(*message.value());
            if (const auto* request = std::get_if<Request>(&parsed)) ask(*request);
        }
    }
    const auto parsed = parse_request(bytes);
    if (const auto* request = std::get_if<Request>(&parsed)) {
        ask(*request);
        MessageReader again;
        again.feed(framed({{"type", "request"}, {"command", request->command}, {"arguments", request->arguments}}));
        const auto message = again.next();
        ASSERT(message && message.value());
    }
    if (const auto decoded = from_base64(bytes)) ASSERT(from_base64(to_base64(*decoded)) == decoded);
    return 0;
}
