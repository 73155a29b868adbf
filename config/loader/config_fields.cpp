#include "config/loader/config_fields.h"

namespace proactive::config {
namespace {

// One field, one row of thought: the tables keep their own line breaks.
// clang-format off

using K = FieldKind;
using N = Need;

constexpr double kKiB = 1024;
constexpr double kMiB = 1024 * kKiB;
constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;
constexpr double kMaxTopic = 249;  // Kafka's own limit
constexpr double kMaxText = 4096;

constexpr std::string_view kStarts[] = {"earliest", "latest"};
constexpr std::string_view kLate[] = {"drop", "dlq"};
constexpr std::string_view kShapes[] = {"canonical", "fields"};
constexpr std::string_view kLaterShapes[] = {"otlp", "segment"};
constexpr std::string_view kPartitioners[] = {"murmur2", "crc32", "fnv1a"};
constexpr std::string_view kMechanisms[] = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI"};
constexpr std::string_view kOnLimit[] = {"stop", "continue"};
constexpr std::string_view kOnLostInput[] = {"refuse", "skip"};
constexpr std::string_view kLogLevels[] = {"error", "warn", "info", "debug"};
constexpr std::string_view kLogFormats[] = {"auto", "logfmt", "json"};

// ---- kafka ----

constexpr Field kCommitFields[] = {
    {.key = "interval", .kind = K::duration, .default_text = "500ms", .lo = 0.01, .hi = kMinute,
     .doc = "Longest time between commits; plus the 10s message timeout it must be under the 15s transaction timeout."},
    {.key = "outreach_delay", .kind = K::duration, .default_text = "5ms", .lo = 0, .hi = 5,
     .doc = "How long an outreach event or decision may wait for the commit that makes it visible."},
    {.key = "max_records", .kind = K::integer, .default_text = "50000", .lo = 1, .hi = 1'000'000,
     .doc = "Records after which a lane commits, whatever the time."},
    {.key = "checkpoint_age", .kind = K::duration, .default_text = "20s", .lo = 0, .hi = 10 * kMinute,
     .doc = "How long learnt state may wait to be written to the changelog; a start after a crash reads as much input again. 0s: each commit writes all that it changed."},
};
constexpr FieldTable kCommit{"kafka.commit", kCommitFields};

constexpr Field kTlsFields[] = {
    {.key = "ca_file", .kind = K::path, .lo = 1, .hi = kMaxText,
     .doc = "Certificates that sign the brokers' ones; absent: those of the system.",
     .example = "/etc/ssl/certs/ca-certificates.crt"},
    {.key = "cert_file", .kind = K::path, .lo = 1, .hi = kMaxText,
     .doc = "Own certificate, for mutual TLS; goes with key_file.", .example = "client.pem"},
    {.key = "key_file", .kind = K::path, .lo = 1, .hi = kMaxText,
     .doc = "Own private key, for mutual TLS; goes with cert_file.", .example = "client.key"},
    {.key = "key_password_file", .kind = K::secret, .lo = 1, .hi = kMaxText,
     .doc = "File that holds the password of key_file.", .example = "client-key-password"},
    {.key = "verify_hostname", .kind = K::boolean, .default_text = "true",
     .doc = "Whether a broker's certificate must carry the broker's host name."},
};
constexpr FieldTable kTls{"kafka.tls", kTlsFields};

constexpr Field kSaslFields[] = {
    {.key = "mechanism", .kind = K::choice, .need = N::required, .choices = kMechanisms,
     .doc = "How the daemon logs in.", .example = "SCRAM-SHA-512"},
    {.key = "username", .kind = K::text, .lo = 1, .hi = kMaxText,
     .doc = "Name to log in with; required by all mechanisms but GSSAPI.", .example = "proactived"},
    {.key = "password_file", .kind = K::secret, .lo = 1, .hi = kMaxText,
     .doc = "File that holds the password; required by all mechanisms but GSSAPI.", .example = "kafka-password"},
    {.key = "allow_plaintext_credentials", .kind = K::boolean, .default_text = "false",
     .doc = "Allows a login without TLS, where everybody on the network can read along."},
};
constexpr FieldTable kSasl{"kafka.sasl", kSaslFields};

constexpr Field kFieldsFields[] = {
    {.key = "event_time", .kind = K::source,
     .doc = "When it happened: RFC 3339 or epoch seconds or milliseconds; absent: the record's timestamp.",
     .example = "/ts"},
    {.key = "customer_id", .kind = K::source, .need = N::required, .doc = "Whose event it is.", .example = "/owner"},
    {.key = "signal", .kind = K::source, .need = N::required, .doc = "Name of the signal, as in the signal catalogue.",
     .example = "{const: machine}"},
    {.key = "value", .kind = K::source, .doc = "The number; absent only where kind is {const: event}.",
     .example = "/reading"},
    {.key = "event_id", .kind = K::source, .doc = "Identity, to drop duplicates; absent: a hash of the record.",
     .example = "/id"},
    {.key = "entity_type", .kind = K::source, .doc = "Type of the part of the customer that the event is about.",
     .example = "{const: device}"},
    {.key = "entity_id", .kind = K::source, .doc = "Identity of that part; absent: the customer.",
     .example = "/device/serial"},
    {.key = "unit", .kind = K::source, .doc = "Unit of the value.", .example = "{const: celsius}"},
    {.key = "kind", .kind = K::source, .doc = "gauge (if absent), delta, cumulative, count or event.",
     .example = "{const: gauge}"},
    {.key = "dims", .kind = K::sources, .doc = "Dimensions by name.", .example = "{region: /site/region}"},
};
constexpr FieldTable kFields{"kafka.inputs.telemetry.fields", kFieldsFields};

constexpr Field kTelemetryFields[] = {
    {.key = "topic", .kind = K::text, .default_text = "telemetry.events", .lo = 1, .hi = kMaxTopic,
     .doc = "Topic of the telemetry, keyed by customer id."},
    {.key = "start", .kind = K::choice, .default_text = "latest", .choices = kStarts,
     .doc = "Where a partition without committed offsets begins."},
    {.key = "lateness", .kind = K::duration, .default_text = "2m", .lo = 0, .hi = 7 * kDay,
     .doc = "How far behind the newest event of its partition an event may be and still count."},
    {.key = "late", .kind = K::choice, .default_text = "drop", .choices = kLate,
     .doc = "What happens to later ones: counted and dropped, or also written to the dead letter topic."},
    {.key = "idle_after", .kind = K::duration, .default_text = "30s", .word = "never", .lo = 1, .hi = kDay,
     .doc = "Silence after which wall time moves the watermark of an empty partition; never: only records do."},
    {.key = "shape", .kind = K::choice, .default_text = "canonical", .choices = kShapes,
     .later_choices = kLaterShapes,
     .doc = "Form of the records: the canonical JSON (also in a CloudEvent), or a team's own JSON read by `fields`."},
    {.key = "fields", .kind = K::mapping, .child = &kFields, .is_off_when_absent = true,
     .doc = "Where the canonical fields stand in a team's own JSON: a JSON Pointer or {const: text} each."},
};
constexpr FieldTable kTelemetry{"kafka.inputs.telemetry", kTelemetryFields};

constexpr Field kProfilesFields[] = {
    {.key = "topic", .kind = K::text, .default_text = "\"\"", .lo = 0, .hi = kMaxTopic,
     .doc = "Compacted topic of customer profiles, keyed by customer id; empty: no profiles.",
     .example = "customers.profiles"},
    {.key = "start", .kind = K::choice, .default_text = "earliest", .choices = kStarts,
     .doc = "Where a partition without committed offsets begins."},
    {.key = "bootstrap", .kind = K::boolean, .default_text = "true",
     .doc = "Whether a new partition reads all profiles before its first telemetry."},
};
constexpr FieldTable kProfiles{"kafka.inputs.profiles", kProfilesFields};

constexpr Field kInputsFields[] = {
    {.key = "telemetry", .kind = K::mapping, .child = &kTelemetry, .doc = "The events that rules watch."},
    {.key = "profiles", .kind = K::mapping, .child = &kProfiles,
     .doc = "What is known of each customer: plan, region, time zone."},
    {.key = "tickets", .kind = K::any, .need = N::later},
    {.key = "feedback", .kind = K::any, .need = N::later},
    {.key = "announcements", .kind = K::any, .need = N::later},
    {.key = "commands", .kind = K::any, .need = N::later},
};
constexpr FieldTable kInputs{"kafka.inputs", kInputsFields};

constexpr Field kOutputsFields[] = {
    {.key = "outreach", .kind = K::text, .default_text = "outreach.events", .lo = 1, .hi = kMaxTopic,
     .doc = "Topic of outreach events."},
    {.key = "decisions", .kind = K::text, .default_text = "outreach.decisions", .lo = 1, .hi = kMaxTopic,
     .doc = "Topic of decisions, each with its gates and reasons."},
    {.key = "changelog", .kind = K::text, .default_text = "proactived.changelog", .lo = 1, .hi = kMaxTopic,
     .doc = "Compacted topic that holds the state; as many partitions as the telemetry."},
    {.key = "incidents", .kind = K::any, .need = N::later},
    {.key = "pending", .kind = K::any, .need = N::later},
};
constexpr FieldTable kOutputs{"kafka.outputs", kOutputsFields};

constexpr Field kDlqFields[] = {
    {.key = "topic", .kind = K::text, .default_text = "proactived.dlq", .lo = 1, .hi = kMaxTopic,
     .doc = "Topic of records that could not be used, with their original bytes and the reason."},
    {.key = "max_consecutive", .kind = K::integer, .default_text = "100", .lo = 1, .hi = 1'000'000,
     .doc = "Bad records in a row after which a partition stops."},
    {.key = "max_ratio", .kind = K::number, .default_text = "0.2", .lo = 0, .hi = 1,
     .doc = "Ratio of bad records among the last 1000 after which a partition stops."},
    {.key = "on_limit", .kind = K::choice, .default_text = "stop", .choices = kOnLimit,
     .doc = "Whether such a partition stops, while the others go on, or continues."},
};
constexpr FieldTable kDlq{"kafka.dlq", kDlqFields};

constexpr Field kOverridesFields[] = {
    {.key = "consumer", .kind = K::text_map, .default_text = "{}",
     .doc = "Raw librdkafka settings of the consumers; what correctness depends on is refused.",
     .example = "{fetch.wait.max.ms: 50}"},
    {.key = "producer", .kind = K::text_map, .default_text = "{}",
     .doc = "Raw librdkafka settings of the producers; what correctness depends on is refused.",
     .example = "{compression.codec: zstd}"},
};
constexpr FieldTable kOverrides{"kafka.overrides", kOverridesFields};

constexpr Field kKafkaFields[] = {
    {.key = "brokers", .kind = K::texts, .default_text = "[]", .lo = 0, .hi = 64,
     .doc = "Brokers to begin with, each host:port; required by `run`.", .example = "[kafka-1:9092, kafka-2:9092]"},
    {.key = "group", .kind = K::text, .default_text = "proactived", .lo = 1, .hi = 200,
     .doc = "Consumer group, prefix of transactional ids, and part of the changelog's identity."},
    {.key = "instance", .kind = K::text, .default_text = "\"\"", .lo = 0, .hi = 200,
     .doc = "Stable and unique name of this process in the group, such as a host or pod name; required by `run`.",
     .example = "${HOSTNAME}"},
    {.key = "static_membership", .kind = K::boolean, .default_text = "true",
     .doc = "Whether a restart within the session timeout keeps its partitions."},
    {.key = "session_timeout", .kind = K::duration, .default_text = "12s", .lo = 6, .hi = 30 * kMinute,
     .doc = "Time after which the partitions of a lost process go to others."},
    {.key = "lanes", .kind = K::integer, .default_text = "auto", .word = "auto", .lo = 1, .hi = 64,
     .doc = "Threads that process partitions; auto: the usable cores, at most 8."},
    {.key = "memory_budget", .kind = K::size, .default_text = "auto", .word = "auto", .lo = 64 * kMiB, .hi = 1e15,
     .doc = "Memory for state and queues together; auto: 60% of the cgroup limit or of the RAM."},
    {.key = "commit", .kind = K::mapping, .child = &kCommit, .doc = "When a lane commits its transaction."},
    {.key = "partitioner", .kind = K::choice, .default_text = "murmur2", .choices = kPartitioners,
     .doc = "How the producers of the telemetry place keys: murmur2 (Java), crc32 (librdkafka) or fnv1a (Sarama)."},
    {.key = "tls", .kind = K::mapping, .child = &kTls, .is_off_when_absent = true,
     .doc = "Encryption; absent: none."},
    {.key = "sasl", .kind = K::mapping, .child = &kSasl, .is_off_when_absent = true, .doc = "Login; absent: none."},
    {.key = "inputs", .kind = K::mapping, .child = &kInputs, .doc = "Topics that are read."},
    {.key = "outputs", .kind = K::mapping, .child = &kOutputs, .doc = "Topics that are written."},
    {.key = "dlq", .kind = K::mapping, .child = &kDlq, .doc = "What happens to records that can't be used."},
    {.key = "on_lost_input", .kind = K::choice, .default_text = "refuse", .choices = kOnLostInput,
     .doc = "What to do when retention deleted input before it was read: refuse the partition, or skip and count."},
    {.key = "overrides", .kind = K::mapping, .child = &kOverrides, .doc = "Raw client settings."},
    {.key = "roles", .kind = K::any, .need = N::later},
};
constexpr FieldTable kKafka{"kafka", kKafkaFields};

// ---- the rest ----

constexpr Field kRulesFields[] = {
    {.key = "signals", .kind = K::paths, .default_text = "[]", .lo = 0, .hi = 1000,
     .doc = "Files of the signal catalogue.", .example = "[/etc/proactived/signals.yaml]"},
    {.key = "packs", .kind = K::paths, .default_text = "[]", .lo = 0, .hi = 1000,
     .doc = "Rule files, or directories of them.", .example = "[/etc/proactived/packs]"},
    {.key = "time_zone", .kind = K::text, .default_text = "Etc/UTC", .lo = 1, .hi = 64,
     .doc = "IANA time zone of customers whose profile names none."},
};
constexpr FieldTable kRules{"rules", kRulesFields};

constexpr Field kOutreachFields[] = {
    {.key = "enabled", .kind = K::boolean, .default_text = "false",
     .doc = "Kill switch: while false, decisions are written and nothing is sent."},
    {.key = "source_name", .kind = K::text, .default_text = "proactived", .lo = 1, .hi = 128,
     .doc = "Part of every outreach id: never change it once people act on outreach."},
    {.key = "source", .kind = K::text, .default_text = "urn:proactived:main", .lo = 1, .hi = 1024,
     .doc = "CloudEvents `source` of the events: the deployment, not the host."},
    {.key = "type_prefix", .kind = K::text, .default_text = "org.proactived", .lo = 1, .hi = 128,
     .doc = "Beginning of the CloudEvents `type`, a domain name in reverse."},
};
constexpr FieldTable kOutreach{"outreach", kOutreachFields};

constexpr Field kPrivacyFields[] = {
    {.key = "id_key_file", .kind = K::secret, .lo = 1, .hi = kMaxText,
     .doc = "File that holds the secret key of all ids and of customer ids in logs; required by `run`.",
     .example = "id-key"},
};
constexpr FieldTable kPrivacy{"privacy", kPrivacyFields};

constexpr Field kOpsFields[] = {
    {.key = "listen", .kind = K::text, .default_text = "\"127.0.0.1:9480\"", .lo = 1, .hi = 256,
     .doc = "Address and port of metrics and health; an IPv6 address stands in [brackets]."},
};
constexpr FieldTable kOps{"http.ops", kOpsFields};

constexpr Field kHttpFields[] = {
    {.key = "ops", .kind = K::mapping, .child = &kOps, .doc = "The listener of metrics and health."},
    {.key = "admin", .kind = K::any, .need = N::later},
};
constexpr FieldTable kHttp{"http", kHttpFields};

constexpr Field kLogFields[] = {
    {.key = "level", .kind = K::choice, .default_text = "info", .choices = kLogLevels,
     .doc = "The least important level that is written."},
    {.key = "format", .kind = K::choice, .default_text = "auto", .choices = kLogFormats,
     .doc = "Form of a line; auto: logfmt for the journal and a terminal, else JSON."},
};
constexpr FieldTable kLog{"log", kLogFields};

constexpr Field kWatchdogFields[] = {
    {.key = "lane_stall", .kind = K::duration, .default_text = "30s", .lo = 5, .hi = 10 * kMinute,
     .doc = "Time without progress of a lane after which the process counts as stuck."},
    {.key = "partition_stall", .kind = K::any, .need = N::later},
};
constexpr FieldTable kWatchdog{"watchdog", kWatchdogFields};

constexpr Field kShutdownFields[] = {
    {.key = "deadline", .kind = K::duration, .default_text = "25s", .lo = 1, .hi = 5 * kMinute,
     .doc = "Time for an orderly stop; past it the process ends, since the truth is in Kafka."},
};
constexpr FieldTable kShutdown{"shutdown", kShutdownFields};

constexpr Field kLimitsFields[] = {
    {.key = "record", .kind = K::size, .default_text = "1MiB", .lo = kKiB, .hi = 16 * kMiB,
     .doc = "Largest input record; larger ones go to the dead letter topic."},
    {.key = "entities", .kind = K::any, .need = N::later},
    {.key = "metric_series", .kind = K::any, .need = N::later},
};
constexpr FieldTable kLimits{"limits", kLimitsFields};

constexpr Field kRootFields[] = {
    {.key = "version", .kind = K::integer, .default_text = "1", .lo = 1, .hi = 1,
     .doc = "Version of this file's form."},
    {.key = "kafka", .kind = K::mapping, .child = &kKafka,
     .doc = "The connection, the topics and the transactions; may be absent for `replay`."},
    {.key = "rules", .kind = K::mapping, .child = &kRules, .doc = "Which rules run."},
    {.key = "outreach", .kind = K::mapping, .child = &kOutreach, .doc = "What is sent, and under which name."},
    {.key = "privacy", .kind = K::mapping, .child = &kPrivacy, .doc = "The key behind ids."},
    {.key = "http", .kind = K::mapping, .child = &kHttp, .doc = "What the daemon serves."},
    {.key = "log", .kind = K::mapping, .child = &kLog, .doc = "What goes to stderr."},
    {.key = "watchdog", .kind = K::mapping, .child = &kWatchdog, .doc = "When something counts as stuck."},
    {.key = "shutdown", .kind = K::mapping, .child = &kShutdown, .doc = "How the daemon stops."},
    {.key = "limits", .kind = K::mapping, .child = &kLimits, .doc = "Bounds on what comes in."},
};
constexpr FieldTable kRoot{"the configuration", kRootFields};

// clang-format on

}  // namespace

const FieldTable& config_table() { return kRoot; }

}  // namespace proactive::config
