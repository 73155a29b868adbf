#include "config/loader/config_tree.h"

#include <doctest/doctest.h>

namespace proactive::config {
namespace {

struct Read {
  Findings findings;
  std::unique_ptr<TreeNode> root;
};

Read read(std::string_view text, const TreeLimits& limits = {}) {
  Read result;
  result.root = read_tree("f.yaml", text, result.findings, limits);
  result.findings.sort();
  return result;
}

// "E103@2:1 W106@3:5"
std::string codes(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings.all()) {
    out += (out.empty() ? "" : " ") + finding.code + "@" + std::to_string(finding.place.line) + ":" +
           std::to_string(finding.place.column);
  }
  return out;
}

std::string codes(std::string_view text) { return codes(read(text).findings); }

}  // namespace

TEST_CASE("nodes keep their places, in code points, whatever the line ends and byte order mark") {
  for (const bool is_dos : {false, true}) {
    std::string text = is_dos ? "\xEF\xBB\xBF" : "";
    for (const char c : std::string("größe: {é: \"x\", b: [1, 2]}\nlist:\n  - 日本: drei Wörter\n")) {
      text += c == '\n' && is_dos ? "\r\n" : std::string(1, c);
    }
    const Read tree = read(text);
    REQUIRE(tree.root);
    CHECK(codes(tree.findings) == "");

    const TreeNode& size = tree.root->members[0].value;
    CHECK(tree.root->members[0].key == "größe");
    CHECK(tree.root->members[0].key_place.length == 5);
    CHECK(size.place.column == 8);
    CHECK(size.find("é")->place.column == 12);
    CHECK(size.find("é")->place.length == 3);  // with its quotes
    CHECK(size.find("é")->quoted);
    CHECK(size.find("b")->items[1].place.column == 24);
    const TreeNode& words = tree.root->find("list")->items[0].members[0].value;
    CHECK(words.place.line == 3);
    CHECK(words.place.column == 9);
    CHECK(words.place.length == 11);
    CHECK(!words.quoted);
  }
}

TEST_CASE("what yaml-cpp lets through is refused, each with its own code") {
  struct Row {
    const char* text;
    const char* codes;
  };
  const Row rows[] = {
      {"a: 1\nb: 2\na: 3\n", "E103@3:1"},           // node["a"] would silently be 1
      {"a: 1\n\"a\": 2\n", "E103@2:1"},             // quoted or not, one key
      {"a: {b: 1, b: 2}\n", "E103@1:11"},           // in flow style
      {"a: &x 1\n", "E105@1:4"},                    // anchor, never used
      {"a: &x\n  b: 1\n", "E105@1:4"},              // on a mapping
      {"a: &x [1]\nb: *x\n", "E105@1:4 E105@2:4"},  // alias
      {"a: *x\n", "E105@1:4"},                      // alias of nothing
      {"a: !!str 5\n", "E105@1:4"},                 // tag
      {"a: ! 5\n", "E105@1:4"},                     // looks like a quoted scalar to yaml-cpp
      {"a: !!map {b: 1}\n", "E105@1:4"},            // on a mapping
      {"a: \"! 5\"\n", ""},                         // text
      {"a: b!c&d*e\n", ""},                         // inside a text they are letters
      {"a:\n  <<: {b: 1}\n", "E105@2:3"},           // merge key
      {"a: 1\n---\nb: 1\n", "E104@2:1"},            // Load() would ignore it
      {"---\na: 1\n", ""},                          // a start marker alone is fine
      {"a: 1\n...\n", ""},                          // so is an end marker
      {"a: 010\n", "E107@1:4"},                     // 8 as int, 10 as double
      {"a: [-007, 00.5, 0.5, 0, 10]\n", "E107@1:5 E107@1:11"},
      {"a: \"010\"\n", ""},                    // quoted: text
      {"a: 08:30\n", ""},                      // a time of day is no number
      {"010: a\n", ""},                        // a key is text
      {"a: failed #3\n", "W106@1:11"},         // cut to `failed`
      {"a: failed # 3\n", ""},                 // a comment, by its space
      {"a: failed#3\n", ""},                   // no comment at all
      {"a: one\n  two #3\n", "W106@2:7"},      // on a folded line
      {"a: [x #y\n  ]\n", "W106@1:7"},         // inside brackets
      {"a:\nb: 1\n", "E109@1:1"},              // yaml-cpp marks the next token
      {"a:\n  b:\nc: 1\n", "E109@2:3"},        // at any depth
      {"a: 1\nb:\n", "E109@2:1"},              // at the end
      {"a: ~\n", "E109@1:4"},                  // null written out
      {"a:\n  null\n", "E109@2:3"},            // on its own line
      {"a:\nnull: 1\n", "E109@1:1 E101@2:1"},  // not the null of the line above
      {"a: [1, ]\nb: [ , 1]\n", "E109@2:4"},   // a trailing comma is fine
      {"- a\n-\n- c\n", "E109@2:1"},           // an empty item
      {"a: #3\n", "E109@1:1"},                 // a comment, not a value
      {"", "E109@1:1"},                        // nothing
      {"# nothing\n\n", "E109@1:1"},           // nothing but a comment
      {"? [a]\n: b\n", "E101@1:3"},            // a list as key
      {": b\n", "E101@1:1"},                   // no key
      {"a: {{ x }}\n", "E101@1:5"},            // a template without quotes
      {"a: \"x\nb: 1\n", "E101@1:4"},          // yaml-cpp closes the quote at the end of the file
      {"a: 'it''s\nb: 1\n", "E101@1:4"},
      {"'a: 1\n", "E101@1:1"},                 // a key likewise
      {"a: \"x\n  y\"\nb: 'it''s'\n", ""},     // closed, on another line
      {"\ta: 1\n", "E102@1:1"},                // tab
      {"a:\n  b: 1\n  \tc: 2\n", "E102@3:3"},  // after spaces
      {"a: 1\t# tab\n\t\nb: x\ty\n", ""},      // tabs that indent nothing
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(codes(row.text) == row.codes);
  }
}

