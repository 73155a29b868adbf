#include "config/loader/config_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "config/loader/source_text.h"
#include "config/loader/yaml_hints.h"

namespace proactive::config {
namespace {

// Thrown by the builder to leave yaml-cpp early; the finding is already there.
struct Stop {};

// 010, -007, 00.5: a number by its look, with a zero before another digit.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const auto skip_digits = [](std::string_view& rest) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(digits);
    return digits;
  };
  if (text.empty() || text.front() != '0' || skip_digits(text) < 2) return false;
  if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  skip_digits(text);
  return text.empty();
}

// Builds the tree from yaml-cpp's events. YAML::Node is not used: it hides duplicate keys and aliases.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Findings& findings, const TreeLimits& limits)
      : source_(source), findings_(findings), limits_(limits) {}

  [[nodiscard]] std::unique_ptr<TreeNode> take_root() { return std::move(root_); }

  // Where the innermost mapping or list begins that is still open.
  [[nodiscard]] const Place* innermost_open() const {
    return frames_.empty() ? nullptr : &frames_.back().node.place;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    findings_.add("E104", place(mark, 3), "a second document starts here; a file holds one",
                  "remove the '---', or move the rest into its own file");
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    report("E105", place(mark, name.size() + 1), "anchors are not used here",
           "write the value out, or quote a text that starts with '&'");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report("E105", place(mark, 1), "aliases are not used here",
           "write the value out, or quote a text that starts with '*'");
    add_scalar(TreeNode{NodeKind::null, {}, false, place(mark, 1), {}, {}}, mark);
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    TreeNode node;
    node.place = place(mark, 1);
    if (expects_key()) {
      const std::string_view rest = source_.rest_of_line(source_.offset(mark.line, mark.column));
      node.place.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, null_word_length(rest)));
      report("E101", node.place,
             null_word_length(rest) > 0 ? "null is not a key" : "a key is missing before this ':'",
             null_word_length(rest) > 0 ? "quote it if it is text" : "");
    } else if (anchor == YAML::NullAnchor && !drops_value() && !refuse_tag(mark, {})) {
      node.place = report_empty(mark);
    }
    add_scalar(std::move(node), mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    const std::string_view rest = source_.rest_of_line(source_.offset(mark.line, mark.column));
    const bool has_tag = refuse_tag(mark, tag);
    TreeNode node{NodeKind::scalar, value, tag == "!", place(mark, 1), {}, {}};
    if (has_tag || rest.empty() || rest.front() == '&') return add_scalar(std::move(node), mark);

    const std::size_t start = source_.offset(mark.line, mark.column);
    if (node.quoted) {
      const std::size_t length = quoted_length(source_.text().substr(start));
      if (length == std::string_view::npos) {
        findings_.add("E101", node.place, "a quote is not closed",
                      "close it, or quote a text that starts with it");
        throw Stop{};  // it swallowed the rest of the file
      }
      node.place.length = source_.code_points_on_line(start, start + length);
    } else {
      const std::size_t end = plain_end(start, value);
      node.place.length = source_.code_points_on_line(start, end);
      if (!expects_key()) check_plain_value(node, end);
    }
    add_scalar(std::move(node), mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(NodeKind::sequence, mark, tag);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(NodeKind::mapping, mark, tag);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    TreeNode node;
    bool is_key = false;  // a mapping or list in the place of a key: refused, swallowed
    bool has_key = false;
    bool refused_key = false;  // some key of this mapping was refused
    bool drop = false;         // the value that comes has no use: its key was refused
    std::string key;
    Place key_place;
    std::size_t key_offset = 0;
    std::unordered_map<std::string, std::uint32_t> first_lines;  // of keys
  };

  // Inside a refused key nothing else is worth a finding.
  void report(std::string_view code, const Place& at, std::string message, std::string suggestion = {}) {
    if (open_keys_ == 0) findings_.add(code, at, std::move(message), std::move(suggestion));
  }

  [[nodiscard]] Place place(const YAML::Mark& mark, std::size_t length) const {
    return source_.place(source_.offset(mark.line, mark.column), length);
  }

  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().node.kind == NodeKind::mapping && !frames_.back().has_key;
  }

  [[nodiscard]] bool drops_value() const { return !frames_.empty() && frames_.back().drop; }

  // yaml-cpp gives "?" to plain nodes and "!" to quoted ones, but also to a plain one tagged `!`: the text
  // decides.
  bool refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const std::string_view rest = source_.rest_of_line(source_.offset(mark.line, mark.column));
    const bool is_written = !rest.empty() && rest.front() == '!';
    const bool is_tagged = tag.empty()
                               ? is_written && is_on_line_of_key(mark)  // a null: its tag is not handed on
                               : tag != "?" && (tag != "!" || is_written);
    if (!is_tagged) return false;
    report("E105", place(mark, std::max<std::size_t>(1, std::min(rest.find(' '), rest.size()))),
           "tags are not used here", "remove it, or quote a text that starts with '!'");
    return true;
  }

  [[nodiscard]] bool is_on_line_of_key(const YAML::Mark& mark) const {
    return frames_.empty() || static_cast<int>(frames_.back().key_place.line) == mark.line + 1;
  }

  // An empty value is marked at the next token, wherever that is; its own place is the key, or the dash of
  // the item.
  Place report_empty(const YAML::Mark& mark) {
    const std::size_t at = source_.offset(mark.line, mark.column);
    const std::string_view rest = source_.rest_of_line(at);
    const bool has_key = !frames_.empty() && frames_.back().has_key;
    const std::size_t word = null_word_length(rest);
    const bool is_inside =
        !has_key || is_on_line_of_key(mark) ||
        mark.column >= static_cast<int>(frames_.back().key_place.column);  // deeper than the key
    if (word > 0 && is_inside) {
      const Place there = source_.place(at, word);
      report("E109", there, "null is not a value here", "leave the key out, or give it a value");
      return there;
    }
    if (!has_key) {
      if (frames_.empty()) {
        const Place there = source_.place(0, 1);
        report("E109", there, "the file holds nothing");
        return there;
      }
      const Place there = source_.place(source_.find_last_of("-,[", at), 1);
      report("E109", there, "a list item has no value");
      return there;
    }
    const Place& key = frames_.back().key_place;
    const std::string_view after =
        source_.rest_of_line(frames_.back().key_offset + frames_.back().key.size());
    const std::size_t value = after.find_first_not_of(": ");
    const bool is_comment = value != std::string_view::npos && after[value] == '#';
    report("E109", key, "'" + frames_.back().key + "' has no value",
           is_comment ? "the '#' starts a comment; quote a text that begins with it" : "");
    return key;
  }

  // The end of a plain scalar: its words, found again in the source, whatever was folded between them.
  [[nodiscard]] std::size_t plain_end(std::size_t at, std::string_view value) const {
    const std::string_view text = source_.text();
    std::size_t end = at;
    for (const char c : value) {
      if (c == ' ' || c == '\n' || c == '\t') continue;
      while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t')) ++at;
      if (at >= text.size() || text[at] != c) return end;
      end = ++at;
    }
    return end;
  }

  void check_plain_value(TreeNode& node, std::size_t end) {
    if (has_leading_zero(node.text)) {
      std::string fixed = node.text;
      while (has_leading_zero(fixed)) fixed.erase(fixed.find('0'), 1);
      report("E107", node.place, "the number '" + node.text + "' has a leading zero",
             "write " + fixed + ", or quote it if it is text");
      node.kind = NodeKind::null;
      return;
    }
    const std::string_view rest = source_.rest_of_line(end);
    const std::size_t hash = rest.find_first_not_of(' ');
    if (hash == 0 || hash == std::string_view::npos || rest[hash] != '#') return;
    if (hash + 1 >= rest.size() || rest[hash + 1] == ' ' || rest[hash + 1] == '#' || rest[hash + 1] == '\t')
      return;
    report("W106", source_.place(end + hash, source_.code_points_on_line(end + hash, end + rest.size())),
           "the value ends before this '#', which starts a comment",
           "quote the value, or put a space after the '#' of a comment");
  }

  void count_node() {
    if (++nodes_ <= limits_.max_nodes) return;
    findings_.add("E110", source_.place(0, 1),
                  "the file has more than " + std::to_string(limits_.max_nodes) + " values");
    throw Stop{};
  }

  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag) {
    count_node();
    refuse_tag(mark, tag);
    if (frames_.size() >= limits_.max_depth) {
      findings_.add("E110", place(mark, 1),
                    "more than " + std::to_string(limits_.max_depth) + " levels deep");
      throw Stop{};
    }
    Frame frame;
    frame.is_key = expects_key();
    if (frame.is_key) {
      const std::string_view rest = source_.rest_of_line(source_.offset(mark.line, mark.column));
      const std::size_t brace = source_.offset(mark.line, mark.column);
      const bool is_template = rest.front() == '{' && brace > 0 && (source_.text()[brace - 1] == '{');
      report("E101", place(mark, 1), "a key must be text",
             is_template ? "quote a text that holds '{{'" : "quote it if it is text");
    }
    open_keys_ += frame.is_key ? 1 : 0;
    frame.node.kind = kind;
    frame.node.place = place(mark, 1);
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame done = std::move(frames_.back());
    frames_.pop_back();
    if (done.is_key) {
      --open_keys_;
      frames_.back().has_key = true;
      frames_.back().drop = true;
      frames_.back().refused_key = true;
      return;
    }
    // With nothing left of it, nothing more is to be said about it.
    if (done.refused_key && done.node.members.empty()) done.node.kind = NodeKind::null;
    attach(std::move(done.node));
  }

  void add_scalar(TreeNode node, const YAML::Mark& mark) {
    count_node();
    if (!expects_key()) return attach(std::move(node));
    frames_.back().key_offset = source_.offset(mark.line, mark.column);
    take_key(frames_.back(), node);
  }

  void take_key(Frame& frame, TreeNode& node) {
    frame.has_key = true;
    frame.drop = node.kind != NodeKind::scalar;
    frame.key = std::move(node.text);
    frame.key_place = node.place;
    if (frame.drop) return;
    if (frame.key == "<<" && !node.quoted) {
      report("E105", node.place, "merge keys are not used here", "write the members out");
      frame.drop = true;
      return;
    }
    const auto [first, is_new] = frame.first_lines.emplace(frame.key, node.place.line);
    if (!is_new) {
      report("E103", node.place,
             "key '" + frame.key + "' occurs twice, in lines " + std::to_string(first->second) + " and " +
                 std::to_string(node.place.line),
             "keep one of them");
      frame.drop = true;
    }
  }

  void attach(TreeNode node) {
    if (frames_.empty()) {
      root_ = std::make_unique<TreeNode>(std::move(node));
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == NodeKind::sequence) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (!frame.drop) frame.node.members.push_back({frame.key, frame.key_place, std::move(node)});
    frame.has_key = false;
    frame.drop = false;
  }

  const SourceText& source_;
  Findings& findings_;
  const TreeLimits limits_;
  std::vector<Frame> frames_;
  std::unique_ptr<TreeNode> root_;
  std::size_t nodes_ = 0;
  std::size_t open_keys_ = 0;  // refused keys around the current node
  int documents_ = 0;
};

