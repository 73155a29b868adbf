"""The few calls of librdkafka that the tests need, by ctypes: the library is on every machine that builds the daemon.

A test that asks a broker through the JVM's tools waits seconds for each answer; this takes milliseconds, and it knows
partitions and offsets, which a failing test has to print.
"""

import collections
import ctypes
import time
from ctypes import POINTER, Structure, Union, byref, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint8, c_void_p

lib = ctypes.CDLL("librdkafka.so.1")

PRODUCER, CONSUMER = 0, 1
EOF, NO_ERROR, QUEUE_FULL = -191, 0, -184
END = 0
TOPIC, PARTITION, VALUE, KEY, FLAGS, TIMESTAMP = 1, 3, 4, 5, 7, 8
COPY, BLOCK = 2, 4
NO_OFFSET = -1001

Record = collections.namedtuple("Record", "partition offset key value")


class Message(Structure):
    _fields_ = [("err", c_int), ("topic", c_void_p), ("partition", c_int32), ("payload", c_void_p), ("len", c_size_t),
                ("key", c_void_p), ("key_len", c_size_t), ("offset", c_int64), ("private", c_void_p)]  # fmt: skip


class Place(Structure):
    _fields_ = [("topic", c_char_p), ("partition", c_int32), ("offset", c_int64), ("metadata", c_void_p),
                ("metadata_size", c_size_t), ("opaque", c_void_p), ("err", c_int), ("private", c_void_p)]  # fmt: skip


class Places(Structure):
    _fields_ = [("count", c_int), ("size", c_int), ("places", POINTER(Place))]


class Memory(Structure):
    _fields_ = [("bytes", c_char_p), ("size", c_size_t)]


class Value(Union):
    _fields_ = [("text", c_char_p), ("int", c_int), ("int32", c_int32), ("int64", c_int64), ("memory", Memory),
                ("padding", c_uint8 * 64)]  # fmt: skip


class Argument(Structure):
    _fields_ = [("kind", c_int), ("value", Value)]


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments


declare("rd_kafka_conf_new", c_void_p)
declare("rd_kafka_conf_set", c_int, c_void_p, c_char_p, c_char_p, c_char_p, c_size_t)
declare("rd_kafka_new", c_void_p, c_int, c_void_p, c_char_p, c_size_t)
declare("rd_kafka_destroy_flags", None, c_void_p, c_int)
declare("rd_kafka_err2str", c_char_p, c_int)
declare("rd_kafka_error_string", c_char_p, c_void_p)
declare("rd_kafka_error_code", c_int, c_void_p)
declare("rd_kafka_error_destroy", None, c_void_p)
declare("rd_kafka_topic_partition_list_new", POINTER(Places), c_int)
declare("rd_kafka_topic_partition_list_add", POINTER(Place), POINTER(Places), c_char_p, c_int32)
declare("rd_kafka_topic_partition_list_destroy", None, POINTER(Places))
declare("rd_kafka_assign", c_int, c_void_p, POINTER(Places))
declare("rd_kafka_committed", c_int, c_void_p, POINTER(Places), c_int)
declare("rd_kafka_consumer_poll", POINTER(Message), c_void_p, c_int)
declare("rd_kafka_message_destroy", None, POINTER(Message))
declare("rd_kafka_query_watermark_offsets", c_int, c_void_p, c_char_p, c_int32, POINTER(c_int64), POINTER(c_int64),
        c_int)  # fmt: skip
declare("rd_kafka_produceva", c_void_p, c_void_p, POINTER(Argument), c_size_t)
declare("rd_kafka_poll", c_int, c_void_p, c_int)
declare("rd_kafka_flush", c_int, c_void_p, c_int)
declare("rd_kafka_init_transactions", c_void_p, c_void_p, c_int)
declare("rd_kafka_begin_transaction", c_void_p, c_void_p)
declare("rd_kafka_abort_transaction", c_void_p, c_void_p, c_int)


class KafkaError(Exception):
    pass


def text_of(code):
    return lib.rd_kafka_err2str(code).decode()


def require(error, what):
    """For calls that answer with an error object, or with none."""
    if error:
        text = lib.rd_kafka_error_string(error).decode()
        lib.rd_kafka_error_destroy(error)
        raise KafkaError(f"{what}: {text}")


