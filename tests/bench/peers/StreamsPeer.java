import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The job of the daemon in its simplest form, on Kafka Streams: JSON in, a moving average of each customer, an alert
 * out, exactly once. One thread. It does less than the daemon: one average of the latency (the other signals are
 * counted), no buckets, no late or doubled events, no time stamp read, no gates. It ends by SIGTERM.
 *
 * <p>StreamsPeer BROKERS APPLICATION INPUT ALERTS STATE_DIR memory|rocksdb COMMIT_MS CACHE_BYTES
 */
public final class StreamsPeer {
  private static final String STORE = "averages";

  public record Telemetry(String event_id, String event_time, String customer_id, String signal, double value) {}

  /** State of a customer: count, mean and variance of the latency, sum of the other signals; 32 bytes. */
  private static final class Averages implements Processor<String, byte[], String, byte[]> {
    private static final double ALPHA = 0.05;
    private static final ObjectReader READER =
        new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
            .readerFor(Telemetry.class);

    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;

    @Override
    public void init(ProcessorContext<String, byte[]> processorContext) {
      context = processorContext;
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
      final Telemetry event;
      try {
        event = READER.readValue(record.value());
      } catch (IOException broken) {
        return;
      }
      final byte[] known = store.get(event.customer_id());
      final ByteBuffer state = ByteBuffer.wrap(known == null ? new byte[32] : known.clone());
      if (event.signal().equals("api.latency_ms")) {
        final double count = state.getDouble(0);
        final double mean = state.getDouble(8);
        final double variance = state.getDouble(16);
        final double difference = event.value() - mean;
        if (count >= 5 && difference * difference > 36 * variance + 1) {
          final String alert =
              "{\"customer_id\":\"%s\",\"event_id\":\"%s\",\"value\":%s,\"expected\":%s}"
                  .formatted(event.customer_id(), event.event_id(), event.value(), mean);
          context.forward(record.withKey(event.customer_id()).withValue(alert.getBytes(StandardCharsets.UTF_8)));
        }
        final double weight = Math.max(ALPHA, 1 / (count + 1));
        state.putDouble(0, count + 1);
        state.putDouble(8, mean + weight * difference);
        state.putDouble(16, (1 - weight) * (variance + weight * difference * difference));
      } else {
        state.putDouble(24, state.getDouble(24) + event.value());
      }
      store.put(event.customer_id(), state.array());
    }
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> store(String kind, long cacheBytes) {
    final var supplier =
        kind.equals("memory") ? Stores.inMemoryKeyValueStore(STORE) : Stores.persistentKeyValueStore(STORE);
    final var builder = Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.ByteArray());
    return cacheBytes > 0 ? builder.withCachingEnabled() : builder;
  }

  public static void main(String[] arguments) {
    if (arguments.length != 8) {
      System.err.println("StreamsPeer BROKERS APPLICATION INPUT ALERTS STATE_DIR memory|rocksdb COMMIT_MS CACHE_BYTES");
      System.exit(64);
    }
    final long cacheBytes = Long.parseLong(arguments[7]);
    final Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[4]);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, arguments[6]);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cacheBytes);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");

    final Topology topology = new Topology();
    topology.addSource("telemetry", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), arguments[2]);
    topology.addProcessor("average", Averages::new, "telemetry");
    topology.addStateStore(store(arguments[5], cacheBytes), "average");
    topology.addSink("alerts", arguments[3], Serdes.String().serializer(), Serdes.ByteArray().serializer(), "average");

    final KafkaStreams streams = new KafkaStreams(topology, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }
}
