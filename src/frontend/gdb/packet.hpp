// SPDX-License-Identifier: MIT
// gdb's packets: `$text#checksum`, with escapes, acknowledgements and the interrupt byte. Bytes in, packets out; no sockets here.
// Whatever comes in, the reader stays in step with the next `$`. Source: [gdb] "Remote Protocol", "Overview" and "Binary Data".
#pragma once

#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trapgate::frontend::gdb {

/// The longest packet that is accepted and sent, without frame: what we tell gdb as PacketSize.
constexpr std::size_t packet_limit = 0x4000;

/// What the reader found.
struct Input {
    enum class Kind : u8 {
        Packet,    ///< `text`, escapes undone
        Ack,       ///< `+`
        Nack,      ///< `-`: gdb wants the last packet again
        Interrupt, ///< byte 03 outside of a packet: stop the guest
        Damaged,   ///< a packet whose checksum is wrong or no number: to be answered with `-`
        TooLong,   ///< a packet over the limit; its text is lost
    };
    Kind kind = Kind::Packet;
    std::string text;
};

class PacketReader {
  public:
    /// One byte from gdb. Bytes between packets that mean nothing are skipped.
    std::optional<Input> take(u8 byte);

  private:
    enum class State : u8 { Between, Text, FirstDigit, SecondDigit };
    std::optional<Input> between(u8 byte);
    std::optional<Input> in_text(u8 byte);
    Input finish(u8 second_digit);

    State state_ = State::Between;
    std::string raw_;
    u8 sum_ = 0;
    u8 first_digit_ = 0;
    bool too_long_ = false;
};

/// `$text#checksum`, with `$ # } *` escaped.
std::string frame(std::string_view text);

/// Two digits a byte, in the order of the bytes.
std::string to_hex(std::span<const u8> bytes);
std::string to_hex(std::string_view text);
/// `bytes` bytes of `value`, the lowest first: how registers travel.
std::string to_hex_little(u64 value, unsigned bytes);
/// The bytes behind pairs of digits; nothing if there is anything else.
std::optional<std::string> from_hex(std::string_view digits);

/// Reads a packet's arguments from left to right. Whatever is not there makes the answer nothing, and reads no further.
class Fields {
  public:
    explicit Fields(std::string_view text) : rest_(text) {}

    std::string_view rest() const { return rest_; }
    bool at_end() const { return rest_.empty(); }
    /// Takes `word` if it comes next.
    bool take(std::string_view word);
    /// A hexadecimal number of at most 16 digits.
    std::optional<u64> number();
    /// The same, if it fits into 32 bits.
    std::optional<u32> number32();
    /// Everything up to `end`, which is taken too, or up to the end of the packet.
    std::string_view up_to(char end);

  private:
    std::string_view rest_;
};

} // namespace trapgate::frontend::gdb