TEST_CASE("the second of two equal keys is refused and the first one kept") {
  const Read tree = read("a: 1\nb: 2\na: 3\n");

  REQUIRE(tree.root);
  CHECK(tree.root->members.size() == 2);
  CHECK(tree.root->find("a")->text == "1");
  CHECK(tree.findings.all()[0].message == "key 'a' occurs twice, in lines 1 and 3");
}

TEST_CASE("text that is not YAML gets a hint by what stands there") {
  struct Row {
    const char* text;
    const char* hint;
  };
  const Row rows[] = {
      {"a: > 5\n", "write the number without '>', or quote the text"},
      {"a: %5\n", "quote a text that starts with '%'"},
      {"a: @x\n", "quote a text that starts with '@'"},
      {"a: `x`\n", "quote a text that starts with '`'"},
      {"a: *x\n", "write the value out, or quote a text that starts with '*'"},
      {"a: {x: 1\n", "close it, or quote a text that starts with it"},
      {"a: {{ x }}\n", "quote a text that holds '{{'"},
      {"a: ${b}: c\n", "quote a text that holds ': '"},
      {"a: [${b}]\n", "quote a '${...}' that stands inside brackets"},
      {"a: \"x\" y\n", "is the quote closed, with nothing after it?"},
      {"a: \"\\q\"\n", "in double quotes write '\\\\' for a backslash, or use single quotes"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Read tree = read(row.text);
    REQUIRE(tree.findings.all().size() == 1);
    CHECK(tree.findings.all()[0].suggestion == row.hint);
  }
}

TEST_CASE("bytes that are not text are refused before the parser sees them") {
  CHECK(codes(std::string_view("a: \xFF\n", 5)) == "E111@1:4");
  CHECK(codes("a: \xC0\xAF\n") == "E111@1:4");                  // overlong '/'
  CHECK(codes("a: \xED\xA0\x80\n") == "E111@1:4");              // half a surrogate pair
  CHECK(codes("a: \xF4\x90\x80\x80\n") == "E111@1:4");          // above U+10FFFF
  CHECK(codes("a: \xE6\x97\n") == "E111@1:4");                  // cut off
  CHECK(codes(std::string_view("a: \0b\n", 7)) == "E111@1:4");  // yaml-cpp would guess UTF-16
  CHECK(codes("a: 1\n\x04"
              "b: 2\n") == "E111@2:1");         // yaml-cpp takes it for the end of the file
  CHECK(codes("a: 1\rb: 2\n") == "E111@1:5");   // a line end of its own kind
  CHECK(codes("a: \xF0\x9F\x90\x8C\n") == "");  // four bytes, one snail
}

TEST_CASE("a file beyond the limits is refused at the limit, not after it") {
  TreeLimits limits;
  limits.max_bytes = 100;
  CHECK(codes(read("a: " + std::string(96, 'x') + "\n", limits).findings) == "");
  CHECK(codes(read("a: " + std::string(97, 'x') + "\n", limits).findings) == "E110@0:0");

  limits = {};
  limits.max_depth = 3;
  CHECK(codes(read("a: {b: [c]}\n", limits).findings) == "");
  CHECK(codes(read("a: {b: [[c]]}\n", limits).findings) == "E110@1:9");

  limits = {};
  limits.max_nodes = 6;  // the mapping, two keys, two lists and an item
  CHECK(codes(read("a: [x]\nb: []\n", limits).findings) == "");
  CHECK(codes(read("a: [x]\nb: [x]\n", limits).findings) == "E110@1:1");

  CHECK(read(std::string(2000, '[')).root == nullptr);
  CHECK(read("a: " + std::string(2000, '{')).root == nullptr);
}

TEST_CASE("a line of a megabyte costs as little as a thousand short ones") {
  // Work that grows with the square of the line would take minutes here, and the test's time limit would end it.
  std::string list = "[";
  for (int i = 0; i < 90'000; ++i) list += "\"ä\", ";
  const Read good = read("a: " + list + "]\n");
  REQUIRE(good.root);
  CHECK(good.root->find("a")->items.size() == 90'000);
  CHECK(good.root->find("a")->items.back().place.column == 5 + 5 * 89'999);

  std::string empties = "{";
  for (int i = 0; i < 40'000; ++i) empties += "k" + std::to_string(i) + ", ";
  const Read bad = read(empties + "}\n");
  CHECK(bad.findings.errors() == 40'000);
  CHECK(bad.findings.render_text().find("... and 39000 more findings") != std::string::npos);
}

}  // namespace proactive::config
