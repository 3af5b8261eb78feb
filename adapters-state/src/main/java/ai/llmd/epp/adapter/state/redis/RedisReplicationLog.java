package ai.llmd.epp.adapter.state.redis;

import static ai.llmd.epp.adapter.state.redis.RedisScript.argument;

import ai.llmd.epp.application.port.out.ReplicationLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log as a Redis stream. Redis 6.2 or newer, or Valkey: one server, behind sentinels, or a
 * cluster, where all keys of a pool lie in one slot.
 *
 * <p>Building it opens nothing. The three kinds of call have a connection each, so that a read that
 * waits delays no other. A call ends within {@code connectTimeout} + {@code timeout}, and what it
 * may wait; larger work (many batches, a snapshot) is several such calls. Keys expire when no
 * replica writes them any longer: the log after ten retentions, the snapshot after as many.
 */
public final class RedisReplicationLog implements ReplicationLog {

  private static final int RETENTIONS_UNTIL_EXPIRY = 10;

  /** Bounds on one command: the server does nothing else meanwhile. */
  private static final int MAX_BATCHES = 128;

  private static final int MAX_BYTES = 4 << 20;

  private final RedisSettings settings;
  private final RedisKeys keys;
  private final Duration retention;
  private final RedisConnector connector;
  private final RedisLink appending;
  private final RedisLink other;
  private final RedisReader reader;
  private final RedisLink reading;
  private final RedisSnapshots snapshots;

  /**
   * @param namespace of the pool
   * @param pool its name
   * @param retention how long entries are kept at least
   */
  public RedisReplicationLog(
      RedisSettings settings, String namespace, String pool, Duration retention) {
    this.settings = settings;
    this.keys = RedisKeys.of(namespace, pool);
    this.retention = retention;
    this.connector = new RedisConnector(settings);
    this.appending = new RedisLink(connector, settings);
    this.reading = new RedisLink(connector, settings);
    this.other = new RedisLink(connector, settings);
    this.reader = new RedisReader(reading, keys.log());
    this.snapshots = new RedisSnapshots(other, keys, expiry());
  }

  private Duration expiry() {
    return retention.multipliedBy(RETENTIONS_UNTIL_EXPIRY);
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public String address() {
    return settings.address().toString();
  }

  @Override
  public Position append(List<byte[]> batches) throws StoreException {
    Position last = Position.START;
    int from = 0;
    while (from < batches.size()) {
      int to = from;
      long bytes = 0;
      while (to < batches.size() && to - from < MAX_BATCHES && bytes < MAX_BYTES) {
        bytes += batches.get(to++).length;
      }
      last = appendAtOnce(batches.subList(from, to));
      from = to;
    }
    return last;
  }

  private Position appendAtOnce(List<byte[]> batches) throws StoreException {
    List<byte[]> arguments = new ArrayList<>(batches.size() + 3);
    arguments.add(argument(retention.toMillis()));
    arguments.add(argument(expiry().toMillis()));
    arguments.add(argument(settings.maxEntries()));
    arguments.addAll(batches);
    byte[] id =
        RedisScript.APPEND.run(
            appending, List.of(keys.log(), keys.count()), arguments.toArray(byte[][]::new));
    Position position =
        id == null ? null : RedisPositions.parse(new String(id, StandardCharsets.UTF_8));
    if (position == null) {
      throw new StoreException("redis did not tell where it appended");
    }
    return position;
  }

  @Override
  public Page read(Position after, int mostEntries, Duration wait) throws StoreException {
    return reader.read(after, mostEntries, wait);
  }

  @Override
  public Extent extent() throws StoreException {
    return new RedisReader(other, keys.log()).extent();
  }

  @Override
  public void putSnapshot(Position position, Chunks chunks) throws StoreException {
    snapshots.put(position, chunks);
  }

  @Override
  public @Nullable Snapshot snapshot() throws StoreException {
    return snapshots.get();
  }

  @Override
  public void close() {
    appending.close();
    reading.close();
    other.close();
    connector.close();
  }
}
