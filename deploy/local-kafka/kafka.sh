#!/usr/bin/env bash
# A single-node Apache Kafka (KRaft) on loopback, for tests and for trying things out. Never for production.
#
# It runs from the Maven artifacts that pom.xml pins: no archive to unpack, no container, no root.
# One data folder belongs to one port base; several brokers with different ones run side by side.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
libs=${PROACTIVED_KAFKA_LIBS:-$root/build/kafka/libs}

usage() {
  cat <<'TEXT'
Usage: deploy/local-kafka/kafka.sh VERB [--port-base N] [--data DIR] [ARGUMENTS]

  up        fetch the jars once, format on first use, start, wait until the broker answers; no-op if it runs
  down      stop the broker in an orderly way; its data stays
  reset     down, delete the data, up
  restart   down, then up, on the same data
  kill9     kill the broker at once with SIGKILL; its data stays
  status    say whether the broker answers; exit 0 if it does, 1 if not
  fetch     only fetch the jars
  topics [NAME]    describe all topics, or one
  create NAME PARTITIONS [KEY=VALUE ...]   create a topic with these settings
  consume NAME [ARGUMENTS]    print a topic from the beginning, committed records only, until it is silent for 5 s
  tool CLASS [ARGUMENTS]      run any class of the Kafka tools; @bootstrap stands for the broker's address

  --port-base N    broker on 127.0.0.1:N, controller on N+1 (default 19092)
  --data DIR       data, log and pid file (default build/kafka/N)

A file extra.properties in the data folder is read behind the broker's own settings at the next start; reset deletes it.

Topics are not created by writing to them; `proactived check --environment --create-topics` creates what a
configuration needs. Records never expire, because simulated ones carry the time of their event.
TEXT
}

die() {
  echo "kafka.sh: $*" >&2
  exit 1
}

# ---- Java and the jars -------------------------------------------------------------------------------------------

java_version() { "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1; }

find_java() {
  local candidate version
  for candidate in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java || true)" \
    /usr/lib/jvm/java-17-openjdk-*/bin/java; do
    [ -x "$candidate" ] || continue
    version=$(java_version "$candidate")
    if [ "${version:-0}" -ge 17 ]; then
      echo "$candidate"
      return
    fi
  done
  die "no Java 17 or newer found (looked at JAVA_HOME, PATH and /usr/lib/jvm)." \
    "Install it with: deploy/dependencies.sh kafka"
}

# The jars are complete exactly if the stamp holds the checksum of this pom.xml.
fetch() {
  local want
  want=$(sha256sum <"$here/pom.xml")
  if [ "$(cat "$libs/pom.sha256" 2>/dev/null)" = "$want" ]; then return; fi
  command -v mvn >/dev/null || die "no Maven found, and the jars are not in $libs yet." \
    "Install it with: deploy/dependencies.sh kafka"
  mkdir -p "$(dirname "$libs")"
  (
    flock 9
    if [ "$(cat "$libs/pom.sha256" 2>/dev/null)" = "$want" ]; then exit 0; fi
    echo "fetching the Kafka jars with Maven into $libs" >&2
    rm -rf "$libs.part"
    mvn -q -B -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$libs.part" >&2 ||
      die "Maven could not fetch the Kafka jars; see its messages above"
    echo "$want" >"$libs.part/pom.sha256"
    rm -rf "$libs"
    mv "$libs.part" "$libs"
  ) 9>"$libs.lock"
}

run_class() {  # CLASS ARGUMENTS: a short-lived tool
  "$java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$here/log4j2-tools.xml" \
    -cp "$libs/*" "$@"
}

# ---- the broker --------------------------------------------------------------------------------------------------

