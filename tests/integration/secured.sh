#!/usr/bin/env bash
# A broker with TLS and a login: what `check --environment`, `simulate --to-kafka` and `run` do there, and what they say when
# the password, the authority, the host name or the protocol is wrong.
set -euo pipefail
command -v openssl >/dev/null || { echo "no openssl here (deploy/dependencies.sh test)"; exit 77; }
source tests/integration/support/daemon.sh "$@"
secure=$free_port mutual=$((free_port + 1))
data=build/kafka/$port_base

# An authority, and a certificate for localhost alone.
authority() { # NAME
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$scratch/$1.key" -out "$scratch/$1.pem" 2>/dev/null
}
signed() { # NAME: by `own`, for localhost
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$scratch/$1.key" -out "$scratch/$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:localhost\n' >"$scratch/san"
  openssl x509 -req -days 2 -in "$scratch/$1.csr" -CA "$scratch/own.pem" -CAkey "$scratch/own.key" -CAcreateserial \
    -extfile "$scratch/san" -out "$scratch/$1.crt" 2>/dev/null
}
authority own
authority other
signed broker
signed client
cat "$scratch/broker.key" "$scratch/broker.crt" >"$scratch/broker.pem"

cat >"$data/extra.properties" <<TEXT
listeners=PLAINTEXT://127.0.0.1:$port_base,CONTROLLER://127.0.0.1:$((port_base + 1)),SECURE://127.0.0.1:$secure,MUTUAL://127.0.0.1:$mutual
advertised.listeners=PLAINTEXT://127.0.0.1:$port_base,SECURE://localhost:$secure,MUTUAL://localhost:$mutual
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=$scratch/broker.pem
listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_proactived="right-password";
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.mutual.ssl.keystore.type=PEM
listener.name.mutual.ssl.keystore.location=$scratch/broker.pem
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location=$scratch/own.pem
listener.name.mutual.ssl.client.auth=required
TEXT
kafka restart >"$scratch/kafka.log" 2>&1 || { cat "$scratch/kafka.log"; exit 1; }
kafka tool kafka.admin.ConfigCommand --bootstrap-server @bootstrap --alter --entity-type users --entity-name proactived \
  --add-config 'SCRAM-SHA-512=[password=right-password]' >"$scratch/user.log" 2>&1 || { cat "$scratch/user.log"; exit 1; }

secret() { # FILE TEXT
  printf '%s\n' "$2" >"$scratch/$1"
  chmod 600 "$scratch/$1"
}
secret right right-password
secret wrong wrong-password
config() { # FILE BROKER SECURITY: one line of YAML for tls and sasl
  cat >"$scratch/$1" <<TEXT
version: 1
kafka:
  brokers: ["$2"]
  group: secured
  instance: one
  $3
  inputs:
    telemetry: {topic: telemetry.events, start: earliest, idle_after: never}
    profiles: {topic: customers.profiles}
rules: {signals: ["$PWD/rules/packs/signals.yaml"], packs: ["$PWD/rules/packs"]}
outreach: {enabled: true}
privacy: {id_key_file: "$scratch/id-key"}
http: {ops: {listen: "$ops"}}
TEXT
}
login() { # PASSWORD [MECHANISM]
  echo "sasl: {mechanism: ${2:-PLAIN}, username: proactived, password_file: \"$scratch/$1\"}"
}
trust() { echo "tls: {ca_file: \"$scratch/$1.pem\"}"; }
config good.yaml "localhost:$secure" "$(trust own)
  $(login right)"
config password.yaml "localhost:$secure" "$(trust own)
  $(login wrong)"
config authority.yaml "localhost:$secure" "$(trust other)
  $(login right)"
config host.yaml "127.0.0.1:$secure" "$(trust own)
  $(login right)"
config plain.yaml "localhost:$secure" ""
config scram.yaml "localhost:$secure" "$(trust own)
  $(login right SCRAM-SHA-512)"
config mutual.yaml "localhost:$mutual" \
  "tls: {ca_file: \"$scratch/own.pem\", cert_file: \"$scratch/client.crt\", key_file: \"$scratch/client.key\"}"
config no_certificate.yaml "localhost:$mutual" "$(trust own)"

"$binary" check --config "$scratch/good.yaml" --environment --create-topics --partitions 4 --replication 1
"$binary" simulate --seed 3 --customers 20 --days 7 --to-kafka --config "$scratch/good.yaml"
start "$scratch/daemon.log" "$binary" run --config "$scratch/good.yaml"
daemon=$started
wait_for 120 "the input to be read over TLS" has_read_all 4
records=$(metric proactived_kafka_records_total)
kill -TERM "$daemon"
wait "$daemon"
if [ "$records" -lt 1000 ]; then
  echo "only $records records were read"
  exit 1
fi
if grep -q right-password "$scratch/daemon.log"; then
  echo "the log shows the password"
  exit 1
fi

# What is refused is told in words that name the setting to look at, and soon.
refused() { # CONFIG WORDS
  local code=0
  timeout 60 "$binary" check --config "$scratch/$1.yaml" --environment >"$scratch/$1.log" 2>&1 || code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 124 ] && grep -qi -- "$2" "$scratch/$1.log"; then return; fi
  echo "check of $1: exit $code, and this without '$2':"
  cat "$scratch/$1.log"
  return 1
}
failed=0
"$binary" check --config "$scratch/mutual.yaml" --environment || failed=1
# librdkafka before 2.6.1 can't log in by SCRAM at brokers of Kafka 4, and the check says so.
timeout 60 "$binary" check --config "$scratch/scram.yaml" --environment >"$scratch/scram.log" 2>&1 ||
  refused scram 'librdkafka 2.6.1' || failed=1
refused no_certificate 'kafka.tls' || failed=1
refused password 'kafka.sasl' || failed=1
refused authority 'kafka.tls.ca_file' || failed=1
refused host 'verify_hostname' || failed=1
refused plain 'kafka.tls' || failed=1
echo "read $records records over TLS with a login"
exit "$failed"
