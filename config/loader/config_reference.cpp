// The pages that are written from the field tables: docs/configuration.md and config/defaults/proactived.yaml.
#include <cmath>

#include "config/loader/config_fields.h"
#include "config/loader/load_config.h"
#include "models/base/time.h"

namespace proactive::config {
namespace {

std::string number_text(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<double>(whole) == value) return std::to_string(whole);
  std::string text = std::to_string(value);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

std::string bound_text(FieldKind kind, double value) {
  if (kind == FieldKind::duration) {
    return format_duration(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value)));
  }
  if (kind != FieldKind::size) return number_text(value);
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; unit < 4 && value >= 1024 && std::fmod(value, 1024) == 0; ++unit) value /= 1024;
  return number_text(value) + std::string(kUnits[unit]);
}

std::string kind_text(const Field& field) {
  std::string choices;
  for (const std::string_view choice : field.choices) {
    choices += choices.empty() ? "" : ", ";
    choices += choice;
  }
  switch (field.kind) {
    case FieldKind::text:
      return "text";
    case FieldKind::name:
      return "name";
    case FieldKind::boolean:
      return "true, false";
    case FieldKind::integer:
      return "whole number";
    case FieldKind::number:
      return "number";
    case FieldKind::duration:
      return "duration";
    case FieldKind::size:
      return "size";
    case FieldKind::share:
      return "share";
    case FieldKind::quantity:
      return "quantity";
    case FieldKind::choice:
      return choices;
    case FieldKind::texts:
      return "list of texts";
    case FieldKind::paths:
      return "list of paths";
    case FieldKind::path:
      return "path";
    case FieldKind::secret:
      return "path of a secret";
    case FieldKind::source:
      return "source";
    case FieldKind::sources:
      return "name: source";
    case FieldKind::text_map:
      return "name: text";
    case FieldKind::mapping:
      return "mapping";
    case FieldKind::list:
      return "list";
    case FieldKind::any:
      return "";
  }
  return "";
}

std::string range_text(const Field& field) {
  const bool has_range = field.kind == FieldKind::integer || field.kind == FieldKind::number ||
                         field.kind == FieldKind::duration || field.kind == FieldKind::size;
  if (!has_range || !std::isfinite(field.lo) || !std::isfinite(field.hi) || field.lo == field.hi) return "";
  constexpr double kNoRealLimit = 1e15;
  const std::string lowest = bound_text(field.kind, field.lo);
  if (field.hi >= kNoRealLimit) return ", at least " + lowest;
  return ", " + lowest + " to " + bound_text(field.kind, field.hi);
}

void add_row(std::string& page, const Field& field) {
  const bool is_section = field.kind == FieldKind::mapping;
  page += "| `" + std::string(field.key) + "` | " + kind_text(field) + range_text(field);
  if (!field.word.empty()) page += ", or `" + std::string(field.word) + "`";
  page += " | ";
  if (field.need == Need::required) {
    page += "required";
  } else if (!field.default_text.empty()) {
    page += "`" + std::string(field.default_text) + "`";
  }
  page += " | " + std::string(field.doc);
  if (!field.example.empty() && !is_section) page += " Example: `" + std::string(field.example) + "`.";
  page += " |\n";
}

void add_table(std::string& page, const FieldTable& table, bool is_root) {
  page += is_root ? "\n## Top level\n" : "\n## " + std::string(table.what) + "\n";
  page += "\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n";
  std::string later;
  for (const Field& field : table.fields) {
    if (field.need == Need::later) {
      later += later.empty() ? "`" : ", `";
      later += std::string(field.key) + "`";
    } else {
      add_row(page, field);
    }
    for (const std::string_view choice : field.later_choices) {
      later += later.empty() ? "`" : ", `";
      later += std::string(field.key) + ": " + std::string(choice) + "`";
    }
  }
  if (!later.empty()) page += "\nRefused until they do something (E209): " + later + ".\n";
  for (const Field& field : table.fields) {
    if (field.child != nullptr && field.need != Need::later) add_table(page, *field.child, false);
  }
}