void report_exception(const YAML::Exception& error, const SourceText& source, const TreeBuilder& builder,
                      Findings& findings) {
  const int line = std::max(error.mark.line, 0);
  const std::size_t at = source.offset(line, std::max(error.mark.column, 0));
  Place there = source.place(at, 1);
  const YamlProblem problem =
      explain_yaml_error(error.msg, source.line(there.line - 1), source.rest_of_line(at));
  // yaml-cpp notices an open bracket where the file ends or the next key begins.
  if (problem.is_unclosed && builder.innermost_open() != nullptr) there = *builder.innermost_open();
  findings.add(problem.code, there, problem.message, problem.hint);
}

}  // namespace

const TreeNode* TreeNode::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::unique_ptr<TreeNode> read_tree(const std::string& file, std::string_view text, Findings& findings,
                                    const TreeLimits& limits) {
  const std::optional<SourceText> source = SourceText::read(file, text, limits.max_bytes, findings);
  if (!source) return nullptr;

  TreeBuilder builder(*source, findings, limits);
  try {
    std::istringstream stream{std::string(source->text())};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      findings.add("E109", source->place(0, 1), "the file holds nothing");
      return nullptr;
    }
    parser.HandleNextDocument(builder);
  } catch (const Stop&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    report_exception(error, *source, builder, findings);
    return nullptr;
  } catch (
      const std::exception& error) {  // yaml-cpp lets std::out_of_range and the like through on odd input
    findings.add("E101", source->place(0, 1), std::string("the text is not YAML: ") + error.what());
    return nullptr;
  }
  return builder.take_root();
}

}  // namespace proactive::config
