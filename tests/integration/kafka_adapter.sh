#!/usr/bin/env bash
# The Kafka adapters against a real broker: transactions, fencing, rewinding, restore (kafka_adapter_test.cpp).
#
#   kafka_adapter.sh BINARY PORT_BASE
set -euo pipefail
PROACTIVED_TEST_BROKERS=127.0.0.1:$2 exec "$(dirname "$1")/tests/integration_kafka"