bool has_any_default(const FieldTable& table) {
  for (const Field& field : table.fields) {
    if (field.need != Need::later && (field.child != nullptr || !field.default_text.empty())) return true;
  }
  return false;
}

// A key that stays a comment: it has no default, or its section means something by its mere presence.
bool is_comment(const Field& field) {
  if (field.child == nullptr) return field.default_text.empty();
  return field.is_off_when_absent || !has_any_default(*field.child);
}

// `# sentence` over `key: default`. Inside a commented section, `margin` makes comments of all.
void add_defaults(std::string& out, const FieldTable& table, const std::string& margin,
                  bool is_inside_comment) {
  for (const Field& field : table.fields) {
    if (field.need == Need::later) continue;
    const bool opens_comment = !is_inside_comment && is_comment(field);
    if (field.child != nullptr && margin.empty()) out += "\n";
    out += margin + "# " + std::string(field.doc) + "\n";
    out += margin + (opens_comment ? "# " : "") + std::string(field.key) + ":";
    if (field.child != nullptr) {
      out += "\n";
      add_defaults(out, *field.child, margin + (opens_comment ? "#   " : "  "),
                   is_inside_comment || opens_comment);
    } else {
      out += " " + std::string(field.default_text.empty() ? field.example : field.default_text) + "\n";
    }
  }
}

}  // namespace

std::string config_reference_markdown() {
  std::string page =
      "# Configuration\n"
      "\n"
      "One YAML file, given with `--config`. This page is generated from the field tables in\n"
      "`config/loader/config_fields.cpp`; `config/defaults/proactived.yaml` has every key with its default, "
      "and\n"
      "`config/examples/` has whole files. `proactived config --config FILE` prints the configuration in "
      "force.\n"
      "\n"
      "## Values\n"
      "\n"
      "- **duration**: a whole number and one of `ms s m h d w`: `500ms`, `15m`, `7d`.\n"
      "- **size**: a number and one of `B kB MB GB TB KiB MiB GiB TiB`: `512MiB`.\n"
      "- **path**: a relative one is beside the configuration file.\n"
      "- **path of a secret**: the secret is the file's content, without one newline at its end. A relative "
      "path is\n"
      "  looked for as `$CREDENTIALS_DIRECTORY/NAME`, then `$CREDENTIALS_DIRECTORY/proactived_NAME`, then "
      "beside the\n"
      "  configuration file. Secrets never stand in the configuration itself, and no command prints them.\n"
      "- **source**: where a value stands in a team's own JSON: a JSON Pointer (`/device/id`), or `{const: "
      "text}`.\n"
      "\n"
      "The file is read strictly: unknown and doubled keys, wrong kinds, durations or sizes without a unit, "
      "anchors,\n"
      "aliases, tags, `<<` and a second document are errors. All findings come at once, each with its place "
      "and a code\n"
      "that [errors.md](errors.md) explains. Bounds: 8 MiB, 64 levels, 200 000 values.\n"
      "\n"
      "## Values from outside\n"
      "\n"
      "| Written | Becomes |\n"
      "|---|---|\n"
      "| `${NAME}` | the environment variable; an error if it is not set |\n"
      "| `${NAME:-default}` | the variable, or the default if it is not set or empty |\n"
      "| `${file:/path}` | the content of the file (at most 64 KiB), without one newline at its end |\n"
      "| `$$` | a dollar |\n"
      "\n"
      "They are filled in after the YAML is parsed, so a value can't change the structure. Inside `[ ]` and "
      "`{ }` they\n"
      "need quotes. Rule files have none of these.\n";
  add_table(page, config_table(), true);
  return page;
}

std::string default_config_yaml() {
  std::string out =
      "# Every key with its default and what it means; generated from config/loader/config_fields.cpp.\n"
      "# A configuration names only what differs. Commented keys have no default; their values are "
      "examples.\n"
      "\n";
  add_defaults(out, config_table(), "", false);
  return out;
}

}  // namespace proactive::config
