// SPDX-License-Identifier: MIT
// Field by field, in the order of model.hpp. Empty strings, false and missing values are left out of rows, so that a reader
// has little to read; "id" and "kind" are always there.
#include "frontend/views/json.hpp"

#include "devices/code_page_437.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapgate::frontend::views {

namespace {

using Json = nlohmann::ordered_json;

std::string hex(u64 value, int digits = 8) {
    return fmt::format("{:0{}x}", value, digits);
}

void put(Json& json, const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
}
void put(Json& json, const char* key, bool flag) {
    if (flag) json[key] = true;
}
void put(Json& json, const char* key, Mark mark) {
    if (mark != Mark::None) json[key] = word_of(mark);
}

/// What every thing that can be pointed at has.
template <class T> void put_handles(Json& json, const T& thing) {
    put(json, "id", thing.id);
    put(json, "tip", thing.tip);
    if constexpr (requires { thing.command; }) put(json, "command", thing.command);
}

Json json_of(const Span& span) {
    Json json{{"text", span.text}};
    if (span.meaning != Meaning::Text) json["meaning"] = word_of(span.meaning);
    return json;
}

Json json_of(const Panel& panel);
template <class T> Json list_of(const std::vector<T>& things);

Json json_of(const Line& line) {
    Json json{{"spans", list_of(line.spans)}};
    put_handles(json, line);
    return json;
}

Json json_of(const Step& step) {
    Json json{{"at", machine::to_text(step.at)}, {"number", step.number}};
    put(json, "mark", step.mark);
    put(json, "name", step.name);
    put(json, "text", step.text);
    put(json, "access", step.access);
    put(json, "raises", step.raises);
    put(json, "general", step.general);
    put(json, "commit", step.commit);
    put_handles(json, step);
    return json;
}

Json json_of(const ChainBox& box) {
    Json json{{"title", box.title}, {"lines", list_of(box.lines)}};
    put(json, "mark", box.mark);
    put(json, "crossed_out", box.crossed_out);
    put(json, "arrow", box.arrow);
    put_handles(json, box);
    return json;
}

Json json_of(const Slot& slot) {
    Json json{{"address", hex(slot.address)}};
    put(json, "name", slot.name);
    if (slot.value) json["value"] = hex(*slot.value);
    json["writer"] = word_of(slot.writer);
    put(json, "who", slot.who);
    put(json, "mark", slot.mark);
    put(json, "hollow", slot.hollow);
    put(json, "meaning", slot.meaning);
    put(json, "place", slot.place);
    put(json, "value_text", slot.value_text);
    put_handles(json, slot);
    return json;
}

Json json_of(const Register& reg) {
    Json json{{"name", reg.name}, {"before", hex(reg.before, reg.digits)}, {"now", hex(reg.now, reg.digits)}};
    put(json, "changed", reg.changed);
    put(json, "note", reg.note);
    put(json, "before_text", reg.before_text);
    put(json, "now_text", reg.now_text);
    put_handles(json, reg);
    return json;
}

Json json_of(const TimelineBar& bar) {
    Json json{{"ring", bar.ring}, {"from", bar.from}, {"to", bar.to}};
    put(json, "label", bar.label);
    put(json, "began_by", bar.from_how);
    put_handles(json, bar);
    return json;
}

Json json_of(const TableColumn& column) {
    Json json{{"title", column.title}};
    put(json, "right", column.right);
    return json;
}

Json json_of(const TableRow& row) {
    Json json{{"cells", list_of(row.cells)}};
    put(json, "mark", row.mark);
    put_handles(json, row);
    return json;
}

template <class T> Json list_of(const std::vector<T>& things) {
    Json json = Json::array();
    for (const T& thing : things) json.push_back(json_of(thing));
    return json;
}

// Each kind of panel adds its fields to `json`.

void add(Json& json, const StepsPanel& panel) {
    json["kind"] = "steps";
    json["of"] = panel.instructions ? "instructions" : "micro-steps";
    json["steps"] = list_of(panel.steps);
    put(json, "can_fault", panel.can_fault);
    put(json, "next", panel.next);
}
void add(Json& json, const ChainPanel& panel) {
    json["kind"] = "chain";
    json["chain"] = list_of(panel.boxes);
    json["notes"] = list_of(panel.notes);
}
void add(Json& json, const StackPanel& panel) {
    json["kind"] = "stack";
    json["ring"] = panel.kernel ? 0 : 3;
    put(json, "top", panel.top);
    if (panel.top_address) json["top_address"] = hex(*panel.top_address);
    if (panel.esp) json["esp"] = hex(*panel.esp);
    json["frame"] = panel.frame;
    json["slots"] = list_of(panel.slots);
    if (panel.size) json.update({{"size", panel.size}, {"used", panel.used}, {"deepest", panel.deepest}});
    json["notes"] = list_of(panel.notes);
}
void add(Json& json, const RegistersPanel& panel) {
    json["kind"] = "registers";
    json["before_title"] = panel.before_title;
    json["now_title"] = panel.now_title;
    json["registers"] = list_of(panel.registers);
}
void add(Json& json, const TimelinePanel& panel) {
    json["kind"] = "timeline";
    json.update({{"from", panel.from}, {"to", panel.to}, {"now", machine::to_text(panel.now)}});
    json["ring"] = panel.ring;
    put(json, "from_text", panel.from_text);
    put(json, "to_text", panel.to_text);
    json["timeline"] = list_of(panel.bars);
}
void add(Json& json, const CaptionPanel& panel) {
    json["kind"] = "caption";
    json["sentence"] = panel.sentence;
    put(json, "fact", panel.fact);
    put(json, "source", panel.source);
}
void add(Json& json, const TablePanel& panel) {
    json["kind"] = "table";
    put(json, "marks", panel.marks);
    json["columns"] = list_of(panel.columns);
    json["rows"] = list_of(panel.rows);
}
void add(Json& json, const TextPanel& panel) {
    json["kind"] = "text";
    put(json, "wrap", panel.wrap);
    put(json, "tail", panel.tail);
    json["lines"] = list_of(panel.lines);
}

void add(Json& json, const ScreenPanel& panel) {
    json["kind"] = "screen";
    json.update({{"columns", panel.columns}, {"rows", panel.rows}});
    if (panel.cursor && panel.columns)
        json["cursor"] = {*panel.cursor / panel.columns, *panel.cursor % panel.columns};
    Json text = Json::array(), attributes = Json::array();
    for (u32 row = 0; row < panel.rows; ++row) {
        std::string characters, bytes;
        for (u32 column = 0; column < panel.columns; ++column) {
            const ScreenCell& cell = panel.cells[row * panel.columns + column];
            devices::append_utf8(characters, cell.character);
            bytes += hex(cell.attribute, 2);
        }
        text.push_back(characters);
        attributes.push_back(bytes);
    }
    json["text"] = text;
    json["attributes"] = attributes;
}

Json json_of(const Panel& panel) {
    Json json{{"id", panel.id}, {"title", panel.title}};
    if (panel.frame != Meaning::Dim) json["frame"] = word_of(panel.frame);
    put(json, "tip", panel.tip);
    std::visit([&](const auto& content) { add(json, content); }, panel.content);
    return json;
}

Json json_of(const Header& header) {
    Json json{{"at", machine::to_text(header.at)},
              {"instruction", header.at.instruction},
              {"micro", header.at.micro},
              {"micro_steps", header.micro_steps},
              {"clock", header.clock}};
    put(json, "task", header.task);
    put(json, "mode", header.mode);
    put(json, "kernel", header.kernel);
    put(json, "place", header.place);
    json["badge"] = {{"text", header.badge.text}, {"from", header.badge.from}, {"to", header.badge.to}};
    return json;
}

} // namespace

std::string_view word_of(Meaning meaning) {
    static constexpr std::string_view words[] = {"text",   "dim", "title", "ring3",   "ring0",   "cpu",    "entry",
                                                 "kernel", "now", "ahead", "changed", "warning", "crossed"};
    return words[static_cast<u8>(meaning)];
}

std::string_view word_of(Mark mark) {
    static constexpr std::string_view words[] = {"none", "done", "now", "ahead", "failed"};
    return words[static_cast<u8>(mark)];
}

std::string_view word_of(Writer writer) {
    static constexpr std::string_view words[] = {"nobody", "earlier", "cpu",     "entry",
                                                 "kernel", "program", "software"};
    return words[static_cast<u8>(writer)];
}

Json to_json(const ViewModel& model) {
    Json json{{"schema", ViewModel::schema}, {"view", model.view}, {"title", model.title}};
    json["header"] = json_of(model.header);
    json["panels"] = list_of(model.panels);
    json["remarks"] = model.remarks;
    return json;
}

} // namespace trapgate::frontend::views
