#include "daemon/io/partition_hash.h"

#include <doctest/doctest.h>

using namespace proactive::daemon;

TEST_CASE("murmur2 equals the values that Apache Kafka's own tests state") {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  CHECK(static_cast<std::int32_t>(murmur2("21")) == -973932308);
  CHECK(static_cast<std::int32_t>(murmur2("foobar")) == -790332482);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")) == -985981536);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")) == -1486304829);
  CHECK(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) == -58897971);
  CHECK(static_cast<std::int32_t>(murmur2("abc")) == 479470107);
}

TEST_CASE("crc32 and fnv1a equal their published check values") {
  CHECK(crc32("123456789") == 0xCBF43926);  // the check value of CRC-32/ISO-HDLC
  CHECK(crc32("") == 0);
  CHECK(fnv1a("") == 0x811c9dc5);  // draft-eastlake-fnv, 32 bit
  CHECK(fnv1a("a") == 0xe40c292c);
  CHECK(fnv1a("foobar") == 0xbf9cf968);
}

TEST_CASE("a negative hash places its key as the producers do") {
  CHECK(partition_of(Partitioner::murmur2, "21", 8) == ((-973932308 & 0x7fffffff) % 8));
  CHECK(partition_of(Partitioner::crc32, "123456789", 10) == static_cast<PartitionId>(0xCBF43926u % 10));
  CHECK(partition_of(Partitioner::fnv1a, "foobar", 10) ==
        static_cast<PartitionId>((0x100000000u - 0xbf9cf968u) % 10));
}

TEST_CASE("only the three words of the configuration name a partitioner") {
  CHECK(partitioner_from("murmur2") == Partitioner::murmur2);
  CHECK(partitioner_from("crc32") == Partitioner::crc32);
  CHECK(partitioner_from("fnv1a") == Partitioner::fnv1a);
  CHECK_FALSE(partitioner_from("random").has_value());
}