# Is the process of the pid file ours? A pid may have been given to another process since.
broker_pid() {
  local pid
  pid=$(cat "$data/pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$data/server.properties" || return 1
  echo "$pid"
}

# A Metadata request (key 3, version 1, no topics) and the head of its answer: length, correlation id 7, number of
# brokers. A broker answers only once the controller has let it in, so one broker in the answer means ready.
answers() {
  local reply
  reply=$(
    exec 2>/dev/null 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
    printf '\0\0\0\x10\0\x03\0\x01\0\0\0\x07\0\x02up\0\0\0\0' >&3
    timeout 2 head -c 12 <&3 | od -An -tx1 | tr -d ' \n'
  ) || return 1
  [ "${reply:8}" = 0000000700000001 ]
}

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

write_properties() {
  cat >"$data/server.properties" <<TEXT
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$data/logs

# One node: every internal topic has one replica, and few partitions so that start and failover are quick.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1

auto.create.topics.enable=false
# Simulated records carry event time as timestamp; by age they would be deleted at once.
log.retention.ms=-1

# A group forms at once; tests may use short sessions; a transaction past its timeout is aborted within a second.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
# After SIGKILL a new incarnation is let in when the session of the old one is over.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500

num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=33554432
TEXT
  if [ -f "$data/extra.properties" ]; then cat "$data/extra.properties" >>"$data/server.properties"; fi
}

up() {
  if broker_pid >/dev/null && answers; then
    echo "Kafka runs on 127.0.0.1:$port (pid $(broker_pid))"
    return
  fi
  java=$(find_java)
  fetch
  mkdir -p "$data"
  (
    flock 9
    if ! broker_pid >/dev/null; then
      local wanted
      for wanted in "$port" "$((port + 1))"; do
        if port_taken "$wanted"; then
          die "port $wanted is in use by another program; choose another with --port-base N"
        fi
      done
      write_properties
      if [ ! -f "$data/logs/meta.properties" ]; then
        run_class kafka.tools.StorageTool format --ignore-formatted --cluster-id proactived-local-kafkA \
          --config "$data/server.properties" >"$data/format.log" 2>&1 ||
          { cat "$data/format.log" >&2; die "the data folder $data could not be formatted"; }
      fi
      # The broker gets its own session, so that Ctrl-C at a test does not reach it, and no lock of ours.
      setsid "$java" -Xms256m -Xmx512m -XX:+UseSerialGC -Djava.awt.headless=true \
        -Dlog4j2.configurationFile="$here/log4j2.xml" -cp "$libs/*" kafka.Kafka "$data/server.properties" \
        </dev/null >>"$data/broker.log" 2>&1 9>&- &
      echo $! >"$data/pid"
    fi
  ) 9>"$data/lock"

  local deadline=$((SECONDS + 60))
  until answers; do
    # Not broker_pid: on a busy machine the child may not yet have become java.
    if ! kill -0 "$(cat "$data/pid")" 2>/dev/null; then
      tail -n 20 "$data/broker.log" >&2
      die "the broker ended while starting; its log is $data/broker.log"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      tail -n 20 "$data/broker.log" >&2
      die "the broker does not answer after 60 s; its log is $data/broker.log"
    fi
    sleep 0.1
  done
  echo "Kafka runs on 127.0.0.1:$port (pid $(broker_pid), log $data/broker.log)"
}

end_broker() {  # SIGNAL
  local pid waited=0
  if ! pid=$(broker_pid); then
    rm -f "$data/pid"
    echo "no Kafka of $data runs"
    return
  fi
  kill "-$1" "$pid" 2>/dev/null || true
  while broker_pid >/dev/null; do
    if [ "$waited" -ge 200 ]; then
      echo "the broker did not end within 20 s, killing it" >&2
      kill -KILL "$pid" 2>/dev/null || true
      waited=0
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
  rm -f "$data/pid"
  echo "Kafka on 127.0.0.1:$port ended"
}

reset() {
  end_broker TERM
  rm -rf "$data/logs" "$data/broker.log" "$data/format.log" "$data/server.properties" "$data/extra.properties"
  up
}

status() {
  if answers; then
    if broker_pid >/dev/null; then
      echo "Kafka runs on 127.0.0.1:$port (pid $(broker_pid), data $data)"
    else
      echo "a Kafka that is not of $data answers on 127.0.0.1:$port"
    fi
  else
    echo "no Kafka answers on 127.0.0.1:$port"
    return 1
  fi
}

tool() {
  local arguments=()
  local argument
  for argument in "$@"; do arguments+=("${argument//@bootstrap/127.0.0.1:$port}"); done
  java=$(find_java)
  fetch
  run_class "${arguments[@]}"
}

create() {
  [ $# -ge 2 ] || die "create needs a name and a number of partitions"
  local name=$1 partitions=$2 settings=() setting
  shift 2
  for setting in "$@"; do settings+=(--config "$setting"); done
  tool org.apache.kafka.tools.TopicCommand --bootstrap-server @bootstrap --create --if-not-exists \
    --topic "$name" --partitions "$partitions" "${settings[@]}"
}

consume() {
  [ $# -ge 1 ] || die "consume needs the name of a topic"
  local name=$1
  shift
  # The tool ends with an error when no record comes for the timeout; that is the end of the topic, not a fault.
  tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server @bootstrap --topic "$name" \
    --isolation-level read_committed --from-beginning --timeout-ms 5000 "$@" \
    2> >(grep -v -e TimeoutException -e 'Error processing message, terminating' -e '^Processed a total of' \
      -e KIP-848 >&2)
}

# ---- command line ------------------------------------------------------------------------------------------------

verb=${1:-}
[ $# -gt 0 ] && shift
port=19092
data=
rest=()
while [ $# -gt 0 ]; do
  case $1 in
    --port-base) port=${2:?--port-base needs a number}; shift 2 ;;
    --data) data=${2:?--data needs a folder}; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) rest+=("$1"); shift ;;
  esac
done
case $port in *[!0-9]* | '') die "--port-base needs a number, not '$port'" ;; esac
data=$(realpath -m "${data:-$root/build/kafka/$port}")

case $verb in
  up | down | reset | restart | kill9 | status | fetch)
    [ ${#rest[@]} -eq 0 ] || die "$verb takes no argument '${rest[0]}'; see kafka.sh --help" ;;
esac
case $verb in
  up) up ;;
  down) end_broker TERM ;;
  reset) reset ;;
  restart) end_broker TERM; up ;;
  kill9) end_broker KILL ;;
  status) status ;;
  fetch) find_java >/dev/null; fetch ;;
  topics) tool org.apache.kafka.tools.TopicCommand --bootstrap-server @bootstrap --describe \
    ${rest[0]:+--topic "${rest[0]}"} ;;
  create) create "${rest[@]}" ;;
  consume) consume "${rest[@]}" ;;
  tool) tool "${rest[@]}" ;;
  -h | --help | help) usage ;;
  '') usage >&2; exit 64 ;;
  *) echo "kafka.sh: unknown verb '$verb'" >&2; usage >&2; exit 64 ;;
esac
