// Records per second through the decoder, on one core: the used path (and the same without the flat reader), the path
// of signals that no rule uses, a CloudEvent, and a field mapping. The canonical record is about 180 bytes.
#include <benchmark/benchmark.h>

#include <string>

#include "daemon/codec/decode.h"

namespace proactive::daemon {
namespace {

const std::string kCanonical =
    R"({"event_id":"t-7f3a91c2","event_time":"2026-11-23T09:39:58.120Z","customer_id":"c_8f41c2",)"
    R"("signal":"api_request","value":41.5,"kind":"gauge","dims":{"region":"eu-1","status":200}})";
const std::string kUnused =
    R"({"event_id":"t-7f3a91c2","event_time":"2026-11-23T09:39:58.120Z","customer_id":"c_8f41c2",)"
    R"("signal":"page_viewed","value":41.5,"kind":"gauge","dims":{"region":"eu-1","status":200}})";
const std::string kStructured =
    R"({"specversion":"1.0","id":"t-7f3a91c2","source":"/app","type":"telemetry","time":"2026-11-23T09:39:58.120Z",)"
    R"("partitionkey":"c_8f41c2","data":{"signal":"api_request","value":41.5,"dims":{"region":"eu-1","status":200}}})";
const std::string kOwnShape =
    R"({"ts":1795426798,"account":{"id":8123441,"plan":"pro"},"metric":"api_request","reading":41.5,)"
    R"("tags":{"region":"eu-1","code":200},"host":"web-17","agent":"collector/2.4"})";

rules::RuleSet one_signal() {
  rules::RuleSet rules;
  rules.event_types = {"api_request"};
  rules.type_by_name = {{"api_request", rules::TypeIndex{0}}};
  return rules;
}

void run(benchmark::State& state, const std::string& value, config::InputShape shape,
         config::FieldMapping mapping, bool flat = true) {
  const rules::RuleSet rules = one_signal();
  Decoder decoder(shape, std::move(mapping), DecodeLimits{});
  decoder.use_rules(&rules);
  decoder.use_flat_reader(flat);
  InputRecord record;
  record.appended_at = *parse_rfc3339("2026-11-23T09:40:00Z");
  record.value = value;
  if (!decoder.decode(record)) state.SkipWithError("the record is refused");
  for (auto _ : state) {
    auto event = decoder.decode(record);
    benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(value.size()));
}

void canonical(benchmark::State& state) { run(state, kCanonical, config::InputShape::canonical, {}); }
void canonical_indexed(benchmark::State& state) {
  run(state, kCanonical, config::InputShape::canonical, {}, false);
}
void unused_signal(benchmark::State& state) { run(state, kUnused, config::InputShape::canonical, {}); }
void structured_cloud_event(benchmark::State& state) {
  run(state, kStructured, config::InputShape::canonical, {});
}
void field_mapping(benchmark::State& state) {
  config::FieldMapping mapping;
  mapping.fields["event_time"] = {"/ts", {}};
  mapping.fields["customer_id"] = {"/account/id", {}};
  mapping.fields["signal"] = {"/metric", {}};
  mapping.fields["value"] = {"/reading", {}};
  mapping.dims["region"] = {"/tags/region", {}};
  mapping.dims["status"] = {"/tags/code", {}};
  run(state, kOwnShape, config::InputShape::fields, std::move(mapping));
}

BENCHMARK(canonical);
BENCHMARK(canonical_indexed);
BENCHMARK(unused_signal);
BENCHMARK(structured_cloud_event);
BENCHMARK(field_mapping);

}  // namespace
}  // namespace proactive::daemon

BENCHMARK_MAIN();