class Client:
    def __init__(self, kind, brokers, **settings):
        conf, why = lib.rd_kafka_conf_new(), ctypes.create_string_buffer(512)
        settings |= {"bootstrap.servers": brokers, "log_level": "0", "allow.auto.create.topics": "false"}
        for name, value in settings.items():
            if lib.rd_kafka_conf_set(conf, name.replace("_", ".").encode() if name != "log_level" else b"log_level",
                                     str(value).encode(), why, 512):  # fmt: skip
                raise KafkaError(why.value.decode())
        self.handle = lib.rd_kafka_new(kind, conf, why, 512)
        if not self.handle:
            raise KafkaError(why.value.decode())

    def close(self):
        if self.handle:
            lib.rd_kafka_destroy_flags(self.handle, 0x8)  # no close of the consumer: it is no member of a group
            self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Reader(Client):
    """Reads whole topics and asks for offsets; it never joins a group and never commits."""

    def __init__(self, brokers, group="tests", isolation="read_committed"):
        super().__init__(CONSUMER, brokers, group_id=group, isolation_level=isolation, auto_offset_reset="error",
                         enable_auto_commit="false", enable_partition_eof="true",
                         fetch_wait_max_ms="50")  # fmt: skip

    def bounds(self, topic, partition, seconds=20):
        """Log start and end: the last stable offset for a reader of committed records, else the high watermark."""
        low, high = c_int64(), c_int64()
        deadline = time.monotonic() + seconds
        while True:
            code = lib.rd_kafka_query_watermark_offsets(self.handle, topic.encode(), partition, byref(low), byref(high),
                                                        5000)  # fmt: skip
            if code == NO_ERROR:
                return low.value, high.value
            if time.monotonic() > deadline:
                raise KafkaError(f"the bounds of {topic} partition {partition}: {text_of(code)}")

    def committed(self, topic, partitions, seconds=30):
        """The group's offsets by partition; None where it has none."""
        places = lib.rd_kafka_topic_partition_list_new(partitions)
        for partition in range(partitions):
            lib.rd_kafka_topic_partition_list_add(places, topic.encode(), partition)
        deadline = time.monotonic() + seconds
        try:
            while True:
                code = lib.rd_kafka_committed(self.handle, places, 5000)
                answers = [places.contents.places[i] for i in range(partitions)]
                code = code or next((place.err for place in answers if place.err), NO_ERROR)
                if code == NO_ERROR:
                    return {place.partition: place.offset if place.offset >= 0 else None for place in answers}
                if time.monotonic() > deadline:
                    raise KafkaError(f"the committed offsets of {topic}: {text_of(code)}")
        finally:
            lib.rd_kafka_topic_partition_list_destroy(places)

    def read(self, topic, partitions, seconds=60):
        """All records that a reader of this isolation sees, up to the ends as of now."""
        ends = {partition: self.bounds(topic, partition) for partition in range(partitions)}
        left = {partition for partition, (low, high) in ends.items() if low < high}
        places = lib.rd_kafka_topic_partition_list_new(partitions)
        for partition in left:
            place = lib.rd_kafka_topic_partition_list_add(places, topic.encode(), partition)
            place.contents.offset = ends[partition][0]
        code = lib.rd_kafka_assign(self.handle, places)
        lib.rd_kafka_topic_partition_list_destroy(places)
        if code:
            raise KafkaError(f"cannot read {topic}: {text_of(code)}")
        found, deadline = [], time.monotonic() + seconds
        while left:
            if time.monotonic() > deadline:
                raise KafkaError(f"{topic}: partitions {sorted(left)} were not read to their ends in {seconds} s")
            message = lib.rd_kafka_consumer_poll(self.handle, 200)
            if not message:
                continue
            one = message.contents
            if one.err == EOF:
                left.discard(one.partition)
            elif one.err == NO_ERROR:
                key = ctypes.string_at(one.key, one.key_len) if one.key else b""
                value = ctypes.string_at(one.payload, one.len) if one.payload else None
                found.append(Record(one.partition, one.offset, key, value))
            lib.rd_kafka_message_destroy(message)
        lib.rd_kafka_assign(self.handle, None)
        return found


class Writer(Client):
    """Keys go where the daemon expects them (murmur2). Idempotent: a broker that dies makes no record twice."""

    def __init__(self, brokers, **more):
        super().__init__(PRODUCER, brokers, enable_idempotence="true", partitioner="murmur2_random", linger_ms="5",
                         compression_codec="lz4", message_timeout_ms=more.pop("message_timeout_ms", "120000"),
                         queue_buffering_max_messages="100000", **more)  # fmt: skip
        self.arguments = (Argument * 6)()
        for at, kind in enumerate((TOPIC, PARTITION, VALUE, KEY, TIMESTAMP, FLAGS)):
            self.arguments[at].kind = kind
        self.arguments[5].value.int = COPY

    def write(self, topic, key, value, milliseconds=0, partition=-1):
        topic_, partition_, value_, key_, time_, _ = self.arguments
        topic_.value.text = topic.encode()
        partition_.value.int32 = partition
        value_.value.memory = Memory(value, len(value))
        key_.value.memory = Memory(key, len(key))
        time_.value.int64 = milliseconds
        while True:
            error = lib.rd_kafka_produceva(self.handle, self.arguments, 6)
            if not error:
                return
            if lib.rd_kafka_error_code(error) != QUEUE_FULL:
                require(error, f"cannot write to {topic}")
            lib.rd_kafka_error_destroy(error)
            lib.rd_kafka_poll(self.handle, 50)

    def poll(self):
        lib.rd_kafka_poll(self.handle, 0)

    def flush(self, seconds=120):
        code = lib.rd_kafka_flush(self.handle, int(seconds * 1000))
        if code:
            raise KafkaError(f"not all records were written: {text_of(code)}")


class OpenTransaction(Writer):
    """A transaction that stays open in these partitions until it is given up; nobody reads committed records past it."""

    def __init__(self, brokers, name, topic, partitions):
        super().__init__(brokers, transactional_id=name, transaction_timeout_ms="120000", message_timeout_ms="60000")
        require(lib.rd_kafka_init_transactions(self.handle, 30000), "init_transactions")
        require(lib.rd_kafka_begin_transaction(self.handle), "begin_transaction")
        for partition in range(partitions):
            self.write(topic, b"chaos", b"never visible", partition=partition)
        self.flush()

    def give_up(self):
        require(lib.rd_kafka_abort_transaction(self.handle, 30000), "abort_transaction")
        self.close()
