// SPDX-License-Identifier: MIT
// The outer form of the Debug Adapter Protocol: headers, a blank line, a JSON object. Bytes come from anybody: nothing is trusted.
// Source: [DAP] "Base Protocol".
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace trapgate::frontend::dap {

using Json = nlohmann::json;

constexpr std::size_t longest_header = 4096;
constexpr std::size_t longest_message = std::size_t{16} << 20;

/// Cuts a stream into messages.
class MessageReader {
  public:
    void feed(std::string_view bytes) { buffer_ += bytes; }
    /// The text of the next whole message; nothing until more bytes come. An error cannot be recovered from: where the next
    /// message begins is not known any more.
    Result<std::optional<std::string>> next();

  private:
    std::string buffer_;
};

struct Request {
    s64 seq = 0;
    std::string command;
    Json arguments = Json::object();
};

/// What was wrong with a message, and the request that an answer can name.
struct BadRequest {
    s64 seq = 0;
    std::string command;
    std::string why;
};

/// A request. A response or event of the client (which we never asked for) is a BadRequest too.
std::variant<Request, BadRequest> parse_request(std::string_view text);

/// The message as it goes over the wire. Text that is no UTF-8 is mended.
std::string framed(const Json& message);

/// What a handler refuses to do, in words for the user.
struct Refusal {
    std::string why;
};

// Arguments of a request. Each throws Refusal, naming the argument, if it has a wrong type; `need_…` also if it is missing.
bool boolean(const Json& arguments, const char* name, bool otherwise);
s64 number(const Json& arguments, const char* name, s64 otherwise);
s64 need_number(const Json& arguments, const char* name);
std::string text(const Json& arguments, const char* name, std::string otherwise = {});
std::string need_text(const Json& arguments, const char* name);
/// The elements of an array; none if it is missing.
std::vector<Json> list(const Json& arguments, const char* name);
std::vector<std::string> text_list(const Json& arguments, const char* name);

std::string to_base64(std::string_view bytes);
/// Nothing if it is none.
std::optional<std::string> from_base64(std::string_view text);

} // namespace trapgate::frontend::dap
