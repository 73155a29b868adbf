#include "config/loader/finding_codes.h"

#include <algorithm>
#include <iterator>

namespace proactive::config {
namespace {

constexpr FindingCode kCodes[] = {
    // 1 YAML
    {"E101", "The text is not YAML.",
     "Most often a value needs quotes, because it starts with > % @ * { or holds ': '."},
    {"E102", "A tab is used for indentation.", "Indent with spaces."},
    {"E103", "A key occurs twice in one mapping.", "Keep one of the two lines that the finding names."},
    {"E104", "A second document starts in the file.",
     "Remove the '---', or move the rest into a file of its own."},
    {"E105", "An anchor, alias, tag or merge key is used.",
     "Write the value out; quote a text that starts with & * or !."},
    {"W106", "A text is cut where ' #' starts a comment.",
     "Quote the text, or put a space after the '#' of a comment."},
    {"E107", "A number has a leading zero, which some readers take for octal.",
     "Drop the zero, or quote the text."},
    {"W108", "A number, share, duration or bool is quoted.", "Drop the quotes; quotes mean text."},
    {"E109", "A key or list item has no value.", "Give it a value, or remove the line."},
    {"E110", "The file is too large, too deep or has too many nodes.", "Split it into several files."},
    {"E111", "The file is not UTF-8 text, or holds control characters.", "Save it as UTF-8."},
    // 2 keys
    {"E201", "The key is unknown.", "Take the name that the finding suggests, or remove the key."},
    {"E202", "The key is known, but belongs elsewhere.", "Move it to the place that the finding names."},
    {"E203", "A required key is missing.", "Add it; the reference page has an example."},
    {"E204", "Keys are given together that exclude each other.", "Keep the one that is meant."},
    {"E209", "The key or value is part of the design, but not available yet.",
     "Remove it: a setting that loads and does nothing would mislead."},
    // 3 values
    {"E301", "The value is not one of the legal ones.", "Take one of those that the finding lists."},
    {"E302", "The value has the wrong kind or unit.",
     "Write it as the finding shows: 15m, 5%, 512MiB, true."},
    {"E303", "The value is outside its range.", "Choose one inside the range that the finding names."},
    {"E304", "The clear level is on the wrong side of the limit.", "A clear level lies on the healthy side."},
    {"E305", "The span is longer than the history that is kept.", "Shorten it."},
    {"E307", "The time zone is unknown.", "Use an IANA name such as Europe/Berlin."},
    {"W308", "The cooldown is shorter than 'for'.",
     "Make the cooldown longer than the time it takes to fire."},
    {"E310", "A file that the configuration names can't be read.",
     "Check the path, the kind of file and its mode."},
    {"E311", "A secret is empty or larger than 64 KiB.",
     "Write the secret, and nothing else, into the file."},
    {"W312", "A secret can be read by every user of the host.", "chmod o-r the file."},
    {"E313", "A '${...}' can't be filled in.", "Set the variable, or give a default: ${NAME:-default}."},
    {"E314", "Two settings contradict each other.", "Change one of them, as the finding says."},
    {"E315", "A raw client setting is refused, because correctness depends on it.",
     "Remove it; where a key of the configuration covers it, use that key."},
    // 4 references
    {"E401", "The signal is unknown.", "Declare it in the signal catalogue, or correct the name."},
    {"E402", "The measure is unknown.", "Add it to the rule's 'measures', or correct the name."},
    {"E403", "The field is unknown.", "Name it under 'lookups' of the signal catalogue."},
    {"E405", "A test expects something of a rule that it does not load.",
     "Correct the name, or add the rule's file to 'rules'."},
    {"E407", "Two rules have the same name.", "Rename one: the name is the identity of a rule's state."},
    {"E408", "A template uses a name that the rule doesn't have.",
     "Use a measure, a lookup field or last_seen."},
    {"W409", "A measure is not used.", "Remove it."},
    {"E411", "The function does not fit the signal's kind.", "Take one of those that the finding lists."},
    {"E412", "A test expects something of a customer or thing that it gives nothing for.",
     "Correct the name, or give what it did."},
    // 5 meaning
    {"E501", "The condition is never or always true.",
     "Compare the limit with the range that the measure can reach."},
    {"W502", "'for' is shorter than the measure's step, so it has no effect.",
     "Make 'for' at least one step."},
    {"W503", "An 'unusual' condition has no min_delta.",
     "Say how large a difference matters to the business."},
    {"W504", "A ratio has no 'needs', so a single event can reach 100%.",
     "Ask for a minimum of the denominator."},
    {"W505", "A test gives values that the signal's range drops.",
     "Correct the values, or the range in the signal catalogue."},
    {"E506", "A condition can't be evaluated from the data that it names.",
     "Follow the finding's suggestion."},
    // 6 cost
    {"E603", "The regular expression is invalid or too large.", "Use RE2 syntax and at most 256 characters."},
    {"E604", "A limit on the number or size of things is exceeded.", "Split the file, or shorten the text."},
    // 7 safety
    {"E701", "A message to customers has neither advice nor playbook.", "Say what the customer can do."},
    {"E702", "A message to customers has no explicit cooldown.",
     "Decide how often a customer may hear of this."},
    {"W707", "A live rule has no test.", "Write <rule>.test.yaml beside it."},
};

constexpr std::string_view kClasses[] = {"YAML", "keys", "values", "references", "meaning", "cost", "safety"};

}  // namespace

std::span<const FindingCode> finding_codes() { return kCodes; }

bool is_finding_code(std::string_view code) {
  return std::any_of(std::begin(kCodes), std::end(kCodes),
                     [&](const FindingCode& known) { return known.code == code; });
}

std::string finding_codes_markdown() {
  std::string page =
      "# Finding codes\n"
      "\n"
      "Everything that `proactived` finds wrong with configuration and rules carries one of these codes. `E` "
      "is an\n"
      "error: the file is not used. `W` is a warning: it is used (`check --strict` refuses it). Codes are "
      "stable. This\n"
      "page is generated from `config/loader/finding_codes.cpp`.\n";
  char current = '0';
  for (const FindingCode& entry : kCodes) {
    if (entry.code[1] != current) {
      current = entry.code[1];
      page += "\n## Class ";
      page += current;
      page += ": ";
      page += kClasses[static_cast<std::size_t>(current - '1')];
      page += "\n\n| Code | What is wrong | What to do |\n|---|---|---|\n";
    }
    std::string remedy(entry.remedy);
    for (std::size_t at = 0; (at = remedy.find('|', at)) != std::string::npos; at += 2)
      remedy.insert(at, "\\");
    page += "| <a id=\"";
    page += static_cast<char>(entry.code[0] == 'E' ? 'e' : 'w');
    page += entry.code.substr(1);
    page += "\"></a>";
    page += entry.code;
    page += " | ";
    page += entry.sentence;
    page += " | ";
    page += remedy;
    page += " |\n";
  }
  return page;
}

}  // namespace proactive::config
