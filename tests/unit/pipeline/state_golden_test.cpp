// The bytes of each released schema: later builds must load them and write them again as they were.
// UPDATE_GOLDEN=1 rewrites the file; a diff of it is a change of format and needs a new schema or block version.
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "daemon/pipeline/state_blocks.h"
#include "models/base/state_record.h"
#include "tests/support/pipeline_world.h"

using namespace proactive;
using namespace proactive::test;

namespace {

const char* const kFile = "tests/data/state/1/pipeline.hex";

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// The whole state of one customer and the meta record, after six hours of the property tests' world.
std::map<std::string, std::string> small_state() {
  Driver driver(world_rules(), world_setup());
  for (const WorldRecord& record : make_world(3, 0, 6).records) {
    if (record.key == "c_1") driver.process(record);
  }
  driver.commit();
  std::map<std::string, std::string> state;
  for (const daemon::StateChange& change : driver.state()) state[change.key] = change.value;
  return state;
}

std::map<std::string, std::string> golden() {
  std::ifstream in(kFile);
  std::map<std::string, std::string> state;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    state[unhex(line.substr(0, space))] = unhex(line.substr(space + 1));
  }
  return state;
}

}  // namespace

TEST_CASE("schema 1: state is written as the golden bytes") {
  const auto state = small_state();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(kFile);
    out << "# key and value of each record, in hex\n";
    for (const auto& entry : state) out << hex(entry.first) << ' ' << hex(entry.second) << '\n';
  }
  REQUIRE(golden().size() > 5);
  CHECK(golden() == state);
}

TEST_CASE("schema 1: the golden bytes load, and are written again as they were") {
  daemon::Pipeline pipeline(0, world_rules(), world_setup());
  const auto bytes = golden();
  for (const auto& entry : bytes) REQUIRE(pipeline.load(entry.first, entry.second));
  REQUIRE(pipeline.finish_load());
  CHECK(pipeline.loaded_version().v == 1);
  CHECK(pipeline.loaded_group() == "proactived");
  CHECK(pipeline.counts().blocks_reset == 0);
  CHECK(pipeline.counts().orphans == 0);

  daemon::ChangeSet all;
  pipeline.dump(all);
  std::map<std::string, std::string> again;
  for (const daemon::StateChange& change : all.changes) again[change.key] = change.value;
  CHECK(again == bytes);
}

TEST_CASE("every record can be printed") {
  for (const auto& entry : golden()) {
    const auto text = daemon::describe_state_record(entry.first, entry.second);
    REQUIRE(text);
    CHECK(text->find("\"blocks\":[") != std::string::npos);
    CHECK(daemon::describe_state_record(entry.first, "")->find("\"tombstone\":true") != std::string::npos);
  }
}

TEST_CASE("a record of a newer schema refuses the partition and says what to do") {
  for (const auto& entry : golden()) {
    std::string newer = entry.second;
    newer[1] = 2;
    daemon::Pipeline pipeline(0, world_rules(), world_setup());
    const auto loaded = pipeline.load(entry.first, newer);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message.find("start the newer program") != std::string::npos);
  }
}

TEST_CASE("damaged records are errors or start cold, never a crash") {
  std::mt19937 rng(7);
  for (const auto& entry : golden()) {
    for (int i = 0; i < 200; ++i) {
      std::string damaged = entry.second;
      damaged[rng() % damaged.size()] = static_cast<char>(rng());
      if (i % 3 == 0) damaged.resize(rng() % damaged.size());
      daemon::Pipeline pipeline(0, world_rules(), world_setup());
      (void)pipeline.load(entry.first, damaged);
      (void)pipeline.finish_load();
    }
  }
}
