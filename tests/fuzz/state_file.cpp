// SPDX-License-Identifier: MIT
// Any bytes as a recording or a snapshot: as a whole file, and as the contents behind a good checksum.
#include "base/assert.hpp"
#include "frontend/state/container.hpp"
#include "frontend/state/files.hpp"

using namespace trapgate;
using namespace trapgate::frontend::state;

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    const std::span<const u8> bytes(data, size);
    for (const FileKind kind : {FileKind::Recording, FileKind::Snapshot}) (void)unpack(kind, bytes);
    if (const auto recording = recording_from(bytes)) {
        const auto again = recording_from(to_bytes(recording.value()));
        ASSERT(again);
        ASSERT(again.value().log.events == recording.value().log.events);
    }
    if (const auto snapshot = snapshot_from(bytes)) ASSERT(snapshot_from(to_bytes(snapshot.value())));
    return 0;
}
